//! Who raised a topic: name, masked phone, the look at the phone, a new tracking code, other topics of the same contact.

use leptos::prelude::*;

use super::bench::{Bench, Tab};
use super::words::moment;
use super::{TOPICS, workspace};
use crate::access::StepKind;
use crate::case::carry_out;
use crate::case::store::Version;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::topic::lookup;
use crate::topic::model::{Ruling, masked_phone};
use crate::topic::steps::{ReissueCode, ViewContact};
use crate::topic::store::{Follower, Proposer, SameContact, contacts_to_tell, proposer};
use crate::ui::{Button, ButtonKind, Field, LinkButton, Section, TextInput};
use crate::web::{Form, Outcome, Page};

/// Looks at contacts that are listed; older ones are in the ledger.
const LOOKS: usize = 5;

/// The section of the overview.
pub(super) fn section(
    bench: &Bench,
    who: Option<&Proposer>,
    same: &[SameContact],
    rulings: &[Version<Ruling>],
) -> AnyView {
    let Some(who) = who else {
        return ().into_any();
    };
    let facts = if who.erased {
        view! { <p>"姓名、电话和原文已按本人要求删除。"</p> }.into_any()
    } else {
        let phone = if who.phone.is_empty() { "没有留".to_owned() } else { masked_phone(&who.phone) };
        let consent = if who.consent_public { "同意公开姓名" } else { "不公开姓名" };
        let joint =
            (who.joint_count > 1).then(|| view! { <dt>"联名"</dt><dd>{format!("{} 人", who.joint_count)}</dd> });
        let reached = who
            .reached_by
            .clone()
            .map(|how| view! { <dt>"代录"</dt><dd>{format!("{}，由干事代录", how_words(&how))}</dd> });
        view! {
            <dl class="facts">
                <dt>"姓名"</dt><dd>{format!("{}（{consent}）", who.name)}</dd>
                <dt>"电话"</dt><dd>{phone}</dd>
                {joint}
                {reached}
            </dl>
        }
        .into_any()
    };
    let has_phone = !who.erased && !who.phone.is_empty();
    let view_form = (has_phone && bench.offers(StepKind::ViewContact)).then(|| view_contact(bench));
    let code_form = (has_phone && bench.offers(StepKind::ReissueCode)).then(|| reissue(bench));
    let erase = (!who.erased && bench.may(StepKind::ErasePersonalData)).then(|| {
        let href = format!("{TOPICS}/{}/erase", bench.case.id);
        view! {
            <p class="actions"><LinkButton words="按本人要求删除个人信息" href=href kind=ButtonKind::Second small=true/></p>
        }
    });
    let (repeats, looks) = (repeats(same), looks(bench, rulings));
    view! {
        <Section title="提出人" side="只给办理的人看" id="proposer">
            {facts}
            {repeats}
            {view_form}
            {code_form}
            {looks}
            {erase}
        </Section>
    }
    .into_any()
}

/// How somebody was reached, in words.
fn how_words(how: &str) -> &str {
    super::record::REACHED.iter().find(|(code, _)| *code == how).map_or(how, |(_, word)| word)
}

fn repeats(same: &[SameContact]) -> Option<AnyView> {
    (!same.is_empty()).then(|| {
        let rows = same
            .iter()
            .map(|other| {
                let href = format!("{TOPICS}/{}", other.topic_id);
                let state = format!("（{}）", other.stage.0.word());
                view! { <li><a href=href>{other.sent_title.clone()}</a>{state}</li> }
            })
            .collect_view();
        view! {
            <p class="sub-head">{format!("同一联系人还有 {} 件在办", same.len())}</p>
            <ul class="short-list">{rows}</ul>
            <p class="hint">"只供核对是否重复，不是不收的理由。电话没有核实过，可能是别人填的。"</p>
        }
        .into_any()
    })
}

fn view_contact(bench: &Bench) -> AnyView {
    let state = bench.state(StepKind::ViewContact);
    let field = Field::of(&state, "purpose", "为什么要看电话")
        .within("view")
        .hint("例如：请提出人补一张照片。谁、什么时候、为什么看，都会留下记录。");
    let fields = view! {
        <TextInput field/>
        <div class="actions"><Button words="看电话" kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::ViewContact, (None, Some("view")), &state, fields);
    let open = state.refusal.is_some();
    view! { <details open=open><summary>"查看联系电话"</summary>{form}</details> }.into_any()
}

