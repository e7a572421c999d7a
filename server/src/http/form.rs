//! What a browser sends with a form, read with every limit on it.
//!
//! Nothing that can be read is lost: with a refusal come the values and the files that are in order, so that the page
//! can show them again.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use app::context::Ctx;
use app::error::{FieldError, Refusal};
use app::ids::FileId;
use app::ui::STAGED_FIELD;
use app::web::{SHEET_FIELD, SHEET_LIMIT, Sheet, StagedFile};
use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use futures::{Stream, StreamExt, stream};
use multer::Multipart;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use crate::files::{FileStore, Rejected, storage_refusal};

/// Bytes of all text fields of a form.
const TEXT_LIMIT: usize = 256 << 10;
/// Fields of a form.
const FIELD_LIMIT: usize = 500;
/// Bytes of a form without files, as it travels: a Chinese character is nine there and three in the text.
const PLAIN_LIMIT: u64 = 3 * TEXT_LIMIT as u64 + (64 << 10);
/// Files of a form.
const FILES: usize = 10;
/// Bytes of one file.
const FILE_LIMIT: u64 = 20_000_000;
/// Bytes of all files of a form.
const FILES_LIMIT: u64 = 60_000_000;
/// How long a sender may pause.
const PAUSE: Duration = Duration::from_secs(30);
/// Bytes of a form with files that are read, also when they are too many; for so many more it is read on and dropped.
const DRAIN_LIMIT: u64 = 4 * FILES_LIMIT;
/// Bytes that are looked at in one go.
const PIECE: usize = 64 << 10;

/// What was sent.
#[derive(Debug, Default)]
pub struct Received {
    /// Field name to values, cleaned.
    pub values: BTreeMap<String, Vec<String>>,
    /// Files that are kept aside for this sender.
    pub files: Vec<StagedFile>,
    /// A list, which is read and not kept.
    pub sheet: Option<Sheet>,
    /// Why the form cannot be carried out as it was sent.
    pub refusal: Option<Refusal>,
}

/// Reads a form. Files are kept aside for the actor of `ctx`, where `store` is given; else they are passed over.
pub async fn read(ctx: &Ctx, store: Option<&FileStore>, headers: &HeaderMap, body: Body) -> Received {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut reading = Reading::default();
    let ending = Ending::default();
    if let Ok(boundary) = multer::parse_boundary(kind) {
        // Files that are too large are read past, so that the fields after them are not lost.
        let limit = if store.is_some() { DRAIN_LIMIT } else { PLAIN_LIMIT };
        let mut parts = Multipart::new(limited(body, limit, Arc::clone(&ending)), boundary);
        if let Err(stopped) = reading.parts(&mut parts, store).await {
            reading.stopped.get_or_insert(stopped);
        }
        // A browser shows the answer only when it could send all of its form.
        while let Ok(Some(mut part)) = parts.next_field().await {
            while let Ok(Some(_)) = part.chunk().await {}
        }
    } else if kind.is_empty() || is_plain_form(kind) {
        let pieces: Vec<Bytes> =
            limited(body, PLAIN_LIMIT, Arc::clone(&ending)).filter_map(|piece| ready(piece.ok())).collect().await;
        reading.stopped = reading.plain(&pieces.concat()).err();
    } else {
        reading.error("", "这次提交的格式读不懂，请在本站页面上填写提交。");
    }
    // Why the body ended explains more than what was missing in it then.
    reading.stopped = Arc::into_inner(ending).and_then(OnceLock::into_inner).or(reading.stopped);
    reading.finish(ctx, store).await
}

