//! Pure types of the research: tasks, visits, the report, and questionnaires with what came of them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::FileId;
use crate::rules::{Category, ResearchFacts, VisitFacts, finds_id_number, finds_phone, is_blank};

/// Questions of a questionnaire at most: a short one, as the issue asks.
pub const QUESTIONS_MAX: usize = 10;
/// Options of a question at most.
pub const OPTIONS_MAX: usize = 12;
/// Characters of an answer in words.
pub const WORDS_MAX: usize = 200;
/// People of one category that one visit can have heard.
pub const HEARD_MAX: u32 = 999;

macro_rules! coded {
    ($(#[$doc:meta])* $Name:ident { $($(#[$vdoc:meta])* $Variant:ident $code:literal $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $Name { $($(#[$vdoc])* #[serde(rename = $code)] $Variant,)* }

        impl $Name {
            /// All of them, in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$Variant,)*];

            /// The code that is stored and sent.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$Variant => $code,)* }
            }

            /// The word on screen.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$Variant => $word,)* }
            }

            /// The one of a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.code() == code)
            }
        }
    };
}

coded! {
    /// How something is looked into.
    Method {
        /// From door to door.
        Visit "visit" "走访",
        /// Sitting together.
        Talk "talk" "座谈",
        /// In writing.
        Questionnaire "questionnaire" "问卷",
        /// Looking at the place.
        Survey "survey" "踏勘",
    }
}

coded! {
    /// How far a task is.
    TaskState {
        /// To be done.
        Open "open" "待办",
        /// Done.
        Done "done" "已办",
        /// Not done, for a reason.
        Dropped "dropped" "不办了",
    }
}

coded! {
    /// How a question is answered.
    QuestionKind {
        /// One of the options.
        Single "single" "单选",
        /// Any of the options.
        Multiple "multiple" "多选",
        /// From 1 to 5.
        Scale "scale" "打分",
        /// In words.
        Text "text" "文字",
    }
}

/// The steps of a scale.
pub const SCALE: i64 = 5;

/// A task of the research.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Who does it: an account's name or any other.
    pub who: String,
    /// How.
    pub method: Method,
    /// When.
    pub on: NaiveDate,
    /// Where.
    pub place: String,
}

/// 走访记录: one visit, as it is recorded on the spot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// On which day.
    pub on: NaiveDate,
    /// How.
    pub method: Method,
    /// Where.
    pub place: String,
    /// Who was heard: how many of each category.
    pub heard: BTreeMap<Category, u32>,
    /// People asked on site of whom nothing is known.
    #[serde(default)]
    pub unknown: u32,
    /// How many committee members took part.
    pub members: u32,
    /// Their names; private.
    #[serde(default)]
    pub member_names: String,
    /// What was said.
    pub said: String,
    /// What was seen.
    pub seen: String,
    /// Photos.
    #[serde(default)]
    pub files: Vec<FileId>,
    /// Why this version was made; empty for the first.
    #[serde(default)]
    pub correction: String,
}

impl Visit {
    /// How many people were heard, of whatever category.
    #[must_use]
    pub fn heard_in_all(&self) -> u32 {
        self.heard.values().fold(self.unknown, |sum, n| sum.saturating_add(*n))
    }

    /// How many of a category were heard.
    #[must_use]
    pub fn heard_of(&self, category: Category) -> u32 {
        self.heard.get(&category).copied().unwrap_or(0)
    }

    /// 「利益相关方 3 人，部门 1 人，现场问到 2 人」; empty where nobody was.
    #[must_use]
    pub fn heard_words(&self) -> String {
        heard_words(&self.heard, self.unknown)
    }

    /// What T5 counts of it.
    #[must_use]
    pub fn facts(&self) -> VisitFacts {
        VisitFacts {
            located: !is_blank(&self.place),
            heard: self.heard_in_all(),
            affected: self.heard_of(Category::Stakeholder),
            members: self.members,
            said: !is_blank(&self.said),
        }
    }
}

