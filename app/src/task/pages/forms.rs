//! The forms of a task's page: each is there for whom and when it leads somewhere.

use leptos::prelude::*;

use super::one::Desk;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::{AssignmentId, CaseId, NoteId};
use crate::rules::{ResultClass, day, local_date};
use crate::task::model::{NoteKind, TaskState};
use crate::task::steps::{
    AskExtension, DecideExtension, DeclineTask, PlanWork, ReassignTask, ReplyTask, ReportProgress, SendBackTask,
    SignTask, VerifyTask,
};
use crate::task::store::Note;
use crate::ui::{
    Button, ButtonKind, CheckGroup, Checkbox, Choice, Column, Field, FileInput, RadioGroup, Section, Select, Table,
    TextArea, TextInput,
};
use crate::web::Form;

/// Photos only.
const PHOTOS: &str = "image/jpeg,image/png,image/webp";

/// Which forms the page offers now.
fn offers(desk: &Desk, step: StepKind) -> bool {
    let (task, unit) = (&desk.task, desk.my_unit());
    let (state, leads) = (task.state(), unit.is_some_and(|unit| unit.is_lead));
    let signed = unit.is_some_and(|unit| unit.signed_at.is_some());
    desk.may(step)
        && match step {
            StepKind::SignTask => {
                unit.is_some() && !signed && !matches!(state, TaskState::Declined | TaskState::Verified)
            }
            StepKind::DeclineTask => {
                let days = desk.rules.after.decline_workdays;
                let last = desk.calendar.add_workdays(local_date(task.assigned_at), days);
                leads && state == TaskState::Assigned && !task.declined_once && desk.today <= last
            }
            StepKind::ReassignTask => state == TaskState::Declined,
            StepKind::PlanWork | StepKind::ReportProgress => signed && state.is_under_way(),
            StepKind::AskExtension => {
                leads && state.is_under_way() && task.extension.is_none() && desk.today <= task.due_on
            }
            StepKind::DecideExtension => task.extension.as_deref() == Some("asked") && state.is_under_way(),
            StepKind::ReplyTask => leads && state.is_under_way(),
            StepKind::VerifyTask | StepKind::SendBackTask => state == TaskState::Replied && unit.is_none(),
            StepKind::Supervise => state != TaskState::Verified,
            StepKind::AnswerSupervision => desk.notes.iter().any(is_open_order),
            _ => false,
        }
}

fn is_open_order(note: &crate::task::store::Note) -> bool {
    note.kind.0 == NoteKind::Supervised && note.answered_at.is_none()
}

/// Whether the step that was refused has a form on the page.
pub(super) fn has_form(desk: &Desk) -> bool {
    StepKind::from_code(desk.form.action.as_deref().unwrap_or_default()).is_some_and(|step| offers(desk, step))
}

/// All forms that lead somewhere now.
pub(super) fn view(desk: &Desk) -> AnyView {
    let show = |step: StepKind, form: fn(&Desk) -> AnyView| offers(desk, step).then(|| form(desk));
    view! {
        {orders(desk)}
        {show(StepKind::SignTask, sign)}
        {show(StepKind::DeclineTask, decline)}
        {show(StepKind::ReassignTask, reassign)}
        {show(StepKind::DecideExtension, decide_extension)}
        {show(StepKind::ReportProgress, progress)}
        {show(StepKind::ReplyTask, reply)}
        {show(StepKind::PlanWork, plan)}
        {show(StepKind::AskExtension, extension)}
        {show(StepKind::VerifyTask, verify)}
        {show(StepKind::SendBackTask, send_back)}
        {show(StepKind::Supervise, supervise)}
    }
    .into_any()
}

/// Files that came with a refused form of this step.
fn staged(desk: &Desk, state: &FormState) -> Vec<crate::web::StagedFile> {
    if state.refusal.is_some() { desk.staged.clone() } else { Vec::new() }
}

