//! The SQL of a member's year: a statement for each kind of duty.

use chrono::{DateTime, NaiveDate, Utc};

use crate::case::store::StageColumn;
use crate::ids::{AccountId, CaseId, InviteeId, MemberId};
use crate::invitation::model::InviteeState;
use crate::storage::{Column, Database, StorageError};

/// Whose year it is: a member on a roster.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Who {
    /// The member.
    pub member_id: MemberId,
    /// The town.
    pub town_id: String,
    /// 姓名, as visit records write it.
    pub name: String,
    /// The member's own account.
    pub account_id: Option<AccountId>,
}

/// The members that an account stands for: one for each town that has the person on its roster.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn members_of(db: &Database, account: AccountId) -> Result<Vec<Who>, StorageError> {
    db.rows(
        "SELECT member_id, town_id, name, account_id FROM member WHERE account_id = $1 ORDER BY town_id, member_id",
        vec![account.into()],
    )
    .await
}

/// A meeting to which a member was asked.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Asked {
    /// The member's line on the list.
    pub invitee_id: InviteeId,
    /// Generation of the personal link.
    pub generation: i64,
    /// The answer.
    #[sqlx(try_from = "String")]
    pub state: Column<InviteeState>,
    /// The topic.
    pub case_id: CaseId,
    /// Its title.
    pub title: String,
    /// The town.
    pub town: String,
    /// When it begins, as people were last told.
    pub starts_at: DateTime<Utc>,
    /// State of the meeting.
    pub meeting_state: String,
    /// Where; none online.
    pub room: Option<String>,
    /// Whether the member was there when it was held.
    pub came: bool,
}

/// The meetings of a year that a member was told of, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn asked(
    db: &Database,
    member: MemberId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Asked>, StorageError> {
    db.rows(
        "SELECT i.invitee_id, i.generation, i.state, i.case_id, COALESCE(t.title, t.sent_title) AS title,
                w.short_name AS town, COALESCE(m.told_starts_at, m.starts_at) AS starts_at,
                m.state AS meeting_state, r.name AS room,
                EXISTS (SELECT 1 FROM check_in c JOIN sitting s ON s.sitting_id = c.sitting_id
                        WHERE c.invitee_id = i.invitee_id AND s.opened_at IS NOT NULL AND c.undone_at IS NULL) AS came
         FROM invitee i JOIN meeting m ON m.meeting_id = i.meeting_id JOIN topic t ON t.topic_id = i.case_id
         JOIN town w ON w.town_id = t.town_id LEFT JOIN room r ON r.room_id = COALESCE(m.told_room_id, m.room_id)
         WHERE i.member_id = $1 AND i.state NOT IN ('listed', 'removed', 'refused')
           AND m.starts_at >= $2 AND m.starts_at < $3
         ORDER BY m.starts_at DESC, i.invitee_id",
        vec![member.into(), from.into(), until.into()],
    )
    .await
}

/// Begin and end of every speech that a member held in a year, with the line on the list.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn speeches(
    db: &Database,
    member: MemberId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<(InviteeId, DateTime<Utc>, DateTime<Utc>)>, StorageError> {
    db.rows(
        "SELECT p.invitee_id, p.started_at, p.ended_at FROM speech p JOIN invitee i ON i.invitee_id = p.invitee_id
         WHERE i.member_id = $1 AND p.state = 'spoken' AND p.started_at >= $2 AND p.started_at < $3
           AND p.ended_at IS NOT NULL ORDER BY p.started_at",
        vec![member.into(), from.into(), until.into()],
    )
    .await
}

/// A visit that may have been a member's, as it stands in the record.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Visited {
    /// The topic.
    pub case_id: CaseId,
    /// Its title.
    pub title: String,
    /// The record.
    pub body: String,
    /// Whether the member's account wrote it first.
    pub own: bool,
}

/// The visits of a year that a member wrote down, or in whose record the name occurs, the latest first. Whether the
/// name stands among those who took part, the reader of the record has to look.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn visits(
    db: &Database,
    who: &Who,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Visited>, StorageError> {
    db.rows(
        "SELECT x.case_id, x.title, x.body, x.own FROM
           (SELECT v.case_id, COALESCE(t.title, t.sent_title) AS title, v.body, v.visited_on, v.visit_id,
                   EXISTS (SELECT 1 FROM research_visit f
                           WHERE f.visit_id = v.visit_id AND f.version = 1 AND f.author = $1) AS own
            FROM research_visit v JOIN topic t ON t.topic_id = v.case_id
            WHERE v.newest AND v.erased_at IS NULL AND v.visited_on >= $3 AND v.visited_on < $4 AND t.town_id = $5) x
         WHERE x.own OR x.body LIKE '%' || $2 || '%' ORDER BY x.visited_on DESC, x.visit_id",
        vec![who.account_id.into(), who.name.as_str().into(), from.into(), until.into(), who.town_id.as_str().into()],
    )
    .await
}

/// A reception of a studio in which a member took part.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Received {
    /// When.
    pub held_on: NaiveDate,
    /// The studio.
    pub studio: String,
    /// How many came.
    pub visitors: i64,
}

/// The receptions of a year in which a member took part, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn received(
    db: &Database,
    member: MemberId,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Received>, StorageError> {
    db.rows(
        "SELECT p.held_on, s.name AS studio, p.visitors FROM reception_member x
         JOIN reception p ON p.reception_id = x.reception_id JOIN studio s ON s.studio_id = p.studio_id
         WHERE x.member_id = $1 AND p.held_on >= $2 AND p.held_on < $3 ORDER BY p.held_on DESC, p.reception_id DESC",
        vec![member.into(), from.into(), until.into()],
    )
    .await
}

/// A topic that a member raised (委员荐题).
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TopicRaised {
    /// The topic.
    pub case_id: CaseId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub stage: StageColumn,
    /// When it was sent.
    pub submitted_at: DateTime<Utc>,
    /// Whether everybody may read it.
    pub is_public: bool,
}

/// The topics that an account raised in a year, the latest first; in one town, or in all.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn raised(
    db: &Database,
    (account, town): (AccountId, Option<&str>),
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<TopicRaised>, StorageError> {
    db.rows(
        "SELECT topic_id AS case_id, COALESCE(title, sent_title) AS title, stage, submitted_at, is_public
         FROM topic WHERE proposer_id = $1 AND submitted_at >= $2 AND submitted_at < $3
           AND (CAST($4 AS TEXT) IS NULL OR town_id = $4)
         ORDER BY topic_id DESC",
        vec![account.into(), from.into(), until.into(), town.into()],
    )
    .await
}
