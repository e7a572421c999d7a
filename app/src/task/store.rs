//! The SQL of tasks.

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{Clocked, NoteKind, TaskState};
use crate::access::Towns;
use crate::case::stage::Stage;
use crate::case::store::StageColumn;
use crate::ids::{AccountId, AssignmentId, CaseId, FileId, NoteId, OutcomeId, UnitId};
use crate::rules::ResultClass;
use crate::storage::{Column, Database, StorageError, Tx, Value, columns};

columns! {
    TaskState, "state of a task";
    NoteKind, "kind of note";
}

/// A task, as those who work on the case see it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Task {
    /// Its id.
    pub task_id: AssignmentId,
    /// The case.
    pub case_id: CaseId,
    /// The case's town.
    pub town_id: String,
    /// The outcome it comes from.
    pub outcome_id: Option<OutcomeId>,
    /// Its number in the case.
    pub no: i64,
    /// With which way into tracking it was handed out.
    pub round: i64,
    /// What it is about, with marks in place of names.
    pub matter: String,
    /// What is to be done.
    pub measure: String,
    /// Whom to ask; internal.
    pub contact: String,
    /// 主办单位.
    pub lead_unit: UnitId,
    /// Its name.
    pub lead_name: String,
    /// 快办.
    pub quick: bool,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub state: Column<TaskState>,
    /// Goes up with every change.
    pub version: i64,
    /// When it was handed to the present lead.
    pub assigned_at: DateTime<Utc>,
    /// By when it is to be answered.
    pub due_on: NaiveDate,
    /// The last day that an extension may reach.
    pub limit_on: NaiveDate,
    /// The last day of what the present state waits for.
    pub wait_on: NaiveDate,
    /// Whether a unit declined it.
    pub declined_once: bool,
    /// When the lead signed.
    pub signed_at: Option<DateTime<Utc>>,
    /// How much is done, in percent.
    pub percent: i64,
    /// When the lead last reported.
    pub reported_at: Option<DateTime<Utc>>,
    /// The day of the last progress that everybody could read.
    pub public_on: Option<NaiveDate>,
    /// asked, granted, refused.
    pub extension: Option<String>,
    /// The day that was asked for.
    pub extension_to: Option<NaiveDate>,
    pub(super) class: Option<String>,
    /// By when it is planned (C).
    pub target_on: Option<NaiveDate>,
    /// When it was answered.
    pub replied_at: Option<DateTime<Utc>>,
    /// Who answered.
    pub replied_by: Option<AccountId>,
    /// Whether it was answered in time.
    pub in_time: Option<bool>,
    /// When it was verified.
    pub verified_at: Option<DateTime<Utc>>,
    /// The day to look again.
    pub lookback_on: Option<NaiveDate>,
    /// The task it goes on from.
    pub of_task: Option<AssignmentId>,
    /// Why it does: redo, lookback, reopened.
    pub why: Option<String>,
    /// How many steps of the chain were taken.
    pub escalated: i64,
    /// The last day that was reminded of.
    pub reminded_for: Option<NaiveDate>,
}

impl Task {
    /// How far it is.
    #[must_use]
    pub const fn state(&self) -> TaskState {
        self.state.0
    }

    /// The class that was answered.
    #[must_use]
    pub fn class(&self) -> Option<ResultClass> {
        self.class.as_deref().and_then(ResultClass::from_code)
    }

    pub(super) fn set_class(&mut self, class: Option<ResultClass>) {
        self.class = class.map(|class| class.code().to_owned());
    }

    /// Whether it is over its last day.
    #[must_use]
    pub fn is_late(&self, today: NaiveDate) -> bool {
        self.state() != TaskState::Verified && self.wait_on < today
    }

    /// What the clock looks at.
    #[must_use]
    pub const fn clocked(&self) -> Clocked {
        Clocked {
            state: self.state.0,
            wait_on: self.wait_on,
            escalated: self.escalated,
            reminded_for: self.reminded_for,
        }
    }
}

