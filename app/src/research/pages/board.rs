//! `/desk/topics/{id}/research`: the research of a case on one page.

use leptos::prelude::*;

use super::address;
use super::report_form;
use crate::access::{Role, StepKind};
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::case::store::{Version, versions};
use crate::error::{FieldError, Refusal};
use crate::ids::{AccountId, FileId, TaskId};
use crate::research::model::{Method, ReportEdition, Task, TaskState};
use crate::research::steps::{AssignLead, PlanResearchTask, ReassignLead, SettleResearchTask, filing};
use crate::research::store::{
    self, Candidate, QuestionnaireLine, ResearchFile, Standing, TaskLine, VisitLine, candidates,
};
use crate::rules::{Facts, LeadFacts, judge};
use crate::topic::model::Ruling;
use crate::topic::pages::desk::{
    Bench, NextStep, Tab, checklist, day, done_note, done_words, inside, moment, refused_elsewhere, seen,
};
use crate::ui::{Button, ButtonKind, Choice, Field, LinkButton, Section, Select, TextInput};
use crate::web::{Form, Outcome, Page, Request, Script, StagedFile};

/// Everything the page shows besides the case itself.
pub(super) struct Board {
    pub(super) standing: Standing,
    /// What the public reads of the report, newest first.
    pub(super) editions: Vec<Version<ReportEdition>>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) lead: Option<String>,
    /// What the round that is under way is to clear up, where there was one before.
    pub(super) asked: Option<String>,
    /// Why somebody else took over, newest first.
    pub(super) changes: Vec<Version<Ruling>>,
    pub(super) tasks: Vec<TaskLine>,
    pub(super) questionnaires: Vec<QuestionnaireLine>,
    pub(super) files: Vec<ResearchFile>,
    pub(super) staged: Vec<StagedFile>,
}

/// The step that the research waits for, judged by the very rules and facts of its gate.
pub(crate) fn next(bench: &Bench, standing: &Standing, people: &[Candidate]) -> Option<NextStep> {
    let case = &bench.case;
    let (facts, title, verb, words, step) = match case.stage() {
        Stage::Confirmed => {
            let state = bench.state(StepKind::AssignLead);
            let typed = state.value("lead").parse::<AccountId>().ok();
            let usual = bench.calendar.add_workdays(bench.today, bench.rules.research.workdays);
            let facts = LeadFacts {
                chosen: typed.is_some(),
                entitled: typed.is_some_and(|lead| people.iter().any(|p| p.account_id == lead)),
                due_on: state.value("due_on").parse().ok().or(Some(usual)),
                usual: Some(usual),
                reason: None,
                name_by: case.due_on,
            };
            (Facts::T4(facts), "定调研负责人", "开始调研", "定下，开始调研", StepKind::AssignLead)
        }
        Stage::Researching => {
            let facts = filing(&standing.report_of_round(), &standing.counted(), case);
            (facts, "交调研报告", "交报告", "交调研报告", StepKind::FileResearch)
        }
        _ => return None,
    };
    let findings = judge(&[facts], &bench.rules, bench.now);
    Some(NextStep { title, verb, words, step, tab: Tab::Research, findings })
}

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for a case one may not see from inside.
pub async fn board(req: &Request) -> Result<Page, Refusal> {
    let mut bench = Bench::of(req, Tab::Research).await?;
    bench.form = bench.form.files_named("report_files");
    let (db, id) = (&req.ctx.db, bench.case.id);
    let lead = match bench.case.lead_id {
        Some(lead) => crate::account::names(db, &[lead]).await?.remove(&lead),
        None => None,
    };
    let board = Board {
        standing: store::standing(db, id).await?,
        editions: versions(db, id).await?,
        candidates: candidates(db, &bench.case.town_id).await?,
        lead,
        asked: crate::minutes::pages::asked_of_next(&req.ctx, &bench.case).await?,
        changes: versions::<Ruling>(db, id)
            .await?
            .into_iter()
            .filter(|v| v.record.what == StepKind::ReassignLead.code())
            .collect(),
        tasks: store::tasks(db, id).await?,
        questionnaires: store::questionnaires(db, id).await?,
        files: store::files(db, id).await?,
        staged: req.staged.clone(),
    };
    let done = req.query("done").to_owned();
    let title = format!("调研：{}", bench.case.inner_title());
    let mut page = Page::desk(title, "/desk/topics", move || {
        let next = next(&bench, &board.standing, &board.candidates);
        let sheet = match &next {
            Some(next) => checklist(&bench, next),
            None => beside(&bench),
        };
        let note = if bench.form.refusal.is_some() { None } else { done_words(&done) };
        let shown = match bench.case.stage() {
            Stage::Confirmed => view! { {assign(&bench, &board)}{nothing_yet(&bench)} }.into_any(),
            stage if stage < Stage::Confirmed || bench.case.lead_id.is_none() => not_yet(),
            _ => view! {
                {board.asked.as_ref().map(|words| view! { <p class="note">{format!("上一次没有达成共识，这一轮要弄清：{words}")}</p> })}
                {lead_section(&bench, &board)}
                {visits(&bench, &board)}
                {tasks(&bench, &board)}
                {questionnaires(&bench, &board)}
                {report_form::section(&bench, &board)}
            }
            .into_any(),
        };
        view! {
            {bench.head()}
            {done_note(note)}
            {super::visit::kept_here(&bench)}
            {refused_elsewhere(&bench)}
            <div class="cols-work">
                <aside class="col-sheet" aria-label="下一步">{sheet}</aside>
                <div class="col-main">{shown}</div>
            </div>
        }
        .into_any()
    });
    page.script = Some(Script::Offline);
    if req.query("done") == StepKind::RecordVisit.code() {
        page.draft_done = Some(super::visit::draft(id));
    }
    Ok(page)
}

