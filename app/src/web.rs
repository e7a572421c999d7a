//! What a page is, independent of the HTTP library: a function from a [`Request`] to a [`Page`], and for pages with
//! forms one from a [`Request`] and its [`Form`] to an [`Outcome`]. The table of all pages is `routes`.

use chrono::NaiveDate;
use std::collections::BTreeMap;

use futures::future::BoxFuture;
use leptos::prelude::AnyView;

use crate::access::Actor;
use crate::context::Ctx;
use crate::error::{FieldError, FormState, Refusal};
use crate::ids::{FileId, RequestId};
use crate::ui::Assets;

/// How this reader wants pages to look; kept in a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Appearance {
    /// 长辈版: larger text, one thing at a time.
    pub elder: bool,
    /// Light, dark, or as the device says.
    pub theme: Theme,
}

/// The colour scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// As the device says.
    #[default]
    System,
    /// 浅色.
    Light,
    /// 深色.
    Dark,
}

impl Theme {
    /// The value in the cookie, the form and the `data-theme` attribute.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a code; anything else follows the device.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

/// What is the same for every request of a running server.
#[derive(Clone, Debug)]
pub struct Site {
    /// Whether it serves the demo.
    pub demo: bool,
    /// The address under which people open it, without a slash at its end: for links that leave the site.
    pub public_url: String,
    /// Addresses of style, script and pictures.
    pub assets: Assets,
}

/// One request for a page.
#[derive(Clone, Debug)]
pub struct Request {
    /// Database, clock, actor and so on.
    pub ctx: Ctx,
    /// The path that was asked for.
    pub path: String,
    /// Values of the path's placeholders, by name.
    pub params: BTreeMap<String, String>,
    /// The query, by name.
    pub query: BTreeMap<String, String>,
    /// What the page's forms are filled with: empty at first, what was sent after a refusal.
    pub form: FormState,
    /// Files of a refused form that are kept aside, for the file field to list.
    pub staged: Vec<StagedFile>,
    /// A list that came with the form.
    pub sheet: Option<Sheet>,
    /// How it should look.
    pub appearance: Appearance,
    /// A fresh id for the forms of this page.
    pub request_id: RequestId,
    /// What the browser says it is; empty when it says nothing.
    pub user_agent: String,
    /// The site.
    pub site: Site,
    /// The nonce of a live page's scripts.
    pub nonce: Option<String>,
}

impl Request {
    /// A placeholder of the path, read as an id or code; what cannot be read does not exist.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn param<T: std::str::FromStr>(&self, name: &str) -> Result<T, Refusal> {
        self.params.get(name).and_then(|v| v.parse().ok()).ok_or(Refusal::NotFound)
    }

    /// A value of the query, or the empty string.
    #[must_use]
    pub fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

/// Which frame a page stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chrome {
    /// The public masthead.
    Public,
    /// The workspace of people who are signed in.
    Desk,
}

/// A script that a few pages load beside the public one; without scripts they work as any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Keeps a form in the browser until it can be sent.
    Offline,
    /// Keeps the list at the door, and reads codes with the camera.
    Door,
    /// Shows the parts of a page anew when its case changes.
    Watch,
    /// The same, and keeps the notes of the console.
    Console,
    /// Saves the sections of minutes while they are written.
    Minutes,
}

/// A page, ready to be rendered.
pub struct Page {
    /// The title; the site's name is added.
    pub title: String,
    /// Builds the content, under the reactive owner of the rendering.
    pub body: Box<dyn FnOnce() -> AnyView + Send>,
    /// The frame.
    pub chrome: Chrome,
    /// Address of the navigation item that is current.
    pub current: &'static str,
    /// Name of a browser draft that is done with.
    pub draft_done: Option<String>,
    /// The script that it loads beside the public one.
    pub script: Option<Script>,
    /// A page that is not to be found by search engines (personal links, look-ups).
    pub private: bool,
    /// 200 but for pages that say otherwise.
    pub status: u16,
}

impl Page {
    /// A public page.
    pub fn public(
        title: impl Into<String>,
        current: &'static str,
        body: impl FnOnce() -> AnyView + Send + 'static,
    ) -> Self {
        Self {
            title: title.into(),
            body: Box::new(body),
            chrome: Chrome::Public,
            current,
            draft_done: None,
            script: None,
            private: false,
            status: 200,
        }
    }

    /// A page of the workspace.
    pub fn desk(
        title: impl Into<String>,
        current: &'static str,
        body: impl FnOnce() -> AnyView + Send + 'static,
    ) -> Self {
        Self { chrome: Chrome::Desk, private: true, ..Self::public(title, current, body) }
    }

