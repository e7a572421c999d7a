//! The SQL of the first stage. Public types have no private fields.

use chrono::{DateTime, NaiveDate, Utc};

use super::model::Edition;
use crate::access::Towns;
use crate::case::store::StageColumn;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, CommentId, FileId, FollowId, MeetingId};
use crate::storage::{Database, StorageError, Tx, Value};

// ---- proposer, quota, code -------------------------------------------------------------------------------------------

/// The case of a tracking code's hash.
pub(super) async fn case_of_code(db: &Database, hash: &str) -> Result<Option<CaseId>, StorageError> {
    let row: Option<(CaseId,)> = db.row("SELECT topic_id FROM topic WHERE code_hash = $1", vec![hash.into()]).await?;
    Ok(row.map(|r| r.0))
}

pub(super) async fn set_code(tx: &mut Tx, case: CaseId, generation: i64, hash: &str) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE topic SET code_generation = $2, code_hash = $3 WHERE topic_id = $1",
        vec![case.into(), generation.into(), hash.into()],
    )
    .await?;
    Ok(())
}

pub(super) struct NewProposer<'a> {
    pub name: &'a str,
    pub phone: &'a str,
    pub consent_public: bool,
    pub joint_count: i64,
    pub reached_by: Option<&'a str>,
    pub salt: &'a str,
}

pub(super) async fn insert_proposer(tx: &mut Tx, case: CaseId, new: NewProposer<'_>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO proposer (case_id, name, phone, consent_public, joint_count, reached_by, salt)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            case.into(),
            new.name.into(),
            new.phone.into(),
            new.consent_public.into(),
            new.joint_count.into(),
            new.reached_by.into(),
            new.salt.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Who raised a topic; internal, and contacts only to those whose view is on record.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Proposer {
    /// Name; empty once erased.
    pub name: String,
    /// Phone in plain digits; empty when none was left, or once erased.
    pub phone: String,
    /// Whether the name may be shown.
    pub consent_public: bool,
    /// How many raise it jointly.
    pub joint_count: i64,
    /// How the person was reached, for a record on behalf.
    pub reached_by: Option<String>,
    /// Whether name and phone were erased.
    pub erased: bool,
}

/// The columns of [`Proposer`] with its table and condition.
macro_rules! proposer_of_case {
    () => {
        "SELECT name, phone, consent_public, joint_count, reached_by, erased_at IS NOT NULL AS erased
         FROM proposer WHERE case_id = $1"
    };
}

pub(super) async fn proposer_in(tx: &mut Tx, case: CaseId) -> Result<Proposer, Refusal> {
    tx.row(proposer_of_case!(), vec![case.into()]).await?.ok_or(Refusal::NotFound)
}

/// Who raised the topic.
///
/// # Errors
/// When the database cannot be read.
pub async fn proposer(db: &Database, case: CaseId) -> Result<Option<Proposer>, StorageError> {
    db.row(proposer_of_case!(), vec![case.into()]).await
}

pub(super) async fn set_consent(tx: &mut Tx, case: CaseId, consent: bool) -> Result<(), StorageError> {
    tx.execute("UPDATE proposer SET consent_public = $2 WHERE case_id = $1", vec![case.into(), consent.into()]).await?;
    Ok(())
}

/// Erases name, phone and the texts as they were sent. The released edition is the town's own text and stays.
pub(super) async fn forget_contact(tx: &mut Tx, ctx: &Ctx, case: CaseId) -> Result<bool, StorageError> {
    let n = tx
        .execute(
            "UPDATE proposer SET name = '', phone = '', consent_public = FALSE, salt = NULL, erased_at = $2
             WHERE case_id = $1 AND erased_at IS NULL",
            vec![case.into(), ctx.now().into()],
        )
        .await?;
    drop_quota(tx, case).await?;
    Ok(n == 1)
}

/// Topics of a town that ended before a time without being chosen, and whose proposer is still known.
pub(super) async fn to_forget(
    db: &Database,
    town: &str,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(CaseId,)>, StorageError> {
    db.rows(
        "SELECT t.topic_id FROM topic t JOIN proposer p ON p.case_id = t.topic_id
         WHERE t.town_id = $1 AND t.rule_set_id IS NULL AND t.waits_for IS NULL AND t.stage <> 'returned'
           AND t.stage_since <= $2 AND p.erased_at IS NULL ORDER BY t.stage_since LIMIT $3",
        vec![town.into(), before.into(), limit.into()],
    )
    .await
}

pub(super) async fn erase_proposer(tx: &mut Tx, ctx: &Ctx, case: CaseId) -> Result<bool, StorageError> {
    let n = tx
        .execute(
            "UPDATE proposer SET name = '', phone = '', consent_public = FALSE, salt = NULL, erased_at = $2
             WHERE case_id = $1 AND erased_at IS NULL",
            vec![case.into(), ctx.now().into()],
        )
        .await?;
    tx.execute(
        "UPDATE case_record SET body = '{}', salt = NULL, erased_at = $2
         WHERE case_id = $1 AND kind = 'topic_form' AND erased_at IS NULL",
        vec![case.into(), ctx.now().into()],
    )
    .await?;
    tx.execute("UPDATE topic SET sent_title = '（已删除）' WHERE topic_id = $1", vec![case.into()]).await?;
    drop_quota(tx, case).await?;
    Ok(n == 1)
}

pub(super) async fn add_quota(tx: &mut Tx, case: CaseId, contact_hash: &str) -> Result<(), StorageError> {
    tx.execute("INSERT INTO quota (case_id, contact_hash) VALUES ($1, $2)", vec![case.into(), contact_hash.into()])
        .await?;
    Ok(())
}

pub(super) async fn drop_quota(tx: &mut Tx, case: CaseId) -> Result<(), StorageError> {
    tx.execute("DELETE FROM quota WHERE case_id = $1", vec![case.into()]).await?;
    Ok(())
}

/// Another open topic of the same contact.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SameContact {
    /// The case.
    pub topic_id: CaseId,
    /// Its title as sent.
    pub sent_title: String,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
}

/// Other open topics of the contact that raised this one, in the same town: for the officer's eyes.
///
/// # Errors
/// When the database cannot be read.
pub async fn same_contact(db: &Database, case: CaseId) -> Result<Vec<SameContact>, StorageError> {
    db.rows(
        "SELECT t.topic_id, t.sent_title, t.stage
         FROM quota mine
         JOIN quota other ON other.contact_hash = mine.contact_hash AND other.case_id <> mine.case_id
         JOIN topic t ON t.topic_id = other.case_id
         JOIN topic own ON own.topic_id = mine.case_id AND own.town_id = t.town_id
         WHERE mine.case_id = $1 ORDER BY t.topic_id DESC LIMIT 20",
        vec![case.into()],
    )
    .await
}

/// Counts one more of something from the actor's address prefix today; returns how many that makes.
pub(super) async fn bump_prefix(tx: &mut Tx, ctx: &Ctx, what: &str, about: &str) -> Result<i64, StorageError> {
    let prefix = ctx.actor.visitor().prefix;
    if prefix.is_empty() {
        return Ok(0);
    }
    let row: Option<(i64,)> = tx
        .row(
            "INSERT INTO prefix_day (scope, day, n) VALUES ($1, $2, 1)
             ON CONFLICT (scope, day) DO UPDATE SET n = prefix_day.n + 1 RETURNING n",
            vec![format!("{what}:{about}:{prefix}").into(), ctx.today().into()],
        )
        .await?;
    Ok(row.map_or(0, |r| r.0))
}

pub(super) async fn next_number(tx: &mut Tx, town: &str, year: i64) -> Result<i64, Refusal> {
    let row: Option<(i64,)> = tx
        .row(
            "INSERT INTO topic_number (town_id, year, n) VALUES ($1, $2, 1)
             ON CONFLICT (town_id, year) DO UPDATE SET n = topic_number.n + 1 RETURNING n",
            vec![town.into(), year.into()],
        )
        .await?;
    row.map(|r| r.0).ok_or_else(|| Refusal::internal(&"no running number"))
}

// ---- edition and files -----------------------------------------------------------------------------------------------

/// Puts the released edition's title, place and files where lists and pages read them.
pub(super) async fn set_released(tx: &mut Tx, case: CaseId, edition: &Edition) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE topic SET title = $2, place = $3 WHERE topic_id = $1",
        vec![case.into(), edition.title.as_str().into(), edition.place.as_str().into()],
    )
    .await?;
    tx.execute("UPDATE case_file SET released = FALSE WHERE case_id = $1 AND part = 'topic'", vec![case.into()])
        .await?;
    for file in &edition.files {
        tx.execute(
            "UPDATE case_file SET released = TRUE WHERE case_id = $1 AND file_id = $2 AND part = 'topic'",
            vec![case.into(), (*file).into()],
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn attach_files(tx: &mut Tx, case: CaseId, files: &[FileId], from: i64) -> Result<(), StorageError> {
    for (position, file) in (from..).zip(files) {
        tx.execute(
            "INSERT INTO case_file (case_id, file_id, position, released) VALUES ($1, $2, $3, FALSE)
             ON CONFLICT (case_id, file_id) DO NOTHING",
            vec![case.into(), (*file).into(), position.into()],
        )
        .await?;
    }
    Ok(())
}

/// A file of a case.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CaseFile {
    /// Its id.
    pub file_id: FileId,
    /// The name it had.
    pub name: String,
    /// Its type.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Whether the public may see it.
    pub released: bool,
}

/// Sets the tags of a topic; false when they are no longer those that were seen.
pub(super) async fn set_tags(tx: &mut Tx, case: CaseId, seen: &str, tags: &str) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE topic SET tags = $3 WHERE topic_id = $1 AND tags = $2",
            vec![case.into(), seen.into(), tags.into()],
        )
        .await?;
    Ok(changed == 1)
}

