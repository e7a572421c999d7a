//! Evaluation (评价): the people concerned say how it was handled, and only then the case is closed; what comes back
//! comes back through here too.
//!
//! State of the case: 待评价 while the survey is open and until it is decided what follows (T13), 已办结 from then on.
//! Dissatisfaction, a look-back and a resident's 「又出现了」 lead back to 办理中, each with at least one task.
//!
//! Answers are anonymous: that somebody has answered and how often something was answered stand apart
//! (`survey_voter`, `survey_count`), and no row, receipt, entry or log joins them. What was written is put in an order
//! of chance when the survey is closed, and is shown to nobody before.
//!
//! | file | what it owns |
//! |---|---|
//! | `model.rs` | questions, answers, who may answer: pure |
//! | `steps/` | answering, closing, doing again, re-opening |
//! | `clock.rs` | surveys and look-backs that are due |
//! | `store.rs` | the SQL |
//! | `pages/` | the form of those who are asked, the desk's part 评价 |

pub mod clock;
pub mod model;
pub mod pages;
pub mod steps;
mod store;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use steps::open;
pub use store::{Reopening, Survey, counts_of, forget, newest, open_reopenings, redo_words, reopenings, surveys};