fn reissue(bench: &Bench) -> AnyView {
    let state = bench.state(StepKind::ReissueCode);
    let field = Field::of(&state, "phone", "来人报的手机号")
        .within("reissue")
        .narrow()
        .private()
        .autocomplete("off")
        .hint("请对方自己报，不要提示。和提出时留的一致，才补发；原来的查询码随即作废。");
    let fields = view! {
        <TextInput field kind="tel"/>
        <div class="actions"><Button words="核对并补发查询码" kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::ReissueCode, (None, Some("reissue")), &state, fields);
    let open = state.refusal.is_some();
    view! { <details open=open><summary>"查询码忘了，补发"</summary>{form}</details> }.into_any()
}

/// Who looked at the contacts, and what for.
fn looks(bench: &Bench, rulings: &[Version<Ruling>]) -> Option<AnyView> {
    let looks: Vec<&Version<Ruling>> =
        rulings.iter().filter(|v| v.record.what == StepKind::ViewContact.code()).collect();
    (!looks.is_empty()).then(|| {
        let rows = looks
            .iter()
            .take(LOOKS)
            .map(|v| {
                let who = v.author.clone().unwrap_or_else(|| "本机管理员".to_owned());
                view! { <li>{format!("{}，{who}：{}", moment(v.at, bench.today), v.record.reason)}</li> }
            })
            .collect_view();
        let title = format!("看过电话的记录（{} 次）", looks.len());
        view! { <details><summary>{title}</summary><ul class="short-list">{rows}</ul></details> }.into_any()
    })
}

/// Puts the look on record, then shows the contacts once.
///
/// # Errors
/// As the step.
pub(super) async fn show(ctx: &Ctx, case: CaseId, form: &Form) -> Result<Outcome, Refusal> {
    let purpose = form.value("purpose").to_owned();
    carry_out(ctx, ViewContact { case, purpose: purpose.clone() }).await?;
    let who = proposer(&ctx.db, case).await?.ok_or(Refusal::NotFound)?;
    let followers = contacts_to_tell(&ctx.db, case).await?;
    let back = if form.value("back") == Tab::Comments.code() { Tab::Comments } else { Tab::Overview };
    Ok(Outcome::Page(Page::desk("联系方式", TOPICS, move || {
        contacts_page(&who, followers, &purpose, back.address(case))
    })))
}

fn contacts_page(who: &Proposer, followers: Vec<Follower>, purpose: &str, back: String) -> AnyView {
    let phone = if who.phone.is_empty() { "没有留电话".to_owned() } else { who.phone.clone() };
    let told = (!followers.is_empty()).then(|| {
        let rows =
            followers.into_iter().filter_map(|f| f.contact).map(|contact| view! { <li>{contact}</li> }).collect_view();
        view! { <Section title="等着告知的关注者"><ul class="short-list">{rows}</ul></Section> }
    });
    view! {
        <h1 class="title title-work">"联系方式"</h1>
        <p class="meta">{format!("用途：{purpose}。这次查看已经记录在案。")}</p>
        <dl class="facts">
            <dt>"姓名"</dt><dd>{who.name.clone()}</dd>
            <dt>"电话"</dt><dd class="code">{phone}</dd>
        </dl>
        {told}
        <p class="hint">"离开这一页就不再显示，再看要再写一次用途。不要抄到别处。"</p>
        <p class="actions"><LinkButton words="看完了，回案卷" href=back/></p>
    }
    .into_any()
}

/// Gives a new code and shows it once.
///
/// # Errors
/// As the step.
pub(super) async fn give_code(ctx: &Ctx, case: CaseId, form: &Form) -> Result<Outcome, Refusal> {
    let generation = carry_out(ctx, ReissueCode { case, phone: form.value("phone").to_owned() }).await?;
    let code = lookup::tracking_code(&ctx.secret, case, generation).shown();
    Ok(workspace::code_page(
        "补发的查询码",
        "手机号核对一致。请把新的查询码告诉提出人，原来的已经作废。",
        code,
        case,
        None,
    ))
}
