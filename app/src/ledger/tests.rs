//! The record is tampered with in every way that a person with the database could, and is caught.

use chrono::Duration;

use crate::error::Refusal;
use crate::storage::testing::each_engine;
use crate::storage::{Database, Value};
use crate::topic::steps::SupportTopic;
use crate::topic::testing::{World, visitor};

use super::{Broken, Entry, GENESIS, digest, entries, latest_root, seal, verify};

async fn tamper(db: &Database, sql: &'static str, values: Vec<Value>) -> u64 {
    db.write(move |tx| Box::pin(async move { Ok::<_, Refusal>(tx.execute(sql, values).await?) })).await.unwrap()
}

async fn broken(db: &Database) -> Option<Broken> {
    verify(db, None).await.unwrap().broken
}

#[tokio::test]
async fn any_changed_byte_of_any_field_is_found_at_its_entry() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        world.step(&visitor("a"), SupportTopic { case }).await.unwrap();
        let stream = super::Stream::Case(case).name();
        let all = entries(&db, &stream, i64::MAX, 10).await.unwrap();
        assert_eq!(broken(&db).await, None);
        for Entry { seq, at, body, hash, .. } in all {
            let key = || vec![Value::from(stream.as_str()), Value::from(seq)];
            // Every byte of the body, by turns; each is put back.
            for place in (0..body.len()).filter(|p| body.is_char_boundary(*p)).step_by(7) {
                let c = body[place..].chars().next().unwrap();
                let other = if c == 'x' { 'y' } else { 'x' };
                let changed = format!("{}{other}{}", &body[..place], &body[place + c.len_utf8()..]);
                let mut values = key();
                values.push(changed.into());
                tamper(&db, "UPDATE ledger_entry SET body = $3 WHERE stream = $1 AND seq = $2", values).await;
                let found = broken(&db).await.unwrap();
                assert_eq!((found.stream.as_str(), found.seq), (stream.as_str(), seq), "byte {place}");
            }
            let mut values = key();
            values.push(body.clone().into());
            tamper(&db, "UPDATE ledger_entry SET body = $3 WHERE stream = $1 AND seq = $2", values).await;

            let flipped = if hash.starts_with('0') { "1" } else { "0" };
            let mut values = key();
            values.push(format!("{flipped}{}", &hash[1..]).into());
            tamper(&db, "UPDATE ledger_entry SET hash = $3 WHERE stream = $1 AND seq = $2", values).await;
            assert_eq!(broken(&db).await.unwrap().seq, seq);
            let mut values = key();
            values.push(hash.into());
            tamper(&db, "UPDATE ledger_entry SET hash = $3 WHERE stream = $1 AND seq = $2", values).await;

            let mut values = key();
            values.push((at + Duration::microseconds(1)).into());
            tamper(&db, "UPDATE ledger_entry SET at = $3 WHERE stream = $1 AND seq = $2", values).await;
            assert_eq!(broken(&db).await.unwrap().seq, seq);
            let mut values = key();
            values.push(at.into());
            tamper(&db, "UPDATE ledger_entry SET at = $3 WHERE stream = $1 AND seq = $2", values).await;
            assert_eq!(broken(&db).await, None);

            // A body that was changed together with its hash does not fit the next entry, or the head.
            let changed = body.replace("\"by\":\"", "\"by\":\"X");
            let mut values = key();
            values.extend([digest(&changed).into(), changed.into()]);
            tamper(&db, "UPDATE ledger_entry SET hash = $3, body = $4 WHERE stream = $1 AND seq = $2", values).await;
            assert!(broken(&db).await.is_some());
            let mut values = key();
            values.extend([digest(&body).into(), body.into()]);
            tamper(&db, "UPDATE ledger_entry SET hash = $3, body = $4 WHERE stream = $1 AND seq = $2", values).await;
        }
        assert_eq!(broken(&db).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_renumbered_or_moved_entry_is_found() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        let stream = super::Stream::Case(case).name();
        let values = vec![Value::from(stream.as_str())];
        tamper(&db, "UPDATE ledger_entry SET seq = 9 WHERE stream = $1 AND seq = 2", values.clone()).await;
        assert_eq!(broken(&db).await.unwrap().seq, 2);
        tamper(&db, "UPDATE ledger_entry SET seq = 2 WHERE stream = $1 AND seq = 9", values.clone()).await;
        tamper(&db, "UPDATE ledger_entry SET stream = 'case:0' WHERE stream = $1", values).await;
        assert!(broken(&db).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_dropped_last_entry_is_found_even_with_its_head() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        world.ctx.clock.set(world.ctx.now() + Duration::days(1));
        let root = seal(&world.ctx, world.ctx.now()).await.unwrap().unwrap();
        let before = entries(&db, &super::Stream::Case(case).name(), 2, 1).await.unwrap();
        tamper(
            &db,
            "DELETE FROM ledger_entry WHERE stream = $1 AND seq = 2",
            vec![super::Stream::Case(case).name().into()],
        )
        .await;
        let found = broken(&db).await.unwrap();
        assert_eq!(found.seq, 2, "{found:?}");
        // The head is set back too; only the root knows.
        tamper(
            &db,
            "UPDATE case_head SET seq = 1, head = $2 WHERE case_id = $1",
            vec![case.into(), before[0].hash.as_str().into()],
        )
        .await;
        tamper(&db, "DELETE FROM case_record WHERE case_id = $1 AND kind <> 'topic_form'", vec![case.into()]).await;
        let found = verify(&db, Some(&root.hash)).await.unwrap().broken.unwrap();
        assert_eq!(found.stream, "root", "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn a_dropped_case_is_found() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let kept = world.submitted("镇东五区停车").await;
        let dropped = world.submitted("镇东五区绿化").await;
        world.ctx.clock.set(world.ctx.now() + Duration::days(1));
        seal(&world.ctx, world.ctx.now()).await.unwrap().unwrap();
        tamper(&db, "DELETE FROM ledger_entry WHERE stream = $1", vec![super::Stream::Case(dropped).name().into()])
            .await;
        assert_eq!(broken(&db).await.unwrap().stream, super::Stream::Case(dropped).name());
        for sql in [
            "DELETE FROM case_record WHERE case_id = $1",
            "DELETE FROM case_event WHERE case_id = $1",
            "DELETE FROM stage_span WHERE case_id = $1",
            "DELETE FROM proposer WHERE case_id = $1",
            "DELETE FROM quota WHERE case_id = $1",
            "DELETE FROM topic WHERE topic_id = $1",
            "DELETE FROM case_head WHERE case_id = $1",
        ] {
            assert!(tamper(&db, sql, vec![dropped.into()]).await > 0, "{sql}");
        }
        assert_eq!(broken(&db).await.unwrap().stream, "root");
        assert_eq!(world.case(kept).await.sent_title, "镇东五区停车");
    })
    .await;
}