/// How many of each category were heard, in words.
fn heard_words(heard: &BTreeMap<Category, u32>, unknown: u32) -> String {
    let mut parts: Vec<String> =
        heard.iter().filter(|(_, n)| **n > 0).map(|(c, n)| format!("{} {n} 人", c.word())).collect();
    if unknown > 0 {
        parts.push(format!("现场问到 {unknown} 人"));
    }
    parts.join("，")
}

/// What everybody may know of the visits: how many there were, and who was heard by category and number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// How many visits.
    pub visits: usize,
    /// How often committee members took part.
    pub members: u32,
    /// How many of each category.
    heard: BTreeMap<Category, u32>,
    /// How many of whom nothing is known.
    unknown: u32,
}

impl Heard {
    /// The sum of visits.
    #[must_use]
    pub fn of(visits: &[Visit]) -> Self {
        let mut sum = Self { visits: visits.len(), ..Self::default() };
        for visit in visits {
            sum.members = sum.members.saturating_add(visit.members);
            sum.unknown = sum.unknown.saturating_add(visit.unknown);
            for (category, n) in &visit.heard {
                let all = sum.heard.entry(*category).or_default();
                *all = all.saturating_add(*n);
            }
        }
        sum
    }

    /// 「走访 2 次，委员参加 3 人次，听了利益相关方 9 人，部门 1 人。」
    #[must_use]
    pub fn words(&self) -> String {
        let heard = heard_words(&self.heard, self.unknown);
        let heard = if heard.is_empty() { heard } else { format!("，听了{heard}") };
        format!("走访 {} 次，委员参加 {} 人次{heard}。", self.visits, self.members)
    }
}

/// 商前调研报告.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResearchReport {
    /// 方式.
    pub methods: String,
    /// 时间.
    pub dates: String,
    /// 地点.
    pub places: String,
    /// 情况.
    pub findings: String,
    /// 问题清单, one a line.
    pub issues: String,
    /// 数据.
    pub figures: String,
    /// 相关政策.
    pub policies: String,
    /// 初步对策.
    pub suggestions: String,
    /// Further reports and material.
    #[serde(default)]
    pub files: Vec<FileId>,
}

impl ResearchReport {
    /// The facts of T5 for this report and the visits it rests on.
    #[must_use]
    pub fn facts(&self, visits: &[Visit], due_on: Option<NaiveDate>) -> ResearchFacts {
        ResearchFacts {
            reports: ResearchFacts::count_reports(&[&self.findings, &self.issues], self.files.len()),
            methods: self.methods.clone(),
            dates: self.dates.clone(),
            places: self.places.clone(),
            findings: self.findings.clone(),
            issues: self.issues.clone(),
            visits: visits.iter().map(Visit::facts).collect(),
            due_on,
        }
    }

    /// A report that takes over from the visits what they know: how, when, where.
    #[must_use]
    pub fn from_visits(visits: &[Visit]) -> Self {
        let mut methods: Vec<&str> = Vec::new();
        let mut places: Vec<&str> = Vec::new();
        let mut days: Vec<NaiveDate> = Vec::new();
        for visit in visits {
            if !methods.contains(&visit.method.word()) {
                methods.push(visit.method.word());
            }
            if !places.contains(&visit.place.as_str()) {
                places.push(&visit.place);
            }
            days.push(visit.on);
        }
        days.sort_unstable();
        days.dedup();
        let dates: Vec<String> = days.into_iter().map(crate::rules::plain_date).collect();
        Self { methods: methods.join("、"), dates: dates.join("、"), places: places.join("、"), ..Self::default() }
    }
}

#[cfg(feature = "ssr")]
impl crate::case::record::Record for ResearchReport {
    const KIND: &'static str = "research_report";
    const NAME: &'static str = "商前调研报告";

