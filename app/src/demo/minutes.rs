//! Meetings of the demo that were held, and how far their minutes are. What is said is invented, as are all people.

use chrono::{DateTime, TimeDelta, Utc};

use super::plan::Meeting;
use super::{Demo, Town, acting};
use crate::access::{Actor, Visitor};
use crate::case::Case;
use crate::error::Refusal;
use crate::ids::{CaseId, HandoverId, InviteeId, MeetingId, MinutesId, PollId, ReplyId, SittingId, SpeechId};
use crate::invitation::model::InviteeState;
use crate::meeting::floor::steps::{AskToSpeak, CallResponse, HandOver, NoteSpeech, StartSpeech, StopSpeech};
use crate::meeting::model::How;
use crate::meeting::poll::model::Asked;
use crate::meeting::poll::steps::{CastVote, ClosePoll, OpenPoll};
use crate::meeting::steps::{CheckIn, CloseMeeting, ConveneMeeting, OpenDoor, Presence};
use crate::minutes::draft::{Record, Texts};
use crate::minutes::model::{Degree, OutcomeItem, Outcomes, Said, Section, hide_in};
use crate::minutes::steps::{
    AnswerCorrection, CirculateMinutes, ConsultAgain, ReplyToMinutes, SaveSection, Seal, SignMinutes, StartMinutes,
};
use crate::minutes::{all, replies, sections, texts_of, versions_of};
use crate::rules::{Category, end_of_local_day, local_date};

/// How far the minutes of a meeting of the demo are.
#[derive(Clone, Copy)]
enum HowFar {
    /// With those who were there, since so many days before the end.
    Circulating { since: u32 },
    /// Signed, so many days before the end.
    Signed { since: u32, on: u32 },
}

/// What was said: by whom, and the point.
pub(super) type Speech = (&'static str, &'static str);

/// A meeting that was held.
pub(super) struct Held {
    /// Each with the answer of a department, where there was one.
    said: &'static [(Speech, Option<Speech>)],
    asked: &'static str,
    consensus: &'static str,
    dissent: &'static str,
    /// What, from whom; none for a meeting without consensus.
    outcomes: &'static [(&'static str, Category)],
    /// What was handed over on the spot.
    handed: Option<&'static str>,
    how_far: HowFar,
    /// What the next round is to clear up.
    again: Option<&'static str>,
}

/// A meeting so many days before the end, with minutes that were signed a week later.
pub(super) const fn agreed(
    days: u32,
    said: &'static [(Speech, Option<Speech>)],
    (asked, consensus): (&'static str, &'static str),
    outcomes: &'static [(&'static str, Category)],
) -> Held {
    Held {
        said,
        asked,
        consensus,
        dissent: "无",
        outcomes,
        handed: None,
        how_far: HowFar::Signed { since: days - 1, on: days - 8 },
        again: None,
    }
}

/// 379路: signed, to be reported next.
pub(super) const BUS: Held = Held {
    said: &[
        (
            ("谈一帆", "六点下班，末班车六点二十，跑着去也赶不上，三十多个人拼车回来。"),
            Some(("车向阳", "晚一小时要多一个班次和一名司机，两地补贴谈定就能试。")),
        ),
        (("盛小荷", "芦墟站离菜场八百米，老人提着菜走不动，请在菜场门口加一站。"), None),
        (("卜元亮", "嘉善这边也有人要坐，末班可以和我们的支线接上。"), None),
    ],
    asked: "末班车延后一小时，先试三个月，您同意吗",
    consensus: "末班车延后到晚上七点二十，先试三个月。\n菜场门口加一个停靠点，由交警看过现场再定位置。",
    dissent: "延后以后客流不够，补贴由哪一地多出，三地还要再商量。",
    outcomes: &[
        ("379路末班车从晚上六点二十延后到七点二十，试行三个月，满月公布一次客流", Category::Public),
        ("在芦墟菜场门口加设停靠点，先看现场再定位置", Category::Stakeholder),
    ],
    handed: Some("一周内数清楚六点到七点半在王江泾站等车的人数"),
    how_far: HowFar::Signed { since: 7, on: 2 },
    again: None,
};

/// 黎里古镇: with those who were there.
pub(super) const OLD_TOWN: Held = Held {
    said: &[
        (("谈一帆", "限行那天救护车进不来，先把东口留出来。"), Some(("车向阳", "东口可以留消防通道，要派人看。"))),
        (("盛小荷", "一户发两张通行凭证够用，别再登记身份证。"), None),
    ],
    asked: "居民凭通行凭证进出，您同意吗",
    consensus: "限行日居民凭凭证从东口进出。\n东口留一条救护通道，节假日有人看守。",
    dissent: "一户发几张凭证，商户和住户的看法还不一样。",
    outcomes: &[("给老街住户每户发两张通行凭证，限行日从东口进出", Category::Stakeholder)],
    handed: None,
    how_far: HowFar::Circulating { since: 1 },
    again: None,
};