#[tokio::test]
async fn a_rewritten_chain_is_found_by_a_root_that_was_noted() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("镇东五区停车").await;
        world.ctx.clock.set(world.ctx.now() + Duration::days(1));
        let noted = seal(&world.ctx, world.ctx.now()).await.unwrap().unwrap();
        assert_eq!(verify(&db, Some(&noted.hash)).await.unwrap().broken, None);
        assert_eq!(latest_root(&db).await.unwrap().unwrap(), noted);
        assert!(seal(&world.ctx, world.ctx.now()).await.unwrap().is_none(), "nothing new, no root");

        // The forger rewrites the entry, its hash, the head, and makes a new root.
        let entry = entries(&db, &super::Stream::Case(case).name(), i64::MAX, 1).await.unwrap().remove(0);
        let body = entry.body.replace("\"by\":\"browser\"", "\"by\":\"operator\"");
        assert_ne!(body, entry.body);
        let hash = digest(&body);
        tamper(
            &db,
            "UPDATE ledger_entry SET body = $2, hash = $3 WHERE stream = $1",
            vec![entry.stream.into(), body.into(), hash.as_str().into()],
        )
        .await;
        tamper(&db, "UPDATE case_head SET head = $2 WHERE case_id = $1", vec![case.into(), hash.into()]).await;
        assert_eq!(broken(&db).await.unwrap().stream, "root");
        tamper(&db, "DELETE FROM ledger_root", Vec::new()).await;
        seal(&world.ctx, world.ctx.now()).await.unwrap().unwrap();
        assert_eq!(broken(&db).await, None, "consistent in itself");
        assert!(verify(&db, Some(&noted.hash)).await.unwrap().broken.is_some(), "but not with what was noted");
    })
    .await;
}

#[tokio::test]
async fn a_changed_or_removed_text_is_found() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        world.comment(case, "a", "车位太少").await;
        for (sql, back) in [
            (
                "UPDATE case_record SET body = replace(body, '停', '仃') WHERE case_id = $1 AND kind = 'edition'",
                "UPDATE case_record SET body = replace(body, '仃', '停') WHERE case_id = $1 AND kind = 'edition'",
            ),
            (
                "UPDATE proposer SET phone = '13900000000' WHERE case_id = $1",
                "UPDATE proposer SET phone = '13812345678' WHERE case_id = $1",
            ),
            (
                "UPDATE comment SET body = '车位够了' WHERE case_id = $1",
                "UPDATE comment SET body = '车位太少' WHERE case_id = $1",
            ),
        ] {
            assert_eq!(tamper(&db, sql, vec![case.into()]).await, 1);
            assert!(broken(&db).await.is_some(), "{sql}");
            tamper(&db, back, vec![case.into()]).await;
            assert_eq!(broken(&db).await, None, "{back}");
        }
        tamper(&db, "DELETE FROM comment WHERE case_id = $1", vec![case.into()]).await;
        assert!(broken(&db).await.unwrap().why.contains("不见了"));
    })
    .await;
}

#[test]
fn the_first_entry_follows_nothing() {
    assert_eq!(GENESIS.len(), digest("").len());
    assert!(GENESIS.bytes().all(|b| b == b'0'));
}
