//! What an invitee, a resident at the notice, the officer and the clock do with answers and open seats.

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::json;

use super::store::{self, CategoryColumn, Guest, NewGuest, Pool, StateColumn};
use crate::access::{Actor, StepKind};
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Step, StepCard, Work, adds, free};
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, InviteeId, MeetingId};
use crate::invitation::model::{InviteeState, PersonForm, Private, private_name};
use crate::invitation::store::set_state;
use crate::letter::model::LetterKind;
use crate::letter::post::{Round, add_round, write_to};
use crate::plan::model::ConsultationPlan;
use crate::rules::{Category, is_blank};

/// Every step of this part, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<ChooseNews>(),
    StepCard::of::<MarkSeen>(),
    StepCard::of::<AnswerInvitation>(),
    StepCard::of::<NameSubstitute>(),
    StepCard::of::<GiveOpinion>(),
    StepCard::of::<RecordAnswer>(),
    StepCard::of::<RefuseSubstitute>(),
    StepCard::of::<DecideOpinion>(),
    StepCard::of::<ReissueLink>(),
    StepCard::of::<RemindUnanswered>(),
    StepCard::of::<RegisterSeat>(),
    StepCard::of::<ExpireOffer>(),
];

/// The person of the step, who is on a list of this very case.
async fn guest(work: &mut Work<'_>, invitee: InviteeId) -> Result<Guest, Refusal> {
    let guest = store::guest_in(work.tx, invitee).await?.ok_or(Refusal::NotFound)?;
    if guest.case_id != work.case.id || guest.erased_at.is_some() {
        return Err(Refusal::NotFound);
    }
    Ok(guest)
}

/// The same, by the person's own link; not for somebody who was taken off the list meanwhile.
async fn own(work: &mut Work<'_>, invitee: InviteeId) -> Result<Guest, Refusal> {
    match &work.ctx.actor {
        Actor::Invitee { invitee: me, .. } if *me == invitee => {}
        _ => return Err(Refusal::NotFound),
    }
    let guest = guest(work, invitee).await?;
    if matches!(guest.state.0, InviteeState::Removed | InviteeState::Refused) {
        return Err(Refusal::Gone("镇里改了名单，这份邀请已经收回。有疑问请打给镇政协工委。".to_owned()));
    }
    Ok(guest)
}

/// Answers are taken from the announcement until the meeting begins.
fn open(work: &Work<'_>, guest: &Guest) -> Result<(), Refusal> {
    if work.case.stage() != Stage::Announced || guest.meeting_state != "announced" {
        return Err(Refusal::moved_on("会议的安排正在调整，请等新的通知。您先前的答复还在。"));
    }
    if work.ctx.now() >= guest.starts_at {
        return Err(Refusal::moved_on("会议已经开始，答复不能再改。有事请打给镇政协工委。"));
    }
    Ok(())
}

/// Writes what changed about a person; the ledger gets the new hash of the private texts.
async fn keep(work: &mut Work<'_>, guest: &Guest) -> Result<(), Refusal> {
    let salt = work.enter_private(&private_name(guest.invitee_id), &guest.private());
    let seq = work.seq;
    Ok(store::save(work.tx, guest, &salt, seq).await?)
}

/// Words that a person wrote, at most `topic.comment_max` characters; nothing, where nothing is needed.
fn words(work: &Work<'_>, field: &str, what: &str, text: &str, needed: bool) -> Result<String, Refusal> {
    if !needed && is_blank(text) {
        return Ok(String::new());
    }
    Work::words(field, what, text, work.rules.topic.comment_max)
}

/// Gives every seat that is free to the first in line, each with a time to confirm.
/// Nothing while nobody could confirm: the meeting is not announced, or has begun.
pub(crate) async fn pass_on(work: &mut Work<'_>, meeting: MeetingId, category: Category) -> Result<(), Refusal> {
    let now = work.ctx.now();
    let found = store::meeting_in(work.tx, meeting).await?.ok_or(Refusal::NotFound)?;
    if found.state != "announced" || found.starts_at <= now {
        return Ok(());
    }
    let confirm = TimeDelta::hours(i64::from(work.rules.notice.waitlist_confirm_hours));
    let until = found.starts_at.min(now + confirm);
    while let Some(pool) = store::pool(work.tx, meeting, category).await?
        && pool.taken < pool.seats
        && let Some(mut next) = store::next_waiting(work.tx, meeting, category).await?
    {
        next.state = StateColumn(InviteeState::Offered);
        next.offered_until = Some(until);
        keep(work, &next).await?;
        store::set_pool(work.tx, meeting, category, Pool { taken: pool.taken + 1, ..pool }).await?;
        write_to(work.tx, work.ctx, LetterKind::SeatOffered, next.invitee_id, &until.to_rfc3339()).await?;
    }
    Ok(())
}

