//! Stories: what happened is counted once, in the right town and year, on both engines.

use super::model::{FEW, Figures, Period, Rate};
use super::{pages, store};
use crate::access::Role;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::evaluation::testing::closed;
use crate::roster::model::MemberForm;
use crate::roster::register;
use crate::rules::ResultClass;
use crate::storage::testing::each_engine;
use crate::topic::testing::{TOWN, World, person, visitor};
use crate::town::tests::{html, request};

#[tokio::test]
async fn a_closed_case_is_counted_in_its_town() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        closed(&world, ResultClass::Solved).await;
        world.submitted("夜市油烟").await;
        let today = world.ctx.today();
        let period = Period::of(2026, today).unwrap();
        super::testing::check(&world.ctx).await;
        let all = store::figures(&db, &period).await.unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        let town = &all[TOWN];
        assert_eq!((town.topics(), town.chosen()), (2, Rate::of(1, 1)));
        assert_eq!((town.meetings(&period), town.research(&period)), (1, Rate::of(1, 1)));
        assert_eq!(town.average_notice().as_deref(), Some("10.0"));
        assert_eq!(store::used_rooms(&db, period.half_from).await.unwrap().len(), 1);
        assert_eq!(town.adopted_by_month.iter().sum::<i64>(), town.adopted());
        assert!(town.present.values().sum::<i64>() > town.women && town.women > 0);
        assert!(town.listed > 0 && town.decided == town.listed);
        assert_eq!(town.solved, 1);
        assert_eq!((town.answered, town.verified.iter().sum::<i64>()), (1, 1));
        assert_eq!((town.surveys, town.redone), (1, 0));
        assert_eq!(town.judged.satisfied, town.judged.all());
        assert!(town.judged.all() > 0);
        assert_eq!(town.closing(), Rate::of(1, 1));
        // Nothing of it was the year before.
        let before = Period::of(2025, today).unwrap();
        assert!(store::figures(&db, &before).await.unwrap().is_empty());
        let waiting = store::waiting(&db, today).await.unwrap();
        assert_eq!(waiting.iter().map(|one| one.n).sum::<i64>(), 2, "{waiting:?}");
        assert!(store::late_tasks(&db, today).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn everybody_reads_the_board_and_nobody_is_counted_out() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let ctx = world.ctx.acting_as(visitor("reader"));
        let page = html(pages::public_board(&request(&ctx, "/board", "")).await.unwrap());
        assert!(page.contains("还没有开过协商会") && !page.contains("NaN"), "{page}");
        closed(&world, ResultClass::Solved).await;
        let district = html(pages::public_board(&request(&ctx, "/board", "")).await.unwrap());
        for words in ["全区今年开了 1 场协商会，采纳的意见已解决 1 条。", "role=\"img\"", "差 1 场", FEW]
        {
            assert!(district.contains(words), "{words} in {district}");
        }
        let town = html(pages::public_board(&request(&ctx, "/board", "town=qidu&year=2026")).await.unwrap());
        assert!(town.contains("七都镇今年还没有开过协商会"), "{town}");
        for query in ["town=nowhere", "year=2027", "year=2020", "year=x"] {
            let refused = pages::public_board(&request(&ctx, "/board", query)).await.err();
            assert!(matches!(refused, Some(Refusal::NotFound)), "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_board_of_the_workspace_is_for_those_who_work_on_it() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        closed(&world, ResultClass::Solved).await;
        let page = |ctx: Ctx| async move { pages::town_board(&request(&ctx, "/desk/board", "")).await };
        let district = html(page(world.ctx.acting_as(world.district.clone())).await.unwrap());
        for words in ["全区今年开了 1 场协商会", "盛泽镇", "震泽镇", "已办结", "近半年没有开过会的议事室"]
        {
            assert!(district.contains(words), "{words} in {district}");
        }
        let own = html(page(world.ctx.acting_as(world.stranger.clone())).await.unwrap());
        assert!(own.contains("震泽镇今年开了 0 场协商会，还差 2 场。") && !own.contains("盛泽镇"), "{own}");
        assert!(own.contains("现在没有正在办的事"), "{own}");
        let member = person(&world.ctx, "member", Role::Member, Some(TOWN)).await;
        let refused = page(world.ctx.acting_as(member)).await.err();
        assert!(matches!(refused, Some(Refusal::Forbidden { .. })));
        let refused = page(world.ctx.acting_as(visitor("nobody"))).await.err();
        assert!(matches!(refused, Some(Refusal::NotSignedIn)));
    })
    .await;
}

#[tokio::test]
async fn members_count_once_each_and_each_time_they_took_part() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let officer = world.ctx.acting_as(world.officer.clone());
        for (name, phone) in [("顾采薇", "13800010001"), ("闵思远", "13800010002")] {
            let form = MemberForm {
                name: name.to_owned(),
                sector: "经济界".to_owned(),
                specialty: Vec::new(),
                phone: phone.to_owned(),
                mail: String::new(),
                woman: false,
                login: String::new(),
            };
            register::add_member(&officer, TOWN, form).await.unwrap();
        }
        let period = Period::of(2026, world.ctx.today()).unwrap();
        let nobody = store::taking(&db, &period).await.unwrap()[TOWN];
        assert_eq!(nobody, store::Taking { members: 2, active: 0, times: 0 });
        let (_, speaker) = crate::minutes::testing::held(&world).await;
        db.write(move |tx| {
            Box::pin(async move {
                let own = "UPDATE invitee SET member_id = (SELECT member_id FROM member ORDER BY member_id LIMIT 1)
                           WHERE invitee_id = $1";
                tx.execute(own, vec![speaker.into()]).await.map(|_| ()).map_err(Refusal::from)
            })
        })
        .await
        .unwrap();
        let one = store::taking(&db, &period).await.unwrap()[TOWN];
        assert_eq!(one, store::Taking { members: 2, active: 1, times: 1 });
        // So few are not told of.
        let figures = Figures { members: 20, active: 4, times: 9, ..Figures::default() };
        assert_eq!((figures.members_active(), figures.times_a_member()), (None, None));
        let figures = Figures { active: 5, ..figures };
        assert_eq!(figures.members_active().unwrap().fraction(), "5 / 20");
        assert_eq!(figures.times_a_member().unwrap(), "0.5");
    })
    .await;
}
