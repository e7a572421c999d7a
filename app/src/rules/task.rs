//! Units at work: an answer and its verification (T11), and the end of the handling (T12).

use chrono::{DateTime, NaiveDate, Utc};

use super::guards::Sheet;
use super::is_blank;
use super::workday::{local_date, plain_date};

coded_enum! {
    /// What became of a task (办理结果; N12, D is the project's own).
    pub enum ResultClass {
        /// Done, or done but for trifles.
        Solved = "a" "已解决",
        /// Begun, and going on.
        InProgress = "b" "正在解决",
        /// In a plan with a date.
        Planned = "c" "列入规划",
        /// It cannot be done, and why was explained to the proposers.
        Explained = "d" "解释说明",
    }
}

impl ResultClass {
    /// The letter that officials use: 「A类」.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Solved => "A",
            Self::InProgress => "B",
            Self::Planned => "C",
            Self::Explained => "D",
        }
    }

    /// Whether somebody has to look again later.
    #[must_use]
    pub const fn is_looked_back_on(self) -> bool {
        matches!(self, Self::InProgress | Self::Planned)
    }
}

/// A unit's answer, as T11 looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerFacts {
    /// The class.
    pub class: Option<ResultClass>,
    /// What was done, or why it cannot be.
    pub words: String,
    /// Photos and files (`files`).
    pub files: usize,
    /// A link instead.
    pub link: String,
    /// By when it is planned (C).
    pub target_on: Option<NaiveDate>,
    /// The day by which it was to be answered.
    pub due_on: Option<NaiveDate>,
}

/// T11, when a unit answers.
pub(super) fn answer(sheet: &mut Sheet<'_>, facts: &AnswerFacts, now: DateTime<Utc>) {
    let max = sheet.rules.topic.body_max;
    sheet.tick("class", facts.class.is_some(), "选了办理结果。", "去选结果", "请选办理结果：A、B、C、D 哪一类。");
    let name = if facts.class == Some(ResultClass::Explained) { "解释说明" } else { "办理情况" };
    sheet.text("words", name, &facts.words, max);
    sheet.optional_text("link", "链接", &facts.link, max);
    if !is_blank(&facts.link) && !facts.link.trim().starts_with("https://") && !facts.link.trim().starts_with("http://")
    {
        sheet.blocking("link", "去改链接", "链接要从 http:// 或 https:// 写起。");
    }
    let Some(class) = facts.class else { return };
    if class != ResultClass::Explained {
        let there = facts.files > 0 || !is_blank(&facts.link);
        let bad = "请附凭据：照片、文件或者链接，至少一样。";
        sheet.tick("files", there, "附了凭据。", "去附凭据", bad);
    }
    if class == ResultClass::Planned {
        match facts.target_on {
            Some(day) if day > local_date(now) => {
                sheet.passed("target_on", format!("列入规划，{}前做到。", super::day(day, local_date(now))));
            }
            Some(_) => sheet.blocking("target_on", "去改日期", "列入规划的日期要在今天以后。"),
            None => sheet.blocking("target_on", "去写日期", "列入规划的，请写哪一天前做到。"),
        }
    }
    sheet.clock(facts.due_on, now, "答复", "after.reply_days");
}

/// A verification, as T11 looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyFacts {
    /// The class that was answered.
    pub class: Option<ResultClass>,
    /// Whether the verifier belongs to a unit of the task (`verifier`).
    pub of_unit: bool,
    /// Whether the verifier is an officer of the town, or a member who took part (`verifier`).
    pub took_part: bool,
    /// On which day.
    pub on: Option<NaiveDate>,
    /// The day of the answer.
    pub answered_on: Option<NaiveDate>,
    /// Where.
    pub place: String,
    /// What was seen and heard.
    pub words: String,
    /// Photos (`files`).
    pub files: usize,
    /// Who was there too (`second`).
    pub second: String,
}

