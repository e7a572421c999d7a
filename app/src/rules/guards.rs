//! Facts and the judgement on them.
//!
//! A step gathers facts, [`judge`] looks at them. Every check gives a finding,
//! passed ones too, so that the same call draws the checklist. Sentences say
//! what is missing and what to do; they never repeat what a person typed.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::evaluation::{self, ArchiveFacts, CloseFacts};
use super::meeting::{self, OpeningFacts};
use super::minutes::{self, MinutesFacts};
use super::outcome::{self, AssignFacts, ReportFacts};
use super::plan::{self, NoticeFacts, PlanFacts};
use super::research::{self, LeadFacts, ResearchFacts};
use super::task::{self, AnswerFacts, EndFacts, VerifyFacts};
use super::text::has_line_break;
use super::workday::{local_date, plain_date};
use super::{
    BasisRule, Finding, RuleId, RuleSet, count_chars, finds_id_number, finds_phone, has_control, is_blank,
    normal_phone, private_numbers,
};

coded_enum! {
    /// What a topic rests on (item 15).
    pub enum TopicBasis {
        /// A central task of the local party committee and government.
        CentralTask = "central_task" "党委政府中心工作",
        /// Something that people care about.
        LivelihoodHotspot = "livelihood_hotspot" "民生关注热点",
    }
}

coded_enum! {
    /// Kinds of matters that are not for consultation (the list of Maanshan).
    pub enum Exclusion {
        /// A matter of one person or household.
        Personal = "personal" "个人问题",
        /// A dispute between private parties.
        CivilDispute = "civil_dispute" "民事纠纷",
        /// A matter before a court.
        Litigation = "litigation" "司法诉讼",
        /// A complaint about a service or a unit.
        Complaint = "complaint" "投诉",
        /// A report of wrongdoing.
        Report = "report" "举报",
        /// A petition.
        Petition = "petition" "信访事项",
        /// A state secret or a work secret.
        Secret = "secret" "涉密事项",
    }
}

impl Exclusion {
    /// Where such a matter is taken care of, to be offered to the screener.
    #[must_use]
    pub const fn channel(self) -> &'static str {
        match self {
            Self::Personal => "村（社区）便民服务窗口，或拨打 12345",
            Self::CivilDispute => "村（社区）人民调解委员会，或镇司法所",
            Self::Litigation => "人民法院；法律咨询可拨打 12348",
            Self::Complaint => "12345 政务服务便民热线",
            Self::Report => "纪检监察机关（12388）或主管部门的举报电话",
            Self::Petition => "镇信访工作机构",
            Self::Secret => "镇保密工作负责人，当面办理，不在网上写",
        }
    }
}

coded_enum! {
    /// What a screener decides.
    pub enum ScreeningDecision {
        /// The topic goes on.
        Accept = "accept" "受理",
        /// The proposer is asked something first.
        Return = "return" "退回补正",
        /// Another office takes care of it.
        Transfer = "transfer" "转办",
        /// It becomes part of another topic.
        Merge = "merge" "并案",
        /// It ends here.
        Decline = "decline" "不予立题",
    }
}

coded_enum! {
    /// At which moment T3 is judged.
    pub enum ConfirmMoment {
        /// The director prepares; nobody has decided.
        Preparing = "preparing" "准备",
        /// The party approver decides.
        Deciding = "deciding" "签批",
    }
}

/// Files that come with a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attachments {
    /// How many.
    pub count: u32,
    /// Bytes of the largest.
    pub largest_bytes: u64,
    /// Bytes of all together.
    pub total_bytes: u64,
}

