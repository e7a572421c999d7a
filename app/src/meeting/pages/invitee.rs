//! What somebody invited finds on the own page on the day of the meeting: checking in.

use leptos::prelude::*;

use crate::access::StepKind;
use crate::account::{TriesOf, try_slowly};
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, InviteeId, MeetingId};
use crate::meeting::codes;
use crate::meeting::steps::{CheckInSelf, Presence};
use crate::rules::clock_time;
use crate::ui::{Button, Field, RequestIdField, Section, TextInput};
use crate::web::Form;

/// Who looks, and at which meeting.
#[derive(Clone, Copy, Debug)]
pub struct Me {
    /// The case.
    pub case: CaseId,
    /// The meeting on whose list the person stands.
    pub meeting: MeetingId,
    /// Who.
    pub invitee: InviteeId,
    /// Generation of the link.
    pub generation: i64,
}

/// What is shown of the day.
pub struct Today {
    code: String,
    /// Since when the person is there.
    here: Option<chrono::DateTime<chrono::Utc>>,
    takes_check_ins: bool,
}

impl Today {
    /// The day of the person's meeting; `None` when another meeting of the case follows it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(ctx: &Ctx, me: Me) -> Result<Option<Self>, Refusal> {
        let presence = Presence::load(&ctx.db, me.case).await?;
        Ok(presence.filter(|p| p.day.meeting_id == me.meeting).map(|p| Self {
            code: codes::of_person(&ctx.secret, me.invitee, me.generation),
            here: p.people.iter().find(|one| one.invitee_id == me.invitee).and_then(|one| one.at),
            takes_check_ins: p.sitting.is_some_and(|s| s.state.0.takes_check_ins()),
        }))
    }

    /// The part of the page: the short code before, the form at the door, and that the person is there.
    #[must_use]
    pub fn view(&self, form: &FormState, (action, request_id): (&str, &str)) -> AnyView {
        if let Some(at) = self.here {
            let words = format!("您 {} 已签到。", clock_time(at));
            return view! { <Section title="签到"><p class="note">{words}</p></Section> }.into_any();
        }
        let code = view! {
            <p>"到了门口报这个短码："<b class="short-code">{self.code.clone()}</b></p>
        };
        let own = self.takes_check_ins.then(|| {
            let state = form.of_action(StepKind::CheckInSelf.code());
            let field =
                Field::of(&state, "door_code", "门口屏幕上的数字").narrow().private().hint("四个数字，每分钟换一次。");
            view! {
                <form class="form" method="post" action=action.to_owned()>
                    <RequestIdField id=request_id.to_owned()/>
                    <input type="hidden" name="action" value=StepKind::CheckInSelf.code()/>
                    <TextInput field kind="tel"/>
                    <div class="actions answer-acts"><Button words="我到了，签到"/></div>
                </form>
            }
        });
        view! { <Section title="签到">{code}{own}</Section> }.into_any()
    }
}

/// Takes the form. Wrong codes are slowed, by person and by meeting.
///
/// # Errors
/// As the step; [`Refusal::TooMany`] after several wrong codes.
pub async fn check_in(ctx: &Ctx, me: Me, form: &Form) -> Result<(), Refusal> {
    let about = TriesOf { what: "door", whole: me.meeting.to_string(), one: me.invitee.to_string() };
    let step = CheckInSelf { case: me.case, invitee: me.invitee, code: form.value("door_code").to_owned() };
    let done = try_slowly(ctx, about, async {
        match carry_out(ctx, step).await {
            Ok(done) => Ok(Some(done)),
            // A wrong code counts as a try.
            Err(Refusal::Invalid(_)) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    })
    .await?;
    match done {
        Some(_) => Ok(()),
        None => Err(Refusal::field("door_code", "签到码不对，或者已经换了。请看门口屏幕上现在的数字。")),
    }
}
