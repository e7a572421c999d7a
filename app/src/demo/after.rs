//! Topics of the demo whose meeting was held some time ago: reported, handled, judged, closed, archived. What is said and
//! done is invented, as are all people.

use std::collections::BTreeMap;

use chrono::{Days, TimeDelta};

use super::minutes::{Held, agreed};
use super::plan::{AT_LILI, Meeting, NEAR_THE_LAKE, past};
use super::research::{self, Research};
use super::topics::{BASE, Topic, Way};
use super::{Demo, PASSWORD, Town, acting, signed};
use crate::access::{Actor, Grant, Role, Visitor};
use crate::account::admin::{self, NewUser};
use crate::account::password::Cost;
use crate::archive::model::{CaseStory, PublishedResult};
use crate::archive::steps::{ArchiveCase, PublishResult, PublishStory, SaveStory};
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::evaluation::model::{Question, Satisfaction};
use crate::evaluation::steps::{AnswerSurvey, Answers, CloseCase, FinishTracking, Redo, RedoHandling};
use crate::ids::{AssignmentId, CaseId, FileId, UnitId};
use crate::meeting::steps::Presence;
use crate::outcome::model::{Decision, Office};
use crate::outcome::steps::{AssignTasks, DecideOutcome, ReceiveReport, ReportOutcome};
use crate::rules::{Adoption, Category, ResultClass, local_date};
use crate::task::model::TaskState;
use crate::task::steps::{AskExtension, ReplyTask, ReportProgress, SignTask, Supervise, VerifyTask};
use crate::{evaluation, files, outcome, task};

/// Days before the end at which the demo begins.
pub(super) const BEGINNING: u32 = 130;

/// How a unit handles its task.
#[derive(Clone, Copy)]
enum Handled {
    /// It has not even signed.
    Ignored,
    /// It works on it: percent done.
    Working(i64),
    /// It has answered.
    Answered(ResultClass),
    /// It has answered, and somebody has looked.
    Done(ResultClass),
}

/// How a topic ended, or where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Waits for the decision on its outcomes.
    Reported,
    /// Units handle it.
    Tracking,
    /// People are asked.
    Evaluating,
    /// Closed; with one more round before that where `redone` is set.
    Closed { redone: bool },
    /// Archived and written up.
    Archived,
}

/// What followed the minutes of a meeting.
pub(super) struct After {
    /// Days before the end on which the meeting was held.
    met: u32,
    /// For each outcome: the unit, the measure, how it was handled; none for an outcome that was not adopted.
    handled: &'static [Option<(&'static str, &'static str, Handled)>],
    end: End,
}

const fn topic(met: u32, meeting: &'static Meeting, research: &'static Research) -> Topic {
    Topic {
        raised: met + 36,
        way: Way::Confirmed { confirmed: met + 27 },
        meeting: Some(meeting),
        research: Some(research),
        ..BASE
    }
}

const MANHOLES: Meeting =
    past(24, "井盖响、路面跳，哪里先修、谁来修，请住户和交通所坐下来商量。", AT_LILI, &SAID_OF_MANHOLES);
const SAID_OF_MANHOLES: Held = agreed(
    24,
    &[
        (("谈一帆", "半夜一辆车过去响三声，老人睡不着。"), Some(("车向阳", "主街二十一只，先换响得厉害的。"))),
        (("盛小荷", "换的时候分段来，别把街全封了。"), None),
    ],
    ("先换主街响得厉害的井盖，您同意吗", "主街响得厉害的井盖先换，分段施工。"),
    &[
        ("主街二十一只响动的井盖换成防响的，分两段施工", Category::Stakeholder),
        ("施工前三天把时间贴到街口", Category::Public),
    ],
);

const LAMPS: Meeting =
    past(40, "步道灯坏了谁修、电费谁出、夏天几点关，请散步的和管灯的坐下来商量。", AT_LILI, &SAID_OF_LAMPS);
