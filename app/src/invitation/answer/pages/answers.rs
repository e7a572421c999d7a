//! `/desk/topics/{id}/answers`: who comes, who was reached, what is missing; and one person's answer on a page of its own.

use std::collections::HashMap;

use leptos::prelude::*;

use super::super::steps::{
    DecideOpinion, REACHED, RecordAnswer, RefuseSubstitute, ReissueLink, RemindUnanswered, STANCES,
};
use super::super::store::{self, Guest, MeetingView};
use super::super::{group_path, path};
use super::place;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ids::InviteeId;
use crate::invitation::model::InviteeState;
use crate::letter::model::LetterKind;
use crate::letter::post::may_handle;
use crate::letter::store::{Newest, of_meeting, to_invitee};
use crate::plan::model::when;
use crate::rules::{Category, Composition, Seat, composition, judged, local_date};
use crate::topic::pages::desk::{Bench, TOPICS, Tab, day, done_note, done_words, moment, what_was_wrong};
use crate::topic::pages::opinion::opinions_came;
use crate::ui::{
    Answer, Button, ButtonKind, Choice, Column, Crumbs, Empty, Field, FindingList, LinkButton, Qr, RadioGroup,
    RequestIdField, Section, Table, TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// How many stand in a state.
fn count(guests: &[Guest], states: &[InviteeState]) -> usize {
    guests.iter().filter(|g| states.contains(&g.state.0)).count()
}

/// The answer of the page: 「请了 23 位：参加 12，来不了 3，等答复 8。」
fn summary(guests: &[Guest]) -> (String, String) {
    use InviteeState::{Accepted, Declined, Invited, Offered, Substituted, Waiting};
    let asked = count(guests, &[Invited, Accepted, Declined, Substituted, Offered]);
    let parts: Vec<String> = [
        ("参加", count(guests, &[Accepted])),
        ("来不了", count(guests, &[Declined])),
        ("请人代替", count(guests, &[Substituted])),
        ("等答复", count(guests, &[Invited])),
        ("等确认名额", count(guests, &[Offered])),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 0)
    .map(|(word, n)| format!("{word} {n}"))
    .collect();
    let seen = guests.iter().filter(|g| g.seen_at.is_some()).count();
    let waiting = count(guests, &[Waiting]);
    let first = if parts.is_empty() {
        format!("请了 {asked} 位。")
    } else {
        format!("请了 {asked} 位：{}。", parts.join("，"))
    };
    let line = if waiting > 0 { format!("，候补 {waiting} 位") } else { String::new() };
    (first, format!("看过邀请的 {seen} 位{line}。"))
}

/// The overview of answers.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside.
pub async fn answers(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Answers).await?;
    let db = &req.ctx.db;
    let meeting = store::meeting_of(db, bench.case.id).await?;
    let (guests, letters, seats) = match &meeting {
        Some(meeting) => (
            store::guests(db, meeting.meeting_id).await?,
            of_meeting(db, meeting.meeting_id).await?,
            store::seats(db, meeting.meeting_id).await?,
        ),
        None => (Vec::new(), Vec::new(), Vec::new()),
    };
    let came = match &meeting {
        Some(meeting) => opinions_came(db, meeting.meeting_id).await?,
        None => None,
    };
    let group = meeting.as_ref().map(|m| format!("{}{}", req.site.public_url, group_path(&req.ctx, m.meeting_id)));
    let done = done_words(req.query("done"));
    Ok(Page::desk(format!("答复：{}", bench.case.inner_title()), TOPICS, move || {
        let body = match meeting {
            None => {
                let way = Way::new("去看方案", format!("{TOPICS}/{}/plan", bench.case.id));
                view! { <Empty sentence="会议还没有公示，还没有人收到邀请。" way=way/> }.into_any()
            }
            Some(meeting) => overview(&bench, &meeting, &guests, letters, seats, group.unwrap_or_default()),
        };
        view! {
            {bench.head()}
            {done_note(if bench.form.refusal.is_some() { None } else { done })}
            {body}
            {came.map(|words| view! { <p class="meta">{words}</p> })}
        }
        .into_any()
    }))
}

