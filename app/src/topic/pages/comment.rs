//! Writing a comment under a topic, and pointing one out to the officer.

use leptos::prelude::*;

use crate::case::carry_out;
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, CommentId};
use crate::rules::{CommentRelease, RuleSet, local_date, plain_date};
use crate::topic::model::ShownName;
use crate::topic::steps::{AddComment, ReportComment};
use crate::topic::store::{PublicComment, PublicTopic};
use crate::town;
use crate::ui::{
    Button, ButtonKind, Choice, Field, FormSummary, LinkButton, RadioGroup, RequestIdField, TextArea, TextInput,
};
use crate::web::{Form, Outcome, Page, Request};

use super::topic::{crumbs, one_comment, public};

/// The name under which the browser keeps the draft.
fn draft(case: CaseId) -> String {
    format!("comment:{case}")
}

/// The comment of the query or the form that is answered or pointed out.
async fn named(req: &Request, topic: &PublicTopic, id: &str, thread: &str) -> Result<PublicComment, Refusal> {
    let comment: CommentId = id.parse().map_err(|_| Refusal::NotFound)?;
    let thread: CommentId = thread.parse().map_err(|_| Refusal::NotFound)?;
    one_comment(&req.ctx, topic.row.topic_id, thread, comment).await?.ok_or(Refusal::NotFound)
}

fn quoted(comment: &PublicComment) -> impl IntoView + use<> {
    let head = format!("{}，{}：", comment.shown_name, plain_date(local_date(comment.at)));
    let body = comment.body.clone();
    view! { <blockquote class="quote"><p>{head}</p><p class="said">{body}</p></blockquote> }
}

/// The fields of everything that a resident writes in public: the text, and how the name is shown.
pub(super) fn writing(form: &FormState, label: &'static str, rules: &RuleSet) -> AnyView {
    let text = Field::of(form, "body", label)
        .hint("说事就好。请不要写电话、证件号和别人的隐私")
        .max(usize::try_from(rules.topic.comment_max).unwrap_or(usize::MAX));
    let options =
        [ShownName::Masked, ShownName::None, ShownName::Full].map(|how| Choice::new(how.code(), how.word())).to_vec();
    let shown = Field::of(form, "how", "名字怎么显示").or(ShownName::Masked.code());
    let name = Field::of(form, "name", "您的姓名")
        .optional()
        .hint("选“不显示姓名”就不用填")
        .private()
        .narrow()
        .autocomplete("name")
        .max(usize::try_from(rules.topic.name_max).unwrap_or(usize::MAX));
    view! {
        <TextArea field=text/>
        <RadioGroup field=shown options/>
        <TextInput field=name/>
        <p class="hint">"您写的姓名只按您选的样子保存和公开，见"<a href="/privacy">"个人信息处理规则"</a>"。"</p>
    }
    .into_any()
}

/// When what was written becomes public.
pub(super) const fn released_when(rules: &RuleSet) -> &'static str {
    match rules.topic.comment_release {
        CommentRelease::Hold => "干事看过后公开。",
        CommentRelease::Open => "提交后就公开。",
    }
}

/// The form for a comment; with `?to=` an answer to one.
///
/// # Errors
/// [`Refusal::NotFound`] for a topic that is not public; a conflict when it has ended.
pub async fn comment(req: &Request) -> Result<Page, Refusal> {
    let ctx = &req.ctx;
    let topic = public(req).await?;
    if topic.row.stage.0.is_ended() {
        return Err(Refusal::moved_on(format!("这件议题现在是「{}」，不再接收新的留言。", topic.row.stage.0.word())));
    }
    let (_, rules) = town::rules::in_force(&ctx.db, &ctx.shared, &topic.town_id, ctx.now()).await?;
    let to = match req.form.value("to") {
        "" => req.query("to").to_owned(),
        sent => sent.to_owned(),
    };
    let answered = if to.is_empty() {
        None
    } else {
        // What was hidden in the meantime is said by the step, with the text still in the form.
        named(req, &topic, &to, &to).await.ok()
    };
    let form = req.form.clone();
    let request_id = req.request_id.to_string();
    Ok(Page::public("说几句", "/topics", move || {
        let case = topic.row.topic_id;
        let action = format!("/topics/{case}/comment");
        // What is said to one neighbour is not put under another's words.
        let kept = format!("{}:{to}", draft(case));
        let about = format!("关于「{}」。{}", topic.row.title, released_when(&rules));
        let fields = writing(&form, "您想说什么", &rules);
        let answered = answered.map(|comment| {
            let back = quoted(&comment);
            view! { <h2 class="sub-head">"回应这一条"</h2>{back} }
        });
        view! {
            {crumbs(&topic, Some("说几句"))}
            <h1 class="title">"我也说几句"</h1>
            <p class="meta">{about}</p>
            {answered}
            <FormSummary form=form/>
            <form class="form" method="post" action=action data-draft=kept data-guard="">
                <RequestIdField id=request_id/>
                <input type="hidden" name="to" value=to/>
                {fields}
                <div class="actions">
                    <Button words="提交留言"/>
                    <LinkButton words="不说了，回议题" href=format!("/topics/{case}") kind=ButtonKind::Link/>
                </div>
            </form>
        }
        .into_any()
    }))
}

