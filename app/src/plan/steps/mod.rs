//! What a person can do about the plan of a meeting, one [`crate::case::Step`] each.

mod announce;
mod approve;
mod change;
mod save;

pub use announce::Announce;
pub use approve::{AllowException, ApprovePlan, SendBackPlan};
pub use change::{CancelMeeting, MoveMeeting, Moved, missed};
pub use save::SavePlan;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::model::{Allowances, ConsultationPlan, MeetingState, Span, when};
use super::store::{self, Meeting};
use crate::access::StepKind;
use crate::case::record::Record;
use crate::case::{StepCard, Work};
use crate::error::{FieldError, Refusal};
use crate::ids::{AccountId, CaseId, MeetingId, RoomId};
use crate::rules::{
    Composition, Facts, NoticeFacts, PlanFacts, PlanMoment, RuleSet, Seat, Segment, Venue, count_chars, local_date,
};
use crate::storage::{Database, StorageError};
use crate::topic::model::Ruling;

/// Every step of this stage, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<SavePlan>(),
    StepCard::of::<ApprovePlan>(),
    StepCard::of::<SendBackPlan>(),
    StepCard::of::<AllowException>(),
    StepCard::of::<Announce>(),
    StepCard::of::<MoveMeeting>(),
    StepCard::of::<CancelMeeting>(),
];

/// What the rules have to know besides the plan itself.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Those on the list.
    pub seats: Vec<Seat>,
    /// Seats of the room, where there is one.
    pub capacity: Option<i64>,
    /// Another meeting in the room at that time.
    pub clash: Option<Span>,
    /// Whoever saved a version of the plan that was not announced yet.
    pub savers: Vec<AccountId>,
}

impl Surroundings {
    /// For a page.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(
        db: &Database,
        case: CaseId,
        meeting: Option<MeetingId>,
        plan: &ConsultationPlan,
    ) -> Result<Self, StorageError> {
        Ok(Self {
            seats: match meeting {
                Some(meeting) => store::seats(db, meeting).await?,
                None => Vec::new(),
            },
            capacity: match plan.room {
                Some(room) => store::capacity(db, room).await?,
                None => None,
            },
            clash: match (plan.room, plan.starts_at, plan.ends_at()) {
                (Some(room), Some(from), Some(to)) => store::clash(db, room, case, (from, to)).await?,
                _ => None,
            },
            savers: store::savers(db, case).await?,
        })
    }

    /// Inside a step.
    async fn in_step(work: &mut Work<'_>, meeting: &Meeting, plan: &ConsultationPlan) -> Result<Self, StorageError> {
        let case = work.case.id;
        Ok(Self {
            seats: store::seats_in(work.tx, meeting.meeting_id).await?,
            capacity: match plan.room {
                Some(room) => store::capacity_in(work.tx, room).await?,
                None => None,
            },
            clash: match (plan.room, plan.starts_at, plan.ends_at()) {
                (Some(room), Some(from), Some(to)) => store::clash_in(work.tx, room, case, (from, to)).await?,
                _ => None,
            },
            savers: store::savers_in(work.tx, case).await?,
        })
    }
}

/// The facts of T6: the gate's, and those of the checklist on the page.
#[must_use]
pub fn plan_facts(
    plan: &ConsultationPlan,
    meeting: Option<&Meeting>,
    around: &Surroundings,
    (moment, approver): (PlanMoment, Option<AccountId>),
    shares_excepted: bool,
    due_on: Option<NaiveDate>,
) -> Facts {
    Facts::T6(PlanFacts {
        moment,
        approved: meeting.is_some_and(|m| m.state.0 == MeetingState::Approved),
        preparers: around.savers.iter().map(|a| a.0).collect(),
        approver: approver.map(|a| a.0),
        minutes: plan.minutes,
        agenda: Segment::ALL.iter().map(|segment| plan.agenda_minutes(*segment)).collect(),
        agenda_words: Segment::ALL.iter().map(|segment| plan.agenda_words(*segment).to_owned()).collect(),
        chair: plan.chair.map(|a| a.0),
        recorder: plan.recorder.map(|a| a.0),
        venue: Venue {
            format: plan.format,
            capacity: around.capacity,
            taken: around.clash.is_some(),
            address: !plan.online_url.trim().is_empty(),
        },
        people: Composition { people: around.seats.clone(), open: plan.open_seats.clone() },
        shares_excepted,
        notice: plan.notice.clone(),
        materials: plan.materials.len(),
        meets_on: plan.starts_at.map(local_date).unwrap_or_default(),
        due_on,
    })
}

