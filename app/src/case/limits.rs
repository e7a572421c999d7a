//! How long each stage may take and whom it waits for, from the rule set that judges the case.

use chrono::{Days, NaiveDate};

use super::stage::Stage;
use crate::access::Role;
use crate::rules::{Calendar, DueUnit, RuleSet};

/// A number of days, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub days: u32,
    /// Workdays or calendar days.
    pub unit: DueUnit,
}

impl Limit {
    const fn workdays(days: u32) -> Self {
        Self { days, unit: DueUnit::Workdays }
    }

    const fn days(days: u32) -> Self {
        Self { days, unit: DueUnit::Days }
    }

    /// The last day of the limit, counted from `start`, which is not included.
    #[must_use]
    pub fn due_on(self, calendar: &Calendar, start: NaiveDate) -> NaiveDate {
        match self.unit {
            DueUnit::Workdays => calendar.add_workdays(start, self.days),
            DueUnit::Days => start.checked_add_days(Days::new(u64::from(self.days))).unwrap_or(start),
        }
    }

    /// The days of this unit from `start` to `end`.
    #[must_use]
    pub fn spent(self, calendar: &Calendar, start: NaiveDate, end: NaiveDate) -> i64 {
        match self.unit {
            DueUnit::Workdays => calendar.workdays_between(start, end),
            DueUnit::Days => (end - start).num_days(),
        }
    }
}

/// How long a stage may take: item 14's step procedure, the numbers are the town's.
#[must_use]
pub fn limit_of(stage: Stage, rules: &RuleSet) -> Option<Limit> {
    match stage {
        Stage::Submitted => Some(Limit::workdays(rules.topic.screen_workdays)),
        Stage::Returned => Some(Limit::days(rules.flow.return_days)),
        Stage::Accepted => Some(Limit::workdays(rules.flow.confirm_workdays)),
        Stage::Confirmed => Some(Limit::workdays(rules.flow.lead_workdays)),
        Stage::Researching => Some(Limit::workdays(rules.research.workdays)),
        Stage::Planned => Some(Limit::workdays(rules.flow.announce_workdays)),
        Stage::Convened => Some(Limit::workdays(rules.minutes.sign_workdays)),
        Stage::Minuted => Some(Limit::workdays(rules.after.report_workdays)),
        Stage::Reported => Some(Limit::workdays(rules.after.assign_workdays)),
        Stage::Tracking => Some(Limit::days(rules.after.reply_days)),
        Stage::Evaluating => Some(Limit::days(rules.survey.days)),
        Stage::Closed => Some(Limit::workdays(rules.close.publish_workdays)),
        Stage::Suspended => Some(Limit::days(rules.flow.suspend_review_days)),
        Stage::Draft
        | Stage::Announced
        | Stage::Archived
        | Stage::Transferred
        | Stage::Merged
        | Stage::Declined
        | Stage::Withdrawn
        | Stage::Lapsed
        | Stage::Terminated => None,
    }
}

/// What is stored where a case waits for the lead of its research, who is no role but a person of the case.
pub const LEAD: &str = "lead";

/// Code of whom a stage waits for, a role or the lead; `None` for the proposer (待补正) and where nothing is open.
#[must_use]
pub const fn waits_for(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Accepted | Stage::Confirmed | Stage::Suspended => Some(Role::Director.code()),
        Stage::Reported => Some(Role::PartyApprover.code()),
        Stage::Researching => Some(LEAD),
        Stage::Submitted
        | Stage::Planned
        | Stage::Announced
        | Stage::Convened
        | Stage::Minuted
        | Stage::Tracking
        | Stage::Evaluating
        | Stage::Closed => Some(Role::Officer.code()),
        _ => None,
    }
}
