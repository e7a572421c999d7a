//! The pages of the research.
//!
//! | file | page |
//! |---|---|
//! | `board.rs`, `report_form.rs` | `/desk/topics/{id}/research`: who leads, what is planned, what was heard, the report |
//! | `visit.rs` | `/desk/topics/{id}/visit`: recording a visit, on the phone while there |
//! | `questionnaire.rs` | `/desk/topics/{id}/questionnaire`: opening one, its QR code, what came of it |
//! | `answer.rs` | `/q/{id}`: answering one, without an account |
//! | `public.rs` | what everybody reads of the research in `/topics/{id}/dossier` |

mod answer;
mod board;
mod public;
mod questionnaire;
mod report_form;
mod visit;

pub use answer::{answer, post_answer};
pub(crate) use board::next;
pub use board::{board, post_board};
pub(crate) use public::{report_view, results_for_everybody};
pub use questionnaire::{post_questionnaire, questionnaire};
pub use visit::{post_visit, visit};

use crate::error::{FieldError, Refusal};
use crate::ids::CaseId;

/// The address of a page of the research of a case.
fn address(case: CaseId, page: &str) -> String {
    format!("/desk/topics/{case}/{page}")
}

/// All errors of fields that cannot be read.
fn unreadable(errors: Vec<FieldError>) -> Result<(), Refusal> {
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors)) }
}