/// What T1 looks at. Form fields bear the names of the fields here, except
/// `source` and `attachments`.
#[expect(clippy::struct_excessive_bools, reason = "each is one tick of the form")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicFacts {
    /// Whether one of the known sources was chosen (form field `source`).
    pub source_known: bool,
    /// The title.
    pub title: String,
    /// Where it is.
    pub place: String,
    /// What is the matter.
    pub matter: String,
    /// Why it should be talked about.
    pub reason: String,
    /// What is suggested.
    pub suggestion: String,
    /// Whom to ask back.
    pub contact_name: String,
    /// Their phone.
    pub contact_phone: String,
    /// Whether an officer records on someone's behalf (代录): the phone may
    /// then be left empty.
    pub proxy: bool,
    /// Whether the proposer ticked 「只说一件事」.
    pub one_matter: bool,
    /// Whether it is raised jointly.
    pub joint: bool,
    /// How many raise it jointly, the proposer included; `None` when nothing
    /// readable was given (form field `joint_count`).
    pub joint_count: Option<u32>,
    /// The files (form field `attachments`).
    pub attachments: Attachments,
    /// Whether the privacy rules were agreed to.
    pub consent_privacy: bool,
    /// Other open topics of the same contact, this one not counted. For the
    /// officer's eyes: pass 0 where the proposer sees the findings, or a
    /// stranger could try out phone numbers.
    pub open_by_same_contact: u32,
}

/// The edition of a topic that the public will see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleasedText {
    /// Form field `released_title`.
    pub title: String,
    /// Form field `released_place`.
    pub place: String,
    /// Form field `released_matter`.
    pub matter: String,
    /// Form field `released_reason`.
    pub reason: String,
    /// Form field `released_suggestion`.
    pub suggestion: String,
}

/// What the topic turned out to be that another is to be merged into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeTarget {
    /// There is no such topic, or none that the screener may know of.
    Unknown,
    /// It is the very topic that is screened.
    Itself,
    /// It belongs to another town.
    Elsewhere,
    /// It has ended, was itself merged, or was not accepted yet.
    NotOpen,
    /// It is under way, in the same town or for the district.
    Open,
}

/// What T2 looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScreeningFacts {
    /// The decision (form field `decision`).
    pub decision: Option<ScreeningDecision>,
    /// The reason that the proposer is told (`reason`).
    pub reason: String,
    /// For a return: what the proposer is asked (`question`).
    pub question: String,
    /// For a transfer: who takes care of it (`transfer_to`).
    pub transfer_to: String,
    /// The excluded kind, if it is one (`exclusion`).
    pub exclusion: Option<Exclusion>,
    /// For a merge: into what (`target`).
    pub target: Option<MergeTarget>,
    /// For acceptance: whether it is a matter for consultation
    /// (`within_scope`).
    pub within_scope: Option<bool>,
    /// For acceptance: what the public will see (`released_…`).
    pub released: ReleasedText,
    /// The day by which the proposer is to be answered, if one is set.
    pub due_on: Option<NaiveDate>,
}

/// A yes or no with the sentence that gives the ground for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The answer; `None` when the question was left open.
    pub yes: Option<bool>,
    /// The ground.
    pub sentence: String,
}

/// What T3 looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmFacts {
    /// At which moment.
    pub moment: ConfirmMoment,
    /// The bases ticked, each with what is cited (`basis_central`,
    /// `basis_central_cite`, `basis_hotspot`, `basis_hotspot_cite`).
    pub bases: Vec<(TopicBasis, String)>,
    /// Whether it is lawful, with the ground (`legality`,
    /// `legality_sentence`).
    pub legality: Answer,
    /// Who checked that (`legality_checker`).
    pub legality_checker: String,
    /// One place? (`one_place`, `one_place_sentence`)
    pub one_place: Answer,
    /// One responsible unit? (`one_unit`, `one_unit_sentence`)
    pub one_unit: Answer,
    /// Doable in time? (`doable`, `doable_sentence`)
    pub doable: Answer,
    /// Whether the town has an annual plan.
    pub has_plan: bool,
    /// The number in it (`plan_number`).
    pub plan_number: String,
    /// Who raised it; `None` for a resident without an account.
    pub proposer: Option<Uuid>,
    /// Who prepared it.
    pub preparer: Option<Uuid>,
    /// Who decides it (`approver`).
    pub approver: Option<Uuid>,
    /// The day by which it is to be decided, if one is set.
    pub due_on: Option<NaiveDate>,
}

