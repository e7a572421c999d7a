//! What can be done about minutes, one [`crate::case::Step`] each.

mod circulate;
mod sign;
mod write;

pub use circulate::{AnswerCorrection, CirculateMinutes, ReplyToMinutes};
pub use sign::{ConsultAgain, CorrectMinutes, Seal, SignMinutes};
pub use write::{SaveSection, Saved, StartMinutes};

use super::draft::Texts;
use super::model::{EditionState, Outcomes, Section};
use super::store::{self, Minutes, Reply, Version};
use crate::case::{Case, StepCard, Work};
use crate::error::Refusal;
use crate::ids::MinutesId;
use crate::rules::{Facts, MinutesFacts, MinutesMoment};

/// Every step of this stage, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<StartMinutes>(),
    StepCard::of::<SaveSection>(),
    StepCard::of::<CirculateMinutes>(),
    StepCard::of::<ReplyToMinutes>(),
    StepCard::of::<AnswerCorrection>(),
    StepCard::of::<SignMinutes>(),
    StepCard::of::<CorrectMinutes>(),
    StepCard::of::<ConsultAgain>(),
];

/// The edition that the page showed, while it is in one of these states.
async fn edition(work: &mut Work<'_>, seen: MinutesId, fits: fn(EditionState) -> bool) -> Result<Minutes, Refusal> {
    let found = store::all_in(work.tx, work.case.id).await?.into_iter().find(|one| one.minutes_id == seen);
    let found = found.ok_or(Refusal::NotFound)?;
    if fits(found.state.0) {
        Ok(found)
    } else {
        Err(Refusal::moved_on(format!("纪要现在是「{}」，不能这样办。请刷新页面看最新情况。", found.state.0.word())))
    }
}

/// The counts of speeches as T8 looks at them: held, without a point.
pub type Counts = (usize, usize);

/// The facts of T8 that lie in case, edition, texts and replies: the gate's, and those of the checklist on the page.
#[must_use]
pub fn facts(
    case: &Case,
    edition: &Minutes,
    (versions, replies): (&[Version], &[Reply]),
    (speeches, unnoted): Counts,
    moment: MinutesMoment,
) -> MinutesFacts {
    let texts: Texts = store::texts(versions);
    let text = |section: Section| texts.get(&section).cloned().unwrap_or_default();
    let outcomes = Outcomes::read(&text(Section::Outcomes));
    MinutesFacts {
        moment,
        speeches,
        unnoted,
        background: text(Section::Background),
        opinions: text(Section::Opinions),
        consensus: text(Section::Consensus),
        dissent: text(Section::Dissent),
        outcomes: outcomes.items.len(),
        no_consensus: outcomes.no_consensus,
        changed: changed(edition, versions, replies),
        until: edition.until,
        corrections: replies.iter().filter(|one| one.asks()).count(),
        unanswered: replies.iter().filter(|one| one.is_open()).count(),
        chair: case.chair_id.map(|id| id.0),
        recorder: case.recorder_id.map(|id| id.0),
        // The limit of a correction is none of the first signature's.
        due_on: case.due_on.filter(|_| edition.edition == 1),
        ..MinutesFacts::default()
    }
}

/// Sections that were changed since they were shown to those present, though nobody's correction asked for it.
fn changed(edition: &Minutes, versions: &[Version], replies: &[Reply]) -> Vec<&'static str> {
    let Some(shown) = &edition.circulated else { return Vec::new() };
    let shown: Vec<i64> = shown.split(',').filter_map(|one| one.parse().ok()).collect();
    let asked = |section: Section| {
        replies.iter().any(|one| one.section.as_deref() == Some(section.code()) && one.accepted == Some(true))
    };
    let now = store::versions_of(versions);
    let pairs = Section::ALL.iter().copied().zip(shown.into_iter().zip(now));
    pairs
        .filter(|(section, (shown, now))| shown != now && !asked(*section))
        .map(|(section, _)| section.word())
        .collect()
}

/// The same inside a step.
async fn facts_in(
    work: &mut Work<'_>,
    minutes: MinutesId,
    counts: Counts,
    moment: MinutesMoment,
) -> Result<MinutesFacts, Refusal> {
    let edition = edition(work, minutes, |_| true).await?;
    let versions: Vec<Version> = store::sections_in(work.tx, minutes).await?;
    let replies = store::replies_in(work.tx, minutes).await?;
    Ok(facts(&work.case, &edition, (&versions, &replies), counts, moment))
}

/// One fact of T8 for the judge.
fn judged(facts: MinutesFacts) -> Vec<Facts> {
    vec![Facts::T8(facts)]
}
