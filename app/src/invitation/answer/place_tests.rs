//! Stories of places: whose they are, and that none is lost or given twice, whatever people do in whatever order.

use super::steps::*;
use super::store::{self, Guest};
use super::tests::{acting, announced, answer, first, person, register, sound, state};
use super::{guest, pages};
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId, MeetingId};
use crate::invitation::model::{InviteeState, PersonForm};
use crate::invitation::steps::{AddPeople, CorrectPerson, EraseInvitee, RemovePerson};
use crate::jobs;
use crate::letter::post::{LETTER_JOB, PROGRESS_JOB, run_round};
use crate::letter::store::to_invitee;
use crate::rules::Category;
use crate::storage::Database;
use crate::storage::testing::each_engine;
use crate::topic::testing::{World, visitor};
use crate::town::tests::request;
use crate::web::{Form, Outcome};

async fn of(db: &Database, invitee: InviteeId) -> Guest {
    guest(db, invitee).await.unwrap().unwrap()
}

async fn substitute(world: &World, of: &Guest, phone: &str) -> Result<InviteeId, Refusal> {
    let person = PersonForm { name: "周替".to_owned(), phone: phone.to_owned(), ..person(Category::Public, 9) };
    let substitute = Some(InviteeId(world.ctx.new_id()));
    world.step(&acting(of), NameSubstitute { case: of.case_id, invitee: of.invitee_id, substitute, person }).await
}

async fn remove(world: &World, case: CaseId, invitee: InviteeId) -> Result<(), Refusal> {
    world.step(&world.officer, RemovePerson { case, invitee, reason: "重复了".to_owned() }).await
}

async fn kinds(world: &World, invitee: InviteeId) -> Vec<&'static str> {
    to_invitee(&world.ctx.db, invitee).await.unwrap().iter().map(|letter| letter.kind.0.code()).collect()
}

/// Runs the rounds that are due.
async fn rounds(world: &World) {
    for job in jobs::claim(&world.ctx, 1_000).await.unwrap() {
        if job.kind != LETTER_JOB && job.kind != PROGRESS_JOB {
            run_round(&world.ctx, &job).await.unwrap();
        }
        jobs::done(&world.ctx, job.id).await.unwrap();
    }
}

fn moved_on(refused: Result<(), Refusal>) {
    assert!(matches!(refused, Err(Refusal::Conflict { .. })), "{refused:?}");
}

