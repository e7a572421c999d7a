//! The streams that live pages listen to.

use std::time::Duration;

use app::ids::CaseId;
use app::storage::{Change, Value};
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures::StreamExt;
use uuid::Uuid;

use crate::support::{World, product, start};

/// A topic of Shengze that has changed five times.
pub async fn case(world: &World, n: u128, public: bool) -> CaseId {
    let case = Uuid::from_u128(n);
    world
        .operator()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let id = || Value::from(case);
                tx.execute("INSERT INTO case_head (case_id, town_id, seq, head) VALUES ($1, 'shengze', 5, '')", vec![id()])
                    .await?;
                tx.execute(
                    "INSERT INTO topic (topic_id, town_id, stage, stage_version, stage_since, overdue_marked, source,
                            sent_title, title, submitted_at, moved_at, is_public, support_count, comment_count,
                            held_comments, code_hash, code_generation, demo)
                     VALUES ($1, 'shengze', 'convened', 1, $2, FALSE, 'public_solicited', '原题', '停车', $2, $2, $4, 0, 0,
                            0, $3, 0, FALSE)",
                    vec![id(), start().into(), case.to_string().into(), public.into()],
                )
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    CaseId(case)
}

pub async fn change(world: &World, case: CaseId, seq: i64) {
    world
        .operator()
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute("UPDATE case_head SET seq = $2 WHERE case_id = $1", vec![case.into(), seq.into()]).await?;
                tx.tell(Change::Case { case, town: "shengze".to_owned(), seq });
                Ok(())
            })
        })
        .await
        .unwrap();
}

async fn listen(world: &World, case: CaseId, query: &str, last: Option<&str>) -> (u16, BodyDataStream) {
    let mut request = Request::builder().uri(format!("/live/case/{case}{query}"));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = world.open(request.body(Body::empty()).unwrap()).await;
    (response.status().as_u16(), response.into_body().into_data_stream())
}

/// The next piece of a stream, or nothing when none comes.
async fn next(stream: &mut BodyDataStream) -> Option<String> {
    let piece = tokio::time::timeout(Duration::from_millis(200), stream.next()).await.ok()??;
    Some(String::from_utf8_lossy(&piece.unwrap()).into_owned())
}

#[tokio::test]
async fn whoever_was_away_is_told_at_once_and_whoever_saw_it_waits() {
    let world = product().await;
    let case = case(&world, 1, true).await;
    let at = |seq| Some(format!("event: change\nid: {seq}\ndata: {{\"seq\":{seq}}}\n\n"));
    for (query, last, expected) in [
        // What changed between the making of the page and its listening.
        ("?seen=3", None, at(5)),
        ("?seen=5", None, None),
        // The last event outweighs the page, which is older.
        ("?seen=3", Some("5"), None),
        ("?seen=5", Some("2"), at(5)),
        ("", None, None),
        ("?seen=x", None, None),
    ] {
        let (status, mut stream) = listen(&world, case, query, last).await;
        assert_eq!((status, next(&mut stream).await), (200, expected), "{query} {last:?}");
    }
    let (_, mut stream) = listen(&world, case, "?seen=5", None).await;
    change(&world, case, 6).await;
    assert_eq!(next(&mut stream).await, at(6));
}

#[tokio::test]
async fn a_visitor_follows_what_is_public_and_does_not_learn_of_the_rest() {
    let world = product().await;
    let (open, hidden) = (case(&world, 1, true).await, case(&world, 2, false).await);
    assert_eq!(listen(&world, open, "?seen=1", None).await.0, 200);
    assert_eq!(listen(&world, hidden, "?seen=1", None).await.0, 404);
    // Of another case nothing is told.
    let (_, mut stream) = listen(&world, open, "?seen=5", None).await;
    change(&world, hidden, 6).await;
    assert_eq!(next(&mut stream).await, None);
}
