//! The duties of the source document, each with the words it rests on.

use serde::{Deserialize, Serialize};

use super::RuleId;

/// The document that the duties come from.
pub const SOURCE_TITLE: &str = "《政协苏州市吴江区委员会2021年工作要点》";

/// The mark on the rules page for what people still have to see to themselves.
pub const NOT_YET_ENFORCED: &str = "尚未由系统执行";

/// Words of the source document, verbatim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The numbered item of the document.
    pub item: u8,
    /// Its words.
    pub words: &'static str,
}

/// How far the program itself sees to a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// Every rule that serves the duty is applied by the program.
    Full,
    /// Some of them are.
    Partly,
    /// None is yet.
    NotYet,
}

impl Enforcement {
    /// The mark on the rules page.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "系统执行",
            Self::Partly => "部分由系统执行",
            Self::NotYet => NOT_YET_ENFORCED,
        }
    }
}

macro_rules! duties {
    ($(
        $(#[$doc:meta])*
        $Key:ident = $code:literal $label:literal $short:literal {
            $( $item:literal $words:literal )+
        }
    )+) => {
        /// A duty of the source document. The number in the name is its item.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum DutyKey {
            $( $(#[$doc])* #[serde(rename = $code)] $Key, )+
        }

        impl DutyKey {
            /// Every duty, in the order of the rules page.
            pub const ALL: &'static [Self] = &[$( Self::$Key, )+];

            /// The code in storage and page anchors, such as `d15c`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$Key => $code, )+ }
            }

            /// The duty of a code; `None` for a code that does not exist.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $( $code => Some(Self::$Key), )+ _ => None }
            }

            /// The key as written in the handbook, such as `D15c`.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $( Self::$Key => $label, )+ }
            }

            /// The plain short name, such as 广泛邀请各界代表.
            #[must_use]
            pub const fn short(self) -> &'static str {
                match self { $( Self::$Key => $short, )+ }
            }

            /// The words it rests on, its own item first. Never empty.
            #[must_use]
            pub const fn quotes(self) -> &'static [Quote] {
                match self {
                    $( Self::$Key => &[$( Quote { item: $item, words: $words }, )+], )+
                }
            }
        }
    };
}

duties! {
    /// Platforms are built and used, across the whole district.
    D13a = "d13a" "D13a" "平台建好用好，全区都开展" {
        13 "全面建好用好“有事好商量”协商议事平台，推动“有事好商量”活动在全区范围扎实有效开展。"
    }
    /// Written rules on the choice of topics.
    D14a = "d14a" "D14a" "议题怎么选，有章可循" {
        14 "制定出台“有事好商量”协商议事工作规则，在协商议题选择、协商步骤程序、协商方式方法、协商成果转化等方面进一步建章立制"
    }
    /// Written rules on steps and procedure.
    D14b = "d14b" "D14b" "步骤程序规范" {
        14 "在协商议题选择、协商步骤程序、协商方式方法、协商成果转化等方面进一步建章立制"
        14 "制度化、规范化、程序化水平"
    }
    /// Written rules on ways and methods.
    D14c = "d14c" "D14c" "方式方法得当" {
        14 "在协商议题选择、协商步骤程序、协商方式方法、协商成果转化等方面进一步建章立制"
        6 "丰富远程协商、网络议政等信息化协商渠道。"
    }
    /// Outcomes are put to use; the committee's and the grassroots'
    /// consultation are linked.
    D14d = "d14d" "D14d" "成果转化，政协协商与基层协商衔接" {
        14 "提升政协协商与基层协商有效衔接的制度化、规范化、程序化水平和实际效果"
    }
    /// Research before consultation.
    D15a = "d15a" "D15a" "商前先调研" {
        15 "注重加强商前调研"
        5 "按照无调研不建言、无依据不议政的理念，把做好调查研究作为基础性工作抓好抓实。"
    }
    /// Topics centre on the central tasks of party and government and on what
    /// people care about.
    D15b = "d15b" "D15b" "围绕中心工作和民生热点选题" {
        15 "紧紧围绕当地党委政府中心工作和民生关注热点，确定协商主题。"
        4 "围绕党委政府确定的重点工作、重要事项"
        7 "围绕解决好人民群众关心关切的现实问题"
    }
    /// All quarters are invited; participation widens.
    D15c = "d15c" "D15c" "广泛邀请各界代表" {
        15 "广泛邀请各界代表参与协商活动，扩大“有事好商量”活动的参与面和影响力。"
    }
    /// What was agreed is followed up until it is done.
    D15d = "d15d" "D15d" "商后跟踪落实，形成闭环" {
        15 "加强商后跟踪落实，努力形成工作闭环，提升协商实效。"
        8 "健全提案办理反馈机制。"
    }
    /// Members bring their resources; named studios work.
    D15e = "d15e" "D15e" "发挥委员作用，办好名委员工作室" {
        15 "发挥政协委员在“有事好商量”活动中的资源优势和积极作用，打响“名委员工作室”等工作品牌"
    }
    /// Experience that others can copy.
    D15f = "d15f" "D15f" "形成可复制、可推广的经验" {
        15 "形成可复制、可推广的工作经验。"
    }
    /// More suggestions are adopted and carried out.
    D6 = "d6" "D6" "提高采纳率、落实率" {
        6 "会同党委政府完善协商成果转化机制，提高协商意见建议的采纳率、落实率。"
    }
    /// Opinions are collected, sorted, reported and answered.
    D9 = "d9" "D9" "社情民意有收集、有反馈" {
        9 "完善社情民意信息收集、整理、报送、反馈机制"
        9 "认真听取基层声音和群众诉求"
    }
    /// Work is run as a list with dates.
    D17 = "d17" "D17" "清单上墙、序时推进" {
        17 "以项目化方式推进全年重点工作，做到清单上墙、序时推进。"
    }
}

impl DutyKey {
    /// The numbered item of the source document that it comes from.
    #[must_use]
    pub fn item(self) -> u8 {
        self.quotes().first().map_or(0, |quote| quote.item)
    }

    /// The rules that serve this duty.
    pub fn rules(self) -> impl Iterator<Item = RuleId> {
        RuleId::ALL.iter().copied().filter(move |id| id.rule().duties.contains(&self))
    }

    /// How far the program itself sees to this duty, derived from the rules
    /// that serve it.
    #[must_use]
    pub fn enforcement(self) -> Enforcement {
        let (mut done, mut open) = (false, false);
        for id in self.rules() {
            if id.rule().enforced {
                done = true;
            } else {
                open = true;
            }
        }
        match (done, open) {
            (true, false) => Enforcement::Full,
            (true, true) => Enforcement::Partly,
            (false, _) => Enforcement::NotYet,
        }
    }
}
