//! What happens to every request, around everything else: headers, log, and the page of a panic.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use app::error::Refusal;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::Response;
use axum::middleware::Next;

use super::site::Site;
use super::{page, security};

/// Puts on the headers that every answer has and notes the request: method, route, status, time. Never the query or a
/// placeholder's value, which may hold a tracking code or a link's token.
pub async fn front(request: Request, next: Next) -> Response<Body> {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    security::protect(response.headers_mut());
    let (status, took) = (response.status().as_u16(), began.elapsed());
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    tracing::debug!(target: "request", %method, route, status, ms = took.as_secs_f64() * 1000.0);
    response
}

/// The answer when a handler panicked.
#[must_use]
pub fn panicked(site: &Arc<Site>, cause: &(dyn Any + Send)) -> Response<Body> {
    let words = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    page::panicked(site, &Refusal::internal(&words))
}
