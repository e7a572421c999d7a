//! `/desk`: the day. What the person can do something about, by when it is due; then what waits for others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use super::store::{self, ToTell};
use super::words::{self, day, end_of_week, many, standing, waits};
use super::{DESK, RECORD, TOPICS, me, towns_as};
use crate::access::{Role, Signed, Towns};
use crate::case::Changes;
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId};
use crate::letter::pages::OUTBOX;
use crate::memo::pages::MEMOS;
use crate::register::REGISTER;
use crate::roster::year::pages::{YEAR, member_items};
use crate::rules::{Calendar, DueUnit, RuleId, RuleSet, local_date, weekday};
use crate::topic::store::{Count, DeskRow, counts, led_by, open_topics, to_sign};
use crate::town::rules::by_id;
use crate::ui::{Button, ButtonKind, Column, DeskGroup, DeskItem, Due, Empty, LinkButton, Section, Table, Way};
use crate::web::{Page, Request};

/// Topics that are looked through; they come by due day, so that what is beyond presses nobody.
const MOST: i64 = 500;
/// Rows of a group; the rest is on the page of all topics.
const SHOWN: usize = 60;

/// When something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Late,
    Today,
    Week,
    Later,
    Others,
}

impl Group {
    const ALL: [Self; 5] = [Self::Late, Self::Today, Self::Week, Self::Later, Self::Others];

    const fn word(self) -> &'static str {
        match self {
            Self::Late => "逾期",
            Self::Today => "今天",
            Self::Week => "本周",
            Self::Later => "以后",
            Self::Others => "等别人",
        }
    }

    /// The group of what is due on a day; what has no day is for today.
    fn of(due: Option<NaiveDate>, today: NaiveDate) -> Self {
        match due {
            Some(due) if due < today => Self::Late,
            Some(due) if due > end_of_week(today) => Self::Later,
            Some(due) if due > today => Self::Week,
            _ => Self::Today,
        }
    }
}

/// One row of the desk.
#[derive(Clone, Debug)]
struct Task {
    group: Group,
    /// By when; what has no day comes last in its group.
    due: Option<NaiveDate>,
    item: DeskItem,
}

/// What the tasks of a day depend on besides the topic.
struct Day<'a> {
    now: DateTime<Utc>,
    today: NaiveDate,
    calendar: &'a Calendar,
}

/// What a person is for a town.
#[derive(Clone, Debug, Default)]
struct Hats {
    roles: Vec<Role>,
    account: Option<AccountId>,
}

impl Hats {
    fn of(me: &Signed, town: &str) -> Self {
        let holds = |role: &Role| me.is(*role, town) || *role == Role::DistrictOffice && me.sees_district();
        Self { roles: Role::ALL.iter().copied().filter(holds).collect(), account: Some(me.account) }
    }

    fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the person leads the research of this topic.
    fn leads(&self, row: &DeskRow) -> bool {
        row.lead_id.is_some() && row.lead_id == self.account
    }

    /// Whether the minutes of this topic wait for the person's signature.
    fn signs(&self, row: &DeskRow, today: NaiveDate) -> bool {
        row.chair_id.is_some() && row.chair_id == self.account && row.checked_until.is_some_and(|until| until < today)
    }

    /// Only the district's office looks on: it holds nothing in this town.
    fn only_watch(&self) -> bool {
        ![Role::Officer, Role::Director, Role::PartyApprover, Role::GovernmentOffice]
            .into_iter()
            .any(|role| self.has(role))
    }
}

/// What a stage asks of a role: what to do, why and by which rule, where, and the verb.
struct Ask {
    todo: &'static str,
    why: String,
    tab: &'static str,
    verb: &'static str,
}

fn rule_words(rule: RuleId) -> String {
    format!("{} {}", rule.label(), rule.rule().title)
}

fn limit_words(stage: Stage, rules: &RuleSet) -> String {
    words::limit(stage, rules).map(|limit| format!("限 {limit}（本镇设定），")).unwrap_or_default()
}

fn due_words(due: Option<NaiveDate>, today: NaiveDate) -> String {
    due.map(|due| format!("{}到期", day(due, today))).unwrap_or_default()
}

