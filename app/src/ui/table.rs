//! Tables, which scroll sideways within their own frame where the page is narrow.

use leptos::prelude::*;

/// The head of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it says.
    pub words: &'static str,
    /// Figures stand at the right; give the cells the class `num` as well.
    pub figures: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn words(words: &'static str) -> Self {
        Self { words, figures: false }
    }

    /// A column of figures.
    #[must_use]
    pub const fn figures(words: &'static str) -> Self {
        Self { words, figures: true }
    }
}

/// A table; the children are its rows (`<tr>`).
#[component]
pub fn Table(
    /// What the table shows; read out and shown over it.
    #[prop(into)]
    caption: String,
    /// Whether the caption is for readers of screens only, because a heading says the same.
    #[prop(optional)]
    quiet: bool,
    /// The columns.
    columns: Vec<Column>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let heads = columns
        .into_iter()
        .map(|column| view! { <th scope="col" class=column.figures.then_some("num")>{column.words}</th> })
        .collect_view();
    let label = caption.clone();
    view! {
        <div class="table-wrap" role="region" aria-label=label tabindex="0">
            <table class="table">
                <caption class=quiet.then_some("sr")>{caption}</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
