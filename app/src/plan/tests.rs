//! Stories of plan and announcement, told on both engines.

use chrono::Duration;

use crate::access::{Actor, Grant, Role};
use crate::case::stage::Stage;
use crate::case::store as cases;
use crate::error::Refusal;
use crate::ids::{CaseId, FileId};
use crate::ledger;
use crate::plan::model::{ConsultationPlan, MeetingState};
use crate::plan::steps::*;
use crate::plan::testing::*;
use crate::plan::{public_meeting, public_meetings, store};
use crate::research::model::Visit;
use crate::research::steps::{FileResearch, SaveReport};
use crate::research::testing::{report, visit};
use crate::rules::{Category, Level, MeetingFormat, PlanException};
use crate::storage::Database;
use crate::storage::testing::each_engine;
use crate::topic::model::Edition;
use crate::topic::steps::{ReviseEdition, SuspendTopic};
use crate::topic::testing::{TOWN, World, person};
use crate::town::tests::{html, request};

/// Whether a refusal names a field.
fn names(refusal: &Refusal, field: &str) -> bool {
    match refusal {
        Refusal::Blocked(findings) => {
            findings.iter().any(|f| f.level == Level::Blocking && f.field.as_deref() == Some(field))
        }
        Refusal::Invalid(errors) => errors.iter().any(|e| e.field == field),
        _ => false,
    }
}

async fn state(world: &World, case: CaseId) -> MeetingState {
    store::meeting(&world.ctx.db, case).await.unwrap().unwrap().state.0
}

/// The same person with one more role in the town.
fn also(actor: &Actor, role: Role) -> Actor {
    let mut both = actor.clone();
    if let Actor::Signed(signed, _) = &mut both {
        signed.grants.push(Grant { role, town: Some(TOWN.to_owned()), unit: None });
    }
    both
}

/// The page of the plan as somebody sees it.
async fn page_of(world: &World, actor: &Actor, case: CaseId) -> String {
    let mut request = request(&world.ctx.acting_as(actor.clone()), "/", "");
    request.params.insert("id".to_owned(), case.to_string());
    html(crate::plan::pages::plan(&request).await.unwrap())
}

async fn announce(world: &World, case: CaseId) -> Result<(), Refusal> {
    let seen = version(world, case).await;
    world.step(&world.officer, Announce { case, seen }).await.map(drop)
}

/// The jobs about the meeting; that the case moved on is told on its own.
async fn jobs(db: &Database) -> Vec<(String, String)> {
    db.rows("SELECT kind, payload FROM job WHERE kind <> 'case_progress' ORDER BY job_id", Vec::new()).await.unwrap()
}

