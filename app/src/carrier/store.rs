//! The SQL of rooms that were looked at, of studios, and of what they heard.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{CheckForm, Six, StudioForm, Whereto, stored};
use crate::ids::{AccountId, CaseId, CheckId, FileId, MemberId, OpinionId, ReceptionId, RoomId, StudioId};
use crate::roster::model::stored_tags;
use crate::storage::{Column, Database, StorageError, Tx, columns, listed};

columns! {
    Whereto, "where an opinion goes";
}

/// Who did it, and when.
pub(super) type By = (DateTime<Utc>, Option<AccountId>);

// ---- rooms ----------------------------------------------------------------------------------------------------------

/// A look at a room.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Check {
    pub check_id: CheckId,
    pub room_id: RoomId,
    pub checked_on: NaiveDate,
    pub met: String,
    pub words: String,
    /// Who looked.
    pub by_name: Option<String>,
}

macro_rules! checks {
    ($tail:literal) => {
        concat!(
            "SELECT c.check_id, c.room_id, c.checked_on, c.met, c.words, a.name AS by_name
             FROM room_check c LEFT JOIN account a ON a.account_id = c.by_account ",
            $tail
        )
    };
}

/// The latest look at each room of a town, or of all towns.
pub(super) async fn latest_checks(db: &Database, town: Option<&str>) -> Result<BTreeMap<RoomId, Check>, StorageError> {
    let rows: Vec<Check> = db
        .rows(
            checks!(
                "JOIN room r ON r.room_id = c.room_id
                 WHERE (CAST($1 AS TEXT) IS NULL OR r.town_id = $1)
                   AND NOT EXISTS (SELECT 1 FROM room_check n WHERE n.room_id = c.room_id
                                   AND (n.checked_on > c.checked_on
                                        OR n.checked_on = c.checked_on AND n.check_id > c.check_id))"
            ),
            vec![town.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|check| (check.room_id, check)).collect())
}

/// The looks at a room, the latest first.
pub(super) async fn checks(db: &Database, room: RoomId, limit: i64) -> Result<Vec<Check>, StorageError> {
    db.rows(
        checks!("WHERE c.room_id = $1 ORDER BY c.checked_on DESC, c.check_id DESC LIMIT $2"),
        vec![room.into(), limit.into()],
    )
    .await
}

/// Photographs of the looks at a room.
pub(super) async fn photos(db: &Database, room: RoomId) -> Result<Vec<(CheckId, FileId)>, StorageError> {
    db.rows(
        "SELECT p.check_id, p.file_id FROM room_check_file p JOIN room_check c ON c.check_id = p.check_id
         WHERE c.room_id = $1 ORDER BY p.check_id, p.position",
        vec![room.into()],
    )
    .await
}

/// A photograph of a look at a room: where its bytes lie, name, type, and the town.
pub(super) async fn photo(
    db: &Database,
    file: FileId,
) -> Result<Option<(String, String, String, String)>, StorageError> {
    db.row(
        "SELECT f.sha256, f.name, f.media_type, r.town_id FROM room_check_file p
         JOIN file f ON f.file_id = p.file_id JOIN room_check c ON c.check_id = p.check_id
         JOIN room r ON r.room_id = c.room_id WHERE p.file_id = $1",
        vec![file.into()],
    )
    .await
}

/// Keeps a look at a room; false when it is there already.
pub(super) async fn insert_check(
    tx: &mut Tx,
    (id, room): (CheckId, RoomId),
    (at, by): By,
    (form, checked_on, salt): (&CheckForm, NaiveDate, &str),
) -> Result<bool, StorageError> {
    let inserted = tx
        .execute(
            "INSERT INTO room_check (check_id, room_id, checked_on, at, by_account, met, met_count, words, salt)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (check_id) DO NOTHING",
            vec![
                id.into(),
                room.into(),
                checked_on.into(),
                at.into(),
                by.into(),
                stored(&form.met).into(),
                count(form.met.len()).into(),
                form.words.as_str().into(),
                salt.into(),
            ],
        )
        .await?;
    if inserted == 1 {
        for (n, photo) in form.photos.iter().enumerate() {
            tx.execute(
                "INSERT INTO room_check_file (check_id, file_id, position) VALUES ($1, $2, $3)",
                vec![id.into(), (*photo).into(), count(n).into()],
            )
            .await?;
        }
    }
    Ok(inserted == 1)
}

