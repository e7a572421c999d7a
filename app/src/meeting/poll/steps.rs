//! Opening a poll, voting, closing it.

use serde::Serialize;
use serde_json::json;

use super::model::{Asked, OPTIONS_MAX, OPTIONS_MIN, votes};
use super::store::{self, NewPoll, Poll};
use crate::access::{Actor, StepKind};
use crate::case::{Done, Entry, Judgement, Step, StepCard, Work, free};
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId, PollId, SittingId};
use crate::meeting::model::SittingState;
use crate::meeting::steps::{adds, sitting};
use crate::meeting::store as day;

/// Every step of this part, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[StepCard::of::<OpenPoll>(), StepCard::of::<CastVote>(), StepCard::of::<ClosePoll>()];

/// Open a poll for those who are there now.
#[derive(Clone, Debug, Serialize)]
pub struct OpenPoll {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The new poll; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub poll: Option<PollId>,
    /// What is asked.
    pub asked: Asked,
    /// Whether the votes are secret.
    pub secret: bool,
}

impl Step for OpenPoll {
    const KIND: StepKind = StepKind::OpenPoll;
    const JUDGEMENT: Judgement = free("a poll in the room tells how people think; it decides nothing");
    type Receipt = PollId;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<PollId>, Refusal> {
        let (_, sitting) = sitting(work, self.sitting, |state| state == SittingState::Open).await?;
        let asked = self.asked.tidy();
        Work::words("question", "问题", &asked.question, work.rules.topic.comment_max)?;
        if !(OPTIONS_MIN..=OPTIONS_MAX).contains(&asked.options.len()) {
            return Err(Refusal::field("options", format!("请写 {OPTIONS_MIN} 到 {OPTIONS_MAX} 个选项，一行一个。")));
        }
        for option in &asked.options {
            Work::words("options", "选项", option, work.rules.topic.title_max)?;
        }
        if store::polls_in(work.tx, self.sitting).await?.iter().any(|poll| poll.closed_at.is_none()) {
            return Err(Refusal::moved_on("上一个表决还没有结束，请先结束它。"));
        }
        let people = day::people_in(work.tx, sitting.meeting_id, Some(sitting.sitting_id)).await?;
        let entitled: Vec<InviteeId> = people
            .iter()
            .filter(|person| person.check_in_id.is_some() && votes(person.category.0))
            .map(|person| person.invitee_id)
            .collect();
        if entitled.is_empty() {
            return Err(Refusal::field("question", "现在在场的人里，没有可以表决的。"));
        }
        let id = self.poll.ok_or(Refusal::NotFound)?;
        let body = serde_json::to_string(&asked).map_err(|e| Refusal::internal(&e))?;
        let salt = work.enter_private(&format!("poll:{}", work.seq), &body);
        let count = entitled.len();
        let new = NewPoll {
            id,
            case: work.case.id,
            sitting: self.sitting,
            body: &body,
            options: asked.options.len(),
            secret: self.secret,
            at: work.ctx.now(),
            salt,
            ledger_seq: work.seq,
            entitled,
        };
        store::open(work.tx, new).await?;
        let data = json!({ "poll": id, "sitting": self.sitting, "secret": self.secret, "entitled": count });
        Ok(Done::new(id, Entry::internal("发起现场表决").with(data)))
    }
}

fn over() -> Refusal {
    Refusal::moved_on("表决已经结束，不能再投。")
}

/// The poll of a sitting while it is on.
async fn running(work: &mut Work<'_>, (sitting, poll): (SittingId, PollId)) -> Result<Poll, Refusal> {
    let found = store::polls_in(work.tx, sitting).await?.into_iter().find(|one| one.poll == poll);
    let found = found.ok_or(Refusal::NotFound)?;
    if found.closed_at.is_some() {
        return Err(over());
    }
    Ok(found)
}

