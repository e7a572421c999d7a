//! Minutes (T8): what those present may check, and what the chair signs.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::guards::Sheet;
use super::is_blank;
use super::workday::{local_date, plain_date};

/// What T8 is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MinutesMoment {
    /// The draft is about to be shown to those present.
    #[default]
    Circulating,
    /// The chair is about to sign.
    Signing,
}

/// What T8 looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MinutesFacts {
    /// For what.
    pub moment: MinutesMoment,
    /// Speeches that were held; none is recorded without its speaker and category.
    pub speeches: usize,
    /// Those whose point was not noted.
    pub unnoted: usize,
    /// 背景 (`background`).
    pub background: String,
    /// 主要意见 (`opinions`).
    pub opinions: String,
    /// 共识 (`consensus`).
    pub consensus: String,
    /// 分歧 (`dissent`).
    pub dissent: String,
    /// Items of the outcome list (`outcomes`).
    pub outcomes: usize,
    /// Whether it says that there is no consensus.
    pub no_consensus: bool,
    /// Sections that were changed since the draft was shown, without a correction that asked for it.
    pub changed: Vec<&'static str>,
    /// The last day for corrections, once the draft was shown.
    pub until: Option<NaiveDate>,
    /// Corrections that were asked for (`replies`).
    pub corrections: usize,
    /// Those that were not answered.
    pub unanswered: usize,
    /// Who chairs.
    pub chair: Option<Uuid>,
    /// Who records.
    pub recorder: Option<Uuid>,
    /// Who signs.
    pub signer: Option<Uuid>,
    /// Whether the signer says to have read the final text (`read`).
    pub read: bool,
    /// Whether the name that was typed is the signer's (`name`).
    pub named: bool,
    /// Whether the password was the signer's (`password`).
    pub confirmed: bool,
    /// The day by which it is to be signed.
    pub due_on: Option<NaiveDate>,
}

/// T8.
pub(super) fn minutes(sheet: &mut Sheet<'_>, facts: &MinutesFacts, now: DateTime<Utc>) {
    speeches(sheet, facts);
    for (field, name, text) in [
        ("background", "背景", &facts.background),
        ("opinions", "主要意见", &facts.opinions),
        ("dissent", "分歧", &facts.dissent),
    ] {
        let hint = if field == "dissent" { "，没有分歧的写「无」" } else { "" };
        let bad = format!("还没有写{name}{hint}。");
        let max = sheet.rules.minutes.section_max;
        if sheet.fits(field, name, text, max) {
            sheet.tick(field, !is_blank(text), &format!("{name}写好了。"), &format!("去写{name}"), &bad);
        }
    }
    outcomes(sheet, facts);
    if facts.moment == MinutesMoment::Signing {
        circulation(sheet, facts, now);
        signature(sheet, facts);
    }
    sheet.clock(facts.due_on, now, "纪要签发", "minutes.sign_workdays");
}

fn speeches(sheet: &mut Sheet<'_>, facts: &MinutesFacts) {
    let all = facts.speeches;
    sheet.passed("speeches", format!("{all} 条发言都记着发言人和类别。"));
    if facts.unnoted > 0 {
        sheet.warning("speeches", format!("有 {} 条发言还没有记要点。", facts.unnoted));
    }
}

fn outcomes(sheet: &mut Sheet<'_>, facts: &MinutesFacts) {
    match (facts.outcomes, facts.no_consensus) {
        (0, false) => {
            sheet.blocking("outcomes", "去写成果", "还没有成果：至少写一条，或者勾选「未达成共识」。");
        }
        (_, true) if !is_blank(&facts.consensus) => {
            let words = "勾选了「未达成共识」，「共识」一栏却写了内容，请改成一致的。";
            sheet.blocking("outcomes", "去修改", words);
        }
        (_, true) => sheet.passed("outcomes", "写明未达成共识：签发以后回到调研，再商量一次。"),
        (n, false) if is_blank(&facts.consensus) => {
            let words = format!("有 {n} 条成果，还没有写共识：大家在哪几点上说到一起了。");
            sheet.blocking("consensus", "去写共识", words);
        }
        (n, false) => sheet.passed("outcomes", format!("有 {n} 条成果，共识写好了。")),
    }
}

fn circulation(sheet: &mut Sheet<'_>, facts: &MinutesFacts, now: DateTime<Utc>) {
    let days = sheet.rules.shown("minutes.circulation_workdays").unwrap_or_default();
    match facts.until {
        None => {
            let words = format!("草稿还没有请到会的人核对，要核对 {days}（本镇设定）。");
            sheet.blocking("circulation", "去征求意见", words);
        }
        Some(until) if local_date(now) <= until => {
            let day = plain_date(until);
            let words = format!("草稿还在请到会的人核对（{days}，本镇设定），{day}过后才能签发。");
            sheet.blocking("circulation", "去看核对情况", words);
        }
        Some(until) => {
            sheet.passed("circulation", format!("草稿请到会的人核对过 {days}（到 {}）。", plain_date(until)));
        }
    }
    if !facts.changed.is_empty() {
        let words = format!("「{}」在核对以后改过，没有人要求这样改，请再送一次核对。", facts.changed.join("」「"));
        sheet.blocking("circulation", "去再送一次", words);
    }
    let (all, open) = (facts.corrections, facts.unanswered);
    if open > 0 {
        sheet.blocking("replies", "去答复", format!("有 {open} 条更正没有答复，请记录人逐条答复。"));
    } else if all > 0 {
        sheet.passed("replies", format!("{all} 条更正都答复了。"));
    } else {
        sheet.passed("replies", "没有人要求更正。");
    }
}

