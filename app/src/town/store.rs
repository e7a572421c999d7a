//! The SQL of towns, rooms, calendar and rule sets.

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{BuiltinRoom, BuiltinTown, Room, RoomLevel, Town, TownKind};
use crate::case::stage::Stage;
use crate::ids::{RoomId, RuleSetId};
use crate::rules::{Calendar, CalendarDay, DayKind};
use crate::storage::{Database, StorageError, Tx};

pub(super) async fn is_empty(db: &Database) -> Result<bool, StorageError> {
    let row: Option<(String,)> = db.row("SELECT town_id FROM town LIMIT 1", Vec::new()).await?;
    Ok(row.is_none())
}

#[derive(sqlx::FromRow)]
struct TownRow {
    town_id: String,
    name: String,
    short_name: String,
    kind: String,
}

impl TryFrom<TownRow> for Town {
    type Error = StorageError;

    fn try_from(row: TownRow) -> Result<Self, StorageError> {
        Ok(Self {
            kind: TownKind::from_code(&row.kind).ok_or_else(|| corrupt("town kind", &row.kind))?,
            town_id: row.town_id,
            name: row.name,
            short_name: row.short_name,
        })
    }
}

fn corrupt(what: &str, code: &str) -> StorageError {
    StorageError::Corrupt(format!("{what} {code}"))
}

/// All towns in their order.
///
/// # Errors
/// When the database cannot be read.
pub async fn towns(db: &Database) -> Result<Vec<Town>, StorageError> {
    let rows: Vec<TownRow> =
        db.rows("SELECT town_id, name, short_name, kind FROM town ORDER BY sort_no, town_id", Vec::new()).await?;
    rows.into_iter().map(Town::try_from).collect()
}

/// A town by its code.
///
/// # Errors
/// When the database cannot be read.
pub async fn town(db: &Database, town_id: &str) -> Result<Option<Town>, StorageError> {
    let row: Option<TownRow> =
        db.row("SELECT town_id, name, short_name, kind FROM town WHERE town_id = $1", vec![town_id.into()]).await?;
    row.map(Town::try_from).transpose()
}

#[derive(sqlx::FromRow)]
struct RoomRow {
    room_id: RoomId,
    town_id: String,
    name: String,
    level: String,
    address: String,
    capacity: i64,
}

impl TryFrom<RoomRow> for Room {
    type Error = StorageError;

    fn try_from(row: RoomRow) -> Result<Self, StorageError> {
        Ok(Self {
            level: RoomLevel::from_code(&row.level).ok_or_else(|| corrupt("room level", &row.level))?,
            room_id: row.room_id,
            town_id: row.town_id,
            name: row.name,
            address: row.address,
            capacity: row.capacity,
        })
    }
}

/// A room.
///
/// # Errors
/// When the database cannot be read.
pub async fn room(db: &Database, id: RoomId) -> Result<Option<Room>, StorageError> {
    let row: Option<RoomRow> = db
        .row("SELECT room_id, town_id, name, level, address, capacity FROM room WHERE room_id = $1", vec![id.into()])
        .await?;
    row.map(Room::try_from).transpose()
}

/// The rooms of a town, or of all towns: the town's own first.
///
/// # Errors
/// When the database cannot be read.
pub async fn rooms(db: &Database, town: Option<&str>) -> Result<Vec<Room>, StorageError> {
    let rows: Vec<RoomRow> = db
        .rows(
            "SELECT r.room_id, r.town_id, r.name, r.level, r.address, r.capacity \
             FROM room r JOIN town t ON t.town_id = r.town_id \
             WHERE CAST($1 AS TEXT) IS NULL OR r.town_id = $1 \
             ORDER BY t.sort_no, CASE r.level WHEN 'town' THEN 0 WHEN 'village' THEN 1 ELSE 2 END, r.room_id",
            vec![town.into()],
        )
        .await?;
    rows.into_iter().map(Room::try_from).collect()
}

/// How many topics stand in a stage, by town.
///
/// # Errors
/// When the database cannot be read.
pub async fn topic_counts(db: &Database) -> Result<Vec<(String, Stage, i64)>, StorageError> {
    let rows: Vec<(String, String, i64)> =
        db.rows("SELECT town_id, stage, n FROM topic_count WHERE n > 0 ORDER BY town_id, stage", Vec::new()).await?;
    rows.into_iter()
        .map(|(town, stage, n)| {
            let stage = Stage::from_code(&stage).ok_or_else(|| corrupt("stage", &stage))?;
            Ok((town, stage, n))
        })
        .collect()
}

/// Inserts a town; false when it is there already.
pub(super) async fn insert_town(tx: &mut Tx, town: &BuiltinTown, sort_no: i64) -> Result<bool, StorageError> {
    let inserted = tx
        .execute(
            "INSERT INTO town (town_id, name, short_name, kind, sort_no) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (town_id) DO NOTHING",
            vec![
                town.town_id.into(),
                town.name.into(),
                town.short_name.into(),
                town.kind.code().into(),
                sort_no.into(),
            ],
        )
        .await?;
    Ok(inserted == 1)
}

