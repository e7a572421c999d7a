//! The page for everything that did not work: what happened, what is still true, two ways back.

use leptos::prelude::*;

use super::{FindingList, TextDiff, Way};
use crate::error::Refusal;

/// The body of an error page.
#[component]
pub fn ErrorPage(
    /// What did not work.
    refusal: Refusal,
    /// Ways back, two as a rule.
    ways: Vec<Way>,
    /// What was written into a form that cannot be shown again.
    #[prop(optional)]
    typed: Vec<String>,
) -> impl IntoView {
    let (sentence, comfort, status) = (refusal.sentence(), refusal.comfort(), refusal.status());
    let detail = match &refusal {
        Refusal::Blocked(findings) => Some(view! { <FindingList findings=findings.clone()/> }.into_any()),
        Refusal::Invalid(errors) => {
            let list = errors.iter().map(|error| view! { <li>{error.sentence.clone()}</li> }).collect_view();
            Some(view! { <ul>{list}</ul> }.into_any())
        }
        Refusal::Conflict { differences, .. } if !differences.is_empty() => {
            let list = differences
                .iter()
                .map(|d| view! { <TextDiff label=d.label.clone() theirs=d.theirs.clone() yours=d.yours.clone()/> })
                .collect_view();
            Some(list.into_any())
        }
        _ => None,
    };
    let id = match refusal {
        Refusal::Internal { id } => Some(id),
        _ => None,
    };
    let links = ways
        .into_iter()
        .enumerate()
        .map(|(n, way)| view! { <a class=if n == 0 { "btn" } else { "btn second" } href=way.href>{way.words}</a> })
        .collect_view();
    let typed = (!typed.is_empty()).then(|| {
        let texts = typed.into_iter().map(|text| view! { <p class="quote said">{text}</p> }).collect_view();
        view! {
            <section>
                <h2 class="sub-head">"您刚才写的"</h2>
                <p class="small">"没有交上去。先抄下来或复制下来，回去以后再填。"</p>
                {texts}
            </section>
        }
    });
    view! {
        <div class="error-page">
            <h1 class="title">{sentence}</h1>
            <p class="lead">{comfort}</p>
            {detail}
            {typed}
            <p class="actions">{links}</p>
            <p class="caption">
                {format!("代号 {status}")}
                {id.map(|id| format!("，差错编号 {id}。打电话问的时候，报这个编号就能查到。"))}
            </p>
        </div>
    }
}
