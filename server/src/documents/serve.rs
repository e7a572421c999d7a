//! Documents as downloads.

use std::sync::Arc;

use app::access::Actor;
use app::archive::dossier::Dossier;
use app::context::Ctx;
use app::error::Refusal;
use app::ids::CaseId;
use app::minutes::pages::{inside_paper, public_paper};
use app::minutes::paper::MinutesPaper;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};
use tokio_util::io::ReaderStream;

use super::archive;
use super::minutes::minutes_docx;
use crate::files::storage_refusal;
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

const ZIP: HeaderValue = HeaderValue::from_static("application/zip");
/// 「案卷.zip」.
const FILE_NAME: HeaderValue =
    HeaderValue::from_static("attachment; filename=\"case.zip\"; filename*=UTF-8''%E6%A1%88%E5%8D%B7.zip");

/// `/desk/topics/{id}/file.zip`: the whole file of a case, for those who see the case from inside. Made in a file that is
/// gone once it was sent, so that memory does not grow with its size.
pub async fn file_of_case(site: Arc<Site>, parts: Parts, id: &str) -> Response<Body> {
    let person = match session::person(&site, &parts.extensions, &parts.headers, false).await {
        Ok(person) => person,
        Err(refusal) => return refused(&site, &parts, &refusal, None).await,
    };
    match packed(&site, &site.ctx.acting_as(person.actor.clone()), id).await {
        Ok((file, length)) => {
            let file = tokio::fs::File::from_std(file);
            let mut response = Response::new(Body::from_stream(ReaderStream::new(file)));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, ZIP);
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
            headers.insert(CONTENT_DISPOSITION, FILE_NAME);
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(refusal) => refused(&site, &parts, &refusal, Some(person.actor)).await,
    }
}

async fn packed(site: &Arc<Site>, ctx: &Ctx, id: &str) -> Result<(std::fs::File, u64), Refusal> {
    let case = id.parse::<CaseId>().map_err(|_| Refusal::NotFound)?;
    let dossier = Dossier::load(ctx, case).await?;
    let site = Arc::clone(site);
    let made = tokio::task::spawn_blocking(move || {
        let out = tempfile::tempfile().map_err(|error| storage_refusal(&error))?;
        let file =
            archive::write(&dossier, |sha256| site.files.path(sha256), out).map_err(|e| Refusal::internal(&e))?;
        let length = file.metadata().map_err(|error| storage_refusal(&error))?.len();
        Ok((file, length))
    });
    made.await.map_err(|e| Refusal::internal(&e))?
}

async fn refused(site: &Arc<Site>, parts: &Parts, refusal: &Refusal, actor: Option<Actor>) -> Response<Body> {
    let frame = Frame::plain(site, parts);
    let frame = match actor {
        Some(actor) => Frame { actor, ..frame },
        None => frame,
    };
    error::answer(site, refusal, frame).await
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
        Err(refusal) => refused(site, parts, &refusal, actor).await,
    }
}

/// The bytes of the document, made off the threads that answer.
async fn written(paper: MinutesPaper) -> Result<Vec<u8>, Refusal> {
    let made = tokio::task::spawn_blocking(move || minutes_docx(&paper)).await;
    made.map_err(|e| Refusal::internal(&e))?.map_err(|e| Refusal::internal(&e))
}
