//! The SQL of the ledger.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{GENESIS, stamp};
use crate::context::hex;
use crate::error::Refusal;
use crate::storage::{Database, StorageError, Tx, Value};

/// How many rows a pass over the whole ledger reads at a time.
pub(super) const PAGE: i64 = 5_000;

/// A stored entry.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    /// The stream's name.
    pub stream: String,
    /// Place in the stream.
    pub seq: i64,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// The hashed text.
    pub body: String,
    /// SHA-256 of `body`.
    pub hash: String,
}

/// A daily root.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Root {
    /// Number, from 1.
    pub root_no: i64,
    /// It covers what was recorded before this time and after the last root's.
    pub cutoff: DateTime<Utc>,
    /// How many entries it covers.
    pub entries: i64,
    /// The root before.
    pub prev: String,
    /// The root.
    pub hash: String,
}

impl Root {
    /// The hash as it is shown in a footer: 「a41c…9e07」.
    #[must_use]
    pub fn short(&self) -> String {
        let tail = self.hash.len().saturating_sub(4);
        format!("{}…{}", self.hash.get(..4).unwrap_or_default(), self.hash.get(tail..).unwrap_or_default())
    }
}

/// The head of a stream as stored beside it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Head {
    pub stream: String,
    pub seq: i64,
    pub head: String,
}

pub(super) async fn insert(
    tx: &mut Tx,
    stream: &str,
    seq: i64,
    at: DateTime<Utc>,
    body: String,
    hash: &str,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO ledger_entry (stream, seq, at, body, hash) VALUES ($1, $2, $3, $4, $5)",
        vec![stream.into(), seq.into(), at.into(), body.into(), hash.into()],
    )
    .await?;
    Ok(())
}

/// Locks a town's or the system's stream; returns the next number and the present head.
pub(super) async fn lock(tx: &mut Tx, stream: &str) -> Result<(i64, String), Refusal> {
    tx.execute(
        "INSERT INTO stream_head (stream, seq, head) VALUES ($1, 0, $2) ON CONFLICT (stream) DO NOTHING",
        vec![stream.into(), GENESIS.into()],
    )
    .await?;
    tx.row::<(i64, String)>(
        "UPDATE stream_head SET seq = seq + 1 WHERE stream = $1 RETURNING seq, head",
        vec![stream.into()],
    )
    .await?
    .ok_or_else(|| Refusal::internal(&"a stream head vanished"))
}

pub(super) async fn set_head(tx: &mut Tx, stream: &str, hash: &str) -> Result<(), StorageError> {
    tx.execute("UPDATE stream_head SET head = $2 WHERE stream = $1", vec![stream.into(), hash.into()]).await?;
    Ok(())
}

/// The entries of one stream, newest first, before a number, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn entries(db: &Database, stream: &str, before: i64, limit: i64) -> Result<Vec<Entry>, StorageError> {
    db.rows(
        "SELECT stream, seq, at, body, hash FROM ledger_entry
         WHERE stream = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
        vec![stream.into(), before.into(), limit.into()],
    )
    .await
}

/// The newest daily root.
///
/// # Errors
/// When the database cannot be read.
pub async fn latest_root(db: &Database) -> Result<Option<Root>, StorageError> {
    db.row("SELECT root_no, cutoff, entries, prev, hash FROM ledger_root ORDER BY root_no DESC LIMIT 1", Vec::new())
        .await
}

pub(super) async fn roots(db: &Database) -> Result<Vec<Root>, StorageError> {
    db.rows("SELECT root_no, cutoff, entries, prev, hash FROM ledger_root ORDER BY root_no", Vec::new()).await
}

