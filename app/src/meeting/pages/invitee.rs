//! What somebody invited finds on the own page on the day of the meeting: checking in, asking to speak, voting.

use leptos::prelude::*;

use super::polls::Ballot;
pub use super::polls::vote;
use crate::access::StepKind;
use crate::account::{TriesOf, try_slowly};
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, InviteeId, MeetingId, SittingId, SpeechId};
use crate::meeting::codes;
use crate::meeting::floor::model::SpeechState;
use crate::meeting::floor::steps::{AskToSpeak, WithdrawSpeech};
use crate::meeting::floor::store as floor;
use crate::meeting::poll::store::{Question, question};
use crate::meeting::steps::CheckInSelf;
use crate::meeting::store;
use crate::rules::clock_time;
use crate::storage::Database;
use crate::topic::model::{ShownName, shown_name};
use crate::ui::{Button, ButtonKind, Field, RequestIdField, Section, TextInput};
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
    /// Whether the meeting is on.
    is_on: bool,
    floor: Option<Floor>,
}

/// The floor, for somebody who is there while the meeting is on.
struct Floor {
    sitting: SittingId,
    segment: Option<&'static str>,
    speaker: Option<String>,
    /// The own request, and how many come before it.
    mine: Option<(SpeechId, usize)>,
    speaks: bool,
    ballot: Option<Ballot>,
}

/// What everybody on the list finds of the day, whoever looks.
pub struct Hall {
    sitting: Option<store::Sitting>,
    /// While the meeting is on.
    runs: Vec<floor::Run>,
    speeches: Vec<floor::Speech>,
    question: Option<Question>,
}

impl Hall {
    /// The day of a meeting; `None` when another meeting of the case follows it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(db: &Database, (case, meeting): (CaseId, MeetingId)) -> Result<Option<Self>, Refusal> {
        let Some(day) = store::day(db, case).await?.filter(|day| day.meeting_id == meeting) else {
            return Ok(None);
        };
        let sitting = store::present_sitting(&day, store::newest_sitting(db, meeting).await?);
        let on = sitting.as_ref().filter(|sitting| sitting.state.0.is_on()).map(|sitting| sitting.sitting_id);
        Ok(Some(match on {
            Some(id) => Self {
                sitting,
                runs: floor::runs(db, id).await?,
                speeches: floor::speeches(db, id).await?,
                question: question(db, id).await?,
            },
            None => Self { sitting, runs: Vec::new(), speeches: Vec::new(), question: None },
        }))
    }
}