/// After somebody on a seat does not hold it any more: counts who does, and passes on what is free.
async fn free_seat(work: &mut Work<'_>, guest: &Guest) -> Result<(), Refusal> {
    let CategoryColumn(category) = guest.category;
    store::recount(work.tx, guest.meeting_id, category).await?;
    pass_on(work, guest.meeting_id, category).await
}

/// Gives a place back to who had named a substitute, and asks anew.
async fn ask_again(work: &mut Work<'_>, substitute: &Guest, reason: &str) -> Result<(), Refusal> {
    let Some(principal) = substitute.substitute_of else { return Ok(()) };
    let Some(mut principal) = store::guest_in(work.tx, principal).await? else { return Ok(()) };
    if principal.state.0 != InviteeState::Substituted {
        return Ok(());
    }
    if principal.erased_at.is_some() {
        // Nobody is left to be asked: the place passes on.
        set_state(work.tx, principal.invitee_id, InviteeState::Removed).await?;
        return if principal.origin == SEAT { free_seat(work, &principal).await } else { Ok(()) };
    }
    principal.state = StateColumn(InviteeState::Invited);
    principal.reason = reason.to_owned();
    keep(work, &principal).await?;
    let occurrence = format!("substitute {}", substitute.invitee_id);
    write_to(work.tx, work.ctx, LetterKind::Reminder, principal.invitee_id, &occurrence).await?;
    Ok(())
}

/// What follows when somebody was taken off the list: who had been told to come is told not to, and the place passes on
/// ([`place_is_free`]).
pub(crate) async fn taken_off(work: &mut Work<'_>, invitee: InviteeId, before: InviteeState) -> Result<(), Refusal> {
    use InviteeState::{Accepted, Invited, Offered, Waiting};
    if matches!(before, Accepted | Invited | Offered | Waiting) {
        write_to(work.tx, work.ctx, LetterKind::Withdrawn, invitee, "").await?;
    }
    place_is_free(work, invitee, before).await
}

/// What follows when somebody does not come any more: the seat passes on, or the place goes back to who had named the
/// person.
pub(crate) async fn place_is_free(
    work: &mut Work<'_>,
    invitee: InviteeId,
    before: InviteeState,
) -> Result<(), Refusal> {
    let guest = guest(work, invitee).await?;
    if before != InviteeState::Declined {
        ask_again(work, &guest, SUBSTITUTE_GONE).await?;
    }
    if guest.origin == SEAT { free_seat(work, &guest).await } else { Ok(()) }
}

/// What a principal reads when the substitute does not come.
const SUBSTITUTE_GONE: &str = "您请的人来不了，请重新答复。";
/// The origin of who registered for an open seat.
const SEAT: &str = "seat";

