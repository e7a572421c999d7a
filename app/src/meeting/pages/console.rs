//! `/desk/topics/{id}/console`: one officer runs the meeting from here. Every action is a plain form with one button;
//! buttons that are pressed often have an access key. Works without scripts: the clock stands still then, what others do
//! is seen after a reload, and a note is kept when its button is pressed. With them (`style/console.js`) a note saves
//! itself, and waits in the browser while there is no network.

use leptos::prelude::*;

use super::clock::Clock;
use super::{console_line, polls};
use crate::access::StepKind;
use crate::case::{carry_out, newest_seq};
use crate::error::Refusal;
use crate::ids::{CaseId, HandoverId, PollId, SittingId, SpeechId};
use crate::meeting::floor::model::{SpeechKind, SpeechState, elapsed_s, minutes_and_seconds};
use crate::meeting::floor::steps::{
    AskToSpeak, CallResponse, ExtendSpeech, HandOver, LinkAnswer, NextSegment, NoteSpeech, SpeakNext, StartSpeech,
    StopSpeech, WithdrawSpeech,
};
use crate::meeting::floor::store::{self as floor, Handover, Run, Speech};
use crate::meeting::model::{SittingState, by_category};
use crate::meeting::poll::steps::{ClosePoll, OpenPoll};
use crate::meeting::poll::store::{Poll, polls as polls_of};
use crate::meeting::steps::{CloseMeeting, PauseMeeting, Presence, ResumeMeeting};
use crate::meeting::store::{Person, Sitting};
use crate::plan::model::AgendaItem;
use crate::plan::told_plan;
use crate::roster::store::{Unit, units};
use crate::rules::{Category, Segment, clock_time, plain_date};
use crate::topic::pages::desk::{Bench, TOPICS, Tab, done_note, done_words, refused_elsewhere, seen};
use crate::ui::{
    Button, ButtonKind, Choice, Conflict, Crumbs, Empty, Field, LinkButton, Live, RequestIdField, Section, Select,
    TextArea, TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request, Script};

/// Everything that the console shows of a sitting.
pub(super) struct Room {
    pub(super) bench: Bench,
    pub(super) presence: Presence,
    pub(super) sitting: Sitting,
    pub(super) agenda: Vec<AgendaItem>,
    pub(super) runs: Vec<Run>,
    pub(super) speeches: Vec<Speech>,
    handovers: Vec<Handover>,
    pub(super) polls: Vec<Poll>,
    units: Vec<Unit>,
    /// The speech whose note is written, when another than the present one is asked for.
    noted: Option<SpeechId>,
    /// What was written on an old version and is kept beside: its speech and words.
    beside: Option<(SpeechId, String)>,
}

/// The console while the meeting is on or over, or the bench alone before it was opened.
enum Shown {
    Before(Box<Bench>),
    Room(Box<Room>),
}

impl Room {
    async fn load(req: &Request) -> Result<Shown, Refusal> {
        let bench = Bench::of(req, Tab::Console).await?;
        let (db, case) = (&req.ctx.db, bench.case.id);
        let presence = Presence::load(db, case).await?;
        let opened = presence.and_then(|presence| {
            let sitting = presence.sitting.clone().filter(|sitting| sitting.opened_at.is_some())?;
            Some((presence, sitting))
        });
        let Some((presence, sitting)) = opened else { return Ok(Shown::Before(Box::new(bench))) };
        let id = sitting.sitting_id;
        let plan = told_plan(db, presence.day.meeting_id).await?;
        let noted: Option<SpeechId> = req.query("note").parse().ok();
        let beside = match (noted, req.query("beside").parse::<i64>()) {
            (Some(speech), Ok(version)) => floor::note(db, speech, version).await?.map(|words| (speech, words)),
            _ => None,
        };
        let room = Self {
            agenda: plan.map(|plan| plan.agenda).unwrap_or_default().into_iter().filter(|i| i.minutes > 0).collect(),
            runs: floor::runs(db, id).await?,
            speeches: floor::speeches(db, id).await?,
            handovers: floor::handovers(db, id).await?,
            polls: polls_of(db, id).await?,
            units: units(db, std::slice::from_ref(&bench.case.town_id)).await?,
            noted,
            beside,
            presence,
            sitting,
            bench,
        };
        Ok(Shown::Room(Box::new(room)))
    }