fn sign(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::SignTask);
    let days = desk.rules.after.first_progress_workdays;
    let fields = view! {
        <p class="hint">{format!("签收以后由本单位办理，{days} 个工作日内报第一次进展（本镇设定）。")}</p>
        <div class="actions"><Button words="签收"/></div>
    };
    let form = desk.form(StepKind::SignTask, ("", false), &state, fields);
    view! { <Section title="签收">{form}</Section> }.into_any()
}

fn decline(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::DeclineTask);
    let days = desk.rules.after.decline_workdays;
    let field = Field::of(&state, "reason", "退办的理由").hint("写清归哪个单位办；给批办的人看，不公开");
    let fields = view! {
        <p class="hint">{format!("不归本单位办的，{days} 个工作日内可以退办一次（本镇设定）。")}</p>
        <TextArea field=field.within("decline") rows=3/>
        <div class="actions"><Button words="退办" kind=ButtonKind::Second/></div>
    };
    let form = desk.form(StepKind::DeclineTask, ("decline", false), &state, fields);
    fold("不归本单位办", &state, form)
}

fn fold(words: &'static str, state: &FormState, form: AnyView) -> AnyView {
    view! { <details open=state.refusal.is_some()><summary>{words}</summary>{form}</details> }.into_any()
}

fn reassign(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::ReassignTask);
    let units = desk.all_units.iter().map(|unit| Choice::new(unit.unit_id.to_string(), unit.name.clone())).collect();
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("reassign");
    let due = desk.task.due_on.to_string();
    let fields = view! {
        <Select field=field("unit", "改交给") options=units blank="请选"/>
        <TextInput field=field("contact", "联系人").hint("姓名或职务，不写电话；不公开").private()/>
        <TextInput field=field("due_on", "完成日期").narrow().or(due) kind="date"/>
        <TextArea field=field("words", "给单位的话").optional().hint("还是交给原来的单位，写明为什么；会公开") rows=2/>
        <div class="actions"><Button words="改交"/></div>
    };
    let form = desk.form(StepKind::ReassignTask, ("reassign", false), &state, fields);
    view! { <Section title="改交">{form}</Section> }.into_any()
}

fn decide_extension(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::DecideExtension);
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("granting");
    let to = desk.task.extension_to.map(|to| day(to, desk.today)).unwrap_or_default();
    let reason = desk.notes.iter().find(|note| note.kind.0 == NoteKind::ExtensionAsked);
    let reason = reason.map(|note| note.words.clone()).unwrap_or_default();
    let how = vec![Choice::new("yes", format!("同意延到{to}")), Choice::new("no", "不同意")];
    let fields = view! {
        <p>{format!("单位申请延到{to}：{reason}")}</p>
        <RadioGroup field=field("granted", "批") options=how/>
        <TextArea field=field("extension_answer", "批语").optional().hint("不同意的要写理由") rows=2/>
        <div class="actions"><Button words="批延期"/></div>
    };
    let form = desk.form(StepKind::DecideExtension, ("granting", false), &state, fields);
    view! { <Section title="延期申请">{form}</Section> }.into_any()
}

fn progress(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::ReportProgress);
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("report");
    let percent = desk.task.percent.to_string();
    let shared = if state.refusal.is_none() { "on" } else { "" };
    let own = desk.my_unit().map(|unit| unit.name.as_str());
    let steps: Vec<Choice> = planned(&desk.notes)
        .filter(|note| note.answered_at.is_none() && note.unit.as_deref() == own)
        .map(|note| {
            let on = note.day.map(|on| day(on, desk.today)).unwrap_or_default();
            Choice::new(note.note_id.to_string(), format!("{}（{on}前）", note.words))
        })
        .collect();
    let done = (!steps.is_empty()).then(|| {
        let done = field("done", "做完了哪几步").optional();
        view! { <CheckGroup field=done options=steps/> }
    });
    let fields = view! {
        <TextArea field=field("progress", "做了什么") rows=3/>
        {done}
        <TextInput field=field("percent", "完成多少").narrow().hint("0 到 100 的整数").or(percent) kind="number"/>
        <FileInput field=field("progress_files", "照片或文件").optional() staged=staged(desk, &state)/>
        <Checkbox field=field("public", "公开这条进展").or(shared)/>
        <div class="actions"><Button words="报进展" kind=ButtonKind::Second/></div>
    };
    let form = desk.form(StepKind::ReportProgress, ("report", true), &state, fields);
    let days = desk.rules.after.progress_days;
    view! { <Section title="报进展" side=format!("至少 {days} 天公开一次（本镇设定）")>{form}</Section> }.into_any()
}