const SAID_OF_LAMPS: Held = agreed(
    40,
    &[
        (("谈一帆", "南段三百米一盏不亮，走的人都打手机。"), Some(("车向阳", "线路老化，要换一段电缆。"))),
        (("盛小荷", "半夜关一半也行，八点到十点全亮。"), None),
    ],
    ("分段修、分时亮，您同意吗", "南段先修，八点到十点全亮，十点以后亮一半。"),
    &[
        ("南段三百米电缆更换，路灯全部修亮", Category::Stakeholder),
        ("设一个报修电话，两天内修好", Category::Public),
        ("给步道全线加装护栏", Category::Public),
    ],
);

const BINS: Meeting =
    past(62, "垃圾房几点收、怎么收才不吵，请住户、物业和保洁坐下来商量。", NEAR_THE_LAKE, &SAID_OF_BINS);
const SAID_OF_BINS: Held = agreed(
    62,
    &[
        (("鲍春晓", "凌晨四点收垃圾，铁桶拖得整幢楼都醒。"), Some(("尚文涛", "改到六点，车要调班。"))),
        (("水玉珍", "桶换成带轮子的塑料桶，声音小一半。"), None),
    ],
    ("收运改到早上六点，您同意吗", "收运时间改到早上六点，铁桶换成塑料桶。"),
    &[("垃圾收运时间改到早上六点以后", Category::Stakeholder), ("铁桶换成带轮塑料桶", Category::Stakeholder)],
);

const CHARGERS: Meeting =
    past(48, "充电桩一度电收多少、坏了谁修，请住户、物业和运营的坐下来商量。", NEAR_THE_LAKE, &SAID_OF_CHARGERS);
const SAID_OF_CHARGERS: Held = agreed(
    48,
    &[
        (("鲍春晓", "一度电收一块八，比路边还贵。"), Some(("尚文涛", "服务费可以谈，电价是统一的。"))),
        (("水玉珍", "坏了三个，报修半个月没人来。"), None),
    ],
    ("服务费降到三角，您同意吗", "服务费降到每度三角，坏的两天内修好。"),
    &[("充电服务费降到每度三角，价格贴在桩上", Category::Stakeholder)],
);

const KINDERGARTEN: Meeting =
    past(66, "接送车停哪里、停多久，请家长、学校和交警坐下来商量。", NEAR_THE_LAKE, &SAID_OF_KINDERGARTEN);
const SAID_OF_KINDERGARTEN: Held = agreed(
    66,
    &[
        (("鲍春晓", "放学半小时，路口一动不动。"), Some(("尚文涛", "东侧空地可以划成即停即走。"))),
        (("水玉珍", "错开年级放学，能少一半车。"), None),
    ],
    ("东侧空地划即停即走车位，您同意吗", "东侧空地划即停即走车位，错开年级放学。"),
    &[("东侧空地划三十个即停即走车位", Category::Stakeholder), ("各年级错开十分钟放学", Category::Public)],
);

const RAMP: Meeting = past(70, "路口斜坡怎么改、谁来出钱，请住户和建设科坐下来商量。", NEAR_THE_LAKE, &SAID_OF_RAMP);
const SAID_OF_RAMP: Held = agreed(
    70,
    &[
        (("鲍春晓", "推轮椅上不去，每次要两个人抬。"), Some(("尚文涛", "坡度要降到一比十二，占一点绿地。"))),
        (("水玉珍", "绿地少两米不要紧，先把路修平。"), None),
    ],
    ("占两米绿地修缓坡，您同意吗", "占两米绿地，修一条缓坡。"),
    &[("东门路口修一条缓坡，两侧装扶手", Category::Stakeholder)],
);

const MARKET: Meeting = past(76, "桥下菜市怎么摆不占道，请摊主、住户和执法局坐下来商量。", AT_LILI, &SAID_OF_MARKET);
const SAID_OF_MARKET: Held = agreed(
    76,
    &[
        (("谈一帆", "早上七点桥下走不了人，孩子上学要绕。"), Some(("车向阳", "桥东空地能摆四十个摊。"))),
        (("盛小荷", "摊位费别涨，我们就搬。"), None),
    ],
    ("菜市搬到桥东空地，您同意吗", "菜市搬到桥东空地，摊位费三年不变。"),
    &[("桥下菜市搬到桥东空地，划四十个摊位", Category::Stakeholder), ("桥下通道早晚有人巡查", Category::Public)],
);

