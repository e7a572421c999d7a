//! How the product runs: the process, its settings and commands, the HTTP surface, files and work in the background.
//!
//! What the product *is* (rules, use cases, storage, pages) lives in the crate `app`; nothing here knows a case or holds
//! a statement of SQL. [`router::router`] is the whole HTTP surface in one screen.

pub mod cli;
pub mod config;
pub mod documents;
pub mod door;
pub mod feeds;
pub mod files;
pub mod http;
pub mod jobs;
pub mod live;
pub mod mail;
pub mod open;
pub mod router;
pub mod serve;
