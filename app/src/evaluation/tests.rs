//! Stories: what the people concerned say, what follows, and what comes back.

use chrono::Days;

use super::clock;
use super::model::{Question, Satisfaction};
use super::steps::{
    AllowSample, Answers, AskReopening, AskSample, DecideReopening, RecordJudgement, Redo, RedoHandling,
};
use super::store;
use super::testing::{all, answer, answered, asked, close, closed, finish, judges};
use crate::access::{Actor, Role};
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ids::{AssignmentId, CaseId, ReopeningId};
use crate::ledger::verify;
use crate::meeting::testing::{by_link, of};
use crate::rules::{Category, ResultClass, Verdict};
use crate::storage::testing::each_engine;
use crate::task::model::TaskState;
use crate::task::testing::{done, the_task, tracked};
use crate::topic::testing::{World, sentence, stops, visitor};
use crate::town::tests::{html, request};

fn proposer(case: CaseId) -> Actor {
    Actor::Proposer { case, visitor: crate::access::Visitor::default() }
}

fn redo(world: &World, tasks: Vec<AssignmentId>) -> Redo {
    Redo {
        tasks,
        words: "再划十个，把灯也装上".to_owned(),
        due_on: Some(world.ctx.today() + Days::new(30)),
        ..Redo::default()
    }
}

async fn send_back(world: &World, by: &Actor, case: CaseId, tasks: Vec<AssignmentId>) -> Result<(), Refusal> {
    let seen = world.case(case).await.stage_version;
    world.step(by, RedoHandling { case, seen, redo: redo(world, tasks) }).await
}

#[tokio::test]
async fn people_are_asked_when_all_is_verified_and_not_before() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        assert_eq!(stops(finish(&world, case).await), ["tasks"]);
        done(&world, &handler, (case, task), ResultClass::InProgress).await;
        let seen = world.case(case).await.stage_version;
        let undated = super::steps::FinishTracking { case, seen, lookbacks: std::collections::BTreeMap::new() };
        assert_eq!(stops(world.step(&world.officer, undated).await), ["lookback_1"]);
        finish(&world, case).await.unwrap();
        let survey = store::newest(&db, case).await.unwrap().unwrap();
        assert_eq!((world.case(case).await.stage(), survey.needed), (Stage::Evaluating, 7), "half of fourteen");
        assert!(the_task(&world, case).await.lookback_on.is_some());
    })
    .await;
}

#[tokio::test]
async fn each_answers_once_and_the_case_closes_on_what_they_say() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, ..) = asked(&world, ResultClass::Solved).await;
        assert!(stops(close(&world, case).await).contains(&"survey".to_owned()));
        let unfinished = Answers { chosen: vec![(Question::Handling, Satisfaction::Mostly)], words: String::new() };
        assert!(matches!(answer(&world, &proposer(case), case, unfinished).await, Err(Refusal::Invalid(_))));
        let said = Answers { words: "晚上好停多了".to_owned(), ..all(Satisfaction::Satisfied) };
        answer(&world, &proposer(case), case, said).await.unwrap();
        let again = answer(&world, &proposer(case), case, all(Satisfaction::Not)).await;
        assert!(sentence(again).contains("每人一次"));
        assert!(matches!(
            answer(&world, &visitor("anybody"), case, all(Satisfaction::Not)).await,
            Err(Refusal::NotFound)
        ));
        answered(&world, case, Satisfaction::Satisfied).await;
        let survey = store::newest(&db, case).await.unwrap().unwrap();
        let counts = store::counts(&db, survey.survey_id).await.unwrap();
        assert_eq!(counts.judgements(Question::Handling).satisfied, survey.answers);
        assert_eq!(store::words(&db, survey.survey_id).await.unwrap(), ["晚上好停多了"]);
        close(&world, case).await.unwrap();
        let found = world.case(case).await;
        assert_eq!((found.stage(), found.looked_back), (Stage::Closed, false));
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

