//! From the table of pages to handlers: a request in, a whole document out.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::access::{Actor, Role, Visitor};
use app::context::Ctx;
use app::error::{FormState, Refusal};
use app::ids::RequestId;
use app::live::{LiveHead, render};
use app::ui::{DeskShell, PublicShell, REQUEST_ID_FIELD, SignedIn, Stamp};
use app::web::{Appearance, Chrome, Cookie, Form, Outcome, Page, Route, Script, Serving, StagedFile, desk_draft};
use axum::body::{Body, Bytes};
use axum::extract::RawPathParams;
use axum::extract::rejection::RawPathParamsRejection;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, LOCATION, SET_COOKIE, USER_AGENT, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use leptos::prelude::*;

use super::cache::{Key, Rendered};
use super::form::{self, Received};
use super::limits::Limited;
use super::session::{self, Person};
use super::site::Site;
use super::{cookies, error, security};

/// Bytes of a query that are read.
const QUERY: usize = 4096;

/// Values of a path's placeholders, by name.
pub type Params = BTreeMap<String, String>;

/// What the frame around a page depends on.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Path and query: where switches and links lead back to.
    pub path: String,
    /// How it looks.
    pub appearance: Appearance,
    /// Who sees it.
    pub actor: Actor,
    /// How it is served.
    pub serving: Serving,
}

impl Frame {
    /// The frame of a page for a visitor of whom nothing is known.
    #[must_use]
    pub fn plain(site: &Site, parts: &Parts) -> Self {
        Self {
            path: address(parts),
            appearance: cookies::appearance(site.jar, &parts.headers),
            actor: Actor::Visitor(Visitor::default()),
            serving: Serving::Personal,
        }
    }
}

/// Path and query as they were asked for.
fn address(parts: &Parts) -> String {
    parts.uri.path_and_query().map_or_else(|| "/".to_owned(), |address| address.as_str().to_owned())
}

/// The values of a query by name; of several with one name the first.
fn query(parts: &Parts) -> BTreeMap<String, String> {
    let raw = parts.uri.query().unwrap_or_default().as_bytes();
    let mut values = BTreeMap::new();
    for pair in raw[..raw.len().min(QUERY)].split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
        let name = form::readable(&form::decode(&pair[..at]));
        let value = form::readable(&form::decode(pair.get(at + 1..).unwrap_or_default()));
        values.entry(name).or_insert(value);
    }
    values
}

/// The path and its query in one form, however the values are ordered and written.
fn normal_address(path: &str, query: &BTreeMap<String, String>) -> String {
    query.iter().filter(|(_, value)| !value.is_empty()).enumerate().fold(
        path.to_owned(),
        |mut out, (n, (name, value))| {
            out.push(if n == 0 { '?' } else { '&' });
            out.push_str(&error::encode(name));
            out.push('=');
            out.push_str(&error::encode(value));
            out
        },
    )
}

/// The placeholders of a path; a value that no page can mean does not exist.
///
/// # Errors
/// [`Refusal::NotFound`].
pub fn params(raw: Result<RawPathParams, RawPathParamsRejection>) -> Result<Params, Refusal> {
    let raw = raw.map_err(|_| Refusal::NotFound)?;
    let values: Params = raw.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    if values.values().any(|value| value.chars().any(char::is_control)) {
        return Err(Refusal::NotFound);
    }
    Ok(values)
}

/// What a page function is given.
fn request(site: &Site, parts: &Parts, params: Params, ctx: Ctx, appearance: Appearance) -> app::web::Request {
    let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    app::web::Request {
        path: parts.uri.path().to_owned(),
        params,
        query: query(parts),
        form: FormState::default(),
        staged: Vec::new(),
        sheet: None,
        appearance,
        request_id: RequestId(ctx.new_id()),
        user_agent: user_agent.chars().take(500).collect(),
        site: site.facts.clone(),
        nonce: None,
        ctx,
    }
}

