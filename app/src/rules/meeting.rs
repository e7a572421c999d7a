//! Opening a meeting (T7): the notice ran, the time has come, and enough of those who are needed are there.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::composition::{Composition, Seat, composition};
use super::guards::Sheet;
use super::plan::notice_given;
use super::workday::{day_and_time, local_date, plain_date};
use super::{Category, Finding, Level, RuleSet, is_blank};

/// How many of the places that were promised are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attendance {
    /// Places taken; a substitute takes the place of the one who named him.
    pub present: u32,
    /// Places promised: those who accepted, and registered seats.
    pub expected: u32,
}

impl Attendance {
    /// 「15/17 = 88%」; without a rate when nobody had promised.
    #[must_use]
    pub fn shown(self) -> String {
        if self.expected == 0 {
            return "还没有人答应参加".to_owned();
        }
        let rate = f64::from(self.present) / f64::from(self.expected) * 100.0;
        // Rounded down: a share under its limit never reads like the limit.
        format!("{}/{} = {}%", self.present, self.expected, rate.floor())
    }

    /// Whether a share of the places is taken. Settings are no finer than a thousandth.
    fn reaches(self, share: f64) -> bool {
        self.expected > 0 && f64::from(self.present) >= share * f64::from(self.expected) - 1e-6
    }
}

/// The director's count by hand, when the network or the list fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandCount {
    /// Everybody in the room who was asked or registered.
    pub present: u32,
    /// Committee members among them.
    pub members: u32,
    /// Those concerned.
    pub stakeholders: u32,
    /// Representatives of departments.
    pub departments: u32,
    /// Who counted.
    pub by: Option<Uuid>,
}

/// What T7 looks at when a meeting is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningFacts {
    /// When it begins, as people were told.
    pub starts_at: DateTime<Utc>,
    /// The day of the announcement that counts.
    pub announced_on: NaiveDate,
    /// Whether a shorter notice was allowed then.
    pub urgent: bool,
    /// Whether the chair is checked in.
    pub chair_in: bool,
    /// Whether the recorder is checked in.
    pub recorder_in: bool,
    /// Everybody who is checked in.
    pub people: Vec<Seat>,
    /// The places taken among those promised.
    pub attendance: Attendance,
    /// The director's count, which stands for the list.
    pub hand: Option<HandCount>,
    /// Who opens the meeting.
    pub opener: Option<Uuid>,
    /// What is said about the warnings (form field `remark`).
    pub remark: String,
}

