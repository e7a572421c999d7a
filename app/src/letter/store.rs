//! The SQL of letters, of the clock's reminders and of the private feed.

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{LetterKind, LetterState};
use crate::case::store::StageColumn;
use crate::ids::{
    AccountId, AssignmentId, CaseId, FollowId, InviteeId, LetterId, MeetingId, NoteId, RuleSetId, UnitId,
};
use crate::storage::{Database, StorageError, Tx, Value};

/// A kind as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindColumn(pub LetterKind);

impl TryFrom<String> for KindColumn {
    type Error = StorageError;
    fn try_from(code: String) -> Result<Self, StorageError> {
        LetterKind::from_code(&code).map(Self).ok_or_else(|| StorageError::Corrupt(format!("kind of letter {code}")))
    }
}

/// A state as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateColumn(pub LetterState);

impl TryFrom<String> for StateColumn {
    type Error = StorageError;
    fn try_from(code: String) -> Result<Self, StorageError> {
        LetterState::from_code(&code).map(Self).ok_or_else(|| StorageError::Corrupt(format!("state of letter {code}")))
    }
}

// ---- writing ---------------------------------------------------------------------------------------------------------

/// Somebody a round of letters goes to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Recipient {
    /// The case the letter belongs to.
    pub case_id: CaseId,
    #[sqlx(default)]
    pub meeting_id: Option<MeetingId>,
    #[sqlx(default)]
    pub invitee_id: Option<InviteeId>,
    #[sqlx(default)]
    pub follow_id: Option<FollowId>,
    /// A unit, and the line of the task's record that it is told of.
    #[sqlx(default)]
    pub unit_id: Option<UnitId>,
    #[sqlx(default)]
    pub note_id: Option<NoteId>,
    pub name: String,
    pub mail: String,
    pub sequence: i64,
}

/// Somebody on the list of a meeting, as whom a letter goes to.
macro_rules! of_list {
    ($tail:expr) => {
        concat!(
            "SELECT i.case_id, i.meeting_id, i.invitee_id, i.name, i.mail, m.sequence
             FROM invitee i JOIN meeting m ON m.meeting_id = i.meeting_id ",
            $tail
        )
    };
}

/// That the person of a line was there when the meeting was held.
macro_rules! was_there {
    ($line:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM check_in c JOIN sitting s ON s.sitting_id = c.sitting_id WHERE c.invitee_id = ",
            $line,
            ".invitee_id AND s.opened_at IS NOT NULL AND c.undone_at IS NULL)"
        )
    };
}

/// The next of a meeting's invitees in one of these states who have no such letter yet; who is invited to the meeting as
/// it is now needs no letter of a change. With `origin`, only those who
/// came on the list that way.
pub(super) async fn invitees_without(
    db: &Database,
    (meeting, kind, occurrence): (MeetingId, LetterKind, &str),
    states: [&str; 4],
    origin: &str,
    limit: i64,
) -> Result<Vec<Recipient>, StorageError> {
    let [first, second, third, fourth] = states;
    db.rows(
        of_list!(
            "WHERE i.meeting_id = $1 AND i.erased_at IS NULL AND i.state IN ($4, $5, $6, $7)
           AND ($8 = '' OR i.origin = $8)
           AND NOT EXISTS (SELECT 1 FROM letter l
                           WHERE l.invitee_id = i.invitee_id
                             AND (l.kind = $2 AND l.occurrence = $3
                                  OR $2 = 'meeting_changed' AND l.calendar_sequence >= m.sequence
                                     AND l.kind IN ('invitation', 'substitute', 'seat_offered', 'seat_given')))
         ORDER BY i.invitee_id LIMIT $9"
        ),
        vec![
            meeting.into(),
            kind.code().into(),
            occurrence.into(),
            first.into(),
            second.into(),
            third.into(),
            fourth.into(),
            origin.into(),
            limit.into(),
        ],
    )
    .await
}

