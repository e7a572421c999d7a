//! `/desk/topics/{id}/erase`: erasing personal data that a person asked to have erased. It cannot be taken back, so it has
//! a page of its own.

use leptos::prelude::*;

use super::TOPICS;
use super::bench::{Bench, Tab};
use crate::access::StepKind;
use crate::case::carry_out;
use crate::error::Refusal;
use crate::topic::steps::{ErasePersonalData, ErasureScope};
use crate::ui::{Button, ButtonKind, Checkbox, Crumbs, Field, FormSummary, LinkButton, RequestIdField, TextArea, Way};
use crate::web::{Form, Outcome, Page, Request};

/// Whose data: `proposer` (also for nothing), `comment:…`, `follower:…`.
fn scope(what: &str) -> Option<ErasureScope> {
    match what.split_once(':') {
        None if what.is_empty() || what == "proposer" => Some(ErasureScope::Proposer),
        Some(("comment", id)) => id.parse().ok().map(ErasureScope::Comment),
        Some(("follower", id)) => id.parse().ok().map(ErasureScope::Follower),
        _ => None,
    }
}

/// What goes and what stays, in words.
const fn words(scope: ErasureScope) -> (&'static str, &'static str) {
    match scope {
        ErasureScope::Proposer => (
            "删除提出人的姓名、电话，以及提出时写的原文。",
            "公开稿是镇里整理的，留着；办理经过和留痕也留着，里面没有个人信息。删除后，忘了查询码也不能再补发。",
        ),
        ErasureScope::Comment(_) => ("删除这条留言的署名和内容。", "公众不再看得到；留痕里只留一个对不出内容的指纹。"),
        ErasureScope::Follower(_) => ("删除这位关注者的联系方式，不再告知进展。", "留痕里只留一个对不出内容的指纹。"),
    }
}

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`], [`Refusal::NotFound`]; [`Refusal::Forbidden`] for whoever may not erase.
pub async fn erase(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::load(req).await?;
    if !bench.may(StepKind::ErasePersonalData) {
        return Err(Refusal::Forbidden { who: "工委干事".to_owned() });
    }
    let sent = req.form.value("what");
    let what = if sent.is_empty() { req.query("what") } else { sent }.to_owned();
    let scope = scope(&what).ok_or(Refusal::NotFound)?;
    let form = req.form.clone();
    let request_id = req.request_id.to_string();
    Ok(Page::desk("删除个人信息", TOPICS, move || {
        let (goes, stays) = words(scope);
        let case = &bench.case;
        let title = case.inner_title().to_owned();
        let action = format!("{TOPICS}/{}/erase", case.id);
        let back = Tab::Overview.address(case.id);
        let ways = vec![Way::new("议题", TOPICS), Way::new(title, back.clone())];
        let reason = Field::of(&form, "reason", "谁要求删除、怎么核实的")
            .hint("不要写姓名和电话，例如：本人到窗口，出示身份证。");
        let sure = Field::of(&form, "sure", "已经和本人核实，知道删除后不能恢复");
        view! {
            <Crumbs ways=ways here="删除个人信息"/>
            <h1 class="title title-work">{goes}</h1>
            <p class="lead">{stays}</p>
            <FormSummary form=form/>
            <form class="form" method="post" action=action>
                <RequestIdField id=request_id/>
                <input type="hidden" name="what" value=what/>
                <TextArea field=reason rows=3/>
                <Checkbox field=sure/>
                <div class="actions">
                    <Button words="删除，不能恢复" kind=ButtonKind::Second/>
                    <LinkButton words="不删了，回案卷" href=back kind=ButtonKind::Link/>
                </div>
            </form>
        }
        .into_any()
    }))
}

/// Erases.
///
/// # Errors
/// As the step; [`Refusal::Invalid`] without the tick.
pub async fn post_erase(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let case = super::inside(&req.ctx, req.param("id")?).await?.id;
    let scope = scope(form.value("what")).ok_or(Refusal::NotFound)?;
    if !form.ticked("sure") {
        return Err(Refusal::field("sure", "请先和本人核实，再打勾。"));
    }
    carry_out(&req.ctx, ErasePersonalData { case, scope, reason: form.value("reason").to_owned() }).await?;
    let tab = if scope == ErasureScope::Proposer { Tab::Overview } else { Tab::Comments };
    Ok(Outcome::SeeOther(format!("{}&done=erase_personal_data", tab.address(case))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CommentId;

    #[test]
    fn whose_data_is_read_from_the_address() {
        let id = uuid::Uuid::from_u128(5);
        assert_eq!(scope(""), Some(ErasureScope::Proposer));
        assert_eq!(scope(&format!("comment:{id}")), Some(ErasureScope::Comment(CommentId(id))));
        for nonsense in ["comment", "comment:x", "follower:", "everything:1"] {
            assert_eq!(scope(nonsense), None, "{nonsense}");
        }
    }
}
