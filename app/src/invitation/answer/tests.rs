//! Stories of answers and open seats, on both engines.

use std::collections::BTreeSet;

use crate::access::{Actor, Visitor};
use crate::account::{TriesOf, try_slowly};
use crate::case::carry_out;
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId, MeetingId};
use crate::invitation::answer::steps::*;
use crate::invitation::answer::store::{self, Guest};
use crate::invitation::answer::{clock, guest, pages, path};
use crate::invitation::model::{InviteeState, PersonForm};
use crate::invitation::steps::{AddPeople, ForgetInvitees};
use crate::ledger;
use crate::plan::steps::{Announce, CancelMeeting};
use crate::plan::testing as plan;
use crate::rules::Category;
use crate::storage::testing::each_engine;
use crate::topic::steps::TerminateTopic;
use crate::topic::testing::{World, visitor};
use crate::town::tests::{html, request};
use crate::web::{Form, Outcome, Request};

pub(super) fn person(category: Category, n: usize) -> PersonForm {
    PersonForm {
        category: Some(category),
        name: format!("{}{n}", category.word()),
        organisation: "镇东五区".to_owned(),
        phone: format!("138{:04}{n:04}", category as usize),
        woman: n.is_multiple_of(2),
        ..PersonForm::default()
    }
}

/// An announced meeting with real people, three open seats for the public.
pub(super) async fn announced(world: &World) -> (CaseId, MeetingId) {
    let case = plan::planned(world, "镇东五区停车").await;
    let meeting = plan::save(world, case, plan::good_plan(world).await).await;
    let people: Vec<PersonForm> =
        plan::ALL_SIDES.iter().flat_map(|(category, n)| (0..*n).map(|n| person(*category, n))).collect();
    world.step(&world.officer, AddPeople { case, meeting, people }).await.unwrap();
    plan::approve(world, case).await;
    let seen = plan::version(world, case).await;
    world.step(&world.officer, Announce { case, seen }).await.unwrap();
    (case, meeting)
}

pub(super) async fn first(world: &World, meeting: MeetingId) -> Guest {
    store::guests(&world.ctx.db, meeting).await.unwrap().swap_remove(0)
}

pub(super) fn acting(guest: &Guest) -> Actor {
    Actor::Invitee { invitee: guest.invitee_id, case: guest.case_id, visitor: Visitor::default() }
}

pub(super) async fn answer(world: &World, guest: &Guest, comes: bool, reason: &str) -> Result<(), Refusal> {
    let step = AnswerInvitation { case: guest.case_id, invitee: guest.invitee_id, comes, reason: reason.to_owned() };
    world.step(&acting(guest), step).await
}

pub(super) async fn state(world: &World, invitee: InviteeId) -> InviteeState {
    guest(&world.ctx.db, invitee).await.unwrap().unwrap().state.0
}

pub(super) async fn sound(world: &World) {
    assert_eq!(ledger::verify(&world.ctx.db, None).await.unwrap().broken, None);
}

pub(super) async fn register(
    world: &World,
    (case, meeting): (CaseId, MeetingId),
    n: usize,
) -> Result<Registered, Refusal> {
    let invitee = Some(InviteeId(world.ctx.new_id()));
    let person = PersonForm { phone: format!("1370000{n:04}"), ..person(Category::Public, n) };
    world.step(&visitor(&format!("r{n}")), RegisterSeat { case, meeting, invitee, person, consent: true }).await
}

