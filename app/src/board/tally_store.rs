//! The SQL of the tally: the rows of one case, and the sums. Every statement about a case finds its rows by the case.

use chrono::{DateTime, NaiveDate, Utc};

use crate::case::stage::Stage;
use crate::evaluation::model::{Question, Satisfaction};
use crate::ids::{CaseId, MeetingId, SittingId};
use crate::rules::Category;
use crate::storage::{Column, Database, StorageError, Tx};
use crate::topic::model::TopicSource;

/// The topic of a case.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct TopicRow {
    pub town_id: String,
    #[sqlx(try_from = "String")]
    pub source: Column<TopicSource>,
    #[sqlx(try_from = "String")]
    pub stage: Column<Stage>,
    pub submitted_at: DateTime<Utc>,
    pub is_public: bool,
}

/// A stage that the case came into.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct SpanRow {
    #[sqlx(try_from = "String")]
    pub stage: Column<Stage>,
    pub entered_at: DateTime<Utc>,
}

/// A day on which a meeting was opened.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct OpeningRow {
    pub sitting_id: SittingId,
    pub meeting_id: MeetingId,
    pub opened_at: DateTime<Utc>,
    pub announced_at: Option<DateTime<Utc>>,
    pub urgent: bool,
}

/// Who was there, by category.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct PresentRow {
    pub sitting_id: SittingId,
    #[sqlx(try_from = "String")]
    pub category: Column<Category>,
    pub n: i64,
    pub women: i64,
}

/// An item of an outcome list, with the class of its newest task once that is verified.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct OutcomeRow {
    pub signed_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
    pub class: Option<String>,
    pub adoption: Option<String>,
}

/// A task.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct TaskRow {
    pub due_on: NaiveDate,
    pub in_time: Option<bool>,
    pub assigned_at: DateTime<Utc>,
    pub replied_at: Option<DateTime<Utc>>,
    pub verified_at: Option<DateTime<Utc>>,
}

/// A survey that was closed.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct SurveyRow {
    pub closed_at: DateTime<Utc>,
    pub verdict: Option<String>,
}

/// How often something was answered on the handling.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct AnswerRow {
    pub closed_at: DateTime<Utc>,
    #[sqlx(try_from = "String")]
    pub answer: Column<Satisfaction>,
    pub n: i64,
}

/// All that is counted of a case.
#[derive(Debug)]
pub(super) struct CaseRows {
    pub topic: TopicRow,
    pub spans: Vec<SpanRow>,
    pub openings: Vec<OpeningRow>,
    pub present: Vec<PresentRow>,
    pub outcomes: Vec<OutcomeRow>,
    pub tasks: Vec<TaskRow>,
    pub surveys: Vec<SurveyRow>,
    pub answers: Vec<AnswerRow>,
    pub published_at: Option<DateTime<Utc>>,
}

