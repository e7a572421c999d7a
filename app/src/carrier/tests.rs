//! Stories of rooms and studios, on both engines.

use super::model::{CheckForm, ReceptionForm, Settle, Six, Whereto};
use super::testing::{acting, hall, look, member, reception, said, studio, studio_form};
use super::{carried, check_room, hear, receive, save_studio, set_open, set_villages, settle};
use crate::access::Actor;
use crate::board::pages::public_board;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::files::{NewFile, stage};
use crate::ids::{RequestId, RoomId, StudioId};
use crate::ledger::{self, Stream};
use crate::storage::testing::each_engine;
use crate::topic::pages::desk::desk;
use crate::topic::testing::{TOWN, World, visitor};
use crate::town::tests::{html, request};
use crate::web::Request;

fn field(refusal: Result<impl Sized, Refusal>) -> String {
    match refusal.err() {
        Some(Refusal::Invalid(errors)) => errors[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

fn of(ctx: &Ctx, path: &str, id: impl std::fmt::Display) -> Request {
    let mut req = request(ctx, path, "");
    req.params.insert("id".to_owned(), id.to_string());
    req
}

async fn room_page(ctx: &Ctx, room: RoomId) -> Result<String, Refusal> {
    super::pages::room(&of(ctx, "/desk/rooms", room)).await.map(html)
}

async fn studio_page(ctx: &Ctx, studio: StudioId) -> Result<String, Refusal> {
    super::pages::studio(&of(ctx, "/desk/studios", studio)).await.map(html)
}

async fn on_desk(ctx: &Ctx) -> String {
    html(desk(&request(ctx, "/desk", "")).await.unwrap())
}

#[tokio::test]
async fn a_room_is_looked_at_by_the_six_points_and_the_last_look_counts() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (officer, room) = (acting(&world, &world.officer), hall(&world).await);
        let most = [Six::Place, Six::Sign, Six::Rules, Six::Procedure, Six::Activity];

        assert_eq!(field(check_room(&officer, room, look(&world, &most, " ")).await), "words");
        let mut tomorrow = look(&world, Six::ALL, "");
        tomorrow.checked_on = world.ctx.today().succ_opt();
        assert_eq!(field(check_room(&officer, room, tomorrow).await), "checked_on");
        let mut never = look(&world, Six::ALL, "");
        never.checked_on = None;
        assert_eq!(field(check_room(&officer, room, never).await), "checked_on");
        assert_eq!(field(check_room(&officer, room, look(&world, &most, "找 13812345678")).await), "words");
        for other in [&world.director, &world.district] {
            let refused = check_room(&acting(&world, other), room, look(&world, Six::ALL, "")).await;
            assert!(matches!(refused, Err(Refusal::Forbidden { .. })), "{refused:?}");
        }
        let stranger = acting(&world, &world.stranger);
        let unknown = check_room(&stranger, room, look(&world, Six::ALL, "")).await;
        assert!(matches!(unknown, Err(Refusal::NotFound)));
        assert!(matches!(room_page(&stranger, room).await, Err(Refusal::NotFound)));

        let photo = NewFile {
            sha256: "ab".repeat(32),
            name: "门口.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            size: 9,
        };
        let photo = stage(&officer, vec![photo]).await.unwrap()[0].file;
        let mut first = look(&world, &most, "成效下个月补上。");
        first.photos = vec![photo];
        let sending = officer.with_request(Some(RequestId(world.ctx.new_id())));
        let check = check_room(&sending, room, first.clone()).await.unwrap();
        assert_eq!(check_room(&sending, room, first.clone()).await.unwrap(), check, "sent twice it is one");
        for other in [
            CheckForm { words: "下个季度补上。".to_owned(), ..first.clone() },
            CheckForm { met: vec![Six::Place], ..first.clone() },
            CheckForm { photos: Vec::new(), ..first.clone() },
        ] {
            let refused = check_room(&sending, room, other).await;
            assert!(matches!(refused, Err(Refusal::Replayed)), "what was changed is not dropped: {refused:?}");
        }
        let page = room_page(&acting(&world, &world.district), room).await.unwrap();
        assert!(page.contains("缺成效") && page.contains("成效下个月补上") && page.contains("照片1"), "{page}");
        assert_eq!(page.matches("成效下个月补上").count(), 1);
        for (actor, may) in
            [(&world.director, true), (&world.district, true), (&world.stranger, false), (&visitor("x"), false)]
        {
            let ctx = acting(&world, actor);
            assert_eq!(super::photo_for(&ctx, photo).await.unwrap().is_some(), may, "{actor:?}");
        }
        // What belongs to a look is not swept away with what nobody took.
        world.pass_days(30);
        assert!(crate::files::sweep(&world.ctx, world.ctx.now()).await.unwrap().is_empty());

        let year = |world: &World| {
            let first = crate::board::model::Period::of(2026, world.ctx.today()).unwrap();
            (first.first, first.end)
        };
        let before = carried(&db, year(&world)).await.unwrap()[TOWN];
        assert_eq!((before.fit, before.rooms), (0, 4));
        check_room(&officer, room, look(&world, Six::ALL, "")).await.unwrap();
        let now = carried(&db, year(&world)).await.unwrap()[TOWN];
        assert_eq!((now.fit, now.covered, now.villages), (1, 0, 0));
        let towns = html(crate::town::pages::towns(&request(&world.ctx, "/towns", "")).await.unwrap());
        assert!(towns.contains("六有齐全"), "{towns}");

        assert_eq!(field(set_villages(&officer, TOWN, 0).await), "villages");
        assert!(matches!(set_villages(&stranger, TOWN, 3).await, Err(Refusal::NotFound)));
        let shown = db.version().await.unwrap();
        set_villages(&officer, TOWN, 30).await.unwrap();
        assert_ne!(db.version().await.unwrap(), shown, "kept pages are rendered anew");
        let now = carried(&db, year(&world)).await.unwrap()[TOWN];
        assert_eq!((now.covered, now.villages), (3, 30));
        let board = html(public_board(&request(&world.ctx, "/board", "")).await.unwrap());
        assert!(board.contains("议事室六有达标率") && board.contains("村社区议事点覆盖率"), "{board}");
        let rooms = html(crate::plan::pages::rooms(&request(&officer, "/desk/rooms", "")).await.unwrap());
        assert!(rooms.contains("6 / 6") && rooms.contains("全镇 30 个村、社区，有议事点 3 处"), "{rooms}");

        let entries = ledger::entries(&db, &Stream::Town(TOWN.to_owned()).name(), i64::MAX, 50).await.unwrap();
        assert!(entries.iter().all(|entry| !entry.body.contains("下个月补上")), "words are hashed only");
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
        db.write(|tx| {
            Box::pin(async move {
                let change = "UPDATE room_check SET words = words || '。'";
                tx.execute(change, Vec::new()).await.map(|_| ()).map_err(Refusal::from)
            })
        })
        .await
        .unwrap();
        assert!(ledger::verify(&db, None).await.unwrap().broken.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_studio_is_the_officers_and_its_members_take_down_what_they_hear() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let officer = acting(&world, &world.officer);
        let (own, one) = member(&world, "one").await;
        let (other, two) = member(&world, "two").await;
        let (own, other) = (acting(&world, &own), acting(&world, &other));

        assert_eq!(field(save_studio(&officer, TOWN, None, studio_form(" ", &[one])).await), "name");
        assert_eq!(field(save_studio(&officer, TOWN, None, studio_form("法律", &[])).await), "members");
        let foreign = crate::ids::MemberId(world.ctx.new_id());
        assert_eq!(field(save_studio(&officer, TOWN, None, studio_form("法律", &[foreign])).await), "members");
        for ctx in [&own, &acting(&world, &world.stranger)] {
            let refused = save_studio(ctx, TOWN, None, studio_form("法律", &[one])).await;
            assert!(matches!(refused, Err(Refusal::NotFound)), "{refused:?}");
        }
        let studio = studio(&world, "法律服务工作室", &[one]).await;
        assert_eq!(field(save_studio(&officer, TOWN, None, studio_form("法律服务工作室", &[two])).await), "name");

        // Back in the browser and sent again: the same is the same, another is not taken for a correction.
        let sending = officer.with_request(Some(RequestId(world.ctx.new_id())));
        let second = save_studio(&sending, TOWN, None, studio_form("医疗健康工作室", &[two])).await.unwrap();
        assert_eq!(save_studio(&sending, TOWN, None, studio_form("医疗健康工作室", &[two])).await.unwrap(), second);
        for other in [studio_form("文化工作室", &[two]), studio_form("医疗健康工作室", &[one])] {
            let refused = save_studio(&sending, TOWN, None, other).await;
            assert!(matches!(refused, Err(Refusal::Replayed)), "{refused:?}");
        }

        // It is for everybody to find; what is heard there is not.
        let towns = html(crate::town::pages::towns(&request(&world.ctx, "/towns", "")).await.unwrap());
        assert!(towns.contains("法律服务工作室") && towns.contains("每月10日上午接待"), "{towns}");

        let form = |visitors, members: &[_]| ReceptionForm {
            held_on: Some(world.ctx.today()),
            visitors,
            members: members.to_vec(),
        };
        assert_eq!(field(receive(&own, studio, form(None, &[one])).await), "visitors");
        assert_eq!(field(receive(&own, studio, form(Some(-1), &[one])).await), "visitors");
        assert_eq!(field(receive(&own, studio, form(Some(1), &[])).await), "members");
        assert_eq!(field(receive(&own, studio, form(Some(1), &[two])).await), "members");
        let refused = receive(&acting(&world, &world.director), studio, form(Some(1), &[one])).await;
        assert!(matches!(refused, Err(Refusal::Forbidden { .. })), "{refused:?}");
        assert!(matches!(receive(&other, studio, form(Some(1), &[one])).await, Err(Refusal::NotFound)));
        assert!(matches!(studio_page(&other, studio).await, Err(Refusal::NotFound)));
        let day = reception(&own, studio, &[one]).await;
        let year = html(crate::roster::year::pages::year(&request(&own, "/desk/year", "")).await.unwrap());
        assert!(year.contains("工作室接待 1 次") && year.contains("我的工作室"), "{year}");

        // Members leave, and with that what they may.
        crate::roster::register::note_left(&officer, one, true).await.unwrap();
        assert!(matches!(receive(&own, studio, form(Some(1), &[one])).await, Err(Refusal::NotFound)));
        crate::roster::register::note_left(&officer, one, false).await.unwrap();

        set_open(&officer, studio, false).await.unwrap();
        assert!(matches!(set_open(&officer, studio, false).await, Err(Refusal::Conflict { .. })));
        let closed = hear(&own, studio, day, said("路灯不亮", Whereto::Answered)).await;
        assert!(matches!(closed, Err(Refusal::Conflict { .. })), "{closed:?}");
        let towns = html(crate::town::pages::towns(&request(&world.ctx, "/towns", "")).await.unwrap());
        assert!(!towns.contains("法律服务工作室"));
        set_open(&officer, studio, true).await.unwrap();

        // A correction on an old page does not undo another's.
        let stale = "not what it is";
        let refused = save_studio(&officer, "", Some((studio, stale)), studio_form("别的", &[one])).await;
        assert!(matches!(refused, Err(Refusal::Conflict { .. })), "{refused:?}");
        assert!(studio_page(&officer, studio).await.unwrap().contains("法律服务工作室"));
    })
    .await;
}

#[tokio::test]
async fn what_is_said_at_a_studio_waits_until_it_was_answered_or_is_a_topic() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let officer = acting(&world, &world.officer);
        let (own, one) = member(&world, "one").await;
        let own = acting(&world, &own);
        let place = studio(&world, "法律服务工作室", &[one]).await;
        let elsewhere = studio(&world, "医疗健康工作室", &[one]).await;
        let day = reception(&own, place, &[one]).await;

        let mut nowhere = said("路灯不亮", Whereto::Answered);
        nowhere.whereto = None;
        assert_eq!(field(hear(&own, place, day, nowhere).await), "whereto");
        assert_eq!(field(hear(&own, place, day, said(" ", Whereto::Answered)).await), "words");
        assert_eq!(field(hear(&own, place, day, said("电话 13812345678", Whereto::Topic)).await), "words");
        let mut nobody = said("水压太低", Whereto::Unit);
        nobody.unit = String::new();
        assert_eq!(field(hear(&own, place, day, nobody).await), "unit");
        let mut silent = said("路灯不亮", Whereto::Answered);
        silent.answer = String::new();
        assert_eq!(field(hear(&own, place, day, silent).await), "answer");
        let misplaced = hear(&own, elsewhere, day, said("路灯不亮", Whereto::Answered)).await;
        assert!(matches!(misplaced, Err(Refusal::NotFound)), "{misplaced:?}");

        hear(&own, place, day, said("路灯不亮", Whereto::Answered)).await.unwrap();
        let passed_on = hear(&own, place, day, said("水压太低", Whereto::Unit)).await.unwrap();
        let sending = own.with_request(Some(RequestId(world.ctx.new_id())));
        let to_raise = hear(&sending, place, day, said("菜场门口太乱", Whereto::Topic)).await.unwrap();
        assert_eq!(hear(&sending, place, day, said("菜场门口太乱", Whereto::Topic)).await.unwrap(), to_raise);
        let other = hear(&sending, place, day, said("别的", Whereto::Topic)).await;
        assert!(matches!(other, Err(Refusal::Replayed)), "{other:?}");
        let other = hear(&sending, place, day, said("菜场门口太乱", Whereto::Unit)).await;
        assert!(matches!(other, Err(Refusal::Replayed)), "{other:?}");

        // Each has an owner and a day.
        let (on_officers, on_own) = (on_desk(&officer).await, on_desk(&own).await);
        assert!(on_officers.contains("把意见提为议题：菜场门口太乱"), "{on_officers}");
        assert!(on_officers.contains("反馈工作室听到的意见：水压太低") && !on_officers.contains("路灯不亮"));
        assert!(on_own.contains("反馈工作室听到的意见：水压太低"), "{on_own}");
        assert!(on_own.contains("等干事把意见提为议题：菜场门口太乱"), "{on_own}");
        world.pass_days(40);
        assert!(on_desk(&officer).await.contains("超期"));
        assert!(studio_page(&own, place).await.unwrap().contains("已经超期"));

        let case = world.submitted("菜场门口怎么摆摊").await;
        let refused = settle(&own, place, to_raise, Settle::Raised(case)).await;
        assert!(matches!(refused, Err(Refusal::Forbidden { .. })), "which topic it is the officer says: {refused:?}");
        let unknown = crate::ids::CaseId(world.ctx.new_id());
        assert_eq!(field(settle(&officer, place, to_raise, Settle::Raised(unknown)).await), "topic");
        assert_eq!(field(settle(&own, place, passed_on, Settle::Answered(" ".to_owned())).await), "answer");
        settle(&officer, place, to_raise, Settle::Raised(case)).await.unwrap();
        settle(&own, place, passed_on, Settle::Answered("换了增压泵".to_owned())).await.unwrap();
        let again = settle(&officer, place, passed_on, Settle::Answered("又一次".to_owned())).await;
        assert!(matches!(again, Err(Refusal::Conflict { .. })), "{again:?}");
        // The refusal and what was typed are seen although the form is gone.
        let mut req = of(&officer, "/desk/studios", place);
        let sent =
            [("action", "settle".to_owned()), ("opinion", passed_on.to_string()), ("answer", "又一次".to_owned())];
        let sent = sent.into_iter().map(|(name, value)| (name.to_owned(), vec![value])).collect();
        req.form = FormState::refused(sent, again.unwrap_err());
        let page = html(super::pages::studio(&req).await.unwrap());
        assert!(page.contains("这一条已经有了结果") && page.contains("又一次"), "{page}");
        let desk = on_desk(&officer).await;
        assert!(!desk.contains("水压太低") && !desk.contains("把意见提为议题"), "{desk}");
        let page = studio_page(&own, place).await.unwrap();
        assert!(page.contains("换了增压泵") && page.contains("意见 3 条，提为议题 1 条，没有结果 0 条"), "{page}");

        let entries = ledger::entries(&db, &Stream::Town(TOWN.to_owned()).name(), i64::MAX, 50).await.unwrap();
        let told = |words: &str| entries.iter().any(|entry| entry.body.contains(words));
        assert!(!told("水压") && !told("增压泵") && told("opinion_heard") && told("opinion_settled"));
        let change = async |sql: &'static str| {
            db.write(move |tx| Box::pin(async move { Ok(tx.execute(sql, Vec::new()).await?) })).await.unwrap();
            ledger::verify(&db, None).await.unwrap().broken.is_some()
        };
        assert!(change("UPDATE studio_opinion SET words = words || '。'").await);
        assert!(!change("UPDATE studio_opinion SET words = substr(words, 1, length(words) - 1)").await);
        assert!(change("UPDATE studio_opinion SET answer = answer || '。'").await);
    })
    .await;
}

#[tokio::test]
async fn a_month_without_reception_asks_for_one_before_it_ends() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (own, one) = member(&world, "one").await;
        let (officer, own) = (acting(&world, &world.officer), acting(&world, &own));
        let place = studio(&world, "法律服务工作室", &[one]).await;
        // The ninth of March: there is time yet.
        assert!(!on_desk(&officer).await.contains("还差 1 次接待"));
        world.pass_days(17);
        for ctx in [&officer, &own] {
            let desk = on_desk(ctx).await;
            assert!(desk.contains("法律服务工作室本月还差 1 次接待"), "{desk}");
        }
        let none: &Actor = &world.director;
        assert!(!on_desk(&acting(&world, none)).await.contains("还差 1 次接待"));
        reception(&own, place, &[one]).await;
        assert!(!on_desk(&officer).await.contains("还差 1 次接待"));
        world.pass_days(31);
        assert!(on_desk(&officer).await.contains("还差 1 次接待"), "the next month asks anew");
    })
    .await;
}
