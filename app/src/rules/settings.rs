//! Every number a town may change.
//!
//! One declaration below makes the structs, the defaults, the catalogue with
//! labels and bounds, the checks, and the reading and writing of files. The
//! source document contains no number at all, so each default names where it
//! was borrowed from ([`Source`]).

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::RuleId;

coded_enum! {
    /// Whether one kind of basis is enough for a topic (`topic.basis_rule`).
    /// The 「和」 of item 15 can be read both ways.
    pub enum BasisRule {
        /// A central task or a hotspot.
        Any = "any" "任一即可",
        /// A central task and a hotspot.
        Both = "both" "两者都要",
    }
}

coded_enum! {
    /// When a comment is seen by others (`topic.comment_release`).
    pub enum CommentRelease {
        /// After an officer has released it.
        Hold = "hold" "干事看过再公开",
        /// At once.
        Open = "open" "立即公开",
    }
}

coded_enum! {
    /// What a setting counts.
    pub enum Unit {
        /// Characters (Unicode scalar values, so 𠮷 is one).
        Chars = "chars" "字",
        /// Calendar days.
        Days = "days" "天",
        /// Workdays by the calendar of `workday.rs`.
        Workdays = "workdays" "个工作日",
        /// Hours.
        Hours = "hours" "小时",
        /// Minutes.
        Minutes = "minutes" "分钟",
        /// Persons.
        People = "people" "人",
        /// Seats of a meeting.
        Seats = "seats" "个席位",
        /// A fraction between 0 and 1, shown in per cent.
        Share = "share" "%",
        /// Pieces of a kind: reports, attachments, answered survey sheets.
        Pieces = "pieces" "份",
        /// Things of any kind: topics, comments.
        Items = "items" "件",
        /// Bases of a topic, categories of participants.
        Kinds = "kinds" "类",
        /// How often.
        Times = "times" "次",
        /// Meetings.
        Meetings = "meetings" "场",
        /// Votes of a secret poll.
        Votes = "votes" "票",
        /// Mebibytes.
        Megabytes = "megabytes" "MB",
        /// One of named choices.
        Choice = "choice" "",
    }
}

/// Where a default comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Borrowed from a neighbouring institution; the words say which.
    Neighbour(&'static str),
    /// Put forward by this product on experience alone.
    Proposed,
    /// Not in the handbook's block: a limit that the pages need.
    Added,
}

impl Source {
    /// The words on the rules page.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Neighbour(words) => words,
            Self::Proposed => "参考做法",
            Self::Added => "系统使用需要",
        }
    }
}

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    /// A whole number, both ends included.
    Whole {
        /// The smallest allowed.
        min: u32,
        /// The greatest allowed.
        max: u32,
    },
    /// A fraction in thousandths, both ends included.
    Share {
        /// The smallest allowed.
        min: f64,
        /// The greatest allowed.
        max: f64,
    },
    /// Whole numbers in falling order, each between the ends.
    Falling {
        /// The smallest allowed.
        min: u32,
        /// The greatest allowed.
        max: u32,
        /// How many there may be.
        most: usize,
    },
    /// One of these codes.
    OneOf(&'static [&'static str]),
}

impl Bounds {
    /// The allowed range in plain words, such as 「1 天至 15 天」.
    #[must_use]
    pub fn words(&self, unit: Unit) -> String {
        match self {
            Self::Whole { min, max } => format!("{} 至 {}", with_unit(*min, unit), with_unit(*max, unit)),
            Self::Share { min, max } => format!("{} 至 {}，精确到 0.1%", percent(*min), percent(*max)),
            Self::Falling { min, max, most } => {
                format!("{} 至 {}，从大到小，至多 {most} 个", with_unit(*min, unit), with_unit(*max, unit))
            }
            Self::OneOf(codes) => codes.join(" 或 "),
        }
    }

    /// What has to be written for a value of this kind.
    #[cfg(feature = "ssr")]
    const fn kind(&self) -> &'static str {
        match self {
            Self::Whole { .. } => "一个整数",
            Self::Share { .. } => "一个小数（例如 0.5 表示 50%）",
            Self::Falling { .. } => "一组整数（例如 [3, 1]）",
            Self::OneOf(_) => "一个带引号的选项",
        }
    }
}

/// All that is known of one setting without its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SettingMeta {
    /// The name in files, `section.key`.
    pub key: &'static str,
    /// The section's name in files.
    pub section: &'static str,
    /// The section's Chinese name.
    pub section_label: &'static str,
    /// The Chinese name.
    pub label: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// What it does, in one Chinese sentence.
    pub explanation: &'static str,
    /// The rule that it chiefly belongs to.
    pub rule: RuleId,
    /// What it may be.
    pub bounds: Bounds,
    /// Where its default comes from.
    pub source: Source,
}

/// Why a rule set is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    /// The setting, `section.key`; a section alone for an unknown section;
    /// empty when the text cannot be read at all.
    pub key: String,
    /// A Chinese sentence that names the setting and what is allowed.
    pub sentence: String,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for SettingError {}

/// A kind of value that a setting can have.
trait SettingValue: Sized {
    /// As shown to people.
    fn shown(&self, unit: Unit) -> String;
    /// As written in a file.
    fn literal(&self) -> String;
    /// Whether it lies within the bounds.
    fn allowed(&self, bounds: &Bounds) -> bool;
    /// As read from a file; `None` when it is of another kind.
    #[cfg(feature = "ssr")]
    fn read(value: &toml::Value) -> Option<Self>;
}

