//! The chair's signature (T8), corrections after it, and what follows where there was no consensus.

use chrono::Datelike;
use serde::Serialize;
use serde_json::json;

use super::write::keep_all;
use super::{Counts, edition, facts_in, judged as t8};
use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Move, Step, Work, adds, decides, free, judged, limit_of};
use crate::error::Refusal;
use crate::ids::{CaseId, MinutesId};
use crate::ledger::digest;
use crate::minutes::draft::{dated, sections};
use crate::minutes::model::{EditionState, Outcomes, Section};
use crate::minutes::paper::MinutesPaper;
use crate::minutes::store::{self, NewMinutes, Signature};
use crate::outcome;
use crate::rules::{Facts, MinutesFacts, MinutesMoment, RuleId, local_date};
use crate::topic::model::Ruling;

/// What the chair gave with the signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seal {
    /// Says to have read the final text.
    pub read: bool,
    /// Whether the name that was typed is the account's.
    pub named: bool,
    /// Whether the password was right.
    pub confirmed: bool,
}

/// Sign the minutes. From then on the text is fixed.
#[derive(Clone, Debug, Serialize)]
pub struct SignMinutes {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// The edition on the page.
    pub minutes: MinutesId,
    /// The versions of the sections that were read, in their order.
    pub versions: Vec<i64>,
    /// The speeches, as the record has them.
    pub counts: Counts,
    /// What was given with the signature.
    pub seal: Seal,
    /// The paper made from these versions, with marks in place of names, without number and day.
    pub paper: MinutesPaper,
}

impl Step for SignMinutes {
    const KIND: StepKind = StepKind::SignMinutes;
    const JUDGEMENT: Judgement = judged(&[RuleId::T8]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let facts = facts_in(work, self.minutes, self.counts, MinutesMoment::Signing).await?;
        let signer = work.ctx.actor.account().map(|id| id.0);
        let Seal { read, named, confirmed } = self.seal;
        Ok(t8(MinutesFacts { signer, read, named, confirmed, ..facts }))
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let found = edition(work, self.minutes, |state| state == EditionState::Circulating).await?;
        let stored = store::sections_in(work.tx, self.minutes).await?;
        let texts = store::texts(&stored);
        if store::versions_of(&stored) != self.versions || sections(&texts) != self.paper.sections {
            return Err(Refusal::moved_on("您打开以后，纪要又改过了。请把改过的文本读一遍，再签。"));
        }
        let now = work.ctx.now();
        let first = store::all_in(work.tx, self.case)
            .await?
            .into_iter()
            .find(|one| one.meeting_id == found.meeting_id && one.edition == 1)
            .and_then(|one| one.number);
        let number = match first {
            Some(number) => number,
            None => {
                let year = local_date(now).year();
                let n = store::next_number(work.tx, &work.case.town_id, i64::from(year)).await?;
                format!("{year}年第{n}期")
            }
        };
        let paper = MinutesPaper { number: number.clone(), issued_on: dated(now), ..self.paper };
        let text = serde_json::to_string(&paper).map_err(|e| Refusal::internal(&e))?;
        let (hash, none) = (digest(&text), store::no_consensus(&texts));
        if found.edition > 1 && work.case.stage() != Stage::Minuted && none != was_without(work, &found).await? {
            return Err(Refusal::field(
                "no_consensus",
                "达没达成共识已经照着往下办了，更正时不能再改。请改回原来的写法，再签。",
            ));
        }
        let salt = work.enter_private(&format!("minutes_paper:{}", work.seq), &text);
        let signed = Signature {
            at: now,
            by: work.ctx.actor.account(),
            number: &number,
            paper: &text,
            hash: &hash,
            no_consensus: none,
            salt,
            ledger_seq: work.seq,
        };
        store::sign(work.tx, self.minutes, signed).await?;
        let list = texts.get(&Section::Outcomes).map(|words| Outcomes::read(words)).unwrap_or_default();
        outcome::keep_list(work, self.minutes, &list).await?;
        if work.case.stage() == Stage::Convened {
            // The time for the report runs from the meeting, not from the signature.
            let held_on = crate::meeting::held_on(work.tx, found.meeting_id).await?;
            let calendar = work.ctx.shared.calendar();
            let limit = limit_of(Stage::Minuted, &work.rules);
            let due_on = held_on.zip(limit).map(|(day, limit)| limit.due_on(&calendar, day));
            work.move_to(Stage::Minuted, Move { due_on, waits_for: None }).await?;
        }
        let words = match (found.edition, none) {
            (1, false) => format!("纪要签发（{number}）"),
            (1, true) => format!("纪要签发（{number}）：未达成共识"),
            _ => format!("纪要更正后重新签发（{number}）"),
        };
        let data = json!({
            "minutes": self.minutes, "meeting": found.meeting_id, "edition": found.edition, "number": number,
            "sha256": hash, "no_consensus": none,
        });
        Ok(Done::new((), Entry::public(words).with(data)))
    }
}

