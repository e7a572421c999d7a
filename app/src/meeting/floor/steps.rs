//! What is done on the floor while the meeting is on.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::{SpeechKind, SpeechState};
use super::store::{self, NewHandover, NewNote, NewSpeech, Speech};
use crate::access::{Actor, StepKind};
use crate::case::{Done, Entry, Judgement, Step, StepCard, Work, free};
use crate::error::Refusal;
use crate::ids::{CaseId, HandoverId, InviteeId, MeetingId, SittingId, SpeechId, UnitId};
use crate::meeting::model::SittingState;
use crate::meeting::steps::{adds, sitting};
use crate::meeting::store as day;
use crate::plan::model::ConsultationPlan;
use crate::plan::told_plan_in;
use crate::rules::{Category, Segment};

/// Every step of this part, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<NextSegment>(),
    StepCard::of::<AskToSpeak>(),
    StepCard::of::<WithdrawSpeech>(),
    StepCard::of::<SpeakNext>(),
    StepCard::of::<StartSpeech>(),
    StepCard::of::<StopSpeech>(),
    StepCard::of::<ExtendSpeech>(),
    StepCard::of::<CallResponse>(),
    StepCard::of::<LinkAnswer>(),
    StepCard::of::<NoteSpeech>(),
    StepCard::of::<HandOver>(),
];

/// The segments that the plan gives time to, in order.
#[must_use]
pub fn planned_segments(plan: &ConsultationPlan) -> Vec<Segment> {
    plan.agenda.iter().filter(|item| item.minutes > 0).map(|item| item.segment).collect()
}

/// Begins the first segment of the agenda, when the meeting is opened.
pub(in crate::meeting) async fn begin_agenda(
    work: &mut Work<'_>,
    (meeting, sitting): (MeetingId, SittingId),
) -> Result<(), Refusal> {
    let plan = told_plan_in(work.tx, meeting).await?.unwrap_or_default();
    let now = work.ctx.now();
    Ok(store::next_run(work.tx, sitting, planned_segments(&plan).first().copied(), now).await?)
}

/// Go on to the next segment of the agenda.
#[derive(Clone, Debug, Serialize)]
pub struct NextSegment {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The segment to begin: pressed twice, it is begun once.
    pub segment: Option<Segment>,
}

impl Step for NextSegment {
    const KIND: StepKind = StepKind::NextSegment;
    const JUDGEMENT: Judgement = free("whoever runs the meeting decides when it goes on; the times are on record");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let (_, sitting) = sitting(work, self.sitting, |state| state == SittingState::Open).await?;
        let segment = self.segment.ok_or_else(|| Refusal::moved_on("议程上没有这一段，请刷新页面看最新情况。"))?;
        let runs = store::runs_in(work.tx, sitting.sitting_id).await?;
        let data = json!({ "sitting": self.sitting, "segment": segment });
        if runs.last().is_some_and(|run| run.ended_at.is_none() && run.segment.0 == segment) {
            return Ok(Done::new((), Entry::silent().with(data)));
        }
        let now = work.ctx.now();
        store::next_run(work.tx, sitting.sitting_id, Some(segment), now).await?;
        Ok(Done::new((), Entry::internal(format!("议程进入「{}」", segment.word())).with(data)))
    }
}

/// The speech of a sitting, while it stands in one of these states.
async fn speech(
    work: &mut Work<'_>,
    (sitting, speech): (SittingId, SpeechId),
    fits: fn(SpeechState) -> bool,
) -> Result<Speech, Refusal> {
    let found = store::speeches_in(work.tx, sitting).await?.into_iter().find(|one| one.speech_id == speech);
    let found = found.ok_or(Refusal::NotFound)?;
    if fits(found.state.0) {
        Ok(found)
    } else {
        Err(Refusal::moved_on(format!("这位现在是「{}」，请刷新页面看最新情况。", found.state.0.word())))
    }
}

