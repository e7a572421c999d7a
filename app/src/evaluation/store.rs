//! The SQL of surveys and re-openings.

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{Counts, Question, Satisfaction};
use crate::ids::{AccountId, CaseId, InviteeId, ReopeningId, SurveyId};
use crate::rules::Verdict;
use crate::storage::{Database, StorageError, Tx};

/// A survey.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Survey {
    /// Its id.
    pub survey_id: SurveyId,
    /// From 1.
    pub round: i64,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// The last day for answers.
    pub closes_on: NaiveDate,
    /// Whether it was extended once.
    pub extended: bool,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// How many had been at the meeting.
    pub attended: i64,
    /// How many answers are asked for.
    pub needed: i64,
    /// How many there are.
    pub answers: i64,
    /// Who asked that it count though too few answered.
    pub sample_by: Option<AccountId>,
    /// Why.
    pub sample_reason: String,
    verdict: Option<String>,
}

impl Survey {
    /// What followed.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.verdict.as_deref().and_then(Verdict::from_code)
    }

    /// The last day, while it takes answers.
    #[must_use]
    pub fn open_until(&self) -> Option<NaiveDate> {
        self.closed_at.is_none().then_some(self.closes_on)
    }
}

const OF_CASE: &str = "SELECT survey_id, round, opened_at, closes_on, extended, closed_at, attended, needed, answers,
            sample_by, sample_reason, verdict
     FROM survey WHERE case_id = $1 ORDER BY round DESC";

/// The surveys of a case, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn surveys(db: &Database, case: CaseId) -> Result<Vec<Survey>, StorageError> {
    db.rows(OF_CASE, vec![case.into()]).await
}

/// The newest survey of a case.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest(db: &Database, case: CaseId) -> Result<Option<Survey>, StorageError> {
    Ok(surveys(db, case).await?.into_iter().next())
}

pub(super) async fn surveys_in(tx: &mut Tx, case: CaseId) -> Result<Vec<Survey>, StorageError> {
    tx.rows(OF_CASE, vec![case.into()]).await
}

pub(super) async fn insert(
    tx: &mut Tx,
    (survey, case, round): (SurveyId, CaseId, i64),
    (at, closes_on): (DateTime<Utc>, NaiveDate),
    (attended, needed): (i64, i64),
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO survey (survey_id, case_id, round, opened_at, closes_on, extended, attended, needed, answers,
                             sample_reason)
         VALUES ($1, $2, $3, $4, $5, FALSE, $6, $7, 0, '')",
        vec![survey.into(), case.into(), round.into(), at.into(), closes_on.into(), attended.into(), needed.into()],
    )
    .await?;
    Ok(())
}

/// How many people were at the case's meeting that was opened last.
pub(super) async fn attended(tx: &mut Tx, case: CaseId) -> Result<i64, StorageError> {
    let row: Option<(i64,)> = tx
        .row(
            "SELECT COUNT(DISTINCT c.invitee_id) FROM check_in c JOIN invitee i ON i.invitee_id = c.invitee_id
             WHERE c.undone_at IS NULL AND i.meeting_id =
                 (SELECT m.meeting_id FROM meeting m JOIN sitting s ON s.meeting_id = m.meeting_id
                  WHERE m.case_id = $1 AND s.opened_at IS NOT NULL ORDER BY m.round DESC LIMIT 1)",
            vec![case.into()],
        )
        .await?;
    Ok(row.map_or(0, |row| row.0))
}

/// Whether somebody on a list was at a meeting of the case, and is none of a unit that had a task in it.
pub(super) async fn may_judge(tx: &mut Tx, case: CaseId, invitee: InviteeId) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx
        .row(
            "SELECT COUNT(*) FROM invitee i
             WHERE i.invitee_id = $2 AND i.case_id = $1
               AND EXISTS (SELECT 1 FROM check_in c WHERE c.invitee_id = i.invitee_id AND c.undone_at IS NULL)
               AND NOT EXISTS (SELECT 1 FROM task t JOIN task_unit u ON u.task_id = t.task_id
                               WHERE t.case_id = $1 AND u.unit_id = i.unit_id)",
            vec![case.into(), invitee.into()],
        )
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

/// Notes that somebody has answered; false for whoever has before.
pub(super) async fn has_answered(tx: &mut Tx, survey: SurveyId, voter: String) -> Result<bool, StorageError> {
    let first = tx
        .execute(
            "INSERT INTO survey_voter (survey_id, voter) VALUES ($1, $2) ON CONFLICT (survey_id, voter) DO NOTHING",
            vec![survey.into(), voter.into()],
        )
        .await?;
    Ok(first == 1)
}

