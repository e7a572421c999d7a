//! Raising a topic (T1), for oneself or for somebody who came or called, and answering the screener's question.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::{Actor, Role, StepKind};
use crate::case::stage::Stage;
use crate::case::{Change, Done, Entry, Judgement, Move, Step, Target, Work, decides, judged};
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::rules::{Attachments, Facts, RuleId, TopicFacts, normal_phone};
use crate::topic::model::{ImportedFrom, TopicForm, TopicSource};
use crate::topic::{lookup, store};

/// What is sent to raise a topic.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is one tick of the form")]
pub struct Submission {
    /// The new case; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub case: Option<CaseId>,
    /// The town it is sent to.
    pub town: String,
    /// The source chosen; `None` for none or one that is not open to the actor.
    pub source: Option<TopicSource>,
    /// The list it was taken over from.
    pub imported_from: Option<ImportedFrom>,
    /// The text.
    pub form: TopicForm,
    /// Whom to ask back.
    pub contact_name: String,
    /// Their phone.
    pub contact_phone: String,
    /// Whether it is raised jointly.
    pub joint: bool,
    /// How many raise it jointly, where that was readable.
    pub joint_count: Option<u32>,
    /// 「只说一件事」.
    pub one_matter: bool,
    /// The privacy rules were agreed to.
    pub consent_privacy: bool,
    /// The name may be shown.
    pub consent_public: bool,
    /// For a record on behalf: how the person was reached (来访、来电、走访).
    pub reached_by: Option<String>,
    /// Size of the files.
    #[serde(skip)]
    pub attachments: Attachments,
    /// 演示数据.
    pub demo: bool,
}

/// What the proposer is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    /// The case; its tracking code follows from it.
    pub case: CaseId,
}

/// The sources that an actor may choose: residents raise, members recommend, the town's people may take down any.
#[must_use]
pub fn open_sources(actor: &Actor, town: &str) -> Vec<TopicSource> {
    match actor.signed() {
        Some(signed) if [Role::Officer, Role::Director].into_iter().any(|role| signed.is(role, town)) => {
            TopicSource::ALL.to_vec()
        }
        Some(signed) if signed.is_anywhere(Role::Member) => {
            vec![TopicSource::MemberRecommended, TopicSource::PublicSolicited]
        }
        Some(signed) if signed.is(Role::PartyApprover, town) => {
            vec![TopicSource::PartyAssigned, TopicSource::PublicSolicited]
        }
        Some(signed) if signed.is(Role::GovernmentOffice, town) => {
            vec![TopicSource::GovernmentAssigned, TopicSource::PublicSolicited]
        }
        _ => vec![TopicSource::PublicSolicited],
    }
}

impl Submission {
    fn facts(&self, actor: &Actor) -> TopicFacts {
        TopicFacts {
            source_known: self.source.is_some_and(|s| open_sources(actor, &self.town).contains(&s)),
            title: self.form.title.clone(),
            place: self.form.place.clone(),
            matter: self.form.matter.clone(),
            reason: self.form.reason.clone(),
            suggestion: self.form.suggestion.clone(),
            contact_name: self.contact_name.clone(),
            contact_phone: self.contact_phone.clone(),
            proxy: self.reached_by.is_some(),
            one_matter: self.one_matter,
            joint: self.joint,
            joint_count: self.joint_count,
            attachments: self.attachments,
            consent_privacy: self.consent_privacy,
            open_by_same_contact: 0,
        }
    }

    fn target(&self) -> Target {
        Target::New {
            // Without an id nothing can be opened; the page that makes a submission always gives one.
            case: self.case.unwrap_or(CaseId(uuid::Uuid::nil())),
            town: self.town.clone(),
        }
    }

