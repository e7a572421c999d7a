//! Stories of polls, told on both engines.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::model::{Asked, Shown, shown};
use super::steps::*;
use super::store;
use crate::case::carry_out;
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId, PollId, RequestId, SittingId};
use crate::ledger;
use crate::meeting::steps::{CloseMeeting, PauseMeeting, ResumeMeeting};
use crate::meeting::testing::*;
use crate::rules::Category;
use crate::storage::testing::each_engine;
use crate::storage::{Database, Engine};
use crate::topic::testing::World;

fn is_conflict<T: std::fmt::Debug>(result: Result<T, Refusal>) -> bool {
    matches!(result, Err(Refusal::Conflict { .. }))
}

fn is_invalid<T: std::fmt::Debug>(result: Result<T, Refusal>) -> bool {
    matches!(result, Err(Refusal::Invalid(_)))
}

fn open(world: &World, (case, sitting): (CaseId, SittingId), options: Vec<String>, secret: bool) -> OpenPoll {
    let asked = Asked { question: "晚上十点后绕行，您同意吗".to_owned(), options };
    OpenPoll { case, sitting, poll: Some(PollId(world.ctx.new_id())), asked, secret }
}

async fn vote(
    world: &World,
    (case, sitting): (CaseId, SittingId),
    (poll, invitee, choice): (PollId, InviteeId, i64),
) -> Result<(), Refusal> {
    // With a request id, so that a receipt is kept and can be looked through too.
    let request = Some(RequestId(world.ctx.new_id()));
    let ctx = world.ctx.acting_as(by_link(case, invitee)).with_request(request);
    carry_out(&ctx, CastVote { case, sitting, poll, invitee, choice }).await
}

#[tokio::test]
async fn one_vote_each_of_those_who_were_there_when_it_opened() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        let sitting = open_door(&world, case).await;
        let public = of(&world, case, Category::Public).await;
        let late = public[3];
        all_come(&world, case, sitting, &[late]).await;
        until_start(&world, case).await;
        convene(&world, &world.officer, case, "").await.unwrap();
        let at = (case, sitting);
        for bad in [vec!["只有一个".to_owned()], (0..7).map(|n| format!("第{n}项")).collect(), Vec::new()] {
            assert!(is_invalid(world.step(&world.officer, open(&world, at, bad, false)).await));
        }
        let poll = world.step(&world.officer, open(&world, at, Asked::agreement(), false)).await.unwrap();
        assert!(
            is_conflict(world.step(&world.officer, open(&world, at, Asked::agreement(), false)).await),
            "one at a time"
        );
        // Who comes now is too late for this one.
        world.step(&world.officer, tick(case, sitting, Some(late), None)).await.unwrap();
        assert!(is_conflict(vote(&world, at, (poll, late, 1)).await));
        let department = of(&world, case, Category::Department).await[0];
        assert!(is_conflict(vote(&world, at, (poll, department, 1)).await), "who answers does not vote");
        assert!(is_invalid(vote(&world, at, (poll, public[0], 4)).await), "there is no fourth option");
        vote(&world, at, (poll, public[0], 1)).await.unwrap();
        assert!(is_conflict(vote(&world, at, (poll, public[0], 2)).await), "one vote");
        let other = world
            .step(&by_link(case, public[1]), CastVote { case, sitting, poll, invitee: public[2], choice: 1 })
            .await;
        assert!(matches!(other, Err(Refusal::NotFound)), "nobody votes for another: {other:?}");
        vote(&world, at, (poll, public[1], 2)).await.unwrap();
        world.step(&world.officer, ClosePoll { case, sitting, poll }).await.unwrap();
        assert!(is_conflict(vote(&world, at, (poll, public[2], 1)).await), "refused, not lost");
        assert!(is_conflict(world.step(&world.officer, ClosePoll { case, sitting, poll }).await));
        let kept = store::polls(&db, sitting).await.unwrap().remove(0);
        // Fourteen, less the late one and two of the departments.
        assert_eq!((kept.entitled, kept.voted, kept.votes), (11, 2, vec![1, 1, 0]));
        let next = world.step(&world.officer, open(&world, at, Asked::agreement(), true)).await.unwrap();
        vote(&world, at, (next, late, 1)).await.unwrap();
        world.step(&world.officer, CloseMeeting { case, sitting }).await.unwrap();
        assert!(is_conflict(vote(&world, at, (next, public[0], 1)).await), "the meeting's end ends its polls");
        let kept = store::polls(&db, sitting).await.unwrap().remove(1);
        assert_eq!(shown(kept.closed_at.is_some(), kept.secret, &kept.votes, 5), Shown::TooFew);
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_poll_rests_with_the_meeting_and_ends_with_it_on_record() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        let at = (case, sitting);
        let public = of(&world, case, Category::Public).await;
        let poll = world.step(&world.officer, open(&world, at, Asked::agreement(), false)).await.unwrap();
        vote(&world, at, (poll, public[0], 1)).await.unwrap();
        world.step(&world.officer, PauseMeeting { case, sitting }).await.unwrap();
        let refused = vote(&world, at, (poll, public[1], 2)).await;
        assert!(matches!(&refused, Err(Refusal::Conflict { .. })), "{refused:?}");
        assert!(refused.unwrap_err().sentence().contains("休会"), "the sentence says why");
        world.step(&world.officer, ResumeMeeting { case, sitting }).await.unwrap();
        vote(&world, at, (poll, public[1], 2)).await.unwrap();
        world.step(&world.officer, CloseMeeting { case, sitting }).await.unwrap();
        let stream = ledger::Stream::Case(case).name();
        let last = ledger::entries(&db, &stream, i64::MAX, 1).await.unwrap().remove(0);
        let body = last.body;
        assert!(body.contains("votes") && body.contains("[1,1,0]"), "the counts stand in the entry: {body}");
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

