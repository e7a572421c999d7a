//! The SQL of accounts, grants, units, sessions and guess counters.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::{Grant, Role, Signed};
use crate::ids::{AccountId, SessionId, UnitId};
use crate::storage::{Database, StorageError, Tx};

/// An account as signing in needs it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct AccountRow {
    pub account_id: AccountId,
    pub login: String,
    pub password_hash: String,
    pub disabled_at: Option<DateTime<Utc>>,
    pub demo: bool,
}

pub(super) async fn account_by_login(db: &Database, login: &str) -> Result<Option<AccountRow>, StorageError> {
    db.row(
        "SELECT account_id, login, password_hash, disabled_at, demo FROM account WHERE login = $1",
        vec![login.into()],
    )
    .await
}

pub(super) async fn account_in(tx: &mut Tx, login: &str) -> Result<Option<AccountRow>, StorageError> {
    tx.row(
        "SELECT account_id, login, password_hash, disabled_at, demo FROM account WHERE login = $1",
        vec![login.into()],
    )
    .await
}

pub(super) async fn account_by_id(db: &Database, id: AccountId) -> Result<Option<AccountRow>, StorageError> {
    db.row(
        "SELECT account_id, login, password_hash, disabled_at, demo FROM account WHERE account_id = $1",
        vec![id.into()],
    )
    .await
}

/// How many names one question asks for.
const NAMES: usize = 8;

/// The names of accounts, for internal pages.
///
/// # Errors
/// When the database cannot be read.
pub async fn names(db: &Database, accounts: &[AccountId]) -> Result<HashMap<AccountId, String>, StorageError> {
    let mut names = HashMap::new();
    for some in accounts.chunks(NAMES) {
        let values = (0..NAMES).map(|n| some.get(n).copied().into()).collect();
        let rows: Vec<(AccountId, String)> = db
            .rows("SELECT account_id, name FROM account WHERE account_id IN ($1, $2, $3, $4, $5, $6, $7, $8)", values)
            .await?;
        names.extend(rows);
    }
    Ok(names)
}

/// A new account.
pub(super) struct NewAccount {
    pub id: AccountId,
    pub login: String,
    pub name: String,
    pub password_hash: String,
    pub demo: bool,
}

