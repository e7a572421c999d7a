//! Answering the survey, for oneself or by telephone, and closing it on its day.

use chrono::Days;
use serde::Serialize;
use serde_json::json;

use super::{current, store};
use crate::access::{Actor, Role, StepKind};
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free};
use crate::error::{FieldError, Refusal};
use crate::evaluation::model::{Question, Satisfaction, Voter};
use crate::ids::{CaseId, FollowId, InviteeId, SurveyId};
use crate::rules::{is_blank, plain_date};

/// What is answered. It is in no payload, receipt, entry or log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// One answer to each question.
    pub chosen: Vec<(Question, Satisfaction)>,
    /// What one has to say.
    pub words: String,
}

/// Counts answers and keeps words apart from whoever gave them.
async fn keep(work: &mut Work<'_>, survey: SurveyId, voter: Voter, answers: &Answers) -> Result<(), Refusal> {
    let missing: Vec<FieldError> = Question::ALL
        .iter()
        .filter(|question| !answers.chosen.iter().any(|(asked, _)| asked == *question))
        .map(|question| FieldError::new(question.code(), format!("请选：{}。", question.word())))
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::Invalid(missing));
    }
    let words = if is_blank(&answers.words) {
        String::new()
    } else {
        Work::words("words", "想说的话", &answers.words, work.rules.topic.body_max)?
    };
    if !store::has_answered(work.tx, survey, voter.key()).await? {
        return Err(Refusal::moved_on("已经评价过了，每人一次。谢谢您。"));
    }
    for (question, answer) in &answers.chosen {
        store::count(work.tx, survey, *question, *answer).await?;
    }
    if !words.is_empty() {
        let place = work.ctx.random.token();
        store::add_words(work.tx, survey, place, &words).await?;
    }
    store::one_more(work.tx, survey).await?;
    Ok(())
}

/// Answer the survey, by the own link.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerSurvey {
    /// The case.
    pub case: CaseId,
    /// Whoever follows the topic, by that link; its page has checked it.
    pub follow: Option<FollowId>,
    /// What is answered.
    #[serde(skip)]
    pub answers: Answers,
}

impl Step for AnswerSurvey {
    const KIND: StepKind = StepKind::AnswerSurvey;
    const JUDGEMENT: Judgement = free("whoever is asked answers as he likes; T13 looks at all answers together");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let survey = current(work).await?;
        if survey.closed_at.is_some() || work.ctx.today() > survey.closes_on {
            return Err(Refusal::moved_on("评价的时间过了。还有话说的，请打给镇政协工委。"));
        }
        let voter = match (&work.ctx.actor, self.follow) {
            (Actor::Proposer { .. }, _) => Voter::Proposer,
            (Actor::Invitee { invitee, .. }, _) => Voter::Invitee(*invitee),
            (_, Some(follow)) => Voter::Follower(follow),
            (Actor::Signed(me, _), None) if work.case.proposer_id == Some(me.account) => Voter::Proposer,
            _ => return Err(Refusal::NotFound),
        };
        if let Voter::Invitee(invitee) = voter
            && !store::may_judge(work.tx, self.case, invitee).await?
        {
            return Err(Refusal::moved_on("请到过会、又不是承办单位的人来评价。"));
        }
        keep(work, survey.survey_id, voter, &self.answers).await?;
        Ok(Done::new((), Entry::silent().unnamed().with(json!({ "survey": survey.survey_id }))))
    }
}

/// Record a judgement that came by telephone.
#[derive(Clone, Debug, Serialize)]
pub struct RecordJudgement {
    /// The case.
    pub case: CaseId,
    /// Who called; none for whoever raised the topic.
    pub invitee: Option<InviteeId>,
    /// What is answered.
    #[serde(skip)]
    pub answers: Answers,
}

impl Step for RecordJudgement {
    const KIND: StepKind = StepKind::RecordJudgement;
    const JUDGEMENT: Judgement = free("as for the own link; that it is none of the unit is asked inside the step");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let survey = current(work).await?;
        if survey.closed_at.is_some() {
            return Err(Refusal::moved_on("评价已经结束，不再记。"));
        }
        let mine = crate::task::units_of(&work.ctx.actor);
        let units = crate::task::units_in(work.tx, self.case).await?;
        if units.iter().any(|unit| mine.contains(unit)) {
            return Err(Refusal::Forbidden { who: "不在承办单位的工委干事".to_owned() });
        }
        let voter = self.invitee.map_or(Voter::Proposer, Voter::Invitee);
        if let Voter::Invitee(invitee) = voter
            && !store::may_judge(work.tx, self.case, invitee).await?
        {
            return Err(Refusal::field("invitee", "请选到过会、又不是承办单位的人。"));
        }
        keep(work, survey.survey_id, voter, &self.answers).await?;
        Ok(Done::new((), Entry::internal("代录了一份评价").with(json!({ "survey": survey.survey_id }))))
    }
}

/// Close a survey whose last day is over, or extend it once when too few answered.
#[derive(Clone, Debug, Serialize)]
pub struct CloseSurvey {
    /// The case.
    pub case: CaseId,
}

impl Step for CloseSurvey {
    const KIND: StepKind = StepKind::CloseSurvey;
    const JUDGEMENT: Judgement = free("what follows from the answers is T13's to judge, in the steps that follow");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let survey = current(work).await?;
        let today = work.ctx.today();
        if survey.closed_at.is_some() || today <= survey.closes_on {
            return Err(Refusal::moved_on("评价还没有到期，或者已经结束。"));
        }
        let id = survey.survey_id;
        if survey.answers < survey.needed && !survey.extended {
            let to = today + Days::new(u64::from(work.rules.survey.extend_days));
            store::extend(work.tx, id, to).await?;
            work.case.due_on = Some(to);
            work.save().await?;
            let words = format!("收到 {} 份评价，不够数，延长到{}", survey.answers, plain_date(to));
            return Ok(Done::new((), Entry::public(words).with(json!({ "survey": id, "until": to }))));
        }
        store::close(work.tx, id, work.ctx.now()).await?;
        store::shuffle(work.tx, id).await?;
        let counts = store::counts_in(work.tx, id).await?;
        let handling = counts.judgements(Question::Handling);
        let redone = super::close::redone(work).await?;
        let beyond = handling.all() >= survey.needed
            && !handling.passes(&work.rules)
            && redone >= i64::from(work.rules.survey.redo_max);
        let days = work.rules.flow.finish_workdays;
        work.case.due_on = Some(work.ctx.shared.calendar().add_workdays(today, days));
        work.case.overdue_marked = false;
        let role = if beyond { Role::DistrictOffice } else { Role::Officer };
        work.case.waits_for = Some(role.code().to_owned());
        work.save().await?;
        let data = json!({
            "survey": id, "answers": survey.answers, "needed": survey.needed,
            "handling": [handling.satisfied, handling.mostly, handling.not],
        });
        let words = format!("评价结束，收到 {} 份", survey.answers);
        Ok(Done::new((), Entry::public(words).with(data)))
    }
}
