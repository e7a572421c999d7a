//! Stories of the research, told on both engines.

use std::collections::BTreeMap;

use crate::access::{Actor, Role, Visitor};
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, FileId, QuestionnaireId, RequestId, TaskId, VisitId};
use crate::ledger;
use crate::research::model::{Answers, Method, Question, QuestionKind, Questionnaire, ResearchReport, Task, Visit};
use crate::research::steps::*;
use crate::research::testing::{report, visit};
use crate::research::{clock, pages, store};
use crate::rules::{Category, Level};
use crate::storage::testing::each_engine;
use crate::topic::pages::desk;
use crate::topic::testing::{TOWN, World, person, visitor};
use crate::town::tests::{html, request};
use crate::web::{Form, Outcome, Request};

fn blocked_on(refusal: &Refusal, field: &str) -> bool {
    match refusal {
        Refusal::Blocked(findings) => {
            findings.iter().any(|f| f.level == Level::Blocking && f.field.as_deref() == Some(field))
        }
        Refusal::Invalid(errors) => errors.iter().any(|e| e.field == field),
        _ => false,
    }
}

async fn member(world: &World) -> Actor {
    person(&world.ctx, "member", Role::Member, Some(TOWN)).await
}

fn of(world: &World, actor: &Actor, id: impl ToString, query: &str) -> Request {
    let mut request = request(&world.ctx.acting_as(actor.clone()), "/desk", query);
    request.params.insert("id".to_owned(), id.to_string());
    request
}

fn form(fields: &[(&str, &str)]) -> Form {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in fields {
        values.entry((*name).to_owned()).or_default().push((*value).to_owned());
    }
    Form { values, files: Vec::new() }
}

async fn sound(world: &World) {
    assert_eq!(ledger::verify(&world.ctx.db, None).await.unwrap().broken, None);
}

