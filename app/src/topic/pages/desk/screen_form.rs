//! 初审: what the resident sent beside what the public will read, and the five decisions of T2.

use leptos::prelude::*;

use super::bench::{Bench, Tab, versions};
use super::edition_form;
use super::workspace::seen;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::case::store::Version;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, FileId};
use crate::rules::Exclusion;
use crate::search::store::Similar;
use crate::topic::model::{Edition, Screening, TopicForm};
use crate::topic::steps::{AcceptTopic, Decision, DeclineTopic, MergeTopic, ReturnTopic, TransferTopic, UndoMerge};
use crate::topic::store::{CaseFile, MergeChoice};
use crate::ui::{Button, ButtonKind, CheckGroup, Choice, Field, RadioGroup, Section, Select, TextArea, TextInput};
use crate::web::Form;

/// What the part shows besides the topic itself.
pub(super) struct Screen {
    pub(super) sent: Vec<Version<TopicForm>>,
    pub(super) editions: Vec<Version<Edition>>,
    pub(super) screenings: Vec<Version<Screening>>,
    pub(super) files: Vec<CaseFile>,
    pub(super) choices: Vec<MergeChoice>,
    pub(super) similar: Vec<Similar>,
}

/// The part. `blocked` tells whether the checklist's own button is sunk.
pub(super) fn view(bench: &Bench, data: &Screen, blocked: bool) -> AnyView {
    let accept = bench.offers(StepKind::AcceptTopic).then(|| accept_form(bench, data, blocked));
    let others = [
        bench.offers(StepKind::ReturnTopic).then(|| return_form(bench)),
        bench.offers(StepKind::TransferTopic).then(|| transfer_form(bench)),
        bench.offers(StepKind::MergeTopic).then(|| merge_form(bench, data)),
        bench.offers(StepKind::DeclineTopic).then(|| decline_form(bench)),
        bench.offers(StepKind::UndoMerge).then(|| undo_form(bench)),
    ];
    let any = others.iter().any(Option::is_some);
    let title = if accept.is_some() { "不受理的，选一种去向" } else { "别的去向" };
    let others =
        any.then(|| view! { <Section title=title id="others">{others.into_iter().flatten().collect_view()}</Section> });
    view! {
        {accept}
        {others}
        {texts(bench, data)}
        {edition_form::revise(bench, data)}
        {record(bench, data)}
    }
    .into_any()
}

/// As sent beside as released, each with its versions.
fn texts(bench: &Bench, data: &Screen) -> AnyView {
    let sent = if data.sent.is_empty() {
        view! { <p>"原文已按本人要求删除。"</p> }.into_any()
    } else {
        versions(&data.sent, "提出人", bench.today)
    };
    let released = if data.editions.is_empty() {
        view! { <p>"还没有公开稿。受理时由干事整理，公众只看到公开稿。"</p> }.into_any()
    } else {
        versions(&data.editions, "系统", bench.today)
    };
    let files = files(&data.files);
    view! {
        <Section title="原文和公开稿" id="texts">
            <div class="editions">
                <div><h3 class="sub-head">"提出人写的（只在内部看）"</h3>{sent}{files}</div>
                <div><h3 class="sub-head">"公众看到的"</h3>{released}</div>
            </div>
        </Section>
    }
    .into_any()
}

fn files(files: &[CaseFile]) -> Option<AnyView> {
    (!files.is_empty()).then(|| {
        let rows = files
            .iter()
            .map(|file| {
                let href = format!("/files/{}", file.file_id);
                let state = if file.released { "已公开" } else { "不公开" };
                view! { <li><a href=href>{file.name.clone()}</a>" "<span class="tag">{state}</span></li> }
            })
            .collect_view();
        view! { <p class="sub-head">"附件"</p><ul class="files">{rows}</ul> }.into_any()
    })
}

/// The screening decisions so far, and their correction.
fn record(bench: &Bench, data: &Screen) -> Option<AnyView> {
    (!data.screenings.is_empty()).then(|| {
        let (kept, correct) = (versions(&data.screenings, "系统", bench.today), edition_form::correct(bench, data));
        view! { <Section title="议题初审单" id="screenings">{kept}{correct}</Section> }.into_any()
    })
}

