//! The bytes of stored files, in the data folder.
//!
//! `files/ab/cd/abcd…` holds each content once, under its SHA-256; `staging/` holds what is still arriving. Bytes are on
//! the disk before a row names them; what no row names is swept.

pub mod kind;
mod picture;
pub mod serve;

use std::fs::{self, File, FileTimes};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use app::context::{Ctx, hex};
use app::error::Refusal;
use app::files::NewFile;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::sync::{RwLock, Semaphore};

use kind::Found;
use picture::PictureError;

/// Pictures that are worked on at the same time.
const PICTURES_AT_ONCE: usize = 2;
/// How long bytes lie before a sweep may take them: longer than any form takes to arrive and be stored.
const GRACE: TimeDelta = TimeDelta::hours(6);

/// The folders of stored files.
#[derive(Clone, Debug)]
pub struct FileStore {
    files: PathBuf,
    staging: PathBuf,
    pictures: Arc<Semaphore>,
    /// Held for reading while bytes are put down and named, for writing while unnamed bytes are taken away.
    placing: Arc<RwLock<()>>,
}

/// Why an arrived file is not accepted.
#[derive(Debug)]
pub enum Rejected {
    /// With a sentence for whoever sent it.
    Because(String),
    /// It could not be stored.
    Storage(io::Error),
}

impl From<io::Error> for Rejected {
    fn from(error: io::Error) -> Self {
        Self::Storage(error)
    }
}

/// What a failure to store means for whoever sent the form.
#[must_use]
pub fn storage_refusal(error: &io::Error) -> Refusal {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    if matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem | FileTooLarge) {
        tracing::error!(%error, "a file cannot be stored");
        Refusal::Unavailable("附件现在存不进去，可能是磁盘满了。".to_owned())
    } else {
        Refusal::internal(error)
    }
}

impl FileStore {
    /// Makes the folders.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn open(data: &Path) -> io::Result<Self> {
        let store = Self {
            files: data.join("files"),
            staging: data.join("staging"),
            pictures: Arc::new(Semaphore::new(PICTURES_AT_ONCE)),
            placing: Arc::default(),
        };
        fs::create_dir_all(&store.files)?;
        fs::create_dir_all(&store.staging)?;
        Ok(store)
    }

    /// An empty file for something that arrives; gone when it is dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn arriving(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix("up-").tempfile_in(&self.staging)
    }

    /// Where the bytes of a hash lie.
    #[must_use]
    pub fn path(&self, sha256: &str) -> Option<PathBuf> {
        let plain = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
        plain.then(|| self.files.join(&sha256[..2]).join(&sha256[2..4]).join(sha256))
    }

    /// Puts down the bytes of accepted files and runs `name`, which makes the rows that name them.
    ///
    /// # Errors
    /// The refusal of `name`.
    pub async fn named<T>(&self, name: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
        let _placing = self.placing.read().await;
        name.await
    }

    /// Looks at an arrived file, makes of it what is stored, and puts that down, synced.
    ///
    /// # Errors
    /// When it is of no accepted kind, broken, or cannot be stored. Nothing of it stays then.
    pub async fn accept(&self, arrived: NamedTempFile, name: String, now: DateTime<Utc>) -> Result<NewFile, Rejected> {
        let (arrived, found) = blocking(move || {
            let mut arrived = arrived;
            arrived.rewind()?;
            let found = kind::detect(arrived.as_file_mut())?;
            Ok((arrived, found))
        })
        .await?;
        let Found::Accepted(kind) = found else {
            return Err(Rejected::Because(refused_kind(&name, found)));
        };
        let _permit = if kind.is_picture() { self.pictures.acquire().await.ok() } else { None };
        let store = self.clone();
        blocking(move || {
            let (arrived, kind) = if kind.is_picture() {
                let (bytes, kind) = picture::stored(arrived.path(), kind)
                    .map_err(|error| Rejected::Because(refused_picture(&name, &error)))?;
                let mut smaller = store.arriving()?;
                smaller.write_all(&bytes)?;
                (smaller, kind)
            } else {
                (arrived, kind)
            };
            let (sha256, size) = store.put(arrived, now.into())?;
            Ok(NewFile { sha256, name: kind.named(&name), media_type: kind.media_type().to_owned(), size })
        })
        .await
    }

    /// Moves a finished file to its place, synced; returns hash and size.
    fn put(&self, mut arrived: NamedTempFile, now: SystemTime) -> io::Result<(String, i64)> {
        arrived.rewind()?;
        let (sha256, size) = digest(arrived.as_file_mut())?;
        let place = self.path(&sha256).ok_or_else(|| io::Error::other("a hash is no file name"))?;
        arrived.as_file().set_times(FileTimes::new().set_modified(now))?;
        if let Ok(there) = File::options().append(true).open(&place) {
            // Young again, so that a sweep which has just found it unnamed leaves it.
            there.set_times(FileTimes::new().set_modified(now))?;
            return Ok((sha256, size));
        }
        arrived.as_file().sync_all()?;
        let folder = place.parent().unwrap_or(&self.files);
        fs::create_dir_all(folder)?;
        arrived.persist(&place).map_err(|error| error.error)?;
        for folder in [Some(folder), folder.parent(), Some(&self.files)].into_iter().flatten() {
            File::open(folder)?.sync_all()?;
        }
        Ok((sha256, size))
    }

    /// Forgets files that no step took, takes away bytes that no row names, and what broke off while it arrived.
    /// Returns how many contents were taken away.
    ///
    /// # Errors
    /// When database or disk refuse.
    pub async fn sweep(&self, ctx: &Ctx) -> Result<usize, Refusal> {
        let now = ctx.now();
        app::files::sweep(ctx, now - app::files::STAGED_FOR).await?;
        let young: SystemTime = (now - GRACE).into();
        let store = self.clone();
        let old = blocking(move || {
            store.drop_broken_off(young)?;
            Ok(store.older_than(young)?)
        })
        .await
        .map_err(|error| match error {
            Rejected::Storage(error) => storage_refusal(&error),
            Rejected::Because(sentence) => Refusal::internal(&sentence),
        })?;
        let mut taken = 0;
        for (sha256, path) in old {
            let _alone = self.placing.write().await;
            if app::files::known(&ctx.db, &sha256).await? || !is_older(&path, young) {
                continue;
            }
            fs::remove_file(&path).map_err(|error| storage_refusal(&error))?;
            taken += 1;
        }
        Ok(taken)
    }

    fn drop_broken_off(&self, young: SystemTime) -> io::Result<()> {
        for entry in fs::read_dir(&self.staging)? {
            let path = entry?.path();
            if is_older(&path, young) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// All contents that have lain untouched for a while.
    fn older_than(&self, young: SystemTime) -> io::Result<Vec<(String, PathBuf)>> {
        let mut found = Vec::new();
        let mut folders = vec![self.files.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else if is_older(&entry.path(), young) {
                    found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
                }
            }
        }
        Ok(found)
    }
}

