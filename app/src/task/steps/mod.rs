//! What can be done about tasks, one [`crate::case::Step`] each, and what these have in common.

mod decide;
mod unit;
mod verify;
mod watch;

pub use decide::{DecideExtension, ReassignTask};
pub use unit::{AskExtension, DeclineTask, PlanWork, ReplyTask, ReportProgress, SignTask};
pub use verify::{SendBackTask, VerifyTask};
pub use watch::{AnswerSupervision, ChaseTask, Supervise, follow};

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::model::{NoteKind, TaskState};
use super::store::{self, NewNote, Task, TaskUnit};
use crate::access::{Actor, Role};
use crate::case::stage::Stage;
use crate::case::{Move, StepCard, Work};
use crate::error::Refusal;
use crate::files;
use crate::ids::{AssignmentId, CaseId, FileId, NoteId, OutcomeId, UnitId};
use crate::letter::post;
use crate::rules::codes::coded_enum;
use crate::rules::{EndedTask, ResultClass, RuleSet, is_blank, local_date};
use crate::storage::Tx;

/// Every step of this stage, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<SignTask>(),
    StepCard::of::<DeclineTask>(),
    StepCard::of::<ReassignTask>(),
    StepCard::of::<PlanWork>(),
    StepCard::of::<ReportProgress>(),
    StepCard::of::<AskExtension>(),
    StepCard::of::<DecideExtension>(),
    StepCard::of::<ReplyTask>(),
    StepCard::of::<VerifyTask>(),
    StepCard::of::<SendBackTask>(),
    StepCard::of::<Supervise>(),
    StepCard::of::<AnswerSupervision>(),
    StepCard::of::<ChaseTask>(),
];

coded_enum! {
    /// Why a task goes on from an earlier one.
    pub enum Why {
        /// People were not satisfied.
        Redo = "redo" "二次办理",
        /// What was not wholly done is looked at again.
        LookBack = "lookback" "回头看",
        /// A resident said that it came up again.
        Reopened = "reopened" "又出现了",
    }
}

/// A task about to be handed out.
#[derive(Clone, Debug)]
pub struct HandedOut {
    /// The outcome it comes from.
    pub outcome: Option<OutcomeId>,
    /// What it is about, with marks in place of names.
    pub matter: String,
    /// What is to be done.
    pub measure: String,
    /// Whom to ask in the unit.
    pub contact: String,
    /// 主办单位.
    pub lead: UnitId,
    /// 协办单位.
    pub assist: Vec<UnitId>,
    /// By when it is to be answered.
    pub due_on: NaiveDate,
    /// 快办.
    pub quick: bool,
    /// The task it goes on from, and why.
    pub of: Option<(AssignmentId, Why)>,
}

/// Hands tasks out and moves the case into tracking. Every way into tracking goes through here, so none opens it without
/// a task that has a unit and a day. Returns the new tasks.
///
/// # Errors
/// A conflict where the graph has no way into tracking; when the database refuses it.
pub async fn hand_out(work: &mut Work<'_>, list: Vec<HandedOut>) -> Result<Vec<AssignmentId>, Refusal> {
    if list.is_empty() {
        return Err(Refusal::internal(&"a case came into tracking without a task"));
    }
    let before = store::of_case_in(work.tx, work.case.id).await?;
    let round = before.first().map_or(1, |newest| newest.round + 1);
    let first = before.iter().map(|task| task.no).max().unwrap_or(0) + 1;
    let (now, today) = (work.ctx.now(), work.ctx.today());
    let sign_on = work.ctx.shared.calendar().add_workdays(today, work.rules.after.decline_workdays);
    let mut ids = Vec::with_capacity(list.len());
    for (no, one) in (first..).zip(list) {
        let id = AssignmentId(work.ctx.new_id());
        let task = Task::new(
            (id, work.case.id, work.case.town_id.clone()),
            (no, round),
            one.clone(),
            (now, today, sign_on, &work.rules),
        );
        let next = task.clocked().next_on(today, &work.ctx.shared.calendar(), &work.rules);
        store::insert(work.tx, &task, next).await?;
        store::add_unit(work.tx, (id, one.lead), true).await?;
        for unit in one.assist.iter().filter(|unit| **unit != one.lead) {
            store::add_unit(work.tx, (id, *unit), false).await?;
        }
        let line = Line { unit: Some(one.lead), day: Some(one.due_on), ..Line::of(NoteKind::Assigned) };
        note(work, Some(id), Line { words: &one.measure, is_public: true, ..line }).await?;
        ids.push(id);
    }
    let due_on = Some(sign_on);
    work.move_to(Stage::Tracking, Move { due_on, waits_for: Some(Role::UnitHandler) }).await?;
    Ok(ids)
}

