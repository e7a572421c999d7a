//! Announcing a meeting: the plan (T6) and the notice clock (of T7).
//!
//! The plan is judged twice by the same checks: when the director approves it, and when the officer announces it. What
//! only the announcement needs (approval, people, materials) is asked then.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::guards::Sheet;
use super::workday::{local_date, plain_date};
use super::{Composition, composition, judged, private_numbers};

coded_enum! {
    /// How people come together (item 6: also by network).
    pub enum MeetingFormat {
        /// Around a table.
        Roundtable = "roundtable" "圆桌",
        /// Where the matter is.
        OnSite = "on_site" "现场",
        /// By network only.
        Online = "online" "网络",
        /// In a room and by network.
        Hybrid = "hybrid" "线上线下",
        /// Together with neighbouring districts (item 12).
        CrossTown = "cross_town" "三地联动",
    }
}

impl MeetingFormat {
    /// Whether it needs a registered room.
    #[must_use]
    pub const fn needs_room(self) -> bool {
        !matches!(self, Self::Online)
    }

    /// Whether it needs an address on the network.
    #[must_use]
    pub const fn needs_address(self) -> bool {
        matches!(self, Self::Online | Self::Hybrid)
    }
}

coded_enum! {
    /// The four segments of a meeting, in their order (平顶山).
    pub enum Segment {
        /// The matter is laid out.
        Brief = "brief" "通报",
        /// People ask.
        Ask = "ask" "提问",
        /// The units answer.
        Answer = "answer" "解答",
        /// Everybody speaks.
        Speak = "speak" "发言",
    }
}

coded_enum! {
    /// What the director may let pass, with a written reason (`domain.md` 2.3).
    pub enum PlanException {
        /// The shares of composition; never its minimum numbers.
        Shares = "shares" "各方比例不足",
        /// A shorter notice.
        Urgent = "urgent" "紧急公示",
    }
}

coded_enum! {
    /// At which moment T6 is judged.
    pub enum PlanMoment {
        /// The director reads the plan.
        Approving = "approving" "审批",
        /// The officer announces.
        Announcing = "announcing" "公示",
    }
}

/// Where a meeting takes place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Venue {
    /// How people come together (form field `format`).
    pub format: Option<MeetingFormat>,
    /// Seats of the registered room, if one was chosen (`room`).
    pub capacity: Option<i64>,
    /// Whether another meeting holds the room at that time.
    pub taken: bool,
    /// Whether an address on the network is given (`online_url`).
    pub address: bool,
}

/// What T6 looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFacts {
    /// At which moment.
    pub moment: PlanMoment,
    /// Whether the plan is approved as it stands.
    pub approved: bool,
    /// Who had a hand in it: whoever saved a version that was not announced yet.
    pub preparers: Vec<Uuid>,
    /// Who is about to approve it.
    pub approver: Option<Uuid>,
    /// How long the meeting is, in minutes.
    pub minutes: u32,
    /// Minutes of each segment, in the order of [`Segment::ALL`] (`agenda_…`).
    pub agenda: Vec<u32>,
    /// What happens in each, in the same order (`agenda_…_words`).
    pub agenda_words: Vec<String>,
    /// Who chairs (`chair`).
    pub chair: Option<Uuid>,
    /// Who records (`recorder`).
    pub recorder: Option<Uuid>,
    /// Where.
    pub venue: Venue,
    /// Who is asked.
    pub people: Composition,
    /// Whether the director let the shares pass.
    pub shares_excepted: bool,
    /// The text for the public (`notice`).
    pub notice: String,
    /// How many materials are attached (`materials`).
    pub materials: usize,
    /// The day of the meeting.
    pub meets_on: NaiveDate,
    /// The day by which it is to be announced, if one is set.
    pub due_on: Option<NaiveDate>,
}

/// What the notice clock of T7 looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeFacts {
    /// When the meeting begins.
    pub starts_at: DateTime<Utc>,
    /// Whether the officer asked for the urgent path, with a reason.
    pub urgent_asked: bool,
    /// Whether another person, the director, allowed it.
    pub urgent_allowed: bool,
}

/// The days of notice: the day of the announcement is not counted, the day of the meeting is.
#[must_use]
pub fn notice_given(announced_on: NaiveDate, meets_on: NaiveDate) -> i64 {
    (meets_on - announced_on).num_days()
}

