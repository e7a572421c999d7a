//! The whole HTTP surface.

use std::any::Any;
use std::sync::Arc;

use app::routes::ROUTES;
use app::web::Route;
use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{Path, RawPathParams, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response};
use axum::middleware::from_fn;
use axum::routing::{any, get, post};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::http::page::{Frame, bare};
use crate::http::site::Site;
use crate::http::{assets, error, front, page, preferences};
use crate::{documents, door, feeds, files, live};

/// Bytes from which a page is worth compressing.
const WORTH_COMPRESSING: u16 = 1500;

/// All addresses.
pub fn router(site: &Arc<Site>) -> Router {
    router_of(site, ROUTES)
}

/// All addresses, with these pages: a test brings its own.
pub fn router_of(site: &Arc<Site>, routes: &'static [Route]) -> Router {
    let pages = routes
        .iter()
        .fold(Router::new(), |router, route| a_page(router, site, route))
        .route("/preferences", post(with(site, preferences_of)))
        .route(
            "/desk/topics/{id}/door/list",
            get(one(site, |site, parts, id| async move { door::list(site, parts, &id).await })),
        )
        .route(
            "/desk/topics/{id}/door/sync",
            post(sent(site, |site, request, id| async move { door::sync(site, request, &id).await })),
        )
        .fallback(with(site, not_found))
        .method_not_allowed_fallback(with(site, wrong_method))
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(SizeAbove::new(WORTH_COMPRESSING).and(NotForContentType::SSE)),
        );
    let others = Router::new()
        .route("/pkg/{*name}", any(assets::serve))
        .route(
            "/files/{id}",
            get(one(site, |site, parts, id| async move { files::serve::serve(site, parts, &id).await })),
        )
        .route("/live/case/{id}", get(one(site, |site, parts, id| async move { live::case(site, parts, &id).await })))
        .route(
            "/topics/{id}/notice.ics",
            get(one(site, |site, parts, id| async move { feeds::public::meeting(site, parts, &id).await })),
        )
        .route(
            "/topics/{id}/minutes.docx",
            get(one(site, |site, parts, id| async move { documents::serve::public_minutes(site, parts, &id).await })),
        )
        .route(
            "/desk/topics/{id}/minutes.docx",
            get(one(site, |site, parts, id| async move { documents::serve::inside_minutes(site, parts, &id).await })),
        )
        .route(
            "/desk/topics/{id}/file.zip",
            get(one(site, |site, parts, id| async move { documents::serve::file_of_case(site, parts, &id).await })),
        )
        .route(
            "/desk/register.xlsx",
            get(with(site, |site, request| documents::register::xlsx(site, request.into_parts().0))),
        )
        .route(
            "/desk/register.csv",
            get(with(site, |site, request| documents::register::csv(site, request.into_parts().0))),
        )
        .route("/calendar.ics", get(with(site, |site, request| feeds::public::district(site, request.into_parts().0))))
        .route(
            "/calendar/{name}",
            get(one(site, |site, parts, name| async move { feeds::public::town(site, parts, &name).await })),
        )
        .route("/live/desk", get(with(site, |site, request| live::desk(site, request.into_parts().0))))
        .route("/calendar/mine/{account}/{file}", get(with_path(site, feeds::mine::mine)))
        .route("/health", get(with(site, health)))
        .route("/robots.txt", get(robots));
    let for_panics = Arc::clone(site);
    pages
        .merge(others)
        .layer(CatchPanicLayer::custom(move |cause: Box<dyn Any + Send>| front::panicked(&for_panics, &*cause)))
        .layer(from_fn(front::front))
}

/// One page of the product, with its form.
fn a_page(router: Router, site: &Arc<Site>, route: &'static Route) -> Router {
    type Raw = Result<RawPathParams, RawPathParamsRejection>;
    let (showing, taking) = (Arc::clone(site), Arc::clone(site));
    let show = move |raw: Raw, request: Request| {
        page::show(Arc::clone(&showing), route, page::params(raw), request.into_parts().0)
    };
    let take = move |raw: Raw, request: Request| {
        let (parts, body) = request.into_parts();
        page::take(Arc::clone(&taking), route, page::params(raw), parts, body)
    };
    let methods = match route.post {
        Some(_) => get(show).post(take),
        None => get(show),
    };
    router.route(route.path, methods)
}

/// A handler that gets the site and the request.
fn with<F, R>(site: &Arc<Site>, handle: F) -> impl Fn(Request) -> R + Clone + Send + Sync + 'static + use<F, R>
where
    F: Fn(Arc<Site>, Request) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<Body>> + Send + 'static,
{
    let site = Arc::clone(site);
    move |request| handle(Arc::clone(&site), request)
}

/// A handler that also gets the one placeholder of its path.
fn one<F, R>(
    site: &Arc<Site>,
    handle: F,
) -> impl Fn(Path<String>, Request) -> R + Clone + Send + Sync + 'static + use<F, R>
where
    F: Fn(Arc<Site>, axum::http::request::Parts, String) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<Body>> + Send + 'static,
{
    let site = Arc::clone(site);
    move |Path(value), request| handle(Arc::clone(&site), request.into_parts().0, value)
}

/// The same for what is sent.
fn sent<F, R>(
    site: &Arc<Site>,
    handle: F,
) -> impl Fn(Path<String>, Request) -> R + Clone + Send + Sync + 'static + use<F, R>
where
    F: Fn(Arc<Site>, Request, String) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<Body>> + Send + 'static,
{
    let site = Arc::clone(site);
    move |Path(value), request| handle(Arc::clone(&site), request, value)
}

/// A handler that also gets the two placeholders of its path.
fn with_path<F, R>(
    site: &Arc<Site>,
    handle: F,
) -> impl Fn(Path<(String, String)>, Request) -> R + Clone + Send + Sync + 'static + use<F, R>
where
    F: Fn(Arc<Site>, axum::http::request::Parts, (String, String)) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<Body>> + Send + 'static,
{
    let site = Arc::clone(site);
    move |Path(values), request| handle(Arc::clone(&site), request.into_parts().0, values)
}

async fn preferences_of(site: Arc<Site>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    preferences::take(site, parts, body).await
}

async fn not_found(site: Arc<Site>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let frame = Frame { path: "/".to_owned(), ..Frame::plain(&site, &parts) };
    error::answer(&site, &app::error::Refusal::NotFound, frame).await
}

async fn wrong_method(site: Arc<Site>, request: Request) -> Response<Body> {
    error::method_not_allowed(not_found(site, request).await)
}

/// Whether the process can serve: 200, or 503 when its database does not answer.
async fn health(site: Arc<Site>, _: Request) -> Response<Body> {
    let (status, words) = match app::town::store::towns(&site.ctx.db).await {
        Ok(_) => (200, "ok\n"),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            (503, "database\n")
        }
    };
    let mut response = bare(status);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    *response.body_mut() = Body::from(words);
    response
}

/// Search engines may have what is public; files and look-ups are nobody's business.
async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /account\nDisallow: /calendar/mine/\nDisallow: /desk\nDisallow: /files/\nDisallow: /live/\nDisallow: /sign-in\n"
}
