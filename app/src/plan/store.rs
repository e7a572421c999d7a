//! The SQL of plan and meeting. Public types have no private fields; of invitees only category and sex are read.

use chrono::{DateTime, Utc};

use super::model::{ConsultationPlan, MeetingState, Span};
use crate::access::Role;
use crate::case::record::Record;
use crate::case::store::StageColumn;
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, FileId, MeetingId, RoomId};
use crate::rules::{Category, MeetingFormat, Seat};
use crate::storage::{Database, StorageError, Tx};

fn corrupt(what: &str, code: &str) -> StorageError {
    StorageError::Corrupt(format!("{what} {code}"))
}

/// A state as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateColumn(pub MeetingState);

impl TryFrom<String> for StateColumn {
    type Error = StorageError;
    fn try_from(code: String) -> Result<Self, StorageError> {
        MeetingState::from_code(&code).map(Self).ok_or_else(|| corrupt("meeting state", &code))
    }
}

/// A format as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatColumn(pub MeetingFormat);

impl TryFrom<String> for FormatColumn {
    type Error = StorageError;
    fn try_from(code: String) -> Result<Self, StorageError> {
        MeetingFormat::from_code(&code).map(Self).ok_or_else(|| corrupt("meeting format", &code))
    }
}

// ---- the meeting of a case -------------------------------------------------------------------------------------------

/// The meeting of a case, as steps and internal pages see it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Meeting {
    /// Its id.
    pub meeting_id: MeetingId,
    /// Its case.
    pub case_id: CaseId,
    /// 1 for the first meeting of the case.
    pub round: i64,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub state: StateColumn,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Its room.
    pub room_id: Option<RoomId>,
    /// Who approved it.
    pub approved_by: Option<AccountId>,
    /// When it was announced, the last time.
    pub announced_at: Option<DateTime<Utc>>,
    /// Why it was called off.
    pub cancelled_because: Option<String>,
    /// Raised with every change that a calendar has to follow.
    pub sequence: i64,
}

impl Meeting {
    /// Whether people were told that it takes place and were not told that it does not: also while another day is being
    /// planned.
    #[must_use]
    pub const fn is_expected(&self) -> bool {
        self.announced_at.is_some() && self.cancelled_because.is_none() && !matches!(self.state.0, MeetingState::Held)
    }
}

const MEETING: &str = "SELECT meeting_id, case_id, round, state, starts_at, ends_at, room_id, approved_by,
            announced_at, cancelled_because, sequence
     FROM meeting WHERE case_id = $1 ORDER BY round DESC, meeting_id DESC LIMIT 1";

/// Whether people expect the newest meeting of a case ([`Meeting::is_expected`]).
///
/// # Errors
/// When the database cannot be read.
pub async fn is_expected(tx: &mut Tx, case: CaseId) -> Result<bool, StorageError> {
    Ok(meeting_in(tx, case).await?.is_some_and(|meeting| meeting.is_expected()))
}

/// The newest meeting of a case.
///
/// # Errors
/// When the database cannot be read.
pub async fn meeting(db: &Database, case: CaseId) -> Result<Option<Meeting>, StorageError> {
    db.row(MEETING, vec![case.into()]).await
}

/// The newest meeting of a case, inside a step.
///
/// # Errors
/// When the database cannot be read.
pub async fn meeting_in(tx: &mut Tx, case: CaseId) -> Result<Option<Meeting>, StorageError> {
    tx.row(MEETING, vec![case.into()]).await
}

/// Authors of the plan's versions since people were last told of the meeting; of all where they never were.
const SAVERS: &str = "SELECT DISTINCT r.author FROM case_record r
     LEFT JOIN (SELECT case_id, MAX(announced_at) AS told_at FROM meeting GROUP BY case_id) m ON m.case_id = r.case_id
     WHERE r.case_id = $1 AND r.kind = $2 AND r.author IS NOT NULL AND (m.told_at IS NULL OR r.at >= m.told_at)";

