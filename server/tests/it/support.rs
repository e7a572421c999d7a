//! The harness: a site in a temporary folder with a clock that is moved by hand, a browser that keeps cookies, and a few
//! small pages that show what a page is given.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::access::{Actor, Visitor};
use app::context::{Clock, Ctx, Random, SiteSecret};
use app::error::Refusal;
use app::storage::{Database, Durability, OpenOptions};
use app::web::{Cookie, Form, Outcome, Page, Request, Route, Serving};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Response, StatusCode};
use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use leptos::prelude::*;
use server::config::Given;
use server::http::site::Site;
use server::router::{router, router_of};
use tempfile::TempDir;
use tower::ServiceExt;

/// A site that is served to tests.
pub struct World {
    /// The site.
    pub site: Arc<Site>,
    /// The folder of its data.
    pub folder: TempDir,
    router: Router,
}

/// A site with the pages of this file.
pub async fn world() -> World {
    world_with(&[]).await
}

/// The same, with settings.
pub async fn world_with(settings: &[(&str, &str)]) -> World {
    build(settings, Some(PAGES)).await
}

/// A site with the pages of the product.
pub async fn product() -> World {
    product_with(&[]).await
}

/// The same, with settings.
pub async fn product_with(settings: &[(&str, &str)]) -> World {
    build(settings, None).await
}

async fn build(settings: &[(&str, &str)], pages: Option<&'static [Route]>) -> World {
    let folder = tempfile::tempdir().unwrap();
    let mut given = Given::default();
    given.set("data", folder.path().display().to_string(), "test").unwrap();
    for (name, value) in settings {
        given.set(name, (*value).to_owned(), "test").unwrap();
    }
    let config = given.finish().unwrap();
    let db = Database::open(&OpenOptions {
        url: config.database_url.reveal().to_owned(),
        durability: Durability::None,
        connections: 2,
    })
    .await
    .unwrap();
    let ctx = Ctx {
        db,
        clock: Clock::manual(start()),
        random: Random::from_seed(1),
        secret: SiteSecret::new([1; 32]),
        actor: Actor::Operator,
        request: None,
        shared: Arc::default(),
    };
    app::town::install(&ctx).await.unwrap();
    let site = Site::new(ctx.acting_as(Actor::Visitor(Visitor::default())), &config).unwrap();
    let router = pages.map_or_else(|| router(&site), |pages| router_of(&site, pages));
    World { site, folder, router }
}

/// When every story begins: a Wednesday morning.
pub fn start() -> DateTime<Utc> {
    "2026-11-18T01:00:00Z".parse().unwrap()
}

impl World {
    /// A browser that has never been here.
    pub fn browser(&self) -> Browser<'_> {
        Browser { world: self, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// The context of somebody at the machine itself.
    pub fn operator(&self) -> Ctx {
        self.site.ctx.acting_as(Actor::Operator)
    }

    /// Names of what lies in a folder of the data, with that of its folders.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else {
                    found.push(entry.file_name().to_string_lossy().into_owned());
                }
            }
        }
        found
    }

    /// Asks just so.
    pub async fn ask(&self, request: axum::http::Request<Body>) -> Answer {
        Answer::of(self.open(request).await).await
    }

    /// Asks, and leaves the body to be read as it comes.
    pub async fn open(&self, request: axum::http::Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }
}

/// A browser: keeps cookies, and says of its forms that they come from the site.
pub struct Browser<'w> {
    world: &'w World,
    /// Its cookies.
    pub cookies: BTreeMap<String, String>,
    /// What it sends besides.
    pub headers: Vec<(&'static str, String)>,
}

impl Browser<'_> {
    /// With one more header.
    pub fn saying(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], Body::empty()).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>();
        self.post_raw(path, "application/x-www-form-urlencoded", body.join("&")).await
    }

    /// Sends a form with files.
    pub async fn upload(&mut self, path: &str, parts: Parts) -> Answer {
        self.post_raw(path, &Parts::kind(), parts.end()).await
    }

    /// Sends anything.
    pub async fn post_raw(&mut self, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
        self.ask(Method::POST, path, &[("content-type", kind), ("sec-fetch-site", "same-origin")], body.into()).await
    }

    async fn ask(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = axum::http::Request::builder().method(method).uri(path).header("host", "127.0.0.1:3000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let answer = self.world.ask(request.body(body).unwrap()).await;
        for set in answer.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// An answer with its whole body.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 100 << 20).await.unwrap();
        Self { status: parts.status, headers: parts.headers, bytes }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header, or the empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Whether the text holds this; shows the text when not.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.text().contains(words), "「{words}」 is missing:\n{} {}", self.status, self.text());
        self
    }

    /// That the text does not hold this.
    #[track_caller]
    pub fn hides(&self, words: &str) -> &Self {
        assert!(!self.text().contains(words), "「{words}」 is there:\n{} {}", self.status, self.text());
        self
    }

    /// That it has this status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

/// A form with files, as a browser writes it.
#[derive(Default)]
pub struct Parts(Vec<u8>);

impl Parts {
    const BOUNDARY: &'static str = "----a-boundary";

    /// Its content type.
    pub fn kind() -> String {
        format!("multipart/form-data; boundary={}", Self::BOUNDARY)
    }

