//! The shortest way to an announced meeting, for stories.

use crate::access::Actor;
use crate::case::store as cases;
use crate::ids::{CaseId, FileId, MeetingId, RoomId};
use crate::invitation::model::PersonForm;
use crate::invitation::steps::AddPeople;
use crate::plan::model::{AgendaItem, ConsultationPlan};
use crate::plan::steps::{Announce, ApprovePlan, SavePlan};
use crate::rules::{Category, MeetingFormat, Segment};
use crate::topic::testing::{TOWN, World};

/// A case in 筹备中: its research is filed.
pub(crate) async fn planned(world: &World, title: &str) -> CaseId {
    world.researched(title).await
}

/// A file that was sent by the officer.
pub(crate) async fn material(world: &World, name: &str) -> FileId {
    let file = crate::files::NewFile {
        sha256: format!("{:0>64}", name.len()),
        name: name.to_owned(),
        media_type: "application/pdf".to_owned(),
        size: 1000,
    };
    let ctx = world.ctx.acting_as(world.officer.clone());
    crate::files::stage(&ctx, vec![file]).await.unwrap()[0].file
}

/// The rooms of the town.
pub(crate) async fn rooms(world: &World) -> Vec<(RoomId, String)> {
    let rooms = crate::town::store::rooms(&world.ctx.db, Some(TOWN)).await.unwrap();
    rooms.into_iter().map(|room| (room.room_id, room.name)).collect()
}

/// The account of an actor.
pub(crate) fn account(actor: &Actor) -> Option<crate::ids::AccountId> {
    actor.account()
}

/// A plan that meets every rule but the list of people: in ten days, two hours, in the town's own room.
pub(crate) async fn good_plan(world: &World) -> ConsultationPlan {
    let (room, room_name) = rooms(world).await.swap_remove(0);
    ConsultationPlan {
        starts_at: Some(world.ctx.now() + chrono::Duration::days(10)),
        minutes: 120,
        format: Some(MeetingFormat::Roundtable),
        room: Some(room),
        room_name,
        agenda: Segment::ALL
            .iter()
            .map(|segment| AgendaItem { segment: *segment, minutes: 30, words: String::new() })
            .collect(),
        chair: account(&world.director),
        recorder: account(&world.officer),
        notice: "请大家来商量镇东五区晚间停车怎么安排。".to_owned(),
        materials: vec![material(world, "情况说明.pdf").await],
        open_seats: vec![(Category::Public, 3)],
        ..ConsultationPlan::default()
    }
}

/// The newest version of a case's plan; 0 without one.
pub(crate) async fn version(world: &World, case: CaseId) -> i64 {
    let versions = cases::versions::<ConsultationPlan>(&world.ctx.db, case).await.unwrap();
    versions.first().map_or(0, |v| v.version)
}

/// Saves a plan over the newest one.
pub(crate) async fn save(world: &World, case: CaseId, plan: ConsultationPlan) -> MeetingId {
    let seen = version(world, case).await;
    world.step(&world.officer, SavePlan { case, seen, plan, hand_over: true }).await.unwrap()
}

/// Approves the newest plan.
pub(crate) async fn approve(world: &World, case: CaseId) {
    let seen = version(world, case).await;
    world.step(&world.director, ApprovePlan { case, seen, reason: "同意".to_owned() }).await.unwrap();
}

/// Puts people on the list: category and how many. Every second one is a woman.
pub(crate) async fn list(world: &World, case: CaseId, meeting: MeetingId, people: &[(Category, usize)]) {
    let people = people
        .iter()
        .flat_map(|(category, count)| {
            (0..*count).map(|n| PersonForm {
                category: Some(*category),
                name: format!("赵隐名{}", world.ctx.new_id().simple().to_string().split_off(26)),
                phone: "13900001111".to_owned(),
                woman: n % 2 == 0,
                ..PersonForm::default()
            })
        })
        .collect();
    world.step(&world.officer, AddPeople { case, meeting, people }).await.unwrap();
}

/// People that meet every rule of composition.
pub(crate) const ALL_SIDES: [(Category, usize); 5] = [
    (Category::Member, 3),
    (Category::Stakeholder, 4),
    (Category::Public, 4),
    (Category::Department, 2),
    (Category::Village, 1),
];

/// Saves, lists, approves and announces: the whole way from 筹备中 to 已公示.
pub(crate) async fn plan_and_announce(world: &World, case: CaseId, plan: ConsultationPlan) -> MeetingId {
    let meeting = save(world, case, plan).await;
    list(world, case, meeting, &ALL_SIDES).await;
    approve(world, case).await;
    let seen = version(world, case).await;
    world.step(&world.officer, Announce { case, seen }).await.unwrap()
}
