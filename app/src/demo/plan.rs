//! The meetings that the demo announces: one a week ahead, and one for the very time at which the demo begins, so that it
//! can be held. All people are fictional.

use chrono::Days;

use super::minutes::{self, Held};
use super::{Demo, Town, acting, visitor};
use crate::access::{Actor, Visitor};
use crate::error::Refusal;
use crate::files;
use crate::ids::{CaseId, CommentId, InviteeId, MeetingId};
use crate::invitation::answer::steps::{AnswerInvitation, GiveOpinion, RegisterSeat};
use crate::invitation::model::PersonForm;
use crate::invitation::steps::AddPeople;
use crate::plan::model::{AgendaItem, ConsultationPlan};
use crate::plan::steps::{Announce, ApprovePlan, SavePlan};
use crate::roster::register::year_of;
use crate::rules::{Category, MeetingFormat, SHANGHAI, Segment, local_date};
use crate::topic::model::ShownName;
use crate::topic::steps::{AddComment, ReleaseComment};

/// When a meeting of the demo begins.
#[derive(Clone, Copy)]
enum Begins {
    /// So many days after the end of the demo, at two o'clock.
    In(u64),
    /// In the minute in which the demo ends.
    Now,
    /// So many days before the end of the demo, at two o'clock.
    Ago(u32),
}

/// Name, category, organisation, phone, whether a woman.
pub(super) type Asked = (&'static str, Category, &'static str, &'static str, bool);

/// A meeting of the demo.
pub(super) struct Meeting {
    begins: Begins,
    /// Days before the end on which it is planned, and on which it is announced.
    planned: u32,
    announced: u32,
    notice: &'static str,
    people: &'static [Asked],
    /// What residents say at the notice: name, stance, words.
    said: &'static [(&'static str, &'static str, &'static str)],
    /// Whether everybody has answered.
    all_answered: bool,
    /// What happened at it, when it was held.
    held: Option<&'static Held>,
}

impl Meeting {
    /// How long it is planned for, in minutes.
    pub(super) const fn minutes(&self) -> u32 {
        MINUTES
    }
}

/// Minutes of a meeting.
const MINUTES: u32 = 120;

/// 纺织循环经济产业园.
pub(super) const LORRIES: Meeting = Meeting {
    begins: Begins::In(6),
    planned: 5,
    announced: 3,
    notice: "园区货车走哪条路、几点走，请沿线三个村的住户、施工单位和交警坐下来商量。想来的请报名。",
    people: PEOPLE,
    said: SAID,
    all_answered: false,
    held: None,
};

/// 北麻漾: it begins when the demo does.
pub(super) const BANKS: Meeting = Meeting {
    begins: Begins::Now,
    planned: 8,
    announced: 7,
    notice: "北麻漾护岸清淤以后由谁管、钱怎么出，请沿湖三个村、养殖户和水务站坐下来商量。想来的请报名。",
    people: ON_THE_BANKS,
    said: &[],
    all_answered: true,
    held: None,
};

/// A meeting that was held so many days before the end.
pub(super) const fn past(days: u32, notice: &'static str, people: &'static [Asked], held: &'static Held) -> Meeting {
    Meeting {
        begins: Begins::Ago(days),
        // Days off may move the meeting by more than a week to the front.
        planned: days + 20,
        announced: days + 18,
        notice,
        people,
        said: &[],
        all_answered: true,
        held: Some(held),
    }
}

/// 379路.
pub(super) const BUS: Meeting =
    past(8, "末班车几点开、站点设在哪里，请坐车的人、三地公交和交警坐下来商量。", AT_LILI, &minutes::BUS);

/// 黎里古镇.
pub(super) const OLD_TOWN: Meeting =
    past(2, "限行日居民怎么进出、救护车怎么走，请住户、商户、文旅和交警坐下来商量。", AT_LILI, &minutes::OLD_TOWN);

/// 叶泽湖花苑.
pub(super) const SUMMER_CLASS: Meeting = past(
    6,
    "暑期托管班办在哪里、谁来带、收多少钱，请家长、学校和企业坐下来商量。",
    NEAR_THE_LAKE,
    &minutes::SUMMER_CLASS,
);

/// 鲈乡二村.
pub(super) const LIFTS: Meeting =
    past(15, "加装电梯怎么补偿、采光怎么测，请高低层住户、住建和律师坐下来商量。", NEAR_THE_LAKE, &minutes::LIFTS);

pub(super) const AT_LILI: &[Asked] = &[
    ("谈一帆", Category::Stakeholder, "黎里老街", "13800020071", false),
    ("盛小荷", Category::Stakeholder, "芦墟社区", "13800020072", true),
    ("姚汀兰", Category::Stakeholder, "黎里老街", "13800020073", true),
    ("卜元亮", Category::Public, "嘉善县", "13800020074", false),
    ("窦小芸", Category::Public, "王江泾镇", "13800020075", true),
    ("车向阳", Category::Department, "黎里镇交通管理所", "13800020076", false),
    ("卓安", Category::Department, "黎里交警中队", "13800020077", false),
    ("柏青", Category::Enterprise, "公交公司", "13800020078", false),
    ("茅秀兰", Category::Village, "芦墟社区居委会", "13800020079", true),
];