    /// Whoever speaks.
    pub(super) fn speaking(&self) -> Option<&Speech> {
        self.speeches.iter().find(|one| one.state.0 == SpeechState::Speaking)
    }

    /// Those in line.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Speech> {
        self.speeches.iter().filter(|one| one.state.0 == SpeechState::Waiting)
    }

    /// Seconds of a speech so far.
    pub(super) fn seconds(&self, speech: &Speech) -> i64 {
        speech.started_at.map_or(0, |at| elapsed_s(at, speech.ended_at, self.bench.now))
    }

    /// Those who are there.
    pub(super) fn present(&self) -> impl Iterator<Item = &Person> {
        self.presence.people.iter().filter(|person| person.check_in_id.is_some())
    }

    /// Whether the person may run the meeting.
    pub(super) fn runs_it(&self) -> bool {
        self.bench.may(StepKind::StartSpeech)
    }

    /// A form of the console with its button.
    pub(super) fn form(&self, step: StepKind, fields: impl IntoView + 'static) -> AnyView {
        view! {
            <form method="post" action=self.bench.address()>
                <RequestIdField id=self.bench.request_id.clone()/>
                <input type="hidden" name="action" value=step.code()/>
                <input type="hidden" name="sitting" value=self.sitting.sitting_id.to_string()/>
                {fields}
            </form>
        }
        .into_any()
    }

    /// A form that is one button about a speech.
    pub(super) fn press(&self, step: StepKind, speech: SpeechId, words: &'static str, kind: ButtonKind) -> AnyView {
        let fields = view! {
            <input type="hidden" name="speech" value=speech.to_string()/>
            <Button words=words kind=kind small=true/>
        };
        self.form(step, fields)
    }
}

/// Name, category and organisation in one line.
pub(super) fn who(speech: &Speech) -> String {
    let organisation =
        if speech.organisation.is_empty() { String::new() } else { format!("，{}", speech.organisation) };
    format!("{}{organisation}", speech.category.0.word())
}

/// The console.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside.
pub async fn console(req: &Request) -> Result<Page, Refusal> {
    let seen = newest_seq(&req.ctx.db, req.param::<CaseId>("id")?).await?;
    let shown = Room::load(req).await?;
    let done = done_words(req.query("done"));
    let bench = match &shown {
        Shown::Before(bench) => bench,
        Shown::Room(room) => &room.bench,
    };
    let title = format!("会场：{}", bench.case.inner_title());
    Ok(Page::desk(title, TOPICS, move || match shown {
        Shown::Before(bench) => {
            let way = Way::new("去签到页", Tab::Door.address(bench.case.id));
            view! {
                {bench.head()}
                <Live case=bench.case.id seen><Empty sentence="会还没有开。先在签到页签到、宣布开会。" way=way/></Live>
            }
            .into_any()
        }
        Shown::Room(room) => {
            let refused = room.bench.form.refusal.is_some();
            // What is pressed most comes first, and stands in the middle where there is room for three columns.
            view! {
                {crumbs(&room)}
                <Live case=room.bench.case.id seen parts=true>
                    <div class="console-head" data-live="head">{head(&room)}</div>
                    {done_note(if refused { None } else { done })}
                    {refused_elsewhere(&room.bench)}
                    <div class="console" data-console=room.bench.actor.account().map(|account| account.to_string())>
                        <div class="console-now">
                            <div data-live="floor">{floor_view(&room)}</div>
                            <div data-live="note" data-quiet="">{note(&room)}</div>
                        </div>
                        <div class="console-line">
                            <div data-live="line">{console_line::line(&room)}</div>
                            <div data-live="spoken">{console_line::spoken(&room)}</div>
                        </div>
                        <div class="console-more">
                            <div data-live="polls">{polls::part(&room)}</div>
                            <div data-live="handovers">{handing_over(&room)}</div>
                            <div data-live="record">{record(&room)}</div>
                        </div>
                        <div class="console-agenda">
                            <div data-live="agenda">{agenda(&room)}</div>
                            <div data-live="here">{here(&room)}</div>
                        </div>
                    </div>
                </Live>
            }
            .into_any()
        }
    })
    .with(Script::Console))
}

