use serde_json::json;

use super::*;
use crate::storage::Database;
use crate::storage::testing::{each_engine, operator};

fn world(db: &Database) -> Ctx {
    operator(db, DateTime::from_timestamp(1_790_000_000, 0).unwrap())
}

async fn put(ctx: &Ctx, key: Option<&'static str>, kind: &'static str, after: TimeDelta) {
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move { Ok(add(tx, &inner, key, kind, &json!({ "n": 1 }), inner.now() + after).await?) })
        })
        .await
        .unwrap();
}

#[test]
fn a_failing_job_waits_longer_each_time_and_never_for_ever() {
    let waits: Vec<i64> = [0, 1, 2, 3, 10, 11, 1000].map(|n| back_off(n).num_seconds()).into();
    assert_eq!(waits, [30, 30, 60, 120, 15_360, 21_600, 21_600]);
}

#[tokio::test]
async fn a_job_is_given_to_one_process_when_it_is_due() {
    each_engine(|db| async move {
        let ctx = world(&db);
        put(&ctx, None, "soon", TimeDelta::minutes(5)).await;
        put(&ctx, Some("k"), "now", TimeDelta::zero()).await;
        put(&ctx, Some("k"), "again", TimeDelta::zero()).await;
        let jobs = claim(&ctx, 10).await.unwrap();
        assert_eq!(jobs.iter().map(|job| (job.kind.as_str(), job.attempts)).collect::<Vec<_>>(), [("now", 1)]);
        assert_eq!(jobs[0].payload, r#"{"n":1}"#);
        assert!(claim(&ctx, 10).await.unwrap().is_empty());
        done(&ctx, jobs[0].id).await.unwrap();
        ctx.clock.set(ctx.now() + TimeDelta::minutes(5));
        assert_eq!(claim(&ctx, 10).await.unwrap()[0].kind, "soon");
    })
    .await;
}

#[tokio::test]
async fn many_processes_share_the_jobs_and_none_gets_the_same() {
    each_engine(|db| async move {
        let ctx = world(&db);
        for _ in 0..20 {
            put(&ctx, None, "one", TimeDelta::zero()).await;
        }
        let claims = (0..10).map(|_| async { claim(&ctx, 3).await.unwrap() });
        let mut ids: Vec<_> = futures::future::join_all(claims).await.concat().iter().map(|job| job.id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        let rest = claim(&ctx, 100).await.unwrap();
        assert_eq!(count + rest.len(), 20);
    })
    .await;
}

#[tokio::test]
async fn a_failed_job_is_seen_and_comes_back() {
    each_engine(|db| async move {
        let ctx = world(&db);
        put(&ctx, None, "mail", TimeDelta::zero()).await;
        let job = claim(&ctx, 1).await.unwrap().remove(0);
        failed(&ctx, &job, "没有网络".to_owned()).await.unwrap();
        let seen = failing(&db).await.unwrap();
        assert_eq!((seen[0].kind.as_str(), seen[0].last_error.as_str()), ("mail", "没有网络"));
        assert!(claim(&ctx, 1).await.unwrap().is_empty());
        ctx.clock.set(ctx.now() + back_off(1));
        let again = claim(&ctx, 1).await.unwrap().remove(0);
        assert_eq!((again.id, again.attempts), (job.id, 2));
        done(&ctx, again.id).await.unwrap();
        assert!(failing(&db).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_job_of_a_process_that_died_is_taken_over() {
    each_engine(|db| async move {
        let ctx = world(&db);
        put(&ctx, None, "mail", TimeDelta::zero()).await;
        let job = claim(&ctx, 1).await.unwrap().remove(0);
        ctx.clock.set(ctx.now() + LEASE + TimeDelta::seconds(1));
        assert_eq!(claim(&ctx, 1).await.unwrap().remove(0).id, job.id);
    })
    .await;
}

#[tokio::test]
async fn what_has_served_its_time_is_forgotten() {
    each_engine(|db| async move {
        let ctx = world(&db);
        put(&ctx, None, "mail", TimeDelta::zero()).await;
        let job = claim(&ctx, 1).await.unwrap().remove(0);
        done(&ctx, job.id).await.unwrap();
        let (now, today, request) = (ctx.now(), ctx.today(), ctx.new_id());
        db.write(move |tx| {
            Box::pin(async move {
                tx.execute("INSERT INTO prefix_day (scope, day, n) VALUES ('s', $1, 1)", vec![today.into()]).await?;
                tx.execute(
                    "INSERT INTO receipt (actor, request_id, payload_hash, result, at) VALUES ('a', $1, 'h', 'r', $2)",
                    vec![request.into(), now.into()],
                )
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
        assert_eq!(sweep(&ctx).await.unwrap(), 0);
        ctx.clock.set(now + TimeDelta::days(31));
        assert_eq!(sweep(&ctx).await.unwrap(), 3);
    })
    .await;
}
