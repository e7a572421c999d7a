//! `/i/{id}/{token}`: the page of one person who is invited. Two touches: come, or not.

use chrono::{DateTime, Timelike, Utc};
use leptos::prelude::*;

use super::super::steps::{
    AnswerInvitation, ChooseNews, GiveOpinion, MarkSeen, NameSubstitute, STANCES, stance_of, stance_word,
};
use super::super::store::{self, Guest, MeetingView};
use super::super::{LINK, path};
use crate::access::{Actor, StepKind};
use crate::case::stage::Stage;
use crate::case::{carry_out, newest_seq};
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::{CaseId, InviteeId, MeetingId};
use crate::invitation::model::{InviteeState, PersonForm};
use crate::meeting::pages::invitee as day;
use crate::minutes::pages::own::Remark;
use crate::rules::{SHANGHAI, clock_time, local_date, plain_date, weekday};
use crate::topic::pages::desk::moment;
use crate::ui::{
    Answer, Button, ButtonKind, Choice, Field, FormSummary, LinkButton, Live, RadioGroup, RequestIdField, Section,
    TextArea, TextInput,
};
use crate::web::{Form, Outcome, Page, Request, Script};

/// The person of a link that still holds.
///
/// # Errors
/// [`Refusal::NotFound`] for a link that was never given; [`Refusal::Gone`] for one that was withdrawn or has ended.
pub(crate) async fn by_link(req: &Request) -> Result<Guest, Refusal> {
    let ctx = &req.ctx;
    let id: InviteeId = req.param("id")?;
    let token: String = req.param("token")?;
    let guest = store::guest(&ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    if !ctx.secret.is_link_token(&token, LINK, id.0, guest.generation) {
        let withdrawn = (0..guest.generation).any(|old| ctx.secret.is_link_token(&token, LINK, id.0, old));
        return Err(if withdrawn {
            Refusal::Gone("这个链接已经作废，换了新的。没有收到新链接，请打给镇政协工委。".to_owned())
        } else {
            Refusal::NotFound
        });
    }
    if guest.erased_at.is_some() || guest.state.0 == InviteeState::Removed {
        return Err(Refusal::Gone("您已经不在这次会议的名单上，这个链接不再有用。有疑问请打给镇政协工委。".to_owned()));
    }
    Ok(guest)
}

/// The context of the person whose link it is.
pub(crate) fn acting(ctx: &Ctx, guest: &Guest) -> Ctx {
    ctx.acting_as(Actor::Invitee { invitee: guest.invitee_id, case: guest.case_id, visitor: ctx.actor.visitor() })
}

/// The person, for the part of the page that is the meeting's.
const fn me(guest: &Guest) -> day::Me {
    day::Me { case: guest.case_id, meeting: guest.meeting_id, invitee: guest.invitee_id, generation: guest.generation }
}

/// What the page says first.
fn standing(guest: &Guest, meeting: &MeetingView, today: chrono::NaiveDate) -> (String, Option<String>) {
    if meeting.state == "cancelled" {
        let why = meeting.cancelled_because.clone().unwrap_or_default();
        if meeting.missed {
            return ("这次会没有开成（流会），另定时间，定了马上告诉您。".to_owned(), Some(format!("原因：{why}")));
        }
        return ("这次会议取消了，不用来了。".to_owned(), Some(format!("原因：{why}")));
    }
    if meeting.state == "held" {
        return ("会议已经召开。".to_owned(), Some("到会的人会收到纪要草稿，请核对；签发以后公布。".to_owned()));
    }
    if meeting.state != "announced" {
        return ("会议时间正在重新安排，定了马上告诉您。".to_owned(), Some("您先前的答复还在。".to_owned()));
    }
    match guest.state.0 {
        InviteeState::Accepted => ("您已答复：参加。到时候见。".to_owned(), Some("来不了了，随时可以改。".to_owned())),
        InviteeState::Declined => ("您已答复：来不了。".to_owned(), Some("又能来了，会议开始前都可以改。".to_owned())),
        InviteeState::Substituted => ("您已请人代替参加。".to_owned(), Some("新的邀请已经给到代替的人。".to_owned())),
        InviteeState::Waiting => {
            let place = guest.queue_no.unwrap_or_default();
            ("名额满了，您在候补里。".to_owned(), Some(format!("候补号 {place}。有人让出名额，就按次序轮到您。")))
        }
        InviteeState::Offered => {
            let until = guest.offered_until.map(|at| moment(at, today)).unwrap_or_default();
            ("有名额空出来了，轮到您。".to_owned(), Some(format!("请在 {until} 前确认，过时转给下一位。")))
        }
        InviteeState::Expired => ("名额没有按时确认，已经转给下一位。".to_owned(), None),
        InviteeState::Refused => ("这次没有请您代替参加。".to_owned(), Some("有疑问请打给镇政协工委。".to_owned())),
        _ if !guest.reason.is_empty() => ("请您重新答复：来不来？".to_owned(), Some(guest.reason.clone())),
        _ => ("请您答复：来不来？".to_owned(), Some("点下面一个按钮就行，会议开始前都可以改。".to_owned())),
    }
}

/// The time of day as it is said: 「下午 2 点」, 「上午 9 点半」, 「晚上 7 点 15 分」.
fn spoken_time(at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&SHANGHAI);
    let part = match at.hour() {
        0..6 => "凌晨",
        6..12 => "上午",
        12 => "中午",
        13..18 => "下午",
        _ => "晚上",
    };
    let hour = if at.hour() > 12 { at.hour() - 12 } else { at.hour() };
    match at.minute() {
        0 => format!("{part} {hour} 点"),
        30 => format!("{part} {hour} 点半"),
        minute => format!("{part} {hour} 点 {minute} 分"),
    }
}