#[tokio::test]
async fn the_place_of_a_substitute_who_does_not_come_is_the_principals_again() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let me = first(&world, meeting).await;
        let other = of(&db, substitute(&world, &me, "13655550000").await.unwrap()).await;
        answer(&world, &other, false, "也来不了").await.unwrap();
        let back = of(&db, me.invitee_id).await;
        assert_eq!(back.state.0, InviteeState::Invited);
        assert!(!back.reason.is_empty(), "the person reads why");
        assert_eq!(kinds(&world, me.invitee_id).await, ["reminder"], "and is asked again");
        moved_on(answer(&world, &other, true, "").await);

        // Named again, and taken off the list.
        let third = substitute(&world, &back, "13655550001").await.unwrap();
        remove(&world, case, third).await.unwrap();
        assert_eq!(state(&world, me.invitee_id).await, InviteeState::Invited);
        assert_eq!(kinds(&world, third).await, ["invitation_withdrawn", "substitute"]);
        let gone = answer(&world, &of(&db, third).await, true, "").await;
        assert!(matches!(gone, Err(Refusal::Gone(_))), "{gone:?}");
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_seat_stays_with_its_holder_through_a_substitute_and_passes_on_after_him() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let here = announced(&world).await;
        let mut all = Vec::new();
        for n in 0..6 {
            all.push(register(&world, here, n).await.unwrap().invitee);
        }
        let holder = of(&db, all[0]).await;
        let other = of(&db, substitute(&world, &holder, "13655550000").await.unwrap()).await;
        assert_eq!(state(&world, all[3]).await, InviteeState::Waiting, "the seat is taken by the substitute");
        answer(&world, &other, false, "来不了").await.unwrap();
        assert_eq!(state(&world, all[3]).await, InviteeState::Waiting, "and is the holder's again");
        answer(&world, &of(&db, all[0]).await, false, "我也来不了").await.unwrap();
        assert_eq!(state(&world, all[3]).await, InviteeState::Offered);

        remove(&world, here.0, all[1]).await.unwrap();
        assert_eq!(state(&world, all[4]).await, InviteeState::Offered, "a removed holder's seat passes on");
        // Who gave the seat back may stand in line again, under the same number.
        assert_eq!(register(&world, here, 0).await.unwrap().place, Some(4));
        let seats = store::seats(&db, here.1).await.unwrap();
        assert_eq!(seats, [("public".to_owned(), 3, 3)]);
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn who_is_put_on_the_list_of_an_announced_meeting_is_asked_at_once() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        rounds(&world).await;
        let late = PersonForm { name: "晚到".to_owned(), ..person(Category::Expert, 77) };
        world.step(&world.officer, AddPeople { case, meeting, people: vec![late] }).await.unwrap();
        rounds(&world).await;
        let all = store::guests(&db, meeting).await.unwrap();
        let found = all.iter().find(|one| one.name == "晚到").unwrap();
        assert_eq!(found.state.0, InviteeState::Invited);
        for one in &all {
            let letters = kinds(&world, one.invitee_id).await;
            assert_eq!(letters, ["invitation"], "each is asked once");
        }
        answer(&world, found, true, "").await.unwrap();

        world.pass_days(10);
        let people = vec![person(Category::Expert, 78)];
        let refused = world.step(&world.officer, AddPeople { case, meeting, people }).await.unwrap_err();
        assert!(matches!(refused, Refusal::Conflict { .. }), "{refused:?}");
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_registered_person_keeps_the_category_of_the_seat() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let invitee = register(&world, (case, meeting), 0).await.unwrap().invitee;
        let found = crate::invitation::store::invitee(&db, case, invitee).await.unwrap().unwrap();
        let correct = |form| CorrectPerson { case, invitee, seen: found.ledger_seq, form };
        let form = PersonForm { category: Some(Category::Expert), ..found.form() };
        let refused = world.step(&world.officer, correct(form)).await.unwrap_err();
        assert!(matches!(&refused, Refusal::Invalid(errors) if errors[0].field == "category"), "{refused:?}");
        let form = PersonForm { organisation: "东港".to_owned(), ..found.form() };
        world.step(&world.officer, correct(form)).await.unwrap();
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_reminder_goes_once_a_day_to_those_who_have_not_answered() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let remind = RemindUnanswered { case, meeting };
        world.step(&world.officer, remind.clone()).await.unwrap();
        moved_on(world.step(&world.officer, remind.clone()).await);
        world.pass_days(1);
        world.step(&world.officer, remind.clone()).await.unwrap();
        for one in store::guests(&db, meeting).await.unwrap() {
            answer(&world, &one, true, "").await.unwrap();
        }
        world.pass_days(1);
        moved_on(world.step(&world.officer, remind.clone()).await);
        register(&world, (case, meeting), 0).await.unwrap();
        let invitee = substitute(&world, &first(&world, meeting).await, "13655550000").await.unwrap();
        assert_eq!(state(&world, invitee).await, InviteeState::Invited);
        world.step(&world.officer, remind.clone()).await.unwrap();
        world.pass_days(10);
        moved_on(world.step(&world.officer, remind).await);
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn an_own_answer_takes_the_place_of_a_recorded_one() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let me = first(&world, meeting).await;
        let (invitee, reason, reached_by) = (me.invitee_id, String::new(), Some("call"));
        world
            .step(&world.officer, RecordAnswer { case, invitee, comes: Some(true), reason, reached_by })
            .await
            .unwrap();
        assert!(of(&db, invitee).await.recorded_by.is_some());
        answer(&world, &me, false, "没有这回事").await.unwrap();
        let now = of(&db, invitee).await;
        assert_eq!((now.recorded_by, now.reached_by), (None, None));
        // Behind the group link the person is found as before.
        let mut req = request(&world.ctx.acting_as(visitor("group")), "/g", "");
        req.params.insert("meeting".to_owned(), meeting.to_string());
        req.params.insert("token".to_owned(), world.ctx.secret.link_token(super::GROUP_LINK, meeting.0, 0));
        let mut form = Form::default();
        form.values.insert("name".to_owned(), vec![me.name.clone()]);
        form.values.insert("digits".to_owned(), vec![me.phone[7..].to_owned()]);
        assert!(matches!(pages::find::post_find(&req, form).await.unwrap(), Outcome::SeeOther(_)));
    })
    .await;
}

