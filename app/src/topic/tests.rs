//! Stories of the first stage, told on both engines.

use crate::access::Visitor;
use crate::access::{Actor, Towns};
use crate::case::stage::Stage;
use crate::case::{carry_out, store as cases};
use crate::error::Refusal;
use crate::ids::{CaseId, FollowId, RequestId};
use crate::ledger;
use crate::plan::testing as plan;
use crate::rules::Exclusion;
use crate::search;
use crate::storage::testing::each_engine;
use crate::topic::model::{Edition, Ruling, Screening, TopicForm};
use crate::topic::steps::*;
use crate::topic::testing::{World, accept, approval, decision, edition, form, visitor};
use crate::topic::{clock, lookup, store};

fn proposer(case: CaseId) -> Actor {
    Actor::Proposer { case, visitor: Visitor::default() }
}

fn blocked_on(refusal: &Refusal, field: &str) -> bool {
    match refusal {
        Refusal::Blocked(findings) => {
            findings.iter().any(|f| f.level == crate::rules::Level::Blocking && f.field.as_deref() == Some(field))
        }
        Refusal::Invalid(errors) => errors.iter().any(|e| e.field == field),
        _ => false,
    }
}

#[tokio::test]
async fn a_topic_goes_from_the_form_to_confirmation() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("镇东五区停车").await;
        let now = world.case(case).await;
        assert_eq!(now.stage(), Stage::Submitted);
        assert!(!now.is_public);
        // Five workdays from Monday: the next Monday.
        assert_eq!(now.due_on.unwrap().to_string(), "2026-03-16");

        world.step(&world.officer, accept(case, 1, "镇东五区晚间停车")).await.unwrap();
        let now = world.case(case).await;
        assert_eq!(now.stage(), Stage::Accepted);
        assert_eq!(now.number.as_deref(), Some("2026-01"));
        assert!(now.is_public);
        let public = store::public_topic(&db, case).await.unwrap().unwrap();
        assert_eq!(public.row.title, "镇东五区晚间停车");
        assert_eq!(public.proposer_name, None, "no consent, no name");

        let step = PrepareConfirmation { case, seen: 0, approval: approval() };
        world.step(&world.director, step).await.unwrap();
        assert_eq!(world.case(case).await.waits_for.as_deref(), Some("party_approver"));
        let step = ConfirmTopic { case, seen: 1, reason: "同意".to_owned() };
        world.step(&world.approver, step).await.unwrap();
        let now = world.case(case).await;
        assert_eq!(now.stage(), Stage::Confirmed);
        assert!(now.rule_set_id.is_some(), "from T3 on the case keeps its rules");
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn what_is_missing_is_named_and_nothing_is_written() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let mut submission = world.submission("车");
        submission.form.reason = " ".to_owned();
        submission.contact_phone = "12".to_owned();
        let refusal = world.step(&visitor("p"), SubmitTopic(submission.clone())).await.unwrap_err();
        for field in ["title", "reason", "contact_phone"] {
            assert!(blocked_on(&refusal, field), "{field}: {refusal:?}");
        }
        assert!(cases::find(&db, submission.case.unwrap()).await.unwrap().is_none());
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_form_sent_twice_is_carried_out_once() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let request = Some(RequestId(world.ctx.new_id()));
        let ctx = world.ctx.acting_as(visitor("p")).with_request(request);
        let first = carry_out(&ctx, SubmitTopic(world.submission("镇东五区停车"))).await.unwrap();
        let again = carry_out(&ctx, SubmitTopic(world.submission("镇东五区停车"))).await.unwrap();
        assert_eq!(first, again);
        let other = carry_out(&ctx, SubmitTopic(world.submission("另外一件事情"))).await;
        assert!(matches!(other, Err(Refusal::Replayed)), "{other:?}");

        let request = Some(RequestId(world.ctx.new_id()));
        let ctx = world.ctx.acting_as(world.officer.clone()).with_request(request);
        let step = accept(first.case, 1, "镇东五区停车");
        carry_out(&ctx, step.clone()).await.unwrap();
        carry_out(&ctx, step).await.unwrap();
        assert_eq!(world.case(first.case).await.stage_version, 2);
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None, "no gap in the stream");
    })
    .await;
}

