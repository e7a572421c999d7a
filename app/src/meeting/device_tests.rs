//! What a device at the door keeps and sends, told on both engines.

use chrono::Duration;

use super::codes;
use super::device::{BATCH, Became, Mark, Noted, list, sync};
use super::steps::{CloseMeeting, UndoCheckIn};
use super::testing::*;
use crate::access::{Actor, Visitor};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{AccountId, InviteeId, RequestId, SittingId};
use crate::invitation::answer::LINK;
use crate::ledger;
use crate::plan::testing::account;
use crate::storage::testing::each_engine;
use crate::topic::testing::World;

fn noted(ctx: &Ctx, sitting: SittingId, invitee: InviteeId) -> Noted {
    let at = ctx.now().timestamp_millis();
    let request = RequestId(ctx.new_id());
    Noted { request, sitting, invitee: Some(invitee), account: None, how: "list".to_owned(), at, list_at: at }
}

#[tokio::test]
async fn the_list_of_a_device_names_no_phone_and_recognises_codes_that_it_does_not_hold() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        let officer = world.ctx.acting_as(world.officer.clone());
        assert_eq!(list(&officer, case, None).await.unwrap().sitting, None, "nothing to keep before the door is open");
        let sitting = open_door(&world, case).await;

        let answer = list(&officer, case, None).await.unwrap();
        let whole = answer.whole.clone().unwrap();
        assert_eq!((answer.sitting, answer.count, whole.people.len()), (Some(sitting), 14, 14));
        let officials: Vec<AccountId> = whole.officials.iter().map(|one| one.0).collect();
        assert_eq!(officials, [account(&world.director).unwrap(), account(&world.officer).unwrap()]);
        let people = presence(&world, case).await.people;
        let text = serde_json::to_string(&answer).unwrap();
        for person in &people {
            let entry = whole.people.iter().find(|one| one.0 == person.invitee_id).unwrap();
            let code = codes::of_person(&world.ctx.secret, person.invitee_id, person.generation);
            let token = world.ctx.secret.link_token(LINK, person.invitee_id.0, person.generation);
            assert_eq!(entry.3, codes::hashed(&whole.salt, &code));
            assert_eq!(entry.4, codes::hashed(&whole.salt, &token));
            assert!(entry.5 && !text.contains(&code) && !text.contains(&token));
        }
        let phones: Vec<(String,)> = db.rows("SELECT phone FROM invitee WHERE phone <> ''", Vec::new()).await.unwrap();
        assert!(!phones.is_empty() && phones.iter().all(|(phone,)| !text.contains(phone)));

        // Only what changed, and only for those who see the door.
        let since = Some(answer.now);
        world.ctx.clock.set(world.ctx.now() + Duration::minutes(1));
        let who = people[0].invitee_id;
        let first = world.step(&world.officer, tick(case, sitting, Some(who), None)).await.unwrap();
        let part = list(&officer, case, since).await.unwrap();
        assert_eq!((part.whole, part.count), (None, 14));
        assert!(
            matches!(part.marks.as_slice(), [Mark(id, Some(_), words)] if *id == who.0 && words.contains("签到，名单"))
        );
        world.step(&world.officer, UndoCheckIn { case, sitting, check_in: first.check_in }).await.unwrap();
        let part = list(&officer, case, since).await.unwrap();
        assert_eq!(part.marks, [Mark(who.0, None, String::new())]);
        let again = world.step(&world.officer, tick(case, sitting, Some(who), None)).await.unwrap();
        let part = list(&officer, case, since).await.unwrap();
        assert!(matches!(part.marks.as_slice(), [Mark(_, Some(check_in), _)] if *check_in == again.check_in));
        let later = world.ctx.now() + Duration::minutes(5);
        assert_eq!(list(&officer, case, Some(later.timestamp_millis())).await.unwrap().marks, []);

        let stranger = world.ctx.acting_as(world.stranger.clone());
        let nobody = world.ctx.acting_as(Actor::Visitor(Visitor::default()));
        for since in [None, since] {
            assert!(matches!(list(&stranger, case, since).await, Err(Refusal::NotFound)));
            assert!(matches!(list(&nobody, case, since).await, Err(Refusal::NotSignedIn)));
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_device_noted_is_carried_out_once_and_each_by_itself() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        let sitting = open_door(&world, case).await;
        let officer = world.ctx.acting_as(world.officer.clone());
        let people: Vec<InviteeId> = presence(&world, case).await.people.iter().map(|one| one.invitee_id).collect();
        let at = world.ctx.now();
        let mut batch: Vec<Noted> = people.iter().take(3).map(|who| noted(&officer, sitting, *who)).collect();
        batch.push(noted(&officer, sitting, InviteeId(officer.new_id())));
        batch.push(noted(&officer, SittingId(officer.new_id()), people[3]));
        batch.push(Noted { how: "self".to_owned(), ..noted(&officer, sitting, people[3]) });
        batch.push(Noted { account: account(&world.director), invitee: None, ..noted(&officer, sitting, people[3]) });
        // Another device was faster with the third.
        world.step(&world.officer, tick(case, sitting, Some(people[2]), None)).await.unwrap();
        world.ctx.clock.set(at + Duration::minutes(10));

        let answers = sync(&officer, case, batch.clone()).await.unwrap();
        let became: Vec<Became> = answers.iter().map(|one| one.became).collect();
        use Became::{Already, Done, Refused};
        assert_eq!(became, [Done, Done, Already, Refused, Refused, Refused, Done]);
        assert!(answers.iter().all(|one| one.sentence.is_empty() == (one.became != Refused)));
        assert_eq!(
            answers.iter().map(|one| one.request).collect::<Vec<_>>(),
            batch.iter().map(|one| one.request).collect::<Vec<_>>()
        );
        // The answer was lost: the same again is the same.
        assert_eq!(sync(&officer, case, batch.clone()).await.unwrap(), answers);
        let (one, two) = (noted(&officer, sitting, people[0]), noted(&officer, sitting, people[0]));
        let twice = sync(&officer, case, vec![one, two]).await.unwrap();
        assert!(twice.iter().all(|one| one.became == Already));
        let rows: Vec<(i64,)> = db.rows("SELECT COUNT(*) FROM check_in", Vec::new()).await.unwrap();
        assert_eq!(rows[0].0, 4);
        let here = presence(&world, case).await.people;
        let person = |who| here.iter().find(|one| one.invitee_id == who).unwrap();
        assert_eq!((person(people[0]).device_at, person(people[0]).at), (Some(at), Some(at + Duration::minutes(10))));
        assert_eq!(person(people[2]).device_at, None, "the one that was first stands");
        // What arrives at once is no entry without a network.
        sync(&officer, case, vec![noted(&officer, sitting, people[4])]).await.unwrap();
        let here = presence(&world, case).await.people;
        assert_eq!(here.iter().find(|one| one.invitee_id == people[4]).unwrap().device_at, None);

        // Who may not, and too much at once.
        let stranger = world.ctx.acting_as(world.stranger.clone());
        assert!(matches!(sync(&stranger, case, batch.clone()).await, Err(Refusal::NotFound)));
        let director = world.ctx.acting_as(world.director.clone());
        let answers = sync(&director, case, vec![noted(&officer, sitting, people[5])]).await.unwrap();
        assert_eq!(answers[0].became, Refused, "the director opens the meeting, the officer keeps the door");
        let many = vec![noted(&officer, sitting, people[5]); BATCH + 1];
        assert!(matches!(sync(&officer, case, many).await, Err(Refusal::TooLarge(_))));
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn what_arrives_after_the_meeting_is_refused_with_a_sentence_and_the_list_is_wiped() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        let officer = world.ctx.acting_as(world.officer.clone());
        let who = presence(&world, case).await.people[0].invitee_id;
        let late = noted(&officer, sitting, who);
        world.step(&world.officer, CloseMeeting { case, sitting }).await.unwrap();
        let answers = sync(&officer, case, vec![late]).await.unwrap();
        assert_eq!(answers[0].became, Became::Refused);
        assert!(answers[0].sentence.contains("会议已经结束"), "{}", answers[0].sentence);
        for since in [None, Some(0)] {
            let answer = list(&officer, case, since).await.unwrap();
            assert_eq!((answer.sitting, answer.whole, answer.marks), (None, None, Vec::new()));
        }
    })
    .await;
}