/// The steps that units planned, the next first.
pub(super) fn planned(notes: &[Note]) -> impl Iterator<Item = &Note> {
    let mut steps: Vec<&Note> = notes.iter().filter(|note| note.kind.0 == NoteKind::Planned).collect();
    steps.sort_by_key(|note| (note.day, note.at));
    steps.into_iter()
}

/// The planned steps of all units, with what is done and what is late.
pub(super) fn schedule(desk: &Desk) -> Option<AnyView> {
    // Answered, the steps have had their time: what counts then is the answer.
    let under_way = desk.task.state().is_under_way();
    let rows: Vec<AnyView> = planned(&desk.notes)
        .map(|note| {
            let on = note.day.map(|on| day(on, desk.today)).unwrap_or_default();
            let open = note.answered_at.is_none() && under_way;
            let state = match note.answered_at {
                Some(at) => format!("做完，{}", day(local_date(at), desk.today)),
                None if !under_way => "没有勾做完".to_owned(),
                None if note.day.is_some_and(|on| on < desk.today) => "过了日子没有做完".to_owned(),
                None => "还没有做完".to_owned(),
            };
            let late = open && note.day.is_some_and(|on| on < desk.today);
            let class = if late { "board-low" } else { "" };
            view! {
                <tr>
                    <th scope="row">{desk.shown(&note.words)}</th>
                    <td>{note.unit.clone()}</td>
                    <td>{format!("{on}前")}</td>
                    <td class=class>{state}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let open = planned(&desk.notes).filter(|note| note.answered_at.is_none()).count();
    let side = match (open, under_way) {
        (0, _) => "都做完了".to_owned(),
        (n, true) => format!("{n} 步还没有做完"),
        (_, false) => String::new(),
    };
    let columns = ["步骤", "单位", "哪天前", "现在"].map(Column::words).to_vec();
    Some(
        view! { <Section title="办理步骤" side><Table caption="办理步骤" quiet=true columns>{rows}</Table></Section> }
            .into_any(),
    )
}

fn plan(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::PlanWork);
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("plan");
    let fields = view! {
        <TextArea field=field("step", "这一步做什么") rows=2/>
        <TextInput field=field("step_on", "哪天前做完").narrow() kind="date"/>
        <div class="actions"><Button words="记下这一步" kind=ButtonKind::Second small=true/></div>
    };
    let form = desk.form(StepKind::PlanWork, ("plan", false), &state, fields);
    fold("排办理步骤", &state, form)
}

fn extension(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::AskExtension);
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("extension");
    let last = day(desk.task.limit_on, desk.today);
    let fields = view! {
        <TextInput field=field("to", "延到哪天").narrow().hint(format!("最晚{last}；只能申请一次")) kind="date"/>
        <TextArea field=field("extension_reason", "理由") rows=2/>
        <div class="actions"><Button words="申请延期" kind=ButtonKind::Second small=true/></div>
    };
    let form = desk.form(StepKind::AskExtension, ("extension", false), &state, fields);
    fold("到期办不完，申请延期", &state, form)
}

fn reply(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::ReplyTask);
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("reply");
    let hint = |class: ResultClass| match class {
        ResultClass::Solved => "附照片、文件或链接",
        ResultClass::InProgress => "附凭据；办结以后还要回头看",
        ResultClass::Planned => "附凭据，写明哪天前做到；办结以后还要回头看",
        ResultClass::Explained => "写清为什么办不了，会告诉提出人",
    };
    let classes = ResultClass::ALL
        .iter()
        .map(|class| Choice::new(class.code(), format!("{}　{}", class.letter(), class.word())).hint(hint(*class)))
        .collect();
    let fields = view! {
        <RadioGroup field=field("class", "办理结果") options=classes/>
        <TextArea field=field("words", "办理情况").hint("做了什么、现在怎样；办不了的写清为什么。会公开") rows=5/>
        <TextArea field=field("next", "下一步安排").optional() rows=2/>
        <FileInput field=field("files", "凭据").optional().hint("照片、PDF、Word、Excel 或 OFD；会公开") staged=staged(desk, &state)/>
        <TextInput field=field("link", "凭据的链接").optional()/>
        <TextInput field=field("target_on", "哪天前做到").needed_if("列入规划的要填").narrow() kind="date"/>
        <div class="actions"><Button words="答复" kind=ButtonKind::Second/></div>
    };
    let form = desk.form(StepKind::ReplyTask, ("reply", true), &state, fields);
    view! { <Section title="答复" id="reply">{form}</Section> }.into_any()
}

