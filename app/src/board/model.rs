//! The metrics as data: what is counted, how a rate is shown, which counts of people are hidden, and how lines are laid
//! out. Pure.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};

use super::tally::What;
use crate::carrier::Carried;
use crate::rules::{Category, Judgements, plain_date};
use crate::topic::model::TopicSource;

/// People are not counted in cells of fewer than this: one could guess who they were.
pub const FEWEST: i64 = 5;
/// What such a cell says.
pub const FEW: &str = "少于 5";
/// What a cell says that would give another one away.
pub const WITHHELD: &str = "不公布";
/// The year of the document that consultation follows; nothing is counted before it.
pub const FIRST_YEAR: i32 = 2021;
/// Months of a year.
pub const MONTHS: usize = 12;

/// A number of things as a count; there are never more than fit.
#[must_use]
pub fn many(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

// ---- rates ----------------------------------------------------------------------------------------------------------

/// A rate with what it was made of: it is never shown without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// How many did.
    pub numerator: i64,
    /// Of how many.
    pub denominator: i64,
}

impl Rate {
    /// So many of so many.
    #[must_use]
    pub const fn of(numerator: i64, denominator: i64) -> Self {
        Self { numerator, denominator }
    }

    /// The rate with one decimal, 「72.0%」; `None` of nothing.
    #[must_use]
    pub fn percent(self) -> Option<String> {
        tenths(self.numerator.saturating_mul(100), self.denominator).map(|shown| format!("{shown}%"))
    }

    /// 「95 / 132」.
    #[must_use]
    pub fn fraction(self) -> String {
        format!("{} / {}", self.numerator, self.denominator)
    }

    /// Both in a cell: 「18 / 24 = 75.0%」; of nothing that there is nothing yet.
    #[must_use]
    pub fn shown(self) -> String {
        self.percent().map_or_else(|| NOTHING.to_owned(), |percent| format!("{} = {percent}", self.fraction()))
    }
}

/// A quotient with one decimal, rounded half up, without a detour over floating point; `None` where there is nothing to
/// divide by.
fn tenths(sum: i64, n: i64) -> Option<String> {
    if n <= 0 {
        return None;
    }
    let rounded = sum.saturating_mul(10).saturating_add(n / 2) / n;
    Some(format!("{}.{}", rounded / 10, rounded % 10))
}

// ---- time -----------------------------------------------------------------------------------------------------------

/// The year that is counted, and up to which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The year.
    pub year: i32,
    /// Its first day.
    pub first: NaiveDate,
    /// The first day of the next.
    pub end: NaiveDate,
    /// The last day that is counted: today, or the last of a year that is over.
    pub cut_off: NaiveDate,
    /// The first day of the half-year that ends with the cut-off.
    pub half_from: NaiveDate,
}

impl Period {
    /// A year as it stands today; `None` for one that has not begun, or before anything was counted.
    #[must_use]
    pub fn of(year: i32, today: NaiveDate) -> Option<Self> {
        if year < FIRST_YEAR || year > today.year() {
            return None;
        }
        let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
        let end = first.checked_add_months(Months::new(12))?;
        let cut_off = today.min(end.pred_opt()?);
        let half_from = cut_off.checked_sub_months(Months::new(6))?.succ_opt()?;
        Some(Self { year, first, end, cut_off, half_from })
    }

    /// The first days of its months, and the first of the next year.
    #[must_use]
    pub fn starts(&self) -> [NaiveDate; MONTHS + 1] {
        std::array::from_fn(|n| {
            let months = Months::new(u32::try_from(n).unwrap_or(0));
            self.first.checked_add_months(months).unwrap_or(self.end)
        })
    }

    /// In which of its months a day is, from 0.
    #[must_use]
    pub fn month_of(&self, day: NaiveDate) -> Option<usize> {
        (day.year() == self.year).then(|| usize::try_from(day.month0()).ok()).flatten()
    }

    /// How many of its months have begun.
    #[must_use]
    pub fn begun(&self) -> usize {
        usize::try_from(self.cut_off.month()).unwrap_or(MONTHS)
    }

    /// Whether a quarter, from 0, has begun.
    #[must_use]
    pub fn has_begun(&self, quarter: usize) -> bool {
        quarter * 3 < self.begun()
    }

    /// Tasks whose last day is before this one are due: up to the day before the cut-off while the year runs, since what
    /// is due today is not late yet; of a year that is over its last day counts, too.
    #[must_use]
    pub fn due_until(&self) -> NaiveDate {
        if self.cut_off.succ_opt() == Some(self.end) { self.end } else { self.cut_off }
    }

    /// Whether a day is in the half-year that ends with the cut-off.
    #[must_use]
    pub fn in_half(&self, day: NaiveDate) -> bool {
        self.half_from <= day && day <= self.cut_off
    }

    /// The last day that is counted, with its year.
    #[must_use]
    pub fn cut_off_words(&self) -> String {
        format!("{}年{}", self.cut_off.year(), plain_date(self.cut_off))
    }

    /// 「2026年1月1日至11月18日」.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}年{}至{}", self.year, plain_date(self.first), plain_date(self.cut_off))
    }
}

// ---- what is counted ------------------------------------------------------------------------------------------------