#[tokio::test]
async fn a_person_answers_changes_the_answer_and_only_his_own() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let all = store::guests(&db, meeting).await.unwrap();
        let (me, other) = (&all[0], &all[1]);
        let seen = MarkSeen { case, invitee: me.invitee_id };
        world.step(&acting(me), seen).await.unwrap();
        answer(&world, me, true, "").await.unwrap();
        assert_eq!(state(&world, me.invitee_id).await, InviteeState::Accepted);
        let refused = answer(&world, me, false, " ").await.unwrap_err();
        assert!(matches!(refused, Refusal::Invalid(_)), "a refusal says why: {refused:?}");
        let refused = answer(&world, me, false, "请打 13811112222").await.unwrap_err();
        assert!(matches!(refused, Refusal::Invalid(_)), "no number in it: {refused:?}");
        answer(&world, me, false, "那天在外地").await.unwrap();
        assert_eq!(state(&world, me.invitee_id).await, InviteeState::Declined);

        let foreign = AnswerInvitation { case, invitee: other.invitee_id, comes: true, reason: String::new() };
        assert!(matches!(world.step(&acting(me), foreign.clone()).await, Err(Refusal::NotFound)));
        for nobody in [&visitor("x"), &world.stranger, &world.officer] {
            assert!(world.step(nobody, foreign.clone()).await.is_err());
        }
        assert_eq!(state(&world, other.invitee_id).await, InviteeState::Invited);

        world.pass_days(10);
        let late = answer(&world, me, true, "").await.unwrap_err();
        assert!(matches!(late, Refusal::Conflict { .. }), "the meeting has begun: {late:?}");
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_substitute_passes_the_place_on_and_may_be_refused() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let me = first(&world, meeting).await;
        let before = store::guests(&db, meeting).await.unwrap().len();
        let name = |person| NameSubstitute {
            case,
            invitee: me.invitee_id,
            substitute: Some(InviteeId(world.ctx.new_id())),
            person,
        };
        let nobody = name(PersonForm { name: "周替".to_owned(), ..PersonForm::default() });
        assert!(world.step(&acting(&me), nobody).await.is_err(), "there must be a way to reach the substitute");
        // The category asked for does not matter: it is the principal's.
        let person =
            PersonForm { name: "周替".to_owned(), phone: "13655550000".to_owned(), ..person(Category::Expert, 9) };
        let other = world.step(&acting(&me), name(person)).await.unwrap();
        let found = guest(&db, other).await.unwrap().unwrap();
        assert_eq!((found.category.0, found.state.0), (me.category.0, InviteeState::Invited));
        assert_eq!(state(&world, me.invitee_id).await, InviteeState::Substituted);
        let standing = store::guests(&db, meeting).await.unwrap();
        let counting = standing.iter().filter(|g| g.state.0.counts()).count();
        assert_eq!(counting, before, "one place, another person");

        let step = RefuseSubstitute { case, invitee: other, reason: "请本人来".to_owned() };
        world.step(&world.officer, step).await.unwrap();
        assert_eq!(state(&world, other).await, InviteeState::Refused);
        assert_eq!(state(&world, me.invitee_id).await, InviteeState::Invited);
        let old = request(&world.ctx.acting_as(visitor("x")), &path(&world.ctx.secret, other, 0), "");
        assert!(matches!(pages::invitee::invitee(&link(old, other, 0, &world)).await.err(), Some(Refusal::Gone(_))));
        sound(&world).await;
    })
    .await;
}

/// A request for a personal link of a generation.
fn link(mut req: Request, invitee: InviteeId, generation: i64, world: &World) -> Request {
    req.params.insert("id".to_owned(), invitee.to_string());
    let token = world.ctx.secret.link_token(super::LINK, invitee.0, generation);
    req.params.insert("token".to_owned(), token);
    req
}

