//! The only place that knows there are two engines, SQLite and PostgreSQL.
//!
//! SQL text elsewhere is written once, in the portable subset, with `$1` parameters and [`Value`] binds; what differs
//! goes through a function with a `match` on [`Engine`]. Reads are plain ([`Database::rows`]); writes are a closure over
//! a [`Tx`] ([`Database::write`]). On SQLite one writer thread runs the closures, each in a savepoint, several to a
//! commit.

mod column;
#[expect(clippy::disallowed_methods, reason = "the one file that hands statements to sqlx, on the right engine")]
mod database;
mod embedded;
mod events;
mod migrate;
mod sqlite;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
mod value;
mod writer;

pub use column::Column;
pub(crate) use column::columns;
pub use database::{Database, Durability, Engine, OpenOptions, Tx, WriteFuture};
pub use events::{Change, Events};
pub use migrate::LATEST_MIGRATION;
pub use value::{Row, Value, listed};

use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};

/// What can go wrong between the product and its database. The words of the database stay in the log.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database answered with an error.
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
    /// The embedded database answered with an error.
    #[error("database: {0}")]
    Embedded(#[from] rusqlite::Error),
    /// A migration could not be run.
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database was made by a newer program.
    #[error("这个数据库由更新的程序建立（第 {0} 版结构），本程序只到第 {1} 版。请换用新程序，数据没有改动。")]
    Newer(i64, i64),
    /// The address of the database cannot be used.
    #[error("数据库地址无法使用：{0}")]
    Address(String),
    /// The writer has stopped.
    #[error("the writer has stopped")]
    Stopped,
    /// A stored value cannot be read back.
    #[error("stored value cannot be read: {0}")]
    Corrupt(String),
}

impl StorageError {
    /// Whether the disk is full or the database is away, so that trying again later can help.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Stopped => true,
            Self::Embedded(rusqlite::Error::SqliteFailure(error, _)) => matches!(
                error.code,
                ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::ReadOnly
                    | ErrorCode::DatabaseBusy
                    | ErrorCode::CannotOpen
            ),
            Self::Sql(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_)) => true,
            Self::Sql(sqlx::Error::Database(e)) => {
                // Class 53 (resources), 57P (shutdown), 08 (connection).
                let code = e.code().unwrap_or_default();
                code.starts_with("53") || code.starts_with("57P") || code.starts_with("08")
            }
            _ => false,
        }
    }

    /// Whether a unique key was violated: two requests did the same thing at once.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        match self {
            Self::Sql(sqlx::Error::Database(e)) => e.is_unique_violation(),
            Self::Embedded(rusqlite::Error::SqliteFailure(error, _)) => {
                matches!(error.extended_code, SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY)
            }
            _ => false,
        }
    }
}

impl From<StorageError> for crate::error::Refusal {
    fn from(error: StorageError) -> Self {
        if error.is_unavailable() {
            tracing::error!(%error, "storage is unavailable");
            Self::Unavailable("现在存不进去，可能是磁盘满了或数据库没有响应。".to_owned())
        } else if error.is_unique_violation() {
            tracing::warn!(%error, "two requests did the same thing at once");
            Self::moved_on("刚才有人同时做了同一件事，请刷新页面看最新情况。")
        } else {
            Self::internal(&error)
        }
    }
}

impl crate::error::Refusal {
    /// A defect: logs the cause under a new id and answers with the id alone.
    #[must_use]
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let id = format!("E{:x}-{n:x}", std::process::id());
        tracing::error!(error_id = %id, %cause, "internal error");
        Self::Internal { id }
    }
}
