//! Writing the plan.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use super::{PLAN, all_good, book, settled, too_long, wrong_time_or_place};
use crate::access::{Role, StepKind};
use crate::case::record::differences;
use crate::case::stage::Stage;
use crate::case::{Change, Done, Entry, Judgement, Step, Target, Work, free};
use crate::error::{Difference, FieldError, Refusal};
use crate::ids::{CaseId, FileId, MeetingId};
use crate::plan::model::{ConsultationPlan, MeetingState};
use crate::plan::store::{self, Planned};
use crate::rules::{RuleSet, local_date};

/// Open seats of one category at most: what a person can have meant.
const SEATS: u32 = 10_000;

/// Save the plan. A changed plan is not approved any more, and holds its room and time from now on.
#[derive(Clone, Debug, Serialize)]
pub struct SavePlan {
    /// The case.
    pub case: CaseId,
    /// The plan's version on the page; 0 when there was none.
    pub seen: i64,
    /// What is planned.
    pub plan: ConsultationPlan,
    /// Whether the director is asked to approve it.
    pub hand_over: bool,
}

/// What is wrong with the plan's fields, whatever is still missing.
fn wrong(plan: &ConsultationPlan, rules: &RuleSet, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = wrong_time_or_place(plan, rules, today);
    let texts = [
        ("notice", &plan.notice),
        ("division", &plan.division),
        ("emergency", &plan.emergency),
        ("urgent_reason", &plan.urgent_reason),
        ("shares_reason", &plan.shares_reason),
    ];
    let agenda = plan.agenda.iter().map(|item| (format!("agenda_{}_words", item.segment.code()), &item.words));
    for (field, text) in texts.into_iter().map(|(field, text)| (field.to_owned(), text)).chain(agenda) {
        errors.extend(too_long(&field, text, rules));
    }
    for (category, seats) in &plan.open_seats {
        if *seats > SEATS {
            let field = format!("open_{}", category.code());
            errors.push(FieldError::new(&field, format!("开放席位最多 {SEATS} 席，请改小。")));
        }
    }
    let last = plan.starts_at.map(local_date);
    if let (Some(until), Some(last)) = (plan.register_by, last)
        && until > last
    {
        errors.push(FieldError::new("register_by", "报名截止日不能晚于开会那天。"));
    }
    let files = plan.materials.len();
    if files > rules.topic.attachments_max as usize {
        let most = rules.topic.attachments_max;
        errors.push(FieldError::new("materials", format!("材料有 {files} 份，最多 {most} 份（本镇设定）。")));
    }
    errors
}

/// Refuses a file that came with the topic or the research: who may see it follows from what it came as, so that a
/// photo of a visit never becomes public by being named among the materials.
async fn only_materials(work: &mut Work<'_>, files: &[FileId]) -> Result<(), Refusal> {
    let (case, mut errors, mut sent) = (work.case.id, Vec::new(), 0_usize);
    for file in files {
        let part = store::part_of(work.tx, case, *file).await?;
        if part.as_deref() == Some("material") {
            continue;
        }
        sent += 1;
        let Some(part) = part else { continue };
        let what = if part == "topic" { "议题的附件" } else { "调研的照片或附件，只在案卷里看" };
        errors.push(FieldError::new(
            "materials",
            format!("新传的第 {sent} 份，案卷里已经有了：{what}。确实要公开的，改个文件名再传一次；不公开的，换一份。"),
        ));
    }
    all_good(errors)
}

impl Step for SavePlan {
    const KIND: StepKind = StepKind::SavePlan;
    const JUDGEMENT: Judgement = free("a plan may be unfinished; T6 judges it when it is approved and announced");
    type Receipt = MeetingId;

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: PLAN, seen: self.seen }
    }

    fn differences(&self, stored: &str) -> Vec<Difference> {
        crate::case::store::read::<ConsultationPlan>(stored)
            .map(|theirs| differences(&theirs, &self.plan))
            .unwrap_or_default()
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<MeetingId>, Refusal> {
        if work.case.stage() != Stage::Planned {
            return Err(Refusal::moved_on(format!(
                "这件事现在是「{}」，只有筹备中的议题能改方案。已公示的请用改期；要改议程、换材料的，改期时勾上「要商量的内容也变了」。",
                work.case.stage().word()
            )));
        }
        all_good(wrong(&self.plan, &work.rules, work.ctx.today()))?;
        let (times, format) = settled(&self.plan, work.ctx.now())?;
        let mut plan = self.plan;
        if !format.needs_room() {
            plan.room = None;
            plan.room_name.clear();
        }
        if let Some(room) = plan.room {
            book(work, room, times).await?;
        }
        for (field, person) in [("chair", plan.chair), ("recorder", plan.recorder)] {
            if let Some(account) = person
                && !store::is_colleague(work.tx, account, &work.case.town_id).await?
            {
                return Err(Refusal::field(field, "请从本镇有账号的人里选。"));
            }
        }
        let case = work.case.id;
        let before = store::meeting_in(work.tx, case).await?;
        // One that was held stays as it was: what is planned now is the next meeting of the case.
        let (meeting, round) = match &before {
            Some(m) if m.state.0 != MeetingState::Held => (m.meeting_id, m.round),
            before => (MeetingId(work.ctx.new_id()), before.as_ref().map_or(1, |m| m.round + 1)),
        };
        only_materials(work, &plan.materials).await?;
        store::attach(work.tx, case, &plan.materials).await?;
        let version = work.add_record(&plan).await?;
        let new = Planned {
            meeting,
            case,
            round,
            state: MeetingState::Planning,
            plan: &plan,
            times,
            format,
            prepared_by: work.ctx.actor.account(),
        };
        store::put_meeting(work.tx, new).await?;
        let waits = if self.hand_over { Role::Director } else { Role::Officer };
        work.case.waits_for = Some(waits.code().to_owned());
        work.save().await?;
        let words = if self.hand_over { "协商方案已送工委主任审批" } else { "协商方案已保存" };
        let entry = Entry::internal(format!("{words}（第 {version} 版）"));
        Ok(Done::new(meeting, entry.with(json!({ "version": version, "meeting": meeting, "room": plan.room }))))
    }
}
