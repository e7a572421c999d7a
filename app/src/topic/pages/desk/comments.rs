//! 留言: what waits for the officer first; answers, supports that were held, followers to be told.

use leptos::prelude::*;

use super::TOPICS;
use super::bench::{Bench, Tab, what_was_wrong};
use super::words::moment;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, CommentId};
use crate::invitation::answer::steps::stance_word;
use crate::rules::CommentRelease;
use crate::topic::model::masked_phone;
use crate::topic::steps::{AnswerComment, DecideHeldSupport, HideComment, NoteFollowersTold, ReleaseComment};
use crate::topic::store::{Follower, WaitingComment};
use crate::ui::{Button, ButtonKind, Choice, Empty, Field, RadioGroup, RequestIdField, Section, TextArea, TextInput};
use crate::web::Form;

/// Comments that are read for the part.
pub(super) const MOST: i64 = 100;

/// What the part shows besides the topic itself.
pub(super) struct Talk {
    pub(super) comments: Vec<WaitingComment>,
    pub(super) held_supports: i64,
    pub(super) followers: Vec<Follower>,
}

/// Whether a comment waits for the officer.
fn waits(comment: &WaitingComment) -> bool {
    comment.state == "held" || comment.reports > 0
}

/// The state of a comment in a word.
fn state_word(comment: &WaitingComment) -> String {
    match (comment.state.as_str(), comment.reports) {
        ("held", _) => "等放行".to_owned(),
        ("released", 0) => "已公开".to_owned(),
        ("released", n) => format!("已公开，{n} 人反映"),
        (_, _) => "没有公开".to_owned(),
    }
}

/// The part.
pub(super) fn view(bench: &Bench, data: Talk) -> AnyView {
    let full = i64::try_from(data.comments.len()).unwrap_or(i64::MAX) >= MOST;
    let (waiting, rest): (Vec<_>, Vec<_>) = data.comments.into_iter().partition(waits);
    let release = match bench.rules.topic.comment_release {
        CommentRelease::Hold => "留言由干事看过再公开（本镇设定）。",
        CommentRelease::Open => "留言立即公开（本镇设定）；来得太密的先留着等您看。",
    };
    let count = (!waiting.is_empty()).then(|| format!("{} 条", waiting.len()));
    let first = if waiting.is_empty() {
        view! { <Empty sentence="没有等您看的留言。"/> }.into_any()
    } else {
        list(bench, waiting)
    };
    let rest = (!rest.is_empty()).then(|| {
        let shown = list(bench, rest);
        view! { <Section title="看过的" side="新的在前">{shown}</Section> }
    });
    let more = full.then(|| {
        let words = format!("只列出最近的 {MOST} 条。");
        view! { <p class="caption">{words}</p> }
    });
    view! {
        {held_supports(bench, data.held_supports)}
        <Section title="等您看的留言" side=count id="waiting">
            <p class="hint">{release}</p>
            {first}
        </Section>
        {rest}
        {more}
        {followers(bench, &data.followers)}
    }
    .into_any()
}

fn list(bench: &Bench, comments: Vec<WaitingComment>) -> AnyView {
    let rows = comments.into_iter().map(|comment| one(bench, comment)).collect_view();
    view! { <ul class="comments">{rows}</ul> }.into_any()
}

fn one(bench: &Bench, comment: WaitingComment) -> impl IntoView + use<> {
    let id = comment.comment_id;
    let state = state_word(&comment);
    let stance = comment.stance.as_deref().map(|stance| {
        let words = format!("会前意见：{}", stance_word(stance));
        view! { <span class="tag">{words}</span> }
    });
    let decide = bench.may(StepKind::ReleaseComment).then(|| decision(bench, &comment));
    let answer = (comment.state == "released" && bench.offers(StepKind::AnswerComment)).then(|| answer_form(bench, id));
    let erase = bench.may(StepKind::ErasePersonalData).then(|| {
        let href = format!("{TOPICS}/{}/erase?what=comment:{id}", bench.case.id);
        view! { <a class="link" href=href>"按本人要求删除"</a> }
    });
    view! {
        <li id=format!("comment-{id}")>
            <p class="comment-head">
                <b>{comment.shown_name}</b>
                <span>{moment(comment.at, bench.today)}</span>
                {stance}
                <span class="tag">{state}</span>
            </p>
            <p class="comment-text">{comment.body}</p>
            <div class="comment-acts">{decide}{erase}</div>
            {answer}
        </li>
    }
}

