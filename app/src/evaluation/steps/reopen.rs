//! What comes back after the closing: a resident's 「又出现了」, and the look-back on what was not wholly done.

use chrono::{Days, NaiveDate};
use serde::Serialize;
use serde_json::json;

use super::close::Redo;
use super::store;
use crate::access::{Role, StepKind};
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free};
use crate::error::Refusal;
use crate::ids::{AssignmentId, CaseId, ReopeningId};
use crate::rules::{finds_id_number, has_control, is_blank, local_date, plain_date};
use crate::task::{self, HandedOut, Why};

/// Say that it came up again, within `close.lookback_days` of the closing.
#[derive(Clone, Debug, Serialize)]
pub struct AskReopening {
    /// The case.
    pub case: CaseId,
    /// The new row; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub reopening: Option<ReopeningId>,
    /// What was seen.
    pub words: String,
    /// How to reach the person; may be left out.
    pub contact: String,
    /// Whether the person agrees that the contact is kept.
    pub consent: bool,
}

impl Step for AskReopening {
    const KIND: StepKind = StepKind::AskReopening;
    const JUDGEMENT: Judgement = free("anybody may say so; the officer looks within `flow.reopen_look_workdays`");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if !matches!(work.case.stage(), Stage::Closed | Stage::Archived) {
            return Err(Refusal::moved_on("这件事还没有办结，有话请在下面留言。"));
        }
        let days = work.rules.close.lookback_days;
        let closed = store::closed_on(work.tx, self.case).await?.map_or(work.ctx.today(), local_date);
        if work.ctx.today() > closed + Days::new(u64::from(days)) {
            let words = format!("这件事{}办结，过了 {days} 天（本镇设定）。请重新提一件议题。", plain_date(closed));
            return Err(Refusal::field("words", words));
        }
        let words = Work::words("words", "看到的情况", &self.words, work.rules.topic.body_max)?;
        let contact = contact(&self.contact, work.rules.topic.name_max)?;
        if !contact.is_empty() && !self.consent {
            return Err(Refusal::field("consent", "留了联系方式，请勾选同意保存；不想留的，把它删掉。"));
        }
        let id = self.reopening.ok_or(Refusal::NotFound)?;
        let look = work.rules.flow.reopen_look_workdays;
        let due_on = work.ctx.shared.calendar().add_workdays(work.ctx.today(), look);
        let salt = work.enter_private(&format!("reopening:{}", work.seq), &format!("{words}|{contact}"));
        let at = (work.ctx.now(), due_on);
        store::insert_reopening(work.tx, (id, self.case), (&words, &contact), at, (salt, work.seq)).await?;
        work.case.due_on = Some(work.case.due_on.map_or(due_on, |before| before.min(due_on)));
        work.case.waits_for = Some(Role::Officer.code().to_owned());
        work.save().await?;
        let said = format!("有居民说又出现了，工委{}前去看", plain_date(due_on));
        Ok(Done::new((), Entry::public(said).with(json!({ "reopening": id, "due_on": due_on }))))
    }
}

fn contact(text: &str, max: u32) -> Result<String, Refusal> {
    let text = text.trim();
    if is_blank(text) {
        return Ok(String::new());
    }
    if has_control(text) || finds_id_number(text) || text.chars().count() > max as usize {
        return Err(Refusal::field("contact", "请只写一个手机号或邮箱。"));
    }
    Ok(text.to_owned())
}

/// Open the question again, or say why not.
#[derive(Clone, Debug, Serialize)]
pub struct DecideReopening {
    /// The case.
    pub case: CaseId,
    /// What was said.
    pub reopening: ReopeningId,
    /// Whether it is opened again.
    pub accepted: Option<bool>,
    /// Why, or why not; public.
    pub reason: String,
    /// What is to be done, where it is opened again.
    pub redo: Redo,
}

impl Step for DecideReopening {
    const KIND: StepKind = StepKind::DecideReopening;
    const JUDGEMENT: Judgement =
        free("the officer has looked and says what he saw; a way back opens at least one task");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let all = store::reopenings_in(work.tx, self.case).await?;
        let found = all.iter().find(|one| one.reopening_id == self.reopening).ok_or(Refusal::NotFound)?;
        if found.decided_at.is_some() {
            return Err(Refusal::moved_on("这一条已经答复过了，请刷新页面看最新情况。"));
        }
        let accepted = self.accepted.ok_or_else(|| Refusal::field("accepted", "请选重新办还是不重新办。"))?;
        let reason = Work::words("reason", "看过的情况", &self.reason, work.rules.topic.body_max)?;
        let by = (work.ctx.now(), work.ctx.actor.account());
        store::decide_reopening(work.tx, self.reopening, (accepted, &reason), by).await?;
        let data = json!({ "reopening": self.reopening, "accepted": accepted });
        if accepted && matches!(work.case.stage(), Stage::Closed | Stage::Archived) {
            let handed = self.redo.handed(work, Why::Reopened).await?;
            task::hand_out(work, handed).await?;
            let said = format!("又出现的情况属实，重新办理：{reason}");
            return Ok(Done::new((), Entry::public(said).with(data)));
        }
        if work.case.stage() == Stage::Archived
            && !all.iter().any(|one| one.decided_at.is_none() && one.reopening_id != self.reopening)
        {
            work.case.due_on = None;
            work.case.waits_for = None;
            work.save().await?;
        }
        let said = if accepted {
            "又出现的情况，正在一并办理"
        } else {
            "又出现的情况看过了，不重新办理"
        };
        Ok(Done::new((), Entry::public(format!("{said}：{reason}")).with(data)))
    }
}

/// Look again at what was not wholly done: a task for the same unit.
#[derive(Clone, Debug, Serialize)]
pub struct OpenLookBack {
    /// The case.
    pub case: CaseId,
    /// The tasks whose day has come.
    pub tasks: Vec<AssignmentId>,
}

/// What the unit is asked on a look-back.
const LOOK_BACK: &str = "回头看：现在办得怎么样了，请去看过再答复；还没有全部解决的，写明新的日期。";

impl Step for OpenLookBack {
    const KIND: StepKind = StepKind::OpenLookBack;
    const JUDGEMENT: Judgement = free("T12 set the day; the clock opens the task that T14 asks for");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if !matches!(work.case.stage(), Stage::Closed | Stage::Archived) {
            return Err(Refusal::moved_on("这件事已经在办理中，一并看。"));
        }
        let all = task::all_in(work.tx, self.case).await?;
        let today = work.ctx.today();
        let days = work.rules.after.quick_reply_workdays;
        let due_on: NaiveDate = work.ctx.shared.calendar().add_workdays(today, days);
        let mut handed = Vec::new();
        for task in all {
            if !self.tasks.contains(&task.task_id) || task.lookback_on.is_none_or(|on| on > today) {
                continue;
            }
            handed.push(HandedOut {
                outcome: task.outcome_id,
                matter: task.matter,
                measure: LOOK_BACK.to_owned(),
                contact: task.contact,
                lead: task.lead_unit,
                assist: task::assist_of(work.tx, task.task_id).await?,
                due_on,
                quick: true,
                of: Some((task.task_id, Why::LookBack)),
            });
        }
        if handed.is_empty() {
            return Err(Refusal::moved_on("没有到期的回头看。"));
        }
        let tasks = task::hand_out(work, handed).await?;
        let words = format!("回头看的日子到了，{} 项请原单位再看", tasks.len());
        Ok(Done::new((), Entry::public(words).with(json!({ "tasks": tasks }))))
    }
}
