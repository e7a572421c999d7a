//! What the clock does here: closes or extends surveys whose last day is over, and opens look-backs.

use std::collections::BTreeMap;

use super::steps::{CloseSurvey, OpenLookBack};
use super::store;
use crate::access::Actor;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{AssignmentId, CaseId};

/// How many cases one run takes on; the next run goes on.
const AT_ONCE: i64 = 500;

/// Carries out everything that is due. Returns how many steps that made.
///
/// # Errors
/// When the database cannot be read. A case that moved on in the meantime is passed over.
pub async fn run_due(ctx: &Ctx) -> Result<usize, Refusal> {
    let ctx = ctx.acting_as(Actor::Clock).with_request(None);
    let mut done = 0;
    for (case,) in store::run_out(&ctx.db, ctx.today(), AT_ONCE).await? {
        done += passed(carry_out(&ctx, CloseSurvey { case }).await)?;
    }
    let mut by_case: BTreeMap<CaseId, Vec<AssignmentId>> = BTreeMap::new();
    for (case, task) in crate::task::to_look_back(&ctx.db, ctx.today(), AT_ONCE).await? {
        by_case.entry(case).or_default().push(task);
    }
    for (case, tasks) in by_case {
        done += passed(carry_out(&ctx, OpenLookBack { case, tasks }).await)?;
    }
    Ok(done)
}

fn passed(result: Result<(), Refusal>) -> Result<usize, Refusal> {
    match result {
        Ok(()) => Ok(1),
        Err(Refusal::Conflict { .. } | Refusal::NotFound) => Ok(0),
        Err(refusal) => Err(refusal),
    }
}
