//! Finding one's own topic again by its tracking code, and what its proposer can do with it: read the town's answers,
//! answer a question, take it back, change the consent to show the name.

use leptos::prelude::*;

use crate::access::{Actor, StepKind};
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::case::store::{self as cases, Case, Span, Version};
use crate::error::{FormState, Refusal};
use crate::ids::CaseId;
use crate::rules::{RuleSet, local_date, plain_date};
use crate::topic::lookup::{self as codes, COOKIE, COOKIE_AGE_S};
use crate::topic::model::{Ruling, Screening, TopicForm, masked_phone};
use crate::topic::steps::{AnswerQuestion, ChangeNameConsent, WithdrawTopic, strands};
use crate::topic::store::{self, CaseFile, Proposer};
use crate::town;
use crate::ui::{
    Answer, Button, ButtonKind, ErrorPage, Event, EventKind, Field, FileInput, FormSummary, LinkButton, RequestIdField,
    Section, StageLineView, TextArea, TextInput, Timeline, Way,
};
use crate::web::{Cookie, Form, Outcome, Page, Request, StagedFile};

use super::raise::attachments;
use super::topic::files_view;
use super::words::{self, Standing};

/// The decisions after the screening that the proposer is told.
const TOLD: [StepKind; 6] = [
    StepKind::ConfirmTopic,
    StepKind::SuspendTopic,
    StepKind::ResumeTopic,
    StepKind::TerminateTopic,
    StepKind::UndoMerge,
    StepKind::WithdrawTopic,
];

/// The form for a tracking code.
///
/// # Errors
/// None at present.
pub async fn lookup(req: &Request) -> Result<Page, Refusal> {
    let form = req.form.clone();
    let last = match &req.ctx.actor {
        Actor::Proposer { case, .. } => Some(*case),
        _ => None,
    };
    Ok(Page::public("凭查询码看进展", "/lookup", move || {
        let code = Field::of(&form, "code", "查询码").hint("十位字母和数字，大小写和空格都不要紧").private().narrow();
        let last = last.map(|case| {
            let href = format!("/mine/{case}");
            view! { <p class="note"><span>"这台设备刚看过一件。"</span><a href=href>"接着看那一件"</a></p> }
        });
        view! {
            <div class="narrow-page">
                <h1 class="title">"凭查询码看进展"</h1>
                <p class="meta">"提交议题后给您的那十位码。凭它看进展、补充说明、撤回，不用注册。"</p>
                {last}
                <FormSummary form/>
                <form class="form" method="post" action="/lookup" data-guard="">
                    <TextInput field=code/>
                    <div class="actions"><Button words="查询"/></div>
                </form>
                <p class="caption">"忘了查询码，请打给镇（街道）政协工委，核对您留的手机号后补发，旧码同时作废。"</p>
            </div>
        }
        .into_any()
    }))
}

/// Takes a tracking code: remembers in this browser that it was shown, and leads to the topic.
///
/// # Errors
/// [`Refusal::Invalid`] for a code that opens nothing.
pub async fn post_lookup(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let (case, hash) = codes::find(&req.ctx, form.value("code")).await?;
    if req.ctx.actor.signed().is_some() && own(req, case).await?.is_none() {
        // A session stands before the cookie: the look-up would seem to have failed.
        return Err(Refusal::field("code", "您现在登录着工作账号。凭查询码看，请先退出登录，或者换一个浏览器。"));
    }
    let cookie = Cookie {
        name: COOKIE,
        value: codes::cookie_value(&req.ctx.secret, case, &hash),
        max_age_s: Some(COOKIE_AGE_S),
    };
    Ok(Outcome::SeeOtherWith(format!("/mine/{case}"), vec![cookie]))
}

