//! Cookies: their names, as the site's address decides, and how they are read and set.

use app::web::{Appearance, Cookie, Theme};
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// Which appearance the reader chose.
pub const APPEARANCE: &str = "appearance";
/// A random number by which an anonymous browser is recognised.
pub const BROWSER: &str = "browser";
/// A year.
pub const YEAR_S: i64 = 365 * 24 * 60 * 60;

/// How cookies are made on this site.
#[derive(Clone, Copy, Debug)]
pub struct Jar {
    /// By TLS only: then their names say so, and the browser keeps others from setting them.
    pub secure: bool,
}

impl Jar {
    fn name(self, bare: &str) -> String {
        if self.secure { format!("__Host-{bare}") } else { bare.to_owned() }
    }

    /// The value of a cookie, if the request has it.
    #[must_use]
    pub fn get<'h>(self, headers: &'h HeaderMap, bare: &str) -> Option<&'h str> {
        let name = self.name(bare);
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(found, value)| (found == name).then_some(value))
            .filter(|value| !value.is_empty())
    }

    /// The header that sets or, with an empty value, removes a cookie. `None` when its value is no cookie's.
    #[must_use]
    pub fn set(self, cookie: &Cookie) -> Option<HeaderValue> {
        let plain = cookie.value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if !plain {
            tracing::error!(cookie = cookie.name, "a cookie's value has characters that no cookie may have");
            return None;
        }
        let mut text = format!("{}={}; Path=/; HttpOnly; SameSite=Lax", self.name(cookie.name), cookie.value);
        if self.secure {
            text.push_str("; Secure");
        }
        let age = if cookie.value.is_empty() { Some(0) } else { cookie.max_age_s };
        if let Some(seconds) = age {
            text.push_str(&format!("; Max-Age={seconds}"));
        }
        HeaderValue::from_str(&text).ok()
    }
}

/// How this reader wants pages to look.
#[must_use]
pub fn appearance(jar: Jar, headers: &HeaderMap) -> Appearance {
    let (view, theme) = jar.get(headers, APPEARANCE).and_then(|value| value.split_once('.')).unwrap_or_default();
    Appearance { elder: view == "elder", theme: Theme::from_code(theme) }
}

/// The cookie that keeps an appearance.
#[must_use]
pub fn keep_appearance(appearance: Appearance) -> Cookie {
    let view = if appearance.elder { "elder" } else { "normal" };
    Cookie { name: APPEARANCE, value: format!("{view}.{}", appearance.theme.code()), max_age_s: Some(YEAR_S) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static(cookie));
        headers
    }

    #[test]
    fn over_tls_cookies_cannot_be_set_by_others() {
        let cookie = Cookie { name: "session", value: "a1".to_owned(), max_age_s: Some(60) };
        let set = Jar { secure: true }.set(&cookie).unwrap();
        assert_eq!(set, "__Host-session=a1; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60");
        assert_eq!(Jar { secure: true }.get(&headers("session=x; __Host-session=a1"), "session"), Some("a1"));
        let set = Jar { secure: false }.set(&cookie).unwrap();
        assert_eq!(set, "session=a1; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
        assert_eq!(Jar { secure: false }.get(&headers("a=b;session=x"), "session"), Some("x"));
    }

    #[test]
    fn an_empty_value_removes_and_a_crooked_one_is_not_set() {
        let jar = Jar { secure: false };
        let empty = Cookie { name: "session", value: String::new(), max_age_s: None };
        assert!(jar.set(&empty).unwrap().to_str().unwrap().ends_with("Max-Age=0"));
        for value in ["a;b", "a b", "a\r\nb", "路"] {
            assert!(jar.set(&Cookie { value: value.to_owned(), ..empty.clone() }).is_none());
        }
        assert_eq!(jar.get(&headers("session="), "session"), None);
    }

    #[test]
    fn an_appearance_is_read_back_as_it_was_kept() {
        let jar = Jar { secure: false };
        for elder in [false, true] {
            for theme in [Theme::System, Theme::Light, Theme::Dark] {
                let chosen = Appearance { elder, theme };
                let mut map = HeaderMap::new();
                map.insert(
                    COOKIE,
                    HeaderValue::from_str(&format!("appearance={}", keep_appearance(chosen).value)).unwrap(),
                );
                assert_eq!(appearance(jar, &map), chosen);
            }
        }
        assert_eq!(appearance(jar, &headers("appearance=rubbish")), Appearance::default());
    }
}
