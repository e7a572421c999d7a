//! The rules of a consultation: what a town may set, what must hold before a
//! case moves on, and why.
//!
//! Everything here is pure: facts and settings in, findings out. No clock, no
//! storage, no page. The same code answers four questions, so that they cannot
//! disagree:
//!
//! - may this step be taken (`case::carry_out` asks [`judge`]);
//! - what is still missing (the checklist of a case page asks it too);
//! - which rules are there, and whom do they serve (the public rules page asks
//!   [`explain()`]);
//! - which numbers may a town change, and how far ([`settings_catalogue`]).
//!
//! | file | what it owns |
//! |---|---|
//! | `duty.rs` | the duties of the source document, in its own words |
//! | `catalogue.rs` | rules T1 to T14 and the two cross-cutting ones, as data |
//! | `settings.rs` | [`RuleSet`]: every number a town may change, with its bounds |
//! | `category.rs`, `composition.rs` | who takes part, and whether all sides are asked |
//! | `guards.rs` | facts and the judgement on them |
//! | `plan.rs` | the same for the announcement of a meeting (T6) and the notice clock |
//! | `meeting.rs` | the same for opening the meeting (T7) |
//! | `research.rs` | the same for the research before the meeting (T4, T5) |
//! | `minutes.rs` | the same for circulating and signing the minutes (T8) |
//! | `outcome.rs` | the same for the report and the hand-out of tasks (T9, T10) |
//! | `task.rs` | the same for answers, verification and the end of the handling (T11, T12) |
//! | `evaluation.rs` | the same for closing and archiving (T13, T14) |
//! | `finding.rs` | the outcome of one check |
//! | `workday.rs` | days off, workdays, what is due when |
//! | `text.rs` | counting characters, finding phone numbers |
//! | `explain.rs` | duties, rules and settings put together for reading |
//!
//! No duty of the source document contains a number. Every number is a setting
//! of the town and is shown as 「本镇设定」, never as 「按规定」.

#[macro_use]
pub(crate) mod codes;

mod catalogue;
mod category;
mod composition;
mod duty;
mod evaluation;
mod explain;
mod finding;
mod guards;
mod meeting;
mod minutes;
mod outcome;
mod plan;
mod research;
mod settings;
mod task;
mod text;
mod workday;

#[cfg(test)]
mod tests;

pub use catalogue::{Rule, RuleId};
pub use category::Category;
pub use composition::{Composition, Line, Seat, composition, judged, smallest_help};
pub use duty::{DutyKey, Enforcement, NOT_YET_ENFORCED, Quote, SOURCE_TITLE};
pub use evaluation::{ArchiveFacts, CloseFacts, Judgements, RegisterLine, Verdict, answers_needed};
pub use explain::{BASELINE_SETTING, ExplainedDuty, ExplainedRule, Explanation, OWN_SETTING, ShownSetting, explain};
pub use finding::{Finding, Findings, Level, Mend, Tally};
pub use guards::{
    Answer, Attachments, ConfirmFacts, ConfirmMoment, Exclusion, Facts, MergeTarget, ReleasedText, ScreeningDecision,
    ScreeningFacts, TopicBasis, TopicFacts, judge,
};
pub use meeting::{Attendance, HandCount, OpeningFacts, attendance_missed};
pub use minutes::{MinutesFacts, MinutesMoment};
pub use outcome::{Adoption, AssignFacts, DecidedItem, ReportFacts, ReportMoment};
pub use plan::{MeetingFormat, NoticeFacts, PlanException, PlanFacts, PlanMoment, Segment, Venue, notice_given};
pub use research::{LeadFacts, REPORT_TEXT_MAX, ResearchFacts, VisitFacts};
pub use settings::{
    AfterRules, BasisRule, Bounds, CloseRules, CommentRelease, CompositionRules, DistrictRules, FlowRules,
    MeetingRules, MinutesRules, NoticeRules, ResearchRules, RuleSet, RuleSetVersion, SettingError, SettingMeta, Source,
    SurveyRules, TopicRules, Unit, settings_catalogue,
};
pub use task::{AnswerFacts, EndFacts, EndedTask, ResultClass, VerifyFacts};
pub use text::{
    count_chars, finds_id_number, finds_mobile, finds_phone, has_control, is_blank, normal_phone, private_numbers,
};
pub use workday::{
    Calendar, CalendarDay, DayKind, DueLevel, DueState, DueUnit, SHANGHAI, clock_time, day, day_and_time,
    end_of_local_day, full_date, local_date, plain_date, read_days, weekday,
};
