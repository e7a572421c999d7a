//! What ends the handling (T12), and what follows from the answers (T13): closing, or doing it again.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use super::{current, open, store};
use crate::access::{Actor, Role, StepKind};
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Move, Step, Work, adds, decides, free, judged};
use crate::error::Refusal;
use crate::evaluation::model::{Counts, Question};
use crate::evaluation::store::Survey;
use crate::ids::{AssignmentId, CaseId, UnitId};
use crate::rules::{CloseFacts, EndFacts, Facts, ResultClass, RuleId, Verdict};
use crate::task::{self, HandedOut, Task, Why};
use crate::topic::model::Ruling;

/// Ask the people concerned, since all tasks are verified (T12).
#[derive(Clone, Debug, Serialize)]
pub struct FinishTracking {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// The days to look again, by the number of the task.
    pub lookbacks: BTreeMap<i64, NaiveDate>,
}

impl FinishTracking {
    /// The facts of T12: the gate's, and those of the page.
    #[must_use]
    pub fn facts_of(&self, tasks: &[Task], today: NaiveDate) -> EndFacts {
        EndFacts { tasks: tasks.iter().map(|task| task.ended(self.lookbacks.get(&task.no).copied(), today)).collect() }
    }
}

impl Step for FinishTracking {
    const KIND: StepKind = StepKind::FinishTracking;
    const JUDGEMENT: Judgement = judged(&[RuleId::T12]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let tasks = task::tasks_in(work.tx, self.case).await?;
        Ok(vec![Facts::T12(self.facts_of(&tasks, work.ctx.today()))])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if work.case.stage() != Stage::Tracking {
            let word = work.case.stage().word();
            return Err(Refusal::moved_on(format!("这件事现在是「{word}」，办理中的才请群众评价。")));
        }
        let tasks = task::tasks_in(work.tx, self.case).await?;
        let mut dated = Vec::new();
        for task in &tasks {
            if task.class().is_some_and(ResultClass::is_looked_back_on)
                && let Some(on) = self.lookbacks.get(&task.no)
            {
                task::look_back_on(work.tx, task.task_id, *on).await?;
                dated.push(json!({ "task": task.task_id, "on": on }));
            }
        }
        let survey = open(work).await?;
        let words = format!("{} 项任务都核实了，请群众评价", tasks.len());
        Ok(Done::new((), Entry::public(words).with(json!({ "survey": survey, "lookbacks": dated }))))
    }
}

/// How often the case went back to the units because people were not satisfied.
pub(super) async fn redone(work: &mut Work<'_>) -> Result<i64, Refusal> {
    let surveys = store::surveys_in(work.tx, work.case.id).await?;
    Ok(redone_of(&surveys))
}

fn redone_of(surveys: &[Survey]) -> i64 {
    let n = surveys.iter().filter(|survey| survey.verdict() == Some(Verdict::Redo)).count();
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The facts of T13: the gate's, and those of the checklist on the page.
#[must_use]
pub fn close_facts(verdict: Verdict, surveys: &[Survey], counts: &Counts, actor: &Actor) -> CloseFacts {
    let survey = surveys.first();
    CloseFacts {
        verdict,
        open_until: survey.and_then(Survey::open_until),
        // Whoever raised it is asked on the own page as soon as there is a survey.
        proposer_asked: survey.is_some(),
        handling: counts.judgements(Question::Handling),
        needed: survey.map_or(0, |survey| survey.needed),
        extended: survey.is_some_and(|survey| survey.extended),
        redone: redone_of(surveys),
        by_district: actor.signed().is_some_and(|me| me.is_anywhere(Role::DistrictOffice)),
        tasks: 0,
        reason: survey.map(|survey| survey.sample_reason.clone()).unwrap_or_default(),
        second_person: survey.is_some_and(|survey| survey.sample_by.is_some() && survey.sample_by != actor.account()),
    }
}

async fn facts_in(work: &mut Work<'_>, verdict: Verdict) -> Result<CloseFacts, Refusal> {
    let surveys = store::surveys_in(work.tx, work.case.id).await?;
    let counts = match surveys.first() {
        Some(survey) => store::counts_in(work.tx, survey.survey_id).await?,
        None => Counts::default(),
    };
    Ok(close_facts(verdict, &surveys, &counts, &work.ctx.actor))
}

/// Closes the case; what is not wholly done is looked back on.
async fn closed(work: &mut Work<'_>, survey: &Survey, verdict: Verdict) -> Result<(), Refusal> {
    store::decide(work.tx, survey.survey_id, verdict).await?;
    let tasks = task::tasks_in(work.tx, work.case.id).await?;
    work.case.looked_back = tasks.iter().any(|task| task.class().is_some_and(ResultClass::is_looked_back_on));
    work.move_to(Stage::Closed, Move::default()).await
}

/// Close the case, since enough people are content.
#[derive(Clone, Debug, Serialize)]
pub struct CloseCase {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
}

impl Step for CloseCase {
    const KIND: StepKind = StepKind::CloseCase;
    const JUDGEMENT: Judgement = judged(&[RuleId::T13]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(vec![Facts::T13(facts_in(work, Verdict::Close).await?)])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let survey = current(work).await?;
        closed(work, &survey, Verdict::Close).await?;
        let words = if work.case.looked_back {
            "评价合格，办结；没有全部解决的继续跟踪"
        } else {
            "评价合格，办结"
        };
        Ok(Done::new((), Entry::public(words).with(json!({ "survey": survey.survey_id }))))
    }
}

/// Ask that a case be closed though too few answered, after one extension.
#[derive(Clone, Debug, Serialize)]
pub struct AskSample {
    /// The case.
    pub case: CaseId,
    /// Why.
    pub reason: String,
}

impl Step for AskSample {
    const KIND: StepKind = StepKind::AskSample;
    const JUDGEMENT: Judgement = free("asking closes nothing; T13 judges the step of the second person");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let survey = current(work).await?;
        if survey.closed_at.is_none() || !survey.extended || survey.answers >= survey.needed {
            return Err(Refusal::moved_on("延长过一次、份数还是不够的，才按样本不足办结（规则 T13）。"));
        }
        let reason = Work::words("reason", "理由", &self.reason, work.rules.topic.body_max)?;
        store::ask_sample(work.tx, survey.survey_id, (work.ctx.actor.account(), &reason)).await?;
        work.case.waits_for = Some(Role::Director.code().to_owned());
        work.save().await?;
        work.add_record(&Ruling { what: Self::KIND.code().to_owned(), reason, review_on: None }).await?;
        let words = "评价份数不够，提请按样本不足办结";
        Ok(Done::new((), Entry::internal(words).with(json!({ "survey": survey.survey_id }))))
    }
}