/// Answers GET and HEAD.
pub async fn show(
    site: Arc<Site>,
    route: &'static Route,
    params: Result<Params, Refusal>,
    parts: Parts,
) -> Response<Body> {
    let mut frame = Frame::plain(&site, &parts);
    frame.serving = route.serving;
    let shown = match params {
        Ok(params) if matches!(route.serving, Serving::Public | Serving::Clocked) => {
            show_public(&site, route, params, &parts, &frame).await
        }
        Ok(params) => show_personal(&site, route, params, &parts, &mut frame).await,
        Err(refusal) => Err(refusal),
    };
    match shown {
        Ok(response) => response,
        Err(Refusal::NotSignedIn) => see_other(&error::sign_in(&frame.path)),
        Err(refusal) => {
            if route.serving == Serving::Fragment {
                return bare(refusal.status());
            }
            frame.serving = Serving::Personal;
            error::answer(&site, &refusal, frame).await
        }
    }
}

async fn show_public(
    site: &Site,
    route: &'static Route,
    params: Params,
    parts: &Parts,
    frame: &Frame,
) -> Result<Response<Body>, Refusal> {
    // Nobody's page: whatever it shows, it shows to everybody.
    let ctx = site.ctx.acting_as(Actor::Visitor(Visitor::default()));
    let request = request(site, parts, params, ctx, frame.appearance);
    let clocked = route.serving == Serving::Clocked;
    let key = Key {
        address: normal_address(&request.path, &request.query),
        appearance: frame.appearance,
        day: site.ctx.today(),
        second: clocked.then(|| site.ctx.now().timestamp()),
    };
    let mut version = site.ctx.db.version().await?;
    if let Some(page) = site.pages.get(&key, &version) {
        return Ok(rendered(&page, &parts.headers));
    }
    let turn = site.pages.turn(&key).await;
    if turn.is_some() {
        version = site.ctx.db.version().await?;
        if let Some(page) = site.pages.get(&key, &version) {
            return Ok(rendered(&page, &parts.headers));
        }
    }
    let page = (route.get)(&request).await?;
    let stamp = site.stamp(&version).await?;
    let (status, private) = (page.status, page.private);
    // The switches lead back to the one form of the address, which is the same for everybody.
    let frame = Frame { path: key.address.clone(), ..frame.clone() };
    let html = document(site, page, frame, stamp, None);
    if status != 200 || (private && !clocked) {
        return Ok(whole(status, html, Serving::Personal));
    }
    let page = Arc::new(Rendered::new(html));
    let response = rendered(&page, &parts.headers);
    if key.is_worth_keeping() {
        site.pages.keep(key, version, page);
    }
    drop(turn);
    Ok(response)
}

async fn show_personal(
    site: &Site,
    route: &'static Route,
    params: Params,
    parts: &Parts,
    frame: &mut Frame,
) -> Result<Response<Body>, Refusal> {
    if route.serving != Serving::Fragment {
        frame.actor = session::person(site, &parts.extensions, &parts.headers, false).await?.actor;
    }
    let request = request(site, parts, params, site.ctx.acting_as(frame.actor.clone()), frame.appearance);
    let mut page = (route.get)(&request).await?;
    if let (Chrome::Desk, Some(case), done) = (page.chrome, request.params.get("id"), request.query("done"))
        && !done.is_empty()
    {
        page.draft_done = page.draft_done.or_else(|| Some(desk_draft(&frame.actor, case, done)));
    }
    Ok(answer(site, page, frame.clone()).await)
}

/// Answers POST.
pub async fn take(
    site: Arc<Site>,
    route: &'static Route,
    params: Result<Params, Refusal>,
    parts: Parts,
    body: Body,
) -> Response<Body> {
    let mut frame = Frame::plain(&site, &parts);
    let person = match session::person(&site, &parts.extensions, &parts.headers, true).await {
        Ok(person) => person,
        Err(refusal) => return error::answer(&site, &refusal, frame).await,
    };
    frame.actor = person.actor.clone();
    frame.serving = match route.serving {
        Serving::Live => Serving::Live,
        _ => Serving::Personal,
    };
    let foreign = security::source(&parts.headers, &site.public_url) == security::Source::Foreign;
    // Another site leaves nothing in the reader's browser.
    let cookie = person.new_browser.clone().filter(|_| !foreign);
    let mut response = match take_form(&site, route, params, &parts, body, person, &frame).await {
        Ok(response) => response,
        Err(refusal) => {
            frame.serving = Serving::Personal;
            error::answer(&site, &refusal, frame).await
        }
    };
    set_cookies(&site, &mut response, cookie.as_slice());
    response
}

