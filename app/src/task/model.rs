//! A task's states, its clock, and the chain that is told when it is late. Pure.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::ids::NoteId;
use crate::rules::codes::coded_enum;
use crate::rules::{Calendar, RuleSet};

coded_enum! {
    /// How far a task is.
    pub enum TaskState {
        /// Handed to its unit, which has not signed.
        Assigned = "assigned" "待签收",
        /// The unit says that it is not its matter; it waits for another unit.
        Declined = "declined" "已退办",
        /// The unit has signed, and has not reported yet.
        Signed = "signed" "已签收",
        /// The unit has reported progress.
        Working = "working" "办理中",
        /// The unit has answered; it waits for verification.
        Replied = "replied" "已答复",
        /// Somebody else has seen that it is so.
        Verified = "verified" "已核实",
    }
}

impl TaskState {
    /// Whether the unit is to act: sign, report or answer.
    #[must_use]
    pub const fn is_units(self) -> bool {
        matches!(self, Self::Assigned | Self::Signed | Self::Working)
    }

    /// Whether the unit has taken it and not answered yet.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Signed | Self::Working)
    }

    /// What it waits for, as one says it of a late one.
    #[must_use]
    pub const fn awaited(self) -> &'static str {
        match self {
            Self::Assigned => "签收",
            Self::Declined => "改交",
            Self::Signed => "首次报告进展",
            Self::Working => "答复",
            Self::Replied => "核实",
            Self::Verified => "",
        }
    }
}

coded_enum! {
    /// What a line of a task's record is.
    pub enum NoteKind {
        /// It was handed to the unit.
        Assigned = "assigned" "交办",
        /// A unit signed.
        Signed = "signed" "签收",
        /// The unit declined.
        Declined = "declined" "退办",
        /// It was handed to another unit.
        Reassigned = "reassigned" "改交",
        /// A step that the unit plans.
        Planned = "planned" "办理步骤",
        /// What was done.
        Progress = "progress" "进展",
        /// A later day is asked for.
        ExtensionAsked = "extension_asked" "申请延期",
        /// It was granted.
        ExtensionGranted = "extension_granted" "同意延期",
        /// It was refused.
        ExtensionRefused = "extension_refused" "不同意延期",
        /// The unit's answer.
        Reply = "reply" "答复",
        /// It was verified.
        Verified = "verified" "核实",
        /// It was sent back with what is missing.
        SentBack = "sent_back" "退回重办",
        /// It was opened again after people were not satisfied.
        Redone = "redone" "二次办理",
        /// A supervision order.
        Supervised = "supervised" "督办",
        /// The answer to it.
        Answered = "answered" "督办回复",
        /// A reminder by the clock.
        Reminded = "reminded" "到期提醒",
        /// A step of the chain, since it is late.
        Escalated = "escalated" "超期上报",
        /// Holidays changed its day.
        Moved = "moved" "日期随放假变动",
    }
}

impl NoteKind {
    /// Whether the units of the task are told by letter as soon as it stands in the record. The clock's own lines are
    /// not: of several, it chooses the one that is sent.
    #[must_use]
    pub const fn is_mailed(self) -> bool {
        use NoteKind::{Assigned, ExtensionGranted, ExtensionRefused, Moved, Reassigned, SentBack, Supervised};
        matches!(self, Assigned | Reassigned | ExtensionGranted | ExtensionRefused | SentBack | Supervised | Moved)
    }

    /// Whether the clock writes such a line, which then says what is awaited.
    #[must_use]
    pub const fn is_of_clock(self) -> bool {
        matches!(self, Self::Reminded | Self::Escalated)
    }

    /// Whether a public line is told to those who follow the case, and to those who attended.
    #[must_use]
    pub const fn is_news(self) -> bool {
        matches!(self, Self::Progress | Self::Reply)
    }
}

coded_enum! {
    /// Whom a late task is brought to, in order (`domain.md` T11; N9).
    pub enum Chain {
        /// Who handles it in the unit.
        Handler = "handler" "承办单位经办人",
        /// Who answers for the unit.
        Head = "head" "承办单位负责人",
        /// The town's director.
        Director = "director" "工委主任",
        /// The party committee.
        Party = "party" "镇党委",
        /// The district's office.
        District = "district" "区政协办",
    }
}