fn is_older(path: &Path, than: SystemTime) -> bool {
    path.metadata().and_then(|meta| meta.modified()).is_ok_and(|modified| modified < than)
}

fn digest(file: &mut File) -> io::Result<(String, i64)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok((hex(&hasher.finalize()), size));
        }
        hasher.update(&buffer[..n]);
        size += i64::try_from(n).unwrap_or(0);
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Rejected> + Send + 'static,
) -> Result<T, Rejected> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Rejected::Storage(io::Error::other(error)))?
}

fn refused_kind(name: &str, found: Found) -> String {
    match found {
        Found::Heic => format!(
            "「{name}」是苹果手机的 HEIC 照片，请先转成 JPG：手机上「设置－相机－格式－兼容性最佳」后再拍，或截屏后上传。"
        ),
        Found::Macros => format!("「{name}」带有宏，不能收。请另存为不带宏的文件。"),
        Found::Locked => format!("「{name}」有打开密码，别人看不了。请去掉密码再上传。"),
        Found::Accepted(_) | Found::Unknown => {
            format!(
                "「{name}」的内容不是能收的类型。可以传 JPG、PNG、WebP 照片，PDF、OFD，或 Word、Excel、PPT、WPS 文件。"
            )
        }
    }
}

fn refused_picture(name: &str, error: &PictureError) -> String {
    match error {
        PictureError::TooManyPixels => format!("「{name}」的尺寸太大，请缩小后再上传。"),
        PictureError::Broken(_) => format!("「{name}」打不开，可能没有传完整，请重新选择。"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, FileStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::open(folder.path()).unwrap();
        (folder, store)
    }

    fn arrived(store: &FileStore, bytes: &[u8]) -> NamedTempFile {
        let mut file = store.arriving().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[tokio::test]
    async fn the_same_content_is_stored_once_under_its_hash() {
        let (folder, store) = store();
        for name in ["一.pdf", "二.doc"] {
            let file = store.accept(arrived(&store, b"%PDF-1.7 x"), name.to_owned(), now()).await.unwrap();
            assert_eq!(file.media_type, "application/pdf");
            assert!(file.name.ends_with(".pdf"), "{}", file.name);
            assert_eq!(file.size, 10);
            assert_eq!(fs::read(store.path(&file.sha256).unwrap()).unwrap(), b"%PDF-1.7 x");
        }
        assert_eq!(store.older_than(SystemTime::from(now() + TimeDelta::days(1))).unwrap().len(), 1);
        assert_eq!(count(&folder.path().join("staging")), 0);
    }

    #[tokio::test]
    async fn a_refused_file_leaves_nothing_and_says_what_to_do() {
        let (folder, store) = store();
        for (bytes, words) in [
            (&b"\0\0\0\x18ftypheic\0\0"[..], "HEIC"),
            (b"MZ\x90\0", "不是能收的类型"),
            (b"\xff\xd8\xff\xe0 cut", "没有传完整"),
        ] {
            match store.accept(arrived(&store, bytes), "a.jpg".to_owned(), now()).await {
                Err(Rejected::Because(sentence)) => assert!(sentence.contains(words), "{sentence}"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(count(&folder.path().join("staging")), 0);
        assert_eq!(count(&folder.path().join("files")), 0);
    }

    #[test]
    fn a_full_disk_is_something_to_try_again_later() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            assert_eq!(storage_refusal(&kind.into()).status(), 503);
        }
        assert_eq!(storage_refusal(&io::ErrorKind::PermissionDenied.into()).status(), 500);
    }

    #[test]
    fn a_forged_hash_leads_nowhere() {
        let (_folder, store) = store();
        for forged in ["", "../../secret", &"A".repeat(64), &"z".repeat(64), &"0".repeat(63)] {
            assert_eq!(store.path(forged), None, "{forged}");
        }
        assert!(store.path(&"0a".repeat(32)).is_some());
    }
}
