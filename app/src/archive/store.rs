//! The SQL of the archive.

use chrono::{DateTime, Utc};

use crate::ids::CaseId;
use crate::rules::RegisterLine;
use crate::storage::{Database, StorageError, Tx};

/// Which forms of the register (`domain.md` 3) are there.
#[expect(clippy::struct_excessive_bools, reason = "each is one form of the register")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Register {
    /// 议题申报表.
    pub topic_form: bool,
    /// 议题初审单.
    pub screening: bool,
    /// 议题审批单.
    pub approval: bool,
    /// 商前调研报告.
    pub report: bool,
    /// 协商方案.
    pub plan: bool,
    /// 公示.
    pub notice: bool,
    /// 签到表.
    pub check_in: bool,
    /// 会议记录.
    pub record: bool,
    /// 协商纪要.
    pub minutes: bool,
    /// 协商成果清单.
    pub outcomes: bool,
    /// 报送签收单.
    pub submission: bool,
    /// 批办意见.
    pub decisions: bool,
    /// 交办单和跟踪落实表; not asked for where nothing was adopted.
    pub tasks: bool,
    /// 答复函.
    pub replies: bool,
    /// 满意度测评表.
    pub survey: bool,
}

impl Register {
    /// The lines of the register, in the order of the procedure.
    #[must_use]
    pub fn lines(self) -> Vec<RegisterLine> {
        [
            ("议题申报表", self.topic_form, "去看议题"),
            ("议题初审单", self.screening, "去初审页"),
            ("议题审批单", self.approval, "去立题页"),
            ("商前调研报告", self.report, "去调研页"),
            ("协商方案", self.plan, "去筹备页"),
            ("公示", self.notice, "去筹备页"),
            ("签到表", self.check_in, "去签到页"),
            ("会议记录", self.record, "去会场页"),
            ("协商纪要", self.minutes, "去纪要页"),
            ("协商成果清单", self.outcomes, "去成果页"),
            ("报送签收单", self.submission, "去成果页"),
            ("批办意见", self.decisions, "去成果页"),
            ("交办单和跟踪落实表", self.tasks, "去办理页"),
            ("答复函", self.replies, "去办理页"),
            ("满意度测评表", self.survey, "去评价页"),
        ]
        .into_iter()
        .map(|(form, there, place)| RegisterLine { form, there, place })
        .collect()
    }
}

const REGISTER: &str = "SELECT
     EXISTS (SELECT 1 FROM case_record r WHERE r.case_id = $1 AND r.kind = 'topic_form') AS topic_form,
     EXISTS (SELECT 1 FROM case_record r WHERE r.case_id = $1 AND r.kind = 'screening') AS screening,
     EXISTS (SELECT 1 FROM case_record r WHERE r.case_id = $1 AND r.kind = 'approval') AS approval,
     EXISTS (SELECT 1 FROM case_record r WHERE r.case_id = $1 AND r.kind = 'research_report') AS report,
     EXISTS (SELECT 1 FROM case_record r WHERE r.case_id = $1 AND r.kind = 'plan') AS plan,
     EXISTS (SELECT 1 FROM meeting m WHERE m.case_id = $1 AND m.announced_at IS NOT NULL) AS notice,
     EXISTS (SELECT 1 FROM check_in c JOIN sitting s ON s.sitting_id = c.sitting_id
             JOIN meeting m ON m.meeting_id = s.meeting_id WHERE m.case_id = $1) AS check_in,
     EXISTS (SELECT 1 FROM sitting s JOIN meeting m ON m.meeting_id = s.meeting_id
             WHERE m.case_id = $1 AND s.closed_at IS NOT NULL) AS record,
     EXISTS (SELECT 1 FROM minutes n WHERE n.case_id = $1 AND n.state = 'signed') AS minutes,
     EXISTS (SELECT 1 FROM outcome o WHERE o.case_id = $1) AS outcomes,
     EXISTS (SELECT 1 FROM submission b WHERE b.case_id = $1 AND b.received_at IS NOT NULL) AS submission,
     EXISTS (SELECT 1 FROM outcome o WHERE o.case_id = $1)
         AND NOT EXISTS (SELECT 1 FROM outcome o WHERE o.case_id = $1 AND o.adoption IS NULL) AS decisions,
     EXISTS (SELECT 1 FROM task k WHERE k.case_id = $1)
         OR NOT EXISTS (SELECT 1 FROM outcome o WHERE o.case_id = $1 AND o.adoption IN ('full', 'partial')) AS tasks,
     NOT EXISTS (SELECT 1 FROM task k WHERE k.case_id = $1 AND k.replied_at IS NULL) AS replies,
     EXISTS (SELECT 1 FROM survey v WHERE v.case_id = $1 AND v.closed_at IS NOT NULL) AS survey";

