//! A town at work, for the stories of tests: its people, and the shortest way to each stage.

use chrono::{DateTime, TimeZone, Utc};

use crate::access::{Actor, Grant, Role, Signed, Visitor};
use crate::account::admin::{self, NewUser};
use crate::account::password::Cost;
use crate::case::{Case, Step, carry_out, store};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{CaseId, CommentId, FileId, SessionId};
use crate::rules::TopicBasis;
use crate::storage::Database;
use crate::storage::testing::operator;
use crate::topic::model::{Approval, Edition, Ground, ShownName, TopicForm, TopicSource};
use crate::topic::steps::{
    AcceptTopic, AddComment, ConfirmTopic, Decision, PrepareConfirmation, Submission, SubmitTopic,
};

/// A Monday morning in March, with no holiday near.
pub(crate) fn monday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 9, 2, 0, 0).unwrap()
}

/// The people of the stories.
pub(crate) struct World {
    /// The operator's context; its clock is moved by hand.
    pub ctx: Ctx,
    pub officer: Actor,
    pub director: Actor,
    pub approver: Actor,
    /// Officer of another town.
    pub stranger: Actor,
    pub district: Actor,
}

/// Town of the stories.
pub(crate) const TOWN: &str = "shengze";

impl World {
    pub(crate) async fn new(db: &Database) -> Self {
        let ctx = operator(db, monday());
        crate::town::install(&ctx).await.unwrap();
        Self {
            officer: person(&ctx, "officer", Role::Officer, Some(TOWN)).await,
            director: person(&ctx, "director", Role::Director, Some(TOWN)).await,
            approver: person(&ctx, "approver", Role::PartyApprover, Some(TOWN)).await,
            stranger: person(&ctx, "stranger", Role::Officer, Some("zhenze")).await,
            district: person(&ctx, "district", Role::DistrictOffice, None).await,
            ctx,
        }
    }

    pub(crate) async fn step<S: Step>(&self, actor: &Actor, step: S) -> Result<S::Receipt, Refusal> {
        carry_out(&self.ctx.acting_as(actor.clone()), step).await
    }

    pub(crate) async fn case(&self, case: CaseId) -> Case {
        store::find(&self.ctx.db, case).await.unwrap().unwrap()
    }

    /// Moves the clock by whole days.
    pub(crate) fn pass_days(&self, days: i64) {
        self.ctx.clock.set(self.ctx.now() + chrono::Duration::days(days));
    }

    pub(crate) fn submission(&self, title: &str) -> Submission {
        Submission {
            case: Some(CaseId(self.ctx.new_id())),
            town: TOWN.to_owned(),
            source: Some(TopicSource::PublicSolicited),
            form: form(title),
            contact_name: "王小明".to_owned(),
            contact_phone: "13812345678".to_owned(),
            one_matter: true,
            consent_privacy: true,
            ..Submission::default()
        }
    }

    pub(crate) async fn submitted(&self, title: &str) -> CaseId {
        let step = SubmitTopic(self.submission(title));
        self.step(&visitor("proposer"), step).await.unwrap().case
    }

    pub(crate) async fn accepted(&self, title: &str) -> CaseId {
        let case = self.submitted(title).await;
        self.step(&self.officer, accept(case, 1, title)).await.unwrap();
        case
    }

    pub(crate) async fn confirmed(&self, title: &str) -> CaseId {
        let case = self.accepted(title).await;
        let approval = approval();
        self.step(&self.director, PrepareConfirmation { case, seen: 0, approval }).await.unwrap();
        let reason = "同意".to_owned();
        self.step(&self.approver, ConfirmTopic { case, seen: 1, reason }).await.unwrap();
        case
    }

    /// Whether somebody may have a file of a case.
    pub(crate) async fn may_have(&self, actor: &Actor, file: FileId) -> bool {
        crate::topic::store::file_for(&self.ctx.acting_as(actor.clone()), file).await.unwrap().is_some()
    }

    /// How many files the topic itself came with.
    pub(crate) async fn topic_files(&self, case: CaseId) -> usize {
        crate::topic::store::files(&self.ctx.db, case, false).await.unwrap().len()
    }

    pub(crate) async fn comment(&self, case: CaseId, from: &str, body: &str) -> CommentId {
        let comment = CommentId(self.ctx.new_id());
        let step = AddComment {
            case,
            comment: Some(comment),
            parent: None,
            name: "李大妈".to_owned(),
            how: Some(ShownName::Masked),
            body: body.to_owned(),
            stance: None,
        };
        self.step(&visitor(from), step).await.unwrap();
        comment
    }
}

/// Fields of the rule that refused.
pub(crate) fn stops<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> Vec<String> {
    match refused {
        Err(Refusal::Blocked(findings)) => {
            findings.into_iter().filter(|f| f.level == crate::rules::Level::Blocking).filter_map(|f| f.field).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// The sentence of a refusal.
pub(crate) fn sentence<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> String {
    match refused.unwrap_err() {
        Refusal::Invalid(errors) => errors.into_iter().map(|error| error.sentence).collect(),
        refusal => refusal.sentence(),
    }
}

/// A person with one role.
pub(crate) async fn person(ctx: &Ctx, login: &str, role: Role, town: Option<&str>) -> Actor {
    let user = NewUser { login, name: "某人", password: "a long enough one", demo: false };
    let account = admin::add_user(ctx, user, Cost::Cheap).await.unwrap();
    admin::grant(ctx, login, role, town, None).await.unwrap();
    Actor::Signed(
        Signed {
            account,
            session: SessionId(uuid::Uuid::nil()),
            name: "某人".to_owned(),
            login: login.to_owned(),
            grants: vec![Grant { role, town: town.map(str::to_owned), unit: None }],
        },
        Visitor::default(),
    )
}

/// A browser without an account.
pub(crate) fn visitor(name: &str) -> Actor {
    Actor::Visitor(Visitor { browser: format!("browser of {name}"), prefix: String::new() })
}

pub(crate) fn form(title: &str) -> TopicForm {
    TopicForm {
        title: title.to_owned(),
        place: "镇东五区".to_owned(),
        matter: "晚上没处停车".to_owned(),
        reason: "住户很多".to_owned(),
        suggestion: "错时共享".to_owned(),
        ..TopicForm::default()
    }
}

pub(crate) fn edition(title: &str) -> Edition {
    Edition {
        title: title.to_owned(),
        place: "镇东五区".to_owned(),
        matter: "晚上停车难".to_owned(),
        reason: "住户多".to_owned(),
        suggestion: "错时共享".to_owned(),
        files: Vec::<FileId>::new(),
    }
}

pub(crate) fn decision(case: CaseId, seen: i64) -> Decision {
    Decision { case, seen, reason: "和大家都有关".to_owned() }
}

pub(crate) fn accept(case: CaseId, seen: i64, title: &str) -> AcceptTopic {
    AcceptTopic { decision: decision(case, seen), within_scope: Some(true), edition: edition(title) }
}

pub(crate) fn approval() -> Approval {
    let yes = || Ground { yes: Some(true), sentence: "查过了，没有问题。".to_owned() };
    Approval {
        bases: vec![(TopicBasis::LivelihoodHotspot, "12345 今年反映 37 件".to_owned())],
        legality: yes(),
        legality_checker: "司法所".to_owned(),
        one_place: yes(),
        one_unit: yes(),
        doable: yes(),
        has_plan: false,
        plan_number: String::new(),
    }
}
