//! Pages of the minutes: writing and signing on the desk, the draft for those who were there, what is published.

mod desk;
mod outcomes;
mod paper;
mod public;
mod replies;
mod sections;
mod sheet;

pub mod own;

pub use desk::{minutes, post_minutes};
pub use paper::{inside_paper, paper, public_paper};
pub use public::{asked_of_next, published, published_of};