#[tokio::test]
async fn two_officers_cannot_decide_on_the_same_state() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("镇东五区停车").await;
        let (a, b) = tokio::join!(
            world.step(&world.officer, accept(case, 1, "镇东五区停车")),
            world.step(&world.officer, DeclineTopic { decision: decision(case, 1), exclusion: None }),
        );
        assert!(a.is_ok() != b.is_ok(), "exactly one of them: {a:?} {b:?}");
        assert!(matches!(a.and(b), Err(Refusal::Conflict { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_question_is_asked_answered_and_lapses_when_nobody_answers() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("镇东五区停车").await;
        let question = "有多少辆车？".to_owned();
        world.step(&world.officer, ReturnTopic { decision: decision(case, 1), question }).await.unwrap();
        let answer = AnswerQuestion {
            case,
            seen: 2,
            form: TopicForm { answer: "一百四十辆".to_owned(), ..form("镇东五区停车难") },
            attachments: crate::rules::Attachments::default(),
        };
        let refused = world.step(&visitor("somebody else"), answer.clone()).await;
        assert!(matches!(refused, Err(Refusal::NotFound)), "{refused:?}");
        let (before, _) =
            world.ctx.db.write(move |tx| Box::pin(async move { Ok(store::files_in(tx, case).await?) })).await.unwrap();
        let attachments = crate::rules::Attachments { count: 11 - before, largest_bytes: 1, total_bytes: 1 };
        let refused = world.step(&proposer(case), AnswerQuestion { attachments, ..answer.clone() }).await;
        assert!(matches!(refused, Err(Refusal::Blocked(_))), "ten files in all: {refused:?}");
        world.step(&proposer(case), answer).await.unwrap();
        let versions = cases::versions::<TopicForm>(&db, case).await.unwrap();
        assert_eq!(versions.len(), 2, "what was sent first stays");
        assert_eq!(versions[0].record.title, "镇东五区停车难");
        assert_eq!(versions[1].record.title, "镇东五区停车");

        let question = "在哪一段？".to_owned();
        world.step(&world.officer, ReturnTopic { decision: decision(case, 3), question }).await.unwrap();
        world.pass_days(15);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0, "the last day still counts");
        world.pass_days(1);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        assert_eq!(world.case(case).await.stage(), Stage::Lapsed);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_late_is_marked_once() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("镇东五区停车").await;
        world.pass_days(7);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0, "due today is not late");
        world.pass_days(1);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0);
        let events = cases::events(&db, case, false, 10).await.unwrap();
        assert!(events[0].late && events[0].words.contains("超期"), "{events:?}");
    })
    .await;
}

#[tokio::test]
async fn a_transfer_says_to_whom_and_why() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("我家和邻居的地界").await;
        let step = TransferTopic { decision: decision(case, 1), transfer_to: String::new(), exclusion: None };
        let refusal = world.step(&world.officer, step.clone()).await.unwrap_err();
        assert!(blocked_on(&refusal, "transfer_to"), "{refusal:?}");
        let step =
            TransferTopic { transfer_to: "镇司法所".to_owned(), exclusion: Some(Exclusion::CivilDispute), ..step };
        world.step(&world.officer, step).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Transferred);
        assert!(store::public_topic(&db, case).await.unwrap().is_none(), "never public");
        let told = cases::versions::<Screening>(&db, case).await.unwrap();
        assert_eq!(told[0].record.transfer_to, "镇司法所");
    })
    .await;
}

