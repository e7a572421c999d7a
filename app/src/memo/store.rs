//! The SQL of what the district writes.

use chrono::{DateTime, NaiveDate, Utc};

use crate::access::Towns;
use crate::ids::{AccountId, MemoId};
use crate::storage::{Database, StorageError, Tx};

/// Something that was written to a town.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Memo {
    /// Its id.
    pub memo_id: MemoId,
    /// The town.
    pub town_id: String,
    /// Its short name.
    pub town: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub words: String,
    /// By when the town answers.
    pub due_on: NaiveDate,
    /// The answer; empty while there is none.
    pub answer: String,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who answered.
    pub answerer: Option<String>,
}

/// The columns of [`Memo`] with its tables.
macro_rules! memos {
    ($tail:literal) => {
        concat!(
            "SELECT o.memo_id, o.town_id, w.short_name AS town, o.at, o.words, o.due_on, o.answer, o.answered_at,
                    a.name AS answerer
             FROM town_memo o JOIN town w ON w.town_id = o.town_id LEFT JOIN account a ON a.account_id = o.answered_by ",
            $tail
        )
    };
}

/// What was written to some towns; only what waits for an answer, or all of it. What is open
/// comes first, the most pressing before the others; then the newest.
pub(super) async fn list(db: &Database, towns: &Towns, open: bool, limit: i64) -> Result<Vec<Memo>, StorageError> {
    let mut list: Vec<Memo> = db
        .rows(
            memos!(
                "WHERE o.answered_at IS NULL AND ($1 = '' OR $1 LIKE '%,' || o.town_id || ',%')
                 ORDER BY o.due_on, o.memo_id DESC LIMIT $2"
            ),
            vec![towns.into(), limit.into()],
        )
        .await?;
    if !open {
        let answered: Vec<Memo> = db
            .rows(
                memos!(
                    "WHERE o.answered_at IS NOT NULL AND ($1 = '' OR $1 LIKE '%,' || o.town_id || ',%')
                     ORDER BY o.memo_id DESC LIMIT $2"
                ),
                vec![towns.into(), limit.into()],
            )
            .await?;
        list.extend(answered);
    }
    Ok(list)
}

pub(super) async fn one(tx: &mut Tx, memo: MemoId) -> Result<Option<Memo>, StorageError> {
    tx.row(memos!("WHERE o.memo_id = $1"), vec![memo.into()]).await
}

/// Keeps what was written; false when it is there already.
pub(super) async fn insert(
    tx: &mut Tx,
    (memo, town): (MemoId, &str),
    (at, by): (DateTime<Utc>, Option<AccountId>),
    (words, salt, due_on): (&str, &str, NaiveDate),
) -> Result<bool, StorageError> {
    let inserted = tx
        .execute(
            "INSERT INTO town_memo (memo_id, town_id, at, by_account, words, salt, due_on, answer)
             VALUES ($1, $2, $3, $4, $5, $6, $7, '') ON CONFLICT (memo_id) DO NOTHING",
            vec![memo.into(), town.into(), at.into(), by.into(), words.into(), salt.into(), due_on.into()],
        )
        .await?;
    Ok(inserted == 1)
}

/// Keeps the answer; false when it was answered before.
pub(super) async fn set_answer(
    tx: &mut Tx,
    memo: MemoId,
    (at, by): (DateTime<Utc>, Option<AccountId>),
    (words, salt): (&str, &str),
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE town_memo SET answer = $2, answered_at = $3, answered_by = $4, answer_salt = $5
             WHERE memo_id = $1 AND answered_at IS NULL",
            vec![memo.into(), words.into(), at.into(), by.into(), salt.into()],
        )
        .await?;
    Ok(changed == 1)
}