/// The case, if the actor raised it.
async fn own(req: &Request, case: CaseId) -> Result<Option<Case>, Refusal> {
    let may_know = match &req.ctx.actor {
        Actor::Proposer { case: shown, .. } => *shown == case,
        Actor::Signed(..) => true,
        _ => false,
    };
    if !may_know {
        return Ok(None);
    }
    let found = cases::find(&req.ctx.db, case).await?;
    Ok(found.filter(|found| match &req.ctx.actor {
        Actor::Signed(signed, _) => found.proposer_id == Some(signed.account),
        _ => true,
    }))
}

/// The case of the path, if the actor raised it.
pub(crate) async fn own_of_path(req: &Request) -> Result<Option<Case>, Refusal> {
    match req.param("id") {
        Ok(case) => own(req, case).await,
        Err(_) => Ok(None),
    }
}

/// For whoever did not show the code of this topic: as if it did not exist, with the way to the look-up.
pub(super) fn not_shown() -> Page {
    let mut page = Page::public("没有找到", "/lookup", || {
        let ways = vec![Way::new("凭查询码看进展", "/lookup"), Way::new("回首页", "/")];
        view! { <ErrorPage refusal=Refusal::NotFound ways/> }.into_any()
    })
    .private();
    page.status = Refusal::NotFound.status();
    page
}

/// What the screener's question is called among what was told.
const ASKED: &str = "请您补充";

/// The name under which the browser keeps an answer that is not sent yet.
fn answer_draft(case: CaseId) -> String {
    format!("answer:{case}")
}

/// Something that the town told the proposer.
struct Told {
    date: String,
    title: String,
    lines: Vec<(&'static str, String)>,
}

/// What a screening decision told the proposer.
fn told_screening(version: &Version<Screening>) -> Told {
    let record = &version.record;
    let mut lines = vec![("理由", record.reason.clone())];
    let mut add = |label: &'static str, text: &str| {
        if !text.trim().is_empty() {
            lines.push((label, text.to_owned()));
        }
    };
    add(ASKED, &record.question);
    add("情形", record.exclusion.map_or("", crate::rules::Exclusion::word));
    add("转给", &record.transfer_to);
    add("更正", &record.correction);
    let corrected = if record.correction.trim().is_empty() { "" } else { "（更正）" };
    Told { date: plain_date(local_date(version.at)), title: format!("{}{corrected}", record.decision.word()), lines }
}

/// What a later decision told the proposer; nothing for those that are between officers.
fn told_ruling(version: &Version<Ruling>) -> Option<Told> {
    let kind = TOLD.into_iter().find(|kind| kind.code() == version.record.what)?;
    let label = if kind == StepKind::WithdrawTopic { "您写的原因" } else { "意见" };
    let mut lines = vec![(label, version.record.reason.clone())];
    lines.extend(version.record.review_on.map(|day| ("复核日期", words::full_date(day))));
    Some(Told { date: plain_date(local_date(version.at)), title: kind.words().to_owned(), lines })
}

/// What a stage says of itself to the proposer, as something that happened.
const fn happened_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Draft => "开始写",
        Stage::Submitted => "交到镇里，等初审",
        Stage::Accepted => "镇里受理",
        Stage::Confirmed => "党（工）委审批立题",
        Stage::Researching => "开始调研",
        Stage::Planned => "调研完成，开始筹备会商",
        Stage::Announced => "会商公示",
        Stage::Convened => "开会商量",
        Stage::Minuted => "纪要签发",
        Stage::Reported => "成果报送党委、政府",
        Stage::Tracking => "交承办单位办理",
        Stage::Evaluating => "请大家评价",
        Stage::Closed => "办结",
        Stage::Archived => "归档",
        Stage::Returned => "退回，请您补充",
        Stage::Transferred => "转办",
        Stage::Merged => "并入另一件议题",
        Stage::Declined => "不予立题",
        Stage::Withdrawn => "您撤回",
        Stage::Lapsed => "到期没有补充，失效",
        Stage::Suspended => "暂缓",
        Stage::Terminated => "终止",
    }
}