/// Every row of every table of a survey, as text.
async fn rows(world: &World, case: CaseId) -> String {
    let db = &world.ctx.db;
    let voters: Vec<(String,)> = db.rows("SELECT voter FROM survey_voter ORDER BY voter", Vec::new()).await.unwrap();
    let receipts: Vec<(String, String)> =
        db.rows("SELECT payload_hash, result FROM receipt ORDER BY payload_hash", Vec::new()).await.unwrap();
    let entries: Vec<(String,)> = db
        .rows(
            "SELECT body FROM ledger_entry WHERE stream = $1 ORDER BY seq",
            vec![crate::ledger::Stream::Case(case).name().into()],
        )
        .await
        .unwrap();
    let entries: Vec<&str> =
        entries.iter().map(|row| row.0.as_str()).filter(|body| body.contains("answer_survey")).collect();
    assert_eq!(entries.len(), 2);
    format!("{voters:?}\n{}\n{}", receipts.len(), entries.join("\n"))
}

#[tokio::test]
async fn no_row_says_who_answered_what() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, ..) = asked(&world, ResultClass::Solved).await;
        let some = judges(&world, case).await;
        answer(&world, &by_link(case, some[0]), case, all(Satisfaction::Not)).await.unwrap();
        answer(&world, &by_link(case, some[1]), case, all(Satisfaction::Satisfied)).await.unwrap();
        let found = rows(&world, case).await;
        for word in ["satisfied", "\"not\"", "mostly"] {
            assert!(!found.contains(word), "{found}");
        }
        // That somebody has answered stands in one place only: no entry names the person.
        assert_eq!(found.matches(&some[0].to_string()).count(), 1, "{found}");
    })
    .await;
}

#[tokio::test]
async fn units_judge_nothing_of_their_own_work() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, ..) = asked(&world, ResultClass::Solved).await;
        let department = of(&world, case, Category::Department).await[0];
        let unit: Option<(Option<crate::ids::UnitId>,)> =
            db.row("SELECT unit_id FROM invitee WHERE invitee_id = $1", vec![department.into()]).await.unwrap();
        // Another unit's people had no part in the handling.
        let its = unit.unwrap().0;
        let lead = the_task(&world, case).await.lead_unit;
        assert_ne!(its, Some(lead));
        answer(&world, &by_link(case, department), case, all(Satisfaction::Mostly)).await.unwrap();
        let judged = judges(&world, case).await[0];
        let record = |invitee| RecordJudgement { case, invitee, answers: all(Satisfaction::Satisfied) };
        world.step(&world.officer, record(Some(judged))).await.unwrap();
        assert!(sentence(world.step(&world.officer, record(Some(judged))).await).contains("每人一次"));
        world.step(&world.officer, record(None)).await.unwrap();
        let mut both = world.officer.clone();
        if let Actor::Signed(me, _) = &mut both {
            me.grants.push(crate::access::Grant { role: Role::UnitHandler, town: None, unit: Some(lead) });
        }
        let other = judges(&world, case).await[1];
        assert!(matches!(world.step(&both, record(Some(other))).await, Err(Refusal::Forbidden { .. })));
    })
    .await;
}

