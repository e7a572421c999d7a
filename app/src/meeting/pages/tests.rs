//! Pages of the meeting's day as people see them, on both engines.

use crate::access::{Actor, Visitor};
use crate::case::store::find;
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId, SpeechId};
use crate::invitation::answer::{pages::invitee, path};
use crate::meeting::floor::steps::{AskToSpeak, StartSpeech};
use crate::meeting::steps::MissMeeting;
use crate::meeting::testing::*;
use crate::plan::pages::notice;
use crate::plan::testing::{good_plan, save};
use crate::rules::Category;
use crate::storage::testing::each_engine;
use crate::topic::testing::World;
use crate::town::tests::{html, request};
use crate::web::{Form, Request, Script};

fn of(world: &World, actor: &Actor, case: CaseId) -> Request {
    let mut request = request(&world.ctx.acting_as(actor.clone()), "/", "");
    request.params.insert("id".to_owned(), case.to_string());
    request
}

fn nobody() -> Actor {
    Actor::Visitor(Visitor::default())
}

/// The own page of somebody invited.
async fn own(world: &World, who: InviteeId) -> String {
    let mut request = request(&world.ctx.acting_as(nobody()), "/", "");
    let link = path(&world.ctx.secret, who, 0);
    request.params.insert("id".to_owned(), who.to_string());
    request.params.insert("token".to_owned(), link.rsplit('/').next().unwrap().to_owned());
    html(invitee::invitee(&request).await.unwrap())
}

fn form(fields: &[(&str, &str)]) -> Form {
    let values = fields.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect();
    Form { values, files: Vec::new() }
}

#[tokio::test]
async fn pages_of_the_room_follow_the_case_by_a_script_and_say_what_they_know() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        let who = of_category(&world, case, Category::Public).await;
        let speech = Some(SpeechId(world.ctx.new_id()));
        let speech = world.step(&world.officer, AskToSpeak { case, sitting, invitee: who, speech }).await.unwrap();
        world.step(&world.officer, StartSpeech { case, sitting, speech }).await.unwrap();
        let seq = crate::case::newest_seq(&db, case).await.unwrap();
        let mark = format!("data-stream=\"/live/case/{case}\" data-seen=\"{seq}\"");
        let page = super::screen(&of(&world, &nobody(), case)).await.unwrap();
        assert_eq!(page.script, Some(Script::Watch));
        let shown = html(page);
        assert!(shown.contains(&mark) && shown.contains("data-elapsed=\"0\""), "{shown}");
        assert!(shown.contains("class=\"qr\""), "the way to the own page is on it");
        assert!(!shown.contains("leptos-island"), "{shown}");
        let page = notice(&of(&world, &nobody(), case)).await.unwrap();
        assert_eq!(page.script, Some(Script::Watch));
        assert!(html(page).contains(&mark));
        let page = own(&world, who).await;
        assert!(page.contains(&mark) && page.contains("轮到您说了。"), "{page}");
    })
    .await;
}

async fn of_category(world: &World, case: CaseId, category: Category) -> InviteeId {
    super::super::testing::of(world, case, category).await[0]
}

#[tokio::test]
async fn a_reference_that_cannot_be_read_is_refused_not_dropped() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, sitting) = opened(&world).await;
        let sitting = sitting.to_string();
        let department = of_category(&world, case, Category::Department).await.to_string();
        let unit = crate::account::admin::add_unit(&world.ctx, "盛泽交警中队", None).await.unwrap().to_string();
        let req = of(&world, &world.officer, case);
        for (fields, field) in [
            (vec![("action", "call_response"), ("invitee", &*department), ("answers", "x")], "answers"),
            (vec![("action", "link_answer"), ("speech", &*department), ("answers", "x")], "answers"),
            (vec![("action", "hand_over"), ("unit", "x"), ("matter", "立牌"), ("due_on", "2026-04-01")], "unit"),
            (
                vec![
                    ("action", "hand_over"),
                    ("unit", &*unit),
                    ("matter", "立牌"),
                    ("due_on", "2026-04-01"),
                    ("speech", "x"),
                ],
                "speech",
            ),
        ] {
            let mut sent = vec![("sitting", &*sitting)];
            sent.extend(fields.iter().copied());
            let refused = super::post_console(&req, form(&sent)).await.err();
            let Some(Refusal::Invalid(errors)) = refused else { panic!("{fields:?}: {refused:?}") };
            assert_eq!(errors[0].field, field, "{fields:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_meeting_to_which_too_few_came_was_not_called_off_and_a_new_plan_is_not_shown_before_it_is_told() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = on_the_day(&world).await;
        let who = of_category(&world, case, Category::Public).await;
        until_start(&world, case).await;
        let seen = find(&db, case).await.unwrap().unwrap().stage_version;
        let told = |world: &World| {
            let (db, meeting) = (world.ctx.db.clone(), case);
            async move {
                let day = crate::meeting::steps::Presence::load(&db, meeting).await.unwrap().unwrap().day;
                crate::plan::told_plan(&db, day.meeting_id).await.unwrap().unwrap()
            }
        };
        let before = told(&world).await;
        world.step(&world.officer, MissMeeting { case, seen }).await.unwrap();
        let page = own(&world, who).await;
        assert!(page.contains("流会") && page.contains("另定时间") && !page.contains("取消"), "{page}");
        let page = html(notice(&of(&world, &nobody(), case)).await.unwrap());
        assert!(page.contains("流会") && !page.contains("取消了"), "{page}");
        let mut plan = good_plan(&world).await;
        plan.agenda.truncate(2);
        save(&world, case, plan).await;
        assert_eq!(told(&world).await.agenda, before.agenda, "what is being planned is nobody's yet");
    })
    .await;
}
