//! `/desk/topics/{id}/outcomes`: the report and its receipt, the decision on each item, the hand-out. Works without
//! scripts.

use leptos::prelude::*;

use crate::access::StepKind;
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::error::{FormState, Refusal};
use crate::ids::UnitId;
use crate::minutes::Minutes;
use crate::minutes::model::{Named, Reader, show};
use crate::outcome::model::{Decision, Office};
use crate::outcome::steps::{
    AssignTasks, DecideOutcome, ReceiveReport, ReportOutcome, assign_facts, quick_until, report_facts,
};
use crate::outcome::store::{self, Outcome, Submission};
use crate::roster::store::{Unit, units};
use crate::rules::{Adoption, Facts, ReportFacts, ReportMoment, day, judge};
use crate::topic::pages::desk::{
    Bench, NextStep, TOPICS, Tab, checklist, done_note, done_words, moment, refused_elsewhere, seen,
};
use crate::ui::{
    Button, ButtonKind, CheckGroup, Checkbox, Choice, Empty, Field, FileInput, RadioGroup, Section, Select, TextArea,
    TextInput, Way,
};
use crate::web::{Form, Outcome as Answer, Page, Request, StagedFile};

/// What the page shows.
struct Board {
    list: Vec<Outcome>,
    sent: Vec<Submission>,
    newest: Option<Minutes>,
    people: Vec<Named>,
    units: Vec<Unit>,
    staged: Vec<StagedFile>,
    quick_until: chrono::NaiveDate,
}

impl Board {
    async fn load(req: &Request, bench: &Bench) -> Result<Self, Refusal> {
        let (db, case) = (&req.ctx.db, bench.case.id);
        Ok(Self {
            list: store::all(db, case).await?,
            sent: store::submissions(db, case).await?,
            newest: crate::minutes::all(db, case).await?.into_iter().next(),
            people: store::people_of(db, case, &bench.town).await?,
            units: units(db, std::slice::from_ref(&bench.case.town_id)).await?,
            staged: req.staged.clone(),
            quick_until: quick_until(&req.ctx, &bench.rules),
        })
    }

    /// Submissions of the newest edition.
    fn current(&self) -> impl Iterator<Item = &Submission> {
        let newest = self.newest.as_ref().map(|one| one.minutes_id);
        self.sent.iter().filter(move |one| Some(one.minutes_id) == newest)
    }

    fn shown(&self, text: &str) -> String {
        show(text, &self.people, Reader::Inside)
    }
}

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside.
pub async fn outcomes(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Outcomes).await?;
    let board = Board::load(req, &bench).await?;
    let done = done_words(req.query("done"));
    Ok(Page::desk(format!("成果：{}", bench.case.inner_title()), TOPICS, move || {
        let refused = bench.form.refusal.is_some();
        let body = if board.list.is_empty() && bench.case.stage().ordinal() < Stage::Minuted.ordinal() {
            let way = Way::new("去纪要页", Tab::Minutes.address(bench.case.id));
            view! { <Empty sentence="主持人签发纪要以后，成果清单在这里逐条往下办。" way/> }.into_any()
        } else {
            let next = next(&bench, &board).map(|next| checklist(&bench, &next));
            view! {
                <div class="cols-work">
                    <aside class="col-sheet" aria-label="下一步">{next.unwrap_or_else(|| nothing(&bench))}</aside>
                    <div class="col-main">
                        {report(&bench, &board)}
                        {list(&bench, &board)}
                        {hand_out(&bench, &board)}
                    </div>
                </div>
            }
            .into_any()
        };
        view! {
            {bench.head()}
            {done_note(if refused { None } else { done })}
            {if has_form(&bench) { None } else { refused_elsewhere(&bench) }}
            {body}
        }
        .into_any()
    }))
}

/// Whether the step that was refused has a form on the page, which says what was wrong.
fn has_form(bench: &Bench) -> bool {
    let Some(step) = StepKind::from_code(bench.form.action.as_deref().unwrap_or_default()) else { return false };
    let stage = bench.case.stage();
    bench.may(step)
        && match step {
            StepKind::ReportOutcome | StepKind::ReceiveReport => stage == Stage::Minuted,
            StepKind::DecideOutcome | StepKind::AssignTasks => stage == Stage::Reported,
            _ => false,
        }
}