/// Inserts an account; false when the login name is taken.
pub(super) async fn insert_account(tx: &mut Tx, new: NewAccount, now: DateTime<Utc>) -> Result<bool, StorageError> {
    let inserted = tx
        .execute(
            "INSERT INTO account (account_id, login, name, password_hash, created_at, disabled_at, demo) \
             VALUES ($1, $2, $3, $4, $5, NULL, $6) ON CONFLICT (login) DO NOTHING",
            vec![
                new.id.into(),
                new.login.into(),
                new.name.into(),
                new.password_hash.into(),
                now.into(),
                new.demo.into(),
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// Stores a new password; false when it changed meanwhile or the account is disabled.
pub(super) async fn replace_password(
    tx: &mut Tx,
    account: AccountId,
    old_hash: &str,
    new_hash: &str,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE account SET password_hash = $3 \
             WHERE account_id = $1 AND password_hash = $2 AND disabled_at IS NULL",
            vec![account.into(), old_hash.into(), new_hash.into()],
        )
        .await?;
    Ok(changed == 1)
}

pub(super) async fn set_password(tx: &mut Tx, account: AccountId, hash: &str) -> Result<(), StorageError> {
    tx.execute("UPDATE account SET password_hash = $2 WHERE account_id = $1", vec![account.into(), hash.into()])
        .await?;
    Ok(())
}

pub(super) async fn set_disabled(
    tx: &mut Tx,
    account: AccountId,
    at: Option<DateTime<Utc>>,
) -> Result<(), StorageError> {
    tx.execute("UPDATE account SET disabled_at = $2 WHERE account_id = $1", vec![account.into(), at.into()]).await?;
    Ok(())
}

/// Whether an account that can sign in holds a role.
pub(super) async fn anybody_is(tx: &mut Tx, role: Role) -> Result<bool, StorageError> {
    let row: Option<(AccountId,)> = tx
        .row(
            "SELECT a.account_id FROM account a JOIN account_grant g ON g.account_id = a.account_id \
             WHERE g.role = $1 AND a.disabled_at IS NULL LIMIT 1",
            vec![role.code().into()],
        )
        .await?;
    Ok(row.is_some())
}

/// The grant of exactly this, if it is held.
pub(super) async fn find_grant(
    tx: &mut Tx,
    account: AccountId,
    role: Role,
    town: Option<&str>,
    unit: Option<UnitId>,
) -> Result<Option<Uuid>, StorageError> {
    let row: Option<(Uuid,)> = tx
        .row(
            "SELECT grant_id FROM account_grant WHERE account_id = $1 AND role = $2 \
             AND town_id IS NOT DISTINCT FROM CAST($3 AS TEXT) AND unit_id IS NOT DISTINCT FROM $4",
            vec![account.into(), role.code().into(), town.into(), unit.into()],
        )
        .await?;
    Ok(row.map(|r| r.0))
}

pub(super) async fn insert_grant(
    tx: &mut Tx,
    id: Uuid,
    account: AccountId,
    role: Role,
    town: Option<&str>,
    unit: Option<UnitId>,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO account_grant (grant_id, account_id, role, town_id, unit_id) VALUES ($1, $2, $3, $4, $5)",
        vec![id.into(), account.into(), role.code().into(), town.into(), unit.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn delete_grant(tx: &mut Tx, id: Uuid) -> Result<(), StorageError> {
    tx.execute("DELETE FROM account_grant WHERE grant_id = $1", vec![id.into()]).await?;
    Ok(())
}

pub(super) async fn town_exists(tx: &mut Tx, town: &str) -> Result<bool, StorageError> {
    let row: Option<(String,)> = tx.row("SELECT town_id FROM town WHERE town_id = $1", vec![town.into()]).await?;
    Ok(row.is_some())
}

pub(super) async fn unit_exists(tx: &mut Tx, unit: UnitId) -> Result<bool, StorageError> {
    let row: Option<(UnitId,)> = tx.row("SELECT unit_id FROM unit WHERE unit_id = $1", vec![unit.into()]).await?;
    Ok(row.is_some())
}

/// Inserts a unit; false when the name is taken.
pub(super) async fn insert_unit(tx: &mut Tx, id: UnitId, name: &str, town: Option<&str>) -> Result<bool, StorageError> {
    let inserted = tx
        .execute(
            "INSERT INTO unit (unit_id, town_id, name) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            vec![id.into(), town.into(), name.into()],
        )
        .await?;
    Ok(inserted == 1)
}

/// A handling unit.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct UnitLine {
    /// Its id.
    pub unit_id: UnitId,
    /// Its name.
    pub name: String,
    /// The town it belongs to, if it is not the district's.
    pub town_id: Option<String>,
}

pub(super) async fn units(db: &Database) -> Result<Vec<UnitLine>, StorageError> {
    db.rows("SELECT unit_id, name, town_id FROM unit ORDER BY name, unit_id", Vec::new()).await
}

pub(super) async fn unit_by_name(db: &Database, name: &str) -> Result<Option<UnitLine>, StorageError> {
    db.row("SELECT unit_id, name, town_id FROM unit WHERE name = $1", vec![name.into()]).await
}

/// A role that somebody holds, with the names of what it is held for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserGrant {
    /// The role.
    pub role: Role,
    /// The town's id and short name.
    pub town: Option<(String, String)>,
    /// The unit's id and name.
    pub unit: Option<(UnitId, String)>,
}

impl UserGrant {
    /// In words: 「盛泽镇 工委干事」.
    #[must_use]
    pub fn words(&self) -> String {
        let place = self.town.as_ref().map(|t| t.1.as_str()).or(self.unit.as_ref().map(|u| u.1.as_str()));
        match place {
            Some(place) => format!("{place} {}", self.role.word()),
            None => self.role.word().to_owned(),
        }
    }
}

/// An account in the list of accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLine {
    /// Its id.
    pub account: AccountId,
    /// Login name.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Whether it cannot be used.
    pub disabled: bool,
    /// Whether it belongs to the demo.
    pub demo: bool,
    /// What the person is.
    pub grants: Vec<UserGrant>,
}

#[derive(sqlx::FromRow)]
struct UserRow {
    account_id: AccountId,
    login: String,
    name: String,
    disabled_at: Option<DateTime<Utc>>,
    demo: bool,
    role: Option<String>,
    town_id: Option<String>,
    short_name: Option<String>,
    unit_id: Option<UnitId>,
    unit_name: Option<String>,
}

/// All accounts, or the one of an id, each with its grants.
pub(super) async fn users(db: &Database, only: Option<AccountId>) -> Result<Vec<UserLine>, StorageError> {
    let rows: Vec<UserRow> = db
        .rows(
            "SELECT a.account_id, a.login, a.name, a.disabled_at, a.demo, \
             g.role, g.town_id, t.short_name, g.unit_id, u.name AS unit_name \
             FROM account a LEFT JOIN account_grant g ON g.account_id = a.account_id \
             LEFT JOIN town t ON t.town_id = g.town_id LEFT JOIN unit u ON u.unit_id = g.unit_id \
             WHERE $1 IS NULL OR a.account_id = $1 ORDER BY a.login, t.sort_no, g.role, g.grant_id",
            vec![only.into()],
        )
        .await?;
    let mut users: Vec<UserLine> = Vec::new();
    for row in rows {
        let grant = row.role.as_deref().map(role_of).transpose()?.map(|role| UserGrant {
            role,
            town: row.town_id.map(|id| {
                let name = row.short_name.unwrap_or_else(|| id.clone());
                (id, name)
            }),
            unit: row.unit_id.zip(row.unit_name),
        });
        if let Some(last) = users.last_mut().filter(|last| last.account == row.account_id) {
            last.grants.extend(grant);
        } else {
            users.push(UserLine {
                account: row.account_id,
                login: row.login,
                name: row.name,
                disabled: row.disabled_at.is_some(),
                demo: row.demo,
                grants: grant.into_iter().collect(),
            });
        }
    }
    Ok(users)
}

fn role_of(code: &str) -> Result<Role, StorageError> {
    Role::from_code(code).ok_or_else(|| StorageError::Corrupt(format!("role {code}")))
}

#[derive(sqlx::FromRow)]
struct SignedRow {
    session_id: SessionId,
    account_id: AccountId,
    seen_at: DateTime<Utc>,
    login: String,
    name: String,
    role: Option<String>,
    town_id: Option<String>,
    unit_id: Option<UnitId>,
}

/// The session of a token, with its account and grants, if it was used after `used_after` and has not ended; and when
/// it was last seen.
pub(super) async fn signed(
    db: &Database,
    token_hash: &str,
    now: DateTime<Utc>,
    used_after: DateTime<Utc>,
) -> Result<Option<(Signed, DateTime<Utc>)>, StorageError> {
    let rows: Vec<SignedRow> = db
        .rows(
            "SELECT s.session_id, s.account_id, s.seen_at, a.login, a.name, g.role, g.town_id, g.unit_id \
             FROM session s JOIN account a ON a.account_id = s.account_id \
             LEFT JOIN account_grant g ON g.account_id = s.account_id \
             WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND a.disabled_at IS NULL \
             ORDER BY g.grant_id",
            vec![token_hash.into(), now.into(), used_after.into()],
        )
        .await?;
    let mut signed: Option<(Signed, DateTime<Utc>)> = None;
    for row in rows {
        let grant = match &row.role {
            Some(code) => Some(Grant { role: role_of(code)?, town: row.town_id, unit: row.unit_id }),
            None => None,
        };
        signed
            .get_or_insert_with(|| {
                let signed = Signed {
                    account: row.account_id,
                    session: row.session_id,
                    name: row.name,
                    login: row.login,
                    grants: Vec::new(),
                };
                (signed, row.seen_at)
            })
            .0
            .grants
            .extend(grant);
    }
    Ok(signed)
}

/// A session in the list of one's own.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionLine {
    /// Its id.
    pub session_id: SessionId,
    /// What the browser said it was.
    pub device: String,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to five minutes.
    pub seen_at: DateTime<Utc>,
}

