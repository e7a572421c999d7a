//! Password hashes: argon2id in the PHC text form, which names its own parameters.

use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::Refusal;

/// How many hashes are computed at the same time: each takes 19 MiB and a core.
static TURNS: Semaphore = Semaphore::const_new(2);
/// How long a person waits for a turn before being told that many are signing in.
const PATIENCE: Duration = Duration::from_secs(10);

/// A hash that no password has, with the full cost: guessing at an unknown login takes as long as at a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How much work a new hash is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cost {
    /// 19 MiB and two passes, as OWASP recommends. The only one for real accounts.
    #[default]
    Full,
    /// Next to nothing; for tests and the demo, whose passwords are printed anyway.
    Cheap,
}

impl Cost {
    fn argon2(self) -> Result<Argon2<'static>, argon2::Error> {
        let (memory_kib, passes) = match self {
            Self::Full => (19_456, 2),
            Self::Cheap => (Params::MIN_M_COST, 1),
        };
        let params = Params::new(memory_kib, passes, 1, None)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// Hashes a new password.
///
/// # Errors
/// [`Refusal::Unavailable`] when too many wait.
pub async fn hash(password: &str, salt: [u8; 16], cost: Cost) -> Result<String, Refusal> {
    let password = password.to_owned();
    on_a_turn(move || {
        let argon2 = cost.argon2().map_err(|e| e.to_string())?;
        let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt).map_err(|e| e.to_string())?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether a password is the one of a stored hash. With `None` (an unknown login) it takes as long and is not.
///
/// # Errors
/// [`Refusal::Unavailable`] when too many wait, [`Refusal::Internal`] when the stored hash cannot be read.
pub async fn verify(password: &str, stored: Option<&str>) -> Result<bool, Refusal> {
    let password = password.to_owned();
    let known = stored.is_some();
    let stored = stored.unwrap_or(NOBODY).to_owned();
    on_a_turn(move || {
        let hash = PasswordHash::new(&stored).map_err(|e| e.to_string())?;
        let fits = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        Ok(fits && known)
    })
    .await
}

async fn on_a_turn<T: Send + 'static>(work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, Refusal> {
    let busy = || Refusal::Unavailable("现在登录的人太多，请过一会儿再试。".to_owned());
    let turn: SemaphorePermit<'_> = tokio::time::timeout(PATIENCE, TURNS.acquire())
        .await
        .map_err(|_| busy())?
        .map_err(|e| Refusal::internal(&e))?;
    // The turn goes with the work: a request that went away does not free it before the work is done.
    tokio::task::spawn_blocking(move || {
        let result = work();
        drop(turn);
        result
    })
    .await
    .map_err(|e| Refusal::internal(&e))?
    .map_err(|e| Refusal::internal(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let stored = hash("有事好商量2026", [7; 16], Cost::Cheap).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
        assert!(verify("有事好商量2026", Some(&stored)).await.unwrap());
        assert!(!verify("有事好商量2025", Some(&stored)).await.unwrap());
        assert!(!verify("有事好商量2026", None).await.unwrap());
        assert!(verify("x", Some("no hash")).await.is_err());
    }

    #[tokio::test]
    async fn the_full_cost_is_that_of_the_hash_of_nobody() {
        let stored = hash("有事好商量2026", [7; 16], Cost::Full).await.unwrap();
        let parameters = |text: &str| text.split('$').nth(3).map(str::to_owned);
        assert_eq!(parameters(&stored), parameters(NOBODY));
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
