//! Stories: the result is published, the file is archived, and the case is written up.

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
