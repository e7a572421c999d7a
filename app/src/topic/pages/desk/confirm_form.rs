//! 立题: the director's preparation and the party approver's decision (T3).

use leptos::prelude::*;

use super::bench::{Bench, Tab, versions};
use super::screen_form::yes_or_no;
use super::words::{day, moment};
use super::workspace::seen;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::case::store::Version;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::CaseId;
use crate::rules::{BasisRule, TopicBasis};
use crate::topic::model::{Approval, Ground, Ruling};
use crate::topic::steps::{ConfirmTopic, PrepareConfirmation, SendBackPreparation};
use crate::ui::{Button, ButtonKind, Checkbox, Choice, Field, RadioGroup, Section, TextArea, TextInput};
use crate::web::Form;

/// Steps whose rulings are shown here.
const SHOWN: [StepKind; 6] = [
    StepKind::SendBackPreparation,
    StepKind::ConfirmTopic,
    StepKind::SuspendTopic,
    StepKind::ResumeTopic,
    StepKind::TerminateTopic,
    StepKind::WithdrawTopic,
];

/// The part. `blocked` tells whether the checklist's own button is sunk.
pub(super) fn view(
    bench: &Bench,
    approvals: &[Version<Approval>],
    rulings: &[Version<Ruling>],
    blocked: bool,
) -> AnyView {
    let decide = bench.offers(StepKind::ConfirmTopic).then(|| decision_forms(bench, approvals, blocked));
    let prepare = bench.offers(StepKind::PrepareConfirmation).then(|| prepare_form(bench, approvals, blocked));
    let sheet = (!approvals.is_empty()).then(|| {
        let kept = versions(approvals, "系统", bench.today);
        view! { <Section title="议题审批单" id="approval">{kept}</Section> }
    });
    let nothing = (approvals.is_empty() && prepare.is_none()).then(|| {
        let words = match bench.case.stage() {
            Stage::Submitted | Stage::Returned => "受理以后，才准备立题。",
            Stage::Accepted => "还没有立题材料。由工委主任准备，党（工）委签批；准备的人和签批的人不能是同一个人。",
            _ => "这件议题没有立题材料。",
        };
        view! { <p class="empty">{words}</p> }
    });
    view! {
        {decide}
        {nothing}
        {sheet}
        {prepare}
        {rulings_list(bench, rulings)}
    }
    .into_any()
}

fn rulings_list(bench: &Bench, rulings: &[Version<Ruling>]) -> Option<AnyView> {
    let rows: Vec<_> = rulings
        .iter()
        .filter_map(|v| SHOWN.iter().find(|step| step.code() == v.record.what).map(|step| (step, v)))
        .map(|(step, v)| {
            let who = v.author.clone().unwrap_or_else(|| "提出人".to_owned());
            let head = format!("{}，{who}：{}", moment(v.at, bench.today), step.words());
            let review = v.record.review_on.map(|d| {
                let words = format!("{}复核", day(d, bench.today));
                view! { <p class="caption">{words}</p> }
            });
            view! { <li><p>{head}</p><p class="quote">{v.record.reason.clone()}</p>{review}</li> }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! { <Section title="审批意见" side="新的在前"><ul class="short-list">{rows}</ul></Section> }.into_any()
    })
}

/// The names of the three narrow questions, in the order of the form.
const QUESTIONS: [&str; 3] = ["one_place", "one_unit", "doable"];

/// The form as a preparation fills it.
fn filled(approval: &Approval) -> FormState {
    let ticked = |yes: bool| if yes { "yes".to_owned() } else { String::new() };
    let mut state = FormState::filled([
        ("basis_central", ticked(approval.cited(TopicBasis::CentralTask).is_some())),
        ("basis_central_cite", approval.cited(TopicBasis::CentralTask).unwrap_or_default().to_owned()),
        ("basis_hotspot", ticked(approval.cited(TopicBasis::LivelihoodHotspot).is_some())),
        ("basis_hotspot_cite", approval.cited(TopicBasis::LivelihoodHotspot).unwrap_or_default().to_owned()),
        ("legality_checker", approval.legality_checker.clone()),
        ("has_plan", ticked(approval.has_plan)),
        ("plan_number", approval.plan_number.clone()),
    ]);
    let grounds = [
        ("legality", &approval.legality),
        ("one_place", &approval.one_place),
        ("one_unit", &approval.one_unit),
        ("doable", &approval.doable),
    ];
    for (name, ground) in grounds {
        let answer = match ground.yes {
            Some(true) => vec!["yes".to_owned()],
            Some(false) => vec!["no".to_owned()],
            None => Vec::new(),
        };
        state.values.insert(name.to_owned(), answer);
        state.values.insert(format!("{name}_sentence"), vec![ground.sentence.clone()]);
    }
    state
}

