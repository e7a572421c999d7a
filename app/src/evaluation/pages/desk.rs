//! `/desk/topics/{id}/evaluation`: how people answered, what follows from it, and what came back. Works without scripts.

use leptos::prelude::*;

use super::own::{answers, fields};
use crate::access::StepKind;
use crate::board::model::Rate;
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::error::{FormState, Refusal};
use crate::evaluation::model::{Counts, Question, Satisfaction};
use crate::evaluation::steps::{
    AllowSample, AskSample, CloseCase, DecideReopening, RecordJudgement, Redo, RedoHandling, close_facts,
};
use crate::evaluation::store::{self, Reopening, Survey};
use crate::ids::AssignmentId;
use crate::meeting::steps::Presence;
use crate::minutes::model::{Named, Reader, show};
use crate::roster::store::{Unit, units};
use crate::rules::{CloseFacts, Facts, Verdict, judge, local_date, plain_date};
use crate::task::{Task, of_case};
use crate::topic::pages::desk::{
    Bench, NextStep, TOPICS, Tab, checklist, day, done_note, done_words, moment, refused_elsewhere, seen,
};
use crate::ui::{
    Button, ButtonKind, CheckGroup, Choice, Column, Empty, Field, RadioGroup, Section, Select, Table, TextArea,
    TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// What the page shows.
struct Board {
    surveys: Vec<(Survey, Counts, Vec<String>)>,
    tasks: Vec<Task>,
    again: Vec<Reopening>,
    people: Vec<Named>,
    units: Vec<Unit>,
    /// Who was there: id and name.
    there: Vec<(String, String)>,
}

impl Board {
    fn survey(&self) -> Option<&Survey> {
        self.surveys.first().map(|one| &one.0)
    }

    fn facts(&self, bench: &Bench, verdict: Verdict) -> CloseFacts {
        let surveys: Vec<Survey> = self.surveys.iter().map(|one| one.0.clone()).collect();
        let counts = self.surveys.first().map(|one| one.1.clone()).unwrap_or_default();
        close_facts(verdict, &surveys, &counts, &bench.actor)
    }

    /// What the answers call for, once the survey is closed.
    fn verdict(&self, bench: &Bench) -> Verdict {
        let facts = self.facts(bench, Verdict::Close);
        if facts.handling.all() < facts.needed {
            Verdict::Sample
        } else if facts.handling.passes(&bench.rules) {
            Verdict::Close
        } else {
            Verdict::Redo
        }
    }
}

async fn load(req: &Request, bench: &Bench) -> Result<Board, Refusal> {
    let (db, case) = (&req.ctx.db, bench.case.id);
    let mut surveys = Vec::new();
    for survey in store::surveys(db, case).await? {
        let counts = store::counts_of(db, &survey).await?;
        let words = if survey.closed_at.is_some() { store::words(db, survey.survey_id).await? } else { Vec::new() };
        surveys.push((survey, counts, words));
    }
    let there = Presence::load(db, case).await?.map(|presence| presence.people).unwrap_or_default();
    Ok(Board {
        surveys,
        tasks: of_case(db, case).await?,
        again: store::reopenings(db, case).await?,
        people: crate::outcome::people_of(db, case, &bench.town).await?,
        units: units(db, std::slice::from_ref(&bench.case.town_id)).await?,
        there: there
            .into_iter()
            .filter(|one| one.check_in_id.is_some())
            .map(|one| (one.invitee_id.to_string(), format!("{}（{}）", one.name, one.category.0.word())))
            .collect(),
    })
}

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside.
pub async fn evaluation(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Evaluation).await?;
    let board = load(req, &bench).await?;
    let done = done_words(req.query("done"));
    Ok(Page::desk(format!("评价：{}", bench.case.inner_title()), TOPICS, move || {
        let refused = bench.form.refusal.is_some();
        let sheet = next(&bench, &board).map(|next| checklist(&bench, &next));
        let body = if board.surveys.is_empty() {
            let way = Way::new("去办理页", Tab::Tasks.address(bench.case.id));
            view! { <Empty sentence="任务都核实了，才请群众评价。" way/> }.into_any()
        } else {
            board.surveys.iter().map(|one| survey_view(&bench, one)).collect_view().into_any()
        };
        view! {
            {bench.head()}
            {done_note(if refused { None } else { done })}
            {if has_form(&bench, &board) { None } else { refused_elsewhere(&bench) }}
            <div class="cols-work">
                <aside class="col-sheet" aria-label="下一步">{sheet.unwrap_or_else(|| standing(&bench, &board))}</aside>
                <div class="col-main">
                    {again(&bench, &board)}
                    {body}
                    {decide(&bench, &board)}
                    {by_telephone(&bench, &board)}
                </div>
            </div>
        }
        .into_any()
    }))
}

