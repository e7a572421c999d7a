//! Stories of the floor, told on both engines.

use super::model::{SpeechKind, SpeechState};
use super::steps::*;
use super::store;
use crate::access::Actor;
use crate::error::Refusal;
use crate::ids::{CaseId, HandoverId, InviteeId, SittingId, SpeechId};
use crate::invitation::steps::EraseInvitee;
use crate::ledger;
use crate::meeting::steps::{CloseMeeting, PauseMeeting, ResumeMeeting};
use crate::meeting::testing::*;
use crate::rules::{Category, Segment};
use crate::storage::testing::each_engine;
use crate::topic::testing::World;

fn is_conflict<T: std::fmt::Debug>(result: Result<T, Refusal>) -> bool {
    matches!(result, Err(Refusal::Conflict { .. }))
}

fn is_invalid<T: std::fmt::Debug>(result: Result<T, Refusal>) -> bool {
    matches!(result, Err(Refusal::Invalid(_)))
}

async fn ask(
    world: &World,
    by: &Actor,
    (case, sitting): (CaseId, SittingId),
    who: InviteeId,
) -> Result<SpeechId, Refusal> {
    let speech = Some(SpeechId(world.ctx.new_id()));
    world.step(by, AskToSpeak { case, sitting, invitee: who, speech }).await
}

async fn line(world: &World, sitting: SittingId, state: SpeechState) -> Vec<SpeechId> {
    let all = store::speeches(&world.ctx.db, sitting).await.unwrap();
    all.into_iter().filter(|one| one.state.0 == state).map(|one| one.speech_id).collect()
}

#[tokio::test]
async fn the_agenda_begins_with_the_meeting_and_goes_on_by_one_press() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        let next = |segment| NextSegment { case, sitting, segment: Some(segment) };
        world.ctx.clock.set(world.ctx.now() + chrono::Duration::minutes(16));
        world.step(&world.officer, next(Segment::Ask)).await.unwrap();
        world.step(&world.officer, next(Segment::Ask)).await.unwrap();
        let runs = store::runs(&db, sitting).await.unwrap();
        let held: Vec<_> = runs.iter().map(|run| (run.segment.0, run.ended_at.is_some())).collect();
        assert_eq!(held, [(Segment::Brief, true), (Segment::Ask, false)], "pressed twice, begun once");
        let meeting = presence(&world, case).await.day.meeting_id;
        let words = || async { store::progress(&db, meeting).await.unwrap().unwrap().words() };
        assert_eq!(words().await, "会议正在开，现在是「提问」。");
        world.step(&world.officer, CloseMeeting { case, sitting }).await.unwrap();
        assert!(store::runs(&db, sitting).await.unwrap().iter().all(|run| run.ended_at.is_some()));
        assert_eq!(words().await, "会议已经开完了，纪要签发以后在这里公布。");
        assert!(is_conflict(world.step(&world.officer, next(Segment::Answer)).await));
    })
    .await;
}

