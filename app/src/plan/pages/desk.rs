//! `/desk/topics/{id}/plan`: the plan of the meeting, what it still needs, approval, preview, and what happens to an
//! announced meeting.

use leptos::prelude::*;

use super::editor::{self, Choices};
use super::notice::{Notice, content, of_plan, office};
use crate::access::{Role, StepKind};
use crate::case::carry_out;
use crate::case::record::differences;
use crate::case::stage::Stage;
use crate::case::store::{Version, versions as records};
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::CaseId;
use crate::plan::model::{Allowances, ConsultationPlan, MeetingState, when};
use crate::plan::steps::{
    AllowException, Announce, ApprovePlan, CancelMeeting, MoveMeeting, SavePlan, SendBackPlan, Surroundings,
    allowed_for, notice_facts, plan_facts,
};
use crate::plan::store::{self, Meeting};
use crate::rules::{Finding, Findings, PlanException, PlanMoment, judge};
use crate::topic::model::Ruling;
use crate::topic::pages::desk::{Bench, TOPICS, Tab, done_note, done_words, moment, seen, versions, what_was_wrong};
use crate::town;
use crate::ui::{
    Button, ButtonKind, Checkbox, Choice, Field, FindingList, LinkButton, RadioGroup, RequestIdField, Section, TextArea,
};
use crate::web::{Form, Outcome, Page, Request, StagedFile};

/// Steps whose rulings are shown here.
const SHOWN: [StepKind; 4] =
    [StepKind::ApprovePlan, StepKind::SendBackPlan, StepKind::MoveMeeting, StepKind::CancelMeeting];

/// Everything the page shows besides the bench.
struct Table {
    plans: Vec<Version<ConsultationPlan>>,
    meeting: Option<Meeting>,
    allowed: Allowances,
    rulings: Vec<Version<Ruling>>,
    choices: Choices,
    around: Surroundings,
    staged: Vec<StagedFile>,
}

impl Table {
    async fn load(bench: &Bench, req: &Request) -> Result<Self, Refusal> {
        let (db, case) = (&req.ctx.db, bench.case.id);
        let plans = records::<ConsultationPlan>(db, case).await?;
        let meeting = store::meeting(db, case).await?;
        let version = plans.first().map_or(0, |v| v.version);
        let allowed = records::<Allowances>(db, case).await?.into_iter().next().map(|v| v.record);
        let plan = plans.first().map(|v| v.record.clone()).unwrap_or_default();
        Ok(Self {
            around: Surroundings::load(db, case, meeting.as_ref().map(|m| m.meeting_id), &plan).await?,
            allowed: allowed_for(allowed, version),
            rulings: records(db, case).await?,
            choices: choices(&req.ctx, &bench.case.town_id, case).await?,
            staged: req.staged.clone(),
            plans,
            meeting,
        })
    }

    fn version(&self) -> i64 {
        self.plans.first().map_or(0, |v| v.version)
    }

    fn plan(&self) -> Option<&ConsultationPlan> {
        self.plans.first().map(|v| &v.record)
    }

    fn state(&self) -> Option<MeetingState> {
        self.meeting.as_ref().map(|m| m.state.0)
    }
}

async fn choices(ctx: &Ctx, town: &str, case: CaseId) -> Result<Choices, Refusal> {
    Ok(Choices {
        rooms: town::store::rooms(&ctx.db, Some(town)).await?,
        people: store::colleagues(&ctx.db, town).await?,
        materials: store::materials(&ctx.db, case).await?,
    })
}

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not know of.
pub async fn plan(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Plan).await?;
    let table = Table::load(&bench, req).await?;
    let done = done_words(req.query("done"));
    Ok(Page::desk(format!("筹备：{}", bench.case.inner_title()), TOPICS, move || {
        let refused = bench.form.refusal.is_some();
        view! {
            {bench.head()}
            {done_note(if refused { None } else { done })}
            {refused_elsewhere(&bench, &table)}
            <div class="cols-work">
                <aside class="col-sheet" aria-label="下一步">{sheet(&bench, &table)}</aside>
                <div class="col-main">
                    {approval(&bench, &table)}
                    {changes(&bench, &table)}
                    {editor_form(&bench, &table)}
                    {preview(&bench, &table)}
                    {on_file(&bench, &table)}
                    {rulings(&bench, &table)}
                </div>
            </div>
        }
        .into_any()
    }))
}

