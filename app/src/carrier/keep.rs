//! Who looks at rooms, keeps studios and takes down what was said there, and the record of it.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::model::{
    CheckForm, OpinionForm, ReceptionForm, Settle, Six, StudioForm, VILLAGES_MAX, VISITORS_MAX, Whereto, missing,
};
use super::store::{self, Belongs, End, NewOpinion, Reception, Studio};
use crate::access::{Actor, Role, Signed};
use crate::board::model::FIRST_YEAR;
use crate::case::Work;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{CheckId, FileId, OpinionId, ReceptionId, RoomId, StudioId};
use crate::ledger::{self, Stream, private_hash};
use crate::rules::RuleSet;
use crate::storage::{Change, StorageError, Tx};
use crate::topic::store::FileGrant;
use crate::town::{self, Room};

/// Under which name a private text stands in the ledger: words about a room (`check`), what somebody said (`opinion`),
/// the answer to it (`answer`).
pub(crate) fn private_name(kind: &str, id: uuid::Uuid) -> String {
    format!("carrier_{kind}:{id}")
}

fn signed(ctx: &Ctx) -> Result<&Signed, Refusal> {
    ctx.actor.signed().ok_or(Refusal::NotSignedIn)
}

/// Whether somebody works on the cases of a town.
pub(super) fn sees(me: &Signed, town: &str) -> bool {
    me.seen_towns().has(town)
}

/// Refuses all but the officers of a town. Of a town that one does not even see, nothing exists.
fn keeps(ctx: &Ctx, town: &str) -> Result<(), Refusal> {
    if matches!(ctx.actor, Actor::Operator) {
        return Ok(());
    }
    let me = signed(ctx)?;
    if me.is(Role::Officer, town) {
        Ok(())
    } else if sees(me, town) {
        Err(Refusal::Forbidden { who: Role::Officer.word().to_owned() })
    } else {
        Err(Refusal::NotFound)
    }
}

/// Enters what was done in the town's stream, with the salted hashes of what was written; public pages show it at once.
async fn enter(
    tx: &mut Tx,
    ctx: &Ctx,
    (town, what): (&str, &'static str),
    (data, private): (serde_json::Value, BTreeMap<String, String>),
) -> Result<(), Refusal> {
    ledger::record_private(tx, ctx, &Stream::Town(town.to_owned()), what, (data, private)).await?;
    tx.tell(Change::All);
    Ok(())
}

async fn rules_of(ctx: &Ctx, town: &str) -> Result<std::sync::Arc<RuleSet>, Refusal> {
    Ok(town::rules::in_force(&ctx.db, &ctx.shared, town, ctx.now()).await?.1)
}

/// A day on which something was done: not in the future, and not before anything is counted.
fn past_day(ctx: &Ctx, field: &str, day: Option<NaiveDate>) -> Result<NaiveDate, Refusal> {
    let Some(day) = day else { return Err(Refusal::field(field, "请写日期。")) };
    if day > ctx.today() {
        return Err(Refusal::field(field, "日期在今天以后，请写实际的那一天。"));
    }
    if day.year() < FIRST_YEAR {
        return Err(Refusal::field(field, format!("日期太早了，请写 {FIRST_YEAR} 年以后的。")));
    }
    Ok(day)
}

// ---- rooms ----------------------------------------------------------------------------------------------------------

/// A room that the actor may see inside.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for one of another town.
pub(super) async fn room(ctx: &Ctx, id: RoomId) -> Result<Room, Refusal> {
    let me = signed(ctx)?;
    let found = town::store::room(&ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    if sees(me, &found.town_id) { Ok(found) } else { Err(Refusal::NotFound) }
}

/// Says how many villages and communities a town has.
///
/// # Errors
/// [`Refusal::Forbidden`] for all but the town's officers; [`Refusal::Invalid`].
pub async fn set_villages(ctx: &Ctx, town: &str, villages: i64) -> Result<(), Refusal> {
    keeps(ctx, town)?;
    if !(1..=VILLAGES_MAX).contains(&villages) {
        return Err(Refusal::field("villages", format!("村和社区的个数写 1 到 {VILLAGES_MAX} 之间的数字。")));
    }
    let (inner, town) = (ctx.clone(), town.to_owned());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let data = json!({ "villages": villages });
                enter(tx, &inner, (&town, "villages_counted"), (data, BTreeMap::new())).await?;
                store::set_villages(tx, &town, villages).await?;
                Ok(())
            })
        })
        .await
}