impl Chain {
    /// The role that is told.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Handler => Role::UnitHandler,
            Self::Head => Role::UnitHead,
            Self::Director => Role::Director,
            Self::Party => Role::PartyApprover,
            Self::District => Role::DistrictOffice,
        }
    }

    /// Whether it is somebody of the unit.
    #[must_use]
    pub const fn is_of_unit(self) -> bool {
        matches!(self, Self::Handler | Self::Head)
    }

    /// The step of a number from 1.
    #[must_use]
    pub fn step(level: i64) -> Option<Self> {
        usize::try_from(level - 1).ok().and_then(|n| Self::ALL.get(n)).copied()
    }
}

/// What of a task the clock looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocked {
    /// How far it is.
    pub state: TaskState,
    /// The last day of what it waits for.
    pub wait_on: NaiveDate,
    /// How many steps of the chain were taken.
    pub escalated: i64,
    /// The `wait_on` that was reminded of.
    pub reminded_for: Option<NaiveDate>,
}

/// Something that is due by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// On which day it was due.
    pub on: NaiveDate,
    /// The step of the chain from 1; `None` for the reminder.
    pub level: Option<i64>,
}

impl Clocked {
    /// The day of the reminder: `after.remind_before_workdays` before the last day.
    #[must_use]
    pub fn reminder_on(self, calendar: &Calendar, rules: &RuleSet) -> NaiveDate {
        sub_workdays(calendar, self.wait_on, rules.after.remind_before_workdays)
    }

    /// How many steps of the chain are left out: what waits for the town's own people does not concern the unit's.
    const fn left_out(self) -> i64 {
        if self.state.is_units() { 0 } else { 2 }
    }

    /// The day of a step of the chain: the first on the day after the last day, each other one
    /// `after.escalate_after_workdays` later.
    #[must_use]
    pub fn level_on(self, level: i64, calendar: &Calendar, rules: &RuleSet) -> NaiveDate {
        let step = u32::try_from(level - 1 - self.left_out()).unwrap_or(0);
        let steps = step.saturating_mul(rules.after.escalate_after_workdays);
        let late = self.wait_on + Days::new(1);
        if steps == 0 { late } else { calendar.add_workdays(self.wait_on, steps).max(late) }
    }

    /// All that is due by a day and was not done, in order.
    #[must_use]
    pub fn due(self, today: NaiveDate, calendar: &Calendar, rules: &RuleSet) -> Vec<Due> {
        let mut due = Vec::new();
        if self.state == TaskState::Verified {
            return due;
        }
        let reminder = self.reminder_on(calendar, rules);
        if self.reminds() && reminder <= today && self.escalated == 0 && self.wait_on >= today {
            due.push(Due { on: reminder, level: None });
        }
        for level in self.next_level()..=last_level() {
            let on = self.level_on(level, calendar, rules);
            if on > today {
                break;
            }
            due.push(Due { on, level: Some(level) });
        }
        due
    }

    /// The step of the chain that comes next.
    fn next_level(self) -> i64 {
        self.escalated.max(self.left_out()) + 1
    }

    /// Whether there is still to be a reminder of the present last day. What is signed or reassigned has but few days.
    fn reminds(self) -> bool {
        self.reminded_for != Some(self.wait_on) && self.state.is_under_way()
    }

    /// The day on which the clock has something to do next; `None` when it has nothing left.
    #[must_use]
    pub fn next_on(self, today: NaiveDate, calendar: &Calendar, rules: &RuleSet) -> Option<NaiveDate> {
        if self.state == TaskState::Verified {
            return None;
        }
        let reminder = self.reminder_on(calendar, rules).max(today);
        let next = self.next_level();
        let level = (next <= last_level()).then(|| self.level_on(next, calendar, rules));
        let reminder = (self.reminds() && self.escalated == 0 && self.wait_on >= reminder).then_some(reminder);
        [reminder, level].into_iter().flatten().min()
    }
}

fn last_level() -> i64 {
    i64::try_from(Chain::ALL.len()).unwrap_or(i64::MAX)
}

/// Under which name the words of a line stand in the ledger.
#[must_use]
pub fn private_name(note: NoteId) -> String {
    format!("task_note:{note}")
}