#[tokio::test]
async fn a_plan_is_saved_approved_and_announced() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let meeting = save(&world, case, good_plan(&world).await).await;
        assert_eq!(world.case(case).await.waits_for.as_deref(), Some("director"));
        list(&world, case, meeting, &ALL_SIDES).await;
        assert!(public_meeting(&db, case).await.unwrap().is_none(), "a plan is nobody's business");
        approve(&world, case).await;
        assert_eq!(state(&world, case).await, MeetingState::Approved);
        assert_eq!(world.case(case).await.waits_for.as_deref(), Some("officer"));
        announce(&world, case).await.unwrap();

        let now = world.case(case).await;
        assert_eq!(now.stage(), Stage::Announced);
        assert_eq!(now.due_on.unwrap().to_string(), "2026-03-19", "the day of the meeting");
        let public = public_meeting(&db, case).await.unwrap().unwrap();
        assert_eq!((public.meeting_id, public.sequence, public.urgent), (meeting, 0, false));
        let states: Vec<(String, i64)> =
            db.rows("SELECT state, COUNT(*) FROM invitee GROUP BY state", Vec::new()).await.unwrap();
        assert_eq!(states, [("invited".to_owned(), 14)]);
        let pool = store::seat_pool(&db, meeting).await.unwrap();
        assert_eq!((pool[0].category, pool[0].seats, pool[0].left), (Category::Public, 3, 3));
        assert_eq!(jobs(&db).await, [("announce".to_owned(), format!("{{\"meeting\":\"{meeting}\"}}"))]);
        assert!(store::materials(&db, case).await.unwrap()[0].released);
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);

        // No material comes after the announcement.
        let more =
            ConsultationPlan { materials: vec![material(&world, "补充.pdf").await], ..good_plan(&world).await };
        let refused = world.step(&world.officer, SavePlan { case, seen: 1, plan: more, hand_over: false }).await;
        assert!(refused.unwrap_err().sentence().contains("换材料的，改期时勾上"));
        assert_eq!(store::materials(&db, case).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn each_rule_of_the_announcement_refuses_and_then_lets_pass() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let good = good_plan(&world).await;
        let bad: Vec<(&str, ConsultationPlan)> = vec![
            ("agenda_speak", {
                let mut plan = good.clone();
                plan.agenda[3].minutes = 0;
                plan
            }),
            ("agenda_brief", ConsultationPlan { minutes: 100, ..good.clone() }),
            ("chair", ConsultationPlan { chair: None, ..good.clone() }),
            ("recorder", ConsultationPlan { recorder: good.chair, ..good.clone() }),
            ("room", ConsultationPlan { room: None, ..good.clone() }),
            ("online_url", ConsultationPlan { format: Some(MeetingFormat::Hybrid), ..good.clone() }),
            ("notice", ConsultationPlan { notice: " ".to_owned(), ..good.clone() }),
            ("notice", ConsultationPlan { notice: "有事打 13812345678".to_owned(), ..good.clone() }),
            ("agenda_ask_words", {
                let mut plan = good.clone();
                plan.agenda[1].words = "问的人先报 32058419800101123X".to_owned();
                plan
            }),
        ];
        for (field, plan) in bad {
            let meeting = save(&world, case, plan).await;
            let seen = version(&world, case).await;
            let refused = world.step(&world.director, ApprovePlan { case, seen, reason: "同意".to_owned() }).await;
            assert!(names(&refused.as_ref().unwrap_err().clone(), field), "{field} when approving: {refused:?}");
            let refused = announce(&world, case).await.unwrap_err();
            assert!(names(&refused, field) && names(&refused, "approve"), "{field}: {refused:?}");
            assert_eq!(store::meeting(&db, case).await.unwrap().unwrap().meeting_id, meeting, "one meeting");
        }
        // Approved, but nobody asked and nothing attached, and too soon.
        let soon = ConsultationPlan {
            materials: Vec::new(),
            starts_at: Some(world.ctx.now() + Duration::days(4)),
            ..good.clone()
        };
        let meeting = save(&world, case, soon).await;
        approve(&world, case).await;
        let refused = announce(&world, case).await.unwrap_err();
        for field in ["people", "materials", "date"] {
            assert!(names(&refused, field), "{field}: {refused:?}");
        }
        assert_eq!(world.case(case).await.stage(), Stage::Planned, "nothing changed");
        let good = ConsultationPlan { starts_at: Some(world.ctx.now() + Duration::days(5)), ..good };
        save(&world, case, good).await;
        list(&world, case, meeting, &ALL_SIDES).await;
        let refused = announce(&world, case).await.unwrap_err();
        assert!(names(&refused, "approve"), "a changed plan is not approved any more: {refused:?}");
        approve(&world, case).await;
        announce(&world, case).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_prepared_the_plan_neither_approves_it_nor_lets_an_exception_pass() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        // One person with both hats.
        let both = also(&world.officer, Role::Director);
        let plan = ConsultationPlan { urgent_reason: "汛期将到".to_owned(), ..good_plan(&world).await };
        save(&world, case, plan).await;
        let reason = "同意".to_owned();
        let refused = world.step(&both, ApprovePlan { case, seen: 1, reason: reason.clone() }).await.unwrap_err();
        assert!(names(&refused, "approve"), "{refused:?}");
        let what = Some(PlanException::Urgent);
        let step = AllowException { case, seen: 1, what, reason: reason.clone() };
        assert!(names(&world.step(&both, step).await.unwrap_err(), "reason"));
        // The officer alone has not the role; the director has.
        let step = ApprovePlan { case, seen: 1, reason: reason.clone() };
        assert!(matches!(world.step(&world.officer, step.clone()).await, Err(Refusal::Forbidden { .. })));
        world.step(&world.director, step.clone()).await.unwrap();
        assert!(matches!(world.step(&world.director, step).await, Err(Refusal::Conflict { .. })), "approved once");
    })
    .await;
}

