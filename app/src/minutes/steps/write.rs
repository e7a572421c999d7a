//! Writing: a draft from the record, and its sections in versions.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::edition;
use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free};
use crate::error::Refusal;
use crate::ids::{CaseId, MeetingId, MinutesId};
use crate::minutes::draft::Texts;
use crate::minutes::model::{EditionState, Outcomes, Section};
use crate::minutes::store::{self, NewMinutes, NewVersion};
use crate::rules::{count_chars, finds_id_number, finds_mobile, has_control};

/// Write a draft from the record of the meeting, once it is over.
#[derive(Clone, Debug, Serialize)]
pub struct StartMinutes {
    /// The case.
    pub case: CaseId,
    /// The meeting.
    pub meeting: MeetingId,
    /// The new edition; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub minutes: Option<MinutesId>,
    /// The sections, with marks in place of names.
    pub texts: Texts,
}

impl Step for StartMinutes {
    const KIND: StepKind = StepKind::StartMinutes;
    const JUDGEMENT: Judgement = free("what was recorded is written down; T8 judges what becomes of it");
    type Receipt = MinutesId;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<MinutesId>, Refusal> {
        if work.case.stage() != Stage::Convened {
            return Err(Refusal::moved_on("会还没有开，或者纪要已经签发。请刷新页面看最新情况。"));
        }
        if !crate::meeting::is_over(work.tx, self.meeting).await? {
            return Err(Refusal::moved_on("会还没有闭会。请先在会场页闭会，再写纪要。"));
        }
        if store::all_in(work.tx, self.case).await?.iter().any(|one| one.meeting_id == self.meeting) {
            return Err(Refusal::moved_on("这次会的纪要已经起草了，请刷新页面接着写。"));
        }
        let id = self.minutes.ok_or(Refusal::NotFound)?;
        let new =
            NewMinutes { id, case: self.case, meeting: self.meeting, edition: 1, reason: None, at: work.ctx.now() };
        store::insert(work.tx, new).await?;
        keep_all(work, id, &self.texts).await?;
        let data = json!({ "minutes": id, "meeting": self.meeting });
        Ok(Done::new(id, Entry::internal("照会议记录起草了纪要").with(data)))
    }
}

/// Keeps the first version of each section.
pub(super) async fn keep_all(work: &mut Work<'_>, minutes: MinutesId, texts: &Texts) -> Result<(), Refusal> {
    for section in Section::ALL.iter().copied() {
        let words = texts.get(&section).map_or("", String::as_str);
        keep(work, (minutes, section), (1, 0, true), words).await?;
    }
    Ok(())
}

/// Keeps a version: its number, the one it is based on, and whether it becomes the text.
async fn keep(
    work: &mut Work<'_>,
    (minutes, section): (MinutesId, Section),
    (version, based_on, stands): (i64, i64, bool),
    words: &str,
) -> Result<(), Refusal> {
    let salt = work.enter_private(&format!("minutes_section:{}:{}", work.seq, section.code()), words);
    let new = NewVersion {
        minutes,
        section,
        version,
        based_on,
        stands,
        words,
        author: work.ctx.actor.account(),
        at: work.ctx.now(),
        salt,
        ledger_seq: work.seq,
    };
    Ok(store::add_version(work.tx, new).await?)
}

/// Save a section. On an old version it is kept beside the one that stands.
#[derive(Clone, Debug, Serialize)]
pub struct SaveSection {
    /// The case.
    pub case: CaseId,
    /// The edition on the page.
    pub minutes: MinutesId,
    /// Which section.
    pub section: Section,
    /// The version on the page.
    pub seen: i64,
    /// The text, with marks in place of names.
    pub words: String,
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Its version.
    pub version: i64,
    /// Whether it stands beside another one that somebody wrote in the meantime.
    pub beside: bool,
}

impl Step for SaveSection {
    const KIND: StepKind = StepKind::SaveSection;
    const JUDGEMENT: Judgement = free("a draft may lack anything; T8 judges what is shown and signed");
    type Receipt = Saved;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<Saved>, Refusal> {
        edition(work, self.minutes, |state| state != EditionState::Signed).await?;
        readable(self.section, &self.words, work.rules.minutes.section_max)?;
        let versions = store::sections_in(work.tx, self.minutes).await?;
        let newest = versions.iter().filter(|one| one.section.0 == self.section).map(|one| one.version).max();
        let standing = store::standing(&versions, self.section);
        let (stands_now, unchanged) = standing.map_or((0, false), |one| (one.version, one.words == self.words));
        let data = |version: i64, stands: bool| json!({ "minutes": self.minutes, "section": self.section, "version": version, "stands": stands });
        if unchanged {
            let saved = Saved { version: stands_now, beside: false };
            return Ok(Done::new(saved, Entry::silent().with(data(stands_now, true))));
        }
        let (version, stands) = (newest.unwrap_or(0) + 1, self.seen == stands_now);
        keep(work, (self.minutes, self.section), (version, self.seen, stands), &self.words).await?;
        Ok(Done::new(Saved { version, beside: !stands }, Entry::silent().with(data(version, stands))))
    }
}

/// Refuses a text that is too long, or that holds what must not become public.
fn readable(section: Section, words: &str, max: u32) -> Result<(), Refusal> {
    let list = Outcomes::read(words);
    let all = if section == Section::Outcomes { list.shown() } else { words.to_owned() };
    let (field, word) = (section.code(), section.word());
    let sentence = if count_chars(&all) > max as usize {
        format!("{word}最多 {max} 字（本镇设定），请再精简一些。")
    } else if has_control(&all) {
        format!("{word}里有看不见的控制字符，请删掉后重新输入。")
    } else if finds_mobile(&all) || finds_id_number(&all) {
        format!("{word}会公开，里面像是有手机或证件号码，请删去。")
    } else {
        return Ok(());
    };
    Err(Refusal::field(field, sentence))
}