/// Whether the edition before said that there is no consensus.
async fn was_without(work: &mut Work<'_>, edition: &store::Minutes) -> Result<bool, Refusal> {
    let all = store::all_in(work.tx, work.case.id).await?;
    let before = all.iter().find(|one| one.meeting_id == edition.meeting_id && one.edition + 1 == edition.edition);
    Ok(before.is_some_and(|one| one.no_consensus))
}

/// Correct signed minutes: another edition with the same text, to be changed, checked and signed.
#[derive(Clone, Debug, Serialize)]
pub struct CorrectMinutes {
    /// The case.
    pub case: CaseId,
    /// The signed edition on the page.
    pub minutes: MinutesId,
    /// The new edition; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub next: Option<MinutesId>,
    /// What is wrong with the signed text; public. With marks in place of names.
    pub reason: String,
}

impl Step for CorrectMinutes {
    const KIND: StepKind = StepKind::CorrectMinutes;
    const JUDGEMENT: Judgement = free("a signed text is never changed; T8 judges the edition that follows it");
    type Receipt = MinutesId;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<MinutesId>, Refusal> {
        let found = edition(work, self.minutes, |state| state == EditionState::Signed).await?;
        let newest =
            store::all_in(work.tx, self.case).await?.into_iter().find(|one| one.meeting_id == found.meeting_id);
        if newest.is_none_or(|newest| newest.minutes_id != self.minutes) {
            return Err(Refusal::moved_on("已经在更正了，请刷新页面看最新情况。"));
        }
        let reason = Work::words("reason", "更正的原因", &self.reason, work.rules.topic.body_max)?;
        let salt = work.enter_private(&format!("minutes_reason:{}", work.seq), &reason);
        let texts = store::texts(&store::sections_in(work.tx, self.minutes).await?);
        let id = self.next.ok_or(Refusal::NotFound)?;
        let new = NewMinutes {
            id,
            case: self.case,
            meeting: found.meeting_id,
            edition: found.edition + 1,
            reason: Some((&reason, salt, work.seq)),
            at: work.ctx.now(),
        };
        store::insert(work.tx, new).await?;
        keep_all(work, id, &texts).await?;
        let data = json!({ "minutes": id, "corrects": self.minutes, "edition": found.edition + 1 });
        Ok(Done::new(id, Entry::internal("开始更正已签发的纪要").with(data)))
    }
}

/// Research and meet once more, since the minutes say 未达成共识.
#[derive(Clone, Debug, Serialize)]
pub struct ConsultAgain {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// What the next round is to clear up; public. With marks in place of names.
    pub reason: String,
}

impl Step for ConsultAgain {
    const KIND: StepKind = StepKind::ConsultAgain;
    const JUDGEMENT: Judgement =
        free("the state graph leads minutes without consensus back to research; asked inside the step");
    type Receipt = ();

    decides!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let all = store::all_in(work.tx, self.case).await?;
        if all.first().is_some_and(|one| one.state.0 != EditionState::Signed) {
            return Err(Refusal::moved_on("纪要正在更正。更正的一份签发以后，再回到调研。"));
        }
        let newest = all.first();
        if work.case.stage() != Stage::Minuted || newest.is_none_or(|one| !one.no_consensus) {
            return Err(Refusal::moved_on("纪要写明「未达成共识」的，才回到调研再商量一次。"));
        }
        let reason = Work::words("reason", "下一轮要弄清什么", &self.reason, work.rules.topic.body_max)?;
        work.move_to(Stage::Researching, Move::default()).await?;
        work.add_record(&Ruling { what: Self::KIND.code().to_owned(), reason, review_on: None }).await?;
        let round = newest.map_or(1, |one| one.round);
        Ok(Done::new((), Entry::public("未达成共识，回到调研，再商量一次").with(json!({ "round": round }))))
    }
}
