//! Finding a topic again by its tracking code, and the cookie that remembers that it was shown.

use crate::context::{Ctx, SiteSecret};
use crate::error::Refusal;
use crate::ids::{CaseId, TrackingCode};

use super::store;

/// The cookie of somebody who showed a tracking code.
pub const COOKIE: &str = "case";
/// How long the browser remembers it, in seconds: a day.
pub const COOKIE_AGE_S: i64 = 24 * 60 * 60;

/// The keyed hash under which a code is stored.
#[must_use]
pub fn code_hash(secret: &SiteSecret, code: &TrackingCode) -> String {
    secret.keyed("tracking", &[code.as_str()])
}

/// The tracking code of a case: follows from the site secret, so that it is stored nowhere.
#[must_use]
pub fn tracking_code(secret: &SiteSecret, case: CaseId, generation: i64) -> TrackingCode {
    let mac = secret.keyed("code", &[&case.to_string(), &generation.to_string()]);
    let mut bytes = [0; TrackingCode::LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(mac.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        *byte = u8::from_str_radix(pair, 16).unwrap_or_default();
    }
    TrackingCode::from_random(bytes)
}

/// The value of the cookie. It ends with the code: a code given anew has another hash.
#[must_use]
pub fn cookie_value(secret: &SiteSecret, case: CaseId, code_hash: &str) -> String {
    format!("{case}.{}", secret.keyed("proposer", &[&case.to_string(), code_hash]))
}

/// What opens the page with the code right after the sending, also in a browser that keeps no cookies.
#[must_use]
pub fn code_page_key(secret: &SiteSecret, case: CaseId, code_hash: &str) -> String {
    secret.keyed("code page", &[&case.to_string(), code_hash])
}

/// The case that a cookie opens, if it is genuine and its code still holds.
pub async fn actor_from_cookie(ctx: &Ctx, value: &str) -> Option<CaseId> {
    let (case, _) = value.split_once('.')?;
    let case: CaseId = case.parse().ok()?;
    let found = crate::case::store::find(&ctx.db, case).await.ok()??;
    (cookie_value(&ctx.secret, case, &found.code_hash) == value).then_some(case)
}

/// The case of a code that somebody typed.
///
/// # Errors
/// [`Refusal::Invalid`] for what is no code, or one that opens nothing: the same words for both.
pub async fn find(ctx: &Ctx, typed: &str) -> Result<(CaseId, String), Refusal> {
    let refused = || {
        Refusal::field("code", "没有找到这个查询码。请核对十位字母和数字；忘了的话，请打给镇工委，核对手机号后补发。")
    };
    let code = TrackingCode::parse(typed).ok_or_else(refused)?;
    let hash = code_hash(&ctx.secret, &code);
    let case = store::case_of_code(&ctx.db, &hash).await?.ok_or_else(refused)?;
    Ok((case, hash))
}
