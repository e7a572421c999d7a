//! The desk: what the people of a town (and the district's office) see and do about topics.
//!
//! | file | page |
//! |---|---|
//! | `todo.rs` | `/desk`: what is to be done, by when |
//! | `topics.rs` | `/desk/topics`: all topics of one's towns |
//! | `record.rs` | `/desk/record`: a topic taken down for somebody who came or called |
//! | `workspace.rs` | `/desk/topics/{id}`: one topic, with its parts below |
//! | `overview.rs`, `contacts.rs`, `hold_form.rs` | its first part: where it stands, who raised it, hold and end |
//! | `screen_form.rs`, `edition_form.rs` | its screening, and what follows from it |
//! | `confirm_form.rs` | choosing it |
//! | `comments.rs` | comments, supports and followers |
//! | `erase.rs` | `/desk/topics/{id}/erase`: what cannot be taken back has a page of its own |
//!
//! A form is shown to whom the permission table allows the step, in the stages in which it leads somewhere. The gate
//! asks again, on the same facts.

mod bench;
mod comments;
mod confirm_form;
mod contacts;
mod edition_form;
mod erase;
mod hold_form;
mod overview;
mod record;
mod screen_form;
mod store;
mod todo;
mod topics;
mod words;
mod workspace;

#[cfg(test)]
mod tests;

pub use erase::{erase, post_erase};
pub use record::{post_record, record};
pub use todo::desk;
pub use topics::topics;
pub use workspace::{post_workspace, workspace};

pub(crate) use bench::{Bench, Tab, done_note, frozen, inside, row_form, tabs, versions, what_was_wrong};
pub(crate) use words::{day, moment};
pub(crate) use workspace::{NextStep, checklist, done_words, refused_elsewhere, seen};

use crate::access::{Role, Signed};
use crate::error::Refusal;
use crate::web::Request;

/// Address of the desk.
const DESK: &str = "/desk";
/// Address of the list of all topics.
pub(crate) const TOPICS: &str = "/desk/topics";
/// Address of the form for a record on behalf.
const RECORD: &str = "/desk/record";

/// The person who is signed in.
///
/// # Errors
/// [`Refusal::NotSignedIn`].
fn me(req: &Request) -> Result<&Signed, Refusal> {
    req.ctx.actor.signed().ok_or(Refusal::NotSignedIn)
}

/// The towns for which a person holds a role.
fn towns_as(me: &Signed, role: Role) -> Vec<String> {
    let mut towns: Vec<String> = me.grants.iter().filter(|g| g.role == role).filter_map(|g| g.town.clone()).collect();
    towns.sort_unstable();
    towns.dedup();
    towns
}