/// The next of those who were there when a meeting was held who have no such letter yet, while its draft is with them.
pub(super) async fn present_without(
    db: &Database,
    (meeting, kind, occurrence): (MeetingId, LetterKind, &str),
    limit: i64,
) -> Result<Vec<Recipient>, StorageError> {
    db.rows(
        of_list!(concat!(
            "WHERE i.meeting_id = $1 AND i.erased_at IS NULL
               AND EXISTS (SELECT 1 FROM minutes n WHERE n.meeting_id = $1 AND n.state = 'circulating') AND ",
            was_there!("i"),
            " AND NOT EXISTS (SELECT 1 FROM letter l
                              WHERE l.invitee_id = i.invitee_id AND l.kind = $2 AND l.occurrence = $3)
             ORDER BY i.invitee_id LIMIT $4"
        )),
        vec![meeting.into(), kind.code().into(), occurrence.into(), limit.into()],
    )
    .await
}

/// The next of a topic's followers with a mail address who have no such letter yet.
pub(super) async fn followers_without(
    db: &Database,
    case: CaseId,
    occurrence: &str,
    limit: i64,
) -> Result<Vec<Recipient>, StorageError> {
    db.rows(
        "SELECT f.case_id, f.follow_id, '' AS name, f.contact AS mail, CAST(0 AS BIGINT) AS sequence
         FROM follower f
         WHERE f.case_id = $1 AND f.contact LIKE '%@%' AND f.stopped_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM letter l
                           WHERE l.follow_id = f.follow_id AND l.kind = $2 AND l.occurrence = $3)
         ORDER BY f.follow_id LIMIT $4",
        vec![case.into(), LetterKind::Progress.code().into(), occurrence.into(), limit.into()],
    )
    .await
}

/// The next of those who attended a meeting of a case, left a mail address and want to be told, who have no such letter
/// yet. Somebody who came to several meetings is told once, with the page of the last; whoever follows the topic with the
/// same address is told as a follower.
pub(super) async fn attendees_without(
    db: &Database,
    case: CaseId,
    occurrence: &str,
    limit: i64,
) -> Result<Vec<Recipient>, StorageError> {
    db.rows(
        of_list!(concat!(
            "WHERE i.case_id = $1 AND i.erased_at IS NULL AND i.state <> 'removed' AND i.mail LIKE '%@%' AND ",
            was_there!("i"),
            " AND NOT EXISTS (SELECT 1 FROM invitee n
                              WHERE n.case_id = i.case_id AND n.mail = i.mail AND n.name = i.name
                                AND n.no_news_at IS NOT NULL)
              AND NOT EXISTS (SELECT 1 FROM follower f
                              WHERE f.case_id = i.case_id AND f.contact = i.mail AND f.stopped_at IS NULL)
              AND NOT EXISTS (SELECT 1 FROM invitee n
                              WHERE n.case_id = i.case_id AND n.mail = i.mail AND n.name = i.name
                                AND n.state <> 'removed' AND n.invitee_id > i.invitee_id AND ",
            was_there!("n"),
            ") AND NOT EXISTS (SELECT 1 FROM letter l
                               WHERE l.invitee_id = i.invitee_id AND l.kind = $2 AND l.occurrence = $3)
             ORDER BY i.invitee_id LIMIT $4"
        )),
        vec![case.into(), LetterKind::Progress.code().into(), occurrence.into(), limit.into()],
    )
    .await
}

/// The units of the task of a line, as far as they left a mail address.
pub(super) async fn units_of_note(tx: &mut Tx, note: NoteId) -> Result<Vec<Recipient>, StorageError> {
    tx.rows(
        "SELECT n.case_id, u.unit_id, n.note_id,
                CASE WHEN u.contact_name = '' THEN u.name ELSE u.contact_name END AS name, u.mail,
                CAST(0 AS BIGINT) AS sequence
         FROM task_note n JOIN task_unit p ON p.task_id = n.task_id JOIN unit u ON u.unit_id = p.unit_id
         WHERE n.note_id = $1 AND u.mail LIKE '%@%' ORDER BY u.unit_id",
        vec![note.into()],
    )
    .await
}

