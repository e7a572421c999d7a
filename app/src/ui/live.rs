//! Parts of a page that follow a case.

use leptos::prelude::*;

use crate::ids::CaseId;

/// The part of a page that is shown anew when its case changes, on a page with [`crate::web::Script::Watch`]. One on a
/// page; it may hold parts of its own, marked `data-live`, that are replaced one by one.
#[component]
pub fn Live(
    /// The case.
    case: CaseId,
    /// The number of the case's newest change when the page was made, read before anything else of it: what changes while
    /// the page is being made is told then.
    seen: i64,
    /// Whether it holds parts of its own.
    #[prop(optional)]
    parts: bool,
    /// What is shown.
    children: Children,
) -> impl IntoView {
    view! {
        <div data-stream=format!("/live/case/{case}") data-seen=seen.to_string() data-live=(!parts).then_some("page")>
            {children()}
        </div>
    }
}
