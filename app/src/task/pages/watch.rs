//! Rows of the desk for whoever is not the unit: what waits for the people of a town, what was brought to somebody
//! because it is late, orders without an answer, and what a member may verify.

use chrono::NaiveDate;

use super::list::{OWED, badge, matter, to_answer};
use crate::access::{Role, Signed};
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::rules::{Calendar, RuleSet, local_date};
use crate::task::model::{Chain, TaskState};
use crate::task::steps::units_of;
use crate::task::store::{self, Listed, Order};
use crate::topic::pages::desk::day;
use crate::ui::{DeskItem, Way};
use crate::web::Request;

/// Rows of a list.
const MOST: i64 = 500;

/// A row of the desk, with its case and its day.
pub(crate) struct Asked {
    /// The case of whose tasks it is one.
    pub case: Option<CaseId>,
    /// By when.
    pub due: NaiveDate,
    /// The row.
    pub item: DeskItem,
}

/// What is asked of somebody about a task: what, why and by which rule, and by when.
struct Ask {
    what: &'static str,
    why: String,
    due: NaiveDate,
}

/// Whether a late task was brought to a person, as the step of the chain that the person is. An order, once given, is
/// waited for.
fn brought_to(one: &Listed, me: &Signed, today: NaiveDate) -> Option<Chain> {
    if !one.task.is_late(today) || one.ordered_for.is_some() {
        return None;
    }
    let mut reached = (1..=one.task.escalated).filter_map(Chain::step).filter(|step| !step.is_of_unit());
    let mine = |step: &Chain| match step {
        Chain::District => me.sees_district(),
        step => me.is(step.role(), &one.task.town_id),
    };
    reached.rfind(mine)
}

/// What a task asks of a person who is not of its units.
fn ask(one: &Listed, me: &Signed, today: NaiveDate) -> Option<Ask> {
    let (task, town) = (&one.task, one.task.town_id.as_str());
    let decides = me.is(Role::PartyApprover, town) || me.is(Role::GovernmentOffice, town);
    match task.state() {
        TaskState::Declined if decides => {
            let why = format!("T10：{}退办了，改交给别的单位，另定日期", task.lead_name);
            return Some(Ask { what: "改交", why, due: task.wait_on });
        }
        TaskState::Replied if me.is(Role::Officer, town) => {
            let why = "T11：单位答复了，去看过再核实，或者退回重办".to_owned();
            return Some(Ask { what: "核实", why, due: task.wait_on });
        }
        state if state.is_under_way() && decides && task.extension.as_deref() == Some("asked") => {
            let to = task.extension_to.map(|to| day(to, today)).unwrap_or_default();
            let why = format!("T11：{}申请延到{to}，到期以前给答复", task.lead_name);
            return Some(Ask { what: "批延期", why, due: task.due_on });
        }
        _ => {}
    }
    let step = brought_to(one, me, today)?;
    // The party committee gives no orders: it sees to it that those who are late move.
    let what = if step == Chain::Party { "催办" } else { "督办" };
    let why = format!("T11：{}原定{}，超期报到了{}", task.awaited(), day(task.wait_on, today), step.word());
    Some(Ask { what, why, due: task.wait_on })
}

fn row(one: &Listed, ask: Ask, today: NaiveDate, rules: (&Calendar, &RuleSet)) -> Asked {
    let href = format!("{OWED}/{}", one.task.task_id);
    let item = DeskItem {
        due: Some(badge(ask.due, today, rules)),
        todo: format!("{}：{}", ask.what, matter(one)),
        why: format!("{}，{}。{}", one.town, one.title, ask.why),
        href: href.clone(),
        present: Some(Stage::Tracking),
        side: None,
        loops: Vec::new(),
        action: Some(Way::new(ask.what, href)),
        waits_for: None,
    };
    Asked { case: Some(one.task.case_id), due: ask.due, item }
}

/// What an order asks of a person: its answer, for a case as a whole; and where the answer is late, to see to it.
fn of_order(order: &Order, me: &Signed, today: NaiveDate, rules: (&Calendar, &RuleSet)) -> Option<Asked> {
    let (due, item) = to_answer(order, today, rules);
    if order.task_id.is_none() && me.is(Role::Officer, &order.town_id) {
        return Some(Asked { case: None, due, item });
    }
    let watches = me.is(Role::Director, &order.town_id) || me.sees_district();
    (watches && due < today).then(|| {
        let action = Some(Way::new("去看", item.href.clone()));
        let item = DeskItem { todo: format!("督办没有回复：{}", order.title), action, ..item };
        Asked { case: None, due, item }
    })
}

/// That an assisting unit has not signed by the day: the officer asks it to.
fn unsigned(one: &Listed, me: &Signed, today: NaiveDate, (calendar, rules): (&Calendar, &RuleSet)) -> Option<Asked> {
    let due = calendar.add_workdays(local_date(one.task.assigned_at), rules.after.decline_workdays);
    (me.is(Role::Officer, &one.task.town_id) && due < today).then(|| {
        let why = "T10：协办单位还没有签收，打个电话催一催".to_owned();
        row(one, Ask { what: "催签收", why, due }, today, (calendar, rules))
    })
}

/// What tasks and orders ask of a person besides what the person's units owe.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn asked(req: &Request, me: &Signed) -> Result<Vec<Asked>, Refusal> {
    let (db, calendar, today) = (&req.ctx.db, req.ctx.shared.calendar(), req.ctx.today());
    let rules = crate::town::rules::baseline(db, &req.ctx.shared, req.ctx.now()).await?.1;
    let rules = (&*calendar, &*rules);
    let mut rows = Vec::new();
    let towns = me.seen_towns();
    if !towns.is_none() {
        let tasks = store::asking(db, &towns, MOST).await?;
        for one in tasks.iter().filter(|one| one.is_tracked() && !one.frozen) {
            rows.extend(ask(one, me, today).map(|ask| row(one, ask, today, rules)));
        }
        if me.is_anywhere(Role::Officer) {
            let tasks = store::unsigned_assist(db, &towns, MOST).await?;
            let open = tasks.iter().filter(|one| one.is_tracked() && !one.frozen);
            rows.extend(open.filter_map(|one| unsigned(one, me, today, rules)));
        }
        let orders = store::orders(db, &towns, MOST).await?;
        let open = orders.iter().filter(|order| order.is_open());
        rows.extend(open.filter_map(|order| of_order(order, me, today, rules)));
    }
    if me.is_anywhere(Role::Member) {
        let tasks = store::to_verify(db, me.account, MOST).await?;
        let mine = units_of(&req.ctx.actor);
        let open = |one: &&Listed| {
            let officer = me.is(Role::Officer, &one.task.town_id);
            one.is_tracked() && !one.frozen && !officer && !mine.contains(&one.task.lead_unit)
        };
        for one in tasks.iter().filter(open) {
            let why = "T11：单位答复了。您参加过这件事，可以去看看，核实或者退回重办".to_owned();
            rows.push(row(one, Ask { what: "核实", why, due: one.task.wait_on }, today, rules));
        }
    }
    Ok(rows)
}
