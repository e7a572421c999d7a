//! The index on both engines.

use chrono::{DateTime, TimeDelta, Utc};

use super::store::{self, SearchQuery, Similar};
use crate::context::Ctx;
use crate::ids::CaseId;
use crate::storage::Database;
use crate::storage::testing::{each_engine, operator};

fn noon() -> DateTime<Utc> {
    "2026-03-02T04:00:00Z".parse().unwrap()
}

/// A public topic that was accepted `minutes` after noon.
async fn publish(ctx: &Ctx, minutes: i64, town: &'static str, stage: &'static str, title: &str, body: &str) -> CaseId {
    let at = noon() + TimeDelta::minutes(minutes);
    let id = CaseId(ctx.random.uuid(at));
    let (title, body) = (title.to_owned(), body.to_owned());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO case_head (case_id, town_id, seq, head) VALUES ($1, $2, 1, '')",
                    vec![id.into(), town.into()],
                )
                .await?;
                tx.execute(
                    "INSERT INTO topic (topic_id, town_id, stage, stage_version, stage_since, overdue_marked, source, \
                     sent_title, submitted_at, accepted_at, moved_at, title, place, is_public, support_count, \
                     comment_count, held_comments, code_hash, code_generation, demo) \
                     VALUES ($1, $2, $3, 1, $4, FALSE, 'public_solicited', $5, $4, $4, $4, $5, $6, TRUE, 3, 0, 0, $7, 1, FALSE)",
                    vec![
                        id.into(),
                        town.into(),
                        stage.into(),
                        at.into(),
                        title.clone().into(),
                        "某处".into(),
                        id.to_string().into(),
                    ],
                )
                .await?;
                store::index(tx, id, &title, &body).await
            })
        })
        .await
        .unwrap();
    id
}

#[derive(sqlx::FromRow)]
struct Hit {
    topic_id: CaseId,
}

async fn found(db: &Database, query: SearchQuery) -> Vec<CaseId> {
    let hits: Vec<Hit> = store::search(db, &query).await.unwrap();
    hits.into_iter().map(|hit| hit.topic_id).collect()
}

fn asking(text: &str) -> SearchQuery {
    SearchQuery { text: text.to_owned(), limit: 10, ..SearchQuery::default() }
}

#[tokio::test]
async fn topics_are_found_by_what_people_type() {
    each_engine(|db| async move {
        let ctx = operator(&db, noon());
        crate::town::install(&ctx).await.unwrap();
        let bus = publish(
            &ctx,
            0,
            "lili",
            "accepted",
            "379路跨省公交末班时间与站点怎么更便民",
            "末班车太早，𠮷里弄的老人回不了家。On-demand Bus?",
        )
        .await;
        let parking =
            publish(&ctx, 1, "lili", "confirmed", "黎里古镇老街停车", "游客停车难。公厕少。〇号⺮楼、⻊𰻝").await;
        let lift = publish(&ctx, 2, "songling", "accepted", "鲈乡二村加装电梯", "低层住户的采光和停车").await;

        // Two characters and more, one character, words, words in title and body together, newest first.
        for (text, expected) in [
            ("公交", vec![bus]),
            ("停车", vec![lift, parking]),
            ("停车 老街", vec![parking]),
            ("车", vec![lift, parking, bus]),
            ("379", vec![bus]),
            ("３７９路", vec![bus]),
            ("BUS", vec![bus]),
            ("𠮷里", vec![bus]),
            ("𠮷", vec![bus]),
            ("〇号", vec![parking]),
            ("号⺮楼", vec![parking]),
            ("⻊𰻝", vec![parking]),
            ("难公", vec![]),
            ("河道", vec![]),
            ("！、 ", vec![]),
        ] {
            assert_eq!(found(&db, asking(text)).await, expected, "{text} on {:?}", db.engine());
        }

        // Filters and pages.
        let query = SearchQuery { town: Some("lili".to_owned()), ..asking("停车") };
        assert_eq!(found(&db, query).await, [parking]);
        let query = SearchQuery { stage: Some("accepted".to_owned()), ..asking("车") };
        assert_eq!(found(&db, query).await, [lift, bus]);
        let query = SearchQuery { source: Some("member_recommended".to_owned()), ..asking("车") };
        assert_eq!(found(&db, query).await, []);
        let query = SearchQuery { limit: 2, ..asking("车") };
        assert_eq!(found(&db, query.clone()).await, [lift, parking]);
        let query = SearchQuery { before: Some(parking), ..query };
        assert_eq!(found(&db, query.clone()).await, [bus]);
        let query = SearchQuery { before: Some(bus), ..query };
        assert_eq!(found(&db, query).await, []);

        // A new edition replaces the old one and keeps its place; a topic taken out is found no more.
        let write = |title: &'static str| {
            ctx.db.write(move |tx| Box::pin(async move { store::index(tx, bus, title, "").await }))
        };
        write("公交停车场").await.unwrap();
        assert_eq!(found(&db, asking("末班")).await, []);
        assert_eq!(found(&db, asking("停车")).await, [lift, parking, bus]);
        ctx.db.write(move |tx| Box::pin(async move { store::remove(tx, bus).await })).await.unwrap();
        assert_eq!(found(&db, asking("停车")).await, [lift, parking]);
        write("公交停车场").await.unwrap();
        assert_eq!(found(&db, asking("停车")).await, [lift, parking, bus]);

        // What is not public is not found, whatever the index says.
        ctx.db
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "UPDATE topic SET is_public = FALSE WHERE topic_id = $1";
                    Ok(tx.execute(sql, vec![lift.into()]).await?)
                })
            })
            .await
            .unwrap();
        assert_eq!(found(&db, asking("停车")).await, [parking, bus]);
        assert_eq!(similar_ids(&db, "电梯加装").await, []);
    })
    .await;
}