/// What one rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facts {
    /// Submitting a topic.
    T1(TopicFacts),
    /// Screening it.
    T2(ScreeningFacts),
    /// Confirming it.
    T3(ConfirmFacts),
    /// Announcing the meeting.
    T6(PlanFacts),
    /// The notice clock of T7.
    Notice(NoticeFacts),
    /// Opening the meeting.
    T7(OpeningFacts),
    /// Circulating and signing the minutes.
    T8(MinutesFacts),
    /// Naming who leads the research.
    T4(LeadFacts),
    /// Filing the research.
    T5(ResearchFacts),
    /// Reporting the outcome.
    T9(ReportFacts),
    /// Handing out tasks.
    T10(AssignFacts),
    /// A unit's answer.
    Answer(AnswerFacts),
    /// Its verification.
    Verify(VerifyFacts),
    /// Ending the handling.
    T12(EndFacts),
    /// Closing, or doing again.
    T13(CloseFacts),
    /// Archiving.
    T14(ArchiveFacts),
}

impl Facts {
    /// The rule that looks at them.
    #[must_use]
    pub const fn rule(&self) -> RuleId {
        match self {
            Self::T1(_) => RuleId::T1,
            Self::T2(_) => RuleId::T2,
            Self::T3(_) => RuleId::T3,
            Self::T6(_) => RuleId::T6,
            Self::Notice(_) | Self::T7(_) => RuleId::T7,
            Self::T9(_) => RuleId::T9,
            Self::T10(_) => RuleId::T10,
            Self::Answer(_) | Self::Verify(_) => RuleId::T11,
            Self::T12(_) => RuleId::T12,
            Self::T13(_) => RuleId::T13,
            Self::T14(_) => RuleId::T14,
            Self::T8(_) => RuleId::T8,
            Self::T4(_) => RuleId::T4,
            Self::T5(_) => RuleId::T5,
        }
    }
}

/// Judges facts by a rule set at an instant: one finding for each check, in
/// the order of the form, passed ones included.
#[must_use]
pub fn judge(facts: &[Facts], rules: &RuleSet, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in facts {
        let mut sheet = Sheet { rule: one.rule(), findings: &mut findings, rules };
        match one {
            Facts::T1(facts) => topic(&mut sheet, facts),
            Facts::T2(facts) => screening(&mut sheet, facts, now),
            Facts::T3(facts) => confirmation(&mut sheet, facts, now),
            Facts::T6(facts) => plan::plan(&mut sheet, facts, now),
            Facts::Notice(facts) => plan::notice(&mut sheet, facts, now),
            Facts::T7(facts) => meeting::opening(&mut sheet, facts, now),
            Facts::T8(facts) => minutes::minutes(&mut sheet, facts, now),
            Facts::T4(facts) => research::lead(&mut sheet, facts, now),
            Facts::T5(facts) => research::filing(&mut sheet, facts, now),
            Facts::T9(facts) => outcome::report(&mut sheet, facts, now),
            Facts::T10(facts) => outcome::assign(&mut sheet, facts, now),
            Facts::Answer(facts) => task::answer(&mut sheet, facts, now),
            Facts::Verify(facts) => task::verification(&mut sheet, facts, now),
            Facts::T12(facts) => task::end(&mut sheet, facts, now),
            Facts::T13(facts) => evaluation::close(&mut sheet, facts),
            Facts::T14(facts) => evaluation::archive(&mut sheet, facts, now),
        }
    }
    findings
}

/// Being joint takes two: the meaning of the word, not a number to set.
const JOINT_MIN: u32 = 2;

const MEBIBYTE: u64 = 1 << 20;

/// Writes the findings of one rule.
pub(super) struct Sheet<'a> {
    pub(super) rule: RuleId,
    pub(super) findings: &'a mut Vec<Finding>,
    pub(super) rules: &'a RuleSet,
}