fn crumbs(room: &Room) -> impl IntoView + use<> {
    let case = &room.bench.case;
    let ways = vec![Way::new("议题", TOPICS), Way::new(case.inner_title().to_owned(), format!("{TOPICS}/{}", case.id))];
    view! { <Crumbs ways here="会场"/> }
}

fn head(room: &Room) -> AnyView {
    let (bench, day) = (&room.bench, &room.presence.day);
    let case = bench.case.id;
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let meta = format!(
        "{}。主持 {}，记录 {}",
        day.room.clone().unwrap_or_else(|| "线上".to_owned()),
        name(&day.chair),
        name(&day.recorder)
    );
    let attendance = room.presence.facts(None, "").attendance;
    let state = format!("{} {}，到会 {}", room.sitting.state.0.word(), clock_time(bench.now), attendance.shown());
    let act = |step: StepKind, words: &'static str| {
        bench.may(step).then(|| room.form(step, view! { <Button words=words kind=ButtonKind::Second small=true/> }))
    };
    let acts = match room.sitting.state.0 {
        SittingState::Open => {
            view! { {act(StepKind::PauseMeeting, "休会")}{act(StepKind::CloseMeeting, "闭会")} }.into_any()
        }
        SittingState::Paused => {
            view! { {act(StepKind::ResumeMeeting, "复会")}{act(StepKind::CloseMeeting, "闭会")} }.into_any()
        }
        _ => ().into_any(),
    };
    let (door, screen) = (Tab::Door.address(case), format!("/topics/{case}/screen"));
    let demo = bench.case.demo.then(|| view! { " "<span class="tag">"演示数据"</span> });
    view! {
        <div>
            <h1 class="title title-work">{bench.case.inner_title().to_owned()}{demo}</h1>
            <p class="meta">{meta}</p>
        </div>
        <div class="console-state">
            <p>{state}</p>
            <LinkButton words="签到" href=door kind=ButtonKind::Second small=true/>
            <LinkButton words="大屏" href=screen kind=ButtonKind::Second small=true/>
            {acts}
        </div>
    }
    .into_any()
}

/// Seconds that a segment took so far, over all its runs.
fn spent(room: &Room, segment: Segment) -> i64 {
    room.runs
        .iter()
        .filter(|run| run.segment.0 == segment)
        .map(|run| elapsed_s(run.started_at, run.ended_at.or(room.sitting.closed_at), room.bench.now))
        .sum()
}

fn agenda(room: &Room) -> AnyView {
    let on = room.runs.iter().rev().find(|run| run.ended_at.is_none()).map(|run| run.segment.0);
    let rows = room
        .agenda
        .iter()
        .map(|item| {
            let spent_s = spent(room, item.segment);
            let planned_s = i64::from(item.minutes) * 60;
            let numbers = if spent_s == 0 && on != Some(item.segment) {
                format!("{} 分", item.minutes)
            } else {
                format!("{} / {} 分", spent_s / 60, item.minutes)
            };
            let here = (on == Some(item.segment)).then_some("step");
            let left = (here.is_some()).then(|| {
                let left = planned_s - spent_s;
                let words = if left >= 0 {
                    format!("现在。还剩 {} 分钟", left / 60)
                } else {
                    format!("现在。超了 {} 分钟", -left / 60)
                };
                view! { <p class="caption">{words}</p> }
            });
            let label = format!("{}已用", item.segment.word());
            view! {
                <li class="agenda-row" aria-current=here>
                    <p><b>{item.segment.word()}</b><span class="num">{numbers}</span></p>
                    <progress class="agenda-bar" aria-label=label max=planned_s.to_string() value=spent_s.min(planned_s).to_string()></progress>
                    {left}
                </li>
            }
        })
        .collect_view();
    let place = on.and_then(|on| room.agenda.iter().position(|item| item.segment == on));
    let next = room.agenda.get(place.map_or(0, |place| place + 1)).map(|item| item.segment);
    let may = room.sitting.state.0 == SittingState::Open && room.bench.may(StepKind::NextSegment);
    let button = next.filter(|_| may).map(|segment| {
        let fields = view! {
            <input type="hidden" name="segment" value=segment.code()/>
            <button type="submit" class="btn second small" accesskey="n">{format!("进入「{}」", segment.word())}</button>
        };
        room.form(StepKind::NextSegment, fields)
    });
    view! { <Section title="议程"><ol class="agenda-list">{rows}</ol>{button}</Section> }.into_any()
}

