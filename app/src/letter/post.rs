//! Rounds of letters, and the life of one letter from `queued` to its end. How none is sent twice: see the stage's own
//! documentation.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::calendar::{self, Entry, Parties};
use super::model::{CalendarMethod, Facts, LetterKind, LetterState, TaskFacts, Written, is_mail, write};
use super::store::{self, LetterRow, NewLetter, Recipient};
use crate::access::{Role, Signed};
use crate::case::stage::Stage;
use crate::context::{Ctx, SiteSecret};
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId, LetterId, MeetingId, NoteId};
use crate::jobs::{self, Job};
use crate::ledger::{self, Stream};
use crate::plan::model::{AgendaItem, ConsultationPlan, calendar_uid};
use crate::rules::{end_of_local_day, local_date};
use crate::storage::Tx;
use crate::task::model::NoteKind;
use crate::topic::pages::follow;

/// What the token of an invitee's link is for. The link is `/i/{invitee}/{token}`.
pub const INVITEE_LINK: &str = "invitee";
/// The kind of job that sends one letter.
pub const LETTER_JOB: &str = "letter";
/// The kinds of jobs that write the letters of a round. Payload: [`Round`].
pub const ROUNDS: [&str; 6] =
    ["announce", "meeting_changed", "meeting_cancelled", "meeting_missed", "remind", DRAFT_ROUND];
/// The kind of job that tells those who follow a topic that it moved on. Payload: [`Moved`].
pub const PROGRESS_JOB: &str = "case_progress";
/// The round that asks those who were there to check the draft of the minutes.
pub const DRAFT_ROUND: &str = "minutes_draft";

/// Letters written in one transaction: no other write waits long.
const CHUNK: i64 = 500;
/// Tries until a letter counts as failed. With the back-off of jobs that is a day.
const TRIES: i64 = 14;
/// Characters of the mail server's words that are kept.
const WORDS_MAX: usize = 300;

/// What a round of letters is about: the payload of its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The meeting.
    pub meeting: MeetingId,
    /// Only those who have not answered: the officer's reminder.
    #[serde(default)]
    pub unanswered: bool,
}

/// Adds the job of a round in the transaction of the step that makes it necessary. With a key, it is done once; false
/// when it was added before.
///
/// # Errors
/// When the database refuses it.
pub async fn add_round(
    tx: &mut Tx,
    ctx: &Ctx,
    kind: &'static str,
    round: Round,
    key: Option<&str>,
) -> Result<bool, Refusal> {
    let payload = serde_json::to_value(round).map_err(|e| Refusal::internal(&e))?;
    Ok(jobs::add(tx, ctx, key, kind, &payload, ctx.now()).await?)
}

/// That a case moved on: the payload of [`PROGRESS_JOB`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The case.
    pub case: CaseId,
    /// The number of its entry.
    pub seq: i64,
}

/// Adds the job that tells the followers of a case what just happened, in the transaction in which it did.
///
/// # Errors
/// When the database refuses it.
pub async fn add_progress(tx: &mut Tx, ctx: &Ctx, case: CaseId, seq: i64) -> Result<(), Refusal> {
    let payload = serde_json::to_value(Moved { case, seq }).map_err(|e| Refusal::internal(&e))?;
    let key = format!("{PROGRESS_JOB}:{case}:{seq}");
    jobs::add(tx, ctx, Some(&key), PROGRESS_JOB, &payload, ctx.now()).await?;
    Ok(())
}

/// Whether those who follow a case, and those who attended, are told that it came into a stage. What happens to an
/// announced meeting is told by its own round; that a file is put away changes nothing for anybody.
#[must_use]
pub const fn is_news(stage: Stage) -> bool {
    use Stage::{Accepted, Announced, Archived, Convened, Draft, Planned, Returned, Submitted};
    !matches!(stage, Draft | Submitted | Returned | Accepted | Planned | Announced | Convened | Archived)
}

/// Writes the letters that tell the followers of a case, and those who attended. May be run again: whoever has the letter
/// gets no second one.
///
/// # Errors
/// When the database is away; what was written stays.
pub async fn run_progress(ctx: &Ctx, job: &Job) -> Result<usize, Refusal> {
    let moved: Moved = serde_json::from_str(&job.payload).map_err(|e| Refusal::internal(&e))?;
    let occurrence = format!("{PROGRESS_JOB}:{}", moved.seq);
    let mut written = tell_followers(ctx, moved.case, &occurrence).await?;
    loop {
        let some = store::attendees_without(&ctx.db, moved.case, &occurrence, CHUNK).await?;
        if some.is_empty() {
            return Ok(written);
        }
        written += write_some(ctx, LetterKind::Progress, &occurrence, some).await?;
    }
}

