//! The real application over a database of its own, asked as a browser asks.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a harness may stop at the first surprise, as its tests do")]

mod cache;
mod documents;
mod feeds;
mod forms;
mod headers;
mod live;
mod mail;
mod pages;
mod start;
mod support;
mod uploads;
