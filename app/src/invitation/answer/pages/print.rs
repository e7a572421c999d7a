//! `/desk/topics/{id}/print?what=`: the list, the place cards, the slips with each person's link. Printed from the browser.

use leptos::prelude::*;

use super::super::path;
use super::super::store::{self, Guest, MeetingView};
use super::place;
use crate::error::Refusal;
use crate::invitation::model::InviteeState;
use crate::meeting::codes::of_person;
use crate::plan::model::when;
use crate::topic::pages::desk::{Bench, TOPICS, Tab};
use crate::ui::{Column, Crumbs, Qr, Table, Way};
use crate::web::{Page, Request};

/// The page to print.
///
/// # Errors
/// As the page of answers; [`Refusal::NotFound`] for what is none of the three.
pub async fn print(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Answers).await?;
    let what = req.query("what").to_owned();
    let meeting = store::meeting_of(&req.ctx.db, bench.case.id).await?.ok_or(Refusal::NotFound)?;
    let guests = store::guests(&req.ctx.db, meeting.meeting_id).await?;
    let title = match what.as_str() {
        "list" => "参加人名单",
        "cards" => "席卡",
        "slips" => "邀请条",
        _ => return Err(Refusal::NotFound),
    };
    let (secret, public_url) = (req.ctx.secret.clone(), req.site.public_url.clone());
    Ok(Page::desk(title, TOPICS, move || {
        let case = bench.case.id;
        let ways = vec![Way::new("议题", TOPICS), Way::new("答复", Tab::Answers.address(case))];
        let body = match what.as_str() {
            "list" => list(&guests),
            "cards" => cards(&guests),
            _ => slips(&guests, &meeting, |guest| {
                let link = format!("{public_url}{}", path(&secret, guest.invitee_id, guest.generation));
                (link, of_person(&secret, guest.invitee_id, guest.generation))
            }),
        };
        let demo = bench.case.demo.then(|| view! { " "<span class="tag">"演示数据"</span> });
        let at = format!("{}，{}", when(meeting.starts_at, meeting.ends_at), place(&meeting));
        view! {
            <Crumbs ways=ways here=title/>
            <h1 class="title title-work">{title}{demo}</h1>
            <p class="meta">{format!("{}，{at}", meeting.title)}</p>
            <p class="hint no-print">"用浏览器的打印。导航和按钮不会印上去。"</p>
            {body}
        }
        .into_any()
    }))
}

/// Those who may come: not those who declined or never got a place.
fn expected(guests: &[Guest]) -> impl Iterator<Item = &Guest> {
    guests
        .iter()
        .filter(|g| matches!(g.state.0, InviteeState::Invited | InviteeState::Accepted | InviteeState::Offered))
}

fn list(guests: &[Guest]) -> AnyView {
    let rows = expected(guests)
        .enumerate()
        .map(|(n, guest)| {
            view! {
                <tr>
                    <td class="num">{n + 1}</td>
                    <th scope="row">{guest.name.clone()}</th>
                    <td>{guest.category.0.word()}</td>
                    <td>{guest.organisation.clone()}</td>
                    <td>{guest.state.0.word()}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::figures("序号"),
        Column::words("姓名"),
        Column::words("类别"),
        Column::words("单位或村社区"),
        Column::words("答复"),
    ];
    view! { <Table caption="参加人名单" quiet=true columns=columns>{rows}</Table> }.into_any()
}

fn cards(guests: &[Guest]) -> AnyView {
    let rows = expected(guests).map(|guest| view! { <li class="place-card">{guest.name.clone()}</li> }).collect_view();
    view! { <ul class="place-cards" role="list">{rows}</ul> }.into_any()
}

fn slips(guests: &[Guest], meeting: &MeetingView, codes: impl Fn(&Guest) -> (String, String)) -> AnyView {
    let rows = expected(guests)
        .map(|guest| {
            let (link, code) = codes(guest);
            let lead = format!("{}政协工委请您来商量：{}", meeting.town, meeting.title);
            let at = format!("{}，{}", when(meeting.starts_at, meeting.ends_at), place(meeting));
            view! {
                <li class="slip">
                    <Qr text=link label="邀请链接"/>
                    <div>
                        <p class="slip-name">{guest.name.clone()}</p>
                        <p class="small">{lead}</p>
                        <p class="small">{at}</p>
                        <p class="caption">"用手机扫一扫，答复来不来。到会场报短码签到："<b class="short-code">{code}</b></p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="slips" role="list">{rows}</ul> }.into_any()
}
