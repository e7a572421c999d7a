//! `/desk/studios/{id}`: a studio with its ledger of receptions (委员工作室台账).

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{NEW, ROOMS, STUDIOS, crumbs, done, month_of};
use crate::access::Role;
use crate::carrier::keep::{self, Inside};
use crate::carrier::model::{OpinionForm, ReceptionForm, Settle, StudioForm, Whereto, tags_hint};
use crate::carrier::store::{self, Opinion, Reception, Studio};
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, MemberId, ReceptionId, StudioId};
use crate::roster::model::read_tags;
use crate::rules::{full_date, plain_date};
use crate::ui::{
    Button, ButtonKind, CheckGroup, Checkbox, Choice, Crumbs, Empty, Field, FormSummary, LinkButton, RadioGroup,
    RequestIdField, Section, Select, TextArea, TextInput,
};
use crate::web::{Form, Outcome, Page, Request};

/// Receptions that the page shows.
const SHOWN: i64 = 60;
/// Topics that an opinion can be linked with.
const TOPICS: i64 = 60;

/// What the page needs.
struct Desk {
    inside: Inside,
    seen: String,
    receptions: Vec<Reception>,
    there: Vec<(ReceptionId, String)>,
    opinions: Vec<Opinion>,
    /// Members of the town in office.
    people: Vec<(MemberId, String)>,
    topics: Vec<(CaseId, String)>,
    form: FormState,
    request_id: String,
    today: NaiveDate,
    /// By when an opinion is answered that is taken down today.
    answer_by: NaiveDate,
}

/// The page of a studio, or the form for a new one.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for one of another town that one does not belong to.
pub async fn studio(req: &Request) -> Result<Page, Refusal> {
    let (ctx, db) = (&req.ctx, &req.ctx.db);
    if req.params.get("id").map(String::as_str) == Some(NEW) {
        return new_studio(req).await;
    }
    let id: StudioId = req.param("id")?;
    let inside = keep::inside(ctx, id, month_of(ctx.today())).await?;
    let town = inside.studio.town_id.clone();
    let rules = crate::town::rules::in_force(db, &ctx.shared, &town, ctx.now()).await?.1;
    let desk = Desk {
        seen: keep::seen_studio(ctx, &inside.studio, &inside.members),
        receptions: store::receptions(db, id, SHOWN).await?,
        there: store::were_there(db, id).await?,
        opinions: store::opinions(db, id).await?,
        people: if inside.keeps { store::in_office(db, &town).await? } else { Vec::new() },
        topics: if inside.keeps { store::newest_topics(db, &town, TOPICS).await? } else { Vec::new() },
        form: req.form.clone(),
        request_id: req.request_id.to_string(),
        today: ctx.today(),
        answer_by: ctx.shared.calendar().add_workdays(ctx.today(), rules.district.opinion_answer_workdays),
        inside,
    };
    let told = match req.query("done") {
        _ if req.form.refusal.is_some() => None,
        "saved" => Some("工作室已经记下。"),
        "received" => Some("接待已经记下。听到了什么，接着记在那一天下面。"),
        "heard" => Some("意见已经记下。"),
        "settled" => Some("结果已经记下。"),
        "closed" => Some("工作室已经停了，先前的记录都在。"),
        "opened" => Some("工作室已经恢复。"),
        _ => None,
    };
    let ways = crumbs(ctx.actor.signed(), &town);
    Ok(Page::desk(desk.inside.studio.name.clone(), ROOMS, move || {
        let studio = &desk.inside.studio;
        let tag = studio.closed_at.is_some().then(|| view! { " "<span class="tag">"已停"</span> });
        view! {
            <Crumbs ways here=studio.name.clone()/>
            <h1 class="title title-work">{studio.name.clone()}</h1>
            <p class="meta">{format!("本月接待 {} 次", studio.received)}{tag}</p>
            {done(told)}
            {facts(&desk)}
            {receive_form(&desk)}
            {ledger(&desk)}
            {keeping(&desk)}
        }
        .into_any()
    }))
}

