//! What those who were there say of the draft, and the recorder's answers.

use leptos::prelude::*;

use super::sheet::Sheet;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::error::Refusal;
use crate::ids::ReplyId;
use crate::minutes::model::{EditionState, Said, Section as Part, hide};
use crate::minutes::steps::{AnswerCorrection, ReplyToMinutes};
use crate::minutes::store::{Minutes, Reply};
use crate::rules::plain_date;
use crate::topic::pages::desk::{Bench, moment};
use crate::ui::{Button, ButtonKind, Choice, Field, RadioGroup, Section, Select, TextArea};
use crate::web::{Form, Request};

/// The sections as choices.
pub(super) fn parts() -> Vec<Choice> {
    Part::ALL.iter().map(|part| Choice::new(part.code(), part.word())).collect()
}

/// Who has said what; answering, and noting what somebody said on the telephone.
pub(super) fn view(bench: &Bench, sheet: &Sheet, edition: &Minutes) -> Option<AnyView> {
    let until = edition.until?;
    let there = || {
        let record = sheet.record.iter().filter(|record| record.presence.day.meeting_id == edition.meeting_id);
        record.flat_map(|record| record.presence.people.iter()).filter(|one| one.check_in_id.is_some())
    };
    let (all, said) = (there().count(), there().filter(|one| has_said(sheet, one.invitee_id.0)).count());
    let is_on = edition.state.0 == EditionState::Circulating;
    let lead = format!("到会 {all} 位，{said} 位回过话。核对到{}为止，没有回的不算反对。", plain_date(until));
    let asked: Vec<_> =
        sheet.replies.iter().filter(|one| one.asks()).map(|one| row(bench, sheet, edition, one)).collect();
    let mut agreed: Vec<String> = sheet.replies.iter().filter(|one| !one.asks()).map(|one| one.name.clone()).collect();
    agreed.sort_unstable();
    agreed.dedup();
    let silent: Vec<String> =
        there().filter(|one| !has_said(sheet, one.invitee_id.0)).map(|one| one.name.clone()).collect();
    let silent = (is_on && !silent.is_empty())
        .then(|| view! { <p class="small">{format!("还没有回的：{}。", silent.join("、"))}</p> });
    let agreed = (!agreed.is_empty()).then(|| view! { <p>{format!("同意的：{}。", agreed.join("、"))}</p> });
    let nothing = asked.is_empty().then(|| view! { <p class="empty">"还没有人要求更正。"</p> });
    let form = (is_on && bench.today <= until && bench.may(StepKind::ReplyToMinutes)).then(|| {
        let state = bench.state(StepKind::ReplyToMinutes);
        let people = there()
            .map(|one| Choice::new(one.invitee_id.to_string(), format!("{} {}", one.name, one.category.0.word())));
        let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("call");
        let how = vec![Choice::new("yes", "同意草稿"), Choice::new("no", "要更正")];
        let fields = view! {
            <input type="hidden" name="minutes" value=edition.minutes_id.to_string()/>
            <Select field=field("invitee", "谁打来的") options=people.collect() blank="请选"/>
            <RadioGroup field=field("agrees", "怎么说") options=how/>
            <Select field=field("section", "哪一段").optional() options=parts() blank="同意的不用选"/>
            <TextArea field=field("words", "怎么改").optional() rows=3/>
            <div class="actions"><Button words="照他说的记下" kind=ButtonKind::Second/></div>
        };
        let form = bench.form(StepKind::ReplyToMinutes, (None, Some("call")), &state, fields);
        view! { <details open=state.refusal.is_some()><summary>"有人打电话来说"</summary>{form}</details> }
    });
    Some(
        view! {
            <Section title="到会的人核对" id="replies">
                <p class="hint">{lead}</p>
                {nothing}
                <ul class="short-list">{asked}</ul>
                {agreed}
                {silent}
                {form}
            </Section>
        }
        .into_any(),
    )
}

fn has_said(sheet: &Sheet, invitee: uuid::Uuid) -> bool {
    sheet.replies.iter().any(|one| one.invitee_id.0 == invitee)
}