#[tokio::test]
async fn seats_are_given_in_order_and_a_freed_one_goes_to_the_next_in_line() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let here = announced(&world).await;
        let mut all = Vec::new();
        for n in 0..6 {
            all.push(register(&world, here, n).await.unwrap());
        }
        let places: Vec<Option<i64>> = all.iter().map(|r| r.place).collect();
        assert_eq!(places, [None, None, None, Some(1), Some(2), Some(3)]);
        let twice = register(&world, here, 0).await.unwrap_err();
        assert!(matches!(twice, Refusal::Invalid(_)), "{twice:?}");

        // One gives the seat back: the first in line has it, for a day.
        let who = guest(&db, all[1].invitee).await.unwrap().unwrap();
        answer(&world, &who, false, "孩子发烧").await.unwrap();
        assert_eq!(state(&world, all[3].invitee).await, InviteeState::Offered);
        assert_eq!(state(&world, all[4].invitee).await, InviteeState::Waiting);
        // Nobody passes in between while it is offered.
        assert_eq!(register(&world, here, 7).await.unwrap().place, Some(4));

        // The day passes: the clock gives it to the second.
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0);
        world.ctx.clock.set(world.ctx.now() + chrono::Duration::hours(25));
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0, "once");
        assert_eq!(state(&world, all[3].invitee).await, InviteeState::Expired);
        let next = guest(&db, all[4].invitee).await.unwrap().unwrap();
        assert_eq!(next.state.0, InviteeState::Offered);
        answer(&world, &next, true, "").await.unwrap();
        let seats = store::seats(&db, here.1).await.unwrap();
        assert_eq!(seats, [("public".to_owned(), 3, 3)]);

        // Who waits no longer frees nothing.
        let last = guest(&db, all[5].invitee).await.unwrap().unwrap();
        answer(&world, &last, false, "").await.unwrap();
        assert_eq!(store::seats(&db, here.1).await.unwrap(), [("public".to_owned(), 3, 3)]);
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn two_hundred_at_once_get_three_seats_and_an_ordered_line() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let here = announced(&world).await;
        let ctx = world.ctx.clone();
        let tries = (0..200).map(|n| {
            let ctx = ctx.acting_as(visitor(&format!("crowd {n}")));
            async move {
                let invitee = Some(InviteeId(ctx.new_id()));
                let person = PersonForm { phone: format!("1360000{n:04}"), ..person(Category::Public, n) };
                let step = RegisterSeat { case: here.0, meeting: here.1, invitee, person, consent: true };
                carry_out(&ctx, step).await.unwrap().place
            }
        });
        let places: Vec<Option<i64>> = futures::future::join_all(tries).await;
        assert_eq!(places.iter().filter(|place| place.is_none()).count(), 3);
        let line: BTreeSet<i64> = places.iter().flatten().copied().collect();
        assert_eq!(line, (1..=197).collect(), "no place twice, none left out");
        assert_eq!(store::seats(&db, here.1).await.unwrap(), [("public".to_owned(), 3, 3)]);
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn what_a_registration_lacks_is_named() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let good = person(Category::Public, 5);
        for (person, consent, field) in [
            (PersonForm { phone: String::new(), ..good.clone() }, true, "phone"),
            (PersonForm { phone: "12".to_owned(), ..good.clone() }, true, "phone"),
            (PersonForm { name: " ".to_owned(), ..good.clone() }, true, "name"),
            (PersonForm { category: None, ..good.clone() }, true, "category"),
            (PersonForm { category: Some(Category::Expert), ..good.clone() }, true, "category"),
            (good.clone(), false, "consent"),
        ] {
            let invitee = Some(InviteeId(world.ctx.new_id()));
            let refused =
                world.step(&visitor("r"), RegisterSeat { case, meeting, invitee, person, consent }).await.unwrap_err();
            let named = matches!(&refused, Refusal::Invalid(errors) if errors.iter().any(|e| e.field == field));
            assert!(named, "{field}: {refused:?}");
        }
        world.pass_days(9);
        world.ctx.clock.set(world.ctx.now() + chrono::Duration::hours(15));
        let late = register(&world, (case, meeting), 8).await.unwrap_err();
        assert!(matches!(late, Refusal::Conflict { .. }), "{late:?}");
    })
    .await;
}