/// Whoever had a hand in the plan that is to be approved.
pub(super) async fn savers(db: &Database, case: CaseId) -> Result<Vec<AccountId>, StorageError> {
    let rows: Vec<(AccountId,)> = db.rows(SAVERS, vec![case.into(), ConsultationPlan::KIND.into()]).await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

pub(super) async fn savers_in(tx: &mut Tx, case: CaseId) -> Result<Vec<AccountId>, StorageError> {
    let rows: Vec<(AccountId,)> = tx.rows(SAVERS, vec![case.into(), ConsultationPlan::KIND.into()]).await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// What a meeting row takes over from its plan.
pub(super) struct Planned<'a> {
    pub meeting: MeetingId,
    pub case: CaseId,
    pub round: i64,
    pub state: MeetingState,
    pub plan: &'a ConsultationPlan,
    pub times: (DateTime<Utc>, DateTime<Utc>),
    pub format: MeetingFormat,
    pub prepared_by: Option<AccountId>,
}

/// Puts what the plan says into the meeting's row. It is not approved as it stands now, unless it stays announced. What
/// people were told stays as it is.
pub(super) async fn put_meeting(tx: &mut Tx, new: Planned<'_>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO meeting (meeting_id, case_id, round, state, format, starts_at, ends_at, room_id, online_url,
                chair_id, recorder_id, prepared_by, urgent, sequence)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, FALSE, 0)
         ON CONFLICT (meeting_id) DO UPDATE SET state = excluded.state, format = excluded.format,
                starts_at = excluded.starts_at, ends_at = excluded.ends_at, room_id = excluded.room_id,
                online_url = excluded.online_url, chair_id = excluded.chair_id, recorder_id = excluded.recorder_id,
                prepared_by = excluded.prepared_by, approved_by = NULL",
        vec![
            new.meeting.into(),
            new.case.into(),
            new.round.into(),
            new.state.code().into(),
            new.format.code().into(),
            new.times.0.into(),
            new.times.1.into(),
            new.plan.room.into(),
            new.plan.online_url.as_str().into(),
            new.plan.chair.into(),
            new.plan.recorder.into(),
            new.prepared_by.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn approve(tx: &mut Tx, meeting: MeetingId, by: Option<AccountId>) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE meeting SET state = 'approved', approved_by = $2 WHERE meeting_id = $1",
        vec![meeting.into(), by.into()],
    )
    .await?;
    Ok(())
}

/// The meeting is announced now with this version of its plan; announced again, its calendar entry has to follow.
pub(super) async fn announce(
    tx: &mut Tx,
    meeting: MeetingId,
    now: DateTime<Utc>,
    (urgent, version): (bool, i64),
) -> Result<i64, Refusal> {
    let row: Option<(i64,)> = tx
        .row(
            "UPDATE meeting SET state = 'announced', urgent = $3, cancelled_because = NULL, changed_because = NULL,
                    told_starts_at = starts_at, told_ends_at = ends_at, told_room_id = room_id,
                    told_plan = $4,
                    sequence = sequence + CASE WHEN announced_at IS NULL THEN 0 ELSE 1 END, announced_at = $2
             WHERE meeting_id = $1 RETURNING sequence",
            vec![meeting.into(), now.into(), urgent.into(), version.into()],
        )
        .await?;
    Ok(row.ok_or(Refusal::NotFound)?.0)
}

/// A change that calendars have to follow, why, and the version of the plan that says it. With `announced_at` the notice clock starts anew and the notice is
/// no urgent one any more.
pub(super) async fn changed(
    tx: &mut Tx,
    meeting: MeetingId,
    announced_at: Option<DateTime<Utc>>,
    (because, version): (&str, i64),
) -> Result<i64, Refusal> {
    let row: Option<(i64,)> = tx
        .row(
            "UPDATE meeting SET sequence = sequence + 1, announced_at = COALESCE($2, announced_at), changed_because = $3,
                    urgent = urgent AND $2 IS NULL,
                    told_starts_at = CASE WHEN state = 'announced' THEN starts_at ELSE told_starts_at END,
                    told_ends_at = CASE WHEN state = 'announced' THEN ends_at ELSE told_ends_at END,
                    told_room_id = CASE WHEN state = 'announced' THEN room_id ELSE told_room_id END,
                    told_plan = CASE WHEN state = 'announced' THEN $4 ELSE told_plan END
             WHERE meeting_id = $1 RETURNING sequence",
            vec![meeting.into(), announced_at.into(), because.into(), version.into()],
        )
        .await?;
    Ok(row.ok_or(Refusal::NotFound)?.0)
}