/// The columns of [`Task`], from `task t` and `unit u`.
macro_rules! task_columns {
    () => {
        "t.task_id, t.case_id, t.town_id, t.outcome_id, t.no, t.round, t.matter, t.measure, t.contact, t.lead_unit,
         u.name AS lead_name, t.quick, t.state, t.version, t.assigned_at, t.due_on, t.limit_on, t.wait_on,
         t.declined_once, t.signed_at, t.percent, t.reported_at, t.public_on, t.extension, t.extension_to, t.class,
         t.target_on, t.replied_at, t.replied_by, t.in_time, t.verified_at, t.lookback_on, t.of_task, t.why,
         t.escalated, t.reminded_for"
    };
}

macro_rules! tasks {
    ($tail:literal) => {
        concat!("SELECT ", task_columns!(), " FROM task t JOIN unit u ON u.unit_id = t.lead_unit ", $tail)
    };
}

const OF_CASE: &str = tasks!("WHERE t.case_id = $1 ORDER BY t.round DESC, t.no");
const ONE: &str = tasks!("WHERE t.task_id = $1");

/// The tasks of a case, the newest round first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_case(db: &Database, case: CaseId) -> Result<Vec<Task>, StorageError> {
    db.rows(OF_CASE, vec![case.into()]).await
}

pub(super) async fn of_case_in(tx: &mut Tx, case: CaseId) -> Result<Vec<Task>, StorageError> {
    tx.rows(OF_CASE, vec![case.into()]).await
}

pub(super) async fn one(db: &Database, task: AssignmentId) -> Result<Option<Task>, StorageError> {
    db.row(ONE, vec![task.into()]).await
}

pub(super) async fn one_in(tx: &mut Tx, task: AssignmentId) -> Result<Option<Task>, StorageError> {
    tx.row(ONE, vec![task.into()]).await
}

/// A unit of a task.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TaskUnit {
    /// The task.
    pub task_id: AssignmentId,
    /// The unit.
    pub unit_id: UnitId,
    /// Its name.
    pub name: String,
    /// Whether it leads.
    pub is_lead: bool,
    /// When it signed.
    pub signed_at: Option<DateTime<Utc>>,
    /// When it last reported.
    pub reported_at: Option<DateTime<Utc>>,
}

const UNITS: &str = "SELECT p.task_id, p.unit_id, u.name, p.is_lead, p.signed_at, p.reported_at
     FROM task_unit p JOIN unit u ON u.unit_id = p.unit_id
     WHERE p.task_id = $1 ORDER BY CASE WHEN p.is_lead THEN 0 ELSE 1 END, u.name";

pub(super) async fn units(db: &Database, task: AssignmentId) -> Result<Vec<TaskUnit>, StorageError> {
    db.rows(UNITS, vec![task.into()]).await
}

pub(super) async fn units_in(tx: &mut Tx, task: AssignmentId) -> Result<Vec<TaskUnit>, StorageError> {
    tx.rows(UNITS, vec![task.into()]).await
}

/// The units of all tasks of a case.
///
/// # Errors
/// When the database cannot be read.
pub async fn units_of_case(db: &Database, case: CaseId) -> Result<Vec<TaskUnit>, StorageError> {
    db.rows(
        "SELECT p.task_id, p.unit_id, u.name, p.is_lead, p.signed_at, p.reported_at
         FROM task t JOIN task_unit p ON p.task_id = t.task_id JOIN unit u ON u.unit_id = p.unit_id
         WHERE t.case_id = $1 ORDER BY t.no, CASE WHEN p.is_lead THEN 0 ELSE 1 END, u.name",
        vec![case.into()],
    )
    .await
}