fn facts(desk: &Desk) -> AnyView {
    let studio = &desk.inside.studio;
    let people: Vec<String> = desk.inside.members.iter().map(|member| member.name.clone()).collect();
    let tags = read_tags(&studio.specialty).join("、");
    view! {
        <dl class="facts">
            <dt>"委员"</dt><dd>{people.join("、")}</dd>
            <dt>"专长"</dt><dd>{if tags.is_empty() { "没有写".to_owned() } else { tags }}</dd>
            <dt>"值班日"</dt><dd>{studio.days.clone()}</dd>
            <dt>"地点"</dt><dd>{studio.place.clone()}</dd>
        </dl>
    }
    .into_any()
}

fn receive_form(desk: &Desk) -> Option<AnyView> {
    let state = desk.form.of_action("receive");
    // What was refused is shown, whatever has happened meanwhile.
    if state.refusal.is_none() && (!desk.inside.records || desk.inside.studio.closed_at.is_some()) {
        return None;
    }
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("receive");
    let options: Vec<Choice> = desk
        .inside
        .members
        .iter()
        .filter(|member| member.in_office)
        .map(|member| Choice::new(member.member_id.to_string(), member.name.clone()))
        .collect();
    let mut there = field("members", "哪几位委员在");
    if let [only] = options.as_slice() {
        there = there.or(only.value.clone());
    }
    let form = view! {
        <form class="form" method="post" data-guard="">
            <FormSummary form=state.clone() within="receive"/>
            <RequestIdField id=desk.request_id.clone()/>
            <input type="hidden" name="action" value="receive"/>
            <TextInput field=field("held_on", "哪天").or(desk.today.to_string()).narrow() kind="date"/>
            <TextInput field=field("visitors", "来了几个人").narrow().hint("没有人来写 0；不用写姓名") kind="number"/>
            <CheckGroup field=there options/>
            <div class="actions"><Button words="记一次接待"/></div>
        </form>
    };
    Some(view! { <Section title="记一次接待" id="receive">{form}</Section> }.into_any())
}

/// The receptions, each with what was said there.
fn ledger(desk: &Desk) -> AnyView {
    let open = desk.opinions.iter().filter(|opinion| opinion.done_on.is_none()).count();
    let raised = desk.opinions.iter().filter(|opinion| opinion.topic_id.is_some()).count();
    let side = format!("意见 {} 条，提为议题 {raised} 条，没有结果 {open} 条", desk.opinions.len());
    let list = if desk.receptions.is_empty() {
        view! { <Empty sentence="还没有接待记录。"/> }.into_any()
    } else {
        let rows = desk.receptions.iter().map(|reception| one(desk, reception)).collect_view();
        view! { <ul class="short-list">{rows}</ul> }.into_any()
    };
    view! { <Section title="接待台账" id="ledger" side>{list}</Section> }.into_any()
}

fn one(desk: &Desk, reception: &Reception) -> AnyView {
    let id = reception.reception_id;
    let there: Vec<&str> = desk.there.iter().filter(|(of, _)| *of == id).map(|(_, name)| name.as_str()).collect();
    let head = format!("{}，接待 {} 人", full_date(reception.held_on), reception.visitors);
    let opinions = desk
        .opinions
        .iter()
        .filter(|opinion| opinion.reception_id == id)
        .map(|opinion| said(desk, opinion))
        .collect_view();
    view! {
        <li>
            {head}
            <p class="meta">{there.join("、")}</p>
            {opinions}
            {hear_form(desk, id)}
        </li>
    }
    .into_any()
}

fn said(desk: &Desk, opinion: &Opinion) -> AnyView {
    let state = match (opinion.whereto.0, opinion.due_on, opinion.done_on) {
        (Whereto::Topic, _, Some(on)) => format!("{}提为议题", plain_date(on)),
        (Whereto::Topic, Some(due), None) => format!("等提为议题，{}前", plain_date(due)),
        (Whereto::Unit, _, Some(on)) => format!("转{}，{}反馈", opinion.unit, plain_date(on)),
        (Whereto::Unit, Some(due), None) => format!("转{}，等反馈，{}前", opinion.unit, plain_date(due)),
        (_, _, Some(on)) => format!("{}答复", plain_date(on)),
        (_, due, None) => due.map(|due| format!("等答复，{}前", plain_date(due))).unwrap_or_default(),
    };
    let late = opinion.done_on.is_none() && opinion.due_on.is_some_and(|due| due < desk.today);
    let state = if late { format!("{state}，已经超期") } else { state };
    // What residents typed before it was released is for the desk.
    let may_read = desk.inside.keeps || opinion.topic_public;
    let topic = opinion.topic_id.zip(opinion.topic.clone()).filter(|_| may_read).map(|(topic, title)| {
        let href = if desk.inside.keeps { format!("/desk/topics/{topic}") } else { format!("/topics/{topic}") };
        view! { <p class="small">"议题："<a href=href>{title}</a></p> }
    });
    let answer = (!opinion.answer.is_empty()).then(|| view! { <p class="small">{opinion.answer.clone()}</p> });
    view! {
        <div class="answer" id=format!("o-{}", opinion.opinion_id)>
            <p class="said">{opinion.words.clone()}</p>
            <p class="caption">{state}</p>
            {topic}
            {answer}
            {settle_form(desk, opinion)}
        </div>
    }
    .into_any()
}

