//! Styles, scripts, icons and the browser bundle, out of the executable itself.
//!
//! The build writes every file under a name that holds the hash of its content
//! (`/pkg/main.3f9c….css`), so a browser may keep it for ever and a new version
//! is a new address. [`url`] gives the address for a plain name.

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

/// One file of the site, in up to three encodings.
struct File {
    url: &'static str,
    name: &'static str,
    etag: &'static str,
    content_type: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// The service worker of the door.
const DOOR_WORKER: &str = "door-worker.js";

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of the file with this plain name: `main.css`, `public.js`,
/// `mark.svg` (paths below `style/`), `live.js`, `app.js`, `app.wasm`.
/// `None` when the site was not built or has no such file.
pub fn url(name: &str) -> Option<&'static str> {
    FILES.iter().find(|file| file.name == name).map(|file| file.url)
}

/// Answers a request for an asset; the fallback for every path below `/pkg/`.
///
/// GET and HEAD; 304 when the browser has it; brotli or gzip when it takes them;
/// 404 for a name that is not in this executable, 405 for another method.
pub async fn serve(request: Request<Body>) -> Response<Body> {
    answer(FILES, request.method(), request.uri().path(), request.headers())
}

fn answer(files: &'static [File], method: &Method, path: &str, headers: &HeaderMap) -> Response<Body> {
    let head = method == Method::HEAD;
    if !head && method != Method::GET {
        return bare(StatusCode::METHOD_NOT_ALLOWED);
    }
    // The generated table is in the order of the addresses.
    let Ok(index) = files.binary_search_by(|file| file.url.cmp(path)) else {
        return bare(StatusCode::NOT_FOUND);
    };
    let file = &files[index];
    if has_it(headers, file.etag) {
        let mut response = bare(StatusCode::NOT_MODIFIED);
        describe(response.headers_mut(), file);
        return response;
    }
    let (encoding, bytes) = choose(file, headers);
    let mut response = Response::new(if head { Body::empty() } else { Body::from(bytes) });
    let out = response.headers_mut();
    describe(out, file);
    out.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    out.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    out.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if file.name == DOOR_WORKER {
        // It serves pages outside its own folder; which one, the page says that starts it.
        out.insert("service-worker-allowed", HeaderValue::from_static("/desk/topics/"));
    }
    if let Some(encoding) = encoding {
        out.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// What a full answer and a 304 have in common.
fn describe(headers: &mut HeaderMap, file: &File) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(ETAG, HeaderValue::from_static(file.etag));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn has_it(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let one = one.trim();
            one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag
        })
}

/// The smallest form that the browser takes.
fn choose(file: &File, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    if let Some(bytes) = file.brotli.filter(|_| accepts(headers, "br")) {
        return (Some("br"), bytes);
    }
    if let Some(bytes) = file.gzip.filter(|_| accepts(headers, "gzip")) {
        return (Some("gzip"), bytes);
    }
    (None, file.plain)
}

/// Whether an `Accept-Encoding` header names `coding` with a weight above zero.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let (name, weight) = one.split_once(';').unwrap_or((one, ""));
            let refused = weight
                .trim()
                .strip_prefix("q=")
                .is_some_and(|weight| weight.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0));
            name.trim().eq_ignore_ascii_case(coding) && !refused
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    static SOME: &[File] = &[
        File {
            url: "/pkg/icons/mark.0b.svg",
            name: "icons/mark.svg",
            etag: "\"0b\"",
            content_type: "image/svg+xml",
            plain: b"<svg/>",
            brotli: None,
            gzip: None,
        },
        File {
            url: "/pkg/main.0a.css",
            name: "main.css",
            etag: "\"0a\"",
            content_type: "text/css; charset=utf-8",
            plain: b"plain text",
            brotli: Some(b"br"),
            gzip: Some(b"gzip"),
        },
    ];

    fn ask(method: &Method, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (name.parse::<axum::http::HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
            })
            .collect();
        answer(SOME, method, path, &headers)
    }

    #[test]
    fn sends_the_smallest_form_the_browser_takes() {
        for (accepted, encoding, length) in [
            ("gzip, deflate, br, zstd", Some("br"), "2"),
            ("gzip", Some("gzip"), "4"),
            ("gzip;q=0.5, br;q=0", Some("gzip"), "4"),
            ("identity", None, "10"),
            ("", None, "10"),
        ] {
            let response = ask(&Method::GET, "/pkg/main.0a.css", &[("accept-encoding", accepted)]);
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers().get(CONTENT_ENCODING).map(|v| v.to_str().unwrap()), encoding, "{accepted}");
            assert_eq!(response.headers()[CONTENT_LENGTH], length, "{accepted}");
            assert_eq!(response.headers()[VARY], "accept-encoding");
        }
    }

    #[test]
    fn may_be_kept_for_ever() {
        let response = ask(&Method::GET, "/pkg/icons/mark.0b.svg", &[]);
        assert_eq!(response.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(response.headers()[ETAG], "\"0b\"");
        assert_eq!(response.headers()[CONTENT_TYPE], "image/svg+xml");
    }

    #[test]
    fn is_not_sent_again_to_who_has_it() {
        for known in ["\"0a\"", "W/\"0a\"", "\"zz\", \"0a\"", "*"] {
            let response = ask(&Method::GET, "/pkg/main.0a.css", &[("if-none-match", known)]);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
        }
        assert_eq!(ask(&Method::GET, "/pkg/main.0a.css", &[("if-none-match", "\"zz\"")]).status(), StatusCode::OK);
    }

    #[test]
    fn refuses_unknown_names_and_other_methods() {
        assert_eq!(ask(&Method::GET, "/pkg/main.css", &[]).status(), StatusCode::NOT_FOUND);
        assert_eq!(ask(&Method::GET, "/pkg/../main.0a.css", &[]).status(), StatusCode::NOT_FOUND);
        assert_eq!(ask(&Method::POST, "/pkg/main.0a.css", &[]).status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn head_tells_the_length_without_the_bytes() {
        let response = ask(&Method::HEAD, "/pkg/main.0a.css", &[]);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_LENGTH], "10");
    }

    #[test]
    fn the_embedded_table_can_be_searched() {
        assert!(FILES.is_sorted_by_key(|file| file.url));
        for file in FILES {
            assert_eq!(url(file.name), Some(file.url));
        }
    }
}
