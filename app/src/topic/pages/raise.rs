//! Raising a topic: the form, the topics that look alike, and the page with the tracking code.

use std::collections::HashMap;

use chrono::TimeDelta;
use leptos::prelude::*;

use crate::access::Actor;
use crate::case::stage::Stage;
use crate::case::store::{self as cases, Case};
use crate::case::{carry_out, limit_of};
use crate::context::Ctx;
use crate::error::{FieldError, FormState, Refusal};
use crate::ids::CaseId;
use crate::rules::{Attachments, Exclusion, Facts, Level, RuleSet, TopicFacts, judge, plain_date};
use crate::search::store as search;
use crate::storage::StorageError;
use crate::topic::lookup::{self, COOKIE, COOKIE_AGE_S};
use crate::topic::model::{TopicForm, TopicSource};
use crate::topic::steps::{Submission, SubmitTopic, open_sources};
use crate::town::{self, Town};
use crate::ui::{
    Button, ButtonKind, Checkbox, Choice, Event, EventKind, Field, FileInput, FormSummary, LinkButton, RequestIdField,
    Section, Select, TextArea, TextInput, Timeline,
};
use crate::web::{Cookie, Form, Outcome, Page, Request, StagedFile};

use super::lookup::{not_shown, own_of_path};
use super::words;

/// The name under which the browser keeps the draft.
const DRAFT: &str = "raise";
/// Hidden field: the person has seen the topics that look alike.
const SEEN: &str = "similar_seen";
/// How long the page with the code opens by its key.
const KEY_HOLDS: TimeDelta = TimeDelta::hours(1);
/// Characters of a title that are compared.
const COMPARED: usize = 100;

/// A topic that looks like the one being written.
#[derive(Clone, Debug)]
struct Alike {
    href: String,
    title: String,
    meta: String,
}

/// The topics whose titles look alike.
async fn alike(ctx: &Ctx, title: &str, limit: u32, towns: &[Town]) -> Result<Vec<Alike>, StorageError> {
    let title: String = title.trim().chars().take(COMPARED).collect();
    let found = search::similar(&ctx.db, &title, usize::try_from(limit).unwrap_or(0)).await?;
    let names: HashMap<&str, &str> =
        towns.iter().map(|town| (town.town_id.as_str(), town.short_name.as_str())).collect();
    Ok(found
        .into_iter()
        .map(|topic| {
            let mut meta = vec![names.get(topic.town_id.as_str()).copied().unwrap_or_default().to_owned()];
            meta.extend(topic.place.filter(|place| !place.is_empty()));
            meta.extend(Stage::from_code(&topic.stage).map(|stage| stage.word().to_owned()));
            meta.push(format!("{} 人关心", topic.support_count));
            Alike { href: format!("/topics/{}", topic.topic_id), title: topic.title, meta: meta.join(" / ") }
        })
        .collect())
}