/// Whether somebody has answered.
pub(super) async fn is_answered(db: &Database, survey: SurveyId, voter: String) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = db
        .row("SELECT COUNT(*) FROM survey_voter WHERE survey_id = $1 AND voter = $2", vec![survey.into(), voter.into()])
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

pub(super) async fn count(
    tx: &mut Tx,
    survey: SurveyId,
    question: Question,
    answer: Satisfaction,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO survey_count (survey_id, question, answer, n) VALUES ($1, $2, $3, 1)
         ON CONFLICT (survey_id, question, answer) DO UPDATE SET n = survey_count.n + 1",
        vec![survey.into(), question.code().into(), answer.code().into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn one_more(tx: &mut Tx, survey: SurveyId) -> Result<(), StorageError> {
    tx.execute("UPDATE survey SET answers = answers + 1 WHERE survey_id = $1", vec![survey.into()]).await?;
    Ok(())
}

pub(super) async fn add_words(tx: &mut Tx, survey: SurveyId, place: String, words: &str) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO survey_words (survey_id, place, words) VALUES ($1, $2, $3)",
        vec![survey.into(), place.into(), words.into()],
    )
    .await?;
    Ok(())
}

const WORDS: &str = "SELECT words FROM survey_words WHERE survey_id = $1 ORDER BY place";

/// What was written, in an order of chance.
pub(super) async fn words(db: &Database, survey: SurveyId) -> Result<Vec<String>, StorageError> {
    let rows: Vec<(String,)> = db.rows(WORDS, vec![survey.into()]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// What people said in the last survey after which the case went back to the units; nothing where none did.
///
/// # Errors
/// When the database cannot be read.
pub async fn redo_words(db: &Database, case: CaseId) -> Result<Vec<String>, StorageError> {
    let redone = surveys(db, case).await?.into_iter().filter(|one| one.verdict() == Some(Verdict::Redo));
    match redone.max_by_key(|one| one.round) {
        Some(survey) => words(db, survey.survey_id).await,
        None => Ok(Vec::new()),
    }
}

/// Writes the words anew in their order of chance, so that the order of the rows says nothing either.
pub(super) async fn shuffle(tx: &mut Tx, survey: SurveyId) -> Result<(), StorageError> {
    let rows: Vec<(String, String)> = tx
        .rows("SELECT place, words FROM survey_words WHERE survey_id = $1 ORDER BY place", vec![survey.into()])
        .await?;
    tx.execute("DELETE FROM survey_words WHERE survey_id = $1", vec![survey.into()]).await?;
    for (place, words) in rows {
        add_words(tx, survey, place, &words).await?;
    }
    Ok(())
}

fn as_counts(rows: Vec<(String, String, i64)>) -> Counts {
    Counts(
        rows.into_iter()
            .filter_map(|(question, answer, n)| {
                Some(((Question::from_code(&question)?, Satisfaction::from_code(&answer)?), n))
            })
            .collect(),
    )
}

const COUNTS: &str = "SELECT question, answer, n FROM survey_count WHERE survey_id = $1";

/// What was answered.
pub(super) async fn counts(db: &Database, survey: SurveyId) -> Result<Counts, StorageError> {
    Ok(as_counts(db.rows(COUNTS, vec![survey.into()]).await?))
}

pub(super) async fn counts_in(tx: &mut Tx, survey: SurveyId) -> Result<Counts, StorageError> {
    Ok(as_counts(tx.rows(COUNTS, vec![survey.into()]).await?))
}

pub(super) async fn extend(tx: &mut Tx, survey: SurveyId, to: NaiveDate) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE survey SET closes_on = $2, extended = TRUE WHERE survey_id = $1",
        vec![survey.into(), to.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn close(tx: &mut Tx, survey: SurveyId, at: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute("UPDATE survey SET closed_at = $2 WHERE survey_id = $1", vec![survey.into(), at.into()]).await?;
    Ok(())
}

pub(super) async fn decide(tx: &mut Tx, survey: SurveyId, verdict: Verdict) -> Result<(), StorageError> {
    tx.execute("UPDATE survey SET verdict = $2 WHERE survey_id = $1", vec![survey.into(), verdict.code().into()])
        .await?;
    Ok(())
}

pub(super) async fn ask_sample(
    tx: &mut Tx,
    survey: SurveyId,
    (by, reason): (Option<AccountId>, &str),
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE survey SET sample_by = $2, sample_reason = $3 WHERE survey_id = $1",
        vec![survey.into(), by.into(), reason.into()],
    )
    .await?;
    Ok(())
}

/// Cases whose survey is over its last day.
pub(super) async fn run_out(db: &Database, today: NaiveDate, limit: i64) -> Result<Vec<(CaseId,)>, StorageError> {
    db.rows(
        "SELECT s.case_id FROM survey s JOIN topic t ON t.topic_id = s.case_id
         WHERE s.closed_at IS NULL AND s.closes_on < $1 AND t.stage = 'evaluating'
         ORDER BY s.closes_on, s.survey_id LIMIT $2",
        vec![today.into(), limit.into()],
    )
    .await
}

// ---- coming up again -------------------------------------------------------------------------------------------------

/// Somebody says that it came up again.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Reopening {
    /// Its id.
    pub reopening_id: ReopeningId,
    /// When.
    pub at: DateTime<Utc>,
    /// What was seen.
    pub words: String,
    /// How to reach the person; internal.
    pub contact: String,
    /// By when the officer looks.
    pub due_on: NaiveDate,
    /// When it was answered.
    pub decided_at: Option<DateTime<Utc>>,
    /// Whether the question was opened again.
    pub accepted: Option<bool>,
    /// Why, or why not; public.
    pub reason: String,
}

const REOPENINGS: &str = "SELECT reopening_id, at, words, contact, due_on, decided_at, accepted, reason
     FROM reopening WHERE case_id = $1 ORDER BY at DESC, reopening_id DESC";

/// What residents said after the closing, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn reopenings(db: &Database, case: CaseId) -> Result<Vec<Reopening>, StorageError> {
    db.rows(REOPENINGS, vec![case.into()]).await
}

