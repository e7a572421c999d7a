//! Lists of people from a file or the clipboard: XLSX or CSV in, rows with their numbers out, and what is wrong with
//! each. Nothing here touches the database; it is done before a step begins.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use super::model::{Identity, PersonForm};
use super::steps::AT_ONCE;
use crate::roster::model::{wrong_line, wrong_mail, wrong_phone};
use crate::rules::Category;

/// Most bytes of a list as text: it goes back and forth with the form.
pub const TEXT_MAX: usize = 200_000;
/// Most bytes that a workbook may unpack to.
const UNPACKED_MAX: u64 = 60_000_000;
/// Most columns that are looked at.
const COLUMNS: usize = 50;
/// Most faults that are named at once.
pub const FAULTS_SHOWN: usize = 50;

/// The head of a list, in the order of the template.
pub const HEADS: [&str; 7] = ["姓名", "类别", "单位", "界别", "电话", "邮箱", "性别"];

/// Something wrong with a list, in a sentence that says what to enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Number of the row, the head being 1; none for the list as a whole.
    pub row: Option<u64>,
    /// What is wrong.
    pub sentence: String,
}

impl Fault {
    fn whole(sentence: impl Into<String>) -> Self {
        Self { row: None, sentence: sentence.into() }
    }

    fn at(row: u64, sentence: impl Into<String>) -> Self {
        Self { row: Some(row), sentence: sentence.into() }
    }

    /// The sentence with the row's number before it.
    #[must_use]
    pub fn words(&self) -> String {
        self.row.map_or_else(|| self.sentence.clone(), |row| format!("第 {row} 行：{}", self.sentence))
    }
}

/// A row that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, the head being 1.
    pub number: u64,
    /// The person.
    pub form: PersonForm,
}

/// A list that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The rows that are in order.
    pub rows: Vec<Row>,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// Columns that nothing was taken from.
    pub unused: Vec<String>,
}

/// The text of a file: of a workbook its first sheet, cell by cell between tabs; of a text file its text, whether
/// UTF-8, UTF-16 or GB18030. The numbers of the rows stay.
///
/// # Errors
/// A sentence that says what to do.
pub fn text_of(bytes: &[u8]) -> Result<String, String> {
    let text = if bytes.starts_with(b"PK") {
        workbook(bytes)?
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err("这是旧格式的 .xls 文件，请在表格软件里另存为 .xlsx 或 CSV，再上传。".to_owned());
    } else {
        decoded(bytes)?
    };
    if text.len() > TEXT_MAX {
        return Err(format!("名单太长，一次最多 {AT_ONCE} 行、约 {} KB，请分几次导入。", TEXT_MAX / 1000));
    }
    Ok(text)
}

fn decoded(bytes: &[u8]) -> Result<String, String> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, _, wrong) = encoding.decode(&bytes[mark..]);
        return if wrong { Err(unreadable()) } else { Ok(text.into_owned()) };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let (text, wrong) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
    if wrong || text.contains('\0') { Err(unreadable()) } else { Ok(text.into_owned()) }
}

fn unreadable() -> String {
    "这个文件读不出文字。请传 .xlsx，或者另存为「CSV UTF-8」再传；也可以把表格复制、粘贴到下面。".to_owned()
}

fn workbook(bytes: &[u8]) -> Result<String, String> {
    let broken = || "这个表格打不开，可能没有传完整、有密码，或者不是表格。请另存为 .xlsx 再传。".to_owned();
    if unpacked(bytes).is_none_or(|size| size > UNPACKED_MAX) {
        return Err(broken());
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| broken())?;
    let sheet = book.worksheet_range_at(0).ok_or_else(broken)?.map_err(|_| broken())?;
    let Some((first, _)) = sheet.start() else {
        return Ok(String::new());
    };
    let mut text = "\n".repeat(usize::try_from(first).unwrap_or(0).min(AT_ONCE));
    for row in sheet.rows() {
        for (n, cell) in row.iter().take(COLUMNS).enumerate() {
            if n > 0 {
                text.push('\t');
            }
            text.push_str(&cell_text(cell).replace(['\t', '\n', '\r', '"'], " "));
        }
        text.push('\n');
        if text.len() > TEXT_MAX {
            break;
        }
    }
    Ok(text)
}

/// A cell as people see it: a phone number that was typed as a number has no decimal point.
fn cell_text(cell: &Data) -> String {
    match cell {
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Empty | Data::Error(_) => String::new(),
        other => other.to_string().trim().to_owned(),
    }
}

