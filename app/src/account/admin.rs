//! Accounts, grants and units, as the command line makes them. Every change is in the ledger.

use serde_json::json;

use super::password::{self, Cost};
use super::store::{self, NewAccount, UnitLine, UserLine};
use super::{guess, model};
use crate::access::{Actor, Role};
use crate::context::Ctx;
use crate::error::{FieldError, Refusal};
use crate::ids::{AccountId, UnitId};
use crate::ledger::{self, Stream};
use crate::storage::{Database, StorageError, Tx};

/// Refuses everybody but the command line and administrators.
pub(crate) fn require_keeper(ctx: &Ctx) -> Result<(), Refusal> {
    match &ctx.actor {
        Actor::Operator => Ok(()),
        Actor::Signed(signed, _) if signed.is_anywhere(Role::Administrator) => Ok(()),
        Actor::Signed(..) => Err(Refusal::Forbidden { who: Role::Administrator.word().to_owned() }),
        Actor::Visitor(_) | Actor::Proposer { .. } | Actor::Invitee { .. } | Actor::Clock => Err(Refusal::NotSignedIn),
    }
}

/// A new account.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    /// Login name.
    pub login: &'a str,
    /// The person's name.
    pub name: &'a str,
    /// First password.
    pub password: &'a str,
    /// Whether it belongs to the demo and is refused off loopback.
    pub demo: bool,
}

/// Makes an account. It may do nothing until roles are granted.
///
/// # Errors
/// [`Refusal::Invalid`] with the fields `login`, `name`, `password`; also when the login name is taken.
pub async fn add_user(ctx: &Ctx, new: NewUser<'_>, cost: Cost) -> Result<AccountId, Refusal> {
    require_keeper(ctx)?;
    let account = prepare(ctx, &new, cost).await?;
    let id = account.id;
    let inner = ctx.clone();
    ctx.db.write(move |tx| Box::pin(async move { insert(tx, &inner, account).await })).await?;
    Ok(id)
}

/// Makes the first administrator, so that nobody needs to be one to begin with.
///
/// # Errors
/// [`Refusal::Conflict`] when there is one already; else as [`add_user`].
pub async fn first_administrator(ctx: &Ctx, new: NewUser<'_>, cost: Cost) -> Result<AccountId, Refusal> {
    require_keeper(ctx)?;
    let account = prepare(ctx, &new, cost).await?;
    let id = account.id;
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                if store::anybody_is(tx, Role::Administrator).await? {
                    return Err(Refusal::moved_on("已经有系统管理员了，请用 add-user 和 grant 添加其他人。"));
                }
                insert(tx, &inner, account).await?;
                give(tx, &inner, id, Role::Administrator, None, None).await
            })
        })
        .await?;
    Ok(id)
}

async fn prepare(ctx: &Ctx, new: &NewUser<'_>, cost: Cost) -> Result<NewAccount, Refusal> {
    let login = model::normal_login(new.login);
    let checks = [
        ("login", model::check_login(&login)),
        ("name", model::check_name(new.name, model::NAME_MAX)),
        ("password", model::check_password(new.password, &login)),
    ];
    let errors: Vec<FieldError> = checks
        .into_iter()
        .filter_map(|(field, check)| check.err().map(|sentence| FieldError::new(field, sentence)))
        .collect();
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors));
    }
    Ok(NewAccount {
        id: AccountId(ctx.new_id()),
        login,
        name: new.name.trim().to_owned(),
        password_hash: password::hash(new.password, ctx.random.bytes(), cost).await?,
        demo: new.demo,
    })
}

async fn insert(tx: &mut Tx, ctx: &Ctx, account: NewAccount) -> Result<(), Refusal> {
    let (id, demo) = (account.id, account.demo);
    if !store::insert_account(tx, account, ctx.now()).await? {
        return Err(Refusal::field("login", "这个登录名已经有人用了，请换一个。"));
    }
    let data = json!({ "account": id, "demo": demo });
    ledger::record(tx, ctx, &Stream::System, "account_added", data).await
}

