//! Putting a case on hold, taking it up again, ending it; and what the clock does: lapses and overdue marks.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Move, Step, Work, adds, decides, free};
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::plan;
use crate::rules::plain_date;
use crate::topic::model::Ruling;
use crate::topic::store;

/// An entry that the public may read if it may see the case.
fn entry(work: &Work<'_>, words: impl Into<String>) -> Entry {
    if work.case.is_public { Entry::public(words) } else { Entry::internal(words) }
}

async fn rule(
    work: &mut Work<'_>,
    kind: StepKind,
    reason: String,
    review_on: Option<NaiveDate>,
) -> Result<(), Refusal> {
    work.add_record(&Ruling { what: kind.code().to_owned(), reason, review_on }).await?;
    Ok(())
}

/// Refuses while people are invited: cancelling the meeting is what tells every one of them and frees the room.
async fn nobody_is_invited(work: &mut Work<'_>) -> Result<(), Refusal> {
    if plan::is_expected(work.tx, work.case.id).await? {
        return Err(Refusal::moved_on(
            "会议已经公示，大家等着来。请先在「筹备」页取消会议，每一位受邀的人都会被告知。",
        ));
    }
    Ok(())
}

/// Put the case on hold until a review date.
#[derive(Clone, Debug, Serialize)]
pub struct SuspendTopic {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// Why.
    pub reason: String,
    /// When it is looked at again; `None` takes the town's default.
    pub review_on: Option<NaiveDate>,
}

impl Step for SuspendTopic {
    const KIND: StepKind = StepKind::SuspendTopic;
    const JUDGEMENT: Judgement = free("the state graph allows a hold at any time before the meeting");
    type Receipt = ();

    decides!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        work.reason(&self.reason, "请写明为什么暂缓，提出人会看到。")?;
        nobody_is_invited(work).await?;
        if let Some(date) = self.review_on {
            let days = i64::from(work.rules.flow.suspend_review_days);
            let left = (date - work.ctx.today()).num_days();
            if left < 1 || left > days {
                return Err(Refusal::field("review_on", format!("复核日期要在明天以后、{days} 天以内（本镇设定）。")));
            }
        }
        work.case.suspended_from = Some(work.case.stage().code().to_owned());
        work.move_to(Stage::Suspended, Move { due_on: self.review_on, ..Move::default() }).await?;
        rule(work, Self::KIND, self.reason, work.case.due_on).await?;
        let date = work.case.due_on.map(plain_date).unwrap_or_default();
        Ok(Done::new((), entry(work, format!("暂缓，{date}复核"))))
    }
}

/// Take a suspended case up again where it stood. The stage's time starts anew.
#[derive(Clone, Debug, Serialize)]
pub struct ResumeTopic {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// Why.
    pub reason: String,
}

impl Step for ResumeTopic {
    const KIND: StepKind = StepKind::ResumeTopic;
    const JUDGEMENT: Judgement = free("the state graph leads a suspended case back to where it stood");
    type Receipt = ();

    decides!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        work.reason(&self.reason, "请写一句为什么恢复，提出人会看到。")?;
        let back = work
            .case
            .suspended_from
            .take()
            .as_deref()
            .and_then(Stage::from_code)
            .ok_or_else(|| Refusal::moved_on("这件事现在不是暂缓，请刷新页面看最新情况。"))?;
        work.move_to(back, Move::default()).await?;
        rule(work, Self::KIND, self.reason, None).await?;
        Ok(Done::new((), entry(work, format!("恢复，回到「{}」", back.word()))))
    }
}

/// End the case before the meeting.
#[derive(Clone, Debug, Serialize)]
pub struct TerminateTopic {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// Why.
    pub reason: String,
}

impl Step for TerminateTopic {
    const KIND: StepKind = StepKind::TerminateTopic;
    const JUDGEMENT: Judgement =
        free("the state graph allows an end before the meeting; the approver's reason is on record");
    type Receipt = ();