/// The files that the topic came with, in order; with `released_only` those that the public may see.
///
/// # Errors
/// When the database cannot be read.
pub async fn files(db: &Database, case: CaseId, released_only: bool) -> Result<Vec<CaseFile>, StorageError> {
    db.rows(
        "SELECT f.file_id, f.name, f.media_type, f.size, c.released
         FROM case_file c JOIN file f ON f.file_id = c.file_id
         WHERE c.case_id = $1 AND c.part = 'topic' AND (c.released OR NOT $2) ORDER BY c.position",
        vec![case.into(), Value::from(released_only)],
    )
    .await
}

/// How many files the topic came with, and their bytes.
pub(super) async fn files_in(tx: &mut Tx, case: CaseId) -> Result<(u32, u64), StorageError> {
    let row: Option<(i64, i64)> = tx
        .row(
            "SELECT COUNT(*), CAST(COALESCE(SUM(f.size), 0) AS BIGINT)
             FROM case_file c JOIN file f ON f.file_id = c.file_id WHERE c.case_id = $1 AND c.part = 'topic'",
            vec![case.into()],
        )
        .await?;
    let (count, bytes) = row.unwrap_or_default();
    Ok((u32::try_from(count).unwrap_or(u32::MAX), u64::try_from(bytes).unwrap_or(u64::MAX)))
}

/// A file that the actor may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGrant {
    /// Where its bytes lie.
    pub sha256: String,
    /// The name it had.
    pub name: String,
    /// Its type.
    pub media_type: String,
    /// Whether the public may see it, so that shared caches may keep it.
    pub public: bool,
}