/// The topics, with what followed.
pub(super) const TOPICS: &[(Topic, After)] = &[
    (
        Topic {
            town: "lili",
            title: "桥下菜市怎么摆不挡道",
            place: "汾湖大桥桥下",
            matter: "桥下菜市早上六点到九点摆满，行人和自行车只能走机动车道。",
            reason: "上学和买菜撞在一起，去年摔过四个人。",
            suggestion: "找一块空地划好摊位，把摊主请过去。",
            hotspot: "12345 今年反映 22 件",
            proposer: "芮阿妹",
            phone: "13800001051",
            supports: 44,
            ..topic(76, &MARKET, &research::OLD_TOWN)
        },
        After {
            met: 76,
            handled: &[
                Some(("黎里镇综合行政执法局", "划四十个摊位，十月前搬完", Handled::Done(ResultClass::Solved))),
                Some(("黎里镇综合行政执法局", "早晚各派两人巡查", Handled::Done(ResultClass::Solved))),
            ],
            end: End::Archived,
        },
    ),
    (
        Topic {
            town: "jiangling",
            title: "东门路口的陡坡怎么改",
            place: "叶明社区东门",
            matter: "东门路口的坡太陡，轮椅和婴儿车上不去，下雨打滑。",
            reason: "社区有二十一位坐轮椅的老人。",
            suggestion: "把坡放缓，两边装扶手。",
            hotspot: "无障碍出行",
            proposer: "秦阿金",
            phone: "13800001052",
            supports: 19,
            ..topic(70, &RAMP, &research::SUMMER_CLASS)
        },
        After {
            met: 70,
            handled: &[Some((
                "江陵街道建设管理科",
                "先修东侧缓坡，西侧列入明年计划",
                Handled::Done(ResultClass::InProgress),
            ))],
            end: End::Closed { redone: false },
        },
    ),
    (
        Topic {
            town: "songling",
            title: "体育路公交进站难怎么疏",
            place: "体育路中段",
            matter: "下午三点半到四点半，路边停满了车，公交进不了站，只好停在路中间上下客。",
            reason: "这一段每天有四千多人坐公交，老人上下车踩着车流。",
            suggestion: "划出即停即走的地方，高峰时段派人疏导。",
            hotspot: "公交出行",
            proposer: "俞小曼",
            phone: "13800001053",
            supports: 61,
            ..topic(66, &KINDERGARTEN, &research::LIFTS)
        },
        After {
            met: 66,
            handled: &[
                Some(("松陵街道建设管理科", "划三十个即停即走车位", Handled::Done(ResultClass::Solved))),
                Some(("松陵街道综合行政执法局", "放学时段派人疏导", Handled::Done(ResultClass::Solved))),
            ],
            end: End::Closed { redone: true },
        },
    ),
    (
        Topic {
            town: "songling",
            title: "垃圾房凌晨收运太吵怎么办",
            place: "鲈乡一村垃圾房",
            matter: "凌晨四点收垃圾，铁桶拖地的声音整幢楼都听得见。",
            reason: "周围住着两百多户，一半是老人和孩子。",
            suggestion: "收运时间往后挪，桶换成声音小的。",
            hotspot: "小区噪声",
            proposer: "邵桂珍",
            phone: "13800001054",
            supports: 26,
            ..topic(62, &BINS, &research::LIFTS)
        },
        After {
            met: 62,
            handled: &[
                Some(("松陵街道综合行政执法局", "和收运公司改合同，六点以后收", Handled::Ignored)),
                Some(("松陵街道建设管理科", "换四十只塑料桶", Handled::Working(50))),
            ],
            end: End::Tracking,
        },
    ),
    (
        Topic {
            town: "jiangling",
            title: "小区充电桩的服务费怎么定",
            place: "屯浦社区",
            matter: "小区充电桩一度电收一块八，坏了三个没人修。",
            reason: "四百多辆电动车，不充就要拉线。",
            suggestion: "请运营公司来谈服务费和报修时限。",
            hotspot: "电动车充电",
            proposer: "顾建平",
            phone: "13800001055",
            supports: 35,
            ..topic(48, &CHARGERS, &research::SUMMER_CLASS)
        },
        After {
            met: 48,
            handled: &[Some((
                "江陵街道建设管理科",
                "和运营公司谈定服务费，两天内修好坏桩",
                Handled::Done(ResultClass::Solved),
            ))],
            end: End::Evaluating,
        },
    ),
    (
        Topic {
            town: "lili",
            title: "湖边步道的路灯谁来管护",
            place: "汾湖步道南段",
            matter: "步道南段三百米路灯全不亮，报修没人接。",
            reason: "晚上散步的有几百人，去年摔过两位老人。",
            suggestion: "定下谁管、谁出电费、坏了几天修好。",
            hotspot: "夜间出行安全",
            proposer: "陆金宝",
            phone: "13800001056",
            supports: 48,
            ..topic(40, &LAMPS, &research::OLD_TOWN)
        },
        After {
            met: 40,
            handled: &[
                Some(("黎里镇建设管理办公室", "更换南段三百米电缆", Handled::Working(60))),
                Some(("黎里镇综合行政执法局", "设报修电话，两天内修好", Handled::Answered(ResultClass::Solved))),
                None,
            ],
            end: End::Tracking,
        },
    ),
    (
        Topic {
            town: "lili",
            title: "老街井盖响动先修哪几只",
            place: "芦墟老街",
            matter: "主街二十一只井盖松了，车一过就响，半夜吵醒住户。",
            reason: "老街住的多是老人，睡得浅。",
            suggestion: "先换响得厉害的，分段施工别封街。",
            hotspot: "老街居住环境",
            proposer: "柳根法",
            phone: "13800001057",
            supports: 23,
            ..topic(24, &MANHOLES, &research::OLD_TOWN)
        },
        After { met: 24, handled: &[], end: End::Reported },
    ),
];

