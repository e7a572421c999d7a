//! The SQL of the floor.

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{SpeechKind, SpeechState};
use crate::ids::{AccountId, CaseId, HandoverId, InviteeId, MeetingId, SittingId, SpeechId, UnitId};
use crate::meeting::model::SittingState;
use crate::rules::{Category, Segment};
use crate::storage::{Column, Database, StorageError, Tx, columns};

columns! {
    SpeechKind, "kind of speech";
    SpeechState, "state of speech";
    Segment, "segment";
}

// ---- the agenda ------------------------------------------------------------------------------------------------------

/// A segment of the agenda as it was held.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Run {
    /// 1 for the first.
    pub no: i64,
    /// Which.
    #[sqlx(try_from = "String")]
    pub segment: Column<Segment>,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

const RUNS: &str = "SELECT no, segment, started_at, ended_at FROM agenda_run WHERE sitting_id = $1 ORDER BY no";

/// The segments of a sitting in the order in which they were held.
///
/// # Errors
/// When the database cannot be read.
pub async fn runs(db: &Database, sitting: SittingId) -> Result<Vec<Run>, StorageError> {
    db.rows(RUNS, vec![sitting.into()]).await
}

pub(in crate::meeting) async fn runs_in(tx: &mut Tx, sitting: SittingId) -> Result<Vec<Run>, StorageError> {
    tx.rows(RUNS, vec![sitting.into()]).await
}

/// How far a meeting that was opened is, for everybody: state and item only.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Progress {
    /// How far its day is.
    #[sqlx(try_from = "String")]
    pub state: Column<SittingState>,
    /// Code of the segment that is on.
    pub segment: Option<String>,
}

impl Progress {
    /// 「会议正在开，现在是「提问」。」
    #[must_use]
    pub fn words(&self) -> String {
        let segment = self.segment.as_deref().and_then(Segment::from_code);
        match (self.state.0, segment) {
            (SittingState::Paused, _) => "会议正在休会，等一会儿接着开。".to_owned(),
            (SittingState::Open, Some(segment)) => format!("会议正在开，现在是「{}」。", segment.word()),
            (SittingState::Open, None) => "会议正在开。".to_owned(),
            _ => "会议已经开完了，纪要签发以后在这里公布。".to_owned(),
        }
    }
}

/// How far a meeting is; `None` for one that was not opened.
///
/// # Errors
/// When the database cannot be read.
pub async fn progress(db: &Database, meeting: MeetingId) -> Result<Option<Progress>, StorageError> {
    db.row(
        "SELECT s.state, (SELECT a.segment FROM agenda_run a WHERE a.sitting_id = s.sitting_id AND a.ended_at IS NULL)
                AS segment
         FROM sitting s WHERE s.meeting_id = $1 AND s.opened_at IS NOT NULL ORDER BY s.no DESC LIMIT 1",
        vec![meeting.into()],
    )
    .await
}

/// Ends the segment that is on; with a next one, begins that.
pub(in crate::meeting) async fn next_run(
    tx: &mut Tx,
    sitting: SittingId,
    next: Option<Segment>,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE agenda_run SET ended_at = $2 WHERE sitting_id = $1 AND ended_at IS NULL",
        vec![sitting.into(), now.into()],
    )
    .await?;
    if let Some(segment) = next {
        tx.execute(
            "INSERT INTO agenda_run (sitting_id, no, segment, started_at)
             VALUES ($1, 1 + (SELECT COUNT(*) FROM agenda_run WHERE sitting_id = $1), $2, $3)",
            vec![sitting.into(), segment.code().into(), now.into()],
        )
        .await?;
    }
    Ok(())
}

// ---- speeches --------------------------------------------------------------------------------------------------------

/// Somebody who asked to speak, and the speech.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Speech {
    /// Its id.
    pub speech_id: SpeechId,
    /// Who.
    pub invitee_id: InviteeId,
    /// 姓名; internal.
    pub name: String,
    /// 单位或村社区; internal.
    pub organisation: String,
    /// Whether the name may be shown in public.
    pub consent_public: bool,
    /// As what.
    #[sqlx(try_from = "String")]
    pub category: Column<Category>,
    /// A speech or a response.
    #[sqlx(try_from = "String")]
    pub kind: Column<SpeechKind>,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub state: Column<SpeechState>,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// Place in the line.
    pub place: i64,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Seconds that were allowed.
    pub allowed_s: i64,
    /// The speech that it answers.
    pub answers: Option<SpeechId>,
    /// Version of the note that stands; 0 without one.
    pub version: i64,
    /// The note that stands; internal until the minutes are out.
    pub words: Option<String>,
    /// Whether its words were erased.
    pub erased: bool,
}

