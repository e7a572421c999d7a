//! Publishing the result, archiving (T14), and writing a case up for others.

use serde::Serialize;
use serde_json::json;

use super::model::{CaseStory, PublishedResult};
use super::store::{self, Register};
use crate::access::StepKind;
use crate::case::record::{Record, differences};
use crate::case::stage::Stage;
use crate::case::{Change, Done, Entry, Judgement, Move, Step, StepCard, Target, Work, decides, free, judged};
use crate::error::{Difference, Refusal};
use crate::ids::CaseId;
use crate::rules::{ArchiveFacts, Facts, RuleId};
use crate::task::Task;

/// Every step of this stage, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<PublishResult>(),
    StepCard::of::<ArchiveCase>(),
    StepCard::of::<SaveStory>(),
    StepCard::of::<PublishStory>(),
];

/// Publish what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct PublishResult {
    /// The case.
    pub case: CaseId,
    /// The version on the page; 0 when there was none.
    pub seen: i64,
    /// What everybody reads.
    pub result: PublishedResult,
}

impl Step for PublishResult {
    const KIND: StepKind = StepKind::PublishResult;
    const JUDGEMENT: Judgement = free("T14 asks that the result be public; how it is said is the officer's");
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: PublishedResult::KIND, seen: self.seen }
    }

    fn differences(&self, stored: &str) -> Vec<Difference> {
        crate::case::store::read::<PublishedResult>(stored)
            .map(|theirs| differences(&theirs, &self.result))
            .unwrap_or_default()
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if !matches!(work.case.stage(), Stage::Closed | Stage::Archived) {
            return Err(Refusal::moved_on(format!(
                "这件事现在是「{}」，办结以后才公开结果。",
                work.case.stage().word()
            )));
        }
        let words = Work::words("words", "办理结果", &self.result.words, work.rules.topic.body_max)?;
        let version = work.add_record(&PublishedResult { words }).await?;
        Ok(Done::new((), Entry::public("公开办理结果").with(json!({ "version": version }))))
    }
}

/// The facts of T14: the gate's, and those of the checklist on the page.
#[must_use]
pub fn archive_facts(
    register: Register,
    tasks: &[Task],
    (published, reopenings): (bool, usize),
    due_on: Option<chrono::NaiveDate>,
) -> ArchiveFacts {
    let looked_back = |task: &&Task| task.class().is_some_and(crate::rules::ResultClass::is_looked_back_on);
    ArchiveFacts {
        register: register.lines(),
        published,
        undated: tasks.iter().filter(looked_back).filter(|task| task.lookback_on.is_none()).count(),
        reopenings,
        due_on,
    }
}

/// Archive the case.
#[derive(Clone, Debug, Serialize)]
pub struct ArchiveCase {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
}

impl Step for ArchiveCase {
    const KIND: StepKind = StepKind::ArchiveCase;
    const JUDGEMENT: Judgement = judged(&[RuleId::T14]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let register = store::register_in(work.tx, self.case).await?;
        let tasks = crate::task::tasks_in(work.tx, self.case).await?;
        let published = work.newest::<PublishedResult>().await?.is_some();
        let open = crate::evaluation::open_reopenings(work.tx, self.case).await?;
        Ok(vec![Facts::T14(archive_facts(register, &tasks, (published, open), work.case.due_on))])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        work.move_to(Stage::Archived, Move::default()).await?;
        Ok(Done::new((), Entry::public("台账齐全，归档")))
    }
}

/// Write the case up for others.
#[derive(Clone, Debug, Serialize)]
pub struct SaveStory {
    /// The case.
    pub case: CaseId,
    /// The version on the page; 0 when there was none.
    pub seen: i64,
    /// The story.
    pub story: CaseStory,
}

impl Step for SaveStory {
    const KIND: StepKind = StepKind::SaveStory;
    const JUDGEMENT: Judgement = free("a draft for others; item 15 asks that what went well can be copied");
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: CaseStory::KIND, seen: self.seen }
    }

    fn differences(&self, stored: &str) -> Vec<Difference> {
        crate::case::store::read::<CaseStory>(stored)
            .map(|theirs| differences(&theirs, &self.story))
            .unwrap_or_default()
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        closed(work)?;
        let (title_max, max) = (work.rules.topic.title_max, work.rules.minutes.section_max);
        let story = CaseStory {
            title: Work::words("title", "标题", &self.story.title, title_max)?,
            background: Work::words("background", "背景", &self.story.background, max)?,
            done: Work::words("done_words", "做法", &self.story.done, max)?,
            effect: Work::words("effect", "成效", &self.story.effect, max)?,
            copy: Work::words("copy", "可推广点", &self.story.copy, max)?,
        };
        let version = work.add_record(&story).await?;
        Ok(Done::new((), Entry::internal("写典型案例").with(json!({ "version": version }))))
    }
}

fn closed(work: &Work<'_>) -> Result<(), Refusal> {
    if matches!(work.case.stage(), Stage::Closed | Stage::Archived) {
        return Ok(());
    }
    Err(Refusal::moved_on(format!("这件事现在是「{}」，办结以后才写典型案例。", work.case.stage().word())))
}

/// Publish the story as it was saved last.
#[derive(Clone, Debug, Serialize)]
pub struct PublishStory {
    /// The case.
    pub case: CaseId,
    /// The version that was read.
    pub seen: i64,
}

impl Step for PublishStory {
    const KIND: StepKind = StepKind::PublishStory;
    const JUDGEMENT: Judgement = free("what is published is the version that was read");
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: CaseStory::KIND, seen: self.seen }
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        closed(work)?;
        let (version, story) =
            work.newest::<CaseStory>().await?.ok_or_else(|| Refusal::moved_on("还没有写典型案例，先写好存下来。"))?;
        let town = work.case.town_id.clone();
        store::publish_story(work.tx, (self.case, &town), &story.title, work.ctx.now()).await?;
        Ok(Done::new((), Entry::public("发布典型案例").with(json!({ "version": version }))))
    }
}
