//! Random histories: anybody does anything in any order, the clock jumps, most of it is refused. Whatever happens, nothing
//! that is open is ever without somebody whom it waits for and a day, and the ledger tells the whole story again.

use std::collections::BTreeMap;

use chrono::Days;

use super::stage::Stage;
use super::store::{self as cases, Case};
use crate::access::{Actor, Visitor};
use crate::archive::model::PublishedResult;
use crate::archive::steps::{ArchiveCase, PublishResult};
use crate::error::Refusal;
use crate::evaluation::model::Satisfaction;
use crate::evaluation::steps::{
    AllowSample, AnswerSurvey, AskReopening, AskSample, CloseCase, DecideReopening, FinishTracking, RecordJudgement,
    Redo, RedoHandling,
};
use crate::evaluation::testing::all;
use crate::ids::{AssignmentId, CaseId, InviteeId, ReopeningId, UnitId};
use crate::ledger::{self, Stream, verify};
use crate::meeting::testing::by_link;
use crate::minutes::testing::signed;
use crate::outcome::model::{Decision, Office};
use crate::outcome::steps::{AssignTasks, DecideOutcome, ReceiveReport, ReportOutcome};
use crate::outcome::testing::{adopted, government};
use crate::research::steps::AssignLead;
use crate::rules::{Adoption, ResultClass};
use crate::storage::testing::each_engine;
use crate::storage::{Database, Engine};
use crate::task::model::TaskState;
use crate::task::steps::{
    AskExtension, DecideExtension, DeclineTask, PlanWork, ReassignTask, ReplyTask, ReportProgress, SendBackTask,
    SignTask, Supervise, VerifyTask,
};
use crate::task::testing::{photo, unit};
use crate::task::{Task, of_case};
use crate::topic::model::Ruling;
use crate::topic::steps::{
    ConfirmTopic, DeclineTopic, FreezeCase, PrepareConfirmation, ResumeTopic, ReturnTopic, SuspendTopic,
    TerminateTopic, UnfreezeCase,
};
use crate::topic::testing::{World, accept, approval, decision, visitor};

/// Chance from a seed: the same history each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn yes(&mut self, in_hundred: usize) -> bool {
        self.below(100) < in_hundred
    }
}

/// The town of a history.
struct Town {
    world: World,
    government: Actor,
    units: Vec<(UnitId, Actor)>,
    /// Cases under way, with somebody who was at the meeting where there was one; those with a meeting first.
    cases: Vec<(CaseId, Option<InviteeId>)>,
    /// Those that have ended for good.
    ended: Vec<(CaseId, Option<InviteeId>)>,
    carried_out: usize,
}

impl Town {
    async fn new(db: &Database, meetings: usize) -> Self {
        let world = World::new(db).await;
        let mut units = Vec::new();
        for name in ["水务站", "城管中队"] {
            units.push(unit(&world, name).await);
        }
        let mut list = Vec::new();
        for _ in 0..meetings {
            let (case, speaker) = signed(&world, false).await;
            list.push((case, Some(speaker)));
        }
        let government = government(&world).await;
        Self { world, government, units, cases: list, ended: Vec::new(), carried_out: 0 }
    }

    fn everybody(&self) -> Vec<Actor> {
        let world = &self.world;
        let mut all = vec![
            world.officer.clone(),
            world.director.clone(),
            world.approver.clone(),
            world.stranger.clone(),
            world.district.clone(),
            self.government.clone(),
            visitor("anybody"),
            Actor::Clock,
        ];
        all.extend(self.units.iter().map(|unit| unit.1.clone()));
        all
    }

    /// One thing is tried, by whoever should or by anybody.
    async fn try_one(&mut self, chance: &mut Chance) {
        match chance.below(100) {
            0 | 1 => self.world.pass_days(i64::try_from(chance.below(20)).unwrap()),
            2 | 3 => {
                for done in [
                    crate::task::clock::run_due(&self.world.ctx).await,
                    crate::evaluation::clock::run_due(&self.world.ctx).await,
                    crate::topic::clock::run_due(&self.world.ctx).await,
                ] {
                    self.carried_out += done.expect("the clock is never refused");
                }
            }
            4 if chance.yes(10) => self.renew().await,
            _ => {
                // Those that had a meeting have the longer way; many of the others end soon.
                let met = self.cases.iter().filter(|one| one.1.is_some()).count();
                let from = if chance.yes(80) { &self.cases[..met] } else { &self.cases[..] };
                let (case, speaker) = *chance.one(from);
                let found = self.world.case(case).await;
                match self.act(chance, &found, speaker).await {
                    Ok(()) => self.carried_out += 1,
                    Err(Refusal::Internal { id }) => panic!("an error of our own: {id}"),
                    Err(_) => {}
                }
            }
        }
    }

