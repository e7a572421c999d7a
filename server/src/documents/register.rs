//! The register (台账) as a workbook, and each of its sheets as CSV. Pages of rows become bytes one after the other:
//! memory does not grow with the number of topics.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::sync::Arc;

use app::access::Actor;
use app::context::Ctx;
use app::error::Refusal;
use app::register::sheet::{Cell, Kind, Sheet};
use app::register::{self, REGISTER, Scope};
use app::storage::{Database, StorageError};
use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use futures::{StreamExt, stream};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;

use crate::files::storage_refusal;
use crate::http::page::Frame;
use crate::http::site::Site;
use crate::http::{error, session};

const XLSX: HeaderValue = HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
const CSV: HeaderValue = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Tells spreadsheets that what follows is UTF-8.
const BOM: char = '\u{FEFF}';
/// Pages that are read ahead of the writer.
const AHEAD: usize = 2;
/// The last row that a worksheet can have, from 0.
const LAST_ROW: u32 = 1_048_575;
/// UTF-16 units that a cell can hold.
const CELL_MAX: usize = 32_767;

type Row = Vec<Cell>;

// ---- handlers -------------------------------------------------------------------------------------------------------

/// `GET /desk/register.xlsx?town=&year=`: the whole register, telephone numbers masked; with `export=` whole, for whom that
/// was put on record some minutes ago.
pub async fn xlsx(site: Arc<Site>, parts: Parts) -> Response<Body> {
    let person = match session::person(&site, &parts.extensions, &parts.headers, false).await {
        Ok(person) => person,
        Err(refusal) => return refused(&site, &parts, &refusal, None).await,
    };
    let ctx = site.ctx.acting_as(person.actor.clone());
    let made = async {
        let query = query(&parts);
        let scope = asked(&ctx, &query).await?;
        let scope = match query.get("export") {
            Some(token) => register::granted(&ctx, scope, token)?,
            None => scope,
        };
        workbook(&site, &ctx, &scope).await
    };
    match made.await {
        Ok(response) => response,
        Err(refusal) => refused(&site, &parts, &refusal, Some(person.actor)).await,
    }
}

/// `GET /desk/register.csv?sheet=&town=&year=`: one sheet, telephone numbers masked.
pub async fn csv(site: Arc<Site>, parts: Parts) -> Response<Body> {
    let person = match session::person(&site, &parts.extensions, &parts.headers, false).await {
        Ok(person) => person,
        Err(refusal) => return refused(&site, &parts, &refusal, None).await,
    };
    let ctx = site.ctx.acting_as(person.actor.clone());
    let made = async {
        let query = query(&parts);
        let scope = asked(&ctx, &query).await?;
        let sheet = query.get("sheet").and_then(|code| Sheet::from_code(code)).ok_or(Refusal::NotFound)?;
        table(&site, &ctx, scope, sheet).await
    };
    match made.await {
        Ok(response) => response,
        Err(refusal) => refused(&site, &parts, &refusal, Some(person.actor)).await,
    }
}

fn query(parts: &Parts) -> BTreeMap<String, String> {
    Query::try_from_uri(&parts.uri).map(|Query(values)| values).unwrap_or_default()
}

async fn asked(ctx: &Ctx, query: &BTreeMap<String, String>) -> Result<Scope, Refusal> {
    let value = |name: &str| query.get(name).map_or("", String::as_str);
    register::scope(ctx, value("town"), value("year")).await
}

/// The answer to a refusal; the way back leads to the page of the register, not to the file.
async fn refused(site: &Arc<Site>, parts: &Parts, refusal: &Refusal, actor: Option<Actor>) -> Response<Body> {
    let frame = Frame { path: REGISTER.to_owned(), ..Frame::plain(site, parts) };
    let frame = match actor {
        Some(actor) => Frame { actor, ..frame },
        None => frame,
    };
    error::answer(site, refusal, frame).await
}

/// The header that names the file: 「盛泽镇2026年台账.xlsx」, and plainly for what reads no characters but the first hundred.
async fn named(site: &Site, scope: &Scope, sheet: Option<Sheet>, ending: &str) -> Result<HeaderValue, Refusal> {
    let town = match scope.town() {
        Some(code) => site.town_name(code).await?,
        None => "全区".to_owned(),
    };
    let year = scope.year();
    let name = match sheet {
        Some(sheet) => format!("{town}{year}年台账-{}.{ending}", sheet.word()),
        None => format!("{town}{year}年台账.{ending}"),
    };
    let plain = sheet.map(|sheet| format!("-{}", sheet.code())).unwrap_or_default();
    let header =
        format!("attachment; filename=\"register-{year}{plain}.{ending}\"; filename*=UTF-8''{}", error::encode(&name));
    HeaderValue::from_str(&header).map_err(|e| Refusal::internal(&e))
}

