//! Pages of the meeting's day.
//!
//! | file | page |
//! |---|---|
//! | `door.rs` | `/desk/topics/{id}/door`: who is there, opening the meeting |
//! | `door_list.rs` | the list at the door |
//! | `door_kept.rs` | `/desk/topics/{id}/door/kept`: the door as a device shows it without a network |
//! | `door_screen.rs` | `/desk/topics/{id}/door/screen`: the code of the minute, for a screen at the door |
//! | `console.rs`, `console_line.rs` | `/desk/topics/{id}/console`: running the meeting |
//! | `clock.rs` | the clock of a speech, as a part of console and screen |
//! | `screen.rs` | `/topics/{id}/screen`: the screen of the room |
//! | `polls.rs` | polls, as a part of console and own page |
//! | `invitee.rs` | what somebody invited finds on the own page on the day |

mod clock;
mod console;
mod console_line;
mod door;
mod door_kept;
mod door_list;
mod door_screen;
pub mod invitee;
mod polls;
mod screen;

#[cfg(test)]
mod tests;

pub use console::{console, post_console};
pub use door::{door, post_door};
pub use door_kept::door_kept;
pub use door_screen::door_screen;
pub use screen::screen;
