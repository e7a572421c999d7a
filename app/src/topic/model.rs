//! Pure types of the first stage: where a topic comes from, the forms and decisions that are kept of it, and how names
//! are shown.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{CaseId, FileId};
use crate::rules::{Answer, ConfirmFacts, ConfirmMoment, Exclusion, ReleasedText, ScreeningDecision, TopicBasis};

macro_rules! coded {
    ($(#[$doc:meta])* $Name:ident { $($(#[$vdoc:meta])* $Variant:ident $code:literal $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $Name { $($(#[$vdoc])* #[serde(rename = $code)] $Variant,)* }

        impl $Name {
            /// All of them, in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$Variant,)*];

            /// The code that is stored and sent.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$Variant => $code,)* }
            }

            /// The word on screen.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$Variant => $word,)* }
            }

            /// The one of a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.code() == code)
            }
        }
    };
}

coded! {
    /// Who brings a topic up (议题来源).
    TopicSource {
        /// 社会征题.
        PublicSolicited "public_solicited" "社会征题",
        /// 委员荐题.
        MemberRecommended "member_recommended" "委员荐题",
        /// 政协选题.
        CommitteeSelected "committee_selected" "政协选题",
        /// 政府出题.
        GovernmentAssigned "government_assigned" "政府出题",
        /// 党委点题.
        PartyAssigned "party_assigned" "党委点题",
    }
}

coded! {
    /// The list that a topic was taken over from.
    ImportedFrom {
        /// 12345 问题清单.
        Hotline12345 "hotline12345" "12345 问题清单",
        /// 信访问题清单.
        PetitionList "petition_list" "信访问题清单",
        /// 社情民意.
        SocialOpinion "social_opinion" "社情民意",
        /// 提案.
        Proposal "proposal" "提案",
        /// 村（社区）协商.
        VillageConsultation "village_consultation" "村级协商转入",
    }
}

coded! {
    /// How the writer of a comment wants to be named.
    ShownName {
        /// 「居民 王**」.
        Masked "masked" "只显示姓，如“居民 王**”",
        /// The full name, by consent.
        Full "full" "显示全名",
        /// 「居民」.
        None "none" "不显示姓名",
    }
}

/// A name as the public sees it: the category and, by choice, the surname or the whole name.
#[must_use]
pub fn shown_name(category: &str, name: &str, how: ShownName) -> String {
    let name = name.trim();
    match (how, name.chars().next()) {
        (ShownName::Full, Some(_)) => format!("{category} {name}"),
        (ShownName::Masked, Some(first)) => format!("{category} {first}**"),
        _ => category.to_owned(),
    }
}

/// A phone number of which enough is hidden: 「138****1234」.
#[must_use]
pub fn masked_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 8 {
        return "****".to_owned();
    }
    let head: String = digits[..3].iter().collect();
    let tail: String = digits[digits.len() - 4..].iter().collect();
    format!("{head}****{tail}")
}

/// 议题申报表, without what names the person: as it was sent, one version for each sending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicForm {
    /// 议题名称.
    pub title: String,
    /// 地点.
    pub place: String,
    /// 现状.
    pub matter: String,
    /// 理由.
    pub reason: String,
    /// 建议.
    pub suggestion: String,
    /// How many raise it jointly; 1 when it is one person.
    pub joint_count: u32,
    /// Answer to the screener's question, where there was one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub answer: String,
    /// The files, in order.
    pub files: Vec<FileId>,
}

/// The edition that the public sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// 议题名称.
    pub title: String,
    /// 地点.
    pub place: String,
    /// 现状.
    pub matter: String,
    /// 理由.
    pub reason: String,
    /// 建议.
    pub suggestion: String,
    /// The files that are shown, in order.
    pub files: Vec<FileId>,
}

impl Edition {
    /// The text as the guard looks at it.
    #[must_use]
    pub fn released(&self) -> ReleasedText {
        ReleasedText {
            title: self.title.clone(),
            place: self.place.clone(),
            matter: self.matter.clone(),
            reason: self.reason.clone(),
            suggestion: self.suggestion.clone(),
        }
    }

    /// What is searched besides the title.
    #[must_use]
    pub fn searched(&self) -> String {
        [&self.place, &self.matter, &self.reason, &self.suggestion].map(String::as_str).join("\n")
    }
}

/// 议题初审单: a screening decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    /// The decision.
    pub decision: ScreeningDecision,
    /// The reason that the proposer is told.
    pub reason: String,
    /// What the proposer is asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// Who takes care of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub transfer_to: String,
    /// The excluded kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusion: Option<Exclusion>,
    /// The topic it is joined to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<CaseId>,
    /// Why an earlier version was corrected.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub correction: String,
}

/// A yes or no with its sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// The answer; `None` while it is open.
    pub yes: Option<bool>,
    /// The ground.
    pub sentence: String,
}

impl Ground {
    fn answer(&self) -> Answer {
        Answer { yes: self.yes, sentence: self.sentence.clone() }
    }

