//! What is done on the meeting's day, one [`crate::case::Step`] each.

mod close;
mod door;
mod open;

pub use close::{CloseMeeting, PauseMeeting, ResumeMeeting};
pub use door::{AddWalkIn, CheckIn, CheckInSelf, CheckedIn, OpenDoor, UndoCheckIn};
pub use open::{ConveneMeeting, CountByHand, MissMeeting, WithdrawCount};

use super::model::{SittingState, attendance, seats};
use super::store::{self, Day, Official, Person, Sitting};
use crate::case::{StepCard, Work};
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, SittingId};
use crate::rules::{OpeningFacts, local_date};
use crate::storage::{Database, StorageError};

/// Every step of this stage, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<OpenDoor>(),
    StepCard::of::<CheckIn>(),
    StepCard::of::<CheckInSelf>(),
    StepCard::of::<AddWalkIn>(),
    StepCard::of::<UndoCheckIn>(),
    StepCard::of::<CountByHand>(),
    StepCard::of::<WithdrawCount>(),
    StepCard::of::<ConveneMeeting>(),
    StepCard::of::<MissMeeting>(),
    StepCard::of::<PauseMeeting>(),
    StepCard::of::<ResumeMeeting>(),
    StepCard::of::<CloseMeeting>(),
];

pub(in crate::meeting) use crate::case::adds;

/// Who is there on the day of a meeting: for the gate, and for the page that shows what the gate will say.
#[derive(Clone, Debug)]
pub struct Presence {
    /// The meeting, as people were told.
    pub day: Day,
    /// Its day at the door, once the door was opened.
    pub sitting: Option<Sitting>,
    /// Everybody on the list.
    pub people: Vec<Person>,
    /// The chair and the recorder, as far as they are there.
    pub officials: Vec<Official>,
}

impl Presence {
    /// For a page; `None` when no meeting was announced.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(db: &Database, case: CaseId) -> Result<Option<Self>, StorageError> {
        let Some(day) = store::day(db, case).await? else { return Ok(None) };
        let sitting = store::present_sitting(&day, store::newest_sitting(db, day.meeting_id).await?);
        let id = sitting.as_ref().map(|s| s.sitting_id);
        let people = store::people(db, day.meeting_id, id).await?;
        let officials = store::officials(db, id).await?;
        Ok(Some(Self { day, sitting, people, officials }))
    }

    async fn in_step(work: &mut Work<'_>) -> Result<Self, Refusal> {
        let (day, sitting) = today(work).await?;
        let id = sitting.as_ref().map(|s| s.sitting_id);
        let people = store::people_in(work.tx, day.meeting_id, id).await?;
        let officials = store::officials_in(work.tx, id).await?;
        Ok(Self { day, sitting, people, officials })
    }

    /// Whether an account is there.
    #[must_use]
    pub fn is_in(&self, account: Option<AccountId>) -> bool {
        account.is_some_and(|account| self.officials.iter().any(|(one, ..)| *one == account))
    }

    /// The facts of T7.
    #[must_use]
    pub fn facts(&self, opener: Option<AccountId>, remark: &str) -> OpeningFacts {
        let listed: Vec<_> = self.people.iter().map(Person::listed).collect();
        OpeningFacts {
            starts_at: self.day.starts_at,
            announced_on: local_date(self.day.announced_at),
            urgent: self.day.urgent,
            chair_in: self.is_in(self.day.chair_id),
            recorder_in: self.is_in(self.day.recorder_id),
            people: seats(&listed),
            attendance: attendance(&listed),
            hand: self.sitting.as_ref().and_then(Sitting::hand),
            opener: opener.map(|opener| opener.0),
            remark: remark.to_owned(),
        }
    }
}

/// The announced meeting of the case, and its sitting.
async fn today(work: &mut Work<'_>) -> Result<(Day, Option<Sitting>), Refusal> {
    let day = store::day_in(work.tx, work.case.id).await?;
    let day = day.ok_or_else(|| Refusal::moved_on("这件议题还没有公示过协商会。"))?;
    let sitting = store::present_sitting(&day, store::newest_sitting_in(work.tx, day.meeting_id).await?);
    Ok((day, sitting))
}

/// The sitting that the page showed, while it is in one of these states.
pub(super) async fn sitting(
    work: &mut Work<'_>,
    seen: SittingId,
    fits: fn(SittingState) -> bool,
) -> Result<(Day, Sitting), Refusal> {
    let (day, sitting) = today(work).await?;
    let sitting = sitting
        .filter(|sitting| sitting.sitting_id == seen)
        .ok_or_else(|| Refusal::moved_on("这场会改了时间，或者已经记了流会，请刷新页面看最新情况。"))?;
    if fits(sitting.state.0) {
        Ok((day, sitting))
    } else {
        Err(Refusal::moved_on(format!("会议现在是「{}」，不能这样办。请刷新页面看最新情况。", sitting.state.0.word())))
    }
}
