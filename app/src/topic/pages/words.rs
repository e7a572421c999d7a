//! What several pages say and show of a topic: where it stands, whom it waits for, what comes next, and its stage line.
//! Pure: dates, rules and rows in, words and finished data out.

use chrono::{DateTime, NaiveDate, Timelike, Utc};

use crate::access::Role;
use crate::case::limit_of;
use crate::case::stage::Stage;
use crate::case::store::Span;
pub use crate::rules::full_date;
use crate::rules::{Calendar, DueLevel, DueState, DueUnit, RuleSet, SHANGHAI, local_date, plain_date};
use crate::topic::model::TopicSource;
use crate::topic::store::PublicRow;
use crate::ui::{CaseItem, Due, Event, EventKind, Loop, SideState, StageLine, StageSpan};

/// From how many days before the due day on a badge warns; workdays or days, as the stage is counted.
pub const SOON: u32 = 2;

/// A minute in Shanghai: 「2026年11月18日 12:00」.
#[must_use]
pub fn full_time(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&SHANGHAI);
    format!("{} {:02}:{:02}", full_date(local.date_naive()), local.hour(), local.minute())
}

/// The word of a stored source; empty for a code that is not known.
#[must_use]
pub fn source_word(code: &str) -> &'static str {
    TopicSource::from_code(code).map_or("", TopicSource::word)
}

/// A text as a value of a query.
#[must_use]
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// A number as people type it, full-width figures included.
#[must_use]
pub fn typed_number(text: &str) -> Option<u32> {
    let plain: String = text
        .trim()
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
            c => c,
        })
        .collect();
    plain.parse().ok()
}

/// Size of a file in words: 「820 KB」, 「2.1 MB」.
#[must_use]
pub fn size(bytes: i64) -> String {
    const KB: i64 = 1024;
    const MB: i64 = KB * KB;
    if bytes < MB {
        format!("{} KB", (bytes.max(0) / KB).max(1))
    } else {
        format!("{}.{} MB", bytes / MB, bytes % MB * 10 / MB)
    }
}

/// In which unit the time of a stage is counted.
#[must_use]
pub fn unit_of(stage: Stage) -> DueUnit {
    limit_of(stage, &RuleSet::default()).map_or(DueUnit::Days, |limit| limit.unit)
}

/// How near the last day of a stage is; `None` where it has none.
#[must_use]
pub fn due_state(calendar: &Calendar, now: DateTime<Utc>, stage: Stage, due: Option<NaiveDate>) -> Option<DueState> {
    // In tracking it is the day of a task.
    let unit = if stage == Stage::Tracking { DueUnit::Workdays } else { unit_of(stage) };
    due.map(|day| calendar.due_state(now, day, unit, SOON))
}

/// The badge of a stage; a hold names its review date instead of counting.
#[must_use]
pub fn badge(stage: Stage, due: Option<NaiveDate>, state: Option<DueState>) -> Option<Due> {
    match (stage, due, state) {
        (Stage::Suspended, Some(day), Some(state)) if state.level != DueLevel::Late => {
            Some(Due::calm(format!("{}复核", plain_date(day))))
        }
        (_, _, state) => state.map(Due::from),
    }
}

/// The stage of the line at which a case stands, as far as its own row tells: side states stand where they lead out.
#[must_use]
pub fn on_line(stage: Stage, suspended_from: Option<&str>) -> Stage {
    match stage {
        Stage::Suspended => suspended_from
            .and_then(Stage::from_code)
            .filter(|from| from.ordinal().is_some())
            .unwrap_or(Stage::Submitted),
        Stage::Returned | Stage::Transferred | Stage::Declined | Stage::Lapsed => Stage::Submitted,
        Stage::Merged | Stage::Withdrawn | Stage::Terminated => Stage::Accepted,
        stage => stage,
    }
}

/// The last stage of the line that a case was in.
#[must_use]
pub fn last_on_line(spans: &[Span]) -> Option<Stage> {
    spans.iter().rev().map(|span| span.stage.0).find(|stage| stage.ordinal().is_some())
}

/// The side state of a case, if it is in one.
#[must_use]
pub fn side_state(stage: Stage, due: Option<NaiveDate>) -> Option<SideState> {
    stage.ordinal().is_none().then(|| SideState { stage, review_date: due.map(plain_date) })
}

