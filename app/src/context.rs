//! [`Ctx`]: everything that a use case may ask of the world. Time, ids and randomness come from here and nowhere else.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use hmac::{Hmac, KeyInit, Mac};
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use sha2::Sha256;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::access::Actor;
use crate::error::Refusal;
use crate::ids::{RequestId, RuleSetId};
use crate::rules::{Calendar, RuleSet, local_date};
use crate::storage::{Database, StorageError};

/// The clock. Tests and the demo use one that they move by hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// Moved by hand.
    Manual(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// A clock that stands still at `now` until it is moved.
    #[must_use]
    pub fn manual(now: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(Mutex::new(now)))
    }

    /// The present time, in whole microseconds: what both engines store.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => {
                #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
                let now = Utc::now();
                now.trunc_subsecs(6)
            }
            Self::Manual(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Sets a manual clock; the machine's clock is left alone.
    pub fn set(&self, to: DateTime<Utc>) {
        if let Self::Manual(now) = self {
            *now.lock().unwrap_or_else(PoisonError::into_inner) = to;
        }
    }
}

/// Random bytes and ids.
#[derive(Clone, Debug)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    /// Seeded by the operating system.
    #[must_use]
    pub fn from_system() -> Self {
        Self(Arc::new(Mutex::new(StdRng::from_os_rng())))
    }

    /// The same bytes every time, for tests and the demo.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// 256 random bits as hexadecimal text: a session token, a salt.
    #[must_use]
    pub fn token(&self) -> String {
        hex(&self.bytes::<32>())
    }

    /// An id that sorts by time (UUID version 7).
    #[must_use]
    pub fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The site secret: keys links, tracking codes and all stored hashes of personal data. Belongs to a backup.
#[derive(Clone)]
pub struct SiteSecret(Arc<[u8; 32]>);

impl std::fmt::Debug for SiteSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SiteSecret(…)")
    }
}

impl SiteSecret {
    /// A secret from its bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Arc::new(bytes))
    }

    /// A keyed hash of the parts for one purpose, as hexadecimal text.
    #[must_use]
    pub fn keyed(&self, purpose: &str, parts: &[&str]) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            // HMAC takes keys of any length.
            return String::new();
        };
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        hex(&mac.finalize().into_bytes())
    }

    /// A token for a link: unguessable, nothing of it is stored. Withdrawn by raising the generation.
    #[must_use]
    pub fn link_token(&self, purpose: &str, id: Uuid, generation: i64) -> String {
        let mut token = self.keyed(purpose, &[&id.to_string(), &generation.to_string()]);
        token.truncate(40);
        token
    }

    /// Whether a token is the one of this link, in constant time.
    #[must_use]
    pub fn is_link_token(&self, token: &str, purpose: &str, id: Uuid, generation: i64) -> bool {
        let expected = self.link_token(purpose, id, generation);
        expected.len() == token.len()
            && expected.bytes().zip(token.bytes()).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
    }
}

/// Things that [`Shared::once`] keeps at most.
const ONCE: usize = 256;

/// Something that was read, or is being read, and the version of the data before that.
type Once = (String, Arc<OnceCell<Arc<dyn Any + Send + Sync>>>);

/// What a process keeps in memory of data that seldom changes, or that many ask for at once.
#[derive(Debug, Default)]
pub struct Shared {
    calendar: RwLock<Arc<Calendar>>,
    rule_sets: RwLock<HashMap<RuleSetId, Arc<RuleSet>>>,
    once: Mutex<HashMap<(TypeId, Uuid), Once>>,
}

impl Shared {
    /// The workday calendar.
    #[must_use]
    pub fn calendar(&self) -> Arc<Calendar> {
        Arc::clone(&self.calendar.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a new calendar in force.
    pub fn set_calendar(&self, calendar: Calendar) {
        *self.calendar.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(calendar);
    }

    /// A rule set that was read before; its rows never change.
    #[must_use]
    pub fn rule_set(&self, id: RuleSetId) -> Option<Arc<RuleSet>> {
        self.rule_sets.read().unwrap_or_else(PoisonError::into_inner).get(&id).map(Arc::clone)
    }

    /// Keeps a rule set that was read.
    pub fn keep_rule_set(&self, id: RuleSetId, rules: RuleSet) -> Arc<RuleSet> {
        let rules = Arc::new(rules);
        self.rule_sets.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&rules));
        rules
    }

    /// What is the same for everybody who looks at something, read once for each version of the data: whoever comes while
    /// it is read waits for it. The type says what is read, the id of what. It holds rows only, nothing that depends on
    /// the time or on who asks.
    ///
    /// # Errors
    /// As the reading; the next one tries again.
    pub async fn once<T: Send + Sync + 'static>(
        &self,
        db: &Database,
        id: Uuid,
        read: impl Future<Output = Result<T, Refusal>> + Send,
    ) -> Result<Arc<T>, Refusal> {
        // Before the reading begins: what changes meanwhile is another version.
        let version = db.version().await?;
        self.kept(version, id, read).await
    }

    /// What seldom changes, and then with a [`Change::All`](crate::storage::Change): towns, versions of rules. Read again
    /// after the next of these, else as [`Shared::once`]; never for what a step decides on.
    ///
    /// # Errors
    /// As the reading; the next one tries again.
    pub async fn seldom<T: Send + Sync + 'static, E: From<StorageError>>(
        &self,
        db: &Database,
        read: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<Arc<T>, E> {
        self.kept(format!("wide {}", db.events().wide()), Uuid::nil(), read).await
    }

    async fn kept<T: Send + Sync + 'static, E: From<StorageError>>(
        &self,
        version: String,
        id: Uuid,
        read: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<Arc<T>, E> {
        let cell = {
            let mut all = self.once.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= ONCE {
                all.clear();
            }
            let (of, cell) = all.entry((TypeId::of::<T>(), id)).or_default();
            if *of != version {
                (*of, *cell) = (version, Arc::default());
            }
            Arc::clone(cell)
        };
        let read = async { Ok::<_, E>(Arc::new(read.await?) as Arc<dyn Any + Send + Sync>) };
        let found = Arc::clone(cell.get_or_try_init(|| read).await?);
        // The type is part of the key.
        found.downcast().map_err(|_| StorageError::Stopped.into())
    }
}

/// The context of one request, job or command.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// The database.
    pub db: Database,
    /// The clock.
    pub clock: Clock,
    /// Randomness and ids.
    pub random: Random,
    /// The site secret.
    pub secret: SiteSecret,
    /// Who is acting.
    pub actor: Actor,
    /// The id of the form that is being carried out; the same id twice is carried out once.
    pub request: Option<RequestId>,
    /// What the process remembers.
    pub shared: Arc<Shared>,
}

impl Ctx {
    /// The present time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Today in the zone of the town (Asia/Shanghai).
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        local_date(self.now())
    }

    /// A new id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.random.uuid(self.now())
    }

    /// The same context for another actor.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// The same context under a request id.
    #[must_use]
    pub fn with_request(&self, request: Option<RequestId>) -> Self {
        Self { request, ..self.clone() }
    }
}