/// Which forms of the register are there.
///
/// # Errors
/// When the database cannot be read.
pub async fn register(db: &Database, case: CaseId) -> Result<Register, StorageError> {
    Ok(db.row(REGISTER, vec![case.into()]).await?.unwrap_or_default())
}

pub(super) async fn register_in(tx: &mut Tx, case: CaseId) -> Result<Register, StorageError> {
    Ok(tx.row(REGISTER, vec![case.into()]).await?.unwrap_or_default())
}

/// A story that was published.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Story {
    /// The case.
    pub case_id: CaseId,
    /// Short name of its town.
    pub town: String,
    /// Its title.
    pub title: String,
    /// When.
    pub published_at: DateTime<Utc>,
    /// 演示数据.
    pub demo: bool,
}

/// The stories that were published, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn stories(db: &Database, limit: i64) -> Result<Vec<Story>, StorageError> {
    db.rows(
        "SELECT s.case_id, w.short_name AS town, s.title, s.published_at, t.demo
         FROM case_story s JOIN topic t ON t.topic_id = s.case_id JOIN town w ON w.town_id = s.town_id
         WHERE t.is_public ORDER BY s.published_at DESC, s.case_id LIMIT $1",
        vec![limit.into()],
    )
    .await
}

pub(super) async fn publish_story(
    tx: &mut Tx,
    (case, town): (CaseId, &str),
    title: &str,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO case_story (case_id, town_id, title, published_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (case_id) DO UPDATE SET title = excluded.title, published_at = excluded.published_at",
        vec![case.into(), town.into(), title.into(), at.into()],
    )
    .await?;
    Ok(())
}

/// A file of a case.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FileOfCase {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// The name it had.
    pub name: String,
    /// Bytes.
    pub size: i64,
}

/// All files of a case, in their order.
pub(super) async fn files_of(db: &Database, case: CaseId) -> Result<Vec<FileOfCase>, StorageError> {
    db.rows(
        "SELECT f.sha256, f.name, f.size FROM case_file c JOIN file f ON f.file_id = c.file_id
         WHERE c.case_id = $1 ORDER BY c.position, f.file_id",
        vec![case.into()],
    )
    .await
}

/// When the story of a case was published.
pub(super) async fn published_at(db: &Database, case: CaseId) -> Result<Option<DateTime<Utc>>, StorageError> {
    let row: Option<(DateTime<Utc>,)> =
        db.row("SELECT published_at FROM case_story WHERE case_id = $1", vec![case.into()]).await?;
    Ok(row.map(|row| row.0))
}

/// Whether the story of a case was published.
pub(super) async fn is_published(db: &Database, case: CaseId) -> Result<bool, StorageError> {
    Ok(published_at(db, case).await?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_register_names_every_form_once() {
        let lines = Register::default().lines();
        let mut names: Vec<&str> = lines.iter().map(|line| line.form).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), lines.len());
        assert!(lines.iter().all(|line| !line.there));
    }
}
