//! What the demo researches: visits and reports are invented, as are all people in them.

use std::collections::BTreeMap;

use super::topics::Topic;
use super::{Demo, Town, acting, visitor};
use crate::error::Refusal;
use crate::ids::{CaseId, QuestionnaireId, TaskId, VisitId};
use crate::research::model::{
    Answers, Method, Question, QuestionKind, Questionnaire, ReportEdition, ResearchReport, Task, Visit,
};
use crate::research::steps::{
    AnswerQuestionnaire, AssignLead, FileResearch, OpenQuestionnaire, PlanResearchTask, RecordVisit, ReleaseReport,
    SaveReport,
};
use crate::rules::{Category, local_date};

/// A visit of the demo.
pub(super) struct Call {
    method: Method,
    place: &'static str,
    heard: &'static [(Category, u32)],
    unknown: u32,
    said: &'static str,
    seen: &'static str,
}

/// The research of a topic.
pub(super) struct Research {
    visits: &'static [Call],
    findings: &'static str,
    issues: &'static str,
    figures: &'static str,
    suggestions: &'static str,
    /// Whether the report was filed.
    filed: bool,
    /// Whether residents are being asked.
    asks: bool,
}

/// 坛小新村.
pub(super) const RAMPS: Research = Research {
    visits: &[
        Call {
            method: Method::Visit,
            place: "坛小新村 3、5、7 幢",
            heard: &[(Category::Stakeholder, 9), (Category::Village, 1)],
            unknown: 2,
            said: "坐轮椅的住户最想先装 7 幢东头；车棚旁的住户怕充电桩起火，希望离窗远一点。",
            seen: "7 幢西头下雨积水，东头有三米空地；3 幢楼道里拉了五根充电线。",
        },
        Call {
            method: Method::Survey,
            place: "坛小新村中心空地",
            heard: &[(Category::Department, 2)],
            unknown: 0,
            said: "供电：中心空地可以接三相电；消防：充电位要离墙五米，留出车道。",
            seen: "中心空地南侧离最近的窗十二米。",
        },
    ],
    findings: "七幢楼都没有坡道，坐轮椅和推婴儿车的住户四十多户。充电位缺口三十个左右，楼道拉线充电普遍。",
    issues: "坡道先装哪几幢\n充电位放中心空地还是各幢楼前\n电费和看管谁来负责",
    figures: "坐轮椅住户 9 位；电动车 86 辆，充电位 12 个（走访时数）。",
    suggestions: "先在 5、7 幢东头各装一处坡道试用；充电位集中放中心空地南侧。",
    filed: true,
    asks: false,
};

/// 379路.
pub(super) const BUS: Research = Research {
    visits: &[Call {
        method: Method::Visit,
        place: "379路王江泾站、芦墟站",
        heard: &[(Category::Stakeholder, 11), (Category::Department, 1), (Category::Village, 1)],
        unknown: 0,
        said: "坐车的：六点下班赶不上末班；公交公司：晚一小时要加一个班次。",
        seen: "六点半王江泾站还有三十多人等车。",
    }],
    findings: "晚高峰后一小时有三十到四十人没有车坐，多数拼车。芦墟站离菜场八百米。",
    issues: "末班车几点开\n补贴三地怎么分\n菜场门口能不能设站",
    figures: "六点二十以后等车 34 人（走访时数）。",
    suggestions: "先试行延后一小时，按月公布客流。",
    filed: true,
    asks: false,
};

/// 黎里古镇.
pub(super) const OLD_TOWN: Research = Research {
    visits: &[Call {
        method: Method::Visit,
        place: "黎里古镇老街东口、西口",
        heard: &[(Category::Stakeholder, 11), (Category::Department, 1), (Category::Village, 1)],
        unknown: 0,
        said: "住户：限行那天买菜要绕两里路；商户：送货要留一个时段。",
        seen: "限行日东口停满游客车，救护车进不来。",
    }],
    findings: "老街三百多户，限行日进出都要绕行；东口最窄处三米，停一辆车就堵死。",
    issues: "居民凭什么进出\n救护通道留在哪里\n商户几点送货",
    figures: "限行日一年 11 天。",
    suggestions: "居民发凭证，东口留通道。",
    filed: true,
    asks: false,
};

/// 叶泽湖花苑.
pub(super) const SUMMER_CLASS: Research = Research {
    visits: &[Call {
        method: Method::Visit,
        place: "叶泽湖花苑、叶泽湖小学",
        heard: &[(Category::Stakeholder, 11), (Category::Department, 1), (Category::Village, 1)],
        unknown: 0,
        said: "家长：两班倒没人带；学校：食堂暑假空着，要有人管。",
        seen: "社区活动室只坐得下三十人。",
    }],
    findings: "一百二十多个孩子暑假没人带，家长愿意付一点钱；学校食堂可以借。",
    issues: "班办在哪里\n谁来带、谁管安全\n费用怎么分",
    figures: "要上班的家长 126 户（走访时数）。",
    suggestions: "借学校食堂，请退休老师来带。",
    filed: true,
    asks: false,
};

