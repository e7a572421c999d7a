//! What follows from the screening: the public's edition revised, the screening record corrected. Both make a new version
//! beside the old one.

use leptos::prelude::*;

use super::bench::{Bench, Tab};
use super::screen_form::{Screen, edition, edition_fields};
use super::workspace::seen;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::CaseId;
use crate::rules::ScreeningDecision;
use crate::topic::steps::{CorrectScreening, ReviseEdition};
use crate::ui::{Button, ButtonKind, Field, Section, TextArea, TextInput};
use crate::web::Form;

/// The form for a new edition.
pub(super) fn revise(bench: &Bench, data: &Screen) -> Option<AnyView> {
    let newest = data.editions.first().filter(|_| bench.offers(StepKind::ReviseEdition))?;
    let sent = bench.state(StepKind::ReviseEdition);
    let state = if sent.refusal.is_some() {
        sent.clone()
    } else {
        let e = &newest.record;
        let mut state = FormState::filled([
            ("released_title", e.title.clone()),
            ("released_place", e.place.clone()),
            ("released_matter", e.matter.clone()),
            ("released_reason", e.reason.clone()),
            ("released_suggestion", e.suggestion.clone()),
        ]);
        let files = e.files.iter().map(ToString::to_string).collect();
        state.values.insert("released_files".to_owned(), files);
        state
    };
    let why = Field::of(&state, "reason", "为什么修改").within("revise").hint("留在案卷里；公众看到新稿和修改的日期。");
    let fields = view! {
        {edition_fields(bench, &state, Some("revise"), &data.files)}
        <TextArea field=why rows=2/>
        <div class="actions"><Button words="公开修改后的稿" kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::ReviseEdition, (Some(newest.version), Some("revise")), &state, fields);
    let open = sent.refusal.is_some();
    Some(
        view! {
            <Section title="修改公开稿" id="revise">
                <details open=open><summary>"改写公众看到的文字，或换公开的附件"</summary>{form}</details>
            </Section>
        }
        .into_any(),
    )
}

/// The form for a corrected screening record.
pub(super) fn correct(bench: &Bench, data: &Screen) -> Option<AnyView> {
    let newest = data.screenings.first().filter(|_| bench.offers(StepKind::CorrectScreening))?;
    let sent = bench.state(StepKind::CorrectScreening);
    let stored = &newest.record;
    let state = if sent.refusal.is_some() {
        sent.clone()
    } else {
        FormState::filled([("reason", stored.reason.clone()), ("transfer_to", stored.transfer_to.clone())])
    };
    let reason = Field::of(&state, "reason", "理由").within("correct");
    let transferred = stored.decision == ScreeningDecision::Transfer;
    let to = transferred.then(|| {
        let field = Field::of(&state, "transfer_to", "转给谁办").within("correct");
        view! { <TextInput field/> }
    });
    let why = Field::of(&state, "correction", "为什么更正").within("correct").hint("旧的一版留在旁边，不会盖掉。");
    let fields = view! {
        <TextArea field=reason rows=3/>
        {to}
        <TextArea field=why rows=2/>
        <div class="actions"><Button words="留旧版，记一版更正" kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::CorrectScreening, (Some(newest.version), Some("correct")), &state, fields);
    let open = sent.refusal.is_some();
    Some(
        view! { <details open=open id="correct"><summary>"写错了，更正这份记录（结论不变）"</summary>{form}</details> }
            .into_any(),
    )
}

/// Carries out one of the two.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for another.
pub(super) async fn change(ctx: &Ctx, case: CaseId, step: StepKind, form: &Form) -> Result<Tab, Refusal> {
    let (seen, reason) = (seen(form)?, form.value("reason").to_owned());
    match step {
        StepKind::ReviseEdition => {
            carry_out(ctx, ReviseEdition { case, seen, edition: edition(form), reason }).await?;
        }
        StepKind::CorrectScreening => {
            let transfer_to = form.value("transfer_to").to_owned();
            let correction = form.value("correction").to_owned();
            carry_out(ctx, CorrectScreening { case, seen, reason, transfer_to, correction }).await?;
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Tab::Screen)
}
