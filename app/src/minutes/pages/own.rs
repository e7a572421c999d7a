//! `/i/{id}/{token}/minutes`: the draft for somebody who was there. Two touches: it is right, or something is not.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::paper::{as_draft, view};
use super::replies::{parts, said};
use crate::access::StepKind;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, MeetingId, ReplyId};
use crate::invitation::answer::pages::invitee::{acting, by_link};
use crate::invitation::answer::path;
use crate::minutes::draft::{Record, people};
use crate::minutes::model::{EditionState, Reader, Section as Part, show};
use crate::minutes::steps::ReplyToMinutes;
use crate::minutes::store::{self, Minutes, Reply};
use crate::rules::plain_date;
use crate::town;
use crate::ui::{Answer, Button, ButtonKind, Choice, Field, FormSummary, RequestIdField, Section, Select, TextArea};
use crate::web::{Form, Outcome, Page, Request};

/// The newest edition of a meeting.
async fn newest(ctx: &Ctx, (case, meeting): (CaseId, MeetingId)) -> Result<Option<Minutes>, Refusal> {
    Ok(store::all(&ctx.db, case).await?.into_iter().find(|one| one.meeting_id == meeting))
}

/// What the own page of somebody invited says of the minutes.
#[derive(Clone, Copy, Debug)]
pub enum Remark {
    /// The draft can be read until a day.
    Draft(NaiveDate),
    /// They are signed.
    Signed,
}

impl Remark {
    /// The same for everybody on the list of a meeting.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(ctx: &Ctx, of: (CaseId, MeetingId)) -> Result<Option<Self>, Refusal> {
        Ok(newest(ctx, of).await?.and_then(|edition| match (edition.state.0, edition.until) {
            (EditionState::Circulating, Some(until)) => Some(Self::Draft(until)),
            (EditionState::Signed, _) => Some(Self::Signed),
            _ => None,
        }))
    }

    /// Whether it says something to a person: a draft only to who was there, while it can be checked.
    #[must_use]
    pub fn concerns(self, was_there: bool, today: NaiveDate) -> bool {
        match self {
            Self::Draft(until) => was_there && today <= until,
            Self::Signed => true,
        }
    }

    /// The words, and the way to the minutes, for the person with this own page.
    #[must_use]
    pub fn said(self, case: CaseId, own: &str) -> (String, String) {
        match self {
            Self::Draft(until) => (format!("纪要草稿请您核对，到{}为止", plain_date(until)), format!("{own}/minutes")),
            Self::Signed => ("会议的纪要已经签发".to_owned(), format!("/topics/{case}/minutes")),
        }
    }
}

/// The page.
///
/// # Errors
/// As the own page of somebody invited.
pub async fn draft(req: &Request) -> Result<Page, Refusal> {
    let guest = by_link(req).await?;
    let (ctx, case) = (&req.ctx, guest.case_id);
    let own = path(&ctx.secret, guest.invitee_id, guest.generation);
    let edition = newest(ctx, (case, guest.meeting_id)).await?;
    let was_there = store::is_present(&ctx.db, guest.meeting_id, guest.invitee_id).await?;
    let Some(edition) = edition.filter(|one| one.state.0 == EditionState::Circulating && was_there) else {
        return Ok(Page::public("核对纪要", "", move || {
            view! {
                <div class="narrow-page">
                    <h1 class="title">"核对纪要"</h1>
                    <Answer sentence="现在没有要您核对的草稿。".to_owned() waits="签发了的纪要，在议题页看得到。".to_owned()/>
                    <p><a href=format!("/topics/{case}/minutes")>"看公布的纪要"</a></p>
                    <p><a href=own>"回到我的页面"</a></p>
                </div>
            }
            .into_any()
        })
        .private());
    };
    let found = crate::case::store::find(&ctx.db, case).await?.ok_or(Refusal::NotFound)?;
    let texts = store::texts(&store::sections(&ctx.db, edition.minutes_id).await?);
    let town = town::store::town(&ctx.db, &found.town_id).await?.ok_or(Refusal::NotFound)?;
    let people = people(&ctx.db, edition.meeting_id, &town).await?;
    let rules = town::rules::of_case(ctx, &found).await?;
    let paper = match store::all(&ctx.db, case)
        .await?
        .iter()
        .find(|one| one.meeting_id == edition.meeting_id && one.paper.is_some())
    {
        Some(signed) => signed.signed_paper()?.map(|paper| super::sheet::corrected(paper, &texts)),
        None => Record::load(&ctx.db, &found, &town, &rules).await?.map(|record| record.paper(&texts)),
    };
    let paper = paper.map(|paper| as_draft(paper.map(|text| show(text, &people, Reader::Everybody))));
    let mine: Vec<Reply> = store::replies(&ctx.db, edition.minutes_id)
        .await?
        .into_iter()
        .filter(|one| one.invitee_id == guest.invitee_id)
        .map(|one| Reply {
            words: show(&one.words, &people, Reader::Everybody),
            answer: one.answer.as_ref().map(|words| show(words, &people, Reader::Everybody)),
            ..one
        })
        .collect();
    let is_open = edition.until.is_some_and(|until| ctx.today() <= until);
    let (form, request_id, done) = (req.form.clone(), req.request_id.to_string(), !req.query("done").is_empty());
    let minutes = edition.minutes_id.to_string();
    let until = edition.until.map(plain_date).unwrap_or_default();
    Ok(Page::public("核对纪要", "", move || {
        let note = done.then(|| view! { <p class="note" role="status">"收到了，谢谢您。"</p> });
        let sentence = if is_open {
            format!("请看看记得对不对，到{until}为止。")
        } else {
            "核对的时间过了。".to_owned()
        };
        let forms = is_open.then(|| forms(&form, (&own, &request_id, &minutes)));
        view! {
            <div class="narrow-page">
                <p class="lead">{format!("{}，您好。", guest.name)}</p>
                <h1 class="title">"核对纪要"</h1>
                {note}
                <FormSummary form=form.clone()/>
                <Answer sentence waits="别人的姓名按各人的意愿隐去；您说的话、大家定的事，请重点看。".to_owned()/>
                {said_before(&mine)}
                {paper.as_ref().map(view)}
                {forms}
                <p><a href=own.clone()>"回到我的页面"</a></p>
                <p class="caption">"这一页是您一个人的，请不要转给别人。"</p>
            </div>
        }
        .into_any()
    })
    .private())
}