#[tokio::test]
async fn a_merger_keeps_supporters_and_can_be_undone_until_the_target_is_confirmed() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let target = world.accepted("镇东五区改造").await;
        let merged = world.accepted("镇东五区停车").await;
        for (case, from) in [(target, "a"), (target, "b"), (merged, "b"), (merged, "c")] {
            world.step(&visitor(from), SupportTopic { case }).await.unwrap();
        }
        let step = MergeTopic { decision: decision(merged, 2), target };
        world.step(&world.officer, step).await.unwrap();
        assert_eq!(world.case(target).await.support_count, 3, "b is one person");
        assert_eq!(world.case(merged).await.stage(), Stage::Merged);
        assert!(search::store::similar(&db, "镇东五区停车", 5).await.unwrap().iter().all(|s| s.topic_id != merged));
        let again = MergeTopic { decision: decision(target, 2), target: merged };
        let refusal = world.step(&world.officer, again).await.unwrap_err();
        assert!(blocked_on(&refusal, "target"), "not into a merged one: {refusal:?}");

        let reason = "说的不是同一处".to_owned();
        world.step(&world.officer, UndoMerge { case: merged, target, seen: 3, reason: reason.clone() }).await.unwrap();
        assert_eq!(world.case(target).await.support_count, 2);
        assert_eq!(world.case(merged).await.support_count, 2);
        assert_eq!(world.case(merged).await.stage(), Stage::Accepted);

        world.step(&world.officer, MergeTopic { decision: decision(merged, 4), target }).await.unwrap();
        world.step(&world.director, PrepareConfirmation { case: target, seen: 0, approval: approval() }).await.unwrap();
        let step = ConfirmTopic { case: target, seen: 1, reason: "同意".to_owned() };
        world.step(&world.approver, step).await.unwrap();
        let late = world.step(&world.officer, UndoMerge { case: merged, target, seen: 5, reason }).await;
        assert!(matches!(late, Err(Refusal::Conflict { .. })), "{late:?}");
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn what_was_joined_to_a_topic_that_ended_unconfirmed_is_taken_apart() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let target = world.accepted("镇东五区改造").await;
        let merged = world.accepted("镇东五区停车").await;
        world.step(&world.officer, MergeTopic { decision: decision(merged, 2), target }).await.unwrap();
        let between = world.accepted("镇东七区改造").await;
        let chained = world.accepted("镇东七区停车").await;
        world.step(&world.officer, MergeTopic { decision: decision(chained, 2), target: between }).await.unwrap();
        let withdraw = WithdrawTopic { case: target, seen: 2, reason: "不提了".to_owned() };
        world.step(&proposer(target), withdraw).await.unwrap();
        assert_eq!(world.case(target).await.stage(), Stage::Withdrawn);

        // What the target was joined to is none of its business.
        let far = world.accepted("镇东六区改造").await;
        let step = MergeTopic { decision: decision(between, 2), target: far };
        world.step(&world.officer, step).await.unwrap();
        let undo = UndoMerge { case: chained, target: between, seen: 3, reason: "先拆这一件".to_owned() };
        let refused = world.step(&world.officer, undo).await;
        assert!(matches!(refused, Err(Refusal::Conflict { .. })), "{refused:?}");

        let undo = UndoMerge { case: merged, target, seen: 3, reason: "那一件撤回了".to_owned() };
        world.step(&world.officer, undo).await.unwrap();
        assert_eq!(world.case(merged).await.stage(), Stage::Accepted, "it goes on by itself");
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_released_text_that_did_not_change_is_no_revision() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        let edition = cases::versions::<Edition>(&db, case).await.unwrap()[0].record.clone();
        let step = ReviseEdition { case, seen: 1, edition: edition.clone(), reason: "改通顺".to_owned() };
        let refused = world.step(&world.officer, step.clone()).await;
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
        let changed = Edition { place: "五区东门".to_owned(), ..edition };
        world.step(&world.officer, ReviseEdition { edition: changed, ..step }).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_wants_to_be_told_leaves_a_number_or_an_address_that_can_be_one() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        let follow = |contact: &str| FollowTopic {
            case,
            follow: Some(FollowId(world.ctx.new_id())),
            contact: Some(contact.to_owned()),
            consent: true,
        };
        for wrong in ["1391234", "随便写写", "a@b", "138 1234"] {
            let refused = world.step(&visitor("a"), follow(wrong)).await;
            assert!(matches!(refused, Err(Refusal::Invalid(_))), "{wrong}: {refused:?}");
        }
        for right in ["139 1234 5678", "0512-63000000", "zhang@example.cn"] {
            world.step(&visitor(right), follow(right)).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_is_joined_to_another_towns_topic() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("镇东五区停车").await;
        let mut elsewhere = world.submission("震泽的停车");
        elsewhere.town = "zhenze".to_owned();
        let elsewhere = world.step(&visitor("p"), SubmitTopic(elsewhere)).await.unwrap().case;
        let refused = world.step(&world.officer, MergeTopic { decision: decision(case, 1), target: elsewhere }).await;
        assert!(matches!(refused, Err(Refusal::NotFound)), "not even its existence is told: {refused:?}");
    })
    .await;
}

