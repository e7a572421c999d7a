//! The whole file of a case: every form as a paper, the files that belong to it, and its entries of the ledger. What goes
//! into the archive is made from it; without telephone numbers.

use chrono::{DateTime, Utc};

use super::model::{CaseStory, PublishedResult};
use super::store::{self, FileOfCase};
use crate::case::record::Record;
use crate::case::store::{Version, events, versions};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::evaluation::model::{Question, Satisfaction};
use crate::ids::CaseId;
use crate::invitation::model::InviteeState;
use crate::ledger::{self, Stream};
use crate::meeting::Person;
use crate::meeting::device::said;
use crate::meeting::floor::model::SpeechState;
use crate::meeting::steps::Presence;
use crate::minutes::draft::Record as MeetingRecord;
use crate::minutes::model::{EditionState, Named, Reader, show};
use crate::minutes::paper::{MinutesPaper, PaperBlock, PaperSection};
use crate::outcome::model::Decision;
use crate::plan::model::{AgendaItem, ConsultationPlan, when};
use crate::research::model::{ReportEdition, ResearchReport};
use crate::rules::{day_and_time, full_date, local_date, plain_date};
use crate::task::model::NoteKind;
use crate::topic::model::{Approval, Edition, Ruling, Screening, TopicForm, TopicSource};
use crate::topic::pages::desk::inside;

/// Entries that are read at once.
const PAGE: i64 = 2000;
/// Events of the case's course.
const EVENTS: i64 = 5000;

/// A form of the file.
#[derive(Clone, Debug)]
pub struct Form {
    /// Its name, such as 议题申报表; also the name of its document.
    pub name: String,
    /// What it says, as a paper.
    pub paper: MinutesPaper,
}

/// An entry of the ledger, as it is handed out.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct FiledEntry {
    /// Its number.
    pub seq: i64,
    /// What it says: the very text that was hashed.
    pub body: String,
    /// SHA-256 of that text.
    pub hash: String,
}

/// The whole file of a case.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The title.
    pub title: String,
    /// The running number.
    pub number: String,
    /// The town.
    pub town: String,
    /// 「已归档」.
    pub stage: String,
    /// When it was taken out.
    pub at: DateTime<Utc>,
    /// The forms, in the order of the procedure.
    pub forms: Vec<Form>,
    /// The files.
    pub files: Vec<FileOfCase>,
    /// The stream of the case in the ledger.
    pub stream: String,
    /// Its entries, oldest first.
    pub entries: Vec<FiledEntry>,
    /// The newest daily root: its hash, and until when it counts.
    pub root: Option<(String, DateTime<Utc>)>,
}

/// What every form of a case bears.
struct Head {
    title: String,
    mark: String,
    issuer: String,
    number: String,
    remark: String,
}

impl Head {
    fn form(&self, name: &str, sections: Vec<PaperSection>) -> Form {
        Form {
            name: name.to_owned(),
            paper: MinutesPaper {
                mark: self.mark.clone(),
                number: self.number.clone(),
                issuer: self.issuer.clone(),
                title: format!("{}：{name}", self.title),
                sections,
                remark: self.remark.clone(),
                ..MinutesPaper::default()
            },
        }
    }
}

fn words(label: &str, value: &str) -> PaperBlock {
    PaperBlock::Words(format!("{label}：{value}"))
}

fn section(heading: impl Into<String>, blocks: Vec<PaperBlock>) -> PaperSection {
    PaperSection { heading: heading.into(), blocks }
}

fn day(at: DateTime<Utc>) -> String {
    day_and_time(at)
}

/// The versions of a record, the newest first.
fn sections_of<R: Record>(list: &[Version<R>]) -> Vec<PaperSection> {
    list.iter()
        .map(|version| {
            let by = version.author.clone().unwrap_or_else(|| "提出人或系统".to_owned());
            let heading = format!("第{}版，{}，{by}", version.version, day(version.at));
            let blocks = version
                .record
                .shown()
                .into_iter()
                .filter(|(_, value)| !value.trim().is_empty())
                .map(|(label, value)| words(label, &value))
                .collect();
            section(heading, blocks)
        })
        .collect()
}

