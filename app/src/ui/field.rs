//! Form fields. Each is filled from a [`FormState`] and shows its refusal above its input; what was typed stays.

use leptos::prelude::*;

use super::{Icon, Shape, Words};
use crate::error::{FormState, Refusal};
use crate::rules::Level;
use crate::web::StagedFile;

/// Name of the hidden field that makes a repeated sending harmless.
pub const REQUEST_ID_FIELD: &str = "request_id";

/// Name of the fields that hand back files which were kept aside from a refused sending.
pub const STAGED_FIELD: &str = "staged";

/// One field of a form: its name and words, and what the form's state knows of it.
#[derive(Clone, Debug, Default)]
pub struct Field {
    name: String,
    id: String,
    label: String,
    hint: Option<String>,
    /// Why it may be left empty, in a word; none where it may not.
    optional: Option<&'static str>,
    max: Option<usize>,
    private: bool,
    narrow: bool,
    autocomplete: Option<&'static str>,
    similar: Option<&'static str>,
    values: Vec<String>,
    refusal: Option<String>,
}

impl Field {
    /// The field `name` with its label, filled from the form's state. Its id is its name.
    pub fn of(form: &FormState, name: &str, label: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            id: name.to_owned(),
            label: label.into(),
            values: form.values(name).to_vec(),
            refusal: form.error(name).map(str::to_owned),
            ..Self::default()
        }
    }

    /// What helps to fill it in; shown under the label.
    #[must_use]
    pub fn hint(mut self, words: impl Into<String>) -> Self {
        self.hint = Some(words.into());
        self
    }

    /// It may be left empty, and says so.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = Some("可不填");
        self
    }

    /// It is needed in some case only, and says in which.
    #[must_use]
    pub const fn needed_if(mut self, words: &'static str) -> Self {
        self.optional = Some(words);
        self
    }

    /// The most characters; counted while typing. The browser does not cut: the rule judges.
    #[must_use]
    pub const fn max(mut self, characters: usize) -> Self {
        self.max = Some(characters);
        self
    }

    /// Never kept in a browser draft: names, telephone numbers.
    #[must_use]
    pub const fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// A short input: a date, a number, a code.
    #[must_use]
    pub const fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    /// What the browser may fill in: `tel`, `name`, `current-password`.
    #[must_use]
    pub const fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = Some(token);
        self
    }

    /// Address that answers topics like the one being typed; they appear in `#similar`.
    #[must_use]
    pub const fn similar(mut self, address: &'static str) -> Self {
        self.similar = Some(address);
        self
    }

    /// Fills it where the form's state has nothing: a value that is stored or proposed.
    #[must_use]
    pub fn or(mut self, value: impl Into<String>) -> Self {
        if self.values.is_empty() {
            self.values.push(value.into());
        }
        self
    }

    /// Adds a value to those that are chosen already.
    #[must_use]
    pub fn and(mut self, value: impl Into<String>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Sets its id apart, where several forms of a page have a field of that name.
    #[must_use]
    pub fn within(mut self, form: &str) -> Self {
        self.id = format!("{form}-{}", self.name);
        self
    }

    fn value(&self) -> String {
        self.values.first().cloned().unwrap_or_default()
    }

    fn class(&self) -> &'static str {
        if self.refusal.is_some() { "field refused" } else { "field" }
    }

    fn input_class(&self) -> &'static str {
        if self.narrow { "input narrow" } else { "input" }
    }

    /// The ids of hint, refusal and count, for `aria-describedby`.
    fn described(&self) -> Option<String> {
        let mut ids = Vec::new();
        if self.refusal.is_some() {
            ids.push(format!("{}-refusal", self.id));
        }
        if self.hint.is_some() {
            ids.push(format!("{}-hint", self.id));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.refusal.is_some().then_some("true")
    }

    fn required(&self) -> Option<&'static str> {
        self.optional.is_none().then_some("true")
    }

    fn kept(&self) -> Option<&'static str> {
        self.private.then_some("true")
    }

    fn words(&self) -> AnyView {
        let optional = self.optional.map(|words| view! { <span class="optional">{words}</span> });
        view! { {self.label.clone()}{optional} }.into_any()
    }

    fn refusal_and_hint(&self) -> AnyView {
        let refusal = self.refusal.clone().map(|words| {
            let id = format!("{}-refusal", self.id);
            view! { <p class="refusal" id=id><Icon shape=Shape::Blocking/><span>{words}</span></p> }
        });
        let hint = self.hint.clone().map(|words| {
            let id = format!("{}-hint", self.id);
            view! { <p class="hint" id=id>{words}</p> }
        });
        view! { {refusal}{hint} }.into_any()
    }

    fn count(&self) -> Option<AnyView> {
        self.max.map(|max| view! { <p class="count" aria-live="polite">{format!("最多 {max} 字")}</p> }.into_any())
    }
}

