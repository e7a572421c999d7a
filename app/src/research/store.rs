//! The SQL of the research.

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{Heard, Questionnaire, ReportEdition, ResearchReport, Results, Tally, Task, TaskState, Visit};
use crate::case::record::Record;
use crate::case::store::{Version, versions};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, FileId, QuestionnaireId, TaskId, VisitId};
use crate::storage::{Database, StorageError, Tx, Value};

fn read<T: serde::de::DeserializeOwned>(what: &str, body: &str) -> Result<T, StorageError> {
    serde_json::from_str(body).map_err(|e| StorageError::Corrupt(format!("{what}: {e}")))
}

// ---- the lead --------------------------------------------------------------------------------------------------------

/// Somebody who may lead the research of a town.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Candidate {
    /// The account.
    pub account_id: AccountId,
    /// The person's name.
    pub name: String,
    /// Code of the role for which the person is offered; of several the first of member, officer, director.
    pub role: String,
}

/// Members, officers and directors of a town whose account is in use, members first.
pub(super) async fn candidates(db: &Database, town: &str) -> Result<Vec<Candidate>, StorageError> {
    let rows: Vec<Candidate> = db
        .rows(
            "SELECT a.account_id, a.name, g.role FROM account a JOIN account_grant g ON g.account_id = a.account_id
             WHERE g.town_id = $1 AND g.role IN ('member', 'officer', 'director') AND a.disabled_at IS NULL
             ORDER BY CASE g.role WHEN 'member' THEN 0 WHEN 'officer' THEN 1 ELSE 2 END, a.name, a.account_id",
            vec![town.into()],
        )
        .await?;
    let mut people: Vec<Candidate> = Vec::with_capacity(rows.len());
    for row in rows {
        if people.iter().all(|known| known.account_id != row.account_id) {
            people.push(row);
        }
    }
    Ok(people)
}

/// Whether somebody may lead the research of a town.
pub(super) async fn may_lead(tx: &mut Tx, account: AccountId, town: &str) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx
        .row(
            "SELECT COUNT(*) FROM account a JOIN account_grant g ON g.account_id = a.account_id
             WHERE a.account_id = $1 AND g.town_id = $2 AND g.role IN ('member', 'officer', 'director')
               AND a.disabled_at IS NULL",
            vec![account.into(), town.into()],
        )
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

// ---- tasks -----------------------------------------------------------------------------------------------------------

/// A task with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskLine {
    /// Its id.
    pub id: TaskId,
    /// What it is.
    pub task: Task,
    /// How far it is.
    pub state: TaskState,
    /// Why it was dropped.
    pub reason: String,
}

#[derive(sqlx::FromRow)]
struct TaskRow {
    task_id: TaskId,
    body: String,
    state: String,
    reason: String,
}

/// The tasks of a case by their day.
pub(super) async fn tasks(db: &Database, case: CaseId) -> Result<Vec<TaskLine>, StorageError> {
    let rows: Vec<TaskRow> = db
        .rows(
            "SELECT task_id, body, state, reason FROM research_task
             WHERE case_id = $1 AND erased_at IS NULL ORDER BY planned_on, task_id",
            vec![case.into()],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let state = TaskState::from_code(&row.state)
                .ok_or_else(|| StorageError::Corrupt(format!("task state {}", row.state)))?;
            Ok(TaskLine { id: row.task_id, task: read("research_task", &row.body)?, state, reason: row.reason })
        })
        .collect()
}

/// Where a row stands: its case, round and ledger entry, and the salt of its hash.
pub(super) struct Place<'a> {
    pub case: CaseId,
    pub round: i64,
    pub seq: i64,
    pub salt: &'a str,
}

pub(super) async fn insert_task(
    tx: &mut Tx,
    id: TaskId,
    planned_on: NaiveDate,
    body: &str,
    place: Place<'_>,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO research_task (task_id, case_id, round, state, planned_on, body, reason, salt, ledger_seq)
         VALUES ($1, $2, $3, 'open', $4, $5, '', $6, $7)",
        vec![
            id.into(),
            place.case.into(),
            place.round.into(),
            planned_on.into(),
            body.into(),
            place.salt.into(),
            place.seq.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Settles an open task; whether there was one.
pub(super) async fn settle_task(
    tx: &mut Tx,
    case: CaseId,
    id: TaskId,
    state: TaskState,
    reason: &str,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE research_task SET state = $3, reason = $4
             WHERE task_id = $1 AND case_id = $2 AND state = 'open'",
            vec![id.into(), case.into(), state.code().into(), reason.into()],
        )
        .await?;
    Ok(changed > 0)
}

// ---- visits ----------------------------------------------------------------------------------------------------------

/// A version of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitLine {
    /// The visit.
    pub id: VisitId,
    /// From 1.
    pub version: i64,
    /// The round of consultation in which it was made.
    pub round: i64,
    /// Whether no later version corrects it.
    pub newest: bool,
    /// What is on record.
    pub visit: Visit,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// The name of who recorded it.
    pub author: Option<String>,
}