fn next(bench: &Bench, board: &Board) -> Option<NextStep> {
    let judged = |facts| judge(&[facts], &bench.rules, bench.now);
    let base = |moment| report_facts(&bench.case, board.newest.as_ref(), board.list.len(), moment);
    match bench.case.stage() {
        Stage::Minuted if board.current().next().is_none() => {
            let offices = chosen(&bench.state(StepKind::ReportOutcome)).len();
            Some(NextStep {
                title: "报送成果",
                verb: "报送",
                words: "报送党委、政府",
                step: StepKind::ReportOutcome,
                tab: Tab::Outcomes,
                findings: judged(Facts::T9(ReportFacts { offices, ..base(ReportMoment::Sending) })),
            })
        }
        Stage::Minuted => {
            let own = board
                .current()
                .filter(|one| one.received_at.is_none())
                .any(|one| bench.actor.signed().is_some_and(|me| me.is(one.office.0.role(), &bench.case.town_id)));
            Some(NextStep {
                title: "等签收",
                verb: "签收",
                words: "签收",
                step: StepKind::ReceiveReport,
                tab: Tab::Outcomes,
                findings: judged(Facts::T9(ReportFacts { proof: own, ..base(ReportMoment::Receiving) })),
            })
        }
        Stage::Reported => {
            let state = bench.state(StepKind::AssignTasks);
            let facts = assign_facts(&bench.case, &board.list, state.value("explanation"), Some(board.quick_until));
            Some(NextStep {
                title: "批办交办",
                verb: "交办",
                words: "批办完，交办",
                step: StepKind::AssignTasks,
                tab: Tab::Outcomes,
                findings: judged(Facts::T10(facts)),
            })
        }
        _ => None,
    }
}

fn nothing(bench: &Bench) -> AnyView {
    let (words, way) = if bench.case.stage().ordinal() >= Stage::Tracking.ordinal() {
        ("批办完了。各单位办得怎么样，在「办理」那一页。", Tab::Tasks)
    } else {
        ("纪要签发以后，在这里报送。", Tab::Minutes)
    };
    view! {
        <section class="sheet">
            <p class="caption">"下一步"</p>
            <h2>"看办理"</h2>
            <p class="small">{words}<a href=way.address(bench.case.id)>"去看"</a></p>
        </section>
    }
    .into_any()
}

/// The offices that are ticked; both in a form that was not sent.
fn chosen(state: &FormState) -> Vec<Office> {
    if state.refusal.is_none() {
        return Office::ALL.to_vec();
    }
    state.values("offices").iter().filter_map(|code| Office::from_code(code)).collect()
}

/// The report, and who has confirmed it.
fn report(bench: &Bench, board: &Board) -> AnyView {
    let rows: Vec<AnyView> = board
        .sent
        .iter()
        .map(|one| {
            let sent = format!("{} 送{}", moment(one.sent_at, bench.today), one.office.0.word());
            let got = match (one.received_at, one.file_id) {
                (Some(at), Some(file)) => {
                    let href = format!("/files/{file}");
                    view! { "，"{moment(at, bench.today)}" 凭"<a href=href>"盖章的签收单"</a>"签收" }.into_any()
                }
                (Some(at), None) => {
                    let who = one.received_by.clone().unwrap_or_default();
                    view! { {format!("，{} {who}签收", moment(at, bench.today))} }.into_any()
                }
                (None, _) => view! { "，等签收" }.into_any(),
            };
            view! { <li>{sent}{got}{receive(bench, board, one)}</li> }.into_any()
        })
        .collect();
    let sent = (!rows.is_empty()).then(|| view! { <ul class="short-list">{rows}</ul> });
    let offers = bench.case.stage() == Stage::Minuted
        && board.current().count() < Office::ALL.len()
        && board.newest.as_ref().is_some_and(|one| !one.no_consensus)
        && bench.may(StepKind::ReportOutcome);
    let form = offers.then(|| {
        let state = bench.state(StepKind::ReportOutcome);
        let minutes = board.newest.as_ref().map(|one| one.minutes_id.to_string()).unwrap_or_default();
        let mut field = Field::of(&state, "offices", "送给").hint("每个单位都签收了，才算报送完");
        if state.refusal.is_none() {
            for office in Office::ALL.iter().filter(|office| board.current().all(|one| one.office.0 != **office)) {
                field = field.and(office.code());
            }
        }
        let options = Office::ALL.iter().map(|office| Choice::new(office.code(), office.word())).collect();
        let fields = view! {
            <input type="hidden" name="minutes" value=minutes/>
            <CheckGroup field options/>
            <div class="actions"><Button words="报送" kind=ButtonKind::Second/></div>
        };
        bench.form(StepKind::ReportOutcome, (Some(bench.case.stage_version), None), &state, fields)
    });
    let public = format!("/topics/{}/minutes", bench.case.id);
    view! {
        <Section title="报送" id="offices" way=Way::new("看纪要", public)>
            {sent}
            {form}
        </Section>
    }
    .into_any()
}

