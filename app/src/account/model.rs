//! What login names, passwords and grants must be. Pure.

use crate::access::Role;
use crate::ids::UnitId;
use crate::rules::{count_chars, has_control};

/// Fewest characters of a login name.
pub const LOGIN_MIN: usize = 3;
/// Most characters of a login name.
pub const LOGIN_MAX: usize = 32;
/// Fewest characters of a password.
pub const PASSWORD_MIN: usize = 10;
/// Most characters of a password: longer ones only cost time to hash.
pub const PASSWORD_MAX: usize = 128;
/// Most characters of a person's name.
pub const NAME_MAX: usize = 30;
/// Most characters of a unit's name.
pub const UNIT_NAME_MAX: usize = 60;

/// A login name as it is stored and compared: small letters, half-width, no blanks around it.
#[must_use]
pub fn normal_login(typed: &str) -> String {
    typed
        .trim()
        .chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            _ => c,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// Checks a login name in its stored form.
///
/// # Errors
/// A sentence that says what to enter.
pub fn check_login(login: &str) -> Result<(), String> {
    let length = login.chars().count();
    let plain = login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b));
    let starts_well = login.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if (LOGIN_MIN..=LOGIN_MAX).contains(&length) && plain && starts_well {
        Ok(())
    } else {
        Err(format!(
            "登录名用 {LOGIN_MIN} 至 {LOGIN_MAX} 个小写字母、数字、点或横线，以字母或数字开头，例如 shengze-wang。"
        ))
    }
}

/// Checks a new password for an account.
///
/// # Errors
/// A sentence that says what to enter.
pub fn check_password(password: &str, login: &str) -> Result<(), String> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Err(format!("密码至少 {PASSWORD_MIN} 个字，可以是一句好记的话。"));
    }
    if length > PASSWORD_MAX {
        return Err(format!("密码最多 {PASSWORD_MAX} 个字。"));
    }
    if password.chars().any(char::is_control) {
        return Err("密码里有看不见的控制字符，请重新输入。".to_owned());
    }
    if normal_login(password) == login {
        return Err("密码不能和登录名一样。".to_owned());
    }
    let mut chars = password.chars();
    let first = chars.next();
    if chars.all(|c| Some(c) == first) {
        return Err("密码不能全是同一个字。".to_owned());
    }
    Ok(())
}

/// Checks the name of a person or unit.
///
/// # Errors
/// A sentence that says what to enter.
pub fn check_name(name: &str, most: usize) -> Result<(), String> {
    let length = count_chars(name);
    if length == 0 {
        Err("请填写名称。".to_owned())
    } else if length > most {
        Err(format!("名称最多 {most} 个字，现在是 {length} 个。"))
    } else if has_control(name) || name.contains(['\n', '\r', '\t']) {
        Err("名称里有看不见的控制字符，请重新输入。".to_owned())
    } else {
        Ok(())
    }
}

/// What a role is held for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldFor {
    /// A town.
    Town,
    /// A handling unit.
    Unit,
    /// The whole district.
    District,
}

/// What a role is held for.
#[must_use]
pub const fn held_for(role: Role) -> HeldFor {
    match role {
        Role::Officer | Role::Director | Role::PartyApprover | Role::GovernmentOffice | Role::Member => HeldFor::Town,
        Role::UnitHandler | Role::UnitHead => HeldFor::Unit,
        Role::DistrictOffice | Role::Administrator => HeldFor::District,
    }
}

/// Checks that a role is granted for what it can be held for.
///
/// # Errors
/// The field that is wrong (`town` or `unit`) and a sentence that says what to enter.
pub fn check_grant(role: Role, town: Option<&str>, unit: Option<UnitId>) -> Result<(), (&'static str, String)> {
    let word = role.word();
    match (held_for(role), town, unit) {
        (HeldFor::Town, None, _) => Err(("town", format!("「{word}」要写明是哪个区镇的。"))),
        (HeldFor::Town, Some(_), Some(_)) => Err(("unit", format!("「{word}」只写区镇，不写承办单位。"))),
        (HeldFor::Unit, _, None) => Err(("unit", format!("「{word}」要写明是哪个承办单位的。"))),
        (HeldFor::Unit, Some(_), Some(_)) => Err(("town", format!("「{word}」只写承办单位，不写区镇。"))),
        (HeldFor::District, Some(_), _) => Err(("town", format!("「{word}」面向全区，不写区镇。"))),
        (HeldFor::District, None, Some(_)) => Err(("unit", format!("「{word}」面向全区，不写承办单位。"))),
        (HeldFor::Town, Some(_), None) | (HeldFor::Unit, None, Some(_)) | (HeldFor::District, None, None) => Ok(()),
    }
}

