use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::model::{CalendarMethod, LetterKind, LetterState, write};
use super::post::{
    Delivery, LETTER_JOB, Outgoing, PROGRESS_JOB, Round, Sender, add_round, begin, end, facts, keep, letter_of,
    mark_bounced, resend, run_progress, run_round, write_to,
};
use super::store::{self, LetterRow};
use super::{clock, feed};
use crate::access::{Actor, Role};
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, FollowId, InviteeId, LetterId, MeetingId};
use crate::invitation::answer::steps::ChooseNews;
use crate::jobs::{self, Job};
use crate::meeting::testing::by_link;
use crate::plan::model::{ConsultationPlan, calendar_uid};
use crate::plan::steps::{Announce, CancelMeeting, MoveMeeting, Moved};
use crate::plan::testing::{ALL_SIDES, approve, good_plan, list, planned, save, version};
use crate::rules::{ResultClass, day_and_time};
use crate::storage::testing::each_engine;
use crate::storage::{Database, Value};
use crate::task::steps::Supervise;
use crate::task::testing as task_testing;
use crate::topic::steps::{FollowTopic, StopFollowing, TerminateTopic};
use crate::topic::testing::{TOWN, World, person, visitor};

const URL: &str = "https://consult.example:8443";

fn sender() -> Sender {
    Sender { public_url: URL.to_owned(), address: "gw@consult.example".to_owned(), name: "有事好商量".to_owned() }
}

/// Any statement, committed.
async fn run(db: &Database, sql: &'static str, values: Vec<Value>) {
    db.write(move |tx| Box::pin(async move { Ok(tx.execute(sql, values).await?) })).await.unwrap();
}

/// An announced meeting a week from now, at three in the afternoon.
async fn announced(world: &World, case: CaseId) -> MeetingId {
    let meeting = MeetingId(world.ctx.new_id());
    let starts = world.ctx.now() + TimeDelta::days(7) + TimeDelta::hours(5);
    run(
        &world.ctx.db,
        "INSERT INTO meeting (meeting_id, case_id, round, state, format, starts_at, ends_at, told_starts_at, told_ends_at,
                              online_url, announced_at, urgent, sequence)
         VALUES ($1, $2, 1, 'announced', 'roundtable', $3, $4, $3, $4, '', $5, FALSE, 0)",
        vec![meeting.into(), case.into(), starts.into(), (starts + TimeDelta::hours(2)).into(), world.ctx.now().into()],
    )
    .await;
    meeting
}

const INVITEE: &str = "INSERT INTO invitee
     (invitee_id, case_id, meeting_id, origin, category, name, organisation, sector, phone, mail, woman, consent_public,
      state, reason, opinion, opinion_released, generation, ledger_seq)
     VALUES ($1, $2, $3, 'listed', 'member', $4, '', '', '13800000000', $5, FALSE, FALSE, $6, '', '', FALSE, 0, 1)";

async fn invited(world: &World, (case, meeting): (CaseId, MeetingId), mail: &str, state: &str) -> InviteeId {
    let invitee = InviteeId(world.ctx.new_id());
    let values = vec![invitee.into(), case.into(), meeting.into(), "王小明".into(), mail.into(), state.into()];
    run(&world.ctx.db, INVITEE, values).await;
    invitee
}

async fn leave(world: &World, kind: &'static str, round: Round) {
    let ctx = world.ctx.clone();
    world.ctx.db.write(move |tx| Box::pin(async move { add_round(tx, &ctx, kind, round, None).await })).await.unwrap();
}

/// Takes every job that is due.
async fn claimed(world: &World) -> Vec<Job> {
    jobs::claim(&world.ctx, 100_000).await.unwrap()
}

/// Runs the rounds that are due; gives the jobs of letters.
async fn rounds(world: &World) -> Vec<Job> {
    let (mut letters, mut due) = (Vec::new(), claimed(world).await);
    while !due.is_empty() {
        for job in due {
            // Marked as done: else they come back when the clock is moved on.
            jobs::done(&world.ctx, job.id).await.unwrap();
            if job.kind == LETTER_JOB {
                letters.push(job);
            } else if job.kind == PROGRESS_JOB {
                run_progress(&world.ctx, &job).await.unwrap();
            } else {
                run_round(&world.ctx, &job).await.unwrap();
            }
        }
        due = claimed(world).await;
    }
    letters
}

async fn announce(world: &World, meeting: MeetingId) -> Vec<Job> {
    leave(world, "announce", Round { meeting, unanswered: false }).await;
    rounds(world).await
}

async fn row(world: &World, letter: LetterId) -> LetterRow {
    store::letter(&world.ctx.db, letter).await.unwrap().unwrap()
}

async fn state(world: &World, letter: LetterId) -> LetterState {
    row(world, letter).await.state.0
}

/// One invitee with one queued invitation.
async fn one(world: &World, title: &str) -> (CaseId, MeetingId, InviteeId, LetterId) {
    let case = world.confirmed(title).await;
    let meeting = announced(world, case).await;
    let invitee = invited(world, (case, meeting), "wang@example.com", "invited").await;
    let jobs = announce(world, meeting).await;
    assert_eq!(jobs.len(), 1);
    (case, meeting, invitee, letter_of(&jobs[0]).unwrap())
}

