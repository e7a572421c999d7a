//! Topics and their ledger, made through `carry_out` under a clock that is moved through most of a year.
//!
//! What happens is planned first (the same every time), put in the order of time, and then carried out: so the entries
//! of a case lie scattered in the tables as they would in life.

use std::collections::HashSet;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use app::access::{Actor, Grant, Role, Signed, Visitor};
use app::account::admin::{self, NewUser};
use app::account::password::Cost;
use app::case::{Step, carry_out};
use app::context::{Clock, Ctx, Random, SiteSecret};
use app::error::Refusal;
use app::ids::{CaseId, CommentId, SessionId};
use app::rules::{Exclusion, TopicBasis, local_date};
use app::storage::{Database, Durability, OpenOptions};
use app::topic::model::{Approval, Edition, Ground, ShownName, TopicForm, TopicSource};
use app::topic::steps::{
    AcceptTopic, AddComment, ConfirmTopic, Decision, DeclineTopic, PrepareConfirmation, ReleaseComment, ReturnTopic,
    Submission, SubmitTopic, SupportTopic, TransferTopic,
};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use futures::future::{BoxFuture, FutureExt, join_all};

use crate::say;

/// Ledger entries for each topic, on average.
const ENTRIES: u64 = 10;
/// Days over which it all happens.
const DAYS: i64 = 240;
/// Steps under way at once; they share commits.
const AT_ONCE: usize = 256;

/// Fills an empty data folder.
///
/// # Errors
/// When it is not empty, or a step is refused, which means that the plan is wrong.
pub async fn fill(data: &Path, topics: u32) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(data)?;
    if data.read_dir()?.next().is_some() {
        return Err(format!("{} is not empty", data.display()).into());
    }
    let end = Clock::System.now() - TimeDelta::hours(1);
    // Before this day no rules are in force.
    let first = Utc.with_ymd_and_hms(2026, 1, 3, 0, 0, 0).single().ok_or("no such time")?;
    let start = (end - TimeDelta::days(DAYS)).max(first);
    let random = Random::from_seed(u64::from(topics));
    let secret = server::open::secret(data, &random)?;
    let db = Database::open(&OpenOptions {
        url: format!("sqlite:{}", data.join("consult.db").display()),
        // A fill that was interrupted is thrown away.
        durability: Durability::None,
        connections: 2,
    })
    .await?;
    let ctx = Ctx {
        db,
        clock: Clock::manual(start),
        random,
        secret: SiteSecret::new(secret),
        actor: Actor::Operator,
        request: None,
        shared: Arc::default(),
    };
    app::town::install(&ctx).await?;
    let towns = people(&ctx).await?;
    let plan = Plan::new(&ctx, topics, start, end, towns.len());
    let filling = Filling { ctx, towns, topics: plan.topics, entries: u64::from(topics) * ENTRIES, done: 0 };
    filling.run(plan.events, end).await
}

/// A town's three people.
struct Town {
    id: String,
    officer: Actor,
    director: Actor,
    approver: Actor,
}

async fn people(ctx: &Ctx) -> Result<Vec<Town>, Refusal> {
    let mut towns = Vec::new();
    for town in app::town::store::towns(&ctx.db).await? {
        let id = town.town_id;
        towns.push(Town {
            officer: person(ctx, &format!("{id}.gs"), Role::Officer, &id).await?,
            director: person(ctx, &format!("{id}.zr"), Role::Director, &id).await?,
            approver: person(ctx, &format!("{id}.dw"), Role::PartyApprover, &id).await?,
            id,
        });
    }
    Ok(towns)
}