/// What was counted of a town in a year; of several when added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Topics sent, by month.
    pub raised: [i64; MONTHS],
    /// The same by the code of their source.
    pub sources: BTreeMap<&'static str, i64>,
    /// Topics chosen.
    pub confirmed: i64,
    /// Topics not taken up.
    pub declined: i64,
    /// Topics passed on.
    pub transferred: i64,
    /// Meetings held, by day: in the year and in the half-year before the cut-off.
    pub met: BTreeMap<NaiveDate, i64>,
    /// Of those of the year: with research filed before them.
    pub researched: i64,
    /// Called at short notice.
    pub urgent: i64,
    /// Whose notice has a day.
    pub noticed: i64,
    /// Calendar days from notice to meeting, of all these.
    pub notice_days: i64,
    /// Who was there: check-ins by category.
    pub present: BTreeMap<Category, i64>,
    /// Women among them.
    pub women: i64,
    /// Items of outcome lists that were signed.
    pub listed: i64,
    /// Items that were decided on.
    pub decided: i64,
    /// The same by month.
    pub decided_by_month: [i64; MONTHS],
    /// Of these adopted, as they stand or in part, by the month of the decision.
    pub adopted_by_month: [i64; MONTHS],
    /// Of these adopted as they stand.
    pub full: i64,
    /// Of these adopted in part.
    pub partial: i64,
    /// Of those adopted: solved (A), and somebody has looked.
    pub solved: i64,
    /// Of those adopted: under way (B), and somebody has looked.
    pub under_way: i64,
    /// Tasks whose day is over.
    pub due: i64,
    /// Of these answered in time.
    pub in_time: i64,
    /// Of these not answered to this day.
    pub unanswered: i64,
    /// Tasks that were answered.
    pub answered: i64,
    /// Days from hand-out to answer, of all these.
    pub answer_days: i64,
    /// Tasks verified, by month.
    pub verified: [i64; MONTHS],
    /// Surveys that were closed.
    pub surveys: i64,
    /// Of these with the case going back to the units.
    pub redone: i64,
    /// What was answered on the handling in these.
    pub judged: Judgements,
    /// Cases that were reported.
    pub reported: i64,
    /// Of these closed to this day.
    pub closed: i64,
    /// Cases written up.
    pub stories: i64,
    /// Committee members on the roster.
    pub members: i64,
    /// Of these at a meeting or on a visit at least once.
    pub active: i64,
    /// How often, all of them together.
    pub times: i64,
    /// Rooms and studios, and what was heard there.
    pub carried: Carried,
}

/// Adds to a month of the year; what lies outside is not counted.
fn add_to(months: &mut [i64; MONTHS], month: Option<usize>, n: i64) {
    if let Some(own) = month.and_then(|month| months.get_mut(month)) {
        *own += n;
    }
}

impl Figures {
    /// Adds those of another town.
    pub fn include(&mut self, other: &Self) {
        for (own, more) in self.raised.iter_mut().zip(other.raised) {
            *own += more;
        }
        for (own, more) in [
            (&mut self.verified, other.verified),
            (&mut self.decided_by_month, other.decided_by_month),
            (&mut self.adopted_by_month, other.adopted_by_month),
        ] {
            for (own, more) in own.iter_mut().zip(more) {
                *own += more;
            }
        }
        for (source, n) in &other.sources {
            *self.sources.entry(*source).or_default() += n;
        }
        for (category, n) in &other.present {
            *self.present.entry(*category).or_default() += n;
        }
        for (day, n) in &other.met {
            *self.met.entry(*day).or_default() += n;
        }
        self.researched += other.researched;
        self.urgent += other.urgent;
        self.noticed += other.noticed;
        self.notice_days += other.notice_days;
        self.confirmed += other.confirmed;
        self.declined += other.declined;
        self.transferred += other.transferred;
        self.women += other.women;
        self.listed += other.listed;
        self.decided += other.decided;
        self.full += other.full;
        self.partial += other.partial;
        self.solved += other.solved;
        self.under_way += other.under_way;
        self.due += other.due;
        self.in_time += other.in_time;
        self.unanswered += other.unanswered;
        self.answered += other.answered;
        self.answer_days += other.answer_days;
        self.surveys += other.surveys;
        self.redone += other.redone;
        self.judged.satisfied += other.judged.satisfied;
        self.judged.mostly += other.judged.mostly;
        self.judged.not += other.judged.not;
        self.reported += other.reported;
        self.closed += other.closed;
        self.stories += other.stories;
        self.members += other.members;
        self.active += other.active;
        self.times += other.times;
        self.carried.include(&other.carried);
    }

