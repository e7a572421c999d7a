//! Tables and properties of the rules.

use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Noon in Shanghai.
fn noon(date: NaiveDate) -> DateTime<Utc> {
    Utc.from_utc_datetime(&date.and_hms_opt(4, 0, 0).unwrap())
}

fn now() -> DateTime<Utc> {
    noon(day(2026, 3, 4))
}

fn one(facts: Facts) -> Vec<Finding> {
    judge(&[facts], &RuleSet::default(), now())
}

/// The levels and fields of what did not pass, in order.
fn open_fields(findings: &[Finding]) -> Vec<(Level, &str)> {
    findings.iter().filter(|f| f.level != Level::Passed).map(|f| (f.level, f.field.as_deref().unwrap_or(""))).collect()
}

// --- text -------------------------------------------------------------------

#[test]
fn characters_are_counted_as_people_count_them() {
    let cases = [
        ("", 0),
        ("  \u{3000}\n", 0),
        ("\u{200B}\u{FEFF}", 0),
        ("停车", 2),
        ("𠮷野", 2),
        ("🚗🚗", 2),
        (" 停 车 ", 3),
        ("一\n二", 3),
        ("一\r\n二", 3),
        ("一\r\n二\r\n", 3),
        ("abc", 3),
    ];
    for (text, count) in cases {
        assert_eq!(count_chars(text), count, "{text:?}");
        assert_eq!(is_blank(text), count == 0, "{text:?}");
    }
}

proptest! {
    #[test]
    fn counting_is_the_same_for_both_line_breaks(lines in prop::collection::vec("[一-龥a-z🚗𠮷]{1,8}", 1..6)) {
        let unix = lines.join("\n");
        let sent = lines.join("\r\n");
        prop_assert_eq!(count_chars(&unix), count_chars(&sent));
        let letters: usize = lines.iter().map(|line| line.chars().count()).sum();
        prop_assert_eq!(count_chars(&unix), letters + lines.len() - 1);
    }

    #[test]
    fn no_text_upsets_the_readers(text in any::<String>()) {
        let count = count_chars(&text);
        prop_assert!(count <= text.chars().count());
        prop_assert_eq!(count == 0, is_blank(&text));
        let _ = (finds_phone(&text), finds_id_number(&text), has_control(&text));
        if let Some(phone) = normal_phone(&text) {
            prop_assert_eq!(normal_phone(&phone), Some(phone));
        }
    }

    #[test]
    fn a_mobile_is_found_wherever_it_stands(
        before in "[一-龥，。]{0,8}", after in "[一-龥，。]{0,8}",
        second in 3..=9_u8, rest in "[0-9]{9}", cut in 0..4_usize,
    ) {
        let n = format!("1{second}{rest}");
        let written = match cut {
            0 => n,
            1 => format!("{}-{}-{}", &n[..3], &n[3..7], &n[7..]),
            2 => format!("{} {} {}", &n[..3], &n[3..7], &n[7..]),
            _ => format!("+86 {n}"),
        };
        let text = format!("{before}{written}{after}");
        prop_assert!(finds_phone(&text), "{}", text);
    }
}

#[test]
fn control_characters_are_found() {
    for text in ["a\u{0}b", "a\u{1b}[0m", "a\u{202E}b", "\u{2066}x", "\u{7f}"] {
        assert!(has_control(text), "{text:?}");
    }
    for text in ["", "一\n二", "一\r\n二\t三", "𠮷🚗", "👨\u{200D}👩"] {
        assert!(!has_control(text), "{text:?}");
    }
}

