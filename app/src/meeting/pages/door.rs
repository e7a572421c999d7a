//! `/desk/topics/{id}/door`: who is there, what is still needed to open the meeting, and opening it. Works on a tablet
//! and without scripts: every tick is a form of its own.

use leptos::prelude::*;

use super::door_list::{self, Look};
use crate::access::StepKind;
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ids::{InviteeId, SittingId};
use crate::invitation::answer::LINK;
use crate::invitation::model::PersonForm;
use crate::meeting::codes;
use crate::meeting::model::{How, SittingState, by_category, seats, typed_code, typed_link};
use crate::meeting::steps::{
    AddWalkIn, CheckIn, CloseMeeting, ConveneMeeting, CountByHand, MissMeeting, OpenDoor, PauseMeeting, Presence,
    ResumeMeeting, UndoCheckIn, WithdrawCount,
};
use crate::meeting::store::{Person, Sitting};
use crate::plan::model::when;
use crate::rules::{
    Category, Composition, Facts, Findings, attendance_missed, composition, judge, local_date, plain_date,
    smallest_help,
};
use crate::topic::pages::desk::{Bench, TOPICS, Tab, done_note, done_words, refused_elsewhere, seen};
use crate::topic::pages::words::typed_number;
use crate::ui::{
    Answer, Assets, Button, ButtonKind, Checkbox, Choice, Column, CompositionMeter, Empty, Field, FindingList,
    LinkButton, Section, Select, Table, TextArea, TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request, Script};

/// The door.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside.
pub async fn door(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Door).await?;
    let presence = Presence::load(&req.ctx.db, bench.case.id).await?;
    let look = Look::of(req);
    let done = done_words(req.query("done"));
    let who: Option<InviteeId> = req.query("who").parse().ok();
    let bare = req.query("part") == PART;
    let device = device(&bench, &req.site.assets);
    let secret = req.ctx.secret.clone();
    let mut page = Page::desk(format!("签到：{}", bench.case.inner_title()), TOPICS, move || {
        let body = match &presence {
            None => {
                let way = Way::new("去看方案", Tab::Plan.address(bench.case.id));
                view! { <Empty sentence="会议还没有公示，还没有会可以签到。" way=way/> }.into_any()
            }
            Some(presence) => {
                let code = |person: &Person| codes::of_person(&secret, person.invitee_id, person.generation);
                let list = (!bare).then(|| door_list::view(&bench, presence, &look, &code)).into_any();
                day_view(&bench, presence, (list, ticked(presence, who)))
            }
        };
        let refused = bench.form.refusal.is_some();
        view! {
            {bench.head()}
            {done_note(if refused { None } else { done })}
            {refused_elsewhere(&bench)}
            {device}
            {body}
        }
        .into_any()
    });
    page.script = Some(Script::Door);
    Ok(page)
}

/// The query `part` of a page without its list: what the script of the door asks for when somebody came.
const PART: &str = "live";

/// The place of the script that works without a network; for whoever may check people in.
pub(super) fn device(bench: &Bench, assets: &Assets) -> Option<AnyView> {
    let account = bench.actor.account().filter(|_| bench.may(StepKind::CheckIn))?;
    let page = Tab::Door.address(bench.case.id);
    Some(
        view! {
            <div
                id="door"
                data-page=page
                data-who=account.to_string()
                data-worker=assets.door_worker_js.clone()
                data-qr=assets.qr_js.clone()
                data-part=PART
            ></div>
        }
        .into_any(),
    )
}

/// Who was just ticked, by name.
fn ticked(presence: &Presence, who: Option<InviteeId>) -> Option<AnyView> {
    let person = presence.people.iter().find(|one| Some(one.invitee_id) == who && one.check_in_id.is_some())?;
    let words = format!("{}（{}）已签到。", person.name, person.category.0.word());
    Some(view! { <p class="note" role="status">{words}</p> }.into_any())
}