/// Confirming for an office: by itself, or by the stamped sheet.
fn receive(bench: &Bench, board: &Board, one: &Submission) -> Option<AnyView> {
    let newest = board.newest.as_ref().map(|newest| newest.minutes_id);
    if one.received_at.is_some() || bench.case.stage() != Stage::Minuted || Some(one.minutes_id) != newest {
        return None;
    }
    if !bench.may(StepKind::ReceiveReport) {
        return None;
    }
    let own = bench.actor.signed().is_some_and(|me| me.is(one.office.0.role(), &bench.case.town_id));
    let code = one.office.0.code();
    let refused = bench.state(StepKind::ReceiveReport);
    let state = if refused.value("office") == code { refused } else { FormState::default() };
    let sheet = (!own).then(|| {
        let field = Field::of(&state, "sheet", "盖章的签收单").within(code).hint("收文单位不上网的，拍照或扫描上传");
        let staged = if state.refusal.is_some() { board.staged.clone() } else { Vec::new() };
        view! { <FileInput field staged accept="image/jpeg,image/png,image/webp,application/pdf"/> }
    });
    let words = if own { format!("替{}签收", one.office.0.word()) } else { "凭签收单签收".to_owned() };
    let fields = view! {
        <input type="hidden" name="minutes" value=one.minutes_id.to_string()/>
        <input type="hidden" name="office" value=code/>
        {sheet}
        <div class="actions"><Button words kind=ButtonKind::Second small=true/></div>
    };
    Some(bench.row_form(StepKind::ReceiveReport, (code, !own), &state, fields))
}

/// The list with what was decided.
fn list(bench: &Bench, board: &Board) -> Option<AnyView> {
    if board.list.is_empty() {
        return None;
    }
    let rows = board.list.iter().map(|one| item(bench, board, one)).collect_view();
    let side = format!("{} 条", board.list.len());
    Some(view! { <Section title="成果清单" id="items" side=side>{rows}</Section> }.into_any())
}

fn item(bench: &Bench, board: &Board, one: &Outcome) -> AnyView {
    let mut about: Vec<String> = Vec::new();
    about.extend(one.from().map(|from| format!("{}提出", from.word())));
    about.extend(one.degree().map(|degree| degree.word().to_owned()));
    let suggested = one.suggested_unit.and_then(|id| board.units.iter().find(|unit| unit.unit_id == id));
    about.extend(suggested.map(|unit| format!("会上建议由{}承办", unit.name)));
    let decided = match one.adoption() {
        None => "还没有批。".to_owned(),
        Some(adoption) => {
            let mut words = vec![adoption.word().to_owned()];
            if !one.reason.is_empty() {
                words.push(format!("理由：{}", one.reason));
            }
            words.extend(one.lead_name.as_ref().map(|name| format!("{name}主办")));
            let assist: Vec<&str> = one
                .assist()
                .iter()
                .filter_map(|id| board.units.iter().find(|unit| unit.unit_id == *id))
                .map(|unit| unit.name.as_str())
                .collect();
            if !assist.is_empty() {
                words.push(format!("{}协办", assist.join("、")));
            }
            if !one.contact.is_empty() {
                words.push(format!("联系人 {}", one.contact));
            }
            if !one.measure.is_empty() {
                words.push(format!("措施：{}", one.measure));
            }
            words.extend(one.due_on.map(|due| format!("{}前完成", day(due, bench.today))));
            if one.quick {
                words.push("快办".to_owned());
            }
            format!("{}。", words.join("；").trim_end_matches('。'))
        }
    };
    let form = (bench.case.stage() == Stage::Reported && bench.may(StepKind::DecideOutcome))
        .then(|| decide(bench, board, one));
    view! {
        <div class="outcome" id=format!("outcome-{}", one.no)>
            <h3>{format!("{}. {}", one.no, board.shown(&one.words))}</h3>
            <p class="caption">{about.join("，")}</p>
            <p>{decided}</p>
            {form}
        </div>
    }
    .into_any()
}