fn overview(
    bench: &Bench,
    meeting: &MeetingView,
    guests: &[Guest],
    letters: Vec<Newest>,
    seats: Vec<(String, i64, i64)>,
    group: String,
) -> AnyView {
    let (sentence, more) = summary(guests);
    let letters: HashMap<InviteeId, Newest> = letters.into_iter().map(|letter| (letter.invitee_id, letter)).collect();
    let coming: Vec<&Guest> = guests.iter().filter(|g| g.state.0 == InviteeState::Accepted).collect();
    let people = coming.iter().map(|g| Seat { category: g.category.0, woman: g.woman }).collect();
    let lines = composition(&Composition { people, open: Vec::new() }, &bench.rules);
    let findings = judged(&lines, false);
    let handles = handles_letters(bench);
    let lists = Category::ALL
        .iter()
        .filter_map(|category| one_list(bench, *category, guests, &letters, handles))
        .collect_view();
    let seats = seats_view(seats);
    let may = bench.may(StepKind::RemindUnanswered) && bench.case.stage() == Stage::Announced;
    let remind = may.then(|| {
        let state = bench.state(StepKind::RemindUnanswered);
        let fields = view! { <div class="actions"><Button words="提醒还没答复的人" kind=ButtonKind::Second/></div> };
        bench.form(StepKind::RemindUnanswered, (None, None), &state, fields)
    });
    let print = |what: &str| format!("{TOPICS}/{}/print?what={what}", bench.case.id);
    let (list, cards, slips) = (print("list"), print("cards"), print("slips"));
    let opinions = opinions(bench, guests);
    let at = format!("{}，{}", when(meeting.starts_at, meeting.ends_at), place(meeting));
    let sheet = view! {
        <section class="sheet">
            <p class="caption">"只算已经答应来的"</p>
            <h2>"来的人够不够、全不全"</h2>
            <FindingList findings=findings/>
        </section>
    }
    .into_any();
    view! {
        <Answer sentence=sentence waits=more/>
        <p class="meta">{at}</p>
        <div class="cols-work">
            <aside class="col-sheet" aria-label="按已答应的人看">{sheet}</aside>
            <div class="col-main">
                {lists}
                {seats}
                {opinions}
                <Section title="催一催、发一发">
                    {remind}
                    <p class="sub-head">"发到微信群的链接"</p>
                    <p class="said">{group}</p>
                    <p class="hint">"群里每个人点开，用姓名和手机号后四位找到自己的邀请。"</p>
                    <p class="actions">
                        <LinkButton words="打印名单" href=list kind=ButtonKind::Second small=true/>
                        <LinkButton words="打印席卡" href=cards kind=ButtonKind::Second small=true/>
                        <LinkButton words="打印邀请条" href=slips kind=ButtonKind::Second small=true/>
                    </p>
                </Section>
            </div>
        </div>
    }
    .into_any()
}

/// What became of a letter: 「会议变动：没寄成」, for who looks after letters with the way to it.
fn letter_words(letter: &Newest, handles_letters: bool) -> AnyView {
    let words = format!("{}：{}", letter.kind.0.word(), letter.state.0.word());
    if handles_letters {
        view! { <a href=format!("/desk/outbox/{}", letter.letter_id)>{words}</a> }.into_any()
    } else {
        words.into_any()
    }
}

/// Whether who looks at the page looks after the town's letters.
fn handles_letters(bench: &Bench) -> bool {
    bench.actor.signed().is_some_and(|me| may_handle(me, &bench.case.town_id))
}

/// How a person was reached, in a word. A letter that did not arrive is named also when the person saw an earlier one:
/// what it says is not known to the person.
fn reached(guest: &Guest, letter: Option<&Newest>, handles_letters: bool) -> AnyView {
    let Some(letter) = letter else {
        return (if guest.seen_at.is_some() { "看过" } else { "还没有告知" }).into_any();
    };
    let state = letter.state.0;
    let is_known = guest.seen_at.is_some() && letter.kind.0 == LetterKind::Invitation;
    if is_known || !state.needs_another_way() {
        return (if guest.seen_at.is_some() { "看过" } else { state.word() }).into_any();
    }
    let words = letter_words(letter, handles_letters);
    let seen = guest.seen_at.map(|_| view! { <p class="caption">"看过邀请"</p> });
    view! { {words}{seen} }.into_any()
}