/// What an answer makes of a person. `recorded` says who recorded it for the person, and how the person was reached.
async fn answered(
    work: &mut Work<'_>,
    mut guest: Guest,
    (comes, reason): (bool, &str),
    recorded: Option<(Option<AccountId>, &str)>,
) -> Result<(), Refusal> {
    use InviteeState::{Accepted, Declined, Invited, Listed, Offered, Waiting};
    let StateColumn(before) = guest.state;
    let on_seat = guest.origin == SEAT;
    match before {
        Invited | Listed | Accepted | Offered => {}
        // The place of a substitute who declined is the principal's again.
        Declined if guest.substitute_of.is_some() && comes => {
            return Err(Refusal::moved_on("您先前答复来不了，已经请原来受邀的人重新答复。想来的话请打给镇政协工委。"));
        }
        // Who gave a seat back, or never got one, stands in line again when he changes his mind.
        Declined if !on_seat => {}
        Waiting if !comes => {}
        Waiting => return Err(Refusal::moved_on("名额还没有轮到您。轮到时会马上告诉您，也可以随时打开这一页看。")),
        Declined => return Err(Refusal::moved_on("名额已经让给下一位。还想来的，请在公示页重新报名。")),
        _ => return Err(Refusal::moved_on(format!("您现在的状态是「{}」，不能再答复。", before.word()))),
    }
    let reason = words(work, "reason", "来不了的原因", reason, !comes && before != Waiting)?;
    let now = work.ctx.now();
    guest.state = StateColumn(if comes { Accepted } else { Declined });
    guest.reason = if comes { String::new() } else { reason };
    guest.answered_at = Some(now);
    guest.seen_at = guest.seen_at.or(Some(now));
    guest.offered_until = None;
    (guest.recorded_by, guest.reached_by) = match recorded {
        Some((by, how)) => (by, Some(how.to_owned())),
        None => (None, None),
    };
    keep(work, &guest).await?;
    if comes && before == Offered {
        write_to(work.tx, work.ctx, LetterKind::SeatGiven, guest.invitee_id, "").await?;
    }
    if comes {
        return Ok(());
    }
    if before != Declined {
        ask_again(work, &guest, SUBSTITUTE_GONE).await?;
    }
    if on_seat { free_seat(work, &guest).await } else { Ok(()) }
}

/// Be told by letter of what follows the meeting, or not any more. The own page shows it either way.
#[derive(Clone, Debug, Serialize)]
pub struct ChooseNews {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub invitee: InviteeId,
    /// Whether the person wants letters.
    pub wanted: bool,
}

impl Step for ChooseNews {
    const KIND: StepKind = StepKind::ChooseNews;
    const JUDGEMENT: Judgement = free("whoever is told may stop it, and have it again");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        own(work, self.invitee).await?;
        let stopped = (!self.wanted).then(|| work.ctx.now());
        store::set_no_news(work.tx, self.invitee, stopped).await?;
        let data = json!({ "invitee": self.invitee, "wanted": self.wanted });
        Ok(Done::new((), Entry::silent().with(data)))
    }
}

/// 「我看过了」: the person read the invitation and has not decided yet.
#[derive(Clone, Debug, Serialize)]
pub struct MarkSeen {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub invitee: InviteeId,
}

impl Step for MarkSeen {
    const KIND: StepKind = StepKind::MarkSeen;
    const JUDGEMENT: Judgement = free("having read something binds nobody");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut guest = own(work, self.invitee).await?;
        if guest.seen_at.is_none() {
            guest.seen_at = Some(work.ctx.now());
            keep(work, &guest).await?;
        }
        Ok(Done::new((), Entry::silent().with(json!({ "invitee": self.invitee }))))
    }
}

/// Come, or not come and say why. May be changed until the meeting begins. For an offered seat it is the confirmation.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerInvitation {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub invitee: InviteeId,
    /// Whether the person comes.
    pub comes: bool,
    /// Why not.
    pub reason: String,
}

impl Step for AnswerInvitation {
    const KIND: StepKind = StepKind::AnswerInvitation;
    const JUDGEMENT: Judgement = free("the answer is the person's own; T7 counts it on the day");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let guest = own(work, self.invitee).await?;
        open(work, &guest)?;
        answered(work, guest, (self.comes, &self.reason), None).await?;
        Ok(Done::new((), Entry::silent().with(json!({ "invitee": self.invitee, "comes": self.comes }))))
    }
}

/// Name somebody of the same category to come instead, who gets an own link. Never raises a count: the principal's place
/// passes on.
#[derive(Clone, Debug, Serialize)]
pub struct NameSubstitute {
    /// The case.
    pub case: CaseId,
    /// The principal.
    pub invitee: InviteeId,
    /// The substitute; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub substitute: Option<InviteeId>,
    /// Who comes instead; the category is the principal's.
    pub person: PersonForm,
}