#[tokio::test]
async fn whoever_had_a_hand_in_the_plan_does_not_approve_it() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let both = also(&world.director, Role::Officer);
        let plan = ConsultationPlan { urgent_reason: "汛期将到".to_owned(), ..good_plan(&world).await };
        let first = SavePlan { case, seen: 0, plan: plan.clone(), hand_over: false };
        let meeting = world.step(&both, first).await.unwrap();
        save(&world, case, ConsultationPlan { division: "网格员发通知".to_owned(), ..plan.clone() }).await;
        let reason = "同意".to_owned();
        let step = ApprovePlan { case, seen: 2, reason: reason.clone() };
        let refused = world.step(&both, step.clone()).await.unwrap_err();
        assert!(names(&refused, "approve"), "{refused:?}");
        let allow = AllowException { case, seen: 2, what: Some(PlanException::Urgent), reason: reason.clone() };
        assert!(names(&world.step(&both, allow).await.unwrap_err(), "reason"));
        let page = page_of(&world, &both, case).await;
        assert!(page.contains("自己存过这份方案"), "the page says the same as the gate: {page}");
        let other = person(&world.ctx, "director2", Role::Director, Some(TOWN)).await;
        world.step(&other, step).await.unwrap();
        list(&world, case, meeting, &ALL_SIDES).await;
        world.pass_days(1);
        announce(&world, case).await.unwrap();

        // What people were told is settled; a plan that somebody else makes anew is another matter.
        let soon = ConsultationPlan { starts_at: Some(world.ctx.now() + Duration::days(4)), ..plan.clone() };
        assert_eq!(world.step(&world.officer, moving(case, 2, &soon)).await.unwrap(), Moved::Planning);
        save(&world, case, ConsultationPlan { starts_at: Some(world.ctx.now() + Duration::days(8)), ..plan }).await;
        world.step(&both, ApprovePlan { case, seen: 4, reason }).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_is_sent_back_waits_for_the_officer() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        save(&world, case, good_plan(&world).await).await;
        for reason in [" ", &"长".repeat(10_000)] {
            let step = SendBackPlan { case, seen: 1, reason: reason.to_owned() };
            assert!(names(&world.step(&world.director, step).await.unwrap_err(), "reason"));
        }
        let back = SendBackPlan { case, seen: 1, reason: "少请一个部门".to_owned() };
        world.step(&world.director, back.clone()).await.unwrap();
        assert_eq!(world.case(case).await.waits_for.as_deref(), Some("officer"));
        let again = world.step(&world.director, back).await.unwrap_err();
        assert!(matches!(again, Refusal::Conflict { .. }), "once: {again:?}");
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn exceptions_pass_shares_and_the_short_notice_but_no_minimum() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = ConsultationPlan {
            starts_at: Some(world.ctx.now() + Duration::days(1)),
            urgent_reason: "台风后两天内要定".to_owned(),
            shares_reason: "村民大多外出".to_owned(),
            ..good_plan(&world).await
        };
        let meeting = save(&world, case, plan.clone()).await;
        // Enough people, too few of the public.
        let people = [
            (Category::Member, 4),
            (Category::Stakeholder, 2),
            (Category::Department, 2),
            (Category::Expert, 1),
            (Category::Village, 1),
        ];
        list(&world, case, meeting, &people).await;
        approve(&world, case).await;
        let refused = announce(&world, case).await.unwrap_err();
        assert!(names(&refused, "people") && names(&refused, "urgent_reason"), "{refused:?}");

        let allow = |what| AllowException { case, seen: 1, what, reason: "情况属实".to_owned() };
        assert!(names(&world.step(&world.director, allow(None)).await.unwrap_err(), "what"));
        world.step(&world.director, allow(Some(PlanException::Shares))).await.unwrap();
        let refused = announce(&world, case).await.unwrap_err();
        assert!(!names(&refused, "people") && names(&refused, "urgent_reason"), "{refused:?}");
        world.step(&world.director, allow(Some(PlanException::Urgent))).await.unwrap();
        // A changed plan asks anew.
        save(&world, case, ConsultationPlan { division: "另行分工".to_owned(), ..plan }).await;
        approve(&world, case).await;
        assert!(names(&announce(&world, case).await.unwrap_err(), "people"));
        for what in [PlanException::Shares, PlanException::Urgent] {
            let step = AllowException { case, seen: 2, what: Some(what), reason: "情况属实".to_owned() };
            world.step(&world.director, step).await.unwrap();
        }
        announce(&world, case).await.unwrap();
        assert!(public_meeting(&db, case).await.unwrap().unwrap().urgent);
        let (entry,): (String,) = db
            .row("SELECT body FROM ledger_entry WHERE stream LIKE 'case:%' ORDER BY seq DESC LIMIT 1", Vec::new())
            .await
            .unwrap()
            .unwrap();
        assert!(entry.contains("\"shares_excepted\":true") && entry.contains("\"urgent\":true"), "{entry}");

        // Minimum numbers know no exception.
        let other = planned(&world, "镇东五区绿化").await;
        let plan = ConsultationPlan {
            shares_reason: "人难请".to_owned(),
            starts_at: Some(world.ctx.now() + Duration::days(20)),
            ..good_plan(&world).await
        };
        let meeting = save(&world, other, plan).await;
        list(&world, other, meeting, &[(Category::Member, 2)]).await;
        approve(&world, other).await;
        let step =
            AllowException {
                case: other, seen: 1, what: Some(PlanException::Shares), reason: "情况属实".to_owned()
            };
        world.step(&world.director, step).await.unwrap();
        assert!(names(&announce(&world, other).await.unwrap_err(), "people"));
    })
    .await;
}

