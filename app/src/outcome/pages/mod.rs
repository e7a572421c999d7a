//! Pages of this stage.
//!
//! | file | page |
//! |---|---|
//! | `desk.rs` | `/desk/topics/{id}/outcomes`: the report, the decisions, the hand-out |
//! | `brief.rs` | the same in brief, on the page of the topic |
//! | `public.rs` | `/topics/{id}/outcomes`: what became of each item, for everybody |

mod brief;
mod desk;
mod public;

pub(crate) use brief::Brief;
pub use desk::{outcomes, post_outcomes};
pub use public::published;