async fn take_form(
    site: &Site,
    route: &'static Route,
    params: Result<Params, Refusal>,
    parts: &Parts,
    body: Body,
    person: Person,
    frame: &Frame,
) -> Result<Response<Body>, Refusal> {
    let params = params?;
    let Some(post) = route.post else {
        return Err(Refusal::NotFound);
    };
    let source = security::source(&parts.headers, &site.public_url);
    if source == security::Source::Foreign {
        // What another site wrote is not shown as if the reader had written it.
        return Err(Refusal::CrossSite);
    }
    let ctx = site.ctx.acting_as(person.actor);
    let mut refusal = match source {
        security::Source::Own => None,
        _ => Some(Refusal::CrossSite),
    };
    if refusal.is_none() {
        refusal = site.limits.count(Limited::of(route.path), &person.prefix, ctx.now()).err();
    }
    let store = (route.files && refusal.is_none()).then_some(&site.files);
    let received = form::read(&ctx, store, &parts.headers, body).await;
    let refusal = refusal.or_else(|| received.refusal.clone());

    let mut request = request(site, parts, params, ctx, frame.appearance);
    request.ctx = request.ctx.with_request(request_of(route, &request.ctx, &received));
    request.sheet.clone_from(&received.sheet);
    let result = match refusal {
        Some(refusal) => Err(refusal),
        None => match demo_refused(site, route, &received).await? {
            Some(refusal) => Err(refusal),
            None => {
                let form = Form { values: received.values.clone(), files: received.files.clone() };
                post(&request, form).await
            }
        },
    };
    match result {
        Ok(outcome) => Ok(done(site, outcome, frame).await),
        Err(refusal) => Ok(again(site, route, request, received.values, received.files, refusal, frame).await),
    }
}

/// Under which id the form is carried out.
///
/// A public page is one page for everybody, and so is the id in its form. The id is therefore joined with what was sent:
/// the same content twice is one sending, another content is another.
fn request_of(route: &Route, ctx: &Ctx, received: &Received) -> Option<RequestId> {
    let sent: RequestId = received.values.get(REQUEST_ID_FIELD)?.first()?.parse().ok()?;
    if route.serving != Serving::Public {
        return Some(sent);
    }
    let content = format!("{:?}", received.values);
    let hash = ctx.secret.keyed("request", &[&sent.to_string(), route.path, &content]);
    let bytes = u128::from_str_radix(hash.get(..32)?, 16).ok()?;
    Some(RequestId(uuid::Builder::from_custom_bytes(bytes.to_be_bytes()).into_uuid()))
}

/// Accounts with printed passwords are for this machine only.
async fn demo_refused(site: &Site, route: &Route, received: &Received) -> Result<Option<Refusal>, Refusal> {
    if site.local || route.path != "/sign-in" {
        return Ok(None);
    }
    let login = received.values.get("login").and_then(|values| values.first()).map_or("", String::as_str);
    let demo = app::account::sessions::is_demo_login(&site.ctx.db, login).await?;
    Ok(demo.then(|| Refusal::field("login", "这是演示账号，只能在运行系统的那台机器上用。")))
}

/// The answer to a form that was carried out.
async fn done(site: &Site, outcome: Outcome, frame: &Frame) -> Response<Body> {
    match outcome {
        Outcome::SeeOther(to) => see_other(&to),
        Outcome::SeeOtherWith(to, cookies) => {
            let mut response = see_other(&to);
            set_cookies(site, &mut response, &cookies);
            response
        }
        Outcome::Page(page) => answer(site, page, frame.clone()).await,
    }
}

/// The page of a form that was refused: as it was sent, with what was wrong.
async fn again(
    site: &Site,
    route: &'static Route,
    mut request: app::web::Request,
    mut values: BTreeMap<String, Vec<String>>,
    files: Vec<StagedFile>,
    refusal: Refusal,
    frame: &Frame,
) -> Response<Body> {
    // Secrets never travel back.
    values.retain(|name, _| !matches!(name.as_str(), "password" | "old" | "new" | "again"));
    request.form = FormState::refused(values, refusal.clone());
    request.staged = files;
    request.ctx = request.ctx.with_request(None);
    let Ok(mut page) = (route.get)(&request).await else {
        // Whoever may not see the form any more (a session has ended) still gets back what was typed.
        let typed = if matches!(refusal, Refusal::CrossSite) { Vec::new() } else { error::typed(&request.form) };
        return error::answer_with(site, &refusal, typed, Frame { serving: Serving::Personal, ..frame.clone() }).await;
    };
    page.status = refusal.status();
    page.draft_done = None;
    let mut response = answer(site, page, frame.clone()).await;
    error::mark(&mut response, &refusal);
    response
}

