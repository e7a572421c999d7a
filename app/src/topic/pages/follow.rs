//! Being told of progress: a personal link to keep, a contact if one is left, and how to stop it.

use leptos::prelude::*;

use crate::access::Role;
use crate::case::stage::Stage;
use crate::case::{carry_out, store as cases};
use crate::error::Refusal;
use crate::ids::{CaseId, FollowId};
use crate::rules::{local_date, plain_date};
use crate::topic::steps::{FollowTopic, StopFollowing};
use crate::topic::store::{self, Follower, PublicTopic};
use crate::ui::{
    Answer, Button, ButtonKind, Checkbox, Event, EventKind, Field, FormSummary, LinkButton, RequestIdField, Section,
    TextInput, Timeline,
};
use crate::web::{Form, Outcome, Page, Request};

use super::topic::{crumbs, public};
use super::words::{self, Standing};

/// What the token of a follow link is for.
pub(crate) const PURPOSE: &str = "follow";
/// Events on the personal page.
const EVENTS: i64 = 50;

/// The form for a personal link.
///
/// # Errors
/// [`Refusal::NotFound`] for a topic that is not public; a conflict when it has ended.
pub async fn follow(req: &Request) -> Result<Page, Refusal> {
    let topic = public(req).await?;
    if topic.row.stage.0.is_ended() {
        return Err(Refusal::moved_on(format!("这件议题现在是「{}」，不会再有进展。", topic.row.stage.0.word())));
    }
    let form = req.form.clone();
    let request_id = req.request_id.to_string();
    Ok(Page::public("有进展告诉我", "/topics", move || {
        let case = topic.row.topic_id;
        let action = format!("/topics/{case}/follow");
        let contact = Field::of(&form, "contact", "手机号或邮箱")
            .optional()
            .hint("留了，有进展时干事会告诉您；不留，凭链接自己看")
            .private();
        let consent = Field::of(&form, "consent", "同意镇里为告知进展保存这个联系方式")
            .hint("只用来告知这件议题的进展，停止接收时立即删除")
            .private();
        view! {
            {crumbs(&topic, Some("有进展告诉我"))}
            <h1 class="title">"有进展告诉我"</h1>
            <p class="lead">{format!("关于「{}」。给您一个专用链接，打开就看得到新进展，不用注册。", topic.row.title)}</p>
            <FormSummary form=form/>
            <form class="form" method="post" action=action data-guard="">
                <RequestIdField id=request_id/>
                <TextInput field=contact/>
                <Checkbox field=consent/>
                <p class="hint"><a href="/privacy" target="_blank" rel="noopener">"看《个人信息处理规则》（在新窗口打开）"</a></p>
                <div class="actions">
                    <Button words="给我链接"/>
                    <LinkButton words="不用了，回议题" href=format!("/topics/{case}") kind=ButtonKind::Link/>
                </div>
            </form>
        }
        .into_any()
    }))
}

/// Takes the form and shows the link, this once.
///
/// # Errors
/// A contact that cannot be read or is not consented to; a conflict when the topic has ended.
pub async fn post_follow(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let ctx = &req.ctx;
    let case: CaseId = req.param("id")?;
    let contact = form.optional("contact");
    let told = contact.is_some();
    let follow = carry_out(
        ctx,
        FollowTopic { case, follow: Some(FollowId(ctx.new_id())), contact, consent: form.ticked("consent") },
    )
    .await?;
    let href = format!("/follow/{follow}/{}", ctx.secret.link_token(PURPOSE, follow.0, 0));
    let page = Page::public("您的专用链接", "/topics", move || {
        let more = told.then(|| view! { <p class="lead">"有进展时，干事也会按您留的联系方式告诉您。"</p> });
        view! {
            <h1 class="title">"这是您的专用链接"</h1>
            <p class="lead">"打开它，收藏那一页，以后从收藏里点开就能看。链接只在这里显示一次，请不要转给别人。"</p>
            {more}
            <div class="actions">
                <LinkButton words="打开我的进展页" href=href/>
                <LinkButton words="回到议题" href=format!("/topics/{case}") kind=ButtonKind::Second/>
            </div>
        }
        .into_any()
    })
    .private();
    Ok(Outcome::Page(page))
}

