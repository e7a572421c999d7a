//! What a device at the door keeps in order to work without a network, and what it sends when the network is back.
//!
//! The list holds name, category and hashes of codes; no phone, no code. A check-in made on the device has a request id
//! of its own, so that it is carried out once however often it arrives.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::codes;
use super::model::How;
use super::steps::{CheckIn, Presence};
use super::store::{self, Person, Sitting};
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, CheckInId, InviteeId, RequestId, SittingId};
use crate::invitation::answer::LINK;
use crate::invitation::model::InviteeState;
use crate::rules::{Category, clock_time};
use crate::topic::pages::desk::inside;

/// Check-ins that are taken in one sending.
pub const BATCH: usize = 100;
/// Check-ins of one sending that are carried out at a time: they share a commit.
const AT_A_TIME: usize = 16;
/// A change may have been made before the last answer and committed after it.
const SLACK_S: i64 = 15;
/// Hours after the end of the meeting for which a device without contact may keep the list.
const KEPT_HOURS: i64 = 12;

/// Whether somebody is there: who, the check-in that stands, and how in words. Without a check-in it was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark(pub Uuid, pub Option<CheckInId>, pub String);

/// Somebody on the list: who, name, code of the category, hash of the short code, hash of the link's token, whether a
/// place was promised, and what tells people of one name apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry(pub InviteeId, pub String, pub &'static str, pub String, pub String, pub bool, pub String);

/// What does not change while people come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Whole {
    /// What the hashes are salted with.
    pub salt: String,
    /// When the device forgets the list by itself, in milliseconds since 1970.
    pub until: i64,
    /// The categories: code and word, in their order.
    pub categories: Vec<(&'static str, &'static str)>,
    /// The chair and the recorder: account, name, as what.
    pub officials: Vec<(AccountId, String, &'static str)>,
    /// Everybody on the list.
    pub people: Vec<Entry>,
}

/// The list of the door, or what changed on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DoorList {
    /// The server's clock, in milliseconds since 1970.
    pub now: i64,
    /// The sitting that takes check-ins. Without one, the device forgets the list.
    pub sitting: Option<SittingId>,
    /// How many stand on the list: another number than the device has asks for the whole list.
    pub count: i64,
    /// The list, when it was asked for as a whole.
    #[serde(flatten)]
    pub whole: Option<Whole>,
    /// Who is there; of a part, who came or was taken back lately.
    pub marks: Vec<Mark>,
}

/// The list of the door as a whole, or with `since` (milliseconds since 1970, by the server's clock) what changed.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside.
pub async fn list(ctx: &Ctx, case: CaseId, since: Option<i64>) -> Result<DoorList, Refusal> {
    let case = inside(ctx, case).await?;
    let now = ctx.now();
    let closed = DoorList { now: now.timestamp_millis(), sitting: None, count: 0, whole: None, marks: Vec::new() };
    if let Some(since) = since.and_then(DateTime::from_timestamp_millis) {
        let Some(day) = store::day(&ctx.db, case.id).await? else { return Ok(closed) };
        let newest = store::newest_sitting(&ctx.db, day.meeting_id).await?;
        let Some(sitting) = open(store::present_sitting(&day, newest)) else { return Ok(closed) };
        let recent = store::recent(&ctx.db, sitting.sitting_id, since - TimeDelta::seconds(SLACK_S)).await?;
        let count = store::count(&ctx.db, day.meeting_id).await?;
        return Ok(DoorList { sitting: Some(sitting.sitting_id), count, marks: lately(&recent), ..closed });
    }
    let Some(presence) = Presence::load(&ctx.db, case.id).await? else { return Ok(closed) };
    let Some(sitting) = open(presence.sitting.clone()) else { return Ok(closed) };
    let count = i64::try_from(presence.people.len()).unwrap_or(i64::MAX);
    let marks = marks(&presence);
    let whole = Some(whole(ctx, &presence, sitting.sitting_id));
    Ok(DoorList { sitting: Some(sitting.sitting_id), count, whole, marks, ..closed })
}

fn open(sitting: Option<Sitting>) -> Option<Sitting> {
    sitting.filter(|sitting| sitting.state.0.takes_check_ins())
}

fn whole(ctx: &Ctx, presence: &Presence, sitting: SittingId) -> Whole {
    let salt = codes::salt(&ctx.secret, sitting);
    let mut names: HashMap<&str, usize> = HashMap::new();
    for person in &presence.people {
        *names.entry(&person.name).or_default() += 1;
    }
    let people = presence
        .people
        .iter()
        .map(|person| {
            let (who, generation) = (person.invitee_id, person.generation);
            let token = ctx.secret.link_token(LINK, who.0, generation);
            Entry(
                who,
                person.name.clone(),
                person.category.0.code(),
                codes::hashed(&salt, &codes::of_person(&ctx.secret, who, generation)),
                codes::hashed(&salt, &token),
                person.listed().promised(),
                apart(person, names.get(person.name.as_str()).copied()),
            )
        })
        .collect();
    let day = &presence.day;
    let officials = [(day.chair_id, &day.chair, "主持"), (day.recorder_id, &day.recorder, "记录")]
        .into_iter()
        .filter_map(|(account, name, what)| Some((account?, name.clone().unwrap_or_default(), what)))
        .collect();
    let until = (day.ends_at + TimeDelta::hours(KEPT_HOURS)).timestamp_millis();
    let categories = Category::ALL.iter().map(|category| (category.code(), category.word())).collect();
    Whole { salt, until, categories, officials, people }
}