pub(super) async fn sessions(
    db: &Database,
    account: AccountId,
    now: DateTime<Utc>,
    used_after: DateTime<Utc>,
) -> Result<Vec<SessionLine>, StorageError> {
    db.rows(
        "SELECT session_id, device, created_at, seen_at FROM session \
         WHERE account_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, session_id DESC",
        vec![account.into(), now.into(), used_after.into()],
    )
    .await
}

/// A new session.
pub(super) struct NewSession {
    pub id: SessionId,
    pub token_hash: String,
    pub account: AccountId,
    pub expires_at: DateTime<Utc>,
    pub device: String,
}

pub(super) async fn insert_session(tx: &mut Tx, new: NewSession, now: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO session (session_id, token_hash, account_id, created_at, seen_at, expires_at, device) \
         VALUES ($1, $2, $3, $4, $4, $5, $6)",
        vec![
            new.id.into(),
            new.token_hash.into(),
            new.account.into(),
            now.into(),
            new.expires_at.into(),
            new.device.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn see_session(
    tx: &mut Tx,
    session: SessionId,
    now: DateTime<Utc>,
    seen_before: DateTime<Utc>,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE session SET seen_at = $2 WHERE session_id = $1 AND seen_at <= $3",
        vec![session.into(), now.into(), seen_before.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn session_seen_at(db: &Database, id: SessionId) -> Result<Option<DateTime<Utc>>, StorageError> {
    let row: Option<(DateTime<Utc>,)> =
        db.row("SELECT seen_at FROM session WHERE session_id = $1", vec![id.into()]).await?;
    Ok(row.map(|r| r.0))
}

/// Ends one session of an account; false when it has none of this id.
pub(super) async fn delete_session(tx: &mut Tx, account: AccountId, session: SessionId) -> Result<bool, StorageError> {
    let deleted = tx
        .execute("DELETE FROM session WHERE session_id = $1 AND account_id = $2", vec![session.into(), account.into()])
        .await?;
    Ok(deleted == 1)
}

/// Ends all sessions of an account but one; returns how many.
pub(super) async fn delete_sessions(
    tx: &mut Tx,
    account: AccountId,
    but: Option<SessionId>,
) -> Result<u64, StorageError> {
    tx.execute(
        "DELETE FROM session WHERE account_id = $1 AND session_id IS DISTINCT FROM $2",
        vec![account.into(), but.into()],
    )
    .await
}

pub(super) async fn is_known_browser(db: &Database, account: AccountId, browser: &str) -> Result<bool, StorageError> {
    let row: Option<(AccountId,)> = db
        .row(
            "SELECT account_id FROM known_browser WHERE account_id = $1 AND browser_hash = $2",
            vec![account.into(), browser.into()],
        )
        .await?;
    Ok(row.is_some())
}

pub(super) async fn know_browser(tx: &mut Tx, account: AccountId, browser: &str) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO known_browser (account_id, browser_hash) VALUES ($1, $2) \
         ON CONFLICT (account_id, browser_hash) DO NOTHING",
        vec![account.into(), browser.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn forget_browsers(tx: &mut Tx, account: AccountId) -> Result<(), StorageError> {
    tx.execute("DELETE FROM known_browser WHERE account_id = $1", vec![account.into()]).await?;
    Ok(())
}

/// Locks a counter and reads it: failures, and when the last one was.
pub(super) async fn lock_guess(
    tx: &mut Tx,
    key: &str,
    now: DateTime<Utc>,
) -> Result<(i64, DateTime<Utc>), StorageError> {
    let row: Option<(i64, DateTime<Utc>)> = tx
        .row(
            "INSERT INTO guess (scope, failures, last_at) VALUES ($1, 0, $2) \
             ON CONFLICT (scope) DO UPDATE SET failures = guess.failures RETURNING failures, last_at",
            vec![key.into(), now.into()],
        )
        .await?;
    row.ok_or_else(|| StorageError::Corrupt("a counter was not returned".to_owned()))
}

pub(super) async fn set_guess(tx: &mut Tx, key: &str, failures: i64, now: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE guess SET failures = $2, last_at = $3 WHERE scope = $1",
        vec![key.into(), failures.into(), now.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn take_guess_back(tx: &mut Tx, key: &str) -> Result<(), StorageError> {
    tx.execute("UPDATE guess SET failures = failures - 1 WHERE scope = $1", vec![key.into()]).await?;
    tx.execute("DELETE FROM guess WHERE scope = $1 AND failures <= 0", vec![key.into()]).await?;
    Ok(())
}

pub(super) async fn clear_guess(tx: &mut Tx, key: &str) -> Result<(), StorageError> {
    tx.execute("DELETE FROM guess WHERE scope = $1", vec![key.into()]).await?;
    Ok(())
}

/// Drops what has no effect any more: ended sessions and forgotten counters.
pub(super) async fn sweep(
    tx: &mut Tx,
    now: DateTime<Utc>,
    used_after: DateTime<Utc>,
    guessed_after: DateTime<Utc>,
) -> Result<u64, StorageError> {
    let sessions = tx
        .execute("DELETE FROM session WHERE expires_at <= $1 OR seen_at <= $2", vec![now.into(), used_after.into()])
        .await?;
    let guesses = tx.execute("DELETE FROM guess WHERE last_at < $1", vec![guessed_after.into()]).await?;
    Ok(sessions + guesses)
}