    decides!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        work.reason(&self.reason, "请写明为什么终止，提出人和公众会看到。")?;
        nobody_is_invited(work).await?;
        let case = work.case.id;
        work.case.suspended_from = None;
        work.move_to(Stage::Terminated, Move::default()).await?;
        store::drop_quota(work.tx, case).await?;
        rule(work, Self::KIND, self.reason, None).await?;
        Ok(Done::new((), entry(work, "党（工）委审批终止")))
    }
}

/// The proposer did not answer the question in time.
#[derive(Clone, Debug, Serialize)]
pub struct LapseTopic {
    /// The case.
    pub case: CaseId,
    /// The stage version that ran out.
    pub seen: i64,
}

impl Step for LapseTopic {
    const KIND: StepKind = StepKind::LapseTopic;
    const JUDGEMENT: Judgement = free("the clock carries out what flow.return_days says");
    type Receipt = ();

    decides!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let due = work.case.due_on;
        if due.is_none_or(|due| due >= work.ctx.today()) {
            return Err(Refusal::moved_on("还没有到期。"));
        }
        let case = work.case.id;
        work.move_to(Stage::Lapsed, Move::default()).await?;
        store::drop_quota(work.tx, case).await?;
        Ok(Done::new((), Entry::internal("逾期没有补充，议题失效").late().with(json!({ "due_on": due }))))
    }
}

/// A stage took longer than allowed. Recorded once, with the due date; the record's time says when it was noticed.
#[derive(Clone, Debug, Serialize)]
pub struct MarkOverdue {
    /// The case.
    pub case: CaseId,
    /// The stage version that ran out.
    pub seen: i64,
}

impl Step for MarkOverdue {
    const KIND: StepKind = StepKind::MarkOverdue;
    const JUDGEMENT: Judgement = free("the clock compares the due date with today");
    type Receipt = ();

    decides!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let due = work.case.due_on;
        if work.case.overdue_marked || due.is_none_or(|due| due >= work.ctx.today()) {
            return Err(Refusal::moved_on("还没有到期，或已经标记过。"));
        }
        work.case.overdue_marked = true;
        work.save().await?;
        let words =
            format!("{}超期：{}到期，还没有办", work.case.stage().word(), due.map(plain_date).unwrap_or_default());
        Ok(Done::new((), entry(work, words).late().with(json!({ "due_on": due }))))
    }
}

/// Hold a town's case: nobody but the district moves it until it lets it go (D13a).
#[derive(Clone, Debug, Serialize)]
pub struct FreezeCase {
    /// The case.
    pub case: CaseId,
    /// Why; public.
    pub reason: String,
}

impl Step for FreezeCase {
    const KIND: StepKind = StepKind::FreezeCase;
    const JUDGEMENT: Judgement = free("the district answers for all towns (item 13) and says why it holds a case");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if work.case.stage().is_ended() {
            return Err(Refusal::moved_on("这件事已经结束，不用冻结。"));
        }
        let reason = Work::words("reason", "冻结的理由", &self.reason, work.rules.topic.body_max)?;
        work.case.frozen_at = Some(work.ctx.now());
        work.save().await?;
        rule(work, Self::KIND, reason, None).await?;
        let entry = entry(work, "区政协办冻结这件事");
        Ok(Done::new((), entry))
    }
}

/// Let a held case go on.
#[derive(Clone, Debug, Serialize)]
pub struct UnfreezeCase {
    /// The case.
    pub case: CaseId,
    /// What is to be minded from now on.
    pub reason: String,
}

impl Step for UnfreezeCase {
    const KIND: StepKind = StepKind::UnfreezeCase;
    const JUDGEMENT: Judgement = free("whoever held the case lets it go on, and says what is to be minded");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if work.case.frozen_at.is_none() {
            return Err(Refusal::moved_on("这件事没有冻结，请刷新页面看最新情况。"));
        }
        let reason = Work::words("reason", "解冻的话", &self.reason, work.rules.topic.body_max)?;
        work.case.frozen_at = None;
        work.save().await?;
        rule(work, Self::KIND, reason, None).await?;
        let entry = entry(work, "区政协办解冻，接着办");
        Ok(Done::new((), entry))
    }
}
