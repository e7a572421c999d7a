//! Calendars that a telephone follows.

use app::plan::model::calendar_uid;
use app::storage::Value;
use chrono::Duration;
use icalendar::parser::{read_calendar, unfold};
use uuid::Uuid;

use crate::support::{World, product, start};

/// A public topic of Shengze with a meeting in ten days.
async fn meeting(world: &World, n: u128, state: &'static str) {
    let (case, meeting) = (Uuid::from_u128(n), Uuid::from_u128(n + 1000));
    let now = start();
    world
        .operator()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let id = || Value::from(case);
                tx.execute(
                    "INSERT INTO case_head (case_id, town_id, seq, head) VALUES ($1, 'shengze', 0, '')",
                    vec![id()],
                )
                .await?;
                tx.execute(
                    "INSERT INTO topic (topic_id, town_id, stage, stage_version, stage_since, overdue_marked, source,
                            sent_title, title, submitted_at, moved_at, is_public, support_count, comment_count,
                            held_comments, code_hash, code_generation, demo)
                     VALUES ($1, 'shengze', 'announced', 1, $2, FALSE, 'public_solicited', '原题', '停车；怎么定', $2, $2,
                            TRUE, 0, 0, 0, $3, 0, FALSE)",
                    vec![id(), now.into(), case.to_string().into()],
                )
                .await?;
                tx.execute(
                    "INSERT INTO meeting (meeting_id, case_id, round, state, format, starts_at, ends_at, told_starts_at,
                            told_ends_at, online_url, announced_at, urgent, cancelled_because, sequence)
                     VALUES ($1, $2, 1, $3, 'online', $4, $5, $4, $5, 'https://secret.example', $6, FALSE, $7, 2)",
                    vec![
                        meeting.into(),
                        id(),
                        state.into(),
                        (now + Duration::days(10)).into(),
                        (now + Duration::days(10) + Duration::hours(2)).into(),
                        now.into(),
                        (state == "cancelled").then_some("台风").into(),
                    ],
                )
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn the_feeds_of_district_and_town_are_calendars() {
    let world = product().await;
    let empty = world.browser().get("/calendar.ics").await;
    empty.is(200).says("BEGIN:VCALENDAR").hides("VEVENT");
    assert_eq!(empty.header("content-type"), "text/calendar; charset=utf-8");
    meeting(&world, 1, "announced").await;
    meeting(&world, 2, "cancelled").await;
    meeting(&world, 3, "approved").await;
    for (path, events) in [("/calendar.ics", 2), ("/calendar/shengze.ics", 2), ("/calendar/zhenze.ics", 0)] {
        let answer = world.browser().get(path).await;
        answer.is(200).hides("secret.example").hides("原题");
        let text = unfold(&answer.text());
        let calendar = read_calendar(&text).unwrap();
        let found: Vec<_> = calendar.components.iter().filter(|c| c.name == "VEVENT").collect();
        assert_eq!(found.len(), events, "{path}");
        if let Some(event) = found.first() {
            let value = |name: &str| event.find_prop(name).map(|p| p.val.to_string()).unwrap_or_default();
            assert_eq!(value("UID"), calendar_uid(app::ids::MeetingId(Uuid::from_u128(1001))));
            assert_eq!((value("SEQUENCE").as_str(), value("STATUS").as_str()), ("2", "CONFIRMED"));
            assert!(value("DTSTART").ends_with('Z'), "in one zone for every telephone");
            assert!(value("URL").ends_with(&format!("/topics/{}/notice", Uuid::from_u128(1))));
        }
        if let Some(event) = found.get(1) {
            assert_eq!(event.find_prop("STATUS").map(|p| p.val.to_string()).as_deref(), Some("CANCELLED"));
        }
    }
    // One that was held stays in the calendar as it was.
    meeting(&world, 4, "held").await;
    let text = unfold(&world.browser().get("/calendar.ics").await.text());
    let calendar = read_calendar(&text).unwrap();
    let uid = calendar_uid(app::ids::MeetingId(Uuid::from_u128(1004)));
    let held =
        calendar.components.iter().find(|c| c.find_prop("UID").is_some_and(|p| p.val.to_string() == uid)).unwrap();
    assert_eq!(held.find_prop("STATUS").map(|p| p.val.to_string()).as_deref(), Some("CONFIRMED"));
    for path in ["/calendar/nowhere.ics", "/calendar/shengze", "/calendar/.ics"] {
        world.browser().get(path).await.is(404);
    }
}
