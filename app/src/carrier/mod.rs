//! The carriers (载体) of consultation in a town: its rooms, looked at by the 六有 list, and its members' studios
//! (委员工作室) with the ledger of their receptions. Source: item 13 (载体建设) and item 15 (名委员工作室).
//!
//! Not a case: what changes here is recorded in the town's own stream of the ledger, by ids, with a salted hash of what
//! was written. What somebody said at a reception has an owner and a day until it is answered or raised as a topic.
//!
//! | file | what it owns |
//! |---|---|
//! | `model.rs` | the six points, where an opinion goes, the forms and what is wrong with them: pure |
//! | `keep.rs` | who may see and change what, and the record of it |
//! | `store.rs` | the SQL, and the sums that the board shows |
//! | `pages/` | `/desk/rooms/{id}`, `/desk/studios/{id}`, and parts of other pages |

pub mod model;

#[cfg(feature = "ssr")]
mod keep;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod store;

#[cfg(feature = "ssr")]
pub(crate) use keep::private_name;
#[cfg(feature = "ssr")]
pub use keep::{check_room, hear, photo_for, receive, save_studio, set_open, set_villages, settle};
#[cfg(feature = "ssr")]
pub(crate) use store::newest_topics;
#[cfg(feature = "ssr")]
pub use store::{Carried, Studio, carried, open_to_all};

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
mod tests;