/// What the preparation's form is filled with: what was typed, else what is on file.
pub(super) fn prepare_state(bench: &Bench, approvals: &[Version<Approval>]) -> FormState {
    let state = bench.state(StepKind::PrepareConfirmation);
    if state.refusal.is_some() {
        state
    } else {
        filled(&approvals.first().map(|v| v.record.clone()).unwrap_or_default())
    }
}

/// The preparation of a form.
pub(super) fn approval(form: &Form) -> Approval {
    let text = |name: &str| form.value(name).to_owned();
    let ground = |name: &str| Ground {
        yes: yes_or_no(form.value(name)),
        sentence: form.value(&format!("{name}_sentence")).to_owned(),
    };
    let bases = [
        (TopicBasis::CentralTask, "basis_central", "basis_central_cite"),
        (TopicBasis::LivelihoodHotspot, "basis_hotspot", "basis_hotspot_cite"),
    ];
    Approval {
        bases: bases
            .into_iter()
            .filter(|(_, tick, _)| form.ticked(tick))
            .map(|(basis, _, cite)| (basis, text(cite)))
            .collect(),
        legality: ground("legality"),
        legality_checker: text("legality_checker"),
        one_place: ground("one_place"),
        one_unit: ground("one_unit"),
        doable: ground("doable"),
        has_plan: form.ticked("has_plan"),
        plan_number: text("plan_number"),
    }
}

fn prepare_form(bench: &Bench, approvals: &[Version<Approval>], blocked: bool) -> AnyView {
    let state = prepare_state(bench, approvals);
    let seen = approvals.first().map_or(0, |v| v.version);
    let rules = &bench.rules;
    let both = match rules.topic.basis_rule {
        BasisRule::Any => "任一即可",
        BasisRule::Both => "两者都要",
    };
    let yes_no = || vec![Choice::new("yes", "是"), Choice::new("no", "否")];
    let central = Field::of(&state, "basis_central", "围绕党委政府中心工作");
    let central_cite = Field::of(&state, "basis_central_cite", "哪一项中心工作、哪份文件里写的").optional();
    let hotspot = Field::of(&state, "basis_hotspot", "回应民生关注热点");
    let hotspot_cite = Field::of(&state, "basis_hotspot_cite", "哪个热点、从哪里反映出来的").optional();
    let legality = Field::of(&state, "legality", "合法吗");
    let legal = vec![Choice::new("yes", "合法"), Choice::new("no", "不合法")];
    let sentence =
        Field::of(&state, "legality_sentence", "合法性说明").hint("一句话：依据哪条规定，或为什么没有抵触。");
    let checker = Field::of(&state, "legality_checker", "谁核对的").narrow();
    let days = rules.after.reply_max_days;
    let questions = QUESTIONS.map(|name| {
        let words = match name {
            "one_place" => "是不是只涉及一个地方".to_owned(),
            "one_unit" => "是不是有一个主要负责单位".to_owned(),
            _ => format!("{days} 天内办不办得成（本镇设定）"),
        };
        let answer = Field::of(&state, name, words);
        let why = Field::of(&state, &format!("{name}_sentence"), "一句话说明");
        view! { <RadioGroup field=answer options=yes_no()/><TextInput field=why/> }
    });
    let plan = Field::of(&state, "has_plan", "本镇有年度协商计划");
    let number = Field::of(&state, "plan_number", "计划序号").narrow().optional().hint("有计划的要填。");
    let first = approvals.is_empty();
    let words = if first { "备好了，送党（工）委签批" } else { "另存一版，送党（工）委签批" };
    let kind = if blocked && !bench.offers(StepKind::ConfirmTopic) { ButtonKind::Primary } else { ButtonKind::Second };
    let fields = view! {
        <p class="hint">{format!("选题依据至少 {} 类，{both}（本镇设定）。", rules.topic.basis_min)}</p>
        <Checkbox field=central/>
        <TextInput field=central_cite/>
        <Checkbox field=hotspot/>
        <TextInput field=hotspot_cite/>
        <RadioGroup field=legality options=legal/>
        <TextArea field=sentence rows=2/>
        <TextInput field=checker/>
        {questions}
        <Checkbox field=plan/>
        <TextInput field=number/>
        <div class="actions"><Button words=words kind=kind/></div>
    };
    let form = bench.form(StepKind::PrepareConfirmation, (Some(seen), None), &state, fields);
    if bench.waits_for_approver() {
        let open = bench.state(StepKind::PrepareConfirmation).refusal.is_some();
        view! {
            <Section title="已经送签" id="prepare">
                <details open=open><summary>"还要改：另存一版再送"</summary>{form}</details>
            </Section>
        }
        .into_any()
    } else {
        view! { <Section title="准备立题审批" id="prepare">{form}</Section> }.into_any()
    }
}

