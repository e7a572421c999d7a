//! `/desk/memos`: what the district's office wrote to the towns, and their answers; and rows of the desk.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::store::{self, Memo};
use super::write::answers_for;
use crate::access::{Signed, Towns};
use crate::error::{FormState, Refusal};
use crate::rules::{local_date, plain_date};
use crate::task::pages::badge;
use crate::topic::pages::words::beginning;
use crate::town;
use crate::ui::{
    Button, ButtonKind, Choice, DeskItem, Empty, Field, FormSummary, RequestIdField, Section, Select, TextArea,
    TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// Address of the page.
pub const MEMOS: &str = "/desk/memos";
/// Lines of the page, and rows of the desk.
const MOST: i64 = 200;

/// The person, and the towns whose memos are shown.
fn seen(req: &Request) -> Result<(&Signed, Towns), Refusal> {
    let me = req.ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
    let towns = me.seen_towns();
    if towns.is_none() {
        return Err(Refusal::Forbidden { who: "镇政协工委、区政协办".to_owned() });
    }
    Ok((me, towns))
}

/// What was written and answered: all of it for the district, one's own towns' for others.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for whoever works on the cases of no town.
pub async fn memos(req: &Request) -> Result<Page, Refusal> {
    let (me, towns) = seen(req)?;
    let list = store::list(&req.ctx.db, &towns, false, MOST).await?;
    let may_answer: Vec<bool> =
        list.iter().map(|memo| memo.answered_at.is_none() && answers_for(me, &memo.town_id)).collect();
    let writes = if me.sees_district() {
        let rules = town::rules::baseline(&req.ctx.db, &req.ctx.shared, req.ctx.now()).await?.1;
        let all = town::store::towns(&req.ctx.db).await?;
        let towns: Vec<Choice> = all.into_iter().map(|town| Choice::new(town.town_id, town.short_name)).collect();
        Some((towns, rules.after.supervision_reply_workdays))
    } else {
        None
    };
    let (today, form, request_id) = (req.ctx.today(), req.form.clone(), req.request_id.to_string());
    let told = match req.query("done") {
        _ if form.refusal.is_some() => None,
        "sent" => Some("写好了，镇里打开工作台就看到。"),
        "answered" => Some("回复已经送到区政协办。"),
        _ => None,
    };
    let lead = if writes.is_some() {
        "写给镇里的话，镇里到日子回复。具体一件事的，请到那件事里督办。"
    } else {
        "区政协办写来的话，请在日子以前回复。"
    };
    Ok(Page::desk("区镇来往", MEMOS, move || {
        let write = writes.map(|(towns, days)| write(&form.of_action("send"), towns, days, &request_id));
        let rows: Vec<AnyView> =
            list.iter().zip(may_answer).map(|(memo, may)| row(memo, may, &form, &request_id, today)).collect();
        let list = if rows.is_empty() {
            view! { <Empty sentence="还没有来往。写了以后，列在这里。" way=Way::new("回我的事", "/desk")/> }.into_any()
        } else {
            view! { <ul class="short-list">{rows}</ul> }.into_any()
        };
        view! {
            <h1 class="title title-work">"区镇来往"</h1>
            <p class="lead">{lead}</p>
            {told.map(|words| view! { <p class="note" role="status">{words}</p> })}
            {write}
            <Section title="来往">{list}</Section>
        }
        .into_any()
    }))
}

fn write(form: &FormState, towns: Vec<Choice>, days: u32, request_id: &str) -> AnyView {
    let field = |name: &str, label: &'static str| Field::of(form, name, label);
    let hint = format!("不填就是 {days} 个工作日（区里设定；镇里另有设定的照镇里）");
    let body = view! {
        <form class="form" method="post" data-guard="">
            <FormSummary form=form.clone()/>
            <RequestIdField id=request_id.to_owned()/>
            <input type="hidden" name="action" value="send"/>
            <Select field=field("town", "写给哪个镇") options=towns blank="请选"/>
            <TextArea field=field("words", "要说的话") rows=4/>
            <TextInput field=field("due_on", "哪天前回复").optional().narrow().hint(hint) kind="date"/>
            <div class="actions"><Button words="写给镇里"/></div>
        </form>
    };
    view! { <Section title="写给镇里">{body}</Section> }.into_any()
}

fn row(memo: &Memo, may_answer: bool, form: &FormState, request_id: &str, today: NaiveDate) -> AnyView {
    let on = plain_date(local_date(memo.at));
    let until = plain_date(memo.due_on);
    let state = match memo.answered_at {
        Some(at) => {
            let by = memo.answerer.clone().unwrap_or_else(|| "镇里".to_owned());
            format!("{}{by}回复：", plain_date(local_date(at)))
        }
        None if memo.due_on < today => format!("{until}前回复，过期了还没有回复。"),
        None => format!("等回复，{until}前。"),
    };
    let answer = (!memo.answer.is_empty()).then(|| view! { <p class="said">{memo.answer.clone()}</p> });
    let id = memo.memo_id.to_string();
    let answering = may_answer.then(|| {
        let refused = form.of_action("answer");
        let state = if refused.value("memo") == id { refused } else { FormState::default() };
        view! {
            <form class="form" method="post" data-guard="">
                <FormSummary form=state.clone() within=id.clone()/>
                <RequestIdField id=request_id.to_owned()/>
                <input type="hidden" name="action" value="answer"/>
                <input type="hidden" name="memo" value=id.clone()/>
                <TextArea field=Field::of(&state, "answer", "回复").within(&id) rows=3/>
                <div class="actions"><Button words="回复区政协办" kind=ButtonKind::Second small=true/></div>
            </form>
        }
    });
    view! {
        <li>
            <p class="caption">{format!("{on}，写给{}", memo.town)}</p>
            <p class="said">{memo.words.clone()}</p>
            <p class="caption">{state}</p>
            {answer}
            {answering}
        </li>
    }
    .into_any()
}

/// Takes the forms of the page.
///
/// # Errors
/// As [`super::send`] and [`super::answer`].
pub async fn post_memos(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    seen(req)?;
    match form.value("action") {
        "send" => {
            super::send(&req.ctx, form.value("town"), form.value("words"), form.date("due_on")?).await?;
            Ok(Outcome::SeeOther(format!("{MEMOS}?done=sent")))
        }
        "answer" => {
            let memo = form.parse("memo", "这一页不完整，请刷新后再提交。")?;
            super::answer(&req.ctx, memo, form.value("answer")).await?;
            Ok(Outcome::SeeOther(format!("{MEMOS}?done=answered")))
        }
        _ => Err(Refusal::NotFound),
    }
}

/// What waits for an answer, as rows of the desk: the day, whether it is the person's to answer, and the row. For the
/// people of a town what was written to it; for the district all of it.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn items(req: &Request) -> Result<Vec<(NaiveDate, bool, DeskItem)>, Refusal> {
    let Ok((me, towns)) = seen(req) else { return Ok(Vec::new()) };
    let (today, calendar) = (req.ctx.today(), req.ctx.shared.calendar());
    let rules = town::rules::baseline(&req.ctx.db, &req.ctx.shared, req.ctx.now()).await?.1;
    let open = store::list(&req.ctx.db, &towns, true, MOST).await?;
    Ok(open
        .into_iter()
        .map(|memo| {
            let own = answers_for(me, &memo.town_id);
            let from = if me.sees_district() { &memo.town } else { "区政协办" };
            let item = DeskItem {
                due: Some(badge(memo.due_on, today, (&calendar, &rules))),
                todo: format!("{}：{}", if own { "回复区政协办" } else { "等镇里回复" }, beginning(&memo.words)),
                why: format!("{from}，{}写的，{}前回复。", plain_date(local_date(memo.at)), plain_date(memo.due_on)),
                href: MEMOS.to_owned(),
                present: None,
                side: None,
                loops: Vec::new(),
                action: own.then(|| Way::new("去回复", MEMOS)),
                waits_for: (!own).then(|| memo.town.clone()),
            };
            (memo.due_on, own, item)
        })
        .collect())
}
