//! The SQL of the case file: its head, its present state, its records and events.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::record::Record;
use super::stage::Stage;
use crate::access::{Role, StepKind};
use crate::context::{Ctx, Shared};
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, RequestId, RuleSetId};
use crate::rules::{Category, RuleSet};
use crate::storage::{Database, StorageError, Tx, Value, columns};

columns! {
    Category, "category";
}

/// The present state of a case, as steps and internal pages see it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Case {
    /// The case.
    #[sqlx(rename = "topic_id")]
    pub id: CaseId,
    /// Its town.
    pub town_id: String,
    /// The running number, from acceptance on.
    pub number: Option<String>,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    /// Goes up with every move.
    pub stage_version: i64,
    /// Since when.
    pub stage_since: DateTime<Utc>,
    /// The last day that the stage may take.
    pub due_on: Option<NaiveDate>,
    /// Code of the role it waits for.
    pub waits_for: Option<String>,
    /// Whether the clock has marked the stage as overdue.
    pub overdue_marked: bool,
    /// Where a suspended case goes back to.
    pub suspended_from: Option<String>,
    /// The topic it was joined to.
    pub merged_into: Option<CaseId>,
    /// Where a merged case goes back to.
    pub merged_from: Option<String>,
    /// Code of the source.
    pub source: String,
    /// Code of the list it was imported from.
    pub imported_from: Option<String>,
    /// The title as sent; internal.
    pub sent_title: String,
    /// When it was sent.
    pub submitted_at: DateTime<Utc>,
    /// When it was taken up.
    pub accepted_at: Option<DateTime<Utc>>,
    /// The released title.
    pub title: Option<String>,
    /// The released place.
    pub place: Option<String>,
    /// Whether everybody may see it.
    pub is_public: bool,
    /// Supporters.
    pub support_count: i64,
    /// Released comments.
    pub comment_count: i64,
    /// Comments and supports that wait for the officer.
    pub held_comments: i64,
    /// The rule set it keeps, from T3 on.
    pub rule_set_id: Option<RuleSetId>,
    /// The account that raised it, if one did.
    pub proposer_id: Option<AccountId>,
    /// The officer who recorded it for somebody.
    pub recorded_by: Option<AccountId>,
    /// Who prepared the decision of T3.
    pub preparer_id: Option<AccountId>,
    /// Who leads the research.
    pub lead_id: Option<AccountId>,
    /// Who chairs the meeting that was opened last.
    pub chair_id: Option<AccountId>,
    /// Who records it.
    pub recorder_id: Option<AccountId>,
    /// Keyed hash of the tracking code.
    pub code_hash: String,
    /// How often the code was given anew.
    pub code_generation: i64,
    /// Whether something that is not wholly done is looked back on later.
    pub looked_back: bool,
    /// Since when the district holds it.
    pub frozen_at: Option<DateTime<Utc>>,
    /// 演示数据.
    pub demo: bool,
}

/// A stage as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageColumn(pub Stage);

impl TryFrom<String> for StageColumn {
    type Error = StorageError;
    fn try_from(code: String) -> Result<Self, StorageError> {
        Stage::from_code(&code).map(Self).ok_or_else(|| StorageError::Corrupt(format!("stage {code}")))
    }
}

impl Case {
    /// A topic that is about to be sent.
    #[must_use]
    pub fn draft(id: CaseId, town_id: &str, now: DateTime<Utc>) -> Self {
        Self {
            id,
            town_id: town_id.to_owned(),
            number: None,
            stage: StageColumn(Stage::Draft),
            stage_version: 0,
            stage_since: now,
            due_on: None,
            waits_for: None,
            overdue_marked: false,
            suspended_from: None,
            merged_into: None,
            merged_from: None,
            source: String::new(),
            imported_from: None,
            sent_title: String::new(),
            submitted_at: now,
            accepted_at: None,
            title: None,
            place: None,
            is_public: false,
            support_count: 0,
            comment_count: 0,
            held_comments: 0,
            rule_set_id: None,
            proposer_id: None,
            recorded_by: None,
            preparer_id: None,
            lead_id: None,
            chair_id: None,
            recorder_id: None,
            code_hash: String::new(),
            code_generation: 0,
            looked_back: false,
            frozen_at: None,
            demo: false,
        }
    }

    /// Where it stands.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage.0
    }

    /// The role it waits for.
    #[must_use]
    pub fn waiting_role(&self) -> Option<Role> {
        self.waits_for.as_deref().and_then(Role::from_code)
    }

    /// The title to show inside: the released one, or the one that was sent.
    #[must_use]
    pub fn inner_title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.sent_title)
    }
}

