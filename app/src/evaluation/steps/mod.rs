//! What can be done about the evaluation, one [`crate::case::Step`] each.

mod answer;
mod close;
mod holidays;
mod reopen;

pub use answer::{AnswerSurvey, Answers, CloseSurvey, RecordJudgement};
pub use close::{AllowSample, AskSample, CloseCase, FinishTracking, Redo, RedoHandling, close_facts};
pub use holidays::{CALENDAR_JOB, FollowCalendar, run as follow_calendar};
pub use reopen::{AskReopening, DecideReopening, OpenLookBack};

use chrono::Days;

use super::store::{self, Survey};
use crate::case::stage::Stage;
use crate::case::{Move, StepCard, Work};
use crate::error::Refusal;
use crate::ids::SurveyId;
use crate::rules::answers_needed;

/// Every step of this stage, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<FinishTracking>(),
    StepCard::of::<AnswerSurvey>(),
    StepCard::of::<RecordJudgement>(),
    StepCard::of::<CloseSurvey>(),
    StepCard::of::<CloseCase>(),
    StepCard::of::<AskSample>(),
    StepCard::of::<AllowSample>(),
    StepCard::of::<RedoHandling>(),
    StepCard::of::<AskReopening>(),
    StepCard::of::<DecideReopening>(),
    StepCard::of::<OpenLookBack>(),
    StepCard::of::<FollowCalendar>(),
];

/// Opens a survey and moves the case to 待评价. Every way there goes through here, so none is without a survey.
///
/// # Errors
/// A conflict where the graph has no way there; when the database refuses it.
pub async fn open(work: &mut Work<'_>) -> Result<SurveyId, Refusal> {
    let case = work.case.id;
    let round = store::surveys_in(work.tx, case).await?.first().map_or(1, |newest| newest.round + 1);
    let attended = store::attended(work.tx, case).await?;
    let closes_on = work.ctx.today() + Days::new(u64::from(work.rules.survey.days));
    let id = SurveyId(work.ctx.new_id());
    let needed = answers_needed(attended, &work.rules);
    store::insert(work.tx, (id, case, round), (work.ctx.now(), closes_on), (attended, needed)).await?;
    work.move_to(Stage::Evaluating, Move { due_on: Some(closes_on), waits_for: None }).await?;
    Ok(id)
}

/// The newest survey of the case, in a step.
async fn current(work: &mut Work<'_>) -> Result<Survey, Refusal> {
    if work.case.stage() != Stage::Evaluating {
        let word = work.case.stage().word();
        return Err(Refusal::moved_on(format!("这件事现在是「{word}」，不在评价。")));
    }
    store::surveys_in(work.tx, work.case.id).await?.into_iter().next().ok_or(Refusal::NotFound)
}
