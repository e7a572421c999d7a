//! The report of the research: its form, its versions, and filing it.

use leptos::prelude::*;

use super::board::{Board, files};
use crate::access::StepKind;
use crate::case::carry_out;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::CaseId;
use crate::research::model::{ReportEdition, ResearchReport};
use crate::research::steps::{FileResearch, ReleaseReport, SaveReport, is_filed};
use crate::rules::REPORT_TEXT_MAX;
use crate::topic::pages::desk::{Bench, seen, versions, what_was_wrong};
use crate::ui::{Button, ButtonKind, Field, FileInput, RequestIdField, Section, TextArea, TextInput};
use crate::web::Form;

/// Sets the fields of the public edition apart from those of the report.
const PUBLIC: &str = "public";

/// What the form is filled with: what was typed, else what is on file, else what the visits know.
fn filled(bench: &Bench, board: &Board) -> FormState {
    let state = bench.state(StepKind::SaveReport);
    if state.refusal.is_some() {
        return state;
    }
    let report = match board.standing.reports.first() {
        Some(version) => version.record.clone(),
        None => ResearchReport::from_visits(&board.standing.counted()),
    };
    FormState::filled([
        ("methods", report.methods),
        ("dates", report.dates),
        ("places", report.places),
        ("findings", report.findings),
        ("issues", report.issues),
        ("figures", report.figures),
        ("policies", report.policies),
        ("suggestions", report.suggestions),
    ])
}

/// The section with everything about the report.
pub(super) fn section(bench: &Bench, board: &Board) -> AnyView {
    let reports = &board.standing.reports;
    let form = bench.offers(StepKind::SaveReport).then(|| form(bench, board));
    let kept = versions(reports, "系统", bench.today);
    let attached = board.standing.report().files;
    let file = (bench.offers(StepKind::FileResearch)).then(|| {
        let state = bench.state(StepKind::FileResearch);
        let seen = reports.first().map_or(0, |v| v.version);
        let fields = view! {
            <p class="hint">"交的是最后存下的那一版。交了以后进入筹备会商，走访次数和人数按走访记录算。"</p>
            <div class="actions"><Button words="交调研报告" kind=ButtonKind::Second/></div>
        };
        bench.form(StepKind::FileResearch, (Some(seen), None), &state, fields)
    });
    let nothing = (reports.is_empty() && form.is_none()).then(|| view! { <p class="empty">"没有调研报告。"</p> });
    let on_file = (!reports.is_empty()).then(|| {
        view! {
            <h3 class="sub-head">"存下的报告"</h3>
            {kept}
            {files(&board.files, &attached)}
        }
    });
    view! {
        <Section title="调研报告" id="report">
            {nothing}
            {form}
            {on_file}
            {file}
        </Section>
        {edition(bench, board)}
    }
    .into_any()
}

/// What the public reads of the report, and the form for it; nothing before the report is filed.
fn edition(bench: &Bench, board: &Board) -> Option<AnyView> {
    let editions = &board.editions;
    if editions.is_empty() && (board.standing.reports.is_empty() || !is_filed(&bench.case)) {
        return None;
    }
    let form = bench.offers(StepKind::ReleaseReport).then(|| {
        let state = bench.state(StepKind::ReleaseReport);
        let open = state.refusal.is_some();
        let stored = match editions.first() {
            Some(version) => version.record.clone(),
            None => ReportEdition::of(&board.standing.report()),
        };
        let filled = if open {
            state.clone()
        } else {
            FormState::filled(stored.parts().map(|(name, _, text)| (name, text.to_owned())))
        };
        let long = usize::try_from(REPORT_TEXT_MAX).unwrap_or(usize::MAX);
        let fields = stored
            .parts()
            .map(|(name, word, _)| {
                let field = Field::of(&filled, name, word).within(PUBLIC).optional().max(long);
                view! { <TextArea field rows=4/> }
            })
            .collect_view();
        let fields = view! {
            <p class="hint">"已经填好报告里写的。删去人名、门牌、电话和不便公开的，剩下的放进议题材料，谁都看得到；附件和照片不公开。全部删空，就是收回。"</p>
            {fields}
            <div class="actions"><Button words="放进议题材料" kind=ButtonKind::Second/></div>
        };
        let seen = editions.first().map_or(0, |version| version.version);
        let form = bench.form(StepKind::ReleaseReport, (Some(seen), Some(PUBLIC)), &state, fields);
        let words = if editions.is_empty() { "整理公开稿" } else { "改公开稿，或者收回" };
        view! { <details open=open><summary>{words}</summary>{form}</details> }
    });
    let kept = versions(editions, "系统", bench.today);
    let nothing =
        editions.is_empty().then(|| view! { <p class="empty">"还没有公开。公众现在只看得到走访的次数和人数。"</p> });
    Some(view! { <Section title="报告的公开稿" id="public-report">{nothing}{kept}{form}</Section> }.into_any())
}

