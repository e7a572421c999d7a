//! Calendar feeds: iCalendar text that calendars ask for now and again.

use std::sync::Arc;

use app::error::Refusal;
use app::ids::AccountId;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};

use crate::http::error;
use crate::http::page::{Frame, bare};
use crate::http::site::Site;

/// The private feed of a person: `/calendar/mine/{account}/{token}.ics`. Whoever has the address gets it, without a
/// session: calendars cannot sign in.
pub async fn mine(site: Arc<Site>, parts: Parts, (account, file): (String, String)) -> Response<Body> {
    match text(&site, &account, &file).await {
        Ok(text) => {
            let mut response = bare(200);
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            *response.body_mut() = Body::from(text);
            response
        }
        Err(refusal) => {
            // The address is not repeated on the page: it may hold half a secret.
            let frame = Frame { path: "/".to_owned(), ..Frame::plain(&site, &parts) };
            error::answer(&site, &refusal, frame).await
        }
    }
}

async fn text(site: &Site, account: &str, file: &str) -> Result<String, Refusal> {
    let account: AccountId = account.parse().map_err(|_| Refusal::NotFound)?;
    let token = file.strip_suffix(".ics").ok_or(Refusal::NotFound)?;
    app::letter::feed::mine(&site.ctx, account, token).await
}
