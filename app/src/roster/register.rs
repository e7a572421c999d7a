//! Keeping the roster: who may see and change what. Every change and every look at a contact is in the town's stream of
//! the ledger, by ids and codes.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::json;

use super::model::{MemberForm, Purpose, UnitForm, kept_phone};
use super::store::{self, Member, Unit};
use crate::access::{Actor, Role};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{AccountId, MemberId, UnitId};
use crate::ledger::{self, Stream};
use crate::rules::end_of_local_day;
use crate::storage::Tx;

/// What the record calls a look at a contact.
const VIEWED: &str = "view_contact";

/// The towns whose roster somebody sees: as officer or director.
#[must_use]
pub fn seen_towns(actor: &Actor) -> Vec<String> {
    towns(actor, &[Role::Officer, Role::Director])
}

/// The towns whose roster somebody keeps: as officer.
#[must_use]
pub fn kept_towns(actor: &Actor) -> Vec<String> {
    towns(actor, &[Role::Officer])
}

fn towns(actor: &Actor, roles: &[Role]) -> Vec<String> {
    let grants = actor.signed().map(|signed| signed.grants.as_slice()).unwrap_or_default();
    let mut towns: Vec<String> =
        grants.iter().filter(|grant| roles.contains(&grant.role)).filter_map(|grant| grant.town.clone()).collect();
    towns.sort_unstable();
    towns.dedup();
    towns
}

/// Refuses whoever does not keep the roster of a town. Of a town that one does not even see, nothing exists.
fn keeps(ctx: &Ctx, town: &str) -> Result<(), Refusal> {
    if matches!(ctx.actor, Actor::Operator) || kept_towns(&ctx.actor).iter().any(|kept| kept == town) {
        return Ok(());
    }
    sees(ctx, town)?;
    Err(Refusal::Forbidden { who: Role::Officer.word().to_owned() })
}

fn sees(ctx: &Ctx, town: &str) -> Result<(), Refusal> {
    if ctx.actor.signed().is_none() {
        return Err(Refusal::NotSignedIn);
    }
    if seen_towns(&ctx.actor).iter().any(|seen| seen == town) { Ok(()) } else { Err(Refusal::NotFound) }
}

/// The beginnings of the year of a day and of the next one, in Shanghai.
#[must_use]
pub fn year_of(day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    let begins =
        |year: i32| NaiveDate::from_ymd_opt(year - 1, 12, 31).map_or(DateTime::<Utc>::MAX_UTC, end_of_local_day);
    (begins(day.year()), begins(day.year() + 1))
}

/// A member whom the actor may see.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for one of another town.
pub async fn member(ctx: &Ctx, id: MemberId) -> Result<Member, Refusal> {
    let found = store::member(&ctx.db, id, year_of(ctx.today())).await?.ok_or(Refusal::NotFound)?;
    sees(ctx, &found.town_id)?;
    Ok(found)
}