#[tokio::test]
async fn who_asks_for_it_is_forgotten_and_the_place_passes_on() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let here = announced(&world).await;
        let mut all = Vec::new();
        for n in 0..4 {
            all.push(register(&world, here, n).await.unwrap().invitee);
        }
        let me = of(&db, all[0]).await;
        let erase = |reason: &str| EraseInvitee { case: here.0, invitee: all[0], reason: reason.to_owned() };
        assert!(matches!(world.step(&world.officer, erase(" ")).await, Err(Refusal::Invalid(_))));
        assert!(world.step(&world.stranger, erase("本人当面提出")).await.is_err());
        world.step(&world.officer, erase("本人当面提出")).await.unwrap();
        let now = of(&db, all[0]).await;
        assert_eq!((now.private().as_str(), now.state.0), ("|||||", InviteeState::Removed));
        assert_eq!(state(&world, all[3]).await, InviteeState::Offered);
        let again = answer(&world, &me, true, "").await;
        assert!(again.is_err(), "{again:?}");
        moved_on(world.step(&world.officer, erase("本人当面提出")).await);
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn erasing_who_sent_somebody_else_gives_no_seat_twice_and_binds_nobody() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let here = announced(&world).await;
        let mut all = Vec::new();
        for n in 0..4 {
            all.push(register(&world, here, n).await.unwrap().invitee);
        }
        let other = of(&db, substitute(&world, &of(&db, all[0]).await, "13655550000").await.unwrap()).await;
        let (case, reason) = (here.0, "本人当面提出".to_owned());
        world.step(&world.officer, EraseInvitee { case, invitee: all[0], reason }).await.unwrap();
        assert_eq!(state(&world, all[3]).await, InviteeState::Waiting, "the substitute has the seat");
        answer(&world, &other, false, "来不了").await.unwrap();
        assert_eq!(state(&world, all[3]).await, InviteeState::Offered);
        sound(&world).await;
    })
    .await;
}

/// What must be true of the open seats at any time.
async fn seats_are_sound(world: &World, meeting: MeetingId, done: &[String]) {
    use InviteeState::{Accepted, Invited, Offered, Substituted, Waiting};
    let all = store::guests(&world.ctx.db, meeting).await.unwrap();
    let on_seats = |states: &[InviteeState]| {
        all.iter().filter(|one| one.origin == "seat" && states.contains(&one.state.0)).count()
    };
    let held = i64::try_from(on_seats(&[Accepted, Offered, Invited, Substituted])).unwrap();
    let (_, seats, taken) = store::seats(&world.ctx.db, meeting).await.unwrap().swap_remove(0);
    assert_eq!(taken, held, "the count is what is held, after {done:?}");
    assert!(held <= seats, "no seat twice, after {done:?}");
    assert!(held == seats || on_seats(&[Waiting]) == 0, "nobody waits beside a free seat, after {done:?}");
    // A substitute stands for exactly one who sent him.
    for one in all.iter().filter(|one| one.state.0 == Substituted) {
        let standing = all
            .iter()
            .filter(|other| other.substitute_of == Some(one.invitee_id) && matches!(other.state.0, Invited | Accepted));
        assert_eq!(standing.count(), 1, "after {done:?}");
    }
}

#[tokio::test]
async fn whatever_people_do_no_seat_is_lost_or_given_twice() {
    for seed in 1..=3_u64 {
        each_engine(|db| async move {
            let world = World::new(&db).await;
            let (case, meeting) = announced(&world).await;
            let (mut dice, mut done) = (seed, Vec::new());
            let mut roll = |sides: usize| {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                usize::try_from(dice >> 33).unwrap() % sides
            };
            for n in 0..60 {
                let all: Vec<Guest> = store::guests(&db, meeting).await.unwrap();
                let one = all[roll(all.len())].clone();
                let (what, result) = match roll(8) {
                    0..=2 => ("register", register(&world, (case, meeting), n).await.map(|_| ())),
                    3 => ("comes", answer(&world, &one, true, "").await),
                    4 => ("declines", answer(&world, &one, false, "有事").await),
                    5 => ("names", substitute(&world, &one, &format!("1395555{n:04}")).await.map(|_| ())),
                    6 => ("removed", remove(&world, case, one.invitee_id).await),
                    _ => {
                        let step =
                            RefuseSubstitute { case, invitee: one.invitee_id, reason: "请本人来".to_owned() };
                        ("refused", world.step(&world.officer, step).await)
                    }
                };
                done.push(format!("{what} {} {}: {}", one.origin, one.state.0.code(), result.is_ok()));
                seats_are_sound(&world, meeting, &done).await;
            }
            sound(&world).await;
        })
        .await;
    }
}
