//! `/topics/{id}/register`: a resident registers for an open seat, without an account.

use leptos::prelude::*;

use super::super::steps::RegisterSeat;
use super::super::store::{self, MeetingView};
use super::invitee::own_link;
use super::place;
use crate::case::carry_out;
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId};
use crate::invitation::model::PersonForm;
use crate::plan::model::when;
use crate::rules::Category;
use crate::ui::{
    Button, ButtonKind, Checkbox, Choice, Empty, Field, FormSummary, LinkButton, RadioGroup, RequestIdField, TextInput,
    Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// The announced meeting of a public topic.
async fn announced(req: &Request) -> Result<(CaseId, MeetingView), Refusal> {
    let id: CaseId = req.param("id")?;
    let case = crate::case::store::find(&req.ctx.db, id).await?.filter(|case| case.is_public);
    case.ok_or(Refusal::NotFound)?;
    let meeting = store::meeting_of(&req.ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    Ok((id, meeting))
}

/// The form.
///
/// # Errors
/// [`Refusal::NotFound`] for a topic without an announced meeting.
pub async fn register(req: &Request) -> Result<Page, Refusal> {
    let (case, meeting) = announced(req).await?;
    let seats = store::seats(&req.ctx.db, meeting.meeting_id).await?;
    let form = req.form.clone();
    let request_id = req.request_id.to_string();
    Ok(Page::public(format!("报名：{}", meeting.title), "/topics", move || {
        let href = format!("/topics/{case}/notice");
        let head = view! {
            <h1 class="title">"报名参加"</h1>
            <p class="lead">{meeting.title.clone()}</p>
            <p class="meta">{format!("{}，{}", when(meeting.starts_at, meeting.ends_at), place(&meeting))}</p>
        };
        if seats.is_empty() || meeting.state != "announced" {
            let words = "这次会议没有开放报名的名额。想说的话，可以在议题页留言，会上会用到。";
            return view! { {head}<Empty sentence=words way=Way::new("回到公示", href)/> }.into_any();
        }
        let options = seats
            .iter()
            .filter_map(|(code, seats, taken)| {
                let category = Category::from_code(code)?;
                let left = seats - taken;
                let hint = if left > 0 { format!("还有 {left} 个名额") } else { "名额已满，报名排候补".to_owned() };
                Some(Choice::new(category.code(), category.word()).hint(hint))
            })
            .collect();
        let category = Field::of(&form, "category", "以什么身份参加");
        let name = Field::of(&form, "name", "姓名").private();
        let organisation = Field::of(&form, "organisation", "住在哪里或哪个单位").optional().private();
        let phone = Field::of(&form, "phone", "手机号").narrow().private().hint("有变动时告诉您；不公开。");
        let mail = Field::of(&form, "mail", "邮箱").optional().private();
        let woman = Field::of(&form, "woman", "我是女性").hint("可不填，只用来看参加的人是不是各方面都有。");
        let public = Field::of(&form, "consent_public", "同意公开我的姓名").hint("可不填，不勾就只写「居民 王**」。");
        let consent = Field::of(&form, "consent", "同意《个人信息处理规则》").private();
        view! {
            {head}
            <FormSummary form=form/>
            <form class="form" method="post" action=format!("/topics/{case}/register") data-guard="">
                <RequestIdField id=request_id/>
                <RadioGroup field=category options=options/>
                <TextInput field=name/>
                <TextInput field=organisation/>
                <TextInput field=phone kind="tel"/>
                <TextInput field=mail kind="email"/>
                <Checkbox field=woman/>
                <Checkbox field=public/>
                <Checkbox field=consent/>
                <p class="hint"><a href="/privacy" target="_blank" rel="noopener">"看《个人信息处理规则》（在新窗口打开）"</a></p>
                <div class="actions">
                    <Button words="报名"/>
                    <LinkButton words="回公示" href=href kind=ButtonKind::Link/>
                </div>
            </form>
        }
        .into_any()
    })
    .private())
}

/// Takes the form, and shows the personal link.
///
/// # Errors
/// As the step.
pub async fn post_register(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let (case, meeting) = announced(req).await?;
    let ctx = &req.ctx;
    let person = PersonForm {
        category: Category::from_code(form.value("category")),
        name: form.value("name").to_owned(),
        organisation: form.value("organisation").to_owned(),
        phone: form.value("phone").to_owned(),
        mail: form.value("mail").to_owned(),
        woman: form.ticked("woman"),
        consent_public: form.ticked("consent_public"),
        ..PersonForm::default()
    };
    let registered = carry_out(
        ctx,
        RegisterSeat {
            case,
            meeting: meeting.meeting_id,
            invitee: Some(InviteeId(ctx.new_id())),
            person,
            consent: form.ticked("consent"),
        },
    )
    .await?;
    Ok(own_link(req, registered.invitee, registered.place))
}