impl Speech {
    /// The note that stands, for reading.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        if self.erased { Some("（已删除）".to_owned()) } else { self.words.clone() }
    }
}

macro_rules! speeches {
    ($tail:literal) => {
        concat!(
            "SELECT s.speech_id, s.invitee_id, i.name, i.organisation, i.consent_public, s.category, s.kind, s.state,
                    s.asked_at, s.place, s.started_at, s.ended_at, s.allowed_s, s.answers, s.version, n.words,
                    n.erased_at IS NOT NULL AS erased
             FROM speech s JOIN invitee i ON i.invitee_id = s.invitee_id
             LEFT JOIN speech_note n ON n.speech_id = s.speech_id AND n.version = s.version ",
            $tail
        )
    };
}

/// Everybody who asked to speak in a sitting, in line.
///
/// # Errors
/// When the database cannot be read.
pub async fn speeches(db: &Database, sitting: SittingId) -> Result<Vec<Speech>, StorageError> {
    db.rows(speeches!("WHERE s.sitting_id = $1 ORDER BY s.place, s.speech_id"), vec![sitting.into()]).await
}

pub(super) async fn speeches_in(tx: &mut Tx, sitting: SittingId) -> Result<Vec<Speech>, StorageError> {
    tx.rows(speeches!("WHERE s.sitting_id = $1 ORDER BY s.place, s.speech_id"), vec![sitting.into()]).await
}

/// A request about to be kept.
pub(super) struct NewSpeech {
    pub id: SpeechId,
    pub case: CaseId,
    pub sitting: SittingId,
    pub invitee: InviteeId,
    pub category: Category,
    pub kind: SpeechKind,
    pub asked_at: DateTime<Utc>,
    pub asked_by: Option<AccountId>,
    pub place: i64,
    pub allowed_s: i64,
    pub answers: Option<SpeechId>,
}

pub(super) async fn insert(tx: &mut Tx, new: NewSpeech) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO speech (speech_id, case_id, sitting_id, invitee_id, category, kind, state, asked_at, asked_by, place,
                             allowed_s, answers, version)
         VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9, $10, $11, 0)",
        vec![
            new.id.into(),
            new.case.into(),
            new.sitting.into(),
            new.invitee.into(),
            new.category.code().into(),
            new.kind.code().into(),
            new.asked_at.into(),
            new.asked_by.into(),
            new.place.into(),
            new.allowed_s.into(),
            new.answers.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn set_place(tx: &mut Tx, speech: SpeechId, place: i64) -> Result<(), StorageError> {
    tx.execute("UPDATE speech SET place = $2 WHERE speech_id = $1", vec![speech.into(), place.into()]).await?;
    Ok(())
}

pub(super) async fn withdraw(tx: &mut Tx, speech: SpeechId) -> Result<(), StorageError> {
    tx.execute("UPDATE speech SET state = 'withdrawn' WHERE speech_id = $1", vec![speech.into()]).await?;
    Ok(())
}

/// Sets how many seconds a speech may take.
pub(super) async fn allow(tx: &mut Tx, speech: SpeechId, allowed_s: i64) -> Result<(), StorageError> {
    tx.execute("UPDATE speech SET allowed_s = $2 WHERE speech_id = $1", vec![speech.into(), allowed_s.into()]).await?;
    Ok(())
}

/// Starts the clock of a speech, in the segment that is on.
pub(super) async fn start(tx: &mut Tx, speech: SpeechId, now: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE speech SET state = 'speaking', started_at = $2,
                segment = (SELECT a.segment FROM agenda_run a
                           WHERE a.sitting_id = speech.sitting_id AND a.ended_at IS NULL)
         WHERE speech_id = $1",
        vec![speech.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// Stops the clock of whoever speaks. Gives how many that were: one or none.
pub(in crate::meeting) async fn stop(tx: &mut Tx, sitting: SittingId, now: DateTime<Utc>) -> Result<u64, StorageError> {
    tx.execute(
        "UPDATE speech SET state = 'spoken', ended_at = $2 WHERE sitting_id = $1 AND state = 'speaking'",
        vec![sitting.into(), now.into()],
    )
    .await
}

pub(super) async fn link(tx: &mut Tx, speech: SpeechId, answers: Option<SpeechId>) -> Result<(), StorageError> {
    tx.execute("UPDATE speech SET answers = $2 WHERE speech_id = $1", vec![speech.into(), answers.into()]).await?;
    Ok(())
}

/// A version of a note about to be kept.
pub(super) struct NewNote<'a> {
    pub speech: SpeechId,
    pub version: i64,
    pub based_on: i64,
    pub words: &'a str,
    pub author: Option<AccountId>,
    pub at: DateTime<Utc>,
    pub salt: String,
    pub ledger_seq: i64,
    /// Whether it is the one that stands now.
    pub stands: bool,
}

pub(super) async fn add_note(tx: &mut Tx, new: NewNote<'_>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO speech_note (speech_id, version, based_on, words, author, at, salt, ledger_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            new.speech.into(),
            new.version.into(),
            new.based_on.into(),
            new.words.into(),
            new.author.into(),
            new.at.into(),
            new.salt.into(),
            new.ledger_seq.into(),
        ],
    )
    .await?;
    if new.stands {
        tx.execute("UPDATE speech SET version = $2 WHERE speech_id = $1", vec![new.speech.into(), new.version.into()])
            .await?;
    }
    Ok(())
}

