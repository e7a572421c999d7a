//! The one writer of SQLite: waiting writes run in savepoints of one transaction, then one commit acknowledges them all.
//!
//! A durable commit costs about a millisecond whatever it holds, so writes that arrive while one is under way share the
//! next. A refused write rolls back its own savepoint and disturbs nobody.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::database::{Tx, TxEngine};
use super::{Events, StorageError};
use crate::error::Refusal;

/// How many writes share a commit at most.
const BATCH: usize = 64;
/// How long a batch takes writes in before it commits.
const WINDOW: Duration = Duration::from_millis(2);

/// Tells the waiting caller how it ended, once that is certain: `None` = committed, `Some` = nothing was kept.
type Acknowledge = Box<dyn FnOnce(Option<Refusal>) + Send>;
type Run = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, (bool, Acknowledge)> + Send>;

/// The way to the writer thread.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Run>);

impl Writer {
    /// Starts the writer over its own connection, on a thread of its own: a commit waits for the disk, and whoever
    /// reads meanwhile shall not.
    pub(super) fn start(connection: Connection, events: Arc<Events>) -> Result<Self, StorageError> {
        let (sender, receiver) = mpsc::channel(1024);
        let runtime = Handle::current();
        let tx = Tx::new(TxEngine::Sqlite(connection));
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || run(tx, receiver, &events, &runtime))
            .map_err(|_| StorageError::Stopped)?;
        Ok(Self(sender))
    }

    /// Runs a write and waits until it is durable.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, Refusal>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let run: Run = Box::new(move |tx| {
            async move {
                let result = AssertUnwindSafe(work(tx))
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|_| Err(Refusal::internal(&"a write panicked")));
                let keep = result.is_ok();
                let acknowledge: Acknowledge = Box::new(move |failure| {
                    let result = match failure {
                        Some(failure) if result.is_ok() => Err(failure),
                        _ => result,
                    };
                    // A caller that has gone away does not matter: the write stands.
                    drop(sender.send(result));
                });
                (keep, acknowledge)
            }
            .boxed()
        });
        self.0.send(run).await.map_err(|_| StorageError::Stopped)?;
        receiver.await.map_err(|_| StorageError::Stopped)?
    }
}

fn run(mut tx: Tx, mut queue: mpsc::Receiver<Run>, events: &Events, runtime: &Handle) {
    while let Some(first) = queue.blocking_recv() {
        let mut acknowledges = Vec::new();
        let outcome = runtime.block_on(batch(&mut tx, first, &mut queue, &mut acknowledges));
        let failure = match outcome {
            Ok(()) => {
                events.tell(tx.take_changes());
                None
            }
            Err(error) => {
                tx.take_changes();
                drop(runtime.block_on(tx.control("ROLLBACK")));
                Some(Refusal::from(error))
            }
        };
        for acknowledge in acknowledges {
            acknowledge(failure.clone());
        }
    }
}

/// One transaction: takes waiting writes in until the window closes, then commits. The acknowledgements of all that ran
/// are in `acknowledges`, whatever happens.
async fn batch(
    tx: &mut Tx,
    first: Run,
    queue: &mut mpsc::Receiver<Run>,
    acknowledges: &mut Vec<Acknowledge>,
) -> Result<(), StorageError> {
    if let Err(error) = tx.control("BEGIN IMMEDIATE").await {
        // The write itself never ran; dropping it tells its caller that the writer gave up.
        drop(first);
        return Err(error);
    }
    let started = Instant::now();
    let mut next = Some(first);
    while let Some(run) = next {
        tx.control("SAVEPOINT step").await?;
        let mark = tx.mark_changes();
        let (keep, acknowledge) = run(tx).await;
        acknowledges.push(acknowledge);
        if tx.is_gone() {
            // A full disk, or an error of it, ends the whole transaction by itself: nothing of the batch was kept.
            return Err(StorageError::Stopped);
        }
        if !keep {
            tx.forget_changes_since(mark);
            tx.control("ROLLBACK TO step").await?;
        }
        tx.control("RELEASE step").await?;
        next = if acknowledges.len() < BATCH && started.elapsed() < WINDOW { queue.try_recv().ok() } else { None };
    }
    tx.control("COMMIT").await
}