// ---- the workbook ---------------------------------------------------------------------------------------------------

/// What is handed to the writer of a workbook.
enum Piece {
    /// Here begins a sheet.
    Sheet(Sheet),
    /// Its next rows.
    Rows(Vec<Row>),
}

/// The register as a file that is gone once it was sent.
async fn workbook(site: &Site, ctx: &Ctx, scope: &Scope) -> Result<Response<Body>, Refusal> {
    let name = named(site, scope, None, "xlsx").await?;
    let (sender, mut receiver) = mpsc::channel(AHEAD);
    let writer = tokio::task::spawn_blocking(move || {
        let mut out = tempfile::tempfile().map_err(|error| storage_refusal(&error))?;
        let mut buffered = BufWriter::new(&mut out);
        write_xlsx(std::iter::from_fn(|| receiver.blocking_recv()), &mut buffered).map_err(|error| failed(&error))?;
        buffered.flush().map_err(|error| storage_refusal(&error))?;
        drop(buffered);
        measured(out).map_err(|error| storage_refusal(&error))
    });
    let loaded = load(&ctx.db, scope, &sender).await;
    // The writer ends with the pieces.
    drop(sender);
    let written = writer.await.map_err(|e| Refusal::internal(&e))?;
    loaded?;
    let (file, length) = written?;
    let mut response = Response::new(Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file))));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, XLSX);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(CONTENT_DISPOSITION, name);
    headers.insert(CACHE_CONTROL, NO_STORE);
    Ok(response)
}

/// The file at its beginning, and its length.
fn measured(mut file: File) -> io::Result<(File, u64)> {
    file.rewind()?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

fn failed(error: &XlsxError) -> Refusal {
    match error {
        XlsxError::IoError(error) => storage_refusal(error),
        other => Refusal::internal(other),
    }
}

/// Reads all sheets, page by page, no faster than they are written.
async fn load(db: &Database, scope: &Scope, to: &mpsc::Sender<Piece>) -> Result<(), StorageError> {
    for sheet in Sheet::ALL.iter().copied() {
        // A writer that has stopped says itself why.
        if to.send(Piece::Sheet(sheet)).await.is_err() {
            return Ok(());
        }
        let mut after = None;
        loop {
            let (rows, next) = register::rows(db, sheet, scope, after).await?;
            if to.send(Piece::Rows(rows)).await.is_err() {
                return Ok(());
            }
            if next.is_none() {
                break;
            }
            after = next;
        }
    }
    Ok(())
}

fn write_xlsx<W: Write + Send>(pieces: impl Iterator<Item = Piece>, out: W) -> Result<(), XlsxError> {
    let mut book = Book::new();
    for piece in pieces {
        match piece {
            Piece::Sheet(sheet) => {
                book.end()?;
                book.begin(sheet, 1)?;
            }
            Piece::Rows(rows) => {
                for row in &rows {
                    book.row(row)?;
                }
            }
        }
    }
    book.end()?;
    book.workbook.save_to_writer(out)
}

/// The worksheet that is being written.
#[derive(Clone, Copy)]
struct Open {
    sheet: Sheet,
    /// From 1; a sheet with more rows than a worksheet can have goes on in another.
    part: u32,
    /// Place among the worksheets.
    index: usize,
    /// The row to write next.
    row: u32,
}

struct Book {
    workbook: Workbook,
    open: Option<Open>,
    worksheets: usize,
    heading: Format,
    date: Format,
    time: Format,
}

impl Book {
    fn new() -> Self {
        Self {
            workbook: Workbook::new(),
            open: None,
            worksheets: 0,
            heading: Format::new().set_bold(),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm"),
        }
    }

    fn begin(&mut self, sheet: Sheet, part: u32) -> Result<(), XlsxError> {
        let worksheet = self.workbook.add_worksheet_with_constant_memory()?;
        let name = if part == 1 { sheet.word().to_owned() } else { format!("{}（{part}）", sheet.word()) };
        worksheet.set_name(name)?;
        worksheet.set_freeze_panes(1, 0)?;
        for (col, column) in (0..).zip(sheet.columns()) {
            let width = match column.kind {
                Kind::Text if column.wide => 40,
                Kind::Text => 16,
                Kind::Number => 10,
                Kind::Date => 12,
                Kind::DateTime => 17,
            };
            worksheet.set_column_width(col, width)?;
            worksheet.write_string_with_format(0, col, column.words, &self.heading)?;
        }
        self.open = Some(Open { sheet, part, index: self.worksheets, row: 1 });
        self.worksheets += 1;
        Ok(())
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        if let Some(full) = self.open.filter(|open| open.row > LAST_ROW) {
            self.end()?;
            self.begin(full.sheet, full.part + 1)?;
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        let worksheet = self.workbook.worksheet_from_index(open.index)?;
        for (col, cell) in (0..).zip(cells) {
            write_cell(worksheet, (open.row, col), cell, (&self.date, &self.time))?;
        }
        open.row += 1;
        Ok(())
    }

    /// Ends the worksheet that is being written: only now it is known how far its rows go.
    fn end(&mut self) -> Result<(), XlsxError> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let last = u16::try_from(open.sheet.columns().len()).unwrap_or(u16::MAX).saturating_sub(1);
        self.workbook.worksheet_from_index(open.index)?.autofilter(0, 0, open.row - 1, last)?;
        Ok(())
    }
}

fn write_cell(
    worksheet: &mut Worksheet,
    (row, col): (u32, u16),
    cell: &Cell,
    (date, time): (&Format, &Format),
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(words) => {
            worksheet.write_string(row, col, cut(words))?;
        }
        Cell::Number(n) => {
            // Larger ones do not occur; as words they would still be right.
            match i32::try_from(*n) {
                Ok(n) => worksheet.write_number(row, col, n)?,
                Err(_) => worksheet.write_string(row, col, n.to_string())?,
            };
        }
        Cell::Date(day) => {
            worksheet.write_number_with_format(row, col, serial(day.and_time(NaiveTime::MIN)), date)?;
        }
        Cell::DateTime(at) => {
            worksheet.write_number_with_format(row, col, serial(*at), time)?;
        }
    }
    Ok(())
}

