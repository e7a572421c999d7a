//! Announced meetings with their people, made through the steps that people use, and a month full of meetings, written
//! in bulk: 5,000 of them through steps would take longer than all that is measured.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use app::access::{Actor, Role};
use app::case::{Step, carry_out};
use app::context::{Clock, Ctx, Random, SiteSecret};
use app::error::Refusal;
use app::files::NewFile;
use app::ids::{CaseId, FileId, MeetingId, VisitId};
use app::invitation::answer::{guests_of, path};
use app::invitation::model::PersonForm;
use app::invitation::steps::{AT_ONCE, AddPeople};
use app::meeting::model::How;
use app::meeting::poll::model::votes;
use app::meeting::steps::{CheckIn, ConveneMeeting, OpenDoor, Presence};
use app::plan::model::{AgendaItem, ConsultationPlan};
use app::plan::steps::{Announce, ApprovePlan, SavePlan};
use app::research::model::{Method, ResearchReport, Visit};
use app::research::steps::{AssignLead, FileResearch, RecordVisit, SaveReport};
use app::rules::{Category, MeetingFormat, Segment};
use app::storage::{Database, Durability, OpenOptions, Value};
use app::topic::model::{TopicForm, TopicSource};
use app::topic::steps::{AcceptTopic, ConfirmTopic, PrepareConfirmation, Submission, SubmitTopic};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::try_join_all;
use server::config::Given;
use server::mail::Post;
use tokio_util::sync::CancellationToken;

use crate::fill::{approval, decision, edition_of, person, visitor};

/// The town of all of it.
const TOWN: &str = "shengze";
/// Open seats of each meeting: the last ten.
const SEATS: u32 = 10;
/// Days until the meetings: enough for the notice.
const DAYS_AHEAD: i64 = 10;
/// Of twenty people: what they are. It meets the rules of composition.
const SIDES: [(Category, usize); 5] = [
    (Category::Member, 4),
    (Category::Stakeholder, 5),
    (Category::Public, 6),
    (Category::Department, 3),
    (Category::Village, 2),
];
/// Rows of the month in one transaction.
const CHUNK: usize = 500;
/// Check-ins under way at once; they share commits.
const CHECK_INS: usize = 256;

/// What is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Announced meetings, each of a topic of its own.
    pub meetings: u32,
    /// People on the list of each.
    pub people: u32,
    /// Meetings of the month, of topics that are there.
    pub month: u32,
    /// People on the list of one more meeting, whose door is open; none for no such meeting.
    pub door: u32,
    /// People on the list of one more meeting, which is on with everybody there; none for no such meeting.
    pub held: u32,
}

/// Adds meetings to a filled data folder. Prints a line for each thing that can be asked for:
/// `answers PATH`, `register PATH MEETING`, `link PATH`, `door PATH`, `held CASE SITTING`, `voter PATH` and `listener PATH`
/// for those who are there and vote or don't, `month YYYY-MM`.
///
/// # Errors
/// When the folder is not filled, or a step is refused, which means that the plan is wrong.
pub async fn meet(data: &Path, amount: Amount) -> Result<(), Box<dyn Error>> {
    let now = Clock::System.now();
    let random = Random::from_seed(now.timestamp().unsigned_abs());
    let secret = server::open::secret(data, &random)?;
    let db = Database::open(&OpenOptions {
        url: format!("sqlite:{}", data.join("consult.db").display()),
        durability: Durability::None,
        connections: 2,
    })
    .await?;
    let ctx = Ctx {
        db,
        clock: Clock::System,
        random,
        secret: SiteSecret::new(secret),
        actor: Actor::Operator,
        request: None,
        shared: Arc::default(),
    };
    app::town::install(&ctx).await?;
    let town = Town {
        officer: person(&ctx, "bench.gs", Role::Officer, TOWN).await?,
        director: person(&ctx, "bench.zr", Role::Director, TOWN).await?,
        approver: person(&ctx, "bench.dw", Role::PartyApprover, TOWN).await?,
        ctx,
    };
    let mut lines = String::new();
    for n in 0..amount.meetings {
        let (case, meeting) = town.announced(n, amount.people).await?;
        writeln!(lines, "answers /desk/topics/{case}/answers")?;
        writeln!(lines, "register /topics/{case}/register {meeting}")?;
        for guest in guests_of(&town.ctx.db, meeting).await? {
            writeln!(lines, "link {}", path(&town.ctx.secret, guest.invitee_id, guest.generation))?;
        }
    }
    if amount.door > 0 {
        writeln!(lines, "door {}", town.open_door(amount.meetings, amount.door).await?)?;
    }
    if amount.held > 0 {
        // Its number is one more than that of the door's.
        lines.push_str(&town.held(amount.meetings + 1, amount.held).await?);
    }
    town.letters(data).await?;
    writeln!(lines, "month {}", town.month(amount.month).await?)?;
    crate::say(lines.trim_end());
    Ok(())
}

/// The people of the town, and the site they work with.
struct Town {
    ctx: Ctx,
    officer: Actor,
    director: Actor,
    approver: Actor,
}