fn forms(form: &FormState, (own, request_id, minutes): (&str, &str, &str)) -> AnyView {
    let state = form.of_action(StepKind::ReplyToMinutes.code());
    let open = state.refusal.is_some();
    let action = format!("{own}/minutes");
    let hidden = |agrees: &'static str| {
        view! {
            <RequestIdField id=request_id.to_owned()/>
            <input type="hidden" name="action" value=StepKind::ReplyToMinutes.code()/>
            <input type="hidden" name="minutes" value=minutes.to_owned()/>
            <input type="hidden" name="agrees" value=agrees/>
        }
        .into_any()
    };
    let (agrees, differs) = (hidden("yes"), hidden("no"));
    let section = Field::of(&state, "section", "哪一段");
    let words = Field::of(&state, "words", "应该怎么写").hint("请不要写电话和证件号码。");
    let parts: Vec<Choice> = parts();
    view! {
        <Section title="您看完了">
            <form class="form" method="post" action=action.clone() data-guard="">
                {agrees}
                <div class="actions answer-acts"><Button words="对的，我同意"/></div>
            </form>
            <details open=open class="answer-no">
                <summary>"有地方要改"</summary>
                <form class="form" method="post" action=action data-guard="">
                    {differs}
                    <Select field=section options=parts blank="请选"/>
                    <TextArea field=words rows=4/>
                    <div class="actions answer-acts"><Button words="请改一改" kind=ButtonKind::Second/></div>
                </form>
            </details>
        </Section>
    }
    .into_any()
}

/// What the person said before, with the answers.
fn said_before(mine: &[Reply]) -> Option<AnyView> {
    let rows: Vec<_> = mine
        .iter()
        .map(|one| {
            let part = one.section.as_deref().and_then(Part::from_code);
            let words = match part {
                Some(part) => format!("「{}」：{}", part.word(), one.words),
                None => "您同意草稿。".to_owned(),
            };
            let answer = match (&one.answer, one.accepted) {
                (Some(answer), Some(true)) => Some(format!("改了。{answer}")),
                (Some(answer), _) => Some(format!("没有改。{answer}")),
                (None, _) => part.map(|_| "记录人还没有答复。".to_owned()),
            };
            let answer = answer.map(|words| view! { <p class="caption">{words}</p> });
            view! { <li><p class="said">{words}</p>{answer}</li> }
        })
        .collect();
    (!rows.is_empty())
        .then(|| view! { <Section title="您说过的"><ul class="short-list">{rows}</ul></Section> }.into_any())
}

/// Takes the form.
///
/// # Errors
/// As the step.
pub async fn post_draft(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let guest = by_link(req).await?;
    let ctx = acting(&req.ctx, &guest);
    let edition = newest(&ctx, (guest.case_id, guest.meeting_id)).await?.ok_or(Refusal::NotFound)?;
    let found = crate::case::store::find(&ctx.db, guest.case_id).await?.ok_or(Refusal::NotFound)?;
    let town = town::store::town(&ctx.db, &found.town_id).await?.ok_or(Refusal::NotFound)?;
    let people = people(&ctx.db, edition.meeting_id, &town).await?;
    let step = ReplyToMinutes {
        case: guest.case_id,
        minutes: form.parse("minutes", "这一页不完整，请刷新后再提交。")?,
        invitee: Some(guest.invitee_id),
        reply: Some(ReplyId(ctx.new_id())),
        said: said(&form, &people)?,
    };
    carry_out(&ctx, step).await?;
    let own = path(&ctx.secret, guest.invitee_id, guest.generation);
    Ok(Outcome::SeeOther(format!("{own}/minutes?done={}", StepKind::ReplyToMinutes.code())))
}