fn is_plain_form(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Why reading stopped before the end.
#[derive(Debug, thiserror::Error)]
enum Stopped {
    #[error("more bytes than a form may have")]
    TooLarge,
    #[error("more text than a form may have")]
    TooMuchText,
    #[error("the sender broke off")]
    BrokenOff,
    #[error("cannot be stored: {0}")]
    Storage(#[from] io::Error),
}

impl From<multer::Error> for Stopped {
    fn from(_: multer::Error) -> Self {
        Self::BrokenOff
    }
}

/// Why a body ended before its end; empty when it did not.
type Ending = Arc<OnceLock<Stopped>>;

/// The body in small pieces, as long as it keeps to the limit and the pace. What came before the limit is still given;
/// why it ended then is in `ending`.
///
/// A reader of parts takes what it can get before it looks at it. So between two pieces there is a pause, in which it
/// looks.
fn limited(body: Body, limit: u64, ending: Ending) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    let start = Some((body.into_data_stream(), Bytes::new(), limit));
    stream::unfold(start, move |state| {
        let ending = Arc::clone(&ending);
        async move {
            let (mut chunks, mut rest, left) = state?;
            tokio::task::yield_now().await;
            while rest.is_empty() {
                rest = match tokio::time::timeout(PAUSE, chunks.next()).await {
                    Ok(None) => return None,
                    Ok(Some(Ok(chunk))) => chunk,
                    Ok(Some(Err(_))) | Err(_) => {
                        drop(ending.set(Stopped::BrokenOff));
                        return None;
                    }
                };
            }
            if left == 0 {
                drop(ending.set(Stopped::TooLarge));
                drain(&mut chunks).await;
                return None;
            }
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
            let piece = rest.split_to(rest.len().min(most));
            let left = left - piece.len() as u64;
            Some((Ok(piece), Some((chunks, rest, left))))
        }
    })
}

/// Reads on and drops what comes.
async fn drain(chunks: &mut BodyDataStream) {
    let mut seen = 0;
    while let Ok(Some(Ok(chunk))) = tokio::time::timeout(PAUSE, chunks.next()).await {
        seen += chunk.len() as u64;
        if seen > DRAIN_LIMIT {
            break;
        }
    }
}

/// A file that arrived whole.
struct Upload {
    field: String,
    name: String,
    file: NamedTempFile,
}

/// A form while it is read.
#[derive(Default)]
struct Reading {
    values: BTreeMap<String, Vec<String>>,
    text: usize,
    fields: usize,
    uploads: Vec<Upload>,
    sheet: Option<Sheet>,
    /// Bytes of all files, kept or not.
    uploaded: u64,
    errors: Vec<FieldError>,
    too_large: Vec<String>,
    stopped: Option<Stopped>,
}

impl Reading {
    fn error(&mut self, field: &str, sentence: impl Into<String>) {
        self.errors.push(FieldError::new(field, sentence));
    }

    fn plain(&mut self, bytes: &[u8]) -> Result<(), Stopped> {
        for pair in bytes.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = match pair.iter().position(|b| *b == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            let (name, value) = (decode(name), decode(value));
            self.value(&String::from_utf8_lossy(&name), &value)?;
        }
        Ok(())
    }

    async fn parts(&mut self, parts: &mut Multipart<'static>, store: Option<&FileStore>) -> Result<(), Stopped> {
        while let Some(part) = parts.next_field().await? {
            let field = part.name().unwrap_or_default().to_owned();
            self.fields += usize::from(part.file_name().is_some());
            if self.fields > FIELD_LIMIT {
                return Err(Stopped::TooMuchText);
            }
            match part.file_name().map(plain_name) {
                None => {
                    let value = self.text_of(part).await?;
                    self.value(&field, &value)?;
                }
                Some(_) if field == SHEET_FIELD => self.sheet(part).await?,
                Some(name) => self.file(field, name, part, store).await?,
            }
        }
        Ok(())
    }

    async fn text_of(&self, mut part: multer::Field<'static>) -> Result<Vec<u8>, Stopped> {
        let mut value = Vec::new();
        while let Some(chunk) = part.chunk().await? {
            if self.text + value.len() + chunk.len() > TEXT_LIMIT {
                return Err(Stopped::TooMuchText);
            }
            value.extend_from_slice(&chunk);
        }
        Ok(value)
    }

    fn value(&mut self, name: &str, value: &[u8]) -> Result<(), Stopped> {
        self.text += name.len() + value.len();
        self.fields += 1;
        if self.text > TEXT_LIMIT || self.fields > FIELD_LIMIT {
            return Err(Stopped::TooMuchText);
        }
        let (name, _) = clean(name.as_bytes());
        let (value, fault) = clean(value);
        if let Some(fault) = fault {
            self.error(&name, fault.sentence());
        }
        self.values.entry(name).or_default().push(value);
        Ok(())
    }

    /// A list: its bytes stay in memory, so that names and numbers of people lie in no file.
    async fn sheet(&mut self, mut part: multer::Field<'static>) -> Result<(), Stopped> {
        let (mut bytes, mut size) = (Vec::new(), 0_usize);
        while let Some(chunk) = part.chunk().await? {
            size += chunk.len();
            if size <= SHEET_LIMIT {
                bytes.extend_from_slice(&chunk);
            }
        }
        if size > SHEET_LIMIT {
            self.too_large
                .push(format!("名单文件超过 {} MB，请只留要导入的那几列，或者分几次导入。", SHEET_LIMIT / 1_000_000));
        } else if size > 0 {
            self.sheet = Some(Sheet { bytes });
        }
        Ok(())
    }

    /// A file. One that cannot be stored is read past, for the sake of what comes after it.
    async fn file(
        &mut self,
        field: String,
        name: String,
        mut part: multer::Field<'static>,
        store: Option<&FileStore>,
    ) -> Result<(), Stopped> {
        let stored = match store.filter(|_| self.stopped.is_none()) {
            Some(store) => self.stored(field, name, &mut part, store).await,
            None => Ok(()),
        };
        if let Err(Stopped::Storage(error)) = stored {
            self.stopped.get_or_insert(Stopped::Storage(error));
        } else {
            stored?;
        }
        if self.stopped.is_some() {
            self.uploads.clear();
        }
        while part.chunk().await?.is_some() {}
        Ok(())
    }

    async fn stored(
        &mut self,
        field: String,
        name: String,
        part: &mut multer::Field<'static>,
        store: &FileStore,
    ) -> Result<(), Stopped> {
        let mut first = part.chunk().await?;
        while first.as_ref().is_some_and(Bytes::is_empty) {
            first = part.chunk().await?;
        }
        // A file field that was left empty is sent with an empty name and no bytes.
        let Some(first) = first else {
            if !name.is_empty() {
                self.error(&field, format!("「{name}」是空的，请重新选择。"));
            }
            return Ok(());
        };
        let arriving = store.arriving()?;
        let mut file = tokio::fs::File::from_std(arriving.reopen()?);
        let (mut size, mut chunk) = (0_u64, Some(first));
        while let Some(bytes) = chunk {
            size += bytes.len() as u64;
            if self.uploaded + size > FILES_LIMIT {
                self.stopped.get_or_insert(Stopped::TooLarge);
                return Ok(());
            }
            if size <= FILE_LIMIT {
                file.write_all(&bytes).await?;
            }
            chunk = part.chunk().await?;
        }
        file.flush().await?;
        self.uploaded += size;
        let name = if name.is_empty() { "附件".to_owned() } else { name };
        if size > FILE_LIMIT {
            self.too_large.push(format!("「{name}」超过 {} MB。", FILE_LIMIT / 1_000_000));
        } else {
            self.uploads.push(Upload { field, name, file: arriving });
        }
        Ok(())
    }

    async fn finish(mut self, ctx: &Ctx, store: Option<&FileStore>) -> Received {
        let mut received = Received::default();
        if let Some(stopped) = self.stopped.take() {
            // The files of a form that did not arrive whole are dropped here, and with them their bytes.
            self.uploads.clear();
            received.refusal = Some(match stopped {
                Stopped::TooLarge if store.is_some() => {
                    Refusal::TooLarge(format!("附件加起来超过了 {} MB，没有收下。", FILES_LIMIT / 1_000_000))
                }
                Stopped::TooLarge | Stopped::TooMuchText => {
                    Refusal::TooLarge("写的内容太长了，没有收下。请分几次写，或者作为附件上传。".to_owned())
                }
                Stopped::BrokenOff => {
                    Refusal::field("files", "传到一半断了，附件没有收下。请检查网络，重新选择附件再提交。")
                }
                Stopped::Storage(error) => storage_refusal(&error),
            });
        }
        if let Some(store) = store {
            match self.keep(ctx, store).await {
                Ok(files) => received.files = files,
                Err(refusal) => received.refusal = received.refusal.or(Some(refusal)),
            }
        }
        if received.refusal.is_none() {
            received.refusal = if !self.too_large.is_empty() {
                Some(Refusal::TooLarge(self.too_large.concat()))
            } else if !self.errors.is_empty() {
                Some(Refusal::Invalid(std::mem::take(&mut self.errors)))
            } else {
                None
            };
        }
        let ids = received.files.iter().map(|file| file.file.to_string()).collect();
        self.values.insert(STAGED_FIELD.to_owned(), ids);
        received.values = self.values;
        received.sheet = self.sheet.take();
        received
    }

    /// All files of the form: those kept aside before and still wanted, and those that arrived and are in order.
    async fn keep(&mut self, ctx: &Ctx, store: &FileStore) -> Result<Vec<StagedFile>, Refusal> {
        let mut ids: Vec<FileId> = Vec::new();
        for id in self.values.get(STAGED_FIELD).into_iter().flatten().filter_map(|id| id.parse().ok()) {
            if !ids.contains(&id) && ids.len() < FILES {
                ids.push(id);
            }
        }
        let mut files = app::files::staged(ctx, &ids).await?;
        if files.len() < ids.len() {
            self.error("files", "先前传的附件放得太久，已经清理，请重新选择。");
        }
        let before: u64 = files.iter().map(|file| u64::try_from(file.size).unwrap_or(0)).sum();
        if files.len() + self.uploads.len() > FILES {
            self.too_large.push(format!("附件最多 {FILES} 个，多出来的没有收下。"));
            self.uploads.truncate(FILES.saturating_sub(files.len()));
        }
        if before + self.uploaded > FILES_LIMIT {
            self.too_large.push(format!("附件加起来超过了 {} MB，新选的没有收下。", FILES_LIMIT / 1_000_000));
            self.uploads.clear();
        }
        let uploads = std::mem::take(&mut self.uploads);
        let new = store
            .named(async {
                let mut accepted = Vec::with_capacity(uploads.len());
                for upload in uploads {
                    match store.accept(upload.file, upload.name, ctx.now()).await {
                        Ok(file) => accepted.push(file),
                        Err(Rejected::Because(sentence)) => self.error(&upload.field, sentence),
                        Err(Rejected::Storage(error)) => return Err(storage_refusal(&error)),
                    }
                }
                app::files::stage(ctx, accepted).await
            })
            .await;
        match new {
            Ok(new) => {
                for file in new {
                    if files.iter().all(|known| known.file != file.file) {
                        files.push(file);
                    }
                }
                Ok(files)
            }
            Err(refusal) => Err(refusal),
        }
    }
}

/// What was wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Encoding,
    Control,
}