/// The columns of [`Case`].
macro_rules! case_columns {
    () => {
        "t.topic_id, t.town_id, t.number, t.stage, t.stage_version, t.stage_since, t.due_on, t.waits_for,
         t.overdue_marked, t.suspended_from, t.merged_into, t.merged_from, t.source, t.imported_from, t.sent_title,
         t.submitted_at, t.accepted_at, t.title, t.place, t.is_public, t.support_count, t.comment_count,
         t.held_comments, t.rule_set_id, t.proposer_id, t.recorded_by, t.preparer_id, t.lead_id, t.chair_id,
         t.recorder_id, t.code_hash, t.code_generation, t.looked_back, t.frozen_at, t.demo"
    };
}

/// The id of the rule set in force for town `t.town_id` at time `$2`.
macro_rules! rules_in_force {
    ($town:literal) => {
        concat!(
            "(SELECT r.rule_set_id FROM rule_set r
              WHERE (r.town_id = ",
            $town,
            " OR r.town_id IS NULL) AND r.effective_from <= $2
              ORDER BY CASE WHEN r.town_id IS NULL THEN 1 ELSE 0 END, r.effective_from DESC, r.version DESC
              LIMIT 1)"
        )
    };
}

#[derive(sqlx::FromRow)]
struct Judged {
    #[sqlx(flatten)]
    case: Case,
    judged_by: Option<RuleSetId>,
}

/// Locks the case: the next number of its stream and its head.
pub(super) async fn lock(tx: &mut Tx, case: CaseId) -> Result<Option<(i64, String)>, StorageError> {
    tx.row("UPDATE case_head SET seq = seq + 1 WHERE case_id = $1 RETURNING seq, head", vec![case.into()]).await
}

/// Gives a number back that was taken by [`lock`] in this transaction, so that the stream has no gap.
pub(super) async fn unlock(tx: &mut Tx, case: CaseId) -> Result<(), StorageError> {
    tx.execute("UPDATE case_head SET seq = seq - 1 WHERE case_id = $1", vec![case.into()]).await?;
    Ok(())
}

pub(super) async fn open(tx: &mut Tx, case: CaseId, town: &str, genesis: &str) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO case_head (case_id, town_id, seq, head) VALUES ($1, $2, 1, $3)",
        vec![case.into(), town.into(), genesis.into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn set_head(tx: &mut Tx, case: CaseId, hash: &str) -> Result<(), StorageError> {
    tx.execute("UPDATE case_head SET head = $2 WHERE case_id = $1", vec![case.into(), hash.into()]).await?;
    Ok(())
}

/// The case, and the rule set that judges it now: its own from T3 on, before that the one in force.
pub(super) async fn load(
    tx: &mut Tx,
    shared: &Shared,
    case: CaseId,
    now: DateTime<Utc>,
) -> Result<Option<(Case, RuleSetId, Arc<RuleSet>)>, Refusal> {
    let row: Option<Judged> = tx
        .row(
            concat!(
                "SELECT ",
                case_columns!(),
                ", COALESCE(t.rule_set_id, ",
                rules_in_force!("t.town_id"),
                ") AS judged_by FROM topic t WHERE t.topic_id = $1"
            ),
            vec![case.into(), now.into()],
        )
        .await?;
    let Some(Judged { case, judged_by }) = row else {
        return Ok(None);
    };
    let (id, rules) = rule_set(tx, shared, judged_by).await?;
    Ok(Some((case, id, rules)))
}

/// The rule set in force for a town.
pub(super) async fn rules_for(
    tx: &mut Tx,
    shared: &Shared,
    town: &str,
    now: DateTime<Utc>,
) -> Result<(RuleSetId, Arc<RuleSet>), Refusal> {
    let id: Option<(Option<RuleSetId>,)> =
        tx.row(concat!("SELECT ", rules_in_force!("$1"), " AS judged_by"), vec![town.into(), now.into()]).await?;
    rule_set(tx, shared, id.and_then(|r| r.0)).await
}

async fn rule_set(tx: &mut Tx, shared: &Shared, id: Option<RuleSetId>) -> Result<(RuleSetId, Arc<RuleSet>), Refusal> {
    let id = id.ok_or_else(|| Refusal::internal(&"no rule set is in force"))?;
    if let Some(rules) = shared.rule_set(id) {
        return Ok((id, rules));
    }
    let (body,): (String,) = tx
        .row("SELECT body FROM rule_set WHERE rule_set_id = $1", vec![id.into()])
        .await?
        .ok_or_else(|| Refusal::internal(&"a rule set vanished"))?;
    let rules = RuleSet::from_toml(&body).map_err(|e| Refusal::internal(&format!("rule set {id}: {e:?}")))?;
    Ok((id, shared.keep_rule_set(id, rules)))
}

/// The case outside a transaction.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(db: &Database, case: CaseId) -> Result<Option<Case>, StorageError> {
    db.row(concat!("SELECT ", case_columns!(), " FROM topic t WHERE t.topic_id = $1"), vec![case.into()]).await
}

