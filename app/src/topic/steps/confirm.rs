//! Choosing the topic (T3): the director prepares, the party approver decides, never the same person, never the proposer.

use serde::Serialize;
use serde_json::json;

use crate::access::{Role, StepKind};
use crate::case::record::{Record, differences};
use crate::case::stage::Stage;
use crate::case::{Case, Change, Done, Entry, Judgement, Move, Step, Target, Work, free, judged};
use crate::error::{Difference, Refusal};
use crate::ids::{AccountId, CaseId};
use crate::rules::{ConfirmMoment, Facts, RuleId};
use crate::topic::model::{Approval, Ruling};

/// The facts of T3 while the decision is prepared: the gate's, and those of the checklist on the page.
#[must_use]
pub fn preparing(approval: &Approval, case: &Case, preparer: Option<AccountId>) -> Facts {
    let people = (case.proposer_id.map(|a| a.0), preparer.map(|a| a.0), None);
    Facts::T3(approval.facts(ConfirmMoment::Preparing, people, case.due_on))
}

/// The facts of T3 when it is decided: the gate's, and those of the checklist on the page.
#[must_use]
pub fn deciding(approval: &Approval, case: &Case, approver: Option<AccountId>) -> Facts {
    let people = (case.proposer_id.map(|a| a.0), case.preparer_id.map(|a| a.0), approver.map(|a| a.0));
    Facts::T3(approval.facts(ConfirmMoment::Deciding, people, case.due_on))
}

/// Prepare the decision: bases, legality, narrow scope. Hands the case to the party approver.
#[derive(Clone, Debug, Serialize)]
pub struct PrepareConfirmation {
    /// The case.
    pub case: CaseId,
    /// The approval's version on the page; 0 when there was none.
    pub seen: i64,
    /// What is prepared.
    pub approval: Approval,
}

impl Step for PrepareConfirmation {
    const KIND: StepKind = StepKind::PrepareConfirmation;
    const JUDGEMENT: Judgement = judged(&[RuleId::T3]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: Approval::KIND, seen: self.seen }
    }

    fn differences(&self, stored: &str) -> Vec<Difference> {
        crate::case::store::read::<Approval>(stored)
            .map(|theirs| differences(&theirs, &self.approval))
            .unwrap_or_default()
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(vec![preparing(&self.approval, &work.case, work.ctx.actor.account())])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if work.case.stage() != Stage::Accepted {
            return Err(Refusal::moved_on(format!(
                "这件事现在是「{}」，只有已受理的议题要准备立题审批。",
                work.case.stage().word()
            )));
        }
        let version = work.add_record(&self.approval).await?;
        work.case.preparer_id = work.ctx.actor.account();
        work.case.waits_for = Some(Role::PartyApprover.code().to_owned());
        work.save().await?;
        Ok(Done::new((), Entry::public("工委主任已提出立题意见，等党（工）委审批").with(json!({ "version": version }))))
    }
}

/// Send the preparation back to the director.
#[derive(Clone, Debug, Serialize)]
pub struct SendBackPreparation {
    /// The case.
    pub case: CaseId,
    /// The approval's version on the page.
    pub seen: i64,
    /// What is missing.
    pub reason: String,
}

impl Step for SendBackPreparation {
    const KIND: StepKind = StepKind::SendBackPreparation;
    const JUDGEMENT: Judgement = free("sending back asks for more, it moves nothing along");
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: Approval::KIND, seen: self.seen }
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if work.case.stage() != Stage::Accepted || work.case.waiting_role() != Some(Role::PartyApprover) {
            return Err(Refusal::moved_on("这件事现在不在等党（工）委审批，请刷新页面看最新情况。"));
        }
        work.reason(&self.reason, "请写明退回要补什么，主任好去补。")?;
        work.case.waits_for = Some(Role::Director.code().to_owned());
        work.save().await?;
        work.add_record(&Ruling { what: Self::KIND.code().to_owned(), reason: self.reason, review_on: None }).await?;
        Ok(Done::new((), Entry::internal("党（工）委退回立题意见，请主任补充")))
    }
}

/// Choose the topic. From here on the case keeps the rule set that judged it.
#[derive(Clone, Debug, Serialize)]
pub struct ConfirmTopic {
    /// The case.
    pub case: CaseId,
    /// The approval's version that was read.
    pub seen: i64,
    /// The party committee's words.
    pub reason: String,
}

impl Step for ConfirmTopic {
    const KIND: StepKind = StepKind::ConfirmTopic;
    const JUDGEMENT: Judgement = judged(&[RuleId::T3]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: Approval::KIND, seen: self.seen }
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let approval = work.newest::<Approval>().await?.map(|(_, a)| a).unwrap_or_default();
        Ok(vec![deciding(&approval, &work.case, work.ctx.actor.account())])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        work.reason(&self.reason, "请写一句党（工）委的意见。")?;
        work.case.rule_set_id = Some(work.rule_set);
        work.move_to(Stage::Confirmed, Move::default()).await?;
        work.add_record(&Ruling { what: Self::KIND.code().to_owned(), reason: self.reason, review_on: None }).await?;
        Ok(Done::new((), Entry::public("党（工）委审批立题")))
    }
}
