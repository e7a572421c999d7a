//! The meeting that the demo announces: who is asked, what they answer. All people are fictional.

use chrono::Days;

use super::{Demo, Town, acting, visitor};
use crate::access::{Actor, Visitor};
use crate::error::Refusal;
use crate::files;
use crate::ids::{CaseId, CommentId, InviteeId};
use crate::invitation::answer::steps::{AnswerInvitation, GiveOpinion, RegisterSeat};
use crate::invitation::model::PersonForm;
use crate::invitation::steps::AddPeople;
use crate::plan::model::{AgendaItem, ConsultationPlan};
use crate::plan::steps::{Announce, ApprovePlan, SavePlan};
use crate::roster::register::year_of;
use crate::rules::{Category, MeetingFormat, SHANGHAI, Segment, local_date};
use crate::topic::model::ShownName;
use crate::topic::steps::{AddComment, ReleaseComment};

/// Days before the end on which it is planned, approved and announced, and days after it until the meeting.
const PLANNED: u32 = 5;
const ANNOUNCED: u32 = 3;
const MEETS: u64 = 6;

/// Name, category, organisation, phone, whether a woman.
const PEOPLE: &[(&str, Category, &str, &str, bool)] = &[
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

/// What residents say at the notice: name, stance, words.
const SAID: &[(&str, &str, &str)] = &[
    ("尤小满", "for", "七点半以后再过车，我赞成，村口最好有人看着。"),
    ("", "neutral", "绕行也行，路压坏了谁来修要说清楚。"),
];

impl Demo {
    /// Plans and announces the meeting of a case whose research is filed; some people answer.
    pub(super) async fn announce(&self, town: &Town, case: CaseId) -> Result<(), Refusal> {
        let (officer, director) = (acting(&town.officer), acting(&town.director));
        self.later(PLANNED, 10, 0);
        let plan = self.meeting_plan(town, &officer).await?;
        let meeting = self.step(&officer, SavePlan { case, seen: 0, plan, hand_over: true }).await?;
        let towns = [town.id.clone()];
        let members = crate::roster::store::members(&self.ctx.db, &towns, year_of(local_date(self.ctx.now()))).await?;
        let mut people: Vec<PersonForm> =
            members.iter().take(3).map(|member| PersonForm::of_member(member.member_id)).collect();
        people.extend(PEOPLE.iter().map(|(name, category, organisation, phone, woman)| PersonForm {
            category: Some(*category),
            name: (*name).to_owned(),
            organisation: (*organisation).to_owned(),
            phone: (*phone).to_owned(),
            woman: *woman,
            ..PersonForm::default()
        }));
        self.step(&officer, AddPeople { case, meeting, people }).await?;
        self.later(PLANNED - 1, 9, 30);
        let reason = "同意。请把沿线三个村的人都请到。".to_owned();
        self.step(&director, ApprovePlan { case, seen: 1, reason }).await?;
        self.later(ANNOUNCED, 9, 0);
        self.step(&officer, Announce { case, seen: 1 }).await?;
        for (n, (name, phone, woman)) in (0_u32..).zip(RESIDENTS) {
            self.later(ANNOUNCED, 12, n);
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
        for (n, (name, stance, body)) in (0_u32..).zip(SAID.iter().copied()) {
            self.later(ANNOUNCED, 18, n);
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
        self.answers(case, meeting).await
    }

    async fn meeting_plan(&self, town: &Town, officer: &Actor) -> Result<ConsultationPlan, Refusal> {
        let room = crate::town::store::rooms(&self.ctx.db, Some(&town.id)).await?.into_iter().next();
        let day = local_date(self.end).checked_add_days(Days::new(MEETS)).unwrap_or_else(|| local_date(self.end));
        let starts_at = day.and_hms_opt(14, 0, 0).and_then(|at| at.and_local_timezone(SHANGHAI).single());
        let material = files::stage(&self.ctx.acting_as(officer.clone()), vec![self.material.clone()]).await?;
        let minutes = [20, 30, 40, 30];
        Ok(ConsultationPlan {
            starts_at: starts_at.map(|at| at.to_utc()),
            minutes: 120,
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
            notice: "园区货车走哪条路、几点走，请沿线三个村的住户、施工单位和交警坐下来商量。想来的请报名。".to_owned(),
            materials: material.into_iter().map(|file| file.file).collect(),
            open_seats: vec![(Category::Public, 2)],
            ..ConsultationPlan::default()
        })
    }

    /// Some come, one does not, one speaks up beforehand; the others have not answered yet.
    async fn answers(&self, case: CaseId, meeting: crate::ids::MeetingId) -> Result<(), Refusal> {
        let guests = crate::invitation::answer::guests_of(&self.ctx.db, meeting).await?;
        let asked = guests.into_iter().filter(|guest| guest.origin == "listed");
        for (n, guest) in (0_u32..).zip(asked) {
            self.later(ANNOUNCED.saturating_sub(1), 9, n);
            let me = Actor::Invitee { invitee: guest.invitee_id, case, visitor: Visitor::default() };
            let invitee = guest.invitee_id;
            match n % 4 {
                0 | 1 => {
                    self.step(&me, AnswerInvitation { case, invitee, comes: true, reason: String::new() }).await?;
                }
                2 if n == 2 => {
                    let reason = "那天要出车".to_owned();
                    self.step(&me, AnswerInvitation { case, invitee, comes: false, reason }).await?;
                }
                _ => {}
            }
            if n == 1 {
                let text = "早上七点前不要过村口，孩子上学看不清车。".to_owned();
                self.step(&me, GiveOpinion { case, invitee, stance: Some("against"), text }).await?;
            }
        }
        Ok(())
    }
}
