//! The frame of every page: head, masthead, navigation, foot. One for the public, one for the desk.

use leptos::prelude::*;

use super::{Assets, Way};
use crate::web::{Appearance, Script, Theme};

/// What the frame of a page has to know.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Addresses of style, script and seal.
    pub assets: Assets,
    /// The page's own title, without the site's name; empty on the home page.
    pub title: String,
    /// The address of this page with its query: where the switches lead back to.
    pub path: String,
    /// Address of the navigation item that is current; empty for none.
    pub current: &'static str,
    /// 长辈版 and colour scheme.
    pub appearance: Appearance,
    /// Whether the data is the demo's.
    pub demo: bool,
    /// Name of a browser draft that is done with.
    pub draft_done: Option<String>,
    /// The script that is loaded beside the public one.
    pub script: Option<Script>,
    /// Whether search engines are asked to leave the page alone.
    pub private: bool,
    /// The last check of the ledger.
    pub stamp: Option<Stamp>,
}

/// The last check of the ledger, as the foot shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// 「11月18日」.
    pub date: String,
    /// The hash of the daily root; the middle is left out when it is long.
    pub hash: String,
}

impl Stamp {
    /// 「a41c…9e07」.
    fn short(&self) -> String {
        let letters: Vec<char> = self.hash.chars().collect();
        if letters.len() <= 12 {
            return self.hash.clone();
        }
        let head: String = letters.iter().take(4).collect();
        let tail: String = letters.iter().skip(letters.len() - 4).collect();
        format!("{head}…{tail}")
    }
}

/// Who is signed in, for the masthead of the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignedIn {
    /// The name.
    pub name: String,
    /// 「盛泽镇工委干事」; several are joined by 「、」.
    pub role: String,
    /// Whether the person sees topics from inside; others are led to the public list.
    pub inside: bool,
    /// Whether the person sees a town's roster.
    pub roster: bool,
    /// Whether the person acts for a unit.
    pub unit: bool,
    /// Whether the person is a member of a committee.
    pub member: bool,
}

const PUBLIC_NAV: [(&str, &str); 7] = [
    ("/topics", "议题"),
    ("/calendar", "日历"),
    ("/towns", "各镇"),
    ("/board", "成效"),
    ("/rules", "规则"),
    ("/guide", "使用说明"),
    ("/raise", "提一个议题"),
];

const DESK_NAV: [(&str, &str); 4] =
    [("/desk", "我的事"), ("/desk/topics", "议题"), ("/desk/board", "镇情"), ("/desk/rooms", "场地")];
/// For those who see a town's roster.
const TOWN_NAV: [(&str, &str); 5] = [
    ("/desk", "我的事"),
    ("/desk/topics", "议题"),
    ("/desk/board", "镇情"),
    ("/desk/roster", "名册"),
    ("/desk/rooms", "场地"),
];
/// For those who act for a unit.
const UNIT_NAV: [(&str, &str); 3] = [("/desk", "我的事"), ("/desk/tasks", "本单位的任务"), ("/topics", "议题")];
/// For members of a committee without a desk.
const MEMBER_NAV: [(&str, &str); 3] = [("/desk", "我的事"), ("/desk/year", "我的履职"), ("/topics", "议题")];
const OUTSIDE_NAV: [(&str, &str); 2] = [("/desk", "我的事"), ("/topics", "议题")];

const FOOT_LINKS: [(&str, &str); 4] =
    [("/rules", "规则与期限"), ("/privacy", "个人信息处理规则"), ("/guide", "使用说明"), ("/desk", "工作台")];

const SITE: &str = "有事好商量";

fn full_title(title: &str) -> String {
    if title.is_empty() { format!("{SITE}：吴江区协商议事平台") } else { format!("{title}｜{SITE}") }
}

fn nav(items: &'static [(&'static str, &'static str)], current: &'static str, label: &'static str) -> impl IntoView {
    let links = items
        .iter()
        .map(|(href, words)| {
            view! { <li><a href=*href aria-current=(*href == current).then_some("page")>{*words}</a></li> }
        })
        .collect_view();
    view! { <nav class="nav" aria-label=label><ul>{links}</ul></nav> }
}

