//! What a letter is and what it says. Pure: a letter is a function of [`Facts`].

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::rules::{clock_time, day_and_time, full_date, local_date, plain_date};
use crate::ui::escape;

macro_rules! codes {
    ($(#[$enum_doc:meta])* $Enum:ident { $($(#[$doc:meta])* $name:ident $code:literal $word:literal,)* }) => {
        $(#[$enum_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $Enum { $($(#[$doc])* $name,)* }

        impl $Enum {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code that is stored.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The word on screen.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The one of a stored code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

codes! {
    /// What a letter is about.
    LetterKind {
        /// Somebody on the list is invited to a meeting.
        Invitation "invitation" "邀请",
        /// Date, place or agenda of a meeting changed.
        Changed "meeting_changed" "会议变动",
        /// A meeting will not take place.
        Cancelled "meeting_cancelled" "会议取消",
        /// Somebody was taken off the list of a meeting.
        Withdrawn "invitation_withdrawn" "收回邀请",
        /// Too few came to a meeting.
        Missed "meeting_missed" "流会",
        /// A meeting is near, or an answer is missing.
        Reminder "reminder" "提醒",
        /// Somebody was named to come in another's place.
        Substitute "substitute" "代为参加",
        /// A seat became free for the next in line.
        SeatOffered "seat_offered" "空出名额",
        /// An open seat is kept for somebody.
        SeatGiven "seat_given" "报名成功",
        /// The draft of the minutes is to be checked by those who were there.
        Draft "minutes_draft" "核对纪要",
        /// A followed topic moved on.
        Progress "progress" "议题进展",
        /// Something about a task of a unit.
        Task "task" "任务",
    }
}

codes! {
    /// Where a letter is.
    LetterState {
        /// Waits for its turn, or for the next try.
        Queued "queued" "等着寄",
        /// Is being handed to the mail server.
        Sending "sending" "正在寄",
        /// The mail server took it.
        Sent "sent" "已寄出",
        /// The mail server's answer never arrived.
        Uncertain "uncertain" "不确定是否送达",
        /// The mail server refused it, or could not be reached for too long.
        Failed "failed" "没寄成",
        /// It came back.
        Bounced "bounced" "被退回",
        /// Not sent by mail: there is no address, no mail server, or it is out of date.
        None "none" "没有用邮件寄",
    }
}

impl LetterState {
    /// Whether the person has to be reached in another way.
    #[must_use]
    pub const fn needs_another_way(self) -> bool {
        matches!(self, Self::Uncertain | Self::Failed | Self::Bounced | Self::None)
    }

    /// Whether a person may have it sent (again).
    #[must_use]
    pub const fn may_resend(self) -> bool {
        self.needs_another_way()
    }
}

/// What the calendar part of a letter asks the calendar to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarMethod {
    /// Enter the meeting, or change it.
    Request,
    /// Take it out.
    Cancel,
}

impl CalendarMethod {
    /// The word of RFC 5546, also as it is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

impl LetterKind {
    /// What its calendar part asks for, if it has one.
    #[must_use]
    pub const fn calendar(self) -> Option<CalendarMethod> {
        match self {
            Self::Invitation | Self::Changed | Self::Substitute | Self::SeatGiven => Some(CalendarMethod::Request),
            Self::Cancelled | Self::Missed | Self::Withdrawn => Some(CalendarMethod::Cancel),
            Self::Reminder | Self::SeatOffered | Self::Draft | Self::Progress | Self::Task => None,
        }
    }
}

/// What is true when a letter is rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What it is about.
    pub kind: LetterKind,
    /// The town that writes: 「盛泽镇」.
    pub town: String,
    /// To whom; empty where no name is known.
    pub name: String,
    /// Title of the topic.
    pub title: String,
    /// Begin and end of the meeting.
    pub when: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Where it is held; empty for a meeting online.
    pub place: String,
    /// Where to join online; empty where one cannot.
    pub online_url: String,
    /// Lines of the agenda.
    pub agenda: Vec<String>,
    /// The person's own link, or the topic's.
    pub link: String,
    /// Whether another day is being looked for: the old one is off, the new one is not known.
    pub postponed: bool,
    /// Why it was cancelled.
    pub reason: String,
    /// Until when an offered seat is kept.
    pub until: Option<DateTime<Utc>>,
    /// In whose place a substitute comes.
    pub principal: String,
    /// Whether the person has accepted already.
    pub accepted: bool,
    /// State of the followed topic: 「已公示」.
    pub stage: String,
    /// Whether people are asked now how it was handled.
    pub judged: bool,
    /// What happened to a task; for letters to units.
    pub task: Option<TaskFacts>,
}

/// What happened to a task of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFacts {
    /// In a word: 「交办」.
    pub what: &'static str,
    /// Its number in the case.
    pub no: i64,
    /// By when it is to be answered.
    pub due_on: NaiveDate,
    /// What the clock waits for, and the day of its reminder or step.
    pub awaited: Option<(String, NaiveDate)>,
}

/// A finished letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML: no picture, no script, nothing from elsewhere.
    pub html: String,
}

/// A piece of a letter.
enum Piece {
    Words(String),
    /// Label and value.
    Fact(&'static str, String),
    List(&'static str, Vec<String>),
    /// What the link says, and its address.
    Link(&'static str, String),
    Small(&'static str),
}

/// From when to when: 「2026年11月25日（周三）14:00 至 16:00」.
#[must_use]
pub fn span(starts: DateTime<Utc>, ends: DateTime<Utc>) -> String {
    let day = local_date(starts);
    let end = if day == local_date(ends) { clock_time(ends) } else { day_and_time(ends) };
    format!("{}年{} 至 {end}", day.year(), day_and_time(starts))
}

/// A mail address of which only the first letter and the host are shown: 「w***@example.com」.
#[must_use]
pub fn masked_mail(address: &str) -> String {
    match (address.split_once('@'), address.chars().next()) {
        (Some((_, host)), Some(first)) if first != '@' => format!("{first}***@{host}"),
        _ if address.is_empty() => String::new(),
        _ => "***".to_owned(),
    }
}

/// Whether something that somebody left is a mail address and not a phone number.
#[must_use]
pub fn is_mail(contact: &str) -> bool {
    contact.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        && !contact.contains(char::is_whitespace)
}

/// Writes a letter.
#[must_use]
pub fn write(facts: &Facts) -> Written {
    let (subject, pieces) = said(facts);
    Written { text: as_text(facts, &pieces), html: as_html(&subject, facts, &pieces), subject }
}

fn said(f: &Facts) -> (String, Vec<Piece>) {
    let at = f.when.map(|(starts, _)| day_and_time(starts)).unwrap_or_default();
    let office = format!("{}政协工委", f.town);
    let answer = Piece::Link("打开我的邀请页", f.link.clone());
    let own = Piece::Small("链接只给您本人用，请不要转给别人。打不开链接的，打电话告诉我们也行。");
    let mut pieces = Vec::new();
    let subject = match f.kind {
        LetterKind::Invitation => {
            pieces.push(Piece::Words(format!("{office}请您参加“有事好商量”协商会。")));
            pieces.extend(meeting(f));
            pieces.push(Piece::Words("来不来，请打开下面的链接告诉我们。有话想先说的，也写在那里。".to_owned()));
            pieces.extend([answer, own]);
            format!("请您参加协商会：{}（{at}）", f.title)
        }
        LetterKind::Changed if f.postponed => {
            pieces.push(Piece::Words(format!("原定 {at} 的协商会要改期，请先不用来。")));
            pieces.push(Piece::Fact("议题", f.title.clone()));
            pieces.extend(reason(f));
            pieces.push(Piece::Words("新的时间定了，马上另外通知您。".to_owned()));
            format!("会议要改期：{}（原定{at}）", f.title)
        }
        LetterKind::Changed => {
            pieces.push(Piece::Words("会议安排有变动，请以这封信为准。".to_owned()));
            pieces.extend(meeting(f));
            pieces.extend(reason(f));
            pieces.push(Piece::Words("新的安排来不了，请打开链接改一下答复。".to_owned()));
            pieces.extend([answer, own]);
            format!("会议有变动：{}（{at}）", f.title)
        }
        LetterKind::Cancelled => {
            pieces.push(Piece::Words(format!("原定 {at} 的协商会取消了，请不用来。")));
            pieces.push(Piece::Fact("议题", f.title.clone()));
            pieces.extend(reason(f));
            pieces.push(Piece::Words("给您添了麻烦，请谅解。以后再开会，另外通知您。".to_owned()));
            format!("会议取消：{}（原定{at}）", f.title)
        }
        LetterKind::Withdrawn => {
            pieces.push(Piece::Words(format!("镇里调整了名单，{at} 的协商会您不用来了。")));
            pieces.push(Piece::Fact("议题", f.title.clone()));
            pieces.push(Piece::Words("给您添了麻烦，请谅解。有疑问请打给镇政协工委。".to_owned()));
            format!("不用来了：{}（{at}）", f.title)
        }
        LetterKind::Missed => {
            pieces.push(Piece::Words(format!("{at} 的协商会，到会的人不够数，没有开成（流会）。")));
            pieces.push(Piece::Fact("议题", f.title.clone()));
            pieces.extend(reason(f));
            pieces.push(Piece::Words("到了的各位，让您白跑了一趟，请谅解。新的时间定了，马上另外通知您。".to_owned()));
            format!("会没有开成，另定时间：{}（原定{at}）", f.title)
        }
        LetterKind::Reminder if f.accepted => {
            pieces.push(Piece::Words("您答应参加的协商会快到了。".to_owned()));
            pieces.extend(meeting(f));
            pieces.push(Piece::Words("有事来不了，请打开链接告诉我们。".to_owned()));
            pieces.extend([answer, own]);
            format!("提醒：{at}协商会，{}", f.title)
        }
        LetterKind::Reminder => {
            pieces.push(Piece::Words("协商会快到了，您还没有答复来不来。".to_owned()));
            pieces.extend(meeting(f));
            pieces.push(Piece::Words("请打开链接，告诉我们来不来。".to_owned()));
            pieces.extend([answer, own]);
            format!("请您答复：{at}协商会，{}", f.title)
        }
        LetterKind::Substitute => {
            let principal = if f.principal.is_empty() { "受邀的人" } else { &f.principal };
            pieces.push(Piece::Words(format!("{principal}来不了“有事好商量”协商会，推荐您代为参加。{office}请您来。")));
            pieces.extend(meeting(f));
            pieces.push(Piece::Words("来不来，请打开下面的链接告诉我们。".to_owned()));
            pieces.extend([answer, own]);
            format!("请您代为参加协商会：{}（{at}）", f.title)
        }
        LetterKind::SeatOffered => {
            let until = f.until.map(|until| format!("请在 {} 以前确认，过了时间就让给下一位。", day_and_time(until)));
            pieces.push(Piece::Words("您排队的协商会空出一个名额，现在轮到您。".to_owned()));
            pieces.extend(until.map(Piece::Words));
            pieces.extend(meeting(f));
            pieces.extend([answer, own]);
            format!("空出名额，请您确认：{}", f.title)
        }
        LetterKind::SeatGiven => {
            pieces.push(Piece::Words("您报名的协商会，名额给您留好了，请按时来。".to_owned()));
            pieces.extend(meeting(f));
            pieces.push(Piece::Words("有事来不了，请打开链接告诉我们，名额好让给别人。".to_owned()));
            pieces.extend([answer, own]);
            format!("报名成功：{}（{at}）", f.title)
        }
        LetterKind::Draft => {
            let until = f.until.map(|until| format!("请在 {} 以前看一看。", plain_date(local_date(until))));
            pieces.push(Piece::Words(format!(
                "{at} 的协商会，纪要的草稿写好了，请您核对：您说的话、大家定的事，记得对不对。"
            )));
            pieces.push(Piece::Fact("议题", f.title.clone()));
            pieces.extend(until.map(Piece::Words));
            pieces.push(Piece::Words(
                "对的点“同意”，不对的写明哪一段、怎么改。不回也可以，过了时间由主持人签发。".to_owned(),
            ));
            pieces.extend([Piece::Link("打开草稿", f.link.clone()), own]);
            format!("请您核对纪要：{}", f.title)
        }
        LetterKind::Progress if f.judged => {
            pieces
                .push(Piece::Words("您关心的事办完了，请您说说：办得满意不满意。不用写名字，一分钟就好。".to_owned()));
            pieces.push(Piece::Fact("议题", f.title.clone()));
            pieces.push(Piece::Words("不满意的，写上为什么，够数就退回去重办。".to_owned()));
            pieces.extend([Piece::Link("去评价", f.link.clone()), stop(true)]);
            format!("请您评价：{}", f.title)
        }
        LetterKind::Progress => {
            pieces.push(Piece::Words("您关注的议题有新进展。".to_owned()));
            pieces.push(Piece::Fact("议题", f.title.clone()));
            pieces.push(Piece::Fact("现在", f.stage.clone()));
            pieces.push(Piece::Link("看进展", f.link.clone()));
            pieces.push(stop(false));
            format!("有新进展：{}（{}）", f.title, f.stage)
        }
        LetterKind::Task => {
            let what = f.task.as_ref().map_or("有新情况", |task| task.what);
            pieces.push(Piece::Words(format!("{office}：贵单位承办的任务有新情况：{what}。")));
            pieces.push(Piece::Fact("议题", f.title.clone()));
            if let Some(task) = &f.task {
                pieces.push(Piece::Fact("任务", format!("第 {} 项", task.no)));
                pieces.push(Piece::Fact("答复期限", full_date(task.due_on)));
                let awaited = task.awaited.as_ref();
                pieces
                    .extend(awaited.map(|(words, day)| Piece::Fact("在等", format!("{words}（{}）", full_date(*day)))));
            }
            pieces.push(Piece::Link("打开任务", f.link.clone()));
            pieces.push(Piece::Small("打开要先登录。贵单位的任务都列在“本单位的任务”里。"));
            let which =
                f.task.as_ref().map(|task| format!("（第 {} 项任务，{}前答复）", task.no, full_date(task.due_on)));
            format!("{what}：{}{}", f.title, which.unwrap_or_default())
        }
    };
    (subject, pieces)
}

/// How whoever is told of progress stops it: on the own page, to which that of the judgement leads.
const fn stop(judged: bool) -> Piece {
    Piece::Small(if judged {
        "链接是您专用的，请不要转给别人。不想再收到，评价以后回到您的页面，点“停止接收进展”。"
    } else {
        "链接是您专用的，请不要转给别人。不想再收到，打开它，点“停止接收进展”。"
    })
}

/// Why it was changed or cancelled.
fn reason(f: &Facts) -> Option<Piece> {
    (!f.reason.is_empty()).then(|| Piece::Fact("原因", f.reason.clone()))
}

/// When, where and about what.
fn meeting(f: &Facts) -> Vec<Piece> {
    let mut pieces = vec![Piece::Fact("议题", f.title.clone())];
    if let Some((starts, ends)) = f.when {
        pieces.push(Piece::Fact("时间", span(starts, ends)));
    }
    for (label, value) in [("地点", &f.place), ("网上参加", &f.online_url)] {
        if !value.is_empty() {
            pieces.push(Piece::Fact(label, value.clone()));
        }
    }
    if !f.agenda.is_empty() {
        pieces.push(Piece::List("议程", f.agenda.clone()));
    }
    pieces
}

fn greeting(f: &Facts) -> String {
    if f.name.is_empty() { "您好！".to_owned() } else { format!("{}，您好！", f.name) }
}

fn as_text(f: &Facts, pieces: &[Piece]) -> String {
    let mut text = format!("{}\n\n", greeting(f));
    let mut facts = false;
    for piece in pieces {
        let is_fact = matches!(piece, Piece::Fact(..) | Piece::List(..));
        if facts && !is_fact {
            text.push('\n');
        }
        facts = is_fact;
        match piece {
            Piece::Words(words) => text.push_str(&format!("{words}\n\n")),
            Piece::Small(words) => text.push_str(&format!("{words}\n\n")),
            Piece::Fact(label, value) => text.push_str(&format!("{label}：{value}\n")),
            Piece::List(label, lines) => {
                text.push_str(&format!("{label}：\n"));
                for (n, line) in lines.iter().enumerate() {
                    text.push_str(&format!("  {}. {line}\n", n + 1));
                }
            }
            Piece::Link(words, address) => text.push_str(&format!("{words}：\n{address}\n\n")),
        }
    }
    text.push_str(&format!("{}政协工委\n", f.town));
    text
}

fn as_html(subject: &str, f: &Facts, pieces: &[Piece]) -> String {
    let mut body = format!("<p>{}</p>", escape(&greeting(f)));
    for piece in pieces {
        body.push_str(&match piece {
            Piece::Words(words) => format!("<p>{}</p>", escape(words)),
            Piece::Small(words) => format!("<p style=\"color:#555;font-size:16px\">{}</p>", escape(words)),
            Piece::Fact(label, value) => {
                format!("<p style=\"margin:4px 0\">{}：<b>{}</b></p>", escape(label), escape(value))
            }
            Piece::List(label, lines) => {
                let rows: String = lines.iter().map(|line| format!("<li>{}</li>", escape(line))).collect();
                format!("<p style=\"margin:4px 0\">{}：</p><ol style=\"margin:4px 0\">{rows}</ol>", escape(label))
            }
            Piece::Link(words, address) => format!(
                "<p style=\"margin:20px 0\"><a href=\"{}\" style=\"display:inline-block;padding:12px 24px;\
                 background:#9f1d1d;color:#fff;text-decoration:none;font-size:20px\">{}</a></p>",
                escape(address),
                escape(words)
            ),
        });
    }
    format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
         <body style=\"margin:0;padding:24px;font-size:18px;line-height:1.7;color:#1c1c1c;background:#fff\">\
         <div style=\"max-width:600px\">{body}<p>{}政协工委</p></div></body></html>",
        escape(subject),
        escape(&f.town)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(kind: LetterKind) -> Facts {
        Facts {
            kind,
            town: "盛泽镇".to_owned(),
            name: "王小明".to_owned(),
            title: "镇东五区停车".to_owned(),
            when: Some(("2026-11-25T06:00:00Z".parse().unwrap(), "2026-11-25T08:00:00Z".parse().unwrap())),
            place: "镇议事室".to_owned(),
            online_url: String::new(),
            agenda: vec!["通报（10 分钟）".to_owned(), "发言 <40 分钟>".to_owned()],
            link: "https://consult.example/i/7/token".to_owned(),
            reason: "台风".to_owned(),
            postponed: false,
            until: Some("2026-11-20T02:00:00Z".parse().unwrap()),
            principal: "李大妈".to_owned(),
            accepted: false,
            stage: "已公示".to_owned(),
            judged: false,
            task: Some(TaskFacts {
                what: "到期提醒",
                no: 2,
                due_on: "2026-12-04".parse().unwrap(),
                awaited: Some(("签收".to_owned(), "2026-11-27".parse().unwrap())),
            }),
        }
    }

    #[test]
    fn a_letter_says_what_one_has_to_know() {
        for (kind, subject, words) in [
            (LetterKind::Invitation, "请您参加协商会：镇东五区停车（11月25日（周三）14:00）", "来不来"),
            (LetterKind::Changed, "会议有变动：镇东五区停车（11月25日（周三）14:00）", "以这封信为准"),
            (LetterKind::Cancelled, "会议取消：镇东五区停车（原定11月25日（周三）14:00）", "原因：台风"),
            (LetterKind::Withdrawn, "不用来了：镇东五区停车（11月25日（周三）14:00）", "镇里调整了名单"),
            (LetterKind::Reminder, "请您答复：11月25日（周三）14:00协商会，镇东五区停车", "还没有答复"),
            (LetterKind::Substitute, "请您代为参加协商会：镇东五区停车（11月25日（周三）14:00）", "李大妈来不了"),
            (LetterKind::SeatOffered, "空出名额，请您确认：镇东五区停车", "11月20日（周五）10:00 以前确认"),
            (LetterKind::SeatGiven, "报名成功：镇东五区停车（11月25日（周三）14:00）", "名额给您留好了"),
            (LetterKind::Draft, "请您核对纪要：镇东五区停车", "请在 11月20日 以前看一看"),
            (LetterKind::Progress, "有新进展：镇东五区停车（已公示）", "现在：已公示"),
            (
                LetterKind::Task,
                "到期提醒：镇东五区停车（第 2 项任务，2026年12月4日前答复）",
                "在等：签收（2026年11月27日）",
            ),
        ] {
            let written = write(&facts(kind));
            assert_eq!(written.subject, subject);
            assert!(written.text.contains(words), "{}", written.text);
            assert!(written.text.starts_with("王小明，您好！\n"), "{}", written.text);
            assert!(written.text.ends_with("盛泽镇政协工委\n"), "{}", written.text);
            let linked = !matches!(kind, LetterKind::Cancelled | LetterKind::Withdrawn);
            assert_eq!(written.text.contains("https://consult.example/i/7/token"), linked, "{kind:?}");
            assert_eq!(written.html.contains("href=\"https://consult.example/i/7/token\""), linked, "{kind:?}");
        }
    }

    #[test]
    fn who_is_asked_to_judge_is_asked_and_not_told() {
        let written = write(&Facts { judged: true, ..facts(LetterKind::Progress) });
        assert_eq!(written.subject, "请您评价：镇东五区停车");
        assert!(written.text.contains("去评价：\nhttps://consult.example/i/7/token"), "{}", written.text);
        assert!(written.text.contains("停止接收进展") && !written.text.contains("现在："), "{}", written.text);
    }

    #[test]
    fn who_has_accepted_is_not_asked_again() {
        let written = write(&Facts { accepted: true, ..facts(LetterKind::Reminder) });
        assert!(written.subject.starts_with("提醒："), "{}", written.subject);
        assert!(!written.text.contains("还没有答复"));
    }

    #[test]
    fn html_loads_nothing_and_takes_words_as_words() {
        for kind in LetterKind::ALL {
            let html = write(&Facts { title: "<i>&\"".to_owned(), ..facts(*kind) }).html;
            for tag in ["<img", "<script", "<link", "url(", "src=", "<i>"] {
                assert!(!html.contains(tag), "{tag} in {html}");
            }
            assert!(html.contains("&lt;i&gt;&amp;&quot;"), "{html}");
        }
        assert!(write(&facts(LetterKind::Invitation)).html.contains("<li>发言 &lt;40 分钟&gt;</li>"));
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let bare =
            Facts { name: String::new(), agenda: Vec::new(), place: String::new(), ..facts(LetterKind::Invitation) };
        let text = write(&bare).text;
        assert!(text.starts_with("您好！"), "{text}");
        assert!(!text.contains("地点") && !text.contains("议程") && !text.contains("网上"), "{text}");
    }

    #[test]
    fn an_address_is_masked() {
        for (address, shown) in [
            ("wang@example.com", "w***@example.com"),
            ("王@例子.cn", "王***@例子.cn"),
            ("@x.cn", "***"),
            ("x", "***"),
            ("", ""),
        ] {
            assert_eq!(masked_mail(address), shown);
        }
    }

    #[test]
    fn a_phone_number_is_no_address() {
        for (contact, mail) in
            [("13812345678", false), ("a@b.cn", true), ("a@b", false), ("@b.cn", false), ("a b@c.cn", false)]
        {
            assert_eq!(is_mail(contact), mail, "{contact}");
        }
    }

    #[test]
    fn codes_read_back() {
        for kind in LetterKind::ALL {
            assert_eq!(LetterKind::from_code(kind.code()), Some(*kind));
        }
        for state in LetterState::ALL {
            assert_eq!(LetterState::from_code(state.code()), Some(*state));
        }
    }
}