/// T6.
pub(super) fn plan(sheet: &mut Sheet<'_>, facts: &PlanFacts, now: DateTime<Utc>) {
    match facts.moment {
        PlanMoment::Approving => approver(sheet, facts),
        PlanMoment::Announcing => approved(sheet, facts),
    }
    agenda(sheet, facts);
    chair_and_recorder(sheet, facts);
    venue(sheet, facts);
    notice_text(sheet, facts);
    if facts.moment == PlanMoment::Announcing {
        let lines = composition(&facts.people, sheet.rules);
        sheet.findings.extend(judged(&lines, facts.shares_excepted));
        materials(sheet, facts, now);
    }
    sheet.clock(facts.due_on, now, "公示", "flow.announce_workdays");
}

fn approver(sheet: &mut Sheet<'_>, facts: &PlanFacts) {
    if facts.approver.is_some_and(|approver| facts.preparers.contains(&approver)) {
        sheet.blocking("approve", "去换人审批", "批准的人自己存过这份方案（不管哪一版），请换一位审批。");
    } else {
        sheet.passed("approve", "批准的人没有存过这份方案。");
    }
}

fn approved(sheet: &mut Sheet<'_>, facts: &PlanFacts) {
    if facts.approved {
        sheet.passed("approve", "方案已由工委主任批准。");
    } else {
        sheet.blocking("approve", "去送审批", "方案还没有批准，或批准后又改过，请送工委主任审批。");
    }
}

fn agenda(sheet: &mut Sheet<'_>, facts: &PlanFacts) {
    let mut whole = true;
    for (n, segment) in Segment::ALL.iter().enumerate() {
        if facts.agenda.get(n).is_none_or(|minutes| *minutes == 0) {
            whole = false;
            let field = format!("agenda_{}", segment.code());
            sheet.blocking(&field, "去安排时间", format!("议程还没有给「{}」安排时间。", segment.word()));
        }
    }
    for (segment, words) in Segment::ALL.iter().zip(&facts.agenda_words) {
        let field = format!("agenda_{}_words", segment.code());
        for sentence in private_numbers(&format!("「{}」的内容", segment.word()), words) {
            sheet.blocking(&field, "去改议程", sentence);
        }
    }
    let sum = facts.agenda.iter().fold(0_u32, |sum, minutes| sum.saturating_add(*minutes));
    if sum > facts.minutes {
        sheet.blocking(
            "agenda_brief",
            "去改议程",
            format!("议程合计 {sum} 分钟，会议只有 {} 分钟，请缩短议程或延长会议。", facts.minutes),
        );
    } else if whole {
        sheet.passed("agenda_brief", format!("议程四个环节合计 {sum} 分钟，会议 {} 分钟，放得下。", facts.minutes));
    }
}

fn chair_and_recorder(sheet: &mut Sheet<'_>, facts: &PlanFacts) {
    for (field, who, person) in [("chair", "主持人", facts.chair), ("recorder", "记录人", facts.recorder)] {
        if person.is_none() {
            sheet.blocking(field, &format!("去定{who}"), format!("还没有定{who}。"));
        }
    }
    if let (Some(chair), Some(recorder)) = (facts.chair, facts.recorder) {
        if chair == recorder {
            sheet.blocking("recorder", "去换记录人", "主持人和记录人是同一个人，请换一位记录。");
        } else {
            sheet.passed("recorder", "主持人和记录人已定，不是同一个人。");
        }
    }
}

fn venue(sheet: &mut Sheet<'_>, facts: &PlanFacts) {
    let venue = &facts.venue;
    let Some(format) = venue.format else {
        sheet.blocking("format", "去选形式", "还没有选协商形式。");
        return;
    };
    if format.needs_room() {
        match venue.capacity {
            None => sheet.blocking("room", "去选场地", "还没有选场地，请从登记过的议事室、议事点里选。"),
            Some(_) if venue.taken => {
                sheet.blocking("room", "去换场地", "这个时间场地已经有别的会，请换时间或场地。");
            }
            Some(seats) => {
                sheet.passed("room", "场地是登记过的，当时空着。");
                let open = facts.people.open.iter().fold(0_u32, |sum, (_, n)| sum.saturating_add(*n));
                let people = i64::try_from(facts.people.people.len()).unwrap_or(i64::MAX);
                let people = people.saturating_add(i64::from(open));
                if people > seats {
                    sheet.warning("room", format!("连同开放席位共 {people} 人，场地只坐得下 {seats} 人。"));
                }
            }
        }
    }
    if format.needs_address() {
        if venue.address {
            sheet.passed("online_url", "线上会议室的地址已填，只给请到的人看。");
        } else {
            sheet.blocking("online_url", "去填线上地址", "还没有填线上会议室的地址。");
        }
    }
}

