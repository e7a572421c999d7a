//! What the district's office writes to a town (来函), and what the town answers by its day.
//!
//! It belongs to no case: what is about one is a supervision order (督办) there. Neither is a step of a case, so both are
//! recorded in the town's own stream of the ledger, with a salted hash of the words.
//!
//! | file | what |
//! |---|---|
//! | `write.rs` | writing and answering: who may, and the record of it |
//! | `store.rs` | the SQL |
//! | `pages.rs` | `/desk/memos`, and rows of the desk |

pub mod pages;
mod store;
mod write;

#[cfg(test)]
mod tests;

pub use write::{answer, send};
pub(crate) use write::{answered, written};