/// What the stage asks of somebody with these roles; `None` where it waits for somebody else.
fn ask(row: &DeskRow, hats: &Hats, rules: &RuleSet, today: NaiveDate) -> Option<Ask> {
    let stage = row.stage.0;
    if stage == Stage::Researching && hats.leads(row) {
        let (limit, due) = (limit_words(stage, rules), due_words(row.due_on, today));
        let why = format!("{}：走访、听取意见、写报告，{limit}{due}", rule_words(RuleId::T5));
        return Some(Ask { todo: "调研", why, tab: "research", verb: "去调研" });
    }
    if hats.signs(row, today) {
        let (limit, due) = (limit_words(Stage::Convened, rules), due_words(row.due_on, today));
        let why = format!("{}：到会的人核对完了，读过全文，由您签发。{limit}{due}", rule_words(RuleId::T8));
        return Some(Ask { todo: "签发纪要", why, tab: "minutes", verb: "去签发" });
    }
    let waiting = row.waits_for.as_deref().and_then(Role::from_code)?;
    // What was reported is decided by either office.
    let decides = stage == Stage::Reported && hats.has(Role::GovernmentOffice);
    if !hats.has(waiting) && !decides {
        return None;
    }
    if stage == Stage::Announced && row.due_on.is_some_and(|day| day <= today) {
        let why = format!("{}：签到、宣布开会；人不够的，记流会，另定时间。", rule_words(RuleId::T7));
        return Some(Ask { todo: "开协商会", why, tab: "door", verb: "去签到" });
    }
    // Where the day is that of a step, the limit of the stage says nothing of it.
    let of_step = stage == Stage::Tracking
        || stage == Stage::Evaluating && matches!(waiting, Role::Director | Role::DistrictOffice);
    let limit = if of_step { String::new() } else { limit_words(stage, rules) };
    let due = due_words(row.due_on, today);
    let (todo, rule, what, tab, verb) = match (stage, waiting) {
        (Stage::Submitted, Role::Officer) => {
            ("答复新提议题", RuleId::T2, "给提出人一个结论，写明理由。", "screen", "去初审")
        }
        (Stage::Accepted, Role::Director) => {
            ("准备立题审批", RuleId::T3, "写明选题依据、合法性和三个问题，再送签批。", "confirm", "去准备")
        }
        (Stage::Accepted, Role::PartyApprover) => {
            ("审批立题", RuleId::T3, "主任已经备好材料，等您签批或退回。", "confirm", "去审批")
        }
        (Stage::Planned, Role::Officer) => ("筹备会商", RuleId::T6, "定方案、请人，批准后公示。", "plan", "去筹备"),
        (Stage::Planned, Role::Director) => {
            ("审批协商方案", RuleId::T6, "干事已经备好方案，等您批准或退回。", "plan", "去审批")
        }
        (Stage::Convened, Role::Officer) => {
            ("写纪要", RuleId::T8, "会已经开了，写草稿，请到会的人核对。", "minutes", "去写纪要")
        }
        (Stage::Minuted, Role::Officer) => {
            ("报送成果", RuleId::T9, "把纪要和成果清单送党委、政府。", "outcomes", "去报送")
        }
        (Stage::Minuted, Role::PartyApprover | Role::GovernmentOffice) => {
            ("签收报送", RuleId::T9, "纪要和成果清单送到了，等您签收。", "outcomes", "去签收")
        }
        (Stage::Reported, Role::PartyApprover) => {
            ("批办成果", RuleId::T10, "逐条写明采纳与否，采纳的交给单位。", "outcomes", "去批办")
        }
        // A single task stands on the desk for itself.
        (Stage::Tracking, Role::Officer) => {
            ("请群众评价", RuleId::T12, "任务都核实了，请有关的人评价。", "tasks", "去请评价")
        }
        (Stage::Evaluating, Role::Officer) => {
            ("评价", RuleId::T13, "请大家评价；结束以后，够格的办结，不够格的二次办理。", "evaluation", "去看评价")
        }
        (Stage::Evaluating, Role::Director) => {
            ("同意办结", RuleId::T13, "份数不够，提请按样本不足办结，等您同意。", "evaluation", "去看")
        }
        (Stage::Evaluating, Role::DistrictOffice) => {
            ("督办", RuleId::T13, "二次办理到了上限，群众还是不满意，请区里督办。", "evaluation", "去督办")
        }
        (Stage::Closed, Role::Officer) => {
            ("公开结果、归档", RuleId::T14, "公开办理结果，核对台账，归档。", "archive", "去归档")
        }
        (Stage::Confirmed, Role::Director) => {
            ("定调研负责人", RuleId::T4, "定下谁来调研、哪天完成。", "research", "去安排")
        }
        (Stage::Suspended, Role::Director) => {
            let why =
                format!("复核日期 {}：恢复办理，或者终止。", row.due_on.map(|d| day(d, today)).unwrap_or_default());
            return Some(Ask { todo: "复核暂缓", why, tab: "overview", verb: "去复核" });
        }
        _ => return None,
    };
    Some(Ask { todo, why: format!("{}：{what}{limit}{due}", rule_words(rule)), tab, verb })
}

fn address(row: &DeskRow, tab: &str) -> String {
    match tab {
        "research" | "plan" | "door" | "minutes" | "outcomes" | "tasks" | "evaluation" | "archive" => {
            format!("{TOPICS}/{}/{tab}", row.topic_id)
        }
        _ => format!("{TOPICS}/{}?tab={tab}", row.topic_id),
    }
}

/// A row without its due badge and its way on.
fn item(row: &DeskRow, todo: String, why: String) -> DeskItem {
    let accepted = row.number.is_some();
    let (present, side) = standing(row.stage.0, (row.suspended_from.as_deref(), None), accepted, row.due_on);
    DeskItem {
        due: None,
        todo,
        why,
        href: format!("{TOPICS}/{}", row.topic_id),
        present: Some(present),
        side,
        loops: Vec::new(),
        action: None,
        waits_for: None,
    }
}

/// The badge of something to do: over by how much, today, or the day.
fn todo_badge(due: NaiveDate, unit: DueUnit, on: &Day<'_>) -> Due {
    if due > on.today {
        return Due::calm(format!("{} {}", weekday(due), day(due, on.today)));
    }
    words::due_in(due, unit, on.calendar, on.now)
}

/// The badge of something that waits for others: over by how much, or since when.
fn waiting_badge(row: &DeskRow, rules: &RuleSet, on: &Day<'_>) -> Option<Due> {
    if row.due_on.is_some_and(|due| due < on.today) {
        return words::due(row.stage, row.due_on, (rules, on.calendar), on.now);
    }
    let days = (on.today - local_date(row.stage_since)).num_days();
    Some(Due::calm(if days > 0 { format!("等 {days} 天") } else { "今天开始等".to_owned() }))
}