fn day_view(bench: &Bench, presence: &Presence, (list, ticked): (AnyView, Option<AnyView>)) -> AnyView {
    let (sentence, more) = standing(presence);
    let room = presence.day.room.clone().unwrap_or_else(|| "线上".to_owned());
    let at = format!("{}，{room}", when(presence.day.starts_at, presence.day.ends_at));
    let forms = presence.sitting.as_ref().filter(|s| s.state.0.takes_check_ins()).map(|sitting| {
        view! { {by_code(bench, sitting.sitting_id)}{list}{walk_in(bench, sitting)} }
    });
    // On a phone the list stands below all that is still missing.
    let ways = forms.is_some().then(|| {
        view! { <p class="door-ways"><a href="#code">"扫码或报短码"</a><a href="#list">"名单"</a></p> }
    });
    view! {
        <Answer sentence=sentence waits=more/>
        <p class="meta">{at}</p>
        {ways}
        {ticked}
        <div class="cols-work">
            <aside class="col-sheet" aria-label="下一步" id="door-sheet">{sheet(bench, presence)}</aside>
            <div class="col-main">
                {forms}
                <div id="door-sides">{sides(bench, presence)}</div>
                {hand_count(bench, presence)}
            </div>
        </div>
    }
    .into_any()
}

/// The answer of the page: where the door stands.
fn standing(presence: &Presence) -> (String, Option<String>) {
    let attendance = presence.facts(None, "").attendance;
    let here = presence.people.iter().filter(|one| one.check_in_id.is_some()).count();
    let here = format!("到场 {here} 人。");
    let shown = attendance.shown();
    match presence.sitting.as_ref().map(|s| s.state.0) {
        None if presence.day.state == "announced" => {
            ("还没有开始签到。".to_owned(), Some(format!("答应参加的有 {} 位。", attendance.expected)))
        }
        None => ("这场会不在公示中。".to_owned(), None),
        Some(SittingState::Door) => (format!("签到中，到会率 {shown}。"), Some(here)),
        Some(SittingState::Open) => {
            (format!("会议进行中，到会率 {shown}。"), Some(format!("{here}迟到的还可以签到。")))
        }
        Some(SittingState::Paused) => ("休会中。".to_owned(), Some(here)),
        Some(SittingState::Closed) => (format!("会议已经结束，到会率 {shown}。"), Some(here)),
        Some(SittingState::Missed) => ("这一次流会了，另定时间。".to_owned(), None),
    }
}

/// A form of this page about the sitting.
fn act(bench: &Bench, step: StepKind, sitting: SittingId, fields: impl IntoView + 'static) -> AnyView {
    let state = bench.state(step);
    let hidden = view! { <input type="hidden" name="sitting" value=sitting.to_string()/>{fields} };
    bench.form(step, (Some(bench.case.stage_version), None), &state, hidden)
}

fn sheet(bench: &Bench, presence: &Presence) -> AnyView {
    let body = match &presence.sitting {
        None => opening_door(bench, presence),
        Some(sitting) if sitting.state.0 == SittingState::Door => opening(bench, presence, sitting),
        Some(sitting) => running(bench, sitting),
    };
    view! { <section class="sheet"><p class="caption">"下一步"</p>{body}</section> }.into_any()
}

fn opening_door(bench: &Bench, presence: &Presence) -> AnyView {
    let meets_on = local_date(presence.day.starts_at);
    if bench.case.stage() != Stage::Announced || presence.day.state != "announced" {
        return view! { <h2>"等新的公示"</h2><p>"会议重新公示以后，到那一天再签到。"</p> }.into_any();
    }
    let missed = missing(bench, presence);
    if bench.today < meets_on {
        return view! { <h2>"等开会那天"</h2><p>{format!("{} 当天在这里开始签到。", plain_date(meets_on))}</p> }
            .into_any();
    }
    let button = (bench.today == meets_on && bench.may(StepKind::OpenDoor)).then(|| {
        let state = bench.state(StepKind::OpenDoor);
        let fields = view! { <p class="step-button"><button type="submit" class="btn">"开始签到"</button></p> };
        bench.form(StepKind::OpenDoor, (None, None), &state, fields)
    });
    view! {
        <h2>"开始签到"</h2>
        <p>"开始以后，名单上的人可以在这里打勾、报短码，也可以用自己的链接签到。"</p>
        {button}
        {missed}
    }
    .into_any()
}

