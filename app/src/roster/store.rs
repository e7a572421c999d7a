//! The SQL of the roster.

use chrono::{DateTime, Utc};

use super::model::{MemberForm, UnitForm, read_tags, stored_tags};
use crate::ids::{AccountId, MemberId, UnitId};
use crate::storage::{Database, StorageError, Tx, listed};

/// A member as the town's people see it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Member {
    /// The member.
    pub member_id: MemberId,
    /// The town.
    pub town_id: String,
    /// The member's own account.
    pub account_id: Option<AccountId>,
    /// Login name of that account.
    pub login: Option<String>,
    /// 姓名.
    pub name: String,
    /// 界别.
    pub sector: String,
    /// 专长, as stored.
    pub specialty: String,
    /// 电话; internal.
    pub phone: String,
    /// 邮箱; internal.
    pub mail: String,
    /// Whether the member is a woman.
    pub woman: bool,
    /// Since when no longer a member.
    pub left_at: Option<DateTime<Utc>>,
    /// To how many meetings of the present year the member was asked.
    pub invited: i64,
}

impl Member {
    /// 专长, one by one.
    #[must_use]
    pub fn tags(&self) -> Vec<String> {
        read_tags(&self.specialty)
    }

    /// The form as it is filled now.
    #[must_use]
    pub fn form(&self) -> MemberForm {
        MemberForm {
            name: self.name.clone(),
            sector: self.sector.clone(),
            specialty: self.tags(),
            phone: self.phone.clone(),
            mail: self.mail.clone(),
            woman: self.woman,
            login: self.login.clone().unwrap_or_default(),
        }
    }
}

/// The columns of [`Member`], from `member m`; `$1` and `$2` are the beginnings of this year and of the next.
macro_rules! member_columns {
    () => {
        "m.member_id, m.town_id, m.account_id, (SELECT a.login FROM account a WHERE a.account_id = m.account_id) AS login,
         m.name, m.sector, m.specialty, m.phone, m.mail, m.woman, m.left_at,
         (SELECT COUNT(DISTINCT i.meeting_id) FROM invitee i JOIN meeting g ON g.meeting_id = i.meeting_id
          WHERE i.member_id = m.member_id AND i.state <> 'removed' AND g.state <> 'cancelled'
            AND g.starts_at >= $1 AND g.starts_at < $2) AS invited"
    };
}