/// What waits for somebody else, if that concerns somebody with these roles.
fn waiting(row: &DeskRow, hats: &Hats, rules: &RuleSet, on: &Day<'_>) -> Option<DeskItem> {
    let stage = row.stage.0;
    let inside = hats.has(Role::Officer) || hats.has(Role::Director);
    // Party and government take part from acceptance on.
    if !inside && matches!(stage, Stage::Submitted | Stage::Returned) {
        return None;
    }
    let whom = waits(stage, row.waits_for.as_deref())?;
    let due = due_words(row.due_on, on.today);
    let (state, why, whom) = match stage {
        Stage::Submitted => ("等初审", format!("{}：{}{due}", rule_words(RuleId::T2), limit_words(stage, rules)), whom),
        Stage::Returned => ("等提出人补充", format!("{}过了还没有补充就失效。", limit_words(stage, rules)), whom),
        Stage::Accepted if whom == Role::PartyApprover.word() => {
            ("等党（工）委签批", format!("{}：{}{due}", rule_words(RuleId::T3), limit_words(stage, rules)), whom)
        }
        Stage::Accepted => {
            ("等准备立题", format!("{}：{}{due}", rule_words(RuleId::T3), limit_words(stage, rules)), whom)
        }
        Stage::Planned if whom == Role::Director.word() => {
            ("等主任批准方案", format!("{}：{}{due}", rule_words(RuleId::T6), limit_words(stage, rules)), whom)
        }
        Stage::Planned => {
            ("等筹备会商", format!("{}：{}{due}", rule_words(RuleId::T6), limit_words(stage, rules)), whom)
        }
        Stage::Announced => {
            let day = row.due_on.map(|d| format!("{}开会。", day(d, on.today))).unwrap_or_default();
            ("已公示，等开会", format!("{day}改期、换场地、取消都在「筹备」里。"), "开会")
        }
        Stage::Convened => {
            ("等写纪要", format!("{}：{}{due}", rule_words(RuleId::T8), limit_words(stage, rules)), whom)
        }
        Stage::Confirmed => {
            ("等定调研负责人", format!("{}：{}{due}", rule_words(RuleId::T4), limit_words(stage, rules)), whom)
        }
        Stage::Researching => {
            ("等调研报告", format!("{}：{}{due}", rule_words(RuleId::T5), limit_words(stage, rules)), whom)
        }
        Stage::Minuted => {
            ("等报送签收", format!("{}：{}{due}", rule_words(RuleId::T9), limit_words(stage, rules)), whom)
        }
        Stage::Reported => ("等批办", format!("{}：{}{due}", rule_words(RuleId::T10), limit_words(stage, rules)), whom),
        Stage::Tracking => ("正在办理", format!("{}：最近的一项{due}", rule_words(RuleId::T11)), whom),
        Stage::Suspended => {
            ("暂缓中", row.due_on.map(|d| format!("{}复核。", day(d, on.today))).unwrap_or_default(), whom)
        }
        _ => (stage.word(), due, whom),
    };
    Some(DeskItem {
        due: waiting_badge(row, rules, on),
        waits_for: Some(
            row.lead_name.clone().filter(|_| stage == Stage::Researching).unwrap_or_else(|| whom.to_owned()),
        ),
        ..item(row, format!("{}：{state}", row.title), why)
    })
}

/// A case that the district has stopped for now: its to let go, and to all others a case that stands still.
fn frozen(row: &DeskRow, hats: &Hats) -> Task {
    let why = "区政协办冻结了这件事，解冻以前都不能办。".to_owned();
    let still = item(row, format!("{}：冻结了", row.title), why);
    if hats.has(Role::DistrictOffice) {
        let action = Some(Way::new("去解冻", address(row, "tasks")));
        return Task { group: Group::Later, due: None, item: DeskItem { action, ..still } };
    }
    let waits_for = Some(Role::DistrictOffice.word().to_owned());
    Task { group: Group::Others, due: None, item: DeskItem { waits_for, ..still } }
}

/// The task of looking at what came up again, as a resident says.
fn came_up(row: &DeskRow, due: NaiveDate, rules: &RuleSet, on: &Day<'_>) -> Task {
    let days = rules.flow.reopen_look_workdays;
    let why = format!(
        "{}：有居民说又出现了，去看过给答复。限 {days} 个工作日（本镇设定），{}",
        rule_words(RuleId::T14),
        due_words(Some(due), on.today)
    );
    let item = DeskItem {
        due: Some(todo_badge(due, DueUnit::Workdays, on)),
        action: Some(Way::new("去看", address(row, "evaluation"))),
        ..item(row, format!("看又出现的事：{}", row.title), why)
    };
    Task { group: Group::of(Some(due), on.today), due: Some(due), item }
}

/// Everything that a topic puts on the desk of somebody with these roles.
fn tasks(row: &DeskRow, hats: &Hats, rules: &RuleSet, on: &Day<'_>) -> Vec<Task> {
    let mut tasks = Vec::new();
    if row.frozen {
        return vec![frozen(row, hats)];
    }
    if let Some(due) = row.came_up.filter(|_| hats.has(Role::Officer)) {
        tasks.push(came_up(row, due, rules, on));
        if row.stage.0 == Stage::Archived {
            return tasks;
        }
    }
    let waits_for_district = row.waits_for.as_deref() == Some(Role::DistrictOffice.code());
    if hats.only_watch() && !hats.leads(row) && !hats.signs(row, on.today) && !waits_for_district {
        if row.due_on.is_some_and(|due| due < on.today) && row.waits_for.is_some() {
            let why = format!("{}，{}", row.stage.0.word(), due_words(row.due_on, on.today));
            tasks.push(Task {
                group: Group::Late,
                due: row.due_on,
                item: DeskItem {
                    due: words::due(row.stage, row.due_on, (rules, on.calendar), on.now),
                    waits_for: waits(row.stage.0, row.waits_for.as_deref()).map(str::to_owned),
                    ..item(row, format!("{}：{}", row.town, row.title), why)
                },
            });
        }
        return tasks;
    }
    if let Some(ask) = ask(row, hats, rules, on.today) {
        tasks.push(Task {
            group: Group::of(row.due_on, on.today),
            due: row.due_on,
            item: DeskItem {
                due: row.due_on.map(|due| todo_badge(due, words::unit(row.stage.0, rules), on)),
                action: Some(Way::new(ask.verb, address(row, ask.tab))),
                ..item(row, format!("{}：{}", ask.todo, row.title), ask.why)
            },
        });
    } else if let Some(item) = waiting(row, hats, rules, on) {
        tasks.push(Task { group: Group::Others, due: row.due_on, item });
    }
    if row.held_comments > 0 && hats.has(Role::Officer) {
        let n = row.held_comments;
        tasks.push(Task {
            group: Group::Today,
            due: None,
            item: DeskItem {
                due: Some(Due::calm(format!("{n} 条"))),
                action: Some(Way::new("看留言", address(row, "comments"))),
                ..item(
                    row,
                    format!("看留言：{}", row.title),
                    format!("{n} 条留言或关心等您看过：放行、不放行，或核对后计入。没有规定期限，别让人久等。"),
                )
            },
        });
    }
    tasks
}

