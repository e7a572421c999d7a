//! Verification (T11): somebody who is not of the unit looks whether it is so, or sends it back.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use super::{Line, Task, current, data, may_be, note, save, store, units_of};
use crate::access::{Role, StepKind};
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free, judged};
use crate::error::Refusal;
use crate::ids::{AssignmentId, CaseId, FileId};
use crate::rules::{Facts, ResultClass, RuleId, VerifyFacts, local_date};
use crate::task::model::{NoteKind, TaskState};

/// Whether the actor belongs to a unit of the task, and whether he is an officer or a member who took part.
pub(super) async fn standing(work: &mut Work<'_>, task: &Task) -> Result<(bool, bool), Refusal> {
    let mine = units_of(&work.ctx.actor);
    let of_unit = store::units_in(work.tx, task.task_id).await?.iter().any(|unit| mine.contains(&unit.unit_id))
        || (task.replied_by.is_some() && task.replied_by == work.ctx.actor.account());
    let officer = work.ctx.actor.signed().is_some_and(|me| me.is(Role::Officer, &work.case.town_id));
    let took_part = match work.ctx.actor.account() {
        _ if officer => true,
        Some(account) => store::took_part(work.tx, work.case.id, account).await?,
        None => false,
    };
    Ok((of_unit, took_part))
}

/// Accept an answer after having looked.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyTask {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
    /// Its version on the page.
    pub seen: i64,
    /// On which day.
    pub on: Option<NaiveDate>,
    /// Where.
    pub place: String,
    /// What was seen and heard.
    pub words: String,
    /// Who was there too.
    pub second: String,
    /// Photos.
    pub files: Vec<FileId>,
}

impl VerifyTask {
    /// The facts of T11: the gate's, and those of the page.
    #[must_use]
    pub fn facts_of(&self, task: &Task, (of_unit, took_part): (bool, bool)) -> VerifyFacts {
        VerifyFacts {
            class: task.class(),
            of_unit,
            took_part,
            on: self.on,
            answered_on: task.replied_at.map(local_date),
            place: self.place.clone(),
            words: self.words.clone(),
            files: self.files.len(),
            second: self.second.clone(),
        }
    }
}

impl Step for VerifyTask {
    const KIND: StepKind = StepKind::VerifyTask;
    const JUDGEMENT: Judgement = judged(&[RuleId::T11]);
    type Receipt = ();

    adds!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let task = current(work, (self.task, self.seen), |state| state == TaskState::Replied).await?;
        let standing = standing(work, &task).await?;
        Ok(vec![Facts::Verify(self.facts_of(&task, standing))])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut task = current(work, (self.task, self.seen), |state| state == TaskState::Replied).await?;
        let max = work.rules.topic.body_max;
        let words = Work::words("words", "核实情况", &self.words, max)?;
        let place = may_be("place", "地点", &self.place, max)?;
        let second = may_be("second", "同去的人", &self.second, max)?;
        let wait_on = task.wait_on;
        task.wait(TaskState::Verified, wait_on);
        task.verified_at = Some(work.ctx.now());
        if task.class() == Some(ResultClass::Solved) {
            task.percent = 100;
        }
        let line = Line {
            words: &words,
            day: self.on,
            place: &place,
            more: &second,
            class: task.class(),
            files: &self.files,
            ..Line::of(NoteKind::Verified)
        };
        let id = note(work, Some(self.task), line).await?;
        save(work, &task).await?;
        let data = data(&task, &json!({ "note": id, "class": task.class(), "files": self.files }));
        Ok(Done::new((), Entry::public(format!("第 {} 项任务核实通过", task.no)).with(data)))
    }
}

/// Send an answer back with what is missing.
#[derive(Clone, Debug, Serialize)]
pub struct SendBackTask {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: AssignmentId,
    /// Its version on the page.
    pub seen: i64,
    /// What is missing.
    pub reason: String,
}

impl Step for SendBackTask {
    const KIND: StepKind = StepKind::SendBackTask;
    const JUDGEMENT: Judgement =
        free("sending back asks for more; that it is not the unit's own is asked inside the step");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let mut task = current(work, (self.task, self.seen), |state| state == TaskState::Replied).await?;
        if let (true, _) | (_, false) = standing(work, &task).await? {
            let who = "工委干事，或者参加过这件事、不是承办单位的委员".to_owned();
            return Err(Refusal::Forbidden { who });
        }
        let reason = Work::words("reason", "还缺什么", &self.reason, work.rules.topic.body_max)?;
        // A unit that answered late has a few days to put it right.
        let calendar = work.ctx.shared.calendar();
        let soon = calendar.add_workdays(work.ctx.today(), work.rules.flow.resend_workdays);
        task.due_on = task.due_on.max(soon);
        let due_on = task.due_on;
        let until = task.working_until(&work.rules);
        task.wait(TaskState::Working, until);
        task.set_class(None);
        task.replied_at = None;
        task.replied_by = None;
        let line = Line { words: &reason, day: Some(due_on), is_public: true, ..Line::of(NoteKind::SentBack) };
        note(work, Some(self.task), line).await?;
        save(work, &task).await?;
        let said = format!("第 {} 项任务退回重办", task.no);
        Ok(Done::new((), Entry::public(said).with(data(&task, &json!({ "due_on": due_on })))))
    }
}