fn form(bench: &Bench, board: &Board) -> AnyView {
    let refused = bench.state(StepKind::SaveReport);
    let state = filled(bench, board);
    let seen = board.standing.reports.first().map_or(0, |v| v.version);
    let min = bench.rules.research.min_reports;
    let long = usize::try_from(REPORT_TEXT_MAX).unwrap_or(usize::MAX);
    let line = |name: &str, label: &str| Field::of(&state, name, label);
    let text = |name: &str, label: &str, hint: &str| Field::of(&state, name, label).hint(hint).max(long);
    let more =
        if min > 1 { format!("本镇设定至少 {min} 份报告，其余的传在这里。") } else { String::new() };
    let attach = Field::of(&state, "report_files", "另外的报告和材料")
        .optional()
        .hint(format!("{more}PDF、Word、Excel、OFD 或照片"));
    let staged = if refused.refusal.is_some() { board.staged.clone() } else { Vec::new() };
    let (figures, policies, suggestions) = (
        text("figures", "数据", "车位数、人数、次数，写明哪天数的").optional(),
        text("policies", "相关政策", "哪个文件的哪一条管这件事").optional(),
        text("suggestions", "初步对策", "先想到的办法，会上再商量").optional(),
    );
    let form_id = format!("form-{}", StepKind::SaveReport.code());
    view! {
        <form class="form" id=form_id method="post" action=bench.address() enctype="multipart/form-data">
            {what_was_wrong(&refused, None)}
            <RequestIdField id=bench.request_id.clone()/>
            <input type="hidden" name="action" value=StepKind::SaveReport.code()/>
            <input type="hidden" name="seen" value=seen.to_string()/>
            <TextInput field=line("methods", "方式")/>
            <TextInput field=line("dates", "时间")/>
            <TextInput field=line("places", "地点")/>
            <TextArea field=text("findings", "情况", "看到的、听到的，各方怎么说") rows=6/>
            <TextArea field=text("issues", "问题清单", "一行写一个问题") rows=5/>
            <TextArea field=figures rows=3/>
            <TextArea field=policies rows=3/>
            <TextArea field=suggestions rows=4/>
            <FileInput field=attach staged/>
            <div class="actions"><Button words="存一版" kind=ButtonKind::Second/></div>
        </form>
    }
    .into_any()
}

/// The report of a form.
fn typed(form: &Form) -> ResearchReport {
    let text = |name: &str| form.value(name).to_owned();
    ResearchReport {
        methods: text("methods"),
        dates: text("dates"),
        places: text("places"),
        findings: text("findings"),
        issues: text("issues"),
        figures: text("figures"),
        policies: text("policies"),
        suggestions: text("suggestions"),
        files: form.files.iter().map(|f| f.file).collect(),
    }
}

/// Saves or files the report, or releases what is public of it.
///
/// # Errors
/// As the steps.
pub(super) async fn take(ctx: &Ctx, case: CaseId, step: StepKind, form: &Form) -> Result<(), Refusal> {
    let seen = seen(form)?;
    match step {
        StepKind::SaveReport => carry_out(ctx, SaveReport { case, seen, report: typed(form) }).await,
        StepKind::ReleaseReport => {
            carry_out(ctx, ReleaseReport { case, seen, edition: ReportEdition::of(&typed(form)) }).await
        }
        _ => carry_out(ctx, FileResearch { case, seen }).await,
    }
}