fn has_form(bench: &Bench, board: &Board) -> bool {
    let Some(step) = StepKind::from_code(bench.form.action.as_deref().unwrap_or_default()) else { return false };
    let evaluating = bench.case.stage() == Stage::Evaluating;
    bench.may(step)
        && match step {
            StepKind::CloseCase | StepKind::RedoHandling | StepKind::AskSample | StepKind::AllowSample => {
                evaluating && board.survey().is_some_and(|survey| survey.closed_at.is_some())
            }
            StepKind::RecordJudgement => evaluating && board.survey().is_some_and(|survey| survey.closed_at.is_none()),
            StepKind::DecideReopening => board.again.iter().any(|one| one.decided_at.is_none()),
            _ => false,
        }
}

fn next(bench: &Bench, board: &Board) -> Option<NextStep> {
    // While people answer there is nothing to decide, and nobody sees what they chose.
    let is_over = board.survey().is_some_and(|survey| survey.closed_at.is_some());
    if bench.case.stage() != Stage::Evaluating || !is_over {
        return None;
    }
    let verdict = board.verdict(bench);
    let mut facts = board.facts(bench, verdict);
    let (title, verb, words, step) = match verdict {
        Verdict::Close => ("办结", "办结", "办结", StepKind::CloseCase),
        Verdict::Redo => {
            facts.tasks = bench.state(StepKind::RedoHandling).values("redo_tasks").len();
            ("二次办理", "退回办理", "退回，二次办理", StepKind::RedoHandling)
        }
        Verdict::Sample => ("按样本不足办结", "办结", "同意，按样本不足办结", StepKind::AllowSample),
    };
    let findings = judge(&[Facts::T13(facts)], &bench.rules, bench.now);
    Some(NextStep { title, verb, words, step, tab: Tab::Evaluation, findings })
}

fn standing(bench: &Bench, board: &Board) -> AnyView {
    let words = match bench.case.stage() {
        Stage::Tracking => "还在办理，任务都核实了再评价。".to_owned(),
        Stage::Evaluating => {
            let until = board.survey().map(|survey| day(survey.closes_on, bench.today)).unwrap_or_default();
            format!("正在请群众评价，到{until}。")
        }
        Stage::Closed | Stage::Archived if bench.case.looked_back => {
            "已答复、继续跟踪：到日子由系统请原单位回头看。".to_owned()
        }
        _ => "评价过了，办结。".to_owned(),
    };
    let dates: Vec<AnyView> = board
        .tasks
        .iter()
        .filter(|task| !board.tasks.iter().any(|other| other.of_task == Some(task.task_id)))
        .filter_map(|task| Some((task.no, task.lookback_on?)))
        .map(|(no, on)| view! { <li>{format!("第 {no} 项，{}回头看", day(on, bench.today))}</li> }.into_any())
        .collect();
    view! {
        <section class="sheet">
            <p class="caption">"评价"</p>
            <h2>{words}</h2>
            <ul class="short-list">{dates}</ul>
        </section>
    }
    .into_any()
}

