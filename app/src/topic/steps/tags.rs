//! Tags of a topic, by which members of the same sector or specialty are found.

use serde::Serialize;
use serde_json::json;

use crate::access::StepKind;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free};
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::roster::model::{stored_tags, wrong_tags};
use crate::topic::store;

/// Give the topic tags: sectors or specialties.
#[derive(Clone, Debug, Serialize)]
pub struct SetTopicTags {
    /// The case.
    pub case: CaseId,
    /// The tags on the page, as stored.
    pub seen: String,
    /// The tags.
    pub tags: Vec<String>,
}

impl Step for SetTopicTags {
    const KIND: StepKind = StepKind::SetTopicTags;
    const JUDGEMENT: Judgement = free("tags only propose whom to ask");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if let Some(sentence) = wrong_tags(&self.tags) {
            return Err(Refusal::field("tags", sentence));
        }
        if work.case.stage().is_ended() {
            return Err(Refusal::moved_on("这件事已经结束，不再标注。"));
        }
        if !store::set_tags(work.tx, self.case, &self.seen, &stored_tags(&self.tags)).await? {
            return Err(Refusal::moved_on("您打开以后，别人刚改过标签。请刷新页面，看过现在的再改。"));
        }
        Ok(Done::new((), Entry::silent().with(json!({ "tags": self.tags }))))
    }
}
