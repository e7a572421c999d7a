//! The list at the door: by category, found by a part of the name; one large button a person.

use leptos::prelude::*;

use crate::access::StepKind;
use crate::error::FormState;
use crate::meeting::device::said;
use crate::meeting::steps::Presence;
use crate::meeting::store::{Person, Sitting};
use crate::rules::Category;
use crate::topic::pages::desk::{Bench, Tab};
use crate::ui::{Button, ButtonKind, Choice, Field, Section, Select, TextInput};
use crate::web::Request;

/// Rows that are shown at once; more are found by name.
const MOST: usize = 300;

/// What of the list is looked at.
pub(super) struct Look {
    /// A part of name or organisation.
    text: String,
    /// Only this category.
    category: Option<Category>,
}

impl Look {
    pub(super) fn of(req: &Request) -> Self {
        Self { text: req.query("q").trim().to_owned(), category: Category::from_code(req.query("category")) }
    }

    fn fits(&self, person: &Person) -> bool {
        self.category.is_none_or(|category| category == person.category.0)
            && (self.text.is_empty() || person.name.contains(&self.text) || person.organisation.contains(&self.text))
    }
}

/// The list while the door is open.
pub(super) fn view(bench: &Bench, presence: &Presence, look: &Look, code: &dyn Fn(&Person) -> String) -> AnyView {
    let Some(sitting) = &presence.sitting else { return ().into_any() };
    let found: Vec<&Person> = presence.people.iter().filter(|person| look.fits(person)).collect();
    let rest = found.len().saturating_sub(MOST);
    let groups = Category::ALL
        .iter()
        .filter_map(|category| {
            let of: Vec<&Person> =
                found.iter().take(MOST).copied().filter(|person| person.category.0 == *category).collect();
            (!of.is_empty()).then(|| group(bench, *category, &of, code))
        })
        .collect_view();
    let rest = (rest > 0).then(|| view! { <p class="hint">{format!("还有 {rest} 位没有列出来，请搜姓名。")}</p> });
    let nobody = found
        .is_empty()
        .then(|| view! { <p class="empty">"没有找到。核对一下姓名；名单上没有的，按临时到场登记。"</p> });
    let fields = view! {
        {officials(bench, presence)}
        {groups}
    };
    let list = ticks(bench, sitting, fields.into_any());
    let search = search(bench, look);
    view! {
        <Section title="名单" id="list">
            {search}
            {nobody}
            {list}
            {rest}
        </Section>
    }
    .into_any()
}

/// One form around the buttons of the list: each sends the person it stands beside. Sent twice it is one check-in.
fn ticks(bench: &Bench, sitting: &Sitting, rows: AnyView) -> AnyView {
    view! {
        <form method="post" action=Tab::Door.address(bench.case.id)>
            <input type="hidden" name="action" value=StepKind::CheckIn.code()/>
            <input type="hidden" name="sitting" value=sitting.sitting_id.to_string()/>
            {rows}
        </form>
    }
    .into_any()
}

/// The list on a device without a network: its script puts the people in.
pub(super) fn kept(bench: &Bench) -> AnyView {
    let look = Look { text: String::new(), category: None };
    let search = search(bench, &look);
    view! { <Section title="名单" id="list">{search}</Section> }.into_any()
}

fn search(bench: &Bench, look: &Look) -> AnyView {
    let state = FormState::filled([
        ("q", look.text.clone()),
        ("category", look.category.map(|c| c.code().to_owned()).unwrap_or_default()),
    ]);
    let options = Category::ALL.iter().map(|c| Choice::new(c.code(), c.word())).collect();
    view! {
        <form class="filters" method="get" action=Tab::Door.address(bench.case.id) role="search">
            <TextInput field=Field::of(&state, "q", "姓名或单位").optional().private() kind="search"/>
            <Select field=Field::of(&state, "category", "类别").optional() options blank="全部"/>
            <div><Button words="找" kind=ButtonKind::Second/></div>
        </form>
    }
    .into_any()
}

/// Chair and recorder, who have to be there.
fn officials(bench: &Bench, presence: &Presence) -> AnyView {
    let day = &presence.day;
    let rows = [("主持", day.chair_id, &day.chair), ("记录", day.recorder_id, &day.recorder)]
        .into_iter()
        .filter_map(|(what, account, name)| account.map(|account| (what, account, name.clone().unwrap_or_default())))
        .map(|(what, account, name)| {
            let there = presence.officials.iter().find(|(one, ..)| *one == account);
            let act = match there {
                Some((_, check_in, at)) => here(bench, check_in.to_string(), said(None, *at, None)),
                None => tick(bench, "account", account.to_string(), &name),
            };
            view! { <li class="door-row"><div><b>{name}</b><p class="caption">{what}</p></div>{act}</li> }
        })
        .collect_view();
    view! { <p class="sub-head">"主持和记录"</p><ul class="door-list">{rows}</ul> }.into_any()
}

fn group(bench: &Bench, category: Category, people: &[&Person], code: &dyn Fn(&Person) -> String) -> AnyView {
    let there = people.iter().filter(|person| person.check_in_id.is_some()).count();
    let head = format!("{} {there}/{}", category.word(), people.len());
    let rows = people.iter().map(|person| row(bench, person, code)).collect_view();
    view! { <p class="sub-head">{head}</p><ul class="door-list">{rows}</ul> }.into_any()
}

fn row(bench: &Bench, person: &Person, code: &dyn Fn(&Person) -> String) -> AnyView {
    let act = match (person.check_in_id, person.at) {
        (Some(check_in), Some(at)) => {
            here(bench, check_in.to_string(), said(person.how.as_deref(), at, person.device_at))
        }
        _ => tick(bench, "invitee", person.invitee_id.to_string(), &person.name),
    };
    let about = [person.organisation.as_str(), person.state.0.word()]
        .into_iter()
        .filter(|words| !words.is_empty())
        .collect::<Vec<_>>()
        .join("，");
    let about = format!("{about}，短码 {}", code(person));
    view! { <li class="door-row"><div><b>{person.name.clone()}</b><p class="caption">{about}</p></div>{act}</li> }
        .into_any()
}

fn tick(bench: &Bench, name: &'static str, value: String, who: &str) -> AnyView {
    let label = format!("{who} 签到");
    bench
        .may(StepKind::CheckIn)
        .then(|| view! { <button type="submit" class="btn second" name=name value=value aria-label=label>"签到"</button> })
        .into_any()
}

fn here(bench: &Bench, check_in: String, words: String) -> AnyView {
    let undo = bench
        .may(StepKind::UndoCheckIn)
        .then(|| view! { <button type="submit" class="link" name="undo" value=check_in>"撤销"</button> });
    view! { <div class="door-here"><span class="word good">{words}</span>{undo}</div> }.into_any()
}
