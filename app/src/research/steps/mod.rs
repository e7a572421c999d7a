//! What a person can do in the research, one [`crate::case::Step`] each.

mod lead;
mod questionnaire;
mod report;
mod task;
mod visit;

pub use lead::{AssignLead, ReassignLead, usual_due};
pub use questionnaire::{AnswerQuestionnaire, CloseQuestionnaire, OpenQuestionnaire, Opened};
pub use report::{FileResearch, ReleaseReport, SaveReport, filing, is_filed};
pub use task::{PlanResearchTask, SettleResearchTask};
pub use visit::{CorrectVisit, RecordVisit, Recorded};

use crate::case::stage::Stage;
use crate::case::{StepCard, Work};
use crate::error::Refusal;

/// Every step of this stage, with what judges it.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<AssignLead>(),
    StepCard::of::<ReassignLead>(),
    StepCard::of::<PlanResearchTask>(),
    StepCard::of::<SettleResearchTask>(),
    StepCard::of::<RecordVisit>(),
    StepCard::of::<CorrectVisit>(),
    StepCard::of::<SaveReport>(),
    StepCard::of::<FileResearch>(),
    StepCard::of::<ReleaseReport>(),
    StepCard::of::<OpenQuestionnaire>(),
    StepCard::of::<AnswerQuestionnaire>(),
    StepCard::of::<CloseQuestionnaire>(),
];

/// Refuses what belongs to the research when it is not under way.
fn under_way(work: &Work<'_>) -> Result<(), Refusal> {
    let stage = work.case.stage();
    if stage == Stage::Researching {
        return Ok(());
    }
    Err(Refusal::moved_on(format!("这件事现在是「{}」，不在调研中。请刷新页面看最新情况。", stage.word())))
}

/// An id that the page gave; without one nothing can be made.
fn given<T>(id: Option<T>) -> Result<T, Refusal> {
    id.ok_or_else(|| Refusal::internal(&"a step was made without the id of what it makes"))
}
