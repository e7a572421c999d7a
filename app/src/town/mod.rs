//! The towns of the district: their rooms, their rules, their calendar.
//!
//! - [`model`]: what a town and a room are; pure;
//! - [`install`](mod@install): the eleven areas of Wujiang with their rooms, the workday calendar and the district's
//!   baseline of rules, put into an empty database;
//! - [`rules`]: which version of the rules is in force, and loading a new one. A version is never changed;
//! - [`calendar`]: loading a year's arrangement of holidays;
//! - [`pages`]: the rules page and the towns page.

pub mod calendar;
pub mod install;
pub mod model;
pub mod pages;
pub mod rules;
pub mod store;

pub use install::install;
pub use model::{Room, RoomLevel, Town, TownKind};
pub use store::load_calendar;

#[cfg(test)]
pub(crate) mod tests;
