//! Pages of the meeting's day.
//!
//! | file | page |
//! |---|---|
//! | `door.rs` | `/desk/topics/{id}/door`: who is there, opening the meeting |
//! | `door_list.rs` | the list at the door |
//! | `door_screen.rs` | `/desk/topics/{id}/door/screen`: the code of the minute, for a screen at the door |
//! | `invitee.rs` | what somebody invited finds on the own page on the day |

mod door;
mod door_list;
mod door_screen;
pub mod invitee;

pub use door::{door, post_door};
pub use door_screen::door_screen;