/// Writes to the units of a task what a line of its record says, in the transaction that wrote the line. A unit that left
/// no mail address finds it on its desk.
///
/// # Errors
/// When the database refuses it.
pub async fn write_to_units(tx: &mut Tx, ctx: &Ctx, note: NoteId) -> Result<(), Refusal> {
    for to in store::units_of_note(tx, note).await? {
        write_one(tx, ctx, LetterKind::Task, &note.to_string(), &to).await?;
    }
    Ok(())
}

async fn tell_followers(ctx: &Ctx, case: CaseId, occurrence: &str) -> Result<usize, Refusal> {
    let mut written = 0;
    loop {
        let some = store::followers_without(&ctx.db, case, occurrence, CHUNK).await?;
        if some.is_empty() {
            return Ok(written);
        }
        written += write_some(ctx, LetterKind::Progress, occurrence, some).await?;
    }
}

/// Who sends letters, and where their links lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The address of the site, without a slash at its end.
    pub public_url: String,
    /// The address in the From line.
    pub address: String,
    /// The name in the From line.
    pub name: String,
}

impl Sender {
    /// The host of the site, which ends the ids of letters.
    #[must_use]
    pub fn host(&self) -> &str {
        host(&self.public_url)
    }
}

/// The host of an address, without its port.
fn host(url: &str) -> &str {
    let rest = url.split("://").nth(1).unwrap_or(url);
    let end = if rest.starts_with('[') { rest.find(']').map(|at| at + 1) } else { rest.find([':', '/']) };
    end.map_or(rest, |at| &rest[..at])
}

/// Writes the letters of a round. May be run again at any time: whoever has the letter gets no second one.
///
/// # Errors
/// [`Refusal::NotFound`] for a meeting that does not exist; when the database is away, what was written stays.
pub async fn run_round(ctx: &Ctx, job: &Job) -> Result<usize, Refusal> {
    let round: Round = serde_json::from_str(&job.payload).map_err(|e| Refusal::internal(&e))?;
    let meeting = store::meeting(&ctx.db, round.meeting).await?.ok_or(Refusal::NotFound)?;
    let told = ["invited", "accepted", "waiting", "offered"];
    let now = meeting.sequence.to_string();
    let changed = (LetterKind::Changed, told, "", now.clone());
    let (is_on, is_off) = (meeting.state == "announced", meeting.state == "cancelled");
    let letters = match job.kind.as_str() {
        "announce" if is_on => {
            // Once to a person, whatever changes later; announced again, those who were told before hear of it.
            let first =
                (LetterKind::Invitation, ["listed", "invited", "accepted", "accepted"], "listed", "1".to_owned());
            if meeting.sequence > 0 { vec![first, changed] } else { vec![first] }
        }
        "announce" => return Ok(0),
        "meeting_changed" if is_off => return Ok(0),
        "meeting_changed" => vec![changed],
        "meeting_cancelled" | "meeting_missed" if is_on => return Ok(0),
        "meeting_cancelled" => vec![(LetterKind::Cancelled, told, "", now)],
        "meeting_missed" => vec![(LetterKind::Missed, told, "", now)],
        DRAFT_ROUND => Vec::new(),
        _ if !is_on => return Ok(0),
        _ if round.unanswered => vec![(LetterKind::Reminder, ["invited"; 4], "", job.id.to_string())],
        _ => {
            vec![(LetterKind::Reminder, ["invited", "accepted", "accepted", "accepted"], "", job.id.to_string())]
        }
    };
    if job.kind == DRAFT_ROUND {
        return write_drafts(ctx, round.meeting, &job.id.to_string()).await;
    }
    let reminds = letters.iter().any(|letter| letter.0 == LetterKind::Reminder);
    let mut written = 0;
    for (kind, states, origin, occurrence) in letters {
        loop {
            let to = (round.meeting, kind, occurrence.as_str());
            let some = store::invitees_without(&ctx.db, to, states, origin, CHUNK).await?;
            if some.is_empty() {
                break;
            }
            written += write_some(ctx, kind, &occurrence, some).await?;
        }
    }
    if !reminds {
        let occurrence = format!("{}:{}:{}", job.kind, round.meeting, meeting.sequence);
        written += tell_followers(ctx, meeting.case_id, &occurrence).await?;
    }
    Ok(written)
}

