//! The pages of plan and announcement as people see them, on both engines.

use chrono::Duration;

use crate::access::{Actor, Visitor};
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::plan::model::ConsultationPlan;
use crate::plan::pages;
use crate::plan::pages::editor;
use crate::plan::steps::{CancelMeeting, SavePlan};
use crate::plan::testing::*;
use crate::storage::testing::each_engine;
use crate::topic::pages::{desk, topic};
use crate::topic::testing::World;
use crate::town::tests::{html, request};
use crate::web::{Form, Outcome, Request};

fn of(world: &World, actor: &Actor, case: CaseId, query: &str) -> Request {
    let mut request = request(&world.ctx.acting_as(actor.clone()), "/", query);
    request.params.insert("id".to_owned(), case.to_string());
    request
}

fn nobody() -> Actor {
    Actor::Visitor(Visitor::default())
}

fn form(plan: &ConsultationPlan, fields: &[(&str, &str)]) -> Form {
    let mut values = editor::filled(plan).values;
    for (name, value) in fields {
        values.insert((*name).to_owned(), vec![(*value).to_owned()]);
    }
    Form { values, files: Vec::new() }
}

async fn post(world: &World, actor: &Actor, case: CaseId, form: Form) -> Result<String, Refusal> {
    match pages::post_plan(&of(world, actor, case, ""), form).await? {
        Outcome::SeeOther(to) => Ok(to),
        _ => panic!("a step is answered with a way on"),
    }
}

#[tokio::test]
async fn the_plan_is_written_approved_and_announced_through_its_page() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let (officer, director) = (world.officer.clone(), world.director.clone());
        let plan = good_plan(&world).await;
        let open = |actor: Actor| {
            let req = of(&world, &actor, case, "");
            async move { html(pages::plan(&req).await.unwrap()) }
        };
        let page = open(officer.clone()).await;
        assert!(page.contains("id=\"form-save_plan\"") && !page.contains("id=\"form-announce\""), "{page}");
        assert!(!open(director.clone()).await.contains("id=\"form-"), "the director writes no plan");

        let mut first = form(&plan, &[("action", "save_plan"), ("seen", "0"), ("hand_over", "yes")]);
        let file = crate::web::StagedFile {
            file: plan.materials[0],
            name: "情况说明.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size: 1000,
        };
        first.files.push(file);
        let to = post(&world, &officer, case, first).await.unwrap();
        assert_eq!(to, format!("/desk/topics/{case}/plan?done=save_plan"));
        let page = open(director.clone()).await;
        assert!(page.contains("id=\"form-approve_plan\"") && page.contains("id=\"form-send_back_plan\""));
        assert!(page.contains("公示预览") && page.contains("情况说明.pdf"));
        let page = open(officer.clone()).await;
        assert!(page.contains("暂不能公示") && page.contains("去添人"), "{page}");

        let approve = [("action", "approve_plan"), ("seen", "1"), ("reason", "同意")];
        post(&world, &director, case, form(&plan, &approve)).await.unwrap();
        let meeting = crate::plan::store::meeting(&db, case).await.unwrap().unwrap().meeting_id;
        list(&world, case, meeting, &ALL_SIDES).await;
        assert!(open(officer.clone()).await.contains("公示，发出邀请"));
        post(&world, &officer, case, form(&plan, &[("action", "announce"), ("seen", "1")])).await.unwrap();
        let page = open(officer.clone()).await;
        for step in ["move_meeting", "cancel_meeting"] {
            assert!(page.contains(&format!("id=\"form-{step}\"")), "{step}");
        }
        assert!(!page.contains("id=\"form-save_plan\""));
        // The workspace leads here, the topic's page to the notice.
        let page = html(desk::workspace(&of(&world, &officer, case, "")).await.unwrap());
        assert!(page.contains(&format!("/desk/topics/{case}/plan")));
        let page = html(topic::topic(&of(&world, &nobody(), case, "")).await.unwrap());
        assert!(page.contains(&format!("/topics/{case}/notice")), "{page}");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_comes_back_and_strangers_see_nothing() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = good_plan(&world).await;
        for (field, value) in [
            ("date", ""),
            ("date", "2026-02-30"),
            ("date", "2020-01-01"),
            ("date", "9999-01-01"),
            ("time", "25:00"),
            ("minutes", "0"),
            ("minutes", "九十九万九千"),
            ("minutes", "4294967296"),
            ("format", "dinner"),
            ("agenda_ask", "1.5"),
            ("open_public", "99999"),
            ("online_url", "javascript:alert(1)"),
            ("register_by", "2027-01-01"),
            ("room", "0192e4a0-0000-7000-8000-000000000000"),
            ("chair", "0192e4a0-0000-7000-8000-000000000000"),
        ] {
            let bad = form(&plan, &[("action", "save_plan"), ("seen", "0"), (field, value)]);
            let refused = post(&world, &world.officer, case, bad).await.unwrap_err();
            let Refusal::Invalid(errors) = &refused else { panic!("{field}={value}: {refused:?}") };
            assert!(errors.iter().any(|e| e.field == field), "{field}={value}: {errors:?}");
        }
        let save = || form(&plan, &[("action", "save_plan"), ("seen", "0")]);
        let refused = post(&world, &world.stranger, case, save()).await;
        assert!(matches!(refused, Err(Refusal::NotFound)), "{refused:?}");
        assert!(matches!(post(&world, &nobody(), case, save()).await, Err(Refusal::NotSignedIn)));
        assert!(matches!(post(&world, &world.director, case, save()).await, Err(Refusal::Forbidden { .. })));
        for actor in [&world.stranger, &nobody()] {
            assert!(pages::plan(&of(&world, actor, case, "")).await.is_err());
        }
    })
    .await;
}

