//! What happens to an announced meeting: another day, another room, none at all. Everybody is told each time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::announce::place;
use super::{PLAN, all_good, book, planned, rule, settled, too_long, wrong_time_or_place};
use crate::access::StepKind;
use crate::case::record::differences;
use crate::case::stage::Stage;
use crate::case::{Change, Done, Entry, Judgement, Move, Step, Target, Work, decides, free};
use crate::error::{Difference, FieldError, Refusal};
use crate::ids::{CaseId, RoomId};
use crate::jobs;
use crate::plan::model::{ConsultationPlan, MeetingState, when};
use crate::plan::store::{self, Planned};
use crate::rules::{RuleSet, local_date, notice_given, private_numbers};

/// What became of a moved meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// Only the place changed; the notice goes on.
    Room,
    /// The notice began anew and the new day leaves enough of it.
    Announced,
    /// The new day leaves too little notice: it has to be planned and announced again.
    Planning,
}

/// Change day, matter or place of an announced meeting. Another time or another matter starts the notice clock anew;
/// another place alone does not, up to `notice.room_change_days` before.
#[derive(Clone, Debug, Serialize)]
pub struct MoveMeeting {
    /// The case.
    pub case: CaseId,
    /// The plan's version on the page.
    pub seen: i64,
    /// When it is to begin; `None` when that could not be read.
    pub starts_at: Option<DateTime<Utc>>,
    /// How long it is to be, in minutes.
    pub minutes: u32,
    /// The room.
    pub room: Option<RoomId>,
    /// Its name, for reading.
    pub room_name: String,
    /// The address on the network.
    pub online_url: String,
    /// Whether what is talked about changed.
    pub topic_changed: bool,
    /// Why; told to everybody.
    pub reason: String,
}

impl MoveMeeting {
    /// The plan with what is changed.
    fn on(&self, plan: &ConsultationPlan) -> ConsultationPlan {
        let room = if plan.format.is_some_and(crate::rules::MeetingFormat::needs_room) { self.room } else { None };
        ConsultationPlan {
            starts_at: self.starts_at,
            minutes: self.minutes,
            room,
            room_name: if room.is_some() { self.room_name.clone() } else { String::new() },
            online_url: self.online_url.clone(),
            // A last day for registering that lies after the new one is the default again.
            register_by: plan.register_by.filter(|until| self.starts_at.is_none_or(|at| *until <= local_date(at))),
            ..plan.clone()
        }
    }
}

/// What is wrong with a reason that everybody is told.
fn wrong_reason(reason: &str, rules: &RuleSet) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if reason.trim().is_empty() {
        errors.push(FieldError::new("reason", "请写明原因，参加的人和公众会看到。"));
    }
    errors.extend(private_numbers("公开的原因", reason).into_iter().map(|s| FieldError::new("reason", s)));
    errors.extend(too_long("reason", reason, rules));
    errors
}