async fn similar_ids(db: &Database, title: &str) -> Vec<CaseId> {
    let similar: Vec<Similar> = store::similar(db, title, 5).await.unwrap();
    similar.into_iter().map(|s| s.topic_id).collect()
}

#[tokio::test]
async fn similar_titles_are_shown_the_most_alike_first() {
    each_engine(|db| async move {
        let ctx = operator(&db, noon());
        crate::town::install(&ctx).await.unwrap();
        let old = publish(&ctx, 0, "shengze", "accepted", "镇东五区改造中多留绿化还是多划车位", "停车难").await;
        let near = publish(&ctx, 1, "shengze", "accepted", "镇东五区停车位怎么划", "绿化").await;
        publish(&ctx, 2, "qidu", "accepted", "沿湖住宅小区排水口整治", "镇东五区").await;
        assert_eq!(similar_ids(&db, "镇东五区停车位太少怎么办").await, [near, old]);
        assert_eq!(similar_ids(&db, "运河步道照明").await, []);
        assert_eq!(similar_ids(&db, "\"*'):(").await, []);
        assert_eq!(similar_ids(&db, "").await, []);
        let first = &store::similar(&db, "镇东五区停车位", 1).await.unwrap()[0];
        assert_eq!((first.topic_id, first.support_count, first.stage.as_str()), (near, 3, "accepted"));
    })
    .await;
}

#[tokio::test]
async fn whatever_is_typed_is_no_error() {
    each_engine(|db| async move {
        let ctx = operator(&db, noon());
        crate::town::install(&ctx).await.unwrap();
        publish(&ctx, 0, "qidu", "accepted", "沿湖排水口整治", &"字".repeat(40_000)).await;
        let long_word = "w".repeat(10_000);
        let long_text = "长文 a ".repeat(3000);
        for text in [
            "\"",
            "*",
            "-",
            "AND",
            "OR NOT",
            "NEAR(a b)",
            "title:x",
            "a* \"b",
            "'",
            "''",
            "\\",
            "%_",
            "\u{0}",
            "\u{1b}[0m",
            "(",
            ")",
            "&",
            "|",
            "!",
            "<->",
            ":*",
            "'a':*",
            "😀",
            "👩‍👩‍👧",
            "İ ß ǅ",
            "ⅷ ½ ²",
            "ا ل ع",
            "नमस्ते",
            "\u{202e}x",
            "é e\u{301}",
            &long_word,
            &long_text,
        ] {
            found(&db, asking(text)).await;
            similar_ids(&db, text).await;
            let (title, body) = (text.to_owned(), text.to_owned());
            let id = publish(&ctx, 1, "qidu", "accepted", &title.replace('\u{0}', ""), "").await;
            ctx.db.write(move |tx| Box::pin(async move { store::index(tx, id, &title, &body).await })).await.unwrap();
            if super::tokens::is_searchable(text) {
                assert!(found(&db, asking(text)).await.contains(&id), "{text} on {:?}", db.engine());
            }
        }
    })
    .await;
}

/// Every Han character of the blocks that are in use is one word for the engine's tokenizer, alone and in a pair.
#[tokio::test]
async fn every_character_can_be_found() {
    each_engine(|db| async move {
        let ctx = operator(&db, noon());
        crate::town::install(&ctx).await.unwrap();
        let blocks = [
            '\u{3400}'..='\u{4DBF}',
            '\u{4E00}'..='\u{9FFF}',
            '\u{F900}'..='\u{FAD9}',
            '\u{20000}'..='\u{2A6DF}',
            '\u{2A700}'..='\u{2EBE0}',
            '\u{30000}'..='\u{323AF}',
            '\u{3041}'..='\u{30FF}',
        ];
        // One character of each fifty, of each block and its ends.
        let chars: Vec<char> = blocks
            .into_iter()
            .flat_map(|block| {
                let (start, end) = (*block.start(), *block.end());
                [start, end].into_iter().chain(block.step_by(501))
            })
            .filter(|c| super::tokens::is_cjk(*c))
            .collect();
        let body: String = chars.iter().collect();
        let id = publish(&ctx, 0, "qidu", "accepted", "罕见字", &body).await;
        for pair in chars.windows(2) {
            let text: String = pair.iter().collect();
            assert_eq!(found(&db, asking(&text)).await, [id], "{text} {:?} on {:?}", pair, db.engine());
            assert_eq!(found(&db, asking(&pair[0].to_string())).await, [id], "{} on {:?}", pair[0], db.engine());
        }
    })
    .await;
}
