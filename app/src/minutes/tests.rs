//! Stories: from the closed meeting to the signed minutes, and what follows.

use chrono::Duration;

use super::draft::Texts;
use super::model::{EditionState, Said, Section, mark};
use super::paper::MinutesPaper;
use super::steps::{
    AnswerCorrection, ConsultAgain, CorrectMinutes, ReplyToMinutes, Saved, Seal, SignMinutes, StartMinutes,
};
use super::store::{self, versions_of};
use super::testing::{SEALED, circulate, held, newest, outcomes, record, save, sign, signed, started, written};
use crate::access::Actor;
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId, MinutesId, ReplyId};
use crate::invitation::steps::EraseInvitee;
use crate::invitation::testing::listed;
use crate::ledger::verify;
use crate::meeting::testing::{by_link, of, presence};
use crate::research::steps::{FileResearch, SaveReport};
use crate::research::testing::{report, visit};
use crate::rules::Category;
use crate::storage::testing::each_engine;
use crate::topic::testing::{World, stops};

async fn texts(world: &World, minutes: MinutesId) -> Texts {
    store::texts(&store::sections(&world.ctx.db, minutes).await.unwrap())
}

async fn reply(world: &World, by: &Actor, case: CaseId, invitee: InviteeId, said: Said) -> Result<(), Refusal> {
    let minutes = newest(world, case).await.minutes_id;
    let step = ReplyToMinutes { case, minutes, invitee: Some(invitee), reply: Some(ReplyId(world.ctx.new_id())), said };
    world.step(by, step).await
}

fn correction(words: &str) -> Said {
    Said::Correction { section: Some(Section::Opinions), words: words.to_owned() }
}