fn verify(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::VerifyTask);
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("verify");
    let paper = desk.task.class() == Some(ResultClass::Explained);
    let hint = if paper { "解释说明可以书面核实" } else { "到现场看过再填" };
    let place = field("place", "地点");
    let place = if paper { place.optional() } else { place };
    let today = desk.today.to_string();
    let fields = view! {
        <p class="hint">{hint}</p>
        <TextInput field=field("on", "哪天核实的").narrow().or(today) kind="date"/>
        <TextInput field=place/>
        <TextArea field=field("words", "看到的、问到的") rows=3/>
        <FileInput field=field("files", "现场照片").optional().hint("没有照片的，写同去的第二个人") staged=staged(desk, &state) accept=PHOTOS/>
        <TextInput field=field("second", "同去的人").optional().private()/>
        <div class="actions"><Button words="核实通过"/></div>
    };
    let form = desk.form(StepKind::VerifyTask, ("verify", true), &state, fields);
    view! { <Section title="核实" id="verify">{form}</Section> }.into_any()
}

fn send_back(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::SendBackTask);
    let field = Field::of(&state, "reason", "还缺什么").within("back").hint("写清差在哪里，单位照着补；会公开");
    let fields = view! {
        <TextArea field rows=3/>
        <div class="actions"><Button words="退回重办" kind=ButtonKind::Second/></div>
    };
    let form = desk.form(StepKind::SendBackTask, ("back", false), &state, fields);
    fold("没有办好，退回重办", &state, form)
}

fn supervise(desk: &Desk) -> AnyView {
    let state = desk.state(StepKind::Supervise);
    let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("order");
    let days = desk.rules.after.supervision_reply_workdays;
    let fields = view! {
        <TextArea field=field("order", "督办要求") rows=3/>
        <TextInput field=field("order_due", "哪天前回复").optional().narrow().hint(format!("不填就是 {days} 个工作日（本镇设定）")) kind="date"/>
        <div class="actions"><Button words="督办" kind=ButtonKind::Second/></div>
    };
    let form = desk.form(StepKind::Supervise, ("order", false), &state, fields);
    fold("督办这项任务", &state, form)
}

