//! Whether the sums of the board are those of a count from nothing.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::tally::{parts, refresh};
use super::tally_store;
use crate::context::Ctx;
use crate::ids::CaseId;
use crate::storage::Database;

/// By code, day and town.
type Sums = BTreeMap<(String, NaiveDate, String), i64>;

/// Counts every case anew, beside what is stored: they have to be the same.
pub(crate) async fn check(ctx: &Ctx) {
    while refresh(ctx, usize::MAX).await.unwrap() > 0 {}
    let all: Vec<(CaseId,)> = ctx.db.rows("SELECT topic_id FROM topic", Vec::new()).await.unwrap();
    let mut anew = Sums::new();
    for (case,) in all {
        let rows = ctx.db.write(move |tx| Box::pin(async move { Ok(tally_store::case_rows(tx, case).await?) })).await;
        let rows = rows.unwrap().unwrap();
        for ((what, day), n) in parts(&rows) {
            *anew.entry((what, day, rows.topic.town_id.clone())).or_default() += n;
        }
    }
    assert_eq!(stored(&ctx.db).await, anew);
}

async fn stored(db: &Database) -> Sums {
    let sql = "SELECT what, day, town_id, n FROM board_count WHERE n <> 0";
    let rows: Vec<(String, NaiveDate, String, i64)> = db.rows(sql, Vec::new()).await.unwrap();
    rows.into_iter().map(|(what, day, town, n)| ((what, day, town), n)).collect()
}