pub(super) async fn cancel(tx: &mut Tx, meeting: MeetingId, because: &str) -> Result<i64, Refusal> {
    let row: Option<(i64,)> = tx
        .row(
            "UPDATE meeting SET state = 'cancelled', cancelled_because = $2, approved_by = NULL,
                    sequence = sequence + 1
             WHERE meeting_id = $1 RETURNING sequence",
            vec![meeting.into(), because.into()],
        )
        .await?;
    Ok(row.ok_or(Refusal::NotFound)?.0)
}

// ---- rooms -----------------------------------------------------------------------------------------------------------

/// A room as a booking sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Booked {
    pub town_id: String,
    pub name: String,
}

/// Locks a room: whoever books it next waits until this transaction is over.
pub(super) async fn lock_room(tx: &mut Tx, room: RoomId) -> Result<Option<Booked>, StorageError> {
    tx.row("UPDATE room SET bookings = bookings + 1 WHERE room_id = $1 RETURNING town_id, name", vec![room.into()])
        .await
}

/// Other meetings in a room that overlap a time: one that ends when the next begins does not. Those of cases that are
/// on hold keep their room, those of ended cases do not.
const CLASHES: &str = "SELECT m.starts_at, m.ends_at FROM meeting m JOIN topic t ON t.topic_id = m.case_id
     WHERE m.room_id = $1 AND m.case_id <> $2 AND m.starts_at < $4 AND m.ends_at > $3
       AND m.state <> 'cancelled' AND t.stage <> 'terminated'
     ORDER BY m.starts_at LIMIT 1";

pub(super) async fn clash_in(
    tx: &mut Tx,
    room: RoomId,
    case: CaseId,
    (from, to): Span,
) -> Result<Option<Span>, StorageError> {
    tx.row(CLASHES, vec![room.into(), case.into(), from.into(), to.into()]).await
}

pub(super) async fn clash(
    db: &Database,
    room: RoomId,
    case: CaseId,
    (from, to): Span,
) -> Result<Option<Span>, StorageError> {
    db.row(CLASHES, vec![room.into(), case.into(), from.into(), to.into()]).await
}

const CAPACITY: &str = "SELECT capacity FROM room WHERE room_id = $1";

pub(super) async fn capacity_in(tx: &mut Tx, room: RoomId) -> Result<Option<i64>, StorageError> {
    Ok(tx.row::<(i64,)>(CAPACITY, vec![room.into()]).await?.map(|r| r.0))
}

pub(super) async fn capacity(db: &Database, room: RoomId) -> Result<Option<i64>, StorageError> {
    Ok(db.row::<(i64,)>(CAPACITY, vec![room.into()]).await?.map(|r| r.0))
}

/// One booking of a room, for the week of a town.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Booking {
    pub room_id: RoomId,
    pub case_id: CaseId,
    pub title: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    #[sqlx(try_from = "String")]
    pub state: StateColumn,
}

/// The bookings of a town's rooms that touch a time.
pub(super) async fn bookings(db: &Database, town: &str, (from, to): Span) -> Result<Vec<Booking>, StorageError> {
    db.rows(
        "SELECT r.room_id, m.case_id, COALESCE(t.title, t.sent_title) AS title, m.starts_at, m.ends_at, m.state
         FROM meeting m JOIN room r ON r.room_id = m.room_id JOIN topic t ON t.topic_id = m.case_id
         WHERE r.town_id = $1 AND m.starts_at < $3 AND m.ends_at > $2
           AND m.state <> 'cancelled' AND t.stage <> 'terminated'
         ORDER BY m.starts_at, m.meeting_id",
        vec![town.into(), from.into(), to.into()],
    )
    .await
}

// ---- people ----------------------------------------------------------------------------------------------------------

/// Those who are counted: on the list, asked, or coming. A substitute stands for the one who named him.
const SEATS: &str = "SELECT category, woman FROM invitee
     WHERE meeting_id = $1 AND state IN ('listed', 'invited', 'accepted')";

fn seats_of(rows: Vec<(String, bool)>) -> Result<Vec<Seat>, StorageError> {
    rows.into_iter()
        .map(|(code, woman)| {
            let category = Category::from_code(&code).ok_or_else(|| corrupt("category", &code))?;
            Ok(Seat { category, woman })
        })
        .collect()
}