/// Whether the form of a step stands on this page now.
fn offers(bench: &Bench, table: &Table, step: StepKind) -> bool {
    let planned = bench.case.stage() == Stage::Planned;
    let fits = match step {
        StepKind::SavePlan => planned,
        StepKind::ApprovePlan => planned && table.state() == Some(MeetingState::Planning),
        StepKind::SendBackPlan => {
            planned
                && table.state() == Some(MeetingState::Planning)
                && bench.case.waiting_role() == Some(Role::Director)
        }
        StepKind::AllowException => planned && !open_asks(table).is_empty(),
        StepKind::Announce => planned && table.plan().is_some(),
        StepKind::MoveMeeting => bench.case.stage() == Stage::Announced,
        StepKind::CancelMeeting => {
            (planned || bench.case.stage() == Stage::Announced)
                && table.meeting.as_ref().is_some_and(Meeting::is_expected)
        }
        _ => false,
    };
    fits && bench.may(step)
}

/// The exceptions that were asked for and not decided yet.
fn open_asks(table: &Table) -> Vec<PlanException> {
    let Some(plan) = table.plan() else { return Vec::new() };
    let asked = |reason: &str| !reason.trim().is_empty();
    [
        (PlanException::Shares, asked(&plan.shares_reason) && table.allowed.shares.is_none()),
        (PlanException::Urgent, asked(&plan.urgent_reason) && table.allowed.urgent.is_none()),
    ]
    .into_iter()
    .filter(|(_, open)| *open)
    .map(|(what, _)| what)
    .collect()
}

/// A refusal whose form is not on this page any more.
fn refused_elsewhere(bench: &Bench, table: &Table) -> Option<AnyView> {
    let refusal = bench.form.refusal.as_ref()?;
    let step = StepKind::from_code(bench.form.action.as_deref().unwrap_or_default());
    if step.is_some_and(|step| offers(bench, table, step)) {
        return None;
    }
    let sentence = refusal.sentence();
    Some(view! { <div class="form-summary" role="alert" tabindex="-1"><h2>{sentence}</h2></div> }.into_any())
}

/// The findings of the step that comes next, by the gate's own judge on the gate's own facts.
fn findings(bench: &Bench, table: &Table, moment: PlanMoment) -> Vec<Finding> {
    let plan = table.plan().cloned().unwrap_or_default();
    let approver = if moment == PlanMoment::Approving { bench.actor.account() } else { None };
    let excepted = table.allowed.shares.is_some();
    let due = bench.case.due_on;
    let mut facts = vec![plan_facts(&plan, table.meeting.as_ref(), &table.around, (moment, approver), excepted, due)];
    if moment == PlanMoment::Announcing {
        facts.push(notice_facts(&plan, table.allowed.urgent.is_some()));
    }
    judge(&facts, &bench.rules, bench.now)
}

fn sheet(bench: &Bench, table: &Table) -> AnyView {
    match bench.case.stage() {
        Stage::Planned if table.plan().is_none() => {
            let way = bench.may(StepKind::SavePlan).then(|| {
                view! { <p class="step-button"><a class="btn" href="#form-save_plan">"写方案"</a></p> }
            });
            plain_sheet(
                "写协商方案",
                "先定时间、场地、议程、主持和记录，再请人，送主任批准，最后公示。".to_owned(),
                way.into_any(),
            )
        }
        Stage::Planned => checklist(bench, table),
        Stage::Announced => {
            let words = table
                .meeting
                .as_ref()
                .map(|m| format!("{}，已经公示。", when(m.starts_at, m.ends_at)))
                .unwrap_or_default();
            let href = format!("/topics/{}/notice", bench.case.id);
            let way = view! { <p class="step-button"><LinkButton words="看公示" href/></p> };
            plain_sheet("等开会", words, way.into_any())
        }
        stage => {
            let before = stage.ordinal() < Stage::Planned.ordinal();
            let words = if before {
                "调研完成以后，才筹备会商。"
            } else {
                "会商已经过了筹备，方案留在下面。"
            };
            plain_sheet("筹备", words.to_owned(), ().into_any())
        }
    }
}

