//! The desk as its people see it, over a town at work, on both engines.

use crate::access::{Actor, Role, Visitor};
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::ledger::pages as ledger;
use crate::storage::testing::each_engine;
use crate::topic::pages::{desk, lookup};
use crate::topic::steps::{FollowTopic, MergeTopic, PrepareConfirmation, SubmitTopic, WithdrawTopic};
use crate::topic::testing::{World, approval, decision, person, visitor};
use crate::town::tests::{html, request};
use crate::web::{Form, Outcome, Request};

/// A request of somebody, for a page of a case.
fn of(world: &World, actor: &Actor, case: CaseId, query: &str) -> Request {
    let mut request = request(&world.ctx.acting_as(actor.clone()), "/desk", query);
    request.params.insert("id".to_owned(), case.to_string());
    request
}

fn form(fields: &[(&str, &str)]) -> Form {
    let values = fields.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect();
    Form { values, files: Vec::new() }
}

async fn opened(world: &World, actor: &Actor, case: CaseId, tab: &str) -> String {
    html(desk::workspace(&of(world, actor, case, &format!("tab={tab}"))).await.unwrap())
}

fn offers(page: &str, step: &str) -> bool {
    page.contains(&format!("id=\"form-{step}\""))
}

#[tokio::test]
async fn each_person_finds_the_step_that_waits_for_them_and_no_other() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("镇东五区停车").await;
        let page = opened(&world, &world.officer, case, "screen").await;
        for step in ["accept_topic", "return_topic", "transfer_topic", "decline_topic"] {
            assert!(offers(&page, step), "{step}");
        }
        let page = opened(&world, &world.director, case, "screen").await;
        assert!(!offers(&page, "accept_topic"), "the director looks on");

        let case = world.accepted("镇东五区绿化").await;
        assert!(offers(&opened(&world, &world.director, case, "confirm").await, "prepare_confirmation"));
        assert!(
            !offers(&opened(&world, &world.approver, case, "confirm").await, "confirm_topic"),
            "nothing to decide yet"
        );
        let step = PrepareConfirmation { case, seen: 0, approval: approval() };
        world.step(&world.director, step).await.unwrap();
        let page = opened(&world, &world.approver, case, "confirm").await;
        assert!(offers(&page, "confirm_topic") && offers(&page, "send_back_preparation"));
        assert!(!offers(&opened(&world, &world.director, case, "confirm").await, "confirm_topic"));
        for tab in ["overview", "screen", "confirm", "comments"] {
            let page = opened(&world, &world.district, case, tab).await;
            assert!(!page.contains("id=\"form-"), "the district looks on: {tab}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_case_of_another_town_has_no_workspace() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        // Even one that everybody may read.
        let case = world.accepted("镇东五区停车").await;
        let nobody = Actor::Visitor(Visitor::default());
        for (actor, signed) in [(&world.stranger, true), (&nobody, false)] {
            let req = of(&world, actor, case, "");
            for refused in [
                desk::workspace(&req).await.err(),
                desk::erase(&req).await.err(),
                ledger::of_case(&req).await.err(),
                desk::post_workspace(&req, form(&[("action", "decline_topic"), ("seen", "2")])).await.err(),
                desk::post_erase(&req, form(&[("sure", "on")])).await.err(),
            ] {
                let right = if signed {
                    matches!(refused, Some(Refusal::NotFound))
                } else {
                    matches!(refused, Some(Refusal::NotSignedIn))
                };
                assert!(right, "{refused:?}");
            }
        }
        let list = html(desk::topics(&of(&world, &world.stranger, case, "")).await.unwrap());
        assert!(!list.contains("镇东五区停车"));
        let other_town = desk::topics(&of(&world, &world.stranger, case, "town=shengze")).await.err();
        assert!(matches!(other_town, Some(Refusal::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn what_nobody_handles_any_more_stands_on_the_desk_and_its_proposer_reads_so() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let target = world.accepted("镇东五区改造").await;
        let merged = world.accepted("镇东五区停车").await;
        world.step(&world.officer, MergeTopic { decision: decision(merged, 2), target }).await.unwrap();
        let raised = |case| Actor::Proposer { case, visitor: Visitor::default() };
        let asks = "撤销并案：镇东五区停车";
        let day = |actor: &Actor| {
            let req = of(&world, actor, merged, "");
            async move { html(desk::desk(&req).await.unwrap()) }
        };
        let own = || {
            let req = of(&world, &raised(merged), merged, "");
            async move { html(lookup::mine(&req).await.unwrap()) }
        };
        assert!(!day(&world.officer).await.contains(asks), "it is handled with the other");
        assert!(own().await.contains("一起办"));

        let withdraw = WithdrawTopic { case: target, seen: 2, reason: "不提了".to_owned() };
        world.step(&raised(target), withdraw).await.unwrap();
        assert!(day(&world.officer).await.contains(asks));
        assert!(!day(&world.director).await.contains(asks), "it is the officer's to do");
        assert!(offers(&opened(&world, &world.officer, merged, "screen").await, "undo_merge"));
        assert!(own().await.contains("镇里会把您的这一件拆开"));
    })
    .await;
}

#[tokio::test]
async fn the_day_lists_what_is_late_first_and_what_followers_wait_for() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        let step = FollowTopic {
            case,
            follow: Some(crate::ids::FollowId(world.ctx.new_id())),
            contact: Some("13812345678".to_owned()),
            consent: true,
        };
        world.step(&visitor("neighbour"), step).await.unwrap();
        world.comment(case, "neighbour", "夜里真的没处停").await;
        world.submitted("镇东五区绿化").await;
        world.pass_days(21);
        let day = |actor: Actor| {
            let req = of(&world, &actor, case, "");
            async move { html(desk::desk(&req).await.unwrap()) }
        };
        let officer = day(world.officer.clone()).await;
        assert!(officer.contains("先补一件逾期的"), "{officer}");
        assert!(officer.contains("答复新提议题：镇东五区绿化"));
        assert!(officer.contains("看留言：镇东五区停车"));
        let director = day(world.director.clone()).await;
        assert!(director.contains("准备立题审批：镇东五区停车"));
        let district = day(world.district.clone()).await;
        assert!(district.contains("全区有两件逾期"), "{district}");

        let step = PrepareConfirmation { case, seen: 0, approval: approval() };
        world.step(&world.director, step).await.unwrap();
        world
            .step(&world.approver, crate::topic::steps::ConfirmTopic { case, seen: 1, reason: "同意".to_owned() })
            .await
            .unwrap();
        let officer = day(world.officer.clone()).await;
        assert!(officer.contains("告知关注者：镇东五区停车"), "{officer}");
        assert!(!officer.contains("13812345678"), "no number stands in a list");
    })
    .await;
}