#[derive(sqlx::FromRow)]
struct FileRow {
    sha256: String,
    name: String,
    media_type: String,
    released: bool,
    part: String,
    case_id: CaseId,
    town_id: String,
    is_public: bool,
    proposer_id: Option<AccountId>,
    lead_id: Option<AccountId>,
    chair_id: Option<AccountId>,
    recorder_id: Option<AccountId>,
}

/// The file of an id, if the actor may have it: released files of public cases everybody, the others those who may see
/// the case inside, and the proposer.
///
/// # Errors
/// When the database cannot be read.
pub async fn file_for(ctx: &Ctx, file: FileId) -> Result<Option<FileGrant>, StorageError> {
    let rows: Vec<FileRow> = ctx
        .db
        .rows(
            "SELECT f.sha256, f.name, f.media_type, c.released, c.part, c.case_id, t.town_id, t.is_public,
                    t.proposer_id, t.lead_id, t.chair_id, t.recorder_id
             FROM case_file c
             JOIN file f ON f.file_id = c.file_id
             JOIN topic t ON t.topic_id = c.case_id
             WHERE c.file_id = $1",
            vec![file.into()],
        )
        .await?;
    let account = ctx.actor.account();
    Ok(rows.into_iter().find_map(|row| {
        let public = row.released && row.is_public;
        let relation = crate::access::Relation {
            case: (row.part == "topic").then_some(row.case_id),
            town: &row.town_id,
            is_public: false,
            // What came with the research is not the proposer's.
            raised_by_actor: row.part == "topic" && row.proposer_id.is_some() && row.proposer_id == account,
            led_by_actor: row.lead_id.is_some() && row.lead_id == account,
            chaired_by_actor: row.chair_id.is_some() && row.chair_id == account,
            written_by_actor: row.recorder_id.is_some() && row.recorder_id == account,
        };
        (public || crate::access::may_see(&ctx.actor, relation)).then_some(FileGrant {
            sha256: row.sha256,
            name: row.name,
            media_type: row.media_type,
            public,
        })
    }))
}

// ---- supports and followers ------------------------------------------------------------------------------------------

/// Adds a support; `false` when this browser already gave one.
pub(super) async fn add_support(
    tx: &mut Tx,
    ctx: &Ctx,
    case: CaseId,
    browser: &str,
    held: bool,
) -> Result<bool, StorageError> {
    let n = tx
        .execute(
            "INSERT INTO support (case_id, browser_hash, at, held) VALUES ($1, $2, $3, $4)
             ON CONFLICT (case_id, browser_hash) DO NOTHING",
            vec![case.into(), browser.into(), ctx.now().into(), held.into()],
        )
        .await?;
    if n == 1 {
        tx.execute(
            if held {
                "UPDATE topic SET held_comments = held_comments + 1 WHERE topic_id = $1"
            } else {
                "UPDATE topic SET support_count = support_count + 1 WHERE topic_id = $1"
            },
            vec![case.into()],
        )
        .await?;
    }
    Ok(n == 1)
}

pub(super) async fn decide_held_supports(tx: &mut Tx, case: CaseId, count: bool) -> Result<i64, StorageError> {
    let n = tx
        .execute(
            if count {
                "UPDATE support SET held = FALSE WHERE case_id = $1 AND held"
            } else {
                "DELETE FROM support WHERE case_id = $1 AND held"
            },
            vec![case.into()],
        )
        .await?;
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    tx.execute(
        "UPDATE topic SET held_comments = held_comments - $2, support_count = support_count + $3 WHERE topic_id = $1",
        vec![case.into(), n.into(), (if count { n } else { 0 }).into()],
    )
    .await?;
    Ok(n)
}

/// How many supports are held.
///
/// # Errors
/// When the database cannot be read.
pub async fn held_supports(db: &Database, case: CaseId) -> Result<i64, StorageError> {
    let row: Option<(i64,)> =
        db.row("SELECT COUNT(*) FROM support WHERE case_id = $1 AND held", vec![case.into()]).await?;
    Ok(row.map_or(0, |r| r.0))
}

/// Gives the supports of `from` to `to` as well; returns how many are new there.
pub(super) async fn merge_supports(tx: &mut Tx, from: CaseId, to: CaseId) -> Result<i64, StorageError> {
    let n = tx
        .execute(
            "INSERT INTO support (case_id, browser_hash, at, held, via_case)
             SELECT $2, s.browser_hash, s.at, FALSE, $1 FROM support s WHERE s.case_id = $1 AND NOT s.held
             ON CONFLICT (case_id, browser_hash) DO NOTHING",
            vec![from.into(), to.into()],
        )
        .await?;
    change_support_count(tx, to, i64::try_from(n).unwrap_or(0)).await
}

/// Takes back what [`merge_supports`] gave.
pub(super) async fn unmerge_supports(tx: &mut Tx, from: CaseId, to: CaseId) -> Result<i64, StorageError> {
    let n =
        tx.execute("DELETE FROM support WHERE case_id = $2 AND via_case = $1", vec![from.into(), to.into()]).await?;
    change_support_count(tx, to, -i64::try_from(n).unwrap_or(0)).await.map(i64::abs)
}

async fn change_support_count(tx: &mut Tx, case: CaseId, by: i64) -> Result<i64, StorageError> {
    tx.execute("UPDATE topic SET support_count = support_count + $2 WHERE topic_id = $1", vec![case.into(), by.into()])
        .await?;
    Ok(by)
}

