//! The page of one topic: where it stands, what it is about, what happened, what comes, what people say.

use std::sync::Arc;

use leptos::prelude::*;

use crate::access::Role;
use crate::case::stage::Stage;
use crate::case::{carry_out, store as cases};
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, CommentId};
use crate::invitation::answer::steps::stance_word;
use crate::outcome::pages::Brief;
use crate::plan::model::{MeetingState, when};
use crate::plan::{PublicMeeting, public_meeting};
use crate::rules::{CommentRelease, RuleId, RuleSet, TopicBasis, local_date, plain_date};
use crate::storage::StorageError;
use crate::topic::model::{Approval, Edition, ImportedFrom, Ruling};
use crate::topic::steps::SupportTopic;
use crate::topic::store::{self, CaseFile, PublicComment, PublicTopic};
use crate::town;
use crate::ui::{
    Answer, ButtonKind, CommentItem, Comments, Crumbs, Event, EventKind, FormSummary, Icon, LinkButton, Pager, Section,
    Shape, StageLine, StageLineView, Timeline, Way, source_words,
};
use crate::web::{Form, Outcome, Page, Request};

use super::words::{self, Standing};

/// Lines of 「已经发生」 before the rest is on request.
const HAPPENED: usize = 12;
/// The most lines of it.
const HAPPENED_ALL: i64 = 500;
/// Threads of comments on a page.
const THREADS: usize = 20;

/// The topic of the path, if everybody may see it.
pub(super) async fn public(req: &Request) -> Result<PublicTopic, Refusal> {
    let case: CaseId = req.param("id")?;
    store::public_topic(&req.ctx.db, case).await?.ok_or(Refusal::NotFound)
}

/// Everything the page shows.
struct TopicPage {
    topic: PublicTopic,
    edition: Edition,
    bases: Vec<String>,
    answer: (String, Option<String>),
    ended_because: Option<String>,
    line: StageLine,
    setting: String,
    chosen: Vec<RuleId>,
    /// Whether minutes were signed.
    has_minutes: bool,
    is_chosen: bool,
    /// What came of the meeting.
    brief: Option<Brief>,
    coming: Vec<Event>,
    questionnaires: Vec<crate::research::OpenQuestionnaire>,
    happened: Vec<Event>,
    more_happened: bool,
    files: Vec<CaseFile>,
    comments: Vec<CommentItem>,
    comments_side: String,
    next_comments: Option<String>,
    older_comments: bool,
    meeting: Option<PublicMeeting>,
    thanks: Option<&'static str>,
    form: FormState,
    elder: bool,
}

impl TopicPage {
    fn stage(&self) -> Stage {
        self.topic.row.stage.0
    }

    /// Whether one can still support, follow and comment.
    fn is_open(&self) -> bool {
        !self.stage().is_ended()
    }

    fn href(&self) -> String {
        format!("/topics/{}", self.topic.row.topic_id)
    }
}

/// The page of a topic.
///
/// # Errors
/// [`Refusal::NotFound`] for what does not exist or is not public.
pub async fn topic(req: &Request) -> Result<Page, Refusal> {
    let ctx = &req.ctx;
    let topic = public(req).await?;
    let case = topic.row.topic_id;
    let now = ctx.now();
    let stage = topic.row.stage.0;
    let rules = rules_of(ctx, &topic).await?;
    let calendar = ctx.shared.calendar();
    let spans = cases::spans(&ctx.db, case).await?;
    let standing = standing(ctx, &topic, &spans);
    let line_stage = standing.line;
    let all = req.query("happened") == "all";
    let (happened, more_happened) = happened(ctx, &topic, all).await?;
    let before: Option<CommentId> = match req.query("before") {
        "" => None,
        id => Some(id.parse().map_err(|_| Refusal::NotFound)?),
    };
    let (comments, next) = threads(ctx, case, before, !stage.is_ended()).await?;
    let has_minutes = spans.iter().any(|span| span.stage.0 == Stage::Minuted);
    let town = if has_minutes { crate::town::store::town(&ctx.db, &topic.town_id).await? } else { None };
    let brief = match town {
        Some(town) => Brief::load(ctx, case, &town, (&calendar, &rules)).await?,
        None => None,
    };
    let page = TopicPage {
        edition: topic.released()?,
        bases: bases(ctx, case, line_stage).await?,
        answer: answered(&standing, topic.row.looked_back, topic.came_up, brief.as_ref()),
        ended_because: if stage == Stage::Terminated { terminated_because(ctx, case).await? } else { None },
        line: words::stage_line(&spans, (stage, line_stage), topic.row.due_on, &rules, (&calendar, local_date(now))),
        setting: format!("期限由{}设定", topic.row.town),
        chosen: chosen(line_stage),
        has_minutes,
        brief,
        is_chosen: line_stage.ordinal() >= Stage::Confirmed.ordinal(),
        coming: words::coming(&standing, &rules),
        questionnaires: crate::research::open_questionnaires(&ctx.db, case, local_date(now)).await?,
        happened,
        more_happened,
        files: store::files(&ctx.db, case, true).await?,
        comments,
        comments_side: comments_side(topic.row.comment_count, rules.topic.comment_release),
        next_comments: next.map(|id| format!("/topics/{case}?before={id}#said")),
        older_comments: before.is_some(),
        meeting: match stage {
            Stage::Planned | Stage::Announced => public_meeting(&ctx.db, case).await?,
            _ => None,
        },
        thanks: thanks(req.query("thanks")),
        form: req.form.clone(),
        elder: req.appearance.elder,
        topic,
    };
    Ok(Page::public(page.topic.row.title.clone(), "/topics", move || body(page)))
}