/// The letters of the draft of the minutes, to those who were there.
async fn write_drafts(ctx: &Ctx, meeting: MeetingId, occurrence: &str) -> Result<usize, Refusal> {
    let mut written = 0;
    loop {
        let to = (meeting, LetterKind::Draft, occurrence);
        let some = store::present_without(&ctx.db, to, CHUNK).await?;
        if some.is_empty() {
            return Ok(written);
        }
        written += write_some(ctx, LetterKind::Draft, occurrence, some).await?;
    }
}

/// Writes letters in one transaction.
async fn write_some(ctx: &Ctx, kind: LetterKind, occurrence: &str, to: Vec<Recipient>) -> Result<usize, Refusal> {
    let (inner, occurrence) = (ctx.clone(), occurrence.to_owned());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let mut written = 0;
                for one in &to {
                    if write_one(tx, &inner, kind, &occurrence, one).await? {
                        written += 1;
                    }
                }
                Ok(written)
            })
        })
        .await
}

async fn write_one(
    tx: &mut Tx,
    ctx: &Ctx,
    kind: LetterKind,
    occurrence: &str,
    to: &Recipient,
) -> Result<bool, Refusal> {
    let id = LetterId(ctx.new_id());
    let (state, why) =
        if is_mail(&to.mail) { (LetterState::Queued, None) } else { (LetterState::None, Some(NO_ADDRESS)) };
    let new = store::insert(tx, NewLetter { id, kind, occurrence, to, state, why }, ctx.now()).await?;
    if new && state == LetterState::Queued {
        add_job(tx, ctx, id).await?;
    }
    Ok(new)
}

const NO_ADDRESS: &str = "没有能用的邮箱，请用电话、微信或当面告知。";
const NO_SERVER: &str = "没有设置邮件服务器，没有寄出。";
const NOBODY_KNOWS: &str = "寄到一半断了，不知道对方收到没有。请先问一问本人，确实没有收到再重新寄。";

async fn add_job(tx: &mut Tx, ctx: &Ctx, letter: LetterId) -> Result<(), Refusal> {
    jobs::add(tx, ctx, None, LETTER_JOB, &json!({ "letter": letter }), ctx.now()).await?;
    Ok(())
}

/// Writes a letter to one person, in the transaction of the step about that person: a substitute, an offered or given
/// seat. `occurrence` says which of several it is (the end of the offer); the same one is written once.
///
/// # Errors
/// When the database refuses it. An invitee whose data was erased gets no letter.
pub async fn write_to(
    tx: &mut Tx,
    ctx: &Ctx,
    kind: LetterKind,
    invitee: InviteeId,
    occurrence: &str,
) -> Result<bool, Refusal> {
    match store::invitee(tx, invitee).await? {
        Some(to) => write_one(tx, ctx, kind, occurrence, &to).await,
        None => Ok(false),
    }
}

/// The letter that a job is to send.
///
/// # Errors
/// When the payload was written by another program.
pub fn letter_of(job: &Job) -> Result<LetterId, Refusal> {
    #[derive(Deserialize)]
    struct Payload {
        letter: LetterId,
    }
    serde_json::from_str(&job.payload).map(|payload: Payload| payload.letter).map_err(|e| Refusal::internal(&e))
}

/// A letter that is marked as being sent: the caller hands it to the mail server and then calls [`end`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id.
    pub letter: LetterId,
    /// Without angle brackets.
    pub message_id: String,
    /// Address of the person.
    pub to_address: String,
    /// Name of the person; may be empty.
    pub to_name: String,
    /// What it says.
    pub written: Written,
    /// Its calendar part, with the method that the part's header names.
    pub calendar: Option<(CalendarMethod, String)>,
    /// The time for its Date line.
    pub at: DateTime<Utc>,
}

/// How handing a letter to the mail server ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was taken.
    Sent,
    /// It was surely not taken, and may be tried again.
    Later(String),
    /// It was refused for good.
    Refused(String),
    /// Nobody knows whether it was taken.
    Uncertain,
}

