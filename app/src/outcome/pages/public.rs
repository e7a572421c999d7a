//! `/topics/{id}/outcomes`: what was decided on each item, which unit handles it, how far it is, what the people said.

use chrono::NaiveDate;
use leptos::prelude::*;

use crate::access::StepKind;
use crate::archive::model::PublishedResult;
use crate::board::model::{FEWEST, hide};
use crate::case::stage::Stage;
use crate::case::store::versions;
use crate::error::Refusal;
use crate::evaluation::model::{Question, Satisfaction};
use crate::evaluation::{Survey, counts_of, reopenings, surveys};
use crate::ids::CaseId;
use crate::minutes::model::{Named, Reader, show};
use crate::outcome::store::{self, Outcome};
use crate::rules::local_date;
use crate::task::model::{NoteKind, TaskState};
use crate::task::{Note, Task, TaskUnit, notes_of_case, of_case, units_of_case};
use crate::topic::model::Ruling;
use crate::topic::pages::desk::day;
use crate::ui::{Answer, Column, Crumbs, Due, DueBadge, Empty, Event, EventKind, Section, Table, Timeline, Way};
use crate::web::{Page, Request};

/// What everybody may know of the handling.
struct Handling {
    id: CaseId,
    title: String,
    number: Option<String>,
    demo: bool,
    stage: Stage,
    looked_back: bool,
    today: NaiveDate,
    list: Vec<Outcome>,
    people: Vec<Named>,
    tasks: Vec<Task>,
    units: Vec<TaskUnit>,
    notes: Vec<Note>,
    surveys: Vec<(Survey, crate::evaluation::model::Counts)>,
    again: Vec<crate::evaluation::Reopening>,
    result: Option<String>,
    explained: Option<String>,
}

/// The page.
///
/// # Errors
/// [`Refusal::NotFound`] for a topic that is not public.
pub async fn published(req: &Request) -> Result<Page, Refusal> {
    let (db, id) = (&req.ctx.db, req.param::<CaseId>("id")?);
    let case = crate::case::store::find(db, id).await?.filter(|case| case.is_public).ok_or(Refusal::NotFound)?;
    let town = crate::town::store::town(db, &case.town_id).await?.ok_or(Refusal::NotFound)?;
    let mut asked = Vec::new();
    for survey in surveys(db, id).await? {
        let counts = counts_of(db, &survey).await?;
        asked.push((survey, counts));
    }
    let handling = Handling {
        id,
        title: case.title.clone().unwrap_or_default(),
        number: case.number.clone(),
        demo: case.demo,
        stage: case.stage(),
        looked_back: case.looked_back,
        today: req.ctx.today(),
        list: store::all(db, id).await?,
        people: store::people_of(db, id, &town).await?,
        tasks: of_case(db, id).await?,
        units: units_of_case(db, id).await?,
        notes: notes_of_case(db, id, true).await?,
        surveys: asked,
        again: reopenings(db, id).await?,
        explained: versions::<Ruling>(db, id)
            .await?
            .into_iter()
            .find(|version| version.record.what == StepKind::AssignTasks.code())
            .map(|version| version.record.reason),
        result: versions::<PublishedResult>(db, id).await?.into_iter().next().map(|version| version.record.words),
    };
    Ok(Page::public(format!("办理情况：{}", handling.title), "/topics", move || body(&handling)))
}

fn sentence(handling: &Handling) -> (String, Option<String>) {
    let open = handling.tasks.iter().filter(|task| task.state() != TaskState::Verified).count();
    let late = handling.tasks.iter().filter(|task| task.is_late(handling.today)).count();
    let late = (late > 0).then(|| format!("有 {late} 项超期，正在催办。"));
    let words = match handling.stage {
        Stage::Minuted => "纪要签发了，正在报送党委、政府。".to_owned(),
        Stage::Reported => "成果清单在党委、政府批办，逐条给答复。".to_owned(),
        Stage::Tracking => format!("交办 {} 项，还有 {open} 项没有办完、核实。", handling.tasks.len()),
        Stage::Evaluating if handling.tasks.is_empty() => {
            "成果清单一条都没有采纳，理由写在下面，正在请大家评价。".to_owned()
        }
        Stage::Evaluating => "任务都核实了，正在请大家评价。".to_owned(),
        Stage::Closed | Stage::Archived if handling.looked_back => {
            "已答复、继续跟踪：没有全部解决的，到日子回头再看。".to_owned()
        }
        Stage::Closed | Stage::Archived => "办结了。".to_owned(),
        _ => "还没有到办理。".to_owned(),
    };
    (words, late)
}

