//! Duties, rules and settings put together for the public rules page.
//!
//! The page is made from the same catalogue as the judgement, so it cannot
//! promise what is not checked or hide what is.

use super::{DutyKey, Enforcement, NOT_YET_ENFORCED, Quote, RuleId, RuleSet, RuleSetVersion, SettingMeta};

/// The mark beside every number of a town: it is the town's own choice and
/// not prescribed by anybody.
pub const OWN_SETTING: &str = "本镇设定";

/// The mark beside a number of the district's baseline, which a town may
/// change.
pub const BASELINE_SETTING: &str = "全区基准，各镇可调整";

/// One setting with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownSetting {
    /// All that is known of it.
    pub meta: &'static SettingMeta,
    /// Its value, such as 「5 个工作日」.
    pub value: String,
    /// The mark beside it, [`OWN_SETTING`] or [`BASELINE_SETTING`].
    pub mark: &'static str,
    /// The product's default where the value differs from it.
    pub default: Option<String>,
}

/// One rule with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedRule {
    /// Which rule; its `code` is the anchor on the page.
    pub id: RuleId,
    /// Its short name.
    pub title: &'static str,
    /// The transition in status words.
    pub transition: &'static str,
    /// The rule in one sentence.
    pub sentence: &'static str,
    /// What it checks, with the numbers filled in.
    pub guards: Vec<String>,
    /// The duties it serves.
    pub duties: &'static [DutyKey],
    /// The settings it uses.
    pub settings: Vec<ShownSetting>,
    /// What may be passed with a reason and a second person.
    pub exception: Option<&'static str>,
    /// 「尚未由系统执行」 where that is so.
    pub mark: Option<&'static str>,
}

/// One duty with the rules that serve it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedDuty {
    /// Which duty; its `code` is the anchor on the page.
    pub key: DutyKey,
    /// Its item in the source document.
    pub item: u8,
    /// Its plain short name.
    pub short: &'static str,
    /// The words it rests on.
    pub quotes: &'static [Quote],
    /// How far the program sees to it.
    pub enforcement: Enforcement,
    /// The rules that serve it, in order.
    pub rules: Vec<RuleId>,
}

/// Everything the rules page shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The duties in order.
    pub duties: Vec<ExplainedDuty>,
    /// The rules in order.
    pub rules: Vec<ExplainedRule>,
}

impl Explanation {
    /// One rule; every rule is there.
    #[must_use]
    pub fn rule(&self, id: RuleId) -> Option<&ExplainedRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

/// Puts the catalogue and the numbers of one version together.
#[must_use]
pub fn explain(version: &RuleSetVersion) -> Explanation {
    let mark = if version.town.is_some() { OWN_SETTING } else { BASELINE_SETTING };
    let defaults = RuleSet::default();
    let duties = DutyKey::ALL
        .iter()
        .map(|&key| ExplainedDuty {
            key,
            item: key.item(),
            short: key.short(),
            quotes: key.quotes(),
            enforcement: key.enforcement(),
            rules: key.rules().collect(),
        })
        .collect();
    let rules = RuleId::ALL
        .iter()
        .map(|id| {
            let rule = id.rule();
            ExplainedRule {
                id: rule.id,
                title: rule.title,
                transition: rule.transition,
                sentence: rule.sentence,
                guards: rule.guards_in(&version.rules),
                duties: rule.duties,
                settings: rule.settings.iter().filter_map(|key| show(key, &version.rules, &defaults, mark)).collect(),
                exception: rule.exception,
                mark: (!rule.enforced).then_some(NOT_YET_ENFORCED),
            }
        })
        .collect();
    Explanation { duties, rules }
}

fn show(key: &str, rules: &RuleSet, defaults: &RuleSet, mark: &'static str) -> Option<ShownSetting> {
    let differs = rules.literal(key) != defaults.literal(key);
    Some(ShownSetting {
        meta: SettingMeta::find(key)?,
        value: rules.shown(key)?,
        mark,
        default: if differs { defaults.shown(key) } else { None },
    })
}
