//! A member's year (履职): what the member was asked to, came to, said, visited and raised, and the meetings that still
//! want an answer.
//!
//! A member sees the own one at `/desk/year`, over all towns whose roster has the account; the town's people see it on
//! the member's page of the roster. Leave (请假) is asked for where every invitation is answered: on the personal page
//! of the meeting, with the reason, so that the list of the meeting is the one record of it.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the year as data, and what it adds up to: pure, but for reading it |
//! | `pages.rs` | how it is shown; the page of one's own year; invitations on the desk |
//! | `store.rs` | the SQL |

pub mod pages;
mod store;

pub use store::{Received, TopicRaised};

#[cfg(test)]
mod tests;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::register::year_of;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, MemberId};
use crate::invitation::answer;
use crate::invitation::model::InviteeState;
use crate::plan::model::days;
use crate::research::model::Visit;

/// Days of a year that a visit may have, from the first of January to the first of the next.
fn days_of(year: i32) -> (NaiveDate, NaiveDate) {
    let first = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MAX);
    (first(year), first(year.saturating_add(1)))
}

/// How a member stands to a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The meeting was called off or is being moved.
    Off,
    /// It is to come, and there is no answer.
    Unanswered,
    /// It is to come, and the member will be there.
    Coming,
    /// The member asked for leave, or somebody else comes.
    Excused,
    /// The member was there.
    Came,
    /// It was held without the member, who had not asked for leave.
    Absent,
}

impl Part {
    /// The word on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "会没有开",
            Self::Unanswered => "还没有答复",
            Self::Coming => "答应参加",
            Self::Excused => "请假",
            Self::Came => "到会",
            Self::Absent => "没有到",
        }
    }

    /// Whether the meeting is to come and the member may still answer otherwise.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unanswered | Self::Coming)
    }

    const fn of(state: InviteeState, meeting: &str, came: bool) -> Self {
        match (meeting.as_bytes(), state) {
            _ if came => Self::Came,
            (b"cancelled" | b"planning" | b"approved", _) => Self::Off,
            (_, InviteeState::Declined | InviteeState::Substituted) => Self::Excused,
            (b"held", _) => Self::Absent,
            (_, InviteeState::Accepted) => Self::Coming,
            _ => Self::Unanswered,
        }
    }
}

/// A meeting to which the member was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The topic.
    pub case: CaseId,
    /// Its title.
    pub title: String,
    /// The town.
    pub town: String,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// Where; none online.
    pub room: Option<String>,
    /// How the member stands to it.
    pub part: Part,
    /// The member's personal page of the meeting.
    pub link: String,
    /// How often the member spoke.
    pub speeches: usize,
    /// How long in all.
    pub spoke: TimeDelta,
}

/// A visit (走访) in which the member took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitDone {
    /// The topic.
    pub case: CaseId,
    /// Its title.
    pub title: String,
    /// When.
    pub on: NaiveDate,
    /// Where.
    pub place: String,
    /// How many people were heard.
    pub heard: u32,
}

/// What a member did in a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Year {
    /// Meetings, the latest first.
    pub meetings: Vec<Meeting>,
    /// Visits, the latest first.
    pub visits: Vec<VisitDone>,
    /// Receptions in studios, the latest first.
    pub received: Vec<Received>,
    /// Topics, the latest first.
    pub topics: Vec<TopicRaised>,
}

impl Year {
    fn count(&self, part: Part) -> usize {
        self.meetings.iter().filter(|meeting| meeting.part == part).count()
    }

    /// What it adds up to: 「受邀 5 次，到会 3 次，请假 1 次；走访 2 次；发言 3 次，共 12 分钟；提议题 1 件。」
    #[must_use]
    pub fn sum(&self) -> String {
        let absent = match self.count(Part::Absent) {
            0 => String::new(),
            n => format!("，没有到 {n} 次"),
        };
        let speeches: usize = self.meetings.iter().map(|meeting| meeting.speeches).sum();
        let spoke = self.meetings.iter().fold(TimeDelta::zero(), |sum, meeting| sum + meeting.spoke);
        let minutes = if speeches == 0 { String::new() } else { format!("，共 {} 分钟", whole_minutes(spoke)) };
        let received = match self.received.len() {
            0 => String::new(),
            n => format!("工作室接待 {n} 次；"),
        };
        format!(
            "受邀 {} 次，到会 {} 次，请假 {} 次{absent}；走访 {} 次；{received}发言 {speeches} 次{minutes}；提议题 {} 件。",
            self.meetings.len(),
            self.count(Part::Came),
            self.count(Part::Excused),
            self.visits.len(),
            self.topics.len()
        )
    }
}

