//! `/topics/{id}/again`: a resident says that it came up again.

use leptos::prelude::*;

use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::evaluation::steps::AskReopening;
use crate::ids::{CaseId, ReopeningId};
use crate::ui::{
    Answer, Button, Checkbox, Crumbs, Field, FormSummary, LinkButton, RequestIdField, TextArea, TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// The page.
///
/// # Errors
/// [`Refusal::NotFound`] for a topic that is not public.
pub async fn again(req: &Request) -> Result<Page, Refusal> {
    let id: CaseId = req.param("id")?;
    let case =
        crate::case::store::find(&req.ctx.db, id).await?.filter(|case| case.is_public).ok_or(Refusal::NotFound)?;
    let rules = crate::town::rules::of_case(&req.ctx, &case).await?;
    let (title, stage) = (case.title.clone().unwrap_or_default(), case.stage());
    let (form, request_id) = (req.form.clone(), req.request_id.to_string());
    Ok(Page::public("又出现了", "/topics", move || {
        let (topic, action) = (format!("/topics/{id}"), format!("/topics/{id}/again"));
        let ways = vec![Way::new("议题", "/topics"), Way::new(title.clone(), topic.clone())];
        let body = if matches!(stage, Stage::Closed | Stage::Archived) {
            let words = Field::of(&form, "words", "看到了什么").hint("在哪里、什么时候、什么样子；会由工委干事去看");
            let contact = Field::of(&form, "contact", "手机号或邮箱").optional().hint("干事看的时候好问您，不公开").private();
            let consent = Field::of(&form, "consent", "同意镇里为核实这件事保存这个联系方式").optional().private();
            let days = rules.flow.reopen_look_workdays;
            view! {
                <p class="lead">{format!("办结以后又出现同样的问题，在这里说。工委干事 {days} 个工作日内去看，给您答复（本镇设定）。")}</p>
                <FormSummary form=form/>
                <form class="form" method="post" action=action data-guard="">
                    <RequestIdField id=request_id/>
                    <TextArea field=words rows=4/>
                    <TextInput field=contact/>
                    <Checkbox field=consent/>
                    <p class="hint"><a href="/privacy" target="_blank" rel="noopener">"看《个人信息处理规则》（在新窗口打开）"</a></p>
                    <div class="actions">
                        <Button words="告诉镇里"/>
                        <LinkButton words="不用了，回议题" href=topic kind=crate::ui::ButtonKind::Link/>
                    </div>
                </form>
            }
            .into_any()
        } else {
            let words = format!("这件事现在是「{}」，还没有办结。有话请在议题页留言。", stage.word());
            view! { <Answer sentence=words/><p><a href=topic>"回议题"</a></p> }.into_any()
        };
        view! {
            <Crumbs ways here="又出现了"/>
            <h1 class="title">"又出现了"</h1>
            {body}
        }
        .into_any()
    })
    .private())
}

/// Takes the form.
///
/// # Errors
/// As the step.
pub async fn post_again(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let case: CaseId = req.param("id")?;
    let step = AskReopening {
        case,
        reopening: Some(ReopeningId(req.ctx.new_id())),
        words: form.value("words").to_owned(),
        contact: form.value("contact").to_owned(),
        consent: form.ticked("consent"),
    };
    carry_out(&req.ctx, step).await?;
    Ok(Outcome::SeeOther(format!("/topics/{case}/outcomes#again")))
}
