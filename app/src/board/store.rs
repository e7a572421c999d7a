//! The SQL of the pages: sums by town. One page asks each of these once, however many towns and cases there are.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{Figures, Period};
use super::tally::What;
use crate::case::stage::Stage;
use crate::evaluation::model::Satisfaction;
use crate::ids::RoomId;
use crate::plan::model::days;
use crate::storage::{Column, Database, StorageError, columns};
use crate::topic::model::TopicSource;

columns! {
    Stage, "stage";
    TopicSource, "source of a topic";
    Satisfaction, "answer of a survey";
}

/// Figures of every town that has any, by its code.
pub(super) type ByTown = BTreeMap<String, Figures>;

/// A sum: what, in which town, on which day, how many.
#[derive(Debug, sqlx::FromRow)]
struct SumRow {
    what: String,
    day: NaiveDate,
    town_id: String,
    n: i64,
}

/// What was counted of a year, by town; the half-year before the cut-off may begin in the year before. Only what was
/// counted since it changed: [`super::refresh`].
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn figures(db: &Database, period: &Period) -> Result<ByTown, StorageError> {
    let mut all = ByTown::new();
    let from = period.first.min(period.half_from);
    let values = vec![from.into(), period.first.into(), period.end.into(), period.due_until().into()];
    let rows: Vec<SumRow> = db
        .rows(
            "SELECT what, day, town_id, n FROM board_count
             WHERE n <> 0 AND day < $3 AND (day >= $2 OR what = 'met' AND day >= $1) AND what NOT LIKE 'due%'
             UNION ALL
             SELECT what, MIN(day) AS day, town_id, CAST(SUM(n) AS BIGINT) AS n FROM board_count
             WHERE what LIKE 'due%' AND day >= $2 AND day < $4 GROUP BY what, town_id",
            values,
        )
        .await?;
    for row in rows {
        let what = What::from_code(&row.what).ok_or_else(|| StorageError::corrupt("what is counted", &row.what))?;
        all.entry(row.town_id).or_default().add(what, row.day, row.n, period);
    }
    Ok(all)
}

// ---- where things wait ----------------------------------------------------------------------------------------------

/// Cases of a town that stand in a stage, as the desk sees them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Waiting {
    /// The town.
    pub town_id: String,
    /// The stage.
    #[sqlx(try_from = "String")]
    pub stage: Column<Stage>,
    /// How many.
    pub n: i64,
    /// How many of them are over their last day.
    pub late: i64,
    /// Since when the one that came first has been in it.
    pub since: DateTime<Utc>,
}

/// Where cases that are not over stand, by town and stage.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn waiting(db: &Database, today: NaiveDate) -> Result<Vec<Waiting>, StorageError> {
    db.rows(
        // Read on their own, what is late is found by its day; grouped at once, every topic would be read for the order.
        "WITH late AS MATERIALIZED (SELECT town_id, stage FROM topic WHERE due_on < $1 AND waits_for IS NOT NULL)
         SELECT c.town_id, c.stage, c.n, COALESCE(l.late, 0) AS late,
                (SELECT MIN(t.stage_since) FROM topic t WHERE t.stage = c.stage AND t.town_id = c.town_id) AS since
         FROM topic_count c
         LEFT JOIN (SELECT town_id, stage, COUNT(*) AS late FROM late GROUP BY town_id, stage) l
              ON l.town_id = c.town_id AND l.stage = c.stage
         WHERE c.n > 0
           AND c.stage NOT IN ('draft', 'archived', 'transferred', 'merged', 'declined', 'withdrawn', 'lapsed',
                               'terminated')
         ORDER BY c.town_id, c.stage",
        vec![today.into()],
    )
    .await
}

/// How many tasks are over the day of what they wait for, by town.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn late_tasks(db: &Database, today: NaiveDate) -> Result<BTreeMap<String, i64>, StorageError> {
    let rows: Vec<(String, i64)> = db
        .rows(
            "WITH late AS MATERIALIZED (SELECT town_id FROM task WHERE state <> 'verified' AND wait_on < $1)
             SELECT town_id, COUNT(*) AS n FROM late GROUP BY town_id",
            vec![today.into()],
        )
        .await?;
    Ok(rows.into_iter().collect())
}

/// The rooms in which a meeting was held since a day.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn used_rooms(db: &Database, since: NaiveDate) -> Result<Vec<(RoomId,)>, StorageError> {
    let from = days(since, since).0;
    db.rows(
        "SELECT r.room_id FROM room r
         WHERE EXISTS (SELECT 1 FROM meeting m JOIN sitting s ON s.meeting_id = m.meeting_id
                       WHERE m.room_id = r.room_id AND m.state = 'held' AND m.starts_at >= $1
                         AND s.opened_at IS NOT NULL)",
        vec![from.into()],
    )
    .await
}