fn row(bench: &Bench, sheet: &Sheet, edition: &Minutes, reply: &Reply) -> AnyView {
    let part = reply.section.as_deref().and_then(Part::from_code).map_or("", Part::word);
    let by = reply.recorded_by.as_ref().map(|who| format!("，{who}代记")).unwrap_or_default();
    let head =
        format!("{}（{}），{}{by}，「{part}」", reply.name, reply.category.0.word(), moment(reply.at, bench.today));
    let words = if reply.words.is_empty() { "（已删除）".to_owned() } else { sheet.inside(&reply.words) };
    let answer = reply.answer.as_ref().map(|answer| {
        let how = if reply.accepted == Some(true) { "改了" } else { "没有改" };
        let at = reply.answered_at.map(|at| moment(at, bench.today)).unwrap_or_default();
        view! { <p class="caption">{format!("{how}，{at}：{}", sheet.inside(answer))}</p> }
    });
    let may = reply.is_open() && edition.state.0 == EditionState::Circulating && bench.may(StepKind::AnswerCorrection);
    let form = may.then(|| {
        let refused = bench.state(StepKind::AnswerCorrection);
        let id = reply.reply_id.to_string();
        let state = if refused.value("reply") == id { refused } else { crate::error::FormState::default() };
        let field = |name: &str, label: &'static str| Field::of(&state, name, label).within(&id);
        let how = vec![Choice::new("yes", "改了，正文已经照改"), Choice::new("no", "不改")];
        let wrong = crate::topic::pages::desk::what_was_wrong(&state, None);
        view! {
            <form class="form" method="post" action=bench.address()>
                {wrong}
                <crate::ui::RequestIdField id=bench.request_id.clone()/>
                <input type="hidden" name="action" value=StepKind::AnswerCorrection.code()/>
                <input type="hidden" name="minutes" value=edition.minutes_id.to_string()/>
                <input type="hidden" name="reply" value=id.clone()/>
                <RadioGroup field=field("accepted", "怎么处理") options=how/>
                <TextArea field=field("answer", "答复") rows=2/>
                <div class="actions"><Button words="答复" kind=ButtonKind::Second small=true/></div>
            </form>
        }
    });
    view! { <li><p class="caption">{head}</p><p class="said">{words}</p>{answer}{form}</li> }.into_any()
}

/// What a form says of the draft, with marks in place of names.
pub(super) fn said(form: &Form, people: &[crate::minutes::model::Named]) -> Result<Said, Refusal> {
    match form.value("agrees") {
        "yes" => Ok(Said::Agrees),
        "no" => {
            let section = Part::from_code(form.value("section"));
            if section.is_none() && !form.value("section").is_empty() {
                return Err(Refusal::field("section", "请从名单里选一段。"));
            }
            Ok(Said::Correction { section, words: hide(form.value("words"), people) })
        }
        _ => Err(Refusal::field("agrees", "请选：同意，还是要更正。")),
    }
}

/// Takes the forms of this part.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for another step.
pub(super) async fn take(req: &Request, sheet: &Sheet, (step, form): (StepKind, &Form)) -> Result<(), Refusal> {
    let (ctx, case) = (&req.ctx, req.param("id")?);
    let minutes = form.parse("minutes", "这一页不完整，请刷新后再提交。")?;
    match step {
        StepKind::ReplyToMinutes => {
            let invitee = form.optional("invitee").map(|_| form.parse("invitee", "请选是谁打来的。")).transpose()?;
            let said = said(form, &sheet.people)?;
            carry_out(ctx, ReplyToMinutes { case, minutes, invitee, reply: Some(ReplyId(ctx.new_id())), said }).await
        }
        StepKind::AnswerCorrection => {
            let accepted = match form.value("accepted") {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            };
            let reply = form.parse("reply", "这一条找不到了，请刷新页面。")?;
            let answer = hide(form.value("answer"), &sheet.people);
            carry_out(ctx, AnswerCorrection { case, minutes, reply, accepted, answer }).await
        }
        _ => Err(Refusal::NotFound),
    }
}