/// Puts a look at a room on record. The same sending twice is one.
///
/// # Errors
/// [`Refusal::Forbidden`] for all but the town's officers; [`Refusal::Invalid`] with the fields of the form.
pub async fn check_room(ctx: &Ctx, id: RoomId, form: CheckForm) -> Result<CheckId, Refusal> {
    let room = match ctx.actor {
        Actor::Operator => town::store::room(&ctx.db, id).await?.ok_or(Refusal::NotFound)?,
        _ => room(ctx, id).await?,
    };
    keeps(ctx, &room.town_id)?;
    let rules = rules_of(ctx, &room.town_id).await?;
    let checked_on = past_day(ctx, "checked_on", form.checked_on)?;
    let lacks = missing(&form.met);
    let words = if lacks.is_empty() && form.words.trim().is_empty() {
        String::new()
    } else {
        let what = if lacks.is_empty() { "情况" } else { "缺的怎么补、什么时候补上" };
        Work::words("words", what, &form.words, rules.topic.body_max)?
    };
    let (met, photos) = (distinct(form.met), distinct(form.photos));
    let form = CheckForm { words, met, photos, ..form };
    let check = CheckId(ctx.request.map_or_else(|| ctx.new_id(), |request| request.0));
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let salt = inner.random.token();
                let by = (inner.now(), inner.actor.account());
                if !store::insert_check(tx, (check, id), by, (&form, checked_on, &salt)).await? {
                    return same(store::is_check(tx, (check, id), (&form, checked_on)).await?, check);
                }
                let private = BTreeMap::from([(private_name("check", check.0), private_hash(&salt, &form.words))]);
                let met: Vec<&str> = form.met.iter().map(|six: &Six| six.code()).collect();
                let data = json!({ "room": id, "check": check, "checked_on": checked_on, "met": met });
                enter(tx, &inner, (&room.town_id, "room_checked"), (data, private)).await?;
                Ok(check)
            })
        })
        .await
}

/// Each once, in their order.
fn distinct<T: Ord + Copy>(list: Vec<T>) -> Vec<T> {
    let mut list = list;
    list.sort_unstable();
    list.dedup();
    list
}

/// A sending that was carried out before: the same again is answered the same, anything else is refused.
fn same<T>(is_same: bool, id: T) -> Result<T, Refusal> {
    if is_same { Ok(id) } else { Err(Refusal::Replayed) }
}

/// A photograph of a look at a room, for those who work on the cases of its town.
///
/// # Errors
/// When the database cannot be read.
pub async fn photo_for(ctx: &Ctx, file: FileId) -> Result<Option<FileGrant>, StorageError> {
    let Some(me) = ctx.actor.signed() else { return Ok(None) };
    Ok(store::photo(&ctx.db, file)
        .await?
        .filter(|photo| sees(me, &photo.3))
        .map(|(sha256, name, media_type, _)| FileGrant { sha256, name, media_type, public: false }))
}

// ---- studios --------------------------------------------------------------------------------------------------------

/// A studio with its people, as somebody may see it who works on the cases of its town or belongs to it.
pub(super) struct Inside {
    pub studio: Studio,
    pub members: Vec<Belongs>,
    /// Whether the actor keeps the studio: an officer of the town.
    pub keeps: bool,
    /// Whether the actor takes down what happens in it: an officer, or one of its members.
    pub records: bool,
}

