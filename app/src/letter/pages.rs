//! `/desk/outbox`: all letters, for the administrator; `/desk/outbox/{id}`: one, also for the officer of its town.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::model::{LetterState, Written, masked_mail, write};
use super::post::{facts, mark_bounced, may_handle, resend};
use super::store::{self, LetterRow, OutboxRow};
use crate::access::{Role, Signed};
use crate::error::{FormState, Refusal};
use crate::ids::LetterId;
use crate::topic::pages::desk::moment;
use crate::ui::{
    Button, ButtonKind, Choice, Column, Crumbs, Empty, Field, FormSummary, LinkButton, Pager, RequestIdField, Section,
    Select, Table, Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// Address of the outbox.
pub const OUTBOX: &str = "/desk/outbox";
/// Letters of one page.
const PAGE: i64 = 30;

fn me(req: &Request) -> Result<&Signed, Refusal> {
    req.ctx.actor.signed().ok_or(Refusal::NotSignedIn)
}

fn address(state: Option<LetterState>, before: Option<LetterId>) -> String {
    let parts: Vec<String> =
        [state.map(|state| format!("state={}", state.code())), before.map(|before| format!("before={before}"))]
            .into_iter()
            .flatten()
            .collect();
    if parts.is_empty() { OUTBOX.to_owned() } else { format!("{OUTBOX}?{}", parts.join("&")) }
}

/// The outbox.
///
/// # Errors
/// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`]; [`Refusal::NotFound`] for a state that does not exist.
pub async fn outbox(req: &Request) -> Result<Page, Refusal> {
    if !me(req)?.is_anywhere(Role::Administrator) {
        return Err(Refusal::Forbidden { who: Role::Administrator.word().to_owned() });
    }
    let state = match req.query("state") {
        "" => None,
        code => Some(LetterState::from_code(code).ok_or(Refusal::NotFound)?),
    };
    let before = match req.query("before") {
        "" => None,
        id => Some(id.parse().map_err(|_| Refusal::NotFound)?),
    };
    let mut rows = store::outbox(&req.ctx.db, state, before, PAGE + 1).await?;
    let tally = store::tally(&req.ctx.db).await?;
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > PAGE;
    rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|last| address(state, Some(last.letter_id)));
    let first = before.is_some().then(|| address(state, None));
    let today = req.ctx.today();
    Ok(Page::desk("发件箱", OUTBOX, move || {
        let list = if rows.is_empty() {
            let (sentence, way) = if state.is_some() || before.is_some() {
                ("没有这样的信。", Some(Way::new("看全部", OUTBOX)))
            } else {
                ("还没有信。会议公示以后，给每个人的通知会列在这里。", None)
            };
            view! { <Empty sentence way/> }.into_any()
        } else {
            table(&rows, today).into_any()
        };
        view! {
            <h1 class="title title-desk">"发件箱"</h1>
            <p class="lead">{summary(&tally)}</p>
            {filters(state)}
            {list}
            <Pager previous=first next=next/>
        }
        .into_any()
    }))
}

/// How many letters there are, and how many did not arrive: 「共 12 封，已寄出 10，没寄成 2。」
fn summary(tally: &[(LetterState, i64)]) -> String {
    let total: i64 = tally.iter().map(|(_, n)| n).sum();
    if total == 0 {
        return "没有信。".to_owned();
    }
    let parts: Vec<String> = LetterState::ALL
        .iter()
        .filter_map(|state| tally.iter().find(|(s, _)| s == state))
        .map(|(state, n)| format!("{} {n}", state.word()))
        .collect();
    format!("共 {total} 封：{}。", parts.join("，"))
}

fn filters(state: Option<LetterState>) -> impl IntoView + use<> {
    let form = FormState::filled([("state", state.map_or("", LetterState::code).to_owned())]);
    let field = Field::of(&form, "state", "状态").optional();
    let options = LetterState::ALL.iter().map(|s| Choice::new(s.code(), s.word())).collect();
    view! {
        <form class="filters" method="get" action=OUTBOX role="search">
            <Select field options blank="全部"/>
            <div><Button words="看" kind=ButtonKind::Second/></div>
        </form>
    }
}