    #[cfg(feature = "ssr")]
    fn shown(&self) -> String {
        let word = match self.yes {
            Some(true) => "是",
            Some(false) => "否",
            None => "未答",
        };
        format!("{word}。{}", self.sentence)
    }
}

/// 议题审批单: what the director prepared for T3.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The bases, each with what is cited.
    pub bases: Vec<(TopicBasis, String)>,
    /// Whether it is lawful.
    pub legality: Ground,
    /// Who checked that.
    pub legality_checker: String,
    /// One place?
    pub one_place: Ground,
    /// One responsible unit?
    pub one_unit: Ground,
    /// Doable in time?
    pub doable: Ground,
    /// Whether the town has an annual plan.
    pub has_plan: bool,
    /// The number in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub plan_number: String,
}

impl Approval {
    /// What is cited for a basis, if it is ticked.
    #[must_use]
    pub fn cited(&self, basis: TopicBasis) -> Option<&str> {
        self.bases.iter().find(|(b, _)| *b == basis).map(|(_, cite)| cite.as_str())
    }

    /// The facts of T3 for this preparation.
    #[must_use]
    pub fn facts(
        &self,
        moment: ConfirmMoment,
        (proposer, preparer, approver): (Option<Uuid>, Option<Uuid>, Option<Uuid>),
        due_on: Option<NaiveDate>,
    ) -> ConfirmFacts {
        ConfirmFacts {
            moment,
            bases: self.bases.clone(),
            legality: self.legality.answer(),
            legality_checker: self.legality_checker.clone(),
            one_place: self.one_place.answer(),
            one_unit: self.one_unit.answer(),
            doable: self.doable.answer(),
            has_plan: self.has_plan,
            plan_number: self.plan_number.clone(),
            proposer,
            preparer,
            approver,
            due_on,
        }
    }
}

/// A decision with its reason: confirmed, sent back, put on hold, resumed, ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The code of the step that made it.
    pub what: String,
    /// The reason.
    pub reason: String,
    /// The review date of a hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_on: Option<NaiveDate>,
}

macro_rules! record {
    ($Name:ident, $kind:literal, $name:literal, |$r:ident| [$(($label:literal, $value:expr)),* $(,)?]) => {
        #[cfg(feature = "ssr")]
        impl crate::case::record::Record for $Name {
            const KIND: &'static str = $kind;
            const NAME: &'static str = $name;

            fn shown(&self) -> Vec<(&'static str, String)> {
                let $r = self;
                vec![$(($label, $value)),*]
            }
        }
    };
}

record!(TopicForm, "topic_form", "议题申报表", |r| [
    ("议题名称", r.title.clone()),
    ("地点", r.place.clone()),
    ("现状", r.matter.clone()),
    ("理由", r.reason.clone()),
    ("建议", r.suggestion.clone()),
    ("联名人数", r.joint_count.to_string()),
    ("补充说明", r.answer.clone()),
    ("附件", format!("{} 件", r.files.len())),
]);

record!(Edition, "edition", "公开稿", |r| [
    ("议题名称", r.title.clone()),
    ("地点", r.place.clone()),
    ("现状", r.matter.clone()),
    ("理由", r.reason.clone()),
    ("建议", r.suggestion.clone()),
    ("公开附件", format!("{} 件", r.files.len())),
]);

record!(Screening, "screening", "议题初审单", |r| [
    ("去向", r.decision.word().to_owned()),
    ("理由", r.reason.clone()),
    ("请补充", r.question.clone()),
    ("承接渠道", r.transfer_to.clone()),
    ("不属协商的情形", r.exclusion.map(|e| e.word().to_owned()).unwrap_or_default()),
    ("更正原因", r.correction.clone()),
]);

record!(Approval, "approval", "议题审批单", |r| [
    ("中心工作", r.cited(TopicBasis::CentralTask).unwrap_or_default().to_owned()),
    ("民生热点", r.cited(TopicBasis::LivelihoodHotspot).unwrap_or_default().to_owned()),
    ("合法性", r.legality.shown()),
    ("合法性核对人", r.legality_checker.clone()),
    ("一处地点", r.one_place.shown()),
    ("一家责任单位", r.one_unit.shown()),
    ("限期内办得成", r.doable.shown()),
    ("年度计划序号", r.plan_number.clone()),
]);

record!(Ruling, "ruling", "审批意见", |r| [
    ("意见", r.reason.clone()),
    ("复核日期", r.review_on.map(|d| d.to_string()).unwrap_or_default()),
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_show_no_more_than_was_chosen() {
        for (name, how, shown) in [
            ("王小明", ShownName::Masked, "居民 王**"),
            ("王小明", ShownName::Full, "居民 王小明"),
            ("王小明", ShownName::None, "居民"),
            ("", ShownName::Masked, "居民"),
            ("𠮷田", ShownName::Masked, "居民 𠮷**"),
        ] {
            assert_eq!(shown_name("居民", name, how), shown);
        }
    }

    #[test]
    fn phones_are_masked() {
        assert_eq!(masked_phone("13812341234"), "138****1234");
        assert_eq!(masked_phone("0512-63001234"), "051****1234");
        assert_eq!(masked_phone("110"), "****");
    }
}
