//! The SQL of the board: counts by town. One page asks each of these once, however many towns and cases there are.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{Figures, MONTHS, Met, Period};
use crate::case::stage::Stage;
use crate::evaluation::model::{Question, Satisfaction};
use crate::ids::RoomId;
use crate::plan::model::days;
use crate::rules::{Category, local_date, notice_given};
use crate::storage::{Column, Database, StorageError, Value, columns};
use crate::topic::model::TopicSource;

columns! {
    Stage, "stage";
    TopicSource, "source of a topic";
    Satisfaction, "answer of a survey";
}

/// Figures of every town that has any, by its code.
pub(super) type ByTown = BTreeMap<String, Figures>;

/// What was counted of a year, by town.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn figures(db: &Database, period: &Period) -> Result<ByTown, StorageError> {
    let mut all = ByTown::new();
    topics(db, period, &mut all).await?;
    stages(db, period, &mut all).await?;
    meetings(db, period, &mut all).await?;
    attendance(db, period, &mut all).await?;
    outcomes(db, period, &mut all).await?;
    due_tasks(db, period, &mut all).await?;
    task_times(db, period, &mut all).await?;
    surveys(db, period, &mut all).await?;
    answers(db, period, &mut all).await?;
    stories(db, period, &mut all).await?;
    Ok(all)
}

/// The year as instants: from its first day until the day after the cut-off, so that nothing later is counted.
fn span(period: &Period) -> Vec<Value> {
    let until = period.cut_off.succ_opt().unwrap_or(period.end);
    let (from, until) = days(period.first, until);
    vec![from.into(), until.into()]
}

// ---- topics --------------------------------------------------------------------------------------------------------

/// How many topics were sent between two bounds.
macro_rules! sent_between {
    ($from:literal, $until:literal, $name:literal) => {
        concat!(
            "CAST(SUM(CASE WHEN t.submitted_at >= $",
            $from,
            " AND t.submitted_at < $",
            $until,
            " THEN 1 ELSE 0 END) AS BIGINT) AS ",
            $name
        )
    };
}

const TOPICS: &str = concat!(
    "SELECT t.town_id, t.source, ",
    sent_between!(1, 2, "m1"),
    ", ",
    sent_between!(2, 3, "m2"),
    ", ",
    sent_between!(3, 4, "m3"),
    ", ",
    sent_between!(4, 5, "m4"),
    ", ",
    sent_between!(5, 6, "m5"),
    ", ",
    sent_between!(6, 7, "m6"),
    ", ",
    sent_between!(7, 8, "m7"),
    ", ",
    sent_between!(8, 9, "m8"),
    ", ",
    sent_between!(9, 10, "m9"),
    ", ",
    sent_between!(10, 11, "m10"),
    ", ",
    sent_between!(11, 12, "m11"),
    ", ",
    sent_between!(12, 13, "m12"),
    " FROM topic t WHERE t.submitted_at >= $1 AND t.submitted_at < $13 GROUP BY t.town_id, t.source"
);

#[derive(sqlx::FromRow)]
struct TopicsRow {
    town_id: String,
    #[sqlx(try_from = "String")]
    source: Column<TopicSource>,
    m1: i64,
    m2: i64,
    m3: i64,
    m4: i64,
    m5: i64,
    m6: i64,
    m7: i64,
    m8: i64,
    m9: i64,
    m10: i64,
    m11: i64,
    m12: i64,
}

impl TopicsRow {
    const fn months(&self) -> [i64; MONTHS] {
        [self.m1, self.m2, self.m3, self.m4, self.m5, self.m6, self.m7, self.m8, self.m9, self.m10, self.m11, self.m12]
    }
}

async fn topics(db: &Database, period: &Period, all: &mut ByTown) -> Result<(), StorageError> {
    let bounds = period.starts().map(|day| Value::from(days(day, day).0)).to_vec();
    let rows: Vec<TopicsRow> = db.rows(TOPICS, bounds).await?;
    for row in rows {
        let months = row.months();
        let town = all.entry(row.town_id).or_default();
        for (own, more) in town.raised.iter_mut().zip(months) {
            *own += more;
        }
        *town.sources.entry(row.source.0.code()).or_default() += months.iter().sum::<i64>();
    }
    Ok(())
}

