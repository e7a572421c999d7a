//! Pure types of the roster: tags, the form of a member, the form of a unit.

use serde::{Deserialize, Serialize};

use crate::rules::{count_chars, has_control, is_blank, normal_phone};

/// Most tags of a member or a topic.
pub const TAGS_MAX: usize = 10;
/// Most characters of a tag.
pub const TAG_MAX: usize = 12;
/// Most characters of a person's name.
pub const NAME_MAX: usize = 20;
/// Most characters of a unit's name, or of where somebody comes from.
pub const ORGANISATION_MAX: usize = 40;
/// Most characters of a mail address.
pub const MAIL_MAX: usize = 100;

/// Separate tags of what was typed between commas, pauses, semicolons, slashes or blanks; each once, in the order typed.
#[must_use]
pub fn read_tags(typed: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in typed.split(|c: char| matches!(c, '、' | '，' | ',' | '；' | ';' | '/') || c.is_whitespace()) {
        if !is_blank(tag) && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// Tags as they are stored: between commas with one at each end; empty for none.
#[must_use]
pub fn stored_tags(tags: &[String]) -> String {
    if tags.is_empty() { String::new() } else { format!(",{},", tags.join(",")) }
}

/// What is wrong with tags, in a sentence.
#[must_use]
pub fn wrong_tags(tags: &[String]) -> Option<String> {
    if tags.len() > TAGS_MAX {
        return Some(format!("标签有 {} 个，最多 {TAGS_MAX} 个，请只留要紧的。", tags.len()));
    }
    if tags.iter().any(|tag| has_control(tag)) {
        return Some("标签里有看不见的控制字符，请删掉后重新输入。".to_owned());
    }
    tags.iter()
        .any(|tag| count_chars(tag) > TAG_MAX)
        .then(|| format!("每个标签最多 {TAG_MAX} 个字，几个标签之间请用顿号隔开。"))
}

/// What is wrong with a text that belongs on one line; `needed` when it may not be empty.
#[must_use]
pub fn wrong_line(name: &str, text: &str, most: usize, needed: bool) -> Option<String> {
    if is_blank(text) {
        return needed.then(|| format!("还没有写{name}。"));
    }
    if has_control(text) || text.contains(['\n', '\t']) {
        return Some(format!("{name}要写在一行里，不能有换行和控制字符。"));
    }
    let count = count_chars(text);
    (count > most).then(|| format!("{name}有 {count} 字，最多 {most} 字。"))
}

/// Of the fields of a form those with which something is wrong: field and sentence.
#[must_use]
pub fn found_wrong<const N: usize>(fields: [(&'static str, Option<String>); N]) -> Vec<(&'static str, String)> {
    fields.into_iter().filter_map(|(field, wrong)| wrong.map(|sentence| (field, sentence))).collect()
}

/// What is wrong with a phone number; empty is fine.
#[must_use]
pub fn wrong_phone(phone: &str) -> Option<String> {
    (!is_blank(phone) && normal_phone(phone).is_none())
        .then(|| "电话看起来不对：手机号 11 位，座机请带区号，例如 0512-63000000。".to_owned())
}

/// What is wrong with a mail address; empty is fine. Whether it arrives only sending tells.
#[must_use]
pub fn wrong_mail(mail: &str) -> Option<String> {
    if is_blank(mail) {
        return None;
    }
    let plain = mail.chars().all(|c| c.is_ascii_graphic()) && !mail.contains(['<', '>', ',', ';', '"', '(', ')', ':']);
    let parts = mail.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !host.contains('@') && host.contains('.') && host.split('.').all(|label| !label.is_empty())
    });
    (!plain || !parts || mail.len() > MAIL_MAX)
        .then(|| "邮箱看起来不对，例如 name@example.com；没有邮箱就空着。".to_owned())
}

/// A phone as it is stored: in one spelling, so that it can be compared.
#[must_use]
pub fn kept_phone(phone: &str) -> String {
    normal_phone(phone).unwrap_or_default()
}

/// A mail address of which enough is hidden: 「zh***@example.com」.
#[must_use]
pub fn masked_mail(mail: &str) -> String {
    match mail.split_once('@') {
        Some((user, host)) => {
            let head: String = user.chars().take(2).collect();
            format!("{head}***@{host}")
        }
        None => "***".to_owned(),
    }
}

/// 委员登记: what is known of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberForm {
    /// 姓名.
    pub name: String,
    /// 界别.
    pub sector: String,
    /// 专长, as tags.
    pub specialty: Vec<String>,
    /// 电话 (密).
    pub phone: String,
    /// 邮箱 (密).
    pub mail: String,
    /// 性别: whether the member is a woman.
    pub woman: bool,
    /// Login name of the member's own account, if there is one.
    pub login: String,
}

impl MemberForm {
    /// What is wrong with it: field and sentence.
    #[must_use]
    pub fn wrong(&self) -> Vec<(&'static str, String)> {
        found_wrong([
            ("name", wrong_line("姓名", &self.name, NAME_MAX, true)),
            ("sector", wrong_line("界别", &self.sector, TAG_MAX, true)),
            ("specialty", wrong_tags(&self.specialty)),
            ("phone", wrong_phone(&self.phone)),
            ("mail", wrong_mail(&self.mail)),
        ])
    }
}

/// 单位登记: whom to ask in a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitForm {
    /// 单位名称.
    pub name: String,
    /// 联系人.
    pub contact: String,
    /// 电话 (密).
    pub phone: String,
    /// 邮箱 (密).
    pub mail: String,
}