/// Whether a look is this one, with these photographs.
pub(super) async fn is_check(
    tx: &mut Tx,
    (id, room): (CheckId, RoomId),
    (form, checked_on): (&CheckForm, NaiveDate),
) -> Result<bool, StorageError> {
    let known: Option<Check> = tx.row(checks!("WHERE c.check_id = $1"), vec![id.into()]).await?;
    let photos: Vec<(FileId,)> =
        tx.rows("SELECT file_id FROM room_check_file WHERE check_id = $1 ORDER BY file_id", vec![id.into()]).await?;
    let photos: Vec<FileId> = photos.into_iter().map(|photo| photo.0).collect();
    Ok(photos == form.photos
        && known.is_some_and(|known| {
            known.room_id == room
                && known.checked_on == checked_on
                && known.met == stored(&form.met)
                && known.words == form.words
        }))
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// How many villages and communities a town has, where somebody said so.
pub(super) async fn villages(db: &Database, town: &str) -> Result<Option<i64>, StorageError> {
    let row: Option<(Option<i64>,)> = db.row("SELECT villages FROM town WHERE town_id = $1", vec![town.into()]).await?;
    Ok(row.and_then(|row| row.0))
}

pub(super) async fn set_villages(tx: &mut Tx, town: &str, villages: i64) -> Result<(), StorageError> {
    tx.execute("UPDATE town SET villages = $2 WHERE town_id = $1", vec![town.into(), villages.into()]).await?;
    Ok(())
}

// ---- studios --------------------------------------------------------------------------------------------------------

/// A studio with how often it received somebody in a month.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Studio {
    /// Its id.
    pub studio_id: StudioId,
    /// The town.
    pub town_id: String,
    /// 名称.
    pub name: String,
    /// 专长, as stored.
    pub specialty: String,
    /// Whether it bears the name of a member.
    pub is_named: bool,
    /// When it is open.
    pub days: String,
    /// Where.
    pub place: String,
    /// Since when it is no longer.
    pub closed_at: Option<DateTime<Utc>>,
    /// Receptions of the month that was asked for.
    pub received: i64,
}

impl Studio {
    /// Whether it is what a form says, but for its members.
    pub(super) fn is(&self, town: &str, form: &StudioForm) -> bool {
        self.town_id == town
            && self.name == form.name
            && self.specialty == stored_tags(&form.specialty)
            && self.is_named == form.is_named
            && self.days == form.days
            && self.place == form.place
    }
}

/// The columns of [`Studio`], from `studio s`; `$1` and `$2` are the first days of a month and of the next.
macro_rules! studios {
    ($tail:literal) => {
        concat!(
            "SELECT s.studio_id, s.town_id, s.name, s.specialty, s.is_named, s.days, s.place, s.closed_at,
                    (SELECT COUNT(*) FROM reception p WHERE p.studio_id = s.studio_id
                     AND p.held_on >= $1 AND p.held_on < $2) AS received
             FROM studio s ",
            $tail
        )
    };
}

/// The studios of a town, those that are no longer last.
pub(super) async fn studios(
    db: &Database,
    town: &str,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Studio>, StorageError> {
    db.rows(
        studios!("WHERE s.town_id = $3 ORDER BY CASE WHEN s.closed_at IS NULL THEN 0 ELSE 1 END, s.studio_id"),
        vec![from.into(), until.into(), town.into()],
    )
    .await
}

/// The studios that are open, of all towns, in their order.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_to_all(db: &Database) -> Result<Vec<Studio>, StorageError> {
    let day = NaiveDate::default();
    db.rows(
        studios!("WHERE s.closed_at IS NULL ORDER BY s.town_id, s.studio_id"),
        // Receptions are not shown here: of no month.
        vec![day.into(), day.into()],
    )
    .await
}

