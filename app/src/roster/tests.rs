//! The roster on both engines: who keeps it, what is on record, what a page shows.

use super::model::{MemberForm, Purpose, UnitForm};
use super::{pages, register, store};
use crate::access::Actor;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ledger::{self, Stream};
use crate::storage::Database;
use crate::storage::testing::each_engine;
use crate::topic::testing::{TOWN, World, person, visitor};
use crate::town::tests::{html, request};
use crate::web::{Form, Outcome};

pub(crate) fn member(name: &str, sector: &str, specialty: &[&str], phone: &str) -> MemberForm {
    MemberForm {
        name: name.to_owned(),
        sector: sector.to_owned(),
        specialty: specialty.iter().map(|tag| (*tag).to_owned()).collect(),
        phone: phone.to_owned(),
        mail: "member@example.com".to_owned(),
        ..MemberForm::default()
    }
}

fn unit(name: &str) -> UnitForm {
    UnitForm {
        name: name.to_owned(),
        contact: "钱先生".to_owned(),
        phone: "0512-63001234".to_owned(),
        mail: String::new(),
    }
}

fn form(fields: &[(&str, &str)]) -> Form {
    let values = fields.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect();
    Form { values, files: Vec::new() }
}

fn fields(refusal: Option<Refusal>) -> Vec<String> {
    match refusal {
        Some(Refusal::Invalid(errors)) => errors.into_iter().map(|e| e.field).collect(),
        other => panic!("{other:?}"),
    }
}

/// What the town's stream says, newest first.
async fn recorded(db: &Database) -> Vec<String> {
    let stream = Stream::Town(TOWN.to_owned()).name();
    ledger::entries(db, &stream, i64::MAX, 100).await.unwrap().into_iter().map(|entry| entry.body).collect()
}

fn acting(world: &World, actor: &Actor) -> Ctx {
    world.ctx.acting_as(actor.clone())
}

#[tokio::test]
async fn an_officer_keeps_the_roster_and_the_record_holds_ids_only() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let officer = acting(&world, &world.officer);
        let id =
            register::add_member(&officer, TOWN, member(" 王芳 ", "教育界", &["交通"], "138 1234 5678")).await.unwrap();
        let found = register::member(&officer, id).await.unwrap();
        assert_eq!((found.name.as_str(), found.phone.as_str(), found.invited), ("王芳", "13812345678", 0));

        let again = register::add_member(&officer, TOWN, member("王芳", "经济界", &[], "13812345678")).await.err();
        assert_eq!(fields(again), ["name"]);
        let wrong = register::add_member(&officer, TOWN, MemberForm::default()).await.err();
        assert_eq!(fields(wrong), ["name", "sector"]);

        let seen = register::seen_member(&officer, &found);
        register::correct_member(&officer, id, &seen, member("王芳", "经济界", &["物流"], "13812345678"))
            .await
            .unwrap();
        let stale = register::correct_member(&officer, id, &seen, member("王方", "经济界", &[], "")).await;
        assert!(matches!(stale, Err(Refusal::Conflict { .. })), "{stale:?}");

        register::note_left(&officer, id, true).await.unwrap();
        assert!(register::member(&officer, id).await.unwrap().left_at.is_some());
        register::note_left(&officer, id, false).await.unwrap();

        let entries = recorded(&db).await;
        let what = |word: &str| entries.iter().filter(|body| body.contains(&format!("\"what\":\"{word}\""))).count();
        assert_eq!((what("member_added"), what("member_corrected"), what("member_left")), (1, 1, 2), "{entries:?}");
        for body in &entries {
            for private in ["王芳", "13812345678", "member@example.com", "经济界"] {
                assert!(!body.contains(private), "{body}");
            }
        }
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn only_the_towns_officer_writes_and_another_town_knows_nothing() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let id = register::add_member(&acting(&world, &world.officer), TOWN, member("王芳", "教育界", &[], ""))
            .await
            .unwrap();
        let director = acting(&world, &world.director);
        assert!(register::member(&director, id).await.is_ok());
        assert!(matches!(register::note_left(&director, id, true).await, Err(Refusal::Forbidden { .. })));
        assert!(matches!(
            register::add_member(&director, TOWN, member("李强", "教育界", &[], "")).await,
            Err(Refusal::Forbidden { .. })
        ));
        for actor in [&world.stranger, &world.approver, &world.district] {
            let ctx = acting(&world, actor);
            assert!(matches!(register::member(&ctx, id).await, Err(Refusal::NotFound)), "{actor:?}");
            assert!(matches!(register::view_member(&ctx, id, Purpose::Check).await, Err(Refusal::NotFound)));
            let into = register::add_member(&ctx, TOWN, member("李强", "教育界", &[], "")).await;
            assert!(matches!(into, Err(Refusal::NotFound)), "{into:?}");
        }
        let nobody = acting(&world, &visitor("nobody"));
        assert!(matches!(register::member(&nobody, id).await, Err(Refusal::NotSignedIn)));
        assert!(matches!(pages::roster(&request(&nobody, "/desk/roster", "")).await.err(), Some(Refusal::NotSignedIn)));
        let district = acting(&world, &world.district);
        assert!(matches!(
            pages::units(&request(&district, "/desk/units", "")).await.err(),
            Some(Refusal::Forbidden { .. })
        ));
    })
    .await;
}

