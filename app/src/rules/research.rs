//! The research before the meeting: naming who leads it (T4), and filing it (T5; items 15 and 5).
//!
//! What T5 counts (visits, members who took part, people heard) comes from the visit records. Nobody types it.

use chrono::{DateTime, NaiveDate, Utc};

use super::guards::Sheet;
use super::is_blank;
use super::workday::{local_date, plain_date};

/// What T4 looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadFacts {
    /// Whether somebody was chosen (form field `lead`).
    pub chosen: bool,
    /// Whether that person is a member, officer or director of the town.
    pub entitled: bool,
    /// The day by which the report is to be filed (`due_on`).
    pub due_on: Option<NaiveDate>,
    /// The last day by the town's `research.workdays`, counted from today.
    pub usual: Option<NaiveDate>,
    /// Where somebody else led before: why that changes (`reason`).
    pub reason: Option<String>,
    /// The last day for naming the lead; `None` once the research is under way.
    pub name_by: Option<NaiveDate>,
}

/// One visit, as it is on record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VisitFacts {
    /// Whether place and method are written down; the date always is.
    pub located: bool,
    /// How many people were heard, of whatever category.
    pub heard: u32,
    /// How many of them the matter concerns.
    pub affected: u32,
    /// How many committee members took part.
    pub members: u32,
    /// Whether it says what was said.
    pub said: bool,
}

impl VisitFacts {
    /// Whether a report can rest on it: date, place, method, who was heard, what was said.
    #[must_use]
    pub const fn carries(&self) -> bool {
        self.located && self.heard > 0 && self.said
    }
}

/// What T5 looks at. The texts are those of the report; form fields bear the names of the fields here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResearchFacts {
    /// Reports on file: the written one and those attached to it.
    pub reports: u32,
    /// How it was researched.
    pub methods: String,
    /// On which days.
    pub dates: String,
    /// Where.
    pub places: String,
    /// What was found.
    pub findings: String,
    /// The issues, one a line.
    pub issues: String,
    /// The visits on record, the newest version of each.
    pub visits: Vec<VisitFacts>,
    /// The day by which the report is to be filed.
    pub due_on: Option<NaiveDate>,
}

/// T4.
pub(super) fn lead(sheet: &mut Sheet<'_>, facts: &LeadFacts, now: DateTime<Utc>) {
    match (facts.chosen, facts.entitled) {
        (false, _) => sheet.blocking("lead", "去选负责人", "还没有选调研负责人。"),
        (true, false) => {
            sheet.blocking("lead", "去换一位", "调研负责人要是本镇的委员、干事或主任，账号在用，请换一位。");
        }
        (true, true) => sheet.passed("lead", "调研负责人已定。"),
    }
    due(sheet, facts, now);
    if let Some(reason) = &facts.reason {
        let body = sheet.rules.topic.body_max;
        sheet.text("reason", "换人的原因", reason, body);
    }
    sheet.clock(facts.name_by, now, "定调研负责人", "flow.lead_workdays");
}

fn due(sheet: &mut Sheet<'_>, facts: &LeadFacts, now: DateTime<Utc>) {
    let limit = sheet.rules.shown("research.workdays").unwrap_or_default();
    match (facts.due_on, facts.usual) {
        (None, _) => sheet.blocking("due_on", "去填日期", "还没有写完成日期。"),
        (Some(day), _) if day < local_date(now) => {
            sheet.blocking("due_on", "去改日期", "完成日期已经过了，请写今天或以后的日期。");
        }
        (Some(day), Some(usual)) if day > usual => {
            let usual = plain_date(usual);
            sheet.warning("due_on", format!("调研一般在 {limit}内完成（本镇设定，到 {usual}），现在定得更晚。"));
        }
        (Some(_), _) => sheet.passed("due_on", format!("完成日期已定，在 {limit}内（本镇设定）。")),
    }
}

/// T5.
pub(super) fn filing(sheet: &mut Sheet<'_>, facts: &ResearchFacts, now: DateTime<Utc>) {
    reports(sheet, facts);
    visits(sheet, facts);
    let sum = |of: fn(&VisitFacts) -> u32| facts.visits.iter().map(of).fold(0_u32, u32::saturating_add);
    let (members, affected) = (sum(|v| v.members), sum(|v| v.affected));
    at_least(sheet, members, sheet.rules.research.min_members, ("参加走访的委员", "记一次有委员参加的走访"));
    at_least(sheet, affected, sheet.rules.research.min_affected, ("听到的利益相关方", "去听听利益相关方怎么说"));
    sheet.clock(facts.due_on, now, "交调研报告", "research.workdays");
}

fn reports(sheet: &mut Sheet<'_>, facts: &ResearchFacts) {
    let min = sheet.rules.research.min_reports;
    if facts.reports < min {
        let n = facts.reports;
        let sentence = if n == 0 {
            format!("还没有调研报告，至少 {min} 份（本镇设定）。")
        } else {
            format!("有 {n} 份调研报告，至少 {min} 份（本镇设定）；另外的可以作为附件传上来。")
        };
        sheet.blocking("report", "去写调研报告", sentence);
    } else {
        sheet.passed("report", format!("有 {} 份调研报告，至少 {min} 份（本镇设定）。", facts.reports));
    }
    if facts.reports == 0 {
        return;
    }
    let body = sheet.rules.topic.body_max;
    for (field, name, text) in [
        ("methods", "调研方式", &facts.methods),
        ("dates", "调研日期", &facts.dates),
        ("places", "调研地点", &facts.places),
    ] {
        sheet.text(field, name, text, body);
    }
    // A report may be longer than a topic's text; the form says how long.
    for (field, name, text) in [("findings", "了解到的情况", &facts.findings), ("issues", "问题清单", &facts.issues)]
    {
        sheet.text(field, name, text, REPORT_TEXT_MAX);
    }
}

/// Characters of a report's long texts: a bound of the form, not of the procedure.
pub const REPORT_TEXT_MAX: u32 = 5_000;

fn visits(sheet: &mut Sheet<'_>, facts: &ResearchFacts) {
    let all = facts.visits.len();
    let carrying = facts.visits.iter().filter(|v| v.carries()).count();
    let Some(first) = facts.visits.first() else {
        sheet.blocking("visits", "去记一次走访", "还没有走访记录，没有走访不能交报告。");
        return;
    };
    if carrying > 0 {
        sheet.passed("visits", format!("有 {all} 次走访，其中 {carrying} 次写明了听了谁、说了什么。"));
    } else if all == 1 && first.heard > 0 {
        sheet.blocking("visits", "去补走访记录", "走访记录没有写对方说了什么，请更正补上。");
    } else {
        sheet.blocking("visits", "去记一次走访", "走访记录都没有写听了谁、说了什么，请补记或更正一次。");
    }
}

fn at_least(sheet: &mut Sheet<'_>, have: u32, min: u32, (what, words): (&str, &str)) {
    if have < min {
        let missing = min.saturating_sub(have);
        sheet.blocking(
            "visits",
            words,
            format!("{what}有 {have} 人，至少 {min} 人（本镇设定），还差 {missing} 人。按走访记录计。"),
        );
    } else {
        sheet.passed("visits", format!("{what}有 {have} 人，至少 {min} 人（本镇设定，按走访记录计）。"));
    }
}

impl ResearchFacts {
    /// How many reports are on file: the written one, if it says anything, and those attached.
    #[must_use]
    pub fn count_reports(texts: &[&str], attached: usize) -> u32 {
        let written = u32::from(!texts.iter().all(|text| is_blank(text)));
        written.saturating_add(u32::try_from(attached).unwrap_or(u32::MAX))
    }
}
