//! The plan of a meeting (邀请): prepared by the officer, approved by the director, announced to everybody.
//!
//! States of a meeting: planning, approved, announced, cancelled, and held once it was opened; the case stands in 筹备中 or 已公示. Before it comes the
//! research, after it the meeting itself. Guards T6 and the notice clock of T7. The list of people is the neighbour's
//! (`invitation`); here it is only counted, and its people become invited when the meeting is announced.
//!
//! What the plan says stands in versions of [`model::ConsultationPlan`]; the `meeting` row repeats what lists and
//! calendars ask for. No name of an invitee is read here.

pub mod model;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod steps;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "ssr")]
pub use store::{PublicMeeting, is_expected, meeting_in, public_meeting, public_meetings, told_plan, told_plan_in};

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