#[tokio::test]
async fn a_member_without_a_desk_leads_the_research_to_its_report() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let lead = member(&world).await;
        let case = world.confirmed("镇东五区停车").await;
        assert!(matches!(
            world.step(&lead, RecordVisit { case, id: Some(VisitId(world.ctx.new_id())), visit: visit(&world) }).await,
            Err(Refusal::Forbidden { .. })
        ));
        let seen = world.case(case).await.stage_version;
        let step = AssignLead { case, seen, lead: lead.account(), due_on: None };
        world.step(&world.officer, step).await.unwrap();
        let now = world.case(case).await;
        assert_eq!(now.stage(), Stage::Researching);
        assert_eq!(now.waits_for.as_deref(), Some("lead"));
        // Ten workdays from Monday: the Monday after next.
        assert_eq!(now.due_on.unwrap().to_string(), "2026-03-23");

        let day = html(desk::desk(&of(&world, &lead, case, "")).await.unwrap());
        assert!(day.contains("调研：镇东五区停车") && day.contains("3月23日"), "{day}");
        for page in [
            desk::workspace(&of(&world, &lead, case, "")).await,
            pages::board(&of(&world, &lead, case, "")).await,
            pages::visit(&of(&world, &lead, case, "")).await,
            pages::questionnaire(&of(&world, &lead, case, "")).await,
        ] {
            html(page.unwrap());
        }

        let id = world.visited(&lead, case, visit(&world)).await;
        let fewer = Visit { members: 2, correction: "漏记一位委员".to_owned(), ..visit(&world) };
        world.step(&lead, CorrectVisit { case, id, seen: 1, visit: fewer }).await.unwrap();
        world.step(&lead, SaveReport { case, seen: 0, report: report() }).await.unwrap();
        world.step(&lead, FileResearch { case, seen: 1 }).await.unwrap();
        let now = world.case(case).await;
        assert_eq!((now.stage(), now.waits_for.as_deref()), (Stage::Planned, Some("officer")));
        let told = crate::case::store::events(&db, case, true, 1).await.unwrap();
        assert_eq!(told[0].words, "调研完成：走访 1 次，听取 4 人的意见，其中利益相关方 2 人，委员参加 2 人次");
        let page = html(pages::board(&of(&world, &world.officer, case, "")).await.unwrap());
        assert!(page.contains("漏记一位委员") && page.contains("看先前的 1 版"), "both versions are shown");
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn the_lead_must_belong_to_the_town_and_the_day_must_come() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let seen = world.case(case).await.stage_version;
        let today = world.ctx.today();
        let assign =
            |lead: Option<&Actor>, due_on| AssignLead { case, seen, lead: lead.and_then(Actor::account), due_on };
        for (step, field) in [
            (assign(None, None), "lead"),
            (assign(Some(&world.stranger), None), "lead"),
            (assign(Some(&world.approver), None), "lead"),
            (assign(Some(&world.officer), today.pred_opt()), "due_on"),
        ] {
            let refusal = world.step(&world.director, step).await.unwrap_err();
            assert!(blocked_on(&refusal, field), "{field}: {refusal:?}");
        }
        assert!(matches!(
            world.step(&world.approver, assign(Some(&world.officer), None)).await,
            Err(Refusal::Forbidden { .. })
        ));
        assert!(matches!(
            world.step(&world.stranger, assign(Some(&world.stranger), None)).await,
            Err(Refusal::Forbidden { .. })
        ));
        world.step(&world.director, assign(Some(&world.officer), Some(today))).await.unwrap();
        let again = world.step(&world.director, assign(Some(&world.officer), None)).await;
        assert!(matches!(again, Err(Refusal::Conflict { .. })), "{again:?}");

        // Somebody else takes over, with a reason; the one before no longer sees it from inside.
        let one = member(&world).await;
        let two = person(&world.ctx, "second", Role::Member, Some(TOWN)).await;
        let reassign = |seen, lead: &Actor, reason: &str| ReassignLead {
            case,
            seen,
            lead: lead.account(),
            due_on: None,
            reason: reason.to_owned(),
        };
        let refusal = world.step(&world.director, reassign(4, &one, " ")).await.unwrap_err();
        assert!(blocked_on(&refusal, "reason"), "{refusal:?}");
        world.step(&world.director, reassign(4, &one, "原来的委员出差")).await.unwrap();
        world.step(&world.director, reassign(5, &two, "再换一位")).await.unwrap();
        assert!(matches!(desk::inside(&world.ctx.acting_as(one), case).await, Err(Refusal::NotFound)));
        assert!(desk::inside(&world.ctx.acting_as(two), case).await.is_ok());
        let page = html(pages::board(&of(&world, &world.officer, case, "")).await.unwrap());
        assert!(page.contains("更换：原来的委员出差") && page.contains("更换：再换一位"), "{page}");
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_filed_until_each_thing_is_there() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researching("镇东五区停车", &world.officer).await;
        let file = |seen| FileResearch { case, seen };
        let sentences = |refusal: Refusal| match refusal {
            Refusal::Blocked(findings) => findings
                .into_iter()
                .filter(|f| f.level == Level::Blocking)
                .map(|f| f.sentence)
                .collect::<Vec<_>>()
                .join("\n"),
            other => format!("{other:?}"),
        };
        let all = sentences(world.step(&world.officer, file(0)).await.unwrap_err());
        for words in ["还没有调研报告", "还没有走访记录", "参加走访的委员有 0 人", "听到的利益相关方有 0 人"]
        {
            assert!(all.contains(words), "{words}: {all}");
        }

        // A report without its issues.
        let bare = ResearchReport { issues: String::new(), ..report() };
        world.step(&world.officer, SaveReport { case, seen: 0, report: bare }).await.unwrap();
        let now = sentences(world.step(&world.officer, file(1)).await.unwrap_err());
        assert!(now.contains("问题清单") && !now.contains("还没有调研报告"), "{now}");
        world.step(&world.officer, SaveReport { case, seen: 1, report: report() }).await.unwrap();

        // A look at the place hears nobody; then a talk with a department, without a member.
        let look = Visit {
            method: Method::Survey,
            heard: BTreeMap::new(),
            unknown: 0,
            members: 0,
            said: String::new(),
            ..visit(&world)
        };
        world.visited(&world.officer, case, look).await;
        let now = sentences(world.step(&world.officer, file(2)).await.unwrap_err());
        assert!(now.contains("都没有写听了谁、说了什么"), "{now}");
        let talk =
            Visit { heard: BTreeMap::from([(Category::Department, 2)]), unknown: 0, members: 0, ..visit(&world) };
        let id = world.visited(&world.officer, case, talk.clone()).await;
        let now = sentences(world.step(&world.officer, file(2)).await.unwrap_err());
        assert_eq!(now.lines().count(), 2, "{now}");
        assert!(now.contains("委员") && now.contains("利益相关方"), "{now}");
        let with = Visit { members: 1, correction: "有委员一起".to_owned(), ..talk.clone() };
        world.step(&world.officer, CorrectVisit { case, id, seen: 1, visit: with }).await.unwrap();
        let now = sentences(world.step(&world.officer, file(2)).await.unwrap_err());
        assert_eq!(now, "听到的利益相关方有 0 人，至少 1 人（本镇设定），还差 1 人。按走访记录计。");
        // The page says the same as the gate.
        let page = html(pages::board(&of(&world, &world.officer, case, "")).await.unwrap());
        assert!(
            page.contains("听到的利益相关方有 0 人，至少 1 人") && page.contains("还差 1 项，暂不能交报告"),
            "{page}"
        );

        world.visited(&world.officer, case, visit(&world)).await;
        world.step(&world.officer, file(2)).await.unwrap();
        assert_eq!(world.case(case).await.stage(), Stage::Planned);
        let late = SaveReport { case, seen: 2, report: report() };
        assert!(matches!(world.step(&world.officer, late).await, Err(Refusal::Conflict { .. })), "it is filed");
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_visit_sent_again_is_one_visit_and_what_it_lacks_is_named() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researching("镇东五区停车", &world.officer).await;
        let request = Some(RequestId(world.ctx.new_id()));
        let ctx = world.ctx.acting_as(world.officer.clone()).with_request(request);
        let step = || RecordVisit { case, id: Some(VisitId(world.ctx.new_id())), visit: visit(&world) };
        let first = carry_out(&ctx, step()).await.unwrap();
        // As the script does after a lost network, and as two pages do at once.
        let (a, b) = tokio::join!(carry_out(&ctx, step()), carry_out(&ctx, step()));
        assert_eq!((a.unwrap(), b.unwrap()), (first.clone(), first.clone()));
        assert_eq!(store::visits(&db, case).await.unwrap().len(), 1);

        let tomorrow = world.ctx.today().succ_opt().unwrap();
        let nobody = Visit { heard: BTreeMap::new(), unknown: 0, seen: String::new(), ..visit(&world) };
        for (changed, field) in [
            (Visit { on: tomorrow, ..visit(&world) }, "on"),
            (Visit { place: " ".to_owned(), ..visit(&world) }, "place"),
            (Visit { said: String::new(), ..visit(&world) }, "said"),
            (nobody, "seen_there"),
            (Visit { members: 1000, ..visit(&world) }, "members"),
            (Visit { heard: BTreeMap::from([(Category::Public, 5000)]), ..visit(&world) }, "heard_public"),
        ] {
            let step = RecordVisit { case, id: Some(VisitId(world.ctx.new_id())), visit: changed };
            let refusal = world.step(&world.officer, step).await.unwrap_err();
            assert!(blocked_on(&refusal, field), "{field}: {refusal:?}");
        }
        // Two people correct the same version.
        let fixed = Visit { correction: "写错了地方".to_owned(), ..visit(&world) };
        let step = |v: &Visit| CorrectVisit { case, id: first.visit, seen: 1, visit: v.clone() };
        world.step(&world.officer, step(&fixed)).await.unwrap();
        assert!(matches!(world.step(&world.director, step(&fixed)).await, Err(Refusal::Conflict { .. })));
        let without = Visit { correction: String::new(), ..fixed };
        let step = CorrectVisit { case, id: first.visit, seen: 2, visit: without };
        assert!(blocked_on(&world.step(&world.director, step).await.unwrap_err(), "correction"));
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn another_town_and_the_public_see_nothing_of_the_research() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researching("镇东五区停车", &world.officer).await;
        let id = world.visited(&world.officer, case, visit(&world)).await;
        let nobody = Actor::Visitor(Visitor::default());
        let other = person(&world.ctx, "other", Role::Member, Some(TOWN)).await;
        for (actor, signed) in [(&world.stranger, true), (&other, true), (&nobody, false)] {
            let req = of(&world, actor, case, "");
            for refused in [
                pages::board(&req).await.err(),
                pages::visit(&req).await.err(),
                pages::questionnaire(&req).await.err(),
                pages::post_board(&req, form(&[("action", "file_research"), ("seen", "0")])).await.err(),
                pages::post_visit(&req, form(&[("on", "2026-03-09")])).await.err(),
                pages::post_questionnaire(&req, form(&[("action", "open_questionnaire")])).await.err(),
            ] {
                let right = if signed {
                    matches!(refused, Some(Refusal::NotFound))
                } else {
                    matches!(refused, Some(Refusal::NotSignedIn))
                };
                assert!(right, "{refused:?}");
            }
        }
        // The district looks on and is offered nothing.
        let page = html(pages::board(&of(&world, &world.district, case, "")).await.unwrap());
        assert!(page.contains("主路两侧停满") && !page.contains("id=\"form-"), "{page}");
        let step = CorrectVisit { case, id, seen: 1, visit: visit(&world) };
        assert!(matches!(world.step(&world.district, step).await, Err(Refusal::Forbidden { .. })));
        let public = html(crate::topic::pages::topic::topic(&of(&world, &nobody, case, "")).await.unwrap());
        assert!(!public.contains("顾采薇") && !public.contains("主路两侧停满"));
        assert!(public.contains("调研负责人") && !public.contains("尚未由系统执行"), "{public}");
    })
    .await;
}

