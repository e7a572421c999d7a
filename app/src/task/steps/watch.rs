//! What keeps tasks moving: supervision by director and district, and the clock's reminders and steps of the chain.

use chrono::{Days, NaiveDate};
use serde::Serialize;
use serde_json::json;

use super::{Line, data, note, save, store, units_of};
use crate::access::{Role, StepKind};
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free};
use crate::error::Refusal;
use crate::ids::{AssignmentId, CaseId, NoteId};
use crate::letter::post;
use crate::rules::day;
use crate::task::model::{Chain, Due, NoteKind, TaskState};

/// Order that something be done about a task, or about a case (督办).
#[derive(Clone, Debug, Serialize)]
pub struct Supervise {
    /// The case.
    pub case: CaseId,
    /// The task; none for the case as a whole.
    pub task: Option<AssignmentId>,
    /// What is asked for.
    pub words: String,
    /// By when it is to be answered; `after.supervision_reply_workdays` from today without one.
    pub due_on: Option<NaiveDate>,
}

impl Step for Supervise {
    const KIND: StepKind = StepKind::Supervise;
    const JUDGEMENT: Judgement = free("supervision may come at any time; its answer is due by a day");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if work.case.stage().is_ended() {
            return Err(Refusal::moved_on("这件事已经结束，不再督办。"));
        }
        let words = Work::words("order", "督办要求", &self.words, work.rules.topic.body_max)?;
        let days = work.rules.after.supervision_reply_workdays;
        let usual = work.ctx.shared.calendar().add_workdays(work.ctx.today(), days);
        let due_on = self.due_on.unwrap_or(usual);
        let last = work.ctx.today() + Days::new(u64::from(work.rules.after.reply_max_days));
        if due_on <= work.ctx.today() || due_on > last {
            let limit = work.rules.shown("after.reply_max_days").unwrap_or_default();
            let words = format!("回复的日期要在今天以后、{limit}以内（本镇设定）。");
            return Err(Refusal::field("order_due", words));
        }
        let mut about = "整件事".to_owned();
        let mut unit = None;
        if let Some(id) = self.task {
            let task = store::one_in(work.tx, id).await?.filter(|task| task.case_id == self.case);
            let task = task.ok_or(Refusal::NotFound)?;
            about = format!("第 {} 项任务", task.no);
            unit = Some(task.lead_unit);
        }
        let line = Line { unit, words: &words, day: Some(due_on), ..Line::of(NoteKind::Supervised) };
        let id = note(work, self.task, line).await?;
        let by_district = work.ctx.actor.signed().is_some_and(|me| me.is_anywhere(Role::DistrictOffice));
        let who = if by_district { "区政协办" } else { "工委主任" };
        let said = format!("{who}督办{about}，{}前回复", day(due_on, work.ctx.today()));
        let data = json!({ "task": self.task, "note": id, "due_on": due_on });
        Ok(Done::new((), Entry::public(said).with(data)))
    }
}

/// Answer a supervision: the unit for its task, the town's officer for the case.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerSupervision {
    /// The case.
    pub case: CaseId,
    /// The order.
    pub order: NoteId,
    /// The answer.
    pub words: String,
}

impl Step for AnswerSupervision {
    const KIND: StepKind = StepKind::AnswerSupervision;
    const JUDGEMENT: Judgement = free("an answer is taken as it comes; who gave the order reads it");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let order = store::open_supervision(work.tx, self.case, self.order).await?;
        let order = order.ok_or_else(|| Refusal::moved_on("这条督办已经回复过了，请刷新页面看最新情况。"))?;
        let mine = units_of(&work.ctx.actor);
        let officer = work.ctx.actor.signed().is_some_and(|me| me.is(Role::Officer, &work.case.town_id));
        let unit = match order.task_id {
            Some(task) => store::units_in(work.tx, task).await?.into_iter().find(|one| mine.contains(&one.unit_id)),
            None => None,
        };
        if !officer && unit.is_none() {
            return Err(Refusal::Forbidden { who: "被督办的单位或工委干事".to_owned() });
        }
        let words = Work::words("answer", "回复", &self.words, work.rules.topic.body_max)?;
        store::answer_supervision(work.tx, order.note_id, work.ctx.now()).await?;
        let line = Line { unit: unit.map(|unit| unit.unit_id), words: &words, ..Line::of(NoteKind::Answered) };
        let id = note(work, order.task_id, line).await?;
        let data = json!({ "order": self.order, "note": id, "task": order.task_id });
        Ok(Done::new((), Entry::internal("回复了督办").with(data)))
    }
}

