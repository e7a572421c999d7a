//! `/desk/tasks/{id}`: one task with its record, and what whoever looks can do about it. Works without scripts.

use std::sync::Arc;

use chrono::NaiveDate;
use leptos::prelude::*;

use super::forms;
use super::list::{OWED, badge};
use super::record;
use crate::access::{self, Actor, Decision, StepKind};
use crate::case::stage::Stage;
use crate::case::{Case, carry_out, relation};
use crate::error::{FormState, Refusal};
use crate::ids::AssignmentId;
use crate::minutes::model::{Named, Reader, show};
use crate::roster::store::{Unit, units};
use crate::rules::{Calendar, RuleSet};
use crate::task::model::TaskState;
use crate::task::steps::{AnswerSupervision, Supervise, Why, units_of};
use crate::task::store::{self, Note, Task, TaskUnit};
use crate::topic::pages::desk::{Tab, day, done_note, done_words, frozen, inside, row_form, what_was_wrong};
use crate::ui::{Crumbs, DueBadge, Section, Way};
use crate::web::{Form, Outcome, Page, Request, StagedFile};

/// What the page knows.
pub(super) struct Desk {
    pub(super) task: Task,
    pub(super) case: Case,
    pub(super) units: Vec<TaskUnit>,
    pub(super) notes: Vec<Note>,
    pub(super) all_units: Vec<Unit>,
    pub(super) rules: Arc<RuleSet>,
    pub(super) calendar: Arc<Calendar>,
    pub(super) today: NaiveDate,
    pub(super) actor: Actor,
    pub(super) form: FormState,
    pub(super) staged: Vec<StagedFile>,
    request_id: String,
    people: Vec<Named>,
    town: String,
    /// What people said who were not satisfied, for a task that was handed out because of it.
    said: Vec<String>,
}

impl Desk {
    /// The task, for its units and for those who see the case from inside.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::NotFound`].
    async fn load(req: &Request) -> Result<Self, Refusal> {
        let (ctx, db) = (&req.ctx, &req.ctx.db);
        if ctx.actor.signed().is_none() {
            return Err(Refusal::NotSignedIn);
        }
        let id: AssignmentId = req.param("id")?;
        let task = store::one(db, id).await?.ok_or(Refusal::NotFound)?;
        let units_of_task = store::units(db, id).await?;
        let mine = units_of(&ctx.actor);
        let case = if units_of_task.iter().any(|unit| mine.contains(&unit.unit_id)) {
            crate::case::store::find(db, task.case_id).await?.ok_or(Refusal::NotFound)?
        } else {
            match inside(ctx, task.case_id).await {
                Ok(case) => case,
                // A member verifies what he took part in; whether he did is the step's to ask.
                Err(Refusal::NotFound) => {
                    let case = crate::case::store::find(db, task.case_id).await?.ok_or(Refusal::NotFound)?;
                    let verifies = access::decide(StepKind::VerifyTask, &ctx.actor, relation(&case, &ctx.actor));
                    if verifies != Decision::Allowed {
                        return Err(Refusal::NotFound);
                    }
                    case
                }
                Err(refusal) => return Err(refusal),
            }
        };
        let town = crate::town::store::town(db, &case.town_id).await?.ok_or(Refusal::NotFound)?;
        let is_redo = task.why.as_deref() == Some(Why::Redo.code());
        let said = if is_redo { crate::evaluation::redo_words(db, case.id).await? } else { Vec::new() };
        Ok(Self {
            said,
            rules: crate::town::rules::of_case(ctx, &case).await?,
            calendar: ctx.shared.calendar(),
            today: ctx.today(),
            actor: ctx.actor.clone(),
            form: req.form.clone(),
            staged: req.staged.clone(),
            request_id: req.request_id.to_string(),
            notes: store::notes(db, id).await?,
            all_units: units(db, std::slice::from_ref(&case.town_id)).await?,
            people: crate::outcome::people_of(db, case.id, &town).await?,
            town: town.short_name,
            units: units_of_task,
            task,
            case,
        })
    }

    /// Whether the person may do a step, as the permission table says, and whether the case is tracked.
    pub(super) fn may(&self, step: StepKind) -> bool {
        let open = self.case.stage() == Stage::Tracking
            || matches!(step, StepKind::Supervise | StepKind::AnswerSupervision) && !self.case.stage().is_ended();
        open && access::decide(step, &self.actor, relation(&self.case, &self.actor)) == Decision::Allowed
    }

    /// The unit of the task for which the person acts.
    pub(super) fn my_unit(&self) -> Option<&TaskUnit> {
        let mine = units_of(&self.actor);
        self.units.iter().find(|unit| mine.contains(&unit.unit_id))
    }

    /// The refused form, if it was that of this step.
    pub(super) fn state(&self, step: StepKind) -> FormState {
        self.form.of_action(step.code())
    }

    /// A form of this page.
    pub(super) fn form(
        &self,
        step: StepKind,
        (row, files): (&str, bool),
        state: &FormState,
        fields: impl IntoView + 'static,
    ) -> AnyView {
        let address = format!("{OWED}/{}", self.task.task_id);
        let id = if row.is_empty() { format!("form-{}", step.code()) } else { format!("form-{}-{row}", step.code()) };
        let seen = self.task.version.to_string();
        let fields = view! { <input type="hidden" name="seen" value=seen/>{fields} };
        row_form((address, id), (step, self.request_id.clone()), (row, files), state, fields)
    }