/// The follower of a signed link that still holds.
pub(crate) async fn follower(req: &Request) -> Result<Follower, Refusal> {
    let ctx = &req.ctx;
    let id: FollowId = req.param("id")?;
    let token: String = req.param("token")?;
    let follower = store::follower(&ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    if !ctx.secret.is_link_token(&token, PURPOSE, follower.follow_id.0, follower.generation) {
        return Err(Refusal::NotFound);
    }
    if follower.stopped_at.is_some() {
        return Err(Refusal::Gone("您已经停止接收这件议题的进展，这个链接不再有用。".to_owned()));
    }
    Ok(follower)
}

/// The personal page of a follower: where the topic stands and what happened.
///
/// # Errors
/// [`Refusal::NotFound`] for a link that was never given; [`Refusal::Gone`] for one that has ended.
pub async fn progress(req: &Request) -> Result<Page, Refusal> {
    let ctx = &req.ctx;
    let follower = follower(req).await?;
    let topic = store::public_topic(&ctx.db, follower.case_id)
        .await?
        .ok_or_else(|| Refusal::Gone("这件议题现在不公开，看不到进展。".to_owned()))?;
    let events: Vec<Event> = cases::events(&ctx.db, follower.case_id, true, EVENTS)
        .await?
        .into_iter()
        .map(|event| Event {
            when: plain_date(local_date(event.at)),
            says: event.words,
            detail: None,
            kind: if event.late { EventKind::Late } else { EventKind::Done },
        })
        .collect();
    let answer = standing_answer(req, &topic);
    let judged = match cases::find(&ctx.db, follower.case_id).await? {
        Some(case) => crate::evaluation::pages::is_open_for(ctx, &case).await?,
        None => false,
    };
    let handled = (topic.row.stage.0.ordinal() >= Stage::Minuted.ordinal())
        .then(|| crate::evaluation::pages::invited(judged, follower.case_id, &req.path));
    let action = req.path.clone();
    let form = req.form.clone();
    let request_id = req.request_id.to_string();
    let has_contact = follower.contact.is_some();
    Ok(Page::public("议题进展", "/topics", move || {
        let (sentence, waits) = answer;
        let case = topic.row.topic_id;
        let kept = if has_contact {
            "停止后，您留的联系方式立即删除，这个链接也不再有用。"
        } else {
            "停止后，这个链接不再有用。"
        };
        view! {
            <h1 class="title">{topic.row.title.clone()}</h1>
            <p class="meta">"这是您的专用页，请收藏，不要转给别人。"</p>
            <FormSummary form=form/>
            <Answer sentence waits/>
            {handled}
            <div class="actions"><LinkButton words="看议题全部内容" href=format!("/topics/{case}")/></div>
            <Section title="已经发生"><Timeline events/></Section>
            <Section title="不想再收到">
                <p class="small">{kept}</p>
                <form method="post" action=action data-guard="">
                    <RequestIdField id=request_id/>
                    <input type="hidden" name="action" value="stop"/>
                    <div class="actions"><Button words="停止接收进展" kind=ButtonKind::Second/></div>
                </form>
            </Section>
        }
        .into_any()
    })
    .private())
}

fn standing_answer(req: &Request, topic: &PublicTopic) -> (String, Option<String>) {
    let stage: Stage = topic.row.stage.0;
    let calendar = req.ctx.shared.calendar();
    Standing {
        town: &topic.row.town,
        stage,
        line: words::on_line(stage, topic.row.suspended_from.as_deref()),
        since: local_date(topic.stage_since),
        due: topic.row.due_on,
        state: words::due_state(&calendar, req.ctx.now(), stage, topic.row.due_on),
        waits_for: topic.row.waits_for.as_deref().and_then(Role::from_code),
    }
    .answer()
}

/// Takes the stop button.
///
/// # Errors
/// As [`progress`].
pub async fn post_progress(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    if form.value("action") != "stop" {
        return Err(Refusal::NotFound);
    }
    let follower = follower(req).await?;
    let (case, follow) = (follower.case_id, follower.follow_id);
    carry_out(&req.ctx, StopFollowing { case, follow }).await?;
    let page = Page::public("已停止", "/topics", move || {
        view! {
            <h1 class="title">"已经停止接收进展"</h1>
            <p class="lead">"联系方式已删除，先前的链接不再有用。想看的时候，议题页一直在。"</p>
            <div class="actions"><LinkButton words="看这件议题" href=format!("/topics/{case}")/></div>
        }
        .into_any()
    })
    .private();
    Ok(Outcome::Page(page))
}