/// What the form for taking it up is filled with: what was typed, else the text as it was sent.
pub(super) fn accept_state(bench: &Bench, sent: &[Version<TopicForm>]) -> FormState {
    let state = bench.state(StepKind::AcceptTopic);
    if state.refusal.is_some() {
        return state;
    }
    let form = sent.first().map(|v| v.record.clone()).unwrap_or_default();
    FormState::filled([
        ("released_title", form.title),
        ("released_place", form.place),
        ("released_matter", form.matter),
        ("released_reason", form.reason),
        ("released_suggestion", form.suggestion),
    ])
}

/// The form fields of a released edition. Their names are those that the findings of T2 point at.
pub(super) fn edition_fields(
    bench: &Bench,
    state: &FormState,
    within: Option<&'static str>,
    files: &[CaseFile],
) -> AnyView {
    let topic = &bench.rules.topic;
    let max = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let field = |name: &str, label: &'static str| {
        let field = Field::of(state, name, label);
        match within {
            Some(form) => field.within(form),
            None => field,
        }
    };
    let title = field("released_title", "公开题目").max(max(topic.title_max));
    let place = field("released_place", "公开地点").optional().max(max(topic.place_max));
    let matter = field("released_matter", "公开情况").max(max(topic.body_max));
    let reason = field("released_reason", "公开理由").optional().max(max(topic.body_max));
    let suggestion = field("released_suggestion", "公开建议").optional().max(max(topic.body_max));
    let attached = (!files.is_empty()).then(|| {
        let options = files.iter().map(|file| Choice::new(file.file_id.to_string(), file.name.clone())).collect();
        let field = field("released_files", "公开哪些附件")
            .optional()
            .hint("不打勾的不公开。照片里有人脸、车牌、门牌的，先请提出人换一张。");
        view! { <CheckGroup field options/> }
    });
    view! {
        <TextInput field=title/>
        <TextInput field=place/>
        <TextArea field=matter rows=6/>
        <TextArea field=reason rows=4/>
        <TextArea field=suggestion rows=4/>
        {attached}
    }
    .into_any()
}

/// The released edition of a form.
pub(super) fn edition(form: &Form) -> Edition {
    let text = |name: &str| form.value(name).to_owned();
    let files = form.values.get("released_files").map(Vec::as_slice).unwrap_or_default();
    Edition {
        title: text("released_title"),
        place: text("released_place"),
        matter: text("released_matter"),
        reason: text("released_reason"),
        suggestion: text("released_suggestion"),
        // What is no id is none of the topic's files either; the step says so.
        files: files.iter().map(|id| id.parse().unwrap_or(FileId(uuid::Uuid::nil()))).collect(),
    }
}

/// The step of taking it up, from its form.
pub(super) fn accepting(case: CaseId, seen: i64, form: &Form) -> AcceptTopic {
    AcceptTopic {
        decision: Decision { case, seen, reason: form.value("reason").to_owned() },
        within_scope: yes_or_no(form.value("within_scope")),
        edition: edition(form),
    }
}

