//! Id newtypes (UUID version 7, so that they sort by time), the tracking code and signed link tokens.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }

        #[cfg(feature = "ssr")]
        impl From<$name> for crate::storage::Value {
            fn from(id: $name) -> Self {
                Self::Uuid(Some(id.0))
            }
        }

        #[cfg(feature = "ssr")]
        impl From<Option<$name>> for crate::storage::Value {
            fn from(id: Option<$name>) -> Self {
                Self::Uuid(id.map(|id| id.0))
            }
        }
    )*};
}

id! {
    /// A case file (案卷); the topic is its root and shares the id.
    CaseId;
    /// An account of a person who signs in.
    AccountId;
    /// A handling unit (承办单位).
    UnitId;
    /// A consultation room (议事室、议事点).
    RoomId;
    /// A comment under a topic.
    CommentId;
    /// A stored file.
    FileId;
    /// Somebody who follows a topic.
    FollowId;
    /// A version of a rule set.
    RuleSetId;
    /// One sending of a form; the same id sent twice is carried out once.
    RequestId;
    /// A signed-in session.
    SessionId;
    /// A piece of follow-up work.
    JobId;
    /// A member on the roster (委员).
    MemberId;
    /// A meeting of a case.
    MeetingId;
    /// Somebody on the list of a meeting.
    InviteeId;
    /// A visit of the research before the meeting.
    VisitId;
    /// A task of the research before the meeting.
    TaskId;
    /// A questionnaire to residents.
    QuestionnaireId;
    /// A letter to somebody.
    LetterId;
    /// A day on which the people of a meeting come together.
    SittingId;
    /// Somebody who is there.
    CheckInId;
    /// Somebody who asked to speak, and the speech.
    SpeechId;
    /// A matter that was handed to a unit on the spot.
    HandoverId;
    /// A poll in the room.
    PollId;
    /// An edition of the minutes of a meeting.
    MinutesId;
    /// What somebody who was there says of the draft of the minutes.
    ReplyId;
    /// An item of the outcome list.
    OutcomeId;
    /// A task that was handed to a unit (交办任务).
    AssignmentId;
    /// A line of a task's record.
    NoteId;
    /// What the district wrote to a town.
    MemoId;
    /// A survey among the people concerned.
    SurveyId;
    /// Somebody who says that it came up again.
    ReopeningId;
    /// A look at a room by the 六有 list.
    CheckId;
    /// A studio of committee members (委员工作室).
    StudioId;
    /// A reception in a studio.
    ReceptionId;
    /// What somebody said at a reception.
    OpinionId;
}

/// The 10-character code with which a proposer finds the topic again (查询码).
///
/// Letters and digits that cannot be mistaken for one another when read aloud or copied by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingCode(String);

impl TrackingCode {
    /// Characters in a code.
    pub const LENGTH: usize = 10;
    const ALPHABET: &'static [u8; 32] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ0";

    /// A code from random bytes: 50 bits, guessing is further slowed where codes are looked up.
    #[must_use]
    pub fn from_random(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes.iter().map(|b| char::from(Self::ALPHABET[usize::from(b & 31)])).collect())
    }

    /// Reads what a person typed: spaces and dashes are dropped, small letters accepted, O read as 0.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let code: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-' && *c != '－')
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                c => c,
            })
            .collect();
        let valid = code.chars().count() == Self::LENGTH && code.bytes().all(|b| Self::ALPHABET.contains(&b));
        valid.then_some(Self(code))
    }

    /// The bare ten characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code in two groups, as it is shown.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{} {}", &self.0[..5], &self.0[5..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_as_people_type_it() {
        let code = TrackingCode::from_random([0, 1, 2, 3, 4, 255, 31, 10, 20, 30]);
        for typed in [
            code.as_str().to_owned(),
            code.as_str().to_lowercase(),
            code.shown(),
            format!(" {}-{} ", &code.as_str()[..5], &code.as_str()[5..]),
            code.as_str().replace('0', "O"),
        ] {
            assert_eq!(TrackingCode::parse(&typed), Some(code.clone()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for typed in ["", "123", "２３４５６７８９ＡＢ", "I1I1I1I1I1", "23456789ABC", "23456789A\u{0}"] {
            assert_eq!(TrackingCode::parse(typed), None, "{typed}");
        }
    }
}
