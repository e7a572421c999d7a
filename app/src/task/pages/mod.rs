//! Pages of this stage.
//!
//! | file | page |
//! |---|---|
//! | `list.rs` | `/desk/tasks`: all that one's units owe, over all towns; `/desk/late`: what is late in a town or the district |
//! | `one.rs` | `/desk/tasks/{id}`: one task, for whoever has a part in it |
//! | `forms.rs` | the forms of that page |
//! | `case.rs` | `/desk/topics/{id}/tasks`: the tasks of a case, and what ends the handling |

mod case;
mod forms;
mod list;
mod one;
mod watch;

#[cfg(test)]
mod tests;

pub use case::{post_tasks, tasks};
pub use list::{late, owed};
pub use one::{post_task, task};

pub(crate) use list::{badge, unit_items};
pub(crate) use watch::asked;

use leptos::prelude::*;

use super::model::NoteKind;
use super::store::Note;
use chrono::NaiveDate;

use crate::rules::local_date;
use crate::topic::pages::desk::{day, moment};
use crate::ui::{Event, EventKind, Timeline};

/// The record of a task, as those who work on it read it.
fn record(notes: &[Note], today: NaiveDate) -> AnyView {
    let events = notes.iter().map(|note| event(note, today)).collect();
    let files: Vec<AnyView> = notes
        .iter()
        .flat_map(|note| note.files().into_iter().map(move |file| (note, file)))
        .map(|(note, file)| {
            let words = format!("{} {}的照片或文件", day(local_date(note.at), today), note.kind.0.word());
            view! { <li><a href=format!("/files/{file}")>{words}</a></li> }.into_any()
        })
        .collect();
    let files = (!files.is_empty()).then(|| view! { <ul class="short-list">{files}</ul> });
    view! { <div class="timed"><Timeline events/></div>{files} }.into_any()
}

fn event(note: &Note, today: NaiveDate) -> Event {
    let by = note.author.clone().or_else(|| note.unit.clone()).unwrap_or_else(|| "系统".to_owned());
    let kind = note.kind.0;
    let on = note.day.map(|on| day(on, today)).unwrap_or_default();
    let says = match kind {
        NoteKind::Progress => format!("{by} 报进展：完成 {}%", note.percent.unwrap_or_default()),
        NoteKind::Reply => {
            let class = note.class().map_or(String::new(), |class| format!("：{}类，{}", class.letter(), class.word()));
            format!("{by} 答复{class}")
        }
        NoteKind::Planned => {
            let done = note.answered_at.map(|at| format!("，{}做完", day(local_date(at), today))).unwrap_or_default();
            format!("{by} 排了一步，{on}前{done}")
        }
        NoteKind::Assigned | NoteKind::Reassigned => {
            format!("{}{}，{on}前办好", kind.word(), note.unit.clone().unwrap_or_default())
        }
        NoteKind::ExtensionAsked => format!("{by} 申请延到{on}"),
        NoteKind::ExtensionGranted => format!("{by} 同意延到{on}"),
        NoteKind::Verified => format!("{by} {on}核实通过"),
        NoteKind::Supervised => format!("{by} 督办，{on}前回复"),
        NoteKind::Reminded => format!("到期提醒（{on}）"),
        NoteKind::Escalated => {
            let step = note.level.and_then(super::model::Chain::step).map_or("", super::model::Chain::word);
            let over = if note.passed_over { "（已并入更高一级）" } else { "" };
            format!("{}超期，{on}报{step}{over}", note.words)
        }
        kind => format!("{by} {}", kind.word()),
    };
    let mut detail = Vec::new();
    if !note.words.is_empty() && kind != NoteKind::Escalated && kind != NoteKind::Reminded {
        detail.push(note.words.clone());
    }
    if !note.place.is_empty() {
        detail.push(format!("地点：{}", note.place));
    }
    if !note.more.is_empty() {
        let what = if kind == NoteKind::Verified { "同去：" } else { "" };
        detail.push(format!("{what}{}", note.more));
    }
    if !note.is_public && kind == NoteKind::Progress {
        detail.push("（不公开）".to_owned());
    }
    Event {
        when: moment(note.at, today),
        says,
        detail: (!detail.is_empty()).then(|| detail.join("　")),
        kind: if kind == NoteKind::Escalated && !note.passed_over { EventKind::Late } else { EventKind::Done },
    }
}