/// The way of the topic, newest first.
fn way(spans: &[Span]) -> Vec<Event> {
    spans
        .iter()
        .rev()
        .map(|span| Event {
            when: plain_date(local_date(span.entered_at)),
            says: happened_words(span.stage.0).to_owned(),
            detail: None,
            kind: EventKind::Done,
        })
        .collect()
}

/// What is said after something was done.
fn done_words(done: &str) -> Option<&'static str> {
    match done {
        "answer" => Some("补充说明已经交回，镇里接着初审。"),
        "consent" => Some("姓名公开的意愿已经改好。"),
        "withdraw" => Some("议题已经撤回。"),
        _ => None,
    }
}

/// Everything the proposer's page shows.
struct Mine {
    case: Case,
    town: String,
    proposer: Option<Proposer>,
    sent: Option<Version<TopicForm>>,
    rounds: usize,
    told: Vec<Told>,
    files: Vec<CaseFile>,
    /// Whether the proposer is asked now how it was handled.
    judged: bool,
    spans: Vec<Span>,
    merged: Option<Way>,
    rules: std::sync::Arc<RuleSet>,
    answer: (String, Option<String>),
    coming: Vec<Event>,
    line: crate::ui::StageLine,
    done: Option<&'static str>,
    form: FormState,
    staged: Vec<StagedFile>,
    request_id: String,
    elder: bool,
}

/// The proposer's own page.
///
/// # Errors
/// When the database cannot be read. For anybody else it does not exist (a page that says so).
pub async fn mine(req: &Request) -> Result<Page, Refusal> {
    let Some(case) = own_of_path(req).await? else {
        return Ok(not_shown());
    };
    let page = read(req, case).await?;
    let sent = (req.query("done") == "answer").then(|| answer_draft(page.case.id));
    let mut page = Page::public(page.case.inner_title().to_owned(), "/lookup", move || body(page)).private();
    page.draft_done = sent;
    Ok(page)
}

async fn read(req: &Request, case: Case) -> Result<Mine, Refusal> {
    let ctx = &req.ctx;
    let (db, now, stage) = (&ctx.db, ctx.now(), case.stage());
    let rules = match case.rule_set_id {
        Some(id) => town::rules::by_id(db, &ctx.shared, id).await?,
        None => town::rules::in_force(db, &ctx.shared, &case.town_id, now).await?.1,
    };
    let town = town::store::town(db, &case.town_id).await?.map_or_else(String::new, |town| town.short_name);
    let forms = cases::versions::<TopicForm>(db, case.id).await?;
    let rounds = forms.len();
    let mut told: Vec<(chrono::DateTime<chrono::Utc>, Told)> = Vec::new();
    for version in &cases::versions::<Screening>(db, case.id).await? {
        told.push((version.at, told_screening(version)));
    }
    for version in &cases::versions::<Ruling>(db, case.id).await? {
        told.extend(told_ruling(version).map(|told| (version.at, told)));
    }
    told.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let merged = match case.merged_into {
        Some(into) => store::public_topic(db, into).await?,
        None => None,
    };
    let is_stranded = merged.as_ref().is_some_and(|into| strands(into.row.stage.0, into.rule_set_id.is_some()));
    let merged = merged.map(|into| Way::new(into.row.title, format!("/topics/{}", into.row.topic_id)));
    let spans = cases::spans(db, case.id).await?;
    let line_stage = if stage.ordinal().is_some() {
        stage
    } else {
        words::last_on_line(&spans).unwrap_or_else(|| words::on_line(stage, case.suspended_from.as_deref()))
    };
    let calendar = ctx.shared.calendar();
    let standing = Standing {
        town: &town,
        stage,
        line: line_stage,
        since: local_date(case.stage_since),
        due: case.due_on,
        state: words::due_state(&calendar, now, stage, case.due_on),
        waits_for: case.waiting_role(),
    };
    let (mut answer, coming) = (standing.answer(), words::coming(&standing, &rules));
    if is_stranded {
        answer = ("您的议题并入的那一件已经结束了。".to_owned(), Some("镇里会把您的这一件拆开，接着办。".to_owned()));
    }
    let line = words::stage_line(&spans, (stage, line_stage), case.due_on, &rules, (&calendar, local_date(now)));
    Ok(Mine {
        judged: crate::evaluation::pages::is_open_for(ctx, &case).await?,
        proposer: store::proposer(db, case.id).await?,
        sent: forms.into_iter().next(),
        rounds,
        told: told.into_iter().map(|(_, told)| told).collect(),
        files: store::files(db, case.id, false).await?,
        merged,
        answer,
        coming,
        line,
        done: done_words(req.query("done")),
        form: req.form.clone(),
        staged: req.staged.clone(),
        request_id: req.request_id.to_string(),
        elder: req.appearance.elder,
        case,
        town,
        spans,
        rules,
    })
}