    async fn raise(self, work: &mut Work<'_>, recorded: bool) -> Result<Done<Raised>, Refusal> {
        let ctx = work.ctx;
        let case = work.case.id;
        let source = self.source.ok_or(Refusal::NotFound)?;
        work.case.source = source.code().to_owned();
        work.case.imported_from = self.imported_from.map(|i| i.code().to_owned());
        work.case.sent_title.clone_from(&self.form.title);
        work.case.submitted_at = ctx.now();
        work.case.demo = self.demo;
        if recorded {
            work.case.recorded_by = ctx.actor.account();
        } else {
            work.case.proposer_id = ctx.actor.account();
        }
        work.case.code_hash = lookup::code_hash(&ctx.secret, &lookup::tracking_code(&ctx.secret, case, 0));
        work.move_to(Stage::Submitted, Move::default()).await?;

        let form = TopicForm { joint_count: if self.joint { self.joint_count.unwrap_or(1) } else { 1 }, ..self.form };
        work.add_record(&form).await?;
        store::attach_files(work.tx, case, &form.files, 0).await?;
        let phone = normal_phone(&self.contact_phone).unwrap_or_default();
        let salt = work.enter_private("proposer", &format!("{}|{phone}", self.contact_name));
        store::insert_proposer(
            work.tx,
            case,
            store::NewProposer {
                name: &self.contact_name,
                phone: &phone,
                consent_public: self.consent_public,
                joint_count: i64::from(form.joint_count),
                reached_by: self.reached_by.as_deref(),
                salt: &salt,
            },
        )
        .await?;
        if !phone.is_empty() {
            let hash = ctx.secret.keyed("quota", &[&phone]);
            store::add_quota(work.tx, case, &hash).await?;
        }
        let from_prefix = store::bump_prefix(work.tx, ctx, "raise", "").await?;
        let limit = i64::from(work.rules.topic.raise_per_prefix_day);
        let words = if from_prefix > limit {
            format!("收到议题。同一网段今天第 {from_prefix} 件，请核对是否重复")
        } else if recorded {
            "干事代录议题".to_owned()
        } else {
            "收到议题".to_owned()
        };
        Ok(Done::new(
            Raised { case },
            Entry::internal(words).with(json!({
                "source": source.code(),
                "imported_from": self.imported_from.map(ImportedFrom::code),
                "files": form.files,
            })),
        ))
    }
}

/// Raise a topic, with or without an account.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitTopic(pub Submission);

impl Step for SubmitTopic {
    const KIND: StepKind = StepKind::SubmitTopic;
    const JUDGEMENT: Judgement = judged(&[RuleId::T1]);
    type Receipt = Raised;

    fn target(&self) -> Target {
        self.0.target()
    }

    fn change(&self) -> Change {
        Change::Adds
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(vec![Facts::T1(TopicFacts { proxy: false, ..self.0.facts(&work.ctx.actor) })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<Raised>, Refusal> {
        let submission = Submission { reached_by: None, ..self.0 };
        submission.raise(work, false).await
    }
}

/// Record a topic for somebody who came or called (代录).
#[derive(Clone, Debug, Serialize)]
pub struct RecordTopic(pub Submission);

impl Step for RecordTopic {
    const KIND: StepKind = StepKind::RecordTopic;
    const JUDGEMENT: Judgement = judged(&[RuleId::T1]);
    type Receipt = Raised;

    fn target(&self) -> Target {
        self.0.target()
    }

    fn change(&self) -> Change {
        Change::Adds
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(vec![Facts::T1(self.0.facts(&work.ctx.actor))])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<Raised>, Refusal> {
        if self.0.reached_by.is_none() {
            return Err(Refusal::field("reached_by", "代录要写明怎么联系上的：来访、来电还是走访。"));
        }
        self.0.raise(work, true).await
    }
}

/// Answer the screener's question; the text may be amended. What was sent before stays beside it.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerQuestion {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// The amended form with the answer. Files are the new ones only.
    pub form: TopicForm,
    /// Size of the new files.
    #[serde(skip)]
    pub attachments: Attachments,
}

impl Step for AnswerQuestion {
    const KIND: StepKind = StepKind::AnswerQuestion;
    const JUDGEMENT: Judgement = judged(&[RuleId::T1]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let proposer = store::proposer_in(work.tx, self.case).await?;
        // The limits are of the topic, not of each sending.
        let (count, bytes) = store::files_in(work.tx, self.case).await?;
        let attachments = Attachments {
            count: self.attachments.count.saturating_add(count),
            largest_bytes: self.attachments.largest_bytes,
            total_bytes: self.attachments.total_bytes.saturating_add(bytes),
        };
        Ok(vec![Facts::T1(TopicFacts {
            source_known: true,
            title: self.form.title.clone(),
            place: self.form.place.clone(),
            matter: self.form.matter.clone(),
            reason: self.form.reason.clone(),
            suggestion: self.form.suggestion.clone(),
            contact_name: proposer.name,
            contact_phone: proposer.phone,
            proxy: proposer.reached_by.is_some(),
            one_matter: true,
            joint: proposer.joint_count > 1,
            joint_count: u32::try_from(proposer.joint_count).ok(),
            attachments,
            consent_privacy: true,
            open_by_same_contact: 0,
        })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if self.form.answer.trim().is_empty() {
            return Err(Refusal::field("answer", "请回答镇里问的问题，再交回去。"));
        }
        let (_, before) = work.newest::<TopicForm>().await?.ok_or(Refusal::NotFound)?;
        let added = self.form.files.clone();
        let mut files = before.files;
        let position = i64::try_from(files.len()).unwrap_or(0);
        files.extend(self.form.files);
        work.move_to(Stage::Submitted, Move::default()).await?;
        work.add_record(&TopicForm { files, joint_count: before.joint_count, ..self.form }).await?;
        store::attach_files(work.tx, self.case, &added, position).await?;
        Ok(Done::new((), Entry::internal("提出人已补充说明").with(json!({ "files": added }))))
    }
}