/// Takes a letter to be sent now; `None` when there is nothing to send: it is out of date, was sent, or its last try
/// ended without an answer.
///
/// # Errors
/// When the database refuses it; [`Refusal::NotFound`] for a letter that does not exist.
pub async fn begin(ctx: &Ctx, letter: LetterId, sender: &Sender) -> Result<Option<Outgoing>, Refusal> {
    let message_id = format!("{letter}@{}", sender.host());
    let (id, now) = (message_id.clone(), ctx.now());
    let taken = ctx
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = store::letter_in(tx, letter).await?.ok_or(Refusal::NotFound)?;
                match row.state.0 {
                    LetterState::Queued => {}
                    LetterState::Sending => {
                        let from = [LetterState::Sending; 2];
                        store::set_state(tx, letter, from, LetterState::Uncertain, Some(NOBODY_KNOWS)).await?;
                        return Ok(None);
                    }
                    _ => return Ok(None),
                }
                if let Some(why) = out_of_date(&row, now) {
                    store::set_state(tx, letter, [LetterState::Queued; 2], LetterState::None, Some(why)).await?;
                    return Ok(None);
                }
                Ok(store::begin(tx, letter, &id).await?.then_some(row))
            })
        })
        .await?;
    Ok(taken.map(|row| Outgoing {
        letter,
        message_id,
        written: write(&facts(&row, &ctx.secret, &sender.public_url)),
        calendar: calendar_part(ctx, &row, sender),
        to_address: row.to_address,
        to_name: row.to_name,
        at: ctx.now(),
    }))
}

/// Notes how a try ended. An error says, without personal data, why the job has to come back.
///
/// # Errors
/// When the database refuses it.
pub async fn end(ctx: &Ctx, letter: LetterId, delivery: Delivery) -> Result<Result<(), String>, Refusal> {
    let now = ctx.now();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let from = [LetterState::Sending; 2];
                let (to, words) = match delivery {
                    Delivery::Sent => {
                        store::sent(tx, letter, now).await?;
                        return Ok(Ok(()));
                    }
                    Delivery::Later(words) => {
                        let tried = store::letter_in(tx, letter).await?.map_or(0, |row| row.attempts);
                        if tried < TRIES { (LetterState::Queued, words) } else { (LetterState::Failed, words) }
                    }
                    Delivery::Refused(words) => (LetterState::Failed, words),
                    Delivery::Uncertain => (LetterState::Uncertain, NOBODY_KNOWS.to_owned()),
                };
                let words: String = words.chars().take(WORDS_MAX).collect();
                store::set_state(tx, letter, from, to, Some(&words)).await?;
                Ok(if to == LetterState::Queued {
                    Err("邮件服务器暂时没有收下，会再试".to_owned())
                } else {
                    Ok(())
                })
            })
        })
        .await
}

/// Without a mail server: the letter stays in the outbox, and the officer sees whom to reach otherwise.
///
/// # Errors
/// When the database refuses it.
pub async fn keep(ctx: &Ctx, letter: LetterId) -> Result<(), Refusal> {
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                store::set_state(tx, letter, [LetterState::Queued; 2], LetterState::None, Some(NO_SERVER)).await?;
                Ok(())
            })
        })
        .await
}

/// Why a letter that waits need not be sent any more.
fn out_of_date(row: &LetterRow, now: DateTime<Utc>) -> Option<&'static str> {
    let kind = row.kind.0;
    if kind == LetterKind::Progress {
        return row.stopped_at.is_some().then_some("本人已停止接收，没有寄。");
    }
    if kind == LetterKind::Task {
        return (!row.task_open).then_some("任务已经办结，或者改交了别的单位，没有寄。");
    }
    let is_off_the_list = matches!(row.invitee_state.as_deref(), Some("removed" | "refused"));
    if is_off_the_list && kind != LetterKind::Withdrawn {
        return Some("本人已不在名单上，没有寄。");
    }
    if kind == LetterKind::Draft {
        let is_over = row.checks_until.is_none_or(|until| local_date(now) > until);
        return is_over.then_some("核对的时间过了，没有寄。");
    }
    let state = row.meeting_state.as_deref();
    if matches!(kind, LetterKind::Cancelled | LetterKind::Missed) {
        return (state == Some("announced")).then_some("会议又重新公示了，以新的信为准，没有寄。");
    }
    if state == Some("cancelled") {
        return Some("会议已取消，没有寄。");
    }
    if is_postponed(row) && !matches!(kind, LetterKind::Changed | LetterKind::Withdrawn) {
        return Some("会议要改期，没有寄。");
    }
    if row.starts_at.is_some_and(|starts| starts <= now) {
        return Some("会议已经开始，没有寄。");
    }
    if matches!(row.invitee_state.as_deref(), Some("declined" | "substituted")) {
        return Some("本人已答复不来，没有寄。");
    }
    if kind == LetterKind::SeatOffered && row.invitee_state.as_deref() != Some("offered") {
        return Some("名额已经有了结果，没有寄。");
    }
    if kind == LetterKind::Changed && row.sequence.is_some_and(|now| now > row.calendar_sequence) {
        return Some("后来又有变动，以新的信为准，没有寄。");
    }
    None
}