/// What a case waits for, in a few words for a list.
#[must_use]
pub fn waits(stage: Stage, waits_for: Option<Role>, due: Option<NaiveDate>) -> String {
    let words = match stage {
        Stage::Draft => "还没有提交",
        Stage::Submitted => "等工委干事初审",
        Stage::Returned => "等提出人补充说明",
        Stage::Accepted if waits_for == Some(Role::PartyApprover) => "等党（工）委审批立题",
        Stage::Accepted => "等工委主任提出立题意见",
        Stage::Confirmed => "等工委主任定下谁来调研",
        Stage::Researching => "正在调研，听当事人说",
        Stage::Planned => "正在定方案、请人",
        Stage::Announced => "已公示，等开会",
        Stage::Convened => "会已开过，等签发纪要",
        Stage::Minuted => "纪要已签发，等报送党委、政府",
        Stage::Reported => "等党（工）委逐条批办",
        Stage::Tracking if waits_for == Some(Role::Officer) => "单位答复了，等工委核实、请人评价",
        Stage::Tracking if waits_for == Some(Role::PartyApprover) => "单位退办了，等改交别的单位",
        Stage::Tracking => "承办单位正在办",
        Stage::Evaluating => "请参会的人评一评办得怎样",
        Stage::Closed => "已办结，等公布结果",
        Stage::Archived => "已归档",
        Stage::Transferred => "已转给能办的单位",
        Stage::Merged => "已并入另一件议题一起办",
        Stage::Declined => "不予立题，已说明理由",
        Stage::Withdrawn => "提出人已撤回",
        Stage::Lapsed => "到期没有补充，已失效",
        Stage::Suspended => match due {
            Some(day) => return format!("先停一停，{}再看", plain_date(day)),
            None => "先停一停",
        },
        Stage::Terminated => "党（工）委审批终止",
    };
    words.to_owned()
}

/// A topic as public lists show it. `stopped_at` is the stage in which it ended, where that is known better than from
/// its row.
#[must_use]
pub fn case_item(row: &PublicRow, calendar: &Calendar, now: DateTime<Utc>, stopped_at: Option<Stage>) -> CaseItem {
    let stage = row.stage.0;
    let state = due_state(calendar, now, stage, row.due_on);
    let mut meta = vec![row.town.clone(), source_word(&row.source).to_owned()];
    if row.support_count > 0 {
        meta.push(format!("{} 人关心", row.support_count));
    } else if !row.place.is_empty() {
        meta.push(row.place.clone());
    }
    CaseItem {
        title: row.title.clone(),
        href: format!("/topics/{}", row.topic_id),
        meta,
        waits: if row.looked_back && matches!(stage, Stage::Closed | Stage::Archived) {
            "已答复，继续跟踪".to_owned()
        } else {
            waits(stage, row.waits_for.as_deref().and_then(Role::from_code), row.due_on)
        },
        present: stopped_at.unwrap_or_else(|| on_line(stage, row.suspended_from.as_deref())),
        side: side_state(stage, row.due_on),
        loops: Vec::new(),
        due: badge(stage, row.due_on, state),
    }
}

/// What the answer block of a topic is made from.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    /// The town's short name.
    pub town: &'a str,
    /// Where it stands.
    pub stage: Stage,
    /// The stage of the line at which it stands or stopped.
    pub line: Stage,
    /// Since when.
    pub since: NaiveDate,
    /// The last day.
    pub due: Option<NaiveDate>,
    /// How near that is.
    pub state: Option<DueState>,
    /// The role it waits for.
    pub waits_for: Option<Role>,
}

/// The parts of the two sentences about a case that is under way.
struct Under {
    /// What has been reached: begins the first sentence.
    head: String,
    /// What the clock counts: 「立题」.
    counted: &'static str,
    /// Whom it waits for.
    who: String,
    /// What they are to do.
    does: &'static str,
    /// What happened on the day since when it waits.
    began: &'static str,
    /// What will have happened on the last day.
    done: &'static str,
    /// What comes then; a sentence without its end.
    then: &'static str,
}