/// A studio that the actor may see inside, with its receptions of a month.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for one of another town that one does not belong to.
pub(super) async fn inside(ctx: &Ctx, id: StudioId, month: (NaiveDate, NaiveDate)) -> Result<Inside, Refusal> {
    let studio = store::studio(&ctx.db, id, month).await?.ok_or(Refusal::NotFound)?;
    let members = store::members(&ctx.db, id, ctx.actor.account()).await?;
    if matches!(ctx.actor, Actor::Operator) {
        return Ok(Inside { studio, members, keeps: true, records: true });
    }
    let me = signed(ctx)?;
    let belongs = members.iter().any(|member| member.own && member.in_office);
    let keeps = me.is(Role::Officer, &studio.town_id);
    if !belongs && !sees(me, &studio.town_id) {
        return Err(Refusal::NotFound);
    }
    Ok(Inside { studio, members, keeps, records: keeps || belongs })
}

/// Refuses whoever does not take down what happens in a studio.
async fn records(ctx: &Ctx, id: StudioId) -> Result<Inside, Refusal> {
    let today = ctx.today();
    let inside = inside(ctx, id, (today, today)).await?;
    if !inside.records {
        return Err(Refusal::Forbidden { who: format!("{}、工作室的委员", Role::Officer.word()) });
    }
    if inside.studio.closed_at.is_some() {
        return Err(Refusal::moved_on("这个工作室已经停了。要接着用，请先恢复。"));
    }
    Ok(inside)
}

/// What a studio's form was made on, as a keyed hash: it tells whether somebody changed the studio meanwhile.
#[must_use]
pub(super) fn seen_studio(ctx: &Ctx, studio: &Studio, members: &[Belongs]) -> String {
    let named = if studio.is_named { "named" } else { "" };
    let people: Vec<String> = members.iter().map(|member| member.member_id.to_string()).collect();
    ctx.secret
        .keyed("studio", &[&studio.name, &studio.specialty, named, &studio.days, &studio.place, &people.join(",")])
}

/// Sets a studio up, or corrects it: then `known` is which one, and on what its form was made.
///
/// # Errors
/// [`Refusal::Forbidden`] for all but the town's officers; [`Refusal::Invalid`] with the fields of the form; a conflict
/// when somebody else changed it since.
pub async fn save_studio(
    ctx: &Ctx,
    town: &str,
    known: Option<(StudioId, &str)>,
    form: StudioForm,
) -> Result<StudioId, Refusal> {
    let today = ctx.today();
    let (town, before) = match known {
        Some((id, _)) => {
            let now = inside(ctx, id, (today, today)).await?;
            (now.studio.town_id, now.members)
        }
        None => (town.to_owned(), Vec::new()),
    };
    keeps(ctx, &town)?;
    let form = form.tidy();
    Refusal::when_wrong(form.wrong())?;
    let form = StudioForm { members: distinct(form.members), ..form };
    let ours = store::in_office(&ctx.db, &town).await?;
    let may = |member| ours.iter().any(|one| one.0 == member) || before.iter().any(|one| one.member_id == member);
    if !form.members.iter().all(|member| may(*member)) {
        return Err(Refusal::field("members", "工作室的委员要从本镇名册上选。"));
    }
    let id = known.map_or_else(|| StudioId(ctx.request.map_or_else(|| ctx.new_id(), |r| r.0)), |(id, _)| id);
    let (inner, seen) = (ctx.clone(), known.map(|(_, seen)| seen.to_owned()));
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                // The stream's head is locked first: two of one name do not both find nobody.
                let data = json!({ "studio": id, "members": form.members });
                let what = if seen.is_some() { "studio_corrected" } else { "studio_opened" };
                let now = store::studio_in(tx, id).await?;
                let own = store::members_in(tx, id).await?;
                match (seen, now) {
                    (Some(seen), Some(now)) if seen_studio(&inner, &now, &own) == seen => {}
                    (Some(_), _) => {
                        return Err(Refusal::moved_on(
                            "您打开以后，别人刚改过这个工作室。请刷新页面，看过现在的内容再改。",
                        ));
                    }
                    (None, Some(now)) => {
                        let members: Vec<_> = own.iter().map(|member| member.member_id).collect();
                        return same(now.is(&town, &form) && members == form.members, id);
                    }
                    (None, None) => {}
                }
                enter(tx, &inner, (&town, what), (data, BTreeMap::new())).await?;
                if !store::put_studio(tx, (id, &town), &form).await? {
                    return Err(Refusal::field("name", "本镇已经有同名的工作室，请换个名称。"));
                }
                Ok(id)
            })
        })
        .await
}

