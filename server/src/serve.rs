//! The running server: connections in, and an end within a few seconds when it is asked to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::access::{Actor, Visitor};
use app::context::Ctx;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::cli::say;
use crate::config::Config;
use crate::http::site::Site;
use crate::jobs;
use crate::router::router;

/// How long a connection may take to say what it wants.
const HEADERS: Duration = Duration::from_secs(15);
/// How long requests that are under way get when the server stops.
const GRACE: Duration = Duration::from_secs(4);

/// Serves until the process is told to stop.
///
/// # Errors
/// When the address is taken, or the folders cannot be made.
pub async fn serve(ctx: Ctx, config: &Config) -> io::Result<()> {
    let site = Site::new(ctx.acting_as(Actor::Visitor(Visitor::default())), config)?;
    let listener = TcpListener::bind(config.listen).await?;
    let address = listener.local_addr()?;
    let mut tasks = JoinSet::new();
    jobs::start(&site, &mut tasks);
    announce(config, address);
    accept(&listener, &router(&site), &site, stop_signal()).await;
    while tasks.join_next().await.is_some() {}
    tracing::info!("stopped");
    Ok(())
}

/// Takes connections until `stop`; then ends the streams, lets requests finish, and returns after at most [`GRACE`].
pub async fn accept(listener: &TcpListener, router: &Router, site: &Arc<Site>, stop: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connection(stream, peer, router.clone(), &connections),
                Err(error) => {
                    // Out of file handles, mostly: others will be closed in a moment.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    site.stop.cancel();
    if tokio::time::timeout(GRACE, connections.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way at the end");
    }
}

fn connection(stream: TcpStream, peer: SocketAddr, router: Router, connections: &GracefulShutdown) {
    // Small answers go out at once; that it fails changes nothing else.
    drop(stream.set_nodelay(true));
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let watched = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

/// Ctrl-C, or a service manager's request to stop.
async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

/// Says on the terminal where to look and, in the demo, with what to sign in.
fn announce(config: &Config, address: SocketAddr) {
    let url = if config.public_url.as_str().starts_with("https://") {
        config.public_url.as_str().to_owned()
    } else {
        format!("http://{address}")
    };
    say(&format!("打开 {url}"));
    if config.demo {
        say("演示账号（只能在本机用）：");
        for (login, what) in app::demo::ACCOUNTS {
            say(&format!("  {login}  密码 {}  {what}", app::demo::PASSWORD));
        }
    }
    say("按 Ctrl-C 停止。");
}