pub(super) async fn seats_in(tx: &mut Tx, meeting: MeetingId) -> Result<Vec<Seat>, StorageError> {
    seats_of(tx.rows(SEATS, vec![meeting.into()]).await?)
}

pub(super) async fn seats(db: &Database, meeting: MeetingId) -> Result<Vec<Seat>, StorageError> {
    seats_of(db.rows(SEATS, vec![meeting.into()]).await?)
}

/// Those on the list are asked now. Returns how many.
pub(super) async fn invite_listed(tx: &mut Tx, meeting: MeetingId) -> Result<u64, StorageError> {
    tx.execute("UPDATE invitee SET state = 'invited' WHERE meeting_id = $1 AND state = 'listed'", vec![meeting.into()])
        .await
}

/// Who was offered a seat has time anew to confirm it.
pub(super) async fn renew_offers(tx: &mut Tx, meeting: MeetingId, until: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE invitee SET offered_until = $2 WHERE meeting_id = $1 AND state = 'offered'",
        vec![meeting.into(), until.into()],
    )
    .await?;
    Ok(())
}

/// Opens the seats of a meeting. What was taken before stays taken; a category that is not open any more has none.
pub(super) async fn open_seats(tx: &mut Tx, meeting: MeetingId, open: &[(Category, u32)]) -> Result<(), StorageError> {
    tx.execute("UPDATE seat_pool SET seats = 0 WHERE meeting_id = $1", vec![meeting.into()]).await?;
    for (category, seats) in open {
        tx.execute(
            "INSERT INTO seat_pool (meeting_id, category, seats, taken, next_no) VALUES ($1, $2, $3, 0, 1)
             ON CONFLICT (meeting_id, category) DO UPDATE SET seats = excluded.seats",
            vec![meeting.into(), category.code().into(), i64::from(*seats).into()],
        )
        .await?;
    }
    Ok(())
}

/// Open seats of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSeats {
    /// The category.
    pub category: Category,
    /// How many there are.
    pub seats: i64,
    /// How many are left.
    pub left: i64,
}

/// The open seats of a meeting.
pub(super) async fn seat_pool(db: &Database, meeting: MeetingId) -> Result<Vec<OpenSeats>, StorageError> {
    let rows: Vec<(String, i64, i64)> = db
        .rows(
            "SELECT category, seats, taken FROM seat_pool WHERE meeting_id = $1 AND seats > 0 ORDER BY category",
            vec![meeting.into()],
        )
        .await?;
    rows.into_iter()
        .map(|(code, seats, taken)| {
            let category = Category::from_code(&code).ok_or_else(|| corrupt("category", &code))?;
            Ok(OpenSeats { category, seats, left: (seats - taken).max(0) })
        })
        .collect()
}

/// Somebody with an account in a town, who can chair or record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Colleague {
    pub account: AccountId,
    pub name: String,
    pub roles: Vec<Role>,
}

impl Colleague {
    /// 「工委主任、工委干事」.
    pub(super) fn role_words(&self) -> String {
        self.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join("、")
    }
}

/// The people with an account in a town.
pub(super) async fn colleagues(db: &Database, town: &str) -> Result<Vec<Colleague>, StorageError> {
    let rows: Vec<(AccountId, String, String)> = db
        .rows(
            "SELECT a.account_id, a.name, g.role FROM account a JOIN account_grant g ON g.account_id = a.account_id
             WHERE g.town_id = $1 AND a.disabled_at IS NULL ORDER BY a.account_id, g.role",
            vec![town.into()],
        )
        .await?;
    let mut people: Vec<Colleague> = Vec::new();
    for (account, name, role) in rows {
        let Some(role) = Role::from_code(&role) else { continue };
        match people.last_mut().filter(|last| last.account == account) {
            Some(last) => last.roles.push(role),
            None => people.push(Colleague { account, name, roles: vec![role] }),
        }
    }
    for person in &mut people {
        person.roles.sort_unstable();
    }
    Ok(people)
}

/// Whether somebody has an account in a town.
pub(super) async fn is_colleague(tx: &mut Tx, account: AccountId, town: &str) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx
        .row(
            "SELECT COUNT(*) FROM account a JOIN account_grant g ON g.account_id = a.account_id
             WHERE a.account_id = $1 AND g.town_id = $2 AND a.disabled_at IS NULL",
            vec![account.into(), town.into()],
        )
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

