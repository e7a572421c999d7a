//! The register (台账) of a town and year, to be taken along: one sheet for each form (`domain.md` 3), every row with the
//! number and title of its topic.
//!
//! What the sheets are stands in [`sheet`], what is in them is read page by page, so that memory does not grow with the
//! years; the files themselves are the server's. Telephone numbers are masked unless an officer or the director of the
//! town asks for them with a purpose, and that is on record before the first row is read.

pub mod pages;
pub mod sheet;
mod store;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use crate::access::{Role, Towns};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ledger::{self, Stream};
use crate::rules::codes::coded_enum;
use crate::rules::end_of_local_day;
use crate::town::{self, Town};

pub use store::{Key, rows};

/// Address of the page.
pub const REGISTER: &str = "/desk/register";

/// What the ledger calls an export with telephone numbers.
const EXPORTED: &str = "export_register";
/// The years that may be asked for: four digits, and no others.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// Which part of the register: a town, or with none the district; the year in which the topic was raised; and whether
/// with telephone numbers, which only [`granted`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    town: Option<String>,
    year: i32,
    phones: bool,
}

impl Scope {
    /// The town's code; none for the district.
    #[must_use]
    pub fn town(&self) -> Option<&str> {
        self.town.as_deref()
    }

    /// The year.
    #[must_use]
    pub const fn year(&self) -> i32 {
        self.year
    }

    /// Whether telephone numbers are whole.
    #[must_use]
    pub const fn phones(&self) -> bool {
        self.phones
    }

    /// The beginnings of the year and of the next one, in Shanghai.
    #[must_use]
    pub fn bounds(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let begins = |year: i32| {
            NaiveDate::from_ymd_opt(year - 1, 12, 31)
                .map_or(DateTime::<Utc>::MAX_UTC, |day| end_of_local_day(day) + TimeDelta::seconds(1))
        };
        (begins(self.year), begins(self.year + 1))
    }
}

/// The towns whose register somebody sees, in their order, and whether that is the whole district.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for whoever works on the cases of no town.
pub async fn seen_towns(ctx: &Ctx) -> Result<(Vec<Town>, bool), Refusal> {
    let me = ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
    let seen = me.seen_towns();
    if seen.is_none() {
        return Err(Refusal::Forbidden { who: format!("{}、{}", Role::Officer.word(), Role::DistrictOffice.word()) });
    }
    let mut towns = town::store::towns(&ctx.db).await?;
    towns.retain(|town| seen.has(&town.town_id));
    Ok((towns, seen == Towns::All))
}

/// What is asked for with the values of an address: a town's code and a year. An empty code means the district for
/// whoever sees it, else one's first town; an empty year means this one. Telephone numbers are masked.
///
/// # Errors
/// As [`seen_towns`]; [`Refusal::NotFound`] for a town that one does not see; [`Refusal::Invalid`] for what is no year.
pub async fn scope(ctx: &Ctx, town: &str, year: &str) -> Result<Scope, Refusal> {
    let (towns, all) = seen_towns(ctx).await?;
    let town = match town {
        "" if all => None,
        "" => Some(towns.first().ok_or(Refusal::NotFound)?.town_id.clone()),
        code => Some(towns.iter().find(|town| town.town_id == code).ok_or(Refusal::NotFound)?.town_id.clone()),
    };
    let year = match year.trim() {
        "" => ctx.today().year(),
        typed => typed
            .parse()
            .ok()
            .filter(|year| YEARS.contains(year))
            .ok_or_else(|| Refusal::field("year", "年份写四位数字，比如 2026。"))?,
    };
    Ok(Scope { town, year, phones: false })
}

/// Whether somebody may have the telephone numbers of a town's register: its officer and its director.
#[must_use]
pub fn may_have_phones(ctx: &Ctx, town: &str) -> bool {
    ctx.actor.signed().is_some_and(|me| me.is(Role::Officer, town) || me.is(Role::Director, town))
}

coded_enum! {
    /// For what somebody takes telephone numbers along. One of a few: the ledger keeps it for ever, and a sentence might
    /// name somebody.
    pub enum Purpose {
        /// To ask how it turned out.
        CallBack = "call_back" "打电话回访、请人评价",
        /// To invite.
        Invite = "invite" "邀请、通知开会",
        /// To put a list right.
        Check = "check" "核对名册和联系方式",
        /// To hand it in.
        Report = "report" "按上级要求报送",
    }
}

/// How long an export that is on record can be fetched, in seconds; at most twice that.
const EXPORT_SECONDS: i64 = 600;

/// Puts on record, in the town's stream, that somebody takes the register along with telephone numbers, and what for.
/// Returns what lets that person fetch it, for some minutes.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for all but officer and director of the town; [`Refusal::Invalid`]
/// for the whole district, and without a purpose.
pub async fn note_export(ctx: &Ctx, scope: &Scope, purpose: &str) -> Result<String, Refusal> {
    let me = ctx.actor.account().ok_or(Refusal::NotSignedIn)?;
    let Some(town) = scope.town.clone() else {
        return Err(Refusal::field("town", "带电话的台账一次只导出一个区镇，请先选区镇。"));
    };
    if !may_have_phones(ctx, &town) {
        return Err(Refusal::Forbidden { who: format!("{}、{}", Role::Officer.word(), Role::Director.word()) });
    }
    let purpose =
        Purpose::from_code(purpose).ok_or_else(|| Refusal::field("purpose", "请选一项为什么要电话，会留下记录。"))?;
    let (inner, year, link) = (ctx.clone(), scope.year, for_export(&town, scope.year));
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let data = json!({ "year": year, "purpose": purpose.code() });
                ledger::record(tx, &inner, &Stream::Town(town), EXPORTED, data).await
            })
        })
        .await?;
    Ok(ctx.secret.link_token(&link, me.0, ctx.now().timestamp() / EXPORT_SECONDS))
}

/// The same part with whole telephone numbers, for whom an export was put on record some minutes ago.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::Gone`] when it is too long ago, or was somebody else's.
pub fn granted(ctx: &Ctx, scope: Scope, token: &str) -> Result<Scope, Refusal> {
    let me = ctx.actor.account().ok_or(Refusal::NotSignedIn)?;
    let (link, now) =
        (for_export(scope.town().unwrap_or_default(), scope.year), ctx.now().timestamp() / EXPORT_SECONDS);
    let holds = (now - 1..=now).any(|then| ctx.secret.is_link_token(token, &link, me.0, then));
    if holds && scope.town().is_some_and(|town| may_have_phones(ctx, town)) {
        return Ok(Scope { phones: true, ..scope });
    }
    Err(Refusal::Gone("带电话的台账要在记下用途以后几分钟里下载，请回到台账再选一次用途。".to_owned()))
}

fn for_export(town: &str, year: i32) -> String {
    format!("{EXPORTED}:{town}:{year}")
}

#[cfg(test)]
mod tests;
