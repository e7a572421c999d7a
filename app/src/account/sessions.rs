//! Signing in and out, and what a signed-in person does with the own account.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::password::{self, Cost};
use super::store::{self, NewSession, SessionLine};
use super::{guess, model};
use crate::access::{Signed, Visitor};
use crate::context::Ctx;
use crate::error::{FieldError, Refusal};
use crate::ids::{AccountId, SessionId};
use crate::ledger::{self, Stream, digest};
use crate::storage::{Database, StorageError};

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionSettings {
    /// Seconds without use after which a session has ended.
    pub idle_s: i64,
    /// Seconds after which a session has ended, used or not. Also how long the cookie is kept.
    pub absolute_s: i64,
    /// Seconds between two notes that it was used.
    pub touch_s: i64,
}

/// The values in force: 12 hours without use, 30 days in all, noted every 5 minutes.
pub const SESSIONS: SessionSettings =
    SessionSettings { idle_s: 12 * 3600, absolute_s: 30 * 24 * 3600, touch_s: 5 * 60 };

/// Name of the session cookie, without prefix.
pub const COOKIE: &str = "session";

/// What the session cookie holds: 256 random bits as hexadecimal text. Never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    /// The cookie's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

fn used_after(now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::seconds(SESSIONS.idle_s)
}

/// Who the cookie's token belongs to, if the session and the account are alive. One query; every five minutes also a
/// note that the session was used.
///
/// # Errors
/// When the database cannot be read.
pub async fn find_session(db: &Database, token: &str, now: DateTime<Utc>) -> Result<Option<Signed>, StorageError> {
    // What does not look like a token is not worth a question.
    if token.len() != 64 || !token.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let Some((signed, seen_at)) = store::signed(db, &digest(token), now, used_after(now)).await? else {
        return Ok(None);
    };
    if touch_is_due(seen_at, now) {
        note_use(db, signed.session, now).await;
    }
    Ok(Some(signed))
}

fn touch_is_due(seen_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    seen_at <= now - TimeDelta::seconds(SESSIONS.touch_s)
}

/// Notes that a session was used. That it could not be noted (a full disk) is no reason to refuse a page.
async fn note_use(db: &Database, session: SessionId, now: DateTime<Utc>) {
    let seen_before = now - TimeDelta::seconds(SESSIONS.touch_s);
    let noted =
        db.write(move |tx| Box::pin(async move { Ok(store::see_session(tx, session, now, seen_before).await?) })).await;
    if let Err(error) = noted {
        tracing::warn!(%error, "use of a session could not be noted");
    }
}

/// Notes that a session is in use, unless that was noted in the last five minutes. [`find_session`] does it by itself;
/// this is for connections that stay open.
///
/// # Errors
/// When the database cannot be read.
pub async fn touch_session(db: &Database, session: SessionId, now: DateTime<Utc>) -> Result<(), StorageError> {
    if store::session_seen_at(db, session).await?.is_some_and(|seen_at| touch_is_due(seen_at, now)) {
        note_use(db, session, now).await;
    }
    Ok(())
}

/// Whether a login name belongs to the demo. Such accounts have printed passwords and are refused off loopback.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_demo_login(db: &Database, typed: &str) -> Result<bool, StorageError> {
    Ok(store::account_by_login(db, &model::normal_login(typed)).await?.is_some_and(|account| account.demo))
}

