//! The case file (案卷): the topic as root of everything that follows, its stages, and the one way in which it changes.
//!
//! Nothing about a case changes except through [`carry_out`]. A [`Step`] says who may do it, by which rules it is judged,
//! which facts those need and what rows it changes; `carry_out` does the rest in one transaction.

mod changes_island;
#[cfg(test)]
mod histories_tests;
pub mod stage;

#[cfg(feature = "ssr")]
mod limits;
#[cfg(feature = "ssr")]
pub mod record;
#[cfg(feature = "ssr")]
mod step;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
mod work;

pub use changes_island::Changes;
#[cfg(feature = "ssr")]
pub use limits::{LEAD, Limit, limit_of, waits_for};
#[cfg(feature = "ssr")]
pub use step::{Change, Done, Entry, Judgement, Step, StepCard, Target, carry_out, free, judged, may_watch, relation};
#[cfg(feature = "ssr")]
pub(crate) use step::{adds, decides};
#[cfg(feature = "ssr")]
pub use store::{Case, newest_seq};
#[cfg(feature = "ssr")]
pub use work::{Move, Work};
