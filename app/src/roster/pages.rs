//! The pages of the roster: members, one member, units, one unit.

use chrono::Datelike;
use leptos::prelude::*;

use super::model::{MemberForm, Purpose, TAGS_MAX, UnitForm, masked_mail, read_tags};
use super::register;
use super::store::{self, Member, Unit};
use super::year;
use crate::access::Role;
use crate::error::{FormState, Refusal};
use crate::ids::{MemberId, UnitId};
use crate::topic::model::masked_phone;
use crate::town::{self, Town};
use crate::ui::{
    Button, ButtonKind, Checkbox, Choice, Column, Crumbs, Empty, Field, FormSummary, LinkButton, RadioGroup,
    RequestIdField, Section, Select, Table, TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// Address of the roster.
const ROSTER: &str = "/desk/roster";
/// Address of the units.
const UNITS: &str = "/desk/units";
/// What stands for the id of something that is not there yet.
const NEW: &str = "new";
/// Characters of a search that are looked at.
const SEARCH_MAX: usize = 30;
/// What is typed to clear a contact that is kept; an empty field keeps it.
const CLEAR: &str = "无";

/// The towns whose roster the person sees.
async fn towns(req: &Request) -> Result<Vec<Town>, Refusal> {
    if req.ctx.actor.signed().is_none() {
        return Err(Refusal::NotSignedIn);
    }
    let seen = register::seen_towns(&req.ctx.actor);
    if seen.is_empty() {
        return Err(Refusal::Forbidden { who: format!("{}、{}", Role::Officer.word(), Role::Director.word()) });
    }
    let all = town::store::towns(&req.ctx.db).await?;
    Ok(all.into_iter().filter(|town| seen.contains(&town.town_id)).collect())
}

/// A phone of which enough is hidden, or that there is none.
fn phone_words(phone: &str) -> String {
    if phone.is_empty() { "没有留".to_owned() } else { masked_phone(phone) }
}

fn mail_words(mail: &str) -> String {
    if mail.is_empty() { "没有留".to_owned() } else { masked_mail(mail) }
}

fn done(words: Option<&'static str>) -> impl IntoView {
    words.map(|words| view! { <p class="note" role="status">{words}</p> })
}

/// A remark where the form itself says nothing.
fn summary(form: &FormState) -> impl IntoView + use<> {
    let form = form.clone();
    view! { <FormSummary form/> }
}

// --- members ----------------------------------------------------------------

/// All members of one's towns, by sector.
///
/// # Errors
/// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
pub async fn roster(req: &Request) -> Result<Page, Refusal> {
    let towns = towns(req).await?;
    let keeps = !register::kept_towns(&req.ctx.actor).is_empty();
    let asked: String = req.query("q").trim().chars().take(SEARCH_MAX).collect();
    let ids: Vec<String> = towns.iter().map(|town| town.town_id.clone()).collect();
    let all = store::members(&req.ctx.db, &ids, register::year_of(req.ctx.today())).await?;
    let total = all.iter().filter(|m| m.left_at.is_none()).count();
    let (found, left): (Vec<Member>, Vec<Member>) =
        all.into_iter().filter(|member| matches(member, &asked)).partition(|member| member.left_at.is_none());
    Ok(Page::desk("名册", ROSTER, move || {
        let add = keeps.then(|| {
            view! { <LinkButton words="添一位委员" href=format!("{ROSTER}/{NEW}")/> }
        });
        let lead = if total == 0 {
            "名册上还没有委员。".to_owned()
        } else {
            format!("委员 {total} 人，按界别排；今年受邀次数少的，开会时先请。")
        };
        let lists = by_sector(&found, &towns);
        let nothing = (found.is_empty() && left.is_empty()).then(|| {
            if asked.is_empty() {
                view! { <Empty sentence="委员登记以后列在这里，开会时从这里请人。" way=Way::new("看单位名册", UNITS)/> }
            } else {
                view! { <Empty sentence="没有这样的委员。换个词，或者看全部。" way=Way::new("看全部委员", ROSTER)/> }
            }
        });
        let gone = (!left.is_empty()).then(|| {
            let rows = left.iter().map(|member| row(member, &towns)).collect_view();
            let words = format!("已离任的 {} 位", left.len());
            view! {
                <details class="plain-sec">
                    <summary>{words}</summary>
                    <Table caption="已离任的委员" quiet=true columns=columns(towns.len() > 1)>{rows}</Table>
                </details>
            }
        });
        let form = FormState::filled([("q", asked)]);
        view! {
            <div class="head">
                <h1 class="title title-desk">"名册"</h1>
                <p class="head-actions">{add}" "<a href=UNITS>"单位名册"</a></p>
            </div>
            <p class="meta">{lead}</p>
            <form class="filters" method="get" action=ROSTER role="search">
                <TextInput field=Field::of(&form, "q", "姓名、界别或专长").optional() kind="search"/>
                <Button words="找" kind=ButtonKind::Second/>
            </form>
            {nothing}
            {lists}
            {gone}
        }
        .into_any()
    }))
}

/// Whether a member is what was looked for: a part of the name, the sector or a tag.
fn matches(member: &Member, asked: &str) -> bool {
    asked.is_empty()
        || [&member.name, &member.sector].into_iter().any(|text| text.contains(asked))
        || member.tags().iter().any(|tag| tag.contains(asked))
}

fn columns(several_towns: bool) -> Vec<Column> {
    let town = several_towns.then_some(Column::words("区镇"));
    [
        Some(Column::words("姓名")),
        town,
        Some(Column::words("专长")),
        Some(Column::words("电话")),
        Some(Column::figures("今年受邀")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn row(member: &Member, towns: &[Town]) -> AnyView {
    let href = format!("{ROSTER}/{}", member.member_id);
    let town = (towns.len() > 1)
        .then(|| towns.iter().find(|t| t.town_id == member.town_id).map(|t| t.short_name.clone()))
        .map(|name| view! { <td>{name}</td> });
    let woman = if member.woman { "（女）" } else { "" };
    view! {
        <tr>
            <th scope="row"><a href=href>{member.name.clone()}</a>{woman}</th>
            {town}
            <td>{member.tags().join("、")}</td>
            <td class="phone">{phone_words(&member.phone)}</td>
            <td class="num">{format!("{} 次", member.invited)}</td>
        </tr>
    }
    .into_any()
}

fn by_sector(members: &[Member], towns: &[Town]) -> Vec<AnyView> {
    let mut sectors: Vec<&str> = members.iter().map(|member| member.sector.as_str()).collect();
    sectors.sort_unstable();
    sectors.dedup();
    sectors
        .into_iter()
        .map(|sector| {
            let of_it: Vec<&Member> = members.iter().filter(|member| member.sector == sector).collect();
            let side = format!("{} 人", of_it.len());
            let rows = of_it.into_iter().map(|member| row(member, towns)).collect_view();
            let caption = format!("{sector}的委员");
            let columns = columns(towns.len() > 1);
            view! {
                <Section title=sector.to_owned() side=side>
                    <Table caption=caption quiet=true columns=columns>{rows}</Table>
                </Section>
            }
            .into_any()
        })
        .collect()
}

/// The id in the address; none for something new.
fn id_of<T: std::str::FromStr>(req: &Request) -> Result<Option<T>, Refusal> {
    match req.params.get("id").map(String::as_str) {
        Some(NEW) => Ok(None),
        _ => req.param("id").map(Some),
    }
}

/// One member, or the form for a new one.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for a member of another town.
pub async fn member(req: &Request) -> Result<Page, Refusal> {
    let towns = towns(req).await?;
    let kept = register::kept_towns(&req.ctx.actor);
    let request_id = req.request_id.to_string();
    let state = req.form.clone();
    let Some(id) = id_of::<MemberId>(req)? else {
        if kept.is_empty() {
            return Err(Refusal::Forbidden { who: Role::Officer.word().to_owned() });
        }
        let options = towns.into_iter().filter(|t| kept.contains(&t.town_id)).collect();
        return Ok(Page::desk("添一位委员", ROSTER, move || new_member(&state, &request_id, options)));
    };
    let found = register::member(&req.ctx, id).await?;
    let seen = register::seen_member(&req.ctx, &found);
    let keeps = kept.contains(&found.town_id);
    let town = towns.into_iter().find(|t| t.town_id == found.town_id).map(|t| t.short_name).unwrap_or_default();
    let year = year::of_member(&req.ctx, &found, req.ctx.today().year()).await?;
    let told = match req.query("done") {
        _ if state.refusal.is_some() => None,
        "add" => Some("已经登记在名册上。"),
        "correct" => Some("修改已经记下。"),
        "left" => Some("已经记为离任，以后开会不再推荐。"),
        "back" => Some("已经恢复在任。"),
        _ => None,
    };
    Ok(Page::desk(found.name.clone(), ROSTER, move || {
        let left = found.left_at.is_some();
        let meta = format!("{town} / {} / 今年受邀 {} 次", found.sector, found.invited);
        let tag = left.then(|| view! { " " <span class="tag">"已离任"</span> });
        let account = found.login.clone().unwrap_or_else(|| "没有关联".to_owned());
        let correct = keeps.then(|| correct_member(&found, &seen, &state.of_action("correct"), &request_id));
        let leave = keeps.then(|| leave(left, &state, &request_id));
        let (sum, done_this_year) = (year.sum(), year::pages::sections(&year, false));
        view! {
            <Crumbs ways=vec![Way::new("名册", ROSTER)] here=found.name.clone()/>
            <h1 class="title title-work">{found.name.clone()}</h1>
            <p class="meta">{meta}{tag}</p>
            {done(told)}
            <dl class="facts">
                <dt>"专长"</dt><dd>{if found.specialty.is_empty() { "没有写".to_owned() } else { found.tags().join("、") }}</dd>
                <dt>"性别"</dt><dd>{if found.woman { "女" } else { "男" }}</dd>
                <dt>"电话"</dt><dd>{phone_words(&found.phone)}</dd>
                <dt>"邮箱"</dt><dd>{mail_words(&found.mail)}</dd>
                <dt>"账号"</dt><dd>{account}</dd>
            </dl>
            {look(!found.phone.is_empty() || !found.mail.is_empty(), &state.of_action("view"), &request_id)}
            {correct}
            {leave}
            <Section title="今年履职">
                <p>{sum}</p>
            </Section>
            {done_this_year}
        }
        .into_any()
    }))
}

/// The form that shows a contact once, with its purpose on record.
fn look(has_contact: bool, state: &FormState, request_id: &str) -> Option<AnyView> {
    let field = Field::of(state, "purpose", "为什么要看").within("view").hint("谁、什么时候、为什么看，都会留下记录。");
    let options = Purpose::ALL.into_iter().map(|purpose| Choice::new(purpose.code(), purpose.word())).collect();
    let request_id = request_id.to_owned();
    let (open, state) = (state.refusal.is_some(), state.clone());
    has_contact.then(|| {
        view! {
            <details open=open>
                <summary>"看电话和邮箱"</summary>
                <form class="form" method="post">
                    <FormSummary form=state within="view"/>
                    <RequestIdField id=request_id/>
                    <input type="hidden" name="action" value="view"/>
                    <RadioGroup field options/>
                    <div class="actions"><Button words="看一次" kind=ButtonKind::Second/></div>
                </form>
            </details>
        }
        .into_any()
    })
}

fn member_fields(state: &FormState, kept: Option<&MemberForm>) -> AnyView {
    let hidden = |kept: &str, masked: String| {
        if kept.is_empty() {
            "不公开，每次查看都有记录。".to_owned()
        } else {
            format!("现在是 {masked}，不改就空着；要清掉写「{CLEAR}」。")
        }
    };
    let blank = MemberForm::default();
    let form = kept.unwrap_or(&blank);
    let text = |name: &str, label: &str, value: &str| Field::of(state, name, label).or(value);
    let woman = if form.woman { "yes" } else { "" };
    let phone =
        Field::of(state, "phone", "电话").optional().private().hint(hidden(&form.phone, phone_words(&form.phone)));
    let mail = Field::of(state, "mail", "邮箱").optional().private().hint(hidden(&form.mail, mail_words(&form.mail)));
    let ticked =
        if state.refusal.is_some() { Field::of(state, "woman", "女性") } else { text("woman", "女性", woman) };
    view! {
        <TextInput field=text("name", "姓名", &form.name).private()/>
        <TextInput field=text("sector", "界别", &form.sector).hint("例如：经济界、教育界、妇联、工商联")/>
        <TextInput field=text("specialty", "专长", &form.specialty.join("、")).optional()
            .hint(format!("用顿号隔开，最多 {TAGS_MAX} 个，例如：古镇保护、交通、物业管理。和议题的标签一样时，会推荐邀请。"))/>
        <Checkbox field=ticked/>
        <TextInput field=phone kind="tel"/>
        <TextInput field=mail/>
        <TextInput field=text("login", "登录名", &form.login).optional().hint("委员有自己的账号时填，要是本镇的委员账号。")/>
    }
    .into_any()
}

fn new_member(state: &FormState, request_id: &str, towns: Vec<Town>) -> AnyView {
    let town = town_field(state, towns);
    view! {
        <Crumbs ways=vec![Way::new("名册", ROSTER)] here="添一位委员"/>
        <h1 class="title title-work">"添一位委员"</h1>
        <form class="form" method="post" action=format!("{ROSTER}/{NEW}")>
            {summary(state)}
            <RequestIdField id=request_id.to_owned()/>
            {town}
            {member_fields(state, None)}
            <div class="actions"><Button words="登记"/></div>
        </form>
    }
    .into_any()
}

/// The town, to choose where there are several.
fn town_field(state: &FormState, towns: Vec<Town>) -> AnyView {
    match towns.as_slice() {
        [only] => view! { <input type="hidden" name="town" value=only.town_id.clone()/> }.into_any(),
        _ => {
            let field = Field::of(state, "town", "区镇");
            let options = towns.into_iter().map(|t| Choice::new(t.town_id, t.short_name)).collect();
            view! { <Select field options blank="请选"/> }.into_any()
        }
    }
}

fn correct_member(member: &Member, seen: &str, state: &FormState, request_id: &str) -> AnyView {
    let form = view! {
        <form class="form" method="post">
            {summary(state)}
            <RequestIdField id=request_id.to_owned()/>
            <input type="hidden" name="action" value="correct"/>
            <input type="hidden" name="seen" value=seen.to_owned()/>
            {member_fields(state, Some(&member.form()))}
            <div class="actions"><Button words="记下修改"/></div>
        </form>
    };
    view! {
        <Section title="修改" id="correct">
            {form}
        </Section>
    }
    .into_any()
}

fn leave(left: bool, state: &FormState, request_id: &str) -> AnyView {
    let (action, words, hint) = if left {
        ("back", "恢复在任", "点错了，或者重新担任委员，用这个恢复。")
    } else {
        ("leave", "记为离任", "离任以后不再推荐邀请，先前参加的会照旧留着；点错了可以恢复。")
    };
    let form = view! {
        <form class="form" method="post">
            {summary(&state.of_action(action))}
            <RequestIdField id=request_id.to_owned()/>
            <input type="hidden" name="action" value=action/>
            <p class="hint">{hint}</p>
            <div class="actions"><Button words=words kind=ButtonKind::Second/></div>
        </form>
    };
    view! {
        <Section title="任期" id="term">
            {form}
        </Section>
    }
    .into_any()
}

/// A contact as it is to be kept: an empty field keeps what is there, 「无」 clears it.
fn contact(form: &Form, name: &str, kept: &str) -> String {
    match form.value(name) {
        "" => kept.to_owned(),
        CLEAR => String::new(),
        typed => typed.to_owned(),
    }
}

fn member_form(form: &Form, kept: &MemberForm) -> MemberForm {
    MemberForm {
        name: form.value("name").to_owned(),
        sector: form.value("sector").to_owned(),
        specialty: read_tags(form.value("specialty")),
        phone: contact(form, "phone", &kept.phone),
        mail: contact(form, "mail", &kept.mail),
        woman: form.ticked("woman"),
        login: form.value("login").to_owned(),
    }
}

fn purpose(form: &Form) -> Result<Purpose, Refusal> {
    Purpose::from_code(form.value("purpose"))
        .ok_or_else(|| Refusal::field("purpose", "请选一项为什么要看，会留下记录。"))
}

/// Takes the forms of a member's page.
///
/// # Errors
/// As [`register`].
pub async fn post_member(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    towns(req).await?;
    let Some(id) = id_of::<MemberId>(req)? else {
        let id = register::add_member(&req.ctx, form.value("town"), member_form(&form, &MemberForm::default())).await?;
        return Ok(Outcome::SeeOther(format!("{ROSTER}/{id}?done=add")));
    };
    let back = |done: &str| Ok(Outcome::SeeOther(format!("{ROSTER}/{id}?done={done}")));
    match form.value("action") {
        "correct" => {
            let kept = register::member(&req.ctx, id).await?.form();
            register::correct_member(&req.ctx, id, form.value("seen"), member_form(&form, &kept)).await?;
            back("correct")
        }
        "leave" => {
            register::note_left(&req.ctx, id, true).await?;
            back("left")
        }
        "back" => {
            register::note_left(&req.ctx, id, false).await?;
            back("back")
        }
        "view" => {
            let purpose = purpose(&form)?;
            let found = register::view_member(&req.ctx, id, purpose).await?;
            let way = format!("{ROSTER}/{id}");
            Ok(Outcome::Page(Page::desk("联系方式", ROSTER, move || {
                contact_page(&found.name, (&found.phone, &found.mail), purpose.word(), way)
            })))
        }
        _ => Err(Refusal::NotFound),
    }
}

/// A contact, shown once.
pub(crate) fn contact_page(name: &str, (phone, mail): (&str, &str), purpose: &str, back: String) -> AnyView {
    let or_none = |text: &str| if text.is_empty() { "没有留".to_owned() } else { text.to_owned() };
    view! {
        <h1 class="title title-work">"联系方式"</h1>
        <p class="meta">{format!("用途：{purpose}。这次查看已经记录在案。")}</p>
        <dl class="facts">
            <dt>"姓名"</dt><dd>{name.to_owned()}</dd>
            <dt>"电话"</dt><dd class="code">{or_none(phone)}</dd>
            <dt>"邮箱"</dt><dd class="code">{or_none(mail)}</dd>
        </dl>
        <p class="hint">"离开这一页就不再显示，再看要再选一次用途。不要抄到别处。"</p>
        <p class="actions"><LinkButton words="看完了，回去" href=back/></p>
    }
    .into_any()
}

// --- units ------------------------------------------------------------------

/// The units of one's towns and of the district, and whom to ask there.
///
/// # Errors
/// As [`roster`].
pub async fn units(req: &Request) -> Result<Page, Refusal> {
    let towns = towns(req).await?;
    let keeps = !register::kept_towns(&req.ctx.actor).is_empty();
    let ids: Vec<String> = towns.iter().map(|town| town.town_id.clone()).collect();
    let all = store::units(&req.ctx.db, &ids).await?;
    Ok(Page::desk("单位名册", ROSTER, move || {
        let add = keeps.then(|| view! { <LinkButton words="添一个单位" href=format!("{UNITS}/{NEW}")/> });
        let without = all.iter().filter(|unit| unit.contact_name.is_empty()).count();
        let lead = match (all.len(), without) {
            (0, _) => "还没有登记单位。".to_owned(),
            (n, 0) => format!("单位 {n} 个，都有联系人。"),
            (n, without) => format!("单位 {n} 个，其中 {without} 个还没有联系人，开会请不到人，请补上。"),
        };
        let list = if all.is_empty() {
            view! { <Empty sentence="部门、承办单位登记以后，开会时从这里请人。" way=Way::new("看委员名册", ROSTER)/> }
                .into_any()
        } else {
            let columns =
                vec![Column::words("单位"), Column::words("哪里的"), Column::words("联系人"), Column::words("电话")];
            let rows = all.iter().map(|unit| unit_row(unit, &towns)).collect_view();
            view! { <Table caption="单位和联系人" quiet=true columns=columns>{rows}</Table> }.into_any()
        };
        view! {
            <Crumbs ways=vec![Way::new("名册", ROSTER)] here="单位名册"/>
            <div class="head">
                <h1 class="title title-desk">"单位名册"</h1>
                <p class="head-actions">{add}</p>
            </div>
            <p class="meta">{lead}</p>
            {list}
        }
        .into_any()
    }))
}

fn unit_row(unit: &Unit, towns: &[Town]) -> AnyView {
    let href = format!("{UNITS}/{}", unit.unit_id);
    let contact = if unit.contact_name.is_empty() { "还没有".to_owned() } else { unit.contact_name.clone() };
    view! {
        <tr>
            <th scope="row"><a href=href>{unit.name.clone()}</a></th>
            <td>{whose(unit, towns)}</td>
            <td>{contact}</td>
            <td class="phone">{phone_words(&unit.phone)}</td>
        </tr>
    }
    .into_any()
}

fn whose(unit: &Unit, towns: &[Town]) -> String {
    match &unit.town_id {
        Some(id) => {
            towns.iter().find(|town| town.town_id == *id).map(|town| town.short_name.clone()).unwrap_or_default()
        }
        None => "全区".to_owned(),
    }
}

/// One unit, or the form for a new one.
///
/// # Errors
/// As [`member`].
pub async fn unit(req: &Request) -> Result<Page, Refusal> {
    let towns = towns(req).await?;
    let kept = register::kept_towns(&req.ctx.actor);
    let (request_id, state) = (req.request_id.to_string(), req.form.clone());
    let Some(id) = id_of::<UnitId>(req)? else {
        if kept.is_empty() {
            return Err(Refusal::Forbidden { who: Role::Officer.word().to_owned() });
        }
        let options = towns.into_iter().filter(|t| kept.contains(&t.town_id)).collect();
        return Ok(Page::desk("添一个单位", ROSTER, move || new_unit(&state, &request_id, options)));
    };
    let found = register::unit(&req.ctx, id).await?;
    let seen = register::seen_unit(&req.ctx, &found);
    let keeps = found.town_id.as_ref().is_some_and(|town| kept.contains(town));
    let told = match req.query("done") {
        _ if state.refusal.is_some() => None,
        "add" => Some("单位已经登记。"),
        "correct" => Some("修改已经记下。"),
        _ => None,
    };
    Ok(Page::desk(found.name.clone(), ROSTER, move || {
        let correct = keeps.then(|| correct_unit(&found, &seen, &state.of_action("correct"), &request_id));
        let note = found.town_id.is_none().then(|| {
            view! { <p class="hint">"这是全区的单位，名称和联系人由系统管理员维护。"</p> }
        });
        let contact = if found.contact_name.is_empty() { "还没有".to_owned() } else { found.contact_name.clone() };
        view! {
            <Crumbs ways=vec![Way::new("名册", ROSTER), Way::new("单位名册", UNITS)] here=found.name.clone()/>
            <h1 class="title title-work">{found.name.clone()}</h1>
            <p class="meta">{whose(&found, &towns)}</p>
            {done(told)}
            <dl class="facts">
                <dt>"联系人"</dt><dd>{contact}</dd>
                <dt>"电话"</dt><dd>{phone_words(&found.phone)}</dd>
                <dt>"邮箱"</dt><dd>{mail_words(&found.mail)}</dd>
            </dl>
            {note}
            {look(!found.phone.is_empty() || !found.mail.is_empty(), &state.of_action("view"), &request_id)}
            {correct}
        }
        .into_any()
    }))
}

fn unit_fields(state: &FormState, kept: Option<&UnitForm>) -> AnyView {
    let blank = UnitForm::default();
    let form = kept.unwrap_or(&blank);
    let hint = |kept: &str, masked: String| {
        if kept.is_empty() {
            "不公开，每次查看都有记录。".to_owned()
        } else {
            format!("现在是 {masked}，不改就空着；要清掉写「{CLEAR}」。")
        }
    };
    let phone =
        Field::of(state, "phone", "电话").optional().private().hint(hint(&form.phone, phone_words(&form.phone)));
    let mail = Field::of(state, "mail", "邮箱").optional().private().hint(hint(&form.mail, mail_words(&form.mail)));
    view! {
        <TextInput field=Field::of(state, "contact", "联系人").or(form.contact.clone()).optional().private()/>
        <TextInput field=phone kind="tel"/>
        <TextInput field=mail/>
    }
    .into_any()
}

fn new_unit(state: &FormState, request_id: &str, towns: Vec<Town>) -> AnyView {
    view! {
        <Crumbs ways=vec![Way::new("名册", ROSTER), Way::new("单位名册", UNITS)] here="添一个单位"/>
        <h1 class="title title-work">"添一个单位"</h1>
        <form class="form" method="post" action=format!("{UNITS}/{NEW}")>
            {summary(state)}
            <RequestIdField id=request_id.to_owned()/>
            {town_field(state, towns)}
            <TextInput field=Field::of(state, "name", "单位名称").hint("写全称，登记以后不能改名。")/>
            {unit_fields(state, None)}
            <div class="actions"><Button words="登记"/></div>
        </form>
    }
    .into_any()
}

fn correct_unit(unit: &Unit, seen: &str, state: &FormState, request_id: &str) -> AnyView {
    let form = view! {
        <form class="form" method="post">
            {summary(state)}
            <RequestIdField id=request_id.to_owned()/>
            <input type="hidden" name="action" value="correct"/>
            <input type="hidden" name="seen" value=seen.to_owned()/>
            {unit_fields(state, Some(&unit.form()))}
            <div class="actions"><Button words="记下修改"/></div>
        </form>
    };
    view! {
        <Section title="修改联系人" id="correct">
            {form}
        </Section>
    }
    .into_any()
}

/// Takes the forms of a unit's page.
///
/// # Errors
/// As [`register`].
pub async fn post_unit(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    towns(req).await?;
    let read = |kept: &UnitForm| UnitForm {
        name: if kept.name.is_empty() { form.value("name").to_owned() } else { kept.name.clone() },
        contact: form.value("contact").to_owned(),
        phone: contact(&form, "phone", &kept.phone),
        mail: contact(&form, "mail", &kept.mail),
    };
    let Some(id) = id_of::<UnitId>(req)? else {
        let id = register::add_unit(&req.ctx, form.value("town"), &read(&UnitForm::default())).await?;
        return Ok(Outcome::SeeOther(format!("{UNITS}/{id}?done=add")));
    };
    match form.value("action") {
        "correct" => {
            let kept = register::unit(&req.ctx, id).await?.form();
            register::correct_unit(&req.ctx, id, form.value("seen"), &read(&kept)).await?;
            Ok(Outcome::SeeOther(format!("{UNITS}/{id}?done=correct")))
        }
        "view" => {
            let purpose = purpose(&form)?;
            let found = register::view_unit(&req.ctx, id, purpose).await?;
            let way = format!("{UNITS}/{id}");
            Ok(Outcome::Page(Page::desk("联系方式", ROSTER, move || {
                contact_page(&found.contact_name, (&found.phone, &found.mail), purpose.word(), way)
            })))
        }
        _ => Err(Refusal::NotFound),
    }
}
