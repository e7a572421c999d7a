//! `/stories`: cases that went well, and one of them.

use leptos::prelude::*;

use crate::archive::model::CaseStory;
use crate::archive::store;
use crate::case::store::versions;
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::rules::{local_date, plain_date};
use crate::ui::{Crumbs, Empty, Section, Way};
use crate::web::{Page, Request};

/// Stories of the list.
const MOST: i64 = 200;

/// The list.
///
/// # Errors
/// When the database cannot be read.
pub async fn stories(req: &Request) -> Result<Page, Refusal> {
    let list = store::stories(&req.ctx.db, MOST).await?;
    Ok(Page::public("典型案例", "", move || {
        let body = if list.is_empty() {
            view! { <Empty sentence="还没有典型案例。办得好的事写成案例，会在这里公布。" way=Way::new("看议题", "/topics")/> }
                .into_any()
        } else {
            let rows = list
                .iter()
                .map(|one| {
                    let href = format!("/stories/{}", one.case_id);
                    let about = format!("{}，{}发布", one.town, plain_date(local_date(one.published_at)));
                    let tag = one.demo.then(|| view! { " "<span class="tag">"演示数据"</span> });
                    view! { <li><a href=href>{one.title.clone()}</a><p class="caption">{about}{tag}</p></li> }
                })
                .collect_view();
            view! { <ul class="short-list">{rows}</ul> }.into_any()
        };
        view! {
            <h1 class="title">"典型案例"</h1>
            <p class="lead">"办得好的，写清怎么办的，别处可以照着做。"</p>
            {body}
        }
        .into_any()
    }))
}

/// One story, as it was published last.
///
/// # Errors
/// [`Refusal::NotFound`] for a case without a published story.
pub async fn story(req: &Request) -> Result<Page, Refusal> {
    let (db, id) = (&req.ctx.db, req.param::<CaseId>("id")?);
    let case = crate::case::store::find(db, id).await?.filter(|case| case.is_public).ok_or(Refusal::NotFound)?;
    let at = store::published_at(db, id).await?.ok_or(Refusal::NotFound)?;
    let story = versions::<CaseStory>(db, id)
        .await?
        .into_iter()
        .find(|version| version.at <= at)
        .ok_or(Refusal::NotFound)?
        .record;
    let town = crate::town::store::town(db, &case.town_id).await?.map(|town| town.short_name).unwrap_or_default();
    Ok(Page::public(story.title.clone(), "", move || {
        let parts = [
            ("背景", story.background),
            ("做法", story.done),
            ("成效", story.effect),
            ("别处可以照着做的", story.copy),
        ]
        .into_iter()
        .map(|(title, words)| view! { <Section title=title><p class="said">{words}</p></Section> })
        .collect_view();
        let tag = case.demo.then(|| view! { " "<span class="tag">"演示数据"</span> });
        view! {
            <Crumbs ways=vec![Way::new("典型案例", "/stories")] here=town/>
            <h1 class="title">{story.title}</h1>
            <p class="meta">{format!("{}发布", plain_date(local_date(at)))}{tag}</p>
            {parts}
            <p><a href=format!("/topics/{id}/outcomes")>"看这件事的办理情况"</a></p>
        }
        .into_any()
    }))
}
