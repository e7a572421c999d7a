//! Pages of this stage.
//!
//! | file | page |
//! |---|---|
//! | `own.rs` | the form of whoever is asked: `/mine/{id}/evaluate`, `/i/…/evaluate`, `/follow/…/evaluate` |
//! | `again.rs` | `/topics/{id}/again`: it came up again |
//! | `desk.rs` | `/desk/topics/{id}/evaluation`: how people answered, and what follows |

mod again;
mod desk;
mod own;

pub use again::{again, post_again};
pub use desk::{evaluation, post_evaluation};
pub use own::{
    invited, is_open_for, judge_followed, judge_invited, judge_raised, post_followed, post_invited, post_raised,
};
