//! What tasks and orders put on whose desk, on both engines.

use chrono::Days;

use crate::access::{Actor, Grant, Role};
use crate::error::Refusal;
use crate::storage::testing::each_engine;
use crate::task::clock;
use crate::task::steps::{
    AskExtension, DecideExtension, DeclineTask, PlanWork, ReportProgress, SendBackTask, Supervise,
};
use crate::task::testing::{
    assisted, good_verification, progress, replied, sign, the_task, tracked, tracked_by, version,
};
use crate::topic::pages::desk::desk;
use crate::topic::steps::FreezeCase;
use crate::topic::testing::{TOWN, World};
use crate::town::tests::{html, request};

/// The desk of a person.
async fn of(world: &World, actor: &Actor) -> String {
    html(desk(&request(&world.ctx.acting_as(actor.clone()), "/desk", "")).await.unwrap())
}

/// Who of these has the words on the desk.
async fn have(world: &World, words: &str) -> Vec<&'static str> {
    let people = [
        ("officer", &world.officer),
        ("director", &world.director),
        ("party", &world.approver),
        ("district", &world.district),
        ("stranger", &world.stranger),
    ];
    let mut found = Vec::new();
    for (name, actor) in people {
        if of(world, actor).await.contains(words) {
            found.push(name);
        }
    }
    found
}

#[tokio::test]
async fn what_a_unit_gave_back_or_answered_is_on_the_desk_of_whoever_is_next() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        let seen = version(&world, task).await;
        world.step(&handler, DeclineTask { case, task, seen, reason: "归城管".to_owned() }).await.unwrap();
        assert_eq!(have(&world, "改交：").await, ["party"]);
        assert!(of(&world, &handler).await.contains("等改交："), "the unit sees for whom it waits");

        let (case, task, handler) = tracked_by(&world, "城管中队").await;
        sign(&world, &handler, case, task).await.unwrap();
        let due_on = Some(world.ctx.today() + Days::new(10));
        let order = Supervise { case, task: Some(task), words: "说明进度".to_owned(), due_on };
        world.step(&world.director, order).await.unwrap();
        let page = of(&world, &handler).await;
        assert!(page.find("回复督办：") < page.find("报首次进展："), "the more pressing is first: {page}");
        let to = Some(the_task(&world, case).await.due_on + Days::new(10));
        let seen = version(&world, task).await;
        world.step(&handler, AskExtension { case, task, seen, to, reason: "等材料".to_owned() }).await.unwrap();
        assert_eq!(have(&world, "批延期：").await, ["party"]);

        replied(&world, &handler, (case, task)).await;
        assert_eq!(have(&world, "批延期：").await, [""; 0], "an answer leaves nothing to put off");
        assert_eq!(have(&world, "去看过再核实").await, ["officer"]);
        let verify = good_verification(&world, (case, task)).await;
        world.step(&world.officer, verify).await.unwrap();
        assert_eq!(have(&world, "请群众评价：").await, ["officer"]);
    })
    .await;
}

#[tokio::test]
async fn a_member_who_took_part_may_verify_and_finds_the_task() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        sign(&world, &handler, case, task).await.unwrap();
        replied(&world, &handler, (case, task)).await;
        // Who led the research is a member, too.
        let lead = world.case(case).await.lead_id.unwrap();
        let mut member = crate::topic::testing::person(&world.ctx, "member", Role::Member, Some(TOWN)).await;
        assert!(!of(&world, &member).await.contains("核实："), "it is not the matter of one who had no part in it");
        if let Actor::Signed(me, _) = &mut member {
            me.account = lead;
            me.grants = vec![Grant { role: Role::Member, town: Some(TOWN.to_owned()), unit: None }];
        }
        let desk = of(&world, &member).await;
        assert!(desk.contains("核实：") && desk.contains(&format!("/desk/tasks/{task}")), "{desk}");
    })
    .await;
}

