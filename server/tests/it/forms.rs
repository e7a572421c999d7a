//! Forms without files: what is read, what is refused, and that nothing typed is lost.

use crate::support::world;

#[tokio::test]
async fn a_form_that_is_carried_out_leads_on() {
    let world = world().await;
    let answer = world.browser().post("/form", &[("words", "路灯")]).await;
    answer.is(303);
    assert_eq!(answer.header("location"), "/form?done=%E8%B7%AF%E7%81%AF");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_refused_form_comes_back_as_it_was_sent() {
    let world = world().await;
    for (what, status, words) in [
        ("refuse", 422, "words: Write other words."),
        ("conflict", 409, "Somebody was quicker."),
        ("replay", 409, "已经提交过一次"),
        ("sign-in", 401, "请先登录"),
    ] {
        let answer =
            world.browser().post("/form", &[("do", what), ("words", "𠮷 <b>&amp; 👍"), ("words", "second")]).await;
        answer.is(status).says(words).says("𠮷 &lt;b&gt;&amp;amp; 👍").says("second");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_secret_never_travels_back() {
    let world = world().await;
    let answer = world.browser().post("/form", &[("do", "refuse"), ("password", "geheim"), ("words", "kept")]).await;
    answer.is(422).says("kept").hides("geheim");
}

#[tokio::test]
async fn a_form_that_was_refused_on_a_page_that_is_gone_still_says_why() {
    let world = world().await;
    world.browser().post("/broken", &[("do", "refuse")]).await.is(422).says("Write other words.").says("</html>");
    world.browser().post("/for-staff", &[("do", "sign-in")]).await.is(401).says("/sign-in?next=/for-staff");
}

#[tokio::test]
async fn text_is_taken_as_people_write_it() {
    let world = world().await;
    let word = "长".repeat(10_000);
    let answer =
        world.browser().post("/form", &[("do", "show"), ("a", "one\r\ntwo\rthree"), ("b", "x\ty"), ("c", &word)]).await;
    answer.is(200).says(r"one\ntwo\nthree").says("x y").says(&word);
}

#[tokio::test]
async fn what_cannot_be_seen_or_read_is_refused_by_its_field() {
    let world = world().await;
    let mut browser = world.browser();
    let answer = browser.post("/form", &[("words", "路\u{0}灯"), ("other", "kept")]).await;
    answer.is(422).says("words: 这里有看不见的控制字符").says("路灯").says("kept");
    let kind = "application/x-www-form-urlencoded";
    browser
        .post_raw("/form", kind, "words=%ff%fe&other=kept")
        .await
        .is(422)
        .says("words: 这里有读不出来的文字")
        .says("kept");
    browser.post_raw("/form", "application/json", "{}").await.is(422).says("格式读不懂");
}

#[tokio::test]
async fn more_text_than_a_form_may_have_is_refused_and_what_fits_is_kept() {
    let world = world().await;
    let long = "a".repeat(300 << 10);
    for path in ["/form", "/plain-form"] {
        let answer = world.browser().post(path, &[("first", "kept"), ("words", &long)]).await;
        answer.is(413).says("太长").says("kept");
    }
    let endless = vec![b'a'; 2 << 20];
    world.browser().post_raw("/form", "application/x-www-form-urlencoded", endless).await.is(413);
    let many: Vec<(String, &str)> = (0..600).map(|n| (format!("f{n}"), "x")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    world.browser().post("/form", &many).await.is(413);
}

#[tokio::test]
async fn a_browser_is_recognised_from_its_first_form_on() {
    let world = world().await;
    let mut browser = world.browser();
    let first = browser.post("/form", &[("do", "show")]).await;
    let set = first.header("set-cookie");
    assert!(set.starts_with("browser=") && set.contains("HttpOnly"), "{set}");
    let number = browser.cookies["browser"].clone();
    assert_eq!(number.len(), 64);
    let second = browser.post("/form", &[("do", "show")]).await;
    assert_eq!(second.header("set-cookie"), "");
    let key = |text: &str| text.split("browser:").nth(1).unwrap()[..64].to_owned();
    assert_eq!(key(&first.text()), key(&second.text()));
    assert_ne!(key(&first.text()), number, "the number itself goes nowhere");
    let other = world.browser().post("/form", &[("do", "show")]).await;
    assert_ne!(key(&first.text()), key(&other.text()));
}

#[tokio::test]
async fn the_id_of_a_form_is_that_of_its_page_and_on_a_shared_page_that_of_its_content() {
    let world = world().await;
    let id = "0192e4a0-0000-7000-8000-000000000001";
    let mut browser = world.browser();
    let personal = browser.post("/form", &[("do", "show"), ("request_id", id)]).await;
    personal.says(&format!("Some(RequestId({id}))"));
    browser.post("/form", &[("do", "show"), ("request_id", "rubbish")]).await.says("None browser");
    let mut ids = Vec::new();
    for words in ["one", "one", "two"] {
        let text =
            browser.post("/rules-in-force", &[("do", "show"), ("words", words), ("request_id", id)]).await.text();
        ids.push(text.split("RequestId(").nth(1).unwrap()[..36].to_owned());
    }
    assert_eq!(ids[0], ids[1], "a second press is the same sending");
    assert_ne!(ids[0], ids[2], "another comment from the same page is another one");
}

#[tokio::test]
async fn too_many_tries_from_one_network_wait_and_keep_what_was_typed() {
    let world = world().await;
    let mut browser = world.browser();
    let mut refused = None;
    for _ in 0..100 {
        let answer = browser.post("/sign-in", &[("login", "nobody.there"), ("password", "x")]).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    refused.says("nobody.there").hides("value=\"x\"");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
}