/// The facts of the notice clock.
#[must_use]
pub fn notice_facts(plan: &ConsultationPlan, urgent_allowed: bool) -> Facts {
    Facts::Notice(NoticeFacts {
        starts_at: plan.starts_at.unwrap_or(DateTime::UNIX_EPOCH),
        urgent_asked: !plan.urgent_reason.trim().is_empty(),
        urgent_allowed,
    })
}

/// What was let pass for a version of the plan; nothing for another version.
#[must_use]
pub fn allowed_for(allowances: Option<Allowances>, version: i64) -> Allowances {
    allowances.filter(|a| a.plan_version == version).unwrap_or_default()
}

/// The plan with its version, and its meeting.
async fn planned(work: &mut Work<'_>) -> Result<(i64, ConsultationPlan, Meeting), Refusal> {
    let missing = || Refusal::moved_on("这件议题还没有协商方案，请先由干事做好方案。");
    let (version, plan) = work.newest::<ConsultationPlan>().await?.ok_or_else(missing)?;
    let meeting = store::meeting_in(work.tx, work.case.id).await?.ok_or_else(missing)?;
    Ok((version, plan, meeting))
}

/// Holds a room for a time. Two meetings never hold one room at one time: whoever books it second waits for the first
/// and then sees what it took.
async fn book(work: &mut Work<'_>, room: RoomId, span: Span) -> Result<(), Refusal> {
    let case = work.case.id;
    let booked =
        store::lock_room(work.tx, room).await?.ok_or_else(|| Refusal::field("room", "请选一个登记过的场地。"))?;
    if booked.town_id != work.case.town_id {
        return Err(Refusal::field("room", "请选本镇登记过的场地。"));
    }
    match store::clash_in(work.tx, room, case, span).await? {
        Some((from, to)) => {
            Err(Refusal::field("room", format!("「{}」{} 已经有别的会，请换时间或场地。", booked.name, when(from, to))))
        }
        None => Ok(()),
    }
}

/// Keeps a reason as a ruling of the case.
async fn rule(work: &mut Work<'_>, kind: StepKind, reason: String) -> Result<(), Refusal> {
    work.add_record(&Ruling { what: kind.code().to_owned(), reason, review_on: None }).await?;
    Ok(())
}

/// The begin, end and format that a stored plan always has.
fn settled(plan: &ConsultationPlan, now: DateTime<Utc>) -> Result<(Span, crate::rules::MeetingFormat), Refusal> {
    let (Some(from), Some(to)) = (plan.starts_at, plan.ends_at()) else {
        return Err(Refusal::field("date", "请填开会的日期和时间。"));
    };
    if from <= now {
        return Err(Refusal::field("date", "开会的时间已经过了，请填今天以后的时间。"));
    }
    let format = plan.format.ok_or_else(|| Refusal::field("format", "请选协商形式。"))?;
    Ok(((from, to), format))
}

/// Minutes of a day: a meeting is not longer.
const DAY: u32 = 24 * 60;
/// Days from today on within which a meeting can be planned: a later date is a slip of the hand.
const AHEAD: u64 = 366;

/// What is wrong with time, length and address of a meeting, whatever is still missing: the same when a plan is saved
/// and when an announced meeting is moved.
fn wrong_time_or_place(plan: &ConsultationPlan, rules: &RuleSet, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let last = today.checked_add_days(Days::new(AHEAD));
    if plan.starts_at.map(local_date).zip(last).is_some_and(|(day, last)| day > last) {
        errors.push(FieldError::new("date", "开会的日期在一年以后，请核对年份。"));
    }
    if plan.minutes == 0 || plan.minutes > DAY {
        errors.push(FieldError::new("minutes", "请填会议有多少分钟，不超过一天。"));
    }
    let url = plan.online_url.trim();
    if !url.is_empty() && !url.starts_with("https://") && !url.starts_with("http://") {
        errors.push(FieldError::new("online_url", "线上地址要以 https:// 开头，请从会议软件里整段复制。"));
    }
    errors.extend(too_long("online_url", &plan.online_url, rules));
    errors
}

/// An error for a text that is longer than `topic.body_max`.
fn too_long(field: &str, text: &str, rules: &RuleSet) -> Option<FieldError> {
    let (length, max) = (count_chars(text), rules.topic.body_max);
    (length > max as usize)
        .then(|| FieldError::new(field, format!("写了 {length} 字，最多 {max} 字（本镇设定），请缩短。")))
}

/// Refuses with what is wrong with every field, or goes on.
fn all_good(errors: Vec<FieldError>) -> Result<(), Refusal> {
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors)) }
}

/// The kind of the plan's record, which every step about it compares.
const PLAN: &str = ConsultationPlan::KIND;
