//! `/desk/topics/{id}/people/import`: a list of people from a file or the clipboard. First it is only read and shown;
//! a bad row is named, and nothing goes onto the list until all are mended.

use leptos::prelude::*;

use super::{Board, TOPICS, address};
use crate::access::StepKind;
use crate::case::carry_out;
use crate::error::{FieldError, Refusal};
use crate::ids::MeetingId;
use crate::invitation::import::{self as lists, FAULTS_SHOWN, Fault, HEADS, Row};
use crate::invitation::model::Identity;
use crate::invitation::steps::{AT_ONCE, AddPeople};
use crate::invitation::store;
use crate::roster::model::masked_mail;
use crate::rules::Category;
use crate::storage::Database;
use crate::topic::model::masked_phone;
use crate::topic::pages::words::encode;
use crate::ui::{Button, ButtonKind, Column, Field, FormSummary, LinkButton, RequestIdField, Section, Table, TextArea};
use crate::web::{Form, Outcome, Page, Request, SHEET_FIELD};

/// The lines of the template under its head: fictional.
const EXAMPLES: [&str; 2] =
    ["王小芳,群众代表,东港社区,,13800001234,,女", "李建国,部门,交警中队,,0512-63000000,jjzd@example.com,男"];

/// The template, as an address that needs no server.
fn template() -> String {
    let text = format!("\u{FEFF}{}\r\n{}\r\n", HEADS.join(","), EXAMPLES.join("\r\n"));
    format!("data:text/csv;charset=utf-8,{}", encode(&text))
}

/// What was sent: the file's text if there is a file, else what stands in the field.
async fn sent(req: &Request, typed: &str) -> Result<String, Refusal> {
    let Some(sheet) = req.sheet.clone() else {
        return Ok(typed.to_owned());
    };
    // Unpacking a workbook is work for a thread of its own.
    let read = tokio::task::spawn_blocking(move || lists::text_of(&sheet.bytes)).await;
    read.map_err(|e| Refusal::internal(&e))?.map_err(|sentence| Refusal::field(SHEET_FIELD, sentence))
}

/// Reads a list and holds it against the one that is there.
async fn read(db: &Database, meeting: MeetingId, text: &str) -> Result<lists::List, Refusal> {
    let mut list = lists::read(text);
    let there: Vec<Identity> = store::invitees(db, meeting)
        .await?
        .into_iter()
        .filter(|one| one.state.0.stands())
        .map(|one| one.form().identity())
        .collect();
    list.faults.extend(lists::already_there(&list.rows, &there));
    list.faults.sort_by_key(|fault| fault.row);
    Ok(list)
}

async fn board(req: &Request) -> Result<(Board, MeetingId), Refusal> {
    let board = Board::load(req).await?;
    if !board.may(StepKind::AddPeople) {
        return Err(Refusal::Forbidden { who: "工委干事".to_owned() });
    }
    let meeting = board.meeting.as_ref().filter(|meeting| meeting.is_open()).map(|meeting| meeting.meeting_id);
    let meeting = meeting.ok_or_else(|| Refusal::moved_on("还没有会，不能导入名单。先做好会议方案，再来请人。"))?;
    Ok((board, meeting))
}

/// The form, empty or as it was refused.
///
/// # Errors
/// [`Refusal::NotSignedIn`], [`Refusal::NotFound`], [`Refusal::Forbidden`]; a conflict while the case has no meeting.
pub async fn import(req: &Request) -> Result<Page, Refusal> {
    let (board, meeting) = board(req).await?;
    // A file that was refused for its rows comes back as text, to be mended in place.
    let text = sent(req, req.form.value("rows")).await.unwrap_or_else(|_| req.form.value("rows").to_owned());
    Ok(Page::desk("从表格导入名单", TOPICS, move || {
        let form = form(&board, meeting, &text);
        view! { {head(&board)}{form} }.into_any()
    }))
}

fn head(board: &Board) -> AnyView {
    let words: Vec<&str> = Category::ALL.iter().map(|category| category.word()).collect();
    let categories = format!("类别写其中一个：{}。", words.join("、"));
    view! {
        {board.crumbs("从表格导入")}
        <h1 class="title title-work">"从表格导入名单"</h1>
        <p class="lead">
            {format!("第一行是列名：{}。姓名和类别必填，其他可以空着。", HEADS.join("、"))}
        </p>
        <p class="hint">{categories}" "<a href=template() download="名单模板.csv">"下载模板"</a></p>
    }
    .into_any()
}

