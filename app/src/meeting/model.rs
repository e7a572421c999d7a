//! Pure types of the meeting's day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::ids::InviteeId;
use crate::invitation::model::InviteeState;
use crate::rules::codes::coded_enum;
use crate::rules::{Attendance, Category, Seat};

coded_enum! {
    /// How far a sitting is.
    pub enum SittingState {
        /// People are checked in at the door; the meeting was not opened yet.
        Door = "door" "签到中",
        /// The meeting is on.
        Open = "open" "进行中",
        /// It is suspended.
        Paused = "paused" "休会",
        /// It is over.
        Closed = "closed" "已闭会",
        /// Too few came.
        Missed = "missed" "流会",
    }
}

impl SittingState {
    /// Whether the meeting was opened and is not over.
    #[must_use]
    pub const fn is_on(self) -> bool {
        matches!(self, Self::Open | Self::Paused)
    }

    /// Whether people can be checked in: late ones too, until it is over.
    #[must_use]
    pub const fn takes_check_ins(self) -> bool {
        matches!(self, Self::Door | Self::Open | Self::Paused)
    }
}

coded_enum! {
    /// How somebody was checked in.
    pub enum How {
        /// Ticked on the list.
        List = "list" "名单",
        /// By the short code on the slip.
        Code = "code" "短码",
        /// By the link on the slip, read by a camera or a scanner.
        Scan = "scan" "扫码",
        /// By the own link and the code on the door's screen.
        Own = "self" "本人",
        /// Came without having been asked.
        WalkIn = "walk_in" "临时到场",
    }
}

/// Where somebody on the list stands for attendance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Who.
    pub invitee: InviteeId,
    /// As what.
    pub category: Category,
    /// Whether it is a woman.
    pub woman: bool,
    /// What was answered.
    pub state: InviteeState,
    /// In whose place.
    pub substitute_of: Option<InviteeId>,
    /// Whether the person came without having been asked.
    pub walk_in: bool,
    /// Whether the person is there.
    pub is_in: bool,
}

impl Listed {
    /// The place the person takes: that of the one who named him, for a substitute.
    fn place(&self) -> InviteeId {
        self.substitute_of.unwrap_or(self.invitee)
    }

    /// Whether the place was promised: accepted, registered, or passed to a substitute who did not decline.
    #[must_use]
    pub const fn promised(&self) -> bool {
        matches!(self.state, InviteeState::Accepted)
            || (self.substitute_of.is_some() && matches!(self.state, InviteeState::Invited))
    }
}

/// Places taken of places promised. Somebody who was asked and comes without having answered promises by coming;
/// somebody who was never asked, or for whom no seat was free, takes no place.
#[must_use]
pub fn attendance(list: &[Listed]) -> Attendance {
    let has_no_seat = |one: &&Listed| matches!(one.state, InviteeState::Waiting | InviteeState::Expired);
    let asked = || list.iter().filter(|one| !one.walk_in).filter(|one| !has_no_seat(one));
    let taken: BTreeSet<InviteeId> = asked().filter(|one| one.is_in).map(Listed::place).collect();
    let mut places: BTreeSet<InviteeId> = asked().filter(|one| one.promised()).map(Listed::place).collect();
    places.extend(&taken);
    let count = |set: &BTreeSet<InviteeId>| u32::try_from(set.len()).unwrap_or(u32::MAX);
    Attendance { present: count(&taken), expected: count(&places) }
}

/// Everybody who is there, as composition counts.
#[must_use]
pub fn seats(list: &[Listed]) -> Vec<Seat> {
    list.iter().filter(|one| one.is_in).map(|one| Seat { category: one.category, woman: one.woman }).collect()
}

/// For each category with somebody on the list: how many are there, and how many promised or came.
#[must_use]
pub fn by_category(list: &[Listed]) -> Vec<(Category, usize, usize)> {
    let mut counts: BTreeMap<Category, (usize, usize)> = BTreeMap::new();
    for one in list {
        if one.is_in || one.promised() {
            let count = counts.entry(one.category).or_default();
            count.0 += usize::from(one.is_in);
            count.1 += 1;
        }
    }
    counts.into_iter().map(|(category, (present, all))| (category, present, all)).collect()
}

/// Letters and digits that cannot be mistaken for one another.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Characters of a short code.
pub const CODE_LENGTH: usize = 6;

/// A short code out of a keyed hash in hexadecimal digits.
#[must_use]
pub fn short_code(hash: &str) -> String {
    let bytes: Vec<u32> = hash
        .as_bytes()
        .chunks(4)
        .take(CODE_LENGTH)
        .map(|four| std::str::from_utf8(four).ok().and_then(|four| u32::from_str_radix(four, 16).ok()).unwrap_or(0))
        .collect();
    bytes.iter().map(|n| char::from(ALPHABET[*n as usize % ALPHABET.len()])).collect()
}

/// A short code as somebody typed it: without blanks and dashes, in capitals. `None` for what cannot be one.
#[must_use]
pub fn typed_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－'))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    (code.chars().count() == CODE_LENGTH && code.bytes().all(|b| ALPHABET.contains(&b))).then_some(code)
}

/// Person and token of a personal link, as a scanner types it. `None` for what is no such link.
#[must_use]
pub fn typed_link(typed: &str) -> Option<(InviteeId, &str)> {
    let (_, rest) = typed.trim().rsplit_once("/i/")?;
    let (invitee, token) = rest.split_once('/')?;
    let is_token = !token.is_empty() && token.bytes().all(|b| b.is_ascii_hexdigit());
    invitee.parse().ok().filter(|_| is_token).map(|invitee| (invitee, token))
}