impl Town {
    async fn step<S: Step>(&self, actor: &Actor, step: S) -> Result<S::Receipt, Refusal> {
        carry_out(&self.ctx.acting_as(actor.clone()), step).await
    }

    /// A topic from its first form to the announcement, with its people.
    async fn announced(&self, n: u32, people: u32) -> Result<(CaseId, MeetingId), Refusal> {
        let case = self.confirmed(n).await?;
        self.researched(case).await?;
        let plan = self.plan().await?;
        let meeting = self.step(&self.officer, SavePlan { case, seen: 0, plan, hand_over: true }).await?;
        let everybody: Vec<PersonForm> = (0..people).map(|k| guest(n, k)).collect();
        for some in everybody.chunks(AT_ONCE) {
            self.step(&self.officer, AddPeople { case, meeting, people: some.to_vec() }).await?;
        }
        self.step(&self.director, ApprovePlan { case, seen: 1, reason: "同意".to_owned() }).await?;
        self.step(&self.officer, Announce { case, seen: 1 }).await?;
        Ok((case, meeting))
    }

    /// The `n`th meeting with its door open, as on its day; gives the path of its page.
    async fn open_door(&self, n: u32, people: u32) -> Result<String, Refusal> {
        let (case, _) = self.announced(n, people).await?;
        carry_out(&self.on_the_day(), OpenDoor { case }).await?;
        Ok(format!("/desk/topics/{case}/door"))
    }

    /// The officer on the day of a meeting that was announced just now, when it begins.
    fn on_the_day(&self) -> Ctx {
        let day = self.ctx.now() + TimeDelta::days(DAYS_AHEAD);
        Ctx { clock: Clock::manual(day), ..self.ctx.acting_as(self.officer.clone()) }
    }

    /// The `n`th meeting with everybody there, and opened; gives its lines.
    async fn held(&self, n: u32, people: u32) -> Result<String, Box<dyn Error>> {
        let (case, meeting) = self.announced(n, people).await?;
        let there = self.on_the_day();
        let sitting = carry_out(&there, OpenDoor { case }).await?;
        let presence = Presence::load(&there.db, case).await?.ok_or(Refusal::NotFound)?;
        let tick = |invitee, account| {
            let how = How::List;
            carry_out(&there, CheckIn { case, sitting, invitee, account, how, device_at: None, list_at: None })
        };
        for account in [self.director.account(), self.officer.account()] {
            tick(None, account).await?;
        }
        for some in presence.people.chunks(CHECK_INS) {
            try_join_all(some.iter().map(|person| tick(Some(person.invitee_id), None))).await?;
        }
        let found = app::case::store::find(&there.db, case).await?.ok_or(Refusal::NotFound)?;
        carry_out(&there, ConveneMeeting { case, seen: found.stage_version, remark: String::new() }).await?;
        let mut lines = String::new();
        writeln!(lines, "held {case} {sitting}")?;
        for guest in guests_of(&there.db, meeting).await? {
            let what = if votes(guest.category.0) { "voter" } else { "listener" };
            writeln!(lines, "{what} {}", path(&there.secret, guest.invitee_id, guest.generation))?;
        }
        Ok(lines)
    }

    async fn confirmed(&self, n: u32) -> Result<CaseId, Refusal> {
        let case = CaseId(self.ctx.new_id());
        let edition = edition_of(u64::from(n));
        let submission = Submission {
            case: Some(case),
            town: TOWN.to_owned(),
            source: Some(TopicSource::PublicSolicited),
            form: TopicForm {
                title: edition.title.clone(),
                place: edition.place.clone(),
                matter: edition.matter.clone(),
                reason: edition.reason.clone(),
                suggestion: edition.suggestion.clone(),
                ..TopicForm::default()
            },
            contact_name: "王小明".to_owned(),
            contact_phone: format!("137{n:08}"),
            one_matter: true,
            consent_privacy: true,
            demo: true,
            ..Submission::default()
        };
        self.step(&visitor(usize::MAX, n), SubmitTopic(submission)).await?;
        let accept = AcceptTopic { decision: decision(case), within_scope: Some(true), edition };
        self.step(&self.officer, accept).await?;
        self.step(&self.director, PrepareConfirmation { case, seen: 0, approval: approval() }).await?;
        let confirm = ConfirmTopic { case, seen: 1, reason: "同意立题。".to_owned() };
        self.step(&self.approver, confirm).await?;
        Ok(case)
    }