#[tokio::test]
async fn dissatisfaction_goes_back_twice_and_then_to_the_district() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, mut task, handler) = asked(&world, ResultClass::Solved).await;
        for time in 1..=2 {
            let said = Answers { words: format!("第 {time} 次：灯还是不亮"), ..all(Satisfaction::Not) };
            answer(&world, &proposer(case), case, said).await.unwrap();
            answered(&world, case, Satisfaction::Not).await;
            assert_eq!(stops(close(&world, case).await), ["pass"]);
            assert_eq!(stops(send_back(&world, &world.officer, case, Vec::new()).await), ["tasks"]);
            send_back(&world, &world.officer, case, vec![task]).await.unwrap();
            let found = the_task(&world, case).await;
            assert_eq!((found.round, found.of_task, found.state()), (time + 1, Some(task), TaskState::Assigned));
            task = found.task_id;
            let mut req = request(&world.ctx.acting_as(handler.clone()), "/desk/tasks", "");
            req.params.insert("id".to_owned(), task.to_string());
            let page = html(crate::task::pages::task(&req).await.unwrap());
            assert!(page.contains(&format!("第 {time} 次：灯还是不亮")), "the unit reads what people said: {page}");
            done(&world, &handler, (case, task), ResultClass::Solved).await;
            finish(&world, case).await.unwrap();
        }
        answered(&world, case, Satisfaction::Not).await;
        assert_eq!(world.case(case).await.waiting_role(), Some(Role::DistrictOffice));
        assert_eq!(stops(send_back(&world, &world.officer, case, vec![task]).await), ["redo"]);
        send_back(&world, &world.district, case, vec![task]).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Tracking);
        let verdicts: Vec<_> = store::surveys(&db, case).await.unwrap().iter().map(store::Survey::verdict).collect();
        assert_eq!(verdicts, [Some(Verdict::Redo); 3]);
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn too_few_answers_are_waited_for_once_and_then_need_a_second_person() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, ..) = asked(&world, ResultClass::Solved).await;
        answer(&world, &proposer(case), case, all(Satisfaction::Satisfied)).await.unwrap();
        let ask = || AskSample { case, reason: "住户多半外出打工".to_owned() };
        world.pass_days(8);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        let survey = store::newest(&db, case).await.unwrap().unwrap();
        assert!(survey.extended && survey.closed_at.is_none());
        assert!(matches!(world.step(&world.officer, ask()).await, Err(Refusal::Conflict { .. })));
        world.pass_days(8);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        assert_eq!(stops(close(&world, case).await), ["answers"]);
        let allow = |seen| AllowSample { case, seen };
        let seen = world.case(case).await.stage_version;
        let stopped = stops(world.step(&world.director, allow(seen)).await);
        assert_eq!(stopped, ["reason", "approver"]);
        world.step(&world.officer, ask()).await.unwrap();
        assert_eq!(world.case(case).await.waiting_role(), Some(Role::Director));
        // One person with both hats is one person.
        let mut both = world.officer.clone();
        if let Actor::Signed(me, _) = &mut both {
            me.grants.push(crate::access::Grant {
                role: Role::Director,
                town: Some(crate::topic::testing::TOWN.to_owned()),
                unit: None,
            });
        }
        assert_eq!(stops(world.step(&both, allow(seen)).await), ["approver"]);
        world.step(&world.director, allow(seen)).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Closed);
        assert_eq!(store::newest(&db, case).await.unwrap().unwrap().verdict(), Some(Verdict::Sample));
    })
    .await;
}

#[tokio::test]
async fn what_came_up_again_is_looked_at_and_opens_a_task() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, _) = closed(&world, ResultClass::Solved).await;
        let ask = |words: &str| AskReopening {
            case,
            reopening: Some(ReopeningId(world.ctx.new_id())),
            words: words.to_owned(),
            contact: "13912345678".to_owned(),
            consent: true,
        };
        let anybody = visitor("neighbour");
        assert!(matches!(world.step(&anybody, ask(" ")).await, Err(Refusal::Invalid(_))));
        let silent = AskReopening { consent: false, ..ask("又停满了") };
        assert!(matches!(world.step(&anybody, silent).await, Err(Refusal::Invalid(_))));
        world.step(&anybody, ask("又停满了")).await.unwrap();
        world.step(&anybody, ask("灯坏了")).await.unwrap();
        let open = store::reopenings(&db, case).await.unwrap();
        let decide = |reopening, accepted, redo| DecideReopening {
            case,
            reopening,
            accepted,
            reason: "去看过了".to_owned(),
            redo,
        };
        let step = decide(open[0].reopening_id, Some(false), Redo::default());
        world.step(&world.officer, step.clone()).await.unwrap();
        assert!(matches!(world.step(&world.officer, step).await, Err(Refusal::Conflict { .. })));
        let empty = decide(open[1].reopening_id, Some(true), redo(&world, Vec::new()));
        assert!(matches!(world.step(&world.officer, empty).await, Err(Refusal::Invalid(_))));
        let step = decide(open[1].reopening_id, Some(true), redo(&world, vec![task]));
        world.step(&world.officer, step).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Tracking);
        assert_eq!(the_task(&world, case).await.why.as_deref(), Some("reopened"));
        let private = store::reopenings(&db, case).await.unwrap();
        assert!(private.iter().all(|one| one.contact.starts_with("139")), "kept for the officer");
        let public = crate::case::store::events(&db, case, true, 100).await.unwrap();
        assert!(public.iter().all(|event| !event.words.contains("139")));
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn after_the_look_back_time_it_is_a_new_topic() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, ..) = closed(&world, ResultClass::Solved).await;
        world.pass_days(181);
        let step = AskReopening {
            case,
            reopening: Some(ReopeningId(world.ctx.new_id())),
            words: "又停满了".to_owned(),
            contact: String::new(),
            consent: false,
        };
        assert!(sentence(world.step(&visitor("neighbour"), step).await).contains("重新提一件议题"));
    })
    .await;
}

