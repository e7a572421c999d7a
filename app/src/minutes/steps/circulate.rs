//! The draft goes to those who were there; they agree or ask for corrections, and each is answered.

use serde::Serialize;
use serde_json::json;

use super::{Counts, edition, facts_in, judged as t8};
use crate::access::{Actor, StepKind};
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free, judged};
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId, MinutesId, ReplyId};
use crate::letter::post::{DRAFT_ROUND, Round, add_round};
use crate::minutes::model::{EditionState, Said};
use crate::minutes::store::{self, NewReply};
use crate::rules::{Facts, MinutesMoment, RuleId, plain_date};

/// Show the draft to those who were there, for `minutes.circulation_workdays`.
#[derive(Clone, Debug, Serialize)]
pub struct CirculateMinutes {
    /// The case.
    pub case: CaseId,
    /// The edition on the page.
    pub minutes: MinutesId,
    /// The speeches, as the record has them.
    pub counts: Counts,
}

impl Step for CirculateMinutes {
    const KIND: StepKind = StepKind::CirculateMinutes;
    const JUDGEMENT: Judgement = judged(&[RuleId::T8]);
    type Receipt = ();

    adds!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(t8(facts_in(work, self.minutes, self.counts, MinutesMoment::Circulating).await?))
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let found = edition(work, self.minutes, |state| state != EditionState::Signed).await?;
        let versions = store::versions_of(&store::sections_in(work.tx, self.minutes).await?);
        if found.circulated == Some(store::versions_text(&versions)) {
            return Err(Refusal::moved_on("送去核对的就是这一稿，没有改过，不用再送。"));
        }
        let now = work.ctx.now();
        let days = work.rules.minutes.circulation_workdays;
        let until = work.ctx.shared.calendar().add_workdays(work.ctx.today(), days);
        store::circulate(work.tx, self.minutes, (now, until), store::versions_text(&versions)).await?;
        let key = format!("{DRAFT_ROUND}:{}:{}", self.minutes, work.seq);
        let round = Round { meeting: found.meeting_id, unanswered: false };
        add_round(work.tx, work.ctx, DRAFT_ROUND, round, Some(&key)).await?;
        let data = json!({ "minutes": self.minutes, "meeting": found.meeting_id, "until": until });
        let words = format!("纪要草稿请到会的人核对，到{}", plain_date(until));
        Ok(Done::new((), Entry::public(words).with(data)))
    }
}

/// Agree with the draft, or ask for a correction: by the own link, or noted for somebody who called.
#[derive(Clone, Debug, Serialize)]
pub struct ReplyToMinutes {
    /// The case.
    pub case: CaseId,
    /// The edition on the page.
    pub minutes: MinutesId,
    /// Who.
    pub invitee: Option<InviteeId>,
    /// The new row; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub reply: Option<ReplyId>,
    /// What is said; words with marks in place of names.
    pub said: Said,
}

impl Step for ReplyToMinutes {
    const KIND: StepKind = StepKind::ReplyToMinutes;
    const JUDGEMENT: Judgement = free("whoever was there may say what is wrong; T8 asks that each is answered");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let found = edition(work, self.minutes, |state| state == EditionState::Circulating).await?;
        let invitee = self.invitee.ok_or_else(|| Refusal::field("invitee", "请选是谁打来的。"))?;
        if matches!(&work.ctx.actor, Actor::Invitee { invitee: me, .. } if *me != invitee) {
            return Err(Refusal::NotFound);
        }
        if !store::was_there(work.tx, found.meeting_id, invitee).await? {
            return Err(Refusal::moved_on("这份草稿请当天到会的人核对，签到表上没有这一位。"));
        }
        if found.until.is_some_and(|until| work.ctx.today() > until) {
            return Err(Refusal::moved_on("核对的时间过了。还有话说的，请打给镇政协工委。"));
        }
        let (section, words) = match &self.said {
            Said::Agrees => (None, String::new()),
            Said::Correction { section, words } => {
                let section = section.ok_or_else(|| Refusal::field("section", "请选哪一段要更正。"))?;
                (Some(section), Work::words("words", "要更正的话", words, work.rules.topic.body_max)?)
            }
        };
        let id = self.reply.ok_or(Refusal::NotFound)?;
        let salt = work.enter_private(&format!("minutes_reply:{}", work.seq), &words);
        let new = NewReply {
            id,
            case: self.case,
            minutes: self.minutes,
            invitee,
            section,
            words: &words,
            at: work.ctx.now(),
            recorded_by: work.ctx.actor.account(),
            salt,
            ledger_seq: work.seq,
        };
        store::reply(work.tx, new).await?;
        let data = json!({ "minutes": self.minutes, "reply": id, "invitee": invitee, "section": section });
        let words = if section.is_some() {
            "到会的人对纪要草稿提出一条更正"
        } else {
            "到会的人同意纪要草稿"
        };
        Ok(Done::new((), Entry::internal(words).with(data)))
    }
}

/// Answer a correction: followed or not, and why. Whoever asked reads it.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerCorrection {
    /// The case.
    pub case: CaseId,
    /// The edition on the page.
    pub minutes: MinutesId,
    /// The correction.
    pub reply: ReplyId,
    /// Whether the text was changed.
    pub accepted: Option<bool>,
    /// What is answered, with marks in place of names.
    pub answer: String,
}

impl Step for AnswerCorrection {
    const KIND: StepKind = StepKind::AnswerCorrection;
    const JUDGEMENT: Judgement = free("T8 asks that each correction is answered; how is the recorder's to say");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        edition(work, self.minutes, |state| state == EditionState::Circulating).await?;
        let accepted = self.accepted.ok_or_else(|| Refusal::field("accepted", "请选改了还是不改。"))?;
        let answer = Work::words("answer", "答复", &self.answer, work.rules.topic.body_max)?;
        let by = (work.ctx.now(), work.ctx.actor.account());
        let hashed = (work.enter_private(&format!("minutes_answer:{}", work.seq), &answer), work.seq);
        if !store::answer(work.tx, (self.minutes, self.reply), (accepted, &answer), hashed, by).await? {
            return Err(Refusal::moved_on("这一条已经答复过了，请刷新页面看最新情况。"));
        }
        let data = json!({ "minutes": self.minutes, "reply": self.reply, "accepted": accepted });
        Ok(Done::new((), Entry::internal("答复了一条对纪要草稿的更正").with(data)))
    }
}
