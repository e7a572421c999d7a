//! The sheets of the register: which there are, their columns, and what a cell can hold. Pure.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use crate::minutes::model::{Reader, show};
use crate::rules::SHANGHAI;
use crate::rules::codes::coded_enum;
use crate::topic::model::masked_phone;

coded_enum! {
    /// A sheet: one for each form.
    pub enum Sheet {
        /// What was raised, and where it stands.
        Topics = "topics" "议题",
        /// Screening decisions.
        Screenings = "screenings" "初审",
        /// What was decided on choosing the topic.
        Rulings = "rulings" "立题",
        /// Visits of the research.
        Visits = "visits" "调研走访",
        /// Meetings.
        Meetings = "meetings" "协商会",
        /// Who was there.
        CheckIns = "check_ins" "签到",
        /// Minutes that were signed.
        Minutes = "minutes" "纪要",
        /// The outcome list.
        Outcomes = "outcomes" "成果清单",
        /// Tasks of units.
        Tasks = "tasks" "任务",
        /// What was done about them.
        Notes = "notes" "办理记录",
        /// Surveys.
        Surveys = "surveys" "评价",
        /// What came up again.
        Reopenings = "reopenings" "又出现了",
        /// Rooms that were looked at.
        Rooms = "rooms" "议事室六有",
        /// What was heard in studios.
        Studios = "studios" "工作室台账",
    }
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// A whole number.
    Number,
    /// A day in Shanghai.
    Date,
    /// A minute in Shanghai.
    DateTime,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub words: &'static str,
    /// What its cells hold.
    pub kind: Kind,
    /// Whether they hold sentences.
    pub wide: bool,
}

const fn of(words: &'static str, kind: Kind) -> Column {
    Column { words, kind, wide: false }
}

const fn text(words: &'static str) -> Column {
    of(words, Kind::Text)
}

const fn long(words: &'static str) -> Column {
    Column { words, kind: Kind::Text, wide: true }
}

const fn number(words: &'static str) -> Column {
    of(words, Kind::Number)
}

const fn date(words: &'static str) -> Column {
    of(words, Kind::Date)
}

const fn time(words: &'static str) -> Column {
    of(words, Kind::DateTime)
}

// Every row says of itself which topic it belongs to, so that a sheet is read without the others.
const NO: Column = text("编号");
const TITLE: Column = long("题目");
const TOWN: Column = text("区镇");

const TOPICS: &[Column] = &[
    NO,
    TITLE,
    TOWN,
    text("来源"),
    date("提出日期"),
    date("受理日期"),
    text("现状"),
    date("期限"),
    text("电话"),
    text("备注"),
];
const SCREENINGS: &[Column] =
    &[NO, TITLE, TOWN, text("去向"), long("理由"), text("承接渠道"), date("日期"), text("经办"), long("更正原因")];
const RULINGS: &[Column] =
    &[NO, TITLE, TOWN, text("事项"), long("依据"), text("年度计划序号"), long("意见"), date("日期"), text("经办")];
const VISITS: &[Column] = &[
    NO,
    TITLE,
    TOWN,
    date("日期"),
    text("方式"),
    text("地点"),
    long("听取"),
    number("听取人数"),
    number("参加委员"),
    long("说了什么"),
    long("看到什么"),
    text("记录人"),
];
const MEETINGS: &[Column] = &[
    NO,
    TITLE,
    TOWN,
    number("第几次"),
    time("时间"),
    text("形式"),
    text("场地"),
    text("状态"),
    number("到会人数"),
    long("取消原因"),
];
const CHECK_INS: &[Column] =
    &[NO, TITLE, TOWN, number("第几次会"), text("姓名"), text("单位"), text("类别"), time("签到时间"), text("方式")];
const MINUTES: &[Column] = &[
    NO,
    TITLE,
    TOWN,
    number("第几次会"),
    number("第几份"),
    text("期号"),
    date("签发日期"),
    text("签发人"),
    text("共识"),
    long("更正原因"),
];
const OUTCOMES: &[Column] = &[
    NO,
    TITLE,
    TOWN,
    number("序号"),
    long("意见建议"),
    text("提出人类别"),
    text("共识程度"),
    text("采纳情况"),
    long("理由"),
    text("主办"),
];
const TASKS: &[Column] = &[
    NO,
    TITLE,
    TOWN,
    number("任务号"),
    long("事项"),
    text("主办"),
    long("措施"),
    date("交办日期"),
    date("完成日期"),
    text("状态"),
    number("进度%"),
    text("结果类别"),
    date("答复日期"),
    text("按期"),
];
const NOTES: &[Column] = &[
    NO,
    TITLE,
    TOWN,
    number("任务号"),
    time("时间"),
    text("类型"),
    text("单位"),
    text("经办"),
    number("进度%"),
    long("内容"),
    text("公开"),
];
const SURVEYS: &[Column] = &[
    NO,
    TITLE,
    TOWN,
    number("轮次"),
    date("开始日期"),
    date("截止日期"),
    number("到会人数"),
    number("要求份数"),
    number("收到份数"),
    text("结论"),
    long("样本不足的说明"),
];
const REOPENINGS: &[Column] =
    &[NO, TITLE, TOWN, time("时间"), long("内容"), date("核实期限"), text("结论"), long("说明"), date("答复日期")];
// What follows belongs to no topic: a row says which room or studio.
const ROOMS: &[Column] = &[
    TOWN,
    text("议事室"),
    text("级别"),
    date("哪天看的"),
    number("有几样"),
    text("阵地"),
    text("标识"),
    text("制度"),
    text("流程"),
    text("活动"),
    text("成效"),
    long("说明"),
    text("经办"),
];
const STUDIOS: &[Column] = &[
    TOWN,
    text("工作室"),
    text("专长"),
    text("值班日"),
    date("接待日期"),
    number("在场委员"),
    number("接待人次"),
    long("意见"),
    text("去向"),
    text("转办单位"),
    date("期限"),
    long("答复"),
    date("办结日期"),
    text("议题编号"),
];

