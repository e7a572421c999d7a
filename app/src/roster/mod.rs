//! The roster (名册): the members of a town's committee, and whom to ask in each unit.
//!
//! Not a case: what changes here is recorded in the town's own stream of the ledger, by ids only. Officers of the town
//! keep it, its director may look. Phone and mail are masked on every page; seeing one is on record with its purpose.
//!
//! | file | what it owns |
//! |---|---|
//! | `model.rs` | tags (界别、专长), the two forms and what is wrong with them: pure |
//! | `register.rs` | who may see and change what, and the record of it |
//! | `store.rs` | the SQL |
//! | `pages.rs` | `/desk/roster`, `/desk/units` |
//! | `year/` | what a member did in a year (履职), `/desk/year` |

pub mod model;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod register;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod year;

#[cfg(test)]
mod tests;