#[tokio::test]
async fn an_invitation_tells_what_happens_at_the_meeting() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = planned(&world, "镇东五区停车").await;
        let mut plan = good_plan(&world).await;
        plan.agenda[0].words = "城建办通报调研情况".to_owned();
        let meeting = save(&world, case, plan).await;
        list(&world, case, meeting, &ALL_SIDES).await;
        let invitee = invited(&world, (case, meeting), "wang@example.com", "listed").await;
        approve(&world, case).await;
        let seen = version(&world, case).await;
        world.step(&world.officer, Announce { case, seen }).await.unwrap();
        let mut letters = Vec::new();
        for job in rounds(&world).await {
            letters.push(row(&world, letter_of(&job).unwrap()).await);
        }
        let letter = letters.into_iter().find(|letter| letter.invitee_id == Some(invitee)).unwrap();
        let written = begun(&world, letter.letter_id).await.written;
        for text in [&written.text, &written.html] {
            let reported = text.find("通报 30 分钟 城建办通报调研情况").unwrap();
            assert!(text[reported..].contains("发言 30 分钟"), "{text}");
        }
    })
    .await;
}

/// A planned meeting with one invitee who has a mail address, announced; its invitation is written.
async fn one_announced(world: &World, title: &str) -> (CaseId, MeetingId, InviteeId, LetterId) {
    let case = planned(world, title).await;
    let meeting = save(world, case, good_plan(world).await).await;
    list(world, case, meeting, &ALL_SIDES).await;
    let invitee = invited(world, (case, meeting), "wang@example.com", "listed").await;
    approve(world, case).await;
    announce_plan(world, case).await;
    let letter = newest_to(world, invitee).await;
    (case, meeting, invitee, letter.letter_id)
}

async fn announce_plan(world: &World, case: CaseId) {
    let seen = version(world, case).await;
    world.step(&world.officer, Announce { case, seen }).await.unwrap();
}

/// Writes the letters of the rounds that are due; the newest one to a person.
async fn newest_to(world: &World, invitee: InviteeId) -> LetterRow {
    let mut found = Vec::new();
    for job in rounds(world).await {
        let letter = row(world, letter_of(&job).unwrap()).await;
        if letter.invitee_id == Some(invitee) {
            found.push(letter);
        }
    }
    assert_eq!(found.len(), 1, "one letter for one occasion: {found:?}");
    found.remove(0)
}

/// A call-off of what people expect.
async fn call_off(world: &World, case: CaseId, reason: &str) {
    let seen = world.case(case).await.stage_version;
    world.step(&world.officer, CancelMeeting { case, seen, reason: reason.to_owned() }).await.unwrap();
}

#[tokio::test]
async fn a_meeting_announced_again_is_told_to_everybody_who_was_asked() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting, invitee, invitation) = one_announced(&world, "镇东五区停车").await;
        let old = begun(&world, invitation).await.written.text;
        call_off(&world, case, "台风").await;
        let cancelled = newest_to(&world, invitee).await;
        // Another day is planned while the letter still waits: it tells of the day that was told, and why it is off.
        let plan = good_plan(&world).await;
        let later = plan.starts_at.map(|at| at + TimeDelta::days(3));
        save(&world, case, ConsultationPlan { starts_at: later, ..plan }).await;
        let waiting = row(&world, cancelled.letter_id).await;
        let written = write(&facts(&waiting, &world.ctx.secret, URL));
        let day = day_and_time(later.unwrap());
        assert!(!old.contains(&day) && !written.text.contains(&day), "{}", written.text);
        assert!(written.text.contains("原因：台风") && written.text.contains("取消了"), "{}", written.text);
        approve(&world, case).await;
        let newcomer = invited(&world, (case, meeting), "li@example.com", "listed").await;
        announce_plan(&world, case).await;

        assert_eq!(begin(&world.ctx, cancelled.letter_id, &sender()).await.unwrap(), None, "it is on again");
        let mut told = Vec::new();
        for job in rounds(&world).await {
            let letter = row(&world, letter_of(&job).unwrap()).await;
            told.push((letter.invitee_id.unwrap(), letter.kind.0, letter.letter_id));
        }
        let kinds = |who| told.iter().filter(|one| one.0 == who).map(|one| one.1).collect::<Vec<_>>();
        assert_eq!(kinds(invitee), [LetterKind::Changed]);
        assert_eq!(kinds(newcomer), [LetterKind::Invitation], "one letter, not two");
        let changed = told.iter().find(|one| one.0 == invitee).unwrap().2;
        let out = begun(&world, changed).await;
        assert!(out.written.text.contains(&day), "{}", out.written.text);
        let (method, calendar) = out.calendar.unwrap();
        assert_eq!(method, CalendarMethod::Request);
        assert!(calendar.contains("SEQUENCE:2\r\n"), "{calendar}");
    })
    .await;
}

