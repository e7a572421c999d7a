//! Who is asking: a person who signed in, a proposer who showed a tracking code, or a browser.

use app::access::{Actor, Visitor};
use app::account::sessions::COOKIE as SESSION;
use app::error::Refusal;
use app::topic::lookup::{COOKIE as CASE, actor_from_cookie};
use app::web::Cookie;
use axum::http::{Extensions, HeaderMap};

use super::address;
use super::cookies::{BROWSER, YEAR_S};
use super::site::Site;

/// Who is asking.
#[derive(Debug)]
pub struct Person {
    /// For the product.
    pub actor: Actor,
    /// Keyed hash of the address prefix, for limits.
    pub prefix: String,
    /// The number of a browser that had none, to be set with the answer.
    pub new_browser: Option<Cookie>,
}

/// Reads who is asking. With `names_browser`, a browser without a number gets one: reading leaves no trace in it, only
/// sending a form does.
///
/// # Errors
/// [`Refusal::Unavailable`] when the database cannot be reached.
pub async fn person(
    site: &Site,
    extensions: &Extensions,
    headers: &HeaderMap,
    names_browser: bool,
) -> Result<Person, Refusal> {
    let secret = &site.ctx.secret;
    let ip = address::client(extensions, headers, &site.trusted_proxies);
    let prefix = secret.keyed("prefix", &[&address::prefix(ip)]);
    let known = site.jar.get(headers, BROWSER).filter(|value| value.len() <= 128).map(str::to_owned);
    let mut new_browser = None;
    let number = known.or_else(|| {
        names_browser.then(|| {
            let number = site.ctx.random.token();
            new_browser = Some(Cookie { name: BROWSER, value: number.clone(), max_age_s: Some(YEAR_S) });
            number
        })
    });
    let browser = number.map(|number| secret.keyed("browser", &[&number])).unwrap_or_default();
    let visitor = Visitor { browser, prefix: prefix.clone() };
    Ok(Person { actor: actor(site, headers, visitor).await?, prefix, new_browser })
}

async fn actor(site: &Site, headers: &HeaderMap, visitor: Visitor) -> Result<Actor, Refusal> {
    if let Some(token) = site.jar.get(headers, SESSION)
        && let Some(signed) = app::account::find_session(&site.ctx.db, token, site.ctx.now()).await?
    {
        return Ok(Actor::Signed(signed, visitor));
    }
    if let Some(value) = site.jar.get(headers, CASE)
        && let Some(case) = actor_from_cookie(&site.ctx, value).await
    {
        return Ok(Actor::Proposer { case, visitor });
    }
    Ok(Actor::Visitor(visitor))
}
