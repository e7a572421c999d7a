//! Says on a live page that something changed since it was shown. It never reloads by itself: what somebody is writing
//! stays.

use leptos::prelude::*;

/// A remark that appears when the server tells of a change, with a link that shows the newest state.
#[island]
pub fn Changes(
    /// Address of the stream of events.
    stream: String,
    /// What the page shows, as the server numbers it: sent along, so that a change while nobody listened is told too.
    seen: String,
    /// The page itself.
    href: String,
) -> impl IntoView {
    let changed = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    Effect::new(move || browser::watch(&stream, &seen, changed));
    #[cfg(not(feature = "hydrate"))]
    drop((stream, seen));
    view! {
        <div role="status">
            {move || changed.get().then(|| {
                view! { <p class="note">"有新的变动，刷新看最新。"<a href=href.clone()>"刷新"</a></p> }
            })}
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::RefCell;
    use std::rc::Rc;

    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{Event, EventSource, VisibilityState};

    /// Listens while the page is seen; a browser has few lines to one server, and a hidden page needs none.
    pub(super) fn watch(stream: &str, seen: &str, changed: RwSignal<bool>) {
        let address = format!("{stream}?seen={seen}");
        let line: Rc<RefCell<Option<EventSource>>> = Rc::default();
        let told = {
            let line = Rc::clone(&line);
            Closure::<dyn FnMut(Event)>::new(move |_| {
                changed.set(true);
                // Said once: there is nothing more to listen for.
                close(&line);
            })
        };
        let told: js_sys::Function = told.into_js_value().unchecked_into();
        let follow = move || {
            let visible = document().visibility_state() == VisibilityState::Visible;
            if !visible || changed.get_untracked() {
                close(&line);
            } else if line.borrow().is_none() {
                *line.borrow_mut() = open(&address, &told);
            }
        };
        follow();
        let follow = Closure::<dyn FnMut(Event)>::new(move |_| follow());
        // The page is left by loading another document, which frees everything: the listener stays until then.
        drop(document().add_event_listener_with_callback("visibilitychange", follow.into_js_value().unchecked_ref()));
    }

    fn open(address: &str, told: &js_sys::Function) -> Option<EventSource> {
        let source = EventSource::new(address).ok()?;
        for name in ["change", "resync"] {
            drop(source.add_event_listener_with_callback(name, told));
        }
        Some(source)
    }

    fn close(line: &RefCell<Option<EventSource>>) {
        if let Some(source) = line.borrow_mut().take() {
            source.close();
        }
    }
}
