//! Verification: recomputes every chain and every root and names the first entry that does not fit.

use std::collections::HashMap;

use super::store;
use super::{Body, Entry, GENESIS, digest, private_hash, stamp};
use crate::storage::{Database, StorageError};

/// Where the record is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The stream's name, or `root` for the daily roots.
    pub stream: String,
    /// The first entry that does not fit.
    pub seq: i64,
    /// What is wrong with it, in words.
    pub why: String,
}

/// The result of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Chains checked.
    pub streams: usize,
    /// Entries checked.
    pub entries: u64,
    /// Daily roots checked.
    pub roots: usize,
    /// The first break, if any.
    pub broken: Option<Broken>,
}

/// Checks every chain, every private text against its hash, and every daily root. With `known_root`, a root noted
/// earlier, also that the record still leads to it.
///
/// # Errors
/// When the database cannot be read. A broken record is not an error but the report's content.
pub async fn verify(db: &Database, known_root: Option<&str>) -> Result<Report, StorageError> {
    let mut report = Report::default();
    report.broken = chains(db, &mut report).await?;
    if report.broken.is_none() {
        report.broken = roots(db, known_root, &mut report).await?;
    }
    Ok(report)
}

fn broken(stream: &str, seq: i64, why: impl Into<String>) -> Option<Broken> {
    Some(Broken { stream: stream.to_owned(), seq, why: why.into() })
}

/// What an entry says, if it is as it was written and follows the entry with the hash `prev`.
///
/// # Errors
/// In words, what does not fit.
pub(super) fn follows(entry: &Entry, prev: &str) -> Result<Body, &'static str> {
    if digest(&entry.body) != entry.hash {
        return Err("内容和指纹对不上");
    }
    let Ok(body) = serde_json::from_str::<Body>(&entry.body) else {
        return Err("内容读不出来");
    };
    if body.prev != prev {
        return Err("和上一条接不上");
    }
    if body.stream != entry.stream || body.seq != entry.seq || body.at != stamp(entry.at) {
        return Err("编号或时间和内容不一致");
    }
    Ok(body)
}

async fn chains(db: &Database, report: &mut Report) -> Result<Option<Broken>, StorageError> {
    let mut heads: HashMap<String, (i64, String)> =
        store::heads(db).await?.into_iter().map(|h| (h.stream, (h.seq, h.head))).collect();
    let mut private: HashMap<(String, String), String> = HashMap::new();
    let mut current = (String::new(), 0_i64, GENESIS.to_owned());
    loop {
        let page = store::page_of_all(db, &current.0, current.1).await?;
        let ended = page.is_empty();
        for entry in page {
            if entry.stream != current.0 {
                if let Some(found) = finish(&current, &mut heads) {
                    return Ok(Some(found));
                }
                current = (entry.stream.clone(), 0, GENESIS.to_owned());
                report.streams += 1;
            }
            if entry.seq != current.1 + 1 {
                return Ok(broken(&entry.stream, current.1 + 1, "缺了这一条"));
            }
            let body = match follows(&entry, &current.2) {
                Ok(body) => body,
                Err(why) => return Ok(broken(&entry.stream, entry.seq, why)),
            };
            for (name, hash) in body.private {
                private.insert((entry.stream.clone(), name), hash);
            }
            report.entries += 1;
            current.1 = entry.seq;
            current.2 = entry.hash;
        }
        if ended {
            break;
        }
    }
    if let Some(found) = finish(&current, &mut heads) {
        return Ok(Some(found));
    }
    if let Some((stream, _)) = heads.into_iter().min() {
        return Ok(broken(&stream, 1, "整条记录不见了"));
    }
    privates(db, private).await
}

/// Compares the end of a chain with the head that is stored beside it.
fn finish(current: &(String, i64, String), heads: &mut HashMap<String, (i64, String)>) -> Option<Broken> {
    let (stream, seq, hash) = current;
    if stream.is_empty() {
        return None;
    }
    match heads.remove(stream) {
        None => broken(stream, 1, "有记录，却没有这件案卷"),
        Some((head_seq, _)) if head_seq > *seq => broken(stream, seq + 1, "末尾少了记录"),
        Some((head_seq, head)) if head_seq < *seq || head != *hash => broken(stream, *seq, "末尾和案卷对不上"),
        Some(_) => None,
    }
}

/// Every private text that is still there must be the one that was entered, and every one that was entered must be
/// there or be marked as erased.
async fn privates(
    db: &Database,
    mut entered: HashMap<(String, String), String>,
) -> Result<Option<Broken>, StorageError> {
    for row in store::privates(db).await? {
        let of_town = row.town_id.map(|town| super::Stream::Town(town).name());
        let of_case = row.case_id.map(|case| super::Stream::Case(case).name());
        let stream = of_case.or(of_town).unwrap_or_default();
        let expected = entered.remove(&(stream.clone(), row.name.clone()));
        match (expected, row.salt) {
            (None, _) => return Ok(broken(&stream, 0, format!("{} 没有记录在案", row.name))),
            (Some(_), None) if row.erased => {}
            (Some(hash), Some(salt)) if private_hash(&salt, &row.text) == hash => {}
            (Some(_), _) => return Ok(broken(&stream, 0, format!("{} 和记录的指纹对不上", row.name))),
        }
    }
    Ok(entered.into_keys().min().and_then(|(stream, name)| broken(&stream, 0, format!("{name} 不见了"))))
}

async fn roots(db: &Database, known: Option<&str>, report: &mut Report) -> Result<Option<Broken>, StorageError> {
    let mut prev = GENESIS.to_owned();
    let mut from = None;
    let mut found = known.is_none();
    for (n, root) in (1_i64..).zip(store::roots(db).await?) {
        let (entries, hash) = store::window_hash(db, from, root.cutoff, &prev).await?;
        if root.root_no != n || root.prev != prev || root.hash != hash || root.entries != entries {
            return Ok(broken("root", n, "这一天的记录和当天的总指纹对不上，有记录被删、被补或被改"));
        }
        found = found || known == Some(root.hash.as_str());
        report.roots += 1;
        prev = root.hash;
        from = Some(root.cutoff);
    }
    if found { Ok(None) } else { Ok(broken("root", 0, "找不到您给的总指纹，整个记录可能被换过")) }
}
