//! A case in a list: what it is, what it waits for, where it stands.

use leptos::prelude::*;

use super::{Due, DueBadge, Loop, SideState, StageLine, Strip};
use crate::case::stage::Stage;

/// A case as a list shows it.
#[derive(Clone, Debug)]
pub struct CaseItem {
    /// The title, which is the link.
    pub title: String,
    /// The case's page.
    pub href: String,
    /// Town, source and one fact; joined by 「 / 」.
    pub meta: Vec<String>,
    /// What it waits for, in one sentence; left out when empty.
    pub waits: String,
    /// The stage of the line that it is in, or was in before a side state.
    pub present: Stage,
    /// A side state, where it is in one.
    pub side: Option<SideState>,
    /// Ways back that it took.
    pub loops: Vec<Loop>,
    /// When it is due.
    pub due: Option<Due>,
}

/// Status word, due badge and strip: read out as one sentence.
#[component]
pub fn StateLine(
    /// The stage of the line.
    present: Stage,
    /// A side state.
    #[prop(optional_no_strip, into)]
    side: Option<SideState>,
    /// Ways back.
    #[prop(optional)]
    loops: Vec<Loop>,
    /// When it is due.
    #[prop(optional_no_strip, into)]
    due: Option<Due>,
) -> impl IntoView {
    let line = StageLine::bare(present, side, loops);
    let place = format!("，{}{}", line.place(), if due.is_some() { "，" } else { "" });
    view! {
        <p class="state">
            <span class="word">{line.word()}</span>
            <span class="sr">{place}</span>
            {due.map(|due| view! { <DueBadge due/> })}
        </p>
        <Strip line/>
    }
}

/// One row; stands in [`CaseList`].
#[component]
pub fn CaseRow(
    /// The case.
    case: CaseItem,
    /// Level of its heading: 2 directly under the page's title, 3 in a section.
    #[prop(default = 3)]
    heading: u8,
) -> impl IntoView {
    let title = view! { <a href=case.href>{case.title}</a> };
    let title = if heading == 2 {
        view! { <h2 class="case-title">{title}</h2> }.into_any()
    } else {
        view! { <h3 class="case-title">{title}</h3> }.into_any()
    };
    let waits = (!case.waits.is_empty()).then(|| view! { <p class="waits">{case.waits}</p> });
    view! {
        <li>
            <div>
                {title}
                <p class="meta">{case.meta.join(" / ")}</p>
                {waits}
            </div>
            <div class="case-state">
                <StateLine present=case.present side=case.side loops=case.loops due=case.due/>
            </div>
        </li>
    }
}

/// The list of cases; an empty one is the page's to say in words.
#[component]
pub fn CaseList(
    /// The cases, in order.
    cases: Vec<CaseItem>,
    /// Level of their headings.
    #[prop(default = 3)]
    heading: u8,
) -> impl IntoView {
    let rows = cases.into_iter().map(|case| view! { <CaseRow case heading/> }).collect_view();
    view! { <ul class="cases">{rows}</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_reads_as_one_sentence_and_escapes_its_title() {
        let html = crate::live::render(|| {
            view! {
                <CaseList cases=vec![CaseItem {
                    title: "<b>路灯</b>".to_owned(),
                    href: "/topics/1".to_owned(),
                    meta: vec!["盛泽镇".to_owned(), "社会征题".to_owned()],
                    waits: String::new(),
                    present: Stage::Tracking,
                    side: None,
                    loops: vec![],
                    due: Some(Due::late("超期 6 个工作日")),
                }]/>
            }
        });
        assert!(html.contains("&lt;b&gt;路灯&lt;/b&gt;"), "{html}");
        let text: String = strip_tags(&html);
        assert!(text.contains("办理中，十四个阶段的第十一个，超期 6 个工作日"), "{text}");
        assert!(!html.contains("class=\"waits\""), "{html}");
    }

    fn strip_tags(html: &str) -> String {
        let mut inside = false;
        html.chars()
            .filter(|c| {
                let keep = !inside && *c != '<';
                match c {
                    '<' => inside = true,
                    '>' => inside = false,
                    _ => {}
                }
                keep
            })
            .collect()
    }
}
