//! The demo's topics: places are real, problems, people and figures are invented.

use super::plan::{self, Meeting};
use super::research::{self, Research};
use crate::rules::Exclusion;
use crate::topic::model::{ImportedFrom, TopicSource};

/// How far a topic of the demo has come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// Waits for the screener.
    Submitted,
    /// Returned with this question.
    Returned(&'static str),
    /// Passed on: why, to whom, in which words.
    Transferred(Exclusion, &'static str, &'static str),
    /// Returned with this question, which nobody answered in time.
    Lapsed(&'static str),
    /// Taken back by whoever raised it, for this reason.
    Withdrawn(&'static str),
    /// Not taken up, for this reason.
    Declined(&'static str),
    /// Joined to the topic of this title.
    MergedInto(&'static str),
    /// Taken up.
    Accepted,
    /// Taken up and prepared for the party committee.
    Prepared,
    /// Taken up, then put on hold for this reason.
    Suspended(&'static str),
    /// Taken up, then ended by the party committee for this reason.
    Terminated(&'static str),
    /// Chosen, so many days ago.
    Confirmed {
        /// Days before the end of the demo.
        confirmed: u32,
    },
}

/// A comment of the demo.
pub(super) struct Comment {
    pub name: &'static str,
    pub body: &'static str,
    pub answer: &'static str,
    pub held: bool,
}

/// A topic of the demo.
pub(super) struct Topic {
    pub town: &'static str,
    pub title: &'static str,
    pub place: &'static str,
    pub matter: &'static str,
    pub reason: &'static str,
    pub suggestion: &'static str,
    pub source: TopicSource,
    pub imported_from: Option<ImportedFrom>,
    pub central_task: &'static str,
    pub hotspot: &'static str,
    pub proposer: &'static str,
    pub phone: &'static str,
    pub joint: u32,
    pub raised: u32,
    pub supports: u32,
    pub comments: &'static [Comment],
    pub way: Way,
    /// The meeting that is announced.
    pub meeting: Option<&'static Meeting>,
    pub research: Option<&'static Research>,
}

const fn said(name: &'static str, body: &'static str, answer: &'static str) -> Comment {
    Comment { name, body, answer, held: false }
}

const fn waiting(name: &'static str, body: &'static str) -> Comment {
    Comment { name, body, answer: "", held: true }
}

pub(super) const BASE: Topic = Topic {
    town: "shengze",
    title: "",
    place: "",
    matter: "",
    reason: "",
    suggestion: "",
    source: TopicSource::PublicSolicited,
    imported_from: None,
    central_task: "",
    hotspot: "",
    proposer: "演示居民",
    phone: "13800000000",
    joint: 1,
    raised: 14,
    supports: 0,
    comments: &[],
    way: Way::Submitted,
    meeting: None,
    research: None,
};

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        title: "镇东五区改造，多留绿化还是多划车位",
        place: "镇东五区",
        matter: "小区正在做改造方案。全区 412 户，车位 138 个，晚上八点以后主路两侧停满，消防车进不来；中心绿地有六百多平方米，老人孩子天天在用。",
        reason: "方案定了就很难再改。年轻住户要车位，老住户要绿地，两边各说各的，业主群里已经吵了几次。",
        suggestion: "先把夜间停车数和绿地使用人数数清楚，再请两边住户、物业和住建一起谈，看能不能错时共享周边单位的车位。",
        hotspot: "老旧小区提质，2026 年镇民生实事征求意见中提到最多",
        proposer: "王秀英",
        phone: "13800001001",
        joint: 26,
        raised: 20,
        supports: 86,
        comments: &[
            said("王建国", "绿地不能少。夏天一到傍晚，十几个老人都在那里坐着。", ""),
            said(
                "陈晓",
                "我每天十点下班，绕三圈找不到车位。希望能跟旁边学校的停车场谈谈晚上开放。",
                "学校停车场晚间开放的事，调研时会请学校一起来谈。",
            ),
            waiting("", "能不能把自行车棚也算进去？现在电动车都停在楼道口。"),
        ],
        way: Way::Confirmed { confirmed: 2 },
        ..BASE
    },
    Topic {
        title: "坛小新村加装无障碍坡道与充电位的选址",
        place: "坛小新村",
        matter: "七幢楼没有坡道，坐轮椅的住户有九位；电动车充电位只有十二个，居民从楼上拉线充电。",
        reason: "坡道和充电位都要占楼前空地，选哪里意见不一，已经拖了半年。",
        suggestion: "请供电、消防和社区一起到现场看，每幢楼选一个代表，先定两处试一试。",
        source: TopicSource::MemberRecommended,
        hotspot: "高龄居民出行和电动车充电安全",
        proposer: "顾采薇",
        phone: "13800001002",
        raised: 29,
        supports: 41,
        comments: &[said("", "七幢的坡道最好放在东头，西头下雨积水。", "")],
        way: Way::Confirmed { confirmed: 12 },
        research: Some(&research::RAMPS),
        ..BASE
    },
    Topic {
        title: "纺织循环经济产业园：建设期噪声与货车绕行时段",
        place: "纺织循环经济产业园",
        matter: "园区施工，货车从早上五点开始走村道，沿线三个村的住户受噪声和扬尘影响。",
        reason: "工期还有一年多，孩子上学和货车早高峰撞在一起。",
        suggestion: "请园区、交警和沿线村一起定绕行路线和时段，施工单位公开每周计划。",
        source: TopicSource::GovernmentAssigned,
        central_task: "纺织循环经济产业园建设，2026 年镇政府重点工程",
        proposer: "镇政府办",
        phone: "",
        raised: 28,
        supports: 33,
        way: Way::Confirmed { confirmed: 11 },
        research: Some(&research::LORRIES),
        meeting: Some(&plan::LORRIES),
        ..BASE
    },
    Topic {
        town: "lili",
        title: "379路跨省公交末班时间与站点怎么更便民",
        place: "379路黎里至王江泾段",
        matter: "末班车晚上六点二十，在嘉善、王江泾上班的人赶不上；芦墟站离菜场有八百米。",
        reason: "一体化示范区通勤的人越来越多，跨省公交三地共管，一家说了不算。",
        suggestion: "请黎里、王江泾、嘉善三地的委员和公交公司一起商量，先试行延后一小时。",
        source: TopicSource::CommitteeSelected,
        central_task: "长三角一体化示范区公共服务共享",
        hotspot: "跨省通勤",
        proposer: "区政协专委会",
        phone: "",
        raised: 48,
        supports: 64,
        comments: &[said("沈芳", "我在王江泾上班，六点下班跑着去也赶不上。", "")],
        way: Way::Confirmed { confirmed: 34 },
        meeting: Some(&plan::BUS),
        research: Some(&research::BUS),
        ..BASE
    },
    Topic {
        town: "lili",
        title: "黎里古镇开放期间居民进出与游客停车",
        place: "黎里古镇老街",
        matter: "节假日老街限行，住在里面的居民买菜、接孩子要绕行；游客车停到巷口，救护车进不来。",
        reason: "一年有十一个节假日限行，老街里住着三百多户，七成是老人。",
        suggestion: "给居民发通行凭证，划出居民专用通道，游客车引到镇外停车场。",
        hotspot: "古镇居民出行，12345 今年收到同类反映 37 件",
        proposer: "徐阿婆",
        phone: "13800001005",
        joint: 8,
        raised: 42,
        supports: 52,
        way: Way::Confirmed { confirmed: 28 },
        meeting: Some(&plan::OLD_TOWN),
        research: Some(&research::OLD_TOWN),
        ..BASE
    },
    Topic {
        town: "jiangling",
        title: "屯溪新村：快递外卖骑手进小区与临停规则",
        place: "屯溪新村",
        matter: "物业不让骑手进，餐放在门口没人看；放进来又嫌车快、乱停。",
        reason: "一天进出的骑手有三百多人次，吵架、投诉每周都有。",
        suggestion: "请骑手代表、物业、居民和工会坐下来，定一个限速、登记和临停的办法。",
        source: TopicSource::MemberRecommended,
        hotspot: "新就业群体服务管理",
        proposer: "演示委员",
        phone: "13800001006",
        raised: 17,
        supports: 29,
        way: Way::Confirmed { confirmed: 2 },
        ..BASE
    },
    Topic {
        town: "songling",
        title: "苏州湾体育中心散场公交与慢行接驳",
        place: "苏州湾体育中心",
        matter: "大型活动散场时两万人同时出来，公交只有两条线，步行到地铁要二十五分钟，过街没有引导。",
        reason: "明年排了十四场活动，周边小区居民出行也受影响。",
        suggestion: "请场馆、公交、交警和周边居民一起定散场方案，加开接驳车，划出步行通道。",
        source: TopicSource::GovernmentAssigned,
        central_task: "大型活动保障，2026 年重点工作",
        proposer: "街道办",
        phone: "",
        raised: 22,
        supports: 18,
        way: Way::Confirmed { confirmed: 6 },
        research: Some(&research::STADIUM),
        ..BASE
    },
    Topic {
        town: "songling",
        title: "鲈乡二村加装电梯：低层住户补偿与采光",
        place: "鲈乡二村",
        matter: "二十三幢有十一幢想装电梯，一、二楼住户担心挡光、贬值，四幢谈了一年没谈成。",
        reason: "楼上住着四十多位八十岁以上老人，有三位一年没下过楼。",
        suggestion: "请高低层住户、住建和懂法律的委员一起谈补偿标准，先做采光测算再定位置。",
        hotspot: "老旧小区加装电梯",
        proposer: "吴月娥",
        phone: "13800001008",
        joint: 14,
        raised: 54,
        supports: 73,
        comments: &[said(
            "朱明",
            "一楼也愿意谈，但要先把采光测清楚，不能凭嘴说。",
            "采光测算会在调研时请专业机构做，结果给大家看。",
        )],
        way: Way::Confirmed { confirmed: 41 },
        meeting: Some(&plan::LIFTS),
        research: Some(&research::LIFTS),
        ..BASE
    },
    Topic {
        town: "jiangling",
        title: "叶泽湖花苑：暑期务工人员子女托管班场地",
        place: "叶泽湖花苑",
        matter: "暑假里一百二十多个孩子没人带，社区活动室只坐得下三十人。",
        reason: "家长两班倒，孩子在厂门口和河边玩，去年出过险情。",
        suggestion: "请家长、社区、学校和用工企业一起商量，借学校食堂或企业培训室办班。",
        hotspot: "务工人员子女暑期照看",
        proposer: "何敏",
        phone: "13800001009",
        raised: 46,
        supports: 37,
        way: Way::Confirmed { confirmed: 32 },
        meeting: Some(&plan::SUMMER_CLASS),
        research: Some(&research::SUMMER_CLASS),
        ..BASE
    },
    Topic {
        town: "bache",
        title: "禽蛋市场雨污分流施工期，商户怎么经营",
        place: "禽蛋市场区块",
        matter: "施工围挡把市场南门堵了一半，六十多个摊位进货要绕到北门，雨天积水。",
        reason: "工期十个月，商户说客流少了四成，担心撑不到完工。",
        suggestion: "请商户、水务、城管和居民一起商量，留出便民通道，定好装卸时段。",
        source: TopicSource::PartyAssigned,
        central_task: "雨污分流三年行动",
        hotspot: "商户经营和居民买菜",
        proposer: "街道党工委",
        phone: "",
        raised: 24,
        supports: 58,
        comments: &[said("陈国良", "三轮车进得来就行，别让我们肩挑手提。", "便民通道宽度已列入要谈的内容。")],
        way: Way::Confirmed { confirmed: 9 },
        ..BASE
    },
    Topic {
        town: "hengshan",
        title: "电商发货三轮车占道与集中揽收点设置",
        place: "横扇街道电商一条街",
        matter: "下午三点到六点，发货三轮车把路占掉一半，接孩子的车和公交都过不去。",
        reason: "旺季一天发货四万件，快递点散在二十多家门口。",
        suggestion: "请商户、快递、交警和村里一起选一两处集中揽收点，错开放学时间。",
        source: TopicSource::MemberRecommended,
        proposer: "演示委员",
        phone: "13800001011",
        raised: 2,
        way: Way::Submitted,
        ..BASE
    },
    Topic {
        town: "pingwang",
        title: "水韵名家（南区）晚间运河步道照明与噪声",
        place: "水韵名家南区运河步道",
        matter: "步道路灯坏了三分之一，有人摔过；另一头广场舞音响到九点半，靠河的住户睡不着。",
        reason: "散步的、跳舞的、住户三方都有道理，社区调了两次没谈拢。",
        suggestion: "请居民、舞队、城管和委员一起定一个时间和音量，路灯一并修。",
        proposer: "赵红梅",
        phone: "13800001012",
        raised: 8,
        supports: 24,
        comments: &[
            said("", "跳舞的队伍愿意用定向音响，就是不知道谁来出钱。", ""),
            waiting("李", "九点以后能不能不放鼓点？"),
        ],
        way: Way::Accepted,
        ..BASE
    },
    Topic {
        town: "zhenze",
        title: "师俭堂周边节假日停车与居民车位错时共享",
        place: "师俭堂周边",
        matter: "节假日游客车停进居民区，住户晚上回来没处停；平时居民车位白天空着一半。",
        reason: "旅游公司想扩停车场，地没有；居民车位白天用不上。",
        suggestion: "请居民、旅游公司、交警和商户一起试错时共享，定好收费和分成。",
        source: TopicSource::CommitteeSelected,
        central_task: "文旅融合，古镇提升",
        hotspot: "节假日停车",
        proposer: "镇工委",
        phone: "",
        raised: 27,
        supports: 31,
        way: Way::Confirmed { confirmed: 10 },
        research: Some(&research::PARKING),
        ..BASE
    },
    Topic {
        town: "taoyuan",
        title: "灶家浜研学客流的停车、公厕和垃圾谁来管",
        place: "灶家浜“小板凳”广场",
        matter: "周末来研学的孩子一天有六百人，大巴停在村道，公厕只有一处，垃圾没人收。",
        reason: "村民高兴有人来，可路堵了、厕所脏了，怨气也来了。",
        suggestion: "请村民、民宿、学校和委员企业一起分担：谁停车、谁保洁、钱怎么出。",
        source: TopicSource::CommitteeSelected,
        imported_from: Some(ImportedFrom::VillageConsultation),
        central_task: "乡村振兴示范村建设",
        proposer: "灶家浜村委会",
        phone: "13800001014",
        raised: 21,
        supports: 27,
        way: Way::Confirmed { confirmed: 3 },
        ..BASE
    },
    Topic {
        town: "qidu",
        title: "沿湖小区排水口整治与太湖岸线保洁责任",
        place: "七都镇太湖沿线小区",
        matter: "三个小区的雨水口有污水混入，岸线的水草和垃圾谁来捞说不清。",
        reason: "太湖岸线是生态红线，居民反映夏天有气味。",
        suggestion: "先由水务查清混接点，再请居民、环保和村里商量保洁分段。",
        source: TopicSource::MemberRecommended,
        imported_from: Some(ImportedFrom::SocialOpinion),
        proposer: "社情民意联系点",
        phone: "13800001015",
        raised: 15,
        supports: 12,
        way: Way::Suspended("排水口混接情况水务正在排查，方案出来后再商量。"),
        ..BASE
    },
    Topic {
        title: "北麻漾清淤后的护岸管护由谁负责",
        place: "北麻漾沿岸",
        matter: "清淤做完了，护岸有两处塌了，沿湖三个村和养殖企业互相推。",
        reason: "汛期前不修好，塌方会扩大；修好了没人管，明年还要塌。",
        suggestion: "请沿湖村、水务和企业一起定管护分段和费用分担。",
        source: TopicSource::GovernmentAssigned,
        imported_from: Some(ImportedFrom::Hotline12345),
        central_task: "河湖长制，幸福河湖建设",
        proposer: "镇水务站",
        phone: "13800001016",
        raised: 32,
        supports: 22,
        way: Way::Confirmed { confirmed: 14 },
        research: Some(&research::BANKS),
        meeting: Some(&plan::BANKS),
        ..BASE
    },
    Topic {
        town: "pingwang",
        title: "我家与邻居的土地纠纷请领导解决",
        place: "平望镇某村",
        matter: "宅基地边界和邻居说不清，已经吵了两年。",
        reason: "村里调解过没有结果。",
        suggestion: "请领导来量一量，判个是非。",
        proposer: "演示居民甲",
        phone: "13800001017",
        raised: 6,
        way: Way::Transferred(
            Exclusion::CivilDispute,
            "平望镇司法所，或村人民调解委员会",
            "这是两户之间的纠纷，不属于大家一起商量的范围，由调解组织来办更合适。",
        ),
        ..BASE
    },
    Topic {
        title: "镇东五区晚上没处停车，请多划些车位",
        place: "镇东五区",
        matter: "每天晚上回来都停到马路上，被贴过三次条。",
        reason: "上班族都这样。",
        suggestion: "改造的时候多划车位，或者让学校停车场晚上开放。",
        proposer: "刘洋",
        phone: "13800001018",
        raised: 1,
        way: Way::MergedInto("镇东五区改造，多留绿化还是多划车位"),
        ..BASE
    },
    Topic {
        title: "老厂区门口夜市油烟",
        place: "老厂区南门",
        matter: "夜市二十多个摊，油烟顺着风进三幢、四幢，开不了窗。",
        reason: "住户和摊主都是街坊，硬赶不是办法。",
        suggestion: "请摊主、住户和城管一起商量，移到河边空地，或者统一装净化。",
        proposer: "周桂芳",
        phone: "13800001019",
        joint: 6,
        raised: 9,
        way: Way::Submitted,
        ..BASE
    },
    Topic {
        title: "西白漾步道路灯什么时候能亮全",
        place: "西白漾环湖步道",
        matter: "步道北段一公里没有路灯，晚上散步的人用手机照着走。",
        reason: "夏天一晚上有五六百人走，摔伤过两位老人。",
        suggestion: "请居民、城管和供电一起定分段亮灯和节能时间。",
        hotspot: "居民晚间健身安全",
        proposer: "俞建新",
        phone: "13800001020",
        raised: 12,
        supports: 45,
        comments: &[said("孙丽", "半夜可以关一半，省电，但八点到十点要全亮。", "")],
        way: Way::Prepared,
        ..BASE
    },
    Topic {
        town: "tongli",
        title: "古镇北门早市摊位怎么摆不挡道",
        place: "同里古镇北门",
        matter: "早市七点到九点，摊位摆到路中间，学生骑车绕不过去。",
        reason: "摆摊的多是本地老人，赶走不近人情，留着又不安全。",
        suggestion: "划线定点，错开上学时间，请摊主和学校家长一起商量。",
        proposer: "计小兰",
        phone: "13800001021",
        raised: 5,
        way: Way::Returned("请补充：大概有多少个摊位？学校门口最挤的是哪一段？有照片更好。"),
        ..BASE
    },
    Topic {
        town: "tongli",
        title: "建议把全区公交都改成免费",
        place: "全区",
        matter: "公交收费不方便老人。",
        reason: "别的城市有免费的。",
        suggestion: "全部免费。",
        proposer: "演示居民乙",
        phone: "13800001022",
        raised: 8,
        way: Way::Declined(
            "公交票价由市里统一定，镇里商量定不下来。已把意见转给区交通部门参考；镇内站点、班次的事欢迎再提。",
        ),
        ..BASE
    },
    Topic {
        town: "qidu",
        title: "吴溇港边的旧凉亭要不要修",
        place: "吴溇港",
        matter: "凉亭的栏杆松了两根，乘凉的老人不敢靠。",
        reason: "夏天天天有人坐，怕摔到水里。",
        suggestion: "请村里和住在旁边的人看一看，修还是拆。",
        proposer: "沈阿二",
        phone: "13800001023",
        raised: 16,
        way: Way::Withdrawn("村里第二天就来修好了，不用再商量。"),
        ..BASE
    },
    Topic {
        town: "taoyuan",
        title: "村口的喇叭能不能小声点",
        place: "村口",
        matter: "喇叭声音太大。",
        reason: "吵。",
        suggestion: "小声点。",
        proposer: "演示居民丙",
        phone: "13800001024",
        raised: 40,
        way: Way::Lapsed("请补充：是哪个村、几点播、播的是什么？"),
        ..BASE
    },
    Topic {
        town: "qidu",
        title: "庙港渡口候船棚怎么搭",
        place: "庙港渡口",
        matter: "候船的地方没有棚子，下雨天大家挤在售票窗口下面。",
        reason: "早上送孩子、卖菜的一趟有四五十人。",
        suggestion: "请乘船的人、渡口和村里一起定棚子搭多大、谁来管。",
        hotspot: "群众日常出行",
        proposer: "范水生",
        phone: "13800001025",
        raised: 33,
        supports: 9,
        way: Way::Terminated("渡口月底停航，改走新桥，候船棚不用再搭。过桥公交的站点另外商量。"),
        ..BASE
    },
];