fn survey_view(bench: &Bench, (survey, counts, words): &(Survey, Counts, Vec<String>)) -> AnyView {
    let title = format!("第 {} 次评价", survey.round);
    let asked = format!(
        "{}开始；到会 {} 位，至少要 {} 份（本镇设定），收到 {} 份。",
        moment(survey.opened_at, bench.today),
        survey.attended,
        survey.needed,
        survey.answers
    );
    let Some(closed) = survey.closed_at else {
        let until = format!(
            "到{}为止{}。还没有结束，谁也看不到选了什么。",
            plain_date(survey.closes_on),
            if survey.extended { "（延长过一次）" } else { "" }
        );
        return view! { <Section title=title><p>{asked}</p><p class="caption">{until}</p></Section> }.into_any();
    };
    let verdict = survey.verdict().map(|verdict| format!("，{}", verdict.word())).unwrap_or_default();
    let of = |answer| counts.of(Question::Handling, answer);
    let (content, all) = (
        of(Satisfaction::Satisfied) + of(Satisfaction::Mostly),
        Satisfaction::ALL.iter().map(|answer| of(*answer)).sum::<i64>(),
    );
    let rate = Rate::of(content, all).shown();
    let pass = bench.rules.shown("survey.pass").unwrap_or_default();
    let ended = format!(
        "{}结束{verdict}。对办理满意和基本满意的 {rate}，合格线 {pass}（本镇设定）。",
        day(local_date(closed), bench.today)
    );
    let columns = std::iter::once(Column::words("问题"))
        .chain(Satisfaction::ALL.iter().map(|answer| Column::figures(answer.word())))
        .collect();
    let rows = Question::ALL
        .iter()
        .map(|question| {
            let cells = Satisfaction::ALL
                .iter()
                .map(|answer| view! { <td class="num">{counts.of(*question, *answer)}</td> })
                .collect_view();
            view! { <tr><th scope="row">{question.word()}</th>{cells}</tr> }
        })
        .collect_view();
    let said: Vec<AnyView> =
        words.iter().map(|words| view! { <li class="said">{words.clone()}</li> }.into_any()).collect();
    let said = (!said.is_empty())
        .then(|| view! { <p class="sub-head">"大家说的（打乱了先后）"</p><ul class="short-list">{said}</ul> });
    let caption = format!("第 {} 次评价的结果", survey.round);
    view! {
        <Section title=title>
            <p>{asked}{ended}</p>
            <Table caption quiet=true columns>{rows}</Table>
            {said}
        </Section>
    }
    .into_any()
}

/// What follows from the answers: the forms of closing, of doing again, of a sample that is too small.
fn decide(bench: &Bench, board: &Board) -> Option<AnyView> {
    let survey = board.survey()?;
    if bench.case.stage() != Stage::Evaluating || survey.closed_at.is_none() {
        return None;
    }
    let version = Some(bench.case.stage_version);
    let form = match board.verdict(bench) {
        Verdict::Close => bench.may(StepKind::CloseCase).then(|| {
            let state = bench.state(StepKind::CloseCase);
            let fields = view! {
                <p class="hint">"评价过了合格线，办结以后公开结果、归档。"</p>
                <div class="actions"><Button words="办结" kind=ButtonKind::Second/></div>
            };
            bench.form(StepKind::CloseCase, (version, None), &state, fields)
        }),
        Verdict::Redo => bench.may(StepKind::RedoHandling).then(|| {
            let state = bench.state(StepKind::RedoHandling);
            let fields = view! {
                <p class="hint">"把大家说的交给单位，写明这次要做什么、哪天前办好。"</p>
                {redo_fields(board, &state, "redo")}
                <div class="actions"><Button words="退回，二次办理" kind=ButtonKind::Second/></div>
            };
            bench.form(StepKind::RedoHandling, (version, Some("redo")), &state, fields)
        }),
        Verdict::Sample => sample(bench, survey),
    };
    form.map(|form| view! { <Section title="接着怎么办" id="survey">{form}</Section> }.into_any())
}

