//! `/calendar`: the announced meetings of a month, as a sheet of days and as a list; one town or all.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use leptos::prelude::*;

use crate::error::Refusal;
use crate::plan::model::{MeetingState, days, when};
use crate::plan::store::{self, PublicMeeting};
use crate::rules::{clock_time, local_date, plain_date};
use crate::topic::pages::words::encode;
use crate::town::{self, Town};
use crate::ui::{Button, ButtonKind, Choice, Empty, Field, Section, Select, Way};
use crate::web::{Page, Request};

/// Meetings of a month that are listed.
const MOST: usize = 400;
/// Meetings named in one day of the sheet; the rest are counted.
const IN_A_DAY: usize = 3;

/// A month, by its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Month(NaiveDate);

impl Month {
    /// The month of a day.
    fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Reads 2026-12.
    fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1).map(Self)
    }

    fn key(self) -> String {
        format!("{:04}-{:02}", self.0.year(), self.0.month())
    }

    fn words(self) -> String {
        format!("{}年{}月", self.0.year(), self.0.month())
    }

    fn next(self) -> Self {
        Self(self.0.checked_add_months(Months::new(1)).unwrap_or(self.0))
    }

    fn previous(self) -> Self {
        Self(self.0.checked_sub_months(Months::new(1)).unwrap_or(self.0))
    }

    /// Whole weeks from Monday that hold the month.
    fn weeks(self) -> Vec<[NaiveDate; 7]> {
        let mut monday = self.0 - Days::new(u64::from(self.0.weekday().num_days_from_monday()));
        let end = self.next().0;
        let mut weeks = Vec::with_capacity(6);
        while monday < end {
            weeks.push(std::array::from_fn(|n| monday + Days::new(n as u64)));
            monday = monday + Days::new(7);
        }
        weeks
    }
}

fn address(month: Month, town: &str) -> String {
    if town.is_empty() {
        format!("/calendar?month={}", month.key())
    } else {
        format!("/calendar?month={}&town={}", month.key(), encode(town))
    }
}

fn href(meeting: &PublicMeeting) -> String {
    format!("/topics/{}/notice", meeting.case_id)
}

/// The meetings of a month.
///
/// # Errors
/// [`Refusal::NotFound`] for a month or town that does not exist.
pub async fn calendar(req: &Request) -> Result<Page, Refusal> {
    let (db, today) = (&req.ctx.db, req.ctx.today());
    let month = match req.query("month") {
        "" => Month::of(today),
        text => Month::parse(text).ok_or(Refusal::NotFound)?,
    };
    let towns = town::store::towns(db).await?;
    let town = req.query("town").to_owned();
    let name = match town.as_str() {
        "" => None,
        id => Some(towns.iter().find(|t| t.town_id == id).ok_or(Refusal::NotFound)?.short_name.clone()),
    };
    let chosen = (!town.is_empty()).then_some(town.as_str());
    let limit = i64::try_from(MOST).unwrap_or(i64::MAX) + 1;
    let mut meetings = store::public_meetings(db, days(month.0, month.next().0), chosen, limit).await?;
    let more = meetings.len() > MOST;
    meetings.truncate(MOST);
    let next = if meetings.is_empty() {
        store::next_meeting(db, days(month.next().0, today).0.max(req.ctx.now()), chosen).await?
    } else {
        None
    };
    let title = format!("{}{}的协商会", name.clone().unwrap_or_default(), month.words());
    Ok(Page::public(title.clone(), "/calendar", move || {
        let announced =
            meetings.iter().filter(|m| matches!(m.state.0, MeetingState::Announced | MeetingState::Held)).count();
        let whose = name.clone().unwrap_or_else(|| "全区".to_owned());
        let lead = match (announced, more) {
            (_, true) => format!("{whose}{}公示的协商会超过 {MOST} 场，请选一个镇看全。", month.words()),
            (0, false) => format!("{whose}{}还没有公示的协商会。", month.words()),
            (n, false) => format!("{whose}{}公示了 {n} 场协商会，谁都可以来听、来说。", month.words()),
        };
        let list = list(&meetings, next.map(|at| Month::of(local_date(at))), &town);
        let sheet = (!meetings.is_empty()).then(|| sheet(month, &meetings, today));
        let feed =
            if town.is_empty() { "/calendar.ics".to_owned() } else { format!("/calendar/{}.ics", encode(&town)) };
        view! {
            <h1 class="title">{title}</h1>
            <p class="lead">{lead}</p>
            {menu(month, towns, &town)}
            <nav class="month-nav" aria-label="换月份">
                <a href=address(month.previous(), &town) rel="prev">{month.previous().words()}</a>
                <a href=address(Month::of(today), &town)>"本月"</a>
                <a href=address(month.next(), &town) rel="next">{month.next().words()}</a>
            </nav>
            {sheet}
            {list}
            <p class="small">
                "想让手机日历自己跟着更新，订阅这个地址："<a href=feed>"日历订阅（iCalendar）"</a>
            </p>
        }
        .into_any()
    }))
}

