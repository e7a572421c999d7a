//! The answer block: the first thing a page says.

use leptos::prelude::*;

use super::Words;

/// Where the matter stands, in one sentence with a number; then whom it waits for, since when, and what comes next.
#[component]
pub fn Answer(
    /// Where it stands.
    #[prop(into)]
    sentence: String,
    /// Whom it waits for, since when, what happens next and on what date.
    #[prop(optional, into)]
    waits: Words,
) -> impl IntoView {
    view! {
        <div class="answer">
            <p>{sentence}</p>
            {waits.0.map(|words| view! { <p>{words}</p> })}
        </div>
    }
}