/// One invitee, for a letter about that person alone.
pub(super) async fn invitee(tx: &mut Tx, invitee: InviteeId) -> Result<Option<Recipient>, StorageError> {
    tx.row(of_list!("WHERE i.invitee_id = $1 AND i.erased_at IS NULL"), vec![invitee.into()]).await
}

/// A letter about to be kept.
pub(super) struct NewLetter<'a> {
    pub id: LetterId,
    pub kind: LetterKind,
    pub occurrence: &'a str,
    pub to: &'a Recipient,
    pub state: LetterState,
    pub why: Option<&'a str>,
}

/// Keeps a letter; false when the person has it already.
pub(super) async fn insert(tx: &mut Tx, new: NewLetter<'_>, now: DateTime<Utc>) -> Result<bool, StorageError> {
    let inserted = tx
        .execute(
            "INSERT INTO letter (letter_id, kind, case_id, meeting_id, invitee_id, follow_id, occurrence, to_address,
                                 to_name, state, attempts, last_error, created_at, calendar_method, calendar_sequence,
                                 unit_id, note_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING",
            vec![
                new.id.into(),
                new.kind.code().into(),
                new.to.case_id.into(),
                new.to.meeting_id.into(),
                new.to.invitee_id.into(),
                new.to.follow_id.into(),
                new.occurrence.into(),
                new.to.mail.as_str().into(),
                new.to.name.as_str().into(),
                new.state.code().into(),
                new.why.into(),
                now.into(),
                new.kind.calendar().map(super::model::CalendarMethod::code).into(),
                new.to.sequence.into(),
                new.to.unit_id.into(),
                new.to.note_id.into(),
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// The meeting of a round.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct MeetingRow {
    pub case_id: CaseId,
    pub state: String,
    pub sequence: i64,
}

pub(super) async fn meeting(db: &Database, meeting: MeetingId) -> Result<Option<MeetingRow>, StorageError> {
    db.row("SELECT case_id, state, sequence FROM meeting WHERE meeting_id = $1", vec![meeting.into()]).await
}

// ---- one letter ------------------------------------------------------------------------------------------------------

/// A letter with everything that rendering it needs.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LetterRow {
    /// Its id.
    pub letter_id: LetterId,
    /// What it is about.
    #[sqlx(try_from = "String")]
    pub kind: KindColumn,
    /// Where it is.
    #[sqlx(try_from = "String")]
    pub state: StateColumn,
    /// The case.
    pub case_id: CaseId,
    /// The meeting it is about.
    pub meeting_id: Option<MeetingId>,
    /// The person on the list it goes to.
    pub invitee_id: Option<InviteeId>,
    /// The follower it goes to.
    pub follow_id: Option<FollowId>,
    /// The address; empty where there is none.
    pub to_address: String,
    /// The name; empty where none is known.
    pub to_name: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it is where it is.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When the mail server took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// Its Message-ID, once it was tried.
    pub message_id: Option<String>,
    /// The sequence of the meeting when it was written.
    pub calendar_sequence: i64,
    /// The town of the case.
    pub town_id: String,
    /// Its name.
    pub town: String,
    /// The released title of the topic.
    pub title: String,
    /// Where the topic stands.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    /// State of the invitee.
    pub invitee_state: Option<String>,
    /// Generation of the person's link.
    pub generation: Option<i64>,
    /// Until when an offered seat is kept.
    pub offered_until: Option<DateTime<Utc>>,
    /// Until when the draft of the minutes can be checked, while it can.
    pub checks_until: Option<NaiveDate>,
    /// In whose place a substitute comes.
    pub principal: Option<String>,
    /// State of the meeting.
    pub meeting_state: Option<String>,
    /// When it begins, as people were last told.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends, as people were last told.
    pub ends_at: Option<DateTime<Utc>>,
    /// Where to join online.
    pub online_url: Option<String>,
    /// Why it was cancelled.
    pub cancelled_because: Option<String>,
    /// Why it was changed.
    pub changed_because: Option<String>,
    /// Its sequence now.
    pub sequence: Option<i64>,
    /// The room.
    pub room: Option<String>,
    /// Where the room is.
    pub room_address: Option<String>,
    /// The newest plan of the meeting's case, as it is stored.
    pub plan: Option<String>,
    /// When the follower, or whoever attended, stopped.
    pub stopped_at: Option<DateTime<Utc>>,
    /// Whether people are asked now how it was handled, and the person is one of them.
    pub judges: bool,
    /// What the line of a task's record is.
    pub note_kind: Option<String>,
    /// What the line says; of a line of the clock, what is awaited.
    pub note_words: Option<String>,
    /// The day of the line.
    pub note_day: Option<NaiveDate>,
    /// The task.
    pub task_id: Option<AssignmentId>,
    /// Its number in the case.
    pub task_no: Option<i64>,
    /// By when it is to be answered.
    pub task_due: Option<NaiveDate>,
    /// Whether the unit of the letter still has it to do.
    pub task_open: bool,
}

const LETTER: &str = "SELECT l.letter_id, l.kind, l.state, l.case_id, l.meeting_id, l.invitee_id, l.follow_id,
        l.to_address, l.to_name, l.attempts, l.last_error, l.created_at, l.sent_at, l.message_id, l.calendar_sequence,
        t.town_id, w.short_name AS town, COALESCE(t.title, '') AS title, t.stage,
        i.state AS invitee_state, COALESCE(i.generation, f.generation) AS generation, i.offered_until,
        (SELECT n.until FROM minutes n WHERE n.meeting_id = l.meeting_id AND n.state = 'circulating') AS checks_until,
        p.name AS principal, m.state AS meeting_state, m.told_starts_at AS starts_at, m.told_ends_at AS ends_at, m.online_url,
        m.cancelled_because, m.changed_because, m.sequence, r.name AS room, r.address AS room_address,
        COALESCE(f.stopped_at, i.no_news_at) AS stopped_at,
        EXISTS (SELECT 1 FROM survey v WHERE v.case_id = l.case_id AND v.closed_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM task b JOIN task_unit q ON q.task_id = b.task_id
                            WHERE b.case_id = l.case_id AND q.unit_id = i.unit_id) AS judges,
        o.kind AS note_kind, o.words AS note_words, o.day AS note_day, k.task_id, k.no AS task_no,
        k.due_on AS task_due,
        COALESCE(k.state <> 'verified', FALSE)
            AND EXISTS (SELECT 1 FROM task_unit q WHERE q.task_id = k.task_id AND q.unit_id = l.unit_id) AS task_open,
        CASE WHEN l.meeting_id IS NULL THEN NULL ELSE
            (SELECT c.body FROM case_record c WHERE c.case_id = l.case_id AND c.kind = 'plan'
             ORDER BY c.version DESC LIMIT 1) END AS plan
 FROM letter l
 JOIN topic t ON t.topic_id = l.case_id
 JOIN town w ON w.town_id = t.town_id
 LEFT JOIN invitee i ON i.invitee_id = l.invitee_id
 LEFT JOIN invitee p ON p.invitee_id = i.substitute_of
 LEFT JOIN meeting m ON m.meeting_id = l.meeting_id
 LEFT JOIN room r ON r.room_id = m.told_room_id
 LEFT JOIN follower f ON f.follow_id = l.follow_id
 LEFT JOIN task_note o ON o.note_id = l.note_id
 LEFT JOIN task k ON k.task_id = o.task_id
 WHERE l.letter_id = $1";

/// A letter.
///
/// # Errors
/// When the database cannot be read.
pub async fn letter(db: &Database, letter: LetterId) -> Result<Option<LetterRow>, StorageError> {
    db.row(LETTER, vec![letter.into()]).await
}

pub(super) async fn letter_in(tx: &mut Tx, letter: LetterId) -> Result<Option<LetterRow>, StorageError> {
    tx.row(LETTER, vec![letter.into()]).await
}

/// Erases where the letters to those on the lists of a case went to.
///
/// # Errors
/// When the database refuses it.
pub async fn forget_addresses(tx: &mut Tx, case: CaseId) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE letter SET to_address = '', last_error = NULL
         WHERE meeting_id IN (SELECT meeting_id FROM meeting WHERE case_id = $1) AND invitee_id IS NOT NULL",
        vec![case.into()],
    )
    .await?;
    Ok(())
}

