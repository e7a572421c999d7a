//! How a page with islands is rendered on the server and woken in the browser.
//!
//! Pages are finished HTML made in one go by `render`. On a live page (desk,
//! workspace) the parts marked `#[island]` arrive as finished HTML too, wrapped
//! in `<leptos-island>`; the module that `LiveHead` loads then attaches the
//! compiled code of each island to it. With scripts off the page stays as it is.
//!
//! Leptos's own `HydrationScripts` writes an inline script that imports the
//! bundle. The same work is done here by a file, `live.js`, so no page holds an
//! inline script, no nonce is needed, and the policy for live pages is
//! `script-src 'self' 'wasm-unsafe-eval'` (for all other pages `'self'`).
//!
//! An island
//! - begins with an element, not with text, and has a name of its own in the crate;
//! - takes no `children`: that needs a shared context, which `render` does not make;
//! - awaits nothing while the server renders (no `Resource`, no `Suspense`), since
//!   nothing is streamed after the page: it fetches from an `Effect`, which runs in
//!   the browser only;
//! - lives in a private module (`mod ..._island;`), because the attribute makes
//!   public items that nobody should use.

#[cfg(feature = "ssr")]
pub use server::{LiveBundle, LiveHead, render};

/// Prepares the compiled code for its islands; `live.js` calls it once.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

#[cfg(feature = "ssr")]
mod server {
    use leptos::prelude::*;

    /// Addresses of the three files of the browser bundle, as the site's table of
    /// assets gives them (with the content hash in the name).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LiveBundle {
        /// `live.js`, the module that wakes the islands.
        pub script: &'static str,
        /// `app.js`, the interface of the compiled code, imported by `live.js`.
        pub module: &'static str,
        /// `app.wasm`, the compiled code of all islands.
        pub wasm: &'static str,
    }

    /// The tag for `<head>` of a page with islands. It is the module alone, which
    /// fetches the other two: a browser with scripts off asks for nothing then.
    /// Pages without islands leave it out.
    #[component]
    pub fn LiveHead(
        /// Addresses of the bundle.
        bundle: LiveBundle,
    ) -> impl IntoView {
        view! {
            <script type="module" src=bundle.script></script>
        }
    }

    /// Renders a page, with or without islands, to HTML.
    ///
    /// `page` runs with a reactive owner of its own, so context provided in it is
    /// seen by every component below and is gone when the HTML is finished.
    pub fn render<V: IntoView>(page: impl FnOnce() -> V) -> String {
        let outer = Owner::current();
        let owner = Owner::new_root(None);
        let html = owner.with(|| page().into_view().to_html());
        // A new root makes itself the thread's owner; the thread goes on to other requests.
        owner.unset();
        if let Some(outer) = outer {
            outer.set();
        }
        html
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[derive(Clone)]
        struct Greeting(&'static str);

        #[component]
        fn Greeted() -> impl IntoView {
            let words = use_context::<Greeting>().map_or("无", |greeting| greeting.0);
            view! { <p>{words}</p> }
        }

        #[test]
        fn context_reaches_the_components_of_its_own_page_only() {
            let first = render(|| {
                provide_context(Greeting("同里镇"));
                view! { <main><Greeted/></main> }
            });
            assert_eq!(first, "<main><p>同里镇</p></main>");
            assert_eq!(render(|| view! { <Greeted/> }), "<p>无</p>");
        }

        #[test]
        fn a_page_without_islands_has_no_marks_for_the_browser() {
            let html = render(|| view! { <p>"共"{3}"件"</p> });
            assert!(!html.contains("leptos-"), "{html}");
        }

        #[test]
        fn the_head_of_a_live_page_has_no_inline_script() {
            let bundle = LiveBundle { script: "/pkg/live.1.js", module: "/pkg/app.1.js", wasm: "/pkg/app.1.wasm" };
            let html = render(move || view! { <LiveHead bundle/> });
            assert!(html.contains("<script type=\"module\" src=\"/pkg/live.1.js\"></script>"), "{html}");
            // The module fetches the rest itself: a browser with scripts off asks for nothing.
            assert!(!html.contains("/pkg/app.1"), "{html}");
            assert!(!html.contains("nonce"), "{html}");
        }
    }
}
