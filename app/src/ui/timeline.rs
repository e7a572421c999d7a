//! What happened and what comes: a date, a dot, a sentence that says who did what.

use leptos::prelude::*;

/// How a dot is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventKind {
    /// It happened: ink.
    #[default]
    Done,
    /// It was or is late: red.
    Late,
    /// It is to come: hollow.
    Coming,
}

impl EventKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Late => "late",
            Self::Coming => "coming",
        }
    }

    /// The word for readers of screens, where the sentence alone does not tell.
    const fn word(self) -> Option<&'static str> {
        match self {
            Self::Done => None,
            Self::Late => Some("（逾期）"),
            Self::Coming => Some("（还没到）"),
        }
    }
}

/// One line of a timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The date: 「11月17日」.
    pub when: String,
    /// Who did what.
    pub says: String,
    /// The reason, or what belongs to it, in caption size.
    pub detail: Option<String>,
    /// How it is drawn.
    pub kind: EventKind,
}

/// A timeline, in the order given: newest first for what happened, nearest first for what comes.
#[component]
pub fn Timeline(
    /// Its lines.
    events: Vec<Event>,
) -> impl IntoView {
    let rows = events
        .into_iter()
        .map(|event| {
            view! {
                <li class=event.kind.class()>
                    <span class="when">{event.when}</span>
                    <span class="dot"></span>
                    <span>
                        {event.says}
                        {event.kind.word().map(|word| view! { <span class="sr">{word}</span> })}
                        {event.detail.map(|words| view! { <span class="caption">{words}</span> })}
                    </span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{rows}</ol> }
}