/// The task of taking a topic out of one that has ended, for an officer.
fn apart(row: &DeskRow, hats: &Hats) -> Option<Task> {
    hats.has(Role::Officer).then(|| Task {
        group: Group::Today,
        due: None,
        item: DeskItem {
            action: Some(Way::new("去拆开", address(row, "screen"))),
            ..item(
                row,
                format!("撤销并案：{}", row.title),
                "并入的那一件没有立题就结束了，这一件没人在办。拆开后重新单独办理。".to_owned(),
            )
        },
    })
}

/// The task of telling followers, for an officer.
fn telling(told: &ToTell, hats: &Hats, on: &Day<'_>) -> Option<Task> {
    hats.has(Role::Officer).then(|| Task {
        group: Group::Today,
        due: None,
        item: DeskItem {
            due: Some(Due::calm(format!("{} 位", told.n))),
            action: Some(Way::new("去告知", format!("{}#followers", address(&told.row, "comments")))),
            ..item(
                &told.row,
                format!("告知关注者：{}", told.row.title),
                format!(
                    "{} 位关注者留了联系方式，{}变为「{}」还没有告诉他们。",
                    told.n,
                    day(local_date(told.moved_at), on.today),
                    told.row.stage.0.word()
                ),
            )
        },
    })
}

/// How many tasks each group has, in the order of [`Group::ALL`].
fn tally(tasks: &[Task]) -> [usize; 5] {
    Group::ALL.map(|group| tasks.iter().filter(|t| t.group == group).count())
}

/// The heading: the day, and what comes first.
fn heading(today: NaiveDate, tally: [usize; 5], watching: bool) -> String {
    let [late, now, week, later, _] = tally;
    let first = match (late, now, week, later) {
        (0, 0, 0, 0) if watching => "全区没有逾期的事。".to_owned(),
        (late, ..) if late > 0 && watching => format!("全区有{}件逾期。", many(late)),
        (late, ..) if late > 0 => format!("先补{}件逾期的。", many(late)),
        (_, now, ..) if now > 0 => format!("今天有{}件要办。", many(now)),
        (_, _, week, _) if week > 0 => format!("今天没有到期的，本周有{}件。", many(week)),
        (_, _, _, later) if later > 0 => format!("本周没有到期的，往后有{}件。", many(later)),
        _ => "手头没有要办的事。".to_owned(),
    };
    format!("{}，{}。{first}", weekday(today), day(today, today))
}

/// The counts under the heading: 「逾期 1，今天 2，本周 3，另有 4 件在等别人。」
fn counts_line(tally: [usize; 5]) -> String {
    let mut parts: Vec<String> = Group::ALL
        .into_iter()
        .zip(tally)
        .filter(|(group, n)| *n > 0 && *group != Group::Others)
        .map(|(group, n)| format!("{} {n}", group.word()))
        .collect();
    match (tally[4], parts.is_empty()) {
        // The heading has said the one number that there is.
        (0, _) if parts.len() < 2 => return String::new(),
        (0, _) => {}
        (n, true) => parts.push(format!("有 {n} 件在等别人")),
        (n, false) => parts.push(format!("另有 {n} 件在等别人")),
    }
    format!("{}。", parts.join("，"))
}

/// What the district's table counts, in the order of the line, with the stages that count as it.
const PHASES: &[(&str, &[Stage])] = &[
    ("选题", &[Stage::Submitted, Stage::Returned, Stage::Accepted]),
    ("调研", &[Stage::Confirmed, Stage::Researching]),
    ("会商", &[Stage::Planned, Stage::Announced, Stage::Convened, Stage::Minuted, Stage::Reported]),
    ("办理", &[Stage::Tracking]),
    ("评价", &[Stage::Evaluating]),
    ("等归档", &[Stage::Closed]),
    ("暂缓", &[Stage::Suspended]),
];

/// One town in the district's table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct TownCount {
    town_id: String,
    town: String,
    late: i64,
    /// In the order of [`PHASES`].
    open: [i64; PHASES.len()],
}

/// The counts of all towns, those with overdue topics first.
fn towns_table(counts: Vec<Count>, overdue: &BTreeMap<String, i64>) -> Vec<TownCount> {
    let mut towns: Vec<TownCount> = Vec::new();
    for count in counts {
        if towns.last().is_none_or(|t| t.town_id != count.town_id) {
            towns.push(TownCount {
                late: overdue.get(&count.town_id).copied().unwrap_or(0),
                town_id: count.town_id.clone(),
                town: count.town.clone(),
                ..TownCount::default()
            });
        }
        let Some(town) = towns.last_mut() else { continue };
        for (n, (_, stages)) in town.open.iter_mut().zip(PHASES) {
            if stages.contains(&count.stage.0) {
                *n += count.n;
            }
        }
    }
    // Stable: towns with the same number stay in their order.
    towns.sort_by_key(|t| std::cmp::Reverse(t.late));
    towns
}

