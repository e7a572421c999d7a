//! Stories of the meeting's day, told on both engines.

use super::model::{How, SittingState};
use super::steps::*;
use super::testing::*;
use super::{codes, store};
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ids::InviteeId;
use crate::invitation::model::PersonForm;
use crate::ledger;
use crate::plan::public_meeting;
use crate::plan::testing::{good_plan, save};
use crate::rules::{Attendance, Category, Level};
use crate::storage::testing::each_engine;
use crate::topic::testing::World;

/// The fields that a refusal of the rules names.
fn blocked(refusal: &Refusal) -> Vec<String> {
    match refusal {
        Refusal::Blocked(findings) => {
            findings.iter().filter(|f| f.level == Level::Blocking).filter_map(|f| f.field.clone()).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn is_conflict<T: std::fmt::Debug>(result: Result<T, Refusal>) -> bool {
    matches!(result, Err(Refusal::Conflict { .. }))
}

#[tokio::test]
async fn the_door_opens_on_the_day_and_one_person_is_one_check_in() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        let day = world.ctx.now();
        world.ctx.clock.set(day - chrono::Duration::days(1));
        assert!(is_conflict(world.step(&world.officer, OpenDoor { case }).await));
        world.ctx.clock.set(day);
        let sitting = open_door(&world, case).await;
        assert_eq!(open_door(&world, case).await, sitting, "two devices open one door");

        let who = of(&world, case, Category::Public).await[0];
        let first = world.step(&world.officer, tick(case, sitting, Some(who), None)).await.unwrap();
        let second = world.step(&world.officer, tick(case, sitting, Some(who), None)).await.unwrap();
        assert_eq!((first.again, second.again), (false, true));
        assert_eq!(first.check_in, second.check_in);
        let rows: Vec<(i64,)> = db.rows("SELECT COUNT(*) FROM check_in", Vec::new()).await.unwrap();
        assert_eq!(rows[0].0, 1);
        assert_eq!(presence(&world, case).await.facts(None, "").attendance, Attendance { present: 1, expected: 14 });

        let undo = UndoCheckIn { case, sitting, check_in: first.check_in };
        world.step(&world.officer, undo.clone()).await.unwrap();
        assert!(is_conflict(world.step(&world.officer, undo).await), "taken back once");
        let again = world.step(&world.officer, tick(case, sitting, Some(who), None)).await.unwrap();
        assert!(!again.again && again.check_in != first.check_in, "the row of the wrong tick stays beside");
        // Somebody who is on no list is no check-in.
        let stranger = InviteeId(world.ctx.new_id());
        assert!(is_conflict(world.step(&world.officer, tick(case, sitting, Some(stranger), None)).await));
        assert!(is_conflict(world.step(&world.officer, tick(case, sitting, None, Some(&world.approver))).await));
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn who_is_there_checks_in_with_the_code_of_the_minute() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        let who = of(&world, case, Category::Stakeholder).await;
        let own = |invitee, code: &str| CheckInSelf { case, invitee, code: code.to_owned() };
        assert!(is_conflict(world.step(&by_link(case, who[0]), own(who[0], "0000")).await), "the door is shut");
        let sitting = open_door(&world, case).await;
        let code = codes::of_door(&world.ctx.secret, sitting, world.ctx.now());
        let wrong = if code == "1234" { "4321" } else { "1234" };
        let refused = world.step(&by_link(case, who[0]), own(who[0], wrong)).await;
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
        let other = world.step(&by_link(case, who[1]), own(who[0], &code)).await;
        assert!(matches!(other, Err(Refusal::NotFound)), "nobody checks in another: {other:?}");
        world.step(&by_link(case, who[0]), own(who[0], &code)).await.unwrap();
        world.ctx.clock.set(world.ctx.now() + chrono::Duration::minutes(2));
        let stale = world.step(&by_link(case, who[1]), own(who[1], &code)).await;
        assert!(matches!(stale, Err(Refusal::Invalid(_))), "{stale:?}");
        let people = presence(&world, case).await.people;
        let here: Vec<_> = people.iter().filter(|p| p.check_in_id.is_some()).collect();
        assert_eq!(here.len(), 1);
        assert_eq!((here[0].invitee_id, here[0].how.as_deref()), (who[0], Some(How::Own.code())));
    })
    .await;
}

