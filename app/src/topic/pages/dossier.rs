//! `/topics/{id}/dossier` (议题材料): everything of a case that is public and that one reads before the meeting, on one page
//! that can be printed. Who was visited is never named here: people who were heard are a category and a number.

use leptos::prelude::*;

use super::opinion::{OPINIONS, opinions_list};
use super::topic::{bases, crumbs, public, rules_of, standing, text};
use super::words::{self, full_date};
use crate::case::stage::Stage;
use crate::case::store as cases;
use crate::error::Refusal;
use crate::plan::model::{MeetingState, when};
use crate::plan::pages::Prepared;
use crate::plan::{PublicMeeting, public_meeting};
use crate::research::model::{Heard, ReportEdition};
use crate::research::pages::{report_view, results_for_everybody};
use crate::research::{closed_questionnaires, heard, released_report};
use crate::topic::store::{self, Opinions};
use crate::ui::{Answer, Section};
use crate::web::{Page, Request};

/// The page.
///
/// # Errors
/// [`Refusal::NotFound`] for a topic that is not public.
pub async fn dossier(req: &Request) -> Result<Page, Refusal> {
    let ctx = &req.ctx;
    let db = &ctx.db;
    let topic = public(req).await?;
    let case = topic.row.topic_id;
    let rules = rules_of(ctx, &topic).await?;
    let spans = cases::spans(db, case).await?;
    let now = standing(ctx, &topic, &spans);
    let (answer, line) = (now.answer(), now.line);
    let edition = topic.released()?;
    let files = store::files(db, case, true).await?;
    let bases = bases(ctx, case, line).await?;
    let heard = match spans.iter().any(|span| span.stage.0 == Stage::Planned) {
        true => Some(heard(db, case).await?),
        false => None,
    };
    let report = released_report(db, case).await?;
    let closed = closed_questionnaires(db, case).await?;
    let least = rules.meeting.secret_min;
    let meeting = public_meeting(db, case).await?;
    let (prepared, opinions) = match &meeting {
        Some(meeting) => (Prepared::of(db, meeting).await?, store::opinions(db, meeting.meeting_id, OPINIONS).await?),
        None => Default::default(),
    };
    let today = ctx.today();
    let title = format!("议题材料：{}", topic.row.title);
    Ok(Page::public(title, "/topics", move || {
        let (sentence, waits) = answer;
        let source = words::source_word(&topic.row.source);
        let place = topic.row.place.clone();
        let parts = [topic.row.town.clone(), place, source.to_owned(), format!("{}整理", full_date(today))];
        let meta = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" / ");
        let tag = topic.row.demo.then(|| view! { " / " <span class="tag">"演示数据"</span> });
        let matter = text(&edition, &files);
        let questionnaires = if closed.is_empty() {
            nothing("没有已经收回的问卷。")
        } else {
            results_for_everybody(&closed, least)
        };
        let materials = prepared.materials().unwrap_or_else(|| nothing("没有公开的会议材料。"));
        let summary = opinions.summary();
        view! {
            {crumbs(&topic, Some("议题材料"))}
            <h1 class="title">{topic.row.title.clone()}</h1>
            <p class="meta">{meta}{tag}</p>
            <Answer sentence waits/>
            <p class="hint not-print">"开会前要看的都在这一页，都是公开的，可以直接打印。"</p>
            <div class="main-text">
                {matter}
                <Section title="为什么选这件事">{why(bases)}</Section>
                <Section title="调研听了谁">{visits(line, heard)}</Section>
                <Section title="调研报告">{reported(line, report)}</Section>
                <Section title="问卷的结果">{questionnaires}</Section>
                <Section title="什么时候商量，怎么商量">{consultation(meeting.as_ref(), &prepared)}</Section>
                <Section title="会议材料">{materials}</Section>
                <Section title="会前意见" side=summary>{said(&opinions, case)}</Section>
            </div>
        }
        .into_any()
    }))
}

fn nothing(sentence: &'static str) -> AnyView {
    view! { <p class="empty">{sentence}</p> }.into_any()
}

fn why(bases: Vec<String>) -> AnyView {
    if bases.is_empty() {
        return nothing("还没有立题，立题时写明依据。");
    }
    let rows = bases.into_iter().map(|basis| view! { <li class="said">{basis}</li> }).collect_view();
    view! { <ul class="short-list">{rows}</ul> }.into_any()
}

fn visits(line: Stage, heard: Option<Heard>) -> AnyView {
    match heard {
        Some(heard) => view! { <p>{heard.words()}</p> }.into_any(),
        None if line == Stage::Researching => nothing("正在调研，交了报告再写在这里。"),
        None => nothing("还没有调研，立题以后先到现场调研。"),
    }
}

fn reported(line: Stage, report: Option<ReportEdition>) -> AnyView {
    match report {
        Some(edition) => report_view(&edition),
        None if line.ordinal() > Stage::Researching.ordinal() => nothing("调研报告的公开稿还没有放出来。"),
        None => nothing("还没有调研报告。"),
    }
}

fn consultation(meeting: Option<&PublicMeeting>, prepared: &Prepared) -> AnyView {
    let Some(meeting) = meeting else {
        return nothing("协商会还没有公示，公示以后写在这里。");
    };
    match meeting.state.0 {
        _ if meeting.stage.0 == Stage::Suspended => nothing("这件事先停一停，协商会另行安排。"),
        _ if meeting.stage.0 == Stage::Terminated => nothing("这件事不再办理，协商会不开了。"),
        MeetingState::Announced => {
            let words = format!("{}，{}。", when(meeting.starts_at, meeting.ends_at), meeting.place());
            let agenda = prepared.agenda().unwrap_or_else(|| nothing("没有公开的议程。"));
            let href = format!("/topics/{}/notice", meeting.case_id);
            view! { <p>{words}" "<a class="not-print" href=href>"看公示，怎么参加"</a></p>{agenda} }.into_any()
        }
        MeetingState::Held => {
            let words = format!("{}，{}，会已经开了。", when(meeting.starts_at, meeting.ends_at), meeting.place());
            view! { <p>{words}</p>{prepared.agenda()} }.into_any()
        }
        MeetingState::Cancelled => nothing("原定的协商会取消了，另定时间。"),
        MeetingState::Planning | MeetingState::Approved => nothing("协商会要改期，新的时间另行公示。"),
    }
}

fn said(opinions: &Opinions, case: crate::ids::CaseId) -> AnyView {
    if opinions.newest.is_empty() {
        nothing("还没有公开的会前意见。")
    } else {
        opinions_list(case, opinions)
    }
}
