//! The running server: connections in, and an end within a few seconds when it is asked to stop.
//!
//! A connection that became a stream of events leaves hyper: it holds no second request, and of its memory hyper's two
//! buffers of 8 kB each are the most. Thousands hold one while a meeting goes on.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::access::{Actor, Visitor};
use app::context::Ctx;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use futures::StreamExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::cli::say;
use crate::config::Config;
use crate::http::site::Site;
use crate::router::router;
use crate::{jobs, live};

/// How long a connection may take to say what it wants.
const HEADERS: Duration = Duration::from_secs(15);
/// How long requests that are under way get when the server stops.
const GRACE: Duration = Duration::from_secs(4);
/// How long somebody who follows may take no event before the line counts as dead.
const TAKEN: Duration = Duration::from_secs(30);

/// The way of a stream out of its connection.
type Give = Mutex<Option<oneshot::Sender<Response<Body>>>>;

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
    let connections = TaskTracker::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let (router, stop, streams) = (router.clone(), site.stop.clone(), connections.clone());
                    connections.spawn(async move {
                        if let Some((line, response)) = requests(stream, peer, router, stop).await {
                            // In a task of its own, which is as small as what it does.
                            streams.spawn(async move {
                                if let Err(error) = events(line, response).await {
                                    tracing::debug!(%error, "a stream ended early");
                                }
                            });
                        }
                    });
                }
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
    connections.close();
    if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
        tracing::warn!("requests were still under way at the end");
    }
}

/// Answers the requests of a connection until it ends, or one is answered with a stream of events: then the connection
/// is given back with that answer.
async fn requests(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    stop: CancellationToken,
) -> Option<(TcpStream, Response<Body>)> {
    // Small answers go out at once; that it fails changes nothing else.
    drop(stream.set_nodelay(true));
    let (give, mut given) = oneshot::channel();
    let give = Arc::new(Mutex::new(Some(give)));
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        answer(router.clone(), request, Arc::clone(&give))
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut stopped = pin!(stop.cancelled());
    let mut stopping = false;
    let response = loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return None;
            }
            Ok(response) = &mut given => break response,
            () = &mut stopped, if !stopping => {
                stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    Some((connection.into_parts().io.into_inner(), response))
}

/// Answers a request; a stream of events is given away.
async fn answer(router: Router, request: Request<Incoming>, give: Arc<Give>) -> Result<Response<Body>, Infallible> {
    let response = router.oneshot(request).await?;
    if !live::is_stream(&response) {
        return Ok(response);
    }
    // Where nobody waits for it any more, hyper sends it to the end.
    let Some(give) = give.lock().ok().and_then(|mut give| give.take()) else { return Ok(response) };
    match give.send(response) {
        Ok(()) => std::future::pending().await,
        Err(response) => Ok(response),
    }
}

/// Sends an answer of events as they come, until there are no more or nobody takes them.
async fn events(mut line: TcpStream, response: Response<Body>) -> io::Result<()> {
    let (head, body) = response.into_parts();
    let mut text = format!("HTTP/1.1 {}\r\nconnection: close\r\n", head.status).into_bytes();
    for (name, value) in &head.headers {
        text.extend_from_slice(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    text.extend_from_slice(b"\r\n");
    line.write_all(&text).await?;
    drop((head, text));
    let mut events = body.into_data_stream();
    let mut more = [0; 16];
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(event) => {
                    let event = event.map_err(io::Error::other)?;
                    tokio::time::timeout(TAKEN, line.write_all(&event)).await??;
                }
                None => break,
            },
            // Nothing more is asked on this line; it says only that somebody is there.
            read = line.read(&mut more) => if read? == 0 { break },
        }
    }
    line.shutdown().await
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
