//! Accounts of people who sign in: who they are, how they prove it, and what they may be for a town or unit.
//!
//! - [`model`]: what a login name and a password must be, and which role goes with a town, a unit or neither; pure;
//! - [`password`]: argon2id, off the request threads and at most two at a time;
//! - [`sessions`]: signing in and out, own sessions, own password. The cookie holds 256 random bits; the database
//!   their SHA-256;
//! - [`guess`]: slowing of guesses, by account with address prefix, by account, and by address prefix. A browser from
//!   which the owner signed in before has a counter of its own, so that a stranger cannot lock the owner out;
//! - [`admin`]: accounts, grants and units as the command line makes them;
//! - [`pages`]: the sign-in page and the account page.
//!
//! Residents need no account. Everything here that matters for safety is in the ledger's system stream, by ids.

pub mod admin;
mod guess;
pub mod model;
pub mod pages;
pub mod password;
pub mod sessions;
mod store;

pub use guess::{GUESSES, TriesOf, try_slowly};
pub use sessions::{SESSIONS, SessionToken, confirm_password, find_session, touch_session};
pub use store::{SessionLine, UnitLine, UserGrant, UserLine, names};

#[cfg(test)]
mod tests;
