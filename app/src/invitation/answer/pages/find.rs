//! `/g/{meeting}/{token}`: the one link of a meeting for a chat group. A person finds himself by name and the last four
//! digits of the phone. Wrong tries are slowed by person and by meeting, and tell nothing.

use leptos::prelude::*;

use super::super::store::{self, MeetingView};
use super::super::{GROUP_LINK, path};
use crate::account::{TriesOf, try_slowly};
use crate::error::Refusal;
use crate::ids::MeetingId;
use crate::plan::model::when;
use crate::ui::{Button, Field, FormSummary, RequestIdField, TextInput};
use crate::web::{Form, Outcome, Page, Request};

/// How many digits of the phone are asked.
const DIGITS: usize = 4;

async fn meeting(req: &Request) -> Result<MeetingView, Refusal> {
    let id: MeetingId = req.param("meeting")?;
    let token: String = req.param("token")?;
    if !req.ctx.secret.is_link_token(&token, GROUP_LINK, id.0, 0) {
        return Err(Refusal::NotFound);
    }
    store::meeting(&req.ctx.db, id).await?.ok_or(Refusal::NotFound)
}

/// The form.
///
/// # Errors
/// [`Refusal::NotFound`] for a link that was never given.
pub async fn find(req: &Request) -> Result<Page, Refusal> {
    let meeting = meeting(req).await?;
    let form = req.form.clone();
    let (request_id, action) = (req.request_id.to_string(), req.path.clone());
    Ok(Page::public("找到我的邀请", "", move || {
        let name = Field::of(&form, "name", "您的姓名").private();
        let digits = Field::of(&form, "digits", "手机号后四位").narrow().private().autocomplete("off");
        view! {
            <div class="narrow-page">
                <p class="meta">{format!("{}政协工委", meeting.town)}</p>
                <h1 class="title">{meeting.title.clone()}</h1>
                <p class="lead">{when(meeting.starts_at, meeting.ends_at)}</p>
                <FormSummary form=form/>
                <form class="form" method="post" action=action>
                    <RequestIdField id=request_id/>
                    <TextInput field=name/>
                    <TextInput field=digits kind="tel"/>
                    <div class="actions"><Button words="打开我的邀请"/></div>
                </form>
                <p class="caption">"找不到的，请打给镇政协工委。"</p>
            </div>
        }
        .into_any()
    })
    .private())
}

/// Leads to the person's own page.
///
/// # Errors
/// The same words for whatever does not fit; [`Refusal::TooMany`] after several tries.
pub async fn post_find(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let meeting = meeting(req).await?;
    let ctx = &req.ctx;
    let name = form.value("name").to_owned();
    let digits: String = form.value("digits").chars().filter(char::is_ascii_digit).collect();
    let about = TriesOf { what: "meeting", whole: meeting.meeting_id.to_string(), one: name.clone() };
    let found = try_slowly(ctx, about, async {
        if name.is_empty() || digits.len() != DIGITS {
            return Ok(None);
        }
        let mut found = store::find(&ctx.db, meeting.meeting_id, &name, &digits).await?;
        // Two of one name and ending: neither, the officer helps.
        Ok(if found.len() == 1 { found.pop() } else { None })
    })
    .await?;
    match found {
        Some(guest) => Ok(Outcome::SeeOther(path(&ctx.secret, guest.invitee_id, guest.generation))),
        None => Err(Refusal::field("name", "没有对上。请核对姓名和手机号后四位；还是不行，请打给镇政协工委。")),
    }
}
