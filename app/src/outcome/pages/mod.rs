//! Pages of this stage.
//!
//! | file | page |
//! |---|---|
//! | `desk.rs` | `/desk/topics/{id}/outcomes`: the report, the decisions, the hand-out |
//! | `public.rs` | `/topics/{id}/outcomes`: what became of each item, for everybody |

mod desk;
mod public;

pub use desk::{outcomes, post_outcomes};
pub use public::published;