/// 叶泽湖花苑: checked, to be signed.
pub(super) const SUMMER_CLASS: Held = Held {
    said: &[
        (
            ("鲍春晓", "两班倒，孩子一个人在家不放心，收点费也愿意。"),
            Some(("尚文涛", "学校食堂能用，要有人管吃饭和接送。")),
        ),
        (("水玉珍", "社区有三位退休老师愿意来，要把意外险买上。"), None),
    ],
    asked: "借学校食堂办暑期托管班，您同意吗",
    consensus: "借学校食堂办班，一天收费不超过二十元。\n企业出一部分钱，社区请退休老师来带。",
    dissent: "无",
    outcomes: &[
        ("七月一日起借叶泽湖小学食堂办托管班，先收八十个孩子", Category::Stakeholder),
        ("用工企业按孩子人数分摊三成费用", Category::Enterprise),
    ],
    handed: None,
    how_far: HowFar::Circulating { since: 5 },
    again: None,
};

/// 鲈乡二村: no consensus, so it is researched again.
pub(super) const LIFTS: Held = Held {
    said: &[
        (
            ("鲍春晓", "一楼挡光不能白挡，先把采光测清楚再谈钱。"),
            Some(("尚文涛", "采光测算要半个月，结果贴在楼道里。")),
        ),
        (("水玉珍", "楼上三位老人一年没下楼，越早装越好。"), None),
    ],
    asked: "先测采光，再定补偿，您同意吗",
    consensus: "",
    dissent: "一、二楼要求先测采光再谈补偿；五、六楼希望年内动工。补偿标准差得还远。",
    outcomes: &[],
    handed: None,
    how_far: HowFar::Signed { since: 14, on: 8 },
    again: Some("先把四幢楼的采光测清楚，问明每一户一、二楼能接受的补偿。"),
};

/// The room of a meeting that is being held.
struct Room<'a> {
    town: &'a Town,
    case: CaseId,
    meeting: MeetingId,
    sitting: SittingId,
}

impl Demo {
    /// Holds a meeting that was announced, and brings its minutes as far as they are to be.
    pub(super) async fn hold(
        &self,
        town: &Town,
        (case, meeting): (CaseId, MeetingId),
        (its, held): (&Meeting, &Held),
    ) -> Result<(), Refusal> {
        let officer = acting(&town.officer);
        let Some(presence) = Presence::load(&self.ctx.db, case).await? else { return Ok(()) };
        let starts_at = presence.day.starts_at;
        self.clock.set(starts_at - TimeDelta::minutes(20));
        let sitting = self.step(&officer, OpenDoor { case }).await?;
        let room = Room { town, case, meeting, sitting };
        self.come(&room, &presence).await?;
        self.clock.set(starts_at);
        let seen = self.case(case).await?.stage_version;
        let remark = "各方主要的人都到了，照样开。".to_owned();
        self.step(&officer, ConveneMeeting { case, seen, remark }).await?;
        self.speak(&room, held).await?;
        self.vote(&room, held).await?;
        self.hand_over(&room, held).await?;
        self.clock.set(starts_at + TimeDelta::minutes(i64::from(its.minutes())));
        self.step(&officer, CloseMeeting { case, sitting }).await?;
        self.minutes(&room, held).await
    }

    async fn case(&self, case: CaseId) -> Result<Case, Refusal> {
        crate::case::store::find(&self.ctx.db, case).await?.ok_or(Refusal::NotFound)
    }

    /// Chair, recorder, and everybody who has accepted.
    async fn come(&self, room: &Room<'_>, presence: &Presence) -> Result<(), Refusal> {
        let officer = acting(&room.town.officer);
        let tick = |invitee, account| CheckIn {
            case: room.case,
            sitting: room.sitting,
            invitee,
            account,
            how: How::List,
            device_at: None,
            list_at: None,
        };
        for account in [presence.day.chair_id, presence.day.recorder_id] {
            self.step(&officer, tick(None, account)).await?;
        }
        for person in presence.people.iter().filter(|one| one.state.0 == InviteeState::Accepted) {
            self.pass(20);
            self.step(&officer, tick(Some(person.invitee_id), None)).await?;
        }
        Ok(())
    }

