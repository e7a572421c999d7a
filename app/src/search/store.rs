//! The search index and the questions to it: SQLite keeps it in FTS5, PostgreSQL in `tsvector` columns.

use std::sync::LazyLock;

use super::tokens::{self, Phrase};
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::storage::{Database, Engine, Row, StorageError, Tx, Value};

/// Positions that PostgreSQL can tell apart; what comes later in a text shares the last.
const POSITIONS_MAX: usize = 16_383;
/// Pieces by which a title is compared.
const COMPARED: usize = 12;
/// A piece that no title has: longer than any word that is kept.
const NOWHERE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Puts the released text of a topic into the index, in place of what was there.
///
/// A topic that is indexed again keeps its place in the order of results.
///
/// # Errors
/// When the database refuses it.
pub async fn index(tx: &mut Tx, topic: CaseId, title: &str, body: &str) -> Result<(), Refusal> {
    let title = tokens::index_tokens(title);
    let body = tokens::index_tokens(body);
    match tx.engine() {
        Engine::Sqlite => {
            tx.execute(
                "INSERT INTO topic_search_no (topic_id) VALUES ($1) ON CONFLICT (topic_id) DO NOTHING",
                vec![topic.into()],
            )
            .await?;
            forget(tx, topic).await?;
            tx.execute(
                "INSERT INTO topic_search (rowid, title, body) \
                 SELECT search_no, $2, $3 FROM topic_search_no WHERE topic_id = $1",
                vec![topic.into(), title.join(" ").into(), body.join(" ").into()],
            )
            .await?;
        }
        Engine::Postgres => {
            // The second vector holds title and body, so that words of a question may stand in either; the gap keeps
            // phrases from running from one into the other.
            let whole = vector(&[&title, &body]);
            tx.execute(
                "INSERT INTO topic_search (topic_id, title, body) \
                 VALUES ($1, CAST(CAST($2 AS TEXT) AS tsvector), CAST(CAST($3 AS TEXT) AS tsvector)) \
                 ON CONFLICT (topic_id) DO UPDATE SET title = excluded.title, body = excluded.body",
                vec![topic.into(), vector(&[&title]).into(), whole.into()],
            )
            .await?;
        }
    }
    Ok(())
}

/// Takes a topic out of the index.
///
/// # Errors
/// When the database refuses it.
pub async fn remove(tx: &mut Tx, topic: CaseId) -> Result<(), Refusal> {
    match tx.engine() {
        Engine::Sqlite => forget(tx, topic).await?,
        Engine::Postgres => {
            tx.execute("DELETE FROM topic_search WHERE topic_id = $1", vec![topic.into()]).await?;
        }
    }
    Ok(())
}

async fn forget(tx: &mut Tx, topic: CaseId) -> Result<(), StorageError> {
    tx.execute(
        "DELETE FROM topic_search WHERE rowid = (SELECT search_no FROM topic_search_no WHERE topic_id = $1)",
        vec![topic.into()],
    )
    .await?;
    Ok(())
}

/// A `tsvector` literal. Pieces need no escaping: they are ASCII letters, digits and Han characters.
fn vector(parts: &[&[String]]) -> String {
    let mut text = String::new();
    let mut position = 0_usize;
    for part in parts {
        for token in *part {
            position += 1;
            text.push_str(&format!("'{token}':{} ", position.min(POSITIONS_MAX)));
        }
        position += 1;
    }
    text
}

/// The phrases as a question to FTS5.
fn match_expression(phrases: &[Phrase]) -> String {
    phrases
        .iter()
        .map(|p| format!("\"{}\"{}", p.tokens.join(" "), if p.prefix { " *" } else { "" }))
        .collect::<Vec<_>>()
        .join(" AND ")
}

/// The phrases as a `tsquery` literal.
fn tsquery(phrases: &[Phrase]) -> String {
    phrases
        .iter()
        .map(|p| {
            let tokens: Vec<String> = p.tokens.iter().map(|t| format!("'{t}'")).collect();
            format!("({}{})", tokens.join(" <-> "), if p.prefix { ":*" } else { "" })
        })
        .collect::<Vec<_>>()
        .join(" & ")
}

