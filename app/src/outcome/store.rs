//! The SQL of outcomes.

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{Decision, Office};
use crate::ids::{AccountId, CaseId, FileId, MinutesId, OutcomeId, UnitId};
use crate::minutes::model::{Degree, Named, OutcomeItem};
use crate::rules::{Adoption, Category};
use crate::storage::{Column, Database, StorageError, Tx, columns};
use crate::town::Town;

columns! {
    Adoption, "adoption";
    Office, "office";
    Degree, "degree of consensus";
}

/// An item of the outcome list, and what was decided on it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Outcome {
    /// Its id.
    pub outcome_id: OutcomeId,
    /// The minutes that it stands in.
    pub minutes_id: MinutesId,
    /// Its number on the list.
    pub no: i64,
    /// What it is, with marks in place of names.
    pub words: String,
    /// Who proposed it.
    from_category: Option<String>,
    /// How far people agreed.
    degree: Option<String>,
    /// The unit that the meeting thought of.
    pub suggested_unit: Option<UnitId>,
    /// What was decided.
    adoption: Option<String>,
    /// Why not in full.
    pub reason: String,
    /// 主办单位.
    pub lead_unit: Option<UnitId>,
    /// Its name.
    pub lead_name: Option<String>,
    assist_units: String,
    /// Whom to ask in the unit; internal.
    pub contact: String,
    /// What is to be done.
    pub measure: String,
    /// By when.
    pub due_on: Option<NaiveDate>,
    /// Whether on the quick track.
    pub quick: bool,
    /// When it was decided; what a form compares.
    pub decided_at: Option<DateTime<Utc>>,
}

impl Outcome {
    /// Who proposed it.
    #[must_use]
    pub fn from(&self) -> Option<Category> {
        self.from_category.as_deref().and_then(Category::from_code)
    }

    /// How far people agreed.
    #[must_use]
    pub fn degree(&self) -> Option<Degree> {
        self.degree.as_deref().and_then(Degree::from_code)
    }

    /// What was decided.
    #[must_use]
    pub fn adoption(&self) -> Option<Adoption> {
        self.adoption.as_deref().and_then(Adoption::from_code)
    }

    /// 协办单位.
    #[must_use]
    pub fn assist(&self) -> Vec<UnitId> {
        self.assist_units.split(',').filter_map(|id| id.parse().ok()).collect()
    }

    /// The decision as it stands.
    #[must_use]
    pub fn decision(&self) -> Decision {
        Decision {
            outcome: Some(self.outcome_id),
            no: self.no,
            adoption: self.adoption(),
            reason: self.reason.clone(),
            lead: self.lead_unit,
            lead_name: self.lead_name.clone().unwrap_or_default(),
            assist: self.assist(),
            assist_names: Vec::new(),
            contact: self.contact.clone(),
            measure: self.measure.clone(),
            due_on: self.due_on,
            quick: self.quick,
        }
    }
}

const ALL: &str = "SELECT o.outcome_id, o.minutes_id, o.no, o.words, o.from_category, o.degree, o.suggested_unit, o.adoption,
            o.reason, o.lead_unit, u.name AS lead_name, o.assist_units, o.contact, o.measure, o.due_on, o.quick, o.decided_at
     FROM outcome o LEFT JOIN unit u ON u.unit_id = o.lead_unit WHERE o.case_id = $1 ORDER BY o.no";

/// The outcome list of a case, in its order.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &Database, case: CaseId) -> Result<Vec<Outcome>, StorageError> {
    db.rows(ALL, vec![case.into()]).await
}

pub(super) async fn all_in(tx: &mut Tx, case: CaseId) -> Result<Vec<Outcome>, StorageError> {
    tx.rows(ALL, vec![case.into()]).await
}

/// Everybody whose name may stand in the outcome list of a case.
///
/// # Errors
/// When the database cannot be read.
pub async fn people_of(db: &Database, case: CaseId, town: &Town) -> Result<Vec<Named>, crate::error::Refusal> {
    let newest = crate::minutes::all(db, case).await?.into_iter().next();
    match newest {
        Some(minutes) => Ok(crate::minutes::draft::people(db, minutes.meeting_id, town).await?),
        None => Ok(Vec::new()),
    }
}

pub(super) async fn drop_undecided(tx: &mut Tx, case: CaseId) -> Result<(), StorageError> {
    tx.execute("DELETE FROM outcome WHERE case_id = $1 AND adoption IS NULL", vec![case.into()]).await?;
    Ok(())
}

