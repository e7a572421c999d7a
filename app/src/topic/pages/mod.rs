//! Pages of the first stage: what everybody sees of topics, raising one, finding one's own again; and the desk.
//!
//! Public pages (`Serving::Public`) are the same for everybody: nothing in them comes from the actor, and their one form,
//! 「我也关心」, needs no id of its own, since a browser supports a topic once. Everything that is written stands on pages
//! of its own, which are rendered for one person.

pub mod comment;
pub mod desk;
pub mod dossier;
pub mod follow;
pub mod home;
pub mod list;
pub mod lookup;
pub mod opinion;
pub mod raise;
pub mod static_pages;
pub mod topic;
pub mod words;

#[cfg(test)]
mod tests;