/// T7 on those who are there now, and the button.
fn opening(bench: &Bench, presence: &Presence, sitting: &Sitting) -> AnyView {
    let state = bench.state(StepKind::ConveneMeeting);
    let opener = if bench.may(StepKind::ConveneMeeting) { bench.actor.account() } else { None };
    let facts = presence.facts(opener, state.value("remark"));
    let findings = judge(&[Facts::T7(facts)], &bench.rules, bench.now);
    let tally = findings.tally();
    // What is only said is missing until it is typed: it does not hold the button back.
    let said_only =
        tally.blocking == 1 && findings.about("remark").is_some_and(|f| f.level == crate::rules::Level::Blocking);
    let warned = tally.warning > 0;
    let blocking = if said_only { 0 } else { tally.blocking };
    let shown = findings
        .into_iter()
        .map(|mut finding| {
            finding.mend = finding.mend.filter(|mend| mend.href == "#remark");
            finding
        })
        .collect::<Vec<_>>();
    let form = bench.may(StepKind::ConveneMeeting).then(|| {
        let (class, words) = if blocking == 0 {
            ("btn", "宣布开会".to_owned())
        } else {
            ("btn blocked", format!("还差 {blocking} 项，暂不能开会"))
        };
        let remark = warned.then(|| {
            let field = Field::of(&state, "remark", "为什么照样开会").hint("写进记录，不公开。");
            view! { <TextArea field rows=2/> }
        });
        let fields = view! { {remark}<p class="step-button"><button type="submit" class=class>{words}</button></p> };
        act(bench, StepKind::ConveneMeeting, sitting.sitting_id, fields)
    });
    let screen = format!("{}/screen", Tab::Door.address(bench.case.id));
    view! {
        <h2>"宣布开会"</h2>
        <FindingList findings=shown/>
        {form}
        <p class="actions"><LinkButton words="门口屏幕：自己签到的码" href=screen kind=ButtonKind::Second small=true/></p>
        {missing(bench, presence)}
    }
    .into_any()
}

/// Recording that too few came, once the time has come and they are too few.
fn missing(bench: &Bench, presence: &Presence) -> Option<AnyView> {
    let facts = presence.facts(None, "");
    let late = bench.now >= presence.day.starts_at
        && (bench.today > local_date(presence.day.starts_at) || attendance_missed(&facts, &bench.rules));
    (late && bench.may(StepKind::MissMeeting)).then(|| {
        let state = bench.state(StepKind::MissMeeting);
        let fields = view! {
            <p class="hint">"记下到会人数，告诉每一个人，接着在方案里另定时间。不能撤回。"</p>
            <div class="actions"><Button words="记流会，另定时间" kind=ButtonKind::Second/></div>
        };
        let form = bench.form(StepKind::MissMeeting, (Some(bench.case.stage_version), None), &state, fields);
        view! { <details open=state.refusal.is_some()><summary>"人不够，开不成"</summary>{form}</details> }.into_any()
    })
}