#[tokio::test]
async fn who_cancels_from_an_old_page_is_shown_what_changed() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = good_plan(&world).await;
        plan_and_announce(&world, case, plan.clone()).await;
        let open = || async { html(pages::plan(&of(&world, &world.officer, case, "")).await.unwrap()) };
        assert!(open().await.contains("name=\"plan\" value=\"1\""));
        let seen = world.case(case).await.stage_version.to_string();
        let moved = [("action", "move_meeting"), ("seen", "1"), ("date", "2026-03-26"), ("reason", "主持人出差")];
        post(&world, &world.officer, case, form(&plan, &moved)).await.unwrap();

        let cancel = [("action", "cancel_meeting"), ("seen", seen.as_str()), ("plan", "1"), ("reason", "台风")];
        let refused = post(&world, &world.officer, case, form(&plan, &cancel)).await.unwrap_err();
        let Refusal::Conflict { sentence, .. } = &refused else { panic!("{refused:?}") };
        assert!(sentence.contains("时间原来是「3月19日") && sentence.contains("现在是「3月26日"), "{sentence}");
        let mut again = of(&world, &world.officer, case, "");
        again.form = crate::error::FormState::refused(form(&plan, &cancel).values, refused);
        let page = html(pages::plan(&again).await.unwrap());
        assert!(page.contains("现在是「3月26日") && page.contains("name=\"plan\" value=\"2\""), "{page}");

        // Having seen it, one decides.
        let seen = world.case(case).await.stage_version.to_string();
        let cancel = [("action", "cancel_meeting"), ("seen", seen.as_str()), ("plan", "2"), ("reason", "台风")];
        post(&world, &world.officer, case, form(&plan, &cancel)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn public_pages_name_nobody_and_give_no_address_of_the_network() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let missing = pages::notice(&of(&world, &nobody(), case, "")).await.err();
        assert!(matches!(missing, Some(Refusal::NotFound)), "nothing is announced");
        let plan = ConsultationPlan {
            format: Some(crate::rules::MeetingFormat::Hybrid),
            online_url: "https://meeting.example/secret".to_owned(),
            division: "内部分工".to_owned(),
            emergency: "内部应急".to_owned(),
            ..good_plan(&world).await
        };
        plan_and_announce(&world, case, plan).await;
        let notice = html(pages::notice(&of(&world, &nobody(), case, "")).await.unwrap());
        for words in ["3月19日", "盛泽镇工委主任", "情况说明.pdf", "还剩 3 席", "通报", "也可线上参加", "请大家来商量"]
        {
            assert!(notice.contains(words), "{words}: {notice}");
        }
        let calendar = html(pages::calendar(&of(&world, &nobody(), case, "month=2026-03")).await.unwrap());
        assert!(calendar.contains("镇东五区停车") && calendar.contains("公示了 1 场协商会"));
        for page in [&notice, &calendar] {
            for secret in ["赵隐名", "13900001111", "某人", "meeting.example", "内部分工", "内部应急"] {
                assert!(!page.contains(secret), "{secret}: {page}");
            }
        }
        assert!(notice.contains(&format!("/topics/{case}/register\"")), "an open seat can be registered for: {notice}");
        let seen = world.case(case).await.stage_version;
        let cancel = CancelMeeting { case, seen, reason: "台风".to_owned() };
        world.step(&world.officer, cancel).await.unwrap();
        let notice = html(pages::notice(&of(&world, &nobody(), case, "")).await.unwrap());
        assert!(notice.contains("取消") && notice.contains("台风") && !notice.contains("还剩"), "{notice}");
        let topic = html(topic::topic(&of(&world, &nobody(), case, "")).await.unwrap());
        assert!(topic.contains("取消了"));
    })
    .await;
}