/// The desk.
///
/// # Errors
/// [`Refusal::NotSignedIn`].
pub async fn desk(req: &Request) -> Result<Page, Refusal> {
    let me = me(req)?;
    let towns = me.seen_towns();
    // Research that somebody leads is theirs to do, whatever the town and without a desk.
    let mut led = led_by(&req.ctx.db, me.account, MOST).await?;
    // So are minutes that somebody chaired.
    led.extend(to_sign(&req.ctx.db, me.account, req.ctx.today(), MOST).await?);
    let mut owed = crate::task::pages::unit_items(req).await?;
    owed.extend(member_items(req).await?);
    owed.extend(crate::carrier::pages::items(req, me).await?);
    let asked = crate::task::pages::asked(req, me).await?;
    let memos = crate::memo::pages::items(req).await?;
    if towns.is_none() && led.is_empty() && owed.is_empty() && asked.is_empty() {
        return Ok(without_desk(me));
    }
    let (db, now, today) = (&req.ctx.db, req.ctx.now(), req.ctx.today());
    let calendar = req.ctx.shared.calendar();
    let version = db.version().await?;
    let mut rules: BTreeMap<String, Arc<RuleSet>> = BTreeMap::new();
    for (town, id) in store::rule_sets(db, now).await? {
        if let Some(id) = id {
            rules.insert(town, by_id(db, &req.ctx.shared, id).await?);
        }
    }
    let none = Arc::new(RuleSet::default());
    let rules_of = |town: &str| rules.get(town).unwrap_or(&none);
    let on = Day { now, today, calendar: &calendar };
    let mut list = Vec::new();
    let mut rows = open_topics(db, &towns, MOST).await?;
    rows.extend(led.into_iter().filter(|l| rows.iter().all(|r| r.topic_id != l.topic_id)).collect::<Vec<_>>());
    // What a single task of a case asks for says more than the case as a whole.
    let single: BTreeSet<CaseId> = asked.iter().filter_map(|one| one.case).collect();
    for row in rows.iter().filter(|row| row.stage.0 != Stage::Tracking || !single.contains(&row.topic_id)) {
        list.extend(tasks(row, &Hats::of(me, &row.town_id), rules_of(&row.town_id), &on));
    }
    let owed = owed.into_iter().chain(asked.into_iter().map(|one| (one.due, one.item)));
    list.extend(owed.map(|(due, item)| {
        let group = if item.waits_for.is_some() { Group::Others } else { Group::of(Some(due), today) };
        Task { group, due: Some(due), item }
    }));
    list.extend(memos.into_iter().map(|(due, own, item)| {
        let group = Group::of(Some(due), today);
        // To the district, which asked, an answer that is late is late; to the others of the town it is others' to give.
        let mine = own || group == Group::Late && me.sees_district();
        Task { group: if mine { group } else { Group::Others }, due: Some(due), item }
    }));
    if me.is_anywhere(Role::Officer) {
        let stranded = store::stranded(db, &towns, MOST).await?;
        list.extend(stranded.iter().filter_map(|row| apart(row, &Hats::of(me, &row.town_id))));
        for told in store::to_tell(db, &towns, MOST).await? {
            list.extend(telling(&told, &Hats::of(me, &told.row.town_id), &on));
        }
    }
    // They come from several places; the most pressing is first.
    list.sort_by_key(|task| task.due.unwrap_or(NaiveDate::MAX));
    let watching = towns == Towns::All && me.desk_towns().is_empty();
    let table = if towns == Towns::All {
        towns_table(counts(db).await?, &store::overdue(db, today).await?)
    } else {
        Vec::new()
    };
    let has_desk = !towns.is_none();
    let records = !towns_as(me, Role::Officer).is_empty();
    let is_member = me.is_anywhere(Role::Member);
    let tally = tally(&list);
    let title = heading(today, tally, watching);
    Ok(Page::desk("我的事", DESK, move || {
        let line = counts_line(tally);
        let record = records.then(|| view! { <LinkButton words="代录议题" href=RECORD kind=ButtonKind::Second/> });
        let all = if has_desk { TOPICS } else { "/topics" };
        let live = has_desk.then(|| {
            view! { <Changes stream="/live/desk".to_owned() seen=version href=DESK.to_owned()/> }
        });
        view! {
            {live}
            <h1 class="title title-desk">{title}</h1>
            {(!line.is_empty()).then(|| view! { <p class="meta">{line}</p> })}
            {groups(list)}
            {district(table)}
            <p class="actions">
                {record}
                <LinkButton words="看全部议题" href=all kind=ButtonKind::Second/>
                {has_desk.then(|| view! { <LinkButton words="超期的任务" href="/desk/late" kind=ButtonKind::Second/> })}
                {has_desk.then(|| view! { <LinkButton words="台账" href=REGISTER kind=ButtonKind::Second/> })}
                {has_desk.then(|| view! { <LinkButton words="区镇来往" href=MEMOS kind=ButtonKind::Second/> })}
                {is_member.then(|| view! { <LinkButton words="我的履职" href=YEAR kind=ButtonKind::Second/> })}
            </p>
        }
        .into_any()
    }))
}

/// The groups of the day; one sentence where there is nothing at all.
fn groups(list: Vec<Task>) -> AnyView {
    if list.is_empty() {
        let way = Way::new("看全部议题", TOPICS);
        return view! { <Empty sentence="没有要办的事。有新议题提上来，会出现在这里。" way=way/> }.into_any();
    }
    let mut first = true;
    Group::ALL
        .into_iter()
        .filter_map(|group| {
            let mut items: Vec<DeskItem> = list.iter().filter(|t| t.group == group).map(|t| t.item.clone()).collect();
            if items.is_empty() {
                return None;
            }
            let more = items.len().saturating_sub(SHOWN);
            items.truncate(SHOWN);
            let ink = std::mem::take(&mut first);
            let rest = (more > 0).then(|| {
                let words = format!("还有 {more} 件没有列在这里。");
                view! { <p class="caption">{words}<a href=TOPICS>"看全部议题"</a></p> }
            });
            Some(view! {
                <DeskGroup words=group.word() items=items late=group == Group::Late first=ink/>
                {rest}
            })
        })
        .collect_view()
        .into_any()
}

/// How the towns stand, for the district's office.
fn district(towns: Vec<TownCount>) -> Option<AnyView> {
    if towns.is_empty() {
        return None;
    }
    let columns = [Column::words("区镇"), Column::figures("逾期")]
        .into_iter()
        .chain(PHASES.iter().map(|(word, _)| Column::figures(word)))
        .collect::<Vec<_>>();
    let rows = towns
        .into_iter()
        .map(|t| {
            let href = format!("{TOPICS}?town={}", t.town_id);
            let open = t.open.map(|n| view! { <td class="num">{n}</td> });
            view! {
                <tr>
                    <th scope="row"><a href=href>{t.town}</a></th>
                    <td class="num">{t.late}</td>
                    {open.into_iter().collect_view()}
                </tr>
            }
        })
        .collect_view();
    Some(
        view! {
            <Section title="各镇的情况" side="区里只看，由各镇办理">
                <Table caption="各镇在办议题的件数" quiet=true columns=columns>{rows}</Table>
            </Section>
        }
        .into_any(),
    )
}