/// T11, when an answer is verified.
pub(super) fn verification(sheet: &mut Sheet<'_>, facts: &VerifyFacts, now: DateTime<Utc>) {
    let max = sheet.rules.topic.body_max;
    if facts.of_unit {
        sheet.blocking("verifier", "请别人来核实", "核实人不能是承办单位的人，请工委干事或者参加过的委员来核实。");
    } else {
        let bad = "核实由本镇工委干事，或者参加过这件事的委员来做。";
        sheet.tick("verifier", facts.took_part, "核实人不是承办单位的人。", "请别人来核实", bad);
    }
    match (facts.on, facts.answered_on) {
        (None, _) => sheet.blocking("on", "去写日期", "请写哪一天核实的。"),
        (Some(on), _) if on > local_date(now) => sheet.blocking("on", "去改日期", "核实的日期还没有到。"),
        (Some(on), Some(answered)) if on < answered => {
            let words = format!("单位{}才答复，核实的日期不能在这以前。", plain_date(answered));
            sheet.blocking("on", "去改日期", words);
        }
        _ => sheet.passed("on", "写了核实日期。"),
    }
    sheet.text("words", "核实情况", &facts.words, max);
    sheet.optional_text("second", "同去的人", &facts.second, max);
    // An explanation is read, there is no place to look at.
    if facts.class == Some(ResultClass::Explained) {
        sheet.passed("place", "解释说明可以书面核实。");
        sheet.optional_text("place", "地点", &facts.place, max);
        return;
    }
    sheet.text("place", "地点", &facts.place, max);
    let there = facts.files > 0 || !is_blank(&facts.second);
    sheet.tick("files", there, "有照片或者第二个人。", "去附照片", "请附一张现场照片，或者写同去的第二个人。");
}

/// A task, as T12 looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndedTask {
    /// Its number in the case; its fields end with it (`lookback_1`).
    pub no: i64,
    /// Whether it is verified.
    pub verified: bool,
    /// Whether it is over its day, and not answered.
    pub overdue: bool,
    /// The class that was verified.
    pub class: Option<ResultClass>,
    /// The day of the last progress that everybody could read.
    pub public_on: Option<NaiveDate>,
    /// The day to look again.
    pub lookback_on: Option<NaiveDate>,
}

/// What T12 looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndFacts {
    /// The tasks of the present way into tracking.
    pub tasks: Vec<EndedTask>,
}