/// The button between 长辈版 and 普通版.
fn view_switch(elder: bool, back: String) -> impl IntoView {
    let (view, words) = if elder { ("normal", "普通版") } else { ("elder", "长辈版") };
    view! {
        <form class="view-switch" method="post" action="/preferences">
            <input type="hidden" name="view" value=view/>
            <input type="hidden" name="back" value=back/>
            <button type="submit">{words}</button>
        </form>
    }
}

fn theme_switch(theme: Theme, back: String) -> impl IntoView {
    let buttons = [(Theme::System, "跟随系统"), (Theme::Light, "浅色"), (Theme::Dark, "深色")]
        .into_iter()
        .map(|(choice, words)| {
            let pressed = if choice == theme { "true" } else { "false" };
            view! { <button type="submit" name="theme" value=choice.code() aria-pressed=pressed>{words}</button> }
        })
        .collect_view();
    view! {
        <form class="theme-switch" method="post" action="/preferences">
            <span>"颜色"</span>
            <input type="hidden" name="back" value=back/>
            {buttons}
        </form>
    }
}

fn head(frame: &Frame, scripts: Option<AnyView>) -> impl IntoView {
    view! {
        <head>
            <meta charset="utf-8"/>
            <title>{full_title(&frame.title)}</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content=match frame.appearance.theme {
                Theme::System => "light dark",
                Theme::Light => "light",
                Theme::Dark => "dark",
            }/>
            <meta name="format-detection" content="telephone=no"/>
            {frame.private.then(|| view! { <meta name="robots" content="noindex"/> })}
            <link rel="icon" type="image/svg+xml" href=frame.assets.favicon.clone()/>
            <link rel="stylesheet" href=frame.assets.css.clone()/>
            <script type="module" src=frame.assets.public_js.clone()></script>
            {frame.script.map(|script| {
                let assets = &frame.assets;
                let addresses = match script {
                    Script::Offline => vec![&assets.offline_js],
                    Script::Door => vec![&assets.door_js],
                    Script::Minutes => vec![&assets.minutes_js],
                    Script::Watch => vec![&assets.watch_js],
                    Script::Console => vec![&assets.watch_js, &assets.console_js],
                };
                addresses.into_iter().map(|src| view! { <script type="module" src=src.clone()></script> }).collect_view()
            })}
            {scripts}
        </head>
    }
}

fn brand(assets: &Assets, href: &'static str, size: &'static str, sub: Option<&'static str>) -> impl IntoView {
    view! {
        <a class="brand" href=href>
            <img class="mark" src=assets.mark.clone() alt="" width=size height=size/>
            <span>
                <span class="brand-name">{SITE}</span>
                {sub.map(|words| view! { <span class="brand-sub">{words}</span> })}
            </span>
        </a>
    }
}

fn demo_strip(demo: bool) -> impl IntoView {
    demo.then(|| {
        view! { <div class="demo-strip"><p class="wrap">"演示数据：本站的人物、单位经办情况与数字均为虚构"</p></div> }
    })
}

fn foot(frame: &Frame) -> impl IntoView {
    let links = FOOT_LINKS.iter().map(|(href, words)| view! { <li><a href=*href>{*words}</a></li> }).collect_view();
    let stamp = frame
        .stamp
        .as_ref()
        .map(|stamp| view! { <p class="stamp">{format!("留痕校验 {} {}", stamp.date, stamp.short())}</p> });
    view! {
        <footer class="foot wrap">
            <div class="foot-row">
                <p>"吴江区政协办公室主办，各镇（街道）政协工委承办"</p>
                <ul>{links}</ul>
                {stamp}
            </div>
            {theme_switch(frame.appearance.theme, frame.path.clone())}
        </footer>
    }
}

/// The whole document, around masthead and content.
fn document(frame: &Frame, kind: &'static str, scripts: Option<AnyView>, mast: AnyView, children: Children) -> AnyView {
    let elder = frame.appearance.elder.then_some("elder");
    let theme = match frame.appearance.theme {
        Theme::System => None,
        chosen => Some(chosen.code()),
    };
    view! {
        <!DOCTYPE html>
        <html lang="zh-CN" class=elder data-theme=theme>
            {head(frame, scripts)}
            <body class=kind data-draft-done=frame.draft_done.clone()>
                <a class="skip" href="#main">"跳到正文"</a>
                <header>{demo_strip(frame.demo)}{mast}</header>
                <main id="main" class="wrap" tabindex="-1">{children()}</main>
                {foot(frame)}
            </body>
        </html>
    }
    .into_any()
}

