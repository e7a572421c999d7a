//! What the unit does: sign or decline, plan, report, ask for more time, answer.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use super::{Line, current, data, may_be, note, own_lead, own_unit, save, store};
use crate::access::StepKind;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free, judged};
use crate::error::Refusal;
use crate::ids::{AssignmentId, CaseId, FileId, NoteId};
use crate::rules::{AnswerFacts, Facts, ResultClass, RuleId, day, local_date};
use crate::task::model::{NoteKind, TaskState};

/// Sign for a task: from now on it is the unit's. Those who assist sign too.
#[derive(Clone, Debug, Serialize)]
pub struct SignTask {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
    /// Its version on the page.
    pub seen: i64,
}

impl Step for SignTask {
    const KIND: StepKind = StepKind::SignTask;
    const JUDGEMENT: Judgement = free("a signature says that the unit has it; T10 asks for it, T11 for the answer");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut task = current(work, (self.task, self.seen), |state| state != TaskState::Verified).await?;
        let unit = own_unit(work, self.task).await?;
        if unit.is_lead && task.state() != TaskState::Assigned {
            return Err(Refusal::moved_on("已经签收过了，不用再签。"));
        }
        let by = (work.ctx.now(), work.ctx.actor.account());
        if !store::sign_unit(work.tx, (self.task, unit.unit_id), by).await? {
            return Err(Refusal::moved_on("已经签收过了，不用再签。"));
        }
        if unit.is_lead {
            task.signed_at = Some(by.0);
            let days = work.rules.after.first_progress_workdays;
            let (calendar, today) = (work.ctx.shared.calendar(), work.ctx.today());
            // Who signs after the last day has a few days to report: nothing was due of it before.
            let last = task.due_on.max(calendar.add_workdays(today, work.rules.flow.resend_workdays));
            task.wait(TaskState::Signed, calendar.add_workdays(today, days).min(last));
        }
        note(work, Some(self.task), Line { unit: Some(unit.unit_id), is_public: true, ..Line::of(NoteKind::Signed) })
            .await?;
        save(work, &task).await?;
        let words = format!("{}签收第 {} 项任务", unit.name, task.no);
        Ok(Done::new((), Entry::public(words).with(data(&task, &json!({ "unit": unit.unit_id })))))
    }
}

/// Say once that it is not the unit's matter.
#[derive(Clone, Debug, Serialize)]
pub struct DeclineTask {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
    /// Its version on the page.
    pub seen: i64,
    /// Why, and whose it is.
    pub reason: String,
}

impl Step for DeclineTask {
    const KIND: StepKind = StepKind::DeclineTask;
    const JUDGEMENT: Judgement = free("T10 allows it once, within `after.decline_workdays`; asked inside the step");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut task = current(work, (self.task, self.seen), |state| state == TaskState::Assigned).await?;
        let unit = own_lead(work, self.task).await?;
        if task.declined_once {
            return Err(Refusal::field(
                "reason",
                "这项任务已经退办过一次（规则 T10 只许一次），请签收；办不了的，答复时写明。",
            ));
        }
        let days = work.rules.after.decline_workdays;
        let calendar = work.ctx.shared.calendar();
        let last = calendar.add_workdays(local_date(task.assigned_at), days);
        if work.ctx.today() > last {
            let words = format!(
                "退办要在交办后 {days} 个工作日内（本镇设定，到{}），现在过了，请签收。",
                day(last, work.ctx.today())
            );
            return Err(Refusal::field("reason", words));
        }
        let reason = Work::words("reason", "退办的理由", &self.reason, work.rules.topic.body_max)?;
        task.declined_once = true;
        let until = calendar.add_workdays(work.ctx.today(), work.rules.flow.reassign_workdays);
        task.wait(TaskState::Declined, until);
        let line = Line { unit: Some(unit.unit_id), words: &reason, ..Line::of(NoteKind::Declined) };
        note(work, Some(self.task), line).await?;
        save(work, &task).await?;
        let words = format!("{}退办第 {} 项任务，等改交", unit.name, task.no);
        Ok(Done::new((), Entry::internal(words).with(data(&task, &json!({ "unit": unit.unit_id })))))
    }
}

/// Plan a step of the work, with a day.
#[derive(Clone, Debug, Serialize)]
pub struct PlanWork {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
    /// Its version on the page.
    pub seen: i64,
    /// By when.
    pub on: Option<NaiveDate>,
    /// What.
    pub words: String,
}

