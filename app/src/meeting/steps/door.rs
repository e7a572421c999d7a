//! The door: who is there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{adds, sitting, today};
use crate::access::{Actor, StepKind};
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Step, Work, free};
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, CheckInId, InviteeId, SittingId};
use crate::invitation::answer::steps::walked_in;
use crate::invitation::model::PersonForm;
use crate::meeting::codes;
use crate::meeting::model::{How, SittingState, noted_at};
use crate::meeting::store::{self, NewCheckIn, Sitting};
use crate::rules::{local_date, plain_date};
use crate::storage::Column;

/// Open the door on the day of the meeting: from now on people are checked in.
#[derive(Clone, Debug, Serialize)]
pub struct OpenDoor {
    /// The case.
    pub case: CaseId,
}

impl Step for OpenDoor {
    const KIND: StepKind = StepKind::OpenDoor;
    const JUDGEMENT: Judgement = free("who is there is noted before T7 judges whether they are enough");
    /// The sitting; the one that is there when the door is open already.
    type Receipt = SittingId;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<SittingId>, Refusal> {
        let (day, present) = today(work).await?;
        if let Some(sitting) = present {
            let data = json!({ "sitting": sitting.sitting_id, "again": true });
            return Ok(Done::new(sitting.sitting_id, Entry::silent().with(data)));
        }
        if work.case.stage() != Stage::Announced || day.state != "announced" {
            return Err(Refusal::moved_on("会议现在不在公示中，不能签到。请刷新页面看最新情况。"));
        }
        let meets_on = local_date(day.starts_at);
        if work.ctx.today() != meets_on {
            let words = format!("会议在 {}，当天才开始签到。", plain_date(meets_on));
            return Err(Refusal::moved_on(words));
        }
        let new = new_sitting(work, &day, SittingState::Door).await?;
        store::open_door(work.tx, &new).await?;
        let data = json!({ "sitting": new.sitting_id, "meeting": day.meeting_id });
        Ok(Done::new(new.sitting_id, Entry::internal("门口开始签到").with(data)))
    }
}

/// The next sitting of a meeting.
pub(super) async fn new_sitting(
    work: &mut Work<'_>,
    day: &store::Day,
    state: SittingState,
) -> Result<Sitting, Refusal> {
    let last = store::newest_sitting_in(work.tx, day.meeting_id).await?.map_or(0, |sitting| sitting.no);
    Ok(Sitting {
        sitting_id: SittingId(work.ctx.new_id()),
        case_id: work.case.id,
        meeting_id: day.meeting_id,
        no: last + 1,
        starts_at: day.starts_at,
        state: Column(state),
        door_at: work.ctx.now(),
        opened_at: None,
        closed_at: None,
        missed_at: None,
        present: None,
        expected: None,
        hand_present: None,
        hand_members: None,
        hand_stakeholders: None,
        hand_departments: None,
        hand_by: None,
    })
}

/// What became of a check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedIn {
    /// The check-in that stands.
    pub check_in: CheckInId,
    /// Whether another device, or the person, had checked in before.
    pub again: bool,
}

/// Notes that somebody is there. The same person twice is one check-in.
async fn note(
    work: &mut Work<'_>,
    sitting: &Sitting,
    (invitee, account): (Option<InviteeId>, Option<AccountId>),
    (how, device_at): (How, Option<DateTime<Utc>>),
) -> Result<Done<CheckedIn>, Refusal> {
    let who = json!({ "sitting": sitting.sitting_id, "invitee": invitee, "account": account, "how": how });
    if let Some(check_in) = store::standing(work.tx, sitting.sitting_id, (invitee, account)).await? {
        return Ok(Done::new(CheckedIn { check_in, again: true }, Entry::silent().with(who)));
    }
    let id = CheckInId(work.ctx.new_id());
    let new = NewCheckIn {
        id,
        sitting: sitting.sitting_id,
        invitee,
        account,
        how,
        at: work.ctx.now(),
        device_at,
        by: work.ctx.actor.account(),
    };
    store::check_in(work.tx, new).await?;
    Ok(Done::new(CheckedIn { check_in: id, again: false }, Entry::silent().with(who)))
}

/// Tick somebody off: on the list or by short code; the chair and the recorder by account.
#[derive(Clone, Debug, Serialize)]
pub struct CheckIn {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// Somebody on the list.
    pub invitee: Option<InviteeId>,
    /// Or the chair, or the recorder.
    pub account: Option<AccountId>,
    /// How.
    pub how: How,
    /// When a device without a network noted it, by its clock as corrected at its last contact.
    pub device_at: Option<DateTime<Utc>>,
    /// When that device got the list.
    pub list_at: Option<DateTime<Utc>>,
}

