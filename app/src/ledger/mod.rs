//! The append-only, hash-chained record (留痕记录).
//!
//! One stream a case, one a town, one for the system. The hashed bytes are the body's text as stored. Entries hold ids
//! and codes, never personal data: a private field enters as a salted hash whose salt lies in the erasable row, so
//! erasing keeps the chain valid. A daily root over all entries of the day is chained to the one before and shown
//! publicly; whoever noted one can prove later that nothing before it was dropped or rewritten.

pub mod pages;
mod store;
mod verify;

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::access::Actor;
use crate::context::{Ctx, hex};
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::storage::{Change, Tx};

pub use store::{Entry, Root, entries, latest_root};
pub use verify::{Broken, Report, verify};

/// The hash before the first entry of a stream and before the first root.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A chain of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stream {
    /// What happened to a case.
    Case(CaseId),
    /// A town's rules, roster and views of phone numbers.
    Town(String),
    /// Accounts, calendar, the district's rules.
    System,
}

impl Stream {
    /// The stored name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Case(id) => format!("case:{id}"),
            Self::Town(town) => format!("town:{town}"),
            Self::System => "system".to_owned(),
        }
    }
}

/// What is hashed. Field order is the order of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The stream's name.
    pub stream: String,
    /// Place in the stream, from 1.
    pub seq: i64,
    /// When it was recorded, RFC 3339 with microseconds.
    pub at: String,
    /// Hash of the entry before.
    pub prev: String,
    /// What was done: the code of a step, or of a change outside a case.
    pub what: String,
    /// Who did it, by id: `account:…`, `invitee:…`, `browser`, `proposer`, `clock`, `operator`; `invitee` for a vote,
    /// which names nobody.
    pub by: String,
    /// Stage before and after, where the step moved the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<(String, String)>,
    /// Version of the rule set that judged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// The rules that judged it, with their result.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub judged: Vec<String>,
    /// Ids and codes.
    #[serde(skip_serializing_if = "serde_json::Value::is_null", default)]
    pub data: serde_json::Value,
    /// Salted hashes of private fields, by the row that holds them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub private: BTreeMap<String, String>,
}

/// The time as it stands in a body.
#[must_use]
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// SHA-256 as hexadecimal text.
#[must_use]
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The salted hash under which a private text enters the ledger.
#[must_use]
pub fn private_hash(salt: &str, text: &str) -> String {
    digest(&format!("{salt}\n{text}"))
}

/// How an actor is named in the ledger: an account's id, never a person's name.
#[must_use]
pub fn actor_name(actor: &Actor) -> String {
    match actor {
        Actor::Visitor(_) => "browser".to_owned(),
        Actor::Proposer { .. } => "proposer".to_owned(),
        Actor::Invitee { invitee, .. } => format!("invitee:{invitee}"),
        Actor::Signed(signed, _) => format!("account:{}", signed.account),
        Actor::Clock => "clock".to_owned(),
        Actor::Operator => "operator".to_owned(),
    }
}

/// Appends an entry to a stream whose head is locked at `seq` with `prev`; returns its hash. The caller stores the hash
/// as the new head.
///
/// # Errors
/// When the database refuses it.
pub async fn append(tx: &mut Tx, body: &Body, at: DateTime<Utc>) -> Result<String, Refusal> {
    let text = serde_json::to_string(body).map_err(|e| Refusal::internal(&e))?;
    let hash = digest(&text);
    store::insert(tx, &body.stream, body.seq, at, text, &hash).await?;
    Ok(hash)
}

/// Records a change outside a case: accounts, rules, calendar, views of contacts.
///
/// # Errors
/// When the database refuses it.
pub async fn record(
    tx: &mut Tx,
    ctx: &Ctx,
    stream: &Stream,
    what: &'static str,
    data: serde_json::Value,
) -> Result<(), Refusal> {
    record_private(tx, ctx, stream, what, (data, BTreeMap::new())).await
}

/// Records a change outside a case, with the salted hashes of private texts by their names; the texts and their salts
/// stand in rows that can be erased.
///
/// # Errors
/// When the database refuses it.
pub async fn record_private(
    tx: &mut Tx,
    ctx: &Ctx,
    stream: &Stream,
    what: &'static str,
    (data, private): (serde_json::Value, BTreeMap<String, String>),
) -> Result<(), Refusal> {
    let at = ctx.now();
    let name = stream.name();
    let (seq, prev) = store::lock(tx, &name).await?;
    let body = Body {
        stream: name.clone(),
        seq,
        at: stamp(at),
        prev,
        what: what.to_owned(),
        by: actor_name(&ctx.actor),
        moved: None,
        rules: None,
        judged: Vec::new(),
        data,
        private,
    };
    let hash = append(tx, &body, at).await?;
    store::set_head(tx, &name, &hash).await?;
    Ok(())
}

/// Chains a root over everything recorded before `cutoff` that no earlier root covers. Returns it, or `None` when there
/// is nothing new.
///
/// # Errors
/// When the database refuses it.
pub async fn seal(ctx: &Ctx, cutoff: DateTime<Utc>) -> Result<Option<Root>, Refusal> {
    let last = latest_root(&ctx.db).await?;
    if last.as_ref().is_some_and(|root| root.cutoff >= cutoff) {
        return Ok(None);
    }
    let (entries, hash) = store::window_hash(
        &ctx.db,
        last.as_ref().map(|r| r.cutoff),
        cutoff,
        last.as_ref().map_or(GENESIS, |r| &r.hash),
    )
    .await?;
    if entries == 0 {
        return Ok(None);
    }
    let root = Root {
        root_no: last.as_ref().map_or(1, |r| r.root_no + 1),
        cutoff,
        entries,
        prev: last.map_or_else(|| GENESIS.to_owned(), |r| r.hash),
        hash,
    };
    let stored = root.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                store::insert_root(tx, &stored).await?;
                tx.tell(Change::All);
                Ok(())
            })
        })
        .await?;
    Ok(Some(root))
}

/// The daily job: seals everything before today.
///
/// # Errors
/// As [`seal`].
pub async fn seal_day(ctx: &Ctx) -> Result<Option<Root>, Refusal> {
    let yesterday = ctx.today().pred_opt().unwrap_or_else(|| ctx.today());
    seal(ctx, crate::rules::end_of_local_day(yesterday)).await
}

#[cfg(test)]
mod tests;