/// An account with a role in a town, signed in.
///
/// # Errors
/// When there is one of that name.
pub async fn person(ctx: &Ctx, login: &str, role: Role, town: &str) -> Result<Actor, Refusal> {
    let user = NewUser { login, name: "演示人员", password: app::demo::PASSWORD, demo: true };
    let account = admin::add_user(ctx, user, Cost::Cheap).await?;
    admin::grant(ctx, login, role, Some(town), None).await?;
    let signed = Signed {
        account,
        session: SessionId(uuid::Uuid::nil()),
        name: "演示人员".to_owned(),
        login: login.to_owned(),
        grants: vec![Grant { role, town: Some(town.to_owned()), unit: None }],
    };
    Ok(Actor::Signed(signed, Visitor::default()))
}

/// One topic of the plan.
struct Topic {
    case: CaseId,
    town: usize,
    accepted: bool,
    /// What its texts are drawn from.
    seed: u64,
}

/// What happens to a topic.
#[derive(Clone, Copy)]
enum What {
    Raise,
    Accept,
    Return,
    Transfer,
    Decline,
    Support(u32),
    Comment(CommentId),
    Release(CommentId),
    Prepare,
    Confirm,
}

struct Event {
    at: DateTime<Utc>,
    topic: usize,
    what: What,
}

struct Plan {
    topics: Vec<Topic>,
    events: Vec<Event>,
}

impl Plan {
    fn new(ctx: &Ctx, count: u32, start: DateTime<Utc>, end: DateTime<Utc>, towns: usize) -> Self {
        let mut dice = Dice(1);
        let (mut topics, mut events) = (Vec::new(), Vec::new());
        let span = (end - start - TimeDelta::days(1)).num_seconds();
        for n in 0..count {
            let raised = start + TimeDelta::seconds(span * i64::from(n) / i64::from(count));
            let topic = topics.len();
            let mut add = |at: DateTime<Utc>, what: What| {
                if at <= end {
                    events.push(Event { at, topic, what });
                }
            };
            add(raised, What::Raise);
            let decided = raised + TimeDelta::minutes(dice.minutes(4 * 60, 60 * 60));
            let outcome = dice.below(100);
            match outcome {
                0..3 => add(decided, What::Return),
                3..5 => add(decided, What::Transfer),
                5..7 => add(decided, What::Decline),
                _ => {
                    add(decided, What::Accept);
                    // Most get a few supports, one in five hundred gets many.
                    let many = if dice.below(500) == 0 { 150 } else { 0 };
                    for browser in 0..many + dice.below(9) {
                        add(decided + TimeDelta::minutes(dice.minutes(1, 20 * 24 * 60)), What::Support(browser));
                    }
                    for _ in 0..(if many > 0 { 25 } else { dice.below(3) }) {
                        let written = decided + TimeDelta::minutes(dice.minutes(30, 15 * 24 * 60));
                        let comment = CommentId(ctx.random.uuid(written));
                        add(written, What::Comment(comment));
                        add(written + TimeDelta::minutes(dice.minutes(20, 24 * 60)), What::Release(comment));
                    }
                    if dice.below(10) < 6 {
                        let prepared = decided + TimeDelta::minutes(dice.minutes(24 * 60, 6 * 24 * 60));
                        add(prepared, What::Prepare);
                        add(prepared + TimeDelta::minutes(dice.minutes(60, 3 * 24 * 60)), What::Confirm);
                    }
                }
            }
            topics.push(Topic {
                case: CaseId(ctx.random.uuid(raised)),
                town: dice.index(towns),
                accepted: outcome >= 7 && decided <= end,
                seed: dice.next(),
            });
        }
        events.sort_by_key(|event| event.at);
        Self { topics, events }
    }
}

struct Filling {
    ctx: Ctx,
    towns: Vec<Town>,
    topics: Vec<Topic>,
    entries: u64,
    done: u64,
}