/// Let it be closed on too few answers: another person than whoever asked.
#[derive(Clone, Debug, Serialize)]
pub struct AllowSample {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
}

impl Step for AllowSample {
    const KIND: StepKind = StepKind::AllowSample;
    const JUDGEMENT: Judgement = judged(&[RuleId::T13]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        Ok(vec![Facts::T13(facts_in(work, Verdict::Sample).await?)])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let survey = current(work).await?;
        closed(work, &survey, Verdict::Sample).await?;
        let words = format!("按样本不足办结：收到 {} 份，要 {} 份", survey.answers, survey.needed);
        Ok(Done::new((), Entry::public(words).with(json!({ "survey": survey.survey_id, "by": survey.sample_by }))))
    }
}

/// A task that is added when a case goes back to the units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redo {
    /// Tasks that are opened again.
    pub tasks: Vec<AssignmentId>,
    /// What is to be done now; public.
    pub words: String,
    /// By when.
    pub due_on: Option<NaiveDate>,
    /// The unit of a new task.
    pub unit: Option<UnitId>,
    /// What the new task is about.
    pub matter: String,
}

impl Redo {
    /// How many tasks that makes.
    #[must_use]
    pub fn count(&self) -> usize {
        self.tasks.len() + usize::from(self.unit.is_some())
    }

    /// The tasks to hand out, from those of the case.
    ///
    /// # Errors
    /// What is missing, at its field.
    pub(super) async fn handed(&self, work: &mut Work<'_>, why: Why) -> Result<Vec<HandedOut>, Refusal> {
        let max = work.rules.topic.body_max;
        let words = Work::words("redo_words", "这次要做什么", &self.words, max)?;
        let due_on = self.due_on.ok_or_else(|| Refusal::field("redo_due", "请写哪一天前办好。"))?;
        let last = work.ctx.today() + chrono::Days::new(u64::from(work.rules.after.reply_days));
        if due_on <= work.ctx.today() || due_on > last {
            let limit = work.rules.shown("after.reply_days").unwrap_or_default();
            return Err(Refusal::field("redo_due", format!("日期要在今天以后、{limit}以内（本镇设定）。")));
        }
        let all = task::all_in(work.tx, work.case.id).await?;
        let mut handed = Vec::new();
        for id in &self.tasks {
            let old = all.iter().find(|task| task.task_id == *id).ok_or(Refusal::NotFound)?;
            handed.push(HandedOut {
                outcome: old.outcome_id,
                matter: old.matter.clone(),
                measure: words.clone(),
                contact: old.contact.clone(),
                lead: old.lead_unit,
                assist: task::assist_of(work.tx, *id).await?,
                due_on,
                quick: false,
                of: Some((*id, why)),
            });
        }
        if let Some(unit) = self.unit {
            let matter = Work::words("redo_matter", "新加的事项", &self.matter, max)?;
            let town = work.case.town_id.clone();
            let found = crate::roster::store::unit_in(work.tx, unit)
                .await?
                .filter(|unit| unit.town_id.as_deref().is_none_or(|of| of == town))
                .ok_or_else(|| Refusal::field("redo_unit", "没有这个承办单位，请从名单里选。"))?;
            handed.push(HandedOut {
                outcome: None,
                matter,
                measure: words,
                contact: found.contact_name,
                lead: unit,
                assist: Vec::new(),
                due_on,
                quick: false,
                of: None,
            });
        }
        if handed.is_empty() {
            return Err(Refusal::field("redo_tasks", "请选哪几项重办，或者新加一项，至少一项。"));
        }
        Ok(handed)
    }
}

/// Send the case back to the units, since people are not satisfied (二次办理).
#[derive(Clone, Debug, Serialize)]
pub struct RedoHandling {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// What is to be done again.
    pub redo: Redo,
}

impl Step for RedoHandling {
    const KIND: StepKind = StepKind::RedoHandling;
    const JUDGEMENT: Judgement = judged(&[RuleId::T13]);
    type Receipt = ();

    decides!();

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let facts = facts_in(work, Verdict::Redo).await?;
        Ok(vec![Facts::T13(CloseFacts { tasks: self.redo.count(), ..facts })])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let survey = current(work).await?;
        store::decide(work.tx, survey.survey_id, Verdict::Redo).await?;
        let times = redone(work).await?;
        let handed = self.redo.handed(work, Why::Redo).await?;
        let tasks = task::hand_out(work, handed).await?;
        let words = format!("群众不满意，第 {times} 次二次办理，{} 项任务", tasks.len());
        Ok(Done::new((), Entry::public(words).with(json!({ "survey": survey.survey_id, "tasks": tasks }))))
    }
}