pub(super) async fn add_follower(
    tx: &mut Tx,
    ctx: &Ctx,
    case: CaseId,
    follow: FollowId,
    (contact, salt, ledger_seq): (&str, &str, i64),
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO follower (follow_id, case_id, contact, generation, at, salt, ledger_seq)
         VALUES ($1, $2, $3, 0, $4, $5, $6)",
        vec![
            follow.into(),
            case.into(),
            (!contact.is_empty()).then(|| contact.to_owned()).into(),
            ctx.now().into(),
            salt.into(),
            ledger_seq.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn stop_follower(
    tx: &mut Tx,
    ctx: &Ctx,
    case: CaseId,
    follow: FollowId,
) -> Result<bool, StorageError> {
    let n = tx
        .execute(
            "UPDATE follower SET contact = NULL, salt = NULL, stopped_at = $3
             WHERE follow_id = $2 AND case_id = $1 AND stopped_at IS NULL",
            vec![case.into(), follow.into(), ctx.now().into()],
        )
        .await?;
    Ok(n == 1)
}

pub(super) async fn note_followers_told(tx: &mut Tx, ctx: &Ctx, case: CaseId) -> Result<i64, StorageError> {
    let n = tx
        .execute(
            "UPDATE follower SET told_at = $2 WHERE case_id = $1 AND contact IS NOT NULL AND stopped_at IS NULL",
            vec![case.into(), ctx.now().into()],
        )
        .await?;
    Ok(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Somebody who follows a topic.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Follower {
    /// The follower.
    pub follow_id: FollowId,
    /// The topic.
    pub case_id: CaseId,
    /// Phone or mail address; internal.
    pub contact: Option<String>,
    /// Raised when the link is withdrawn.
    pub generation: i64,
    /// When the officer last told those with a contact.
    pub told_at: Option<DateTime<Utc>>,
    /// When the person stopped it.
    pub stopped_at: Option<DateTime<Utc>>,
}

/// The follower of a signed link.
///
/// # Errors
/// When the database cannot be read.
pub async fn follower(db: &Database, follow: FollowId) -> Result<Option<Follower>, StorageError> {
    db.row(
        "SELECT follow_id, case_id, contact, generation, told_at, stopped_at FROM follower WHERE follow_id = $1",
        vec![follow.into()],
    )
    .await
}

/// Those who left a contact and were not told since the case last moved.
///
/// # Errors
/// When the database cannot be read.
pub async fn contacts_to_tell(db: &Database, case: CaseId) -> Result<Vec<Follower>, StorageError> {
    db.rows(
        "SELECT f.follow_id, f.case_id, f.contact, f.generation, f.told_at, f.stopped_at
         FROM follower f JOIN topic t ON t.topic_id = f.case_id
         WHERE f.case_id = $1 AND f.contact IS NOT NULL AND f.stopped_at IS NULL
           AND (f.told_at IS NULL OR f.told_at < t.moved_at) AND f.at < t.moved_at
         ORDER BY f.follow_id",
        vec![case.into()],
    )
    .await
}

// ---- comments --------------------------------------------------------------------------------------------------------

/// Whether a comment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentState {
    /// Waits for the officer.
    Held,
    /// Shown.
    Released,
    /// Not shown.
    Hidden,
}

impl CommentState {
    const fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Released => "released",
            Self::Hidden => "hidden",
        }
    }
}

/// What makes a comment an opinion before a meeting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opinion {
    pub meeting: MeetingId,
    /// `for`, `against` or `neutral`.
    pub stance: &'static str,
}

pub(super) struct NewComment<'a> {
    pub comment: CommentId,
    pub case: CaseId,
    pub parent: Option<CommentId>,
    pub shown_name: &'a str,
    pub official: bool,
    pub body: &'a str,
    pub opinion: Option<Opinion>,
    pub state: CommentState,
    pub browser: &'a str,
    pub salt: &'a str,
    pub ledger_seq: i64,
}

pub(super) async fn add_comment(tx: &mut Tx, ctx: &Ctx, new: &NewComment<'_>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO comment (comment_id, case_id, parent_id, shown_name, official, body, state, reports, browser_hash,
                at, salt, ledger_seq, stance, meeting_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12, $13)",
        vec![
            new.comment.into(),
            new.case.into(),
            new.parent.into(),
            new.shown_name.into(),
            new.official.into(),
            new.body.into(),
            new.state.code().into(),
            new.browser.into(),
            ctx.now().into(),
            new.salt.into(),
            new.ledger_seq.into(),
            new.opinion.map(|opinion| opinion.stance).into(),
            new.opinion.map(|opinion| opinion.meeting).into(),
        ],
    )
    .await?;
    let (held, shown) = match new.state {
        CommentState::Held => (1, 0),
        CommentState::Released => (0, 1),
        CommentState::Hidden => (0, 0),
    };
    change_comment_counts(tx, new.case, held, shown).await
}

async fn change_comment_counts(tx: &mut Tx, case: CaseId, held: i64, shown: i64) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE topic SET held_comments = held_comments + $2, comment_count = comment_count + $3 WHERE topic_id = $1",
        vec![case.into(), held.into(), shown.into()],
    )
    .await?;
    Ok(())
}

/// The comment that a reply belongs under: threads are one level deep.
pub(super) async fn thread_root(
    tx: &mut Tx,
    case: CaseId,
    comment: CommentId,
) -> Result<Option<CommentId>, StorageError> {
    let row: Option<(CommentId,)> = tx
        .row(
            "SELECT COALESCE(parent_id, comment_id) FROM comment
             WHERE comment_id = $2 AND case_id = $1 AND state = 'released'",
            vec![case.into(), comment.into()],
        )
        .await?;
    Ok(row.map(|r| r.0))
}

pub(super) async fn town_short_name(tx: &mut Tx, town: &str) -> Result<String, Refusal> {
    let row: Option<(String,)> = tx.row("SELECT short_name FROM town WHERE town_id = $1", vec![town.into()]).await?;
    row.map(|r| r.0).ok_or(Refusal::NotFound)
}