pub(super) async fn insert_root(tx: &mut Tx, root: &Root) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO ledger_root (root_no, cutoff, entries, prev, hash) VALUES ($1, $2, $3, $4, $5)",
        vec![
            root.root_no.into(),
            root.cutoff.into(),
            root.entries.into(),
            root.prev.as_str().into(),
            root.hash.as_str().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Number and hash of the entries recorded from `from` until before `until`, in the order of stream and number, chained
/// to `prev`.
pub(super) async fn window_hash(
    db: &Database,
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
    prev: &str,
) -> Result<(i64, String), StorageError> {
    let from = from.unwrap_or(DateTime::UNIX_EPOCH);
    let mut hasher = Sha256::new();
    hasher.update(prev.as_bytes());
    hasher.update(stamp(until).as_bytes());
    let mut count = 0_i64;
    let (mut stream, mut seq) = (String::new(), 0_i64);
    loop {
        let page: Vec<(String, i64, String)> = db
            .rows(
                "SELECT stream, seq, hash FROM ledger_entry
                 WHERE at >= $1 AND at < $2 AND (stream, seq) > ($3, $4)
                 ORDER BY stream, seq LIMIT $5",
                vec![from.into(), until.into(), stream.as_str().into(), seq.into(), PAGE.into()],
            )
            .await?;
        let Some((last_stream, last_seq, _)) = page.last() else {
            break;
        };
        (stream, seq) = (last_stream.clone(), *last_seq);
        for (stream, seq, hash) in &page {
            hasher.update(format!("{stream}\n{seq}\n{hash}\n").as_bytes());
            count += 1;
        }
    }
    Ok((count, hex(&hasher.finalize())))
}

pub(super) async fn page_of_all(db: &Database, stream: &str, seq: i64) -> Result<Vec<Entry>, StorageError> {
    db.rows(
        "SELECT stream, seq, at, body, hash FROM ledger_entry WHERE (stream, seq) > ($1, $2)
         ORDER BY stream, seq LIMIT $3",
        vec![stream.into(), seq.into(), Value::from(PAGE)],
    )
    .await
}

pub(super) async fn heads(db: &Database) -> Result<Vec<Head>, StorageError> {
    let mut heads: Vec<Head> = db.rows("SELECT stream, seq, head FROM stream_head", Vec::new()).await?;
    let cases: Vec<(crate::ids::CaseId, i64, String)> =
        db.rows("SELECT case_id, seq, head FROM case_head", Vec::new()).await?;
    heads.extend(cases.into_iter().map(|(case, seq, head)| Head {
        stream: super::Stream::Case(case).name(),
        seq,
        head,
    }));
    Ok(heads)
}

/// A row that holds a private text: its case, its name in the ledger, salt and text; salt and text are gone once erased.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Private {
    #[sqlx(default)]
    pub case_id: Option<crate::ids::CaseId>,
    /// The town in whose stream it was entered, where it is of no case.
    #[sqlx(default)]
    pub town_id: Option<String>,
    pub name: String,
    pub salt: Option<String>,
    pub text: String,
    pub erased: bool,
}

#[derive(sqlx::FromRow)]
struct PrivateInvitee {
    invitee_id: crate::ids::InviteeId,
    #[sqlx(flatten)]
    row: Private,
}

#[derive(sqlx::FromRow)]
struct PrivateNote {
    note_id: crate::ids::NoteId,
    #[sqlx(flatten)]
    row: Private,
}

#[derive(sqlx::FromRow)]
struct PrivateMemo {
    memo_id: crate::ids::MemoId,
    is_answer: bool,
    #[sqlx(flatten)]
    row: Private,
}

#[derive(sqlx::FromRow)]
struct PrivateText {
    id: uuid::Uuid,
    kind: String,
    #[sqlx(flatten)]
    row: Private,
}

/// All private texts. The names are those under which the steps enter them.
pub(super) async fn privates(db: &Database) -> Result<Vec<Private>, StorageError> {
    let mut all = texts(db).await?;
    // An id is no text that both engines write alike, so the name is put together here.
    let invitees: Vec<PrivateInvitee> = db
        .rows(
            "SELECT invitee_id, case_id, '' AS name, salt,
                    name || '|' || organisation || '|' || phone || '|' || mail || '|' || reason || '|' || opinion AS text,
                    erased_at IS NOT NULL AS erased
             FROM invitee",
            Vec::new(),
        )
        .await?;
    all.extend(
        invitees
            .into_iter()
            .map(|one| Private { name: crate::invitation::model::private_name(one.invitee_id), ..one.row }),
    );
    let notes: Vec<PrivateNote> = db
        .rows(
            "SELECT note_id, case_id, '' AS name, salt, words || '|' || place || '|' || more AS text, FALSE AS erased
             FROM task_note",
            Vec::new(),
        )
        .await?;
    all.extend(notes.into_iter().map(|one| Private { name: crate::task::model::private_name(one.note_id), ..one.row }));
    let memos: Vec<PrivateMemo> = db
        .rows(
            "SELECT memo_id, town_id, '' AS name, salt, words AS text, FALSE AS erased, FALSE AS is_answer FROM town_memo
             UNION ALL
             SELECT memo_id, town_id, '' AS name, answer_salt, answer AS text, FALSE AS erased, TRUE AS is_answer
             FROM town_memo WHERE answered_at IS NOT NULL",
            Vec::new(),
        )
        .await?;
    let named = |memo, is_answer| if is_answer { crate::memo::answered(memo) } else { crate::memo::written(memo) };
    all.extend(memos.into_iter().map(|one| Private { name: named(one.memo_id, one.is_answer), ..one.row }));
    let texts: Vec<PrivateText> = db
        .rows(
            "SELECT c.check_id AS id, r.town_id, 'check' AS kind, '' AS name, c.salt, c.words AS text, FALSE AS erased
             FROM room_check c JOIN room r ON r.room_id = c.room_id
             UNION ALL
             SELECT o.opinion_id AS id, s.town_id, 'opinion' AS kind, '' AS name, o.salt, o.words AS text,
                    FALSE AS erased
             FROM studio_opinion o JOIN reception p ON p.reception_id = o.reception_id
             JOIN studio s ON s.studio_id = p.studio_id
             UNION ALL
             SELECT o.opinion_id AS id, s.town_id, 'answer' AS kind, '' AS name, o.answer_salt, o.answer AS text,
                    FALSE AS erased
             FROM studio_opinion o JOIN reception p ON p.reception_id = o.reception_id
             JOIN studio s ON s.studio_id = p.studio_id WHERE o.answer_salt IS NOT NULL",
            Vec::new(),
        )
        .await?;
    all.extend(
        texts.into_iter().map(|one| Private { name: crate::carrier::private_name(&one.kind, one.id), ..one.row }),
    );
    Ok(all)
}

