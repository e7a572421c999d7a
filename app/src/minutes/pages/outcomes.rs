//! The outcome list as a form: one group of fields for each item, and some that are empty.

use leptos::prelude::*;

use crate::error::{FieldError, FormState, Refusal};
use crate::ids::UnitId;
use crate::minutes::model::{Degree, OutcomeItem, Outcomes};
use crate::roster::store::Unit;
use crate::rules::Category;
use crate::ui::{Checkbox, Choice, Field, Select, TextArea};
use crate::web::Form;

/// Empty items that are offered. More appear once these are saved.
const SPARE: usize = 2;
/// Items that a form is read for.
const MOST: usize = 60;

/// What the form is filled with.
pub(super) fn filled(list: &Outcomes) -> FormState {
    let mut values = vec![("no_consensus".to_owned(), if list.no_consensus { "yes" } else { "" }.to_owned())];
    for (n, item) in list.items.iter().enumerate() {
        values.push((format!("item_{n}_words"), item.words.clone()));
        values.push((format!("item_{n}_from"), item.from.map(Category::code).unwrap_or_default().to_owned()));
        values.push((format!("item_{n}_degree"), item.degree.map(Degree::code).unwrap_or_default().to_owned()));
        values.push((format!("item_{n}_unit"), item.unit.map(|id| id.to_string()).unwrap_or_default()));
    }
    FormState { values: values.into_iter().map(|(name, value)| (name, vec![value])).collect(), ..FormState::default() }
}

/// The fields: of every item that has something in it, and of some empty ones.
pub(super) fn fields(state: &FormState, units: &[Unit]) -> AnyView {
    let used =
        (0..MOST).rev().find(|n| !state.value(&format!("item_{n}_words")).trim().is_empty()).map_or(0, |n| n + 1);
    let rows = (0..(used + SPARE).min(MOST))
        .map(|n| {
            let field = |name: &str, label: &'static str| Field::of(state, &format!("item_{n}_{name}"), label);
            let from = Category::ALL.iter().map(|one| Choice::new(one.code(), one.word())).collect();
            let degrees = Degree::ALL.iter().map(|one| Choice::new(one.code(), one.word())).collect();
            let offered = units.iter().map(|unit| Choice::new(unit.unit_id.to_string(), unit.name.clone())).collect();
            let label = format!("第 {} 条", n + 1);
            view! {
                <fieldset class="outcome">
                    <legend>{label}</legend>
                    <TextArea field=field("words", "办什么").optional() rows=2/>
                    <div class="outcome-more">
                        <Select field=field("from", "谁提的").optional() options=from blank="不写"/>
                        <Select field=field("degree", "同意到什么程度").optional() options=degrees blank="不写"/>
                        <Select field=field("unit", "建议谁来办").optional() options=offered blank="不写"/>
                    </div>
                </fieldset>
            }
        })
        .collect_view();
    let none = Field::of(state, "no_consensus", "未达成共识")
        .hint("勾上以后，签发了就回到调研，再商量一次。「共识」一栏要空着。");
    view! { {rows}<Checkbox field=none/> }.into_any()
}

/// The list of a form.
///
/// # Errors
/// [`Refusal::Invalid`] at the menu whose choice is none of those offered.
pub(super) fn read(form: &Form, units: &[Unit]) -> Result<Outcomes, Refusal> {
    let mut errors = Vec::new();
    let items = (0..MOST)
        .map(|n| {
            let value = |name: &str| form.value(&format!("item_{n}_{name}"));
            let mut wrong = |name: &str| {
                errors.push(FieldError::new(&format!("item_{n}_{name}"), "请从名单里选一项，或者不写。"));
            };
            let from = Category::from_code(value("from"));
            if from.is_none() && !value("from").is_empty() {
                wrong("from");
            }
            let degree = Degree::from_code(value("degree"));
            if degree.is_none() && !value("degree").is_empty() {
                wrong("degree");
            }
            let unit = value("unit").parse::<UnitId>().ok().and_then(|id| units.iter().find(|one| one.unit_id == id));
            if unit.is_none() && !value("unit").is_empty() {
                wrong("unit");
            }
            OutcomeItem {
                words: value("words").to_owned(),
                from,
                degree,
                unit: unit.map(|unit| unit.unit_id),
                unit_name: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
            }
        })
        .collect();
    if errors.is_empty() {
        Ok(Outcomes { no_consensus: form.ticked("no_consensus"), items }.tidy())
    } else {
        Err(Refusal::Invalid(errors))
    }
}
