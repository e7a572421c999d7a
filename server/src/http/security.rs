//! Headers that keep a browser from doing what no page of ours asks for, and the check that a write comes from our own
//! pages.

use app::web::Serving;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERER, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::config::PublicUrl;

/// What public and personal pages may load: our own style, pictures and the one script.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Live pages also start the compiled code of their islands.
const LIVE: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// A stored file is shown, and runs nothing.
pub(crate) const FILE: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// The policy of a page.
#[must_use]
pub fn policy(serving: Serving) -> HeaderValue {
    HeaderValue::from_static(match serving {
        Serving::Live => LIVE,
        Serving::Public | Serving::Clocked | Serving::Personal | Serving::Fragment => PAGE,
    })
}

/// The header that says what a page may ask the device for.
const PERMISSIONS: &str = "permissions-policy";
/// What a page may ask the device for: nothing.
const NOTHING: &str =
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()";
/// A page that reads codes may ask for the camera.
const CAMERA: &str = "accelerometer=(), camera=(self), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()";

/// Lets a page ask for the camera.
pub fn allow_camera(headers: &mut HeaderMap) {
    headers.insert(PERMISSIONS, HeaderValue::from_static(CAMERA));
}

/// Puts on the headers that every answer has; policies that are there stay.
pub fn protect(headers: &mut HeaderMap) {
    const ALWAYS: [(HeaderName, &str); 4] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(PAGE));
    headers.entry(PERMISSIONS).or_insert(HeaderValue::from_static(NOTHING));
}

/// Where a write comes from, as far as its headers prove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A page of ours.
    Own,
    /// Another site.
    Foreign,
    /// Nothing is proved: a program, or a browser that hides everything.
    Unproved,
}

/// Reads where a write comes from: `Sec-Fetch-Site`, else `Origin`, else `Referer`.
#[must_use]
pub fn source(headers: &HeaderMap, site: &PublicUrl) -> Source {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(relation) = text(HeaderName::from_static("sec-fetch-site")) {
        return if matches!(relation, "same-origin" | "none") { Source::Own } else { Source::Foreign };
    }
    let origin = text(ORIGIN).or_else(|| text(REFERER).map(origin_of));
    match origin {
        None => Source::Unproved,
        Some(origin) if is_own(origin, text(HOST).unwrap_or_default(), site) => Source::Own,
        Some(_) => Source::Foreign,
    }
}

/// Scheme, host and port of an address.
fn origin_of(address: &str) -> &str {
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find(['/', '?', '#']).map_or(address.len(), |at| start + at);
    &address[..end]
}

/// Our own origin is the site's address. Somebody on the machine itself may open it by another of its numbers; a *name*
/// other than the site's is never ours, for it may be pointed at this machine by others.
fn is_own(origin: &str, host: &str, site: &PublicUrl) -> bool {
    if origin.eq_ignore_ascii_case(site.as_str()) {
        return true;
    }
    let Some(named) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else {
        return false;
    };
    let bare = match named.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => named.split(':').next().unwrap_or_default(),
    };
    let numeric = bare.parse::<std::net::IpAddr>().is_ok() || bare.eq_ignore_ascii_case("localhost");
    numeric && named.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(headers: &[(&'static str, &'static str)]) -> Source {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        source(&map, &PublicUrl::parse("https://consult.example").unwrap())
    }

    #[test]
    fn only_our_own_pages_may_write() {
        use Source::{Foreign, Own, Unproved};
        for (headers, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], Own),
            (&[("sec-fetch-site", "none")], Own),
            (&[("sec-fetch-site", "same-site")], Foreign),
            (&[("sec-fetch-site", "cross-site")], Foreign),
            // The browser's own word outweighs what a page can make look right.
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://consult.example")], Foreign),
            (&[("origin", "https://consult.example")], Own),
            (&[("origin", "https://CONSULT.example")], Own),
            (&[("origin", "http://consult.example")], Foreign),
            (&[("origin", "https://consult.example.evil.example")], Foreign),
            (&[("origin", "https://evil.example"), ("referer", "https://consult.example/x")], Foreign),
            (&[("origin", "null")], Foreign),
            (&[("origin", "")], Foreign),
            (&[("referer", "https://consult.example/topics/new?a=b")], Own),
            (&[("referer", "https://consult.example")], Own),
            (&[("referer", "https://evil.example/?https://consult.example/")], Foreign),
            (&[("referer", "")], Foreign),
            (&[], Unproved),
            (&[("host", "consult.example")], Unproved),
            (&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")], Own),
            (&[("origin", "http://[::1]:3000"), ("host", "[::1]:3000")], Own),
            (&[("origin", "http://localhost:3000"), ("host", "localhost:3000")], Own),
            (&[("origin", "http://127.0.0.1:3001"), ("host", "127.0.0.1:3000")], Foreign),
            // A name that somebody pointed at this machine.
            (&[("origin", "http://rebound.example:3000"), ("host", "rebound.example:3000")], Foreign),
        ] {
            assert_eq!(from(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn no_page_may_run_inline_scripts_or_take_styles_from_attributes() {
        let all = [Serving::Public, Serving::Clocked, Serving::Personal, Serving::Fragment, Serving::Live];
        for serving in all {
            let policy = policy(serving);
            let policy = policy.to_str().unwrap();
            assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
            assert_eq!(policy.contains("wasm"), serving == Serving::Live);
        }
    }
}
