//! The list of people on both engines, from the steps to the pages.

use super::model::{InviteeState, PersonForm};
use super::pages;
use super::steps::{AddPeople, CorrectPerson, RemovePerson, ViewInvitee};
use super::store::{self, Invitee, current_meeting};
use super::testing::{meeting, set_state};
use crate::access::Actor;
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId, MeetingId, MemberId};
use crate::ledger::{self, Stream};
use crate::roster::model::{MemberForm, Purpose, UnitForm};
use crate::roster::register;
use crate::rules::{Category, Level, RuleSet, composition};
use crate::storage::testing::each_engine;
use crate::topic::testing::{TOWN, World};
use crate::town::tests::{html, request};
use crate::web::{Form, Outcome, Request, Sheet};

fn typed(name: &str, category: Category, phone: &str) -> PersonForm {
    PersonForm {
        category: Some(category),
        name: name.to_owned(),
        organisation: "东港社区".to_owned(),
        phone: phone.to_owned(),
        ..PersonForm::default()
    }
}

async fn member(world: &World, name: &str, sector: &str, specialty: &str) -> MemberId {
    let form = MemberForm {
        name: name.to_owned(),
        sector: sector.to_owned(),
        specialty: crate::roster::model::read_tags(specialty),
        phone: "13900001111".to_owned(),
        woman: true,
        ..MemberForm::default()
    };
    register::add_member(&world.ctx.acting_as(world.officer.clone()), TOWN, form).await.unwrap()
}

async fn add(world: &World, case: CaseId, meeting: MeetingId, people: Vec<PersonForm>) -> Result<usize, Refusal> {
    world.step(&world.officer, AddPeople { case, meeting, people }).await
}

async fn list(world: &World, meeting: MeetingId) -> Vec<Invitee> {
    store::invitees(&world.ctx.db, meeting).await.unwrap()
}

async fn of_name(world: &World, meeting: MeetingId, name: &str) -> Invitee {
    list(world, meeting).await.into_iter().find(|one| one.name == name).unwrap()
}

async fn sound(world: &World) {
    assert_eq!(ledger::verify(&world.ctx.db, None).await.unwrap().broken, None);
}