pub(super) async fn decide_comment(
    tx: &mut Tx,
    ctx: &Ctx,
    case: CaseId,
    comment: CommentId,
    state: CommentState,
) -> Result<bool, Refusal> {
    let before: Option<(String, i64)> = tx
        .row(
            "SELECT state, reports FROM comment WHERE comment_id = $2 AND case_id = $1 AND erased_at IS NULL",
            vec![case.into(), comment.into()],
        )
        .await?;
    let (before, reports) = before.ok_or(Refusal::NotFound)?;
    if before == state.code() && reports == 0 {
        return Ok(false);
    }
    tx.execute(
        "UPDATE comment SET state = $2, reports = 0, decided_at = $3 WHERE comment_id = $1",
        vec![comment.into(), state.code().into(), ctx.now().into()],
    )
    .await?;
    // A reported comment waits for the officer like a held one.
    let held = i64::from(before == "held" || reports > 0);
    let shown = i64::from(state == CommentState::Released) - i64::from(before == "released");
    change_comment_counts(tx, case, -held, shown).await?;
    Ok(true)
}

pub(super) async fn report_comment(
    tx: &mut Tx,
    case: CaseId,
    comment: CommentId,
    browser: &str,
) -> Result<bool, Refusal> {
    let found: Option<(i64,)> = tx
        .row(
            "SELECT reports FROM comment WHERE comment_id = $2 AND case_id = $1 AND state = 'released'",
            vec![case.into(), comment.into()],
        )
        .await?;
    let (reports,) = found.ok_or(Refusal::NotFound)?;
    let n = tx
        .execute(
            "INSERT INTO comment_report (comment_id, browser_hash) VALUES ($1, $2)
             ON CONFLICT (comment_id, browser_hash) DO NOTHING",
            vec![comment.into(), browser.into()],
        )
        .await?;
    if n == 0 {
        return Ok(false);
    }
    tx.execute("UPDATE comment SET reports = reports + 1 WHERE comment_id = $1", vec![comment.into()]).await?;
    if reports == 0 {
        change_comment_counts(tx, case, 1, 0).await?;
    }
    Ok(true)
}

pub(super) async fn erase_comment(
    tx: &mut Tx,
    ctx: &Ctx,
    case: CaseId,
    comment: CommentId,
) -> Result<bool, StorageError> {
    let before: Option<(String, i64)> = tx
        .row(
            "SELECT state, reports FROM comment WHERE comment_id = $2 AND case_id = $1 AND erased_at IS NULL",
            vec![case.into(), comment.into()],
        )
        .await?;
    let Some((state, reports)) = before else {
        return Ok(false);
    };
    tx.execute(
        "UPDATE comment SET shown_name = '', body = '', stance = NULL, browser_hash = NULL, salt = NULL,
                state = 'hidden', reports = 0, erased_at = $2
         WHERE comment_id = $1",
        vec![comment.into(), ctx.now().into()],
    )
    .await?;
    let held = i64::from(state == "held" || reports > 0);
    change_comment_counts(tx, case, -held, -i64::from(state == "released")).await?;
    Ok(true)
}

/// A comment as everybody sees it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PublicComment {
    /// Its id.
    pub comment_id: CommentId,
    /// The comment it stands under.
    pub parent_id: Option<CommentId>,
    /// The writer, as chosen.
    pub shown_name: String,
    /// Whether the town speaks.
    pub official: bool,
    /// The text, plain.
    pub body: String,
    /// `for`, `against` or `neutral`, where it is an opinion before a meeting.
    pub stance: Option<String>,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// The newest threads of released comments, newest first, each with its answers in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn comments(
    db: &Database,
    case: CaseId,
    before: Option<CommentId>,
    limit: i64,
) -> Result<Vec<PublicComment>, StorageError> {
    db.rows(
        "WITH roots AS (
             SELECT comment_id FROM comment
             WHERE case_id = $1 AND parent_id IS NULL AND state = 'released' AND ($2 IS NULL OR comment_id < $2)
             ORDER BY comment_id DESC LIMIT $3)
         SELECT c.comment_id, c.parent_id, c.shown_name, c.official, c.body, c.stance, c.at
         FROM comment c JOIN roots r ON r.comment_id = COALESCE(c.parent_id, c.comment_id)
         WHERE c.case_id = $1 AND c.state = 'released'
         ORDER BY COALESCE(c.parent_id, c.comment_id) DESC, c.comment_id",
        vec![case.into(), before.into(), limit.into()],
    )
    .await
}

/// A comment that waits for the officer.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WaitingComment {
    /// Its id.
    pub comment_id: CommentId,
    /// The writer, as chosen.
    pub shown_name: String,
    /// The text.
    pub body: String,
    /// `for`, `against` or `neutral`, where it is an opinion before a meeting.
    pub stance: Option<String>,
    /// `held`, `released` (then it was reported) or `hidden`.
    pub state: String,
    /// How many reported it.
    pub reports: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// The comments of a case for the officer: those that wait first, then the newest.
///
/// # Errors
/// When the database cannot be read.
pub async fn officer_comments(db: &Database, case: CaseId, limit: i64) -> Result<Vec<WaitingComment>, StorageError> {
    db.rows(
        "SELECT comment_id, shown_name, body, stance, state, reports, at FROM comment
         WHERE case_id = $1 AND erased_at IS NULL
         ORDER BY CASE WHEN state = 'held' OR reports > 0 THEN 0 ELSE 1 END, comment_id DESC LIMIT $2",
        vec![case.into(), limit.into()],
    )
    .await
}

/// An opinion before a meeting that everybody may read.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PublicOpinion {
    /// The comment it stands in; none for that of an invitee.
    pub comment_id: Option<CommentId>,
    /// A resident, as chosen.
    pub shown_name: Option<String>,
    /// As what an invitee takes part; invitees are not named.
    pub category: Option<String>,
    /// `for`, `against` or `neutral`.
    pub stance: String,
    /// The text, plain.
    pub body: String,
    /// When a resident wrote it.
    pub at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct OpinionRow {
    #[sqlx(flatten)]
    opinion: PublicOpinion,
    in_favour: i64,
    against: i64,
    neutral: i64,
}

