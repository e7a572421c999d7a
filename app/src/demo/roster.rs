//! Members and units of three towns for the demo: fictional people, sectors and specialties as they are usual. Phones
//! are of the form that no network gives out in full.

use super::{Demo, Town, acting};
use crate::carrier::model::{CheckForm, OpinionForm, ReceptionForm, Settle, Six, StudioForm, Whereto};
use crate::carrier::{check_room, hear, newest_topics, receive, save_studio, set_villages, settle};
use crate::error::Refusal;
use crate::ids::MemberId;
use crate::roster::model::{MemberForm, UnitForm, read_tags};
use crate::roster::register;
use crate::rules::local_date;
use crate::town;

/// Town, name, sector, specialties, phone, whether a woman, login name.
type MemberLine = (&'static str, &'static str, &'static str, &'static str, &'static str, bool, &'static str);

const MEMBERS: &[MemberLine] = &[
    ("shengze", "顾采薇", "工商联界", "纺织产业、就业创业", "13800010001", true, "weiyuan"),
    ("shengze", "闵思远", "经济界", "规划、交通", "13800010002", false, ""),
    ("shengze", "计明月", "教育界", "家庭教育、儿童友好", "13800010003", true, ""),
    ("shengze", "仲修平", "医药卫生界", "医疗健康、养老", "13800010004", false, ""),
    ("shengze", "沈知秋", "社会法制界", "法律服务、物业管理", "13800010005", true, ""),
    ("shengze", "王澄宇", "环境资源界", "生态环保、水环境", "13800010006", false, ""),
    ("shengze", "钮青禾", "妇联界", "社区治理、养老", "13800010007", true, ""),
    ("shengze", "唐一诺", "工会界", "职工权益、快递外卖", "13800010008", false, ""),
    ("shengze", "费书言", "科技界", "节能、纺织产业", "13800010009", false, ""),
    ("zhenze", "倪望舒", "文化艺术界", "古镇保护、文化非遗", "13800020001", true, ""),
    ("zhenze", "徐行之", "经济界", "文旅、交通", "13800020002", false, ""),
    ("zhenze", "庄静好", "社会法制界", "法律服务", "13800020003", true, ""),
    ("zhenze", "凌云起", "农业界", "乡村振兴", "13800020004", false, ""),
    ("lili", "柳含章", "文化艺术界", "古镇保护", "13800030001", true, ""),
    ("lili", "周望江", "经济界", "交通、跨省联动", "13800030002", false, ""),
    ("lili", "陆可风", "教育界", "儿童友好", "13800030003", true, ""),
    ("lili", "毛清和", "农业界", "水环境、乡村振兴", "13800030004", false, ""),
];

/// Town, unit, contact, phone.
const UNITS: &[(&str, &str, &str, &str)] = &[
    ("shengze", "盛泽镇建设管理办公室", "邱立诚", "0512-63000101"),
    ("shengze", "盛泽镇综合行政执法局", "陈向安", "0512-63000102"),
    ("shengze", "盛泽交警中队", "莫子衿", "0512-63000103"),
    ("shengze", "盛泽镇水务站", "", ""),
    ("zhenze", "震泽镇文旅服务中心", "吴亦安", "0512-63000201"),
    ("zhenze", "震泽交警中队", "金石开", "0512-63000202"),
    ("lili", "黎里镇交通管理所", "张远航", "0512-63000301"),
    ("lili", "黎里镇建设管理办公室", "冯一鸣", "0512-63000302"),
    ("lili", "黎里镇综合行政执法局", "尤思齐", "0512-63000303"),
    ("songling", "松陵街道建设管理科", "倪安国", "0512-63000401"),
    ("songling", "松陵街道综合行政执法局", "戴长风", "0512-63000402"),
    ("jiangling", "江陵街道建设管理科", "洪静之", "0512-63000501"),
    ("jiangling", "江陵街道社会事业科", "尚文涛", "0512-63000502"),
];