impl Today {
    /// The day as one person finds it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(ctx: &Ctx, me: Me, hall: &Hall) -> Result<Self, Refusal> {
        let sitting = hall.sitting.as_ref();
        let here = match sitting {
            Some(sitting) => store::here_since(&ctx.db, sitting.sitting_id, me.invitee).await?,
            None => None,
        };
        let floor = match sitting {
            Some(sitting) if here.is_some() && sitting.state.0.is_on() => {
                Some(Floor::load(ctx, me, (hall, sitting)).await?)
            }
            _ => None,
        };
        Ok(Self {
            code: codes::of_person(&ctx.secret, me.invitee, me.generation),
            here,
            is_on: sitting.is_some_and(|sitting| sitting.state.0.is_on()),
            takes_check_ins: sitting.is_some_and(|sitting| sitting.state.0.takes_check_ins()),
            floor,
        })
    }

    /// Whether the person is there, or was.
    pub const fn was_there(&self) -> bool {
        self.here.is_some()
    }

    /// Whether the meeting is on now.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.is_on
    }

    /// Whether the part is what the person came for: the door is open, or was passed.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.takes_check_ins || self.here.is_some()
    }

    /// The part of the page: the short code before, the form at the door, and that the person is there.
    #[must_use]
    pub fn view(&self, form: &FormState, (action, request_id): (&str, &str)) -> AnyView {
        if let Some(at) = self.here {
            let words = format!("您 {} 已签到。", clock_time(at));
            let floor = self.floor.as_ref().map(|floor| floor.view(form, (action, request_id)));
            // What goes on in the room comes before what is over.
            return view! { {floor}<Section title="签到"><p class="note">{words}</p></Section> }.into_any();
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

impl Floor {
    async fn load(ctx: &Ctx, me: Me, (hall, sitting): (&Hall, &store::Sitting)) -> Result<Self, Refusal> {
        let Hall { runs, speeches, question, .. } = hall;
        let speaking = speeches.iter().find(|one| one.state.0 == SpeechState::Speaking);
        let line: Vec<_> = speeches.iter().filter(|one| one.state.0 == SpeechState::Waiting).collect();
        let mine = line.iter().position(|one| one.invitee_id == me.invitee);
        Ok(Self {
            sitting: sitting.sitting_id,
            segment: runs.iter().find(|run| run.ended_at.is_none()).map(|run| run.segment.0.word()),
            speaker: speaking.map(public_name),
            mine: mine.and_then(|place| line.get(place).map(|one| (one.speech_id, place))),
            speaks: speaking.is_some_and(|one| one.invitee_id == me.invitee),
            ballot: match question {
                Some(on) => Some(Ballot::load(ctx, me, (sitting, on)).await?),
                None => None,
            },
        })
    }

    /// Where the meeting is, and asking to speak or taking it back.
    fn view(&self, form: &FormState, (action, request_id): (&str, &str)) -> AnyView {
        let segment = self.segment.map(|word| view! { <p>{format!("现在：{word}")}</p> });
        let speaker = self.speaker.as_ref().map(|name| view! { <p>{format!("正在说：{name}")}</p> });
        let (words, step, button, kind) = match self.mine {
            _ if self.speaks => ("轮到您说了。".to_owned(), None, "", ButtonKind::Second),
            Some((_, 0)) => (
                "您排在第一位，下一个就是您。".to_owned(),
                Some(StepKind::WithdrawSpeech),
                "不说了",
                ButtonKind::Second,
            ),
            Some((_, before)) => {
                let words = format!("您举手了，前面还有 {before} 位。");
                (words, Some(StepKind::WithdrawSpeech), "不说了", ButtonKind::Second)
            }
            None => ("想说话，请举手。".to_owned(), Some(StepKind::AskToSpeak), "我要发言", ButtonKind::Primary),
        };
        let speech = self.mine.map(|(id, _)| view! { <input type="hidden" name="speech" value=id.to_string()/> });
        let state = step.map(|step| form.of_action(step.code())).unwrap_or_default();
        let refusal = state.refusal.map(|refusal| view! { <p class="note" role="alert">{refusal.sentence()}</p> });
        let act = step.map(|step| {
            view! {
                <form class="form" method="post" action=action.to_owned()>
                    <RequestIdField id=request_id.to_owned()/>
                    <input type="hidden" name="action" value=step.code()/>
                    <input type="hidden" name="sitting" value=self.sitting.to_string()/>
                    {speech}
                    <div class="actions answer-acts"><Button words=button kind=kind/></div>
                </form>
            }
        });
        let ballot = self.ballot.as_ref().map(|ballot| ballot.view(form, action));
        let again = action.to_owned();
        view! {
            {ballot}
            <Section title="会场">
                {segment}{speaker}
                <p class="floor-word">{words}</p>
                {refusal}
                {act}
                <p><a href=again>"刷新看最新"</a></p>
            </Section>
        }
        .into_any()
    }
}

/// The name as others in the room see it on a screen: the whole one by consent, else the surname.
pub(super) fn public_name(speech: &floor::Speech) -> String {
    let how = if speech.consent_public { ShownName::Full } else { ShownName::Masked };
    shown_name(speech.category.0.word(), &speech.name, how)
}

/// Takes the forms of the floor.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this part.
pub async fn speak(ctx: &Ctx, me: Me, (step, form): (StepKind, &Form)) -> Result<(), Refusal> {
    let (case, invitee) = (me.case, me.invitee);
    let sitting: SittingId =
        form.value("sitting").parse().map_err(|_| Refusal::moved_on("这一页不完整，请刷新后再提交。"))?;
    match step {
        StepKind::AskToSpeak => {
            let speech = Some(SpeechId(ctx.new_id()));
            carry_out(ctx, AskToSpeak { case, sitting, invitee, speech }).await?;
        }
        StepKind::WithdrawSpeech => {
            let speech = form.parse("speech", "请刷新页面看最新情况。")?;
            carry_out(ctx, WithdrawSpeech { case, sitting, speech }).await?;
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(())
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
