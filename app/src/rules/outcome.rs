//! From the signed minutes to the tasks: reporting the outcome (T9), deciding on it and handing it to units (T10).

use chrono::{DateTime, NaiveDate, Utc};

use super::guards::Sheet;
use super::is_blank;
use super::workday::{local_date, plain_date};

coded_enum! {
    /// How far an outcome is adopted (item 6).
    pub enum Adoption {
        /// As it stands.
        Full = "full" "采纳",
        /// In part, with the reason.
        Partial = "partial" "部分采纳",
        /// Not, with the reason.
        None = "none" "不采纳",
    }
}

coded_enum! {
    /// At which moment T9 is judged.
    pub enum ReportMoment {
        /// The officer is about to send minutes and outcome list.
        Sending = "sending" "报送",
        /// An office is about to confirm that it has them.
        Receiving = "receiving" "签收",
    }
}

/// What T9 looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFacts {
    /// At which moment.
    pub moment: ReportMoment,
    /// Whether the newest edition of the minutes is signed (`minutes`).
    pub signed: bool,
    /// Whether it says that there is no consensus.
    pub no_consensus: bool,
    /// Items of the outcome list.
    pub items: usize,
    /// Offices that it goes to (`offices`).
    pub offices: usize,
    /// Whether the office that is about to confirm has an account of its own, or the stamped sheet is there (`receipt`).
    pub proof: bool,
    /// The day by which it is to be reported.
    pub due_on: Option<NaiveDate>,
}

/// T9.
pub(super) fn report(sheet: &mut Sheet<'_>, facts: &ReportFacts, now: DateTime<Utc>) {
    sheet.tick("minutes", facts.signed, "纪要签发了。", "去签发纪要", "纪要还没有签发，或者正在更正，签发以后再报送。");
    if facts.no_consensus {
        sheet.blocking("minutes", "去再商量一次", "纪要写明「未达成共识」，先回到调研再商量一次，不报送。");
    } else {
        let words = format!("成果清单有 {} 条。", facts.items);
        sheet.tick("minutes", facts.items > 0, &words, "去看成果清单", "成果清单是空的，没有可以报送的。");
    }
    match facts.moment {
        ReportMoment::Sending => {
            let good = format!("送 {} 个收文单位。", facts.offices);
            sheet.tick("offices", facts.offices > 0, &good, "去选收文单位", "请选送给谁：党委、政府，至少一个。");
        }
        ReportMoment::Receiving => sheet.tick(
            "receipt",
            facts.proof,
            "有签收。",
            "去上传签收单",
            "收文单位还没有签收：请收文单位登录确认，或者上传盖了章的签收单。",
        ),
    }
    sheet.clock(facts.due_on, now, "报送", "after.report_workdays");
}

/// One item of the outcome list as it is decided on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecidedItem {
    /// Its number on the list, from 1; its fields end with it (`adoption_1`).
    pub no: i64,
    /// The decision.
    pub adoption: Option<Adoption>,
    /// Why not in full.
    pub reason: String,
    /// Whether a lead unit is named.
    pub has_lead: bool,
    /// Whether the lead unit is named among the assisting units too.
    pub lead_assists: bool,
    /// Whom to ask in the unit, by name or post.
    pub contact: String,
    /// What is to be done.
    pub measure: String,
    /// By when.
    pub due_on: Option<NaiveDate>,
    /// Whether it goes on the quick track.
    pub quick: bool,
}

/// What T10 looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignFacts {
    /// The whole list.
    pub items: Vec<DecidedItem>,
    /// What is said to the proposers where nothing is adopted (`explanation`).
    pub explanation: String,
    /// Last day of a quick task.
    pub quick_until: Option<NaiveDate>,
    /// The day by which it is to be decided.
    pub due_on: Option<NaiveDate>,
}

