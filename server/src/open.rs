//! Opens what a command works on: the data folder, the site secret and the database.

use std::fs::{self, File, OpenOptions as FileOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::access::Actor;
use app::context::{Clock, Ctx, Random, SiteSecret};
use app::storage::{Database, Durability, OpenOptions, StorageError};

use crate::config::Config;

/// The name of the site secret in the data folder.
const SECRET: &str = "secret";

/// Why it cannot be opened, in a sentence.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder.
    #[error("数据文件夹 {0} 用不了：{1}")]
    Folder(PathBuf, #[source] io::Error),
    /// The site secret.
    #[error("站点密钥 {0} 读不出来：{1}。它和数据库要一起备份，丢了以后查询码和链接都会失效，所以不会自动重做。")]
    Secret(PathBuf, #[source] io::Error),
    /// The database.
    #[error("{0}")]
    Database(#[from] StorageError),
}

/// Opens everything, for the command line; structure and site secret are made where there are none.
///
/// # Errors
/// When something cannot be made or read.
pub async fn open(config: &Config) -> Result<Ctx, OpenError> {
    fs::create_dir_all(&config.data).map_err(|error| OpenError::Folder(config.data.clone(), error))?;
    let random = Random::from_system();
    let secret = secret(&config.data, &random)?;
    let db = Database::open(&OpenOptions {
        url: config.database_url.reveal().to_owned(),
        durability: Durability::Full,
        connections: config.connections,
    })
    .await?;
    Ok(Ctx {
        db,
        clock: Clock::System,
        random,
        secret: SiteSecret::new(secret),
        actor: Actor::Operator,
        request: None,
        shared: Arc::default(),
    })
}

/// The site secret of a data folder: 32 bytes that only this user may read, made on the first start.
///
/// # Errors
/// When it cannot be made, or what is there is no secret.
pub fn secret(data: &Path, random: &Random) -> Result<[u8; 32], OpenError> {
    let path = data.join(SECRET);
    let failed = |error| OpenError::Secret(path.clone(), error);
    match read_secret(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_secret(data, &path, random.bytes()).map_err(failed)?;
            // Another process may have been quicker: what lies there now is the secret.
            read_secret(&path).map_err(failed)
        }
        result => result.map_err(failed),
    }
}

fn read_secret(path: &Path) -> io::Result<[u8; 32]> {
    let mut bytes = Vec::new();
    File::open(path)?.take(64).read_to_end(&mut bytes)?;
    bytes.try_into().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "应为 32 字节"))
}

/// Written whole beside its place and then linked there, so that nobody ever reads half of it.
fn make_secret(data: &Path, path: &Path, bytes: [u8; 32]) -> io::Result<()> {
    let mut part = tempfile::Builder::new().prefix(".secret-").tempfile_in(data)?;
    part.write_all(&bytes)?;
    part.as_file().sync_all()?;
    match part.persist_noclobber(path) {
        Ok(file) => {
            only_for_owner(&file)?;
            FileOptions::new().read(true).open(data)?.sync_all()
        }
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

#[cfg(unix)]
fn only_for_owner(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn only_for_owner(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_secret_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = secret(folder.path(), &Random::from_seed(1)).unwrap();
        assert_eq!(secret(folder.path(), &Random::from_seed(2)).unwrap(), first);
        assert_ne!(first, [0; 32]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(SECRET)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_site_secret_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SECRET), b"short").unwrap();
        let error = secret(folder.path(), &Random::from_seed(1)).unwrap_err();
        assert!(error.to_string().contains("备份"), "{error}");
        assert_eq!(fs::read(folder.path().join(SECRET)).unwrap(), b"short");
    }
}
