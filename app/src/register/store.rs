//! The SQL of the register: one statement a sheet, read in pages by key.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::Scope;
use super::sheet::{Cell, Sheet};
use crate::access::StepKind;
use crate::carrier::model::{Six, Whereto, read as read_six};
use crate::case::stage::Stage;
use crate::meeting::model::How;
use crate::minutes::model::Degree;
use crate::plan::model::MeetingState;
use crate::research::model::Visit;
use crate::roster::model::read_tags;
use crate::rules::{Adoption, Category, MeetingFormat, ResultClass, Verdict};
use crate::storage::{Database, Row, StorageError, Value};
use crate::task::model::{NoteKind, TaskState};
use crate::topic::model::{Approval, Ruling, Screening, TopicSource};
use crate::town::RoomLevel;

/// Rows that are read at once.
const PAGE: i64 = 1000;

/// The last row of a page: the next one goes on behind it. Only good for the sheet that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    case: Uuid,
    row: RowKey,
}

/// What orders the rows of one topic: an id, which sorts by time, or a running number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowKey {
    Id(Uuid),
    No(i64),
}

impl From<RowKey> for Value {
    fn from(key: RowKey) -> Self {
        match key {
            RowKey::Id(id) => id.into(),
            RowKey::No(no) => no.into(),
        }
    }
}

/// A page of a sheet, in the order in which the topics were raised: its rows, and where the next page begins, if there
/// may be one.
///
/// # Errors
/// When the database cannot be read.
pub async fn rows(
    db: &Database,
    sheet: Sheet,
    scope: &Scope,
    after: Option<Key>,
) -> Result<(Vec<Vec<Cell>>, Option<Key>), StorageError> {
    of_sheet(db, sheet, scope, after, PAGE).await
}

/// The same with pages of any size.
pub(super) async fn of_sheet(
    db: &Database,
    sheet: Sheet,
    scope: &Scope,
    after: Option<Key>,
    limit: i64,
) -> Result<(Vec<Vec<Cell>>, Option<Key>), StorageError> {
    match sheet {
        Sheet::Topics => page::<TopicLine>(db, scope, after, limit).await,
        Sheet::Screenings => page::<ScreeningLine>(db, scope, after, limit).await,
        Sheet::Rulings => page::<RulingLine>(db, scope, after, limit).await,
        Sheet::Visits => page::<VisitLine>(db, scope, after, limit).await,
        Sheet::Meetings => page::<MeetingLine>(db, scope, after, limit).await,
        Sheet::CheckIns => page::<CheckInLine>(db, scope, after, limit).await,
        Sheet::Minutes => page::<MinutesLine>(db, scope, after, limit).await,
        Sheet::Outcomes => page::<OutcomeLine>(db, scope, after, limit).await,
        Sheet::Tasks => page::<TaskLine>(db, scope, after, limit).await,
        Sheet::Notes => page::<NoteLine>(db, scope, after, limit).await,
        Sheet::Surveys => page::<SurveyLine>(db, scope, after, limit).await,
        Sheet::Reopenings => page::<ReopeningLine>(db, scope, after, limit).await,
        Sheet::Rooms => page::<RoomLine>(db, scope, after, limit).await,
        Sheet::Studios => page::<StudioLine>(db, scope, after, limit).await,
    }
}

/// A row of a sheet as it is read.
trait Line: Row {
    /// The statement.
    const SQL: &'static str;
    /// Before the first row of a topic.
    const START: RowKey;

    /// Where it stands.
    fn key(&self) -> Key;

    /// Its cells; none for a record that belongs to no sheet.
    fn cells(self, phones: bool) -> Result<Option<Vec<Cell>>, StorageError>;
}

