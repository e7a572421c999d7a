//! Calendars that a telephone follows: one of the district, one for each town. What everybody may know, nothing else.

use std::sync::Arc;

use app::error::Refusal;
use app::ids::CaseId;
use app::plan::model::{MeetingState, calendar_uid};
use app::plan::{PublicMeeting, public_meeting, public_meetings};
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};
use chrono::TimeDelta;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};

use crate::http::error;
use crate::http::page::Frame;
use crate::http::site::Site;

/// How long a meeting stays in a feed after it began.
const PAST: TimeDelta = TimeDelta::days(90);
/// How far a feed looks ahead.
const AHEAD: TimeDelta = TimeDelta::days(400);
/// Meetings of a feed at most.
const MOST: i64 = 2000;

/// `/calendar.ics`: every town.
pub async fn district(site: Arc<Site>, parts: Parts) -> Response<Body> {
    let feed = feed(&site, None).await;
    answer(&site, &parts, feed).await
}

/// `/calendar/{town}.ics`: one town.
pub async fn town(site: Arc<Site>, parts: Parts, name: &str) -> Response<Body> {
    let feed = feed(&site, Some(name)).await;
    answer(&site, &parts, feed).await
}

/// `/topics/{id}/notice.ics`: the announced meeting of a topic, to be added to a calendar.
pub async fn meeting(site: Arc<Site>, parts: Parts, case: &str) -> Response<Body> {
    let text = single(&site, case).await;
    answer(&site, &parts, text).await
}

async fn single(site: &Site, case: &str) -> Result<String, Refusal> {
    let case: CaseId = case.parse().map_err(|_| Refusal::NotFound)?;
    let meeting = public_meeting(&site.ctx.db, case).await?.ok_or(Refusal::NotFound)?;
    let mut calendar = Calendar::new();
    calendar.push(event(&meeting, site.public_url.as_str()));
    Ok(calendar.done().to_string())
}

async fn answer(site: &Arc<Site>, parts: &Parts, text: Result<String, Refusal>) -> Response<Body> {
    match text {
        Ok(text) => {
            let mut response = Response::new(Body::from(text));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
            // It may change at any time, and is small.
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            response
        }
        Err(refusal) => error::answer(site, &refusal, Frame::plain(site, parts)).await,
    }
}

async fn feed(site: &Site, name: Option<&str>) -> Result<String, Refusal> {
    let ctx = &site.ctx;
    let (town, title) = match name {
        None => (None, "有事好商量：吴江区协商会".to_owned()),
        Some(name) => {
            let code = name.strip_suffix(".ics").ok_or(Refusal::NotFound)?;
            let town = app::town::store::town(&ctx.db, code).await?.ok_or(Refusal::NotFound)?;
            let title = format!("有事好商量：{}协商会", town.short_name);
            (Some(town.town_id), title)
        }
    };
    let now = ctx.now();
    let meetings = public_meetings(&ctx.db, (now - PAST, now + AHEAD), town.as_deref(), MOST).await?;
    let mut calendar = Calendar::new();
    calendar.name(&title);
    for meeting in &meetings {
        calendar.push(event(meeting, site.public_url.as_str()));
    }
    Ok(calendar.done().to_string())
}

/// One meeting, as its notice says it. Until another day is announced nothing takes place on the old one.
fn event(meeting: &PublicMeeting, site: &str) -> Event {
    let url = format!("{site}/topics/{}/notice", meeting.case_id);
    let place = match &meeting.address {
        Some(address) => format!("{}（{address}）", meeting.place()),
        None => meeting.place(),
    };
    let demo = if meeting.demo { "演示数据。" } else { "" };
    let status = match meeting.state.0 {
        MeetingState::Announced | MeetingState::Held => EventStatus::Confirmed,
        _ => EventStatus::Cancelled,
    };
    let mut event = Event::with_uid(&calendar_uid(meeting.meeting_id));
    event
        .summary(&format!("协商会：{}", meeting.title))
        .description(&format!("{demo}{}，{}。怎么参加：{url}", meeting.town, meeting.format.0.word()))
        .location(&place)
        .url(&url)
        .timestamp(meeting.announced_at)
        .starts(meeting.starts_at)
        .ends(meeting.ends_at)
        .sequence(u32::try_from(meeting.sequence).unwrap_or(u32::MAX))
        .status(status);
    event.done()
}