async fn texts(db: &Database) -> Result<Vec<Private>, StorageError> {
    db.rows(
        "SELECT case_id, 'record:' || kind || ':' || CAST(version AS TEXT) AS name, salt, body AS text,
                erased_at IS NOT NULL AS erased
         FROM case_record
         UNION ALL
         SELECT case_id, 'proposer' AS name, salt, name || '|' || phone AS text, erased_at IS NOT NULL AS erased
         FROM proposer
         UNION ALL
         SELECT case_id, 'comment:' || CAST(ledger_seq AS TEXT) AS name, salt,
                shown_name || '|' || body || COALESCE('|' || stance, '') AS text, erased_at IS NOT NULL AS erased
         FROM comment
         UNION ALL
         SELECT case_id, 'follower:' || CAST(ledger_seq AS TEXT) AS name, salt, COALESCE(contact, '') AS text,
                stopped_at IS NOT NULL AS erased
         FROM follower
         UNION ALL
         SELECT case_id, 'task:' || CAST(ledger_seq AS TEXT) AS name, salt, body AS text,
                erased_at IS NOT NULL AS erased
         FROM research_task
         UNION ALL
         SELECT case_id, 'visit:' || CAST(ledger_seq AS TEXT) AS name, salt, body AS text,
                erased_at IS NOT NULL AS erased
         FROM research_visit
         UNION ALL
         SELECT s.case_id, 'speech_note:' || CAST(n.ledger_seq AS TEXT) AS name, n.salt, n.words AS text,
                n.erased_at IS NOT NULL AS erased
         FROM speech_note n JOIN speech s ON s.speech_id = n.speech_id
         UNION ALL
         SELECT case_id, 'handover:' || CAST(ledger_seq AS TEXT) AS name, salt, matter AS text, FALSE AS erased
         FROM handover
         UNION ALL
         SELECT m.case_id, 'minutes_section:' || CAST(s.ledger_seq AS TEXT) || ':' || s.section AS name, s.salt,
                s.words AS text, FALSE AS erased
         FROM minutes_section s JOIN minutes m ON m.minutes_id = s.minutes_id
         UNION ALL
         SELECT case_id, 'minutes_reason:' || CAST(reason_seq AS TEXT) AS name, reason_salt, reason AS text, FALSE AS erased
         FROM minutes WHERE reason IS NOT NULL
         UNION ALL
         SELECT case_id, 'minutes_paper:' || CAST(paper_seq AS TEXT) AS name, paper_salt, paper AS text, FALSE AS erased
         FROM minutes WHERE paper IS NOT NULL
         UNION ALL
         SELECT case_id, 'minutes_answer:' || CAST(answer_seq AS TEXT) AS name, answer_salt, answer AS text,
                FALSE AS erased
         FROM minutes_reply WHERE answer IS NOT NULL
         UNION ALL
         SELECT case_id, 'minutes_reply:' || CAST(ledger_seq AS TEXT) AS name, salt, words AS text,
                erased_at IS NOT NULL AS erased
         FROM minutes_reply
         UNION ALL
         SELECT case_id, 'reopening:' || CAST(ledger_seq AS TEXT) AS name, salt, words || '|' || contact AS text,
                erased_at IS NOT NULL AS erased
         FROM reopening
         UNION ALL
         SELECT case_id, 'poll:' || CAST(ledger_seq AS TEXT) AS name, salt, body AS text, FALSE AS erased
         FROM poll
         UNION ALL
         SELECT case_id, 'questionnaire:' || CAST(ledger_seq AS TEXT) AS name, salt, COALESCE(result, '') AS text,
                erased_at IS NOT NULL AS erased
         FROM questionnaire WHERE closed_at IS NOT NULL",
        Vec::new(),
    )
    .await
}
