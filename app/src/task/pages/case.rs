//! `/desk/topics/{id}/tasks`: the tasks of a case, what ends the handling (T12), and supervision of the whole case.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use leptos::prelude::*;

use super::list::{OWED, badge};
use super::record;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::error::{FormState, Refusal};
use crate::evaluation::steps::FinishTracking;
use crate::minutes::model::{Named, Reader, show};
use crate::rules::{Facts, ResultClass, day, judge};
use crate::task::model::{NoteKind, TaskState};
use crate::task::round_of;
use crate::task::steps::{AnswerSupervision, Supervise};
use crate::task::store::{self, Note, Task, TaskUnit};
use crate::topic::pages::desk::{
    Bench, NextStep, TOPICS, Tab, checklist, done_note, done_words, refused_elsewhere, seen,
};
use crate::topic::steps::{FreezeCase, UnfreezeCase};
use crate::ui::{Button, ButtonKind, DueBadge, Empty, Field, Section, TextArea, TextInput, Way};
use crate::web::{Form, Outcome, Page, Request};

/// What the page shows.
struct Board {
    tasks: Vec<Task>,
    units: Vec<TaskUnit>,
    notes: Vec<Note>,
    people: Vec<Named>,
}

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside.
pub async fn tasks(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Tasks).await?;
    let (db, case) = (&req.ctx.db, bench.case.id);
    let board = Board {
        tasks: store::of_case(db, case).await?,
        units: store::units_of_case(db, case).await?,
        notes: store::notes_of_case(db, case, false).await?,
        people: crate::outcome::people_of(db, case, &bench.town).await?,
    };
    let done = done_words(req.query("done"));
    Ok(Page::desk(format!("办理：{}", bench.case.inner_title()), TOPICS, move || {
        let refused = bench.form.refusal.is_some();
        let next = next(&bench, &board);
        let sheet = next.map(|next| checklist(&bench, &next));
        let list = if board.tasks.is_empty() {
            let way = Way::new("去成果页", Tab::Outcomes.address(bench.case.id));
            view! { <Empty sentence="还没有交办任务。批办完成果清单，任务就在这里。" way/> }.into_any()
        } else {
            rounds(&bench, &board)
        };
        view! {
            {bench.head()}
            {done_note(if refused { None } else { done })}
            {if has_form(&bench) { None } else { refused_elsewhere(&bench) }}
            <div class="cols-work">
                <aside class="col-sheet" aria-label="下一步">{sheet.unwrap_or_else(|| standing(&bench, &board))}</aside>
                <div class="col-main">
                    {orders(&bench, &board)}
                    {list}
                    {finish(&bench, &board)}
                    {supervise(&bench)}
                    {freeze(&bench)}
                </div>
            </div>
        }
        .into_any()
    }))
}

fn has_form(bench: &Bench) -> bool {
    let Some(step) = StepKind::from_code(bench.form.action.as_deref().unwrap_or_default()) else { return false };
    bench.may(step)
        && match step {
            StepKind::FinishTracking => bench.case.stage() == Stage::Tracking,
            StepKind::Supervise => !bench.case.stage().is_ended(),
            StepKind::AnswerSupervision => true,
            StepKind::FreezeCase => bench.case.frozen_at.is_none(),
            StepKind::UnfreezeCase => bench.case.frozen_at.is_some(),
            _ => false,
        }
}

/// The days to look again, as typed, or as proposed: the day of the plan, else the usual time from today.
fn lookbacks(bench: &Bench, tasks: &[Task]) -> BTreeMap<i64, NaiveDate> {
    let state = bench.state(StepKind::FinishTracking);
    let usual = bench.today + chrono::Days::new(u64::from(bench.rules.close.lookback_days));
    tasks
        .iter()
        .filter(|task| task.class().is_some_and(ResultClass::is_looked_back_on))
        .filter_map(|task| {
            let typed = state.value(&format!("lookback_{}", task.no)).parse().ok();
            let on = if state.refusal.is_some() { typed? } else { task.target_on.unwrap_or(usual) };
            Some((task.no, on))
        })
        .collect()
}

fn next(bench: &Bench, board: &Board) -> Option<NextStep> {
    if bench.case.stage() != Stage::Tracking {
        return None;
    }
    let tasks = round_of(board.tasks.clone());
    let step = FinishTracking { case: bench.case.id, seen: 0, lookbacks: lookbacks(bench, &tasks) };
    Some(NextStep {
        title: "请群众评价",
        verb: "请群众评价",
        words: "任务都核实了，请群众评价",
        step: StepKind::FinishTracking,
        tab: Tab::Tasks,
        findings: judge(&[Facts::T12(step.facts_of(&tasks, bench.today))], &bench.rules, bench.now),
    })
}