/// What the page says first. A closed case of which something is looked back on is not called 已办结.
fn answered(
    standing: &Standing<'_>,
    looked_back: bool,
    came_up: bool,
    brief: Option<&Brief>,
) -> (String, Option<String>) {
    let (mut sentence, waits) = standing.answer();
    if looked_back && matches!(standing.stage, Stage::Closed | Stage::Archived) {
        sentence = "已答复、继续跟踪：没有全部解决的，到日子回头再看。".to_owned();
    }
    if let Some(brief) = brief.and_then(Brief::sentence) {
        sentence.push_str(&brief);
    }
    if came_up {
        sentence.push_str("有居民说又出现了，工委干事正在去看。");
    }
    (sentence, waits)
}

/// The rules that judge a topic: those it keeps, or those in force.
pub(super) async fn rules_of(ctx: &Ctx, topic: &PublicTopic) -> Result<Arc<RuleSet>, Refusal> {
    Ok(match topic.rule_set_id {
        Some(id) => town::rules::by_id(&ctx.db, &ctx.shared, id).await?,
        None => town::rules::in_force(&ctx.db, &ctx.shared, &topic.town_id, ctx.now()).await?.1,
    })
}

/// Where a topic stands, with the stages it went through.
pub(super) fn standing<'a>(ctx: &Ctx, topic: &'a PublicTopic, spans: &[cases::Span]) -> Standing<'a> {
    let stage = topic.row.stage.0;
    let line = if stage.ordinal().is_some() {
        stage
    } else {
        words::last_on_line(spans).unwrap_or_else(|| words::on_line(stage, topic.row.suspended_from.as_deref()))
    };
    Standing {
        town: &topic.row.town,
        stage,
        line,
        since: local_date(topic.stage_since),
        due: topic.row.due_on,
        state: words::due_state(&ctx.shared.calendar(), ctx.now(), stage, topic.row.due_on),
        waits_for: topic.row.waits_for.as_deref().and_then(Role::from_code),
    }
}

/// Takes 「我也关心」.
///
/// # Errors
/// A conflict when this browser supports the topic already or it has ended.
pub async fn post_topic(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    if form.value("action") != "support" {
        return Err(Refusal::NotFound);
    }
    let case: CaseId = req.param("id")?;
    let counted = carry_out(&req.ctx, SupportTopic { case }).await?;
    let thanks = if counted { "1" } else { "held" };
    Ok(Outcome::SeeOther(format!("/topics/{case}?thanks={thanks}")))
}

/// What is said after a support.
fn thanks(code: &str) -> Option<&'static str> {
    match code {
        "1" => Some("记下了，谢谢您。办得怎样，随时来这一页看。"),
        "held" => Some("记下了，谢谢您。今天从同一个网络点的人比较多，这一次等干事核对后再计数。"),
        _ => None,
    }
}

/// 「12 条，先看后放」.
fn comments_side(count: i64, release: CommentRelease) -> String {
    let how = match release {
        CommentRelease::Hold => "干事看过后公开",
        CommentRelease::Open => "写了就公开",
    };
    if count == 0 { how.to_owned() } else { format!("{count} 条，{how}") }
}