/// The open studios that somebody answers for: of towns, and those of which an account is a member.
pub(super) async fn answered_for(
    db: &Database,
    (towns, account): (&[String], AccountId),
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Studio>, StorageError> {
    db.rows(
        studios!(
            "WHERE s.closed_at IS NULL
               AND ($3 LIKE '%,' || s.town_id || ',%'
                    OR EXISTS (SELECT 1 FROM studio_member x JOIN member m ON m.member_id = x.member_id
                               WHERE x.studio_id = s.studio_id AND m.account_id = $4 AND m.left_at IS NULL))
             ORDER BY s.studio_id"
        ),
        vec![from.into(), until.into(), listed(towns), account.into()],
    )
    .await
}

pub(super) async fn studio(
    db: &Database,
    id: StudioId,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Option<Studio>, StorageError> {
    db.row(studios!("WHERE s.studio_id = $3"), vec![from.into(), until.into(), id.into()]).await
}

pub(super) async fn studio_in(tx: &mut Tx, id: StudioId) -> Result<Option<Studio>, StorageError> {
    // Receptions of no month.
    let day = NaiveDate::default();
    tx.row(studios!("WHERE s.studio_id = $3"), vec![day.into(), day.into(), id.into()]).await
}

/// Who belongs to a studio: member, name, whether the account that asks is the member's own, whether still in office.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Belongs {
    pub member_id: MemberId,
    pub name: String,
    pub own: bool,
    pub in_office: bool,
}

/// The members of a studio.
const MEMBERS: &str = "SELECT m.member_id, m.name, COALESCE(m.account_id = $2, FALSE) AS own,
        m.left_at IS NULL AS in_office
     FROM studio_member x JOIN member m ON m.member_id = x.member_id
     WHERE x.studio_id = $1 ORDER BY m.member_id";

pub(super) async fn members(
    db: &Database,
    studio: StudioId,
    account: Option<AccountId>,
) -> Result<Vec<Belongs>, StorageError> {
    db.rows(MEMBERS, vec![studio.into(), account.into()]).await
}

pub(super) async fn members_in(tx: &mut Tx, studio: StudioId) -> Result<Vec<Belongs>, StorageError> {
    tx.rows(MEMBERS, vec![studio.into(), None::<AccountId>.into()]).await
}

/// The members of a town who are in office: whom a studio can have.
pub(super) async fn in_office(db: &Database, town: &str) -> Result<Vec<(MemberId, String)>, StorageError> {
    db.rows(
        "SELECT member_id, name FROM member WHERE town_id = $1 AND left_at IS NULL ORDER BY member_id",
        vec![town.into()],
    )
    .await
}

/// Keeps a studio, new or corrected; false when its name is another's.
pub(super) async fn put_studio(
    tx: &mut Tx,
    (id, town): (StudioId, &str),
    form: &StudioForm,
) -> Result<bool, StorageError> {
    let twin: Option<(StudioId,)> = tx
        .row(
            "SELECT studio_id FROM studio WHERE town_id = $1 AND name = $2 AND studio_id <> $3",
            vec![town.into(), form.name.as_str().into(), id.into()],
        )
        .await?;
    if twin.is_some() {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO studio (studio_id, town_id, name, specialty, is_named, days, place)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (studio_id) DO UPDATE SET name = excluded.name, specialty = excluded.specialty,
            is_named = excluded.is_named, days = excluded.days, place = excluded.place",
        vec![
            id.into(),
            town.into(),
            form.name.as_str().into(),
            stored_tags(&form.specialty).into(),
            form.is_named.into(),
            form.days.as_str().into(),
            form.place.as_str().into(),
        ],
    )
    .await?;
    tx.execute("DELETE FROM studio_member WHERE studio_id = $1", vec![id.into()]).await?;
    for member in &form.members {
        tx.execute(
            "INSERT INTO studio_member (studio_id, member_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            vec![id.into(), (*member).into()],
        )
        .await?;
    }
    Ok(true)
}

/// Closes a studio or opens it again; false when it is so already.
pub(super) async fn set_closed(tx: &mut Tx, id: StudioId, at: Option<DateTime<Utc>>) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE studio SET closed_at = $2
             WHERE studio_id = $1 AND (closed_at IS NULL) <> (CAST($2 AS TEXT) IS NULL)",
            vec![id.into(), at.into()],
        )
        .await?;
    Ok(changed == 1)
}

