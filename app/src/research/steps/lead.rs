//! Naming who leads the research (T4), and naming somebody else.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Move, Step, Work, decides, judged};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId};
use crate::research::store;
use crate::rules::{Facts, LeadFacts, RuleId, RuleSet, plain_date};

/// The last day of a research that begins today, by the rule set.
#[must_use]
pub fn usual_due(ctx: &Ctx, rules: &RuleSet) -> NaiveDate {
    ctx.shared.calendar().add_workdays(ctx.today(), rules.research.workdays)
}

async fn facts(work: &mut Work<'_>, lead: Option<AccountId>, due_on: Option<NaiveDate>) -> Result<LeadFacts, Refusal> {
    let town = work.case.town_id.clone();
    let entitled = match lead {
        Some(lead) => store::may_lead(work.tx, lead, &town).await?,
        None => false,
    };
    let usual = usual_due(work.ctx, &work.rules);
    Ok(LeadFacts { chosen: lead.is_some(), entitled, due_on, usual: Some(usual), reason: None, name_by: None })
}

/// Name who leads the research and by when it is to be filed. The research begins.
#[derive(Clone, Debug, Serialize)]
pub struct AssignLead {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// Who leads.
    pub lead: Option<AccountId>,
    /// By when; `None` takes the town's default.
    pub due_on: Option<NaiveDate>,
}

impl Step for AssignLead {
    const KIND: StepKind = StepKind::AssignLead;
    const JUDGEMENT: Judgement = judged(&[RuleId::T4]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let due_on = self.due_on.unwrap_or_else(|| usual_due(work.ctx, &work.rules));
        let name_by = work.case.due_on;
        let facts = facts(work, self.lead, Some(due_on)).await?;
        Ok(vec![Facts::T4(LeadFacts { name_by, ..facts })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        // Without this a case that was researched before (another round) could take this way, too.
        if work.case.stage() != Stage::Confirmed {
            return Err(Refusal::moved_on(format!(
                "这件事现在是「{}」，已立题的才定调研负责人。",
                work.case.stage().word()
            )));
        }
        let due_on = self.due_on.unwrap_or_else(|| usual_due(work.ctx, &work.rules));
        work.case.lead_id = self.lead;
        work.move_to(Stage::Researching, Move { due_on: Some(due_on), ..Move::default() }).await?;
        let words = format!("定下调研负责人，开始调研，{}前交报告", plain_date(due_on));
        Ok(Done::new((), Entry::public(words).with(json!({ "lead": self.lead, "due_on": due_on }))))
    }
}

/// Name somebody else while the research is under way.
#[derive(Clone, Debug, Serialize)]
pub struct ReassignLead {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// Who leads from now on.
    pub lead: Option<AccountId>,
    /// By when; `None` leaves the day.
    pub due_on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

impl Step for ReassignLead {
    const KIND: StepKind = StepKind::ReassignLead;
    const JUDGEMENT: Judgement = judged(&[RuleId::T4]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        // A day that stays may be over already: only a new one is judged.
        let usual = usual_due(work.ctx, &work.rules);
        let facts = facts(work, self.lead, Some(self.due_on.unwrap_or(usual))).await?;
        Ok(vec![Facts::T4(LeadFacts { reason: Some(self.reason.clone()), ..facts })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        super::under_way(work)?;
        if work.case.lead_id == self.lead && self.due_on.is_none_or(|day| Some(day) == work.case.due_on) {
            return Err(Refusal::field("lead", "负责人和日期都没有变，不用更换。"));
        }
        work.case.lead_id = self.lead;
        if let Some(due_on) = self.due_on {
            work.case.due_on = Some(due_on);
            work.case.overdue_marked = false;
        }
        work.case.stage_version += 1;
        work.save().await?;
        let ruling =
            crate::topic::model::Ruling { what: Self::KIND.code().to_owned(), reason: self.reason, review_on: None };
        work.add_record(&ruling).await?;
        let due = work.case.due_on;
        Ok(Done::new((), Entry::internal("更换了调研负责人").with(json!({ "lead": self.lead, "due_on": due }))))
    }
}
