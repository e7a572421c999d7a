//! Writing to a town, and answering: who may, and the record of it.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::store;
use crate::access::{Role, Signed};
use crate::case::Work;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::MemoId;
use crate::ledger::{self, Stream, private_hash};
use crate::town;

/// Under which name what was written stands in the ledger.
pub(crate) fn written(memo: MemoId) -> String {
    format!("memo:{memo}")
}

/// Under which name the answer stands in the ledger.
pub(crate) fn answered(memo: MemoId) -> String {
    format!("memo_answer:{memo}")
}

/// Whether a person answers for a town.
pub(super) fn answers_for(me: &Signed, town: &str) -> bool {
    me.is(Role::Officer, town) || me.is(Role::Director, town)
}

/// Writes to a town. The answer is due on the day that is named, or after `after.supervision_reply_workdays` of the
/// town's rules. The same sending twice is one.
///
/// # Errors
/// [`Refusal::Forbidden`] for all but the district's office; [`Refusal::Invalid`] with the fields of the form.
pub async fn send(ctx: &Ctx, town: &str, words: &str, due_on: Option<NaiveDate>) -> Result<MemoId, Refusal> {
    let me = ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
    if !me.sees_district() {
        return Err(Refusal::Forbidden { who: Role::DistrictOffice.word().to_owned() });
    }
    let Some(town) = town::store::town(&ctx.db, town).await? else {
        return Err(Refusal::field("town", "请选写给哪个镇。"));
    };
    let rules = town::rules::in_force(&ctx.db, &ctx.shared, &town.town_id, ctx.now()).await?.1;
    let words = Work::words("words", "要说的话", words, rules.topic.body_max)?;
    let today = ctx.today();
    let days = rules.after.supervision_reply_workdays;
    let due_on = due_on.unwrap_or_else(|| ctx.shared.calendar().add_workdays(today, days));
    let last = today + Days::new(u64::from(rules.after.reply_max_days));
    if due_on <= today || due_on > last {
        let limit = rules.shown("after.reply_max_days").unwrap_or_default();
        return Err(Refusal::field("due_on", format!("回复的日期要在今天以后、{limit}以内（该镇设定）。")));
    }
    let memo = MemoId(ctx.request.map_or_else(|| ctx.new_id(), |request| request.0));
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let by = (inner.now(), inner.actor.account());
                let salt = inner.random.token();
                if !store::insert(tx, (memo, &town.town_id), by, (&words, &salt, due_on)).await? {
                    let known = store::one(tx, memo).await?;
                    let same = known.is_some_and(|known| known.words == words && known.town_id == town.town_id);
                    return if same { Ok(memo) } else { Err(Refusal::Replayed) };
                }
                let private = BTreeMap::from([(written(memo), private_hash(&salt, &words))]);
                let data = json!({ "memo": memo, "due_on": due_on });
                let stream = Stream::Town(town.town_id);
                ledger::record_private(tx, &inner, &stream, "district_memo", (data, private)).await?;
                Ok(memo)
            })
        })
        .await
}

/// Answers for a town, once.
///
/// # Errors
/// [`Refusal::NotFound`] for a town that is not one's own; [`Refusal::Forbidden`] for whoever does not answer for it;
/// a conflict when it was answered.
pub async fn answer(ctx: &Ctx, memo: MemoId, words: &str) -> Result<(), Refusal> {
    let me = ctx.actor.signed().ok_or(Refusal::NotSignedIn)?.clone();
    let (inner, words) = (ctx.clone(), words.to_owned());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let found = store::one(tx, memo).await?.ok_or(Refusal::NotFound)?;
                if !answers_for(&me, &found.town_id) {
                    let sees = me.seen_towns().has(&found.town_id);
                    let who = format!("{}、{}", Role::Officer.word(), Role::Director.word());
                    return Err(if sees { Refusal::Forbidden { who } } else { Refusal::NotFound });
                }
                let rules = town::rules::in_force(&inner.db, &inner.shared, &found.town_id, inner.now()).await?.1;
                let words = Work::words("answer", "回复", &words, rules.topic.body_max)?;
                let salt = inner.random.token();
                let by = (inner.now(), inner.actor.account());
                if !store::set_answer(tx, memo, by, (&words, &salt)).await? {
                    return Err(Refusal::moved_on("这件事已经回复过了，请刷新页面看最新情况。"));
                }
                let private = BTreeMap::from([(answered(memo), private_hash(&salt, &words))]);
                let (data, stream) = (json!({ "memo": memo }), Stream::Town(found.town_id));
                ledger::record_private(tx, &inner, &stream, "memo_answered", (data, private)).await
            })
        })
        .await
}
