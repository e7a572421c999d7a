//! The whole file of a case as one ZIP: an index page, every form as DOCX, the files, the ledger, and how to check it.
//!
//! The ZIP carries in its comment the SHA-256 of everything before it, so that a copy in which any byte changed is found
//! without a database; its `ledger.json` holds the entries with the text that was hashed, so that the chain can be
//! computed again, and the newest daily root, by which a person can ask whether the chain is the one of the day.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use app::archive::dossier::{Dossier, FiledEntry};
use app::ledger::{GENESIS, digest};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::DocumentError;
use super::minutes::minutes_docx;

/// Characters of the SHA-256 in the comment.
const SEAL: u64 = 64;
/// The length of a comment stands before it in so many bytes.
const LENGTH: u64 = 2;
/// The entries of the ledger.
const LEDGER: &str = "ledger.json";
/// The first page.
const INDEX: &str = "index.html";
/// What is said to whoever checks it.
const CHECKING: &str = "核对办法.txt";

/// Writes the file of a case. `bytes_of` says where the bytes of a stored file lie.
///
/// # Errors
/// When a form cannot be made or the ZIP cannot be written. A stored file that is missing is an error too: the file of a
/// case is whole, or it is none.
pub fn write(
    dossier: &Dossier,
    bytes_of: impl Fn(&str) -> Option<PathBuf>,
    mut out: File,
) -> Result<File, DocumentError> {
    let failed = |error: &dyn std::fmt::Display| DocumentError::Pack(error.to_string());
    let mut zip = ZipWriter::new(&mut out);
    // The same file gives the same bytes, whenever it is taken out.
    let packed = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let plain = packed.compression_method(CompressionMethod::Stored);
    let mut forms = Vec::with_capacity(dossier.forms.len());
    for (n, form) in (1..).zip(&dossier.forms) {
        let name = format!("forms/{n:02}-{}.docx", form.name);
        zip.start_file(&name, plain).map_err(|e| failed(&e))?;
        zip.write_all(&minutes_docx(&form.paper)?).map_err(|e| failed(&e))?;
        forms.push((name, form.name.clone()));
    }
    let mut files = Vec::with_capacity(dossier.files.len());
    for (n, file) in (1..).zip(&dossier.files) {
        let name = format!("files/{n:03}-{}", safe(&file.name));
        let path = bytes_of(&file.sha256).ok_or_else(|| failed(&format!("{} 不在", file.name)))?;
        zip.start_file(&name, plain).map_err(|e| failed(&e))?;
        io::copy(&mut File::open(path).map_err(|e| failed(&e))?, &mut zip).map_err(|e| failed(&e))?;
        files.push((name, file.name.clone(), file.sha256.clone()));
    }
    let listed: BTreeMap<&str, &str> = files.iter().map(|(name, _, hash)| (name.as_str(), hash.as_str())).collect();
    let ledger = json!({
        "stream": dossier.stream,
        "head": dossier.entries.last().map(|entry| entry.hash.as_str()),
        "root": dossier.root.as_ref().map(|(hash, until)| json!({ "sha256": hash, "until": until })),
        "files": listed,
        "entries": dossier.entries,
    });
    for (name, text) in [
        (LEDGER, serde_json::to_string_pretty(&ledger).map_err(|e| failed(&e))?),
        (INDEX, index(dossier, &forms, &files)),
        (CHECKING, checking(dossier)),
    ] {
        zip.start_file(name, packed).map_err(|e| failed(&e))?;
        zip.write_all(text.as_bytes()).map_err(|e| failed(&e))?;
    }
    // As long as the seal that takes its place.
    zip.set_comment("0".repeat(64)).map_err(|e| failed(&e))?;
    zip.finish().map_err(|e| failed(&e))?;
    seal(&mut out).map_err(|e| failed(&e))?;
    Ok(out)
}

/// Puts the SHA-256 of all that comes before into the comment at the end.
fn seal(out: &mut File) -> io::Result<()> {
    let length = out.seek(SeekFrom::End(0))?;
    let hash = hash_of(out, length - SEAL)?;
    out.seek(SeekFrom::Start(length - SEAL))?;
    out.write_all(hash.as_bytes())?;
    out.flush()?;
    out.seek(SeekFrom::Start(0))?;
    Ok(())
}

/// The SHA-256 of the first bytes of a file, hexadecimal.
fn hash_of(file: &mut File, length: u64) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    hashed(file.take(length))
}

/// The SHA-256 of what is read, hexadecimal.
fn hashed(mut from: impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = from.read(&mut buffer)?;
        if n == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..n]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A name that every system can write down.
fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn index(dossier: &Dossier, forms: &[(String, String)], files: &[(String, String, String)]) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>案卷目录</title><style>body{font:16px/1.7 serif;max-width:44em;margin:2em auto;padding:0 1em}</style>",
    );
    let _ = write!(
        html,
        "<h1>{}</h1><p>{} {}　{}</p><h2>表格</h2><ol>",
        escape(&dossier.title),
        escape(&dossier.town),
        escape(&dossier.number),
        escape(&dossier.stage)
    );
    for (path, name) in forms {
        let _ = write!(html, "<li><a href=\"{}\">{}</a></li>", escape(path), escape(name));
    }
    html.push_str("</ol><h2>附件</h2><ol>");
    for (path, name, _) in files {
        let _ = write!(html, "<li><a href=\"{}\">{}</a></li>", escape(path), escape(name));
    }
    let _ = write!(
        html,
        "</ol><h2>留痕</h2><p><a href=\"{LEDGER}\">{LEDGER}</a>，{} 条。<a href=\"{CHECKING}\">怎么核对</a></p></html>",
        dossier.entries.len()
    );
    html
}

fn checking(dossier: &Dossier) -> String {
    let root = dossier.root.as_ref().map_or_else(
        || "这一卷取出时还没有每日总校验值。".to_owned(),
        |(hash, until)| {
            format!("取出时最新的每日总校验值是 {hash}（到 {until} 为止），可以和公开页、区政协办收到的比对。")
        },
    );
    format!(
        "怎么核对这一卷\n\n\
         1. 在装有本程序的任何一台电脑上运行：server verify 这个文件.zip\n\
         不要数据库。改动过任何一个字节，都会说对不上。\n\
         2. 留痕（{LEDGER}）里每一条都有原文 body 和它的 SHA-256；body 里的 prev 是上一条的 SHA-256。\n\
         第一条的 prev 是 64 个 0。照这个办法，不用本程序也能一条条算。\n\
         3. {root}\n"
    )
}

/// What was found in a file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The stream of the case.
    pub stream: String,
    /// Entries of the ledger.
    pub entries: usize,
    /// Forms and files.
    pub parts: usize,
    /// The hash of the newest entry.
    pub head: String,
}

/// Checks a file that was taken out: its seal, the chain of its entries, and each stored file against its hash.
///
/// # Errors
/// In words, what does not fit.
pub fn check(path: &Path) -> Result<Checked, String> {
    let mut file = File::open(path).map_err(|error| format!("打不开：{error}"))?;
    let length = file.metadata().map_err(|error| format!("读不出：{error}"))?.len();
    if length < SEAL + LENGTH {
        return Err("不是案卷的压缩文件。".to_owned());
    }
    let hash = hash_of(&mut file, length - SEAL).map_err(|error| format!("读不出：{error}"))?;
    let mut seal = String::new();
    file.seek(SeekFrom::Start(length - SEAL)).map_err(|error| format!("读不出：{error}"))?;
    file.read_to_string(&mut seal).map_err(|_| "末尾的校验值读不出，文件改动过。".to_owned())?;
    if seal != hash {
        return Err("和末尾的校验值对不上，文件改动过。".to_owned());
    }
    let mut zip = ZipArchive::new(file).map_err(|error| format!("不是案卷的压缩文件：{error}"))?;
    let mut text = String::new();
    zip.by_name(LEDGER)
        .map_err(|_| "里面没有留痕。".to_owned())?
        .read_to_string(&mut text)
        .map_err(|error| format!("留痕读不出：{error}"))?;
    let ledger: Value = serde_json::from_str(&text).map_err(|error| format!("留痕读不出：{error}"))?;
    let entries: Vec<FiledEntry> =
        serde_json::from_value(ledger["entries"].clone()).map_err(|error| format!("留痕读不出：{error}"))?;
    let stream = ledger["stream"].as_str().unwrap_or_default().to_owned();
    let head = chain(&stream, &entries)?;
    if ledger["head"].as_str().unwrap_or(GENESIS) != head {
        return Err("留痕的最后一条和记着的对不上。".to_owned());
    }
    let listed: BTreeMap<String, String> =
        serde_json::from_value(ledger["files"].clone()).map_err(|error| format!("附件的清单读不出：{error}"))?;
    for (name, hash) in &listed {
        let stored = zip.by_name(name).map_err(|_| format!("缺附件 {name}。"))?;
        if hashed(stored).map_err(|error| format!("附件 {name} 读不出：{error}"))? != *hash {
            return Err(format!("附件 {name} 改动过。"));
        }
    }
    Ok(Checked { stream, entries: entries.len(), parts: zip.len(), head })
}