impl Step for NameSubstitute {
    const KIND: StepKind = StepKind::NameSubstitute;
    const JUDGEMENT: Judgement = free("one place, another person of the same category; the officer may refuse");
    type Receipt = InviteeId;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<InviteeId>, Refusal> {
        let mut principal = own(work, self.invitee).await?;
        open(work, &principal)?;
        if principal.origin == "substitute" {
            return Err(Refusal::moved_on("您是代别人来的，来不了请直接答复「来不了」，由镇里另请。"));
        }
        if !matches!(principal.state.0, InviteeState::Invited | InviteeState::Accepted | InviteeState::Declined)
            || (principal.origin == SEAT && principal.state.0 == InviteeState::Declined)
        {
            return Err(Refusal::moved_on(format!("您现在的状态是「{}」，不能再请人代替。", principal.state.0.word())));
        }
        let CategoryColumn(category) = principal.category;
        let person = PersonForm { category: Some(category), ..self.person };
        refuse_wrong(&person)?;
        let person = person.tidy();
        if is_blank(&person.phone) && is_blank(&person.mail) {
            return Err(Refusal::field("phone", "请留代替的人的手机号或邮箱，好把邀请给到本人。"));
        }
        if store::phone_is_listed(work.tx, principal.meeting_id, &person.phone).await? {
            return Err(Refusal::field("phone", "这位已经在名单上了，请另请一位。"));
        }
        let substitute = self.substitute.ok_or(Refusal::NotFound)?;
        let salt = work.enter_private(&private_name(substitute), &of(&person).text());
        let new = NewGuest {
            invitee: substitute,
            case: self.case,
            meeting: principal.meeting_id,
            origin: "substitute",
            category,
            name: &person.name,
            organisation: &person.organisation,
            phone: &person.phone,
            mail: &person.mail,
            woman: person.woman,
            consent_public: false,
            state: InviteeState::Invited,
            substitute_of: Some(principal.invitee_id),
            queue_no: None,
            salt: &salt,
            ledger_seq: work.seq,
        };
        store::insert(work.tx, new, work.ctx.now()).await?;
        let now = work.ctx.now();
        principal.state = StateColumn(InviteeState::Substituted);
        principal.answered_at = Some(now);
        principal.seen_at = principal.seen_at.or(Some(now));
        keep(work, &principal).await?;
        write_to(work.tx, work.ctx, LetterKind::Substitute, substitute, "").await?;
        let data = json!({ "invitee": self.invitee, "substitute": substitute });
        Ok(Done::new(substitute, Entry::internal("一位受邀的人请人代替参加").with(data)))
    }
}

fn of(person: &PersonForm) -> Private<'_> {
    Private {
        name: &person.name,
        organisation: &person.organisation,
        phone: &person.phone,
        mail: &person.mail,
        ..Private::default()
    }
}

fn refuse_wrong(person: &PersonForm) -> Result<(), Refusal> {
    let wrong = person.wrong();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Refusal::Invalid(
        wrong.into_iter().map(|(field, sentence)| crate::error::FieldError::new(field, sentence)).collect(),
    ))
}

/// Say beforehand what one thinks: for, against or neutral, with words. Shown without a name once the officer releases it.
#[derive(Clone, Debug, Serialize)]
pub struct GiveOpinion {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub invitee: InviteeId,
    /// `for`, `against` or `neutral`; `None` for what is none of them.
    pub stance: Option<&'static str>,
    /// The words.
    pub text: String,
}

/// The stances: code and word.
pub const STANCES: [(&str, &str); 3] = [("for", "赞成"), ("against", "不赞成"), ("neutral", "中立")];

/// The word of a stance; empty for a code that is none.
#[must_use]
pub fn stance_word(code: &str) -> &'static str {
    STANCES.iter().find(|(known, _)| *known == code).map_or("", |(_, word)| *word)
}

/// The stance of a form's code.
#[must_use]
pub fn stance_of(code: &str) -> Option<&'static str> {
    STANCES.iter().find(|(known, _)| *known == code).map(|(known, _)| *known)
}

impl Step for GiveOpinion {
    const KIND: StepKind = StepKind::GiveOpinion;
    const JUDGEMENT: Judgement = free("an opinion is heard, not judged");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut guest = own(work, self.invitee).await?;
        open(work, &guest)?;
        let stance = self.stance.ok_or_else(|| Refusal::field("stance", "请选赞成、不赞成或中立。"))?;
        guest.opinion = words(work, "opinion", "意见", &self.text, true)?;
        guest.stance = Some(stance.to_owned());
        // New words are released anew.
        guest.opinion_released = false;
        guest.seen_at = guest.seen_at.or(Some(work.ctx.now()));
        keep(work, &guest).await?;
        Ok(Done::new((), Entry::silent().with(json!({ "invitee": self.invitee, "stance": stance }))))
    }
}

