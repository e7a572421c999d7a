//! Files that come with forms.

use axum::body::Body;
use chrono::TimeDelta;
use futures::stream;

use crate::support::{Parts, photo, world};

const PDF: &[u8] = b"%PDF-1.7\nsome pages\n%%EOF";

/// The id of the first file that the page lists.
fn first_file(text: &str) -> String {
    text.split("<ul>[").nth(1).unwrap()[..36].to_owned()
}

#[tokio::test]
async fn files_of_a_refused_form_come_back_and_need_not_be_sent_again() {
    let world = world().await;
    let mut browser = world.browser();
    let form =
        Parts::default().field("do", "refuse").file("files", "路灯.jpg", &photo()).file("files", "方案.pdf", PDF);
    let answer = browser.upload("/form", form).await;
    answer.is(422).says("|路灯.jpg|image/jpeg|").says("|方案.pdf|application/pdf|25]").says("Write other words.");
    assert_eq!(world.files("files").len(), 2);
    assert_eq!(world.files("staging").len(), 0);
    let id = first_file(&answer.text());
    let again = Parts::default().field("do", "show").field("staged", &id).file("files", "", b"");
    browser.upload("/form", again).await.is(200).says(&format!("[\"{id}\"]"));
}

#[tokio::test]
async fn a_file_that_was_kept_aside_is_nobody_elses() {
    let world = world().await;
    let form = Parts::default().field("do", "refuse").file("files", "方案.pdf", PDF);
    let id = first_file(&world.browser().upload("/form", form).await.text());
    let theirs = Parts::default().field("do", "show").field("staged", &id);
    world.browser().upload("/form", theirs).await.is(422).says("请重新选择").hides("方案.pdf");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_brings_the_same_files() {
    let world = world().await;
    let mut browser = world.browser();
    browser.post("/form", &[]).await;
    let form = || Parts::default().field("do", "show").file("files", "方案.pdf", PDF);
    let first = browser.upload("/form", form()).await.text();
    assert_eq!(browser.upload("/form", form()).await.text(), first);
}

#[tokio::test]
async fn a_file_is_what_its_bytes_say() {
    let world = world().await;
    let mut browser = world.browser();
    let mislabelled = Parts::default().field("do", "refuse").file("files", "照片.pdf", &photo());
    browser.upload("/form", mislabelled).await.is(422).says("|照片.jpg|image/jpeg|");
    for (name, bytes, words) in [
        ("照片.jpg", &b"\0\0\0\x18ftypheic\0\0\0\0"[..], "HEIC"),
        ("照片.jpg", b"MZ\x90\0 a program", "不是能收的类型"),
        ("照片.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是能收的类型"),
        ("照片.jpg", b"\xff\xd8\xff\xe0 half a photo", "没有传完整"),
        ("空的.pdf", b"", "是空的"),
    ] {
        let form = Parts::default().field("words", "kept").file("files", name, bytes).file("files", "方案.pdf", PDF);
        // What is in order comes back; only the one is refused.
        browser.upload("/form", form).await.is(422).says(words).says("kept").says("|方案.pdf|");
    }
}

#[tokio::test]
async fn a_photo_loses_its_place_and_time() {
    let world = world().await;
    let mut bytes = photo();
    let exif = b"\xff\xe1\x00\x16Exif\0\0GPS 31.16 120.64";
    bytes.splice(2..2, exif.iter().copied());
    world.browser().upload("/form", Parts::default().file("files", "a.jpg", &bytes)).await.is(303);
    let stored = world.files("files").remove(0);
    let path = world.site.files.path(&stored).unwrap();
    assert!(!std::fs::read(path).unwrap().windows(3).any(|window| window == b"GPS"));
}

#[tokio::test]
async fn too_much_is_refused_and_the_rest_kept() {
    let world = world().await;
    let mut browser = world.browser();
    let mut large = PDF.to_vec();
    large.resize(20_000_001, b' ');
    let form = Parts::default().field("words", "kept").file("files", "大.pdf", &large).file("files", "小.pdf", PDF);
    browser
        .upload("/form", form)
        .await
        .is(413)
        .says("「大.pdf」超过 20 MB")
        .says("kept")
        .says("|小.pdf|")
        .hides("|大.pdf|");

    let mut many = Parts::default().field("words", "kept");
    for n in 0..11 {
        many = many.file("files", &format!("{n}.pdf"), format!("%PDF-{n}").as_bytes());
    }
    browser.upload("/form", many).await.is(413).says("最多 10 个").says("kept").says("|9.pdf|").hides("|10.pdf|");

    large.truncate(19_000_000);
    let mut heavy = Parts::default();
    for n in 0..4 {
        heavy = heavy.file("files", &format!("{n}.pdf"), &large);
    }
    // What stands after the files on the page comes after them.
    heavy = heavy.field("words", "kept");
    browser.upload("/form", heavy).await.is(413).says("加起来超过了 60 MB").says("kept");
    assert_eq!(world.files("staging").len(), 0);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let world = world().await;
    let whole = Parts::default().field("words", "kept").file("files", "方案.pdf", &[PDF, &[b' '; 5000]].concat()).end();
    for length in [whole.len() - 4, whole.len() - 2000, 60] {
        let cut = Body::from(whole[..length].to_vec());
        world.browser().post_raw("/form", &Parts::kind(), cut).await.is(422).says("断了");
    }
    let pieces = [Ok(whole[..whole.len() / 2].to_vec()), Err(std::io::Error::other("the line went dead"))];
    let answer = world.browser().post_raw("/form", &Parts::kind(), Body::from_stream(stream::iter(pieces))).await;
    answer.is(422).says("断了").says("kept");
    assert_eq!(world.files("files").len() + world.files("staging").len(), 0);
}

#[tokio::test]
async fn a_form_without_a_place_for_files_stores_none() {
    let world = world().await;
    let form = Parts::default().field("do", "show").field("words", "kept").file("files", "方案.pdf", PDF);
    world.browser().upload("/plain-form", form).await.is(200).says("kept").hides("方案");
    assert_eq!(world.files("files").len(), 0);
}

#[tokio::test]
async fn a_write_from_elsewhere_stores_no_files() {
    let world = world().await;
    let request = axum::http::Request::post("/form")
        .header("origin", "https://evil.example")
        .header("content-type", Parts::kind())
        .body(Body::from(Parts::default().file("files", "方案.pdf", PDF).end()))
        .unwrap();
    world.ask(request).await.is(403);
    assert_eq!(world.files("files").len(), 0);
}

#[tokio::test]
async fn files_that_no_step_took_are_swept_after_three_days() {
    let world = world().await;
    let ctx = world.operator();
    world.browser().upload("/form", Parts::default().file("files", "方案.pdf", PDF)).await.is(303);
    std::fs::write(world.folder.path().join("staging/up-left"), b"half").unwrap();
    assert_eq!(world.site.files.sweep(&ctx).await.unwrap(), 0);
    assert_eq!(world.files("files").len(), 1);
    ctx.clock.set(ctx.now() + TimeDelta::hours(73));
    assert_eq!(world.site.files.sweep(&ctx).await.unwrap(), 1);
    assert_eq!(world.files("files").len(), 0);
}