pub(super) async fn reopenings_in(tx: &mut Tx, case: CaseId) -> Result<Vec<Reopening>, StorageError> {
    tx.rows(REOPENINGS, vec![case.into()]).await
}

pub(super) async fn insert_reopening(
    tx: &mut Tx,
    (id, case): (ReopeningId, CaseId),
    (words, contact): (&str, &str),
    (at, due_on): (DateTime<Utc>, NaiveDate),
    (salt, seq): (String, i64),
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO reopening (reopening_id, case_id, at, words, contact, due_on, reason, salt, ledger_seq)
         VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8)",
        vec![id.into(), case.into(), at.into(), words.into(), contact.into(), due_on.into(), salt.into(), seq.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn move_reopening(tx: &mut Tx, id: ReopeningId, to: NaiveDate) -> Result<(), StorageError> {
    tx.execute("UPDATE reopening SET due_on = $2 WHERE reopening_id = $1", vec![id.into(), to.into()]).await?;
    Ok(())
}

pub(super) async fn decide_reopening(
    tx: &mut Tx,
    id: ReopeningId,
    (accepted, reason): (bool, &str),
    (at, by): (DateTime<Utc>, Option<AccountId>),
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE reopening SET accepted = $2, reason = $3, decided_at = $4, decided_by = $5 WHERE reopening_id = $1",
        vec![id.into(), accepted.into(), reason.into(), at.into(), by.into()],
    )
    .await?;
    Ok(())
}

/// Forgets how to reach those who said that it came up again, and their words. Returns how many that were.
///
/// # Errors
/// When the database refuses it.
pub async fn forget(tx: &mut Tx, case: CaseId, at: DateTime<Utc>) -> Result<u64, StorageError> {
    tx.execute(
        "UPDATE reopening SET words = '', contact = '', salt = NULL, erased_at = $2
         WHERE case_id = $1 AND erased_at IS NULL AND decided_at IS NOT NULL",
        vec![case.into(), at.into()],
    )
    .await
}

/// When the case was closed for the last time.
pub(super) async fn closed_on(tx: &mut Tx, case: CaseId) -> Result<Option<DateTime<Utc>>, StorageError> {
    let row: Option<(DateTime<Utc>,)> = tx
        .row(
            "SELECT entered_at FROM stage_span WHERE case_id = $1 AND stage = 'closed' ORDER BY span_no DESC LIMIT 1",
            vec![case.into()],
        )
        .await?;
    Ok(row.map(|row| row.0))
}

/// How many of those who said that it came up again have no answer yet.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_reopenings(tx: &mut Tx, case: CaseId) -> Result<usize, StorageError> {
    Ok(reopenings_in(tx, case).await?.iter().filter(|one| one.decided_at.is_none()).count())
}

/// What was answered, once the survey is closed; before that nobody learns it.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts_of(db: &Database, survey: &Survey) -> Result<Counts, StorageError> {
    if survey.closed_at.is_some() { counts(db, survey.survey_id).await } else { Ok(Counts::default()) }
}