#[tokio::test]
async fn the_second_officer_gets_the_difference() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = good_plan(&world).await;
        save(&world, case, plan.clone()).await;
        let theirs = ConsultationPlan { minutes: 90, ..plan.clone() };
        world.step(&world.officer, SavePlan { case, seen: 1, plan: theirs, hand_over: false }).await.unwrap();
        let yours = ConsultationPlan { division: "网格员发通知".to_owned(), ..plan };
        let step = SavePlan { case, seen: 1, plan: yours, hand_over: false };
        let Err(Refusal::Conflict { differences, .. }) = world.step(&world.officer, step).await else {
            panic!("the second save must be refused");
        };
        let labels: Vec<&str> = differences.iter().map(|d| d.label.as_str()).collect();
        assert_eq!(labels, ["时间", "分工"]);
    })
    .await;
}

#[tokio::test]
async fn two_meetings_never_hold_one_room_at_one_time() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let first = planned(&world, "镇东五区停车").await;
        let second = planned(&world, "镇东五区绿化").await;
        let plan = good_plan(&world).await;
        let save_one = |case, plan: &ConsultationPlan| {
            world.step(&world.officer, SavePlan { case, seen: 0, plan: plan.clone(), hand_over: false })
        };
        let (a, b) = tokio::join!(save_one(first, &plan), save_one(second, &plan));
        assert!(a.is_ok() != b.is_ok(), "exactly one of them: {a:?} {b:?}");
        assert!(names(&a.and(b).unwrap_err(), "room"));
        let loser = if store::meeting(&db, first).await.unwrap().is_some() { second } else { first };
        // Right after it, in another room, or by network: no conflict.
        let start = plan.starts_at.unwrap();
        let overlapping = ConsultationPlan { starts_at: Some(start + Duration::minutes(119)), ..plan.clone() };
        assert!(names(&save_one(loser, &overlapping).await.unwrap_err(), "room"));
        let after = ConsultationPlan { starts_at: Some(start + Duration::minutes(120)), ..plan };
        save_one(loser, &after).await.unwrap();
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