/// The sheet where the research waits for nothing.
fn beside(bench: &Bench) -> AnyView {
    let words = match bench.case.stage() {
        stage if stage.ordinal().is_some() && stage > Stage::Researching => "调研已经完成，记录都在这里。",
        _ if bench.case.lead_id.is_some() => "这件事现在停着，调研的记录都在这里。",
        _ => "立题以后才调研。",
    };
    view! {
        <section class="sheet">
            <p class="caption">"下一步"</p>
            <h2>"调研"</h2>
            <p class="small">{words}</p>
        </section>
    }
    .into_any()
}

fn not_yet() -> AnyView {
    view! { <p class="empty">"还没有调研。党（工）委审批立题以后，定下负责人就开始。"</p> }.into_any()
}

fn nothing_yet(bench: &Bench) -> Option<AnyView> {
    (!bench.offers(StepKind::AssignLead))
        .then(|| view! { <p class="empty">"还没有定调研负责人，由工委主任或干事来定。"</p> }.into_any())
}

fn people(board: &Board) -> Vec<Choice> {
    board
        .candidates
        .iter()
        .map(|c| {
            let role = Role::from_code(&c.role).map_or("", Role::word);
            Choice::new(c.account_id.to_string(), format!("{}（{role}）", c.name))
        })
        .collect()
}

fn assign(bench: &Bench, board: &Board) -> Option<AnyView> {
    if !bench.offers(StepKind::AssignLead) {
        return None;
    }
    let state = bench.state(StepKind::AssignLead);
    let rules = &bench.rules;
    let usual = bench.calendar.add_workdays(bench.today, rules.research.workdays);
    let lead =
        Field::of(&state, "lead", "调研负责人").hint("本镇的委员、干事或主任。负责人看得到这件案卷，没有工作台也行。");
    let due = Field::of(&state, "due_on", "哪天交报告")
        .hint(format!("一般 {} 个工作日（本镇设定）", rules.research.workdays))
        .narrow()
        .or(usual.to_string());
    let fields = view! {
        <Select field=lead options=people(board) blank="请选择"/>
        <TextInput field=due kind="date"/>
        <div class="actions"><Button words="定下，开始调研" kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::AssignLead, (Some(bench.case.stage_version), None), &state, fields);
    Some(view! { <Section title="定调研负责人">{form}</Section> }.into_any())
}