/// What somebody without a desk can do here.
fn without_desk_words(me: &Signed) -> Vec<(&'static str, Way)> {
    let mut ways = Vec::new();
    if me.is_anywhere(Role::Member) {
        ways.push(("您是政协委员：看到、听到的事，可以荐题。", Way::new("提一个议题", "/raise")));
        ways.push(("今年的会、走访和发言，都记着；开会来不了，在那里请假。", Way::new("我的履职", YEAR)));
    }
    if me.is_anywhere(Role::UnitHandler) || me.is_anywhere(Role::UnitHead) {
        ways.push((
            "您在承办单位：现在没有要办的任务，交办了会出现在这里。",
            Way::new("看本单位的任务", "/desk/tasks"),
        ));
    }
    if me.is_anywhere(Role::Administrator) {
        ways.push(("您是系统管理员：账号、区镇和设定在本机用命令行维护。", Way::new("使用说明", "/guide")));
        ways.push(("寄给大家的信，寄到没有、要不要重寄，在发件箱里看。", Way::new("发件箱", OUTBOX)));
    }
    if ways.is_empty() {
        ways.push(("您的账号还没有角色，请联系系统管理员。", Way::new("看公开的议题", "/topics")));
    }
    ways
}

fn without_desk(me: &Signed) -> Page {
    let ways = without_desk_words(me);
    let name = me.name.clone();
    Page::desk("我的事", DESK, move || {
        let rows = ways
            .into_iter()
            .map(|(words, way)| view! { <li><p>{words}</p><p><a href=way.href>{way.words}</a></p></li> })
            .collect_view();
        view! {
            <h1 class="title title-desk">{format!("{name}，现在没有要您办的事。")}</h1>
            <p class="lead">"轮到您办的，会出现在这里。您还可以："</p>
            <ul class="short-list">{rows}</ul>
            <p class="actions"><LinkButton words="我的账户" href="/account" kind=ButtonKind::Second/></p>
        }
        .into_any()
    })
}