impl Task {
    fn new(
        (task_id, case_id, town_id): (AssignmentId, CaseId, String),
        (no, round): (i64, i64),
        one: HandedOut,
        (now, today, sign_on, rules): (chrono::DateTime<chrono::Utc>, NaiveDate, NaiveDate, &RuleSet),
    ) -> Self {
        let limit_on = today + Days::new(u64::from(rules.after.reply_max_days));
        Self {
            task_id,
            case_id,
            town_id,
            outcome_id: one.outcome,
            no,
            round,
            matter: one.matter,
            measure: one.measure,
            contact: one.contact,
            lead_unit: one.lead,
            lead_name: String::new(),
            quick: one.quick,
            state: crate::storage::Column(TaskState::Assigned),
            version: 1,
            assigned_at: now,
            due_on: one.due_on,
            limit_on: limit_on.max(one.due_on),
            wait_on: sign_on.min(one.due_on),
            declined_once: false,
            signed_at: None,
            percent: 0,
            reported_at: None,
            public_on: None,
            extension: None,
            extension_to: None,
            class: None,
            target_on: None,
            replied_at: None,
            replied_by: None,
            in_time: None,
            verified_at: None,
            lookback_on: None,
            of_task: one.of.map(|(task, _)| task),
            why: one.of.map(|(_, why)| why.code().to_owned()),
            escalated: 0,
            reminded_for: None,
        }
    }

    /// The task as T12 looks at it, with the day to look again that is about to be set.
    #[must_use]
    pub fn ended(&self, lookback_on: Option<NaiveDate>, today: NaiveDate) -> EndedTask {
        EndedTask {
            no: self.no,
            verified: self.state() == TaskState::Verified,
            overdue: self.state() != TaskState::Verified && self.due_on < today,
            class: self.class(),
            public_on: self.public_on,
            lookback_on,
        }
    }

    /// The last day of a task under way: that of the answer, or before it the day by which everybody has to read again how
    /// far it is (T12: `after.progress_days` from what they read last).
    fn working_until(&self, rules: &RuleSet) -> NaiveDate {
        let read = self.public_on.unwrap_or_else(|| local_date(self.signed_at.unwrap_or(self.assigned_at)));
        self.due_on.min(read + Days::new(u64::from(rules.after.progress_days)))
    }

    /// Whether everybody has to read how far it is before it is answered.
    #[must_use]
    pub fn owes_news(&self) -> bool {
        self.state() == TaskState::Working && self.wait_on < self.due_on
    }

    /// What it waits for, as one says it of a late one.
    #[must_use]
    pub fn awaited(&self) -> &'static str {
        if self.owes_news() { "公开进展" } else { self.state().awaited() }
    }

    /// Changes the state, with the day until which it waits; the chain begins anew.
    fn wait(&mut self, state: TaskState, until: NaiveDate) {
        self.state = crate::storage::Column(state);
        self.wait_on = until;
        self.escalated = 0;
    }
}