/// The workday that lies so many workdays before a day.
fn sub_workdays(calendar: &Calendar, day: NaiveDate, n: u32) -> NaiveDate {
    let (mut day, mut left) = (day, n);
    while left > 0 {
        let Some(before) = day.pred_opt() else { break };
        day = before;
        if calendar.is_workday(day) {
            left -= 1;
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn working(wait_on: &str) -> Clocked {
        Clocked { state: TaskState::Working, wait_on: date(wait_on), escalated: 0, reminded_for: None }
    }

    fn due(task: Clocked, today: &str) -> Vec<(String, Option<i64>)> {
        let due = task.due(date(today), &Calendar::builtin(), &RuleSet::default());
        due.into_iter().map(|one| (one.on.to_string(), one.level)).collect()
    }

    #[test]
    fn it_is_reminded_five_workdays_before_and_red_the_day_after() {
        // Friday the 27th of November 2026.
        let task = working("2026-11-27");
        assert_eq!(due(task, "2026-11-19"), []);
        assert_eq!(due(task, "2026-11-20"), [("2026-11-20".to_owned(), None)]);
        let reminded = Clocked { reminded_for: Some(task.wait_on), ..task };
        assert_eq!(due(reminded, "2026-11-27"), []);
        assert_eq!(due(reminded, "2026-11-28"), [("2026-11-28".to_owned(), Some(1))]);
        // The head of the unit hears of it five workdays later, and so on up the chain.
        let red = Clocked { escalated: 1, ..reminded };
        assert_eq!(due(red, "2026-12-03"), []);
        assert_eq!(due(red, "2026-12-04"), [("2026-12-04".to_owned(), Some(2))]);
    }

    #[test]
    fn after_days_off_all_that_was_due_is_there_in_order() {
        let found = due(working("2026-11-27"), "2026-12-26");
        let days: Vec<&str> = found.iter().map(|(day, _)| day.as_str()).collect();
        assert_eq!(days, ["2026-11-28", "2026-12-04", "2026-12-11", "2026-12-18", "2026-12-25"]);
        assert_eq!(found.last().unwrap().1, Some(5));
        // What waits for the town's own people begins with the director.
        let replied = Clocked { state: TaskState::Replied, ..working("2026-11-27") };
        assert_eq!(due(replied, "2026-11-28"), [("2026-11-28".to_owned(), Some(3))]);
        assert_eq!(due(Clocked { escalated: 5, ..working("2026-11-27") }, "2027-03-01"), []);
        assert_eq!(due(Clocked { state: TaskState::Verified, ..working("2026-11-27") }, "2027-03-01"), []);
    }

    proptest! {
        /// Whatever day the clock looks at a task: nothing is due before `next_on`, and something is due on it.
        #[test]
        fn the_clock_is_never_early_and_never_forgets(
            from in 0_u64..300, wait in 0_u64..200, later in 0_u64..60, state in 0_usize..6, escalated in 0_i64..6, reminded: bool,
        ) {
            let (calendar, rules) = (Calendar::builtin(), RuleSet::default());
            let today = date("2026-03-02") + Days::new(from);
            let wait_on = date("2026-03-02") + Days::new(wait);
            let task = Clocked {
                state: TaskState::ALL[state], wait_on, escalated, reminded_for: reminded.then_some(wait_on),
            };
            match task.next_on(today, &calendar, &rules) {
                None => prop_assert!(task.due(today + Days::new(later), &calendar, &rules).is_empty()),
                Some(next) => {
                    let look = today + Days::new(later);
                    if look < next {
                        prop_assert!(task.due(look, &calendar, &rules).is_empty(), "{task:?} {look} {next}");
                    }
                    if next >= today {
                        prop_assert!(!task.due(next, &calendar, &rules).is_empty(), "{task:?} {next}");
                    }
                }
            }
        }

        /// Days of the chain never go back.
        #[test]
        fn the_chain_goes_up_in_time(wait in 0_u64..400) {
            let (calendar, rules) = (Calendar::builtin(), RuleSet::default());
            let task = Clocked { wait_on: date("2026-03-02") + Days::new(wait), ..working("2026-03-02") };
            let days: Vec<NaiveDate> = (1..=last_level()).map(|level| task.level_on(level, &calendar, &rules)).collect();
            prop_assert!(days.windows(2).all(|pair| pair[0] <= pair[1]), "{days:?}");
            prop_assert!(days[0] > task.wait_on);
        }
    }
}
