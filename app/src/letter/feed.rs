//! The private calendar feed of a person who signs in: the meetings that one chairs, records or is invited to as a
//! member. Its address is a secret of its own; a new one withdraws the old.

use chrono::TimeDelta;
use serde_json::json;

use super::calendar::{Entry, feed};
use super::store::{self, Mine};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::AccountId;
use crate::ledger::{self, Stream};
use crate::plan::model::calendar_uid;

/// What the token of the address is for.
const PURPOSE: &str = "calendar";
/// How far back the feed goes.
const BACK: TimeDelta = TimeDelta::days(90);
/// Meetings in a feed.
const MEETINGS: i64 = 500;

/// The path of the feed of the person who is signed in.
///
/// # Errors
/// [`Refusal::NotSignedIn`].
pub async fn path(ctx: &Ctx) -> Result<String, Refusal> {
    let account = ctx.actor.account().ok_or(Refusal::NotSignedIn)?;
    let generation = store::calendar_generation(&ctx.db, account).await?.ok_or(Refusal::NotSignedIn)?;
    Ok(format!("/calendar/mine/{account}/{}.ics", ctx.secret.link_token(PURPOSE, account.0, generation)))
}

/// Gives the feed a new address; the old one ends.
///
/// # Errors
/// [`Refusal::NotSignedIn`].
pub async fn renew(ctx: &Ctx) -> Result<(), Refusal> {
    let account = ctx.actor.account().ok_or(Refusal::NotSignedIn)?;
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                store::renew_calendar(tx, account).await?;
                ledger::record(tx, &inner, &Stream::System, "renew_calendar", json!({ "account": account })).await
            })
        })
        .await
}

/// The feed behind an address, as iCalendar text.
///
/// # Errors
/// [`Refusal::NotFound`] for an address that was never given, was renewed, or whose account is disabled.
pub async fn mine(ctx: &Ctx, account: AccountId, token: &str) -> Result<String, Refusal> {
    let generation = store::calendar_generation(&ctx.db, account).await?.ok_or(Refusal::NotFound)?;
    if !ctx.secret.is_link_token(token, PURPOSE, account.0, generation) {
        return Err(Refusal::NotFound);
    }
    let now = ctx.now();
    let entries: Vec<Entry> = store::mine(&ctx.db, account, now - BACK, MEETINGS)
        .await?
        .into_iter()
        .map(|meeting| Entry {
            uid: calendar_uid(meeting.meeting_id),
            sequence: meeting.sequence,
            stamp: now,
            starts: meeting.starts_at,
            ends: meeting.ends_at,
            title: format!("协商会：{}", meeting.title),
            place: [meeting.room.as_deref(), meeting.room_address.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
            description: format!("{}政协工委。您在这次会上：{}。", meeting.town, part_of(&meeting)),
            cancelled: meeting.state == "cancelled",
        })
        .collect();
    Ok(feed("我的协商会", &entries))
}

/// What the person does at the meeting.
fn part_of(meeting: &Mine) -> &'static str {
    match (meeting.chair, meeting.recorder) {
        (true, _) => "主持",
        (_, true) => "记录",
        _ => "受邀参加",
    }
}