#[derive(sqlx::FromRow)]
struct VisitRow {
    visit_id: VisitId,
    version: i64,
    round: i64,
    newest: bool,
    body: String,
    at: DateTime<Utc>,
    author: Option<String>,
}

/// All versions of all visits of a case: the latest day first, of each visit the newest version first.
pub(super) async fn visits(db: &Database, case: CaseId) -> Result<Vec<VisitLine>, StorageError> {
    let rows: Vec<VisitRow> = db
        .rows(
            "SELECT v.visit_id, v.version, v.round, v.newest, v.body, v.at, a.name AS author
             FROM research_visit v LEFT JOIN account a ON a.account_id = v.author
             JOIN research_visit n ON n.visit_id = v.visit_id AND n.newest
             WHERE v.case_id = $1 AND v.erased_at IS NULL
             ORDER BY n.visited_on DESC, v.visit_id DESC, v.version DESC",
            vec![case.into()],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(VisitLine {
                id: row.visit_id,
                version: row.version,
                round: row.round,
                newest: row.newest,
                visit: read("research_visit", &row.body)?,
                at: row.at,
                author: row.author,
            })
        })
        .collect()
}

/// The visits that T5 counts: the newest version of each.
pub(super) async fn counted(tx: &mut Tx, case: CaseId, round: i64) -> Result<Vec<Visit>, StorageError> {
    let rows: Vec<(String,)> = tx
        .rows(
            "SELECT body FROM research_visit
             WHERE case_id = $1 AND round = $2 AND newest AND erased_at IS NULL ORDER BY visited_on, visit_id",
            vec![case.into(), round.into()],
        )
        .await?;
    rows.iter().map(|(body,)| read("research_visit", body)).collect()
}

/// The newest version of a visit of a case, with its number and round.
pub(super) async fn newest_visit(
    tx: &mut Tx,
    case: CaseId,
    id: VisitId,
) -> Result<Option<(i64, i64, Visit)>, StorageError> {
    let row: Option<(i64, i64, String)> = tx
        .row(
            "SELECT version, round, body FROM research_visit WHERE visit_id = $1 AND case_id = $2 AND newest",
            vec![id.into(), case.into()],
        )
        .await?;
    row.map(|(version, round, body)| Ok((version, round, read("research_visit", &body)?))).transpose()
}

pub(super) async fn insert_visit(
    tx: &mut Tx,
    ctx: &Ctx,
    (id, version): (VisitId, i64),
    (on, body): (NaiveDate, &str),
    place: Place<'_>,
) -> Result<(), StorageError> {
    tx.execute("UPDATE research_visit SET newest = FALSE WHERE visit_id = $1 AND newest", vec![id.into()]).await?;
    tx.execute(
        "INSERT INTO research_visit (visit_id, version, case_id, round, newest, visited_on, body, author, at, salt,
                ledger_seq)
         VALUES ($1, $2, $3, $4, TRUE, $5, $6, $7, $8, $9, $10)",
        vec![
            id.into(),
            version.into(),
            place.case.into(),
            place.round.into(),
            on.into(),
            body.into(),
            ctx.actor.account().into(),
            ctx.now().into(),
            place.salt.into(),
            place.seq.into(),
        ],
    )
    .await?;
    Ok(())
}

/// A file of the research.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ResearchFile {
    /// Its id.
    pub file_id: FileId,
    /// The name it had.
    pub name: String,
    /// Its type.
    pub media_type: String,
}

/// The files of the research, in order.
pub(super) async fn files(db: &Database, case: CaseId) -> Result<Vec<ResearchFile>, StorageError> {
    db.rows(
        "SELECT f.file_id, f.name, f.media_type FROM case_file c JOIN file f ON f.file_id = c.file_id
         WHERE c.case_id = $1 AND c.part = 'research' ORDER BY c.position",
        vec![case.into()],
    )
    .await
}

// ---- where the research stands ---------------------------------------------------------------------------------------

/// A round of consultation: each meeting of a case that was held ends one.
#[derive(Clone, Copy, Debug, Default, sqlx::FromRow)]
pub struct Round {
    /// 1 for the first.
    pub no: i64,
    /// When the minutes of the one before were signed; `None` in the first.
    pub since: Option<DateTime<Utc>>,
}