/// Grants a role, for a town, a unit or the district as the role asks. Granting what is held already changes nothing.
///
/// # Errors
/// [`Refusal::Invalid`] with the fields `login`, `town`, `unit`.
pub async fn grant(
    ctx: &Ctx,
    login: &str,
    role: Role,
    town: Option<&str>,
    unit: Option<UnitId>,
) -> Result<(), Refusal> {
    require_keeper(ctx)?;
    model::check_grant(role, town, unit).map_err(|(field, sentence)| Refusal::field(field, sentence))?;
    let (inner, login, town) = (ctx.clone(), model::normal_login(login), town.map(str::to_owned));
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let account = account_id(tx, &login).await?;
                give(tx, &inner, account, role, town.as_deref(), unit).await
            })
        })
        .await
}

async fn give(
    tx: &mut Tx,
    ctx: &Ctx,
    account: AccountId,
    role: Role,
    town: Option<&str>,
    unit: Option<UnitId>,
) -> Result<(), Refusal> {
    check_places(tx, town, unit).await?;
    if store::find_grant(tx, account, role, town, unit).await?.is_some() {
        return Ok(());
    }
    store::insert_grant(tx, ctx.new_id(), account, role, town, unit).await?;
    let data = json!({ "account": account, "role": role.code(), "town": town, "unit": unit });
    ledger::record(tx, ctx, &Stream::System, "role_granted", data).await
}

async fn check_places(tx: &mut Tx, town: Option<&str>, unit: Option<UnitId>) -> Result<(), Refusal> {
    if let Some(town) = town
        && !store::town_exists(tx, town).await?
    {
        return Err(Refusal::field("town", "没有这个区镇，请用 list-towns 里的代号。"));
    }
    if let Some(unit) = unit
        && !store::unit_exists(tx, unit).await?
    {
        return Err(Refusal::field("unit", "没有这个承办单位，请先添加。"));
    }
    Ok(())
}

async fn account_id(tx: &mut Tx, login: &str) -> Result<AccountId, Refusal> {
    store::account_in(tx, login)
        .await?
        .map(|account| account.account_id)
        .ok_or_else(|| Refusal::field("login", "没有这个登录名。"))
}

/// Takes a role back.
///
/// # Errors
/// [`Refusal::Invalid`] with field `login`, or `role` when it is not held.
pub async fn revoke(
    ctx: &Ctx,
    login: &str,
    role: Role,
    town: Option<&str>,
    unit: Option<UnitId>,
) -> Result<(), Refusal> {
    require_keeper(ctx)?;
    let (inner, login, town) = (ctx.clone(), model::normal_login(login), town.map(str::to_owned));
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let account = account_id(tx, &login).await?;
                let Some(held) = store::find_grant(tx, account, role, town.as_deref(), unit).await? else {
                    return Err(Refusal::field("role", format!("这个人没有这项「{}」。", role.word())));
                };
                store::delete_grant(tx, held).await?;
                let data = json!({ "account": account, "role": role.code(), "town": town, "unit": unit });
                ledger::record(tx, &inner, &Stream::System, "role_revoked", data).await
            })
        })
        .await
}

/// Gives an account a new password; ends its sessions, forgets its browsers and its counter of wrong tries.
///
/// # Errors
/// [`Refusal::Invalid`] with the fields `login` and `password`.
pub async fn set_password(ctx: &Ctx, login: &str, password: &str, cost: Cost) -> Result<(), Refusal> {
    require_keeper(ctx)?;
    let login = model::normal_login(login);
    model::check_password(password, &login).map_err(|sentence| Refusal::field("password", sentence))?;
    let hash = password::hash(password, ctx.random.bytes(), cost).await?;
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let account = account_id(tx, &login).await?;
                store::set_password(tx, account, &hash).await?;
                let ended = store::delete_sessions(tx, account, None).await?;
                store::forget_browsers(tx, account).await?;
                store::clear_guess(tx, &guess::account_key(&inner.secret, &login)).await?;
                let data = json!({ "account": account, "ended": ended });
                ledger::record(tx, &inner, &Stream::System, "password_set", data).await
            })
        })
        .await
}