/// A line of text; `kind` is the input's type: text, tel, search, password, date, number.
#[component]
pub fn TextInput(
    /// The field.
    field: Field,
    /// The input's type. A date is `date`: its value reads 2026-11-18.
    #[prop(default = "text")]
    kind: &'static str,
) -> impl IntoView {
    // A password is never sent back to the page.
    let value = if kind == "password" { String::new() } else { field.value() };
    view! {
        <div class=field.class()>
            <label for=field.id.clone()>{field.words()}</label>
            {field.refusal_and_hint()}
            <input
                class=field.input_class()
                id=field.id.clone()
                name=field.name.clone()
                type=kind
                value=value
                autocomplete=field.autocomplete.unwrap_or("off")
                aria-describedby=field.described()
                aria-invalid=field.invalid()
                aria-required=field.required()
                data-max=field.max.map(|n| n.to_string())
                data-private=field.kept()
                data-similar=field.similar
            />
            {field.count()}
        </div>
    }
}

/// A text of several lines.
#[component]
pub fn TextArea(
    /// The field.
    field: Field,
    /// Lines shown at first.
    #[prop(default = 5)]
    rows: u8,
) -> impl IntoView {
    // A browser drops the first line end after the tag: give it one to drop.
    let value = format!("\n{}", field.value());
    view! {
        <div class=field.class()>
            <label for=field.id.clone()>{field.words()}</label>
            {field.refusal_and_hint()}
            <textarea
                class="input"
                id=field.id.clone()
                name=field.name.clone()
                rows=rows.to_string()
                aria-describedby=field.described()
                aria-invalid=field.invalid()
                aria-required=field.required()
                data-max=field.max.map(|n| n.to_string())
                data-private=field.kept()
            >{value}</textarea>
            {field.count()}
        </div>
    }
}

/// One of the choices of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub words: String,
    /// What it means, where the words alone do not tell.
    pub hint: Option<String>,
}

impl Choice {
    /// A choice that needs no explanation.
    pub fn new(value: impl Into<String>, words: impl Into<String>) -> Self {
        Self { value: value.into(), words: words.into(), hint: None }
    }

    /// With an explanation under it.
    #[must_use]
    pub fn hint(mut self, words: impl Into<String>) -> Self {
        self.hint = Some(words.into());
        self
    }
}