/// The choice of a town; a form without script.
fn menu(month: Month, towns: Vec<Town>, chosen: &str) -> AnyView {
    let options = towns.into_iter().map(|t| Choice::new(t.town_id, t.short_name)).collect();
    let form = crate::error::FormState::filled([("town", chosen.to_owned())]);
    view! {
        <form class="filters" method="get" action="/calendar">
            <input type="hidden" name="month" value=month.key()/>
            <Select field=Field::of(&form, "town", "哪个镇").optional() options blank="全区"/>
            <Button words="看" kind=ButtonKind::Second/>
        </form>
    }
    .into_any()
}

/// The meetings by day.
fn by_day(meetings: &[PublicMeeting]) -> BTreeMap<NaiveDate, Vec<&PublicMeeting>> {
    let mut days: BTreeMap<NaiveDate, Vec<&PublicMeeting>> = BTreeMap::new();
    for meeting in meetings {
        days.entry(local_date(meeting.starts_at)).or_default().push(meeting);
    }
    days
}

/// The sheet of days; for wide screens, the list says the same.
fn sheet(month: Month, meetings: &[PublicMeeting], today: NaiveDate) -> AnyView {
    let days = by_day(meetings);
    let heads = ["一", "二", "三", "四", "五", "六", "日"]
        .into_iter()
        .map(|word| view! { <th scope="col"><span class="sr">"周"</span>{word}</th> })
        .collect_view();
    let weeks = month
        .weeks()
        .into_iter()
        .map(|week| {
            let cells = week.into_iter().map(|day| cell(day, month, days.get(&day), today)).collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <table class="month">
            <caption class="sr">{format!("{}的协商会，按日排列", month.words())}</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{weeks}</tbody>
        </table>
    }
    .into_any()
}

fn cell(day: NaiveDate, month: Month, meetings: Option<&Vec<&PublicMeeting>>, today: NaiveDate) -> AnyView {
    if Month::of(day) != month {
        return view! { <td class="outside"></td> }.into_any();
    }
    let meetings = meetings.map(Vec::as_slice).unwrap_or_default();
    let named: Vec<_> = meetings
        .iter()
        .take(IN_A_DAY)
        .map(|meeting| {
            let time = clock_time(meeting.starts_at);
            let off = (meeting.state.0 == MeetingState::Cancelled).then_some("（已取消）");
            view! { <li><a href=href(meeting)>{time}" "{meeting.title.clone()}</a>{off}</li> }
        })
        .collect();
    let rest = meetings.len().saturating_sub(IN_A_DAY);
    let rest = (rest > 0).then(|| {
        let to = format!("#d-{day}");
        view! { <li><a href=to>{format!("还有 {rest} 场")}</a></li> }
    });
    let here = (day == today).then_some("date");
    let list = (!named.is_empty()).then(|| view! { <ul>{named}{rest}</ul> });
    view! { <td aria-current=here><span class="day">{day.day()}</span>{list}</td> }.into_any()
}

fn list(meetings: &[PublicMeeting], next: Option<Month>, town: &str) -> AnyView {
    if meetings.is_empty() {
        let way = next.map(|month| Way::new(format!("下一场在{}", month.words()), address(month, town)));
        let way = way.unwrap_or_else(|| Way::new("看正在办的议题", "/topics"));
        return view! { <Section title="按日看"><Empty sentence="这个月没有。" way/></Section> }.into_any();
    }
    let days = by_day(meetings)
        .into_iter()
        .map(|(day, meetings)| {
            let rows = meetings.into_iter().map(row).collect_view();
            view! { <h3 class="sub-head" id=format!("d-{day}")>{plain_date(day)}</h3><ul class="agenda">{rows}</ul> }
        })
        .collect_view();
    view! { <Section title="按日看">{days}</Section> }.into_any()
}

fn row(meeting: &PublicMeeting) -> impl IntoView + use<> {
    let off = (meeting.state.0 == MeetingState::Cancelled).then(|| view! { " " <span class="tag">"已取消"</span> });
    let demo = meeting.demo.then(|| view! { " " <span class="tag">"演示数据"</span> });
    let words = format!(
        "{} / {} / {} / {}",
        when(meeting.starts_at, meeting.ends_at),
        meeting.town,
        meeting.place(),
        meeting.format.0.word()
    );
    view! {
        <li>
            <p class="case-title"><a href=href(meeting)>{meeting.title.clone()}</a></p>
            <p class="meta">{words}{off}{demo}</p>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_and_turned() {
        let month = Month::parse("2026-12").unwrap();
        assert_eq!((month.words().as_str(), month.next().key().as_str()), ("2026年12月", "2027-01"));
        assert_eq!(Month::parse("2026-01").unwrap().previous().key(), "2025-12");
        for wrong in ["", "2026", "2026-13", "2026-1", "26-12", "2026-00", "2026-12-01", "x", "+026-12"] {
            assert_eq!(Month::parse(wrong).map(Month::key), None, "{wrong}");
        }
    }

    #[test]
    fn weeks_hold_the_whole_month() {
        for key in ["2026-02", "2026-03", "2026-11", "2027-08"] {
            let month = Month::parse(key).unwrap();
            let weeks = month.weeks();
            let first = weeks[0];
            let last = weeks.last().unwrap();
            assert!(first[0] <= month.0 && month.0 <= first[6], "{key}");
            assert!(last[0] < month.next().0 && month.next().0 <= last[6] + Days::new(1), "{key}");
            assert!(weeks.iter().all(|week| week[0].weekday() == chrono::Weekday::Mon), "{key}");
        }
    }
}
