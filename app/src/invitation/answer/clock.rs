//! What the clock does with open seats: an offer that nobody took goes on to the next in line.

use crate::access::Actor;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::Refusal;

use super::steps::ExpireOffer;
use super::store;

/// How many offers one run takes on; the next run goes on.
const AT_ONCE: i64 = 200;

/// Passes on every offer that ran out. Returns how many.
///
/// # Errors
/// When the database cannot be read. An offer that was answered in the meantime is passed over.
pub async fn run_due(ctx: &Ctx) -> Result<usize, Refusal> {
    let ctx = ctx.acting_as(Actor::Clock).with_request(None);
    let mut done = 0;
    for guest in store::run_out(&ctx.db, ctx.now(), AT_ONCE).await? {
        match carry_out(&ctx, ExpireOffer { case: guest.case_id, invitee: guest.invitee_id }).await {
            Ok(()) => done += 1,
            Err(Refusal::Conflict { .. } | Refusal::NotFound) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(done)
}
