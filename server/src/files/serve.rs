//! Stored files on their way out: released ones to everybody, others to those who work on the case.

use std::sync::Arc;

use app::carrier::photo_for;
use app::error::Refusal;
use app::ids::FileId;
use app::topic::store::{FileGrant, file_for};
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode};
use tokio_util::io::ReaderStream;

use crate::http::page::Frame;
use crate::http::site::Site;
use crate::http::{error, security, session};

/// Answers a request for a file.
pub async fn serve(site: Arc<Site>, parts: Parts, id: &str) -> Response<Body> {
    match find(&site, &parts, id).await {
        Ok(response) => response,
        Err(refusal) => error::answer(&site, &refusal, Frame::plain(&site, &parts)).await,
    }
}

async fn find(site: &Site, parts: &Parts, id: &str) -> Result<Response<Body>, Refusal> {
    let id: FileId = id.parse().map_err(|_| Refusal::NotFound)?;
    let person = session::person(site, &parts.extensions, &parts.headers, false).await?;
    let ctx = site.ctx.acting_as(person.actor);
    let grant = match file_for(&ctx, id).await? {
        Some(grant) => grant,
        None => photo_for(&ctx, id).await?.ok_or(Refusal::NotFound)?,
    };
    let path = site.files.path(&grant.sha256).ok_or_else(|| Refusal::internal(&"a stored hash is no hash"))?;
    let etag = format!("\"{}\"", &grant.sha256[..32]);
    let known = parts.headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|v| v == etag);
    let mut response = if known {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let file = tokio::fs::File::open(&path).await.map_err(|error| Refusal::internal(&error))?;
        let size = file.metadata().await.map_err(|error| Refusal::internal(&error))?.len();
        let mut response = Response::new(Body::from_stream(ReaderStream::with_capacity(file, 64 << 10)));
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(size));
        response
    };
    describe(&mut response, &grant, &etag);
    Ok(response)
}

fn describe(response: &mut Response<Body>, grant: &FileGrant, etag: &str) {
    let headers = response.headers_mut();
    let text = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    headers.insert(CONTENT_TYPE, text(&grant.media_type));
    headers.insert(ETAG, text(etag));
    // It may be withdrawn: asked for each time, sent once.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(VARY, HeaderValue::from_static("cookie"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(security::FILE));
    // Pictures were re-encoded when they arrived and can be shown; a document is for the program that knows it.
    let inline = grant.media_type.starts_with("image/");
    headers.insert(CONTENT_DISPOSITION, text(&disposition(inline, &grant.name)));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
}

/// Shown in the page or saved under its name.
fn disposition(inline: bool, name: &str) -> String {
    let how = if inline { "inline" } else { "attachment" };
    format!("{how}; filename*=UTF-8''{}", error::encode(name).replace('/', "%2F").replace('~', "%7E"))
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_file_is_saved_under_its_name_whatever_is_in_it() {
        assert_eq!(
            disposition(false, "路灯 方案.docx"),
            "attachment; filename*=UTF-8''%E8%B7%AF%E7%81%AF%20%E6%96%B9%E6%A1%88.docx"
        );
        assert_eq!(disposition(true, "a\"\r\n;/b.jpg"), "inline; filename*=UTF-8''a%22%0D%0A%3B%2Fb.jpg");
    }
}