fn plain_sheet(title: &'static str, words: String, way: AnyView) -> AnyView {
    view! {
        <section class="sheet">
            <p class="caption">"下一步"</p>
            <h2>{title}</h2>
            <p>{words}</p>
            {way}
        </section>
    }
    .into_any()
}

fn checklist(bench: &Bench, table: &Table) -> AnyView {
    let approving = offers(bench, table, StepKind::ApprovePlan);
    let (moment, title) =
        if approving { (PlanMoment::Approving, "审批方案") } else { (PlanMoment::Announcing, "公示协商会") };
    let can_edit = bench.may(StepKind::SavePlan);
    let findings: Vec<Finding> = findings(bench, table, moment)
        .into_iter()
        .map(|mut finding| {
            // Where it is mended is the officer's form; the approval is the director's.
            let approval = finding.field.as_deref() == Some("approve");
            finding.mend = finding.mend.filter(|_| can_edit && !approval);
            finding
        })
        .collect();
    let blocking = findings.tally().blocking;
    let button = match (approving, bench.may(StepKind::Announce)) {
        (true, _) => {
            let class = if blocking == 0 { "btn" } else { "btn blocked" };
            let words =
                if blocking == 0 { "去审批".to_owned() } else { format!("还差 {blocking} 项，暂不能批准") };
            view! { <p class="step-button"><a class=class href="#form-approve_plan">{words}</a></p> }.into_any()
        }
        (false, true) => {
            let state = bench.state(StepKind::Announce);
            let class = if blocking == 0 { "btn" } else { "btn blocked" };
            let words = if blocking == 0 {
                "公示，发出邀请".to_owned()
            } else {
                format!("还差 {blocking} 项，暂不能公示")
            };
            let fields = view! { <p class="step-button"><button type="submit" class=class>{words}</button></p> };
            bench.form(StepKind::Announce, (Some(table.version()), None), &state, fields)
        }
        (false, false) => view! { <p class="caption">"这一步由工委干事来做，这里只看。"</p> }.into_any(),
    };
    view! {
        <section class="sheet">
            <p class="caption">"下一步"</p>
            <h2>{title}</h2>
            <FindingList findings=findings/>
            {button}
            <p class="caption">"清单按存下的方案核对，按下以后系统用同一份清单重新核一遍。"</p>
        </section>
    }
    .into_any()
}

/// The director's forms.
fn approval(bench: &Bench, table: &Table) -> Option<AnyView> {
    let seen = Some(table.version());
    let approve = offers(bench, table, StepKind::ApprovePlan).then(|| {
        let state = bench.state(StepKind::ApprovePlan);
        let reason = Field::of(&state, "reason", "审批意见").within("approve");
        let fields = view! {
            <TextArea field=reason rows=2/>
            <div class="actions"><Button words="批准方案"/></div>
        };
        let form = bench.form(StepKind::ApprovePlan, (seen, Some("approve")), &state, fields);
        let back = offers(bench, table, StepKind::SendBackPlan).then(|| back_form(bench, seen));
        view! {
            <Section title="审批方案" id="approve">
                <p class="hint">"请先看下面的方案和公示预览。存过这份方案的人，不管哪一版，都不能批准。"</p>
                {form}
                {back}
            </Section>
        }
    });
    let allow = offers(bench, table, StepKind::AllowException).then(|| allow_form(bench, table, seen));
    (approve.is_some() || allow.is_some()).then(|| view! { {approve}{allow} }.into_any())
}

