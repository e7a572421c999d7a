//! An empty list: one sentence and one way on, where the list would stand.

use leptos::prelude::*;

use super::Way;

/// What a list says when nothing is in it.
#[component]
pub fn Empty(
    /// Why it is empty, or what comes next.
    #[prop(into)]
    sentence: String,
    /// The way on.
    #[prop(optional_no_strip, into)]
    way: Option<Way>,
) -> impl IntoView {
    view! {
        <p class="empty">
            {sentence}
            {way.map(|way| view! { " " <a href=way.href>{way.words}</a> })}
        </p>
    }
}