#[test]
fn phones_are_read_in_any_spelling() {
    let good = [
        ("13812345678", "13812345678"),
        (" 138 1234 5678 ", "13812345678"),
        ("138-1234-5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("+8613812345678", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("0512-63991234", "0512-63991234"),
        ("051263991234", "0512-63991234"),
        ("（0512）6399 1234", "0512-63991234"),
        ("010-62345678", "010-62345678"),
        ("0516-8345678", "0516-8345678"),
        ("0512-63991234转8001", "0512-63991234-8001"),
    ];
    for (text, phone) in good {
        assert_eq!(normal_phone(text).as_deref(), Some(phone), "{text}");
    }
    let bad = [
        "",
        "12345",
        "1381234567",
        "138123456789",
        "12812345678",
        "63991234",
        "0012-63991234",
        "0512-13991234",
        "13812345678转1",
        "0512-63991234转",
        "13812345678 李",
        "一三八",
    ];
    for text in bad {
        assert_eq!(normal_phone(text), None, "{text}");
    }
}

#[test]
fn private_numbers_in_released_text_are_found() {
    let phones = [
        "请打13812345678",
        "手机138-1234-5678。",
        "138 1234 5678",
        "１３８１２３４５６７８",
        "+86 13812345678",
        "8613812345678",
        "0512-63991234",
        "（0512）63991234",
        "051263991234",
        "联系电话：63991234",
        "电话是6399 1234",
        "2026年3月，13812345678",
    ];
    for text in phones {
        assert!(finds_phone(text), "{text}");
    }
    let fine = [
        "",
        "12345 热线已经反映过",
        "2026年3月4日 13:30",
        "2026-03-04 13.30",
        "13.30 2026.1.15",
        "13栋1501室",
        "涉及 1380 户、12345678901 元",
        "工期 20260304 至 20261231",
        "379路、坐标 120.63991234",
        "联系时间 2026-03-05",
        "编号 8138123456789",
        "110、119、12388",
    ];
    for text in fine {
        assert!(!finds_phone(text), "{text}");
    }
    assert!(finds_mobile("请打 138-1111-2222 找他") && !finds_mobile("请打 0512-63000000 问司法所"));
    assert_eq!(private_numbers("理由", "请打 0512-63000000 问司法所"), [""; 0]);
    assert_eq!(private_numbers("理由", "请打 138-1111-2222 找他").len(), 1);
    let both = private_numbers("理由", "32058419800101123X，13811112222");
    assert!(both.len() == 2 && both.iter().all(|s| s.starts_with("理由里像是有") && !s.contains("1381")), "{both:?}");
    assert!(finds_id_number("身份证32058419800101123X"));
    assert!(finds_id_number("320584198001011234"));
    assert!(!finds_id_number("320584198013011234"), "no thirteenth month");
    assert!(!finds_id_number("3205841980010112345"), "nineteen digits");
    assert!(!finds_id_number("13812345678"));
}

// --- settings ---------------------------------------------------------------

#[test]
fn defaults_are_those_of_the_handbook() {
    let rules = RuleSet::default();
    let block = r#"
[topic]
title_min=4
title_max=30
place_max=60
body_max=1000
public_open_max=2
support_per_prefix_day=200
screen_workdays=5
basis_min=1
basis_rule="any"
[flow]
return_days=15
confirm_workdays=10
lead_workdays=3
announce_workdays=10
suspend_review_days=30
reassign_workdays=3
reopen_look_workdays=5
[research]
workdays=10
min_reports=1
min_members=1
min_affected=1
[notice]
days=5
urgent_days=1
materials_days=3
reminder_days=[3,1]
waitlist_confirm_hours=24
[composition]
participants_min=8
categories_min=4
members_min=2
stakeholder_min=2
department_min=1
public_share_hard=0.34
public_share_warn=0.5
official_share_max_warn=0.4
women_share_warn=0.33
open_seat_credit=0
[meeting]
attend_hard=0.5
attend_warn=0.667
present_members_min=1
present_stakeholders_min=1
present_departments_min=1
speech_minutes=5
response_minutes=3
bell_before_minutes=1
secret_min=5
[minutes]
circulation_workdays=2
sign_workdays=5
[after]
report_workdays=7
assign_workdays=5
decline_workdays=3
first_progress_workdays=15
reply_days=90
reply_max_days=180
quick_reply_workdays=13
remind_before_workdays=5
escalate_after_workdays=5
progress_days=90
supervision_reply_workdays=10
[survey]
days=7
extend_days=7
min_responses=5
min_share=0.5
pass=0.80
redo_max=2
[close]
publish_workdays=10
lookback_days=180
contact_retention_days=730
[district]
meetings_min_year=2
meetings_target_quarter=1
studio_reception_month=1
"#;
    let named = block.lines().filter(|line| line.contains('=')).count();
    let own = settings_catalogue().iter().filter(|meta| !meta.is_addition()).count();
    assert_eq!(named, own, "the handbook's block and ours name the same settings");
    assert_eq!(rules.validate(), Ok(()));
    #[cfg(feature = "ssr")]
    {
        // Read over a base in which every number differs, so that a default
        // that is not the handbook's cannot hide.
        let mut base = RuleSet::default();
        base.topic.title_min = 9;
        base.survey.pass = 0.6;
        assert_eq!(RuleSet::from_toml_over(&base, block), Ok(rules));
    }
}

#[test]
fn the_catalogue_is_sound() {
    let rules = RuleSet::default();
    let mut keys = std::collections::BTreeSet::new();
    for meta in settings_catalogue() {
        assert!(keys.insert(meta.key), "{} twice", meta.key);
        assert!(meta.key.starts_with(&format!("{}.", meta.section)));
        assert!(!meta.label.is_empty() && meta.explanation.ends_with('。'), "{}", meta.key);
        assert!(
            meta.rule.rule().settings.contains(&meta.key),
            "{} is not among the settings of {}",
            meta.key,
            meta.rule.label()
        );
        assert!(rules.shown(meta.key).is_some() && rules.literal(meta.key).is_some());
        assert_eq!(meta.unit == Unit::Choice, matches!(meta.bounds, Bounds::OneOf(_)), "{}", meta.key);
        assert_eq!(meta.unit == Unit::Share, matches!(meta.bounds, Bounds::Share { .. }), "{}", meta.key);
    }
    for (key, word) in [
        ("screen_workdays", Unit::Workdays),
        ("return_days", Unit::Days),
        ("speech_minutes", Unit::Minutes),
        ("waitlist_confirm_hours", Unit::Hours),
    ] {
        let meta = settings_catalogue().iter().find(|m| m.key.ends_with(key)).unwrap();
        assert_eq!(meta.unit, word);
    }
    for meta in settings_catalogue() {
        let unit = if meta.key.ends_with("workdays") {
            Some(Unit::Workdays)
        } else if meta.key.ends_with("_days") || meta.key.ends_with(".days") {
            Some(Unit::Days)
        } else {
            None
        };
        if let Some(unit) = unit {
            assert_eq!(meta.unit, unit, "{}", meta.key);
        }
    }
}

#[test]
fn values_are_shown_in_plain_words() {
    let mut rules = RuleSet::default();
    for (key, words) in [
        ("topic.screen_workdays", "5 个工作日"),
        ("topic.title_max", "30 字"),
        ("topic.basis_rule", "任一即可"),
        ("topic.comment_release", "干事看过再公开"),
        ("topic.attachment_mb", "20 MB"),
        ("notice.reminder_days", "3、1 天"),
        ("meeting.attend_hard", "50%"),
        ("meeting.attend_warn", "66.7%"),
        ("composition.public_share_hard", "34%"),
        ("survey.pass", "80%"),
    ] {
        assert_eq!(rules.shown(key).as_deref(), Some(words), "{key}");
    }
    assert_eq!(rules.shown("topic.nonsense"), None);
    assert_eq!(rules.shown("topic"), None);
    rules.notice.reminder_days.clear();
    assert_eq!(rules.shown("notice.reminder_days").as_deref(), Some("无"));
}

#[test]
fn what_changed_is_named() {
    let mut rules = RuleSet::default();
    assert!(rules.changed_from(&RuleSet::default()).is_empty());
    rules.notice.days = 7;
    rules.topic.title_min = 6;
    assert_eq!(rules.changed_from(&RuleSet::default()), ["topic.title_min", "notice.days"]);
}

/// The first bad value on either side of every bound is refused, the bound
/// itself is not (unless it contradicts another setting, which then is named).
#[cfg(feature = "ssr")]
#[test]
fn every_bound_holds_on_both_sides() {
    let line = |key: &str, value: String| {
        let (section, name) = key.split_once('.').unwrap();
        format!("[{section}]\n{name} = {value}\n")
    };
    let named = |key: &str, value: String| -> bool {
        match RuleSet::from_toml(&line(key, value)) {
            Ok(_) => false,
            Err(errors) => errors.iter().any(|e| e.key == key && e.sentence.contains("只能是")),
        }
    };
    for meta in settings_catalogue() {
        match meta.bounds {
            Bounds::Whole { min, max } => {
                assert!(!named(meta.key, min.to_string()), "{} min", meta.key);
                assert!(!named(meta.key, max.to_string()), "{} max", meta.key);
                assert!(named(meta.key, (i64::from(min) - 1).to_string()), "{} below", meta.key);
                assert!(named(meta.key, (i64::from(max) + 1).to_string()), "{} above", meta.key);
                assert!(named(meta.key, i64::MAX.to_string()), "{} huge", meta.key);
            }
            Bounds::Share { min, max } => {
                assert!(!named(meta.key, format!("{min:?}")), "{} min", meta.key);
                assert!(!named(meta.key, format!("{max:?}")), "{} max", meta.key);
                assert!(named(meta.key, format!("{:?}", min - 0.01)), "{} below", meta.key);
                assert!(named(meta.key, format!("{:?}", max + 0.01)), "{} above", meta.key);
                for value in ["nan", "inf", "-inf", "0.6667"] {
                    assert!(named(meta.key, value.to_owned()), "{} {value}", meta.key);
                }
            }
            Bounds::Falling { .. } => {
                for value in ["[0]", "[16]", "[1, 3]", "[3, 3]", "[9, 8, 7, 6, 5, 4]"] {
                    assert!(named(meta.key, value.to_owned()), "{} {value}", meta.key);
                }
                for value in ["[]", "[15, 1]", "[5, 4, 3, 2, 1]"] {
                    assert!(!named(meta.key, value.to_owned()), "{} {value}", meta.key);
                }
            }
            Bounds::OneOf(codes) => {
                assert!(named(meta.key, "\"nonsense\"".to_owned()), "{}", meta.key);
                for code in codes {
                    assert!(!named(meta.key, format!("\"{code}\"")), "{} {code}", meta.key);
                }
            }
        }
    }
}

#[cfg(feature = "ssr")]
#[test]
fn refusals_name_the_setting_and_the_range() {
    let cases = [
        ("[notice]\ndays = 0", "notice.days", "1 天 至 15 天"),
        ("[notice]\ndays = 16", "notice.days", "现在写的是 16"),
        ("[notice]\ndays = -1", "notice.days", "现在写的是 -1"),
        ("[meeting]\nattend_hard = 1.4", "meeting.attend_hard", "140%"),
        ("[notice]\ndays = \"five\"", "notice.days", "要写成一个整数"),
        ("[notice]\ndays = 5.5", "notice.days", "要写成一个整数"),
        ("[notice]\nreminder_days = 3", "notice.reminder_days", "一组整数"),
        ("[topic]\nbasis_rule = \"none\"", "topic.basis_rule", "any 或 both"),
        ("[topic]\ncomment_release = true", "topic.comment_release", "hold 或 open"),
        ("[notice]\ndais = 5", "notice.dais", "没有「notice.dais」"),
        ("[notise]\ndays = 5", "notise", "没有「notise」"),
        ("days = 5", "days", "没有「days」"),
        ("notice = 5", "notice", "[notice]"),
        ("[after]\nreply_max_days = 60", "after.reply_days", "after.reply_max_days"),
        ("[meeting]\nattend_hard = 0.9", "meeting.attend_hard", "meeting.attend_warn"),
        ("[topic]\ntitle_min = 20\ntitle_max = 20", "topic.title_min", "topic.title_max"),
        ("[composition]\npublic_share_hard = 0.6", "composition.public_share_hard", "public_share_warn"),
        ("[composition]\nparticipants_min = 4", "composition.participants_min", "5 人"),
        ("[meeting]\nbell_before_minutes = 5", "meeting.bell_before_minutes", "speech_minutes"),
        ("[minutes]\nsign_workdays = 1", "minutes.circulation_workdays", "sign_workdays"),
        ("[notice]\ndays = 1\nurgent_days = 2", "notice.urgent_days", "notice.days"),
        ("[notice]\ndays = 1\nroom_change_days = 2", "notice.room_change_days", "notice.days"),
        ("[topic]\nattachments_total_mb = 10", "topic.attachment_mb", "attachments_total_mb"),
        ("[notice]\n\ndays = = 5", "", "第 3 行"),
    ];
    for (text, key, words) in cases {
        let errors = RuleSet::from_toml(text).expect_err(text);
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        assert_eq!(errors[0].key, key, "{text}");
        assert!(errors[0].sentence.contains(words), "{text}: {}", errors[0].sentence);
    }
    let errors = RuleSet::from_toml("[notice]\ndays = 0\n[meeting]\nattend_warn = 1.4\nx = 1").unwrap_err();
    assert_eq!(errors.len(), 3, "all are named at once: {errors:?}");
}

#[cfg(feature = "ssr")]
#[test]
fn a_town_takes_the_rest_from_its_district() {
    let mut district = RuleSet::default();
    district.notice.days = 7;
    district.topic.screen_workdays = 3;
    let town = RuleSet::from_toml_over(&district, "[notice]\ndays = 4\n").unwrap();
    assert_eq!(town.notice.days, 4);
    assert_eq!(town.topic.screen_workdays, 3);
    assert_eq!(RuleSet::from_toml("").unwrap(), RuleSet::default());
    assert_eq!(RuleSet::from_toml("[survey]\npass = 1").unwrap().survey.pass, 1.0);
}

#[cfg(feature = "ssr")]
#[test]
fn a_stored_version_without_a_newer_setting_takes_its_default() {
    let mut json = serde_json::to_value(RuleSet::default()).unwrap();
    json["topic"].as_object_mut().unwrap().remove("page_size");
    json["notice"].as_object_mut().unwrap().remove("room_change_days");
    json["topic"]["title_max"] = 25.into();
    json.as_object_mut().unwrap().remove("district");
    let rules: RuleSet = serde_json::from_value(json).unwrap();
    assert_eq!(rules.topic.page_size, RuleSet::default().topic.page_size);
    assert_eq!(rules.topic.title_max, 25);
    assert_eq!(rules.district, RuleSet::default().district);
    assert_eq!(rules.notice, RuleSet::default().notice);
    // A version is kept as a file.
    let newest = RuleSet::default().to_toml();
    let older: String =
        newest.lines().filter(|line| !line.starts_with("room_change_days")).map(|l| format!("{l}\n")).collect();
    assert_ne!(older, newest);
    assert_eq!(RuleSet::from_toml(&older), Ok(RuleSet::default()));
}

#[cfg(feature = "ssr")]
mod round_trip {
    use super::*;

    /// A value within the bounds of one setting, as written in a file.
    fn literal(meta: SettingMeta) -> BoxedStrategy<String> {
        match meta.bounds {
            Bounds::Whole { min, max } => (min..=max).prop_map(|n| n.to_string()).boxed(),
            Bounds::Share { min, max } => (0..=1000_u32)
                .prop_map(|n| f64::from(n) / 1000.0)
                .prop_filter("within the bounds", move |n| (min..=max).contains(n))
                .prop_map(|n| format!("{n:?}"))
                .boxed(),
            Bounds::Falling { min, max, most } => prop::collection::btree_set(min..=max, 0..=most)
                .prop_map(|set| {
                    let list: Vec<String> = set.iter().rev().map(u32::to_string).collect();
                    format!("[{}]", list.join(", "))
                })
                .boxed(),
            Bounds::OneOf(codes) => prop::sample::select(codes).prop_map(|code| format!("\"{code}\"")).boxed(),
        }
    }

    proptest! {
        #[test]
        fn a_file_reads_back_as_written(
            changes in prop::collection::vec(
                prop::sample::select(settings_catalogue())
                    .prop_flat_map(|meta| (Just(meta), literal(meta))),
                0..6,
            )
        ) {
            let mut rules = RuleSet::default();
            let mut last = std::collections::BTreeMap::new();
            for (meta, value) in &changes {
                let (section, name) = meta.key.split_once('.').unwrap();
                if let Ok(next) = RuleSet::from_toml_over(&rules, &format!("[{section}]\n{name} = {value}")) {
                    rules = next;
                    last.insert(meta.key, value.clone());
                }
            }
            for (key, value) in last {
                prop_assert_eq!(rules.literal(key), Some(value));
            }
            prop_assert_eq!(rules.validate(), Ok(()));
            prop_assert_eq!(RuleSet::from_toml(&rules.to_toml()), Ok(rules.clone()));
            let json = serde_json::to_string(&rules).unwrap();
            prop_assert_eq!(serde_json::from_str::<RuleSet>(&json).unwrap(), rules);
        }
    }
}

// --- codes ------------------------------------------------------------------

#[cfg(feature = "ssr")]
#[test]
fn codes_and_serde_agree() {
    macro_rules! agree {
        ($($Name:ty),+) => { $(
            let mut seen = std::collections::BTreeSet::new();
            for value in <$Name>::ALL.iter().copied() {
                let code = value.code();
                assert!(seen.insert(code), "{code} twice");
                assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{code}");
                assert_eq!(<$Name>::from_code(code), Some(value));
                assert_eq!(serde_json::to_value(value).unwrap(), code);
                assert_eq!(serde_json::from_value::<$Name>(code.into()).unwrap(), value);
            }
            assert_eq!(<$Name>::from_code("nonsense"), None);
        )+ };
    }
    agree!(
        Level,
        DutyKey,
        RuleId,
        Unit,
        BasisRule,
        CommentRelease,
        DayKind,
        DueUnit,
        DueLevel,
        TopicBasis,
        Exclusion,
        ScreeningDecision,
        ConfirmMoment
    );
}

// --- duties and rules -------------------------------------------------------

#[test]
fn the_catalogue_of_rules_is_sound() {
    for &id in RuleId::ALL {
        let rule = id.rule();
        assert_eq!(rule.id, id);
        assert!(!rule.duties.is_empty() && !rule.guards.is_empty(), "{}", id.label());
        assert!(!rule.sentence.contains(['{', '}']), "{}", id.label());
        for key in rule.settings {
            assert!(SettingMeta::find(key).is_some(), "{} uses {key}", id.label());
        }
        for guard in rule.guards {
            for part in guard.split('{').skip(1) {
                let (key, _) = part.split_once('}').expect(guard);
                assert!(rule.settings.contains(&key), "{} names {key}", id.label());
            }
        }
        for text in rule.guards_in(&RuleSet::default()) {
            assert!(!text.contains(['{', '}']) && text.ends_with(['。', '？']), "{text}");
        }
    }
    let enforced: Vec<RuleId> = RuleId::ALL.iter().copied().filter(|id| id.rule().enforced).collect();
    // What the district watches over all towns is for it to see to.
    let all: Vec<RuleId> = RuleId::ALL.iter().copied().filter(|id| *id != RuleId::DistrictWatch).collect();
    assert_eq!(enforced, all);
}

#[test]
fn guard_sentences_carry_the_numbers_of_the_town() {
    let mut rules = RuleSet::default();
    rules.notice.days = 9;
    let guards = RuleId::T7.rule().guards_in(&rules);
    assert!(guards[0].starts_with("公示满 9 天："), "{}", guards[0]);
}

#[test]
fn every_duty_is_served() {
    for &key in DutyKey::ALL {
        assert!(key.rules().next().is_some(), "{} is served by no rule", key.label());
        assert!(!key.quotes().is_empty());
        let number: String = key.label().chars().filter(char::is_ascii_digit).collect();
        assert_eq!(key.item().to_string(), number, "{}", key.label());
    }
    assert_eq!(DutyKey::D15b.enforcement(), Enforcement::Full);
    assert_eq!(DutyKey::D14a.enforcement(), Enforcement::Full);
    assert_eq!(DutyKey::D15c.enforcement(), Enforcement::Full);
    assert_eq!(DutyKey::D14b.enforcement(), Enforcement::Full);
    assert_eq!(DutyKey::D15d.enforcement(), Enforcement::Full);
    assert_eq!(DutyKey::D6.enforcement(), Enforcement::Full);
    assert_eq!(DutyKey::D13a.enforcement(), Enforcement::Partly);
    assert_eq!(DutyKey::D15e.enforcement(), Enforcement::Full);
}

#[test]
fn the_explanation_has_everything_once() {
    let mut version = RuleSetVersion {
        rule_set_id: Uuid::nil(),
        town: Some("shengze".to_owned()),
        version: 1,
        effective_from: now(),
        basis_doc: None,
        rules: RuleSet::default(),
    };
    version.rules.notice.days = 9;
    let page = explain(&version);
    assert_eq!(page.duties.len(), DutyKey::ALL.len());
    assert_eq!(page.rules.len(), RuleId::ALL.len());
    let shown: std::collections::BTreeSet<&str> =
        page.rules.iter().flat_map(|rule| rule.settings.iter().map(|s| s.meta.key)).collect();
    assert_eq!(shown.len(), settings_catalogue().len(), "every setting is shown somewhere");

    let t7 = page.rule(RuleId::T7).unwrap();
    assert_eq!(t7.mark, None);
    assert_eq!(page.rule(RuleId::DistrictWatch).unwrap().mark, Some(NOT_YET_ENFORCED));
    let days = t7.settings.iter().find(|s| s.meta.key == "notice.days").unwrap();
    assert_eq!((days.value.as_str(), days.mark), ("9 天", OWN_SETTING));
    assert_eq!(days.default.as_deref(), Some("5 天"));
    let hard = t7.settings.iter().find(|s| s.meta.key == "meeting.attend_hard").unwrap();
    assert_eq!(hard.default, None);
    assert_eq!(page.rule(RuleId::T1).unwrap().mark, None);

    version.town = None;
    let page = explain(&version);
    assert!(page.rules.iter().flat_map(|r| &r.settings).all(|s| s.mark == BASELINE_SETTING));
}

// --- findings ---------------------------------------------------------------

#[test]
fn findings_are_counted_and_sorted() {
    let list = [
        Finding::passed(RuleId::T1, "甲").on("a"),
        Finding::warning(RuleId::T1, "乙").on("a"),
        Finding::blocking(RuleId::T1, "丙").on("b").mend("去改", "#b"),
        Finding::passed(RuleId::T2, "丁"),
        Finding::blocking(RuleId::T2, "戊"),
    ];
    assert!(list.is_blocked());
    assert_eq!(list.tally(), Tally { blocking: 2, warning: 1, passed: 2 });
    assert_eq!(list.tally().total(), 5);
    assert_eq!(list.tally().words(), "还差 2 项，1 项提醒，已满足 2 项");
    let order: Vec<String> = list.sorted().into_iter().map(|f| f.sentence).collect();
    assert_eq!(order, ["丙", "戊", "乙", "甲", "丁"]);
    assert_eq!(list.about("a").unwrap().level, Level::Warning);
    assert!(list.about("c").is_none());
    assert_eq!(list.of_level(Level::Passed).len(), 2);
    assert!(!list[..2].is_blocked());
}

// --- T1 ---------------------------------------------------------------------

fn good_topic() -> TopicFacts {
    TopicFacts {
        source_known: true,
        title: "镇东五区车位怎么划".to_owned(),
        place: "镇东五区".to_owned(),
        matter: "晚上没有地方停车。".to_owned(),
        reason: "改造方案正在定。".to_owned(),
        suggestion: "多划一些车位。".to_owned(),
        contact_name: "王一".to_owned(),
        contact_phone: "13800000000".to_owned(),
        proxy: false,
        one_matter: true,
        joint: false,
        joint_count: None,
        attachments: Attachments::default(),
        consent_privacy: true,
        open_by_same_contact: 0,
    }
}

#[test]
fn a_good_topic_passes_every_check() {
    let findings = one(Facts::T1(good_topic()));
    assert_eq!(open_fields(&findings), []);
    for field in [
        "source",
        "title",
        "place",
        "matter",
        "reason",
        "suggestion",
        "one_matter",
        "contact_name",
        "contact_phone",
        "consent_privacy",
    ] {
        assert!(findings.about(field).is_some(), "{field} is on the checklist");
    }
    assert!(findings.iter().all(|f| f.rule == RuleId::T1 && f.mend.is_none()));
}

#[test]
fn topics_are_refused_for_what_is_wrong() {
    use Level::{Blocking, Warning};
    const MB: u64 = 1024 * 1024;
    type Change = fn(&mut TopicFacts);
    type Case<'a> = (&'a str, Change, &'a [(Level, &'a str)]);
    let cases: &[Case<'_>] = &[
        ("no source", |t| t.source_known = false, &[(Blocking, "source")]),
        ("no title", |t| t.title.clear(), &[(Blocking, "title")]),
        ("3 characters", |t| t.title = "停车难".to_owned(), &[(Blocking, "title")]),
        ("4 characters", |t| t.title = "停车太难".to_owned(), &[]),
        ("4 rare characters", |t| t.title = "𠮷𠮷𠮷🚗".to_owned(), &[]),
        ("30 characters", |t| t.title = "停".repeat(30), &[]),
        ("30 rare characters", |t| t.title = "𠮷".repeat(30), &[]),
        ("31 characters", |t| t.title = "停".repeat(31), &[(Blocking, "title")]),
        ("title of two lines", |t| t.title = "停车\n停车难".to_owned(), &[(Blocking, "title")]),
        ("control in title", |t| t.title = "停车\u{0}停车难".to_owned(), &[(Blocking, "title")]),
        ("reversed title", |t| t.title = "停车\u{202E}停车难".to_owned(), &[(Blocking, "title")]),
        ("no place", |t| t.place = "\u{3000}".to_owned(), &[(Blocking, "place")]),
        ("no matter", |t| t.matter = "\u{200B}".to_owned(), &[(Blocking, "matter")]),
        ("1000 characters", |t| t.matter = "字".repeat(1000), &[]),
        ("1000 emoji", |t| t.matter = "🚗".repeat(1000), &[]),
        ("1001 characters", |t| t.matter = "字".repeat(1001), &[(Blocking, "matter")]),
        ("10,000-character word", |t| t.reason = "x".repeat(10_000), &[(Blocking, "reason")]),
        ("no reason", |t| t.reason.clear(), &[(Blocking, "reason")]),
        ("no suggestion", |t| t.suggestion.clear(), &[(Blocking, "suggestion")]),
        ("long place", |t| t.place = "字".repeat(1001), &[(Blocking, "place")]),
        ("two matters", |t| t.one_matter = false, &[(Blocking, "one_matter")]),
        ("no name", |t| t.contact_name.clear(), &[(Blocking, "contact_name")]),
        ("long name", |t| t.contact_name = "王".repeat(31), &[(Blocking, "contact_name")]),
        ("name of two lines", |t| t.contact_name = "王\n一".to_owned(), &[(Blocking, "contact_name")]),
        ("no phone", |t| t.contact_phone.clear(), &[(Blocking, "contact_phone")]),
        ("bad phone", |t| t.contact_phone = "12345".to_owned(), &[(Blocking, "contact_phone")]),
        ("landline", |t| t.contact_phone = "0512-63000000".to_owned(), &[]),
        (
            "proxy without phone",
            |t| {
                t.proxy = true;
                t.contact_phone.clear();
            },
            &[],
        ),
        (
            "proxy with bad phone",
            |t| {
                t.proxy = true;
                t.contact_phone = "1".to_owned();
            },
            &[(Blocking, "contact_phone")],
        ),
        ("joint without count", |t| t.joint = true, &[(Blocking, "joint_count")]),
        (
            "joint of one",
            |t| {
                t.joint = true;
                t.joint_count = Some(1);
            },
            &[(Blocking, "joint_count")],
        ),
        (
            "joint of two",
            |t| {
                t.joint = true;
                t.joint_count = Some(2);
            },
            &[],
        ),
        (
            "joint of 501",
            |t| {
                t.joint = true;
                t.joint_count = Some(501);
            },
            &[(Blocking, "joint_count")],
        ),
        ("count without joint", |t| t.joint_count = Some(1), &[]),
        ("10 files", |t| t.attachments = Attachments { count: 10, largest_bytes: 20 * MB, total_bytes: 60 * MB }, &[]),
        (
            "11 files",
            |t| t.attachments = Attachments { count: 11, largest_bytes: 1, total_bytes: 11 },
            &[(Blocking, "attachments")],
        ),
        (
            "large file",
            |t| t.attachments = Attachments { count: 1, largest_bytes: 20 * MB + 1, total_bytes: 20 * MB + 1 },
            &[(Blocking, "attachments")],
        ),
        (
            "large together",
            |t| t.attachments = Attachments { count: 4, largest_bytes: 20 * MB, total_bytes: 60 * MB + 1 },
            &[(Blocking, "attachments")],
        ),
        ("no consent", |t| t.consent_privacy = false, &[(Blocking, "consent_privacy")]),
        ("second topic", |t| t.open_by_same_contact = 1, &[]),
        ("third topic", |t| t.open_by_same_contact = 2, &[(Warning, "contact_phone")]),
    ];
    for (name, change, expected) in cases {
        let mut topic = good_topic();
        change(&mut topic);
        let findings = one(Facts::T1(topic));
        assert_eq!(open_fields(&findings), *expected, "{name}");
        for finding in findings.of_level(Blocking) {
            let mend = finding.mend.as_ref().expect(name);
            assert_eq!(mend.href, format!("#{}", finding.field.as_deref().unwrap()), "{name}");
        }
    }
}

