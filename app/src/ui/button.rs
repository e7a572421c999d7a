//! Buttons and links that look like them. The verb says what happens.

use leptos::prelude::*;

use super::Words;

/// How much a button weighs. One primary button a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// Ink on paper.
    #[default]
    Primary,
    /// A border only; also for steps that cannot be taken back, which lead to a page of their own.
    Second,
    /// A link in looks, a button in fact.
    Link,
}

impl ButtonKind {
    const fn class(self, small: bool) -> &'static str {
        match (self, small) {
            (Self::Primary, false) => "btn",
            (Self::Primary, true) => "btn small",
            (Self::Second, false) => "btn second",
            (Self::Second, true) => "btn second small",
            (Self::Link, _) => "link",
        }
    }
}

/// A button that sends its form, with a name and value of its own where a form has several.
#[component]
pub fn Button(
    /// The verb.
    #[prop(into)]
    words: String,
    /// How much it weighs.
    #[prop(optional)]
    kind: ButtonKind,
    /// 36 px high in rows on a wide screen.
    #[prop(optional)]
    small: bool,
    /// Name of the value it sends.
    #[prop(optional, into)]
    name: Words,
    /// The value it sends.
    #[prop(optional, into)]
    value: Words,
) -> impl IntoView {
    view! { <button type="submit" class=kind.class(small) name=name.0 value=value.0>{words}</button> }
}

/// A link that looks like a button: it leads to a page and changes nothing.
#[component]
pub fn LinkButton(
    /// The verb.
    #[prop(into)]
    words: String,
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How much it weighs.
    #[prop(optional)]
    kind: ButtonKind,
    /// 36 px high in rows on a wide screen.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    view! { <a class=kind.class(small) href=href>{words}</a> }
}
