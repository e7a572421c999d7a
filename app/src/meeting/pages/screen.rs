//! `/topics/{id}/screen`: the screen of the room. Everybody may open it, so nobody is named who did not agree to it, and
//! no code stands on it.

use leptos::prelude::*;

use super::invitee::public_name;
use super::polls::result;
use crate::case::store::{find, versions};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{CaseId, SittingId};
use crate::meeting::clock_island::SpeechClock;
use crate::meeting::floor::model::{SpeechState, elapsed_s};
use crate::meeting::floor::store::{self as floor, Speech};
use crate::meeting::poll::store::{Poll, polls};
use crate::meeting::reload_island::Reload;
use crate::meeting::{newest_sitting, progress};
use crate::plan::model::ConsultationPlan;
use crate::plan::public_meeting;
use crate::rules::{RuleSet, Segment, clock_time};
use crate::town::rules::{by_id, in_force};
use crate::web::{Page, Request};

/// Seconds after which the screen looks anew.
const LOOK_S: u32 = 4;
/// How many of those in line are named.
const NEXT: usize = 3;

/// What stands on the screen.
struct Screen {
    /// Segments of the plan with their minutes, and whether they are over, on, or to come.
    agenda: Vec<(Segment, u32, Option<bool>)>,
    speaking: Option<(String, i64, i64)>,
    next: Vec<String>,
    poll: Option<Poll>,
    secret_min: u32,
    bell_s: i64,
}

impl Screen {
    async fn load(ctx: &Ctx, (case, sitting): (CaseId, SittingId), rules: &RuleSet) -> Result<Self, Refusal> {
        let (db, now) = (&ctx.db, ctx.now());
        let plan = versions::<ConsultationPlan>(db, case).await?.into_iter().next().map(|v| v.record);
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
            (public_name(one), spent, one.allowed_s)
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
            bell_s: i64::from(rules.meeting.bell_before_minutes) * 60,
        })
    }

    fn view(self) -> AnyView {
        let Self { agenda, speaking, next, poll, secret_min, bell_s } = self;
        let speaking = match speaking {
            Some((name, elapsed_s, allowed_s)) => view! {
                <p class="screen-small">"正在发言"</p>
                <p class="screen-name">{name}</p>
                <SpeechClock elapsed_s allowed_s bell_s/>
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
        view! {
            <div class="screen">
                <div>{speaking}</div>
                <div>{next}{poll}</div>
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
    let meeting = public_meeting(&ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    let case = find(&ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    let rules = match case.rule_set_id {
        Some(rules) => by_id(&ctx.db, &ctx.shared, rules).await?,
        None => in_force(&ctx.db, &ctx.shared, &case.town_id, ctx.now()).await?.1,
    };
    let progress = progress(&ctx.db, meeting.meeting_id).await?;
    let sitting = newest_sitting(&ctx.db, meeting.meeting_id).await?.filter(|sitting| sitting.state.0.is_on());
    let shown = match sitting {
        Some(sitting) => Some(Screen::load(ctx, (id, sitting.sitting_id), &rules).await?),
        None => None,
    };
    let words = progress.map_or_else(|| "会议还没有开始。".to_owned(), |progress| progress.words());
    let now = ctx.now();
    Ok(Page::public(format!("会场大屏：{}", meeting.title), "", move || {
        let tag = meeting.demo.then(|| view! { " "<span class="tag">"演示数据"</span> });
        view! {
            <div class="screen-head">
                <h1 class="title">{meeting.title.clone()}{tag}</h1>
                <p class="screen-time">{clock_time(now)}</p>
            </div>
            <p class="lead">{words}</p>
            {shown.map(Screen::view)}
            <Reload after_s=LOOK_S words="这一页自己更新。没有更新的，请刷新。".to_owned()/>
        }
        .into_any()
    })
    .private())
}