#[tokio::test]
async fn a_day_that_is_not_settled_is_told_to_nobody() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, _, invitee, _) = one_announced(&world, "镇东五区停车").await;
        let plan = good_plan(&world).await;
        let soon = world.ctx.now() + TimeDelta::days(2);
        let seen = version(&world, case).await;
        let step = MoveMeeting {
            case,
            seen,
            starts_at: Some(soon),
            minutes: plan.minutes,
            room: plan.room,
            room_name: plan.room_name,
            online_url: String::new(),
            topic_changed: false,
            reason: "场地要修".to_owned(),
        };
        assert_eq!(world.step(&world.officer, step).await.unwrap(), Moved::Planning);
        let letter = newest_to(&world, invitee).await;
        let out = begun(&world, letter.letter_id).await;
        let day = day_and_time(soon);
        assert!(!out.written.text.contains(&day), "{}", out.written.text);
        assert!(out.written.text.contains("先不用来") && out.written.text.contains("原因：场地要修"));
        let (method, calendar) = out.calendar.unwrap();
        assert_eq!(method, CalendarMethod::Cancel, "the old day goes out of calendars");
        assert!(!calendar.contains(&soon.format("%Y%m%dT%H%M%SZ").to_string()), "{calendar}");
        let public = crate::plan::public_meeting(&db, case).await.unwrap().unwrap();
        assert_ne!(public.starts_at, soon);

        // Nobody is left waiting: it cannot be held or ended before those people are told.
        let seen = world.case(case).await.stage_version;
        let end = |seen| TerminateTopic { case, seen, reason: "不再商量".to_owned() };
        assert!(world.step(&world.approver, end(seen)).await.unwrap_err().sentence().contains("取消会议"));
        call_off(&world, case, "不再商量").await;
        let cancelled = newest_to(&world, invitee).await;
        assert_eq!(cancelled.kind.0, LetterKind::Cancelled);
        let seen = world.case(case).await.stage_version;
        world.step(&world.approver, end(seen)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_comes_too_late_is_not_sent() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (_, _, _, letter) = one(&world, "镇东五区停车").await;
        world.pass_days(8);
        assert_eq!(begin(&world.ctx, letter, &sender()).await.unwrap(), None);
        assert!(row(&world, letter).await.last_error.unwrap().contains("已经开始"));
    })
    .await;
}

async fn begun(world: &World, letter: LetterId) -> Outgoing {
    begin(&world.ctx, letter, &sender()).await.unwrap().unwrap()
}

