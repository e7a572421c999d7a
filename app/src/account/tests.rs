//! Accounts and sessions on both engines.

use chrono::{DateTime, TimeDelta, Utc};

use super::admin::{self, NewUser};
use super::password::Cost;
use super::sessions::{self, SESSIONS, SessionToken};
use super::{GUESSES, find_session, pages};
use crate::access::{Actor, Role, Visitor};
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ledger::{self, Stream};
use crate::storage::testing::{each_engine, operator};
use crate::storage::{Database, Value};
use crate::town::tests::{html, request};
use crate::web::{Form, Outcome};

const PASSWORD: &str = "有事好商量-2026";

fn morning() -> DateTime<Utc> {
    "2026-03-02T01:00:00Z".parse().unwrap()
}

/// A context on the machine, over a database with towns and one officer, `wang`.
async fn town_hall(db: &Database) -> Ctx {
    let ctx = operator(db, morning());
    crate::town::install(&ctx).await.unwrap();
    let new = NewUser { login: "Wang", name: "王一", password: PASSWORD, demo: false };
    admin::add_user(&ctx, new, Cost::Cheap).await.unwrap();
    admin::grant(&ctx, "wang", Role::Officer, Some("shengze"), None).await.unwrap();
    ctx
}

/// The same world, seen from a browser.
fn from(ctx: &Ctx, browser: &str, prefix: &str) -> Ctx {
    ctx.acting_as(Actor::Visitor(Visitor { browser: browser.to_owned(), prefix: prefix.to_owned() }))
}

async fn sign_in(ctx: &Ctx, password: &str) -> Result<SessionToken, Refusal> {
    sessions::sign_in(ctx, " WANG ", password, "Windows 电脑 · Edge").await
}

/// The context of whoever holds the token.
async fn holding(ctx: &Ctx, token: &SessionToken) -> Option<Ctx> {
    let signed = find_session(&ctx.db, token.as_str(), ctx.now()).await.unwrap()?;
    Some(ctx.acting_as(Actor::Signed(signed, ctx.actor.visitor())))
}

fn pass(ctx: &Ctx, seconds: i64) {
    ctx.clock.set(ctx.now() + TimeDelta::seconds(seconds));
}

fn wait_of(result: Result<SessionToken, Refusal>) -> u64 {
    match result {
        Err(Refusal::TooMany { retry_after_s, .. }) => retry_after_s,
        other => panic!("{other:?}"),
    }
}

fn is_wrong(result: &Result<SessionToken, Refusal>) -> bool {
    matches!(result, Err(Refusal::Invalid(errors)) if errors[0].field == "password")
}

async fn recorded(db: &Database) -> Vec<String> {
    let entries = ledger::entries(db, &Stream::System.name(), i64::MAX, 100).await.unwrap();
    entries.iter().rev().map(|e| serde_json::from_str::<ledger::Body>(&e.body).unwrap().what).collect()
}

#[tokio::test]
async fn signing_in_and_out() {
    each_engine(|db| async move {
        let ctx = town_hall(&db).await;
        let browser = from(&ctx, "b1", "p1");
        assert!(is_wrong(&sign_in(&browser, "有事好商量-2025").await));
        assert!(is_wrong(&sessions::sign_in(&browser, "nobody", PASSWORD, "").await));
        assert!(is_wrong(&sign_in(&browser, &"x".repeat(100_000)).await));
        let token = sign_in(&browser, PASSWORD).await.unwrap();
        assert_eq!(token.as_str().len(), 64);
        assert_eq!(format!("{token:?}"), "SessionToken(…)");

        let me = holding(&browser, &token).await.unwrap();
        let signed = me.actor.signed().unwrap();
        assert_eq!((signed.login.as_str(), signed.name.as_str()), ("wang", "王一"));
        assert!(signed.is(Role::Officer, "shengze") && !signed.is(Role::Officer, "lili"));

        // The token itself is stored nowhere; what only looks like one opens nothing.
        let stored: Vec<(String,)> = db.rows("SELECT token_hash FROM session", Vec::<Value>::new()).await.unwrap();
        assert_ne!(stored[0].0, token.as_str());
        for other in [stored[0].0.as_str(), "", "x", &"0".repeat(64)] {
            assert_eq!(find_session(&db, other, ctx.now()).await.unwrap(), None);
        }

        sessions::sign_out(&me).await.unwrap();
        assert!(holding(&browser, &token).await.is_none());
        let recorded = recorded(&db).await;
        assert_eq!(recorded[3..], ["account_added", "role_granted", "sign_in", "sign_out"]);
        // Ids only.
        for entry in ledger::entries(&db, &Stream::System.name(), i64::MAX, 100).await.unwrap() {
            assert!(!entry.body.contains("\"wang\"") && !entry.body.contains("王一"), "{}", entry.body);
        }
    })
    .await;
}

