//! The SQL of polls.

use chrono::{DateTime, Utc};

use super::model::Asked;
use crate::ids::{CaseId, InviteeId, PollId, SittingId};
use crate::storage::{Database, StorageError, Tx};

/// A poll.
#[derive(Clone, Debug)]
pub struct Poll {
    /// Its id.
    pub poll: PollId,
    /// The sitting.
    pub sitting: SittingId,
    /// 1 for the first of the sitting.
    pub no: i64,
    /// What is asked.
    pub asked: Asked,
    /// Whether it is secret.
    pub secret: bool,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// How many are entitled.
    pub entitled: i64,
    /// How many of them have voted.
    pub voted: i64,
    /// Votes by option, in order. Only for [`super::model::shown`].
    pub votes: Vec<i64>,
}

#[derive(sqlx::FromRow)]
struct PollRow {
    poll_id: PollId,
    sitting_id: SittingId,
    no: i64,
    body: String,
    secret: bool,
    opened_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    entitled: i64,
    voted: i64,
}

fn asked(poll: PollId, body: &str) -> Result<Asked, StorageError> {
    serde_json::from_str(body).map_err(|_| StorageError::Corrupt(format!("poll {poll}")))
}

impl PollRow {
    fn with(self, votes: &[(PollId, i64)]) -> Result<Poll, StorageError> {
        let asked = asked(self.poll_id, &self.body)?;
        Ok(Poll {
            poll: self.poll_id,
            sitting: self.sitting_id,
            no: self.no,
            asked,
            secret: self.secret,
            opened_at: self.opened_at,
            closed_at: self.closed_at,
            entitled: self.entitled,
            voted: self.voted,
            votes: votes.iter().filter(|(poll, _)| *poll == self.poll_id).map(|(_, n)| *n).collect(),
        })
    }
}

const POLLS: &str = "SELECT p.poll_id, p.sitting_id, p.no, p.body, p.secret, p.opened_at, p.closed_at,
            (SELECT COUNT(*) FROM poll_voter v WHERE v.poll_id = p.poll_id) AS entitled,
            (SELECT COUNT(*) FROM poll_voter v WHERE v.poll_id = p.poll_id AND v.voted) AS voted
     FROM poll p WHERE p.sitting_id = $1 ORDER BY p.no";

const VOTES: &str = "SELECT o.poll_id, o.votes FROM poll_option o JOIN poll p ON p.poll_id = o.poll_id
     WHERE p.sitting_id = $1 ORDER BY o.poll_id, o.no";

fn together(rows: Vec<PollRow>, votes: &[(PollId, i64)]) -> Result<Vec<Poll>, StorageError> {
    rows.into_iter().map(|row| row.with(votes)).collect()
}

/// The polls of a sitting, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn polls(db: &Database, sitting: SittingId) -> Result<Vec<Poll>, StorageError> {
    let rows = db.rows(POLLS, vec![sitting.into()]).await?;
    together(rows, &db.rows(VOTES, vec![sitting.into()]).await?)
}

pub(super) async fn polls_in(tx: &mut Tx, sitting: SittingId) -> Result<Vec<Poll>, StorageError> {
    let rows = tx.rows(POLLS, vec![sitting.into()]).await?;
    together(rows, &tx.rows(VOTES, vec![sitting.into()]).await?)
}

/// What is asked in a poll, without counting who voted: that takes longer the more are entitled.
pub struct Question {
    /// The poll.
    pub poll: PollId,
    /// What is asked.
    pub asked: Asked,
    /// Whether it is secret.
    pub secret: bool,
    /// Whether it was closed.
    pub closed: bool,
}

#[derive(sqlx::FromRow)]
struct QuestionRow {
    poll_id: PollId,
    body: String,
    secret: bool,
    closed_at: Option<DateTime<Utc>>,
}

impl QuestionRow {
    fn read(self) -> Result<Question, StorageError> {
        let asked = asked(self.poll_id, &self.body)?;
        Ok(Question { poll: self.poll_id, asked, secret: self.secret, closed: self.closed_at.is_some() })
    }
}

/// The question that a sitting is asked now.
///
/// # Errors
/// When the database cannot be read.
pub async fn question(db: &Database, sitting: SittingId) -> Result<Option<Question>, StorageError> {
    let sql = "SELECT poll_id, body, secret, closed_at FROM poll WHERE sitting_id = $1 AND closed_at IS NULL";
    db.row::<QuestionRow>(sql, vec![sitting.into()]).await?.map(QuestionRow::read).transpose()
}