impl Step for PlanWork {
    const KIND: StepKind = StepKind::PlanWork;
    const JUDGEMENT: Judgement = free("how the unit divides its work is its own matter");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let task = current(work, (self.task, self.seen), TaskState::is_under_way).await?;
        let unit = own_unit(work, self.task).await?;
        let words = Work::words("step", "这一步做什么", &self.words, work.rules.topic.body_max)?;
        let on = self.on.ok_or_else(|| Refusal::field("step_on", "请写这一步哪天前做完。"))?;
        if on < work.ctx.today() || on > task.due_on {
            let words = format!("这一步的日期要在今天到{}之间。", day(task.due_on, work.ctx.today()));
            return Err(Refusal::field("step_on", words));
        }
        let line = Line { unit: Some(unit.unit_id), words: &words, day: Some(on), ..Line::of(NoteKind::Planned) };
        note(work, Some(self.task), line).await?;
        save(work, &task).await?;
        let said = format!("{}排了第 {} 项任务的一步", unit.name, task.no);
        Ok(Done::new((), Entry::internal(said).with(data(&task, &json!({ "unit": unit.unit_id, "on": on })))))
    }
}

/// Report what was done.
#[derive(Clone, Debug, Serialize)]
pub struct ReportProgress {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
    /// Its version on the page.
    pub seen: i64,
    /// How much is done, in percent; that of an assisting unit does not count for the task.
    pub percent: Option<i64>,
    /// What was done.
    pub words: String,
    /// The planned steps that are done with it: lines of the record.
    pub done: Vec<NoteId>,
    /// Photos and files.
    pub files: Vec<FileId>,
    /// Whether everybody may read it.
    pub public: bool,
}

impl Step for ReportProgress {
    const KIND: StepKind = StepKind::ReportProgress;
    const JUDGEMENT: Judgement = free("a report is taken as it comes; T11 and T12 ask that there are some");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut task = current(work, (self.task, self.seen), TaskState::is_under_way).await?;
        let unit = own_unit(work, self.task).await?;
        if unit.signed_at.is_none() {
            return Err(Refusal::moved_on("请先签收，再报进展。"));
        }
        let words = Work::words("progress", "做了什么", &self.words, work.rules.topic.body_max)?;
        let percent = self.percent.filter(|percent| (0..=100).contains(percent));
        let percent = percent.ok_or_else(|| Refusal::field("percent", "完成多少请填 0 到 100 的整数。"))?;
        let (now, today) = (work.ctx.now(), work.ctx.today());
        for step in &self.done {
            if !store::end_planned(work.tx, (self.task, unit.unit_id), *step, now).await? {
                return Err(Refusal::field("done", "勾的步骤里有一步已经记过做完，或者不是本单位的，请刷新后再勾。"));
            }
        }
        store::report_unit(work.tx, (self.task, unit.unit_id), now).await?;
        if unit.is_lead {
            task.percent = percent;
            task.reported_at = Some(now);
            if self.public {
                task.public_on = Some(today);
            }
            let until = task.working_until(&work.rules);
            // What is late stays as late as it is: a report is not the answer.
            let anew = until >= today && (task.state() == TaskState::Signed || until > task.wait_on);
            let escalated = if anew { 0 } else { task.escalated };
            task.wait(TaskState::Working, until);
            task.escalated = escalated;
        }
        let line = Line {
            unit: Some(unit.unit_id),
            is_public: self.public,
            words: &words,
            percent: Some(percent),
            files: &self.files,
            ..Line::of(NoteKind::Progress)
        };
        let id = note(work, Some(self.task), line).await?;
        save(work, &task).await?;
        let said = format!("{}报告第 {} 项任务的进展（{percent}%）", unit.name, task.no);
        let data = data(
            &task,
            &json!({ "unit": unit.unit_id, "note": id, "percent": percent, "files": self.files, "done": self.done }),
        );
        let entry = if self.public { Entry::public(said) } else { Entry::internal(said) };
        Ok(Done::new((), entry.with(data)))
    }
}