fn here(room: &Room) -> AnyView {
    let listed: Vec<_> = room.presence.people.iter().map(Person::listed).collect();
    let rows = by_category(&listed)
        .into_iter()
        .map(|(category, here, all)| {
            view! { <li><span>{category.word()}</span><span class="num">{format!("{here}/{all}")}</span></li> }
        })
        .collect_view();
    view! { <Section title="到会"><ul class="pair-list">{rows}</ul></Section> }.into_any()
}

/// Who speaks, with the clock, and what is pressed most.
fn floor_view(room: &Room) -> AnyView {
    let is_open = room.sitting.state.0 == SittingState::Open && room.runs_it();
    let next = room.waiting().next();
    let shown = match room.speaking() {
        None => {
            let words = if room.waiting().next().is_some() {
                "没有人在说，右边有人等着。"
            } else {
                "没有人在说。"
            };
            view! { <p class="empty">{words}</p> }.into_any()
        }
        Some(speech) => {
            let bell_s = i64::from(room.bench.rules.meeting.bell_before_minutes) * 60;
            let times =
                room.speeches.iter().filter(|one| one.invitee_id == speech.invitee_id && one.started_at.is_some());
            let (count, sum) = times.fold((0, 0), |(n, s), one| (n + 1, s + room.seconds(one)));
            let more = format!("本场第 {count} 次，累计 {}", minutes_and_seconds(sum));
            let kind = speech.kind.0.word();
            view! {
                <p class="caption">{format!("正在说，{kind}，共 {}", minutes_and_seconds(speech.allowed_s))}</p>
                <div class="speaker">
                    <p><b class="speaker-name">{speech.name.clone()}</b>" "<span>{who(speech)}</span></p>
                    {Clock::of(speech, room.seconds(speech), bell_s).view()}
                </div>
                <p class="caption">{more}</p>
            }
            .into_any()
        }
    };
    let main = match (is_open, next, room.speaking()) {
        (true, Some(next), speaking) => {
            let words = if speaking.is_some() { "停，下一位" } else { "请下一位说" };
            let fields = view! {
                <input type="hidden" name="speech" value=next.speech_id.to_string()/>
                <button type="submit" class="btn" accesskey="s">{words}</button>
            };
            Some(room.form(StepKind::StartSpeech, fields))
        }
        _ => None,
    };
    let stop = room.speaking().filter(|_| room.runs_it()).map(|speech| {
        let fields = view! {
            <input type="hidden" name="speech" value=speech.speech_id.to_string()/>
            <button type="submit" class="btn second" accesskey="t">"停表"</button>
        };
        room.form(StepKind::StopSpeech, fields)
    });
    let more = room.speaking().filter(|_| is_open && room.bench.may(StepKind::ExtendSpeech)).map(|speech| {
        let minutes = room.bench.rules.meeting.extend_minutes;
        let fields = view! {
            <input type="hidden" name="speech" value=speech.speech_id.to_string()/>
            // What the person saw: pressed twice on one page, it is given once.
            <input type="hidden" name="allowed" value=speech.allowed_s.to_string()/>
            <button type="submit" class="btn second" accesskey="e">{format!("加 {minutes} 分钟")}</button>
        };
        room.form(StepKind::ExtendSpeech, fields)
    });
    let response = is_open.then(|| response(room)).flatten();
    view! {
        <Section title="会场">
            {shown}
            <div class="actions">{main}{stop}{more}</div>
            {response}
        </Section>
    }
    .into_any()
}

