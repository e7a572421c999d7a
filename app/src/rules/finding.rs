//! The outcome of one check of one rule.

use serde::{Deserialize, Serialize};

use super::RuleId;

coded_enum! {
    /// How much a finding weighs. The order is the order of reading: what
    /// stops the step first.
    pub enum Level {
        /// The step is refused until this is mended.
        Blocking = "blocking" "未满足",
        /// The step may be taken; the person should know.
        Warning = "warning" "提醒",
        /// The check holds.
        Passed = "passed" "已满足",
    }
}

/// Where a finding can be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mend {
    /// The words of the link, such as 去补充依据.
    pub words: String,
    /// The address, relative to the page of the step: `#field` by default.
    pub href: String,
}

/// One check: what was looked at and how it came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule that the check belongs to.
    pub rule: RuleId,
    /// How it came out.
    pub level: Level,
    /// One plain Chinese sentence. It never repeats what a person typed, so
    /// that it may be stored and logged.
    pub sentence: String,
    /// The name of the form field that the check is about.
    pub field: Option<String>,
    /// Where it can be mended; only where something is to be mended.
    pub mend: Option<Mend>,
}

impl Finding {
    /// A check that holds.
    #[must_use]
    pub fn passed(rule: RuleId, sentence: impl Into<String>) -> Self {
        Self::new(rule, Level::Passed, sentence.into())
    }

    /// A check that the person should know about, and that stops nothing.
    #[must_use]
    pub fn warning(rule: RuleId, sentence: impl Into<String>) -> Self {
        Self::new(rule, Level::Warning, sentence.into())
    }

    /// A check that refuses the step.
    #[must_use]
    pub fn blocking(rule: RuleId, sentence: impl Into<String>) -> Self {
        Self::new(rule, Level::Blocking, sentence.into())
    }

    fn new(rule: RuleId, level: Level, sentence: String) -> Self {
        Self { rule, level, sentence, field: None, mend: None }
    }

    /// The same finding, about the form field `field`.
    #[must_use]
    pub fn on(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// The same finding, with a link to where it can be mended.
    #[must_use]
    pub fn mend(mut self, words: &str, href: impl Into<String>) -> Self {
        self.mend = Some(Mend { words: words.to_owned(), href: href.into() });
        self
    }
}

/// How many findings there are of each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Checks that refuse the step.
    pub blocking: usize,
    /// Checks that only warn.
    pub warning: usize,
    /// Checks that hold.
    pub passed: usize,
}

impl Tally {
    /// All checks together.
    #[must_use]
    pub const fn total(self) -> usize {
        self.blocking + self.warning + self.passed
    }

    /// One line for the head of a checklist, such as
    /// 「还差 2 项，1 项提醒，已满足 9 项」.
    #[must_use]
    pub fn words(self) -> String {
        let mut parts = Vec::with_capacity(3);
        if self.blocking > 0 {
            parts.push(format!("还差 {} 项", self.blocking));
        }
        if self.warning > 0 {
            parts.push(format!("{} 项提醒", self.warning));
        }
        if self.passed > 0 {
            parts.push(format!("已满足 {} 项", self.passed));
        }
        parts.join("，")
    }
}

/// Questions to a list of findings.
pub trait Findings {
    /// Whether any finding refuses the step.
    fn is_blocked(&self) -> bool;
    /// How many there are of each level.
    fn tally(&self) -> Tally;
    /// Those of one level, in their order.
    fn of_level(&self, level: Level) -> Vec<&Finding>;
    /// The finding of greatest weight about one form field.
    fn about(&self, field: &str) -> Option<&Finding>;
    /// A copy in reading order: blocking, warning, passed; within a level the
    /// order of the form is kept.
    fn sorted(&self) -> Vec<Finding>;
}

impl Findings for [Finding] {
    fn is_blocked(&self) -> bool {
        self.iter().any(|f| f.level == Level::Blocking)
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for finding in self {
            match finding.level {
                Level::Blocking => tally.blocking += 1,
                Level::Warning => tally.warning += 1,
                Level::Passed => tally.passed += 1,
            }
        }
        tally
    }

    fn of_level(&self, level: Level) -> Vec<&Finding> {
        self.iter().filter(|f| f.level == level).collect()
    }

    fn about(&self, field: &str) -> Option<&Finding> {
        self.iter().filter(|f| f.field.as_deref() == Some(field)).min_by_key(|f| f.level)
    }

    fn sorted(&self) -> Vec<Finding> {
        let mut list = self.to_vec();
        list.sort_by_key(|f| f.level);
        list
    }
}