#[tokio::test]
async fn a_draft_holds_the_record_and_no_names() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, speaker) = held(&world).await;
        let record = record(&world, case).await;
        let name = presence(&world, case).await.people.iter().find(|p| p.invitee_id == speaker).unwrap().name.clone();
        assert!(record.texts()[&Section::Opinions].contains(&name));
        assert_eq!(record.counts(), (1, 0));
        let minutes = started(&world, case).await;
        let texts = texts(&world, minutes).await;
        assert!(texts[&Section::Opinions].contains(&mark(speaker.0)), "{texts:?}");
        assert!(texts[&Section::Opinions].contains("错时共享"));
        assert!(texts[&Section::Background].contains("会前调研"));
        let paper = record.paper(&texts);
        let all = serde_json::to_string(&paper).unwrap();
        for person in record.people() {
            assert!(person.name.is_empty() || !all.contains(&person.name), "{all}");
        }
        assert!(paper.opening[0].contains("到会率"), "{paper:?}");
        assert!(!paper.present.is_empty() && !paper.sitting_in.is_empty());
        // Once.
        let again = StartMinutes {
            case,
            meeting: record.presence.day.meeting_id,
            minutes: Some(MinutesId(world.ctx.new_id())),
            texts: Texts::new(),
        };
        assert!(matches!(world.step(&world.officer, again).await, Err(Refusal::Conflict { .. })));
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn what_two_people_write_is_kept_twice() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, _) = held(&world).await;
        let minutes = started(&world, case).await;
        let first = save(&world, case, Section::Dissent, (1, "收费有不同意见。")).await.unwrap();
        assert_eq!(first, Saved { version: 2, beside: false });
        // From a page that was opened before.
        let second = save(&world, case, Section::Dissent, (1, "无")).await.unwrap();
        assert_eq!(second, Saved { version: 3, beside: true });
        assert_eq!(texts(&world, minutes).await[&Section::Dissent], "收费有不同意见。");
        // Saved again without a change, nothing is added.
        let same = save(&world, case, Section::Dissent, (2, "收费有不同意见。")).await.unwrap();
        assert_eq!(same, Saved { version: 2, beside: false });
        let joined = save(&world, case, Section::Dissent, (2, "收费有不同意见，别的无。")).await.unwrap();
        assert_eq!(joined, Saved { version: 4, beside: false });
        for bad in ["电话 13912345678", &"长".repeat(20_001), "控\u{7}制"] {
            assert!(matches!(save(&world, case, Section::Dissent, (4, bad)).await, Err(Refusal::Invalid(_))), "{bad}");
        }
        assert_eq!(store::sections(&db, minutes).await.unwrap().len(), 5 + 3);
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn those_present_check_the_draft_and_the_chair_signs() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, speaker) = held(&world).await;
        let minutes = started(&world, case).await;
        assert_eq!(stops(circulate(&world, case, minutes).await), ["dissent", "outcomes"]);
        save(&world, case, Section::Consensus, (1, "先试三个月。")).await.unwrap();
        save(&world, case, Section::Dissent, (1, "无")).await.unwrap();
        save(&world, case, Section::Outcomes, (1, &outcomes(false))).await.unwrap();
        assert_eq!(stops(sign_early(&world, case).await), ["circulation"]);
        circulate(&world, case, minutes).await.unwrap();
        let link = by_link(case, speaker);
        reply(&world, &link, case, speaker, correction("我说的是早上，不是晚上。")).await.unwrap();
        // Nobody answers for somebody else, and who was not there is not asked.
        let other = of(&world, case, Category::Stakeholder).await[0];
        assert!(matches!(reply(&world, &link, case, other, Said::Agrees).await, Err(Refusal::NotFound)));
        // By telephone, noted by the officer.
        reply(&world, &world.officer, case, other, Said::Agrees).await.unwrap();
        let stop = sign(&world, &world.director, case, SEALED).await;
        assert_eq!(stops(stop), ["circulation", "replies"]);
        let asked = store::replies(&db, minutes).await.unwrap().into_iter().find(store::Reply::is_open).unwrap();
        let answer = |accepted: Option<bool>, words: &str| AnswerCorrection {
            case,
            minutes,
            reply: asked.reply_id,
            accepted,
            answer: words.to_owned(),
        };
        for (accepted, words) in [(None, "改了"), (Some(true), " ")] {
            let refused = world.step(&world.officer, answer(accepted, words)).await;
            assert!(matches!(refused, Err(Refusal::Invalid(_))));
        }
        world.step(&world.officer, answer(Some(true), "照您说的改了。")).await.unwrap();
        let twice = world.step(&world.officer, answer(Some(false), "不改")).await;
        assert!(matches!(twice, Err(Refusal::Conflict { .. })));
        world.pass_days(7);
        let late = reply(&world, &link, case, speaker, Said::Agrees).await;
        assert!(matches!(late, Err(Refusal::Conflict { .. })));
        // Never the recorder, nor anybody else; and only with all that a signature takes.
        assert!(matches!(sign(&world, &world.officer, case, SEALED).await, Err(Refusal::Forbidden { .. })));
        let bare = sign(&world, &world.director, case, Seal::default()).await;
        assert_eq!(stops(bare), ["read", "name", "password"]);
        sign(&world, &world.director, case, SEALED).await.unwrap();
        let done = newest(&world, case).await;
        assert_eq!(done.state.0, EditionState::Signed);
        assert_eq!(done.number.as_deref(), Some("2026年第1期"));
        assert_eq!(done.paper_hash.as_deref(), Some(crate::ledger::digest(done.paper.as_deref().unwrap()).as_str()));
        let now = world.case(case).await;
        assert_eq!(now.stage(), Stage::Minuted);
        // Seven workdays from the meeting, which was seven days ago.
        assert!(now.due_on.unwrap() < world.ctx.today() + Duration::days(5), "{:?}", now.due_on);
        assert!(matches!(save(&world, case, Section::Dissent, (2, "改一改")).await, Err(Refusal::Conflict { .. })));
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

/// As [`sign`] before the draft was shown: the gate is asked first.
async fn sign_early(world: &World, case: CaseId) -> Result<(), Refusal> {
    sign(world, &world.director, case, SEALED).await
}