#[tokio::test]
async fn what_is_late_comes_to_the_desks_of_the_chain_and_an_order_is_waited_for() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        let on = |words: &'static str| have(&world, words);
        assert_eq!(on("督办：").await, [""; 0]);
        for (days, expected) in [(25, &["director"][..]), (7, &["director"]), (7, &["director", "district"])] {
            world.pass_days(days);
            clock::run_due(&world.ctx).await.unwrap();
            assert_eq!(on("督办：").await, expected, "{days}");
        }
        assert_eq!(on("催办：").await, ["party"]);
        let page = of(&world, &world.director).await;
        assert!(page.contains("超期报到了工委主任"), "{page}");

        let order = |due_on| Supervise { case, task: Some(task), words: "三天内签收".to_owned(), due_on };
        let far = world.step(&world.director, order(Some(world.ctx.today() + Days::new(4000)))).await;
        assert!(matches!(far, Err(Refusal::Invalid(_))), "{far:?}");
        let soon = world.ctx.today() + Days::new(3);
        world.step(&world.director, order(Some(soon))).await.unwrap();
        assert_eq!(on("督办：").await, [""; 0], "it is waited for");
        let units = of(&world, &handler).await;
        assert!(
            units.contains("签收：") && units.contains("回复督办："),
            "what was late before is late still: {units}"
        );
        world.pass_days(4);
        assert_eq!(on("督办没有回复：").await, ["director", "district"]);

        world
            .step(&world.district, Supervise { case, task: None, words: "说明情况".to_owned(), due_on: None })
            .await
            .unwrap();
        assert_eq!(on("回复督办：").await, ["officer"]);
    })
    .await;
}

#[tokio::test]
async fn an_assisting_unit_that_does_not_sign_is_asked_to() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler, other) = assisted(&world).await;
        assert_eq!(have(&world, "催签收：").await, [""; 0]);
        world.pass_days(8);
        assert_eq!(have(&world, "催签收：").await, ["officer"]);
        // What the lead answered, the other still has to sign for.
        replied(&world, &handler, (case, task)).await;
        assert!(of(&world, &other).await.contains("签收："));
        // Who handles for both is given an order about their task once.
        let order = Supervise { case, task: Some(task), words: "说明进度".to_owned(), due_on: None };
        world.step(&world.director, order).await.unwrap();
        let mut both = handler.clone();
        if let (Actor::Signed(me, _), Actor::Signed(second, _)) = (&mut both, &other) {
            me.grants.extend(second.grants.clone());
        }
        let count = |page: String| page.matches("回复督办：").count();
        assert_eq!(count(of(&world, &both).await), count(of(&world, &handler).await));
        sign(&world, &other, case, task).await.unwrap();
        assert_eq!(have(&world, "催签收：").await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_asked_to_do_what_is_frozen() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        sign(&world, &handler, case, task).await.unwrap();
        replied(&world, &handler, (case, task)).await;
        world.step(&world.district, FreezeCase { case, reason: "先核资金".to_owned() }).await.unwrap();
        let page = of(&world, &world.officer).await;
        assert!(page.contains("冻结了") && !page.contains("去看过再核实"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn people_read_how_far_it_is_each_quarter_and_a_late_signature_is_no_late_report() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        sign(&world, &handler, case, task).await.unwrap();
        progress(&world, &handler, (case, task), 10, true).await.unwrap();
        let (first, found) = (world.ctx.today(), the_task(&world, case).await);
        assert_eq!((found.wait_on, found.awaited()), (found.due_on, "答复"));
        // Put off, it lasts longer than people may be left without news.
        let to = Some(found.due_on + Days::new(60));
        let seen = version(&world, task).await;
        world.step(&handler, AskExtension { case, task, seen, to, reason: "等材料".to_owned() }).await.unwrap();
        let (seen, reason) = (version(&world, task).await, String::new());
        world.step(&world.approver, DecideExtension { case, task, seen, granted: Some(true), reason }).await.unwrap();
        let found = the_task(&world, case).await;
        assert_eq!((found.wait_on, found.awaited()), (first + Days::new(90), "公开进展"));
        assert!(of(&world, &handler).await.contains("公开进展："));
        world.pass_days(100);
        clock::run_due(&world.ctx).await.unwrap();
        assert!(the_task(&world, case).await.escalated > 0);
        progress(&world, &handler, (case, task), 40, false).await.unwrap();
        assert_eq!(the_task(&world, case).await.wait_on, found.wait_on, "what nobody may read does not count");
        progress(&world, &handler, (case, task), 50, true).await.unwrap();
        let found = the_task(&world, case).await;
        assert_eq!((Some(found.wait_on), found.awaited()), (to, "答复"));
        // What was late and was made good begins anew.
        assert_eq!(found.escalated, 0);
        // Sent back, it owes the answer again; an answer was news.
        replied(&world, &handler, (case, task)).await;
        let (seen, reason) = (version(&world, task).await, "还差一段".to_owned());
        world.step(&world.officer, SendBackTask { case, task, seen, reason }).await.unwrap();
        let found = the_task(&world, case).await;
        assert_eq!((Some(found.wait_on), found.owes_news()), (to, false));

        // Signed after its last day: a report is due in some days, not before the signature.
        let (case, task, handler) = tracked_by(&world, "城管中队").await;
        world.pass_days(200);
        clock::run_due(&world.ctx).await.unwrap();
        sign(&world, &handler, case, task).await.unwrap();
        let found = the_task(&world, case).await;
        assert!(found.wait_on > world.ctx.today() && found.due_on < world.ctx.today());
        clock::run_due(&world.ctx).await.unwrap();
        assert_eq!(the_task(&world, case).await.escalated, 0);
        let seen = version(&world, task).await;
        let plan = PlanWork { case, task, seen, on: Some(world.ctx.today()), words: "先量".to_owned() };
        assert!(matches!(world.step(&handler, plan).await, Err(Refusal::Invalid(_))));
    })
    .await;
}

