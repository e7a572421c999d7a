//! [`Site`]: what all requests of a running server share.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use app::context::Ctx;
use app::error::Refusal;
use app::live::LiveBundle;
use app::ui::{Assets, Stamp};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::address::Network;
use super::assets;
use super::cache::Pages;
use super::cookies::Jar;
use super::limits::Limits;
use crate::config::{Config, PublicUrl};
use crate::files::FileStore;
use crate::mail::Post;

/// A running site.
#[derive(Debug)]
pub struct Site {
    /// The context of requests, before it is known who asks.
    pub ctx: Ctx,
    /// What pages know of the site.
    pub facts: app::web::Site,
    /// The browser's part of live pages; missing in a build without the site.
    pub bundle: Option<LiveBundle>,
    /// Under which address people open it.
    pub public_url: PublicUrl,
    /// How its cookies are made.
    pub jar: Jar,
    /// Proxies whose word is taken.
    pub trusted_proxies: Vec<Network>,
    /// Whether only this machine reaches it: else demo accounts are refused.
    pub local: bool,
    /// Rendered public pages.
    pub pages: Pages,
    /// Tries by address prefix.
    pub limits: Limits,
    /// What sends letters.
    pub post: Arc<Post>,
    /// Stored files.
    pub files: FileStore,
    /// Cancelled when the server stops: streams that would stay open end then.
    pub stop: CancellationToken,
    stamp: Mutex<Option<(String, Option<Stamp>)>>,
    towns: OnceCell<Vec<app::town::Town>>,
}

impl Site {
    /// A site over a context, with the folders of its data.
    ///
    /// # Errors
    /// When the folders cannot be made.
    pub fn new(ctx: Ctx, config: &Config) -> std::io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            ctx,
            facts: app::web::Site {
                demo: config.demo,
                public_url: config.public_url.as_str().to_owned(),
                assets: page_assets(),
            },
            bundle: bundle(),
            public_url: config.public_url.clone(),
            jar: Jar { secure: config.public_url.is_secure() },
            trusted_proxies: config.trusted_proxies.clone(),
            local: config.is_local(),
            pages: Pages::default(),
            limits: Limits::default(),
            post: Arc::new(Post::new(config)),
            files: FileStore::open(Path::new(&config.data))?,
            stop: CancellationToken::new(),
            stamp: Mutex::default(),
            towns: OnceCell::new(),
        }))
    }

    /// The last root of the ledger, for the foot of every page; read again when the data has another version.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn stamp(&self, version: &str) -> Result<Option<Stamp>, Refusal> {
        {
            let known = self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((of, stamp)) = &*known
                && of == version
            {
                return Ok(stamp.clone());
            }
        }
        let stamp = app::ledger::latest_root(&self.ctx.db).await?.map(|root| Stamp {
            date: app::rules::local_date(root.cutoff).format("%-m月%-d日").to_string(),
            hash: root.hash,
        });
        *self.stamp.lock().unwrap_or_else(PoisonError::into_inner) = Some((version.to_owned(), stamp.clone()));
        Ok(stamp)
    }

    /// The short name of a town; its code where there is none. The list of towns never changes while the server runs.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn town_name(&self, code: &str) -> Result<String, Refusal> {
        let towns = self
            .towns
            .get_or_try_init(|| async { app::town::store::towns(&self.ctx.db).await })
            .await
            .map_err(Refusal::from)?;
        Ok(towns
            .iter()
            .find(|town| town.town_id == code)
            .map_or_else(|| code.to_owned(), |town| town.short_name.clone()))
    }
}

/// The addresses that every page needs. A name without an address (a build without the site) leads to a 404.
fn page_assets() -> Assets {
    let url = |name: &str| assets::url(name).map_or_else(|| format!("/pkg/{name}"), str::to_owned);
    Assets {
        css: url("main.css"),
        public_js: url("public.js"),
        offline_js: url("offline.js"),
        door_js: url("door.js"),
        door_worker_js: url("door-worker.js"),
        qr_js: url("qr.js"),
        watch_js: url("watch.js"),
        minutes_js: url("minutes.js"),
        console_js: url("console.js"),
        mark: url("mark.svg"),
        favicon: url("favicon.svg"),
    }
}

fn bundle() -> Option<LiveBundle> {
    Some(LiveBundle { script: assets::url("live.js")?, module: assets::url("app.js")?, wasm: assets::url("app.wasm")? })
}