/// Cases that came into a stage for the first time; a case that was put on hold comes into it again. `closed` is how
/// many of them are closed by now.
const STAGES: &str = "SELECT t.town_id, s.stage, COUNT(*) AS n,
            CAST(SUM(CASE WHEN t.stage IN ('closed', 'archived') THEN 1 ELSE 0 END) AS BIGINT) AS closed
     FROM stage_span s JOIN topic t ON t.topic_id = s.case_id
     WHERE s.stage IN ('confirmed', 'declined', 'transferred', 'reported')
       AND s.entered_at >= $1 AND s.entered_at < $2
       AND NOT EXISTS (SELECT 1 FROM stage_span e
                       WHERE e.case_id = s.case_id AND e.stage = s.stage AND e.span_no < s.span_no)
     GROUP BY t.town_id, s.stage";

#[derive(sqlx::FromRow)]
struct StagesRow {
    town_id: String,
    #[sqlx(try_from = "String")]
    stage: Column<Stage>,
    n: i64,
    closed: i64,
}

async fn stages(db: &Database, period: &Period, all: &mut ByTown) -> Result<(), StorageError> {
    let rows: Vec<StagesRow> = db.rows(STAGES, span(period)).await?;
    for row in rows {
        let town = all.entry(row.town_id).or_default();
        match row.stage.0 {
            Stage::Confirmed => town.confirmed += row.n,
            Stage::Declined => town.declined += row.n,
            Stage::Transferred => town.transferred += row.n,
            Stage::Reported => {
                town.reported += row.n;
                town.closed += row.closed;
            }
            _ => {}
        }
    }
    Ok(())
}

// ---- meetings -------------------------------------------------------------------------------------------------------

/// Meetings that were opened, each once. Research counts where it was filed after the meeting of the case before:
/// filing is the only way into 筹备.
const MEETINGS: &str = "SELECT t.town_id, s.opened_at, m.announced_at, m.urgent,
            COALESCE(m.told_room_id, m.room_id) AS room_id,
            EXISTS (SELECT 1 FROM stage_span p
                    WHERE p.case_id = s.case_id AND p.stage = 'planned' AND p.entered_at <= s.opened_at
                      AND NOT EXISTS (SELECT 1 FROM sitting e
                                      WHERE e.case_id = s.case_id AND e.meeting_id <> s.meeting_id
                                        AND e.opened_at >= p.entered_at AND e.opened_at < s.opened_at)) AS researched
     FROM sitting s JOIN meeting m ON m.meeting_id = s.meeting_id JOIN topic t ON t.topic_id = s.case_id
     WHERE s.opened_at >= $1 AND s.opened_at < $2
       AND NOT EXISTS (SELECT 1 FROM sitting e
                       WHERE e.meeting_id = s.meeting_id AND e.opened_at IS NOT NULL AND e.no < s.no)
     ORDER BY s.opened_at, s.sitting_id";

#[derive(sqlx::FromRow)]
struct MeetingRow {
    town_id: String,
    opened_at: DateTime<Utc>,
    announced_at: Option<DateTime<Utc>>,
    urgent: bool,
    room_id: Option<RoomId>,
    researched: bool,
}

async fn meetings(db: &Database, period: &Period, all: &mut ByTown) -> Result<(), StorageError> {
    // The half-year before the cut-off may begin in the year before.
    let from = period.first.min(period.half_from);
    let (from, until) = days(from, period.cut_off.succ_opt().unwrap_or(period.end));
    let rows: Vec<MeetingRow> = db.rows(MEETINGS, vec![from.into(), until.into()]).await?;
    for row in rows {
        let on = local_date(row.opened_at);
        all.entry(row.town_id).or_default().met.push(Met {
            on,
            notice: row.announced_at.map(|at| notice_given(local_date(at), on)),
            urgent: row.urgent,
            researched: row.researched,
            room: row.room_id,
        });
    }
    Ok(())
}

const ATTENDANCE: &str = "SELECT t.town_id, i.category, COUNT(*) AS n,
            CAST(SUM(CASE WHEN i.woman THEN 1 ELSE 0 END) AS BIGINT) AS women
     FROM sitting s JOIN check_in c ON c.sitting_id = s.sitting_id
     JOIN invitee i ON i.invitee_id = c.invitee_id JOIN topic t ON t.topic_id = s.case_id
     WHERE s.opened_at >= $1 AND s.opened_at < $2 AND c.undone_at IS NULL
     GROUP BY t.town_id, i.category";

#[derive(sqlx::FromRow)]
struct AttendanceRow {
    town_id: String,
    #[sqlx(try_from = "String")]
    category: Column<Category>,
    n: i64,
    women: i64,
}

