//! `/topics/{id}/minutes`: what was published, meeting by meeting. Names stand as their owners allowed.

use leptos::prelude::*;

use super::paper::view;
use chrono::NaiveDate;

use crate::access::StepKind;
use crate::case::Case;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{CaseId, MeetingId};
use crate::minutes::draft::{dated, people};
use crate::minutes::model::{EditionState, Reader, show};
use crate::minutes::paper::MinutesPaper;
use crate::minutes::store::{self, Minutes};
use crate::rules::plain_date;
use crate::topic::model::Ruling;
use crate::town;
use crate::ui::{Answer, ButtonKind, Crumbs, Empty, LinkButton, Section, Way};
use crate::web::{Page, Request};

/// An edition that was signed.
struct Published {
    round: i64,
    number: String,
    signed: String,
    no_consensus: bool,
    /// Why it corrects the one before; public.
    reason: Option<String>,
    paper: MinutesPaper,
}

/// Signed editions of a case, the newest meeting and edition first, and the words on what is under way.
async fn all(ctx: &Ctx, case: &Case) -> Result<(Vec<Published>, Option<String>), Refusal> {
    let editions = store::all(&ctx.db, case.id).await?;
    let town = town::store::town(&ctx.db, &case.town_id).await?.ok_or(Refusal::NotFound)?;
    let under_way = editions.first().and_then(|one| waiting(one, ctx.today()));
    let mut list = Vec::new();
    for one in editions.iter().filter(|one| one.state.0 == EditionState::Signed) {
        let Some(paper) = one.signed_paper()? else { continue };
        let people = people(&ctx.db, one.meeting_id, &town).await?;
        list.push(Published {
            round: one.round,
            number: one.number.clone().unwrap_or_default(),
            signed: one.signed_at.map(dated).unwrap_or_default(),
            no_consensus: one.no_consensus,
            reason: one.reason.as_ref().map(|reason| show(reason, &people, Reader::Everybody)),
            paper: paper.map(|text| show(text, &people, Reader::Everybody)),
        });
    }
    Ok((list, under_way))
}

fn waiting(edition: &Minutes, today: NaiveDate) -> Option<String> {
    match (edition.state.0, edition.until) {
        (EditionState::Circulating, Some(until)) if today <= until => {
            Some(format!("草稿正在请到会的人核对，到{}；过后由主持人签发。", plain_date(until)))
        }
        (EditionState::Circulating, _) => Some("到会的人核对完了，等主持人签发。".to_owned()),
        (EditionState::Draft, _) if edition.edition > 1 => Some("正在更正。".to_owned()),
        (EditionState::Draft, _) => Some("正在起草。".to_owned()),
        _ => None,
    }
}

/// What the next round is to clear up, since the meeting before ended without consensus; as everybody may read it.
///
/// # Errors
/// When the database cannot be read.
pub async fn asked_of_next(ctx: &Ctx, case: &Case) -> Result<Option<String>, Refusal> {
    let rulings = crate::case::store::versions::<Ruling>(&ctx.db, case.id).await?;
    let code = StepKind::ConsultAgain.code();
    let Some(ruling) = rulings.into_iter().map(|version| version.record).find(|one| one.what == code) else {
        return Ok(None);
    };
    let editions = store::all(&ctx.db, case.id).await?;
    let town = town::store::town(&ctx.db, &case.town_id).await?.ok_or(Refusal::NotFound)?;
    let people = match editions.first() {
        Some(newest) => people(&ctx.db, newest.meeting_id, &town).await?,
        None => Vec::new(),
    };
    Ok(Some(show(&ruling.reason, &people, Reader::Everybody)))
}

/// Whether the minutes of a meeting were published.
///
/// # Errors
/// When the database cannot be read.
pub async fn published_of(ctx: &Ctx, meeting: MeetingId) -> Result<bool, Refusal> {
    Ok(store::is_signed(&ctx.db, meeting).await?)
}

/// The page.
///
/// # Errors
/// [`Refusal::NotFound`] for a topic that is not public.
pub async fn published(req: &Request) -> Result<Page, Refusal> {
    let (ctx, id) = (&req.ctx, req.param::<CaseId>("id")?);
    let case = crate::case::store::find(&ctx.db, id).await?.filter(|case| case.is_public).ok_or(Refusal::NotFound)?;
    let (list, under_way) = all(ctx, &case).await?;
    let asked = asked_of_next(ctx, &case).await?;
    let title = case.title.clone().unwrap_or_default();
    let number = case.number.clone().map_or_else(|| "议题".to_owned(), |number| format!("{number} 号"));
    let demo = case.demo;
    Ok(Page::public(format!("纪要：{title}"), "/topics", move || {
        let topic = format!("/topics/{id}");
        let ways = vec![Way::new("议题", "/topics"), Way::new(number, topic.clone())];
        let tag = demo.then(|| view! { <p class="meta"><span class="tag">"演示数据"</span></p> });
        let sentence = match list.first() {
            None => "纪要还没有签发。".to_owned(),
            Some(newest) if newest.no_consensus => format!("{}签发：没有达成共识，再商量一次。", newest.signed),
            Some(newest) => format!("{}签发，{}。", newest.signed, newest.number),
        };
        let body = if list.is_empty() {
            let way = Way::new("看这件议题", topic);
            view! { <Empty sentence="签发以后在这里公布，姓名按各人的意愿隐去。" way/> }.into_any()
        } else {
            papers(&list, id)
        };
        let asked = asked.map(|words| view! { <p class="note">{format!("再商量一次要弄清：{words}")}</p> });
        view! {
            <Crumbs ways here="纪要"/>
            <h1 class="title">{title}</h1>
            {tag}
            <Answer sentence waits=under_way/>
            {asked}
            {body}
        }
        .into_any()
    }))
}

/// The meetings in a row, and the papers: the newest open, the others folded.
fn papers(list: &[Published], case: CaseId) -> AnyView {
    let rounds = list.first().map_or(1, |one| one.round);
    let row = (rounds > 1).then(|| {
        let rows = (1..=rounds)
            .filter_map(|round| list.iter().find(|one| one.round == round))
            .map(|one| {
                let end = if one.no_consensus { "未达成共识" } else { "达成共识" };
                view! { <li>{format!("第 {} 次会：{end}（{}）", one.round, one.number)}</li> }
            })
            .collect_view();
        view! { <Section title="商量过几次"><ol class="short-list">{rows}</ol></Section> }
    });
    let shown = list.iter().enumerate().map(|(n, one)| {
        let why = one.reason.as_ref().map(|reason| {
            view! { <p class="note">{format!("已签发后更正。更正的原因：{reason}")}</p> }
        });
        if n == 0 {
            let href = format!("/topics/{case}/minutes.docx");
            return view! {
                {why}
                <p class="actions not-print"><LinkButton words="下载 Word 文件" href kind=ButtonKind::Second small=true/></p>
                {view(&one.paper)}
            }
            .into_any();
        }
        let words = format!("第 {} 次会，{}签发的一份（{}）", one.round, one.signed, one.number);
        view! { <details class="paper-fold"><summary>{words}</summary>{why}{view(&one.paper)}</details> }.into_any()
    });
    view! { {row}{shown.collect_view()} }.into_any()
}
