//! Answers to an invitation, and open seats.
//!
//! An invitee has no account but a personal link, `/i/{invitee}/{token}`: that person's page for the case until it is
//! closed. Opening it changes nothing, since mail scanners and link previews open links too; 「我看过了」 is pressed, or an
//! answer given. A link that was withdrawn or given anew answers 410 with words.
//!
//! A resident registers for an open seat on the notice page and has such a link from then on. A full category keeps a
//! line; a seat that becomes free goes to the next in line at once, with a time to confirm. All that changes seats is done
//! under the lock of the case, so that none is given twice.

pub mod clock;
pub mod pages;
pub mod steps;
mod store;

pub use store::{Guest, guest, guests as guests_of};

use crate::context::{Ctx, SiteSecret};
use crate::ids::{InviteeId, MeetingId};

/// What the token of a personal link is for.
pub const LINK: &str = "invitee";
/// What the token of the link for a chat group is for.
pub const GROUP_LINK: &str = "meeting group";

/// The path of a personal link.
#[must_use]
pub fn path(secret: &SiteSecret, invitee: InviteeId, generation: i64) -> String {
    format!("/i/{invitee}/{}", secret.link_token(LINK, invitee.0, generation))
}

/// The path of the one link of a meeting for a chat group, where a person finds himself by name and the last four digits
/// of the phone.
#[must_use]
pub fn group_path(ctx: &Ctx, meeting: MeetingId) -> String {
    format!("/g/{meeting}/{}", ctx.secret.link_token(GROUP_LINK, meeting.0, 0))
}

#[cfg(test)]
mod place_tests;
#[cfg(test)]
mod tests;