/// A unit whom the actor may see: of an own town, or of the district.
///
/// # Errors
/// As [`member`].
pub async fn unit(ctx: &Ctx, id: UnitId) -> Result<Unit, Refusal> {
    let found = store::unit(&ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    sees_unit(ctx, &found)?;
    Ok(found)
}

fn sees_unit(ctx: &Ctx, unit: &Unit) -> Result<(), Refusal> {
    match &unit.town_id {
        Some(town) => sees(ctx, town),
        None if ctx.actor.signed().is_none() => Err(Refusal::NotSignedIn),
        None if seen_towns(&ctx.actor).is_empty() => Err(Refusal::NotFound),
        None => Ok(()),
    }
}

/// The form as it is stored: without blanks around, the phone in one spelling.
fn tidy(form: MemberForm) -> MemberForm {
    MemberForm {
        name: form.name.trim().to_owned(),
        sector: form.sector.trim().to_owned(),
        phone: kept_phone(&form.phone),
        mail: form.mail.trim().to_owned(),
        login: form.login.trim().to_lowercase(),
        ..form
    }
}

async fn account(tx: &mut Tx, login: &str, town: &str) -> Result<Option<AccountId>, Refusal> {
    if login.is_empty() {
        return Ok(None);
    }
    store::account_of_member(tx, login, town)
        .await?
        .map(Some)
        .ok_or_else(|| Refusal::field("login", "没有这个登录名，或者这个账号不是本镇的政协委员；还没有账号就空着。"))
}

fn twin() -> Refusal {
    Refusal::field("name", "名册上已经有一位同名、同电话的委员，不用再添。")
}

/// Puts a member on a town's roster.
///
/// # Errors
/// [`Refusal::Forbidden`] for all but the town's officers; [`Refusal::Invalid`] with the fields of the form.
pub async fn add_member(ctx: &Ctx, town: &str, form: MemberForm) -> Result<MemberId, Refusal> {
    keeps(ctx, town)?;
    Refusal::when_wrong(form.wrong())?;
    let (inner, town, form, id) = (ctx.clone(), town.to_owned(), tidy(form), MemberId(ctx.new_id()));
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                // The stream's head is locked by the record: two of the same do not both find nobody.
                let data = json!({ "member": id });
                ledger::record(tx, &inner, &Stream::Town(town.clone()), "member_added", data).await?;
                if store::twin(tx, &town, &form, None).await? {
                    return Err(twin());
                }
                let account = account(tx, &form.login, &town).await?;
                store::insert_member(tx, id, &town, &form, account).await?;
                Ok(id)
            })
        })
        .await
}

/// What a form was made on, as a keyed hash: it says nothing, and tells whether somebody changed the row meanwhile.
#[must_use]
pub fn seen_member(ctx: &Ctx, member: &Member) -> String {
    let form = member.form();
    let woman = if form.woman { "woman" } else { "" };
    let tags = form.specialty.join(",");
    ctx.secret.keyed("member", &[&form.name, &form.sector, &tags, &form.phone, &form.mail, woman, &form.login])
}

fn changed_meanwhile() -> Refusal {
    Refusal::moved_on("您打开以后，别人刚改过这一条。请刷新页面，看过现在的内容再改。")
}

/// Corrects what is known of a member. `seen` is that of [`seen_member`].
///
/// # Errors
/// As [`add_member`]; a conflict when somebody else changed it since.
pub async fn correct_member(ctx: &Ctx, id: MemberId, seen: &str, form: MemberForm) -> Result<(), Refusal> {
    let town = member(ctx, id).await?.town_id;
    keeps(ctx, &town)?;
    Refusal::when_wrong(form.wrong())?;
    let (inner, form, seen) = (ctx.clone(), tidy(form), seen.to_owned());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let data = json!({ "member": id });
                ledger::record(tx, &inner, &Stream::Town(town.clone()), "member_corrected", data).await?;
                let now = store::member_in(tx, id).await?.ok_or(Refusal::NotFound)?;
                if seen_member(&inner, &now) != seen {
                    return Err(changed_meanwhile());
                }
                if store::twin(tx, &town, &form, Some(id)).await? {
                    return Err(twin());
                }
                let account = account(tx, &form.login, &town).await?;
                store::update_member(tx, id, &form, account).await?;
                Ok(())
            })
        })
        .await
}

/// Notes that a member has left, or that this was a mistake.
///
/// # Errors
/// As [`add_member`].
pub async fn note_left(ctx: &Ctx, id: MemberId, left: bool) -> Result<(), Refusal> {
    let town = member(ctx, id).await?.town_id;
    keeps(ctx, &town)?;
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let data = json!({ "member": id, "left": left });
                ledger::record(tx, &inner, &Stream::Town(town.clone()), "member_left", data).await?;
                let found = store::member_in(tx, id).await?.ok_or(Refusal::NotFound)?;
                if found.left_at.is_some() == left {
                    return Err(changed_meanwhile());
                }
                if !left && store::twin(tx, &town, &found.form(), Some(id)).await? {
                    return Err(twin());
                }
                store::set_left(tx, id, left.then(|| inner.now())).await?;
                Ok(())
            })
        })
        .await
}