#[tokio::test]
async fn an_entry_made_without_a_network_keeps_the_time_of_the_device_within_bounds() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        let sitting = open_door(&world, case).await;
        let who = of(&world, case, Category::Public).await;
        let (door, at) = (world.ctx.now(), |minutes| chrono::Duration::minutes(minutes));
        world.ctx.clock.set(door + at(10));
        for (n, said, kept) in [(0, 5, 5), (1, -60, 0), (2, 600, 10)] {
            let step = CheckIn { device_at: Some(door + at(said)), ..tick(case, sitting, Some(who[n]), None) };
            world.step(&world.officer, step).await.unwrap();
            let people = presence(&world, case).await.people;
            let person = people.iter().find(|p| p.invitee_id == who[n]).unwrap();
            assert_eq!((person.device_at, person.at), (Some(door + at(kept)), Some(door + at(10))), "{said}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_walk_in_is_let_in_and_does_not_count_for_attendance() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        let sitting = open_door(&world, case).await;
        let walk = |name: &str, category| AddWalkIn {
            case,
            sitting,
            invitee: Some(InviteeId(world.ctx.new_id())),
            person: PersonForm { category, name: name.to_owned(), ..PersonForm::default() },
        };
        let refused = world.step(&world.officer, walk("", None)).await;
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
        world.step(&world.officer, walk("来客", Some(Category::Expert))).await.unwrap();
        let facts = presence(&world, case).await.facts(None, "");
        assert_eq!(facts.attendance, Attendance { present: 0, expected: 14 });
        assert_eq!(facts.people.len(), 1, "but composition does");
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
        let leaked: Vec<(i64,)> =
            db.rows("SELECT COUNT(*) FROM ledger_entry WHERE body LIKE '%来客%'", Vec::new()).await.unwrap();
        assert_eq!(leaked[0].0, 0, "no name in the ledger");
    })
    .await;
}

#[tokio::test]
async fn each_rule_of_the_opening_refuses_and_then_lets_pass() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        assert!(blocked(&convene(&world, &world.officer, case, "").await.unwrap_err()).contains(&"chair".to_owned()));
        let sitting = open_door(&world, case).await;
        let kinds = [Category::Member, Category::Stakeholder, Category::Department];
        let mut absent = Vec::new();
        for category in kinds {
            absent.extend(of(&world, case, category).await);
        }
        all_come(&world, case, sitting, &absent).await;
        let refused = blocked(&convene(&world, &world.officer, case, "雨大").await.unwrap_err());
        assert_eq!(refused, ["time", "members", "stakeholders", "departments", "attendance"]);
        until_start(&world, case).await;
        let refused = blocked(&convene(&world, &world.officer, case, "雨大").await.unwrap_err());
        assert_eq!(refused, ["members", "stakeholders", "departments", "attendance"]);
        assert_eq!(world.case(case).await.stage(), Stage::Announced, "nothing changed");
        // One of each kind: eight of fourteen are there, under the advised share.
        for category in kinds {
            let who = of(&world, case, category).await[0];
            world.step(&world.officer, tick(case, sitting, Some(who), None)).await.unwrap();
        }
        assert_eq!(blocked(&convene(&world, &world.officer, case, " ").await.unwrap_err()), ["remark"]);
        let opened = convene(&world, &world.director, case, "雨大，路上堵，不再等了").await.unwrap();
        assert_eq!(opened, sitting);

        let now = world.case(case).await;
        assert_eq!(now.stage(), Stage::Convened);
        assert_eq!(now.waits_for.as_deref(), Some("officer"), "nothing open is without an owner");
        assert_eq!(now.due_on.unwrap().to_string(), "2026-03-26", "five workdays from the meeting");
        let kept = presence(&world, case).await.sitting.unwrap();
        assert_eq!(kept.state.0, SittingState::Open);
        assert_eq!(kept.recorded(), Some(Attendance { present: 8, expected: 14 }));
        let public = public_meeting(&db, case).await.unwrap().unwrap();
        assert_eq!(public.state.0.word(), "已召开");
        assert!(is_conflict(convene(&world, &world.officer, case, "再开一次").await), "opened once");
        // Who comes late is checked in all the same.
        let late = of(&world, case, Category::Member).await[1];
        world.step(&world.officer, tick(case, sitting, Some(late), None)).await.unwrap();
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_count_by_hand_is_made_by_another_person_than_the_one_who_opens() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        let sitting = open_door(&world, case).await;
        for official in [&world.director, &world.officer] {
            world.step(&world.officer, tick(case, sitting, None, Some(official))).await.unwrap();
        }
        let count = |present, reason: &str| CountByHand {
            case,
            sitting,
            present,
            members: 2,
            stakeholders: 3,
            departments: 1,
            reason: reason.to_owned(),
        };
        for bad in [count(10, " "), count(5, "断网")] {
            let refused = world.step(&world.director, bad).await;
            assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
        }
        let officer = world.step(&world.officer, count(10, "断网")).await;
        assert!(matches!(officer, Err(Refusal::Forbidden { .. })), "{officer:?}");
        world.step(&world.director, count(10, "断网，签不了到")).await.unwrap();
        // A wrong count is taken back, or counted anew: the newest stands.
        let withdraw = || WithdrawCount { case, sitting };
        let officer = world.step(&world.officer, withdraw()).await;
        assert!(matches!(officer, Err(Refusal::Forbidden { .. })), "{officer:?}");
        world.step(&world.director, withdraw()).await.unwrap();
        assert_eq!(presence(&world, case).await.sitting.unwrap().hand(), None);
        assert!(is_conflict(world.step(&world.director, withdraw()).await));
        world.step(&world.director, count(12, "断网，签不了到")).await.unwrap();
        world.step(&world.director, count(10, "断网，刚才数错了")).await.unwrap();
        assert_eq!(presence(&world, case).await.sitting.unwrap().hand().unwrap().present, 10);
        until_start(&world, case).await;
        assert_eq!(blocked(&convene(&world, &world.director, case, "断网").await.unwrap_err()), ["hand"]);
        convene(&world, &world.officer, case, "断网，按清点的人数").await.unwrap();
        let kept = presence(&world, case).await.sitting.unwrap();
        assert_eq!(kept.recorded(), Some(Attendance { present: 10, expected: 14 }));
        assert!(is_conflict(world.step(&world.director, withdraw()).await), "the meeting was opened on it");
    })
    .await;
}