impl Sheet<'_> {
    pub(super) fn passed(&mut self, field: &str, sentence: impl Into<String>) {
        self.findings.push(Finding::passed(self.rule, sentence).on(field));
    }

    pub(super) fn warning(&mut self, field: &str, sentence: impl Into<String>) {
        self.findings.push(Finding::warning(self.rule, sentence).on(field));
    }

    pub(super) fn blocking(&mut self, field: &str, words: &str, sentence: impl Into<String>) {
        self.findings.push(Finding::blocking(self.rule, sentence).on(field).mend(words, format!("#{field}")));
    }

    /// A text that must be there, within `max` characters and readable.
    /// Answers whether it is.
    pub(super) fn text(&mut self, field: &str, name: &str, text: &str, max: u32) -> bool {
        if is_blank(text) {
            self.blocking(field, &format!("去填写{name}"), format!("还没有写{name}。"));
            return false;
        }
        if !self.fits(field, name, text, max) {
            return false;
        }
        self.passed(field, format!("{name}已填写。"));
        true
    }

    /// As [`Self::text`], for what belongs on one line.
    pub(super) fn line(&mut self, field: &str, name: &str, text: &str, max: u32) -> bool {
        self.on_one_line(field, name, text) && self.text(field, name, text, max)
    }

    pub(super) fn on_one_line(&mut self, field: &str, name: &str, text: &str) -> bool {
        let broken = has_line_break(text);
        if broken {
            self.blocking(field, &format!("去修改{name}"), format!("{name}要写在一行里，请去掉换行。"));
        }
        !broken
    }

    /// A text that may be left empty; nothing is said of it unless it is too
    /// long or unreadable.
    pub(super) fn optional_text(&mut self, field: &str, name: &str, text: &str, max: u32) {
        if !is_blank(text) {
            self.fits(field, name, text, max);
        }
    }

    pub(super) fn fits(&mut self, field: &str, name: &str, text: &str, max: u32) -> bool {
        if has_control(text) {
            self.blocking(field, &format!("去修改{name}"), format!("{name}里有看不见的控制字符，请删掉后重新输入。"));
            return false;
        }
        let count = count_chars(text);
        if count > max as usize {
            self.blocking(
                field,
                &format!("去缩短{name}"),
                format!("{name}有 {count} 字，最多 {max} 字（本镇设定），请再精简一些。"),
            );
            return false;
        }
        true
    }

    /// A title: one line, neither too short nor too long.
    pub(super) fn title(&mut self, field: &str, name: &str, text: &str) -> bool {
        let (min, max) = (self.rules.topic.title_min, self.rules.topic.title_max);
        if is_blank(text) {
            self.blocking(field, &format!("去填写{name}"), format!("还没有写{name}。"));
            return false;
        }
        if !self.on_one_line(field, name, text) || !self.fits(field, name, text, max) {
            return false;
        }
        let count = count_chars(text);
        if count < min as usize {
            self.blocking(
                field,
                &format!("去补充{name}"),
                format!("{name}只有 {count} 字，至少 {min} 字（本镇设定），请写清是什么事。"),
            );
            return false;
        }
        self.passed(field, format!("{name} {count} 字，在 {min} 至 {max} 字之间（本镇设定）。"));
        true
    }

    /// A tick that must be set.
    pub(super) fn tick(&mut self, field: &str, set: bool, good: &str, words: &str, bad: &str) {
        if set {
            self.passed(field, good);
        } else {
            self.blocking(field, words, bad);
        }
    }

    /// Lateness stops nothing: an answer late is better than none.
    pub(super) fn clock(&mut self, due: Option<NaiveDate>, now: DateTime<Utc>, what: &str, limit_key: &str) {
        let Some(due) = due else { return };
        let limit = self.rules.shown(limit_key).unwrap_or_default();
        let day = plain_date(due);
        let finding = if local_date(now) > due {
            Finding::warning(self.rule, format!("{what}期限是 {limit}（本镇设定），最迟 {day}，现在已经超期，请尽快。"))
        } else {
            Finding::passed(self.rule, format!("{what}在期限内（{limit}，本镇设定；到 {day}）。"))
        };
        self.findings.push(finding);
    }
}

// --- T1 ---------------------------------------------------------------------