/// 鲈乡二村.
pub(super) const LIFTS: Research = Research {
    visits: &[Call {
        method: Method::Visit,
        place: "鲈乡二村四幢楼",
        heard: &[(Category::Stakeholder, 11), (Category::Department, 1), (Category::Village, 1)],
        unknown: 0,
        said: "高层：老人下不了楼；低层：挡光、贬值，要先测。",
        seen: "四幢一单元六楼住着两位八十五岁的老人。",
    }],
    findings: "十一幢想装，四幢谈了一年没有谈成，分歧在采光和补偿。",
    issues: "采光怎么测\n补偿怎么定\n位置放在哪里",
    figures: "八十岁以上老人 43 位（社区台账）。",
    suggestions: "先做采光测算，再谈补偿。",
    filed: true,
    asks: false,
};

/// 纺织循环经济产业园.
pub(super) const LORRIES: Research = Research {
    visits: &[Call {
        method: Method::Visit,
        place: "产业园北侧三个村",
        heard: &[(Category::Stakeholder, 14), (Category::Enterprise, 1), (Category::Village, 3)],
        unknown: 3,
        said: "村民：五点到七点最吵，孩子上学不敢走村道。施工方：绕行多九公里，可以改到七点以后进场。",
        seen: "早上六点半一刻钟内过了二十一辆货车，村道没有人行道。",
    }],
    findings: "货车集中在早上五点到七点走村道，和上学时间重叠半小时。绕行路线能走，要交警配合放行时段。",
    issues: "货车几点以后能走村道\n绕行路线的损坏谁来修\n噪声谁来测、多久公布一次",
    figures: "六点半至六点四十五分过车 21 辆。",
    suggestions: "工作日七点半以前不走村道；施工单位每周公布计划。",
    filed: true,
    asks: false,
};

/// 北麻漾.
pub(super) const BANKS: Research = Research {
    visits: &[Call {
        method: Method::Survey,
        place: "北麻漾东岸三个村",
        heard: &[(Category::Stakeholder, 8), (Category::Enterprise, 1), (Category::Village, 2)],
        unknown: 2,
        said: "养殖户：清淤以后水好了，护岸石头松了没人管。村里：巡查的钱从哪里来，没有说法。",
        seen: "东岸有三处护岸松动，最长的一处二十来米。",
    }],
    findings: "清淤工程验收以后，护岸的管护没有交接。三个村各管一段，没有人统一巡查，松动三处。",
    issues: "护岸管护由谁牵头\n巡查和修补的钱怎么出\n养殖户的水泵管怎么过岸",
    figures: "护岸全长 2.6 公里，松动三处（走访时数）。",
    suggestions: "定一家牵头，三个村分段巡查，每月报一次。",
    filed: true,
    asks: false,
};

/// 苏州湾体育中心.
pub(super) const STADIUM: Research = Research {
    visits: &[Call {
        method: Method::Visit,
        place: "苏州湾体育中心东门公交站",
        heard: &[(Category::Stakeholder, 6), (Category::Enterprise, 1)],
        unknown: 8,
        said: "观众：散场后四十分钟等不到车。周边居民：车停到小区门口，救护车进不来。",
        seen: "东门只有两条线，过街没有人引导。",
    }],
    findings: "散场半小时内人最多，公交两条线运力不够，步行到地铁的路没有标识。",
    issues: "散场加开几辆接驳车\n步行去地铁怎么引导",
    figures: "",
    suggestions: "",
    filed: false,
    asks: true,
};

/// 师俭堂周边.
pub(super) const PARKING: Research = Research {
    visits: &[
        Call {
            method: Method::Talk,
            place: "师俭堂社区会议室",
            heard: &[(Category::Stakeholder, 11), (Category::Enterprise, 2), (Category::Department, 1)],
            unknown: 0,
            said: "住户愿意白天让出车位，要保证晚上六点前腾空；旅游公司愿意出管理费。",
            seen: "",
        },
        Call {
            method: Method::Survey,
            place: "师俭堂周边六个停车点",
            heard: &[],
            unknown: 0,
            said: "",
            seen: "周六上午十点，居民车位空着 73 个，景区停车场满，路边违停 40 辆左右。",
        },
    ],
    findings: "白天居民车位空一半，景区满；晚上正相反。错时共享两边都愿意，怕的是到点不走。",
    issues: "到点不走怎么办\n收的钱怎么分\n居民临时要用怎么办",
    figures: "居民车位 150 个，周六上午空 73 个。",
    suggestions: "先拿 40 个车位试两个月，车牌识别，六点后加价。",
    filed: true,
    asks: false,
};

