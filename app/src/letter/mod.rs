//! Letters (信件): what is told to people by mail, who was told, and whom to reach otherwise.
//!
//! | file | what |
//! |---|---|
//! | `model.rs` | kinds and states of letters; what a letter says, as text and as HTML |
//! | `calendar.rs` | the calendar part of a letter, and feeds of meetings |
//! | `post.rs` | the round of letters about a meeting (fan-out), and sending one |
//! | `clock.rs` | reminders of the days before a meeting |
//! | `feed.rs` | the private calendar feed of a person who signs in |
//! | `pages.rs` | the outbox |
//!
//! A step that has to tell people leaves a job behind ([`post::ROUNDS`]); the job writes letter rows, several hundred to
//! a transaction, and with each letter the job that sends it. A letter about one person (a substitute, a seat) is
//! written by the step itself with [`post::write_to`].
//!
//! # None is sent twice
//!
//! 1. *One row.* There is one letter of a kind and an occurrence (the sequence of a change, the job of a reminder) to a
//!    person: a unique key. A round that died half-way is run again from its beginning, passes over those who have
//!    their letter, and writes the job of a letter only in the transaction that wrote the row.
//! 2. *One try at a time.* Before the first byte goes to the mail server, the letter is marked as `sending`, and that
//!    mark is committed. Only a letter that is `queued` can be marked, so of two processes one gets it.
//! 3. *Only what was surely not taken is tried again.* No connection, or an answer that says "not now" (4xx), puts it
//!    back to `queued`; "no" (5xx) makes it `failed`. Where the answer to the whole letter did not arrive (the line
//!    broke, the process died between the server's yes and our mark), nobody knows: the letter becomes `uncertain`,
//!    the program never sends it again, and a person decides with a button.
//!
//! So a letter reaches the server's acceptance at most once without a person's doing.

pub mod model;

mod calendar;
pub mod clock;
pub mod feed;
pub mod pages;
pub mod post;
pub mod store;

#[cfg(test)]
mod tests;
