//! The HTTP surface: from a request to a page and back.
//!
//! [`page`] turns the table of pages into handlers; around it stand the check that a write comes from our own pages
//! ([`security`]), limits ([`form`], [`limits`]), who is asking ([`session`], [`address`], [`cookies`]) and the rendered
//! public pages ([`cache`]).

pub mod address;
pub mod assets;
pub mod cache;
pub mod cookies;
pub mod error;
pub mod form;
pub mod front;
pub mod limits;
pub mod page;
pub mod preferences;
pub mod security;
pub mod session;
pub mod site;
