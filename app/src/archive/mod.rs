//! Archive (归档): the result is published, the register of all forms is checked, the file is closed for good; and what
//! went well is written up for others.
//!
//! State of the case: 已归档 once the register is whole and the result is public (T14). A look-back or a re-opening leads
//! from here to 办理中 like from 已办结. Cases that ended in another way (不予立题, 已转办, 已终止 …) are not archived by a step;
//! their file can be taken out all the same.
//!
//! | file | what it owns |
//! |---|---|
//! | `model.rs` | the published result, the story: pure |
//! | `steps.rs` | publishing, archiving, writing up |
//! | `dossier.rs` | the whole file of a case, as it goes into the ZIP |
//! | `store.rs` | the SQL, and the register of forms |
//! | `pages/` | the desk's part 归档, the public pages of results and stories |

pub mod dossier;
pub mod model;
pub mod pages;
pub mod steps;
mod store;

#[cfg(test)]
mod tests;

pub use store::{FileOfCase, Story, register, stories};