    /// Those of several towns together.
    pub fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for one in all {
            sum.include(one);
        }
        sum
    }

    /// Topics sent in the year.
    #[must_use]
    pub fn topics(&self) -> i64 {
        self.raised.iter().sum()
    }

    /// Topics of a source.
    #[must_use]
    pub fn of_source(&self, source: TopicSource) -> i64 {
        self.sources.get(source.code()).copied().unwrap_or(0)
    }

    /// Members who took part, of those on the roster; none where that would tell of a few.
    #[must_use]
    pub fn members_active(&self) -> Option<Rate> {
        (!(1..FEWEST).contains(&self.active)).then_some(Rate::of(self.active, self.members))
    }

    /// How often a member took part, on the average of the roster.
    #[must_use]
    pub fn times_a_member(&self) -> Option<String> {
        self.members_active().and_then(|_| tenths(self.times, self.members))
    }

    /// Rooms with all six points (六有达标).
    #[must_use]
    pub const fn rooms_fit(&self) -> Rate {
        Rate::of(self.carried.fit, self.carried.rooms)
    }

    /// Villages and communities with a room of their own, where it is known how many there are (覆盖率).
    #[must_use]
    pub const fn coverage(&self) -> Rate {
        Rate::of(self.carried.covered, self.carried.villages)
    }

    /// What was said in studios and became a topic.
    #[must_use]
    pub const fn from_studios(&self) -> Rate {
        Rate::of(self.carried.raised, self.carried.opinions)
    }

    /// How many meetings were held in the year.
    #[must_use]
    pub fn meetings(&self, period: &Period) -> i64 {
        self.held(period).iter().sum()
    }

    /// How many in each quarter.
    #[must_use]
    pub fn quarters(&self, period: &Period) -> [i64; 4] {
        let months = self.held(period);
        std::array::from_fn(|quarter| months.iter().skip(quarter * 3).take(3).sum())
    }

    /// How many in each month.
    #[must_use]
    pub fn held(&self, period: &Period) -> [i64; MONTHS] {
        let mut months = [0; MONTHS];
        for (day, n) in &self.met {
            add_to(&mut months, period.month_of(*day), *n);
        }
        months
    }

    /// How many in the half-year that ends with the cut-off.
    #[must_use]
    pub fn in_half(&self, period: &Period) -> i64 {
        self.met.iter().filter(|(day, _)| period.in_half(**day)).map(|(_, n)| n).sum()
    }

    /// Meetings with research filed before them (调研覆盖率).
    #[must_use]
    pub fn research(&self, period: &Period) -> Rate {
        Rate::of(self.researched, self.meetings(period))
    }

    /// Meetings that were called at short notice.
    #[must_use]
    pub fn short_notice(&self, period: &Period) -> Rate {
        Rate::of(self.urgent, self.meetings(period))
    }

    /// Days from notice to meeting, on average (平均公示天数).
    #[must_use]
    pub fn average_notice(&self) -> Option<String> {
        tenths(self.notice_days, self.noticed)
    }

    /// Adds so many of something that was counted on a day, or in the month that begins with it.
    pub fn add(&mut self, what: What, day: NaiveDate, n: i64, period: &Period) {
        let month = period.month_of(day);
        let own = match what {
            What::Raised(source) => {
                add_to(&mut self.raised, month, n);
                self.sources.entry(source.code()).or_default()
            }
            What::Present(category) => self.present.entry(category).or_default(),
            What::Met => self.met.entry(day).or_default(),
            What::Verified => return add_to(&mut self.verified, month, n),
            What::Decided => {
                add_to(&mut self.decided_by_month, month, n);
                &mut self.decided
            }
            What::Full | What::Partial => {
                add_to(&mut self.adopted_by_month, month, n);
                if what == What::Full { &mut self.full } else { &mut self.partial }
            }
            What::Confirmed => &mut self.confirmed,
            What::Declined => &mut self.declined,
            What::Transferred => &mut self.transferred,
            What::Reported => &mut self.reported,
            What::Closed => &mut self.closed,
            What::Noticed => &mut self.noticed,
            What::NoticeDays => &mut self.notice_days,
            What::Urgent => &mut self.urgent,
            What::Researched => &mut self.researched,
            What::Women => &mut self.women,
            What::Listed => &mut self.listed,
            What::Solved => &mut self.solved,
            What::UnderWay => &mut self.under_way,
            What::Due => &mut self.due,
            What::InTime => &mut self.in_time,
            What::Unanswered => &mut self.unanswered,
            What::Answered => &mut self.answered,
            What::AnswerDays => &mut self.answer_days,
            What::Surveys => &mut self.surveys,
            What::Redone => &mut self.redone,
            What::Satisfied => &mut self.judged.satisfied,
            What::Mostly => &mut self.judged.mostly,
            What::Not => &mut self.judged.not,
            What::Story => &mut self.stories,
        };
        *own += n;
    }

    /// Topics chosen of those that were decided on (立题率).
    #[must_use]
    pub const fn chosen(&self) -> Rate {
        Rate::of(self.confirmed, self.confirmed + self.declined + self.transferred)
    }

    /// Items that were adopted, as they stand or in part.
    #[must_use]
    pub const fn adopted(&self) -> i64 {
        self.full + self.partial
    }

    /// 采纳率.
    #[must_use]
    pub const fn adoption(&self) -> Rate {
        Rate::of(self.adopted(), self.decided)
    }

    /// 落实率: what is solved; what goes on does not count as done.
    #[must_use]
    pub const fn implementation(&self) -> Rate {
        Rate::of(self.solved, self.adopted())
    }

    /// 启动率: what is solved or under way.
    #[must_use]
    pub const fn started(&self) -> Rate {
        Rate::of(self.solved + self.under_way, self.adopted())
    }

    /// 按期反馈率.
    #[must_use]
    pub const fn punctuality(&self) -> Rate {
        Rate::of(self.in_time, self.due)
    }

    /// Days from hand-out to answer, on average (平均办理天数).
    #[must_use]
    pub fn handling_days(&self) -> Option<String> {
        tenths(self.answer_days, self.answered)
    }

    /// 二次办理率.
    #[must_use]
    pub const fn redo(&self) -> Rate {
        Rate::of(self.redone, self.surveys)
    }

    /// 闭环率.
    #[must_use]
    pub const fn closing(&self) -> Rate {
        Rate::of(self.closed, self.reported)
    }

    /// 满意率, and those wholly satisfied alone.
    #[must_use]
    pub fn satisfaction(&self) -> Judged {
        let (judged, all) = (self.judged, self.judged.all());
        let enough = |n: i64| !(1..FEWEST).contains(&n);
        // Where few were mostly satisfied, the difference of the two numbers would say how many.
        let alone = enough(all) && enough(judged.satisfied) && enough(judged.mostly);
        Judged {
            content: (enough(all) && enough(judged.content())).then(|| Rate::of(judged.content(), all)),
            alone: alone.then(|| Rate::of(judged.satisfied, all)),
        }
    }
}

