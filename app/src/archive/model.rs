//! What is published of the end of a case, and what others can learn from it. Pure.

use serde::{Deserialize, Serialize};

use crate::case::record::Record;

/// What everybody reads of the end of a case (结果公开).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedResult {
    /// What became of it, in plain words.
    pub words: String,
}

impl Record for PublishedResult {
    const KIND: &'static str = "published_result";
    const NAME: &'static str = "公开的结果";

    fn shown(&self) -> Vec<(&'static str, String)> {
        vec![("结果", self.words.clone())]
    }
}

/// A case that went well, written up for others (典型案例, item 15).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseStory {
    /// Its title.
    pub title: String,
    /// 背景.
    pub background: String,
    /// 做法.
    pub done: String,
    /// 成效.
    pub effect: String,
    /// 可推广点.
    pub copy: String,
}

impl Record for CaseStory {
    const KIND: &'static str = "case_story";
    const NAME: &'static str = "典型案例";

    fn shown(&self) -> Vec<(&'static str, String)> {
        vec![
            ("标题", self.title.clone()),
            ("背景", self.background.clone()),
            ("做法", self.done.clone()),
            ("成效", self.effect.clone()),
            ("可推广点", self.copy.clone()),
        ]
    }
}
