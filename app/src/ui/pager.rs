//! Pages by key: the one before and the one after, never a page number.

use leptos::prelude::*;

use super::Words;

/// Links to the neighbouring pages; nothing where there are none.
#[component]
pub fn Pager(
    /// Address of the page before.
    #[prop(optional, into)]
    previous: Words,
    /// Address of the page after.
    #[prop(optional, into)]
    next: Words,
) -> impl IntoView {
    let (previous, next) = (previous.0, next.0);
    (previous.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="翻页">
                {match previous {
                    Some(href) => view! { <a href=href rel="prev">"上一页"</a> }.into_any(),
                    None => view! { <span></span> }.into_any(),
                }}
                {next.map(|href| view! { <a href=href rel="next">"下一页"</a> })}
            </nav>
        }
    })
}