const ROUND: &str = "SELECT 1 + COUNT(*) AS no,
            (SELECT s.entered_at FROM stage_span s WHERE s.case_id = $1 AND s.stage = 'minuted'
             ORDER BY s.span_no DESC LIMIT 1) AS since
     FROM meeting WHERE case_id = $1 AND state = 'held'";

/// The round of consultation that is under way.
pub(super) async fn round_in(tx: &mut Tx, case: CaseId) -> Result<Round, StorageError> {
    Ok(tx.row(ROUND, vec![case.into()]).await?.unwrap_or_default())
}

/// Whether the newest version of the report was written in a round.
pub(super) async fn is_report_of(tx: &mut Tx, case: CaseId, round: Round) -> Result<bool, StorageError> {
    let Some(since) = round.since else { return Ok(true) };
    let row: Option<(i64,)> = tx
        .row(
            "SELECT COUNT(*) FROM case_record WHERE case_id = $1 AND kind = $2 AND at > $3",
            vec![case.into(), ResearchReport::KIND.into(), since.into()],
        )
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

/// Where the research of a case stands: what T5 is judged on.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// All versions of the visits.
    pub visits: Vec<VisitLine>,
    /// The versions of the report, newest first.
    pub reports: Vec<Version<ResearchReport>>,
    /// The round of consultation that is under way.
    pub round: Round,
}

impl Standing {
    /// The newest version of each visit of this round, in the order of their days.
    #[must_use]
    pub fn counted(&self) -> Vec<Visit> {
        self.visits.iter().rev().filter(|v| v.newest && v.round == self.round.no).map(|v| v.visit.clone()).collect()
    }

    /// What T5 takes for the report: the newest one, if it was written in this round.
    #[must_use]
    pub fn report_of_round(&self) -> ResearchReport {
        let newest = self.reports.first().filter(|v| self.round.since.is_none_or(|since| v.at > since));
        newest.map(|v| v.record.clone()).unwrap_or_default()
    }

    /// The newest report; an empty one where there is none.
    #[must_use]
    pub fn report(&self) -> ResearchReport {
        self.reports.first().map(|v| v.record.clone()).unwrap_or_default()
    }
}

/// Where the research of a case stands.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(db: &Database, case: CaseId) -> Result<Standing, StorageError> {
    let round = db.row(ROUND, vec![case.into()]).await?.unwrap_or_default();
    Ok(Standing { visits: visits(db, case).await?, reports: versions(db, case).await?, round })
}

// ---- what everybody may read -----------------------------------------------------------------------------------------

/// How often one went, and who was heard by category and number.
///
/// # Errors
/// When the database cannot be read.
pub async fn heard(db: &Database, case: CaseId) -> Result<Heard, StorageError> {
    let rows: Vec<(String,)> = db
        .rows("SELECT body FROM research_visit WHERE case_id = $1 AND newest AND erased_at IS NULL", vec![case.into()])
        .await?;
    let visits: Vec<Visit> =
        rows.iter().map(|(body,)| read("research_visit", body)).collect::<Result<_, StorageError>>()?;
    Ok(Heard::of(&visits))
}

/// What the officer released of the report; nothing where it was taken back.
///
/// # Errors
/// When the database cannot be read.
pub async fn released_report(db: &Database, case: CaseId) -> Result<Option<ReportEdition>, StorageError> {
    let newest = versions::<ReportEdition>(db, case).await?.into_iter().next();
    Ok(newest.map(|version| version.record).filter(|edition| !edition.is_blank()))
}

// ---- questionnaires --------------------------------------------------------------------------------------------------

/// A questionnaire with how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionnaireLine {
    /// Its id.
    pub id: QuestionnaireId,
    /// The case it belongs to.
    pub case: CaseId,
    /// What is asked.
    pub asked: Questionnaire,
    /// The last day on which it can be answered.
    pub closes_on: NaiveDate,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// How many answered.
    pub answers: i64,
    /// What came of it; `None` until it is closed.
    pub results: Option<Results>,
}

impl QuestionnaireLine {
    /// Whether it can still be answered.
    #[must_use]
    pub fn is_open(&self, today: NaiveDate) -> bool {
        self.closed_at.is_none() && today <= self.closes_on
    }
}

#[derive(sqlx::FromRow)]
struct QuestionnaireRow {
    questionnaire_id: QuestionnaireId,
    case_id: CaseId,
    body: String,
    closes_on: NaiveDate,
    closed_at: Option<DateTime<Utc>>,
    answers: i64,
    result: Option<String>,
}