#[tokio::test]
async fn everybody_on_the_list_gets_one_letter_however_often_the_round_runs() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let meeting = announced(&world, case).await;
        let people: Vec<_> = (0..2000)
            .map(|n| {
                // Every tenth left no address.
                let mail = if n % 10 == 0 { String::new() } else { format!("p{n}@example.com") };
                (InviteeId(world.ctx.new_id()), format!("居民{n}"), mail)
            })
            .collect();
        world
            .ctx
            .db
            .write(move |tx| {
                Box::pin(async move {
                    for (id, name, mail) in people {
                        let values =
                            vec![id.into(), case.into(), meeting.into(), name.into(), mail.into(), "invited".into()];
                        tx.execute(INVITEE, values).await?;
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
        invited(&world, (case, meeting), "gone@example.com", "removed").await;
        leave(&world, "announce", Round { meeting, unanswered: false }).await;
        let job = claimed(&world).await.into_iter().find(|job| job.kind == "announce").unwrap();
        assert_eq!(run_round(&world.ctx, &job).await.unwrap(), 2000);
        // The process died before it could mark the job; and the officer pressed twice.
        assert_eq!(run_round(&world.ctx, &job).await.unwrap(), 0);
        leave(&world, "announce", Round { meeting, unanswered: false }).await;
        let letters = rounds(&world).await;
        let ids: BTreeSet<_> = letters.iter().map(|job| letter_of(job).unwrap().0).collect();
        assert_eq!((letters.len(), ids.len()), (1800, 1800));
        let tally = store::tally(&db).await.unwrap();
        assert_eq!(tally.iter().find(|t| t.0 == LetterState::Queued).unwrap().1, 1800);
        assert_eq!(tally.iter().find(|t| t.0 == LetterState::None).unwrap().1, 200);
        assert_eq!(store::of_meeting(&db, meeting).await.unwrap().len(), 2000);
        // Somebody came on the list later: one more.
        invited(&world, (case, meeting), "late@example.com", "invited").await;
        assert_eq!(announce(&world, meeting).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_round_that_died_half_way_goes_on_where_it_was() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let meeting = announced(&world, case).await;
        let first = invited(&world, (case, meeting), "a@example.com", "invited").await;
        invited(&world, (case, meeting), "b@example.com", "invited").await;
        // What the first transaction of the round would have left.
        let ctx = world.ctx.clone();
        db.write(move |tx| Box::pin(async move { write_to(tx, &ctx, LetterKind::Invitation, first, "1").await }))
            .await
            .unwrap();
        assert_eq!(announce(&world, meeting).await.len(), 2, "one of the step, one of the round");
        assert_eq!(store::of_meeting(&db, meeting).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_letter_is_begun_once_and_says_when_and_where() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (_, meeting, invitee, letter) = one(&world, "镇东五区停车").await;
        let out = begun(&world, letter).await;
        assert_eq!(out.to_address, "wang@example.com");
        assert_eq!(out.message_id, format!("{letter}@consult.example"));
        let token = world.ctx.secret.link_token("invitee", invitee.0, 0);
        assert!(out.written.text.contains(&format!("{URL}/i/{invitee}/{token}")), "{}", out.written.text);
        assert!(out.written.text.contains("2026年3月16日（周一）15:00 至 17:00"), "{}", out.written.text);
        let (method, calendar) = out.calendar.unwrap();
        let calendar = calendar.replace("\r\n ", "");
        assert_eq!(method, CalendarMethod::Request);
        assert!(calendar.contains(&format!("UID:{}\r\n", calendar_uid(meeting))), "{calendar}");
        assert!(!calendar.contains(&token), "a calendar may be shared, the link not");
        assert_eq!(state(&world, letter).await, LetterState::Sending);
        end(&world.ctx, letter, Delivery::Sent).await.unwrap().unwrap();
        assert_eq!(state(&world, letter).await, LetterState::Sent);
        assert_eq!(begin(&world.ctx, letter, &sender()).await.unwrap(), None);
        assert!(row(&world, letter).await.sent_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn after_a_crash_nobody_knows_and_nothing_is_sent_again() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (_, _, _, letter) = one(&world, "镇东五区停车").await;
        begun(&world, letter).await;
        // The job's lease ran out: it is run again, here or elsewhere.
        assert_eq!(begin(&world.ctx, letter, &sender()).await.unwrap(), None);
        let seen = row(&world, letter).await;
        assert_eq!(seen.state.0, LetterState::Uncertain);
        assert!(seen.last_error.unwrap().contains("不知道对方收到没有"));
        assert_eq!(begin(&world.ctx, letter, &sender()).await.unwrap(), None);
        // The first process lives after all, and the server did say yes.
        end(&world.ctx, letter, Delivery::Sent).await.unwrap().unwrap();
        assert_eq!(state(&world, letter).await, LetterState::Sent);
        // A late "try again" of a process that had lost its turn changes nothing.
        end(&world.ctx, letter, Delivery::Later("迟到".to_owned())).await.unwrap().unwrap_err();
        assert_eq!(state(&world, letter).await, LetterState::Sent);
    })
    .await;
}

#[tokio::test]
async fn two_processes_do_not_both_begin() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (_, _, _, letter) = one(&world, "镇东五区停车").await;
        let sender = sender();
        let tries = (0..8).map(|_| begin(&world.ctx, letter, &sender));
        let begun = futures::future::join_all(tries).await.into_iter().filter(|got| matches!(got, Ok(Some(_)))).count();
        assert_eq!(begun, 1);
    })
    .await;
}

#[tokio::test]
async fn a_busy_server_is_tried_again_and_in_the_end_given_up() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (_, _, _, letter) = one(&world, "镇东五区停车").await;
        let mut tries = 0;
        loop {
            begun(&world, letter).await;
            tries += 1;
            if end(&world.ctx, letter, Delivery::Later("邮件服务器暂时不收（451）".to_owned())).await.unwrap().is_ok()
            {
                break;
            }
            assert_eq!(state(&world, letter).await, LetterState::Queued);
        }
        assert_eq!((tries, state(&world, letter).await), (14, LetterState::Failed));
        let (_, _, _, refused) = one(&world, "夜市油烟扰民").await;
        begun(&world, refused).await;
        end(&world.ctx, refused, Delivery::Refused("没有这个邮箱".to_owned())).await.unwrap().unwrap();
        let seen = row(&world, refused).await;
        assert_eq!((seen.state.0, seen.last_error.as_deref()), (LetterState::Failed, Some("没有这个邮箱")));
        let (_, _, _, unknown) = one(&world, "公交末班太早").await;
        begun(&world, unknown).await;
        end(&world.ctx, unknown, Delivery::Uncertain).await.unwrap().unwrap();
        assert_eq!(state(&world, unknown).await, LetterState::Uncertain);
    })
    .await;
}

