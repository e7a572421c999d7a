//! Reporting the outcome (T9), deciding on each item, and handing what is adopted to units (T10).

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::model::{Decision, Office};
use super::store::{self, Outcome};
use crate::access::{Actor, Role, StepKind};
use crate::case::stage::Stage;
use crate::case::{Case, Done, Entry, Judgement, Move, Step, StepCard, Work, adds, decides, free, judged};
use crate::error::Refusal;
use crate::ids::{CaseId, FileId, MinutesId, OutcomeId};
use crate::minutes::Minutes;
use crate::minutes::model::EditionState;
use crate::rules::{Adoption, AssignFacts, Facts, ReportFacts, ReportMoment, RuleId, RuleSet};
use crate::task::{self, HandedOut};
use crate::topic::model::Ruling;
use crate::{evaluation, files};

/// Every step of this stage, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<ReportOutcome>(),
    StepCard::of::<ReceiveReport>(),
    StepCard::of::<DecideOutcome>(),
    StepCard::of::<AssignTasks>(),
];

/// The facts of T9: the gate's, and those of the checklist on the page.
#[must_use]
pub fn report_facts(case: &Case, newest: Option<&Minutes>, items: usize, moment: ReportMoment) -> ReportFacts {
    ReportFacts {
        moment,
        signed: newest.is_some_and(|one| one.state.0 == EditionState::Signed),
        no_consensus: newest.is_some_and(|one| one.no_consensus),
        items,
        offices: 0,
        proof: false,
        due_on: case.due_on,
    }
}

async fn facts_in(work: &mut Work<'_>, moment: ReportMoment) -> Result<ReportFacts, Refusal> {
    let newest = crate::minutes::newest_in(work.tx, work.case.id).await?;
    let items = store::all_in(work.tx, work.case.id).await?.len();
    Ok(report_facts(&work.case, newest.as_ref(), items, moment))
}

fn only_minuted(work: &Work<'_>) -> Result<(), Refusal> {
    if work.case.stage() == Stage::Minuted {
        return Ok(());
    }
    let word = work.case.stage().word();
    Err(Refusal::moved_on(format!("这件事现在是「{word}」，纪要签发以后、报送以前才这样办。")))
}

/// The graph leads from tracking to the evaluation, too: what is decided on is decided before.
fn only_reported(work: &Work<'_>) -> Result<(), Refusal> {
    if work.case.stage() == Stage::Reported {
        return Ok(());
    }
    let word = work.case.stage().word();
    Err(Refusal::moved_on(format!("这件事现在是「{word}」，报送以后、交办以前才批办。")))
}

/// Send minutes and outcome list to party and government.
#[derive(Clone, Debug, Serialize)]
pub struct ReportOutcome {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// The signed edition on the page.
    pub minutes: MinutesId,
    /// To whom.
    pub offices: Vec<Office>,
}