#[tokio::test]
async fn a_photo_of_a_visit_is_for_those_inside_and_not_for_the_proposer() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let lead = member(&world).await;
        let case = world.researching("镇东五区停车", &lead).await;
        let ctx = world.ctx.acting_as(lead.clone());
        let file = crate::files::NewFile {
            sha256: "ab".repeat(32),
            name: "现场.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            size: 9,
        };
        let photo: FileId = crate::files::stage(&ctx, vec![file]).await.unwrap()[0].file;
        world.visited(&lead, case, Visit { files: vec![photo], ..visit(&world) }).await;
        for actor in [&lead, &world.officer, &world.district] {
            assert!(world.may_have(actor, photo).await, "{actor:?}");
        }
        for actor in [
            world.stranger.clone(),
            Actor::Visitor(Visitor::default()),
            Actor::Proposer { case, visitor: Visitor::default() },
        ] {
            assert!(!world.may_have(&actor, photo).await, "{actor:?}");
        }
        assert_eq!(world.topic_files(case).await, 0, "it is not among the topic's");
    })
    .await;
}

#[tokio::test]
async fn a_second_writer_of_the_report_gets_the_difference() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researching("镇东五区停车", &world.officer).await;
        let save = |seen, findings: &str| SaveReport {
            case,
            seen,
            report: ResearchReport { findings: findings.to_owned(), ..report() },
        };
        world.step(&world.officer, save(0, "先写的")).await.unwrap();
        let refusal = world.step(&world.director, save(0, "后写的")).await.unwrap_err();
        let Refusal::Conflict { differences, .. } = &refusal else { panic!("{refusal:?}") };
        assert_eq!(differences.len(), 1);
        assert_eq!((differences[0].theirs.as_str(), differences[0].yours.as_str()), ("先写的", "后写的"));
        let nothing = SaveReport { case, seen: 1, report: ResearchReport::default() };
        assert!(blocked_on(&world.step(&world.officer, nothing).await.unwrap_err(), "findings"));
    })
    .await;
}

