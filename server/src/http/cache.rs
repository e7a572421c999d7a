//! Public pages, kept as they were rendered until something changes.
//!
//! A page is valid for the version of the data that was read *before* it was rendered, and is asked for with the version
//! of now. So a page that was rendered while something changed is never taken for a new one; the worst is one rendering
//! too many.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use app::web::Appearance;
use axum::body::Bytes;
use axum::http::HeaderValue;
use chrono::NaiveDate;
use sha2::{Digest, Sha256};

/// Pages kept at most.
const PAGES: usize = 4096;
/// Bytes of all pages at most, as HTML.
const BYTES: usize = 40 << 20;
/// Bytes of the path and query of a page that is worth keeping.
const KEY: usize = 512;
/// Bytes from which a page is sent compressed.
const WORTH_COMPRESSING: usize = 1500;
/// Each part has its own lock, so that readers seldom wait for one another.
const PARTS: usize = 16;

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Path and query, in one form.
    pub address: String,
    /// How it looks.
    pub appearance: Appearance,
    /// The day on which it counts days.
    pub day: NaiveDate,
    /// The second of a page that shows the time.
    pub second: Option<i64>,
}

impl Key {
    /// Whether the page may be kept: an address as long as this is nobody's but its sender's.
    #[must_use]
    pub fn is_worth_keeping(&self) -> bool {
        self.address.len() <= KEY
    }
}

/// A rendered page.
#[derive(Debug)]
pub struct Rendered {
    html: Bytes,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
    etag: HeaderValue,
}

/// How the bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
    /// Not at all.
    Plain,
}

impl Packing {
    /// The content coding, for all but plain.
    #[must_use]
    pub const fn coding(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }
}

impl Rendered {
    /// A page from its HTML.
    #[must_use]
    pub fn new(html: String) -> Self {
        let hash = Sha256::digest(html.as_bytes());
        let short = app::context::hex(&hash[..12]);
        Self {
            html: Bytes::from(html),
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
            // Weak: the bytes differ by packing, the page does not.
            etag: HeaderValue::from_str(&format!("W/\"{short}\"")).unwrap_or(HeaderValue::from_static("W/\"0\"")),
        }
    }

    /// What stands for this page in `ETag`.
    #[must_use]
    pub fn etag(&self) -> &HeaderValue {
        &self.etag
    }

    /// The bytes, packed as asked; packed once.
    #[must_use]
    pub fn bytes(&self, packing: Packing) -> Bytes {
        match packing {
            Packing::Plain => self.html.clone(),
            Packing::Brotli => self.brotli.get_or_init(|| brotli(&self.html)).clone(),
            Packing::Gzip => self.gzip.get_or_init(|| gzip(&self.html)).clone(),
        }
    }

    /// The packing that suits the page and what the browser takes.
    #[must_use]
    pub fn packing(&self, takes_brotli: bool, takes_gzip: bool) -> Packing {
        if self.html.len() < WORTH_COMPRESSING {
            Packing::Plain
        } else if takes_brotli {
            Packing::Brotli
        } else if takes_gzip {
            Packing::Gzip
        } else {
            Packing::Plain
        }
    }
}

fn brotli(bytes: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(bytes.len() / 4);
    {
        let mut writer = brotli::CompressorWriter::new(&mut out, 16 << 10, 5, 18);
        // Writing to memory cannot fail.
        drop(writer.write_all(bytes));
    }
    Bytes::from(out)
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut writer = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 3), flate2::Compression::new(5));
    drop(writer.write_all(bytes));
    Bytes::from(writer.finish().unwrap_or_default())
}

#[derive(Debug)]
struct Kept {
    version: String,
    used: u64,
    page: Arc<Rendered>,
}

#[derive(Debug, Default)]
struct Part {
    pages: HashMap<Key, Kept>,
    /// From the least recently used.
    order: BTreeMap<u64, Key>,
    bytes: usize,
    turn: u64,
}

impl Part {
    fn drop_oldest(&mut self) {
        if let Some((_, key)) = self.order.pop_first()
            && let Some(kept) = self.pages.remove(&key)
        {
            self.bytes -= kept.page.html.len();
        }
    }

    fn forget(&mut self, key: &Key) {
        if let Some(kept) = self.pages.remove(key) {
            self.order.remove(&kept.used);
            self.bytes -= kept.page.html.len();
        }
    }
}

/// Pages that can be rendered anew at one time.
const TURNS: usize = 64;

/// The rendered pages.
#[derive(Debug)]
pub struct Pages {
    parts: [Mutex<Part>; PARTS],
    turns: [tokio::sync::Mutex<()>; TURNS],
}

impl Default for Pages {
    fn default() -> Self {
        Self { parts: Default::default(), turns: std::array::from_fn(|_| tokio::sync::Mutex::default()) }
    }
}

/// One of so many places for a value.
fn place(value: &impl std::hash::Hash, places: usize) -> usize {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(value);
    usize::try_from(hash % places as u64).unwrap_or(0)
}