fn lead_section(bench: &Bench, board: &Board) -> AnyView {
    let name = board.lead.clone().unwrap_or_else(|| "没有指定".to_owned());
    let due = bench
        .case
        .due_on
        .filter(|_| bench.case.stage() == Stage::Researching)
        .map(|due| view! { <dt>"交报告"</dt><dd>{format!("{}前", day(due, bench.today))}</dd> });
    let changes = (!board.changes.is_empty()).then(|| {
        let rows = board
            .changes
            .iter()
            .map(|v| {
                let who = v.author.clone().unwrap_or_default();
                let words = format!("{}，{who}更换：{}", moment(v.at, bench.today), v.record.reason);
                view! { <li class="small">{words}</li> }
            })
            .collect_view();
        view! { <ul class="short-list">{rows}</ul> }
    });
    let change = bench.offers(StepKind::ReassignLead).then(|| {
        let state = bench.state(StepKind::ReassignLead);
        let open = state.refusal.is_some();
        let current = bench.case.lead_id.map(|l| l.to_string()).unwrap_or_default();
        let lead = Field::of(&state, "lead", "换成谁").or(current);
        let due = Field::of(&state, "due_on", "哪天交报告").optional().hint("不填就不变").narrow();
        let reason = Field::of(&state, "reason", "为什么换");
        let fields = view! {
            <Select field=lead options=people(board)/>
            <TextInput field=due kind="date"/>
            <TextInput field=reason/>
            <div class="actions"><Button words="更换负责人" kind=ButtonKind::Second/></div>
        };
        let form = bench.form(StepKind::ReassignLead, (Some(bench.case.stage_version), None), &state, fields);
        view! { <details open=open><summary>"换人或改日期"</summary>{form}</details> }
    });
    view! {
        <Section title="调研负责人">
            <dl class="facts"><dt>"负责人"</dt><dd>{name}</dd>{due}</dl>
            {changes}
            {change}
        </Section>
    }
    .into_any()
}

// ---- visits ----------------------------------------------------------------------------------------------------------

fn visits(bench: &Bench, board: &Board) -> AnyView {
    let newest: Vec<&VisitLine> = board.standing.visits.iter().filter(|v| v.newest).collect();
    // As long as a visit can be corrected, another can be recorded.
    let record = bench.offers(StepKind::CorrectVisit).then(|| {
        view! { <p class="actions"><LinkButton words="记一次走访" href=address(bench.case.id, "visit") kind=ButtonKind::Second/></p> }
    });
    let side = (!newest.is_empty()).then(|| format!("{} 次", newest.len()));
    let rows = newest.iter().map(|line| visit_row(bench, board, line)).collect_view();
    let empty = newest.is_empty().then(|| {
        view! { <p class="empty">"还没有走访记录。到了现场，用手机就能记；没有网络也能记，连上网自动补交。"</p> }
    });
    view! {
        <Section title="走访记录" side=side id="visits">
            {record}
            {empty}
            <ul class="short-list">{rows}</ul>
        </Section>
    }
    .into_any()
}

/// What a version of a visit says, as facts.
fn visit_facts(line: &VisitLine, today: chrono::NaiveDate) -> AnyView {
    let visit = &line.visit;
    let who = line.author.clone().unwrap_or_default();
    let pairs = [
        ("听了谁", visit.heard_words()),
        (
            "委员",
            match (visit.members, visit.member_names.is_empty()) {
                (0, _) => String::new(),
                (n, true) => format!("{n} 人"),
                (n, false) => format!("{n} 人：{}", visit.member_names),
            },
        ),
        ("说了什么", visit.said.clone()),
        ("看到什么", visit.seen.clone()),
        ("为什么更正", visit.correction.clone()),
        ("记录", format!("第 {} 版，{who}，{}", line.version, moment(line.at, today))),
    ];
    let rows = pairs
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| view! { <dt>{label}</dt><dd class="said">{value}</dd> })
        .collect_view();
    view! { <dl class="facts">{rows}</dl> }.into_any()
}

fn visit_row(bench: &Bench, board: &Board, line: &VisitLine) -> AnyView {
    let visit = &line.visit;
    let head = format!("{} {}，{}", day(visit.on, bench.today), visit.method.word(), visit.place);
    let anchor = format!("visit-{}", line.id);
    let older: Vec<&VisitLine> =
        board.standing.visits.iter().filter(|v| v.id == line.id && v.version < line.version).collect();
    let older = (!older.is_empty()).then(|| {
        let words = format!("看先前的 {} 版", older.len());
        let rows = older.into_iter().map(|old| visit_facts(old, bench.today)).collect_view();
        view! { <details><summary>{words}</summary>{rows}</details> }
    });
    let correct = bench.offers(StepKind::CorrectVisit).then(|| {
        let href = format!("{}?visit={}", address(bench.case.id, "visit"), line.id);
        view! { <p><a href=href>"更正这次走访"<span class="sr">{format!("：{head}")}</span></a></p> }
    });
    view! {
        <li id=anchor>
            <p><strong>{head.clone()}</strong></p>
            {visit_facts(line, bench.today)}
            {files(&board.files, &visit.files)}
            {older}
            {correct}
        </li>
    }
    .into_any()
}