/// What the topic rests on, once it was chosen.
pub(super) async fn bases(ctx: &Ctx, case: CaseId, line: Stage) -> Result<Vec<String>, StorageError> {
    if line.ordinal() < Stage::Confirmed.ordinal() {
        return Ok(Vec::new());
    }
    let newest = cases::versions::<Approval>(&ctx.db, case).await?.into_iter().next();
    Ok(newest
        .map(|version| {
            version
                .record
                .bases
                .iter()
                .filter(|(_, cite)| !cite.trim().is_empty())
                .map(|(basis, cite)| {
                    let word = match basis {
                        TopicBasis::CentralTask => "中心工作",
                        TopicBasis::LivelihoodHotspot => "民生热点",
                    };
                    format!("{word}：{}", cite.trim())
                })
                .collect()
        })
        .unwrap_or_default())
}

/// The public reason of an end before the meeting.
async fn terminated_because(ctx: &Ctx, case: CaseId) -> Result<Option<String>, StorageError> {
    let code = crate::access::StepKind::TerminateTopic.code();
    Ok(cases::versions::<Ruling>(&ctx.db, case)
        .await?
        .into_iter()
        .map(|version| version.record)
        .find(|ruling| ruling.what == code)
        .map(|ruling| ruling.reason))
}

/// The rules of the first stage that a public topic has met.
fn chosen(line: Stage) -> Vec<RuleId> {
    let mut met = vec![RuleId::T1, RuleId::T2];
    if line.ordinal() >= Stage::Confirmed.ordinal() {
        met.push(RuleId::T3);
    }
    met
}

/// What happened, newest first, down to the raising; and whether there is more.
async fn happened(ctx: &Ctx, topic: &PublicTopic, all: bool) -> Result<(Vec<Event>, bool), StorageError> {
    let limit = if all { HAPPENED_ALL } else { i64::try_from(HAPPENED).unwrap_or(i64::MAX) + 1 };
    let mut events: Vec<Event> = cases::events(&ctx.db, topic.row.topic_id, true, limit)
        .await?
        .into_iter()
        .map(|event| Event {
            when: plain_date(local_date(event.at)),
            says: event.words,
            detail: None,
            kind: if event.late { EventKind::Late } else { EventKind::Done },
        })
        .collect();
    let more = !all && events.len() > HAPPENED;
    if more {
        events.truncate(HAPPENED);
    } else {
        events.push(Event {
            when: plain_date(local_date(topic.submitted_at)),
            says: format!("提出议题（{}）", words::source_word(&topic.row.source)),
            detail: None,
            kind: EventKind::Done,
        });
    }
    Ok((events, more))
}

/// A page of comments with their answers, and the key of the page after it.
async fn threads(
    ctx: &Ctx,
    case: CaseId,
    before: Option<CommentId>,
    open: bool,
) -> Result<(Vec<CommentItem>, Option<CommentId>), StorageError> {
    let limit = i64::try_from(THREADS).unwrap_or(i64::MAX).saturating_add(1);
    let rows = store::comments(&ctx.db, case, before, limit).await?;
    let mut items: Vec<(CommentId, CommentItem)> = Vec::new();
    for row in rows {
        match (row.parent_id, items.last_mut()) {
            (None, _) => items.push((row.comment_id, item(case, &row, row.comment_id, open))),
            (Some(parent), Some((root, thread))) if parent == *root => {
                thread.replies.push(item(case, &row, parent, open));
            }
            // An answer whose comment is not shown any more is not shown either.
            (Some(_), _) => {}
        }
    }
    let next = (items.len() > THREADS).then(|| items.get(THREADS.saturating_sub(1)).map(|(id, _)| *id)).flatten();
    items.truncate(THREADS);
    Ok((items.into_iter().map(|(_, item)| item).collect(), next))
}

fn item(case: CaseId, row: &PublicComment, root: CommentId, open: bool) -> CommentItem {
    let mut ways = Vec::new();
    if open && row.parent_id.is_none() {
        ways.push(Way::new("回应", format!("/topics/{case}/comment?to={root}")));
    }
    if !row.official {
        ways.push(Way::new("反映", format!("/topics/{case}/report?comment={}&thread={root}", row.comment_id)));
    }
    CommentItem {
        id: format!("c-{}", row.comment_id),
        author: row.shown_name.clone(),
        date: plain_date(local_date(row.at)),
        tag: match &row.stance {
            Some(stance) => Some(format!("会前意见：{}", stance_word(stance))),
            None => row.official.then(|| "镇里答复".to_owned()),
        },
        text: row.body.clone(),
        replies: Vec::new(),
        ways,
    }
}

