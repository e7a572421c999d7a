//! `/desk/topics/{id}/questionnaire`: opening a questionnaire; with `?q=` its link and QR code, and once it is closed what
//! came of it.

use leptos::prelude::*;

use super::address;
use crate::access::StepKind;
use crate::case::carry_out;
use crate::error::{FieldError, FormState, Refusal};
use crate::ids::QuestionnaireId;
use crate::research::model::{QUESTIONS_MAX, Question, QuestionKind, Questionnaire, Tally};
use crate::research::steps::{CloseQuestionnaire, OpenQuestionnaire};
use crate::research::store::{self, QuestionnaireLine};
use crate::topic::pages::desk::{Bench, Tab, day, done_note, done_words, inside};
use crate::ui::{
    Button, ButtonKind, Choice, Column, Crumbs, Field, FormSummary, Qr, RequestIdField, Section, Select, Table,
    TextArea, TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// Days a questionnaire is open unless somebody says otherwise; a proposal of the form, nothing is judged by it.
const PROPOSED_DAYS: u64 = 7;

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what does not exist or one may not see from inside.
pub async fn questionnaire(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Research).await?;
    let sent = req.form.value("q");
    let wanted = if sent.is_empty() { req.query("q") } else { sent };
    if wanted.is_empty() {
        if !bench.may(StepKind::OpenQuestionnaire) {
            let who: Vec<&str> = crate::access::permits(StepKind::OpenQuestionnaire).iter().map(|w| w.word()).collect();
            return Err(Refusal::Forbidden { who: who.join("、") });
        }
        let form = bench.form.clone();
        return Ok(Page::desk("开一份问卷", "/desk/topics", move || opening(&bench, &form)));
    }
    let id: QuestionnaireId = wanted.parse().map_err(|_| Refusal::NotFound)?;
    let line = store::questionnaire(&req.ctx.db, id)
        .await?
        .filter(|line| line.case == bench.case.id)
        .ok_or(Refusal::NotFound)?;
    let link = format!("{}/q/{id}", req.site.public_url);
    let done = req.query("done").to_owned();
    Ok(Page::desk(line.asked.title.clone(), "/desk/topics", move || shown(&bench, &line, &link, &done)))
}

fn ways(bench: &Bench) -> Vec<Way> {
    vec![
        Way::new("议题", "/desk/topics"),
        Way::new(bench.case.inner_title().to_owned(), Tab::Research.address(bench.case.id)),
    ]
}

// ---- opening ---------------------------------------------------------------------------------------------------------

fn opening(bench: &Bench, form: &FormState) -> AnyView {
    let title_max = usize::try_from(bench.rules.topic.title_max).unwrap_or(usize::MAX);
    let title = Field::of(form, "title", "问卷名称").max(title_max);
    let intro = Field::of(form, "intro", "说明").optional().hint("问这些做什么用，一两句话");
    let proposed = bench.today.checked_add_days(chrono::Days::new(PROPOSED_DAYS)).unwrap_or(bench.today);
    let closes =
        Field::of(form, "closes_on", "截止日期").hint("到这一天为止，也可以提前收").narrow().or(proposed.to_string());
    let questions = (1..=QUESTIONS_MAX).map(|n| question_fields(form, n)).collect_view();
    view! {
        <Crumbs ways=ways(bench) here="开一份问卷"/>
        <h1 class="title title-work">"开一份问卷"</h1>
        <p class="lead">{format!("最多 {QUESTIONS_MAX} 个问题，不登录就能答，一个浏览器答一次。发出去以后不能改。")}</p>
        <FormSummary form=form.clone()/>
        <form class="form" method="post" action=address(bench.case.id, "questionnaire")>
            <RequestIdField id=bench.request_id.clone()/>
            <input type="hidden" name="action" value=StepKind::OpenQuestionnaire.code()/>
            <TextInput field=title/>
            <TextArea field=intro rows=2/>
            <TextInput field=closes kind="date"/>
            {questions}
            <p class="hint">"不要问姓名、电话、证件号。谁答的系统不记，文字回答收了以后才看得到。"</p>
            <div class="actions"><Button words="开问卷"/></div>
        </form>
    }
    .into_any()
}

fn question_fields(form: &FormState, n: usize) -> AnyView {
    let kinds = QuestionKind::ALL.iter().map(|k| Choice::new(k.code(), k.word())).collect::<Vec<_>>();
    let text = Field::of(form, &format!("q{n}_text"), "问什么");
    let text = if n == 1 { text } else { text.optional() };
    let kind = Field::of(form, &format!("q{n}_kind"), "怎么答").narrow().or(QuestionKind::Single.code());
    let options = Field::of(form, &format!("q{n}_options"), "选项").optional().hint("一行一个；打分和文字不用写");
    let fields = view! {
        <TextInput field=text/>
        <Select field=kind options=kinds/>
        <TextArea field=options rows=3/>
    };
    let title = format!("第 {n} 题");
    // The first three stand open; the others are there when they are wanted.
    let typed = !form.value(&format!("q{n}_text")).is_empty() || !form.value(&format!("q{n}_options")).is_empty();
    if n <= 3 {
        view! { <Section title=title>{fields}</Section> }.into_any()
    } else {
        view! { <details class="more" open=typed><summary>{title}</summary>{fields}</details> }.into_any()
    }
}