/// Minutes, a begun one for a whole: who spoke spoke at least one.
fn whole_minutes(time: TimeDelta) -> i64 {
    (time.num_seconds() + 59) / 60
}

/// Whether a person is among those whom a visit's record names as members who took part.
fn took_part(visit: &Visit, name: &str) -> bool {
    visit.member_names.split(|c: char| !c.is_alphanumeric() && c != '·').any(|named| !named.is_empty() && named == name)
}

/// The year of the members that an account stands for.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_account(ctx: &Ctx, account: AccountId, year: i32) -> Result<Year, Refusal> {
    let mut all = Year::default();
    for who in store::members_of(&ctx.db, account).await? {
        add(ctx, &who, year, &mut all).await?;
    }
    all.topics = topics(ctx, (account, None), year).await?;
    // Each town's are in order; several towns are not.
    all.meetings.sort_by_key(|meeting| std::cmp::Reverse(meeting.starts_at));
    all.visits.sort_by_key(|visit| std::cmp::Reverse(visit.on));
    all.received.sort_by_key(|reception| std::cmp::Reverse(reception.held_on));
    Ok(all)
}

/// The year of one member on a roster.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_member(ctx: &Ctx, member: &super::store::Member, year: i32) -> Result<Year, Refusal> {
    let (member_id, town_id, name) = (member.member_id, member.town_id.clone(), member.name.clone());
    let who = store::Who { member_id, town_id, name, account_id: member.account_id };
    let mut all = Year::default();
    add(ctx, &who, year, &mut all).await?;
    if let Some(account) = member.account_id {
        // What another town has not published is its own matter.
        all.topics = topics(ctx, (account, Some(&member.town_id)), year).await?;
    }
    Ok(all)
}

/// The meetings of today and to come that the members of an account are asked to, the next first: within a year, since
/// the next year's are asked for in this one.
///
/// # Errors
/// When the database cannot be read.
pub async fn to_come(ctx: &Ctx, account: AccountId) -> Result<Vec<Meeting>, Refusal> {
    let today = ctx.today();
    let span = days(today, today + Days::new(366));
    let mut open = Vec::new();
    for who in store::members_of(&ctx.db, account).await? {
        open.extend(meetings(ctx, who.member_id, span).await?);
    }
    open.retain(|meeting| meeting.part.is_open());
    open.sort_by_key(|meeting| meeting.starts_at);
    Ok(open)
}

async fn add(ctx: &Ctx, who: &store::Who, year: i32, all: &mut Year) -> Result<(), Refusal> {
    let (from, until) = days_of(year);
    let span = (year_of(from).0, year_of(until).0);
    all.meetings.extend(meetings(ctx, who.member_id, span).await?);
    all.received.extend(store::received(&ctx.db, who.member_id, (from, until)).await?);
    for visited in store::visits(&ctx.db, who, (from, until)).await? {
        let visit: Visit = serde_json::from_str(&visited.body).map_err(|e| Refusal::internal(&e))?;
        if visited.own || took_part(&visit, &who.name) {
            let heard = visit.heard_in_all();
            let (case, title) = (visited.case_id, visited.title);
            all.visits.push(VisitDone { case, title, on: visit.on, place: visit.place, heard });
        }
    }
    Ok(())
}

async fn meetings(ctx: &Ctx, member: MemberId, span: (DateTime<Utc>, DateTime<Utc>)) -> Result<Vec<Meeting>, Refusal> {
    let speeches = store::speeches(&ctx.db, member, span).await?;
    let asked = store::asked(&ctx.db, member, span).await?;
    Ok(asked
        .into_iter()
        .map(|one| {
            let own = speeches.iter().filter(|(invitee, ..)| *invitee == one.invitee_id);
            Meeting {
                part: Part::of(one.state.0, &one.meeting_state, one.came),
                link: answer::path(&ctx.secret, one.invitee_id, one.generation),
                speeches: own.clone().count(),
                spoke: own.fold(TimeDelta::zero(), |sum, (_, from, until)| sum + (*until - *from)),
                case: one.case_id,
                title: one.title,
                town: one.town,
                starts_at: one.starts_at,
                room: one.room,
            }
        })
        .collect())
}

async fn topics(ctx: &Ctx, of: (AccountId, Option<&str>), year: i32) -> Result<Vec<TopicRaised>, Refusal> {
    let (from, until) = days_of(year);
    Ok(store::raised(&ctx.db, of, (year_of(from).0, year_of(until).0)).await?)
}