/// A radio of yes and no; anything else is no answer.
pub(super) fn yes_or_no(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn reason_words(state: &FormState, label: &'static str, within: Option<&'static str>, bench: &Bench) -> Field {
    let field = Field::of(state, "reason", label)
        .hint("提出人凭查询码会看到这段话。用平常话写，不写电话和证件号。")
        .max(usize::try_from(bench.rules.topic.body_max).unwrap_or(usize::MAX));
    match within {
        Some(form) => field.within(form),
        None => field,
    }
}

fn accept_form(bench: &Bench, data: &Screen, blocked: bool) -> AnyView {
    let state = accept_state(bench, &data.sent);
    let scope = Field::of(&state, "within_scope", "这件事属于协商的范围吗").hint(format!(
        "不属于的有：{}。这些请转办。",
        Exclusion::ALL.iter().map(|e| e.word()).collect::<Vec<_>>().join("、")
    ));
    let scopes = vec![Choice::new("yes", "属于"), Choice::new("no", "不属于")];
    let reason = reason_words(&state, "给提出人的话", None, bench);
    // One ink button a page: when nothing blocks, that is the one of the checklist.
    let kind = if blocked { ButtonKind::Primary } else { ButtonKind::Second };
    let fields = view! {
        <RadioGroup field=scope options=scopes/>
        <p class="hint">"下面是公众将看到的文字，先照提出人写的填好了。请删去姓名、电话、门牌，改通顺，不改原意。"</p>
        {edition_fields(bench, &state, None, &data.files)}
        <TextArea field=reason rows=3/>
        <div class="actions"><Button words="受理，公开这份稿" kind=kind/></div>
    };
    let form = bench.form(StepKind::AcceptTopic, (Some(bench.case.stage_version), None), &state, fields);
    view! { <Section title="受理" id="accept">{form}</Section> }.into_any()
}

/// A decision in a fold of its own.
fn folded(bench: &Bench, step: StepKind, within: &'static str, title: &'static str, fields: AnyView) -> AnyView {
    let state = bench.state(step);
    let open = state.refusal.is_some();
    let form = bench.form(step, (Some(bench.case.stage_version), Some(within)), &state, fields);
    view! { <details open=open id=within><summary>{title}</summary>{form}</details> }.into_any()
}

fn return_form(bench: &Bench) -> AnyView {
    let state = bench.state(StepKind::ReturnTopic);
    let question = Field::of(&state, "question", "请提出人补充什么")
        .within("return")
        .hint(format!("一次问清楚。{} 天内补来继续办，过期失效（本镇设定）。", bench.rules.flow.return_days));
    let reason = reason_words(&state, "为什么退回", Some("return"), bench);
    let fields = view! {
        <TextArea field=question rows=3/>
        <TextArea field=reason rows=3/>
        <div class="actions"><Button words="退回，请提出人补充" kind=ButtonKind::Second/></div>
    };
    folded(bench, StepKind::ReturnTopic, "return", "退回补正：先问提出人", fields.into_any())
}

fn transfer_form(bench: &Bench) -> AnyView {
    let state = bench.state(StepKind::TransferTopic);
    let exclusion = Field::of(&state, "exclusion", "属于哪一类").within("transfer");
    let kinds = Exclusion::ALL
        .iter()
        .map(|kind| Choice::new(kind.code(), kind.word()).hint(format!("可转：{}", kind.channel())))
        .collect();
    // What was chosen before the refusal proposes where such matters go.
    let proposed = Exclusion::from_code(state.value("exclusion")).map(Exclusion::channel);
    let to = Field::of(&state, "transfer_to", "转给谁办")
        .within("transfer")
        .hint("写明单位和办法，例如：12345 政务服务便民热线。上面每一类下有可转的去处。");
    let to = match proposed.filter(|_| state.value("transfer_to").trim().is_empty()) {
        Some(channel) => {
            let state =
                FormState { values: [("transfer_to".to_owned(), vec![channel.to_owned()])].into(), ..state.clone() };
            Field::of(&state, "transfer_to", "转给谁办")
                .within("transfer")
                .hint("先按所选的类别填了可转的去处，请核对。")
        }
        None => to,
    };
    let reason = reason_words(&state, "给提出人的理由", Some("transfer"), bench);
    let fields = view! {
        <RadioGroup field=exclusion options=kinds/>
        <TextInput field=to/>
        <TextArea field=reason rows=3/>
        <div class="actions"><Button words="转办" kind=ButtonKind::Second/></div>
    };
    folded(bench, StepKind::TransferTopic, "transfer", "转办：不属于协商的范围", fields.into_any())
}

/// The topics that this one may be joined to: those that look alike first.
fn merge_options(bench: &Bench, choices: &[MergeChoice], similar: &[Similar]) -> Vec<Choice> {
    let alike = |id: CaseId| similar.iter().any(|s| s.topic_id == id);
    let words = |choice: &MergeChoice| {
        let number = choice.number.as_ref().map(|n| format!("{n} 号 ")).unwrap_or_default();
        let mark = if alike(choice.topic_id) { "（相近）" } else { "" };
        Choice::new(choice.topic_id.to_string(), format!("{number}{}{mark}", choice.title))
    };
    let (near, far): (Vec<_>, Vec<_>) =
        choices.iter().filter(|c| c.topic_id != bench.case.id).partition(|c| alike(c.topic_id));
    near.into_iter().chain(far).map(words).collect()
}

fn merge_form(bench: &Bench, data: &Screen) -> AnyView {
    let state = bench.state(StepKind::MergeTopic);
    let options = merge_options(bench, &data.choices, &data.similar);
    if options.is_empty() {
        return view! {
            <details id="merge">
                <summary>"并案：和在办的一件合起来办"</summary>
                <p class="hint">"本镇没有别的在办议题可以并入。"</p>
            </details>
        }
        .into_any();
    }
    let target = Field::of(&state, "target", "并入哪一件").within("merge");
    let reason = reason_words(&state, "为什么并案", Some("merge"), bench);
    let fields = view! {
        <Select field=target options=options blank="请选一件在办的议题"/>
        <TextArea field=reason rows=3/>
        <p class="hint">"关心的人一并带过去。对方立题以前，可以撤销。"</p>
        <div class="actions"><Button words="并案" kind=ButtonKind::Second/></div>
    };
    folded(bench, StepKind::MergeTopic, "merge", "并案：和在办的一件合起来办", fields.into_any())
}

fn decline_form(bench: &Bench) -> AnyView {
    let state = bench.state(StepKind::DeclineTopic);
    let reason = reason_words(&state, "为什么不予立题", Some("decline"), bench);
    let fields = view! {
        <TextArea field=reason rows=4/>
        <p class="hint">"别的单位能办的，请转办，不要一退了之。"</p>
        <div class="actions"><Button words="不予立题" kind=ButtonKind::Second/></div>
    };
    folded(bench, StepKind::DeclineTopic, "decline", "不予立题", fields.into_any())
}

fn undo_form(bench: &Bench) -> AnyView {
    let state = bench.state(StepKind::UndoMerge);
    let reason = Field::of(&state, "reason", "为什么撤销并案").within("undo");
    let target = bench.case.merged_into.map(|id| id.to_string()).unwrap_or_default();
    let fields = view! {
        <input type="hidden" name="target" value=target/>
        <TextArea field=reason rows=3/>
        <p class="hint">"回到并案前的状态单独办理，带过去的关心一并收回；期限从今天重新算起。"</p>
        <div class="actions"><Button words="撤销并案" kind=ButtonKind::Second/></div>
    };
    folded(bench, StepKind::UndoMerge, "undo", "撤销并案", fields.into_any())
}

fn decision(case: CaseId, form: &Form) -> Result<Decision, Refusal> {
    Ok(Decision { case, seen: seen(form)?, reason: form.value("reason").to_owned() })
}

/// Carries out one of the decisions.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no decision.
pub(super) async fn decide(ctx: &Ctx, case: CaseId, step: StepKind, form: &Form) -> Result<Tab, Refusal> {
    match step {
        StepKind::AcceptTopic => carry_out(ctx, accepting(case, seen(form)?, form)).await?,
        StepKind::ReturnTopic => {
            let question = form.value("question").to_owned();
            carry_out(ctx, ReturnTopic { decision: decision(case, form)?, question }).await?;
        }
        StepKind::TransferTopic => {
            let exclusion = Exclusion::from_code(form.value("exclusion"));
            let transfer_to = form.value("transfer_to").to_owned();
            carry_out(ctx, TransferTopic { decision: decision(case, form)?, transfer_to, exclusion }).await?;
        }
        StepKind::MergeTopic => {
            let target = form.parse("target", "还没有选要并入哪一件议题。")?;
            carry_out(ctx, MergeTopic { decision: decision(case, form)?, target }).await?;
        }
        StepKind::DeclineTopic => {
            carry_out(ctx, DeclineTopic { decision: decision(case, form)?, exclusion: None }).await?;
        }
        StepKind::UndoMerge => {
            let target = form.parse("target", "没有找到并入的议题，请刷新页面。")?;
            let reason = form.value("reason").to_owned();
            carry_out(ctx, UndoMerge { case, target, seen: seen(form)?, reason }).await?;
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Tab::Overview)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_is_read_from_its_form() {
        let mut form = Form::default();
        form.values.insert("released_title".to_owned(), vec![" 夜市油烟 ".to_owned()]);
        form.values.insert("released_files".to_owned(), vec!["不是编号".to_owned()]);
        form.values.insert("within_scope".to_owned(), vec!["maybe".to_owned()]);
        let edition = edition(&form);
        assert_eq!(edition.title, "夜市油烟");
        assert_eq!(edition.files, [FileId(uuid::Uuid::nil())]);
        assert_eq!(yes_or_no(form.value("within_scope")), None);
    }
}