/// The number of the newest version of a note, whether it stands or is kept beside.
pub(super) async fn newest_note(tx: &mut Tx, speech: SpeechId) -> Result<i64, StorageError> {
    let row: Option<(i64,)> =
        tx.row("SELECT COALESCE(MAX(version), 0) FROM speech_note WHERE speech_id = $1", vec![speech.into()]).await?;
    Ok(row.map_or(0, |row| row.0))
}

/// Erases what was noted of the speeches of somebody, in all versions. The ledger keeps the hashes, the salts go.
pub(super) async fn erase_words(tx: &mut Tx, invitee: InviteeId, now: DateTime<Utc>) -> Result<u64, StorageError> {
    tx.execute(
        "UPDATE speech_note SET words = '', salt = NULL, erased_at = $2
         WHERE erased_at IS NULL AND speech_id IN (SELECT s.speech_id FROM speech s WHERE s.invitee_id = $1)",
        vec![invitee.into(), now.into()],
    )
    .await
}

/// One version of a note; `None` for one that was erased.
///
/// # Errors
/// When the database cannot be read.
pub async fn note(db: &Database, speech: SpeechId, version: i64) -> Result<Option<String>, StorageError> {
    let row: Option<(String,)> = db
        .row(
            "SELECT words FROM speech_note WHERE speech_id = $1 AND version = $2 AND erased_at IS NULL",
            vec![speech.into(), version.into()],
        )
        .await?;
    Ok(row.map(|row| row.0))
}

// ---- handing over ----------------------------------------------------------------------------------------------------

/// A matter that was handed to a unit on the spot.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Handover {
    /// Its id.
    pub handover_id: HandoverId,
    /// 1 for the first of the sitting.
    pub no: i64,
    /// To whom.
    pub unit_id: UnitId,
    /// Its name.
    pub unit: String,
    /// What.
    pub matter: String,
    /// By when.
    pub due_on: NaiveDate,
    /// The speech it came from.
    pub speech_id: Option<SpeechId>,
}

/// What was handed over in a sitting.
///
/// # Errors
/// When the database cannot be read.
pub async fn handovers(db: &Database, sitting: SittingId) -> Result<Vec<Handover>, StorageError> {
    db.rows(
        "SELECT h.handover_id, h.no, h.unit_id, u.name AS unit, h.matter, h.due_on, h.speech_id
         FROM handover h JOIN unit u ON u.unit_id = h.unit_id WHERE h.sitting_id = $1 ORDER BY h.no",
        vec![sitting.into()],
    )
    .await
}

/// Whether a unit is the town's or the district's.
pub(super) async fn is_unit(tx: &mut Tx, unit: UnitId, town: &str) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx
        .row(
            "SELECT COUNT(*) FROM unit WHERE unit_id = $1 AND (town_id IS NULL OR town_id = $2)",
            vec![unit.into(), town.into()],
        )
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

/// A matter about to be kept.
pub(super) struct NewHandover<'a> {
    pub id: HandoverId,
    pub case: CaseId,
    pub sitting: SittingId,
    pub unit: UnitId,
    pub matter: &'a str,
    pub due_on: NaiveDate,
    pub speech: Option<SpeechId>,
    pub at: DateTime<Utc>,
    pub by: Option<AccountId>,
    pub salt: String,
    pub ledger_seq: i64,
}

pub(super) async fn hand_over(tx: &mut Tx, new: NewHandover<'_>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO handover (handover_id, case_id, sitting_id, no, unit_id, matter, due_on, speech_id, at, by_account,
                               salt, ledger_seq)
         VALUES ($1, $2, $3, 1 + (SELECT COUNT(*) FROM handover WHERE sitting_id = $3), $4, $5, $6, $7, $8, $9, $10, $11)",
        vec![
            new.id.into(),
            new.case.into(),
            new.sitting.into(),
            new.unit.into(),
            new.matter.into(),
            new.due_on.into(),
            new.speech.into(),
            new.at.into(),
            new.by.into(),
            new.salt.into(),
            new.ledger_seq.into(),
        ],
    )
    .await?;
    Ok(())
}