/// The state of one of the forms that stand on the page several times: refused, it is the one that was sent.
fn state_of(desk: &Desk, action: &str, name: &str, id: &str) -> FormState {
    let refused = desk.form.of_action(action);
    if refused.value(name) == id { refused } else { FormState::default() }
}

fn hear_form(desk: &Desk, reception: ReceptionId) -> Option<AnyView> {
    let id = reception.to_string();
    let state = state_of(desk, "hear", "reception", &id);
    if state.refusal.is_none() && (!desk.inside.records || desk.inside.studio.closed_at.is_some()) {
        return None;
    }
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within(&id);
    let options = Whereto::ALL.iter().map(|whereto| Choice::new(whereto.code(), whereto.word())).collect();
    let hint = format!("要转办、要提为议题的，{}前有结果", plain_date(desk.answer_by));
    Some(
        view! {
            <details open=state.refusal.is_some()>
                <summary>"记一条意见"</summary>
                <form class="form" method="post" data-guard="">
                    <FormSummary form=state.clone() within=id.clone()/>
                    <RequestIdField id=desk.request_id.clone()/>
                    <input type="hidden" name="action" value="hear"/>
                    <input type="hidden" name="reception" value=id.clone()/>
                    <TextArea field=field("words", "说了什么").hint("不写姓名、电话、住址") rows=3/>
                    <RadioGroup field=field("whereto", "怎么办").hint(hint) options/>
                    <TextInput field=field("unit", "转哪个单位").needed_if("转办才填")/>
                    <TextArea field=field("answer", "怎么答复的").needed_if("当场答复了才填") rows=2/>
                    <div class="actions"><Button words="记下意见" kind=ButtonKind::Second small=true/></div>
                </form>
            </details>
        }
        .into_any(),
    )
}

fn settle_form(desk: &Desk, opinion: &Opinion) -> Option<AnyView> {
    let id = opinion.opinion_id.to_string();
    let (state, raised) = (state_of(desk, "settle", "opinion", &id), state_of(desk, "raise", "opinion", &id));
    let refused = state.refusal.is_some() || raised.refusal.is_some();
    if !refused && (!desk.inside.records || opinion.done_on.is_some()) {
        return None;
    }
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within(&id);
    let raising = desk.inside.keeps.then(|| {
        let options = desk.topics.iter().map(|(case, title)| Choice::new(case.to_string(), title.clone())).collect();
        let topic = Field::of(&raised, "topic", "是哪一件议题").within(&id).hint("先代录议题，再回来从这里选");
        view! {
            <form class="form" method="post">
                <FormSummary form=raised.clone() within=id.clone()/>
                <RequestIdField id=desk.request_id.clone()/>
                <input type="hidden" name="action" value="raise"/>
                <input type="hidden" name="opinion" value=id.clone()/>
                <Select field=topic options blank="请选"/>
                <div class="actions">
                    <Button words="记为这件议题" kind=ButtonKind::Second small=true/>
                    <LinkButton words="去代录议题" href="/desk/record" kind=ButtonKind::Second/>
                </div>
            </form>
        }
    });
    Some(
        view! {
            <details open=refused>
                <summary>"记结果"</summary>
                <form class="form" method="post" data-guard="">
                    <FormSummary form=state.clone() within=id.clone()/>
                    <RequestIdField id=desk.request_id.clone()/>
                    <input type="hidden" name="action" value="settle"/>
                    <input type="hidden" name="opinion" value=id.clone()/>
                    <TextArea field=field("answer", "怎么答复的") rows=2/>
                    <div class="actions"><Button words="已经答复本人" kind=ButtonKind::Second small=true/></div>
                </form>
                {raising}
            </details>
        }
        .into_any(),
    )
}

