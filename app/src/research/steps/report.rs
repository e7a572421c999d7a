//! The report: kept in versions while it is written, and filed (T5).

use serde::Serialize;
use serde_json::json;

use crate::access::StepKind;
use crate::case::record::{Record, differences};
use crate::case::stage::Stage;
use crate::case::{Case, Change, Done, Entry, Judgement, Move, Step, Target, Work, free, judged};
use crate::error::{Difference, FieldError, Refusal};
use crate::ids::CaseId;
use crate::research::model::{ReportEdition, ResearchReport, Visit};
use crate::research::store;
use crate::rules::{Category, Facts, REPORT_TEXT_MAX, RuleId, finds_id_number, finds_phone, is_blank};

/// The facts of T5: the gate's, and those of the checklist on the page.
#[must_use]
pub fn filing(report: &ResearchReport, visits: &[Visit], case: &Case) -> Facts {
    Facts::T5(report.facts(visits, case.due_on))
}

/// Save a version of the report. Nothing is judged yet; what is still missing is on the checklist.
#[derive(Clone, Debug, Serialize)]
pub struct SaveReport {
    /// The case.
    pub case: CaseId,
    /// The report's version on the page; 0 when there was none.
    pub seen: i64,
    /// The report; `files` are new ones only.
    pub report: ResearchReport,
}

impl Step for SaveReport {
    const KIND: StepKind = StepKind::SaveReport;
    const JUDGEMENT: Judgement = free("a draft may lack anything; T5 judges what is filed");
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: ResearchReport::KIND, seen: self.seen }
    }

    fn differences(&self, stored: &str) -> Vec<Difference> {
        crate::case::store::read::<ResearchReport>(stored)
            .map(|theirs| {
                // Files are added, never taken away: they are no difference.
                let yours = ResearchReport { files: theirs.files.clone(), ..self.report.clone() };
                differences(&theirs, &yours)
            })
            .unwrap_or_default()
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        super::under_way(work)?;
        let body = work.rules.topic.body_max;
        let report = &self.report;
        let mut errors = Vec::new();
        for (field, text, max) in [
            ("methods", &report.methods, body),
            ("dates", &report.dates, body),
            ("places", &report.places, body),
            ("findings", &report.findings, REPORT_TEXT_MAX),
            ("issues", &report.issues, REPORT_TEXT_MAX),
            ("figures", &report.figures, REPORT_TEXT_MAX),
            ("policies", &report.policies, REPORT_TEXT_MAX),
            ("suggestions", &report.suggestions, REPORT_TEXT_MAX),
        ] {
            if text.chars().count() > max as usize {
                errors.push(FieldError::new(field, format!("最多 {max} 字，请再精简一些。")));
            }
        }
        let texts = [&report.findings, &report.issues, &report.figures, &report.policies, &report.suggestions];
        if texts.iter().all(|text| is_blank(text)) && report.files.is_empty() {
            errors.push(FieldError::new("findings", "还什么都没有写，先写一点了解到的情况再存。"));
        }
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        let added = self.report.files.clone();
        let mut files = work.newest::<ResearchReport>().await?.map(|(_, before)| before.files).unwrap_or_default();
        files.extend(added.iter().copied().filter(|file| !files.contains(file)).collect::<Vec<_>>());
        let version = work.add_record(&ResearchReport { files, ..self.report }).await?;
        crate::files::attach(work.tx, self.case, ("research", false), &added).await?;
        let words = format!("调研报告存了第 {version} 版");
        Ok(Done::new((), Entry::internal(words).with(json!({ "version": version, "files": added }))))
    }
}

/// File the report: the newest version, with the visits it rests on.
#[derive(Clone, Debug, Serialize)]
pub struct FileResearch {
    /// The case.
    pub case: CaseId,
    /// The report's version that was read.
    pub seen: i64,
}