#[tokio::test]
async fn people_ask_are_ordered_speak_and_their_time_is_the_servers() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        let at = (case, sitting);
        let public = of(&world, case, Category::Public).await;
        let first = ask(&world, &by_link(case, public[0]), at, public[0]).await.unwrap();
        let second = ask(&world, &world.officer, at, public[1]).await.unwrap();
        assert!(is_conflict(ask(&world, &world.officer, at, public[0]).await), "once in line");
        let other = ask(&world, &by_link(case, public[1]), at, public[2]).await;
        assert!(matches!(other, Err(Refusal::NotFound)), "nobody raises another's hand: {other:?}");
        let stranger = InviteeId(world.ctx.new_id());
        assert!(is_invalid(ask(&world, &world.officer, at, stranger).await), "who is not there does not speak");
        let third = ask(&world, &world.officer, at, public[2]).await.unwrap();
        world.step(&by_link(case, public[2]), WithdrawSpeech { case, sitting, speech: third }).await.unwrap();
        let theirs = world.step(&by_link(case, public[2]), WithdrawSpeech { case, sitting, speech: first }).await;
        assert!(matches!(theirs, Err(Refusal::NotFound)), "{theirs:?}");

        world.step(&world.officer, SpeakNext { case, sitting, speech: second }).await.unwrap();
        assert_eq!(line(&world, sitting, SpeechState::Waiting).await, [second, first]);
        let begun = world.ctx.now();
        world.step(&world.officer, StartSpeech { case, sitting, speech: second }).await.unwrap();
        world.ctx.clock.set(begun + chrono::Duration::seconds(198));
        // The next one: whoever speaks has ended.
        world.step(&world.officer, StartSpeech { case, sitting, speech: first }).await.unwrap();
        let all = store::speeches(&db, sitting).await.unwrap();
        let ended = all.iter().find(|one| one.speech_id == second).unwrap();
        assert_eq!((ended.started_at, ended.ended_at), (Some(begun), Some(world.ctx.now())));
        assert_eq!((ended.allowed_s, ended.category.0), (300, Category::Public));
        assert_eq!(line(&world, sitting, SpeechState::Speaking).await, [first], "one speaks");
        // A pause stops the clock.
        world.step(&world.officer, PauseMeeting { case, sitting }).await.unwrap();
        assert!(line(&world, sitting, SpeechState::Speaking).await.is_empty());
        let again = ask(&world, &world.officer, at, public[2]).await.unwrap();
        assert!(is_conflict(world.step(&world.officer, StartSpeech { case, sitting, speech: again }).await));
        world.step(&world.officer, ResumeMeeting { case, sitting }).await.unwrap();
        world.step(&world.officer, StartSpeech { case, sitting, speech: again }).await.unwrap();
        world.step(&world.officer, StopSpeech { case, sitting, speech: again }).await.unwrap();
        assert!(is_conflict(world.step(&world.officer, StopSpeech { case, sitting, speech: again }).await));
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn more_time_is_given_by_the_press_and_only_to_who_speaks() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        let who = of(&world, case, Category::Public).await[0];
        let speech = ask(&world, &world.officer, (case, sitting), who).await.unwrap();
        let more = |allowed_s| ExtendSpeech { case, sitting, speech, allowed_s };
        assert!(is_conflict(world.step(&world.officer, more(300)).await), "nobody speaks yet");
        world.step(&world.officer, StartSpeech { case, sitting, speech }).await.unwrap();
        world.step(&world.officer, more(300)).await.unwrap();
        assert!(is_conflict(world.step(&world.officer, more(300)).await), "pressed twice on one page, given once");
        world.step(&world.officer, more(360)).await.unwrap();
        assert_eq!(store::speeches(&db, sitting).await.unwrap()[0].allowed_s, 420);
        let own = world.step(&by_link(case, who), more(420)).await;
        assert!(own.is_err(), "nobody gives himself more");
    })
    .await;
}

#[tokio::test]
async fn erasing_a_person_erases_what_was_noted_of_the_words() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        let public = of(&world, case, Category::Public).await;
        for (n, who) in public.iter().take(2).enumerate() {
            let speech = ask(&world, &world.officer, (case, sitting), *who).await.unwrap();
            world.step(&world.officer, StartSpeech { case, sitting, speech }).await.unwrap();
            let note = NoteSpeech { case, sitting, speech, seen: 0, words: format!("夜里过车最多，第{n}位说") };
            world.step(&world.officer, note).await.unwrap();
        }
        let reason = "本人当面要求，核对过身份".to_owned();
        world.step(&world.officer, EraseInvitee { case, invitee: public[0], reason }).await.unwrap();
        let all = store::speeches(&db, sitting).await.unwrap();
        let of = |who| all.iter().find(|one| one.invitee_id == who).unwrap();
        assert_eq!(of(public[0]).said().as_deref(), Some("（已删除）"));
        assert_eq!(of(public[1]).said().as_deref(), Some("夜里过车最多，第1位说"), "another's words stay");
        assert_eq!(store::note(&db, of(public[0]).speech_id, 1).await.unwrap(), None);
        let left: Vec<(i64,)> = db
            .rows("SELECT COUNT(*) FROM speech_note WHERE words LIKE '%第0位%' OR (erased_at IS NOT NULL AND salt IS NOT NULL)", Vec::new())
            .await
            .unwrap();
        assert_eq!(left[0].0, 0);
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None, "the chain can still be checked");
    })
    .await;
}