/// The buttons of a comment: what they do depends on its state.
fn decision(bench: &Bench, comment: &WaitingComment) -> AnyView {
    let (release, hide) = (StepKind::ReleaseComment.code(), StepKind::HideComment.code());
    let buttons = match (comment.state.as_str(), comment.reports) {
        ("released", 0) => vec![(hide, "不再公开")],
        ("released", _) => vec![(release, "没有问题，继续公开"), (hide, "不再公开")],
        ("hidden", _) => vec![(release, "公开")],
        (_, _) => vec![(release, "放行"), (hide, "不放行")],
    };
    let waiting = waits(comment);
    let matter: String = comment.body.chars().take(20).collect();
    let buttons = buttons
        .into_iter()
        .map(|(action, words)| {
            let class = if waiting { "btn second small" } else { "link" };
            let matter = format!("：{matter}");
            view! { <button class=class type="submit" name="action" value=action>{words}<span class="sr">{matter}</span></button> }
        })
        .collect_view();
    view! {
        <form class="actions" method="post" action=bench.address()>
            <RequestIdField id=bench.request_id.clone()/>
            <input type="hidden" name="comment" value=comment.comment_id.to_string()/>
            {buttons}
        </form>
    }
    .into_any()
}

fn answer_form(bench: &Bench, id: CommentId) -> AnyView {
    let state = bench.state(StepKind::AnswerComment);
    // The page has one such form for each comment: only the one that was sent is filled again.
    let state = if state.value("comment") == id.to_string() { state } else { FormState::default() };
    let open = state.refusal.is_some();
    let within = format!("answer-{id}");
    let body = Field::of(&state, "body", "回应")
        .within(&within)
        .max(usize::try_from(bench.rules.topic.comment_max).unwrap_or(usize::MAX))
        .hint(format!("以「{}政协工委」的名义，马上公开。", bench.town.short_name));
    let wrong = open.then(|| what_was_wrong(&state, None));
    view! {
        <details open=open>
            <summary>"回应这条留言"</summary>
            <form class="form" method="post" action=bench.address()>
                {wrong}
                <RequestIdField id=bench.request_id.clone()/>
                <input type="hidden" name="action" value=StepKind::AnswerComment.code()/>
                <input type="hidden" name="comment" value=id.to_string()/>
                <TextArea field=body rows=3/>
                <div class="actions"><Button words="公开回应" kind=ButtonKind::Second/></div>
            </form>
        </details>
    }
    .into_any()
}

fn held_supports(bench: &Bench, n: i64) -> Option<AnyView> {
    if n == 0 {
        return None;
    }
    let form = bench.offers(StepKind::DecideHeldSupport).then(|| {
        let state = bench.state(StepKind::DecideHeldSupport);
        let count = Field::of(&state, "count", "核对下来").within("held");
        let options = vec![Choice::new("yes", "是真的关心，计入"), Choice::new("no", "像是重复点的，不计入")];
        let reason = Field::of(&state, "reason", "怎么核对的").within("held");
        let fields = view! {
            <RadioGroup field=count options=options/>
            <TextInput field=reason/>
            <div class="actions"><Button words="记下核对结果" kind=ButtonKind::Second/></div>
        };
        bench.form(StepKind::DecideHeldSupport, (None, Some("held")), &state, fields)
    });
    let words = format!("有 {n} 次关心先留着，等核对");
    let limit = bench.rules.topic.support_per_prefix_day;
    let why = format!("同一网段一天超过 {limit} 次的先留着（本镇设定）：也许是一个村共用一条线路，也许是重复点的。");
    Some(
        view! {
            <Section title=words id="held-supports"><p class="hint">{why}</p>{form}</Section>
        }
        .into_any(),
    )
}

/// A contact of which enough is hidden: of a number the middle, of an address all but its beginning and its host.
fn masked(contact: &str) -> String {
    match contact.split_once('@') {
        Some((name, host)) => format!("{}***@{host}", name.chars().take(1).collect::<String>()),
        None => masked_phone(contact),
    }
}