fn standing(bench: &Bench, board: &Board) -> AnyView {
    let words = match bench.case.stage() {
        Stage::Reported => "党委、政府批办以后，任务交给各单位。",
        Stage::Evaluating => "任务都核实了，正在请群众评价。",
        _ => "任务办完了。",
    };
    let verified = board.tasks.iter().filter(|task| task.state() == TaskState::Verified).count();
    view! {
        <section class="sheet">
            <p class="caption">"办理"</p>
            <h2>{words}</h2>
            <p class="small">{format!("前后交办 {} 项，核实 {verified} 项。", board.tasks.len())}</p>
        </section>
    }
    .into_any()
}

fn rounds(bench: &Bench, board: &Board) -> AnyView {
    let newest = board.tasks.first().map_or(1, |task| task.round);
    (1..=newest)
        .rev()
        .map(|round| {
            let rows = board
                .tasks
                .iter()
                .filter(|task| task.round == round)
                .map(|task| row(bench, board, task))
                .collect_view();
            let title = if newest == 1 { "任务".to_owned() } else { format!("第 {round} 次办理") };
            view! { <Section title=title>{rows}</Section> }
        })
        .collect_view()
        .into_any()
}

fn row(bench: &Bench, board: &Board, task: &Task) -> AnyView {
    let assist: Vec<&str> = board
        .units
        .iter()
        .filter(|unit| unit.task_id == task.task_id && !unit.is_lead)
        .map(|unit| unit.name.as_str())
        .collect();
    let assist = if assist.is_empty() { String::new() } else { format!("，{}协办", assist.join("、")) };
    let words = show(&task.matter, &board.people, Reader::Inside);
    let due = (task.state() != TaskState::Verified).then(|| {
        let due = badge(task.wait_on, bench.today, (&bench.calendar, &bench.rules));
        view! { <DueBadge due/> }
    });
    let why = task.why.as_deref().and_then(crate::task::Why::from_code).map(|why| format!("，{}", why.word()));
    let class = task.class().map(|class| format!("，{}类 {}", class.letter(), class.word())).unwrap_or_default();
    let state = format!(
        "{}主办{assist}{}；{}{class}，完成 {}%",
        task.lead_name,
        why.unwrap_or_default(),
        task.state().word(),
        task.percent
    );
    let notes: Vec<Note> = board.notes.iter().filter(|note| note.task_id == Some(task.task_id)).cloned().collect();
    let href = format!("{OWED}/{}", task.task_id);
    view! {
        <div class="task" id=format!("task-{}", task.no)>
            <h3><a href=href>{format!("{}. {words}", task.no)}</a></h3>
            <p>{state}" "{due}</p>
            <p class="caption">{format!("措施：{}", task.measure)}</p>
            <details><summary>{format!("办理记录 {} 条", notes.len())}</summary>{record(&notes, bench.today)}</details>
        </div>
    }
    .into_any()
}

/// The form that ends the handling, with the days to look again.
fn finish(bench: &Bench, board: &Board) -> Option<AnyView> {
    if bench.case.stage() != Stage::Tracking || !bench.may(StepKind::FinishTracking) {
        return None;
    }
    let tasks = round_of(board.tasks.clone());
    if tasks.iter().any(|task| task.state() != TaskState::Verified) {
        return None;
    }
    let state = bench.state(StepKind::FinishTracking);
    let proposed = lookbacks(bench, &tasks);
    let dates: Vec<AnyView> = tasks
        .iter()
        .filter(|task| task.class().is_some_and(ResultClass::is_looked_back_on))
        .map(|task| {
            let name = format!("lookback_{}", task.no);
            let label = format!("第 {} 项没有全部解决，哪天回头看", task.no);
            let mut field = Field::of(&state, &name, label).narrow();
            if let Some(on) = proposed.get(&task.no) {
                field = field.or(on.to_string());
            }
            view! { <TextInput field kind="date"/> }.into_any()
        })
        .collect();
    let days = bench.rules.survey.days;
    let fields = view! {
        {dates}
        <p class="hint">{format!("请提出人、到会的人和关注的人评价，开 {days} 天（本镇设定）。")}</p>
        <div class="actions"><Button words="请群众评价" kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::FinishTracking, (Some(bench.case.stage_version), None), &state, fields);
    Some(view! { <Section title="请群众评价" id="tasks">{form}</Section> }.into_any())
}

