//! The rows of jobs.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::Job;
use crate::ids::JobId;
use crate::storage::{Database, Engine, StorageError, Tx, Value};

/// A job that failed at least once and is not done.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Failing {
    /// What kind of work it is.
    pub kind: String,
    /// When it is tried again.
    pub run_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: i64,
    /// How it ended the last time.
    pub last_error: String,
}

#[derive(sqlx::FromRow)]
struct JobRow {
    job_id: Uuid,
    kind: String,
    payload: String,
    attempts: i64,
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: JobId,
    key: Option<&str>,
    kind: &str,
    payload: String,
    run_at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let added = tx
        .execute(
            "INSERT INTO job (job_id, job_key, kind, payload, run_at, attempts)
             VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (job_key) DO NOTHING",
            vec![id.into(), key.into(), kind.into(), payload.into(), run_at.into()],
        )
        .await?;
    Ok(added == 1)
}

pub(super) async fn any_due(db: &Database, now: DateTime<Utc>) -> Result<bool, StorageError> {
    let row: Option<(Uuid,)> = db
        .row(
            "SELECT job_id FROM job WHERE done_at IS NULL AND run_at <= $1
             AND (claimed_until IS NULL OR claimed_until < $1) LIMIT 1",
            vec![now.into()],
        )
        .await?;
    Ok(row.is_some())
}

pub(super) async fn is_known(db: &Database, key: &str) -> Result<bool, StorageError> {
    let row: Option<(Uuid,)> = db.row("SELECT job_id FROM job WHERE job_key = $1", vec![key.into()]).await?;
    Ok(row.is_some())
}

/// SQLite has one writer, so nobody else can be choosing; PostgreSQL passes over what another process is choosing.
const CLAIM_SQLITE: &str = "UPDATE job SET claimed_until = $2, attempts = attempts + 1
     WHERE job_id IN (SELECT job_id FROM job WHERE done_at IS NULL AND run_at <= $1
                      AND (claimed_until IS NULL OR claimed_until < $1) ORDER BY run_at LIMIT $3)
     RETURNING job_id, kind, payload, attempts";
const CLAIM_POSTGRES: &str = "UPDATE job SET claimed_until = $2, attempts = attempts + 1
     WHERE job_id IN (SELECT job_id FROM job WHERE done_at IS NULL AND run_at <= $1
                      AND (claimed_until IS NULL OR claimed_until < $1) ORDER BY run_at LIMIT $3
                      FOR UPDATE SKIP LOCKED)
     RETURNING job_id, kind, payload, attempts";

pub(super) async fn claim(
    tx: &mut Tx,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Job>, StorageError> {
    let sql = match tx.engine() {
        Engine::Sqlite => CLAIM_SQLITE,
        Engine::Postgres => CLAIM_POSTGRES,
    };
    let rows: Vec<JobRow> = tx.rows(sql, vec![now.into(), until.into(), Value::from(limit)]).await?;
    Ok(rows
        .into_iter()
        .map(|row| Job { id: JobId(row.job_id), kind: row.kind, payload: row.payload, attempts: row.attempts })
        .collect())
}

pub(super) async fn done(tx: &mut Tx, id: JobId, now: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE job SET done_at = $2, claimed_until = NULL, last_error = NULL WHERE job_id = $1",
        vec![id.into(), now.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn failed(tx: &mut Tx, id: JobId, error: &str, again: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE job SET last_error = $2, run_at = $3, claimed_until = NULL WHERE job_id = $1",
        vec![id.into(), error.into(), again.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn delete_done(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StorageError> {
    tx.execute("DELETE FROM job WHERE done_at < $1", vec![before.into()]).await
}

pub(super) async fn delete_receipts(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StorageError> {
    tx.execute("DELETE FROM receipt WHERE at < $1", vec![before.into()]).await
}

pub(super) async fn delete_prefix_days(tx: &mut Tx, before: NaiveDate) -> Result<u64, StorageError> {
    tx.execute("DELETE FROM prefix_day WHERE day < $1", vec![before.into()]).await
}

/// Jobs that failed and will be tried again, for the administrator.
///
/// # Errors
/// When the database cannot be reached.
pub async fn failing(db: &Database) -> Result<Vec<Failing>, StorageError> {
    db.rows(
        "SELECT kind, run_at, attempts, last_error FROM job
         WHERE done_at IS NULL AND last_error IS NOT NULL ORDER BY run_at LIMIT 100",
        Vec::new(),
    )
    .await
}