    fn shown(&self) -> Vec<(&'static str, String)> {
        vec![
            ("方式", self.methods.clone()),
            ("时间", self.dates.clone()),
            ("地点", self.places.clone()),
            ("情况", self.findings.clone()),
            ("问题清单", self.issues.clone()),
            ("数据", self.figures.clone()),
            ("相关政策", self.policies.clone()),
            ("初步对策", self.suggestions.clone()),
            ("附件", if self.files.is_empty() { String::new() } else { format!("{} 份", self.files.len()) }),
        ]
    }
}

/// What the public reads of the report: the edition that the officer made of it, without anybody's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportEdition {
    /// 情况.
    pub findings: String,
    /// 问题清单, one a line.
    pub issues: String,
    /// 数据.
    pub figures: String,
    /// 相关政策.
    pub policies: String,
    /// 初步对策.
    pub suggestions: String,
}

impl ReportEdition {
    /// The edition that says all that the report says: where the officer begins.
    #[must_use]
    pub fn of(report: &ResearchReport) -> Self {
        Self {
            findings: report.findings.clone(),
            issues: report.issues.clone(),
            figures: report.figures.clone(),
            policies: report.policies.clone(),
            suggestions: report.suggestions.clone(),
        }
    }

    /// Its parts: form field, word, text.
    #[must_use]
    pub fn parts(&self) -> [(&'static str, &'static str, &str); 5] {
        [
            ("findings", "情况", &self.findings),
            ("issues", "问题清单", &self.issues),
            ("figures", "数据", &self.figures),
            ("policies", "相关政策", &self.policies),
            ("suggestions", "初步对策", &self.suggestions),
        ]
    }

    /// Whether it says nothing: then it was taken back.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.parts().iter().all(|(.., text)| is_blank(text))
    }
}

#[cfg(feature = "ssr")]
impl crate::case::record::Record for ReportEdition {
    const KIND: &'static str = "report_edition";
    const NAME: &'static str = "调研报告公开稿";

    fn shown(&self) -> Vec<(&'static str, String)> {
        self.parts().into_iter().map(|(_, word, text)| (word, text.to_owned())).collect()
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What can be chosen; empty for scale and text.
    #[serde(default)]
    pub options: Vec<String>,
}

impl Question {
    /// What can be chosen, in words: the options, or the steps of a scale. Nothing for words.
    #[must_use]
    pub fn choices(&self) -> Vec<String> {
        match self.kind {
            QuestionKind::Single | QuestionKind::Multiple => self.options.clone(),
            QuestionKind::Scale => (1..=SCALE)
                .map(|n| match n {
                    1 => "1 分，最低".to_owned(),
                    SCALE => format!("{SCALE} 分，最高"),
                    _ => format!("{n} 分"),
                })
                .collect(),
            QuestionKind::Text => Vec::new(),
        }
    }
}

/// A questionnaire as it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questionnaire {
    /// Its title.
    pub title: String,
    /// What it is for, in a sentence.
    pub intro: String,
    /// Up to ten.
    pub questions: Vec<Question>,
}

/// What is wrong with a questionnaire, by form field.
#[must_use]
pub fn questionnaire_faults(asked: &Questionnaire, title_max: u32, body_max: u32) -> Vec<(String, String)> {
    let long = |text: &str, max: u32| text.chars().count() > max as usize;
    let mut faults = Vec::new();
    if is_blank(&asked.title) || long(&asked.title, title_max) {
        faults.push(("title".to_owned(), format!("请写问卷的名称，不超过 {title_max} 字。")));
    }
    if long(&asked.intro, body_max) {
        faults.push(("intro".to_owned(), format!("说明不超过 {body_max} 字。")));
    }
    if asked.questions.is_empty() {
        faults.push(("q1_text".to_owned(), "至少要有一个问题。".to_owned()));
    }
    if asked.questions.len() > QUESTIONS_MAX {
        faults.push(("q1_text".to_owned(), format!("最多 {QUESTIONS_MAX} 个问题。")));
    }
    for (n, question) in (1..).zip(&asked.questions) {
        if is_blank(&question.text) || long(&question.text, 100) {
            faults.push((format!("q{n}_text"), "请写清问什么，不超过 100 字。".to_owned()));
        }
        let chosen_from = matches!(question.kind, QuestionKind::Single | QuestionKind::Multiple);
        if chosen_from && !(2..=OPTIONS_MAX).contains(&question.options.len()) {
            faults.push((format!("q{n}_options"), format!("选项一行一个，2 到 {OPTIONS_MAX} 个。")));
        } else if question.options.iter().any(|o| long(o, 40)) {
            faults.push((format!("q{n}_options"), "每个选项不超过 40 字。".to_owned()));
        }
    }
    faults
}