impl Mine {
    fn href(&self) -> String {
        format!("/mine/{}", self.case.id)
    }

    fn may_withdraw(&self) -> bool {
        self.case.stage().may_become(Stage::Withdrawn)
    }
}

fn meta(page: &Mine) -> String {
    let mut parts = vec![page.town.clone()];
    parts.extend(page.case.number.as_ref().map(|number| format!("{number} 号")));
    parts.push(format!("{}提交", words::full_date(local_date(page.case.submitted_at))));
    parts.join(" / ")
}

/// The town's answers with their reasons.
fn told_view(page: &Mine) -> AnyView {
    if page.told.is_empty() {
        return view! { <Section title="镇里的答复"><p class="empty">"还没有答复。答复了就写在这里。"</p></Section> }
            .into_any();
    }
    let rows = page
        .told
        .iter()
        .map(|told| {
            let lines = told
                .lines
                .iter()
                .filter(|(_, text)| !text.trim().is_empty())
                .map(|(label, text)| view! { <p class="quote said">{format!("{label}：{text}")}</p> })
                .collect_view();
            let head = format!("{}，{}", told.date, told.title);
            view! { <li><h3 class="sub-head">{head}</h3>{lines}</li> }
        })
        .collect_view();
    view! { <Section title="镇里的答复" side="新的在前"><ul>{rows}</ul></Section> }.into_any()
}

/// The form with which the screener's question is answered.
fn question(page: &Mine) -> Option<AnyView> {
    if page.case.stage() != Stage::Returned {
        return None;
    }
    let form = page.form.of_action("answer");
    let sent = page.sent.as_ref().map(|version| version.record.clone()).unwrap_or_default();
    let topic = &page.rules.topic;
    let body = usize::try_from(topic.body_max).unwrap_or(usize::MAX);
    let title_max = usize::try_from(topic.title_max).unwrap_or(usize::MAX);
    let long = |name: &str, label: &str, value: &str| Field::of(&form, name, label).or(value).max(body);
    let matter = long("matter", "现状", &sent.matter);
    let reason = long("reason", "理由", &sent.reason);
    let suggestion = long("suggestion", "建议", &sent.suggestion);
    let answer = Field::of(&form, "answer", "回答镇里的问题").max(body);
    let asked = page.told.iter().flat_map(|told| &told.lines).find(|(label, _)| *label == ASKED);
    let asked = asked.map(|(_, text)| view! { <p class="quote said">{format!("镇里问：{text}")}</p> });
    let title = Field::of(&form, "title", "题目").or(sent.title.clone()).max(title_max);
    let place_max = usize::try_from(topic.place_max).unwrap_or(usize::MAX);
    let place = Field::of(&form, "place", "具体地点").or(sent.place.clone()).max(place_max);
    let left = usize::try_from(topic.attachments_max).unwrap_or(usize::MAX).saturating_sub(page.files.len());
    let hint = match left {
        0 => "原来交的都在；已经到了最多的个数，不能再加".to_owned(),
        left => format!("原来交的都在，不用再传；最多再加 {left} 个"),
    };
    let files = Field::of(&form, "attachments", "补充照片和材料").optional().hint(hint);
    let due = page.case.due_on.map(|day| format!("{}前交回", plain_date(day)));
    let seen = page.case.stage_version.to_string();
    let staged = page.staged.clone();
    let (action, request_id) = (page.href(), page.request_id.clone());
    let draft = answer_draft(page.case.id);
    Some(
        view! {
            <Section title="补充说明" side=due>
                <FormSummary form/>
                <form class="form" method="post" action=action enctype="multipart/form-data" data-draft=draft data-guard="">
                    <RequestIdField id=request_id/>
                    <input type="hidden" name="action" value="answer"/>
                    <input type="hidden" name="seen" value=seen/>
                    {asked}
                    <TextArea field=answer/>
                    <p class="hint">"下面是您原来写的，要改就直接改，不改就不动。"</p>
                    <TextInput field=title/>
                    <TextInput field=place/>
                    <TextArea field=matter/>
                    <TextArea field=reason rows=4/>
                    <TextArea field=suggestion rows=4/>
                    <FileInput field=files staged/>
                    <div class="actions"><Button words="交回补充说明"/></div>
                </form>
            </Section>
        }
        .into_any(),
    )
}

