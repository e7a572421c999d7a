//! What the district writes, on both engines: who may, that it waits on the desk until its day, what is on record.

use super::pages;
use crate::access::{Actor, Towns};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::RequestId;
use crate::ledger::{self, Stream};
use crate::storage::testing::each_engine;
use crate::topic::pages::desk::desk;
use crate::topic::testing::{TOWN, World, visitor};
use crate::town::tests::{html, request};
use crate::web::{Form, Outcome};

fn form(fields: &[(&str, &str)]) -> Form {
    let values = fields.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect();
    Form { values, files: Vec::new() }
}

async fn page(ctx: &Ctx) -> String {
    html(pages::memos(&request(ctx, "/desk/memos", "")).await.unwrap())
}

async fn on_desk(ctx: &Ctx) -> String {
    html(desk(&request(ctx, "/desk", "")).await.unwrap())
}

#[tokio::test]
async fn what_the_district_writes_waits_until_the_town_has_answered() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let acting = |actor: &Actor| world.ctx.acting_as(actor.clone());
        let (district, officer, stranger) = (acting(&world.district), acting(&world.officer), acting(&world.stranger));
        let req = |ctx: &Ctx| request(ctx, "/desk/memos", "");
        let write = [("action", "send"), ("town", TOWN), ("words", "请把上半年没有开会的原因写来。")];

        let refused = pages::post_memos(&req(&officer), form(&write)).await.err();
        assert!(matches!(refused, Some(Refusal::Forbidden { .. })), "{refused:?}");
        for (changed, field) in [
            (("town", "nowhere"), "town"),
            (("words", " "), "words"),
            (("words", "打 13812345678"), "words"),
            (("due_on", "2020-01-01"), "due_on"),
            (("due_on", "明天"), "due_on"),
        ] {
            let mut sent: Vec<(&str, &str)> = write.iter().copied().filter(|(name, _)| *name != changed.0).collect();
            sent.push(changed);
            let Some(Refusal::Invalid(errors)) = pages::post_memos(&req(&district), form(&sent)).await.err() else {
                panic!("{changed:?}")
            };
            assert_eq!(errors[0].field, field, "{changed:?}");
        }

        // The same sending twice is one; another text under its id is refused.
        let sending = district.with_request(Some(RequestId(world.ctx.new_id())));
        for _ in 0..2 {
            let sent = pages::post_memos(&req(&sending), form(&write)).await.unwrap();
            assert!(matches!(sent, Outcome::SeeOther(_)));
        }
        let other = super::send(&sending, TOWN, "另外一件事。", None).await;
        assert!(matches!(other, Err(Refusal::Replayed)), "{other:?}");
        assert_eq!(page(&district).await.matches("请把上半年").count(), 1);

        let desk = on_desk(&officer).await;
        assert!(desk.contains("回复区政协办：请把上半年") && desk.contains("去回复"), "{desk}");
        assert!(on_desk(&district).await.contains("等镇里回复：请把上半年"));
        assert!(!page(&stranger).await.contains("请把上半年"), "another town's is nobody's business");
        let nobody = acting(&visitor("nobody"));
        assert!(matches!(pages::memos(&req(&nobody)).await.err(), Some(Refusal::NotSignedIn)));

        world.pass_days(30);
        let late = on_desk(&officer).await;
        assert!(late.contains("逾期") && late.contains("超期"), "{late}");

        let memo = super::store::list(&db, &Towns::All, true, 10).await.unwrap()[0].memo_id.to_string();
        let reply = [("action", "answer"), ("memo", memo.as_str()), ("answer", "原因写在附件里，下月开两场。")];
        let unknown = pages::post_memos(&req(&stranger), form(&reply)).await.err();
        assert!(matches!(unknown, Some(Refusal::NotFound)), "{unknown:?}");
        let refused = pages::post_memos(&req(&district), form(&reply)).await.err();
        assert!(matches!(refused, Some(Refusal::Forbidden { .. })), "{refused:?}");
        let empty = pages::post_memos(&req(&officer), form(&[reply[0], reply[1]])).await.err();
        assert!(matches!(empty, Some(Refusal::Invalid(_))), "{empty:?}");
        pages::post_memos(&req(&officer), form(&reply)).await.unwrap();
        let again = pages::post_memos(&req(&officer), form(&reply)).await.err();
        assert!(matches!(again, Some(Refusal::Conflict { .. })), "{again:?}");
        assert!(page(&district).await.contains("下月开两场"));
        assert!(!on_desk(&officer).await.contains("回复区政协办"));

        let entries = ledger::entries(&db, &Stream::Town(TOWN.to_owned()).name(), i64::MAX, 10).await.unwrap();
        let bodies: Vec<&str> = entries.iter().map(|entry| entry.body.as_str()).collect();
        assert!(bodies[0].contains("memo_answered") && bodies[1].contains("district_memo"), "{bodies:?}");
        assert!(bodies.iter().all(|body| !body.contains("没有开会")), "{bodies:?}");
        assert!(
            bodies.iter().all(|body| !body.contains("salt")),
            "what opens the hash stands in the row alone: {bodies:?}"
        );
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
        for change in ["UPDATE town_memo SET words = words || '。'", "UPDATE town_memo SET answer = answer || '。'"] {
            db.write(move |tx| {
                Box::pin(async move { tx.execute(change, Vec::new()).await.map(|_| ()).map_err(Refusal::from) })
            })
            .await
            .unwrap();
            let broken = ledger::verify(&db, None).await.unwrap().broken;
            assert!(broken.is_some_and(|broken| broken.stream.contains(TOWN)), "{change}");
        }
    })
    .await;
}