#[tokio::test]
async fn tasks_are_done_or_dropped_with_a_reason() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researching("镇东五区停车", &world.officer).await;
        let task = |who: &str| Task {
            who: who.to_owned(),
            method: Method::Talk,
            on: world.ctx.today(),
            place: "社区会议室".to_owned(),
        };
        let plan = |task| PlanResearchTask { case, id: Some(TaskId(world.ctx.new_id())), task };
        assert!(blocked_on(&world.step(&world.officer, plan(task(" "))).await.unwrap_err(), "who"));
        world.step(&world.officer, plan(task("顾采薇"))).await.unwrap();
        world.step(&world.officer, plan(task("许知行"))).await.unwrap();
        let tasks = store::tasks(&db, case).await.unwrap();
        let settle = |n: usize, done, reason: &str| SettleResearchTask {
            case,
            task: tasks[n].id,
            done,
            reason: reason.to_owned(),
        };
        assert!(blocked_on(&world.step(&world.officer, settle(0, false, "")).await.unwrap_err(), "reason"));
        world.step(&world.officer, settle(0, false, "改成走访")).await.unwrap();
        world.step(&world.officer, settle(1, true, "")).await.unwrap();
        let again = world.step(&world.officer, settle(1, false, "晚了")).await;
        assert!(matches!(again, Err(Refusal::Conflict { .. })), "{again:?}");
        let page = html(pages::board(&of(&world, &world.officer, case, "")).await.unwrap());
        assert!(page.contains("不办了：改成走访") && page.contains("已办"), "{page}");
        sound(&world).await;
    })
    .await;
}