#[tokio::test]
async fn planned_steps_are_ticked_off_with_a_report_and_late_ones_are_red() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler, assisting) = assisted(&world).await;
        sign(&world, &assisting, case, task).await.unwrap();
        for (days, words) in [(9, "现场量好尺寸"), (3, "先问路边商户")] {
            let (on, seen) = (Some(world.ctx.today() + Days::new(days)), version(&world, task).await);
            world.step(&handler, PlanWork { case, task, seen, on, words: words.to_owned() }).await.unwrap();
        }
        let page = async |world: &World, actor: &Actor| {
            let ctx = world.ctx.acting_as(actor.clone());
            let mut req = request(&ctx, "/desk/tasks", "");
            req.params.insert("id".to_owned(), task.to_string());
            html(crate::task::pages::task(&req).await.unwrap())
        };
        let shown = page(&world, &handler).await;
        assert!(shown.contains("2 步还没有做完") && shown.contains("做完了哪几步"), "{shown}");
        assert!(shown.find("先问路边商户") < shown.find("现场量好尺寸"), "the next step is first");
        assert!(!page(&world, &assisting).await.contains("做完了哪几步"), "the other unit's steps are not its own");

        let notes = crate::task::notes_of_case(&db, case, false).await.unwrap();
        let step = |words: &str| notes.iter().find(|note| note.words == words).unwrap().note_id;
        let report = async |actor: &Actor, done: Vec<crate::ids::NoteId>| {
            let (seen, words) = (version(&world, task).await, "做了一步".to_owned());
            let (percent, files, public) = (Some(30), Vec::new(), false);
            world.step(actor, ReportProgress { case, task, seen, percent, words, done, files, public }).await
        };
        let first = step("先问路边商户");
        let refused = report(&assisting, vec![first]).await;
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
        report(&handler, vec![first]).await.unwrap();
        let refused = report(&handler, vec![first]).await;
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "it is done once: {refused:?}");
        world.pass_days(12);
        let shown = page(&world, &world.officer).await;
        assert!(shown.contains("过了日子没有做完") && shown.contains("1 步还没有做完"), "{shown}");
        assert!(shown.contains("做完，"), "{shown}");
        report(&handler, vec![step("现场量好尺寸")]).await.unwrap();
        assert!(page(&world, &handler).await.contains("都做完了"));

        // Answered with a step that nobody ticked: it is no longer late.
        let (on, seen) = (Some(world.ctx.today()), version(&world, task).await);
        world.step(&handler, PlanWork { case, task, seen, on, words: "再看一次".to_owned() }).await.unwrap();
        replied(&world, &handler, (case, task)).await;
        world.pass_days(2);
        let shown = page(&world, &world.officer).await;
        assert!(shown.contains("没有勾做完") && !shown.contains("过了日子没有做完"), "{shown}");
    })
    .await;
}
