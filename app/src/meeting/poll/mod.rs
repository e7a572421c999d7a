//! Polls in the room: a question, two to six options, open or secret, one vote each.
//!
//! Who is entitled is fixed when the poll opens: those who are checked in then, with a category that votes. A vote is cast
//! by the own link, under the lock of the case as the closing is: it is counted or refused, never lost.
//!
//! # What a secret poll keeps
//!
//! Casting writes two things that nothing joins: that the person *has voted* (without a time) and one more in the counter
//! of an option. There is no ballot row, and the choice stands in no receipt, no ledger entry, no event and no job: the
//! step leaves it out of what is serialised, is carried out without a request id (having voted makes it idempotent), and
//! its ledger entry names nobody. At the closing every row of the poll is written once more, so that the database's own
//! marks of who wrote when are those of the closing. The result is shown after it, from `meeting.secret_min` votes on.

pub mod model;
#[cfg(feature = "ssr")]
pub mod steps;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(test)]
mod tests;