#[tokio::test]
async fn what_was_not_wholly_done_is_looked_at_again_by_the_clock() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = closed(&world, ResultClass::InProgress).await;
        assert!(world.case(case).await.looked_back, "the public reads 已答复、继续跟踪");
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0);
        world.pass_days(180);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0, "once");
        let found = the_task(&world, case).await;
        assert_eq!((found.of_task, found.why.as_deref()), (Some(task), Some("lookback")));
        assert_eq!(world.case(case).await.stage(), Stage::Tracking);
        done(&world, &handler, (case, found.task_id), ResultClass::Solved).await;
        finish(&world, case).await.unwrap();
        answered(&world, case, Satisfaction::Mostly).await;
        close(&world, case).await.unwrap();
        assert!(!world.case(case).await.looked_back);
    })
    .await;
}

#[tokio::test]
async fn holidays_move_what_is_counted_in_workdays_once_and_say_so() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, task, handler) = tracked(&world).await;
        let waiting = world.submitted("公园路灯不亮").await;
        let ctx = world.ctx.acting_as(Actor::Clock);
        let (before, screened) = (the_task(&world, case).await, world.case(waiting).await.due_on.unwrap());
        // The next workday becomes a day off, in a calendar that else knows nothing special of the year.
        let off = world.ctx.shared.calendar().add_workdays(world.ctx.today(), 1);
        let loaded = crate::town::calendar::load(&world.ctx, &format!("{off} 休 临时放假\n")).await.unwrap();
        assert!(loaded.cases >= 2, "{loaded:?}");
        let calendar = world.ctx.shared.calendar();
        assert!(!calendar.is_workday(off));
        // The process that carries it out has not heard of the new calendar.
        world.ctx.shared.set_calendar(crate::rules::Calendar::builtin());

        let jobs = crate::jobs::claim(&ctx, 100).await.unwrap();
        let jobs: Vec<_> = jobs.into_iter().filter(|job| job.kind == super::steps::CALENDAR_JOB).collect();
        assert_eq!(jobs.len(), loaded.cases);
        for _ in 0..2 {
            for job in &jobs {
                super::steps::follow_calendar(&ctx, job).await.unwrap();
            }
        }
        let after = the_task(&world, case).await;
        assert_eq!((after.wait_on, after.due_on), (calendar.add_workdays(before.wait_on, 1), before.due_on));
        assert_eq!(world.case(case).await.due_on, Some(after.wait_on));
        assert_eq!(world.case(waiting).await.due_on, Some(calendar.add_workdays(screened, 1)));
        let notes = crate::task::notes_of_case(&db, case, false).await.unwrap();
        assert_eq!(notes.iter().filter(|note| note.kind.0 == crate::task::model::NoteKind::Moved).count(), 1);

        // A day that was named stays: the task is answered by the day that the party committee gave.
        crate::task::testing::sign(&world, &handler, case, task).await.unwrap();
        crate::task::testing::progress(&world, &handler, (case, task), 50, true).await.unwrap();
        crate::town::calendar::load(&world.ctx, &format!("{} 休 又放假\n", calendar.add_workdays(off, 1)))
            .await
            .unwrap();
        for job in crate::jobs::claim(&ctx, 100).await.unwrap() {
            super::steps::follow_calendar(&ctx, &job).await.unwrap_or_default();
        }
        assert_eq!(the_task(&world, case).await.wait_on, before.due_on);
        verify(&db, None).await.unwrap().broken.ok_or(()).unwrap_err();

        let refused = crate::town::calendar::load(&world.ctx, "2027-02-06 放假 春节\n明天 休 x\n").await;
        assert!(matches!(refused, Err(Refusal::Invalid(wrong)) if wrong.len() == 2));
        let officer = world.ctx.acting_as(world.officer.clone());
        let refused = crate::town::calendar::load(&officer, "2027-02-06 休 春节").await;
        assert!(matches!(refused, Err(Refusal::Forbidden { .. })));
    })
    .await;
}
