//! Announcing the meeting (T6, and the notice clock of T7).

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::json;

use super::{PLAN, Surroundings, allowed_for, notice_facts, plan_facts, planned, settled};
use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::case::{Change, Done, Entry, Judgement, Move, Step, Target, Work, judged};
use crate::error::Refusal;
use crate::ids::{CaseId, MeetingId};
use crate::invitation::answer::steps::pass_on;
use crate::jobs;
use crate::plan::model::{Allowances, ConsultationPlan, when};
use crate::plan::store;
use crate::rules::{Facts, PlanMoment, RuleId, local_date, notice_given};

/// Announce the meeting: the notice becomes public, the people on the list are asked, the open seats open.
#[derive(Clone, Debug, Serialize)]
pub struct Announce {
    /// The case.
    pub case: CaseId,
    /// The plan's version that was read.
    pub seen: i64,
}

/// Where a meeting takes place, in words for everybody.
pub(super) fn place(plan: &ConsultationPlan) -> String {
    if plan.room_name.is_empty() { "线上".to_owned() } else { plan.room_name.clone() }
}

impl Step for Announce {
    const KIND: StepKind = StepKind::Announce;
    const JUDGEMENT: Judgement = judged(&[RuleId::T6, RuleId::T7]);
    type Receipt = MeetingId;

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: PLAN, seen: self.seen }
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let (version, plan, meeting) = planned(work).await?;
        let around = Surroundings::in_step(work, &meeting, &plan).await?;
        let allowed = allowed_for(work.newest::<Allowances>().await?.map(|(_, a)| a), version);
        let when = (PlanMoment::Announcing, None);
        Ok(vec![
            plan_facts(&plan, Some(&meeting), &around, when, allowed.shares.is_some(), work.case.due_on),
            notice_facts(&plan, allowed.urgent.is_some()),
        ])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<MeetingId>, Refusal> {
        let now = work.ctx.now();
        let (version, plan, meeting) = planned(work).await?;
        let ((from, to), _) = settled(&plan, now)?;
        let allowed = allowed_for(work.newest::<Allowances>().await?.map(|(_, a)| a), version);
        let meets_on = local_date(from);
        let given = notice_given(work.ctx.today(), meets_on);
        let urgent = given < i64::from(work.rules.notice.days);
        work.move_to(Stage::Announced, Move { due_on: Some(meets_on), ..Move::default() }).await?;
        let (case, id) = (work.case.id, meeting.meeting_id);
        let sequence = store::announce(work.tx, id, now, (urgent, version)).await?;
        store::release(work.tx, case, &plan.materials).await?;
        store::open_seats(work.tx, id, &plan.open_seats).await?;
        let invited = store::invite_listed(work.tx, id).await?;
        let until = from.min(now + TimeDelta::hours(i64::from(work.rules.notice.waitlist_confirm_hours)));
        store::renew_offers(work.tx, id, until).await?;
        for (category, _) in &plan.open_seats {
            pass_on(work, id, *category).await?;
        }
        let key = format!("announce:{id}:{sequence}");
        jobs::add(work.tx, work.ctx, Some(&key), "announce", &json!({ "meeting": id }), now).await?;
        let data = json!({
            "meeting": id, "version": version, "invited": invited, "notice_days": given, "urgent": urgent,
            "shares_excepted": allowed.shares.is_some(),
        });
        let words = if urgent { "紧急公示协商会" } else { "公示协商会" };
        let words = format!("{words}：{}，{}", when(from, to), place(&plan));
        Ok(Done::new(id, Entry::public(words).with(data)))
    }
}
