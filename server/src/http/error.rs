//! What is sent when something is refused and there is no form to show it in.

use app::access::Actor;
use app::error::{FormState, Refusal};
use app::ui::{ErrorPage, Way};
use app::web::Page;
use axum::body::Body;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use leptos::prelude::*;

use super::page::{self, Frame};
use super::site::Site;

/// What a person wrote into a form, for the page that cannot show the form again: texts, not codes and ids.
#[must_use]
pub fn typed(form: &FormState) -> Vec<String> {
    let texts = form.values.values().flatten().map(|text| text.trim());
    texts.filter(|text| !text.is_ascii() || text.contains(char::is_whitespace)).map(str::to_owned).collect()
}

/// The page of a refusal, with ways back, and with what was `typed`.
#[must_use]
pub fn page(refusal: &Refusal, typed: Vec<String>, path: &str, actor: &Actor) -> Page {
    let mut ways = Vec::new();
    match refusal {
        Refusal::NotSignedIn => ways.push(Way::new("去登录", sign_in(path))),
        Refusal::NotFound | Refusal::Forbidden { .. } | Refusal::Gone(_) => {}
        _ => ways.push(Way::new("回到刚才的页面", path)),
    }
    if actor.signed().is_some() {
        ways.push(Way::new("我的事", "/desk"));
    } else {
        ways.push(Way::new("看看议题", "/topics"));
    }
    if ways.len() < 2 {
        ways.push(Way::new("回首页", "/"));
    }
    let (shown, title) = (refusal.clone(), title(refusal));
    let body = move || view! { <ErrorPage refusal=shown ways=ways typed=typed/> }.into_any();
    let mut page = Page::public(title, "", body).private();
    page.status = refusal.status();
    page
}

const fn title(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotSignedIn => "请先登录",
        Refusal::NotFound => "没有找到",
        Refusal::Gone(_) => "链接已失效",
        Refusal::Forbidden { .. } | Refusal::CrossSite => "不能这样做",
        Refusal::Internal { .. } | Refusal::Unavailable(_) => "出了差错",
        _ => "没有办成",
    }
}

/// The address of the sign-in page that leads back to `path`.
#[must_use]
pub fn sign_in(path: &str) -> String {
    format!("/sign-in?next={}", encode(path))
}

/// A text as a value of a query.
#[must_use]
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// The answer to a refusal.
pub async fn answer(site: &Site, refusal: &Refusal, frame: Frame) -> Response<Body> {
    answer_with(site, refusal, Vec::new(), frame).await
}

/// The answer to a refusal, with what was typed.
pub async fn answer_with(site: &Site, refusal: &Refusal, typed: Vec<String>, frame: Frame) -> Response<Body> {
    let page = page(refusal, typed, &frame.path, &frame.actor);
    let mut response = page::answer(site, page, frame).await;
    mark(&mut response, refusal);
    response
}

/// Headers that belong to a refusal.
pub fn mark(response: &mut Response<Body>, refusal: &Refusal) {
    if let Refusal::TooMany { retry_after_s, .. } = refusal {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*retry_after_s));
    }
}

/// The answer to a method that an address does not take.
#[must_use]
pub fn method_not_allowed(mut response: Response<Body>) -> Response<Body> {
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}