fn topic(sheet: &mut Sheet<'_>, facts: &TopicFacts) {
    let topic = &sheet.rules.topic;
    let (body, name_max, place_max) = (topic.body_max, topic.name_max, topic.place_max);

    sheet.tick("source", facts.source_known, "来源已选。", "去选择来源", "还没有选议题来源，请选一项。");
    sheet.title("title", "题目", &facts.title);
    sheet.text("place", "地点", &facts.place, place_max);
    sheet.text("matter", "情况", &facts.matter, body);
    sheet.text("reason", "理由", &facts.reason, body);
    sheet.text("suggestion", "建议", &facts.suggestion, body);
    sheet.tick(
        "one_matter",
        facts.one_matter,
        "一件议题只说一件事。",
        "去确认",
        "一件议题只说一件事；有几件事，请分开提交，每件都会有人答复。",
    );
    sheet.line("contact_name", "联系人", &facts.contact_name, name_max);
    phone(sheet, facts);
    joint(sheet, facts);
    attachments(sheet, facts.attachments);
    sheet.tick(
        "consent_privacy",
        facts.consent_privacy,
        "已同意个人信息处理规则。",
        "去阅读并同意",
        "请先阅读并同意个人信息处理规则，我们才能保存您的联系方式。",
    );
    quota(sheet, facts.open_by_same_contact);
}

fn phone(sheet: &mut Sheet<'_>, facts: &TopicFacts) {
    if is_blank(&facts.contact_phone) {
        if facts.proxy {
            sheet.passed("contact_phone", "代录的议题，电话可以不填。");
        } else {
            sheet.blocking("contact_phone", "去填写电话", "还没有留电话，有问题时联系不上您。电话不会公开。");
        }
    } else if normal_phone(&facts.contact_phone).is_some() {
        sheet.passed("contact_phone", "电话已填写，不会公开。");
    } else {
        sheet.blocking(
            "contact_phone",
            "去修改电话",
            "电话看起来不对：手机号 11 位，座机请带区号，例如 0512-63000000。",
        );
    }
}

fn joint(sheet: &mut Sheet<'_>, facts: &TopicFacts) {
    if !facts.joint {
        return;
    }
    let max = sheet.rules.topic.joint_max;
    match facts.joint_count {
        None => sheet.blocking("joint_count", "去填写人数", "联名提出的，请用数字写明一共几个人。"),
        Some(n) if n < JOINT_MIN => sheet.blocking(
            "joint_count",
            "去修改人数",
            format!("联名至少 {JOINT_MIN} 个人；只有您一位，请不要选联名。"),
        ),
        Some(n) if n > max => sheet.blocking(
            "joint_count",
            "去修改人数",
            format!("联名人数最多填 {max} 人（本镇设定），人数更多请先联系镇政协工委。"),
        ),
        Some(n) => sheet.passed("joint_count", format!("{n} 人联名。")),
    }
}

fn attachments(sheet: &mut Sheet<'_>, files: Attachments) {
    if files.count == 0 {
        return;
    }
    let topic = &sheet.rules.topic;
    let (most, each, all) = (topic.attachments_max, topic.attachment_mb, topic.attachments_total_mb);
    let mut good = true;
    if files.count > most {
        good = false;
        sheet.blocking("attachments", "去减少附件", format!("附件有 {} 份，最多 {most} 份（本镇设定）。", files.count));
    }
    if files.largest_bytes > u64::from(each) * MEBIBYTE {
        good = false;
        sheet.blocking(
            "attachments",
            "去更换附件",
            format!("有一份附件超过 {each} MB（本镇设定），请压缩或拆开后再传。"),
        );
    }
    if files.total_bytes > u64::from(all) * MEBIBYTE {
        good = false;
        sheet.blocking("attachments", "去减少附件", format!("附件合计超过 {all} MB（本镇设定），请去掉一些。"));
    }
    if good {
        sheet.passed("attachments", format!("附件 {} 份，大小合适。", files.count));
    }
}