pub(super) async fn question_in(
    tx: &mut Tx,
    sitting: SittingId,
    poll: PollId,
) -> Result<Option<Question>, StorageError> {
    let sql = "SELECT poll_id, body, secret, closed_at FROM poll WHERE poll_id = $2 AND sitting_id = $1";
    tx.row::<QuestionRow>(sql, vec![sitting.into(), poll.into()]).await?.map(QuestionRow::read).transpose()
}

/// A poll about to be kept.
pub(super) struct NewPoll<'a> {
    pub id: PollId,
    pub case: CaseId,
    pub sitting: SittingId,
    pub body: &'a str,
    pub options: usize,
    pub secret: bool,
    pub at: DateTime<Utc>,
    pub salt: String,
    pub ledger_seq: i64,
    pub entitled: Vec<InviteeId>,
}

pub(super) async fn open(tx: &mut Tx, new: NewPoll<'_>) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO poll (poll_id, case_id, sitting_id, no, body, secret, opened_at, salt, ledger_seq)
         VALUES ($1, $2, $3, 1 + (SELECT COUNT(*) FROM poll WHERE sitting_id = $3), $4, $5, $6, $7, $8)",
        vec![
            new.id.into(),
            new.case.into(),
            new.sitting.into(),
            new.body.into(),
            new.secret.into(),
            new.at.into(),
            new.salt.into(),
            new.ledger_seq.into(),
        ],
    )
    .await?;
    for (no, _) in (1_i64..).zip(0..new.options) {
        tx.execute("INSERT INTO poll_option (poll_id, no, votes) VALUES ($1, $2, 0)", vec![new.id.into(), no.into()])
            .await?;
    }
    for invitee in new.entitled {
        tx.execute(
            "INSERT INTO poll_voter (poll_id, invitee_id, voted) VALUES ($1, $2, FALSE)",
            vec![new.id.into(), invitee.into()],
        )
        .await?;
    }
    Ok(())
}

/// Whether somebody is entitled, and has voted: `None` for who is not entitled.
const VOTER: &str = "SELECT voted FROM poll_voter WHERE poll_id = $1 AND invitee_id = $2";

pub(super) async fn voter_in(tx: &mut Tx, poll: PollId, invitee: InviteeId) -> Result<Option<bool>, StorageError> {
    Ok(tx.row::<(bool,)>(VOTER, vec![poll.into(), invitee.into()]).await?.map(|row| row.0))
}

/// Whether somebody is entitled in a poll, and has voted.
///
/// # Errors
/// When the database cannot be read.
pub async fn voter(db: &Database, poll: PollId, invitee: InviteeId) -> Result<Option<bool>, StorageError> {
    Ok(db.row::<(bool,)>(VOTER, vec![poll.into(), invitee.into()]).await?.map(|row| row.0))
}

/// One vote more for an option; false when there is no such option. Written of its own: nothing names who voted.
pub(super) async fn count(tx: &mut Tx, poll: PollId, choice: i64) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE poll_option SET votes = votes + 1 WHERE poll_id = $1 AND no = $2",
            vec![poll.into(), choice.into()],
        )
        .await?;
    Ok(changed == 1)
}

/// Somebody has voted; in an open poll with the choice. False when that was so already.
pub(super) async fn has_voted(
    tx: &mut Tx,
    poll: PollId,
    invitee: InviteeId,
    choice: Option<i64>,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE poll_voter SET voted = TRUE, choice = $3 WHERE poll_id = $1 AND invitee_id = $2 AND NOT voted",
            vec![poll.into(), invitee.into(), choice.into()],
        )
        .await?;
    Ok(changed == 1)
}

/// Closes a poll, and writes all its rows once more: what the engine itself knows of when a row was written is then the
/// closing, for each the same.
pub(super) async fn close(tx: &mut Tx, poll: PollId, now: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute("UPDATE poll SET closed_at = $2 WHERE poll_id = $1", vec![poll.into(), now.into()]).await?;
    tx.execute("UPDATE poll_option SET votes = votes WHERE poll_id = $1", vec![poll.into()]).await?;
    tx.execute("UPDATE poll_voter SET voted = voted WHERE poll_id = $1", vec![poll.into()]).await?;
    Ok(())
}
