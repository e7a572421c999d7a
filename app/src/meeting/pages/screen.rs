//! `/topics/{id}/screen`: the screen of the room. Everybody may open it, so nobody is named who did not agree to it. The
//! code on it leads to the page on which people find their own invitation; that of the door, which checks people in,
//! stands on the door's own screen only.

use leptos::prelude::*;

use super::clock::Clock;
use super::invitee::public_name;
use super::polls::result;
use crate::case::newest_seq;
use crate::case::store::find;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{CaseId, MeetingId, SittingId};
use crate::invitation::answer::group_path;
use crate::meeting::floor::model::{SpeechState, elapsed_s};
use crate::meeting::floor::store::{self as floor, Speech};
use crate::meeting::poll::store::{Poll, polls};
use crate::meeting::{newest_sitting, progress};
use crate::plan::{public_meeting, told_plan};
use crate::rules::{RuleSet, Segment, clock_time};
use crate::town::rules::{by_id, in_force};
use crate::ui::{Live, Qr};
use crate::web::{Page, Request, Script};

/// How many of those in line are named.
const NEXT: usize = 3;

/// What stands on the screen.
struct Screen {
    /// Segments of the plan with their minutes, and whether they are over, on, or to come.
    agenda: Vec<(Segment, u32, Option<bool>)>,
    speaking: Option<(String, Clock)>,
    next: Vec<String>,
    poll: Option<Poll>,
    secret_min: u32,
    /// Where people find their own invitation.
    link: String,
}

impl Screen {
    async fn load(
        ctx: &Ctx,
        (meeting, sitting): (MeetingId, SittingId),
        (rules, link): (&RuleSet, String),
    ) -> Result<Self, Refusal> {
        let (db, now) = (&ctx.db, ctx.now());
        let plan = told_plan(db, meeting).await?;
        let runs = floor::runs(db, sitting).await?;
        let on = |segment| {
            let of = runs.iter().rev().find(|run| run.segment.0 == segment);
            of.map(|run| run.ended_at.is_none())
        };
        let agenda = plan.map(|plan| plan.agenda).unwrap_or_default();
        let speeches = floor::speeches(db, sitting).await?;
        let of = |state| move |one: &&Speech| one.state.0 == state;
        let speaking = speeches.iter().find(of(SpeechState::Speaking)).map(|one| {
            let spent = one.started_at.map_or(0, |at| elapsed_s(at, None, now));
            (public_name(one), Clock::of(one, spent, i64::from(rules.meeting.bell_before_minutes) * 60))
        });
        Ok(Self {
            agenda: agenda
                .into_iter()
                .filter(|item| item.minutes > 0)
                .map(|item| (item.segment, item.minutes, on(item.segment)))
                .collect(),
            speaking,
            next: speeches.iter().filter(of(SpeechState::Waiting)).take(NEXT).map(public_name).collect(),
            poll: polls(db, sitting).await?.pop(),
            secret_min: rules.meeting.secret_min,
            link,
        })
    }

    fn view(self) -> AnyView {
        let Self { agenda, speaking, next, poll, secret_min, link } = self;
        // While people vote and nobody speaks, the question is what everybody looks at.
        let votes_first = speaking.is_none() && poll.as_ref().is_some_and(|poll| poll.closed_at.is_none());
        let speaking = match speaking {
            Some((name, clock)) => view! {
                <p class="screen-small">"正在发言"</p>
                <p class="screen-name">{name}</p>
                {clock.view()}
            }
            .into_any(),
            None => view! { <p class="screen-small">"现在没有人发言。想说话的，打开自己的邀请页举手。"</p> }.into_any(),
        };
        let next = (!next.is_empty()).then(|| {
            let rows = next.into_iter().map(|name| view! { <li>{name}</li> }).collect_view();
            view! { <p class="screen-small">"接下来"</p><ol class="screen-next">{rows}</ol> }
        });
        let poll = poll.map(|poll| {
            let title = if poll.closed_at.is_some() {
                "表决结果"
            } else {
                "正在表决，请打开自己的邀请页投票"
            };
            view! {
                <p class="screen-small">{title}</p>
                <p class="screen-question">{poll.asked.question.clone()}</p>
                {result(&poll, secret_min)}
            }
        });
        let agenda = agenda
            .into_iter()
            .map(|(segment, minutes, on)| {
                let (here, words) = match on {
                    Some(true) => (Some("step"), "现在".to_owned()),
                    Some(false) => (None, "完".to_owned()),
                    None => (None, format!("{minutes} 分")),
                };
                view! { <li aria-current=here><b>{segment.word()}</b>" "{words}</li> }
            })
            .collect_view();
        let poll = poll.into_any();
        let (first, second) = if votes_first { (poll, speaking) } else { (speaking, poll) };
        view! {
            <div class="screen">
                <div>{first}</div>
                <div>
                    {second}
                    {next}
                    <div class="screen-join">
                        <Qr text=link label="找到我的邀请页"/>
                        <p class="screen-way">"举手、投票：扫一扫，找到自己的邀请页"</p>
                    </div>
                </div>
            </div>
            <ol class="screen-agenda">{agenda}</ol>
        }
        .into_any()
    }
}

/// The screen.
///
/// # Errors
/// [`Refusal::NotFound`] when no meeting of the topic was ever announced.
pub async fn screen(req: &Request) -> Result<Page, Refusal> {
    let (ctx, id) = (&req.ctx, req.param::<CaseId>("id")?);
    let seen = newest_seq(&ctx.db, id).await?;
    let meeting = public_meeting(&ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    let case = find(&ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    let rules = match case.rule_set_id {
        Some(rules) => by_id(&ctx.db, &ctx.shared, rules).await?,
        None => in_force(&ctx.db, &ctx.shared, &case.town_id, ctx.now()).await?.1,
    };
    let progress = progress(&ctx.db, meeting.meeting_id).await?;
    let sitting = newest_sitting(&ctx.db, meeting.meeting_id).await?.filter(|sitting| sitting.state.0.is_on());
    let shown = match sitting {
        Some(sitting) => {
            let link = format!("{}{}", req.site.public_url, group_path(ctx, meeting.meeting_id));
            Some(Screen::load(ctx, (meeting.meeting_id, sitting.sitting_id), (&rules, link)).await?)
        }
        None => None,
    };
    let words = progress.map_or_else(|| "会议还没有开始。".to_owned(), |progress| progress.words());
    let now = ctx.now();
    Ok(Page::public(format!("会场大屏：{}", meeting.title), "", move || {
        let tag = meeting.demo.then(|| view! { " "<span class="tag">"演示数据"</span> });
        view! {
            <div class="screen-head">
                <h1 class="title">{meeting.title.clone()}{tag}</h1>
                <p class="screen-time" data-now=now.timestamp().to_string()>{clock_time(now)}</p>
            </div>
            <Live case=id seen>
                <p class="screen-small">{words}</p>
                {shown.map(Screen::view)}
            </Live>
        }
        .into_any()
    })
    .with(Script::Watch)
    .private())
}
