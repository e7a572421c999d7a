//! The SQL of answers and open seats.

use chrono::{DateTime, Utc};

use crate::ids::{AccountId, CaseId, InviteeId, MeetingId};
use crate::invitation::model::{InviteeState, Private};
use crate::rules::Category;
use crate::storage::{Database, StorageError, Tx};

/// A state as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateColumn(pub InviteeState);

impl TryFrom<String> for StateColumn {
    type Error = StorageError;
    fn try_from(code: String) -> Result<Self, StorageError> {
        InviteeState::from_code(&code).map(Self).ok_or_else(|| StorageError::Corrupt(format!("invitee state {code}")))
    }
}

/// A category as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CategoryColumn(pub Category);

impl TryFrom<String> for CategoryColumn {
    type Error = StorageError;
    fn try_from(code: String) -> Result<Self, StorageError> {
        Category::from_code(&code).map(Self).ok_or_else(|| StorageError::Corrupt(format!("category {code}")))
    }
}

/// Somebody on the list, with what the steps and the person's own page need of the meeting.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Guest {
    /// Who.
    pub invitee_id: InviteeId,
    /// The case.
    pub case_id: CaseId,
    /// The meeting.
    pub meeting_id: MeetingId,
    /// `listed`, `seat` or `substitute`.
    pub origin: String,
    /// As what the person takes part.
    #[sqlx(try_from = "String")]
    pub category: CategoryColumn,
    /// Whether the person is a woman.
    pub woman: bool,
    /// 姓名; internal.
    pub name: String,
    /// 单位或村社区; internal.
    pub organisation: String,
    /// 电话; internal.
    pub phone: String,
    /// 邮箱; internal.
    pub mail: String,
    /// Where the answer stands.
    #[sqlx(try_from = "String")]
    pub state: StateColumn,
    /// When it was given.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who recorded it for the person.
    pub recorded_by: Option<AccountId>,
    /// How the person was reached then.
    pub reached_by: Option<String>,
    /// Why the person does not come; internal.
    pub reason: String,
    /// In whose place.
    pub substitute_of: Option<InviteeId>,
    /// When 「我看过了」 was pressed, or an answer given.
    pub seen_at: Option<DateTime<Utc>>,
    /// `for`, `against` or `neutral`.
    pub stance: Option<String>,
    /// What the person thinks beforehand; internal until it is released.
    pub opinion: String,
    /// Whether the officer released it.
    pub opinion_released: bool,
    /// Place in the line of the category.
    pub queue_no: Option<i64>,
    /// Until when an offered seat is kept.
    pub offered_until: Option<DateTime<Utc>>,
    /// Raised when the link is withdrawn.
    pub generation: i64,
    /// Whether the person's data was erased.
    pub erased_at: Option<DateTime<Utc>>,
    /// Since when the person wants no letters of what follows the meeting.
    pub no_news_at: Option<DateTime<Utc>>,
    /// When the meeting begins.
    pub starts_at: DateTime<Utc>,
    /// State of the meeting: `announced` and so on.
    pub meeting_state: String,
}

impl Guest {
    /// The texts that the ledger has a hash of.
    #[must_use]
    pub fn private(&self) -> String {
        Private {
            name: &self.name,
            organisation: &self.organisation,
            phone: &self.phone,
            mail: &self.mail,
            reason: &self.reason,
            opinion: &self.opinion,
        }
        .text()
    }
}

macro_rules! guests {
    ($tail:literal) => {
        concat!(
            "SELECT i.invitee_id, i.case_id, i.meeting_id, i.origin, i.category, i.woman, i.name, i.organisation, i.phone, i.mail,
                    i.state, i.answered_at, i.recorded_by, i.reached_by, i.reason, i.substitute_of, i.seen_at, i.stance,
                    i.opinion, i.opinion_released, i.queue_no, i.offered_until, i.generation, i.erased_at, i.no_news_at, m.starts_at,
                    m.state AS meeting_state
             FROM invitee i JOIN meeting m ON m.meeting_id = i.meeting_id ",
            $tail
        )
    };
}

/// Somebody on a list.
///
/// # Errors
/// When the database cannot be read.
pub async fn guest(db: &Database, invitee: InviteeId) -> Result<Option<Guest>, StorageError> {
    db.row(guests!("WHERE i.invitee_id = $1"), vec![invitee.into()]).await
}

pub(super) async fn set_no_news(tx: &mut Tx, who: InviteeId, at: Option<DateTime<Utc>>) -> Result<(), StorageError> {
    tx.execute("UPDATE invitee SET no_news_at = $2 WHERE invitee_id = $1", vec![who.into(), at.into()]).await?;
    Ok(())
}

pub(super) async fn guest_in(tx: &mut Tx, invitee: InviteeId) -> Result<Option<Guest>, StorageError> {
    tx.row(guests!("WHERE i.invitee_id = $1"), vec![invitee.into()]).await
}

/// A meeting, as far as answers and registrations ask.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct MeetingRow {
    pub case_id: CaseId,
    pub state: String,
    pub starts_at: DateTime<Utc>,
}

