//! The floor: the agenda as it goes, who asks to speak and speaks, what is noted of it, and what is handed to a unit on
//! the spot.
//!
//! Clocks are the server's: a console that is closed in the middle of a speech and opened elsewhere goes on where it was.
//! What is noted of a speech stands in versions; what was written on an old version is kept beside the one that stands,
//! and a person joins the two.

pub mod model;
#[cfg(feature = "ssr")]
pub mod steps;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(test)]
mod tests;