/// Computes the chain again; the hash of its last entry.
fn chain(stream: &str, entries: &[FiledEntry]) -> Result<String, String> {
    let mut prev = GENESIS.to_owned();
    for (n, entry) in (1_i64..).zip(entries) {
        let body: Value = serde_json::from_str(&entry.body).map_err(|_| format!("第 {n} 条读不出。"))?;
        let fits = entry.seq == n
            && digest(&entry.body) == entry.hash
            && body["prev"] == prev.as_str()
            && body["seq"] == n
            && body["stream"] == stream;
        if !fits {
            return Err(format!("留痕第 {n} 条对不上。"));
        }
        prev.clone_from(&entry.hash);
    }
    Ok(prev)
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::archive::FileOfCase;
    use app::archive::dossier::Form;
    use app::minutes::paper::{MinutesPaper, PaperBlock, PaperSection};

    fn entry(seq: i64, prev: &str) -> FiledEntry {
        let body = json!({ "stream": "case:x", "seq": seq, "prev": prev, "what": "raise" }).to_string();
        FiledEntry { seq, hash: digest(&body), body }
    }

    fn dossier(sha256: &str) -> Dossier {
        let first = entry(1, GENESIS);
        let second = entry(2, &first.hash);
        let paper = MinutesPaper {
            title: "镇东五区停车：议题申报表".to_owned(),
            sections: vec![PaperSection {
                heading: "第1版".to_owned(),
                blocks: vec![PaperBlock::Words("地点：镇东五区".to_owned())],
            }],
            ..MinutesPaper::default()
        };
        Dossier {
            title: "镇东五区<停车>".to_owned(),
            number: "盛泽-2026-001".to_owned(),
            town: "盛泽镇".to_owned(),
            stage: "已归档".to_owned(),
            at: "2026-11-25T02:00:00Z".parse().unwrap(),
            forms: vec![Form { name: "议题申报表".to_owned(), paper }],
            files: vec![FileOfCase { sha256: sha256.to_owned(), name: "现场/一.jpg".to_owned(), size: 5 }],
            stream: "case:x".to_owned(),
            entries: vec![first, second],
            root: Some(("ab".repeat(32), "2026-11-25T00:00:00Z".parse().unwrap())),
        }
    }

    fn written(folder: &Path) -> PathBuf {
        let photo = folder.join("photo");
        std::fs::write(&photo, b"photo").unwrap();
        let sha256 = hex(&Sha256::digest(b"photo"));
        let path = folder.join("file.zip");
        let out = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        write(&dossier(&sha256), |_| Some(photo.clone()), out).unwrap();
        path
    }

    #[test]
    fn a_file_is_whole_after_copying_and_the_same_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let copy = folder.path().join("copy.zip");
        std::fs::copy(&path, &copy).unwrap();
        let checked = check(&copy).unwrap();
        assert_eq!((checked.entries, checked.parts, checked.stream.as_str()), (2, 5, "case:x"));
        let first = std::fs::read(&path).unwrap();
        assert_eq!(first, std::fs::read(written(folder.path())).unwrap());
        let mut zip = ZipArchive::new(File::open(&copy).unwrap()).unwrap();
        let mut index = String::new();
        zip.by_name(INDEX).unwrap().read_to_string(&mut index).unwrap();
        assert!(index.contains("镇东五区&lt;停车&gt;") && index.contains("files/001-现场_一.jpg"), "{index}");
    }

    #[test]
    fn any_byte_that_changed_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = std::fs::read(written(folder.path())).unwrap();
        let other = folder.path().join("other.zip");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            std::fs::write(&other, &changed).unwrap();
            assert!(check(&other).is_err(), "byte {at} of {}", bytes.len());
        }
        std::fs::write(&other, &bytes[..bytes.len() - 1]).unwrap();
        assert!(check(&other).is_err(), "a byte less");
        std::fs::write(&other, [&bytes[..], b"x"].concat()).unwrap();
        assert!(check(&other).is_err(), "a byte more");
        std::fs::write(&other, b"").unwrap();
        assert!(check(&other).is_err());
    }

    #[test]
    fn a_chain_that_was_written_anew_in_one_place_is_found_though_the_seal_fits() {
        let folder = tempfile::tempdir().unwrap();
        let photo = folder.path().join("photo");
        std::fs::write(&photo, b"photo").unwrap();
        let path = folder.path().join("forged.zip");
        let forge = |change: fn(&mut Dossier)| {
            let mut forged = dossier(&hex(&Sha256::digest(b"photo")));
            change(&mut forged);
            let out = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
            write(&forged, |_| Some(photo.clone()), out).unwrap();
            check(&path)
        };
        assert!(forge(|_| {}).is_ok());
        assert!(forge(|one| one.entries[0].body = one.entries[0].body.replace("raise", "close")).is_err());
        assert!(forge(|one| drop(one.entries.remove(0))).is_err());
        assert!(forge(|one| one.entries[1] = entry(2, GENESIS)).is_err());
        assert!(forge(|one| one.stream = "case:y".to_owned()).is_err());
        assert!(forge(|one| one.files[0].sha256 = "0".repeat(64)).is_err());
    }
}