/// Marks a queued letter as being sent; false when another process was quicker.
pub(super) async fn begin(tx: &mut Tx, letter: LetterId, message_id: &str) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE letter SET state = 'sending', attempts = attempts + 1, last_error = NULL, message_id = $2
             WHERE letter_id = $1 AND state = 'queued'",
            vec![letter.into(), message_id.into()],
        )
        .await?;
    Ok(changed == 1)
}

/// Moves a letter on from one of two states; false when it is in neither.
pub(super) async fn set_state(
    tx: &mut Tx,
    letter: LetterId,
    from: [LetterState; 2],
    to: LetterState,
    why: Option<&str>,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE letter SET state = $4, last_error = $5 WHERE letter_id = $1 AND state IN ($2, $3)",
            vec![letter.into(), from[0].code().into(), from[1].code().into(), to.code().into(), why.into()],
        )
        .await?;
    Ok(changed == 1)
}

/// Marks a letter as taken by the mail server, and its follower as told. A mark that says "nobody knows" gives way: the
/// server's answer did arrive.
pub(super) async fn sent(tx: &mut Tx, letter: LetterId, now: DateTime<Utc>) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE letter SET state = 'sent', sent_at = $2, last_error = NULL
         WHERE letter_id = $1 AND state IN ('sending', 'uncertain')",
        vec![letter.into(), now.into()],
    )
    .await?;
    tx.execute(
        "UPDATE follower SET told_at = $2
         WHERE stopped_at IS NULL AND follow_id = (SELECT follow_id FROM letter WHERE letter_id = $1)",
        vec![letter.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// Puts a letter back into the queue, under the address that the person has now; false when it is not where it was seen.
pub(super) async fn requeue(
    tx: &mut Tx,
    letter: LetterId,
    seen: LetterState,
    address: &str,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE letter SET state = 'queued', attempts = 0, last_error = NULL, to_address = $2
             WHERE letter_id = $1 AND state = $3",
            vec![letter.into(), address.into(), seen.code().into()],
        )
        .await?;
    Ok(changed == 1)
}

/// The mail address that the person of a letter has now.
pub(super) async fn present_address(tx: &mut Tx, letter: LetterId) -> Result<String, StorageError> {
    let row: Option<(String,)> = tx
        .row(
            "SELECT COALESCE(i.mail, f.contact, u.mail, '') FROM letter l
             LEFT JOIN invitee i ON i.invitee_id = l.invitee_id
             LEFT JOIN follower f ON f.follow_id = l.follow_id
             LEFT JOIN unit u ON u.unit_id = l.unit_id
             WHERE l.letter_id = $1",
            vec![letter.into()],
        )
        .await?;
    Ok(row.map_or_else(String::new, |r| r.0))
}

/// Takes name and address out of the letters to an invitee: part of erasing that person's data.
///
/// # Errors
/// When the database refuses it.
pub async fn erase_invitee(tx: &mut Tx, invitee: InviteeId) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE letter SET to_name = '', to_address = '', last_error = NULL WHERE invitee_id = $1",
        vec![invitee.into()],
    )
    .await?;
    tx.execute(
        "UPDATE letter SET state = 'none' WHERE invitee_id = $1 AND state IN ('queued', 'failed', 'uncertain')",
        vec![invitee.into()],
    )
    .await?;
    Ok(())
}