#[test]
fn an_empty_form_names_everything_at_once() {
    let findings = one(Facts::T1(TopicFacts::default()));
    let fields: Vec<&str> = open_fields(&findings).into_iter().map(|(_, field)| field).collect();
    assert_eq!(
        fields,
        [
            "source",
            "title",
            "place",
            "matter",
            "reason",
            "suggestion",
            "one_matter",
            "contact_name",
            "contact_phone",
            "consent_privacy"
        ]
    );
}

#[test]
fn sentences_follow_the_rule_set_and_hide_what_was_typed() {
    let mut rules = RuleSet::default();
    rules.topic.title_max = 10;
    let mut topic = good_topic();
    topic.title = "把王家门口的东西搬走好不好呀".to_owned();
    topic.contact_phone = "1380000".to_owned();
    let findings = judge(&[Facts::T1(topic.clone())], &rules, now());
    let title = findings.about("title").unwrap();
    assert_eq!(title.sentence, "题目有 14 字，最多 10 字（本镇设定），请再精简一些。");
    for finding in &findings {
        for typed in [&topic.title, &topic.contact_phone, &topic.contact_name, &topic.matter] {
            assert!(!finding.sentence.contains(typed.as_str()), "{}", finding.sentence);
        }
    }
}

// --- T2 ---------------------------------------------------------------------