async fn record<R: Record>(ctx: &Ctx, case: CaseId, head: &Head, name: &str) -> Result<Option<Form>, Refusal> {
    let list = versions::<R>(&ctx.db, case).await?;
    Ok((!list.is_empty()).then(|| head.form(name, sections_of(&list))))
}

impl Dossier {
    /// The file of a case, for whoever sees the case from inside.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::NotFound`]; when the database cannot be read.
    pub async fn load(ctx: &Ctx, id: CaseId) -> Result<Self, Refusal> {
        let case = inside(ctx, id).await?;
        let town = crate::town::store::town(&ctx.db, &case.town_id).await?.ok_or(Refusal::NotFound)?;
        let number = case.number.clone().unwrap_or_default();
        let head = Head {
            title: case.inner_title().to_owned(),
            mark: format!("{}有事好商量案卷", town.short_name),
            issuer: format!("{}政协工委", town.short_name),
            number: if number.is_empty() { String::new() } else { format!("{number}号") },
            remark: if case.demo { "演示数据".to_owned() } else { String::new() },
        };
        let people = crate::outcome::people_of(&ctx.db, id, &town).await?;
        let mut forms = Vec::new();
        forms.extend(raised(ctx, &case, &head).await?);
        forms.extend(record::<Screening>(ctx, id, &head, "议题初审单").await?);
        forms.extend(record::<Edition>(ctx, id, &head, "公开稿").await?);
        forms.extend(record::<Approval>(ctx, id, &head, "议题审批单").await?);
        forms.extend(record::<Ruling>(ctx, id, &head, "审批意见").await?);
        forms.extend(visits(ctx, id, &head).await?);
        forms.extend(record::<ResearchReport>(ctx, id, &head, "商前调研报告").await?);
        forms.extend(record::<ReportEdition>(ctx, id, &head, "调研报告公开稿").await?);
        forms.extend(record::<ConsultationPlan>(ctx, id, &head, "协商方案").await?);
        forms.extend(notice(ctx, id, &head).await?);
        forms.extend(meeting(ctx, &case, &town, &head).await?);
        forms.extend(minutes(ctx, id, &people).await?);
        forms.extend(outcomes(ctx, id, &head, &people).await?);
        forms.extend(record::<Decision>(ctx, id, &head, "批办意见").await?);
        forms.extend(tasks(ctx, id, &head, &people).await?);
        forms.extend(survey(ctx, id, &head).await?);
        forms.extend(record::<PublishedResult>(ctx, id, &head, "公开的结果").await?);
        forms.extend(record::<CaseStory>(ctx, id, &head, "典型案例").await?);
        let course = events(&ctx.db, id, false, EVENTS).await?;
        let lines = course.iter().rev().map(|event| PaperBlock::Point(format!("{}，{}", day(event.at), event.words)));
        forms.push(head.form("办理经过", vec![section("经过", lines.collect())]));
        let stream = Stream::Case(id).name();
        let root = ledger::latest_root(&ctx.db).await?.map(|root| (root.hash, root.cutoff));
        Ok(Self {
            title: head.title,
            number,
            town: town.short_name,
            stage: case.stage().word().to_owned(),
            at: ctx.now(),
            forms,
            files: store::files_of(&ctx.db, id).await?,
            entries: entries(ctx, &stream).await?,
            stream,
            root,
        })
    }
}

/// The form with which the topic was raised: whence it came, then each version.
async fn raised(ctx: &Ctx, case: &crate::case::Case, head: &Head) -> Result<Option<Form>, Refusal> {
    let list = versions::<TopicForm>(&ctx.db, case.id).await?;
    let source = TopicSource::from_code(&case.source).map_or("", TopicSource::word);
    let how = if case.recorded_by.is_some() { "由干事代录" } else { "自己填写" };
    let mut sections = vec![section("来源", vec![words("来源类型", source), words("怎么提的", how)])];
    sections.extend(sections_of(&list));
    Ok((!list.is_empty()).then(|| head.form("议题申报表", sections)))
}

