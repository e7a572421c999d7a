//! The desk: what is to be done, grouped by when it is due.

use leptos::prelude::*;

use super::{Due, DueBadge, Loop, SideState, StageLine, Strip, Way};
use crate::case::stage::Stage;

/// One thing to do, or to wait for.
#[derive(Clone, Debug)]
pub struct DeskItem {
    /// When it is due; for what waits for others, how long it has been.
    pub due: Option<Due>,
    /// What to do: 「答复新提议题：老厂区门口夜市油烟」.
    pub todo: String,
    /// Why, and by when.
    pub why: String,
    /// The case's page, where the row has no action.
    pub href: String,
    /// The stage of the line; none for what is about no case.
    pub present: Option<Stage>,
    /// A side state.
    pub side: Option<SideState>,
    /// Ways back.
    pub loops: Vec<Loop>,
    /// The one button of the row.
    pub action: Option<Way>,
    /// Whom it waits for, where there is nothing to press.
    pub waits_for: Option<String>,
}

/// A group of the desk: 逾期, 今天, 本周, 以后, 等别人. An empty group disappears.
#[component]
pub fn DeskGroup(
    /// Its name.
    #[prop(into)]
    words: String,
    /// Its rows, the most pressing first.
    items: Vec<DeskItem>,
    /// Whether it is the group of what is overdue.
    #[prop(optional)]
    late: bool,
    /// Whether its first row has the ink button of the page.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let count = items.len();
    (count > 0).then(|| {
        let rows = items.into_iter().enumerate().map(|(n, item)| row(item, first && n == 0)).collect_view();
        let class = if late { "desk-group late" } else { "desk-group" };
        view! {
            <section class=class>
                <h2>{words}<span class="n">{count}<span class="sr">" 件"</span></span></h2>
                <ul class="desk-rows">{rows}</ul>
            </section>
        }
    })
}

fn row(item: DeskItem, ink: bool) -> impl IntoView {
    let place = item.present.map(|present| {
        let line = StageLine::bare(present, item.side, item.loops);
        let word = line.word();
        view! { <Strip line/><span class="word">{word}</span> }
    });
    let act = match (item.action, item.waits_for) {
        (Some(way), _) => {
            let class = if ink { "btn small" } else { "btn second small" };
            // Several rows may have the same verb: the matter tells them apart for readers of screens.
            let matter = format!("：{}", item.todo);
            view! { <a class=class href=way.href>{way.words}<span class="sr">{matter}</span></a> }.into_any()
        }
        (None, Some(whom)) => view! { <span class="waiting">{format!("等 {whom}")}</span> }.into_any(),
        (None, None) => ().into_any(),
    };
    view! {
        <li class="desk-row">
            <div class="due">{item.due.map(|due| view! { <DueBadge due/> })}</div>
            <div class="what">
                <p class="todo"><a href=item.href>{item.todo}</a></p>
                <p class="caption">{item.why}</p>
            </div>
            <div class="where">{place}</div>
            <div class="act">{act}</div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> DeskItem {
        DeskItem {
            due: Some(Due::late("超期 1 个工作日")),
            todo: "答复新提议题".to_owned(),
            why: "受理期限 5 个工作日".to_owned(),
            href: "/desk/topics/1".to_owned(),
            present: Some(Stage::Submitted),
            side: None,
            loops: vec![],
            action: Some(Way::new("去初审", "/desk/topics/1")),
            waits_for: None,
        }
    }

    #[test]
    fn an_empty_group_disappears() {
        let html = crate::live::render(|| view! { <DeskGroup words="今天" items=vec![]/> });
        assert!(!html.contains("section"), "{html}");
    }

    #[test]
    fn only_the_first_row_has_the_ink_button() {
        let html =
            crate::live::render(|| view! { <DeskGroup words="逾期" items=vec![item(), item()] late=true first=true/> });
        assert_eq!(html.matches("class=\"btn small\"").count(), 1, "{html}");
        assert_eq!(html.matches("class=\"btn second small\"").count(), 1, "{html}");
    }
}