fn quota(sheet: &mut Sheet<'_>, others: u32) {
    let max = sheet.rules.topic.public_open_max;
    // An empty hand is no news: with no other topic there is nothing to say.
    if others == 0 {
        return;
    }
    let open = others.saturating_add(1);
    if open > max {
        sheet.warning(
            "contact_phone",
            format!("同一联系人连同这件有 {open} 件议题在办，超过 {max} 件（本镇设定），请留意是否重复。"),
        );
    } else {
        sheet.passed("contact_phone", format!("同一联系人连同这件有 {open} 件议题在办，未超过 {max} 件（本镇设定）。"));
    }
}

// --- T2 ---------------------------------------------------------------------

fn screening(sheet: &mut Sheet<'_>, facts: &ScreeningFacts, now: DateTime<Utc>) {
    let body = sheet.rules.topic.body_max;
    let Some(decision) = facts.decision else {
        sheet.blocking("decision", "去选择结论", "还没有选结论：受理、退回补正、转办、并案或不予立题。");
        return;
    };
    sheet.passed("decision", format!("结论：{}。", decision.word()));
    sheet.text("reason", "给提出人的理由", &facts.reason, body);
    match decision {
        ScreeningDecision::Accept => accept(sheet, facts),
        ScreeningDecision::Return => {
            sheet.text("question", "请提出人补充的问题", &facts.question, body);
        }
        ScreeningDecision::Transfer => transfer(sheet, facts),
        ScreeningDecision::Merge => merge(sheet, facts.target),
        ScreeningDecision::Decline => decline(sheet, facts),
    }
    told_in_plain_words(sheet, facts);
    sheet.clock(facts.due_on, now, "初审答复", "topic.screen_workdays");
}

/// What the proposer is told is shown to anybody with the tracking code.
fn told_in_plain_words(sheet: &mut Sheet<'_>, facts: &ScreeningFacts) {
    for (field, name, text) in [("reason", "理由", &facts.reason), ("question", "问题", &facts.question)] {
        for sentence in private_numbers(name, text) {
            sheet.blocking(field, &format!("去修改{name}"), sentence);
        }
    }
}

fn accept(sheet: &mut Sheet<'_>, facts: &ScreeningFacts) {
    match facts.within_scope {
        Some(true) => sheet.passed("within_scope", "属于协商范围。"),
        Some(false) => {
            sheet.blocking("within_scope", "去改结论", "不属于协商范围的不能受理，请转办或不予立题，并说明理由。");
        }
        None => sheet.blocking("within_scope", "去回答", "还没有回答：这件事是否属于协商范围？"),
    }
    if let Some(kind) = facts.exclusion {
        sheet.blocking(
            "exclusion",
            "去改结论",
            format!("{}不在协商范围内，应当转办：{}。", kind.word(), kind.channel()),
        );
    }
    released(sheet, &facts.released);
}

fn released(sheet: &mut Sheet<'_>, text: &ReleasedText) {
    let body = sheet.rules.topic.body_max;
    sheet.title("released_title", "公开题目", &text.title);
    let parts = [
        ("released_place", "公开地点", &text.place),
        ("released_matter", "公开情况", &text.matter),
        ("released_reason", "公开理由", &text.reason),
        ("released_suggestion", "公开建议", &text.suggestion),
    ];
    for (field, name, text) in parts {
        // The officer may leave a part out of the released edition, but there
        // must be something to read.
        if field == "released_place" {
            sheet.optional_text(field, name, text, sheet.rules.topic.place_max);
        } else if field == "released_matter" {
            sheet.text(field, name, text, body);
        } else {
            sheet.optional_text(field, name, text, body);
        }
    }
    let mut clean = true;
    let all = [("released_title", "公开题目", &text.title)].into_iter().chain(parts);
    for (field, name, text) in all {
        if finds_phone(text) {
            clean = false;
            sheet.blocking(field, &format!("去修改{name}"), format!("{name}里像是有电话号码，请删掉后再公开。"));
        }
        if finds_id_number(text) {
            clean = false;
            sheet.blocking(field, &format!("去修改{name}"), format!("{name}里像是有身份证号，请删掉后再公开。"));
        }
    }
    if clean {
        sheet.passed("released_matter", "公开内容里没有发现电话号码和身份证号。");
    }
}