/// Whether a path leads to a page of this site and nowhere else, so that a link cannot send a person on to another site.
#[must_use]
pub fn is_local_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 512
        && !path.contains('\\')
        && !path.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// The page to go to after signing in: a path on this site, or the home of the workspace for anything else.
#[must_use]
pub fn local_path(next: &str) -> &str {
    if is_local_path(next) && !next.starts_with("/sign-in") { next } else { "/desk" }
}

/// What a browser says it is, in words for the list of sessions: 「Windows 电脑 · Edge」.
#[must_use]
pub fn device_words(user_agent: &str) -> String {
    let has = |part: &str| user_agent.contains(part);
    let machine = if has("iPhone") {
        "苹果手机"
    } else if has("iPad") {
        "苹果平板"
    } else if has("HarmonyOS") || has("OpenHarmony") {
        "鸿蒙设备"
    } else if has("Android") {
        if has("Mobile") { "安卓手机" } else { "安卓平板" }
    } else if has("Windows") {
        "Windows 电脑"
    } else if has("Macintosh") {
        "苹果电脑"
    } else if has("Linux") {
        "Linux 电脑"
    } else {
        "未知设备"
    };
    let browser = [
        ("MicroMessenger", "微信"),
        ("Edg", "Edge"),
        ("QQBrowser", "QQ 浏览器"),
        ("UCBrowser", "UC 浏览器"),
        ("Firefox", "火狐"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]
    .into_iter()
    .find_map(|(part, word)| has(part).then_some(word));
    match browser {
        Some(browser) => format!("{machine} · {browser}"),
        None => machine.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn login_names_are_plain() {
        for typed in ["wang", " Shengze-Wang ", "ｗａｎｇ０１", "0a.b_c"] {
            assert_eq!(check_login(&normal_login(typed)), Ok(()), "{typed}");
        }
        for typed in ["", "ab", "王干事", "-abc", "a b c", "a\u{0}bc", &"a".repeat(33), "a'--"] {
            assert!(check_login(&normal_login(typed)).is_err(), "{typed}");
        }
    }

    #[test]
    fn passwords_are_long_and_not_the_login() {
        for good in ["correct horse", "有事好商量有事好商量", "𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷事"] {
            assert_eq!(check_password(good, "wang"), Ok(()), "{good}");
        }
        for bad in ["short", "有事好商量有事好商", "aaaaaaaaaaaa", "wang-laoshi", " WANG-laoshi", "abc\u{0}defghijk"]
        {
            assert!(check_password(bad, "wang-laoshi").is_err(), "{bad}");
        }
        assert!(check_password(&"ab".repeat(65), "wang").is_err());
    }

    #[test]
    fn every_role_is_held_for_one_kind_of_thing() {
        let unit = Some(UnitId(Uuid::nil()));
        for &role in Role::ALL {
            let allowed = [(None, None), (Some("shengze"), None), (None, unit), (Some("shengze"), unit)]
                .into_iter()
                .filter(|(town, unit)| check_grant(role, *town, *unit).is_ok())
                .count();
            assert_eq!(allowed, 1, "{role:?}");
        }
        let (field, sentence) = check_grant(Role::Officer, None, None).unwrap_err();
        assert_eq!((field, sentence.as_str()), ("town", "「工委干事」要写明是哪个区镇的。"));
    }

    #[test]
    fn after_signing_in_one_stays_on_the_site() {
        for good in ["/desk", "/topics?town=shengze", "/topic/1#a"] {
            assert_eq!(local_path(good), good);
        }
        for bad in ["", "//evil.example", "https://evil.example", "/\\evil", "/a\r\nSet-Cookie: x", "desk", "/sign-in"]
        {
            assert_eq!(local_path(bad), "/desk", "{bad}");
        }
    }

    #[test]
    fn devices_have_names_that_people_know() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0";
        assert_eq!(device_words(edge), "Windows 电脑 · Edge");
        let wechat = "Mozilla/5.0 (Linux; Android 13; X) Chrome/116 Mobile Safari/537.36 MicroMessenger/8.0";
        assert_eq!(device_words(wechat), "安卓手机 · 微信");
        assert_eq!(device_words("<script>"), "未知设备");
    }
}