pub(super) async fn insert(tx: &mut Tx, task: &Task, next_on: Option<NaiveDate>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO task (task_id, case_id, town_id, outcome_id, no, round, matter, measure, contact, lead_unit, quick,
                           state, version, assigned_at, due_on, limit_on, wait_on, declined_once, percent, of_task, why,
                           escalated, next_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15, $16, FALSE, 0, $17, $18, 0, $19)",
        vec![
            task.task_id.into(),
            task.case_id.into(),
            task.town_id.as_str().into(),
            task.outcome_id.into(),
            task.no.into(),
            task.round.into(),
            task.matter.as_str().into(),
            task.measure.as_str().into(),
            task.contact.as_str().into(),
            task.lead_unit.into(),
            task.quick.into(),
            task.state().code().into(),
            task.assigned_at.into(),
            task.due_on.into(),
            task.limit_on.into(),
            task.wait_on.into(),
            task.of_task.into(),
            task.why.clone().into(),
            next_on.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes what a step may have changed, with the next version.
pub(super) async fn save(tx: &mut Tx, task: &Task, next_on: Option<NaiveDate>) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE task SET measure = $2, contact = $3, lead_unit = $4, quick = $5, state = $6, version = version + 1,
                assigned_at = $7, due_on = $8, limit_on = $9, wait_on = $10, declined_once = $11, signed_at = $12,
                percent = $13, reported_at = $14, public_on = $15, extension = $16, extension_to = $17, class = $18,
                target_on = $19, replied_at = $20, replied_by = $21, in_time = $22, verified_at = $23,
                lookback_on = $24, escalated = $25, reminded_for = $26, next_on = $27
         WHERE task_id = $1",
        vec![
            task.task_id.into(),
            task.measure.as_str().into(),
            task.contact.as_str().into(),
            task.lead_unit.into(),
            task.quick.into(),
            task.state().code().into(),
            task.assigned_at.into(),
            task.due_on.into(),
            task.limit_on.into(),
            task.wait_on.into(),
            task.declined_once.into(),
            task.signed_at.into(),
            task.percent.into(),
            task.reported_at.into(),
            task.public_on.into(),
            task.extension.clone().into(),
            task.extension_to.into(),
            task.class.clone().into(),
            task.target_on.into(),
            task.replied_at.into(),
            task.replied_by.into(),
            task.in_time.into(),
            task.verified_at.into(),
            task.lookback_on.into(),
            task.escalated.into(),
            task.reminded_for.into(),
            next_on.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn add_unit(
    tx: &mut Tx,
    (task, unit): (AssignmentId, UnitId),
    is_lead: bool,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO task_unit (task_id, unit_id, is_lead) VALUES ($1, $2, $3)
         ON CONFLICT (task_id, unit_id) DO UPDATE SET is_lead = excluded.is_lead, signed_at = NULL, signed_by = NULL",
        vec![task.into(), unit.into(), is_lead.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn drop_unit(tx: &mut Tx, task: AssignmentId, unit: UnitId) -> Result<(), StorageError> {
    tx.execute("DELETE FROM task_unit WHERE task_id = $1 AND unit_id = $2", vec![task.into(), unit.into()]).await?;
    Ok(())
}

/// Notes that a unit signed; false when it had.
pub(super) async fn sign_unit(
    tx: &mut Tx,
    (task, unit): (AssignmentId, UnitId),
    (at, by): (DateTime<Utc>, Option<AccountId>),
) -> Result<bool, StorageError> {
    let signed = tx
        .execute(
            "UPDATE task_unit SET signed_at = $3, signed_by = $4
             WHERE task_id = $1 AND unit_id = $2 AND signed_at IS NULL",
            vec![task.into(), unit.into(), at.into(), by.into()],
        )
        .await?;
    Ok(signed == 1)
}

pub(super) async fn report_unit(
    tx: &mut Tx,
    (task, unit): (AssignmentId, UnitId),
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE task_unit SET reported_at = $3 WHERE task_id = $1 AND unit_id = $2",
        vec![task.into(), unit.into(), at.into()],
    )
    .await?;
    Ok(())
}

/// A line about to be kept.
pub(super) struct NewNote<'a> {
    pub id: NoteId,
    pub task: Option<AssignmentId>,
    pub case: CaseId,
    pub at: DateTime<Utc>,
    pub author: Option<AccountId>,
    pub unit: Option<UnitId>,
    pub kind: NoteKind,
    pub is_public: bool,
    pub words: &'a str,
    pub percent: Option<i64>,
    pub day: Option<NaiveDate>,
    pub place: &'a str,
    pub more: &'a str,
    pub class: Option<ResultClass>,
    pub files: &'a [FileId],
    pub level: Option<i64>,
    pub passed_over: bool,
    pub salt: String,
    pub ledger_seq: i64,
}

pub(super) async fn note(tx: &mut Tx, new: NewNote<'_>) -> Result<(), StorageError> {
    let files = new.files.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    tx.execute(
        "INSERT INTO task_note (note_id, task_id, case_id, at, author, unit_id, kind, is_public, words, percent, day, place,
                                more, class, files, level, passed_over, salt, ledger_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        vec![
            new.id.into(),
            new.task.into(),
            new.case.into(),
            new.at.into(),
            new.author.into(),
            new.unit.into(),
            new.kind.code().into(),
            new.is_public.into(),
            new.words.into(),
            new.percent.into(),
            new.day.into(),
            new.place.into(),
            new.more.into(),
            new.class.map(ResultClass::code).into(),
            files.into(),
            new.level.into(),
            new.passed_over.into(),
            new.salt.into(),
            new.ledger_seq.into(),
        ],
    )
    .await?;
    Ok(())
}

/// A line of a task's record.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Note {
    /// Its id.
    pub note_id: NoteId,
    /// The task; none for what is about the case as a whole.
    pub task_id: Option<AssignmentId>,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; internal.
    pub author: Option<String>,
    /// For which unit.
    pub unit: Option<String>,
    /// What it is.
    #[sqlx(try_from = "String")]
    pub kind: Column<NoteKind>,
    /// Whether everybody may read it.
    pub is_public: bool,
    /// What was said.
    pub words: String,
    /// How much is done.
    pub percent: Option<i64>,
    /// The day that it is about.
    pub day: Option<NaiveDate>,
    /// Where.
    pub place: String,
    /// Who was there too, or a link.
    pub more: String,
    class: Option<String>,
    files: String,
    /// Which step of the chain.
    pub level: Option<i64>,
    /// Whether that step was passed over for a higher one.
    pub passed_over: bool,
    /// When a supervision was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

impl Note {
    /// The class of an answer.
    #[must_use]
    pub fn class(&self) -> Option<ResultClass> {
        self.class.as_deref().and_then(ResultClass::from_code)
    }

    /// Photos and files.
    #[must_use]
    pub fn files(&self) -> Vec<FileId> {
        self.files.split(',').filter_map(|id| id.parse().ok()).collect()
    }
}

macro_rules! notes {
    ($tail:literal) => {
        concat!(
            "SELECT n.note_id, n.task_id, n.at, a.name AS author, u.name AS unit, n.kind, n.is_public, n.words, n.percent,
                    n.day, n.place, n.more, n.class, n.files, n.level, n.passed_over, n.answered_at
             FROM task_note n LEFT JOIN account a ON a.account_id = n.author LEFT JOIN unit u ON u.unit_id = n.unit_id ",
            $tail
        )
    };
}

/// The record of a task, newest first.
pub(super) async fn notes(db: &Database, task: AssignmentId) -> Result<Vec<Note>, StorageError> {
    db.rows(notes!("WHERE n.task_id = $1 ORDER BY n.at DESC, n.ledger_seq DESC, n.note_id DESC"), vec![task.into()])
        .await
}

/// The records of all tasks of a case, newest first; with `public_only` what everybody may read.
///
/// # Errors
/// When the database cannot be read.
pub async fn notes_of_case(db: &Database, case: CaseId, public_only: bool) -> Result<Vec<Note>, StorageError> {
    db.rows(
        notes!(
            "WHERE n.case_id = $1 AND (n.is_public OR NOT $2) ORDER BY n.at DESC, n.ledger_seq DESC, n.note_id DESC"
        ),
        vec![case.into(), Value::from(public_only)],
    )
    .await
}

/// Notes that a unit's planned step is done; false when it was before, or is no planned step of that unit.
pub(super) async fn end_planned(
    tx: &mut Tx,
    (task, unit): (AssignmentId, UnitId),
    note: NoteId,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE task_note SET answered_at = $4
             WHERE note_id = $1 AND task_id = $2 AND unit_id = $3 AND kind = 'planned' AND answered_at IS NULL",
            vec![note.into(), task.into(), unit.into(), at.into()],
        )
        .await?;
    Ok(changed == 1)
}

/// An open supervision.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct OpenSupervision {
    pub note_id: NoteId,
    pub task_id: Option<AssignmentId>,
}

pub(super) async fn open_supervision(
    tx: &mut Tx,
    case: CaseId,
    note: NoteId,
) -> Result<Option<OpenSupervision>, StorageError> {
    tx.row(
        "SELECT note_id, task_id FROM task_note
         WHERE case_id = $1 AND note_id = $2 AND kind = 'supervised' AND answered_at IS NULL",
        vec![case.into(), note.into()],
    )
    .await
}

pub(super) async fn answer_supervision(tx: &mut Tx, note: NoteId, at: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute("UPDATE task_note SET answered_at = $2 WHERE note_id = $1", vec![note.into(), at.into()]).await?;
    Ok(())
}

/// Whether a person took part in a case: checked in at one of its meetings, or led or recorded a visit of its research.
pub(super) async fn took_part(tx: &mut Tx, case: CaseId, account: AccountId) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx
        .row(
            "SELECT COUNT(*) FROM topic t WHERE t.topic_id = $1 AND (
                 t.lead_id = $2 OR t.chair_id = $2 OR t.recorder_id = $2
                 OR EXISTS (SELECT 1 FROM research_visit v WHERE v.case_id = $1 AND v.author = $2)
                 OR EXISTS (SELECT 1 FROM invitee i JOIN member m ON m.member_id = i.member_id
                            JOIN check_in c ON c.invitee_id = i.invitee_id
                            WHERE i.case_id = $1 AND m.account_id = $2 AND c.undone_at IS NULL))",
            vec![case.into(), account.into()],
        )
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

