//! What everybody reads and writes before a meeting, on both engines.

use std::collections::BTreeMap;

use crate::access::{Actor, Visitor};
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, CommentId};
use crate::invitation::answer::guests_of;
use crate::invitation::answer::pages::answers;
use crate::invitation::answer::steps::{DecideOpinion, GiveOpinion};
use crate::ledger;
use crate::plan::pages::notice;
use crate::plan::testing as plan;
use crate::storage::testing::each_engine;
use crate::topic::pages::{desk, opinion, topic};
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