fn back_form(bench: &Bench, seen: Option<i64>) -> AnyView {
    let state = bench.state(StepKind::SendBackPlan);
    let why = Field::of(&state, "reason", "要补什么").within("back");
    let open = state.refusal.is_some();
    let fields = view! {
        <TextArea field=why rows=2/>
        <div class="actions"><Button words="退回干事补充" kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::SendBackPlan, (seen, Some("back")), &state, fields);
    view! { <details open=open><summary>"还不行，退回"</summary>{form}</details> }.into_any()
}

fn allow_form(bench: &Bench, table: &Table, seen: Option<i64>) -> AnyView {
    let state = bench.state(StepKind::AllowException);
    let plan = table.plan().cloned().unwrap_or_default();
    let options = open_asks(table)
        .into_iter()
        .map(|what| {
            let why = match what {
                PlanException::Shares => plan.shares_reason.clone(),
                PlanException::Urgent => plan.urgent_reason.clone(),
            };
            Choice::new(what.code(), what.word()).hint(format!("干事的理由：{why}"))
        })
        .collect();
    let what = Field::of(&state, "what", "同意哪一项").within("allow");
    let reason = Field::of(&state, "reason", "为什么同意").within("allow").hint("写进记录；方案再改，要重新申请。");
    let fields = view! {
        <RadioGroup field=what options/>
        <TextArea field=reason rows=2/>
        <div class="actions"><Button words="同意这项例外" kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::AllowException, (seen, Some("allow")), &state, fields);
    view! { <Section title="申请的例外" id="exception">{form}</Section> }.into_any()
}

/// Moving an announced meeting, and cancelling one that people expect.
fn changes(bench: &Bench, table: &Table) -> Option<AnyView> {
    let moving = moving(bench, table);
    let cancelling = cancelling(bench, table);
    if moving.is_none() && cancelling.is_none() {
        return None;
    }
    let title = if moving.is_some() { "改期、换场地、取消" } else { "取消" };
    Some(view! { <Section title=title id="change">{moving}{cancelling}</Section> }.into_any())
}

fn moving(bench: &Bench, table: &Table) -> Option<AnyView> {
    if !offers(bench, table, StepKind::MoveMeeting) {
        return None;
    }
    let plan = table.plan()?;
    let state = bench.state(StepKind::MoveMeeting);
    let open = state.refusal.is_some();
    let state = if open { state } else { editor::filled(plan) };
    let changed = Field::of(&state, "topic_changed", "要商量的内容也变了").within("move");
    let reason = Field::of(&state, "reason", "原因").within("move").hint("参加的人和公众都会看到。");
    let (days, room) = (bench.rules.notice.days, bench.rules.notice.room_change_days);
    let note = format!(
        "改时间，公示重新计算。要商量的内容也变了，或者新的时间离今天不足 {days} 天（本镇设定）的，退回筹备，重新批准再公示。只换场地不重新计算，最晚会前 {room} 天（本镇设定）。"
    );
    let fields = view! {
        <p class="hint">{note}</p>
        {editor::time_and_place(&state, &table.choices.rooms, Some("move"))}
        <Checkbox field=changed/>
        <TextArea field=reason rows=2/>
        <div class="actions"><Button words="改好，告诉每一个人"/></div>
    };
    let form = bench.form(StepKind::MoveMeeting, (Some(table.version()), Some("move")), &state, fields);
    Some(view! { <details open=open><summary>"改期或换场地"</summary>{form}</details> }.into_any())
}

fn cancelling(bench: &Bench, table: &Table) -> Option<AnyView> {
    if !offers(bench, table, StepKind::CancelMeeting) {
        return None;
    }
    let cancel = bench.state(StepKind::CancelMeeting);
    let cancel_open = cancel.refusal.is_some();
    let why = Field::of(&cancel, "reason", "为什么取消").within("cancel").hint("参加的人和公众都会看到。");
    let plan = table.version().to_string();
    let fields = view! {
        <input type="hidden" name="plan" value=plan/>
        <TextArea field=why rows=2/>
        <div class="actions"><Button words="取消会议，告诉每一个人" kind=ButtonKind::Second/></div>
    };
    let seen = Some(bench.case.stage_version);
    let cancel = bench.form(StepKind::CancelMeeting, (seen, Some("cancel")), &cancel, fields);
    Some(view! { <details open=cancel_open><summary>"取消这场会"</summary>{cancel}</details> }.into_any())
}