fn signature(sheet: &mut Sheet<'_>, facts: &MinutesFacts) {
    let is_chair = facts.signer.is_some() && facts.signer == facts.chair;
    if facts.chair.is_some() && facts.chair == facts.recorder {
        sheet.blocking("signer", "去换人", "主持人和记录人是同一位，纪要不能由记录人签发。");
    } else if !is_chair {
        sheet.blocking("signer", "请主持人来签", "纪要由主持人签发，请主持人登录后签。");
    } else {
        sheet.passed("signer", "由主持人签发，不是记录人。");
    }
    for (field, set, good, bad) in [
        ("read", facts.read, "最后的文本读过了。", "请先读完下面的全文，再勾选「我读过了」。"),
        ("name", facts.named, "签了姓名。", "请写您自己的姓名，和账号上的一样。"),
        ("password", facts.confirmed, "密码核对过。", "请填您的登录密码，确认是本人在签。"),
    ] {
        sheet.tick(field, set, good, "去填写", bad);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Facts, Level, RuleSet, judge};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn good() -> MinutesFacts {
        let (chair, recorder) = (Some(Uuid::from_u128(1)), Some(Uuid::from_u128(2)));
        MinutesFacts {
            moment: MinutesMoment::Signing,
            speeches: 4,
            background: "护岸松了。".to_owned(),
            opinions: "- 分段包干".to_owned(),
            consensus: "三个村分段包干。".to_owned(),
            dissent: "无".to_owned(),
            outcomes: 1,
            until: "2026-11-20".parse().ok(),
            chair,
            recorder,
            signer: chair,
            read: true,
            named: true,
            confirmed: true,
            due_on: "2026-11-25".parse().ok(),
            ..MinutesFacts::default()
        }
    }

    /// Fields of what stops it, on the Monday after the circulation.
    fn stops(facts: MinutesFacts) -> Vec<String> {
        let findings = judge(&[Facts::T8(facts)], &RuleSet::default(), at("2026-11-23T02:00:00Z"));
        assert!(findings.iter().all(|f| f.rule == crate::rules::RuleId::T8));
        let blocking = findings.into_iter().filter(|f| f.level == Level::Blocking);
        blocking.map(|f| f.field.unwrap_or_default()).collect()
    }

    #[test]
    fn good_minutes_pass() {
        assert_eq!(stops(good()), Vec::<String>::new());
    }

    #[test]
    fn each_thing_that_is_missing_stops_the_signature() {
        let table: Vec<(&str, MinutesFacts)> = vec![
            ("background", MinutesFacts { background: " ".to_owned(), ..good() }),
            ("opinions", MinutesFacts { opinions: String::new(), ..good() }),
            ("dissent", MinutesFacts { dissent: "\n".to_owned(), ..good() }),
            ("consensus", MinutesFacts { consensus: String::new(), ..good() }),
            ("outcomes", MinutesFacts { outcomes: 0, ..good() }),
            ("outcomes", MinutesFacts { no_consensus: true, ..good() }),
            ("circulation", MinutesFacts { until: None, ..good() }),
            ("circulation", MinutesFacts { until: "2026-11-23".parse().ok(), ..good() }),
            ("circulation", MinutesFacts { changed: vec!["共识"], ..good() }),
            ("opinions", MinutesFacts { opinions: "长".repeat(20_001), ..good() }),
            ("replies", MinutesFacts { corrections: 2, unanswered: 1, ..good() }),
            ("signer", MinutesFacts { signer: good().recorder, ..good() }),
            ("signer", MinutesFacts { signer: None, ..good() }),
            ("signer", MinutesFacts { recorder: good().chair, ..good() }),
            ("read", MinutesFacts { read: false, ..good() }),
            ("name", MinutesFacts { named: false, ..good() }),
            ("password", MinutesFacts { confirmed: false, ..good() }),
        ];
        for (field, facts) in table {
            assert_eq!(stops(facts), [field], "{field}");
        }
    }

    #[test]
    fn no_consensus_is_a_result() {
        let facts = MinutesFacts { no_consensus: true, outcomes: 0, consensus: String::new(), ..good() };
        assert_eq!(stops(facts), Vec::<String>::new());
    }

    #[test]
    fn a_draft_is_shown_before_anybody_signs() {
        let facts = MinutesFacts {
            moment: MinutesMoment::Circulating,
            until: None,
            signer: None,
            read: false,
            named: false,
            confirmed: false,
            ..good()
        };
        assert_eq!(stops(facts), Vec::<String>::new());
    }

    #[test]
    fn lateness_and_missing_points_only_warn() {
        let facts = MinutesFacts { unnoted: 2, due_on: "2026-11-20".parse().ok(), ..good() };
        let findings = judge(&[Facts::T8(facts.clone())], &RuleSet::default(), at("2026-11-23T02:00:00Z"));
        assert_eq!(findings.iter().filter(|f| f.level == Level::Warning).count(), 2);
        assert_eq!(stops(facts), Vec::<String>::new());
    }
}
