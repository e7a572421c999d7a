//! What is written from the record of a meeting: the first text of each section, and head and lists of the paper.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};

use super::model::{Named, OutcomeItem, Outcomes, Section, blocks, mark};
use super::paper::{MinutesPaper, PaperBlock, PaperGroup, PaperSection};
use super::store;
use crate::case::Case;
use crate::case::store::versions;
use crate::error::Refusal;
use crate::ids::{AccountId, MeetingId};
use crate::invitation::model::InviteeState;
use crate::meeting::floor::model::{SpeechKind, SpeechState};
use crate::meeting::poll::model::{Shown, shown, votes};
use crate::meeting::steps::Presence;
use crate::meeting::{Handover, Poll, Sitting, Speech, handovers, pauses, polls, speeches};
use crate::research;
use crate::research::model::Heard;
use crate::rules::{Category, RuleSet, clock_time, local_date, plain_date};
use crate::storage::Database;
use crate::topic::model::Edition;
use crate::town::Town;

/// The text of each section.
pub type Texts = BTreeMap<Section, String>;

/// The record of a meeting, as far as minutes are made from it.
#[derive(Clone, Debug)]
pub struct Record {
    title: String,
    demo: bool,
    town: Town,
    edition: Edition,
    heard: Heard,
    /// Chair, recorder, who was asked and who came.
    pub presence: Presence,
    /// Everybody who asked to speak.
    pub speeches: Vec<Speech>,
    /// What was handed over on the spot.
    pub handovers: Vec<Handover>,
    polls: Vec<Poll>,
    secret_min: u32,
    /// Minutes for which it rested.
    rested: i64,
    people: Vec<Named>,
}

impl Record {
    /// The record of the meeting that was opened last; `None` before one was.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(db: &Database, case: &Case, town: &Town, rules: &RuleSet) -> Result<Option<Self>, Refusal> {
        let Some(presence) = Presence::load(db, case.id).await? else { return Ok(None) };
        let Some(sitting) = presence.sitting.as_ref().filter(|s| s.opened_at.is_some()).map(|s| s.sitting_id) else {
            return Ok(None);
        };
        let edition = versions::<Edition>(db, case.id).await?.into_iter().next().map(|v| v.record);
        let people = people(db, presence.day.meeting_id, town).await?;
        Ok(Some(Self {
            title: case.inner_title().to_owned(),
            demo: case.demo,
            town: town.clone(),
            edition: edition.unwrap_or_default(),
            heard: research::heard(db, case.id).await?,
            speeches: speeches(db, sitting).await?,
            handovers: handovers(db, sitting).await?,
            polls: polls(db, sitting).await?,
            rested: pauses(db, sitting)
                .await?
                .into_iter()
                .filter_map(|(from, until)| until.map(|until| (until - from).num_minutes()))
                .sum(),
            secret_min: rules.meeting.secret_min,
            presence,
            people,
        }))
    }

    /// Everybody whose name may stand in the minutes.
    #[must_use]
    pub fn people(&self) -> &[Named] {
        &self.people
    }

    /// The speeches that were held, in the order in which they were.
    fn held(&self) -> Vec<&Speech> {
        let mut held: Vec<&Speech> = self.speeches.iter().filter(|s| s.state.0 == SpeechState::Spoken).collect();
        held.sort_by_key(|speech| speech.started_at);
        held
    }

    /// How many speeches were held, and of how many no point was noted.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let held = self.held();
        (held.len(), held.iter().filter(|speech| speech.words.is_none()).count())
    }

    /// The sections, as far as the record goes.
    #[must_use]
    pub fn texts(&self) -> Texts {
        [
            (Section::Background, self.background()),
            (Section::Opinions, self.opinions()),
            (Section::Consensus, String::new()),
            (Section::Dissent, String::new()),
            (Section::Outcomes, self.outcomes().text()),
        ]
        .into()
    }

    fn background(&self) -> String {
        let parts = [self.edition.matter.trim(), self.edition.reason.trim()];
        let mut lines: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).map(str::to_owned).collect();
        if self.heard.visits > 0 {
            lines.push(format!("会前调研：{}", self.heard.words()));
        }
        lines.join("\n")
    }

    /// Each speech in order, with the answers to it below, then the polls.
    fn opinions(&self) -> String {
        let held = self.held();
        let is_answer = |speech: &Speech| speech.kind.0 == SpeechKind::Response && speech.answers.is_some();
        let mut lines = Vec::new();
        for speech in held.iter().filter(|speech| !is_answer(speech)) {
            lines.push(said(speech));
            let answers = held.iter().filter(|one| is_answer(one) && one.answers == Some(speech.speech_id));
            lines.extend(answers.map(|one| said(one)));
        }
        lines.extend(self.voted());
        lines.join("\n")
    }

    /// The polls that were closed, a line each.
    pub fn voted(&self) -> impl Iterator<Item = String> {
        self.polls.iter().filter(|poll| poll.closed_at.is_some()).map(|poll| self.poll(poll))
    }

    fn poll(&self, poll: &Poll) -> String {
        let how = if poll.secret { "无记名" } else { "记名" };
        let cast = format!("有权表决 {} 位，投了 {} 票", poll.entitled, poll.voted);
        let result = match shown(true, poll.secret, &poll.votes, self.secret_min) {
            Shown::Result(votes) => {
                let options = poll.asked.options.iter().zip(votes);
                options.map(|(option, n)| format!("{option} {n} 票")).collect::<Vec<_>>().join("，")
            }
            _ => "投的人少，不显示结果".to_owned(),
        };
        format!("- 现场表决（{how}）「{}」：{cast}；{result}。", poll.asked.question)
    }

    fn outcomes(&self) -> Outcomes {
        let items = self.handovers.iter().map(|one| {
            let asked = one.speech_id.and_then(|id| self.speeches.iter().find(|speech| speech.speech_id == id));
            OutcomeItem {
                words: format!(
                    "{}（现场交办，{}前办结）",
                    one.matter.trim().trim_end_matches('。'),
                    plain_date(one.due_on)
                ),
                from: asked.map(|speech| speech.category.0),
                degree: None,
                unit: Some(one.unit_id),
                unit_name: one.unit.clone(),
            }
        });
        Outcomes { no_consensus: false, items: items.collect() }
    }

    /// The paper with these texts, which hold marks in place of names.
    #[must_use]
    pub fn paper(&self, texts: &Texts) -> MinutesPaper {
        let (day, town) = (&self.presence.day, &self.town.short_name);
        let mark_of = |account: Option<AccountId>| account.map(|id| mark(id.0)).unwrap_or_default();
        let sitting = self.presence.sitting.as_ref();
        let from = sitting.and_then(|s| s.opened_at).unwrap_or(day.starts_at);
        let room = day.room.clone().unwrap_or_else(|| "线上".to_owned());
        let ended = sitting.and_then(|s| s.closed_at).map(clock_time).unwrap_or_default();
        let rested = if self.rested > 0 { format!("（其间休会 {} 分钟）", self.rested) } else { String::new() };
        let attendance = sitting.and_then(Sitting::recorded).unwrap_or_default();
        let opening = vec![
            format!(
                "{}{} 至 {ended}{rested}，{town}在{room}召开“有事好商量”协商会，商量“{}”。{}主持会议，到会 {} 人（开会时到会率 {}）。",
                dated(from),
                clock_time(from),
                self.title,
                mark_of(day.chair_id),
                self.presence.people.iter().filter(|one| one.check_in_id.is_some()).count(),
                attendance.shown()
            ),
            "现将商量的情况纪要如下：".to_owned(),
        ];
        MinutesPaper {
            mark: format!("{town}协商纪要"),
            issuer: format!("{town}政协工委"),
            title: format!("关于“{}”的协商纪要", self.title),
            opening,
            sections: sections(texts),
            present: self.group(|one| one.check_in_id.is_some() && votes(one.category.0)),
            excused: self.group(|one| one.check_in_id.is_none() && one.state.0 == InviteeState::Declined),
            sitting_in: self.group(|one| one.check_in_id.is_some() && !votes(one.category.0)),
            officials: vec![("主持".to_owned(), mark_of(day.chair_id)), ("记录".to_owned(), mark_of(day.recorder_id))],
            sent_to: format!("{town}党（工）委、政府（办事处），到会各位"),
            remark: if self.demo { "演示数据".to_owned() } else { String::new() },
            ..MinutesPaper::default()
        }
    }

    fn group(&self, fits: impl Fn(&crate::meeting::Person) -> bool) -> Vec<PaperGroup> {
        let of = |category: Category| {
            let names: Vec<String> = self
                .presence
                .people
                .iter()
                .filter(|one| one.category.0 == category && fits(one))
                .map(|one| mark(one.invitee_id.0))
                .collect();
            (!names.is_empty()).then(|| PaperGroup { kind: category.word().to_owned(), names })
        };
        Category::ALL.iter().copied().filter_map(of).collect()
    }
}