/// The questionnaire of a form. Questions without text and options are left out.
fn typed(form: &Form) -> Result<Questionnaire, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut questions = Vec::new();
    let mut gap = false;
    for n in 1..=QUESTIONS_MAX {
        let text = form.value(&format!("q{n}_text")).to_owned();
        let options: Vec<String> = form
            .value(&format!("q{n}_options"))
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect();
        if text.is_empty() && options.is_empty() {
            gap = true;
            continue;
        }
        if gap {
            errors.push(FieldError::new(&format!("q{n}_text"), "前面有空着的题，请把题目往前挪。"));
            gap = false;
        }
        let Some(kind) = QuestionKind::from_code(form.value(&format!("q{n}_kind"))) else {
            errors.push(FieldError::new(&format!("q{n}_kind"), "请选怎么答。"));
            continue;
        };
        if !options.is_empty() && !matches!(kind, QuestionKind::Single | QuestionKind::Multiple) {
            let words = format!("「{}」的题没有选项，请删掉选项，或者改「怎么答」。", kind.word());
            errors.push(FieldError::new(&format!("q{n}_options"), words));
        }
        questions.push(Question { text, kind, options });
    }
    if errors.is_empty() {
        Ok(Questionnaire { title: form.value("title").to_owned(), intro: form.value("intro").to_owned(), questions })
    } else {
        Err(errors)
    }
}

/// Opens or closes a questionnaire.
///
/// # Errors
/// As the steps.
pub async fn post_questionnaire(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let ctx = &req.ctx;
    let case = inside(ctx, req.param("id")?).await?.id;
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    let questionnaire = match step {
        StepKind::OpenQuestionnaire => {
            let asked = typed(&form).map_err(Refusal::Invalid)?;
            let closes_on = form.date("closes_on")?;
            let id = Some(QuestionnaireId(ctx.new_id()));
            carry_out(ctx, OpenQuestionnaire { case, id, asked, closes_on }).await?.questionnaire
        }
        StepKind::CloseQuestionnaire => {
            let questionnaire = form.parse("q", "没有找到这份问卷，请刷新页面。")?;
            carry_out(ctx, CloseQuestionnaire { case, questionnaire }).await?;
            questionnaire
        }
        _ => return Err(Refusal::NotFound),
    };
    let page = address(case, "questionnaire");
    Ok(Outcome::SeeOther(format!("{page}?q={questionnaire}&done={}", step.code())))
}

// ---- one that is open or closed --------------------------------------------------------------------------------------

fn shown(bench: &Bench, line: &QuestionnaireLine, link: &str, done: &str) -> AnyView {
    let lead = match &line.closed_at {
        Some(_) => format!("收到 {} 份答卷，已经收了。", line.answers),
        None => format!("收到 {} 份答卷，{}截止。", line.answers, day(line.closes_on, bench.today)),
    };
    let note = if bench.form.refusal.is_some() { None } else { done_words(done) };
    let body = match &line.results {
        Some(results) => results_view(line, &results.tallies, bench.rules.meeting.secret_min),
        None => open_view(bench, line, link),
    };
    view! {
        <Crumbs ways=ways(bench) here="问卷"/>
        <h1 class="title title-work">{line.asked.title.clone()}</h1>
        {done_note(note)}
        <FormSummary form=bench.form.clone()/>
        <p class="lead">{lead}</p>
        {body}
    }
    .into_any()
}

fn open_view(bench: &Bench, line: &QuestionnaireLine, link: &str) -> AnyView {
    let href = format!("/q/{}", line.id);
    let close = bench.may(StepKind::CloseQuestionnaire).then(|| {
        view! {
            <form class="form" method="post" action=address(bench.case.id, "questionnaire")>
                <RequestIdField id=bench.request_id.clone()/>
                <input type="hidden" name="action" value=StepKind::CloseQuestionnaire.code()/>
                <input type="hidden" name="q" value=line.id.to_string()/>
                <p class="hint">"收了以后不能再答，结果才看得到。"</p>
                <div class="actions"><Button words="现在收" kind=ButtonKind::Second/></div>
            </form>
        }
    });
    let code = view! { <div class="qr"><Qr text=link label="问卷的二维码"/><p class="caption">"扫码答题"</p></div> };
    let link = link.to_owned();
    let questions = (1..)
        .zip(&line.asked.questions)
        .map(|(n, q)| view! { <li>{format!("{n}．{}（{}）", q.text, q.kind.word())}</li> })
        .collect_view();
    view! {
        <Section title="发给大家">
            {code}
            <p><a href=href>{link}</a></p>
            <p class="hint">"把链接发到群里，或者打印这一页贴出去。议题的公开页上也有。"</p>
        </Section>
        <Section title="问了什么"><ul class="short-list">{questions}</ul></Section>
        {close}
    }
    .into_any()
}

