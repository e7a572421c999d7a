//! What the rest of the product relies on, on both engines.

use std::collections::BTreeSet;

use super::testing::each_engine;
use super::{Change, Database, Durability, Engine, OpenOptions, StorageError, Value};
use crate::error::Refusal;
use crate::ids::CaseId;

async fn put(db: &Database, scope: &str, refuse: bool) -> Result<(), Refusal> {
    let scope = scope.to_owned();
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(
                "INSERT INTO prefix_day (scope, day, n) VALUES ($1, $2, 1)",
                vec![scope.into(), new_year().into()],
            )
            .await?;
            tx.tell(Change::Case { case: CaseId(uuid::Uuid::nil()), town: "t".to_owned(), seq: 1 });
            if refuse { Err(Refusal::NotFound) } else { Ok(()) }
        })
    })
    .await
}

fn new_year() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
}

async fn scopes(db: &Database) -> BTreeSet<String> {
    let rows: Vec<(String,)> = db.rows("SELECT scope FROM prefix_day", Vec::new()).await.unwrap();
    rows.into_iter().map(|r| r.0).collect()
}

#[tokio::test]
async fn a_refused_write_leaves_nothing_and_disturbs_nobody() {
    each_engine(|db| async move {
        let writes: Vec<_> = (0..200)
            .map(|n| {
                let db = db.clone();
                tokio::spawn(async move { put(&db, &format!("s{n}"), n % 3 == 0).await })
            })
            .collect();
        for (n, write) in writes.into_iter().enumerate() {
            assert_eq!(write.await.unwrap().is_err(), n % 3 == 0, "{n}");
        }
        let kept = scopes(&db).await;
        assert_eq!(kept.len(), 133);
        assert!((0..200).all(|n| kept.contains(&format!("s{n}")) == (n % 3 != 0)));
    })
    .await;
}

