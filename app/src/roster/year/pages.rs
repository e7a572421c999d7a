//! How a member's year is shown: `/desk/year`, a part of the member's page on the roster, and rows of the desk.

use chrono::{Datelike, NaiveDate};
use leptos::prelude::*;

use super::{Meeting, Part, Received, TopicRaised, VisitDone, Year, of_account, to_come, whole_minutes};
use crate::access::Role;
use crate::carrier::pages::own_studios;
use crate::case::stage::Stage;
use crate::error::{FormState, Refusal};
use crate::rules::{day_and_time, local_date, plain_date};
use crate::ui::{
    Button, ButtonKind, Choice, Column, DeskItem, Due, Empty, Field, LinkButton, Section, Select, Table, Way,
};
use crate::web::{Page, Request};

/// Address of one's own year.
pub const YEAR: &str = "/desk/year";
/// Years that the menu offers.
const OFFERED: i32 = 5;
/// What a meeting that waits for an answer asks for.
const ANSWER: &str = "答复或请假";

/// The page of one's own year.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for whoever is no member.
pub async fn year(req: &Request) -> Result<Page, Refusal> {
    let me = req.ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
    if !me.is_anywhere(Role::Member) {
        return Err(Refusal::Forbidden { who: Role::Member.word().to_owned() });
    }
    let this = req.ctx.today().year();
    let asked =
        req.query("year").parse().ok().filter(|year| (this - OFFERED + 1..=this).contains(year)).unwrap_or(this);
    let year = of_account(&req.ctx, me.account, asked).await?;
    let open = to_come(&req.ctx, me.account).await?;
    let studios = own_studios(req, me).await?;
    Ok(Page::desk("我的履职", YEAR, move || {
        let form = FormState::filled([("year", asked.to_string())]);
        let options =
            (this - OFFERED + 1..=this).rev().map(|one| Choice::new(one.to_string(), format!("{one} 年"))).collect();
        let coming = coming(&open);
        let studios = (!studios.is_empty()).then(|| {
            let rows =
                studios.into_iter().map(|way| view! { <li><a href=way.href>{way.words}</a></li> }).collect_view();
            view! {
                <Section title="我的工作室" side="接待和听到的意见记在这里">
                    <ul class="short-list" role="list">{rows}</ul>
                </Section>
            }
        });
        view! {
            <h1 class="title title-work">"我的履职"</h1>
            <p class="lead">{format!("{asked} 年{}", year.sum())}</p>
            <form class="filters" method="get" action=YEAR>
                <Select field=Field::of(&form, "year", "年份") options=options/>
                <div><Button words="看这一年" kind=ButtonKind::Second/></div>
            </form>
            {coming}
            {studios}
            {sections(&year, true)}
            <p class="actions"><LinkButton words="提一个议题" href="/raise" kind=ButtonKind::Second/></p>
        }
        .into_any()
    }))
}