impl QuestionnaireRow {
    fn line(self) -> Result<QuestionnaireLine, StorageError> {
        Ok(QuestionnaireLine {
            id: self.questionnaire_id,
            case: self.case_id,
            asked: read("questionnaire", &self.body)?,
            closes_on: self.closes_on,
            closed_at: self.closed_at,
            answers: self.answers,
            results: self.result.map(|result| read("questionnaire result", &result)).transpose()?,
        })
    }
}

macro_rules! questionnaire_columns {
    () => {
        "SELECT questionnaire_id, case_id, body, closes_on, closed_at, answers, result FROM questionnaire "
    };
}

/// The questionnaires of a case, newest first.
pub(super) async fn questionnaires(db: &Database, case: CaseId) -> Result<Vec<QuestionnaireLine>, StorageError> {
    let rows: Vec<QuestionnaireRow> = db
        .rows(concat!(questionnaire_columns!(), "WHERE case_id = $1 ORDER BY questionnaire_id DESC"), vec![case.into()])
        .await?;
    rows.into_iter().map(QuestionnaireRow::line).collect()
}

/// A questionnaire.
pub(super) async fn questionnaire(
    db: &Database,
    id: QuestionnaireId,
) -> Result<Option<QuestionnaireLine>, StorageError> {
    let row: Option<QuestionnaireRow> =
        db.row(concat!(questionnaire_columns!(), "WHERE questionnaire_id = $1"), vec![id.into()]).await?;
    row.map(QuestionnaireRow::line).transpose()
}

/// A questionnaire of a case, inside a step.
pub(super) async fn questionnaire_in(
    tx: &mut Tx,
    case: CaseId,
    id: QuestionnaireId,
) -> Result<QuestionnaireLine, Refusal> {
    let row: Option<QuestionnaireRow> = tx
        .row(
            concat!(questionnaire_columns!(), "WHERE questionnaire_id = $1 AND case_id = $2"),
            vec![id.into(), case.into()],
        )
        .await?;
    Ok(row.ok_or(Refusal::NotFound)?.line()?)
}

/// A questionnaire that residents can answer, as public pages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenQuestionnaire {
    /// Its id.
    pub id: QuestionnaireId,
    /// Its title.
    pub title: String,
    /// The last day.
    pub closes_on: NaiveDate,
}

/// The questionnaires of a case that can be answered on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_questionnaires(
    db: &Database,
    case: CaseId,
    today: NaiveDate,
) -> Result<Vec<OpenQuestionnaire>, StorageError> {
    Ok(questionnaires(db, case)
        .await?
        .into_iter()
        .filter(|q| q.is_open(today))
        .map(|q| OpenQuestionnaire { id: q.id, title: q.asked.title, closes_on: q.closes_on })
        .collect())
}

/// The questionnaires of a case that were closed, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn closed_questionnaires(db: &Database, case: CaseId) -> Result<Vec<QuestionnaireLine>, StorageError> {
    Ok(questionnaires(db, case).await?.into_iter().filter(|q| q.closed_at.is_some()).collect())
}

pub(super) async fn insert_questionnaire(
    tx: &mut Tx,
    ctx: &Ctx,
    (id, case, round): (QuestionnaireId, CaseId, i64),
    asked: &Questionnaire,
    closes_on: NaiveDate,
) -> Result<(), Refusal> {
    let body = serde_json::to_string(asked).map_err(|e| Refusal::internal(&e))?;
    tx.execute(
        "INSERT INTO questionnaire (questionnaire_id, case_id, round, body, closes_on, opened_at, answers)
         VALUES ($1, $2, $3, $4, $5, $6, 0)",
        vec![id.into(), case.into(), round.into(), body.into(), closes_on.into(), ctx.now().into()],
    )
    .await?;
    Ok(())
}

/// Notes that a browser has answered; `false` when it had before.
pub(super) async fn mark_answered(tx: &mut Tx, id: QuestionnaireId, browser: &str) -> Result<bool, StorageError> {
    let added = tx
        .execute(
            "INSERT INTO questionnaire_answered (questionnaire_id, browser_hash) VALUES ($1, $2)
             ON CONFLICT (questionnaire_id, browser_hash) DO NOTHING",
            vec![id.into(), browser.into()],
        )
        .await?;
    if added > 0 {
        tx.execute("UPDATE questionnaire SET answers = answers + 1 WHERE questionnaire_id = $1", vec![id.into()])
            .await?;
    }
    Ok(added > 0)
}

