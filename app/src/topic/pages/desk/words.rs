//! Dates, days and states in words, for all pages of the desk. Pure.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::access::Role;
use crate::case::stage::Stage;
use crate::case::{limit_of, store::StageColumn};
pub(crate) use crate::rules::day;
use crate::rules::{Calendar, DueUnit, RuleSet, clock_time, local_date, plain_date};
use crate::ui::{Due, SideState};

/// From how many days before the due day a badge is amber. A matter of the look: nothing is judged by it.
const SOON: u32 = 1;

/// A time as people say it: 「11月18日 09:05」, with its year where that is not this one.
pub(crate) fn moment(at: DateTime<Utc>, today: NaiveDate) -> String {
    format!("{} {}", day(local_date(at), today), clock_time(at))
}

/// How many, as one says it before a measure word: 一, 两, 三 … 十; figures from 11 on.
pub(super) fn many(n: usize) -> String {
    const WORDS: [&str; 11] = ["零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十"];
    WORDS.get(n).map_or_else(|| format!(" {n} "), |word| (*word).to_owned())
}

/// The last day of the week, which begins on Monday.
pub(super) fn end_of_week(today: NaiveDate) -> NaiveDate {
    let left = 6 - u64::from(today.weekday().num_days_from_monday());
    today.checked_add_days(chrono::Days::new(left)).unwrap_or(today)
}

/// The stage of the line that a case is in, or was in before its side state, and that side state.
pub(super) fn standing(
    stage: Stage,
    (suspended_from, merged_from): (Option<&str>, Option<&str>),
    was_accepted: bool,
    due_on: Option<NaiveDate>,
) -> (Stage, Option<SideState>) {
    if stage.ordinal().is_some() {
        return (stage, None);
    }
    let before = if was_accepted { Stage::Accepted } else { Stage::Submitted };
    let from = match stage {
        Stage::Suspended => suspended_from,
        Stage::Merged => merged_from,
        _ => None,
    };
    // A topic may be put on hold while its question is open: the line has no place for that but the one before.
    let present = from.and_then(Stage::from_code).filter(|s| s.ordinal().is_some()).unwrap_or(before);
    let review_date = matches!(stage, Stage::Suspended | Stage::Returned).then_some(due_on).flatten().map(plain_date);
    (present, Some(SideState { stage, review_date }))
}

/// In what the days to the last day of a stage are counted: in tracking it is that of a task.
pub(super) fn unit(stage: Stage, rules: &RuleSet) -> DueUnit {
    match stage {
        Stage::Tracking => DueUnit::Workdays,
        stage => limit_of(stage, rules).map_or(DueUnit::Days, |limit| limit.unit),
    }
}

/// How long a stage may take, in words: 「5 个工作日」.
pub(super) fn limit(stage: Stage, rules: &RuleSet) -> Option<String> {
    limit_of(stage, rules).map(|limit| format!("{} {}", limit.days, limit.unit.word()))
}

/// The due badge of a stage.
pub(super) fn due(
    stage: StageColumn,
    due_on: Option<NaiveDate>,
    (rules, calendar): (&RuleSet, &Calendar),
    now: DateTime<Utc>,
) -> Option<Due> {
    due_on.map(|due_on| due_in(due_on, unit(stage.0, rules), calendar, now))
}

/// The due badge of a day that is counted in a unit.
pub(super) fn due_in(due_on: NaiveDate, unit: DueUnit, calendar: &Calendar, now: DateTime<Utc>) -> Due {
    calendar.due_state(now, due_on, unit, SOON).into()
}

/// 「已用 2 / 限 5 个工作日」; for a stage with a day of its own (暂缓, 待补正) that day.
pub(super) fn spent(
    stage: Stage,
    since: DateTime<Utc>,
    due_on: Option<NaiveDate>,
    (rules, calendar): (&RuleSet, &Calendar),
    today: NaiveDate,
) -> Option<String> {
    match stage {
        Stage::Suspended => due_on.map(|due| format!("{}复核", day(due, today))),
        Stage::Returned => due_on.map(|due| format!("等到{}", day(due, today))),
        _ => limit_of(stage, rules).map(|limit| {
            let spent = limit.spent(calendar, local_date(since), today);
            // Whoever names the lead names the day; a survey may have been extended.
            let days = match (stage, due_on) {
                (Stage::Researching | Stage::Evaluating, Some(due)) => limit.spent(calendar, local_date(since), due),
                _ => i64::from(limit.days),
            };
            format!("已用 {spent} / 限 {days} {}", limit.unit.word())
        }),
    }
}