/// How satisfied people are; `None` where too few answered so. The number of answers of each survey is public anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Satisfied and mostly satisfied, of all answers.
    pub content: Option<Rate>,
    /// Satisfied, of all answers.
    pub alone: Option<Rate>,
}

impl Judged {
    /// In a cell.
    #[must_use]
    pub fn shown(self) -> String {
        self.content.map_or_else(|| FEW.to_owned(), Rate::shown)
    }
}

// ---- counts of people -----------------------------------------------------------------------------------------------

/// A count of people, as everybody may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// As it is.
    Shown(i64),
    /// Fewer than five.
    Few,
    /// Enough, but it would give away another cell.
    Withheld,
}

impl Cell {
    /// The count, where it is shown.
    #[must_use]
    pub const fn value(self) -> Option<i64> {
        match self {
            Self::Shown(n) => Some(n),
            Self::Few | Self::Withheld => None,
        }
    }

    /// What the cell says.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Shown(n) => n.to_string(),
            Self::Few => FEW.to_owned(),
            Self::Withheld => WITHHELD.to_owned(),
        }
    }
}

/// A row or column of counts while it is judged: its parts, and last their sum. Hides one more where what is hidden
/// could be worked out from the rest; false when nothing had to be.
fn protect(values: &[i64], hidden: &mut [bool]) -> bool {
    let Some(last) = values.len().checked_sub(1) else { return false };
    let covered: Vec<usize> = (0..last).filter(|n| hidden[*n]).collect();
    let safe = if hidden[last] {
        // A sum that is hidden stays so only if a part is.
        !covered.is_empty()
    } else {
        let rest: i64 = covered.iter().map(|n| values[*n]).sum();
        covered.is_empty() || (covered.len() > 1 && rest >= FEWEST)
    };
    if safe {
        return false;
    }
    let smallest = (0..last).filter(|n| !hidden[*n] && values[*n] > 0).min_by_key(|n| values[*n]);
    match smallest {
        Some(n) => hidden[n] = true,
        None if hidden[last] => return false,
        None => hidden[last] = true,
    }
    true
}

/// Hides small counts of people, and what would give them away: within a row, where parts and sum are known, and over
/// the towns, where the district's number is. Each row is a town with its parts; what comes back has a row more for the
/// district, and in each row one cell more for the sum.
#[must_use]
pub fn hide(towns: &[Vec<i64>]) -> Vec<Vec<Cell>> {
    let parts = towns.iter().map(Vec::len).max().unwrap_or(0);
    let mut counts: Vec<Vec<i64>> = towns
        .iter()
        .map(|row| {
            let mut row = row.clone();
            row.resize(parts, 0);
            row.push(row.iter().sum());
            row
        })
        .collect();
    let district: Vec<i64> = (0..=parts).map(|column| counts.iter().map(|row| row[column]).sum::<i64>()).collect();
    counts.push(district);
    // Where nobody was, there is nobody to hide.
    let mut hidden: Vec<Vec<bool>> =
        counts.iter().map(|row| row.iter().map(|n| (1..FEWEST).contains(n)).collect()).collect();
    loop {
        let mut changed = false;
        for (row, hidden) in counts.iter().zip(&mut hidden) {
            changed |= protect(row, hidden);
        }
        for column in 0..=parts {
            let values: Vec<i64> = counts.iter().map(|row| row[column]).collect();
            let mut marks: Vec<bool> = hidden.iter().map(|row| row[column]).collect();
            changed |= protect(&values, &mut marks);
            for (row, mark) in hidden.iter_mut().zip(marks) {
                row[column] = mark;
            }
        }
        if !changed {
            break;
        }
    }
    counts
        .iter()
        .zip(&hidden)
        .map(|(row, hidden)| {
            let cell = |(n, hidden): (&i64, &bool)| match (*hidden, *n < FEWEST) {
                (false, _) => Cell::Shown(*n),
                (true, true) => Cell::Few,
                (true, false) => Cell::Withheld,
            };
            row.iter().zip(hidden).map(cell).collect()
        })
        .collect()
}

/// Who was there, as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct People {
    /// By category.
    pub categories: Vec<(Category, Cell)>,
    /// All of them.
    pub all: Cell,
    /// Women among them.
    pub women: Cell,
}

