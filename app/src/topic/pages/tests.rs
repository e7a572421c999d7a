//! What everybody reads and writes before a meeting, on both engines.

use std::collections::BTreeMap;

use crate::access::{Actor, Visitor};
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, CommentId, QuestionnaireId};
use crate::invitation::answer::guests_of;
use crate::invitation::answer::pages::{answers, invitee};
use crate::invitation::answer::steps::{DecideOpinion, GiveOpinion};
use crate::invitation::answer::{LINK, path};
use crate::ledger;
use crate::plan::pages::notice;
use crate::plan::steps::CancelMeeting;
use crate::plan::testing as plan;
use crate::research::model::{Answers, Question, QuestionKind, Questionnaire, ReportEdition};
use crate::research::pages::board;
use crate::research::steps::{AnswerQuestionnaire, CloseQuestionnaire, OpenQuestionnaire, ReleaseReport};
use crate::research::testing::{report, visit};
use crate::storage::testing::each_engine;
use crate::topic::pages::{desk, dossier, opinion, topic};
use crate::topic::steps::{ErasePersonalData, ErasureScope, HideComment, ReleaseComment};
use crate::topic::store;
use crate::topic::testing::{World, visitor};
use crate::town::tests::{html, request};
use crate::web::{Form, Outcome, Page, Request};

fn nobody() -> Actor {
    Actor::Visitor(Visitor::default())
}

fn of(world: &World, actor: &Actor, case: CaseId, query: &str) -> Request {
    let mut request = request(&world.ctx.acting_as(actor.clone()), "/", query);
    request.params.insert("id".to_owned(), case.to_string());
    request
}

fn values(fields: &[(&str, &str)]) -> BTreeMap<String, Vec<String>> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect()
}

/// A resident's words at the notice, with what is changed.
fn opinion_form(changes: &[(&str, &str)]) -> Form {
    let mut sent =
        values(&[("stance", "against"), ("body", "夜里别<划线>，先试一个月。"), ("how", "masked"), ("name", "李大妈")]);
    sent.extend(values(changes));
    Form { values: sent, files: Vec::new() }
}

async fn say(world: &World, from: &str, case: CaseId, changes: &[(&str, &str)]) -> Result<Page, Refusal> {
    match opinion::post_opinion(&of(world, &visitor(from), case, ""), opinion_form(changes)).await? {
        Outcome::Page(page) => Ok(page),
        _ => panic!("an opinion is answered with a page"),
    }
}

async fn newest(world: &World, case: CaseId) -> CommentId {
    store::officer_comments(&world.ctx.db, case, 10).await.unwrap()[0].comment_id
}

async fn sound(world: &World) {
    assert_eq!(ledger::verify(&world.ctx.db, None).await.unwrap().broken, None);
}