impl Step for ReportOutcome {
    const KIND: StepKind = StepKind::ReportOutcome;
    const JUDGEMENT: Judgement = judged(&[RuleId::T9]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let facts = facts_in(work, ReportMoment::Sending).await?;
        Ok(vec![Facts::T9(ReportFacts { offices: self.offices.len(), ..facts })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        only_minuted(work)?;
        if crate::minutes::newest_in(work.tx, self.case).await?.is_none_or(|one| one.minutes_id != self.minutes) {
            return Err(Refusal::moved_on("纪要刚有了更正的一份，请刷新页面，报送最新的一份。"));
        }
        let by = (work.ctx.now(), work.ctx.actor.account());
        let mut sent = Vec::new();
        for office in &self.offices {
            if store::send(work.tx, (self.case, self.minutes, *office), by).await? {
                sent.push(*office);
            }
        }
        if sent.is_empty() {
            return Err(Refusal::moved_on("已经报送过了，在等签收。"));
        }
        wait_for_receipt(work, self.minutes).await?;
        work.save().await?;
        let names: Vec<&str> = sent.iter().map(|office| office.word()).collect();
        let words = format!("纪要和成果清单报送{}", names.join("、"));
        Ok(Done::new((), Entry::public(words).with(json!({ "minutes": self.minutes, "offices": sent }))))
    }
}

/// The case waits for the first office that has not confirmed.
async fn wait_for_receipt(work: &mut Work<'_>, minutes: MinutesId) -> Result<bool, Refusal> {
    let sent = store::submissions_in(work.tx, work.case.id).await?;
    let open = sent.iter().find(|one| one.minutes_id == minutes && one.received_at.is_none());
    if let Some(open) = open {
        work.case.waits_for = Some(open.office.0.role().code().to_owned());
    }
    Ok(open.is_some())
}

/// Confirm for an office that the report is there: signed in for it, or with its stamped sheet.
#[derive(Clone, Debug, Serialize)]
pub struct ReceiveReport {
    /// The case.
    pub case: CaseId,
    /// The edition on the page.
    pub minutes: MinutesId,
    /// Which office.
    pub office: Option<Office>,
    /// The stamped sheet.
    pub sheet: Vec<FileId>,
}

impl ReceiveReport {
    /// Whether the actor confirms for the office itself.
    fn own(&self, actor: &Actor, town: &str) -> bool {
        let role = self.office.map(Office::role);
        role.is_some_and(|role| actor.signed().is_some_and(|me| me.is(role, town)))
    }
}

impl Step for ReceiveReport {
    const KIND: StepKind = StepKind::ReceiveReport;
    const JUDGEMENT: Judgement = judged(&[RuleId::T9]);
    type Receipt = ();

    adds!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let facts = facts_in(work, ReportMoment::Receiving).await?;
        let proof = self.own(&work.ctx.actor, &work.case.town_id) || !self.sheet.is_empty();
        Ok(vec![Facts::T9(ReportFacts { proof, ..facts })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        only_minuted(work)?;
        let office = self.office.ok_or_else(|| Refusal::field("office", "请选是哪个收文单位签收。"))?;
        let by = (work.ctx.now(), work.ctx.actor.account());
        let sheet = self.sheet.first().copied();
        if !store::receive(work.tx, (self.case, self.minutes, office), by, sheet).await? {
            return Err(Refusal::moved_on("这一份没有送过这个单位，或者已经签收，请刷新页面看最新情况。"));
        }
        files::attach(work.tx, self.case, ("outcome", false), &self.sheet).await?;
        let data = json!({ "minutes": self.minutes, "office": office, "files": self.sheet });
        if wait_for_receipt(work, self.minutes).await? {
            work.save().await?;
        } else {
            work.move_to(Stage::Reported, Move::default()).await?;
        }
        Ok(Done::new((), Entry::public(format!("{}签收纪要和成果清单", office.word())).with(data)))
    }
}

/// Decide on an outcome. It may be put otherwise until the tasks are handed out.
#[derive(Clone, Debug, Serialize)]
pub struct DecideOutcome {
    /// The case.
    pub case: CaseId,
    /// The outcome.
    pub outcome: OutcomeId,
    /// When what stood on the page was decided.
    pub seen: Option<DateTime<Utc>>,
    /// The decision.
    pub decision: Decision,
}

impl Step for DecideOutcome {
    const KIND: StepKind = StepKind::DecideOutcome;
    const JUDGEMENT: Judgement = free("one item may be decided now and completed later; T10 judges the whole list");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        only_reported(work)?;
        let found = store::all_in(work.tx, self.case).await?.into_iter().find(|one| one.outcome_id == self.outcome);
        let found = found.ok_or(Refusal::NotFound)?;
        let n = found.no;
        if self.decision.adoption.is_none() {
            return Err(Refusal::field(&format!("adoption_{n}"), "请选采纳、部分采纳还是不采纳。"));
        }
        let max = work.rules.topic.body_max;
        for (name, what, text) in [
            ("reason", "理由", &self.decision.reason),
            ("contact", "联系人", &self.decision.contact),
            ("measure", "措施", &self.decision.measure),
        ] {
            may_be(&format!("{name}_{n}"), what, text, max)?;
        }
        let decision = named(work, Decision { outcome: Some(self.outcome), no: n, ..self.decision }).await?;
        let by = (work.ctx.now(), work.ctx.actor.account());
        if !store::decide(work.tx, (self.outcome, self.seen), &decision, by).await? {
            return Err(Refusal::moved_on(format!("第 {n} 条刚有人批过，请看过最新的批办意见再改。")));
        }
        let version = work.add_record(&decision).await?;
        let data = json!({ "outcome": self.outcome, "adoption": decision.adoption, "lead": decision.lead, "version": version });
        let word = decision.adoption.map(Adoption::word).unwrap_or_default();
        Ok(Done::new((), Entry::internal(format!("批办第 {n} 条：{word}")).with(data)))
    }
}

/// A text that may be left empty: short enough, readable, without phone and identity numbers.
fn may_be(field: &str, what: &str, text: &str, max: u32) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Ok(());
    }
    Work::words(field, what, text, max).map(|_| ())
}