/// Units with the account that handles their tasks.
pub(super) type Units = Vec<(String, UnitId, Actor)>;

impl Demo {
    /// One handler for all units of a town that follow something up.
    pub(super) async fn units(&self, towns: &[Town]) -> Result<Units, Refusal> {
        let mut list = Units::new();
        for (town, name) in [("lili", "程立新"), ("songling", "诸葛明"), ("jiangling", "骆远山")] {
            let login = format!("{town}.cb");
            let user = NewUser { login: &login, name, password: PASSWORD, demo: true };
            let account = admin::add_user(&self.ctx, user, Cost::Cheap).await?;
            let mut who = signed(account, &login, name, Role::UnitHandler, None);
            who.grants.clear();
            let units = crate::roster::store::units(&self.ctx.db, &[town.to_owned()]).await?;
            for unit in &units {
                admin::grant(&self.ctx, &login, Role::UnitHandler, None, Some(unit.unit_id)).await?;
                who.grants.push(Grant { role: Role::UnitHandler, town: None, unit: Some(unit.unit_id) });
            }
            list.extend(units.into_iter().map(|unit| (unit.name, unit.unit_id, acting(&who))));
        }
        if let Some(lili) = towns.iter().find(|town| town.id == "lili") {
            self.account("lili.zf", "孟守成", Role::GovernmentOffice, Some(&lili.id)).await?;
        }
        Ok(list)
    }

    /// Brings a case whose minutes are signed as far as it is to be.
    pub(super) async fn follow(
        &self,
        town: &Town,
        units: &Units,
        (case, after): (CaseId, &After),
    ) -> Result<(), Refusal> {
        let (officer, approver) = (acting(&town.officer), acting(&town.approver));
        if crate::case::store::find(&self.ctx.db, case).await?.is_none_or(|found| found.stage() != Stage::Minuted) {
            return Ok(());
        }
        let Some(minutes) = crate::minutes::all(&self.ctx.db, case).await?.into_iter().next() else { return Ok(()) };
        let minutes = minutes.minutes_id;
        self.later(after.met.saturating_sub(9), 10, 0);
        let seen = self.version(case).await?;
        self.step(&officer, ReportOutcome { case, seen, minutes, offices: vec![Office::Party] }).await?;
        // What waits for its decision has come in not long ago.
        let received = if after.end == End::Reported { 2 } else { after.met.saturating_sub(10) };
        self.later(received, 9, 0);
        let receive = ReceiveReport { case, minutes, office: Some(Office::Party), sheet: Vec::new() };
        self.step(&approver, receive).await?;
        if after.end == End::Reported {
            return Ok(());
        }
        self.later(after.met.saturating_sub(12), 10, 0);
        self.decide(&approver, units, (case, after)).await?;
        self.work(&officer, units, (case, after), 14).await?;
        self.ending(town, units, (case, after)).await
    }