/// The opinions before a meeting that everybody may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opinions {
    /// How many are for it.
    pub in_favour: i64,
    /// How many are against it.
    pub against: i64,
    /// How many are neither.
    pub neutral: i64,
    /// The newest of them.
    pub newest: Vec<PublicOpinion>,
}

/// The released opinions on a meeting, of residents and of those invited: how many there are, and the newest.
///
/// # Errors
/// When the database cannot be read.
pub async fn opinions(db: &Database, meeting: MeetingId, limit: i64) -> Result<Opinions, StorageError> {
    let rows: Vec<OpinionRow> = db
        .rows(
            "WITH said AS (
                 SELECT comment_id AS id, comment_id, shown_name, NULL AS category, stance, body, at FROM comment
                 WHERE meeting_id = $1 AND stance IS NOT NULL AND state = 'released'
                 UNION ALL
                 SELECT invitee_id, NULL, NULL, category, COALESCE(stance, 'neutral'), opinion, NULL FROM invitee
                 WHERE meeting_id = $1 AND opinion_released AND opinion <> '' AND erased_at IS NULL)
             SELECT comment_id, shown_name, category, stance, body, at,
                    COUNT(CASE WHEN stance = 'for' THEN 1 END) OVER () AS in_favour,
                    COUNT(CASE WHEN stance = 'against' THEN 1 END) OVER () AS against,
                    COUNT(CASE WHEN stance = 'neutral' THEN 1 END) OVER () AS neutral
             FROM said ORDER BY id DESC LIMIT $2",
            vec![meeting.into(), limit.into()],
        )
        .await?;
    let mut all = Opinions::default();
    if let Some(OpinionRow { in_favour, against, neutral, .. }) = rows.first() {
        (all.in_favour, all.against, all.neutral) = (*in_favour, *against, *neutral);
    }
    all.newest = rows.into_iter().map(|row| row.opinion).collect();
    Ok(all)
}

/// The opinions on a meeting that residents gave without being invited and that were not hidden, by stance: stance, how
/// many, how many of them wait for the officer.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn opinions_came(db: &Database, meeting: MeetingId) -> Result<Vec<(String, i64, i64)>, StorageError> {
    db.rows(
        "SELECT stance, COUNT(*), COUNT(CASE WHEN state = 'held' THEN 1 END) FROM comment
         WHERE meeting_id = $1 AND stance IS NOT NULL AND state <> 'hidden' GROUP BY stance",
        vec![meeting.into()],
    )
    .await
}

// ---- public reading --------------------------------------------------------------------------------------------------

/// A topic in a public list.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PublicRow {
    /// The topic.
    pub topic_id: CaseId,
    /// The released title.
    pub title: String,
    /// The released place.
    pub place: String,
    /// The town's short name.
    pub town: String,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    /// The stage a suspended one goes back to.
    pub suspended_from: Option<String>,
    /// Code of the source.
    pub source: String,
    /// The last day the stage may take.
    pub due_on: Option<NaiveDate>,
    /// Code of the role it waits for.
    pub waits_for: Option<String>,
    /// Supporters.
    pub support_count: i64,
    /// Released comments.
    pub comment_count: i64,
    /// Last change of stage.
    pub moved_at: DateTime<Utc>,
    /// Whether something of a closed case is looked at again on a later day.
    pub looked_back: bool,
    /// 演示数据.
    pub demo: bool,
}

/// The columns of [`PublicRow`], from `topic t` and `town w`.
macro_rules! public_row_columns {
    () => {
        "t.topic_id, COALESCE(t.title, '') AS title, COALESCE(t.place, '') AS place, w.short_name AS town, t.stage,
         t.suspended_from, t.source, t.due_on, t.waits_for, t.support_count, t.comment_count, t.moved_at,
         t.looked_back, t.demo"
    };
}

/// In which order a list stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What moved last first.
    #[default]
    Moved,
    /// What was raised last first.
    Raised,
    /// What most people support first.
    Supported,
}

/// The place in a list after which the next page begins: the sort's own value (microseconds or a count) and the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Microseconds since 1970 of the last change, or the number of supporters; 0 where the id alone sorts.
    pub key: i64,
    /// The last topic of the page.
    pub topic: CaseId,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.key, self.topic)
    }
}

impl std::str::FromStr for Cursor {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        let (key, topic) = s.split_once('.').ok_or(())?;
        Ok(Self { key: key.parse().map_err(|_| ())?, topic: topic.parse().map_err(|_| ())? })
    }
}

/// What is listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this town.
    pub town: Option<String>,
    /// Only this stage.
    pub stage: Option<String>,
    /// Only this source.
    pub source: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// After which topic.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: i64,
}

/// A list query: the driving condition decides which index is walked.
macro_rules! list_sql {
    ($driver:literal, $key:literal, $order:literal) => {
        concat!(
            "SELECT ",
            public_row_columns!(),
            " FROM topic t JOIN town w ON w.town_id = t.town_id WHERE t.is_public AND ",
            $driver,
            " AND ",
            $key,
            " ORDER BY ",
            $order,
            " LIMIT $6"
        )
    };
}