/// 请部门回应: who answers, and what.
fn response(room: &Room) -> Option<AnyView> {
    let departments: Vec<Choice> = room
        .present()
        .filter(|person| person.category.0 == Category::Department)
        .map(|person| Choice::new(person.invitee_id.to_string(), format!("{} {}", person.name, person.organisation)))
        .collect();
    (!departments.is_empty()).then(|| {
        let state = room.bench.state(StepKind::CallResponse);
        let invitee = Field::of(&state, "invitee", "谁回应").within("call");
        let answers = Field::of(&state, "answers", "回应哪一条").within("call").optional();
        let fields = view! {
            <Select field=invitee options=departments/>
            <Select field=answers options=questions(room, None) blank="先不挂"/>
            <div class="actions"><Button words="请部门回应，开始计时" kind=ButtonKind::Second/></div>
        };
        let form = room.form(StepKind::CallResponse, fields);
        view! { <details open=state.refusal.is_some()><summary accesskey="r">"请部门回应"</summary>{form}</details> }
            .into_any()
    })
}

/// The speeches that can be answered, newest first.
fn questions(room: &Room, but: Option<SpeechId>) -> Vec<Choice> {
    room.speeches
        .iter()
        .rev()
        .filter(|one| one.kind.0 == SpeechKind::Speech && Some(one.speech_id) != but)
        .filter_map(|one| one.started_at.map(|at| (one, at)))
        .map(|(one, at)| {
            let words: String = one.words.as_deref().unwrap_or_default().chars().take(16).collect();
            Choice::new(
                one.speech_id.to_string(),
                format!("{} {} {words}", clock_time(at), one.name).trim_end().to_owned(),
            )
        })
        .collect()
}

/// The note: of whoever speaks, of the last who spoke, or of the one that was asked for.
fn note(room: &Room) -> Option<AnyView> {
    if !room.bench.may(StepKind::NoteSpeech) {
        return None;
    }
    let held = |one: &&Speech| one.started_at.is_some();
    let last = || room.speeches.iter().filter(held).max_by_key(|one| one.started_at);
    let asked = room.noted.and_then(|id| room.speeches.iter().filter(held).find(|one| one.speech_id == id));
    let speech = asked.or_else(|| room.speaking()).or_else(last)?;
    let state = room.bench.state(StepKind::NoteSpeech);
    let theirs = speech.words.clone().unwrap_or_default();
    let kept = room.beside.as_ref().filter(|(id, _)| *id == speech.speech_id).map(|(_, words)| words.clone());
    let conflict = kept.clone().map(|yours| {
        let differences = vec![crate::error::Difference { label: "要点".to_owned(), theirs: theirs.clone(), yours }];
        let sentence = "您打开以后，别人刚记过这一条。两份都留着：现在用的是左边，您写的在下面。";
        view! { <Conflict sentence differences/> }
    });
    let field = Field::of(&state, "words", format!("现在记：{}", speech.name)).or(kept.unwrap_or(theirs));
    let fields = view! {
        <input type="hidden" name="speech" value=speech.speech_id.to_string()/>
        <input type="hidden" name="seen" value=speech.version.to_string()/>
        <TextArea field rows=4/>
        <div class="actions">
            <button type="submit" class="btn second" accesskey="k">"记下要点"</button>
            <span class="caption" data-saved=""></span>
        </div>
    };
    let who = room.bench.actor.account().map(|account| account.to_string());
    // Of two versions a person makes one: it is not saved before the button is pressed.
    let paused = conflict.is_some().then_some("");
    let form = view! {
        <div data-note=speech.speech_id.to_string() data-who=who data-paused=paused>
            {room.form(StepKind::NoteSpeech, fields)}
        </div>
    };
    Some(view! { <Section title="要点" id="note">{conflict}{form}</Section> }.into_any())
}