    async fn version(&self, case: CaseId) -> Result<i64, Refusal> {
        let found = crate::case::store::find(&self.ctx.db, case).await?.ok_or(Refusal::NotFound)?;
        Ok(found.stage_version)
    }

    async fn decide(&self, by: &Actor, units: &Units, (case, after): (CaseId, &After)) -> Result<(), Refusal> {
        let list = outcome::all(&self.ctx.db, case).await?;
        for (one, handled) in list.iter().zip(after.handled.iter().chain(std::iter::repeat(&None))) {
            let decision = match handled {
                Some((name, measure, how)) => {
                    let (_, unit, _) = units.iter().find(|unit| unit.0 == *name).ok_or(Refusal::NotFound)?;
                    let days = if matches!(how, Handled::Ignored) { 20 } else { 70 };
                    Decision {
                        adoption: Some(Adoption::Full),
                        lead: Some(*unit),
                        contact: "经办人".to_owned(),
                        measure: (*measure).to_owned(),
                        due_on: Some(local_date(self.ctx.now()) + Days::new(days)),
                        ..Decision::default()
                    }
                }
                None => Decision {
                    adoption: Some(Adoption::None),
                    reason: "护栏要结合明年岸线整治一起做，先不单独装。".to_owned(),
                    ..Decision::default()
                },
            };
            self.pass(300);
            let step = DecideOutcome { case, outcome: one.outcome_id, seen: one.decided_at, decision };
            self.step(by, step).await?;
        }
        self.pass(600);
        let seen = self.version(case).await?;
        self.step(by, AssignTasks { case, seen, explanation: String::new() }).await?;
        Ok(())
    }

    /// A photo of how it looks now.
    async fn evidence(&self, by: &Actor) -> Result<Vec<FileId>, Refusal> {
        let staged = files::stage(&self.ctx.acting_as(by.clone()), vec![self.material.clone()]).await?;
        Ok(staged.into_iter().map(|file| file.file).collect())
    }

    async fn task_version(&self, case: CaseId, task: AssignmentId) -> Result<i64, Refusal> {
        let all = task::of_case(&self.ctx.db, case).await?;
        all.iter().find(|one| one.task_id == task).map(|one| one.version).ok_or(Refusal::NotFound)
    }