fn sample(bench: &Bench, survey: &Survey) -> Option<AnyView> {
    if survey.sample_by.is_none() {
        return bench.may(StepKind::AskSample).then(|| {
            let state = bench.state(StepKind::AskSample);
            let field =
                Field::of(&state, "reason", "理由").within("sample").hint("为什么只有这些人评价；由工委主任同意");
            let fields = view! {
                <TextArea field rows=3/>
                <div class="actions"><Button words="提请按样本不足办结" kind=ButtonKind::Second/></div>
            };
            bench.form(StepKind::AskSample, (None, Some("sample")), &state, fields)
        });
    }
    let reason = view! { <p>{format!("提请按样本不足办结，理由：{}", survey.sample_reason)}</p> };
    let form = bench.may(StepKind::AllowSample).then(|| {
        let state = bench.state(StepKind::AllowSample);
        let fields = view! {
            <div class="actions"><Button words="同意，按样本不足办结" kind=ButtonKind::Second/></div>
        };
        bench.form(StepKind::AllowSample, (Some(bench.case.stage_version), None), &state, fields)
    });
    Some(view! { {reason}{form} }.into_any())
}

/// The fields of what is to be done again.
fn redo_fields(board: &Board, state: &FormState, within: &str) -> AnyView {
    let newest = board.tasks.first().map(|task| task.round);
    let options: Vec<Choice> = board
        .tasks
        .iter()
        .filter(|task| Some(task.round) == newest)
        .map(|task| {
            let words = show(&task.matter, &board.people, Reader::Inside);
            Choice::new(task.task_id.to_string(), format!("{}. {words}（{}）", task.no, task.lead_name))
        })
        .collect();
    let field = |name: &str, label: &'static str| Field::of(state, name, label).within(within);
    let tasks = (!options.is_empty())
        .then(|| view! { <CheckGroup field=field("redo_tasks", "重办哪几项").optional() options/> });
    let units = board.units.iter().map(|unit| Choice::new(unit.unit_id.to_string(), unit.name.clone())).collect();
    view! {
        {tasks}
        <TextArea field=field("redo_words", "这次要做什么").hint("会公开") rows=3/>
        <TextInput field=field("redo_due", "哪天前办好").narrow() kind="date"/>
        <details class="units-fold">
            <summary>"另加一项，交给别的单位"</summary>
            <TextInput field=field("redo_matter", "新加的事项").optional()/>
            <Select field=field("redo_unit", "承办单位").optional() options=units blank="不加"/>
        </details>
    }
    .into_any()
}

/// What residents said after the closing.
fn again(bench: &Bench, board: &Board) -> Option<AnyView> {
    if board.again.is_empty() {
        return None;
    }
    let rows = board
        .again
        .iter()
        .map(|one| {
            let at = moment(one.at, bench.today);
            let contact = if one.contact.is_empty() { String::new() } else { "，留了联系方式".to_owned() };
            let state = match one.accepted {
                None => format!("{}前去看，给答复", day(one.due_on, bench.today)),
                Some(true) => format!("重新办理：{}", one.reason),
                Some(false) => format!("不重新办理：{}", one.reason),
            };
            let form =
                (one.decided_at.is_none() && bench.may(StepKind::DecideReopening)).then(|| look(bench, board, one));
            view! {
                <li>
                    <p class="caption">{format!("{at}{contact}")}</p>
                    <p class="said">{one.words.clone()}</p>
                    <p>{state}</p>
                    {form}
                </li>
            }
        })
        .collect_view();
    Some(view! { <Section title="又出现了" id="reopenings"><ul class="short-list">{rows}</ul></Section> }.into_any())
}

fn look(bench: &Bench, board: &Board, one: &Reopening) -> AnyView {
    let refused = bench.state(StepKind::DecideReopening);
    let id = one.reopening_id.to_string();
    let state = if refused.value("reopening") == id { refused } else { FormState::default() };
    let how = vec![Choice::new("yes", "属实，重新办"), Choice::new("no", "看过了，不重新办")];
    let contact =
        (!one.contact.is_empty()).then(|| view! { <p class="caption">{format!("联系方式：{}", one.contact)}</p> });
    let fields = view! {
        <input type="hidden" name="reopening" value=id.clone()/>
        {contact}
        <RadioGroup field=Field::of(&state, "accepted", "怎么办").within(&id) options=how/>
        <TextArea field=Field::of(&state, "reason", "看过的情况").within(&id).hint("会公开") rows=2/>
        <details class="units-fold" open=state.refusal.is_some()>
            <summary>"重新办的，写明交给谁、哪天前"</summary>
            {redo_fields(board, &state, &id)}
        </details>
        <div class="actions"><Button words="答复" kind=ButtonKind::Second small=true/></div>
    };
    bench.row_form(StepKind::DecideReopening, (&id, false), &state, fields)
}

