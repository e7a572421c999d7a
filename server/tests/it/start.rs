//! The process: it takes connections, tells live pages of changes, and ends when it is asked to.

use std::time::Duration;

use app::storage::Change;
use server::router::router_of;
use server::serve::accept;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::support::{PAGES, world};

const SOON: Duration = Duration::from_secs(10);

async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
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
