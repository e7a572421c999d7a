//! Files that came with a form: kept aside (staged) until a step takes them.
//!
//! The bytes lie content-addressed in the data folder, which only the server knows; here are the rows, and who sent a
//! file: the files of a refused form come back with it by their ids, to nobody but their sender.

mod store;

use chrono::{DateTime, TimeDelta, Utc};

use crate::access::Actor;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{CaseId, FileId};
use crate::storage::{StorageError, Tx};
use crate::web::StagedFile;

pub use store::known;

/// How long a file waits for its step.
pub const STAGED_FOR: TimeDelta = TimeDelta::hours(72);

/// A file whose bytes are stored and synced.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// SHA-256 of the stored bytes, hexadecimal.
    pub sha256: String,
    /// The name it had, without a path, its ending that of the type.
    pub name: String,
    /// The type found in its bytes.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
}

/// Under which name a file belongs to whoever sent it: nobody else can attach it.
#[must_use]
pub fn owner(actor: &Actor) -> String {
    match actor {
        Actor::Signed(signed, _) => format!("account:{}", signed.account),
        Actor::Visitor(visitor) | Actor::Proposer { visitor, .. } | Actor::Invitee { visitor, .. } => {
            format!("browser:{}", visitor.browser)
        }
        Actor::Clock => "clock".to_owned(),
        Actor::Operator => "operator".to_owned(),
    }
}

/// Keeps files aside for the actor.
///
/// A file that the same sender just sent under the same name keeps its id: a form that is sent twice, by a second press
/// or over a bad line, is then the same form, and is carried out once.
///
/// # Errors
/// [`Refusal::Unavailable`] when it cannot be stored.
pub async fn stage(ctx: &Ctx, files: Vec<NewFile>) -> Result<Vec<StagedFile>, Refusal> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let (owner, now) = (owner(&ctx.actor), ctx.now());
    let files: Vec<_> = files.into_iter().map(|file| (FileId(ctx.new_id()), file)).collect();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let mut staged = Vec::with_capacity(files.len());
                for (new_id, file) in files {
                    let id = match store::again(tx, &owner, &file, now - STAGED_FOR).await? {
                        Some(id) => id,
                        None => {
                            store::insert(tx, new_id, &owner, &file, now).await?;
                            new_id
                        }
                    };
                    staged.push(StagedFile { file: id, name: file.name, media_type: file.media_type, size: file.size });
                }
                Ok(staged)
            })
        })
        .await
}

/// Ties files to a case as a part of it: `research`, `outcome`, `task`; with whether everybody may have them.
///
/// # Errors
/// When the database refuses it.
pub async fn attach(tx: &mut Tx, case: CaseId, part: (&str, bool), files: &[FileId]) -> Result<(), StorageError> {
    store::attach(tx, case, part, files).await
}

/// Files that the actor sent before, in the order of the ids. What was swept or belongs to somebody else is left out.
///
/// # Errors
/// When the database cannot be reached.
pub async fn staged(ctx: &Ctx, ids: &[FileId]) -> Result<Vec<StagedFile>, StorageError> {
    let owner = owner(&ctx.actor);
    let mut files = Vec::with_capacity(ids.len());
    for id in ids {
        files.extend(store::staged(&ctx.db, *id, &owner).await?);
    }
    Ok(files)
}

/// Forgets files that no step took and that were staged before `before`. Returns the hashes of those whose bytes no row
/// names any more.
///
/// # Errors
/// [`Refusal::Unavailable`] when it cannot be stored.
pub async fn sweep(ctx: &Ctx, before: DateTime<Utc>) -> Result<Vec<String>, Refusal> {
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let mut gone = store::delete_unused(tx, before).await?;
                gone.sort_unstable();
                gone.dedup();
                let mut unnamed = Vec::with_capacity(gone.len());
                for sha256 in gone {
                    if !store::is_named(tx, &sha256).await? {
                        unnamed.push(sha256);
                    }
                }
                Ok(unnamed)
            })
        })
        .await
}

#[cfg(test)]
mod tests;