/// Takes the address out of the letters to a follower, who has stopped.
///
/// # Errors
/// When the database refuses it.
pub async fn erase_follower(tx: &mut Tx, follow: FollowId) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE letter SET to_name = '', to_address = '', last_error = NULL WHERE follow_id = $1",
        vec![follow.into()],
    )
    .await?;
    tx.execute(
        "UPDATE letter SET state = 'none' WHERE follow_id = $1 AND state IN ('queued', 'failed', 'uncertain')",
        vec![follow.into()],
    )
    .await?;
    Ok(())
}

// ---- lists -----------------------------------------------------------------------------------------------------------

/// A letter in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OutboxRow {
    /// Its id.
    pub letter_id: LetterId,
    /// What it is about.
    #[sqlx(try_from = "String")]
    pub kind: KindColumn,
    /// Where it is.
    #[sqlx(try_from = "String")]
    pub state: StateColumn,
    /// The address; empty where there is none.
    pub to_address: String,
    /// The name.
    pub to_name: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// Why it is where it is.
    pub last_error: Option<String>,
    /// The released title of the topic.
    pub title: String,
    /// Short name of the town.
    pub town: String,
}

/// Letters, newest first: all, or those of a state; those before one.
///
/// # Errors
/// When the database cannot be read.
pub async fn outbox(
    db: &Database,
    state: Option<LetterState>,
    before: Option<LetterId>,
    limit: i64,
) -> Result<Vec<OutboxRow>, StorageError> {
    db.rows(
        "SELECT l.letter_id, l.kind, l.state, l.to_address, l.to_name, l.created_at, l.last_error,
                COALESCE(t.title, '') AS title, w.short_name AS town
         FROM letter l JOIN topic t ON t.topic_id = l.case_id JOIN town w ON w.town_id = t.town_id
         WHERE ($1 = '' OR l.state = $1) AND ($2 IS NULL OR l.letter_id < $2)
         ORDER BY l.letter_id DESC LIMIT $3",
        vec![state.map_or("", LetterState::code).into(), before.into(), Value::from(limit)],
    )
    .await
}

