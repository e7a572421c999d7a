//! The SQL of the minutes.

use chrono::{DateTime, NaiveDate, Utc};

use super::draft::Texts;
use super::model::{EditionState, Named, Outcomes, Section, public_name};
use super::paper::MinutesPaper;
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, InviteeId, MeetingId, MinutesId, ReplyId};
use crate::rules::Category;
use crate::storage::{Column, Database, StorageError, Tx, columns};

columns! {
    EditionState, "state of minutes";
    Section, "section of minutes";
}

// ---- editions --------------------------------------------------------------------------------------------------------

/// An edition of the minutes of a meeting.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Minutes {
    /// Its id.
    pub minutes_id: MinutesId,
    /// The case.
    pub case_id: CaseId,
    /// The meeting.
    pub meeting_id: MeetingId,
    /// 1 for the first meeting of the case.
    pub round: i64,
    /// 1 for the first of the meeting.
    pub edition: i64,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub state: Column<EditionState>,
    /// Why the signed text is corrected; public.
    pub reason: Option<String>,
    /// When it was shown to those present.
    pub circulated_at: Option<DateTime<Utc>>,
    /// The versions of the sections that were shown to those present, as [`versions_text`] writes them.
    pub circulated: Option<String>,
    /// The last day for corrections.
    pub until: Option<NaiveDate>,
    /// When it was signed.
    pub signed_at: Option<DateTime<Utc>>,
    /// 期号.
    pub number: Option<String>,
    /// The signed text, with marks in place of names.
    pub paper: Option<String>,
    /// Its SHA-256.
    pub paper_hash: Option<String>,
    /// Whether it says 未达成共识.
    pub no_consensus: bool,
}

impl Minutes {
    /// The signed text; `None` before the signature.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn signed_paper(&self) -> Result<Option<MinutesPaper>, StorageError> {
        let read = |text: &String| {
            serde_json::from_str(text).map_err(|_| StorageError::corrupt("paper", &self.minutes_id.to_string()))
        };
        self.paper.as_ref().map(read).transpose()
    }
}

macro_rules! minutes {
    ($tail:literal) => {
        concat!(
            "SELECT n.minutes_id, n.case_id, n.meeting_id, m.round, n.edition, n.state, n.reason, n.circulated_at, n.circulated, n.until,
                    n.signed_at, n.number, n.paper, n.paper_hash, n.no_consensus
             FROM minutes n JOIN meeting m ON m.meeting_id = n.meeting_id ",
            $tail
        )
    };
}

const ALL: &str = minutes!("WHERE n.case_id = $1 ORDER BY m.round DESC, n.edition DESC");

/// All editions of a case, the newest meeting and edition first.
pub(crate) async fn all(db: &Database, case: CaseId) -> Result<Vec<Minutes>, StorageError> {
    db.rows(ALL, vec![case.into()]).await
}

