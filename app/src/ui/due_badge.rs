//! The due badge: how long is left, or how long over. Always a number with its unit, or a date.

use leptos::prelude::*;

use crate::rules::{DueLevel, DueState, DueUnit};

/// A count of days with its unit: 「6 个工作日」, 「147 天」.
pub(super) fn days(n: i64, unit: DueUnit) -> String {
    format!("{n} {}", unit.word())
}

/// A due date in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// How pressing it is.
    pub level: DueLevel,
    /// What the badge says.
    pub words: String,
}

impl From<DueState> for Due {
    fn from(state: DueState) -> Self {
        Self { level: state.level, words: state.words }
    }
}

impl Due {
    /// A date or another sentence that presses nobody.
    pub fn calm(words: impl Into<String>) -> Self {
        Self { level: DueLevel::Calm, words: words.into() }
    }

    /// A date that is near.
    pub fn soon(words: impl Into<String>) -> Self {
        Self { level: DueLevel::Soon, words: words.into() }
    }

    /// Over; the words say so: 「超期 6 个工作日」.
    pub fn late(words: impl Into<String>) -> Self {
        Self { level: DueLevel::Late, words: words.into() }
    }

    const fn class(&self) -> &'static str {
        match self.level {
            DueLevel::Calm => "badge calm",
            DueLevel::Soon => "badge soon",
            DueLevel::Late => "badge late",
        }
    }
}

/// The badge.
#[component]
pub fn DueBadge(
    /// What it says.
    due: Due,
) -> impl IntoView {
    let class = due.class();
    view! { <span class=class>{due.words}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_badge_says_what_the_calendar_says() {
        let state = DueState { level: DueLevel::Late, left: -6, words: "超期 6 个工作日".to_owned() };
        let html = crate::live::render(move || view! { <DueBadge due=state.into()/> });
        assert_eq!(html, "<span class=\"badge late\">超期 6 个工作日</span>");
    }

    #[test]
    fn units_are_said_in_full() {
        assert_eq!(days(6, DueUnit::Workdays), "6 个工作日");
        assert_eq!(days(147, DueUnit::Days), "147 天");
    }
}
