//! The minutes (纪要): written from the record of the meeting, checked by those who were there, signed by the chair,
//! published.
//!
//! State of the case: 已召开 until the first edition is signed (T8), 已成纪要 from then on. Before it stands the meeting,
//! after it the report to party and government; where there was no consensus, research and another meeting of the same
//! topic.
//!
//! An *edition* is `draft`, `circulating`, `signed`. A signed text never changes: a correction is another edition, which
//! is checked and signed like the first. Sections stand in versions. What was written on an old version is kept beside,
//! and a person joins the two.
//!
//! Nothing that is stored of minutes holds a name: people stand in the text as marks with their ids (`model::hide`), and
//! every reader gets the names that he may see (`model::show`). So a consent that is taken back, or data that is erased,
//! reaches signed minutes too, and the hash of the signature stays true.
//!
//! | file | what it owns |
//! |---|---|
//! | `model.rs` | sections, outcomes, marks in place of names: pure |
//! | `paper.rs` | the finished paper in the form of GB/T 9704: pure |
//! | `draft.rs` | what is written from the record: the first text of each section, and head and lists of the paper |
//! | `steps/` | writing, circulating, signing |
//! | `store.rs` | the SQL |
//! | `pages/` | the desk, the page of those who were there, the public page |

pub(crate) mod draft;
pub mod model;
pub mod pages;
pub mod paper;
pub mod steps;
mod store;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use store::Minutes;
pub use store::forget;
pub(crate) use store::{all, newest_in, replies, sections, texts as texts_of, versions_of};