fn followers(bench: &Bench, followers: &[Follower]) -> AnyView {
    if followers.is_empty() {
        return ().into_any();
    }
    let rows = followers
        .iter()
        .map(|f| {
            let contact = f.contact.as_deref().map(masked).unwrap_or_default();
            let told = f.told_at.map(|at| format!("，上次告知 {}", moment(at, bench.today))).unwrap_or_default();
            let erase = bench.may(StepKind::ErasePersonalData).then(|| {
                let href = format!("{TOPICS}/{}/erase?what=follower:{}", bench.case.id, f.follow_id);
                view! { " " <a href=href>"按本人要求删除"</a> }
            });
            view! { <li>{format!("{contact}{told}")}{erase}</li> }
        })
        .collect_view();
    let look = bench.offers(StepKind::ViewContact).then(|| {
        let state = bench.state(StepKind::ViewContact);
        let field = Field::of(&state, "purpose", "为什么要看").within("told").or("告知关注者进展");
        let fields = view! {
            <input type="hidden" name="back" value=Tab::Comments.code()/>
            <TextInput field/>
            <div class="actions"><Button words="看完整的联系方式" kind=ButtonKind::Second/></div>
        };
        bench.form(StepKind::ViewContact, (None, Some("told")), &state, fields)
    });
    let note = bench.may(StepKind::NoteFollowersTold).then(|| {
        view! {
            <form method="post" action=bench.address()>
                <RequestIdField id=bench.request_id.clone()/>
                <div class="actions">
                    <Button words="都告知了，记下来" kind=ButtonKind::Second name="action" value=StepKind::NoteFollowersTold.code()/>
                </div>
            </form>
        }
    });
    let title = format!("{} 位关注者等着告知", followers.len());
    let why = format!(
        "议题已经变为「{}」，他们留了联系方式，还没有告诉他们。打过电话、发过消息后，记下来。",
        bench.case.stage().word()
    );
    view! {
        <Section title=title id="followers">
            <p class="hint">{why}</p>
            <ul class="short-list">{rows}</ul>
            {look}
            {note}
        </Section>
    }
    .into_any()
}

/// Carries out what concerns comments, supports and followers.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for another.
pub(super) async fn decide(ctx: &Ctx, case: CaseId, step: StepKind, form: &Form) -> Result<Tab, Refusal> {
    let comment = || form.value("comment").parse::<CommentId>().map_err(|_| Refusal::NotFound);
    match step {
        StepKind::ReleaseComment => carry_out(ctx, ReleaseComment { case, comment: comment()? }).await?,
        StepKind::HideComment => carry_out(ctx, HideComment { case, comment: comment()? }).await?,
        StepKind::AnswerComment => {
            let step = AnswerComment {
                case,
                comment: Some(CommentId(ctx.new_id())),
                parent: comment()?,
                body: form.value("body").to_owned(),
            };
            carry_out(ctx, step).await?;
        }
        StepKind::DecideHeldSupport => {
            let count = super::screen_form::yes_or_no(form.value("count"))
                .ok_or_else(|| Refusal::field("count", "请选计入还是不计入。"))?;
            carry_out(ctx, DecideHeldSupport { case, count, reason: form.value("reason").to_owned() }).await?;
        }
        StepKind::NoteFollowersTold => {
            carry_out(ctx, NoteFollowersTold { case }).await?;
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Tab::Comments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_says_its_state() {
        let comment = |state: &str, reports| WaitingComment {
            comment_id: CommentId(uuid::Uuid::nil()),
            shown_name: "居民 王**".to_owned(),
            body: "灯不亮".to_owned(),
            stance: None,
            state: state.to_owned(),
            reports,
            at: "2026-11-18T01:00:00Z".parse().unwrap(),
        };
        for (state, reports, word, waiting) in [
            ("held", 0, "等放行", true),
            ("released", 0, "已公开", false),
            ("released", 2, "已公开，2 人反映", true),
            ("hidden", 0, "没有公开", false),
        ] {
            let comment = comment(state, reports);
            assert_eq!((state_word(&comment).as_str(), waits(&comment)), (word, waiting));
        }
    }

    #[test]
    fn contacts_are_masked() {
        assert_eq!(masked("13812341234"), "138****1234");
        assert_eq!(masked("wang@example.cn"), "w***@example.cn");
    }
}
