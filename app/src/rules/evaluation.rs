//! The end of a case: what the people concerned say (T13), and the file that is kept (T14).

use chrono::{DateTime, NaiveDate, Utc};

use super::guards::Sheet;
use super::workday::plain_date;
use super::{RuleSet, is_blank};

/// Answers to the question on the handling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judgements {
    /// 满意.
    pub satisfied: i64,
    /// 基本满意.
    pub mostly: i64,
    /// 不满意.
    pub not: i64,
}

impl Judgements {
    /// All of them.
    #[must_use]
    pub const fn all(self) -> i64 {
        self.satisfied + self.mostly + self.not
    }

    /// Satisfied and mostly satisfied.
    #[must_use]
    pub const fn content(self) -> i64 {
        self.satisfied + self.mostly
    }

    /// Whether the share of those who are content reaches `survey.pass`.
    #[must_use]
    pub fn passes(self, rules: &RuleSet) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2^52")]
        let (content, all) = (self.content() as f64, self.all() as f64);
        all > 0.0 && content >= all * rules.survey.pass - 1e-9
    }
}

/// How many answers are asked for: `survey.min_responses`, or `survey.min_share` of those who attended, rounded up,
/// whichever is more.
#[must_use]
pub fn answers_needed(attended: i64, rules: &RuleSet) -> i64 {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "counts of people are small")]
    let share = (attended as f64 * rules.survey.min_share - 1e-9).ceil() as i64;
    share.max(i64::from(rules.survey.min_responses))
}

coded_enum! {
    /// What follows from a survey.
    pub enum Verdict {
        /// The case is closed.
        Close = "close" "办结",
        /// Back to the units.
        Redo = "redo" "二次办理",
        /// Too few answers; closed by exception.
        Sample = "sample" "样本不足",
    }
}

/// What T13 looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseFacts {
    /// What is about to follow.
    pub verdict: Verdict,
    /// The last day for answers, while the survey is open.
    pub open_until: Option<NaiveDate>,
    /// Whether the proposer was asked.
    pub proposer_asked: bool,
    /// What was answered on the handling.
    pub handling: Judgements,
    /// How many answers are asked for.
    pub needed: i64,
    /// Whether it was extended once.
    pub extended: bool,
    /// How often the case went back to the units because people were not satisfied.
    pub redone: i64,
    /// Whether it is the district that decides.
    pub by_district: bool,
    /// Tasks that are opened again or added (`tasks`).
    pub tasks: usize,
    /// Why a case is closed on too few answers (`reason`).
    pub reason: String,
    /// Whether another person than the one who asked for it allows it (`approver`).
    pub second_person: bool,
}

/// T13.
pub(super) fn close(sheet: &mut Sheet<'_>, facts: &CloseFacts) {
    if let Some(until) = facts.open_until {
        let days = sheet.rules.shown("survey.days").unwrap_or_default();
        let words = format!("评价还开着，到{}（至少 {days}，本镇设定）。", plain_date(until));
        sheet.blocking("survey", "去看评价", words);
    } else {
        sheet.passed("survey", "评价的时间满了。");
    }
    sheet.tick("proposer", facts.proposer_asked, "请提出人评价过。", "去请提出人", "还没有请提出人评价。");
    let (all, content) = (facts.handling.all(), facts.handling.content());
    let enough = all >= facts.needed;
    let pass = sheet.rules.shown("survey.pass").unwrap_or_default();
    match facts.verdict {
        Verdict::Close => {
            if enough {
                sheet.passed("answers", format!("收到 {all} 份，要 {} 份。", facts.needed));
                let good = format!("{all} 份里 {content} 份满意或基本满意，够 {pass}（本镇设定）。");
                let bad = format!("{all} 份里只有 {content} 份满意或基本满意，不够 {pass}（本镇设定），要二次办理。");
                sheet.tick("pass", facts.handling.passes(sheet.rules), &good, "去二次办理", &bad);
            } else {
                let words = format!("只收到 {all} 份，要 {} 份（本镇设定）。", facts.needed);
                sheet.blocking("answers", "去延长或按样本不足办结", words);
            }
        }
        Verdict::Sample => sample(sheet, facts),
        Verdict::Redo => {
            if enough && facts.handling.passes(sheet.rules) {
                sheet.blocking("pass", "去办结", "评价过了合格线，不用二次办理。");
            }
            let max = sheet.rules.survey.redo_max;
            if facts.redone >= i64::from(max) && !facts.by_district {
                let words = format!("已经二次办理 {} 次，最多 {max} 次（本镇设定），请区政协督办。", facts.redone);
                sheet.blocking("redo", "等区政协督办", words);
            } else {
                sheet.passed("redo", format!("二次办理过 {} 次。", facts.redone));
            }
            let bad = "请选哪几项重办，或者新加一项，至少一项。";
            sheet.tick("tasks", facts.tasks > 0, "写明了重办哪几项。", "去选任务", bad);
        }
    }
}