#[tokio::test]
async fn an_answer_by_telephone_is_on_record_and_can_be_taken_back() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let me = first(&world, meeting).await;
        let step = RecordAnswer {
            case,
            invitee: me.invitee_id,
            comes: Some(true),
            reason: String::new(),
            reached_by: Some("call"),
        };
        for stranger in [&world.director, &world.stranger, &acting(&me)] {
            assert!(world.step(stranger, step.clone()).await.is_err());
        }
        let silent = RecordAnswer { reached_by: None, ..step.clone() };
        assert!(world.step(&world.officer, silent).await.is_err(), "how the person was reached belongs to it");
        world.step(&world.officer, step).await.unwrap();
        let now = guest(&db, me.invitee_id).await.unwrap().unwrap();
        assert_eq!((now.state.0, now.reached_by.as_deref()), (InviteeState::Accepted, Some("call")));
        answer(&world, &me, false, "没有这回事").await.unwrap();
        assert_eq!(state(&world, me.invitee_id).await, InviteeState::Declined);
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_link_opens_one_page_changes_nothing_by_itself_and_can_be_withdrawn() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let all = store::guests(&db, meeting).await.unwrap();
        let me = &all[0];
        let open = |generation| {
            let req = request(&world.ctx.acting_as(visitor("x")), "/i", "");
            link(req, me.invitee_id, generation, &world)
        };
        let page = html(pages::invitee::invitee(&open(0)).await.unwrap());
        assert!(page.contains("我来参加") && page.contains("镇东五区停车"), "{page}");
        for other in &all[1..] {
            assert!(!page.contains(&other.name) && !page.contains(&other.phone), "nothing about others");
        }
        assert!(!page.contains(&me.phone));
        let after = guest(&db, me.invitee_id).await.unwrap().unwrap();
        assert!(after.seen_at.is_none(), "opening a link changes nothing");

        let mut values = std::collections::BTreeMap::new();
        values.insert("action".to_owned(), vec!["give_opinion".to_owned()]);
        values.insert("stance".to_owned(), vec!["against".to_owned()]);
        values.insert("opinion".to_owned(), vec!["夜里别划线，先试一个月。".to_owned()]);
        let sent = Form { values, files: Vec::new() };
        assert!(matches!(pages::invitee::post_invitee(&open(0), sent).await.unwrap(), Outcome::SeeOther(_)));
        let step = DecideOpinion { case, invitee: me.invitee_id, release: true };
        world.step(&world.officer, step).await.unwrap();
        assert_eq!(store::released(&db, meeting).await.unwrap().len(), 1);

        world.step(&world.officer, ReissueLink { case, invitee: me.invitee_id }).await.unwrap();
        assert!(matches!(pages::invitee::invitee(&open(0)).await.err(), Some(Refusal::Gone(_))));
        assert!(pages::invitee::invitee(&open(1)).await.is_ok());
        assert!(matches!(pages::invitee::invitee(&open(2)).await.err(), Some(Refusal::NotFound)));
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn who_guesses_behind_the_group_link_is_slowed_and_told_nothing() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (_, meeting) = announced(&world).await;
        let me = first(&world, meeting).await;
        let ctx = world.ctx.acting_as(visitor("group"));
        let post = |name: String, digits: String| {
            let mut req = request(&ctx, "/g", "");
            req.params.insert("meeting".to_owned(), meeting.to_string());
            req.params.insert("token".to_owned(), world.ctx.secret.link_token(super::GROUP_LINK, meeting.0, 0));
            let mut form = Form::default();
            form.values.insert("name".to_owned(), vec![name]);
            form.values.insert("digits".to_owned(), vec![digits]);
            async move { pages::find::post_find(&req, form).await }
        };
        let right: String = me.phone.chars().skip(7).collect();
        let Outcome::SeeOther(to) = post(me.name.clone(), right.clone()).await.unwrap() else { panic!("a redirect") };
        assert_eq!(to, path(&world.ctx.secret, me.invitee_id, 0));
        let sentence = |refusal: &Refusal| refusal.sentence();
        let unknown = post("没有这个人".to_owned(), "0000".to_owned()).await.err().unwrap();
        let wrong = post(me.name.clone(), "9999".to_owned()).await.err().unwrap();
        assert_eq!(sentence(&unknown), sentence(&wrong), "a wrong try tells nothing");
        let mut last = wrong;
        for n in 0..10 {
            if let Err(refusal) = post(me.name.clone(), format!("{n:04}")).await {
                last = refusal;
            }
        }
        assert!(matches!(last, Refusal::TooMany { .. }), "{last:?}");
        let late = post(me.name.clone(), right).await.err().unwrap();
        assert!(matches!(late, Refusal::TooMany { .. }), "even the right one waits");
        // Another person of the meeting does not wait.
        let about = TriesOf { what: "meeting", whole: meeting.to_string(), one: "别人".to_owned() };
        assert_eq!(try_slowly(&ctx, about, async { Ok(Some(1)) }).await.unwrap(), Some(1));
    })
    .await;
}