#[tokio::test]
async fn the_one_who_prepared_or_raised_it_does_not_decide() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        // One person who is director and party approver at once, as is common.
        let mut both = world.director.clone();
        if let (Actor::Signed(both, _), Some(approver)) = (&mut both, world.approver.signed()) {
            both.grants.extend(approver.grants.clone());
        }
        world.step(&both, PrepareConfirmation { case, seen: 0, approval: approval() }).await.unwrap();
        let step = ConfirmTopic { case, seen: 1, reason: "同意".to_owned() };
        let refusal = world.step(&both, step.clone()).await.unwrap_err();
        assert!(blocked_on(&refusal, "approver"), "{refusal:?}");
        world.step(&world.approver, step).await.unwrap();

        let mut own = world.submission("审批人自己提的事");
        own.source = Some(crate::topic::model::TopicSource::PartyAssigned);
        let own = world.step(&world.approver, SubmitTopic(own)).await.unwrap().case;
        world.step(&world.officer, accept(own, 1, "审批人自己提的事")).await.unwrap();
        world.step(&world.director, PrepareConfirmation { case: own, seen: 0, approval: approval() }).await.unwrap();
        let step = ConfirmTopic { case: own, seen: 1, reason: "同意".to_owned() };
        let refusal = world.step(&world.approver, step).await.unwrap_err();
        assert!(blocked_on(&refusal, "approver"), "{refusal:?}");
    })
    .await;
}

#[tokio::test]
async fn an_unlawful_or_unfounded_topic_is_not_prepared() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        let mut without = approval();
        without.bases.clear();
        without.legality.yes = Some(false);
        let step = PrepareConfirmation { case, seen: 0, approval: without };
        let refusal = world.step(&world.director, step).await.unwrap_err();
        assert!(blocked_on(&refusal, "legality"), "{refusal:?}");
        assert!(
            matches!(&refusal, Refusal::Blocked(f) if f.iter().any(|f| f.field.as_deref() == Some("basis_central")))
        );
        // Nothing was prepared, so nothing can be decided.
        let step = ConfirmTopic { case, seen: 0, reason: "同意".to_owned() };
        assert!(world.step(&world.approver, step).await.is_err());
        assert_eq!(world.case(case).await.stage(), Stage::Accepted);
    })
    .await;
}

#[tokio::test]
async fn an_edit_on_an_old_version_is_shown_the_difference() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        let revise =
            |seen, title: &str| ReviseEdition {
                case, seen, edition: edition(title), reason: "写得更清楚".to_owned()
            };
        world.step(&world.officer, revise(1, "镇东五区夜间停车")).await.unwrap();
        let refusal = world.step(&world.officer, revise(1, "镇东五区晚上停车")).await.unwrap_err();
        let Refusal::Conflict { differences, .. } = refusal else { panic!("{refusal:?}") };
        assert_eq!(differences.len(), 1);
        assert_eq!(
            (differences[0].theirs.as_str(), differences[0].yours.as_str()),
            ("镇东五区夜间停车", "镇东五区晚上停车")
        );
        assert_eq!(store::public_topic(&db, case).await.unwrap().unwrap().row.title, "镇东五区夜间停车");
    })
    .await;
}

#[tokio::test]
async fn what_an_announced_meeting_is_about_is_not_changed_under_way() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = plan::planned(&world, "镇东五区停车").await;
        plan::plan_and_announce(&world, case, plan::good_plan(&world).await).await;
        let revise = |edition| ReviseEdition { case, seen: 1, edition, reason: "写得更清楚".to_owned() };
        let refusal = world.step(&world.officer, revise(edition("镇东五区夜间停车"))).await.unwrap_err();
        assert!(matches!(&refusal, Refusal::Invalid(errors) if errors[0].field == "title"), "{refusal:?}");
        let mended =
            Edition { matter: "晚上七点以后没有车位。".to_owned(), ..edition("镇东五区停车") };
        world.step(&world.officer, revise(mended)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_hold_comes_back_to_where_it_was() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        let suspend = |review_on| SuspendTopic { case, seen: 2, reason: "等方案".to_owned(), review_on };
        let far = world.ctx.today() + chrono::Duration::days(31);
        let refusal = world.step(&world.director, suspend(Some(far))).await.unwrap_err();
        assert!(blocked_on(&refusal, "review_on"), "{refusal:?}");
        world.step(&world.director, suspend(None)).await.unwrap();
        let now = world.case(case).await;
        assert_eq!(now.stage(), Stage::Suspended);
        assert_eq!(now.due_on, Some(world.ctx.today() + chrono::Duration::days(30)));
        world.step(&world.director, ResumeTopic { case, seen: 3, reason: "方案有了".to_owned() }).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Accepted);
        let refusal =
            world.step(&world.approver, TerminateTopic { case, seen: 4, reason: String::new() }).await.unwrap_err();
        assert!(blocked_on(&refusal, "reason"), "{refusal:?}");
        let step = TerminateTopic { case, seen: 4, reason: "已由别的办法解决".to_owned() };
        world.step(&world.approver, step).await.unwrap();
        assert_eq!(world.case(case).await.waits_for, None);
        assert!(cases::versions::<Ruling>(&db, case).await.unwrap().len() >= 3);
    })
    .await;
}