/// One released comment, found in its thread.
pub(super) async fn one_comment(
    ctx: &Ctx,
    case: CaseId,
    thread: CommentId,
    comment: CommentId,
) -> Result<Option<PublicComment>, StorageError> {
    // Threads are read from the newest down, before a key: the one right before the key after it is the thread itself.
    let after = CommentId(uuid::Uuid::from_u128(thread.0.as_u128().saturating_add(1)));
    let rows = store::comments(&ctx.db, case, Some(after), 1).await?;
    Ok(rows.into_iter().find(|row| row.comment_id == comment))
}

/// The address above a topic: town and number.
pub(super) fn crumbs(topic: &PublicTopic, here: Option<&'static str>) -> impl IntoView + use<> {
    let number = topic.number.as_ref().map_or_else(|| "议题".to_owned(), |number| format!("{number} 号"));
    let mut ways = vec![
        Way::new("议题", "/topics"),
        Way::new(topic.row.town.clone(), format!("/topics?town={}", words::encode(&topic.town_id))),
    ];
    let here = match here {
        None => number,
        Some(here) => {
            ways.push(Way::new(number, format!("/topics/{}", topic.row.topic_id)));
            here.to_owned()
        }
    };
    view! { <Crumbs ways here/> }
}

/// Place, source and what else belongs to the head of the page.
fn meta(page: &TopicPage) -> impl IntoView + use<> {
    let topic = &page.topic;
    let mut parts = Vec::new();
    if !topic.row.place.is_empty() {
        parts.push(topic.row.place.clone());
    }
    parts.push(words::source_word(&topic.row.source).to_owned());
    parts.extend(topic.imported_from.as_deref().and_then(ImportedFrom::from_code).map(|list| list.word().to_owned()));
    parts.extend(page.bases.iter().cloned());
    if topic.joint_count > 1 {
        parts.push(format!("{} 人联名", topic.joint_count));
    }
    parts.extend(topic.proposer_name.as_ref().filter(|name| !name.is_empty()).map(|name| format!("提出人 {name}")));
    let words = parts.join(" / ");
    let tag = topic.row.demo.then(|| view! { " " <span class="tag">"演示数据"</span> });
    view! { <p class="meta">{words}{tag}</p> }
}

/// The button with its count; a form of its own, so that it works without scripts.
fn support(page: &TopicPage) -> impl IntoView + use<> {
    let id = page.topic.row.topic_id.to_string();
    let class = if page.elder { "btn" } else { "btn second" };
    let count = page.topic.row.support_count;
    view! {
        <form method="post" action=page.href() data-support=id data-guard="">
            <input type="hidden" name="action" value="support"/>
            <button class=class type="submit">
                <span><span data-word="">"我也关心"</span>{format!(" · {count}")}<span class="sr">"人"</span></span>
            </button>
        </form>
    }
}

fn actions(page: &TopicPage) -> Option<AnyView> {
    if !page.is_open() {
        return None;
    }
    let href = format!("{}/follow", page.href());
    let follow = view! { <LinkButton words="有进展告诉我" href kind=ButtonKind::Second/> };
    Some(view! { <div class="head-actions">{support(page)}{follow}</div> }.into_any())
}

/// The meeting that was announced, with the way to its notice.
fn meeting(page: &TopicPage) -> Option<AnyView> {
    let meeting = page.meeting.as_ref()?;
    let words = match meeting.state.0 {
        MeetingState::Announced => format!("{}，{}。", when(meeting.starts_at, meeting.ends_at), meeting.place()),
        MeetingState::Held => format!("{}，已经召开。", when(meeting.starts_at, meeting.ends_at)),
        MeetingState::Cancelled => "原定的协商会取消了，另定时间。".to_owned(),
        MeetingState::Planning | MeetingState::Approved => "协商会要改期，新的时间另行公示。".to_owned(),
    };
    let href = format!("{}/notice", page.href());
    Some(view! { <p class="note"><span>{words}</span>" "<a href=href>"看公示，怎么参加"</a></p> }.into_any())
}

