//! The process: it takes connections, tells live pages of changes, and ends when it is asked to.

use std::time::Duration;

use app::storage::Change;
use server::router::{router, router_of};
use server::serve::accept;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::live::{case as topic, change};
use crate::support::{PAGES, product, world};

const SOON: Duration = Duration::from_secs(10);

async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// What comes, up to these words.
async fn until(stream: &mut TcpStream, words: &str) -> String {
    let mut text = String::new();
    let mut some = [0; 1024];
    while !text.ends_with(words) {
        let n = timeout(SOON, stream.read(&mut some)).await.unwrap().unwrap();
        assert!(n > 0, "the line ended after {text}");
        text.push_str(std::str::from_utf8(&some[..n]).unwrap());
    }
    text
}

#[tokio::test]
async fn it_serves_and_stops_although_a_browser_holds_its_line() {
    let world = world().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let (router, site) = (router_of(&world.site, PAGES), world.site.clone());
    let server = tokio::spawn(async move {
        accept(&listener, &router, &site, async { drop(stopped.await) }).await;
    });
    let mut held = TcpStream::connect(address).await.unwrap();
    let mut asking = TcpStream::connect(address).await.unwrap();
    send(&mut asking, "GET /form HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    let mut text = String::new();
    timeout(SOON, asking.read_to_string(&mut text)).await.unwrap().unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    send(&mut held, "GET /form HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut some = [0; 16];
    timeout(SOON, held.read_exact(&mut some)).await.unwrap().unwrap();
    stop.send(()).unwrap();
    timeout(SOON, server).await.unwrap().unwrap();
    assert!(world.site.stop.is_cancelled());
}

#[tokio::test]
async fn a_stream_is_sent_as_it_comes_and_ends_with_its_viewer_or_with_the_server() {
    let world = product().await;
    let case = topic(&world, 1, true).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let (router, site) = (router(&world.site), world.site.clone());
    let server = tokio::spawn(async move {
        accept(&listener, &router, &site, async { drop(stopped.await) }).await;
    });
    let mut lines = Vec::new();
    for _ in 0..2 {
        let mut line = TcpStream::connect(address).await.unwrap();
        // What was asked before on the same line is answered before.
        send(&mut line, "GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n").await;
        until(&mut line, "Disallow: /sign-in\n").await;
        send(&mut line, &format!("GET /live/case/{case}?seen=3 HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        let text = until(&mut line, "\n\n").await;
        let (head, event) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(event, "event: change\nid: 5\ndata: {\"seq\":5}\n\n");
        let head = head.to_lowercase();
        for expected in [
            "http/1.1 200 ok\r\n",
            "content-type: text/event-stream",
            "cache-control: no-store",
            "connection: close",
            "content-security-policy: ",
            "date: ",
        ] {
            assert!(head.contains(expected), "{expected} in {head}");
        }
        assert!(!head.contains("transfer-encoding"), "{head}");
        lines.push(line);
    }
    // Whoever goes is let go.
    let mut gone = lines.pop().unwrap();
    gone.shutdown().await.unwrap();
    let mut rest = String::new();
    timeout(SOON, gone.read_to_string(&mut rest)).await.unwrap().unwrap();
    change(&world, case, 6).await;
    assert_eq!(until(&mut lines[0], "\n\n").await, "event: change\nid: 6\ndata: {\"seq\":6}\n\n");
    stop.send(()).unwrap();
    timeout(SOON, lines[0].read_to_string(&mut rest)).await.unwrap().unwrap();
    assert_eq!(rest, "");
    timeout(SOON, server).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_another_program_wrote_is_told_to_everybody() {
    let world = world().await;
    let mut tasks = tokio::task::JoinSet::new();
    let mut changes = world.site.ctx.db.events().subscribe();
    server::jobs::start(&world.site, &mut tasks);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let other = app::storage::Database::open(&app::storage::OpenOptions {
        url: format!("sqlite:{}", world.folder.path().join("consult.db").display()),
        durability: app::storage::Durability::None,
        connections: 1,
    })
    .await
    .unwrap();
    let ctx = app::context::Ctx { db: other, ..world.operator() };
    app::town::rules::load_version(&ctx, None, "", None, None).await.unwrap();
    let told = async { while changes.recv().await.unwrap() != Change::All {} };
    timeout(SOON, told).await.unwrap();
    world.site.stop.cancel();
    timeout(SOON, async { while tasks.join_next().await.is_some() {} }).await.unwrap();
}