impl People {
    /// Those of every town by its code, and those of the district under the empty code.
    #[must_use]
    pub fn of(towns: &BTreeMap<String, Figures>) -> BTreeMap<String, Self> {
        let category = |one: &Figures, category: &Category| one.present.get(category).copied().unwrap_or(0);
        let by_category: Vec<Vec<i64>> =
            towns.values().map(|one| Category::ALL.iter().map(|kind| category(one, kind)).collect()).collect();
        let by_sex: Vec<Vec<i64>> = towns
            .values()
            .map(|one| {
                let all: i64 = one.present.values().sum();
                vec![one.women, all - one.women]
            })
            .collect();
        let names = towns.keys().cloned().chain(std::iter::once(String::new()));
        names
            .zip(hide(&by_category).into_iter().zip(hide(&by_sex)))
            .map(|(town, (categories, sexes))| {
                // A sum that either table hides is hidden.
                let sums = [categories.last().copied(), sexes.last().copied()];
                let all = sums.into_iter().flatten().find(|cell| cell.value().is_none());
                let people = Self {
                    all: all.or(sums[0]).unwrap_or(Cell::Shown(0)),
                    women: sexes.first().copied().unwrap_or(Cell::Shown(0)),
                    categories: Category::ALL.iter().copied().zip(categories).collect(),
                };
                (town, people)
            })
            .collect()
    }

    /// Nobody at all.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            categories: Category::ALL.iter().map(|category| (*category, Cell::Shown(0))).collect(),
            all: Cell::Shown(0),
            women: Cell::Shown(0),
        }
    }

    /// The share of a cell, where both are shown.
    #[must_use]
    pub fn share(&self, cell: Cell) -> Option<Rate> {
        Some(Rate::of(cell.value()?, self.all.value()?))
    }

    /// The share of those concerned and representatives of the public.
    #[must_use]
    pub fn of_the_public(&self) -> Option<Rate> {
        let mut sum = 0;
        for (_, cell) in self.categories.iter().filter(|(category, _)| category.is_public()) {
            sum += cell.value()?;
        }
        self.share(Cell::Shown(sum))
    }
}

// ---- metrics --------------------------------------------------------------------------------------------------------

/// What a metric comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// So many, with their unit.
    Count(i64, &'static str),
    /// A share.
    Rate(Rate),
    /// An average with its unit; none of nothing.
    Average(Option<String>, &'static str),
    /// Too few people to say.
    Hidden(Cell),
}

impl Figure {
    /// A share of people, or what is said where it may not be shown.
    fn people(rate: Option<Rate>, hidden: Cell) -> Self {
        rate.map_or(Self::Hidden(hidden), Self::Rate)
    }

    /// Numerator and denominator, where it has them.
    #[must_use]
    pub const fn rate(&self) -> Option<Rate> {
        match self {
            Self::Rate(rate) => Some(*rate),
            Self::Count(..) | Self::Average(..) | Self::Hidden(_) => None,
        }
    }

    /// What it comes to, in a cell; a rate of nothing says so.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Count(n, unit) => format!("{n} {unit}"),
            Self::Rate(rate) => rate.percent().unwrap_or_else(|| NOTHING.to_owned()),
            Self::Average(Some(average), unit) => format!("{average} {unit}"),
            Self::Average(None, _) => NOTHING.to_owned(),
            Self::Hidden(cell) => cell.words(),
        }
    }
}

/// What is said where there is nothing yet to divide by.
pub const NOTHING: &str = "还没有";

/// A metric: what it comes to and how it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it comes to.
    pub figure: Figure,
    /// What the numbers are: 「条批办了的建议里采纳的」.
    pub of: &'static str,
    /// How it is counted.
    pub how: &'static str,
    /// What the one number hides, in a sentence; for those that are shown large.
    pub more: Option<String>,
}

impl Metric {
    const fn new(name: &'static str, figure: Figure, how: &'static str) -> Self {
        Self { name, figure, of: "", how, more: None }
    }

    fn of(self, of: &'static str) -> Self {
        Self { of, ..self }
    }

    fn more(self, words: String) -> Self {
        Self { more: Some(words), ..self }
    }
}

/// What is shown large, the first one largest: whether something came of it.
pub const HEADLINES: [&str; 6] = ["落实率", "采纳率", "按期反馈率", "满意率", "闭环率", "调研覆盖率"];

/// A rate as a part of a sentence: 「81 条，85.3%」.
fn part(rate: Rate, unit: &str) -> String {
    match rate.percent() {
        Some(percent) => format!("{} {unit}，{percent}", rate.numerator),
        None => format!("{} {unit}", rate.numerator),
    }
}

/// Every metric that everybody may see.
#[must_use]
pub fn metrics(figures: &Figures, people: &People, period: &Period) -> Vec<Metric> {
    let mut list = of_topics_and_meetings(figures, people, period);
    list.extend(of_outcomes(figures));
    list.extend(of_carriers(figures));
    list
}

fn of_carriers(figures: &Figures) -> Vec<Metric> {
    vec![
        Metric::new(
            "议事室六有达标率",
            Figure::Rate(figures.rooms_fit()),
            "最近一次检查阵地、标识、制度、流程、活动、成效六样都有的议事室，除以登记的全部议事室；没有查过的算没有达标。",
        ),
        Metric::new(
            "村社区议事点覆盖率",
            Figure::Rate(figures.coverage()),
            "村、社区议事点，除以村和社区的个数；还没有填个数的镇不算。",
        ),
        Metric::new(
            "工作室接待",
            Figure::Count(figures.carried.receptions, "次"),
            "委员工作室这一年的接待，没有人来的也算。",
        ),
        Metric::new(
            "工作室意见转议题",
            Figure::Rate(figures.from_studios()),
            "提为议题的，除以这一年接待时听到的意见。",
        ),
    ]
}

