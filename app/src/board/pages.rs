//! `/board`: the metrics for everybody, of the district or a town. `/desk/board`: where things wait, and which towns
//! owe a meeting, for those who work on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::Datelike;
use leptos::prelude::*;

use super::model::{
    Cell, Course, FEWEST, FIRST_YEAR, Figure, Figures, HEADLINES, MONTHS, Metric, People, Period, Rate, apart, courses,
    many, metrics, scaled, top,
};
use super::store::{self, ByTown, Waiting};
use crate::access::{Role, Towns};
use crate::carrier;
use crate::case::stage::Stage;
use crate::error::{FormState, Refusal};
use crate::ids::RoomId;
use crate::register::REGISTER;
use crate::rules::{local_date, plain_date};
use crate::storage::Database;
use crate::topic::model::TopicSource;
use crate::topic::pages::words::encode;
use crate::town::{self, Room, Town};
use crate::ui::{Button, ButtonKind, Choice, Column, Empty, Field, LinkButton, Section, Select, Table, Way};
use crate::web::{Page, Request};

/// Address of the public board.
const BOARD: &str = "/board";
/// Address of the board of the workspace.
const DESK_BOARD: &str = "/desk/board";
/// Years that the menu offers.
const YEARS: i32 = 5;
/// Changed cases that a look at the board counts at most; of more, the clock counts the rest.
const FRESH: usize = 512;
/// The same on the public page, which anybody may ask for at any time.
const FEW_FRESH: usize = 16;
/// The quarters as a table names them.
const QUARTERS: [&str; 4] = ["一季度", "二季度", "三季度", "四季度"];
/// What a cell says of a quarter that has not begun.
const AHEAD: &str = "未到";

/// What both pages show.
struct Board {
    period: Period,
    /// Whether the year is still running.
    runs: bool,
    this_year: i32,
    towns: Vec<Town>,
    by_town: ByTown,
    /// The year before, as it was in the end; none before anything was counted.
    before: Option<(Period, ByTown)>,
    /// Meetings that a town is to hold in a year.
    least: i64,
}

/// What was counted of a year, with what the members of the rosters took part in.
async fn counted(db: &Database, period: &Period) -> Result<ByTown, Refusal> {
    let mut by_town = store::figures(db, period).await?;
    for (town, taking) in store::taking(db, period).await? {
        let figures = by_town.entry(town).or_default();
        (figures.members, figures.active, figures.times) = (taking.members, taking.active, taking.times);
    }
    for (town, carried) in carrier::carried(db, (period.first, period.end)).await? {
        by_town.entry(town).or_default().carried = carried;
    }
    Ok(by_town)
}

impl Board {
    /// The board of a year; of this one where none is named.
    async fn load(req: &Request, year: &str, fresh: usize) -> Result<Self, Refusal> {
        let (db, today) = (&req.ctx.db, req.ctx.today());
        let year = if year.is_empty() { today.year() } else { year.parse().map_err(|_| Refusal::NotFound)? };
        let period = Period::of(year, today).ok_or(Refusal::NotFound)?;
        let rules = town::rules::baseline(db, &req.ctx.shared, req.ctx.now()).await?.1;
        let towns = town::store::towns(db).await?;
        if let Err(error) = super::refresh(&req.ctx, fresh).await {
            // What was counted before is better than nothing; the clock tries again.
            tracing::warn!(%error, "the board could not be counted anew");
        }
        let mut by_town = counted(db, &period).await?;
        let before = match Period::of(year - 1, today) {
            Some(before) => Some((before, store::figures(db, &before).await?)),
            None => None,
        };
        for town in &towns {
            by_town.entry(town.town_id.clone()).or_default();
        }
        Ok(Self {
            period,
            runs: year == today.year(),
            this_year: today.year(),
            towns,
            by_town,
            before,
            least: i64::from(rules.district.meetings_min_year),
        })
    }

    /// The metrics of the year before, of some towns.
    fn metrics_before(&self, is_ours: impl Fn(&str) -> bool) -> Vec<Metric> {
        let Some((period, by_town)) = &self.before else { return Vec::new() };
        let ours = by_town.iter().filter(|(town, _)| is_ours(town)).map(|(_, figures)| figures);
        metrics(&Figures::sum(ours), &People::nobody(), period)
    }

    /// What was counted of a town.
    fn of(&self, town: &Town) -> Figures {
        self.by_town.get(&town.town_id).cloned().unwrap_or_default()
    }

    /// 「今年」, or the year.
    fn when(&self) -> String {
        if self.runs { "今年".to_owned() } else { format!("{}年", self.period.year) }
    }

    /// Towns without a meeting in the half-year before the cut-off.
    fn silent(&self, towns: &[Town]) -> Vec<String> {
        let silent = towns.iter().filter(|town| self.of(town).in_half(&self.period) == 0);
        silent.map(|town| town.short_name.clone()).collect()
    }
}

// ---- the public board -----------------------------------------------------------------------------------------------

