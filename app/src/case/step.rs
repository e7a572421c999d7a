//! [`Step`] and [`carry_out`].

use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::stage::Stage;
use super::store::{self, Case};
use super::work::{Other, Work};
use crate::access::{self, Actor, Decision, Relation, StepKind, permits};
use crate::board;
use crate::context::Ctx;
use crate::error::{Difference, Refusal};
use crate::ids::CaseId;
use crate::ledger::{self, Body, GENESIS, Stream, actor_name, stamp};
use crate::letter::post;
use crate::rules::{Facts, Level, RuleId, judge};
use crate::storage::{Change as Notice, Tx};

/// By what a step is judged. Made only by [`judged`] and [`free`], which refuse an empty list and an empty reason when
/// the product is compiled.
#[derive(Clone, Copy, Debug)]
pub struct Judgement(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Judged(&'static [RuleId]),
    Free(&'static str),
}

/// The step is judged by these rules; at least one.
///
/// ```compile_fail
/// const NOTHING: app::case::Judgement = app::case::judged(&[]);
/// fn main() { let _ = NOTHING; }
/// ```
#[must_use]
pub const fn judged(rules: &'static [RuleId]) -> Judgement {
    assert!(!rules.is_empty(), "a judged step names its rules");
    Judgement(Kind::Judged(rules))
}

/// The step is judged by no rule, for this reason.
///
/// ```compile_fail
/// const NO_REASON: app::case::Judgement = app::case::free("");
/// fn main() { let _ = NO_REASON; }
/// ```
#[must_use]
pub const fn free(why: &'static str) -> Judgement {
    assert!(!why.is_empty(), "a step that no rule judges says why");
    Judgement(Kind::Free(why))
}

impl Judgement {
    /// The rules; empty for a free step.
    #[must_use]
    pub const fn rules(self) -> &'static [RuleId] {
        match self.0 {
            Kind::Judged(rules) => rules,
            Kind::Free(_) => &[],
        }
    }

    /// Why no rule judges the step.
    #[must_use]
    pub const fn why_free(self) -> Option<&'static str> {
        match self.0 {
            Kind::Judged(_) => None,
            Kind::Free(why) => Some(why),
        }
    }
}

/// What a step is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A new case of this town.
    New {
        /// Its id.
        case: CaseId,
        /// Its town.
        town: String,
    },
    /// A case that exists.
    Case(CaseId),
}

/// How a step meets what others did in the meantime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It decides on the stage that the person saw, by its version.
    Decides {
        /// The case's `stage_version` on the page.
        seen: i64,
    },
    /// It makes a new version of a record from the version that the person saw (0: none).
    Edits {
        /// Kind of the record.
        record: &'static str,
        /// The version on the page.
        seen: i64,
    },
    /// It adds something of its own and disturbs nobody.
    Adds,
}

/// What a step leaves in the record. There is no step without one.
#[derive(Debug, Default)]
pub struct Entry {
    data: serde_json::Value,
    words: Option<(String, bool, bool)>,
    others: Vec<(CaseId, StepKind, Box<Entry>)>,
    unnamed: bool,
}

impl Entry {
    /// Stands in the ledger only.
    #[must_use]
    pub fn silent() -> Self {
        Self::default()
    }

    /// Stands in the ledger and on the public page, in these words, which hold no personal data.
    #[must_use]
    pub fn public(words: impl Into<String>) -> Self {
        Self { words: Some((words.into(), true, false)), ..Self::default() }
    }

    /// Stands in the ledger and on internal pages, in these words.
    #[must_use]
    pub fn internal(words: impl Into<String>) -> Self {
        Self { words: Some((words.into(), false, false)), ..Self::default() }
    }

    /// It tells of something late.
    #[must_use]
    pub fn late(mut self) -> Self {
        if let Some(words) = &mut self.words {
            words.2 = true;
        }
        self
    }

    /// With ids and codes for the ledger.
    #[must_use]
    pub fn with(mut self, data: serde_json::Value) -> Self {
        self.data = data;
        self
    }

    /// The entry does not say who it was, only as what: a vote.
    #[must_use]
    pub const fn unnamed(mut self) -> Self {
        self.unnamed = true;
        self
    }

