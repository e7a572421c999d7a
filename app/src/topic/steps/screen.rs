//! Screening (T2): accept, ask back, pass on, join to another topic, decline; and what follows from it: corrections of
//! the record, revisions of the released edition, undoing a merger.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use crate::access::StepKind;
use crate::case::record::{Record, differences};
use crate::case::stage::Stage;
use crate::case::{Case, Change, Done, Entry, Judgement, Move, Step, Target, Work, free, judged};
use crate::error::{Difference, Refusal};
use crate::ids::CaseId;
use crate::rules::{Exclusion, Facts, MergeTarget, ReleasedText, RuleId, ScreeningDecision, ScreeningFacts};
use crate::search;
use crate::topic::model::{Edition, Screening, TopicForm};
use crate::topic::store;

/// The parts that all decisions share.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// The reason that the proposer is told.
    pub reason: String,
}

impl Decision {
    fn facts(&self, work: &Work<'_>, decision: ScreeningDecision) -> ScreeningFacts {
        ScreeningFacts {
            decision: Some(decision),
            reason: self.reason.clone(),
            due_on: work.case.due_on,
            ..ScreeningFacts::default()
        }
    }

    fn record(&self, decision: ScreeningDecision) -> Screening {
        Screening {
            decision,
            reason: self.reason.clone(),
            question: String::new(),
            transfer_to: String::new(),
            exclusion: None,
            target: None,
            correction: String::new(),
        }
    }
}

/// The released files must be files of the case.
async fn check_files(work: &mut Work<'_>, edition: &Edition) -> Result<(), Refusal> {
    let (_, form) = work.newest::<TopicForm>().await?.ok_or(Refusal::NotFound)?;
    if edition.files.iter().all(|file| form.files.contains(file)) {
        Ok(())
    } else {
        Err(Refusal::field("released_files", "公开的附件只能从提出人交来的里面选。"))
    }
}

/// Makes the edition the one that the public sees and finds.
async fn release(work: &mut Work<'_>, edition: &Edition) -> Result<(), Refusal> {
    let case = work.case.id;
    work.add_record(edition).await?;
    store::set_released(work.tx, case, edition).await?;
    search::store::index(work.tx, case, &edition.title, &edition.searched()).await
}

/// Take the topic up, with the edition that the public will see.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptTopic {
    /// Case, version, words to the proposer.
    pub decision: Decision,
    /// Whether it is a matter for consultation.
    pub within_scope: Option<bool>,
    /// The released edition.
    pub edition: Edition,
}

impl AcceptTopic {
    /// The facts of T2 for taking the topic up: the gate's, and those of the checklist on the page.
    #[must_use]
    pub fn checked(&self, due_on: Option<NaiveDate>) -> Facts {
        Facts::T2(ScreeningFacts {
            decision: Some(ScreeningDecision::Accept),
            reason: self.decision.reason.clone(),
            within_scope: self.within_scope,
            released: self.edition.released(),
            due_on,
            ..ScreeningFacts::default()
        })
    }
}

impl Step for AcceptTopic {
    const KIND: StepKind = StepKind::AcceptTopic;
    const JUDGEMENT: Judgement = judged(&[RuleId::T2]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.decision.case)
    }

    fn change(&self) -> Change {
        Change::Decides { seen: self.decision.seen }
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(vec![self.checked(work.case.due_on)])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        check_files(work, &self.edition).await?;
        if work.case.number.is_none() {
            let year = chrono::Datelike::year(&work.ctx.today());
            let n = store::next_number(work.tx, &work.case.town_id, i64::from(year)).await?;
            work.case.number = Some(format!("{year}-{n:02}"));
        }
        work.move_to(Stage::Accepted, Move::default()).await?;
        work.add_record(&self.decision.record(ScreeningDecision::Accept)).await?;
        release(work, &self.edition).await?;
        Ok(Done::new(
            (),
            Entry::public(format!("镇里受理，编为 {} 号", work.case.number.as_deref().unwrap_or_default()))
                .with(json!({ "released_files": self.edition.files })),
        ))
    }
}

/// Ask the proposer something.
#[derive(Clone, Debug, Serialize)]
pub struct ReturnTopic {
    /// Case, version, reason.
    pub decision: Decision,
    /// What is asked.
    pub question: String,
}

