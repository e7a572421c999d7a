//! The minutes of a meeting (纪要).

pub mod paper;