#[tokio::test]
async fn a_text_that_changed_since_it_was_read_is_not_signed() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, speaker) = held(&world).await;
        let minutes = written(&world, case, false).await;
        circulate(&world, case, minutes).await.unwrap();
        world.pass_days(7);
        let record = record(&world, case).await;
        let read = store::sections(&db, minutes).await.unwrap();
        let seen = world.case(case).await.stage_version;
        let sign_read = || SignMinutes {
            case,
            seen,
            minutes,
            versions: versions_of(&read),
            counts: record.counts(),
            seal: SEALED,
            paper: record.paper(&store::texts(&read)),
        };
        // Another text under the versions that stand.
        let forged = SignMinutes { paper: MinutesPaper::default(), ..sign_read() };
        assert!(matches!(world.step(&world.director, forged).await, Err(Refusal::Conflict { .. })));
        // Nobody asked for the change: those present see it first.
        save(&world, case, Section::Dissent, (2, "有人不同意。")).await.unwrap();
        assert_eq!(stops(world.step(&world.director, sign_read()).await), ["circulation"]);
        circulate(&world, case, minutes).await.unwrap();
        assert!(matches!(circulate(&world, case, minutes).await, Err(Refusal::Conflict { .. })), "the same draft");
        // Somebody asks for it, and it is followed; but the chair read what was there before.
        reply(&world, &by_link(case, speaker), case, speaker, correction("漏了一句。")).await.unwrap();
        save(&world, case, Section::Opinions, (1, "- 补上了那一句。")).await.unwrap();
        let asked = store::replies(&db, minutes).await.unwrap().remove(0).reply_id;
        let answer =
            AnswerCorrection { case, minutes, reply: asked, accepted: Some(true), answer: "补了。".to_owned() };
        world.step(&world.officer, answer).await.unwrap();
        world.pass_days(7);
        assert!(matches!(world.step(&world.director, sign_read()).await, Err(Refusal::Conflict { .. })));
        assert_eq!(newest(&world, case).await.state.0, EditionState::Circulating);
    })
    .await;
}

#[tokio::test]
async fn a_signed_text_is_corrected_by_another_edition() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, _) = signed(&world, false).await;
        let first = newest(&world, case).await;
        let correct = |reason: &str| CorrectMinutes {
            case,
            minutes: first.minutes_id,
            next: Some(MinutesId(world.ctx.new_id())),
            reason: reason.to_owned(),
        };
        assert!(matches!(world.step(&world.officer, correct("")).await, Err(Refusal::Invalid(_))));
        world.step(&world.officer, correct("日期写错了。")).await.unwrap();
        assert!(matches!(world.step(&world.officer, correct("再改。")).await, Err(Refusal::Conflict { .. })));
        save(&world, case, Section::Dissent, (1, "一户不同意。")).await.unwrap();
        let second = newest(&world, case).await;
        circulate(&world, case, second.minutes_id).await.unwrap();
        world.pass_days(7);
        sign(&world, &world.director, case, SEALED).await.unwrap();
        let all = store::all(&db, case).await.unwrap();
        assert_eq!(
            all.iter().map(|one| (one.edition, one.state.0)).collect::<Vec<_>>(),
            [(2, EditionState::Signed), (1, EditionState::Signed)]
        );
        assert_eq!(all[0].number, all[1].number);
        assert_eq!(all[1].paper, first.paper, "what was signed never changes");
        assert_eq!(world.case(case).await.stage(), Stage::Minuted);
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn without_consensus_it_goes_back_to_research_of_its_own() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (agreed, _) = signed(&world, false).await;
        let again = |case, seen, reason: &str| ConsultAgain { case, seen, reason: reason.to_owned() };
        let seen = world.case(agreed).await.stage_version;
        let refused = world.step(&world.officer, again(agreed, seen, "再问问。")).await;
        assert!(matches!(refused, Err(Refusal::Conflict { .. })));
        let (case, _) = signed(&world, true).await;
        let seen = world.case(case).await.stage_version;
        assert!(matches!(world.step(&world.officer, again(case, seen, "")).await, Err(Refusal::Invalid(_))));
        world.step(&world.officer, again(case, seen, "弄清收费的底线。")).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Researching);
        // Visits and report of the first round do not count for the second.
        let file = |seen| FileResearch { case, seen };
        let reports = crate::research::standing(&db, case).await.unwrap();
        assert!(reports.counted().is_empty() && !reports.visits.is_empty());
        let version = reports.reports[0].version;
        let stop = stops(world.step(&world.officer, file(version)).await);
        assert!(stop.contains(&"visits".to_owned()), "{stop:?}");
        world.pass_days(1);
        let seen_now = visit(&world);
        world.visited(&world.officer, case, seen_now).await;
        assert!(!stops(world.step(&world.officer, file(version)).await).is_empty(), "the report is of the first round");
        let again = crate::research::model::ResearchReport { findings: "第二轮问过了。".to_owned(), ..report() };
        world.step(&world.officer, SaveReport { case, seen: version, report: again }).await.unwrap();
        world.step(&world.officer, file(version + 1)).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Planned);
    })
    .await;
}