fn errors(refusal: Option<Refusal>) -> Vec<(String, String)> {
    match refusal {
        Some(Refusal::Invalid(errors)) => errors.into_iter().map(|e| (e.field, e.sentence)).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn people_come_onto_the_list_from_everywhere_and_their_data_stays_out_of_the_record() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        assert_eq!(current_meeting(&db, case).await.unwrap(), None);
        let meeting = meeting(&world, case).await;
        let officer = world.ctx.acting_as(world.officer.clone());
        let known = member(&world, "顾采薇", "教育界", "交通").await;
        let form = UnitForm { name: "交警中队".to_owned(), contact: "钱先生".to_owned(), ..UnitForm::default() };
        let unit = register::add_unit(&officer, TOWN, &form).await.unwrap();
        let people = vec![
            PersonForm::of_member(known),
            PersonForm::of_unit(unit),
            typed(" 王小明 ", Category::Stakeholder, "138 1234 5678"),
        ];
        assert_eq!(add(&world, case, meeting, people).await.unwrap(), 3);
        let on_list = list(&world, meeting).await;
        let said: Vec<(&str, Category, &str)> =
            on_list.iter().map(|one| (one.name.as_str(), one.category.0, one.phone.as_str())).collect();
        assert_eq!(
            said,
            [
                ("钱先生", Category::Department, ""),
                ("顾采薇", Category::Member, "13900001111"),
                ("王小明", Category::Stakeholder, "13812345678"),
            ]
        );
        assert!(on_list.iter().all(|one| one.state.0 == InviteeState::Listed));
        assert_eq!(register::member(&officer, known).await.unwrap().invited, 1);

        let lines = composition(&super::composition(&db, meeting).await.unwrap(), &RuleSet::default());
        assert_eq!((lines[0].have, lines[1].have, lines[0].level), (3, 3, Level::Blocking));

        for entry in ledger::entries(&db, &Stream::Case(case).name(), i64::MAX, 100).await.unwrap() {
            for private in ["王小明", "顾采薇", "钱先生", "13812345678", "东港社区"] {
                assert!(!entry.body.contains(private), "{}", entry.body);
            }
        }
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn nobody_stands_on_a_list_twice_and_a_refused_list_adds_nobody() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let meeting = meeting(&world, case).await;
        let known = member(&world, "顾采薇", "教育界", "").await;
        add(&world, case, meeting, vec![PersonForm::of_member(known)]).await.unwrap();
        add(&world, case, meeting, vec![typed("王小明", Category::Public, "13812345678")]).await.unwrap();

        let again = add(&world, case, meeting, vec![PersonForm::of_member(known)]).await.err();
        assert_eq!(errors(again), [("people".to_owned(), "这个人已经在名单上了，不用再添。".to_owned())]);
        let again = add(&world, case, meeting, vec![typed("王小明", Category::Expert, "138-1234-5678")]).await.err();
        assert_eq!(errors(again)[0].0, "name");
        let mixed = vec![
            typed("李强", Category::Public, ""),
            typed("", Category::Public, "1"),
            typed("李强", Category::Public, ""),
        ];
        let sentences: Vec<String> =
            errors(add(&world, case, meeting, mixed).await.err()).into_iter().map(|e| e.1).collect();
        assert_eq!(sentences.len(), 3, "{sentences:?}");
        assert!(sentences[0].starts_with("第 2 位：") && sentences[2].starts_with("第 3 位："), "{sentences:?}");
        assert_eq!(errors(add(&world, case, meeting, Vec::new()).await.err())[0].0, "people");
        assert_eq!(list(&world, meeting).await.len(), 2);
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_correction_is_compared_with_what_was_seen_and_a_removal_has_its_reason() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let meeting = meeting(&world, case).await;
        let people = vec![typed("王小明", Category::Public, "13812345678"), typed("李强", Category::Public, "")];
        add(&world, case, meeting, people).await.unwrap();
        let one = of_name(&world, meeting, "王小明").await;
        let invitee = one.invitee_id;
        let correct = |seen: i64, form: PersonForm| CorrectPerson { case, invitee, seen, form };
        let form = PersonForm { category: Some(Category::Stakeholder), woman: true, ..one.form() };
        world.step(&world.officer, correct(one.ledger_seq, form.clone())).await.unwrap();
        let now = of_name(&world, meeting, "王小明").await;
        assert_eq!((now.category.0, now.woman), (Category::Stakeholder, true));
        sound(&world).await;

        let other = PersonForm { name: "王小民".to_owned(), phone: String::new(), ..form.clone() };
        match world.step(&world.officer, correct(one.ledger_seq, other)).await {
            Err(Refusal::Conflict { differences, .. }) => {
                let labels: Vec<&str> = differences.iter().map(|d| d.label.as_str()).collect();
                assert_eq!(labels, ["姓名", "电话"]);
                assert!(differences.iter().all(|d| !d.theirs.contains("138")), "{differences:?}");
            }
            other => panic!("{other:?}"),
        }
        let twin = PersonForm { name: "李强".to_owned(), phone: String::new(), ..form };
        assert_eq!(errors(world.step(&world.officer, correct(now.ledger_seq, twin)).await.err())[0].0, "name");

        let remove = |reason: &str| RemovePerson { case, invitee, reason: reason.to_owned() };
        assert_eq!(errors(world.step(&world.officer, remove(" ")).await.err())[0].0, "reason");
        world.step(&world.officer, remove("单位另派了人")).await.unwrap();
        let counted = super::composition(&db, meeting).await.unwrap();
        assert_eq!(counted.people.len(), 1);
        assert!(matches!(world.step(&world.officer, remove("再来一次")).await, Err(Refusal::Conflict { .. })));
        // Whoever was taken off can be asked again.
        add(&world, case, meeting, vec![typed("王小明", Category::Public, "13812345678")]).await.unwrap();
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn the_list_is_open_from_planning_to_the_announcement_and_only_for_the_towns_officer() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let first = meeting(&world, case).await;
        let mut n = 0;
        for (state, open) in [("planning", true), ("approved", true), ("announced", true), ("cancelled", false)] {
            set_state(&world, first, state).await;
            n += 1;
            let added = add(&world, case, first, vec![typed(&format!("居民{n}"), Category::Public, "")]).await;
            assert_eq!(added.is_ok(), open, "{state}: {added:?}");
        }
        let second = meeting(&world, case).await;
        assert_eq!(current_meeting(&db, case).await.unwrap().map(|m| (m.meeting_id, m.round)), Some((second, 2)));
        let late = add(&world, case, first, vec![typed("居民", Category::Public, "")]).await;
        assert!(matches!(late, Err(Refusal::Conflict { .. })), "a page of the first meeting: {late:?}");

        let step = || AddPeople { case, meeting: second, people: vec![typed("居民", Category::Public, "")] };
        for actor in [&world.director, &world.approver, &world.district] {
            assert!(matches!(world.step(actor, step()).await, Err(Refusal::Forbidden { .. })), "{actor:?}");
        }
        assert!(list(&world, second).await.is_empty());
        let missing =
            RemovePerson { case, invitee: InviteeId(world.ctx.new_id()), reason: "没有这个人".to_owned() };
        assert!(matches!(world.step(&world.officer, missing).await, Err(Refusal::NotFound)));
    })
    .await;
}