/// T12.
pub(super) fn end(sheet: &mut Sheet<'_>, facts: &EndFacts, now: DateTime<Utc>) {
    let today = local_date(now);
    let open: Vec<String> = facts.tasks.iter().filter(|task| !task.verified).map(|task| task.no.to_string()).collect();
    if facts.tasks.is_empty() {
        sheet.blocking("tasks", "去看任务", "没有交办过任务。");
    } else if open.is_empty() {
        sheet.passed("tasks", format!("{} 项任务都核实了。", facts.tasks.len()));
    } else {
        sheet.blocking("tasks", "去看任务", format!("第 {} 项还没有核实。", open.join("、")));
    }
    let late: Vec<String> =
        facts.tasks.iter().filter(|task| task.overdue && !task.verified).map(|task| task.no.to_string()).collect();
    if !late.is_empty() {
        sheet.blocking("overdue", "去看任务", format!("第 {} 项超期，也没有批准延期。", late.join("、")));
    }
    let days = sheet.rules.after.progress_days;
    let limit = sheet.rules.shown("after.progress_days").unwrap_or_default();
    for task in facts.tasks.iter().filter(|task| task.verified) {
        let n = task.no;
        match task.public_on {
            Some(day) if (today - day).num_days() <= i64::from(days) => {}
            _ => sheet.blocking("public", "去公开进展", format!("第 {n} 项 {limit}里没有公开过进展（本镇设定）。")),
        }
        if task.class.is_some_and(ResultClass::is_looked_back_on) {
            let field = format!("lookback_{n}");
            match task.lookback_on {
                Some(day) if day > today => {
                    sheet.passed(&field, format!("第 {n} 项没有全部解决，{}回头看。", super::day(day, today)));
                }
                Some(_) => sheet.blocking(&field, "去改日期", format!("第 {n} 项回头看的日期要在今天以后。")),
                None => sheet.blocking(&field, "去定日期", format!("第 {n} 项没有全部解决，请定回头看的日期。")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Facts, Level, RuleSet, judge};

    fn stops(facts: Facts) -> Vec<String> {
        let now = "2026-11-23T02:00:00Z".parse().unwrap();
        let findings = judge(&[facts], &RuleSet::default(), now);
        let blocking = findings.into_iter().filter(|f| f.level == Level::Blocking);
        blocking.map(|f| f.field.unwrap_or_default()).collect()
    }

    fn day(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    fn answered(class: ResultClass) -> AnswerFacts {
        AnswerFacts {
            class: Some(class),
            words: "修好了三处。".to_owned(),
            files: usize::from(class != ResultClass::Explained),
            target_on: day("2027-03-01").filter(|_| class == ResultClass::Planned),
            ..AnswerFacts::default()
        }
    }

    #[test]
    fn an_answer_of_each_class_passes_with_what_it_needs() {
        for class in ResultClass::ALL {
            assert_eq!(stops(Facts::Answer(answered(*class))), Vec::<String>::new(), "{class:?}");
        }
        let link = AnswerFacts { files: 0, link: "https://example.com/a".to_owned(), ..answered(ResultClass::Solved) };
        assert_eq!(stops(Facts::Answer(link)), Vec::<String>::new());
    }

    #[test]
    fn an_answer_is_refused_without_class_words_evidence_or_date() {
        let good = || answered(ResultClass::Solved);
        let table = [
            ("class", AnswerFacts { class: None, ..good() }),
            ("words", AnswerFacts { words: " ".to_owned(), ..good() }),
            ("files", AnswerFacts { files: 0, ..good() }),
            ("link", AnswerFacts { link: "javascript:alert(1)".to_owned(), ..good() }),
            ("files", AnswerFacts { files: 0, ..answered(ResultClass::InProgress) }),
            ("target_on", AnswerFacts { target_on: None, ..answered(ResultClass::Planned) }),
            ("target_on", AnswerFacts { target_on: day("2026-11-23"), ..answered(ResultClass::Planned) }),
            ("words", AnswerFacts { words: String::new(), ..answered(ResultClass::Explained) }),
        ];
        for (field, facts) in table {
            assert_eq!(stops(Facts::Answer(facts)), [field], "{field}");
        }
    }

    fn verified() -> VerifyFacts {
        VerifyFacts {
            class: Some(ResultClass::Solved),
            took_part: true,
            on: day("2026-11-23"),
            answered_on: day("2026-11-20"),
            place: "东口".to_owned(),
            words: "看过了，平了。".to_owned(),
            files: 1,
            ..VerifyFacts::default()
        }
    }

    #[test]
    fn a_verification_is_somebody_elses_with_day_place_words_and_a_witness() {
        assert_eq!(stops(Facts::Verify(verified())), Vec::<String>::new());
        let second = VerifyFacts { files: 0, second: "村民组长".to_owned(), ..verified() };
        assert_eq!(stops(Facts::Verify(second)), Vec::<String>::new());
        let table = [
            ("verifier", VerifyFacts { of_unit: true, ..verified() }),
            ("verifier", VerifyFacts { took_part: false, ..verified() }),
            ("on", VerifyFacts { on: None, ..verified() }),
            ("on", VerifyFacts { on: day("2026-11-24"), ..verified() }),
            ("on", VerifyFacts { on: day("2026-11-19"), ..verified() }),
            ("words", VerifyFacts { words: String::new(), ..verified() }),
            ("place", VerifyFacts { place: String::new(), ..verified() }),
            ("files", VerifyFacts { files: 0, ..verified() }),
        ];
        for (field, facts) in table {
            assert_eq!(stops(Facts::Verify(facts)), [field], "{field}");
        }
        let paper = VerifyFacts { class: Some(ResultClass::Explained), place: String::new(), files: 0, ..verified() };
        assert_eq!(stops(Facts::Verify(paper)), Vec::<String>::new());
    }

    fn ended(class: ResultClass) -> EndedTask {
        EndedTask {
            no: 1,
            verified: true,
            class: Some(class),
            public_on: day("2026-11-01"),
            lookback_on: day("2027-05-01").filter(|_| class.is_looked_back_on()),
            ..EndedTask::default()
        }
    }

    #[test]
    fn the_handling_ends_when_all_is_verified_public_and_dated() {
        for class in ResultClass::ALL {
            assert_eq!(stops(Facts::T12(EndFacts { tasks: vec![ended(*class)] })), Vec::<String>::new(), "{class:?}");
        }
        let table: Vec<(&[&str], EndedTask)> = vec![
            (&["tasks"], EndedTask { verified: false, ..ended(ResultClass::Solved) }),
            (&["tasks", "overdue"], EndedTask { verified: false, overdue: true, ..ended(ResultClass::Solved) }),
            (&["public"], EndedTask { public_on: None, ..ended(ResultClass::Solved) }),
            (&["public"], EndedTask { public_on: day("2026-08-24"), ..ended(ResultClass::Solved) }),
            (&["lookback_1"], EndedTask { lookback_on: None, ..ended(ResultClass::InProgress) }),
            (&["lookback_1"], EndedTask { lookback_on: day("2026-11-23"), ..ended(ResultClass::Planned) }),
        ];
        for (fields, task) in table {
            assert_eq!(stops(Facts::T12(EndFacts { tasks: vec![task] })), fields, "{fields:?}");
        }
        assert_eq!(stops(Facts::T12(EndFacts::default())), ["tasks"]);
    }
}
