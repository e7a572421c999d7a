//! Suspending, resuming and closing the meeting.

use serde::Serialize;
use serde_json::json;

use super::{adds, sitting};
use crate::access::StepKind;
use crate::case::{Done, Entry, Judgement, Step, Work, free};
use crate::error::Refusal;
use crate::ids::{CaseId, SittingId};
use crate::meeting::floor::store as floor;
use crate::meeting::model::SittingState;
use crate::meeting::poll::steps::close_running;
use crate::meeting::store;

/// Suspend the meeting (休会). Whoever speaks has ended.
#[derive(Clone, Debug, Serialize)]
pub struct PauseMeeting {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
}

impl Step for PauseMeeting {
    const KIND: StepKind = StepKind::PauseMeeting;
    const JUDGEMENT: Judgement = free("whoever runs the meeting decides when it rests; the times are on record");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let (_, sitting) = sitting(work, self.sitting, |state| state == SittingState::Open).await?;
        let now = work.ctx.now();
        floor::stop(work.tx, sitting.sitting_id, now).await?;
        store::pause(work.tx, sitting.sitting_id, now).await?;
        Ok(Done::new((), Entry::internal("休会").with(json!({ "sitting": self.sitting }))))
    }
}

/// Go on after a pause (复会).
#[derive(Clone, Debug, Serialize)]
pub struct ResumeMeeting {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
}

impl Step for ResumeMeeting {
    const KIND: StepKind = StepKind::ResumeMeeting;
    const JUDGEMENT: Judgement = free("whoever runs the meeting decides when it goes on; the times are on record");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let (_, sitting) = sitting(work, self.sitting, |state| state == SittingState::Paused).await?;
        let now = work.ctx.now();
        store::end_pause(work.tx, sitting.sitting_id, SittingState::Open, now).await?;
        Ok(Done::new((), Entry::internal("复会").with(json!({ "sitting": self.sitting }))))
    }
}

/// Close the meeting. The case stays 已召开 until the minutes are signed.
#[derive(Clone, Debug, Serialize)]
pub struct CloseMeeting {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
}

impl Step for CloseMeeting {
    const KIND: StepKind = StepKind::CloseMeeting;
    const JUDGEMENT: Judgement = free("the meeting ends when those who hold it end it; T8 judges what came out of it");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let (_, sitting) = sitting(work, self.sitting, SittingState::is_on).await?;
        let now = work.ctx.now();
        floor::stop(work.tx, sitting.sitting_id, now).await?;
        floor::next_run(work.tx, sitting.sitting_id, None, now).await?;
        let polls = close_running(work, sitting.sitting_id).await?;
        store::end_pause(work.tx, sitting.sitting_id, SittingState::Closed, now).await?;
        let data = json!({ "sitting": self.sitting, "polls": polls });
        Ok(Done::new((), Entry::public("协商会结束，接着写纪要").with(data)))
    }
}
