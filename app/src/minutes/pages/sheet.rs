//! Everything that the pages of the desk know of the minutes of a case.

use crate::case::Case;
use crate::error::Refusal;
use crate::minutes::draft::{Record, Texts, people, sections};
use crate::minutes::model::{EditionState, Named, Reader, show};
use crate::minutes::paper::MinutesPaper;
use crate::minutes::steps::{Counts, facts};
use crate::minutes::store::{self, Minutes, Reply, Version};
use crate::rules::{MinutesFacts, MinutesMoment, RuleSet};
use crate::storage::Database;
use crate::topic::pages::desk::Bench;
use crate::town::Town;

/// The minutes of a case as those see them who write them.
pub(super) struct Sheet {
    /// The record of the meeting that was opened last.
    pub(super) record: Option<Record>,
    /// The edition that is shown: the newest of that meeting.
    pub(super) edition: Option<Minutes>,
    /// All editions, newest meeting and edition first.
    pub(super) all: Vec<Minutes>,
    /// The versions of its sections.
    pub(super) versions: Vec<Version>,
    /// What was said of it.
    pub(super) replies: Vec<Reply>,
    /// Everybody whose name may stand in it.
    pub(super) people: Vec<Named>,
}

impl Sheet {
    pub(super) async fn load(db: &Database, case: &Case, (town, rules): (&Town, &RuleSet)) -> Result<Self, Refusal> {
        let record = Record::load(db, case, town, rules).await?;
        let all = store::all(db, case.id).await?;
        let held = record.as_ref().map(|record| record.presence.day.meeting_id);
        let edition = all.iter().find(|one| held.is_none_or(|held| one.meeting_id == held)).cloned();
        let (versions, replies, people) = match &edition {
            None => (Vec::new(), Vec::new(), record.as_ref().map(|r| r.people().to_vec()).unwrap_or_default()),
            Some(one) => (
                store::sections(db, one.minutes_id).await?,
                store::replies(db, one.minutes_id).await?,
                people(db, one.meeting_id, town).await?,
            ),
        };
        Ok(Self { record, edition, all, versions, replies, people })
    }

    /// The text of each section, with marks.
    pub(super) fn texts(&self) -> Texts {
        store::texts(&self.versions)
    }

    /// A text as it is read inside.
    pub(super) fn inside(&self, text: &str) -> String {
        show(text, &self.people, Reader::Inside)
    }

    /// The same as everybody will read it.
    pub(super) fn public(&self, text: &str) -> String {
        show(text, &self.people, Reader::Everybody)
    }

    /// The speeches, for T8. A correction of what is long signed looks at no record.
    pub(super) fn counts(&self) -> Counts {
        self.record.as_ref().map(Record::counts).unwrap_or_default()
    }

    /// The facts of T8 as they stand.
    pub(super) fn facts(&self, bench: &Bench, edition: &Minutes) -> MinutesFacts {
        let moment = match edition.state.0 {
            EditionState::Draft => MinutesMoment::Circulating,
            _ => MinutesMoment::Signing,
        };
        facts(&bench.case, edition, (&self.versions, &self.replies), self.counts(), moment)
    }

    /// The paper of the edition that is shown, with marks.
    pub(super) fn paper(&self) -> Result<Option<MinutesPaper>, Refusal> {
        let Some(edition) = &self.edition else { return Ok(None) };
        if let Some(signed) = edition.signed_paper()? {
            return Ok(Some(signed));
        }
        let texts = self.texts();
        let before =
            self.all.iter().find(|one| one.meeting_id == edition.meeting_id && one.edition + 1 == edition.edition);
        let paper = match (before, &self.record) {
            (Some(before), _) => before.signed_paper()?.map(|paper| corrected(paper, &texts)),
            (None, record) => record.as_ref().map(|record| record.paper(&texts)),
        };
        Ok(paper)
    }
}

/// The paper that corrects a signed one: head and lists stay, the sections are new.
pub(super) fn corrected(paper: MinutesPaper, texts: &Texts) -> MinutesPaper {
    const REMARK: &str = "已签发后更正";
    let remark = if paper.remark.contains(REMARK) {
        paper.remark.clone()
    } else {
        [paper.remark.as_str(), REMARK].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("，")
    };
    MinutesPaper { sections: sections(texts), remark, issued_on: String::new(), ..paper }
}
