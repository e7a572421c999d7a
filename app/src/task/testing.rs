//! Units at work, and the shortest way to each state of a task, for stories.

use super::steps::{ReplyTask, ReportProgress, SignTask, VerifyTask};
use super::store::{self, Task};
use crate::access::{Actor, Grant, Role, Signed, Visitor};
use crate::account::admin::{self, NewUser};
use crate::account::password::Cost;
use crate::error::Refusal;
use crate::files::{NewFile, stage};
use crate::ids::{AssignmentId, CaseId, FileId, SessionId, UnitId};
use crate::outcome::model::Decision;
use crate::outcome::testing::{adopted, assign, decide, reported};
use crate::rules::ResultClass;
use crate::topic::testing::{TOWN, World};

/// A unit of the town, and its handler.
pub(crate) async fn unit(world: &World, name: &str) -> (UnitId, Actor) {
    let ctx = &world.ctx;
    admin::add_unit(ctx, name, Some(TOWN)).await.unwrap();
    let unit = admin::unit_by_name(ctx, name).await.unwrap().unwrap().unit_id;
    let login = format!("unit-{}", &world.ctx.random.token()[..12]);
    let user = NewUser { login: &login, name: "经办", password: "a long enough one", demo: false };
    let account = admin::add_user(ctx, user, Cost::Cheap).await.unwrap();
    admin::grant(ctx, &login, Role::UnitHandler, None, Some(unit)).await.unwrap();
    let grants = vec![Grant { role: Role::UnitHandler, town: None, unit: Some(unit) }];
    let session = SessionId(uuid::Uuid::nil());
    let actor = Actor::Signed(Signed { account, session, name: "经办".to_owned(), login, grants }, Visitor::default());
    (unit, actor)
}

/// A photo that somebody has sent.
pub(crate) async fn photo(world: &World, by: &Actor) -> FileId {
    let file = NewFile {
        sha256: world.ctx.random.token(),
        name: "现场.jpg".to_owned(),
        media_type: "image/jpeg".to_owned(),
        size: 10,
    };
    stage(&world.ctx.acting_as(by.clone()), vec![file]).await.unwrap()[0].file
}

/// A case in tracking, with one task of a unit and the unit's handler.
pub(crate) async fn tracked(world: &World) -> (CaseId, AssignmentId, Actor) {
    tracked_by(world, "水务站").await
}

/// The same with a unit of this name.
pub(crate) async fn tracked_by(world: &World, name: &str) -> (CaseId, AssignmentId, Actor) {
    let (id, handler) = unit(world, name).await;
    let case = reported(world).await;
    decide(world, case, adopted(world, id)).await.unwrap();
    assign(world, case, "").await.unwrap();
    let task = the_task(world, case).await.task_id;
    (case, task, handler)
}

/// A case in tracking, with one task in which a second unit assists; the handlers of the first, which has signed, and of
/// the second, which has not.
pub(crate) async fn assisted(world: &World) -> (CaseId, AssignmentId, Actor, Actor) {
    let (lead, handler) = unit(world, "水务站").await;
    let (second, other) = unit(world, "城管中队").await;
    let case = reported(world).await;
    // Ticked as assisting, too: who leads does not assist.
    decide(world, case, Decision { assist: vec![second, lead], ..adopted(world, lead) }).await.unwrap();
    assign(world, case, "").await.unwrap();
    let task = the_task(world, case).await.task_id;
    sign(world, &handler, case, task).await.unwrap();
    (case, task, handler, other)
}

/// The newest task of a case.
pub(crate) async fn the_task(world: &World, case: CaseId) -> Task {
    store::of_case(&world.ctx.db, case).await.unwrap().remove(0)
}

pub(crate) async fn version(world: &World, task: AssignmentId) -> i64 {
    store::one(&world.ctx.db, task).await.unwrap().unwrap().version
}

pub(crate) async fn sign(world: &World, by: &Actor, case: CaseId, task: AssignmentId) -> Result<(), Refusal> {
    let seen = version(world, task).await;
    world.step(by, SignTask { case, task, seen }).await
}

pub(crate) async fn progress(
    world: &World,
    by: &Actor,
    (case, task): (CaseId, AssignmentId),
    percent: i64,
    public: bool,
) -> Result<(), Refusal> {
    let seen = version(world, task).await;
    let words = "划好了十个车位".to_owned();
    world
        .step(
            by,
            ReportProgress {
                case,
                task,
                seen,
                percent: Some(percent),
                words,
                done: Vec::new(),
                files: Vec::new(),
                public,
            },
        )
        .await
}

/// An answer that has all it needs.
pub(crate) async fn good_reply(
    world: &World,
    by: &Actor,
    (case, task): (CaseId, AssignmentId),
    class: ResultClass,
) -> ReplyTask {
    ReplyTask {
        case,
        task,
        seen: version(world, task).await,
        class: Some(class),
        words: "划好了二十个错时车位。".to_owned(),
        next: String::new(),
        files: vec![photo(world, by).await],
        link: String::new(),
        target_on: (class == ResultClass::Planned).then(|| world.ctx.today() + chrono::Days::new(120)),
    }
}

/// Answers a task that was signed: solved.
pub(crate) async fn replied(world: &World, by: &Actor, (case, task): (CaseId, AssignmentId)) {
    let reply = good_reply(world, by, (case, task), ResultClass::Solved).await;
    world.step(by, reply).await.unwrap();
}

/// A verification that has all it needs.
pub(crate) async fn good_verification(world: &World, (case, task): (CaseId, AssignmentId)) -> VerifyTask {
    VerifyTask {
        case,
        task,
        seen: version(world, task).await,
        on: Some(world.ctx.today()),
        place: "镇东五区南门".to_owned(),
        words: "去看了，二十个都划好了。".to_owned(),
        second: "楼道长".to_owned(),
        files: Vec::new(),
    }
}

/// Signs, answers and verifies a task.
pub(crate) async fn done(world: &World, by: &Actor, (case, task): (CaseId, AssignmentId), class: ResultClass) {
    sign(world, by, case, task).await.unwrap();
    let reply = good_reply(world, by, (case, task), class).await;
    world.step(by, reply).await.unwrap();
    let verify = good_verification(world, (case, task)).await;
    world.step(&world.officer, verify).await.unwrap();
}