// ---- materials -------------------------------------------------------------------------------------------------------

/// As what a file already belongs to the case: topic, research, material; `None` for a new one.
pub(super) async fn part_of(tx: &mut Tx, case: CaseId, file: FileId) -> Result<Option<String>, StorageError> {
    let row: Option<(String,)> = tx
        .row("SELECT part FROM case_file WHERE case_id = $1 AND file_id = $2", vec![case.into(), file.into()])
        .await?;
    Ok(row.map(|r| r.0))
}

/// Ties files to the case as materials; not public yet. Those that are materials stay as they are.
pub(super) async fn attach(tx: &mut Tx, case: CaseId, files: &[FileId]) -> Result<(), StorageError> {
    for (position, file) in (0_i64..).zip(files) {
        tx.execute(
            "INSERT INTO case_file (case_id, file_id, position, released, part) VALUES ($1, $2, $3, FALSE, 'material')
             ON CONFLICT (case_id, file_id) DO NOTHING",
            vec![case.into(), (*file).into(), position.into()],
        )
        .await?;
    }
    Ok(())
}

/// Makes exactly these materials public.
pub(super) async fn release(tx: &mut Tx, case: CaseId, files: &[FileId]) -> Result<(), StorageError> {
    tx.execute("UPDATE case_file SET released = FALSE WHERE case_id = $1 AND part = 'material'", vec![case.into()])
        .await?;
    for file in files {
        tx.execute(
            "UPDATE case_file SET released = TRUE WHERE case_id = $1 AND file_id = $2 AND part = 'material'",
            vec![case.into(), (*file).into()],
        )
        .await?;
    }
    Ok(())
}

/// A material.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Material {
    pub file_id: FileId,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub released: bool,
}

/// The materials of a case that were ever attached, in order.
pub(super) async fn materials(db: &Database, case: CaseId) -> Result<Vec<Material>, StorageError> {
    db.rows(
        "SELECT f.file_id, f.name, f.media_type, f.size, c.released
         FROM case_file c JOIN file f ON f.file_id = c.file_id
         WHERE c.case_id = $1 AND c.part = 'material' ORDER BY c.position, f.file_id",
        vec![case.into()],
    )
    .await
}

// ---- what people were told -------------------------------------------------------------------------------------------

const TOLD_PLAN: &str = "SELECT r.body FROM meeting m
     JOIN case_record r ON r.case_id = m.case_id AND r.kind = $2 AND r.version = m.told_plan AND r.erased_at IS NULL
     WHERE m.meeting_id = $1";

fn read_plan(row: Option<(String,)>) -> Result<Option<ConsultationPlan>, StorageError> {
    row.map(|(body,)| crate::case::store::read(&body)).transpose()
}

/// The plan of a meeting as people were last told of it, whatever is being planned anew; `None` before it is announced.
///
/// # Errors
/// When the database cannot be read.
pub async fn told_plan(db: &Database, meeting: MeetingId) -> Result<Option<ConsultationPlan>, StorageError> {
    read_plan(db.row(TOLD_PLAN, vec![meeting.into(), ConsultationPlan::KIND.into()]).await?)
}

/// The same, inside a step.
///
/// # Errors
/// When the database cannot be read.
pub async fn told_plan_in(tx: &mut Tx, meeting: MeetingId) -> Result<Option<ConsultationPlan>, StorageError> {
    read_plan(tx.row(TOLD_PLAN, vec![meeting.into(), ConsultationPlan::KIND.into()]).await?)
}

// ---- what the public sees --------------------------------------------------------------------------------------------

