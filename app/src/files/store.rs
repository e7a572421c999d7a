//! The rows of stored files.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::NewFile;
use crate::ids::{CaseId, FileId};
use crate::storage::{Database, StorageError, Tx, Value};
use crate::web::StagedFile;

#[derive(sqlx::FromRow)]
struct FileRow {
    file_id: Uuid,
    name: String,
    media_type: String,
    size: i64,
}

impl From<FileRow> for StagedFile {
    fn from(row: FileRow) -> Self {
        Self { file: FileId(row.file_id), name: row.name, media_type: row.media_type, size: row.size }
    }
}

/// The same bytes under the same name from the same sender, staged since `since`.
pub(super) async fn again(
    tx: &mut Tx,
    owner: &str,
    file: &NewFile,
    since: DateTime<Utc>,
) -> Result<Option<FileId>, StorageError> {
    let row: Option<(Uuid,)> = tx
        .row(
            "SELECT file_id FROM file WHERE sha256 = $1 AND owner = $2 AND name = $3 AND staged_at > $4
             ORDER BY file_id LIMIT 1",
            vec![file.sha256.as_str().into(), owner.into(), file.name.as_str().into(), since.into()],
        )
        .await?;
    Ok(row.map(|(id,)| FileId(id)))
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: FileId,
    owner: &str,
    file: &NewFile,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO file (file_id, sha256, name, media_type, size, owner, staged_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            id.into(),
            file.sha256.as_str().into(),
            file.name.as_str().into(),
            file.media_type.as_str().into(),
            Value::from(file.size),
            owner.into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn staged(db: &Database, id: FileId, owner: &str) -> Result<Option<StagedFile>, StorageError> {
    let row: Option<FileRow> = db
        .row(
            "SELECT file_id, name, media_type, size FROM file WHERE file_id = $1 AND owner = $2",
            vec![id.into(), owner.into()],
        )
        .await?;
    Ok(row.map(StagedFile::from))
}

pub(super) async fn delete_unused(tx: &mut Tx, before: DateTime<Utc>) -> Result<Vec<String>, StorageError> {
    let rows: Vec<(String,)> = tx
        .rows(
            "DELETE FROM file WHERE staged_at < $1
             AND NOT EXISTS (SELECT 1 FROM case_file WHERE case_file.file_id = file.file_id)
             AND NOT EXISTS (SELECT 1 FROM room_check_file WHERE room_check_file.file_id = file.file_id)
             RETURNING sha256",
            vec![before.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|(sha256,)| sha256).collect())
}

pub(super) async fn is_named(tx: &mut Tx, sha256: &str) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = tx.row("SELECT COUNT(*) FROM file WHERE sha256 = $1", vec![sha256.into()]).await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}

/// Ties files to a case as a part of it; those that belong to it already stay what they are.
pub(super) async fn attach(
    tx: &mut Tx,
    case: CaseId,
    (part, released): (&str, bool),
    files: &[FileId],
) -> Result<(), StorageError> {
    for file in files {
        tx.execute(
            "INSERT INTO case_file (case_id, file_id, position, released, part)
             SELECT $1, $2, COALESCE(MAX(position), 0) + 1, $3, $4 FROM case_file WHERE case_id = $1
             ON CONFLICT (case_id, file_id) DO NOTHING",
            vec![case.into(), (*file).into(), released.into(), part.into()],
        )
        .await?;
    }
    Ok(())
}

/// Whether any row names these bytes.
///
/// # Errors
/// When the database cannot be reached.
pub async fn known(db: &Database, sha256: &str) -> Result<bool, StorageError> {
    let row: Option<(i64,)> = db.row("SELECT COUNT(*) FROM file WHERE sha256 = $1", vec![sha256.into()]).await?;
    Ok(row.is_some_and(|(n,)| n > 0))
}