fn moving(case: CaseId, seen: i64, plan: &ConsultationPlan) -> MoveMeeting {
    MoveMeeting {
        case,
        seen,
        starts_at: plan.starts_at,
        minutes: plan.minutes,
        room: plan.room,
        room_name: plan.room_name.clone(),
        online_url: plan.online_url.clone(),
        topic_changed: false,
        reason: "主持人出差".to_owned(),
    }
}

#[tokio::test]
async fn another_day_restarts_the_clock_another_room_does_not() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = good_plan(&world).await;
        plan_and_announce(&world, case, plan.clone()).await;
        let announced = public_meeting(&db, case).await.unwrap().unwrap().announced_at;
        world.pass_days(1);

        // Nothing changed, no reason, no words for the public with a mobile number.
        assert!(names(&world.step(&world.officer, moving(case, 1, &plan)).await.unwrap_err(), "date"));
        let later = ConsultationPlan { starts_at: plan.starts_at.map(|at| at + Duration::days(7)), ..plan.clone() };
        let seen = world.case(case).await.stage_version;
        for reason in ["", "问 13812345678", "32058419800101123X 出差", &"长".repeat(10_000)] {
            let reason = reason.to_owned();
            let step = MoveMeeting { reason: reason.clone(), ..moving(case, 1, &later) };
            assert!(names(&world.step(&world.officer, step).await.unwrap_err(), "reason"));
            let step = CancelMeeting { case, seen, reason };
            assert!(names(&world.step(&world.officer, step).await.unwrap_err(), "reason"));
        }

        // Another room.
        let (room, room_name) = rooms(&world).await.swap_remove(1);
        let elsewhere = ConsultationPlan { room: Some(room), room_name, ..plan.clone() };
        assert_eq!(world.step(&world.officer, moving(case, 1, &elsewhere)).await.unwrap(), Moved::Room);
        let public = public_meeting(&db, case).await.unwrap().unwrap();
        assert_eq!((public.announced_at, public.sequence), (announced, 1), "the notice goes on");

        // A later day that leaves enough notice.
        let later = ConsultationPlan { starts_at: later.starts_at, ..elsewhere.clone() };
        assert_eq!(world.step(&world.officer, moving(case, 2, &later)).await.unwrap(), Moved::Announced);
        let public = public_meeting(&db, case).await.unwrap().unwrap();
        assert_eq!((public.announced_at, public.sequence), (world.ctx.now(), 2), "the notice begins anew");
        assert_eq!(world.case(case).await.due_on.unwrap().to_string(), "2026-03-26");

        // An earlier day that does not.
        let soon = ConsultationPlan { starts_at: Some(world.ctx.now() + Duration::days(4)), ..later };
        assert_eq!(world.step(&world.officer, moving(case, 3, &soon)).await.unwrap(), Moved::Planning);
        assert_eq!(world.case(case).await.stage(), Stage::Planned);
        assert_eq!(state(&world, case).await, MeetingState::Planning);
        let kinds: Vec<String> = jobs(&db).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["announce", "meeting_changed", "meeting_changed", "meeting_changed"]);

        // Announced again, for a day that leaves enough.
        let again = ConsultationPlan { starts_at: Some(world.ctx.now() + Duration::days(5)), ..soon };
        save(&world, case, again).await;
        approve(&world, case).await;
        announce(&world, case).await.unwrap();
        assert_eq!(public_meeting(&db, case).await.unwrap().unwrap().sequence, 4);
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_moved_meeting_is_checked_like_a_saved_plan() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = good_plan(&world).await;
        plan_and_announce(&world, case, plan.clone()).await;
        let now = world.ctx.now();
        let at = |starts_at| ConsultationPlan { starts_at, ..plan.clone() };
        let lasting = |minutes| ConsultationPlan { minutes, ..plan.clone() };
        let by = |url: &str| ConsultationPlan { online_url: url.to_owned(), ..plan.clone() };
        for (field, bad) in [
            ("date", at("9999-12-01T06:00:00Z".parse().ok())),
            ("date", at(Some(now + Duration::days(367)))),
            ("minutes", lasting(0)),
            ("minutes", lasting(24 * 60 + 1)),
            ("minutes", lasting(119)),
            ("online_url", by("javascript:alert(1)")),
            ("online_url", by(&format!("https://{}", "x".repeat(1000)))),
        ] {
            let refused = world.step(&world.officer, moving(case, 1, &bad)).await.unwrap_err();
            assert!(matches!(refused, Refusal::Invalid(_)) && names(&refused, field), "{field}: {refused:?}");
        }
        let later = at(Some(now + Duration::days(366)));
        let long = MoveMeeting { reason: "长".repeat(1001), ..moving(case, 1, &later) };
        assert!(names(&world.step(&world.officer, long).await.unwrap_err(), "reason"));
        assert_eq!(version(&world, case).await, 1, "nothing was changed");

        // Where the agenda does not fit any more, the sentence says where it is changed; that way is open.
        let shorter = lasting(119);
        let Err(Refusal::Invalid(errors)) = world.step(&world.officer, moving(case, 1, &shorter)).await else {
            panic!("the agenda does not fit");
        };
        assert!(errors[0].sentence.contains("120 分钟") && errors[0].sentence.contains("要商量的内容也变了"));
        let step = MoveMeeting { topic_changed: true, ..moving(case, 1, &shorter) };
        assert_eq!(world.step(&world.officer, step).await.unwrap(), Moved::Planning);
    })
    .await;
}

