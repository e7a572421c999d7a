//! `/desk/topics/{id}/door/screen`: a screen at the door with the code of the minute, for whoever checks in by the own
//! link.

use leptos::prelude::*;

use crate::case::newest_seq;
use crate::error::Refusal;
use crate::invitation::answer::group_path;
use crate::meeting::codes;
use crate::meeting::steps::Presence;
use crate::rules::clock_time;
use crate::topic::pages::desk::{Bench, TOPICS, Tab};
use crate::ui::{Crumbs, Empty, Live, Qr, Way};
use crate::web::{Page, Request, Script};

/// Seconds of a minute.
const MINUTE: i64 = 60;

/// The screen.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside.
pub async fn door_screen(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Door).await?;
    let seen = newest_seq(&req.ctx.db, bench.case.id).await?;
    let now = req.ctx.now();
    let presence = Presence::load(&req.ctx.db, bench.case.id).await?;
    let open = presence.and_then(|p| p.sitting.filter(|s| s.state.0.takes_check_ins()).map(|s| (p.day, s)));
    let shown = open.map(|(day, sitting)| {
        let code = codes::of_door(&req.ctx.secret, sitting.sitting_id, now);
        let link = format!("{}{}", req.site.public_url, group_path(&req.ctx, day.meeting_id));
        (code, link)
    });
    let left = MINUTE - now.timestamp().rem_euclid(MINUTE);
    Ok(Page::desk("门口屏幕", TOPICS, move || {
        let door = Tab::Door.address(bench.case.id);
        let ways = vec![Way::new("议题", TOPICS), Way::new("签到", door.clone())];
        let body = match shown {
            None => view! { <Empty sentence="现在不在签到。" way=Way::new("去签到页", door)/> }.into_any(),
            Some((code, link)) => {
                let until = now + chrono::TimeDelta::seconds(left);
                let words = format!("到 {} 换一个。没有换的，刷新这一页。", clock_time(until));
                view! {
                    <div class="door-screen" data-again=left.to_string()>
                        <div>
                            <p class="lead">"打开您的邀请链接，填这四个数字："</p>
                            <p class="door-code">{code}</p>
                            <p class="caption">{words}</p>
                        </div>
                        <div>
                            <Qr text=link label="找到我的邀请"/>
                            <p class="small">"链接找不到了？扫一扫，用姓名和手机号后四位找。"</p>
                        </div>
                    </div>
                }
                .into_any()
            }
        };
        view! {
            <Crumbs ways here="门口屏幕"/>
            <h1 class="title">{format!("签到：{}", bench.case.inner_title())}</h1>
            <Live case=bench.case.id seen>{body}</Live>
        }
        .into_any()
    })
    .with(Script::Watch))
}