#[tokio::test]
async fn the_proposer_takes_it_back_by_code_until_it_is_chosen() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("镇东五区停车").await;
        let code = lookup::tracking_code(&world.ctx.secret, case, 0);
        let (found, _) = lookup::find(&world.ctx, &code.shown().to_lowercase()).await.unwrap();
        assert_eq!(found, case);
        assert!(lookup::find(&world.ctx, "AAAAAAAAAA").await.is_err());

        let reissue = |phone: &str| ReissueCode { case, phone: phone.to_owned() };
        assert!(world.step(&world.officer, reissue("13900000000")).await.is_err());
        let generation = world.step(&world.officer, reissue("138 1234 5678")).await.unwrap();
        assert!(lookup::find(&world.ctx, code.as_str()).await.is_err(), "the old code has ended");
        let code = lookup::tracking_code(&world.ctx.secret, case, generation);
        lookup::find(&world.ctx, code.as_str()).await.unwrap();

        let step = WithdrawTopic { case, seen: 1, reason: String::new() };
        world.step(&proposer(case), step).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Withdrawn);
        let chosen = world.confirmed("另外一件事情").await;
        let step = WithdrawTopic { case: chosen, seen: 3, reason: String::new() };
        let late = world.step(&proposer(chosen), step).await;
        assert!(matches!(late, Err(Refusal::Conflict { .. })), "{late:?}");
    })
    .await;
}

#[tokio::test]
async fn one_browser_supports_once_and_a_flood_waits_for_the_officer() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        let from = |n: u32| Actor::Visitor(Visitor { browser: format!("b{n}"), prefix: "one village".to_owned() });
        assert!(world.step(&from(0), SupportTopic { case }).await.unwrap());
        assert!(matches!(world.step(&from(0), SupportTopic { case }).await, Err(Refusal::Conflict { .. })));
        for n in 1..200 {
            assert!(world.step(&from(n), SupportTopic { case }).await.unwrap(), "{n}");
        }
        // The refused second try did not count against the village.
        assert!(!world.step(&from(200), SupportTopic { case }).await.unwrap());
        assert_eq!(world.case(case).await.support_count, 200);
        let step = DecideHeldSupport { case, count: true, reason: "核对过".to_owned() };
        assert_eq!(world.step(&world.officer, step.clone()).await.unwrap(), 1);
        assert_eq!(world.case(case).await.support_count, 201);
        assert!(world.step(&world.officer, step).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn comments_wait_are_released_threaded_and_reported() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        let comment = world.comment(case, "a", "<b>车位</b>太少").await;
        assert!(store::comments(&db, case, None, 10).await.unwrap().is_empty(), "not before the officer looked");
        world.step(&world.officer, ReleaseComment { case, comment }).await.unwrap();
        let shown = store::comments(&db, case, None, 10).await.unwrap();
        assert_eq!(shown[0].shown_name, "居民 李**");
        assert_eq!(shown[0].body, "<b>车位</b>太少", "kept as typed; the page escapes it");

        let answer = |parent| AnswerComment {
            case,
            comment: Some(crate::ids::CommentId(world.ctx.new_id())),
            parent,
            body: "会在调研时一起看".to_owned(),
        };
        world.step(&world.officer, answer(comment)).await.unwrap();
        let shown = store::comments(&db, case, None, 10).await.unwrap();
        world.step(&world.director, answer(shown[1].comment_id)).await.unwrap();
        let shown = store::comments(&db, case, None, 10).await.unwrap();
        assert_eq!(shown.iter().filter(|c| c.parent_id == Some(comment)).count(), 2, "one level deep");

        world.step(&visitor("b"), ReportComment { case, comment }).await.unwrap();
        assert!(world.step(&visitor("b"), ReportComment { case, comment }).await.is_err());
        assert_eq!(world.case(case).await.held_comments, 1);
        world.step(&world.officer, HideComment { case, comment }).await.unwrap();
        assert_eq!(world.case(case).await.held_comments, 0);
        assert!(store::comments(&db, case, None, 10).await.unwrap().iter().all(|c| c.comment_id != comment));

        let step = AddComment {
            case,
            comment: Some(crate::ids::CommentId(world.ctx.new_id())),
            parent: None,
            name: "张".to_owned(),
            how: Some(crate::topic::model::ShownName::Full),
            body: "打我电话 13812345678".to_owned(),
            stance: None,
        };
        assert!(blocked_on(&world.step(&visitor("c"), step).await.unwrap_err(), "body"), "no phone in public");
    })
    .await;
}