/// A judgement that came by telephone.
fn by_telephone(bench: &Bench, board: &Board) -> Option<AnyView> {
    let survey = board.survey()?;
    let open = bench.case.stage() == Stage::Evaluating && survey.closed_at.is_none();
    if !open || !bench.may(StepKind::RecordJudgement) {
        return None;
    }
    let state = bench.state(StepKind::RecordJudgement);
    let people: Vec<Choice> = std::iter::once(Choice::new("proposer", "提出人"))
        .chain(board.there.iter().map(|(id, name)| Choice::new(id.clone(), name.clone())))
        .collect();
    let fields = view! {
        <p class="hint">"只记本人说的。选了什么不和姓名存在一起；承办单位的人不代记。"</p>
        <Select field=Field::of(&state, "invitee", "谁打来的").within("call") options=people blank="请选"/>
        {fields(&state, "call")}
        <div class="actions"><Button words="照他说的记下" kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::RecordJudgement, (None, Some("call")), &state, fields);
    Some(
        view! { <details open=state.refusal.is_some()><summary>"有人打电话来评价"</summary>{form}</details> }
            .into_any(),
    )
}

fn redo(form: &Form) -> Result<Redo, Refusal> {
    let tasks = form.values.get("redo_tasks").map(Vec::as_slice).unwrap_or_default();
    let tasks: Vec<AssignmentId> = tasks.iter().filter_map(|id| id.parse().ok()).collect();
    let due_on = form.date("redo_due")?;
    let unit = form.optional("redo_unit").map(|_| form.parse("redo_unit", "请从名单里选。")).transpose()?;
    let (words, matter) = (form.value("redo_words").to_owned(), form.value("redo_matter").to_owned());
    Ok(Redo { tasks, words, due_on, unit, matter })
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_evaluation(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let bench = Bench::of(req, Tab::Evaluation).await?;
    let (ctx, case) = (&req.ctx, bench.case.id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    let reason = || form.value("reason").to_owned();
    let mut tab = Tab::Evaluation;
    match step {
        StepKind::CloseCase => {
            carry_out(ctx, CloseCase { case, seen: seen(&form)? }).await?;
            tab = Tab::Archive;
        }
        StepKind::AskSample => carry_out(ctx, AskSample { case, reason: reason() }).await?,
        StepKind::AllowSample => carry_out(ctx, AllowSample { case, seen: seen(&form)? }).await?,
        StepKind::RedoHandling => {
            carry_out(ctx, RedoHandling { case, seen: seen(&form)?, redo: redo(&form)? }).await?;
            tab = Tab::Tasks;
        }
        StepKind::RecordJudgement => {
            let invitee = match form.value("invitee") {
                "" => return Err(Refusal::field("invitee", "请选是谁打来的。")),
                "proposer" => None,
                _ => Some(form.parse("invitee", "请从名单里选。")?),
            };
            carry_out(ctx, RecordJudgement { case, invitee, answers: answers(&form) }).await?;
        }
        StepKind::DecideReopening => {
            let reopening = form.parse("reopening", "这一页不完整，请刷新后再提交。")?;
            let accepted = match form.value("accepted") {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            };
            let redo = if accepted == Some(true) { redo(&form)? } else { Redo::default() };
            carry_out(ctx, DecideReopening { case, reopening, accepted, reason: reason(), redo }).await?;
            if accepted == Some(true) {
                tab = Tab::Tasks;
            }
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Outcome::SeeOther(format!("{}?done={}", tab.address(case), step.code())))
}
