//! Stories on both engines: SQLite always, PostgreSQL where `TEST_DATABASE_URL` names a server on which databases may be
//! created. Each story gets an empty database of its own.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use futures::FutureExt;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::{Database, Durability, OpenOptions};
use crate::access::Actor;
use crate::context::{Clock, Ctx, Random, Shared, SiteSecret};

/// Runs a story on a fresh database of each engine.
///
/// # Panics
/// When the story does, or when `TEST_DATABASE_URL` is set and the server cannot be used.
pub async fn each_engine<F, Fut>(story: F)
where
    F: Fn(Database) -> Fut,
    Fut: Future<Output = ()>,
{
    shout();
    on_sqlite(&story).await;
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration; the test run names its server here")]
    let server = std::env::var("TEST_DATABASE_URL").unwrap_or_default();
    if !server.is_empty() {
        on_postgres(&server, &story).await;
    }
}

/// Prints the causes of internal errors, which a refusal does not carry.
fn shout() {
    struct Shout;

    impl tracing::Subscriber for Shout {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            *metadata.level() <= tracing::Level::WARN
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            let mut text = String::new();
            event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                text.push_str(&format!(" {field}={value:?}"));
            });
            println!("{}{text}", event.metadata().level());
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }

    // The first test of the process wins.
    drop(tracing::subscriber::set_global_default(Shout));
}

/// A name that no other test of this or another process has.
fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("story_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

async fn open(url: String) -> Database {
    let options = OpenOptions { url, durability: Durability::None, connections: 4 };
    Database::open(&options).await.expect("a fresh database can be opened")
}

async fn on_sqlite<F, Fut>(story: &F)
where
    F: Fn(Database) -> Fut,
    Fut: Future<Output = ()>,
{
    let path = std::env::temp_dir().join(fresh_name()).with_extension("db");
    let db = open(format!("sqlite:{}", path.display())).await;
    let end = AssertUnwindSafe(story(db)).catch_unwind().await;
    for ending in ["db", "db-wal", "db-shm"] {
        // The last two are there only while the database is open.
        drop(std::fs::remove_file(path.with_extension(ending)));
    }
    if let Err(panic) = end {
        std::panic::resume_unwind(panic);
    }
}

async fn on_postgres<F, Fut>(server: &str, story: &F)
where
    F: Fn(Database) -> Fut,
    Fut: Future<Output = ()>,
{
    let name = fresh_name();
    let mut admin = PgConnection::connect(server).await.expect("the server of TEST_DATABASE_URL answers");
    // A run that was killed may have left one of this name behind.
    for sql in [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), create(&name)] {
        admin.execute(AssertSqlSafe(sql)).await.expect("databases may be created on TEST_DATABASE_URL");
    }
    let db = open(with_database(server, &name)).await;
    let end = AssertUnwindSafe(story(db)).catch_unwind().await;
    admin
        .execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
        .await
        .expect("the story's database can be dropped");
    if let Err(panic) = end {
        eprintln!("the story failed on PostgreSQL");
        std::panic::resume_unwind(panic);
    }
}

/// Sorting and case are the same on every machine.
fn create(name: &str) -> String {
    format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, String::new()), |(a, q)| (a, format!("?{q}")));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    format!("{}/{name}{query}", &address[..end])
}

/// A context on the machine itself, with a clock that is moved by hand and the same randomness every time.
#[must_use]
pub fn operator(db: &Database, now: DateTime<Utc>) -> Ctx {
    Ctx {
        db: db.clone(),
        clock: Clock::manual(now),
        random: Random::from_seed(20_260_301),
        secret: SiteSecret::new([7; 32]),
        actor: Actor::Operator,
        request: None,
        shared: Arc::new(Shared::default()),
    }
}

#[test]
fn only_the_database_of_an_address_is_replaced() {
    for (url, expected) in [
        ("postgres://a:b@h:5432/x", "postgres://a:b@h:5432/n"),
        ("postgres://h", "postgres://h/n"),
        ("postgres://h/x?host=/tmp/s", "postgres://h/n?host=/tmp/s"),
    ] {
        assert_eq!(with_database(url, "n"), expected);
    }
}

/// Opens the database of a story once more, as a second program would.
///
/// # Errors
/// As [`Database::open`].
pub async fn reopen(db: &Database) -> Result<Database, super::StorageError> {
    let url = match db.engine() {
        super::Engine::Sqlite => {
            let row: Option<(String,)> =
                db.row("SELECT file FROM pragma_database_list WHERE name = 'main'", Vec::new()).await?;
            format!("sqlite:{}", row.unwrap_or_default().0)
        }
        super::Engine::Postgres => {
            let row: Option<(String,)> = db.row("SELECT CAST(current_database() AS TEXT)", Vec::new()).await?;
            #[expect(clippy::disallowed_methods, reason = "as above")]
            let server = std::env::var("TEST_DATABASE_URL").unwrap_or_default();
            with_database(&server, &row.unwrap_or_default().0)
        }
    };
    Database::open(&OpenOptions { url, durability: Durability::None, connections: 2 }).await
}