    async fn researched(&self, case: CaseId) -> Result<(), Refusal> {
        let found = app::case::store::find(&self.ctx.db, case).await?.ok_or(Refusal::NotFound)?;
        let lead = AssignLead { case, seen: found.stage_version, lead: self.officer.account(), due_on: None };
        self.step(&self.director, lead).await?;
        let visit = Visit {
            on: self.ctx.today(),
            method: Method::Visit,
            place: "桥头".to_owned(),
            heard: BTreeMap::from([(Category::Stakeholder, 3)]),
            unknown: 0,
            members: 1,
            member_names: "顾采薇".to_owned(),
            said: "早高峰两头顶牛。".to_owned(),
            seen: "桥面没有中线。".to_owned(),
            files: Vec::new(),
            correction: String::new(),
        };
        let id = Some(VisitId(self.ctx.new_id()));
        self.step(&self.officer, RecordVisit { case, id, visit }).await?;
        let report = ResearchReport {
            methods: "走访".to_owned(),
            dates: self.ctx.today().to_string(),
            places: "桥头".to_owned(),
            findings: "早晚各堵半小时。".to_owned(),
            issues: "高峰谁先走".to_owned(),
            ..ResearchReport::default()
        };
        self.step(&self.officer, SaveReport { case, seen: 0, report }).await?;
        self.step(&self.officer, FileResearch { case, seen: 1 }).await?;
        Ok(())
    }

    /// Over the network, so that the meetings share no room.
    async fn plan(&self) -> Result<ConsultationPlan, Refusal> {
        Ok(ConsultationPlan {
            starts_at: Some(self.ctx.now() + TimeDelta::days(DAYS_AHEAD)),
            minutes: 120,
            format: Some(MeetingFormat::Online),
            online_url: "https://meeting.example/1".to_owned(),
            agenda: Segment::ALL
                .iter()
                .map(|segment| AgendaItem { segment: *segment, minutes: 30, words: String::new() })
                .collect(),
            chair: self.director.account(),
            recorder: self.officer.account(),
            notice: "请桥两头的住户和交警坐下来，定一个早晚高峰的走法。".to_owned(),
            materials: vec![self.material().await?],
            open_seats: vec![(Category::Public, SEATS)],
            ..ConsultationPlan::default()
        })
    }

    /// A file by name only: nobody opens it.
    async fn material(&self) -> Result<FileId, Refusal> {
        let file = NewFile {
            sha256: "0".repeat(64),
            name: "桥头车流情况.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size: 1000,
        };
        let staged = app::files::stage(&self.ctx.acting_as(self.officer.clone()), vec![file]).await?;
        staged.first().map(|file| file.file).ok_or(Refusal::NotFound)
    }

    /// Writes the letters that the announcements owe, so that the server has nothing to catch up with.
    async fn letters(&self, data: &Path) -> Result<(), Box<dyn Error>> {
        let mut given = Given::default();
        given.set("data", data.display().to_string(), "bench")?;
        let post = Post::new(&given.finish()?);
        server::jobs::run_jobs(&self.ctx.acting_as(Actor::Clock), &post, &CancellationToken::new()).await?;
        Ok(())
    }

    /// Fills the month after next with announced meetings of topics that are public; gives the month.
    async fn month(&self, count: u32) -> Result<String, Refusal> {
        let first = next_but_one(self.ctx.now());
        let topics: Vec<(CaseId,)> = self
            .ctx
            .db
            .rows("SELECT topic_id FROM topic WHERE is_public AND stage = 'accepted' ORDER BY topic_id", Vec::new())
            .await?;
        let announced = self.ctx.now();
        let rows: Vec<Vec<Value>> = (0..count)
            .zip(topics.iter().cycle())
            .map(|(n, (case,))| {
                let starts = first + TimeDelta::minutes(i64::from(n) * 28 * 24 * 60 / i64::from(count.max(1)));
                vec![
                    MeetingId(self.ctx.new_id()).into(),
                    (*case).into(),
                    starts.into(),
                    (starts + TimeDelta::hours(2)).into(),
                    announced.into(),
                ]
            })
            .collect();
        for chunk in rows.chunks(CHUNK) {
            let chunk = chunk.to_vec();
            self.ctx
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        for values in chunk {
                            tx.execute(
                                "INSERT INTO meeting (meeting_id, case_id, round, state, format, starts_at, ends_at,
                                                      told_starts_at, told_ends_at, online_url, announced_at, urgent, sequence)
                                 VALUES ($1, $2, 1, 'announced', 'roundtable', $3, $4, $3, $4, '', $5, FALSE, 0)",
                                values,
                            )
                            .await?;
                        }
                        Ok(())
                    })
                })
                .await?;
        }
        Ok(first.format("%Y-%m").to_string())
    }
}

/// Noon of the first day of the month after next: no meeting of the steps lies in it.
fn next_but_one(now: DateTime<Utc>) -> DateTime<Utc> {
    use chrono::{Datelike, Months, NaiveTime};
    let month = now.date_naive().with_day(1).and_then(|day| day.checked_add_months(Months::new(2)));
    month.map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(4))
}

/// Somebody on the list of the `n`th meeting.
fn guest(n: u32, k: u32) -> PersonForm {
    let mut place = usize::try_from(k % 20).unwrap_or(0);
    let mut category = Category::Public;
    for (side, share) in SIDES {
        category = side;
        if place < share {
            break;
        }
        place -= share;
    }
    PersonForm {
        category: Some(category),
        name: format!("演示{n}号{k}"),
        organisation: "东港片区".to_owned(),
        phone: format!("136{:08}", n * 100_000 + k),
        woman: k.is_multiple_of(2),
        ..PersonForm::default()
    }
}