#[tokio::test]
async fn what_is_out_of_date_is_not_sent() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        // A change, then another before the first letter went out.
        let (_, meeting, invitee, invitation) = one(&world, "镇东五区停车").await;
        run(&db, "UPDATE meeting SET sequence = 1 WHERE meeting_id = $1", vec![meeting.into()]).await;
        leave(&world, "meeting_changed", Round { meeting, unanswered: false }).await;
        let first = letter_of(&rounds(&world).await[0]).unwrap();
        run(&db, "UPDATE meeting SET sequence = 2 WHERE meeting_id = $1", vec![meeting.into()]).await;
        world.ctx.clock.set(world.ctx.now() + TimeDelta::seconds(1));
        leave(&world, "meeting_changed", Round { meeting, unanswered: false }).await;
        let second = letter_of(&rounds(&world).await[0]).unwrap();
        assert_eq!(begin(&world.ctx, first, &sender()).await.unwrap(), None);
        assert!(row(&world, first).await.last_error.unwrap().contains("又有变动"));
        let calendar = begun(&world, second).await.calendar.unwrap().1;
        assert!(calendar.contains("SEQUENCE:2\r\n"), "{calendar}");
        assert_eq!(store::of_meeting(&db, meeting).await.unwrap()[0].letter_id, second, "the newest counts");
        // The invitation still waits when the meeting is cancelled; the cancellation itself goes out.
        run(
            &db,
            "UPDATE meeting SET state = 'cancelled', cancelled_because = '台风', sequence = 3 WHERE meeting_id = $1",
            vec![meeting.into()],
        )
        .await;
        leave(&world, "meeting_cancelled", Round { meeting, unanswered: false }).await;
        let cancelled = letter_of(&rounds(&world).await[0]).unwrap();
        assert_eq!(begin(&world.ctx, invitation, &sender()).await.unwrap(), None);
        let out = begun(&world, cancelled).await;
        assert!(out.written.text.contains("原因：台风"), "{}", out.written.text);
        let (method, calendar) = out.calendar.unwrap();
        assert_eq!(method, CalendarMethod::Cancel);
        assert!(calendar.contains("METHOD:CANCEL\r\n") && calendar.contains("SEQUENCE:3\r\n"), "{calendar}");
        // Who has declined hears no more of it.
        let (_, _, who, letter) = one(&world, "夜市油烟扰民").await;
        run(&db, "UPDATE invitee SET state = 'declined' WHERE invitee_id = $1", vec![who.into()]).await;
        assert_eq!(begin(&world.ctx, letter, &sender()).await.unwrap(), None);
        assert_eq!(state(&world, letter).await, LetterState::None);
        assert_ne!(who, invitee);
    })
    .await;
}

#[tokio::test]
async fn a_letter_of_a_step_is_written_once_for_each_occasion() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting, principal, _) = one(&world, "镇东五区停车").await;
        let substitute = invited(&world, (case, meeting), "li@example.com", "invited").await;
        run(
            &db,
            "UPDATE invitee SET substitute_of = $2, origin = 'substitute', name = '李大妈' WHERE invitee_id = $1",
            vec![substitute.into(), principal.into()],
        )
        .await;
        for (occurrence, new) in [("1", true), ("1", false), ("2", true)] {
            let ctx = world.ctx.clone();
            let occurrence = occurrence.to_owned();
            let written = db
                .write(move |tx| {
                    Box::pin(async move { write_to(tx, &ctx, LetterKind::Substitute, substitute, &occurrence).await })
                })
                .await
                .unwrap();
            assert_eq!(written, new);
        }
        let jobs = rounds(&world).await;
        assert_eq!(jobs.len(), 2);
        let out = begun(&world, letter_of(&jobs[0]).unwrap()).await;
        assert!(out.written.text.contains("王小明来不了"), "{}", out.written.text);
        // A substitute is not on the officer's list: no invitation besides.
        assert!(announce(&world, meeting).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn without_a_mail_server_letters_stay_to_be_read() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (_, _, _, letter) = one(&world, "镇东五区停车").await;
        keep(&world.ctx, letter).await.unwrap();
        let seen = row(&world, letter).await;
        assert_eq!(seen.state.0, LetterState::None);
        assert!(seen.last_error.unwrap().contains("没有设置邮件服务器"));
    })
    .await;
}

#[tokio::test]
async fn a_person_may_send_again_and_note_a_bounce() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (_, _, invitee, letter) = one(&world, "镇东五区停车").await;
        let by = |actor: &Actor| world.ctx.acting_as(actor.clone());
        let admin = person(&world.ctx, "root", Role::Administrator, None).await;
        let conflict = |result: Result<(), Refusal>| matches!(result, Err(Refusal::Conflict { .. }));
        assert!(conflict(resend(&by(&world.officer), letter).await), "it waits");
        assert!(conflict(mark_bounced(&by(&world.officer), letter).await), "it was not sent");
        begun(&world, letter).await;
        end(&world.ctx, letter, Delivery::Sent).await.unwrap().unwrap();
        assert!(conflict(resend(&by(&world.officer), letter).await), "it was sent");
        assert!(matches!(mark_bounced(&by(&visitor("x")), letter).await, Err(Refusal::NotSignedIn)));
        for other in [&world.stranger, &world.approver, &world.district] {
            assert!(matches!(mark_bounced(&by(other), letter).await, Err(Refusal::NotFound)));
        }
        mark_bounced(&by(&world.officer), letter).await.unwrap();
        assert_eq!(state(&world, letter).await, LetterState::Bounced);
        // The officer mended the address meanwhile.
        run(&db, "UPDATE invitee SET mail = '' WHERE invitee_id = $1", vec![invitee.into()]).await;
        assert!(matches!(resend(&by(&admin), letter).await, Err(Refusal::Invalid(_))));
        run(&db, "UPDATE invitee SET mail = 'right@example.com' WHERE invitee_id = $1", vec![invitee.into()]).await;
        resend(&by(&admin), letter).await.unwrap();
        let jobs = rounds(&world).await;
        assert_eq!(jobs.len(), 1);
        assert_eq!(begun(&world, letter_of(&jobs[0]).unwrap()).await.to_address, "right@example.com");
        // The people of these stories were put in by hand: no entry has their hash.
        for sql in ["DELETE FROM letter", "DELETE FROM invitee"] {
            run(&db, sql, Vec::new()).await;
        }
        let report = crate::ledger::verify(&world.ctx.db, None).await.unwrap();
        assert!(report.broken.is_none(), "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn people_are_reminded_once_a_reminder_day() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting, _, _) = one(&world, "镇东五区停车").await;
        invited(&world, (case, meeting), "yes@example.com", "accepted").await;
        invited(&world, (case, meeting), "no@example.com", "declined").await;
        rounds(&world).await;
        let start = world.ctx.now();
        let mut reminded = Vec::new();
        // Every hour of the week before the meeting, and the day after.
        for hour in 0..8 * 24 {
            world.ctx.clock.set(start + TimeDelta::hours(hour));
            if clock::run_due(&world.ctx).await.unwrap() > 0 {
                reminded.push((hour / 24, rounds(&world).await.len()));
            }
        }
        assert_eq!(reminded, [(3, 2), (5, 2)], "days from the announcement, letters");
    })
    .await;
}

