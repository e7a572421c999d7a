//! The right side of the console: who waits to speak, and who spoke how long.

use leptos::prelude::*;

use super::console::{Room, who};
use crate::access::StepKind;
use crate::meeting::floor::model::{SpeechState, minutes_and_seconds, totals};
use crate::rules::Category;
use crate::ui::{Button, ButtonKind, Choice, Field, Section, Select};

/// Who waits, and putting somebody in line.
pub(super) fn line(room: &Room) -> AnyView {
    let is_on = room.sitting.state.0.is_on();
    let count = room.waiting().count();
    let rows: Vec<_> = room
        .waiting()
        .enumerate()
        .map(|(n, one)| {
            let waits = (room.bench.now - one.asked_at).num_minutes();
            let since = if waits > 0 { format!("等 {waits} 分") } else { "刚举手".to_owned() };
            let spoken: i64 = room
                .speeches
                .iter()
                .filter(|s| s.invitee_id == one.invitee_id && s.started_at.is_some())
                .map(|s| room.seconds(s))
                .sum();
            let spoken = if spoken > 0 { minutes_and_seconds(spoken) } else { "还没说过".to_owned() };
            let acts = (is_on && room.runs_it()).then(|| {
                view! {
                    <div class="line-acts">
                        {room.press(StepKind::StartSpeech, one.speech_id, "请他说", ButtonKind::Second)}
                        {(n > 0).then(|| room.press(StepKind::SpeakNext, one.speech_id, "提前", ButtonKind::Link))}
                        {room.press(StepKind::WithdrawSpeech, one.speech_id, "撤下", ButtonKind::Link)}
                    </div>
                }
            });
            view! {
                <li>
                    <p><b>{one.name.clone()}</b><span class="num">{since}</span></p>
                    <p class="caption">{format!("{}，{spoken}", who(one))}</p>
                    {acts}
                </li>
            }
        })
        .collect();
    let list = if rows.is_empty() {
        view! { <p class="empty">"没有人等着说。"</p> }.into_any()
    } else {
        view! { <ol class="line-list">{rows}</ol> }.into_any()
    };
    let add = (is_on && room.bench.may(StepKind::AskToSpeak)).then(|| add(room));
    view! { <Section title=format!("等着说 {count}")>{list}{add}</Section> }.into_any()
}

fn add(room: &Room) -> AnyView {
    let busy = |invitee| {
        room.speeches
            .iter()
            .any(|s| s.invitee_id == invitee && matches!(s.state.0, SpeechState::Waiting | SpeechState::Speaking))
    };
    let options = room
        .present()
        .filter(|person| !busy(person.invitee_id))
        .map(|person| {
            let words = format!("{}（{}）", person.name, person.category.0.word());
            Choice::new(person.invitee_id.to_string(), words)
        })
        .collect();
    let state = room.bench.state(StepKind::AskToSpeak);
    let field = Field::of(&state, "invitee", "谁举手了").within("ask");
    let fields = view! {
        <Select field options blank="请选"/>
        <div class="actions"><Button words="排进去" kind=ButtonKind::Second small=true/></div>
    };
    room.form(StepKind::AskToSpeak, fields)
}

/// How long each category has spoken; who is there and said nothing stands at the end, in a word.
pub(super) fn spoken(room: &Room) -> AnyView {
    let spoken: Vec<(Category, i64)> = room
        .speeches
        .iter()
        .filter(|one| one.started_at.is_some())
        .map(|one| (one.category.0, room.seconds(one)))
        .collect();
    let present: Vec<Category> = room.present().map(|person| person.category.0).collect();
    let rows = totals(&spoken, &present)
        .into_iter()
        .map(|(category, seconds)| {
            let shown = if seconds > 0 {
                view! { <span class="num">{minutes_and_seconds(seconds)}</span> }.into_any()
            } else {
                view! { <span class="advised">"还没说"</span> }.into_any()
            };
            view! { <li><span>{category.word()}</span>{shown}</li> }
        })
        .collect_view();
    view! { <Section title="谁说了多久"><ul class="pair-list">{rows}</ul></Section> }.into_any()
}