fn of_topics_and_meetings(figures: &Figures, people: &People, period: &Period) -> Vec<Metric> {
    let from_public = Rate::of(figures.of_source(TopicSource::PublicSolicited), figures.topics());
    let there = match people.all {
        Cell::Shown(n) => Figure::Count(n, "人次"),
        hidden => Figure::Hidden(hidden),
    };
    let average = figures.average_notice().map(|days| format!("平均公示 {days} 天"));
    vec![
        Metric::new("议题征集数", Figure::Count(figures.topics(), "件"), "这一年提交的议题。"),
        Metric::new(
            "立题率",
            Figure::Rate(figures.chosen()),
            "立题的，除以这一年有了结论的：立题、不予立题、转办。并案、撤回的不算。",
        ),
        Metric::new("社会征题占比", Figure::Rate(from_public), "来自社会征题的，除以提交的全部议题。"),
        Metric::new("协商场次", Figure::Count(figures.meetings(period), "场"), "签到够数、宣布开了的会；流会不算。"),
        Metric::new(
            "调研覆盖率",
            Figure::Rate(figures.research(period)),
            "会前交了调研报告的会，除以开了的会；应当是全部。",
        )
        .of("场会前调研过")
        .more(average.unwrap_or_else(|| "还没有开过会".to_owned())),
        Metric::new(
            "平均公示天数",
            Figure::Average(figures.average_notice(), "天"),
            "从公示到开会：公示当天不算，开会当天算。",
        ),
        Metric::new(
            "紧急公示占比",
            Figure::Rate(figures.short_notice(period)),
            "按紧急情况缩短公示的会，除以开了的会。",
        ),
        Metric::new("参与人次", there, "会上签到的人；主持和记录的人不算。"),
        Metric::new(
            "群众占比",
            Figure::people(people.of_the_public(), Cell::Withheld),
            "利益相关方和群众代表，除以参与人次。",
        ),
        Metric::new(
            "委员参与率",
            Figure::people(figures.members_active(), Cell::Few),
            "这一年到过会或者记过走访的委员，除以名册上的委员。",
        ),
        Metric::new(
            "委员人均次数",
            Figure::Average(figures.times_a_member(), "次"),
            "委员到会和走访的次数，按名册上的委员平均。",
        ),
        Metric::new(
            "女性占比",
            Figure::people(people.share(people.women), Cell::Withheld),
            "签到的女性，除以参与人次。",
        ),
    ]
}

fn of_outcomes(figures: &Figures) -> Vec<Metric> {
    let satisfaction = figures.satisfaction();
    let full = Rate::of(figures.full, figures.decided);
    let alone = match satisfaction.alone {
        Some(rate) => format!("满意 {}", part(rate, "份")),
        None => "单说“满意”的人数不公布，免得猜出少数人的答案".to_owned(),
    };
    let handling = figures.handling_days().map_or_else(String::new, |days| format!("平均办理 {days} 天；"));
    vec![
        Metric::new("建议数", Figure::Count(figures.listed, "条"), "这一年签发的纪要里，成果清单上的建议。"),
        Metric::new("采纳率", Figure::Rate(figures.adoption()), "采纳和部分采纳的，除以这一年批办了的建议。")
            .of("条批办了的采纳了")
            .more(format!("全部采纳 {}；部分采纳 {} 条", part(full, "条"), figures.partial)),
        Metric::new("其中全部采纳", Figure::Rate(full), "按原样采纳的，除以批办了的建议。"),
        Metric::new(
            "落实率",
            Figure::Rate(figures.implementation()),
            "已解决（A 类）并且核实了的，除以采纳的建议。正在解决、列入规划的不算。",
        )
        .of("条采纳了的已解决")
        .more(format!("已启动（A+B）{}", part(figures.started(), "条"))),
        Metric::new(
            "启动率",
            Figure::Rate(figures.started()),
            "已解决和正在解决（A、B 类）并且核实了的，除以采纳的建议。",
        ),
        Metric::new(
            "按期反馈率",
            Figure::Rate(figures.punctuality()),
            "期限内答复了的，除以这一年到了期的任务；今天到期的还不算。",
        )
        .of("项到期的按期答复")
        .more(format!("{handling}到期没有答复 {} 项", figures.unanswered)),
        Metric::new("逾期数", Figure::Count(figures.unanswered, "项"), "这一年到了期、到今天还没有答复的任务。"),
        Metric::new(
            "平均办理天数",
            Figure::Average(figures.handling_days(), "天"),
            "从交到主办单位手里到答复，这一年答复了的任务平均。",
        ),
        Metric::new("二次办理率", Figure::Rate(figures.redo()), "评价以后退回重办的，除以这一年结束的评价。"),
        Metric::new(
            "满意率",
            Figure::people(satisfaction.content, Cell::Few),
            "对“事情办得怎么样”答满意和基本满意的，除以答了的；匿名，一人一份。",
        )
        .of("份满意或基本满意")
        .more(alone),
        Metric::new("其中满意", Figure::people(satisfaction.alone, Cell::Withheld), "只数答“满意”的，除以答了的。"),
        Metric::new(
            "闭环率",
            Figure::Rate(figures.closing()),
            "到今天办结了的，除以这一年成果报送了的案卷；重新办理的不算办结。",
        )
        .of("件报送了的办结了")
        .more(format!("这一年评价以后退回重办 {} 次", figures.redone)),
        Metric::new("典型案例数", Figure::Count(figures.stories, "件"), "这一年公开的典型案例。"),
    ]
}