#[tokio::test]
async fn the_officer_reminds_those_who_have_not_answered() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting, _, _) = one(&world, "镇东五区停车").await;
        invited(&world, (case, meeting), "yes@example.com", "accepted").await;
        rounds(&world).await;
        for _ in 0..2 {
            leave(&world, "remind", Round { meeting, unanswered: true }).await;
            let jobs = rounds(&world).await;
            assert_eq!(jobs.len(), 1, "each press is a reminder of its own");
            let out = begun(&world, letter_of(&jobs[0]).unwrap()).await;
            assert!(out.written.subject.starts_with("请您答复"), "{}", out.written.subject);
        }
        run(&db, "UPDATE meeting SET state = 'planning' WHERE meeting_id = $1", vec![meeting.into()]).await;
        leave(&world, "remind", Round { meeting, unanswered: true }).await;
        assert!(rounds(&world).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn followers_with_an_address_are_told_and_forgotten_when_they_stop() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let mut follows = Vec::new();
        for contact in ["a@example.com", "13812345678"] {
            let follow = FollowId(world.ctx.new_id());
            let step = FollowTopic { case, follow: Some(follow), contact: Some(contact.to_owned()), consent: true };
            world.step(&visitor(contact), step).await.unwrap();
            follows.push(follow);
        }
        let letters = rounds(&world).await;
        assert_eq!(letters.len(), 1, "that it was chosen");
        let out = begun(&world, letter_of(&letters[0]).unwrap()).await;
        assert_eq!(out.written.subject, "有新进展：镇东五区停车（已立题）");
        let meeting = announced(&world, case).await;
        let jobs = announce(&world, meeting).await;
        assert_eq!(jobs.len(), 1);
        assert!(announce(&world, meeting).await.is_empty());
        let letter = letter_of(&jobs[0]).unwrap();
        let out = begun(&world, letter).await;
        let token = world.ctx.secret.link_token("follow", follows[0].0, 0);
        assert!(out.written.text.contains(&format!("{URL}/follow/{}/{token}", follows[0])), "{}", out.written.text);
        assert_eq!(out.calendar, None);
        end(&world.ctx, letter, Delivery::Sent).await.unwrap().unwrap();
        let told: Option<(Option<DateTime<Utc>>,)> =
            db.row("SELECT told_at FROM follower WHERE follow_id = $1", vec![follows[0].into()]).await.unwrap();
        assert_eq!(told.unwrap().0, Some(world.ctx.now()));
        world.step(&visitor("a@example.com"), StopFollowing { case, follow: follows[0] }).await.unwrap();
        assert_eq!(row(&world, letter).await.to_address, "");
    })
    .await;
}

/// The letters of the rounds that are due, as they are sent: to whom, and what about.
async fn sent(world: &World) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for job in rounds(world).await {
        if let Some(out) = begin(&world.ctx, letter_of(&job).unwrap(), &sender()).await.unwrap() {
            all.push((out.to_address, out.written.subject, out.written.text));
        }
    }
    all.sort();
    all
}