#[tokio::test]
async fn the_calendar_shows_none_and_many() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let show = |query: &'static str| {
            let req = of(&world, &nobody(), case, query);
            async move { pages::calendar(&req).await.map(html) }
        };
        let page = show("month=2026-03").await.unwrap();
        assert!(page.contains("还没有公示的协商会") && page.contains("看正在办的议题"), "{page}");
        plan_and_announce(&world, case, good_plan(&world).await).await;
        let page = show("month=2026-02").await.unwrap();
        assert!(page.contains("下一场在2026年3月"), "{page}");
        assert!(show("month=2026-03&town=zhenze").await.unwrap().contains("还没有公示"));
        for query in ["month=2026-13", "month=x", "town=nowhere"] {
            assert!(matches!(show(query).await, Err(Refusal::NotFound)), "{query}");
        }
        // More in one day than the sheet names.
        db.write(move |tx| {
            Box::pin(async move {
                for n in 0..7_u128 {
                    tx.execute(
                        "INSERT INTO meeting (meeting_id, case_id, round, state, format, starts_at, ends_at, room_id,
                                told_starts_at, told_ends_at, online_url, urgent, sequence, announced_at)
                         SELECT $1, case_id, 2, 'announced', format, starts_at, ends_at, NULL, starts_at, ends_at, '',
                                FALSE, 0, announced_at
                         FROM meeting WHERE round = 1",
                        vec![uuid::Uuid::from_u128(n + 1).into()],
                    )
                    .await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
        let page = show("month=2026-03").await.unwrap();
        assert!(page.contains("还有 5 场") && page.contains("公示了 8 场"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn the_week_of_rooms_shows_who_holds_them() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = ConsultationPlan { starts_at: Some(world.ctx.now() + Duration::days(2)), ..good_plan(&world).await };
        world.step(&world.officer, SavePlan { case, seen: 0, plan, hand_over: false }).await.unwrap();
        let show = |actor: &Actor, query: &'static str| {
            let req = of(&world, actor, case, query);
            async move { pages::rooms(&req).await.map(html) }
        };
        let page = show(&world.officer, "").await.unwrap();
        assert!(page.contains("10:00–12:00 镇东五区停车"), "{page}");
        assert!(!show(&world.officer, "from=2026-03-16").await.unwrap().contains("镇东五区停车"));
        assert!(matches!(show(&world.officer, "from=tomorrow").await, Err(Refusal::NotFound)));
        assert!(matches!(show(&world.stranger, "town=shengze").await, Err(Refusal::NotFound)));
        assert!(matches!(show(&nobody(), "").await, Err(Refusal::NotSignedIn)));
    })
    .await;
}
