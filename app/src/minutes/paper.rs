//! The finished minutes as a paper in the 纪要 form of GB/T 9704-2012: what the print page, the DOCX and the hash of a
//! signature are made from. Pure.

use serde::{Deserialize, Serialize};

/// People of one kind in a list at the end of the paper.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperGroup {
    /// 「政协委员」; empty where the names stand alone.
    pub kind: String,
    /// Names as this reader may see them.
    pub names: Vec<String>,
}

/// A piece of the text of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperBlock {
    /// A paragraph.
    Words(String),
    /// A heading of the second level; the number （一） is the form's.
    Heading(String),
    /// A point of a numbered list; the number 1. is the form's and begins anew in each section.
    Point(String),
}

/// A section with a heading of the first level; the number 一、 is the form's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperSection {
    /// 「主要意见」.
    pub heading: String,
    /// Its text.
    pub blocks: Vec<PaperBlock>,
}

/// The minutes as a paper.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinutesPaper {
    /// The red mark: 「盛泽镇有事好商量协商纪要」.
    pub mark: String,
    /// 期号: 「2026年第3期」; empty before the signature.
    pub number: String,
    /// Who issues it: 「盛泽镇政协工委」.
    pub issuer: String,
    /// The day of issue: 「2026年11月25日」; empty before the signature.
    pub issued_on: String,
    /// 「关于北麻漾清淤后的护岸管护的协商纪要」.
    pub title: String,
    /// What stands above the sections: time, place, chair.
    pub opening: Vec<String>,
    /// The sections.
    pub sections: Vec<PaperSection>,
    /// 出席.
    pub present: Vec<PaperGroup>,
    /// 请假.
    pub excused: Vec<PaperGroup>,
    /// 列席.
    pub sitting_in: Vec<PaperGroup>,
    /// 主持、记录、签发, each with who: for the foot of the paper.
    pub officials: Vec<(String, String)>,
    /// 印发范围; empty where none is named.
    pub sent_to: String,
    /// A remark above the title: 「演示数据」, 「征求意见稿」, 「已签发后更正」.
    pub remark: String,
}

impl MinutesPaper {
    /// The same paper with every text that may name people changed by `change`.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        let group = |groups: &[PaperGroup]| {
            let names = |one: &PaperGroup| one.names.iter().map(|name| change(name)).collect();
            groups.iter().map(|one| PaperGroup { kind: one.kind.clone(), names: names(one) }).collect()
        };
        let block = |block: &PaperBlock| match block {
            PaperBlock::Words(words) => PaperBlock::Words(change(words)),
            PaperBlock::Heading(words) => PaperBlock::Heading(change(words)),
            PaperBlock::Point(words) => PaperBlock::Point(change(words)),
        };
        Self {
            title: change(&self.title),
            opening: self.opening.iter().map(|words| change(words)).collect(),
            sections: self
                .sections
                .iter()
                .map(|one| PaperSection {
                    heading: one.heading.clone(),
                    blocks: one.blocks.iter().map(block).collect(),
                })
                .collect(),
            present: group(&self.present),
            excused: group(&self.excused),
            sitting_in: group(&self.sitting_in),
            officials: self.officials.iter().map(|(what, who)| (what.clone(), change(who))).collect(),
            ..self.clone()
        }
    }
}

/// A number in Chinese, from 1 to 99: 「十二」.
#[must_use]
pub fn chinese(n: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = (n / 10 % 10, n % 10);
    let head = match tens {
        0 => String::new(),
        1 => "十".to_owned(),
        tens => format!("{}十", DIGITS[tens]),
    };
    format!("{head}{}", DIGITS[ones])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!([1, 2, 10, 11, 20, 35].map(chinese), ["一", "二", "十", "十一", "二十", "三十五"]);
    }
}
