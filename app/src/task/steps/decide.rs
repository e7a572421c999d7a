//! What whoever decides does with tasks: give a declined one to another unit, grant or refuse more time.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use super::{Line, current, data, may_be, note, save, store};
use crate::access::StepKind;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free};
use crate::error::Refusal;
use crate::ids::{AssignmentId, CaseId, UnitId};
use crate::rules::day;
use crate::task::model::{NoteKind, TaskState};

/// Give a declined task to a unit: another one, or with reasons the same.
#[derive(Clone, Debug, Serialize)]
pub struct ReassignTask {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
    /// Its version on the page.
    pub seen: i64,
    /// To whom.
    pub unit: Option<UnitId>,
    /// Whom to ask there.
    pub contact: String,
    /// By when, with a date of its own.
    pub due_on: Option<NaiveDate>,
    /// What is said to the unit.
    pub words: String,
}

impl Step for ReassignTask {
    const KIND: StepKind = StepKind::ReassignTask;
    const JUDGEMENT: Judgement = free("T10 asks for unit, contact and day; asked inside the step");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut task = current(work, (self.task, self.seen), |state| state == TaskState::Declined).await?;
        let id = self.unit.ok_or_else(|| Refusal::field("unit", "请选改交给哪个单位。"))?;
        let unit = crate::roster::store::unit_in(work.tx, id)
            .await?
            .filter(|unit| unit.town_id.as_deref().is_none_or(|town| town == work.case.town_id))
            .ok_or_else(|| Refusal::field("unit", "没有这个承办单位，请从名单里选。"))?;
        let max = work.rules.topic.body_max;
        let contact = Work::words("contact", "联系人", &self.contact, max)?;
        let words = may_be("words", "给单位的话", &self.words, max)?;
        if id == task.lead_unit && words.is_empty() {
            return Err(Refusal::field("words", "还是交给原来的单位，请写明为什么由它办。"));
        }
        let (now, today) = (work.ctx.now(), work.ctx.today());
        let due_on = self.due_on.ok_or_else(|| Refusal::field("due_on", "请写新的完成日期。"))?;
        if due_on <= today || due_on > task.limit_on {
            let words = format!("完成日期要在今天以后，最晚{}。", day(task.limit_on, today));
            return Err(Refusal::field("due_on", words));
        }
        store::drop_unit(work.tx, self.task, task.lead_unit).await?;
        store::add_unit(work.tx, (self.task, id), true).await?;
        task.lead_unit = id;
        task.contact = contact;
        task.due_on = due_on;
        task.assigned_at = now;
        task.signed_at = None;
        let sign_on = work.ctx.shared.calendar().add_workdays(today, work.rules.after.decline_workdays);
        task.wait(TaskState::Assigned, sign_on.min(due_on));
        let line = Line {
            unit: Some(id),
            is_public: true,
            words: &words,
            day: Some(due_on),
            ..Line::of(NoteKind::Reassigned)
        };
        note(work, Some(self.task), line).await?;
        save(work, &task).await?;
        let said = format!("第 {} 项任务改交{}", task.no, unit.name);
        Ok(Done::new((), Entry::public(said).with(data(&task, &json!({ "unit": id, "due_on": due_on })))))
    }
}

/// Grant a later day, or not.
#[derive(Clone, Debug, Serialize)]
pub struct DecideExtension {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
    /// Its version on the page.
    pub seen: i64,
    /// Whether it is granted.
    pub granted: Option<bool>,
    /// Why, or why not.
    pub reason: String,
}

impl Step for DecideExtension {
    const KIND: StepKind = StepKind::DecideExtension;
    const JUDGEMENT: Judgement = free("whoever handed the task out decides; T11 bounds what may be asked for");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut task = current(work, (self.task, self.seen), TaskState::is_under_way).await?;
        let to = task.extension_to.filter(|_| task.extension.as_deref() == Some("asked"));
        let to = to.ok_or_else(|| Refusal::moved_on("这项任务没有等着批的延期申请，请刷新页面看最新情况。"))?;
        let granted = self.granted.ok_or_else(|| Refusal::field("granted", "请选同意还是不同意。"))?;
        let max = work.rules.topic.body_max;
        let reason = if granted {
            may_be("extension_answer", "批语", &self.reason, max)?
        } else {
            Work::words("extension_answer", "不同意的理由", &self.reason, max)?
        };
        let kind = if granted { NoteKind::ExtensionGranted } else { NoteKind::ExtensionRefused };
        task.extension = Some(if granted { "granted" } else { "refused" }.to_owned());
        if granted {
            task.due_on = to;
            if task.state() == TaskState::Working {
                let until = task.working_until(&work.rules);
                task.wait(TaskState::Working, until);
            }
        }
        note(work, Some(self.task), Line { is_public: granted, words: &reason, day: Some(to), ..Line::of(kind) })
            .await?;
        save(work, &task).await?;
        let data = data(&task, &json!({ "granted": granted, "to": to }));
        let entry = if granted {
            Entry::public(format!("第 {} 项任务延期到{}", task.no, day(to, work.ctx.today())))
        } else {
            Entry::internal(format!("没有同意第 {} 项任务延期", task.no))
        };
        Ok(Done::new((), entry.with(data)))
    }
}
