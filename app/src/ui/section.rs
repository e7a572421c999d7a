//! A section of a page: a thin ink rule, a serif heading, something small at the right.

use leptos::prelude::*;

use super::{Way, Words};

/// A section with its heading (h2).
#[component]
pub fn Section(
    /// The heading.
    #[prop(into)]
    title: String,
    /// A count, or a remark at the right of the heading.
    #[prop(optional, into)]
    side: Words,
    /// A link at the right of the heading.
    #[prop(optional_no_strip, into)]
    way: Option<Way>,
    /// Name for links into the page.
    #[prop(optional, into)]
    id: Words,
    /// What stands in it.
    children: Children,
) -> impl IntoView {
    let side = side.0.map(|words| view! { <p class="sec-side">{words}</p> });
    let way = way.map(|way| view! { <p class="sec-side"><a href=way.href>{way.words}</a></p> });
    view! {
        <section class="sec" id=id.0>
            <div class="sec-head"><h2>{title}</h2>{side}{way}</div>
            {children()}
        </section>
    }
}