/// Pictures as pictures, the rest as downloads.
pub(super) fn files(known: &[ResearchFile], wanted: &[FileId]) -> AnyView {
    let (pictures, others): (Vec<&ResearchFile>, Vec<&ResearchFile>) =
        known.iter().filter(|f| wanted.contains(&f.file_id)).partition(|f| f.media_type.starts_with("image/"));
    let pictures = (!pictures.is_empty()).then(|| {
        let rows = pictures
            .into_iter()
            .map(|f| {
                let href = format!("/files/{}", f.file_id);
                let src = href.clone();
                let alt = format!("照片：{}", f.name);
                view! { <li><a href=href><img src=src alt=alt loading="lazy"/></a></li> }
            })
            .collect_view();
        view! { <ul class="photos">{rows}</ul> }
    });
    let others = (!others.is_empty()).then(|| {
        let rows = others
            .into_iter()
            .map(|f| {
                let href = format!("/files/{}", f.file_id);
                view! { <li><a href=href download=f.name.clone()>{f.name.clone()}</a></li> }
            })
            .collect_view();
        view! { <ul class="files">{rows}</ul> }
    });
    view! { {pictures}{others} }.into_any()
}

// ---- tasks -----------------------------------------------------------------------------------------------------------

/// The methods as choices.
pub(super) fn methods() -> Vec<Choice> {
    Method::ALL.iter().map(|m| Choice::new(m.code(), m.word())).collect()
}

fn tasks(bench: &Bench, board: &Board) -> AnyView {
    let plans = bench.offers(StepKind::PlanResearchTask);
    let rows = board.tasks.iter().map(|line| task_row(bench, line)).collect_view();
    let empty = (board.tasks.is_empty())
        .then(|| view! { <p class="empty">"还没有安排。谁去、怎么做、哪天、在哪里，写下来大家好配合。"</p> });
    let form = plans.then(|| {
        let state = bench.state(StepKind::PlanResearchTask);
        let open = state.refusal.is_some();
        let who = Field::of(&state, "who", "谁去").hint("委员、干事的名字，或者哪个单位");
        let method = Field::of(&state, "task_method", "怎么做").or(Method::Visit.code());
        let on = Field::of(&state, "task_on", "哪天").narrow().or(bench.today.to_string());
        let place = Field::of(&state, "task_place", "在哪里");
        let fields = view! {
            <TextInput field=who/>
            <RadioGroupOf field=method/>
            <div class="row-fields"><TextInput field=on kind="date"/><TextInput field=place/></div>
            <div class="actions"><Button words="记下安排" kind=ButtonKind::Second/></div>
        };
        let form = bench.form(StepKind::PlanResearchTask, (None, None), &state, fields);
        view! { <details open=open><summary>"加一项安排"</summary>{form}</details> }
    });
    view! {
        <Section title="调研安排" id="tasks">
            {empty}
            <ul class="short-list">{rows}</ul>
            {form}
        </Section>
    }
    .into_any()
}

/// The methods as radio buttons.
#[component]
pub(super) fn RadioGroupOf(
    /// The field.
    field: Field,
) -> impl IntoView {
    view! { <crate::ui::RadioGroup field options=methods()/> }
}