/// Tasks at which the clock has to look: case and task.
pub(super) async fn due(
    db: &Database,
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<(CaseId, AssignmentId)>, StorageError> {
    db.rows(
        "SELECT case_id, task_id FROM task WHERE next_on <= $1 ORDER BY next_on, task_id LIMIT $2",
        vec![today.into(), limit.into()],
    )
    .await
}

/// A task as lists show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listed {
    /// The task.
    #[sqlx(flatten)]
    pub task: Task,
    /// Title of the topic.
    pub title: String,
    /// Its number.
    pub number: Option<String>,
    /// Short name of its town.
    pub town: String,
    /// Whether the reader's unit leads.
    pub leads: bool,
    /// When the reader's unit signed.
    pub unit_signed_at: Option<DateTime<Utc>>,
    /// By when a supervision order is to be answered.
    pub ordered_for: Option<NaiveDate>,
    /// Where the case stands.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    /// Whether the district has stopped the case for now.
    pub frozen: bool,
}

impl Listed {
    /// Whether the case is being handled.
    #[must_use]
    pub fn is_tracked(&self) -> bool {
        self.stage.0 == Stage::Tracking
    }
}

macro_rules! listed {
    ($more:literal, $tail:literal) => {
        concat!(
            "SELECT ",
            task_columns!(),
            ", c.title, c.number, w.short_name AS town, c.stage, c.frozen_at IS NOT NULL AS frozen,
             (SELECT MIN(n.day) FROM task_note n
              WHERE n.task_id = t.task_id AND n.kind = 'supervised' AND n.answered_at IS NULL) AS ordered_for, ",
            $more,
            " FROM task t JOIN unit u ON u.unit_id = t.lead_unit JOIN topic c ON c.topic_id = t.case_id
              JOIN town w ON w.town_id = t.town_id ",
            $tail
        )
    };
}