/// The tasks of the newest round of a case; in a step.
///
/// # Errors
/// When the database cannot be read.
pub async fn tasks_in(tx: &mut Tx, case: CaseId) -> Result<Vec<Task>, Refusal> {
    Ok(round_of(store::of_case_in(tx, case).await?))
}

/// All tasks of a case, the newest round first; in a step.
///
/// # Errors
/// When the database cannot be read.
pub async fn all_in(tx: &mut Tx, case: CaseId) -> Result<Vec<Task>, Refusal> {
    Ok(store::of_case_in(tx, case).await?)
}

/// All units that ever had a task in a case; in a step.
///
/// # Errors
/// When the database cannot be read.
pub async fn units_in(tx: &mut Tx, case: CaseId) -> Result<Vec<UnitId>, Refusal> {
    Ok(store::all_units_in(tx, case).await?.into_iter().map(|row| row.0).collect())
}

/// The units that assist in a task; in a step.
///
/// # Errors
/// When the database cannot be read.
pub async fn assist_of(tx: &mut Tx, task: AssignmentId) -> Result<Vec<UnitId>, Refusal> {
    let units = store::units_in(tx, task).await?;
    Ok(units.into_iter().filter(|unit| !unit.is_lead).map(|unit| unit.unit_id).collect())
}

/// Sets the day to look again at what is not wholly done.
///
/// # Errors
/// When the database refuses it.
pub async fn look_back_on(tx: &mut Tx, task: AssignmentId, on: NaiveDate) -> Result<(), Refusal> {
    Ok(store::look_back_on(tx, task, on).await?)
}

/// Those of the newest round, of the tasks of a case.
#[must_use]
pub fn round_of(tasks: Vec<Task>) -> Vec<Task> {
    let round = tasks.iter().map(|task| task.round).max();
    tasks.into_iter().filter(|task| Some(task.round) == round).collect()
}

/// A task of the case that is tracked, as the page showed it, while it is in one of these states.
async fn current(
    work: &mut Work<'_>,
    (task, seen): (AssignmentId, i64),
    fits: fn(TaskState) -> bool,
) -> Result<Task, Refusal> {
    let found =
        store::one_in(work.tx, task).await?.filter(|one| one.case_id == work.case.id).ok_or(Refusal::NotFound)?;
    if work.case.stage() != Stage::Tracking {
        return Err(Refusal::moved_on(format!(
            "这件事现在是「{}」，不在办理中，任务不能再改。",
            work.case.stage().word()
        )));
    }
    if found.version != seen || !fits(found.state()) {
        return Err(Refusal::moved_on(format!(
            "这项任务刚有变动，现在是「{}」，请看过最新情况再办。",
            found.state().word()
        )));
    }
    Ok(found)
}

/// The units for which a person acts, as handler or head.
#[must_use]
pub fn units_of(actor: &Actor) -> BTreeSet<UnitId> {
    let grants = actor.signed().map(|me| me.grants.as_slice()).unwrap_or_default();
    grants
        .iter()
        .filter(|grant| matches!(grant.role, Role::UnitHandler | Role::UnitHead))
        .filter_map(|grant| grant.unit)
        .collect()
}

/// The unit of the task for which the actor acts; the lead before those who assist.
async fn own_unit(work: &mut Work<'_>, task: AssignmentId) -> Result<TaskUnit, Refusal> {
    let mine = units_of(&work.ctx.actor);
    let units = store::units_in(work.tx, task).await?;
    units.into_iter().find(|unit| mine.contains(&unit.unit_id)).ok_or_else(not_yours)
}

/// The same for what only the lead does.
async fn own_lead(work: &mut Work<'_>, task: AssignmentId) -> Result<TaskUnit, Refusal> {
    let unit = own_unit(work, task).await?;
    if unit.is_lead { Ok(unit) } else { Err(Refusal::Forbidden { who: "主办单位".to_owned() }) }
}

fn not_yours() -> Refusal {
    Refusal::Forbidden { who: "承办单位".to_owned() }
}