pub(super) const NEAR_THE_LAKE: &[Asked] = &[
    ("景云舒", Category::Member, "教育界", "13800020081", true),
    ("骆明川", Category::Member, "社会法制界", "13800020082", false),
    ("鲍春晓", Category::Stakeholder, "一幢", "13800020083", true),
    ("水玉珍", Category::Stakeholder, "三幢", "13800020084", true),
    ("庾长青", Category::Stakeholder, "五幢", "13800020085", false),
    ("池大海", Category::Public, "居民代表", "13800020086", false),
    ("幸小满", Category::Public, "居民代表", "13800020087", true),
    ("尚文涛", Category::Department, "街道社会事业科", "13800020088", false),
    ("衡立", Category::Enterprise, "用工企业", "13800020089", false),
    ("居美华", Category::Village, "社区居委会", "13800020090", true),
];

const ON_THE_BANKS: &[Asked] = &[
    ("钮水根", Category::Stakeholder, "北麻漾东村", "13800020051", false),
    ("凌秋月", Category::Stakeholder, "北麻漾东村", "13800020052", true),
    ("郁小满", Category::Stakeholder, "水产养殖户", "13800020053", true),
    ("汝长林", Category::Stakeholder, "水产养殖户", "13800020054", false),
    ("计春燕", Category::Public, "北麻漾西村", "13800020055", true),
    ("蔺大海", Category::Public, "北麻漾西村", "13800020056", false),
    ("濮阳静", Category::Department, "盛泽水务站", "13800020057", true),
    ("皮志强", Category::Department, "盛泽镇农村工作局", "13800020058", false),
    ("宓工", Category::Enterprise, "清淤施工单位", "13800020059", false),
    ("卞阿秀", Category::Village, "北麻漾东村委会", "13800020060", true),
];

const PEOPLE: &[Asked] = &[
    ("管小河", Category::Stakeholder, "坛丘村", "13800020021", true),
    ("潘大有", Category::Stakeholder, "坛丘村", "13800020022", false),
    ("翁桂香", Category::Stakeholder, "沈家村", "13800020023", true),
    ("沈长庚", Category::Stakeholder, "沈家村", "13800020024", false),
    ("贝小雨", Category::Public, "坛丘村", "13800020025", true),
    ("席远山", Category::Public, "兴桥村", "13800020026", false),
    ("莫子衿", Category::Department, "盛泽交警中队", "13800020027", false),
    ("邱立诚", Category::Department, "盛泽镇建设管理办公室", "13800020028", false),
    ("聂海川", Category::Enterprise, "园区施工单位", "13800020029", false),
    ("戚春妮", Category::Village, "坛丘村委会", "13800020030", true),
];

/// Residents who register for the open seats, and wait when there is none left.
const RESIDENTS: &[(&str, &str, bool)] =
    &[("祝安平", "13800020041", false), ("卜晴", "13800020042", true), ("阮有根", "13800020043", false)];

/// What residents say of the lorries.
const SAID: &[(&str, &str, &str)] = &[
    ("尤小满", "for", "七点半以后再过车，我赞成，村口最好有人看着。"),
    ("", "neutral", "绕行也行，路压坏了谁来修要说清楚。"),
];