/// Everybody whose name may stand in the minutes of a meeting. Chair and recorder stand in public with their office.
pub(crate) async fn people(db: &Database, meeting: MeetingId, town: &Town) -> Result<Vec<Named>, Refusal> {
    let (mut people, officials) = store::named(db, meeting).await?;
    for (account, name) in officials {
        let public = crate::account::admin::office(db, account, &town.town_id).await?;
        people.push(Named { id: account.0, name, public: format!("{}{public}", town.short_name) });
    }
    Ok(people)
}

/// 「- 部门 濮阳静（盛泽水务站）：…」. Where residents live is nobody's business.
fn said(speech: &Speech) -> String {
    let for_a_unit = matches!(speech.category.0, Category::Department | Category::Enterprise | Category::Village);
    let is_shown = !speech.organisation.is_empty() && for_a_unit;
    let from = if is_shown { format!("（{}）", speech.organisation) } else { String::new() };
    let answers = if speech.kind.0 == SpeechKind::Response { "回应" } else { "" };
    let words = speech.words.as_deref().unwrap_or("（没有记要点）").replace('\n', " ");
    format!("- {} {}{from}{answers}：{words}", speech.category.0.word(), speech.name)
}

/// The sections of the paper. What has no text is left out, but the outcomes of a meeting without consensus say so.
pub(super) fn sections(texts: &Texts) -> Vec<PaperSection> {
    let of = |section: Section| {
        let text = texts.get(&section).map_or("", String::as_str);
        let blocks = match section {
            Section::Outcomes => {
                let list = Outcomes::read(text);
                let none = list
                    .no_consensus
                    .then(|| PaperBlock::Words("本次协商未达成共识，回到调研，再商量一次。".to_owned()));
                none.into_iter().chain(list.items.iter().map(|item| PaperBlock::Point(item.line()))).collect()
            }
            _ => blocks(text),
        };
        (!blocks.is_empty()).then(|| PaperSection { heading: section.word().to_owned(), blocks })
    };
    Section::ALL.iter().copied().filter_map(of).collect()
}

/// 「2026年11月25日」.
pub(super) fn dated(at: DateTime<Utc>) -> String {
    let day = local_date(at);
    format!("{}年{}", day.year(), plain_date(day))
}