fn unit_choices(units: &[Unit]) -> Vec<Choice> {
    units.iter().map(|unit| Choice::new(unit.unit_id.to_string(), unit.name.clone())).collect()
}

fn decide(bench: &Bench, board: &Board, one: &Outcome) -> AnyView {
    let n = one.no.to_string();
    let refused = bench.state(StepKind::DecideOutcome);
    let mine = refused.value("outcome") == one.outcome_id.to_string();
    let state = if mine { refused } else { FormState::default() };
    let field = |name: &str, label: &'static str| Field::of(&state, &format!("{name}_{n}"), label);
    let stored = |value: String| if state.refusal.is_some() { String::new() } else { value };
    let adoptions = Adoption::ALL.iter().map(|adoption| Choice::new(adoption.code(), adoption.word())).collect();
    let mut adoption = field("adoption", "采纳情况");
    if let Some(decided) = one.adoption() {
        adoption = adoption.or(stored(decided.code().to_owned()));
    }
    let lead = one.lead_unit.or(one.suggested_unit).map(|id| id.to_string()).unwrap_or_default();
    let mut assist = field("assist", "协办单位").optional();
    if state.refusal.is_none() {
        for unit in one.assist() {
            assist = assist.and(unit.to_string());
        }
    }
    let contact = one.contact.clone();
    let suggested = board
        .units
        .iter()
        .find(|unit| Some(unit.unit_id) == one.lead_unit.or(one.suggested_unit))
        .map(|unit| unit.contact_name.clone())
        .unwrap_or_default();
    let contact = if contact.is_empty() { suggested } else { contact };
    let (reply, quick) = (bench.rules.after.reply_days, bench.rules.after.quick_reply_workdays);
    let due = one.due_on.map(|due| due.to_string()).unwrap_or_default();
    let mut quickly = field("quick", "快办");
    if one.quick {
        quickly = quickly.or(stored("on".to_owned()));
    }
    let seen = one.decided_at.map(|at| at.to_rfc3339()).unwrap_or_default();
    let fields = view! {
        <input type="hidden" name="outcome" value=one.outcome_id.to_string()/>
        <input type="hidden" name="no" value=n.clone()/>
        <input type="hidden" name="decided" value=seen/>
        <RadioGroup field=adoption options=adoptions/>
        <TextArea field=field("reason", "理由").needed_if("没有全部采纳的要写").hint("会公开").or(stored(one.reason.clone())) rows=2/>
        <Select field=field("lead", "主办单位").needed_if("采纳的要选").or(stored(lead)) options=unit_choices(&board.units) blank="请选"/>
        <details class="units-fold">
            <summary>"协办单位"</summary>
            <CheckGroup field=assist options=unit_choices(&board.units)/>
        </details>
        <TextInput field=field("contact", "联系人").needed_if("采纳的要填").hint("姓名或职务，不写电话；不公开").private().or(stored(contact))/>
        <TextArea field=field("measure", "措施").needed_if("采纳的要填").hint("要做到什么，会公开").or(stored(one.measure.clone())) rows=2/>
        <TextInput
            field=field("due", "完成日期").needed_if("采纳的要填").narrow().hint(format!("{reply} 天以内；快办的 {quick} 个工作日以内（本镇设定）")).or(stored(due))
            kind="date"
        />
        <Checkbox field=quickly/>
        <div class="actions"><Button words="存下批办意见" kind=ButtonKind::Second small=true/></div>
    };
    let form = bench.row_form(StepKind::DecideOutcome, ("", false), &state, fields);
    // One after the other: the first that is not decided stands open.
    let first = board.list.iter().find(|other| other.adoption().is_none()).map(|other| other.no);
    let open = mine || first == Some(one.no);
    let words = if one.adoption().is_some() { "改批办意见" } else { "批办" };
    view! { <details open=open><summary>{words}</summary>{form}</details> }.into_any()
}

