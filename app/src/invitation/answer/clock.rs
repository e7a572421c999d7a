//! What the clock does with those who were asked: an offer that nobody took goes on to the next in line, and contacts go
//! once they were kept long enough.

use crate::access::Actor;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::Refusal;

use super::steps::ExpireOffer;
use super::store;
use crate::invitation::{steps::ForgetInvitees, store as lists};
use crate::topic::clock::contacts_over;

/// How many offers, and how many cases of a town, one run takes on; the next run goes on.
const AT_ONCE: i64 = 200;

/// Passes on every offer that ran out, forgets every contact that is over. Returns how many steps that were.
///
/// # Errors
/// When the database cannot be read. What changed in the meantime is passed over.
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
    for (town, before) in contacts_over(&ctx).await? {
        for (case,) in lists::to_forget(&ctx.db, &town, before, AT_ONCE).await? {
            match carry_out(&ctx, ForgetInvitees { case }).await {
                Ok(()) => done += 1,
                Err(Refusal::Conflict { .. } | Refusal::NotFound) => {}
                Err(refusal) => return Err(refusal),
            }
        }
    }
    Ok(done)
}
