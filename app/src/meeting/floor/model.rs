//! Pure types of the floor: states of a speech, its clock, and who spoke how long.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::rules::codes::coded_enum;
use crate::rules::{Category, MeetingRules};

coded_enum! {
    /// What somebody speaks as.
    pub enum SpeechKind {
        /// A speech or a question.
        Speech = "speech" "发言",
        /// A department answers.
        Response = "response" "部门回应",
    }
}

impl SpeechKind {
    /// Seconds that the town allows.
    #[must_use]
    pub fn allowed_s(self, rules: &MeetingRules) -> i64 {
        let minutes = match self {
            Self::Speech => rules.speech_minutes,
            Self::Response => rules.response_minutes,
        };
        i64::from(minutes) * 60
    }
}

coded_enum! {
    /// Where a speech stands.
    pub enum SpeechState {
        /// Asked for; in line.
        Waiting = "waiting" "等着说",
        /// Taken back.
        Withdrawn = "withdrawn" "不说了",
        /// Being held.
        Speaking = "speaking" "正在说",
        /// Held.
        Spoken = "spoken" "说过了",
    }
}

/// Whole seconds from a beginning to its end, or to now.
#[must_use]
pub fn elapsed_s(started_at: DateTime<Utc>, ended_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> i64 {
    (ended_at.unwrap_or(now) - started_at).num_seconds().max(0)
}

/// 「3:18」.
#[must_use]
pub fn minutes_and_seconds(seconds: i64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// How long each category has spoken; with 0 the categories that are there and have said nothing yet, at the end.
#[must_use]
pub fn totals(spoken: &[(Category, i64)], present: &[Category]) -> Vec<(Category, i64)> {
    let mut sums: BTreeMap<Category, i64> = present.iter().map(|category| (*category, 0)).collect();
    for (category, seconds) in spoken {
        *sums.entry(*category).or_default() += seconds;
    }
    let mut list: Vec<(Category, i64)> = sums.into_iter().collect();
    list.sort_by_key(|(category, seconds)| (std::cmp::Reverse(*seconds), *category));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_count_whole_seconds_and_never_back() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let start = at("2026-11-20T06:00:00Z");
        assert_eq!(elapsed_s(start, None, at("2026-11-20T06:03:18.9Z")), 198);
        assert_eq!(elapsed_s(start, Some(at("2026-11-20T06:01:00Z")), at("2026-11-20T07:00:00Z")), 60);
        assert_eq!(elapsed_s(start, None, at("2026-11-20T05:00:00Z")), 0);
        assert_eq!([198, 60, 5].map(minutes_and_seconds), ["3:18", "1:00", "0:05"]);
    }

    #[test]
    fn whoever_is_there_and_said_nothing_is_not_forgotten() {
        use Category::{Department, Expert, Public};
        let list = totals(&[(Public, 60), (Department, 90), (Public, 40)], &[Expert, Public]);
        assert_eq!(list, [(Public, 100), (Department, 90), (Expert, 0)]);
    }

    #[test]
    fn a_response_is_shorter() {
        let rules = MeetingRules::default();
        assert_eq!(SpeechKind::Speech.allowed_s(&rules), 300);
        assert_eq!(SpeechKind::Response.allowed_s(&rules), 180);
        for kind in SpeechKind::ALL.iter().copied() {
            assert_eq!(SpeechKind::from_code(kind.code()), Some(kind));
        }
        for state in SpeechState::ALL.iter().copied() {
            assert_eq!(SpeechState::from_code(state.code()), Some(state));
        }
    }
}