impl Standing<'_> {
    /// Where the matter stands, with its number; then whom it waits for, since when, what comes next and when it is due.
    #[must_use]
    pub fn answer(&self) -> (String, Option<String>) {
        match self.under_way() {
            Some(under) => (self.first(&under), Some(self.second(&under))),
            None => self.ended(),
        }
    }

    fn first(&self, under: &Under) -> String {
        match &self.state {
            Some(state) => format!("{}，{}{}。", under.head, under.counted, state.words),
            None => format!("{}。", under.head),
        }
    }

    fn second(&self, under: &Under) -> String {
        let mut words = format!("正在等：{}{}，{}{}", under.who, under.does, plain_date(self.since), under.began);
        if let Some(due) = self.due {
            let day = plain_date(due);
            let late = self.state.as_ref().is_some_and(|state| state.level == DueLevel::Late);
            if late {
                words.push_str(&format!("；原定最迟 {day}{}，已经晚了", under.done));
            } else {
                words.push_str(&format!("；最迟 {day}{}", under.done));
            }
        }
        words.push('。');
        if !under.then.is_empty() {
            words.push_str(under.then);
            words.push('。');
        }
        words
    }

    fn under_way(&self) -> Option<Under> {
        let town = self.town;
        let officer = || format!("{town}工委干事");
        let director = || format!("{town}工委主任");
        let party = || format!("{town}党（工）委");
        let under = |head: &str, counted, who, does, began, done, then| {
            Some(Under { head: head.to_owned(), counted, who, does, began, done, then })
        };
        match self.stage {
            Stage::Submitted => under(
                &format!("{town}已收到这件议题"),
                "初审",
                officer(),
                "初审",
                "收到",
                "给答复",
                "受理、请提出人补充、转办、并案还是不予立题，都会说明理由",
            ),
            Stage::Returned => under(
                &format!("{town}请提出人补充说明"),
                "补充",
                "提出人".to_owned(),
                "补充说明",
                "退回",
                "交回",
                "交回后接着初审；到期没有交回，议题失效，可以重新提",
            ),
            Stage::Accepted if self.waits_for == Some(Role::PartyApprover) => under(
                &format!("{town}已受理"),
                "立题",
                party(),
                "审批立题",
                "受理",
                "定下来",
                "立题后先到现场调研，再请人来商量",
            ),
            Stage::Accepted => under(
                &format!("{town}已受理"),
                "立题",
                director(),
                "提出立题意见",
                "受理",
                "定下来",
                "主任提出意见后，由党（工）委审批",
            ),
            Stage::Confirmed => under(
                "党（工）委已审批立题",
                "定调研负责人",
                director(),
                "定下谁来调研",
                "立题",
                "定下来",
                "接着到现场调研，听当事人说",
            ),
            Stage::Researching => under(
                "正在调研",
                "调研报告",
                format!("{town}的调研负责人"),
                "交调研报告",
                "开始",
                "交齐",
                "接着定方案、请人",
            ),
            Stage::Planned => {
                under("正在筹备会商", "公示", officer(), "定方案、请人", "开始", "公示", "公示以后开会商量")
            }
            Stage::Announced => {
                under("会商已经公示", "开会", String::new(), "开会", "公示", "开会", "会后签发纪要，报送党委、政府")
            }
            Stage::Convened => {
                under("会已经开过", "签发纪要", "主持人".to_owned(), "签发纪要", "开会", "签发", "接着报送党委、政府")
            }
            Stage::Minuted => under(
                "纪要已签发",
                "报送",
                officer(),
                "把纪要和成果清单送党委、政府",
                "签发",
                "送到",
                "接着逐条批办，交给承办单位",
            ),
            Stage::Reported => {
                under("成果已报送", "批办", party(), "逐条批办", "报送", "批办", "采纳的交给承办单位限期办")
            }
            Stage::Tracking if self.waits_for == Some(Role::Officer) => under(
                "承办单位有了答复",
                "核实",
                officer(),
                "到现场核实，再请大家评",
                "交办",
                "核实",
                "大家满意的办结，不满意的重新办",
            ),
            Stage::Tracking if self.waits_for == Some(Role::PartyApprover) => under(
                "有的任务承办单位退办了",
                "改交",
                party(),
                "改交别的单位",
                "交办",
                "改交",
                "改交以后由新的单位接着办",
            ),
            Stage::Tracking => under(
                "意见正在办理",
                "下一步",
                "承办单位".to_owned(),
                "签收、报进展、答复",
                "交办",
                "走下一步",
                "答复要到现场核过，再请大家评",
            ),
            Stage::Evaluating => under(
                "办理结果正在请大家评",
                "评价",
                "参会的人".to_owned(),
                "评价办理结果",
                "开始",
                "评完",
                "满意的办结，不满意的重新办",
            ),
            Stage::Closed => under("已办结", "公布结果", officer(), "公布结果、归档", "办结", "公布", ""),
            Stage::Suspended => under(
                &format!("暂缓办理，停在「{}」", self.line.word()),
                "复核",
                director(),
                "复核",
                "起暂缓",
                "复核",
                "到时恢复办理，或者报党（工）委审批终止",
            ),
            _ => None,
        }
    }

    fn ended(&self) -> (String, Option<String>) {
        let since = plain_date(self.since);
        let (sentence, then) = match self.stage {
            Stage::Archived => ("已归档，全过程都留了档。".to_owned(), ""),
            Stage::Transferred => (format!("这件事不属于协商范围，{since}已转办。"), "转给谁办、为什么，写在下面。"),
            Stage::Merged => (format!("{since}已并入另一件议题，一起办。"), "关心的人一并带过去，进展看并入的那一件。"),
            Stage::Declined => (format!("{since}答复：不予立题。"), "理由写在下面。"),
            Stage::Withdrawn => (format!("提出人{since}撤回了这件议题。"), "这件事不再办理；有需要可以重新提一件。"),
            Stage::Lapsed => (format!("到期没有补充，议题{since}失效。"), "还想商量这件事，可以重新提一件。"),
            Stage::Terminated => (format!("党（工）委审批终止，{since}起不再办理。"), "理由写在下面。"),
            _ => ("还没有提交。".to_owned(), ""),
        };
        (sentence, (!then.is_empty()).then(|| then.to_owned()))
    }
}