/// Orders that wait for an answer.
fn orders(desk: &Desk) -> Option<AnyView> {
    let open: Vec<AnyView> = desk
        .notes
        .iter()
        .filter(|note| is_open_order(note))
        .map(|note| {
            let by = note.author.clone().unwrap_or_default();
            let until = note.day.map(|on| day(on, desk.today)).unwrap_or_default();
            let form = desk.may(StepKind::AnswerSupervision).then(|| {
                let refused = desk.state(StepKind::AnswerSupervision);
                let id = note.note_id.to_string();
                let state = if refused.value("note") == id { refused } else { FormState::default() };
                let fields = view! {
                    <input type="hidden" name="note" value=id.clone()/>
                    <TextArea field=Field::of(&state, "answer", "回复").within(&id) rows=3/>
                    <div class="actions"><Button words="回复督办" kind=ButtonKind::Second small=true/></div>
                };
                desk.form(StepKind::AnswerSupervision, (&id, false), &state, fields)
            });
            view! { <li><p>{format!("{by}，{until}前回复：{}", note.words)}</p>{form}</li> }.into_any()
        })
        .collect();
    (!open.is_empty())
        .then(|| view! { <Section title="等回复的督办"><ul class="short-list">{open}</ul></Section> }.into_any())
}

/// Takes a form about one task.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for another step.
pub(super) async fn take(
    ctx: &Ctx,
    (case, task): (CaseId, AssignmentId),
    (step, form): (StepKind, &Form),
) -> Result<(), Refusal> {
    let seen = form.parse("seen", "这一页不完整，请刷新后再提交。")?;
    let text = |name: &str| form.value(name).to_owned();
    let files = || form.files.iter().map(|file| file.file).collect();
    match step {
        StepKind::SignTask => carry_out(ctx, SignTask { case, task, seen }).await,
        StepKind::DeclineTask => carry_out(ctx, DeclineTask { case, task, seen, reason: text("reason") }).await,
        StepKind::ReassignTask => {
            let unit = form.optional("unit").map(|_| form.parse("unit", "请从名单里选。")).transpose()?;
            let due_on = form.date("due_on")?;
            let (contact, words) = (text("contact"), text("words"));
            carry_out(ctx, ReassignTask { case, task, seen, unit, contact, due_on, words }).await
        }
        StepKind::PlanWork => {
            carry_out(ctx, PlanWork { case, task, seen, on: form.date("step_on")?, words: text("step") }).await
        }
        StepKind::ReportProgress => {
            let percent = form.value("percent").parse().ok();
            let (words, public) = (text("progress"), form.ticked("public"));
            let sent = form.values.get("done").map(Vec::as_slice).unwrap_or_default();
            let done: Result<Vec<NoteId>, _> = sent.iter().map(|id| id.trim().parse()).collect();
            let done = done.map_err(|_| Refusal::field("done", "这一页不完整，请刷新后再提交。"))?;
            carry_out(ctx, ReportProgress { case, task, seen, percent, words, done, files: files(), public }).await
        }
        StepKind::AskExtension => {
            let (to, reason) = (form.date("to")?, text("extension_reason"));
            carry_out(ctx, AskExtension { case, task, seen, to, reason }).await
        }
        StepKind::DecideExtension => {
            let granted = match form.value("granted") {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            };
            carry_out(ctx, DecideExtension { case, task, seen, granted, reason: text("extension_answer") }).await
        }
        StepKind::ReplyTask => {
            let reply = ReplyTask {
                case,
                task,
                seen,
                class: ResultClass::from_code(form.value("class")),
                words: text("words"),
                next: text("next"),
                files: files(),
                link: text("link"),
                target_on: form.date("target_on")?,
            };
            carry_out(ctx, reply).await
        }
        StepKind::VerifyTask => {
            let verification = VerifyTask {
                case,
                task,
                seen,
                on: form.date("on")?,
                place: text("place"),
                words: text("words"),
                second: text("second"),
                files: files(),
            };
            carry_out(ctx, verification).await
        }
        StepKind::SendBackTask => carry_out(ctx, SendBackTask { case, task, seen, reason: text("reason") }).await,
        _ => Err(Refusal::NotFound),
    }
}