    /// The same page, with a script of its own.
    #[must_use]
    pub fn with(mut self, script: Script) -> Self {
        self.script = Some(script);
        self
    }

    /// The same page, kept from search engines and shared caches.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }
}

/// The name under which the browser keeps what somebody types at the desk: into the form of a step of a case, or another
/// form of that name. Nobody is shown the words of a colleague.
#[must_use]
pub fn desk_draft(actor: &Actor, about: &str, step: &str) -> String {
    let account = actor.account().map_or_else(String::new, |account| account.to_string());
    format!("desk:{account}:{about}:{step}")
}

/// A file that came with a form and is kept aside until the step takes it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct StagedFile {
    /// Its id.
    pub file: FileId,
    /// The name it had.
    pub name: String,
    /// The type found in its bytes.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
}

/// Name of the file field whose bytes go to the page and nowhere else: a list of people is read and forgotten.
pub const SHEET_FIELD: &str = "sheet";

/// Most bytes of a list.
pub const SHEET_LIMIT: usize = 2_000_000;

/// A list that came with a form as a file, in memory only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its bytes, of any kind.
    pub bytes: Vec<u8>,
}

/// What was sent with a form.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Field name to values. Line ends are `\n`; control characters other than these are refused before this is made.
    pub values: BTreeMap<String, Vec<String>>,
    /// Files that arrived now or were kept aside from an earlier, refused sending.
    pub files: Vec<StagedFile>,
}

impl Form {
    /// The first value of a field, without white space around it, or the empty string.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).and_then(|v| v.first()).map_or("", |v| v.trim())
    }

    /// A field that is left out when empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        let value = self.value(name);
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Whether a checkbox is ticked.
    #[must_use]
    pub fn ticked(&self, name: &str) -> bool {
        matches!(self.value(name), "on" | "yes" | "true" | "1")
    }

    /// A field read as a number, id or code.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with `sentence`.
    pub fn parse<T: std::str::FromStr>(&self, name: &str, sentence: &str) -> Result<T, Refusal> {
        self.value(name).parse().map_err(|_| Refusal::field(name, sentence))
    }

    /// A date that may be left out.
    ///
    /// # Errors
    /// The error of the field, which says how to write it.
    pub fn date(&self, name: &str) -> Result<Option<NaiveDate>, FieldError> {
        match self.value(name) {
            "" => Ok(None),
            text => {
                text.parse().map(Some).map_err(|_| FieldError::new(name, "请按年、月、日写日期，例如 2026-11-18。"))
            }
        }
    }
}

/// What follows a form that was carried out.
pub enum Outcome {
    /// 303 to another page.
    SeeOther(String),
    /// A page at once, where something is shown only now (a new tracking code).
    Page(Page),
    /// 303, and a cookie with it: name, value, and how long it is kept in seconds.
    SeeOtherWith(String, Vec<Cookie>),
}

/// A cookie to set. The server adds prefix, `Secure`, `HttpOnly`, `SameSite=Lax` and `Path=/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Bare name, without prefix.
    pub name: &'static str,
    /// Value; empty removes the cookie.
    pub value: String,
    /// Seconds it is kept; `None` until the browser is closed.
    pub max_age_s: Option<i64>,
}

/// How a page is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serving {
    /// The same for everybody: no scripts but the public one, kept rendered until something changes.
    Public,
    /// As `Public`, for a page that shows the time: kept for the second in which it was rendered.
    Clocked,
    /// For one person, or with a form of its own: rendered each time, `no-store`.
    Personal,
    /// As `Personal`, with islands.
    Live,
    /// The content alone, without a frame: a piece that the public script puts into a page. The same for everybody.
    Fragment,
}

/// Shows a page.
pub type Get = for<'a> fn(&'a Request) -> BoxFuture<'a, Result<Page, Refusal>>;
/// Takes a form.
pub type Post = for<'a> fn(&'a Request, Form) -> BoxFuture<'a, Result<Outcome, Refusal>>;

/// One page of the product.
#[derive(Clone, Copy)]
pub struct Route {
    /// The path, with placeholders as `{name}`.
    pub path: &'static str,
    /// How it is served.
    pub serving: Serving,
    /// Shows it; also shows it again, filled, when its form was refused.
    pub get: Get,
    /// Takes its form.
    pub post: Option<Post>,
    /// Whether the form carries files.
    pub files: bool,
}