#[tokio::test]
async fn on_the_day_itself_the_room_stays() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = ConsultationPlan {
            starts_at: Some(world.ctx.now() + Duration::hours(5 * 24 + 4)),
            ..good_plan(&world).await
        };
        plan_and_announce(&world, case, plan.clone()).await;
        let (room, room_name) = rooms(&world).await.swap_remove(1);
        let elsewhere = ConsultationPlan { room: Some(room), room_name, ..plan };
        world.pass_days(5);
        let refused = world.step(&world.officer, moving(case, 1, &elsewhere)).await.unwrap_err();
        assert!(names(&refused, "room"), "{refused:?}");
        world.pass_days(-1);
        world.step(&world.officer, moving(case, 1, &elsewhere)).await.unwrap();

        // A town that wants two days for it.
        let two = "[notice]\nroom_change_days = 2\n";
        crate::town::rules::load_version(&world.ctx, Some(TOWN), two, None, None).await.unwrap();
        let other = planned(&world, "镇东五区绿化").await;
        let plan = ConsultationPlan {
            starts_at: Some(world.ctx.now() + Duration::hours(5 * 24 + 8)),
            ..good_plan(&world).await
        };
        plan_and_announce(&world, other, plan.clone()).await;
        let (room, room_name) = rooms(&world).await.swap_remove(1);
        let elsewhere = ConsultationPlan { room: Some(room), room_name, ..plan };
        world.pass_days(4);
        let Err(Refusal::Invalid(errors)) = world.step(&world.officer, moving(other, 1, &elsewhere)).await else {
            panic!("one day is left");
        };
        assert!(errors[0].field == "room" && errors[0].sentence.contains("会前 2 天"), "{errors:?}");
        world.pass_days(-1);
        world.step(&world.officer, moving(other, 1, &elsewhere)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_changed_matter_restarts_the_clock_on_the_same_day() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = good_plan(&world).await;
        plan_and_announce(&world, case, plan.clone()).await;
        world.pass_days(6);
        let step = MoveMeeting { topic_changed: true, ..moving(case, 1, &plan) };
        assert_eq!(world.step(&world.officer, step).await.unwrap(), Moved::Planning, "four days are left");
    })
    .await;
}