/// Puts a look at somebody's contact on record.
async fn looked(ctx: &Ctx, town: String, data: serde_json::Value) -> Result<(), Refusal> {
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| Box::pin(async move { ledger::record(tx, &inner, &Stream::Town(town), VIEWED, data).await }))
        .await
}

/// Shows a member's contact, after the look is on record.
///
/// # Errors
/// As [`member`].
pub async fn view_member(ctx: &Ctx, id: MemberId, purpose: Purpose) -> Result<Member, Refusal> {
    let found = member(ctx, id).await?;
    looked(ctx, found.town_id.clone(), json!({ "member": id, "purpose": purpose })).await?;
    Ok(found)
}

/// Shows a unit's contact, after the look is on record: in the stream of its town, or of the town of whoever looks.
///
/// # Errors
/// As [`unit`].
pub async fn view_unit(ctx: &Ctx, id: UnitId, purpose: Purpose) -> Result<Unit, Refusal> {
    let found = unit(ctx, id).await?;
    let town = found.town_id.clone().or_else(|| seen_towns(&ctx.actor).first().cloned()).ok_or(Refusal::NotFound)?;
    looked(ctx, town, json!({ "unit": id, "purpose": purpose })).await?;
    Ok(found)
}

fn tidy_unit(form: &UnitForm) -> UnitForm {
    UnitForm {
        name: form.name.trim().to_owned(),
        contact: form.contact.trim().to_owned(),
        phone: kept_phone(&form.phone),
        mail: form.mail.trim().to_owned(),
    }
}

/// Adds a unit of a town.
///
/// # Errors
/// As [`add_member`]; also when the name is taken.
pub async fn add_unit(ctx: &Ctx, town: &str, form: &UnitForm) -> Result<UnitId, Refusal> {
    keeps(ctx, town)?;
    Refusal::when_wrong(form.wrong())?;
    let (inner, town, form, id) = (ctx.clone(), town.to_owned(), tidy_unit(form), UnitId(ctx.new_id()));
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let data = json!({ "unit": id });
                ledger::record(tx, &inner, &Stream::Town(town.clone()), "unit_added", data).await?;
                if !store::insert_unit(tx, id, &town, &form).await? {
                    return Err(Refusal::field("name", "已经有同名的单位，请在单位名册里找一找，或者写全称加以区别。"));
                }
                Ok(id)
            })
        })
        .await
}

/// What a unit's form was made on, as a keyed hash.
#[must_use]
pub fn seen_unit(ctx: &Ctx, unit: &Unit) -> String {
    ctx.secret.keyed("unit", &[&unit.name, &unit.contact_name, &unit.phone, &unit.mail])
}

/// Corrects whom to ask in a unit of a town. A unit of the district is the administrator's.
///
/// # Errors
/// As [`correct_member`].
pub async fn correct_unit(ctx: &Ctx, id: UnitId, seen: &str, form: &UnitForm) -> Result<(), Refusal> {
    let found = unit(ctx, id).await?;
    let Some(town) = found.town_id else {
        return Err(Refusal::Forbidden { who: Role::Administrator.word().to_owned() });
    };
    keeps(ctx, &town)?;
    Refusal::when_wrong(form.wrong())?;
    let (inner, form, seen) = (ctx.clone(), tidy_unit(form), seen.to_owned());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let data = json!({ "unit": id });
                ledger::record(tx, &inner, &Stream::Town(town), "unit_corrected", data).await?;
                let now = store::unit_in(tx, id).await?.ok_or(Refusal::NotFound)?;
                if seen_unit(&inner, &now) != seen {
                    return Err(changed_meanwhile());
                }
                store::update_unit(tx, id, &form).await?;
                Ok(())
            })
        })
        .await
}