    /// Moves the clock by seconds.
    pub(super) fn pass(&self, seconds: i64) {
        self.clock.set(self.ctx.now() + TimeDelta::seconds(seconds));
    }

    /// Somebody of the list by name.
    async fn somebody(&self, room: &Room<'_>, name: &str) -> Result<InviteeId, Refusal> {
        let presence = Presence::load(&self.ctx.db, room.case).await?.ok_or(Refusal::NotFound)?;
        let found = presence.people.iter().find(|one| one.name == name && one.check_in_id.is_some());
        found.map(|one| one.invitee_id).ok_or(Refusal::NotFound)
    }

    async fn speak(&self, room: &Room<'_>, held: &Held) -> Result<(), Refusal> {
        let (officer, case, sitting) = (acting(&room.town.officer), room.case, room.sitting);
        let note = |speech, words: &str| NoteSpeech { case, sitting, speech, seen: 0, words: words.to_owned() };
        for ((name, words), answer) in held.said {
            let invitee = self.somebody(room, name).await?;
            let speech = Some(SpeechId(self.ctx.new_id()));
            let asked = self.step(&officer, AskToSpeak { case, sitting, invitee, speech }).await?;
            self.step(&officer, StartSpeech { case, sitting, speech: asked }).await?;
            self.pass(215);
            self.step(&officer, StopSpeech { case, sitting, speech: asked }).await?;
            self.step(&officer, note(asked, words)).await?;
            if let Some((name, words)) = answer {
                let invitee = self.somebody(room, name).await?;
                let speech = Some(SpeechId(self.ctx.new_id()));
                let call = CallResponse { case, sitting, invitee, answers: Some(asked), speech };
                let answered = self.step(&officer, call).await?;
                self.pass(140);
                self.step(&officer, StopSpeech { case, sitting, speech: answered }).await?;
                self.step(&officer, note(answered, words)).await?;
            }
        }
        Ok(())
    }

    /// A poll by name: all but the last agree.
    async fn vote(&self, room: &Room<'_>, held: &Held) -> Result<(), Refusal> {
        let (officer, case, sitting) = (acting(&room.town.officer), room.case, room.sitting);
        let asked = Asked { question: held.asked.to_owned(), options: Asked::agreement() };
        let poll = Some(PollId(self.ctx.new_id()));
        let poll = self.step(&officer, OpenPoll { case, sitting, poll, asked, secret: false }).await?;
        let presence = Presence::load(&self.ctx.db, case).await?.ok_or(Refusal::NotFound)?;
        let voters: Vec<InviteeId> = presence
            .people
            .iter()
            .filter(|one| one.check_in_id.is_some() && crate::meeting::poll::model::votes(one.category.0))
            .map(|one| one.invitee_id)
            .collect();
        for (n, invitee) in voters.iter().enumerate() {
            self.pass(3);
            let me = Actor::Invitee { invitee: *invitee, case, visitor: Visitor::default() };
            let agrees = if held.outcomes.is_empty() { n % 2 == 0 } else { n + 1 < voters.len() };
            let choice = if agrees { 1 } else { 2 };
            self.step(&me, CastVote { case, sitting, poll, invitee: *invitee, choice }).await?;
        }
        self.step(&officer, ClosePoll { case, sitting, poll }).await
    }

    async fn hand_over(&self, room: &Room<'_>, held: &Held) -> Result<(), Refusal> {
        let towns = [room.town.id.clone()];
        let unit = crate::roster::store::units(&self.ctx.db, &towns).await?.first().map(|unit| unit.unit_id);
        if let (Some(matter), Some(_)) = (held.handed, unit) {
            let step = HandOver {
                case: room.case,
                sitting: room.sitting,
                handover: Some(HandoverId(self.ctx.new_id())),
                unit,
                matter: matter.to_owned(),
                due_on: Some(local_date(self.ctx.now() + TimeDelta::days(20))),
                speech: None,
            };
            self.step(&acting(&room.town.officer), step).await?;
        }
        Ok(())
    }

    async fn record(&self, case: CaseId) -> Result<Record, Refusal> {
        let found = self.case(case).await?;
        let town = crate::town::store::town(&self.ctx.db, &found.town_id).await?.ok_or(Refusal::NotFound)?;
        let rules = crate::town::rules::of_case(&self.ctx, &found).await?;
        Record::load(&self.ctx.db, &found, &town, &rules).await?.ok_or(Refusal::NotFound)
    }

