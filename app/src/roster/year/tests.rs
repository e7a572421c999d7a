//! A member's year on both engines, and what a record says of who took part.

use chrono::{Datelike, TimeDelta};

use super::{Part, Year, of_account, pages, to_come, took_part};
use crate::access::{Actor, Role};
use crate::error::Refusal;
use crate::ids::{MemberId, SpeechId};
use crate::invitation::answer::guests_of;
use crate::invitation::answer::steps::AnswerInvitation;
use crate::invitation::model::{InviteeState, PersonForm};
use crate::invitation::steps::AddPeople;
use crate::meeting::floor::steps::{AskToSpeak, StartSpeech, StopSpeech};
use crate::meeting::testing::{all_come, by_link, convene, open_door, until_start};
use crate::plan::testing::{good_plan, plan_and_announce, planned};
use crate::research::testing::visit;
use crate::roster::model::MemberForm;
use crate::roster::{pages as roster, register, tests::member};
use crate::storage::testing::each_engine;
use crate::topic::testing::{TOWN, World, person};
use crate::town::tests::{html, request};

/// A member with an account, on the roster.
async fn with_account(world: &World, login: &str, name: &str) -> (Actor, MemberId) {
    let actor = person(&world.ctx, login, Role::Member, Some(TOWN)).await;
    let form = MemberForm { login: login.to_owned(), ..member(name, "教育界", &[], "") };
    let id = register::add_member(&world.ctx.acting_as(world.officer.clone()), TOWN, form).await.unwrap();
    (actor, id)
}

async fn year(world: &World, of: &Actor) -> Year {
    of_account(&world.ctx, of.account().unwrap(), world.ctx.today().year()).await.unwrap()
}

#[tokio::test]
async fn a_year_holds_what_the_member_was_asked_to_and_did() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (fang, id) = with_account(&world, "weiyuan", "王芳").await;
        let (other, _) = with_account(&world, "lingyi", "李强").await;
        let visited = world.researching("老街路灯", &world.officer).await;
        for names in ["李强、王芳", "王芳芳"] {
            let record = crate::research::model::Visit { member_names: names.to_owned(), ..visit(&world) };
            world.visited(&world.officer, visited, record).await;
        }
        let case = planned(&world, "镇东五区停车").await;
        let plan = good_plan(&world).await;
        let (starts_at, ends_at) = (plan.starts_at.unwrap(), plan.ends_at().unwrap());
        let meeting = plan_and_announce(&world, case, plan).await;
        let people = vec![PersonForm { member: Some(id), ..PersonForm::default() }];
        world.step(&world.officer, AddPeople { case, meeting, people }).await.unwrap();

        let account = fang.account().unwrap();
        let open = to_come(&world.ctx, account).await.unwrap();
        assert_eq!(open.iter().map(|m| m.part).collect::<Vec<_>>(), [Part::Unanswered]);
        assert!(to_come(&world.ctx, other.account().unwrap()).await.unwrap().is_empty());
        let req = |of: &Actor, path: &str| request(&world.ctx.acting_as(of.clone()), path, "");
        let desk = html(crate::topic::pages::desk::desk(&req(&fang, "/desk")).await.unwrap());
        assert!(desk.contains("答复邀请：镇东五区停车") && desk.contains(&open[0].link), "{desk}");
        let page = html(pages::year(&req(&fang, "/desk/year")).await.unwrap());
        assert!(page.contains("受邀 1 次，到会 0 次，请假 0 次；走访 1 次；发言 0 次；提议题 0 件。"), "{page}");
        assert!(page.contains("还没开的会") && page.contains(&open[0].link), "{page}");

        let guests = guests_of(&db, meeting).await.unwrap();
        let invitee = guests.iter().find(|guest| guest.name == "王芳").unwrap().invitee_id;
        let answer = |comes| AnswerInvitation { case, invitee, comes, reason: "出差".to_owned() };
        world.step(&by_link(case, invitee), answer(false)).await.unwrap();
        assert_eq!(year(&world, &fang).await.meetings[0].part, Part::Excused);
        let page = html(pages::year(&req(&fang, "/desk/year")).await.unwrap());
        assert!(page.contains("请假 1 次") && !page.contains("还没开的会"), "{page}");
        world.step(&by_link(case, invitee), answer(true)).await.unwrap();
        for guest in guests.iter().filter(|guest| guest.invitee_id != invitee) {
            let step = AnswerInvitation { case, invitee: guest.invitee_id, comes: true, reason: String::new() };
            world.step(&by_link(case, guest.invitee_id), step).await.unwrap();
        }

        world.ctx.clock.set(starts_at - TimeDelta::minutes(15));
        let sitting = open_door(&world, case).await;
        all_come(&world, case, sitting, &[]).await;
        until_start(&world, case).await;
        convene(&world, &world.officer, case, "").await.unwrap();
        let speech = Some(SpeechId(world.ctx.new_id()));
        let speech = world.step(&by_link(case, invitee), AskToSpeak { case, sitting, invitee, speech }).await.unwrap();
        world.step(&world.officer, StartSpeech { case, sitting, speech }).await.unwrap();
        world.ctx.clock.set(world.ctx.now() + TimeDelta::seconds(61));
        world.step(&world.officer, StopSpeech { case, sitting, speech }).await.unwrap();
        world.ctx.clock.set(ends_at);

        let page = html(pages::year(&req(&fang, "/desk/year")).await.unwrap());
        assert!(page.contains("到会 1 次，请假 0 次；走访 1 次；发言 1 次，共 2 分钟"), "{page}");
        let mut of_town = req(&world.officer, "/desk/roster");
        of_town.params.insert("id".to_owned(), id.to_string());
        let page = html(roster::member(&of_town).await.unwrap());
        assert!(page.contains("到会 1 次") && !page.contains("/i/"), "the link is the member's alone: {page}");
        for actor in [&world.officer, &world.director] {
            let refused = pages::year(&req(actor, "/desk/year")).await.err();
            assert!(matches!(refused, Some(Refusal::Forbidden { .. })), "{refused:?}");
        }
    })
    .await;
}

#[test]
fn a_meeting_counts_as_what_became_of_it() {
    use InviteeState::{Accepted, Declined, Invited, Substituted};
    for (state, meeting, came, part) in [
        (Invited, "announced", false, Part::Unanswered),
        (Accepted, "announced", false, Part::Coming),
        (Declined, "announced", false, Part::Excused),
        (Substituted, "held", false, Part::Excused),
        (Accepted, "held", true, Part::Came),
        // Who came in the end was there, whatever was answered.
        (Declined, "held", true, Part::Came),
        (Accepted, "held", false, Part::Absent),
        (Invited, "held", false, Part::Absent),
        (Accepted, "cancelled", false, Part::Off),
        (Declined, "cancelled", false, Part::Off),
        (Accepted, "approved", false, Part::Off),
    ] {
        assert_eq!(Part::of(state, meeting, came), part, "{state:?} {meeting} {came}");
    }
}

#[test]
fn only_a_whole_name_took_part() {
    let visit = |names: &str| {
        let text = serde_json::json!({ "on": "2026-03-09", "method": "visit", "place": "", "heard": {}, "members": 1,
            "member_names": names, "said": "", "seen": "" });
        serde_json::from_value(text).unwrap()
    };
    for (names, expected) in [
        ("王芳", true),
        ("李强、王芳", true),
        ("李强 王芳（教育界）", true),
        ("王芳芳", false),
        ("小王芳", false),
        ("", false),
    ] {
        assert_eq!(took_part(&visit(names), "王芳"), expected, "{names}");
    }
}