impl Filling {
    async fn run(mut self, events: Vec<Event>, end: DateTime<Utc>) -> Result<(), Box<dyn Error>> {
        let began = Instant::now();
        let mut told = 0;
        let mut events = events.into_iter().peekable();
        let mut day = local_date(self.ctx.now());
        while let Some(first) = events.next() {
            // Steps of different topics go together; of one topic they keep their order.
            let mut together = vec![first];
            let mut busy: HashSet<usize> = together.iter().map(|event| event.topic).collect();
            while together.len() < AT_ONCE {
                let Some(next) = events.next_if(|event| !busy.contains(&event.topic)) else { break };
                busy.insert(next.topic);
                together.push(next);
            }
            self.ctx.clock.set(together.last().map_or(end, |event| event.at));
            if local_date(self.ctx.now()) != day {
                day = local_date(self.ctx.now());
                self.done += self.overdue().await?;
            }
            self.done += self.carry_out(&together).await?;
            if self.done * 20 / self.entries > told {
                told = self.done * 20 / self.entries;
                say(&format!("{} % after {} s", told * 5, began.elapsed().as_secs()));
            }
        }
        self.ctx.clock.set(end);
        self.done += self.overdue().await?;
        self.fill_up().await?;
        app::ledger::seal_day(&self.ctx).await?;
        say(&format!("{} topics, {} ledger entries in {} s", self.topics.len(), self.done, began.elapsed().as_secs()));
        Ok(())
    }

    /// What the clock does every day.
    async fn overdue(&self) -> Result<u64, Refusal> {
        let mut done = 0;
        loop {
            let steps = app::topic::clock::run_due(&self.ctx).await?;
            if steps == 0 {
                return Ok(done);
            }
            done += steps as u64;
        }
    }

    /// Supports from new browsers until there are as many entries as asked for.
    async fn fill_up(&mut self) -> Result<(), Refusal> {
        let accepted: Vec<usize> = (0..self.topics.len()).filter(|n| self.topics[*n].accepted).collect();
        let at = self.ctx.now();
        let mut browser = 1_000_000;
        while self.done < self.entries && !accepted.is_empty() {
            for chunk in accepted.chunks(AT_ONCE) {
                let missing = usize::try_from(self.entries.saturating_sub(self.done)).unwrap_or(usize::MAX);
                let together: Vec<Event> = chunk
                    .iter()
                    .take(missing)
                    .map(|topic| Event { at, topic: *topic, what: What::Support(browser) })
                    .collect();
                self.done += self.carry_out(&together).await?;
            }
            browser += 1;
        }
        Ok(())
    }

    async fn carry_out(&self, together: &[Event]) -> Result<u64, Refusal> {
        let steps = together.iter().map(|event| self.step(event));
        let mut done = 0;
        for result in join_all(steps).await {
            result?;
            done += 1;
        }
        Ok(done)
    }

    fn step(&self, event: &Event) -> BoxFuture<'_, Result<(), Refusal>> {
        let topic = &self.topics[event.topic];
        let town = &self.towns[topic.town];
        let case = topic.case;
        let mut dice = Dice(topic.seed);
        match event.what {
            What::Raise => self.by(&visitor(event.topic, 0), SubmitTopic(submission(topic, &town.id, event.topic))),
            What::Accept => self.by(
                &town.officer,
                AcceptTopic { decision: decision(case), within_scope: Some(true), edition: edition(&mut dice) },
            ),
            What::Return => {
                let question = "具体是哪一段路、什么时候最挤？请补充一下。".to_owned();
                self.by(&town.officer, ReturnTopic { decision: decision(case), question })
            }
            What::Transfer => {
                let transfer_to = "镇人民调解委员会".to_owned();
                let exclusion = Some(Exclusion::CivilDispute);
                self.by(&town.officer, TransferTopic { decision: decision(case), transfer_to, exclusion })
            }
            What::Decline => self.by(&town.officer, DeclineTopic { decision: decision(case), exclusion: None }),
            What::Support(browser) => self.by(&visitor(event.topic, browser + 1), SupportTopic { case }),
            What::Comment(comment) => self.by(
                &visitor(event.topic, 1),
                AddComment {
                    case,
                    comment: Some(comment),
                    parent: None,
                    name: "李大妈".to_owned(),
                    how: Some(ShownName::Masked),
                    body: Dice(u64::try_from(comment.0.as_u128() >> 64).unwrap_or(1)).sentences(2),
                    stance: None,
                },
            ),
            What::Release(comment) => self.by(&town.officer, ReleaseComment { case, comment }),
            What::Prepare => self.by(&town.director, PrepareConfirmation { case, seen: 0, approval: approval() }),
            What::Confirm => {
                let reason = "同意立题。请工委抓紧安排调研，把当事各方都请到。".to_owned();
                self.by(&town.approver, ConfirmTopic { case, seen: 1, reason })
            }
        }
    }

    fn by<S: Step>(&self, actor: &Actor, step: S) -> BoxFuture<'static, Result<(), Refusal>> {
        let ctx = self.ctx.acting_as(actor.clone());
        async move { carry_out(&ctx, step).await.map(|_| ()) }.boxed()
    }
}

