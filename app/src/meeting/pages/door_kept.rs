//! `/desk/topics/{id}/door/kept`: the door as a device shows it without a network. It names nobody on the list: the
//! people come from the device's own copy, which is wiped when the meeting closes.

use leptos::prelude::*;

use super::door::{by_code, device};
use super::door_list;
use crate::access::StepKind;
use crate::error::Refusal;
use crate::meeting::steps::Presence;
use crate::topic::pages::desk::{Bench, TOPICS, Tab};
use crate::web::{Page, Request, Script};

/// The page that the service worker keeps and shows at the door's address.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside, while nobody is checked in, and
/// for whoever may not check in.
pub async fn door_kept(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Door).await?;
    let presence = Presence::load(&req.ctx.db, bench.case.id).await?;
    let sitting = presence.and_then(|p| p.sitting).filter(|sitting| sitting.state.0.takes_check_ins());
    let sitting = sitting.filter(|_| bench.may(StepKind::CheckIn)).ok_or(Refusal::NotFound)?;
    let device = device(&bench, &req.site.assets);
    let title = format!("签到：{}", bench.case.inner_title());
    let shown = title.clone();
    let mut page = Page::desk(title, TOPICS, move || {
        view! {
            <h1 class="title title-work">{shown}</h1>
            <p class="meta">"这是存在这台设备上的签到页。名单上没有的人，请先记在纸上，连上网再登记。"</p>
            {device}
            {by_code(&bench, sitting.sitting_id)}
            {door_list::kept(&bench)}
        }
        .into_any()
    });
    page.script = Some(Script::Door);
    Ok(page)
}