#[tokio::test]
async fn who_attended_is_told_of_what_follows_and_asked_in_the_end_until_it_is_stopped() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (unit, handler) = task_testing::unit(&world, "水务站").await;
        let (case, speaker) = crate::minutes::testing::held(&world).await;
        let present = crate::evaluation::testing::judges(&world, case).await;
        let other = *present.iter().find(|one| **one != speaker).unwrap();
        let mail = "UPDATE invitee SET mail = $2, name = '王小明' WHERE invitee_id = $1";
        for (who, address) in [(speaker, "zhao@example.com"), (other, "qian@example.com")] {
            run(&db, mail, vec![who.into(), address.into()]).await;
        }
        // Asked once more, and not there: the page of the day on which the person was there stays the one.
        let row: Option<(MeetingId,)> =
            db.row("SELECT meeting_id FROM invitee WHERE invitee_id = $1", vec![other.into()]).await.unwrap();
        invited(&world, (case, row.unwrap().0), "qian@example.com", "invited").await;
        rounds(&world).await;
        let minutes = crate::minutes::testing::written(&world, case, false).await;
        crate::minutes::testing::circulate(&world, case, minutes).await.unwrap();
        rounds(&world).await;
        world.pass_days(7);
        let (director, sealed) = (world.director.clone(), crate::minutes::testing::SEALED);
        crate::minutes::testing::sign(&world, &director, case, sealed).await.unwrap();
        let told = sent(&world).await;
        let subjects: Vec<_> = told.iter().map(|(to, subject, _)| (to.as_str(), subject.as_str())).collect();
        let subject = "有新进展：镇东五区停车（已成纪要）";
        assert_eq!(subjects, [("qian@example.com", subject), ("zhao@example.com", subject)]);
        assert!(told[1].2.contains(&format!("{URL}/i/{speaker}/")), "{}", told[1].2);

        let choose = |wanted| ChooseNews { case, invitee: other, wanted };
        let stranger = world.step(&by_link(case, speaker), choose(false)).await;
        assert!(matches!(stranger, Err(Refusal::NotFound)), "{stranger:?}");
        world.step(&by_link(case, other), choose(false)).await.unwrap();
        crate::outcome::testing::pass(&world, case).await;
        let to: Vec<_> = sent(&world).await.into_iter().map(|(to, ..)| to).collect();
        assert_eq!(to, ["zhao@example.com"]);

        // Who follows the topic, too, with the same address, has one letter of each news, and not two.
        let contact = Some("zhao@example.com".to_owned());
        let follow = FollowId(world.ctx.new_id());
        world.step(&visitor("zhao"), FollowTopic { case, follow: Some(follow), contact, consent: true }).await.unwrap();
        world.step(&by_link(case, other), choose(true)).await.unwrap();
        let adopted = crate::outcome::testing::adopted(&world, unit);
        crate::outcome::testing::decide(&world, case, adopted).await.unwrap();
        crate::outcome::testing::assign(&world, case, "").await.unwrap();
        // Somebody of the unit that handles it was there, too.
        let of_unit = *present.iter().find(|one| ![speaker, other].contains(*one)).unwrap();
        let joined = "UPDATE invitee SET mail = 'unit@example.com', unit_id = $2 WHERE invitee_id = $1";
        run(&db, joined, vec![of_unit.into(), unit.into()]).await;
        let task = task_testing::the_task(&world, case).await.task_id;
        task_testing::done(&world, &handler, (case, task), ResultClass::Solved).await;
        rounds(&world).await;
        crate::evaluation::testing::finish(&world, case).await.unwrap();
        let asked = sent(&world).await;
        let [first, of_unit, second] = asked.as_slice() else { panic!("{asked:?}") };
        assert_eq!(
            (first.0.as_str(), of_unit.0.as_str(), second.0.as_str()),
            ("qian@example.com", "unit@example.com", "zhao@example.com")
        );
        for (_, subject, text) in [first, second] {
            assert_eq!(subject, "请您评价：镇东五区停车");
            assert!(text.contains("/evaluate\n"), "{text}");
        }
        assert!(
            of_unit.1.starts_with("有新进展：") && !of_unit.2.contains("/evaluate"),
            "who handled it does not judge"
        );
    })
    .await;
}

#[tokio::test]
async fn a_unit_is_written_to_about_its_task_and_of_several_steps_of_the_chain_of_one() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (unit, handler) = task_testing::unit(&world, "水务站").await;
        let assisting = task_testing::unit(&world, "城管中队").await.0;
        let mail = "UPDATE unit SET mail = $2, contact_name = '钱先生' WHERE unit_id = $1";
        run(&db, mail, vec![unit.into(), "shuiwu@example.com".into()]).await;
        let case = crate::outcome::testing::reported(&world).await;
        rounds(&world).await;
        let mut decision = crate::outcome::testing::adopted(&world, unit);
        decision.assist = vec![assisting];
        crate::outcome::testing::decide(&world, case, decision).await.unwrap();
        crate::outcome::testing::assign(&world, case, "").await.unwrap();
        let task = task_testing::the_task(&world, case).await;
        let told = sent(&world).await;
        assert_eq!(told.len(), 1, "the other left no address: {told:?}");
        let (to, subject, text) = &told[0];
        assert!(to == "shuiwu@example.com" && subject.starts_with("交办：镇东五区停车（第 1 项任务，"), "{subject}");
        assert!(text.starts_with("钱先生，您好！") && text.contains(&format!("{URL}/desk/tasks/{}\n", task.task_id)));

        // Nobody was there for weeks: one letter, of the highest step that is the unit's; none of those above it.
        world.pass_days(14);
        crate::task::clock::run_due(&world.ctx).await.unwrap();
        let told: Vec<_> = sent(&world).await.into_iter().map(|(_, subject, _)| subject).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("超期上报："), "{told:?}");
        world.pass_days(60);
        crate::task::clock::run_due(&world.ctx).await.unwrap();
        assert!(sent(&world).await.is_empty(), "it is with the district by now");

        // What waits when the task is done is not sent any more.
        task_testing::sign(&world, &handler, case, task.task_id).await.unwrap();
        let order = Supervise { case, task: Some(task.task_id), words: "请抓紧办理。".to_owned(), due_on: None };
        world.step(&world.director, order).await.unwrap();
        let waiting = rounds(&world).await;
        assert_eq!(waiting.len(), 1);
        let reply = task_testing::good_reply(&world, &handler, (case, task.task_id), ResultClass::Solved).await;
        world.step(&handler, reply).await.unwrap();
        let verify = task_testing::good_verification(&world, (case, task.task_id)).await;
        world.step(&world.officer, verify).await.unwrap();
        let letter = letter_of(&waiting[0]).unwrap();
        assert_eq!(begin(&world.ctx, letter, &sender()).await.unwrap(), None);
        assert!(row(&world, letter).await.last_error.unwrap().contains("已经办结"));
    })
    .await;
}