async fn attendance(db: &Database, period: &Period, all: &mut ByTown) -> Result<(), StorageError> {
    let rows: Vec<AttendanceRow> = db.rows(ATTENDANCE, span(period)).await?;
    for row in rows {
        let town = all.entry(row.town_id).or_default();
        *town.present.entry(row.category.0).or_default() += row.n;
        town.women += row.women;
    }
    Ok(())
}

// ---- outcomes and tasks ---------------------------------------------------------------------------------------------

/// Items that were signed or decided on, each with its newest task: after a way back that one says how it ended.
const OUTCOMES: &str = "SELECT x.town_id,
            CAST(SUM(CASE WHEN x.listed THEN 1 ELSE 0 END) AS BIGINT) AS listed,
            CAST(SUM(CASE WHEN x.decided THEN 1 ELSE 0 END) AS BIGINT) AS decided,
            CAST(SUM(CASE WHEN x.decided AND x.adoption = 'full' THEN 1 ELSE 0 END) AS BIGINT) AS in_full,
            CAST(SUM(CASE WHEN x.decided AND x.adoption = 'partial' THEN 1 ELSE 0 END) AS BIGINT) AS in_part,
            CAST(SUM(CASE WHEN x.decided AND x.adopted AND x.class = 'a' THEN 1 ELSE 0 END) AS BIGINT) AS solved,
            CAST(SUM(CASE WHEN x.decided AND x.adopted AND x.class = 'b' THEN 1 ELSE 0 END) AS BIGINT) AS under_way
     FROM (SELECT t.town_id, o.adoption, o.adoption IN ('full', 'partial') AS adopted,
                  n.signed_at >= $1 AND n.signed_at < $2 AS listed,
                  o.adoption IS NOT NULL AND o.decided_at >= $1 AND o.decided_at < $2 AS decided,
                  (SELECT CASE WHEN k.state = 'verified' THEN k.class END FROM task k
                   WHERE k.case_id = o.case_id AND k.outcome_id = o.outcome_id
                   ORDER BY k.round DESC, k.no DESC LIMIT 1) AS class
           FROM outcome o JOIN topic t ON t.topic_id = o.case_id JOIN minutes n ON n.minutes_id = o.minutes_id
           WHERE n.signed_at >= $1 AND n.signed_at < $2 OR o.decided_at >= $1 AND o.decided_at < $2) x
     GROUP BY x.town_id";

#[derive(sqlx::FromRow)]
struct OutcomesRow {
    town_id: String,
    listed: i64,
    decided: i64,
    in_full: i64,
    in_part: i64,
    solved: i64,
    under_way: i64,
}

async fn outcomes(db: &Database, period: &Period, all: &mut ByTown) -> Result<(), StorageError> {
    let rows: Vec<OutcomesRow> = db.rows(OUTCOMES, span(period)).await?;
    for row in rows {
        let town = all.entry(row.town_id).or_default();
        town.listed += row.listed;
        town.decided += row.decided;
        town.full += row.in_full;
        town.partial += row.in_part;
        town.solved += row.solved;
        town.under_way += row.under_way;
    }
    Ok(())
}

