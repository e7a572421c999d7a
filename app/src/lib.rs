//! What the product is: rules, use cases, storage and pages.
//!
//! One folder per stage of a consultation; the folder list reads like the procedure. Cross-cutting parts:
//!
//! - [`case`]: the case file (案卷), the state graph, and `carry_out`, the one way in which a case changes;
//! - [`rules`]: every number a town may change, the duties of the founding document, the guards T1–T14, workdays;
//! - [`access`]: roles, actors and the permission table;
//! - `letter`: mail to people, its delivery, and private calendar feeds;
//! - `carrier`: rooms by the 六有 list, members' studios and what is heard there;
//! - `ledger`: the append-only, hash-chained record and its verification;
//! - `storage`: the only place that knows there are two database engines;
//! - `ui` and `web`: building blocks of pages, and what a page is; `routes` lists them all.
//!
//! Everything but islands and pure models is compiled for the server only (feature `ssr`); the browser gets the islands
//! (feature `hydrate`).

pub mod access;
#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod archive;
#[cfg(feature = "ssr")]
pub mod board;
pub mod carrier;
pub mod case;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod demo;
pub mod error;
#[cfg(feature = "ssr")]
pub mod evaluation;
#[cfg(feature = "ssr")]
pub mod files;
pub mod ids;
pub mod invitation;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod ledger;
#[cfg(feature = "ssr")]
pub mod letter;
pub mod live;
pub mod meeting;
#[cfg(feature = "ssr")]
pub mod memo;
#[cfg(feature = "ssr")]
pub mod minutes;
#[cfg(feature = "ssr")]
pub mod outcome;
pub mod plan;
#[cfg(feature = "ssr")]
pub mod register;
pub mod research;
pub mod roster;
#[cfg(feature = "ssr")]
pub mod routes;
pub mod rules;
#[cfg(feature = "ssr")]
pub mod search;
#[cfg(feature = "ssr")]
pub mod storage;
#[cfg(feature = "ssr")]
pub mod task;
pub mod topic;
#[cfg(feature = "ssr")]
pub mod town;
#[cfg(feature = "ssr")]
pub mod ui;
#[cfg(feature = "ssr")]
pub mod web;
