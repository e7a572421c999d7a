//! What an empty database begins with.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::model::BUILTIN;
use super::rules::start_of;
use super::store::{self, NewVersion};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{RoomId, RuleSetId};
use crate::ledger::{self, Stream, digest};
use crate::rules::{Calendar, RuleSet};
use crate::storage::Change;

/// From when the built-in baseline judges: the beginning of this day in Shanghai.
const BASELINE_FROM: (i32, u32, u32) = (2026, 1, 1);

/// Puts the eleven areas with their rooms, the workday calendar and the baseline of rules into a database that has no
/// town yet; returns whether it did. The calendar is put in force for this process either way.
///
/// # Errors
/// When the database refuses it.
pub async fn install(ctx: &Ctx) -> Result<bool, Refusal> {
    let installed = store::is_empty(&ctx.db).await? && fill(ctx).await?;
    ctx.shared.set_calendar(store::load_calendar(&ctx.db).await?);
    Ok(installed)
}

async fn fill(ctx: &Ctx) -> Result<bool, Refusal> {
    let inner = ctx.clone();
    let filled = ctx
        .db
        .write(move |tx| {
            Box::pin(async move {
                let now = inner.now();
                let mut codes = Vec::new();
                let mut rooms = 0_u64;
                for (town, sort_no) in BUILTIN.iter().zip(1..) {
                    if !store::insert_town(tx, town, sort_no).await? {
                        // Another process was quicker.
                        return Ok(false);
                    }
                    codes.push(town.town_id);
                    for room in town.rooms {
                        store::insert_room(tx, RoomId(inner.new_id()), town.town_id, room).await?;
                        rooms += 1;
                    }
                }
                let data = json!({ "towns": codes, "rooms": rooms });
                ledger::record(tx, &inner, &Stream::System, "towns_installed", data).await?;

                let days = Calendar::builtin_days();
                let years: BTreeSet<i32> = days.iter().map(|day| day.date.year()).collect();
                let data = json!({ "years": years, "days": days.len() });
                for day in days {
                    store::insert_calendar_day(tx, &day).await?;
                }
                ledger::record(tx, &inner, &Stream::System, "calendar_installed", data).await?;

                let body = RuleSet::default().to_toml();
                let id = RuleSetId(inner.new_id());
                let data = json!({ "rule_set": id, "version": 1, "body": digest(&body) });
                let (year, month, day) = BASELINE_FROM;
                let effective_from =
                    NaiveDate::from_ymd_opt(year, month, day).and_then(start_of).unwrap_or(now).min(now);
                let version = NewVersion { id, town: None, version: 1, effective_from, basis_doc: None, body };
                store::insert_version(tx, version, now).await?;
                ledger::record(tx, &inner, &Stream::System, "rule_set_loaded", data).await?;
                tx.tell(Change::All);
                Ok(true)
            })
        })
        .await?;
    Ok(filled)
}