/// What one person answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Question (from 1) and choice (from 1).
    pub chosen: Vec<(i64, i64)>,
    /// Question and words.
    pub words: Vec<(i64, String)>,
}

impl Answers {
    /// The questions that were answered with a choice.
    #[must_use]
    pub fn questions(&self) -> Vec<i64> {
        let mut questions: Vec<i64> = self.chosen.iter().map(|(q, _)| *q).collect();
        questions.sort_unstable();
        questions.dedup();
        questions
    }
}

/// What is wrong with an answer, by form field: choices that are not offered, and words that name somebody.
#[must_use]
pub fn answer_faults(asked: &Questionnaire, answers: &Answers) -> Vec<(String, String)> {
    let question = |n: i64| usize::try_from(n - 1).ok().and_then(|n| asked.questions.get(n));
    let mut faults = Vec::new();
    for n in answers.questions() {
        let Some(question) = question(n) else {
            faults.push((format!("q{n}"), "没有这个问题，请刷新后再答。".to_owned()));
            continue;
        };
        let choices: Vec<i64> = answers.chosen.iter().filter(|(q, _)| *q == n).map(|(_, c)| *c).collect();
        let offered = i64::try_from(question.choices().len()).unwrap_or(0);
        let wrong = choices.iter().any(|c| *c < 1 || *c > offered);
        let too_many = question.kind != QuestionKind::Multiple && choices.len() > 1;
        if wrong || too_many {
            faults.push((format!("q{n}"), "请在列出的里面选。".to_owned()));
        }
    }
    for (n, words) in &answers.words {
        if question(*n).is_none_or(|q| q.kind != QuestionKind::Text) {
            faults.push((format!("q{n}"), "没有这个问题，请刷新后再答。".to_owned()));
        } else if words.chars().count() > WORDS_MAX {
            faults.push((format!("q{n}"), format!("最多 {WORDS_MAX} 字，请再精简一些。")));
        } else if finds_phone(words) || finds_id_number(words) {
            faults.push((format!("q{n}"), "像是写了电话或证件号，请去掉；问卷不需要留联系方式。".to_owned()));
        }
    }
    if faults.is_empty() && answers.chosen.is_empty() && answers.words.is_empty() {
        faults.push(("q1".to_owned(), "一个问题都没有答，请至少答一个。".to_owned()));
    }
    faults
}

/// What came of one question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many answered it.
    pub answered: i64,
    /// How often each choice was made, in order.
    pub counts: Vec<i64>,
    /// The words, in the order of their letters.
    pub words: Vec<String>,
}