// ---- drawings -------------------------------------------------------------------------------------------------------

/// A line of the trend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// What it counts.
    pub name: &'static str,
    /// The unit.
    pub unit: &'static str,
    /// By month, as far as months have begun.
    pub values: Vec<i64>,
}

/// Topics, meetings and tasks by month.
#[must_use]
pub fn courses(figures: &Figures, period: &Period) -> [Course; 3] {
    let begun = |months: [i64; MONTHS]| -> Vec<i64> { months.into_iter().take(period.begun()).collect() };
    [
        Course { name: "提出议题", unit: "件", values: begun(figures.raised) },
        Course { name: "开会", unit: "场", values: begun(figures.held(period)) },
        Course { name: "核实任务", unit: "项", values: begun(figures.verified) },
    ]
}

impl Course {
    /// In a sentence, for readers of screens: 「提出议题共 12 件，最多的是3月，5 件」.
    #[must_use]
    pub fn sentence(&self) -> String {
        let all: i64 = self.values.iter().sum();
        let most = self.values.iter().enumerate().max_by_key(|(month, n)| (**n, std::cmp::Reverse(*month)));
        match most {
            Some((month, n)) if all > 0 => {
                format!("{}共 {all} {unit}，最多的是{}月，{n} {unit}", self.name, month + 1, unit = self.unit)
            }
            _ => format!("{}还没有", self.name),
        }
    }
}

