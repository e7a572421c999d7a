//! The shortest way to signed minutes, for stories.

use chrono::Duration;

use super::draft::Record;
use super::model::{OutcomeItem, Outcomes, Section, hide_in};
use super::steps::{CirculateMinutes, SaveSection, Saved, Seal, SignMinutes, StartMinutes};
use super::store::{self, Minutes, versions_of};
use crate::access::Actor;
use crate::error::Refusal;
use crate::ids::{CaseId, InviteeId, MinutesId, SpeechId};
use crate::meeting::floor::steps::{AskToSpeak, NoteSpeech, StartSpeech, StopSpeech};
use crate::meeting::steps::CloseMeeting;
use crate::meeting::testing::{by_link, of, opened};
use crate::rules::Category;
use crate::topic::testing::World;
use crate::town::{rules, store as towns};

/// What the chair gives.
pub(crate) const SEALED: Seal = Seal { read: true, named: true, confirmed: true };

/// A meeting that is over: somebody of the public spoke, and it was noted.
pub(crate) async fn held(world: &World) -> (CaseId, InviteeId) {
    let (case, sitting) = opened(world).await;
    let speaker = of(world, case, Category::Public).await[0];
    let speech = Some(SpeechId(world.ctx.new_id()));
    let speech =
        world.step(&by_link(case, speaker), AskToSpeak { case, sitting, invitee: speaker, speech }).await.unwrap();
    world.step(&world.officer, StartSpeech { case, sitting, speech }).await.unwrap();
    world.step(&world.officer, StopSpeech { case, sitting, speech }).await.unwrap();
    let words = "晚上车位不够，建议错时共享。".to_owned();
    world.step(&world.officer, NoteSpeech { case, sitting, speech, seen: 0, words }).await.unwrap();
    world.ctx.clock.set(world.ctx.now() + Duration::hours(2));
    world.step(&world.officer, CloseMeeting { case, sitting }).await.unwrap();
    (case, speaker)
}

pub(crate) async fn record(world: &World, case: CaseId) -> Record {
    let found = world.case(case).await;
    let town = towns::town(&world.ctx.db, &found.town_id).await.unwrap().unwrap();
    let rules = rules::of_case(&world.ctx, &found).await.unwrap();
    Record::load(&world.ctx.db, &found, &town, &rules).await.unwrap().unwrap()
}

pub(crate) async fn newest(world: &World, case: CaseId) -> Minutes {
    store::all(&world.ctx.db, case).await.unwrap().into_iter().next().unwrap()
}

/// A draft from the record.
pub(crate) async fn started(world: &World, case: CaseId) -> MinutesId {
    let record = record(world, case).await;
    let texts = record.texts().into_iter().map(|(part, text)| (part, hide_in(part, &text, record.people()))).collect();
    let (meeting, minutes) = (record.presence.day.meeting_id, Some(MinutesId(world.ctx.new_id())));
    world.step(&world.officer, StartMinutes { case, meeting, minutes, texts }).await.unwrap()
}

pub(crate) async fn save(
    world: &World,
    case: CaseId,
    section: Section,
    (seen, words): (i64, &str),
) -> Result<Saved, Refusal> {
    let minutes = newest(world, case).await.minutes_id;
    world.step(&world.officer, SaveSection { case, minutes, section, seen, words: words.to_owned() }).await
}

pub(crate) fn outcomes(no_consensus: bool) -> String {
    let item = OutcomeItem { words: "晚上七点后错时共享".to_owned(), ..OutcomeItem::default() };
    let items = if no_consensus { Vec::new() } else { vec![item] };
    Outcomes { no_consensus, items }.text()
}

/// A draft that has all that T8 asks for.
pub(crate) async fn written(world: &World, case: CaseId, no_consensus: bool) -> MinutesId {
    let minutes = started(world, case).await;
    if !no_consensus {
        save(world, case, Section::Consensus, (1, "先试三个月。")).await.unwrap();
    }
    save(world, case, Section::Dissent, (1, "无")).await.unwrap();
    save(world, case, Section::Outcomes, (1, &outcomes(no_consensus))).await.unwrap();
    minutes
}

pub(crate) async fn circulate(world: &World, case: CaseId, minutes: MinutesId) -> Result<(), Refusal> {
    let counts = record(world, case).await.counts();
    world.step(&world.officer, CirculateMinutes { case, minutes, counts }).await
}

pub(crate) async fn sign(world: &World, by: &Actor, case: CaseId, seal: Seal) -> Result<(), Refusal> {
    let (minutes, record) = (newest(world, case).await.minutes_id, record(world, case).await);
    let stored = store::sections(&world.ctx.db, minutes).await.unwrap();
    let step = SignMinutes {
        case,
        seen: world.case(case).await.stage_version,
        minutes,
        versions: versions_of(&stored),
        counts: record.counts(),
        seal,
        paper: record.paper(&store::texts(&stored)),
    };
    world.step(by, step).await
}

/// Signed minutes.
pub(crate) async fn signed(world: &World, no_consensus: bool) -> (CaseId, InviteeId) {
    let (case, speaker) = held(world).await;
    let minutes = written(world, case, no_consensus).await;
    circulate(world, case, minutes).await.unwrap();
    world.pass_days(7);
    sign(world, &world.director, case, SEALED).await.unwrap();
    (case, speaker)
}
