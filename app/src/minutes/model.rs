//! Pure types of the minutes: sections, outcomes, and marks that stand in the text in place of people's names.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::paper::PaperBlock;
use crate::ids::UnitId;
use crate::rules::codes::coded_enum;
use crate::rules::{Category, is_blank};

coded_enum! {
    /// A section of the minutes.
    pub enum Section {
        /// What it is about, and what research found.
        Background = "background" "背景",
        /// What each said.
        Opinions = "opinions" "主要意见",
        /// On what all agree.
        Consensus = "consensus" "共识",
        /// On what they do not.
        Dissent = "dissent" "分歧",
        /// What is to be done.
        Outcomes = "outcomes" "成果清单",
    }
}

coded_enum! {
    /// How far an edition of the minutes is.
    pub enum EditionState {
        /// Being written.
        Draft = "draft" "起草中",
        /// With those who were there.
        Circulating = "circulating" "征求意见中",
        /// Signed by the chair; from then on it never changes.
        Signed = "signed" "已签发",
    }
}

coded_enum! {
    /// How far people agree on an outcome (共识程度).
    pub enum Degree {
        /// Nobody is against it.
        Unanimous = "unanimous" "一致同意",
        /// Most are for it.
        Majority = "majority" "多数同意",
        /// Opinions differ.
        Disputed = "disputed" "有不同意见",
    }
}

/// One line of the outcome list (成果清单).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeItem {
    /// 意见建议.
    pub words: String,
    /// 提出人类别.
    #[serde(default)]
    pub from: Option<Category>,
    /// 共识程度.
    #[serde(default)]
    pub degree: Option<Degree>,
    /// 建议承办单位.
    #[serde(default)]
    pub unit: Option<UnitId>,
    /// Its name when the list was written.
    #[serde(default)]
    pub unit_name: String,
}

impl OutcomeItem {
    /// The item in one line: what, from whom, how far agreed, who should handle it.
    #[must_use]
    pub fn line(&self) -> String {
        let mut more = Vec::new();
        if let Some(from) = self.from {
            more.push(format!("{}提出", from.word()));
        }
        if let Some(degree) = self.degree {
            more.push(degree.word().to_owned());
        }
        if !self.unit_name.is_empty() {
            more.push(format!("建议由{}承办", self.unit_name));
        }
        let words = self.words.trim().trim_end_matches('。');
        if more.is_empty() { format!("{words}。") } else { format!("{words}。（{}）", more.join("，")) }
    }
}

/// The outcome list as it is stored in its section.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// 未达成共识.
    #[serde(default)]
    pub no_consensus: bool,
    /// The list, in order.
    #[serde(default)]
    pub items: Vec<OutcomeItem>,
}

impl Outcomes {
    /// Reads the text of the section; what is none is an empty list.
    #[must_use]
    pub fn read(words: &str) -> Self {
        serde_json::from_str(words).unwrap_or_default()
    }

    /// The text of the section.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The list as a person reads it, one item a line.
    #[must_use]
    pub fn shown(&self) -> String {
        let none = self.no_consensus.then(|| "未达成共识".to_owned());
        let items = self.items.iter().enumerate().map(|(n, item)| format!("{}. {}", n + 1, item.line()));
        none.into_iter().chain(items).collect::<Vec<_>>().join("\n")
    }

    /// The same list with the words of each item changed.
    #[must_use]
    pub fn map(mut self, change: impl Fn(&str) -> String) -> Self {
        for item in &mut self.items {
            item.words = change(&item.words);
        }
        self
    }

    /// Without items that say nothing.
    #[must_use]
    pub fn tidy(mut self) -> Self {
        self.items.retain(|item| !is_blank(&item.words));
        self
    }
}

/// What a text of a section says to a person: the outcome list as lines, others as they are.
#[must_use]
pub fn readable(section: Section, words: &str) -> String {
    if section == Section::Outcomes { Outcomes::read(words).shown() } else { words.to_owned() }
}