#[tokio::test]
async fn the_outbox_is_read_by_key_and_by_state() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting, _, letter) = one(&world, "镇东五区停车").await;
        begun(&world, letter).await;
        for n in 0..4 {
            invited(&world, (case, meeting), &format!("p{n}@example.com"), "invited").await;
        }
        announce(&world, meeting).await;
        let all: Vec<_> = store::outbox(&db, None, None, 10).await.unwrap().iter().map(|r| r.letter_id).collect();
        assert_eq!(all.len(), 5);
        let rest = store::outbox(&db, None, Some(all[1]), 2).await.unwrap();
        assert_eq!(rest.iter().map(|r| r.letter_id).collect::<Vec<_>>(), all[2..4]);
        let sending = store::outbox(&db, Some(LetterState::Sending), None, 10).await.unwrap();
        assert_eq!(sending.iter().map(|r| r.letter_id).collect::<Vec<_>>(), [letter]);
    })
    .await;
}

/// Reads the address of one's feed, then the feed.
async fn feed_of(world: &World, actor: &Actor) -> (String, Result<String, Refusal>) {
    let path = feed::path(&world.ctx.acting_as(actor.clone())).await.unwrap();
    (path.clone(), feed_at(world, &path).await)
}

async fn feed_at(world: &World, path: &str) -> Result<String, Refusal> {
    let parts: Vec<&str> = path.split('/').collect();
    let account: AccountId = parts[3].parse().unwrap();
    feed::mine(&world.ctx, account, parts[4].strip_suffix(".ics").unwrap()).await
}

#[tokio::test]
async fn a_private_feed_shows_ones_own_meetings_and_ends_with_its_address() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, meeting, invitee, _) = one(&world, "镇东五区停车").await;
        let member = person(&world.ctx, "wei", Role::Member, Some(TOWN)).await;
        let (chair, officer) = (world.director.account().unwrap(), world.officer.account().unwrap());
        run(
            &db,
            "UPDATE meeting SET chair_id = $2, recorder_id = $3 WHERE meeting_id = $1",
            vec![meeting.into(), chair.into(), officer.into()],
        )
        .await;
        let roster = world.ctx.new_id();
        run(
            &db,
            "INSERT INTO member (member_id, town_id, account_id, name, sector, specialty, phone, mail, woman)
             VALUES ($1, $2, $3, '委员', '', '', '', '', FALSE)",
            vec![roster.into(), TOWN.into(), member.account().unwrap().into()],
        )
        .await;
        run(&db, "UPDATE invitee SET member_id = $2 WHERE invitee_id = $1", vec![invitee.into(), roster.into()]).await;
        for (actor, part) in [(&world.director, "主持"), (&world.officer, "记录"), (&member, "受邀参加")] {
            let text = feed_of(&world, actor).await.1.unwrap().replace("\r\n ", "");
            assert!(text.contains(&format!("UID:{}\r\n", calendar_uid(meeting))), "{text}");
            assert!(text.contains(part), "{text}");
        }
        assert!(!feed_of(&world, &world.approver).await.1.unwrap().contains("VEVENT"));
        run(&db, "UPDATE invitee SET state = 'declined' WHERE invitee_id = $1", vec![invitee.into()]).await;
        let (old, text) = feed_of(&world, &member).await;
        assert!(!text.unwrap().contains("VEVENT"));
        feed::renew(&world.ctx.acting_as(member.clone())).await.unwrap();
        assert!(matches!(feed_at(&world, &old).await, Err(Refusal::NotFound)));
        let (new, text) = feed_of(&world, &member).await;
        assert!(new != old && text.is_ok());
        run(
            &db,
            "UPDATE account SET disabled_at = $2 WHERE account_id = $1",
            vec![member.account().unwrap().into(), world.ctx.now().into()],
        )
        .await;
        assert!(matches!(feed_at(&world, &new).await, Err(Refusal::NotFound)));
        assert_eq!(world.case(case).await.id, case);
    })
    .await;
}

#[tokio::test]
async fn a_round_of_a_meeting_that_does_not_exist_is_seen_to_fail() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        leave(&world, "announce", Round { meeting: MeetingId(uuid::Uuid::nil()), unanswered: false }).await;
        let job = claimed(&world).await.remove(0);
        assert!(matches!(run_round(&world.ctx, &job).await, Err(Refusal::NotFound)));
        let other = Job { payload: json!({ "something": 1 }).to_string(), ..job };
        assert!(matches!(run_round(&world.ctx, &other).await, Err(Refusal::Internal { .. })));
        assert!(letter_of(&other).is_err());
    })
    .await;
}
