//! Pure types of the invitation: where somebody on the list stands, the form of a person, who is the same person, and
//! whom the roster suggests.

use serde::{Deserialize, Serialize};

use crate::ids::{InviteeId, MemberId, UnitId};
use crate::roster::model::{
    NAME_MAX, ORGANISATION_MAX, TAG_MAX, found_wrong, kept_phone, wrong_line, wrong_mail, wrong_phone,
};
use crate::rules::Category;

macro_rules! states {
    ($($(#[$doc:meta])* $Name:ident $code:literal $word:literal,)*) => {
        /// Where somebody on the list of a meeting stands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum InviteeState { $($(#[$doc])* #[serde(rename = $code)] $Name,)* }

        impl InviteeState {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$Name,)*];

            /// The code that is stored.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$Name => $code,)* }
            }

            /// The word on screen.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$Name => $word,)* }
            }

            /// The one of a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.code() == code)
            }
        }
    };
}

states! {
    /// Put on the list; nobody was told yet.
    Listed "listed" "在名单上",
    /// Asked; no answer yet.
    Invited "invited" "等答复",
    /// Comes.
    Accepted "accepted" "参加",
    /// Does not come.
    Declined "declined" "不参加",
    /// Somebody else comes instead.
    Substituted "substituted" "请人代替",
    /// On the waiting list of an open seat.
    Waiting "waiting" "候补",
    /// A freed seat is offered.
    Offered "offered" "等确认席位",
    /// The offer was not taken in time.
    Expired "expired" "没有按时确认",
    /// A substitute whom the officer did not take.
    Refused "refused" "不予代替",
    /// Taken off the list.
    Removed "removed" "已移出",
}

impl InviteeState {
    /// Whether composition counts the person.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Listed | Self::Invited | Self::Accepted)
    }

    /// Whether the person stands on the list: cannot be put on it again.
    #[must_use]
    pub const fn stands(self) -> bool {
        !matches!(self, Self::Removed | Self::Expired | Self::Refused)
    }
}

/// Under which name the private texts of somebody on the list enter the ledger.
#[must_use]
pub fn private_name(invitee: InviteeId) -> String {
    format!("invitee:{invitee}")
}

/// The private texts of somebody on the list, as they are hashed: in the order of the columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private<'a> {
    /// 姓名.
    pub name: &'a str,
    /// 单位或村社区.
    pub organisation: &'a str,
    /// 电话.
    pub phone: &'a str,
    /// 邮箱.
    pub mail: &'a str,
    /// Why the person does not come.
    pub reason: &'a str,
    /// What the person thinks beforehand.
    pub opinion: &'a str,
}

impl Private<'_> {
    /// The text that is hashed.
    #[must_use]
    pub fn text(&self) -> String {
        [self.name, self.organisation, self.phone, self.mail, self.reason, self.opinion].join("|")
    }
}

/// A person to be put on the list: typed, read from a file, or taken from the roster (then only the id is given, and the
/// step reads the rest).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonForm {
    /// A member on the roster.
    pub member: Option<MemberId>,
    /// A unit on the roster.
    pub unit: Option<UnitId>,
    /// 类别.
    pub category: Option<Category>,
    /// 姓名.
    pub name: String,
    /// 单位或村社区.
    pub organisation: String,
    /// 界别.
    pub sector: String,
    /// 电话 (密).
    pub phone: String,
    /// 邮箱 (密).
    pub mail: String,
    /// Whether the person is a woman.
    pub woman: bool,
    /// Whether the person agreed that the name is shown in public.
    pub consent_public: bool,
}

impl PersonForm {
    /// A member on the roster.
    #[must_use]
    pub fn of_member(member: MemberId) -> Self {
        Self { member: Some(member), ..Self::default() }
    }

    /// Whoever is the contact of a unit.
    #[must_use]
    pub fn of_unit(unit: UnitId) -> Self {
        Self { unit: Some(unit), ..Self::default() }
    }

    /// What is wrong with it: field and sentence.
    #[must_use]
    pub fn wrong(&self) -> Vec<(&'static str, String)> {
        found_wrong([
            ("category", self.category.is_none().then(|| "还没有选类别。".to_owned())),
            ("name", wrong_line("姓名", &self.name, NAME_MAX, true)),
            ("organisation", wrong_line("单位或村社区", &self.organisation, ORGANISATION_MAX, false)),
            ("sector", wrong_line("界别", &self.sector, TAG_MAX, false)),
            ("phone", wrong_phone(&self.phone)),
            ("mail", wrong_mail(&self.mail)),
        ])
    }

    /// As it is stored: without blanks around, the phone in one spelling.
    #[must_use]
    pub fn tidy(self) -> Self {
        Self {
            name: self.name.trim().to_owned(),
            organisation: self.organisation.trim().to_owned(),
            sector: self.sector.trim().to_owned(),
            phone: kept_phone(&self.phone),
            mail: self.mail.trim().to_owned(),
            ..self
        }
    }

    /// Who it is, for finding the same person twice.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity::new(self.member, &self.name, &self.phone, &self.organisation)
    }
}

