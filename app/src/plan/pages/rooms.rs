//! `/desk/rooms`: the rooms of a town with what is booked in a week.

use chrono::{Datelike, Days, NaiveDate};
use leptos::prelude::*;

use crate::carrier::pages::TownPart;
use crate::error::Refusal;
use crate::plan::model::days;
use crate::plan::store::{self, Booking};
use crate::rules::{clock_time, local_date, plain_date};
use crate::topic::pages::words::encode;
use crate::town::{self, Room, Town};
use crate::ui::{Button, ButtonKind, Choice, Column, Crumbs, Empty, Field, Section, Select, Table, Way};
use crate::web::{Page, Request};

const ROOMS: &str = "/desk/rooms";

fn monday(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).unwrap_or(day)
}

fn address(town: &str, from: NaiveDate) -> String {
    format!("{ROOMS}?town={}&from={from}", encode(town))
}

/// The week of a town's rooms; for the people of the town and the district's office.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for a town that is not one's own.
pub async fn rooms(req: &Request) -> Result<Page, Refusal> {
    let me = req.ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
    let db = &req.ctx.db;
    let seen = me.seen_towns();
    let towns: Vec<Town> = town::store::towns(db).await?.into_iter().filter(|town| seen.has(&town.town_id)).collect();
    // A refused form of the page names its town itself.
    let sent = req.form.value("town");
    let town = match if sent.is_empty() { req.query("town") } else { sent } {
        "" => towns.first(),
        id => towns.iter().find(|t| t.town_id == id),
    };
    let town = town.cloned().ok_or(Refusal::NotFound)?;
    let from = match req.query("from") {
        "" => monday(req.ctx.today()),
        text => monday(text.parse().map_err(|_| Refusal::NotFound)?),
    };
    let until = from.checked_add_days(Days::new(7)).ok_or(Refusal::NotFound)?;
    let back = from.checked_sub_days(Days::new(7)).ok_or(Refusal::NotFound)?;
    let list = town::store::rooms(db, Some(&town.town_id)).await?;
    let bookings = store::bookings(db, &town.town_id, days(from, until)).await?;
    let part = TownPart::load(req, me, &town, &list).await?;
    Ok(Page::desk("场地", ROOMS, move || {
        let id = town.town_id.clone();
        let week = format!("{} 至 {}", plain_date(from), plain_date(until.pred_opt().unwrap_or(until)));
        let rows = list.iter().map(|room| row(room, from, &bookings)).collect_view();
        let columns = vec![
            Column::words("场地"),
            Column::words("周一"),
            Column::words("周二"),
            Column::words("周三"),
            Column::words("周四"),
            Column::words("周五"),
            Column::words("周六"),
            Column::words("周日"),
        ];
        let body = if list.is_empty() {
            view! { <Empty sentence="本镇还没有登记场地。"/> }.into_any()
        } else {
            view! { <Table caption=format!("{week}的场地") quiet=true columns>{rows}</Table> }.into_any()
        };
        let count = format!("{} 场", bookings.len());
        let menu = (towns.len() > 1).then(|| {
            let options = towns.iter().map(|t| Choice::new(t.town_id.clone(), t.short_name.clone())).collect();
            let form = crate::error::FormState::filled([("town", id.clone())]);
            view! {
                <form class="filters" method="get" action=ROOMS>
                    <input type="hidden" name="from" value=from.to_string()/>
                    <Select field=Field::of(&form, "town", "哪个镇") options/>
                    <Button words="看" kind=ButtonKind::Second/>
                </form>
            }
        });
        view! {
            <Crumbs ways=vec![Way::new("我的事", "/desk")] here="场地"/>
            <h1 class="title title-work">{format!("{}的场地", town.short_name)}</h1>
            <p class="lead">"保存协商方案就占下场地和时间；取消会议就让出来。"</p>
            {menu}
            <nav class="month-nav" aria-label="换一周">
                <a href=address(&id, back) rel="prev">"上一周"</a>
                <a href=format!("{ROOMS}?town={}", encode(&id))>"本周"</a>
                <a href=address(&id, until) rel="next">"下一周"</a>
            </nav>
            <Section title=week side=count>{body}</Section>
            {part.view()}
        }
        .into_any()
    }))
}

fn row(room: &Room, from: NaiveDate, bookings: &[Booking]) -> impl IntoView + use<> {
    let cells = (0..7_u64)
        .map(|n| {
            let day = from.checked_add_days(Days::new(n)).unwrap_or(from);
            let held: Vec<_> = bookings
                .iter()
                .filter(|b| b.room_id == room.room_id)
                // A meeting over midnight stands on each of its days.
                .filter(|b| local_date(b.starts_at) <= day && local_date(b.ends_at) >= day)
                .map(|b| {
                    let words = format!("{}–{} {}", clock_time(b.starts_at), clock_time(b.ends_at), b.title);
                    let href = format!("/desk/topics/{}/plan", b.case_id);
                    view! { <p class="small"><a href=href>{words}</a><span class="caption">{format!("（{}）", b.state.0.word())}</span></p> }
                })
                .collect();
            let free = held.is_empty().then_some("空");
            view! { <td>{free}{held}</td> }
        })
        .collect_view();
    let about = format!("{}，{} 座", room.address, room.capacity);
    view! { <tr><th scope="row">{room.name.clone()}<p class="caption">{about}</p></th>{cells}</tr> }
}