/// Ask for a later day, once, before the day.
#[derive(Clone, Debug, Serialize)]
pub struct AskExtension {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
    /// Its version on the page.
    pub seen: i64,
    /// The new day.
    pub to: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

impl Step for AskExtension {
    const KIND: StepKind = StepKind::AskExtension;
    const JUDGEMENT: Judgement =
        free("T11 allows one extension, asked before the day, to `after.reply_max_days`; asked inside the step");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut task = current(work, (self.task, self.seen), TaskState::is_under_way).await?;
        let unit = own_lead(work, self.task).await?;
        if task.extension.is_some() {
            return Err(Refusal::field("to", "延期只能申请一次（规则 T11），这项任务已经申请过。"));
        }
        if work.ctx.today() > task.due_on {
            let words =
                format!("延期要在到期以前申请，这项任务{}就到期了。请尽快答复。", day(task.due_on, work.ctx.today()));
            return Err(Refusal::field("to", words));
        }
        let to = self.to.ok_or_else(|| Refusal::field("to", "请写要延到哪一天。"))?;
        if to <= task.due_on || to > task.limit_on {
            let max = work.rules.shown("after.reply_max_days").unwrap_or_default();
            let words = format!(
                "新的日期要在{}以后，最晚{}（交办后 {max}，本镇设定）。",
                day(task.due_on, work.ctx.today()),
                day(task.limit_on, work.ctx.today())
            );
            return Err(Refusal::field("to", words));
        }
        let reason = Work::words("extension_reason", "延期的理由", &self.reason, work.rules.topic.body_max)?;
        task.extension = Some("asked".to_owned());
        task.extension_to = Some(to);
        let line =
            Line { unit: Some(unit.unit_id), words: &reason, day: Some(to), ..Line::of(NoteKind::ExtensionAsked) };
        note(work, Some(self.task), line).await?;
        save(work, &task).await?;
        let said = format!("{}申请把第 {} 项任务延到{}", unit.name, task.no, day(to, work.ctx.today()));
        Ok(Done::new((), Entry::internal(said).with(data(&task, &json!({ "to": to })))))
    }
}

/// Answer: what became of it, with evidence (T11). Public.
#[derive(Clone, Debug, Serialize)]
pub struct ReplyTask {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
    /// Its version on the page.
    pub seen: i64,
    /// The class.
    pub class: Option<ResultClass>,
    /// What was done, or why it cannot be.
    pub words: String,
    /// What comes next.
    pub next: String,
    /// Photos and files.
    pub files: Vec<FileId>,
    /// A link instead.
    pub link: String,
    /// By when it is planned (C).
    pub target_on: Option<NaiveDate>,
}

impl ReplyTask {
    /// The facts of T11: the gate's, and those of the page.
    #[must_use]
    pub fn facts_of(&self, due_on: NaiveDate) -> AnswerFacts {
        AnswerFacts {
            class: self.class,
            words: self.words.clone(),
            files: self.files.len(),
            link: self.link.clone(),
            target_on: self.target_on,
            due_on: Some(due_on),
        }
    }
}

impl Step for ReplyTask {
    const KIND: StepKind = StepKind::ReplyTask;
    const JUDGEMENT: Judgement = judged(&[RuleId::T11]);
    type Receipt = ();

    adds!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let task = current(work, (self.task, self.seen), TaskState::is_under_way).await?;
        Ok(vec![Facts::Answer(self.facts_of(task.due_on))])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut task = current(work, (self.task, self.seen), TaskState::is_under_way).await?;
        let unit = own_lead(work, self.task).await?;
        let max = work.rules.topic.body_max;
        let words = Work::words("words", "办理情况", &self.words, max)?;
        let next = may_be("next", "下一步安排", &self.next, max)?;
        let (now, today) = (work.ctx.now(), work.ctx.today());
        task.set_class(self.class);
        task.target_on = self.target_on.filter(|_| self.class == Some(ResultClass::Planned));
        task.replied_at = Some(now);
        task.replied_by = work.ctx.actor.account();
        task.in_time = Some(today <= task.due_on);
        task.public_on = Some(today);
        let until = work.ctx.shared.calendar().add_workdays(today, work.rules.flow.verify_workdays);
        task.wait(TaskState::Replied, until);
        let said = if next.is_empty() { words } else { format!("{words}\n下一步：{next}") };
        let line = Line {
            unit: Some(unit.unit_id),
            is_public: true,
            words: &said,
            day: task.target_on,
            more: self.link.trim(),
            class: self.class,
            files: &self.files,
            ..Line::of(NoteKind::Reply)
        };
        let id = note(work, Some(self.task), line).await?;
        save(work, &task).await?;
        let class = self.class.map_or(String::new(), |class| format!("{}类，{}", class.letter(), class.word()));
        let said = format!("{}答复第 {} 项任务：{class}", unit.name, task.no);
        let data = data(&task, &json!({ "unit": unit.unit_id, "note": id, "class": self.class, "files": self.files }));
        Ok(Done::new((), Entry::public(said).with(data)))
    }
}