/// A time as spreadsheets count it: days since 30 December 1899.
fn serial(at: NaiveDateTime) -> f64 {
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default().and_time(NaiveTime::MIN);
    at.signed_duration_since(zero).as_seconds_f64() / 86_400.0
}

/// As much of a text as a cell can hold.
fn cut(words: &str) -> &str {
    let mut units = 0;
    for (at, c) in words.char_indices() {
        units += c.len_utf16();
        if units > CELL_MAX {
            return words.get(..at).unwrap_or_default();
        }
    }
    words
}

// ---- CSV ------------------------------------------------------------------------------------------------------------

/// One sheet, sent while it is read.
async fn table(site: &Site, ctx: &Ctx, scope: Scope, sheet: Sheet) -> Result<Response<Body>, Refusal> {
    let name = named(site, &scope, Some(sheet), "csv").await?;
    // The first page is read before anything is sent, so that a database that is away is said and not broken off.
    let (rows, next) = register::rows(&ctx.db, sheet, &scope, None).await?;
    let mut first = String::from(BOM);
    push_line(&mut first, sheet.columns().iter().map(|column| Cow::Borrowed(column.words)));
    first.push_str(&lines(&rows));
    let rest = stream::try_unfold((ctx.db.clone(), scope, next), move |(db, scope, after)| async move {
        let Some(after) = after else { return Ok(None) };
        let (rows, next) = register::rows(&db, sheet, &scope, Some(after)).await.map_err(|error| {
            tracing::error!(%error, "a sheet of the register broke off");
            io::Error::other(error)
        })?;
        Ok::<_, io::Error>(Some((Bytes::from(lines(&rows)), (db, scope, next))))
    });
    let body = stream::iter([Ok::<_, io::Error>(Bytes::from(first))]).chain(rest);
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, CSV);
    headers.insert(CONTENT_DISPOSITION, name);
    headers.insert(CACHE_CONTROL, NO_STORE);
    Ok(response)
}

fn lines(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        push_line(&mut text, row.iter().map(value));
    }
    text
}

/// A line as RFC 4180 has it.
fn push_line<'c>(text: &mut String, values: impl Iterator<Item = Cow<'c, str>>) {
    for (n, value) in values.enumerate() {
        if n > 0 {
            text.push(',');
        }
        if value.contains([',', '"', '\r', '\n']) {
            text.push('"');
            text.push_str(&value.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&value);
        }
    }
    text.push_str("\r\n");
}