impl Demo {
    /// The research of a topic that was chosen `confirmed` days ago, under the moving clock.
    pub(super) async fn research(
        &self,
        topic: &Topic,
        town: &Town,
        case: CaseId,
        confirmed: u32,
    ) -> Result<(), Refusal> {
        let Some(research) = topic.research else {
            return Ok(());
        };
        // A member leads where the town has one: without a desk, by being named.
        let lead = town.member.as_ref().unwrap_or(&town.officer);
        let director = acting(&town.director);
        let led_by = acting(lead);
        self.later(confirmed, 16, 0);
        let step = AssignLead { case, seen: 3, lead: Some(lead.account), due_on: None };
        self.step(&director, step).await?;
        for (n, call) in (1_u32..).zip(research.visits) {
            self.later(confirmed.saturating_sub(n), 9, 0);
            let on = local_date(self.ctx.now());
            let task = Task { who: lead.name.clone(), method: call.method, on, place: call.place.to_owned() };
            let id = Some(TaskId(self.ctx.new_id()));
            self.step(&led_by, PlanResearchTask { case, id, task }).await?;
            self.later(confirmed.saturating_sub(n), 15, 30);
            let visit = Visit {
                on,
                method: call.method,
                place: call.place.to_owned(),
                heard: BTreeMap::from_iter(call.heard.iter().copied()),
                unknown: call.unknown,
                members: 1,
                member_names: lead.name.clone(),
                said: call.said.to_owned(),
                seen: call.seen.to_owned(),
                files: Vec::new(),
                correction: String::new(),
            };
            let id = Some(VisitId(self.ctx.new_id()));
            self.step(&led_by, RecordVisit { case, id, visit }).await?;
        }
        if research.asks {
            self.ask(topic, case, confirmed.saturating_sub(2), lead).await?;
        }
        self.later(confirmed.saturating_sub(4), 10, 0);
        let places: Vec<&str> = research.visits.iter().map(|v| v.place).collect();
        let mut methods: Vec<&str> = research.visits.iter().map(|v| v.method.word()).collect();
        methods.dedup();
        let report = ResearchReport {
            methods: methods.join("、"),
            dates: "见走访记录".to_owned(),
            places: places.join("、"),
            findings: research.findings.to_owned(),
            issues: research.issues.to_owned(),
            figures: research.figures.to_owned(),
            policies: String::new(),
            suggestions: research.suggestions.to_owned(),
            files: Vec::new(),
        };
        let edition = ReportEdition::of(&report);
        self.step(&led_by, SaveReport { case, seen: 0, report }).await?;
        if research.filed {
            self.later(confirmed.saturating_sub(5), 11, 0);
            self.step(&led_by, FileResearch { case, seen: 1 }).await?;
            self.later(confirmed.saturating_sub(5), 14, 0);
            self.step(&acting(&town.officer), ReleaseReport { case, seen: 0, edition }).await?;
        }
        Ok(())
    }

    /// Moves the clock to a time so many days before the end, never back: days off may move one day onto another.
    pub(super) fn later(&self, days_ago: u32, hour: u32, minute: u32) {
        self.clock.set(self.at(days_ago, hour, minute).max(self.ctx.now()));
    }

    /// Asks residents, some of whom answer.
    async fn ask(
        &self,
        topic: &Topic,
        case: CaseId,
        days_ago: u32,
        lead: &crate::access::Signed,
    ) -> Result<(), Refusal> {
        let options = |list: &[&str]| list.iter().map(|o| (*o).to_owned()).collect();
        let asked = Questionnaire {
            title: "散场以后您怎么走".to_owned(),
            intro: "问问看过活动的人和住在周边的人，用来定散场方案。".to_owned(),
            questions: vec![
                Question {
                    text: "散场以后您怎么走".to_owned(),
                    kind: QuestionKind::Single,
                    options: options(&["公交", "地铁", "自己开车", "走路或骑车"]),
                },
                Question {
                    text: "哪些事最不方便".to_owned(),
                    kind: QuestionKind::Multiple,
                    options: options(&["等车久", "过街乱", "没有指路牌", "小区门口被堵"]),
                },
                Question { text: "散场秩序打几分".to_owned(), kind: QuestionKind::Scale, options: Vec::new() },
                Question { text: "您还想说什么".to_owned(), kind: QuestionKind::Text, options: Vec::new() },
            ],
        };
        self.later(days_ago, 10, 0);
        let closes_on = local_date(self.end).checked_add_days(chrono::Days::new(5));
        let id = Some(QuestionnaireId(self.ctx.new_id()));
        let opened = self.step(&acting(lead), OpenQuestionnaire { case, id, asked, closes_on }).await?;
        for n in 0..12_i64 {
            self.later(days_ago, 12, u32::try_from(n).unwrap_or(0));
            let mut answers =
                Answers { chosen: vec![(1, n % 4 + 1), (2, n % 3 + 1), (2, 4), (3, n % 5 + 1)], words: Vec::new() };
            if n % 5 == 0 {
                answers.words.push((4, "多开几班接驳车，开到地铁口就行。".to_owned()));
            }
            let step = AnswerQuestionnaire { case, questionnaire: opened.questionnaire, answers };
            let browser = u32::try_from(n).unwrap_or(0) + 500;
            self.step(&visitor(topic.title, browser), step).await?;
        }
        Ok(())
    }
}