    /// What has ended makes room for something new.
    async fn renew(&mut self) {
        let (today, mut over) = (self.world.ctx.today(), Vec::new());
        for (case, speaker) in std::mem::take(&mut self.cases) {
            let found = self.world.case(case).await;
            let old = crate::rules::local_date(found.stage_since) + Days::new(200) < today;
            let dead = found.stage().is_ended() && (found.stage() != Stage::Archived || old);
            if dead { over.push((case, speaker)) } else { self.cases.push((case, speaker)) }
        }
        self.ended.extend(over);
        if self.cases.iter().filter(|one| one.1.is_some()).count() < 6 {
            let (case, speaker) = signed(&self.world, false).await;
            self.cases.insert(0, (case, Some(speaker)));
        }
        if self.cases.len() < 16 {
            let case = self.world.submitted("步道路灯什么时候修").await;
            self.cases.push((case, None));
        }
    }

    async fn act(&self, chance: &mut Chance, found: &Case, speaker: Option<InviteeId>) -> Result<(), Refusal> {
        let who = chance.yes(20).then(|| chance.one(&self.everybody()).clone());
        let kind = if chance.yes(10) { *chance.one(Stage::ALL) } else { found.stage() };
        if chance.yes(3) {
            return self.watch(chance, found, who).await;
        }
        match kind {
            Stage::Submitted | Stage::Accepted | Stage::Returned | Stage::Suspended | Stage::Confirmed => {
                self.choose(chance, found, who).await
            }
            Stage::Minuted | Stage::Reported => self.hand_out(chance, found, who).await,
            Stage::Tracking => self.handle(chance, found, who).await,
            _ => self.judge(chance, found, (who, speaker)).await,
        }
    }

    /// Screening, choosing, putting on hold.
    async fn choose(&self, chance: &mut Chance, found: &Case, who: Option<Actor>) -> Result<(), Refusal> {
        let (world, case, seen) = (&self.world, found.id, found.stage_version);
        let or = |actor: &Actor| who.clone().unwrap_or_else(|| actor.clone());
        let reason = || "镇里商量过".to_owned();
        match chance.below(10) {
            0..=2 => world.step(&or(&world.officer), accept(case, seen, "步道路灯")).await,
            3 => {
                let step = ReturnTopic { decision: decision(case, seen), question: "有几盏不亮？".to_owned() };
                world.step(&or(&world.officer), step).await
            }
            4 => {
                let step = DeclineTopic { decision: decision(case, seen), exclusion: None };
                if chance.yes(10) { world.step(&or(&world.officer), step).await } else { Ok(()) }
            }
            5 => {
                let step = PrepareConfirmation { case, seen: 0, approval: approval() };
                world.step(&or(&world.director), step).await
            }
            6 => world.step(&or(&world.approver), ConfirmTopic { case, seen: 1, reason: reason() }).await,
            7 => {
                let step = SuspendTopic { case, seen, reason: reason(), review_on: None };
                world.step(&or(&world.director), step).await
            }
            8 => world.step(&or(&world.director), ResumeTopic { case, seen, reason: reason() }).await,
            _ if chance.yes(10) => {
                world.step(&or(&world.approver), TerminateTopic { case, seen, reason: reason() }).await
            }
            _ => {
                let lead = world.officer.account();
                world.step(&or(&world.director), AssignLead { case, seen, lead, due_on: None }).await
            }
        }
    }

    /// The report, the decisions, the hand-out.
    async fn hand_out(&self, chance: &mut Chance, found: &Case, who: Option<Actor>) -> Result<(), Refusal> {
        let (world, case, seen) = (&self.world, found.id, found.stage_version);
        let or = |actor: &Actor| who.clone().unwrap_or_else(|| actor.clone());
        let minutes = crate::minutes::all(&world.ctx.db, case).await.unwrap().first().map(|one| one.minutes_id);
        let Some(minutes) = minutes else { return Ok(()) };
        match chance.below(5) {
            0 => {
                let offices = if chance.yes(50) { Office::ALL.to_vec() } else { vec![Office::Party] };
                world.step(&or(&world.officer), ReportOutcome { case, seen, minutes, offices }).await
            }
            1 => {
                let office = *chance.one(Office::ALL);
                let by = if office == Office::Party { &world.approver } else { &self.government };
                let step = ReceiveReport { case, minutes, office: Some(office), sheet: Vec::new() };
                world.step(&or(by), step).await
            }
            2 | 3 => {
                let list = crate::outcome::all(&world.ctx.db, case).await.unwrap();
                let Some(one) = list.first() else { return Ok(()) };
                let decision = if chance.yes(80) {
                    adopted(world, chance.one(&self.units).0)
                } else {
                    let reason = if chance.yes(70) { "另有安排".to_owned() } else { String::new() };
                    Decision { adoption: Some(Adoption::None), reason, ..Decision::default() }
                };
                let step = DecideOutcome { case, outcome: one.outcome_id, seen: one.decided_at, decision };
                world.step(&or(&world.approver), step).await
            }
            _ => {
                let explanation = "已经说明".to_owned();
                world.step(&or(&self.government), AssignTasks { case, seen, explanation }).await
            }
        }
    }

