//! What the browser is told beside the page, and where writes may come from.

use axum::body::Body;
use axum::http::Request;

use crate::support::{world, world_with};

#[tokio::test]
async fn no_page_lets_the_browser_do_what_none_of_ours_asks_for() {
    let world = world().await;
    for path in
        ["/form", "/rules-in-force", "/live-page", "/piece?q=a", "/nowhere", "/for-staff", "/health", "/pkg/none.css"]
    {
        let answer = world.browser().get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(policy.contains("wasm-unsafe-eval"), path == "/live-page", "{path}: {policy}");
    }
}

#[tokio::test]
async fn pages_have_no_inline_script_or_style() {
    let world = world().await;
    for path in ["/form", "/rules-in-force", "/live-page", "/nowhere"] {
        let html = world.browser().get(path).await.text();
        assert!(!html.contains("<style") && !html.contains(" style="), "{path}");
        assert!(!html.contains("<script>") && !html.contains(" onclick="), "{path}");
    }
}

#[tokio::test]
async fn personal_pages_are_kept_nowhere_and_public_ones_are_asked_for_again() {
    let world = world().await;
    assert_eq!(world.browser().get("/form").await.header("cache-control"), "no-store");
    assert_eq!(world.browser().get("/nowhere").await.header("cache-control"), "no-store");
    let public = world.browser().get("/rules-in-force").await;
    assert_eq!(public.header("cache-control"), "no-cache");
    assert_eq!(public.header("x-robots-tag"), "");
}

#[tokio::test]
async fn a_form_is_taken_from_our_own_pages_only() {
    let world = world().await;
    for (headers, status) in [
        (&[("sec-fetch-site", "same-origin")][..], 303),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("origin", "http://127.0.0.1:3000")], 303),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "null")], 403),
        (&[("referer", "http://127.0.0.1:3000/form")], 303),
        (&[("referer", "https://evil.example/form")], 403),
        (&[], 403),
    ] {
        let mut request = Request::post("/form").header("host", "127.0.0.1:3000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("words=my+words"))
            .unwrap();
        let answer = world.ask(request).await;
        answer.is(status);
        if status == 403 {
            answer.says("没有受理");
        }
    }
}

#[tokio::test]
async fn what_another_site_wrote_is_not_shown_as_the_readers_own_words() {
    let world = world().await;
    let send = |name: &'static str, value: &'static str| {
        Request::post("/form")
            .header(name, value)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("words=my+words"))
            .unwrap()
    };
    world.ask(send("sec-fetch-site", "cross-site")).await.is(403).hides("my words");
    // A browser that tells nothing at all gets its form back, filled.
    world.ask(send("x-nothing", "1")).await.is(403).says("my words");
}

#[tokio::test]
async fn behind_tls_cookies_are_for_tls_only() {
    let world = world_with(&[("public_url", "https://consult.example")]).await;
    let mut browser = world.browser();
    let answer = browser.post("/form", &[("do", "cookie")]).await;
    let cookies: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 2);
    for cookie in cookies {
        assert!(
            cookie.starts_with("__Host-") && cookie.contains("; Secure") && cookie.contains("; HttpOnly"),
            "{cookie}"
        );
        assert!(cookie.contains("; Path=/") && cookie.contains("; SameSite=Lax"), "{cookie}");
    }
}

#[tokio::test]
async fn reading_leaves_no_cookie() {
    let world = world().await;
    for path in ["/form", "/rules-in-force", "/nowhere"] {
        assert_eq!(world.browser().get(path).await.header("set-cookie"), "", "{path}");
    }
}