pub(super) async fn find_receipt(
    tx: &mut Tx,
    actor: &str,
    request: RequestId,
) -> Result<Option<(String, String)>, StorageError> {
    tx.row(
        "SELECT payload_hash, result FROM receipt WHERE actor = $1 AND request_id = $2",
        vec![actor.into(), request.into()],
    )
    .await
}

pub(super) async fn keep_receipt(
    tx: &mut Tx,
    ctx: &Ctx,
    request: RequestId,
    payload_hash: String,
    result: String,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO receipt (actor, request_id, payload_hash, result, at) VALUES ($1, $2, $3, $4, $5)",
        vec![ctx.actor.key().into(), request.into(), payload_hash.into(), result.into(), ctx.now().into()],
    )
    .await?;
    Ok(())
}

pub(super) async fn add_event(
    tx: &mut Tx,
    case: CaseId,
    seq: i64,
    at: DateTime<Utc>,
    step: StepKind,
    (words, public, late): (String, bool, bool),
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO case_event (case_id, seq, at, step, words, public, late) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![case.into(), seq.into(), at.into(), step.code().into(), words.into(), public.into(), late.into()],
    )
    .await?;
    Ok(())
}

/// Writes the columns that a move or a step may have changed.
pub(super) async fn save(tx: &mut Tx, case: &Case) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE topic SET number = $2, stage = $3, stage_version = $4, stage_since = $5, due_on = $6, waits_for = $7,
                overdue_marked = $8, suspended_from = $9, merged_into = $10, merged_from = $11, accepted_at = $12,
                moved_at = $13, is_public = $14, rule_set_id = $15, preparer_id = $16, lead_id = $17,
                chair_id = $18, recorder_id = $19, looked_back = $20, frozen_at = $21
         WHERE topic_id = $1",
        vec![
            case.id.into(),
            case.number.clone().into(),
            case.stage().code().into(),
            case.stage_version.into(),
            case.stage_since.into(),
            case.due_on.into(),
            case.waits_for.clone().into(),
            case.overdue_marked.into(),
            case.suspended_from.clone().into(),
            case.merged_into.into(),
            case.merged_from.clone().into(),
            case.accepted_at.into(),
            case.stage_since.into(),
            case.is_public.into(),
            case.rule_set_id.into(),
            case.preparer_id.into(),
            case.lead_id.into(),
            case.chair_id.into(),
            case.recorder_id.into(),
            case.looked_back.into(),
            case.frozen_at.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn insert(tx: &mut Tx, case: &Case) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO topic (topic_id, town_id, stage, stage_version, stage_since, due_on, waits_for, overdue_marked,
                source, imported_from, sent_title, submitted_at, moved_at, is_public, support_count, comment_count,
                held_comments, proposer_id, recorded_by, code_hash, code_generation, demo)
         VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, $8, $9, $10, $11, $11, FALSE, 0, 0, 0, $12, $13, $14, 0, $15)",
        vec![
            case.id.into(),
            case.town_id.as_str().into(),
            case.stage().code().into(),
            case.stage_version.into(),
            case.stage_since.into(),
            case.due_on.into(),
            case.waits_for.clone().into(),
            case.source.as_str().into(),
            case.imported_from.clone().into(),
            case.sent_title.as_str().into(),
            case.submitted_at.into(),
            case.proposer_id.into(),
            case.recorded_by.into(),
            case.code_hash.as_str().into(),
            case.demo.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn add_span(tx: &mut Tx, case: &Case) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO stage_span (case_id, span_no, stage, entered_at, due_on) VALUES ($1, $2, $3, $4, $5)",
        vec![
            case.id.into(),
            case.stage_version.into(),
            case.stage().code().into(),
            case.stage_since.into(),
            case.due_on.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn count(tx: &mut Tx, town: &str, stage: Stage, by: i64) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO topic_count (town_id, stage, n) VALUES ($1, $2, $3)
         ON CONFLICT (town_id, stage) DO UPDATE SET n = topic_count.n + excluded.n",
        vec![town.into(), stage.code().into(), by.into()],
    )
    .await?;
    Ok(())
}