/// 现场交办.
fn handing_over(room: &Room) -> AnyView {
    let rows: Vec<_> = room
        .handovers
        .iter()
        .map(|one| {
            let words = format!("{}，{} 前办结", one.unit, plain_date(one.due_on));
            view! { <li><p>{one.matter.clone()}</p><p class="caption">{words}</p></li> }
        })
        .collect();
    let may = room.sitting.state.0.is_on() && room.bench.may(StepKind::HandOver);
    let form = may.then(|| {
        let state = room.bench.state(StepKind::HandOver);
        let options = room.units.iter().map(|unit| Choice::new(unit.unit_id.to_string(), unit.name.clone())).collect();
        let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("hand");
        let fields = view! {
            <Select field=field("unit", "交给哪个单位") options blank="请选"/>
            <TextArea field=field("matter", "办什么") rows=2/>
            <TextInput field=field("due_on", "哪天办结").narrow() kind="date"/>
            <Select field=field("speech", "从哪一条发言来").optional() options=questions(room, None) blank="不挂"/>
            <div class="actions"><Button words="现场交办" kind=ButtonKind::Second/></div>
        };
        let form = room.form(StepKind::HandOver, fields);
        view! { <details open=state.refusal.is_some()><summary accesskey="j">"现场交办"</summary>{form}</details> }
    });
    let list = (!rows.is_empty()).then(|| view! { <ul class="short-list">{rows}</ul> });
    (list.is_some() || form.is_some()).then(|| view! { <div class="console-part">{form}{list}</div> }).into_any()
}

/// What was said, newest first.
fn record(room: &Room) -> Option<AnyView> {
    let mut said: Vec<&Speech> = room.speeches.iter().filter(|one| one.state.0 == SpeechState::Spoken).collect();
    said.sort_by_key(|one| std::cmp::Reverse(one.started_at));
    let rows: Vec<_> = said.into_iter().map(|one| said_row(room, one)).collect();
    (!rows.is_empty()).then(|| {
        view! { <Section title="说过的" side="新的在前"><ul class="said-list">{rows}</ul></Section> }.into_any()
    })
}

fn said_row(room: &Room, speech: &Speech) -> AnyView {
    let at = speech.started_at.map(clock_time).unwrap_or_default();
    let answered = speech.answers.and_then(|id| room.speeches.iter().find(|one| one.speech_id == id));
    let answered = answered.map(|one| {
        let at = one.started_at.map(clock_time).unwrap_or_default();
        view! { <span class="caption">{format!("回应 {} {at}", one.name)}</span> }
    });
    let head = format!("{}（{}，{}）", speech.name, who(speech), minutes_and_seconds(room.seconds(speech)));
    let words = speech.said().unwrap_or_else(|| "还没有记要点。".to_owned());
    let edit = room.bench.may(StepKind::NoteSpeech).then(|| {
        let href = format!("{}?note={}#note", room.bench.address(), speech.speech_id);
        view! { <a href=href>{if speech.words.is_some() { "改要点" } else { "记要点" }}</a> }
    });
    let link = (speech.kind.0 == SpeechKind::Response && room.bench.may(StepKind::LinkAnswer)).then(|| {
        let state =
            crate::error::FormState::filled([("answers", speech.answers.map(|id| id.to_string()).unwrap_or_default())]);
        let field = Field::of(&state, "answers", "回应哪一条").within(&speech.speech_id.to_string()).optional();
        let fields = view! {
            <input type="hidden" name="speech" value=speech.speech_id.to_string()/>
            <Select field options=questions(room, Some(speech.speech_id)) blank="不挂"/>
            <Button words="挂上" kind=ButtonKind::Second small=true/>
        };
        let form = room.form(StepKind::LinkAnswer, fields);
        view! { <details><summary>"挂到问题"</summary>{form}</details> }
    });
    view! {
        <li>
            <p class="caption">{at}</p>
            <div>
                <p><b>{head}</b>" "{answered}</p>
                <p class="said">{words}</p>
                <p>{edit}</p>
                {link}
            </div>
        </li>
    }
    .into_any()
}

/// An id that a form of the console names.
fn id<T: std::str::FromStr>(form: &Form, name: &str) -> Result<T, Refusal> {
    form.value(name).parse().map_err(|_| Refusal::field(name, "请选一项。"))
}

/// One that may be left out. What is there and cannot be read is refused, not left out.
fn optional<T: std::str::FromStr>(form: &Form, name: &str) -> Result<Option<T>, Refusal> {
    let unknown = |_| Refusal::field(name, "选的这一项认不出来，请刷新页面再选。");
    form.optional(name).map(|value| value.parse().map_err(unknown)).transpose()
}