    async fn minutes(&self, room: &Room<'_>, held: &Held) -> Result<(), Refusal> {
        let (officer, case) = (acting(&room.town.officer), room.case);
        let (HowFar::Circulating { since } | HowFar::Signed { since, .. }) = held.how_far;
        self.later(since, 9, 30);
        let record = self.record(case).await?;
        let texts: Texts =
            record.texts().into_iter().map(|(part, text)| (part, hide_in(part, &text, record.people()))).collect();
        let drafted = Outcomes::read(&texts[&Section::Outcomes]);
        let minutes = Some(MinutesId(self.ctx.new_id()));
        let minutes = self.step(&officer, StartMinutes { case, meeting: room.meeting, minutes, texts }).await?;
        self.pass(1800);
        let items = held.outcomes.iter().map(|(words, from)| OutcomeItem {
            words: (*words).to_owned(),
            from: Some(*from),
            degree: Some(Degree::Majority),
            ..OutcomeItem::default()
        });
        let no_consensus = held.outcomes.is_empty();
        let items = if no_consensus { Vec::new() } else { items.chain(drafted.items).collect() };
        for (section, words) in [
            (Section::Consensus, held.consensus.to_owned()),
            (Section::Dissent, held.dissent.to_owned()),
            (Section::Outcomes, Outcomes { no_consensus, items }.text()),
        ] {
            self.step(&officer, SaveSection { case, minutes, section, seen: 1, words }).await?;
        }
        self.step(&officer, CirculateMinutes { case, minutes, counts: record.counts() }).await?;
        self.check(room, held, minutes).await?;
        let HowFar::Signed { on, .. } = held.how_far else { return Ok(()) };
        self.later(on, 10, 0);
        // Where days off lie in between, those present have the draft for longer.
        let until =
            all(&self.ctx.db, case).await?.into_iter().find(|one| one.minutes_id == minutes).and_then(|one| one.until);
        let Some(until) = until else { return Ok(()) };
        let over = end_of_local_day(until) + TimeDelta::hours(10);
        if over > self.end {
            return Ok(());
        }
        self.clock.set(over.max(self.ctx.now()));
        self.sign(room, minutes).await?;
        if let Some(reason) = held.again {
            self.pass(3600);
            let seen = self.case(case).await?.stage_version;
            self.step(&acting(&room.town.director), ConsultAgain { case, seen, reason: reason.to_owned() }).await?;
        }
        Ok(())
    }

    /// Whoever spoke first asks for a correction, and is answered; whoever spoke second agrees.
    async fn check(&self, room: &Room<'_>, held: &Held, minutes: MinutesId) -> Result<(), Refusal> {
        let case = room.case;
        let mut names = held.said.iter().map(|((name, _), _)| *name);
        let correction = Said::Correction {
            section: Some(Section::Opinions),
            words: "我说的话后面少了一句：时间定了要提前贴出来。".to_owned(),
        };
        for said in [correction, Said::Agrees] {
            let Some(name) = names.next() else { break };
            let invitee = self.somebody(room, name).await?;
            self.pass(900);
            let me = Actor::Invitee { invitee, case, visitor: Visitor::default() };
            let reply = Some(ReplyId(self.ctx.new_id()));
            self.step(&me, ReplyToMinutes { case, minutes, invitee: Some(invitee), reply, said }).await?;
        }
        self.pass(900);
        // What is being checked right now still has a correction that waits for its answer.
        let is_new = matches!(held.how_far, HowFar::Circulating { since: 0 | 1 });
        for open in replies(&self.ctx.db, minutes).await?.into_iter().filter(|one| one.is_open() && !is_new) {
            let answer = "补上了。".to_owned();
            let step = AnswerCorrection { case, minutes, reply: open.reply_id, accepted: Some(true), answer };
            self.step(&acting(&room.town.officer), step).await?;
        }
        Ok(())
    }

    async fn sign(&self, room: &Room<'_>, minutes: MinutesId) -> Result<(), Refusal> {
        let (case, record) = (room.case, self.record(room.case).await?);
        let versions = sections(&self.ctx.db, minutes).await?;
        let step = SignMinutes {
            case,
            seen: self.case(case).await?.stage_version,
            minutes,
            versions: versions_of(&versions),
            counts: record.counts(),
            seal: Seal { read: true, named: true, confirmed: true },
            paper: record.paper(&texts_of(&versions)),
        };
        self.step(&acting(&room.town.director), step).await
    }

    /// Two o'clock of the day so many days before the end.
    pub(super) fn afternoon(&self, days_ago: u32) -> DateTime<Utc> {
        self.at(days_ago, 14, 0)
    }
}
