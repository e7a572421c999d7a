//! The embedded engine: its connections, run where they are asked for.
//!
//! A statement of the product takes some microseconds, so it is run on the thread that wants it and not handed to
//! another; the writer has a thread of its own. What takes long is read in pages.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::SecondsFormat;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement, ToSql};
use sqlx::FromRow;
use tokio::sync::Semaphore;

use super::embedded::EmbeddedRow;
use super::{Durability, StorageError, Value};

/// Prepared statements kept on a connection: more than the product has.
const STATEMENTS: usize = 512;
/// How long a statement waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(5);
/// How long a read waits for its turn.
const TURN: Duration = Duration::from_secs(10);

/// A connection of its own to the file; the file is there.
pub(super) fn open(path: &Path, durability: Durability, reads_only: bool) -> Result<Connection, StorageError> {
    let how = if reads_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let connection = Connection::open_with_flags(path, how | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan does not depend on what is bound: else some statements are prepared anew each time they are run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    if !reads_only {
        let synchronous = match durability {
            Durability::Full => "full",
            Durability::None => "off",
        };
        connection.pragma_update(None, "synchronous", synchronous)?;
    }
    Ok(connection)
}

/// A parameter as SQLite stores it: an id as 16 bytes, a time as RFC 3339, a day as ISO text.
struct Parameter<'a>(&'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Text(Some(text)) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Uuid(Some(id)) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            Value::Int(Some(n)) => (*n).into(),
            Value::Bool(Some(yes)) => i64::from(*yes).into(),
            Value::Time(Some(at)) => at.to_rfc3339_opts(SecondsFormat::AutoSi, false).into(),
            Value::Date(Some(day)) => day.format("%F").to_string().into(),
            Value::Uuid(None)
            | Value::Text(None)
            | Value::Int(None)
            | Value::Bool(None)
            | Value::Time(None)
            | Value::Date(None) => rusqlite::types::Null.into(),
        })
    }
}

/// Binds what stands as `$1`, `$2` and so on. To SQLite these are names, counted in the order in which they first occur.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> Result<(), StorageError> {
    for place in 1..=statement.parameter_count() {
        let named = statement.parameter_name(place).and_then(|name| name.strip_prefix('$'));
        let value = named.and_then(|n| n.parse::<usize>().ok()).and_then(|n| values.get(n.checked_sub(1)?));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(place, values.len()))?;
        statement.raw_bind_parameter(place, Parameter(value))?;
    }
    Ok(())
}

/// The rows of a statement, `most` of them at most.
pub(super) fn rows<T>(connection: &Connection, sql: &str, values: &[Value], most: usize) -> Result<Vec<T>, StorageError>
where
    T: for<'r> FromRow<'r, EmbeddedRow>,
{
    let mut statement = connection.prepare_cached(sql)?;
    let mut read = EmbeddedRow::of(&statement);
    bind(&mut statement, values)?;
    let mut found = statement.raw_query();
    let mut list = Vec::new();
    while let Some(row) = found.next()? {
        read.fill(row)?;
        list.push(T::from_row(&read)?);
        if list.len() == most {
            break;
        }
    }
    Ok(list)
}

/// Runs a statement; how many rows it touched.
pub(super) fn execute(connection: &Connection, sql: &str, values: &[Value]) -> Result<u64, StorageError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    let mut found = statement.raw_query();
    // A statement that returns rows is run to its end, too.
    while found.next()?.is_some() {}
    drop(found);
    drop(statement);
    Ok(connection.changes())
}

/// Connections for reading: made when they are wanted, as many as may be, and kept.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    turns: Semaphore,
}

impl Readers {
    pub(super) fn new(path: PathBuf, most: u32) -> Self {
        let most = usize::try_from(most).unwrap_or(1).max(1);
        Self { path, idle: Mutex::new(Vec::new()), turns: Semaphore::new(most) }
    }

    /// Reads with a connection, as soon as one is free.
    pub(super) async fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let turn = match self.turns.try_acquire() {
            Ok(turn) => turn,
            Err(_) => tokio::time::timeout(TURN, self.turns.acquire())
                .await
                .map_err(|_| StorageError::Stopped)?
                .map_err(|_| StorageError::Stopped)?,
        };
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => open(&self.path, Durability::Full, true)?,
        };
        let result = read(&connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        drop(turn);
        result
    }
}