fn body(handling: &Handling) -> AnyView {
    let topic = format!("/topics/{}", handling.id);
    let number = handling.number.clone().map_or_else(|| "议题".to_owned(), |number| format!("{number} 号"));
    let ways = vec![Way::new("议题", "/topics"), Way::new(number, topic.clone())];
    let tag = handling.demo.then(|| view! { <p class="meta"><span class="tag">"演示数据"</span></p> });
    let (words, late) = sentence(handling);
    let result = handling.result.clone().map(|words| {
        view! { <Section title="结果"><p class="said">{words}</p></Section> }
    });
    let explained = handling.explained.clone().map(|words| {
        view! { <Section title="为什么都没有采纳"><p class="said">{words}</p></Section> }
    });
    let empty = handling.list.is_empty().then(|| {
        let way = Way::new("看这件议题", topic.clone());
        view! { <Empty sentence="纪要签发以后，成果清单和办理情况在这里逐条公布。" way/> }
    });
    let list = (!handling.list.is_empty()).then(|| {
        let rows = handling.list.iter().map(|one| item(handling, one)).collect_view();
        let side = format!("{} 条", handling.list.len());
        view! { <Section title="成果清单和办理" side=side>{rows}</Section> }
    });
    view! {
        <Crumbs ways here="办理情况"/>
        <h1 class="title">{handling.title.clone()}</h1>
        {tag}
        <Answer sentence=words waits=late/>
        {empty}
        {result}
        {explained}
        {list}
        {added(handling)}
        {asked(handling)}
        {again(handling)}
    }
    .into_any()
}

fn item(handling: &Handling, one: &Outcome) -> AnyView {
    let words = show(&one.words, &handling.people, Reader::Everybody);
    let decided = match one.adoption() {
        None => "等批办。".to_owned(),
        Some(adoption) if one.reason.is_empty() => format!("{}。", adoption.word()),
        Some(adoption) => format!("{}：{}", adoption.word(), one.reason),
    };
    let tasks = handling.tasks.iter().filter(|task| task.outcome_id == Some(one.outcome_id));
    let tasks = tasks.map(|task| task_view(handling, task)).collect_view();
    view! {
        <div class="outcome">
            <h3>{format!("{}. {words}", one.no)}</h3>
            <p>{decided}</p>
            {tasks}
        </div>
    }
    .into_any()
}

/// Tasks that came from no item of the list.
fn added(handling: &Handling) -> Option<AnyView> {
    let rows: Vec<AnyView> = handling
        .tasks
        .iter()
        .filter(|task| task.outcome_id.is_none())
        .map(|task| {
            let words = show(&task.matter, &handling.people, Reader::Everybody);
            view! { <div class="outcome"><h3>{words}</h3>{task_view(handling, task)}</div> }.into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <Section title="后来加办的">{rows}</Section> }.into_any())
}

fn task_view(handling: &Handling, task: &Task) -> AnyView {
    let assist: Vec<&str> = handling
        .units
        .iter()
        .filter(|unit| unit.task_id == task.task_id && !unit.is_lead)
        .map(|unit| unit.name.as_str())
        .collect();
    let assist = if assist.is_empty() { String::new() } else { format!("，{}协办", assist.join("、")) };
    let why = task.why.as_deref().and_then(crate::task::Why::from_code).map(|why| format!("（{}）", why.word()));
    let class = task.class().filter(|_| task.state() == TaskState::Verified || task.state() == TaskState::Replied);
    let class = class.map(|class| format!("，{}", class.word())).unwrap_or_default();
    let head = format!("{}主办{assist}{}：{}{class}", task.lead_name, why.unwrap_or_default(), task.state().word());
    let due = (task.state() != TaskState::Verified).then(|| {
        let due = if task.is_late(handling.today) {
            Due::late(format!("{}没有按期{}", day(task.wait_on, handling.today), task.awaited()))
        } else {
            Due::calm(format!("{}前办好", day(task.due_on, handling.today)))
        };
        view! { <DueBadge due/> }
    });
    let look = task
        .lookback_on
        .map(|on| view! { <p class="caption">{format!("没有全部解决，{}回头看。", day(on, handling.today))}</p> });
    let events: Vec<Event> = handling
        .notes
        .iter()
        .filter(|note| note.task_id == Some(task.task_id))
        .map(|note| event(note, handling.today))
        .collect();
    let files: Vec<AnyView> = handling
        .notes
        .iter()
        .filter(|note| note.task_id == Some(task.task_id))
        .flat_map(|note| note.files().into_iter().map(|file| (note.kind.0.word(), file)))
        .map(|(kind, file)| {
            view! { <li><a href=format!("/files/{file}")>{format!("{kind}的照片或文件")}</a></li> }.into_any()
        })
        .collect();
    let files = (!files.is_empty()).then(|| view! { <ul class="short-list">{files}</ul> });
    view! {
        <div class="task">
            <p class="task-head">{head}" "{due}</p>
            <p class="caption">{format!("措施：{}", task.measure)}</p>
            {look}
            <Timeline events/>
            {files}
        </div>
    }
    .into_any()
}