/// The whole stream, oldest first.
async fn entries(ctx: &Ctx, stream: &str) -> Result<Vec<FiledEntry>, Refusal> {
    let mut all = Vec::new();
    let mut before = i64::MAX;
    loop {
        let page = ledger::entries(&ctx.db, stream, before, PAGE).await?;
        let Some(last) = page.last() else { break };
        before = last.seq;
        all.extend(page.into_iter().map(|entry| FiledEntry { seq: entry.seq, body: entry.body, hash: entry.hash }));
    }
    all.reverse();
    Ok(all)
}

async fn visits(ctx: &Ctx, id: CaseId, head: &Head) -> Result<Option<Form>, Refusal> {
    let standing = crate::research::standing(&ctx.db, id).await?;
    let sections: Vec<PaperSection> = standing
        .visits
        .iter()
        .rev()
        .map(|line| {
            let visit = &line.visit;
            let heading = format!("{}，{}，第{}版", plain_date(visit.on), visit.method.word(), line.version);
            let rows = [
                ("地点", visit.place.clone()),
                ("参加委员", visit.member_names.clone()),
                ("听取", visit.heard_words()),
                ("说了什么", visit.said.clone()),
                ("看到什么", visit.seen.clone()),
                ("更正原因", visit.correction.clone()),
                ("记录人", line.author.clone().unwrap_or_default()),
            ];
            let blocks = rows.iter().filter(|(_, value)| !value.trim().is_empty());
            section(heading, blocks.map(|(label, value)| words(label, value)).collect())
        })
        .collect();
    Ok((!sections.is_empty()).then(|| head.form("商前调研记录", sections)))
}

/// What everybody was told of the meeting that was announced last: time, place, agenda, how one could come.
async fn notice(ctx: &Ctx, id: CaseId, head: &Head) -> Result<Option<Form>, Refusal> {
    let Some(presence) = Presence::load(&ctx.db, id).await? else { return Ok(None) };
    let told = &presence.day;
    let plan = crate::plan::told_plan(&ctx.db, told.meeting_id).await?.unwrap_or_default();
    let agenda: Vec<String> = plan.agenda.iter().map(AgendaItem::line).collect();
    let seats: Vec<String> = plan.open_seats.iter().map(|(category, n)| format!("{}{n}席", category.word())).collect();
    let blocks = vec![
        words("时间", &when(told.starts_at, told.ends_at)),
        words("地点", told.room.as_deref().unwrap_or("线上")),
        words("议程", &agenda.join("；")),
        words("公示内容", &plan.notice),
        words("报名席位", &if seats.is_empty() { "不设".to_owned() } else { seats.join("；") }),
        words("报名截止", &plan.register_by.map_or_else(|| "开会前一天".to_owned(), full_date)),
        words("材料", &format!("{}件", plan.materials.len())),
        words("发布", &day(told.announced_at)),
        words("渠道", "公开的公示页、会商日历，名单上的人各有一封信"),
    ];
    let name = if told.urgent { "公示（紧急）" } else { "公示" };
    Ok(Some(head.form("协商会公示", vec![section(name, blocks)])))
}

/// The sheet of those present, and the record of the meeting that was opened last.
async fn meeting(
    ctx: &Ctx,
    case: &crate::case::Case,
    town: &crate::town::Town,
    head: &Head,
) -> Result<Vec<Form>, Refusal> {
    let rules = crate::town::rules::of_case(ctx, case).await?;
    let Some(record) = MeetingRecord::load(&ctx.db, case, town, &rules).await? else { return Ok(Vec::new()) };
    Ok(vec![sheet_of_those_present(&record, head), record_of_meeting(&record, head)])
}

fn points(lines: impl Iterator<Item = String>) -> Vec<PaperBlock> {
    lines.map(PaperBlock::Point).collect()
}