/// Signs in. The browser and the address prefix are those of the context's visitor.
///
/// # Errors
/// [`Refusal::Invalid`] for an empty field or a wrong pair of name and password (which of them is wrong is not told),
/// [`Refusal::TooMany`] after too many failures.
pub async fn sign_in(ctx: &Ctx, login: &str, password: &str, device: &str) -> Result<SessionToken, Refusal> {
    let login = model::normal_login(login);
    let mut missing = Vec::new();
    if login.is_empty() {
        missing.push(FieldError::new("login", "请填写登录名。"));
    }
    if password.is_empty() {
        missing.push(FieldError::new("password", "请填写密码。"));
    }
    if !missing.is_empty() {
        return Err(Refusal::Invalid(missing));
    }

    let now = ctx.now();
    let visitor = ctx.actor.visitor();
    let account = store::account_by_login(&ctx.db, &login).await?;
    let known = match &account {
        Some(account) if !visitor.browser.is_empty() => {
            store::is_known_browser(&ctx.db, account.account_id, &visitor.browser).await?
        }
        _ => false,
    };
    let scopes = guess::sign_in_scopes(&ctx.secret, &login, &visitor, known);
    let reserved = scopes.clone();
    ctx.db.write(move |tx| Box::pin(async move { guess::reserve(tx, &reserved, now).await })).await?;

    // Too long a password is no password of ours; hashing megabytes would only cost time.
    let tried = if password.chars().count() > model::PASSWORD_MAX { "" } else { password };
    let right = password::verify(tried, account.as_ref().map(|a| a.password_hash.as_str())).await?;
    let account = match account {
        Some(account) if right && account.disabled_at.is_none() => account,
        _ => {
            tracing::info!("a sign-in failed");
            return Err(wrong());
        }
    };
    let token = SessionToken(ctx.random.token());
    let session = NewSession {
        id: SessionId(ctx.new_id()),
        token_hash: digest(token.as_str()),
        account: account.account_id,
        expires_at: now + TimeDelta::seconds(SESSIONS.absolute_s),
        device: device.chars().filter(|c| !c.is_control()).take(60).collect(),
    };
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                // Disabled or given another password while this one was being checked?
                let still = store::account_in(tx, &account.login).await?;
                if still.is_none_or(|a| a.disabled_at.is_some() || a.password_hash != account.password_hash) {
                    return Err(wrong());
                }
                guess::release(tx, &scopes).await?;
                if !visitor.browser.is_empty() {
                    store::know_browser(tx, account.account_id, &visitor.browser).await?;
                }
                // Signing in again replaces what this browser had.
                if let Some(before) = inner.actor.signed() {
                    store::delete_session(tx, before.account, before.session).await?;
                }
                let id = session.id;
                store::insert_session(tx, session, now).await?;
                let data = json!({ "account": account.account_id, "session": id });
                ledger::record(tx, &as_signed(&inner, account.account_id, id), &Stream::System, "sign_in", data).await
            })
        })
        .await?;
    Ok(token)
}

fn wrong() -> Refusal {
    Refusal::field("password", "登录名或密码不对，请再试一次。")
}

/// The context of the person who has just signed in, for the record.
fn as_signed(ctx: &Ctx, account: AccountId, session: SessionId) -> Ctx {
    let signed = Signed { account, session, name: String::new(), login: String::new(), grants: Vec::new() };
    ctx.acting_as(crate::access::Actor::Signed(signed, Visitor::default()))
}

fn me(ctx: &Ctx) -> Result<&Signed, Refusal> {
    ctx.actor.signed().ok_or(Refusal::NotSignedIn)
}

/// Signs out: ends the session one is signed in with.
///
/// # Errors
/// [`Refusal::NotSignedIn`].
pub async fn sign_out(ctx: &Ctx) -> Result<(), Refusal> {
    let me = me(ctx)?;
    let (account, session) = (me.account, me.session);
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                if store::delete_session(tx, account, session).await? {
                    let data = json!({ "account": account, "session": session });
                    ledger::record(tx, &inner, &Stream::System, "sign_out", data).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Ends one of one's own sessions.
///
/// # Errors
/// [`Refusal::NotFound`] for a session that is not one's own.
pub async fn end_session(ctx: &Ctx, session: SessionId) -> Result<(), Refusal> {
    let account = me(ctx)?.account;
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                if !store::delete_session(tx, account, session).await? {
                    return Err(Refusal::NotFound);
                }
                let data = json!({ "account": account, "session": session });
                ledger::record(tx, &inner, &Stream::System, "session_ended", data).await
            })
        })
        .await
}