/// How many bytes a zip says it unpacks to; none when its directory cannot be read.
fn unpacked(bytes: &[u8]) -> Option<u64> {
    let number = |at: usize, n: usize| -> Option<u64> {
        bytes.get(at..at + n).map(|part| part.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    let end = bytes.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let mut at = usize::try_from(number(end + 16, 4)?).ok()?;
    let mut sum = 0_u64;
    for _ in 0..number(end + 10, 2)? {
        if bytes.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        sum = sum.saturating_add(number(at + 24, 4)?);
        let names = number(at + 28, 2)? + number(at + 30, 2)? + number(at + 32, 2)?;
        at += 46 + usize::try_from(names).ok()?;
    }
    Some(sum)
}

/// Reads a list: its head names the columns, in any order.
#[must_use]
pub fn read(text: &str) -> List {
    let mut list = List::default();
    let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if head.is_empty() {
        list.faults.push(Fault::whole("名单还是空的。请选文件，或者把表格粘贴进来，第一行要有列名。"));
        return list;
    }
    // Somebody who writes by hand uses the comma of the Chinese keyboard.
    let by_hand = !head.contains(['\t', ',']) && head.contains('，');
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = if by_hand { text.replace('，', ",") } else { text };
    let delimiter = if head.contains('\t') { b'\t' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut columns: Option<Vec<(usize, usize)>> = None;
    let mut seen: Vec<(u64, Identity)> = Vec::new();
    let mut lines = Lines { text: &text, at: 0, number: 1 };
    for record in reader.records() {
        let Ok(record) = record else {
            list.faults.push(Fault::whole("名单里有读不懂的地方，多半是引号没有成对，请检查后再导入。"));
            break;
        };
        let number = lines.of(record.position().map_or(0, csv::Position::byte));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let Some(columns) = &columns else {
            match heads(&record) {
                Ok((found, unused)) => {
                    columns = Some(found);
                    list.unused = unused;
                    continue;
                }
                Err(fault) => {
                    list.faults.push(fault);
                    break;
                }
            }
        };
        if seen.len() >= AT_ONCE {
            list.faults.push(Fault::whole(format!("名单超过 {AT_ONCE} 行，请分几次导入。")));
            break;
        }
        let cell = |head: usize| {
            let at = columns.iter().find(|(_, known)| *known == head).map(|(at, _)| *at);
            at.and_then(|at| record.get(at)).unwrap_or_default().trim()
        };
        let (form, wrong) = person(&cell);
        let identity = form.identity();
        let twin = seen.iter().find(|(_, known)| !form.name.is_empty() && known.is(&identity)).map(|(row, _)| *row);
        seen.push((number, identity));
        let good = wrong.is_empty() && twin.is_none();
        list.faults.extend(wrong.into_iter().map(|sentence| Fault::at(number, sentence)));
        if let Some(twin) = twin {
            list.faults.push(Fault::at(number, format!("和第 {twin} 行是同一个人，请去掉一行。")));
        }
        if good {
            list.rows.push(Row { number, form: form.tidy() });
        }
    }
    if columns.is_some() && seen.is_empty() {
        list.faults.push(Fault::whole("只有列名，没有人。请把要请的人一行一个写在下面。"));
    }
    list
}

/// Numbers of lines. The reader begins a record before the empty lines that it passes over; people count them.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    number: u64,
}

impl Lines<'_> {
    /// The number of the line on which the record that begins at a byte is written.
    fn of(&mut self, byte: u64) -> u64 {
        let bytes = self.text.as_bytes();
        let begin = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(byte) = bytes.get(self.at).filter(|byte| self.at < begin || **byte == b'\n') {
            self.number += u64::from(*byte == b'\n');
            self.at += 1;
        }
        self.number
    }
}

/// The columns that are wanted (place in the row, place in [`HEADS`]), and the names of those that are not.
type Heads = (Vec<(usize, usize)>, Vec<String>);

/// Which column holds what, and which hold nothing that is wanted.
fn heads(record: &csv::StringRecord) -> Result<Heads, Fault> {
    let (mut found, mut unused) = (Vec::new(), Vec::new());
    for (at, cell) in record.iter().enumerate() {
        let cell = cell.trim().trim_start_matches('\u{FEFF}');
        match head(cell) {
            Some(head) if found.iter().all(|(_, known)| *known != head) => found.push((at, head)),
            _ if cell.is_empty() => {}
            _ => unused.push(cell.to_owned()),
        }
    }
    let missing: Vec<&str> = [0, 1]
        .into_iter()
        .filter(|head| found.iter().all(|(_, known)| known != head))
        .map(|head| HEADS[head])
        .collect();
    if missing.is_empty() {
        Ok((found, unused))
    } else {
        Err(Fault::whole(format!(
            "第一行没有「{}」这一列。第一行要写列名：{}。",
            missing.join("」和「"),
            HEADS.join("、")
        )))
    }
}

/// The column that a head means, by its place in [`HEADS`].
fn head(cell: &str) -> Option<usize> {
    match cell {
        "姓名" | "名字" => Some(0),
        "类别" | "参会类别" => Some(1),
        "单位" | "单位或村社区" | "工作单位" => Some(2),
        "界别" => Some(3),
        "电话" | "手机" | "手机号" | "联系电话" => Some(4),
        "邮箱" | "电子邮箱" => Some(5),
        "性别" => Some(6),
        _ => None,
    }
}

/// The person of a row, and what is wrong with it.
fn person<'a>(cell: &impl Fn(usize) -> &'a str) -> (PersonForm, Vec<String>) {
    let category = category(cell(1));
    let form = PersonForm {
        category,
        name: cell(0).to_owned(),
        organisation: cell(2).to_owned(),
        sector: cell(3).to_owned(),
        phone: cell(4).to_owned(),
        mail: cell(5).to_owned(),
        woman: cell(6) == "女",
        ..PersonForm::default()
    };
    let mut wrong: Vec<String> = Vec::new();
    wrong.extend(wrong_line("姓名", &form.name, crate::roster::model::NAME_MAX, true));
    if category.is_none() {
        let words: Vec<&str> = Category::ALL.iter().map(|category| category.word()).collect();
        let what = if cell(1).is_empty() {
            "没有写类别".to_owned()
        } else {
            format!("类别「{}」认不出", short(cell(1)))
        };
        wrong.push(format!("{what}，请写其中一个：{}。", words.join("、")));
    }
    wrong.extend(wrong_line("单位", &form.organisation, crate::roster::model::ORGANISATION_MAX, false));
    wrong.extend(wrong_line("界别", &form.sector, crate::roster::model::TAG_MAX, false));
    wrong.extend(wrong_phone(&form.phone));
    wrong.extend(wrong_mail(&form.mail));
    if !matches!(cell(6), "" | "男" | "女") {
        wrong.push(format!("性别「{}」认不出，请写男或女，不知道就空着。", short(cell(6))));
    }
    (form, wrong)
}

