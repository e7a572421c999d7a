//! When the year's arrangement of holidays is changed, what is counted in workdays keeps the workdays it had left.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free, limit_of};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::evaluation::store;
use crate::ids::{CaseId, RequestId};
use crate::jobs::Job;
use crate::rules::{Calendar, DayKind, DueUnit, local_date, plain_date};
use crate::task::steps::follow;

/// The job that lets one case follow a changed calendar.
pub const CALENDAR_JOB: &str = "case_calendar";

/// Move the dates of a case that are counted in workdays, after the calendar was changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FollowCalendar {
    /// The case.
    pub case: CaseId,
    /// The day of the change; what was past then stays.
    pub on: NaiveDate,
    /// The days that were changed, each with what it was before.
    pub before: Vec<(NaiveDate, Option<DayKind>)>,
}

impl Step for FollowCalendar {
    const KIND: StepKind = StepKind::FollowCalendar;
    const JUDGEMENT: Judgement = free("the calendar counts; nobody gains or loses a workday");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let now = work.ctx.shared.calendar();
        let old = now.with(&self.before);
        let moved = |day: NaiveDate| now.carry_over(&old, self.on, day);
        let before = work.case.due_on;
        let (open, tasks) = follow(work, moved).await?;
        if open == 0
            && let Some(day) = work.case.due_on
            && in_workdays(work, &old).await?
            && moved(day) != day
        {
            work.case.due_on = Some(moved(day));
            work.save().await?;
        }
        let asked = move_reopenings(work, moved).await?;
        let data = json!({ "on": self.on, "from": before, "to": work.case.due_on, "tasks": tasks, "asked": asked });
        let entry = match (before, work.case.due_on) {
            (Some(from), Some(to)) if from != to => {
                Entry::public(format!("放假安排有变动，期限由{}改为{}", plain_date(from), plain_date(to)))
            }
            _ if tasks > 0 || asked > 0 => Entry::internal("放假安排有变动，期限随着改了"),
            _ => Entry::silent(),
        };
        Ok(Done::new((), entry.with(data)))
    }
}

/// Whether the day for which the case waits was counted in workdays, not named by somebody.
async fn in_workdays(work: &mut Work<'_>, old: &Calendar) -> Result<bool, Refusal> {
    let stage = work.case.stage();
    Ok(match stage {
        // The director may have named the day.
        Stage::Researching => {
            let usual = limit_of(stage, &work.rules).map(|limit| limit.due_on(old, local_date(work.case.stage_since)));
            usual == work.case.due_on
        }
        // All tasks are verified: the officer has some workdays to ask the people concerned.
        Stage::Tracking => true,
        // The people have their days; then whoever closes has workdays.
        Stage::Evaluating => {
            let open = store::surveys_in(work.tx, work.case.id).await?;
            open.first().is_some_and(|survey| survey.closed_at.is_some())
        }
        _ => limit_of(stage, &work.rules).is_some_and(|limit| limit.unit == DueUnit::Workdays),
    })
}

/// Moves the days by which the officer looks at what came up again; says how many.
async fn move_reopenings(work: &mut Work<'_>, moved: impl Fn(NaiveDate) -> NaiveDate) -> Result<usize, Refusal> {
    let mut count = 0;
    for one in store::reopenings_in(work.tx, work.case.id).await? {
        let to = moved(one.due_on);
        if one.decided_at.is_none() && to != one.due_on {
            store::move_reopening(work.tx, one.reopening_id, to).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// Carries out the job of one case, once however often it runs.
///
/// # Errors
/// When the database refuses it.
pub async fn run(ctx: &Ctx, job: &Job) -> Result<(), Refusal> {
    let step: FollowCalendar = serde_json::from_str(&job.payload).map_err(|e| Refusal::internal(&e))?;
    // Another process may have loaded it, and this one may not have been told yet.
    ctx.shared.set_calendar(crate::town::load_calendar(&ctx.db).await?);
    let ctx = ctx.with_request(Some(RequestId(job.id.0)));
    crate::case::carry_out(&ctx, step).await
}