fn screening(decision: ScreeningDecision) -> ScreeningFacts {
    ScreeningFacts {
        decision: Some(decision),
        reason: "这件事大家都关心。".to_owned(),
        question: "请说明是哪几栋。".to_owned(),
        transfer_to: "镇司法所".to_owned(),
        exclusion: (decision == ScreeningDecision::Transfer).then_some(Exclusion::CivilDispute),
        target: Some(MergeTarget::Open),
        within_scope: Some(true),
        released: ReleasedText {
            title: "镇东五区车位怎么划".to_owned(),
            place: "镇东五区".to_owned(),
            matter: "晚上没有地方停车。".to_owned(),
            reason: String::new(),
            suggestion: String::new(),
        },
        due_on: Some(day(2026, 3, 4)),
    }
}

#[test]
fn every_good_decision_passes() {
    for &decision in ScreeningDecision::ALL {
        let findings = one(Facts::T2(screening(decision)));
        assert_eq!(open_fields(&findings), [], "{}", decision.code());
        assert!(findings.iter().all(|f| f.rule == RuleId::T2));
    }
}

#[test]
fn decisions_are_refused_for_what_is_wrong() {
    use Level::{Blocking, Warning};
    use ScreeningDecision::{Accept, Decline, Merge, Return, Transfer};
    type Change = fn(&mut ScreeningFacts);
    type Case<'a> = (&'a str, ScreeningDecision, Change, &'a [(Level, &'a str)]);
    let cases: &[Case<'_>] = &[
        ("no decision", Accept, |s| s.decision = None, &[(Blocking, "decision")]),
        ("accept, no reason", Accept, |s| s.reason.clear(), &[(Blocking, "reason")]),
        ("return, no reason", Return, |s| s.reason.clear(), &[(Blocking, "reason")]),
        ("transfer, no reason", Transfer, |s| s.reason.clear(), &[(Blocking, "reason")]),
        ("merge, no reason", Merge, |s| s.reason.clear(), &[(Blocking, "reason")]),
        ("decline, no reason", Decline, |s| s.reason = " ".to_owned(), &[(Blocking, "reason")]),
        ("long reason", Decline, |s| s.reason = "字".repeat(1001), &[(Blocking, "reason")]),
        ("identity number in reason", Decline, |s| s.reason = "320584198001011234".to_owned(), &[(Blocking, "reason")]),
        ("phone in reason", Return, |s| s.reason = "可拨打 0512-63000000".to_owned(), &[]),
        ("out of scope", Accept, |s| s.within_scope = Some(false), &[(Blocking, "within_scope")]),
        ("scope unanswered", Accept, |s| s.within_scope = None, &[(Blocking, "within_scope")]),
        ("accept of an excluded kind", Accept, |s| s.exclusion = Some(Exclusion::Petition), &[(Blocking, "exclusion")]),
        ("no released title", Accept, |s| s.released.title.clear(), &[(Blocking, "released_title")]),
        ("short released title", Accept, |s| s.released.title = "停车难".to_owned(), &[(Blocking, "released_title")]),
        ("no released matter", Accept, |s| s.released.matter.clear(), &[(Blocking, "released_matter")]),
        ("long released reason", Accept, |s| s.released.reason = "字".repeat(1001), &[(Blocking, "released_reason")]),
        (
            "phone in title",
            Accept,
            |s| s.released.title = "找13812345678停车".to_owned(),
            &[(Blocking, "released_title")],
        ),
        ("phone in place", Accept, |s| s.released.place = "138-1234-5678".to_owned(), &[(Blocking, "released_place")]),
        ("phone in matter", Accept, |s| s.released.matter.push_str("电话63991234"), &[(Blocking, "released_matter")]),
        (
            "phone in reason",
            Accept,
            |s| s.released.reason = "0512-63991234".to_owned(),
            &[(Blocking, "released_reason")],
        ),
        (
            "phone in suggestion",
            Accept,
            |s| s.released.suggestion = "１３８１２３４５６７８".to_owned(),
            &[(Blocking, "released_suggestion")],
        ),
        (
            "identity number",
            Accept,
            |s| s.released.matter = "32058419800101123X".to_owned(),
            &[(Blocking, "released_matter")],
        ),
        ("declines do not release", Decline, |s| s.released = ReleasedText::default(), &[]),
        ("no question", Return, |s| s.question.clear(), &[(Blocking, "question")]),
        ("no kind", Transfer, |s| s.exclusion = None, &[(Blocking, "exclusion")]),
        ("nowhere to", Transfer, |s| s.transfer_to.clear(), &[(Blocking, "transfer_to")]),
        ("long way to", Transfer, |s| s.transfer_to = "字".repeat(1001), &[(Blocking, "transfer_to")]),
        ("secret", Transfer, |s| s.exclusion = Some(Exclusion::Secret), &[(Warning, "reason")]),
        ("no target", Merge, |s| s.target = None, &[(Blocking, "target")]),
        ("unknown target", Merge, |s| s.target = Some(MergeTarget::Unknown), &[(Blocking, "target")]),
        ("itself", Merge, |s| s.target = Some(MergeTarget::Itself), &[(Blocking, "target")]),
        ("elsewhere", Merge, |s| s.target = Some(MergeTarget::Elsewhere), &[(Blocking, "target")]),
        ("ended target", Merge, |s| s.target = Some(MergeTarget::NotOpen), &[(Blocking, "target")]),
        (
            "decline of an excluded kind",
            Decline,
            |s| s.exclusion = Some(Exclusion::Personal),
            &[(Blocking, "exclusion")],
        ),
        ("late", Decline, |s| s.due_on = Some(day(2026, 3, 3)), &[(Warning, "")]),
        ("no clock", Decline, |s| s.due_on = None, &[]),
    ];
    for (name, decision, change, expected) in cases {
        let mut facts = screening(*decision);
        change(&mut facts);
        assert_eq!(open_fields(&one(Facts::T2(facts))), *expected, "{name}");
    }
}

