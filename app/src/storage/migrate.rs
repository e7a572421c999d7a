//! Migrations, embedded in the program. A numbered step is one text for both engines, plus a part for each engine where
//! they differ. They only ever go forward; a database made by a newer program is refused.

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use super::{Engine, StorageError};

struct Source {
    version: i64,
    name: &'static str,
    both: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// A step that is the same text for both engines.
macro_rules! both {
    ($version:literal, $name:literal) => {
        both!($version, "000", $name)
    };
    ($version:literal, $zeros:literal, $name:literal) => {
        Source {
            version: $version,
            name: $name,
            both: include_str!(concat!("../../../migrations/", $zeros, $version, "_", $name, ".sql")),
            sqlite: "",
            postgres: "",
        }
    };
}

const SOURCES: &[Source] = &[
    Source {
        version: 1,
        name: "ground",
        both: include_str!("../../../migrations/0001_ground.sql"),
        sqlite: include_str!("../../../migrations/sqlite/0001_ground.sql"),
        postgres: include_str!("../../../migrations/postgres/0001_ground.sql"),
    },
    both!(2, "research"),
    both!(3, "meeting"),
    both!(4, "letter"),
    both!(5, "told"),
    both!(6, "stance"),
    both!(7, "meeting_day"),
    both!(8, "minutes"),
    both!(9, "told_plan"),
    both!(10, "00", "after"),
    both!(11, "00", "told_after"),
    both!(12, "00", "board"),
    both!(13, "00", "memo"),
    both!(14, "00", "asking"),
    both!(15, "00", "carrier"),
];

/// The structure version of this program.
pub const LATEST_MIGRATION: i64 = SOURCES[SOURCES.len() - 1].version;

/// The files that are run, in their order.
#[cfg(test)]
pub(super) fn names() -> Vec<String> {
    SOURCES.iter().map(|source| format!("{:04}_{}.sql", source.version, source.name)).collect()
}

/// The migrations of one engine.
pub(super) fn migrator(engine: Engine) -> Migrator {
    let migrations = SOURCES
        .iter()
        .map(|source| {
            let own = match engine {
                Engine::Sqlite => source.sqlite,
                Engine::Postgres => source.postgres,
            };
            Migration::new(
                source.version,
                source.name.into(),
                MigrationType::Simple,
                sqlx::AssertSqlSafe(format!("{}\n{own}", source.both)).into_sql_str(),
                false,
            )
        })
        .collect();
    Migrator::with_migrations(migrations)
}

/// Says in words when the database is newer than the program.
pub(super) fn explain(error: MigrateError) -> StorageError {
    match error {
        MigrateError::VersionMissing(version) if version > LATEST_MIGRATION => {
            StorageError::Newer(version, LATEST_MIGRATION)
        }
        other => StorageError::Migrate(other),
    }
}
