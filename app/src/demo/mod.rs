//! The demo: eleven towns at work on the topics of the handbook, all of it invented but the places.
//!
//! Everything is made through the same steps that people use, under a clock that is moved, so that the record of the demo
//! is as sound as a real one. Every record is marked 演示数据, every person is fictional.

mod after;
mod minutes;
mod plan;
mod research;
mod roster;
mod topics;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone, Utc};

use crate::access::{Actor, Grant, Role, Signed, Visitor};
use crate::account::admin::{self, NewUser};
use crate::account::password::Cost;
use crate::case::{Step, carry_out};
use crate::context::{Clock, Ctx};
use crate::error::Refusal;
use crate::files::NewFile;
use crate::ids::{AccountId, CaseId, CommentId, FollowId, SessionId};
use crate::rules::{Exclusion, SHANGHAI, TopicBasis, end_of_local_day, local_date};
use crate::town;

use super::topic::model::{Approval, Edition, Ground, ShownName, TopicForm};
use super::topic::steps::{
    AcceptTopic, AddComment, AnswerComment, ConfirmTopic, Decision, DeclineTopic, FollowTopic, LapseTopic, MergeTopic,
    PrepareConfirmation, RecordTopic, ReleaseComment, ReturnTopic, Submission, SubmitTopic, SupportTopic, SuspendTopic,
    TerminateTopic, TransferTopic, WithdrawTopic,
};
use topics::{TOPICS, Topic, Way};

/// The password of every demo account. They refuse an address off loopback.
pub const PASSWORD: &str = "yshsl-demo-2026";

/// The demo accounts that are printed at the start: login name and what the person is. Every town has the same three,
/// by its name in pinyin.
pub const ACCOUNTS: &[(&str, &str)] = &[
    ("shengze.gs", "盛泽镇工委干事"),
    ("shengze.zr", "盛泽镇工委主任"),
    ("shengze.dw", "盛泽镇党委审批人"),
    ("lili.zf", "黎里镇政府办"),
    ("lili.cb", "黎里镇承办单位经办人"),
    ("quban", "区政协办"),
    ("weiyuan", "政协委员"),
    ("admin", "系统管理员"),
];

/// Names of the towns' three people, in the order of the towns; fictional.
const PEOPLE: &[[&str; 3]] = &[
    ["许知行", "顾承安", "钱伯远"],
    ["沈若溪", "陶明礼", "孙维桢"],
    ["蒋晓禾", "朱立群", "俞景行"],
    ["何清扬", "施文博", "金兆丰"],
    ["周予安", "徐敬之", "马国梁"],
    ["陆文清", "沈怀远", "吴启明"],
    ["杨书宁", "褚一帆", "邱志成"],
    ["方静怡", "柳长风", "潘守正"],
    ["吴晓棠", "顾云舟", "陈立言"],
    ["叶思齐", "曹定邦", "唐家树"],
    ["姚若兰", "费正清", "严守望"],
];

struct Town {
    id: String,
    officer: Signed,
    director: Signed,
    approver: Signed,
    /// A committee member of the town, where the demo has one.
    member: Option<Signed>,
}

/// Fills an empty database with the demo, ending at the time of `ctx`. `material` is a stored file that goes out with an
/// announcement.
///
/// # Errors
/// When a step is refused, which the tests rule out, or the database cannot be written.
pub async fn seed(ctx: &Ctx, material: NewFile) -> Result<(), Refusal> {
    let end = ctx.now();
    let clock = Clock::manual(end);
    let ctx = Ctx { clock: clock.clone(), actor: Actor::Operator, request: None, ..ctx.clone() };
    let demo = Demo { ctx, clock, end, material };
    demo.clock.set(demo.at(after::BEGINNING, 8, 0));
    town::install(&demo.ctx).await?;
    let towns = demo.accounts().await?;
    demo.rosters(&towns).await?;
    let units = demo.units(&towns).await?;
    for (topic, after) in after::TOPICS {
        if let Some((case, town)) = demo.play(topic, &towns).await? {
            demo.follow(town, &units, (case, after)).await?;
        }
    }
    for topic in TOPICS {
        demo.play(topic, &towns).await?;
    }
    demo.carriers(&towns).await
}