/// What is asked of the list of topics, beside the words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// What was typed; anything at all.
    pub text: String,
    /// Only this town.
    pub town: Option<String>,
    /// Only this stage, by code.
    pub stage: Option<String>,
    /// Only this source, by code.
    pub source: Option<String>,
    /// Only what comes after this topic in the order of results: the last one of the page before.
    pub before: Option<CaseId>,
    /// Results at most.
    pub limit: i64,
}

/// Public topics whose released text holds every phrase of the question, newest acceptance first.
///
/// `T` reads the columns of table `topic` by name. A text in which nothing can be looked for finds nothing.
///
/// # Errors
/// When the database cannot be read.
pub async fn search<T: Row>(db: &Database, query: &SearchQuery) -> Result<Vec<T>, StorageError> {
    let phrases = tokens::phrases(&query.text);
    if phrases.is_empty() {
        return Ok(Vec::new());
    }
    let (sql, expression) = match db.engine() {
        // The index is walked in its own order, newest first, and left as soon as the page is full.
        Engine::Sqlite => (
            "SELECT t.* FROM topic_search s \
             CROSS JOIN topic_search_no n ON n.search_no = s.rowid \
             CROSS JOIN topic t ON t.topic_id = n.topic_id \
             WHERE s.topic_search MATCH $1 AND t.is_public \
             AND (CAST($2 AS TEXT) IS NULL OR t.town_id = $2) \
             AND (CAST($3 AS TEXT) IS NULL OR t.stage = $3) \
             AND (CAST($4 AS TEXT) IS NULL OR t.source = $4) \
             AND s.rowid < COALESCE((SELECT c.search_no FROM topic_search_no c WHERE c.topic_id = $5), \
             9223372036854775807) \
             ORDER BY s.rowid DESC LIMIT $6",
            match_expression(&phrases),
        ),
        Engine::Postgres => (
            "SELECT t.* FROM topic_search s JOIN topic t ON t.topic_id = s.topic_id \
             WHERE s.body @@ CAST(CAST($1 AS TEXT) AS tsquery) AND t.is_public \
             AND (CAST($2 AS TEXT) IS NULL OR t.town_id = $2) \
             AND (CAST($3 AS TEXT) IS NULL OR t.stage = $3) \
             AND (CAST($4 AS TEXT) IS NULL OR t.source = $4) \
             AND (CAST($5 AS UUID) IS NULL OR (COALESCE(t.accepted_at, t.submitted_at), t.topic_id) < \
             (SELECT COALESCE(c.accepted_at, c.submitted_at), c.topic_id FROM topic c WHERE c.topic_id = $5)) \
             ORDER BY COALESCE(t.accepted_at, t.submitted_at) DESC, t.topic_id DESC LIMIT $6",
            tsquery(&phrases),
        ),
    };
    db.rows(
        sql,
        vec![
            expression.into(),
            query.town.clone().into(),
            query.stage.clone().into(),
            query.source.clone().into(),
            Value::from(query.before),
            query.limit.into(),
        ],
    )
    .await
}

/// A public topic whose title resembles another.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Similar {
    /// The topic.
    pub topic_id: CaseId,
    /// Its released title.
    pub title: String,
    /// Its released place.
    pub place: Option<String>,
    /// Its town.
    pub town_id: String,
    /// Code of its stage.
    pub stage: String,
    /// How many support it.
    pub support_count: i64,
}

/// Newest titles that are looked at for each piece. A rare piece has fewer and brings them all; a common one tells little.
const CANDIDATES: usize = 200;

