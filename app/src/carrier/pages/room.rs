//! `/desk/rooms/{id}`: a room, looked at by the 六有 list.

use leptos::prelude::*;

use super::{ROOMS, crumbs, done};
use crate::access::Role;
use crate::carrier::keep;
use crate::carrier::model::{CheckForm, Six, missing, read};
use crate::carrier::store::{self, Check};
use crate::error::{FormState, Refusal};
use crate::ids::{CheckId, FileId, RoomId};
use crate::rules::full_date;
use crate::ui::{
    Button, CheckGroup, Choice, Crumbs, Empty, Field, FileInput, FormSummary, RequestIdField, Section, TextArea,
    TextInput,
};
use crate::web::{Form, Outcome, Page, Request, StagedFile};

/// Looks that the page shows.
const SHOWN: i64 = 50;

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for a room of another town.
pub async fn room(req: &Request) -> Result<Page, Refusal> {
    let id: RoomId = req.param("id")?;
    let room = keep::room(&req.ctx, id).await?;
    let checks = store::checks(&req.ctx.db, id, SHOWN).await?;
    let photos = store::photos(&req.ctx.db, id).await?;
    let me = req.ctx.actor.signed();
    let keeps = me.is_some_and(|me| me.is(Role::Officer, &room.town_id));
    let ways = crumbs(me, &room.town_id);
    let (state, staged, request_id) = (req.form.clone(), req.staged.clone(), req.request_id.to_string());
    let told = (req.query("done") == "checked" && state.refusal.is_none()).then_some("已经记下。");
    let today = req.ctx.today();
    Ok(Page::desk(room.name.clone(), ROOMS, move || {
        let about = format!("{}，{}，可坐 {} 人", room.level.word(), room.address, room.capacity);
        let form = keeps.then(|| {
            let form = check_form(state, staged, &request_id, (&today.to_string(), checks.first()));
            view! { <Section title="看一次" id="check">{form}</Section> }
        });
        let list = if checks.is_empty() {
            view! { <Empty sentence="还没有人来看过。看过一次，就列在这里。"/> }.into_any()
        } else {
            let rows = checks.iter().map(|check| one(check, &photos)).collect_view();
            view! { <ul class="short-list">{rows}</ul> }.into_any()
        };
        view! {
            <Crumbs ways here=room.name.clone()/>
            <h1 class="title title-work">{room.name.clone()}</h1>
            <p class="meta">{about}</p>
            {done(told)}
            {form}
            <Section title="看过的记录">{list}</Section>
        }
        .into_any()
    }))
}

fn check_form(
    state: FormState,
    staged: Vec<StagedFile>,
    request_id: &str,
    (today, last): (&str, Option<&Check>),
) -> AnyView {
    let refused = state.refusal.is_some();
    let state = state.files_named("photos");
    let options = Six::ALL
        .iter()
        .map(|six| Choice::new(six.code(), format!("有{}", six.word())).hint(six.asks()))
        .collect::<Vec<Choice>>();
    let mut met = Field::of(&state, "met", "六有").optional().hint("有的打勾，没有的空着");
    if let Some(last) = last.filter(|_| !refused) {
        // What was there the last time is most likely there still; whoever looks takes away what is not.
        for six in read(&last.met) {
            met = met.and(six.code());
        }
    }
    let words = Field::of(&state, "words", "缺的怎么补，什么时候补上").needed_if("六样都有可不填");
    let photos = Field::of(&state, "photos", "照片").optional().hint("只在工作台里看");
    view! {
        <form class="form" method="post" enctype="multipart/form-data" data-guard="">
            <FormSummary form=state.clone()/>
            <RequestIdField id=request_id.to_owned()/>
            <input type="hidden" name="action" value="check"/>
            <TextInput field=Field::of(&state, "checked_on", "哪天看的").or(today).narrow() kind="date"/>
            <CheckGroup field=met options/>
            <TextArea field=words rows=3/>
            <FileInput field=photos staged accept="image/jpeg,image/png,image/webp"/>
            <div class="actions"><Button words="记下来"/></div>
        </form>
    }
    .into_any()
}

fn one(check: &Check, photos: &[(CheckId, FileId)]) -> AnyView {
    let met = read(&check.met);
    let lacks = missing(&met);
    let six = if lacks.is_empty() { "六样都有".to_owned() } else { format!("有 {} 样，缺{lacks}", met.len()) };
    let by = check.by_name.clone().unwrap_or_default();
    let words = (!check.words.is_empty()).then(|| view! { <p class="said">{check.words.clone()}</p> });
    let links = photos
        .iter()
        .filter(|(of, _)| *of == check.check_id)
        .enumerate()
        .map(|(n, (_, file))| view! { " "<a href=format!("/files/{file}")>{format!("照片{}", n + 1)}</a> })
        .collect_view();
    view! {
        <li>
            {six}
            <p class="meta">{format!("{}，{by}", full_date(check.checked_on))}{links}</p>
            {words}
        </li>
    }
    .into_any()
}

/// Takes the form of the page.
///
/// # Errors
/// As [`crate::carrier::check_room`].
pub async fn post_room(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let id: RoomId = req.param("id")?;
    let sent = form.values.get("met").map(Vec::as_slice).unwrap_or_default();
    let met: Option<Vec<Six>> = sent.iter().map(|code| Six::from_code(code.trim())).collect();
    let Some(met) = met else { return Err(Refusal::field("met", "请在六项里打勾。")) };
    let check = CheckForm {
        checked_on: form.date("checked_on")?,
        met,
        words: form.value("words").to_owned(),
        photos: form.files.iter().map(|file| file.file).collect(),
    };
    crate::carrier::check_room(&req.ctx, id, check).await?;
    Ok(Outcome::SeeOther(format!("{ROOMS}/{id}?done=checked")))
}