impl Step for MoveMeeting {
    const KIND: StepKind = StepKind::MoveMeeting;
    const JUDGEMENT: Judgement = free("a moved meeting keeps its notice or goes back to be announced again under T6");
    type Receipt = Moved;

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: PLAN, seen: self.seen }
    }

    fn differences(&self, stored: &str) -> Vec<Difference> {
        crate::case::store::read::<ConsultationPlan>(stored)
            .map(|theirs| differences(&theirs, &self.on(&theirs)))
            .unwrap_or_default()
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<Moved>, Refusal> {
        let (_, before, meeting) = planned(work).await?;
        if work.case.stage() != Stage::Announced || meeting.state.0 != MeetingState::Announced {
            return Err(Refusal::moved_on("这场会现在不在公示中，请刷新页面看最新情况。"));
        }
        let (now, today) = (work.ctx.now(), work.ctx.today());
        if meeting.starts_at <= now {
            return Err(Refusal::moved_on("会议已经到了开始的时间，不能再改。"));
        }
        let plan = self.on(&before);
        let mut errors = wrong_time_or_place(&plan, &work.rules, today);
        errors.extend(wrong_reason(&self.reason, &work.rules));
        all_good(errors)?;
        let (times, format) = settled(&plan, now)?;
        if format.needs_room() && plan.room.is_none() {
            return Err(Refusal::field("room", "请选场地。"));
        }
        if format.needs_address() && plan.online_url.trim().is_empty() {
            return Err(Refusal::field("online_url", "请填线上会议室的地址。"));
        }
        let restarts = plan.starts_at != before.starts_at || self.topic_changed;
        if !restarts && plan == before {
            return Err(Refusal::field("date", "时间、场地和内容都没有改。"));
        }
        let days = work.rules.notice.room_change_days;
        if !restarts && notice_given(today, local_date(meeting.starts_at)) < i64::from(days) {
            return Err(Refusal::field(
                "room",
                format!("换场地最晚要在会前 {days} 天（本镇设定），现在来不及了，请改期，或在原场地开。"),
            ));
        }
        if let Some(room) = plan.room {
            book(work, room, times).await?;
        }
        let meets_on = local_date(times.0);
        let in_time = notice_given(today, meets_on) >= i64::from(work.rules.notice.days);
        let moved = match (restarts, in_time) {
            (false, _) => Moved::Room,
            // What is talked about stands in notice, agenda and materials: they are written and approved anew.
            (true, true) if !self.topic_changed => Moved::Announced,
            (true, _) => Moved::Planning,
        };
        let stays = moved != Moved::Planning;
        let agenda = plan.agenda_in_all();
        if stays && agenda > plan.minutes {
            // One that is planned anew is judged by T6 before it is announced.
            return Err(Refusal::field(
                "minutes",
                format!(
                    "议程合计 {agenda} 分钟，会议只有 {} 分钟，放不下。要缩短议程，请勾上「要商量的内容也变了」，退回筹备后在方案里改。",
                    plan.minutes
                ),
            ));
        }
        let version = work.add_record(&plan).await?;
        let (case, id) = (work.case.id, meeting.meeting_id);
        let new = Planned {
            meeting: id,
            case,
            round: meeting.round,
            state: if stays { MeetingState::Announced } else { MeetingState::Planning },
            plan: &plan,
            times,
            format,
            prepared_by: work.ctx.actor.account(),
        };
        store::put_meeting(work.tx, new).await?;
        let sequence =
            store::changed(work.tx, id, (moved == Moved::Announced).then_some(now), (self.reason.trim(), version))
                .await?;
        if stays {
            work.case.due_on = Some(meets_on);
            work.case.overdue_marked = false;
            // Whoever decides on the meeting as it was, from a page made before, sees the change first.
            work.case.stage_version += 1;
            work.save().await?;
        } else {
            work.move_to(Stage::Planned, Move::default()).await?;
        }
        rule(work, Self::KIND, self.reason).await?;
        let key = format!("meeting_changed:{id}:{sequence}");
        let payload = json!({ "meeting": id, "sequence": sequence, "moved": moved });
        jobs::add(work.tx, work.ctx, Some(&key), "meeting_changed", &payload, now).await?;
        let words = match moved {
            Moved::Room => format!("协商会换场地：{}", place(&plan)),
            Moved::Announced => format!("协商会改期，重新公示：{}，{}", when(times.0, times.1), place(&plan)),
            Moved::Planning => "协商会改期，新的时间另行公示".to_owned(),
        };
        let data = json!({ "meeting": id, "version": version, "sequence": sequence, "moved": moved });
        Ok(Done::new(moved, Entry::public(words).with(data)))
    }
}

/// Call off a meeting that people expect. The case goes back to planning; its list of people stays.
#[derive(Clone, Debug, Serialize)]
pub struct CancelMeeting {
    /// The case.
    pub case: CaseId,
    /// The stage version on the page.
    pub seen: i64,
    /// Why; told to everybody.
    pub reason: String,
}

impl Step for CancelMeeting {
    const KIND: StepKind = StepKind::CancelMeeting;
    const JUDGEMENT: Judgement =
        free("the state graph leads an announced meeting back to planning; the reason is public");
    type Receipt = ();

    decides!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let (_, _, meeting) = planned(work).await?;
        if !meeting.is_expected() || !matches!(work.case.stage(), Stage::Announced | Stage::Planned) {
            return Err(Refusal::moved_on("这场会没有公示，或者已经取消，请刷新页面看最新情况。"));
        }
        all_good(wrong_reason(&self.reason, &work.rules))?;
        let sequence = call_off(work, &meeting, (Self::KIND, "meeting_cancelled"), self.reason).await?;
        let data = json!({ "meeting": meeting.meeting_id, "sequence": sequence });
        Ok(Done::new((), Entry::public("协商会取消，另定时间").with(data)))
    }
}

/// Takes an expected meeting off: back to planning, with the reason, and a round of letters. Gives the sequence that
/// calendars follow.
async fn call_off(
    work: &mut Work<'_>,
    meeting: &store::Meeting,
    (kind, round): (StepKind, &'static str),
    reason: String,
) -> Result<i64, Refusal> {
    // One whose day is being moved is back in planning already; people still expect it.
    if work.case.stage() == Stage::Announced {
        work.move_to(Stage::Planned, Move::default()).await?;
    }
    let (id, now) = (meeting.meeting_id, work.ctx.now());
    let sequence = store::cancel(work.tx, id, reason.trim()).await?;
    let key = format!("{round}:{id}:{sequence}");
    let payload = json!({ "meeting": id, "sequence": sequence });
    jobs::add(work.tx, work.ctx, Some(&key), round, &payload, now).await?;
    rule(work, kind, reason).await?;
    Ok(sequence)
}

/// An announced meeting to which too few came (流会): off like one that is cancelled, told in its own words.
///
/// # Errors
/// When there is no plan, or the database refuses it.
pub async fn missed(work: &mut Work<'_>, kind: StepKind, reason: String) -> Result<i64, Refusal> {
    let (_, _, meeting) = planned(work).await?;
    call_off(work, &meeting, (kind, "meeting_missed"), reason).await
}