/// Closes a studio, or opens it again. What it heard stays, and what is open is still to be answered.
///
/// # Errors
/// As [`save_studio`].
pub async fn set_open(ctx: &Ctx, id: StudioId, open: bool) -> Result<(), Refusal> {
    let today = ctx.today();
    let town = inside(ctx, id, (today, today)).await?.studio.town_id;
    keeps(ctx, &town)?;
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                if !store::set_closed(tx, id, (!open).then(|| inner.now())).await? {
                    return Err(Refusal::moved_on("别人刚做过同一件事，请刷新页面看最新情况。"));
                }
                let data = json!({ "studio": id, "open": open });
                enter(tx, &inner, (&town, "studio_opened_closed"), (data, BTreeMap::new())).await
            })
        })
        .await
}

/// Puts a reception on record. The same sending twice is one.
///
/// # Errors
/// [`Refusal::Forbidden`] for all but the town's officers and the studio's members; [`Refusal::Invalid`].
pub async fn receive(ctx: &Ctx, id: StudioId, form: ReceptionForm) -> Result<ReceptionId, Refusal> {
    let inside = records(ctx, id).await?;
    let held_on = past_day(ctx, "held_on", form.held_on)?;
    let Some(visitors) = form.visitors.filter(|n| (0..=VISITORS_MAX).contains(n)) else {
        return Err(Refusal::field(
            "visitors",
            format!("来了几个人，写 0 到 {VISITORS_MAX} 之间的数字；没有人来写 0。"),
        ));
    };
    let belongs = |member| inside.members.iter().any(|one| one.member_id == member);
    if form.members.is_empty() || !form.members.iter().all(|member| belongs(*member)) {
        return Err(Refusal::field("members", "请选当天在的委员，至少一位。"));
    }
    let members = distinct(form.members);
    let reception = ReceptionId(ctx.request.map_or_else(|| ctx.new_id(), |request| request.0));
    let of = Reception { reception_id: reception, studio_id: id, held_on, visitors };
    let (inner, town) = (ctx.clone(), inside.studio.town_id);
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let by = (inner.now(), inner.actor.account());
                if !store::insert_reception(tx, &of, &members, by).await? {
                    let known = store::reception(tx, reception).await?;
                    let there = store::there_in(tx, reception).await?;
                    return same(known.is_some_and(|known| known == of) && there == members, reception);
                }
                let data = json!({ "studio": id, "reception": reception, "held_on": held_on, "visitors": visitors });
                enter(tx, &inner, (&town, "studio_received"), (data, BTreeMap::new())).await?;
                Ok(reception)
            })
        })
        .await
}