fn asked() -> Questionnaire {
    Questionnaire {
        title: "停车问卷".to_owned(),
        intro: String::new(),
        questions: vec![
            Question {
                text: "几点回家".to_owned(),
                kind: QuestionKind::Single,
                options: vec!["六点前".to_owned(), "六点后".to_owned()],
            },
            Question { text: "还想说什么".to_owned(), kind: QuestionKind::Text, options: Vec::new() },
        ],
    }
}

async fn opened(world: &World, case: CaseId) -> QuestionnaireId {
    let closes_on = world.ctx.today().checked_add_days(chrono::Days::new(3));
    let id = Some(QuestionnaireId(world.ctx.new_id()));
    let step = OpenQuestionnaire { case, id, asked: asked(), closes_on };
    world.step(&world.officer, step).await.unwrap().questionnaire
}

#[tokio::test]
async fn a_browser_answers_once_and_nothing_tells_what() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researching("镇东五区停车", &world.officer).await;
        let questionnaire = opened(&world, case).await;
        let public = html(crate::topic::pages::topic::topic(&of(&world, &visitor("any"), case, "")).await.unwrap());
        assert!(public.contains(&format!("/q/{questionnaire}")));
        let said = ["多划些车位", "绿地别动", "错时共享", "", ""];
        for (n, words) in said.iter().enumerate() {
            let who = visitor(&format!("resident {n}"));
            let sent = form(&[("q1", if n < 3 { "2" } else { "1" }), ("q2", words)]);
            let req = of(&world, &who, questionnaire, "");
            let outcome = pages::post_answer(&req, sent.clone()).await.unwrap();
            assert!(matches!(outcome, Outcome::SeeOther(to) if to == format!("/q/{questionnaire}?thanks=1")));
            let again = pages::post_answer(&req, sent).await.err();
            assert!(matches!(again, Some(Refusal::Conflict { .. })), "{again:?}");
            assert!(html(pages::answer(&req).await.unwrap()).contains("答卷收到了"));
        }
        for (fields, field) in [(&[("q2", "打 13812345678 找我")][..], "q2"), (&[], "q1"), (&[("q1", "7")], "q1")] {
            let req = of(&world, &visitor("careless"), questionnaire, "");
            let refusal = pages::post_answer(&req, form(fields)).await.err().unwrap();
            assert!(blocked_on(&refusal, field), "{refusal:?}");
        }

        // Nobody sees a result while it is open; nothing that is kept holds a choice or a word with its time.
        let inside = of(&world, &world.officer, case, &format!("q={questionnaire}"));
        let page = html(pages::questionnaire(&inside).await.unwrap());
        assert!(page.contains("收到 5 份答卷") && page.contains("<svg") && !page.contains("绿地别动"), "{page}");
        let log = ledger::entries(&db, &ledger::Stream::Case(case).name(), i64::MAX, 100).await.unwrap();
        assert_eq!(log.iter().filter(|e| e.body.contains("\"answer_questionnaire\"")).count(), 5);
        assert!(
            log.iter().all(|e| !e.body.contains("绿地") && !e.body.contains("chosen") && !e.body.contains("resident"))
        );

        world.step(&world.officer, CloseQuestionnaire { case, questionnaire }).await.unwrap();
        let line = store::questionnaire(&db, questionnaire).await.unwrap().unwrap();
        let results = line.results.unwrap();
        assert_eq!((results.tallies[0].answered, results.tallies[0].counts.as_slice()), (5, &[2, 3][..]));
        let mut sorted = said[..3].to_vec();
        sorted.sort_unstable();
        assert_eq!(results.tallies[1].words, sorted, "in the order of their letters, not of their coming");
        let page = html(pages::questionnaire(&inside).await.unwrap());
        assert!(page.contains("3 / 5 = 60%") && page.contains("绿地别动"), "{page}");
        let late =
            pages::post_answer(&of(&world, &visitor("late"), questionnaire, ""), form(&[("q1", "1")])).await.err();
        assert!(matches!(late, Some(Refusal::Gone(_))), "{late:?}");
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn the_clock_closes_a_questionnaire_and_few_answers_stay_hidden() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researching("镇东五区停车", &world.officer).await;
        let questionnaire = opened(&world, case).await;
        let answers = Answers { chosen: vec![(1, 1)], words: vec![(2, "只有我".to_owned())] };
        world.step(&visitor("one"), AnswerQuestionnaire { case, questionnaire, answers }).await.unwrap();
        world.pass_days(3);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0, "its last day is still open");
        world.pass_days(1);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
        assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 0);
        let inside = of(&world, &world.officer, case, &format!("q={questionnaire}"));
        let page = html(pages::questionnaire(&inside).await.unwrap());
        assert!(page.contains("答卷不足 5 份") && !page.contains("只有我"), "{page}");
        sound(&world).await;

        // A questionnaire of another case is not shown here.
        let other = world.researching("镇东五区绿化", &world.officer).await;
        let foreign = of(&world, &world.officer, other, &format!("q={questionnaire}"));
        assert!(matches!(pages::questionnaire(&foreign).await.err(), Some(Refusal::NotFound)));
        let step = OpenQuestionnaire { case: other, id: None, asked: Questionnaire::default(), closes_on: None };
        let refusal = world.step(&world.officer, step).await.unwrap_err();
        assert!(blocked_on(&refusal, "title") && blocked_on(&refusal, "closes_on"), "{refusal:?}");
    })
    .await;
}