// ---- receptions -----------------------------------------------------------------------------------------------------

/// A reception.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Reception {
    pub reception_id: ReceptionId,
    pub studio_id: StudioId,
    pub held_on: NaiveDate,
    pub visitors: i64,
}

/// The latest receptions of a studio, the latest first, and older ones at which something was said that is still open.
pub(super) async fn receptions(db: &Database, studio: StudioId, limit: i64) -> Result<Vec<Reception>, StorageError> {
    db.rows(
        "SELECT p.reception_id, p.studio_id, p.held_on, p.visitors FROM reception p
         WHERE p.studio_id = $1
           AND (p.reception_id IN (SELECT n.reception_id FROM reception n WHERE n.studio_id = $1
                                   ORDER BY n.held_on DESC, n.reception_id DESC LIMIT $2)
                OR EXISTS (SELECT 1 FROM studio_opinion o
                           WHERE o.reception_id = p.reception_id AND o.done_on IS NULL))
         ORDER BY p.held_on DESC, p.reception_id DESC",
        vec![studio.into(), limit.into()],
    )
    .await
}

/// Who of a studio was there, by reception.
pub(super) async fn were_there(db: &Database, studio: StudioId) -> Result<Vec<(ReceptionId, String)>, StorageError> {
    db.rows(
        "SELECT x.reception_id, m.name FROM reception_member x JOIN reception p ON p.reception_id = x.reception_id
         JOIN member m ON m.member_id = x.member_id WHERE p.studio_id = $1 ORDER BY x.reception_id, m.member_id",
        vec![studio.into()],
    )
    .await
}

pub(super) async fn reception(tx: &mut Tx, id: ReceptionId) -> Result<Option<Reception>, StorageError> {
    tx.row("SELECT reception_id, studio_id, held_on, visitors FROM reception WHERE reception_id = $1", vec![id.into()])
        .await
}

/// Which members were there.
pub(super) async fn there_in(tx: &mut Tx, id: ReceptionId) -> Result<Vec<MemberId>, StorageError> {
    let rows: Vec<(MemberId,)> = tx
        .rows("SELECT member_id FROM reception_member WHERE reception_id = $1 ORDER BY member_id", vec![id.into()])
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Keeps a reception; false when it is there already.
pub(super) async fn insert_reception(
    tx: &mut Tx,
    of: &Reception,
    members: &[MemberId],
    (at, by): By,
) -> Result<bool, StorageError> {
    let inserted = tx
        .execute(
            "INSERT INTO reception (reception_id, studio_id, held_on, visitors, at, by_account)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (reception_id) DO NOTHING",
            vec![
                of.reception_id.into(),
                of.studio_id.into(),
                of.held_on.into(),
                of.visitors.into(),
                at.into(),
                by.into(),
            ],
        )
        .await?;
    if inserted == 1 {
        for member in members {
            tx.execute(
                "INSERT INTO reception_member (reception_id, member_id) VALUES ($1, $2)",
                vec![of.reception_id.into(), (*member).into()],
            )
            .await?;
        }
    }
    Ok(inserted == 1)
}

// ---- opinions -------------------------------------------------------------------------------------------------------

/// What somebody said at a reception, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Opinion {
    pub opinion_id: OpinionId,
    pub reception_id: ReceptionId,
    pub studio_id: StudioId,
    pub studio: String,
    pub town_id: String,
    pub town: String,
    pub words: String,
    #[sqlx(try_from = "String")]
    pub whereto: Column<Whereto>,
    pub unit: String,
    pub due_on: Option<NaiveDate>,
    pub topic_id: Option<CaseId>,
    pub topic: Option<String>,
    /// Whether everybody may read it.
    pub topic_public: bool,
    pub answer: String,
    pub done_on: Option<NaiveDate>,
}