#[tokio::test]
async fn a_town_knows_nothing_of_anothers_unpublished_topics() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.submitted("镇东五区停车").await;
        let hidden = world.step(&world.stranger, accept(case, 1, "镇东五区停车")).await;
        assert!(matches!(hidden, Err(Refusal::NotFound)), "{hidden:?}");
        let seen = world.step(&world.district, accept(case, 1, "镇东五区停车")).await;
        assert!(matches!(seen, Err(Refusal::Forbidden { .. })), "the district looks, the town acts: {seen:?}");
        world.step(&world.officer, accept(case, 1, "镇东五区停车")).await.unwrap();
        let public = world.step(&world.stranger, HideComment { case, comment: crate::ids::CommentId(case.0) }).await;
        assert!(matches!(public, Err(Refusal::Forbidden { .. })), "{public:?}");
    })
    .await;
}

#[tokio::test]
async fn erased_data_is_gone_and_the_record_still_holds() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.accepted("镇东五区停车").await;
        let comment = world.comment(case, "a", "车位太少").await;
        let follow = FollowId(world.ctx.new_id());
        let step = FollowTopic { case, follow: Some(follow), contact: Some("13800001111".to_owned()), consent: true };
        world.step(&visitor("a"), step).await.unwrap();
        for scope in [ErasureScope::Proposer, ErasureScope::Comment(comment), ErasureScope::Follower(follow)] {
            let step = ErasePersonalData { case, scope, reason: "本人来电要求，核对过手机号".to_owned() };
            world.step(&world.officer, step.clone()).await.unwrap();
            assert!(world.step(&world.officer, step).await.is_err(), "once is enough");
        }
        let person = store::proposer(&db, case).await.unwrap().unwrap();
        assert!(person.erased && person.name.is_empty() && person.phone.is_empty());
        assert!(cases::versions::<TopicForm>(&db, case).await.unwrap().is_empty());
        assert_eq!(world.case(case).await.sent_title, "（已删除）");
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn no_personal_data_stands_in_the_ledger() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        world.comment(case, "a", "车位太少了呀").await;
        let step = ViewContact { case, purpose: "打电话问停车数".to_owned() };
        world.step(&world.officer, step).await.unwrap();
        for stream in [ledger::Stream::Case(case), ledger::Stream::Town("shengze".to_owned()), ledger::Stream::System] {
            for entry in ledger::entries(&db, &stream.name(), i64::MAX, 1_000).await.unwrap() {
                for private in ["王小明", "13812345678", "李大妈", "车位太少了呀", "某人", "镇东五区", "打电话问停车数"]
                {
                    assert!(!entry.body.contains(private), "{private} in {}", entry.body);
                }
            }
        }
        let views = ledger::entries(&db, "town:shengze", i64::MAX, 10).await.unwrap();
        assert!(views[0].body.contains("view_contact"), "every view of a phone number is on record");
    })
    .await;
}

