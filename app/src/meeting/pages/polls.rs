//! Polls on the console, on the own page of somebody invited, and on the screen of the room.

use leptos::prelude::*;

use super::console::Room;
use super::invitee::Me;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::{PollId, SittingId};
use crate::meeting::model::SittingState;
use crate::meeting::poll::model::{Asked, Shown, shown};
use crate::meeting::poll::steps::CastVote;
use crate::meeting::poll::store::{self, Poll, Question};
use crate::meeting::store::Sitting;
use crate::ui::{Button, ButtonKind, Checkbox, Choice, Column, Field, RadioGroup, Section, Table, TextArea, TextInput};
use crate::web::Form;

/// The options with their votes, or why there are none to see.
pub(super) fn result(poll: &Poll, secret_min: u32) -> AnyView {
    match shown(poll.closed_at.is_some(), poll.secret, &poll.votes, secret_min) {
        Shown::Running => view! { <p>{format!("已投 {}/{}。", poll.voted, poll.entitled)}</p> }.into_any(),
        Shown::TooFew => {
            let words = format!("投的人不足 {secret_min} 位（本镇设定），无记名的不显示结果。");
            view! { <p>{words}</p> }.into_any()
        }
        Shown::Result(votes) => {
            let rows = poll
                .asked
                .options
                .iter()
                .zip(votes)
                .map(|(option, n)| {
                    view! { <tr><th scope="row">{option.clone()}</th><td class="num">{n}</td></tr> }
                })
                .collect_view();
            let columns = vec![Column::words("选项"), Column::figures("票")];
            let cast = format!("有权表决 {} 位，投了 {} 票。", poll.entitled, poll.voted);
            view! { <Table caption="表决结果" quiet=true columns=columns>{rows}</Table><p class="caption">{cast}</p> }
                .into_any()
        }
    }
}

const fn kind(poll: &Poll) -> &'static str {
    if poll.secret { "无记名" } else { "记名" }
}

/// The part of the console: the poll that is on, opening one, and the results.
pub(super) fn part(room: &Room) -> AnyView {
    let secret_min = room.bench.rules.meeting.secret_min;
    let on = room.polls.iter().find(|poll| poll.closed_at.is_none()).map(|poll| {
        let close = room.bench.may(StepKind::ClosePoll).then(|| {
            let fields = view! {
                <input type="hidden" name="poll" value=poll.poll.to_string()/>
                <Button words="结束表决，看结果" kind=ButtonKind::Second/>
            };
            room.form(StepKind::ClosePoll, fields)
        });
        let title = format!("正在表决（{}）：{}", kind(poll), poll.asked.question);
        view! { <p><b>{title}</b></p>{result(poll, secret_min)}{close} }.into_any()
    });
    let may = on.is_none() && room.sitting.state.0 == SittingState::Open && room.bench.may(StepKind::OpenPoll);
    let form = may.then(|| {
        let state = room.bench.state(StepKind::OpenPoll);
        let question = Field::of(&state, "question", "问什么").within("poll");
        let options = Field::of(&state, "options", "选项")
            .within("poll")
            .hint("一行一个，两个到六个。")
            .or(Asked::agreement().join("\n"));
        let secret = Field::of(&state, "secret", "无记名").within("poll");
        let fields = view! {
            <p class="hint">"现在已签到的人可以投，部门和专家不投；开始以后到的不能投这一次。"</p>
            <TextInput field=question/>
            <TextArea field=options rows=4/>
            <Checkbox field=secret/>
            <div class="actions"><Button words="开始表决" kind=ButtonKind::Second/></div>
        };
        let form = room.form(StepKind::OpenPoll, fields);
        view! { <details open=state.refusal.is_some()><summary accesskey="v">"发起表决"</summary>{form}</details> }
    });
    let closed: Vec<_> = room
        .polls
        .iter()
        .rev()
        .filter(|poll| poll.closed_at.is_some())
        .map(|poll| {
            let title = format!("{}（{}）", poll.asked.question, kind(poll));
            view! { <li><p><b>{title}</b></p>{result(poll, secret_min)}</li> }
        })
        .collect();
    let closed = (!closed.is_empty()).then(|| view! { <ul class="short-list">{closed}</ul> });
    let any = on.is_some() || form.is_some() || closed.is_some();
    any.then(|| view! { <Section title="表决" id="poll">{on}{form}{closed}</Section> }).into_any()
}