/// The meetings that are to come: each with the way to its answer, and to asking for leave.
fn coming(open: &[Meeting]) -> Option<AnyView> {
    if open.is_empty() {
        return None;
    }
    let rows = open
        .iter()
        .map(|meeting| {
            let words = if meeting.part == Part::Coming { "来不了，请假" } else { ANSWER };
            let label = format!("{words}：{}", meeting.title);
            view! {
                <tr>
                    <th scope="row">{meeting.title.clone()}</th>
                    <td>{day_and_time(meeting.starts_at)}</td>
                    <td><a href=meeting.link.clone() aria-label=label>{words}</a></td>
                    <td>{meeting.part.word()}</td>
                    <td>{place(meeting)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = ["议题", "时间", "要做的", "现在", "地点"].map(Column::words).to_vec();
    let side = "来不了的，打开写明原因，就是请假".to_owned();
    Some(part("还没开的会", side, columns, rows.into_any()))
}

/// A part of the page: a table under its name.
fn part(title: &'static str, side: String, columns: Vec<Column>, rows: AnyView) -> AnyView {
    view! { <Section title side><Table caption=title quiet=true columns>{rows}</Table></Section> }.into_any()
}

fn place(meeting: &Meeting) -> String {
    meeting.room.as_ref().map_or_else(|| format!("{}，线上", meeting.town), |room| format!("{}，{room}", meeting.town))
}

/// What was done, in three tables. On the own page the member has links to what everybody may read.
pub fn sections(year: &Year, own: bool) -> AnyView {
    let meetings: Vec<&Meeting> = year.meetings.iter().filter(|meeting| !own || !meeting.part.is_open()).collect();
    if meetings.is_empty() && year.visits.is_empty() && year.received.is_empty() && year.topics.is_empty() {
        return if own {
            view! {
                <Empty
                    sentence="这一年还没有履职记录。请您开会、走访，记下以后都列在这里。"
                    way=Way::new("看公开的议题", "/topics")
                />
            }
            .into_any()
        } else {
            view! { <p class="meta">"今年还没有记录。"</p> }.into_any()
        };
    }
    view! { {met(&meetings)} {visited(&year.visits)} {received(&year.received)} {raised(&year.topics)} }.into_any()
}

fn met(meetings: &[&Meeting]) -> Option<AnyView> {
    if meetings.is_empty() {
        return None;
    }
    let rows = meetings
        .iter()
        .map(|meeting| {
            let spoke = match meeting.speeches {
                0 => "没有发言".to_owned(),
                n => format!("{n} 次，{} 分钟", whole_minutes(meeting.spoke)),
            };
            view! {
                <tr>
                    <th scope="row"><a href=format!("/topics/{}", meeting.case)>{meeting.title.clone()}</a></th>
                    <td>{day_and_time(meeting.starts_at)}</td>
                    <td>{place(meeting)}</td>
                    <td>{meeting.part.word()}</td>
                    <td>{if meeting.part == Part::Came { spoke } else { String::new() }}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = ["议题", "时间", "地点", "参加", "发言"].map(Column::words).to_vec();
    let side = format!("{} 次", meetings.len());
    Some(part("协商会", side, columns, rows.into_any()))
}

fn visited(visits: &[VisitDone]) -> Option<AnyView> {
    if visits.is_empty() {
        return None;
    }
    let rows = visits
        .iter()
        .map(|visit| {
            view! {
                <tr>
                    <th scope="row"><a href=format!("/topics/{}", visit.case)>{visit.title.clone()}</a></th>
                    <td>{plain_date(visit.on)}</td>
                    <td>{visit.place.clone()}</td>
                    <td class="num">{format!("{} 人", visit.heard)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns =
        vec![Column::words("议题"), Column::words("哪天"), Column::words("地点"), Column::figures("听取意见")];
    let side = format!("{} 次", visits.len());
    Some(part("走访调研", side, columns, rows.into_any()))
}

fn received(receptions: &[Received]) -> Option<AnyView> {
    if receptions.is_empty() {
        return None;
    }
    let rows = receptions
        .iter()
        .map(|one| {
            view! {
                <tr>
                    <th scope="row">{one.studio.clone()}</th>
                    <td>{plain_date(one.held_on)}</td>
                    <td class="num">{format!("{} 人", one.visitors)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::words("工作室"), Column::words("哪天"), Column::figures("接待")];
    let side = format!("{} 次", receptions.len());
    Some(part("工作室接待", side, columns, rows.into_any()))
}

fn raised(topics: &[TopicRaised]) -> Option<AnyView> {
    if topics.is_empty() {
        return None;
    }
    let rows = topics
        .iter()
        .map(|topic| {
            let title = if topic.is_public {
                view! { <a href=format!("/topics/{}", topic.case_id)>{topic.title.clone()}</a> }.into_any()
            } else {
                topic.title.clone().into_any()
            };
            view! {
                <tr>
                    <th scope="row">{title}</th>
                    <td>{plain_date(local_date(topic.submitted_at))}</td>
                    <td>{topic.stage.0.word()}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = ["议题", "哪天提的", "现在"].map(Column::words).to_vec();
    let side = format!("{} 件", topics.len());
    Some(part("提的议题", side, columns, rows.into_any()))
}

/// The invitations of a member that want an answer, as rows of the desk: the day of the meeting, and the row.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn member_items(req: &Request) -> Result<Vec<(NaiveDate, DeskItem)>, Refusal> {
    let Some(me) = req.ctx.actor.signed().filter(|me| me.is_anywhere(Role::Member)) else {
        return Ok(Vec::new());
    };
    Ok(to_come(&req.ctx, me.account)
        .await?
        .into_iter()
        .filter(|meeting| meeting.part == Part::Unanswered)
        .map(|meeting| {
            let item = DeskItem {
                due: Some(Due::calm(plain_date(local_date(meeting.starts_at)))),
                todo: format!("答复邀请：{}", meeting.title),
                why: format!("{}，{}。来不了的，写明原因请假。", place(&meeting), day_and_time(meeting.starts_at)),
                href: format!("/topics/{}", meeting.case),
                present: Some(Stage::Announced),
                side: None,
                loops: Vec::new(),
                action: Some(Way::new(ANSWER, meeting.link.clone())),
                waits_for: None,
            };
            (local_date(meeting.starts_at), item)
        })
        .collect())
}