/// Who somebody is, as far as a list can tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    member: Option<MemberId>,
    name: String,
    /// The phone; without one the organisation, so that two of one name from two villages are two.
    by: String,
}

impl Identity {
    /// The identity of these facts.
    #[must_use]
    pub fn new(member: Option<MemberId>, name: &str, phone: &str, organisation: &str) -> Self {
        let phone = kept_phone(phone);
        let by = if phone.is_empty() { format!("单位 {}", organisation.trim()) } else { phone };
        Self { member, name: name.trim().to_owned(), by }
    }

    /// Whether both are the same person: the same member, or the same name and phone.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        (self.member.is_some() && self.member == other.member) || (self.name == other.name && self.by == other.by)
    }
}

/// A member as far as suggesting looks at one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The member.
    pub member: MemberId,
    /// 姓名.
    pub name: String,
    /// 界别.
    pub sector: String,
    /// 专长.
    pub specialty: Vec<String>,
    /// To how many meetings of the year the member was asked.
    pub invited: i64,
}

/// A member who is suggested, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Who.
    pub candidate: Candidate,
    /// Why, in words: 「专长：古镇保护」.
    pub why: String,
}

/// The members whose sector or specialty is a tag of the topic: who was asked least this year first, each with the
/// reason.
#[must_use]
pub fn suggestions(tags: &[String], candidates: Vec<Candidate>) -> Vec<Suggestion> {
    let mut found: Vec<Suggestion> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let mut why = Vec::new();
            if tags.contains(&candidate.sector) {
                why.push(format!("界别：{}", candidate.sector));
            }
            let same: Vec<&str> =
                candidate.specialty.iter().filter(|tag| tags.contains(tag)).map(String::as_str).collect();
            if !same.is_empty() {
                why.push(format!("专长：{}", same.join("、")));
            }
            (!why.is_empty()).then(|| Suggestion { why: why.join("；"), candidate })
        })
        .collect();
    found.sort_by(|a, b| {
        (a.candidate.invited, &a.candidate.name, a.candidate.member).cmp(&(
            b.candidate.invited,
            &b.candidate.name,
            b.candidate.member,
        ))
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(n: u128, name: &str, sector: &str, specialty: &[&str], invited: i64) -> Candidate {
        Candidate {
            member: MemberId(uuid::Uuid::from_u128(n)),
            name: name.to_owned(),
            sector: sector.to_owned(),
            specialty: specialty.iter().map(|tag| (*tag).to_owned()).collect(),
            invited,
        }
    }

    #[test]
    fn whoever_was_asked_least_is_suggested_first_with_the_reason() {
        let tags = ["教育界".to_owned(), "交通".to_owned()];
        let found = suggestions(
            &tags,
            vec![
                candidate(1, "甲", "教育界", &[], 2),
                candidate(2, "乙", "经济界", &["交通", "物流"], 0),
                candidate(3, "丙", "经济界", &["物流"], 0),
                candidate(4, "丁", "教育界", &["交通"], 1),
            ],
        );
        let said: Vec<(&str, &str)> = found.iter().map(|s| (s.candidate.name.as_str(), s.why.as_str())).collect();
        assert_eq!(said, [("乙", "专长：交通"), ("丁", "界别：教育界；专长：交通"), ("甲", "界别：教育界")]);
        assert!(suggestions(&[], vec![candidate(1, "甲", "教育界", &[], 0)]).is_empty());
    }

    #[test]
    fn the_same_person_is_known_by_member_or_name_and_phone() {
        let member = Some(MemberId(uuid::Uuid::from_u128(7)));
        let one = |member, name, phone, from| Identity::new(member, name, phone, from);
        let cases = [
            (one(member, "王芳", "", ""), one(member, "王芳", "13812345678", ""), true),
            (one(None, "王芳", "138 1234 5678", ""), one(member, " 王芳", "13812345678", "教育局"), true),
            (one(None, "王芳", "13812345678", ""), one(None, "王方", "13812345678", ""), false),
            (one(None, "王芳", "", "东村"), one(None, "王芳", "", "西村"), false),
            (one(None, "王芳", "", "东村"), one(None, "王芳", "", "东村"), true),
        ];
        for (a, b, same) in cases {
            assert_eq!((a.is(&b), b.is(&a)), (same, same), "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_person_is_checked_field_by_field() {
        let fields = |form: &PersonForm| form.wrong().into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        assert_eq!(fields(&PersonForm::default()), ["category", "name"]);
        let good = PersonForm { category: Some(Category::Public), name: "王芳".to_owned(), ..PersonForm::default() };
        assert!(good.wrong().is_empty());
        let bad = PersonForm { phone: "12".to_owned(), mail: "x".to_owned(), name: "王".repeat(21), ..good };
        assert_eq!(fields(&bad), ["name", "phone", "mail"]);
    }

    #[test]
    fn who_counts_also_stands() {
        for state in InviteeState::ALL.iter().copied() {
            assert_eq!(InviteeState::from_code(state.code()), Some(state));
            assert!(!state.counts() || state.stands(), "{state:?}");
        }
    }
}
