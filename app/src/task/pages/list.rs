//! `/desk/tasks`: all that one's units owe, by day, over all towns. `/desk/late`: what is late, by unit and by days.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use leptos::prelude::*;

use crate::access::Role;
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::minutes::model::{Reader, show};
use crate::rules::{Calendar, DueUnit, RuleSet, local_date};
use crate::task::model::TaskState;
use crate::task::steps::units_of;
use crate::task::store::{self, Listed, Order, Task};
use crate::topic::pages::desk::{Tab, day};
use crate::ui::{Column, DeskItem, Due, Empty, Section, Table, Way};
use crate::web::{Page, Request};

/// Address of the list of what one's units owe.
pub(crate) const OWED: &str = "/desk/tasks";
/// Rows of a list.
const MOST: i64 = 500;

/// The words of a task in a list; marks in place of names are left out.
pub(super) fn matter(listed: &Listed) -> String {
    show(&listed.task.matter, &[], Reader::Everybody)
}

/// What the unit has to do about a task, with its rule.
fn todo(listed: &Listed) -> (&'static str, &'static str) {
    match (listed.task.state(), listed.unit_signed_at.is_some()) {
        (TaskState::Declined, _) => ("等改交", "退办了，等批办的人改交"),
        (_, false) => ("签收", "T10：签收，或者写明理由退办一次"),
        (TaskState::Signed, true) if listed.leads => ("报首次进展", "T11：签收以后先报一次进展"),
        (TaskState::Working, true) if listed.leads && listed.task.owes_news() => {
            ("公开进展", "T12：办理中到日子要公开一次进展")
        }
        (TaskState::Working, true) if listed.leads => ("办理、答复", "T11：报进展，办好以后分类答复"),
        _ => ("协办", "T11：配合主办单位，报自己的进展"),
    }
}

/// The badge of a task.
pub(crate) fn badge(wait_on: NaiveDate, today: NaiveDate, (calendar, rules): (&Calendar, &RuleSet)) -> Due {
    let noon = crate::rules::end_of_local_day(today);
    calendar.due_state(noon, wait_on, DueUnit::Workdays, rules.after.remind_before_workdays).into()
}

/// Whom a task waits for: its unit, or where that has done its part, whoever is next.
fn waits_for(task: &Task) -> String {
    match task.state() {
        TaskState::Declined => Role::PartyApprover.word().to_owned(),
        TaskState::Replied => Role::Officer.word().to_owned(),
        _ => task.lead_name.clone(),
    }
}

/// What units owe, as rows of the desk: the day, and the row.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn unit_items(req: &Request) -> Result<Vec<(NaiveDate, DeskItem)>, Refusal> {
    let units: Vec<_> = units_of(&req.ctx.actor).into_iter().collect();
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let (calendar, today) = (req.ctx.shared.calendar(), req.ctx.today());
    let rules = crate::town::rules::baseline(&req.ctx.db, &req.ctx.shared, req.ctx.now()).await?.1;
    let list = store::of_units(&req.ctx.db, &units, true, MOST).await?;
    let rules = (&*calendar, &*rules);
    let mut rows = Vec::new();
    for one in list.iter().filter(|one| one.is_tracked()) {
        rows.push((own_day(one, rules), item(one, today, rules)));
    }
    let mut orders = BTreeMap::new();
    for unit in units {
        // Of a task in which two of one's units have a part, the order is one.
        let to_unit = store::orders_to(&req.ctx.db, unit, MOST).await?;
        orders.extend(to_unit.into_iter().filter(Order::is_open).map(|order| (order.note_id, order)));
    }
    rows.extend(orders.values().map(|order| to_answer(order, today, rules)));
    Ok(rows)
}