/// The decision with the names of its units, which must be the town's or the district's.
async fn named(work: &mut Work<'_>, mut decision: Decision) -> Result<Decision, Refusal> {
    let n = decision.no;
    decision.lead_name.clear();
    decision.assist_names.clear();
    let lead = decision.lead;
    decision.assist.retain(|unit| Some(*unit) != lead);
    if let Some(lead) = decision.lead {
        decision.lead_name = unit_name(work, lead, &format!("lead_{n}")).await?;
    }
    for unit in decision.assist.clone() {
        decision.assist_names.push(unit_name(work, unit, &format!("assist_{n}")).await?);
    }
    Ok(decision)
}

async fn unit_name(work: &mut Work<'_>, unit: crate::ids::UnitId, field: &str) -> Result<String, Refusal> {
    let town = work.case.town_id.clone();
    let found = crate::roster::store::unit_in(work.tx, unit).await?;
    let found = found.filter(|unit| unit.town_id.is_none() || unit.town_id.as_deref() == Some(town.as_str()));
    found.map(|unit| unit.name).ok_or_else(|| Refusal::field(field, "没有这个承办单位，请从名单里选。"))
}

/// The facts of T10: the gate's, and those of the checklist on the page.
#[must_use]
pub fn assign_facts(
    case: &Case,
    list: &[Outcome],
    explanation: &str,
    quick_until: Option<chrono::NaiveDate>,
) -> AssignFacts {
    AssignFacts {
        items: list.iter().map(|one| one.decision().facts()).collect(),
        explanation: explanation.to_owned(),
        quick_until,
        due_on: case.due_on,
    }
}

/// The last day of a quick task that is handed out today.
#[must_use]
pub fn quick_until(ctx: &crate::context::Ctx, rules: &RuleSet) -> chrono::NaiveDate {
    ctx.shared.calendar().add_workdays(ctx.today(), rules.after.quick_reply_workdays)
}

/// Hand what was adopted to its units; where nothing was, explain it and ask the people concerned.
#[derive(Clone, Debug, Serialize)]
pub struct AssignTasks {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// What is said to the proposers where nothing was adopted; public.
    pub explanation: String,
}

impl Step for AssignTasks {
    const KIND: StepKind = StepKind::AssignTasks;
    const JUDGEMENT: Judgement = judged(&[RuleId::T10]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let list = store::all_in(work.tx, self.case).await?;
        let until = quick_until(work.ctx, &work.rules);
        Ok(vec![Facts::T10(assign_facts(&work.case, &list, &self.explanation, Some(until)))])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        only_reported(work)?;
        let list = store::all_in(work.tx, self.case).await?;
        let adopted: Vec<&Outcome> =
            list.iter().filter(|one| one.adoption().is_some_and(|adoption| adoption != Adoption::None)).collect();
        if adopted.is_empty() {
            let reason = Work::words("explanation", "说明", &self.explanation, work.rules.topic.body_max)?;
            evaluation::open(work).await?;
            work.add_record(&Ruling { what: Self::KIND.code().to_owned(), reason, review_on: None }).await?;
            let words = format!("成果清单 {} 条都没有采纳，已说明理由，请群众评价", list.len());
            return Ok(Done::new((), Entry::public(words).with(json!({ "adopted": 0 }))));
        }
        let mut handed = Vec::with_capacity(adopted.len());
        for one in adopted {
            let (Some(lead), Some(due_on)) = (one.lead_unit, one.due_on) else {
                return Err(Refusal::internal(&"T10 let an item pass without unit or day"));
            };
            handed.push(HandedOut {
                outcome: Some(one.outcome_id),
                matter: one.words.clone(),
                measure: one.measure.clone(),
                contact: one.contact.clone(),
                lead,
                assist: one.assist(),
                due_on,
                quick: one.quick,
                of: None,
            });
        }
        let tasks = task::hand_out(work, handed).await?;
        let words = format!("批办 {} 条，交办 {} 项", list.len(), tasks.len());
        Ok(Done::new((), Entry::public(words).with(json!({ "tasks": tasks }))))
    }
}

/// Whether the person decides on outcomes of a town.
#[must_use]
pub fn decides(actor: &Actor, town: &str) -> bool {
    actor.signed().is_some_and(|me| me.is(Role::PartyApprover, town) || me.is(Role::GovernmentOffice, town))
}