fn task_row(bench: &Bench, line: &TaskLine) -> AnyView {
    let task = &line.task;
    let head = format!("{} {}，{}，{}", day(task.on, bench.today), task.method.word(), task.place, task.who);
    let state = (line.state != TaskState::Open).then(|| {
        let reason = if line.reason.is_empty() { String::new() } else { format!("：{}", line.reason) };
        view! { <p class="caption">{format!("{}{reason}", line.state.word())}</p> }
    });
    let settle = (line.state == TaskState::Open && bench.offers(StepKind::SettleResearchTask)).then(|| {
        let typed = bench.state(StepKind::SettleResearchTask);
        let mine = typed.value("task") == line.id.to_string();
        let typed = if mine { typed } else { crate::error::FormState::default() };
        let within = format!("task-{}", line.id);
        let reason = Field::of(&typed, "reason", "为什么不办").within(&within);
        let id = line.id.to_string();
        let code = StepKind::SettleResearchTask.code();
        let action = bench.address();
        let rid = bench.request_id.clone();
        let other = bench.request_id.clone();
        view! {
            <form method="post" action=action.clone()>
                <crate::ui::RequestIdField id=rid/>
                <input type="hidden" name="action" value=code/>
                <input type="hidden" name="task" value=id.clone()/>
                <button type="submit" class="link" name="done" value="yes">"办好了"<span class="sr">{format!("：{head}")}</span></button>
            </form>
            <details open=mine>
                <summary>"不办了"</summary>
                <form class="form" method="post" action=action>
                    <crate::ui::RequestIdField id=other/>
                    <input type="hidden" name="action" value=code/>
                    <input type="hidden" name="task" value=id/>
                    <TextInput field=reason/>
                    <div class="actions"><Button words="不办了" kind=ButtonKind::Second/></div>
                </form>
            </details>
        }
    });
    view! { <li><p>{head.clone()}</p>{state}{settle}</li> }.into_any()
}

// ---- questionnaires --------------------------------------------------------------------------------------------------

fn questionnaires(bench: &Bench, board: &Board) -> AnyView {
    let page = address(bench.case.id, "questionnaire");
    let rows = board
        .questionnaires
        .iter()
        .map(|q| {
            let state = if q.closed_at.is_some() {
                "已收".to_owned()
            } else {
                format!("{}截止", day(q.closes_on, bench.today))
            };
            let words = format!("{}，{} 份答卷，{state}", q.asked.title, q.answers);
            let href = format!("{page}?q={}", q.id);
            view! { <li><a href=href>{words}</a></li> }
        })
        .collect_view();
    let empty = board.questionnaires.is_empty().then(|| view! { <p class="empty">"还没有问卷。"</p> });
    let open = bench.offers(StepKind::OpenQuestionnaire).then(|| {
        view! { <p class="actions"><LinkButton words="开一份问卷" href=page.clone() kind=ButtonKind::Second/></p> }
    });
    view! {
        <Section title="问卷" id="questionnaires">
            {empty}
            <ul class="short-list">{rows}</ul>
            {open}
        </Section>
    }
    .into_any()
}

// ---- forms -----------------------------------------------------------------------------------------------------------

/// Takes the forms of the board.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_board(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let ctx = &req.ctx;
    let case = inside(ctx, req.param("id")?).await?.id;
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    match step {
        StepKind::AssignLead | StepKind::ReassignLead => {
            let due_on = form.date("due_on")?;
            let lead = form.value("lead").parse::<AccountId>().ok();
            let seen = seen(&form)?;
            if step == StepKind::AssignLead {
                carry_out(ctx, AssignLead { case, seen, lead, due_on }).await?;
            } else {
                let reason = form.value("reason").to_owned();
                carry_out(ctx, ReassignLead { case, seen, lead, due_on, reason }).await?;
            }
        }
        StepKind::PlanResearchTask => {
            let task = typed_task(&form)?;
            carry_out(ctx, PlanResearchTask { case, id: Some(TaskId(ctx.new_id())), task }).await?;
        }
        StepKind::SettleResearchTask => {
            let task = form.parse("task", "没有找到这项安排，请刷新页面。")?;
            let reason = form.value("reason").to_owned();
            carry_out(ctx, SettleResearchTask { case, task, done: form.ticked("done"), reason }).await?;
        }
        StepKind::SaveReport | StepKind::FileResearch | StepKind::ReleaseReport => {
            report_form::take(ctx, case, step, &form).await?;
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Outcome::SeeOther(format!("{}?done={}", address(case, "research"), step.code())))
}

fn typed_task(form: &Form) -> Result<Task, Refusal> {
    let mut errors = Vec::new();
    let on = match form.date("task_on") {
        Ok(Some(day)) => Some(day),
        Ok(None) => {
            errors.push(FieldError::new("task_on", "请写哪天去。"));
            None
        }
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let method = Method::from_code(form.value("task_method"));
    if method.is_none() {
        errors.push(FieldError::new("task_method", "请选怎么做。"));
    }
    super::unreadable(errors)?;
    let (Some(on), Some(method)) = (on, method) else {
        return Err(Refusal::NotFound);
    };
    Ok(Task { who: form.value("who").to_owned(), method, on, place: form.value("task_place").to_owned() })
}