/// Puts somebody in line who is there and not in line already. Gives the id.
async fn line_up(
    work: &mut Work<'_>,
    sitting: &day::Sitting,
    (invitee, id): (InviteeId, Option<SpeechId>),
    (kind, answers): (SpeechKind, Option<SpeechId>),
) -> Result<SpeechId, Refusal> {
    let category = day::present_as(work.tx, sitting.sitting_id, invitee)
        .await?
        .ok_or_else(|| Refusal::field("invitee", "这位还没有签到，签到以后才能发言。"))?;
    let line = store::speeches_in(work.tx, sitting.sitting_id).await?;
    let busy = |one: &&Speech| {
        one.invitee_id == invitee && matches!(one.state.0, SpeechState::Waiting | SpeechState::Speaking)
    };
    if line.iter().any(|one| busy(&one)) {
        return Err(Refusal::moved_on("已经在等着发言，或者正在发言。"));
    }
    let id = id.ok_or(Refusal::NotFound)?;
    let new = NewSpeech {
        id,
        case: work.case.id,
        sitting: sitting.sitting_id,
        invitee,
        category,
        kind,
        asked_at: work.ctx.now(),
        asked_by: work.ctx.actor.account(),
        place: line.iter().map(|one| one.place).max().unwrap_or(0) + 1,
        allowed_s: kind.allowed_s(&work.rules.meeting),
        answers,
    };
    store::insert(work.tx, new).await?;
    Ok(id)
}

/// Nobody but the person, by the own link, and the officer for anybody.
fn own(work: &Work<'_>, invitee: InviteeId) -> Result<(), Refusal> {
    match &work.ctx.actor {
        Actor::Invitee { invitee: me, .. } if *me != invitee => Err(Refusal::NotFound),
        _ => Ok(()),
    }
}

/// Ask to speak: by the own link, or by the officer for somebody in the room.
#[derive(Clone, Debug, Serialize)]
pub struct AskToSpeak {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// Who.
    pub invitee: InviteeId,
    /// The new request; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub speech: Option<SpeechId>,
}

impl Step for AskToSpeak {
    const KIND: StepKind = StepKind::AskToSpeak;
    const JUDGEMENT: Judgement = free("who is there may speak; T8 asks who and as what");
    type Receipt = SpeechId;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<SpeechId>, Refusal> {
        own(work, self.invitee)?;
        let (_, sitting) = sitting(work, self.sitting, SittingState::is_on).await?;
        let id = line_up(work, &sitting, (self.invitee, self.speech), (SpeechKind::Speech, None)).await?;
        let data = json!({ "sitting": self.sitting, "speech": id, "invitee": self.invitee });
        Ok(Done::new(id, Entry::silent().with(data)))
    }
}

/// Take a request back.
#[derive(Clone, Debug, Serialize)]
pub struct WithdrawSpeech {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The request.
    pub speech: SpeechId,
}

impl Step for WithdrawSpeech {
    const KIND: StepKind = StepKind::WithdrawSpeech;
    const JUDGEMENT: Judgement = free("whoever asked to speak may change his mind");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        sitting(work, self.sitting, SittingState::is_on).await?;
        let found = speech(work, (self.sitting, self.speech), |state| state == SpeechState::Waiting).await?;
        own(work, found.invitee_id)?;
        store::withdraw(work.tx, self.speech).await?;
        Ok(Done::new((), Entry::silent().with(json!({ "speech": self.speech }))))
    }
}

/// Let somebody in line speak before the others.
#[derive(Clone, Debug, Serialize)]
pub struct SpeakNext {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The request.
    pub speech: SpeechId,
}

impl Step for SpeakNext {
    const KIND: StepKind = StepKind::SpeakNext;
    const JUDGEMENT: Judgement = free("whoever runs the meeting orders the line, so that nobody is forgotten");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        sitting(work, self.sitting, SittingState::is_on).await?;
        speech(work, (self.sitting, self.speech), |state| state == SpeechState::Waiting).await?;
        let line = store::speeches_in(work.tx, self.sitting).await?;
        let first = line.iter().map(|one| one.place).min().unwrap_or(0);
        store::set_place(work.tx, self.speech, first - 1).await?;
        Ok(Done::new((), Entry::silent().with(json!({ "speech": self.speech }))))
    }
}

/// Start the clock of somebody in line. Whoever speaks has ended then.
#[derive(Clone, Debug, Serialize)]
pub struct StartSpeech {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The request.
    pub speech: SpeechId,
}

impl Step for StartSpeech {
    const KIND: StepKind = StepKind::StartSpeech;
    const JUDGEMENT: Judgement = free("the clock reminds, it cuts nobody off");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        sitting(work, self.sitting, |state| state == SittingState::Open).await?;
        speech(work, (self.sitting, self.speech), |state| state == SpeechState::Waiting).await?;
        let now = work.ctx.now();
        store::stop(work.tx, self.sitting, now).await?;
        store::start(work.tx, self.speech, now).await?;
        Ok(Done::new((), Entry::silent().with(json!({ "speech": self.speech }))))
    }
}