/// The newest version of a record, with its text.
pub(super) async fn newest_record(
    tx: &mut Tx,
    case: CaseId,
    kind: &str,
) -> Result<Option<(i64, String)>, StorageError> {
    tx.row(
        "SELECT version, body FROM case_record WHERE case_id = $1 AND kind = $2 ORDER BY version DESC LIMIT 1",
        vec![case.into(), kind.into()],
    )
    .await
}

pub(super) async fn add_record(
    tx: &mut Tx,
    ctx: &Ctx,
    case: CaseId,
    kind: &str,
    version: i64,
    (body, salt): (String, String),
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO case_record (case_id, kind, version, body, author, at, salt)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            case.into(),
            kind.into(),
            version.into(),
            body.into(),
            ctx.actor.account().into(),
            ctx.now().into(),
            salt.into(),
        ],
    )
    .await?;
    Ok(())
}

/// A version of a record as internal pages show it.
#[derive(Clone, Debug)]
pub struct Version<R> {
    /// From 1.
    pub version: i64,
    /// The record.
    pub record: R,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The name of who made it; `None` for residents and the clock.
    pub author: Option<String>,
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    version: i64,
    body: String,
    at: DateTime<Utc>,
    author: Option<String>,
    erased: bool,
}

/// The number of a case's newest change; 0 for a case that does not exist.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest_seq(db: &Database, case: CaseId) -> Result<i64, StorageError> {
    let row: Option<(i64,)> = db.row("SELECT seq FROM case_head WHERE case_id = $1", vec![case.into()]).await?;
    Ok(row.map_or(0, |r| r.0))
}

/// All versions of a record that were not erased, newest first.
///
/// # Errors
/// When the database cannot be read or a body is not of this record.
pub async fn versions<R: Record>(db: &Database, case: CaseId) -> Result<Vec<Version<R>>, StorageError> {
    let rows: Vec<VersionRow> = db
        .rows(
            "SELECT r.version, r.body, r.at, a.name AS author, r.erased_at IS NOT NULL AS erased
             FROM case_record r LEFT JOIN account a ON a.account_id = r.author
             WHERE r.case_id = $1 AND r.kind = $2 ORDER BY r.version DESC",
            vec![case.into(), R::KIND.into()],
        )
        .await?;
    rows.into_iter()
        .filter(|row| !row.erased)
        .map(|row| Ok(Version { version: row.version, record: read::<R>(&row.body)?, at: row.at, author: row.author }))
        .collect()
}

/// Reads the stored text of a record.
///
/// # Errors
/// When it is not of this record.
pub fn read<R: Record>(body: &str) -> Result<R, StorageError> {
    serde_json::from_str(body).map_err(|e| StorageError::Corrupt(format!("{}: {e}", R::KIND)))
}

/// Something that happened to a case, in words.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Event {
    /// Number of the ledger entry.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What, without personal data.
    pub words: String,
    /// Whether it tells of something late.
    pub late: bool,
}

/// What happened to a case, newest first; with `public_only` what everybody may know.
///
/// # Errors
/// When the database cannot be read.
pub async fn events(db: &Database, case: CaseId, public_only: bool, limit: i64) -> Result<Vec<Event>, StorageError> {
    db.rows(
        "SELECT seq, at, words, late FROM case_event
         WHERE case_id = $1 AND (public OR NOT $2) ORDER BY seq DESC LIMIT $3",
        vec![case.into(), Value::from(public_only), limit.into()],
    )
    .await
}

/// A stage that a case went through.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Span {
    /// The stage.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    /// When it was entered.
    pub entered_at: DateTime<Utc>,
    /// The last day it was allowed to take.
    pub due_on: Option<NaiveDate>,
}

/// The stages a case went through, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn spans(db: &Database, case: CaseId) -> Result<Vec<Span>, StorageError> {
    db.rows("SELECT stage, entered_at, due_on FROM stage_span WHERE case_id = $1 ORDER BY span_no", vec![case.into()])
        .await
}

/// Cases with something open whose day is this one or later.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_from(tx: &mut Tx, day: NaiveDate) -> Result<Vec<CaseId>, StorageError> {
    let rows: Vec<(CaseId,)> = tx
        .rows(
            "SELECT topic_id FROM topic WHERE due_on >= $1
             UNION SELECT case_id FROM task WHERE state <> 'verified' AND (wait_on >= $1 OR next_on >= $1)
             UNION SELECT case_id FROM reopening WHERE decided_at IS NULL AND due_on >= $1",
            vec![day.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|(case,)| case).collect())
}