/// What a form of the console asks.
pub(super) fn asked(form: &Form) -> Asked {
    let options = form.value("options").lines().map(str::to_owned).collect();
    Asked { question: form.value("question").to_owned(), options }
}

/// The poll that is on, for somebody who is there.
pub(super) struct Ballot {
    sitting: SittingId,
    poll: PollId,
    asked: Asked,
    secret: bool,
    /// Whether the person is entitled, and has voted.
    voted: Option<bool>,
    /// Whether the meeting rests, and takes no votes.
    paused: bool,
}

impl Ballot {
    pub(super) async fn load(ctx: &Ctx, me: Me, (sitting, on): (&Sitting, &Question)) -> Result<Self, Refusal> {
        let (paused, sitting) = (sitting.state.0 == SittingState::Paused, sitting.sitting_id);
        let voted = store::voter(&ctx.db, on.poll, me.invitee).await?;
        Ok(Self { sitting, poll: on.poll, asked: on.asked.clone(), secret: on.secret, voted, paused })
    }

    pub(super) fn view(&self, form: &FormState, action: &str) -> AnyView {
        let how = if self.secret { "无记名：谁投了什么，哪里都不记。" } else { "记名表决。" };
        let body = match self.voted {
            None => view! { <p>"这一次您不参加表决。"</p> }.into_any(),
            Some(true) => view! { <p class="note">"您已经投了。"</p> }.into_any(),
            Some(false) if self.paused => {
                view! { <p class="note">{format!("{}：休会中，复会以后接着投。", self.asked.question)}</p> }.into_any()
            }
            Some(false) => {
                // What was chosen is never sent back to the page: the form is empty after a refusal.
                let state = form.of_action(StepKind::CastVote.code());
                let sentence = state.error("choice").map(str::to_owned);
                let empty = FormState::default();
                let options =
                    (1..).zip(&self.asked.options).map(|(n, o): (usize, _)| Choice::new(n.to_string(), o.clone()));
                let field = Field::of(&empty, "choice", self.asked.question.clone()).private();
                let refusal = sentence.map(|words| view! { <p class="note" role="alert">{words}</p> });
                view! {
                    {refusal}
                    <form class="form" method="post" action=action.to_owned()>
                        <input type="hidden" name="action" value=StepKind::CastVote.code()/>
                        <input type="hidden" name="sitting" value=self.sitting.to_string()/>
                        <input type="hidden" name="poll" value=self.poll.to_string()/>
                        <RadioGroup field options=options.collect()/>
                        <div class="actions answer-acts"><Button words="投票"/></div>
                    </form>
                }
                .into_any()
            }
        };
        view! { <Section title="表决"><p class="caption">{how}</p>{body}</Section> }.into_any()
    }
}

/// Takes a vote. Without a request id: a receipt would be kept under it, and having voted is enough.
///
/// # Errors
/// As the step.
pub async fn vote(ctx: &Ctx, me: Me, form: &Form) -> Result<(), Refusal> {
    let incomplete = || Refusal::moved_on("这一页不完整，请刷新后再提交。");
    let step = CastVote {
        case: me.case,
        sitting: form.value("sitting").parse().map_err(|_| incomplete())?,
        poll: form.value("poll").parse().map_err(|_| incomplete())?,
        invitee: me.invitee,
        choice: form.parse("choice", "请选一项。")?,
    };
    carry_out(&ctx.with_request(None), step).await
}