#[tokio::test]
async fn of_two_who_change_an_announced_meeting_the_second_looks_first() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = good_plan(&world).await;
        plan_and_announce(&world, case, plan.clone()).await;
        let seen = world.case(case).await.stage_version;
        let cancel = CancelMeeting { case, seen, reason: "台风".to_owned() };
        let (room, room_name) = rooms(&world).await.swap_remove(1);
        let elsewhere = ConsultationPlan { room: Some(room), room_name, ..plan.clone() };
        let later = ConsultationPlan { starts_at: plan.starts_at.map(|at| at + Duration::days(7)), ..plan };
        // Another room, another day: each stays announced, and the page of before decides nothing.
        for (version, (changed, became)) in (1_i64..).zip([(&elsewhere, Moved::Room), (&later, Moved::Announced)]) {
            assert_eq!(world.step(&world.officer, moving(case, version, changed)).await.unwrap(), became);
            let refused = world.step(&world.officer, cancel.clone()).await;
            assert!(matches!(refused, Err(Refusal::Conflict { .. })), "{refused:?}");
            let hold = SuspendTopic { case, seen, reason: "等方案".to_owned(), review_on: None };
            assert!(matches!(world.step(&world.director, hold).await, Err(Refusal::Conflict { .. })));
            assert_eq!(state(&world, case).await, MeetingState::Announced);
        }

        // Both at once, from the same page.
        let seen = world.case(case).await.stage_version;
        let (a, b) = tokio::join!(
            world.step(&world.officer, moving(case, 3, &elsewhere)),
            world.step(&world.officer, CancelMeeting { seen, ..cancel })
        );
        assert!(a.is_ok() != b.is_ok(), "exactly one of them: {a:?} {b:?}");
        let refused = a.map(drop).and(b).unwrap_err();
        assert!(matches!(refused, Refusal::Conflict { .. }), "{refused:?}");
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_meeting_frees_its_room_and_can_be_planned_again() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let plan = good_plan(&world).await;
        let meeting = plan_and_announce(&world, case, plan.clone()).await;
        let seen = world.case(case).await.stage_version;
        let cancel = |reason: &str| CancelMeeting { case, seen, reason: reason.to_owned() };
        assert!(names(&world.step(&world.officer, cancel("")).await.unwrap_err(), "reason"));
        world.step(&world.officer, cancel("台风")).await.unwrap();
        assert!(matches!(world.step(&world.officer, cancel("台风")).await, Err(Refusal::Conflict { .. })));
        assert_eq!(world.case(case).await.stage(), Stage::Planned);
        let public = public_meeting(&db, case).await.unwrap().unwrap();
        assert_eq!(public.state.0, MeetingState::Cancelled);
        assert_eq!(public.cancelled_because.as_deref(), Some("台风"));
        assert!(jobs(&db).await.iter().any(|job| job.0 == "meeting_cancelled"));

        let other = planned(&world, "镇东五区绿化").await;
        save(&world, other, plan.clone()).await;
        let later = ConsultationPlan { starts_at: plan.starts_at.map(|at| at + Duration::days(1)), ..plan };
        assert_eq!(save(&world, case, later).await, meeting, "the same meeting with its list of people");
        approve(&world, case).await;
        announce(&world, case).await.unwrap();
        assert_eq!(public_meeting(&db, case).await.unwrap().unwrap().sequence, 2);
    })
    .await;
}