/// A text in blocks: a line that begins with 「- 」 or a number is a point, one that begins with 「（一）」 or 「## 」 a
/// heading, the others are paragraphs.
#[must_use]
pub fn blocks(words: &str) -> Vec<PaperBlock> {
    words.lines().map(str::trim).filter(|line| !line.is_empty()).map(block).collect()
}

fn block(line: &str) -> PaperBlock {
    if let Some(rest) = line.strip_prefix("- ").or_else(|| line.strip_prefix('·')) {
        return PaperBlock::Point(rest.trim().to_owned());
    }
    if let Some(rest) = line.strip_prefix("## ") {
        return PaperBlock::Heading(rest.trim().to_owned());
    }
    if let Some((number, rest)) = line.strip_prefix('（').and_then(|rest| rest.split_once('）'))
        && !number.is_empty()
        && number.chars().all(|c| "一二三四五六七八九十".contains(c))
    {
        return PaperBlock::Heading(rest.trim().to_owned());
    }
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    match line[digits..].strip_prefix(['.', '．', '、']) {
        Some(rest) if (1..=2).contains(&digits) && !rest.starts_with(|c: char| c.is_ascii_digit()) => {
            PaperBlock::Point(rest.trim().to_owned())
        }
        _ => PaperBlock::Words(line.to_owned()),
    }
}

/// Somebody whose name may stand in the minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The person on the list, or the account of chair and recorder.
    pub id: Uuid,
    /// The name; empty once it was erased.
    pub name: String,
    /// The name as everybody may read it.
    pub public: String,
}

/// For whom names are put into a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Those who run the consultation.
    Inside,
    /// Everybody, those who were there too.
    Everybody,
}

const OPEN: char = '⟦';
const CLOSE: char = '⟧';

/// The mark of somebody.
#[must_use]
pub fn mark(id: Uuid) -> String {
    format!("{OPEN}{id}{CLOSE}")
}