#[tokio::test]
async fn the_page_takes_its_forms_and_gives_a_refused_one_back() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let seen = world.case(case).await.stage_version.to_string();
        let director = world.director.clone();
        let req = of(&world, &director, case, "");
        let page = html(pages::board(&req).await.unwrap());
        assert!(page.contains("id=\"form-assign_lead\"") && page.contains("还没有选调研负责人"), "{page}");
        let officer = world.officer.account().unwrap().to_string();
        let sent = form(&[("action", "assign_lead"), ("seen", &seen), ("lead", &officer), ("due_on", "2026-03-01")]);
        let refusal = pages::post_board(&req, sent.clone()).await.err().unwrap();
        assert!(blocked_on(&refusal, "due_on"), "{refusal:?}");
        let mut back = req.clone();
        back.form = FormState::refused(sent.values, refusal);
        let page = html(pages::board(&back).await.unwrap());
        assert!(page.contains("value=\"2026-03-01\"") && page.contains("完成日期已经过了"), "{page}");
        let sent = form(&[("action", "assign_lead"), ("seen", &seen), ("lead", &officer), ("due_on", "")]);
        assert!(matches!(pages::post_board(&req, sent).await, Ok(Outcome::SeeOther(_))));

        let report = [
            ("findings", "夜里停满"),
            ("issues", "没处停"),
            ("methods", "走访"),
            ("dates", "3月9日"),
            ("places", "镇东"),
        ];
        let mut fields = vec![("action", "save_report"), ("seen", "0")];
        fields.extend(report);
        pages::post_board(&req, form(&fields)).await.map(|_| ()).unwrap();
        let page = html(pages::board(&req).await.unwrap());
        assert!(page.contains("夜里停满") && page.contains("id=\"form-file_research\""), "{page}");
        let unknown = pages::post_board(&req, form(&[("action", "accept_topic")])).await.err();
        assert!(matches!(unknown, Some(Refusal::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn what_a_filed_report_rests_on_can_still_be_put_right() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researched("镇东五区停车").await;
        assert_eq!(world.case(case).await.stage(), Stage::Planned);
        let line = store::visits(&db, case).await.unwrap().remove(0);
        let fixed = Visit { unknown: 5, correction: "数错了".to_owned(), ..line.visit };
        world.step(&world.officer, CorrectVisit { case, id: line.id, seen: 1, visit: fixed }).await.unwrap();
        let page = html(pages::board(&of(&world, &world.officer, case, "")).await.unwrap());
        assert!(page.contains("现场问到 5 人") && !page.contains("id=\"form-save_report\""), "{page}");
        let save = SaveReport { case, seen: 1, report: report() };
        assert!(matches!(world.step(&world.officer, save).await, Err(Refusal::Conflict { .. })));
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn no_correction_takes_away_what_a_filed_report_rests_on() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researched("镇东五区停车").await;
        let id = store::visits(&db, case).await.unwrap()[0].id;
        let correct = |changed: Visit| CorrectVisit {
            case,
            id,
            seen: 1,
            visit: Visit { correction: "记错了".to_owned(), ..changed },
        };
        let look = Visit { heard: BTreeMap::new(), unknown: 0, said: String::new(), ..visit(&world) };
        let alone = Visit { members: 0, ..visit(&world) };
        for (changed, words) in [
            (Visit { heard: BTreeMap::new(), ..visit(&world) }, "听到的利益相关方有 0 人"),
            (alone.clone(), "参加走访的委员有 0 人"),
            (look, "没有写听了谁、说了什么"),
        ] {
            let refusal = world.step(&world.officer, correct(changed)).await.unwrap_err();
            let Refusal::Invalid(errors) = &refusal else { panic!("{refusal:?}") };
            assert!(blocked_on(&refusal, "correction") && errors[0].sentence.contains(words), "{refusal:?}");
            assert!(errors[0].sentence.contains("T5") && errors[0].sentence.contains("补记"), "{refusal:?}");
        }
        assert_eq!(store::visits(&db, case).await.unwrap().len(), 1, "nothing was changed");

        // The way out: another visit, then the correction.
        let page = html(pages::board(&of(&world, &world.officer, case, "")).await.unwrap());
        assert!(page.contains("记一次走访"), "{page}");
        world.visited(&world.officer, case, visit(&world)).await;
        world.step(&world.officer, correct(alone)).await.unwrap();

        // Once the meeting is announced neither is taken.
        let plan = crate::plan::testing::good_plan(&world).await;
        crate::plan::testing::plan_and_announce(&world, case, plan).await;
        let late = RecordVisit { case, id: Some(VisitId(world.ctx.new_id())), visit: visit(&world) };
        assert!(matches!(world.step(&world.officer, late).await, Err(Refusal::Conflict { .. })));
        let late = CorrectVisit { seen: 2, ..correct(visit(&world)) };
        assert!(matches!(world.step(&world.officer, late).await, Err(Refusal::Conflict { .. })));
        sound(&world).await;
    })
    .await;
}
