//! `/desk/topics/{id}/people/{invitee}`: one person on the list: contact, correction, removal.

use leptos::prelude::*;

use super::{Board, TOPICS, address, person_fields, person_of};
use crate::access::StepKind;
use crate::case::carry_out;
use crate::error::{FormState, Refusal};
use crate::ids::InviteeId;
use crate::invitation::model::InviteeState;
use crate::invitation::steps::{CorrectPerson, EraseInvitee, RemovePerson, ViewInvitee};
use crate::invitation::store::{self, Invitee};
use crate::roster::model::{Purpose, masked_mail};
use crate::roster::pages::contact_page;
use crate::topic::model::masked_phone;
use crate::topic::pages::desk::inside;
use crate::ui::{
    Button, ButtonKind, Choice, Conflict, Field, FormSummary, RadioGroup, RequestIdField, Section, TextInput,
};
use crate::web::{Form, Outcome, Page, Request};

/// One person.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for somebody who is on no list of this case.
pub async fn person(req: &Request) -> Result<Page, Refusal> {
    let board = Board::load(req).await?;
    let id: InviteeId = req.param("invitee")?;
    let found = store::invitee(&req.ctx.db, board.case.id, id).await?.ok_or(Refusal::NotFound)?;
    let name = if found.name.is_empty() { "已按本人要求删除".to_owned() } else { found.name.clone() };
    Ok(Page::desk(name.clone(), TOPICS, move || {
        let state = found.state.0;
        let edits = board.edits()
            && board.meeting.as_ref().is_some_and(|meeting| meeting.meeting_id == found.meeting_id)
            && state.stands()
            && state != InviteeState::Substituted;
        let or_none = |text: &str, masked: fn(&str) -> String| {
            if text.is_empty() { "没有留".to_owned() } else { masked(text) }
        };
        let meta = format!("{} / {}", found.category.0.word(), state.word());
        let look = board.may(StepKind::ViewInvitee).then(|| look(&board, &found));
        // After the meeting the name and whether it may be shown can still be put right.
        let was_there = board.meeting.as_ref().is_some_and(|m| m.meeting_id == found.meeting_id && m.state == "held");
        let corrects = edits || (was_there && state.stands() && board.may(StepKind::CorrectPerson));
        let correct = corrects.then(|| correct(&board, &found));
        let remove = edits.then(|| remove(&board));
        let erase = (board.may(StepKind::EraseInvitee) && !found.name.is_empty()).then(|| erase(&board));
        let from = if found.organisation.is_empty() { "没有写".to_owned() } else { found.organisation.clone() };
        let consent = if found.consent_public { "同意公开姓名" } else { "不公开姓名" };
        view! {
            {board.crumbs(&name)}
            <h1 class="title title-work">{name}</h1>
            <p class="meta">{meta}</p>
            <dl class="facts">
                <dt>"单位"</dt><dd>{from}</dd>
                {(!found.sector.is_empty()).then(|| view! { <dt>"界别"</dt><dd>{found.sector.clone()}</dd> })}
                <dt>"电话"</dt><dd>{or_none(&found.phone, masked_phone)}</dd>
                <dt>"邮箱"</dt><dd>{or_none(&found.mail, masked_mail)}</dd>
                <dt>"姓名"</dt><dd>{consent}</dd>
            </dl>
            {look}
            {correct}
            {remove}
            {erase}
        }
        .into_any()
    }))
}

/// A form of this page.
fn form(board: &Board, action: &'static str, fields: impl IntoView + 'static) -> AnyView {
    let state = board.form.of_action(action);
    let wrong = match &state.refusal {
        Some(Refusal::Conflict { sentence, differences }) if !differences.is_empty() => {
            view! { <Conflict sentence=sentence.clone() differences=differences.clone()/> }.into_any()
        }
        _ => view! { <FormSummary form=state within=action/> }.into_any(),
    };
    view! {
        <form class="form" method="post">
            {wrong}
            <RequestIdField id=board.request_id.clone()/>
            <input type="hidden" name="action" value=action/>
            {fields}
        </form>
    }
    .into_any()
}

