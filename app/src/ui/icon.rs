//! The three signs of a finding. They differ in shape, so that they tell apart without colour.

use leptos::prelude::*;

/// Which sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A filled square with a bar: refused.
    Blocking,
    /// A triangle: to be known.
    Warning,
    /// A check mark: holds.
    Passed,
}

impl Shape {
    const fn class(self) -> &'static str {
        match self {
            Self::Blocking => "icon blocking",
            Self::Warning => "icon warning",
            Self::Passed => "icon passed",
        }
    }

    const fn drawing(self) -> &'static str {
        match self {
            Self::Blocking => {
                r#"<rect class="solid" x="1" y="1" width="16" height="16"/><rect class="bar" x="5" y="8" width="8" height="2"/>"#
            }
            Self::Warning => {
                r#"<path class="tri" d="M9 2 16.5 15.5H1.5Z"/><rect class="dot" x="8.2" y="6.5" width="1.6" height="4.5"/><rect class="dot" x="8.2" y="12" width="1.6" height="1.6"/>"#
            }
            Self::Passed => r#"<path class="check" d="M3.5 9.5 7.5 13.5 14.5 5"/>"#,
        }
    }
}

/// A sign of 18 px. It always stands beside its word, so readers of screens pass over it.
#[component]
pub fn Icon(
    /// Which sign.
    shape: Shape,
) -> impl IntoView {
    view! { <svg class=shape.class() viewBox="0 0 18 18" width="18" height="18" aria-hidden="true" inner_html=shape.drawing()></svg> }
}
