//! Shows a page anew after a while: the screens of the room, which nobody touches.

use leptos::prelude::*;

/// Says when the page changes, and loads it anew then. With scripts off somebody loads it.
#[island]
pub fn Reload(
    /// Seconds until then.
    after_s: u32,
    /// What it says.
    words: String,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        // A second later, so that the server is surely in its next minute.
        let wait = std::time::Duration::from_secs(u64::from(after_s) + 1);
        set_timeout(|| drop(window().location().reload()), wait);
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = after_s;
    view! { <p class="caption">{words}</p> }
}