/// Remind of a task, or bring it up the chain. After days off all that was due is on record, each with the day on which
/// it was due; only the highest step is sent, the others were passed over.
#[derive(Clone, Debug, Serialize)]
pub struct ChaseTask {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
}

impl Step for ChaseTask {
    const KIND: StepKind = StepKind::ChaseTask;
    const JUDGEMENT: Judgement = free("the clock goes up the chain that T11 describes, one step at a time");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let task = store::one_in(work.tx, self.task).await?.filter(|task| task.case_id == self.case);
        let mut task = task.ok_or(Refusal::NotFound)?;
        let calendar = work.ctx.shared.calendar();
        let today = work.ctx.today();
        let due: Vec<Due> = if work.case.stage() == Stage::Tracking {
            task.clocked().due(today, &calendar, &work.rules)
        } else {
            Vec::new()
        };
        let highest = due.iter().filter_map(|one| one.level).max();
        // The units are told of the highest step while it is theirs to take; what is above them is on others' desks.
        let to_units = highest.is_none_or(|level| Chain::step(level).is_some_and(Chain::is_of_unit));
        for one in &due {
            let passed_over = one.level.is_some() && one.level != highest;
            let kind = if one.level.is_some() { NoteKind::Escalated } else { NoteKind::Reminded };
            let words = task.awaited();
            let line = Line {
                unit: Some(task.lead_unit),
                words,
                day: Some(one.on),
                level: one.level,
                passed_over,
                ..Line::of(kind)
            };
            let id = note(work, Some(self.task), line).await?;
            if to_units && one.level == highest {
                post::write_to_units(work.tx, work.ctx, id).await?;
            }
            match one.level {
                Some(level) => task.escalated = level,
                None => task.reminded_for = Some(task.wait_on),
            }
        }
        if due.is_empty() {
            // The day of the clock was kept from before a change; it is put right.
            let next = task.clocked().next_on(today, &calendar, &work.rules);
            store::save(work.tx, &task, next.filter(|_| work.case.stage() == Stage::Tracking)).await?;
            return Ok(Done::new((), Entry::silent().with(data(&task, &json!({ "due": [] })))));
        }
        save(work, &task).await?;
        let data = data(&task, &json!({ "due": due, "wait_on": task.wait_on }));
        let entry = match highest.and_then(Chain::step) {
            Some(step) => {
                let what = task.awaited();
                Entry::public(format!("第 {} 项任务{what}超期，报{}", task.no, step.word())).late()
            }
            None => Entry::internal(format!("第 {} 项任务快到期，提醒承办单位", task.no)),
        };
        Ok(Done::new((), entry.with(data)))
    }
}

/// Moves the days of a case's open tasks that are counted in workdays; a day that was named stays. Returns how many tasks
/// are open, and how many days moved.
///
/// # Errors
/// When the database refuses it.
pub async fn follow(work: &mut Work<'_>, moved: impl Fn(NaiveDate) -> NaiveDate) -> Result<(usize, usize), Refusal> {
    if work.case.stage() != Stage::Tracking {
        return Ok((0, 0));
    }
    let (calendar, today) = (work.ctx.shared.calendar(), work.ctx.today());
    let (mut open, mut count) = (0, 0);
    for mut task in super::tasks_in(work.tx, work.case.id).await? {
        if task.state() == TaskState::Verified {
            continue;
        }
        open += 1;
        let from = task.wait_on;
        // An answer is due on the day that was named, and a first report by then; what people read of it is counted in
        // calendar days.
        let named = from == task.due_on || task.state() == TaskState::Working;
        let to = if named { from } else { moved(from) };
        let to = if task.state().is_under_way() { to.min(task.due_on.max(from)) } else { to };
        if to != from {
            let words = format!("{}原定{}", task.awaited(), day(from, today));
            task.wait_on = to;
            count += 1;
            let line = Line { unit: Some(task.lead_unit), words: &words, day: Some(to), ..Line::of(NoteKind::Moved) };
            note(work, Some(task.task_id), line).await?;
        }
        // The day of the reminder is counted too.
        let next = task.clocked().next_on(today, &calendar, &work.rules);
        store::save(work.tx, &task, next).await?;
    }
    if open > 0 {
        super::refresh(work).await?;
    }
    Ok((open, count))
}
