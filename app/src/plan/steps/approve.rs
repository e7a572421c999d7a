//! The director's part: approving the plan or sending it back, and letting an exception pass.

use serde::Serialize;
use serde_json::json;

use super::{PLAN, Surroundings, plan_facts, planned, rule};
use crate::access::{Role, StepKind};
use crate::case::stage::Stage;
use crate::case::{Change, Done, Entry, Judgement, Step, Target, Work, free, judged};
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::plan::model::{Allowances, MeetingState};
use crate::plan::store;
use crate::rules::{Facts, PlanException, PlanMoment, RuleId};

fn in_planning(work: &Work<'_>) -> Result<(), Refusal> {
    if work.case.stage() == Stage::Planned {
        Ok(())
    } else {
        Err(Refusal::moved_on(format!(
            "这件事现在是「{}」，不在筹备中，请刷新页面看最新情况。",
            work.case.stage().word()
        )))
    }
}

/// Approve the plan as it stands. Never by whoever had a hand in it.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovePlan {
    /// The case.
    pub case: CaseId,
    /// The plan's version that was read.
    pub seen: i64,
    /// The director's words.
    pub reason: String,
}

impl Step for ApprovePlan {
    const KIND: StepKind = StepKind::ApprovePlan;
    const JUDGEMENT: Judgement = judged(&[RuleId::T6]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: PLAN, seen: self.seen }
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        in_planning(work)?;
        let (_, plan, meeting) = planned(work).await?;
        let around = Surroundings::in_step(work, &meeting, &plan).await?;
        let who = (PlanMoment::Approving, work.ctx.actor.account());
        Ok(vec![plan_facts(&plan, Some(&meeting), &around, who, false, work.case.due_on)])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let (version, _, meeting) = planned(work).await?;
        if meeting.state.0 != MeetingState::Planning {
            return Err(Refusal::moved_on(format!(
                "会议现在是「{}」，没有等审批的方案，请刷新页面看最新情况。",
                meeting.state.0.word()
            )));
        }
        work.reason(&self.reason, "请写一句审批意见。")?;
        store::approve(work.tx, meeting.meeting_id, work.ctx.actor.account()).await?;
        work.case.waits_for = Some(Role::Officer.code().to_owned());
        work.save().await?;
        rule(work, Self::KIND, self.reason).await?;
        let data = json!({ "version": version, "meeting": meeting.meeting_id });
        Ok(Done::new((), Entry::internal("工委主任批准协商方案").with(data)))
    }
}

/// Send the plan back to the officer.
#[derive(Clone, Debug, Serialize)]
pub struct SendBackPlan {
    /// The case.
    pub case: CaseId,
    /// The plan's version on the page.
    pub seen: i64,
    /// What is missing.
    pub reason: String,
}

impl Step for SendBackPlan {
    const KIND: StepKind = StepKind::SendBackPlan;
    const JUDGEMENT: Judgement = free("sending back asks for more, it moves nothing along");
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: PLAN, seen: self.seen }
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        in_planning(work)?;
        let (_, _, meeting) = planned(work).await?;
        // From an old page it would be sent back a second time: that changes no version of the plan.
        if meeting.state.0 != MeetingState::Planning || work.case.waiting_role() != Some(Role::Director) {
            return Err(Refusal::moved_on("现在没有等审批的方案，请刷新页面看最新情况。"));
        }
        work.reason(&self.reason, "请写明退回要补什么，干事好去补。")?;
        work.case.waits_for = Some(Role::Officer.code().to_owned());
        work.save().await?;
        rule(work, Self::KIND, self.reason).await?;
        Ok(Done::new((), Entry::internal("工委主任退回协商方案，请干事补充")))
    }
}

/// Let one of the exceptions pass that the officer asked for, for the plan as it stands. The officer's reason and the
/// director's are both on record; whoever had a hand in the plan lets none pass.
#[derive(Clone, Debug, Serialize)]
pub struct AllowException {
    /// The case.
    pub case: CaseId,
    /// The plan's version on the page.
    pub seen: i64,
    /// Which; `None` when nothing readable was chosen.
    pub what: Option<PlanException>,
    /// The director's reason.
    pub reason: String,
}

impl Step for AllowException {
    const KIND: StepKind = StepKind::AllowException;
    const JUDGEMENT: Judgement = free("T6 and T7 name what may be let pass; reason and second person are on record");
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: PLAN, seen: self.seen }
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        in_planning(work)?;
        let (version, plan, _) = planned(work).await?;
        let what = self.what.ok_or_else(|| Refusal::field("what", "请选同意哪一项例外。"))?;
        let savers = store::savers_in(work.tx, work.case.id).await?;
        if work.ctx.actor.account().is_some_and(|me| savers.contains(&me)) {
            return Err(Refusal::field("reason", "同意例外的人自己存过这份方案（不管哪一版），请换一位来定。"));
        }
        let asked = match what {
            PlanException::Shares => &plan.shares_reason,
            PlanException::Urgent => &plan.urgent_reason,
        };
        if asked.trim().is_empty() {
            return Err(Refusal::field("what", "方案里没有申请这一项例外，请干事先写明理由。"));
        }
        work.reason(&self.reason, "请写明为什么同意这项例外，会写进记录。")?;
        let newest = work.newest::<Allowances>().await?.map(|(_, allowances)| allowances);
        let mut allowances = super::allowed_for(newest, version);
        allowances.plan_version = version;
        match what {
            PlanException::Shares => allowances.shares = Some(self.reason),
            PlanException::Urgent => allowances.urgent = Some(self.reason),
        }
        work.add_record(&allowances).await?;
        let words = format!("工委主任同意例外：{}", what.word());
        Ok(Done::new((), Entry::internal(words).with(json!({ "version": version, "exception": what }))))
    }
}
