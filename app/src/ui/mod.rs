//! Building blocks of pages: pure functions from finished data to views. Nothing here reads a database, a clock or a
//! request, and nothing here knows a rule; a page loads its data, puts it into these structs and renders once.
//!
//! Lengths in drawings are attributes of SVG elements, never `style=` attributes: the content policy forbids those.
//! Class names are those of `style/`; the measures are in the style sheet alone.

mod answer;
mod button;
mod case_row;
mod comment;
mod composition_meter;
mod desk_row;
mod diff;
mod due_badge;
mod empty;
mod error_page;
mod field;
mod finding;
mod icon;
mod layout;
mod live;
mod pager;
mod qr;
mod section;
mod stage_line;
mod table;
mod timeline;

pub use answer::Answer;
pub use button::{Button, ButtonKind, LinkButton};
pub use case_row::{CaseItem, CaseList, CaseRow, StateLine};
pub use comment::{CommentItem, Comments};
pub use composition_meter::CompositionMeter;
pub use desk_row::{DeskGroup, DeskItem};
pub use diff::{Conflict, TextDiff, VersionDiff};
pub use due_badge::{Due, DueBadge};
pub use empty::Empty;
pub use error_page::ErrorPage;
pub use field::{
    CheckGroup, Checkbox, Choice, Field, FileInput, FormSummary, REQUEST_ID_FIELD, RadioGroup, RequestIdField,
    STAGED_FIELD, Select, TextArea, TextInput,
};
pub use finding::{FindingList, FindingRow, StepButton, source_words};
pub use icon::{Icon, Shape};
pub use layout::{Crumbs, DeskShell, Frame, PublicShell, SignedIn, Stamp};
pub use live::Live;
pub use pager::Pager;
pub use qr::Qr;
pub use section::Section;
pub use stage_line::{Loop, PhaseBars, PhaseCount, SideState, StageLine, StageLineView, StageSpan, Strip};
pub use table::{Column, Table};
pub use timeline::{Event, EventKind, Timeline};

/// Addresses of what every page loads, as the site's table of assets gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// The one script module of public pages.
    pub public_js: String,
    /// The script of pages with a form that is kept while there is no network.
    pub offline_js: String,
    /// The script of the door.
    pub door_js: String,
    /// The service worker of the door.
    pub door_worker_js: String,
    /// The reader of QR codes, for browsers without one.
    pub qr_js: String,
    /// The script of pages that follow a case.
    pub watch_js: String,
    /// The script of the minutes.
    pub minutes_js: String,
    /// The script of the console.
    pub console_js: String,
    /// The seal in the masthead, an SVG.
    pub mark: String,
    /// The icon of the browser tab, an SVG.
    pub favicon: String,
}

/// A link: where it leads and what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// What the link says.
    pub words: String,
    /// Where it leads.
    pub href: String,
}

impl Way {
    /// A link that says `words` and leads to `href`.
    pub fn new(words: impl Into<String>, href: impl Into<String>) -> Self {
        Self { words: words.into(), href: href.into() }
    }
}

/// Words that may be left out. Props take a literal, a `String` or an `Option<String>` for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(pub Option<String>);

impl From<&str> for Words {
    fn from(words: &str) -> Self {
        Self(Some(words.to_owned()))
    }
}

impl From<String> for Words {
    fn from(words: String) -> Self {
        Self(Some(words))
    }
}

impl From<Option<String>> for Words {
    fn from(words: Option<String>) -> Self {
        Self(words)
    }
}

/// Text made safe for a place between tags or inside a quoted attribute, for the drawings that are built as text.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