/// Handing out what is decided.
fn hand_out(bench: &Bench, board: &Board) -> Option<AnyView> {
    if bench.case.stage() != Stage::Reported || !bench.may(StepKind::AssignTasks) {
        return None;
    }
    let state = bench.state(StepKind::AssignTasks);
    let none = !board.list.is_empty() && board.list.iter().all(|one| one.adoption() == Some(Adoption::None));
    let explanation = none.then(|| {
        let field = Field::of(&state, "explanation", "向提出人的说明").hint("一条都没有采纳，向提出人说清楚；会公开");
        view! { <TextArea field rows=4/> }
    });
    let words = if none { "说明，请群众评价" } else { "交办" };
    let hint = if none {
        "没有交办的任务，直接请提出人和到会的人评价。".to_owned()
    } else {
        let days = bench.rules.after.decline_workdays;
        format!("交办以后，各单位在 {days} 个工作日内签收或退办（本镇设定）；批办意见不能再改。")
    };
    let fields = view! {
        <p class="hint">{hint}</p>
        {explanation}
        <div class="actions"><Button words kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::AssignTasks, (Some(bench.case.stage_version), None), &state, fields);
    Some(view! { <Section title="交办" id="explanation">{form}</Section> }.into_any())
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_outcomes(req: &Request, form: Form) -> Result<Answer, Refusal> {
    let bench = Bench::of(req, Tab::Outcomes).await?;
    let (ctx, case) = (&req.ctx, bench.case.id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    let incomplete = "这一页不完整，请刷新后再提交。";
    let mut place = String::new();
    let mut tab = Tab::Outcomes;
    match step {
        StepKind::ReportOutcome => {
            let minutes = form.parse("minutes", incomplete)?;
            let offices = form.values.get("offices").map(Vec::as_slice).unwrap_or_default();
            let offices = offices.iter().filter_map(|code| Office::from_code(code)).collect();
            carry_out(ctx, ReportOutcome { case, seen: seen(&form)?, minutes, offices }).await?;
        }
        StepKind::ReceiveReport => {
            let (minutes, office) = (form.parse("minutes", incomplete)?, Office::from_code(form.value("office")));
            let sheet = form.files.iter().map(|file| file.file).collect();
            carry_out(ctx, ReceiveReport { case, minutes, office, sheet }).await?;
        }
        StepKind::DecideOutcome => {
            let n: i64 = form.parse("no", incomplete)?;
            let decided = form.value("decided");
            let seen = chrono::DateTime::parse_from_rfc3339(decided).ok().map(|at| at.to_utc());
            let decision = read(&form, n)?;
            carry_out(ctx, DecideOutcome { case, outcome: form.parse("outcome", incomplete)?, seen, decision }).await?;
            place = format!("#outcome-{n}");
        }
        StepKind::AssignTasks => {
            let explanation = form.value("explanation").to_owned();
            carry_out(ctx, AssignTasks { case, seen: seen(&form)?, explanation }).await?;
            tab = Tab::Tasks;
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Answer::SeeOther(format!("{}?done={}{place}", tab.address(case), step.code())))
}

/// The decision of a form.
fn read(form: &Form, n: i64) -> Result<Decision, Refusal> {
    let name = |field: &str| format!("{field}_{n}");
    let value = |field: &str| form.value(&name(field)).to_owned();
    let lead = form
        .optional(&name("lead"))
        .map(|_| form.parse::<UnitId>(&name("lead"), "请从名单里选主办单位。"))
        .transpose()?;
    let due_on = form.date(&name("due"))?;
    let assist = form.values.get(&name("assist")).map(Vec::as_slice).unwrap_or_default();
    Ok(Decision {
        adoption: Adoption::from_code(&value("adoption")),
        reason: value("reason"),
        lead,
        assist: assist.iter().filter_map(|id| id.parse().ok()).collect(),
        contact: value("contact"),
        measure: value("measure"),
        due_on,
        quick: form.ticked(&name("quick")),
        ..Decision::default()
    })
}