/// The rows of a query that is put together here, as text.
async fn rows_of(db: &Database, sql: String) -> Vec<(String,)> {
    db.rows(sql.leak(), Vec::new()).await.unwrap()
}

/// Every row of every table, as text.
async fn everything(db: &Database) -> BTreeMap<String, Vec<String>> {
    let tables = match db.engine() {
        Engine::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        }
        Engine::Postgres => {
            "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        }
    };
    let tables: Vec<(String,)> = db.rows(tables, Vec::new()).await.unwrap();
    let mut all = BTreeMap::new();
    for (table,) in tables {
        // When a migration ran, and how long it took, is the machine's.
        if table.starts_with("_sqlx") || table.contains("fts") || table.contains("search") {
            continue;
        }
        let row = match db.engine() {
            Engine::Postgres => "CAST(t AS TEXT)".to_owned(),
            Engine::Sqlite => {
                let columns: Vec<(String,)> =
                    rows_of(db, format!("SELECT name FROM pragma_table_info('{table}')")).await;
                columns.iter().map(|(name,)| format!("quote(\"{name}\")")).collect::<Vec<_>>().join(" || ',' || ")
            }
        };
        let rows = rows_of(db, format!("SELECT {row} FROM \"{table}\" t ORDER BY 1")).await;
        all.insert(table, rows.into_iter().map(|row| row.0).collect());
    }
    all
}

/// The same meeting, in which each of six votes; `swapped`: the first two choose what the other chose.
async fn voted(db: &Database, swapped: bool) -> BTreeMap<String, Vec<String>> {
    let world = World::new(db).await;
    let (case, sitting) = opened(&world).await;
    let at = (case, sitting);
    let poll = world.step(&world.officer, open(&world, at, Asked::agreement(), true)).await.unwrap();
    let mut who = of(&world, case, Category::Public).await;
    who.extend(of(&world, case, Category::Stakeholder).await);
    let choices = if swapped { [2, 1, 1, 3, 1, 2] } else { [1, 2, 1, 3, 1, 2] };
    for (invitee, choice) in who.into_iter().zip(choices) {
        world.ctx.clock.set(world.ctx.now() + chrono::Duration::seconds(7));
        vote(&world, at, (poll, invitee, choice)).await.unwrap();
    }
    world.step(&world.officer, ClosePoll { case, sitting, poll }).await.unwrap();
    let kept = store::polls(db, sitting).await.unwrap().remove(0);
    assert_eq!(shown(true, true, &kept.votes, 5), Shown::Result(vec![3, 2, 1]));
    everything(db).await
}

#[tokio::test]
async fn who_chose_what_in_secret_stands_nowhere() {
    // Two worlds that differ in nothing but who of two people chose which of two options: ids, salts and clocks are the
    // same. If any table, ledger entry, receipt, event or job knew of a choice, it would differ.
    let dumps = Arc::new(Mutex::new(Vec::new()));
    for swapped in [false, true] {
        let dumps = Arc::clone(&dumps);
        each_engine(move |db| {
            let dumps = Arc::clone(&dumps);
            async move {
                let dump = voted(&db, swapped).await;
                dumps.lock().unwrap().push((db.engine(), dump));
            }
        })
        .await;
    }
    let dumps = dumps.lock().unwrap();
    let (one, two) = dumps.split_at(dumps.len() / 2);
    for ((engine, one), (_, two)) in one.iter().zip(two) {
        assert!(one["poll_voter"].len() >= 6 && !one["ledger_entry"].is_empty() && !one["receipt"].is_empty());
        for (table, rows) in one {
            assert_eq!(rows, &two[table], "{table} on {engine:?}");
        }
    }
}