fn look(board: &Board, found: &Invitee) -> Option<AnyView> {
    let state: FormState = board.form.of_action("view");
    let open = state.refusal.is_some();
    let field =
        Field::of(&state, "purpose", "为什么要看").within("view").hint("谁、什么时候、为什么看，都会留下记录。");
    let options = Purpose::ALL.into_iter().map(|purpose| Choice::new(purpose.code(), purpose.word())).collect();
    let fields = view! {
        <RadioGroup field options/>
        <div class="actions"><Button words="看一次" kind=ButtonKind::Second/></div>
    };
    let has_contact = !found.phone.is_empty() || !found.mail.is_empty();
    has_contact.then(|| {
        let form = form(board, "view", fields);
        view! { <details open=open><summary>"看电话和邮箱"</summary>{form}</details> }.into_any()
    })
}

fn correct(board: &Board, found: &Invitee) -> AnyView {
    let state = board.form.of_action("correct");
    let fields = view! {
        <input type="hidden" name="seen" value=found.ledger_seq.to_string()/>
        {person_fields(&state, "correct", Some(&found.form()))}
        <div class="actions"><Button words="记下更正"/></div>
    };
    let form = form(board, "correct", fields);
    view! { <Section title="更正" id="correct">{form}</Section> }.into_any()
}

fn remove(board: &Board) -> AnyView {
    let state = board.form.of_action("remove");
    let field =
        Field::of(&state, "reason", "为什么移出").within("remove").hint("不要写姓名和电话，例如：单位另派了人。");
    let fields = view! {
        <TextInput field/>
        <div class="actions"><Button words="移出名单" kind=ButtonKind::Second/></div>
    };
    let form = form(board, "remove", fields);
    view! { <Section title="移出名单" id="remove">{form}</Section> }.into_any()
}

fn erase(board: &Board) -> AnyView {
    let state = board.form.of_action("erase");
    let open = state.refusal.is_some();
    let field = Field::of(&state, "reason", "谁要求删除、怎么核实的")
        .within("erase")
        .hint("不要写姓名和电话，例如：本人到镇工委当面提出。删了就找不回来。");
    let fields = view! {
        <TextInput field/>
        <div class="actions"><Button words="删除这个人的信息" kind=ButtonKind::Second/></div>
    };
    let form = form(board, "erase", fields);
    view! { <details open=open><summary>"本人要求删除个人信息"</summary>{form}</details> }.into_any()
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps.
pub async fn post_person(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let ctx = &req.ctx;
    let case = inside(ctx, req.param("id")?).await?.id;
    let invitee: InviteeId = req.param("invitee")?;
    let found = store::invitee(&ctx.db, case, invitee).await?.ok_or(Refusal::NotFound)?;
    match form.value("action") {
        "view" => {
            let purpose = Purpose::from_code(form.value("purpose"))
                .ok_or_else(|| Refusal::field("purpose", "请选一项为什么要看，会留下记录。"))?;
            carry_out(ctx, ViewInvitee { case, invitee, purpose }).await?;
            let back = format!("{}/{invitee}", address(case));
            Ok(Outcome::Page(Page::desk("联系方式", TOPICS, move || {
                contact_page(&found.name, (&found.phone, &found.mail), purpose.word(), back)
            })))
        }
        "correct" => {
            let seen = form.parse("seen", "这一页不完整，请刷新后再提交。")?;
            let person = person_of(&form, &found.form());
            carry_out(ctx, CorrectPerson { case, invitee, seen, form: person }).await?;
            Ok(Outcome::SeeOther(format!("{}?done=corrected#list", address(case))))
        }
        "remove" => {
            let reason = form.value("reason").to_owned();
            carry_out(ctx, RemovePerson { case, invitee, reason }).await?;
            Ok(Outcome::SeeOther(format!("{}?done=removed#meter", address(case))))
        }
        "erase" => {
            let reason = form.value("reason").to_owned();
            carry_out(ctx, EraseInvitee { case, invitee, reason }).await?;
            Ok(Outcome::SeeOther(format!("{}?done=erased#list", address(case))))
        }
        _ => Err(Refusal::NotFound),
    }
}