/// What has to be done for a case to leave a stage of the line.
const fn to_leave(stage: Stage) -> &'static str {
    match stage {
        Stage::Submitted => "工委干事初审，答复提出人",
        Stage::Accepted => "党（工）委审批立题",
        Stage::Confirmed => "定下谁来调研",
        Stage::Researching => "到现场调研，交调研报告",
        Stage::Planned => "定方案、请人、公示",
        Stage::Announced => "开会商量",
        Stage::Convened => "签发纪要",
        Stage::Minuted => "报送党委、政府",
        Stage::Reported => "逐条批办，交给承办单位",
        Stage::Tracking => "承办单位答复，到现场核过",
        Stage::Evaluating => "请参会的人评价",
        Stage::Closed => "公布结果，归档",
        _ => "",
    }
}

/// The days of a count with its unit: 「10 个工作日」.
fn days(n: u32, unit: DueUnit) -> String {
    format!("{n} {}", unit.word())
}

/// How many steps of the time line 「接下来」 are shown.
const AHEAD: usize = 3;

/// What comes next, nearest first: the present step with its date, then those that follow with their limits. Nothing for
/// a case that has ended.
#[must_use]
pub fn coming(standing: &Standing<'_>, rules: &RuleSet) -> Vec<Event> {
    let stage = standing.stage;
    if stage.is_ended() {
        return Vec::new();
    }
    let late = standing.state.as_ref().is_some_and(|state| state.level == DueLevel::Late);
    let when = match standing.due {
        Some(_) if late => "已到期".to_owned(),
        Some(day) => plain_date(day),
        None => "下一步".to_owned(),
    };
    let kind = if late { EventKind::Late } else { EventKind::Coming };
    let line = standing.line;
    let (says, after) = match stage {
        Stage::Suspended => ("工委主任复核：恢复还是终止".to_owned(), line.ordinal().unwrap_or(0)),
        Stage::Returned => ("提出人补充说明".to_owned(), line.ordinal().unwrap_or(0)),
        _ => (to_leave(line).to_owned(), line.ordinal().unwrap_or(0) + 1),
    };
    let mut events = vec![Event { when, says, detail: None, kind }];
    for next in Stage::ALL.iter().take(Stage::LINE).skip(after).copied() {
        let does = to_leave(next);
        if events.len() == AHEAD || does.is_empty() {
            break;
        }
        let says = match limit_of(next, rules) {
            Some(limit) => format!("{does}，限 {}", days(limit.days, limit.unit)),
            None if next == Stage::Announced => format!("{does}，公示至少 {}", days(rules.notice.days, DueUnit::Days)),
            None => does.to_owned(),
        };
        events.push(Event { when: "随后".to_owned(), says, detail: None, kind: EventKind::Coming });
    }
    events
}

