//! The meeting itself (会商): who is there, how it runs, what is said, what is voted on.
//!
//! States of the case: 已公示, where the door is opened on the day, and 已召开, once the meeting was opened (T7). Before
//! it stands the plan, after it the minutes, which are written from what is kept here. A day on which people come
//! together is a *sitting*: `door`, then `open` (with pauses) and `closed`, or `missed` (流会), after which the meeting is
//! planned for another day with the same list of people.
//!
//! People are the invitation's; here stands only that somebody of the list, or the chair or recorder by account, is
//! there. The ledger holds ids; names, and what is said, are read from the rows.
//!
//! | file | what it owns |
//! |---|---|
//! | `model.rs` | states, who counts for what in attendance, reading codes: pure |
//! | `codes.rs` | short codes of people and the code on the door's screen; nothing of them is stored |
//! | `device.rs` | what a device at the door keeps to work without a network, and what it sends later |
//! | `steps/` | the door, opening and closing |
//! | `poll/` | polls in the room |
//! | `floor/` | agenda, speeches, notes, what is handed over on the spot |
//! | `store.rs` | the SQL |
//! | `pages/` | the door, its screen, the console, and the part of the invitee's own page |

#[cfg(feature = "ssr")]
pub mod codes;
#[cfg(feature = "ssr")]
pub mod device;
pub mod floor;
pub mod model;
#[cfg(feature = "ssr")]
pub mod pages;
pub mod poll;
#[cfg(feature = "ssr")]
pub mod steps;
#[cfg(feature = "ssr")]
mod store;

#[cfg(test)]
mod device_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

#[cfg(feature = "ssr")]
pub use floor::store::{Handover, Progress, Speech, handovers, progress, speeches};
#[cfg(feature = "ssr")]
pub use poll::store::{Poll, polls};
#[cfg(feature = "ssr")]
pub use store::{Person, Sitting, held_on, is_over, newest_sitting, pauses};