/// Vote, by the own link. Carried out without a request id: having voted is what makes it happen once.
#[derive(Clone, Debug, Serialize)]
pub struct CastVote {
    /// The case.
    pub case: CaseId,
    /// The sitting.
    pub sitting: SittingId,
    /// The poll.
    pub poll: PollId,
    /// Who.
    pub invitee: InviteeId,
    /// The number of the option; never serialised, so that no hash of it is kept.
    #[serde(skip)]
    pub choice: i64,
}

impl Step for CastVote {
    const KIND: StepKind = StepKind::CastVote;
    const JUDGEMENT: Judgement = free("one vote each of those who were entitled when the poll opened");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        if !matches!(&work.ctx.actor, Actor::Invitee { invitee, .. } if *invitee == self.invitee) {
            return Err(Refusal::NotFound);
        }
        let (_, sitting) = sitting(work, self.sitting, SittingState::is_on).await?;
        if sitting.state.0 == SittingState::Paused {
            // The poll stays open: who is out of the room for the pause loses nothing.
            return Err(Refusal::moved_on("现在休会，先不投票。复会以后接着投，您的一票还在。"));
        }
        let poll = store::question_in(work.tx, self.sitting, self.poll).await?.ok_or(Refusal::NotFound)?;
        if poll.closed {
            return Err(over());
        }
        match store::voter_in(work.tx, self.poll, self.invitee).await? {
            None => return Err(Refusal::moved_on("表决开始时您还没有签到，或者您这一类不参加表决。")),
            Some(true) => return Err(Refusal::moved_on("您已经投过了，一人一票。")),
            Some(false) => {}
        }
        let choice = (!poll.secret).then_some(self.choice);
        let counted = store::count(work.tx, self.poll, self.choice).await?;
        if !counted {
            return Err(Refusal::field("choice", "请选一项。"));
        }
        if !store::has_voted(work.tx, self.poll, self.invitee, choice).await? {
            return Err(Refusal::moved_on("您已经投过了，一人一票。"));
        }
        Ok(Done::new((), Entry::silent().unnamed().with(json!({ "poll": self.poll }))))
    }
}

/// Close a poll: from this instant on no vote is taken.
#[derive(Clone, Debug, Serialize)]
pub struct ClosePoll {
    /// The case.
    pub case: CaseId,
    /// The sitting on the page.
    pub sitting: SittingId,
    /// The poll.
    pub poll: PollId,
}

impl Step for ClosePoll {
    const KIND: StepKind = StepKind::ClosePoll;
    const JUDGEMENT: Judgement = free("the officer ends a poll; the result is what was counted until then");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        sitting(work, self.sitting, SittingState::is_on).await?;
        let poll = running(work, (self.sitting, self.poll)).await?;
        let data = close(work, &poll).await?;
        Ok(Done::new((), Entry::internal("现场表决结束").with(data)))
    }
}

/// Closes a poll. Gives what the ledger says of it.
async fn close(work: &mut Work<'_>, poll: &Poll) -> Result<serde_json::Value, Refusal> {
    let now = work.ctx.now();
    store::close(work.tx, poll.poll, now).await?;
    Ok(json!({ "poll": poll.poll, "entitled": poll.entitled, "voted": poll.voted, "votes": result(work, poll) }))
}

/// The counts for the ledger; none of a secret poll in which too few voted.
fn result(work: &Work<'_>, poll: &Poll) -> Option<Vec<i64>> {
    match super::model::shown(true, poll.secret, &poll.votes, work.rules.meeting.secret_min) {
        super::model::Shown::Result(votes) => Some(votes),
        _ => None,
    }
}

/// Closes the poll that is on, when the meeting is closed. Gives what the ledger says of it.
pub(in crate::meeting) async fn close_running(
    work: &mut Work<'_>,
    sitting: SittingId,
) -> Result<Vec<serde_json::Value>, Refusal> {
    let mut closed = Vec::new();
    for poll in store::polls_in(work.tx, sitting).await?.into_iter().filter(|poll| poll.closed_at.is_none()) {
        closed.push(close(work, &poll).await?);
    }
    Ok(closed)
}