#[tokio::test]
async fn calendars_list_what_was_announced_and_nothing_else() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (from, to) = (world.ctx.now(), world.ctx.now() + Duration::days(40));
        let shown = |town: Option<&'static str>| {
            let db = db.clone();
            async move {
                let rows = public_meetings(&db, (from, to), town, 100).await.unwrap();
                rows.into_iter().map(|m| m.title).collect::<Vec<_>>()
            }
        };
        let a = planned(&world, "镇东五区停车").await;
        let b = planned(&world, "镇东五区绿化").await;
        let plan = good_plan(&world).await;
        plan_and_announce(&world, a, plan.clone()).await;
        let later = ConsultationPlan { starts_at: plan.starts_at.map(|at| at + Duration::days(1)), ..plan.clone() };
        save(&world, b, later).await;
        assert_eq!(shown(None).await, ["镇东五区停车"]);
        assert_eq!(shown(Some("shengze")).await, ["镇东五区停车"]);
        assert!(shown(Some("zhenze")).await.is_empty());
        assert_eq!(store::next_meeting(&db, from, None).await.unwrap(), plan.starts_at);
        // On hold: not listed. Those who are invited are told first.
        let seen = world.case(a).await.stage_version;
        let hold = |seen| SuspendTopic { case: a, seen, reason: "等方案".to_owned(), review_on: None };
        let refused = world.step(&world.director, hold(seen)).await.unwrap_err();
        assert!(refused.sentence().contains("取消会议"), "{refused:?}");
        assert_eq!(shown(None).await, ["镇东五区停车"]);
        world.step(&world.officer, CancelMeeting { case: a, seen, reason: "等方案".to_owned() }).await.unwrap();
        assert_eq!(shown(None).await, ["镇东五区停车"], "called off is said");
        let seen = world.case(a).await.stage_version;
        world.step(&world.director, hold(seen)).await.unwrap();
        assert!(shown(None).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_file_of_another_part_of_the_case_is_no_material_and_stays_inside() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researching("镇东五区停车", &world.officer).await;
        let photo = material(&world, "现场.pdf").await;
        world.visited(&world.officer, case, Visit { files: vec![photo], ..visit(&world) }).await;
        world.step(&world.officer, SaveReport { case, seen: 0, report: report() }).await.unwrap();
        world.step(&world.officer, FileResearch { case, seen: 1 }).await.unwrap();

        // Sent again under its name it is the file that the case has.
        assert_eq!(material(&world, "现场.pdf").await, photo);
        let good = good_plan(&world).await;
        let with = |files: &[FileId]| ConsultationPlan { materials: files.to_vec(), ..good.clone() };
        let plan = with(&[good.materials[0], photo]);
        let step = SavePlan { case, seen: 0, plan, hand_over: false };
        let Err(Refusal::Invalid(errors)) = world.step(&world.officer, step).await else {
            panic!("a photo of a visit is no material");
        };
        assert_eq!((errors.len(), errors[0].field.as_str()), (1, "materials"));
        assert!(errors[0].sentence.contains("第 2 份") && errors[0].sentence.contains("改个文件名"), "{errors:?}");
        assert!(store::materials(&db, case).await.unwrap().is_empty());

        // Under another name it is another file: shown as a material, while the photo stays inside.
        let renamed = material(&world, "门口.pdf").await;
        plan_and_announce(&world, case, with(&[renamed])).await;
        let shown = store::materials(&db, case).await.unwrap();
        assert_eq!(shown.iter().map(|m| m.file_id).collect::<Vec<_>>(), [renamed]);
        let anybody = crate::topic::testing::visitor("anybody");
        assert!(world.may_have(&anybody, renamed).await && !world.may_have(&anybody, photo).await);
    })
    .await;
}

#[tokio::test]
async fn a_new_edition_of_the_topic_leaves_the_materials_public() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        plan_and_announce(&world, case, good_plan(&world).await).await;
        let edition =
            Edition { title: "镇东五区停车".to_owned(), matter: "停不下".to_owned(), ..Edition::default() };
        let seen = cases::versions::<Edition>(&db, case).await.unwrap()[0].version;
        world
            .step(&world.officer, ReviseEdition { case, seen, edition, reason: "写清楚时段".to_owned() })
            .await
            .unwrap();
        assert!(store::materials(&db, case).await.unwrap()[0].released);
        assert!(store::materials(&db, case).await.unwrap().len() == 1);
    })
    .await;
}