/// An officer records an answer that came by telephone or in person (代录). The person can change it by the own link.
#[derive(Clone, Debug, Serialize)]
pub struct RecordAnswer {
    /// The case.
    pub case: CaseId,
    /// Whose answer.
    pub invitee: InviteeId,
    /// Whether the person comes; `None` when nothing was chosen.
    pub comes: Option<bool>,
    /// Why not.
    pub reason: String,
    /// How the person was reached; `None` when nothing was chosen.
    pub reached_by: Option<&'static str>,
}

/// How a person was reached: code and word.
pub const REACHED: [(&str, &str); 3] = [("call", "电话"), ("visit", "当面"), ("message", "微信或短信")];

impl Step for RecordAnswer {
    const KIND: StepKind = StepKind::RecordAnswer;
    const JUDGEMENT: Judgement = free("by whom and how reached is on record; the person can take it back");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let guest = guest(work, self.invitee).await?;
        open(work, &guest)?;
        let reached = self.reached_by.ok_or_else(|| Refusal::field("reached_by", "请选怎么联系上本人的。"))?;
        let comes = self.comes.ok_or_else(|| Refusal::field("comes", "请选本人来还是不来。"))?;
        let recorded = Some((work.ctx.actor.account(), reached));
        answered(work, guest, (comes, &self.reason), recorded).await?;
        let data = json!({ "invitee": self.invitee, "comes": comes, "reached_by": reached });
        Ok(Done::new((), Entry::internal("代录一位受邀人的答复").with(data)))
    }
}

/// Not take a substitute: the place goes back to the principal, who is asked again.
#[derive(Clone, Debug, Serialize)]
pub struct RefuseSubstitute {
    /// The case.
    pub case: CaseId,
    /// The substitute.
    pub invitee: InviteeId,
    /// Why; the principal reads it.
    pub reason: String,
}

impl Step for RefuseSubstitute {
    const KIND: StepKind = StepKind::RefuseSubstitute;
    const JUDGEMENT: Judgement = free("the officer answers for who is invited; the reason is on record");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut guest = guest(work, self.invitee).await?;
        open(work, &guest)?;
        if guest.substitute_of.is_none() || !matches!(guest.state.0, InviteeState::Invited | InviteeState::Accepted) {
            return Err(Refusal::moved_on("这位不是代别人来的，或者已经不代替了。"));
        }
        let reason = words(work, "reason", "不予代替的理由", &self.reason, true)?;
        guest.state = StateColumn(InviteeState::Refused);
        guest.generation += 1;
        keep(work, &guest).await?;
        write_to(work.tx, work.ctx, LetterKind::Withdrawn, self.invitee, "").await?;
        ask_again(work, &guest, &format!("您请的代替的人没有采用：{reason}")).await?;
        let data = json!({ "substitute": self.invitee, "invitee": guest.substitute_of });
        Ok(Done::new((), Entry::internal("一位代替的人不予采用，请原受邀人重新答复").with(data)))
    }
}

/// Show an opinion in public, without a name, or no longer.
#[derive(Clone, Debug, Serialize)]
pub struct DecideOpinion {
    /// The case.
    pub case: CaseId,
    /// Whose opinion.
    pub invitee: InviteeId,
    /// Whether everybody may read it.
    pub release: bool,
}

impl Step for DecideOpinion {
    const KIND: StepKind = StepKind::DecideOpinion;
    const JUDGEMENT: Judgement = free("what is said before a meeting is shown once the officer has read it");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut guest = guest(work, self.invitee).await?;
        if guest.opinion.is_empty() {
            return Err(Refusal::moved_on("这位还没有写意见。"));
        }
        guest.opinion_released = self.release;
        keep(work, &guest).await?;
        Ok(Done::new((), Entry::silent().with(json!({ "invitee": self.invitee, "released": self.release }))))
    }
}

/// Withdraw a personal link and give a new one.
#[derive(Clone, Debug, Serialize)]
pub struct ReissueLink {
    /// The case.
    pub case: CaseId,
    /// Whose link.
    pub invitee: InviteeId,
}

