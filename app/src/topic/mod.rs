//! The first stage (选题): a topic is raised, screened, chosen; supported and talked about.
//!
//! States: 待受理, 待补正, 已受理, 已立题 and the side states that lead out of them. Before it there is only the draft in
//! the proposer's browser; after it the research begins. Guards T1–T3.
//!
//! What residents typed stays as sent and is internal; the public sees the *released edition* that the officer made of it.

pub mod model;

#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod lookup;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod steps;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "ssr")]
pub use store::opinions;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