/// The topics of a public list.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &Database, filter: &Filter) -> Result<Vec<PublicRow>, StorageError> {
    // Every variant takes the same six parameters: town, stage, source, key, id, limit.
    macro_rules! moved {
        ($driver:literal) => {
            list_sql!($driver, "(t.moved_at, t.topic_id) < ($4, $5)", "t.moved_at DESC, t.topic_id DESC")
        };
    }
    let sql = match (filter.sort, &filter.stage, &filter.town, &filter.source) {
        (Sort::Moved, Some(_), _, _) => moved!(
            "t.stage = $2 AND (CAST($1 AS TEXT) IS NULL OR t.town_id = $1) AND (CAST($3 AS TEXT) IS NULL OR t.source = $3)"
        ),
        (Sort::Moved, None, Some(_), _) => {
            moved!("t.town_id = $1 AND CAST($2 AS TEXT) IS NULL AND (CAST($3 AS TEXT) IS NULL OR t.source = $3)")
        }
        (Sort::Moved, None, None, Some(_)) => {
            moved!("t.source = $3 AND CAST($1 AS TEXT) IS NULL AND CAST($2 AS TEXT) IS NULL")
        }
        (Sort::Moved, None, None, None) => {
            moved!("CAST($1 AS TEXT) IS NULL AND CAST($2 AS TEXT) IS NULL AND CAST($3 AS TEXT) IS NULL")
        }
        (Sort::Raised, ..) => list_sql!(
            "(CAST($1 AS TEXT) IS NULL OR t.town_id = $1) AND (CAST($2 AS TEXT) IS NULL OR t.stage = $2)
             AND (CAST($3 AS TEXT) IS NULL OR t.source = $3)",
            "t.topic_id < $5 AND $4 >= 0",
            "t.topic_id DESC"
        ),
        (Sort::Supported, ..) => list_sql!(
            "(CAST($1 AS TEXT) IS NULL OR t.town_id = $1) AND (CAST($2 AS TEXT) IS NULL OR t.stage = $2)
             AND (CAST($3 AS TEXT) IS NULL OR t.source = $3)",
            "(t.support_count, t.topic_id) < ($4, $5)",
            "t.support_count DESC, t.topic_id DESC"
        ),
    };
    let last = CaseId(uuid::Uuid::max());
    let (key, topic) = match (filter.sort, filter.after) {
        (Sort::Moved, after) => {
            let time = match after {
                Some(cursor) => DateTime::from_timestamp_micros(cursor.key),
                None => DateTime::from_timestamp(253_402_300_799, 0),
            };
            (Value::Time(Some(time.unwrap_or(DateTime::UNIX_EPOCH))), after.map_or(last, |c| c.topic))
        }
        (_, Some(cursor)) => (Value::Int(Some(cursor.key)), cursor.topic),
        (_, None) => (Value::Int(Some(i64::MAX)), last),
    };
    db.rows(
        sql,
        vec![
            filter.town.clone().into(),
            filter.stage.clone().into(),
            filter.source.clone().into(),
            key,
            topic.into(),
            filter.limit.into(),
        ],
    )
    .await
}

impl PublicRow {
    /// The cursor after this row.
    #[must_use]
    pub fn cursor(&self, sort: Sort) -> Cursor {
        Cursor {
            key: match sort {
                Sort::Moved => self.moved_at.timestamp_micros(),
                Sort::Raised => 0,
                Sort::Supported => self.support_count,
            },
            topic: self.topic_id,
        }
    }
}

/// How many topics of a town stand in a stage.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Count {
    /// The town.
    pub town_id: String,
    /// Its short name.
    pub town: String,
    /// The stage.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    /// How many.
    pub n: i64,
}

/// The counts of all towns and stages; every town has at least one row.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(db: &Database) -> Result<Vec<Count>, StorageError> {
    db.rows(
        "SELECT w.town_id, w.short_name AS town, COALESCE(c.stage, 'draft') AS stage, COALESCE(c.n, 0) AS n
         FROM town w LEFT JOIN topic_count c ON c.town_id = w.town_id ORDER BY w.sort_no, c.stage",
        Vec::new(),
    )
    .await
}

/// A public topic with its released edition.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PublicTopic {
    /// What lists show too.
    #[sqlx(flatten)]
    pub row: PublicRow,
    /// Its town.
    pub town_id: String,
    /// The running number.
    pub number: Option<String>,
    /// When it was sent.
    pub submitted_at: DateTime<Utc>,
    /// Goes up with every move.
    pub stage_version: i64,
    /// Since when it stands where it stands.
    pub stage_since: DateTime<Utc>,
    /// The topic it was joined to.
    pub merged_into: Option<CaseId>,
    /// Its title.
    pub merged_title: Option<String>,
    /// How many raised it jointly.
    pub joint_count: i64,
    /// The proposer's name, only by consent.
    pub proposer_name: Option<String>,
    /// The edition as JSON.
    pub edition: Option<String>,
    /// The rule set it keeps.
    pub rule_set_id: Option<crate::ids::RuleSetId>,
    /// The code of the list it was taken over from.
    pub imported_from: Option<String>,
    /// Whether a resident says that it came up again, and nobody has answered.
    pub came_up: bool,
}

impl PublicTopic {
    /// The released edition.
    ///
    /// # Errors
    /// When it cannot be read back.
    pub fn released(&self) -> Result<Edition, StorageError> {
        match &self.edition {
            Some(body) => crate::case::store::read(body),
            None => Ok(Edition::default()),
        }
    }
}

/// A public topic; `None` for what does not exist or is not public.
///
/// # Errors
/// When the database cannot be read.
pub async fn public_topic(db: &Database, case: CaseId) -> Result<Option<PublicTopic>, StorageError> {
    db.row(
        concat!(
            "SELECT ",
            public_row_columns!(),
            ", t.town_id, t.number, t.submitted_at, t.stage_version, t.stage_since, t.merged_into,
              m.title AS merged_title, COALESCE(p.joint_count, 1) AS joint_count, t.rule_set_id, t.imported_from,
              EXISTS (SELECT 1 FROM reopening o WHERE o.case_id = t.topic_id AND o.decided_at IS NULL) AS came_up,
              CASE WHEN p.consent_public THEN p.name END AS proposer_name,
              (SELECT r.body FROM case_record r WHERE r.case_id = t.topic_id AND r.kind = 'edition'
               ORDER BY r.version DESC LIMIT 1) AS edition
             FROM topic t
             JOIN town w ON w.town_id = t.town_id
             LEFT JOIN proposer p ON p.case_id = t.topic_id
             LEFT JOIN topic m ON m.topic_id = t.merged_into AND m.is_public
             WHERE t.topic_id = $1 AND t.is_public"
        ),
        vec![case.into()],
    )
    .await
}