impl Step for ReissueLink {
    const KIND: StepKind = StepKind::ReissueLink;
    const JUDGEMENT: Judgement = free("a link in wrong hands is withdrawn at once");
    type Receipt = i64;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<i64>, Refusal> {
        let mut guest = guest(work, self.invitee).await?;
        guest.generation += 1;
        keep(work, &guest).await?;
        let data = json!({ "invitee": self.invitee, "generation": guest.generation });
        Ok(Done::new(guest.generation, Entry::internal("一位受邀人的链接作废，换了新的").with(data)))
    }
}

/// Remind everybody who has not answered.
#[derive(Clone, Debug, Serialize)]
pub struct RemindUnanswered {
    /// The case.
    pub case: CaseId,
    /// The meeting.
    pub meeting: MeetingId,
}

impl Step for RemindUnanswered {
    const KIND: StepKind = StepKind::RemindUnanswered;
    const JUDGEMENT: Judgement = free("a reminder asks again, it changes nothing");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let found = store::meeting_in(work.tx, self.meeting).await?.filter(|found| found.case_id == self.case);
        let found = found.ok_or(Refusal::NotFound)?;
        if work.case.stage() != Stage::Announced || found.state != "announced" || found.starts_at <= work.ctx.now() {
            return Err(Refusal::moved_on("会议还没有公示，或者已经开始，不用再提醒。"));
        }
        if !store::any_unanswered(work.tx, self.meeting).await? {
            return Err(Refusal::moved_on("请的人都答复了，不用再提醒。"));
        }
        let round = Round { meeting: self.meeting, unanswered: true };
        let key = format!("remind {} {}", self.meeting, work.ctx.today());
        if !add_round(work.tx, work.ctx, "remind", round, Some(&key)).await? {
            return Err(Refusal::moved_on("今天已经提醒过了，一天提醒一次就够。着急的请打电话。"));
        }
        Ok(Done::new((), Entry::internal("提醒还没有答复的人").with(json!({ "meeting": self.meeting }))))
    }
}

/// Register for an open seat. A full category gives a place in its line.
#[derive(Clone, Debug, Serialize)]
pub struct RegisterSeat {
    /// The case.
    pub case: CaseId,
    /// The meeting.
    pub meeting: MeetingId,
    /// The new guest; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub invitee: Option<InviteeId>,
    /// Who, and as what.
    pub person: PersonForm,
    /// Consent to the privacy rules.
    pub consent: bool,
}

/// What a registration came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Registered {
    /// The guest.
    pub invitee: InviteeId,
    /// The place in the line; `None` with a seat.
    pub place: Option<i64>,
}

impl Step for RegisterSeat {
    const KIND: StepKind = StepKind::RegisterSeat;
    const JUDGEMENT: Judgement = free("item 15 asks for wide participation: an open seat is for whoever comes first");
    type Receipt = Registered;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<Registered>, Refusal> {
        refuse_wrong(&self.person)?;
        let person = self.person.tidy();
        if is_blank(&person.phone) {
            return Err(Refusal::field("phone", "请留手机号，有名额或有变动时好告诉您。不会公开。"));
        }
        if !self.consent {
            return Err(Refusal::field("consent", "请先阅读并同意《个人信息处理规则》，我们才能保存您的联系方式。"));
        }
        let category = person.category.ok_or_else(|| Refusal::field("category", "请选您以什么身份参加。"))?;
        open_for_registration(work, self.meeting).await?;
        let Some(pool) = store::pool(work.tx, self.meeting, category).await?.filter(|pool| pool.seats > 0) else {
            return Err(Refusal::field("category", "这一类没有开放名额，请看公示里写的。"));
        };
        if store::phone_is_listed(work.tx, self.meeting, &person.phone).await? {
            return Err(Refusal::field(
                "phone",
                "这个手机号已经在名单上了。要改答复，请用先前的链接，或打给镇政协工委。",
            ));
        }
        let invitee = self.invitee.ok_or(Refusal::NotFound)?;
        // Whoever waits already comes first.
        let has_seat = pool.taken < pool.seats && store::next_waiting(work.tx, self.meeting, category).await?.is_none();
        let queue_no = (!has_seat).then_some(pool.next_no);
        let salt = work.enter_private(&private_name(invitee), &of(&person).text());
        let new = NewGuest {
            invitee,
            case: self.case,
            meeting: self.meeting,
            origin: SEAT,
            category,
            name: &person.name,
            organisation: &person.organisation,
            phone: &person.phone,
            mail: &person.mail,
            woman: person.woman,
            consent_public: person.consent_public,
            state: if has_seat { InviteeState::Accepted } else { InviteeState::Waiting },
            substitute_of: None,
            queue_no,
            salt: &salt,
            ledger_seq: work.seq,
        };
        store::insert(work.tx, new, work.ctx.now()).await?;
        let (taken, next_no) = if has_seat { (pool.taken + 1, pool.next_no) } else { (pool.taken, pool.next_no + 1) };
        store::set_pool(work.tx, self.meeting, category, Pool { taken, next_no, ..pool }).await?;
        if has_seat {
            write_to(work.tx, work.ctx, LetterKind::SeatGiven, invitee, "").await?;
        } else {
            pass_on(work, self.meeting, category).await?;
        }
        let data = json!({ "invitee": invitee, "category": category.code(), "seat": has_seat });
        Ok(Done::new(Registered { invitee, place: queue_no }, Entry::silent().with(data)))
    }
}