#[tokio::test]
async fn an_account_is_joined_only_to_a_member_of_the_town() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        person(&world.ctx, "weiyuan", crate::access::Role::Member, Some(TOWN)).await;
        person(&world.ctx, "other", crate::access::Role::Member, Some("zhenze")).await;
        let officer = acting(&world, &world.officer);
        let with =
            |login: &str, name: &str| MemberForm { login: login.to_owned(), ..member(name, "教育界", &[], "") };
        for login in ["other", "officer", "nobody"] {
            assert_eq!(
                fields(register::add_member(&officer, TOWN, with(login, "王芳")).await.err()),
                ["login"],
                "{login}"
            );
        }
        let id = register::add_member(&officer, TOWN, with("Weiyuan", "王芳")).await.unwrap();
        assert_eq!(register::member(&officer, id).await.unwrap().login.as_deref(), Some("weiyuan"));
    })
    .await;
}

#[tokio::test]
async fn pages_mask_what_is_private_and_a_look_is_on_record() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let officer = acting(&world, &world.officer);
        let id =
            register::add_member(&officer, TOWN, member("王芳", "教育界", &["交通"], "13812345678")).await.unwrap();
        register::add_member(&officer, TOWN, member("李强", "经济界", &["纺织"], "13900001111")).await.unwrap();
        let list = html(pages::roster(&request(&officer, "/desk/roster", "")).await.unwrap());
        for words in ["委员 2 人", "教育界", "经济界", "138****5678", "添一位委员"] {
            assert!(list.contains(words), "{words} in {list}");
        }
        let found = html(pages::roster(&request(&officer, "/desk/roster", "q=纺织")).await.unwrap());
        assert!(found.contains("李强") && !found.contains("王芳"), "{found}");
        let mut req = request(&officer, "/desk/roster", "");
        req.params.insert("id".to_owned(), id.to_string());
        let page = html(pages::member(&req).await.unwrap());
        for page in [&list, &page] {
            assert!(!page.contains("13812345678") && !page.contains("member@example.com"), "{page}");
        }

        let before = recorded(&db).await.len();
        assert_eq!(fields(pages::post_member(&req, form(&[("action", "view")])).await.err()), ["purpose"]);
        assert_eq!(recorded(&db).await.len(), before, "nothing was seen");
        let seen = pages::post_member(&req, form(&[("action", "view"), ("purpose", "invite")])).await.unwrap();
        let Outcome::Page(seen) = seen else { panic!("a page") };
        assert!(html(seen).contains("13812345678"));
        assert!(recorded(&db).await[0].contains("\"purpose\":\"invite\""));

        // The form that is sent back without a phone keeps the phone; the word for none clears it.
        let version = register::seen_member(&officer, &register::member(&officer, id).await.unwrap());
        let sent = [("action", "correct"), ("name", "王芳"), ("sector", "教育界"), ("woman", "yes"), ("mail", "无")];
        let sent: Vec<(&str, &str)> = sent.into_iter().chain([("seen", version.as_str())]).collect();
        pages::post_member(&req, form(&sent)).await.unwrap();
        let now = register::member(&officer, id).await.unwrap();
        assert_eq!(
            (now.phone.as_str(), now.mail.as_str(), now.woman, now.specialty.as_str()),
            ("13812345678", "", true, "")
        );
    })
    .await;
}

#[tokio::test]
async fn units_have_a_contact_that_the_town_keeps() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        crate::account::admin::add_unit(&world.ctx, "区水务局", None).await.unwrap();
        let officer = acting(&world, &world.officer);
        let mut req = request(&officer, "/desk/units", "");
        req.params.insert("id".to_owned(), "new".to_owned());
        let sent = [("town", TOWN), ("name", "盛泽交警中队"), ("contact", "钱先生"), ("phone", "0512 6300 1234")];
        assert!(matches!(pages::post_unit(&req, form(&sent)).await.unwrap(), Outcome::SeeOther(_)));
        assert_eq!(fields(register::add_unit(&officer, TOWN, &unit("区水务局")).await.err()), ["name"]);

        let units = store::units(&db, &[TOWN.to_owned()]).await.unwrap();
        assert_eq!(units.iter().map(|u| u.name.as_str()).collect::<Vec<_>>(), ["盛泽交警中队", "区水务局"]);
        let list = html(pages::units(&request(&officer, "/desk/units", "")).await.unwrap());
        assert!(list.contains("1 个还没有联系人") && !list.contains("63001234"), "{list}");

        let (own, of_district) = (&units[0], &units[1]);
        let changed = UnitForm { contact: "孙女士".to_owned(), ..own.form() };
        register::correct_unit(&officer, own.unit_id, &register::seen_unit(&officer, own), &changed).await.unwrap();
        let seen = register::seen_unit(&officer, of_district);
        let refused = register::correct_unit(&officer, of_district.unit_id, &seen, &unit("区水务局")).await;
        assert!(matches!(refused, Err(Refusal::Forbidden { .. })), "{refused:?}");
        let stranger = acting(&world, &world.stranger);
        assert!(matches!(register::unit(&stranger, own.unit_id).await, Err(Refusal::NotFound)));
        assert!(register::unit(&stranger, of_district.unit_id).await.is_ok(), "a unit of the district is everybody's");
    })
    .await;
}