fn decision_forms(bench: &Bench, approvals: &[Version<Approval>], blocked: bool) -> AnyView {
    let seen = approvals.first().map_or(0, |v| v.version);
    let state = bench.state(StepKind::ConfirmTopic);
    let reason = Field::of(&state, "reason", "党（工）委的意见")
        .within("confirm")
        .hint("提出人和公众会看到已经立题；意见留在案卷里。");
    let kind = if blocked { ButtonKind::Primary } else { ButtonKind::Second };
    let fields = view! {
        <TextArea field=reason rows=3/>
        <div class="actions"><Button words="同意立题" kind=kind/></div>
    };
    let confirm = bench.form(StepKind::ConfirmTopic, (Some(seen), Some("confirm")), &state, fields);
    let back = bench.state(StepKind::SendBackPreparation);
    let why = Field::of(&back, "reason", "要补什么").within("back");
    let open = back.refusal.is_some();
    let fields = view! {
        <TextArea field=why rows=3/>
        <div class="actions"><Button words="退回主任补充" kind=ButtonKind::Second/></div>
    };
    let send_back = bench.form(StepKind::SendBackPreparation, (Some(seen), Some("back")), &back, fields);
    view! {
        <Section title="审批立题" id="approver">
            <p class="hint">"请先看下面的议题审批单。签批的人不能是提出人，也不能是准备材料的人。"</p>
            {confirm}
            <details open=open><summary>"材料不够，退回"</summary>{send_back}</details>
        </Section>
    }
    .into_any()
}

/// Carries out one of the steps of T3.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for another.
pub(super) async fn decide(ctx: &Ctx, case: CaseId, step: StepKind, form: &Form) -> Result<Tab, Refusal> {
    let (seen, reason) = (seen(form)?, form.value("reason").to_owned());
    match step {
        StepKind::PrepareConfirmation => {
            carry_out(ctx, PrepareConfirmation { case, seen, approval: approval(form) }).await?;
        }
        StepKind::ConfirmTopic => {
            carry_out(ctx, ConfirmTopic { case, seen, reason }).await?;
            return Ok(Tab::Overview);
        }
        StepKind::SendBackPreparation => carry_out(ctx, SendBackPreparation { case, seen, reason }).await?,
        _ => return Err(Refusal::NotFound),
    }
    Ok(Tab::Confirm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preparation_survives_its_form() {
        let ground = |yes, sentence: &str| Ground { yes, sentence: sentence.to_owned() };
        for approval_is in [
            Approval::default(),
            Approval {
                bases: vec![(TopicBasis::LivelihoodHotspot, "12345 上月 7 件".to_owned())],
                legality: ground(Some(true), "没有抵触"),
                legality_checker: "司法所 陆".to_owned(),
                one_place: ground(Some(true), "只在老厂区"),
                one_unit: ground(Some(false), "两家都有份"),
                doable: ground(None, ""),
                has_plan: true,
                plan_number: "3".to_owned(),
            },
        ] {
            let state = filled(&approval_is);
            let form = Form { values: state.values, files: Vec::new() };
            assert_eq!(approval(&form), approval_is);
        }
    }
}