/// T10.
pub(super) fn assign(sheet: &mut Sheet<'_>, facts: &AssignFacts, now: DateTime<Utc>) {
    if facts.items.is_empty() {
        sheet.blocking("items", "去看成果清单", "成果清单是空的，没有可以批办的。");
    }
    for item in &facts.items {
        decided(sheet, item, facts.quick_until, now);
    }
    if !facts.items.is_empty() && facts.items.iter().all(|item| item.adoption == Some(Adoption::None)) {
        let bad = "一条都没有采纳，请写一段话向提出人说明。";
        let max = sheet.rules.topic.body_max;
        if sheet.fits("explanation", "说明", &facts.explanation, max) {
            sheet.tick("explanation", !is_blank(&facts.explanation), "向提出人的说明写好了。", "去写说明", bad);
        }
    }
    sheet.clock(facts.due_on, now, "批办交办", "after.assign_workdays");
}

fn decided(sheet: &mut Sheet<'_>, item: &DecidedItem, quick_until: Option<NaiveDate>, now: DateTime<Utc>) {
    let n = item.no;
    let field = |name: &str| format!("{name}_{n}");
    let Some(adoption) = item.adoption else {
        sheet.blocking(
            &field("adoption"),
            &format!("去批第 {n} 条"),
            format!("第 {n} 条还没有批：采纳、部分采纳还是不采纳。"),
        );
        return;
    };
    let max = sheet.rules.topic.body_max;
    if adoption != Adoption::Full {
        let bad = format!("第 {n} 条{}，请写理由。", adoption.word());
        let good = format!("第 {n} 条的理由写了。");
        if sheet.fits(&field("reason"), "理由", &item.reason, max) {
            sheet.tick(&field("reason"), !is_blank(&item.reason), &good, "去写理由", &bad);
        }
    }
    if adoption == Adoption::None {
        return;
    }
    let missing: Vec<&str> = [
        (item.has_lead, "主办单位"),
        (!is_blank(&item.contact), "联系人"),
        (!is_blank(&item.measure), "措施"),
        (item.due_on.is_some(), "完成日期"),
    ]
    .into_iter()
    .filter_map(|(there, word)| (!there).then_some(word))
    .collect();
    if !missing.is_empty() {
        let words = format!("第 {n} 条采纳了，还缺{}。", missing.join("、"));
        sheet.blocking(&field("lead"), &format!("去补第 {n} 条"), words);
        return;
    }
    if item.lead_assists {
        sheet.blocking(&field("assist"), "去改协办单位", format!("第 {n} 条的主办单位不用再列进协办单位。"));
    }
    sheet.fits(&field("measure"), "措施", &item.measure, max);
    let today = local_date(now);
    let furthest = today + chrono::Days::new(u64::from(sheet.rules.after.reply_days));
    let Some(due) = item.due_on else { return };
    let until = if item.quick { quick_until.unwrap_or(furthest) } else { furthest };
    if due <= today {
        sheet.blocking(&field("due"), "去改日期", format!("第 {n} 条的完成日期要在今天以后。"));
    } else if due > until {
        let key = if item.quick { "after.quick_reply_workdays" } else { "after.reply_days" };
        let limit = sheet.rules.shown(key).unwrap_or_default();
        let words = format!("第 {n} 条的完成日期最晚{}（{limit}，本镇设定）。", plain_date(until));
        sheet.blocking(&field("due"), "去改日期", words);
    } else {
        sheet.passed(&field("due"), format!("第 {n} 条落到单位、人和日期（{}）。", plain_date(due)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Facts, Level, RuleId, RuleSet, judge};

    fn monday() -> DateTime<Utc> {
        "2026-11-23T02:00:00Z".parse().unwrap()
    }

    fn stops(facts: Facts) -> Vec<String> {
        let findings = judge(&[facts], &RuleSet::default(), monday());
        let blocking = findings.into_iter().filter(|f| f.level == Level::Blocking);
        blocking.map(|f| f.field.unwrap_or_default()).collect()
    }

    fn sent() -> ReportFacts {
        ReportFacts {
            moment: ReportMoment::Sending,
            signed: true,
            no_consensus: false,
            items: 2,
            offices: 2,
            proof: true,
            due_on: "2026-11-27".parse().ok(),
        }
    }

    #[test]
    fn t9_asks_for_signed_minutes_a_list_and_a_receipt() {
        assert_eq!(stops(Facts::T9(sent())), Vec::<String>::new());
        let receiving = ReportFacts { moment: ReportMoment::Receiving, ..sent() };
        assert_eq!(stops(Facts::T9(receiving.clone())), Vec::<String>::new());
        let table = [
            ("minutes", ReportFacts { signed: false, ..sent() }),
            ("minutes", ReportFacts { no_consensus: true, items: 0, ..sent() }),
            ("minutes", ReportFacts { items: 0, ..sent() }),
            ("offices", ReportFacts { offices: 0, ..sent() }),
            ("receipt", ReportFacts { proof: false, ..receiving }),
        ];
        for (field, facts) in table {
            assert_eq!(stops(Facts::T9(facts)), [field], "{field}");
        }
    }

    #[test]
    fn a_late_report_is_warned_of_and_goes_on() {
        let facts = ReportFacts { due_on: "2026-11-20".parse().ok(), ..sent() };
        let findings = judge(&[Facts::T9(facts)], &RuleSet::default(), monday());
        assert!(findings.iter().any(|f| f.level == Level::Warning && f.rule == RuleId::T9));
    }

    fn item() -> DecidedItem {
        DecidedItem {
            no: 1,
            adoption: Some(Adoption::Full),
            has_lead: true,
            contact: "水务站站长".to_owned(),
            measure: "先修三处".to_owned(),
            due_on: "2026-12-31".parse().ok(),
            ..DecidedItem::default()
        }
    }

    fn list(item: DecidedItem) -> Facts {
        Facts::T10(AssignFacts { items: vec![item], quick_until: "2026-12-10".parse().ok(), ..AssignFacts::default() })
    }

    #[test]
    fn t10_asks_of_each_item_what_it_needs() {
        assert_eq!(stops(list(item())), Vec::<String>::new());
        let partial = DecidedItem { adoption: Some(Adoption::Partial), ..item() };
        let table = [
            ("adoption_1", DecidedItem { adoption: None, ..item() }),
            ("reason_1", partial.clone()),
            ("lead_1", DecidedItem { has_lead: false, ..item() }),
            ("lead_1", DecidedItem { contact: " ".to_owned(), ..item() }),
            ("lead_1", DecidedItem { measure: String::new(), ..item() }),
            ("lead_1", DecidedItem { due_on: None, ..item() }),
            ("assist_1", DecidedItem { lead_assists: true, ..item() }),
            ("due_1", DecidedItem { due_on: "2026-11-23".parse().ok(), ..item() }),
            // 90 days from the 23rd of November end on the 21st of February.
            ("due_1", DecidedItem { due_on: "2027-02-22".parse().ok(), ..item() }),
            ("due_1", DecidedItem { quick: true, ..item() }),
        ];
        for (field, item) in table {
            assert_eq!(stops(list(item.clone())), [field], "{field}: {item:?}");
        }
        assert_eq!(stops(list(DecidedItem { reason: "钱只够一半".to_owned(), ..partial })), Vec::<String>::new());
        assert_eq!(stops(list(DecidedItem { due_on: "2027-02-21".parse().ok(), ..item() })), Vec::<String>::new());
    }

    #[test]
    fn a_list_without_anything_adopted_is_explained() {
        let none = DecidedItem {
            no: 1,
            adoption: Some(Adoption::None),
            reason: "规划里另有安排".to_owned(),
            ..DecidedItem::default()
        };
        let facts = AssignFacts { items: vec![none], ..AssignFacts::default() };
        assert_eq!(stops(Facts::T10(facts.clone())), ["explanation"]);
        let explained = AssignFacts { explanation: "已经向提出人当面说明。".to_owned(), ..facts };
        assert_eq!(stops(Facts::T10(explained)), Vec::<String>::new());
        assert_eq!(stops(Facts::T10(AssignFacts::default())), ["items"]);
    }
}