/// Puts marks in place of names. Of several people of one name the one whose name is hidden from the public is taken.
#[must_use]
pub fn hide(text: &str, people: &[Named]) -> String {
    // What looks like a mark was typed by a person, and is none.
    let text = text.replace([OPEN, CLOSE], "");
    let mut list: Vec<&Named> = people.iter().filter(|one| one.name.chars().count() > 1).collect();
    list.sort_by_key(|one| (std::cmp::Reverse(one.name.chars().count()), one.public == one.name, one.id));
    // In one pass from the left, so that no name is looked for inside a mark.
    let (mut hidden, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while let Some(first) = rest.chars().next() {
        if let Some(one) = list.iter().find(|one| rest.starts_with(&one.name)) {
            hidden.push_str(&mark(one.id));
            rest = &rest[one.name.len()..];
        } else {
            hidden.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    hidden
}

/// Puts marks in place of names in the text of a section. Of an outcome list only what was typed is changed.
#[must_use]
pub fn hide_in(section: Section, words: &str, people: &[Named]) -> String {
    match section {
        Section::Outcomes => Outcomes::read(words).map(|words| hide(words, people)).text(),
        _ => hide(words, people),
    }
}

/// Puts names in place of marks.
#[must_use]
pub fn show(text: &str, people: &[Named], reader: Reader) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        shown.push_str(before);
        let Some((id, after)) = after.split_once(CLOSE) else {
            rest = after;
            continue;
        };
        let one = id.parse::<Uuid>().ok().and_then(|id| people.iter().find(|one| one.id == id));
        let name = one.map(|one| if reader == Reader::Inside { &one.name } else { &one.public });
        shown.push_str(name.filter(|name| !name.is_empty()).map_or("（姓名已删）", String::as_str));
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// Somebody of the list as everybody may read the name: the whole one by consent, else the surname.
#[must_use]
pub fn public_name(name: &str, consent: bool) -> String {
    match name.chars().next() {
        Some(_) if consent => name.to_owned(),
        Some(first) => format!("{first}**"),
        None => String::new(),
    }
}

/// What somebody who was there says of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Said {
    /// It is right.
    Agrees,
    /// Something is to be corrected.
    Correction {
        /// Where.
        section: Option<Section>,
        /// What.
        words: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(n: u128, name: &str, consent: bool) -> Named {
        Named { id: Uuid::from_u128(n), name: name.to_owned(), public: public_name(name, consent) }
    }

    #[test]
    fn names_are_marks_in_storage_and_come_back_as_each_reader_may_see_them() {
        let people = [person(1, "蔺大海", false), person(2, "蔺大", true), person(3, "", false)];
        let text = "蔺大海说东岸松了，蔺大附议。";
        let stored = hide(text, &people);
        assert!(!stored.contains('蔺'), "{stored}");
        assert_eq!(show(&stored, &people, Reader::Inside), text);
        assert_eq!(show(&stored, &people, Reader::Everybody), "蔺**说东岸松了，蔺大附议。");
        // Erased: no name is left anywhere.
        let erased = [person(1, "", false), people[1].clone()];
        assert_eq!(show(&stored, &erased, Reader::Inside), "（姓名已删）说东岸松了，蔺大附议。");
    }

    #[test]
    fn a_name_that_is_a_word_changes_no_list_and_no_mark() {
        let people = [
            person(0xa1, "蔺大海", false),
            person(2, "items", false),
            person(3, "a1", false),
            person(4, "words", false),
        ];
        let item = OutcomeItem { words: "蔺大海去修".to_owned(), ..OutcomeItem::default() };
        let list = Outcomes { no_consensus: false, items: vec![item] };
        let stored = hide_in(Section::Outcomes, &list.text(), &people);
        assert_eq!(show(&Outcomes::read(&stored).items[0].words, &people, Reader::Inside), "蔺大海去修");
        assert_eq!(show(&hide("蔺大海", &people), &people, Reader::Inside), "蔺大海");
    }

    #[test]
    fn of_two_with_one_name_the_hidden_one_is_meant() {
        let people = [person(1, "王芳", true), person(2, "王芳", false)];
        assert_eq!(show(&hide("王芳同意。", &people), &people, Reader::Everybody), "王**同意。");
    }

    #[test]
    fn a_typed_mark_is_no_mark() {
        let people = [person(1, "王芳", false)];
        let typed = format!("看{}", mark(Uuid::from_u128(1)));
        assert!(!show(&hide(&typed, &people), &people, Reader::Inside).contains("王芳"));
        assert_eq!(show("半个⟦x", &people, Reader::Inside), "半个x");
    }

    #[test]
    fn lines_become_blocks() {
        use PaperBlock::{Heading, Point, Words};
        let text = "（一）现状\n护岸松了。\n\n- 分段包干\n2. 先修三处\n3.5 米宽\n## 下一步\n（2）不是标题";
        let expected = [
            Heading("现状".to_owned()),
            Words("护岸松了。".to_owned()),
            Point("分段包干".to_owned()),
            Point("先修三处".to_owned()),
            Words("3.5 米宽".to_owned()),
            Heading("下一步".to_owned()),
            Words("（2）不是标题".to_owned()),
        ];
        assert_eq!(blocks(text), expected);
    }

    #[test]
    fn an_outcome_reads_in_one_line() {
        let item = OutcomeItem {
            words: "三个村分段包干。".to_owned(),
            from: Some(Category::Public),
            degree: Some(Degree::Unanimous),
            unit: None,
            unit_name: "盛泽水务站".to_owned(),
        };
        assert_eq!(item.line(), "三个村分段包干。（群众代表提出，一致同意，建议由盛泽水务站承办）");
        let list = Outcomes { no_consensus: false, items: vec![item, OutcomeItem::default()] }.tidy();
        assert_eq!(list.items.len(), 1);
        assert_eq!(Outcomes::read(&list.text()), list);
        assert_eq!(Outcomes::read("不是清单"), Outcomes::default());
        assert_eq!(Outcomes { no_consensus: true, items: Vec::new() }.shown(), "未达成共识");
    }
}