/// The metrics that everybody may see: of the district, or with `?town=` of a town; of this year, or with `?year=` of
/// another.
///
/// # Errors
/// [`Refusal::NotFound`] for a town or a year that is not counted.
pub async fn public_board(req: &Request) -> Result<Page, Refusal> {
    let board = Board::load(req, req.query("year"), FEW_FRESH).await?;
    let town = match req.query("town") {
        "" => None,
        id => Some(board.towns.iter().find(|town| town.town_id == id).cloned().ok_or(Refusal::NotFound)?),
    };
    let whose = town.as_ref().map_or("全区", |town| town.short_name.as_str());
    let title = format!("{whose}{}的协商议事数据", board.when());
    Ok(Page::public(title, BOARD, move || public_body(&board, town.as_ref())))
}

fn public_body(board: &Board, town: Option<&Town>) -> AnyView {
    let period = &board.period;
    let people = People::of(&board.by_town);
    let (figures, people) = match town {
        Some(town) => (board.of(town), people.get(&town.town_id).cloned()),
        None => (Figures::sum(board.by_town.values()), people.get("").cloned()),
    };
    let people = people.unwrap_or_else(People::nobody);
    let whose = town.map_or("全区", |town| town.short_name.as_str());
    let list = metrics(&figures, &people, period);
    let before = board.metrics_before(|id| town.is_none_or(|town| town.town_id == id));
    let large = headlines(&list, &before);
    let counted =
        format!("{}。议题、会议、任务照实公布；数人的，少于 {FEWEST} 的格子不公布，免得猜出是谁。", period.words());
    let meetings = match town {
        None => by_town(board),
        Some(_) => by_quarter(&figures, period),
    };
    let until = format!("截至{}", period.cut_off_words());
    let (raised, held) = (format!("{} 件", figures.topics()), format!("{} 场", figures.meetings(period)));
    let there = format!("{} 人次", people.all.words());
    // What stands in a section is made before it: a section takes only what owns its words.
    let (table, sources) = (table_of(&list, &before, period), sources(&figures));
    let (attendance, months) = (attendance(&people), months(&figures, period));
    view! {
        <h1 class="title">{heading(whose, board, &figures)}</h1>
        <p class="meta">{counted}</p>
        <p class="lead">{lead(board, town)}</p>
        {menu(board, town)}
        {large}
        <Section title="各项指标" id="metrics" side=until>{table}</Section>
        <Section title="议题从哪里来" id="sources" side=raised>{sources}</Section>
        <Section title="开了多少会" id="meetings" side=held>{meetings}</Section>
        <Section title="谁来商量" id="people" side=there>{attendance}</Section>
        <Section title="逐月" id="months">{months}</Section>
    }
    .into_any()
}

/// How much was talked about, and what came of it.
fn heading(whose: &str, board: &Board, figures: &Figures) -> String {
    let when = board.when();
    match (figures.meetings(&board.period), figures.solved) {
        (0, _) if board.runs => format!("{whose}{when}还没有开过协商会。"),
        (0, _) => format!("{whose}{when}没有开过协商会。"),
        (n, 0) => format!("{whose}{when}开了 {n} 场协商会。"),
        (n, solved) => format!("{whose}{when}开了 {n} 场协商会，采纳的意见已解决 {solved} 条。"),
    }
}

/// Who has not met for half a year.
fn lead(board: &Board, town: Option<&Town>) -> String {
    let since = format!("{}以来的半年里", plain_date(board.period.half_from));
    match town {
        Some(town) if board.of(town).in_half(&board.period) == 0 => format!("{since}没有开过会。"),
        Some(town) => format!("{since}开了 {} 场会。", board.of(town).in_half(&board.period)),
        None => {
            let silent = board.silent(&board.towns);
            if silent.is_empty() {
                format!("{since}各镇都开过会。")
            } else {
                format!("{since}没有开过会的：{}。", silent.join("、"))
            }
        }
    }
}

/// Which town, which year.
fn menu(board: &Board, town: Option<&Town>) -> AnyView {
    let chosen = town.map(|town| town.town_id.clone()).unwrap_or_default();
    let form = FormState::filled([("town", chosen), ("year", board.period.year.to_string())]);
    let places = board.towns.iter().map(|town| Choice::new(town.town_id.clone(), town.short_name.clone())).collect();
    let first = FIRST_YEAR.max(board.this_year - YEARS + 1).min(board.period.year);
    let years =
        (first..=board.this_year).rev().map(|year| Choice::new(year.to_string(), format!("{year} 年"))).collect();
    let (place, year) = (Field::of(&form, "town", "哪里"), Field::of(&form, "year", "哪一年"));
    view! {
        <form class="filters" method="get" action=BOARD>
            <Select field=place options=places blank="全区"/>
            <Select field=year options=years/>
            <div><Button words="看" kind=ButtonKind::Second/></div>
        </form>
    }
    .into_any()
}

/// The metrics that stand large at the top.
fn headlines(list: &[Metric], before: &[Metric]) -> AnyView {
    let large = HEADLINES
        .iter()
        .filter_map(|name| list.iter().find(|metric| metric.name == *name))
        .enumerate()
        .map(|(n, metric)| headline(metric, value_before(before, metric.name), n == 0))
        .collect_view();
    view! { <div class="board-metrics">{large}</div> }.into_any()
}

