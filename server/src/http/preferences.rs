//! How pages look: 长辈版 and colours, kept in a cookie.

use std::sync::Arc;

use app::account::model::local_path;
use app::error::Refusal;
use app::web::Theme;
use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;

use super::page::{self, Frame};
use super::site::Site;
use super::{cookies, error, form, security};

/// Takes the form of the switches: `view` or `theme`, and `back`.
pub async fn take(site: Arc<Site>, parts: Parts, body: Body) -> Response<Body> {
    if security::source(&parts.headers, &site.public_url) != security::Source::Own {
        let frame = Frame { path: "/".to_owned(), ..Frame::plain(&site, &parts) };
        return error::answer(&site, &Refusal::CrossSite, frame).await;
    }
    let received = form::read(&site.ctx, None, &parts.headers, body).await;
    let value = |name: &str| received.values.get(name).and_then(|values| values.first()).map(String::as_str);
    let mut appearance = cookies::appearance(site.jar, &parts.headers);
    if let Some(view) = value("view") {
        appearance.elder = view == "elder";
    }
    if let Some(theme) = value("theme") {
        appearance.theme = Theme::from_code(theme);
    }
    let mut response = page::see_other(back(value("back").unwrap_or_default()));
    page::set_cookies(&site, &mut response, &[cookies::keep_appearance(appearance)]);
    response
}

/// A page of this site to go back to; the home page for anything else.
fn back(path: &str) -> &str {
    let local = local_path(path);
    if local == path || path.starts_with("/sign-in") && !path.contains(['\\', '\n']) { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn one_stays_on_the_site() {
        for own in ["/", "/topics?town=shengze&q=%E8%B7%AF", "/sign-in?next=/desk"] {
            assert_eq!(back(own), own);
        }
        for other in ["", "//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"] {
            assert_eq!(back(other), "/", "{other}");
        }
    }
}
