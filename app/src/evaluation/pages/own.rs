//! The form of whoever is asked how it was handled: three questions, three answers each. Without an account.

use leptos::prelude::*;

use crate::access::Actor;
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::evaluation::model::{Question, Satisfaction, Voter};
use crate::evaluation::steps::{AnswerSurvey, Answers};
use crate::evaluation::store;
use crate::ids::{CaseId, FollowId};
use crate::invitation::answer::pages::invitee::{acting, by_link};
use crate::invitation::answer::path;
use crate::rules::plain_date;
use crate::topic::pages::{follow, lookup};
use crate::ui::{Answer, Button, Choice, Field, FormSummary, LinkButton, RadioGroup, RequestIdField, TextArea};
use crate::web::{Form, Outcome, Page, Request};

/// Whoever opened the form, and where from.
struct Asked {
    ctx: Ctx,
    case: CaseId,
    voter: Voter,
    /// The own page.
    back: String,
}

async fn raised(req: &Request) -> Result<Asked, Refusal> {
    let case = lookup::own_of_path(req).await?.ok_or(Refusal::NotFound)?.id;
    Ok(Asked { ctx: req.ctx.clone(), case, voter: Voter::Proposer, back: format!("/mine/{case}") })
}

async fn of_invitee(req: &Request) -> Result<Asked, Refusal> {
    let guest = by_link(req).await?;
    Ok(Asked {
        ctx: acting(&req.ctx, &guest),
        case: guest.case_id,
        voter: Voter::Invitee(guest.invitee_id),
        back: path(&req.ctx.secret, guest.invitee_id, guest.generation),
    })
}

async fn of_follower(req: &Request) -> Result<Asked, Refusal> {
    let follower = follow::follower(req).await?;
    let back = req.path.trim_end_matches("/evaluate").to_owned();
    // The follower's link is no session: whoever opened it acts as nobody else.
    let ctx = req.ctx.acting_as(Actor::Visitor(req.ctx.actor.visitor()));
    Ok(Asked { ctx, case: follower.case_id, voter: Voter::Follower(follower.follow_id), back })
}

/// The page of whoever raised the topic.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else.
pub async fn judge_raised(req: &Request) -> Result<Page, Refusal> {
    page(req, raised(req).await?).await
}

/// The page of somebody who was at the meeting.
///
/// # Errors
/// As the own page of somebody invited.
pub async fn judge_invited(req: &Request) -> Result<Page, Refusal> {
    page(req, of_invitee(req).await?).await
}

/// The page of somebody who follows the topic.
///
/// # Errors
/// As the own page of a follower.
pub async fn judge_followed(req: &Request) -> Result<Page, Refusal> {
    page(req, of_follower(req).await?).await
}

/// Takes the form of whoever raised the topic.
///
/// # Errors
/// As the page and the step.
pub async fn post_raised(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    take(raised(req).await?, &form).await
}

/// Takes the form of somebody who was at the meeting.
///
/// # Errors
/// As the page and the step.
pub async fn post_invited(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    take(of_invitee(req).await?, &form).await
}

/// Takes the form of somebody who follows the topic.
///
/// # Errors
/// As the page and the step.
pub async fn post_followed(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    take(of_follower(req).await?, &form).await
}

/// The answers of a form; one for each question that was answered.
pub(super) fn answers(form: &Form) -> Answers {
    let chosen = Question::ALL
        .iter()
        .filter_map(|question| Some((*question, Satisfaction::from_code(form.value(question.code()))?)))
        .collect();
    Answers { chosen, words: form.value("words").to_owned() }
}

async fn take(asked: Asked, form: &Form) -> Result<Outcome, Refusal> {
    let follow: Option<FollowId> = match asked.voter {
        Voter::Follower(id) => Some(id),
        _ => None,
    };
    carry_out(&asked.ctx, AnswerSurvey { case: asked.case, follow, answers: answers(form) }).await?;
    Ok(Outcome::SeeOther(format!("{}/evaluate?done=yes", asked.back)))
}

