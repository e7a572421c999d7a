//! The year's arrangement of holidays: loaded when it is published, and followed by every date that is counted in workdays.

use std::collections::BTreeSet;

use chrono::Datelike;
use serde_json::json;

use super::store;
use crate::account::admin::require_keeper;
use crate::case;
use crate::context::Ctx;
use crate::error::{FieldError, Refusal};
use crate::evaluation::steps::{CALENDAR_JOB, FollowCalendar};
use crate::jobs;
use crate::ledger::{self, Stream};
use crate::rules::{Calendar, read_days};
use crate::storage::Change;

/// What a new arrangement changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The years that it holds.
    pub years: Vec<i32>,
    /// On how many days people now work that were off before, or the other way round.
    pub changed: usize,
    /// How many cases have a day that may move; they follow in the background.
    pub cases: usize,
}

/// Puts a published arrangement in the place of what was known of its years. Cases with an open date behind the first
/// changed day follow by a job each, written in the same transaction.
///
/// # Errors
/// [`Refusal::Invalid`] with a sentence for each line that cannot be read.
pub async fn load(ctx: &Ctx, text: &str) -> Result<Loaded, Refusal> {
    require_keeper(ctx)?;
    let days = read_days(text)
        .map_err(|wrong| Refusal::Invalid(wrong.into_iter().map(|line| FieldError::new("file", line)).collect()))?;
    let inner = ctx.clone();
    let (loaded, calendar) = ctx
        .db
        .write(move |tx| {
            Box::pin(async move {
                let ctx = &inner;
                let (now, on) = (ctx.now(), ctx.today());
                let years: BTreeSet<i32> = days.iter().map(|day| day.date.year()).collect();
                let before = store::calendar_in(tx).await?;
                let kept = before.days().filter(|day| !years.contains(&day.date.year())).cloned();
                let calendar: Calendar = kept.chain(days.iter().cloned()).collect();
                for year in &years {
                    store::delete_calendar_year(tx, *year).await?;
                }
                for day in &days {
                    store::insert_calendar_day(tx, day).await?;
                }
                let changed = before.differs_from(&calendar);
                let first = changed.iter().map(|(day, _)| *day).find(|day| *day > on);
                let cases = match first {
                    Some(first) => case::store::open_from(tx, first).await?,
                    None => Vec::new(),
                };
                for case in &cases {
                    let step = FollowCalendar { case: *case, on, before: changed.clone() };
                    let payload = serde_json::to_value(step).map_err(|e| Refusal::internal(&e))?;
                    jobs::add(tx, ctx, None, CALENDAR_JOB, &payload, now).await?;
                }
                let data = json!({ "years": years, "days": days.len(), "changed": changed, "cases": cases.len() });
                ledger::record(tx, ctx, &Stream::System, "calendar_loaded", data).await?;
                tx.tell(Change::All);
                let years = years.into_iter().collect();
                Ok((Loaded { years, changed: changed.len(), cases: cases.len() }, calendar))
            })
        })
        .await?;
    ctx.shared.set_calendar(calendar);
    Ok(loaded)
}
