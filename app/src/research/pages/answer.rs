//! `/q/{id}`: answering a questionnaire, without an account and without scripts.

use leptos::prelude::*;

use crate::case::carry_out;
use crate::error::{FormState, Refusal};
use crate::ids::QuestionnaireId;
use crate::research::model::{Answers, Question, QuestionKind, Questionnaire, WORDS_MAX};
use crate::research::steps::AnswerQuestionnaire;
use crate::research::store::{self, QuestionnaireLine};
use crate::rules::plain_date;
use crate::ui::{
    Button, ButtonKind, CheckGroup, Choice, Empty, Field, FormSummary, LinkButton, RadioGroup, RequestIdField,
    TextArea, Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// The questionnaire of the path, if its topic is public.
async fn found(req: &Request) -> Result<QuestionnaireLine, Refusal> {
    let id: QuestionnaireId = req.param("id")?;
    let line = store::questionnaire(&req.ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    let case = crate::case::store::find(&req.ctx.db, line.case).await?.ok_or(Refusal::NotFound)?;
    if case.is_public { Ok(line) } else { Err(Refusal::NotFound) }
}

/// The page.
///
/// # Errors
/// [`Refusal::NotFound`] for what does not exist.
pub async fn answer(req: &Request) -> Result<Page, Refusal> {
    let line = found(req).await?;
    let topic = format!("/topics/{}", line.case);
    let browser = req.ctx.actor.visitor().browser;
    let answered = !browser.is_empty() && store::has_answered(&req.ctx.db, line.id, &browser).await?;
    let thanked = req.query("thanks") == "1";
    let open = line.is_open(req.ctx.today());
    let (form, request_id) = (req.form.clone(), req.request_id.to_string());
    let title = line.asked.title.clone();
    Ok(Page::public(title.clone(), "", move || {
        if thanked || answered || !open {
            let (sentence, way) = match (thanked || answered, open) {
                (true, _) => ("答卷收到了，谢谢您。一个浏览器答一次，谁答的我们不记。", "看这件议题"),
                (false, _) => ("这份问卷已经截止，不再收答卷。", "看这件议题"),
            };
            return view! {
                <h1 class="title">{title}</h1>
                <Empty sentence=sentence way=Way::new(way, topic)/>
            }
            .into_any();
        }
        asking(&line, &form, request_id)
    })
    .private())
}

fn asking(line: &QuestionnaireLine, form: &FormState, request_id: String) -> AnyView {
    let asked = &line.asked;
    let fields = (1..).zip(&asked.questions).map(|(n, q)| question_field(form, n, q)).collect_view();
    let intro = (!asked.intro.is_empty()).then(|| view! { <p class="lead">{asked.intro.clone()}</p> });
    let about = format!(
        "{}截止。不用留姓名，谁答的我们不记；每题都可以不答。收了以后公开每个选项的次数，写的话不公开。",
        plain_date(line.closes_on)
    );
    view! {
        <h1 class="title">{asked.title.clone()}</h1>
        {intro}
        <p class="meta">{about}</p>
        <FormSummary form=form.clone()/>
        <form class="form" method="post" action=format!("/q/{}", line.id) data-guard="">
            <RequestIdField id=request_id/>
            {fields}
            <div class="actions">
                <Button words="交答卷"/>
                <LinkButton words="先看看这件议题" href=format!("/topics/{}", line.case) kind=ButtonKind::Second/>
            </div>
        </form>
    }
    .into_any()
}

fn question_field(form: &FormState, n: usize, question: &Question) -> AnyView {
    let field = Field::of(form, &format!("q{n}"), format!("{n}．{}", question.text));
    let choices = (1..).zip(question.choices()).map(|(c, words)| Choice::new(c.to_string(), words)).collect();
    match question.kind {
        QuestionKind::Single | QuestionKind::Scale => view! { <RadioGroup field options=choices/> }.into_any(),
        QuestionKind::Multiple => {
            let field = field.hint("可以选几个");
            view! { <CheckGroup field options=choices/> }.into_any()
        }
        QuestionKind::Text => {
            let field = field.hint("请不要写姓名、电话、证件号").max(WORDS_MAX);
            view! { <TextArea field rows=3/> }.into_any()
        }
    }
}

/// The answers of a form. What is no number is no choice that is offered.
fn typed(asked: &Questionnaire, form: &Form) -> Answers {
    let mut answers = Answers::default();
    for (n, question) in (1_i64..).zip(&asked.questions) {
        let name = format!("q{n}");
        if question.kind == QuestionKind::Text {
            let words = form.value(&name);
            if !words.is_empty() {
                answers.words.push((n, words.to_owned()));
            }
            continue;
        }
        let sent = form.values.get(&name).map_or(&[][..], Vec::as_slice);
        answers.chosen.extend(sent.iter().filter(|v| !v.is_empty()).map(|v| (n, v.trim().parse().unwrap_or(0))));
    }
    answers
}

/// Takes the answers.
///
/// # Errors
/// What is wrong with them; [`Refusal::Gone`] after the end.
pub async fn post_answer(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let line = found(req).await?;
    let answers = typed(&line.asked, &form);
    // A receipt would keep the browser together with the time; that a browser answers once is kept elsewhere.
    let ctx = req.ctx.with_request(None);
    carry_out(&ctx, AnswerQuestionnaire { case: line.case, questionnaire: line.id, answers }).await?;
    Ok(Outcome::SeeOther(format!("/q/{}?thanks=1", line.id)))
}