fn sample(sheet: &mut Sheet<'_>, facts: &CloseFacts) {
    if facts.handling.all() >= facts.needed {
        sheet.blocking("answers", "去看结果", "份数够了，照评价的结果办。");
    } else if facts.extended {
        sheet.passed("answers", "延长过一次，份数还是不够。");
    } else {
        let days = sheet.rules.shown("survey.extend_days").unwrap_or_default();
        sheet.blocking("answers", "去延长", format!("先延长一次（{days}，本镇设定），还不够才按样本不足办结。"));
    }
    let max = sheet.rules.topic.body_max;
    if sheet.fits("reason", "理由", &facts.reason, max) {
        let there = !is_blank(&facts.reason);
        sheet.tick("reason", there, "写了理由。", "去写理由", "请写为什么按样本不足办结。");
    }
    let bad = "要另一位来同意：提出的人自己不能批。";
    sheet.tick("approver", facts.second_person, "另一位同意了。", "请另一位同意", bad);
}

/// One form of the register of a case, for T14.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterLine {
    /// Its name, such as 议题申报表.
    pub form: &'static str,
    /// Whether it is there.
    pub there: bool,
    /// Where it is made.
    pub place: &'static str,
}

/// What T14 looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveFacts {
    /// The register of the case.
    pub register: Vec<RegisterLine>,
    /// Whether the result was published.
    pub published: bool,
    /// Tasks that are not wholly done and have no day to look again.
    pub undated: usize,
    /// Requests to take the matter up again that nobody has looked at.
    pub reopenings: usize,
    /// The day by which the result is to be published.
    pub due_on: Option<NaiveDate>,
}

