//! What the clock does about tasks: reminds of those that are nearly due, and brings late ones up the chain.

use futures::{StreamExt, stream};

use super::steps::ChaseTask;
use super::store;
use crate::access::Actor;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::Refusal;

/// How many tasks one look takes on.
const AT_ONCE: i64 = 1000;
/// How many steps are under way together: they share a commit, and the commit holds the writer while all are done.
const TOGETHER: usize = 4;

/// Carries out everything that is due. Returns how many steps that made.
///
/// # Errors
/// When the database cannot be read. A task that moved on in the meantime is passed over.
pub async fn run_due(ctx: &Ctx) -> Result<usize, Refusal> {
    let ctx = ctx.acting_as(Actor::Clock).with_request(None);
    let mut done = 0;
    loop {
        let due = store::due(&ctx.db, ctx.today(), AT_ONCE).await?;
        if due.is_empty() {
            return Ok(done);
        }
        let results: Vec<Result<(), Refusal>> = stream::iter(due)
            .map(|(case, task)| {
                let ctx = ctx.clone();
                async move { carry_out(&ctx, ChaseTask { case, task }).await }
            })
            .buffer_unordered(TOGETHER)
            .collect()
            .await;
        let mut passed_over = 0;
        for result in results {
            match result {
                Ok(()) => done += 1,
                Err(Refusal::Conflict { .. } | Refusal::NotFound | Refusal::Forbidden { .. }) => passed_over += 1,
                Err(refusal) => return Err(refusal),
            }
        }
        // What could not be carried out is looked at again in the next run.
        if passed_over > 0 {
            return Ok(done);
        }
    }
}