    /// With an entry in the stream of another locked case.
    #[must_use]
    pub fn and_in(mut self, case: CaseId, step: StepKind, entry: Self) -> Self {
        self.others.push((case, step, Box::new(entry)));
        self
    }
}

/// A step that was carried out: what the person is told, and what stands in the record.
pub struct Done<R> {
    receipt: R,
    entry: Entry,
}

impl<R> Done<R> {
    /// The receipt and the record's entry.
    pub const fn new(receipt: R, entry: Entry) -> Self {
        Self { receipt, entry }
    }
}

/// One thing that a person, or the clock, can do.
///
/// Permission is the table's row of [`Step::KIND`]; a kind without a row does not compile. A step without a judgement or
/// without a ledger entry does not compile either:
///
/// ```compile_fail
/// # use app::{access::StepKind, case::*, error::Refusal, ids::CaseId, rules::Facts, storage::Tx};
/// #[derive(serde::Serialize)]
/// struct Unrecorded(CaseId);
/// impl Step for Unrecorded {
///     const KIND: StepKind = StepKind::SupportTopic;
///     const JUDGEMENT: Judgement = free("an example");
///     type Receipt = ();
///     fn target(&self) -> Target { Target::Case(self.0) }
///     fn change(&self) -> Change { Change::Adds }
///     async fn apply(self, _: &mut Work<'_>) -> Result<(), Refusal> { Ok(()) } // no entry
/// }
/// ```
pub trait Step: Serialize + Send + Sync + 'static {
    /// Its row in the permission table.
    const KIND: StepKind;
    /// By which rules it is judged, or why by none.
    const JUDGEMENT: Judgement;
    /// What the person is told; kept, so that a repeated request is told the same.
    type Receipt: Serialize + DeserializeOwned + Send + 'static;

    /// What it is about.
    fn target(&self) -> Target;

    /// Other cases that it changes; they are locked together.
    fn others(&self) -> Vec<CaseId> {
        Vec::new()
    }

    /// How it meets what others did in the meantime.
    fn change(&self) -> Change;

    /// For a step that edits a record: where the stored version and this one differ, to be shown on a conflict.
    fn differences(&self, _stored: &str) -> Vec<Difference> {
        Vec::new()
    }

    /// The facts that its rules need, one of each rule in the order of [`Step::JUDGEMENT`]; none for a free step, which is
    /// never asked. A judged step that gives other facts than it declares is refused before anything changes.
    fn facts(&self, _work: &mut Work<'_>) -> impl Future<Output = Result<Vec<Facts>, Refusal>> + Send {
        std::future::ready(Ok(Vec::new()))
    }

    /// The rows it changes, and its entry.
    fn apply(self, work: &mut Work<'_>) -> impl Future<Output = Result<Done<Self::Receipt>, Refusal>> + Send;
}

/// A step on a card: for the list of all steps.
#[derive(Clone, Copy, Debug)]
pub struct StepCard {
    /// Which step.
    pub kind: StepKind,
    /// By which rules it is judged.
    pub judgement: Judgement,
}

impl StepCard {
    /// The card of a step.
    #[must_use]
    pub const fn of<S: Step>() -> Self {
        Self { kind: S::KIND, judgement: S::JUDGEMENT }
    }
}

/// What a case is to the actor.
#[must_use]
pub fn relation<'a>(case: &'a Case, actor: &Actor) -> Relation<'a> {
    Relation {
        case: (case.stage() != Stage::Draft).then_some(case.id),
        town: &case.town_id,
        is_public: case.is_public,
        raised_by_actor: case.proposer_id.is_some() && case.proposer_id == actor.account(),
        led_by_actor: case.lead_id.is_some() && case.lead_id == actor.account(),
        chaired_by_actor: case.chair_id.is_some() && case.chair_id == actor.account(),
        written_by_actor: case.recorder_id.is_some() && case.recorder_id == actor.account(),
    }
}

/// Whether the actor may follow the live changes of a case.
///
/// # Errors
/// [`Refusal::NotFound`] when it does not exist or one may not know that it does.
pub async fn may_watch(ctx: &Ctx, case: CaseId) -> Result<(), Refusal> {
    let case = store::find(&ctx.db, case).await?.ok_or(Refusal::NotFound)?;
    if access::may_see(&ctx.actor, relation(&case, &ctx.actor)) { Ok(()) } else { Err(Refusal::NotFound) }
}

