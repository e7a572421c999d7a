//! What a case adds to the board: so many of something, on a day or in a month.
//!
//! A step marks its case as stale; whoever looks at the board, and the clock, counts the stale ones again. A case is
//! always counted as a whole from its own tables, and what it added before is taken back: there is no sum that drifts,
//! and nothing to get wrong in a step. Days are days in Shanghai.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::tally_store::{self, CaseRows};
use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::evaluation::model::Satisfaction;
use crate::rules::{Adoption, Category, ResultClass, Verdict, local_date, notice_given};
use crate::topic::model::TopicSource;

/// Cases that are counted in one transaction: no other write waits long.
const AT_ONCE: i64 = 16;

macro_rules! whats {
    ($($(#[$doc:meta])* $Name:ident $code:literal $by_day:literal,)*) => {
        /// Something that is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum What {
            $($(#[$doc])* $Name,)*
            /// Topics sent, by source.
            Raised(TopicSource),
            /// Check-ins, by category.
            Present(Category),
        }

        impl What {
            /// The code that is stored. Those of tasks by their last day begin with `due`: up to which day they count
            /// is asked when they are read.
            #[must_use]
            pub fn code(self) -> String {
                match self {
                    $(Self::$Name => $code.to_owned(),)*
                    Self::Raised(source) => format!("raised:{}", source.code()),
                    Self::Present(category) => format!("present:{}", category.code()),
                }
            }

            /// That of a stored code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$Name),)*
                    _ => match code.split_once(':')? {
                        ("raised", source) => TopicSource::from_code(source).map(Self::Raised),
                        ("present", category) => Category::from_code(category).map(Self::Present),
                        _ => None,
                    },
                }
            }

            /// Every one.
            #[cfg(test)]
            fn all() -> Vec<Self> {
                let own = [$(Self::$Name),*].into_iter();
                let raised = TopicSource::ALL.iter().copied().map(Self::Raised);
                own.chain(raised).chain(Category::ALL.iter().copied().map(Self::Present)).collect()
            }

            /// Whether it is kept by day; by month where not.
            const fn is_by_day(self) -> bool {
                match self {
                    $(Self::$Name => $by_day,)*
                    Self::Raised(_) | Self::Present(_) => false,
                }
            }
        }
    };
}

whats! {
    /// Topics chosen.
    Confirmed "confirmed" false,
    /// Topics not taken up.
    Declined "declined" false,
    /// Topics passed on.
    Transferred "transferred" false,
    /// Cases that were reported.
    Reported "reported" false,
    /// Of these closed by now, under the month of the report.
    Closed "closed" false,
    /// Meetings opened. By day: the half-year before a day is asked for.
    Met "met" true,
    /// Meetings whose notice has a day.
    Noticed "noticed" false,
    /// Calendar days from notice to meeting, of all these.
    NoticeDays "notice_days" false,
    /// Meetings called at short notice.
    Urgent "urgent" false,
    /// Meetings before which research was filed.
    Researched "researched" false,
    /// Women among the check-ins.
    Women "women" false,
    /// Items of signed outcome lists.
    Listed "listed" false,
    /// Items decided on.
    Decided "decided" false,
    /// Of these adopted in full.
    Full "full" false,
    /// Of these adopted in part.
    Partial "partial" false,
    /// Of those adopted, solved (A) and verified.
    Solved "solved" false,
    /// Of those adopted, under way (B) and verified.
    UnderWay "under_way" false,
    /// Tasks by their last day. By day: only those before a day are due.
    Due "due" true,
    /// Of these answered in time.
    InTime "due_in_time" true,
    /// Of these not answered.
    Unanswered "due_unanswered" true,
    /// Tasks answered.
    Answered "answered" false,
    /// Days from hand-out to answer, of all these.
    AnswerDays "answer_days" false,
    /// Tasks verified.
    Verified "verified" false,
    /// Surveys closed.
    Surveys "surveys" false,
    /// Of these with the case going back to the units.
    Redone "redone" false,
    /// Answers on the handling: satisfied.
    Satisfied "judged_satisfied" false,
    /// Answers on the handling: mostly satisfied.
    Mostly "judged_mostly" false,
    /// Answers on the handling: not satisfied.
    Not "judged_not" false,
    /// Cases written up.
    Story "story" false,
}

/// What a case adds: by code and day.
pub(super) type Parts = BTreeMap<(String, NaiveDate), i64>;

/// The parts while they are counted.
#[derive(Default)]
struct Count(Parts);

impl Count {
    fn add(&mut self, what: What, on: NaiveDate, n: i64) {
        let day = if what.is_by_day() { on } else { on.with_day(1).unwrap_or(on) };
        if n != 0 {
            *self.0.entry((what.code(), day)).or_default() += n;
        }
    }

    fn at(&mut self, what: What, at: DateTime<Utc>, n: i64) {
        self.add(what, local_date(at), n);
    }
}

/// What a case adds, from its rows. Pure.
pub(super) fn parts(case: &CaseRows) -> Parts {
    let mut count = Count::default();
    count.at(What::Raised(case.topic.source.0), case.topic.submitted_at, 1);
    of_stages(case, &mut count);
    of_meetings(case, &mut count);
    of_outcomes(case, &mut count);
    of_tasks(case, &mut count);
    for survey in &case.surveys {
        count.at(What::Surveys, survey.closed_at, 1);
        count.at(What::Redone, survey.closed_at, i64::from(survey.verdict.as_deref() == Some(Verdict::Redo.code())));
    }
    for answer in &case.answers {
        let what = match answer.answer.0 {
            Satisfaction::Satisfied => What::Satisfied,
            Satisfaction::Mostly => What::Mostly,
            Satisfaction::Not => What::Not,
        };
        count.at(what, answer.closed_at, answer.n);
    }
    if let Some(at) = case.published_at.filter(|_| case.topic.is_public) {
        count.at(What::Story, at, 1);
    }
    count.0
}

/// The first time the case came into a stage; one that was put on hold comes into it again.
fn of_stages(case: &CaseRows, count: &mut Count) {
    let first = |stage: Stage| case.spans.iter().find(|span| span.stage.0 == stage).map(|span| span.entered_at);
    for (stage, what) in [
        (Stage::Confirmed, What::Confirmed),
        (Stage::Declined, What::Declined),
        (Stage::Transferred, What::Transferred),
    ] {
        if let Some(at) = first(stage) {
            count.at(what, at, 1);
        }
    }
    if let Some(at) = first(Stage::Reported) {
        count.at(What::Reported, at, 1);
        count.at(What::Closed, at, i64::from(matches!(case.topic.stage.0, Stage::Closed | Stage::Archived)));
    }
}

/// Meetings that were opened, each once, and who was there. Research counts where it was filed after the meeting of the
/// case before: filing is the only way into 筹备.
fn of_meetings(case: &CaseRows, count: &mut Count) {
    let mut known = Vec::new();
    for opening in &case.openings {
        let at = opening.opened_at;
        for there in case.present.iter().filter(|there| there.sitting_id == opening.sitting_id) {
            count.at(What::Present(there.category.0), at, there.n);
            count.at(What::Women, at, there.women);
        }
        if known.contains(&opening.meeting_id) {
            continue;
        }
        known.push(opening.meeting_id);
        let before = case.openings.iter().filter(|other| other.meeting_id != opening.meeting_id);
        let before = before.map(|other| other.opened_at).filter(|other| *other < at).max();
        let researched = case.spans.iter().any(|span| {
            span.stage.0 == Stage::Planned && span.entered_at <= at && before.is_none_or(|held| span.entered_at > held)
        });
        count.at(What::Met, at, 1);
        count.at(What::Researched, at, i64::from(researched));
        count.at(What::Urgent, at, i64::from(opening.urgent));
        if let Some(announced) = opening.announced_at {
            count.at(What::Noticed, at, 1);
            count.at(What::NoticeDays, at, notice_given(local_date(announced), local_date(at)));
        }
    }
}

/// Items that were signed or decided on, each as its newest task says: after a way back that one says how it ended.
fn of_outcomes(case: &CaseRows, count: &mut Count) {
    for outcome in &case.outcomes {
        if let Some(at) = outcome.signed_at {
            count.at(What::Listed, at, 1);
        }
        let adoption = outcome.adoption.as_deref().and_then(Adoption::from_code);
        let (Some(adoption), Some(at)) = (adoption, outcome.decided_at) else { continue };
        count.at(What::Decided, at, 1);
        let adopted = match adoption {
            Adoption::Full => What::Full,
            Adoption::Partial => What::Partial,
            Adoption::None => continue,
        };
        count.at(adopted, at, 1);
        match outcome.class.as_deref().and_then(ResultClass::from_code) {
            Some(ResultClass::Solved) => count.at(What::Solved, at, 1),
            Some(ResultClass::InProgress) => count.at(What::UnderWay, at, 1),
            _ => {}
        }
    }
}

fn of_tasks(case: &CaseRows, count: &mut Count) {
    for task in &case.tasks {
        count.add(What::Due, task.due_on, 1);
        count.add(What::InTime, task.due_on, i64::from(task.replied_at.is_some() && task.in_time == Some(true)));
        count.add(What::Unanswered, task.due_on, i64::from(task.replied_at.is_none()));
        if let Some(at) = task.replied_at {
            count.at(What::Answered, at, 1);
            count.at(What::AnswerDays, at, (local_date(at) - local_date(task.assigned_at)).num_days());
        }
        if let Some(at) = task.verified_at {
            count.at(What::Verified, at, 1);
        }
    }
}

/// Steps that many people take at the same time, and that change nothing of what is counted.
const NOT_COUNTED: &[StepKind] = &[
    StepKind::AddComment,
    StepKind::AnswerComment,
    StepKind::AnswerInvitation,
    StepKind::AnswerQuestionnaire,
    StepKind::AnswerSurvey,
    StepKind::AskReopening,
    StepKind::AskToSpeak,
    StepKind::CallResponse,
    StepKind::CastVote,
    StepKind::ChaseTask,
    StepKind::ChooseNews,
    StepKind::DecideHeldSupport,
    StepKind::ExtendSpeech,
    StepKind::FollowTopic,
    StepKind::GiveOpinion,
    StepKind::HideComment,
    StepKind::MarkOverdue,
    StepKind::MarkSeen,
    StepKind::NoteFollowersTold,
    StepKind::NoteSpeech,
    StepKind::RegisterSeat,
    StepKind::ReleaseComment,
    StepKind::ReplyToMinutes,
    StepKind::ReportComment,
    StepKind::SaveSection,
    StepKind::SpeakNext,
    StepKind::StartSpeech,
    StepKind::StopFollowing,
    StepKind::StopSpeech,
    StepKind::SupportTopic,
    StepKind::ViewContact,
    StepKind::ViewInvitee,
    StepKind::WithdrawSpeech,
];

/// Whether a step may change what its case adds. Of all others it is not asked what they touch.
#[must_use]
pub fn is_counted(step: StepKind) -> bool {
    !NOT_COUNTED.contains(&step)
}

/// One of the parts as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored(String, NaiveDate, i64);

fn stored(parts: &Parts) -> Result<String, Refusal> {
    let list: Vec<Stored> = parts.iter().map(|((what, day), n)| Stored(what.clone(), *day, *n)).collect();
    serde_json::to_string(&list).map_err(|e| Refusal::internal(&e))
}

fn read(body: Option<&str>) -> Result<Parts, Refusal> {
    let list: Vec<Stored> = serde_json::from_str(body.unwrap_or("[]")).map_err(|e| Refusal::internal(&e))?;
    Ok(list.into_iter().map(|Stored(what, day, n)| ((what, day), n)).collect())
}

/// What has to be added to one to have the other; nothing where they are the same.
fn difference(before: Parts, now: &Parts) -> Parts {
    let mut change: Parts = before.into_iter().map(|(part, n)| (part, -n)).collect();
    for (part, n) in now {
        *change.entry(part.clone()).or_default() += n;
    }
    change.retain(|_, n| *n != 0);
    change
}

/// Counts the cases that changed since they were counted, a few at a time, at most so many of them. Returns how many it
/// counted. Two that count at the same time wait for each other.
///
/// # Errors
/// When the database is away.
pub async fn refresh(ctx: &Ctx, most: usize) -> Result<usize, Refusal> {
    let mut counted = 0;
    while counted < most {
        let stale = tally_store::stale(&ctx.db, AT_ONCE).await?;
        if stale.is_empty() {
            break;
        }
        counted += ctx
            .db
            .write(move |tx| {
                Box::pin(async move {
                    tally_store::take_turn(tx).await?;
                    let mut counted = 0;
                    for (case,) in &stale {
                        // Somebody else was quicker.
                        if !tally_store::unmark(tx, *case).await? {
                            continue;
                        }
                        let rows = tally_store::case_rows(tx, *case).await?;
                        let now = rows.as_ref().map(parts).unwrap_or_default();
                        let before = read(tally_store::counted(tx, *case).await?.as_deref())?;
                        let change = difference(before, &now);
                        if let Some(rows) = rows.filter(|_| !change.is_empty()) {
                            for ((what, day), n) in change {
                                tally_store::add(tx, (&what, day, &rows.topic.town_id), n).await?;
                            }
                            tally_store::keep(tx, *case, &stored(&now)?).await?;
                        }
                        counted += 1;
                    }
                    Ok(counted)
                })
            })
            .await?;
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_those_with_a_last_day_can_be_told() {
        let mut codes = Vec::new();
        for what in What::all() {
            let code = what.code();
            assert_eq!(What::from_code(&code), Some(what));
            let is_due = matches!(what, What::Due | What::InTime | What::Unanswered);
            assert_eq!(code.starts_with("due"), is_due, "{code}");
            codes.push(code);
        }
        let all = codes.len();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), all);
        assert_eq!(What::from_code("raised:nowhere"), None);
    }

    #[test]
    fn what_was_added_before_is_taken_back() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let of = |list: &[(&str, &str, i64)]| -> Parts {
            list.iter().map(|(what, on, n)| (((*what).to_owned(), day(on)), *n)).collect()
        };
        let before = of(&[("due", "2026-03-09", 1), ("met", "2026-03-01", 1)]);
        let now = of(&[("due", "2026-03-20", 1), ("met", "2026-03-01", 1)]);
        assert_eq!(difference(before, &now), of(&[("due", "2026-03-09", -1), ("due", "2026-03-20", 1)]));
        assert_eq!(read(Some(&stored(&now).unwrap())).unwrap(), now);
        assert!(read(None).unwrap().is_empty());
    }
}