#[tokio::test]
async fn lists_page_by_key_and_counts_agree() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let mut all = Vec::new();
        for n in 0..7 {
            world.ctx.clock.set(world.ctx.now() + chrono::Duration::seconds(1));
            all.push(world.accepted(&format!("镇东五区的第{n}件事")).await);
        }
        world.submitted("还没有受理的事").await;
        for sort in [store::Sort::Moved, store::Sort::Raised, store::Sort::Supported] {
            for town in [None, Some("shengze".to_owned())] {
                let mut filter = store::Filter { sort, town, limit: 3, ..store::Filter::default() };
                let mut seen = Vec::new();
                loop {
                    let page = store::list(&db, &filter).await.unwrap();
                    let Some(last) = page.last() else { break };
                    filter.after = Some(last.cursor(sort));
                    seen.extend(page.iter().map(|r| r.topic_id));
                }
                let mut expected = all.clone();
                expected.reverse();
                assert_eq!(seen, expected, "{sort:?}");
            }
        }
        for (stage, source, n) in [
            ("accepted", "public_solicited", 7),
            ("confirmed", "public_solicited", 0),
            ("accepted", "party_assigned", 0),
        ] {
            let filter = store::Filter {
                stage: Some(stage.to_owned()),
                source: Some(source.to_owned()),
                limit: 50,
                ..store::Filter::default()
            };
            assert_eq!(store::list(&db, &filter).await.unwrap().len(), n, "{stage} {source}");
        }
        let counts = store::counts(&db).await.unwrap();
        let of = |stage| counts.iter().filter(|c| c.stage.0 == stage).map(|c| c.n).sum::<i64>();
        assert_eq!((of(Stage::Accepted), of(Stage::Submitted)), (7, 1));
        let open = store::open_topics(&db, &Towns::Only(vec!["shengze".to_owned()]), 50).await.unwrap();
        assert_eq!(open.len(), 8);
        assert!(store::open_topics(&db, &Towns::Only(vec!["zhenze".to_owned()]), 50).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn repeats_of_one_contact_are_shown_to_the_officer_until_the_topic_ends() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let first = world.submitted("镇东五区停车").await;
        let second = world.submitted("镇东五区绿化").await;
        assert_eq!(store::same_contact(&db, first).await.unwrap().len(), 1);
        world.step(&proposer(second), WithdrawTopic { case: second, seen: 1, reason: String::new() }).await.unwrap();
        assert!(store::same_contact(&db, first).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn contacts_of_topics_that_were_not_chosen_go_after_the_set_time() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let chosen = world.confirmed("镇东五区停车").await;
        let ended = world.submitted("镇东五区绿化").await;
        let step = DeclineTopic { decision: decision(ended, 1), exclusion: None };
        world.step(&world.officer, step).await.unwrap();
        world.pass_days(729);
        clock::run_due(&world.ctx).await.unwrap();
        assert_eq!(store::proposer(&db, ended).await.unwrap().unwrap().phone, "13812345678");
        let early = world.step(&Actor::Clock, ForgetContact { case: ended }).await.unwrap_err();
        assert!(matches!(early, Refusal::Conflict { .. }), "{early:?}");
        world.pass_days(2);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0, "once");
        let gone = store::proposer(&db, ended).await.unwrap();
        assert!(gone.is_none_or(|p| p.name.is_empty() && p.phone.is_empty()));
        assert_eq!(
            store::proposer(&db, chosen).await.unwrap().unwrap().phone,
            "13812345678",
            "a chosen one keeps its file"
        );
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn the_demo_is_made_by_steps_and_its_record_is_sound() {
    each_engine(|db| async move {
        let ctx = crate::storage::testing::operator(&db, crate::topic::testing::monday());
        let material = crate::files::NewFile {
            sha256: "0".repeat(64),
            name: "材料.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size: 1,
        };
        crate::demo::seed(&ctx, material).await.unwrap();
        let report = ledger::verify(&db, None).await.unwrap();
        assert_eq!(report.broken, None);
        assert!(report.entries > 500);
        let counts = store::counts(&db).await.unwrap();
        for stage in Stage::ALL.iter().copied().filter(|stage| *stage != Stage::Draft) {
            assert!(counts.iter().any(|c| c.stage.0 == stage && c.n > 0), "{stage:?}");
        }
        let seven = store::open_topics(&db, &Towns::All, 100).await.unwrap();
        assert!(seven.iter().any(|r| r.due_on.is_some_and(|d| d < ctx.today())), "something is late");
    })
    .await;
}
