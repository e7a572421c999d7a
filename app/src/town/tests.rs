//! Towns, calendar and versions of rules on both engines.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{install, pages, rules, store};
use crate::access::{Actor, Visitor};
use crate::context::{Ctx, Shared};
use crate::error::{FormState, Refusal};
use crate::ids::RequestId;
use crate::ledger::{self, Stream};
use crate::rules::{Calendar, RuleSet};
use crate::storage::Database;
use crate::storage::testing::{each_engine, operator};
use crate::web::{Appearance, Page, Request, Site};

fn morning() -> DateTime<Utc> {
    "2026-03-02T01:00:00Z".parse().unwrap()
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

fn sentences(refusal: &Refusal) -> Vec<(String, String)> {
    match refusal {
        Refusal::Invalid(errors) => errors.iter().map(|e| (e.field.clone(), e.sentence.clone())).collect(),
        other => panic!("{other:?}"),
    }
}

async fn recorded(db: &Database, stream: &Stream) -> usize {
    ledger::entries(db, &stream.name(), i64::MAX, 100).await.unwrap().len()
}

#[tokio::test]
async fn an_empty_database_gets_towns_rooms_calendar_and_baseline_once() {
    each_engine(|db| async move {
        let ctx = operator(&db, morning());
        assert!(install(&ctx).await.unwrap());
        assert!(!install(&ctx).await.unwrap());
        let towns = store::towns(&db).await.unwrap();
        assert_eq!(towns.len(), 11);
        assert_eq!((towns[5].town_id.as_str(), towns[5].name.as_str()), ("shengze", "盛泽镇（吴江高新区）"));
        assert_eq!(store::town(&db, "tongli").await.unwrap().unwrap().short_name, "同里镇");
        assert_eq!(store::town(&db, "nowhere").await.unwrap(), None);
        let rooms = store::rooms(&db, Some("taoyuan")).await.unwrap();
        assert!(rooms.iter().any(|room| room.name == "灶家浜“小板凳”协商议事广场"));
        assert_eq!(rooms[0].level, super::RoomLevel::Town);
        assert!(store::rooms(&db, None).await.unwrap().len() >= 22);
        assert!(store::topic_counts(&db).await.unwrap().is_empty());

        assert_eq!(store::load_calendar(&db).await.unwrap(), Calendar::builtin());
        assert_eq!(*ctx.shared.calendar(), Calendar::builtin());

        let (id, set) = rules::in_force(&db, &ctx.shared, "shengze", morning()).await.unwrap();
        assert_eq!(*set, RuleSet::default());
        let version = rules::version(&db, id).await.unwrap();
        assert_eq!((version.version, version.town), (1, None));
        assert_eq!(crate::rules::local_date(version.effective_from), day("2026-01-01").unwrap());
        // Before the baseline there are no rules.
        let before = version.effective_from - TimeDelta::seconds(1);
        assert!(rules::in_force(&db, &ctx.shared, "shengze", before).await.is_err());

        assert_eq!(recorded(&db, &Stream::System).await, 3);
    })
    .await;
}

#[tokio::test]
async fn a_town_starts_from_the_baseline_and_keeps_its_own_version() {
    each_engine(|db| async move {
        let ctx = operator(&db, morning());
        install(&ctx).await.unwrap();
        let of = |ctx: &Ctx, town: &'static str, at: &'static str| {
            let (db, shared, at) = (ctx.db.clone(), std::sync::Arc::clone(&ctx.shared), at.parse().unwrap());
            async move { rules::in_force(&db, &shared, town, at).await.unwrap() }
        };

        // The district changes its baseline from today on, at once.
        let district = rules::load_version(&ctx, None, "[topic]\nscreen_workdays = 4\n", None, None).await.unwrap();
        let (id, set) = of(&ctx, "qidu", "2026-03-02T01:00:00Z").await;
        assert_eq!((id, set.topic.screen_workdays), (district, 4));

        // A town takes what it does not name from it; from a day to come.
        let town = rules::load_version(
            &ctx,
            Some("shengze"),
            "[notice]\ndays = 7\n",
            day("2026-03-10"),
            Some(" 盛政协〔2026〕3号 "),
        )
        .await
        .unwrap();
        assert_eq!(of(&ctx, "shengze", "2026-03-09T15:59:59Z").await.0, district);
        let (id, set) = of(&ctx, "shengze", "2026-03-09T16:00:00Z").await;
        assert_eq!((id, set.topic.screen_workdays, set.notice.days), (town, 4, 7));
        assert_eq!(of(&ctx, "qidu", "2026-03-09T16:00:00Z").await.0, district);
        let version = rules::version(&db, town).await.unwrap();
        assert_eq!((version.version, version.basis_doc.as_deref()), (1, Some("盛政协〔2026〕3号")));
        // Read from the database, not from memory.
        assert_eq!(*rules::by_id(&db, &Shared::default(), town).await.unwrap(), version.rules);

        // Another version counts up, and cannot come before the one that is announced.
        let refused = rules::load_version(&ctx, Some("shengze"), "[notice]\ndays = 6\n", day("2026-03-09"), None).await;
        assert_eq!(sentences(&refused.unwrap_err())[0].0, "effective_from");
        let third = rules::load_version(&ctx, Some("shengze"), "[notice]\ndays = 6\n", day("2026-03-11"), None).await;
        assert_eq!(rules::version(&db, third.unwrap()).await.unwrap().version, 2);

        assert_eq!(recorded(&db, &Stream::Town("shengze".to_owned())).await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_version_is_said_all_at_once_and_nothing_is_stored() {
    each_engine(|db| async move {
        let ctx = operator(&db, morning());
        install(&ctx).await.unwrap();
        let text = "[notice]\ndays = 0\n[meeting]\nattend_hard = 1.4\n[nonsense]\nx = 1\n";
        let refused = rules::load_version(&ctx, Some("nowhere"), text, day("2026-03-01"), None).await.unwrap_err();
        let fields: Vec<String> = sentences(&refused).into_iter().map(|(field, _)| field).collect();
        for field in ["town", "effective_from", "notice.days", "meeting.attend_hard", "nonsense"] {
            assert!(fields.iter().any(|f| f == field), "{field} in {fields:?}");
        }
        let refused = rules::load_version(&ctx, None, "not toml", None, Some(&"文".repeat(61))).await.unwrap_err();
        assert_eq!(sentences(&refused).len(), 2, "{refused:?}");
        assert_eq!(recorded(&db, &Stream::System).await, 3);

        let visitor = ctx.acting_as(Actor::Visitor(Visitor::default()));
        let refused = rules::load_version(&visitor, None, "", None, None).await.unwrap_err();
        assert!(matches!(refused, Refusal::NotSignedIn), "{refused:?}");
    })
    .await;
}

/// A request for a page, with a query such as `town=lili`.
pub(crate) fn request(ctx: &Ctx, path: &str, query: &str) -> Request {
    let query = query.split('&').filter_map(|part| part.split_once('='));
    Request {
        ctx: ctx.clone(),
        path: path.to_owned(),
        params: std::collections::BTreeMap::new(),
        query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        form: FormState::default(),
        staged: Vec::new(),
        sheet: None,
        appearance: Appearance::default(),
        request_id: RequestId(ctx.new_id()),
        user_agent: String::new(),
        site: Site { demo: false, public_url: "https://example.cn".to_owned(), assets: crate::ui::Assets::default() },
        nonce: None,
    }
}

/// The page's content as text, after what holds for every page.
pub(crate) fn html(page: Page) -> String {
    let html = crate::live::render(page.body);
    assert_eq!(html.matches("<h1").count(), 1, "{html}");
    assert!(!html.contains(" style=") && !html.contains("<script"), "{html}");
    html
}

#[tokio::test]
async fn the_rules_page_shows_what_is_in_force() {
    each_engine(|db| async move {
        let ctx = operator(&db, morning());
        install(&ctx).await.unwrap();
        rules::load_version(&ctx, Some("shengze"), "[notice]\ndays = 7\n", None, Some("盛政协〔2026〕3号"))
            .await
            .unwrap();
        let visitor = ctx.acting_as(Actor::Visitor(Visitor::default()));

        let district = html(pages::rules(&request(&visitor, "/rules", "")).await.unwrap());
        for words in [
            "全区基准第 1 版，2026年1月1日起生效",
            "2021年工作要点",
            "围绕中心工作和民生热点选题",
            "尚未由系统执行",
            "id=\"t3\"",
            "5 天",
            "2027 年的放假安排还没有公布",
        ] {
            assert!(district.contains(words), "{words}");
        }
        assert!(!district.contains("按规定"));

        let town = html(pages::rules(&request(&visitor, "/rules", "town=shengze")).await.unwrap());
        for words in ["盛泽镇自己的设定", "本镇设定第 1 版", "依据：盛政协〔2026〕3号", "本镇设定，全区基准为 5 天"]
        {
            assert!(town.contains(words), "{words}");
        }
        let other = html(pages::rules(&request(&visitor, "/rules", "town=qidu")).await.unwrap());
        assert!(other.contains("七都镇没有另外设定"));
        let unknown = pages::rules(&request(&visitor, "/rules", "town=x")).await;
        assert!(matches!(unknown.err(), Some(Refusal::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn the_towns_page_counts_what_is_public() {
    each_engine(|db| async move {
        let ctx = operator(&db, morning());
        install(&ctx).await.unwrap();
        db.write(|tx| {
            Box::pin(async move {
                for (stage, n) in [("accepted", 4_i64), ("researching", 2), ("submitted", 9), ("declined", 9)] {
                    tx.execute(
                        "INSERT INTO topic_count (town_id, stage, n) VALUES ('lili', $1, $2)",
                        vec![stage.into(), n.into()],
                    )
                    .await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
        let page = html(pages::towns(&request(&ctx, "/towns", "")).await.unwrap());
        for words in [
            "黎里镇（汾湖高新区）",
            "灶家浜“小板凳”协商议事广场",
            "/topics?town=lili&amp;stage=accepted",
            "已受理 4 件",
            "调研中 2 件",
            "<td class=\"num\">6</td>",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("9 件") && !page.contains("不予立题"));
    })
    .await;
}