/// A public page.
#[component]
pub fn PublicShell(
    /// What the frame has to know.
    frame: Frame,
    /// More for the head, where a page needs it.
    #[prop(optional_no_strip, into)]
    scripts: Option<AnyView>,
    /// The content of `<main>`, beginning with its h1.
    children: Children,
) -> impl IntoView {
    let mast = view! {
        <div class="mast-row wrap">
            {brand(&frame.assets, "/", "44", Some("吴江区政协 · 协商议事平台"))}
            {nav(&PUBLIC_NAV, frame.current, "主导航")}
            {view_switch(frame.appearance.elder, frame.path.clone())}
        </div>
    };
    document(&frame, "public", scripts, mast.into_any(), children)
}

const fn desk_nav(who: &SignedIn) -> &'static [(&'static str, &'static str)] {
    if who.roster {
        &TOWN_NAV
    } else if who.inside {
        &DESK_NAV
    } else if who.unit {
        &UNIT_NAV
    } else if who.member {
        &MEMBER_NAV
    } else {
        &OUTSIDE_NAV
    }
}

/// A page of the workspace.
#[component]
pub fn DeskShell(
    /// What the frame has to know.
    frame: Frame,
    /// Who is signed in.
    who: SignedIn,
    /// The tags that wake the islands, on live pages.
    #[prop(optional_no_strip, into)]
    scripts: Option<AnyView>,
    /// The content of `<main>`, beginning with its h1.
    children: Children,
) -> impl IntoView {
    let account = (frame.current == "/account").then_some("page");
    let mast = view! {
        <div class="mast-row wrap">
            {brand(&frame.assets, "/", "30", None)}
            {nav(desk_nav(&who), frame.current, "工作台导航")}
            <div class="mast-side">
                <span class="who">{format!("{} · {}", who.name, who.role)}</span>
                <a href="/account" aria-current=account>"账户"</a>
                <form method="post" action="/sign-out"><button class="link" type="submit">"退出"</button></form>
                {view_switch(frame.appearance.elder, frame.path.clone())}
            </div>
        </div>
    };
    document(&frame, "desk", scripts, mast.into_any(), children)
}

/// Where the page stands in the site; the last part is the page itself.
#[component]
pub fn Crumbs(
    /// The pages above.
    ways: Vec<Way>,
    /// This page: a number or a short name.
    #[prop(into)]
    here: String,
) -> impl IntoView {
    let above = ways.into_iter().map(|way| view! { <li><a href=way.href>{way.words}</a></li> }).collect_view();
    view! {
        <nav class="crumbs" aria-label="所在位置">
            <ol>{above}<li aria-current="page">{here}</li></ol>
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(frame: Frame) -> String {
        crate::live::render(move || view! { <PublicShell frame><h1>"议题"</h1></PublicShell> })
    }

    #[test]
    fn no_page_is_without_a_title() {
        assert!(shell(Frame::default()).contains("<title>有事好商量：吴江区协商议事平台</title>"));
        let html = shell(Frame { title: "议题".to_owned(), ..Frame::default() });
        assert!(html.contains("<title>议题｜有事好商量</title>"), "{html}");
        assert!(html.starts_with("<!DOCTYPE html>"), "{html}");
    }

    #[test]
    fn the_frame_holds_nothing_that_the_content_policy_forbids() {
        let html = shell(Frame { demo: true, path: "/topics?q=\"><script>".to_owned(), ..Frame::default() });
        assert!(!html.contains(" style="), "{html}");
        assert!(!html.contains("\"><script>"), "{html}");
        assert_eq!(html.matches("<script").count(), 1);
    }

    #[test]
    fn appearance_is_on_the_root_element() {
        let html = shell(Frame { appearance: Appearance { elder: true, theme: Theme::Dark }, ..Frame::default() });
        assert!(html.contains("class=\"elder\""), "{html}");
        assert!(html.contains("data-theme=\"dark\""), "{html}");
        assert!(html.contains("普通版"), "{html}");
        assert!(!shell(Frame::default()).contains("data-theme"));
    }

    #[test]
    fn a_long_hash_is_shortened_in_the_middle() {
        let stamp = |hash: &str| Stamp { date: "11月18日".to_owned(), hash: hash.to_owned() };
        assert_eq!(stamp("a41c77f0c2d3e4f59e07").short(), "a41c…9e07");
        assert_eq!(stamp("a41c").short(), "a41c");
    }
}