/// The beginning of a cell, for naming it.
fn short(text: &str) -> String {
    text.chars().take(12).collect()
}

/// The category of a word: that of the screen, or one that is often written for it.
fn category(word: &str) -> Option<Category> {
    let plain = word.replace('(', "（").replace(')', "）");
    Category::ALL.iter().copied().find(|category| category.word() == plain).or(match plain.as_str() {
        "政协委员" => Some(Category::Member),
        "利益方" | "当事人" => Some(Category::Stakeholder),
        "群众" => Some(Category::Public),
        "部门代表" | "单位" => Some(Category::Department),
        "企业" | "社会组织" | "企业、社会组织" => Some(Category::Enterprise),
        "村" | "社区" | "村社区" => Some(Category::Village),
        _ => None,
    })
}

/// The faults of rows whose person is on the list already.
#[must_use]
pub fn already_there(rows: &[Row], there: &[Identity]) -> Vec<Fault> {
    rows.iter()
        .filter(|row| {
            let identity = row.form.identity();
            there.iter().any(|known| known.is(&identity))
        })
        .map(|row| Fault::at(row.number, "这个人已经在名单上了，请去掉这一行。"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "姓名,类别,单位,界别,电话,邮箱,性别\n";

    fn faults(text: &str) -> Vec<String> {
        read(text).faults.iter().map(Fault::words).collect()
    }

    fn xlsx(rows: &[&[&str]]) -> Vec<u8> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (r, row) in (0_u32..).zip(rows) {
            for (c, cell) in (0_u16..).zip(*row) {
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write_number(r, c, number).unwrap(),
                    Err(_) => sheet.write_string(r, c, *cell).unwrap(),
                };
            }
        }
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn a_good_list_is_read_from_every_kind_of_file() {
        let text = format!(
            "{HEAD}王芳,群众代表,东港社区,,13812345678,,女\n李强,部门,交警中队,,0512-63001234,lq@example.com,男\n"
        );
        let (gb, _, _) = encoding_rs::GB18030.encode(&text);
        let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let with_mark = format!("\u{FEFF}{text}").into_bytes();
        let book = xlsx(&[
            &["姓名", "类别", "单位", "界别", "电话", "邮箱", "性别"],
            &["王芳", "群众代表", "东港社区", "", "13812345678", "", "女"],
            &["李强", "部门", "交警中队", "", "0512-63001234", "lq@example.com", "男"],
        ]);
        let expected = read(&text);
        assert!(expected.faults.is_empty(), "{:?}", expected.faults);
        assert_eq!(expected.rows.len(), 2);
        assert_eq!(expected.rows[0].form.phone, "13812345678");
        assert!(expected.rows[0].form.woman && !expected.rows[1].form.woman);
        assert_eq!(expected.rows[1].form.category, Some(Category::Department));
        for (kind, bytes) in [
            ("utf-8", text.clone().into_bytes()),
            ("with a mark", with_mark),
            ("gb18030", gb.into_owned()),
            ("utf-16", utf16),
            ("xlsx", book),
            ("crlf", text.replace('\n', "\r\n").into_bytes()),
            ("tabs", text.replace(',', "\t").into_bytes()),
            ("the comma of the Chinese keyboard", text.replace(',', "，").into_bytes()),
        ] {
            assert_eq!(read(&text_of(&bytes).unwrap()), expected, "{kind}");
        }
    }

    #[test]
    fn each_bad_row_is_named_with_its_number_and_what_to_enter() {
        let text = "姓名,类别,电话,邮箱,性别,备注\n\
                    王芳,居民,13812345678,,女,\n\
                    ,委员,,,,\n\
                    \n\
                    李强,部门,1381234,x,保密,y\n\
                    赵敏,专家,13900001111,,,\n\
                    赵敏,专家,139 0000 1111,,,\n";
        assert_eq!(
            faults(text),
            [
                "第 2 行：类别「居民」认不出，请写其中一个：委员、利益相关方、群众代表、部门、专家、企业和社会组织、村（社区）。",
                "第 3 行：还没有写姓名。",
                "第 5 行：电话看起来不对：手机号 11 位，座机请带区号，例如 0512-63000000。",
                "第 5 行：邮箱看起来不对，例如 name@example.com；没有邮箱就空着。",
                "第 5 行：性别「保密」认不出，请写男或女，不知道就空着。",
                "第 7 行：和第 6 行是同一个人，请去掉一行。",
            ]
        );
        assert_eq!(read(text).unused, ["备注"]);
    }

    #[test]
    fn the_numbers_of_a_workbook_are_those_on_its_edge() {
        let book = xlsx(&[&[""], &["姓名", "类别"], &["", ""], &["王芳", "居民"]]);
        assert!(faults(&text_of(&book).unwrap())[0].starts_with("第 4 行："));
    }

    #[test]
    fn a_list_that_is_none_is_refused_in_words() {
        for (text, words) in [
            ("", "还是空的"),
            (" \n\n", "还是空的"),
            ("王芳,群众代表\n", "没有「姓名」和「类别」"),
            ("姓名,电话\n王芳,1\n", "没有「类别」这一列"),
            (HEAD, "没有人"),
            ("姓名,类别\n\"王芳,委员\n", "没有写类别"),
        ] {
            let found = faults(text);
            assert!(found.iter().any(|fault| fault.contains(words)), "{text:?}: {found:?}");
        }
        let rows: String = (0..=AT_ONCE).map(|n| format!("王{n},群众代表\n")).collect();
        assert!(faults(&format!("姓名,类别\n{rows}")).iter().any(|fault| fault.contains("分几次")));
    }

    #[test]
    fn a_file_that_cannot_be_read_says_what_to_do() {
        let mut cut = xlsx(&[&["姓名", "类别"]]);
        cut.truncate(cut.len() / 2);
        for (bytes, words) in [
            (cut, "打不开"),
            (b"PK\x03\x04nonsense".to_vec(), "打不开"),
            (vec![0xD0, 0xCF, 0x11, 0xE0, 0], ".xls"),
            (vec![0x81, 0x00, 0xFF, 0xFF], "读不出文字"),
            ("王".repeat(TEXT_MAX).into_bytes(), "分几次"),
        ] {
            let refused = text_of(&bytes).unwrap_err();
            assert!(refused.contains(words), "{refused}");
        }
    }

    #[test]
    fn whoever_is_there_already_is_named() {
        let list = read(&format!("{HEAD}王芳,群众代表,,,13812345678,,\n李强,部门,,,,,\n"));
        let there = [Identity::new(None, "王芳", "13812345678", "")];
        let found: Vec<String> = already_there(&list.rows, &there).iter().map(Fault::words).collect();
        assert_eq!(found, ["第 2 行：这个人已经在名单上了，请去掉这一行。"]);
    }
}