/// Whether minutes of a meeting were signed.
pub(super) async fn is_signed(db: &Database, meeting: MeetingId) -> Result<bool, StorageError> {
    let row: Option<(i64,)> =
        db.row("SELECT COUNT(*) FROM minutes WHERE meeting_id = $1 AND state = 'signed'", vec![meeting.into()]).await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

pub(super) async fn all_in(tx: &mut Tx, case: CaseId) -> Result<Vec<Minutes>, StorageError> {
    tx.rows(ALL, vec![case.into()]).await
}

/// The newest edition of a case; in a step.
pub(crate) async fn newest_in(tx: &mut Tx, case: CaseId) -> Result<Option<Minutes>, StorageError> {
    Ok(all_in(tx, case).await?.into_iter().next())
}

/// An edition about to be kept.
pub(super) struct NewMinutes<'a> {
    pub id: MinutesId,
    pub case: CaseId,
    pub meeting: MeetingId,
    pub edition: i64,
    /// The reason of a correction, the salt of its hash and its entry.
    pub reason: Option<(&'a str, String, i64)>,
    pub at: DateTime<Utc>,
}

pub(super) async fn insert(tx: &mut Tx, new: NewMinutes<'_>) -> Result<(), StorageError> {
    let (reason, salt, seq) =
        new.reason.map_or((None, None, None), |(words, salt, seq)| (Some(words), Some(salt), Some(seq)));
    tx.execute(
        "INSERT INTO minutes (minutes_id, case_id, meeting_id, edition, state, reason, reason_salt, reason_seq,
                              started_at, no_consensus)
         VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, FALSE)",
        vec![
            new.id.into(),
            new.case.into(),
            new.meeting.into(),
            new.edition.into(),
            reason.into(),
            salt.into(),
            seq.into(),
            new.at.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn circulate(
    tx: &mut Tx,
    minutes: MinutesId,
    (now, until): (DateTime<Utc>, NaiveDate),
    versions: String,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE minutes SET state = 'circulating', circulated_at = $2, until = $3, circulated = $4 WHERE minutes_id = $1",
        vec![minutes.into(), now.into(), until.into(), versions.into()],
    )
    .await?;
    Ok(())
}

/// What a signature fixes.
pub(super) struct Signature<'a> {
    pub at: DateTime<Utc>,
    pub by: Option<AccountId>,
    pub number: &'a str,
    pub paper: &'a str,
    pub hash: &'a str,
    pub no_consensus: bool,
    pub salt: String,
    pub ledger_seq: i64,
}

