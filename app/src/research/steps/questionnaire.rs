//! Questionnaires: opened to residents, answered once a browser, closed by hand or on their day.
//!
//! An answer leaves no way back to who gave it: neither the form's payload nor the ledger nor a receipt holds a choice.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free};
use crate::error::Refusal;
use crate::ids::{CaseId, QuestionnaireId};
use crate::research::model::{Answers, Questionnaire, answer_faults, questionnaire_faults};
use crate::research::store;
use crate::rules::plain_date;

/// Open a questionnaire to residents.
#[derive(Clone, Debug, Serialize)]
pub struct OpenQuestionnaire {
    /// The case.
    pub case: CaseId,
    /// The new questionnaire; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub id: Option<QuestionnaireId>,
    /// What is asked.
    pub asked: Questionnaire,
    /// The last day.
    pub closes_on: Option<NaiveDate>,
}

/// The questionnaire that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Its id.
    pub questionnaire: QuestionnaireId,
}

impl Step for OpenQuestionnaire {
    const KIND: StepKind = StepKind::OpenQuestionnaire;
    const JUDGEMENT: Judgement = free("asking is open to the research; T5 counts people who were met");
    type Receipt = Opened;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<Opened>, Refusal> {
        super::under_way(work)?;
        let topic = &work.rules.topic;
        let mut faults = questionnaire_faults(&self.asked, topic.title_max, topic.body_max);
        let closes_on = self.closes_on.filter(|day| *day >= work.ctx.today());
        if closes_on.is_none() {
            faults.push(("closes_on".to_owned(), "请写截止日期，今天或以后。".to_owned()));
        }
        Refusal::when_wrong(faults)?;
        let (id, closes_on) = (super::given(self.id)?, super::given(closes_on)?);
        let round = store::round_in(work.tx, self.case).await?.no;
        store::insert_questionnaire(work.tx, work.ctx, (id, self.case, round), &self.asked, closes_on).await?;
        let words = format!("开了一份问卷，{}截止", plain_date(closes_on));
        let data = json!({ "questionnaire": id, "closes_on": closes_on });
        Ok(Done::new(Opened { questionnaire: id }, Entry::public(words).with(data)))
    }
}

/// Answer a questionnaire.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerQuestionnaire {
    /// The case.
    pub case: CaseId,
    /// The questionnaire.
    pub questionnaire: QuestionnaireId,
    /// The answers; not part of what is kept of a step.
    #[serde(skip)]
    pub answers: Answers,
}

impl Step for AnswerQuestionnaire {
    const KIND: StepKind = StepKind::AnswerQuestionnaire;
    const JUDGEMENT: Judgement = free("everybody may say what they think, once a browser");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let id = self.questionnaire;
        let asked = store::questionnaire_in(work.tx, self.case, id).await?;
        if !asked.is_open(work.ctx.today()) {
            return Err(Refusal::Gone("这份问卷已经截止，不再收答卷。".to_owned()));
        }
        Refusal::when_wrong(answer_faults(&asked.asked, &self.answers))?;
        let visitor = work.ctx.actor.visitor();
        if visitor.browser.is_empty() || !store::mark_answered(work.tx, id, &visitor.browser).await? {
            return Err(Refusal::moved_on("这个浏览器已经答过了，一个浏览器答一次。"));
        }
        for question in self.answers.questions() {
            store::count(work.tx, id, (question, 0)).await?;
        }
        let mut chosen = self.answers.chosen;
        chosen.sort_unstable();
        chosen.dedup();
        for choice in chosen {
            store::count(work.tx, id, choice).await?;
        }
        for (question, words) in self.answers.words {
            store::add_words(work.tx, id, question, &words).await?;
        }
        Ok(Done::new((), Entry::silent().with(json!({ "questionnaire": id }))))
    }
}

/// Close a questionnaire and keep what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct CloseQuestionnaire {
    /// The case.
    pub case: CaseId,
    /// The questionnaire.
    pub questionnaire: QuestionnaireId,
}

impl Step for CloseQuestionnaire {
    const KIND: StepKind = StepKind::CloseQuestionnaire;
    const JUDGEMENT: Judgement = free("it ends what was opened; nothing is decided by it");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let id = self.questionnaire;
        let asked = store::questionnaire_in(work.tx, self.case, id).await?;
        if asked.closed_at.is_some() {
            return Err(Refusal::moved_on("这份问卷已经收了，请刷新页面看结果。"));
        }
        let results = store::results(work.tx, id, &asked.asked).await?;
        let text = serde_json::to_string(&results).map_err(|e| Refusal::internal(&e))?;
        let seq = work.seq;
        let salt = work.enter_private(&format!("questionnaire:{seq}"), &text);
        store::close(work.tx, work.ctx, id, &text, (&salt, seq)).await?;
        let words = format!("问卷收了，共 {} 份答卷", asked.answers);
        let data = json!({ "questionnaire": id, "answers": asked.answers });
        let public = work.case.is_public && work.case.stage() != Stage::Terminated;
        let entry = if public { Entry::public(words) } else { Entry::internal(words) };
        Ok(Done::new((), entry.with(data)))
    }
}
