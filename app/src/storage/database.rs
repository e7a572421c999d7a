//! The database handle and its transactions.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Postgres, Transaction};

use super::StorageError;
use super::events::{Change, Events};
use super::migrate;
use super::sqlite::{self, Readers};
use super::value::{Row, Value, postgres_arguments};
use super::writer::Writer;
use crate::error::Refusal;

/// The PostgreSQL channel of change notices.
const CHANNEL: &str = "case_change";
/// Prepared statements kept on a connection: more than the product has.
const STATEMENTS: usize = 512;

/// What a write returns.
pub type WriteFuture<'t, T> = BoxFuture<'t, Result<T, Refusal>>;

/// Which engine is behind a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The server.
    Postgres,
}

/// Whether an acknowledged write survives a power cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// It does. The only setting for real data.
    #[default]
    Full,
    /// It does not; for tests.
    None,
}

/// How to open a database.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Durability of commits.
    pub durability: Durability,
    /// Connections for reading (SQLite) or for everything (PostgreSQL).
    pub connections: u32,
}

enum Inner {
    Sqlite { readers: Readers, writer: Writer },
    Postgres(PgPool),
}

/// A database of either engine. Cloning is cheap.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
    events: Arc<Events>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("engine", &self.engine()).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens the database and brings its structure up to date.
    ///
    /// # Errors
    /// When it cannot be reached, a migration fails, or it was made by a newer program.
    pub async fn open(options: &OpenOptions) -> Result<Self, StorageError> {
        let events = Arc::new(Events::default());
        let inner = if let Some(path) = options.url.strip_prefix("sqlite:") {
            Self::open_sqlite(path, options, &events).await?
        } else if options.url.starts_with("postgres://") || options.url.starts_with("postgresql://") {
            Self::open_postgres(options, &events).await?
        } else {
            let scheme = options.url.split(':').next().unwrap_or_default();
            return Err(StorageError::Address(format!("「{scheme}」不认识，请写 sqlite:文件 或 postgres://地址")));
        };
        Ok(Self { inner: Arc::new(inner), events })
    }

    async fn open_sqlite(path: &str, options: &OpenOptions, events: &Arc<Events>) -> Result<Inner, StorageError> {
        // sqlx makes the file and runs the migrations; from then on the connections are our own.
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let mut connection = SqliteConnection::connect_with(&connect).await?;
        migrate::migrator(Engine::Sqlite).run(&mut connection).await.map_err(migrate::explain)?;
        let path = std::path::PathBuf::from(path);
        let writes = sqlite::open(&path, options.durability, false)?;
        connection.close().await?;
        let readers = Readers::new(path, options.connections);
        Ok(Inner::Sqlite { readers, writer: Writer::start(writes, Arc::clone(events))? })
    }

    async fn open_postgres(options: &OpenOptions, events: &Arc<Events>) -> Result<Inner, StorageError> {
        let connect = PgConnectOptions::from_str(&options.url)
            .map_err(|_| StorageError::Address("PostgreSQL 的地址写得不对".to_owned()))?
            .statement_cache_capacity(STATEMENTS)
            .options([("timezone", "UTC")])
            .disable_statement_logging();
        let durability = options.durability;
        let pool = PgPoolOptions::new()
            .max_connections(options.connections)
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if durability == Durability::None {
                        connection.execute("SET synchronous_commit = off").await?;
                    }
                    Ok(())
                })
            })
            .connect_with(connect)
            .await?;
        migrate::migrator(Engine::Postgres).run(&pool).await.map_err(migrate::explain)?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        tokio::spawn(listen(listener, Arc::clone(events)));
        Ok(Inner::Postgres(pool))
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match *self.inner {
            Inner::Sqlite { .. } => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// The change notices.
    #[must_use]
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// When the database refuses the query or a row cannot be read.
    pub async fn rows<T: Row>(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<T>, StorageError> {
        Ok(match &*self.inner {
            Inner::Sqlite { readers, .. } => readers.read(|c| sqlite::rows(c, sql, &values, usize::MAX)).await?,
            Inner::Postgres(pool) => sqlx::query_as_with(sql, postgres_arguments(values)?).fetch_all(pool).await?,
        })
    }

    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// As [`Database::rows`].
    pub async fn row<T: Row>(&self, sql: &'static str, values: Vec<Value>) -> Result<Option<T>, StorageError> {
        Ok(match &*self.inner {
            Inner::Sqlite { readers, .. } => readers.read(|c| sqlite::rows(c, sql, &values, 1)).await?.pop(),
            Inner::Postgres(pool) => sqlx::query_as_with(sql, postgres_arguments(values)?).fetch_optional(pool).await?,
        })
    }

    /// Runs `work` in one transaction: all of it is kept, and durable when this returns, or nothing is.
    ///
    /// The work goes on when the caller is cancelled. It must not wait for the network or compute for long: on SQLite
    /// everybody waits behind it.
    ///
    /// # Errors
    /// The refusal of `work`, or [`Refusal::Unavailable`] when it could not be kept.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> WriteFuture<'t, T> + Send + 'static,
    {
        match &*self.inner {
            Inner::Sqlite { writer, .. } => writer.write(work).await,
            Inner::Postgres(pool) => {
                let (pool, events) = (pool.clone(), Arc::clone(&self.events));
                // A task of its own: a cancelled `begin` can leave a pooled connection inside a transaction.
                tokio::spawn(async move { write_postgres(&pool, &events, work).await })
                    .await
                    .unwrap_or_else(|error| Err(Refusal::internal(&error)))
            }
        }
    }

    /// A text that changes whenever anything that a page could show has changed.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn version(&self) -> Result<String, StorageError> {
        match &*self.inner {
            Inner::Sqlite { .. } => Ok(self.events.version().to_string()),
            Inner::Postgres(pool) => {
                // Two equal snapshots see the same rows, whichever process wrote them.
                let (snapshot,): (String,) =
                    sqlx::query_as("SELECT CAST(pg_current_snapshot() AS TEXT)").fetch_one(pool).await?;
                Ok(snapshot)
            }
        }
    }

    /// Notices writes that another program (the command line) made to the same SQLite file.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn data_version(&self) -> Result<Option<i64>, StorageError> {
        match &*self.inner {
            Inner::Sqlite { writer, .. } => writer
                .write(|tx| {
                    Box::pin(async move {
                        let row: Option<(i64,)> = tx.row("PRAGMA data_version", Vec::new()).await?;
                        Ok(row.map(|r| r.0))
                    })
                })
                .await
                .map_err(|_| StorageError::Stopped),
            Inner::Postgres(_) => Ok(None),
        }
    }

    /// Tells everybody that much may have changed.
    pub fn tell_all(&self) {
        self.events.tell([Change::All]);
    }

    /// How the engine means to run a statement; an error when it cannot run it at all.
    ///
    /// # Errors
    /// When the statement is not valid on this engine.
    pub async fn explain(&self, sql: &str, values: Vec<Value>) -> Result<(), StorageError> {
        let sql = format!("EXPLAIN {sql}");
        match &*self.inner {
            Inner::Sqlite { readers, .. } => {
                readers.read(|c| sqlite::execute(c, &sql, &values)).await?;
            }
            Inner::Postgres(pool) => {
                sqlx::query_with(AssertSqlSafe(sql), postgres_arguments(values)?).fetch_all(pool).await?;
            }
        }
        Ok(())
    }

    /// Copies the SQLite database, consistent, into a new file.
    ///
    /// # Errors
    /// When the file exists or cannot be written, or the engine is PostgreSQL (which has its own tools).
    pub async fn copy_to(&self, path: &std::path::Path) -> Result<(), StorageError> {
        match &*self.inner {
            Inner::Sqlite { readers, .. } => {
                let values = [Value::from(path.to_string_lossy().into_owned())];
                readers.read(|c| sqlite::execute(c, "VACUUM INTO $1", &values)).await?;
                Ok(())
            }
            Inner::Postgres(_) => Err(StorageError::Address("PostgreSQL 请用 pg_dump 备份".to_owned())),
        }
    }
}

