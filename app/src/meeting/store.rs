//! The SQL of the meeting's day.

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{How, Listed, SittingState};
use crate::ids::{AccountId, CaseId, CheckInId, InviteeId, MeetingId, SittingId};
use crate::invitation::model::InviteeState;
use crate::rules::{Attendance, Category, HandCount, local_date};
use crate::storage::{Column, Database, StorageError, Tx, columns};

columns! {
    SittingState, "sitting state";
    How, "way of check-in";
    InviteeState, "invitee state";
}

// ---- the meeting and its day -----------------------------------------------------------------------------------------

/// The announced meeting of a case, as its day needs it: as people were told.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Day {
    /// The meeting.
    pub meeting_id: MeetingId,
    /// Its case.
    pub case_id: CaseId,
    /// announced or held, and what else a meeting can be.
    pub state: String,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// When it was announced, the last time.
    pub announced_at: DateTime<Utc>,
    /// Whether the notice was shorter than usual.
    pub urgent: bool,
    /// Who chairs.
    pub chair_id: Option<AccountId>,
    /// The name; internal.
    pub chair: Option<String>,
    /// Who records.
    pub recorder_id: Option<AccountId>,
    /// The name; internal.
    pub recorder: Option<String>,
    /// The room.
    pub room: Option<String>,
}

const DAY: &str = "SELECT m.meeting_id, m.case_id, m.state, m.told_starts_at AS starts_at, m.told_ends_at AS ends_at,
            m.announced_at, m.urgent, m.chair_id, c.name AS chair, m.recorder_id, r.name AS recorder, p.name AS room
     FROM meeting m LEFT JOIN account c ON c.account_id = m.chair_id LEFT JOIN account r ON r.account_id = m.recorder_id
     LEFT JOIN room p ON p.room_id = m.told_room_id
     WHERE m.case_id = $1 AND m.announced_at IS NOT NULL ORDER BY m.round DESC, m.meeting_id DESC LIMIT 1";

pub(super) async fn day(db: &Database, case: CaseId) -> Result<Option<Day>, StorageError> {
    db.row(DAY, vec![case.into()]).await
}

pub(super) async fn day_in(tx: &mut Tx, case: CaseId) -> Result<Option<Day>, StorageError> {
    tx.row(DAY, vec![case.into()]).await
}

/// A day on which the people of a meeting come together.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sitting {
    /// Its id.
    pub sitting_id: SittingId,
    /// The case.
    pub case_id: CaseId,
    /// The meeting.
    pub meeting_id: MeetingId,
    /// 1 for the first day of the meeting.
    pub no: i64,
    /// When it was to begin, as people were told.
    pub starts_at: DateTime<Utc>,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub state: Column<SittingState>,
    /// When the door was opened.
    pub door_at: DateTime<Utc>,
    /// When the meeting was opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was recorded as missed.
    pub missed_at: Option<DateTime<Utc>>,
    /// Places taken when it was opened or missed.
    pub present: Option<i64>,
    /// Places promised then.
    pub expected: Option<i64>,
    /// The director's count by hand: everybody.
    pub hand_present: Option<i64>,
    /// Members among them.
    pub hand_members: Option<i64>,
    /// Those concerned.
    pub hand_stakeholders: Option<i64>,
    /// Representatives of departments.
    pub hand_departments: Option<i64>,
    /// Who counted.
    pub hand_by: Option<AccountId>,
}

impl Sitting {
    /// The count by hand, if there is one.
    #[must_use]
    pub fn hand(&self) -> Option<HandCount> {
        let whole = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        self.hand_present.map(|_| HandCount {
            present: whole(self.hand_present),
            members: whole(self.hand_members),
            stakeholders: whole(self.hand_stakeholders),
            departments: whole(self.hand_departments),
            by: self.hand_by.map(|by| by.0),
        })
    }

    /// The attendance that was recorded when it was opened or missed.
    #[must_use]
    pub fn recorded(&self) -> Option<Attendance> {
        let whole = |n: i64| u32::try_from(n).unwrap_or(0);
        self.present.zip(self.expected).map(|(p, e)| Attendance { present: whole(p), expected: whole(e) })
    }
}

const SITTING: &str = "SELECT sitting_id, case_id, meeting_id, no, starts_at, state, door_at, opened_at, closed_at,
            missed_at, present, expected, hand_present, hand_members, hand_stakeholders, hand_departments, hand_by
     FROM sitting WHERE meeting_id = $1 ORDER BY no DESC LIMIT 1";

/// The newest sitting of a meeting: the one of its present day, or one that was missed or put off.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest_sitting(db: &Database, meeting: MeetingId) -> Result<Option<Sitting>, StorageError> {
    db.row(SITTING, vec![meeting.into()]).await
}

