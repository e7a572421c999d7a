//! The paper on a page: for reading, and for printing in the form of GB/T 9704. `/desk/topics/{id}/minutes/paper` shows it
//! with all names.

use leptos::prelude::*;

use super::sheet::Sheet;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::minutes::draft::people;
use crate::minutes::model::{EditionState, Reader, show};
use crate::minutes::paper::{MinutesPaper, PaperBlock, PaperGroup, PaperSection, chinese};
use crate::minutes::store;
use crate::topic::pages::desk::{TOPICS, Tab, inside};
use crate::town;
use crate::ui::{Crumbs, Empty, Way};
use crate::web::{Page, Request};

/// The paper.
pub(super) fn view(paper: &MinutesPaper) -> AnyView {
    let remark = (!paper.remark.is_empty()).then(|| view! { <p class="paper-remark">{paper.remark.clone()}</p> });
    let number = (!paper.number.is_empty()).then(|| view! { <p class="paper-number">{paper.number.clone()}</p> });
    let opening = paper.opening.iter().map(|words| view! { <p>{words.clone()}</p> }).collect_view();
    let sections = paper.sections.iter().enumerate().map(|(n, one)| section(n + 1, one)).collect_view();
    let lists = [("出席", &paper.present), ("请假", &paper.excused), ("列席", &paper.sitting_in)]
        .into_iter()
        .filter(|(_, groups)| !groups.is_empty())
        .map(
            |(word, groups)| view! { <dt>{format!("{word}：")}</dt><dd>{groups.iter().map(group).collect_view()}</dd> },
        )
        .collect_view();
    let officials = paper.officials.iter().map(|(what, who)| format!("{what} {who}")).collect::<Vec<_>>().join("　");
    let sent = (!paper.sent_to.is_empty()).then(|| view! { <p>{format!("印发：{}", paper.sent_to)}</p> });
    view! {
        <article class="paper">
            {remark}
            <p class="paper-mark">{paper.mark.clone()}</p>
            {number}
            <p class="paper-line"><span>{paper.issuer.clone()}</span><span>{paper.issued_on.clone()}</span></p>
            <h2 class="paper-title">{paper.title.clone()}</h2>
            {opening}
            {sections}
            <dl class="paper-lists">{lists}</dl>
            <div class="paper-foot"><p>{officials}</p>{sent}</div>
        </article>
    }
    .into_any()
}

fn section(n: usize, section: &PaperSection) -> AnyView {
    let (mut headings, mut points) = (0, 0);
    let blocks = section
        .blocks
        .iter()
        .map(|block| match block {
            PaperBlock::Words(words) => view! { <p>{words.clone()}</p> }.into_any(),
            PaperBlock::Heading(words) => {
                headings += 1;
                view! { <h4>{format!("（{}）{words}", chinese(headings))}</h4> }.into_any()
            }
            PaperBlock::Point(words) => {
                points += 1;
                view! { <p>{format!("{points}. {words}")}</p> }.into_any()
            }
        })
        .collect_view();
    view! { <h3>{format!("{}、{}", chinese(n), section.heading)}</h3>{blocks} }.into_any()
}

fn group(group: &PaperGroup) -> AnyView {
    let kind = if group.kind.is_empty() { String::new() } else { format!("{}　", group.kind) };
    view! { <p>{format!("{kind}{}", group.names.join("、"))}</p> }.into_any()
}

/// The newest paper that was signed, as everybody may read it; `None` before one was.
///
/// # Errors
/// [`Refusal::NotFound`] for a case that is not public.
pub async fn public_paper(ctx: &Ctx, case: CaseId) -> Result<Option<MinutesPaper>, Refusal> {
    let found =
        crate::case::store::find(&ctx.db, case).await?.filter(|case| case.is_public).ok_or(Refusal::NotFound)?;
    let all = store::all(&ctx.db, found.id).await?;
    let Some(newest) = all.iter().find(|one| one.state.0 == EditionState::Signed) else { return Ok(None) };
    let town = town::store::town(&ctx.db, &found.town_id).await?.ok_or(Refusal::NotFound)?;
    let people = people(&ctx.db, newest.meeting_id, &town).await?;
    Ok(newest.signed_paper()?.map(|paper| paper.map(|text| show(text, &people, Reader::Everybody))))
}

/// The paper as it stands, signed or not, with all names; `None` before a draft was written.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for a case that one may not see from inside.
pub async fn inside_paper(ctx: &Ctx, case: CaseId) -> Result<Option<MinutesPaper>, Refusal> {
    let case = inside(ctx, case).await?;
    let town = town::store::town(&ctx.db, &case.town_id).await?.ok_or(Refusal::NotFound)?;
    let rules = town::rules::of_case(ctx, &case).await?;
    let sheet = Sheet::load(&ctx.db, &case, (&town, &rules)).await?;
    let is_signed = sheet.edition.as_ref().is_some_and(|one| one.state.0 == EditionState::Signed);
    Ok(sheet.paper()?.map(|paper| {
        let named = paper.map(|text| sheet.inside(text));
        if is_signed { named } else { as_draft(named) }
    }))
}

/// The same paper, marked as not signed yet.
pub(super) fn as_draft(paper: MinutesPaper) -> MinutesPaper {
    let remark = if paper.remark.is_empty() {
        "征求意见稿".to_owned()
    } else {
        format!("{}，征求意见稿", paper.remark)
    };
    MinutesPaper { remark, ..paper }
}

/// The page.
///
/// # Errors
/// As [`inside_paper`].
pub async fn paper(req: &Request) -> Result<Page, Refusal> {
    let case: CaseId = req.param("id")?;
    let paper = inside_paper(&req.ctx, case).await?;
    Ok(Page::desk("纪要", TOPICS, move || {
        let back = Tab::Minutes.address(case);
        let ways = vec![Way::new("议题", TOPICS), Way::new("纪要", back.clone())];
        let body = match paper {
            Some(paper) => view(&paper),
            None => view! { <Empty sentence="还没有起草。" way=Way::new("去起草", back)/> }.into_any(),
        };
        view! {
            <Crumbs ways here="打印"/>
            <h1 class="sr">"纪要"</h1>
            <p class="small not-print">"这一页可以直接打印。里面有真实姓名，只在内部用；公布的那一份按各人的意愿隐去姓名。"</p>
            {body}
        }
        .into_any()
    }))
}