fn table(rows: &[OutboxRow], today: NaiveDate) -> impl IntoView + use<> {
    let rows = rows
        .iter()
        .map(|row| {
            let to = if row.to_name.is_empty() { masked_mail(&row.to_address) } else { row.to_name.clone() };
            let to = if to.is_empty() { "（已删除）".to_owned() } else { to };
            view! {
                <tr>
                    <th scope="row"><a href=format!("{OUTBOX}/{}", row.letter_id)>{format!("{}：{to}", row.kind.0.word())}</a></th>
                    <td>{row.state.0.word()}</td>
                    <td>{row.title.clone()}</td>
                    <td>{row.town.clone()}</td>
                    <td>{moment(row.created_at, today)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = ["信", "状态", "议题", "区镇", "写信时间"].map(Column::words).to_vec();
    view! { <Table caption="信件" quiet=true columns>{rows}</Table> }
}

/// The letter of the path, for who looks after it.
async fn own(req: &Request) -> Result<LetterRow, Refusal> {
    let me = me(req)?;
    let row = store::letter(&req.ctx.db, req.param("id")?).await?.ok_or(Refusal::NotFound)?;
    if may_handle(me, &row.town_id) { Ok(row) } else { Err(Refusal::NotFound) }
}

/// Whether the letter is shown with its working link: while nobody has it by mail, somebody has to pass it on. The link
/// of a letter that was sent is its receiver's alone.
const fn shows_link(state: LetterState) -> bool {
    !matches!(state, LetterState::Sent | LetterState::Sending)
}

/// One letter: what it says, where it is, what can be done.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for who does not look after it.
pub async fn letter(req: &Request) -> Result<Page, Refusal> {
    let row = own(req).await?;
    let is_administrator = me(req)?.is_anywhere(Role::Administrator);
    let mut facts = facts(&row, &req.ctx.secret, &req.site.public_url);
    let link = shows_link(row.state.0).then(|| facts.link.clone()).filter(|link| !link.is_empty());
    // A page of this site, whatever name one reached it by.
    let link = link.map(|link| link.strip_prefix(&req.site.public_url).unwrap_or_default().to_owned());
    if link.is_none() && !facts.link.is_empty() {
        facts.link = "（链接只在本人收到的信里）".to_owned();
    }
    let written = write(&facts);
    let form = req.form.clone();
    let request_id = req.request_id.to_string();
    let path = format!("{OUTBOX}/{}", row.letter_id);
    let today = req.ctx.today();
    let done = match req.query("done") {
        "resend" => Some("已经放进待寄的信里。"),
        "bounced" => Some("已经记下：这封信被退回。"),
        _ => None,
    };
    Ok(Page::desk(written.subject.clone(), OUTBOX, move || {
        let crumbs = is_administrator.then(|| {
            view! { <Crumbs ways=vec![Way::new("发件箱", OUTBOX)] here=row.kind.0.word()/> }
        });
        let note = done.map(|words| view! { <p class="note" role="status">{words}</p> });
        view! {
            {crumbs}
            <h1 class="title title-work">{written.subject.clone()}</h1>
            {note}
            <FormSummary form/>
            <Section title="寄到没有">
                {standing(&row, today)}
                {actions(&row, &path, &request_id)}
            </Section>
            {body(&written, link)}
        }
        .into_any()
    }))
}

fn standing(row: &LetterRow, today: NaiveDate) -> impl IntoView + use<> {
    let address = if row.to_address.is_empty() { "没有".to_owned() } else { masked_mail(&row.to_address) };
    let name = if row.to_name.is_empty() { "没有留名".to_owned() } else { row.to_name.clone() };
    let why = row.last_error.clone().map(|why| view! { <dt>"说明"</dt><dd>{why}</dd> });
    let sent = row.sent_at.map(|at| view! { <dt>"寄出"</dt><dd>{moment(at, today)}</dd> });
    let tried = (row.attempts > 1).then(|| view! { <dt>"试过"</dt><dd>{format!("{} 次", row.attempts)}</dd> });
    view! {
        <dl class="facts">
            <dt>"收信人"</dt><dd>{name}</dd>
            <dt>"邮箱"</dt><dd>{address}</dd>
            <dt>"状态"</dt><dd>{row.state.0.word()}</dd>
            {why}
            <dt>"写信"</dt><dd>{moment(row.created_at, today)}</dd>
            {sent}
            {tried}
        </dl>
    }
}

fn actions(row: &LetterRow, path: &str, request_id: &str) -> Option<AnyView> {
    let state = row.state.0;
    let resend = state.may_resend().then(|| {
        view! { <Button words="重新寄" kind=ButtonKind::Second name="action" value="resend"/> }
    });
    let bounced = matches!(state, LetterState::Sent | LetterState::Uncertain).then(|| {
        view! { <Button words="信退回来了" kind=ButtonKind::Second name="action" value="bounced"/> }
    });
    (resend.is_some() || bounced.is_some()).then(|| {
        view! {
            <form method="post" action=path.to_owned() data-guard="">
                <RequestIdField id=request_id.to_owned()/>
                <div class="actions">{resend}{bounced}</div>
            </form>
        }
        .into_any()
    })
}

fn body(written: &Written, link: Option<String>) -> impl IntoView + use<> {
    let text = written.text.clone();
    let follow = link.map(|href| {
        view! {
            <p class="actions"><LinkButton words="打开信里的链接" href kind=ButtonKind::Second/></p>
            <p class="hint">"没有用邮件寄到的，可以把这封信转给本人。链接只给本人用。"</p>
        }
    });
    view! {
        <Section title="信的内容" side="按会议现在的安排写">
            <p class="letter-text">{text}</p>
            {follow}
        </Section>
    }
}

/// Takes the buttons of a letter.
///
/// # Errors
/// As [`resend`] and [`mark_bounced`].
pub async fn post_letter(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let letter: LetterId = req.param("id")?;
    let done = match form.value("action") {
        "resend" => {
            resend(&req.ctx, letter).await?;
            "resend"
        }
        "bounced" => {
            mark_bounced(&req.ctx, letter).await?;
            "bounced"
        }
        _ => return Err(Refusal::NotFound),
    };
    Ok(Outcome::SeeOther(format!("{OUTBOX}/{letter}?done={done}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_every_state() {
        assert_eq!(summary(&[]), "没有信。");
        let tally = [(LetterState::None, 2), (LetterState::Sent, 10)];
        assert_eq!(summary(&tally), "共 12 封：已寄出 10，没有用邮件寄 2。");
    }

    #[test]
    fn the_next_page_keeps_the_filter() {
        let id = LetterId(uuid::Uuid::nil());
        assert_eq!(address(None, None), OUTBOX);
        assert_eq!(address(Some(LetterState::Failed), Some(id)), format!("{OUTBOX}?state=failed&before={id}"));
    }
}
