//! `/desk/topics/{id}/people`: is everybody asked who has to be; the ways to add people; the list.

use leptos::prelude::*;

use super::{Board, TOPICS, address, person_fields, person_of};
use crate::case::carry_out;
use crate::case::store::{Version, versions};
use crate::context::Ctx;
use crate::error::{FieldError, Refusal};
use crate::ids::{CaseId, MeetingId};
use crate::invitation::model::{Candidate, InviteeState, PersonForm, Suggestion, suggestions};
use crate::invitation::steps::AddPeople;
use crate::invitation::store::{self, Invitee};
use crate::plan::model::ConsultationPlan;
use crate::roster::model::{TAGS_MAX, read_tags};
use crate::roster::{register, store as roster};
use crate::rules::{Category, Composition, composition, smallest_help};
use crate::topic::model::masked_phone;
use crate::topic::pages::desk::inside;
use crate::topic::steps::SetTopicTags;
use crate::ui::{
    Button, ButtonKind, CheckGroup, Choice, Column, CompositionMeter, Empty, Field, FormSummary, LinkButton,
    RequestIdField, Section, Table, TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// Members who are suggested at once.
const SUGGESTED: usize = 8;

/// What the forms offer.
struct Offer {
    /// Tags of the topic as stored.
    tags: String,
    suggested: Vec<Suggestion>,
    /// Members who are not on the list.
    members: Vec<roster::Member>,
    /// Units whose contact is not on the list.
    units: Vec<roster::Unit>,
}

async fn offer(ctx: &Ctx, board: &Board, list: &[Invitee]) -> Result<Offer, Refusal> {
    let towns = [board.case.town_id.clone()];
    let standing: Vec<&Invitee> = list.iter().filter(|one| one.state.0.stands()).collect();
    let mut members = roster::members(&ctx.db, &towns, register::year_of(ctx.today())).await?;
    members.retain(|m| m.left_at.is_none() && standing.iter().all(|one| one.member_id != Some(m.member_id)));
    let mut units = roster::units(&ctx.db, &towns).await?;
    units.retain(|u| !u.contact_name.is_empty() && standing.iter().all(|one| one.unit_id != Some(u.unit_id)));
    let tags = store::topic_tags(&ctx.db, board.case.id).await?;
    let candidates = members
        .iter()
        .map(|m| Candidate {
            member: m.member_id,
            name: m.name.clone(),
            sector: m.sector.clone(),
            specialty: m.tags(),
            invited: m.invited,
        })
        .collect();
    let mut suggested = suggestions(&read_tags(&tags), candidates);
    suggested.truncate(SUGGESTED);
    Ok(Offer { tags, suggested, members, units })
}

/// The list of people of the case's present meeting.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for a case one may not know of.
pub async fn people(req: &Request) -> Result<Page, Refusal> {
    let board = Board::load(req).await?;
    let title = format!("人员：{}", board.case.inner_title());
    let Some(meeting) = board.meeting.as_ref().map(|meeting| meeting.meeting_id) else {
        return Ok(Page::desk(title, TOPICS, move || {
            let plan = Way::new("去做会议方案", format!("{TOPICS}/{}/plan", board.case.id));
            view! {
                {board.head()}
                <Empty sentence="还没有会。先在方案里定好时间、地点和议程，再来请人。" way=plan/>
            }
            .into_any()
        }));
    };
    let db = &req.ctx.db;
    let list = store::invitees(db, meeting).await?;
    let mut counted = store::composition(db, meeting).await?;
    if board.meeting.as_ref().is_some_and(|meeting| meeting.state != "announced") {
        // Until the announcement opens them, the open seats stand in the plan.
        let plan: Vec<Version<ConsultationPlan>> = versions(db, board.case.id).await?;
        counted.open = plan.into_iter().next().map(|newest| newest.record.open_seats).unwrap_or_default();
    }
    let offer = if board.edits() { Some(offer(&req.ctx, &board, &list).await?) } else { None };
    let done = match req.query("done") {
        _ if board.form.refusal.is_some() => None,
        "added" => Some(format!("名单添了 {} 人。", req.query("n").parse::<usize>().unwrap_or(0))),
        "removed" => Some("已经移出名单，原因留在记录里。".to_owned()),
        "erased" => Some("个人信息已经删除，只留下有过这么一位。".to_owned()),
        "corrected" => Some("更正已经记下。".to_owned()),
        "tags" => Some("标签已经记下，推荐跟着变了。".to_owned()),
        _ => None,
    };
    Ok(Page::desk(title, TOPICS, move || {
        let done = done.map(|words| view! { <p class="note" role="status">{words}</p> });
        let forms = offer.map(|offer| forms(&board, meeting, &offer));
        view! {
            {board.head()}
            {done}
            {meter(&board, counted)}
            {forms}
            {lists(&board, &list)}
        }
        .into_any()
    }))
}

fn meter(board: &Board, counted: Composition) -> AnyView {
    let lines = composition(&counted, &board.rules);
    let help = smallest_help(&counted, &board.rules);
    let open: u32 = counted.open.iter().map(|(_, n)| *n).fold(0, u32::saturating_add);
    let open = if open > 0 { format!("，另留空席 {open} 个") } else { String::new() };
    let lead =
        format!("已列 {} 人{open}。添减以后重算，公示时用同一套算法核对；数字是本镇设定。", counted.people.len());
    view! {
        <Section title="请的人够不够、全不全" id="meter">
            <p class="hint">{lead}</p>
            <CompositionMeter list=counted lines help/>
        </Section>
    }
    .into_any()
}

// --- forms ------------------------------------------------------------------

fn forms(board: &Board, meeting: MeetingId, offer: &Offer) -> AnyView {
    let import = format!("{}/import", board.address());
    let forms = [
        suggested(board, meeting, offer),
        from_roster(board, meeting, &offer.members),
        from_units(board, meeting, &offer.units),
        typed(board, meeting),
    ];
    view! {
        <Section title="添人" id="add">
            {forms.into_iter().collect_view()}
            <p class="actions"><LinkButton words="从表格导入一批" href=import kind=ButtonKind::Second/></p>
        </Section>
    }
    .into_any()
}

/// A form of this page.
fn form(board: &Board, meeting: MeetingId, action: &'static str, fields: impl IntoView + 'static) -> AnyView {
    let state = board.form.of_action(action);
    view! {
        <form class="form" method="post" action=board.address()>
            <FormSummary form=state within=action/>
            <RequestIdField id=board.request_id.clone()/>
            <input type="hidden" name="action" value=action/>
            <input type="hidden" name="meeting" value=meeting.to_string()/>
            {fields}
        </form>
    }
    .into_any()
}

fn times(n: i64) -> String {
    if n == 0 { "今年还没有请过".to_owned() } else { format!("今年受邀 {n} 次") }
}

fn suggested(board: &Board, meeting: MeetingId, offer: &Offer) -> AnyView {
    let tags = read_tags(&offer.tags);
    let state = board.form.of_action("suggested");
    let choose = if offer.suggested.is_empty() {
        let words = if tags.is_empty() {
            "给议题标上界别或专长，名册上对得上的委员会推荐在这里。"
        } else {
            "名册上对得上标签的委员，都已经在名单上，或者还没有。可以从名册里选别的人。"
        };
        view! { <p class="hint">{words}</p> }.into_any()
    } else {
        let options = offer
            .suggested
            .iter()
            .map(|s| {
                Choice::new(s.candidate.member.to_string(), s.candidate.name.clone()).hint(format!(
                    "{}；{}",
                    s.why,
                    times(s.candidate.invited)
                ))
            })
            .collect();
        let field = Field::of(&state, "people", "推荐的委员，今年请得少的在前").within("suggested");
        let fields = view! {
            <CheckGroup field options/>
            <div class="actions"><Button words="把选的人添进名单" kind=ButtonKind::Second/></div>
        };
        form(board, meeting, "suggested", fields)
    };
    view! {
        {choose}
        {tags_form(board, meeting, &offer.tags)}
    }
    .into_any()
}

fn tags_form(board: &Board, meeting: MeetingId, stored: &str) -> AnyView {
    let tags = read_tags(stored);
    let state = board.form.of_action("tags");
    let open = state.refusal.is_some();
    let words = if tags.is_empty() {
        "给议题标界别、专长".to_owned()
    } else {
        format!("议题的标签：{}", tags.join("、"))
    };
    let field = Field::of(&state, "tags", "标签")
        .within("tags")
        .or(tags.join("、"))
        .optional()
        .hint(format!("界别或专长，用顿号隔开，最多 {TAGS_MAX} 个，写法要和名册上一样。"));
    let fields = view! {
        <input type="hidden" name="seen" value=stored.to_owned()/>
        <TextInput field/>
        <div class="actions"><Button words="记下标签" kind=ButtonKind::Second/></div>
    };
    let form = form(board, meeting, "tags", fields);
    view! { <details open=open><summary>{words}</summary>{form}</details> }.into_any()
}

fn from_roster(board: &Board, meeting: MeetingId, members: &[roster::Member]) -> AnyView {
    let state = board.form.of_action("members");
    let open = state.refusal.is_some();
    let inside = if members.is_empty() {
        view! { <Empty sentence="名册上没有别的委员可选。" way=Way::new("去名册登记", "/desk/roster")/> }.into_any()
    } else {
        let options = members
            .iter()
            .map(|m| {
                let tags = m.tags();
                let tags = if tags.is_empty() { String::new() } else { format!("；{}", tags.join("、")) };
                Choice::new(m.member_id.to_string(), m.name.clone()).hint(format!(
                    "{}{tags}；{}",
                    m.sector,
                    times(m.invited)
                ))
            })
            .collect();
        let field = Field::of(&state, "people", "名册上的委员").within("members");
        let fields = view! {
            <CheckGroup field options/>
            <div class="actions"><Button words="把选的人添进名单" kind=ButtonKind::Second/></div>
        };
        form(board, meeting, "members", fields)
    };
    let words = format!("从委员名册里选（{} 人）", members.len());
    view! { <details open=open><summary>{words}</summary>{inside}</details> }.into_any()
}

fn from_units(board: &Board, meeting: MeetingId, units: &[roster::Unit]) -> AnyView {
    let state = board.form.of_action("units");
    let open = state.refusal.is_some();
    let inside = if units.is_empty() {
        view! { <Empty sentence="没有别的单位可选；还没有联系人的单位不列在这里。" way=Way::new("去单位名册", "/desk/units")/> }
            .into_any()
    } else {
        let options = units
            .iter()
            .map(|u| Choice::new(u.unit_id.to_string(), u.name.clone()).hint(format!("联系人 {}", u.contact_name)))
            .collect();
        let field = Field::of(&state, "people", "部门和单位").within("units");
        let fields = view! {
            <CheckGroup field options/>
            <div class="actions"><Button words="把选的单位添进名单" kind=ButtonKind::Second/></div>
        };
        form(board, meeting, "units", fields)
    };
    let words = format!("从单位名册里选（{} 个）", units.len());
    view! { <details open=open><summary>{words}</summary>{inside}</details> }.into_any()
}

fn typed(board: &Board, meeting: MeetingId) -> AnyView {
    let state = board.form.of_action("person");
    let open = state.refusal.is_some();
    let fields = view! {
        {person_fields(&state, "person", None)}
        <div class="actions"><Button words="添进名单" kind=ButtonKind::Second/></div>
    };
    let form = form(board, meeting, "person", fields);
    view! { <details open=open><summary>"写一个人：居民、专家、企业"</summary>{form}</details> }.into_any()
}

// --- the list ---------------------------------------------------------------

fn lists(board: &Board, list: &[Invitee]) -> AnyView {
    let standing: Vec<&Invitee> = list.iter().filter(|one| one.state.0.stands()).collect();
    if standing.is_empty() {
        let sentence = if board.edits() {
            "名单还是空的。从名册里选，或者写一个人。"
        } else {
            "名单还是空的，由工委干事来添。"
        };
        let way = Way::new("看名册", "/desk/roster");
        return view! { <Section title="名单"><Empty sentence=sentence way=way/></Section> }.into_any();
    }
    let groups = Category::ALL
        .iter()
        .filter_map(|category| {
            let of_it: Vec<&&Invitee> = standing.iter().filter(|one| one.category.0 == *category).collect();
            (!of_it.is_empty()).then(|| {
                let head = format!("{}（{} 人）", category.word(), of_it.len());
                let rows = of_it.into_iter().map(|one| row(board, one)).collect_view();
                let columns = ["姓名", "电话", "状态"].map(Column::words).to_vec();
                view! { <Table caption=head columns=columns>{rows}</Table> }
            })
        })
        .collect_view();
    let side = format!("{} 人", standing.len());
    view! { <Section title="名单" side=side id="list">{groups}</Section> }.into_any()
}

fn row(board: &Board, one: &Invitee) -> AnyView {
    let href = format!("{}/{}", board.address(), one.invitee_id);
    let woman = if one.woman { "（女）" } else { "" };
    let phone = if one.phone.is_empty() { "没有留".to_owned() } else { masked_phone(&one.phone) };
    let origin = match one.origin.as_str() {
        "seat" => Some("报名"),
        "substitute" => Some("代替"),
        _ => None,
    };
    let origin = origin.map(|words| view! { " " <span class="tag">{words}</span> });
    let from = [one.organisation.as_str(), one.sector.as_str()].into_iter().filter(|words| !words.is_empty());
    let from = from.collect::<Vec<_>>().join("，");
    let from = (!from.is_empty()).then(|| view! { <p class="caption">{from}</p> });
    let state = if one.state.0 == InviteeState::Listed { "还没有通知" } else { one.state.0.word() };
    view! {
        <tr>
            <th scope="row"><a href=href>{one.name.clone()}</a>{woman}{origin}{from}</th>
            <td class="phone">{phone}</td>
            <td>{state}</td>
        </tr>
    }
    .into_any()
}

// --- what the forms do ------------------------------------------------------

/// The people of ticked ids.
fn ticked<T: std::str::FromStr>(form: &Form, person: fn(T) -> PersonForm) -> Result<Vec<PersonForm>, Refusal> {
    let chosen = form.values.get("people").map(Vec::as_slice).unwrap_or_default();
    chosen
        .iter()
        .map(|id| id.parse().map(person).map_err(|_| Refusal::field("people", "选的人读不出来，请刷新页面再选。")))
        .collect()
}

/// A refusal of one typed person names its own fields; whoever is on the list already is the name's fault.
fn on_fields(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid(errors) => Refusal::Invalid(
            errors
                .into_iter()
                .map(|e| if e.field == "people" { FieldError::new("name", e.sentence) } else { e })
                .collect(),
        ),
        other => other,
    }
}

async fn add(ctx: &Ctx, case: CaseId, form: &Form, people: Vec<PersonForm>) -> Result<Outcome, Refusal> {
    let meeting = form.parse("meeting", "这一页不完整，请刷新后再提交。")?;
    let added = carry_out(ctx, AddPeople { case, meeting, people }).await?;
    Ok(Outcome::SeeOther(format!("{}?done=added&n={added}#meter", address(case))))
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps.
pub async fn post_people(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let ctx = &req.ctx;
    let case = inside(ctx, req.param("id")?).await?.id;
    match form.value("action") {
        "suggested" | "members" => add(ctx, case, &form, ticked(&form, PersonForm::of_member)?).await,
        "units" => add(ctx, case, &form, ticked(&form, PersonForm::of_unit)?).await,
        "person" => {
            let person = person_of(&form, &PersonForm::default());
            add(ctx, case, &form, vec![person]).await.map_err(on_fields)
        }
        "tags" => {
            let (seen, tags) = (form.value("seen").to_owned(), read_tags(form.value("tags")));
            carry_out(ctx, SetTopicTags { case, seen, tags }).await?;
            Ok(Outcome::SeeOther(format!("{}?done=tags#add", address(case))))
        }
        _ => Err(Refusal::NotFound),
    }
}