fn running(bench: &Bench, sitting: &Sitting) -> AnyView {
    let button = |step: StepKind, words: &'static str, kind: ButtonKind| {
        bench.may(step).then(|| {
            let fields = view! { <p class="step-button"><Button words=words kind=kind/></p> };
            act(bench, step, sitting.sitting_id, fields)
        })
    };
    let recorded = sitting.recorded().map(|a| format!("开会时到会率 {}。", a.shown()));
    match sitting.state.0 {
        SittingState::Open => view! {
            <h2>"会议进行中"</h2>
            <p>{recorded}</p>
            <p class="step-button"><LinkButton words="去会场" href=Tab::Console.address(bench.case.id)/></p>
            {button(StepKind::PauseMeeting, "休会", ButtonKind::Second)}
            {button(StepKind::CloseMeeting, "闭会", ButtonKind::Second)}
        }
        .into_any(),
        SittingState::Paused => view! {
            <h2>"休会中"</h2>
            <p>{recorded}</p>
            {button(StepKind::ResumeMeeting, "复会", ButtonKind::Primary)}
            {button(StepKind::CloseMeeting, "闭会", ButtonKind::Second)}
        }
        .into_any(),
        _ => {
            let days = bench.rules.minutes.sign_workdays;
            view! {
                <h2>"写纪要"</h2>
                <p>{recorded}</p>
                <p>{format!("会后 {days} 个工作日内（本镇设定）签发纪要。")}</p>
            }
            .into_any()
        }
    }
}

/// Checking in by code. A scanner that types gives the link of the slip instead.
pub(super) fn by_code(bench: &Bench, sitting: SittingId) -> Option<AnyView> {
    bench.may(StepKind::CheckIn).then(|| {
        let state = bench.state(StepKind::CheckIn);
        let hint = "印在邀请条上，也在本人的邀请页上。扫码枪扫邀请条也行。";
        let field = Field::of(&state, "code", "短码").narrow().hint(hint);
        let fields = view! {
            <TextInput field/>
            <div class="actions"><Button words="按短码签到"/></div>
        };
        let form = act(bench, StepKind::CheckIn, sitting, fields);
        view! { <Section title="扫码或报短码" id="code">{form}</Section> }.into_any()
    })
}

fn walk_in(bench: &Bench, sitting: &Sitting) -> Option<AnyView> {
    bench.may(StepKind::AddWalkIn).then(|| {
        let state = bench.state(StepKind::AddWalkIn);
        let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("walk").private();
        let options = Category::ALL.iter().map(|c| Choice::new(c.code(), c.word())).collect();
        let fields = view! {
            <p class="hint">"没有邀请、没有报名就来了的人。可以进来商量，不算到会率。"</p>
            <TextInput field=field("name", "姓名")/>
            <Select field=field("category", "以什么身份参加") options blank="请选"/>
            <TextInput field=field("organisation", "单位或村社区").optional()/>
            <TextInput field=field("phone", "手机号").narrow().optional().hint("留了手机号，纪要才好请本人核对。") kind="tel"/>
            <Checkbox field=field("woman", "女性")/>
            <div class="actions"><Button words="登记并签到" kind=ButtonKind::Second/></div>
        };
        let hidden = view! { <input type="hidden" name="sitting" value=sitting.sitting_id.to_string()/>{fields} };
        let form = bench.form(StepKind::AddWalkIn, (None, Some("walk")), &state, hidden);
        view! {
            <details open=state.refusal.is_some()><summary>"名单上没有的人来了"</summary>{form}</details>
        }
        .into_any()
    })
}

/// Counts by category, and how those present stand to the rules of composition.
fn sides(bench: &Bench, presence: &Presence) -> AnyView {
    let listed: Vec<_> = presence.people.iter().map(Person::listed).collect();
    let counts = by_category(&listed);
    let rows = counts
        .into_iter()
        .map(|(category, here, all)| {
            view! { <tr data-category=category.code()><th scope="row">{category.word()}</th><td class="num">{format!("{here}/{all}")}</td></tr> }
        })
        .collect_view();
    let list = Composition { people: seats(&listed), open: Vec::new() };
    let lines = composition(&list, &bench.rules);
    let help = smallest_help(&list, &bench.rules).map(|words| words.replace("再请", "再到"));
    let columns = vec![Column::words("类别"), Column::figures("到场/应到")];
    view! {
        <Section title="到场的人够不够、全不全" side="只提醒，不拦开会">
            <Table caption="各类到场人数" quiet=true columns=columns>{rows}</Table>
            <CompositionMeter list lines help/>
        </Section>
    }
    .into_any()
}

