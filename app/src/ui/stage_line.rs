//! The stage line in its five forms: large, vertical, strip, the five bars of the home page, and one sentence.
//!
//! All draw the same fourteen stages in the same five groups. The page gives a [`StageLine`] with finished dates and
//! counts; the limits in it are those of the case's own rule version.

use std::fmt::Write as _;

use leptos::prelude::*;

use super::due_badge::days;
use super::{Words, escape};
use crate::case::stage::{Phase, Stage};
use crate::rules::DueUnit;

/// How long a case was in a stage, and how long it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageSpan {
    /// The stage.
    pub stage: Stage,
    /// The date it was entered, 「6月18日」; of the last time where it was entered more than once.
    pub entered: Option<String>,
    /// Days spent, in `unit`.
    pub spent: Option<i64>,
    /// Days allowed, in `unit`; days demanded where `minimum` is set.
    pub limit: Option<i64>,
    /// What the days are counted in.
    pub unit: DueUnit,
    /// The limit is the least and not the most, as with the notice before a meeting.
    pub minimum: bool,
}

impl StageSpan {
    /// A stage that has no dates yet.
    #[must_use]
    pub const fn bare(stage: Stage) -> Self {
        Self { stage, entered: None, spent: None, limit: None, unit: DueUnit::Workdays, minimum: false }
    }

    /// Days over the limit, when it is over.
    fn over(&self) -> Option<i64> {
        match (self.spent, self.limit) {
            (Some(spent), Some(limit)) if !self.minimum && spent > limit => Some(spent - limit),
            _ => None,
        }
    }

    /// The one line of figures under a stage: 「3/5」, 「147/139 天」, 「9，至少5」.
    fn figures(&self) -> Option<String> {
        let unit = if self.unit == DueUnit::Days { " 天" } else { "" };
        match (self.spent, self.limit) {
            (Some(spent), Some(limit)) if self.minimum => Some(format!("{spent}，至少{limit}")),
            (Some(spent), Some(limit)) => Some(format!("{spent}/{limit}{unit}")),
            (Some(spent), None) => Some(days(spent, self.unit)),
            _ => None,
        }
    }

    /// What is known of a stage that is to come: 「限 7 天」, 「至少5 天」.
    fn ahead(&self) -> Option<String> {
        let unit = if self.unit == DueUnit::Days { " 天" } else { "" };
        self.limit.map(|limit| if self.minimum { format!("至少 {limit}{unit}") } else { format!("限 {limit}{unit}") })
    }
}

/// A state beside the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideState {
    /// The state: 暂缓, 待补正, 已转办 and so on.
    pub stage: Stage,
    /// When it is looked at again or ends by itself, 「12月20日」.
    pub review_date: Option<String>,
}

/// A way back that the case took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loop {
    /// The stage whose end led back.
    pub from: Stage,
    /// The stage it went back to.
    pub to: Stage,
    /// What happened, when, and where to: 「第一次会（4月28日）未达成共识，回到调研」.
    pub label: String,
}

/// Where a case stands on the line, how it came there, and how long it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageLine {
    /// What is known of each stage; a stage that is missing is drawn without dates.
    pub stages: Vec<StageSpan>,
    /// The stage of the line that the case is in, or was in before its side state.
    pub present: Stage,
    /// The side state, where it is in one.
    pub side: Option<SideState>,
    /// Ways back, oldest first.
    pub loops: Vec<Loop>,
}

/// Ordinals of the fourteen stages as they are read out.
const ORDINALS: [&str; Stage::LINE] = [
    "第一个",
    "第二个",
    "第三个",
    "第四个",
    "第五个",
    "第六个",
    "第七个",
    "第八个",
    "第九个",
    "第十个",
    "第十一个",
    "第十二个",
    "第十三个",
    "第十四个",
];

/// How a stage of the line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Done,
    Here,
    /// Here, but nothing moves: 暂缓, 待补正.
    Held,
    /// Here, and nothing follows: 已转办 and the like.
    Ended,
    Future,
    /// After an end: not drawn.
    Gone,
}

impl Look {
    const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Here => "here",
            Self::Held => "held",
            Self::Ended => "ended",
            Self::Future => "future",
            Self::Gone => "gone",
        }
    }
}

impl StageLine {
    /// A line without dates, for the strip and the sentences.
    #[must_use]
    pub const fn bare(present: Stage, side: Option<SideState>, loops: Vec<Loop>) -> Self {
        Self { stages: Vec::new(), present, side, loops }
    }

