//! Putting a topic on hold, taking it up again, ending it.

use leptos::prelude::*;

use super::bench::Bench;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::topic::steps::{ResumeTopic, SuspendTopic, TerminateTopic};
use crate::ui::{Button, ButtonKind, Field, Section, TextArea, TextInput};
use crate::web::Form;

/// The forms that the person may use now.
pub(super) fn section(bench: &Bench) -> Option<AnyView> {
    let offered = [StepKind::ResumeTopic, StepKind::SuspendTopic, StepKind::TerminateTopic]
        .into_iter()
        .filter(|step| bench.offers(*step))
        .map(|step| one(bench, step))
        .collect::<Vec<_>>();
    (!offered.is_empty()).then(|| {
        view! {
            <Section title="暂缓、恢复与终止" id="hold">
                <p class="hint">"每一步都写明理由；提出人凭查询码看得到，已公开的议题公众也看得到。"</p>
                {offered}
            </Section>
        }
        .into_any()
    })
}

fn one(bench: &Bench, step: StepKind) -> AnyView {
    let state = bench.state(step);
    let days = bench.rules.flow.suspend_review_days;
    let (summary, within, label, button) = match step {
        StepKind::SuspendTopic => ("暂缓", "suspend", "为什么暂缓", "暂缓"),
        StepKind::ResumeTopic => ("恢复办理", "resume", "为什么恢复", "恢复办理"),
        _ => ("终止", "terminate", "为什么终止", "终止这件议题"),
    };
    let reason = Field::of(&state, "reason", label).within(within);
    let review = (step == StepKind::SuspendTopic).then(|| {
        let field = Field::of(&state, "review_on", "复核日期")
            .within(within)
            .narrow()
            .optional()
            .hint(format!("明天以后、{days} 天以内（本镇设定）；不填就是 {days} 天后。"));
        view! { <TextInput field kind="date"/> }
    });
    let note = match step {
        StepKind::TerminateTopic => Some("终止以后不能再恢复；留言和支持停止接收，案卷留存。"),
        StepKind::ResumeTopic => Some("回到暂缓前的状态，期限从恢复那天重新算起。"),
        _ => None,
    };
    let kind = if step == StepKind::ResumeTopic { ButtonKind::Primary } else { ButtonKind::Second };
    let fields = view! {
        <TextArea field=reason rows=3/>
        {review}
        {note.map(|words| view! { <p class="hint">{words}</p> })}
        <div class="actions"><Button words=button kind=kind/></div>
    };
    let open = state.refusal.is_some() || step == StepKind::ResumeTopic;
    let form = bench.form(step, (Some(bench.case.stage_version), Some(within)), &state, fields);
    view! { <details open=open><summary>{summary}</summary>{form}</details> }.into_any()
}

/// Puts the topic on hold.
///
/// # Errors
/// As the step.
pub(super) async fn suspend(ctx: &Ctx, case: CaseId, form: &Form) -> Result<(), Refusal> {
    let review_on = match form.value("review_on") {
        "" => None,
        _ => Some(form.parse("review_on", "请选一个日期，例如 2026-12-01。")?),
    };
    let step =
        SuspendTopic { case, seen: super::workspace::seen(form)?, reason: form.value("reason").to_owned(), review_on };
    carry_out(ctx, step).await
}

/// Takes it up again.
///
/// # Errors
/// As the step.
pub(super) async fn resume(ctx: &Ctx, case: CaseId, form: &Form) -> Result<(), Refusal> {
    let seen = super::workspace::seen(form)?;
    carry_out(ctx, ResumeTopic { case, seen, reason: form.value("reason").to_owned() }).await
}

/// Ends it.
///
/// # Errors
/// As the step.
pub(super) async fn terminate(ctx: &Ctx, case: CaseId, form: &Form) -> Result<(), Refusal> {
    let seen = super::workspace::seen(form)?;
    carry_out(ctx, TerminateTopic { case, seen, reason: form.value("reason").to_owned() }).await
}