fn editor_form(bench: &Bench, table: &Table) -> Option<AnyView> {
    if !offers(bench, table, StepKind::SavePlan) {
        return None;
    }
    let refused = bench.state(StepKind::SavePlan);
    let state = match table.plan() {
        _ if refused.refusal.is_some() => refused.clone(),
        Some(plan) => editor::filled(&editor::next_time(plan, bench.now, bench.rules.notice.days)),
        None => FormState::default(),
    };
    let fields = editor::fields(&state, &table.choices, &bench.rules, table.staged.clone());
    let seen = table.version().to_string();
    let form = view! {
        <form class="form" id="form-save_plan" method="post" action=bench.address() enctype="multipart/form-data">
            {what_was_wrong(&refused, None)}
            <RequestIdField id=bench.request_id.clone()/>
            <input type="hidden" name="action" value=StepKind::SavePlan.code()/>
            <input type="hidden" name="seen" value=seen/>
            {fields}
        </form>
    };
    let approved = (table.state() == Some(MeetingState::Approved))
        .then(|| view! { <p class="hint">"方案已经批准。再改就要重新批准，例外也要重新申请。"</p> });
    Some(view! { <Section title="协商方案" id="plan">{approved}{form}</Section> }.into_any())
}

/// The notice as the public will see it, or sees it.
fn preview(bench: &Bench, table: &Table) -> Option<AnyView> {
    let plan = table.plan()?;
    if bench.case.stage() != Stage::Planned {
        return None;
    }
    let address = table.choices.room(plan.room).map(|room| room.address.clone());
    let chair = office(&bench.town.short_name, &table.choices.people, plan.chair);
    let notice = Notice::of(plan, address, chair, of_plan(&table.choices.materials, &plan.materials));
    let shown = content(notice);
    Some(
        view! {
            <details class="preview">
                <summary>"公示预览：公众会看到这些"</summary>
                {shown}
            </details>
        }
        .into_any(),
    )
}

fn on_file(bench: &Bench, table: &Table) -> AnyView {
    if table.plans.is_empty() {
        let may = offers(bench, table, StepKind::SavePlan);
        return (!may).then(|| view! { <p class="empty">"还没有协商方案。"</p> }).into_any();
    }
    let kept = versions(&table.plans, "系统", bench.today);
    let allowed: Vec<_> =
        [(PlanException::Shares, table.allowed.shares.clone()), (PlanException::Urgent, table.allowed.urgent.clone())]
            .into_iter()
            .filter_map(|(what, reason)| reason.map(|reason| (what, reason)))
            .map(|(what, reason)| {
                view! { <li><p>{format!("已同意例外：{}", what.word())}</p><p class="quote">{reason}</p></li> }
            })
            .collect();
    let allowed = (!allowed.is_empty()).then(|| view! { <ul class="short-list">{allowed}</ul> });
    let side = table.state().map(|state| state.word().to_owned());
    view! { <Section title="存下的方案" side=side id="on-file">{allowed}{kept}</Section> }.into_any()
}