async fn page<L: Line>(
    db: &Database,
    scope: &Scope,
    after: Option<Key>,
    limit: i64,
) -> Result<(Vec<Vec<Cell>>, Option<Key>), StorageError> {
    let (from, until) = scope.bounds();
    let after = after.unwrap_or(Key { case: Uuid::nil(), row: L::START });
    let values =
        vec![scope.town().into(), from.into(), until.into(), after.case.into(), after.row.into(), limit.into()];
    let lines: Vec<L> = db.rows(L::SQL, values).await?;
    let full = i64::try_from(lines.len()).is_ok_and(|n| n >= limit);
    let next = lines.last().filter(|_| full).map(L::key);
    let cells: Vec<Option<Vec<Cell>>> =
        lines.into_iter().map(|line| line.cells(scope.phones())).collect::<Result<_, _>>()?;
    Ok((cells.into_iter().flatten().collect(), next))
}

/// A statement: what it reads of a row, the row's key, the tables beside `topic t`, and what else has to hold.
///
/// `$1` is the town or null, `$2` to `$3` the year, `$4` and `$5` the topic and row to go on behind, `$6` how many.
///
/// That `$4` bounds the topic by itself lets both engines begin there instead of counting off what was read before. The
/// tables are joined with `CROSS JOIN` and a condition: SQLite keeps to that order, topic by topic, and sorts only the
/// rows of one; left to itself it would sort all that are left for every page. PostgreSQL reads it as any other join.
macro_rules! sheet {
    ($columns:literal, $key:literal, $joins:literal, $also:literal) => {
        concat!(
            "SELECT t.topic_id AS case_id, t.number, COALESCE(t.title, t.sent_title) AS title, w.short_name AS town, ",
            $key,
            " AS row_key, ",
            $columns,
            " FROM topic t JOIN town w ON w.town_id = t.town_id ",
            $joins,
            " WHERE (CAST($1 AS TEXT) IS NULL OR t.town_id = $1) AND t.submitted_at >= $2 AND t.submitted_at < $3
                AND t.topic_id >= $4 AND (t.topic_id > $4 OR ",
            $key,
            " > $5) ",
            $also,
            " ORDER BY t.topic_id, ",
            $key,
            " LIMIT $6"
        )
    };
}

/// The topic of a row.
#[derive(Debug, sqlx::FromRow)]
struct Head {
    case_id: Uuid,
    number: Option<String>,
    title: String,
    town: String,
}

impl Head {
    fn by_id(&self, id: Uuid) -> Key {
        Key { case: self.case_id, row: RowKey::Id(id) }
    }

    fn by_no(&self, no: i64) -> Key {
        Key { case: self.case_id, row: RowKey::No(no) }
    }

    /// The topic's cells, and those of the row behind them.
    fn with<const N: usize>(self, cells: [Cell; N]) -> Vec<Cell> {
        // A spreadsheet reads a bare 2026-03 as a month.
        let number = self.number.map(|number| format!("{number}号")).unwrap_or_default();
        [Cell::text(number), Cell::text(self.title), Cell::text(self.town)].into_iter().chain(cells).collect()
    }
}

/// A stored code in words; one that nobody knows stays as it is, so that one odd row does not lose all others.
fn word(code: Option<&str>, of: impl Fn(&str) -> Option<&'static str>) -> Cell {
    code.map_or(Cell::Empty, |code| Cell::text(of(code).unwrap_or(code)))
}

fn words(text: Option<String>) -> Cell {
    text.map_or(Cell::Empty, Cell::text)
}

fn read<T: serde::de::DeserializeOwned>(what: &str, body: &str) -> Result<T, StorageError> {
    serde_json::from_str(body).map_err(|e| StorageError::Corrupt(format!("{what}: {e}")))
}

fn category(code: &str) -> Option<&'static str> {
    Category::from_code(code).map(Category::word)
}

// ---- the topic ------------------------------------------------------------------------------------------------------

#[derive(Debug, sqlx::FromRow)]
struct TopicLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: Uuid,
    source: String,
    submitted_at: DateTime<Utc>,
    accepted_at: Option<DateTime<Utc>>,
    stage: String,
    due_on: Option<NaiveDate>,
    phone: Option<String>,
    demo: bool,
}

