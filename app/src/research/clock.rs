//! What the clock does in the research: closes questionnaires whose last day is over.

use super::steps::CloseQuestionnaire;
use super::store;
use crate::access::Actor;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::Refusal;

/// How many one run takes on; the next run goes on.
const AT_ONCE: i64 = 200;

/// Closes what has run out. Returns how many that were.
///
/// # Errors
/// When the database cannot be read. One that somebody closed in the meantime is passed over.
pub async fn run_due(ctx: &Ctx) -> Result<usize, Refusal> {
    let ctx = ctx.acting_as(Actor::Clock).with_request(None);
    let mut done = 0;
    for (questionnaire, case) in store::run_out(&ctx.db, ctx.today(), AT_ONCE).await? {
        match carry_out(&ctx, CloseQuestionnaire { case, questionnaire }).await {
            Ok(()) => done += 1,
            Err(Refusal::Conflict { .. } | Refusal::NotFound) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(done)
}
