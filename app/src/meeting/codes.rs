//! Codes of the meeting's day, made from the site secret. Nothing of them is stored.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::model::{door_code, minute, short_code};
use crate::context::{SiteSecret, hex};
use crate::ids::{InviteeId, SittingId};

/// The short code of somebody on the list, printed on slip and link page. It ends with the link, when the generation is
/// raised.
#[must_use]
pub fn of_person(secret: &SiteSecret, invitee: InviteeId, generation: i64) -> String {
    short_code(&secret.keyed("short code", &[&invitee.to_string(), &generation.to_string()]))
}

/// What the hashes on a device at the door are salted with: another for each sitting.
#[must_use]
pub fn salt(secret: &SiteSecret, sitting: SittingId) -> String {
    let mut salt = secret.keyed("door list", &[&sitting.to_string()]);
    salt.truncate(32);
    salt
}

/// Bytes of a hash on a device: enough that no two of some thousand codes share one.
const HASH_BYTES: usize = 8;

/// The hash of a short code or a link's token, by which a device without a network recognises it.
#[must_use]
pub fn hashed(salt: &str, code: &str) -> String {
    let hash = Sha256::new().chain_update(salt).chain_update(":").chain_update(code).finalize();
    hex(hash.get(..HASH_BYTES).unwrap_or_default())
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
    fn a_device_recognises_a_code_that_it_does_not_hold() {
        // As `style/door.js` computes it.
        assert_eq!(hashed("salt", "K7M3QP"), hashed("salt", "K7M3QP"));
        assert_eq!(hashed("salt", "K7M3QP").len(), 16);
        assert_ne!(hashed("salt", "K7M3QP"), hashed("pepper", "K7M3QP"));
        let secret = SiteSecret::new([3; 32]);
        let (one, two) = (SittingId(uuid::Uuid::from_u128(5)), SittingId(uuid::Uuid::from_u128(6)));
        assert_ne!(salt(&secret, one), salt(&secret, two));
    }

    #[test]
    fn a_short_code_ends_with_the_link() {
        let secret = SiteSecret::new([3; 32]);
        let invitee = InviteeId(uuid::Uuid::from_u128(5));
        assert_ne!(of_person(&secret, invitee, 0), of_person(&secret, invitee, 1));
        assert_eq!(of_person(&secret, invitee, 0), of_person(&secret, invitee, 0));
    }
}
