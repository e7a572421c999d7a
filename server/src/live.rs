//! Live pages are told that something changed, never what: they ask for it then, with the rights of whoever looks.
//!
//! Events: `change` with `{"seq": n}` for one case (its id is `seq`, so that a browser which lost the line says where it
//! was; before its first event it says with `?seen=n` what its page was made with), `change` with `{"case": "…"}` for the desk, and `resync` when it is not known what was missed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use app::access::{Actor, Role};
use app::context::Ctx;
use app::error::Refusal;
use app::ids::CaseId;
use app::storage::Change;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, DATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt, stream};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::http::page::bare;
use crate::http::session;
use crate::http::site::Site;

/// How often a silent line is kept open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a stream watches.
#[derive(Clone, Debug)]
enum Watched {
    Case(CaseId),
    /// The cases of these towns; with none named, of all.
    Desk(Option<Vec<String>>),
}

impl Watched {
    fn event(&self, change: &Change) -> Option<Event> {
        match (self, change) {
            (_, Change::All) => Some(resync()),
            (Self::Case(watched), Change::Case { case, seq, .. }) if watched == case => Some(at(*seq)),
            (Self::Desk(towns), Change::Case { case, town, .. })
                if towns.as_ref().is_none_or(|towns| towns.contains(town)) =>
            {
                Some(Event::default().event("change").data(format!("{{\"case\":\"{case}\"}}")))
            }
            _ => None,
        }
    }
}

fn resync() -> Event {
    Event::default().event("resync").data("{}")
}

fn at(seq: i64) -> Event {
    Event::default().event("change").id(seq.to_string()).data(format!("{{\"seq\":{seq}}}"))
}

/// The stream of one case.
pub async fn case(site: Arc<Site>, parts: Parts, id: &str) -> Response<Body> {
    let Ok(case) = id.parse::<CaseId>() else { return bare(404) };
    // Listening begins before the present state is read, so that nothing falls between.
    let receiver = site.ctx.db.events().subscribe();
    let ctx = match who(&site, &parts).await {
        Ok(ctx) => ctx,
        Err(refusal) => return bare(refusal.status()),
    };
    if let Err(refusal) = app::case::may_watch(&ctx, case).await {
        return bare(refusal.status());
    }
    let seen = seen(&parts);
    let first = match seen {
        Some(seen) => match app::case::newest_seq(&ctx.db, case).await {
            Ok(newest) => (newest != seen).then(|| at(newest)),
            Err(error) => return bare(Refusal::from(error).status()),
        },
        None => None,
    };
    answer(&site, Watched::Case(case), receiver, first)
}

/// The newest change that the asker knows of: the last one that the stream told, else the one that the page was made with.
fn seen(parts: &Parts) -> Option<i64> {
    let last = parts.headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let of_page = parts.uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("seen=")));
    [last, of_page].into_iter().flatten().find_map(|text| text.parse().ok())
}

/// The stream of the desk of whoever is signed in.
pub async fn desk(site: Arc<Site>, parts: Parts) -> Response<Body> {
    let receiver = site.ctx.db.events().subscribe();
    let ctx = match who(&site, &parts).await {
        Ok(ctx) => ctx,
        Err(refusal) => return bare(refusal.status()),
    };
    let Actor::Signed(signed, _) = &ctx.actor else { return bare(401) };
    let towns = if signed.is_anywhere(Role::DistrictOffice) {
        None
    } else {
        Some(signed.desk_towns().into_iter().map(str::to_owned).collect())
    };
    // What a reconnecting desk missed is not known by number: it asks anew.
    let first = parts.headers.contains_key("last-event-id").then(resync);
    answer(&site, Watched::Desk(towns), receiver, first)
}

async fn who(site: &Site, parts: &Parts) -> Result<Ctx, Refusal> {
    let person = session::person(site, &parts.extensions, &parts.headers, false).await?;
    Ok(site.ctx.acting_as(person.actor))
}

/// Whether an answer is one of these streams.
#[must_use]
pub fn is_stream(response: &Response<Body>) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream")
}

fn answer(site: &Site, watched: Watched, receiver: Receiver<Change>, first: Option<Event>) -> Response<Body> {
    let stopped = site.stop.clone().cancelled_owned();
    let events = stream::iter(first.map(Ok)).chain(changes(watched, receiver)).take_until(stopped);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    let headers = response.headers_mut();
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    // A proxy in between must not wait for more.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    // A stream is not sent by hyper, which would say it.
    let now = site.ctx.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    headers.extend(HeaderValue::from_str(&now).ok().map(|now| (DATE, now)));
    response
}

fn changes(watched: Watched, receiver: Receiver<Change>) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    stream::unfold((watched, receiver), |(watched, mut receiver)| async move {
        loop {
            let event = match receiver.recv().await {
                Ok(change) => watched.event(&change),
                Err(RecvError::Lagged(_)) => Some(resync()),
                Err(RecvError::Closed) => return None,
            };
            if let Some(event) = event {
                return Some((Ok(event), (watched, receiver)));
            }
        }
    })
}