/// The fields of the survey, on the own page and for a call.
pub(super) fn fields(state: &crate::error::FormState, within: &str) -> AnyView {
    let rows = Question::ALL
        .iter()
        .map(|question| {
            let field = Field::of(state, question.code(), question.word()).within(within).private();
            let options = Satisfaction::ALL.iter().map(|answer| Choice::new(answer.code(), answer.word())).collect();
            view! { <RadioGroup field options/> }
        })
        .collect_view();
    let words = Field::of(state, "words", "想说的话")
        .within(within)
        .optional()
        .hint("不写姓名、电话；评价结束以后打乱先后，给干事看，要重办的也给承办单位看")
        .private();
    view! { {rows}<TextArea field=words rows=3/> }.into_any()
}

async fn page(req: &Request, asked: Asked) -> Result<Page, Refusal> {
    let db = &req.ctx.db;
    let case = crate::case::store::find(db, asked.case).await?.ok_or(Refusal::NotFound)?;
    let survey = store::newest(db, asked.case).await?.filter(|_| case.stage() == Stage::Evaluating);
    let survey = survey.filter(|survey| survey.closed_at.is_none() && req.ctx.today() <= survey.closes_on);
    let answered = match &survey {
        Some(survey) => store::is_answered(db, survey.survey_id, asked.voter.key()).await?,
        None => false,
    };
    let (title, id) = (case.title.clone().unwrap_or_default(), case.id);
    let (form, request_id) = (req.form.clone(), req.request_id.to_string());
    let (action, back) = (format!("{}/evaluate", asked.back), asked.back);
    Ok(Page::public("请您评价", "", move || {
        let outcomes = format!("/topics/{id}/outcomes");
        let body = match (survey, answered) {
            (Some(survey), false) => view! {
                <Answer
                    sentence=format!("事情办到这里，请您说说办得怎么样。到{}为止。", plain_date(survey.closes_on))
                    waits="不记名：系统只记您评价过，不记您选了什么。".to_owned()
                />
                <p><a href=outcomes>"先看办理情况"</a></p>
                <FormSummary form=form.clone()/>
                <form class="form" method="post" action=action data-guard="">
                    <RequestIdField id=request_id/>
                    {fields(&form, "judge")}
                    <div class="actions"><Button words="交评价"/></div>
                </form>
            }
            .into_any(),
            (Some(_), true) => view! {
                <Answer sentence="您已经评价过了，谢谢您。".to_owned() waits="评价结束以后公布结果。".to_owned()/>
                <div class="actions"><LinkButton words="回到我的页面" href=back/></div>
            }
            .into_any(),
            (None, _) => view! {
                <Answer sentence="现在没有要您评价的。".to_owned() waits="办理情况和评价结果，在下面看得到。".to_owned()/>
                <p><a href=outcomes>"看办理情况"</a></p>
                <div class="actions"><LinkButton words="回到我的页面" href=back/></div>
            }
            .into_any(),
        };
        view! {
            <div class="narrow-page">
                <p class="lead">"请您评价"</p>
                <h1 class="title">{title}</h1>
                {body}
            </div>
        }
        .into_any()
    })
    .private())
}

/// Whether a survey of the case takes answers now: the own pages then lead to the form.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_open_for(ctx: &Ctx, case: &crate::case::Case) -> Result<bool, Refusal> {
    if case.stage() != Stage::Evaluating {
        return Ok(false);
    }
    let survey = store::newest(&ctx.db, case.id).await?;
    Ok(survey.is_some_and(|survey| survey.closed_at.is_none() && ctx.today() <= survey.closes_on))
}

/// The line that leads from an own page to the form, and to what was done.
#[must_use]
pub fn invited(open: bool, case: CaseId, own: &str) -> AnyView {
    let judge = open.then(|| {
        view! { <p class="note"><a href=format!("{own}/evaluate")>"事情办到这里，请您评价办得怎么样"</a></p> }
    });
    view! {
        {judge}
        <p><a href=format!("/topics/{case}/outcomes")>"成果清单和办理情况"</a></p>
    }
    .into_any()
}