/// The members of the towns, with those who left last.
///
/// # Errors
/// When the database cannot be read.
pub async fn members(
    db: &Database,
    towns: &[String],
    year: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Member>, StorageError> {
    db.rows(
        concat!(
            "SELECT ",
            member_columns!(),
            " FROM member m WHERE $3 LIKE '%,' || m.town_id || ',%'
             ORDER BY CASE WHEN m.left_at IS NULL THEN 0 ELSE 1 END, m.town_id, m.sector, m.name, m.member_id"
        ),
        vec![year.0.into(), year.1.into(), listed(towns)],
    )
    .await
}

/// A member.
///
/// # Errors
/// When the database cannot be read.
pub async fn member(
    db: &Database,
    id: MemberId,
    year: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<Member>, StorageError> {
    db.row(
        concat!("SELECT ", member_columns!(), " FROM member m WHERE m.member_id = $3"),
        vec![year.0.into(), year.1.into(), id.into()],
    )
    .await
}

pub(super) async fn member_in(tx: &mut Tx, id: MemberId) -> Result<Option<Member>, StorageError> {
    tx.row(
        "SELECT m.member_id, m.town_id, m.account_id, a.login, m.name, m.sector, m.specialty, m.phone, m.mail, m.woman,
                m.left_at, CAST(0 AS BIGINT) AS invited
         FROM member m LEFT JOIN account a ON a.account_id = m.account_id WHERE m.member_id = $1",
        vec![id.into()],
    )
    .await
}

/// The account of a login name, if it belongs to a member of the town.
pub(super) async fn account_of_member(tx: &mut Tx, login: &str, town: &str) -> Result<Option<AccountId>, StorageError> {
    let row: Option<(AccountId,)> = tx
        .row(
            "SELECT a.account_id FROM account a JOIN account_grant g ON g.account_id = a.account_id
             WHERE a.login = $1 AND g.role = 'member' AND g.town_id = $2 AND a.disabled_at IS NULL",
            vec![login.into(), town.into()],
        )
        .await?;
    Ok(row.map(|r| r.0))
}

/// Another member of the town, still in office, of the same name and phone.
pub(super) async fn twin(
    tx: &mut Tx,
    town: &str,
    form: &MemberForm,
    but: Option<MemberId>,
) -> Result<bool, StorageError> {
    let rows: Vec<(MemberId,)> = tx
        .rows(
            "SELECT member_id FROM member WHERE town_id = $1 AND name = $2 AND phone = $3 AND left_at IS NULL",
            vec![town.into(), form.name.as_str().into(), form.phone.as_str().into()],
        )
        .await?;
    Ok(rows.iter().any(|(id,)| Some(*id) != but))
}

pub(super) async fn insert_member(
    tx: &mut Tx,
    id: MemberId,
    town: &str,
    form: &MemberForm,
    account: Option<AccountId>,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO member (member_id, town_id, account_id, name, sector, specialty, phone, mail, woman, left_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL)",
        vec![
            id.into(),
            town.into(),
            account.into(),
            form.name.as_str().into(),
            form.sector.as_str().into(),
            stored_tags(&form.specialty).into(),
            form.phone.as_str().into(),
            form.mail.as_str().into(),
            form.woman.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn update_member(
    tx: &mut Tx,
    id: MemberId,
    form: &MemberForm,
    account: Option<AccountId>,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE member SET account_id = $2, name = $3, sector = $4, specialty = $5, phone = $6, mail = $7, woman = $8
         WHERE member_id = $1",
        vec![
            id.into(),
            account.into(),
            form.name.as_str().into(),
            form.sector.as_str().into(),
            stored_tags(&form.specialty).into(),
            form.phone.as_str().into(),
            form.mail.as_str().into(),
            form.woman.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn set_left(tx: &mut Tx, id: MemberId, left_at: Option<DateTime<Utc>>) -> Result<(), StorageError> {
    tx.execute("UPDATE member SET left_at = $2 WHERE member_id = $1", vec![id.into(), left_at.into()]).await?;
    Ok(())
}

/// A unit with its contact.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Unit {
    /// The unit.
    pub unit_id: UnitId,
    /// Its town; none for one of the district.
    pub town_id: Option<String>,
    /// 单位名称.
    pub name: String,
    /// 联系人.
    pub contact_name: String,
    /// 电话; internal.
    pub phone: String,
    /// 邮箱; internal.
    pub mail: String,
}

impl Unit {
    /// The form as it is filled now.
    #[must_use]
    pub fn form(&self) -> UnitForm {
        UnitForm {
            name: self.name.clone(),
            contact: self.contact_name.clone(),
            phone: self.phone.clone(),
            mail: self.mail.clone(),
        }
    }
}

/// The units of the towns and of the district.
///
/// # Errors
/// When the database cannot be read.
pub async fn units(db: &Database, towns: &[String]) -> Result<Vec<Unit>, StorageError> {
    db.rows(
        "SELECT unit_id, town_id, name, contact_name, phone, mail FROM unit
         WHERE town_id IS NULL OR $1 LIKE '%,' || town_id || ',%'
         ORDER BY CASE WHEN town_id IS NULL THEN 1 ELSE 0 END, name, unit_id",
        vec![listed(towns)],
    )
    .await
}

/// A unit.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit(db: &Database, id: UnitId) -> Result<Option<Unit>, StorageError> {
    db.row("SELECT unit_id, town_id, name, contact_name, phone, mail FROM unit WHERE unit_id = $1", vec![id.into()])
        .await
}

pub(crate) async fn unit_in(tx: &mut Tx, id: UnitId) -> Result<Option<Unit>, StorageError> {
    tx.row("SELECT unit_id, town_id, name, contact_name, phone, mail FROM unit WHERE unit_id = $1", vec![id.into()])
        .await
}

/// Inserts a unit; false when the name is taken.
pub(super) async fn insert_unit(tx: &mut Tx, id: UnitId, town: &str, form: &UnitForm) -> Result<bool, StorageError> {
    let inserted = tx
        .execute(
            "INSERT INTO unit (unit_id, town_id, name, contact_name, phone, mail) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (name) DO NOTHING",
            vec![
                id.into(),
                town.into(),
                form.name.as_str().into(),
                form.contact.as_str().into(),
                form.phone.as_str().into(),
                form.mail.as_str().into(),
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// Changes whom to ask in a unit. Its name stays: other records rest on it.
pub(super) async fn update_unit(tx: &mut Tx, id: UnitId, form: &UnitForm) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE unit SET contact_name = $2, phone = $3, mail = $4 WHERE unit_id = $1",
        vec![id.into(), form.contact.as_str().into(), form.phone.as_str().into(), form.mail.as_str().into()],
    )
    .await?;
    Ok(())
}