/// Orders about the whole case.
fn orders(bench: &Bench, board: &Board) -> Option<AnyView> {
    let rows: Vec<AnyView> = board
        .notes
        .iter()
        .filter(|note| note.task_id.is_none() && note.kind.0 == NoteKind::Supervised)
        .map(|note| {
            let until = note.day.map(|on| day(on, bench.today)).unwrap_or_default();
            let by = note.author.clone().unwrap_or_default();
            let open = note.answered_at.is_none();
            let form = (open && bench.may(StepKind::AnswerSupervision)).then(|| {
                let refused = bench.state(StepKind::AnswerSupervision);
                let id = note.note_id.to_string();
                let state = if refused.value("note") == id { refused } else { FormState::default() };
                let fields = view! {
                    <input type="hidden" name="note" value=id.clone()/>
                    <TextArea field=Field::of(&state, "answer", "回复").within(&id) rows=3/>
                    <div class="actions"><Button words="回复督办" kind=ButtonKind::Second small=true/></div>
                };
                bench.row_form(StepKind::AnswerSupervision, (&id, false), &state, fields)
            });
            let state = if open { format!("{until}前回复") } else { "已回复".to_owned() };
            view! { <li><p>{format!("{by}督办（{state}）：{}", note.words)}</p>{form}</li> }.into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <Section title="督办"><ul class="short-list">{rows}</ul></Section> }.into_any())
}

fn supervise(bench: &Bench) -> Option<AnyView> {
    if bench.case.stage().is_ended() || !bench.may(StepKind::Supervise) {
        return None;
    }
    let state = bench.state(StepKind::Supervise);
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("order");
    let days = bench.rules.after.supervision_reply_workdays;
    let fields = view! {
        <TextArea field=field("order", "督办要求") rows=3/>
        <TextInput field=field("order_due", "哪天前回复").optional().narrow().hint(format!("不填就是 {days} 个工作日（本镇设定）")) kind="date"/>
        <div class="actions"><Button words="督办整件事" kind=ButtonKind::Second/></div>
    };
    let form = bench.row_form(StepKind::Supervise, ("order", false), &state, fields);
    Some(view! { <details open=state.refusal.is_some()><summary>"督办整件事"</summary>{form}</details> }.into_any())
}

/// Holding a case, and letting it go: the district's.
fn freeze(bench: &Bench) -> Option<AnyView> {
    let frozen = bench.case.frozen_at.is_some();
    let step = if frozen { StepKind::UnfreezeCase } else { StepKind::FreezeCase };
    if !bench.may(step) || bench.case.stage().is_ended() {
        return None;
    }
    let state = bench.state(step);
    let (label, button) = if frozen { ("解冻的话", "解冻") } else { ("冻结的理由", "冻结") };
    let fields = view! {
        <TextArea field=Field::of(&state, "reason", label).within("freeze") rows=2/>
        <div class="actions"><Button words=button kind=ButtonKind::Second small=true/></div>
    };
    let form = bench.row_form(step, ("freeze", false), &state, fields);
    let summary = if frozen { "这件事冻结着，解冻" } else { "冻结这件事" };
    Some(
        view! { <details open=state.refusal.is_some() || frozen><summary>{summary}</summary>{form}</details> }
            .into_any(),
    )
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_tasks(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let bench = Bench::of(req, Tab::Tasks).await?;
    let (ctx, case) = (&req.ctx, bench.case.id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    let reason = || form.value("reason").to_owned();
    let mut tab = Tab::Tasks;
    match step {
        StepKind::FinishTracking => {
            let mut lookbacks = BTreeMap::new();
            for name in form.values.keys() {
                let Some(no) = name.strip_prefix("lookback_").and_then(|no| no.parse().ok()) else { continue };
                if let Some(on) = form.date(name)? {
                    lookbacks.insert(no, on);
                }
            }
            carry_out(ctx, FinishTracking { case, seen: seen(&form)?, lookbacks }).await?;
            tab = Tab::Evaluation;
        }
        StepKind::Supervise => {
            let due_on = form.date("order_due")?;
            carry_out(ctx, Supervise { case, task: None, words: form.value("order").to_owned(), due_on }).await?;
        }
        StepKind::AnswerSupervision => {
            let order = form.parse("note", "这一页不完整，请刷新后再提交。")?;
            carry_out(ctx, AnswerSupervision { case, order, words: form.value("answer").to_owned() }).await?;
        }
        StepKind::FreezeCase => carry_out(ctx, FreezeCase { case, reason: reason() }).await?,
        StepKind::UnfreezeCase => carry_out(ctx, UnfreezeCase { case, reason: reason() }).await?,
        _ => return Err(Refusal::NotFound),
    }
    Ok(Outcome::SeeOther(format!("{}?done={}", tab.address(case), step.code())))
}