impl Pages {
    fn part(&self, key: &Key) -> &Mutex<Part> {
        &self.parts[place(key, PARTS)]
    }

    /// The turn at rendering a page that many ask for: one that was kept before, and one that shows the time. Whoever
    /// comes meanwhile waits and then finds it kept. `None` for any other page.
    pub async fn turn(&self, key: &Key) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let is_known = {
            let part = self.part(key).lock().unwrap_or_else(PoisonError::into_inner);
            part.pages.contains_key(key)
        };
        if !is_known && key.second.is_none() {
            return None;
        }
        Some(self.turns[place(&key.address, TURNS)].lock().await)
    }

    /// The page, if it was rendered from this version of the data.
    #[must_use]
    pub fn get(&self, key: &Key, version: &str) -> Option<Arc<Rendered>> {
        let mut part = self.part(key).lock().unwrap_or_else(PoisonError::into_inner);
        let part = &mut *part;
        let kept = part.pages.get_mut(key)?;
        if kept.version != version {
            return None;
        }
        part.turn += 1;
        part.order.remove(&kept.used);
        kept.used = part.turn;
        let page = Arc::clone(&kept.page);
        part.order.insert(part.turn, key.clone());
        Some(page)
    }

    /// Keeps a page that was rendered from this version of the data or a later one.
    pub fn keep(&self, key: Key, version: String, page: Arc<Rendered>) {
        let mut part = self.part(&key).lock().unwrap_or_else(PoisonError::into_inner);
        part.forget(&key);
        part.bytes += page.html.len();
        part.turn += 1;
        let used = part.turn;
        part.order.insert(used, key.clone());
        part.pages.insert(key, Kept { version, used, page });
        while part.pages.len() > PAGES / PARTS || part.bytes > BYTES / PARTS {
            part.drop_oldest();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> Key {
        Key { address: address.to_owned(), appearance: Appearance::default(), day: NaiveDate::default(), second: None }
    }

    fn page(html: &str) -> Arc<Rendered> {
        Arc::new(Rendered::new(html.to_owned()))
    }

    #[test]
    fn a_page_of_another_version_look_or_day_is_another_page() {
        let pages = Pages::default();
        pages.keep(key("/"), "1".to_owned(), page("one"));
        assert!(pages.get(&key("/"), "1").is_some());
        assert!(pages.get(&key("/"), "2").is_none());
        assert!(pages.get(&key("/topics"), "1").is_none());
        let elder = Key { appearance: Appearance { elder: true, ..Appearance::default() }, ..key("/") };
        assert!(pages.get(&elder, "1").is_none());
        let tomorrow = Key { day: NaiveDate::default().succ_opt().unwrap(), ..key("/") };
        assert!(pages.get(&tomorrow, "1").is_none());
        pages.keep(key("/"), "2".to_owned(), page("two"));
        assert_eq!(pages.get(&key("/"), "2").unwrap().bytes(Packing::Plain), "two");
        assert!(pages.get(&key("/"), "1").is_none());
    }

    #[test]
    fn it_stays_within_its_bounds_and_keeps_what_is_used() {
        let pages = Pages::default();
        let favourite = key("/favourite");
        pages.keep(favourite.clone(), "1".to_owned(), page("x"));
        for n in 0..3 * PAGES {
            pages.keep(key(&format!("/{n}")), "1".to_owned(), page("x"));
            assert!(pages.get(&favourite, "1").is_some());
        }
        let kept: usize = pages.parts.iter().map(|part| part.lock().unwrap().pages.len()).sum();
        assert!(kept <= PAGES);
        let large = "x".repeat(BYTES / PARTS / 2);
        for n in 0..10 * PARTS {
            pages.keep(key(&format!("/large/{n}")), "1".to_owned(), page(&large));
        }
        for part in &pages.parts {
            let part = part.lock().unwrap();
            assert!(part.bytes <= BYTES / PARTS);
            assert_eq!(part.bytes, part.pages.values().map(|kept| kept.page.html.len()).sum::<usize>());
            assert_eq!(part.order.len(), part.pages.len());
        }
    }

    #[test]
    fn what_is_packed_unpacks_to_the_same() {
        let html = "<p>有事好商量</p>".repeat(200);
        let page = Rendered::new(html.clone());
        let mut out = Vec::new();
        brotli::Decompressor::new(&page.bytes(Packing::Brotli)[..], 4096).read_to_end(&mut out).unwrap();
        assert_eq!(out, html.as_bytes());
        out.clear();
        flate2::read::GzDecoder::new(&page.bytes(Packing::Gzip)[..]).read_to_end(&mut out).unwrap();
        assert_eq!(out, html.as_bytes());
        assert_eq!(page.packing(true, true), Packing::Brotli);
        assert_eq!(page.packing(false, true), Packing::Gzip);
        assert_eq!(page.packing(false, false), Packing::Plain);
        assert_eq!(Rendered::new("short".to_owned()).packing(true, true), Packing::Plain);
    }

    use std::io::Read;
}