/// T14.
pub(super) fn archive(sheet: &mut Sheet<'_>, facts: &ArchiveFacts, now: DateTime<Utc>) {
    for line in &facts.register {
        let (good, bad) = (format!("有{}。", line.form), format!("缺{}。", line.form));
        sheet.tick("register", line.there, &good, line.place, &bad);
    }
    sheet.tick("result", facts.published, "结果公开了。", "去公开结果", "结果还没有公开。");
    if facts.undated > 0 {
        let words = format!("有 {} 项没有全部解决，也没有定回头看的日期。", facts.undated);
        sheet.blocking("lookback", "去定日期", words);
    }
    if facts.reopenings > 0 {
        let words = format!("有 {} 条「又出现了」还没有答复。", facts.reopenings);
        sheet.blocking("reopenings", "去答复", words);
    }
    sheet.clock(facts.due_on, now, "公开结果", "close.publish_workdays");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Facts, Level, judge};

    fn stops(facts: Facts) -> Vec<String> {
        let now = "2026-11-23T02:00:00Z".parse().unwrap();
        let findings = judge(&[facts], &RuleSet::default(), now);
        let blocking = findings.into_iter().filter(|f| f.level == Level::Blocking);
        blocking.map(|f| f.field.unwrap_or_default()).collect()
    }

    #[test]
    fn the_larger_of_number_and_share_is_asked_for() {
        let rules = RuleSet::default();
        for (attended, needed) in [(0, 5), (9, 5), (10, 5), (11, 6), (14, 7), (100, 50)] {
            assert_eq!(answers_needed(attended, &rules), needed, "{attended}");
        }
    }

    #[test]
    fn the_line_of_satisfaction_is_met_exactly() {
        let rules = RuleSet::default();
        for (satisfied, mostly, not, passes) in [
            (4, 0, 1, true),
            (2, 2, 1, true),
            (3, 0, 1, false),
            (0, 0, 0, false),
            (79, 0, 21, false),
            (80, 0, 20, true),
        ] {
            let said = Judgements { satisfied, mostly, not };
            assert_eq!(said.passes(&rules), passes, "{said:?}");
        }
    }

    fn closing() -> CloseFacts {
        CloseFacts {
            verdict: Verdict::Close,
            open_until: None,
            proposer_asked: true,
            handling: Judgements { satisfied: 5, mostly: 1, not: 1 },
            needed: 7,
            extended: false,
            redone: 0,
            by_district: false,
            tasks: 0,
            reason: String::new(),
            second_person: false,
        }
    }

    #[test]
    fn a_case_closes_on_enough_good_answers() {
        assert_eq!(stops(Facts::T13(closing())), Vec::<String>::new());
        let table = [
            ("survey", CloseFacts { open_until: "2026-11-25".parse().ok(), ..closing() }),
            ("proposer", CloseFacts { proposer_asked: false, ..closing() }),
            ("answers", CloseFacts { needed: 8, ..closing() }),
            ("pass", CloseFacts { handling: Judgements { satisfied: 4, mostly: 1, not: 2 }, ..closing() }),
        ];
        for (field, facts) in table {
            assert_eq!(stops(Facts::T13(facts)), [field], "{field}");
        }
    }

    #[test]
    fn dissatisfaction_goes_back_twice_then_to_the_district() {
        let redo = CloseFacts {
            verdict: Verdict::Redo,
            handling: Judgements { satisfied: 2, mostly: 1, not: 5 },
            tasks: 1,
            ..closing()
        };
        for redone in [0, 1] {
            assert_eq!(stops(Facts::T13(CloseFacts { redone, ..redo.clone() })), Vec::<String>::new());
        }
        assert_eq!(stops(Facts::T13(CloseFacts { redone: 2, ..redo.clone() })), ["redo"]);
        let district = CloseFacts { redone: 2, by_district: true, ..redo.clone() };
        assert_eq!(stops(Facts::T13(district)), Vec::<String>::new());
        assert_eq!(stops(Facts::T13(CloseFacts { tasks: 0, ..redo.clone() })), ["tasks"]);
        assert_eq!(stops(Facts::T13(CloseFacts { handling: closing().handling, ..redo })), ["pass"]);
    }

    #[test]
    fn too_few_answers_need_an_extension_a_reason_and_a_second_person() {
        let sample = CloseFacts {
            verdict: Verdict::Sample,
            needed: 9,
            extended: true,
            reason: "住户多半外出".to_owned(),
            second_person: true,
            ..closing()
        };
        assert_eq!(stops(Facts::T13(sample.clone())), Vec::<String>::new());
        let table = [
            ("answers", CloseFacts { extended: false, ..sample.clone() }),
            ("answers", CloseFacts { needed: 7, ..sample.clone() }),
            ("reason", CloseFacts { reason: String::new(), ..sample.clone() }),
            ("approver", CloseFacts { second_person: false, ..sample }),
        ];
        for (field, facts) in table {
            assert_eq!(stops(Facts::T13(facts)), [field], "{field}");
        }
    }

    #[test]
    fn the_file_is_whole_before_it_is_archived() {
        let line = |there| RegisterLine { form: "签到表", there, place: "去签到页" };
        let good = ArchiveFacts { register: vec![line(true)], published: true, ..ArchiveFacts::default() };
        assert_eq!(stops(Facts::T14(good.clone())), Vec::<String>::new());
        let table = [
            ("register", ArchiveFacts { register: vec![line(false)], ..good.clone() }),
            ("result", ArchiveFacts { published: false, ..good.clone() }),
            ("lookback", ArchiveFacts { undated: 1, ..good.clone() }),
            ("reopenings", ArchiveFacts { reopenings: 1, ..good }),
        ];
        for (field, facts) in table {
            assert_eq!(stops(Facts::T14(facts)), [field], "{field}");
        }
    }
}