/// A browser; no limit counts what it sends.
pub fn visitor(topic: usize, n: u32) -> Actor {
    Actor::Visitor(Visitor { browser: app::ledger::digest(&format!("{topic} {n}")), prefix: String::new() })
}

/// Words that take a topic up.
pub fn decision(case: CaseId) -> Decision {
    Decision {
        case, seen: 1, reason: "属于大家共同关心的事，按议事的程序办，有进展会告诉您。".to_owned()
    }
}

fn submission(topic: &Topic, town: &str, n: usize) -> Submission {
    let edition = edition(&mut Dice(topic.seed));
    Submission {
        case: Some(topic.case),
        town: town.to_owned(),
        source: Some(TopicSource::PublicSolicited),
        form: TopicForm {
            title: edition.title,
            place: edition.place,
            matter: edition.matter,
            reason: edition.reason,
            suggestion: edition.suggestion,
            ..TopicForm::default()
        },
        contact_name: "王小明".to_owned(),
        contact_phone: format!("138{:08}", n % 100_000_000),
        one_matter: true,
        consent_privacy: true,
        demo: true,
        ..Submission::default()
    }
}

/// What a topic says, drawn from a number.
pub fn edition_of(seed: u64) -> Edition {
    edition(&mut Dice(seed))
}

fn edition(dice: &mut Dice) -> Edition {
    let place = format!("{}{}", dice.one(PLACES), dice.one(SPOTS));
    Edition {
        title: format!("{place}{}", dice.one(MATTERS)),
        place,
        matter: dice.sentences(6),
        reason: dice.sentences(3),
        suggestion: dice.sentences(3),
        files: Vec::new(),
    }
}

/// A preparation that nothing is missing from.
pub fn approval() -> Approval {
    let yes = |sentence: &str| Ground { yes: Some(true), sentence: sentence.to_owned() };
    Approval {
        bases: vec![(TopicBasis::LivelihoodHotspot, "热线今年反映三十七件".to_owned())],
        legality: yes("没有涉及诉讼和涉密，协商结果由有关单位依职权办理。"),
        legality_checker: "镇司法所值班人员".to_owned(),
        one_place: yes("只涉及一个小区。"),
        one_unit: yes("由一家单位主办，其他单位配合。"),
        doable: yes("措施以管理和小改造为主，半年内能见到结果。"),
        has_plan: false,
        plan_number: String::new(),
    }
}

/// Numbers that look random and are the same every time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut n = self.0;
        n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        n ^ (n >> 31)
    }

    fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.next() % u64::from(limit.max(1))).unwrap_or(0)
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.next() % (length as u64).max(1)).unwrap_or(0)
    }

    fn minutes(&mut self, from: u32, to: u32) -> i64 {
        i64::from(from + self.below(to - from))
    }

    fn one(&mut self, words: &'static [&'static str]) -> &'static str {
        words[self.index(words.len())]
    }

    fn sentences(&mut self, count: usize) -> String {
        (0..count).map(|_| self.one(SENTENCES)).collect()
    }
}

