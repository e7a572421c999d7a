//! Rendered public pages: the same for everybody, and never old.

use chrono::TimeDelta;

use crate::support::{World, world};

async fn load_rules(world: &World) {
    let ctx = world.operator();
    app::town::rules::load_version(&ctx, None, "", None, None).await.unwrap();
}

#[tokio::test]
async fn a_public_page_is_rendered_once_until_something_changes() {
    let world = world().await;
    let mut browser = world.browser();
    let first = browser.get("/rules-in-force").await;
    let second = browser.get("/rules-in-force").await;
    // The page holds an id that is new at each rendering.
    assert_eq!(first.is(200).text(), second.text());
    load_rules(&world).await;
    let third = browser.get("/rules-in-force").await;
    assert_ne!(third.text(), first.text());
    assert_ne!(third.header("etag"), first.header("etag"));
}

#[tokio::test]
async fn who_made_a_change_sees_it_at_once() {
    let world = world().await;
    let mut browser = world.browser();
    for n in 0..20 {
        world.site.ctx.clock.set(crate::support::start() + TimeDelta::seconds(n));
        let before = browser.get("/rules-in-force").await.text();
        load_rules(&world).await;
        assert_ne!(browser.get("/rules-in-force").await.text(), before);
    }
}

#[tokio::test]
async fn a_browser_that_has_the_page_is_told_so() {
    let world = world().await;
    let first = world.browser().get("/rules-in-force").await;
    let etag = first.header("etag").to_owned();
    let again = world.browser().saying("if-none-match", &etag).get("/rules-in-force").await;
    again.is(304);
    assert!(again.bytes.is_empty());
    load_rules(&world).await;
    world.browser().saying("if-none-match", &etag).get("/rules-in-force").await.is(200);
}

#[tokio::test]
async fn a_page_that_counts_days_is_new_on_a_new_day() {
    let world = world().await;
    let mut browser = world.browser();
    browser.get("/rules-in-force").await.says("on 2026-11-18");
    world.site.ctx.clock.set(crate::support::start() + TimeDelta::hours(20));
    browser.get("/rules-in-force").await.says("on 2026-11-19");
}

#[tokio::test]
async fn nothing_of_one_reader_is_in_the_page_of_another() {
    let world = world().await;
    let mut one = world.browser();
    one.post("/form", &[]).await;
    assert!(one.cookies.contains_key("browser"));
    one.get("/rules-in-force").await.says(r#"for "browser:""#);
    // A refused form on a public page is shown to its sender and kept for nobody.
    one.post("/rules-in-force", &[("do", "refuse"), ("words", "my own words")]).await.is(422).says("my own words");
    world.browser().get("/rules-in-force").await.hides("my own words");
    one.get("/rules-in-force").await.hides("my own words");
}

#[tokio::test]
async fn each_address_has_its_own_page() {
    let world = world().await;
    let mut browser = world.browser();
    browser.get("/public/a").await.says("<h1>a</h1>");
    browser.get("/public/b").await.says("<h1>b</h1>");
    browser.get("/public/a?q=x").await.says(r#""q": "x""#);
    browser.get("/public/a?q=y").await.says(r#""q": "y""#);
    let one = browser.get("/public/a?q=x&p=y").await;
    let other = browser.get("/public/a?p=y&q=x&empty=").await;
    assert_eq!(one.header("etag"), other.header("etag"));
    let long = format!("/public/a?q={}", "x".repeat(3000));
    browser.get(&long).await.is(200);
}

#[tokio::test]
async fn pages_are_sent_small_to_whoever_can_unpack_them() {
    let world = world().await;
    let plain = world.browser().get("/rules-in-force").await;
    assert_eq!(plain.header("content-encoding"), "");
    for (accepted, coding) in
        [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("identity", "")]
    {
        let answer = world.browser().saying("accept-encoding", accepted).get("/rules-in-force").await;
        assert_eq!(answer.header("content-encoding"), coding, "{accepted}");
        assert!(answer.header("vary").contains("accept-encoding"));
        if !coding.is_empty() {
            assert!(answer.bytes.len() < plain.bytes.len() / 3);
        }
    }
    // Personal pages too, each time anew.
    let padding = "x".repeat(3000);
    let answer =
        world.browser().saying("accept-encoding", "br").post("/form", &[("do", "refuse"), ("words", &padding)]).await;
    assert_eq!(answer.header("content-encoding"), "br");
}
