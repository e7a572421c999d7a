//! Supporting and following a topic.

use serde::Serialize;
use serde_json::json;

use crate::access::StepKind;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free};
use crate::error::Refusal;
use crate::ids::{CaseId, FollowId};
use crate::letter::model::is_mail;
use crate::roster::model::wrong_mail;
use crate::rules::normal_phone;
use crate::topic::store;

/// Supports and follows are open while a topic is under way and public.
pub(super) fn check_open(work: &Work<'_>) -> Result<(), Refusal> {
    if work.case.is_public && !work.case.stage().is_ended() {
        Ok(())
    } else {
        Err(Refusal::moved_on(format!("这件议题现在是「{}」，不再接收新的关心和留言。", work.case.stage().word())))
    }
}

/// Support a topic, once a browser.
#[derive(Clone, Debug, Serialize)]
pub struct SupportTopic {
    /// The case.
    pub case: CaseId,
}

impl Step for SupportTopic {
    const KIND: StepKind = StepKind::SupportTopic;
    const JUDGEMENT: Judgement =
        free("anybody may care; the day's limit of an address prefix holds, it does not refuse");
    type Receipt = bool;

    adds!();

    /// The receipt says whether it counts at once.
    async fn apply(self, work: &mut Work<'_>) -> Result<Done<bool>, Refusal> {
        check_open(work)?;
        let visitor = work.ctx.actor.visitor();
        let limit = i64::from(work.rules.topic.support_per_prefix_day);
        let held = store::bump_prefix(work.tx, work.ctx, "support", &self.case.to_string()).await? > limit;
        if !store::add_support(work.tx, work.ctx, self.case, &visitor.browser, held).await? {
            return Err(Refusal::moved_on("您已经关心过这件议题了，不用再点。"));
        }
        let entry = if held {
            Entry::internal("同一网段今天的关心较多，超出部分先留着，请核对")
        } else {
            Entry::silent()
        };
        Ok(Done::new(!held, entry))
    }
}

/// Count the supports that were held, or drop them.
#[derive(Clone, Debug, Serialize)]
pub struct DecideHeldSupport {
    /// The case.
    pub case: CaseId,
    /// Count them.
    pub count: bool,
    /// Why.
    pub reason: String,
}

impl Step for DecideHeldSupport {
    const KIND: StepKind = StepKind::DecideHeldSupport;
    const JUDGEMENT: Judgement = free("an officer's look at what was held; the reason is on record");
    type Receipt = i64;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<i64>, Refusal> {
        if self.reason.trim().is_empty() {
            return Err(Refusal::field("reason", "请写一句怎么核对的。"));
        }
        let n = store::decide_held_supports(work.tx, self.case, self.count).await?;
        if n == 0 {
            return Err(Refusal::moved_on("没有待核对的关心，可能别人刚核对过。"));
        }
        work.add_record(&crate::topic::model::Ruling {
            what: Self::KIND.code().to_owned(),
            reason: self.reason,
            review_on: None,
        })
        .await?;
        let words = if self.count {
            format!("核对后计入 {n} 人关心")
        } else {
            format!("核对后不计入 {n} 次关心")
        };
        Ok(Done::new(n, Entry::internal(words).with(json!({ "n": n, "counted": self.count }))))
    }
}

/// Ask to be told of progress: by a link to keep, and by a contact if one is left.
#[derive(Clone, Debug, Serialize)]
pub struct FollowTopic {
    /// The case.
    pub case: CaseId,
    /// The new follower; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub follow: Option<FollowId>,
    /// Phone or mail address, if one is left.
    pub contact: Option<String>,
    /// Consent to keep the contact.
    pub consent: bool,
}

impl Step for FollowTopic {
    const KIND: StepKind = StepKind::FollowTopic;
    const JUDGEMENT: Judgement = free("anybody may ask to be told");
    type Receipt = FollowId;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<FollowId>, Refusal> {
        check_open(work)?;
        let follow = self.follow.ok_or(Refusal::NotFound)?;
        if let Some(contact) = &self.contact {
            if normal_phone(contact).is_none() && (wrong_mail(contact).is_some() || !is_mail(contact)) {
                return Err(Refusal::field("contact", "请写一个手机号或邮箱，例如 13900000000，不要写别的。"));
            }
            if !self.consent {
                return Err(Refusal::field(
                    "consent",
                    "留联系方式要先同意《个人信息处理规则》；不同意也可以只拿链接。",
                ));
            }
        }
        let contact = self.contact.unwrap_or_default();
        let salt = work.enter_private(&format!("follower:{}", work.seq), &contact);
        store::add_follower(work.tx, work.ctx, self.case, follow, (&contact, &salt, work.seq)).await?;
        Ok(Done::new(follow, Entry::silent().with(json!({ "follow": follow }))))
    }
}

/// Stop being told; the contact is erased.
#[derive(Clone, Debug, Serialize)]
pub struct StopFollowing {
    /// The case.
    pub case: CaseId,
    /// The follower, from the signed link.
    pub follow: FollowId,
}

impl Step for StopFollowing {
    const KIND: StepKind = StepKind::StopFollowing;
    const JUDGEMENT: Judgement = free("whoever asked to be told may stop it");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if !store::stop_follower(work.tx, work.ctx, self.case, self.follow).await? {
            return Err(Refusal::Gone("您已经停止接收这件议题的进展。".to_owned()));
        }
        crate::letter::store::erase_follower(work.tx, self.follow).await?;
        Ok(Done::new((), Entry::silent().with(json!({ "follow": self.follow }))))
    }
}

/// The officer told those who left a contact.
#[derive(Clone, Debug, Serialize)]
pub struct NoteFollowersTold {
    /// The case.
    pub case: CaseId,
}

impl Step for NoteFollowersTold {
    const KIND: StepKind = StepKind::NoteFollowersTold;
    const JUDGEMENT: Judgement = free("a note of what was done by telephone or message");
    type Receipt = i64;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<i64>, Refusal> {
        let n = store::note_followers_told(work.tx, work.ctx, self.case).await?;
        Ok(Done::new(n, Entry::internal(format!("已告知 {n} 位留了联系方式的关注者")).with(json!({ "n": n }))))
    }
}