/// The rows of a case; none for one without a topic.
pub(super) async fn case_rows(tx: &mut Tx, case: CaseId) -> Result<Option<CaseRows>, StorageError> {
    let of = || vec![case.into()];
    let topic: Option<TopicRow> =
        tx.row("SELECT town_id, source, stage, submitted_at, is_public FROM topic WHERE topic_id = $1", of()).await?;
    let Some(topic) = topic else { return Ok(None) };
    let spans = tx.rows("SELECT stage, entered_at FROM stage_span WHERE case_id = $1 ORDER BY span_no", of()).await?;
    let openings: Vec<OpeningRow> = tx
        .rows(
            "SELECT s.sitting_id, s.meeting_id, s.opened_at, m.announced_at, m.urgent
             FROM sitting s JOIN meeting m ON m.meeting_id = s.meeting_id
             WHERE s.case_id = $1 AND s.opened_at IS NOT NULL ORDER BY s.opened_at, s.no",
            of(),
        )
        .await?;
    let (mut present, mut outcomes, mut tasks, mut surveys, mut answers) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut published: Option<(DateTime<Utc>,)> = None;
    // Most cases never come to a meeting, and what follows it they do not have.
    if !openings.is_empty() {
        present = tx
            .rows(
                "SELECT s.sitting_id, i.category, COUNT(*) AS n,
                        CAST(SUM(CASE WHEN i.woman THEN 1 ELSE 0 END) AS BIGINT) AS women
                 FROM sitting s JOIN check_in c ON c.sitting_id = s.sitting_id
                 JOIN invitee i ON i.invitee_id = c.invitee_id
                 WHERE s.case_id = $1 AND s.opened_at IS NOT NULL AND c.undone_at IS NULL
                 GROUP BY s.sitting_id, i.category",
                of(),
            )
            .await?;
        outcomes = tx
            .rows(
                "SELECT n.signed_at, o.decided_at, o.adoption,
                        (SELECT CASE WHEN k.state = 'verified' THEN k.class END FROM task k
                         WHERE k.case_id = o.case_id AND k.outcome_id = o.outcome_id
                         ORDER BY k.round DESC, k.no DESC LIMIT 1) AS class
                 FROM outcome o JOIN minutes n ON n.minutes_id = o.minutes_id WHERE o.case_id = $1",
                of(),
            )
            .await?;
        tasks = tx
            .rows("SELECT due_on, in_time, assigned_at, replied_at, verified_at FROM task WHERE case_id = $1", of())
            .await?;
        surveys =
            tx.rows("SELECT closed_at, verdict FROM survey WHERE case_id = $1 AND closed_at IS NOT NULL", of()).await?;
        answers = tx
            .rows(
                "SELECT v.closed_at, c.answer, CAST(SUM(c.n) AS BIGINT) AS n
                 FROM survey v JOIN survey_count c ON c.survey_id = v.survey_id
                 WHERE v.case_id = $1 AND v.closed_at IS NOT NULL AND c.question = $2
                 GROUP BY v.survey_id, v.closed_at, c.answer",
                vec![case.into(), Question::Handling.code().into()],
            )
            .await?;
        published = tx.row("SELECT published_at FROM case_story WHERE case_id = $1", of()).await?;
    }
    let published_at = published.map(|row| row.0);
    Ok(Some(CaseRows { topic, spans, openings, present, outcomes, tasks, surveys, answers, published_at }))
}

/// Some of the cases that changed since they were counted.
pub(super) async fn stale(db: &Database, limit: i64) -> Result<Vec<(CaseId,)>, StorageError> {
    db.rows("SELECT case_id FROM board_stale ORDER BY case_id LIMIT $1", vec![limit.into()]).await
}

/// Marks a case that changes, in the transaction in which it does.
///
/// # Errors
/// When the database refuses it.
pub async fn mark(tx: &mut Tx, case: CaseId) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO board_stale (case_id, marks) VALUES ($1, 1)
         ON CONFLICT (case_id) DO UPDATE SET marks = board_stale.marks + 1",
        vec![case.into()],
    )
    .await?;
    Ok(())
}

/// Takes the mark away; false when it is gone. A change that is under way is waited for.
pub(super) async fn unmark(tx: &mut Tx, case: CaseId) -> Result<bool, StorageError> {
    Ok(tx.execute("DELETE FROM board_stale WHERE case_id = $1", vec![case.into()]).await? == 1)
}

/// Waits until nobody else counts.
pub(super) async fn take_turn(tx: &mut Tx) -> Result<(), StorageError> {
    tx.execute("UPDATE board_turn SET turns = turns + 1 WHERE turn_no = 1", Vec::new()).await?;
    Ok(())
}

/// What a case added when it was last counted, as it is stored.
pub(super) async fn counted(tx: &mut Tx, case: CaseId) -> Result<Option<String>, StorageError> {
    let row: Option<(String,)> = tx.row("SELECT body FROM board_case WHERE case_id = $1", vec![case.into()]).await?;
    Ok(row.map(|row| row.0))
}

pub(super) async fn keep(tx: &mut Tx, case: CaseId, body: &str) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO board_case (case_id, body) VALUES ($1, $2)
         ON CONFLICT (case_id) DO UPDATE SET body = excluded.body",
        vec![case.into(), body.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn add(tx: &mut Tx, (what, day, town): (&str, NaiveDate, &str), n: i64) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO board_count (what, day, town_id, n) VALUES ($1, $2, $3, $4)
         ON CONFLICT (what, day, town_id) DO UPDATE SET n = board_count.n + excluded.n",
        vec![what.into(), day.into(), town.into(), n.into()],
    )
    .await?;
    Ok(())
}