/// What units owe, over all towns, by day.
pub(super) async fn of_units(
    db: &Database,
    units: &[UnitId],
    open: bool,
    limit: i64,
) -> Result<Vec<Listed>, StorageError> {
    let mut list = Vec::new();
    for unit in units {
        let some: Vec<Listed> = db
            .rows(
                listed!(
                    "p.is_lead AS leads, p.signed_at AS unit_signed_at",
                    "JOIN task_unit p ON p.task_id = t.task_id
                     WHERE p.unit_id = $1
                       AND (t.state NOT IN ('replied', 'verified')
                            OR t.state = 'replied' AND p.signed_at IS NULL) = $2
                     ORDER BY t.wait_on, t.task_id LIMIT $3"
                ),
                vec![(*unit).into(), Value::from(open), limit.into()],
            )
            .await?;
        list.extend(some);
    }
    list.sort_by_key(|one| (one.task.wait_on, one.task.task_id));
    Ok(list)
}

/// What is late in some towns, by days.
pub(super) async fn late(
    db: &Database,
    towns: &Towns,
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<Listed>, StorageError> {
    db.rows(
        listed!(
            "TRUE AS leads, t.signed_at AS unit_signed_at",
            "WHERE t.state <> 'verified' AND t.wait_on < $1 AND ($2 = '' OR $2 LIKE '%,' || t.town_id || ',%')
             ORDER BY t.wait_on, t.task_id LIMIT $3"
        ),
        vec![today.into(), towns.into(), limit.into()],
    )
    .await
}

/// What of the tasks of some towns their people or the district have to look at: declined, answered, asked to be put off,
/// or late so long that it was brought to the director. Whether the case is being handled, the reader of the list has to
/// look.
pub(super) async fn asking(db: &Database, towns: &Towns, limit: i64) -> Result<Vec<Listed>, StorageError> {
    db.rows(
        listed!(
            "TRUE AS leads, t.signed_at AS unit_signed_at",
            "WHERE (t.state IN ('declined', 'replied') OR t.extension = 'asked' OR t.escalated >= 3)
               AND t.state <> 'verified' AND ($1 = '' OR $1 LIKE '%,' || t.town_id || ',%')
             ORDER BY t.wait_on, t.task_id LIMIT $2"
        ),
        vec![towns.into(), limit.into()],
    )
    .await
}

/// Tasks of these towns that an assisting unit has not signed for, once for each such unit.
pub(super) async fn unsigned_assist(db: &Database, towns: &Towns, limit: i64) -> Result<Vec<Listed>, StorageError> {
    db.rows(
        listed!(
            "p.is_lead AS leads, p.signed_at AS unit_signed_at",
            "JOIN task_unit p ON p.task_id = t.task_id
             WHERE p.signed_at IS NULL AND NOT p.is_lead AND t.state NOT IN ('declined', 'verified')
               AND ($1 = '' OR $1 LIKE '%,' || t.town_id || ',%')
             ORDER BY t.assigned_at, t.task_id LIMIT $2"
        ),
        vec![towns.into(), limit.into()],
    )
    .await
}

/// Answered tasks of the cases in which a person took part, which that person may verify.
pub(super) async fn to_verify(db: &Database, account: AccountId, limit: i64) -> Result<Vec<Listed>, StorageError> {
    db.rows(
        listed!(
            "TRUE AS leads, t.signed_at AS unit_signed_at",
            "WHERE t.state = 'replied' AND t.case_id IN (
                 SELECT topic_id FROM topic WHERE lead_id = $1
                 UNION SELECT topic_id FROM topic WHERE chair_id = $1
                 UNION SELECT topic_id FROM topic WHERE recorder_id = $1
                 UNION SELECT case_id FROM research_visit WHERE author = $1
                 UNION SELECT i.case_id FROM member m JOIN invitee i ON i.member_id = m.member_id
                       JOIN check_in k ON k.invitee_id = i.invitee_id WHERE m.account_id = $1 AND k.undone_at IS NULL)
             ORDER BY t.wait_on, t.task_id LIMIT $2"
        ),
        vec![account.into(), limit.into()],
    )
    .await
}

