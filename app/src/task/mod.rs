//! Tasks (交办任务): what was adopted, with a unit and a date, until somebody else has seen that it is done.
//!
//! State of the case: 办理中 from the hand-out (T10, or a way back) until every task of the present round is verified and
//! the people concerned are asked (T12). A *round* is one way into tracking: each is begun by tasks of its own, and only
//! those count for its end.
//!
//! A task is `assigned`, `signed`, `working`, `replied`, `verified`; it may be `declined` once, and is sent back from
//! `replied` to `working`. In each state it waits for somebody until a day (`wait_on`). The clock reminds before that
//! day and goes up the chain after it; the day on which it looks next is kept with the task.
//!
//! | file | what it owns |
//! |---|---|
//! | `model.rs` | states, notes, the clock of a task and the chain: pure |
//! | `steps/` | what units, deciders, verifiers, supervisors and the clock do |
//! | `clock.rs` | what is due by the clock |
//! | `store.rs` | the SQL |
//! | `pages/` | the unit's list, the page of a task, the case's part 办理, what is late |

pub mod clock;
pub mod model;
pub mod pages;
pub mod steps;
mod store;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use steps::{HandedOut, Why, all_in, assist_of, hand_out, look_back_on, round_of, tasks_in, units_in, units_of};
pub use store::{Listed, Note, Task, TaskUnit, notes_of_case, of_case, to_look_back, units_of_case};
