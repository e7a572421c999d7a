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

/// Committee members of a town, and what they took part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taking {
    /// On the roster.
    pub members: i64,
    /// Of these at a meeting or on a visit at least once.
    pub active: i64,
    /// How often, all of them together.
    pub times: i64,
}

/// What the members on the rosters took part in in a year, by town: meetings that they came to, and visits that they
/// wrote down.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn taking(db: &Database, period: &Period) -> Result<BTreeMap<String, Taking>, StorageError> {
    let (from, until) = days(period.first, period.end);
    let rows: Vec<(String, i64, i64, i64)> = db
        .rows(
            "SELECT m.town_id, COUNT(*) AS members, COUNT(x.n) AS active,
                    CAST(COALESCE(SUM(x.n), 0) AS BIGINT) AS times
             FROM member m LEFT JOIN (
                 SELECT o.member_id, COUNT(*) AS n FROM (
                     SELECT i.member_id, c.check_in_id AS what
                     FROM invitee i JOIN check_in c ON c.invitee_id = i.invitee_id
                     JOIN sitting s ON s.sitting_id = c.sitting_id
                     WHERE i.member_id IS NOT NULL AND c.undone_at IS NULL AND s.opened_at >= $1 AND s.opened_at < $2
                     UNION ALL
                     SELECT a.member_id, v.visit_id AS what
                     FROM member a JOIN research_visit v ON v.author = a.account_id
                     WHERE a.account_id IS NOT NULL AND v.version = 1 AND v.visited_on >= $3 AND v.visited_on < $4
                 ) o GROUP BY o.member_id) x ON x.member_id = m.member_id
             WHERE m.left_at IS NULL OR m.left_at >= $1 GROUP BY m.town_id",
            vec![from.into(), until.into(), period.first.into(), period.end.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|(town, members, active, times)| (town, Taking { members, active, times })).collect())
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