impl Line for TopicLine {
    const SQL: &'static str = sheet!(
        "t.source, t.submitted_at, t.accepted_at, t.stage, t.due_on, p.phone, t.demo",
        "t.topic_id",
        "LEFT JOIN proposer p ON p.case_id = t.topic_id",
        ""
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        self.head.by_id(self.row_key)
    }

    fn cells(self, phones: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        Ok(Some(self.head.with([
            word(Some(&self.source), |code| TopicSource::from_code(code).map(TopicSource::word)),
            Cell::day_of(self.submitted_at),
            Cell::day_of(self.accepted_at),
            word(Some(&self.stage), |code| Stage::from_code(code).map(Stage::word)),
            Cell::date(self.due_on),
            Cell::phone(self.phone.as_deref().unwrap_or_default(), phones),
            Cell::text(if self.demo { "演示数据" } else { "" }),
        ])))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct ScreeningLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: i64,
    body: String,
    at: DateTime<Utc>,
    author: Option<String>,
}

impl Line for ScreeningLine {
    const SQL: &'static str = sheet!(
        "r.body, r.at, a.name AS author",
        "r.version",
        "CROSS JOIN case_record r LEFT JOIN account a ON a.account_id = r.author",
        "AND r.case_id = t.topic_id AND r.kind = 'screening' AND r.erased_at IS NULL"
    );
    const START: RowKey = RowKey::No(0);

    fn key(&self) -> Key {
        self.head.by_no(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        let record: Screening = read("screening", &self.body)?;
        Ok(Some(self.head.with([
            Cell::text(record.decision.word()),
            Cell::text(record.reason),
            Cell::text(record.transfer_to),
            Cell::day_of(self.at),
            words(self.author),
            Cell::text(record.correction),
        ])))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct RulingLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: i64,
    body: String,
    at: DateTime<Utc>,
    author: Option<String>,
    approval: Option<String>,
}

impl Line for RulingLine {
    // The preparation that lay before whoever decided: the newest of that time.
    const SQL: &'static str = sheet!(
        "r.body, r.at, a.name AS author, p.body AS approval",
        "r.version",
        "CROSS JOIN case_record r LEFT JOIN account a ON a.account_id = r.author
         LEFT JOIN case_record p ON p.case_id = t.topic_id AND p.kind = 'approval' AND p.erased_at IS NULL
              AND p.version = (SELECT MAX(q.version) FROM case_record q
                               WHERE q.case_id = t.topic_id AND q.kind = 'approval' AND q.at <= r.at)",
        "AND r.case_id = t.topic_id AND r.kind = 'ruling' AND r.erased_at IS NULL"
    );
    const START: RowKey = RowKey::No(0);

    fn key(&self) -> Key {
        self.head.by_no(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        let record: Ruling = read("ruling", &self.body)?;
        // Reasons of other steps, such as a look at a telephone number, are kept as rulings too.
        let step = StepKind::from_code(&record.what).filter(|step| {
            matches!(
                step,
                StepKind::ConfirmTopic
                    | StepKind::SendBackPreparation
                    | StepKind::SuspendTopic
                    | StepKind::ResumeTopic
                    | StepKind::TerminateTopic
            )
        });
        let Some(step) = step else { return Ok(None) };
        let approval: Approval = match &self.approval {
            Some(body) => read("approval", body)?,
            None => Approval::default(),
        };
        let bases: Vec<String> =
            approval.bases.iter().map(|(basis, cite)| format!("{}：{cite}", basis.word())).collect();
        Ok(Some(self.head.with([
            Cell::text(step.words()),
            Cell::text(bases.join("；")),
            Cell::text(approval.plan_number),
            Cell::text(record.reason),
            Cell::day_of(self.at),
            words(self.author),
        ])))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct VisitLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: Uuid,
    body: String,
    author: Option<String>,
}

impl Line for VisitLine {
    const SQL: &'static str = sheet!(
        "v.body, a.name AS author",
        "v.visit_id",
        "CROSS JOIN research_visit v LEFT JOIN account a ON a.account_id = v.author",
        "AND v.case_id = t.topic_id AND v.newest AND v.erased_at IS NULL"
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        self.head.by_id(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        let visit: Visit = read("research_visit", &self.body)?;
        Ok(Some(self.head.with([
            Cell::date(visit.on),
            Cell::text(visit.method.word()),
            Cell::text(visit.place.as_str()),
            Cell::text(visit.heard_words()),
            Cell::number(i64::from(visit.heard_in_all())),
            Cell::number(i64::from(visit.members)),
            Cell::text(visit.said),
            Cell::text(visit.seen),
            words(self.author),
        ])))
    }
}

// ---- the meeting ----------------------------------------------------------------------------------------------------

#[derive(Debug, sqlx::FromRow)]
struct MeetingLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: Uuid,
    round: i64,
    starts_at: DateTime<Utc>,
    told_starts_at: Option<DateTime<Utc>>,
    format: String,
    room: Option<String>,
    state: String,
    by_list: i64,
    by_hand: Option<i64>,
    cancelled_because: Option<String>,
}

impl Line for MeetingLine {
    // What people were told counts, not what is being planned anew.
    const SQL: &'static str = sheet!(
        "m.round, m.starts_at, m.told_starts_at, m.format, o.name AS room, m.state, m.cancelled_because,
         (SELECT COUNT(DISTINCT c.invitee_id) FROM sitting s JOIN check_in c ON c.sitting_id = s.sitting_id
          WHERE s.meeting_id = m.meeting_id AND s.opened_at IS NOT NULL AND c.undone_at IS NULL) AS by_list,
         (SELECT MAX(s.hand_present) FROM sitting s
          WHERE s.meeting_id = m.meeting_id AND s.opened_at IS NOT NULL) AS by_hand",
        "m.meeting_id",
        "CROSS JOIN meeting m
         LEFT JOIN room o ON o.room_id = CASE WHEN m.told_starts_at IS NULL THEN m.room_id ELSE m.told_room_id END",
        "AND m.case_id = t.topic_id"
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        self.head.by_id(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        let held = self.state == MeetingState::Held.code();
        Ok(Some(self.head.with([
            Cell::number(self.round),
            Cell::time(self.told_starts_at.unwrap_or(self.starts_at)),
            word(Some(&self.format), |code| MeetingFormat::from_code(code).map(MeetingFormat::word)),
            words(self.room),
            word(Some(&self.state), |code| MeetingState::from_code(code).map(MeetingState::word)),
            Cell::number(held.then_some(self.by_hand.unwrap_or(self.by_list))),
            words(self.cancelled_because),
        ])))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct CheckInLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: Uuid,
    round: i64,
    name: Option<String>,
    account: Option<String>,
    organisation: Option<String>,
    category: Option<String>,
    at: DateTime<Utc>,
    device_at: Option<DateTime<Utc>>,
    how: String,
}

impl Line for CheckInLine {
    const SQL: &'static str = sheet!(
        "m.round, i.name, a.name AS account, i.organisation, i.category, c.at, c.device_at, c.how",
        "c.check_in_id",
        "CROSS JOIN meeting m CROSS JOIN sitting s CROSS JOIN check_in c
         LEFT JOIN invitee i ON i.invitee_id = c.invitee_id
         LEFT JOIN account a ON a.account_id = c.account_id",
        "AND m.case_id = t.topic_id AND s.meeting_id = m.meeting_id AND c.sitting_id = s.sitting_id
         AND c.undone_at IS NULL"
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        self.head.by_id(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        let name = self.name.or(self.account).filter(|name| !name.is_empty());
        let category = match self.category.as_deref() {
            Some(code) => word(Some(code), category),
            None => Cell::text("主持、记录"),
        };
        Ok(Some(self.head.with([
            Cell::number(self.round),
            Cell::text(name.unwrap_or_else(|| "（姓名已删）".to_owned())),
            words(self.organisation),
            category,
            Cell::time(self.device_at.unwrap_or(self.at)),
            word(Some(&self.how), |code| How::from_code(code).map(How::word)),
        ])))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct MinutesLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: Uuid,
    round: i64,
    edition: i64,
    issue: Option<String>,
    signed_at: Option<DateTime<Utc>>,
    signer: Option<String>,
    no_consensus: bool,
    reason: Option<String>,
}

impl Line for MinutesLine {
    const SQL: &'static str = sheet!(
        "m.round, n.edition, n.number AS issue, n.signed_at, a.name AS signer, n.no_consensus, n.reason",
        "n.minutes_id",
        "CROSS JOIN minutes n JOIN meeting m ON m.meeting_id = n.meeting_id
         LEFT JOIN account a ON a.account_id = n.signed_by",
        "AND n.case_id = t.topic_id AND n.state = 'signed'"
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        self.head.by_id(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        Ok(Some(self.head.with([
            Cell::number(self.round),
            Cell::number(self.edition),
            words(self.issue),
            Cell::day_of(self.signed_at),
            words(self.signer),
            Cell::text(if self.no_consensus { "未达成共识" } else { "达成共识" }),
            words(self.reason),
        ])))
    }
}

// ---- what follows ---------------------------------------------------------------------------------------------------

#[derive(Debug, sqlx::FromRow)]
struct OutcomeLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: Uuid,
    no: i64,
    words: String,
    from_category: Option<String>,
    degree: Option<String>,
    adoption: Option<String>,
    reason: String,
    lead_name: Option<String>,
}

impl Line for OutcomeLine {
    const SQL: &'static str = sheet!(
        "o.no, o.words, o.from_category, o.degree, o.adoption, o.reason, u.name AS lead_name",
        "o.outcome_id",
        "CROSS JOIN outcome o LEFT JOIN unit u ON u.unit_id = o.lead_unit",
        "AND o.case_id = t.topic_id"
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        self.head.by_id(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        Ok(Some(self.head.with([
            Cell::number(self.no),
            Cell::unnamed(&self.words),
            word(self.from_category.as_deref(), category),
            word(self.degree.as_deref(), |code| Degree::from_code(code).map(Degree::word)),
            word(self.adoption.as_deref(), |code| Adoption::from_code(code).map(Adoption::word)),
            Cell::unnamed(&self.reason),
            words(self.lead_name),
        ])))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct TaskLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: Uuid,
    no: i64,
    matter: String,
    lead_name: String,
    measure: String,
    assigned_at: DateTime<Utc>,
    due_on: NaiveDate,
    state: String,
    percent: i64,
    class: Option<String>,
    replied_at: Option<DateTime<Utc>>,
    in_time: Option<bool>,
}

impl Line for TaskLine {
    const SQL: &'static str = sheet!(
        "k.no, k.matter, u.name AS lead_name, k.measure, k.assigned_at, k.due_on, k.state, k.percent, k.class,
         k.replied_at, k.in_time",
        "k.task_id",
        "CROSS JOIN task k JOIN unit u ON u.unit_id = k.lead_unit",
        "AND k.case_id = t.topic_id"
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        self.head.by_id(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        let class = self.class.as_deref().map_or(Cell::Empty, |code| {
            Cell::text(match ResultClass::from_code(code) {
                Some(class) => format!("{}类，{}", class.letter(), class.word()),
                None => code.to_owned(),
            })
        });
        Ok(Some(self.head.with([
            Cell::number(self.no),
            Cell::unnamed(&self.matter),
            Cell::text(self.lead_name),
            Cell::unnamed(&self.measure),
            Cell::day_of(self.assigned_at),
            Cell::date(self.due_on),
            word(Some(&self.state), |code| TaskState::from_code(code).map(TaskState::word)),
            Cell::number(self.percent),
            class,
            Cell::day_of(self.replied_at),
            Cell::yes(self.in_time),
        ])))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct NoteLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: Uuid,
    no: Option<i64>,
    at: DateTime<Utc>,
    kind: String,
    unit: Option<String>,
    author: Option<String>,
    percent: Option<i64>,
    words: String,
    is_public: bool,
}

impl Line for NoteLine {
    const SQL: &'static str = sheet!(
        "k.no, n.at, n.kind, u.name AS unit, a.name AS author, n.percent, n.words, n.is_public",
        "n.note_id",
        "CROSS JOIN task_note n LEFT JOIN task k ON k.task_id = n.task_id
         LEFT JOIN unit u ON u.unit_id = n.unit_id LEFT JOIN account a ON a.account_id = n.author",
        "AND n.case_id = t.topic_id"
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        self.head.by_id(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        Ok(Some(self.head.with([
            Cell::number(self.no),
            Cell::time(self.at),
            word(Some(&self.kind), |code| NoteKind::from_code(code).map(NoteKind::word)),
            words(self.unit),
            words(self.author),
            Cell::number(self.percent),
            Cell::unnamed(&self.words),
            Cell::yes(self.is_public),
        ])))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct SurveyLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: i64,
    opened_at: DateTime<Utc>,
    closes_on: NaiveDate,
    attended: i64,
    needed: i64,
    answers: i64,
    verdict: Option<String>,
    sample_reason: String,
}

impl Line for SurveyLine {
    const SQL: &'static str = sheet!(
        "v.opened_at, v.closes_on, v.attended, v.needed, v.answers, v.verdict, v.sample_reason",
        "v.round",
        "CROSS JOIN survey v",
        "AND v.case_id = t.topic_id"
    );
    const START: RowKey = RowKey::No(0);

    fn key(&self) -> Key {
        self.head.by_no(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        Ok(Some(self.head.with([
            Cell::number(self.row_key),
            Cell::day_of(self.opened_at),
            Cell::date(self.closes_on),
            Cell::number(self.attended),
            Cell::number(self.needed),
            Cell::number(self.answers),
            word(self.verdict.as_deref(), |code| Verdict::from_code(code).map(Verdict::word)),
            Cell::text(self.sample_reason),
        ])))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct ReopeningLine {
    #[sqlx(flatten)]
    head: Head,
    row_key: Uuid,
    at: DateTime<Utc>,
    words: String,
    due_on: NaiveDate,
    accepted: Option<bool>,
    reason: String,
    decided_at: Option<DateTime<Utc>>,
}

impl Line for ReopeningLine {
    const SQL: &'static str = sheet!(
        "g.at, g.words, g.due_on, g.accepted, g.reason, g.decided_at",
        "g.reopening_id",
        "CROSS JOIN reopening g",
        "AND g.case_id = t.topic_id"
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        self.head.by_id(self.row_key)
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        let verdict = match self.accepted {
            Some(true) => "重新办理",
            Some(false) => "不再办理",
            None => "等核实",
        };
        Ok(Some(self.head.with([
            Cell::time(self.at),
            Cell::text(self.words),
            Cell::date(self.due_on),
            Cell::text(verdict),
            Cell::text(self.reason),
            Cell::day_of(self.decided_at),
        ])))
    }
}

// ---- rooms and studios ----------------------------------------------------------------------------------------------

/// A statement of what belongs to no topic. The year is that of the day on which it was done: `$2` and `$3` are its
/// first moments in Shanghai, which are on the evening before in UTC.
macro_rules! by_day {
    ($columns:literal, $from:literal, $key:literal, $row:literal, $day:literal) => {
        concat!(
            "SELECT w.short_name AS town, ",
            $columns,
            " FROM ",
            $from,
            " WHERE (CAST($1 AS TEXT) IS NULL OR w.town_id = $1)
                AND CAST(",
            $day,
            " AS TEXT) > substr(CAST($2 AS TEXT), 1, 10)
                AND CAST(",
            $day,
            " AS TEXT) <= substr(CAST($3 AS TEXT), 1, 10)
                AND ",
            $key,
            " >= $4 AND (",
            $key,
            " > $4 OR ",
            $row,
            " > $5)
             ORDER BY ",
            $key,
            ", ",
            $row,
            " LIMIT $6"
        )
    };
}

#[derive(Debug, sqlx::FromRow)]
struct RoomLine {
    town: String,
    check_id: Uuid,
    name: String,
    level: String,
    checked_on: NaiveDate,
    met: String,
    words: String,
    author: Option<String>,
}

impl Line for RoomLine {
    const SQL: &'static str = by_day!(
        "c.check_id, r.name, r.level, c.checked_on, c.met, c.words, a.name AS author",
        "room_check c JOIN room r ON r.room_id = c.room_id JOIN town w ON w.town_id = r.town_id
         LEFT JOIN account a ON a.account_id = c.by_account",
        "c.check_id",
        "c.check_id",
        "c.checked_on"
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        Key { case: self.check_id, row: RowKey::Id(self.check_id) }
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        let met = read_six(&self.met);
        let mut cells = vec![
            Cell::text(self.town),
            Cell::text(self.name),
            word(Some(&self.level), |code| RoomLevel::from_code(code).map(RoomLevel::word)),
            Cell::date(self.checked_on),
            Cell::number(i64::try_from(met.len()).ok()),
        ];
        cells.extend(Six::ALL.iter().map(|six| Cell::yes(met.contains(six))));
        cells.extend([Cell::text(self.words), words(self.author)]);
        Ok(Some(cells))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct StudioLine {
    town: String,
    reception_id: Uuid,
    opinion_id: Option<Uuid>,
    name: String,
    specialty: String,
    days: String,
    held_on: NaiveDate,
    members: i64,
    visitors: Option<i64>,
    words: Option<String>,
    whereto: Option<String>,
    unit: Option<String>,
    due_on: Option<NaiveDate>,
    answer: Option<String>,
    done_on: Option<NaiveDate>,
    number: Option<String>,
}

impl Line for StudioLine {
    // How many came stands once for each reception, so that the column adds up.
    const SQL: &'static str = by_day!(
        "p.reception_id, o.opinion_id, s.name, s.specialty, s.days, p.held_on,
         (SELECT COUNT(*) FROM reception_member x WHERE x.reception_id = p.reception_id) AS members,
         CASE WHEN NOT EXISTS (SELECT 1 FROM studio_opinion e
                               WHERE e.reception_id = p.reception_id AND e.opinion_id < o.opinion_id)
              THEN p.visitors END AS visitors,
         o.words, o.whereto, o.unit, o.due_on, o.answer, o.done_on, t.number",
        "reception p JOIN studio s ON s.studio_id = p.studio_id JOIN town w ON w.town_id = s.town_id
         LEFT JOIN studio_opinion o ON o.reception_id = p.reception_id LEFT JOIN topic t ON t.topic_id = o.topic_id",
        "p.reception_id",
        "o.opinion_id",
        "p.held_on"
    );
    const START: RowKey = RowKey::Id(Uuid::nil());

    fn key(&self) -> Key {
        Key { case: self.reception_id, row: RowKey::Id(self.opinion_id.unwrap_or_default()) }
    }

    fn cells(self, _: bool) -> Result<Option<Vec<Cell>>, StorageError> {
        Ok(Some(vec![
            Cell::text(self.town),
            Cell::text(self.name),
            Cell::text(read_tags(&self.specialty).join("、")),
            Cell::text(self.days),
            Cell::date(self.held_on),
            Cell::number(self.members),
            Cell::number(self.visitors),
            words(self.words),
            word(self.whereto.as_deref(), |code| Whereto::from_code(code).map(Whereto::word)),
            words(self.unit),
            Cell::date(self.due_on),
            words(self.answer),
            Cell::date(self.done_on),
            words(self.number.map(|number| format!("{number}号"))),
        ]))
    }
}
