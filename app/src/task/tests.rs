//! Stories: a task from its hand-out to its verification, by all who have a part in it, and the clock.

use chrono::Days;

use super::clock;
use super::model::{NoteKind, TaskState};
use super::steps::{
    AnswerSupervision, AskExtension, DecideExtension, DeclineTask, PlanWork, ReassignTask, ReplyTask, SendBackTask,
    Supervise, VerifyTask,
};
use super::store::{self, Note};
use super::testing::{assisted, done, good_reply, good_verification, progress, sign, the_task, tracked, unit, version};
use crate::access::{Grant, Role};
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ids::{AssignmentId, CaseId};
use crate::ledger::verify;
use crate::rules::ResultClass;
use crate::storage::testing::each_engine;
use crate::topic::steps::{FreezeCase, UnfreezeCase};
use crate::topic::testing::{World, sentence, stops};

async fn notes(world: &World, task: AssignmentId) -> Vec<Note> {
    store::notes(&world.ctx.db, task).await.unwrap()
}

async fn kinds(world: &World, task: AssignmentId) -> Vec<NoteKind> {
    let mut kinds: Vec<NoteKind> = notes(world, task).await.iter().map(|note| note.kind.0).collect();
    kinds.reverse();
    kinds
}

#[tokio::test]
async fn a_task_goes_from_signature_to_verification() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        let (_, other) = unit(&world, "城管中队").await;
        assert!(matches!(sign(&world, &other, case, task).await, Err(Refusal::Forbidden { .. })));
        assert!(matches!(sign(&world, &world.officer, case, task).await, Err(Refusal::Forbidden { .. })));
        assert!(matches!(progress(&world, &handler, (case, task), 10, true).await, Err(Refusal::Conflict { .. })));
        sign(&world, &handler, case, task).await.unwrap();
        assert_eq!(the_task(&world, case).await.state(), TaskState::Signed);
        let plan = PlanWork {
            case,
            task,
            seen: version(&world, task).await,
            on: Some(world.ctx.today() + Days::new(10)),
            words: "先量场地".to_owned(),
        };
        world.step(&handler, plan).await.unwrap();
        progress(&world, &handler, (case, task), 50, true).await.unwrap();
        let found = the_task(&world, case).await;
        assert_eq!((found.state(), found.percent, found.wait_on), (TaskState::Working, 50, found.due_on));
        assert!(matches!(progress(&world, &handler, (case, task), 101, true).await, Err(Refusal::Invalid(_))));

        let reply = good_reply(&world, &handler, (case, task), ResultClass::Solved).await;
        assert_eq!(stops(world.step(&handler, ReplyTask { files: Vec::new(), ..reply.clone() }).await), ["files"]);
        assert_eq!(stops(world.step(&handler, ReplyTask { class: None, ..reply.clone() }).await), ["class"]);
        world.step(&handler, reply).await.unwrap();
        let found = the_task(&world, case).await;
        assert_eq!((found.state(), found.in_time), (TaskState::Replied, Some(true)));
        assert_eq!(world.case(case).await.waiting_role(), Some(Role::Officer));

        let good = good_verification(&world, (case, task)).await;
        assert_eq!(
            stops(world.step(&world.officer, VerifyTask { second: String::new(), ..good.clone() }).await),
            ["files"]
        );
        assert_eq!(
            stops(world.step(&world.officer, VerifyTask { place: String::new(), ..good.clone() }).await),
            ["place"]
        );
        world.step(&world.officer, good).await.unwrap();
        let found = the_task(&world, case).await;
        assert_eq!((found.state(), found.percent), (TaskState::Verified, 100));
        use NoteKind::{Assigned, Planned, Progress, Reply, Signed, Verified};
        assert_eq!(kinds(&world, task).await, [Assigned, Signed, Planned, Progress, Reply, Verified]);
        // All is done: it waits for the officer, who asks the people concerned.
        let found = world.case(case).await;
        assert_eq!(found.waiting_role(), Some(Role::Officer));
        assert!(found.due_on.is_some_and(|due| due > world.ctx.today()));
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_of_the_unit_does_not_verify_its_answer() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        sign(&world, &handler, case, task).await.unwrap();
        let reply = good_reply(&world, &handler, (case, task), ResultClass::Solved).await;
        world.step(&handler, reply).await.unwrap();
        // The officer is also the unit's head: one person, two roles.
        let mut both = world.officer.clone();
        if let crate::access::Actor::Signed(me, _) = &mut both {
            let unit = the_task(&world, case).await.lead_unit;
            me.grants.push(Grant { role: Role::UnitHead, town: None, unit: Some(unit) });
        }
        let good = good_verification(&world, (case, task)).await;
        assert_eq!(stops(world.step(&both, good.clone()).await), ["verifier"]);
        let back = SendBackTask { case, task, seen: good.seen, reason: "还差两个".to_owned() };
        assert!(matches!(world.step(&both, back.clone()).await, Err(Refusal::Forbidden { .. })));
        // A member of the town who had no part in it.
        let member =
            crate::topic::testing::person(&world.ctx, "member", Role::Member, Some(crate::topic::testing::TOWN)).await;
        assert_eq!(stops(world.step(&member, good).await), ["verifier"]);
        world.step(&world.officer, back).await.unwrap();
        let found = the_task(&world, case).await;
        assert_eq!((found.state(), found.class()), (TaskState::Working, None));
        assert!(found.wait_on >= world.ctx.today());
    })
    .await;
}