struct Demo {
    ctx: Ctx,
    clock: Clock,
    end: DateTime<Utc>,
    material: NewFile,
}

impl Demo {
    /// A time so many days before the end, moved back to a workday, never after the end.
    fn at(&self, days_ago: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        let calendar = self.ctx.shared.calendar();
        let mut day: NaiveDate =
            local_date(self.end).checked_sub_days(Days::new(u64::from(days_ago))).unwrap_or(NaiveDate::MIN);
        while !calendar.is_workday(day) {
            day = day.pred_opt().unwrap_or(day);
        }
        let local = day.and_hms_opt(hour, minute, 0).unwrap_or_default();
        SHANGHAI.from_local_datetime(&local).single().map_or(self.end, |t| t.with_timezone(&Utc)).min(self.end)
    }

    async fn account(&self, login: &str, name: &str, role: Role, town: Option<&str>) -> Result<Signed, Refusal> {
        let user = NewUser { login, name, password: PASSWORD, demo: true };
        let account = admin::add_user(&self.ctx, user, Cost::Cheap).await?;
        admin::grant(&self.ctx, login, role, town, None).await?;
        Ok(signed(account, login, name, role, town))
    }

    async fn accounts(&self) -> Result<Vec<Town>, Refusal> {
        let mut towns = Vec::new();
        for (town, [officer, director, approver]) in town::store::towns(&self.ctx.db).await?.iter().zip(PEOPLE) {
            let id = town.town_id.as_str();
            towns.push(Town {
                id: id.to_owned(),
                officer: self.account(&format!("{id}.gs"), officer, Role::Officer, Some(id)).await?,
                director: self.account(&format!("{id}.zr"), director, Role::Director, Some(id)).await?,
                approver: self.account(&format!("{id}.dw"), approver, Role::PartyApprover, Some(id)).await?,
                member: if id == "shengze" {
                    Some(self.account("weiyuan", "顾采薇", Role::Member, Some(id)).await?)
                } else {
                    None
                },
            });
        }
        self.account("quban", "邵明远", Role::DistrictOffice, None).await?;
        self.account("admin", "演示管理员", Role::Administrator, None).await?;
        Ok(towns)
    }

    async fn step<S: Step>(&self, actor: &Actor, step: S) -> Result<S::Receipt, Refusal> {
        carry_out(&self.ctx.acting_as(actor.clone()), step).await
    }