/// What stands in the ledger for somebody who is not named.
const UNNAMED: &str = "invitee";

/// Carries out a step, all of it or nothing: lock, repeated request, permission, conflict, rules, rows, ledger, notice.
///
/// # Errors
/// The refusal that says what is missing; nothing has changed then.
pub async fn carry_out<S: Step>(ctx: &Ctx, step: S) -> Result<S::Receipt, Refusal> {
    let payload = serde_json::to_string(&step).map_err(|e| Refusal::internal(&e))?;
    // Keyed: a payload may hold a phone number, and a plain hash of one can be guessed.
    let payload_hash = ctx.secret.keyed("payload", &[S::KIND.code(), &payload]);
    let receipt = carry_out_any(ctx, Box::new(step), payload_hash).await?;
    serde_json::from_str(&receipt).map_err(|e| Refusal::internal(&e))
}

/// A [`Step`] of whatever type. The frame around all steps is compiled once, not for each of them: there are some
/// hundred and fifty, and it is long.
trait AnyStep: Send + Sync {
    fn kind(&self) -> StepKind;
    fn judgement(&self) -> Judgement;
    fn target(&self) -> Target;
    fn others(&self) -> Vec<CaseId>;
    fn change(&self) -> Change;
    fn differences(&self, stored: &str) -> Vec<Difference>;
    fn facts<'a>(&'a self, work: &'a mut Work<'_>) -> BoxFuture<'a, Result<Vec<Facts>, Refusal>>;
    /// The receipt is as it is kept, as JSON.
    fn apply<'a>(self: Box<Self>, work: &'a mut Work<'_>) -> BoxFuture<'a, Result<Done<String>, Refusal>>;
}

impl<S: Step> AnyStep for S {
    fn kind(&self) -> StepKind {
        S::KIND
    }

    fn judgement(&self) -> Judgement {
        S::JUDGEMENT
    }

    fn target(&self) -> Target {
        Step::target(self)
    }

    fn others(&self) -> Vec<CaseId> {
        Step::others(self)
    }

    fn change(&self) -> Change {
        Step::change(self)
    }

    fn differences(&self, stored: &str) -> Vec<Difference> {
        Step::differences(self, stored)
    }

    fn facts<'a>(&'a self, work: &'a mut Work<'_>) -> BoxFuture<'a, Result<Vec<Facts>, Refusal>> {
        Box::pin(Step::facts(self, work))
    }

    fn apply<'a>(self: Box<Self>, work: &'a mut Work<'_>) -> BoxFuture<'a, Result<Done<String>, Refusal>> {
        Box::pin(async move {
            let Done { receipt, entry } = Step::apply(*self, work).await?;
            let receipt = serde_json::to_string(&receipt).map_err(|e| Refusal::internal(&e))?;
            Ok(Done { receipt, entry })
        })
    }
}

async fn carry_out_any(ctx: &Ctx, step: Box<dyn AnyStep>, payload_hash: String) -> Result<String, Refusal> {
    let inside = ctx.clone();
    ctx.db.write(move |tx| Box::pin(async move { in_transaction(&inside, tx, step, payload_hash).await })).await
}

