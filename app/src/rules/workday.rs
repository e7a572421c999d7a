//! Days off, workdays, and what is due when.
//!
//! Two units of time occur and are never mixed: workdays (by the calendar
//! below) and calendar days. Days are days in Shanghai, which has had no
//! summer time since 1992, so a fixed offset is exact.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeZone, Timelike, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// The zone in which all days are counted.
pub const SHANGHAI: FixedOffset = match FixedOffset::east_opt(8 * 3600) {
    Some(zone) => zone,
    None => panic!("eight hours are less than a day"),
};

/// The last second of a day.
const LAST_SECOND: NaiveTime = match NaiveTime::from_hms_opt(23, 59, 59) {
    Some(time) => time,
    None => panic!("23:59:59 exists"),
};

/// The day in Shanghai at an instant.
#[must_use]
pub fn local_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&SHANGHAI).date_naive()
}

/// The last second of a day in Shanghai. [`local_date`] of it is the day
/// again, so either may be stored. To judge lateness compare days, as
/// [`Calendar::due_state`] does, not instants.
#[must_use]
pub fn end_of_local_day(day: NaiveDate) -> DateTime<Utc> {
    let naive = day.and_time(LAST_SECOND);
    // A fixed offset maps every local time to exactly one instant.
    SHANGHAI.from_local_datetime(&naive).single().map_or_else(|| naive.and_utc(), |at| at.with_timezone(&Utc))
}

/// A day in Chinese without the year: 「3月4日」.
#[must_use]
pub fn plain_date(day: NaiveDate) -> String {
    format!("{}月{}日", day.month(), day.day())
}

/// A day as people say it; with its year where that is not this one.
#[must_use]
pub fn day(day: NaiveDate, today: NaiveDate) -> String {
    if day.year() == today.year() { plain_date(day) } else { full_date(day) }
}

/// A day with its year: 「2026年11月18日」.
#[must_use]
pub fn full_date(day: NaiveDate) -> String {
    format!("{}年{}", day.year(), plain_date(day))
}

/// 「周三」.
#[must_use]
pub fn weekday(day: NaiveDate) -> &'static str {
    match day.weekday() {
        Weekday::Mon => "周一",
        Weekday::Tue => "周二",
        Weekday::Wed => "周三",
        Weekday::Thu => "周四",
        Weekday::Fri => "周五",
        Weekday::Sat => "周六",
        Weekday::Sun => "周日",
    }
}

/// The time of day in Shanghai: 「14:00」.
#[must_use]
pub fn clock_time(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&SHANGHAI);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// A time with its day: 「11月25日（周三）14:00」.
#[must_use]
pub fn day_and_time(at: DateTime<Utc>) -> String {
    let day = local_date(at);
    format!("{}（{}）{}", plain_date(day), weekday(day), clock_time(at))
}

coded_enum! {
    /// What an exceptional day is.
    pub enum DayKind {
        /// Nobody works: a holiday, or a day off in exchange.
        Off = "off" "休",
        /// A Saturday or Sunday that is worked in exchange (调休).
        Workday = "workday" "班",
    }
}

/// A day that differs from the plain week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    /// The day.
    pub date: NaiveDate,
    /// What it is.
    pub kind: DayKind,
    /// The holiday it belongs to, such as 春节.
    pub name: String,
    /// Whether the year's arrangement was not published when this was entered.
    pub provisional: bool,
}

coded_enum! {
    /// In which unit a due day is counted.
    pub enum DueUnit {
        /// Workdays.
        Workdays = "workdays" "个工作日",
        /// Calendar days.
        Days = "days" "天",
    }
}

coded_enum! {
    /// How near a due day is.
    pub enum DueLevel {
        /// There is time.
        Calm = "calm" "期限内",
        /// Within the reminder, or due today.
        Soon = "soon" "快到期",
        /// The due day is over.
        Late = "late" "已超期",
    }
}

/// Where a due day stands at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueState {
    /// How near it is.
    pub level: DueLevel,
    /// What is left, in the unit it was asked for; negative when over.
    pub left: i64,
    /// Plain words: 「剩 4 个工作日」「今天到期」「超期 6 个工作日」.
    pub words: String,
}

/// The exceptional days of all years known. Days that it does not name follow
/// the plain week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    days: BTreeMap<NaiveDate, CalendarDay>,
}

impl FromIterator<CalendarDay> for Calendar {
    /// Of two entries for one day the later wins.
    fn from_iter<I: IntoIterator<Item = CalendarDay>>(days: I) -> Self {
        Self { days: days.into_iter().map(|day| (day.date, day)).collect() }
    }
}