/// The link of a letter; empty where it has none.
fn link(row: &LetterRow, secret: &SiteSecret, public_url: &str) -> String {
    let generation = row.generation.unwrap_or(0);
    let end = if is_judged(row) { "/evaluate" } else { "" };
    if let Some(invitee) = row.invitee_id {
        format!("{public_url}/i/{invitee}/{}{end}", secret.link_token(INVITEE_LINK, invitee.0, generation))
    } else if let Some(follower) = row.follow_id {
        format!("{public_url}/follow/{follower}/{}{end}", secret.link_token(follow::PURPOSE, follower.0, generation))
    } else if let Some(task) = row.task_id {
        format!("{public_url}/desk/tasks/{task}")
    } else {
        String::new()
    }
}

/// Whether the letter is about progress while its person is asked how it was handled.
fn is_judged(row: &LetterRow) -> bool {
    row.kind.0 == LetterKind::Progress && row.judges
}

fn place(room: Option<&str>, address: Option<&str>) -> String {
    match (room.unwrap_or_default(), address.unwrap_or_default()) {
        (room, "") => room.to_owned(),
        (room, address) => format!("{room}（{address}）"),
    }
}

/// Lines of the agenda; none when the plan was erased. A segment that was given no time is not announced.
fn agenda(plan: &str) -> Vec<String> {
    let plan: ConsultationPlan = serde_json::from_str(plan).unwrap_or_default();
    plan.agenda.iter().filter(|item| item.minutes > 0).map(AgendaItem::line).collect()
}

/// Whether another day is being looked for.
fn is_postponed(row: &LetterRow) -> bool {
    matches!(row.meeting_state.as_deref(), Some("planning" | "approved"))
}

/// The reason that belongs to a letter; empty where there is none.
fn because(row: &LetterRow) -> &str {
    let reason = match row.kind.0 {
        LetterKind::Cancelled | LetterKind::Missed => &row.cancelled_because,
        LetterKind::Changed => &row.changed_because,
        _ => &None,
    };
    reason.as_deref().unwrap_or_default()
}

/// What a letter says now: it is rendered from what is true when it is sent or looked at.
pub(super) fn facts(row: &LetterRow, secret: &SiteSecret, public_url: &str) -> Facts {
    Facts {
        kind: row.kind.0,
        town: row.town.clone(),
        name: row.to_name.clone(),
        title: row.title.clone(),
        when: row.starts_at.zip(row.ends_at),
        place: place(row.room.as_deref(), row.room_address.as_deref()),
        online_url: row.online_url.clone().unwrap_or_default(),
        agenda: row.plan.as_deref().map(agenda).unwrap_or_default(),
        link: link(row, secret, public_url),
        reason: because(row).to_owned(),
        postponed: is_postponed(row),
        until: match row.kind.0 {
            LetterKind::Draft => row.checks_until.map(end_of_local_day),
            _ => row.offered_until,
        },
        principal: row.principal.clone().unwrap_or_default(),
        accepted: row.invitee_state.as_deref() == Some("accepted"),
        stage: row.stage.0.word().to_owned(),
        judged: is_judged(row),
        task: task_facts(row),
    }
}

/// What a letter about a task says of it. The words of a line stay in the record, but those of the clock, which name
/// what is awaited.
fn task_facts(row: &LetterRow) -> Option<TaskFacts> {
    let kind = row.note_kind.as_deref().and_then(NoteKind::from_code)?;
    let names_a_day = kind.is_of_clock() || kind == NoteKind::Moved;
    let awaited = names_a_day.then(|| row.note_words.clone()).flatten().zip(row.note_day);
    Some(TaskFacts { what: kind.word(), no: row.task_no?, due_on: row.task_due?, awaited })
}