    /// With a field.
    pub fn field(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    /// With a file.
    pub fn file(self, name: &str, file_name: &str, bytes: &[u8]) -> Self {
        self.part(
            &format!("name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: application/octet-stream"),
            bytes,
        )
    }

    fn part(mut self, head: &str, bytes: &[u8]) -> Self {
        let head = format!("--{}\r\nContent-Disposition: form-data; {head}\r\n\r\n", Self::BOUNDARY);
        self.0.extend(head.as_bytes());
        self.0.extend(bytes);
        self.0.extend(b"\r\n");
        self
    }

    /// The whole of it.
    pub fn end(mut self) -> Vec<u8> {
        self.0.extend(format!("--{}--\r\n", Self::BOUNDARY).as_bytes());
        self.0
    }
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// A small photo.
pub fn photo() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(8, 6, image::Rgb([200, 30, 30]))
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner()
}

type Showing<'a> = BoxFuture<'a, Result<Page, Refusal>>;
type Taking<'a> = BoxFuture<'a, Result<Outcome, Refusal>>;

const fn page(path: &'static str, serving: Serving, get: app::web::Get, post: Option<app::web::Post>) -> Route {
    Route { path, serving, get, post, files: false }
}

/// Pages that show what they are given.
pub static PAGES: &[Route] = &[
    page("/rules-in-force", Serving::Public, rules_in_force, Some(take_form)),
    page("/public/{name}", Serving::Public, named, None),
    Route { files: true, ..page("/form", Serving::Personal, form, Some(take_form)) },
    page("/plain-form", Serving::Personal, form, Some(take_form)),
    page("/live-page", Serving::Live, form, None),
    page("/piece", Serving::Fragment, piece, None),
    page("/for-staff", Serving::Personal, for_staff, Some(take_form)),
    page("/broken", Serving::Personal, broken, Some(take_form)),
    page("/panics", Serving::Personal, panics, None),
    page("/sign-in", Serving::Personal, sign_in, Some(take_sign_in)),
    page("/account", Serving::Personal, for_staff, None),
];

/// Shows which rules are in force: changes when a new version is loaded.
fn rules_in_force(req: &Request) -> Showing<'_> {
    async move {
        let (id, _) = app::town::rules::baseline(&req.ctx.db, &req.ctx.shared, req.ctx.now()).await?;
        let words = format!("rules {id} on {} for {:?}", req.ctx.today(), req.ctx.actor.key());
        let filled = req.form.value("words").to_owned();
        let padding = "有事好商量。".repeat(300);
        let request = req.request_id.to_string();
        Ok(Page::public("Rules", "", move || {
            view! { <h1>{words}</h1><p>{filled}</p><i>{request}</i><p>{padding}</p> }.into_any()
        }))
    }
    .boxed()
}

fn named(req: &Request) -> Showing<'_> {
    async move {
        let name: String = req.param("name")?;
        let query = format!("{:?}", req.query);
        Ok(Page::public("Named", "", move || view! { <h1>{name}</h1><p>{query}</p> }.into_any()))
    }
    .boxed()
}

/// Shows the values of the form, its refusal and its files.
fn form(req: &Request) -> Showing<'_> {
    async move {
        let form = req.form.clone();
        let staged: Vec<String> = req
            .staged
            .iter()
            .map(|file| format!("[{}|{}|{}|{}]", file.file, file.name, file.media_type, file.size))
            .collect();
        let actor = req.ctx.actor.key();
        Ok(Page::public("Form", "", move || {
            let values = format!("{:?}", form.values);
            let errors: Vec<String> = form.errors.iter().map(|e| format!("{}: {}", e.field, e.sentence)).collect();
            let refusal = form.refusal.map(|refusal| refusal.sentence());
            view! {
                <h1>"Form"</h1>
                <pre>{values}</pre>
                <p>{errors.join("; ")}</p>
                <p>{refusal}</p>
                <ul>{staged.concat()}</ul>
                <b>{actor}</b>
            }
            .into_any()
        }))
    }
    .boxed()
}

/// Does as the form says in its field `do`.
fn take_form(req: &Request, form: Form) -> Taking<'_> {
    async move {
        match form.value("do") {
            "refuse" => Err(Refusal::field("words", "Write other words.")),
            "conflict" => Err(Refusal::moved_on("Somebody was quicker.")),
            "replay" => Err(Refusal::Replayed),
            "sign-in" => Err(Refusal::NotSignedIn),
            "cookie" => {
                let cookie = Cookie { name: "case", value: "x".to_owned(), max_age_s: Some(60) };
                Ok(Outcome::SeeOtherWith("/form".to_owned(), vec![cookie]))
            }
            "show" => {
                let files: Vec<String> = form.files.iter().map(|file| file.file.to_string()).collect();
                let words = format!("{:?} {:?} {:?} {}", form.values, files, req.ctx.request, req.ctx.actor.key());
                Ok(Outcome::Page(Page::public("Shown", "", move || view! { <pre>{words}</pre> }.into_any())))
            }
            _ => Ok(Outcome::SeeOther("/form?done=路灯".to_owned())),
        }
    }
    .boxed()
}

fn piece(req: &Request) -> Showing<'_> {
    let words = req.query("q").to_owned();
    async move { Ok(Page::public("", "", move || view! { <p>{words}</p> }.into_any())) }.boxed()
}

fn for_staff(req: &Request) -> Showing<'_> {
    async move {
        let signed = req.ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
        let name = signed.name.clone();
        Ok(Page::desk("Staff", "", move || view! { <h1>{name}</h1> }.into_any()))
    }
    .boxed()
}

fn broken(_: &Request) -> Showing<'_> {
    async move { Err(Refusal::internal(&"a secret cause")) }.boxed()
}

fn panics(_: &Request) -> Showing<'_> {
    async move { panic!("a secret cause") }.boxed()
}

fn sign_in(req: &Request) -> Showing<'_> {
    Box::pin(app::account::pages::sign_in(req))
}

fn take_sign_in(req: &Request, form: Form) -> Taking<'_> {
    Box::pin(app::account::pages::post_sign_in(req, form))
}