/// What a cell says. Words that a spreadsheet would run as a formula are made words: with the wide forms of the signs,
/// which Chinese and Japanese ones read as the narrow.
fn value(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Empty => Cow::Borrowed(""),
        Cell::Text(words) if words.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) => {
            Cow::Owned(format!("'{words}"))
        }
        Cell::Text(words) => Cow::Borrowed(words),
        Cell::Number(n) => Cow::Owned(n.to_string()),
        Cell::Date(day) => Cow::Owned(day.format("%Y-%m-%d").to_string()),
        Cell::DateTime(at) => Cow::Owned(at.format("%Y-%m-%d %H:%M").to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use zip::ZipArchive;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A row of a sheet in which every cell has what its column holds.
    fn row(sheet: Sheet) -> Row {
        let cell = |kind| match kind {
            Kind::Text => Cell::text("=1+1"),
            Kind::Number => Cell::Number(7),
            Kind::Date => Cell::Date(day("2026-03-09")),
            Kind::DateTime => Cell::DateTime(day("2026-03-09").and_hms_opt(14, 30, 0).unwrap()),
        };
        sheet.columns().iter().map(|column| cell(column.kind)).collect()
    }

    fn part(book: &[u8], name: &str) -> String {
        let mut zip = ZipArchive::new(Cursor::new(book)).unwrap();
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_workbook_has_every_sheet_with_its_head_frozen_and_its_columns_filtered() {
        let pieces = Sheet::ALL.iter().flat_map(|sheet| {
            [Piece::Sheet(*sheet), Piece::Rows(vec![row(*sheet), row(*sheet)]), Piece::Rows(Vec::new())]
        });
        let mut book = Vec::new();
        write_xlsx(pieces, &mut book).unwrap();
        let names = part(&book, "xl/workbook.xml");
        for sheet in Sheet::ALL {
            assert!(names.contains(&format!("name=\"{}\"", sheet.word())), "{names}");
        }
        for (n, sheet) in (1..).zip(Sheet::ALL) {
            let xml = part(&book, &format!("xl/worksheets/sheet{n}.xml"));
            assert!(xml.contains("state=\"frozen\"") && xml.contains("<autoFilter ref=\"A1:"), "{sheet:?}");
            assert!(xml.contains("<row r=\"3\"") && !xml.contains("<f>"), "{sheet:?}");
        }
        // 9 March 2026, and half past two that day.
        let topics = part(&book, "xl/worksheets/sheet1.xml");
        assert!(topics.contains("<v>46090</v>"), "{topics}");
        assert!(part(&book, "xl/styles.xml").contains("yyyy-mm-dd"));
    }

    #[test]
    fn a_time_is_a_number_of_days() {
        assert!((serial(day("1900-03-01").and_time(NaiveTime::MIN)) - 61.0).abs() < f64::EPSILON);
        let half_past_two = day("2026-03-09").and_hms_opt(14, 30, 0).unwrap();
        assert!((serial(half_past_two) - 46_090.604_166_666_66).abs() < 1e-6);
    }

    #[test]
    fn a_text_is_cut_where_a_cell_ends_and_not_within_a_character() {
        assert_eq!(cut("短"), "短");
        assert_eq!(cut(&"长".repeat(40_000)).chars().count(), CELL_MAX);
        assert_eq!(cut(&"𠮷".repeat(20_000)).chars().count(), CELL_MAX / 2);
    }

    #[test]
    fn a_line_is_quoted_and_runs_nothing() {
        let row = [
            Cell::text("2026-03号"),
            Cell::text("停车，\"难\""),
            Cell::text("一行\n两行"),
            Cell::text("a,b"),
            Cell::text("=HYPERLINK(\"x\")"),
            Cell::text(" @SUM(A1)"),
            Cell::text("－1"),
            Cell::Number(-3),
            Cell::Empty,
            Cell::Date(day("2026-03-09")),
        ];
        let expected = "2026-03号,\"停车，\"\"难\"\"\",\"一行\n两行\",\"a,b\",\"'=HYPERLINK(\"\"x\"\")\",' @SUM(A1),\
                        '－1,-3,,2026-03-09\r\n";
        assert_eq!(lines(&[row.to_vec()]), expected);
    }
}