fn item(one: &Listed, today: NaiveDate, rules: (&Calendar, &RuleSet)) -> DeskItem {
    let (what, why) = todo(one);
    let href = format!("{OWED}/{}", one.task.task_id);
    let waits = if one.frozen {
        Some("区政协办解冻")
    } else {
        (one.task.state() == TaskState::Declined).then_some("批办的人")
    };
    let why = if one.frozen { "区政协办冻结了这件事，解冻以前不能办" } else { why };
    DeskItem {
        due: Some(badge(own_day(one, rules), today, rules)),
        todo: format!("{what}：{}", matter(one)),
        why: format!("{}，{}。{why}", one.town, one.title),
        href: href.clone(),
        present: Some(Stage::Tracking),
        side: None,
        loops: Vec::new(),
        action: waits.is_none().then(|| Way::new(what, href)),
        waits_for: waits.map(str::to_owned),
    }
}

/// By when the unit is to act: who assists signs within the days of a signature, whatever the lead is at.
fn own_day(one: &Listed, (calendar, rules): (&Calendar, &RuleSet)) -> NaiveDate {
    if one.leads || one.unit_signed_at.is_some() {
        return one.task.wait_on;
    }
    calendar.add_workdays(local_date(one.task.assigned_at), rules.after.decline_workdays)
}

/// A supervision order that has to be answered, with its day.
pub(super) fn to_answer(order: &Order, today: NaiveDate, rules: (&Calendar, &RuleSet)) -> (NaiveDate, DeskItem) {
    let href = match order.task_id {
        Some(task) => format!("{OWED}/{task}"),
        None => Tab::Tasks.address(order.case_id),
    };
    let item = DeskItem {
        due: Some(badge(order.day, today, rules)),
        todo: format!("回复督办：{}", order.title),
        why: format!("{}，T11：{}前回复。{}", order.town, day(order.day, today), order.words),
        href: href.clone(),
        present: order.stage.0.ordinal().is_some().then_some(order.stage.0),
        side: None,
        loops: Vec::new(),
        action: Some(Way::new("去回复", href)),
        waits_for: None,
    };
    (order.day, item)
}

/// The page of what one's units owe.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for whoever acts for no unit.
pub async fn owed(req: &Request) -> Result<Page, Refusal> {
    if req.ctx.actor.signed().is_none() {
        return Err(Refusal::NotSignedIn);
    }
    let units: Vec<_> = units_of(&req.ctx.actor).into_iter().collect();
    if units.is_empty() {
        return Err(Refusal::Forbidden { who: "承办单位".to_owned() });
    }
    let today = req.ctx.today();
    let rules = crate::town::rules::baseline(&req.ctx.db, &req.ctx.shared, req.ctx.now()).await?.1;
    let calendar = req.ctx.shared.calendar();
    let mut open = store::of_units(&req.ctx.db, &units, true, MOST).await?;
    open.retain(Listed::is_tracked);
    let done = store::of_units(&req.ctx.db, &units, false, MOST).await?;
    Ok(Page::desk("本单位的任务", OWED, move || {
        let late = open.iter().filter(|one| own_day(one, (&calendar, &rules)) < today).count();
        let lead = match (open.len(), late) {
            (0, _) => "手头没有要办的任务。".to_owned(),
            (n, 0) => format!("有 {n} 项要办，没有超期的。"),
            (n, late) => format!("有 {n} 项要办，{late} 项超期。"),
        };
        let (open_rows, done_rows) = (rows(&open, today, (&calendar, &rules)), rows(&done, today, (&calendar, &rules)));
        let columns = || {
            vec![
                Column::words("事项"),
                Column::words("期限"),
                Column::words("状态"),
                Column::figures("进度"),
                Column::words("本单位"),
                Column::words("区镇"),
            ]
        };
        let first = if open.is_empty() {
            view! { <Empty sentence="新交办的任务会出现在这里，按期限排好。" way=Way::new("看办结的", "#done")/> }
                .into_any()
        } else {
            view! { <Table caption="要办的任务" quiet=true columns=columns()>{open_rows}</Table> }.into_any()
        };
        let second = (!done.is_empty()).then(|| {
            view! {
                <Section title="答复了的" id="done">
                    <Table caption="答复了的任务" quiet=true columns=columns()>{done_rows}</Table>
                </Section>
            }
        });
        view! {
            <h1 class="title title-work">"本单位的任务"</h1>
            <p class="lead">{lead}</p>
            {first}
            {second}
        }
        .into_any()
    }))
}