#[tokio::test]
async fn a_unit_declines_once_and_in_time_and_the_decider_gives_it_to_another() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        let (town, other) = unit(&world, "城管中队").await;
        let decline = |seen| DeclineTask { case, task, seen, reason: "车位归城管划".to_owned() };
        let seen = version(&world, task).await;
        let empty = DeclineTask { reason: " ".to_owned(), ..decline(seen) };
        assert!(matches!(world.step(&handler, empty).await, Err(Refusal::Invalid(_))));
        world.pass_days(7);
        assert!(sentence(world.step(&handler, decline(seen)).await).contains("3 个工作日"));
        world.pass_days(-7);
        world.step(&handler, decline(seen)).await.unwrap();
        assert_eq!(world.case(case).await.waiting_role(), Some(Role::PartyApprover));
        let due_on = Some(world.ctx.today() + Days::new(30));
        let to = |unit, words: &str, seen| ReassignTask {
            case,
            task,
            seen,
            unit,
            contact: "中队长".to_owned(),
            due_on,
            words: words.to_owned(),
        };
        let seen = version(&world, task).await;
        let same = the_task(&world, case).await.lead_unit;
        assert!(sentence(world.step(&world.approver, to(Some(same), "", seen)).await).contains("为什么"));
        assert!(matches!(world.step(&world.approver, to(None, "", seen)).await, Err(Refusal::Invalid(_))));
        world.step(&world.approver, to(Some(town), "", seen)).await.unwrap();
        let found = the_task(&world, case).await;
        assert_eq!((found.state(), found.lead_unit), (TaskState::Assigned, town));
        // The first has no part in it any more; the second cannot decline again.
        assert!(matches!(sign(&world, &handler, case, task).await, Err(Refusal::Forbidden { .. })));
        let again = world.step(&other, decline(version(&world, task).await)).await;
        assert!(sentence(again).contains("一次"));
        sign(&world, &other, case, task).await.unwrap();
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_later_day_is_asked_once_before_the_day_and_granted_or_not() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        sign(&world, &handler, case, task).await.unwrap();
        let due = the_task(&world, case).await.due_on;
        let ask = |to, seen| AskExtension { case, task, seen, to, reason: "材料还没有到".to_owned() };
        let seen = version(&world, task).await;
        for to in [None, Some(due), Some(due + Days::new(400))] {
            assert!(matches!(world.step(&handler, ask(to, seen)).await, Err(Refusal::Invalid(_))), "{to:?}");
        }
        let to = Some(due + Days::new(20));
        world.step(&handler, ask(to, seen)).await.unwrap();
        let decide =
            |granted, reason: &str, seen| DecideExtension { case, task, seen, granted, reason: reason.to_owned() };
        let seen = version(&world, task).await;
        assert!(matches!(world.step(&world.approver, decide(Some(false), "", seen)).await, Err(Refusal::Invalid(_))));
        assert!(matches!(world.step(&handler, decide(Some(true), "", seen)).await, Err(Refusal::Forbidden { .. })));
        world.step(&world.approver, decide(Some(true), "", seen)).await.unwrap();
        let found = the_task(&world, case).await;
        assert_eq!((Some(found.due_on), found.extension.as_deref()), (to, Some("granted")));
        assert!(sentence(world.step(&handler, ask(Some(due + Days::new(30)), found.version)).await).contains("一次"));
    })
    .await;
}

#[tokio::test]
async fn assisting_units_sign_and_report_but_do_not_answer() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, _, other) = assisted(&world).await;
        assert!(matches!(progress(&world, &other, (case, task), 100, true).await, Err(Refusal::Conflict { .. })));
        sign(&world, &other, case, task).await.unwrap();
        progress(&world, &other, (case, task), 100, true).await.unwrap();
        let found = the_task(&world, case).await;
        assert_eq!((found.state(), found.percent), (TaskState::Signed, 0), "the lead has not reported");
        let reply = good_reply(&world, &other, (case, task), ResultClass::Solved).await;
        assert!(matches!(world.step(&other, reply).await, Err(Refusal::Forbidden { .. })));
        let units = store::units(&db, task).await.unwrap();
        assert!(units.iter().all(|unit| unit.signed_at.is_some()));
    })
    .await;
}