/// Digits of the code on the door's screen.
pub const DOOR_CODE_DIGITS: u32 = 4;

/// The code on the door's screen out of a keyed hash in hexadecimal digits.
#[must_use]
pub fn door_code(hash: &str) -> String {
    let n = hash.get(..12).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0);
    format!("{:0width$}", n % 10_u64.pow(DOOR_CODE_DIGITS), width = DOOR_CODE_DIGITS as usize)
}

/// The minute that a door code belongs to.
#[must_use]
pub const fn minute(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(60)
}

/// Seconds within which an entry of a device is as good as sent at once.
pub const AT_ONCE_S: i64 = 10;

/// When a device without a network noted something, between the download of its list and the receipt. `None` when it
/// did not say, or sent it at once.
#[must_use]
pub fn noted_at(
    device_at: Option<DateTime<Utc>>,
    list_at: Option<DateTime<Utc>>,
    (door_at, now): (DateTime<Utc>, DateTime<Utc>),
) -> Option<DateTime<Utc>> {
    let earliest = list_at.unwrap_or(door_at).clamp(door_at.min(now), now);
    let waited = |at: &DateTime<Utc>| (now - *at).num_seconds().abs() > AT_ONCE_S;
    device_at.filter(waited).map(|at| at.clamp(earliest, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(n: u128, state: InviteeState, is_in: bool) -> Listed {
        Listed {
            invitee: InviteeId(uuid::Uuid::from_u128(n)),
            category: Category::Public,
            woman: false,
            state,
            substitute_of: None,
            walk_in: false,
            is_in,
        }
    }

    #[test]
    fn a_substitute_counts_as_his_principal_and_a_walk_in_as_nobody() {
        use InviteeState::{Accepted, Declined, Invited, Substituted};
        let principal = one(3, Substituted, false);
        let substitute = |state, is_in| Listed { substitute_of: Some(principal.invitee), ..one(4, state, is_in) };
        let mut list = vec![
            one(1, Accepted, true),
            one(2, Accepted, false),
            principal,
            substitute(Invited, true),
            one(5, Invited, false),
        ];
        assert_eq!(attendance(&list), Attendance { present: 2, expected: 3 });
        // Both come: one place, two people.
        list[2].is_in = true;
        assert_eq!(attendance(&list), Attendance { present: 2, expected: 3 });
        assert_eq!(seats(&list).len(), 3);
        // Who declined and comes all the same takes a place.
        list.push(one(6, Declined, true));
        list.push(Listed { walk_in: true, ..one(7, Accepted, true) });
        assert_eq!(attendance(&list), Attendance { present: 3, expected: 4 });
        assert_eq!(by_category(&list), [(Category::Public, 5, 6)]);
        // Nobody for whom no seat was free counts for the attendance.
        list.extend([one(8, InviteeState::Waiting, true), one(9, InviteeState::Expired, true)]);
        assert_eq!(attendance(&list), Attendance { present: 3, expected: 4 });
        assert_eq!(attendance(&[]), Attendance::default());
    }

    #[test]
    fn codes_are_short_readable_and_read_back() {
        let code = short_code(&"0123456789abcdef".repeat(4));
        assert_eq!(code.len(), CODE_LENGTH);
        assert!(!code.contains(['0', '1', 'O', 'I', 'L']));
        let spelled = format!(" {}-{} ", &code[..3].to_lowercase(), &code[3..]);
        assert_eq!(typed_code(&spelled), Some(code));
        for wrong in ["", "ABC", "ABCDEFG", "ABCDE0", "中文字码六个"] {
            assert_eq!(typed_code(wrong), None, "{wrong}");
        }
        let who = InviteeId(uuid::Uuid::from_u128(7));
        let link = format!(" https://consult.example/i/{who}/0123abcd\n");
        assert_eq!(typed_link(&link), Some((who, "0123abcd")));
        for wrong in
            ["", "K7M3QP", "https://consult.example/i/7/0123", "/g/x/y", &format!("/i/{who}/"), &format!("/i/{who}/中")]
        {
            assert_eq!(typed_link(wrong), None, "{wrong}");
        }
        assert_eq!(door_code("000000000007ffff"), "0007");
        assert_eq!(door_code(""), "0000");
    }

    #[test]
    fn a_device_cannot_set_its_clock_before_the_list_or_after_the_receipt() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (door, list, now) = (at("2026-11-20T05:00:00Z"), at("2026-11-20T05:20:00Z"), at("2026-11-20T06:00:00Z"));
        for (said, kept) in [
            ("2026-11-20T05:30:00Z", "2026-11-20T05:30:00Z"),
            ("2026-11-20T04:00:00Z", "2026-11-20T05:20:00Z"),
            ("2030-01-01T00:00:00Z", "2026-11-20T06:00:00Z"),
        ] {
            assert_eq!(noted_at(Some(at(said)), Some(list), (door, now)), Some(at(kept)));
        }
        assert_eq!(noted_at(Some(at("2026-11-20T04:00:00Z")), None, (door, now)), Some(door));
        assert_eq!(noted_at(None, Some(list), (door, now)), None);
        assert_eq!(noted_at(Some(at("2026-11-20T05:59:55Z")), Some(list), (door, now)), None, "sent at once");
    }

    #[test]
    fn states_read_back() {
        for state in SittingState::ALL.iter().copied() {
            assert_eq!(SittingState::from_code(state.code()), Some(state));
            assert!(!state.is_on() || state.takes_check_ins());
        }
        for how in How::ALL.iter().copied() {
            assert_eq!(How::from_code(how.code()), Some(how));
        }
    }
}
