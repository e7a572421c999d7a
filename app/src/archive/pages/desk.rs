//! `/desk/topics/{id}/archive`: publishing the result, archiving (T14), taking the file out, writing the case up.

use leptos::prelude::*;

use crate::access::StepKind;
use crate::archive::model::{CaseStory, PublishedResult};
use crate::archive::steps::{ArchiveCase, PublishResult, PublishStory, SaveStory, archive_facts};
use crate::archive::store::{self, Register};
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::case::store::{Version, versions};
use crate::error::Refusal;
use crate::evaluation::reopenings;
use crate::rules::{Facts, Level, judge};
use crate::task::{Task, of_case, round_of};
use crate::topic::pages::desk::{
    Bench, NextStep, TOPICS, Tab, checklist, done_note, done_words, refused_elsewhere, seen, versions as versions_view,
};
use crate::ui::{Button, ButtonKind, Field, LinkButton, Section, TextArea, TextInput};
use crate::web::{Form, Outcome, Page, Request};

/// What the page shows.
struct Board {
    register: Register,
    results: Vec<Version<PublishedResult>>,
    stories: Vec<Version<CaseStory>>,
    published: bool,
    tasks: Vec<Task>,
    open_again: usize,
}

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside.
pub async fn archive(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Archive).await?;
    let (db, case) = (&req.ctx.db, bench.case.id);
    let board = Board {
        register: store::register(db, case).await?,
        results: versions(db, case).await?,
        stories: versions(db, case).await?,
        published: store::is_published(db, case).await?,
        tasks: round_of(of_case(db, case).await?),
        open_again: reopenings(db, case).await?.iter().filter(|one| one.decided_at.is_none()).count(),
    };
    let done = done_words(req.query("done"));
    Ok(Page::desk(format!("归档：{}", bench.case.inner_title()), TOPICS, move || {
        let refused = bench.form.refusal.is_some();
        let next = next(&bench, &board);
        let blocked = next.findings.iter().any(|finding| finding.level == Level::Blocking);
        let sheet = match bench.case.stage() {
            Stage::Closed => checklist(&bench, &next),
            _ => file(&bench),
        };
        let closed = matches!(bench.case.stage(), Stage::Closed | Stage::Archived);
        view! {
            {bench.head()}
            {done_note(if refused { None } else { done })}
            {if has_form(&bench, blocked) { None } else { refused_elsewhere(&bench) }}
            <div class="cols-work">
                <aside class="col-sheet" aria-label="下一步">{sheet}</aside>
                <div class="col-main">
                    {closed.then(|| result(&bench, &board))}
                    {register(&board)}
                    {take_out(&bench)}
                    {(bench.case.stage() == Stage::Closed).then(|| close(&bench, blocked))}
                    {closed.then(|| story(&bench, &board))}
                </div>
            </div>
        }
        .into_any()
    }))
}

fn has_form(bench: &Bench, blocked: bool) -> bool {
    let Some(step) = StepKind::from_code(bench.form.action.as_deref().unwrap_or_default()) else { return false };
    let closed = matches!(bench.case.stage(), Stage::Closed | Stage::Archived);
    bench.may(step)
        && match step {
            StepKind::PublishResult | StepKind::SaveStory | StepKind::PublishStory => closed,
            StepKind::ArchiveCase => bench.case.stage() == Stage::Closed && !blocked,
            _ => false,
        }
}

fn next(bench: &Bench, board: &Board) -> NextStep {
    let facts =
        archive_facts(board.register, &board.tasks, (!board.results.is_empty(), board.open_again), bench.case.due_on);
    NextStep {
        title: "归档",
        verb: "归档",
        words: "归档",
        step: StepKind::ArchiveCase,
        tab: Tab::Archive,
        findings: judge(&[Facts::T14(facts)], &bench.rules, bench.now),
    }
}

fn file(bench: &Bench) -> AnyView {
    let words = if bench.case.stage() == Stage::Archived { "归档了。" } else { "案卷留存。" };
    view! {
        <section class="sheet">
            <p class="caption">"案卷"</p>
            <h2>{words}</h2>
            <p class="small">"整卷可以取出，拿到没有数据库的电脑上也能核对。"</p>
        </section>
    }
    .into_any()
}

fn result(bench: &Bench, board: &Board) -> AnyView {
    let form = bench.may(StepKind::PublishResult).then(|| {
        let state = bench.state(StepKind::PublishResult);
        let stored = board.results.first().map(|version| version.record.words.clone()).unwrap_or_default();
        let field = Field::of(&state, "words", "办理结果")
            .within("result")
            .hint("办成了什么、还有什么在跟踪；会公开，不写姓名电话")
            .or(stored);
        let version = board.results.first().map_or(0, |version| version.version);
        let fields = view! {
            <TextArea field rows=4/>
            <div class="actions"><Button words="公开结果" kind=ButtonKind::Second/></div>
        };
        bench.form(StepKind::PublishResult, (Some(version), Some("result")), &state, fields)
    });
    let kept = versions_view(&board.results, "系统", bench.today);
    view! {
        <Section title="公开结果" id="result">
            {kept}
            {form}
        </Section>
    }
    .into_any()
}