#[tokio::test]
async fn whoever_is_not_invited_says_beforehand_what_he_thinks() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = plan::planned(&world, "镇东五区停车").await;
        let show = |actor: &Actor| {
            let req = of(&world, actor, case, "");
            async move { opinion::opinion(&req).await.map(html) }
        };
        assert!(matches!(show(&nobody()).await, Err(Refusal::NotFound)), "nothing is announced");
        assert!(matches!(say(&world, "a", case, &[]).await.err(), Some(Refusal::NotFound)));
        let meeting = plan::plan_and_announce(&world, case, plan::good_plan(&world).await).await;
        let form = show(&nobody()).await.unwrap();
        for words in ["赞成", "不赞成", "中立", "name=\"stance\"", "不用报名", "干事看过后公开"] {
            assert!(form.contains(words), "{words}: {form}");
        }
        for (changes, field) in [
            ([("stance", "")], "stance"),
            ([("stance", "king")], "stance"),
            ([("body", " ")], "body"),
            ([("body", "打 13812345678 找我")], "body"),
            ([("name", "")], "name"),
            ([("how", "")], "how"),
        ] {
            let refused = say(&world, "a", case, &changes).await.err().unwrap();
            let named = matches!(&refused, Refusal::Invalid(errors) if errors.iter().any(|e| e.field == field));
            assert!(named, "{changes:?}: {refused:?}");
            let mut req = of(&world, &visitor("a"), case, "");
            req.form = FormState::refused(opinion_form(&changes).values, refused);
            let page = html(opinion::opinion(&req).await.unwrap());
            assert!(page.contains(&format!("id=\"{field}-refusal\"")), "{field}: {page}");
        }
        assert!(html(say(&world, "a", case, &[]).await.unwrap()).contains("等干事看过"));
        say(&world, "b", case, &[("stance", "for"), ("how", "none")]).await.unwrap();
        let notices = || async { html(notice(&of(&world, &nobody(), case, "")).await.unwrap()) };
        let page = notices().await;
        assert!(!page.contains("先试一个月") && page.contains(&format!("/topics/{case}/opinion\"")), "{page}");

        // The officer sees the stance where comments are released, and how many came where answers are read.
        let waiting = html(desk::workspace(&of(&world, &world.officer, case, "tab=comments")).await.unwrap());
        assert!(waiting.contains("会前意见：不赞成") && waiting.contains("会前意见：赞成"), "{waiting}");
        let came = || async { html(answers::answers(&of(&world, &world.officer, case, "")).await.unwrap()) };
        let page = came().await;
        assert!(page.contains("会前意见 2 条：赞成 1，不赞成 1，中立 0；2 条在“留言”里等放行。"), "{page}");
        for waiting in store::officer_comments(&db, case, 10).await.unwrap() {
            world.step(&world.officer, ReleaseComment { case, comment: waiting.comment_id }).await.unwrap();
        }
        let me = guests_of(&db, meeting).await.unwrap().swap_remove(0);
        let asked = Actor::Invitee { invitee: me.invitee_id, case, visitor: Visitor::default() };
        let text = "划线前先听听夜班的人。".to_owned();
        world.step(&asked, GiveOpinion { case, invitee: me.invitee_id, stance: Some("neutral"), text }).await.unwrap();
        let step = DecideOpinion { case, invitee: me.invitee_id, release: true };
        world.step(&world.officer, step).await.unwrap();

        let page = notices().await;
        for words in ["3 条：赞成 1，不赞成 1，中立 1", "居民 李**", "夜里别&lt;划线&gt;，先试一个月。", "夜班的人"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains(&me.name) && !page.contains("李大妈"), "{page}");
        let talk = html(topic::topic(&of(&world, &nobody(), case, "")).await.unwrap());
        assert!(talk.contains("会前意见：不赞成") && !talk.contains("夜班的人"), "{talk}");
        sound(&world).await;

        // What is hidden or erased is not counted, and the stance goes with the words.
        let comment = newest(&world, case).await;
        world.step(&world.officer, HideComment { case, comment }).await.unwrap();
        assert!(notices().await.contains("2 条：赞成 0，不赞成 1，中立 1"));
        let other = store::officer_comments(&db, case, 10).await.unwrap()[1].comment_id;
        let step = ErasePersonalData { case, scope: ErasureScope::Comment(other), reason: "本人来电".to_owned() };
        world.step(&world.officer, step).await.unwrap();
        assert!(notices().await.contains("1 条：赞成 0，不赞成 0，中立 1"));
        assert!(!came().await.contains("居民在公示页写的会前意见"));
        sound(&world).await;

        // Once it has begun nothing is taken, and what was typed is not lost.
        world.pass_days(10);
        let page = show(&nobody()).await.unwrap();
        assert!(page.contains("会议已经开始") && !page.contains("<textarea"), "{page}");
        let late = say(&world, "c", case, &[]).await.err().unwrap();
        assert!(matches!(late, Refusal::Conflict { .. }), "{late:?}");
        let mut req = of(&world, &visitor("c"), case, "");
        req.form = FormState::refused(opinion_form(&[]).values, late);
        let page = html(opinion::opinion(&req).await.unwrap());
        assert!(page.contains("会议已经开始") && page.contains("先试一个月"), "{page}");
        assert!(notices().await.contains("会议已经开始，不再收会前意见"));
    })
    .await;
}