impl Step for CheckIn {
    const KIND: StepKind = StepKind::CheckIn;
    const JUDGEMENT: Judgement = free("being there is a fact; T7 counts it when the meeting is opened");
    type Receipt = CheckedIn;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<CheckedIn>, Refusal> {
        let (day, sitting) = sitting(work, self.sitting, |_| true).await?;
        if !sitting.state.0.takes_check_ins() {
            // It may have lain on a device without a network until now.
            let words = "会议已经结束，这次签到没有记上。确实到了会的，请告诉记录人，在纪要里写明。";
            return Err(Refusal::moved_on(words));
        }
        let known = match (self.invitee, self.account) {
            (Some(invitee), None) => store::is_listed(work.tx, day.meeting_id, invitee).await?,
            (None, Some(account)) => [day.chair_id, day.recorder_id].contains(&Some(account)),
            _ => false,
        };
        if !known {
            return Err(Refusal::moved_on("名单上没有这个人，可能刚被移出。请刷新页面，或者按临时到场登记。"));
        }
        let device_at = noted_at(self.device_at, self.list_at, (sitting.door_at, work.ctx.now()));
        note(work, &sitting, (self.invitee, self.account), (self.how, device_at)).await
    }
}

/// Check in by the own link and the code on the door's screen: only who stands before it knows the code of this minute.
#[derive(Clone, Debug, Serialize)]
pub struct CheckInSelf {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub invitee: InviteeId,
    /// The code, as it was typed.
    pub code: String,
}

impl Step for CheckInSelf {
    const KIND: StepKind = StepKind::CheckInSelf;
    const JUDGEMENT: Judgement = free("the code on the door's screen shows that the person stands before it");
    type Receipt = CheckedIn;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<CheckedIn>, Refusal> {
        if !matches!(&work.ctx.actor, Actor::Invitee { invitee, .. } if *invitee == self.invitee) {
            return Err(Refusal::NotFound);
        }
        let (day, present) = today(work).await?;
        let sitting = present
            .filter(|sitting| sitting.state.0.takes_check_ins())
            .ok_or_else(|| Refusal::moved_on("现在不能自己签到。到了会场，请找门口的工作人员。"))?;
        if !store::is_listed(work.tx, day.meeting_id, self.invitee).await? {
            return Err(Refusal::NotFound);
        }
        if !codes::is_of_door(&work.ctx.secret, sitting.sitting_id, work.ctx.now(), &self.code) {
            return Err(Refusal::field("door_code", "签到码不对，或者已经换了。请看门口屏幕上现在的数字。"));
        }
        note(work, &sitting, (Some(self.invitee), None), (How::Own, None)).await
    }
}

/// Somebody came without having been asked: put on the list and checked in. Takes no place of those promised.
#[derive(Clone, Debug, Serialize)]
pub struct AddWalkIn {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The new person; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub invitee: Option<InviteeId>,
    /// Who, and as what.
    pub person: PersonForm,
}

impl Step for AddWalkIn {
    const KIND: StepKind = StepKind::AddWalkIn;
    const JUDGEMENT: Judgement =
        free("item 15 asks for wide participation: who comes is let in; attendance does not count it");
    type Receipt = CheckedIn;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<CheckedIn>, Refusal> {
        let (day, sitting) = sitting(work, self.sitting, SittingState::takes_check_ins).await?;
        let invitee = self.invitee.ok_or(Refusal::NotFound)?;
        walked_in(work, day.meeting_id, invitee, self.person).await?;
        note(work, &sitting, (Some(invitee), None), (How::WalkIn, None)).await
    }
}

/// Take a wrong tick back. The row stays, with who took it back.
#[derive(Clone, Debug, Serialize)]
pub struct UndoCheckIn {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The check-in.
    pub check_in: CheckInId,
}

impl Step for UndoCheckIn {
    const KIND: StepKind = StepKind::UndoCheckIn;
    const JUDGEMENT: Judgement = free("a wrong tick is taken back at once; the row stays beside");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let (_, sitting) = sitting(work, self.sitting, SittingState::takes_check_ins).await?;
        let by = (work.ctx.now(), work.ctx.actor.account());
        if !store::undo(work.tx, (sitting.sitting_id, self.check_in), by).await? {
            return Err(Refusal::moved_on("这次签到已经撤销过了。"));
        }
        let data = json!({ "sitting": self.sitting, "check_in": self.check_in });
        Ok(Done::new((), Entry::silent().with(data)))
    }
}