/// What the page shows to everybody on the list of a meeting.
struct Common {
    /// The newest change of the case, read before the rest.
    seen: i64,
    meeting: MeetingView,
    stage: Stage,
    /// Whether people are asked now how it was handled.
    judged: bool,
    opinions: Vec<(String, String, String)>,
    minutes: Option<Remark>,
    hall: Option<day::Hall>,
}

impl Common {
    async fn load(ctx: &Ctx, (case, meeting): (CaseId, MeetingId)) -> Result<Self, Refusal> {
        let db = &ctx.db;
        let seen = newest_seq(db, case).await?;
        let found = crate::case::store::find(db, case).await?.ok_or(Refusal::NotFound)?;
        Ok(Self {
            seen,
            meeting: store::meeting(db, meeting).await?.ok_or(Refusal::NotFound)?,
            stage: found.stage(),
            judged: crate::evaluation::pages::is_open_for(ctx, &found).await?,
            opinions: store::released(db, meeting).await?,
            minutes: Remark::load(ctx, (case, meeting)).await?,
            hall: day::Hall::load(db, (case, meeting)).await?,
        })
    }
}

/// The page.
///
/// # Errors
/// As [`by_link`].
pub async fn invitee(req: &Request) -> Result<Page, Refusal> {
    let guest = by_link(req).await?;
    let common = Box::pin(Common::load(&req.ctx, (guest.case_id, guest.meeting_id)));
    // A whole room looks when something changes.
    let common = req.ctx.shared.once(&req.ctx.db, guest.meeting_id.0, common).await?;
    let on_the_day = match &common.hall {
        Some(hall) => Some(day::Today::load(&req.ctx, me(&guest), hall).await?),
        None => None,
    };
    let (now, today) = (req.ctx.now(), req.ctx.today());
    let form = req.form.clone();
    let request_id = req.request_id.to_string();
    let action = path(&req.ctx.secret, guest.invitee_id, guest.generation);
    let done = match req.query("done") {
        "answer_invitation" => Some("答复记下了，谢谢您。"),
        "name_substitute" => Some("代替的人记下了，邀请另外给到本人。"),
        "give_opinion" => Some("意见收到了，会上会用到。"),
        "mark_seen" => Some("知道了：您看过了。"),
        "check_in_self" => Some("签到好了，请进。"),
        "cast_vote" => Some("您的票收到了。"),
        "ask_to_speak" => Some("举手收到了，轮到您时请您说。"),
        "withdraw_speech" => Some("好的，这次不说了。"),
        "choose_news" if guest.no_news_at.is_some() => Some("好的，以后不再写信告诉您进展。"),
        "choose_news" => Some("好的，有进展就写信告诉您。"),
        _ => None,
    };
    let was_there = on_the_day.as_ref().is_some_and(day::Today::was_there);
    let minutes = common.minutes.filter(|remark| remark.concerns(was_there, today));
    let minutes = minutes.map(|remark| remark.said(guest.case_id, &action));
    let title = format!("{}请您来商量", common.meeting.town);
    Ok(Page::public(title, "", move || {
        let Common { seen: seen_to, meeting, stage, judged, opinions, .. } = &*common;
        let is_open = *stage == Stage::Announced && meeting.state == "announced" && now < meeting.starts_at;
        let (sentence, more) = if on_the_day.as_ref().is_some_and(day::Today::is_on) {
            ("会议正在开。".to_owned(), None)
        } else {
            standing(&guest, meeting, today)
        };
        let say = Say { guest: &guest, form: &form, request_id: &request_id, action: &action };
        let joins = matches!(stage, Stage::Announced | Stage::Convened)
            && matches!(meeting.state.as_str(), "announced" | "held");
        let arrival = on_the_day.filter(|_| joins);
        // At the door checking in comes first; before that day whether one comes.
        let at_the_door = arrival.as_ref().is_some_and(day::Today::is_first);
        let arrival = arrival.map(|today| today.view(&form, (&action, &request_id)));
        let (first, later) = if at_the_door { (arrival, None) } else { (None, arrival) };
        let online = (!meeting.online_url.is_empty() && joins).then(|| {
            let (url, shown) = (meeting.online_url.clone(), meeting.online_url.clone());
            view! { <dt>"线上入口"</dt><dd><a href=url rel="noopener noreferrer">{shown}</a></dd> }
        });
        let on = local_date(meeting.starts_at);
        let day = format!("{} {}", plain_date(on), weekday(on).replace('周', "星期"));
        let room = meeting.room.clone().unwrap_or_else(|| "线上会议".to_owned());
        let address = meeting.address.clone().map(|words| view! { <span>{words}</span> });
        let href = format!("/topics/{}", guest.case_id);
        let notice = format!("{href}/notice");
        let dossier = format!("{href}/dossier");
        let recorded = guest.recorded_by.is_some().then(|| {
            view! { <p class="caption">"上面的答复是镇里照您说的代录的，不对就改过来。"</p> }
        });
        let seen = (is_open && guest.seen_at.is_none()).then(|| say.seen());
        let answers = is_open.then(|| say.answers());
        let substitute = (is_open && say.may_substitute()).then(|| say.substitute());
        let opinion = is_open.then(|| say.opinion());
        let said = said(opinions.clone());
        let minutes = minutes.map(|(words, href)| view! { <p class="note"><a href=href>{words}</a></p> });
        let handled = (stage.ordinal() >= Stage::Minuted.ordinal())
            .then(|| crate::evaluation::pages::invited(*judged && was_there, guest.case_id, &action));
        let news = (was_there && !guest.mail.is_empty() && meeting.state == "held").then(|| say.news());
        let calendar = (meeting.state == "announced").then(|| {
            let href = format!("{notice}.ics");
            view! { <p><a href=href>"加到手机日历"</a></p> }
        });
        // A day that is being moved is nobody's day yet.
        let facts = matches!(meeting.state.as_str(), "announced" | "cancelled" | "held").then(|| {
            view! {
                <dl class="plainly">
                    <dt>"什么时候"</dt>
                    <dd>
                        <b>{day}</b>
                        <b>{spoken_time(meeting.starts_at)}</b>
                        <span>{format!("到 {} 结束", clock_time(meeting.ends_at))}</span>
                    </dd>
                    <dt>"在哪里"</dt>
                    <dd><b>{room}</b>{address}</dd>
                    {online}
                </dl>
            }
        });
        let summary = form.clone();
        let demo = meeting.demo.then(|| view! { " "<span class="tag">"演示数据"</span> });
        view! {
            <div class="narrow-page">
                <p class="lead">{format!("{}，您好。{}请您来商量：", guest.name, meeting.town)}{demo}</p>
                <h1 class="title">{meeting.title.clone()}</h1>
                {done.map(|words| view! { <p class="note" role="status">{words}</p> })}
                <FormSummary form=summary/>
                <Live case=guest.case_id seen=*seen_to>
                    <Answer sentence=sentence waits=more/>
                    {recorded}
                    {minutes}
                    {handled}
                    {facts}
                    {first}
                    {answers}
                    {seen}
                    {substitute}
                    {opinion}
                    {later}
                    <Section title="先看看">
                        <p><a href=href>"这件事的来龙去脉"</a></p>
                        <p><a href=notice>"会议公示：议程、怎么去"</a></p>
                        <p><a href=dossier>"议题材料：开会前要看的都在一页"</a></p>
                        {calendar}
                    </Section>
                    {said}
                    {news}
                </Live>
                <p class="caption">"这一页是您一个人的，请不要转给别人。"</p>
            </div>
        }
        .into_any()
    })
    .with(Script::Watch)
    .private())
}