impl Sheet {
    /// Its columns.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Topics => TOPICS,
            Self::Screenings => SCREENINGS,
            Self::Rulings => RULINGS,
            Self::Visits => VISITS,
            Self::Meetings => MEETINGS,
            Self::CheckIns => CHECK_INS,
            Self::Minutes => MINUTES,
            Self::Outcomes => OUTCOMES,
            Self::Tasks => TASKS,
            Self::Notes => NOTES,
            Self::Surveys => SURVEYS,
            Self::Reopenings => REOPENINGS,
            Self::Rooms => ROOMS,
            Self::Studios => STUDIOS,
        }
    }

    /// Whether its rows are about topics.
    #[must_use]
    pub const fn is_of_topics(self) -> bool {
        !matches!(self, Self::Rooms | Self::Studios)
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A day.
    Date(NaiveDate),
    /// A time, as clocks in Shanghai show it.
    DateTime(NaiveDateTime),
}

impl Cell {
    /// Words; nothing where there are none.
    #[must_use]
    pub fn text(words: impl Into<String>) -> Self {
        let words = words.into();
        if words.trim().is_empty() { Self::Empty } else { Self::Text(words) }
    }

    /// Words in which people are marked by their id: nobody is named on a list that leaves the platform.
    #[must_use]
    pub fn unnamed(words: &str) -> Self {
        Self::text(show(words, &[], Reader::Everybody).replace(NAMELESS, SOMEBODY))
    }

    /// A number, if there is one.
    #[must_use]
    pub fn number(n: impl Into<Option<i64>>) -> Self {
        n.into().map_or(Self::Empty, Self::Number)
    }

    /// A day, if there is one.
    #[must_use]
    pub fn date(day: impl Into<Option<NaiveDate>>) -> Self {
        day.into().map_or(Self::Empty, Self::Date)
    }

    /// The day of a time, if there is one.
    #[must_use]
    pub fn day_of(at: impl Into<Option<DateTime<Utc>>>) -> Self {
        at.into().map_or(Self::Empty, |at| Self::Date(at.with_timezone(&SHANGHAI).date_naive()))
    }

    /// A time, if there is one.
    #[must_use]
    pub fn time(at: impl Into<Option<DateTime<Utc>>>) -> Self {
        at.into().map_or(Self::Empty, |at| Self::DateTime(at.with_timezone(&SHANGHAI).naive_local()))
    }

    /// Yes or no, once it is known.
    #[must_use]
    pub fn yes(is: impl Into<Option<bool>>) -> Self {
        is.into().map_or(Self::Empty, |is| Self::text(if is { "是" } else { "否" }))
    }

    /// A telephone number: masked, or whole where that was granted.
    #[must_use]
    pub fn phone(number: &str, whole: bool) -> Self {
        match number.trim() {
            "" => Self::Empty,
            number if whole => Self::text(number),
            number => Self::text(masked_phone(number)),
        }
    }

    /// Whether it may stand in a column of this kind.
    #[must_use]
    pub const fn fits(&self, kind: Kind) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(_) => matches!(kind, Kind::Text),
            Self::Number(_) => matches!(kind, Kind::Number),
            Self::Date(_) => matches!(kind, Kind::Date),
            Self::DateTime(_) => matches!(kind, Kind::DateTime),
        }
    }
}

/// What [`show`] says for a mark of whom it is told nothing.
const NAMELESS: &str = "（姓名已删）";
/// What the register says instead: nobody was deleted, the name is only left out.
const SOMEBODY: &str = "某";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sheet_begins_with_its_topic_or_its_town_and_no_heading_stands_twice() {
        for sheet in Sheet::ALL {
            let columns = sheet.columns();
            let first: &[Column] = if sheet.is_of_topics() { &[NO, TITLE, TOWN] } else { &[TOWN] };
            assert!(columns.starts_with(first), "{sheet:?}");
            let mut words: Vec<&str> = columns.iter().map(|column| column.words).collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), columns.len(), "{sheet:?}");
        }
    }

    #[test]
    fn a_phone_is_masked_unless_it_was_granted() {
        assert_eq!(Cell::phone("13812341234", false), Cell::Text("138****1234".to_owned()));
        assert_eq!(Cell::phone("13812341234", true), Cell::Text("13812341234".to_owned()));
        assert_eq!(Cell::phone(" ", true), Cell::Empty);
    }

    #[test]
    fn nobody_is_named() {
        let words = "请⟦01890a5d-ac96-774b-bcce-b302099a8057⟧牵头划线";
        assert_eq!(Cell::unnamed(words), Cell::Text("请某牵头划线".to_owned()));
    }

    #[test]
    fn times_are_those_of_shanghai() {
        let at: DateTime<Utc> = "2026-12-31T16:30:00Z".parse().unwrap();
        assert_eq!(Cell::day_of(at), Cell::Date(NaiveDate::from_ymd_opt(2027, 1, 1).unwrap()));
        let Cell::DateTime(local) = Cell::time(at) else { panic!("no time") };
        assert_eq!(local.to_string(), "2027-01-01 00:30:00");
    }

    #[test]
    fn a_cell_knows_its_column() {
        assert!(Cell::text("字").fits(Kind::Text) && !Cell::text("字").fits(Kind::Date));
        assert!(Cell::number(3).fits(Kind::Number) && Cell::number(None::<i64>).fits(Kind::Date));
        assert_eq!((Cell::yes(true), Cell::yes(None::<bool>)), (Cell::Text("是".to_owned()), Cell::Empty));
    }
}