    fn handler(&self, task: &Task) -> Actor {
        self.units.iter().find(|unit| unit.0 == task.lead_unit).map_or(Actor::Clock, |unit| unit.1.clone())
    }

    /// Units at work.
    async fn handle(&self, chance: &mut Chance, found: &Case, who: Option<Actor>) -> Result<(), Refusal> {
        let (world, case) = (&self.world, found.id);
        let tasks = of_case(&world.ctx.db, case).await.unwrap();
        if tasks.is_empty() {
            return Ok(());
        }
        let one = chance.one(&tasks[..tasks.len().min(3)]).clone();
        let (task, seen) = (one.task_id, one.version);
        let unit = who.clone().unwrap_or_else(|| self.handler(&one));
        let town = |actor: &Actor| who.clone().unwrap_or_else(|| actor.clone());
        let ahead = world.ctx.today() + Days::new(chance.below(120) as u64);
        let words = || "照会上定的办".to_owned();
        // What comes next, mostly; else anything.
        let next = match one.state() {
            TaskState::Assigned => 0,
            TaskState::Declined => 3,
            TaskState::Signed => 5,
            TaskState::Working => 9,
            TaskState::Replied => 11,
            TaskState::Verified => 13,
        };
        match if chance.yes(50) { next } else { chance.below(14) } {
            0 | 1 => world.step(&unit, SignTask { case, task, seen }).await,
            2 => world.step(&unit, DeclineTask { case, task, seen, reason: words() }).await,
            3 => {
                let step = ReassignTask {
                    case,
                    task,
                    seen,
                    unit: Some(chance.one(&self.units).0),
                    contact: "站长".to_owned(),
                    due_on: Some(ahead),
                    words: words(),
                };
                world.step(&town(&world.approver), step).await
            }
            4 => world.step(&unit, PlanWork { case, task, seen, on: Some(ahead), words: words() }).await,
            5 | 6 => {
                let percent = Some(i64::try_from(chance.below(105)).unwrap());
                let public = chance.yes(60);
                let (words, done) = (words(), Vec::new());
                let step = ReportProgress { case, task, seen, percent, words, done, files: Vec::new(), public };
                world.step(&unit, step).await
            }
            7 => world.step(&unit, AskExtension { case, task, seen, to: Some(ahead), reason: words() }).await,
            8 => {
                let granted = Some(chance.yes(60));
                world.step(&town(&world.approver), DecideExtension { case, task, seen, granted, reason: words() }).await
            }
            9 | 10 => {
                let class = *chance.one(ResultClass::ALL);
                let files = if chance.yes(80) { vec![photo(world, &unit).await] } else { Vec::new() };
                let step = ReplyTask {
                    case,
                    task,
                    seen,
                    class: Some(class),
                    words: words(),
                    next: String::new(),
                    files,
                    link: String::new(),
                    target_on: Some(ahead),
                };
                world.step(&unit, step).await
            }
            11 => {
                let second = if chance.yes(80) { "楼道长".to_owned() } else { String::new() };
                let step = VerifyTask {
                    case,
                    task,
                    seen,
                    on: Some(world.ctx.today()),
                    place: "现场".to_owned(),
                    words: words(),
                    second,
                    files: Vec::new(),
                };
                world.step(&town(&world.officer), step).await
            }
            12 => world.step(&town(&world.officer), SendBackTask { case, task, seen, reason: words() }).await,
            _ => {
                let newest = crate::task::round_of(tasks);
                let dated: BTreeMap<i64, chrono::NaiveDate> = newest
                    .iter()
                    .filter(|task| task.class().is_some_and(ResultClass::is_looked_back_on) && chance.yes(90))
                    .map(|task| (task.no, world.ctx.today() + Days::new(200)))
                    .collect();
                let step = FinishTracking { case, seen: found.stage_version, lookbacks: dated };
                world.step(&town(&world.officer), step).await
            }
        }
    }