fn rulings(bench: &Bench, table: &Table) -> Option<AnyView> {
    let rows: Vec<_> = table
        .rulings
        .iter()
        .filter_map(|v| SHOWN.iter().find(|step| step.code() == v.record.what).map(|step| (step, v)))
        .map(|(step, v)| {
            let who = v.author.clone().unwrap_or_else(|| "系统".to_owned());
            let head = format!("{}，{who}：{}", moment(v.at, bench.today), step.words());
            view! { <li><p>{head}</p><p class="quote">{v.record.reason.clone()}</p></li> }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! { <Section title="审批和变更" side="新的在前"><ul class="short-list">{rows}</ul></Section> }.into_any()
    })
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_plan(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let bench = Bench::of(req, Tab::Plan).await?;
    let (ctx, case) = (&req.ctx, bench.case.id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    let seen = seen(&form)?;
    // Cancelling decides on the stage, the others on the plan.
    let plan = if step == StepKind::CancelMeeting {
        form.parse("plan", "这一页不完整，请刷新后再提交。")?
    } else {
        seen
    };
    match carried(ctx, &bench, &form, (step, seen)).await {
        Ok(()) => Ok(Outcome::SeeOther(format!("{}?done={}", Tab::Plan.address(case), step.code()))),
        Err(refusal) => Err(with_changes(ctx, case, plan, refusal).await?),
    }
}

/// What of a plan may be repeated in a sentence: what the public is told anyway.
const PUBLIC_FIELDS: [&str; 2] = ["时间", "场地"];

/// A conflict that names no differences, with what changed since the version of the plan that the page showed.
async fn with_changes(ctx: &Ctx, case: CaseId, shown: i64, refusal: Refusal) -> Result<Refusal, Refusal> {
    let sentence = match &refusal {
        Refusal::Conflict { sentence, differences } if differences.is_empty() => sentence,
        _ => return Ok(refusal),
    };
    let plans = records::<ConsultationPlan>(&ctx.db, case).await?;
    let (Some(newest), Some(shown)) = (plans.first(), plans.iter().find(|v| v.version == shown)) else {
        return Ok(refusal);
    };
    let changes: Vec<String> = differences(&newest.record, &shown.record)
        .into_iter()
        .map(|d| {
            if PUBLIC_FIELDS.contains(&d.label.as_str()) {
                format!("{}原来是「{}」，现在是「{}」", d.label, d.yours, d.theirs)
            } else {
                format!("{}改了", d.label)
            }
        })
        .collect();
    if changes.is_empty() {
        return Ok(refusal);
    }
    Ok(Refusal::moved_on(format!("{sentence}和您看到的不同：{}。", changes.join("；"))))
}

async fn carried(ctx: &Ctx, bench: &Bench, form: &Form, (step, seen): (StepKind, i64)) -> Result<(), Refusal> {
    let case = bench.case.id;
    let reason = form.value("reason").to_owned();
    match step {
        StepKind::SavePlan => {
            let (plan, errors) = editor::plan_of(form, &choices(ctx, &bench.case.town_id, case).await?);
            if !errors.is_empty() {
                return Err(Refusal::Invalid(errors));
            }
            let hand_over = form.value("hand_over") == "yes";
            carry_out(ctx, SavePlan { case, seen, plan, hand_over }).await?;
        }
        StepKind::ApprovePlan => carry_out(ctx, ApprovePlan { case, seen, reason }).await?,
        StepKind::SendBackPlan => carry_out(ctx, SendBackPlan { case, seen, reason }).await?,
        StepKind::AllowException => {
            let what = PlanException::from_code(form.value("what"));
            carry_out(ctx, AllowException { case, seen, what, reason }).await?;
        }
        StepKind::Announce => {
            carry_out(ctx, Announce { case, seen }).await?;
        }
        StepKind::MoveMeeting => {
            carry_out(ctx, moved(form, &choices(ctx, &bench.case.town_id, case).await?, (case, seen))?).await?;
        }
        StepKind::CancelMeeting => carry_out(ctx, CancelMeeting { case, seen, reason }).await?,
        _ => return Err(Refusal::NotFound),
    }
    Ok(())
}

fn moved(form: &Form, choices: &Choices, (case, seen): (CaseId, i64)) -> Result<MoveMeeting, Refusal> {
    let mut errors = Vec::new();
    let starts_at = editor::starts_at(form, &mut errors);
    let minutes = editor::number(form, "minutes", &mut errors);
    let room = editor::chosen(form, "room", |id| choices.has_room(*id), &mut errors);
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors));
    }
    Ok(MoveMeeting {
        case,
        seen,
        starts_at,
        minutes,
        room,
        room_name: choices.room(room).map(|r| r.name.clone()).unwrap_or_default(),
        online_url: form.value("online_url").to_owned(),
        topic_changed: form.ticked("topic_changed"),
        reason: form.value("reason").to_owned(),
    })
}