impl Calendar {
    /// The calendar of 2026 as the State Council published it on 4 November
    /// 2025, and of 2027 as the law gives it: the statutory days and, for
    /// those on a weekend, the next workdays in exchange. The second is
    /// provisional.
    #[must_use]
    pub fn builtin() -> Self {
        Self::builtin_days().into_iter().collect()
    }

    /// The entries of [`Calendar::builtin`], to fill a table with.
    #[must_use]
    pub fn builtin_days() -> Vec<CalendarDay> {
        BUILTIN
            .iter()
            .flat_map(|span| {
                span.from.iter_days().take_while(|day| *day <= span.to).map(|date| CalendarDay {
                    date,
                    kind: span.kind,
                    name: span.name.to_owned(),
                    provisional: span.provisional,
                })
            })
            .collect()
    }

    /// The exceptional days in order.
    pub fn days(&self) -> impl Iterator<Item = &CalendarDay> {
        self.days.values()
    }

    /// What is special about a day; `None` for a day of the plain week.
    #[must_use]
    pub fn day(&self, date: NaiveDate) -> Option<&CalendarDay> {
        self.days.get(&date)
    }

    /// Whether people work on a day.
    #[must_use]
    pub fn is_workday(&self, date: NaiveDate) -> bool {
        match self.days.get(&date) {
            Some(day) => day.kind == DayKind::Workday,
            None => !matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// Whether the arrangement of a year was published. Dates counted into
    /// another year may move when it is.
    #[must_use]
    pub fn is_published(&self, year: i32) -> bool {
        let mut known = false;
        for day in self.days.values().filter(|day| day.date.year() == year) {
            if day.provisional {
                return false;
            }
            known = true;
        }
        known
    }

    /// The `n`th workday after `start`; `start` itself is not counted and may
    /// be any day. With `n` 0 it is `start`.
    #[must_use]
    pub fn add_workdays(&self, start: NaiveDate, n: u32) -> NaiveDate {
        let mut date = start;
        let mut left = n;
        while left > 0 {
            let Some(next) = date.succ_opt() else {
                break;
            };
            date = next;
            if self.is_workday(date) {
                left -= 1;
            }
        }
        date
    }

    /// The workdays after `from`, up to and with `to`; negative when `to` lies
    /// before `from`. `workdays_between(d, add_workdays(d, n))` is `n`.
    #[must_use]
    pub fn workdays_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        if to < from {
            return -self.workdays_between(to, from);
        }
        let mut count = 0;
        let mut date = from;
        while date < to {
            let Some(next) = date.succ_opt() else {
                break;
            };
            date = next;
            count += i64::from(self.is_workday(date));
        }
        count
    }

    /// The workdays left until the end of the due day: 0 on the day itself,
    /// negative when it is over.
    #[must_use]
    pub fn workdays_left(&self, today: NaiveDate, due: NaiveDate) -> i64 {
        self.workdays_between(today, due)
    }

    /// The calendar in which some days are what is given here; `None` makes it a day of the plain week.
    #[must_use]
    pub fn with(&self, days: &[(NaiveDate, Option<DayKind>)]) -> Self {
        let mut other = self.clone();
        for (date, kind) in days {
            match kind {
                Some(kind) => {
                    let day = CalendarDay { date: *date, kind: *kind, name: String::new(), provisional: false };
                    other.days.insert(*date, day);
                }
                None => {
                    other.days.remove(date);
                }
            }
        }
        other
    }

    /// The days on which people work in one calendar and not in the other, each with what it is here.
    #[must_use]
    pub fn differs_from(&self, other: &Self) -> Vec<(NaiveDate, Option<DayKind>)> {
        let days: std::collections::BTreeSet<NaiveDate> = self.days.keys().chain(other.days.keys()).copied().collect();
        days.into_iter()
            .filter(|date| self.is_workday(*date) != other.is_workday(*date))
            .map(|date| (date, self.days.get(&date).map(|day| day.kind)))
            .collect()
    }

    /// A last day that was counted in workdays by the `old` calendar, when this one takes its place on a day: as many
    /// workdays are left as before. What is over stays as it was.
    #[must_use]
    pub fn carry_over(&self, old: &Self, on: NaiveDate, last: NaiveDate) -> NaiveDate {
        match u32::try_from(old.workdays_between(on, last)) {
            Ok(left) if left > 0 && last > on => self.add_workdays(on, left),
            _ => last,
        }
    }

    /// Where a due day stands. It is met until the end of that day in
    /// Shanghai; from `reminder` units before it on, it is soon.
    #[must_use]
    pub fn due_state(&self, now: DateTime<Utc>, due: NaiveDate, unit: DueUnit, reminder: u32) -> DueState {
        let today = local_date(now);
        let left = match unit {
            DueUnit::Workdays => self.workdays_left(today, due),
            DueUnit::Days => (due - today).num_days(),
        };
        let word = unit.word();
        // Between a due day and the next workday no workday has passed or is
        // left, and yet it is not today.
        let (level, words) = match due.cmp(&today) {
            std::cmp::Ordering::Less if left == 0 => (DueLevel::Late, format!("超期不足 1 {word}")),
            std::cmp::Ordering::Less => (DueLevel::Late, format!("超期 {} {word}", -left)),
            std::cmp::Ordering::Equal => (DueLevel::Soon, "今天到期".to_owned()),
            std::cmp::Ordering::Greater => {
                let level = if left <= i64::from(reminder) { DueLevel::Soon } else { DueLevel::Calm };
                let words = if left == 0 { format!("剩不足 1 {word}") } else { format!("剩 {left} {word}") };
                (level, words)
            }
        };
        DueState { level, left, words }
    }
}

/// Reads the published arrangement of whole years, a day to a line: `2027-02-06 休 春节`, `2027-02-20 班 春节调休`.
/// What follows a `#` is left out.
///
/// # Errors
/// A sentence for each line that cannot be read.
pub fn read_days(text: &str) -> Result<Vec<CalendarDay>, Vec<String>> {
    let mut days: BTreeMap<NaiveDate, CalendarDay> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (line, no) in text.lines().zip(1..) {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        let date = NaiveDate::parse_from_str(first, "%Y-%m-%d").ok();
        let kind = words.next().and_then(|word| DayKind::ALL.iter().find(|kind| kind.word() == word).copied());
        let name = words.collect::<Vec<_>>().join(" ");
        match (date, kind) {
            (Some(date), Some(kind)) if !name.is_empty() => {
                if days.insert(date, CalendarDay { date, kind, name, provisional: false }).is_some() {
                    wrong.push(format!("第 {no} 行：{date} 写了两次。"));
                }
            }
            _ => wrong.push(format!("第 {no} 行看不懂，请写成「2027-02-06 休 春节」或「2027-02-20 班 春节调休」。")),
        }
    }
    if wrong.is_empty() && days.is_empty() {
        wrong.push("文件里没有一天，请把全年的休和班都写上，一天一行。".to_owned());
    }
    if wrong.is_empty() { Ok(days.into_values().collect()) } else { Err(wrong) }
}

/// Days of one kind that follow one another.
struct Span {
    from: NaiveDate,
    to: NaiveDate,
    kind: DayKind,
    name: &'static str,
    provisional: bool,
}

#[expect(clippy::panic, reason = "a wrong day in the table below stops the build, not the program")]
const fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => panic!("no such day"),
    }
}