fn sheet_of_those_present(record: &MeetingRecord, head: &Head) -> Form {
    let people = &record.presence.people;
    let who = |one: &Person| match one.organisation.trim() {
        "" => format!("{}，{}", one.name, one.category.0.word()),
        organisation => format!("{}，{organisation}，{}", one.name, one.category.0.word()),
    };
    let there = points(people.iter().filter(|one| one.check_in_id.is_some()).map(|one| {
        let came = one.at.map(|at| said(one.how.as_deref(), at, one.device_at)).unwrap_or_default();
        let place = one.substitute_of.and_then(|of| people.iter().find(|other| other.invitee_id == of));
        let place = place.map(|of| format!("，代替{}", of.name)).unwrap_or_default();
        format!("{}，{came}{place}", who(one))
    }));
    let excused = points(people.iter().filter(|one| one.state.0 == InviteeState::Declined).map(who));
    let mut sections = vec![section(format!("到会{}人", there.len()), there)];
    if !excused.is_empty() {
        sections.push(section(format!("请假{}人", excused.len()), excused));
    }
    head.form("签到表", sections)
}

fn record_of_meeting(record: &MeetingRecord, head: &Head) -> Form {
    let told = &record.presence.day;
    let sitting = record.presence.sitting.as_ref();
    let at = |at: Option<DateTime<Utc>>| at.map(day).unwrap_or_default();
    let facts = vec![
        words("开会", &at(sitting.and_then(|sitting| sitting.opened_at))),
        words("闭会", &at(sitting.and_then(|sitting| sitting.closed_at))),
        words("地点", told.room.as_deref().unwrap_or("线上")),
        words("主持", told.chair.as_deref().unwrap_or_default()),
        words("记录", told.recorder.as_deref().unwrap_or_default()),
    ];
    let spoken = record.speeches.iter().filter(|speech| speech.state.0 == SpeechState::Spoken);
    let speeches = points(spoken.map(|speech| {
        let point = speech.words.clone().unwrap_or_else(|| "（没有记要点）".to_owned());
        format!("{}，{}（{}）：{point}", speech.kind.0.word(), speech.name, speech.category.0.word())
    }));
    let handed = points(
        record.handovers.iter().map(|one| format!("交{}，{}前：{}", one.unit, full_date(one.due_on), one.matter)),
    );
    let voted = points(record.voted().map(|line| line.trim_start_matches("- ").to_owned()));
    let mut sections = vec![section("会议", facts), section("发言和回应", speeches)];
    sections.extend((!handed.is_empty()).then(|| section("现场交办", handed)));
    sections.extend((!voted.is_empty()).then(|| section("现场测评", voted)));
    head.form("会议记录", sections)
}

/// Every edition that was signed, as its paper.
async fn minutes(ctx: &Ctx, id: CaseId, people: &[Named]) -> Result<Vec<Form>, Refusal> {
    let mut forms = Vec::new();
    for one in crate::minutes::all(&ctx.db, id).await?.iter().rev().filter(|one| one.state.0 == EditionState::Signed) {
        let Some(paper) = one.signed_paper()? else { continue };
        let name = format!("协商纪要（第{}次会，第{}份）", one.round, one.edition);
        forms.push(Form { name, paper: paper.map(|text| show(text, people, Reader::Inside)) });
    }
    Ok(forms)
}

async fn outcomes(ctx: &Ctx, id: CaseId, head: &Head, people: &[Named]) -> Result<Vec<Form>, Refusal> {
    let list = crate::outcome::all(&ctx.db, id).await?;
    let mut forms = Vec::new();
    if !list.is_empty() {
        let sections = list.iter().map(|one| {
            let mut blocks = vec![PaperBlock::Words(show(&one.words, people, Reader::Inside))];
            blocks.extend(one.from().map(|from| words("提出人类别", from.word())));
            blocks.extend(one.degree().map(|degree| words("共识程度", degree.word())));
            blocks.extend(one.adoption().map(|adoption| words("采纳情况", adoption.word())));
            if !one.reason.is_empty() {
                blocks.push(words("理由", &one.reason));
            }
            section(format!("第{}条", one.no), blocks)
        });
        forms.push(head.form("协商成果清单", sections.collect()));
    }
    let sent = crate::outcome::submissions(&ctx.db, id).await?;
    if !sent.is_empty() {
        let blocks = sent.iter().map(|one| {
            let got = match (one.received_at, &one.received_by) {
                (Some(at), Some(who)) if one.file_id.is_none() => format!("，{} {who}签收", day(at)),
                (Some(at), _) => format!("，{} 凭盖章的签收单签收", day(at)),
                (None, _) => "，还没有签收".to_owned(),
            };
            PaperBlock::Point(format!("{} 送{}{got}", day(one.sent_at), one.office.0.word()))
        });
        forms.push(head.form("报送签收单", vec![section("报送", blocks.collect())]));
    }
    Ok(forms)
}