/// Rows of the unit's list.
fn rows(list: &[Listed], today: NaiveDate, rules: (&Calendar, &RuleSet)) -> AnyView {
    list.iter()
        .map(|one| {
            let due = (one.task.state() != TaskState::Verified).then(|| {
                let due = badge(own_day(one, rules), today, rules);
                view! { <crate::ui::DueBadge due/> }
            });
            let href = format!("{OWED}/{}", one.task.task_id);
            let part = if one.leads { "主办" } else { "协办" };
            view! {
                <tr>
                    <th scope="row"><a href=href>{matter(one)}</a></th>
                    <td>{due}</td>
                    <td>{one.task.state().word()}</td>
                    <td class="num">{format!("{}%", one.task.percent)}</td>
                    <td>{part}</td>
                    <td>{one.town.clone()}</td>
                </tr>
            }
        })
        .collect_view()
        .into_any()
}

/// The page of what is late: of one's town, or of the district.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for whoever watches over no town.
pub async fn late(req: &Request) -> Result<Page, Refusal> {
    let me = req.ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
    let today = req.ctx.today();
    let towns = me.seen_towns();
    if towns.is_none() {
        return Err(Refusal::Forbidden { who: format!("{}、{}", Role::Director.word(), Role::DistrictOffice.word()) });
    }
    let list = store::late(&req.ctx.db, &towns, today, MOST).await?;
    let calendar = req.ctx.shared.calendar();
    let rules = crate::town::rules::baseline(&req.ctx.db, &req.ctx.shared, req.ctx.now()).await?.1;
    Ok(Page::desk("超期的任务", "/desk", move || {
        let mut units: BTreeMap<String, (usize, i64)> = BTreeMap::new();
        for one in &list {
            let days = calendar.workdays_between(one.task.wait_on, today);
            let entry = units.entry(waits_for(&one.task)).or_default();
            *entry = (entry.0 + 1, entry.1.max(days));
        }
        let mut by_unit: Vec<_> = units.into_iter().collect();
        by_unit.sort_by_key(|(name, (n, days))| (std::cmp::Reverse(*n), std::cmp::Reverse(*days), name.clone()));
        let table = (!by_unit.is_empty()).then(|| {
            let rows = by_unit
                .into_iter()
                .map(|(name, (n, days))| {
                    view! { <tr><th scope="row">{name}</th><td class="num">{n}</td><td class="num">{days}</td></tr> }
                })
                .collect_view();
            let columns =
                vec![Column::words("等谁"), Column::figures("超期几项"), Column::figures("最长几个工作日")];
            view! { <Section title="按单位"><Table caption="超期的任务在等谁" quiet=true columns>{rows}</Table></Section> }
        });
        let rows = list
            .iter()
            .map(|one| {
                let step =
                    crate::task::model::Chain::step(one.task.escalated).map_or("", crate::task::model::Chain::word);
                view! {
                    <tr>
                        <th scope="row"><a href=format!("{OWED}/{}", one.task.task_id)>{matter(one)}</a></th>
                        <td><crate::ui::DueBadge due=badge(one.task.wait_on, today, (&calendar, &rules))/></td>
                        <td>{one.task.awaited()}</td>
                        <td>{waits_for(&one.task)}</td>
                        <td>{step}</td>
                        <td>{one.town.clone()}</td>
                    </tr>
                }
            })
            .collect_view();
        let body = if list.is_empty() {
            view! { <Empty sentence="没有超期的任务。" way=Way::new("回我的事", "/desk")/> }.into_any()
        } else {
            let columns = vec![
                Column::words("事项"),
                Column::words("超期"),
                Column::words("等什么"),
                Column::words("等谁"),
                Column::words("报到"),
                Column::words("区镇"),
            ];
            view! {
                {table}
                <Section title="逐项"><Table caption="超期的任务" quiet=true columns>{rows}</Table></Section>
            }
            .into_any()
        };
        view! {
            <h1 class="title title-work">"超期的任务"</h1>
            <p class="lead">{format!("{} 项超期，时间最长的排在前面。", list.len())}</p>
            {body}
        }
        .into_any()
    }))
}