/// A line for the record of a task.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    kind: NoteKind,
    unit: Option<UnitId>,
    is_public: bool,
    words: &'a str,
    percent: Option<i64>,
    day: Option<NaiveDate>,
    place: &'a str,
    more: &'a str,
    class: Option<ResultClass>,
    files: &'a [FileId],
    level: Option<i64>,
    passed_over: bool,
}

impl Line<'_> {
    const fn of(kind: NoteKind) -> Self {
        Self {
            kind,
            unit: None,
            is_public: false,
            words: "",
            percent: None,
            day: None,
            place: "",
            more: "",
            class: None,
            files: &[],
            level: None,
            passed_over: false,
        }
    }
}

/// Adds a line to the record of a task, with its files, and enters the salted hash of its words.
async fn note(work: &mut Work<'_>, task: Option<AssignmentId>, line: Line<'_>) -> Result<NoteId, Refusal> {
    let id = NoteId(work.ctx.new_id());
    // Several lines may stand in one entry.
    let text = format!("{}|{}|{}", line.words, line.place, line.more);
    let salt = work.enter_private(&super::model::private_name(id), &text);
    let new = NewNote {
        id,
        task,
        case: work.case.id,
        at: work.ctx.now(),
        author: work.ctx.actor.account(),
        unit: line.unit,
        kind: line.kind,
        is_public: line.is_public,
        words: line.words,
        percent: line.percent,
        day: line.day,
        place: line.place,
        more: line.more,
        class: line.class,
        files: line.files,
        level: line.level,
        passed_over: line.passed_over,
        salt,
        ledger_seq: work.seq,
    };
    store::note(work.tx, new).await?;
    files::attach(work.tx, work.case.id, ("task", line.is_public), line.files).await?;
    if line.kind.is_news() && line.is_public {
        post::add_progress(work.tx, work.ctx, work.case.id, work.seq).await?;
    }
    if line.kind.is_mailed() {
        post::write_to_units(work.tx, work.ctx, id).await?;
    }
    Ok(id)
}

/// Writes a task that changed, and lets the case wait for whom its tasks wait.
async fn save(work: &mut Work<'_>, task: &Task) -> Result<(), Refusal> {
    let next = task.clocked().next_on(work.ctx.today(), &work.ctx.shared.calendar(), &work.rules);
    store::save(work.tx, task, next).await?;
    refresh(work).await
}

/// The case waits for whom its most pressing open task waits, until that task's day; with none open, for the officer, who
/// asks the people concerned.
async fn refresh(work: &mut Work<'_>) -> Result<(), Refusal> {
    let tasks = tasks_in(work.tx, work.case.id).await?;
    let open = tasks.iter().filter(|task| task.state() != TaskState::Verified).min_by_key(|task| task.wait_on);
    let (role, due_on) = match open {
        Some(task) if task.state() == TaskState::Declined => (Role::PartyApprover, task.wait_on),
        Some(task) if task.state() == TaskState::Replied => (Role::Officer, task.wait_on),
        Some(task) => (Role::UnitHandler, task.wait_on),
        None => {
            let days = work.rules.flow.finish_workdays;
            (Role::Officer, work.ctx.shared.calendar().add_workdays(work.ctx.today(), days))
        }
    };
    if work.case.due_on != Some(due_on) {
        work.case.overdue_marked = false;
    }
    work.case.due_on = Some(due_on);
    work.case.waits_for = Some(role.code().to_owned());
    work.save().await
}

/// Words that may be left out; else as [`Work::words`].
fn may_be(field: &str, what: &str, text: &str, max: u32) -> Result<String, Refusal> {
    if is_blank(text) { Ok(String::new()) } else { Work::words(field, what, text, max) }
}

/// Ids for the ledger.
fn data(task: &Task, more: &serde_json::Value) -> serde_json::Value {
    let mut data = json!({ "task": task.task_id, "no": task.no });
    if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object()) {
        data.extend(more.clone());
    }
    data
}