fn of(world: &World, actor: &Actor, case: CaseId, query: &str) -> Request {
    let mut request = request(&world.ctx.acting_as(actor.clone()), "/desk", query);
    request.params.insert("id".to_owned(), case.to_string());
    request
}

fn form(fields: &[(&str, &str)]) -> Form {
    let mut values = std::collections::BTreeMap::<String, Vec<String>>::new();
    for (name, value) in fields {
        values.entry((*name).to_owned()).or_default().push((*value).to_owned());
    }
    Form { values, files: Vec::new() }
}

#[tokio::test]
async fn the_page_shows_the_meter_suggests_and_adds_what_was_ticked() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let req = of(&world, &world.officer, case, "");
        let empty = html(pages::people(&req).await.unwrap());
        assert!(empty.contains("还没有会") && empty.contains(&format!("/desk/topics/{case}/plan")), "{empty}");
        let meeting = meeting(&world, case).await;
        let often = member(&world, "常来的", "教育界", "").await;
        let seldom = member(&world, "少来的", "经济界", "交通").await;
        let other = world.confirmed("另外一件事").await;
        let elsewhere = super::testing::meeting(&world, other).await;
        add(&world, other, elsewhere, vec![PersonForm::of_member(often)]).await.unwrap();

        let page = html(pages::people(&req).await.unwrap());
        assert!(page.contains("名单还是空的") && !page.contains("专长：交通"), "{page}");
        let meeting_id = meeting.to_string();
        let tags = form(&[("action", "tags"), ("seen", ""), ("tags", "教育界、交通")]);
        pages::post_people(&req, tags.clone()).await.unwrap();
        assert!(matches!(pages::post_people(&req, tags).await.err(), Some(Refusal::Conflict { .. })), "a stale page");
        let page = html(pages::people(&req).await.unwrap());
        let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} in {page}"));
        assert!(at("专长：交通；今年还没有请过") < at("界别：教育界；今年受邀 1 次"));

        let (often, seldom) = (often.to_string(), seldom.to_string());
        let sent = [("action", "suggested"), ("meeting", &meeting_id), ("people", &often), ("people", &seldom)];
        assert!(matches!(pages::post_people(&req, form(&sent)).await.unwrap(), Outcome::SeeOther(_)));
        let person = [
            ("action", "person"),
            ("meeting", &meeting_id),
            ("name", "王小明"),
            ("category", "stakeholder"),
            ("phone", "13812345678"),
            ("woman", "yes"),
        ];
        pages::post_people(&req, form(&person)).await.unwrap();
        assert_eq!(errors(pages::post_people(&req, form(&person)).await.err())[0].0, "name");
        let nobody = form(&[("action", "units"), ("meeting", &meeting_id)]);
        assert_eq!(errors(pages::post_people(&req, nobody).await.err())[0].0, "people");

        let page = html(pages::people(&req).await.unwrap());
        for words in ["委员（2 人）", "利益相关方（1 人）", "138****5678", "3，至少 8 人", "差 5 人", "再请"]
        {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("13812345678"));

        let looking = html(pages::people(&of(&world, &world.director, case, "")).await.unwrap());
        assert!(looking.contains("王小明") && !looking.contains("name=\"action\""), "the director looks on");
        let strange = pages::people(&of(&world, &world.stranger, case, "")).await.err();
        assert!(matches!(strange, Some(Refusal::NotFound)), "{strange:?}");
    })
    .await;
}