async fn in_transaction(
    ctx: &Ctx,
    tx: &mut Tx,
    step: Box<dyn AnyStep>,
    payload_hash: String,
) -> Result<String, Refusal> {
    let (target, kind) = (step.target(), step.kind());
    if let (Target::New { .. }, Some(first)) = (&target, repeated(ctx, tx, &payload_hash).await?) {
        return Ok(first);
    }
    let (mut work, prev) = locked(ctx, tx, step.as_ref(), &target).await?;
    if matches!(target, Target::Case(_))
        && let Some(first) = repeated(ctx, work.tx, &payload_hash).await?
    {
        store::unlock(work.tx, work.case.id).await?;
        for other in &work.others {
            store::unlock(work.tx, other.case.id).await?;
        }
        return Ok(first);
    }
    permitted(kind, ctx, &work.case)?;
    for other in &work.others {
        permitted_other(ctx, &other.case)?;
    }
    if work.case.frozen_at.is_some() && !matches!(kind, StepKind::UnfreezeCase | StepKind::FollowCalendar) {
        return Err(Refusal::moved_on("区政协办冻结了这件事，解冻以前不能办。有疑问请联系区政协办。"));
    }
    unchanged(step.as_ref(), &mut work).await?;
    let judged = judged_by(step.as_ref(), &mut work).await?;
    let Done { receipt, entry } = step.apply(&mut work).await?;
    if work.case.is_public && work.moved.is_some_and(|(_, stage)| post::is_news(stage)) {
        post::add_progress(work.tx, ctx, work.case.id, work.seq).await?;
    }

    let now = ctx.now();
    let others = std::mem::take(&mut work.others);
    let body = Body {
        stream: Stream::Case(work.case.id).name(),
        seq: work.seq,
        at: stamp(now),
        prev,
        what: kind.code().to_owned(),
        by: if entry.unnamed { UNNAMED.to_owned() } else { actor_name(&ctx.actor) },
        moved: work.moved.map(|(from, to)| (from.code().to_owned(), to.code().to_owned())),
        rules: (!judged.is_empty()).then(|| work.rule_set.to_string()),
        judged,
        data: entry.data,
        private: std::mem::take(&mut work.private),
    };
    note(work.tx, &work.case, kind, &body, entry.words, now).await?;
    let mut noted = entry.others;
    for other in others {
        let place = noted
            .iter()
            .position(|(case, ..)| *case == other.case.id)
            .ok_or_else(|| Refusal::internal(&"a locked case was left without an entry"))?;
        let (_, kind, entry) = noted.swap_remove(place);
        let body = Body {
            stream: Stream::Case(other.case.id).name(),
            seq: other.seq,
            prev: other.prev,
            what: kind.code().to_owned(),
            moved: None,
            rules: None,
            judged: Vec::new(),
            data: entry.data,
            private: std::collections::BTreeMap::new(),
            ..body.clone()
        };
        note(work.tx, &other.case, kind, &body, entry.words, now).await?;
    }
    if let Some(request) = ctx.request {
        store::keep_receipt(work.tx, ctx, request, payload_hash, receipt.clone()).await?;
    }
    Ok(receipt)
}

/// Locks the case and the others in the order of their ids, and reads them.
async fn locked<'a>(
    ctx: &'a Ctx,
    tx: &'a mut Tx,
    step: &dyn AnyStep,
    target: &Target,
) -> Result<(Work<'a>, String), Refusal> {
    let now = ctx.now();
    let (main, new_town) = match target {
        Target::New { case, town } => (*case, Some(town)),
        Target::Case(case) => (*case, None),
    };
    let mut ids = step.others();
    if new_town.is_none() {
        ids.push(main);
    }
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let (seq, prev) = store::lock(tx, id).await?.ok_or(Refusal::NotFound)?;
        if board::is_counted(step.kind()) {
            // In the order of ids, as the cases themselves: who counts goes through the marks in that order, too.
            board::mark(tx, id).await?;
        }
        let (case, rule_set, rules) = store::load(tx, &ctx.shared, id, now).await?.ok_or(Refusal::NotFound)?;
        found.push((Other { case, seq, prev }, rule_set, rules));
    }
    let (first, rule_set, rules) = if let Some(town) = new_town {
        let (rule_set, rules) = store::rules_for(tx, &ctx.shared, town, now).await?;
        let case = Case::draft(main, town, now);
        let prev = GENESIS.to_owned();
        (Other { case, seq: 1, prev }, rule_set, rules)
    } else {
        let place = found.iter().position(|(other, ..)| other.case.id == main).ok_or(Refusal::NotFound)?;
        found.remove(place)
    };
    let work = Work {
        tx,
        ctx,
        case: first.case,
        others: found.into_iter().map(|(other, ..)| other).collect(),
        rules,
        rule_set,
        seq: first.seq,
        moved: None,
        private: std::collections::BTreeMap::new(),
    };
    if let Some(town) = new_town {
        permitted(step.kind(), ctx, &work.case)?;
        store::open(work.tx, main, town, GENESIS).await?;
        board::mark(work.tx, main).await?;
    }
    Ok((work, first.prev))
}

/// The receipt of the same request, if it was carried out before.
async fn repeated(ctx: &Ctx, tx: &mut Tx, payload_hash: &str) -> Result<Option<String>, Refusal> {
    let Some(request) = ctx.request else {
        return Ok(None);
    };
    match store::find_receipt(tx, &ctx.actor.key(), request).await? {
        None => Ok(None),
        Some((hash, _)) if hash != payload_hash => Err(Refusal::Replayed),
        Some((_, result)) => Ok(Some(result)),
    }
}