/// Takes the forms of the console.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_console(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let bench = Bench::of(req, Tab::Console).await?;
    let (ctx, case) = (&req.ctx, bench.case.id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    let sitting: SittingId =
        form.value("sitting").parse().map_err(|_| Refusal::moved_on("这一页不完整，请刷新后再提交。"))?;
    let here = Tab::Console.address(case);
    let new = || Some(SpeechId(ctx.new_id()));
    match step {
        StepKind::NextSegment => {
            let segment = Segment::from_code(form.value("segment"));
            carry_out(ctx, NextSegment { case, sitting, segment }).await?;
        }
        StepKind::AskToSpeak => {
            let invitee = id(&form, "invitee")?;
            carry_out(ctx, AskToSpeak { case, sitting, invitee, speech: new() }).await?;
        }
        StepKind::CallResponse => {
            let (invitee, answers) = (id(&form, "invitee")?, optional(&form, "answers")?);
            carry_out(ctx, CallResponse { case, sitting, invitee, answers, speech: new() }).await?;
        }
        StepKind::HandOver => {
            let hand_over = HandOver {
                case,
                sitting,
                handover: Some(HandoverId(ctx.new_id())),
                unit: optional(&form, "unit")?,
                matter: form.value("matter").to_owned(),
                due_on: form.value("due_on").parse().ok(),
                speech: optional(&form, "speech")?,
            };
            carry_out(ctx, hand_over).await?;
        }
        StepKind::OpenPoll => {
            let poll = Some(PollId(ctx.new_id()));
            let step = OpenPoll { case, sitting, poll, asked: polls::asked(&form), secret: form.ticked("secret") };
            carry_out(ctx, step).await?;
        }
        StepKind::ClosePoll => carry_out(ctx, ClosePoll { case, sitting, poll: id(&form, "poll")? }).await?,
        StepKind::PauseMeeting => carry_out(ctx, PauseMeeting { case, sitting }).await?,
        StepKind::ResumeMeeting => carry_out(ctx, ResumeMeeting { case, sitting }).await?,
        StepKind::CloseMeeting => carry_out(ctx, CloseMeeting { case, sitting }).await?,
        _ => return about_speech(req, &form, (step, sitting)).await,
    }
    Ok(Outcome::SeeOther(format!("{here}?done={}", step.code())))
}

/// The forms about one speech.
async fn about_speech(req: &Request, form: &Form, (step, sitting): (StepKind, SittingId)) -> Result<Outcome, Refusal> {
    let (ctx, case) = (&req.ctx, req.param("id")?);
    let here = Tab::Console.address(case);
    let speech: SpeechId = id(form, "speech")?;
    match step {
        StepKind::WithdrawSpeech => carry_out(ctx, WithdrawSpeech { case, sitting, speech }).await?,
        StepKind::SpeakNext => carry_out(ctx, SpeakNext { case, sitting, speech }).await?,
        StepKind::StartSpeech => carry_out(ctx, StartSpeech { case, sitting, speech }).await?,
        StepKind::ExtendSpeech => {
            let allowed_s = form.parse("allowed", "请刷新页面看最新情况。")?;
            carry_out(ctx, ExtendSpeech { case, sitting, speech, allowed_s }).await?;
        }
        StepKind::StopSpeech => carry_out(ctx, StopSpeech { case, sitting, speech }).await?,
        StepKind::LinkAnswer => {
            let answers = optional(form, "answers")?;
            carry_out(ctx, LinkAnswer { case, sitting, speech, answers }).await?;
        }
        StepKind::NoteSpeech => {
            let seen = seen(form)?;
            let words = form.value("words").to_owned();
            let noted = carry_out(ctx, NoteSpeech { case, sitting, speech, seen, words }).await?;
            if noted.beside {
                return Ok(Outcome::SeeOther(format!("{here}?note={speech}&beside={}#note", noted.version)));
            }
            // The script asks for the version to go on from.
            return Ok(Outcome::SeeOther(format!("{here}?done={}&version={}", step.code(), noted.version)));
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Outcome::SeeOther(format!("{here}?done={}", step.code())))
}
