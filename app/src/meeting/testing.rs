//! The shortest way to a meeting's day, for stories.

use crate::access::Actor;
use crate::ids::{CaseId, InviteeId, SittingId};
use crate::invitation::answer::guests_of;
use crate::invitation::answer::steps::AnswerInvitation;
use crate::meeting::model::How;
use crate::meeting::steps::{CheckIn, ConveneMeeting, OpenDoor, Presence};
use crate::plan::testing::{account, good_plan, plan_and_announce, planned};
use crate::rules::Category;
use crate::topic::testing::World;

/// An announced meeting on its day, a quarter of an hour before it begins: all fourteen have accepted.
pub(crate) async fn on_the_day(world: &World) -> CaseId {
    let case = planned(world, "镇东五区停车").await;
    let plan = good_plan(world).await;
    let starts_at = plan.starts_at.unwrap();
    let meeting = plan_and_announce(world, case, plan).await;
    for guest in guests_of(&world.ctx.db, meeting).await.unwrap() {
        let invitee = guest.invitee_id;
        let step = AnswerInvitation { case, invitee, comes: true, reason: String::new() };
        world.step(&by_link(case, invitee), step).await.unwrap();
    }
    world.ctx.clock.set(starts_at - chrono::Duration::minutes(15));
    case
}

/// Whoever opened the own link.
pub(crate) fn by_link(case: CaseId, invitee: InviteeId) -> Actor {
    Actor::Invitee { invitee, case, visitor: crate::access::Visitor::default() }
}

/// The time at which the meeting begins.
pub(crate) async fn until_start(world: &World, case: CaseId) {
    world.ctx.clock.set(presence(world, case).await.day.starts_at);
}

pub(crate) async fn presence(world: &World, case: CaseId) -> Presence {
    Presence::load(&world.ctx.db, case).await.unwrap().unwrap()
}

pub(crate) async fn open_door(world: &World, case: CaseId) -> SittingId {
    world.step(&world.officer, OpenDoor { case }).await.unwrap()
}

/// The tick of somebody on the list, or of an official.
pub(crate) fn tick(case: CaseId, sitting: SittingId, invitee: Option<InviteeId>, official: Option<&Actor>) -> CheckIn {
    let account = official.and_then(account);
    CheckIn { case, sitting, invitee, account, how: How::List, device_at: None, list_at: None }
}

/// The people of a category.
pub(crate) async fn of(world: &World, case: CaseId, category: Category) -> Vec<InviteeId> {
    let presence = presence(world, case).await;
    presence.people.iter().filter(|p| p.category.0 == category).map(|p| p.invitee_id).collect()
}

/// Ticks off the chair and the recorder, and everybody on the list but `absent`.
pub(crate) async fn all_come(world: &World, case: CaseId, sitting: SittingId, absent: &[InviteeId]) {
    for official in [&world.director, &world.officer] {
        world.step(&world.officer, tick(case, sitting, None, Some(official))).await.unwrap();
    }
    for person in presence(world, case).await.people {
        if !absent.contains(&person.invitee_id) {
            world.step(&world.officer, tick(case, sitting, Some(person.invitee_id), None)).await.unwrap();
        }
    }
}

/// Opens the meeting, with or without a word.
pub(crate) async fn convene(
    world: &World,
    by: &Actor,
    case: CaseId,
    remark: &str,
) -> Result<SittingId, crate::error::Refusal> {
    let seen = world.case(case).await.stage_version;
    world.step(by, ConveneMeeting { case, seen, remark: remark.to_owned() }).await
}

/// A meeting that is on, with everybody there.
pub(crate) async fn opened(world: &World) -> (CaseId, SittingId) {
    let case = on_the_day(world).await;
    let sitting = open_door(world, case).await;
    all_come(world, case, sitting, &[]).await;
    until_start(world, case).await;
    convene(world, &world.officer, case, "").await.unwrap();
    (case, sitting)
}