/// Takes down what somebody said at a reception, and where it goes. The same sending twice is one.
///
/// # Errors
/// As [`receive`]; [`Refusal::NotFound`] for a reception of another studio.
pub async fn hear(ctx: &Ctx, id: StudioId, reception: ReceptionId, form: OpinionForm) -> Result<OpinionId, Refusal> {
    let town = records(ctx, id).await?.studio.town_id;
    let rules = rules_of(ctx, &town).await?;
    let most = rules.topic.body_max;
    let words = Work::words("words", "说了什么", &form.words, most)?;
    let Some(whereto) = form.whereto else {
        return Err(Refusal::field("whereto", "请选怎么办：当场答复了、转有关单位，还是提为议题。"));
    };
    if let Some(sentence) = form.wrong_unit() {
        return Err(Refusal::field("unit", sentence));
    }
    let answer = match whereto {
        Whereto::Answered => Some(Work::words("answer", "怎么答复的", &form.answer, most)?),
        Whereto::Unit | Whereto::Topic => None,
    };
    let unit = if whereto == Whereto::Unit { form.unit.trim().to_owned() } else { String::new() };
    let today = ctx.today();
    let due = ctx.shared.calendar().add_workdays(today, rules.district.opinion_answer_workdays);
    let opinion = OpinionId(ctx.request.map_or_else(|| ctx.new_id(), |request| request.0));
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let known = store::reception(tx, reception).await?.ok_or(Refusal::NotFound)?;
                if known.studio_id != id {
                    return Err(Refusal::NotFound);
                }
                let (salt, answer_salt) = (inner.random.token(), inner.random.token());
                let done = answer.is_some();
                let new = NewOpinion {
                    id: opinion,
                    reception,
                    words: (&words, &salt),
                    whereto,
                    unit: &unit,
                    due_on: (!done).then_some(due),
                    answer: answer.as_deref().map(|answer| (answer, answer_salt.as_str())),
                    done_on: done.then_some(today),
                };
                if !store::insert_opinion(tx, new, (inner.now(), inner.actor.account())).await? {
                    let known = store::opinion(tx, opinion).await?.is_some_and(|one| {
                        one.words == words
                            && one.reception_id == reception
                            && one.whereto.0 == whereto
                            && one.unit == unit
                            && one.answer == answer.as_deref().unwrap_or_default()
                    });
                    return same(known, opinion);
                }
                let mut private = BTreeMap::from([(private_name("opinion", opinion.0), private_hash(&salt, &words))]);
                if let Some(answer) = &answer {
                    private.insert(private_name("answer", opinion.0), private_hash(&answer_salt, answer));
                }
                let data = json!({ "reception": reception, "opinion": opinion, "whereto": whereto.code() });
                enter(tx, &inner, (&town, "opinion_heard"), (data, private)).await?;
                Ok(opinion)
            })
        })
        .await
}

/// Ends an opinion: whoever said it was answered, or it is a topic now. A topic is named by an officer of the town.
///
/// # Errors
/// As [`receive`]; a conflict when it had ended before.
pub async fn settle(ctx: &Ctx, id: StudioId, opinion: OpinionId, how: Settle) -> Result<(), Refusal> {
    let today = ctx.today();
    let inside = inside(ctx, id, (today, today)).await?;
    if !inside.records {
        return Err(Refusal::Forbidden { who: format!("{}、工作室的委员", Role::Officer.word()) });
    }
    let town = inside.studio.town_id;
    let rules = rules_of(ctx, &town).await?;
    let how = match how {
        Settle::Answered(words) => Settle::Answered(Work::words("answer", "怎么答复的", &words, rules.topic.body_max)?),
        Settle::Raised(topic) if inside.keeps => Settle::Raised(topic),
        Settle::Raised(_) => return Err(Refusal::Forbidden { who: Role::Officer.word().to_owned() }),
    };
    let inner = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let known = store::opinion(tx, opinion).await?.ok_or(Refusal::NotFound)?;
                if known.studio_id != id {
                    return Err(Refusal::NotFound);
                }
                let salt = inner.random.token();
                let (whereto, topic, answer) = match &how {
                    Settle::Answered(words) => {
                        // Passed to a unit it stays: the answer is the unit's.
                        let kept = if known.whereto.0 == Whereto::Unit { Whereto::Unit } else { Whereto::Answered };
                        (kept, None, Some(words.as_str()))
                    }
                    Settle::Raised(topic) => {
                        if store::town_of(tx, *topic).await?.is_none_or(|of| of != town) {
                            return Err(Refusal::field("topic", "请从名单上选本镇的一件议题。"));
                        }
                        (Whereto::Topic, Some(*topic), None)
                    }
                };
                let end = End {
                    whereto,
                    topic,
                    answer: answer.map(|words| (words, salt.as_str())),
                    on: today,
                    by: inner.actor.account(),
                };
                if !store::end_opinion(tx, opinion, end).await? {
                    return Err(Refusal::moved_on("这一条已经有了结果，请刷新页面看最新情况。"));
                }
                let private: BTreeMap<String, String> = answer
                    .map(|words| (private_name("answer", opinion.0), private_hash(&salt, words)))
                    .into_iter()
                    .collect();
                let data = json!({ "opinion": opinion, "whereto": whereto.code(), "topic": topic });
                enter(tx, &inner, (&town, "opinion_settled"), (data, private)).await
            })
        })
        .await
}