fn choices(field: &Field, kind: &'static str, choices: Vec<Choice>) -> AnyView {
    let rows = choices
        .into_iter()
        .enumerate()
        .map(|(n, choice)| {
            // The first keeps the field's own id, so that links to the field lead to it.
            let id = if n == 0 { field.id.clone() } else { format!("{}-{}", field.id, n + 1) };
            let hint_id = choice.hint.is_some().then(|| format!("{id}-about"));
            let checked = field.values.contains(&choice.value);
            view! {
                <div class="choice">
                    <input type=kind id=id.clone() name=field.name.clone() value=choice.value checked=checked aria-describedby=hint_id.clone()/>
                    <label for=id>{choice.words}</label>
                    {choice.hint.map(|words| view! { <p class="hint" id=hint_id>{words}</p> })}
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class=field.class() aria-describedby=field.described()>
            <legend>{field.words()}</legend>
            {field.refusal_and_hint()}
            <div class="choices">{rows}</div>
        </fieldset>
    }
    .into_any()
}

/// One of several.
#[component]
pub fn RadioGroup(
    /// The field.
    field: Field,
    /// What can be chosen.
    options: Vec<Choice>,
) -> impl IntoView {
    choices(&field, "radio", options)
}

/// Any of several.
#[component]
pub fn CheckGroup(
    /// The field.
    field: Field,
    /// What can be chosen.
    options: Vec<Choice>,
) -> impl IntoView {
    choices(&field, "checkbox", options)
}

/// One yes; sends `yes`.
#[component]
pub fn Checkbox(
    /// The field.
    field: Field,
) -> impl IntoView {
    let checked = field.values.iter().any(|v| matches!(v.as_str(), "on" | "yes" | "true" | "1"));
    let refusal = field.refusal.clone().map(|words| {
        let id = format!("{}-refusal", field.id);
        view! { <p class="refusal" id=id><Icon shape=Shape::Blocking/><span>{words}</span></p> }
    });
    let hint = field.hint.clone().map(|words| {
        let id = format!("{}-hint", field.id);
        view! { <p class="hint" id=id>{words}</p> }
    });
    view! {
        <div class=field.class()>
            {refusal}
            <div class="choice">
                <input
                    type="checkbox"
                    id=field.id.clone()
                    name=field.name.clone()
                    value="yes"
                    checked=checked
                    aria-describedby=field.described()
                    aria-invalid=field.invalid()
                    data-private=field.kept()
                />
                <label for=field.id.clone()>{field.label.clone()}</label>
                {hint}
            </div>
        </div>
    }
}

/// One of many, in a menu.
#[component]
pub fn Select(
    /// The field.
    field: Field,
    /// What can be chosen.
    options: Vec<Choice>,
    /// What the menu says before anything is chosen; sends nothing.
    #[prop(optional, into)]
    blank: Words,
) -> impl IntoView {
    let chosen = field.value();
    let rows = options
        .into_iter()
        .map(|choice| {
            let selected = choice.value == chosen && !chosen.is_empty();
            view! { <option value=choice.value selected=selected>{choice.words}</option> }
        })
        .collect_view();
    view! {
        <div class=field.class()>
            <label for=field.id.clone()>{field.words()}</label>
            {field.refusal_and_hint()}
            <select
                class=field.input_class()
                id=field.id.clone()
                name=field.name.clone()
                aria-describedby=field.described()
                aria-invalid=field.invalid()
                data-private=field.kept()
            >
                {blank.0.map(|words| view! { <option value="">{words}</option> })}
                {rows}
            </select>
        </div>
    }
}

/// Size of a file in words: 「820 KB」, 「2.1 MB」.
fn size_words(bytes: i64) -> String {
    const KB: i64 = 1024;
    const MB: i64 = KB * KB;
    if bytes < MB {
        format!("{} KB", (bytes.max(0) / KB).max(1))
    } else {
        format!("{}.{} MB", bytes / MB, bytes % MB * 10 / MB)
    }
}

/// Files. A browser never refills a file field: what arrived with a refused form is kept aside and listed with a tick
/// that hands it in again.
#[component]
pub fn FileInput(
    /// The field.
    field: Field,
    /// Files kept aside from a refused sending.
    #[prop(optional)]
    staged: Vec<StagedFile>,
    /// Types that the file menu offers first.
    #[prop(default = "image/jpeg,image/png,image/webp,application/pdf,.doc,.docx,.xls,.xlsx,.ofd")]
    accept: &'static str,
) -> impl IntoView {
    let kept = (!staged.is_empty()).then(|| {
        let rows = staged
            .into_iter()
            .map(|file| {
                let id = format!("{}-{}", field.id, file.file);
                let words = format!("{}（{}）", file.name, size_words(file.size));
                view! {
                    <div class="choice">
                        <input type="checkbox" id=id.clone() name=STAGED_FIELD value=file.file.to_string() checked=true/>
                        <label for=id>{words}</label>
                    </div>
                }
            })
            .collect_view();
        view! {
            <fieldset class="choices">
                <legend class="hint">"已经传上来的，不用再传；不要的把勾去掉"</legend>
                {rows}
            </fieldset>
        }
    });
    view! {
        <div class=field.class()>
            <label for=field.id.clone()>{field.words()}</label>
            {field.refusal_and_hint()}
            <input
                class="input"
                type="file"
                id=field.id.clone()
                name=field.name.clone()
                multiple=true
                accept=accept
                aria-describedby=field.described()
                aria-invalid=field.invalid()
            />
            {kept}
        </div>
    }
}

/// The hidden id that makes a repeated sending harmless.
#[component]
pub fn RequestIdField(
    /// The id, fresh for each page.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    view! { <input type="hidden" name=REQUEST_ID_FIELD value=id/> }
}

/// What is wrong with a form, on top of it, with links to the fields; nothing when nothing is wrong.
#[component]
pub fn FormSummary(
    /// The form's state.
    form: FormState,
    /// The prefix of the field ids, where the form's fields have one (see [`Field::within`]).
    #[prop(optional, into)]
    within: Words,
) -> impl IntoView {
    let (title, lines) = summary(&form)?;
    let rows = lines
        .into_iter()
        .map(|(field, sentence)| match field {
            Some(name) => {
                let href = match &within.0 {
                    Some(prefix) => format!("#{prefix}-{name}"),
                    None => format!("#{name}"),
                };
                view! { <li><a href=href>{sentence}</a></li> }.into_any()
            }
            None => view! { <li>{sentence}</li> }.into_any(),
        })
        .collect_view();
    Some(view! {
        <div class="form-summary" role="alert" tabindex="-1">
            <h2>{title}</h2>
            <ul>{rows}</ul>
        </div>
    })
}

/// Field and sentence of one line of the summary.
type SummaryLine = (Option<String>, String);

/// The title of the summary and its lines: errors of fields first, then what belongs to no field.
fn summary(form: &FormState) -> Option<(String, Vec<SummaryLine>)> {
    let mut lines: Vec<SummaryLine> = form.errors.iter().map(|e| (Some(e.field.clone()), e.sentence.clone())).collect();
    if let Some(Refusal::Blocked(findings)) = &form.refusal {
        lines.extend(
            findings
                .iter()
                .filter(|f| f.level == Level::Blocking && f.field.is_none())
                .map(|f| (None, f.sentence.clone())),
        );
    }
    if !lines.is_empty() {
        return Some((format!("有 {} 处要改", lines.len()), lines));
    }
    form.refusal.as_ref().map(|refusal| (refusal.sentence(), vec![(None, refusal.comfort().to_owned())]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FieldError;
    use crate::live::render;

    fn refused() -> FormState {
        FormState {
            errors: vec![FieldError::new("title", "标题最少 4 个字")],
            ..FormState::filled([("title", "路\"灯<".to_owned()), ("note", "\n第一行".to_owned())])
        }
    }

    #[test]
    fn what_was_typed_comes_back_escaped_with_its_refusal() {
        let html = render(|| view! { <TextInput field=Field::of(&refused(), "title", "标题").max(30)/> });
        assert!(html.contains("路&quot;灯&lt;"), "{html}");
        assert!(html.contains("aria-invalid=\"true\""), "{html}");
        assert!(html.contains("aria-describedby=\"title-refusal\""), "{html}");
        assert!(html.contains("class=\"field refused\""), "{html}");
        assert!(html.contains("最多 30 字"), "{html}");
    }

    #[test]
    fn a_text_keeps_its_first_empty_line() {
        let html = render(|| view! { <TextArea field=Field::of(&refused(), "note", "说明")/> });
        assert!(html.contains(">\n\n第一行</textarea>"), "{html}");
    }

    #[test]
    fn a_password_is_never_sent_back() {
        let form = FormState::filled([("password", "秘密".to_owned())]);
        let html = render(move || view! { <TextInput field=Field::of(&form, "password", "密码") kind="password"/> });
        assert!(!html.contains("秘密"), "{html}");
    }

    #[test]
    fn choices_are_kept() {
        let form = FormState::filled([("source", "member".to_owned())]);
        let options = vec![Choice::new("public", "社会征题"), Choice::new("member", "委员荐题")];
        let again = options.clone();
        let radios = render({
            let form = form.clone();
            move || view! { <RadioGroup field=Field::of(&form, "source", "来源") options/> }
        });
        assert_eq!(radios.matches(" checked").count(), 1, "{radios}");
        let menu =
            render(move || view! { <Select field=Field::of(&form, "source", "来源") options=again blank="请选"/> });
        assert!(menu.contains("value=\"member\" selected"), "{menu}");
    }

    #[test]
    fn the_summary_counts_and_links() {
        let html = render(|| view! { <FormSummary form=refused()/> });
        assert!(html.contains("有 1 处要改") && html.contains("href=\"#title\""), "{html}");
        let html = render(|| view! { <FormSummary form=refused() within="screen"/> });
        assert!(html.contains("href=\"#screen-title\""), "{html}");
        let none = render(|| view! { <FormSummary form=FormState::default()/> });
        assert!(!none.contains("form-summary"), "{none}");
    }

    #[test]
    fn a_refusal_without_fields_still_says_something() {
        let form = FormState { refusal: Some(Refusal::Replayed), ..FormState::default() };
        let html = render(move || view! { <FormSummary form/> });
        assert!(html.contains("已经提交过一次") && html.contains("您写的都在"), "{html}");
    }

    #[test]
    fn sizes_are_in_words() {
        assert_eq!(size_words(10), "1 KB");
        assert_eq!(size_words(820 * 1024), "820 KB");
        assert_eq!(size_words(2 * 1024 * 1024 + 150 * 1024), "2.1 MB");
    }
}
