//! What a meeting's plan says. Pure.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use crate::case::stage::Stage;
use crate::ids::{AccountId, FileId, MeetingId, RoomId};
use crate::rules::{Category, MeetingFormat, SHANGHAI, Segment, clock_time, day_and_time, local_date, plain_date};

/// How far a meeting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeetingState {
    /// The plan is being written, or was changed since it was approved.
    Planning,
    /// The director approved the plan as it stands.
    Approved,
    /// Everybody was told.
    Announced,
    /// Called off.
    Cancelled,
    /// Opened on its day (T7); what follows is the meeting's own.
    Held,
}

impl MeetingState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Planning, Self::Approved, Self::Announced, Self::Cancelled, Self::Held];

    /// The stored code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Approved => "approved",
            Self::Announced => "announced",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
        }
    }

    /// The state of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The word on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planning => "准备中",
            Self::Approved => "已批准",
            Self::Announced => "已公示",
            Self::Cancelled => "已取消",
            Self::Held => "已召开",
        }
    }
}

/// Why nobody can say, or say any more, what he thinks of a meeting; `None` from its announcement until it begins.
#[must_use]
pub fn opinions_closed(
    stage: Stage,
    state: MeetingState,
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<&'static str> {
    if state == MeetingState::Cancelled {
        Some("这次会议不开了，不再收会前意见。想说的话，可以在议题页留言。")
    } else if now >= starts_at {
        Some("会议已经开始，不再收会前意见。想说的话，可以在议题页留言。")
    } else if stage != Stage::Announced || state != MeetingState::Announced {
        Some("会议的安排正在调整，新的公示出来再收会前意见。想说的话，可以先在议题页留言。")
    } else {
        None
    }
}

/// From when until when.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// The time from the beginning of a day in Shanghai to the beginning of another.
#[must_use]
pub fn days(from: NaiveDate, until: NaiveDate) -> Span {
    let at = |day: NaiveDate| {
        let midnight = day.and_time(NaiveTime::MIN);
        SHANGHAI.from_local_datetime(&midnight).single().map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
    };
    (at(from), at(until))
}

/// A time of a day in Shanghai.
#[must_use]
pub fn instant(day: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    SHANGHAI.from_local_datetime(&day.and_time(time)).single().map(|at| at.with_timezone(&Utc))
}

/// One segment of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaItem {
    /// Which.
    pub segment: Segment,
    /// How long, in minutes; 0 when none was set.
    pub minutes: u32,
    /// What happens in it; public.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

impl AgendaItem {
    /// The segment in one line: its name, its minutes, what happens in it.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {} 分钟 {}", self.segment.word(), self.minutes, self.words).trim_end().to_owned()
    }
}

/// 协商方案 (`domain.md` 3): everything that the officer plans for a meeting. The people are a list of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsultationPlan {
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// How long it is, in minutes.
    pub minutes: u32,
    /// How people come together.
    pub format: Option<MeetingFormat>,
    /// The registered room.
    pub room: Option<RoomId>,
    /// Its name when the plan was made, for reading.
    pub room_name: String,
    /// The address on the network; only for those invited.
    pub online_url: String,
    /// The four segments in order.
    pub agenda: Vec<AgendaItem>,
    /// Who chairs.
    pub chair: Option<AccountId>,
    /// The name, for reading inside.
    pub chair_name: String,
    /// Who records.
    pub recorder: Option<AccountId>,
    /// The name, for reading inside.
    pub recorder_name: String,
    /// The text for the public.
    pub notice: String,
    /// The last day for registering; `None`: the day before the meeting.
    pub register_by: Option<NaiveDate>,
    /// Materials that go out with the announcement.
    pub materials: Vec<FileId>,
    /// Seats that anybody may register for, by category.
    pub open_seats: Vec<(Category, u32)>,
    /// Who does what; internal.
    pub division: String,
    /// Whom to call when something goes wrong; internal.
    pub emergency: String,
    /// Why the notice has to be shorter; empty when it need not.
    pub urgent_reason: String,
    /// Why the shares of composition cannot be met; empty when they are.
    pub shares_reason: String,
}

impl ConsultationPlan {
    /// When it ends.
    #[must_use]
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.starts_at.and_then(|at| at.checked_add_signed(TimeDelta::minutes(i64::from(self.minutes))))
    }

    /// The minutes of a segment.
    #[must_use]
    pub fn agenda_minutes(&self, segment: Segment) -> u32 {
        self.agenda.iter().find(|item| item.segment == segment).map_or(0, |item| item.minutes)
    }

    /// What happens in a segment.
    #[must_use]
    pub fn agenda_words(&self, segment: Segment) -> &str {
        self.agenda.iter().find(|item| item.segment == segment).map_or("", |item| &item.words)
    }

    /// The minutes of all segments together.
    #[must_use]
    pub fn agenda_in_all(&self) -> u32 {
        self.agenda.iter().fold(0, |sum, item| sum.saturating_add(item.minutes))
    }

    /// The last day for registering.
    #[must_use]
    pub fn registers_until(&self) -> Option<NaiveDate> {
        self.register_by.or_else(|| local_date(self.starts_at?).pred_opt())
    }
}