fn transfer(sheet: &mut Sheet<'_>, facts: &ScreeningFacts) {
    let body = sheet.rules.topic.body_max;
    match facts.exclusion {
        None => sheet.blocking("exclusion", "去选择类别", "还没有选为什么要转办：属于哪一类不在协商范围内的事。"),
        Some(kind) => {
            sheet.passed("exclusion", format!("转办原因：{}。", kind.word()));
            if kind == Exclusion::Secret {
                sheet.warning("reason", "涉密事项：理由里不要写具体内容；已上传的附件请当面交保密工作负责人处理。");
            }
        }
    }
    if is_blank(&facts.transfer_to) {
        let hint = facts.exclusion.map(|kind| format!("，例如：{}", kind.channel())).unwrap_or_default();
        sheet.blocking("transfer_to", "去填写去向", format!("还没有写转给谁办{hint}。"));
    } else if sheet.fits("transfer_to", "转办去向", &facts.transfer_to, body) {
        sheet.passed("transfer_to", "转办去向已写明。");
    }
}

fn merge(sheet: &mut Sheet<'_>, target: Option<MergeTarget>) {
    let wrong = match target {
        None => "还没有选要并入哪一件议题。",
        Some(MergeTarget::Unknown) => "没有找到要并入的议题，请核对编号。",
        Some(MergeTarget::Itself) => "不能并入它自己，请另选一件。",
        Some(MergeTarget::Elsewhere) => "只能并入本镇或全区的议题，请另选一件。",
        Some(MergeTarget::NotOpen) => "要并入的议题不在办（未受理、已结束或已并案），请另选一件。",
        Some(MergeTarget::Open) => {
            sheet.passed("target", "并入的议题在办，属于本镇或全区。");
            return;
        }
    };
    sheet.blocking("target", "去选择议题", wrong);
}

fn decline(sheet: &mut Sheet<'_>, facts: &ScreeningFacts) {
    if let Some(kind) = facts.exclusion {
        sheet.blocking("exclusion", "去改结论", format!("{}应当转办，不能一退了之：{}。", kind.word(), kind.channel()));
    }
}

// --- T3 ---------------------------------------------------------------------

const BASIS_FIELDS: [(TopicBasis, &str, &str, &str); 2] = [
    (TopicBasis::CentralTask, "basis_central", "basis_central_cite", "是哪一项中心工作、哪份文件里写的"),
    (TopicBasis::LivelihoodHotspot, "basis_hotspot", "basis_hotspot_cite", "是哪个热点、从哪里反映出来的"),
];

fn confirmation(sheet: &mut Sheet<'_>, facts: &ConfirmFacts, now: DateTime<Utc>) {
    bases(sheet, &facts.bases);
    legality(sheet, facts);
    let in_time = sheet.rules.shown("after.reply_max_days").unwrap_or_default();
    narrow(
        sheet,
        "one_place",
        "是不是只涉及一个地方",
        "涉及不止一个地方，切口偏大，建议先从一处谈起。",
        &facts.one_place,
    );
    narrow(
        sheet,
        "one_unit",
        "是不是有一个主要负责单位",
        "没有一个主要负责单位，成果可能没人接，建议先商定牵头单位。",
        &facts.one_unit,
    );
    narrow(
        sheet,
        "doable",
        &format!("{in_time}内办不办得成"),
        &format!("{in_time}内（本镇设定）办不成，建议先谈其中办得成的一步。"),
        &facts.doable,
    );
    plan_number(sheet, facts);
    approver(sheet, facts);
    sheet.clock(facts.due_on, now, "立题", "flow.confirm_workdays");
}