    fn redo(&self, chance: &mut Chance, tasks: &[Task]) -> Redo {
        let old: Vec<AssignmentId> = tasks.iter().take(1).filter(|_| chance.yes(80)).map(|task| task.task_id).collect();
        Redo {
            unit: (old.is_empty() && chance.yes(80)).then(|| chance.one(&self.units).0),
            tasks: old,
            words: "再办一次".to_owned(),
            due_on: Some(self.world.ctx.today() + Days::new(chance.below(100) as u64)),
            matter: "再看一遍".to_owned(),
        }
    }

    /// What people say, and what follows.
    async fn judge(
        &self,
        chance: &mut Chance,
        found: &Case,
        (who, speaker): (Option<Actor>, Option<InviteeId>),
    ) -> Result<(), Refusal> {
        let (world, case, seen) = (&self.world, found.id, found.stage_version);
        let town = |actor: &Actor| who.clone().unwrap_or_else(|| actor.clone());
        let reason = || "看过了".to_owned();
        let answers = || all(Satisfaction::Satisfied);
        let tasks = of_case(&world.ctx.db, case).await.unwrap();
        match chance.below(12) {
            0 => {
                let step = AnswerSurvey { case, follow: None, answers: all(*chance.one(Satisfaction::ALL)) };
                world.step(&Actor::Proposer { case, visitor: Visitor::default() }, step).await
            }
            1 | 2 => {
                if speaker.is_none() {
                    return Ok(());
                }
                // A family or a whole stairway at once.
                let there = crate::meeting::testing::presence(world, case).await.people;
                let said = if chance.yes(75) { Satisfaction::Mostly } else { Satisfaction::Not };
                for person in there.iter().skip(chance.below(8)).take(6) {
                    let step = AnswerSurvey { case, follow: None, answers: all(said) };
                    let told = world.step(&by_link(case, person.invitee_id), step).await;
                    if let Err(Refusal::Internal { id }) = told {
                        panic!("an error of our own: {id}");
                    }
                }
                Ok(())
            }
            3 => {
                world.step(&town(&world.officer), RecordJudgement { case, invitee: speaker, answers: answers() }).await
            }
            4 => world.step(&town(&world.officer), CloseCase { case, seen }).await,
            5 => world.step(&town(&world.officer), AskSample { case, reason: reason() }).await,
            6 => world.step(&town(&world.director), AllowSample { case, seen }).await,
            7 | 8 => {
                let by = if chance.yes(50) { &world.officer } else { &world.district };
                let redo = self.redo(chance, &tasks);
                world.step(&town(by), RedoHandling { case, seen, redo }).await
            }
            9 if chance.yes(50) => {
                let result = PublishedResult { words: "办好了。".to_owned() };
                world.step(&town(&world.officer), PublishResult { case, seen: 0, result }).await
            }
            9 => world.step(&town(&world.officer), ArchiveCase { case, seen }).await,
            10 => {
                let step = AskReopening {
                    case,
                    reopening: Some(ReopeningId(world.ctx.new_id())),
                    words: "又坏了".to_owned(),
                    contact: String::new(),
                    consent: false,
                };
                world.step(&town(&visitor("neighbour")), step).await
            }
            _ => {
                let open = crate::evaluation::reopenings(&world.ctx.db, case).await.unwrap();
                let Some(one) = open.iter().find(|one| one.decided_at.is_none()) else { return Ok(()) };
                let step = DecideReopening {
                    case,
                    reopening: one.reopening_id,
                    accepted: Some(chance.yes(60)),
                    reason: reason(),
                    redo: self.redo(chance, &tasks),
                };
                world.step(&town(&world.officer), step).await
            }
        }
    }

    /// Supervision, holding and letting go.
    async fn watch(&self, chance: &mut Chance, found: &Case, who: Option<Actor>) -> Result<(), Refusal> {
        let (world, case) = (&self.world, found.id);
        let by = who.unwrap_or_else(|| world.district.clone());
        let reason = || "核一下资金".to_owned();
        match chance.below(5) {
            0 => world.step(&by, FreezeCase { case, reason: reason() }).await,
            1 | 2 => world.step(&by, UnfreezeCase { case, reason: reason() }).await,
            _ => world.step(&by, Supervise { case, task: None, words: reason(), due_on: None }).await,
        }
    }