/// Studios: town, name, specialty, whether it bears a member's name, when, where, whose.
type StudioLine = (&'static str, &'static str, &'static str, bool, &'static str, &'static str, &'static [&'static str]);

const STUDIOS: &[StudioLine] = &[
    (
        "shengze",
        "顾采薇委员工作室",
        "纺织产业、就业创业",
        true,
        "每周三上午",
        "盛泽镇协商议事室",
        &["顾采薇", "费书言"],
    ),
    ("shengze", "法律服务工作室", "法律服务、物业管理", false, "每月10日、20日下午", "镇东社区议事点", &["沈知秋"]),
    (
        "shengze",
        "医疗健康工作室",
        "医疗健康、养老",
        false,
        "每月第一个周五上午",
        "坛小新村议事点",
        &["仲修平", "钮青禾"],
    ),
    ("zhenze", "文化非遗工作室", "古镇保护、文化非遗", false, "每月20日上午", "师俭堂社区议事点", &["倪望舒"]),
    ("lili", "生态环保工作室", "水环境、乡村振兴", false, "每月10日上午", "黎里镇协商议事室", &["毛清和"]),
];

/// What was said at a reception: days ago, studio, how many came, what, where it went, unit, answer.
type OpinionLine = (u32, &'static str, i64, &'static str, Whereto, &'static str, Option<&'static str>);

const OPINIONS: &[OpinionLine] = &[
    (
        75,
        "顾采薇委员工作室",
        6,
        "小织造户招不到会修喷水织机的人，想办个短期班。",
        Whereto::Answered,
        "",
        Some("介绍了镇成人学校秋季班，学费减半。"),
    ),
    (
        47,
        "法律服务工作室",
        4,
        "物业说电梯大修要每户先交钱，账目贴得看不懂。",
        Whereto::Unit,
        "盛泽镇建设管理办公室",
        Some("维修资金使用表已经按户重贴，物业当面说明。"),
    ),
    (
        26,
        "医疗健康工作室",
        9,
        "村里老人配慢性病药要跑两趟卫生院，能不能一次配一个月。",
        Whereto::Unit,
        "盛泽镇卫生院",
        None,
    ),
    (16, "顾采薇委员工作室", 5, "园区门口早晚货车排队，骑车上班的人被挤到快车道。", Whereto::Topic, "", None),
    (
        9,
        "文化非遗工作室",
        3,
        "古镇里卖文创的摊位有没有统一要求，怕白投钱。",
        Whereto::Answered,
        "",
        Some("告知可以先到文旅服务中心看样板摊。"),
    ),
    (
        6,
        "法律服务工作室",
        2,
        "楼下商铺油烟管子对着阳台，找过两次没有结果。",
        Whereto::Unit,
        "盛泽镇综合行政执法局",
        None,
    ),
];

/// Villages and communities of a town; invented, as all figures of the demo.
const VILLAGES: &[(&str, i64)] = &[("shengze", 42), ("zhenze", 23), ("lili", 34), ("songling", 28)];

impl Demo {
    /// Rooms looked at and studios at work, as officers and members do.
    pub(super) async fn carriers(&self, towns: &[Town]) -> Result<(), Refusal> {
        let officer = |id: &str| towns.iter().find(|town| town.id == id).map(|town| acting(&town.officer));
        for (town, villages) in VILLAGES {
            let Some(officer) = officer(town) else { continue };
            set_villages(&self.ctx.acting_as(officer), town, *villages).await?;
        }
        for (n, room) in town::store::rooms(&self.ctx.db, None).await?.into_iter().enumerate() {
            // One of five nobody has looked at yet.
            let Some(officer) = officer(&room.town_id).filter(|_| n % 5 != 4) else { continue };
            let met: Vec<Six> = match n % 3 {
                0 => Six::ALL.to_vec(),
                1 => Six::ALL.iter().copied().filter(|six| *six != Six::Results).collect(),
                _ => Six::ALL.iter().copied().filter(|six| !matches!(six, Six::Sign | Six::Activity)).collect(),
            };
            let words = match n % 3 {
                0 => "",
                1 => "上个月商量的事还没有结果，办成了再贴出来。",
                _ => "牌子重新做，月底前挂上；下季度在这里开一场。",
            };
            let days = 20 + u32::try_from(n * 3).unwrap_or(0);
            self.clock.set(self.at(days, 15, 0));
            let checked_on = Some(local_date(self.ctx.now()));
            let form = CheckForm { checked_on, met, words: words.to_owned(), photos: Vec::new() };
            check_room(&self.ctx.acting_as(officer), room.room_id, form).await?;
        }
        self.studios(towns).await?;
        self.clock.set(self.end);
        Ok(())
    }

    async fn studios(&self, towns: &[Town]) -> Result<(), Refusal> {
        self.clock.set(self.at(90, 9, 0));
        let mut known = Vec::new();
        for (town, name, specialty, is_named, days, place, whose) in STUDIOS {
            let Some(town) = towns.iter().find(|t| t.id == *town) else { continue };
            let ctx = self.ctx.acting_as(acting(&town.officer));
            let year = register::year_of(self.ctx.today());
            let roster = crate::roster::store::members(&self.ctx.db, std::slice::from_ref(&town.id), year).await?;
            let members: Vec<MemberId> = whose
                .iter()
                .filter_map(|name| roster.iter().find(|member| member.name == *name).map(|member| member.member_id))
                .collect();
            let form = StudioForm {
                name: (*name).to_owned(),
                specialty: read_tags(specialty),
                is_named: *is_named,
                days: (*days).to_owned(),
                place: (*place).to_owned(),
                members: members.clone(),
            };
            let id = save_studio(&ctx, &town.id, None, form).await?;
            known.push((*name, id, town, members));
        }
        for (days_ago, studio, visitors, words, whereto, unit, answer) in OPINIONS {
            let Some((_, id, town, members)) = known.iter().find(|one| one.0 == *studio) else { continue };
            self.clock.set(self.at(*days_ago, 10, 0));
            let ctx = self.ctx.acting_as(acting(&town.officer));
            let held_on = Some(self.ctx.today());
            let form = ReceptionForm { held_on, visitors: Some(*visitors), members: members.clone() };
            let reception = receive(&ctx, *id, form).await?;
            let at_once = answer.filter(|_| *whereto == Whereto::Answered).unwrap_or_default();
            let form = OpinionForm {
                words: (*words).to_owned(),
                whereto: Some(*whereto),
                unit: (*unit).to_owned(),
                answer: at_once.to_owned(),
            };
            let opinion = hear(&ctx, *id, reception, form).await?;
            let how = match (whereto, answer) {
                (Whereto::Unit, Some(answer)) => Settle::Answered((*answer).to_owned()),
                (Whereto::Topic, _) => {
                    let topics = newest_topics(&self.ctx.db, &town.id, 100).await?;
                    let Some((topic, _)) = topics.into_iter().find(|(_, title)| title.contains("货车")) else {
                        continue;
                    };
                    Settle::Raised(topic)
                }
                _ => continue,
            };
            self.clock.set(self.at(days_ago.saturating_sub(7), 14, 0));
            settle(&ctx, *id, opinion, how).await?;
        }
        Ok(())
    }

    /// Fills the rosters, as each town's officer does.
    pub(super) async fn rosters(&self, towns: &[Town]) -> Result<(), Refusal> {
        for (town, name, sector, specialty, phone, woman, login) in MEMBERS {
            let form = MemberForm {
                name: (*name).to_owned(),
                sector: (*sector).to_owned(),
                specialty: read_tags(specialty),
                phone: (*phone).to_owned(),
                mail: String::new(),
                woman: *woman,
                login: (*login).to_owned(),
            };
            if let Some(town) = towns.iter().find(|t| t.id == *town) {
                register::add_member(&self.ctx.acting_as(acting(&town.officer)), &town.id, form).await?;
            }
        }
        for (town, name, contact, phone) in UNITS {
            let form = UnitForm {
                name: (*name).to_owned(),
                contact: (*contact).to_owned(),
                phone: (*phone).to_owned(),
                mail: String::new(),
            };
            if let Some(town) = towns.iter().find(|t| t.id == *town) {
                register::add_unit(&self.ctx.acting_as(acting(&town.officer)), &town.id, &form).await?;
            }
        }
        Ok(())
    }
}