const fn off(year: i32, from: (u32, u32), to: (u32, u32), name: &'static str) -> Span {
    Span { from: date(year, from.0, from.1), to: date(year, to.0, to.1), kind: DayKind::Off, name, provisional: false }
}

const fn work(year: i32, day: (u32, u32), name: &'static str) -> Span {
    Span { kind: DayKind::Workday, ..off(year, day, day, name) }
}

const fn expected(from: (u32, u32), to: (u32, u32), name: &'static str) -> Span {
    Span { provisional: true, ..off(2027, from, to, name) }
}

static BUILTIN: [Span; 20] = [
    off(2026, (1, 1), (1, 3), "元旦"),
    work(2026, (1, 4), "元旦调休"),
    work(2026, (2, 14), "春节调休"),
    off(2026, (2, 15), (2, 23), "春节"),
    work(2026, (2, 28), "春节调休"),
    off(2026, (4, 4), (4, 6), "清明节"),
    off(2026, (5, 1), (5, 5), "劳动节"),
    work(2026, (5, 9), "劳动节调休"),
    off(2026, (6, 19), (6, 21), "端午节"),
    work(2026, (9, 20), "国庆节调休"),
    off(2026, (9, 25), (9, 27), "中秋节"),
    off(2026, (10, 1), (10, 7), "国庆节"),
    work(2026, (10, 10), "国庆节调休"),
    expected((1, 1), (1, 1), "元旦"),
    expected((2, 5), (2, 10), "春节"),
    expected((4, 5), (4, 5), "清明节"),
    expected((5, 1), (5, 4), "劳动节"),
    expected((6, 9), (6, 9), "端午节"),
    expected((9, 15), (9, 15), "中秋节"),
    expected((10, 1), (10, 5), "国庆节"),
];
