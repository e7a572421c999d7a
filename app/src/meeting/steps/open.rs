//! Opening the meeting (T7), and what happens when too few came.

use serde::Serialize;
use serde_json::json;

use super::door::new_sitting;
use super::{Presence, adds, sitting};
use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Move, Step, Work, decides, free, judged};
use crate::error::Refusal;
use crate::ids::{CaseId, SittingId};
use crate::meeting::floor::steps::begin_agenda;
use crate::meeting::model::SittingState;
use crate::meeting::store;
use crate::plan::steps::missed;
use crate::rules::{Attendance, Facts, HandCount, RuleId, attendance_missed, is_blank};
use crate::topic::model::Ruling;

/// Open the meeting. Warnings need a word.
#[derive(Clone, Debug, Serialize)]
pub struct ConveneMeeting {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// What is said about the warnings.
    pub remark: String,
}

impl Step for ConveneMeeting {
    const KIND: StepKind = StepKind::ConveneMeeting;
    const JUDGEMENT: Judgement = judged(&[RuleId::T7]);
    type Receipt = SittingId;

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let opener = work.ctx.actor.account();
        Ok(vec![Facts::T7(Presence::in_step(work).await?.facts(opener, &self.remark))])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<SittingId>, Refusal> {
        let presence = Presence::in_step(work).await?;
        let Some(sitting) = presence.sitting.as_ref().filter(|s| s.state.0 == SittingState::Door) else {
            return Err(Refusal::moved_on("门口还没有开始签到，或者会已经开了。请刷新页面看最新情况。"));
        };
        let facts = presence.facts(None, "");
        let attendance = match facts.hand {
            Some(hand) => Attendance { present: hand.present, ..facts.attendance },
            None => facts.attendance,
        };
        (work.case.chair_id, work.case.recorder_id) = (presence.day.chair_id, presence.day.recorder_id);
        work.move_to(Stage::Convened, Move::default()).await?;
        let opened = (work.ctx.now(), work.ctx.actor.account());
        store::convene(work.tx, sitting.sitting_id, opened, attendance).await?;
        begin_agenda(work, (presence.day.meeting_id, sitting.sitting_id)).await?;
        if !is_blank(&self.remark) {
            work.reason(&self.remark, "")?;
            rule(work, Self::KIND, self.remark).await?;
        }
        let data = json!({
            "sitting": sitting.sitting_id, "meeting": presence.day.meeting_id, "present": attendance.present,
            "expected": attendance.expected, "by_hand": facts.hand.is_some(),
        });
        let words = format!("协商会开始，到会率 {}", attendance.shown());
        Ok(Done::new(sitting.sitting_id, Entry::public(words).with(data)))
    }
}

/// Keeps a reason as a ruling of the case.
async fn rule(work: &mut Work<'_>, kind: StepKind, reason: String) -> Result<(), Refusal> {
    work.add_record(&Ruling { what: kind.code().to_owned(), reason, review_on: None }).await?;
    Ok(())
}

/// Count by hand, when network or list fail: the director counts, another person opens the meeting.
#[derive(Clone, Debug, Serialize)]
pub struct CountByHand {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// Everybody who was asked or registered and is there.
    pub present: u32,
    /// Members among them.
    pub members: u32,
    /// Those concerned.
    pub stakeholders: u32,
    /// Representatives of departments.
    pub departments: u32,
    /// Why the list cannot be used.
    pub reason: String,
}

impl Step for CountByHand {
    const KIND: StepKind = StepKind::CountByHand;
    const JUDGEMENT: Judgement = free("T7 names it as its exception; reason and second person are on record");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let (_, sitting) = sitting(work, self.sitting, |state| state == SittingState::Door).await?;
        work.reason(&self.reason, "请写明为什么要人工清点，例如：断网，签不了到。")?;
        let parts = [self.members, self.stakeholders, self.departments].into_iter().fold(0, u32::saturating_add);
        if parts > self.present {
            return Err(Refusal::field("present", "三类人加起来比总人数还多，请再数一遍。"));
        }
        let by = work.ctx.actor.account();
        let count = HandCount {
            present: self.present,
            members: self.members,
            stakeholders: self.stakeholders,
            departments: self.departments,
            by: by.map(|by| by.0),
        };
        store::count_by_hand(work.tx, sitting.sitting_id, count, by).await?;
        rule(work, Self::KIND, self.reason).await?;
        let data = json!({
            "sitting": self.sitting, "present": self.present, "members": self.members,
            "stakeholders": self.stakeholders, "departments": self.departments,
        });
        Ok(Done::new((), Entry::internal("主任人工清点到会人数").with(data)))
    }
}

/// Take the count by hand back before the meeting is opened: those who were checked in count again. Counting anew needs
/// no withdrawal, the newest count stands.
#[derive(Clone, Debug, Serialize)]
pub struct WithdrawCount {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
}

impl Step for WithdrawCount {
    const KIND: StepKind = StepKind::WithdrawCount;
    const JUDGEMENT: Judgement = free("whoever counted may take it back before T7 is judged on it; both are on record");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let (_, sitting) = sitting(work, self.sitting, |state| state == SittingState::Door).await?;
        if sitting.hand().is_none() {
            return Err(Refusal::moved_on("现在没有人工清点的人数，请刷新页面看最新情况。"));
        }
        store::withdraw_count(work.tx, sitting.sitting_id).await?;
        Ok(Done::new((), Entry::internal("撤回人工清点的人数").with(json!({ "sitting": self.sitting }))))
    }
}

/// Record that too few came (流会): everybody is told, and the meeting is planned for another day.
#[derive(Clone, Debug, Serialize)]
pub struct MissMeeting {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
}

impl Step for MissMeeting {
    const KIND: StepKind = StepKind::MissMeeting;
    const JUDGEMENT: Judgement =
        free("T7 says when attendance is missed; asked inside the step, by the same judgement");
    type Receipt = ();

    decides!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let presence = Presence::in_step(work).await?;
        let (day, now) = (&presence.day, work.ctx.now());
        if work.case.stage() != Stage::Announced || day.state != "announced" {
            return Err(Refusal::moved_on("这场会已经开了，或者已经改期、取消。请刷新页面看最新情况。"));
        }
        if now < day.starts_at {
            return Err(Refusal::moved_on("还没有到开会的时间，不能记流会。来不了的，请改期或取消。"));
        }
        let facts = presence.facts(None, "");
        if work.ctx.today() == crate::rules::local_date(day.starts_at) && !attendance_missed(&facts, &work.rules) {
            return Err(Refusal::moved_on("到会的人已经够了，请直接开会。"));
        }
        let sitting = match &presence.sitting {
            Some(sitting) => sitting.sitting_id,
            None => {
                let new = new_sitting(work, day, SittingState::Door).await?;
                store::open_door(work.tx, &new).await?;
                new.sitting_id
            }
        };
        let attendance = facts.attendance;
        store::set_missed(work.tx, sitting, now, attendance).await?;
        store::ask_walk_ins(work.tx, day.meeting_id).await?;
        let least = work.rules.shown("meeting.attend_hard").unwrap_or_default();
        let reason =
            format!("到会率 {}，至少 {least}（本镇设定），或者必须到的人没有到齐，会没有开成。", attendance.shown());
        let sequence = missed(work, Self::KIND, reason).await?;
        let data = json!({
            "sitting": sitting, "meeting": day.meeting_id, "sequence": sequence, "present": attendance.present,
            "expected": attendance.expected,
        });
        Ok(Done::new((), Entry::public("到会的人不够数，协商会没有开成（流会），另定时间").with(data)))
    }
}