/// What a way back over a side state is called.
fn loop_label(side: Option<(Stage, NaiveDate)>, to: Stage, on: NaiveDate) -> String {
    let back = plain_date(on);
    match side {
        Some((Stage::Returned, day)) => format!("{}退回补充，{back}交回", plain_date(day)),
        Some((Stage::Suspended, day)) => format!("{}暂缓，{back}恢复", plain_date(day)),
        Some((Stage::Merged, day)) => format!("{}并案，{back}分开", plain_date(day)),
        Some((side, day)) => format!("{}{}，{back}回到{}", plain_date(day), side.word(), to.word()),
        None => format!("{back}回到{}", to.word()),
    }
}

/// The ways back that a case took, oldest first.
#[must_use]
pub fn loops(spans: &[Span]) -> Vec<Loop> {
    let mut loops = Vec::new();
    let mut before: Option<Stage> = None;
    let mut side: Option<(Stage, NaiveDate)> = None;
    for span in spans {
        let (stage, on) = (span.stage.0, local_date(span.entered_at));
        if stage.ordinal().is_none() {
            side = Some((stage, on));
            continue;
        }
        if let Some(from) = before
            && (side.is_some() || stage.ordinal() <= from.ordinal())
        {
            loops.push(Loop { from, to: stage, label: loop_label(side, stage, on) });
        }
        before = Some(stage);
        side = None;
    }
    loops
}

/// The stage line of a case from the stages it went through. Limits of stages that were entered are those that held
/// then; of stages to come, those of `rules`.
#[must_use]
pub fn stage_line(
    spans: &[Span],
    (stage, line): (Stage, Stage),
    due: Option<NaiveDate>,
    rules: &RuleSet,
    (calendar, today): (&Calendar, NaiveDate),
) -> StageLine {
    let mut stages: Vec<StageSpan> = Vec::new();
    for (n, span) in spans.iter().enumerate() {
        let entered_stage = span.stage.0;
        if entered_stage.ordinal().is_none() {
            continue;
        }
        let entered = local_date(span.entered_at);
        let left = spans.get(n + 1).map_or(today, |next| local_date(next.entered_at));
        let limit = limit_of(entered_stage, rules);
        let unit = unit_of(entered_stage);
        let count = |to: NaiveDate| match unit {
            DueUnit::Workdays => calendar.workdays_between(entered, to),
            DueUnit::Days => (to - entered).num_days(),
        };
        let announced = entered_stage == Stage::Announced;
        let clocked = limit.is_some() || announced;
        // A stage that was entered again shows its last round.
        stages.retain(|known| known.stage != entered_stage);
        stages.push(StageSpan {
            stage: entered_stage,
            entered: Some(plain_date(entered)),
            spent: clocked.then(|| count(left)),
            limit: match entered_stage {
                Stage::Announced => Some(i64::from(rules.notice.days)),
                // The day with which it begins is that of the first signature.
                Stage::Tracking => limit.map(|limit| i64::from(limit.days)),
                // It may have been extended.
                Stage::Evaluating if n + 1 == spans.len() => due.or(span.due_on).map(count),
                _ => span.due_on.map(count).or_else(|| limit.map(|limit| i64::from(limit.days))),
            },
            unit,
            minimum: announced,
        });
    }
    for ahead in Stage::ALL.iter().take(Stage::LINE).copied() {
        if stages.iter().any(|known| known.stage == ahead) {
            continue;
        }
        let (limit, unit, minimum) = match limit_of(ahead, rules) {
            Some(limit) => (Some(i64::from(limit.days)), limit.unit, false),
            None if ahead == Stage::Announced => (Some(i64::from(rules.notice.days)), DueUnit::Days, true),
            None => continue,
        };
        stages.push(StageSpan { limit, unit, minimum, ..StageSpan::bare(ahead) });
    }
    StageLine { stages, present: line, side: side_state(stage, due), loops: loops(spans) }
}