#[tokio::test]
async fn one_persons_page_shows_the_contact_once_and_keeps_what_is_left_empty() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let meeting = meeting(&world, case).await;
        add(&world, case, meeting, vec![typed("王小明", Category::Public, "13812345678")]).await.unwrap();
        let one = of_name(&world, meeting, "王小明").await;
        let page_of = |actor: &Actor| {
            let mut req = of(&world, actor, case, "");
            req.params.insert("invitee".to_owned(), one.invitee_id.to_string());
            req
        };
        let req = page_of(&world.officer);
        let page = html(pages::person(&req).await.unwrap());
        assert!(page.contains("138****5678") && !page.contains("13812345678"), "{page}");
        assert!(!html(pages::person(&page_of(&world.director)).await.unwrap()).contains("移出名单"));

        let Outcome::Page(seen) =
            pages::post_person(&req, form(&[("action", "view"), ("purpose", "invite")])).await.unwrap()
        else {
            panic!("a page")
        };
        assert!(html(seen).contains("13812345678"));
        let town = ledger::entries(&db, &Stream::Town(TOWN.to_owned()).name(), i64::MAX, 1).await.unwrap();
        assert!(town[0].body.contains("\"what\":\"view_invitee\""), "{}", town[0].body);
        let step = ViewInvitee { case, invitee: one.invitee_id, purpose: Purpose::Check };
        assert!(matches!(world.step(&world.approver, step).await, Err(Refusal::Forbidden { .. })));

        let seen = one.ledger_seq.to_string();
        let sent = [("action", "correct"), ("seen", seen.as_str()), ("name", "王晓明"), ("category", "expert")];
        pages::post_person(&req, form(&sent)).await.unwrap();
        let now = of_name(&world, meeting, "王晓明").await;
        assert_eq!((now.phone.as_str(), now.category.0), ("13812345678", Category::Expert));
        pages::post_person(&req, form(&[("action", "remove"), ("reason", "不是本镇的事")])).await.unwrap();
        let page = html(pages::people(&of(&world, &world.officer, case, "")).await.unwrap());
        assert!(!page.contains("王晓明"), "{page}");
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_sheet_is_read_seen_and_only_then_imported_whole() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let no_meeting = pages::import(&of(&world, &world.officer, case, "")).await.err();
        assert!(matches!(no_meeting, Some(Refusal::Conflict { .. })), "{no_meeting:?}");
        let meeting = meeting(&world, case).await;
        add(&world, case, meeting, vec![typed("王小明", Category::Public, "13812345678")]).await.unwrap();
        let mut req = of(&world, &world.officer, case, "");
        assert!(html(pages::import(&req).await.unwrap()).contains("data:text/csv"));

        let bad = "姓名,类别,电话\n王小明,群众代表,13812345678\n李强,路人,\n赵敏,专家,13900001111\n";
        req.sheet = Some(Sheet { bytes: bad.as_bytes().to_vec() });
        let meeting_id = meeting.to_string();
        let check = |rows: &str| form(&[("action", "check"), ("meeting", &meeting_id), ("rows", rows)]);
        let refused = pages::post_import(&req, check("")).await.err();
        let sentences: Vec<String> = errors(refused.clone()).into_iter().map(|e| e.1).collect();
        assert!(sentences[0].starts_with("第 2 行：这个人已经在名单上了"), "{sentences:?}");
        assert!(sentences[1].starts_with("第 3 行：类别「路人」认不出"), "{sentences:?}");
        assert_eq!(sentences.len(), 2);
        // The form comes back with the file's rows, to be mended in place.
        req.form = crate::error::FormState::refused(std::collections::BTreeMap::new(), refused.unwrap());
        let again = html(pages::import(&req).await.unwrap());
        assert!(again.contains("李强,路人"), "{again}");

        req.sheet = None;
        let good = "姓名,类别,电话\n李强,群众代表,\n赵敏,专家,13900001111\n";
        let Outcome::Page(preview) = pages::post_import(&req, check(good)).await.unwrap() else { panic!("a page") };
        let preview = html(preview);
        assert!(preview.contains("2 人，没有要改的，还没有导入") && preview.contains("139****1111"), "{preview}");
        assert_eq!(list(&world, meeting).await.len(), 1, "a look imports nothing");
        let import = form(&[("action", "import"), ("meeting", &meeting_id), ("rows", good)]);
        assert!(matches!(pages::post_import(&req, import).await.unwrap(), Outcome::SeeOther(_)));
        assert_eq!(list(&world, meeting).await.len(), 3);
        let forbidden = pages::post_import(&of(&world, &world.director, case, ""), check(good)).await.err();
        assert!(matches!(forbidden, Some(Refusal::Forbidden { .. })), "{forbidden:?}");
        sound(&world).await;
    })
    .await;
}

#[tokio::test]
async fn two_thousand_people_are_one_step_and_one_entry() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let case = world.confirmed("镇东五区停车").await;
        let meeting = meeting(&world, case).await;
        let before = ledger::entries(&db, &Stream::Case(case).name(), i64::MAX, 100).await.unwrap().len();
        let people = (0..2_000).map(|n| typed(&format!("居民{n}"), Category::Public, "")).collect();
        assert_eq!(add(&world, case, meeting, people).await.unwrap(), 2_000);
        let after = ledger::entries(&db, &Stream::Case(case).name(), i64::MAX, 100).await.unwrap().len();
        assert_eq!(after, before + 1);
        let more = (0..2_001).map(|n| typed(&format!("村民{n}"), Category::Public, "")).collect();
        assert_eq!(errors(add(&world, case, meeting, more).await.err())[0].0, "people");
        sound(&world).await;
    })
    .await;
}