fn one_list(
    bench: &Bench,
    category: Category,
    guests: &[Guest],
    letters: &HashMap<InviteeId, Newest>,
    handles_letters: bool,
) -> Option<AnyView> {
    let of: Vec<&Guest> = guests.iter().filter(|g| g.category.0 == category).collect();
    if of.is_empty() {
        return None;
    }
    let comes = of.iter().filter(|g| g.state.0 == InviteeState::Accepted).count();
    let side = format!("{comes} / {} 位参加", of.len());
    let rows = of
        .into_iter()
        .map(|guest| {
            let href = format!("{TOPICS}/{}/answers/{}", bench.case.id, guest.invitee_id);
            let place = guest.queue_no.filter(|_| guest.state.0 == InviteeState::Waiting);
            let place = place.map(|n| format!(" {n} 号")).unwrap_or_default();
            let tag = guest.recorded_by.is_some().then(|| view! { " "<span class="tag">"代录"</span> });
            let answered = guest.answered_at.map(|at| moment(at, bench.today)).unwrap_or_default();
            view! {
                <tr>
                    <th scope="row"><a href=href>{guest.name.clone()}</a><p class="caption">{guest.organisation.clone()}</p></th>
                    <td>{format!("{}{place}", guest.state.0.word())}{tag}<p class="caption">{answered}</p></td>
                    <td>{reached(guest, letters.get(&guest.invitee_id), handles_letters)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::words("姓名"), Column::words("答复"), Column::words("告知")];
    let caption = format!("{}的答复", category.word());
    let table = view! { <Table caption=caption quiet=true columns=columns>{rows}</Table> };
    Some(view! { <Section title=category.word() side=side>{table}</Section> }.into_any())
}

fn seats_view(seats: Vec<(String, i64, i64)>) -> Option<AnyView> {
    (!seats.is_empty()).then(|| {
        let rows = seats
            .into_iter()
            .map(|(code, seats, taken)| {
                let word = Category::from_code(&code).map_or("", Category::word);
                view! { <tr><th scope="row">{word}</th><td class="num">{seats}</td><td class="num">{taken}</td></tr> }
            })
            .collect_view();
        let columns = vec![Column::words("类别"), Column::figures("开放"), Column::figures("已有人")];
        let table = view! { <Table caption="开放名额" quiet=true columns=columns>{rows}</Table> };
        view! { <Section title="开放名额">{table}</Section> }.into_any()
    })
}

fn opinions(bench: &Bench, guests: &[Guest]) -> Option<AnyView> {
    let said: Vec<&Guest> = guests.iter().filter(|g| !g.opinion.is_empty()).collect();
    (!said.is_empty()).then(|| {
        let side = format!("{} 条", said.len());
        let rows = said
            .into_iter()
            .map(|guest| {
                let stance = guest.stance.as_deref().unwrap_or_default();
                let stance = STANCES.iter().find(|(code, _)| *code == stance).map_or("", |(_, word)| *word);
                let state = if guest.opinion_released { "已公开，不写名字" } else { "还没有公开" };
                let href = format!("{TOPICS}/{}/answers/{}#opinion", bench.case.id, guest.invitee_id);
                let words = format!("{}，{stance}，{state}", guest.category.0.word());
                view! {
                    <li>
                        <p class="caption">{words}</p>
                        <p class="said">{guest.opinion.clone()}</p>
                        <p><a href=href>{if guest.opinion_released { "改为不公开" } else { "看过，去公开" }}</a></p>
                    </li>
                }
            })
            .collect_view();
        view! { <Section title="会前意见" side=side><ul class="short-list">{rows}</ul></Section> }.into_any()
    })
}

/// Takes the reminder of the overview.
///
/// # Errors
/// As the step.
pub async fn post_answers(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let bench = Bench::of(req, Tab::Answers).await?;
    let case = bench.case.id;
    let meeting = store::meeting_of(&req.ctx.db, case).await?.ok_or(Refusal::NotFound)?.meeting_id;
    if form.value("action") != StepKind::RemindUnanswered.code() {
        return Err(Refusal::NotFound);
    }
    carry_out(&req.ctx, RemindUnanswered { case, meeting }).await?;
    Ok(Outcome::SeeOther(format!("{}?done={}", Tab::Answers.address(case), form.value("action"))))
}

/// The person of `/desk/topics/{id}/answers/{invitee}`, who is on a list of this case.
async fn person(req: &Request) -> Result<(Bench, Guest, MeetingView), Refusal> {
    let bench = Bench::of(req, Tab::Answers).await?;
    let db = &req.ctx.db;
    let guest = store::guest(db, req.param("invitee")?).await?.ok_or(Refusal::NotFound)?;
    if guest.case_id != bench.case.id {
        return Err(Refusal::NotFound);
    }
    let meeting = store::meeting(db, guest.meeting_id).await?.ok_or(Refusal::NotFound)?;
    Ok((bench, guest, meeting))
}

/// One person's answer: the link to hand over, and what the officer can do for the person.
///
/// # Errors
/// As [`answers`].
pub async fn one(req: &Request) -> Result<Page, Refusal> {
    let (bench, guest, meeting) = person(req).await?;
    let link = format!("{}{}", req.site.public_url, path(&req.ctx.secret, guest.invitee_id, guest.generation));
    let letters = to_invitee(&req.ctx.db, guest.invitee_id).await?;
    let done = done_words(req.query("done"));
    Ok(Page::desk(guest.name.clone(), TOPICS, move || {
        let case = bench.case.id;
        let ways = vec![
            Way::new("议题", TOPICS),
            Way::new(bench.case.inner_title().to_owned(), format!("{TOPICS}/{case}")),
            Way::new("答复", Tab::Answers.address(case)),
        ];
        let at = when(meeting.starts_at, meeting.ends_at);
        let message = format!(
            "{}：{}政协工委请您参加「{}」协商会，{at}，{}。请点开答复来不来：{link}",
            guest.name,
            meeting.town,
            meeting.title,
            place(&meeting)
        );
        let state = guest.answered_at.map_or_else(
            || guest.state.0.word().to_owned(),
            |at| format!("{}，{}", guest.state.0.word(), moment(at, bench.today)),
        );
        let how = guest.reached_by.as_deref().and_then(|how| REACHED.iter().find(|(code, _)| *code == how));
        let how = how.map(|(_, word)| view! { <dt>"代录"</dt><dd>{format!("{word}问的本人")}</dd> });
        let reason = (!guest.reason.is_empty())
            .then(|| view! { <dt>"说的原因"</dt><dd class="said">{guest.reason.clone()}</dd> });
        let seen = guest.seen_at.map_or_else(|| "还没有".to_owned(), |at| day(local_date(at), bench.today));
        let handles = handles_letters(&bench);
        let letters = (!letters.is_empty()).then(|| {
            let rows = letters
                .iter()
                .map(|letter| {
                    let at = letter.sent_at.map(|at| format!("，{}", moment(at, bench.today))).unwrap_or_default();
                    let why = letter.last_error.clone().map(|why| view! { <p class="caption">{why}</p> });
                    view! { <li>{letter_words(letter, handles)}{at}{why}</li> }
                })
                .collect_view();
            view! { <Section title="寄给本人的信"><ul class="short-list">{rows}</ul></Section> }
        });
        let word = guest.category.0.word();
        let qr = view! { <Qr text=link.clone() label="这个人的邀请链接"/> };
        let forms = acts(&bench, &guest);
        view! {
            <Crumbs ways=ways here=guest.name.clone()/>
            <h1 class="title title-work">{guest.name.clone()}</h1>
            {done_note(if bench.form.refusal.is_some() { None } else { done })}
            {what_was_wrong(&bench.form, None)}
            <dl class="facts">
                <dt>"身份"</dt><dd>{format!("{word} {}", guest.organisation)}</dd>
                <dt>"答复"</dt><dd>{state}</dd>
                {how}{reason}
                <dt>"看过邀请"</dt><dd>{seen}</dd>
            </dl>
            <Section title="给本人的话" side="复制到微信或短信">
                <p class="said quote">{message}</p>
                {qr}
                <p class="hint">"链接是这个人的，不要发到群里。"</p>
            </Section>
            {letters}
            {forms}
        }
        .into_any()
    }))
}

/// What the officer can do for one person.
fn acts(bench: &Bench, guest: &Guest) -> AnyView {
    let here = format!("{TOPICS}/{}/answers/{}", bench.case.id, guest.invitee_id);
    let form = |step: StepKind, fields: AnyView| {
        view! {
            <form class="form" id=format!("form-{}", step.code()) method="post" action=here.clone()>
                <RequestIdField id=bench.request_id.clone()/>
                <input type="hidden" name="action" value=step.code()/>
                {fields}
            </form>
        }
        .into_any()
    };
    let record = bench.may(StepKind::RecordAnswer).then(|| {
        let state = bench.state(StepKind::RecordAnswer);
        let comes = vec![Choice::new("yes", "来"), Choice::new("no", "不来")];
        let reached = REACHED.iter().map(|(code, word)| Choice::new(*code, *word)).collect();
        let fields = view! {
            <RadioGroup field=Field::of(&state, "comes", "本人怎么说") options=comes/>
            <TextInput field=Field::of(&state, "reason", "不来的原因").optional()/>
            <RadioGroup field=Field::of(&state, "reached_by", "怎么联系上的") options=reached/>
            <div class="actions"><Button words="记下答复"/></div>
        };
        let form = form(StepKind::RecordAnswer, fields.into_any());
        view! { <Section title="代录答复" side="本人随时可以自己改">{form}</Section> }
    });
    let opinion = (!guest.opinion.is_empty() && bench.may(StepKind::DecideOpinion)).then(|| {
        let (value, words) =
            if guest.opinion_released { ("no", "改为不公开") } else { ("yes", "公开，不写名字") };
        let fields = view! {
            <input type="hidden" name="release" value=value/>
            <div class="actions"><Button words=words kind=ButtonKind::Second/></div>
        };
        let form = form(StepKind::DecideOpinion, fields.into_any());
        let text = guest.opinion.clone();
        view! { <Section title="会前意见" id="opinion"><p class="said">{text}</p>{form}</Section> }
    });
    let refuse = (guest.substitute_of.is_some() && bench.may(StepKind::RefuseSubstitute)).then(|| {
        let state = bench.state(StepKind::RefuseSubstitute);
        let fields = view! {
            <TextInput field=Field::of(&state, "reason", "为什么不请这位代替").within("refuse").hint("原来受邀的人会看到，请他重新答复。")/>
            <div class="actions"><Button words="不予代替" kind=ButtonKind::Second/></div>
        };
        let form = form(StepKind::RefuseSubstitute, fields.into_any());
        view! { <details open=state.refusal.is_some()><summary>"不予代替"</summary>{form}</details> }
    });
    let reissue = bench.may(StepKind::ReissueLink).then(|| {
        let fields = view! {
            <p class="hint">"链接给错了人，就换一个；旧的马上打不开。"</p>
            <div class="actions"><Button words="作废旧链接，换新的" kind=ButtonKind::Second/></div>
        };
        let form = form(StepKind::ReissueLink, fields.into_any());
        view! { <details><summary>"换链接"</summary>{form}</details> }
    });
    view! { {record}{opinion}{refuse}{reissue} }.into_any()
}

/// Takes the forms of one person's page.
///
/// # Errors
/// As the steps.
pub async fn post_one(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let (bench, guest, _) = person(req).await?;
    let (ctx, case, invitee) = (&req.ctx, bench.case.id, guest.invitee_id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    match step {
        StepKind::RecordAnswer => {
            let comes = match form.value("comes") {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            };
            let reached_by = REACHED.iter().find(|(code, _)| *code == form.value("reached_by")).map(|(code, _)| *code);
            let reason = form.value("reason").to_owned();
            carry_out(ctx, RecordAnswer { case, invitee, comes, reason, reached_by }).await?;
        }
        StepKind::RefuseSubstitute => {
            carry_out(ctx, RefuseSubstitute { case, invitee, reason: form.value("reason").to_owned() }).await?;
        }
        StepKind::DecideOpinion => {
            carry_out(ctx, DecideOpinion { case, invitee, release: form.value("release") == "yes" }).await?;
        }
        StepKind::ReissueLink => {
            carry_out(ctx, ReissueLink { case, invitee }).await?;
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Outcome::SeeOther(format!("{TOPICS}/{case}/answers/{invitee}?done={}", step.code())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invitation::answer::store::{CategoryColumn, StateColumn};

    #[test]
    fn the_summary_counts_each_person_once() {
        let guest = |state| Guest { state: StateColumn(state), ..sample() };
        use InviteeState::{Accepted, Declined, Invited, Waiting};
        let guests: Vec<Guest> = [Accepted, Accepted, Declined, Invited, Waiting].map(guest).into();
        let (first, more) = summary(&guests);
        assert_eq!(first, "请了 4 位：参加 2，来不了 1，等答复 1。");
        assert_eq!(more, "看过邀请的 0 位，候补 1 位。");
    }

    fn sample() -> Guest {
        let nil = uuid::Uuid::nil();
        Guest {
            invitee_id: InviteeId(nil),
            case_id: crate::ids::CaseId(nil),
            meeting_id: crate::ids::MeetingId(nil),
            origin: "listed".to_owned(),
            category: CategoryColumn(Category::Member),
            woman: false,
            name: "某人".to_owned(),
            organisation: String::new(),
            phone: String::new(),
            mail: String::new(),
            state: StateColumn(InviteeState::Invited),
            answered_at: None,
            recorded_by: None,
            reached_by: None,
            reason: String::new(),
            substitute_of: None,
            seen_at: None,
            stance: None,
            opinion: String::new(),
            opinion_released: false,
            queue_no: None,
            offered_until: None,
            generation: 0,
            erased_at: None,
            no_news_at: None,
            starts_at: chrono::DateTime::UNIX_EPOCH,
            meeting_state: "announced".to_owned(),
        }
    }
}