// ---- the desk --------------------------------------------------------------------------------------------------------

/// A topic in an internal list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeskRow {
    /// The topic.
    pub topic_id: CaseId,
    /// The released title, or the one that was sent.
    pub title: String,
    /// The town's short name.
    pub town: String,
    /// Its town.
    pub town_id: String,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    /// The stage a suspended one goes back to.
    pub suspended_from: Option<String>,
    /// Code of the role it waits for.
    pub waits_for: Option<String>,
    /// The last day the stage may take.
    pub due_on: Option<NaiveDate>,
    /// Since when it stands where it stands.
    pub stage_since: DateTime<Utc>,
    /// Comments and supports that wait for the officer.
    pub held_comments: i64,
    /// The running number.
    pub number: Option<String>,
    /// Who leads the research.
    pub lead_id: Option<AccountId>,
    /// That person's name.
    pub lead_name: Option<String>,
    /// Who chairs the meeting that was opened last.
    pub chair_id: Option<AccountId>,
    /// The last day on which those present check the draft of its minutes.
    pub checked_until: Option<NaiveDate>,
    /// The day by which a resident who says that it came up again is to be answered; none where nobody waits.
    pub came_up: Option<NaiveDate>,
    /// Whether the district has stopped the case for now.
    pub frozen: bool,
}

/// The columns of [`DeskRow`], from `topic t` and `town w`.
macro_rules! desk_columns {
    () => {
        "t.topic_id, COALESCE(t.title, t.sent_title) AS title, w.short_name AS town, t.town_id, t.stage,
         t.suspended_from, t.waits_for, t.due_on, t.stage_since, t.held_comments, t.number, t.lead_id,
         (SELECT l.name FROM account l WHERE l.account_id = t.lead_id) AS lead_name, t.chair_id,
         (SELECT n.until FROM minutes n WHERE n.case_id = t.topic_id AND n.state = 'circulating') AS checked_until,
         (SELECT MIN(o.due_on) FROM reopening o WHERE o.case_id = t.topic_id AND o.decided_at IS NULL) AS came_up,
         t.frozen_at IS NOT NULL AS frozen"
    };
}
pub(crate) use desk_columns;

/// The open topics of some towns, by due date: what somebody has to do something about.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_topics(db: &Database, towns: &Towns, limit: i64) -> Result<Vec<DeskRow>, StorageError> {
    db.rows(
        concat!(
            "SELECT ",
            desk_columns!(),
            " FROM topic t JOIN town w ON w.town_id = t.town_id
             WHERE ($1 = '' OR $1 LIKE '%,' || t.town_id || ',%')
               AND (t.waits_for IS NOT NULL OR t.stage = 'returned' OR t.held_comments > 0)
             ORDER BY t.due_on NULLS LAST, t.topic_id LIMIT $2"
        ),
        vec![towns.into(), limit.into()],
    )
    .await
}

/// The topics with minutes that wait for a person's signature, of whatever town.
///
/// # Errors
/// When the database cannot be read.
pub async fn to_sign(
    db: &Database,
    chair: AccountId,
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<DeskRow>, StorageError> {
    db.rows(
        concat!(
            "SELECT ",
            desk_columns!(),
            " FROM topic t JOIN town w ON w.town_id = t.town_id
             WHERE t.chair_id = $1
               AND EXISTS (SELECT 1 FROM minutes n
                           WHERE n.case_id = t.topic_id AND n.state = 'circulating' AND n.until < $2)
             ORDER BY t.due_on NULLS LAST, t.topic_id LIMIT $3"
        ),
        vec![chair.into(), today.into(), limit.into()],
    )
    .await
}

/// The topics whose research a person leads, by due date, of whatever town.
///
/// # Errors
/// When the database cannot be read.
pub async fn led_by(db: &Database, lead: AccountId, limit: i64) -> Result<Vec<DeskRow>, StorageError> {
    db.rows(
        concat!(
            "SELECT ",
            desk_columns!(),
            " FROM topic t JOIN town w ON w.town_id = t.town_id
             WHERE t.lead_id = $1 AND t.stage = 'researching'
             ORDER BY t.due_on NULLS LAST, t.topic_id LIMIT $2"
        ),
        vec![lead.into(), limit.into()],
    )
    .await
}

/// A topic that another may be joined to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MergeChoice {
    /// The topic.
    pub topic_id: CaseId,
    /// Its running number.
    pub number: Option<String>,
    /// Its released title.
    pub title: String,
}

/// The open, accepted topics of a town that this one may be joined to, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn merge_choices(db: &Database, case: CaseId, town: &str) -> Result<Vec<MergeChoice>, StorageError> {
    db.rows(
        "SELECT topic_id, number, COALESCE(title, sent_title) AS title FROM topic
         WHERE town_id = $2 AND topic_id <> $1 AND accepted_at IS NOT NULL AND waits_for IS NOT NULL
         ORDER BY topic_id DESC LIMIT 200",
        vec![case.into(), town.into()],
    )
    .await
}

/// A case whose time ran out.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct RunOut {
    pub topic_id: CaseId,
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    pub stage_version: i64,
}

pub(super) async fn run_out(db: &Database, today: NaiveDate, limit: i64) -> Result<Vec<RunOut>, StorageError> {
    db.rows(
        "SELECT topic_id, stage, stage_version FROM topic
         WHERE due_on < $1 AND NOT overdue_marked ORDER BY due_on LIMIT $2",
        vec![today.into(), limit.into()],
    )
    .await
}
