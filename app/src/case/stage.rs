//! The state graph of a case: fourteen stages in five phases, the side states, and the moves between them.
//!
//! The graph is data. Every change of stage in the product goes through [`Stage::may_become`], so what is not drawn
//! here cannot happen.

use serde::{Deserialize, Serialize};

/// A phase of the stage line: what residents see as one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// 选题: raised, screened, chosen.
    Choose,
    /// 调研: researched on site.
    Research,
    /// 邀请: people invited, meeting announced.
    Invite,
    /// 会商: met, minutes agreed.
    Consult,
    /// 落实: reported, handled, judged, closed, archived.
    Deliver,
}

impl Phase {
    /// All phases in order.
    pub const ALL: [Self; 5] = [Self::Choose, Self::Research, Self::Invite, Self::Consult, Self::Deliver];

    /// The phase's name on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Choose => "选题",
            Self::Research => "调研",
            Self::Invite => "邀请",
            Self::Consult => "会商",
            Self::Deliver => "落实",
        }
    }

    /// The stages of this phase, in order.
    #[must_use]
    pub const fn stages(self) -> &'static [Stage] {
        match self {
            Self::Choose => &[Stage::Draft, Stage::Submitted, Stage::Accepted, Stage::Confirmed],
            Self::Research => &[Stage::Researching],
            Self::Invite => &[Stage::Planned, Stage::Announced],
            Self::Consult => &[Stage::Convened, Stage::Minuted],
            Self::Deliver => &[Stage::Reported, Stage::Tracking, Stage::Evaluating, Stage::Closed, Stage::Archived],
        }
    }
}