fn bases(sheet: &mut Sheet<'_>, bases: &[(TopicBasis, String)]) {
    let (min, rule, body) = (sheet.rules.topic.basis_min, sheet.rules.topic.basis_rule, sheet.rules.topic.body_max);
    let mut cited = 0_u32;
    for (basis, field, cite_field, what) in BASIS_FIELDS {
        // The same basis sent twice counts once.
        let cite =
            bases.iter().filter(|(kind, _)| *kind == basis).map(|(_, cite)| cite).max_by_key(|cite| !is_blank(cite));
        match cite {
            None if rule == BasisRule::Both => {
                sheet.blocking(field, "去补充依据", format!("还缺依据「{}」；本镇设定两类依据都要有。", basis.word()));
            }
            Some(cite) if is_blank(cite) => {
                sheet.blocking(cite_field, "去补充依据", format!("选了「{}」，还没有写明{what}。", basis.word()));
            }
            Some(cite) if sheet.fits(cite_field, "依据", cite, body) => {
                cited += 1;
                sheet.passed(cite_field, format!("依据「{}」已写明出处。", basis.word()));
            }
            // Nothing was chosen, or `fits` has spoken.
            None | Some(_) => {}
        }
    }
    // With both demanded, each missing one was named above.
    if cited < min && rule == BasisRule::Any {
        sheet.blocking(
            "basis_central",
            "去补充依据",
            format!("选题依据有 {cited} 类，至少 {min} 类（本镇设定）：围绕哪项中心工作，或哪个民生热点？"),
        );
    }
}

fn legality(sheet: &mut Sheet<'_>, facts: &ConfirmFacts) {
    let (body, name_max) = (sheet.rules.topic.body_max, sheet.rules.topic.name_max);
    match facts.legality.yes {
        None => sheet.blocking("legality", "去核对", "还没有核对是否合法。"),
        Some(false) => {
            sheet.blocking("legality", "去看核对意见", "核对结论是不合法，不能立题；请按程序终止，并向提出人说明。");
        }
        Some(true) => sheet.passed("legality", "核对结论：合法。"),
    }
    sheet.line("legality_checker", "合法性核对人", &facts.legality_checker, name_max);
    sheet.text("legality_sentence", "合法性说明", &facts.legality.sentence, body);
}

fn narrow(sheet: &mut Sheet<'_>, field: &str, question: &str, no: &str, answer: &Answer) {
    match answer.yes {
        None => sheet.blocking(field, "去回答", format!("还没有回答：{question}？")),
        Some(true) => sheet.passed(field, format!("{question}：是。")),
        Some(false) => sheet.warning(field, no),
    }
    let body = sheet.rules.topic.body_max;
    let sentence_field = format!("{field}_sentence");
    if is_blank(&answer.sentence) {
        sheet.blocking(&sentence_field, "去补充说明", format!("「{question}」请用一句话说明理由。"));
    } else if sheet.fits(&sentence_field, "说明", &answer.sentence, body) {
        sheet.passed(&sentence_field, format!("「{question}」已说明理由。"));
    }
}

fn plan_number(sheet: &mut Sheet<'_>, facts: &ConfirmFacts) {
    let name_max = sheet.rules.topic.name_max;
    if facts.has_plan {
        sheet.line("plan_number", "年度协商计划序号", &facts.plan_number, name_max);
    } else {
        sheet.optional_text("plan_number", "年度协商计划序号", &facts.plan_number, name_max);
    }
}

fn approver(sheet: &mut Sheet<'_>, facts: &ConfirmFacts) {
    let Some(approver) = facts.approver else {
        if facts.moment == ConfirmMoment::Preparing {
            sheet.warning("approver", "准备好以后，送镇党（工）委签批。");
        } else {
            sheet.blocking("approver", "去送签", "还要镇党（工）委签批，请送签批人。");
        }
        return;
    };
    let mut good = true;
    if facts.proposer == Some(approver) {
        good = false;
        sheet.blocking("approver", "去换人签批", "签批人就是提出人，请换一位签批。");
    }
    match facts.preparer {
        Some(preparer) if preparer == approver => {
            good = false;
            sheet.blocking("approver", "去换人签批", "签批人就是准备材料的人，请换一位签批。");
        }
        None if facts.moment == ConfirmMoment::Deciding => {
            good = false;
            sheet.blocking("approver", "去准备材料", "还没有人准备立题材料，请工委主任先准备。");
        }
        _ => {}
    }
    if good {
        sheet.passed("approver", "签批人既不是提出人，也不是准备材料的人。");
    }
}