    /// The place on the line, from 0. A stage that is not on the line stands at its beginning.
    fn ordinal(&self) -> usize {
        self.present.ordinal().unwrap_or(0)
    }

    fn ended(&self) -> bool {
        self.side.as_ref().is_some_and(|side| side.stage.is_ended())
    }

    fn look(&self, n: usize) -> Look {
        let here = self.ordinal();
        match n.cmp(&here) {
            std::cmp::Ordering::Less => Look::Done,
            std::cmp::Ordering::Greater if self.ended() => Look::Gone,
            std::cmp::Ordering::Greater => Look::Future,
            std::cmp::Ordering::Equal => match &self.side {
                Some(_) if self.ended() => Look::Ended,
                Some(_) => Look::Held,
                None if self.present == Stage::Archived => Look::Done,
                None => Look::Here,
            },
        }
    }

    fn span(&self, stage: Stage) -> StageSpan {
        self.stages.iter().find(|span| span.stage == stage).cloned().unwrap_or(StageSpan::bare(stage))
    }

    /// The status word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.side.as_ref().map_or(self.present, |side| side.stage).word()
    }

    /// Where that is: 「十四个阶段的第十一个」.
    #[must_use]
    pub fn place(&self) -> String {
        let n = self.ordinal();
        let ordinal = ORDINALS.get(n).copied().unwrap_or(ORDINALS[0]);
        match &self.side {
            None => format!("十四个阶段的{ordinal}"),
            Some(side) => {
                let mut words = format!("停在{}，十四个阶段的{ordinal}", self.present.word());
                if let Some(date) = side.review_date.as_ref().filter(|_| !self.ended()) {
                    words.push_str(&format!("，{date}再看"));
                }
                words
            }
        }
    }

    /// One sentence for readers of screens: 「办理中，十四个阶段的第十一个，超期 6 个工作日」.
    #[must_use]
    pub fn sentence(&self) -> String {
        let span = self.span(self.present);
        let clock = if self.side.is_some() {
            None
        } else if let Some(over) = span.over() {
            Some(format!("超期 {}", days(over, span.unit)))
        } else {
            match (span.spent, span.limit) {
                (Some(spent), Some(limit)) if !span.minimum => {
                    Some(format!("已用 {spent}，限 {}", days(limit, span.unit)))
                }
                _ => None,
            }
        };
        match clock {
            Some(clock) => format!("{}，{}，{clock}", self.word(), self.place()),
            None => format!("{}，{}", self.word(), self.place()),
        }
    }

    /// The line in 长辈版: 「现在：办理中，第 11 步，共 14 步」.
    #[must_use]
    pub fn elder_sentence(&self) -> String {
        if self.ended() {
            format!("现在：{}", self.word())
        } else {
            format!("现在：{}，第 {} 步，共 {} 步", self.word(), self.ordinal() + 1, Stage::LINE)
        }
    }

    /// The loops that are drawn, and the line of text that stands for more than two.
    fn drawn_loops(&self) -> (Vec<Loop>, Option<String>) {
        if self.loops.len() <= 2 {
            return (self.loops.clone(), None);
        }
        let same = self.loops.windows(2).all(|pair| pair[0].to == pair[1].to);
        let words = match self.loops.last().and_then(|last| last.to.phase()) {
            Some(phase) if same => format!("回到{} {} 次", phase.word(), self.loops.len()),
            _ => format!("走回头 {} 次", self.loops.len()),
        };
        let drawn = self.loops.last().map(|last| Loop { label: words.clone(), ..last.clone() }).into_iter().collect();
        (drawn, Some(words))
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Measures of the large line, in units of its full width of 1120: gaps of 6 within a phase and 22 between phases, all
// stages equally wide, the present one 44 wider. The style sheet has the same gaps as per cent.

const FULL: f64 = 1120.0;
const GAP: f64 = 6.0;
const PHASE_GAP: f64 = 22.0;
const WIDER: f64 = 44.0;
/// The narrowest width in which the large line is shown (821 less two margins), for deciding where labels fit.
const NARROWEST: f64 = 773.0;

/// Left and right edge of a stage in per cent of the full width.
fn edges(stage: usize, present: Option<usize>) -> (f64, f64) {
    let gaps = 9.0 * GAP + 4.0 * PHASE_GAP;
    let wider = if present.is_some() { WIDER } else { 0.0 };
    let share = (FULL - gaps - wider) / 14.0;
    let mut left = 0.0;
    let mut n = 0;
    for phase in Phase::ALL {
        for (place, _) in phase.stages().iter().enumerate() {
            if n > 0 {
                left += if place == 0 { PHASE_GAP } else { GAP };
            }
            let width = if present == Some(n) { share + WIDER } else { share };
            if n == stage {
                return (left / FULL * 100.0, (left + width) / FULL * 100.0);
            }
            left += width;
            n += 1;
        }
    }
    (0.0, 100.0)
}

/// Part of a whole in per cent, between 0 and 100.
#[expect(clippy::cast_precision_loss, reason = "days, far below the limit of f64")]
fn share(part: i64, whole: i64) -> f64 {
    if whole <= 0 { 100.0 } else { (part.max(0) as f64 / whole as f64 * 100.0).clamp(0.0, 100.0) }
}

/// The least that is filled of the present bar, so that it is seen on its first day.
const LEAST: f64 = 8.0;

/// The meter of the present stage: fill over a track, or fill, limit and excess. `h` is its height.
fn meter(span: &StageSpan, h: u32) -> String {
    let mut svg = String::new();
    match (span.spent, span.limit) {
        (Some(spent), Some(limit)) if span.over().is_some() => {
            let at = share(limit, spent);
            let rest = 100.0 - at;
            let _ = write!(
                svg,
                r#"<rect class="here-fill" width="{at:.2}%" height="{h}"/><rect class="over" x="{at:.2}%" y="0.75" width="{rest:.2}%" height="{}"/><svg x="{at:.2}%" overflow="visible"><rect class="limit" x="-1" y="-5" width="2" height="{}"/></svg>"#,
                f64::from(h) - 1.5,
                h + 10,
            );
        }
        (Some(spent), Some(limit)) => {
            let at = share(spent, limit).max(LEAST);
            let _ = write!(
                svg,
                r#"<rect class="track" width="100%" height="{h}"/><rect class="here-fill" width="{at:.2}%" height="{h}"/>"#
            );
        }
        _ => {
            let _ = write!(svg, r#"<rect class="here-fill" width="100%" height="{h}"/>"#);
        }
    }
    svg
}

/// The bar of one stage of the large line, 20 high.
fn bar(span: &StageSpan, look: Look) -> String {
    match look {
        Look::Done => {
            let at = match (span.spent, span.limit) {
                (Some(spent), Some(limit)) => share(spent, limit),
                _ => 100.0,
            };
            let track = if at < 100.0 { r#"<rect class="track" y="6" width="100%" height="8"/>"# } else { "" };
            format!(r#"{track}<rect class="done" y="6" width="{at:.2}%" height="8"/>"#)
        }
        Look::Here => meter(span, 20),
        Look::Held => r#"<rect class="held" width="100%" height="20"/><svg x="50%" overflow="visible"><rect class="pause" x="-6" y="-3" width="3" height="26"/><rect class="pause" x="3" y="-3" width="3" height="26"/></svg>"#.to_owned(),
        Look::Ended => r#"<rect class="done" y="6" width="100%" height="8"/><svg x="100%" overflow="visible"><rect class="pause" x="-3" y="-2" width="3" height="24"/></svg>"#.to_owned(),
        Look::Future => r#"<rect class="future" x="0.5" y="6.5" width="100%" height="7"/>"#.to_owned(),
        Look::Gone => String::new(),
    }
}

/// Height of the room for loops over the bars.
const fn room(loops: usize) -> u32 {
    match loops {
        0 => 12,
        1 => 58,
        _ => 80,
    }
}

/// The lines of the loops over the large line, and their labels.
fn loop_lines(line: &StageLine, loops: &[Loop]) -> String {
    // The wider column is the present stage's; after an end or in the archive there is none.
    let wide = (0..Stage::LINE).find(|n| matches!(line.look(*n), Look::Here | Look::Held));
    let height = room(loops.len());
    // All lines first: a label covers what runs behind it.
    let (mut lines, mut labels) = (String::new(), String::new());
    for (n, back) in loops.iter().enumerate() {
        let (Some(from), Some(to)) = (back.from.ordinal(), back.to.ordinal()) else {
            continue;
        };
        let raise = if n == 0 { 0 } else { 22 };
        let y = height.saturating_sub(46 + raise);
        let left = edges(to, wide).0;
        let right = edges(from, wide).1;
        let (down, foot, cover, barb) = (height + 2, height + 4, y.saturating_sub(2), height - 4);
        let _ = write!(
            lines,
            r#"<line x1="{left:.3}%" x2="{right:.3}%" y1="{y}" y2="{y}"/><svg x="{left:.3}%" overflow="visible"><rect class="cover" x="-2" y="{cover}" width="17" height="4"/><path d="M15 {y}a10 10 0 0 0-10 10V{down}M0.5 {barb}L5 {down}L9.5 {barb}"/></svg><svg x="{right:.3}%" overflow="visible"><rect class="cover" x="-11" y="{cover}" width="13" height="4"/><path d="M-11 {y}a10 10 0 0 1 10 10V{foot}"/></svg>"#
        );
        let wanted = text_width(&back.label);
        let between = (right - left) / 100.0;
        let centred = wanted + 50.0 <= between * NARROWEST;
        let centred_when_wide = wanted + 50.0 <= between * FULL;
        let baseline = y + 5;
        let label = escape(&back.label);
        if centred || centred_when_wide {
            let class = if centred { "label" } else { "label on-wide" };
            let middle = f64::midpoint(left, right);
            let (start, width) = (-wanted / 2.0 - 12.0, wanted + 24.0);
            let _ = write!(
                labels,
                r#"<svg class="{class}" x="{middle:.3}%" overflow="visible"><rect class="cover" x="{start:.0}" y="{}" width="{width:.0}" height="18"/><text y="{baseline}" text-anchor="middle">{label}</text></svg>"#,
                y.saturating_sub(9),
            );
        }
        if !centred {
            let class = if centred_when_wide { "label on-narrow" } else { "label" };
            let room_right = (100.0 - right) / 100.0 * NARROWEST;
            let (x, dx, anchor) = if wanted + 20.0 <= room_right || left < 100.0 - right {
                (right, 10, "start")
            } else {
                (left, -6, "end")
            };
            let _ = write!(
                labels,
                r#"<text class="{class}" x="{x:.3}%" dx="{dx}" y="{baseline}" text-anchor="{anchor}">{label}</text>"#
            );
        }
    }
    lines.push_str(&labels);
    lines
}

/// About how wide a label of 14 px is.
fn text_width(label: &str) -> f64 {
    label.chars().map(|c| if c.is_ascii() { 8.0 } else { 14.0 }).sum()
}

fn large(line: &StageLine, loops: &[Loop]) -> AnyView {
    let mut items = Vec::with_capacity(Stage::LINE);
    let mut n = 0;
    for phase in Phase::ALL {
        for (place, stage) in phase.stages().iter().enumerate() {
            let look = line.look(n);
            let span = line.span(*stage);
            let heading = if place == 0 { phase.word() } else { "" };
            let class = match (place == 0, *stage) {
                (true, Stage::Draft) => format!("first names {}", look.class()),
                (true, _) => format!("first {}", look.class()),
                (false, _) => look.class().to_owned(),
            };
            // Nothing is drawn after an end; the empty columns keep the others in their places.
            let hidden = (look == Look::Gone && place > 0).then_some("true");
            items.push(view! {
                <li class=class aria-hidden=hidden>
                    <span class="sl-phase">{heading}</span>
                    <span class="room"></span>
                    <svg class="bar" height="20" aria-hidden="true" inner_html=bar(&span, look)></svg>
                    {(look != Look::Gone).then(|| view! {
                        <span class="sl-word">{word_of(line, *stage, look)}</span>
                        {figures_of(line, &span, look)}
                    })}
                </li>
            });
            n += 1;
        }
    }
    let class = match loops.len() {
        0 => "sl-large",
        1 => "sl-large loops-1",
        _ => "sl-large loops-2",
    };
    let lines = (!loops.is_empty()).then(|| {
        let drawing = loop_lines(line, loops);
        view! { <svg class="sl-loops" height=room(loops.len()).to_string() aria-hidden="true" inner_html=drawing></svg> }
    });
    view! { <div class=class><ol>{items}</ol>{lines}</div> }.into_any()
}

/// The word under a bar: the side state's where the case is held or ended.
fn word_of(line: &StageLine, stage: Stage, look: Look) -> &'static str {
    match look {
        Look::Held | Look::Ended => line.word(),
        _ => stage.word(),
    }
}

/// Date and figures under a stage. 草稿 has no clock: its column names the rows.
fn figures_of(line: &StageLine, span: &StageSpan, look: Look) -> AnyView {
    if span.stage == Stage::Draft && span.entered.is_none() {
        return view! {
            <span class="sl-num" aria-hidden="true">"起于"</span>
            <span class="sl-num" aria-hidden="true">"用 / 限"</span>
        }
        .into_any();
    }
    if look == Look::Future {
        return view! { <span class="sl-num">{span.ahead().unwrap_or_else(|| "—".to_owned())}</span> }.into_any();
    }
    let class = if look == Look::Here && span.over().is_some() { "sl-num late" } else { "sl-num" };
    let review = line.side.as_ref().filter(|_| look == Look::Held).and_then(|side| side.review_date.as_ref());
    if let Some(date) = review {
        return view! {
            <span class="sl-num">{format!("停在{}", span.stage.word())}</span>
            <span class="sl-num">{format!("{date}再看")}</span>
        }
        .into_any();
    }
    view! {
        <span class="sl-num">{span.entered.clone().unwrap_or_else(|| "—".to_owned())}</span>
        {span.figures().map(|figures| view! { <span class=class>{figures}</span> })}
    }
    .into_any()
}

/// What a phase of the vertical line says of the stages that are done.
fn done_words(spans: &[StageSpan]) -> String {
    spans
        .iter()
        .filter_map(|span| span.entered.as_ref().map(|date| format!("{}{}", span.stage.word(), with_gap(date))))
        .collect::<Vec<_>>()
        .join("，")
}

/// A date after a word, with the space that sets it off.
fn with_gap(date: &str) -> String {
    format!(" {date}")
}

/// Days of a phase: one sum for each unit, minimums by themselves.
fn day_words(spans: &[StageSpan]) -> Option<String> {
    let mut parts = Vec::new();
    for unit in [DueUnit::Workdays, DueUnit::Days] {
        let (mut spent, mut limit, mut any) = (0_i64, 0_i64, false);
        for span in spans.iter().filter(|s| s.unit == unit && !s.minimum) {
            if let (Some(s), Some(l)) = (span.spent, span.limit) {
                spent = spent.saturating_add(s);
                limit = limit.saturating_add(l);
                any = true;
            }
        }
        if any {
            parts.push(format!("用 {spent}，限 {}", days(limit, unit)));
        }
    }
    for span in spans.iter().filter(|s| s.minimum) {
        if let (Some(spent), Some(limit)) = (span.spent, span.limit) {
            parts.push(format!("{} {}，至少 {limit}", span.stage.word(), days(spent, span.unit)));
        }
    }
    (!parts.is_empty()).then(|| parts.join("；"))
}

fn vertical(line: &StageLine, loops: &[Loop]) -> AnyView {
    let here = line.ordinal();
    let mut n = 0;
    let mut items = Vec::with_capacity(Phase::ALL.len());
    for phase in Phase::ALL {
        let first = n;
        n += phase.stages().len();
        let spans: Vec<StageSpan> = phase.stages().iter().map(|s| line.span(*s)).collect();
        let past: Vec<StageSpan> = spans.iter().take(here.saturating_sub(first)).cloned().collect();
        let now = (first..n).contains(&here).then(|| spans[here - first].clone());
        let ahead: Vec<StageSpan> = spans.iter().skip((here + 1).saturating_sub(first)).cloned().collect();
        let look = line.look(here);
        let body = match now {
            Some(now) => present_phase(line, look, &past, &now, &ahead),
            None if first > here => future_phase(line, &spans),
            None => done_phase(phase, &past, &line.loops),
        };
        items.push(view! { <li><span class="sl-phase">{phase.word()}</span>{body}</li> });
    }
    let backs = loops
        .iter()
        .enumerate()
        .filter_map(|(n, back)| {
            let (from, to) = (phase_number(back.from)?, phase_number(back.to)?);
            let class = format!("back to-{to} from-{from}{}", if n == 0 { "" } else { " second" });
            Some(view! {
                <div class=class aria-hidden="true">
                    <svg viewBox="0 0 8 12"><path d="M7 1 2 6 7 11"></path></svg>
                </div>
            })
        })
        .collect_view();
    view! { <div class="sl-vert"><ol role="list">{items}</ol>{backs}</div> }.into_any()
}

fn phase_number(stage: Stage) -> Option<usize> {
    let phase = stage.phase()?;
    Phase::ALL.iter().position(|p| *p == phase).map(|n| n + 1)
}

fn done_phase(phase: Phase, past: &[StageSpan], loops: &[Loop]) -> AnyView {
    let words = done_words(past);
    let words = if words.is_empty() { "已过".to_owned() } else { words };
    let back = loops
        .iter()
        .filter(|l| l.from.phase() == Some(phase))
        .map(|l| view! { <span>{l.label.clone()}</span> })
        .collect_view();
    view! {
        <span class="pole"><span class="p-done"></span></span>
        <span class="says">
            <span>{words}</span>
            {back}
            {day_words(past).map(|words| view! { <span class="sl-num">{words}</span> })}
        </span>
    }
    .into_any()
}

fn present_phase(line: &StageLine, look: Look, past: &[StageSpan], now: &StageSpan, ahead: &[StageSpan]) -> AnyView {
    let (pole, drawn) = match look {
        Look::Held => ("p-held", false),
        Look::Ended => ("p-ended", false),
        Look::Done => ("p-done", false),
        _ => ("p-here", now.spent.is_some() && now.limit.is_some()),
    };
    let clock = match (now.spent, now.limit) {
        _ if line.side.is_some() => line
            .side
            .as_ref()
            .and_then(|side| side.review_date.clone())
            .filter(|_| look == Look::Held)
            .map(|date| format!("停在{}，{date}再看", now.stage.word())),
        (Some(spent), Some(limit)) if now.minimum => {
            Some(format!("已满 {}，至少 {}", days(spent, now.unit), days(limit, now.unit)))
        }
        (Some(spent), Some(limit)) => Some(format!("已用 {spent}，限 {}", days(limit, now.unit))),
        (Some(spent), None) => Some(format!("已 {}", days(spent, now.unit))),
        _ => now.entered.as_ref().map(|date| format!("{date}起")),
    };
    let words = match clock {
        Some(clock) => format!("{}，{clock}", line.word()),
        None => line.word().to_owned(),
    };
    let class = if look == Look::Here { "now" } else { "" };
    let before = done_words(past);
    let later = (look != Look::Ended && !ahead.is_empty()).then(|| later_words(ahead));
    let outline = later.is_some().then(|| view! { <span class="p-future"></span> });
    view! {
        <span class="pole"><span class=pole></span>{outline}</span>
        <span class="says">
            <span class=class>{words}</span>
            {drawn.then(|| view! { <svg class="bar" height="14" aria-hidden="true" inner_html=meter(now, 14)></svg> })}
            {(!before.is_empty()).then(|| view! { <span class="sl-num">{before}</span> })}
            {later.map(|words| view! { <span class="later">{words}</span> })}
        </span>
    }
    .into_any()
}

/// The names of stages to come, in one line; the next one with its limit.
fn later_words(ahead: &[StageSpan]) -> Vec<AnyView> {
    ahead
        .iter()
        .enumerate()
        .map(|(n, span)| match span.ahead() {
            Some(limit) if n == 0 => in_one_piece(format!("{}，{limit}", span.stage.word())),
            _ => in_one_piece(span.stage.word().to_owned()),
        })
        .collect()
}

/// A status word is not broken at the end of a line.
fn in_one_piece(words: String) -> AnyView {
    view! { <span class="nobreak">{words}</span>"　" }.into_any()
}

fn names(spans: &[StageSpan]) -> Vec<AnyView> {
    spans.iter().map(|span| in_one_piece(span.stage.word().to_owned())).collect()
}

fn future_phase(line: &StageLine, spans: &[StageSpan]) -> AnyView {
    if line.ended() {
        return view! { <span class="pole"></span><span class="says"><span class="later">"—"</span></span> }.into_any();
    }
    view! {
        <span class="pole"><span class="p-future"></span></span>
        <span class="says"><span class="later">{names(spans)}</span></span>
    }
    .into_any()
}

/// The stage line of a case: large on a wide page, vertical on a narrow one, a sentence in 长辈版.
#[component]
pub fn StageLineView(
    /// Where the case stands.
    line: StageLine,
    /// Whose limits they are: 「期限是本镇设定」. Left out where all are the district's.
    #[prop(optional, into)]
    setting: Words,
    /// Where it is explained how days are counted.
    #[prop(default = "/rules".to_owned(), into)]
    explained: String,
) -> impl IntoView {
    let (loops, many) = line.drawn_loops();
    let list = many.map(|words| {
        let rows = line.loops.iter().map(|l| view! { <li>{l.label.clone()}</li> }).collect_view();
        view! { <details class="sl-list"><summary>{words}</summary><ol>{rows}</ol></details> }
    });
    view! {
        <section class="stage-line" aria-label="走到哪一步">
            <p class="sr sl-sentence">{line.sentence()}</p>
            <p class="sl-elder">{line.elder_sentence()}</p>
            {large(&line, &loops)}
            {vertical(&line, &loops)}
            {list}
            <div class="sl-foot">
                <p>
                    <span class="wide">"长条是用掉的天数占限期的比例，竖线是限期。"</span>
                    "未注明的是工作日。"
                    {setting.0.map(|words| format!("{words}。"))}
                </p>
                <a href=explained>"怎么算的"</a>
            </div>
        </section>
    }
}

/// The strip: fourteen ticks, for rows. Hidden from readers of screens, since the words beside it say the same.
#[component]
pub fn Strip(
    /// Where the case stands; dates are not needed.
    line: StageLine,
) -> impl IntoView {
    view! {
        <svg class="strip" viewBox="0 0 190 15" width="190" height="15" preserveAspectRatio="none" aria-hidden="true" inner_html=strip(&line)></svg>
    }
}

/// Left edge of a tick of the strip: 12 from tick to tick, 6 more between phases.
fn tick(n: usize) -> usize {
    let groups = [4, 5, 7, 9].iter().filter(|first| n >= **first).count();
    12 * n + 6 * groups
}

fn strip(line: &StageLine) -> String {
    let mut svg = String::with_capacity(700);
    for n in 0..Stage::LINE {
        let x = tick(n);
        let _ = match line.look(n) {
            Look::Done => write!(svg, r#"<rect class="done" x="{x}" y="7" width="10" height="5"/>"#),
            Look::Here => write!(svg, r#"<rect class="here" x="{x}" y="4" width="10" height="11"/>"#),
            Look::Held => write!(
                svg,
                r#"<rect class="held" x="{x}" y="4" width="10" height="11"/><path class="pause" d="M{} 4V15M{} 4V15"/>"#,
                x + 3,
                x + 7
            ),
            Look::Ended => write!(
                svg,
                r#"<rect class="done" x="{x}" y="7" width="10" height="5"/><path class="end" d="M{} 3V15"/>"#,
                x + 11
            ),
            Look::Future => write!(svg, r#"<rect class="future" x="{x}" y="7" width="10" height="5"/>"#),
            Look::Gone => Ok(()),
        };
    }
    // One bracket is enough to say that it went back; the case page tells how often.
    if let Some((from, to)) = line.loops.last().and_then(|l| Some((l.from.ordinal()?, l.to.ordinal()?))) {
        let _ = write!(svg, r#"<path class="loop" d="M{} 4V1H{}V4"/>"#, tick(to), tick(from) + 10);
    }
    svg
}

/// How many matters are in a phase, for the home page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseCount {
    /// The phase.
    pub phase: Phase,
    /// How many matters are in it.
    pub count: i64,
    /// Where they are listed; left out where there is no such list.
    pub href: Option<String>,
}

/// What happens in a phase, in plain words.
const fn phase_says(phase: Phase) -> &'static str {
    match phase {
        Phase::Choose => "提出、受理、党委定题",
        Phase::Research => "到现场，听当事人说",
        Phase::Invite => "请对人，提前公示",
        Phase::Consult => "坐下来谈，写成纪要",
        Phase::Deliver => "交给单位限期办，请群众评",
    }
}

/// The five bars of the home page.
#[component]
pub fn PhaseBars(
    /// One count for each phase, in order.
    counts: Vec<PhaseCount>,
) -> impl IntoView {
    let rows = counts
        .into_iter()
        .map(|item| {
            let ticks = "<i></i>".repeat(item.phase.stages().len());
            let name = match item.href {
                Some(href) => view! { <a class="phase-name" href=href>{item.phase.word()}</a> }.into_any(),
                None => view! { <span class="phase-name">{item.phase.word()}</span> }.into_any(),
            };
            view! {
                <li>
                    <span class="ticks" aria-hidden="true" inner_html=ticks></span>
                    {name}
                    <span class="phase-says">{phase_says(item.phase)}</span>
                    <span class="phase-count"><b>{item.count}</b>"件"</span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="phases">{rows}</ol> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracking(spent: i64, limit: i64, unit: DueUnit) -> StageLine {
        StageLine {
            stages: vec![StageSpan {
                entered: Some("6月24日".to_owned()),
                spent: Some(spent),
                limit: Some(limit),
                unit,
                ..StageSpan::bare(Stage::Tracking)
            }],
            present: Stage::Tracking,
            side: None,
            loops: vec![],
        }
    }

    #[test]
    fn the_line_is_one_sentence() {
        assert_eq!(tracking(14, 8, DueUnit::Workdays).sentence(), "办理中，十四个阶段的第十一个，超期 6 个工作日");
        assert_eq!(tracking(3, 139, DueUnit::Days).sentence(), "办理中，十四个阶段的第十一个，已用 3，限 139 天");
        assert_eq!(StageLine::bare(Stage::Confirmed, None, vec![]).sentence(), "已立题，十四个阶段的第四个");
        assert_eq!(tracking(1, 2, DueUnit::Days).elder_sentence(), "现在：办理中，第 11 步，共 14 步");
    }

    #[test]
    fn a_side_state_says_where_the_case_stopped() {
        let held = StageLine::bare(
            Stage::Researching,
            Some(SideState { stage: Stage::Suspended, review_date: Some("12月20日".to_owned()) }),
            vec![],
        );
        assert_eq!(held.sentence(), "暂缓，停在调研中，十四个阶段的第五个，12月20日再看");
        let ended =
            StageLine::bare(Stage::Submitted, Some(SideState { stage: Stage::Declined, review_date: None }), vec![]);
        assert_eq!(ended.elder_sentence(), "现在：不予立题");
        assert_eq!(strip(&ended).matches("<rect").count(), 2, "no future after an end");
    }

    #[test]
    fn a_strip_has_fourteen_ticks_and_ends_at_190() {
        let svg = strip(&StageLine::bare(Stage::Tracking, None, vec![]));
        assert_eq!(svg.matches("<rect").count(), Stage::LINE);
        assert_eq!(svg.matches("class=\"here\"").count(), 1);
        assert_eq!(tick(13) + 10, 190);
        let archived = strip(&StageLine::bare(Stage::Archived, None, vec![]));
        assert!(!archived.contains("here"), "an archived case waits nowhere");
    }

    #[test]
    fn the_large_line_fills_its_width() {
        for present in [None, Some(0), Some(6), Some(13)] {
            let (_, right) = edges(13, present);
            assert!((right - 100.0).abs() < 1e-9, "{present:?}: {right}");
        }
        let (left, right) = edges(0, None);
        assert!(left.abs() < 1e-9 && right > 6.0);
    }

    #[test]
    fn figures_keep_units_apart() {
        let span = |spent, limit, unit, minimum| {
            StageSpan { spent, limit, unit, minimum, ..StageSpan::bare(Stage::Announced) }.figures()
        };
        assert_eq!(span(Some(3), Some(5), DueUnit::Workdays, false).as_deref(), Some("3/5"));
        assert_eq!(span(Some(147), Some(139), DueUnit::Days, false).as_deref(), Some("147/139 天"));
        assert_eq!(span(Some(9), Some(5), DueUnit::Days, true).as_deref(), Some("9，至少5"));
        assert_eq!(span(None, Some(5), DueUnit::Days, true), None);
    }

    #[test]
    fn from_the_third_loop_on_one_line_counts_them() {
        let back = |label: &str| Loop { from: Stage::Minuted, to: Stage::Researching, label: label.to_owned() };
        let line = |n: usize| StageLine::bare(Stage::Planned, None, vec![back("未达成共识"); n]);
        assert_eq!(line(2).drawn_loops().0.len(), 2);
        let (drawn, words) = line(3).drawn_loops();
        assert_eq!(drawn.len(), 1);
        assert_eq!(words.as_deref(), Some("回到调研 3 次"));
    }

    #[test]
    fn labels_of_loops_are_escaped() {
        let line = StageLine::bare(
            Stage::Planned,
            None,
            vec![Loop { from: Stage::Minuted, to: Stage::Researching, label: "</text><script>".to_owned() }],
        );
        let html = crate::live::render(move || view! { <StageLineView line/> });
        assert!(!html.contains("<script>"), "{html}");
    }

    #[test]
    fn every_stage_can_be_drawn() {
        for stage in Stage::ALL.iter().copied() {
            let side = stage.ordinal().is_none().then_some(SideState { stage, review_date: None });
            let present = if stage.ordinal().is_some() { stage } else { Stage::Accepted };
            let line = StageLine::bare(present, side, vec![]);
            let html = crate::live::render(move || view! { <StageLineView line/> });
            assert!(html.contains(stage.word()), "{stage:?}");
            assert!(!html.contains("style="), "{stage:?}");
        }
    }
}
