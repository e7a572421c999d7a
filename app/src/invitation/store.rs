//! The SQL of the invitation.

use chrono::{DateTime, Utc};

use super::model::{InviteeState, PersonForm};
use crate::ids::{CaseId, InviteeId, MeetingId, MemberId, UnitId};
use crate::rules::{Category, Composition, Seat};
use crate::storage::{Database, StorageError, Tx};

/// A meeting as far as its list of people asks.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Meeting {
    /// The meeting.
    pub meeting_id: MeetingId,
    /// Its case.
    pub case_id: CaseId,
    /// 1 for the first meeting of the case.
    pub round: i64,
    /// planning, approved, announced or cancelled.
    pub state: String,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
}

impl Meeting {
    /// Whether its list may still be changed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "planning" | "approved" | "announced")
    }

    /// Whether it is announced and its time has come.
    #[must_use]
    pub fn has_begun(&self, now: DateTime<Utc>) -> bool {
        self.state == "announced" && self.starts_at <= now
    }
}

/// The newest meeting of a case that was not cancelled.
///
/// # Errors
/// When the database cannot be read.
pub async fn current_meeting(db: &Database, case: CaseId) -> Result<Option<Meeting>, StorageError> {
    db.row(
        "SELECT meeting_id, case_id, round, state, starts_at FROM meeting
         WHERE case_id = $1 AND state <> 'cancelled' ORDER BY round DESC, meeting_id DESC LIMIT 1",
        vec![case.into()],
    )
    .await
}

pub(super) async fn current_meeting_in(tx: &mut Tx, case: CaseId) -> Result<Option<Meeting>, StorageError> {
    tx.row(
        "SELECT meeting_id, case_id, round, state, starts_at FROM meeting
         WHERE case_id = $1 AND state <> 'cancelled' ORDER BY round DESC, meeting_id DESC LIMIT 1",
        vec![case.into()],
    )
    .await
}

/// Somebody on the list of a meeting, as the town's people see it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Invitee {
    /// Who.
    pub invitee_id: InviteeId,
    /// The case.
    pub case_id: CaseId,
    /// The meeting.
    pub meeting_id: MeetingId,
    /// listed, seat or substitute.
    pub origin: String,
    /// The member on the roster.
    pub member_id: Option<MemberId>,
    /// The unit on the roster.
    pub unit_id: Option<UnitId>,
    /// Code of the category.
    #[sqlx(try_from = "String")]
    pub category: CategoryColumn,
    /// 姓名; internal.
    pub name: String,
    /// 单位或村社区.
    pub organisation: String,
    /// 界别.
    pub sector: String,
    /// 电话; internal.
    pub phone: String,
    /// 邮箱; internal.
    pub mail: String,
    /// Whether it is a woman.
    pub woman: bool,
    /// Whether the name may be shown in public.
    pub consent_public: bool,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub state: StateColumn,
    /// Why the person does not come; internal.
    pub reason: String,
    /// What the person thinks beforehand; internal.
    pub opinion: String,
    /// Number of the ledger entry that has its hash: goes up with every change.
    pub ledger_seq: i64,
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

/// A state as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateColumn(pub InviteeState);

impl TryFrom<String> for StateColumn {
    type Error = StorageError;
    fn try_from(code: String) -> Result<Self, StorageError> {
        InviteeState::from_code(&code).map(Self).ok_or_else(|| StorageError::Corrupt(format!("invitee state {code}")))
    }
}

impl Invitee {
    /// The form as it is filled now.
    #[must_use]
    pub fn form(&self) -> PersonForm {
        PersonForm {
            member: self.member_id,
            unit: self.unit_id,
            category: Some(self.category.0),
            name: self.name.clone(),
            organisation: self.organisation.clone(),
            sector: self.sector.clone(),
            phone: self.phone.clone(),
            mail: self.mail.clone(),
            woman: self.woman,
            consent_public: self.consent_public,
        }
    }
}

/// The columns of [`Invitee`].
macro_rules! invitee_columns {
    () => {
        "invitee_id, case_id, meeting_id, origin, member_id, unit_id, category, name, organisation, sector, phone, mail,
         woman, consent_public, state, reason, opinion, ledger_seq"
    };
}

/// Everybody on the list of a meeting, in the order in which they were put on it; with those who were taken off.
///
/// # Errors
/// When the database cannot be read.
pub async fn invitees(db: &Database, meeting: MeetingId) -> Result<Vec<Invitee>, StorageError> {
    db.rows(
        concat!("SELECT ", invitee_columns!(), " FROM invitee WHERE meeting_id = $1 ORDER BY category, invitee_id"),
        vec![meeting.into()],
    )
    .await
}