/// The director's count by hand.
fn hand_count(bench: &Bench, presence: &Presence) -> Option<AnyView> {
    let sitting = presence.sitting.as_ref()?;
    let counted = sitting.hand().map(|hand| {
        let words = format!(
            "工委主任清点：到会 {} 人，其中委员 {}、利益相关方 {}、部门代表 {}。",
            hand.present, hand.members, hand.stakeholders, hand.departments
        );
        let may = bench.may(StepKind::WithdrawCount) && sitting.state.0 == SittingState::Door;
        let back = may.then(|| {
            let button = view! { <Button words="撤回，照签到的人数算" kind=ButtonKind::Link/> };
            act(bench, StepKind::WithdrawCount, sitting.sitting_id, button)
        });
        view! { <p class="note">{words}</p>{back} }
    });
    let may = bench.may(StepKind::CountByHand) && sitting.state.0 == SittingState::Door;
    let form = may.then(|| {
        let state = bench.state(StepKind::CountByHand);
        let field = |name: &str, label: &'static str| Field::of(&state, name, label).within("hand").narrow();
        let reason = Field::of(&state, "reason", "为什么人工清点").within("hand");
        let fields = view! {
            <p class="hint">"断网、签不了到时用。只数邀请过、报过名的人；由另一位宣布开会，补录以后重新核对。"</p>
            <TextInput field=field("present", "到会总人数") kind="number"/>
            <TextInput field=field("members", "其中委员") kind="number"/>
            <TextInput field=field("stakeholders", "其中利益相关方") kind="number"/>
            <TextInput field=field("departments", "其中部门代表") kind="number"/>
            <TextArea field=reason rows=2/>
            <div class="actions"><Button words="记下清点的人数" kind=ButtonKind::Second/></div>
        };
        let hidden = view! { <input type="hidden" name="sitting" value=sitting.sitting_id.to_string()/>{fields} };
        let form = bench.form(StepKind::CountByHand, (None, Some("hand")), &state, hidden);
        view! { <details open=state.refusal.is_some()><summary>"签不了到，人工清点"</summary>{form}</details> }
    });
    (counted.is_some() || form.is_some()).then(|| view! { {counted}{form} }.into_any())
}

/// The step of a tick: by button on the list, by short code, the chair or the recorder by account.
async fn tick(req: &Request, bench: &Bench, form: &Form) -> Result<CheckIn, Refusal> {
    let (case, sitting) = (bench.case.id, sitting_of(form)?);
    let time = |name: &str| form.value(name).parse().ok();
    let step = |invitee, account, how| CheckIn {
        case,
        sitting,
        invitee,
        account,
        how,
        device_at: time("device_at"),
        list_at: time("list_at"),
    };
    if let Ok(invitee) = form.value("invitee").parse() {
        return Ok(step(Some(invitee), None, How::List));
    }
    if let Ok(account) = form.value("account").parse() {
        return Ok(step(None, Some(account), How::List));
    }
    let presence = Presence::load(&req.ctx.db, case).await?.ok_or(Refusal::NotFound)?;
    if let Some((invitee, token)) = typed_link(form.value("code")) {
        let of = |one: &&Person| {
            one.invitee_id == invitee && req.ctx.secret.is_link_token(token, LINK, invitee.0, one.generation)
        };
        let known = presence.people.iter().find(of).map(|one| step(Some(one.invitee_id), None, How::Scan));
        let words = "这个码不在这场会的名单上，请核对是哪场会的，或者问姓名，在下面的名单里签到。";
        return known.ok_or_else(|| Refusal::field("code", words));
    }
    let code = typed_code(form.value("code")).ok_or_else(|| Refusal::field("code", "请填六位短码，例如 K7M3QP。"))?;
    let of = |one: &&Person| codes::of_person(&req.ctx.secret, one.invitee_id, one.generation) == code;
    let found: Vec<InviteeId> = presence.people.iter().filter(of).map(|one| one.invitee_id).collect();
    match found.as_slice() {
        [one] => Ok(step(Some(*one), None, How::Code)),
        [] => Err(Refusal::field("code", "名单上没有这个短码，请核对，或者问姓名，在下面的名单里签到。")),
        _ => Err(Refusal::field("code", "这个短码对上了不止一位，请问姓名，在下面的名单里签到。")),
    }
}