impl UnitForm {
    /// What is wrong with it: field and sentence.
    #[must_use]
    pub fn wrong(&self) -> Vec<(&'static str, String)> {
        found_wrong([
            ("name", wrong_line("单位名称", &self.name, ORGANISATION_MAX, true)),
            ("contact", wrong_line("联系人", &self.contact, NAME_MAX, false)),
            ("phone", wrong_phone(&self.phone)),
            ("mail", wrong_mail(&self.mail)),
        ])
    }
}

/// For what somebody looks at a phone number. One of a few, so that it may stand in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 通知、邀请.
    Invite,
    /// 商前调研.
    Research,
    /// 核对资料.
    Check,
}

impl Purpose {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Invite, Self::Research, Self::Check];

    /// The code that is stored and sent.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Research => "research",
            Self::Check => "check",
        }
    }

    /// The word on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invite => "邀请、通知开会",
            Self::Research => "联系商前调研",
            Self::Check => "核对联系方式",
        }
    }

    /// The one of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_people_type_them() {
        let cases = [
            ("", ""),
            ("古镇保护、交通", ",古镇保护,交通,"),
            (" 古镇保护 , 交通；交通/物业\n", ",古镇保护,交通,物业,"),
            ("，，、", ""),
        ];
        for (typed, stored) in cases {
            assert_eq!(stored_tags(&read_tags(typed)), stored, "{typed:?}");
            // What is stored reads back the same.
            assert_eq!(stored_tags(&read_tags(stored)), stored, "{typed:?}");
        }
        assert!(wrong_tags(&read_tags("一、二、三、四、五、六、七、八、九、十")).is_none());
        assert!(wrong_tags(&read_tags("一、二、三、四、五、六、七、八、九、十、百")).unwrap().contains("11 个"));
        assert!(wrong_tags(&["很长很长很长很长很长很长的".to_owned()]).is_some());
    }

    #[test]
    fn contacts_are_checked_and_said_what_to_enter() {
        for good in ["", "name@example.com", "a.b-c@mail.wujiang.gov.cn"] {
            assert_eq!(wrong_mail(good), None, "{good}");
        }
        for bad in
            ["name", "@example.com", "a@b", "a@b.", "a b@c.cn", "<a@b.cn>", "a@b@c.cn", "张@b.cn", "a@b.cn,c@d.cn"]
        {
            assert!(wrong_mail(bad).is_some(), "{bad}");
        }
        for (phone, fine) in [("", true), ("13812345678", true), ("0512-63001234", true), ("1381234567", false)] {
            assert_eq!(wrong_phone(phone).is_none(), fine, "{phone}");
        }
        assert_eq!(masked_mail("zhang@example.com"), "zh***@example.com");
    }

    #[test]
    fn an_empty_form_names_everything_at_once() {
        let fields = |wrong: Vec<(&'static str, String)>| wrong.into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        assert_eq!(fields(MemberForm::default().wrong()), ["name", "sector"]);
        assert_eq!(fields(UnitForm::default().wrong()), ["name"]);
        let bad =
            MemberForm {
                name: "张\n三".to_owned(), phone: "1".to_owned(), mail: "x".to_owned(), ..Default::default()
            };
        assert_eq!(fields(bad.wrong()), ["name", "sector", "phone", "mail"]);
    }
}