impl OpeningFacts {
    fn of(&self, category: Category) -> u32 {
        let n = self.people.iter().filter(|seat| seat.category == category).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// The numbers that are judged: the count by hand where there is one.
    fn counted(&self) -> (Attendance, [u32; 3]) {
        match self.hand {
            Some(hand) => (
                Attendance { present: hand.present, ..self.attendance },
                [hand.members, hand.stakeholders, hand.departments],
            ),
            None => (
                self.attendance,
                [Category::Member, Category::Stakeholder, Category::Department].map(|category| self.of(category)),
            ),
        }
    }
}

/// Whether too few are there to open: what is recorded as 流会. A missing word or a wrong time is no such reason.
#[must_use]
pub fn attendance_missed(facts: &OpeningFacts, rules: &RuleSet) -> bool {
    let (attendance, present) = facts.counted();
    !attendance.reaches(rules.meeting.attend_hard)
        || present.iter().zip(minima(rules)).any(|(have, (.., least))| *have < least)
        || !facts.chair_in
        || !facts.recorder_in
}

/// Field, name and least number of the three that have to be there.
fn minima(rules: &RuleSet) -> [(&'static str, &'static str, u32); 3] {
    let m = &rules.meeting;
    [
        ("members", "委员", m.present_members_min),
        ("stakeholders", "利益相关方", m.present_stakeholders_min),
        ("departments", "部门代表", m.present_departments_min),
    ]
}

/// T7.
pub(super) fn opening(sheet: &mut Sheet<'_>, facts: &OpeningFacts, now: DateTime<Utc>) {
    let before = sheet.findings.len();
    notice(sheet, facts);
    time(sheet, facts, now);
    officials(sheet, facts);
    let (attendance, present) = facts.counted();
    for (have, (field, name, least)) in present.into_iter().zip(minima(sheet.rules)) {
        let numbers = format!("到会的{name} {have} 人，至少 {least} 人（本镇设定）");
        if have >= least {
            sheet.passed(field, format!("{numbers}。"));
        } else {
            sheet.blocking(field, "去签到", format!("{numbers}，差 {} 人。", least - have));
        }
    }
    share(sheet, attendance);
    hand(sheet, facts);
    sides(sheet, facts);
    let warned = sheet.findings[before..].iter().filter(|f| f.level == Level::Warning).count();
    if warned > 0 && is_blank(&facts.remark) {
        sheet.blocking("remark", "去说明", format!("有 {warned} 项提醒，请写一句为什么照样开会，会写进记录。"));
    } else if warned > 0 {
        sheet.passed("remark", "提醒的事项已经说明，会写进记录。");
    }
}

fn notice(sheet: &mut Sheet<'_>, facts: &OpeningFacts) {
    let given = notice_given(facts.announced_on, local_date(facts.starts_at));
    let (days, urgent) = (i64::from(sheet.rules.notice.days), i64::from(sheet.rules.notice.urgent_days));
    if given >= days {
        sheet.passed("notice", format!("公示了 {given} 天，至少 {days} 天（本镇设定）。"));
    } else if facts.urgent && given >= urgent {
        let words = format!("紧急公示：只公示了 {given} 天，少于 {days} 天（本镇设定）；公示时工委主任已同意。");
        sheet.warning("notice", words);
    } else {
        let words = format!("只公示了 {given} 天，至少 {days} 天（本镇设定），请改期重新公示。");
        sheet.blocking("notice", "去改期", words);
    }
}

fn time(sheet: &mut Sheet<'_>, facts: &OpeningFacts, now: DateTime<Utc>) {
    let (today, meets_on) = (local_date(now), local_date(facts.starts_at));
    if now < facts.starts_at {
        let words = format!("公示的开会时间是 {}，还没有到。", day_and_time(facts.starts_at));
        sheet.blocking("time", "去看公示", words);
    } else if today > meets_on {
        let words = format!("公示的开会日期 {} 已经过了，请记流会，另定时间。", plain_date(meets_on));
        sheet.blocking("time", "去记流会", words);
    } else {
        sheet.passed("time", "到了公示的开会时间。");
    }
}

fn officials(sheet: &mut Sheet<'_>, facts: &OpeningFacts) {
    for (field, name, is_in) in [("chair", "主持人", facts.chair_in), ("recorder", "记录人", facts.recorder_in)] {
        let bad = format!("{name}还没有签到。");
        sheet.tick(field, is_in, &format!("{name}已签到。"), "去签到", &bad);
    }
}

fn share(sheet: &mut Sheet<'_>, attendance: Attendance) {
    let (hard, warn) = (sheet.rules.meeting.attend_hard, sheet.rules.meeting.attend_warn);
    let shown = |key: &str| sheet.rules.shown(key).unwrap_or_default();
    let (least, wanted) = (shown("meeting.attend_hard"), shown("meeting.attend_warn"));
    let numbers = format!("到会率 {}", attendance.shown());
    if !attendance.reaches(hard) {
        let words = format!("{numbers}，至少 {least}（本镇设定）。到了时间还不够，按流会记录。");
        sheet.blocking("attendance", "去签到", words);
    } else if !attendance.reaches(warn) {
        sheet.warning("attendance", format!("{numbers}，宜达到 {wanted}（本镇设定），偏低。"));
    } else {
        sheet.passed("attendance", format!("{numbers}，宜达到 {wanted}（本镇设定）。"));
    }
}

/// The exception: another person than the one who opens counted, and said why.
fn hand(sheet: &mut Sheet<'_>, facts: &OpeningFacts) {
    let Some(hand) = facts.hand else { return };
    if hand.by.is_some() && hand.by == facts.opener {
        sheet.blocking("hand", "去换人", "人数是您自己清点的，请由另一位宣布开会。");
    } else {
        sheet.warning("hand", "人数由工委主任现场清点，写了理由；签到补录以后重新核对。");
    }
}

/// Composition of those present. On the day nobody more can be asked: it advises only.
fn sides(sheet: &mut Sheet<'_>, facts: &OpeningFacts) {
    if facts.hand.is_some() {
        return;
    }
    let list = Composition { people: facts.people.clone(), open: Vec::new() };
    let mut names = Vec::new();
    for line in composition(&list, sheet.rules).into_iter().filter(|line| line.level != Level::Passed) {
        // Of two limits of one share the harder has spoken.
        if !names.contains(&line.name) {
            names.push(line.name);
            sheet.warning("people", format!("到会的人：{}{}（本镇设定），{}。", line.name, line.shown, line.word));
        }
    }
    if names.is_empty() {
        sheet.findings.push(Finding::passed(sheet.rule, "到会的人各方都有，人数和比例都够。").on("people"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Facts, Findings, judge};
    use super::*;

    const START: &str = "2026-11-20T06:00:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn good() -> OpeningFacts {
        let seat = |category| Seat { category, woman: true };
        use Category::{Department, Expert, Member, Public, Stakeholder};
        OpeningFacts {
            starts_at: at(START),
            announced_on: "2026-11-15".parse().unwrap(),
            chair_in: true,
            recorder_in: true,
            people: [Member, Member, Stakeholder, Stakeholder, Public, Public, Department, Expert].map(seat).to_vec(),
            attendance: Attendance { present: 8, expected: 10 },
            ..OpeningFacts::default()
        }
    }

    fn found(facts: OpeningFacts, now: &str) -> Vec<Finding> {
        judge(&[Facts::T7(facts)], &RuleSet::default(), at(now))
    }

    fn blocked(facts: OpeningFacts) -> Vec<String> {
        let findings = found(facts, START);
        findings.of_level(Level::Blocking).iter().filter_map(|f| f.field.clone()).collect()
    }

    #[test]
    fn a_good_day_passes_without_a_word() {
        let findings = found(good(), START);
        assert!(findings.iter().all(|f| f.level == Level::Passed), "{findings:#?}");
        assert!(!attendance_missed(&good(), &RuleSet::default()));
    }

    #[test]
    fn each_rule_refuses() {
        type Spoil = fn(&mut OpeningFacts);
        let spoils: [(&str, Spoil); 7] = [
            ("notice", |f| f.announced_on = "2026-11-16".parse().unwrap()),
            ("chair", |f| f.chair_in = false),
            ("recorder", |f| f.recorder_in = false),
            ("members", |f| f.people.retain(|s| s.category != Category::Member)),
            ("stakeholders", |f| f.people.retain(|s| s.category != Category::Stakeholder)),
            ("departments", |f| f.people.retain(|s| s.category != Category::Department)),
            ("attendance", |f| f.attendance.present = 4),
        ];
        for (field, spoil) in spoils {
            let mut facts = OpeningFacts { remark: "已说明".to_owned(), ..good() };
            spoil(&mut facts);
            assert_eq!(attendance_missed(&facts, &RuleSet::default()), field != "notice", "{field}");
            assert_eq!(blocked(facts), [field]);
        }
    }

    #[test]
    fn not_before_its_time_and_not_on_another_day() {
        for (now, level) in [
            ("2026-11-20T05:59:59Z", Level::Blocking),
            (START, Level::Passed),
            ("2026-11-20T15:59:00Z", Level::Passed),
            ("2026-11-20T16:00:00Z", Level::Blocking),
        ] {
            assert_eq!(found(good(), now).about("time").unwrap().level, level, "{now}");
        }
    }

    #[test]
    fn a_warning_needs_a_word() {
        let low = || OpeningFacts { attendance: Attendance { present: 5, expected: 10 }, ..good() };
        assert_eq!(blocked(low()), ["remark"]);
        assert!(blocked(OpeningFacts { remark: "雨大，路上堵".to_owned(), ..low() }).is_empty());
        let urgent = OpeningFacts { announced_on: "2026-11-19".parse().unwrap(), urgent: true, ..good() };
        assert_eq!(blocked(urgent), ["remark"]);
        let mut few = good();
        few.people.retain(|seat| seat.category != Category::Public);
        let findings = found(few, START);
        assert!(findings.iter().any(|f| f.level == Level::Warning && f.field.as_deref() == Some("people")));
        assert!(!findings.iter().any(|f| f.level == Level::Blocking && f.field.as_deref() == Some("people")));
    }

    #[test]
    fn a_count_by_hand_stands_for_the_list_and_takes_two_people() {
        let counted =
            HandCount { present: 6, members: 1, stakeholders: 1, departments: 1, by: Some(Uuid::from_u128(1)) };
        let empty = OpeningFacts {
            people: Vec::new(),
            attendance: Attendance { present: 0, expected: 10 },
            hand: Some(counted),
            remark: "断网".to_owned(),
            ..good()
        };
        let by = |n| OpeningFacts { opener: Some(Uuid::from_u128(n)), ..empty.clone() };
        assert_eq!(blocked(by(1)), ["hand"]);
        assert!(blocked(by(2)).is_empty());
        assert_eq!(
            blocked(OpeningFacts { hand: None, ..by(2) }),
            ["members", "stakeholders", "departments", "attendance"]
        );
    }

    #[test]
    fn a_rate_never_reads_like_a_limit_it_misses() {
        assert_eq!(Attendance { present: 15, expected: 17 }.shown(), "15/17 = 88%");
        assert_eq!(Attendance { present: 499, expected: 1000 }.shown(), "499/1000 = 49%");
        assert!(!Attendance::default().reaches(0.0));
    }
}