// ---- setting up and correcting --------------------------------------------------------------------------------------

fn studio_fields(state: &FormState, kept: Option<(&Studio, &[MemberId])>, people: &[(MemberId, String)]) -> AnyView {
    let text = |name: &str, label: &'static str, value: &dyn Fn(&Studio) -> String| {
        Field::of(state, name, label).or(kept.map(|(studio, _)| value(studio)).unwrap_or_default())
    };
    let options: Vec<Choice> =
        people.iter().map(|(member, name)| Choice::new(member.to_string(), name.clone())).collect();
    let mut members = Field::of(state, "members", "工作室的委员");
    let mut named = Field::of(state, "is_named", "以委员的名字命名（名委员工作室）").optional();
    if let Some((studio, own)) = kept.filter(|_| state.refusal.is_none()) {
        for member in own {
            members = members.and(member.to_string());
        }
        if studio.is_named {
            named = named.or("yes");
        }
    }
    let specialty = text("specialty", "专长", &|studio| read_tags(&studio.specialty).join("、"));
    view! {
        <TextInput field=text("name", "名称", &|studio| studio.name.clone()).hint("公开，例如：盛泽法律服务工作室")/>
        <Checkbox field=named/>
        <TextInput field=specialty.optional().hint(tags_hint())/>
        <TextInput field=text("days", "值班日", &|studio| studio.days.clone()).hint("公开，例如：每月10日、20日上午")/>
        <TextInput field=text("place", "地点", &|studio| studio.place.clone()).hint("公开，写清楚在哪里")/>
        <CheckGroup field=members options/>
    }
    .into_any()
}

async fn new_studio(req: &Request) -> Result<Page, Refusal> {
    let me = req.ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
    let sent = req.form.value("town");
    let asked = if sent.is_empty() { req.query("town") } else { sent };
    let town = crate::town::store::town(&req.ctx.db, asked).await?.ok_or(Refusal::NotFound)?;
    if !me.is(Role::Officer, &town.town_id) {
        return Err(Refusal::Forbidden { who: Role::Officer.word().to_owned() });
    }
    let people = store::in_office(&req.ctx.db, &town.town_id).await?;
    let (state, request_id, ways) = (req.form.clone(), req.request_id.to_string(), crumbs(Some(me), &town.town_id));
    Ok(Page::desk("添一个工作室", ROOMS, move || {
        let body = if people.is_empty() {
            let way = crate::ui::Way::new("去名册", "/desk/roster");
            view! { <Empty sentence="工作室要有委员。请先在名册上登记本镇的委员。" way/> }.into_any()
        } else {
            view! {
                <form class="form" method="post" data-guard="">
                    <FormSummary form=state.clone()/>
                    <RequestIdField id=request_id/>
                    <input type="hidden" name="town" value=town.town_id.clone()/>
                    {studio_fields(&state, None, &people)}
                    <div class="actions"><Button words="登记"/></div>
                </form>
            }
            .into_any()
        };
        view! {
            <Crumbs ways here="添一个工作室"/>
            <h1 class="title title-work">{format!("{}添一个工作室", town.short_name)}</h1>
            {body}
        }
        .into_any()
    }))
}