    async fn play<'a>(&self, topic: &Topic, towns: &'a [Town]) -> Result<Option<(CaseId, &'a Town)>, Refusal> {
        let Some(town) = towns.iter().find(|t| t.id == topic.town) else {
            return Ok(None);
        };
        self.clock.set(self.at(topic.raised, 9, 10));
        let case = self.raise(topic, town).await?;
        match topic.way {
            Way::Submitted => {}
            Way::Returned(question) | Way::Lapsed(question) => {
                self.clock.set(self.at(topic.raised.saturating_sub(2), 10, 0));
                let decision = decision(case, "事情值得商量，还差一点情况，补上就能受理。");
                let question = question.to_owned();
                self.step(&acting(&town.officer), ReturnTopic { decision, question }).await?;
                if matches!(topic.way, Way::Lapsed(_)) {
                    self.lapse(case).await?;
                }
            }
            Way::Withdrawn(reason) => {
                self.clock.set(self.at(topic.raised.saturating_sub(1), 8, 30));
                let reason = reason.to_owned();
                let proposer = Actor::Proposer { case, visitor: Visitor::default() };
                self.step(&proposer, WithdrawTopic { case, seen: 1, reason }).await?;
            }
            Way::Transferred(exclusion, to, reason) => {
                self.clock.set(self.at(topic.raised.saturating_sub(1), 15, 0));
                let decision = decision(case, reason);
                let transfer_to = to.to_owned();
                let exclusion: Option<Exclusion> = Some(exclusion);
                let step = TransferTopic { decision, transfer_to, exclusion };
                self.step(&acting(&town.officer), step).await?;
            }
            Way::Declined(reason) => {
                self.clock.set(self.at(topic.raised.saturating_sub(2), 11, 0));
                let decision = decision(case, reason);
                self.step(&acting(&town.officer), DeclineTopic { decision, exclusion: None }).await?;
            }
            Way::MergedInto(title) => {
                self.clock.set(self.at(topic.raised.saturating_sub(1), 14, 30));
                let Some(target) = self.accepted(title).await? else {
                    return Ok(None);
                };
                let decision = decision(case, "和已经受理的一件说的是同一处，合在一起商量，您的建议一并带过去。");
                self.step(&acting(&town.officer), MergeTopic { decision, target }).await?;
            }
            Way::Accepted | Way::Prepared | Way::Suspended(_) | Way::Terminated(_) | Way::Confirmed { .. } => {
                self.accept(topic, town, case).await?;
            }
        }
        Ok(Some((case, town)))
    }

    /// Lets the time for an answer run out, as the clock does on the first morning after it.
    async fn lapse(&self, case: CaseId) -> Result<(), Refusal> {
        let found = crate::case::store::find(&self.ctx.db, case).await?.ok_or(Refusal::NotFound)?;
        let due = found.due_on.unwrap_or_else(|| self.ctx.today());
        self.clock.set((end_of_local_day(due) + TimeDelta::hours(1)).min(self.end));
        self.step(&Actor::Clock, LapseTopic { case, seen: found.stage_version }).await
    }

    /// The accepted topic of a title, for a merger.
    async fn accepted(&self, title: &str) -> Result<Option<CaseId>, Refusal> {
        let found = crate::search::store::similar(&self.ctx.db, title, 1).await?;
        Ok(found.first().map(|s| s.topic_id))
    }

    async fn raise(&self, topic: &Topic, town: &Town) -> Result<CaseId, Refusal> {
        let case = CaseId(self.ctx.new_id());
        let recorded = topic.imported_from.is_some() || topic.source.code() != "public_solicited";
        let submission = Submission {
            case: Some(case),
            town: town.id.clone(),
            source: Some(topic.source),
            imported_from: topic.imported_from,
            form: TopicForm {
                title: topic.title.to_owned(),
                place: topic.place.to_owned(),
                matter: topic.matter.to_owned(),
                reason: topic.reason.to_owned(),
                suggestion: topic.suggestion.to_owned(),
                ..TopicForm::default()
            },
            contact_name: topic.proposer.to_owned(),
            contact_phone: topic.phone.to_owned(),
            joint: topic.joint > 1,
            joint_count: (topic.joint > 1).then_some(topic.joint),
            one_matter: true,
            consent_privacy: true,
            consent_public: topic.joint > 1,
            reached_by: recorded.then(|| "来访".to_owned()),
            demo: true,
            ..Submission::default()
        };
        if recorded {
            self.step(&acting(&town.officer), RecordTopic(submission)).await?;
        } else {
            self.step(&visitor(topic.title, 0), SubmitTopic(submission)).await?;
        }
        Ok(case)
    }

    async fn accept(&self, topic: &Topic, town: &Town, case: CaseId) -> Result<(), Refusal> {
        let (officer, director, approver) = (acting(&town.officer), acting(&town.director), acting(&town.approver));
        let accepted = match topic.way {
            Way::Confirmed { confirmed } => confirmed + 7,
            _ => topic.raised.saturating_sub(3),
        };
        self.clock.set(self.at(accepted.min(topic.raised), 10, 20));
        self.step(
            &officer,
            AcceptTopic {
                decision: decision(case, "属于大家共同关心的事，镇里受理，接下来报党（工）委定题。"),
                within_scope: Some(true),
                edition: Edition {
                    title: topic.title.to_owned(),
                    place: topic.place.to_owned(),
                    matter: topic.matter.to_owned(),
                    reason: topic.reason.to_owned(),
                    suggestion: topic.suggestion.to_owned(),
                    files: Vec::new(),
                },
            },
        )
        .await?;
        self.talk(topic, town, case, accepted).await?;
        match topic.way {
            Way::Suspended(reason) => {
                self.clock.set(self.at(accepted.saturating_sub(2), 16, 0));
                let reason = reason.to_owned();
                let step = SuspendTopic { case, seen: 2, reason, review_on: None };
                self.step(&director, step).await?;
            }
            Way::Terminated(reason) => {
                self.clock.set(self.at(accepted.saturating_sub(4), 15, 30));
                let step = TerminateTopic { case, seen: 2, reason: reason.to_owned() };
                self.step(&approver, step).await?;
            }
            Way::Prepared => {
                self.clock.set(self.at(accepted.saturating_sub(2), 15, 0));
                let approval = approval(topic);
                self.step(&director, PrepareConfirmation { case, seen: 0, approval }).await?;
            }
            Way::Confirmed { confirmed } => {
                self.clock.set(self.at(confirmed + 3, 15, 0));
                let approval = approval(topic);
                self.step(&director, PrepareConfirmation { case, seen: 0, approval }).await?;
                self.clock.set(self.at(confirmed, 9, 30));
                let reason = "同意立题。请工委抓紧安排调研，把当事各方都请到。".to_owned();
                self.step(&approver, ConfirmTopic { case, seen: 1, reason }).await?;
                self.research(topic, town, case, confirmed).await?;
                if let Some(meeting) = topic.meeting {
                    self.announce(town, case, meeting).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Supports, followers and comments after acceptance.
    async fn talk(&self, topic: &Topic, town: &Town, case: CaseId, accepted: u32) -> Result<(), Refusal> {
        for n in 0..topic.supports {
            let day = accepted.saturating_sub(n % (accepted + 1));
            self.clock.set(self.at(day, 11, n % 60).max(self.at(accepted, 10, 30)));
            self.step(&visitor(topic.title, n + 1), SupportTopic { case }).await?;
        }
        let step = FollowTopic { case, follow: Some(FollowId(self.ctx.new_id())), contact: None, consent: false };
        self.step(&visitor(topic.title, 1), step).await?;
        for (n, comment) in (0_u32..).zip(topic.comments) {
            self.clock.set(self.at(accepted.saturating_sub(1 + n), 19, 5 + n).max(self.at(accepted, 11, 30)));
            let id = CommentId(self.ctx.new_id());
            let step = AddComment {
                case,
                comment: Some(id),
                parent: None,
                name: comment.name.to_owned(),
                how: Some(if comment.name.is_empty() { ShownName::None } else { ShownName::Masked }),
                body: comment.body.to_owned(),
                stance: None,
            };
            self.step(&visitor(topic.title, 100 + n), step).await?;
            if comment.held {
                continue;
            }
            self.step(&acting(&town.officer), ReleaseComment { case, comment: id }).await?;
            if !comment.answer.is_empty() {
                let step = AnswerComment {
                    case,
                    comment: Some(CommentId(self.ctx.new_id())),
                    parent: id,
                    body: comment.answer.to_owned(),
                };
                self.step(&acting(&town.officer), step).await?;
            }
        }
        Ok(())
    }
}

fn decision(case: CaseId, reason: &str) -> Decision {
    Decision { case, seen: 1, reason: reason.to_owned() }
}

fn approval(topic: &Topic) -> Approval {
    let yes = |sentence: &str| Ground { yes: Some(true), sentence: sentence.to_owned() };
    let mut bases = Vec::new();
    if !topic.central_task.is_empty() {
        bases.push((TopicBasis::CentralTask, topic.central_task.to_owned()));
    }
    if !topic.hotspot.is_empty() {
        bases.push((TopicBasis::LivelihoodHotspot, topic.hotspot.to_owned()));
    }
    Approval {
        bases,
        legality: yes("没有涉及诉讼和涉密，协商结果由有关单位依职权办理。"),
        legality_checker: "镇司法所值班人员".to_owned(),
        one_place: yes(&format!("只涉及{}。", topic.place)),
        one_unit: yes("由一家单位主办，其他单位配合。"),
        doable: yes("措施以管理和小改造为主，半年内能见到结果。"),
        has_plan: false,
        plan_number: String::new(),
    }
}

fn signed(account: AccountId, login: &str, name: &str, role: Role, town: Option<&str>) -> Signed {
    Signed {
        account,
        session: SessionId(uuid::Uuid::nil()),
        name: name.to_owned(),
        login: login.to_owned(),
        grants: vec![Grant { role, town: town.map(str::to_owned), unit: None }],
    }
}

fn acting(signed: &Signed) -> Actor {
    Actor::Signed(signed.clone(), Visitor::default())
}

fn visitor(title: &str, n: u32) -> Actor {
    Actor::Visitor(Visitor { browser: crate::ledger::digest(&format!("{title} {n}")), prefix: String::new() })
}