/// How many letters are in each state.
///
/// # Errors
/// When the database cannot be read.
pub async fn tally(db: &Database) -> Result<Vec<(LetterState, i64)>, StorageError> {
    let rows: Vec<(String, i64)> = db.rows("SELECT state, COUNT(*) FROM letter GROUP BY state", Vec::new()).await?;
    rows.into_iter().map(|(code, n)| StateColumn::try_from(code).map(|state| (state.0, n))).collect()
}

/// The newest letter to an invitee of a meeting.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Newest {
    /// To whom.
    pub invitee_id: InviteeId,
    /// The letter.
    pub letter_id: LetterId,
    /// What it is about.
    #[sqlx(try_from = "String")]
    pub kind: KindColumn,
    /// Where it is.
    #[sqlx(try_from = "String")]
    pub state: StateColumn,
    /// Why it is there, in words.
    pub last_error: Option<String>,
    /// When the mail server took it.
    pub sent_at: Option<DateTime<Utc>>,
}

/// The newest letter to each invitee of a meeting, for the page of answers: whom a letter reached, and whom to reach
/// in another way. In one query.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_meeting(db: &Database, meeting: MeetingId) -> Result<Vec<Newest>, StorageError> {
    db.rows(
        "SELECT l.invitee_id, l.letter_id, l.kind, l.state, l.last_error, l.sent_at FROM letter l
         WHERE l.meeting_id = $1 AND l.invitee_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM letter n WHERE n.meeting_id = l.meeting_id AND n.invitee_id = l.invitee_id
                           AND n.letter_id > l.letter_id)
         ORDER BY l.invitee_id",
        vec![meeting.into()],
    )
    .await
}