    /// The tasks of the newest round, as far as their units bring them; `began` days after the meeting.
    async fn work(
        &self,
        officer: &Actor,
        units: &Units,
        (case, after): (CaseId, &After),
        began: u32,
    ) -> Result<(), Refusal> {
        let plans = after.handled.iter().flatten();
        let mut tasks = task::round_of(task::of_case(&self.ctx.db, case).await?);
        tasks.sort_by_key(|one| one.no);
        // Each step of all tasks before the next: the clock goes forward only.
        let mut list = Vec::new();
        for (one, (name, _, how)) in tasks.iter().zip(plans) {
            let (_, _, unit) = units.iter().find(|unit| unit.0 == *name).ok_or(Refusal::NotFound)?;
            list.push((one.task_id, unit, *how));
        }
        self.later(after.met.saturating_sub(began), 9, 30);
        for (id, unit, how) in &list {
            if !matches!(how, Handled::Ignored) {
                self.pass(60);
                let seen = self.task_version(case, *id).await?;
                self.step(unit, SignTask { case, task: *id, seen }).await?;
            }
        }
        self.later(after.met.saturating_sub(began + 3), 15, 0);
        for (id, unit, how) in &list {
            if !matches!(how, Handled::Ignored) {
                let percent = if let Handled::Working(percent) = how { *percent } else { 40 };
                let seen = self.task_version(case, *id).await?;
                let (words, files) = ("到现场量过，材料已经订了，下周进场。".to_owned(), Vec::new());
                let report = ReportProgress {
                    case,
                    task: *id,
                    seen,
                    percent: Some(percent),
                    words,
                    done: Vec::new(),
                    files,
                    public: true,
                };
                self.step(unit, report).await?;
            }
        }
        self.later(after.met.saturating_sub(began + 8), 10, 0);
        for (id, unit, how) in &list {
            let (Handled::Answered(class) | Handled::Done(class)) = how else { continue };
            let seen = self.task_version(case, *id).await?;
            let reply = ReplyTask {
                case,
                task: *id,
                seen,
                class: Some(*class),
                words: "照会上定的做好了，附现场照片，群众可以去看。".to_owned(),
                next: String::new(),
                files: self.evidence(unit).await?,
                link: String::new(),
                target_on: None,
            };
            self.step(unit, reply).await?;
        }
        self.later(after.met.saturating_sub(began + 10), 14, 0);
        for (id, _, how) in &list {
            if !matches!(how, Handled::Done(_)) {
                continue;
            }
            self.pass(600);
            let seen = self.task_version(case, *id).await?;
            let verification = VerifyTask {
                case,
                task: *id,
                seen,
                on: Some(local_date(self.ctx.now())),
                place: "现场".to_owned(),
                words: "去看过，和答复说的一样，问了三位住户，都说好多了。".to_owned(),
                second: "村民组长".to_owned(),
                files: Vec::new(),
            };
            self.step(officer, verification).await?;
        }
        Ok(())
    }

    async fn ending(&self, town: &Town, units: &Units, (case, after): (CaseId, &After)) -> Result<(), Refusal> {
        let officer = acting(&town.officer);
        match after.end {
            End::Reported => Ok(()),
            End::Tracking => {
                // The clock ran all the time; what it found late is on record.
                for days in (1..after.met.saturating_sub(24)).rev().step_by(3) {
                    self.later(days, 7, 0);
                    task::clock::run_due(&self.ctx).await?;
                }
                self.urge(town, units, case).await
            }
            End::Evaluating => {
                self.later(3, 10, 0);
                self.ask_people(&officer, case).await?;
                self.judge(case, 3, Satisfaction::Satisfied).await
            }
            End::Closed { redone } => {
                let mut began = 25;
                if redone {
                    self.later(after.met.saturating_sub(began), 10, 0);
                    self.ask_people(&officer, case).await?;
                    self.judge(case, 100, Satisfaction::Not).await?;
                    self.close_survey(after.met.saturating_sub(began + 9)).await?;
                    self.redo(&officer, case).await?;
                    self.work(&officer, units, (case, after), began + 10).await?;
                    began += 22;
                }
                self.end(&officer, (case, after), began).await
            }
            End::Archived => {
                self.end(&officer, (case, after), 25).await?;
                self.pass(86_400);
                let words = "菜市已经搬到桥东空地，四十个摊位全部划好；桥下通道早晚有人巡查。".to_owned();
                self.step(&officer, PublishResult { case, seen: 0, result: PublishedResult { words } }).await?;
                self.pass(3600);
                let seen = self.version(case).await?;
                self.step(&officer, ArchiveCase { case, seen }).await?;
                let story = CaseStory {
                    title: "桥下菜市搬家记：先数人，再找地".to_owned(),
                    background: "桥下早市占道多年，赶了又来，去年摔过四个人。".to_owned(),
                    done: "先到现场数摊位、数行人，再把摊主、住户和执法局请到一起；摊位费三年不变，摊主自己愿意搬。"
                        .to_owned(),
                    effect: "四十个摊位一周搬完，桥下通道清空，没有一起争执。".to_owned(),
                    copy: "占道的事先找替代的地方，再谈搬；把费用说死，比罚款管用。".to_owned(),
                };
                self.step(&officer, SaveStory { case, seen: 0, story }).await?;
                self.step(&officer, PublishStory { case, seen: 1 }).await
            }
        }
    }