#[tokio::test]
async fn the_dossier_fills_up_and_says_what_is_missing() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let show = |case| {
            let req = of(&world, &nobody(), case, "");
            async move { dossier::dossier(&req).await.map(html) }
        };
        let hidden = world.submitted("还没有受理的事").await;
        assert!(matches!(show(hidden).await, Err(Refusal::NotFound)));
        let accepted = show(world.accepted("刚刚受理的事").await).await.unwrap();
        for words in [
            "还没有立题",
            "还没有调研",
            "没有已经收回的问卷",
            "还没有公示",
            "没有公开的会议材料",
            "还没有公开的会前意见",
        ] {
            assert!(accepted.contains(words), "{words}: {accepted}");
        }
        assert!(accepted.contains("晚上停车难"), "the released text");

        let case = world.researching("镇东五区停车", &world.officer).await;
        assert!(show(case).await.unwrap().contains("正在调研"));
        let id = Some(QuestionnaireId(world.ctx.new_id()));
        let question = |text: &str, kind, options: &[&str]| Question {
            text: text.to_owned(),
            kind,
            options: options.iter().map(|option| (*option).to_owned()).collect(),
        };
        let asked = Questionnaire {
            title: "几点停车".to_owned(),
            intro: String::new(),
            questions: vec![
                question("几点回家", QuestionKind::Single, &["六点前", "六点后"]),
                question("还想说什么", QuestionKind::Text, &[]),
            ],
        };
        let closes_on = world.ctx.today().checked_add_days(chrono::Days::new(5));
        let step = OpenQuestionnaire { case, id, asked, closes_on };
        let questionnaire = world.step(&world.officer, step).await.unwrap().questionnaire;
        for n in 0..6 {
            let answers = Answers { chosen: vec![(1, n % 2 + 1)], words: vec![(2, format!("第{n}位的心里话"))] };
            let step = AnswerQuestionnaire { case, questionnaire, answers };
            world.step(&visitor(&format!("q{n}")), step).await.unwrap();
        }
        assert!(!show(case).await.unwrap().contains("六点前"), "not before it is closed");
        world.step(&world.officer, CloseQuestionnaire { case, questionnaire }).await.unwrap();
        let page = show(case).await.unwrap();
        assert!(page.contains("几点停车，6 份答卷") && page.contains("3 / 6 = 50%"), "{page}");
        assert!(!page.contains("心里话"), "what residents wrote stays inside: {page}");
    })
    .await;
}

#[tokio::test]
async fn the_dossier_tells_of_the_research_what_the_officer_released_and_nobodys_name() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.researched("镇东五区停车").await;
        let show = || async { html(dossier::dossier(&of(&world, &nobody(), case, "")).await.unwrap()) };
        let page = show().await;
        for words in [
            "民生热点：12345 今年反映 37 件",
            "走访 1 次，委员参加 1 人次，听了利益相关方 2 人，部门 1 人，现场问到 1 人。",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let (visit, filed) = (visit(&world), report());
        for inside in [&visit.member_names, &visit.said, &visit.seen, &filed.findings, &"赵隐名".to_owned()] {
            assert!(!page.contains(inside.as_str()), "{inside}: {page}");
        }
        assert!(page.contains("公开稿还没有放出来"));

        let release = |seen, findings: &str| ReleaseReport {
            case,
            seen,
            edition: ReportEdition { findings: findings.to_owned(), ..ReportEdition::of(&filed) },
        };
        for actor in [&world.director, &world.stranger, &nobody()] {
            assert!(world.step(actor, release(0, "夜间缺车位。")).await.is_err());
        }
        let refused = world.step(&world.officer, release(0, "问王阿姨 13812345678")).await.unwrap_err();
        assert!(matches!(&refused, Refusal::Invalid(e) if e[0].field == "findings"), "{refused:?}");
        let blank = ReleaseReport { case, seen: 0, edition: ReportEdition::default() };
        assert!(matches!(world.step(&world.officer, blank).await, Err(Refusal::Invalid(_))));
        let research = || async { html(board(&of(&world, &world.officer, case, "")).await.unwrap()) };
        let page = research().await;
        assert!(page.contains("id=\"form-release_report\"") && page.contains("还没有公开"), "{page}");
        world.step(&world.officer, release(0, "夜间<缺>车位。")).await.unwrap();
        let page = show().await;
        assert!(page.contains("夜间&lt;缺&gt;车位。") && page.contains("消防通道被占"), "{page}");
        assert!(!page.contains(&filed.findings), "the edition, not the report: {page}");
        let stale = world.step(&world.officer, release(0, "另一版")).await.unwrap_err();
        assert!(matches!(&stale, Refusal::Conflict { differences, .. } if !differences.is_empty()), "{stale:?}");
        let back = ReleaseReport { case, seen: 1, edition: ReportEdition::default() };
        world.step(&world.officer, back).await.unwrap();
        assert!(show().await.contains("公开稿还没有放出来"), "it was taken back");
        sound(&world).await;

        let early = world.researching("还在调研的那件", &world.officer).await;
        let step = ReleaseReport { case: early, ..release(0, "夜间缺车位。") };
        assert!(matches!(world.step(&world.officer, step).await, Err(Refusal::Conflict { .. })));
    })
    .await;
}