/// What the director let pass for one version of a plan. A changed plan asks anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowances {
    /// The version of the plan.
    pub plan_version: i64,
    /// The director's reason for the shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<String>,
    /// The director's reason for the short notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgent: Option<String>,
}

/// 「11月20日（周五）14:00–16:00」; the end without its day where that is the same.
#[must_use]
pub fn when(starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> String {
    let (day, end_day) = (local_date(starts_at), local_date(ends_at));
    let end_day = if end_day == day { String::new() } else { plain_date(end_day) };
    format!("{}–{end_day}{}", day_and_time(starts_at), clock_time(ends_at))
}

/// The id of a meeting in every calendar, feed and letter: a change is a change of the same entry.
#[must_use]
pub fn calendar_uid(meeting: MeetingId) -> String {
    format!("{meeting}@youshihaoshangliang")
}

#[cfg(feature = "ssr")]
impl crate::case::record::Record for ConsultationPlan {
    const KIND: &'static str = "plan";
    const NAME: &'static str = "协商方案";

    fn shown(&self) -> Vec<(&'static str, String)> {
        let time = match (self.starts_at, self.ends_at()) {
            (Some(from), Some(to)) => when(from, to),
            _ => String::new(),
        };
        let agenda: Vec<String> = self.agenda.iter().map(AgendaItem::line).collect();
        let seats: Vec<String> =
            self.open_seats.iter().map(|(category, n)| format!("{} {n} 席", category.word())).collect();
        vec![
            ("时间", time),
            ("形式", self.format.map(|f| f.word().to_owned()).unwrap_or_default()),
            ("场地", self.room_name.clone()),
            ("线上地址", self.online_url.clone()),
            ("议程", agenda.join("；")),
            ("主持", self.chair_name.clone()),
            ("记录", self.recorder_name.clone()),
            ("公示内容", self.notice.clone()),
            ("报名截止", self.register_by.map(|d| d.to_string()).unwrap_or_default()),
            ("材料", format!("{} 件", self.materials.len())),
            ("开放席位", seats.join("；")),
            ("分工", self.division.clone()),
            ("应急与联络", self.emergency.clone()),
            ("申请紧急公示", self.urgent_reason.clone()),
            ("申请比例例外", self.shares_reason.clone()),
        ]
    }
}

#[cfg(feature = "ssr")]
impl crate::case::record::Record for Allowances {
    const KIND: &'static str = "plan_allowance";
    const NAME: &'static str = "例外";

    fn shown(&self) -> Vec<(&'static str, String)> {
        vec![
            ("对应方案", format!("第 {} 版", self.plan_version)),
            ("各方比例", self.shares.clone().unwrap_or_default()),
            ("紧急公示", self.urgent.clone().unwrap_or_default()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_with_its_weekday_and_one_day() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let friday = at("2026-11-20T06:00:00Z");
        assert_eq!(when(friday, at("2026-11-20T08:00:00Z")), "11月20日（周五）14:00–16:00");
        assert_eq!(when(friday, at("2026-11-20T17:00:00Z")), "11月20日（周五）14:00–11月21日01:00");
        assert_eq!(clock_time(friday), "14:00");
    }

    #[test]
    fn registering_ends_the_day_before_unless_said_otherwise() {
        let mut plan = ConsultationPlan {
            starts_at: Some("2026-11-20T06:00:00Z".parse().unwrap()),
            ..ConsultationPlan::default()
        };
        assert_eq!(plan.registers_until().unwrap().to_string(), "2026-11-19");
        plan.register_by = "2026-11-15".parse().ok();
        assert_eq!(plan.registers_until().unwrap().to_string(), "2026-11-15");
    }

    #[test]
    fn opinions_are_taken_from_the_announcement_until_the_meeting_begins() {
        let starts: DateTime<Utc> = "2026-11-20T06:00:00Z".parse().unwrap();
        let before = starts - TimeDelta::seconds(1);
        let closed = |stage, state, now| opinions_closed(stage, state, starts, now).unwrap_or("open");
        assert_eq!(closed(Stage::Announced, MeetingState::Announced, before), "open");
        for (stage, state, now, words) in [
            (Stage::Announced, MeetingState::Announced, starts, "已经开始"),
            (Stage::Convened, MeetingState::Announced, starts, "已经开始"),
            (Stage::Planned, MeetingState::Planning, before, "正在调整"),
            (Stage::Suspended, MeetingState::Announced, before, "正在调整"),
            (Stage::Planned, MeetingState::Cancelled, starts, "不开了"),
        ] {
            assert!(closed(stage, state, now).contains(words), "{stage:?} {state:?}");
        }
    }

    #[test]
    fn states_read_back() {
        for state in MeetingState::ALL {
            assert_eq!(MeetingState::from_code(state.code()), Some(state));
        }
    }
}
