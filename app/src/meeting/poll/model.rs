//! Pure types of a poll.

use serde::{Deserialize, Serialize};

use crate::rules::Category;

/// Fewest options of a poll: with one there is nothing to choose.
pub const OPTIONS_MIN: usize = 2;
/// Most options: what fits on a phone without scrolling.
pub const OPTIONS_MAX: usize = 6;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The question.
    pub question: String,
    /// What can be chosen, in order; the first has number 1.
    pub options: Vec<String>,
}

impl Asked {
    /// 同意、不同意、弃权.
    #[must_use]
    pub fn agreement() -> Vec<String> {
        ["同意", "不同意", "弃权"].map(str::to_owned).to_vec()
    }

    /// Without blanks around, and without options that are blank.
    #[must_use]
    pub fn tidy(self) -> Self {
        let options = self.options.into_iter().map(|o| o.trim().to_owned()).filter(|o| !o.is_empty()).collect();
        Self { question: self.question.trim().to_owned(), options }
    }
}

/// Whether somebody of a category votes. Departments answer and experts advise; the others are those who consult.
#[must_use]
pub const fn votes(category: Category) -> bool {
    !matches!(category, Category::Department | Category::Expert)
}

/// What is shown of the votes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The poll is on: only how many have voted.
    Running,
    /// Too few voted in secret: a result could tell who.
    TooFew,
    /// Votes by option, in order.
    Result(Vec<i64>),
}

/// What may be shown of a poll: nothing before it is closed, and of a secret one only from so many votes on.
#[must_use]
pub fn shown(closed: bool, secret: bool, votes: &[i64], secret_min: u32) -> Shown {
    let cast: i64 = votes.iter().sum();
    if !closed {
        Shown::Running
    } else if secret && cast < i64::from(secret_min) {
        Shown::TooFew
    } else {
        Shown::Result(votes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_shown_after_the_closing_and_a_secret_one_from_enough_votes() {
        let votes = [3, 1];
        assert_eq!(shown(false, false, &votes, 5), Shown::Running);
        assert_eq!(shown(false, true, &[9, 9], 5), Shown::Running);
        assert_eq!(shown(true, false, &votes, 5), Shown::Result(vec![3, 1]));
        assert_eq!(shown(true, true, &votes, 5), Shown::TooFew);
        assert_eq!(shown(true, true, &[3, 2], 5), Shown::Result(vec![3, 2]));
    }

    #[test]
    fn blank_options_are_no_options() {
        let asked = Asked { question: " 问 ".to_owned(), options: vec![" 甲".to_owned(), " ".to_owned()] }.tidy();
        assert_eq!(asked, Asked { question: "问".to_owned(), options: vec!["甲".to_owned()] });
    }

    #[test]
    fn who_answers_for_a_unit_does_not_vote() {
        let who: Vec<Category> = Category::ALL.iter().copied().filter(|c| !votes(*c)).collect();
        assert_eq!(who, [Category::Department, Category::Expert]);
    }
}