pub(super) async fn meeting_in(tx: &mut Tx, meeting: MeetingId) -> Result<Option<MeetingRow>, StorageError> {
    tx.row("SELECT case_id, state, starts_at FROM meeting WHERE meeting_id = $1", vec![meeting.into()]).await
}

/// A meeting as somebody invited, or the officer, sees it: as people were last told.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct MeetingView {
    pub meeting_id: MeetingId,
    pub state: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub online_url: String,
    pub cancelled_because: Option<String>,
    /// Whether it did not take place on the day that people were told because too few came.
    pub missed: bool,
    pub title: String,
    pub town: String,
    pub room: Option<String>,
    pub address: Option<String>,
    pub demo: bool,
}

macro_rules! meeting_views {
    ($tail:literal) => {
        concat!(
            "SELECT m.meeting_id, m.state, COALESCE(m.told_starts_at, m.starts_at) AS starts_at,
                    COALESCE(m.told_ends_at, m.ends_at) AS ends_at, m.online_url, m.cancelled_because,
                    EXISTS (SELECT 1 FROM sitting s WHERE s.meeting_id = m.meeting_id AND s.state = 'missed'
                            AND s.starts_at = m.told_starts_at) AS missed,
                    COALESCE(t.title, t.sent_title) AS title, w.short_name AS town, r.name AS room, r.address, t.demo
             FROM meeting m JOIN topic t ON t.topic_id = m.case_id JOIN town w ON w.town_id = t.town_id
             LEFT JOIN room r
                ON r.room_id = CASE WHEN m.told_starts_at IS NULL THEN m.room_id ELSE m.told_room_id END ",
            $tail
        )
    };
}

pub(super) async fn meeting(db: &Database, meeting: MeetingId) -> Result<Option<MeetingView>, StorageError> {
    db.row(meeting_views!("WHERE m.meeting_id = $1"), vec![meeting.into()]).await
}

/// The newest meeting of a case that was announced at some time.
pub(super) async fn meeting_of(db: &Database, case: CaseId) -> Result<Option<MeetingView>, StorageError> {
    db.row(
        meeting_views!(
            "WHERE m.case_id = $1 AND m.announced_at IS NOT NULL ORDER BY m.round DESC, m.meeting_id DESC LIMIT 1"
        ),
        vec![case.into()],
    )
    .await
}

/// The open seats of a meeting: category, seats, taken.
pub(super) async fn seats(db: &Database, meeting: MeetingId) -> Result<Vec<(String, i64, i64)>, StorageError> {
    db.rows(
        "SELECT category, seats, taken FROM seat_pool WHERE meeting_id = $1 AND seats > 0 ORDER BY category",
        vec![meeting.into()],
    )
    .await
}

/// Everybody on the list of a meeting, by category and in the order of the list.
///
/// # Errors
/// When the database cannot be read.
pub async fn guests(db: &Database, meeting: MeetingId) -> Result<Vec<Guest>, StorageError> {
    db.rows(
        guests!("WHERE i.meeting_id = $1 AND i.state <> 'removed' ORDER BY i.category, i.queue_no, i.invitee_id"),
        vec![meeting.into()],
    )
    .await
}

/// The first in the line of a category.
pub(super) async fn next_waiting(
    tx: &mut Tx,
    meeting: MeetingId,
    category: Category,
) -> Result<Option<Guest>, StorageError> {
    tx.row(
        guests!("WHERE i.meeting_id = $1 AND i.category = $2 AND i.state = 'waiting' ORDER BY i.queue_no LIMIT 1"),
        vec![meeting.into(), category.code().into()],
    )
    .await
}

/// Whose offer has run out, while it can be passed on.
pub(super) async fn run_out(db: &Database, now: DateTime<Utc>, limit: i64) -> Result<Vec<Guest>, StorageError> {
    db.rows(
        guests!("WHERE i.state = 'offered' AND i.offered_until < $1 AND m.state = 'announced' AND m.starts_at > $1 ORDER BY i.offered_until LIMIT $2"),
        vec![now.into(), limit.into()],
    )
    .await
}

/// Writes everything of a person that an answer changes, with the salt of the ledger's new hash.
pub(super) async fn save(tx: &mut Tx, guest: &Guest, salt: &str, ledger_seq: i64) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE invitee SET state = $2, answered_at = $3, recorded_by = $4, reached_by = $5, reason = $6, seen_at = $7,
                stance = $8, opinion = $9, opinion_released = $10, queue_no = $11, offered_until = $12, generation = $13,
                salt = $14, ledger_seq = $15
         WHERE invitee_id = $1",
        vec![
            guest.invitee_id.into(),
            guest.state.0.code().into(),
            guest.answered_at.into(),
            guest.recorded_by.into(),
            guest.reached_by.clone().into(),
            guest.reason.as_str().into(),
            guest.seen_at.into(),
            guest.stance.clone().into(),
            guest.opinion.as_str().into(),
            guest.opinion_released.into(),
            guest.queue_no.into(),
            guest.offered_until.into(),
            guest.generation.into(),
            salt.into(),
            ledger_seq.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Somebody new: a substitute, or a resident on an open seat.
pub(super) struct NewGuest<'a> {
    pub invitee: InviteeId,
    pub case: CaseId,
    pub meeting: MeetingId,
    pub origin: &'static str,
    pub category: Category,
    pub name: &'a str,
    pub organisation: &'a str,
    pub phone: &'a str,
    pub mail: &'a str,
    pub woman: bool,
    pub consent_public: bool,
    pub state: InviteeState,
    pub substitute_of: Option<InviteeId>,
    pub queue_no: Option<i64>,
    pub salt: &'a str,
    pub ledger_seq: i64,
}

