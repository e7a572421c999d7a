//! Research before the meeting (商前调研): nobody confers on what nobody has looked at (items 15 and 5).
//!
//! States: 已立题 (nobody leads yet) and 调研中; filing the report leads to 筹备中, where the meeting is planned. Guards T4
//! and T5. Before it the topic is chosen, after it people are invited.
//!
//! The lead (调研负责人) is a person of the case, named by it, and sees it from inside without a desk of the town. What T5
//! counts is counted from the visit records. A questionnaire's answers are kept without a way back to who gave them.

pub mod model;

#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod steps;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "ssr")]
pub use store::{
    OpenQuestionnaire, Standing, closed_questionnaires, heard, open_questionnaires, released_report, standing,
};

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