macro_rules! stages {
    ($($(#[$doc:meta])* $name:ident $code:literal $word:literal,)*) => {
        /// Where a case stands. The first fourteen are the stage line in order; the others are side states.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Stage { $($(#[$doc])* $name,)* }

        impl Stage {
            /// Every stage and side state, stage line first.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code that is stored and stands in addresses.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The status word on screen, one for each stage.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

stages! {
    /// Being written in the proposer's browser.
    Draft "draft" "草稿",
    /// Sent, waiting for the screener (T1 passed).
    Submitted "submitted" "待受理",
    /// Taken up by the town (T2 passed), public from here on.
    Accepted "accepted" "已受理",
    /// Chosen by the party committee (T3 passed).
    Confirmed "confirmed" "已立题",
    /// Research before the meeting is under way (T4 passed).
    Researching "researching" "调研中",
    /// Research filed; the meeting is being planned (T5 passed).
    Planned "planned" "筹备中",
    /// The meeting is announced (T6 passed).
    Announced "announced" "已公示",
    /// The meeting took place (T7 passed).
    Convened "convened" "已召开",
    /// The minutes are signed (T8 passed).
    Minuted "minuted" "已成纪要",
    /// Minutes and outcome list reported (T9 passed).
    Reported "reported" "已报送",
    /// Units are handling what was adopted (T10 passed).
    Tracking "tracking" "办理中",
    /// The people concerned are asked (T12 passed).
    Evaluating "evaluating" "待评价",
    /// Closed (T13 passed).
    Closed "closed" "已办结",
    /// In the archive (T14 passed).
    Archived "archived" "已归档",
    /// Returned to the proposer with a question.
    Returned "returned" "待补正",
    /// Passed on to the channel that is responsible.
    Transferred "transferred" "已转办",
    /// Joined to another topic.
    Merged "merged" "已并案",
    /// Not taken up, with a reason.
    Declined "declined" "不予立题",
    /// Taken back by the proposer.
    Withdrawn "withdrawn" "已撤回",
    /// The question was not answered in time.
    Lapsed "lapsed" "已失效",
    /// Put on hold until a review date.
    Suspended "suspended" "暂缓",
    /// Ended before the meeting, with reason and approver.
    Terminated "terminated" "已终止",
}

impl Stage {
    /// How many stages the stage line has.
    pub const LINE: usize = 14;

    /// The stage of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.code() == code)
    }

    /// The place on the stage line, from 0; `None` for a side state.
    #[must_use]
    pub fn ordinal(self) -> Option<usize> {
        Self::ALL[..Self::LINE].iter().position(|s| *s == self)
    }

    /// The phase on the stage line; `None` for a side state.
    #[must_use]
    pub fn phase(self) -> Option<Phase> {
        Phase::ALL.into_iter().find(|p| p.stages().contains(&self))
    }

    /// Whether the case has ended and waits for nobody. A merged case can still come back.
    #[must_use]
    pub const fn is_ended(self) -> bool {
        matches!(
            self,
            Self::Archived
                | Self::Transferred
                | Self::Merged
                | Self::Declined
                | Self::Withdrawn
                | Self::Lapsed
                | Self::Terminated
        )
    }

    /// Whether the meeting has not taken place yet, so that the case can still be suspended or terminated.
    #[must_use]
    pub fn is_before_meeting(self) -> bool {
        self == Self::Returned
            || self == Self::Suspended
            || self.ordinal().is_some_and(|n| n < Self::Convened.ordinal().unwrap_or(0) && n > 0)
    }

    /// Whether a move from this stage to `next` is on the graph (`domain.md` 2.2).
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use Stage::{
            Accepted, Announced, Archived, Closed, Confirmed, Convened, Declined, Draft, Evaluating, Lapsed, Merged,
            Minuted, Planned, Reported, Researching, Returned, Submitted, Suspended, Terminated, Tracking, Transferred,
            Withdrawn,
        };
        match (self, next) {
            (Draft, Submitted)
            | (Submitted, Accepted | Returned | Transferred | Merged | Declined | Withdrawn)
            | (Returned, Submitted | Lapsed | Withdrawn)
            | (Accepted, Confirmed | Merged | Withdrawn)
            | (Merged, Submitted | Accepted)
            | (Confirmed, Researching)
            | (Researching, Planned)
            | (Planned, Announced)
            | (Announced, Convened | Planned)
            | (Convened, Minuted)
            | (Minuted, Reported | Researching)
            | (Reported, Tracking | Evaluating)
            | (Tracking, Evaluating)
            | (Evaluating, Closed | Tracking)
            | (Closed, Archived | Tracking)
            | (Archived, Tracking) => true,
            (from, Suspended) => from.is_before_meeting() && from != Suspended,
            (Suspended, Terminated) => true,
            (Suspended, back) => back.is_before_meeting() && back != Suspended,
            (from, Terminated) => from.is_before_meeting(),
            _ => false,
        }
    }

    /// Whether everybody may see a topic in this stage. Topics become public when they are accepted; one that was
    /// never accepted stays between the proposer and the town. `was_accepted` tells of side states.
    #[must_use]
    pub fn is_public(self, was_accepted: bool) -> bool {
        match self {
            Self::Draft | Self::Submitted | Self::Returned | Self::Transferred | Self::Declined | Self::Lapsed => false,
            Self::Merged | Self::Withdrawn | Self::Suspended | Self::Terminated => was_accepted,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_read_back() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_code(stage.code()), Some(*stage));
        }
        assert_eq!(Stage::from_code("nonsense"), None);
    }

    #[test]
    fn the_line_has_fourteen_stages_in_five_phases() {
        let in_phases: Vec<Stage> = Phase::ALL.iter().flat_map(|p| p.stages()).copied().collect();
        assert_eq!(in_phases, Stage::ALL[..Stage::LINE]);
    }

    #[test]
    fn nothing_leaves_an_ended_case_but_what_the_handbook_allows() {
        for from in Stage::ALL.iter().filter(|s| s.is_ended()) {
            let out: Vec<Stage> = Stage::ALL.iter().copied().filter(|to| from.may_become(*to)).collect();
            let expected: &[Stage] = match from {
                Stage::Merged => &[Stage::Submitted, Stage::Accepted],
                Stage::Archived => &[Stage::Tracking],
                _ => &[],
            };
            assert_eq!(out, expected, "{from:?}");
        }
    }

    #[test]
    fn nothing_is_suspended_or_terminated_after_the_meeting() {
        for from in [Stage::Convened, Stage::Minuted, Stage::Tracking, Stage::Closed, Stage::Draft] {
            assert!(!from.may_become(Stage::Suspended), "{from:?}");
            assert!(!from.may_become(Stage::Terminated), "{from:?}");
        }
        assert!(Stage::Announced.may_become(Stage::Suspended));
        assert!(Stage::Suspended.may_become(Stage::Announced));
        assert!(!Stage::Suspended.may_become(Stage::Convened));
    }
}