pub(super) async fn sign(tx: &mut Tx, minutes: MinutesId, signed: Signature<'_>) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE minutes SET state = 'signed', signed_at = $2, signed_by = $3, number = $4, paper = $5, paper_hash = $6,
                no_consensus = $7, paper_salt = $8, paper_seq = $9
         WHERE minutes_id = $1",
        vec![
            minutes.into(),
            signed.at.into(),
            signed.by.into(),
            signed.number.into(),
            signed.paper.into(),
            signed.hash.into(),
            signed.no_consensus.into(),
            signed.salt.into(),
            signed.ledger_seq.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The next running number of a town's minutes in a year.
pub(super) async fn next_number(tx: &mut Tx, town: &str, year: i64) -> Result<i64, Refusal> {
    let row: Option<(i64,)> = tx
        .row(
            "INSERT INTO minutes_number (town_id, year, n) VALUES ($1, $2, 1)
             ON CONFLICT (town_id, year) DO UPDATE SET n = minutes_number.n + 1 RETURNING n",
            vec![town.into(), year.into()],
        )
        .await?;
    row.map(|row| row.0).ok_or_else(|| Refusal::internal(&"no running number"))
}

/// Everybody whose name may stand in the minutes of a meeting: whoever was there, at any meeting of the case, or was asked
/// and could not come. Whoever only registered has no part in it, whatever name was given. And chair and recorder.
pub(super) async fn named(
    db: &Database,
    meeting: MeetingId,
) -> Result<(Vec<Named>, Vec<(AccountId, String)>), StorageError> {
    let rows: Vec<(InviteeId, String, bool)> = db
        .rows(
            "SELECT i.invitee_id, i.name, i.consent_public FROM invitee i
             WHERE i.meeting_id IN (SELECT o.meeting_id FROM meeting m JOIN meeting o ON o.case_id = m.case_id
                                    WHERE m.meeting_id = $1)
               AND (i.state = 'declined' AND i.origin <> 'seat'
                    OR EXISTS (SELECT 1 FROM check_in c WHERE c.invitee_id = i.invitee_id))
             ORDER BY i.invitee_id",
            vec![meeting.into()],
        )
        .await?;
    let people = rows
        .into_iter()
        .map(|(id, name, consent)| Named { id: id.0, public: public_name(&name, consent), name })
        .collect();
    let officials = db
        .rows(
            "SELECT a.account_id, a.name FROM meeting m JOIN account a ON a.account_id IN (m.chair_id, m.recorder_id)
             WHERE m.meeting_id = $1 ORDER BY a.account_id",
            vec![meeting.into()],
        )
        .await?;
    Ok((people, officials))
}

// ---- sections --------------------------------------------------------------------------------------------------------

/// A version of a section. Names stand as marks.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Version {
    /// Of which section.
    #[sqlx(try_from = "String")]
    pub section: Column<Section>,
    /// From 1.
    pub version: i64,
    /// Whether it became the text.
    pub stands: bool,
    /// The text.
    pub words: String,
    /// Name of who wrote it.
    pub author: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

const SECTIONS: &str = "SELECT s.section, s.version, s.stands, s.words, a.name AS author, s.at
     FROM minutes_section s LEFT JOIN account a ON a.account_id = s.author
     WHERE s.minutes_id = $1 ORDER BY s.section, s.version DESC";

/// All versions of all sections, newest first.
pub(crate) async fn sections(db: &Database, minutes: MinutesId) -> Result<Vec<Version>, StorageError> {
    db.rows(SECTIONS, vec![minutes.into()]).await
}

pub(super) async fn sections_in(tx: &mut Tx, minutes: MinutesId) -> Result<Vec<Version>, StorageError> {
    tx.rows(SECTIONS, vec![minutes.into()]).await
}

/// The versions that are the text now.
pub(super) fn standing(versions: &[Version], section: Section) -> Option<&Version> {
    versions.iter().find(|one| one.section.0 == section && one.stands)
}

/// The text of each section now.
pub(crate) fn texts(versions: &[Version]) -> Texts {
    let of = |section: Section| standing(versions, section).map(|one| (section, one.words.clone()));
    Section::ALL.iter().copied().filter_map(of).collect()
}

/// Versions of the sections in their order; 0 for one without.
pub(crate) fn versions_of(versions: &[Version]) -> Vec<i64> {
    Section::ALL.iter().map(|section| standing(versions, *section).map_or(0, |one| one.version)).collect()
}

/// The same as text: 「1,2,1,1,3」.
pub(super) fn versions_text(versions: &[i64]) -> String {
    versions.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// Whether the text says that there is no consensus.
pub(super) fn no_consensus(texts: &Texts) -> bool {
    texts.get(&Section::Outcomes).is_some_and(|words| Outcomes::read(words).no_consensus)
}

/// A version about to be kept.
pub(super) struct NewVersion<'a> {
    pub minutes: MinutesId,
    pub section: Section,
    pub version: i64,
    pub based_on: i64,
    pub stands: bool,
    pub words: &'a str,
    pub author: Option<AccountId>,
    pub at: DateTime<Utc>,
    pub salt: String,
    pub ledger_seq: i64,
}

pub(super) async fn add_version(tx: &mut Tx, new: NewVersion<'_>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO minutes_section (minutes_id, section, version, based_on, stands, words, author, at, salt, ledger_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        vec![
            new.minutes.into(),
            new.section.code().into(),
            new.version.into(),
            new.based_on.into(),
            new.stands.into(),
            new.words.into(),
            new.author.into(),
            new.at.into(),
            new.salt.into(),
            new.ledger_seq.into(),
        ],
    )
    .await?;
    Ok(())
}

// ---- replies ---------------------------------------------------------------------------------------------------------

/// What somebody who was there said of the draft.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Reply {
    /// Its id.
    pub reply_id: ReplyId,
    /// Who.
    pub invitee_id: InviteeId,
    /// The name; internal.
    pub name: String,
    /// As what.
    #[sqlx(try_from = "String")]
    pub category: Column<Category>,
    /// Code of the section to correct; `None` for somebody who agrees.
    pub section: Option<String>,
    /// What to correct. Names stand as marks.
    pub words: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who noted it for somebody who called.
    pub recorded_by: Option<String>,
    /// Whether it was followed; `None` before it was answered.
    pub accepted: Option<bool>,
    /// The recorder's answer.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

impl Reply {
    /// Whether it asks for a correction.
    #[must_use]
    pub const fn asks(&self) -> bool {
        self.section.is_some()
    }

