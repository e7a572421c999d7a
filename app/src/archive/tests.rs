//! Stories: the result is published, the file is archived, and the case is written up.

use super::dossier::{Dossier, Form};
use super::model::{CaseStory, PublishedResult};
use super::steps::{ArchiveCase, PublishResult, PublishStory, SaveStory};
use super::store;
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::evaluation::testing::closed;
use crate::ids::CaseId;
use crate::ledger::verify;
use crate::rules::ResultClass;
use crate::storage::testing::each_engine;
use crate::topic::testing::{World, stops};

async fn archive(world: &World, case: CaseId) -> Result<(), Refusal> {
    let seen = world.case(case).await.stage_version;
    world.step(&world.officer, ArchiveCase { case, seen }).await
}

#[tokio::test]
async fn a_case_is_archived_once_its_register_is_whole_and_its_result_public() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, ..) = closed(&world, ResultClass::Solved).await;
        assert!(store::register(&db, case).await.unwrap().lines().iter().all(|line| line.there));
        assert_eq!(stops(archive(&world, case).await), ["result"]);
        let publish =
            |seen, words: &str| PublishResult { case, seen, result: PublishedResult { words: words.to_owned() } };
        assert!(matches!(world.step(&world.officer, publish(0, "")).await, Err(Refusal::Invalid(_))));
        world.step(&world.officer, publish(0, "二十个错时车位划好了。")).await.unwrap();
        assert!(matches!(world.step(&world.officer, publish(0, "别的")).await, Err(Refusal::Conflict { .. })));
        archive(&world, case).await.unwrap();
        let found = world.case(case).await;
        assert_eq!((found.stage(), found.due_on, found.waits_for), (Stage::Archived, None, None));
        assert_eq!(verify(&db, None).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_story_is_published_as_it_was_read() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, ..) = closed(&world, ResultClass::Solved).await;
        let story = CaseStory {
            title: "错时共享解停车难".to_owned(),
            background: "晚上没处停车。".to_owned(),
            done: "先调研，再商量。".to_owned(),
            effect: "多了二十个车位。".to_owned(),
            copy: "错时两个字，哪里都用得上。".to_owned(),
        };
        let empty = SaveStory { case, seen: 0, story: CaseStory { copy: String::new(), ..story.clone() } };
        assert!(matches!(world.step(&world.officer, empty).await, Err(Refusal::Invalid(_))));
        world.step(&world.officer, SaveStory { case, seen: 0, story }).await.unwrap();
        assert!(matches!(
            world.step(&world.officer, PublishStory { case, seen: 2 }).await,
            Err(Refusal::Conflict { .. })
        ));
        world.step(&world.officer, PublishStory { case, seen: 1 }).await.unwrap();
        let stories = store::stories(&db, 10).await.unwrap();
        assert_eq!(stories.len(), 1);
        assert_eq!(stories[0].title, "错时共享解停车难");
    })
    .await;
}

/// Every word of a form.
fn text(form: &Form) -> String {
    let blocks = form.paper.sections.iter().flat_map(|section| &section.blocks);
    blocks.map(|block| format!("{block:?}\n")).collect()
}

#[tokio::test]
async fn the_file_of_a_case_holds_every_form_of_the_register_and_no_telephone_number() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        let (case, ..) = closed(&world, ResultClass::Solved).await;
        let officer = world.ctx.acting_as(world.officer.clone());
        let forms = Dossier::load(&officer, case).await.unwrap().forms;
        let of = |name: &str| {
            let form = forms.iter().find(|form| form.name.starts_with(name));
            text(form.unwrap_or_else(|| panic!("{name}")))
        };
        for name in [
            "议题申报表",
            "议题初审单",
            "议题审批单",
            "商前调研报告",
            "协商方案",
            "协商会公示",
            "签到表",
            "会议记录",
            "协商纪要",
            "协商成果清单",
            "报送签收单",
            "交办单和跟踪落实表",
            "答复函",
            "满意度测评表",
        ] {
            assert!(!of(name).contains("1380000"), "{name}");
        }
        for (name, expected) in [
            ("议题申报表", &["来源类型：社会征题", "自己填写"][..]),
            ("协商会公示", &["时间：", "议程：", "报名截止：", "发布："]),
            ("签到表", &["签到，"]),
            ("会议记录", &["开会：", "闭会：", "主持："]),
        ] {
            for words in expected {
                assert!(of(name).contains(words), "{words} in {}", of(name));
            }
        }
    })
    .await;
}
