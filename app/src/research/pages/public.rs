//! What everybody reads of the research: what the officer released of the report, and how often each option of a
//! questionnaire was chosen. What residents wrote in a questionnaire stays with the lead and the town.

use leptos::prelude::*;

use super::questionnaire::{bars, too_few};
use crate::research::model::{QuestionKind, ReportEdition};
use crate::research::store::QuestionnaireLine;
use crate::rules::is_blank;

/// The released edition of the report.
pub(crate) fn report_view(edition: &ReportEdition) -> AnyView {
    edition
        .parts()
        .into_iter()
        .filter(|(.., text)| !is_blank(text))
        .map(|(_, word, text)| view! { <h3 class="sub-head">{word}</h3><p class="said">{text.trim().to_owned()}</p> })
        .collect_view()
        .into_any()
}

/// What came of closed questionnaires, in counts; nothing of one that fewer than `least` answered.
pub(crate) fn results_for_everybody(closed: &[QuestionnaireLine], least: u32) -> AnyView {
    closed.iter().map(|line| one(line, least)).collect_view().into_any()
}

fn one(line: &QuestionnaireLine, least: u32) -> AnyView {
    let title = format!("{}，{} 份答卷", line.asked.title, line.answers);
    let body = match (too_few(line, least), &line.results) {
        (Some(why), _) => view! { <p class="small">{why}</p> }.into_any(),
        (None, None) => ().into_any(),
        (None, Some(results)) => (1..)
            .zip(line.asked.questions.iter().zip(&results.tallies))
            .map(|(n, (question, tally))| {
                let head = format!("{n}．{}（{} 人答）", question.text, tally.answered);
                let shown = if question.kind == QuestionKind::Text {
                    view! { <p class="small">"写的话不公开，会商时用。"</p> }.into_any()
                } else {
                    bars(question, tally)
                };
                view! { <h4 class="sub-head">{head}</h4>{shown} }
            })
            .collect_view()
            .into_any(),
    };
    view! { <h3 class="sub-head">{title}</h3>{body} }.into_any()
}