    /// Whether it asks for a correction that was not answered yet.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.section.is_some() && self.answered_at.is_none()
    }
}

const REPLIES: &str =
    "SELECT r.reply_id, r.invitee_id, i.name, i.category, r.section, r.words, r.at, a.name AS recorded_by,
            r.accepted, r.answer, r.answered_at
     FROM minutes_reply r JOIN invitee i ON i.invitee_id = r.invitee_id
     LEFT JOIN account a ON a.account_id = r.recorded_by
     WHERE r.minutes_id = $1 ORDER BY r.at, r.reply_id";

/// What was said of a draft, in order.
pub(crate) async fn replies(db: &Database, minutes: MinutesId) -> Result<Vec<Reply>, StorageError> {
    db.rows(REPLIES, vec![minutes.into()]).await
}

pub(super) async fn replies_in(tx: &mut Tx, minutes: MinutesId) -> Result<Vec<Reply>, StorageError> {
    tx.rows(REPLIES, vec![minutes.into()]).await
}

/// A reply about to be kept.
pub(super) struct NewReply<'a> {
    pub id: ReplyId,
    pub case: CaseId,
    pub minutes: MinutesId,
    pub invitee: InviteeId,
    pub section: Option<Section>,
    pub words: &'a str,
    pub at: DateTime<Utc>,
    pub recorded_by: Option<AccountId>,
    pub salt: String,
    pub ledger_seq: i64,
}

pub(super) async fn reply(tx: &mut Tx, new: NewReply<'_>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO minutes_reply (reply_id, case_id, minutes_id, invitee_id, section, words, at, recorded_by, salt,
                                    ledger_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        vec![
            new.id.into(),
            new.case.into(),
            new.minutes.into(),
            new.invitee.into(),
            new.section.map(Section::code).into(),
            new.words.into(),
            new.at.into(),
            new.recorded_by.into(),
            new.salt.into(),
            new.ledger_seq.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Answers a correction; false when it was answered already, or is none.
pub(super) async fn answer(
    tx: &mut Tx,
    (minutes, reply): (MinutesId, ReplyId),
    (accepted, words): (bool, &str),
    (salt, ledger_seq): (String, i64),
    (now, by): (DateTime<Utc>, Option<AccountId>),
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE minutes_reply SET accepted = $3, answer = $4, answered_at = $5, answered_by = $6, answer_salt = $7,
                    answer_seq = $8
             WHERE minutes_id = $1 AND reply_id = $2 AND section IS NOT NULL AND answered_at IS NULL",
            vec![
                minutes.into(),
                reply.into(),
                accepted.into(),
                words.into(),
                now.into(),
                by.into(),
                salt.into(),
                ledger_seq.into(),
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Whether somebody was there when a meeting was held, for a page.
pub(super) async fn is_present(db: &Database, meeting: MeetingId, invitee: InviteeId) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = db.row(WAS_THERE, vec![meeting.into(), invitee.into()]).await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

/// Whether somebody was there when a meeting was held.
pub(super) async fn was_there(tx: &mut Tx, meeting: MeetingId, invitee: InviteeId) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx.row(WAS_THERE, vec![meeting.into(), invitee.into()]).await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

const WAS_THERE: &str = "SELECT COUNT(*) FROM check_in c JOIN sitting s ON s.sitting_id = c.sitting_id
     WHERE s.meeting_id = $1 AND s.opened_at IS NOT NULL AND c.invitee_id = $2 AND c.undone_at IS NULL";

/// Erases what somebody wrote about drafts. The texts of minutes hold no names.
///
/// # Errors
/// When the database refuses it.
pub async fn forget(tx: &mut Tx, invitee: InviteeId, now: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE minutes_reply SET words = '', salt = NULL, erased_at = $2
         WHERE invitee_id = $1 AND erased_at IS NULL AND words <> ''",
        vec![invitee.into(), now.into()],
    )
    .await?;
    Ok(())
}
