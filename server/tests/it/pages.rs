//! Pages, their errors, and the reader's choices.

use axum::body::Body;
use axum::http::Request;

use crate::support::{product, world, world_with};

#[tokio::test]
async fn what_does_not_exist_says_so_and_leads_back() {
    let world = world().await;
    for path in ["/nowhere", "/public/%00", "/public/%ff", "/files/none", "/files/0192e4a0-0000-7000-8000-000000000000"]
    {
        let answer = world.browser().get(path).await;
        answer.is(404).says("没有找到").says("href=\"/\"").says("</html>");
    }
}

#[tokio::test]
async fn a_page_for_staff_asks_to_sign_in_and_comes_back() {
    let world = world().await;
    let answer = world.browser().get("/for-staff?a=%E8%B7%AF&b=1").await;
    answer.is(303);
    assert_eq!(answer.header("location"), "/sign-in?next=/for-staff%3Fa%3D%25E8%25B7%25AF%26b%3D1");
}

#[tokio::test]
async fn a_defect_shows_a_number_and_not_its_cause() {
    let world = world().await;
    for path in ["/broken", "/panics"] {
        let answer = world.browser().get(path).await;
        answer.is(500).says("差错编号 E").hides("secret").says("</html>");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn head_is_answered_like_get_without_the_page() {
    let world = world().await;
    for path in ["/form", "/rules-in-force"] {
        let answer = world.ask(Request::head(path).body(Body::empty()).unwrap()).await;
        answer.is(200);
        assert!(answer.bytes.is_empty());
        assert!(answer.header("content-type").starts_with("text/html"));
    }
}

#[tokio::test]
async fn another_method_is_refused_in_words() {
    let world = world().await;
    world.ask(Request::delete("/form").body(Body::empty()).unwrap()).await.is(405).says("</html>");
    let answer = world.browser().post("/live-page", &[]).await;
    answer.is(405);
}

#[tokio::test]
async fn a_reader_chooses_how_pages_look() {
    let world = world().await;
    let mut browser = world.browser();
    browser.get("/rules-in-force").await.hides("class=\"elder\"");
    let answer = browser.post("/preferences", &[("view", "elder"), ("back", "/rules-in-force?a=1")]).await;
    answer.is(303);
    assert_eq!(answer.header("location"), "/rules-in-force?a=1");
    browser.get("/rules-in-force").await.says("class=\"elder\"");
    browser.post("/preferences", &[("theme", "dark"), ("back", "/form")]).await.is(303);
    browser.get("/form").await.says("class=\"elder\"").says("data-theme=\"dark\"");
    browser.post("/preferences", &[("view", "normal"), ("theme", "system"), ("back", "/")]).await.is(303);
    browser.get("/form").await.hides("class=\"elder\"").hides("data-theme");
    // Somebody else's choice is not mine.
    world.browser().get("/rules-in-force").await.hides("class=\"elder\"");
}

#[tokio::test]
async fn a_choice_of_looks_leads_nowhere_else() {
    let world = world().await;
    for back in ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nX: y", ""] {
        let answer = world.browser().post("/preferences", &[("view", "elder"), ("back", back)]).await;
        answer.is(303);
        assert_eq!(answer.header("location"), "/", "{back:?}");
    }
}

#[tokio::test]
async fn a_piece_of_a_page_is_only_the_piece() {
    let world = world().await;
    let answer = world.browser().get("/piece?q=%3Cb%3E").await;
    assert_eq!(answer.is(200).text(), "<p>&lt;b&gt;</p>");
}

#[tokio::test]
async fn a_machine_can_ask_whether_all_is_well() {
    let world = world().await;
    assert_eq!(world.browser().get("/health").await.is(200).text(), "ok\n");
    world.browser().get("/robots.txt").await.is(200).says("Disallow: /desk");
}

#[tokio::test]
async fn a_live_line_of_a_case_that_one_may_not_know_of_is_not_found() {
    let world = world().await;
    world.browser().get("/live/case/0192e4a0-0000-7000-8000-000000000000").await.is(404);
    world.browser().get("/live/case/none").await.is(404);
    world.browser().get("/live/desk").await.is(401);
}

#[tokio::test]
async fn staff_sign_in_and_demo_accounts_only_on_the_machine_itself() {
    for (public_url, status) in [("http://127.0.0.1:3000", 303), ("https://consult.example", 422)] {
        let world = world_with(&[("public_url", public_url)]).await;
        let new =
            app::account::admin::NewUser {
                login: "demo.gs", name: "许知行", password: "a long password", demo: true
            };
        let cost = app::account::password::Cost::Cheap;
        app::account::admin::add_user(&world.operator(), new, cost).await.unwrap();
        let mut browser = world.browser();
        let fields = [("login", "demo.gs"), ("password", "a long password"), ("next", "/for-staff")];
        let answer = browser.post("/sign-in", &fields).await;
        answer.is(status).hides("a long password");
        if status == 303 {
            assert_eq!(answer.header("location"), "/for-staff");
            browser.get("/for-staff").await.is(200).says("许知行");
        } else {
            answer.says("演示账号");
        }
    }
}

#[tokio::test]
async fn every_page_of_the_product_has_an_address_of_its_own() {
    // Two routes with one address would end the program at its start.
    let world = product().await;
    world.browser().get("/nowhere").await.is(404);
}
