//! The shortest way from signed minutes to tasks, for stories.

use super::model::{Decision, Office};
use super::steps::{AssignTasks, DecideOutcome, ReceiveReport, ReportOutcome};
use super::store;
use crate::access::{Actor, Role};
use crate::error::Refusal;
use crate::ids::{CaseId, MinutesId, UnitId};
use crate::minutes::testing::{newest, signed};
use crate::rules::Adoption;
use crate::topic::testing::{TOWN, World, person};

/// Somebody of the government's office of the town.
pub(crate) async fn government(world: &World) -> Actor {
    person(&world.ctx, "government", Role::GovernmentOffice, Some(TOWN)).await
}

/// The newest edition of the case's minutes.
pub(crate) async fn minutes(world: &World, case: CaseId) -> MinutesId {
    newest(world, case).await.minutes_id
}

pub(crate) async fn report(world: &World, case: CaseId, offices: &[Office]) -> Result<(), Refusal> {
    let (seen, minutes) = (world.case(case).await.stage_version, minutes(world, case).await);
    world.step(&world.officer, ReportOutcome { case, seen, minutes, offices: offices.to_vec() }).await
}

pub(crate) async fn receive(world: &World, by: &Actor, case: CaseId, office: Office) -> Result<(), Refusal> {
    let minutes = minutes(world, case).await;
    world.step(by, ReceiveReport { case, minutes, office: Some(office), sheet: Vec::new() }).await
}

/// Minutes that party committee has.
pub(crate) async fn reported(world: &World) -> CaseId {
    let (case, _) = signed(world, false).await;
    pass(world, case).await;
    case
}

/// Sends signed minutes to the party committee, which has them.
pub(crate) async fn pass(world: &World, case: CaseId) {
    report(world, case, &[Office::Party]).await.unwrap();
    receive(world, &world.approver, case, Office::Party).await.unwrap();
}

/// An adoption in full.
pub(crate) fn adopted(world: &World, unit: UnitId) -> Decision {
    Decision {
        adoption: Some(Adoption::Full),
        lead: Some(unit),
        contact: "站长".to_owned(),
        measure: "先划二十个错时车位".to_owned(),
        due_on: Some(world.ctx.today() + chrono::Days::new(60)),
        ..Decision::default()
    }
}

/// Decides on the first outcome of the list.
pub(crate) async fn decide(world: &World, case: CaseId, decision: Decision) -> Result<(), Refusal> {
    let first = store::all(&world.ctx.db, case).await.unwrap().into_iter().next().unwrap();
    let step = DecideOutcome { case, outcome: first.outcome_id, seen: first.decided_at, decision };
    world.step(&world.approver, step).await
}

pub(crate) async fn assign(world: &World, case: CaseId, explanation: &str) -> Result<(), Refusal> {
    let seen = world.case(case).await.stage_version;
    world.step(&world.approver, AssignTasks { case, seen, explanation: explanation.to_owned() }).await
}