fn register(board: &Board) -> AnyView {
    let rows = board
        .register
        .lines()
        .into_iter()
        .map(|line| {
            let (mark, class) = if line.there { ("有", "word good") } else { ("缺", "word") };
            view! { <li><span class=class>{mark}</span>" "{line.form}</li> }
        })
        .collect_view();
    view! { <Section title="台账" id="register"><ul class="register">{rows}</ul></Section> }.into_any()
}

fn take_out(bench: &Bench) -> AnyView {
    let href = format!("{TOPICS}/{}/file.zip", bench.case.id);
    view! {
        <Section title="取出整卷">
            <p class="small">"一个压缩文件：目录页、每份表格、附件、留痕，还有核对的办法。里面有个人信息，按案卷保管。"</p>
            <p class="actions"><LinkButton words="取出案卷（ZIP）" href kind=ButtonKind::Second/></p>
        </Section>
    }
    .into_any()
}

/// The form of the step; while something is missing the sheet beside says what, and there is nothing to press.
fn close(bench: &Bench, blocked: bool) -> Option<AnyView> {
    (!blocked && bench.may(StepKind::ArchiveCase)).then(|| {
        let state = bench.state(StepKind::ArchiveCase);
        let fields = view! { <div class="actions"><Button words="归档" kind=ButtonKind::Second/></div> };
        let form = bench.form(StepKind::ArchiveCase, (Some(bench.case.stage_version), None), &state, fields);
        view! { <Section title="归档">{form}</Section> }.into_any()
    })
}

fn story(bench: &Bench, board: &Board) -> AnyView {
    let state = bench.state(StepKind::SaveStory);
    let stored = board.stories.first().map(|version| version.record.clone()).unwrap_or_default();
    let version = board.stories.first().map_or(0, |version| version.version);
    let field =
        |name: &str, label: &'static str, value: String| Field::of(&state, name, label).within("story").or(value);
    let form = bench.may(StepKind::SaveStory).then(|| {
        let fields = view! {
            <TextInput field=field("title", "标题", stored.title.clone())/>
            <TextArea field=field("background", "背景", stored.background.clone()) rows=3/>
            <TextArea field=field("done_words", "做法", stored.done.clone()) rows=4/>
            <TextArea field=field("effect", "成效", stored.effect.clone()) rows=3/>
            <TextArea field=field("copy", "别处可以照着做的", stored.copy.clone()) rows=3/>
            <div class="actions"><Button words="存一版" kind=ButtonKind::Second/></div>
        };
        let form = bench.form(StepKind::SaveStory, (Some(version), Some("story")), &state, fields);
        let open = state.refusal.is_some();
        view! { <details open=open><summary>"写典型案例"</summary>{form}</details> }
    });
    let publish = (version > 0 && bench.may(StepKind::PublishStory)).then(|| {
        let state = bench.state(StepKind::PublishStory);
        let fields =
            view! { <div class="actions"><Button words="发布最新的一版" kind=ButtonKind::Second small=true/></div> };
        bench.form(StepKind::PublishStory, (Some(version), None), &state, fields)
    });
    let public = board.published.then(|| {
        let href = format!("/stories/{}", bench.case.id);
        view! { <p class="note">"发布了："<a href=href>"看典型案例"</a></p> }
    });
    let kept = versions_view(&board.stories, "系统", bench.today);
    view! {
        <Section title="典型案例" id="story">
            {public}
            {kept}
            {form}
            {publish}
        </Section>
    }
    .into_any()
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_archive(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let bench = Bench::of(req, Tab::Archive).await?;
    let (ctx, case) = (&req.ctx, bench.case.id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    let (seen, text) = (seen(&form)?, |name: &str| form.value(name).to_owned());
    match step {
        StepKind::PublishResult => {
            carry_out(ctx, PublishResult { case, seen, result: PublishedResult { words: text("words") } }).await?;
        }
        StepKind::ArchiveCase => carry_out(ctx, ArchiveCase { case, seen }).await?,
        StepKind::SaveStory => {
            let story = CaseStory {
                title: text("title"),
                background: text("background"),
                done: text("done_words"),
                effect: text("effect"),
                copy: text("copy"),
            };
            carry_out(ctx, SaveStory { case, seen, story }).await?;
        }
        StepKind::PublishStory => carry_out(ctx, PublishStory { case, seen }).await?,
        _ => return Err(Refusal::NotFound),
    }
    Ok(Outcome::SeeOther(format!("{}?done={}", Tab::Archive.address(case), step.code())))
}