impl Step for ReturnTopic {
    const KIND: StepKind = StepKind::ReturnTopic;
    const JUDGEMENT: Judgement = judged(&[RuleId::T2]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.decision.case)
    }

    fn change(&self) -> Change {
        Change::Decides { seen: self.decision.seen }
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(vec![Facts::T2(ScreeningFacts {
            question: self.question.clone(),
            ..self.decision.facts(work, ScreeningDecision::Return)
        })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        work.move_to(Stage::Returned, Move::default()).await?;
        work.add_record(&Screening { question: self.question, ..self.decision.record(ScreeningDecision::Return) })
            .await?;
        Ok(Done::new((), Entry::internal("退回请提出人补充")))
    }
}

/// Pass the matter to the channel that is responsible.
#[derive(Clone, Debug, Serialize)]
pub struct TransferTopic {
    /// Case, version, reason.
    pub decision: Decision,
    /// Who takes care of it.
    pub transfer_to: String,
    /// The excluded kind.
    pub exclusion: Option<Exclusion>,
}

impl Step for TransferTopic {
    const KIND: StepKind = StepKind::TransferTopic;
    const JUDGEMENT: Judgement = judged(&[RuleId::T2]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.decision.case)
    }

    fn change(&self) -> Change {
        Change::Decides { seen: self.decision.seen }
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(vec![Facts::T2(ScreeningFacts {
            transfer_to: self.transfer_to.clone(),
            exclusion: self.exclusion,
            ..self.decision.facts(work, ScreeningDecision::Transfer)
        })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let case = work.case.id;
        work.move_to(Stage::Transferred, Move::default()).await?;
        store::drop_quota(work.tx, case).await?;
        work.add_record(&Screening {
            transfer_to: self.transfer_to,
            exclusion: self.exclusion,
            ..self.decision.record(ScreeningDecision::Transfer)
        })
        .await?;
        Ok(Done::new(
            (),
            Entry::internal("转办，已写明承接渠道").with(json!({ "exclusion": self.exclusion.map(Exclusion::code) })),
        ))
    }
}

/// Not take it up.
#[derive(Clone, Debug, Serialize)]
pub struct DeclineTopic {
    /// Case, version, reason.
    pub decision: Decision,
    /// The excluded kind, if it is one.
    pub exclusion: Option<Exclusion>,
}

impl Step for DeclineTopic {
    const KIND: StepKind = StepKind::DeclineTopic;
    const JUDGEMENT: Judgement = judged(&[RuleId::T2]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.decision.case)
    }

    fn change(&self) -> Change {
        Change::Decides { seen: self.decision.seen }
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(vec![Facts::T2(ScreeningFacts {
            exclusion: self.exclusion,
            ..self.decision.facts(work, ScreeningDecision::Decline)
        })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let case = work.case.id;
        work.move_to(Stage::Declined, Move::default()).await?;
        store::drop_quota(work.tx, case).await?;
        work.add_record(&Screening { exclusion: self.exclusion, ..self.decision.record(ScreeningDecision::Decline) })
            .await?;
        Ok(Done::new((), Entry::internal("不予立题，已向提出人说明理由")))
    }
}

/// What a topic is as the target of a merger.
#[must_use]
pub fn merge_target(case: &Case, target: Option<&Case>) -> MergeTarget {
    match target {
        None => MergeTarget::Unknown,
        Some(t) if t.id == case.id => MergeTarget::Itself,
        Some(t) if t.town_id != case.town_id => MergeTarget::Elsewhere,
        Some(t) if t.stage().is_ended() || t.accepted_at.is_none() => MergeTarget::NotOpen,
        Some(_) => MergeTarget::Open,
    }
}

/// Join the topic to another one, which receives its supporters.
#[derive(Clone, Debug, Serialize)]
pub struct MergeTopic {
    /// Case, version, reason.
    pub decision: Decision,
    /// The topic it is joined to.
    pub target: CaseId,
}

impl Step for MergeTopic {
    const KIND: StepKind = StepKind::MergeTopic;
    const JUDGEMENT: Judgement = judged(&[RuleId::T2]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.decision.case)
    }

    fn others(&self) -> Vec<CaseId> {
        if self.target == self.decision.case { Vec::new() } else { vec![self.target] }
    }

    fn change(&self) -> Change {
        Change::Decides { seen: self.decision.seen }
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let target = if self.target == work.case.id {
            MergeTarget::Itself
        } else {
            merge_target(&work.case, work.other(self.target).ok())
        };
        Ok(vec![Facts::T2(ScreeningFacts {
            target: Some(target),
            ..self.decision.facts(work, ScreeningDecision::Merge)
        })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let case = work.case.id;
        let target = work.other(self.target)?.clone();
        work.case.merged_into = Some(target.id);
        work.case.merged_from = Some(work.case.stage().code().to_owned());
        work.move_to(Stage::Merged, Move::default()).await?;
        work.add_record(&Screening { target: Some(target.id), ..self.decision.record(ScreeningDecision::Merge) })
            .await?;
        search::store::remove(work.tx, case).await?;
        let gained = store::merge_supports(work.tx, case, target.id).await?;
        let number = target.number.as_deref().unwrap_or_default();
        let received = Entry::public(format!("并入一件相近的议题，带来 {gained} 人关心"))
            .with(json!({ "from": case, "supports": gained }));
        Ok(Done::new(
            (),
            Entry::public(format!("并入 {number} 号议题，关心的人一并带过去"))
                .with(json!({ "into": target.id }))
                .and_in(target.id, StepKind::ReceiveMerged, received),
        ))
    }
}

/// Take a merger back, until the target is confirmed.
#[derive(Clone, Debug, Serialize)]
pub struct UndoMerge {
    /// The merged case.
    pub case: CaseId,
    /// The topic it was joined to.
    pub target: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// The reason.
    pub reason: String,
}

impl Step for UndoMerge {
    const KIND: StepKind = StepKind::UndoMerge;
    const JUDGEMENT: Judgement = free("the state graph alone decides: merged goes back until the target is confirmed");
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn others(&self) -> Vec<CaseId> {
        vec![self.target]
    }

    fn change(&self) -> Change {
        Change::Decides { seen: self.seen }
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        work.reason(&self.reason, "请写一句为什么撤销并案，提出人会看到。")?;
        if work.case.merged_into != Some(self.target) {
            return Err(Refusal::NotFound);
        }
        let target = work.other(self.target)?.clone();
        if !may_undo_merge(&target) {
            return Err(Refusal::moved_on(if target.stage() == Stage::Merged {
                "并入的议题自己也并入了别的议题，请先拆开那一件。".to_owned()
            } else {
                format!("并入的议题已经是「{}」，立题以后不能再拆开。", target.stage().word())
            }));
        }
        let back = work.case.merged_from.take().as_deref().and_then(Stage::from_code).unwrap_or(Stage::Submitted);
        work.case.merged_into = None;
        work.move_to(back, Move::default()).await?;
        let lost = store::unmerge_supports(work.tx, self.case, target.id).await?;
        if let Some((_, edition)) = work.newest::<Edition>().await? {
            search::store::index(work.tx, self.case, &edition.title, &edition.searched()).await?;
        }
        work.add_record(&crate::topic::model::Ruling {
            what: Self::KIND.code().to_owned(),
            reason: self.reason,
            review_on: None,
        })
        .await?;
        let given_back =
            Entry::public("先前并入的一件议题已分开，重新单独办理").with(json!({ "to": self.case, "supports": lost }));
        let words = "撤销并案，重新单独办理";
        let entry = if work.case.is_public { Entry::public(words) } else { Entry::internal(words) };
        Ok(Done::new(
            (),
            entry.with(json!({ "from": target.id })).and_in(target.id, StepKind::ReceiveMerged, given_back),
        ))
    }
}

/// Whether a merger into this topic can still be taken back: until it was confirmed, so also when it ended before that.
/// One that was joined to another itself is taken out of that first.
#[must_use]
pub fn may_undo_merge(target: &Case) -> bool {
    // From the confirmation on it keeps the rule set that it was confirmed under.
    target.rule_set_id.is_none() && target.stage() != Stage::Merged
}

/// Whether nobody handles what was joined to a topic: it ended by itself, unconfirmed.
#[must_use]
pub const fn strands(stage: Stage, confirmed: bool) -> bool {
    !confirmed && matches!(stage, Stage::Withdrawn | Stage::Terminated)
}

/// Correct what was written down at the screening: a new version beside the old one.
#[derive(Clone, Debug, Serialize)]
pub struct CorrectScreening {
    /// The case.
    pub case: CaseId,
    /// The record's version on the page.
    pub seen: i64,
    /// The corrected reason.
    pub reason: String,
    /// The corrected channel.
    pub transfer_to: String,
    /// Why it is corrected.
    pub correction: String,
}

impl CorrectScreening {
    fn corrected(&self, stored: Screening) -> Screening {
        Screening {
            reason: self.reason.clone(),
            transfer_to: self.transfer_to.clone(),
            correction: self.correction.clone(),
            ..stored
        }
    }
}

impl Step for CorrectScreening {
    const KIND: StepKind = StepKind::CorrectScreening;
    const JUDGEMENT: Judgement = judged(&[RuleId::T2]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: Screening::KIND, seen: self.seen }
    }

    fn differences(&self, stored: &str) -> Vec<Difference> {
        crate::case::store::read::<Screening>(stored)
            .map(|theirs| differences(&theirs, &self.corrected(theirs.clone())))
            .unwrap_or_default()
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let (_, stored) = work.newest::<Screening>().await?.ok_or(Refusal::NotFound)?;
        let corrected = self.corrected(stored);
        // What is decided stands; the words are judged as those of that decision.
        let released = match work.newest::<Edition>().await? {
            Some((_, edition)) => edition.released(),
            None => ReleasedText::default(),
        };
        Ok(vec![Facts::T2(ScreeningFacts {
            decision: Some(corrected.decision),
            reason: corrected.reason,
            question: corrected.question,
            transfer_to: corrected.transfer_to,
            exclusion: corrected.exclusion,
            target: corrected.target.map(|_| MergeTarget::Open),
            within_scope: Some(true),
            released,
            due_on: None,
        })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if self.correction.trim().is_empty() {
            return Err(Refusal::field("correction", "请写一句为什么更正，旧的记录会留在旁边。"));
        }
        let (_, stored) = work.newest::<Screening>().await?.ok_or(Refusal::NotFound)?;
        let version = work.add_record(&self.corrected(stored)).await?;
        Ok(Done::new((), Entry::internal("更正初审记录，旧的留存").with(json!({ "version": version }))))
    }
}

/// Change the edition that the public sees.
#[derive(Clone, Debug, Serialize)]
pub struct ReviseEdition {
    /// The case.
    pub case: CaseId,
    /// The edition's version on the page.
    pub seen: i64,
    /// The new edition.
    pub edition: Edition,
    /// Why.
    pub reason: String,
}

impl Step for ReviseEdition {
    const KIND: StepKind = StepKind::ReviseEdition;
    const JUDGEMENT: Judgement = judged(&[RuleId::T2]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: Edition::KIND, seen: self.seen }
    }

    fn differences(&self, stored: &str) -> Vec<Difference> {
        crate::case::store::read::<Edition>(stored)
            .map(|theirs| differences(&theirs, &self.edition))
            .unwrap_or_default()
    }

    async fn facts(&self, _: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(vec![Facts::T2(ScreeningFacts {
            decision: Some(ScreeningDecision::Accept),
            reason: self.reason.clone(),
            within_scope: Some(true),
            released: self.edition.released(),
            ..ScreeningFacts::default()
        })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if work.case.accepted_at.is_none() {
            return Err(Refusal::moved_on("这件议题还没有受理，没有公开稿可改。"));
        }
        // Another matter restarts the notice clock (T7); mending the text does not.
        let before = work.newest::<Edition>().await?.map(|(_, edition)| edition);
        if before.as_ref() == Some(&self.edition) {
            return Err(Refusal::field("released_matter", "公开稿和现在的一样，没有改动，不用再交。"));
        }
        if work.case.stage() == Stage::Announced && before.is_some_and(|before| before.title != self.edition.title) {
            return Err(Refusal::field(
                "title",
                "会议已经公示，换了议题名称就要重新公示。请先到「方案」改期，勾选“要商量的内容也变了”，回到筹备再改名称。",
            ));
        }
        check_files(work, &self.edition).await?;
        release(work, &self.edition).await?;
        Ok(Done::new((), Entry::public("公开稿有修改").with(json!({ "released_files": self.edition.files }))))
    }
}