/// Puts somebody on the list who came to the meeting without having been asked.
///
/// # Errors
/// What is wrong with the form; that the phone stands on the list already.
pub(crate) async fn walked_in(
    work: &mut Work<'_>,
    meeting: MeetingId,
    invitee: InviteeId,
    person: PersonForm,
) -> Result<(), Refusal> {
    let person = person.tidy();
    refuse_wrong(&person)?;
    let category = person.category.ok_or_else(|| Refusal::field("category", "请选以什么身份参加。"))?;
    if store::phone_is_listed(work.tx, meeting, &person.phone).await? {
        return Err(Refusal::field("phone", "这个手机号已经在名单上了，请在名单里找到本人签到。"));
    }
    let salt = work.enter_private(&private_name(invitee), &of(&person).text());
    let new = NewGuest {
        invitee,
        case: work.case.id,
        meeting,
        origin: "walk_in",
        category,
        name: &person.name,
        organisation: &person.organisation,
        phone: &person.phone,
        mail: &person.mail,
        woman: person.woman,
        consent_public: person.consent_public,
        state: InviteeState::Accepted,
        substitute_of: None,
        queue_no: None,
        salt: &salt,
        ledger_seq: work.seq,
    };
    Ok(store::insert(work.tx, new, work.ctx.now()).await?)
}

/// Registration is open while the meeting is announced, up to the last day that the plan names.
async fn open_for_registration(work: &mut Work<'_>, meeting: MeetingId) -> Result<(), Refusal> {
    let found = store::meeting_in(work.tx, meeting).await?.filter(|found| found.case_id == work.case.id);
    let found = found.ok_or(Refusal::NotFound)?;
    if work.case.stage() != Stage::Announced || found.state != "announced" {
        return Err(Refusal::moved_on("会议的安排正在调整，请等新的公示再报名。"));
    }
    let last = work.newest::<ConsultationPlan>().await?.and_then(|(_, plan)| plan.registers_until());
    if work.ctx.now() >= found.starts_at || last.is_some_and(|last| work.ctx.today() > last) {
        return Err(Refusal::moved_on("报名已经截止。想说的话，可以在议题页留言。"));
    }
    Ok(())
}

/// An offered seat was not taken in time: it goes on to the next in line.
#[derive(Clone, Debug, Serialize)]
pub struct ExpireOffer {
    /// The case.
    pub case: CaseId,
    /// Who did not confirm.
    pub invitee: InviteeId,
}

impl Step for ExpireOffer {
    const KIND: StepKind = StepKind::ExpireOffer;
    const JUDGEMENT: Judgement = free("the clock carries out what notice.waitlist_confirm_hours says");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut guest = guest(work, self.invitee).await?;
        open(work, &guest)?;
        let over = guest.offered_until.is_some_and(|until| until <= work.ctx.now());
        if guest.state.0 != InviteeState::Offered || !over {
            return Err(Refusal::moved_on("还没有到确认的时限，或者已经答复。"));
        }
        guest.state = StateColumn(InviteeState::Expired);
        keep(work, &guest).await?;
        free_seat(work, &guest).await?;
        Ok(Done::new((), Entry::internal("一个名额没有按时确认，转给下一位").with(json!({ "invitee": self.invitee }))))
    }
}