impl Step for FileResearch {
    const KIND: StepKind = StepKind::FileResearch;
    const JUDGEMENT: Judgement = judged(&[RuleId::T5]);
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: ResearchReport::KIND, seen: self.seen }
    }

    async fn facts(&self, work: &mut Work<'_>) -> Result<Vec<Facts>, Refusal> {
        let round = store::round_in(work.tx, self.case).await?;
        let newest = work.newest::<ResearchReport>().await?.map(|(_, r)| r);
        let is_new = store::is_report_of(work.tx, self.case, round).await?;
        let report = newest.filter(|_| is_new).unwrap_or_default();
        let visits = store::counted(work.tx, self.case, round.no).await?;
        Ok(vec![filing(&report, &visits, &work.case)])
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let round = store::round_in(work.tx, self.case).await?.no;
        let visits = store::counted(work.tx, self.case, round).await?;
        work.move_to(Stage::Planned, Move::default()).await?;
        let heard = visits.iter().fold(0_u32, |sum, v| sum.saturating_add(v.heard_in_all()));
        let affected = visits.iter().fold(0_u32, |sum, v| sum.saturating_add(v.heard_of(Category::Stakeholder)));
        let members = visits.iter().fold(0_u32, |sum, v| sum.saturating_add(v.members));
        let words = format!(
            "调研完成：走访 {} 次，听取 {heard} 人的意见，其中利益相关方 {affected} 人，委员参加 {members} 人次",
            visits.len()
        );
        Ok(Done::new((), Entry::public(words).with(json!({ "version": self.seen, "visits": visits.len() }))))
    }
}

/// Release what the public reads of the filed report, as the officer edited it. A blank edition takes it back.
#[derive(Clone, Debug, Serialize)]
pub struct ReleaseReport {
    /// The case.
    pub case: CaseId,
    /// The edition's version on the page; 0 when there was none.
    pub seen: i64,
    /// The edition.
    pub edition: ReportEdition,
}

/// Whether the research of a case is over, so that its report can be released.
#[must_use]
pub fn is_filed(case: &Case) -> bool {
    case.stage().ordinal() > Stage::Researching.ordinal()
}

impl Step for ReleaseReport {
    const KIND: StepKind = StepKind::ReleaseReport;
    const JUDGEMENT: Judgement = free("the officer answers for what is public; what was filed stays as it is");
    type Receipt = ();

    fn target(&self) -> Target {
        Target::Case(self.case)
    }

    fn change(&self) -> Change {
        Change::Edits { record: ReportEdition::KIND, seen: self.seen }
    }

    fn differences(&self, stored: &str) -> Vec<Difference> {
        crate::case::store::read::<ReportEdition>(stored)
            .map(|theirs| differences(&theirs, &self.edition))
            .unwrap_or_default()
    }

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let is_first = work.newest::<ReportEdition>().await?.is_none();
        // What is public can be mended and taken back at any time.
        if is_first && !is_filed(&work.case) {
            return Err(Refusal::moved_on("调研报告还没有交，交了以后再整理公开稿。"));
        }
        let mut errors = Vec::new();
        for (field, word, text) in self.edition.parts() {
            if text.chars().count() > REPORT_TEXT_MAX as usize {
                errors.push(FieldError::new(field, format!("最多 {REPORT_TEXT_MAX} 字，请再精简一些。")));
            } else if finds_phone(text) || finds_id_number(text) {
                errors.push(FieldError::new(field, format!("{word}会公开，里面像是有电话或证件号码，请删去。")));
            }
        }
        if is_first && self.edition.is_blank() {
            errors.push(FieldError::new("findings", "公开稿还是空的，先写一点调研到的情况。"));
        }
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        let version = work.add_record(&self.edition).await?;
        let entry = if is_first {
            Entry::public("调研报告的公开稿放进了议题材料")
        } else if self.edition.is_blank() {
            Entry::internal("调研报告的公开稿收回了")
        } else {
            Entry::internal(format!("调研报告的公开稿改为第 {version} 版"))
        };
        Ok(Done::new((), entry.with(json!({ "version": version }))))
    }
}