// --- T3 ---------------------------------------------------------------------

fn answer(yes: bool) -> Answer {
    Answer { yes: Some(yes), sentence: "只涉及镇东五区。".to_owned() }
}

fn confirmation() -> ConfirmFacts {
    ConfirmFacts {
        moment: ConfirmMoment::Deciding,
        bases: vec![(TopicBasis::CentralTask, "老旧小区提质工程".to_owned())],
        legality: answer(true),
        legality_checker: "李二".to_owned(),
        one_place: answer(true),
        one_unit: answer(true),
        doable: answer(true),
        has_plan: true,
        plan_number: "3".to_owned(),
        proposer: Some(Uuid::from_u128(1)),
        preparer: Some(Uuid::from_u128(2)),
        approver: Some(Uuid::from_u128(3)),
        due_on: Some(day(2026, 3, 10)),
    }
}

#[test]
fn confirmations_are_refused_for_what_is_wrong() {
    use Level::{Blocking, Warning};
    type Change = fn(&mut ConfirmFacts);
    type Case<'a> = (&'a str, Change, &'a [(Level, &'a str)]);
    let hotspot = |cite: &str| (TopicBasis::LivelihoodHotspot, cite.to_owned());
    let cases: &[Case<'_>] = &[
        ("good", |_| {}, &[]),
        ("no basis", |c| c.bases.clear(), &[(Blocking, "basis_central")]),
        (
            "basis without citation",
            |c| c.bases[0].1.clear(),
            &[(Blocking, "basis_central_cite"), (Blocking, "basis_central")],
        ),
        (
            "long citation",
            |c| c.bases[0].1 = "字".repeat(1001),
            &[(Blocking, "basis_central_cite"), (Blocking, "basis_central")],
        ),
        ("legality open", |c| c.legality.yes = None, &[(Blocking, "legality")]),
        ("unlawful", |c| c.legality.yes = Some(false), &[(Blocking, "legality")]),
        ("no checker", |c| c.legality_checker.clear(), &[(Blocking, "legality_checker")]),
        ("no ground", |c| c.legality.sentence.clear(), &[(Blocking, "legality_sentence")]),
        ("place open", |c| c.one_place.yes = None, &[(Blocking, "one_place")]),
        ("many places", |c| c.one_place.yes = Some(false), &[(Warning, "one_place")]),
        ("place without ground", |c| c.one_place.sentence.clear(), &[(Blocking, "one_place_sentence")]),
        ("unit open", |c| c.one_unit.yes = None, &[(Blocking, "one_unit")]),
        ("many units", |c| c.one_unit.yes = Some(false), &[(Warning, "one_unit")]),
        ("unit without ground", |c| c.one_unit.sentence.clear(), &[(Blocking, "one_unit_sentence")]),
        ("doable open", |c| c.doable.yes = None, &[(Blocking, "doable")]),
        ("not doable", |c| c.doable.yes = Some(false), &[(Warning, "doable")]),
        ("doable without ground", |c| c.doable.sentence.clear(), &[(Blocking, "doable_sentence")]),
        ("no plan number", |c| c.plan_number.clear(), &[(Blocking, "plan_number")]),
        (
            "no plan",
            |c| {
                c.has_plan = false;
                c.plan_number.clear();
            },
            &[],
        ),
        ("nobody decides", |c| c.approver = None, &[(Blocking, "approver")]),
        ("proposer decides", |c| c.approver = c.proposer, &[(Blocking, "approver")]),
        ("preparer decides", |c| c.approver = c.preparer, &[(Blocking, "approver")]),
        (
            "one person does all",
            |c| {
                c.approver = c.preparer;
                c.proposer = c.preparer;
            },
            &[(Blocking, "approver"), (Blocking, "approver")],
        ),
        ("nobody prepared", |c| c.preparer = None, &[(Blocking, "approver")]),
        ("resident without account", |c| c.proposer = None, &[]),
        ("late", |c| c.due_on = Some(day(2026, 3, 3)), &[(Warning, "")]),
        (
            "preparing",
            |c| {
                c.moment = ConfirmMoment::Preparing;
                c.approver = None;
            },
            &[(Warning, "approver")],
        ),
    ];
    for (name, change, expected) in cases {
        let mut facts = confirmation();
        change(&mut facts);
        assert_eq!(open_fields(&one(Facts::T3(facts))), *expected, "{name}");
    }

    // A hotspot alone is as good as a central task.
    let mut facts = confirmation();
    facts.bases = vec![hotspot("12345 上月 40 件")];
    assert_eq!(open_fields(&one(Facts::T3(facts))), []);
}