/// The text and files as they were sent.
fn as_sent(page: &Mine) -> AnyView {
    let Some(version) = &page.sent else {
        return view! { <Section title="您交来的原文"><p class="empty">"原文已按要求删除。"</p></Section> }.into_any();
    };
    let sent = &version.record;
    let parts = [
        ("题目", &sent.title),
        ("地点", &sent.place),
        ("现状", &sent.matter),
        ("理由", &sent.reason),
        ("建议", &sent.suggestion),
        ("补充说明", &sent.answer),
    ]
    .into_iter()
    .filter(|(_, text)| !text.trim().is_empty())
    .map(|(label, text)| {
        let text = text.clone();
        view! { <h3 class="sub-head">{label}</h3><p class="said">{text}</p> }
    })
    .collect_view();
    let joint = (sent.joint_count > 1).then(|| view! { <p class="small">{format!("{} 人联名", sent.joint_count)}</p> });
    let side = if page.rounds > 1 {
        format!("第 {} 次交的，先前的也都留着", page.rounds)
    } else {
        format!("{}交", plain_date(local_date(version.at)))
    };
    let files = files_view(&page.files);
    view! {
        <Section title="您交来的原文" side=side>
            {parts}
            {joint}
            {files}
        </Section>
    }
    .into_any()
}

/// The switch for showing the name.
fn consent(page: &Mine) -> Option<AnyView> {
    let proposer = page.proposer.as_ref().filter(|proposer| !proposer.erased)?;
    let (now, value, verb) = if proposer.consent_public {
        ("现在公开您的姓名。", "no", "改成不公开")
    } else {
        ("现在不公开您的姓名。", "yes", "改成公开")
    };
    let contact = if proposer.phone.is_empty() {
        format!("联系人 {}，没有留电话。", proposer.name)
    } else {
        format!("联系人 {}，电话 {}，不公开。", proposer.name, masked_phone(&proposer.phone))
    };
    let (action, request_id) = (page.href(), page.request_id.clone());
    Some(
        view! {
            <Section title="您的姓名和电话">
                <p class="small">{contact}</p>
                <p class="small">{now}</p>
                <form method="post" action=action enctype="multipart/form-data" data-guard="">
                    <RequestIdField id=request_id/>
                    <input type="hidden" name="action" value="consent"/>
                    <input type="hidden" name="consent" value=value/>
                    <div class="actions"><Button words=verb kind=ButtonKind::Second/></div>
                </form>
                <p class="caption">"要更正或删除姓名、电话、原文，请打给镇工委，核对手机号后办理。"</p>
            </Section>
        }
        .into_any(),
    )
}