/// Topics by how many pieces their titles share: one lookup a piece, each bounded, so that the cost does not grow with
/// the number of topics. `{one}` looks a piece up under parameter `{n}`.
fn by_shared_pieces(one: &str, key: &str, rest: &str) -> String {
    let lookups: Vec<String> = (1..=COMPARED)
        .map(|n| format!("SELECT {key} FROM ({} LIMIT {CANDIDATES}) AS p{n}", one.replace("{n}", &n.to_string())))
        .collect();
    let limit = COMPARED + 1;
    format!(
        "SELECT t.topic_id, t.title, t.place, t.town_id, t.stage, t.support_count FROM \
         (SELECT {key}, COUNT(*) AS shared FROM ({}) AS u GROUP BY {key} ORDER BY shared DESC, {key} DESC \
         LIMIT ${limit}) AS s {rest} \
         WHERE t.is_public AND t.title IS NOT NULL AND t.merged_into IS NULL \
         ORDER BY s.shared DESC, t.topic_id DESC",
        lookups.join(" UNION ALL ")
    )
}

static SIMILAR_SQLITE: LazyLock<String> = LazyLock::new(|| {
    by_shared_pieces(
        "SELECT rowid AS search_no FROM topic_search WHERE topic_search MATCH ${n} ORDER BY rowid DESC",
        "search_no",
        "CROSS JOIN topic_search_no k ON k.search_no = s.search_no CROSS JOIN topic t ON t.topic_id = k.topic_id",
    )
});

static SIMILAR_POSTGRES: LazyLock<String> = LazyLock::new(|| {
    by_shared_pieces(
        "SELECT topic_id FROM topic_search WHERE title @@ CAST(CAST(${n} AS TEXT) AS tsquery) ORDER BY topic_id DESC",
        "topic_id",
        "JOIN topic t ON t.topic_id = s.topic_id",
    )
});

/// Public topics whose titles resemble `title`, the most alike first, `limit` at most.
///
/// What is shown must share two pieces, or one where the title has hardly more.
///
/// # Errors
/// When the database cannot be read.
pub async fn similar(db: &Database, title: &str, limit: usize) -> Result<Vec<Similar>, StorageError> {
    let asked = tokens::telling_tokens(title, COMPARED);
    if asked.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let (sql, before, after) = match db.engine() {
        Engine::Sqlite => (SIMILAR_SQLITE.as_str(), "{title} : \"", "\""),
        Engine::Postgres => (SIMILAR_POSTGRES.as_str(), "'", "'"),
    };
    // The statement has a fixed number of lookups; those that are left over look for what no title has.
    let mut values: Vec<Value> = asked
        .iter()
        .map(String::as_str)
        .chain(std::iter::repeat(NOWHERE))
        .take(COMPARED)
        .map(|piece| format!("{before}{piece}{after}").into())
        .collect();
    values.push(i64::try_from(limit.saturating_mul(8).clamp(40, 400)).unwrap_or(400).into());
    let rows: Vec<Similar> = db.rows(sql, values).await?;
    let needed = if asked.len() <= 2 { 1 } else { 2 };
    let mut scored: Vec<(usize, Similar)> = rows
        .into_iter()
        .filter_map(|row| {
            let theirs = tokens::telling_tokens(&row.title, usize::MAX);
            let shared = asked.iter().filter(|t| theirs.contains(t)).count();
            // Likeness in thousandths: shared pieces by the pieces of both (Dice).
            let likeness = 2000 * shared / (asked.len() + theirs.len()).max(1);
            (shared >= needed).then_some((likeness, row))
        })
        .collect();
    // Stable: of equal ones the newest comes first.
    scored.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
    Ok(scored.into_iter().take(limit).map(|(_, row)| row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_written_for_each_engine() {
        let phrases = tokens::phrases("公交车 路\" OR *");
        assert_eq!(match_expression(&phrases), "\"公交 交车\" AND \"路\" * AND \"or\"");
        assert_eq!(tsquery(&phrases), "('公交' <-> '交车') & ('路':*) & ('or')");
        let title = vec!["公交".to_owned(), "交".to_owned()];
        assert_eq!(vector(&[&title, &title]), "'公交':1 '交':2 '公交':4 '交':5 ");
    }
}
