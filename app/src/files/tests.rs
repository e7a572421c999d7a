use chrono::TimeDelta;

use super::*;
use crate::access::Visitor;
use crate::ids::CaseId;
use crate::storage::Database;
use crate::storage::testing::{each_engine, operator};

fn visitor(browser: &str) -> Visitor {
    Visitor { browser: browser.to_owned(), prefix: "p".to_owned() }
}

fn world(db: &Database) -> Ctx {
    operator(db, DateTime::from_timestamp(1_790_000_000, 0).unwrap()).acting_as(Actor::Visitor(visitor("one")))
}

fn file(content: &str, name: &str) -> NewFile {
    NewFile {
        sha256: crate::ledger::digest(content),
        name: name.to_owned(),
        media_type: "application/pdf".to_owned(),
        size: 10,
    }
}

async fn attach(ctx: &Ctx, id: FileId) {
    let case = CaseId(ctx.new_id());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO town (town_id, name, short_name, kind, sort_no) VALUES ('t', 't', 't', 'town', 1)",
                    Vec::new(),
                )
                .await?;
                tx.execute(
                    "INSERT INTO case_head (case_id, town_id, seq, head) VALUES ($1, 't', 1, '')",
                    vec![case.into()],
                )
                .await?;
                tx.execute(
                    "INSERT INTO case_file (case_id, file_id, position, released) VALUES ($1, $2, 0, FALSE)",
                    vec![case.into(), id.into()],
                )
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

#[test]
fn a_proposer_owns_what_the_same_browser_sent_as_a_visitor() {
    let case = CaseId(uuid::Uuid::from_u128(1));
    assert_eq!(owner(&Actor::Visitor(visitor("b"))), owner(&Actor::Proposer { case, visitor: visitor("b") }));
    assert_ne!(owner(&Actor::Visitor(visitor("b"))), owner(&Actor::Visitor(visitor("c"))));
}

#[tokio::test]
async fn files_come_back_to_their_sender_and_to_nobody_else() {
    each_engine(|db| async move {
        let ctx = world(&db);
        let sent = stage(&ctx, vec![file("a", "甲.pdf"), file("b", "乙.pdf")]).await.unwrap();
        let ids: Vec<FileId> = sent.iter().map(|file| file.file).collect();
        assert_eq!(staged(&ctx, &ids).await.unwrap(), sent);
        assert_eq!(staged(&ctx, &[ids[1], FileId(ctx.new_id())]).await.unwrap(), sent[1..]);
        let stranger = ctx.acting_as(Actor::Visitor(visitor("two")));
        assert!(staged(&stranger, &ids).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_the_same_form() {
    each_engine(|db| async move {
        let ctx = world(&db);
        let first = stage(&ctx, vec![file("a", "甲.pdf")]).await.unwrap();
        assert_eq!(stage(&ctx, vec![file("a", "甲.pdf")]).await.unwrap(), first);
        let stranger = ctx.acting_as(Actor::Visitor(visitor("two")));
        for other in [
            stage(&ctx, vec![file("a", "乙.pdf")]).await.unwrap(),
            stage(&ctx, vec![file("b", "甲.pdf")]).await.unwrap(),
            stage(&stranger, vec![file("a", "甲.pdf")]).await.unwrap(),
        ] {
            assert_ne!(other[0].file, first[0].file);
        }
    })
    .await;
}

#[tokio::test]
async fn what_no_step_took_is_forgotten_and_what_one_took_stays() {
    each_engine(|db| async move {
        let ctx = world(&db);
        let sent = stage(&ctx, vec![file("a", "甲.pdf"), file("b", "乙.pdf"), file("c", "丙.pdf")]).await.unwrap();
        // The same bytes as the third, from somebody else, later.
        attach(&ctx, sent[0].file).await;
        let later = ctx.now() + STAGED_FOR - TimeDelta::hours(1);
        ctx.clock.set(later);
        let stranger = ctx.acting_as(Actor::Visitor(visitor("two")));
        stage(&stranger, vec![file("c", "丙.pdf")]).await.unwrap();
        ctx.clock.set(later + TimeDelta::hours(2));
        let unnamed = sweep(&ctx, ctx.now() - STAGED_FOR).await.unwrap();
        assert_eq!(unnamed, [crate::ledger::digest("b")]);
        for (content, expected) in [("a", true), ("b", false), ("c", true)] {
            assert_eq!(known(&db, &crate::ledger::digest(content)).await.unwrap(), expected, "{content}");
        }
        assert!(staged(&ctx, &[sent[2].file]).await.unwrap().is_empty());
    })
    .await;
}
