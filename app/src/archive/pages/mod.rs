//! Pages of this stage.
//!
//! | file | page |
//! |---|---|
//! | `desk.rs` | `/desk/topics/{id}/archive`: the result, the register, the file to take out, the story |
//! | `story.rs` | `/stories` and `/stories/{id}`: what others can learn from |

mod desk;
mod story;

pub use desk::{archive, post_archive};
pub use story::{stories, story};