impl Fault {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Encoding => "这里有读不出来的文字，请检查后重新填写。",
            Self::Control => "这里有看不见的控制字符，已经去掉，请检查后再提交。",
        }
    }
}

/// A text as it goes on: line ends are `\n`, tabs are blanks; what cannot be read or seen is taken out and told.
fn clean(bytes: &[u8]) -> (String, Option<Fault>) {
    let (text, mut fault) = match std::str::from_utf8(bytes) {
        Ok(text) => (std::borrow::Cow::Borrowed(text), None),
        Err(_) => (String::from_utf8_lossy(bytes), Some(Fault::Encoding)),
    };
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\n' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push(' '),
            c if is_unseen(c) => fault = fault.or(Some(Fault::Control)),
            c => out.push(c),
        }
    }
    (out, fault)
}

/// A text of an address: what cannot be seen is left out.
pub(super) fn readable(bytes: &[u8]) -> String {
    clean(bytes).0
}

/// Control characters, and those that turn the direction of what follows: text that reads differently than it is.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The last part of a file's name, without what cannot be seen, at most 100 characters.
fn plain_name(name: &str) -> String {
    let name: String = name.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(|c| !is_unseen(*c)).collect();
    let name = name.trim();
    let count = name.chars().count();
    if count <= 100 {
        return name.to_owned();
    }
    // The ending stays.
    let head: String = name.chars().take(80).collect();
    let tail: String = name.chars().skip(count - 19).collect();
    format!("{head}…{tail}")
}