#[tokio::test]
async fn the_list_is_searched_filtered_and_turned_by_key() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        for n in 0..35 {
            world.ctx.clock.set(world.ctx.now() + chrono::Duration::seconds(1));
            let mut sent = world.submission(&format!("河边第{n}处路灯"));
            sent.contact_phone = format!("139000000{n:02}");
            world.step(&visitor(&n.to_string()), SubmitTopic(sent)).await.unwrap();
        }
        let case = world.accepted("100%_镇东停车").await;
        let listed = |query: &'static str| {
            let req = of(&world, &world.officer, case, query);
            async move { html(desk::topics(&req).await.unwrap()) }
        };
        let first = listed("").await;
        let rows = |page: &str| page.matches("处路灯</").count() + page.matches("镇东停车</").count();
        assert_eq!(rows(&first), 30, "{first}");
        let next = first.split("before=").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let second = html(desk::topics(&of(&world, &world.officer, case, &format!("before={next}"))).await.unwrap());
        assert_eq!(rows(&second), 6);
        assert_eq!(rows(&listed("stage=accepted").await), 1);
        assert_eq!(rows(&listed("q=第3处").await), 1);
        assert_eq!(rows(&listed("q=%_镇").await), 1, "signs of the pattern are looked for as they stand");
        assert!(listed("q=没有的").await.contains("没有这样的议题"));
        let number = world.case(case).await.number.unwrap();
        let req = of(&world, &world.officer, case, &format!("q={number}"));
        assert_eq!(rows(&html(desk::topics(&req).await.unwrap())), 1);
    })
    .await;
}