pub(super) async fn newest_sitting_in(tx: &mut Tx, meeting: MeetingId) -> Result<Option<Sitting>, StorageError> {
    tx.row(SITTING, vec![meeting.into()]).await
}

/// The sitting of the day that people were told of; not one that was missed, or whose meeting was moved or called off
/// since.
pub(super) fn present_sitting(day: &Day, newest: Option<Sitting>) -> Option<Sitting> {
    let newest = newest.filter(|_| matches!(day.state.as_str(), "announced" | "held"));
    newest.filter(|sitting| sitting.starts_at == day.starts_at && sitting.state.0 != SittingState::Missed)
}

pub(super) async fn open_door(tx: &mut Tx, new: &Sitting) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO sitting (sitting_id, case_id, meeting_id, no, starts_at, state, door_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            new.sitting_id.into(),
            new.case_id.into(),
            new.meeting_id.into(),
            new.no.into(),
            new.starts_at.into(),
            new.state.0.code().into(),
            new.door_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The meeting is opened, with its figures.
pub(super) async fn convene(
    tx: &mut Tx,
    sitting: SittingId,
    (now, by): (DateTime<Utc>, Option<AccountId>),
    attendance: Attendance,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE sitting SET state = 'open', opened_at = $2, opened_by = $3, present = $4, expected = $5
         WHERE sitting_id = $1",
        vec![
            sitting.into(),
            now.into(),
            by.into(),
            i64::from(attendance.present).into(),
            i64::from(attendance.expected).into(),
        ],
    )
    .await?;
    tx.execute(
        "UPDATE meeting SET state = 'held'
         WHERE meeting_id = (SELECT meeting_id FROM sitting WHERE sitting_id = $1)",
        vec![sitting.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn set_missed(
    tx: &mut Tx,
    sitting: SittingId,
    now: DateTime<Utc>,
    attendance: Attendance,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE sitting SET state = 'missed', missed_at = $2, present = $3, expected = $4 WHERE sitting_id = $1",
        vec![sitting.into(), now.into(), i64::from(attendance.present).into(), i64::from(attendance.expected).into()],
    )
    .await?;
    Ok(())
}

/// Whoever came without having been asked, to a day that was missed, is asked like everybody when it is announced anew.
pub(super) async fn ask_walk_ins(tx: &mut Tx, meeting: MeetingId) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE invitee SET origin = 'listed', state = 'listed'
         WHERE meeting_id = $1 AND origin = 'walk_in' AND state = 'accepted'",
        vec![meeting.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn count_by_hand(
    tx: &mut Tx,
    sitting: SittingId,
    count: HandCount,
    by: Option<AccountId>,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE sitting SET hand_present = $2, hand_members = $3, hand_stakeholders = $4, hand_departments = $5,
                hand_by = $6
         WHERE sitting_id = $1",
        vec![
            sitting.into(),
            i64::from(count.present).into(),
            i64::from(count.members).into(),
            i64::from(count.stakeholders).into(),
            i64::from(count.departments).into(),
            by.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Nobody has counted by hand any more.
pub(super) async fn withdraw_count(tx: &mut Tx, sitting: SittingId) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE sitting SET hand_present = NULL, hand_members = NULL, hand_stakeholders = NULL, hand_departments = NULL,
                hand_by = NULL
         WHERE sitting_id = $1",
        vec![sitting.into()],
    )
    .await?;
    Ok(())
}

/// Suspends a sitting.
pub(super) async fn pause(tx: &mut Tx, sitting: SittingId, now: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute("UPDATE sitting SET state = 'paused' WHERE sitting_id = $1", vec![sitting.into()]).await?;
    tx.execute(
        "INSERT INTO sitting_pause (sitting_id, no, from_at)
         VALUES ($1, 1 + (SELECT COUNT(*) FROM sitting_pause WHERE sitting_id = $1), $2)",
        vec![sitting.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// Ends the pause, and goes on (`open`) or is over (`closed`).
pub(super) async fn end_pause(
    tx: &mut Tx,
    sitting: SittingId,
    state: SittingState,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE sitting SET state = $2, closed_at = CASE WHEN $2 = 'closed' THEN $3 ELSE closed_at END
         WHERE sitting_id = $1",
        vec![sitting.into(), state.code().into(), now.into()],
    )
    .await?;
    tx.execute(
        "UPDATE sitting_pause SET until_at = $2 WHERE sitting_id = $1 AND until_at IS NULL",
        vec![sitting.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// The pauses of a sitting: from when until when.
///
/// # Errors
/// When the database cannot be read.
pub async fn pauses(
    db: &Database,
    sitting: SittingId,
) -> Result<Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>, StorageError> {
    db.rows("SELECT from_at, until_at FROM sitting_pause WHERE sitting_id = $1 ORDER BY no", vec![sitting.into()]).await
}

/// Whether a meeting was held and is over.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_over(tx: &mut Tx, meeting: MeetingId) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx
        .row("SELECT COUNT(*) FROM sitting WHERE meeting_id = $1 AND closed_at IS NOT NULL", vec![meeting.into()])
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

/// The day on which a meeting was held; `None` for one that was not.
///
/// # Errors
/// When the database cannot be read.
pub async fn held_on(tx: &mut Tx, meeting: MeetingId) -> Result<Option<NaiveDate>, StorageError> {
    let row: Option<(DateTime<Utc>,)> = tx
        .row(
            "SELECT opened_at FROM sitting WHERE meeting_id = $1 AND opened_at IS NOT NULL ORDER BY no DESC LIMIT 1",
            vec![meeting.into()],
        )
        .await?;
    Ok(row.map(|(at,)| local_date(at)))
}

// ---- who is there ----------------------------------------------------------------------------------------------------

/// Somebody on the list, at the door.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Person {
    /// Who.
    pub invitee_id: InviteeId,
    /// As what.
    #[sqlx(try_from = "String")]
    pub category: Column<Category>,
    /// Whether it is a woman.
    pub woman: bool,
    /// 姓名; internal.
    pub name: String,
    /// 单位或村社区; internal.
    pub organisation: String,
    /// Whether the name may be shown in public.
    pub consent_public: bool,
    /// What was answered.
    #[sqlx(try_from = "String")]
    pub state: Column<InviteeState>,
    /// In whose place.
    pub substitute_of: Option<InviteeId>,
    /// listed, seat, substitute or walk_in.
    pub origin: String,
    /// Generation of the personal link.
    pub generation: i64,
    /// The check-in that stands.
    pub check_in_id: Option<CheckInId>,
    /// Code of how.
    pub how: Option<String>,
    /// When it was received.
    pub at: Option<DateTime<Utc>>,
    /// When a device without a network noted it.
    pub device_at: Option<DateTime<Utc>>,
}

impl Person {
    /// As attendance counts.
    #[must_use]
    pub fn listed(&self) -> Listed {
        Listed {
            invitee: self.invitee_id,
            category: self.category.0,
            woman: self.woman,
            state: self.state.0,
            substitute_of: self.substitute_of,
            walk_in: self.origin == "walk_in",
            is_in: self.check_in_id.is_some(),
        }
    }
}

/// Without a sitting (`$2` null) nobody is there yet.
const PEOPLE: &str = "SELECT i.invitee_id, i.category, i.woman, i.name, i.organisation, i.consent_public, i.state,
            i.substitute_of, i.origin, i.generation, c.check_in_id, c.how, c.at, c.device_at
     FROM invitee i
     LEFT JOIN check_in c ON c.invitee_id = i.invitee_id AND c.sitting_id = $2 AND c.undone_at IS NULL
     WHERE i.meeting_id = $1 AND i.state NOT IN ('removed', 'refused') AND i.erased_at IS NULL
     ORDER BY i.category, i.name, i.invitee_id";

pub(super) async fn people(
    db: &Database,
    meeting: MeetingId,
    sitting: Option<SittingId>,
) -> Result<Vec<Person>, StorageError> {
    db.rows(PEOPLE, vec![meeting.into(), sitting.into()]).await
}

pub(super) async fn people_in(
    tx: &mut Tx,
    meeting: MeetingId,
    sitting: Option<SittingId>,
) -> Result<Vec<Person>, StorageError> {
    tx.rows(PEOPLE, vec![meeting.into(), sitting.into()]).await
}

/// How many stand on the list of a meeting.
pub(super) async fn count(db: &Database, meeting: MeetingId) -> Result<i64, StorageError> {
    let row: Option<(i64,)> = db
        .row(
            "SELECT COUNT(*) FROM invitee
             WHERE meeting_id = $1 AND state NOT IN ('removed', 'refused') AND erased_at IS NULL",
            vec![meeting.into()],
        )
        .await?;
    Ok(row.map_or(0, |row| row.0))
}

/// A check-in that was made or taken back lately.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Recent {
    pub invitee_id: Option<InviteeId>,
    pub account_id: Option<AccountId>,
    pub check_in_id: CheckInId,
    pub how: String,
    pub at: DateTime<Utc>,
    pub device_at: Option<DateTime<Utc>>,
    pub undone_at: Option<DateTime<Utc>>,
}

/// The check-ins that were made or taken back since then, in the order in which they were made.
pub(super) async fn recent(
    db: &Database,
    sitting: SittingId,
    since: DateTime<Utc>,
) -> Result<Vec<Recent>, StorageError> {
    db.rows(
        "SELECT invitee_id, account_id, check_in_id, how, at, device_at, undone_at FROM check_in
         WHERE sitting_id = $1 AND (at >= $2 OR undone_at >= $2) ORDER BY at, check_in_id",
        vec![sitting.into(), since.into()],
    )
    .await
}

/// The chair or the recorder at the door: account, and the check-in that stands.
pub(super) type Official = (AccountId, CheckInId, DateTime<Utc>);

const OFFICIALS: &str = "SELECT account_id, check_in_id, at FROM check_in
     WHERE sitting_id = $1 AND account_id IS NOT NULL AND undone_at IS NULL ORDER BY at";

pub(super) async fn officials(db: &Database, sitting: Option<SittingId>) -> Result<Vec<Official>, StorageError> {
    db.rows(OFFICIALS, vec![sitting.into()]).await
}

pub(super) async fn officials_in(tx: &mut Tx, sitting: Option<SittingId>) -> Result<Vec<Official>, StorageError> {
    tx.rows(OFFICIALS, vec![sitting.into()]).await
}

/// The check-in of somebody that stands.
pub(super) async fn standing(
    tx: &mut Tx,
    sitting: SittingId,
    (invitee, account): (Option<InviteeId>, Option<AccountId>),
) -> Result<Option<CheckInId>, StorageError> {
    let row: Option<(CheckInId,)> = tx
        .row(
            "SELECT check_in_id FROM check_in
             WHERE sitting_id = $1 AND (invitee_id = $2 OR account_id = $3) AND undone_at IS NULL",
            vec![sitting.into(), invitee.into(), account.into()],
        )
        .await?;
    Ok(row.map(|row| row.0))
}

/// As what somebody is there; `None` for who is not.
pub(super) async fn present_as(
    tx: &mut Tx,
    sitting: SittingId,
    invitee: InviteeId,
) -> Result<Option<Category>, StorageError> {
    let row: Option<(String,)> = tx
        .row(
            "SELECT i.category FROM check_in c JOIN invitee i ON i.invitee_id = c.invitee_id
             WHERE c.sitting_id = $1 AND c.invitee_id = $2 AND c.undone_at IS NULL AND i.erased_at IS NULL",
            vec![sitting.into(), invitee.into()],
        )
        .await?;
    row.map(|row| Column::<Category>::try_from(row.0).map(|column| column.0)).transpose()
}

/// Since when somebody is there.
pub(super) async fn here_since(
    db: &Database,
    sitting: SittingId,
    invitee: InviteeId,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let row: Option<(DateTime<Utc>,)> = db
        .row(
            "SELECT at FROM check_in WHERE sitting_id = $1 AND invitee_id = $2 AND undone_at IS NULL",
            vec![sitting.into(), invitee.into()],
        )
        .await?;
    Ok(row.map(|row| row.0))
}

/// Whether somebody stands on the list of a meeting.
pub(super) async fn is_listed(tx: &mut Tx, meeting: MeetingId, invitee: InviteeId) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx
        .row(
            "SELECT COUNT(*) FROM invitee WHERE meeting_id = $1 AND invitee_id = $2
               AND state NOT IN ('removed', 'refused') AND erased_at IS NULL",
            vec![meeting.into(), invitee.into()],
        )
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

/// A check-in about to be kept.
pub(super) struct NewCheckIn {
    pub id: CheckInId,
    pub sitting: SittingId,
    pub invitee: Option<InviteeId>,
    pub account: Option<AccountId>,
    pub how: How,
    pub at: DateTime<Utc>,
    pub device_at: Option<DateTime<Utc>>,
    pub by: Option<AccountId>,
}

pub(super) async fn check_in(tx: &mut Tx, new: NewCheckIn) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO check_in (check_in_id, sitting_id, invitee_id, account_id, how, at, device_at, by_account)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            new.id.into(),
            new.sitting.into(),
            new.invitee.into(),
            new.account.into(),
            new.how.code().into(),
            new.at.into(),
            new.device_at.into(),
            new.by.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Takes a check-in back; false when it does not stand.
pub(super) async fn undo(
    tx: &mut Tx,
    (sitting, id): (SittingId, CheckInId),
    (now, by): (DateTime<Utc>, Option<AccountId>),
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE check_in SET undone_at = $3, undone_by = $4
             WHERE check_in_id = $2 AND sitting_id = $1 AND undone_at IS NULL",
            vec![sitting.into(), id.into(), now.into(), by.into()],
        )
        .await?;
    Ok(changed == 1)
}