/// Stop the clock of whoever speaks.
#[derive(Clone, Debug, Serialize)]
pub struct StopSpeech {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The speech.
    pub speech: SpeechId,
}

impl Step for StopSpeech {
    const KIND: StepKind = StepKind::StopSpeech;
    const JUDGEMENT: Judgement = free("the time is on record");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        sitting(work, self.sitting, SittingState::is_on).await?;
        speech(work, (self.sitting, self.speech), |state| state == SpeechState::Speaking).await?;
        let now = work.ctx.now();
        store::stop(work.tx, self.sitting, now).await?;
        Ok(Done::new((), Entry::silent().with(json!({ "speech": self.speech }))))
    }
}

/// Give whoever speaks more time (加时): `meeting.extend_minutes` each time.
#[derive(Clone, Debug, Serialize)]
pub struct ExtendSpeech {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The speech.
    pub speech: SpeechId,
    /// Seconds that were allowed on the page: pressed twice there, the time is given once.
    pub allowed_s: i64,
}

impl Step for ExtendSpeech {
    const KIND: StepKind = StepKind::ExtendSpeech;
    const JUDGEMENT: Judgement = free("whoever runs the meeting gives more time; what was given is on record");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        sitting(work, self.sitting, |state| state == SittingState::Open).await?;
        let found = speech(work, (self.sitting, self.speech), |state| state == SpeechState::Speaking).await?;
        if found.allowed_s != self.allowed_s {
            return Err(Refusal::moved_on("刚才已经加过时间了，还要加请再按一次。"));
        }
        let added_s = i64::from(work.rules.meeting.extend_minutes) * 60;
        store::allow(work.tx, self.speech, found.allowed_s + added_s).await?;
        Ok(Done::new((), Entry::silent().with(json!({ "speech": self.speech, "added_s": added_s }))))
    }
}

/// Have somebody of a department answer now, by name; the question it answers can be named.
#[derive(Clone, Debug, Serialize)]
pub struct CallResponse {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// Who answers.
    pub invitee: InviteeId,
    /// What is answered.
    pub answers: Option<SpeechId>,
    /// The new speech; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub speech: Option<SpeechId>,
}

impl Step for CallResponse {
    const KIND: StepKind = StepKind::CallResponse;
    const JUDGEMENT: Judgement = free("a department answers in the room; T8 asks for who and as what");
    type Receipt = SpeechId;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<SpeechId>, Refusal> {
        let (_, sitting) = sitting(work, self.sitting, |state| state == SittingState::Open).await?;
        if let Some(asked) = self.answers {
            speech(work, (self.sitting, asked), is_question).await?;
        }
        let of = (self.invitee, self.speech);
        let id = line_up(work, &sitting, of, (SpeechKind::Response, self.answers)).await?;
        let found = speech(work, (self.sitting, id), |_| true).await?;
        if found.category.0 != Category::Department {
            return Err(Refusal::field("invitee", "回应的请选部门的人；别的人请排队发言。"));
        }
        let now = work.ctx.now();
        store::stop(work.tx, self.sitting, now).await?;
        store::start(work.tx, id, now).await?;
        let data = json!({ "speech": id, "invitee": self.invitee, "answers": self.answers });
        Ok(Done::new(id, Entry::silent().with(data)))
    }
}

/// What can be answered: what is being said, or was.
const fn is_question(state: SpeechState) -> bool {
    matches!(state, SpeechState::Speaking | SpeechState::Spoken)
}

/// Link a department's answer to the question it answers.
#[derive(Clone, Debug, Serialize)]
pub struct LinkAnswer {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The answer.
    pub speech: SpeechId,
    /// The question; `None` takes the link away.
    pub answers: Option<SpeechId>,
}

impl Step for LinkAnswer {
    const KIND: StepKind = StepKind::LinkAnswer;
    const JUDGEMENT: Judgement = free("which answer belongs to which question is a note of the record");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        sitting(work, self.sitting, is_noted).await?;
        let answer = speech(work, (self.sitting, self.speech), is_question).await?;
        if answer.kind.0 != SpeechKind::Response {
            return Err(Refusal::field("speech", "只有部门回应能挂到问题上。"));
        }
        if let Some(asked) = self.answers {
            if asked == self.speech {
                return Err(Refusal::field("answers", "不能挂到自己身上，请选它回应的那条发言。"));
            }
            speech(work, (self.sitting, asked), is_question).await?;
        }
        store::link(work.tx, self.speech, self.answers).await?;
        Ok(Done::new((), Entry::silent().with(json!({ "speech": self.speech, "answers": self.answers }))))
    }
}