pub(super) async fn insert_room(tx: &mut Tx, id: RoomId, town: &str, room: &BuiltinRoom) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO room (room_id, town_id, name, level, address, capacity) VALUES ($1, $2, $3, $4, $5, $6)",
        vec![
            id.into(),
            town.into(),
            room.name.into(),
            room.level.code().into(),
            room.address.into(),
            room.capacity.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn insert_calendar_day(tx: &mut Tx, day: &CalendarDay) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO calendar_day (day, workday, name, provisional) VALUES ($1, $2, $3, $4)",
        vec![day.date.into(), (day.kind == DayKind::Workday).into(), day.name.clone().into(), day.provisional.into()],
    )
    .await?;
    Ok(())
}

/// Forgets what is known of a year.
pub(super) async fn delete_calendar_year(tx: &mut Tx, year: i32) -> Result<(), StorageError> {
    let (Some(first), Some(next)) = (NaiveDate::from_ymd_opt(year, 1, 1), NaiveDate::from_ymd_opt(year + 1, 1, 1))
    else {
        return Ok(());
    };
    tx.execute("DELETE FROM calendar_day WHERE day >= $1 AND day < $2", vec![first.into(), next.into()]).await?;
    Ok(())
}

const CALENDAR: &str = "SELECT day, workday, name, provisional FROM calendar_day ORDER BY day";

/// The workday calendar.
///
/// # Errors
/// When the database cannot be read.
pub async fn load_calendar(db: &Database) -> Result<Calendar, StorageError> {
    Ok(calendar_of(db.rows(CALENDAR, Vec::new()).await?))
}

pub(super) async fn calendar_in(tx: &mut Tx) -> Result<Calendar, StorageError> {
    Ok(calendar_of(tx.rows(CALENDAR, Vec::new()).await?))
}

fn calendar_of(rows: Vec<(NaiveDate, bool, String, bool)>) -> Calendar {
    rows.into_iter()
        .map(|(date, workday, name, provisional)| CalendarDay {
            date,
            kind: if workday { DayKind::Workday } else { DayKind::Off },
            name,
            provisional,
        })
        .collect()
}

/// A new version of a rule set.
pub(super) struct NewVersion {
    pub id: RuleSetId,
    pub town: Option<String>,
    pub version: i64,
    pub effective_from: DateTime<Utc>,
    pub basis_doc: Option<String>,
    pub body: String,
}

pub(super) async fn insert_version(tx: &mut Tx, new: NewVersion, now: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO rule_set (rule_set_id, town_id, version, effective_from, basis_doc, body, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            new.id.into(),
            new.town.into(),
            new.version.into(),
            new.effective_from.into(),
            new.basis_doc.into(),
            new.body.into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The last version's number of a town (or the district) and from when it judges.
pub(super) async fn last_version(
    tx: &mut Tx,
    town: Option<&str>,
) -> Result<Option<(i64, DateTime<Utc>)>, StorageError> {
    tx.row(
        "SELECT version, effective_from FROM rule_set WHERE town_id IS NOT DISTINCT FROM CAST($1 AS TEXT) \
         ORDER BY version DESC LIMIT 1",
        vec![town.into()],
    )
    .await
}

/// The version in force for a town: its own, else the district's.
pub(super) async fn version_in_force(
    db: &Database,
    town: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<RuleSetId>, StorageError> {
    let row: Option<(RuleSetId,)> = db
        .row(
            "SELECT rule_set_id FROM rule_set WHERE (town_id IS NULL OR town_id = CAST($1 AS TEXT)) \
             AND effective_from <= $2 \
             ORDER BY CASE WHEN town_id IS NULL THEN 1 ELSE 0 END, effective_from DESC, version DESC LIMIT 1",
            vec![town.into(), now.into()],
        )
        .await?;
    Ok(row.map(|r| r.0))
}

/// When the next version of the baseline comes into force, if one is loaded.
pub(super) async fn next_baseline(db: &Database, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StorageError> {
    let row: Option<(Option<DateTime<Utc>>,)> = db
        .row(
            "SELECT MIN(effective_from) AS effective_from FROM rule_set WHERE town_id IS NULL AND effective_from > $1",
            vec![now.into()],
        )
        .await?;
    Ok(row.and_then(|row| row.0))
}

/// A version as stored.
#[derive(sqlx::FromRow)]
pub(super) struct VersionRow {
    pub rule_set_id: RuleSetId,
    pub town_id: Option<String>,
    pub version: i64,
    pub effective_from: DateTime<Utc>,
    pub basis_doc: Option<String>,
    pub body: String,
}

pub(super) async fn version(db: &Database, id: RuleSetId) -> Result<Option<VersionRow>, StorageError> {
    db.row(
        "SELECT rule_set_id, town_id, version, effective_from, basis_doc, body FROM rule_set WHERE rule_set_id = $1",
        vec![id.into()],
    )
    .await
}