pub(super) async fn invitees_in(tx: &mut Tx, meeting: MeetingId) -> Result<Vec<Invitee>, StorageError> {
    tx.rows(
        concat!("SELECT ", invitee_columns!(), " FROM invitee WHERE meeting_id = $1 ORDER BY category, invitee_id"),
        vec![meeting.into()],
    )
    .await
}

/// People on the lists of a case whose phone or mail is still known.
pub(super) async fn with_contact(tx: &mut Tx, case: CaseId, limit: i64) -> Result<Vec<Invitee>, StorageError> {
    tx.rows(
        concat!(
            "SELECT ",
            invitee_columns!(),
            " FROM invitee
             WHERE meeting_id IN (SELECT meeting_id FROM meeting WHERE case_id = $1) AND (phone <> '' OR mail <> '')
               AND erased_at IS NULL ORDER BY invitee_id LIMIT $2"
        ),
        vec![case.into(), limit.into()],
    )
    .await
}

/// Cases of a town that ended before a time, and whose lists still hold a phone or a mail address.
pub(super) async fn to_forget(
    db: &Database,
    town: &str,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(CaseId,)>, StorageError> {
    db.rows(
        "SELECT t.topic_id FROM topic t
         WHERE t.town_id = $1 AND t.waits_for IS NULL AND t.stage <> 'returned' AND t.stage_since <= $2
           AND EXISTS (SELECT 1 FROM meeting m JOIN invitee i ON i.meeting_id = m.meeting_id
                       WHERE m.case_id = t.topic_id AND (i.phone <> '' OR i.mail <> '') AND i.erased_at IS NULL)
         ORDER BY t.stage_since LIMIT $3",
        vec![town.into(), before.into(), limit.into()],
    )
    .await
}

/// Somebody on a list of the case.
///
/// # Errors
/// When the database cannot be read.
pub async fn invitee(db: &Database, case: CaseId, id: InviteeId) -> Result<Option<Invitee>, StorageError> {
    db.row(
        concat!("SELECT ", invitee_columns!(), " FROM invitee WHERE invitee_id = $1 AND case_id = $2"),
        vec![id.into(), case.into()],
    )
    .await
}

pub(super) async fn invitee_in(tx: &mut Tx, case: CaseId, id: InviteeId) -> Result<Option<Invitee>, StorageError> {
    tx.row(
        concat!("SELECT ", invitee_columns!(), " FROM invitee WHERE invitee_id = $1 AND case_id = $2"),
        vec![id.into(), case.into()],
    )
    .await
}

/// Somebody new on a list.
pub(super) struct NewInvitee<'a> {
    pub(super) id: InviteeId,
    pub(super) case: CaseId,
    pub(super) meeting: MeetingId,
    pub(super) category: Category,
    pub(super) form: &'a PersonForm,
    pub(super) state: InviteeState,
    pub(super) salt: String,
    pub(super) ledger_seq: i64,
}

