//! What the clock does in this stage: lapses unanswered questions, marks what is overdue, forgets contacts whose time is
//! over. Each is a step like any other.

use chrono::{DateTime, TimeDelta, Utc};

use crate::access::Actor;
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::town;

use super::steps::{ForgetContact, LapseTopic, MarkOverdue};
use super::store;

/// How many cases one run takes on; the next run goes on.
const AT_ONCE: i64 = 500;

/// Carries out everything that is due. Returns how many steps that made.
///
/// # Errors
/// When the database cannot be read. A case that moved on in the meantime is passed over.
pub async fn run_due(ctx: &Ctx) -> Result<usize, Refusal> {
    let ctx = ctx.acting_as(Actor::Clock).with_request(None);
    let mut done = 0;
    for case in store::run_out(&ctx.db, ctx.today(), AT_ONCE).await? {
        let (id, seen) = (case.topic_id, case.stage_version);
        let result = if case.stage.0 == Stage::Returned {
            carry_out(&ctx, LapseTopic { case: id, seen }).await
        } else {
            carry_out(&ctx, MarkOverdue { case: id, seen }).await
        };
        match result {
            Ok(()) => done += 1,
            Err(Refusal::Conflict { .. } | Refusal::NotFound) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(done + forget_contacts(&ctx).await?)
}

/// Every town, and before when a case must have ended for its contacts to be over by the town's rules.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn contacts_over(ctx: &Ctx) -> Result<Vec<(String, DateTime<Utc>)>, Refusal> {
    let now = ctx.now();
    let mut over = Vec::new();
    for town in town::store::towns(&ctx.db).await? {
        let (_, rules) = town::rules::in_force(&ctx.db, &ctx.shared, &town.town_id, now).await?;
        over.push((town.town_id, now - TimeDelta::days(i64::from(rules.close.contact_retention_days))));
    }
    Ok(over)
}

/// Erases the contacts that were kept long enough.
async fn forget_contacts(ctx: &Ctx) -> Result<usize, Refusal> {
    let mut done = 0;
    for (town, before) in contacts_over(ctx).await? {
        for (case,) in store::to_forget(&ctx.db, &town, before, AT_ONCE).await? {
            match carry_out(ctx, ForgetContact { case }).await {
                Ok(()) => done += 1,
                Err(Refusal::Conflict { .. } | Refusal::NotFound) => {}
                Err(refusal) => return Err(refusal),
            }
        }
    }
    Ok(done)
}