/// The beginning of what somebody wrote, in a line, for a row of the desk.
#[must_use]
pub fn beginning(words: &str) -> String {
    const LINE: usize = 24;
    let line: String = words.chars().map(|c| if c == '\n' { ' ' } else { c }).take(LINE).collect();
    if words.chars().count() > LINE { format!("{line}…") } else { line }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, TimeZone};

    use super::*;
    use crate::case::store::StageColumn;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn noon(month: u32, day: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, month, day, 4, 0, 0).unwrap()
    }

    fn span(stage: Stage, month: u32, d: u32, due: Option<NaiveDate>) -> Span {
        Span { stage: StageColumn(stage), entered_at: noon(month, d), due_on: due }
    }

    /// A case that came into its stage on 16 November, due on 23 November, seen on `today`.
    fn answer(stage: Stage, waits_for: Option<Role>, today: NaiveDate) -> (String, Option<String>) {
        let calendar = Calendar::builtin();
        let due = limit_of(stage, &RuleSet::default()).map(|_| day(11, 23));
        let now = noon(today.month(), today.day());
        let line = on_line(stage, Some("confirmed"));
        Standing {
            town: "盛泽镇",
            stage,
            line,
            since: day(11, 16),
            due,
            state: due_state(&calendar, now, stage, due),
            waits_for,
        }
        .answer()
    }

    #[test]
    fn the_answer_of_each_stage() {
        let director = Some(Role::Director);
        let party = Some(Role::PartyApprover);
        let cases: &[(Stage, Option<Role>, &str, &str)] = &[
            (
                Stage::Submitted,
                None,
                "盛泽镇已收到这件议题，初审剩 3 个工作日。",
                "正在等：盛泽镇工委干事初审，11月16日收到；最迟 11月23日给答复。受理、请提出人补充、转办、并案还是不予立题，都会说明理由。",
            ),
            (
                Stage::Returned,
                None,
                "盛泽镇请提出人补充说明，补充剩 5 天。",
                "正在等：提出人补充说明，11月16日退回；最迟 11月23日交回。交回后接着初审；到期没有交回，议题失效，可以重新提。",
            ),
            (
                Stage::Accepted,
                director,
                "盛泽镇已受理，立题剩 3 个工作日。",
                "正在等：盛泽镇工委主任提出立题意见，11月16日受理；最迟 11月23日定下来。主任提出意见后，由党（工）委审批。",
            ),
            (
                Stage::Accepted,
                party,
                "盛泽镇已受理，立题剩 3 个工作日。",
                "正在等：盛泽镇党（工）委审批立题，11月16日受理；最迟 11月23日定下来。立题后先到现场调研，再请人来商量。",
            ),
            (
                Stage::Confirmed,
                director,
                "党（工）委已审批立题，定调研负责人剩 3 个工作日。",
                "正在等：盛泽镇工委主任定下谁来调研，11月16日立题；最迟 11月23日定下来。接着到现场调研，听当事人说。",
            ),
            (Stage::Announced, None, "会商已经公示。", "正在等：开会，11月16日公示。会后签发纪要，报送党委、政府。"),
            (
                Stage::Tracking,
                Some(Role::UnitHandler),
                "意见正在办理，下一步剩 3 个工作日。",
                "正在等：承办单位签收、报进展、答复，11月16日交办；最迟 11月23日走下一步。答复要到现场核过，再请大家评。",
            ),
            (
                Stage::Tracking,
                Some(Role::Officer),
                "承办单位有了答复，核实剩 3 个工作日。",
                "正在等：盛泽镇工委干事到现场核实，再请大家评，11月16日交办；最迟 11月23日核实。大家满意的办结，不满意的重新办。",
            ),
            (
                Stage::Tracking,
                party,
                "有的任务承办单位退办了，改交剩 3 个工作日。",
                "正在等：盛泽镇党（工）委改交别的单位，11月16日交办；最迟 11月23日改交。改交以后由新的单位接着办。",
            ),
            (
                Stage::Closed,
                None,
                "已办结，公布结果剩 3 个工作日。",
                "正在等：盛泽镇工委干事公布结果、归档，11月16日办结；最迟 11月23日公布。",
            ),
            (
                Stage::Suspended,
                director,
                "暂缓办理，停在「已立题」，复核剩 5 天。",
                "正在等：盛泽镇工委主任复核，11月16日起暂缓；最迟 11月23日复核。到时恢复办理，或者报党（工）委审批终止。",
            ),
            (Stage::Archived, None, "已归档，全过程都留了档。", ""),
            (Stage::Transferred, None, "这件事不属于协商范围，11月16日已转办。", "转给谁办、为什么，写在下面。"),
            (Stage::Merged, None, "11月16日已并入另一件议题，一起办。", "关心的人一并带过去，进展看并入的那一件。"),
            (Stage::Declined, None, "11月16日答复：不予立题。", "理由写在下面。"),
            (Stage::Withdrawn, None, "提出人11月16日撤回了这件议题。", "这件事不再办理；有需要可以重新提一件。"),
            (Stage::Lapsed, None, "到期没有补充，议题11月16日失效。", "还想商量这件事，可以重新提一件。"),
            (Stage::Terminated, None, "党（工）委审批终止，11月16日起不再办理。", "理由写在下面。"),
        ];
        for (stage, waits_for, sentence, then) in cases {
            let (first, second) = answer(*stage, *waits_for, day(11, 18));
            assert_eq!(first, *sentence);
            assert_eq!(second.unwrap_or_default(), *then);
        }
    }

    #[test]
    fn every_stage_says_something_and_ends_its_sentences() {
        for stage in Stage::ALL.iter().copied() {
            let (first, second) = answer(stage, None, day(11, 18));
            for words in std::iter::once(first).chain(second) {
                assert!(words.ends_with('。'), "{stage:?}: {words}");
                assert!(!words.contains("。。") && !words.contains("，，") && !words.contains("，。"), "{words}");
            }
            let row = waits(stage, None, Some(day(12, 20)));
            assert!(!row.is_empty() && !row.ends_with('。'), "{stage:?}: {row}");
            assert!(
                stage.ordinal().is_none()
                    || matches!(stage, Stage::Draft | Stage::Archived)
                    || !to_leave(stage).is_empty(),
                "{stage:?}"
            );
        }
    }

    #[test]
    fn lateness_is_said_with_its_number_and_its_date() {
        let (first, second) = answer(Stage::Submitted, None, day(11, 26));
        assert_eq!(first, "盛泽镇已收到这件议题，初审超期 3 个工作日。");
        assert!(second.unwrap().contains("原定最迟 11月23日给答复，已经晚了"));
        let (first, _) = answer(Stage::Submitted, None, day(11, 23));
        assert_eq!(first, "盛泽镇已收到这件议题，初审今天到期。");
    }

    #[test]
    fn badges_name_number_and_unit() {
        let calendar = Calendar::builtin();
        for (stage, today, due, expected) in [
            (Stage::Submitted, (11, 16), (11, 23), Some((DueLevel::Calm, "剩 5 个工作日"))),
            (Stage::Submitted, (11, 19), (11, 23), Some((DueLevel::Soon, "剩 2 个工作日"))),
            (Stage::Submitted, (11, 25), (11, 23), Some((DueLevel::Late, "超期 2 个工作日"))),
            (Stage::Tracking, (11, 16), (11, 23), Some((DueLevel::Calm, "剩 5 个工作日"))),
            (Stage::Evaluating, (11, 16), (11, 23), Some((DueLevel::Calm, "剩 7 天"))),
            (Stage::Suspended, (11, 22), (11, 23), Some((DueLevel::Calm, "11月23日复核"))),
            (Stage::Suspended, (11, 25), (11, 23), Some((DueLevel::Late, "超期 2 天"))),
        ] {
            let due = Some(day(due.0, due.1));
            let state = due_state(&calendar, noon(today.0, today.1), stage, due);
            let shown = badge(stage, due, state);
            assert_eq!(shown.as_ref().map(|due| (due.level, due.words.as_str())), expected, "{stage:?} {today:?}");
        }
        assert_eq!(badge(Stage::Announced, None, None), None);
    }

    #[test]
    fn what_comes_next_has_dates_where_they_are_known() {
        let rules = RuleSet::default();
        let calendar = Calendar::builtin();
        let standing = |stage: Stage, due: Option<NaiveDate>, today: (u32, u32)| Standing {
            town: "盛泽镇",
            stage,
            line: on_line(stage, Some("accepted")),
            since: day(11, 16),
            due,
            state: due_state(&calendar, noon(today.0, today.1), stage, due),
            waits_for: None,
        };
        let lines = |standing: &Standing<'_>| -> Vec<String> {
            coming(standing, &rules).into_iter().map(|e| format!("{} {}", e.when, e.says)).collect()
        };
        assert_eq!(
            lines(&standing(Stage::Accepted, Some(day(11, 30)), (11, 18))),
            [
                "11月30日 党（工）委审批立题",
                "随后 定下谁来调研，限 3 个工作日",
                "随后 到现场调研，交调研报告，限 10 个工作日",
            ]
        );
        let late = coming(&standing(Stage::Accepted, Some(day(11, 17)), (11, 18)), &rules);
        assert_eq!((late[0].when.as_str(), late[0].kind), ("已到期", EventKind::Late));
        assert_eq!(
            lines(&standing(Stage::Suspended, Some(day(12, 20)), (11, 18)))[..2],
            ["12月20日 工委主任复核：恢复还是终止", "随后 党（工）委审批立题，限 10 个工作日"]
        );
        assert!(lines(&standing(Stage::Planned, None, (11, 18)))[1].contains("公示至少 5 天"));
        assert!(coming(&standing(Stage::Terminated, None, (11, 18)), &rules).is_empty());
        assert_eq!(coming(&standing(Stage::Closed, None, (11, 18)), &rules).len(), 1);
    }

    #[test]
    fn the_stage_line_counts_the_last_round_and_draws_ways_back() {
        let rules = RuleSet::default();
        let calendar = Calendar::builtin();
        let spans = [
            span(Stage::Submitted, 11, 2, Some(day(11, 9))),
            span(Stage::Returned, 11, 4, Some(day(11, 19))),
            span(Stage::Submitted, 11, 6, Some(day(11, 13))),
            span(Stage::Accepted, 11, 10, Some(day(11, 24))),
        ];
        let line =
            stage_line(&spans, (Stage::Accepted, Stage::Accepted), Some(day(11, 24)), &rules, (&calendar, day(11, 18)));
        let submitted = line.stages.iter().find(|s| s.stage == Stage::Submitted).unwrap();
        assert_eq!(
            (submitted.entered.as_deref(), submitted.spent, submitted.limit),
            (Some("11月6日"), Some(2), Some(5))
        );
        let accepted = line.stages.iter().find(|s| s.stage == Stage::Accepted).unwrap();
        assert_eq!((accepted.spent, accepted.limit), (Some(6), Some(10)));
        assert_eq!(line.loops.len(), 1);
        assert_eq!(line.loops[0].label, "11月4日退回补充，11月6日交回");
        assert_eq!(line.sentence(), "已受理，十四个阶段的第三个，已用 6，限 10 个工作日");
        let ahead = line.stages.iter().find(|s| s.stage == Stage::Announced).unwrap();
        assert!(ahead.minimum && ahead.limit == Some(5));
    }

    #[test]
    fn a_hold_stops_the_clock_where_it_stands() {
        let rules = RuleSet::default();
        let calendar = Calendar::builtin();
        let spans = [
            span(Stage::Submitted, 11, 2, Some(day(11, 9))),
            span(Stage::Accepted, 11, 4, Some(day(11, 18))),
            span(Stage::Suspended, 11, 6, Some(day(12, 6))),
        ];
        let at = last_on_line(&spans).unwrap();
        let line = stage_line(&spans, (Stage::Suspended, at), Some(day(12, 6)), &rules, (&calendar, day(11, 18)));
        assert_eq!(line.present, Stage::Accepted);
        assert_eq!(line.sentence(), "暂缓，停在已受理，十四个阶段的第三个，12月6日再看");
        let accepted = line.stages.iter().find(|s| s.stage == Stage::Accepted).unwrap();
        assert_eq!(accepted.spent, Some(2));
        assert!(line.loops.is_empty());
        let mut resumed = spans.to_vec();
        resumed.push(span(Stage::Accepted, 11, 9, Some(day(11, 23))));
        assert_eq!(loops(&resumed)[0].label, "11月6日暂缓，11月9日恢复");
    }

    #[test]
    fn small_words() {
        assert_eq!(full_date(day(11, 18)), "2026年11月18日");
        assert_eq!(full_time(noon(11, 18)), "2026年11月18日 12:00");
        assert_eq!(source_word("member_recommended"), "委员荐题");
        assert_eq!(source_word("forged"), "");
        assert_eq!(encode("路灯 a&b"), "%E8%B7%AF%E7%81%AF%20a%26b");
        for (typed, number) in [("12", Some(12)), (" １２ ", Some(12)), ("", None), ("十二", None), ("-1", None)] {
            assert_eq!(typed_number(typed), number, "{typed}");
        }
    }
}