impl SettingValue for u32 {
    fn shown(&self, unit: Unit) -> String {
        with_unit(*self, unit)
    }

    fn literal(&self) -> String {
        self.to_string()
    }

    fn allowed(&self, bounds: &Bounds) -> bool {
        matches!(bounds, Bounds::Whole { min, max } if (min..=max).contains(&self))
    }

    #[cfg(feature = "ssr")]
    fn read(value: &toml::Value) -> Option<Self> {
        // A negative or huge number is out of bounds, not of another kind.
        value.as_integer().map(|n| Self::try_from(n).unwrap_or(if n < 0 { 0 } else { Self::MAX }))
    }
}

impl SettingValue for f64 {
    fn shown(&self, _: Unit) -> String {
        percent(*self)
    }

    fn literal(&self) -> String {
        // `{:?}` always writes a decimal point, which a file needs to tell a
        // fraction from a count.
        format!("{self:?}")
    }

    fn allowed(&self, bounds: &Bounds) -> bool {
        // No finer than what is shown, so that the number on the page is the
        // number that judges.
        matches!(bounds, Bounds::Share { min, max }
            if (min..=max).contains(&self) && (self * 1000.0).round() / 1000.0 == *self)
    }

    #[cfg(feature = "ssr")]
    fn read(value: &toml::Value) -> Option<Self> {
        value.as_float().or_else(|| value.as_integer().and_then(|n| i32::try_from(n).ok()).map(Self::from))
    }
}

impl SettingValue for Vec<u32> {
    fn shown(&self, unit: Unit) -> String {
        let list: Vec<String> = self.iter().map(ToString::to_string).collect();
        if list.is_empty() { "无".to_owned() } else { format!("{} {}", list.join("、"), unit.word()) }
    }

    fn literal(&self) -> String {
        let list: Vec<String> = self.iter().map(ToString::to_string).collect();
        format!("[{}]", list.join(", "))
    }

    fn allowed(&self, bounds: &Bounds) -> bool {
        matches!(bounds, Bounds::Falling { min, max, most }
            if self.len() <= *most
                && self.iter().all(|n| (min..=max).contains(&n))
                && self.is_sorted_by(|a, b| a > b))
    }

    #[cfg(feature = "ssr")]
    fn read(value: &toml::Value) -> Option<Self> {
        value.as_array()?.iter().map(u32::read).collect()
    }
}

macro_rules! choice_setting {
    ($Choice:ty) => {
        impl SettingValue for $Choice {
            fn shown(&self, _: Unit) -> String {
                self.word().to_owned()
            }

            fn literal(&self) -> String {
                format!("\"{}\"", self.code())
            }

            fn allowed(&self, bounds: &Bounds) -> bool {
                matches!(bounds, Bounds::OneOf(codes) if codes.contains(&self.code()))
            }

            #[cfg(feature = "ssr")]
            fn read(value: &toml::Value) -> Option<Self> {
                Self::from_code(value.as_str()?)
            }
        }
    };
}
choice_setting!(BasisRule);
choice_setting!(CommentRelease);

fn with_unit(n: u32, unit: Unit) -> String {
    match unit.word() {
        "" => n.to_string(),
        word => format!("{n} {word}"),
    }
}

/// A fraction in per cent with at most one decimal: 0.667 is 「66.7%」.
fn percent(share: f64) -> String {
    let tenths = (share * 1000.0).round();
    if tenths % 10.0 == 0.0 { format!("{:.0}%", tenths / 10.0) } else { format!("{:.1}%", tenths / 10.0) }
}

const fn whole(min: u32, max: u32) -> Bounds {
    Bounds::Whole { min, max }
}

const fn share(min: f64, max: f64) -> Bounds {
    Bounds::Share { min, max }
}

const fn falling(min: u32, max: u32, most: usize) -> Bounds {
    Bounds::Falling { min, max, most }
}

const fn like(words: &'static str) -> Source {
    Source::Neighbour(words)
}