fn permitted(kind: StepKind, ctx: &Ctx, case: &Case) -> Result<(), Refusal> {
    match access::decide(kind, &ctx.actor, relation(case, &ctx.actor)) {
        Decision::Allowed => Ok(()),
        Decision::SignIn => Err(Refusal::NotSignedIn),
        Decision::NotFound => Err(Refusal::NotFound),
        Decision::Forbidden => {
            let who: Vec<&str> = permits(kind).iter().map(|w| w.word()).collect();
            Err(Refusal::Forbidden { who: who.join("、") })
        }
    }
}

/// A step may only draw in other cases that its actor may know of.
fn permitted_other(ctx: &Ctx, case: &Case) -> Result<(), Refusal> {
    if access::may_see(&ctx.actor, relation(case, &ctx.actor)) { Ok(()) } else { Err(Refusal::NotFound) }
}

/// Refuses a step that was made on a state that has passed.
async fn unchanged(step: &dyn AnyStep, work: &mut Work<'_>) -> Result<(), Refusal> {
    match step.change() {
        Change::Adds => Ok(()),
        Change::Decides { seen } if seen == work.case.stage_version => Ok(()),
        Change::Decides { .. } => Err(Refusal::moved_on(format!(
            "这件事刚才已经有人办过，现在是「{}」。请看过最新情况再决定。",
            work.case.stage().word()
        ))),
        Change::Edits { record, seen } => {
            let newest = store::newest_record(work.tx, work.case.id, record).await?;
            let (version, stored) = newest.unwrap_or_default();
            if version == seen {
                Ok(())
            } else {
                Err(Refusal::Conflict {
                    sentence: "您打开以后，别人刚改过这份记录。请对照下面的不同，改好再提交。".to_owned(),
                    differences: step.differences(&stored),
                })
            }
        }
    }
}

/// Judges the step; returns the rules with their result for the ledger.
async fn judged_by(step: &dyn AnyStep, work: &mut Work<'_>) -> Result<Vec<String>, Refusal> {
    let declared = step.judgement().rules();
    if declared.is_empty() {
        return Ok(Vec::new());
    }
    let facts = step.facts(work).await?;
    let given: Vec<RuleId> = facts.iter().map(Facts::rule).collect();
    if given != declared {
        return Err(Refusal::internal(&format!(
            "{} declares {declared:?} and gave facts for {given:?}",
            step.kind().code()
        )));
    }
    let findings = judge(&facts, &work.rules, work.ctx.now());
    if findings.iter().any(|f| f.level == Level::Blocking) {
        return Err(Refusal::Blocked(findings));
    }
    let warned = findings.iter().any(|f| f.level == Level::Warning);
    Ok(declared.iter().map(|rule| format!("{}:{}", rule.code(), if warned { "warning" } else { "passed" })).collect())
}

/// Writes the ledger entry and the event of one case, and tells live pages.
async fn note(
    tx: &mut Tx,
    case: &Case,
    kind: StepKind,
    body: &Body,
    words: Option<(String, bool, bool)>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Refusal> {
    let hash = ledger::append(tx, body, now).await?;
    store::set_head(tx, case.id, &hash).await?;
    if let Some(words) = words {
        store::add_event(tx, case.id, body.seq, now, kind, words).await?;
    }
    tx.tell(Notice::Case { case: case.id, town: case.town_id.clone(), seq: body.seq });
    Ok(())
}
/// What is the same for every step that concerns one case and disturbs nobody: for the body of its `impl Step`, where the
/// step has a field `case`.
macro_rules! adds {
    () => {
        fn target(&self) -> $crate::case::Target {
            $crate::case::Target::Case(self.case)
        }

        fn change(&self) -> $crate::case::Change {
            $crate::case::Change::Adds
        }
    };
}
pub(crate) use adds;

/// The same for every step that decides on one case as its page showed it, where the step has fields `case` and `seen`.
macro_rules! decides {
    () => {
        fn target(&self) -> $crate::case::Target {
            $crate::case::Target::Case(self.case)
        }

        fn change(&self) -> $crate::case::Change {
            $crate::case::Change::Decides { seen: self.seen }
        }
    };
}
pub(crate) use decides;