/// A page that is nobody else's.
pub async fn answer(site: &Site, page: Page, frame: Frame) -> Response<Body> {
    let (status, serving, scans) = (page.status, frame.serving, page.script == Some(Script::Door));
    if serving == Serving::Fragment {
        let html = render(move || (page.body)());
        return whole(status, html, serving);
    }
    match furnish(site, page.chrome, page.status, &frame).await {
        Ok((stamp, who)) => {
            let mut response = whole(status, document(site, page, frame, stamp, who), serving);
            if scans {
                security::allow_camera(response.headers_mut());
            }
            response
        }
        Err(refusal) => {
            // The database went away between the page and its frame.
            let plain = Frame { actor: Actor::Visitor(Visitor::default()), serving: Serving::Personal, ..frame };
            let page = error::page(&refusal, Vec::new(), &plain.path, &plain.actor);
            whole(refusal.status(), document(site, page, plain, None, None), Serving::Personal)
        }
    }
}

/// What the frame shows beside the page.
async fn furnish(
    site: &Site,
    chrome: Chrome,
    status: u16,
    frame: &Frame,
) -> Result<(Option<Stamp>, Option<SignedIn>), Refusal> {
    if status >= 500 {
        return Ok((None, None));
    }
    let version = site.ctx.db.version().await?;
    let stamp = site.stamp(&version).await?;
    let who = match (chrome, frame.actor.signed()) {
        (Chrome::Desk, Some(signed)) => {
            let mut roles = Vec::with_capacity(signed.grants.len());
            for grant in &signed.grants {
                let town = match &grant.town {
                    Some(code) => site.town_name(code).await?,
                    None => String::new(),
                };
                roles.push(format!("{town}{}", grant.role.word()));
            }
            roles.dedup();
            let inside = signed.sees_district() || !signed.desk_towns().is_empty();
            let roster = !app::roster::register::seen_towns(&frame.actor).is_empty();
            let unit = !app::task::units_of(&frame.actor).is_empty();
            let member = signed.is_anywhere(Role::Member);
            Some(SignedIn { name: signed.name.clone(), role: roles.join("、"), inside, roster, unit, member })
        }
        _ => None,
    };
    Ok((stamp, who))
}

/// The whole document.
fn document(site: &Site, page: Page, frame: Frame, stamp: Option<Stamp>, who: Option<SignedIn>) -> String {
    let live = (frame.serving == Serving::Live).then_some(site.bundle).flatten();
    let shell = app::ui::Frame {
        assets: site.facts.assets.clone(),
        title: page.title,
        path: frame.path,
        current: page.current,
        appearance: frame.appearance,
        demo: site.facts.demo,
        draft_done: page.draft_done,
        script: page.script,
        private: page.private,
        stamp,
    };
    let (body, chrome) = (page.body, page.chrome);
    render(move || {
        let scripts = live.map(|bundle| view! { <LiveHead bundle/> }.into_any());
        match chrome {
            Chrome::Public => match scripts {
                Some(scripts) => view! { <PublicShell frame=shell scripts=scripts>{body()}</PublicShell> }.into_any(),
                None => view! { <PublicShell frame=shell>{body()}</PublicShell> }.into_any(),
            },
            Chrome::Desk => {
                let who = who.unwrap_or_default();
                match scripts {
                    Some(scripts) => {
                        view! { <DeskShell frame=shell who=who scripts=scripts>{body()}</DeskShell> }.into_any()
                    }
                    None => view! { <DeskShell frame=shell who=who>{body()}</DeskShell> }.into_any(),
                }
            }
        }
    })
}

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A document that is not kept.
fn whole(status: u16, html: String, serving: Serving) -> Response<Body> {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HTML);
    let keep = if serving == Serving::Fragment { "no-cache" } else { "no-store" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(CONTENT_SECURITY_POLICY, security::policy(serving));
    if serving != Serving::Public {
        headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    }
    response
}

