//! Follow-up work as rows: added in the transaction that makes it necessary, carried out later, by any process.
//!
//! A job may run twice (its process can die between the work and the mark), so whatever it does must be idempotent. One
//! that fails is tried again, later each time, and stays visible with its last error.

mod store;

use chrono::{DateTime, TimeDelta, Utc};

use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::JobId;
use crate::storage::{Database, StorageError, Tx};

pub use store::{Failing, failing};

/// How long a process may work on a job before another one takes it.
pub const LEASE: TimeDelta = TimeDelta::minutes(10);

/// How long a job that is done stays visible.
const DONE_KEPT: TimeDelta = TimeDelta::days(30);
/// How long a form that is sent again is recognised.
const RECEIPTS_KEPT: TimeDelta = TimeDelta::days(7);

/// A job that this process took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What kind of work it is.
    pub kind: String,
    /// What it is about, as JSON: ids only.
    pub payload: String,
    /// How often it was begun, this time included.
    pub attempts: i64,
}

/// Adds a job that is due at `run_at`. Of several with the same `key` only the first is kept; false for the others.
///
/// # Errors
/// When the database refuses it.
pub async fn add(
    tx: &mut Tx,
    ctx: &Ctx,
    key: Option<&str>,
    kind: &str,
    payload: &serde_json::Value,
    run_at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    store::insert(tx, JobId(ctx.new_id()), key, kind, payload.to_string(), run_at).await
}

/// Takes up to `limit` jobs that are due. Nobody else gets them until the [`LEASE`] is over.
///
/// # Errors
/// [`Refusal::Unavailable`] when the database is away.
pub async fn claim(ctx: &Ctx, limit: i64) -> Result<Vec<Job>, Refusal> {
    let now = ctx.now();
    // Without this look, an idle process would take the writer's turn every time it asks.
    if !store::any_due(&ctx.db, now).await? {
        return Ok(Vec::new());
    }
    ctx.db.write(move |tx| Box::pin(async move { Ok(store::claim(tx, now, now + LEASE, limit).await?) })).await
}

/// Whether a job of this key was added; those done long ago are forgotten.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_known(db: &Database, key: &str) -> Result<bool, StorageError> {
    store::is_known(db, key).await
}

/// Marks a job as done.
///
/// # Errors
/// [`Refusal::Unavailable`] when the database is away; the job will then run again.
pub async fn done(ctx: &Ctx, id: JobId) -> Result<(), Refusal> {
    let now = ctx.now();
    ctx.db.write(move |tx| Box::pin(async move { Ok(store::done(tx, id, now).await?) })).await
}

/// Marks a job as failed; it becomes due again after [`back_off`].
///
/// # Errors
/// [`Refusal::Unavailable`] when the database is away; the job will then run again when its lease is over.
pub async fn failed(ctx: &Ctx, job: &Job, error: String) -> Result<(), Refusal> {
    let (id, again) = (job.id, ctx.now() + back_off(job.attempts));
    ctx.db.write(move |tx| Box::pin(async move { Ok(store::failed(tx, id, &error, again).await?) })).await
}

/// Forgets what has served its time: jobs done a month ago, receipts of forms sent a week ago, and the counters of
/// address prefixes of earlier days. Returns how many rows.
///
/// # Errors
/// [`Refusal::Unavailable`] when the database is away.
pub async fn sweep(ctx: &Ctx) -> Result<u64, Refusal> {
    let (now, today) = (ctx.now(), ctx.today());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let jobs = store::delete_done(tx, now - DONE_KEPT).await?;
                let receipts = store::delete_receipts(tx, now - RECEIPTS_KEPT).await?;
                Ok(jobs + receipts + store::delete_prefix_days(tx, today).await?)
            })
        })
        .await
}

/// How long a job waits after it was begun `attempts` times: half a minute, doubled each time, at most six hours.
#[must_use]
pub fn back_off(attempts: i64) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
    TimeDelta::seconds(30 << doublings).min(TimeDelta::hours(6))
}

#[cfg(test)]
mod tests;