impl Demo {
    /// Plans and announces the meeting of a case whose research is filed; some people answer.
    pub(super) async fn announce(&self, town: &Town, case: CaseId, its: &Meeting) -> Result<(), Refusal> {
        let (officer, director) = (acting(&town.officer), acting(&town.director));
        self.later(its.planned, 12, 0);
        let plan = self.meeting_plan(town, &officer, its).await?;
        let meeting = self.step(&officer, SavePlan { case, seen: 0, plan, hand_over: true }).await?;
        let towns = [town.id.clone()];
        let year = year_of(local_date(self.ctx.now()));
        let mut members = crate::roster::store::members(&self.ctx.db, &towns, year).await?;
        // Whoever may sign in finds the invitation there.
        members.sort_by_key(|member| member.account_id.is_none());
        let mut people: Vec<PersonForm> =
            members.iter().take(3).map(|member| PersonForm::of_member(member.member_id)).collect();
        people.extend(its.people.iter().map(|(name, category, organisation, phone, woman)| PersonForm {
            category: Some(*category),
            name: (*name).to_owned(),
            organisation: (*organisation).to_owned(),
            phone: (*phone).to_owned(),
            woman: *woman,
            ..PersonForm::default()
        }));
        self.step(&officer, AddPeople { case, meeting, people }).await?;
        self.later(its.planned, 15, 30);
        let reason = "同意。请把沿线三个村的人都请到。".to_owned();
        self.step(&director, ApprovePlan { case, seen: 1, reason }).await?;
        self.later(its.announced, 9, 0);
        self.step(&officer, Announce { case, seen: 1 }).await?;
        for (n, (name, phone, woman)) in (0_u32..).zip(RESIDENTS) {
            self.later(its.announced, 12, n);
            let person = PersonForm {
                category: Some(Category::Public),
                name: (*name).to_owned(),
                phone: (*phone).to_owned(),
                woman: *woman,
                ..PersonForm::default()
            };
            let invitee = Some(InviteeId(self.ctx.new_id()));
            let step = RegisterSeat { case, meeting, invitee, person, consent: true };
            self.step(&visitor("registers", n), step).await?;
        }
        for (n, (name, stance, body)) in (0_u32..).zip(its.said.iter().copied()) {
            self.later(its.announced, 18, n);
            let comment = CommentId(self.ctx.new_id());
            let step = AddComment {
                case,
                comment: Some(comment),
                parent: None,
                name: name.to_owned(),
                how: Some(if name.is_empty() { ShownName::None } else { ShownName::Masked }),
                body: body.to_owned(),
                stance: Some(stance),
            };
            self.step(&visitor("says beforehand", n), step).await?;
            self.step(&officer, ReleaseComment { case, comment }).await?;
        }
        self.answers(case, meeting, its).await?;
        match its.held {
            Some(held) => self.hold(town, (case, meeting), (its, held)).await,
            None => Ok(()),
        }
    }

    async fn meeting_plan(&self, town: &Town, officer: &Actor, its: &Meeting) -> Result<ConsultationPlan, Refusal> {
        let room = crate::town::store::rooms(&self.ctx.db, Some(&town.id)).await?.into_iter().next();
        let starts_at = match its.begins {
            Begins::Now => Some(self.end - chrono::TimeDelta::seconds(self.end.timestamp() % 60)),
            Begins::Ago(days) => Some(self.afternoon(days)),
            Begins::In(days) => {
                let day =
                    local_date(self.end).checked_add_days(Days::new(days)).unwrap_or_else(|| local_date(self.end));
                let at = day.and_hms_opt(14, 0, 0).and_then(|at| at.and_local_timezone(SHANGHAI).single());
                at.map(|at| at.to_utc())
            }
        };
        let material = files::stage(&self.ctx.acting_as(officer.clone()), vec![self.material.clone()]).await?;
        let minutes = [20, 30, 40, 30];
        Ok(ConsultationPlan {
            starts_at,
            minutes: its.minutes(),
            format: Some(MeetingFormat::Roundtable),
            room: room.as_ref().map(|room| room.room_id),
            room_name: room.map(|room| room.name).unwrap_or_default(),
            agenda: Segment::ALL
                .iter()
                .zip(minutes)
                .map(|(segment, minutes)| AgendaItem { segment: *segment, minutes, words: String::new() })
                .collect(),
            chair: Some(town.director.account),
            chair_name: town.director.name.clone(),
            recorder: Some(town.officer.account),
            recorder_name: town.officer.name.clone(),
            notice: its.notice.to_owned(),
            materials: material.into_iter().map(|file| file.file).collect(),
            open_seats: vec![(Category::Public, 2)],
            ..ConsultationPlan::default()
        })
    }

    /// Some come, one does not, one speaks up beforehand; the others have not answered yet.
    async fn answers(&self, case: CaseId, meeting: MeetingId, its: &Meeting) -> Result<(), Refusal> {
        let guests = crate::invitation::answer::guests_of(&self.ctx.db, meeting).await?;
        let asked = guests.into_iter().filter(|guest| guest.origin == "listed");
        for (n, guest) in (0_u32..).zip(asked) {
            self.later(its.announced.saturating_sub(1), 9, n);
            let me = Actor::Invitee { invitee: guest.invitee_id, case, visitor: Visitor::default() };
            let invitee = guest.invitee_id;
            match n % 4 {
                _ if its.all_answered && n != 2 => {
                    self.step(&me, AnswerInvitation { case, invitee, comes: true, reason: String::new() }).await?;
                }
                0 | 1 => {
                    self.step(&me, AnswerInvitation { case, invitee, comes: true, reason: String::new() }).await?;
                }
                2 if n == 2 => {
                    let reason = "那天要出车".to_owned();
                    self.step(&me, AnswerInvitation { case, invitee, comes: false, reason }).await?;
                }
                _ => {}
            }
            if n == 1 && !its.all_answered {
                let text = "早上七点前不要过村口，孩子上学看不清车。".to_owned();
                self.step(&me, GiveOpinion { case, invitee, stance: Some("against"), text }).await?;
            }
        }
        Ok(())
    }
}
