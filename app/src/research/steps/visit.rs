//! Recording a visit, and correcting it by a new version beside the old: until the meeting is announced.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::StepKind;
use crate::case::stage::Stage;
use crate::case::{Done, Entry, Judgement, Step, Work, adds, free};
use crate::error::{FieldError, Refusal};
use crate::ids::{CaseId, VisitId};
use crate::research::model::{HEARD_MAX, ResearchReport, Visit};
use crate::research::store::{self, Place};
use crate::rules::{Facts, Level, REPORT_TEXT_MAX, is_blank, judge};

/// The visit that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its id.
    pub visit: VisitId,
}

/// What cannot be recorded, by form field. A look at the place alone hears nobody; then what was seen is written down.
fn faults(work: &Work<'_>, visit: &Visit) -> Vec<FieldError> {
    let body = work.rules.topic.body_max;
    let long = REPORT_TEXT_MAX;
    let mut errors = Vec::new();
    if visit.on > work.ctx.today() {
        errors.push(FieldError::new("on", "日期还没有到，走访过了再记。"));
    }
    if is_blank(&visit.place) {
        errors.push(FieldError::new("place", "请写在哪里。"));
    }
    for (field, text, max) in [
        ("place", &visit.place, body),
        ("member_names", &visit.member_names, body),
        ("said", &visit.said, long),
        ("seen_there", &visit.seen, long),
    ] {
        if text.chars().count() > max as usize {
            errors.push(FieldError::new(field, format!("最多 {max} 字，请再精简一些。")));
        }
    }
    for (category, n) in &visit.heard {
        if *n > HEARD_MAX {
            let field = format!("heard_{}", category.code());
            errors.push(FieldError::new(&field, format!("人数最多 {HEARD_MAX}，请核对。")));
        }
    }
    for (field, n) in [("heard_unknown", visit.unknown), ("members", visit.members)] {
        if n > HEARD_MAX {
            errors.push(FieldError::new(field, format!("人数最多 {HEARD_MAX}，请核对。")));
        }
    }
    if visit.heard_in_all() > 0 && is_blank(&visit.said) {
        errors.push(FieldError::new("said", "听了人，请写他们说了什么。"));
    }
    if visit.heard_in_all() == 0 && is_blank(&visit.seen) {
        errors.push(FieldError::new("seen_there", "没有听人，请写看到了什么；听了人的，请写各类几位。"));
    }
    errors
}

/// Refuses what comes when the meeting is announced, or while there is no research. Until then what a filed report rests
/// on can be put right and added to; it is on record that it was.
fn open(work: &Work<'_>) -> Result<(), Refusal> {
    match work.case.stage() {
        Stage::Planned => Ok(()),
        Stage::Announced => Err(Refusal::moved_on("会商已经公示，走访记录不再补记和更正。")),
        _ => super::under_way(work),
    }
}

/// Refuses a correction after which a report that was filed would rest on less than T5 asks for.
async fn still_rests(work: &mut Work<'_>) -> Result<(), Refusal> {
    if work.case.stage() == Stage::Researching {
        return Ok(());
    }
    let report = work.newest::<ResearchReport>().await?.map(|(_, report)| report).unwrap_or_default();
    let round = store::round_in(work.tx, work.case.id).await?;
    let visits = store::counted(work.tx, work.case.id, round.no).await?;
    // What the report says, and by when it was due, was judged when it was filed.
    let findings = judge(&[Facts::T5(report.facts(&visits, None))], &work.rules, work.ctx.now());
    let missing: String = findings
        .into_iter()
        .filter(|f| f.level == Level::Blocking && f.field.as_deref() == Some("visits"))
        .map(|f| f.sentence)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Refusal::field(
        "correction",
        format!("调研报告已经交了，走访仍要够数（规则 T5）。这样更正以后：{missing}请先补记一次走访，再来更正。"),
    ))
}

async fn keep(
    work: &mut Work<'_>,
    (id, version): (VisitId, i64),
    (round, visit): (i64, &Visit),
) -> Result<(), Refusal> {
    let body = serde_json::to_string(visit).map_err(|e| Refusal::internal(&e))?;
    let salt = work.enter_private(&format!("visit:{}", work.seq), &body);
    let place = Place { case: work.case.id, round, seq: work.seq, salt: &salt };
    store::insert_visit(work.tx, work.ctx, (id, version), (visit.on, &body), place).await?;
    let case = work.case.id;
    crate::files::attach(work.tx, case, ("research", false), &visit.files).await?;
    Ok(())
}

/// Record a visit. The same form sent again, after a lost network, makes no second one.
#[derive(Clone, Debug, Serialize)]
pub struct RecordVisit {
    /// The case.
    pub case: CaseId,
    /// The new visit; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub id: Option<VisitId>,
    /// What is recorded.
    pub visit: Visit,
}

impl Step for RecordVisit {
    const KIND: StepKind = StepKind::RecordVisit;
    const JUDGEMENT: Judgement = free("a visit is recorded as it was; T5 counts it");
    type Receipt = Recorded;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<Recorded>, Refusal> {
        open(work)?;
        let errors = faults(work, &self.visit);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        let id = super::given(self.id)?;
        let visit = Visit { correction: String::new(), ..self.visit };
        let round = store::round_in(work.tx, self.case).await?.no;
        keep(work, (id, 1), (round, &visit)).await?;
        let words = format!("{}一次，听取 {} 人的意见", visit.method.word(), visit.heard_in_all());
        let data = json!({ "visit": id, "version": 1, "files": visit.files });
        Ok(Done::new(Recorded { visit: id }, Entry::internal(words).with(data)))
    }
}

/// Correct a visit: a new version beside the old one, with why.
#[derive(Clone, Debug, Serialize)]
pub struct CorrectVisit {
    /// The case.
    pub case: CaseId,
    /// The visit.
    pub id: VisitId,
    /// The version on the page.
    pub seen: i64,
    /// How it was; `files` are new ones only.
    pub visit: Visit,
}

impl Step for CorrectVisit {
    const KIND: StepKind = StepKind::CorrectVisit;
    const JUDGEMENT: Judgement =
        free("the old version stays beside the new one; a report that is filed keeps what T5 asks for");
    type Receipt = Recorded;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<Recorded>, Refusal> {
        open(work)?;
        let case = self.case;
        let (version, round, before) = store::newest_visit(work.tx, case, self.id).await?.ok_or(Refusal::NotFound)?;
        if version != self.seen {
            return Err(Refusal::moved_on("这次走访刚被别人更正过，请刷新页面，看过最新的一版再改。"));
        }
        let mut errors = faults(work, &self.visit);
        if is_blank(&self.visit.correction) {
            errors.push(FieldError::new("correction", "请写为什么更正。"));
        }
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        let added = self.visit.files.clone();
        let mut files = before.files;
        files.extend(self.visit.files);
        let visit = Visit { files, ..self.visit };
        keep(work, (self.id, version + 1), (round, &visit)).await?;
        still_rests(work).await?;
        let data = json!({ "visit": self.id, "version": version + 1, "files": added });
        Ok(Done::new(Recorded { visit: self.id }, Entry::internal("更正了一次走访记录").with(data)))
    }
}