#[test]
fn both_bases_can_be_demanded() {
    let judge_with = |bases: Vec<(TopicBasis, String)>, change: fn(&mut RuleSet)| {
        let mut rules = RuleSet::default();
        change(&mut rules);
        let mut facts = confirmation();
        facts.bases = bases;
        let findings = judge(&[Facts::T3(facts)], &rules, now());
        findings.of_level(Level::Blocking).iter().map(|f| f.field.clone().unwrap()).collect::<Vec<_>>()
    };
    let central = || (TopicBasis::CentralTask, "甲".to_owned());
    let hotspot = || (TopicBasis::LivelihoodHotspot, "乙".to_owned());
    let both: fn(&mut RuleSet) = |r| r.topic.basis_rule = BasisRule::Both;
    let two: fn(&mut RuleSet) = |r| r.topic.basis_min = 2;

    assert_eq!(judge_with(vec![central()], both), ["basis_hotspot"]);
    assert_eq!(judge_with(vec![hotspot()], both), ["basis_central"]);
    assert_eq!(judge_with(vec![], both), ["basis_central", "basis_hotspot"]);
    assert!(judge_with(vec![central(), hotspot()], both).is_empty());
    assert_eq!(judge_with(vec![central()], two), ["basis_central"]);
    assert_eq!(judge_with(vec![central(), central()], two), ["basis_central"], "one kind twice is one");
    assert!(judge_with(vec![hotspot(), central()], two).is_empty());
}

#[test]
fn the_measure_of_doable_is_the_towns() {
    let mut rules = RuleSet::default();
    rules.after.reply_max_days = 120;
    let mut facts = confirmation();
    facts.doable.yes = Some(false);
    let findings = judge(&[Facts::T3(facts)], &rules, now());
    assert!(findings.about("doable").unwrap().sentence.starts_with("120 天内"));
}

#[test]
fn several_rules_are_judged_in_order() {
    let facts = [Facts::T1(good_topic()), Facts::T3(confirmation())];
    assert_eq!(facts[0].rule(), RuleId::T1);
    let findings = judge(&facts, &RuleSet::default(), now());
    let split = findings.iter().position(|f| f.rule == RuleId::T3).unwrap();
    assert!(split > 0 && findings[split..].iter().all(|f| f.rule == RuleId::T3));
    assert!(judge(&[], &RuleSet::default(), now()).is_empty());
}

// --- workdays ---------------------------------------------------------------

#[test]
fn the_published_year_is_as_published() {
    let calendar = Calendar::builtin();
    let off = [
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 15),
        (2, 19),
        (2, 23),
        (4, 4),
        (4, 6),
        (5, 1),
        (5, 5),
        (6, 19),
        (6, 21),
        (9, 25),
        (9, 27),
        (10, 1),
        (10, 7),
        (1, 10),
    ];
    for (month, date) in off {
        assert!(!calendar.is_workday(day(2026, month, date)), "{month}-{date}");
    }
    let work = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10), (2, 24), (4, 7), (5, 6), (10, 8), (3, 4)];
    for (month, date) in work {
        assert!(calendar.is_workday(day(2026, month, date)), "{month}-{date}");
    }
    // 365 days, 104 of them Saturdays or Sundays; of the days off 19 fall on
    // weekdays, and 6 weekend days are worked.
    let all = calendar.workdays_between(day(2025, 12, 31), day(2026, 12, 31));
    let weekday_off = calendar
        .days()
        .filter(|d| d.date.year() == 2026 && d.kind == DayKind::Off && d.date.weekday().num_days_from_monday() < 5)
        .count();
    assert_eq!(weekday_off, 19);
    assert_eq!(all, 365 - 104 - 19 + 6);
}

#[test]
fn the_next_year_is_marked_provisional() {
    let calendar = Calendar::builtin();
    assert!(calendar.is_published(2026));
    assert!(!calendar.is_published(2027));
    assert!(!calendar.is_published(2028), "nothing is known of it");
    for day in calendar.days() {
        assert_eq!(day.provisional, day.date.year() == 2027, "{}", day.date);
    }
    // 13 statutory days and one in exchange for each on a weekend.
    let statutory = calendar.days().filter(|d| d.provisional).count();
    let exchanged = calendar.days().filter(|d| d.provisional && d.date.weekday().num_days_from_monday() >= 5).count();
    assert_eq!(statutory - exchanged, 13, "thirteen weekdays off in law");
    assert!(!calendar.is_workday(day(2027, 2, 8)) && calendar.is_workday(day(2027, 2, 11)));
}

#[test]
fn workdays_are_counted_from_the_next_day() {
    let calendar = Calendar::builtin();
    let cases = [
        // Wednesday: five workdays on is the next Wednesday.
        (day(2026, 3, 4), 5, day(2026, 3, 11)),
        (day(2026, 3, 4), 1, day(2026, 3, 5)),
        (day(2026, 3, 4), 0, day(2026, 3, 4)),
        // Friday and Saturday both lead to Monday.
        (day(2026, 3, 6), 1, day(2026, 3, 9)),
        (day(2026, 3, 7), 1, day(2026, 3, 9)),
        // Over the Spring Festival: the worked Saturday counts, the week not.
        (day(2026, 2, 13), 1, day(2026, 2, 14)),
        (day(2026, 2, 13), 2, day(2026, 2, 24)),
        (day(2026, 2, 24), 4, day(2026, 2, 28)),
        // Over the National Day.
        (day(2026, 9, 30), 3, day(2026, 10, 10)),
    ];
    for (start, n, due) in cases {
        assert_eq!(calendar.add_workdays(start, n), due, "{start} + {n}");
        assert_eq!(calendar.workdays_between(start, due), i64::from(n));
    }
    assert_eq!(calendar.workdays_between(day(2026, 3, 11), day(2026, 3, 4)), -5);
    assert_eq!(calendar.add_workdays(NaiveDate::MAX, 3), NaiveDate::MAX);
}

#[test]
fn days_are_days_in_shanghai() {
    let at = |h, m, s| Utc.with_ymd_and_hms(2026, 3, 4, h, m, s).unwrap();
    assert_eq!(local_date(at(15, 59, 59)), day(2026, 3, 4));
    assert_eq!(local_date(at(16, 0, 0)), day(2026, 3, 5));
    assert_eq!(end_of_local_day(day(2026, 3, 4)), at(15, 59, 59));
    assert_eq!(plain_date(day(2026, 3, 4)), "3月4日");
}

#[test]
fn due_states_are_plain_words_in_one_unit() {
    use DueLevel::{Calm, Late, Soon};
    use DueUnit::{Days, Workdays};
    let calendar = Calendar::builtin();
    // Friday 27 February, before a worked Saturday.
    let today = day(2026, 2, 27);
    let cases = [
        (day(2026, 3, 5), Workdays, 3, Calm, 5, "剩 5 个工作日"),
        (day(2026, 3, 5), Workdays, 5, Soon, 5, "剩 5 个工作日"),
        (day(2026, 3, 5), Days, 3, Calm, 6, "剩 6 天"),
        (day(2026, 3, 1), Days, 3, Soon, 2, "剩 2 天"),
        (today, Workdays, 0, Soon, 0, "今天到期"),
        (today, Days, 0, Soon, 0, "今天到期"),
        (day(2026, 2, 26), Workdays, 3, Late, -1, "超期 1 个工作日"),
        (day(2026, 2, 12), Workdays, 3, Late, -6, "超期 6 个工作日"),
        (day(2026, 2, 12), Days, 3, Late, -15, "超期 15 天"),
    ];
    for (due, unit, reminder, level, left, words) in cases {
        let state = calendar.due_state(noon(today), due, unit, reminder);
        assert_eq!(state, DueState { level, left, words: words.to_owned() }, "{due} {unit:?}");
    }
    // Due on Friday, seen on Saturday: over, though no workday has passed.
    let state = calendar.due_state(noon(day(2026, 3, 7)), day(2026, 3, 6), Workdays, 1);
    assert_eq!((state.level, state.words.as_str()), (Late, "超期不足 1 个工作日"));
    // The last second of the due day is in time, the next is not.
    let due = day(2026, 3, 6);
    let end = end_of_local_day(due);
    assert_eq!(calendar.due_state(end, due, Days, 0).level, Soon);
    assert_eq!(calendar.due_state(end + chrono::Duration::seconds(1), due, Days, 0).level, Late);
}

/// Any day of the years around the calendar's.
fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0..1400_i64).prop_map(|n| day(2025, 6, 1) + chrono::Duration::days(n))
}