fn calendar_part(ctx: &Ctx, row: &LetterRow, sender: &Sender) -> Option<(CalendarMethod, String)> {
    let usual = row.kind.0.calendar()?;
    let method = if is_postponed(row) { CalendarMethod::Cancel } else { usual };
    let (starts, ends) = row.starts_at.zip(row.ends_at)?;
    let meeting = row.meeting_id.filter(|_| row.invitee_id.is_some())?;
    let entry = Entry {
        uid: calendar_uid(meeting),
        sequence: row.sequence.unwrap_or(row.calendar_sequence),
        stamp: ctx.now(),
        starts,
        ends,
        title: format!("协商会：{}", row.title),
        place: place(row.room.as_deref(), row.room_address.as_deref()),
        description: format!("{}政协工委“有事好商量”协商会。来不来，请用邀请信里您自己的链接答复。", row.town),
        cancelled: method == CalendarMethod::Cancel,
    };
    let parties = Parties {
        organizer: (format!("{}政协工委", row.town), sender.address.clone()),
        attendee: (row.to_name.clone(), row.to_address.clone()),
        accepted: row.invitee_state.as_deref() == Some("accepted"),
    };
    Some((method, calendar::part(method, &entry, &parties)))
}

/// Whether a person looks after the letters of a town: its officer or director, and the administrator.
#[must_use]
pub fn may_handle(me: &Signed, town: &str) -> bool {
    me.is_anywhere(Role::Administrator) || me.is(Role::Officer, town) || me.is(Role::Director, town)
}

/// The letter, for who looks after it.
async fn own(tx: &mut Tx, ctx: &Ctx, letter: LetterId) -> Result<LetterRow, Refusal> {
    let me = ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
    let row = store::letter_in(tx, letter).await?.ok_or(Refusal::NotFound)?;
    if may_handle(me, &row.town_id) { Ok(row) } else { Err(Refusal::NotFound) }
}

/// Has a letter sent (again), to the address that the person has now. A person decides this: the program does not send
/// a letter twice by itself.
///
/// # Errors
/// [`Refusal::NotFound`] for who does not look after it; a conflict when it is on its way or was sent; an invalid form
/// when there is no address.
pub async fn resend(ctx: &Ctx, letter: LetterId) -> Result<(), Refusal> {
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let row = own(tx, &inner, letter).await?;
                if !row.state.0.may_resend() {
                    return Err(Refusal::moved_on(format!("这封信现在是「{}」，不用再寄。", row.state.0.word())));
                }
                if let Some(why) = out_of_date(&row, inner.now()) {
                    return Err(Refusal::moved_on(format!("这封信不用再寄：{why}")));
                }
                let address = store::present_address(tx, letter).await?;
                if !is_mail(&address) {
                    return Err(Refusal::field("action", "没有能用的邮箱。请先在名单里补上邮箱，或者用别的办法告知。"));
                }
                if !store::requeue(tx, letter, row.state.0, &address).await? {
                    return Err(Refusal::moved_on("这封信别人刚处理过，请刷新页面看最新情况。"));
                }
                add_job(tx, &inner, letter).await?;
                let data = json!({ "letter": letter, "case": row.case_id });
                ledger::record(tx, &inner, &Stream::Town(row.town_id), "resend_letter", data).await
            })
        })
        .await
}

/// Notes that a letter came back: the mailbox of the sender says so, the program does not read it.
///
/// # Errors
/// [`Refusal::NotFound`] for who does not look after it; a conflict when it was not sent.
pub async fn mark_bounced(ctx: &Ctx, letter: LetterId) -> Result<(), Refusal> {
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let row = own(tx, &inner, letter).await?;
                let from = [LetterState::Sent, LetterState::Uncertain];
                let why = Some("信退回来了，邮箱可能写错了。请核对后重新寄，或者用别的办法告知。");
                if !store::set_state(tx, letter, from, LetterState::Bounced, why).await? {
                    return Err(Refusal::moved_on(format!("这封信现在是「{}」，没有退回一说。", row.state.0.word())));
                }
                let data = json!({ "letter": letter, "case": row.case_id });
                ledger::record(tx, &inner, &Stream::Town(row.town_id), "letter_bounced", data).await
            })
        })
        .await
}