/// For each task its sheet with the record of the handling, and the units' answers by themselves.
async fn tasks(ctx: &Ctx, id: CaseId, head: &Head, people: &[Named]) -> Result<Vec<Form>, Refusal> {
    let tasks = crate::task::of_case(&ctx.db, id).await?;
    let notes = crate::task::notes_of_case(&ctx.db, id, false).await?;
    let units = crate::task::units_of_case(&ctx.db, id).await?;
    let (mut sheets, mut replies) = (Vec::new(), Vec::new());
    for task in tasks.iter().rev() {
        let assist: Vec<&str> = units
            .iter()
            .filter(|unit| unit.task_id == task.task_id && !unit.is_lead)
            .map(|unit| unit.name.as_str())
            .collect();
        let mut blocks = vec![
            PaperBlock::Words(show(&task.matter, people, Reader::Inside)),
            words("主办单位", &task.lead_name),
            words("联系人", &task.contact),
            words("措施", &task.measure),
            words("完成日期", &full_date(task.due_on)),
            words("状态", task.state().word()),
        ];
        if !assist.is_empty() {
            blocks.push(words("协办单位", &assist.join("、")));
        }
        for note in notes.iter().rev().filter(|note| note.task_id == Some(task.task_id)) {
            let by = note.author.clone().or_else(|| note.unit.clone()).unwrap_or_else(|| "系统".to_owned());
            let percent = note.percent.map(|percent| format!("，完成{percent}%")).unwrap_or_default();
            let on = note.day.map(|on| format!("，{}", plain_date(on))).unwrap_or_default();
            let said = if note.words.is_empty() { String::new() } else { format!("：{}", note.words) };
            let done = note
                .answered_at
                .filter(|_| note.kind.0 == NoteKind::Planned)
                .map(|at| format!("（{}做完）", day(at)))
                .unwrap_or_default();
            let line = format!("{}，{by}{}{percent}{on}{said}{done}", day(note.at), note.kind.0.word());
            blocks.push(PaperBlock::Point(line));
            if note.kind.0 == NoteKind::Reply {
                let class =
                    note.class().map_or(String::new(), |class| format!("{}类，{}", class.letter(), class.word()));
                let rows = vec![
                    words("答复单位", &note.unit.clone().unwrap_or_default()),
                    words("办理结果", &class),
                    words("办理情况", &note.words),
                    words("答复日期", &full_date(local_date(note.at))),
                ];
                replies.push(section(format!("第{}项", task.no), rows));
            }
        }
        sheets.push(section(format!("第{}项任务", task.no), blocks));
    }
    let mut forms = Vec::new();
    if !sheets.is_empty() {
        forms.push(head.form("交办单和跟踪落实表", sheets));
    }
    if !replies.is_empty() {
        forms.push(head.form("答复函", replies));
    }
    Ok(forms)
}

async fn survey(ctx: &Ctx, id: CaseId, head: &Head) -> Result<Option<Form>, Refusal> {
    let mut sections = Vec::new();
    for survey in crate::evaluation::surveys(&ctx.db, id).await?.iter().rev() {
        let counts = crate::evaluation::counts_of(&ctx.db, survey).await?;
        let mut blocks = vec![PaperBlock::Words(format!(
            "到会{}人，至少要{}份，收到{}份。",
            survey.attended, survey.needed, survey.answers
        ))];
        for question in Question::ALL {
            let said: Vec<String> = Satisfaction::ALL
                .iter()
                .map(|answer| format!("{}{}份", answer.word(), counts.of(*question, *answer)))
                .collect();
            blocks.push(words(question.word(), &said.join("，")));
        }
        blocks.extend(survey.verdict().map(|verdict| words("结论", verdict.word())));
        sections.push(section(format!("第{}次评价，{}开始", survey.round, day(survey.opened_at)), blocks));
    }
    Ok((!sections.is_empty()).then(|| head.form("满意度测评表", sections)))
}