/// What came of a questionnaire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    /// One for each question.
    pub tallies: Vec<Tally>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(place: &str, on: &str) -> Visit {
        Visit {
            on: on.parse().unwrap(),
            method: Method::Visit,
            place: place.to_owned(),
            heard: BTreeMap::from([(Category::Stakeholder, 3), (Category::Department, 0)]),
            unknown: 2,
            members: 1,
            member_names: "顾采薇".to_owned(),
            said: "晚上没处停".to_owned(),
            seen: String::new(),
            files: Vec::new(),
            correction: String::new(),
        }
    }

    #[test]
    fn a_visit_counts_who_was_heard() {
        let visit = visit("镇东五区", "2026-03-10");
        assert_eq!(visit.heard_words(), "利益相关方 3 人，现场问到 2 人");
        let facts = visit.facts();
        assert_eq!((facts.heard, facts.affected, facts.members), (5, 3, 1));
        assert!(facts.carries());
        let silent = Visit { said: " ".to_owned(), ..visit };
        assert!(!silent.facts().carries());
    }

    #[test]
    fn everybody_may_know_how_many_were_heard() {
        let all = [visit("北门", "2026-03-11"), visit("南门", "2026-03-10")];
        assert_eq!(Heard::of(&all).words(), "走访 2 次，委员参加 2 人次，听了利益相关方 6 人，现场问到 4 人。");
        assert_eq!(Heard::of(&[]).words(), "走访 0 次，委员参加 0 人次。");
    }

    #[test]
    fn a_report_takes_over_what_the_visits_know() {
        let visits = [visit("北门", "2026-03-11"), visit("南门", "2026-03-10"), visit("北门", "2026-03-10")];
        let report = ResearchReport::from_visits(&visits);
        assert_eq!((report.methods.as_str(), report.places.as_str()), ("走访", "北门、南门"));
        assert_eq!(report.dates, "3月10日、3月11日");
        assert_eq!(report.facts(&visits, None).reports, 0, "nothing was found yet");
    }

    fn asked() -> Questionnaire {
        let question = |text: &str, kind, options: &[&str]| Question {
            text: text.to_owned(),
            kind,
            options: options.iter().map(|o| (*o).to_owned()).collect(),
        };
        Questionnaire {
            title: "停车问卷".to_owned(),
            intro: String::new(),
            questions: vec![
                question("几点回家", QuestionKind::Single, &["六点前", "六点后"]),
                question("怎么来", QuestionKind::Multiple, &["开车", "骑车", "走路"]),
                question("满意吗", QuestionKind::Scale, &[]),
                question("还想说什么", QuestionKind::Text, &[]),
            ],
        }
    }

    #[test]
    fn what_cannot_be_asked_is_named_by_its_field() {
        assert!(questionnaire_faults(&asked(), 30, 1000).is_empty());
        let mut short = asked();
        short.questions[0].options.truncate(1);
        short.questions[3].text = " ".to_owned();
        let fields: Vec<String> = questionnaire_faults(&short, 30, 1000).into_iter().map(|f| f.0).collect();
        assert_eq!(fields, ["q1_options", "q4_text"]);
        let mut many = asked();
        many.questions = vec![many.questions[2].clone(); QUESTIONS_MAX + 1];
        assert_eq!(questionnaire_faults(&many, 30, 1000).len(), 1);
        assert_eq!(questionnaire_faults(&Questionnaire::default(), 30, 1000).len(), 2);
    }

    #[test]
    fn an_answer_holds_what_was_offered_and_nobodys_number() {
        let said = |words: &str| Answers { chosen: vec![], words: vec![(4, words.to_owned())] };
        let chose = |list: &[(i64, i64)]| Answers { chosen: list.to_vec(), words: vec![] };
        for (answers, field) in [
            (chose(&[(1, 2), (2, 1), (2, 3), (3, 5)]), None),
            (said("多划几个车位，139 路也绕一下"), None),
            (chose(&[]), Some("q1")),
            (chose(&[(1, 3)]), Some("q1")),
            (chose(&[(1, 1), (1, 2)]), Some("q1")),
            (chose(&[(3, 6)]), Some("q3")),
            (chose(&[(3, 0)]), Some("q3")),
            (chose(&[(4, 1)]), Some("q4")),
            (chose(&[(9, 1)]), Some("q9")),
            (said("打我电话 13812345678"), Some("q4")),
            (said("32058419800101123X"), Some("q4")),
            (said(&"长".repeat(WORDS_MAX + 1)), Some("q4")),
            (Answers { chosen: vec![], words: vec![(1, "x".to_owned())] }, Some("q1")),
        ] {
            let faults = answer_faults(&asked(), &answers);
            assert_eq!(faults.first().map(|f| f.0.as_str()), field, "{answers:?}");
        }
    }
}