macro_rules! opinions {
    ($tail:literal) => {
        concat!(
            "SELECT o.opinion_id, o.reception_id, p.studio_id, s.name AS studio, s.town_id, w.short_name AS town,
                    o.words, o.whereto, o.unit, o.due_on, o.topic_id, COALESCE(t.title, t.sent_title) AS topic,
                    COALESCE(t.is_public, FALSE) AS topic_public, o.answer, o.done_on
             FROM studio_opinion o JOIN reception p ON p.reception_id = o.reception_id
             JOIN studio s ON s.studio_id = p.studio_id JOIN town w ON w.town_id = s.town_id
             LEFT JOIN topic t ON t.topic_id = o.topic_id ",
            $tail
        )
    };
}

/// What was said in a studio, in the order in which it was.
pub(super) async fn opinions(db: &Database, studio: StudioId) -> Result<Vec<Opinion>, StorageError> {
    db.rows(opinions!("WHERE p.studio_id = $1 ORDER BY o.opinion_id"), vec![studio.into()]).await
}

/// What waits for an answer: in towns, and in the studios of which an account is a member.
pub(super) async fn open_opinions(
    db: &Database,
    (towns, account): (&[String], AccountId),
    limit: i64,
) -> Result<Vec<Opinion>, StorageError> {
    db.rows(
        opinions!(
            "WHERE o.done_on IS NULL
               AND ($1 LIKE '%,' || s.town_id || ',%'
                    OR EXISTS (SELECT 1 FROM studio_member x JOIN member m ON m.member_id = x.member_id
                               WHERE x.studio_id = s.studio_id AND m.account_id = $2 AND m.left_at IS NULL))
             ORDER BY o.due_on, o.opinion_id LIMIT $3"
        ),
        vec![listed(towns), account.into(), limit.into()],
    )
    .await
}

pub(super) async fn opinion(tx: &mut Tx, id: OpinionId) -> Result<Option<Opinion>, StorageError> {
    tx.row(opinions!("WHERE o.opinion_id = $1"), vec![id.into()]).await
}

/// An opinion as it is first kept.
pub(super) struct NewOpinion<'a> {
    pub id: OpinionId,
    pub reception: ReceptionId,
    pub words: (&'a str, &'a str),
    pub whereto: Whereto,
    pub unit: &'a str,
    pub due_on: Option<NaiveDate>,
    /// Answer and salt, where it was answered at once.
    pub answer: Option<(&'a str, &'a str)>,
    pub done_on: Option<NaiveDate>,
}