/// What a metric came to in the year before, where there was something to count; people are not compared.
fn value_before(before: &[Metric], name: &str) -> Option<String> {
    let figure = &before.iter().find(|metric| metric.name == name)?.figure;
    match figure {
        Figure::Rate(rate) => rate.percent().map(|_| rate.shown()),
        Figure::Average(Some(_), _) | Figure::Count(1.., _) => Some(figure.shown()),
        Figure::Average(None, _) | Figure::Count(..) | Figure::Hidden(_) => None,
    }
}

/// A metric shown large, with its fraction, last year's value, and what the one number hides.
fn headline(metric: &Metric, before: Option<String>, first: bool) -> AnyView {
    let class = if first { "board-metric board-first" } else { "board-metric" };
    let shown = metric.figure.shown();
    let (number, sign) = match shown.strip_suffix('%') {
        Some(number) => (number.to_owned(), Some(view! { <span class="board-sign">"%"</span> })),
        None => (shown, None),
    };
    let fraction = metric.figure.rate().filter(|rate| rate.denominator > 0);
    let fraction =
        fraction.map(|rate| view! { <p class="board-of">{format!("{} {}", rate.fraction(), metric.of)}</p> });
    let more = metric.more.clone().map(|words| view! { <p class="caption">{words}</p> });
    let before = before.map(|value| view! { <p class="caption">{format!("上年全年 {value}")}</p> });
    view! {
        <div class=class>
            <h2 class="board-name">{metric.name}</h2>
            <p class="board-number">{number}{sign}</p>
            {fraction}
            {before}
            {more}
        </div>
    }
    .into_any()
}