/// What stands in all forms of the page.
struct Say<'a> {
    guest: &'a Guest,
    form: &'a FormState,
    request_id: &'a str,
    action: &'a str,
}

impl Say<'_> {
    fn form(&self, step: StepKind, fields: impl IntoView + 'static) -> AnyView {
        view! {
            <form class="form" method="post" action=self.action.to_owned() data-guard="">
                <RequestIdField id=self.request_id.to_owned()/>
                <input type="hidden" name="action" value=step.code()/>
                {fields}
            </form>
        }
        .into_any()
    }

    fn state(&self, step: StepKind) -> FormState {
        self.form.of_action(step.code())
    }

    fn may_substitute(&self) -> bool {
        self.guest.origin != "substitute"
            && matches!(self.guest.state.0, InviteeState::Invited | InviteeState::Accepted)
    }

    /// Two buttons; the reason unfolds below the second one.
    fn answers(&self) -> AnyView {
        use InviteeState::{Accepted, Declined, Invited, Listed, Offered, Waiting};
        let state = self.guest.state.0;
        let on_seat = self.guest.origin == "seat";
        let comes = matches!(state, Invited | Listed | Offered) || (state == Declined && !on_seat);
        let stays = matches!(state, Invited | Listed | Offered | Accepted | Waiting);
        let form = self.state(StepKind::AnswerInvitation);
        let yes = comes.then(|| {
            let words = if state == Offered { "我来，确认名额" } else { "我来参加" };
            let fields = view! {
                <input type="hidden" name="comes" value="yes"/>
                <div class="actions answer-acts"><Button words=words/></div>
            };
            self.form(StepKind::AnswerInvitation, fields)
        });
        let no = stays.then(|| {
            let open = form.refusal.is_some();
            let (title, words) = if state == Waiting {
                ("不等了", "不等了，退出候补")
            } else {
                ("这次来不了", "来不了，告诉镇里")
            };
            let reason = (state != Waiting).then(|| {
                let field = Field::of(&form, "reason", "为什么来不了").hint("一句话就行，例如：那天在外地。");
                view! { <TextInput field/> }
            });
            let fields = view! {
                <input type="hidden" name="comes" value="no"/>
                {reason}
                <div class="actions answer-acts"><Button words=words kind=ButtonKind::Second/></div>
            };
            let form = self.form(StepKind::AnswerInvitation, fields);
            view! { <details open=open class="answer-no"><summary>{title}</summary>{form}</details> }
        });
        view! { {yes}{no} }.into_any()
    }

    fn seen(&self) -> AnyView {
        let fields = view! {
            <div class="actions"><Button words="还没定，先告诉镇里我看过了" kind=ButtonKind::Link/></div>
        };
        self.form(StepKind::MarkSeen, fields)
    }

    /// Whether one is told of what follows the meeting.
    fn news(&self) -> AnyView {
        let stopped = self.guest.no_news_at.is_some();
        let (said, wanted, words) = if stopped {
            ("现在有进展不写信告诉您，要看就打开这一页。", "yes", "重新接收进展")
        } else {
            ("这件事办到哪一步，有进展就写到您的邮箱。", "no", "停止接收进展")
        };
        let fields = view! {
            <input type="hidden" name="wanted" value=wanted/>
            <div class="actions"><Button words=words kind=ButtonKind::Second/></div>
        };
        let form = self.form(StepKind::ChooseNews, fields);
        view! { <Section title="接收进展"><p class="small">{said}</p>{form}</Section> }.into_any()
    }

    fn substitute(&self) -> AnyView {
        let state = self.state(StepKind::NameSubstitute);
        let open = state.refusal.is_some();
        let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("substitute").private();
        let word = self.guest.category.0.word();
        let name = field("name", "他叫什么");
        let organisation = field("organisation", "单位或村社区").optional();
        let phone = field("phone", "手机号").narrow().optional();
        let mail = field("mail", "邮箱").optional().hint("手机号和邮箱至少留一个，邀请另外给到本人。");
        let fields = view! {
            <p class="hint">{format!("请和您同一类（{word}）的人，先问过本人。")}</p>
            <TextInput field=name/>
            <TextInput field=organisation/>
            <TextInput field=phone kind="tel"/>
            <TextInput field=mail kind="email"/>
            <div class="actions"><Button words="请他代替我" kind=ButtonKind::Second/></div>
        };
        let form = self.form(StepKind::NameSubstitute, fields);
        view! { <details open=open><summary>"请人代替"</summary>{form}</details> }.into_any()
    }

    fn opinion(&self) -> AnyView {
        let sent = self.state(StepKind::GiveOpinion);
        let open = sent.refusal.is_some();
        let state = if open {
            sent
        } else {
            FormState::filled([
                ("stance", self.guest.stance.clone().unwrap_or_default()),
                ("opinion", self.guest.opinion.clone()),
            ])
        };
        let stances = STANCES.iter().map(|(code, word)| Choice::new(*code, *word)).collect();
        let stance = Field::of(&state, "stance", "您怎么看").within("opinion");
        let text = Field::of(&state, "opinion", "想说的话")
            .within("opinion")
            .hint("干事看过后公开，不写您的名字。请不要写电话和别人的名字。");
        let title = if self.guest.opinion.is_empty() { "会前先说几句" } else { "您写的意见，可以改" };
        let fields = view! {
            <RadioGroup field=stance options=stances/>
            <TextArea field=text rows=4/>
            <div class="actions"><Button words="交上去" kind=ButtonKind::Second/></div>
        };
        let form = self.form(StepKind::GiveOpinion, fields);
        view! { <details open=open><summary>{title}</summary>{form}</details> }.into_any()
    }
}