/// A supervision order that nobody has answered.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Order {
    /// The line of the record.
    pub note_id: NoteId,
    /// The case.
    pub case_id: CaseId,
    /// The task; none for the case as a whole.
    pub task_id: Option<AssignmentId>,
    /// By when it is to be answered.
    pub day: NaiveDate,
    /// What is asked for.
    pub words: String,
    /// Title of the topic.
    pub title: String,
    /// The town.
    pub town_id: String,
    /// Its short name.
    pub town: String,
    /// Where the case stands.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    /// Whether the district has stopped the case for now.
    pub frozen: bool,
}

impl Order {
    /// Whether it can be answered now.
    pub(super) fn is_open(&self) -> bool {
        !self.stage.0.is_ended() && !self.frozen
    }
}

macro_rules! orders {
    ($tail:literal) => {
        concat!(
            "SELECT n.note_id, n.case_id, n.task_id, n.day, n.words, COALESCE(c.title, c.sent_title) AS title, c.town_id,
                    w.short_name AS town, c.stage, c.frozen_at IS NOT NULL AS frozen
             FROM task_note n JOIN topic c ON c.topic_id = n.case_id JOIN town w ON w.town_id = c.town_id ",
            $tail
        )
    };
}

/// The orders of these towns that nobody has answered, by day.
pub(super) async fn orders(db: &Database, towns: &Towns, limit: i64) -> Result<Vec<Order>, StorageError> {
    db.rows(
        orders!(
            "WHERE n.kind = 'supervised' AND n.answered_at IS NULL AND n.day IS NOT NULL
               AND ($1 = '' OR $1 LIKE '%,' || c.town_id || ',%')
             ORDER BY n.day, n.note_id LIMIT $2"
        ),
        vec![towns.into(), limit.into()],
    )
    .await
}

