//! Members and units of three towns for the demo: fictional people, sectors and specialties as they are usual. Phones
//! are of the form that no network gives out in full.

use super::{Demo, Town, acting};
use crate::error::Refusal;
use crate::roster::model::{MemberForm, UnitForm, read_tags};
use crate::roster::register;

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

impl Demo {
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
