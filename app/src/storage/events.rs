//! Change notices: told after commit to whoever shows live pages or keeps rendered ones.
//!
//! On SQLite the process that wrote is the only one; on PostgreSQL a `NOTIFY` reaches the others. A notice is a hint;
//! the tables are the truth.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::ids::CaseId;

/// Something changed. Holds ids only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// A case changed.
    Case {
        /// Which one.
        case: CaseId,
        /// Its town.
        town: String,
        /// The case's sequence number after the change.
        seq: i64,
    },
    /// Something that many pages may show: rules, calendar, towns, or a change by another process.
    All,
}

/// The change notices of one database.
#[derive(Debug)]
pub struct Events {
    sender: broadcast::Sender<Change>,
    version: AtomicU64,
    /// Those of the changes that were to everything.
    wide: AtomicU64,
}

impl Default for Events {
    fn default() -> Self {
        Self { sender: broadcast::channel(1024).0, version: AtomicU64::new(1), wide: AtomicU64::new(1) }
    }
}

impl Events {
    /// Listens from now on. A lagging listener is told so and reads the tables again.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }

    /// Goes up with every change that was committed, before the one who made it is answered.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Goes up with every [`Change::All`]: what only such a change touches can be kept until then.
    pub fn wide(&self) -> u64 {
        self.wide.load(Ordering::Acquire)
    }

    pub(super) fn tell(&self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            self.version.fetch_add(1, Ordering::AcqRel);
            if change == Change::All {
                self.wide.fetch_add(1, Ordering::AcqRel);
            }
            // Nobody listening is fine.
            drop(self.sender.send(change));
        }
    }
}