#[tokio::test]
async fn the_dossier_of_an_announced_meeting_is_found_from_every_page_about_it() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = plan::planned(&world, "镇东五区停车").await;
        let mut planned = plan::good_plan(&world).await;
        planned.division = "内部分工".to_owned();
        planned.agenda[0].words = "介绍走访情况".to_owned();
        let kept = plan::material(&world, "还没有定的材料.pdf").await;
        let mut before = planned.clone();
        before.materials.push(kept);
        let show = || async { html(dossier::dossier(&of(&world, &nobody(), case, "")).await.unwrap()) };
        plan::save(&world, case, before).await;
        let page = show().await;
        assert!(!page.contains(".pdf") && !page.contains("介绍走访情况"), "nothing before it is announced: {page}");
        let meeting = plan::plan_and_announce(&world, case, planned).await;
        say(&world, "a", case, &[]).await.unwrap();
        world.step(&world.officer, ReleaseComment { case, comment: newest(&world, case).await }).await.unwrap();
        let page = show().await;
        for words in
            ["3月19日", "介绍走访情况", "情况说明.pdf", "1 条：赞成 0，不赞成 1，中立 0", "居民 李**", "晚上停车难"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        let guests = guests_of(&db, meeting).await.unwrap();
        for secret in ["内部分工", "还没有定的材料", "13900001111", "王小明", "13812345678", "某人", "李大妈"]
        {
            assert!(!page.contains(secret), "{secret}: {page}");
        }
        assert!(guests.iter().all(|guest| !page.contains(&guest.name)), "nobody who is asked");

        let href = format!("/topics/{case}/dossier\"");
        let me = &guests[0];
        let mut link = request(&world.ctx.acting_as(nobody()), "/i", "");
        let token = path(&world.ctx.secret, me.invitee_id, 0).rsplit('/').next().unwrap().to_owned();
        assert_eq!(token, world.ctx.secret.link_token(LINK, me.invitee_id.0, 0));
        link.params = values(&[("id", &me.invitee_id.to_string()), ("token", &token)])
            .into_iter()
            .map(|(name, list)| (name, list.concat()))
            .collect();
        for page in [
            html(topic::topic(&of(&world, &nobody(), case, "")).await.unwrap()),
            html(notice(&of(&world, &nobody(), case, "")).await.unwrap()),
            html(invitee::invitee(&link).await.unwrap()),
        ] {
            assert!(page.contains(&href), "{page}");
        }

        let seen = world.case(case).await.stage_version;
        let step = CancelMeeting { case, seen, reason: "台风".to_owned() };
        world.step(&world.officer, step).await.unwrap();
        let page = show().await;
        assert!(page.contains("原定的协商会取消了") && page.contains("先试一个月"), "{page}");
        assert!(
            !page.contains("情况说明.pdf") && !page.contains("介绍走访情况"),
            "nothing that is not settled: {page}"
        );
        assert!(matches!(say(&world, "b", case, &[]).await.err(), Some(Refusal::Conflict { .. })));
    })
    .await;
}