/// A calendar with arbitrary exceptions, so that no property rests on the
/// published one.
fn any_calendar() -> impl Strategy<Value = Calendar> {
    prop_oneof![
        Just(Calendar::builtin()),
        prop::collection::vec((any_day(), any::<bool>()), 0..60).prop_map(|days| {
            days.into_iter()
                .map(|(date, off)| CalendarDay {
                    date,
                    kind: if off { DayKind::Off } else { DayKind::Workday },
                    name: "试".to_owned(),
                    provisional: false,
                })
                .collect()
        }),
    ]
}

proptest! {
    #[test]
    fn adding_then_counting_gives_the_same(calendar in any_calendar(), start in any_day(), n in 0..200_u32) {
        let due = calendar.add_workdays(start, n);
        prop_assert_eq!(calendar.workdays_between(start, due), i64::from(n));
        prop_assert_eq!(calendar.workdays_between(due, start), -i64::from(n));
    }

    #[test]
    fn a_due_day_is_a_workday(calendar in any_calendar(), start in any_day(), n in 1..200_u32) {
        let due = calendar.add_workdays(start, n);
        prop_assert!(calendar.is_workday(due));
        prop_assert!(due > start);
    }

    #[test]
    fn later_starts_and_more_days_end_no_earlier(
        calendar in any_calendar(), a in any_day(), b in any_day(), n in 0..100_u32, m in 0..100_u32,
    ) {
        let (a, b) = (a.min(b), a.max(b));
        prop_assert!(calendar.add_workdays(a, n) <= calendar.add_workdays(b, n));
        let (n, m) = (n.min(m), n.max(m));
        prop_assert!(calendar.add_workdays(a, n) <= calendar.add_workdays(a, m));
        prop_assert_eq!(n < m, calendar.add_workdays(a, n) < calendar.add_workdays(a, m));
    }

    #[test]
    fn counting_adds_up(calendar in any_calendar(), a in any_day(), b in any_day(), c in any_day()) {
        let sum = calendar.workdays_between(a, b) + calendar.workdays_between(b, c);
        prop_assert_eq!(sum, calendar.workdays_between(a, c));
    }

    #[test]
    fn a_changed_calendar_leaves_as_many_workdays(
        old in any_calendar(), new in any_calendar(), on in any_day(), n in 1..100_u32,
    ) {
        let last = old.add_workdays(on, n);
        prop_assert_eq!(new.workdays_between(on, new.carry_over(&old, on, last)), i64::from(n));
        prop_assert_eq!(old.carry_over(&old, on, last), last);
        prop_assert_eq!(new.carry_over(&old, last, last), last);
        // What differs, put back, is the calendar that was.
        let back = new.with(&old.differs_from(&new).iter().map(|(day, _)| (*day, old.day(*day).map(|d| d.kind))).collect::<Vec<_>>());
        prop_assert!(old.differs_from(&back).is_empty());
    }

    #[test]
    fn the_end_of_a_day_is_on_that_day(date in any_day()) {
        prop_assert_eq!(local_date(end_of_local_day(date)), date);
        prop_assert_eq!(local_date(end_of_local_day(date) + chrono::Duration::seconds(1)), date.succ_opt().unwrap());
    }

    #[test]
    fn due_words_never_mix_units(calendar in any_calendar(), today in any_day(), due in any_day(), workdays: bool, reminder in 0..10_u32) {
        let unit = if workdays { DueUnit::Workdays } else { DueUnit::Days };
        let state = calendar.due_state(noon(today), due, unit, reminder);
        prop_assert_eq!(state.level == DueLevel::Late, due < today);
        if due != today {
            prop_assert!(state.words.ends_with(unit.word()), "{}", state.words);
            prop_assert_eq!(state.words.contains('工'), workdays);
        }
    }
}

// --- composition ------------------------------------------------------------

fn seats(parts: &[(Category, u32, u32)]) -> Composition {
    let people = parts.iter().flat_map(|(category, men, women)| {
        (0..men + women).map(|nth| Seat { category: *category, woman: nth >= *men })
    });
    Composition { people: people.collect(), open: Vec::new() }
}

/// Thirteen people as in the picture: 3 members, 5 of the public, 4 of departments, one expert; four women.
fn thirteen() -> Composition {
    seats(&[
        (Category::Member, 2, 1),
        (Category::Stakeholder, 3, 1),
        (Category::Public, 0, 1),
        (Category::Department, 3, 1),
        (Category::Expert, 1, 0),
    ])
}

fn line(list: &Composition, key: &str) -> Line {
    composition(list, &RuleSet::default()).into_iter().find(|line| line.key == key).unwrap()
}

#[test]
fn the_meter_counts_as_the_handbook_does() {
    let list = thirteen();
    let cases = [
        ("composition.participants_min", "13，至少 8 人", "够", Level::Passed),
        ("composition.categories_min", "4，至少 4 类", "够", Level::Passed),
        ("composition.members_min", "3，至少 2 人", "够", Level::Passed),
        ("composition.stakeholder_min", "4，至少 2 人", "够", Level::Passed),
        ("composition.department_min", "4，至少 1 人", "够", Level::Passed),
        ("composition.public_share_hard", "5/13 = 38%，至少 34%", "够", Level::Passed),
        ("composition.public_share_warn", "5/13 = 38%，宜达到 50%", "差 3 人", Level::Warning),
        ("composition.official_share_max_warn", "4/13 = 31%，宜不超过 40%", "合适", Level::Passed),
        ("composition.women_share_warn", "4/13 = 31%，宜达到 33%", "差 1 人", Level::Warning),
    ];
    for (key, shown, word, level) in cases {
        let line = line(&list, key);
        assert_eq!((line.shown.as_str(), line.word.as_str(), line.level), (shown, word, level), "{key}");
    }
}

#[test]
fn every_number_of_composition_has_its_line() {
    let keys: Vec<&str> = composition(&thirteen(), &RuleSet::default()).iter().map(|line| line.key).collect();
    for meta in settings_catalogue().iter().filter(|meta| meta.section == "composition") {
        assert!(meta.key == "composition.open_seat_credit" || keys.contains(&meta.key), "{}", meta.key);
    }
}

#[test]
fn a_share_that_fails_never_reads_like_its_limit() {
    // 33.67 per cent of 98 people, under 34.
    let list = seats(&[(Category::Stakeholder, 33, 0), (Category::Member, 65, 0)]);
    assert_eq!(line(&list, "composition.public_share_hard").shown, "33/98 = 33.7%，至少 34%");
}

#[test]
fn nobody_on_the_list_is_not_enough() {
    let findings = judged(&composition(&Composition::default(), &RuleSet::default()), false);
    assert!(findings.is_blocked());
    assert!(findings.iter().any(|f| f.sentence.contains("还没有人")), "{findings:?}");
    assert!(findings.iter().all(|f| f.rule == RuleId::T6));
}

#[test]
fn an_exception_passes_a_share_and_no_number() {
    let rules = RuleSet::default();
    // Public 2 of 8: under the hard share, all numbers met.
    let few = seats(&[
        (Category::Member, 2, 2),
        (Category::Stakeholder, 1, 1),
        (Category::Department, 1, 0),
        (Category::Expert, 0, 1),
    ]);
    let lines = composition(&few, &rules);
    let shares = |excepted| {
        let findings = judged(&lines, excepted);
        (findings.is_blocked(), findings.into_iter().find(|f| f.sentence.starts_with("群众比例")).unwrap())
    };
    let (blocked, finding) = shares(false);
    assert!(blocked && finding.level == Level::Blocking);
    assert_eq!(finding.mend.unwrap().href, "people");
    let (blocked, finding) = shares(true);
    assert!(!blocked && finding.level == Level::Warning && finding.sentence.contains("例外"), "{finding:?}");

    let fewer = seats(&[(Category::Member, 1, 1), (Category::Stakeholder, 1, 1), (Category::Expert, 0, 1)]);
    assert!(judged(&composition(&fewer, &rules), true).is_blocked());
}

#[test]
fn an_open_seat_counts_for_its_category_up_to_the_credit() {
    let mut list = thirteen();
    list.open = vec![(Category::Public, 2), (Category::Public, 3)];
    assert_eq!(line(&list, "composition.public_share_hard").shown, "5/13 = 38%，至少 34%");
    let mut rules = RuleSet::default();
    rules.composition.open_seat_credit = 3;
    let lines = composition(&list, &rules);
    let of = |key: &str| lines.iter().find(|line| line.key == key).unwrap();
    assert_eq!(of("composition.public_share_hard").shown, "8/16 = 50%，至少 34%");
    // Nobody knows whether a woman takes it.
    assert_eq!(of("composition.women_share_warn").of, 13);
}