#[tokio::test]
async fn sessions_end_when_unused_and_after_a_month() {
    each_engine(|db| async move {
        let ctx = town_hall(&db).await;
        let browser = from(&ctx, "b1", "p1");
        let token = sign_in(&browser, PASSWORD).await.unwrap();
        let seen = || async {
            let row: Option<(DateTime<Utc>,)> = db.row("SELECT seen_at FROM session", vec![]).await.unwrap();
            row.unwrap().0
        };
        // Use is noted every five minutes, not each time.
        pass(&ctx, SESSIONS.touch_s - 1);
        assert!(holding(&browser, &token).await.is_some());
        assert_eq!(seen().await, morning());
        pass(&ctx, 1);
        assert!(holding(&browser, &token).await.is_some());
        assert_eq!(seen().await, ctx.now());
        super::touch_session(&db, holding(&browser, &token).await.unwrap().actor.signed().unwrap().session, ctx.now())
            .await
            .unwrap();

        pass(&ctx, SESSIONS.idle_s - 1);
        assert!(holding(&browser, &token).await.is_some());
        pass(&ctx, SESSIONS.idle_s);
        assert!(holding(&browser, &token).await.is_none());
        assert_eq!(sessions::sweep(&ctx).await.unwrap(), 1);

        // Always in use, it ends after a month.
        let token = sign_in(&browser, PASSWORD).await.unwrap();
        let begun = ctx.now();
        while ctx.now() < begun + TimeDelta::seconds(SESSIONS.absolute_s - 1) {
            assert!(holding(&browser, &token).await.is_some());
            pass(&ctx, SESSIONS.idle_s - 1);
        }
        ctx.clock.set(begun + TimeDelta::seconds(SESSIONS.absolute_s));
        assert!(holding(&browser, &token).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_only() {
    each_engine(|db| async move {
        let ctx = town_hall(&db).await;
        let new = NewUser { login: "li-si", name: "李二", password: PASSWORD, demo: false };
        admin::add_user(&ctx, new, Cost::Cheap).await.unwrap();
        let office = from(&ctx, "b1", "p1");
        let phone = from(&ctx, "b2", "p2");
        let (at_office, on_phone) =
            (sign_in(&office, PASSWORD).await.unwrap(), sign_in(&phone, PASSWORD).await.unwrap());
        let li = sessions::sign_in(&from(&ctx, "b3", "p3"), "li-si", PASSWORD, "x").await.unwrap();
        let (me, li) = (holding(&office, &at_office).await.unwrap(), holding(&office, &li).await.unwrap());
        let my_phone = holding(&phone, &on_phone).await.unwrap().actor.signed().unwrap().session;

        let lines = sessions::own_sessions(&me).await.unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].device, "Windows 电脑 · Edge");
        assert!(matches!(sessions::end_session(&li, my_phone).await, Err(Refusal::NotFound)));
        sessions::end_session(&me, my_phone).await.unwrap();
        assert!(holding(&phone, &on_phone).await.is_none());
        assert!(matches!(sessions::end_session(&me, my_phone).await, Err(Refusal::NotFound)));

        let on_phone = sign_in(&phone, PASSWORD).await.unwrap();
        assert_eq!(sessions::end_other_sessions(&me).await.unwrap(), 1);
        assert!(holding(&phone, &on_phone).await.is_none());
        assert!(holding(&office, &at_office).await.is_some());

        // Signing in again in the same browser replaces its session.
        sign_in(&me, PASSWORD).await.unwrap();
        assert!(holding(&office, &at_office).await.is_none());
        for refused in [sessions::own_sessions(&phone).await.err(), sessions::sign_out(&phone).await.err()] {
            assert!(matches!(refused, Some(Refusal::NotSignedIn)));
        }
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    each_engine(|db| async move {
        let ctx = town_hall(&db).await;
        let (office, phone) = (from(&ctx, "b1", "p1"), from(&ctx, "b2", "p2"));
        let (at_office, on_phone) =
            (sign_in(&office, PASSWORD).await.unwrap(), sign_in(&phone, PASSWORD).await.unwrap());
        let me = holding(&office, &at_office).await.unwrap();
        for (old, new, field) in [
            ("", "另一个好记的句子", "old"),
            (PASSWORD, "短", "new"),
            (PASSWORD, PASSWORD, "new"),
            ("记错了的旧密码吧", "另一个好记的长句子啊", "old"),
        ] {
            match sessions::change_password(&me, old, new, Cost::Cheap).await {
                Err(Refusal::Invalid(errors)) => assert_eq!(errors[0].field, field),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(sessions::change_password(&me, PASSWORD, "另一个好记的长句子啊", Cost::Cheap).await.unwrap(), 1);
        assert!(holding(&phone, &on_phone).await.is_none());
        assert!(holding(&office, &at_office).await.is_some());
        assert!(is_wrong(&sign_in(&phone, PASSWORD).await));
        sign_in(&phone, "另一个好记的长句子啊").await.unwrap();
        assert!(recorded(&db).await.contains(&"password_changed".to_owned()));

        // Guessing the old one in a stolen session is slowed too.
        for _ in 0..GUESSES.pair_free {
            let wrong = sessions::change_password(&me, "记错了的旧密码吧", "再换一个好记的句子啊", Cost::Cheap).await;
            assert!(matches!(wrong, Err(Refusal::Invalid(_))));
        }
        let slowed = sessions::change_password(&me, "记错了的旧密码吧", "再换一个好记的句子啊", Cost::Cheap).await;
        assert!(matches!(slowed, Err(Refusal::TooMany { .. })));
    })
    .await;
}

#[tokio::test]
async fn guesses_are_slowed_more_and_more() {
    each_engine(|db| async move {
        let ctx = town_hall(&db).await;
        let stranger = from(&ctx, "s", "far");
        for _ in 0..GUESSES.pair_free {
            assert!(is_wrong(&sign_in(&stranger, "猜一猜猜一猜猜一猜").await));
        }
        let mut last = 0;
        for _ in 0..9 {
            // Too early is refused, the right password too, and does not make it worse.
            let wait = wait_of(sign_in(&stranger, PASSWORD).await);
            assert_eq!(wait_of(sign_in(&stranger, "猜一猜猜一猜猜一猜").await), wait);
            assert!(wait >= last, "{wait} after {last}");
            last = wait;
            pass(&ctx, i64::try_from(wait).unwrap());
            assert!(is_wrong(&sign_in(&stranger, "猜一猜猜一猜猜一猜").await));
        }
        assert_eq!(last, u64::try_from(GUESSES.longest_wait_s).unwrap());
        // An unknown login is slowed in the same way.
        let other = from(&ctx, "t", "farther");
        for _ in 0..GUESSES.pair_free {
            assert!(is_wrong(&sessions::sign_in(&other, "nobody", PASSWORD, "").await));
        }
        assert!(wait_of(sessions::sign_in(&other, "nobody", PASSWORD, "").await) > 0);
        // After a while without failures it begins anew.
        pass(&ctx, GUESSES.forget_after_s + 1);
        assert!(is_wrong(&sign_in(&stranger, "猜一猜猜一猜猜一猜").await));
        sign_in(&stranger, PASSWORD).await.unwrap();
        assert!(sessions::sweep(&ctx).await.unwrap() > 0);
    })
    .await;
}

#[tokio::test]
async fn a_stranger_cannot_lock_the_owner_out() {
    each_engine(|db| async move {
        let ctx = town_hall(&db).await;
        let owner = from(&ctx, "office", "town-hall");
        sign_in(&owner, PASSWORD).await.unwrap();
        // From many addresses, and from the owner's own (a village shares one).
        for n in 0..GUESSES.account_free {
            let prefix = if n % 5 == 0 { "town-hall".to_owned() } else { format!("far-{n}") };
            let tried = sign_in(&from(&ctx, &format!("s{n}"), &prefix), "猜一猜猜一猜猜一猜").await;
            assert!(is_wrong(&tried), "{n}: {tried:?}");
        }
        // A browser that the account does not know waits, wherever it stands, but never for long.
        let wait = wait_of(sign_in(&from(&ctx, "new", "elsewhere"), PASSWORD).await);
        assert!(wait <= u64::try_from(GUESSES.account_longest_wait_s).unwrap());
        // The owner's does not.
        sign_in(&owner, PASSWORD).await.unwrap();
        // Nor is that browser free of any limit.
        for _ in 0..GUESSES.known_free {
            assert!(is_wrong(&sign_in(&owner, "猜一猜猜一猜猜一猜").await));
        }
        assert!(wait_of(sign_in(&owner, PASSWORD).await) > 0);
    })
    .await;
}

#[tokio::test]
async fn many_tries_at_once_do_not_slip_past_the_counter() {
    each_engine(|db| async move {
        let ctx = town_hall(&db).await;
        let stranger = from(&ctx, "s", "far");
        let tries = (0..20).map(|_| sign_in(&stranger, "猜一猜猜一猜猜一猜"));
        let results = futures::future::join_all(tries).await;
        let looked_at = results.iter().filter(|r| is_wrong(r)).count();
        assert_eq!(looked_at, usize::try_from(GUESSES.pair_free).unwrap(), "{results:?}");
    })
    .await;
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    each_engine(|db| async move {
        let ctx = town_hall(&db).await;
        let browser = from(&ctx, "b1", "p1");
        let token = sign_in(&browser, PASSWORD).await.unwrap();
        admin::disable(&ctx, "wang").await.unwrap();
        admin::disable(&ctx, "wang").await.unwrap();
        assert!(holding(&browser, &token).await.is_none());
        assert!(is_wrong(&sign_in(&browser, PASSWORD).await));
        assert!(admin::list_users(&ctx).await.unwrap()[0].disabled);
        admin::set_disabled(&ctx, "wang", false).await.unwrap();
        sign_in(&browser, PASSWORD).await.unwrap();

        admin::set_password(&ctx, "wang", "新设的一个长密码啊", Cost::Cheap).await.unwrap_err();
        admin::set_password(&ctx, "wang", "新设的一个很长的密码啊", Cost::Cheap).await.unwrap();
        assert!(is_wrong(&sign_in(&browser, PASSWORD).await));
        sign_in(&browser, "新设的一个很长的密码啊").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn accounts_roles_and_units_are_made_on_the_machine() {
    each_engine(|db| async move {
        let ctx = town_hall(&db).await;
        let chief = NewUser { login: "root-admin", name: "管理员", password: PASSWORD, demo: true };
        admin::first_administrator(&ctx, chief.clone(), Cost::Cheap).await.unwrap();
        let second = admin::first_administrator(&ctx, NewUser { login: "other", ..chief.clone() }, Cost::Cheap).await;
        assert!(matches!(second, Err(Refusal::Conflict { .. })));
        assert!(sessions::is_demo_login(&db, "Root-Admin").await.unwrap());
        assert!(!sessions::is_demo_login(&db, "wang").await.unwrap());

        // All that is wrong is said at once; a name is taken once, however it is written.
        let bad = NewUser { login: "王", name: "", password: "短", demo: false };
        match admin::add_user(&ctx, bad, Cost::Cheap).await {
            Err(Refusal::Invalid(errors)) => assert_eq!(errors.len(), 3),
            other => panic!("{other:?}"),
        }
        let again = admin::add_user(&ctx, NewUser { login: "ＷＡＮＧ", ..chief.clone() }, Cost::Cheap).await;
        assert!(matches!(again, Err(Refusal::Invalid(e)) if e[0].field == "login"));

        let unit = admin::add_unit(&ctx, "区水务局", None).await.unwrap();
        assert!(admin::add_unit(&ctx, " 区水务局 ", Some("lili")).await.is_err());
        assert!(admin::add_unit(&ctx, "某站", Some("nowhere")).await.is_err());
        assert_eq!(admin::unit_by_name(&ctx, "区水务局").await.unwrap().unwrap().unit_id, unit);
        assert_eq!(admin::list_units(&ctx).await.unwrap().len(), 1);

        admin::grant(&ctx, "wang", Role::Director, Some("lili"), None).await.unwrap();
        admin::grant(&ctx, "wang", Role::Director, Some("lili"), None).await.unwrap();
        admin::grant(&ctx, "wang", Role::UnitHead, None, Some(unit)).await.unwrap();
        for (login, role, town, unit, field) in [
            ("nobody", Role::Officer, Some("lili"), None, "login"),
            ("wang", Role::Officer, Some("nowhere"), None, "town"),
            ("wang", Role::Officer, None, None, "town"),
            ("wang", Role::DistrictOffice, Some("lili"), None, "town"),
            ("wang", Role::UnitHead, None, None, "unit"),
            ("wang", Role::Administrator, None, Some(unit), "unit"),
        ] {
            match admin::grant(&ctx, login, role, town, unit).await {
                Err(Refusal::Invalid(errors)) => assert_eq!(errors[0].field, field, "{role:?}"),
                other => panic!("{other:?}"),
            }
        }
        let wang = admin::list_users(&ctx).await.unwrap().into_iter().find(|u| u.login == "wang").unwrap();
        let words: Vec<String> = wang.grants.iter().map(super::UserGrant::words).collect();
        assert_eq!(words.len(), 3, "{words:?}");
        for expected in ["黎里镇 工委主任", "盛泽镇 工委干事", "区水务局 承办单位负责人"] {
            assert!(words.iter().any(|w| w == expected), "{words:?}");
        }
        assert_eq!(admin::roles_in_words(&db, wang.account).await.unwrap(), words.join("、"));

        admin::revoke(&ctx, "wang", Role::Director, Some("lili"), None).await.unwrap();
        let twice = admin::revoke(&ctx, "wang", Role::Director, Some("lili"), None).await;
        assert!(matches!(twice, Err(Refusal::Invalid(e)) if e[0].field == "role"));

        // Nobody else may.
        let officer = from(&ctx, "b", "p");
        let token = sign_in(&officer, PASSWORD).await.unwrap();
        let officer = holding(&officer, &token).await.unwrap();
        let refused = admin::grant(&officer, "wang", Role::Administrator, None, None).await;
        assert!(matches!(refused, Err(Refusal::Forbidden { .. })));
        assert!(matches!(admin::list_users(&officer).await, Err(Refusal::Forbidden { .. })));
        let report = ledger::verify(&db, None).await.unwrap();
        assert_eq!(report.broken, None);
    })
    .await;
}

fn form(fields: &[(&str, &str)]) -> Form {
    Form { values: fields.iter().map(|(k, v)| ((*k).to_owned(), vec![(*v).to_owned()])).collect(), files: Vec::new() }
}

#[tokio::test]
async fn the_pages_of_an_account() {
    each_engine(|db| async move {
        let ctx = town_hall(&db).await;
        let browser = from(&ctx, "b1", "p1");
        let page = html(pages::sign_in(&request(&browser, "/sign-in", "next=/desk/topics")).await.unwrap());
        assert!(page.contains("value=\"/desk/topics\""), "{page}");
        let page = html(pages::sign_in(&request(&browser, "/sign-in", "next=//evil.example")).await.unwrap());
        assert!(page.contains("value=\"/desk\"") && !page.contains("evil"), "{page}");

        // A refused form comes back with the login and without the password.
        let fields = [("login", "wang"), ("password", "记错了的密码"), ("next", "/desk/topics")];
        let mut req = request(&browser, "/sign-in", "");
        let refusal = pages::post_sign_in(&req, form(&fields)).await.err().unwrap();
        req.form = FormState::refused(form(&fields).values, refusal);
        let page = html(pages::sign_in(&req).await.unwrap());
        for words in ["登录名或密码不对", "value=\"wang\"", "value=\"/desk/topics\""] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("记错了的密码"));

        // The right one leads on, with the cookie.
        let fields = [("login", "wang"), ("password", PASSWORD), ("next", "/desk/topics")];
        let Ok(Outcome::SeeOtherWith(to, cookies)) = pages::post_sign_in(&req, form(&fields)).await else {
            panic!("signing in leads on");
        };
        assert_eq!((to.as_str(), cookies[0].name, cookies[0].value.len()), ("/desk/topics", "session", 64));
        let signed = find_session(&db, &cookies[0].value, ctx.now()).await.unwrap().unwrap();
        let me = ctx.acting_as(Actor::Signed(signed, browser.actor.visitor()));

        let refused = pages::account(&request(&browser, "/account", "")).await;
        assert!(matches!(refused.err(), Some(Refusal::NotSignedIn)));
        let phone = from(&ctx, "b2", "p2");
        let on_phone = sign_in(&phone, PASSWORD).await.unwrap();
        let mut req = request(&me, "/account", "done=password");
        let page = html(pages::account(&req).await.unwrap());
        for words in ["王一", "盛泽镇 工委干事", "未知设备", "3月2日 09:00", "本机", "结束", "密码已经改好"]
        {
            assert!(page.contains(words), "{words} in {page}");
        }

        let fields = [("action", "change_password"), ("old", PASSWORD), ("new", "短"), ("again", "短")];
        let refusal = pages::post_account(&req, form(&fields)).await.err().unwrap();
        req.form = FormState::refused(form(&fields).values, refusal);
        assert!(html(pages::account(&req).await.unwrap()).contains("密码至少 10 个字"));
        let fields = [("action", "change_password"), ("old", PASSWORD), ("new", "短"), ("again", "长")];
        assert!(
            matches!(pages::post_account(&req, form(&fields)).await, Err(Refusal::Invalid(e)) if e[0].field == "again")
        );

        let session = holding(&phone, &on_phone).await.unwrap().actor.signed().unwrap().session.to_string();
        let ended = pages::post_account(&req, form(&[("action", "end_session"), ("session", &session)])).await;
        assert!(matches!(ended, Ok(Outcome::SeeOther(to)) if to == "/account?done=session"));
        assert!(holding(&phone, &on_phone).await.is_none());
        for odd in [form(&[]), form(&[("action", "x")]), form(&[("action", "end_session"), ("session", "x")])] {
            assert!(matches!(pages::post_account(&req, odd).await, Err(Refusal::NotFound)));
        }
        let out = pages::post_sign_out(&req, form(&[])).await;
        assert!(matches!(out, Ok(Outcome::SeeOtherWith(to, cookies)) if to == "/" && cookies[0].value.is_empty()));
        assert!(sessions::own_sessions(&me).await.unwrap().is_empty());
        assert!(html(pages::sign_out(&req).await.unwrap()).contains("退出"));
    })
    .await;
}