/// The button of the filters, shared with the list of all topics.
pub(super) fn look() -> impl IntoView {
    view! { <div><Button words="看" kind=ButtonKind::Second/></div> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::store::StageColumn;
    use crate::ids::{CaseId, SessionId};
    use crate::rules::DueLevel;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn row(stage: Stage, waits_for: Option<Role>, due: Option<&str>) -> DeskRow {
        DeskRow {
            topic_id: CaseId(uuid::Uuid::from_u128(7)),
            title: "夜市油烟".to_owned(),
            town: "盛泽镇".to_owned(),
            town_id: "shengze".to_owned(),
            stage: StageColumn(stage),
            suspended_from: (stage == Stage::Suspended).then(|| "accepted".to_owned()),
            waits_for: if stage == Stage::Researching {
                Some(crate::case::LEAD.to_owned())
            } else {
                waits_for.map(|r| r.code().to_owned())
            },
            due_on: due.map(date),
            stage_since: "2026-11-16T02:00:00Z".parse().unwrap(),
            held_comments: 0,
            lead_id: (stage == Stage::Researching).then(lead),
            lead_name: (stage == Stage::Researching).then(|| "顾采薇".to_owned()),
            chair_id: None,
            checked_until: None,
            came_up: None,
            frozen: false,
            number: (stage != Stage::Submitted).then(|| "2026-05".to_owned()),
        }
    }

    #[test]
    fn minutes_that_were_checked_are_the_chairs_to_sign() {
        let (rules, today) = (RuleSet::default(), date("2026-11-18"));
        let chair = Hats { roles: Vec::new(), account: Some(lead()) };
        let checked = |until: &str| DeskRow {
            chair_id: Some(lead()),
            checked_until: Some(date(until)),
            ..row(Stage::Convened, Some(Role::Officer), Some("2026-11-20"))
        };
        assert_eq!(ask(&checked("2026-11-17"), &chair, &rules, today).map(|ask| ask.todo), Some("签发纪要"));
        assert!(ask(&checked("2026-11-18"), &chair, &rules, today).is_none(), "they still have it");
        assert!(ask(&checked("2026-11-17"), &hats(&[Role::Member]), &rules, today).is_none());
    }

    fn lead() -> AccountId {
        AccountId(uuid::Uuid::from_u128(9))
    }

    fn hats(roles: &[Role]) -> Hats {
        Hats { roles: roles.to_vec(), account: None }
    }

    fn on<R>(look: impl FnOnce(&Day<'_>, &RuleSet) -> R) -> R {
        let (calendar, rules) = (Calendar::builtin(), RuleSet::default());
        let now = "2026-11-18T01:00:00Z".parse().unwrap();
        look(&Day { now, today: date("2026-11-18"), calendar: &calendar }, &rules)
    }

    fn made(row: &DeskRow, roles: &[Role]) -> Vec<(Group, String, Option<String>)> {
        on(|day, rules| {
            tasks(row, &hats(roles), rules, day)
                .into_iter()
                .map(|t| (t.group, t.item.todo, t.item.action.map(|a| a.words)))
                .collect()
        })
    }

    #[test]
    fn each_role_sees_what_it_can_do() {
        use Role::{Director, GovernmentOffice, Officer, PartyApprover};
        type Asked = Option<(Group, &'static str, Option<&'static str>)>;
        type Case<'a> = (Stage, Option<Role>, &'a str, &'a [Role], Asked);
        let cases: &[Case<'_>] = &[
            (
                Stage::Planned,
                Some(Officer),
                "2026-11-20",
                &[Officer],
                Some((Group::Week, "筹备会商：夜市油烟", Some("去筹备"))),
            ),
            (
                Stage::Planned,
                Some(Director),
                "2026-11-20",
                &[Director],
                Some((Group::Week, "审批协商方案：夜市油烟", Some("去审批"))),
            ),
            (
                Stage::Planned,
                Some(Director),
                "2026-11-20",
                &[Officer],
                Some((Group::Others, "夜市油烟：等主任批准方案", None)),
            ),
            (
                Stage::Planned,
                Some(Officer),
                "2026-11-20",
                &[Director],
                Some((Group::Others, "夜市油烟：等筹备会商", None)),
            ),
            (
                Stage::Announced,
                Some(Officer),
                "2026-11-23",
                &[Officer],
                Some((Group::Others, "夜市油烟：已公示，等开会", None)),
            ),
            (
                Stage::Announced,
                Some(Officer),
                "2026-11-18",
                &[Officer],
                Some((Group::Today, "开协商会：夜市油烟", Some("去签到"))),
            ),
            (
                Stage::Convened,
                Some(Officer),
                "2026-11-20",
                &[Officer],
                Some((Group::Week, "写纪要：夜市油烟", Some("去写纪要"))),
            ),
            (
                Stage::Convened,
                Some(Officer),
                "2026-11-20",
                &[Director],
                Some((Group::Others, "夜市油烟：等写纪要", None)),
            ),
            (
                Stage::Submitted,
                Some(Officer),
                "2026-11-17",
                &[Officer],
                Some((Group::Late, "答复新提议题：夜市油烟", Some("去初审"))),
            ),
            (
                Stage::Submitted,
                Some(Officer),
                "2026-11-18",
                &[Officer],
                Some((Group::Today, "答复新提议题：夜市油烟", Some("去初审"))),
            ),
            (
                Stage::Submitted,
                Some(Officer),
                "2026-11-20",
                &[Officer],
                Some((Group::Week, "答复新提议题：夜市油烟", Some("去初审"))),
            ),
            (
                Stage::Submitted,
                Some(Officer),
                "2026-11-23",
                &[Officer],
                Some((Group::Later, "答复新提议题：夜市油烟", Some("去初审"))),
            ),
            (
                Stage::Submitted,
                Some(Officer),
                "2026-11-17",
                &[Director],
                Some((Group::Others, "夜市油烟：等初审", None)),
            ),
            (Stage::Submitted, Some(Officer), "2026-11-17", &[PartyApprover], None),
            (Stage::Submitted, Some(Officer), "2026-11-17", &[GovernmentOffice], None),
            (Stage::Returned, None, "2026-12-01", &[Officer], Some((Group::Others, "夜市油烟：等提出人补充", None))),
            (Stage::Returned, None, "2026-12-01", &[PartyApprover], None),
            (
                Stage::Accepted,
                Some(Director),
                "2026-11-19",
                &[Director],
                Some((Group::Week, "准备立题审批：夜市油烟", Some("去准备"))),
            ),
            (
                Stage::Accepted,
                Some(Director),
                "2026-11-19",
                &[Officer],
                Some((Group::Others, "夜市油烟：等准备立题", None)),
            ),
            (
                Stage::Accepted,
                Some(PartyApprover),
                "2026-11-19",
                &[PartyApprover],
                Some((Group::Week, "审批立题：夜市油烟", Some("去审批"))),
            ),
            (
                Stage::Accepted,
                Some(PartyApprover),
                "2026-11-19",
                &[Director],
                Some((Group::Others, "夜市油烟：等党（工）委签批", None)),
            ),
            (
                Stage::Accepted,
                Some(PartyApprover),
                "2026-11-19",
                &[Director, PartyApprover],
                Some((Group::Week, "审批立题：夜市油烟", Some("去审批"))),
            ),
            (
                Stage::Confirmed,
                Some(Director),
                "2026-11-10",
                &[Director],
                Some((Group::Late, "定调研负责人：夜市油烟", Some("去安排"))),
            ),
            (
                Stage::Confirmed,
                Some(Director),
                "2026-11-19",
                &[Officer],
                Some((Group::Others, "夜市油烟：等定调研负责人", None)),
            ),
            (Stage::Researching, None, "2026-11-19", &[Officer], Some((Group::Others, "夜市油烟：等调研报告", None))),
            (
                Stage::Suspended,
                Some(Director),
                "2026-11-18",
                &[Director],
                Some((Group::Today, "复核暂缓：夜市油烟", Some("去复核"))),
            ),
            (
                Stage::Suspended,
                Some(Director),
                "2026-12-18",
                &[Officer],
                Some((Group::Others, "夜市油烟：暂缓中", None)),
            ),
            (Stage::Terminated, None, "2026-12-18", &[Officer], None),
        ];
        for (stage, waits_for, due, hats, expected) in cases {
            let made = made(&row(*stage, *waits_for, Some(due)), hats);
            let expected: Vec<_> =
                expected.iter().map(|(g, todo, verb)| (*g, (*todo).to_owned(), verb.map(str::to_owned))).collect();
            assert_eq!(made, expected, "{stage:?} for {hats:?} due {due}");
        }
    }

    #[test]
    fn the_lead_has_the_research_to_do_whatever_the_role() {
        let row = row(Stage::Researching, None, Some("2026-11-19"));
        for roles in [&[][..], &[Role::Member], &[Role::Officer]] {
            let hats = Hats { roles: roles.to_vec(), account: Some(lead()) };
            let made = on(|day, rules| tasks(&row, &hats, rules, day));
            assert_eq!(made.len(), 1, "{roles:?}");
            let item = &made[0].item;
            assert_eq!((made[0].group, item.todo.as_str()), (Group::Week, "调研：夜市油烟"));
            assert!(item.action.as_ref().unwrap().href.ends_with("/research"));
        }
        assert!(made(&row, &[Role::Member]).is_empty(), "it is another member's");
    }

    #[test]
    fn what_came_up_again_has_its_own_day_beside_what_the_stage_asks() {
        let row = DeskRow {
            came_up: Some(date("2026-11-20")),
            ..row(Stage::Closed, Some(Role::Officer), Some("2026-11-25"))
        };
        let verb = |verb: &str| Some(verb.to_owned());
        assert_eq!(
            made(&row, &[Role::Officer]),
            [
                (Group::Week, "看又出现的事：夜市油烟".to_owned(), verb("去看")),
                (Group::Later, "公开结果、归档：夜市油烟".to_owned(), verb("去归档")),
            ]
        );
        let archived = DeskRow { stage: StageColumn(Stage::Archived), ..row };
        assert_eq!(made(&archived, &[Role::Officer]).len(), 1);
        on(|day, rules| {
            let task = came_up(&archived, date("2026-11-20"), rules, day).item;
            assert!(task.why.ends_with("限 5 个工作日（本镇设定），11月20日到期"), "{}", task.why);
        });
    }

    #[test]
    fn a_frozen_case_is_the_districts_to_let_go() {
        let frozen = DeskRow { frozen: true, ..row(Stage::Accepted, Some(Role::Director), Some("2026-11-16")) };
        let still = || "夜市油烟：冻结了".to_owned();
        assert_eq!(made(&frozen, &[Role::Director]), [(Group::Others, still(), None)]);
        assert_eq!(made(&frozen, &[Role::DistrictOffice]), [(Group::Later, still(), Some("去解冻".to_owned()))]);
    }

    #[test]
    fn held_comments_are_the_officers_even_when_the_topic_waits_for_another() {
        let held = DeskRow { held_comments: 3, ..row(Stage::Accepted, Some(Role::Director), Some("2026-11-19")) };
        let made_for = |hats: &[Role]| made(&held, hats).into_iter().map(|(g, _, verb)| (g, verb)).collect::<Vec<_>>();
        assert_eq!(made_for(&[Role::Officer]), [(Group::Others, None), (Group::Today, Some("看留言".to_owned()))]);
        assert_eq!(made_for(&[Role::Director]), [(Group::Week, Some("去准备".to_owned()))]);
    }

    #[test]
    fn the_district_is_shown_what_is_late_and_nothing_to_press() {
        let late = row(Stage::Submitted, Some(Role::Officer), Some("2026-11-16"));
        assert_eq!(made(&late, &[]), [(Group::Late, "盛泽镇：夜市油烟".to_owned(), None)]);
        assert!(made(&row(Stage::Submitted, Some(Role::Officer), Some("2026-11-20")), &[]).is_empty());
    }

    #[test]
    fn a_reason_names_rule_and_limit() {
        on(|day, rules| {
            let submitted = row(Stage::Submitted, Some(Role::Officer), Some("2026-11-17"));
            let task = tasks(&submitted, &hats(&[Role::Officer]), rules, day).remove(0).item;
            assert_eq!(task.why, "T2 初审：给提出人一个结论，写明理由。限 5 个工作日（本镇设定），11月17日到期");
            let due = task.due.unwrap();
            assert_eq!((due.level, due.words.as_str()), (DueLevel::Late, "超期 1 个工作日"));
            assert!(task.action.unwrap().href.ends_with("?tab=screen"));
        });
    }

    #[test]
    fn the_heading_says_what_comes_first() {
        let today = date("2026-11-18");
        for (tally, watching, heading_is, line) in [
            ([1, 2, 3, 0, 4], false, "周三，11月18日。先补一件逾期的。", "逾期 1，今天 2，本周 3，另有 4 件在等别人。"),
            ([12, 0, 0, 0, 0], false, "周三，11月18日。先补 12 件逾期的。", ""),
            ([0, 2, 0, 0, 0], false, "周三，11月18日。今天有两件要办。", ""),
            ([0, 0, 3, 0, 0], false, "周三，11月18日。今天没有到期的，本周有三件。", ""),
            ([0, 0, 0, 1, 1], false, "周三，11月18日。本周没有到期的，往后有一件。", "以后 1，另有 1 件在等别人。"),
            ([0, 0, 0, 0, 4], false, "周三，11月18日。手头没有要办的事。", "有 4 件在等别人。"),
            ([0, 0, 0, 0, 0], false, "周三，11月18日。手头没有要办的事。", ""),
            ([2, 0, 0, 0, 0], true, "周三，11月18日。全区有两件逾期。", ""),
            ([0, 0, 0, 0, 0], true, "周三，11月18日。全区没有逾期的事。", ""),
        ] {
            assert_eq!(heading(today, tally, watching), heading_is);
            assert_eq!(counts_line(tally), line);
        }
    }

    #[test]
    fn towns_with_overdue_topics_come_first() {
        let count = |town: &str, stage, n| Count {
            town_id: town.to_owned(),
            town: town.to_owned(),
            stage: StageColumn(stage),
            n,
        };
        let overdue = BTreeMap::from([("b".to_owned(), 2)]);
        let table = towns_table(
            vec![
                count("a", Stage::Draft, 0),
                count("b", Stage::Accepted, 3),
                count("b", Stage::Submitted, 1),
                count("b", Stage::Tracking, 5),
            ],
            &overdue,
        );
        let shown: Vec<_> = table.iter().map(|t| (t.town.as_str(), t.late, t.open[0], t.open[3])).collect();
        assert_eq!(shown, [("b", 2, 4, 5), ("a", 0, 0, 0)]);
    }

    #[test]
    fn everybody_without_a_desk_is_told_something() {
        let with = |role: Option<Role>| Signed {
            account: AccountId(uuid::Uuid::nil()),
            session: SessionId(uuid::Uuid::nil()),
            name: "顾".to_owned(),
            login: "gu".to_owned(),
            grants: role.map(|role| crate::access::Grant { role, town: None, unit: None }).into_iter().collect(),
        };
        for role in [None, Some(Role::Member), Some(Role::UnitHandler), Some(Role::Administrator)] {
            let ways = if matches!(role, Some(Role::Administrator | Role::Member)) { 2 } else { 1 };
            assert_eq!(without_desk_words(&with(role)).len(), ways, "{role:?}");
        }
    }
}