/// Disables an account and ends its sessions, or lets it be used again. What the person did stays as it is.
///
/// # Errors
/// [`Refusal::Invalid`] with field `login`.
pub async fn set_disabled(ctx: &Ctx, login: &str, disabled: bool) -> Result<(), Refusal> {
    require_keeper(ctx)?;
    let (inner, login) = (ctx.clone(), model::normal_login(login));
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let account =
                    store::account_in(tx, &login).await?.ok_or_else(|| Refusal::field("login", "没有这个登录名。"))?;
                if account.disabled_at.is_some() == disabled {
                    return Ok(());
                }
                let id = account.account_id;
                store::set_disabled(tx, id, disabled.then(|| inner.now())).await?;
                let what = if disabled {
                    store::delete_sessions(tx, id, None).await?;
                    "account_disabled"
                } else {
                    "account_enabled"
                };
                ledger::record(tx, &inner, &Stream::System, what, json!({ "account": id })).await
            })
        })
        .await
}

/// Disables an account; see [`set_disabled`].
///
/// # Errors
/// As [`set_disabled`].
pub async fn disable(ctx: &Ctx, login: &str) -> Result<(), Refusal> {
    set_disabled(ctx, login, true).await
}

/// Makes a handling unit, of a town or (with none) of the district.
///
/// # Errors
/// [`Refusal::Invalid`] with the fields `name` and `town`; also when the name is taken.
pub async fn add_unit(ctx: &Ctx, name: &str, town: Option<&str>) -> Result<UnitId, Refusal> {
    require_keeper(ctx)?;
    model::check_name(name, model::UNIT_NAME_MAX).map_err(|sentence| Refusal::field("name", sentence))?;
    let id = UnitId(ctx.new_id());
    let (inner, name, town) = (ctx.clone(), name.trim().to_owned(), town.map(str::to_owned));
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                check_places(tx, town.as_deref(), None).await?;
                if !store::insert_unit(tx, id, &name, town.as_deref()).await? {
                    return Err(Refusal::field("name", "已经有这个承办单位了。"));
                }
                let data = json!({ "unit": id, "town": town });
                ledger::record(tx, &inner, &Stream::System, "unit_added", data).await
            })
        })
        .await?;
    Ok(id)
}

/// All accounts with what they are, by login name.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_users(ctx: &Ctx) -> Result<Vec<UserLine>, Refusal> {
    require_keeper(ctx)?;
    Ok(store::users(&ctx.db, None).await?)
}

/// All units, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_units(ctx: &Ctx) -> Result<Vec<UnitLine>, StorageError> {
    store::units(&ctx.db).await
}

/// The unit of a name.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit_by_name(ctx: &Ctx, name: &str) -> Result<Option<UnitLine>, StorageError> {
    store::unit_by_name(&ctx.db, name.trim()).await
}

/// The office of an account in a town, as everybody may read it: 「工委主任」; 「工作人员」 for who has none there any more.
///
/// # Errors
/// When the database cannot be read.
pub async fn office(db: &Database, account: AccountId, town: &str) -> Result<&'static str, StorageError> {
    let user = store::users(db, Some(account)).await?.pop();
    let grants = user.map(|user| user.grants).unwrap_or_default();
    let there = grants.iter().filter(|grant| grant.town.as_ref().is_some_and(|(id, _)| id == town));
    Ok(there.map(|grant| grant.role).max_by_key(|role| *role == Role::Director).map_or("工作人员", Role::word))
}

/// What an account is, in words: 「盛泽镇 工委干事、盛泽镇 工委主任」.
///
/// # Errors
/// When the database cannot be read.
pub async fn roles_in_words(db: &Database, account: AccountId) -> Result<String, StorageError> {
    let user = store::users(db, Some(account)).await?.pop();
    Ok(user.map_or_else(String::new, |user| {
        user.grants.iter().map(store::UserGrant::words).collect::<Vec<_>>().join("、")
    }))
}