pub(super) async fn insert(
    tx: &mut Tx,
    (id, case, minutes): (OutcomeId, CaseId, MinutesId),
    no: i64,
    item: &OutcomeItem,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO outcome (outcome_id, case_id, minutes_id, no, words, from_category, degree, suggested_unit, reason,
                              assist_units, contact, measure, quick)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', '', '', FALSE)",
        vec![
            id.into(),
            case.into(),
            minutes.into(),
            no.into(),
            item.words.trim().into(),
            item.from.map(Category::code).into(),
            item.degree.map(Degree::code).into(),
            item.unit.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the newest decision on an outcome, if what stands is what was seen; false when somebody else was faster.
pub(super) async fn decide(
    tx: &mut Tx,
    (outcome, seen): (OutcomeId, Option<DateTime<Utc>>),
    decision: &Decision,
    (at, by): (DateTime<Utc>, Option<AccountId>),
) -> Result<bool, StorageError> {
    let assist = decision.assist.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let changed = tx
        .execute(
            "UPDATE outcome SET adoption = $2, reason = $3, lead_unit = $4, assist_units = $5, contact = $6, measure = $7,
                    due_on = $8, quick = $9, decided_at = $10, decided_by = $11
             WHERE outcome_id = $1 AND (decided_at = $12 OR decided_at IS NULL AND $12 IS NULL)",
            vec![
                outcome.into(),
                decision.adoption.map(Adoption::code).into(),
                decision.reason.as_str().into(),
                decision.lead.into(),
                assist.into(),
                decision.contact.as_str().into(),
                decision.measure.as_str().into(),
                decision.due_on.into(),
                decision.quick.into(),
                at.into(),
                by.into(),
                seen.into(),
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Minutes and list as they went to an office.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Submission {
    /// The edition.
    pub minutes_id: MinutesId,
    /// The office.
    #[sqlx(try_from = "String")]
    pub office: Column<Office>,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// When the office confirmed it.
    pub received_at: Option<DateTime<Utc>>,
    /// Who confirmed it.
    pub received_by: Option<String>,
    /// The stamped sheet.
    pub file_id: Option<FileId>,
}

const SUBMISSIONS: &str = "SELECT s.minutes_id, s.office, s.sent_at, s.received_at, a.name AS received_by, s.file_id
     FROM submission s LEFT JOIN account a ON a.account_id = s.received_by
     WHERE s.case_id = $1 ORDER BY s.sent_at, CASE WHEN s.office = 'party' THEN 0 ELSE 1 END";

/// What was sent to the offices, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn submissions(db: &Database, case: CaseId) -> Result<Vec<Submission>, StorageError> {
    db.rows(SUBMISSIONS, vec![case.into()]).await
}

pub(super) async fn submissions_in(tx: &mut Tx, case: CaseId) -> Result<Vec<Submission>, StorageError> {
    tx.rows(SUBMISSIONS, vec![case.into()]).await
}

/// Notes that a report went to an office; false when it did before.
pub(super) async fn send(
    tx: &mut Tx,
    (case, minutes, office): (CaseId, MinutesId, Office),
    (at, by): (DateTime<Utc>, Option<AccountId>),
) -> Result<bool, StorageError> {
    let sent = tx
        .execute(
            "INSERT INTO submission (case_id, minutes_id, office, sent_at, sent_by) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (case_id, minutes_id, office) DO NOTHING",
            vec![case.into(), minutes.into(), office.code().into(), at.into(), by.into()],
        )
        .await?;
    Ok(sent == 1)
}

/// Notes that an office has the report; false when it was noted before, or the report did not go there.
pub(super) async fn receive(
    tx: &mut Tx,
    (case, minutes, office): (CaseId, MinutesId, Office),
    (at, by): (DateTime<Utc>, Option<AccountId>),
    sheet: Option<FileId>,
) -> Result<bool, StorageError> {
    let received = tx
        .execute(
            "UPDATE submission SET received_at = $4, received_by = $5, file_id = $6
             WHERE case_id = $1 AND minutes_id = $2 AND office = $3 AND received_at IS NULL",
            vec![case.into(), minutes.into(), office.code().into(), at.into(), by.into(), sheet.into()],
        )
        .await?;
    Ok(received == 1)
}
