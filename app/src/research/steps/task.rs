//! Tasks of the research: who does what, when and where; done, or dropped for a reason.

use serde::Serialize;
use serde_json::json;

use crate::access::StepKind;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free};
use crate::error::{FieldError, Refusal};
use crate::ids::{CaseId, TaskId};
use crate::research::model::{Task, TaskState};
use crate::research::store::{self, Place};
use crate::rules::is_blank;

/// Plan a task.
#[derive(Clone, Debug, Serialize)]
pub struct PlanResearchTask {
    /// The case.
    pub case: CaseId,
    /// The new task; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub id: Option<TaskId>,
    /// What is to be done.
    pub task: Task,
}

impl Step for PlanResearchTask {
    const KIND: StepKind = StepKind::PlanResearchTask;
    const JUDGEMENT: Judgement = free("a plan binds nobody; T5 counts what was done");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        super::under_way(work)?;
        let body_max = work.rules.topic.body_max as usize;
        let mut errors = Vec::new();
        for (field, text, sentence) in
            [("who", &self.task.who, "请写谁去。"), ("task_place", &self.task.place, "请写去哪里。")]
        {
            if is_blank(text) {
                errors.push(FieldError::new(field, sentence));
            } else if text.chars().count() > body_max {
                errors.push(FieldError::new(field, format!("最多 {body_max} 字，请再精简一些。")));
            }
        }
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        let id = super::given(self.id)?;
        let body = serde_json::to_string(&self.task).map_err(|e| Refusal::internal(&e))?;
        let salt = work.enter_private(&format!("task:{}", work.seq), &body);
        let round = store::round_in(work.tx, self.case).await?.no;
        let place = Place { case: self.case, round, seq: work.seq, salt: &salt };
        store::insert_task(work.tx, id, self.task.on, &body, place).await?;
        let words = format!("安排了一项调研：{}", self.task.method.word());
        Ok(Done::new((), Entry::internal(words).with(json!({ "task": id }))))
    }
}

/// Mark a task as done, or drop it with a reason.
#[derive(Clone, Debug, Serialize)]
pub struct SettleResearchTask {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: TaskId,
    /// Whether it was done.
    pub done: bool,
    /// Why it is dropped.
    pub reason: String,
}

impl Step for SettleResearchTask {
    const KIND: StepKind = StepKind::SettleResearchTask;
    const JUDGEMENT: Judgement = free("a plan binds nobody; T5 counts what was done");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        super::under_way(work)?;
        let max = work.rules.topic.body_max as usize;
        if !self.done && is_blank(&self.reason) {
            return Err(Refusal::field("reason", "不办了要写一句原因。"));
        }
        if self.reason.chars().count() > max {
            return Err(Refusal::field("reason", format!("最多 {max} 字，请再精简一些。")));
        }
        let state = if self.done { TaskState::Done } else { TaskState::Dropped };
        let reason = if self.done { "" } else { self.reason.as_str() };
        if !store::settle_task(work.tx, self.case, self.task, state, reason).await? {
            return Err(Refusal::moved_on("这项安排已经了结，请刷新页面看最新情况。"));
        }
        let words = if self.done { "一项调研安排办好了" } else { "一项调研安排不办了" };
        Ok(Done::new((), Entry::internal(words).with(json!({ "task": self.task, "state": state.code() }))))
    }
}