async fn write_postgres<T, F>(pool: &PgPool, events: &Events, work: F) -> Result<T, Refusal>
where
    F: for<'t> FnOnce(&'t mut Tx) -> WriteFuture<'t, T>,
{
    let transaction = pool.begin().await.map_err(StorageError::from)?;
    let mut tx = Tx::new(TxEngine::Postgres(transaction));
    let result = work(&mut tx).await?;
    let changes = tx.take_changes();
    for change in &changes {
        let payload = serde_json::to_string(change).map_err(|e| Refusal::internal(&e))?;
        tx.execute("SELECT pg_notify($1, $2)", vec![Value::from(CHANNEL), Value::from(payload)]).await?;
    }
    if let TxEngine::Postgres(transaction) = tx.engine {
        transaction.commit().await.map_err(StorageError::from)?;
    }
    // This process is told at once; the notification that comes back is a harmless repetition.
    events.tell(changes);
    Ok(result)
}

async fn listen(mut listener: PgListener, events: Arc<Events>) {
    loop {
        match listener.try_recv().await {
            Ok(Some(notice)) => {
                let change = serde_json::from_str(notice.payload()).unwrap_or(Change::All);
                events.tell([change]);
            }
            // The connection was lost and is back, or is still away: what happened meanwhile is unknown.
            Ok(None) => events.tell([Change::All]),
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => {
                tracing::warn!(%error, "change notices are interrupted");
                events.tell([Change::All]);
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }
    }
}

pub(super) enum TxEngine {
    Sqlite(rusqlite::Connection),
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction of either engine.
pub struct Tx {
    engine: TxEngine,
    changes: Vec<Change>,
}

impl Tx {
    pub(super) fn new(engine: TxEngine) -> Self {
        Self { engine, changes: Vec::new() }
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.engine {
            TxEngine::Sqlite(_) => Engine::Sqlite,
            TxEngine::Postgres(_) => Engine::Postgres,
        }
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// When the database refuses the query or a row cannot be read.
    pub async fn rows<T: Row>(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Vec<T>, StorageError> {
        Ok(match &mut self.engine {
            TxEngine::Sqlite(connection) => sqlite::rows(connection, sql, &values, usize::MAX)?,
            TxEngine::Postgres(transaction) => {
                sqlx::query_as_with(sql, postgres_arguments(values)?).fetch_all(&mut **transaction).await?
            }
        })
    }

    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// As [`Tx::rows`].
    pub async fn row<T: Row>(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Option<T>, StorageError> {
        Ok(match &mut self.engine {
            TxEngine::Sqlite(connection) => sqlite::rows(connection, sql, &values, 1)?.pop(),
            TxEngine::Postgres(transaction) => {
                sqlx::query_as_with(sql, postgres_arguments(values)?).fetch_optional(&mut **transaction).await?
            }
        })
    }

    /// Runs a statement; returns how many rows it touched.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn execute(&mut self, sql: &'static str, values: Vec<Value>) -> Result<u64, StorageError> {
        Ok(match &mut self.engine {
            TxEngine::Sqlite(connection) => sqlite::execute(connection, sql, &values)?,
            TxEngine::Postgres(transaction) => {
                sqlx::query_with(sql, postgres_arguments(values)?).execute(&mut **transaction).await?.rows_affected()
            }
        })
    }

    /// Tells this change to live pages once the transaction is committed.
    pub fn tell(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub(super) async fn control(&mut self, sql: &'static str) -> Result<(), StorageError> {
        self.execute(sql, Vec::new()).await.map(|_| ())
    }

    /// Whether the embedded engine gave the transaction up by itself.
    pub(super) fn is_gone(&self) -> bool {
        matches!(&self.engine, TxEngine::Sqlite(connection) if connection.is_autocommit())
    }

    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    pub(super) fn mark_changes(&self) -> usize {
        self.changes.len()
    }

    pub(super) fn forget_changes_since(&mut self, mark: usize) {
        self.changes.truncate(mark);
    }
}