#[tokio::test]
async fn a_panic_inside_a_write_is_a_refusal_and_the_next_write_works() {
    each_engine(|db| async move {
        let result: Result<(), Refusal> = db.write(|_| Box::pin(async { panic!("a defect") })).await;
        assert!(matches!(result, Err(Refusal::Internal { .. })), "{result:?}");
        put(&db, "after", false).await.unwrap();
        assert_eq!(scopes(&db).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_write_goes_on_when_its_caller_goes_away() {
    each_engine(|db| async move {
        let mut changes = db.events().subscribe();
        let other = db.clone();
        let caller = tokio::spawn(async move { put(&other, "kept", false).await });
        tokio::task::yield_now().await;
        caller.abort();
        // Whether it had begun or not, the database is whole and usable.
        drop(caller.await);
        put(&db, "next", false).await.unwrap();
        let kept = scopes(&db).await;
        assert!(kept.contains("next"));
        assert!(changes.recv().await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_change_is_told_after_commit_and_never_when_refused() {
    each_engine(|db| async move {
        let before = db.version().await.unwrap();
        let mut changes = db.events().subscribe();
        assert!(put(&db, "refused", true).await.is_err());
        assert!(changes.try_recv().is_err());
        put(&db, "kept", false).await.unwrap();
        assert!(matches!(changes.recv().await, Ok(Change::Case { seq: 1, .. })));
        assert_ne!(db.version().await.unwrap(), before);
    })
    .await;
}

/// The next change of one case that is told, whatever else is told before.
async fn told(changes: &mut tokio::sync::broadcast::Receiver<Change>) -> Change {
    tokio::time::timeout(std::time::Duration::from_secs(20), changes.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_change_of_one_process_reaches_the_others_and_after_a_break_they_look_at_everything() {
    each_engine(|db| async move {
        if db.engine() == Engine::Sqlite {
            return; // One process has the file.
        }
        let other = super::testing::reopen(&db).await.unwrap();
        let mut changes = other.events().subscribe();
        put(&db, "kept", false).await.unwrap();
        assert!(matches!(told(&mut changes).await, Change::Case { seq: 1, .. }));
        // The line of the notices breaks: what was told meanwhile is unknown.
        let ended: Vec<(bool,)> = db
            .rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND query LIKE 'LISTEN%'",
                Vec::new(),
            )
            .await
            .unwrap();
        assert!(!ended.is_empty());
        assert_eq!(told(&mut changes).await, Change::All);
        // The notices are heard again.
        put(&db, "next", false).await.unwrap();
        while !matches!(told(&mut changes).await, Change::Case { .. }) {}
    })
    .await;
}

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    each_engine(|db| async move {
        let id = CaseId(uuid::Uuid::from_u128(7));
        let at = chrono::DateTime::from_timestamp_micros(1_770_000_000_123_456).unwrap();
        let day = chrono::NaiveDate::from_ymd_opt(2026, 2, 28).unwrap();
        let town = "𠮷田‘; --";
        db.write(move |tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO town (town_id, name, short_name, kind, sort_no) VALUES ($1, $1, $1, 'town', $2)",
                    vec![town.into(), i64::MAX.into()],
                )
                .await?;
                tx.execute(
                    "INSERT INTO calendar_day (day, workday, name, provisional) VALUES ($1, $2, 'x', FALSE)",
                    vec![day.into(), true.into()],
                )
                .await?;
                tx.execute(
                    "INSERT INTO case_head (case_id, town_id, seq, head) VALUES ($1, $2, 1, '')",
                    vec![id.into(), town.into()],
                )
                .await?;
                tx.execute(
                    "INSERT INTO ledger_entry (stream, seq, at, body, hash) VALUES ('s', 1, $1, '', '')",
                    vec![at.into()],
                )
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
        let row: (String, i64) =
            db.row("SELECT name, sort_no FROM town WHERE town_id = $1", vec![town.into()]).await.unwrap().unwrap();
        assert_eq!(row, (town.to_owned(), i64::MAX));
        let row: (chrono::NaiveDate, bool) =
            db.row("SELECT day, workday FROM calendar_day", Vec::new()).await.unwrap().unwrap();
        assert_eq!(row, (day, true));
        let row: (CaseId,) =
            db.row("SELECT case_id FROM case_head WHERE case_id = $1", vec![id.into()]).await.unwrap().unwrap();
        assert_eq!(row.0, id);
        let row: (chrono::DateTime<chrono::Utc>,) = db
            .row(
                "SELECT at FROM ledger_entry WHERE at = $1 AND at < $2",
                vec![at.into(), (at + chrono::Duration::seconds(1)).into()],
            )
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.0, at);
    })
    .await;
}

#[tokio::test]
async fn a_duplicate_key_is_a_conflict_and_not_a_defect() {
    each_engine(|db| async move {
        put(&db, "one", false).await.unwrap();
        assert!(matches!(put(&db, "one", false).await, Err(Refusal::Conflict { .. })));
    })
    .await;
}

#[tokio::test]
async fn both_engines_have_the_same_tables_and_columns() {
    use std::sync::{Arc, Mutex};
    let seen: Arc<Mutex<Vec<BTreeSet<String>>>> = Arc::default();
    let keep = Arc::clone(&seen);
    each_engine(move |db| {
        let keep = Arc::clone(&keep);
        async move {
            let sql = match db.engine() {
                Engine::Sqlite => {
                    "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table'"
                }
                Engine::Postgres => {
                    "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
                     WHERE table_schema = 'public'"
                }
            };
            let rows: Vec<(String, String)> = db.rows(sql, Vec::new()).await.unwrap();
            // The search index is each engine's own.
            let columns = rows
                .into_iter()
                .filter(|(t, _)| !t.starts_with("topic_search") && !t.starts_with('_') && !t.starts_with("sqlite"))
                .map(|(table, column)| format!("{table}.{column}"))
                .collect();
            keep.lock().unwrap().push(columns);
        }
    })
    .await;
    let seen = seen.lock().unwrap();
    assert!(seen[0].contains("topic.topic_id"));
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:#?}");
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_in_words() {
    each_engine(|db| async move {
        let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                   VALUES (9999, 'from the future', TRUE, $1, 0)";
        // The checksum column holds bytes; an id is bytes on SQLite and is cast on PostgreSQL.
        let sql = match db.engine() {
            Engine::Sqlite => sql,
            Engine::Postgres => {
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'from the future', TRUE, uuid_send($1), 0)"
            }
        };
        let values = vec![Value::Uuid(Some(uuid::Uuid::nil()))];
        db.write(move |tx| Box::pin(async move { Ok(tx.execute(sql, values).await?) })).await.unwrap();
        let again = super::testing::reopen(&db).await;
        let Err(StorageError::Newer(9999, known)) = again else { panic!("{again:?}") };
        assert_eq!(known, super::LATEST_MIGRATION);
        let words = StorageError::Newer(9999, known).to_string();
        assert!(words.contains("更新的程序") && words.contains("数据没有改动"), "{words}");
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_in_words() {
    for url in ["mysql://somewhere", "consult.db", ""] {
        let options = OpenOptions { url: url.to_owned(), durability: Durability::None, connections: 1 };
        let refused = Database::open(&options).await;
        assert!(matches!(refused, Err(StorageError::Address(_))), "{url}: {refused:?}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_keeps_the_database_whole() {
    each_engine(|db| async move {
        if db.engine() == Engine::Postgres {
            return;
        }
        put(&db, "before", false).await.unwrap();
        let pages: Option<(i64,)> = db.row("PRAGMA page_count", Vec::new()).await.unwrap();
        let limit: &'static str =
            Box::leak(format!("PRAGMA max_page_count = {}", pages.unwrap().0 + 1).into_boxed_str());
        let set = |sql: &'static str| {
            let db = db.clone();
            async move {
                db.write(move |tx| {
                    Box::pin(async move {
                        let _: Vec<(i64,)> = tx.rows(sql, Vec::new()).await?;
                        Ok(())
                    })
                })
                .await
                .unwrap();
            }
        };
        set(limit).await;
        let large = "很长".repeat(20_000);
        let refused = put(&db, &large, false).await;
        assert!(matches!(refused, Err(Refusal::Unavailable(_))), "{refused:?}");
        assert_eq!(scopes(&db).await.len(), 1, "nothing half-written");
        set("PRAGMA max_page_count = 1073741823").await;
        put(&db, "after", false).await.unwrap();
        assert_eq!(scopes(&db).await.len(), 2);
    })
    .await;
}

#[test]
fn every_migration_that_lies_there_is_run() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut lying: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| std::path::Path::new(name).extension().is_some_and(|e| e == "sql"))
        .collect();
    lying.sort();
    assert_eq!(super::migrate::names(), lying);
}