    /// What nobody signed for, the director orders to be done; a unit that is half way asks for more time.
    async fn urge(&self, town: &Town, units: &Units, case: CaseId) -> Result<(), Refusal> {
        self.later(1, 9, 0);
        for one in task::of_case(&self.ctx.db, case).await? {
            let (task, words) = (one.task_id, "三天内签收，写明哪天进场、谁负责。".to_owned());
            if one.state() == TaskState::Assigned {
                let due_on = Some(self.ctx.shared.calendar().add_workdays(local_date(self.ctx.now()), 3));
                self.step(&acting(&town.director), Supervise { case, task: Some(task), words, due_on }).await?;
            } else if one.percent > 50 && one.state() == TaskState::Working {
                let (_, _, unit) = units.iter().find(|unit| unit.1 == one.lead_unit).ok_or(Refusal::NotFound)?;
                let (to, reason) = (Some(one.due_on + Days::new(30)), "电缆厂家排产，晚一个月到货。".to_owned());
                self.step(unit, AskExtension { case, task, seen: one.version, to, reason }).await?;
            }
        }
        Ok(())
    }

    /// Asked, judged well, and closed.
    async fn end(&self, officer: &Actor, (case, after): (CaseId, &After), began: u32) -> Result<(), Refusal> {
        self.later(after.met.saturating_sub(began), 10, 0);
        self.ask_people(officer, case).await?;
        self.judge(case, 100, Satisfaction::Mostly).await?;
        self.close_survey(after.met.saturating_sub(began + 9)).await?;
        let seen = self.version(case).await?;
        self.step(officer, CloseCase { case, seen }).await
    }

    async fn ask_people(&self, officer: &Actor, case: CaseId) -> Result<(), Refusal> {
        let today = local_date(self.ctx.now());
        let lookbacks: BTreeMap<i64, chrono::NaiveDate> = task::round_of(task::of_case(&self.ctx.db, case).await?)
            .iter()
            .filter(|one| one.state() == TaskState::Verified)
            .filter(|one| one.class().is_some_and(ResultClass::is_looked_back_on))
            .map(|one| (one.no, today + Days::new(180)))
            .collect();
        let seen = self.version(case).await?;
        self.step(officer, FinishTracking { case, seen, lookbacks }).await
    }

    /// So many of those who were there answer.
    async fn judge(&self, case: CaseId, most: usize, answer: Satisfaction) -> Result<(), Refusal> {
        let Some(presence) = Presence::load(&self.ctx.db, case).await? else { return Ok(()) };
        for person in presence.people.iter().filter(|one| one.check_in_id.is_some()).take(most) {
            self.pass(1200);
            let me = Actor::Invitee { invitee: person.invitee_id, case, visitor: Visitor::default() };
            let chosen = Question::ALL
                .iter()
                .map(|question| {
                    (*question, if *question == Question::Handling { answer } else { Satisfaction::Satisfied })
                })
                .collect();
            let answers = Answers { chosen, words: String::new() };
            self.step(&me, AnswerSurvey { case, follow: None, answers }).await?;
        }
        Ok(())
    }

    async fn close_survey(&self, days_ago: u32) -> Result<(), Refusal> {
        let after = self.ctx.now() + TimeDelta::days(8);
        self.clock.set(self.at(days_ago, 8, 0).max(after));
        evaluation::clock::run_due(&self.ctx).await?;
        Ok(())
    }

    async fn redo(&self, officer: &Actor, case: CaseId) -> Result<(), Refusal> {
        self.pass(7200);
        let tasks = task::round_of(task::of_case(&self.ctx.db, case).await?);
        let redo = Redo {
            tasks: tasks.iter().min_by_key(|one| one.no).map(|one| one.task_id).into_iter().collect(),
            words: "车位还是不够，放学那半小时多派一个人，再划十个。".to_owned(),
            due_on: Some(local_date(self.ctx.now()) + Days::new(40)),
            ..Redo::default()
        };
        let seen = self.version(case).await?;
        self.step(officer, RedoHandling { case, seen, redo }).await
    }
}