/// Tasks whose day is over, up to the day before the cut-off while the year runs: what is due today is not late yet.
const DUE: &str = "SELECT k.town_id, COUNT(*) AS due,
            CAST(SUM(CASE WHEN k.in_time AND k.replied_at IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS in_time,
            CAST(SUM(CASE WHEN k.replied_at IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS unanswered
     FROM task k WHERE k.due_on >= $1 AND k.due_on < $2 GROUP BY k.town_id";

#[derive(sqlx::FromRow)]
struct DueRow {
    town_id: String,
    due: i64,
    in_time: i64,
    unanswered: i64,
}

async fn due_tasks(db: &Database, period: &Period, all: &mut ByTown) -> Result<(), StorageError> {
    // Of a year that is over its last day counts, too: that is before today.
    let is_over = period.cut_off.succ_opt() == Some(period.end);
    let until = if is_over { period.end } else { period.cut_off };
    let rows: Vec<DueRow> = db.rows(DUE, vec![period.first.into(), until.into()]).await?;
    for row in rows {
        let town = all.entry(row.town_id).or_default();
        town.due += row.due;
        town.in_time += row.in_time;
        town.unanswered += row.unanswered;
    }
    Ok(())
}

/// When tasks were handed out, answered and verified: days between two times are counted here, since the engines do not
/// agree on how.
const TIMES: &str = "SELECT k.town_id, k.assigned_at, k.replied_at, k.verified_at FROM task k
     WHERE k.replied_at >= $1 AND k.replied_at < $2 OR k.verified_at >= $1 AND k.verified_at < $2";

#[derive(sqlx::FromRow)]
struct TimesRow {
    town_id: String,
    assigned_at: DateTime<Utc>,
    replied_at: Option<DateTime<Utc>>,
    verified_at: Option<DateTime<Utc>>,
}

async fn task_times(db: &Database, period: &Period, all: &mut ByTown) -> Result<(), StorageError> {
    let rows: Vec<TimesRow> = db.rows(TIMES, span(period)).await?;
    for row in rows {
        let town = all.entry(row.town_id).or_default();
        let answered = row.replied_at.map(local_date).filter(|on| period.month_of(*on).is_some());
        if let Some(on) = answered {
            town.answered += 1;
            town.answer_days += (on - local_date(row.assigned_at)).num_days();
        }
        let verified = row.verified_at.and_then(|at| period.month_of(local_date(at)));
        if let Some(n) = verified.and_then(|month| town.verified.get_mut(month)) {
            *n += 1;
        }
    }
    Ok(())
}

// ---- surveys and stories --------------------------------------------------------------------------------------------

const SURVEYS: &str = "SELECT t.town_id, COUNT(*) AS n,
            CAST(SUM(CASE WHEN v.verdict = 'redo' THEN 1 ELSE 0 END) AS BIGINT) AS redone
     FROM survey v JOIN topic t ON t.topic_id = v.case_id
     WHERE v.closed_at >= $1 AND v.closed_at < $2 GROUP BY t.town_id";

async fn surveys(db: &Database, period: &Period, all: &mut ByTown) -> Result<(), StorageError> {
    let rows: Vec<(String, i64, i64)> = db.rows(SURVEYS, span(period)).await?;
    for (town_id, n, redone) in rows {
        let town = all.entry(town_id).or_default();
        town.surveys += n;
        town.redone += redone;
    }
    Ok(())
}

const ANSWERS: &str = "SELECT t.town_id, c.answer, CAST(SUM(c.n) AS BIGINT) AS n
     FROM survey v JOIN survey_count c ON c.survey_id = v.survey_id JOIN topic t ON t.topic_id = v.case_id
     WHERE v.closed_at >= $1 AND v.closed_at < $2 AND c.question = $3 GROUP BY t.town_id, c.answer";

#[derive(sqlx::FromRow)]
struct AnswersRow {
    town_id: String,
    #[sqlx(try_from = "String")]
    answer: Column<Satisfaction>,
    n: i64,
}

async fn answers(db: &Database, period: &Period, all: &mut ByTown) -> Result<(), StorageError> {
    let mut values = span(period);
    values.push(Question::Handling.code().into());
    let rows: Vec<AnswersRow> = db.rows(ANSWERS, values).await?;
    for row in rows {
        let judged = &mut all.entry(row.town_id).or_default().judged;
        match row.answer.0 {
            Satisfaction::Satisfied => judged.satisfied += row.n,
            Satisfaction::Mostly => judged.mostly += row.n,
            Satisfaction::Not => judged.not += row.n,
        }
    }
    Ok(())
}

const STORIES: &str = "SELECT y.town_id, COUNT(*) AS n FROM case_story y JOIN topic t ON t.topic_id = y.case_id
     WHERE t.is_public AND y.published_at >= $1 AND y.published_at < $2 GROUP BY y.town_id";

async fn stories(db: &Database, period: &Period, all: &mut ByTown) -> Result<(), StorageError> {
    let rows: Vec<(String, i64)> = db.rows(STORIES, span(period)).await?;
    for (town_id, n) in rows {
        all.entry(town_id).or_default().stories += n;
    }
    Ok(())
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
        "SELECT t.town_id, t.stage, COUNT(*) AS n,
                CAST(SUM(CASE WHEN t.due_on < $1 AND t.waits_for IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS late,
                MIN(t.stage_since) AS since
         FROM topic t
         WHERE t.stage NOT IN ('draft', 'archived', 'transferred', 'merged', 'declined', 'withdrawn', 'lapsed',
                               'terminated')
         GROUP BY t.town_id, t.stage",
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
            "SELECT town_id, COUNT(*) AS n FROM task WHERE state <> 'verified' AND wait_on < $1 GROUP BY town_id",
            vec![today.into()],
        )
        .await?;
    Ok(rows.into_iter().collect())
}