/// The top of an axis that holds `most`: a round number that four steps divide.
#[must_use]
pub fn top(most: i64) -> i64 {
    let mut power: i64 = 1;
    loop {
        for base in [4, 8, 12, 20] {
            let top = power.saturating_mul(base);
            if top >= most || top == i64::MAX {
                return top;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// A part of a whole on a scale, in whole units of the drawing.
#[must_use]
pub fn scaled(value: i64, whole: i64, length: i64) -> i64 {
    if whole <= 0 { 0 } else { (value.saturating_mul(length) / whole).clamp(0, length) }
}

/// Moves labels apart that would stand on each other, keeping their order, and none below `bottom`.
#[must_use]
pub fn apart(places: &[i64], gap: i64, bottom: i64) -> Vec<i64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|n| places[*n]);
    let mut moved = places.to_vec();
    let mut free = i64::MIN;
    for n in &order {
        moved[*n] = moved[*n].max(free);
        free = moved[*n] + gap;
    }
    let mut limit = bottom;
    for n in order.iter().rev() {
        moved[*n] = moved[*n].min(limit);
        limit = moved[*n] - gap;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period() -> Period {
        Period::of(2026, day("2026-11-18")).unwrap()
    }

    fn met(days: &[&str]) -> BTreeMap<NaiveDate, i64> {
        days.iter().map(|on| (day(on), 1)).collect()
    }

    #[test]
    fn a_rate_has_one_decimal_and_keeps_its_fraction() {
        assert_eq!(Rate::of(95, 132).percent().as_deref(), Some("72.0%"));
        assert_eq!(Rate::of(52, 95).shown(), "52 / 95 = 54.7%");
        assert_eq!(Rate::of(1, 1).percent().as_deref(), Some("100.0%"));
        assert_eq!(Rate::of(1, 3).percent().as_deref(), Some("33.3%"));
        assert_eq!(Rate::of(2, 3).percent().as_deref(), Some("66.7%"));
        assert_eq!(Rate::of(0, 0).percent(), None);
        assert_eq!(Rate::of(0, 0).shown(), NOTHING);
    }

    #[test]
    fn a_year_ends_today_or_with_its_last_day() {
        let now = period();
        assert_eq!(now.words(), "2026年1月1日至11月18日");
        assert_eq!((now.begun(), now.half_from), (11, day("2026-05-19")));
        assert!(now.has_begun(3) && now.in_half(day("2026-11-18")) && !now.in_half(day("2026-05-18")));
        let past = Period::of(2025, day("2026-11-18")).unwrap();
        assert_eq!((past.cut_off, past.begun()), (day("2025-12-31"), 12));
        assert_eq!(past.starts()[12], day("2026-01-01"));
        assert_eq!((past.month_of(day("2025-02-28")), past.month_of(day("2026-02-28"))), (Some(1), None));
        assert_eq!(Period::of(2027, day("2026-11-18")), None);
        assert_eq!(Period::of(2020, day("2026-11-18")), None);
        let january = Period::of(2026, day("2026-01-05")).unwrap();
        assert!(january.has_begun(0) && !january.has_begun(1));
    }

    #[test]
    fn meetings_are_counted_by_quarter_and_half_year() {
        let figures = Figures {
            met: met(&["2025-12-30", "2026-01-05", "2026-03-31", "2026-07-01", "2026-10-08"]),
            researched: 4,
            noticed: 4,
            notice_days: 20,
            ..Figures::default()
        };
        assert_eq!(figures.meetings(&period()), 4);
        assert_eq!(figures.quarters(&period()), [2, 0, 1, 1]);
        assert_eq!(figures.in_half(&period()), 2);
        assert_eq!(figures.research(&period()), Rate::of(4, 4));
        assert_eq!(figures.average_notice().as_deref(), Some("5.0"));
        // The half-year reaches into the year before.
        let january = Period::of(2026, day("2026-01-02")).unwrap();
        assert_eq!(figures.in_half(&january), 1);
    }

    #[test]
    fn towns_add_up() {
        let one = Figures {
            raised: [1; MONTHS],
            sources: BTreeMap::from([("public_solicited", 12)]),
            full: 3,
            partial: 1,
            decided: 6,
            solved: 2,
            under_way: 1,
            met: met(&["2026-01-05"]),
            ..Figures::default()
        };
        let both = Figures::sum([&one, &one]);
        assert_eq!((both.topics(), both.of_source(TopicSource::PublicSolicited)), (24, 24));
        assert_eq!((both.adoption(), both.implementation()), (Rate::of(8, 12), Rate::of(4, 8)));
        assert_eq!((both.started(), both.meetings(&period())), (Rate::of(6, 8), 2));
    }

    #[test]
    fn small_counts_of_people_are_hidden_and_cannot_be_worked_out() {
        // The small one and the next smallest: else the sum would give it away.
        let rows = hide(&[vec![3, 20, 7, 9]]);
        assert_eq!(rows[0], [Cell::Few, Cell::Shown(20), Cell::Withheld, Cell::Shown(9), Cell::Shown(39)]);
        // Over the towns: the district's number is known.
        let rows = hide(&[vec![3, 10, 10], vec![6, 10, 10], vec![9, 10, 10]]);
        assert_eq!((rows[0][0], rows[1][0]), (Cell::Few, Cell::Withheld));
        assert_eq!(rows[3][0], Cell::Shown(18));
        for row in &rows {
            assert_ne!(row.iter().filter(|cell| cell.value().is_none()).count(), 1, "{rows:?}");
        }
        // Where nobody was, nobody is hidden; where all were few, all is.
        let rows = hide(&[vec![0, 0], vec![2, 1]]);
        assert_eq!(rows[0], [Cell::Shown(0); 3]);
        assert_eq!((rows[1].as_slice(), rows[2].as_slice()), ([Cell::Few; 3].as_slice(), [Cell::Few; 3].as_slice()));
        assert!(hide(&[]).iter().flatten().all(|cell| *cell == Cell::Shown(0)));
    }

    #[test]
    fn who_was_there_is_shown_by_category() {
        let town = Figures {
            present: BTreeMap::from([(Category::Member, 6), (Category::Public, 12), (Category::Stakeholder, 8)]),
            women: 10,
            ..Figures::default()
        };
        let all = People::of(&BTreeMap::from([("lili".to_owned(), town), ("qidu".to_owned(), Figures::default())]));
        assert_eq!(all["qidu"], People::nobody());
        let people = &all["lili"];
        assert_eq!((people.all, people.women), (Cell::Shown(26), Cell::Shown(10)));
        assert_eq!(people.share(people.women), Some(Rate::of(10, 26)));
        assert_eq!(all[""].all, Cell::Shown(26));
    }

    #[test]
    fn satisfaction_is_not_shown_of_a_few() {
        let of = |satisfied, mostly, not| {
            Figures { judged: Judgements { satisfied, mostly, not }, ..Figures::default() }.satisfaction()
        };
        assert_eq!(of(3, 1, 0).shown(), FEW);
        assert_eq!(of(236, 75, 31).shown(), "311 / 342 = 90.9%");
        assert_eq!(of(236, 75, 31).alone, Some(Rate::of(236, 342)));
        assert_eq!(of(20, 2, 8).alone, None, "the difference would say how many were mostly satisfied");
        assert_eq!(of(0, 0, 0).shown(), NOTHING);
    }

    #[test]
    fn every_headline_is_a_metric_and_every_metric_says_how_it_is_counted() {
        let list = metrics(&Figures::default(), &People::nobody(), &period());
        for name in HEADLINES {
            let metric = list.iter().find(|metric| metric.name == name).unwrap();
            assert!(!metric.of.is_empty() && metric.more.is_some() && metric.figure.rate().is_some(), "{name}");
        }
        assert!(list.iter().all(|metric| !metric.how.is_empty() && !metric.figure.shown().is_empty()));
        let mut names: Vec<&str> = list.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), list.len());
    }

    #[test]
    fn drawings_keep_within_their_frame() {
        for (most, expected) in [(0, 4), (4, 4), (5, 8), (9, 12), (13, 20), (21, 40), (121, 200), (1000, 1200)] {
            assert_eq!(top(most), expected, "{most}");
        }
        assert_eq!(top(i64::MAX), i64::MAX);
        assert_eq!((scaled(3, 12, 200), scaled(30, 12, 200), scaled(1, 0, 200)), (50, 200, 0));
        assert_eq!(apart(&[100, 102, 20], 18, 200), [100, 118, 20]);
        assert_eq!(apart(&[200, 200, 200], 18, 200), [164, 182, 200]);
    }

    #[test]
    fn the_trend_is_a_sentence_too() {
        let mut raised = [0; MONTHS];
        (raised[1], raised[2]) = (2, 5);
        let [topics, meetings, _] = courses(&Figures { raised, ..Figures::default() }, &period());
        assert_eq!(topics.values.len(), 11);
        assert_eq!(topics.sentence(), "提出议题共 7 件，最多的是3月，5 件");
        assert_eq!(meetings.sentence(), "开会还没有");
    }
}