    pub(super) fn shown(&self, text: &str) -> String {
        show(text, &self.people, Reader::Inside)
    }
}

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one has no part in.
pub async fn task(req: &Request) -> Result<Page, Refusal> {
    let desk = Desk::load(req).await?;
    let done = done_words(req.query("done"));
    let title = desk.shown(&desk.task.matter);
    Ok(Page::desk(format!("任务：{title}"), OWED, move || {
        let refused = desk.form.refusal.is_some();
        let has_form = forms::has_form(&desk);
        let elsewhere = (refused && !has_form).then(|| what_was_wrong(&desk.form, None));
        view! {
            {head(&desk)}
            {done_note(if refused { None } else { done })}
            {elsewhere}
            <div class="cols-work">
                <aside class="col-sheet" aria-label="这项任务">{facts(&desk)}</aside>
                <div class="col-main">
                    {said(&desk)}
                    {forms::schedule(&desk)}
                    {forms::view(&desk)}
                    <Section title="办理记录">{record(&desk.notes, desk.today)}</Section>
                </div>
            </div>
        }
        .into_any()
    }))
}

fn said(desk: &Desk) -> Option<AnyView> {
    (!desk.said.is_empty()).then(|| {
        let rows = desk.said.iter().map(|words| view! { <li class="said">{words.clone()}</li> }).collect_view();
        view! {
            <Section title="大家评价时说的" side="打乱了先后，不公开">
                <ul class="short-list">{rows}</ul>
            </Section>
        }
        .into_any()
    })
}

fn head(desk: &Desk) -> AnyView {
    let task = &desk.task;
    let inside =
        access::may_see(&desk.actor, access::Relation { is_public: false, ..relation(&desk.case, &desk.actor) });
    let ways = if inside {
        vec![Way::new("议题", "/desk/topics"), Way::new("办理", Tab::Tasks.address(desk.case.id))]
    } else {
        vec![Way::new("本单位的任务", OWED)]
    };
    let due = (task.state() != TaskState::Verified).then(|| {
        let due = badge(task.wait_on, desk.today, (&desk.calendar, &desk.rules));
        view! { <DueBadge due/> }
    });
    view! {
        <Crumbs ways here=format!("第 {} 项", task.no)/>
        <div class="head">
            <div>
                <h1 class="title title-work">{desk.shown(&task.matter)}</h1>
                <p class="meta">{format!("{} / {}", desk.town, desk.case.inner_title())}{desk.case.demo.then(|| view! { " " <span class="tag">"演示数据"</span> })}</p>
            </div>
            <div class="case-state">
                <p><span class="word">{task.state().word()}</span>" "{due}</p>
            </div>
        </div>
        {frozen(&desk.case)}
    }
    .into_any()
}

fn facts(desk: &Desk) -> AnyView {
    let task = &desk.task;
    let assist: Vec<String> = desk
        .units
        .iter()
        .filter(|unit| !unit.is_lead)
        .map(|unit| {
            let signed = if unit.signed_at.is_some() { "已签收" } else { "待签收" };
            format!("{}（{signed}）", unit.name)
        })
        .collect();
    let late = task.is_late(desk.today);
    let rows: Vec<(&str, String)> = vec![
        ("主办单位", task.lead_name.clone()),
        ("协办单位", assist.join("、")),
        ("联系人", task.contact.clone()),
        ("措施", task.measure.clone()),
        ("完成日期", day(task.due_on, desk.today)),
        ("进度", format!("{}%", task.percent)),
        (
            "延期",
            match task.extension.as_deref() {
                Some("asked") => {
                    format!("申请到{}，等批", task.extension_to.map(|to| day(to, desk.today)).unwrap_or_default())
                }
                Some("granted") => "批准过一次".to_owned(),
                Some(_) => "申请过，没有同意".to_owned(),
                None => String::new(),
            },
        ),
        ("办理结果", task.class().map(|class| format!("{}类，{}", class.letter(), class.word())).unwrap_or_default()),
        ("回头看", task.lookback_on.map(|on| day(on, desk.today)).unwrap_or_default()),
        ("缘由", task.why.as_deref().and_then(Why::from_code).map_or("", Why::word).to_owned()),
    ];
    let rows = rows
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| view! { <dt>{label}</dt><dd>{value}</dd> })
        .collect_view();
    let awaited = task.awaited();
    let lead = match (task.state(), late) {
        (TaskState::Verified, _) => "核实过了。".to_owned(),
        (_, true) => format!("等{awaited}，{}就到期了。", day(task.wait_on, desk.today)),
        (_, false) => format!("等{awaited}，最迟{}。", day(task.wait_on, desk.today)),
    };
    let topic = format!("/topics/{}/outcomes", desk.case.id);
    view! {
        <section class="sheet">
            <p class="caption">{format!("第 {} 项任务", task.no)}</p>
            <h2>{lead}</h2>
            <dl class="facts">{rows}</dl>
            <p class="small"><a href=topic>"看公开的办理情况"</a></p>
        </section>
    }
    .into_any()
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_task(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let desk = Desk::load(req).await?;
    let (ctx, case, task) = (&req.ctx, desk.case.id, desk.task.task_id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    match step {
        StepKind::Supervise => {
            let due_on = form.date("order_due")?;
            carry_out(ctx, Supervise { case, task: Some(task), words: form.value("order").to_owned(), due_on }).await?;
        }
        StepKind::AnswerSupervision => {
            let order = form.parse("note", "这一页不完整，请刷新后再提交。")?;
            carry_out(ctx, AnswerSupervision { case, order, words: form.value("answer").to_owned() }).await?;
        }
        step => forms::take(ctx, (case, task), (step, &form)).await?,
    }
    Ok(Outcome::SeeOther(format!("{OWED}/{task}?done={}", step.code())))
}
