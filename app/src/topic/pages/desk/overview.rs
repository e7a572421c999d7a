//! 总览: where the topic stands, what it is, who raised it, what happened, hold and end.

use leptos::prelude::*;

use super::bench::Bench;
use super::words::{self, day, waits};
use super::{contacts, hold_form};
use crate::case::stage::Stage;
use crate::case::store::{Event as Happened, Span, Version};
use crate::rules::local_date;
use crate::topic::model::{ImportedFrom, Ruling, TopicSource};
use crate::topic::pages::words::stage_line;
use crate::topic::store::{Proposer, SameContact};
use crate::ui::{Answer, Event, EventKind, Section, StageLineView, Timeline};

/// What the overview shows besides the topic itself.
pub(super) struct Overview {
    pub(super) spans: Vec<Span>,
    pub(super) events: Vec<Happened>,
    pub(super) proposer: Option<Proposer>,
    pub(super) same: Vec<SameContact>,
    pub(super) rulings: Vec<Version<Ruling>>,
}

/// The part.
pub(super) fn view(bench: &Bench, data: Overview) -> AnyView {
    let (sentence, next) = answer(bench);
    let (present, _) = bench.standing();
    let at = (bench.case.stage(), present);
    let line = stage_line(&data.spans, at, bench.case.due_on, &bench.rules, (&bench.calendar, bench.today));
    let events = data
        .events
        .into_iter()
        .map(|e| Event {
            when: words::moment(e.at, bench.today),
            says: e.words,
            detail: None,
            kind: if e.late { EventKind::Late } else { EventKind::Done },
        })
        .collect();
    view! {
        <Answer sentence=sentence waits=next/>
        <StageLineView line=line setting="期限由本镇设定"/>
        {about(bench)}
        {contacts::section(bench, data.proposer.as_ref(), &data.same, &data.rulings)}
        <Section title="经过" side="新的在前"><div class="timed"><Timeline events=events/></div></Section>
        {hold_form::section(bench)}
    }
    .into_any()
}

/// Where it stands, and what comes next.
pub(super) fn answer(bench: &Bench) -> (String, Option<String>) {
    let case = &bench.case;
    let since = day(local_date(case.stage_since), bench.today);
    let due = case.due_on.map(|due| day(due, bench.today));
    let spent = bench.spent().map(|s| format!("，{s}")).unwrap_or_default();
    let whom = waits(case.stage(), case.waits_for.as_deref()).unwrap_or("工委");
    let by = due.clone().map(|due| format!("{due}到期。")).unwrap_or_default();
    match case.stage() {
        Stage::Submitted => (format!("{since}收到，还没有结论{spent}。"), Some(format!("等{whom}初审，{by}"))),
        Stage::Returned => (
            format!("{since}退回，等提出人补充。"),
            due.map(|due| format!("{due}前没有补充就失效。补来以后重新初审。")),
        ),
        Stage::Accepted if bench.waits_for_approver() => {
            (format!("材料已经备好，等党（工）委签批{spent}。"), Some(format!("等{whom}签批或退回，{by}")))
        }
        Stage::Accepted => (format!("{since}受理，还没有立题{spent}。"), Some(format!("等{whom}准备立题材料，{by}"))),
        Stage::Confirmed => {
            (format!("{since}立题，还没有定调研负责人{spent}。"), Some(format!("等{whom}定下谁来调研，{by}")))
        }
        Stage::Researching => (format!("{since}开始调研{spent}。"), Some(format!("等{whom}交调研报告，{by}"))),
        Stage::Suspended => {
            (format!("{since}起暂缓。"), due.map(|due| format!("{due}复核，由{whom}决定恢复还是终止。")))
        }
        Stage::Merged => {
            let into = bench.target.as_ref().map_or_else(String::new, |t| {
                format!("{}「{}」", t.number.as_ref().map(|n| format!("{n} 号")).unwrap_or_default(), t.inner_title())
            });
            (format!("{since}并入{into}。"), Some("关心的人已经一并带过去。对方立题以前可以撤销并案。".to_owned()))
        }
        stage if stage.is_ended() => {
            (format!("{since}{}，不再办理。", stage.word()), Some("案卷留存，可以查。".to_owned()))
        }
        stage => (format!("{since}进入「{}」{spent}。", stage.word()), Some(format!("等{whom}，{by}"))),
    }
}

/// What the topic is, in a few facts.
fn about(bench: &Bench) -> AnyView {
    let case = &bench.case;
    let source = TopicSource::from_code(&case.source).map_or("", TopicSource::word);
    let imported = case
        .imported_from
        .as_deref()
        .and_then(ImportedFrom::from_code)
        .map(|from| format!("，转自{}", from.word()))
        .unwrap_or_default();
    let place = case.place.clone().map(|place| view! { <dt>"地点"</dt><dd>{place}</dd> });
    let sent = words::moment(case.submitted_at, bench.today);
    let public = case.is_public.then(|| {
        let href = format!("/topics/{}", case.id);
        view! { <p><a href=href>"看公开页"</a></p> }
    });
    let counts = case.is_public.then(|| {
        let held =
            if case.held_comments > 0 { format!("，{} 条等干事看", case.held_comments) } else { String::new() };
        let words = format!("{} 人关心，{} 条留言{held}", case.support_count, case.comment_count);
        view! { <dt>"公众"</dt><dd>{words}</dd> }
    });
    view! {
        <Section title="这件议题">
            <dl class="facts">
                <dt>"来源"</dt><dd>{format!("{source}{imported}")}</dd>
                {place}
                <dt>"提出时间"</dt><dd>{sent}</dd>
                {counts}
            </dl>
            {public}
        </Section>
    }
    .into_any()
}