fn alike_list(topics: Vec<Alike>) -> impl IntoView {
    let rows = topics
        .into_iter()
        .map(|topic| {
            view! {
                <li>
                    <p>{topic.title.clone()}</p>
                    <p class="meta">{topic.meta}</p>
                    <p>
                        <a href=topic.href target="_blank" rel="noopener">
                            "看一看，支持这一件"<span class="sr">{format!("：{}", topic.title)}</span>
                        </a>
                        <span class="caption">"（另开一页）"</span>
                    </p>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="short-list">{rows}</ul> }
}

/// The piece that the public script shows while the title is typed.
///
/// # Errors
/// When the database cannot be read.
pub async fn similar(req: &Request) -> Result<Page, Refusal> {
    let ctx = &req.ctx;
    let towns = town::store::towns(&ctx.db).await?;
    let (_, rules) = town::rules::baseline(&ctx.db, &ctx.shared, ctx.now()).await?;
    let topics = alike(ctx, req.query("q"), rules.topic.similar_shown, &towns).await?;
    Ok(Page::public("相近的议题", "", move || {
        if topics.is_empty() {
            return ().into_any();
        }
        view! {
            <p class="small">"这些议题有点像，先看看是不是同一件事："</p>
            {alike_list(topics)}
        }
        .into_any()
    }))
}

/// The sources that somebody who is signed in may choose in one town or another; one entry for everybody else.
fn sources(actor: &Actor, towns: &[Town]) -> Vec<TopicSource> {
    let mut sources = Vec::new();
    for town in towns {
        for source in open_sources(actor, &town.town_id) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
    }
    if sources.is_empty() {
        sources.push(TopicSource::PublicSolicited);
    }
    sources
}

/// The rules of the town that was chosen, else the district's.
async fn rules_of(ctx: &Ctx, town: Option<&Town>) -> Result<std::sync::Arc<RuleSet>, StorageError> {
    let now = ctx.now();
    Ok(match town {
        Some(town) => town::rules::in_force(&ctx.db, &ctx.shared, &town.town_id, now).await?.1,
        None => town::rules::baseline(&ctx.db, &ctx.shared, now).await?.1,
    })
}

/// The form for raising a topic.
///
/// # Errors
/// When the database cannot be read.
pub async fn raise(req: &Request) -> Result<Page, Refusal> {
    form_page(req, req.form.clone(), req.staged.clone(), Vec::new()).await
}

/// What the form is drawn from.
struct RaiseForm {
    form: FormState,
    staged: Vec<StagedFile>,
    towns: Vec<Town>,
    sources: Vec<TopicSource>,
    rules: std::sync::Arc<RuleSet>,
    alike: Vec<Alike>,
    request_id: String,
}

async fn form_page(
    req: &Request,
    form: FormState,
    staged: Vec<StagedFile>,
    alike: Vec<Alike>,
) -> Result<Page, Refusal> {
    let ctx = &req.ctx;
    let towns = town::store::towns(&ctx.db).await?;
    let chosen = match form.value("town") {
        "" => req.query("town"),
        sent => sent,
    };
    let town = towns.iter().find(|town| town.town_id == chosen);
    let rules = rules_of(ctx, town).await?;
    let mut form = form;
    if form.values("town").is_empty()
        && let Some(town) = town
    {
        form.values.insert("town".to_owned(), vec![town.town_id.clone()]);
    }
    // The reader of uploads names its own field; on this page it is the one the rule knows.
    for error in &mut form.errors {
        if error.field == "files" {
            "attachments".clone_into(&mut error.field);
        }
    }
    let title = if alike.is_empty() { "提一个议题" } else { "先看看是不是同一件事" };
    let page = RaiseForm {
        sources: sources(&ctx.actor, &towns),
        form,
        staged,
        towns,
        rules,
        alike,
        request_id: req.request_id.to_string(),
    };
    Ok(Page::public(title, "/raise", move || body(page)))
}

/// A length of a setting, for a field.
fn chars(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

fn body(page: RaiseForm) -> AnyView {
    let RaiseForm { form, staged, towns, sources, rules, alike, request_id } = page;
    let seen = !alike.is_empty() || form.value(SEEN) == "1";
    let days = rules.topic.screen_workdays;
    let lead = format!("不用注册。写清一件事就行，镇里 {days} 个工作日内给您答复，每一步都看得见。");
    // What the form holds was typed and is not sent yet: the browser keeps it, as it would have while it was typed.
    let unsent = (!alike.is_empty()).then_some("");
    let notice = (!alike.is_empty()).then(|| similar_notice(alike));
    let (words, sent) = if seen { ("都不一样，仍要提交", "1") } else { ("提交议题", "") };
    let hidden = seen.then(|| view! { <input type="hidden" name=SEEN value=sent/> });
    view! {
        <h1 class="title">"提一个议题"</h1>
        <p class="lead">{lead}</p>
        {not_here()}
        <FormSummary form=form.clone()/>
        <form class="form" method="post" action="/raise" enctype="multipart/form-data" data-draft=DRAFT data-unsent=unsent
            data-guard="">
            <RequestIdField id=request_id/>
            {hidden}
            {notice}
            {where_part(&form, &rules, towns, sources)}
            {what_part(&form, &rules)}
            {files_part(&form, &rules, staged)}
            {who_part(&form, &rules)}
            {last_part(&form)}
            <div class="actions"><Button words=words/></div>
            <p class="caption">"写了一半可以放着：没提交的内容留在这台设备的浏览器里，姓名和电话不留。"</p>
        </form>
    }
    .into_any()
}

/// What is not taken care of here, and where it is; folded, for everybody who writes about something else.
fn not_here() -> impl IntoView {
    let rows =
        Exclusion::ALL.iter().map(|kind| view! { <dt>{kind.word()}</dt><dd>{kind.channel()}</dd> }).collect_view();
    view! {
        <details class="passed-fold">
            <summary><u>"哪些事不在这里办，该找谁"</u></summary>
            <p class="small">"这里商量的是大家共同的事。下面这些请直接找对应的地方，更快："</p>
            <dl class="facts">{rows}</dl>
        </details>
    }
}

/// Shown once before sending, when there are topics that look alike.
fn similar_notice(alike: Vec<Alike>) -> impl IntoView {
    let n = alike.len();
    let words = format!("有 {n} 件议题和您写的相近。是同一件事的话，支持它更快；您写的都在，还没有提交。");
    view! {
        <section class="similar" aria-labelledby="alike">
            <h2 class="sec-title" id="alike">"先看看是不是同一件事"</h2>
            <p>{words}</p>
            {alike_list(alike)}
            <div class="actions"><Button words="都不一样，仍要提交" kind=ButtonKind::Second/></div>
        </section>
    }
}

fn where_part(form: &FormState, rules: &RuleSet, towns: Vec<Town>, sources: Vec<TopicSource>) -> impl IntoView + use<> {
    let town = Field::of(form, "town", "是哪个镇（街道）的事");
    let towns = towns.into_iter().map(|town| Choice::new(town.town_id, town.name)).collect();
    let source = if let [only] = sources[..] {
        view! { <p class="field hint">{format!("议题来源：{}", only.word())}</p> }.into_any()
    } else {
        let options = sources.iter().map(|source| Choice::new(source.code(), source.word())).collect();
        let field = Field::of(form, "source", "议题来源").hint("只能选您的身份可以用的来源");
        view! { <Select field options blank="请选择"/> }.into_any()
    };
    let place =
        Field::of(form, "place", "具体地点").hint("小区、村、路口，越具体越好").max(chars(rules.topic.place_max));
    view! {
        <Section title="一、在哪里">
            <Select field=town options=towns blank="请选择"/>
            {source}
            <TextInput field=place/>
        </Section>
    }
}

fn what_part(form: &FormState, rules: &RuleSet) -> impl IntoView + use<> {
    let topic = &rules.topic;
    let body = chars(topic.body_max);
    let title = Field::of(form, "title", "题目")
        .hint(format!("一句话说清是什么事，{} 至 {} 个字", topic.title_min, topic.title_max))
        .max(chars(topic.title_max))
        .similar("/topics/similar");
    let matter = Field::of(form, "matter", "现状").hint("什么时候、什么情况、影响哪些人").max(body);
    let reason = Field::of(form, "reason", "理由").hint("为什么要大家坐下来商量").max(body);
    let suggestion = Field::of(form, "suggestion", "建议").hint("您觉得怎么办好").max(body);
    view! {
        <Section title="二、是什么事">
            <TextInput field=title/>
            <div id="similar" class="similar" aria-live="polite"></div>
            <TextArea field=matter/>
            <TextArea field=reason rows=4/>
            <TextArea field=suggestion rows=4/>
            <p class="hint">"请不要写别人的姓名、电话、身份证号，也不要写涉密的内容。"</p>
        </Section>
    }
}

fn files_part(form: &FormState, rules: &RuleSet, staged: Vec<StagedFile>) -> impl IntoView + use<> {
    let topic = &rules.topic;
    let hint = format!(
        "最多 {} 个，每个不超过 {} MB，一共不超过 {} MB；照片用 JPEG、PNG 或 WebP，文件用 PDF、Word、Excel 或 OFD",
        topic.attachments_max, topic.attachment_mb, topic.attachments_total_mb
    );
    let field = Field::of(form, "attachments", "照片和材料").optional().hint(hint);
    (topic.attachments_max > 0).then(|| {
        view! { <Section title="三、照片和材料"><FileInput field staged/></Section> }
    })
}

fn who_part(form: &FormState, rules: &RuleSet) -> impl IntoView + use<> {
    let name_max = chars(rules.topic.name_max);
    let name = Field::of(form, "contact_name", "联系人姓名").private().max(name_max).autocomplete("name");
    let phone = Field::of(form, "contact_phone", "联系电话")
        .hint("有要问的，镇里打这个电话。不公开，谁看过都有记录")
        .private()
        .narrow()
        .autocomplete("tel");
    let joint = Field::of(form, "joint", "是几个人联名提的");
    let count = Field::of(form, "joint_count", "一共几个人")
        .hint(format!("联名的才填，连您在内，最多 {} 人", rules.topic.joint_max))
        .optional()
        .narrow();
    let show =
        Field::of(form, "consent_public", "同意公开我的姓名").hint("不勾就不显示；以后凭查询码随时可以改").private();
    view! {
        <Section title="四、怎么联系您">
            <TextInput field=name/>
            <TextInput field=phone kind="tel"/>
            <Checkbox field=show/>
            <Checkbox field=joint/>
            <TextInput field=count/>
        </Section>
    }
}

fn last_part(form: &FormState) -> impl IntoView + use<> {
    let one = Field::of(form, "one_matter", "我只说了一件事").hint("有几件事请分开提，每件都会有人答复");
    let privacy = Field::of(form, "consent_privacy", "我已看过并同意个人信息处理规则").private();
    view! {
        <Section title="五、提交前看一眼">
            <Checkbox field=one/>
            <Checkbox field=privacy/>
            <p class="hint"><a href="/privacy" target="_blank" rel="noopener">"看《个人信息处理规则》（在新窗口打开）"</a></p>
        </Section>
    }
}

/// The submission as it was sent.
fn submission(req: &Request, sent: &Form, town: Option<&Town>) -> Submission {
    let ctx = &req.ctx;
    let town_id = town.map_or("", |town| town.town_id.as_str());
    let open = open_sources(&ctx.actor, town_id);
    let source = match (sent.value("source"), open.as_slice()) {
        ("", [only]) => Some(*only),
        (code, _) => TopicSource::from_code(code),
    };
    Submission {
        case: Some(CaseId(ctx.new_id())),
        town: town_id.to_owned(),
        source,
        imported_from: None,
        form: TopicForm {
            title: sent.value("title").to_owned(),
            place: sent.value("place").to_owned(),
            matter: sent.value("matter").to_owned(),
            reason: sent.value("reason").to_owned(),
            suggestion: sent.value("suggestion").to_owned(),
            joint_count: 1,
            answer: String::new(),
            files: sent.files.iter().map(|file| file.file).collect(),
        },
        contact_name: sent.value("contact_name").to_owned(),
        contact_phone: sent.value("contact_phone").to_owned(),
        joint: is_joint(sent),
        joint_count: words::typed_number(sent.value("joint_count")),
        one_matter: sent.ticked("one_matter"),
        consent_privacy: sent.ticked("consent_privacy"),
        consent_public: sent.ticked("consent_public"),
        reached_by: None,
        attachments: attachments(&sent.files),
        demo: req.site.demo,
    }
}

/// Whether several people raise it: they say so, or how many they are.
pub(super) fn is_joint(sent: &Form) -> bool {
    sent.ticked("joint") || words::typed_number(sent.value("joint_count")).is_some_and(|n| n > 1)
}

/// Number and size of files.
pub(super) fn attachments(files: &[StagedFile]) -> Attachments {
    let sizes = files.iter().map(|file| u64::try_from(file.size).unwrap_or(0));
    Attachments {
        count: u32::try_from(files.len()).unwrap_or(u32::MAX),
        largest_bytes: sizes.clone().max().unwrap_or(0),
        total_bytes: sizes.sum(),
    }
}

/// What T1 would look at: to show everything that is missing at once, and to compare with other topics only what could
/// be sent. The step itself judges again.
fn facts(sub: &Submission, actor: &Actor) -> TopicFacts {
    TopicFacts {
        source_known: sub.source.is_some_and(|source| open_sources(actor, &sub.town).contains(&source)),
        title: sub.form.title.clone(),
        place: sub.form.place.clone(),
        matter: sub.form.matter.clone(),
        reason: sub.form.reason.clone(),
        suggestion: sub.form.suggestion.clone(),
        contact_name: sub.contact_name.clone(),
        contact_phone: sub.contact_phone.clone(),
        proxy: false,
        one_matter: sub.one_matter,
        joint: sub.joint,
        joint_count: sub.joint_count,
        attachments: sub.attachments,
        consent_privacy: sub.consent_privacy,
        open_by_same_contact: 0,
    }
}

/// Takes the form. Topics that look alike are shown once before it is carried out.
///
/// # Errors
/// What T1 finds, and a town that is missing.
pub async fn post_raise(req: &Request, sent: Form) -> Result<Outcome, Refusal> {
    let ctx = &req.ctx;
    let towns = town::store::towns(&ctx.db).await?;
    let town = towns.iter().find(|town| town.town_id == sent.value("town"));
    let rules = rules_of(ctx, town).await?;
    let submission = submission(req, &sent, town);
    let findings = judge(&[Facts::T1(facts(&submission, &ctx.actor))], &rules, ctx.now());
    let blocking = findings.iter().filter(|finding| finding.level == Level::Blocking);
    if town.is_none() {
        let mut errors = vec![FieldError::new("town", "请选这是哪个镇（街道）的事。")];
        errors
            .extend(blocking.map(|finding| {
                FieldError::new(finding.field.as_deref().unwrap_or_default(), finding.sentence.clone())
            }));
        return Err(Refusal::Invalid(errors));
    }
    if blocking.count() == 0 && sent.value(SEEN) != "1" {
        let alike = alike(ctx, &submission.form.title, rules.topic.similar_shown, &towns).await?;
        if !alike.is_empty() {
            let form = FormState { values: sent.values.clone(), ..FormState::default() };
            return Ok(Outcome::Page(form_page(req, form, sent.files.clone(), alike).await?));
        }
    }
    let raised = carry_out(ctx, SubmitTopic(submission)).await?;
    let stored = cases::find(&ctx.db, raised.case).await?.ok_or(Refusal::NotFound)?;
    let cookie = Cookie {
        name: COOKIE,
        value: lookup::cookie_value(&ctx.secret, raised.case, &stored.code_hash),
        max_age_s: Some(COOKIE_AGE_S),
    };
    // A page of its own address: it can be read in large type, and loaded again, without the form being sent again.
    let key = lookup::code_page_key(&ctx.secret, raised.case, &stored.code_hash);
    Ok(Outcome::SeeOtherWith(format!("/mine/{}/code?key={key}", raised.case), vec![cookie]))
}

/// The topic of the path, for whoever raised it; for a while also by the key that the answer to the sending leads to.
async fn just_raised(req: &Request) -> Result<Option<Case>, Refusal> {
    if let Some(case) = own_of_path(req).await? {
        return Ok(Some(case));
    }
    let Ok(case) = req.param("id") else { return Ok(None) };
    let found = cases::find(&req.ctx.db, case).await?;
    Ok(found.filter(|case| {
        let key = lookup::code_page_key(&req.ctx.secret, case.id, &case.code_hash);
        req.query("key") == key && req.ctx.now() - case.submitted_at < KEY_HOLDS
    }))
}

/// The page with the tracking code, for whoever raised the topic.
///
/// # Errors
/// When the database cannot be read. For anybody else it does not exist (a page that says so).
pub async fn raised(req: &Request) -> Result<Page, Refusal> {
    let ctx = &req.ctx;
    let Some(case) = just_raised(req).await? else {
        return Ok(not_shown());
    };
    let town = town::store::town(&ctx.db, &case.town_id).await?.ok_or(Refusal::NotFound)?;
    let rules = rules_of(ctx, Some(&town)).await?;
    let code = lookup::tracking_code(&ctx.secret, case.id, case.code_generation).shown();
    // Later its own page tells how it stands.
    let coming = (case.stage() == Stage::Submitted)
        .then(|| coming(&town.short_name, case.due_on.map(plain_date), &rules))
        .map(|events| view! { <Section title="接下来"><Timeline events/></Section> });
    let (town, case) = (town.short_name, case.id);
    let mut page = Page::public("提交成功", "/raise", move || {
        let lead = format!("{town}工委已经收到。下面是您的查询码，请抄下来、拍下来或者打印这一页。");
        view! {
            <h1 class="title">"收到了，谢谢您"</h1>
            <p class="lead">{lead}</p>
            <Section title="您的查询码">
                <p class="code">{code}</p>
                <p class="small">"凭它看进展、补充说明、撤回，不用注册。忘了的话，打给镇工委，核对手机号后补发。"</p>
            </Section>
            {coming}
            <div class="actions">
                <LinkButton words="看这件议题" href=format!("/mine/{case}")/>
                <LinkButton words="回首页" href="/" kind=ButtonKind::Second/>
            </div>
        }
        .into_any()
    })
    .private();
    page.draft_done = Some(DRAFT.to_owned());
    Ok(page)
}

/// What the proposer may expect.
fn coming(town: &str, due: Option<String>, rules: &RuleSet) -> Vec<Event> {
    let event = |when: &str, says: String| Event { when: when.to_owned(), says, detail: None, kind: EventKind::Coming };
    let due = due.map_or_else(|| "接着".to_owned(), |day| format!("{day}前"));
    let confirm = limit_of(Stage::Accepted, rules)
        .map_or_else(String::new, |limit| format!("{} {}内", limit.days, limit.unit.word()));
    vec![
        event(&due, format!("{town}工委干事初审，答复您：受理、请您补充、转办、并案或不予立题，都写明理由")),
        event("受理后", "题目和正文由干事整理后公开，大家可以关心、留言".to_owned()),
        event("再往后", format!("受理后{confirm}，党（工）委审批立题，接着调研、请人来商量")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Visitor;
    use crate::ids::FileId;

    #[test]
    fn a_resident_has_one_source_and_need_not_choose() {
        let towns: Vec<Town> = ["a", "b"]
            .map(|id| Town {
                town_id: id.to_owned(),
                name: id.to_owned(),
                short_name: id.to_owned(),
                kind: crate::town::TownKind::Town,
            })
            .to_vec();
        let visitor = Actor::Visitor(Visitor::default());
        assert_eq!(sources(&visitor, &towns), [TopicSource::PublicSolicited]);
        assert_eq!(sources(&visitor, &[]), [TopicSource::PublicSolicited]);
    }

    #[test]
    fn the_size_of_files_is_added_up() {
        let file =
            |size| StagedFile { file: FileId(uuid::Uuid::nil()), name: String::new(), media_type: String::new(), size };
        assert_eq!(attachments(&[]), Attachments::default());
        let sum = attachments(&[file(5), file(7), file(-1)]);
        assert_eq!((sum.count, sum.largest_bytes, sum.total_bytes), (3, 7, 12));
    }

    #[test]
    fn what_to_expect_has_the_day_and_the_numbers_of_the_town() {
        let events = coming("盛泽镇", Some("11月23日".to_owned()), &RuleSet::default());
        assert_eq!(events[0].when, "11月23日前");
        assert!(events[0].says.starts_with("盛泽镇工委干事初审"));
        assert!(events[2].says.contains("受理后10 个工作日内"), "{}", events[2].says);
    }
}