macro_rules! rule_set {
    ($(
        $(#[$sdoc:meta])*
        $section:ident: $Section:ident $section_label:literal {
            $(
                $(#[$fdoc:meta])*
                $key:ident: $Type:ty = $default:expr,
                    $unit:ident, $bounds:expr, $rule:ident, $source:expr,
                    $label:literal, $explanation:literal;
            )+
        }
    )+) => {
        $(
            $(#[$sdoc])*
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[serde(default)]
            pub struct $Section {
                $( $(#[$fdoc])* pub $key: $Type, )+
            }

            impl Default for $Section {
                fn default() -> Self {
                    Self { $( $key: $default, )+ }
                }
            }
        )+

        /// Every number a town may change, by section.
        ///
        /// Read it from a file with [`RuleSet::from_toml`], which checks it.
        /// Deserialising does not check: a stored version was checked when it
        /// was stored, and a setting that is newer than the version takes its
        /// default.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct RuleSet {
            $( $(#[$sdoc])* pub $section: $Section, )+
        }

        static CATALOGUE: &[SettingMeta] = &[
            $($(
                SettingMeta {
                    key: concat!(stringify!($section), ".", stringify!($key)),
                    section: stringify!($section),
                    section_label: $section_label,
                    label: $label,
                    unit: Unit::$unit,
                    explanation: $explanation,
                    rule: RuleId::$rule,
                    bounds: $bounds,
                    source: $source,
                },
            )+)+
        ];

        impl RuleSet {
            /// Runs `$f` of the value that `key` names.
            fn with_value<R>(
                &self,
                key: &str,
                f: impl FnOnce(&dyn DynValue) -> R,
            ) -> Option<R> {
                match key {
                    $($(
                        concat!(stringify!($section), ".", stringify!($key)) => {
                            Some(f(&self.$section.$key))
                        }
                    )+)+
                    _ => None,
                }
            }

            /// Puts the value of a file in the place that `key` names. `None`
            /// for a value of another kind or an unknown key.
            #[cfg(feature = "ssr")]
            fn put(&mut self, key: &str, value: &toml::Value) -> Option<()> {
                match key {
                    $($(
                        concat!(stringify!($section), ".", stringify!($key)) => {
                            self.$section.$key = <$Type as SettingValue>::read(value)?;
                        }
                    )+)+
                    _ => return None,
                }
                Some(())
            }
        }
    };
}

/// The part of [`SettingValue`] that can be asked of any setting alike.
trait DynValue {
    fn shown(&self, unit: Unit) -> String;
    fn literal(&self) -> String;
    fn allowed(&self, bounds: &Bounds) -> bool;
}

impl<T: SettingValue> DynValue for T {
    fn shown(&self, unit: Unit) -> String {
        SettingValue::shown(self, unit)
    }

    fn literal(&self) -> String {
        SettingValue::literal(self)
    }

    fn allowed(&self, bounds: &Bounds) -> bool {
        SettingValue::allowed(self, bounds)
    }
}

rule_set! {
    /// Raising, screening and choosing a topic (T1 to T3).
    topic: TopicRules "选题" {
        /// Fewest characters of a title. T1, item 14; proposed.
        title_min: u32 = 4, Chars, whole(1, 20), T1, Source::Proposed,
            "标题最少字数", "标题少于这个字数，说不清是什么事，不能提交。";
        /// Most characters of a title. T1, item 14; Shenyang 10–25.
        title_max: u32 = 30, Chars, whole(10, 60), T1, like("沈阳市长信箱：标题 10 至 25 字"),
            "标题最多字数", "标题超过这个字数不能提交，细节写到正文里。";
        /// Most characters of the place, which stands in every list. T1,
        /// item 14; proposed.
        place_max: u32 = 60, Chars, whole(20, 200), T1, Source::Proposed,
            "地点最多字数", "地点写在每一份清单里，超过这个字数不能提交。";
        /// Most characters of each of: what is the matter, why, what is
        /// suggested, and of each reason written by an officer. T1,
        /// item 14; Hubei 1000, Shenyang 600.
        body_max: u32 = 1000, Chars, whole(200, 5000), T1, like("湖北公开征题：不超过 1000 字"),
            "每段最多字数", "情况、理由、建议等每一段的字数上限。";
        /// Topics of one contact that may be open at the same time before the
        /// officer is told. It guides and refuses nothing: a phone is
        /// unverified. T1, item 14; Ankang 1–2 topics a person.
        public_open_max: u32 = 2, Items, whole(1, 20), T1, like("安康公开征题：每人 1 至 2 件"),
            "同一联系人在办议题", "超过时只提醒干事留意重复，不拒收。";
        /// Supports from one address prefix a day that are counted at once;
        /// what goes beyond is held for the officer. T1.
        support_per_prefix_day: u32 = 200, Times, whole(10, 100_000), T1, Source::Proposed,
            "同一网段每日支持", "同一网段一天内超过这个次数的支持，先由干事看过再计入。";
        /// Workdays from submission to the screener's answer. T2, items 9 and
        /// 14; inside Shenyang's 3–10.
        screen_workdays: u32 = 5, Workdays, whole(1, 15), T2, like("沈阳市长信箱：3 至 10 个工作日答复"),
            "初审答复期限", "从提交到答复提出人的期限。";
        /// Bases that a topic must cite. T3, item 15.
        basis_min: u32 = 1, Kinds, whole(1, 2), T3, Source::Proposed,
            "选题依据至少", "立题要引用的依据：中心工作、民生热点。";
        /// Whether a central task or a hotspot is enough. T3, item 15.
        basis_rule: BasisRule = BasisRule::Any, Choice, Bounds::OneOf(BasisRule::CODES), T3, Source::Proposed,
            "两类依据的关系", "中心工作和民生热点，任一即可还是两者都要。";
        /// Addition. Most characters of a name. T1.
        name_max: u32 = 30, Chars, whole(10, 100), T1, Source::Added,
            "姓名最多字数", "联系人、核对人等姓名的字数上限。";
        /// Addition. Most people who raise a topic jointly. T1.
        joint_max: u32 = 500, People, whole(2, 10_000), T1, Source::Added,
            "联名人数上限", "联名人数超过时请先与干事联系。";
        /// Addition. Most files with a topic. T1.
        attachments_max: u32 = 10, Pieces, whole(0, 10), T1, Source::Added,
            "附件数量上限", "一件议题最多可带的照片和文件。";
        /// Addition. Greatest size of one file. T1.
        attachment_mb: u32 = 20, Megabytes, whole(1, 20), T1, Source::Added,
            "单个附件大小上限", "一份照片或文件的大小上限。";
        /// Addition. Greatest size of all files of a topic. T1.
        attachments_total_mb: u32 = 60, Megabytes, whole(1, 60), T1, Source::Added,
            "附件总大小上限", "一件议题所有附件合计的大小上限。";
        /// Addition. Similar topics shown before sending. T1.
        similar_shown: u32 = 5, Items, whole(0, 20), T1, Source::Added,
            "相似议题显示数", "提交前列出的相似议题，可改为支持其中一件。";
        /// Addition. Hours that a browser keeps a draft. T1.
        draft_keep_hours: u32 = 72, Hours, whole(1, 720), T1, Source::Added,
            "草稿保留时间", "没写完的议题在本机浏览器里保留的时间。";
        /// Addition. Topics from one address prefix a day that go straight to
        /// the screening list; what goes beyond is held. T1.
        raise_per_prefix_day: u32 = 50, Items, whole(1, 10_000), T1, Source::Added,
            "同一网段每日提交", "同一网段一天内超过这个件数的议题，先由干事核对。";
        /// Addition. When a comment is seen by others. T2.
        comment_release: CommentRelease = CommentRelease::Hold, Choice,
            Bounds::OneOf(CommentRelease::CODES), T2, Source::Added,
            "留言何时公开", "留言先由干事看过，还是提交后立即公开。";
        /// Addition. Most characters of a comment. T1.
        comment_max: u32 = 500, Chars, whole(20, 2000), T1, Source::Added,
            "留言最多字数", "一条留言的字数上限。";
        /// Addition. Comments from one address prefix a day before further
        /// ones are held for the officer whatever `comment_release` says. T1.
        comment_per_prefix_day: u32 = 100, Items, whole(1, 10_000), T1, Source::Added,
            "同一网段每日留言", "同一网段一天内超过这个条数的留言，先由干事看过。";
        /// Addition. Topics on one page of the public list. T1.
        page_size: u32 = 20, Items, whole(5, 100), T1, Source::Added,
            "列表每页件数", "议题列表一页显示的件数。";
    }

    /// How long a case may wait between two stages.
    flow: FlowRules "流转" {
        /// Days a returned topic waits for its proposer before it lapses. T2.
        return_days: u32 = 15, Days, whole(3, 60), T2, Source::Proposed,
            "补正期限", "退回补正后多久没有补来，议题失效。";
        /// Workdays from acceptance to confirmation. T3, item 15.
        confirm_workdays: u32 = 10, Workdays, whole(1, 60), T3, Source::Proposed,
            "立题期限", "从受理到党（工）委签批的期限。";
        /// Workdays from confirmation to naming the research lead. T4.
        lead_workdays: u32 = 3, Workdays, whole(1, 20), T4, Source::Proposed,
            "定调研负责人期限", "从立题到定下调研负责人的期限。";
        /// Workdays from a valid report to the announcement. T6.
        announce_workdays: u32 = 10, Workdays, whole(1, 60), T6, Source::Proposed,
            "公示准备期限", "从调研完成到发布公示的期限。";
        /// Days after which a suspended case is looked at again. T3.
        suspend_review_days: u32 = 30, Days, whole(7, 180), T3, Source::Proposed,
            "暂缓复查间隔", "暂缓的议题隔多久要复查一次。";
        /// Workdays to reassign a task that a unit declined. T10.
        reassign_workdays: u32 = 3, Workdays, whole(1, 10), T10, like("某市承办通知：3 个工作日内退办说明理由"),
            "重新交办期限", "单位退办后，改交其他单位的期限。";
        /// Workdays to look at a resident's wish to re-open a case. T14.
        reopen_look_workdays: u32 = 5, Workdays, whole(1, 20), T14, Source::Proposed,
            "重启申请答复期限", "收到居民重启申请后答复的期限。";
        /// Workdays to verify a unit's answer. T11; the handbook has none.
        verify_workdays: u32 = 10, Workdays, whole(1, 30), T11, Source::Added,
            "核实期限", "单位答复以后，到现场核实的期限。";
        /// Workdays that a unit gets at least for what was sent back. T11.
        resend_workdays: u32 = 5, Workdays, whole(1, 20), T11, Source::Added,
            "退回重办期限", "答复退回重办的，至少再给多少时间。";
        /// Workdays to take the next step where all others are done: asking the people concerned, deciding on what they
        /// said. T12, T13; the handbook has none.
        finish_workdays: u32 = 5, Workdays, whole(1, 20), T12, Source::Added,
            "接着往下办的期限", "任务都核实了，或者评价结束了，多久办下一步。";
    }

    /// Research before the consultation (T4, T5; items 15 and 5).
    research: ResearchRules "调研" {
        /// Workdays for the research. T4.
        workdays: u32 = 10, Workdays, whole(1, 60), T4, Source::Proposed,
            "调研期限", "从定下负责人到交出调研报告的期限。";
        /// Fewest filed reports. T5, items 15 and 5.
        min_reports: u32 = 1, Pieces, whole(1, 5), T5, like("渭南：调研报告、问题清单等“五个一”"),
            "调研报告至少", "没有调研报告，不能开协商会。";
        /// Fewest committee members who took part. T5; Xuzhou.
        min_members: u32 = 1, People, whole(1, 20), T5, like("徐州七里沟：委员会前到现场"),
            "参加调研的委员至少", "按走访记录计，不手填。";
        /// Fewest affected people heard, counted from visit records. T5.
        min_affected: u32 = 1, People, whole(1, 50), T5, Source::Proposed,
            "听取利益相关方至少", "按走访记录计，不手填。";
    }

    /// Announcing a meeting (T6, T7).
    notice: NoticeRules "公示通知" {
        /// Calendar days from announcement to meeting: the day of notice does
        /// not count, the day of the meeting does. T7, items 14 and 15;
        /// between N5 (3 days) and N2 (10 days), near N20.
        days: u32 = 5, Days, whole(1, 15), T7, like("主席会议材料提前 3 天、村民会议提前 10 天通知"),
            "公示天数", "从公示到开会的天数：公示当天不算，开会当天算。";
        /// Calendar days for an urgent meeting, by exception. T7; N2.
        urgent_days: u32 = 1, Days, whole(1, 5), T7, like("村民会议：紧急事项可及时召开"),
            "紧急公示天数", "写明理由、另一人同意后可用的最短公示天数。";
        /// Calendar days before the meeting by which materials are attached;
        /// never more than the notice given. T6; N5.
        materials_days: u32 = 3, Days, whole(1, 15), T6, like("主席会议：材料提前 3 天"),
            "材料提前天数", "会议材料应提前公开的天数。";
        /// Days before the meeting on which invitees are reminded, falling.
        /// T7.
        reminder_days: Vec<u32> = vec![3, 1], Days, falling(1, 15, 5), T7, Source::Proposed,
            "会前提醒", "开会前第几天提醒参加人。";
        /// Addition. Calendar days before the meeting until which another
        /// place alone is told without a new notice: the day of the change
        /// does not count, the day of the meeting does. T7.
        room_change_days: u32 = 1, Days, whole(1, 5), T7, Source::Added,
            "换场地提前天数", "只换场地、不改时间和内容的，最晚会前几天；公示不用重新计算。";
        /// Hours that a person from the waiting list has to confirm. T6.
        waitlist_confirm_hours: u32 = 24, Hours, whole(1, 168), T6, Source::Proposed,
            "候补确认时间", "候补人收到通知后确认参加的时间。";
    }

    /// Who sits at the table (T6; item 15, 广泛邀请各界代表). Shares rest on
    /// Haining's 57/29/14 per cent.
    composition: CompositionRules "参会构成" {
        /// Fewest participants: two-thirds of Haining's twelve. T6.
        participants_min: u32 = 8, People, whole(3, 200), T6, like("海宁民生议事堂：每场约 12 人"),
            "参加人至少", "少于这个人数不能公示。";
        /// Fewest categories among members, stakeholders, departments,
        /// experts, businesses, villages. T6.
        categories_min: u32 = 4, Kinds, whole(1, 6), T6, Source::Proposed,
            "参加人类别至少", "委员、利益相关方、部门、专家、企业和社会组织、村（社区）中至少几类。";
        /// Fewest committee members. T6.
        members_min: u32 = 2, People, whole(1, 50), T6, like("雨花台：每场约 6 名委员"),
            "委员至少", "至少邀请的政协委员。";
        /// Fewest stakeholders. T6; Lianyungang.
        stakeholder_min: u32 = 2, People, whole(1, 50), T6, like("连云港：注重邀请利益相关方"),
            "利益相关方至少", "至少邀请的利益相关方。";
        /// Fewest department representatives. T6.
        department_min: u32 = 1, People, whole(1, 50), T6, Source::Proposed,
            "部门代表至少", "至少邀请的部门代表。";
        /// Share of the public under which the plan is refused. T6.
        public_share_hard: f64 = 0.34, Share, share(0.0, 1.0), T6, like("海宁民生议事堂：群众约占 57%"),
            "群众比例下限", "低于这个比例不能公示，除非按例外处理。";
        /// Share of the public under which the plan is marked. T6.
        public_share_warn: f64 = 0.5, Share, share(0.0, 1.0), T6, like("海宁民生议事堂：群众约占 57%"),
            "群众比例提醒线", "低于这个比例时提醒。";
        /// Share of officials above which the plan is marked. T6.
        official_share_max_warn: f64 = 0.4, Share, share(0.0, 1.0), T6, like("海宁民生议事堂：干部约占 14%"),
            "干部比例提醒线", "高于这个比例时提醒。";
        /// Share of women under which the plan is marked; warns only. T6; N3.
        women_share_warn: f64 = 0.33, Share, share(0.0, 1.0), T6, like("村民代表会议：妇女代表不少于三分之一"),
            "女性比例提醒线", "低于这个比例时提醒。";
        /// Open seats that count for their category before anybody took them.
        /// T6.
        open_seat_credit: u32 = 0, Seats, whole(0, 50), T6, Source::Proposed,
            "开放席位预计入数", "还没有人报名的开放席位，最多按几个计入该类别。";
    }

    /// The meeting itself (T7, T8).
    meeting: MeetingRules "会议" {
        /// Attendance under which there is no meeting: checked in divided by
        /// accepted and registered seats. T7; N3, N4.
        attend_hard: f64 = 0.5, Share, share(0.1, 1.0), T7, like("村民会议：过半数到会"),
            "到会率下限", "低于这个比例按流会处理。";
        /// Attendance under which the meeting is marked. T7; N4.
        attend_warn: f64 = 0.667, Share, share(0.1, 1.0), T7, like("村民代表会议：三分之二到会"),
            "到会率提醒线", "低于这个比例时提醒。";
        /// Fewest committee members present. T7.
        present_members_min: u32 = 1, People, whole(1, 20), T7, Source::Proposed,
            "到会委员至少", "少于这个人数不能开会。";
        /// Fewest stakeholders present. T7.
        present_stakeholders_min: u32 = 1, People, whole(1, 20), T7, Source::Proposed,
            "到会利益相关方至少", "少于这个人数不能开会。";
        /// Fewest department representatives present. T7.
        present_departments_min: u32 = 1, People, whole(1, 20), T7, Source::Proposed,
            "到会部门代表至少", "少于这个人数不能开会。";
        /// Minutes of one speech; shorter than N16's eight. T8.
        speech_minutes: u32 = 5, Minutes, whole(1, 30), T8, like("大会发言：不超过 8 分钟"),
            "每人发言时间", "到时提示，不打断。";
        /// Minutes of a department's response; near N16's two. T8.
        response_minutes: u32 = 3, Minutes, whole(1, 30), T8, like("上海人大：部门回应不超过 2 分钟"),
            "部门回应时间", "到时提示，不打断。";
        /// Minutes before the end of a speech when the bell rings. T8; N16.
        bell_before_minutes: u32 = 1, Minutes, whole(0, 10), T8, like("广州即席发言：第 7 分钟响铃"),
            "提前响铃", "发言结束前几分钟提示一次。";
        /// Minutes that are added to a speech at one press. T8.
        extend_minutes: u32 = 1, Minutes, whole(1, 10), T8, Source::Added,
            "发言每次加时", "主持人同意加时的，每按一次加这么多。";
        /// Votes from which the result of a secret poll is shown. T8.
        secret_min: u32 = 5, Votes, whole(3, 100), T8, Source::Proposed,
            "无记名结果最少票数", "不足这个票数不显示结果，以免猜出是谁。";
    }

    /// The minutes (T8).
    minutes: MinutesRules "纪要" {
        /// Workdays that those present have to correct the draft. T8.
        circulation_workdays: u32 = 2, Workdays, whole(1, 10), T8, Source::Proposed,
            "纪要征求意见期", "纪要草稿给到会人核对的时间。";
        /// Workdays from the meeting to the chair's signature. T8.
        sign_workdays: u32 = 5, Workdays, whole(1, 20), T8, Source::Proposed,
            "纪要签发期限", "从会议到主持人签发纪要的期限。";
        /// Most characters of a section of the minutes: each speech has its point in one of them. T8.
        section_max: u32 = 20_000, Chars, whole(2_000, 40_000), T8, Source::Added,
            "纪要每段最多字数", "背景、主要意见、共识、分歧、成果清单每一段的字数上限。";
    }

    /// Reporting, assigning and following up (T9 to T12).
    after: AfterRules "落实" {
        /// Workdays from the meeting to the report. T9, item 14; N1.
        report_workdays: u32 = 7, Workdays, whole(1, 30), T9, like("某市政治协商规则：纪要 7 个工作日内报送"),
            "成果报送期限", "从会议到成果报送党委政府的期限。";
        /// Workdays from the report to the assignment of tasks. T10.
        assign_workdays: u32 = 5, Workdays, whole(1, 20), T10, Source::Proposed,
            "交办期限", "从报送到逐项交办的期限。";
        /// Workdays in which a unit may decline once. T10; N7.
        decline_workdays: u32 = 3, Workdays, whole(1, 10), T10, like("某市承办通知：3 个工作日内可退办"),
            "退办期限", "单位认为不归自己办的，在这个期限内说明理由退回，只有一次。";
        /// Workdays from signing to the first progress report. T11; N8.
        first_progress_workdays: u32 = 15, Workdays, whole(1, 30), T11, like("崇义县提案办理：15 个工作日内首次联系"),
            "首次进展期限", "签收后第一次报告进展的期限。";
        /// Calendar days to the unit's answer. T11; N6.
        reply_days: u32 = 90, Days, whole(10, 180), T11, like("提案办理办法：3 个月内答复"),
            "办理答复期限", "从交办到答复的期限。";
        /// Calendar days to the answer after one extension; also the measure
        /// of what is doable in T3. T11; N6.
        reply_max_days: u32 = 180, Days, whole(10, 365), T11, like("提案办理办法：疑难事项不超过 6 个月"),
            "延期后最长期限", "延期一次后的最长期限，也是立题时判断办得成的尺度。";
        /// Workdays to the answer on the quick track. T11; N9.
        quick_reply_workdays: u32 = 13, Workdays, whole(1, 30), T11, like("12345 工单：13 个工作日"),
            "快办答复期限", "简单事项走快办时的答复期限。";
        /// Workdays before a due day on which the unit is reminded. T11; N9.
        remind_before_workdays: u32 = 5, Workdays, whole(1, 20), T11, Source::Proposed,
            "到期前提醒", "到期前几个工作日开始提醒。";
        /// Workdays between two escalations of an overdue task. T11; N9.
        escalate_after_workdays: u32 = 5, Workdays, whole(1, 20), T11, like("12345 工单：超期 5 个工作日通报"),
            "超期升级间隔", "超期后每隔几个工作日上报一级。";
        /// Calendar days between two public progress reports. T12; Weinan.
        progress_days: u32 = 90, Days, whole(7, 180), T12, like("渭南：月督导、季汇报"),
            "进展公开间隔", "办理中多久公开一次进展。";
        /// Workdays for the answer to the district's supervision. T13.
        supervision_reply_workdays: u32 = 10, Workdays, whole(1, 30), T13, Source::Proposed,
            "督办回复期限", "区政协督办后回复的期限。";
    }

    /// The survey after the work is done (T13).
    survey: SurveyRules "测评" {
        /// Days that the survey is open. T13.
        days: u32 = 7, Days, whole(3, 30), T13, Source::Proposed,
            "测评开放时间", "满意度测评至少开放的天数。";
        /// Days of the one extension when too few answered. T13.
        extend_days: u32 = 7, Days, whole(1, 30), T13, Source::Proposed,
            "测评延长时间", "答卷太少时延长一次的天数。";
        /// Fewest answers. T13.
        min_responses: u32 = 5, Pieces, whole(3, 100), T13, Source::Proposed,
            "有效答卷至少", "与按比例算出的份数比，取大的。";
        /// Fewest answers as a share of those who attended; the larger of the
        /// two counts. T13.
        min_share: f64 = 0.5, Share, share(0.0, 1.0), T13, Source::Proposed,
            "答卷占到会人比例", "与最少份数比，取大的。";
        /// Share of satisfied answers on the handling that passes. T13.
        pass: f64 = 0.8, Share, share(0.5, 1.0), T13, like("苏州 12345（2023 年）：抽查满意 97.69%"),
            "办理满意率合格线", "低于合格线要二次办理。";
        /// How often a case goes back into handling before the district
        /// supervises. T13.
        redo_max: u32 = 2, Times, whole(1, 5), T13, Source::Proposed,
            "二次办理上限", "超过后由区政协督办。";
    }

    /// Closing and keeping (T14).
    close: CloseRules "办结归档" {
        /// Workdays from closing to the public result. T14.
        publish_workdays: u32 = 10, Workdays, whole(1, 30), T14, Source::Proposed,
            "结果公开期限", "从办结到公开结果的期限。";
        /// Calendar days from closing to the look-back. T14.
        lookback_days: u32 = 180, Days, whole(30, 730), T14, Source::Proposed,
            "回头看时间", "办结后多久回头看。";
        /// Calendar days after which contact data of topics that were never
        /// confirmed is erased. T14.
        contact_retention_days: u32 = 730, Days, whole(30, 1825), T14, Source::Proposed,
            "联系方式保存期", "没有立题的议题，联系方式保存多久后删除。";
    }

    /// What the district watches over all towns (item 13).
    district: DistrictRules "全区" {
        /// Meetings a year under which a town is marked red; N13, N14.
        meetings_min_year: u32 = 2, Meetings, whole(1, 24), DistrictWatch, like("濮院镇：每年不少于 2 场"),
            "每镇每年至少", "少于这个场次，区里亮红灯。";
        /// Meetings a quarter that a town aims at; N4.
        meetings_target_quarter: u32 = 1, Meetings, whole(1, 12), DistrictWatch, like("村民代表会议：每季度一次"),
            "每镇每季目标", "每季度争取开的场次。";
        /// Receptions a month of each member studio; N15.
        studio_reception_month: u32 = 1, Times, whole(1, 10), StudioDuty, like("清新、易俗河委员工作室：按周或按月接待"),
            "工作室每月接待至少", "每个委员工作室每月至少接待的次数。";
        /// Workdays until what was said in a studio is answered or raised as a topic; the handbook has none.
        opinion_answer_workdays: u32 = 10, Workdays, whole(1, 60), StudioDuty, Source::Added,
            "工作室意见办结期限", "工作室听到的意见，多久答复本人或者提为议题。";
    }
}

/// Every setting, in the order of the file and of the rules page.
#[must_use]
pub fn settings_catalogue() -> &'static [SettingMeta] {
    CATALOGUE
}

impl SettingMeta {
    /// The setting of a `section.key`.
    #[must_use]
    pub fn find(key: &str) -> Option<&'static Self> {
        CATALOGUE.iter().find(|meta| meta.key == key)
    }

    /// Whether it was added to the handbook's block for what the pages need.
    #[must_use]
    pub fn is_addition(&self) -> bool {
        self.source == Source::Added
    }
}

impl RuleSet {
    /// The value of a `section.key` as shown to people, such as
    /// 「5 个工作日」; `None` for an unknown key.
    #[must_use]
    pub fn shown(&self, key: &str) -> Option<String> {
        let meta = SettingMeta::find(key)?;
        self.with_value(key, |value| value.shown(meta.unit))
    }

    /// The value of a `section.key` as written in a file; `None` for an
    /// unknown key.
    #[must_use]
    pub fn literal(&self, key: &str) -> Option<String> {
        self.with_value(key, |value| value.literal())
    }

    /// The keys whose values differ from those of `base`, in catalogue order.
    #[must_use]
    pub fn changed_from(&self, base: &Self) -> Vec<&'static str> {
        CATALOGUE.iter().map(|meta| meta.key).filter(|key| self.literal(key) != base.literal(key)).collect()
    }

    /// Checks every bound, and what must hold between settings.
    ///
    /// # Errors
    /// Every setting that is out of bounds, each with a sentence.
    pub fn validate(&self) -> Result<(), Vec<SettingError>> {
        let mut errors: Vec<SettingError> = CATALOGUE
            .iter()
            .filter_map(|meta| {
                self.with_value(meta.key, |value| {
                    (!value.allowed(&meta.bounds)).then(|| {
                        let now = value.shown(meta.unit);
                        out_of_bounds(meta, &now)
                    })
                })
                .flatten()
            })
            .collect();
        // A value out of bounds contradicts others by itself; to say both
        // would only confuse.
        if errors.is_empty() {
            errors = self.contradictions();
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Settings that are within their bounds and yet cannot hold together.
    fn contradictions(&self) -> Vec<SettingError> {
        let at_most = [
            (self.topic.title_min < self.topic.title_max, "topic.title_min", "小于", "topic.title_max"),
            (
                self.topic.attachment_mb <= self.topic.attachments_total_mb,
                "topic.attachment_mb",
                "不大于",
                "topic.attachments_total_mb",
            ),
            (self.notice.urgent_days <= self.notice.days, "notice.urgent_days", "不大于", "notice.days"),
            (self.notice.room_change_days <= self.notice.days, "notice.room_change_days", "不大于", "notice.days"),
            (
                self.composition.public_share_hard <= self.composition.public_share_warn,
                "composition.public_share_hard",
                "不大于",
                "composition.public_share_warn",
            ),
            (
                self.meeting.attend_hard <= self.meeting.attend_warn,
                "meeting.attend_hard",
                "不大于",
                "meeting.attend_warn",
            ),
            (
                self.meeting.bell_before_minutes < self.meeting.speech_minutes,
                "meeting.bell_before_minutes",
                "小于",
                "meeting.speech_minutes",
            ),
            (
                self.minutes.circulation_workdays <= self.minutes.sign_workdays,
                "minutes.circulation_workdays",
                "不大于",
                "minutes.sign_workdays",
            ),
            (self.after.reply_days <= self.after.reply_max_days, "after.reply_days", "不大于", "after.reply_max_days"),
        ];
        let mut errors: Vec<SettingError> = at_most
            .into_iter()
            .filter(|(holds, ..)| !holds)
            .map(|(_, key, relation, other)| SettingError {
                key: key.to_owned(),
                sentence: format!("{}必须{relation} {}。", self.named(key), self.named(other)),
            })
            .collect();

        let c = &self.composition;
        // Each of the three was bounded on its own; far too large values must
        // not overflow before they are reported.
        let least = c.members_min.saturating_add(c.stakeholder_min).saturating_add(c.department_min);
        if least > c.participants_min {
            errors.push(SettingError {
                key: "composition.participants_min".to_owned(),
                sentence: format!(
                    "{}不能少于委员、利益相关方、部门代表三项最少人数之和（{least} 人）。",
                    self.named("composition.participants_min")
                ),
            });
        }
        errors
    }

    /// A setting by name and present value, for a sentence.
    fn named(&self, key: &str) -> String {
        let label = SettingMeta::find(key).map_or("", |meta| meta.label);
        let value = self.shown(key).unwrap_or_default();
        format!("{key}（{label}，现为 {value}）")
    }

    /// The whole rule set as a file, with a Chinese comment beside each line.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        let mut section = "";
        for meta in CATALOGUE {
            if meta.section != section {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.extend(["# ", meta.section_label, "\n[", meta.section, "]\n"]);
                section = meta.section;
            }
            let name = meta.key.split_once('.').map_or(meta.key, |(_, name)| name);
            let literal = self.literal(meta.key).unwrap_or_default();
            let range = meta.bounds.words(meta.unit);
            text.extend([name, " = ", &literal, "  # ", meta.label, "：", &range, "\n"]);
        }
        text
    }

    /// A rule set from a file; what the file does not name takes its default.
    ///
    /// # Errors
    /// As [`RuleSet::from_toml_over`].
    #[cfg(feature = "ssr")]
    pub fn from_toml(text: &str) -> Result<Self, Vec<SettingError>> {
        Self::from_toml_over(&Self::default(), text)
    }

    /// A rule set from a file; what the file does not name is taken from
    /// `base`, the district's rule set.
    ///
    /// # Errors
    /// Text that is not TOML, every section and key that does not exist, every
    /// value of the wrong kind or out of bounds, and settings that contradict
    /// one another; each with a sentence.
    #[cfg(feature = "ssr")]
    pub fn from_toml_over(base: &Self, text: &str) -> Result<Self, Vec<SettingError>> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            vec![SettingError {
                key: String::new(), sentence: format!("第 {line} 行读不懂：{}。", error.message())
            }]
        })?;

        let mut rules = base.clone();
        let mut errors = Vec::new();
        for (section, value) in &table {
            if !CATALOGUE.iter().any(|meta| meta.section == section) {
                errors.push(SettingError {
                    key: section.clone(), sentence: format!("没有「{section}」这一组设定。")
                });
                continue;
            }
            let Some(entries) = value.as_table() else {
                errors.push(SettingError {
                    key: section.clone(),
                    sentence: format!("「{section}」要写成一组设定，另起一行 [{section}]。"),
                });
                continue;
            };
            for (name, value) in entries {
                let key = format!("{section}.{name}");
                let Some(meta) = SettingMeta::find(&key) else {
                    errors.push(SettingError { sentence: format!("没有「{key}」这一项设定。"), key });
                    continue;
                };
                // The unclamped number is reported, not the one that fits.
                if let Some(n) = value.as_integer()
                    && matches!(meta.bounds, Bounds::Whole { .. })
                    && u32::try_from(n).is_err()
                {
                    errors.push(out_of_bounds(meta, &n.to_string()));
                    continue;
                }
                if rules.put(&key, value).is_none() {
                    let sentence = if let Bounds::OneOf(_) = meta.bounds {
                        format!("{key}（{}）只能是 {}。", meta.label, meta.bounds.words(meta.unit))
                    } else {
                        format!("{key}（{}）要写成{}。", meta.label, meta.bounds.kind())
                    };
                    errors.push(SettingError { key, sentence });
                }
            }
        }
        if let Err(more) = rules.validate() {
            errors.extend(more);
        }
        if errors.is_empty() { Ok(rules) } else { Err(errors) }
    }
}

fn out_of_bounds(meta: &SettingMeta, now: &str) -> SettingError {
    SettingError {
        key: meta.key.to_owned(),
        sentence: format!("{}（{}）只能是 {}，现在写的是 {now}。", meta.key, meta.label, meta.bounds.words(meta.unit)),
    }
}

/// One version of a town's rule set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleSetVersion {
    /// The version's own id, which a case keeps from T3 on.
    pub rule_set_id: Uuid,
    /// The town's code; `None` for the district's baseline.
    pub town: Option<String>,
    /// Counts up from 1 within the town.
    pub version: i64,
    /// From when it judges.
    pub effective_from: DateTime<Utc>,
    /// The number of the town's own document, if it has one.
    pub basis_doc: Option<String>,
    /// The settings.
    pub rules: RuleSet,
}