/// A meeting as everybody sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PublicMeeting {
    /// Its id; stable in calendars.
    pub meeting_id: MeetingId,
    /// Its topic.
    pub case_id: CaseId,
    /// The topic's released title.
    pub title: String,
    /// The topic's number.
    pub number: Option<String>,
    /// Code of its town.
    pub town_id: String,
    /// Its town's name in lists.
    pub town: String,
    /// How people come together.
    #[sqlx(try_from = "String")]
    pub format: FormatColumn,
    /// When it begins, as people were last told.
    pub starts_at: DateTime<Utc>,
    /// When it ends, as people were last told.
    pub ends_at: DateTime<Utc>,
    /// The name of its room, as people were last told; none for one on the network.
    pub room: Option<String>,
    /// The address of its room.
    pub address: Option<String>,
    /// How far it is; cancelled until it is announced again.
    #[sqlx(try_from = "String")]
    pub state: StateColumn,
    /// Since when it is announced.
    pub announced_at: DateTime<Utc>,
    /// Whether the notice was shorter than usual.
    pub urgent: bool,
    /// Why it was called off.
    pub cancelled_because: Option<String>,
    /// Whether too few came on the day that people were told (流会).
    pub missed: bool,
    /// Why it was changed since it was announced.
    pub changed_because: Option<String>,
    /// Raised with every change.
    pub sequence: i64,
    /// Where the topic stands.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    /// 演示数据.
    pub demo: bool,
}

impl PublicMeeting {
    /// Where, in words for everybody.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.room, self.format.0.needs_address()) {
            (Some(room), true) => format!("{room}，也可线上参加"),
            (Some(room), false) => room.clone(),
            (None, _) => "线上会议室（地址发给报名和受邀的人）".to_owned(),
        }
    }
}

macro_rules! public_meeting {
    () => {
        "SELECT m.meeting_id, m.case_id, COALESCE(t.title, '') AS title, t.number, t.town_id, w.short_name AS town,
                m.format, m.told_starts_at AS starts_at, m.told_ends_at AS ends_at, r.name AS room, r.address,
                CASE WHEN m.state NOT IN ('announced', 'held') AND m.cancelled_because IS NOT NULL THEN 'cancelled' ELSE m.state END
                    AS state,
                m.announced_at, m.urgent, m.cancelled_because, m.changed_because, m.sequence, t.stage, t.demo,
                EXISTS (SELECT 1 FROM sitting s WHERE s.meeting_id = m.meeting_id AND s.state = 'missed'
                        AND s.starts_at = m.told_starts_at) AS missed
         FROM meeting m
         JOIN topic t ON t.topic_id = m.case_id
         JOIN town w ON w.town_id = t.town_id
         LEFT JOIN room r ON r.room_id = m.told_room_id
         WHERE t.is_public AND m.announced_at IS NOT NULL "
    };
}

/// The meeting of a topic that was announced, the newest; also when it is to take place another day or was called off.
///
/// # Errors
/// When the database cannot be read.
pub async fn public_meeting(db: &Database, case: CaseId) -> Result<Option<PublicMeeting>, StorageError> {
    db.row(
        concat!(public_meeting!(), "AND m.case_id = $1 ORDER BY m.round DESC, m.meeting_id DESC LIMIT 1"),
        vec![case.into()],
    )
    .await
}

/// Meetings that begin in a time, announced or called off, earliest first; with `town` those of one town. One whose
/// day is being moved, or whose topic is on hold or ended, is not listed.
///
/// # Errors
/// When the database cannot be read.
pub async fn public_meetings(
    db: &Database,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    town: Option<&str>,
    limit: i64,
) -> Result<Vec<PublicMeeting>, StorageError> {
    db.rows(
        concat!(
            public_meeting!(),
            "AND m.told_starts_at >= $1 AND m.told_starts_at < $2 AND (CAST($3 AS TEXT) IS NULL OR t.town_id = $3)
               AND (m.state IN ('announced', 'held') OR m.cancelled_because IS NOT NULL) AND t.stage NOT IN ('suspended', 'terminated')
             ORDER BY m.told_starts_at, m.meeting_id LIMIT $4"
        ),
        vec![from.into(), to.into(), town.into(), limit.into()],
    )
    .await
}

/// The day of the next announced meeting from a time on.
pub(super) async fn next_meeting(
    db: &Database,
    from: DateTime<Utc>,
    town: Option<&str>,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let row: Option<(DateTime<Utc>,)> = db
        .row(
            "SELECT m.starts_at FROM meeting m JOIN topic t ON t.topic_id = m.case_id
             WHERE t.is_public AND m.state = 'announced' AND m.starts_at >= $1
               AND (CAST($2 AS TEXT) IS NULL OR t.town_id = $2) AND t.stage NOT IN ('suspended', 'terminated')
             ORDER BY m.starts_at LIMIT 1",
            vec![from.into(), town.into()],
        )
        .await?;
    Ok(row.map(|r| r.0))
}