/// The sitting that the page showed.
fn sitting_of(form: &Form) -> Result<SittingId, Refusal> {
    form.value("sitting").parse().map_err(|_| Refusal::moved_on("这一页不完整，请刷新后再提交。"))
}

/// A whole number of people.
fn whole(form: &Form, field: &str) -> Result<u32, Refusal> {
    typed_number(form.value(field)).ok_or_else(|| Refusal::field(field, "请填人数，没有的填 0。"))
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_door(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let bench = Bench::of(req, Tab::Door).await?;
    let (ctx, case) = (&req.ctx, bench.case.id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    let here = Tab::Door.address(case);
    match step {
        StepKind::OpenDoor => {
            carry_out(ctx, OpenDoor { case }).await?;
        }
        StepKind::CheckIn if !form.value("undo").is_empty() => {
            let check_in = form.parse("undo", "这次签到找不到了。")?;
            carry_out(ctx, UndoCheckIn { case, sitting: sitting_of(&form)?, check_in }).await?;
            return Ok(Outcome::SeeOther(format!("{here}?done={}", StepKind::UndoCheckIn.code())));
        }
        StepKind::CheckIn => {
            let tick = tick(req, &bench, &form).await?;
            let who = tick.invitee.map(|one| format!("who={one}")).unwrap_or_default();
            carry_out(ctx, tick).await?;
            return Ok(Outcome::SeeOther(format!("{here}?{who}")));
        }
        StepKind::AddWalkIn => {
            let person = PersonForm {
                category: Category::from_code(form.value("category")),
                name: form.value("name").to_owned(),
                organisation: form.value("organisation").to_owned(),
                phone: form.value("phone").to_owned(),
                woman: form.ticked("woman"),
                ..PersonForm::default()
            };
            let invitee = Some(InviteeId(ctx.new_id()));
            carry_out(ctx, AddWalkIn { case, sitting: sitting_of(&form)?, invitee, person }).await?;
        }
        StepKind::CountByHand => {
            let count = CountByHand {
                case,
                sitting: sitting_of(&form)?,
                present: whole(&form, "present")?,
                members: whole(&form, "members")?,
                stakeholders: whole(&form, "stakeholders")?,
                departments: whole(&form, "departments")?,
                reason: form.value("reason").to_owned(),
            };
            carry_out(ctx, count).await?;
        }
        StepKind::WithdrawCount => carry_out(ctx, WithdrawCount { case, sitting: sitting_of(&form)? }).await?,
        StepKind::ConveneMeeting => {
            carry_out(ctx, ConveneMeeting { case, seen: seen(&form)?, remark: form.value("remark").to_owned() })
                .await?;
        }
        StepKind::MissMeeting => {
            carry_out(ctx, MissMeeting { case, seen: seen(&form)? }).await?;
            return Ok(Outcome::SeeOther(format!("{}?done={}#plan", Tab::Plan.address(case), step.code())));
        }
        StepKind::PauseMeeting => carry_out(ctx, PauseMeeting { case, sitting: sitting_of(&form)? }).await?,
        StepKind::ResumeMeeting => carry_out(ctx, ResumeMeeting { case, sitting: sitting_of(&form)? }).await?,
        StepKind::CloseMeeting => carry_out(ctx, CloseMeeting { case, sitting: sitting_of(&form)? }).await?,
        _ => return Err(Refusal::NotFound),
    }
    Ok(Outcome::SeeOther(format!("{here}?done={}", step.code())))
}
