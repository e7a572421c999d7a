//! The shortest way to a closed case, for stories.

use std::collections::BTreeMap;

use super::clock;
use super::model::{Question, Satisfaction};
use super::steps::{AnswerSurvey, Answers, CloseCase, FinishTracking};
use crate::access::Actor;
use crate::error::Refusal;
use crate::ids::{AssignmentId, CaseId, InviteeId};
use crate::meeting::testing::{by_link, presence};
use crate::rules::{Category, ResultClass};
use crate::task::testing::{done, tracked};
use crate::topic::testing::World;

/// Asks the people concerned, with days to look again where they are needed.
pub(crate) async fn finish(world: &World, case: CaseId) -> Result<(), Refusal> {
    let seen = world.case(case).await.stage_version;
    let tasks = crate::task::round_of(crate::task::of_case(&world.ctx.db, case).await.unwrap());
    let lookbacks: BTreeMap<i64, chrono::NaiveDate> = tasks
        .iter()
        .filter(|task| task.class().is_some_and(ResultClass::is_looked_back_on))
        .map(|task| (task.no, world.ctx.today() + chrono::Days::new(180)))
        .collect();
    world.step(&world.officer, FinishTracking { case, seen, lookbacks }).await
}

/// The same answer to every question.
pub(crate) fn all(answer: Satisfaction) -> Answers {
    Answers { chosen: Question::ALL.iter().map(|question| (*question, answer)).collect(), words: String::new() }
}

pub(crate) async fn answer(world: &World, by: &Actor, case: CaseId, answers: Answers) -> Result<(), Refusal> {
    world.step(by, AnswerSurvey { case, follow: None, answers }).await
}

/// Whoever was at the meeting and may judge.
pub(crate) async fn judges(world: &World, case: CaseId) -> Vec<InviteeId> {
    let people = presence(world, case).await.people;
    people.iter().filter(|one| one.category.0 != Category::Department).map(|one| one.invitee_id).collect()
}

/// A case whose tasks are done and whose people are asked.
pub(crate) async fn asked(world: &World, class: ResultClass) -> (CaseId, AssignmentId, Actor) {
    let (case, task, handler) = tracked(world).await;
    done(world, &handler, (case, task), class).await;
    finish(world, case).await.unwrap();
    (case, task, handler)
}

/// So many answer, all in the same way, and the survey is closed.
pub(crate) async fn answered(world: &World, case: CaseId, answer_of: Satisfaction) {
    for invitee in judges(world, case).await {
        answer(world, &by_link(case, invitee), case, all(answer_of)).await.unwrap();
    }
    world.pass_days(8);
    assert_eq!(clock::run_due(&world.ctx).await.unwrap(), 1);
}

pub(crate) async fn close(world: &World, case: CaseId) -> Result<(), Refusal> {
    let seen = world.case(case).await.stage_version;
    world.step(&world.officer, CloseCase { case, seen }).await
}

/// A closed case.
pub(crate) async fn closed(world: &World, class: ResultClass) -> (CaseId, AssignmentId, Actor) {
    let (case, task, handler) = asked(world, class).await;
    answered(world, case, Satisfaction::Satisfied).await;
    close(world, case).await.unwrap();
    (case, task, handler)
}