/// The ways to what one reads before the meeting, once the topic was chosen, to the minutes and to what followed, and to
/// saying that it came up again.
fn papers(page: &TopicPage) -> Option<AnyView> {
    let closed = matches!(page.stage(), Stage::Closed | Stage::Archived);
    let ways: Vec<AnyView> = [
        (page.is_chosen, "dossier", "议题材料"),
        (page.has_minutes, "minutes", "纪要"),
        (page.has_minutes, "outcomes", "办理情况"),
        (closed, "again", "又出现了，告诉镇里"),
    ]
    .into_iter()
    .filter(|(there, ..)| *there)
    .map(|(_, path, words)| {
        let href = format!("{}/{path}", page.href());
        view! { <li><a href=href>{words}</a></li> }.into_any()
    })
    .collect();
    (!ways.is_empty())
        .then(|| view! { <nav class="papers" aria-label="这件议题的材料"><ul>{ways}</ul></nav> }.into_any())
}

/// What the topic was joined to, or why it was ended.
fn aftermath(page: &TopicPage) -> Option<AnyView> {
    if let (Stage::Merged, Some(into)) = (page.stage(), page.topic.merged_into) {
        let title = page.topic.merged_title.clone().unwrap_or_else(|| "并入的议题".to_owned());
        let href = format!("/topics/{into}");
        return Some(view! { <p class="note"><span>"并入："</span><a href=href>{title}</a></p> }.into_any());
    }
    page.ended_because.clone().map(|reason| view! { <p class="quote said">{format!("理由：{reason}")}</p> }.into_any())
}

/// The questionnaires of the research that residents can answer now.
fn asked(page: &TopicPage) -> Option<AnyView> {
    if page.questionnaires.is_empty() {
        return None;
    }
    let rows = page
        .questionnaires
        .iter()
        .map(|q| {
            let href = format!("/q/{}", q.id);
            let words = format!("调研问卷：{}", q.title);
            let until = format!("，{}截止", plain_date(q.closes_on));
            view! { <p class="note"><span><a href=href>{words}</a>{until}</span></p> }
        })
        .collect_view();
    Some(rows.into_any())
}

/// One part of the released text.
fn part(title: &'static str, text: &str) -> Option<AnyView> {
    let text = text.trim().to_owned();
    (!text.is_empty()).then(|| view! { <h3 class="sub-head">{title}</h3><p class="said">{text}</p> }.into_any())
}

/// The text that the officer released, with its pictures and files.
pub(super) fn text(edition: &Edition, files: &[CaseFile]) -> AnyView {
    let parts = [part("现状", &edition.matter), part("理由", &edition.reason), part("建议", &edition.suggestion)];
    let nothing = parts.iter().all(Option::is_none).then(|| view! { <p class="empty">"公开稿里没有正文。"</p> });
    let files = files_view(files);
    view! {
        <Section title="提的是什么事" side="干事整理的公开稿">
            {parts}
            {nothing}
            {files}
        </Section>
    }
    .into_any()
}

/// Pictures as pictures, the rest as downloads.
pub(super) fn files_view(files: &[CaseFile]) -> AnyView {
    let (pictures, others): (Vec<&CaseFile>, Vec<&CaseFile>) =
        files.iter().partition(|file| file.media_type.starts_with("image/"));
    let pictures = (!pictures.is_empty()).then(|| {
        let rows = pictures
            .into_iter()
            .enumerate()
            .map(|(n, file)| {
                let href = format!("/files/{}", file.file_id);
                let src = href.clone();
                let alt = format!("照片 {}：{}", n + 1, file.name);
                view! { <li><a href=href><img src=src alt=alt loading="lazy"/></a></li> }
            })
            .collect_view();
        view! { <ul class="photos">{rows}</ul> }
    });
    let others = (!others.is_empty()).then(|| {
        let rows = others
            .into_iter()
            .map(|file| {
                let href = format!("/files/{}", file.file_id);
                let size = words::size(file.size);
                view! { <li><a href=href download=file.name.clone()>{file.name.clone()}</a><span class="caption">{size}</span></li> }
            })
            .collect_view();
        view! { <ul class="files">{rows}</ul> }
    });
    view! { {pictures}{others} }.into_any()
}