const PLACES: &[&str] = &[
    "人民路",
    "西环桥",
    "镇东五区",
    "财税弄",
    "南新街",
    "舜湖东路",
    "目澜花苑",
    "敬老院",
    "老菜场",
    "卫生院",
    "实验小学",
    "幼儿园",
    "丝绸市场",
    "汽车站",
    "文化广场",
    "滨河公园",
    "新联村",
    "黄家溪",
    "圣塘村",
    "渔业村",
    "坛丘",
    "南麻",
    "北角新村",
    "东方花园",
    "水厂",
    "龙桥",
    "荡白漾",
    "太平桥",
    "莺湖",
    "梅堰",
    "庙头",
    "六里桥",
    "金家坝",
    "芦墟",
];
const SPOTS: &[&str] = &["北门", "南门", "路口", "三号楼", "背后", "对面", "一期", "二期", "西侧", "沿河"];
const MATTERS: &[&str] = &[
    "停车位不够",
    "路灯不亮",
    "电动车没处充电",
    "河道有异味",
    "想装电梯",
    "广场舞太吵",
    "公交站太远",
    "占道摆摊",
    "下水道堵塞",
    "外墙脱落",
    "健身器材坏了",
    "绿化带被占",
    "放学时段拥堵",
    "快递柜收费",
    "物业费上涨",
    "养狗不牵绳",
    "单车乱停放",
    "雨污没有分流",
    "夜里施工扰民",
    "会车困难",
    "桥面破损",
    "老人吃饭难",
    "孩子没处玩",
    "水压不足",
    "消防通道被占",
    "垃圾房有异味",
    "缺少无障碍坡道",
    "路面积水",
    "监控有盲区",
    "围墙有隐患",
];
const SENTENCES: &[&str] = &[
    "晚上七点以后车子从路口一直停到桥边，消防车进不来。",
    "这一段住着四百多户人家，老人和孩子占了一大半。",
    "前几年修过一次，去年冬天以后又坏了，一直没有人来看。",
    "下雨天积水没过脚面，骑车的人只好绕到马路中间走。",
    "物业说要业主大会同意，业主大会已经两年没有开成。",
    "早上送孩子的车和上班的车挤在一起，经常堵上二十分钟。",
    "我们楼里商量过几回，大家愿意出一点钱，只是不知道找谁。",
    "附近的空地白天没有人用，晚上也锁着门，很可惜。",
    "夏天气味特别大，一楼的住户一年到头不敢开窗。",
    "路灯坏了三盏，天黑以后从菜场到车站要摸黑走一段。",
    "有人为这件事吵过好几次，社区来劝过，过几天又是老样子。",
    "建议请交警、城管和物业坐到一起，先定一个试行的办法。",
    "建议错时共享，白天给办事的人用，晚上让给住户停。",
    "建议把充电桩装到北边的空地上，离楼远一点，大家放心。",
    "建议先清一次淤，再把两边的护栏补齐，费用分开算清楚。",
    "建议定一个时间，晚上九点以后把音响关小，周末可以晚一些。",
    "如果一下子做不到，可以先划出几个临时车位试两个月。",
    "希望听一听楼里老人的想法，他们走路慢，最怕台阶和斜坡。",
    "做好以后请在公告栏里贴一张图，写明谁管、坏了找谁。",
    "别的镇已经这样做了，听说住户都说好，可以去看一看。",
    "这件事不大，拖久了邻里之间都不说话了，很伤和气。",
    "希望定下来以后有人盯着，每个月说一说办到哪一步。",
    "校门口没有等候的地方，家长只好站在机动车道上。",
    "河里漂着水草和塑料袋，靠岸的几户人家自己捞过几回。",
    "公交站搬走以后，去卫生院看病的老人要多走一里路。",
    "快件堆在门卫室门口，拿件的人和进出的车挤在一处。",
];