pub(super) async fn insert(tx: &mut Tx, new: NewInvitee<'_>) -> Result<(), StorageError> {
    let form = new.form;
    tx.execute(
        "INSERT INTO invitee (invitee_id, case_id, meeting_id, origin, member_id, unit_id, category, name, organisation,
                              sector, phone, mail, woman, consent_public, state, reason, opinion, opinion_released,
                              generation, salt, ledger_seq)
         VALUES ($1, $2, $3, 'listed', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $17, '', '', $14, 0, $15, $16)",
        vec![
            new.id.into(),
            new.case.into(),
            new.meeting.into(),
            form.member.into(),
            form.unit.into(),
            new.category.code().into(),
            form.name.as_str().into(),
            form.organisation.as_str().into(),
            form.sector.as_str().into(),
            form.phone.as_str().into(),
            form.mail.as_str().into(),
            form.woman.into(),
            form.consent_public.into(),
            false.into(),
            new.salt.into(),
            new.ledger_seq.into(),
            new.state.code().into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn correct(
    tx: &mut Tx,
    id: InviteeId,
    (category, form): (Category, &PersonForm),
    (salt, ledger_seq): (String, i64),
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE invitee SET category = $2, name = $3, organisation = $4, sector = $5, phone = $6, mail = $7, woman = $8,
                            consent_public = $9, salt = $10, ledger_seq = $11
         WHERE invitee_id = $1",
        vec![
            id.into(),
            category.code().into(),
            form.name.as_str().into(),
            form.organisation.as_str().into(),
            form.sector.as_str().into(),
            form.phone.as_str().into(),
            form.mail.as_str().into(),
            form.woman.into(),
            form.consent_public.into(),
            salt.into(),
            ledger_seq.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn set_state(tx: &mut Tx, id: InviteeId, state: InviteeState) -> Result<(), StorageError> {
    tx.execute("UPDATE invitee SET state = $2 WHERE invitee_id = $1", vec![id.into(), state.code().into()]).await?;
    Ok(())
}

/// Whether a meeting was opened on its day.
pub(super) async fn was_held(tx: &mut Tx, meeting: MeetingId) -> Result<bool, StorageError> {
    let row: Option<(String,)> =
        tx.row("SELECT state FROM meeting WHERE meeting_id = $1", vec![meeting.into()]).await?;
    Ok(row.is_some_and(|(state,)| state == "held"))
}

/// Erases what is known of a person and withdraws the link; false when that was done before.
pub(super) async fn erase(tx: &mut Tx, id: InviteeId, now: DateTime<Utc>) -> Result<bool, StorageError> {
    let erased = tx
        .execute(
            "UPDATE invitee SET name = '', organisation = '', sector = '', phone = '', mail = '', reason = '', opinion = '',
                    opinion_released = FALSE, consent_public = FALSE, member_id = NULL, unit_id = NULL, salt = NULL,
                    generation = generation + 1, erased_at = $2
             WHERE invitee_id = $1 AND erased_at IS NULL",
            vec![id.into(), now.into()],
        )
        .await?;
    Ok(erased == 1)
}

/// What the roster knows of a person who is put on a list.
#[derive(sqlx::FromRow)]
struct OnRoster {
    name: String,
    organisation: String,
    sector: String,
    phone: String,
    mail: String,
    woman: bool,
}

/// A member of the town, still in office, as a person for the list.
pub(super) async fn member_as_person(
    tx: &mut Tx,
    town: &str,
    member: MemberId,
) -> Result<Option<PersonForm>, StorageError> {
    let row: Option<OnRoster> = tx
        .row(
            "SELECT name, '' AS organisation, sector, phone, mail, woman FROM member
             WHERE member_id = $1 AND town_id = $2 AND left_at IS NULL",
            vec![member.into(), town.into()],
        )
        .await?;
    Ok(row.map(|row| row.person(Some(member), None, Category::Member)))
}

/// The contact of a unit of the town or of the district, as a person for the list.
pub(super) async fn unit_as_person(tx: &mut Tx, town: &str, unit: UnitId) -> Result<Option<PersonForm>, StorageError> {
    let row: Option<OnRoster> = tx
        .row(
            "SELECT contact_name AS name, name AS organisation, '' AS sector, phone, mail, $3 AS woman FROM unit
             WHERE unit_id = $1 AND (town_id IS NULL OR town_id = $2)",
            vec![unit.into(), town.into(), false.into()],
        )
        .await?;
    Ok(row.map(|row| row.person(None, Some(unit), Category::Department)))
}

impl OnRoster {
    fn person(self, member: Option<MemberId>, unit: Option<UnitId>, category: Category) -> PersonForm {
        PersonForm {
            member,
            unit,
            category: Some(category),
            name: self.name,
            organisation: self.organisation,
            sector: self.sector,
            phone: self.phone,
            mail: self.mail,
            woman: self.woman,
            consent_public: false,
        }
    }
}

/// The tags of a topic, as stored.
///
/// # Errors
/// When the database cannot be read.
pub async fn topic_tags(db: &Database, case: CaseId) -> Result<String, StorageError> {
    let row: Option<(String,)> = db.row("SELECT tags FROM topic WHERE topic_id = $1", vec![case.into()]).await?;
    Ok(row.map(|r| r.0).unwrap_or_default())
}

/// What composition counts: everybody who was asked or is to be, and the open seats that are free.
const COUNTED: &str = "SELECT category, woman, CAST(0 AS BIGINT) AS open FROM invitee
     WHERE meeting_id = $1 AND state IN ('listed', 'invited', 'accepted')
     UNION ALL
     SELECT category, $2 AS woman, seats - taken AS open FROM seat_pool WHERE meeting_id = $1 AND seats > taken";

/// Who is on the list of a meeting, as far as composition counts: for pages.
///
/// # Errors
/// When the database cannot be read.
pub async fn composition(db: &Database, meeting: MeetingId) -> Result<Composition, StorageError> {
    counted(db.rows(COUNTED, vec![meeting.into(), false.into()]).await?)
}

fn counted(rows: Vec<(String, bool, i64)>) -> Result<Composition, StorageError> {
    let mut list = Composition::default();
    for (category, woman, open) in rows {
        let category = CategoryColumn::try_from(category)?.0;
        if open > 0 {
            list.open.push((category, u32::try_from(open).unwrap_or(u32::MAX)));
        } else {
            list.people.push(Seat { category, woman });
        }
    }
    Ok(list)
}
