//! The board (镇情): how consultation goes over all towns, in numbers that anybody can check (`domain.md` 4).
//!
//! It belongs to no stage: it counts what all of them left behind. `/board` is everybody's: every rate stands beside
//! its fraction and the day up to which it was counted, and people are not counted in cells of fewer than five.
//! `/desk/board` shows those who work on it where things wait and which town owes a meeting.
//!
//! | file | what it owns |
//! |---|---|
//! | `model.rs` | the metrics as data, what is hidden, and the measures of the drawings: pure |
//! | `tally.rs`, `tally_store.rs` | what each case adds, counted again when it changed |
//! | `store.rs` | the SQL of the pages: sums by town, and where things wait |
//! | `pages.rs` | the two pages |

pub mod model;
pub mod pages;
mod store;
mod tally;
mod tally_store;

pub use tally::{is_counted, refresh};
pub use tally_store::mark;

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
mod tests;