#[tokio::test]
async fn a_refused_decision_stays_in_its_form() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("镇东五区停车").await;
        let mut req = of(&world, &world.officer, case, "tab=screen");
        let sent = form(&[("action", "return_topic"), ("seen", "1"), ("reason", "还差一点情况"), ("question", "")]);
        let refused = desk::post_workspace(&req, sent.clone()).await.err().unwrap();
        assert_eq!(refused.status(), 422, "{refused:?}");
        req.form = crate::error::FormState::refused(sent.values, refused);
        let page = html(desk::workspace(&req).await.unwrap());
        assert!(page.contains("还差一点情况"), "{page}");
        assert!(page.contains("href=\"#return-question\"") || page.contains("return"), "{page}");

        // The proposer took it back meanwhile: the form is gone, its words are given back.
        let own = Actor::Proposer { case, visitor: Visitor::default() };
        world.step(&own, WithdrawTopic { case, seen: 1, reason: String::new() }).await.unwrap();
        let req = of(&world, &world.officer, case, "tab=screen");
        let sent = form(&[("action", "decline_topic"), ("seen", "1"), ("reason", "公交票价由市里统一定")]);
        let refused = desk::post_workspace(&req, sent.clone()).await.err().unwrap();
        assert_eq!(refused.status(), 409);
        let mut req = req;
        req.form = crate::error::FormState::refused(sent.values, refused);
        let page = html(desk::workspace(&req).await.unwrap());
        assert!(page.contains("公交票价由市里统一定") && page.contains("已撤回"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn the_record_of_a_case_is_shown_in_words() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let req = of(&world, &world.district, case, "");
        let page = html(ledger::of_case(&req).await.unwrap());
        for words in ["条条和上一条接得上", "居民（没有登录）", "提出议题", "待受理 → 已受理", "T3 通过", "某人"]
        {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("13812345678") && !page.contains("王小明"));
        let older = html(ledger::of_case(&of(&world, &world.officer, case, "before=3")).await.unwrap());
        assert!(older.contains("提出议题") && !older.contains("T3 通过"));
        let nonsense = ledger::of_case(&of(&world, &world.officer, case, "before=x")).await.err();
        assert!(matches!(nonsense, Some(Refusal::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_record_on_behalf_shows_its_code_once() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let mut req = request(&world.ctx.acting_as(world.officer.clone()), "/desk/record", "");
        assert!(html(desk::record(&req).await.unwrap()).contains("怎么联系上的"));
        let mut sent = form(&[
            ("town", "shengze"),
            ("reached_by", "call"),
            ("source", "public_solicited"),
            ("title", "东港桥头怎么走"),
            ("place", "东港桥头"),
            ("matter", "早晚各堵半小时"),
            ("reason", "说不清谁让谁"),
            ("suggestion", "坐下来定一个走法"),
            ("contact_name", "章可欣"),
            ("one_matter", "on"),
            ("consent_privacy", "on"),
        ]);
        let Outcome::Page(page) = desk::post_record(&req, sent.clone()).await.unwrap() else {
            panic!("a code is shown at once")
        };
        assert!(html(page).contains("class=\"code\""));
        sent.values.insert("town".to_owned(), vec!["zhenze".to_owned()]);
        let refused = desk::post_record(&req, sent).await.err().unwrap();
        assert_eq!(refused.status(), 422, "another town's book is closed");
        req.ctx.actor = world.director.clone();
        assert!(matches!(desk::record(&req).await.err(), Some(Refusal::Forbidden { .. })));
    })
    .await;
}

#[tokio::test]
async fn somebody_without_a_desk_is_led_on() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let member = person(&world.ctx, "member", Role::Member, Some("shengze")).await;
        let req = request(&world.ctx.acting_as(member), "/desk", "");
        assert!(html(desk::desk(&req).await.unwrap()).contains("href=\"/raise\""));
        assert!(matches!(desk::topics(&req).await.err(), Some(Refusal::Forbidden { .. })));
    })
    .await;
}
