//! What the script of the door asks for: the list, and the place where check-ins go that were made without a network.
//!
//! Both speak JSON; a refusal is `{"sentence": "…"}` with its status. Nothing of it is kept by any cache on the way.

use std::sync::Arc;
use std::time::Duration;

use app::context::Ctx;
use app::error::Refusal;
use app::ids::CaseId;
use app::meeting::device::{self, Noted};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderName, Response};
use serde_json::json;

use crate::http::limits::Limited;
use crate::http::page::bare;
use crate::http::site::Site;
use crate::http::{error, security, session};

/// Bytes of one sending: a check-in is some two hundred.
const SENT: usize = 64 << 10;
/// How long it may take to arrive.
const PAUSE: Duration = Duration::from_secs(30);
/// What a sending counts as among the forms.
const PATH: &str = "/desk/topics/{id}/door/sync";

/// The list of the door as a whole, or with `?since=` what changed on it.
pub async fn list(site: Arc<Site>, parts: Parts, id: &str) -> Response<Body> {
    let since = parts.uri.query().and_then(|query| query.strip_prefix("since=")).and_then(|value| value.parse().ok());
    let asked = async {
        let case: CaseId = id.parse().map_err(|_| Refusal::NotFound)?;
        let person = session::person(&site, &parts.extensions, &parts.headers, false).await?;
        device::list(&site.ctx.acting_as(person.actor), case, since).await
    };
    asked.await.map_or_else(|refusal| refused(&refusal), |list| answer(200, serde_json::to_vec(&list)))
}

/// Takes check-ins: a list of them in, what became of each out.
pub async fn sync(site: Arc<Site>, request: Request, id: &str) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let taken = async {
        let person = session::person(&site, &parts.extensions, &parts.headers, false).await?;
        if person.actor.signed().is_none() {
            return Err(Refusal::NotSignedIn);
        }
        if security::source(&parts.headers, &site.public_url) != security::Source::Own {
            return Err(Refusal::CrossSite);
        }
        let case: CaseId = id.parse().map_err(|_| Refusal::NotFound)?;
        let ctx: Ctx = site.ctx.acting_as(person.actor);
        site.limits.count(Limited::of(PATH), &person.prefix, ctx.now())?;
        let bytes = tokio::time::timeout(PAUSE, axum::body::to_bytes(body, SENT))
            .await
            .map_err(|_| Refusal::Unavailable("网络太慢，这次没有交成，稍后再交。".to_owned()))?
            .map_err(|_| Refusal::TooLarge(format!("一次最多补交 {} 条签到，请分几次交。", device::BATCH)))?;
        let noted: Vec<Noted> =
            serde_json::from_slice(&bytes).map_err(|_| Refusal::field("", "这次补交的签到读不懂，请刷新页面再交。"))?;
        device::sync(&ctx, case, noted).await
    };
    taken.await.map_or_else(|refusal| refused(&refusal), |answers| answer(200, serde_json::to_vec(&answers)))
}

fn refused(refusal: &Refusal) -> Response<Body> {
    let sentence = match refusal {
        Refusal::Invalid(errors) => errors.first().map(|error| error.sentence.clone()),
        _ => None,
    };
    let sentence = sentence.unwrap_or_else(|| refusal.sentence());
    let mut response = answer(refusal.status(), serde_json::to_vec(&json!({ "sentence": sentence })));
    error::mark(&mut response, refusal);
    response
}

fn answer(status: u16, text: serde_json::Result<Vec<u8>>) -> Response<Body> {
    let Ok(text) = text else { return bare(500) };
    let mut response = bare(status);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    *response.body_mut() = Body::from(text);
    response
}