fn body(page: Mine) -> AnyView {
    let (sentence, waits) = page.answer.clone();
    let note = page.done.map(|words| view! { <p class="note" role="status">{words}</p> });
    // The question has its own form with its own summary; what concerns the others stands on top.
    let other = if page.form.action.as_deref() == Some("answer") { FormState::default() } else { page.form.clone() };
    let public = page.case.is_public.then(|| {
        let href = format!("/topics/{}", page.case.id);
        view! { <p class="small"><a href=href>"看公开的那一页"</a></p> }
    });
    let merged = page.merged.clone().map(|way| {
        view! { <p class="note"><span>"并入："</span><a href=way.href>{way.words}</a></p> }
    });
    let withdraw = page.may_withdraw().then(|| {
        let href = format!("{}/withdraw", page.href());
        view! {
            <Section title="不想提了">
                <p class="small">"立题以前可以撤回，撤回后不再办理。"</p>
                <div class="actions"><LinkButton words="去撤回" href kind=ButtonKind::Second/></div>
            </Section>
        }
    });
    let handled = (page.case.stage().ordinal() >= Stage::Minuted.ordinal())
        .then(|| crate::evaluation::pages::invited(page.judged, page.case.id, &page.href()));
    let head = view! {
        <h1 class="title">{page.case.inner_title().to_owned()}</h1>
        <p class="meta">{meta(&page)}</p>
        {note}
        <FormSummary form=other/>
        <Answer sentence waits/>
        {merged}
        {public}
        {handled}
    }
    .into_any();
    let main = view! { {question(&page)}{told_view(&page)}{as_sent(&page)} }.into_any();
    let own = view! { {consent(&page)}{withdraw} }.into_any();
    if page.elder {
        let line = page.line.elder_sentence();
        return view! { {head}<p class="sl-elder">{line}</p><div class="main-text">{main}{own}</div> }.into_any();
    }
    let coming = (!page.coming.is_empty())
        .then(|| view! { <Section title="接下来"><Timeline events=page.coming.clone()/></Section> });
    let happened = way(&page.spans);
    let explained = format!("/rules?town={}", words::encode(&page.case.town_id));
    view! {
        {head}
        <StageLineView line=page.line setting=format!("期限由{}设定", page.town) explained/>
        <div class="cols">
            <div class="col-main">{main}</div>
            <div class="col-side">
                {coming}
                <Section title="已经发生"><Timeline events=happened/></Section>
                {own}
            </div>
        </div>
    }
    .into_any()
}

/// Takes the forms of the proposer's page.
///
/// # Errors
/// What T1 finds in an answer; a conflict when the case has moved on.
pub async fn post_mine(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let case = own_of_path(req).await?.ok_or(Refusal::NotFound)?.id;
    let done = match form.value("action") {
        "answer" => {
            let seen = form.parse("seen", "请刷新页面再交。")?;
            let step = AnswerQuestion {
                case,
                seen,
                form: TopicForm {
                    title: form.value("title").to_owned(),
                    place: form.value("place").to_owned(),
                    matter: form.value("matter").to_owned(),
                    reason: form.value("reason").to_owned(),
                    suggestion: form.value("suggestion").to_owned(),
                    joint_count: 1,
                    answer: form.value("answer").to_owned(),
                    files: form.files.iter().map(|file| file.file).collect(),
                },
                attachments: attachments(&form.files),
            };
            carry_out(&req.ctx, step).await?;
            "answer"
        }
        "consent" => {
            let consent = form.ticked("consent");
            carry_out(&req.ctx, ChangeNameConsent { case, consent }).await?;
            "consent"
        }
        _ => return Err(Refusal::NotFound),
    };
    Ok(Outcome::SeeOther(format!("/mine/{case}?done={done}")))
}