/// Every metric with numerator, denominator and how it is counted.
fn table_of(list: &[Metric], before: &[Metric], period: &Period) -> AnyView {
    let of_before: Vec<Option<String>> = list.iter().map(|metric| value_before(before, metric.name)).collect();
    // Where nothing was counted then, an empty column says nothing.
    let compares = of_before.iter().any(Option::is_some);
    let rows = list
        .iter()
        .zip(of_before)
        .map(|(metric, before)| {
            let before = compares.then(|| view! { <td class="num">{before.unwrap_or_default()}</td> });
            let rate = metric.figure.rate();
            let part = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
            view! {
                <tr>
                    <th scope="row">{metric.name}</th>
                    <td class="num">{part(rate.map(|rate| rate.numerator))}</td>
                    <td class="num">{part(rate.map(|rate| rate.denominator))}</td>
                    <td class="num">{metric.figure.shown()}</td>
                    {before}
                    <td>{metric.how}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = [
        Some(Column::words("指标")),
        Some(Column::figures("分子")),
        Some(Column::figures("分母")),
        Some(Column::figures("结果")),
        compares.then(|| Column::figures("上年全年")),
        Some(Column::words("怎么算的")),
    ];
    let columns = columns.into_iter().flatten().collect();
    let caption = format!("各项指标，截至{}", period.cut_off_words());
    // On a phone the last column would take most of the page: there it is a list that opens.
    let how = list.iter().map(|metric| view! { <dt>{metric.name}</dt><dd>{metric.how}</dd> }).collect_view();
    view! {
        <div class="board-all"><Table caption quiet=true columns>{rows}</Table></div>
        <details class="board-how"><summary>"怎么算的"</summary><dl>{how}</dl></details>
    }
    .into_any()
}

/// Where topics come from: bars and their table.
fn sources(figures: &Figures) -> AnyView {
    let counts = TopicSource::ALL.iter().map(|source| (source.word(), figures.of_source(*source)));
    let list: Vec<(&'static str, i64)> = counts.collect();
    let label = format!("议题来源：{}。", said(list.iter().map(|(name, n)| format!("{name} {n} 件"))));
    let drawn = bars(label, list.iter().map(|(name, n)| Bar::plain(name, *n)).collect(), None);
    let rows = list
        .into_iter()
        .map(|(name, n)| {
            let share = Rate::of(n, figures.topics()).percent().unwrap_or_default();
            view! { <tr><th scope="row">{name}</th><td class="num">{n}</td><td class="num">{share}</td></tr> }
        })
        .collect_view();
    let columns = vec![Column::words("来源"), Column::figures("件"), Column::figures("占全部")];
    let caption = format!("{} 件议题的来源", figures.topics());
    view! { <div class="beside">{drawn}<Table caption quiet=true columns>{rows}</Table></div> }.into_any()
}

/// Meetings of every town, in the order of the towns: nobody is ranked by how often they meet.
fn by_town(board: &Board) -> AnyView {
    let period = &board.period;
    let list: Vec<(String, Figures)> =
        board.towns.iter().map(|town| (town.short_name.clone(), board.of(town))).collect();
    let spoken = said(list.iter().map(|(name, one)| format!("{name} {} 场", one.meetings(period))));
    let label = format!("各镇{}的协商场次，每年至少 {} 场：{spoken}。", board.when(), board.least);
    let drawn = list
        .iter()
        .map(|(name, one)| {
            let n = one.meetings(period);
            let missing = board.least - n;
            if missing > 0 {
                Bar { red: n, words: format!("{n}，差 {missing} 场"), ..Bar::plain(name, n) }
            } else {
                Bar::plain(name, n)
            }
        })
        .collect();
    let drawn = bars(label, drawn, Some(board.least));
    let rows = board
        .towns
        .iter()
        .map(|town| {
            let href = format!("{BOARD}?town={}&year={}", encode(&town.town_id), period.year);
            let cells = meeting_cells(&board.of(town), period, board.least);
            view! { <tr><th scope="row"><a href=href>{town.short_name.clone()}</a></th>{cells}</tr> }
        })
        .collect_view();
    let mut columns = vec![Column::words("区镇")];
    columns.extend(meeting_columns());
    let limit = format!("竖线是每镇每年至少 {} 场。", board.least);
    view! {
        <div class="beside">
            <div>{drawn}<p class="caption">{limit}</p></div>
            <Table caption="各镇每季度的协商场次" quiet=true columns>{rows}</Table>
        </div>
    }
    .into_any()
}

fn meeting_columns() -> Vec<Column> {
    let mut columns: Vec<Column> = QUARTERS.into_iter().map(Column::figures).collect();
    columns.extend([Column::figures("全年"), Column::figures("近半年")]);
    columns
}

/// The meetings of a town by quarter, in the year and in the last half-year.
fn meeting_cells(figures: &Figures, period: &Period, least: i64) -> AnyView {
    let quarters = figures
        .quarters(period)
        .into_iter()
        .enumerate()
        .map(|(quarter, n)| {
            let shown = if period.has_begun(quarter) { n.to_string() } else { AHEAD.to_owned() };
            view! { <td class="num">{shown}</td> }
        })
        .collect_view();
    let (n, half) = (figures.meetings(period), figures.in_half(period));
    let year = if n < least {
        view! { <td class="num board-low">{format!("{n}，差 {} 场", least - n)}</td> }.into_any()
    } else {
        view! { <td class="num">{n}</td> }.into_any()
    };
    let half = if half == 0 {
        view! { <td class="num board-low">"没有"</td> }.into_any()
    } else {
        view! { <td class="num">{half}</td> }.into_any()
    };
    view! { {quarters}{year}{half} }.into_any()
}

/// The meetings of one town.
fn by_quarter(figures: &Figures, period: &Period) -> AnyView {
    let begun: Vec<(&'static str, i64)> = QUARTERS
        .into_iter()
        .zip(figures.quarters(period))
        .enumerate()
        .filter(|(quarter, _)| period.has_begun(*quarter))
        .map(|(_, one)| one)
        .collect();
    let label = format!("每季度的协商场次：{}。", said(begun.iter().map(|(name, n)| format!("{name} {n} 场"))));
    let drawn = bars(label, begun.iter().map(|(name, n)| Bar::plain(name, *n)).collect(), None);
    let rows = begun
        .into_iter()
        .map(|(name, n)| view! { <tr><th scope="row">{name}</th><td class="num">{n}</td></tr> })
        .collect_view();
    let columns = vec![Column::words("季度"), Column::figures("场")];
    view! {
        <div class="beside">{drawn}<Table caption="每季度的协商场次" quiet=true columns>{rows}</Table></div>
    }
    .into_any()
}

/// Who was there, as far as it may be shown.
fn attendance(people: &People) -> AnyView {
    let spoken = said(people.categories.iter().map(|(category, cell)| format!("{} {}", category.word(), cell.words())));
    let label = format!("参与人次的构成：{spoken}。");
    let drawn = people
        .categories
        .iter()
        .map(|(category, cell)| Bar {
            words: cell.words(),
            ..Bar::plain(category.word(), cell.value().unwrap_or_default())
        })
        .collect();
    let drawn = bars(label, drawn, None);
    let row = |name: &'static str, cell: Cell| {
        let share = people.share(cell).and_then(Rate::percent).unwrap_or_default();
        view! { <tr><th scope="row">{name}</th><td class="num">{cell.words()}</td><td class="num">{share}</td></tr> }
    };
    let rows = people.categories.iter().map(|(category, cell)| row(category.word(), *cell)).collect_view();
    let (women, all) = (row("其中女性", people.women), row("合计", people.all));
    let columns = vec![Column::words("身份"), Column::figures("人次"), Column::figures("占全部")];
    view! {
        <div class="beside">
            {drawn}
            <Table caption="参与人次的构成" quiet=true columns>{rows}{all}{women}</Table>
        </div>
    }
    .into_any()
}

/// The trend by month: a drawing for wide and one for narrow screens, and the table.
fn months(figures: &Figures, period: &Period) -> AnyView {
    let lines = courses(figures, period);
    let label = format!("{}逐月：{}。", period.words(), said(lines.iter().map(Course::sentence)));
    let (wide, narrow) = (chart(&lines, WIDE, label.clone()), chart(&lines, NARROW, label));
    let rows = (0..period.begun())
        .map(|month| {
            let cells = lines
                .iter()
                .map(|line| view! { <td class="num">{line.values.get(month).copied().unwrap_or_default()}</td> })
                .collect_view();
            let of = |months: &[i64; MONTHS]| months.get(month).copied().unwrap_or_default();
            let adopted = Rate::of(of(&figures.adopted_by_month), of(&figures.decided_by_month));
            let adopted = if adopted.denominator > 0 { adopted.shown() } else { String::new() };
            view! {
                <tr>
                    <th scope="row">{format!("{}月", month + 1)}</th>
                    {cells}
                    <td class="num">{adopted}</td>
                </tr>
            }
        })
        .collect_view();
    let mut columns = vec![Column::words("月份")];
    columns.extend(lines.iter().map(|line| Column::figures(line.name)));
    columns.push(Column::figures("采纳"));
    view! {
        <div class="beside">
            <div>{wide}{narrow}</div>
            <Table caption="每月提出的议题、开的会、核实的任务、批办的建议里采纳的" quiet=true columns>{rows}</Table>
        </div>
    }
    .into_any()
}

// ---- drawings -------------------------------------------------------------------------------------------------------

/// Parts of a sentence for readers of screens.
fn said(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("，")
}

/// A bar with its name and its words.
struct Bar {
    name: String,
    n: i64,
    /// How much of it is red, at its end: late, or all of it where it is under what is asked for.
    red: i64,
    words: String,
}

impl Bar {
    fn plain(name: &str, n: i64) -> Self {
        Self { name: name.to_owned(), n, red: 0, words: n.to_string() }
    }
}

/// Length of a bar's bed in its own units.
const LENGTH: i64 = 1000;

/// Bars one under the other, drawn to one scale; `limit` is marked in each.
fn bars(label: String, list: Vec<Bar>, limit: Option<i64>) -> AnyView {
    let whole = list.iter().map(|bar| bar.n).chain(limit).max().unwrap_or(0).max(1);
    let rows = list
        .into_iter()
        .map(|bar| {
            let low = bar.words != bar.n.to_string() && (bar.red > 0 || bar.n == 0 && limit.is_some());
            let class = if low { "board-row board-low" } else { "board-row" };
            let drawing = bar_drawing(&bar, whole, limit);
            view! {
                <div class=class>
                    <span class="board-row-name">{bar.name}</span>
                    <svg
                        class="board-track"
                        viewBox="0 0 1000 16"
                        preserveAspectRatio="none"
                        aria-hidden="true"
                        inner_html=drawing
                    ></svg>
                    <span class="board-row-words">{bar.words}</span>
                </div>
            }
        })
        .collect_view();
    view! { <div class="board-bars" role="img" aria-label=label>{rows}</div> }.into_any()
}

fn bar_drawing(bar: &Bar, whole: i64, limit: Option<i64>) -> String {
    let (end, ink) = (scaled(bar.n, whole, LENGTH), scaled(bar.n - bar.red, whole, LENGTH));
    let mut svg = format!(r#"<rect class="board-ink" x="0" y="0" width="{ink}" height="16"/>"#);
    if bar.red > 0 {
        let red = end - ink;
        // Writing to a string cannot fail.
        let _ = write!(svg, r#"<rect class="board-red" x="{ink}" y="0" width="{red}" height="16"/>"#);
    }
    if let Some(limit) = limit {
        let x = scaled(limit, whole, LENGTH).clamp(1, LENGTH - 1);
        let _ = write!(svg, r#"<path class="board-limit" d="M{x} 0V16"/>"#);
    }
    svg
}

/// The measures of a line chart.
#[derive(Clone, Copy)]
struct Frame {
    class: &'static str,
    width: i64,
    height: i64,
    /// Room for the figures of the axis.
    left: i64,
    /// Room for the names of the lines.
    right: i64,
    /// Every which month is named.
    every: usize,
}

const WIDE: Frame = Frame { class: "board-chart board-wide", width: 640, height: 280, left: 40, right: 92, every: 1 };
const NARROW: Frame =
    Frame { class: "board-chart board-narrow", width: 340, height: 240, left: 32, right: 76, every: 3 };

/// Room over the lines and under them.
const OVER: i64 = 12;
const UNDER: i64 = 30;
/// Least room from one name of a line to the next.
const LABEL: i64 = 18;

impl Frame {
    fn x(&self, month: usize) -> i64 {
        self.left + scaled(many(month), many(MONTHS) - 1, self.width - self.left - self.right)
    }

    const fn base(&self) -> i64 {
        self.height - UNDER
    }

    fn y(&self, value: i64, top: i64) -> i64 {
        self.base() - scaled(value, top, self.base() - OVER)
    }
}

/// A line chart: lines are told apart by dash and named at their end.
fn chart(lines: &[Course], frame: Frame, label: String) -> AnyView {
    let (view_box, drawing) = (format!("0 0 {} {}", frame.width, frame.height), chart_drawing(lines, frame));
    view! { <svg class=frame.class viewBox=view_box role="img" aria-label=label inner_html=drawing></svg> }.into_any()
}

fn chart_drawing(lines: &[Course], frame: Frame) -> String {
    let most = lines.iter().flat_map(|line| line.values.iter().copied()).max().unwrap_or(0);
    let top = top(most);
    let (left, right, base) = (frame.left, frame.width - frame.right, frame.base());
    let mut svg = String::new();
    // Writing to a string cannot fail.
    for step in 0..=4 {
        let value = top / 4 * step;
        let (y, x) = (frame.y(value, top), left - 8);
        let _ = write!(svg, r#"<path class="board-grid" d="M{left} {y}H{right}"/>"#);
        let _ = write!(svg, r#"<text x="{x}" y="{}" text-anchor="end">{value}</text>"#, y + 4);
    }
    for month in (0..MONTHS).step_by(frame.every) {
        let (x, y) = (frame.x(month), base + 20);
        let _ = write!(svg, r#"<text x="{x}" y="{y}" text-anchor="middle">{}月</text>"#, month + 1);
    }
    let ends: Vec<i64> = lines.iter().map(|line| frame.y(line.values.last().copied().unwrap_or(0), top)).collect();
    let labels = apart(&ends, LABEL, base);
    for (n, line) in lines.iter().enumerate() {
        let places: Vec<String> = line
            .values
            .iter()
            .enumerate()
            .map(|(month, value)| format!("{} {}", frame.x(month), frame.y(*value, top)))
            .collect();
        let (path, x) = (places.join("L"), frame.x(line.values.len().saturating_sub(1)));
        let _ = write!(svg, r#"<path class="board-line board-line-{}" d="M{path}"/>"#, n + 1);
        if let Some(y) = ends.get(n) {
            let _ = write!(svg, r#"<circle class="board-end" cx="{x}" cy="{y}" r="3"/>"#);
        }
        if let Some(y) = labels.get(n) {
            let name = line.name;
            let _ = write!(svg, r#"<text class="board-line-name" x="{}" y="{}">{name}</text>"#, x + 8, y + 4);
        }
    }
    svg
}

// ---- the board of the workspace -------------------------------------------------------------------------------------

/// How the towns stand and where things wait: all towns for the district, one's own for the people of a town.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for whoever works on the cases of no town.
pub async fn town_board(req: &Request) -> Result<Page, Refusal> {
    let me = req.ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
    let seen = me.seen_towns();
    if seen.is_none() {
        return Err(Refusal::Forbidden { who: format!("{}、{}", Role::Director.word(), Role::DistrictOffice.word()) });
    }
    let (db, today) = (&req.ctx.db, req.ctx.today());
    let board = Board::load(req, "", FRESH).await?;
    let towns: Vec<Town> = board.towns.iter().filter(|town| seen.has(&town.town_id)).cloned().collect();
    let is_ours = |id: &str| seen.has(id);
    let waiting: Vec<Waiting> =
        store::waiting(db, today).await?.into_iter().filter(|one| is_ours(&one.town_id)).collect();
    let late = store::late_tasks(db, today).await?;
    let rooms: Vec<Room> =
        town::store::rooms(db, None).await?.into_iter().filter(|room| is_ours(&room.town_id)).collect();
    let whose = if seen == Towns::All { "全区".to_owned() } else { names(towns.iter()) };
    let used = store::used_rooms(db, board.period.half_from).await?.into_iter().map(|row| row.0).collect();
    let desk = Desk { board, whose, towns, waiting, late, rooms, used };
    Ok(Page::desk("镇情", DESK_BOARD, move || desk_body(&desk)))
}

/// What the board of the workspace shows.
struct Desk {
    board: Board,
    whose: String,
    /// Those that the reader sees.
    towns: Vec<Town>,
    waiting: Vec<Waiting>,
    /// Late tasks by town.
    late: BTreeMap<String, i64>,
    rooms: Vec<Room>,
    /// Those in which a meeting was held in the half-year.
    used: BTreeSet<RoomId>,
}

fn names<'a>(towns: impl Iterator<Item = &'a Town>) -> String {
    towns.map(|town| town.short_name.as_str()).collect::<Vec<_>>().join("、")
}

fn desk_body(desk: &Desk) -> AnyView {
    let (board, period) = (&desk.board, &desk.board.period);
    let figures: Vec<Figures> = desk.towns.iter().map(|town| board.of(town)).collect();
    let meetings: i64 = figures.iter().map(|one| one.meetings(period)).sum();
    let open: i64 = desk.waiting.iter().map(|one| one.n).sum();
    let late: i64 = desk.towns.iter().filter_map(|town| desk.late.get(&town.town_id)).sum();
    let title = format!("{}今年开了 {meetings} 场协商会，{}", desk.whose, owed(desk, &figures));
    let counted = format!("{}。正在办 {open} 件，超期任务 {late} 项。人数少于 {FEWEST} 的格子不显示。", period.words());
    let side = format!("{open} 件");
    let before = board.metrics_before(|id| desk.towns.iter().any(|town| town.town_id == id));
    let sum = Figures::sum(&figures);
    let large = headlines(&metrics(&sum, &People::nobody(), period), &before);
    let (towns, stages, rooms) = (town_rows(desk, &figures), stages(desk), silent_rooms(desk));
    let (carriers, when) = (carrier_rows(desk, &figures), board.when());
    let months = months(&sum, period);
    view! {
        <h1 class="title title-desk">{title}</h1>
        <p class="meta">{counted}</p>
        <p class="actions">
            <LinkButton words="看超期的任务" href="/desk/late" kind=ButtonKind::Second/>
            <LinkButton words="看公开的数据" href=BOARD kind=ButtonKind::Second/>
            <LinkButton words="台账" href=REGISTER kind=ButtonKind::Second/>
        </p>
        {large}
        <Section title="各镇的情况" id="towns" side="次序不是排名">{towns}</Section>
        <Section title="事情停在哪里" id="waiting" side=side>{stages}</Section>
        <Section title="逐月" id="months">{months}</Section>
        <Section title="议事室和工作室" id="carriers" side=when>{carriers}</Section>
        <Section title="近半年没有开过会的议事室" id="rooms">{rooms}</Section>
    }
    .into_any()
}

/// Towns that a heading names; of more it says how many.
const NAMED: usize = 3;

/// Which towns owe meetings, as the end of a sentence.
fn owed(desk: &Desk, figures: &[Figures]) -> String {
    let (period, least) = (&desk.board.period, desk.board.least);
    let missing = desk.towns.iter().zip(figures).map(|(town, one)| (town, least - one.meetings(period)));
    let behind: Vec<(&Town, i64)> = missing.filter(|(_, missing)| *missing > 0).collect();
    match (behind.as_slice(), desk.towns.len()) {
        ([], _) => "场次都够了。".to_owned(),
        ([(_, missing)], 1) => format!("还差 {missing} 场。"),
        (some, _) if some.len() <= NAMED => {
            format!("{}还不到 {least} 场。", names(some.iter().map(|(town, _)| *town)))
        }
        (all, _) => format!("{} 个镇还不到 {least} 场。", all.len()),
    }
}

/// Rooms by the six points, and what the studios of each town heard.
fn carrier_rows(desk: &Desk, figures: &[Figures]) -> AnyView {
    let rows = desk
        .towns
        .iter()
        .zip(figures)
        .map(|(town, one)| {
            let href = format!("/desk/rooms?town={}", encode(&town.town_id));
            let carried = one.carried;
            view! {
                <tr>
                    <th scope="row"><a href=href>{town.short_name.clone()}</a></th>
                    <td class="num">{one.rooms_fit().shown()}</td>
                    <td class="num">{one.coverage().shown()}</td>
                    <td class="num">{carried.studios}</td>
                    <td class="num">{carried.receptions}</td>
                    <td class="num">{carried.opinions}</td>
                    <td class="num">{carried.raised}</td>
                </tr>
            }
        })
        .collect_view();
    let mut columns = vec![Column::words("区镇")];
    columns.extend(["六有达标", "村社区覆盖", "工作室", "接待", "意见", "提为议题"].map(Column::figures));
    view! { <Table caption="各镇的议事室和工作室" quiet=true columns>{rows}</Table> }.into_any()
}

/// One row for each town.
fn town_rows(desk: &Desk, figures: &[Figures]) -> AnyView {
    let (board, period) = (&desk.board, &desk.board.period);
    let rows = desk
        .towns
        .iter()
        .zip(figures)
        .map(|(town, one)| {
            let href = format!("/desk/topics?town={}", encode(&town.town_id));
            let open: i64 = desk.waiting.iter().filter(|row| row.town_id == town.town_id).map(|row| row.n).sum();
            let late = desk.late.get(&town.town_id).copied().unwrap_or_default();
            let late_class = if late > 0 { "num board-low" } else { "num" };
            view! {
                <tr>
                    <th scope="row"><a href=href>{town.short_name.clone()}</a></th>
                    {meeting_cells(one, period, board.least)}
                    <td class="num">{open}</td>
                    <td class=late_class>{late}</td>
                    <td class="num">{one.adoption().shown()}</td>
                    <td class="num">{one.implementation().shown()}</td>
                    <td class="num">{one.satisfaction().shown()}</td>
                </tr>
            }
        })
        .collect_view();
    let mut columns = vec![Column::words("区镇")];
    columns.extend(meeting_columns());
    columns.extend(["在办案卷", "超期任务", "采纳率", "落实率", "满意率"].map(Column::figures));
    view! { <Table caption="各镇的协商场次、在办案卷和办理结果" quiet=true columns>{rows}</Table> }.into_any()
}

/// How many stand in a stage, how many of them too long, and how long the longest.
#[derive(Clone, Copy, Default)]
struct Standing {
    n: i64,
    late: i64,
    days: i64,
}

/// The stages in which cases wait: bars and their table.
fn stages(desk: &Desk) -> AnyView {
    let today = desk.board.period.cut_off;
    let mut stages: BTreeMap<Stage, Standing> = BTreeMap::new();
    for row in &desk.waiting {
        let standing = stages.entry(row.stage.0).or_default();
        standing.n += row.n;
        standing.late += row.late;
        standing.days = standing.days.max((today - local_date(row.since)).num_days());
    }
    if stages.is_empty() {
        let way = Way::new("看全部议题", "/desk/topics");
        return view! { <Empty sentence="现在没有正在办的事。" way/> }.into_any();
    }
    let spoken = said(stages.iter().map(|(stage, one)| format!("{} {} 件", stage.word(), one.n)));
    let label = format!("事情停在哪个阶段：{spoken}。");
    let drawn = stages
        .iter()
        .map(|(stage, one)| {
            let plain = Bar::plain(stage.word(), one.n);
            if one.late > 0 {
                Bar { red: one.late, words: format!("{}，超期 {}", one.n, one.late), ..plain }
            } else {
                plain
            }
        })
        .collect();
    let drawn = bars(label, drawn, None);
    let rows = stages
        .into_iter()
        .map(|(stage, one)| {
            let href = format!("/desk/topics?stage={}", stage.code());
            let class = if one.late > 0 { "num board-low" } else { "num" };
            view! {
                <tr>
                    <th scope="row"><a href=href>{stage.word()}</a></th>
                    <td class="num">{one.n}</td>
                    <td class=class>{one.late}</td>
                    <td class="num">{format!("{} 天", one.days)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns =
        vec![Column::words("停在"), Column::figures("件"), Column::figures("其中超期"), Column::figures("最久的停了")];
    view! {
        <div class="beside">
            {drawn}
            <Table caption="每个阶段停着几件、最久的几天" quiet=true columns>{rows}</Table>
        </div>
    }
    .into_any()
}

/// Rooms in which nobody met in the half-year before today.
fn silent_rooms(desk: &Desk) -> AnyView {
    let period = &desk.board.period;
    let silent: Vec<&Room> = desk.rooms.iter().filter(|room| !desk.used.contains(&room.room_id)).collect();
    if silent.is_empty() {
        let way = Way::new("看场地", "/desk/rooms");
        return view! { <Empty sentence="每个议事室近半年都开过会。" way/> }.into_any();
    }
    let since = format!(
        "{}到今天，{} 个议事室里有 {} 个没有开过会。",
        plain_date(period.half_from),
        desk.rooms.len(),
        silent.len()
    );
    let rows = silent
        .into_iter()
        .map(|room| {
            let town = desk.towns.iter().find(|town| town.town_id == room.town_id);
            let town = town.map(|town| town.short_name.clone()).unwrap_or_default();
            view! {
                <tr>
                    <th scope="row">{room.name.clone()}</th>
                    <td>{town}</td>
                    <td>{room.level.word()}</td>
                    <td>{room.address.clone()}</td>
                </tr>
            }
        })
        .collect_view();
    let columns =
        vec![Column::words("议事室"), Column::words("区镇"), Column::words("哪一级"), Column::words("在哪里")];
    view! {
        <p>{since}</p>
        <Table caption="近半年没有开过会的议事室" quiet=true columns>{rows}</Table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::render;

    #[test]
    fn bars_keep_to_one_scale_and_red_is_said_in_words() {
        let list = vec![
            Bar::plain("盛泽镇", 8),
            Bar { red: 1, words: "1，差 1 场".to_owned(), ..Bar::plain("横扇街道", 1) },
            Bar { words: "0，差 2 场".to_owned(), ..Bar::plain("七都镇", 0) },
        ];
        let html = render(move || bars("各镇场次。".to_owned(), list, Some(2)));
        assert!(html.contains("role=\"img\"") && html.contains("aria-label=\"各镇场次。\""), "{html}");
        assert!(html.contains("width=\"1000\"") && html.contains("class=\"board-red\" x=\"0\""), "{html}");
        assert_eq!(html.matches("board-limit\" d=\"M250 0V16\"").count(), 3, "{html}");
        assert_eq!(html.matches("board-row board-low").count(), 2, "{html}");
        assert!(!html.contains(" style="), "{html}");
    }

    #[test]
    fn lines_stop_at_the_month_and_are_named_at_their_end() {
        let line = |name, values: &[i64]| Course { name, unit: "件", values: values.to_vec() };
        let lines = [line("提出议题", &[2, 0, 8]), line("开会", &[0, 1, 1]), line("核实任务", &[0, 0, 1])];
        for frame in [WIDE, NARROW] {
            let svg = chart_drawing(&lines, frame);
            assert_eq!(svg.matches("class=\"board-line board-line-").count(), 3, "{svg}");
            assert!(lines.iter().all(|line| svg.contains(line.name)), "{svg}");
            let top = format!("{} {OVER}", frame.x(2));
            assert!(svg.contains(&top), "{top} in {svg}");
            assert!(svg.contains(">1月<") && svg.contains(">10月<"), "{svg}");
        }
    }

    #[test]
    fn a_metric_is_never_large_without_its_fraction() {
        let figures = Figures { decided: 132, full: 71, partial: 24, ..Figures::default() };
        let period = Period::of(2026, "2026-11-18".parse().unwrap()).unwrap();
        let list = metrics(&figures, &People::nobody(), &period);
        let adoption = list.into_iter().find(|metric| metric.name == "采纳率").unwrap();
        let html = render(move || headline(&adoption, Some("90 / 132 = 68.2%".to_owned()), false));
        for words in
            ["72.0", "上年全年 90 / 132 = 68.2%", "95 / 132 条批办了的采纳了", "全部采纳 71 条，53.8%；部分采纳 24 条"]
        {
            assert!(html.contains(words), "{words} in {html}");
        }
    }
}
