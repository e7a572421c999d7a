//! What is asked after the work, and who answers. Pure.

use std::collections::BTreeMap;

use crate::ids::{FollowId, InviteeId};
use crate::rules::Judgements;
use crate::rules::codes::coded_enum;

coded_enum! {
    /// What is asked (满意度测评表).
    pub enum Question {
        /// Whether the right thing was talked about.
        Topic = "topic" "议题选得对不对",
        /// How it was handled; the one that counts for T13.
        Handling = "handling" "事情办得怎么样",
        /// Whether people could take part.
        Part = "part" "参与方不方便",
    }
}

coded_enum! {
    /// An answer.
    pub enum Satisfaction {
        /// 满意.
        Satisfied = "satisfied" "满意",
        /// 基本满意.
        Mostly = "mostly" "基本满意",
        /// 不满意.
        Not = "not" "不满意",
    }
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voter {
    /// Whoever raised the topic.
    Proposer,
    /// Somebody who was at a meeting.
    Invitee(InviteeId),
    /// Somebody who follows the topic.
    Follower(FollowId),
}

impl Voter {
    /// Under which name it is kept that the person has answered.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Proposer => "proposer".to_owned(),
            Self::Invitee(id) => format!("invitee:{id}"),
            Self::Follower(id) => format!("follow:{id}"),
        }
    }
}

/// How often each answer was given to each question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub BTreeMap<(Question, Satisfaction), i64>);

impl Counts {
    /// How often an answer was given.
    #[must_use]
    pub fn of(&self, question: Question, answer: Satisfaction) -> i64 {
        self.0.get(&(question, answer)).copied().unwrap_or(0)
    }

    /// The answers to a question.
    #[must_use]
    pub fn judgements(&self, question: Question) -> Judgements {
        Judgements {
            satisfied: self.of(question, Satisfaction::Satisfied),
            mostly: self.of(question, Satisfaction::Mostly),
            not: self.of(question, Satisfaction::Not),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_by_question() {
        let mut counts = Counts::default();
        counts.0.insert((Question::Handling, Satisfaction::Mostly), 3);
        counts.0.insert((Question::Topic, Satisfaction::Not), 2);
        assert_eq!(counts.judgements(Question::Handling), Judgements { satisfied: 0, mostly: 3, not: 0 });
        assert_eq!(counts.judgements(Question::Part).all(), 0);
    }
}