/// By which rules the topic came this far.
fn how_chosen(page: &TopicPage) -> AnyView {
    let town = words::encode(&page.topic.town_id);
    let rows = page
        .chosen
        .iter()
        .map(|id| {
            let rule = id.rule();
            let href = format!("/rules?town={town}#{}", id.code());
            let source = source_words(*id);
            view! {
                <li class="finding">
                    <Icon shape=Shape::Passed/>
                    <div>
                        <p class="finding-says">
                            <span class="sr">"已满足："</span>
                            <a href=href>{rule.title}</a>
                            {format!("：{}", rule.sentence)}
                        </p>
                        <p class="caption">{source}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <Section title="怎么定的"><ul class="findings">{rows}</ul></Section> }.into_any()
}

/// What people say.
fn said(page: &mut TopicPage) -> AnyView {
    let items = std::mem::take(&mut page.comments);
    let open = page.is_open();
    let list = if items.is_empty() {
        let words = match (page.older_comments, open) {
            (true, _) => "前面没有更早的了。",
            (false, true) => "还没有人留言，您可以先说几句。",
            (false, false) => "没有留言。",
        };
        view! { <p class="empty">{words}</p> }.into_any()
    } else {
        view! { <Comments items/> }.into_any()
    };
    let way = open.then(|| {
        let href = format!("{}/comment", page.href());
        view! { <p class="actions"><LinkButton words="我也说几句" href kind=ButtonKind::Second/></p> }
    });
    let first = page.older_comments.then(|| format!("{}#said", page.href()));
    let first = first.map(|href| view! { <p class="small"><a href=href>"回到最新的留言"</a></p> });
    let (side, next) = (page.comments_side.clone(), page.next_comments.clone());
    view! {
        <Section title="大家说" side=side id="said">
            {list}
            <Pager next=next/>
            {first}
            {way}
        </Section>
    }
    .into_any()
}

fn side(page: &mut TopicPage) -> AnyView {
    let coming = std::mem::take(&mut page.coming);
    let coming = (!coming.is_empty()).then(|| view! { <Section title="接下来"><Timeline events=coming/></Section> });
    let happened = std::mem::take(&mut page.happened);
    let all = page.more_happened.then(|| Way::new("全部经过", format!("{}?happened=all#happened", page.href())));
    view! {
        {coming}
        <Section title="已经发生" way=all id="happened"><Timeline events=happened/></Section>
    }
    .into_any()
}

fn body(mut page: TopicPage) -> AnyView {
    let (sentence, waits) = page.answer.clone();
    let note = page.thanks.map(|words| view! { <p class="note" role="status">{words}</p> });
    let head = view! {
        {crumbs(&page.topic, None)}
        <div class="head">
            <div>
                <h1 class="title">{page.topic.row.title.clone()}</h1>
                {meta(&page)}
            </div>
            {actions(&page)}
        </div>
        <FormSummary form=page.form.clone()/>
        {note}
        <Answer sentence waits/>
        {meeting(&page)}
        {papers(&page)}
        {aftermath(&page)}
        {asked(&page)}
    }
    .into_any();
    if page.elder {
        let line = page.line.elder_sentence();
        let (brief, text) = (page.brief.as_ref().map(Brief::view), text(&page.edition, &page.files));
        let (said, side) = (said(&mut page), side(&mut page));
        return view! { {head}<p class="sl-elder">{line}</p><div class="main-text">{brief}{text}{said}{side}</div> }
            .into_any();
    }
    let line = page.line.clone();
    let setting = page.setting.clone();
    let explained = format!("/rules?town={}", words::encode(&page.topic.town_id));
    let brief = page.brief.as_ref().map(Brief::view);
    let (text, chosen) = (text(&page.edition, &page.files), how_chosen(&page));
    let (said, side) = (said(&mut page), side(&mut page));
    view! {
        {head}
        <StageLineView line setting explained/>
        <div class="cols">
            <div class="col-main">{brief}{text}{chosen}{said}</div>
            <div class="col-side">{side}</div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_were_met_follow_from_the_stage() {
        assert_eq!(chosen(Stage::Accepted), [RuleId::T1, RuleId::T2]);
        assert_eq!(chosen(Stage::Confirmed), [RuleId::T1, RuleId::T2, RuleId::T3]);
        assert_eq!(chosen(Stage::Tracking).len(), 3);
    }

    #[test]
    fn comments_say_how_many_and_who_looks_first() {
        assert_eq!(comments_side(0, CommentRelease::Hold), "干事看过后公开");
        assert_eq!(comments_side(12, CommentRelease::Hold), "12 条，干事看过后公开");
        assert_eq!(comments_side(1, CommentRelease::Open), "1 条，写了就公开");
    }

    #[test]
    fn thanks_are_said_in_known_words_only() {
        assert!(thanks("1").is_some() && thanks("held").is_some());
        assert_eq!(thanks("<script>"), None);
    }
}