/// A page from the rendered ones: as small as the browser takes it, or only the word that it has it already.
fn rendered(page: &Rendered, asked: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(ETAG, page.etag().clone());
    // To be asked for again each time: it may have changed a moment later.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding, cookie"));
    headers.insert(CONTENT_SECURITY_POLICY, security::policy(Serving::Public));
    if has_it(asked, page.etag()) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    let packing = page.packing(accepts(asked, "br"), accepts(asked, "gzip"));
    let bytes: Bytes = page.bytes(packing);
    headers.insert(CONTENT_TYPE, HTML);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    if let Some(coding) = packing.coding() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    *response.body_mut() = Body::from(bytes);
    response
}

fn has_it(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let Ok(etag) = etag.to_str() else { return false };
    let bare = etag.trim_start_matches("W/");
    parts_of(asked, &IF_NONE_MATCH).any(|one| one == "*" || one.trim_start_matches("W/") == bare)
}

/// Whether the browser takes a coding.
fn accepts(asked: &HeaderMap, coding: &str) -> bool {
    parts_of(asked, &ACCEPT_ENCODING).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused =
            weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()).is_some_and(|q| q <= 0.0);
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}

fn parts_of<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// 303 to another page of ours.
#[must_use]
pub fn see_other(to: &str) -> Response<Body> {
    let mut response = bare(303);
    // What is no ASCII stands percent-encoded in an address; so does a line end, should one ever get here.
    let to = to.bytes().fold(String::with_capacity(to.len()), |mut out, byte| {
        if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    });
    if let Ok(location) = HeaderValue::from_str(&to) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// An answer without a page.
#[must_use]
pub fn bare(status: u16) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Sets cookies with an answer.
pub fn set_cookies(site: &Site, response: &mut Response<Body>, cookies: &[Cookie]) {
    for header in cookies.iter().filter_map(|cookie| site.jar.set(cookie)) {
        response.headers_mut().append(SET_COOKIE, header);
    }
}

/// The page of a panic; made without the database, which may be what broke.
#[must_use]
pub fn panicked(site: &Site, refusal: &Refusal) -> Response<Body> {
    let parts = Request::new(()).into_parts().0;
    let frame = Frame::plain(site, &parts);
    let page = error::page(refusal, Vec::new(), "/", &frame.actor);
    whole(refusal.status(), document(site, page, frame, None, None), Serving::Personal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(uri: &str) -> Parts {
        Request::builder().uri(uri).body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_page_has_one_address_however_its_query_is_written() {
        let normal = |uri: &str| {
            let parts = parts(uri);
            normal_address(parts.uri.path(), &query(&parts))
        };
        assert_eq!(normal("/topics?b=2&a=1"), "/topics?a=1&b=2");
        assert_eq!(normal("/topics?a=1&b=2&c="), "/topics?a=1&b=2");
        assert_eq!(normal("/topics?a=%E8%B7%AF&a=x"), "/topics?a=%E8%B7%AF");
        assert_eq!(normal("/topics?q=a+b"), normal("/topics?q=a%20b"));
        assert_eq!(normal("/topics?"), "/topics");
        // Two values that could be taken for one another are not.
        assert_ne!(normal("/topics?a=1%26b=2"), normal("/topics?a=1&b=2"));
    }

    #[test]
    fn what_cannot_be_read_in_a_query_is_dropped() {
        let parts = parts("/topics?q=%00a%ff&n&=x");
        assert_eq!(query(&parts).get("q").map(String::as_str), Some("a\u{fffd}"));
        assert_eq!(query(&parts).get("n").map(String::as_str), Some(""));
    }

    #[test]
    fn an_answer_leads_to_one_address_only() {
        let location = see_other("/topics?q=路灯\r\nSet-Cookie: a=b");
        assert_eq!(location.headers()[LOCATION], "/topics?q=%E8%B7%AF%E7%81%AF%0D%0ASet-Cookie:%20a=b");
        assert_eq!(location.status(), StatusCode::SEE_OTHER);
    }
}