/// Every letter to somebody on a list, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn to_invitee(db: &Database, invitee: InviteeId) -> Result<Vec<Newest>, StorageError> {
    db.rows(
        "SELECT invitee_id, letter_id, kind, state, last_error, sent_at FROM letter
         WHERE invitee_id = $1 ORDER BY letter_id DESC",
        vec![invitee.into()],
    )
    .await
}

// ---- reminders -------------------------------------------------------------------------------------------------------

/// A meeting that people may have to be reminded of.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Coming {
    pub meeting_id: MeetingId,
    pub starts_at: DateTime<Utc>,
    pub announced_at: Option<DateTime<Utc>>,
    pub town_id: String,
    pub rule_set_id: Option<RuleSetId>,
}

/// Announced meetings that begin after `now` and before `until`.
pub(super) async fn coming(
    db: &Database,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Coming>, StorageError> {
    db.rows(
        "SELECT m.meeting_id, m.starts_at, m.announced_at, t.town_id, t.rule_set_id
         FROM meeting m JOIN topic t ON t.topic_id = m.case_id
         WHERE m.state = 'announced' AND m.starts_at > $1 AND m.starts_at < $2 ORDER BY m.starts_at, m.meeting_id",
        vec![now.into(), until.into()],
    )
    .await
}

// ---- the private feed ------------------------------------------------------------------------------------------------

/// The generation of the address of an account's feed; `None` when the account cannot be used.
pub(super) async fn calendar_generation(db: &Database, account: AccountId) -> Result<Option<i64>, StorageError> {
    let row: Option<(i64,)> = db
        .row(
            "SELECT calendar_generation FROM account WHERE account_id = $1 AND disabled_at IS NULL",
            vec![account.into()],
        )
        .await?;
    Ok(row.map(|r| r.0))
}

pub(super) async fn renew_calendar(tx: &mut Tx, account: AccountId) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE account SET calendar_generation = calendar_generation + 1 WHERE account_id = $1",
        vec![account.into()],
    )
    .await?;
    Ok(())
}

/// A meeting in a person's feed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Mine {
    pub meeting_id: MeetingId,
    pub state: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub sequence: i64,
    pub title: String,
    pub town: String,
    pub room: Option<String>,
    pub room_address: Option<String>,
    pub chair: bool,
    pub recorder: bool,
}

/// The meetings that a person chairs, records, or is invited to as a member, that end after `since`.
pub(super) async fn mine(
    db: &Database,
    account: AccountId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Mine>, StorageError> {
    db.rows(
        "SELECT m.meeting_id, m.state, m.starts_at, m.ends_at, m.sequence, COALESCE(t.title, '') AS title,
                w.short_name AS town, r.name AS room, r.address AS room_address,
                COALESCE(m.chair_id = $1, FALSE) AS chair, COALESCE(m.recorder_id = $1, FALSE) AS recorder
         FROM meeting m JOIN topic t ON t.topic_id = m.case_id JOIN town w ON w.town_id = t.town_id
         LEFT JOIN room r ON r.room_id = m.room_id
         WHERE m.state IN ('announced', 'cancelled', 'held') AND m.ends_at > $2
           AND (m.chair_id = $1 OR m.recorder_id = $1
                OR EXISTS (SELECT 1 FROM invitee i JOIN member b ON b.member_id = i.member_id
                           WHERE i.meeting_id = m.meeting_id AND b.account_id = $1
                             AND i.state IN ('invited', 'accepted')))
         ORDER BY m.starts_at, m.meeting_id LIMIT $3",
        vec![account.into(), since.into(), Value::from(limit)],
    )
    .await
}
