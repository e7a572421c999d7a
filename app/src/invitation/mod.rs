//! The invitation (邀请): who is asked to a meeting, as what, and what each answers.
//!
//! States of the case: 筹备中, 已公示. Before it stands the plan, which makes the meeting; after it the meeting itself.
//! The list is a draft until the announcement judges it (T6), by [`crate::rules::composition()`].
//!
//! Names, phones, mail and words of people are private: the ledger knows a salted hash of each row, entered anew with
//! every change under the same name ([`model::private_name`]), so that the row that stands is the one that is verified.
//!
//! | file | what it owns |
//! |---|---|
//! | `model.rs` | the states of somebody on the list, the form of a person, duplicates, suggestions: pure |
//! | `import.rs` | lists from a file or the clipboard |
//! | `steps.rs` | adding, correcting, removing, looking at a contact |
//! | `store.rs` | the SQL |
//! | `answer/` | what invitees and residents answer, open seats, the officer's page of answers |
//! | `pages/` | `/desk/topics/{id}/people` and what hangs on it |

pub mod model;

#[cfg(feature = "ssr")]
pub mod answer;
#[cfg(feature = "ssr")]
pub mod import;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod steps;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

#[cfg(feature = "ssr")]
pub use store::{composition, current_meeting};