/// The page on which a topic is taken back.
///
/// # Errors
/// A conflict when it cannot be taken back any more.
pub async fn withdraw(req: &Request) -> Result<Page, Refusal> {
    let Some(case) = own_of_path(req).await? else {
        return Ok(not_shown());
    };
    if !case.stage().may_become(Stage::Withdrawn) {
        return Err(Refusal::moved_on(format!("这件议题现在是「{}」，不能再撤回。", case.stage().word())));
    }
    let form = req.form.clone();
    let request_id = req.request_id.to_string();
    Ok(Page::public("撤回议题", "/lookup", move || {
        let back = format!("/mine/{}", case.id);
        let action = format!("{back}/withdraw");
        let seen = case.stage_version.to_string();
        let reason = Field::of(&form, "reason", "为什么撤回").optional().max(REASON_MAX);
        let shown = case.is_public.then(|| {
            view! { <p class="lead">"这件议题已经公开，撤回后网页还在，标明「已撤回」，不再接收关心和留言。"</p> }
        });
        view! {
            <h1 class="title">"撤回这件议题"</h1>
            <p class="lead">{format!("「{}」撤回后镇里不再办理，不能恢复；还想商量，可以重新提一件。", case.inner_title())}</p>
            {shown}
            <FormSummary form/>
            <form class="form" method="post" action=action data-guard="">
                <RequestIdField id=request_id/>
                <input type="hidden" name="seen" value=seen/>
                <TextArea field=reason rows=3/>
                <div class="actions">
                    <LinkButton words="不撤了，回去" href=back/>
                    <Button words="确定撤回" kind=ButtonKind::Second/>
                </div>
            </form>
        }
        .into_any()
    })
    .private())
}

/// Characters of the reason for taking a topic back.
const REASON_MAX: usize = 200;

/// Takes the topic back.
///
/// # Errors
/// A conflict when it has moved on since the page was shown.
pub async fn post_withdraw(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let case = own_of_path(req).await?.ok_or(Refusal::NotFound)?.id;
    let reason = form.value("reason").to_owned();
    let n = crate::rules::count_chars(&reason);
    if n > REASON_MAX {
        return Err(Refusal::field("reason", format!("原因最多 {REASON_MAX} 字，现在 {n} 字，请写短一些。")));
    }
    let seen = form.parse("seen", "请刷新页面再撤回。")?;
    carry_out(&req.ctx, WithdrawTopic { case, seen, reason }).await?;
    Ok(Outcome::SeeOther(format!("/mine/{case}?done=withdraw")))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::rules::{Exclusion, ScreeningDecision};

    fn version<R>(record: R) -> Version<R> {
        Version {
            version: 1,
            record,
            at: Utc.with_ymd_and_hms(2026, 11, 18, 4, 0, 0).unwrap(),
            author: Some("陆文清".to_owned()),
        }
    }

    #[test]
    fn the_proposer_is_told_the_decision_with_its_reason_and_not_who_wrote_it() {
        let told = told_screening(&version(Screening {
            decision: ScreeningDecision::Transfer,
            reason: "属于民事纠纷".to_owned(),
            question: String::new(),
            transfer_to: "镇司法所".to_owned(),
            exclusion: Some(Exclusion::CivilDispute),
            target: None,
            correction: String::new(),
        }));
        assert_eq!((told.date.as_str(), told.title.as_str()), ("11月18日", "转办"));
        let lines: Vec<String> = told.lines.iter().map(|(label, text)| format!("{label}：{text}")).collect();
        assert_eq!(lines, ["理由：属于民事纠纷", "情形：民事纠纷", "转给：镇司法所"]);
    }

    #[test]
    fn what_is_between_officers_is_not_told() {
        let ruling =
            |what: StepKind| Ruling {
                what: what.code().to_owned(), reason: "核对电话".to_owned(), review_on: None
            };
        for kind in [
            StepKind::ViewContact,
            StepKind::ErasePersonalData,
            StepKind::SendBackPreparation,
            StepKind::DecideHeldSupport,
        ] {
            assert!(told_ruling(&version(ruling(kind))).is_none(), "{kind:?}");
        }
        for kind in TOLD {
            assert!(told_ruling(&version(ruling(kind))).is_some(), "{kind:?}");
        }
    }
}