/// What an officer has to know of somebody beside the name: what was answered, unless the person comes; and where from,
/// if another one has the same name.
fn apart(person: &Person, same_name: Option<usize>) -> String {
    let state = person.state.0;
    let answered = (!matches!(state, InviteeState::Accepted | InviteeState::Invited)).then(|| state.word().to_owned());
    let from = same_name.filter(|n| *n > 1).map(|_| person.organisation.clone()).filter(|from| !from.is_empty());
    from.into_iter().chain(answered).collect::<Vec<_>>().join("，")
}

fn marks(presence: &Presence) -> Vec<Mark> {
    let people = presence.people.iter().filter_map(|person| {
        let words = said(person.how.as_deref(), person.at?, person.device_at);
        Some(Mark(person.invitee_id.0, Some(person.check_in_id?), words))
    });
    let officials = presence
        .officials
        .iter()
        .map(|(account, check_in, at)| Mark(account.0, Some(*check_in), format!("{} 签到", clock_time(*at))));
    people.chain(officials).collect()
}

/// What changed: of somebody with several rows, the one that stands.
fn lately(recent: &[store::Recent]) -> Vec<Mark> {
    let mut marks: HashMap<Uuid, Mark> = HashMap::new();
    for row in recent {
        let Some(who) = row.invitee_id.map(|id| id.0).or(row.account_id.map(|id| id.0)) else { continue };
        if row.undone_at.is_none() {
            let how = row.invitee_id.is_some().then_some(row.how.as_str());
            marks.insert(who, Mark(who, Some(row.check_in_id), said(how, row.at, row.device_at)));
        } else {
            marks.entry(who).or_insert_with(|| Mark(who, None, String::new()));
        }
    }
    marks.into_values().collect()
}

/// When and how somebody was checked in; what a device noted without a network says so.
#[must_use]
pub fn said(how: Option<&str>, at: DateTime<Utc>, device_at: Option<DateTime<Utc>>) -> String {
    let how = how.and_then(How::from_code).map(|how| format!("，{}", how.word())).unwrap_or_default();
    match device_at {
        Some(noted) => format!("{} 签到{how}，离线", clock_time(noted)),
        None => format!("{} 签到{how}", clock_time(at)),
    }
}

/// A check-in as a device noted it.
#[derive(Clone, Debug, Deserialize)]
pub struct Noted {
    /// Under which id it is carried out.
    pub request: RequestId,
    /// The sitting whose list the device has.
    pub sitting: SittingId,
    /// Somebody on the list.
    #[serde(default)]
    pub invitee: Option<InviteeId>,
    /// Or the chair, or the recorder.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// list, code or scan.
    pub how: String,
    /// When, in milliseconds since 1970, by the device's clock as corrected at its last contact.
    pub at: i64,
    /// When the device got the list, by the server's clock.
    pub list_at: i64,
}

/// What became of a noted check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// The person is there by it.
    Done,
    /// The person was there already.
    Already,
    /// It cannot be carried out; why is in the sentence.
    Refused,
    /// Not now: the device keeps it and sends it again.
    Later,
}

/// The answer to one noted check-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// Which.
    pub request: RequestId,
    /// What became of it.
    pub became: Became,
    /// Why not; empty where it was carried out.
    pub sentence: String,
}

/// Carries out what a device noted while it had no network: each check-in by itself, so that one that is refused holds
/// none back.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside; [`Refusal::TooLarge`] for more
/// than [`BATCH`] at once.
pub async fn sync(ctx: &Ctx, case: CaseId, noted: Vec<Noted>) -> Result<Vec<Answered>, Refusal> {
    let case = inside(ctx, case).await?.id;
    if noted.len() > BATCH {
        return Err(Refusal::TooLarge(format!("一次最多补交 {BATCH} 条签到，请分几次交。")));
    }
    Ok(stream::iter(noted).map(|one| carry(ctx, case, one)).buffered(AT_A_TIME).collect().await)
}

async fn carry(ctx: &Ctx, case: CaseId, noted: Noted) -> Answered {
    let request = noted.request;
    let (became, sentence) = match step(case, noted) {
        Err(refusal) => (Became::Refused, refusal.sentence()),
        Ok(step) => match carry_out(&ctx.with_request(Some(request)), step).await {
            Ok(done) => (if done.again { Became::Already } else { Became::Done }, String::new()),
            Err(refusal @ (Refusal::Unavailable(_) | Refusal::Internal { .. })) => (Became::Later, refusal.sentence()),
            Err(refusal) => (Became::Refused, refusal.sentence()),
        },
    };
    Answered { request, became, sentence }
}

fn step(case: CaseId, noted: Noted) -> Result<CheckIn, Refusal> {
    let how = How::from_code(&noted.how).filter(|how| matches!(how, How::List | How::Code | How::Scan));
    let how = how.ok_or_else(|| Refusal::moved_on("这条签到读不懂，请在名单里重新签到。"))?;
    let time = DateTime::from_timestamp_millis;
    Ok(CheckIn {
        case,
        sitting: noted.sitting,
        invitee: noted.invitee,
        account: noted.account,
        how,
        device_at: time(noted.at),
        list_at: time(noted.list_at),
    })
}