pub(super) async fn insert(tx: &mut Tx, new: NewGuest<'_>, now: DateTime<Utc>) -> Result<(), StorageError> {
    let answered = (new.state == InviteeState::Accepted).then_some(now);
    tx.execute(
        "INSERT INTO invitee (invitee_id, case_id, meeting_id, origin, category, name, organisation, sector, phone, mail,
                              woman, consent_public, state, answered_at, reason, substitute_of, seen_at, opinion,
                              opinion_released, queue_no, generation, salt, ledger_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, $10, $11, $12, $13, '', $14, $13, '', FALSE, $15, 0, $16, $17)",
        vec![
            new.invitee.into(),
            new.case.into(),
            new.meeting.into(),
            new.origin.into(),
            new.category.code().into(),
            new.name.into(),
            new.organisation.into(),
            new.phone.into(),
            new.mail.into(),
            new.woman.into(),
            new.consent_public.into(),
            new.state.code().into(),
            answered.into(),
            new.substitute_of.into(),
            new.queue_no.into(),
            new.salt.into(),
            new.ledger_seq.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Whether a phone stands on the list already. Who gave an open seat back may register again.
pub(super) async fn phone_is_listed(tx: &mut Tx, meeting: MeetingId, phone: &str) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx
        .row(
            "SELECT COUNT(*) FROM invitee WHERE meeting_id = $1 AND phone = $2 AND phone <> ''
               AND state NOT IN ('removed', 'expired', 'refused') AND NOT (state = 'declined' AND origin = 'seat')",
            vec![meeting.into(), phone.into()],
        )
        .await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

/// The open seats of a category: how many, how many are taken, the next place in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Pool {
    pub seats: i64,
    pub taken: i64,
    pub next_no: i64,
}

pub(super) async fn pool(tx: &mut Tx, meeting: MeetingId, category: Category) -> Result<Option<Pool>, StorageError> {
    tx.row(
        "SELECT seats, taken, next_no FROM seat_pool WHERE meeting_id = $1 AND category = $2",
        vec![meeting.into(), category.code().into()],
    )
    .await
}

pub(super) async fn set_pool(
    tx: &mut Tx,
    meeting: MeetingId,
    category: Category,
    pool: Pool,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE seat_pool SET taken = $3, next_no = $4 WHERE meeting_id = $1 AND category = $2",
        vec![meeting.into(), category.code().into(), pool.taken.into(), pool.next_no.into()],
    )
    .await?;
    Ok(())
}

/// Counts anew who holds an open seat of a category: who registered and comes, was offered it, is asked again, or sends
/// somebody else.
pub(super) async fn recount(tx: &mut Tx, meeting: MeetingId, category: Category) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE seat_pool SET taken = (SELECT COUNT(*) FROM invitee i
             WHERE i.meeting_id = $1 AND i.category = $2 AND i.origin = 'seat'
               AND i.state IN ('accepted', 'offered', 'invited', 'substituted'))
         WHERE meeting_id = $1 AND category = $2",
        vec![meeting.into(), category.code().into()],
    )
    .await?;
    Ok(())
}

/// Whether anybody who was asked has not answered.
pub(super) async fn any_unanswered(tx: &mut Tx, meeting: MeetingId) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx
        .row(
            "SELECT CAST(1 AS BIGINT) FROM invitee WHERE meeting_id = $1 AND state = 'invited' LIMIT 1",
            vec![meeting.into()],
        )
        .await?;
    Ok(row.is_some())
}

/// The people of a meeting who bear a name and whose phone ends in these digits; not who gave an open seat back.
pub(super) async fn find(
    db: &Database,
    meeting: MeetingId,
    name: &str,
    digits: &str,
) -> Result<Vec<Guest>, StorageError> {
    db.rows(
        guests!(
            "WHERE i.meeting_id = $1 AND i.name = $2 AND i.phone LIKE '%' || $3 AND i.erased_at IS NULL
               AND i.state NOT IN ('removed', 'expired', 'refused') AND NOT (i.state = 'declined' AND i.origin = 'seat')
             ORDER BY i.invitee_id"
        ),
        vec![meeting.into(), name.into(), digits.into()],
    )
    .await
}

/// Opinions that the officer released, newest first: stance and words, no names.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn released(db: &Database, meeting: MeetingId) -> Result<Vec<(String, String, String)>, StorageError> {
    db.rows(
        "SELECT category, COALESCE(stance, 'neutral'), opinion FROM invitee
         WHERE meeting_id = $1 AND opinion_released AND opinion <> '' AND erased_at IS NULL ORDER BY invitee_id DESC",
        vec![meeting.into()],
    )
    .await
}
