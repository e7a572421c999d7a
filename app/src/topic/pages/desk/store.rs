//! The SQL that only the desk asks: lists over the towns of the person who is signed in.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::access::Towns;
use crate::ids::{CaseId, RuleSetId};
use crate::storage::{Database, StorageError};
use crate::topic::store::{DeskRow, desk_columns};

/// Whether a town is one of those listed in `$1` (empty: all are).
macro_rules! in_towns {
    () => {
        "($1 = '' OR $1 LIKE '%,' || t.town_id || ',%')"
    };
}

/// What is listed on the page of all topics.
#[derive(Clone, Debug, Default)]
pub(super) struct ListQuery {
    /// Only this stage, by code.
    pub(super) stage: Option<String>,
    /// A part of the title, or a running number; empty for all.
    pub(super) text: String,
    /// Only what was raised before this one: the last of the page before.
    pub(super) before: Option<CaseId>,
    /// Rows at most.
    pub(super) limit: i64,
}

/// A pattern for `LIKE … ESCAPE '!'` that finds a text anywhere.
fn anywhere(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// All topics of the scope, newest first.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn list(db: &Database, towns: &Towns, query: &ListQuery) -> Result<Vec<DeskRow>, StorageError> {
    let pattern = if query.text.is_empty() { String::new() } else { anywhere(&query.text) };
    db.rows(
        concat!(
            "SELECT ",
            desk_columns!(),
            " FROM topic t JOIN town w ON w.town_id = t.town_id WHERE ",
            in_towns!(),
            " AND (CAST($2 AS TEXT) IS NULL OR t.stage = $2) AND t.topic_id < $3
               AND ($4 = '' OR LOWER(COALESCE(t.title, t.sent_title)) LIKE $4 ESCAPE '!' OR t.number = $5)
             ORDER BY t.topic_id DESC LIMIT $6"
        ),
        vec![
            towns.into(),
            query.stage.clone().into(),
            query.before.unwrap_or(CaseId(uuid::Uuid::max())).into(),
            pattern.into(),
            query.text.as_str().into(),
            query.limit.into(),
        ],
    )
    .await
}

/// A topic of which followers who left a contact were not told yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct ToTell {
    /// The topic.
    #[sqlx(flatten)]
    pub(super) row: DeskRow,
    /// How many followers.
    pub(super) n: i64,
    /// What they are to be told of: the last change of stage.
    pub(super) moved_at: DateTime<Utc>,
}

/// The topics of the scope whose followers are to be told something.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn to_tell(db: &Database, towns: &Towns, limit: i64) -> Result<Vec<ToTell>, StorageError> {
    db.rows(
        concat!(
            "SELECT ",
            desk_columns!(),
            ", x.n, t.moved_at FROM
             (SELECT f.case_id, COUNT(*) AS n FROM follower f JOIN topic m ON m.topic_id = f.case_id
              WHERE f.contact IS NOT NULL AND f.stopped_at IS NULL AND f.at < m.moved_at
                AND (f.told_at IS NULL OR f.told_at < m.moved_at)
              GROUP BY f.case_id) x
             JOIN topic t ON t.topic_id = x.case_id
             JOIN town w ON w.town_id = t.town_id
             WHERE ",
            in_towns!(),
            " ORDER BY t.moved_at, t.topic_id LIMIT $2"
        ),
        vec![towns.into(), limit.into()],
    )
    .await
}

/// Topics that were joined to one which strands them (`steps::strands`): nobody handles them until they are taken apart.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn stranded(db: &Database, towns: &Towns, limit: i64) -> Result<Vec<DeskRow>, StorageError> {
    db.rows(
        concat!(
            "SELECT ",
            desk_columns!(),
            " FROM topic t
             JOIN topic g ON g.topic_id = t.merged_into
             JOIN town w ON w.town_id = t.town_id
             WHERE t.merged_into IS NOT NULL AND t.stage = 'merged'
               AND g.stage IN ('withdrawn', 'terminated') AND g.rule_set_id IS NULL AND ",
            in_towns!(),
            " ORDER BY t.topic_id LIMIT $2"
        ),
        vec![towns.into(), limit.into()],
    )
    .await
}

/// How many open topics of each town are over their due day.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn overdue(db: &Database, today: NaiveDate) -> Result<BTreeMap<String, i64>, StorageError> {
    let rows: Vec<(String, i64)> = db
        .rows(
            "SELECT town_id, COUNT(*) FROM topic WHERE due_on < $1 AND waits_for IS NOT NULL GROUP BY town_id",
            vec![today.into()],
        )
        .await?;
    Ok(rows.into_iter().collect())
}

/// The rule set in force for every town.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn rule_sets(
    db: &Database,
    now: DateTime<Utc>,
) -> Result<Vec<(String, Option<RuleSetId>)>, StorageError> {
    db.rows(
        "SELECT w.town_id,
            (SELECT r.rule_set_id FROM rule_set r
             WHERE (r.town_id = w.town_id OR r.town_id IS NULL) AND r.effective_from <= $1
             ORDER BY CASE WHEN r.town_id IS NULL THEN 1 ELSE 0 END, r.effective_from DESC, r.version DESC
             LIMIT 1) AS rule_set_id
         FROM town w ORDER BY w.sort_no",
        vec![now.into()],
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_looked_for_as_it_stands() {
        assert_eq!(anywhere("100%_A!"), "%100!%!_a!!%");
    }
}
