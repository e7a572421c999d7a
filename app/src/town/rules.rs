//! Versions of the rules: which is in force, and loading a new one.
//!
//! The district has a baseline; a town may have versions of its own, each a whole rule set that started from the
//! baseline in force when it was loaded. Versions are never changed, so one that was read is kept in memory.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use serde_json::json;

use super::store::{self, NewVersion, VersionRow};
use crate::account::admin::require_keeper;
use crate::case::Case;
use crate::context::{Ctx, Shared};
use crate::error::{FieldError, Refusal};
use crate::ids::RuleSetId;
use crate::ledger::{self, Stream, digest};
use crate::rules::{RuleSet, RuleSetVersion, SHANGHAI, has_control};
use crate::storage::{Change, Database, StorageError};

/// Most characters of the number of a town's own document.
const BASIS_DOC_MAX: usize = 60;

/// The version in force for a town at a time, and its settings: the town's own, else the district's baseline.
///
/// # Errors
/// When the database cannot be read, or holds no baseline.
pub async fn in_force(
    db: &Database,
    shared: &Shared,
    town: &str,
    now: DateTime<Utc>,
) -> Result<(RuleSetId, Arc<RuleSet>), StorageError> {
    of(db, shared, Some(town), now).await
}

/// The district's baseline in force at a time.
///
/// # Errors
/// As [`in_force`].
pub async fn baseline(
    db: &Database,
    shared: &Shared,
    now: DateTime<Utc>,
) -> Result<(RuleSetId, Arc<RuleSet>), StorageError> {
    let kept = shared
        .seldom(db, async {
            let id = of(db, shared, None, now).await?.0;
            Ok::<_, StorageError>(Baseline { id, from: now, until: store::next_baseline(db, now).await? })
        })
        .await?;
    // A version can come into force by itself, when its day is there.
    if kept.from <= now && kept.until.is_none_or(|until| now < until) {
        return Ok((kept.id, by_id(db, shared, kept.id).await?));
    }
    of(db, shared, None, now).await
}

/// Which version is the baseline, and how long.
struct Baseline {
    id: RuleSetId,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
}