fn form(board: &Board, meeting: MeetingId, text: &str) -> AnyView {
    let state = &board.form;
    let mut rows = Field::of(state, "rows", "或者把表格粘贴在这里").optional().private();
    if state.value("rows").is_empty() {
        let mut filled = state.clone();
        filled.values.insert("rows".to_owned(), vec![text.to_owned()]);
        rows = Field::of(&filled, "rows", "或者把表格粘贴在这里").optional().private();
    }
    let rows = rows.hint("在表格软件里选中、复制，再粘贴到这里；有要改的行，也在这里改。");
    let error = state.error(SHEET_FIELD).map(str::to_owned);
    let limits = format!("XLSX 或 CSV，最多 {AT_ONCE} 行、2 MB；只读出名单，文件不留下。");
    let described = if error.is_some() { "sheet-refusal sheet-hint" } else { "sheet-hint" };
    let class = if error.is_some() { "field refused" } else { "field" };
    let refusal = error.map(|words| view! { <p class="refusal" id="sheet-refusal">{words}</p> });
    view! {
        <form class="form" method="post" enctype="multipart/form-data">
            <FormSummary form=state.clone()/>
            <RequestIdField id=board.request_id.clone()/>
            <input type="hidden" name="action" value="check"/>
            <input type="hidden" name="meeting" value=meeting.to_string()/>
            <div class=class>
                <label for=SHEET_FIELD>"表格文件"<span class="optional">"可不填"</span></label>
                {refusal}
                <p class="hint" id="sheet-hint">{limits}</p>
                <input class="input" type="file" id=SHEET_FIELD name=SHEET_FIELD accept=".xlsx,.csv,.txt" aria-describedby=described/>
            </div>
            <TextArea field=rows rows=10/>
            <div class="actions">
                <Button words="先看一遍，还不导入"/>
                <LinkButton words="不导入了，回名单" href=board.address() kind=ButtonKind::Second/>
            </div>
        </form>
    }
    .into_any()
}

/// The faults as the form shows them: one line each, as far as anybody reads.
fn refused(faults: &[Fault]) -> Refusal {
    let mut errors: Vec<FieldError> =
        faults.iter().take(FAULTS_SHOWN).map(|fault| FieldError::new("rows", fault.words())).collect();
    if faults.len() > FAULTS_SHOWN {
        let words = format!("还有 {} 处没有列出来，先改这些。", faults.len() - FAULTS_SHOWN);
        errors.push(FieldError::new("rows", words));
    }
    Refusal::Invalid(errors)
}

/// Reads what was sent and shows it, or puts it onto the list when it has been seen.
///
/// # Errors
/// [`Refusal::Invalid`] with a sentence for each bad row; as the step.
pub async fn post_import(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let (board, meeting) = board(req).await?;
    let text = sent(req, form.value("rows")).await?;
    let list = read(&req.ctx.db, meeting, &text).await?;
    if !list.faults.is_empty() {
        return Err(refused(&list.faults));
    }
    if form.value("action") == "import" {
        let seen = form.parse("meeting", "这一页不完整，请刷新后再提交。")?;
        let case = board.case.id;
        let people = list.rows.into_iter().map(|row| row.form).collect();
        let added =
            carry_out(&req.ctx, AddPeople { case, meeting: seen, people }).await.map_err(|refusal| match refusal {
                Refusal::Invalid(errors) => {
                    Refusal::Invalid(errors.into_iter().map(|e| FieldError::new("rows", e.sentence)).collect())
                }
                other => other,
            })?;
        return Ok(Outcome::SeeOther(format!("{}?done=added&n={added}#meter", address(case))));
    }
    Ok(Outcome::Page(Page::desk("核对要导入的名单", TOPICS, move || {
        preview(&board, meeting, &text, &list.rows, &list.unused)
    })))
}

/// What is about to go onto the list.
fn preview(board: &Board, meeting: MeetingId, text: &str, rows: &[Row], unused: &[String]) -> AnyView {
    let shown = rows.iter().map(row).collect_view();
    let columns = ["行", "姓名", "类别", "单位", "界别", "电话", "邮箱", "性别"].map(Column::words).to_vec();
    let unused =
        (!unused.is_empty()).then(|| view! { <p class="hint">{format!("没有用到的列：{}。", unused.join("、"))}</p> });
    let counts = Category::ALL
        .iter()
        .filter_map(|category| {
            let n = rows.iter().filter(|row| row.form.category == Some(*category)).count();
            (n > 0).then(|| format!("{} {n} 人", category.word()))
        })
        .collect::<Vec<_>>()
        .join("，");
    let n = rows.len();
    // A browser drops the first line end after the tag: give it one to drop.
    let value = format!("\n{text}");
    view! {
        {board.crumbs("核对要导入的名单")}
        <h1 class="title title-work">{format!("{n} 人，没有要改的，还没有导入")}</h1>
        <p class="lead">{counts}"。看一遍，对了再导入。"</p>
        {unused}
        <form class="form" method="post">
            <RequestIdField id=board.request_id.clone()/>
            <input type="hidden" name="meeting" value=meeting.to_string()/>
            <textarea class="sr" name="rows" hidden=true aria-hidden="true" tabindex="-1">{value}</textarea>
            <div class="actions">
                <Button words=format!("导入这 {n} 人") name="action" value="import"/>
                <LinkButton words="不导入了，回名单" href=board.address() kind=ButtonKind::Second/>
            </div>
        </form>
        <Section title="要导入的名单" side=format!("{n} 人")>
            <Table caption="要导入的名单" quiet=true columns=columns>{shown}</Table>
        </Section>
    }
    .into_any()
}

fn row(row: &Row) -> AnyView {
    let form = &row.form;
    let phone = if form.phone.is_empty() { String::new() } else { masked_phone(&form.phone) };
    let mail = if form.mail.is_empty() { String::new() } else { masked_mail(&form.mail) };
    view! {
        <tr>
            <td class="num">{row.number}</td>
            <th scope="row">{form.name.clone()}</th>
            <td>{form.category.map_or("", Category::word)}</td>
            <td>{form.organisation.clone()}</td>
            <td>{form.sector.clone()}</td>
            <td>{phone}</td>
            <td>{mail}</td>
            <td>{if form.woman { "女" } else { "" }}</td>
        </tr>
    }
    .into_any()
}