/// Notes are written while the meeting is on, and after it until the minutes are signed.
const fn is_noted(state: SittingState) -> bool {
    matches!(state, SittingState::Open | SittingState::Paused | SittingState::Closed)
}

/// Note the point of a speech. On an old version it is kept beside the one that stands.
#[derive(Clone, Debug, Serialize)]
pub struct NoteSpeech {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The speech.
    pub speech: SpeechId,
    /// The version on the page; 0 without one.
    pub seen: i64,
    /// The point.
    pub words: String,
}

/// What became of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Its version.
    pub version: i64,
    /// Whether it stands beside another one that somebody wrote in the meantime.
    pub beside: bool,
}

impl Step for NoteSpeech {
    const KIND: StepKind = StepKind::NoteSpeech;
    const JUDGEMENT: Judgement = free("what was said is noted as it is heard; those present check it in the minutes");
    type Receipt = Noted;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<Noted>, Refusal> {
        sitting(work, self.sitting, is_noted).await?;
        let found = speech(work, (self.sitting, self.speech), is_question).await?;
        let words = Work::words("words", "要点", &self.words, work.rules.topic.body_max)?;
        let version = store::newest_note(work.tx, self.speech).await? + 1;
        let stands = self.seen == found.version;
        let salt = work.enter_private(&format!("speech_note:{}", work.seq), &words);
        let new = NewNote {
            speech: self.speech,
            version,
            based_on: self.seen,
            words: &words,
            author: work.ctx.actor.account(),
            at: work.ctx.now(),
            salt,
            ledger_seq: work.seq,
            stands,
        };
        store::add_note(work.tx, new).await?;
        let data = json!({ "speech": self.speech, "version": version, "stands": stands });
        Ok(Done::new(Noted { version, beside: !stands }, Entry::silent().with(data)))
    }
}

/// Erases what was noted of the speeches of somebody who is erased. That the person spoke, as what and how long, stays.
///
/// # Errors
/// When the database refuses it.
pub async fn erase_words(work: &mut Work<'_>, invitee: InviteeId) -> Result<u64, Refusal> {
    let now = work.ctx.now();
    Ok(store::erase_words(work.tx, invitee, now).await?)
}

/// Hand a matter to a unit on the spot (现场交办).
#[derive(Clone, Debug, Serialize)]
pub struct HandOver {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The new row; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub handover: Option<HandoverId>,
    /// To whom.
    pub unit: Option<UnitId>,
    /// What.
    pub matter: String,
    /// By when.
    pub due_on: Option<NaiveDate>,
    /// The speech it came from.
    pub speech: Option<SpeechId>,
}

impl Step for HandOver {
    const KIND: StepKind = StepKind::HandOver;
    const JUDGEMENT: Judgement = free("what is handed over on the spot stands in the minutes; T10 makes it a task");
    type Receipt = HandoverId;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<HandoverId>, Refusal> {
        sitting(work, self.sitting, SittingState::is_on).await?;
        let town = work.case.town_id.clone();
        let unit = self.unit.ok_or_else(|| Refusal::field("unit", "请选交给哪个单位。"))?;
        if !store::is_unit(work.tx, unit, &town).await? {
            return Err(Refusal::field("unit", "选的单位不在单位名册上，请刷新页面再选。"));
        }
        let matter = Work::words("matter", "要办的事", &self.matter, work.rules.topic.body_max)?;
        let due_on = self.due_on.ok_or_else(|| Refusal::field("due_on", "请填办结的日期。"))?;
        if due_on < work.ctx.today() {
            return Err(Refusal::field("due_on", "办结的日期已经过了，请填今天或以后的日期。"));
        }
        if let Some(from) = self.speech {
            speech(work, (self.sitting, from), is_question).await?;
        }
        let id = self.handover.ok_or(Refusal::NotFound)?;
        let salt = work.enter_private(&format!("handover:{}", work.seq), &matter);
        let new = NewHandover {
            id,
            case: work.case.id,
            sitting: self.sitting,
            unit,
            matter: &matter,
            due_on,
            speech: self.speech,
            at: work.ctx.now(),
            by: work.ctx.actor.account(),
            salt,
            ledger_seq: work.seq,
        };
        store::hand_over(work.tx, new).await?;
        let data = json!({ "handover": id, "unit": unit, "due_on": due_on, "speech": self.speech });
        Ok(Done::new(id, Entry::internal("现场交办一件事").with(data)))
    }
}