/// Takes a comment; the page after it says whether it waits for the officer.
///
/// # Errors
/// What is missing in the form; a conflict when the topic has ended or the answered comment is gone.
pub async fn post_comment(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let ctx = &req.ctx;
    let case: CaseId = req.param("id")?;
    let parent = form.optional("to").map(|id| id.parse().map_err(|_| Refusal::NotFound)).transpose()?;
    let open = carry_out(
        ctx,
        AddComment {
            case,
            comment: Some(CommentId(ctx.new_id())),
            parent,
            name: form.value("name").to_owned(),
            how: ShownName::from_code(form.value("how")),
            body: form.value("body").to_owned(),
            stance: None,
        },
    )
    .await?;
    let mut page = Page::public("留言已收到", "/topics", move || {
        let (title, lead) = if open {
            ("留言已经公开", "谢谢您。镇里会看，有要答复的会写在您的留言下面。")
        } else {
            ("留言已收到，等干事看过", "谢谢您。干事看过后公开；里面有不便公开的内容，就不放出来。")
        };
        view! {
            <h1 class="title">{title}</h1>
            <p class="lead">{lead}</p>
            <div class="actions"><LinkButton words="回到议题" href=format!("/topics/{case}#said")/></div>
        }
        .into_any()
    })
    .private();
    page.draft_done = Some(draft(case));
    Ok(Outcome::Page(page))
}

/// The page on which a comment is pointed out to the officer.
///
/// # Errors
/// [`Refusal::NotFound`] for a comment that is not shown.
pub async fn report(req: &Request) -> Result<Page, Refusal> {
    let topic = public(req).await?;
    let of = |name: &str| match req.form.value(name) {
        "" => req.query(name).to_owned(),
        sent => sent.to_owned(),
    };
    let (id, thread) = (of("comment"), of("thread"));
    let comment = named(req, &topic, &id, &thread).await?;
    let form = req.form.clone();
    let request_id = req.request_id.to_string();
    Ok(Page::public("反映一条留言", "/topics", move || {
        let case = topic.row.topic_id;
        let action = format!("/topics/{case}/report");
        view! {
            {crumbs(&topic, Some("反映留言"))}
            <h1 class="title">"反映这条留言"</h1>
            <p class="lead">"骂人、泄露别人隐私、和这件事无关、做广告的，请告诉我们。干事看过再定留不留，不公开是谁反映的。"</p>
            {quoted(&comment)}
            <FormSummary form=form/>
            <form class="form" method="post" action=action data-guard="">
                <RequestIdField id=request_id/>
                <input type="hidden" name="comment" value=id/>
                <input type="hidden" name="thread" value=thread/>
                <div class="actions">
                    <Button words="反映给干事"/>
                    <LinkButton words="不反映了，回议题" href=format!("/topics/{case}#said") kind=ButtonKind::Link/>
                </div>
            </form>
        }
        .into_any()
    })
    .private())
}

/// Takes the pointing out.
///
/// # Errors
/// A conflict when this browser pointed it out already.
pub async fn post_report(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let case: CaseId = req.param("id")?;
    let comment: CommentId = form.value("comment").parse().map_err(|_| Refusal::NotFound)?;
    carry_out(&req.ctx, ReportComment { case, comment }).await?;
    let page = Page::public("已反映", "/topics", move || {
        view! {
            <h1 class="title">"已告诉干事"</h1>
            <p class="lead">"谢谢您。干事看过再定这条留言留不留。"</p>
            <div class="actions"><LinkButton words="回到议题" href=format!("/topics/{case}#said")/></div>
        }
        .into_any()
    })
    .private();
    Ok(Outcome::Page(page))
}
