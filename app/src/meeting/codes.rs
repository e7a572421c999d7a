//! Codes of the meeting's day, made from the site secret. Nothing of them is stored.

use chrono::{DateTime, Utc};

use super::model::{door_code, minute, short_code};
use crate::context::SiteSecret;
use crate::ids::{InviteeId, SittingId};

/// The short code of somebody on the list, printed on slip and link page. It ends with the link, when the generation is
/// raised.
#[must_use]
pub fn of_person(secret: &SiteSecret, invitee: InviteeId, generation: i64) -> String {
    short_code(&secret.keyed("short code", &[&invitee.to_string(), &generation.to_string()]))
}

/// The code on the door's screen in the minute of `now`.
#[must_use]
pub fn of_door(secret: &SiteSecret, sitting: SittingId, now: DateTime<Utc>) -> String {
    at_door(secret, sitting, minute(now))
}

fn at_door(secret: &SiteSecret, sitting: SittingId, minute: i64) -> String {
    door_code(&secret.keyed("door code", &[&sitting.to_string(), &minute.to_string()]))
}

/// Whether what somebody typed is the code of this minute or the one before.
#[must_use]
pub fn is_of_door(secret: &SiteSecret, sitting: SittingId, now: DateTime<Utc>, typed: &str) -> bool {
    let minute = minute(now);
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    [minute, minute - 1].into_iter().any(|minute| at_door(secret, sitting, minute) == typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_code_holds_for_its_minute_and_the_next() {
        let secret = SiteSecret::new([3; 32]);
        let sitting = SittingId(uuid::Uuid::from_u128(5));
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let code = of_door(&secret, sitting, at("2026-11-20T06:00:59Z"));
        assert!(is_of_door(&secret, sitting, at("2026-11-20T06:00:00Z"), &code));
        assert!(is_of_door(&secret, sitting, at("2026-11-20T06:01:59Z"), &format!(" {code}")));
        assert!(!is_of_door(&secret, sitting, at("2026-11-20T06:02:00Z"), &code));
        assert!(!is_of_door(&secret, SittingId(uuid::Uuid::from_u128(6)), at("2026-11-20T06:00:00Z"), &code));
    }

    #[test]
    fn a_short_code_ends_with_the_link() {
        let secret = SiteSecret::new([3; 32]);
        let invitee = InviteeId(uuid::Uuid::from_u128(5));
        assert_ne!(of_person(&secret, invitee, 0), of_person(&secret, invitee, 1));
        assert_eq!(of_person(&secret, invitee, 0), of_person(&secret, invitee, 0));
    }
}