/// A line that everybody may read, without who wrote it.
fn event(note: &Note, today: NaiveDate) -> Event {
    let unit = note.unit.clone().unwrap_or_default();
    let says = match (note.kind.0, note.percent) {
        (NoteKind::Progress, Some(percent)) => format!("{unit}：完成 {percent}%"),
        (NoteKind::Reply, _) => {
            let class = note.class().map_or(String::new(), |class| format!("（{}）", class.word()));
            format!("{unit}答复{class}")
        }
        (NoteKind::Assigned | NoteKind::Reassigned, _) => format!("{}{unit}", note.kind.0.word()),
        (kind, _) => format!("{unit}{}", kind.word()),
    };
    let link = (note.kind.0 == NoteKind::Reply && !note.more.is_empty()).then(|| format!("\n{}", note.more));
    let detail = format!("{}{}", note.words, link.unwrap_or_default());
    Event {
        when: day(local_date(note.at), today),
        says,
        detail: (!detail.is_empty()).then_some(detail),
        kind: EventKind::Done,
    }
}

/// What the people concerned said, as counts. Few answers are not shown.
fn asked(handling: &Handling) -> Option<AnyView> {
    let rows: Vec<AnyView> = handling
        .surveys
        .iter()
        .map(|(survey, counts)| {
            let Some(closed) = survey.closed_at else {
                let words = format!(
                    "正在评价，到{}为止，已收到 {} 份。",
                    day(survey.closes_on, handling.today),
                    survey.answers
                );
                return view! { <p>{words}</p> }.into_any();
            };
            let lead = format!(
                "第 {} 次评价，{}结束，收到 {} 份（要 {} 份）{}。",
                survey.round,
                day(local_date(closed), handling.today),
                survey.answers,
                survey.needed,
                survey.verdict().map(|verdict| format!("，{}", verdict.word())).unwrap_or_default(),
            );
            if survey.answers < FEWEST {
                let words = format!("{lead}少于 {FEWEST} 份的不公布各项数字，免得猜出是谁。");
                return view! { <p>{words}</p> }.into_any();
            }
            let columns = std::iter::once(Column::words("问题"))
                .chain(Satisfaction::ALL.iter().map(|answer| Column::figures(answer.word())))
                .collect();
            let rows = Question::ALL
                .iter()
                .map(|question| {
                    let row = Satisfaction::ALL.iter().map(|answer| counts.of(*question, *answer)).collect();
                    let cells = hide(&[row])
                        .into_iter()
                        .take(1)
                        .flat_map(|row| row.into_iter().take(Satisfaction::ALL.len()))
                        .map(|cell| view! { <td class="num">{cell.words()}</td> })
                        .collect_view();
                    view! { <tr><th scope="row">{question.word()}</th>{cells}</tr> }
                })
                .collect_view();
            let caption = format!("第 {} 次评价的结果", survey.round);
            view! { <p>{lead}</p><Table caption columns>{rows}</Table> }.into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <Section title="群众评价">{rows}</Section> }.into_any())
}

/// What residents said after the closing, and the way to say it.
fn again(handling: &Handling) -> Option<AnyView> {
    let rows: Vec<AnyView> = handling
        .again
        .iter()
        .map(|one| {
            let at = day(local_date(one.at), handling.today);
            let words = match one.accepted {
                None => format!("{at}，有居民说又出现了；工委{}前去看。", day(one.due_on, handling.today)),
                Some(true) => format!("{at}，有居民说又出现了；看过属实，重新办理：{}", one.reason),
                Some(false) => format!("{at}，有居民说又出现了；看过，不重新办理：{}", one.reason),
            };
            view! { <li>{words}</li> }.into_any()
        })
        .collect();
    let closed = matches!(handling.stage, Stage::Closed | Stage::Archived);
    if rows.is_empty() && !closed {
        return None;
    }
    let list = (!rows.is_empty()).then(|| view! { <ul class="short-list">{rows}</ul> });
    let way = closed.then(|| {
        let href = format!("/topics/{}/again", handling.id);
        view! { <p class="actions"><a class="btn second" href=href>"又出现了"</a></p> }
    });
    Some(
        view! {
            <Section title="办结以后" id="again">
                {list}
                {way}
            </Section>
        }
        .into_any(),
    )
}