#[tokio::test]
async fn too_few_came_is_recorded_told_and_planned_anew_with_the_same_people() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        let sitting = open_door(&world, case).await;
        let miss = |seen| MissMeeting { case, seen };
        let seen = world.case(case).await.stage_version;
        assert!(is_conflict(world.step(&world.officer, miss(seen)).await), "not before its time");
        until_start(&world, case).await;
        let who = of(&world, case, Category::Public).await;
        world.step(&world.officer, tick(case, sitting, Some(who[0]), None)).await.unwrap();
        world.step(&world.officer, miss(seen)).await.unwrap();

        let now = world.case(case).await;
        assert_eq!((now.stage(), now.waits_for.as_deref()), (Stage::Planned, Some("officer")));
        assert!(now.due_on.is_some());
        let meeting = presence(&world, case).await.day.meeting_id;
        let kept = store::newest_sitting(&db, meeting).await.unwrap().unwrap();
        assert_eq!(
            (kept.state.0, kept.recorded()),
            (SittingState::Missed, Some(Attendance { present: 1, expected: 14 }))
        );
        let public = public_meeting(&db, case).await.unwrap().unwrap();
        assert!(public.missed, "not called off");
        assert!(public.cancelled_because.unwrap().contains("1/14"), "why is public");
        let jobs: Vec<(String,)> = db.rows("SELECT kind FROM job ORDER BY job_id", Vec::new()).await.unwrap();
        assert!(jobs.iter().any(|job| job.0 == "meeting_missed"), "{jobs:?}");

        // Another day: the same list, a door of its own, nobody ticked.
        let plan = good_plan(&world).await;
        let starts_at = plan.starts_at.unwrap();
        assert_eq!(save(&world, case, plan).await, meeting);
        crate::plan::testing::approve(&world, case).await;
        let seen = crate::plan::testing::version(&world, case).await;
        world.step(&world.officer, crate::plan::steps::Announce { case, seen }).await.unwrap();
        world.ctx.clock.set(starts_at);
        let next = open_door(&world, case).await;
        assert_ne!(next, sitting);
        let there = presence(&world, case).await;
        assert!(there.people.iter().all(|p| p.check_in_id.is_none()));
        assert_eq!(there.sitting.unwrap().no, 2);
        all_come(&world, case, next, &[]).await;
        let seen = world.case(case).await.stage_version;
        assert!(is_conflict(world.step(&world.officer, miss(seen)).await), "enough are there");
        convene(&world, &world.officer, case, "").await.unwrap();
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn nobody_opened_the_door_and_the_case_still_goes_on() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        world.pass_days(1);
        let seen = world.case(case).await.stage_version;
        world.step(&world.officer, MissMeeting { case, seen }).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Planned);
    })
    .await;
}

#[tokio::test]
async fn a_meeting_is_suspended_goes_on_and_is_closed_once() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        assert!(is_conflict(world.step(&world.officer, ResumeMeeting { case, sitting }).await));
        world.step(&world.officer, PauseMeeting { case, sitting }).await.unwrap();
        assert!(is_conflict(world.step(&world.officer, PauseMeeting { case, sitting }).await));
        let from = world.ctx.now();
        world.ctx.clock.set(from + chrono::Duration::minutes(10));
        world.step(&world.director, ResumeMeeting { case, sitting }).await.unwrap();
        assert_eq!(store::pauses(&db, sitting).await.unwrap(), [(from, Some(world.ctx.now()))]);
        world.step(&world.officer, PauseMeeting { case, sitting }).await.unwrap();
        world.step(&world.officer, CloseMeeting { case, sitting }).await.unwrap();
        assert!(is_conflict(world.step(&world.officer, CloseMeeting { case, sitting }).await));
        let kept = presence(&world, case).await.sitting.unwrap();
        assert_eq!((kept.state.0, kept.closed_at), (SittingState::Closed, Some(world.ctx.now())));
        assert!(store::pauses(&db, sitting).await.unwrap().iter().all(|(_, until)| until.is_some()));
        assert_eq!(world.case(case).await.stage(), Stage::Convened, "until the minutes are signed");
        let late = world.step(&world.officer, tick(case, sitting, None, Some(&world.director))).await;
        assert!(is_conflict(late), "nobody comes to a meeting that is over");
    })
    .await;
}
