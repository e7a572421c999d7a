//! Rooms and studios for the stories of tests.

use super::model::{CheckForm, OpinionForm, ReceptionForm, Six, StudioForm, Whereto};
use super::{check_room, hear, receive, save_studio};
use crate::access::{Actor, Role};
use crate::context::Ctx;
use crate::ids::{MemberId, ReceptionId, RoomId, StudioId};
use crate::roster::model::MemberForm;
use crate::roster::register::add_member;
use crate::topic::testing::{TOWN, World, person};

/// The context of somebody.
pub(crate) fn acting(world: &World, actor: &Actor) -> Ctx {
    world.ctx.acting_as(actor.clone())
}

/// The town's own room.
pub(crate) async fn hall(world: &World) -> RoomId {
    crate::town::store::rooms(&world.ctx.db, Some(TOWN)).await.unwrap()[0].room_id
}

/// A look at a room today.
pub(crate) fn look(world: &World, met: &[Six], words: &str) -> CheckForm {
    let checked_on = Some(world.ctx.today());
    CheckForm { checked_on, met: met.to_vec(), words: words.to_owned(), photos: Vec::new() }
}

/// A member of the town with an account of the login name.
pub(crate) async fn member(world: &World, login: &str) -> (Actor, MemberId) {
    let actor = person(&world.ctx, login, Role::Member, Some(TOWN)).await;
    let form = MemberForm {
        name: format!("委员{login}"),
        sector: "社会法制界".to_owned(),
        login: login.to_owned(),
        ..MemberForm::default()
    };
    let id = add_member(&acting(world, &world.officer), TOWN, form).await.unwrap();
    (actor, id)
}

/// What a studio of these members is.
pub(crate) fn studio_form(name: &str, members: &[MemberId]) -> StudioForm {
    StudioForm {
        name: name.to_owned(),
        specialty: vec!["法律服务".to_owned()],
        is_named: false,
        days: "每月10日上午".to_owned(),
        place: "镇东社区议事点".to_owned(),
        members: members.to_vec(),
    }
}

/// A studio of these members.
pub(crate) async fn studio(world: &World, name: &str, members: &[MemberId]) -> StudioId {
    save_studio(&acting(world, &world.officer), TOWN, None, studio_form(name, members)).await.unwrap()
}

/// A reception today.
pub(crate) async fn reception(ctx: &Ctx, studio: StudioId, members: &[MemberId]) -> ReceptionId {
    let form = ReceptionForm { held_on: Some(ctx.today()), visitors: Some(4), members: members.to_vec() };
    receive(ctx, studio, form).await.unwrap()
}

/// What somebody said.
pub(crate) fn said(words: &str, whereto: Whereto) -> OpinionForm {
    let answer = if whereto == Whereto::Answered { "当面说清楚了" } else { "" };
    let unit = if whereto == Whereto::Unit { "镇水务站" } else { "" };
    OpinionForm { words: words.to_owned(), whereto: Some(whereto), unit: unit.to_owned(), answer: answer.to_owned() }
}

/// A room looked at, and a studio at which two people said something and another day nobody did.
pub(crate) async fn a_day_at_the_studio(world: &World) {
    let officer = acting(world, &world.officer);
    check_room(&officer, hall(world).await, look(world, Six::ALL, "")).await.unwrap();
    let (_, member) = member(world, "studio").await;
    let studio = studio(world, "法律服务工作室", &[member]).await;
    let first = reception(&officer, studio, &[member]).await;
    hear(&officer, studio, first, said("路灯不亮", Whereto::Answered)).await.unwrap();
    hear(&officer, studio, first, said("水压太低", Whereto::Unit)).await.unwrap();
    reception(&officer, studio, &[member]).await;
}
