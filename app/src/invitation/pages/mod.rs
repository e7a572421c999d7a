//! The pages of the list of people.
//!
//! | file | page |
//! |---|---|
//! | `people.rs` | `/desk/topics/{id}/people`: the meter, the forms, the list |
//! | `person.rs` | `/desk/topics/{id}/people/{invitee}`: one person |
//! | `sheet.rs` | `/desk/topics/{id}/people/import`: a list from a file or the clipboard |

mod people;
mod person;
mod sheet;

pub use people::{people, post_people};
pub use person::{person, post_person};
pub use sheet::{import, post_import};

use std::sync::Arc;

use leptos::prelude::*;

use super::model::PersonForm;
use super::store::{Meeting, current_meeting};
use crate::access::{Actor, Decision, StepKind, decide};
use crate::case::{Case, relation};
use crate::error::{FormState, Refusal};
use crate::ids::CaseId;
use crate::rules::{Category, RuleSet};
use crate::topic::pages::desk::{Tab, inside, tabs};
use crate::town;
use crate::ui::{Checkbox, Choice, Crumbs, Field, Select, TextInput, Way};
use crate::web::{Form, Request};

/// Address of all topics, which is also the navigation item.
const TOPICS: &str = "/desk/topics";

/// What every page of the list knows.
struct Board {
    case: Case,
    /// The case's present meeting.
    meeting: Option<Meeting>,
    rules: Arc<RuleSet>,
    actor: Actor,
    form: FormState,
    request_id: String,
}

impl Board {
    /// # Errors
    /// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for a case one may not know of.
    async fn load(req: &Request) -> Result<Self, Refusal> {
        let case = inside(&req.ctx, req.param("id")?).await?;
        let db = &req.ctx.db;
        let rules = match case.rule_set_id {
            Some(id) => town::rules::by_id(db, &req.ctx.shared, id).await?,
            None => town::rules::in_force(db, &req.ctx.shared, &case.town_id, req.ctx.now()).await?.1,
        };
        Ok(Self {
            meeting: current_meeting(db, case.id).await?,
            rules,
            actor: req.ctx.actor.clone(),
            form: req.form.clone(),
            request_id: req.request_id.to_string(),
            case,
        })
    }

    fn may(&self, step: StepKind) -> bool {
        decide(step, &self.actor, relation(&self.case, &self.actor)) == Decision::Allowed
    }

    /// Whether the person may change the list now.
    fn edits(&self) -> bool {
        self.may(StepKind::AddPeople) && self.meeting.as_ref().is_some_and(Meeting::is_open)
    }

    fn address(&self) -> String {
        address(self.case.id)
    }

    /// Crumbs and title of the first page.
    fn head(&self) -> AnyView {
        let case = &self.case;
        let here = case.number.as_ref().map_or_else(|| "还没有编号".to_owned(), |n| format!("{n} 号"));
        let tag = case.demo.then(|| view! { <p class="meta"><span class="tag">"演示数据"</span></p> });
        view! {
            <Crumbs ways=vec![Way::new("议题", TOPICS)] here=here/>
            <h1 class="title title-work">{case.inner_title().to_owned()}</h1>
            {tag}
            {tabs(case, Tab::People)}
        }
        .into_any()
    }

    /// Crumbs of a page below it.
    fn crumbs(&self, here: &str) -> AnyView {
        let ways = vec![
            Way::new("议题", TOPICS),
            Way::new(self.case.inner_title(), format!("{TOPICS}/{}", self.case.id)),
            Way::new("人员", self.address()),
        ];
        view! { <Crumbs ways=ways here=here.to_owned()/> }.into_any()
    }
}

/// Address of the list of a case.
fn address(case: CaseId) -> String {
    format!("{TOPICS}/{case}/people")
}

/// The fields of a person; with `kept` of one who is on the list, whose phone and mail are not shown.
fn person_fields(state: &FormState, within: &'static str, kept: Option<&PersonForm>) -> AnyView {
    let blank = PersonForm::default();
    let form = kept.unwrap_or(&blank);
    let text = |name: &str, label: &str, value: &str| Field::of(state, name, label).within(within).or(value);
    let hint = |kept: &str| {
        if kept.is_empty() {
            "不公开，每次查看都有记录。"
        } else {
            "已经留了，不改就空着；要清掉写「无」。"
        }
    };
    let tick = |name: &str, label: &str, on: bool| {
        let field = Field::of(state, name, label).within(within);
        if state.refusal.is_some() || !on { field } else { field.or("yes") }
    };
    let options = Category::ALL.iter().map(|category| Choice::new(category.code(), category.word())).collect();
    let category = text("category", "类别", form.category.map_or("", Category::code));
    let phone = Field::of(state, "phone", "电话").within(within).optional().private().hint(hint(&form.phone));
    let mail = Field::of(state, "mail", "邮箱").within(within).optional().private().hint(hint(&form.mail));
    let organisation = text("organisation", "单位或村社区", &form.organisation).optional();
    view! {
        <div class="row-fields">
            <TextInput field=text("name", "姓名", &form.name).private()/>
            <Select field=category options blank="请选"/>
            <TextInput field=organisation/>
            <TextInput field=text("sector", "界别", &form.sector).optional()/>
            <TextInput field=phone kind="tel"/>
            <TextInput field=mail/>
        </div>
        <Checkbox field=tick("woman", "女性", form.woman)/>
        <Checkbox field=tick("consent_public", "本人同意公开姓名", form.consent_public)/>
    }
    .into_any()
}

/// The person that a form describes. An empty contact keeps what is there, 「无」 clears it.
fn person_of(form: &Form, kept: &PersonForm) -> PersonForm {
    let contact = |name: &str, kept: &str| match form.value(name) {
        "" => kept.to_owned(),
        "无" => String::new(),
        typed => typed.to_owned(),
    };
    PersonForm {
        member: None,
        unit: None,
        category: Category::from_code(form.value("category")),
        name: form.value("name").to_owned(),
        organisation: form.value("organisation").to_owned(),
        sector: form.value("sector").to_owned(),
        phone: contact("phone", &kept.phone),
        mail: contact("mail", &kept.mail),
        woman: form.ticked("woman"),
        consent_public: form.ticked("consent_public"),
    }
}