/// The orders about tasks of a unit that nobody has answered, by day.
pub(super) async fn orders_to(db: &Database, unit: UnitId, limit: i64) -> Result<Vec<Order>, StorageError> {
    db.rows(
        orders!(
            "JOIN task_unit p ON p.task_id = n.task_id
             WHERE p.unit_id = $1 AND n.kind = 'supervised' AND n.answered_at IS NULL AND n.day IS NOT NULL
             ORDER BY n.day, n.note_id LIMIT $2"
        ),
        vec![unit.into(), limit.into()],
    )
    .await
}

/// Tasks of which something not wholly done is to be looked at again by a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn to_look_back(
    db: &Database,
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<(CaseId, AssignmentId)>, StorageError> {
    db.rows(
        "SELECT t.case_id, t.task_id FROM task t JOIN topic c ON c.topic_id = t.case_id
         WHERE t.lookback_on <= $1 AND c.stage IN ('closed', 'archived') AND c.frozen_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM task n WHERE n.of_task = t.task_id)
         ORDER BY t.lookback_on, t.task_id LIMIT $2",
        vec![today.into(), limit.into()],
    )
    .await
}

pub(super) async fn look_back_on(tx: &mut Tx, task: AssignmentId, on: NaiveDate) -> Result<(), StorageError> {
    tx.execute("UPDATE task SET lookback_on = $2 WHERE task_id = $1", vec![task.into(), on.into()]).await?;
    Ok(())
}

/// All units that ever had a task in a case.
pub(super) async fn all_units_in(tx: &mut Tx, case: CaseId) -> Result<Vec<(UnitId,)>, StorageError> {
    tx.rows(
        "SELECT DISTINCT u.unit_id FROM task t JOIN task_unit u ON u.task_id = t.task_id WHERE t.case_id = $1",
        vec![case.into()],
    )
    .await
}
