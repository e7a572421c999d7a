//! Stories: the report, its receipt, the decisions, and what is handed out.

use super::model::{Decision, Office};
use super::steps::{ReceiveReport, ReportOutcome};
use super::store;
use super::testing::{adopted, assign, decide, government, minutes, receive, report, reported};
use crate::access::Role;
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ledger::verify;
use crate::minutes::testing::signed;
use crate::rules::Adoption;
use crate::storage::testing::each_engine;
use crate::task::testing::unit;
use crate::topic::testing::{World, sentence, stops, visitor};
use crate::town::tests::{html, request};

#[tokio::test]
async fn the_case_moves_on_when_every_office_has_the_report() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let government = government(&world).await;
        let (case, _) = signed(&world, false).await;
        assert_eq!(store::all(&db, case).await.unwrap().len(), 1, "the list was made with the signature");
        assert_eq!(stops(report(&world, case, &[]).await), ["offices"]);
        report(&world, case, Office::ALL).await.unwrap();
        assert!(matches!(report(&world, case, Office::ALL).await, Err(Refusal::Conflict { .. })));
        assert_eq!(world.case(case).await.waiting_role(), Some(Role::PartyApprover));
        receive(&world, &world.approver, case, Office::Party).await.unwrap();
        // Not for another office, and not by somebody without the stamped sheet.
        assert_eq!(stops(receive(&world, &world.approver, case, Office::Government).await), ["receipt"]);
        assert_eq!(stops(receive(&world, &world.officer, case, Office::Government).await), ["receipt"]);
        assert_eq!(world.case(case).await.stage(), Stage::Minuted);
        receive(&world, &government, case, Office::Government).await.unwrap();
        let found = world.case(case).await;
        assert_eq!((found.stage(), found.waiting_role()), (Stage::Reported, Some(Role::PartyApprover)));
        assert!(found.due_on.is_some());
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_stamped_sheet_stands_for_an_office_without_an_account() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, _) = signed(&world, false).await;
        report(&world, case, &[Office::Government]).await.unwrap();
        let sheet = crate::task::testing::photo(&world, &world.officer).await;
        let minutes = minutes(&world, case).await;
        let step = ReceiveReport { case, minutes, office: Some(Office::Government), sheet: vec![sheet] };
        world.step(&world.officer, step).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Reported);
        assert!(world.may_have(&world.officer, sheet).await);
        assert!(!world.may_have(&crate::topic::testing::visitor("anybody"), sheet).await);
    })
    .await;
}

#[tokio::test]
async fn minutes_without_consensus_are_not_reported() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, _) = signed(&world, true).await;
        let stopped = stops(report(&world, case, &[Office::Party]).await);
        assert!(stopped.contains(&"minutes".to_owned()), "{stopped:?}");
        let (seen, minutes) = (0, minutes(&world, case).await);
        let late = ReportOutcome { case, seen, minutes, offices: vec![Office::Party] };
        assert!(matches!(world.step(&world.officer, late).await, Err(Refusal::Conflict { .. })));
    })
    .await;
}

#[tokio::test]
async fn what_is_adopted_has_a_unit_a_person_a_measure_and_a_day() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (water, _) = unit(&world, "水务站").await;
        let case = reported(&world).await;
        assert_eq!(stops(assign(&world, case, "").await), ["adoption_1"]);
        // Unfinished decisions are kept, and refused when they are handed out.
        decide(&world, case, Decision { due_on: None, ..adopted(&world, water) }).await.unwrap();
        assert_eq!(stops(assign(&world, case, "").await), ["lead_1"]);
        let partial = Decision { adoption: Some(Adoption::Partial), ..adopted(&world, water) };
        decide(&world, case, partial).await.unwrap();
        assert_eq!(stops(assign(&world, case, "").await), ["reason_1"]);
        let refused =
            decide(&world, case, Decision { contact: "13812345678".to_owned(), ..adopted(&world, water) }).await;
        assert!(sentence(refused).contains("联系人"), "a number is no contact that is kept here");
        decide(&world, case, adopted(&world, water)).await.unwrap();
        assign(&world, case, "").await.unwrap();
        let found = world.case(case).await;
        assert_eq!((found.stage(), found.waiting_role()), (Stage::Tracking, Some(Role::UnitHandler)));
        let tasks = crate::task::of_case(&db, case).await.unwrap();
        assert_eq!(tasks.len(), 1);
        assert_eq!((tasks[0].lead_unit, tasks[0].no, tasks[0].round), (water, 1, 1));
        assert!(matches!(decide(&world, case, adopted(&world, water)).await, Err(Refusal::Conflict { .. })));
        assert!(matches!(assign(&world, case, "").await, Err(Refusal::Conflict { .. })), "handed out once");
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn two_deciders_do_not_write_over_one_another() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (water, _) = unit(&world, "水务站").await;
        let case = reported(&world).await;
        let first = store::all(&db, case).await.unwrap().remove(0);
        decide(&world, case, adopted(&world, water)).await.unwrap();
        let step = super::steps::DecideOutcome {
            case,
            outcome: first.outcome_id,
            seen: first.decided_at,
            decision: Decision { adoption: Some(Adoption::None), ..Decision::default() },
        };
        assert!(matches!(world.step(&world.approver, step).await, Err(Refusal::Conflict { .. })));
        let step = super::steps::DecideOutcome {
            case,
            outcome: first.outcome_id,
            seen: store::all(&db, case).await.unwrap()[0].decided_at,
            decision: adopted(&world, water),
        };
        assert!(matches!(world.step(&world.officer, step).await, Err(Refusal::Forbidden { .. })), "not the officer's");
    })
    .await;
}

#[tokio::test]
async fn a_list_of_which_nothing_is_adopted_is_explained_and_goes_to_the_people() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = reported(&world).await;
        let none =
            Decision {
                adoption: Some(Adoption::None), reason: "规划里另有安排".to_owned(), ..Decision::default()
            };
        decide(&world, case, none).await.unwrap();
        assert_eq!(stops(assign(&world, case, " ").await), ["explanation"]);
        assign(&world, case, "已经上门说明，明年并进老街改造。").await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Evaluating);
        assert!(crate::evaluation::newest(&db, case).await.unwrap().is_some());
        let mut req = request(&world.ctx.acting_as(visitor("reader")), "/topics", "");
        req.params.insert("id".to_owned(), case.to_string());
        let page = html(super::pages::published(&req).await.unwrap());
        assert!(page.contains("明年并进老街改造") && page.contains("一条都没有采纳"), "{page}");
    })
    .await;
}
