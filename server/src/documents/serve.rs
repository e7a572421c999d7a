//! Documents as downloads.

use std::sync::Arc;

use app::access::Actor;
use app::error::Refusal;
use app::ids::CaseId;
use app::minutes::pages::{inside_paper, public_paper};
use app::minutes::paper::MinutesPaper;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};

use super::minutes::minutes_docx;
use crate::http::page::Frame;
use crate::http::site::Site;
use crate::http::{error, session};

const DOCX: HeaderValue =
    HeaderValue::from_static("application/vnd.openxmlformats-officedocument.wordprocessingml.document");
/// 「纪要.docx」, also for what reads no characters but the first hundred.
const NAME: HeaderValue =
    HeaderValue::from_static("attachment; filename=\"minutes.docx\"; filename*=UTF-8''%E7%BA%AA%E8%A6%81.docx");

/// `/topics/{id}/minutes.docx`: the newest minutes that were signed, with the names that everybody may read.
pub async fn public_minutes(site: Arc<Site>, parts: Parts, id: &str) -> Response<Body> {
    let paper = match id.parse::<CaseId>() {
        Ok(case) => public_paper(&site.ctx, case).await,
        Err(_) => Err(Refusal::NotFound),
    };
    answer(&site, &parts, paper, None).await
}

/// `/desk/topics/{id}/minutes.docx`: the minutes as they stand, with all names, for those who see the case from inside.
pub async fn inside_minutes(site: Arc<Site>, parts: Parts, id: &str) -> Response<Body> {
    let person = match session::person(&site, &parts.extensions, &parts.headers, false).await {
        Ok(person) => person,
        Err(refusal) => return answer(&site, &parts, Err(refusal), None).await,
    };
    let ctx = site.ctx.acting_as(person.actor.clone());
    let paper = match id.parse::<CaseId>() {
        Ok(case) => inside_paper(&ctx, case).await,
        Err(_) => Err(Refusal::NotFound),
    };
    answer(&site, &parts, paper, Some(person.actor)).await
}

async fn answer(
    site: &Arc<Site>,
    parts: &Parts,
    paper: Result<Option<MinutesPaper>, Refusal>,
    actor: Option<Actor>,
) -> Response<Body> {
    let bytes = match paper {
        Ok(Some(paper)) => written(paper).await,
        Ok(None) => Err(Refusal::NotFound),
        Err(refusal) => Err(refusal),
    };
    match bytes {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, DOCX);
            headers.insert(CONTENT_DISPOSITION, NAME);
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(refusal) => {
            let frame = Frame::plain(site, parts);
            let frame = match actor {
                Some(actor) => Frame { actor, ..frame },
                None => frame,
            };
            error::answer(site, &refusal, frame).await
        }
    }
}

/// The bytes of the document, made off the threads that answer.
async fn written(paper: MinutesPaper) -> Result<Vec<u8>, Refusal> {
    let made = tokio::task::spawn_blocking(move || minutes_docx(&paper)).await;
    made.map_err(|e| Refusal::internal(&e))?.map_err(|e| Refusal::internal(&e))
}