/// The opinions that everybody invited may read.
fn said(opinions: Vec<(String, String, String)>) -> Option<AnyView> {
    (!opinions.is_empty())
        .then(|| view! { <Section title="别人会前说的">{opinions_list(opinions)}</Section> }.into_any())
}

/// Opinions without names: category, stance, words.
pub(super) fn opinions_list(opinions: Vec<(String, String, String)>) -> AnyView {
    let rows = opinions
        .into_iter()
        .map(|(category, stance, text)| {
            let who = crate::rules::Category::from_code(&category).map_or("", crate::rules::Category::word);
            let stance = stance_word(&stance);
            view! { <li><p class="caption">{format!("{who}，{stance}")}</p><p class="said">{text}</p></li> }
        })
        .collect_view();
    view! { <ul class="short-list">{rows}</ul> }.into_any()
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps.
pub async fn post_invitee(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let guest = by_link(req).await?;
    let ctx = acting(&req.ctx, &guest);
    let (case, invitee) = (guest.case_id, guest.invitee_id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    match step {
        StepKind::CastVote => day::vote(&ctx, me(&guest), &form).await?,
        StepKind::AskToSpeak | StepKind::WithdrawSpeech => day::speak(&ctx, me(&guest), (step, &form)).await?,
        StepKind::CheckInSelf => day::check_in(&ctx, me(&guest), &form).await?,
        StepKind::ChooseNews => {
            let wanted = match form.value("wanted") {
                "yes" => true,
                "no" => false,
                _ => return Err(Refusal::field("wanted", "请点「停止接收进展」或「重新接收进展」。")),
            };
            carry_out(&ctx, ChooseNews { case, invitee, wanted }).await?;
        }
        StepKind::MarkSeen => carry_out(&ctx, MarkSeen { case, invitee }).await?,
        StepKind::AnswerInvitation => {
            let comes = match form.value("comes") {
                "yes" => true,
                "no" => false,
                _ => return Err(Refusal::field("comes", "请点「我来参加」或「来不了」。")),
            };
            carry_out(&ctx, AnswerInvitation { case, invitee, comes, reason: form.value("reason").to_owned() }).await?;
        }
        StepKind::NameSubstitute => {
            let person = PersonForm {
                name: form.value("name").to_owned(),
                organisation: form.value("organisation").to_owned(),
                phone: form.value("phone").to_owned(),
                mail: form.value("mail").to_owned(),
                ..PersonForm::default()
            };
            let substitute = Some(InviteeId(ctx.new_id()));
            carry_out(&ctx, NameSubstitute { case, invitee, substitute, person }).await?;
        }
        StepKind::GiveOpinion => {
            let stance = stance_of(form.value("stance"));
            carry_out(&ctx, GiveOpinion { case, invitee, stance, text: form.value("opinion").to_owned() }).await?;
        }
        _ => return Err(Refusal::NotFound),
    }
    let path = path(&ctx.secret, invitee, guest.generation);
    Ok(Outcome::SeeOther(format!("{path}?done={}", step.code())))
}

/// The page after a registration: the person's own link, to be kept.
pub(super) fn own_link(req: &Request, guest: InviteeId, place: Option<i64>) -> Outcome {
    let href = path(&req.ctx.secret, guest, 0);
    let (title, lead) = match place {
        None => ("报上名了，给您留了座".to_owned(), "到时候请带手机来签到。".to_owned()),
        Some(n) => {
            (format!("名额满了，您是候补 {n} 号"), "有人让出名额，就按次序轮到您，那时请在时限内确认。".to_owned())
        }
    };
    let page = Page::public("报名", "", move || {
        view! {
            <div class="narrow-page">
                <h1 class="title">{title}</h1>
                <p class="lead">{lead}</p>
                <p>"下面是您自己的页面：看安排、改答复、提前说几句。打开后收藏起来，不要转给别人。"</p>
                <div class="actions"><LinkButton words="打开我的页面" href=href/></div>
            </div>
        }
        .into_any()
    });
    Outcome::Page(page.private())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_as_people_say_it() {
        for (utc, said) in [
            ("2026-12-03T06:00:00Z", "下午 2 点"),
            ("2026-12-03T01:30:00Z", "上午 9 点半"),
            ("2026-12-03T04:00:00Z", "中午 12 点"),
            ("2026-12-03T11:15:00Z", "晚上 7 点 15 分"),
            ("2026-12-02T16:05:00Z", "凌晨 0 点 5 分"),
        ] {
            assert_eq!(spoken_time(utc.parse().unwrap()), said);
        }
    }
}