    /// Nothing open is without somebody and a day; a case that is tracked has tasks, and they agree with it.
    async fn holds(&self) {
        for (case, _) in self.cases.iter().chain(&self.ended) {
            let found = self.world.case(*case).await;
            let stage = found.stage();
            let open = !stage.is_ended();
            if open {
                assert!(found.due_on.is_some(), "{stage:?} without a day: {found:?}");
                assert!(found.waits_for.is_some() || stage == Stage::Returned, "{stage:?} waits for nobody: {found:?}");
            }
            let tasks = crate::task::round_of(of_case(&self.world.ctx.db, *case).await.unwrap());
            match stage {
                Stage::Tracking => {
                    assert!(!tasks.is_empty(), "tracked without a task");
                    let pressing =
                        tasks.iter().filter(|task| task.state() != TaskState::Verified).map(|task| task.wait_on).min();
                    assert!(pressing.is_none_or(|day| found.due_on == Some(day)), "{found:?}\n{tasks:?}");
                }
                Stage::Evaluating => {
                    let survey = crate::evaluation::newest(&self.world.ctx.db, *case).await.unwrap();
                    assert!(survey.is_some_and(|survey| survey.verdict().is_none()), "nothing to be judged");
                }
                _ => {}
            }
            if matches!(stage, Stage::Evaluating | Stage::Closed) {
                assert!(tasks.iter().all(|task| task.state() == TaskState::Verified), "{stage:?} with an open task");
            }
        }
    }

    /// The ledger is whole, and its moves lead each case to where the tables say it is.
    async fn is_told_by_the_ledger(&self) {
        let db = &self.world.ctx.db;
        assert_eq!(verify(db, None).await.unwrap().broken, None);
        for (case, _) in self.cases.iter().chain(&self.ended) {
            let stream = Stream::Case(*case).name();
            let (mut stage, mut moves, mut before) = (Stage::Draft, Vec::new(), i64::MAX);
            loop {
                let page = ledger::entries(db, &stream, before, 1000).await.unwrap();
                let Some(last) = page.last() else { break };
                before = last.seq;
                moves.extend(page.into_iter().filter_map(|entry| {
                    let body: ledger::Body = serde_json::from_str(&entry.body).unwrap();
                    body.moved
                }));
            }
            for (from, to) in moves.into_iter().rev() {
                assert_eq!(Stage::from_code(&from), Some(stage), "the moves follow one another");
                let next = Stage::from_code(&to).unwrap();
                assert!(stage.may_become(next), "{stage:?} to {next:?}");
                stage = next;
            }
            let found = self.world.case(*case).await;
            assert_eq!(found.stage(), stage);
            let spans = cases::spans(db, *case).await.unwrap();
            assert_eq!(spans.last().map(|span| span.stage.0), Some(stage));
            let rulings = cases::versions::<Ruling>(db, *case).await.unwrap();
            assert!(rulings.iter().all(|ruling| !ruling.record.reason.trim().is_empty()));
        }
    }
}

/// So many things are tried, in histories of this many each.
async fn histories(db: &Database, steps: usize, seed: u64) {
    let mut town = Town::new(db, 6).await;
    let mut chance = Chance(seed);
    for n in 0..steps {
        town.try_one(&mut chance).await;
        if n % 1000 == 999 {
            town.holds().await;
            // Now and then, so that what was counted before has to be taken back.
            crate::board::refresh(&town.world.ctx, usize::MAX).await.unwrap();
        }
    }
    town.holds().await;
    crate::board::testing::check(&town.world.ctx).await;
    town.is_told_by_the_ledger().await;
    assert!(town.carried_out * 20 > steps, "too little came of it: {} of {steps}", town.carried_out);
    for stage in [Stage::Tracking, Stage::Evaluating, Stage::Closed, Stage::Archived, Stage::Suspended, Stage::Lapsed] {
        let sql = "SELECT COUNT(*) FROM stage_span WHERE stage = $1";
        let row: Option<(i64,)> = db.row(sql, vec![stage.code().into()]).await.unwrap();
        assert!(row.is_some_and(|(n,)| n > 0), "no history came to {stage:?}");
    }
}

/// Steps that are tried on SQLite, and on PostgreSQL.
const TRIED: (usize, usize) = (100_000, 10_000);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_open_is_ever_without_somebody_and_a_day() {
    each_engine(|db| async move {
        let steps = if db.engine() == Engine::Sqlite { TRIED.0 } else { TRIED.1 };
        histories(&db, steps, 20_261_125).await;
    })
    .await;
}