/// Percent signs and plus signs of a plain form.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'+' => out.push(b' '),
            b'%' => match (digit(at), digit(at + 1)) {
                (Some(high), Some(low)) => {
                    out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                    at += 2;
                }
                _ => out.push(b'%'),
            },
            byte => out.push(*byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_arrives_as_it_was_typed_with_one_kind_of_line_end() {
        for (typed, expected) in [
            ("第一行\r\n第二行\r第三行\n", "第一行\n第二行\n第三行\n"),
            ("甲\t乙", "甲 乙"),
            ("𠮷野家 👍🏽 e\u{301}", "𠮷野家 👍🏽 e\u{301}"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ] {
            assert_eq!(clean(typed.as_bytes()), (expected.to_owned(), None), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_seen_or_read_is_told() {
        for typed in ["a\u{0}b", "a\u{7}b", "a\u{7f}b", "a\u{85}b", "a\u{202e}b", "a\u{feff}b"] {
            assert_eq!(clean(typed.as_bytes()), ("ab".to_owned(), Some(Fault::Control)), "{typed:?}");
        }
        assert_eq!(clean(b"a\xff\xfeb").1, Some(Fault::Encoding));
        assert_eq!(clean(b"a\xffb\0").1, Some(Fault::Encoding));
    }

    #[test]
    fn a_file_name_has_no_path_and_keeps_its_ending() {
        for (sent, expected) in [
            ("C:\\Users\\王\\照片.jpg", "照片.jpg"),
            ("../../etc/passwd", "passwd"),
            (" 路灯\u{202e}gpj.exe ", "路灯gpj.exe"),
            ("/", ""),
        ] {
            assert_eq!(plain_name(sent), expected);
        }
        let long = plain_name(&format!("{}.docx", "长".repeat(300)));
        assert_eq!(long.chars().count(), 100);
        assert!(long.ends_with(".docx"));
    }

    #[test]
    fn a_plain_form_is_decoded() {
        for (sent, expected) in
            [("a+b%20c", "a b c"), ("%E8%B7%AF%e7%81%af", "路灯"), ("100%", "100%"), ("%zz%4", "%zz%4")]
        {
            assert_eq!(String::from_utf8(decode(sent.as_bytes())).unwrap(), expected);
        }
    }
}