#[tokio::test]
async fn erasing_somebody_reaches_signed_minutes_and_keeps_their_hash() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, speaker) = held(&world).await;
        let minutes = written(&world, case, false).await;
        circulate(&world, case, minutes).await.unwrap();
        reply(&world, &by_link(case, speaker), case, speaker, correction("我家在三楼。")).await.unwrap();
        let before = record(&world, case).await;
        let name = before.people().iter().find(|one| one.id == speaker.0).unwrap().name.clone();
        let step = EraseInvitee { case, invitee: speaker, reason: "本人当面要求。".to_owned() };
        world.step(&world.officer, step).await.unwrap();
        let asked = store::replies(&db, minutes).await.unwrap().remove(0);
        assert!(asked.words.is_empty() && asked.name.is_empty());
        let answer = AnswerCorrection {
            case,
            minutes,
            reply: asked.reply_id,
            accepted: Some(false),
            answer: "本人的信息已经删除。".to_owned(),
        };
        world.step(&world.officer, answer).await.unwrap();
        world.pass_days(7);
        sign(&world, &world.director, case, SEALED).await.unwrap();
        let done = newest(&world, case).await;
        let (people, _) = store::named(&db, done.meeting_id).await.unwrap();
        let shown = super::model::show(done.paper.as_deref().unwrap(), &people, super::model::Reader::Inside);
        assert!(!shown.contains(&name) && shown.contains("（姓名已删）"), "{shown}");
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_consent_given_or_taken_back_reaches_signed_minutes() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, speaker) = signed(&world, false).await;
        let paper = newest(&world, case).await.paper.unwrap();
        let before = listed(&world, case, speaker).await;
        let name = before.name.clone();
        let public = || async {
            let (people, _) = store::named(&db, before.meeting_id).await.unwrap();
            super::model::show(&paper, &people, super::model::Reader::Everybody)
        };
        assert!(!public().await.contains(&name));
        for consent in [true, false] {
            let found = listed(&world, case, speaker).await;
            let form = crate::invitation::model::PersonForm { consent_public: consent, ..found.form() };
            let step = crate::invitation::steps::CorrectPerson { case, invitee: speaker, seen: found.ledger_seq, form };
            world.step(&world.officer, step).await.unwrap();
            assert_eq!(public().await.contains(&name), consent);
        }
        let found = listed(&world, case, speaker).await;
        let form = crate::invitation::model::PersonForm { category: Some(Category::Expert), ..found.form() };
        let step = crate::invitation::steps::CorrectPerson { case, invitee: speaker, seen: found.ledger_seq, form };
        assert!(matches!(world.step(&world.officer, step).await, Err(Refusal::Invalid(_))), "that day is what it was");
        assert_eq!(newest(&world, case).await.paper.unwrap(), paper);
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}