/// Whether a browser has answered.
pub(super) async fn has_answered(db: &Database, id: QuestionnaireId, browser: &str) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = db
        .row(
            "SELECT COUNT(*) FROM questionnaire_answered WHERE questionnaire_id = $1 AND browser_hash = $2",
            vec![id.into(), browser.into()],
        )
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

/// Raises a counter.
pub(super) async fn count(
    tx: &mut Tx,
    id: QuestionnaireId,
    (question, choice): (i64, i64),
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO questionnaire_count (questionnaire_id, question, choice, n) VALUES ($1, $2, $3, 1)
         ON CONFLICT (questionnaire_id, question, choice) DO UPDATE SET n = questionnaire_count.n + 1",
        vec![id.into(), question.into(), choice.into()],
    )
    .await?;
    Ok(())
}

/// Adds words to those of a question. They are kept in the order of their letters, in one row, so that no row and no
/// order tells when they came.
pub(super) async fn add_words(
    tx: &mut Tx,
    id: QuestionnaireId,
    question: i64,
    words: &str,
) -> Result<(), StorageError> {
    let known: Option<(String,)> = tx
        .row(
            "SELECT words FROM questionnaire_words WHERE questionnaire_id = $1 AND question = $2",
            vec![id.into(), question.into()],
        )
        .await?;
    let mut all: Vec<String> = known.map(|(list,)| read("questionnaire words", &list)).transpose()?.unwrap_or_default();
    all.push(words.to_owned());
    all.sort_unstable();
    let list = serde_json::to_string(&all).map_err(|e| StorageError::Corrupt(e.to_string()))?;
    tx.execute(
        "INSERT INTO questionnaire_words (questionnaire_id, question, words) VALUES ($1, $2, $3)
         ON CONFLICT (questionnaire_id, question) DO UPDATE SET words = excluded.words",
        vec![id.into(), question.into(), list.into()],
    )
    .await?;
    Ok(())
}

/// What came of a questionnaire, from counters and words.
pub(super) async fn results(tx: &mut Tx, id: QuestionnaireId, asked: &Questionnaire) -> Result<Results, StorageError> {
    let counts: Vec<(i64, i64, i64)> = tx
        .rows("SELECT question, choice, n FROM questionnaire_count WHERE questionnaire_id = $1", vec![id.into()])
        .await?;
    let words: Vec<(i64, String)> =
        tx.rows("SELECT question, words FROM questionnaire_words WHERE questionnaire_id = $1", vec![id.into()]).await?;
    let of = |question: i64, choice: i64| {
        counts.iter().find(|(q, c, _)| (*q, *c) == (question, choice)).map_or(0, |(_, _, n)| *n)
    };
    let mut tallies = Vec::with_capacity(asked.questions.len());
    for (n, question) in (1_i64..).zip(&asked.questions) {
        let list = words.iter().find(|(q, _)| *q == n).map(|(_, list)| list.as_str());
        let said: Vec<String> = list.map(|list| read("questionnaire words", list)).transpose()?.unwrap_or_default();
        let choices = (1_i64..).zip(question.choices());
        tallies.push(Tally {
            answered: of(n, 0).saturating_add(i64::try_from(said.len()).unwrap_or(0)),
            counts: choices.map(|(choice, _)| of(n, choice)).collect(),
            words: said,
        });
    }
    Ok(Results { tallies })
}

/// Closes a questionnaire and keeps its result; counters, words and the list of browsers go.
pub(super) async fn close(
    tx: &mut Tx,
    ctx: &Ctx,
    id: QuestionnaireId,
    result: &str,
    (salt, seq): (&str, i64),
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE questionnaire SET closed_at = $2, result = $3, salt = $4, ledger_seq = $5 WHERE questionnaire_id = $1",
        vec![id.into(), ctx.now().into(), result.into(), salt.into(), seq.into()],
    )
    .await?;
    for sql in [
        "DELETE FROM questionnaire_count WHERE questionnaire_id = $1",
        "DELETE FROM questionnaire_words WHERE questionnaire_id = $1",
        "DELETE FROM questionnaire_answered WHERE questionnaire_id = $1",
    ] {
        tx.execute(sql, vec![id.into()]).await?;
    }
    Ok(())
}

/// Questionnaires whose last day is over, with their cases.
pub(super) async fn run_out(
    db: &Database,
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<(QuestionnaireId, CaseId)>, StorageError> {
    db.rows(
        "SELECT questionnaire_id, case_id FROM questionnaire
         WHERE closed_at IS NULL AND closes_on < $1 ORDER BY closes_on, questionnaire_id LIMIT $2",
        vec![today.into(), Value::from(limit)],
    )
    .await
}