/// Ends all of one's own sessions but the present one; returns how many.
///
/// # Errors
/// [`Refusal::NotSignedIn`].
pub async fn end_other_sessions(ctx: &Ctx) -> Result<u64, Refusal> {
    let me = me(ctx)?;
    let (account, session) = (me.account, me.session);
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let ended = store::delete_sessions(tx, account, Some(session)).await?;
                if ended > 0 {
                    let data = json!({ "account": account, "ended": ended });
                    ledger::record(tx, &inner, &Stream::System, "other_sessions_ended", data).await?;
                }
                Ok(ended)
            })
        })
        .await
}

/// One's own sessions that are alive, the latest used first.
///
/// # Errors
/// [`Refusal::NotSignedIn`].
pub async fn own_sessions(ctx: &Ctx) -> Result<Vec<SessionLine>, Refusal> {
    let now = ctx.now();
    Ok(store::sessions(&ctx.db, me(ctx)?.account, now, used_after(now)).await?)
}

/// Whether somebody who is signed in typed the own password, for a step that asks for it once more. Wrong ones are slowed
/// like those of a change.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::TooMany`] after too many wrong ones.
pub async fn confirm_password(ctx: &Ctx, typed: &str) -> Result<bool, Refusal> {
    let account_id = me(ctx)?.account;
    if typed.is_empty() || typed.chars().count() > model::PASSWORD_MAX {
        return Ok(false);
    }
    let account = store::account_by_id(&ctx.db, account_id).await?.ok_or(Refusal::NotSignedIn)?;
    let now = ctx.now();
    let scopes = guess::change_scopes(&ctx.secret, &account_id.to_string());
    let reserved = scopes.clone();
    ctx.db.write(move |tx| Box::pin(async move { guess::reserve(tx, &reserved, now).await })).await?;
    let right = password::verify(typed, Some(&account.password_hash)).await?;
    if right {
        ctx.db.write(move |tx| Box::pin(async move { guess::release(tx, &scopes).await })).await?;
    }
    Ok(right)
}

/// Changes one's own password and ends one's other sessions; returns how many ended.
///
/// # Errors
/// [`Refusal::Invalid`] with the fields `old` and `new`, [`Refusal::TooMany`] after too many wrong old ones.
pub async fn change_password(ctx: &Ctx, old: &str, new: &str, cost: Cost) -> Result<u64, Refusal> {
    let me = me(ctx)?;
    let (account_id, session) = (me.account, me.session);
    let account = store::account_by_id(&ctx.db, account_id).await?.ok_or(Refusal::NotSignedIn)?;
    let mut errors = Vec::new();
    if old.is_empty() {
        errors.push(FieldError::new("old", "请填写现在的密码。"));
    }
    if let Err(sentence) = model::check_password(new, &account.login) {
        errors.push(FieldError::new("new", sentence));
    } else if old == new {
        errors.push(FieldError::new("new", "新密码要和现在的不一样。"));
    }
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors));
    }

    if !confirm_password(ctx, old).await? {
        return Err(Refusal::field("old", "现在的密码不对，请再试一次。"));
    }
    let hash = password::hash(new, ctx.random.bytes(), cost).await?;
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                if !store::replace_password(tx, account_id, &account.password_hash, &hash).await? {
                    return Err(Refusal::moved_on("密码刚才已经改过了，请用新密码登录。"));
                }
                let ended = store::delete_sessions(tx, account_id, Some(session)).await?;
                let data = json!({ "account": account_id, "ended": ended });
                ledger::record(tx, &inner, &Stream::System, "password_changed", data).await?;
                Ok(ended)
            })
        })
        .await
}

/// Drops ended sessions and forgotten guess counters; returns how many rows. For the daily job.
///
/// # Errors
/// When the database refuses it.
pub async fn sweep(ctx: &Ctx) -> Result<u64, Refusal> {
    let now = ctx.now();
    let guessed_after = now - TimeDelta::seconds(guess::GUESSES.forget_after_s);
    ctx.db
        .write(move |tx| Box::pin(async move { Ok(store::sweep(tx, now, used_after(now), guessed_after).await?) }))
        .await
}
