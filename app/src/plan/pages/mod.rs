//! Pages of plan and announcement.
//!
//! | file | page |
//! |---|---|
//! | `desk.rs`, `editor.rs` | `/desk/topics/{id}/plan`: plan, checklist, approval, preview, changes |
//! | `rooms.rs` | `/desk/rooms`: the rooms of a town and their week |
//! | `notice.rs` | `/topics/{id}/notice`: what everybody is told |
//! | `calendar.rs` | `/calendar`: the meetings of a month |
//!
//! Public pages show no name of anybody who is invited; the chair is named by office.

mod calendar;
mod desk;
mod editor;
mod notice;
mod rooms;

pub use calendar::calendar;
pub use desk::{plan, post_plan};
pub(crate) use notice::Prepared;
pub use notice::notice;
pub use rooms::rooms;

#[cfg(test)]
mod tests;