fn notice_text(sheet: &mut Sheet<'_>, facts: &PlanFacts) {
    let max = sheet.rules.topic.body_max;
    if !sheet.text("notice", "公示内容", &facts.notice, max) {
        return;
    }
    for sentence in private_numbers("公示内容", &facts.notice) {
        sheet.blocking("notice", "去改公示内容", sentence);
    }
}

/// Materials go out with the announcement and none is added afterwards, since an announced plan is not saved: they are
/// there `min(notice.materials_days, notice given)` before the meeting, whatever the setting is. It is said, and bounds
/// nothing further.
fn materials(sheet: &mut Sheet<'_>, facts: &PlanFacts, now: DateTime<Utc>) {
    let given = notice_given(local_date(now), facts.meets_on).max(0);
    let ahead = given.min(i64::from(sheet.rules.notice.materials_days));
    if facts.materials == 0 {
        sheet.blocking(
            "materials",
            "去附材料",
            format!("还没有附会议材料，最迟会前 {ahead} 天要附上（本镇设定），请随公示附上。"),
        );
    } else {
        sheet.passed("materials", format!("会议材料 {} 份，随公示附上，不晚于会前 {ahead} 天。", facts.materials));
    }
}

/// The notice clock of T7.
pub(super) fn notice(sheet: &mut Sheet<'_>, facts: &NoticeFacts, now: DateTime<Utc>) {
    let (days, urgent) = (i64::from(sheet.rules.notice.days), i64::from(sheet.rules.notice.urgent_days));
    if facts.starts_at <= now {
        sheet.blocking("date", "去改时间", "开会的时间已经过了，请改时间。");
        return;
    }
    let (today, meets_on) = (local_date(now), local_date(facts.starts_at));
    let given = notice_given(today, meets_on);
    if given >= days {
        sheet.passed("date", format!("今天公示，到开会有 {given} 天，至少 {days} 天（本镇设定）。"));
    } else if facts.urgent_allowed && given >= urgent {
        sheet.warning(
            "date",
            format!("紧急公示：到开会只有 {given} 天，少于 {days} 天（本镇设定）；工委主任已同意，会写进记录。"),
        );
    } else if facts.urgent_allowed {
        sheet.blocking(
            "date",
            "去改时间",
            format!("到开会只有 {given} 天，紧急公示也至少 {urgent} 天（本镇设定），请改时间。"),
        );
    } else if facts.urgent_asked {
        sheet.blocking("urgent_reason", "去看申请", "已申请紧急公示，还要工委主任同意。");
    } else {
        let first = today.checked_add_days(chrono::Days::new(u64::from(sheet.rules.notice.days))).unwrap_or(today);
        sheet.blocking(
            "date",
            "去改时间",
            format!(
                "今天公示，到开会只有 {given} 天，至少 {days} 天（本镇设定）：最早 {} 开会；紧急的写明理由，请主任同意。",
                plain_date(first)
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Category, Facts, Finding, Findings, Level, RuleSet, Seat, judge};
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn id(n: u128) -> Option<Uuid> {
        Some(Uuid::from_u128(n))
    }

    fn good() -> PlanFacts {
        let seat = |category| Seat { category, woman: true };
        PlanFacts {
            moment: PlanMoment::Announcing,
            approved: true,
            preparers: id(1).into_iter().chain(id(3)).collect(),
            approver: None,
            minutes: 120,
            agenda: vec![20, 30, 30, 40],
            agenda_words: ["社区说情况，电话 0512-63991234", "", "", ""].map(str::to_owned).to_vec(),
            chair: id(2),
            recorder: id(1),
            venue: Venue { format: Some(MeetingFormat::Hybrid), capacity: Some(20), taken: false, address: true },
            people: Composition {
                people: [
                    Category::Member,
                    Category::Member,
                    Category::Stakeholder,
                    Category::Stakeholder,
                    Category::Public,
                    Category::Public,
                    Category::Department,
                    Category::Expert,
                ]
                .map(seat)
                .to_vec(),
                open: vec![(Category::Public, 3)],
            },
            shares_excepted: false,
            notice: "请大家来商量，电话 0512-63991234。".to_owned(),
            materials: 1,
            meets_on: "2026-11-20".parse().unwrap(),
            due_on: None,
        }
    }

    fn judged_at(facts: Facts, now: &str) -> Vec<Finding> {
        judge(&[facts], &RuleSet::default(), at(now))
    }

    #[test]
    fn a_good_plan_passes_and_each_fault_is_named() {
        const NOW: &str = "2026-11-10T02:00:00Z";
        let findings = judged_at(Facts::T6(good()), NOW);
        assert!(!findings.is_blocked(), "{findings:#?}");
        type Spoil = fn(&mut PlanFacts);
        let spoils: [(&str, Spoil); 18] = [
            ("approve", |f| f.approved = false),
            ("agenda_brief", |f| f.agenda[0] = 0),
            ("agenda_answer", |f| f.agenda[2] = 0),
            ("agenda_speak", |f| f.agenda.truncate(3)),
            ("agenda_brief", |f| f.agenda[3] = 41),
            ("chair", |f| f.chair = None),
            ("recorder", |f| f.recorder = None),
            ("recorder", |f| f.recorder = f.chair),
            ("format", |f| f.venue.format = None),
            ("room", |f| f.venue.capacity = None),
            ("room", |f| f.venue.taken = true),
            ("online_url", |f| f.venue.address = false),
            ("notice", |f| f.notice = "  ".to_owned()),
            ("agenda_brief_words", |f| f.agenda_words[0] = "许知行 138 1234 5678 说情况".to_owned()),
            ("agenda_speak_words", |f| f.agenda_words[3] = "32058419800101123X 先说".to_owned()),
            ("notice", |f| f.notice = "联系 13812345678".to_owned()),
            ("notice", |f| f.notice = "带 32058419800101123X 的证来".to_owned()),
            ("materials", |f| f.materials = 0),
        ];
        for (field, spoil) in spoils {
            let mut facts = good();
            spoil(&mut facts);
            let findings = judged_at(Facts::T6(facts), NOW);
            let wrong: Vec<_> = findings.of_level(Level::Blocking).iter().filter_map(|f| f.field.clone()).collect();
            assert_eq!(wrong, [field], "{findings:#?}");
        }
        let mut nobody = good();
        nobody.people.people.clear();
        assert_eq!(judged_at(Facts::T6(nobody), NOW).about("people").unwrap().level, Level::Blocking);
    }

    #[test]
    fn approving_asks_for_the_plan_and_another_person_only() {
        let facts = |approver| PlanFacts {
            moment: PlanMoment::Approving,
            approved: false,
            approver,
            materials: 0,
            people: Composition::default(),
            ..good()
        };
        assert!(!judged_at(Facts::T6(facts(id(2))), "2026-11-10T02:00:00Z").is_blocked());
        for preparer in [1, 3] {
            let findings = judged_at(Facts::T6(facts(id(preparer))), "2026-11-10T02:00:00Z");
            assert_eq!(findings.about("approve").unwrap().level, Level::Blocking);
        }
    }

    #[test]
    fn more_people_than_seats_is_only_said() {
        let mut facts = good();
        facts.venue.capacity = Some(11);
        let of = |facts: &PlanFacts| {
            judged_at(Facts::T6(facts.clone()), "2026-11-10T02:00:00Z")
                .iter()
                .any(|f| f.level == Level::Warning && f.field.as_deref() == Some("room"))
        };
        assert!(!of(&facts), "eight people and three open seats");
        facts.venue.capacity = Some(10);
        assert!(of(&facts));
    }

    #[test]
    fn what_a_format_needs() {
        for (format, room, address) in [
            (MeetingFormat::Roundtable, true, false),
            (MeetingFormat::OnSite, true, false),
            (MeetingFormat::Online, false, true),
            (MeetingFormat::Hybrid, true, true),
            (MeetingFormat::CrossTown, true, false),
        ] {
            assert_eq!((format.needs_room(), format.needs_address()), (room, address), "{format:?}");
            let mut facts = good();
            facts.venue = Venue { format: Some(format), ..Venue::default() };
            let findings = judged_at(Facts::T6(facts), "2026-11-10T02:00:00Z");
            assert_eq!(findings.about("room").is_some(), room, "{format:?}");
            assert_eq!(findings.about("online_url").is_some(), address, "{format:?}");
        }
    }

    #[test]
    fn days_of_notice_are_calendar_days_in_shanghai() {
        // Announced on Monday 16 November; days off and weekends count like others.
        for (now, starts, asked, allowed, level) in [
            // Five days: 16 to 21 November. The hour does not matter.
            ("2026-11-16T02:00:00Z", "2026-11-21T00:30:00Z", false, false, Level::Passed),
            ("2026-11-16T15:59:00Z", "2026-11-21T00:30:00Z", false, false, Level::Passed),
            // A minute later it is the 17th in Shanghai.
            ("2026-11-16T16:00:00Z", "2026-11-21T00:30:00Z", false, false, Level::Blocking),
            ("2026-11-16T02:00:00Z", "2026-11-20T12:00:00Z", false, false, Level::Blocking),
            // Over the spring holidays as well.
            ("2026-02-14T02:00:00Z", "2026-02-19T02:00:00Z", false, false, Level::Passed),
            // The urgent path: asked for, allowed by another, at least one day.
            ("2026-11-16T02:00:00Z", "2026-11-17T02:00:00Z", true, false, Level::Blocking),
            ("2026-11-16T02:00:00Z", "2026-11-17T02:00:00Z", true, true, Level::Warning),
            ("2026-11-16T02:00:00Z", "2026-11-16T08:00:00Z", true, true, Level::Blocking),
            // With enough notice nothing urgent is left of it.
            ("2026-11-16T02:00:00Z", "2026-11-21T02:00:00Z", true, true, Level::Passed),
            // Never for a time that is over.
            ("2026-11-16T02:00:00Z", "2026-11-16T01:00:00Z", true, true, Level::Blocking),
        ] {
            let facts = NoticeFacts { starts_at: at(starts), urgent_asked: asked, urgent_allowed: allowed };
            let findings = judged_at(Facts::Notice(facts), now);
            assert_eq!(findings.len(), 1);
            assert_eq!(findings[0].level, level, "{now} {starts}: {findings:?}");
            assert_eq!(findings[0].rule, super::super::RuleId::T7);
        }
    }

    #[test]
    fn the_town_sets_the_days() {
        let mut rules = RuleSet::default();
        rules.notice.days = 10;
        rules.notice.urgent_days = 3;
        let level = |day: &str, allowed| {
            let starts_at = at(&format!("2026-11-{day}T02:00:00Z"));
            let facts = NoticeFacts { starts_at, urgent_asked: allowed, urgent_allowed: allowed };
            judge(&[Facts::Notice(facts)], &rules, at("2026-11-10T02:00:00Z"))[0].level
        };
        assert_eq!((level("19", false), level("20", false)), (Level::Blocking, Level::Passed));
        assert_eq!((level("12", true), level("13", true)), (Level::Blocking, Level::Warning));
    }

    #[test]
    fn materials_are_asked_for_by_the_smaller_of_two_days() {
        let mut rules = RuleSet::default();
        for (days, now, ahead) in [
            (3, "2026-11-10T02:00:00Z", "会前 3 天"),
            (3, "2026-11-19T02:00:00Z", "会前 1 天"),
            (8, "2026-11-10T02:00:00Z", "会前 8 天"),
            (8, "2026-11-16T02:00:00Z", "会前 4 天"),
        ] {
            rules.notice.materials_days = days;
            for materials in [0, 1] {
                let findings = judge(&[Facts::T6(PlanFacts { materials, ..good() })], &rules, at(now));
                let finding = findings.about("materials").unwrap();
                assert!(finding.sentence.contains(ahead), "{days} {now}: {finding:?}");
                assert_eq!(finding.level == Level::Blocking, materials == 0);
            }
        }
    }
}