/// Whom a stage waits for.
pub(super) fn waits(stage: Stage, waits_for: Option<&str>) -> Option<&'static str> {
    match (stage, waits_for.and_then(Role::from_code)) {
        (Stage::Returned, _) => Some("提出人"),
        (Stage::Researching, None) => waits_for.map(|_| "调研负责人"),
        (_, Some(role)) => Some(role.word()),
        (_, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_said_as_people_say_them() {
        let today = date("2026-11-18");
        assert_eq!(crate::rules::weekday(today), "周三");
        assert_eq!(day(today, today), "11月18日");
        assert_eq!(day(date("2027-01-04"), today), "2027年1月4日");
        assert_eq!(end_of_week(today), date("2026-11-22"));
        assert_eq!(end_of_week(date("2026-11-22")), date("2026-11-22"));
        assert_eq!(end_of_week(date("2026-11-23")), date("2026-11-29"));
        let at = "2026-11-18T01:05:00Z".parse().unwrap();
        assert_eq!(moment(at, today), "11月18日 09:05");
    }

    #[test]
    fn small_numbers_are_words() {
        for (n, word) in [(1, "一"), (2, "两"), (10, "十"), (11, " 11 ")] {
            assert_eq!(many(n), word);
        }
    }

    #[test]
    fn every_state_has_a_place_on_the_line() {
        for stage in Stage::ALL.iter().copied() {
            for accepted in [false, true] {
                let (present, side) = standing(stage, (None, None), accepted, Some(date("2026-11-30")));
                assert!(present.ordinal().is_some(), "{stage:?}");
                assert_eq!(side.is_none(), stage.ordinal().is_some(), "{stage:?}");
            }
        }
        let (present, side) = standing(Stage::Suspended, (Some("confirmed"), None), true, Some(date("2026-11-30")));
        assert_eq!(present, Stage::Confirmed);
        assert_eq!(side.and_then(|s| s.review_date).as_deref(), Some("11月30日"));
        assert_eq!(standing(Stage::Merged, (None, Some("accepted")), true, None).0, Stage::Accepted);
        assert_eq!(standing(Stage::Suspended, (Some("returned"), None), false, None).0, Stage::Submitted);
    }

    #[test]
    fn time_spent_names_limit_and_unit() {
        let (rules, calendar, today) = (RuleSet::default(), Calendar::builtin(), date("2026-11-18"));
        let since: DateTime<Utc> = "2026-11-13T02:00:00Z".parse().unwrap();
        let say = |stage, due: Option<&str>| spent(stage, since, due.map(date), (&rules, &calendar), today);
        assert_eq!(say(Stage::Submitted, None).as_deref(), Some("已用 3 / 限 5 个工作日"));
        assert_eq!(say(Stage::Researching, Some("2026-11-18")).as_deref(), Some("已用 3 / 限 3 个工作日"));
        assert_eq!(say(Stage::Suspended, Some("2026-12-01")).as_deref(), Some("12月1日复核"));
        assert_eq!(say(Stage::Returned, Some("2026-12-01")).as_deref(), Some("等到12月1日"));
        assert_eq!(say(Stage::Declined, None), None);
    }

    #[test]
    fn whom_it_waits_for() {
        assert_eq!(waits(Stage::Returned, None), Some("提出人"));
        assert_eq!(waits(Stage::Accepted, Some("party_approver")), Some("党（工）委审批人"));
        assert_eq!(waits(Stage::Researching, Some(crate::case::LEAD)), Some("调研负责人"));
        assert_eq!(waits(Stage::Merged, None), None);
    }
}