#[test]
fn the_smallest_help_is_said_in_one_sentence() {
    let rules = RuleSet::default();
    let cases = [
        (thirteen(), "再请 3 位群众代表或利益相关方（其中女性至少 2 位），各项提醒就都没有了。"),
        (
            seats(&[
                (Category::Member, 1, 1),
                (Category::Stakeholder, 1, 0),
                (Category::Public, 2, 2),
                (Category::Department, 0, 1),
                (Category::Expert, 0, 1),
            ]),
            "再请 1 位利益相关方，人数和比例就够了。",
        ),
        (
            seats(&[(Category::Member, 1, 1), (Category::Stakeholder, 2, 2), (Category::Department, 1, 1)]),
            "再请 1 位还没有请到的类别（专家、企业和社会组织、村（社区）任选），人数和比例就够了。",
        ),
    ];
    for (list, sentence) in cases {
        assert_eq!(smallest_help(&list, &rules).as_deref(), Some(sentence));
    }
    let enough = seats(&[
        (Category::Member, 1, 1),
        (Category::Stakeholder, 2, 3),
        (Category::Department, 1, 0),
        (Category::Expert, 0, 1),
    ]);
    assert_eq!(smallest_help(&enough, &rules), None);
}

fn any_list() -> impl Strategy<Value = Composition> {
    let seat =
        (prop::sample::select(Category::ALL), any::<bool>()).prop_map(|(category, woman)| Seat { category, woman });
    let open = (prop::sample::select(Category::ALL), 0..9_u32);
    (prop::collection::vec(seat, 0..25), prop::collection::vec(open, 0..4))
        .prop_map(|(people, open)| Composition { people, open })
}

proptest! {
    #[test]
    fn one_more_of_the_public_never_makes_its_share_worse(mut list in any_list(), concerned in any::<bool>()) {
        let keys = ["composition.public_share_hard", "composition.public_share_warn", "composition.official_share_max_warn"];
        let before = keys.map(|key| line(&list, key).level);
        let category = if concerned { Category::Stakeholder } else { Category::Public };
        list.people.push(Seat { category, woman: false });
        for (key, before) in keys.into_iter().zip(before) {
            prop_assert!(line(&list, key).level >= before, "{key}");
        }
    }

    #[test]
    fn one_more_person_never_makes_a_number_worse(
        mut list in any_list(), category in prop::sample::select(Category::ALL), woman in any::<bool>(),
    ) {
        let before = composition(&list, &RuleSet::default());
        list.people.push(Seat { category, woman });
        for (before, after) in before.into_iter().zip(composition(&list, &RuleSet::default())) {
            prop_assert!(before.share || after.level >= before.level, "{}", after.key);
        }
    }

    #[test]
    fn the_order_of_the_list_is_no_matter(list in any_list()) {
        let mut turned = list.clone();
        turned.people.reverse();
        turned.open.reverse();
        prop_assert_eq!(composition(&list, &RuleSet::default()), composition(&turned, &RuleSet::default()));
    }

    #[test]
    fn a_list_that_stands_firm_needs_no_help_and_help_is_offered_else(list in any_list()) {
        let rules = RuleSet::default();
        let lines = composition(&list, &rules);
        let open = lines.iter().any(|line| line.level != Level::Passed);
        prop_assert_eq!(smallest_help(&list, &rules).is_some(), open);
        // An exception changes nothing but the hard share.
        let (strict, lenient) = (judged(&lines, false), judged(&lines, true));
        prop_assert_eq!(strict.len(), lenient.len());
        for (a, b) in strict.iter().zip(&lenient) {
            prop_assert!(a.level == b.level || (a.level == Level::Blocking && a.sentence.starts_with("群众比例")));
        }
    }
}

// ---- T4 and T5 -------------------------------------------------------------------------------------------------------

fn about_research(facts: Facts, rules: &RuleSet) -> Vec<(Level, String)> {
    judge(&[facts], rules, now()).into_iter().map(|f| (f.level, f.field.unwrap_or_default())).collect()
}

#[test]
fn t4_needs_a_lead_of_the_town_and_a_day_to_come() {
    let today = super::local_date(now());
    let usual = today.checked_add_days(chrono::Days::new(14));
    let good = LeadFacts { chosen: true, entitled: true, due_on: usual, usual, reason: None, name_by: Some(today) };
    let cases: [(LeadFacts, Level, &str); 8] = [
        (good.clone(), Level::Passed, "lead"),
        (LeadFacts { chosen: false, entitled: false, ..good.clone() }, Level::Blocking, "lead"),
        (LeadFacts { entitled: false, ..good.clone() }, Level::Blocking, "lead"),
        (LeadFacts { due_on: None, ..good.clone() }, Level::Blocking, "due_on"),
        (LeadFacts { due_on: today.pred_opt(), ..good.clone() }, Level::Blocking, "due_on"),
        (LeadFacts { due_on: Some(today), ..good.clone() }, Level::Passed, "due_on"),
        (LeadFacts { due_on: usual.and_then(|d| d.succ_opt()), ..good.clone() }, Level::Warning, "due_on"),
        (LeadFacts { reason: Some(" ".to_owned()), ..good.clone() }, Level::Blocking, "reason"),
    ];
    for (facts, level, field) in cases {
        let found = about_research(Facts::T4(facts.clone()), &RuleSet::default());
        assert!(found.contains(&(level, field.to_owned())), "{facts:?}: {found:?}");
        let blocked = found.iter().filter(|(l, _)| *l == Level::Blocking).count();
        assert_eq!(blocked, usize::from(level == Level::Blocking), "{facts:?}: {found:?}");
    }
    let late = LeadFacts { name_by: today.pred_opt(), ..good };
    assert!(about_research(Facts::T4(late), &RuleSet::default()).iter().any(|(l, _)| *l == Level::Warning));
}

#[test]
fn t5_counts_what_is_on_record() {
    let visit = VisitFacts { located: true, heard: 3, affected: 1, members: 1, said: true };
    let good = ResearchFacts {
        reports: 1,
        methods: "走访".to_owned(),
        dates: "3月9日".to_owned(),
        places: "镇东".to_owned(),
        findings: "停满".to_owned(),
        issues: "没处停".to_owned(),
        visits: vec![visit],
        due_on: None,
    };
    let none = String::new;
    let with = |visits: Vec<VisitFacts>| ResearchFacts { visits, ..good.clone() };
    let cases: [(ResearchFacts, &[&str]); 13] = [
        (good.clone(), &[]),
        (ResearchFacts { reports: 0, ..good.clone() }, &["report"]),
        (ResearchFacts { methods: none(), ..good.clone() }, &["methods"]),
        (ResearchFacts { dates: none(), ..good.clone() }, &["dates"]),
        (ResearchFacts { places: none(), ..good.clone() }, &["places"]),
        (ResearchFacts { findings: none(), ..good.clone() }, &["findings"]),
        (ResearchFacts { issues: " \n".to_owned(), ..good.clone() }, &["issues"]),
        (with(vec![]), &["visits", "visits", "visits"]),
        (with(vec![VisitFacts { located: false, ..visit }]), &["visits"]),
        (with(vec![VisitFacts { said: false, ..visit }]), &["visits"]),
        (with(vec![VisitFacts { members: 0, ..visit }]), &["visits"]),
        (with(vec![VisitFacts { affected: 0, ..visit }]), &["visits"]),
        // What one visit lacks another has.
        (with(vec![VisitFacts { members: 0, ..visit }, VisitFacts { affected: 0, said: false, ..visit }]), &[]),
    ];
    for (facts, fields) in cases {
        let found = about_research(Facts::T5(facts.clone()), &RuleSet::default());
        let blocked: Vec<&str> = found.iter().filter(|(l, _)| *l == Level::Blocking).map(|(_, f)| f.as_str()).collect();
        assert_eq!(blocked, fields, "{facts:?}");
    }
    let mut strict = RuleSet::default();
    (strict.research.min_reports, strict.research.min_members, strict.research.min_affected) = (2, 2, 2);
    let found = about_research(Facts::T5(good.clone()), &strict);
    assert_eq!(found.iter().filter(|(l, _)| *l == Level::Blocking).count(), 3, "{found:?}");
    let twice = ResearchFacts { reports: 2, visits: vec![visit, visit], ..good };
    assert!(about_research(Facts::T5(twice), &strict).iter().all(|(l, _)| *l == Level::Passed));
    assert_eq!(ResearchFacts::count_reports(&["", " "], 0), 0);
    assert_eq!(ResearchFacts::count_reports(&["写了"], 1), 2);
}

#[test]
fn an_arrangement_is_read_line_by_line() {
    use super::read_days;
    let days = read_days("# 2027 年\n2027-02-06 休 春节\n\n2027-02-20 班 春节 调休 # 周六\n").unwrap();
    assert_eq!(days.len(), 2);
    assert_eq!((days[1].date, days[1].kind, days[1].name.as_str()), (day(2027, 2, 20), DayKind::Workday, "春节 调休"));
    for (text, wrong) in [
        ("", 1),
        ("2027-02-30 休 春节", 1),
        ("2027-02-06 休", 1),
        ("2027-02-06 off 春节\n2027-02-07 休 春节\n2027/02/08 休 春节", 2),
        ("2027-02-06 休 春节\n2027-02-06 班 春节", 1),
    ] {
        assert_eq!(read_days(text).unwrap_err().len(), wrong, "{text}");
    }
}