#[tokio::test]
async fn the_officer_sees_answers_at_a_glance_and_prints() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let all = store::guests(&db, meeting).await.unwrap();
        answer(&world, &all[0], true, "").await.unwrap();
        answer(&world, &all[1], false, "那天在外地").await.unwrap();
        let of = |actor: &Actor, query: &str| {
            let mut req = request(&world.ctx.acting_as(actor.clone()), "/desk", query);
            req.params.insert("id".to_owned(), case.to_string());
            req
        };
        let page = html(pages::answers::answers(&of(&world.officer, "")).await.unwrap());
        assert!(page.contains("参加 1，来不了 1，等答复 12"), "{page}");
        assert!(!page.contains(&all[0].phone), "no number in a list");
        let stranger = pages::answers::answers(&of(&world.stranger, "")).await.err();
        assert!(matches!(stranger, Some(Refusal::NotFound)));
        for (what, words) in [("list", "参加人名单"), ("cards", "place-card"), ("slips", "<svg")] {
            let page = html(pages::print::print(&of(&world.officer, &format!("what={what}"))).await.unwrap());
            assert!(page.contains(words) && page.contains(&all[0].name), "{what}");
            assert!(!page.contains(&all[1].name), "who does not come has no card: {what}");
        }
        assert!(matches!(pages::print::print(&of(&world.officer, "what=x")).await.err(), Some(Refusal::NotFound)));
        world.step(&world.officer, RemindUnanswered { case, meeting }).await.unwrap();
        let mut one = of(&world.officer, "");
        one.params.insert("invitee".to_owned(), all[1].invitee_id.to_string());
        let page = html(pages::answers::one(&one).await.unwrap());
        assert!(page.contains("那天在外地") && page.contains("/i/"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn contacts_of_those_on_the_list_go_after_the_set_time() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let guest = first(&world, meeting).await;
        answer(&world, &guest, false, "那天出门").await.unwrap();
        world.pass_days(800);
        clock::run_due(&world.ctx).await.unwrap();
        assert!(!first(&world, meeting).await.phone.is_empty(), "a case that goes on needs them");

        let seen = world.case(case).await.stage_version;
        let step = TerminateTopic { case, seen, reason: "已由别的办法解决".to_owned() };
        let invited = world.step(&world.approver, step).await.unwrap_err();
        assert!(invited.sentence().contains("取消会议"), "nobody waits at a closed door: {invited:?}");
        world.step(&world.officer, CancelMeeting { case, seen, reason: "不用再商量".to_owned() }).await.unwrap();
        let seen = world.case(case).await.stage_version;
        let step = TerminateTopic { case, seen, reason: "已由别的办法解决".to_owned() };
        world.step(&world.approver, step).await.unwrap();
        world.pass_days(729);
        let early = world.step(&Actor::Clock, ForgetInvitees { case }).await.unwrap_err();
        assert!(matches!(early, Refusal::Conflict { .. }), "{early:?}");
        world.pass_days(2);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0, "once");
        let gone = store::guests(&db, meeting).await.unwrap();
        assert!(gone.iter().all(|one| one.phone.is_empty() && one.mail.is_empty()));
        let same = gone.iter().find(|one| one.invitee_id == guest.invitee_id).unwrap();
        assert_eq!((&same.name, same.reason.as_str()), (&guest.name, "那天出门"), "what happened stays");
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn an_offer_waits_while_the_day_is_moved() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting) = announced(&world).await;
        let mut last = None;
        for n in 0..4 {
            last = Some(register(&world, (case, meeting), n).await.unwrap());
        }
        let all = store::guests(&db, meeting).await.unwrap();
        let seated = all.iter().find(|one| one.origin == "seat" && one.state.0 == InviteeState::Accepted).unwrap();
        answer(&world, seated, false, "有事").await.unwrap();
        let next = last.unwrap().invitee;
        assert_eq!(state(&world, next).await, InviteeState::Offered);
        let seen = world.case(case).await.stage_version;
        world.step(&world.officer, CancelMeeting { case, seen, reason: "台风".to_owned() }).await.unwrap();
        world.pass_days(3);
        clock::run_due(&world.ctx).await.unwrap();
        assert_eq!(state(&world, next).await, InviteeState::Offered, "nobody could confirm");

        plan::save(&world, case, plan::good_plan(&world).await).await;
        plan::approve(&world, case).await;
        let seen = plan::version(&world, case).await;
        world.step(&world.officer, Announce { case, seen }).await.unwrap();
        clock::run_due(&world.ctx).await.unwrap();
        let offered = guest(&db, next).await.unwrap().unwrap();
        assert_eq!(offered.state.0, InviteeState::Offered, "there is time anew");
        answer(&world, &offered, true, "").await.unwrap();
        sound(&world).await;
    })
    .await;
}