/// What an officer does with the studio itself.
fn keeping(desk: &Desk) -> Option<AnyView> {
    if !desk.inside.keeps {
        return None;
    }
    let (state, studio) = (desk.form.of_action("correct"), &desk.inside.studio);
    let own: Vec<MemberId> = desk.inside.members.iter().map(|member| member.member_id).collect();
    // Whoever has left stays on the list until somebody takes the name away.
    let mut people = desk.people.clone();
    for member in desk.inside.members.iter().filter(|member| !member.in_office) {
        people.push((member.member_id, format!("{}（已离任）", member.name)));
    }
    let (action, words, hint) = if studio.closed_at.is_some() {
        ("open", "恢复工作室", "恢复以后又公开，可以接着记接待。")
    } else {
        ("close", "停用工作室", "停用以后不再公开，不能再记接待；记过的都在，没有结果的意见照样要有结果。")
    };
    let form = view! {
        <form class="form" method="post" data-guard="">
            <FormSummary form=state.clone()/>
            <RequestIdField id=desk.request_id.clone()/>
            <input type="hidden" name="action" value="correct"/>
            <input type="hidden" name="seen" value=desk.seen.clone()/>
            {studio_fields(&state, Some((studio, &own)), &people)}
            <div class="actions"><Button words="记下修改" kind=ButtonKind::Second/></div>
        </form>
    };
    // Somebody else may just have done the same: then the form that was refused is no longer there.
    let turned = ["open", "close"].map(|one| desk.form.of_action(one));
    let turned = turned.into_iter().find(|state| state.refusal.is_some()).unwrap_or_default();
    let closing = view! {
        <form class="form" method="post">
            <FormSummary form=turned/>
            <RequestIdField id=desk.request_id.clone()/>
            <input type="hidden" name="action" value=action/>
            <p class="hint">{hint}</p>
            <div class="actions"><Button words=words kind=ButtonKind::Second/></div>
        </form>
    };
    let open = state.refusal.is_some();
    Some(
        view! {
            <Section title="工作室本身" id="correct">
                <details open=open><summary>"修改"</summary>{form}</details>
                {closing}
            </Section>
        }
        .into_any(),
    )
}

fn ids(form: &Form, name: &str) -> Result<Vec<MemberId>, Refusal> {
    let sent = form.values.get(name).map(Vec::as_slice).unwrap_or_default();
    sent.iter()
        .map(|id| id.trim().parse().map_err(|_| Refusal::field(name, "这一页不完整，请刷新后再提交。")))
        .collect()
}

fn studio_form(form: &Form) -> Result<StudioForm, Refusal> {
    Ok(StudioForm {
        name: form.value("name").to_owned(),
        specialty: read_tags(form.value("specialty")),
        is_named: form.ticked("is_named"),
        days: form.value("days").to_owned(),
        place: form.value("place").to_owned(),
        members: ids(form, "members")?,
    })
}

/// Takes the forms of the page.
///
/// # Errors
/// As the functions of [`crate::carrier`].
pub async fn post_studio(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    const TORN: &str = "这一页不完整，请刷新后再提交。";
    let ctx = &req.ctx;
    if req.params.get("id").map(String::as_str) == Some(NEW) {
        let id = crate::carrier::save_studio(ctx, form.value("town"), None, studio_form(&form)?).await?;
        return Ok(Outcome::SeeOther(format!("{STUDIOS}/{id}?done=saved")));
    }
    let id: StudioId = req.param("id")?;
    let back = |done: &str| Ok(Outcome::SeeOther(format!("{STUDIOS}/{id}?done={done}")));
    match form.value("action") {
        "correct" => {
            let known = Some((id, form.value("seen")));
            crate::carrier::save_studio(ctx, "", known, studio_form(&form)?).await?;
            back("saved")
        }
        "close" => {
            crate::carrier::set_open(ctx, id, false).await?;
            back("closed")
        }
        "open" => {
            crate::carrier::set_open(ctx, id, true).await?;
            back("opened")
        }
        "receive" => {
            let visitors = match form.value("visitors") {
                "" => None,
                _ => Some(form.parse("visitors", "来了几个人，写数字，例如 3。")?),
            };
            let reception = ReceptionForm { held_on: form.date("held_on")?, visitors, members: ids(&form, "members")? };
            crate::carrier::receive(ctx, id, reception).await?;
            back("received")
        }
        "hear" => {
            let opinion = OpinionForm {
                words: form.value("words").to_owned(),
                whereto: Whereto::from_code(form.value("whereto")),
                unit: form.value("unit").to_owned(),
                answer: form.value("answer").to_owned(),
            };
            crate::carrier::hear(ctx, id, form.parse("reception", TORN)?, opinion).await?;
            back("heard")
        }
        "settle" => {
            let how = Settle::Answered(form.value("answer").to_owned());
            crate::carrier::settle(ctx, id, form.parse("opinion", TORN)?, how).await?;
            back("settled")
        }
        "raise" => {
            let how = Settle::Raised(form.parse("topic", "请从名单上选一件议题。")?);
            crate::carrier::settle(ctx, id, form.parse("opinion", TORN)?, how).await?;
            back("settled")
        }
        _ => Err(Refusal::NotFound),
    }
}