#[tokio::test]
async fn two_who_note_at_once_keep_both() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        let who = of(&world, case, Category::Public).await[0];
        let speech = ask(&world, &world.officer, (case, sitting), who).await.unwrap();
        let note = |seen, words: &str| NoteSpeech { case, sitting, speech, seen, words: words.to_owned() };
        assert!(is_conflict(world.step(&world.officer, note(0, "还没说")).await), "nothing was said yet");
        world.step(&world.officer, StartSpeech { case, sitting, speech }).await.unwrap();
        for bad in ["  ", "打 13812345678"] {
            assert!(is_invalid(world.step(&world.officer, note(0, bad)).await), "{bad}");
        }
        let first = world.step(&world.officer, note(0, "夜里过车最多")).await.unwrap();
        assert_eq!(first, Noted { version: 1, beside: false });
        let stale = world.step(&world.director, note(0, "建议路口立牌")).await.unwrap();
        assert_eq!(stale, Noted { version: 2, beside: true });
        let now = || async { store::speeches(&db, sitting).await.unwrap().remove(0) };
        assert_eq!((now().await.version, now().await.words.as_deref()), (1, Some("夜里过车最多")), "nothing is merged");
        assert_eq!(store::note(&db, speech, 2).await.unwrap().as_deref(), Some("建议路口立牌"), "both are kept");
        let joined = world.step(&world.officer, note(1, "夜里过车最多，建议路口立牌")).await.unwrap();
        assert_eq!(joined, Noted { version: 3, beside: false });
        assert_eq!(now().await.version, 3);
        // After the meeting too, until the minutes are signed.
        world.step(&world.officer, CloseMeeting { case, sitting }).await.unwrap();
        world.step(&world.officer, note(3, "夜里过车最多，建议路口立牌。")).await.unwrap();
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
        let leaked: Vec<(i64,)> =
            db.rows("SELECT COUNT(*) FROM ledger_entry WHERE body LIKE '%立牌%'", Vec::new()).await.unwrap();
        assert_eq!(leaked[0].0, 0, "the ledger has hashes only");
    })
    .await;
}

#[tokio::test]
async fn a_department_answers_a_question_and_takes_a_matter_home() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        let public = of(&world, case, Category::Public).await;
        let department = of(&world, case, Category::Department).await[0];
        let asked = ask(&world, &world.officer, (case, sitting), public[0]).await.unwrap();
        world.step(&world.officer, StartSpeech { case, sitting, speech: asked }).await.unwrap();
        let call = |invitee, answers| CallResponse {
            case,
            sitting,
            invitee,
            answers,
            speech: Some(SpeechId(world.ctx.new_id())),
        };
        assert!(is_invalid(world.step(&world.officer, call(public[1], None)).await), "a resident is no department");
        let answer = world.step(&world.officer, call(department, None)).await.unwrap();
        let all = store::speeches(&db, sitting).await.unwrap();
        let found = all.iter().find(|one| one.speech_id == answer).unwrap();
        assert_eq!((found.kind.0, found.state.0, found.allowed_s), (SpeechKind::Response, SpeechState::Speaking, 180));
        let link = |speech, answers| LinkAnswer { case, sitting, speech, answers };
        assert!(is_invalid(world.step(&world.officer, link(asked, Some(answer))).await), "a question is no answer");
        assert!(is_invalid(world.step(&world.officer, link(answer, Some(answer))).await));
        world.step(&world.officer, link(answer, Some(asked))).await.unwrap();
        let all = store::speeches(&db, sitting).await.unwrap();
        assert_eq!(all.iter().find(|one| one.speech_id == answer).unwrap().answers, Some(asked));

        let unit = crate::account::admin::add_unit(&world.ctx, "盛泽交警中队", None).await.unwrap();
        let hand = |unit, matter: &str, due: Option<&str>| HandOver {
            case,
            sitting,
            handover: Some(HandoverId(world.ctx.new_id())),
            unit,
            matter: matter.to_owned(),
            due_on: due.map(|day| day.parse().unwrap()),
            speech: Some(asked),
        };
        let later = Some("2026-04-01");
        for bad in [
            hand(None, "立牌", later),
            hand(Some(unit), " ", later),
            hand(Some(unit), "立牌", Some("2026-03-01")),
            hand(Some(unit), "立牌", None),
        ] {
            assert!(is_invalid(world.step(&world.officer, bad).await));
        }
        world.step(&world.officer, hand(Some(unit), "路口立限行牌", later)).await.unwrap();
        let kept = store::handovers(&db, sitting).await.unwrap();
        assert_eq!((kept.len(), kept[0].unit.as_str(), kept[0].no), (1, "盛泽交警中队", 1));
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}