/// Keeps what was said; false when it is there already.
pub(super) async fn insert_opinion(tx: &mut Tx, new: NewOpinion<'_>, (at, by): By) -> Result<bool, StorageError> {
    let inserted = tx
        .execute(
            "INSERT INTO studio_opinion (opinion_id, reception_id, words, salt, at, by_account, whereto, unit, due_on,
                                         answer, answer_salt, done_on, done_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (opinion_id) DO NOTHING",
            vec![
                new.id.into(),
                new.reception.into(),
                new.words.0.into(),
                new.words.1.into(),
                at.into(),
                by.into(),
                new.whereto.code().into(),
                new.unit.into(),
                new.due_on.into(),
                new.answer.map_or("", |answer| answer.0).into(),
                new.answer.map(|answer| answer.1).into(),
                new.done_on.into(),
                new.done_on.and(by).into(),
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// How an opinion ended.
pub(super) struct End<'a> {
    pub whereto: Whereto,
    pub topic: Option<CaseId>,
    /// Answer and salt.
    pub answer: Option<(&'a str, &'a str)>,
    pub on: NaiveDate,
    pub by: Option<AccountId>,
}

/// Ends an opinion; false when it had ended before.
pub(super) async fn end_opinion(tx: &mut Tx, id: OpinionId, end: End<'_>) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE studio_opinion SET whereto = $2, topic_id = $3, answer = $4, answer_salt = $5, done_on = $6,
                    done_by = $7
             WHERE opinion_id = $1 AND done_on IS NULL",
            vec![
                id.into(),
                end.whereto.code().into(),
                end.topic.into(),
                end.answer.map_or("", |answer| answer.0).into(),
                end.answer.map(|answer| answer.1).into(),
                end.on.into(),
                end.by.into(),
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// The town of a topic.
pub(super) async fn town_of(tx: &mut Tx, topic: CaseId) -> Result<Option<String>, StorageError> {
    let row: Option<(String,)> = tx.row("SELECT town_id FROM topic WHERE topic_id = $1", vec![topic.into()]).await?;
    Ok(row.map(|row| row.0))
}

/// The newest topics of a town, to choose from; not those that came to nothing before they were looked into.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn newest_topics(
    db: &Database,
    town: &str,
    limit: i64,
) -> Result<Vec<(CaseId, String)>, StorageError> {
    db.rows(
        "SELECT topic_id, COALESCE(title, sent_title) AS title FROM topic
         WHERE town_id = $1 AND stage NOT IN ('transferred', 'merged', 'declined', 'withdrawn', 'lapsed')
         ORDER BY topic_id DESC LIMIT $2",
        vec![town.into(), limit.into()],
    )
    .await
}

// ---- sums -----------------------------------------------------------------------------------------------------------

/// What a town has and heard, as the board counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Carried {
    /// Rooms.
    pub rooms: i64,
    /// Of these with all six points at the last look before the end of the year that is counted.
    pub fit: i64,
    /// Villages and communities; none where nobody said how many.
    pub villages: i64,
    /// Of these with a room; none where nobody said how many there are.
    pub covered: i64,
    /// Studios that are open.
    pub studios: i64,
    /// Receptions of the year.
    pub receptions: i64,
    /// What was said at these.
    pub opinions: i64,
    /// Of that raised as a topic.
    pub raised: i64,
}

impl Carried {
    /// Adds those of another town.
    pub const fn include(&mut self, other: &Self) {
        self.rooms += other.rooms;
        self.fit += other.fit;
        self.villages += other.villages;
        self.covered += other.covered;
        self.studios += other.studios;
        self.receptions += other.receptions;
        self.opinions += other.opinions;
        self.raised += other.raised;
    }
}

#[derive(sqlx::FromRow)]
struct CarriedRow {
    town_id: String,
    #[sqlx(flatten)]
    carried: Carried,
}

/// What the towns have and heard in a year, by town.
///
/// # Errors
/// When the database cannot be read.
pub async fn carried(
    db: &Database,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<BTreeMap<String, Carried>, StorageError> {
    let rows: Vec<CarriedRow> = db
        .rows(
            "SELECT w.town_id, COALESCE(w.villages, 0) AS villages,
                    (SELECT COUNT(*) FROM room r WHERE r.town_id = w.town_id) AS rooms,
                    (SELECT COUNT(*) FROM room r WHERE r.town_id = w.town_id
                     AND (SELECT c.met_count FROM room_check c WHERE c.room_id = r.room_id AND c.checked_on < $2
                          ORDER BY c.checked_on DESC, c.check_id DESC LIMIT 1) >= $3) AS fit,
                    CASE WHEN w.villages IS NULL THEN 0 ELSE
                        (SELECT COUNT(*) FROM room r WHERE r.town_id = w.town_id AND r.level = 'village')
                    END AS covered,
                    (SELECT COUNT(*) FROM studio s WHERE s.town_id = w.town_id AND s.closed_at IS NULL) AS studios,
                    (SELECT COUNT(*) FROM studio s JOIN reception p ON p.studio_id = s.studio_id
                     WHERE s.town_id = w.town_id AND p.held_on >= $1 AND p.held_on < $2) AS receptions,
                    (SELECT COUNT(*) FROM studio s JOIN reception p ON p.studio_id = s.studio_id
                     JOIN studio_opinion o ON o.reception_id = p.reception_id
                     WHERE s.town_id = w.town_id AND p.held_on >= $1 AND p.held_on < $2) AS opinions,
                    (SELECT COUNT(*) FROM studio s JOIN reception p ON p.studio_id = s.studio_id
                     JOIN studio_opinion o ON o.reception_id = p.reception_id
                     WHERE s.town_id = w.town_id AND p.held_on >= $1 AND p.held_on < $2
                       AND o.topic_id IS NOT NULL) AS raised
             FROM town w",
            vec![from.into(), until.into(), count(Six::ALL.len()).into()],
        )
        .await?;
    // Two rooms of one village make no second village.
    let capped = |carried: Carried| Carried { covered: carried.covered.min(carried.villages), ..carried };
    Ok(rows.into_iter().map(|row| (row.town_id, capped(row.carried))).collect())
}