// ---- results ---------------------------------------------------------------------------------------------------------

/// Why nothing is shown: so few answered that a person could be told from the counts.
pub(super) fn too_few(line: &QuestionnaireLine, least: u32) -> Option<String> {
    (line.answers < i64::from(least))
        .then(|| format!("答卷不足 {least} 份（本镇设定），为了不让人猜出是谁答的，不显示结果。"))
}

/// What came of it; nothing where so few answered that a person could be told from the counts.
fn results_view(line: &QuestionnaireLine, tallies: &[Tally], least: u32) -> AnyView {
    if let Some(words) = too_few(line, least) {
        return view! { <p class="empty">{words}</p> }.into_any();
    }
    (1..)
        .zip(line.asked.questions.iter().zip(tallies))
        .map(|(n, (question, tally))| {
            let title = format!("{n}．{}", question.text);
            let side = format!("{} 人答", tally.answered);
            let shown = if question.kind == QuestionKind::Text { words_view(tally) } else { bars(question, tally) };
            view! { <Section title=title side=side>{shown}</Section> }
        })
        .collect_view()
        .into_any()
}

fn words_view(tally: &Tally) -> AnyView {
    if tally.words.is_empty() {
        return view! { <p class="empty">"没有人写。"</p> }.into_any();
    }
    let rows = tally.words.iter().map(|words| view! { <li class="said">{words.clone()}</li> }).collect_view();
    view! { <p class="caption">"按文字排序，和先后、和谁答的没有关系。"</p><ul class="short-list">{rows}</ul> }
        .into_any()
}

/// 「12 / 20 = 60%」 of those who answered the question.
fn share(n: i64, of: i64) -> String {
    if of <= 0 { "0".to_owned() } else { format!("{n} / {of} = {}%", (n * 100 + of / 2) / of) }
}

/// Bars, and the same as a table.
pub(super) fn bars(question: &Question, tally: &Tally) -> AnyView {
    let most = tally.counts.iter().copied().max().unwrap_or(0).max(1);
    let drawn = question
        .choices()
        .into_iter()
        .zip(&tally.counts)
        .map(|(choice, n)| {
            // In hundredths of the drawing; what was chosen at all is seen.
            let width = if *n == 0 { 0 } else { (n * 100 / most).max(1) };
            view! {
                <li>
                    <span class="bar-name">{choice}</span>
                    <svg class="chart-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                        <rect width=width.to_string() height="4"/>
                    </svg>
                    <span class="bar-n num">{*n}</span>
                </li>
            }
        })
        .collect_view();
    let rows = question
        .choices()
        .into_iter()
        .zip(&tally.counts)
        .map(|(choice, n)| {
            view! { <tr><th scope="row">{choice}</th><td class="num">{*n}</td><td class="num">{share(*n, tally.answered)}</td></tr> }
        })
        .collect_view();
    let columns = vec![Column::words("选项"), Column::figures("次数"), Column::figures("占答这题的人")];
    view! {
        <div class="beside">
            <ul class="bars">{drawn}</ul>
            <Table caption=question.text.clone() quiet=true columns>{rows}</Table>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        let values = fields.iter().map(|(n, v)| ((*n).to_owned(), vec![(*v).to_owned()])).collect();
        Form { values, files: Vec::new() }
    }

    #[test]
    fn questions_are_read_in_order_and_a_gap_is_named() {
        let asked = typed(&form(&[
            ("title", "停车"),
            ("q1_text", "几点回家"),
            ("q1_kind", "single"),
            ("q1_options", "六点前\n\n 六点后 "),
            ("q2_text", "打几分"),
            ("q2_kind", "scale"),
        ]))
        .unwrap();
        assert_eq!(asked.questions[0].options, ["六点前", "六点后"]);
        assert!(asked.questions[1].options.is_empty());
        let gap = typed(&form(&[("q2_text", "打几分"), ("q2_kind", "scale")])).unwrap_err();
        assert_eq!(gap[0].field, "q2_text");
    }

    #[test]
    fn choices_of_a_question_that_offers_none_are_not_dropped() {
        let typed = typed(&form(&[("q1_text", "打几分"), ("q1_kind", "scale"), ("q1_options", "好\n不好")]));
        assert_eq!(typed.unwrap_err()[0].field, "q1_options");
    }

    #[test]
    fn a_code_is_drawn_and_a_share_names_its_fraction() {
        let html = crate::live::render(|| view! { <Qr text="https://example.cn/q/1" label="二维码"/> }.into_any());
        assert!(html.contains("<svg") && html.contains("M4 4h1v1h-1z"), "{html}");
        assert!(!html.contains(" style="));
        assert_eq!(share(2, 3), "2 / 3 = 67%");
        assert_eq!(share(0, 0), "0");
    }
}