/// Kind, step of the chain and whether it was passed over, in order.
async fn chased(world: &World, task: AssignmentId) -> Vec<(Option<i64>, bool)> {
    let mut lines: Vec<_> = notes(world, task)
        .await
        .into_iter()
        .filter(|note| matches!(note.kind.0, NoteKind::Reminded | NoteKind::Escalated))
        .map(|note| (note.day, note.level, note.passed_over))
        .collect();
    lines.sort();
    lines.into_iter().map(|(_, level, over)| (level, over)).collect()
}

#[tokio::test]
async fn the_clock_reminds_once_and_goes_up_the_chain_step_by_step() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        sign(&world, &handler, case, task).await.unwrap();
        progress(&world, &handler, (case, task), 10, true).await.unwrap();
        let due = the_task(&world, case).await.due_on;
        let ahead = (due - world.ctx.today()).num_days();
        world.pass_days(ahead - 3);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0, "once");
        assert_eq!(chased(&world, task).await, [(None, false)]);
        world.pass_days(4);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        for level in 2..=5 {
            world.pass_days(7);
            assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1, "{level}");
        }
        world.pass_days(30);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0, "the chain has an end");
        let chain: Vec<_> = chased(&world, task).await;
        assert_eq!(
            chain,
            [(None, false), (Some(1), false), (Some(2), false), (Some(3), false), (Some(4), false), (Some(5), false)]
        );
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn after_twenty_days_off_all_is_on_record_and_only_the_highest_is_sent() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, _) = tracked(&world).await;
        // Nobody signed; the server was off meanwhile.
        let waited = the_task(&world, case).await.wait_on;
        world.pass_days(25);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        assert_eq!(chased(&world, task).await, [(Some(1), true), (Some(2), true), (Some(3), false)]);
        let days: Vec<_> = notes(&world, task).await.iter().filter_map(|note| note.day).collect();
        assert!(days.iter().filter(|day| **day > waited).count() >= 3);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn supervision_has_a_day_and_an_answer() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        let order = |task: Option<AssignmentId>| Supervise {
            case,
            task,
            words: "一周内说明为什么还没有动工".to_owned(),
            due_on: None,
        };
        assert!(matches!(world.step(&world.officer, order(None)).await, Err(Refusal::Forbidden { .. })));
        world.step(&world.director, order(Some(task))).await.unwrap();
        world.step(&world.district, order(None)).await.unwrap();
        let all = store::notes_of_case(&db, case, false).await.unwrap();
        let orders: Vec<&Note> = all.iter().filter(|note| note.kind.0 == NoteKind::Supervised).collect();
        assert_eq!(orders.len(), 2);
        assert!(orders.iter().all(|order| order.day.is_some_and(|day| day > world.ctx.today())));
        let answer = |order| AnswerSupervision { case, order, words: "下周一进场".to_owned() };
        let of_task = orders.iter().find(|order| order.task_id.is_some()).unwrap().note_id;
        let of_case = orders.iter().find(|order| order.task_id.is_none()).unwrap().note_id;
        assert!(matches!(world.step(&handler, answer(of_case)).await, Err(Refusal::Forbidden { .. })));
        world.step(&handler, answer(of_task)).await.unwrap();
        assert!(matches!(world.step(&handler, answer(of_task)).await, Err(Refusal::Conflict { .. })));
        world.step(&world.officer, answer(of_case)).await.unwrap();
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_frozen_case_stands_still_until_the_district_lets_it_go() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        let reason = "先核一下资金".to_owned();
        let freeze = FreezeCase { case, reason: reason.clone() };
        assert!(matches!(world.step(&world.director, freeze.clone()).await, Err(Refusal::Forbidden { .. })));
        world.step(&world.district, freeze).await.unwrap();
        assert!(sentence(sign(&world, &handler, case, task).await).contains("冻结"));
        world.step(&world.district, UnfreezeCase { case, reason }).await.unwrap();
        sign(&world, &handler, case, task).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_task_is_nobodys_once_the_case_left_tracking() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        done(&world, &handler, (case, task), ResultClass::Solved).await;
        assert_eq!(world.case(case).await.stage(), Stage::Tracking);
        crate::evaluation::testing::finish(&world, case).await.unwrap();
        assert!(matches!(sign(&world, &handler, case, task).await, Err(Refusal::Conflict { .. })));
        let nothing: Vec<(CaseId, AssignmentId)> =
            store::due(&db, world.ctx.today() + Days::new(400), 10).await.unwrap();
        assert!(nothing.is_empty());
    })
    .await;
}
