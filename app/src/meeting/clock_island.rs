//! The clock of a speech, which steps once a second. The server's time is what counts: the browser only counts on from it.

use leptos::prelude::*;

/// 「1:42」, 「超 0:15」.
fn shown(left_s: i64) -> String {
    let (word, seconds) = if left_s < 0 { ("超 ", -left_s) } else { ("", left_s) };
    format!("{word}{}:{:02}", seconds / 60, seconds % 60)
}

/// What is left of a speech, large, and a bar of what is spent.
#[island]
pub fn SpeechClock(
    /// Seconds spoken when the page was made.
    elapsed_s: i64,
    /// Seconds that are allowed.
    allowed_s: i64,
    /// Seconds before the end when the speaker is told.
    bell_s: i64,
) -> impl IntoView {
    let spent = RwSignal::new(elapsed_s);
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        let begun = js_sys::Date::now();
        // Differences of the browser's clock: a page that slept shows the right time when it wakes.
        let step = move || {
            let since = std::time::Duration::from_secs_f64((js_sys::Date::now() - begun).max(0.0) / 1000.0);
            spent.set(elapsed_s.saturating_add(i64::try_from(since.as_secs()).unwrap_or(i64::MAX)));
        };
        set_interval(step, std::time::Duration::from_secs(1));
    });
    let class = move || match allowed_s - spent.get() {
        left if left < 0 => "speech-clock over",
        left if left <= bell_s => "speech-clock bell",
        _ => "speech-clock",
    };
    view! {
        <div class=class>
            <p class="speech-figure">{move || shown(allowed_s - spent.get())}</p>
            <progress class="speech-bar" aria-label="已说的时间" max=allowed_s.to_string() value=move || spent.get().min(allowed_s).to_string()></progress>
        </div>
    }
}
