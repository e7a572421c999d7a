//! What concerns the proposer's person: taking the topic back, consent, the code, contacts, erasure.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Move, Step, Work, adds, decides, free};
use crate::error::Refusal;
use crate::ids::{CaseId, CommentId, FollowId};
use crate::ledger::{self, Stream};
use crate::rules::normal_phone;
use crate::topic::{lookup, store};

/// Take the topic back, until it is chosen.
#[derive(Clone, Debug, Serialize)]
pub struct WithdrawTopic {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// Why; may be left out.
    pub reason: String,
}

impl Step for WithdrawTopic {
    const KIND: StepKind = StepKind::WithdrawTopic;
    const JUDGEMENT: Judgement = free("the proposer may take the topic back until it is chosen");
    type Receipt = ();

    decides!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let case = work.case.id;
        work.move_to(Stage::Withdrawn, Move::default()).await?;
        store::drop_quota(work.tx, case).await?;
        if !self.reason.trim().is_empty() {
            work.reason(&self.reason, "")?;
            work.add_record(&crate::topic::model::Ruling {
                what: Self::KIND.code().to_owned(),
                reason: self.reason,
                review_on: None,
            })
            .await?;
        }
        let entry =
            if work.case.is_public { Entry::public("提出人撤回") } else { Entry::internal("提出人撤回") };
        Ok(Done::new((), entry))
    }
}

/// Allow or forbid that the proposer's name is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeNameConsent {
    /// The case.
    pub case: CaseId,
    /// Allowed.
    pub consent: bool,
}

impl Step for ChangeNameConsent {
    const KIND: StepKind = StepKind::ChangeNameConsent;
    const JUDGEMENT: Judgement = free("consent is the person's own, given and withdrawn at will");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        store::set_consent(work.tx, self.case, self.consent).await?;
        let words = if self.consent { "提出人同意公开姓名" } else { "提出人收回公开姓名的同意" };
        Ok(Done::new((), Entry::internal(words)))
    }
}

/// Give a new tracking code to a proposer who lost it, after checking the phone. The old one ends.
#[derive(Clone, Debug, Serialize)]
pub struct ReissueCode {
    /// The case.
    pub case: CaseId,
    /// The phone that the caller named.
    pub phone: String,
}

impl Step for ReissueCode {
    const KIND: StepKind = StepKind::ReissueCode;
    const JUDGEMENT: Judgement = free("the phone on file is compared inside the step");
    /// The code's generation; the code follows from it.
    type Receipt = i64;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<i64>, Refusal> {
        let proposer = store::proposer_in(work.tx, self.case).await?;
        let same = normal_phone(&self.phone).is_some_and(|phone| phone == proposer.phone);
        if proposer.phone.is_empty() || !same {
            return Err(Refusal::field(
                "phone",
                "和提出人留的手机号对不上，不能补发。请再核对；没有留号码的，请当面核实后代录一件新的。",
            ));
        }
        let generation = work.case.code_generation + 1;
        let code = lookup::tracking_code(&work.ctx.secret, self.case, generation);
        let hash = lookup::code_hash(&work.ctx.secret, &code);
        store::set_code(work.tx, self.case, generation, &hash).await?;
        Ok(Done::new(generation, Entry::internal("核对手机号后补发查询码")))
    }
}

/// Look at the contacts of a case. On record in the case and in the town's stream.
#[derive(Clone, Debug, Serialize)]
pub struct ViewContact {
    /// The case.
    pub case: CaseId,
    /// What for.
    pub purpose: String,
}

/// The contacts of a case, for the eyes of the one who asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contacts {}

impl Step for ViewContact {
    const KIND: StepKind = StepKind::ViewContact;
    const JUDGEMENT: Judgement = free("the purpose is on record; the permission table says who");
    type Receipt = Contacts;

    adds!();

    /// The receipt is kept, so it holds nothing; the page reads the contacts once this is done.
    async fn apply(self, work: &mut Work<'_>) -> Result<Done<Contacts>, Refusal> {
        if self.purpose.trim().is_empty() {
            return Err(Refusal::field("purpose", "请写一句为什么要看电话，会留下记录。"));
        }
        let stream = Stream::Town(work.case.town_id.clone());
        ledger::record(work.tx, work.ctx, &stream, Self::KIND.code(), json!({ "case": self.case })).await?;
        work.add_record(&crate::topic::model::Ruling {
            what: Self::KIND.code().to_owned(),
            reason: self.purpose,
            review_on: None,
        })
        .await?;
        Ok(Done::new(Contacts {}, Entry::internal("查看了联系方式")))
    }
}

/// Whose data is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErasureScope {
    /// Name, phone and text of whoever raised the topic.
    Proposer,
    /// A comment.
    Comment(CommentId),
    /// A follower's contact.
    Follower(FollowId),
}

/// Erase the personal data of somebody who asked for it. The record keeps its hash, which stays valid.
#[derive(Clone, Debug, Serialize)]
pub struct ErasePersonalData {
    /// The case.
    pub case: CaseId,
    /// Whose.
    pub scope: ErasureScope,
    /// Who asked, how it was checked.
    pub reason: String,
}

impl Step for ErasePersonalData {
    const KIND: StepKind = StepKind::ErasePersonalData;
    const JUDGEMENT: Judgement = free("the person's own right (PIPL art. 47)");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        work.reason(&self.reason, "请写明是谁要求删除、怎么核实的。")?;
        let erased = match self.scope {
            ErasureScope::Proposer => store::erase_proposer(work.tx, work.ctx, self.case).await?,
            ErasureScope::Comment(comment) => store::erase_comment(work.tx, work.ctx, self.case, comment).await?,
            ErasureScope::Follower(follow) => store::stop_follower(work.tx, work.ctx, self.case, follow).await?,
        };
        if !erased {
            return Err(Refusal::moved_on("已经删除过了。"));
        }
        Ok(Done::new((), Entry::internal("按本人要求删除个人信息").with(json!({ "scope": self.scope }))))
    }
}

/// Refuses while contacts are still needed: before the case has ended, and for `close.contact_retention_days` after it.
pub(crate) fn contacts_are_over(work: &Work<'_>) -> Result<(), Refusal> {
    let kept = chrono::TimeDelta::days(i64::from(work.rules.close.contact_retention_days));
    if work.case.stage().is_ended() && work.case.stage_since + kept <= work.ctx.now() {
        Ok(())
    } else {
        Err(Refusal::moved_on("还没有到删除联系方式的时候。"))
    }
}

/// Name and phone of whoever raised a topic that ended without being chosen are erased after
/// `close.contact_retention_days` (PIPL art. 47: the purpose has ended). The text as it was sent stays with the case.
#[derive(Clone, Debug, Serialize)]
pub struct ForgetContact {
    /// The case.
    pub case: CaseId,
}

impl Step for ForgetContact {
    const KIND: StepKind = StepKind::ForgetContact;
    const JUDGEMENT: Judgement = free("the clock carries out what close.contact_retention_days says");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        contacts_are_over(work)?;
        if work.case.rule_set_id.is_some() {
            return Err(Refusal::moved_on("已经立题，提出人的联系方式随案卷保存。"));
        }
        if !store::forget_contact(work.tx, work.ctx, self.case).await? {
            return Err(Refusal::moved_on("已经删除过了。"));
        }
        Ok(Done::new((), Entry::internal("保存期满，删除提出人的姓名和电话")))
    }
}