async fn of(
    db: &Database,
    shared: &Shared,
    town: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(RuleSetId, Arc<RuleSet>), StorageError> {
    let id = store::version_in_force(db, town, now)
        .await?
        .ok_or_else(|| StorageError::Corrupt("no rule set is in force".to_owned()))?;
    Ok((id, by_id(db, shared, id).await?))
}

/// The settings of a version.
///
/// # Errors
/// When the database cannot be read, or there is no such version.
pub async fn by_id(db: &Database, shared: &Shared, id: RuleSetId) -> Result<Arc<RuleSet>, StorageError> {
    if let Some(rules) = shared.rule_set(id) {
        return Ok(rules);
    }
    let row = store::version(db, id).await?.ok_or_else(|| StorageError::Corrupt(format!("no rule set {id}")))?;
    Ok(shared.keep_rule_set(id, read(&row.body)?))
}

/// The rules that judge a case now: its own from T3 on, before that those in force.
///
/// # Errors
/// As [`in_force`].
pub async fn of_case(ctx: &Ctx, case: &Case) -> Result<Arc<RuleSet>, StorageError> {
    match case.rule_set_id {
        Some(id) => by_id(&ctx.db, &ctx.shared, id).await,
        None => Ok(in_force(&ctx.db, &ctx.shared, &case.town_id, ctx.now()).await?.1),
    }
}

/// A version with everything that is known of it, for the rules page.
///
/// # Errors
/// As [`by_id`].
pub async fn version(db: &Database, id: RuleSetId) -> Result<RuleSetVersion, StorageError> {
    let row: VersionRow =
        store::version(db, id).await?.ok_or_else(|| StorageError::Corrupt(format!("no rule set {id}")))?;
    Ok(RuleSetVersion {
        rule_set_id: row.rule_set_id.0,
        rules: read(&row.body)?,
        town: row.town_id,
        version: row.version,
        effective_from: row.effective_from,
        basis_doc: row.basis_doc,
    })
}

/// Reads a stored version. It was checked when it was stored: bounds that are narrower today do not make it void, and a
/// setting that is newer than it takes its default.
fn read(body: &str) -> Result<RuleSet, StorageError> {
    toml::from_str(body).map_err(|e| StorageError::Corrupt(format!("rule set: {e}")))
}

/// Loads a new version from a file, for a town or (with none) as the district's baseline. What the file does not name
/// is taken from the baseline in force on the day. It judges from the beginning of `effective_from`, or from now on
/// when that is today or left out; never from a time that is past, and never from before the version it follows.
///
/// # Errors
/// [`Refusal::Invalid`] with a sentence for each setting that is refused (the field is the setting's key), and with the
/// fields `town`, `effective_from`, `basis_doc`.
pub async fn load_version(
    ctx: &Ctx,
    town: Option<&str>,
    toml_text: &str,
    effective_from: Option<NaiveDate>,
    basis_doc: Option<&str>,
) -> Result<RuleSetId, Refusal> {
    require_keeper(ctx)?;
    let now = ctx.now();
    let mut errors = Vec::new();
    let name = match town {
        Some(town) => {
            let found = store::town(&ctx.db, town).await?;
            if found.is_none() {
                errors.push(FieldError::new("town", "没有这个区镇，请用区镇的代号，例如 shengze。"));
            }
            found.map(|town| town.short_name)
        }
        None => None,
    };
    let from = match effective_from {
        None => Some(now),
        Some(day) if day == ctx.today() => Some(now),
        Some(day) if day > ctx.today() => start_of(day),
        Some(_) => None,
    };
    if from.is_none() {
        errors.push(FieldError::new("effective_from", "生效日期不能早于今天，规则不能倒签。"));
    }
    let basis_doc = basis_doc.map(str::trim).filter(|doc| !doc.is_empty());
    if basis_doc.is_some_and(|doc| doc.chars().count() > BASIS_DOC_MAX || has_control(doc) || doc.contains('\n')) {
        errors.push(FieldError::new("basis_doc", format!("文件名称或文号最多 {BASIS_DOC_MAX} 个字，写成一行。")));
    }
    let (_, base) = baseline(&ctx.db, &ctx.shared, from.unwrap_or(now)).await?;
    let rules = match RuleSet::from_toml_over(&base, toml_text) {
        Ok(rules) => Some(rules),
        Err(refused) => {
            errors.extend(refused.into_iter().map(|e| FieldError { field: e.key, sentence: e.sentence }));
            None
        }
    };
    let (Some(rules), Some(from), true) = (rules, from, errors.is_empty()) else {
        return Err(Refusal::Invalid(errors));
    };

    let (inner, town, basis_doc) = (ctx.clone(), town.map(str::to_owned), basis_doc.map(str::to_owned));
    let id = RuleSetId(ctx.new_id());
    let body = rules.to_toml();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let stream = town.clone().map_or(Stream::System, Stream::Town);
                // The stream's head is locked by the record, so that two loads do not get the same number.
                let data = json!({ "rule_set": id, "from": ledger::stamp(from), "body": digest(&body) });
                ledger::record(tx, &inner, &stream, "rule_set_loaded", data).await?;
                let last = store::last_version(tx, town.as_deref()).await?;
                if last.is_some_and(|(_, last_from)| last_from > from) {
                    let whose = name.as_deref().unwrap_or("全区");
                    return Err(Refusal::field(
                        "effective_from",
                        format!("{whose}已有一版规则在这之后生效，新的一版不能早于它。"),
                    ));
                }
                let version = last.map_or(1, |(version, _)| version + 1);
                let new = NewVersion { id, town, version, effective_from: from, basis_doc, body };
                store::insert_version(tx, new, inner.now()).await?;
                tx.tell(Change::All);
                Ok(id)
            })
        })
        .await
}

/// The beginning of a day in Shanghai.
pub(super) fn start_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    SHANGHAI.from_local_datetime(&day.and_time(NaiveTime::MIN)).single().map(|at| at.with_timezone(&Utc))
}
