//! `/desk/topics/{id}/minutes`: the minutes of a case, from the first draft to the signature and what follows. Works
//! without scripts.

use leptos::prelude::*;

use super::sections::Beside;
use super::sheet::Sheet;
use super::{outcomes, paper, replies, sections};
use crate::access::{StepKind, Who};
use crate::account::confirm_password;
use crate::case::carry_out;
use crate::case::stage::Stage;
use crate::error::{FormState, Refusal};
use crate::ids::MinutesId;
use crate::ledger::digest;
use crate::minutes::model::{EditionState, Section as Part, hide, hide_in};
use crate::minutes::paper::MinutesPaper;
use crate::minutes::steps::{
    CirculateMinutes, ConsultAgain, CorrectMinutes, SaveSection, Seal, SignMinutes, StartMinutes,
};
use crate::minutes::store::{Minutes, versions_of, versions_text};
use crate::roster::store::{Unit, units};
use crate::rules::{Facts, MinutesFacts, judge, plain_date};
use crate::topic::pages::desk::{
    Bench, NextStep, TOPICS, Tab, checklist, done_note, done_words, moment, refused_elsewhere, seen,
};
use crate::ui::{Button, ButtonKind, Checkbox, Empty, Field, LinkButton, Section, TextArea, TextInput, Way};
use crate::web::{Form, Outcome, Page, Request, Script};

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not see from inside.
pub async fn minutes(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Minutes).await?;
    let sheet = Sheet::load(&req.ctx.db, &bench.case, (&bench.town, &bench.rules)).await?;
    let units = units(&req.ctx.db, std::slice::from_ref(&bench.case.town_id)).await?;
    let beside = Part::from_code(req.query("section")).zip(req.query("beside").parse().ok());
    let done = done_words(req.query("done"));
    let paper = sheet.paper()?;
    Ok(Page::desk(format!("纪要：{}", bench.case.inner_title()), TOPICS, move || {
        let refused = bench.form.refusal.is_some();
        let signed = sheet.edition.as_ref().filter(|one| one.state.0 == EditionState::Signed);
        let body = match (&sheet.edition, &paper) {
            (None, _) => not_yet(&bench, &sheet),
            (Some(edition), Some(paper)) if signed.is_some() => {
                after(&bench, &sheet, edition, paper::view(&named(&sheet, paper)))
            }
            (Some(edition), paper) => {
                let paper = paper.as_ref().map(|paper| paper::view(&paper::as_draft(named(&sheet, paper))));
                writing(&bench, &sheet, edition, (&units, beside, paper))
            }
        };
        view! {
            {bench.head()}
            {done_note(if refused { None } else { done })}
            {if has_form(&bench, &sheet) { None } else { refused_elsewhere(&bench) }}
            {body}
        }
        .into_any()
    })
    .with(Script::Minutes))
}

/// Whether the step that was refused has a form of its own on the page, which says what was wrong.
fn has_form(bench: &Bench, sheet: &Sheet) -> bool {
    let Some(step) = StepKind::from_code(bench.form.action.as_deref().unwrap_or_default()) else { return false };
    let state = sheet.edition.as_ref().map(|edition| edition.state.0);
    let is_open = |reply: &str| sheet.replies.iter().any(|one| one.is_open() && one.reply_id.to_string() == reply);
    bench.may(step)
        && match step {
            StepKind::StartMinutes => state.is_none(),
            StepKind::SaveSection => state.is_some() && state != Some(EditionState::Signed),
            StepKind::CirculateMinutes => state == Some(EditionState::Draft) || is_changed(bench, sheet),
            StepKind::ReplyToMinutes => {
                let until = sheet.edition.as_ref().and_then(|edition| edition.until);
                state == Some(EditionState::Circulating) && until.is_some_and(|until| bench.today <= until)
            }
            StepKind::AnswerCorrection => {
                state == Some(EditionState::Circulating) && is_open(bench.state(step).value("reply"))
            }
            StepKind::SignMinutes => state == Some(EditionState::Circulating),
            StepKind::CorrectMinutes => state == Some(EditionState::Signed),
            StepKind::ConsultAgain => {
                state == Some(EditionState::Signed)
                    && bench.case.stage() == Stage::Minuted
                    && sheet.edition.as_ref().is_some_and(|edition| edition.no_consensus)
            }
            _ => false,
        }
}

/// Whether the text is another one than what was shown to those present.
fn is_changed(bench: &Bench, sheet: &Sheet) -> bool {
    let shown = sheet.edition.as_ref().filter(|edition| edition.state.0 == EditionState::Circulating);
    shown.is_some_and(|edition| !sheet.facts(bench, edition).changed.is_empty())
}

fn named(sheet: &Sheet, paper: &MinutesPaper) -> MinutesPaper {
    paper.map(|text| sheet.inside(text))
}

/// Before a draft: writing one from the record.
fn not_yet(bench: &Bench, sheet: &Sheet) -> AnyView {
    let console = Tab::Console.address(bench.case.id);
    let Some(record) = &sheet.record else {
        let way = Way::new("去签到页", Tab::Door.address(bench.case.id));
        return view! { <Empty sentence="会还没有开，开过会才写纪要。" way/> }.into_any();
    };
    if record.presence.sitting.as_ref().is_none_or(|sitting| sitting.closed_at.is_none()) {
        return view! { <Empty sentence="会还在开。闭会以后，照会议记录起草纪要。" way=Way::new("去会场页", console)/> }.into_any();
    }
    let (speeches, unnoted) = record.counts();
    let words = format!("会议记录里有 {speeches} 条发言，{unnoted} 条还没有记要点。现在起草，记录到哪里就写到哪里。");
    let form = bench.may(StepKind::StartMinutes).then(|| {
        let state = bench.state(StepKind::StartMinutes);
        let fields = view! {
            <div class="actions">
                <Button words="照会议记录起草"/>
                <LinkButton words="先去补要点" href=console kind=ButtonKind::Second/>
            </div>
        };
        bench.form(StepKind::StartMinutes, (None, None), &state, fields)
    });
    let nobody = form.is_none().then(|| view! { <p class="caption">"由记录人或工委干事起草。"</p> });
    view! { <Section title="起草纪要"><p>{words}</p>{form}{nobody}</Section> }.into_any()
}

/// The step that an open edition waits for, judged by the very rules and facts of its gate.
fn next(bench: &Bench, sheet: &Sheet, edition: &Minutes) -> NextStep {
    let facts = sheet.facts(bench, edition);
    if edition.state.0 == EditionState::Draft {
        return NextStep {
            title: "请到会的人核对",
            verb: "送去核对",
            words: "送到会的人核对",
            step: StepKind::CirculateMinutes,
            tab: Tab::Minutes,
            findings: judge(&[Facts::T8(facts)], &bench.rules, bench.now),
        };
    }
    let state = bench.state(StepKind::SignMinutes);
    let mut facts = facts;
    facts.signer = bench.actor.account().map(|id| id.0).filter(|_| bench.may(StepKind::SignMinutes));
    // Whoever does not sign is not asked for what only the chair gives.
    if facts.signer.is_none() {
        facts = MinutesFacts { signer: facts.chair, read: true, named: true, confirmed: true, ..facts };
    } else {
        facts.read = !state.value("read").is_empty() && is_read(&state, sheet);
        facts.named = !state.value("name").is_empty() && state.error("name").is_none();
        // What was typed as a password is never on the page.
        facts.confirmed = false;
    }
    let findings = judge(&[Facts::T8(facts)], &bench.rules, bench.now);
    NextStep {
        title: "主持人签发",
        verb: "签发",
        words: "签发纪要",
        step: StepKind::SignMinutes,
        tab: Tab::Minutes,
        findings,
    }
}

type Writing<'a> = (&'a [Unit], Beside, Option<AnyView>);

/// A draft: its sections, what was said of it, and the way on.
fn writing(bench: &Bench, sheet: &Sheet, edition: &Minutes, (units, beside, paper): Writing<'_>) -> AnyView {
    let corrects = edition.reason.as_ref().map(|reason| {
        view! { <p class="note">{format!("正在更正已签发的纪要。原因：{}", sheet.inside(reason))}</p> }
    });
    let again = is_changed(bench, sheet);
    let offers = edition.state.0 == EditionState::Draft || again;
    let circulate = (offers && bench.may(StepKind::CirculateMinutes)).then(|| {
        let state = bench.state(StepKind::CirculateMinutes);
        let words = if again { "改过了，再送一次核对" } else { "送到会的人核对" };
        let days = bench.rules.minutes.circulation_workdays;
        let fields = view! {
            <input type="hidden" name="minutes" value=edition.minutes_id.to_string()/>
            <p class="hint">{format!("到会的每个人用自己的链接看草稿，{days} 个工作日内可以同意或要求更正（本镇设定）。核对的时候正文还可以改。")}</p>
            <div class="actions"><Button words=words kind=ButtonKind::Second/></div>
        };
        let form = bench.form(StepKind::CirculateMinutes, (None, None), &state, fields);
        view! { <Section title="请到会的人核对" id="circulation">{form}</Section> }
    });
    let public = sheet.paper().ok().flatten().map(|paper| {
        let paper = paper::view(&paper::as_draft(paper.map(|text| sheet.public(text))));
        view! { <details class="paper-fold"><summary>"看公布的样子：姓名隐去以后"</summary>{paper}</details> }
    });
    let preview = paper.map(|paper| view! { <details class="paper-fold" open=edition.state.0 == EditionState::Circulating><summary>"看成文的样子"</summary>{papers(bench)}{paper}</details> });
    view! {
        {corrects}
        <div class="cols-work">
            <aside class="col-sheet" aria-label="下一步">{checklist(bench, &next(bench, sheet, edition))}</aside>
            <div class="col-main">
                {replies::view(bench, sheet, edition)}
                {sections::view(bench, sheet, edition, units, beside)}
                {preview}
                {public}
                {circulate}
                {signing(bench, sheet, edition)}
            </div>
        </div>
    }
    .into_any()
}

/// Ways to the paper as a print page and as a document.
fn papers(bench: &Bench) -> AnyView {
    let base = Tab::Minutes.address(bench.case.id);
    view! {
        <p class="actions not-print">
            <LinkButton words="打印" href=format!("{base}/paper") kind=ButtonKind::Second small=true/>
            <LinkButton words="下载 Word 文件" href=format!("{base}.docx") kind=ButtonKind::Second small=true/>
        </p>
    }
    .into_any()
}

/// The chair's form.
fn signing(bench: &Bench, sheet: &Sheet, edition: &Minutes) -> Option<AnyView> {
    if edition.state.0 != EditionState::Circulating || !bench.may(StepKind::SignMinutes) {
        return None;
    }
    let state = bench.state(StepKind::SignMinutes);
    let versions = versions_text(&versions_of(&sheet.versions));
    // What was ticked before the text changed says nothing of the text that stands there now.
    let read = if is_read(&state, sheet) { state.clone() } else { FormState::default() };
    let digest = sheet.paper().ok().flatten().map(|paper| fingerprint(&paper)).unwrap_or_default();
    let fields = view! {
        <input type="hidden" name="minutes" value=edition.minutes_id.to_string()/>
        <input type="hidden" name="versions" value=versions/>
        <input type="hidden" name="paper" value=digest/>
        <p class="hint">"签发以后正文不能再改，写错了只能更正后重新签发。"</p>
        <Checkbox field=Field::of(&read, "read", "上面的全文我读过了")/>
        <TextInput field=Field::of(&state, "name", "您的姓名").hint("和账号上的姓名一样").narrow().private().autocomplete("name")/>
        <TextInput field=Field::of(&state, "password", "登录密码").narrow().private().autocomplete("current-password") kind="password"/>
        <div class="actions"><Button words="签发纪要" kind=ButtonKind::Second/></div>
    };
    let form = bench.form(StepKind::SignMinutes, (Some(bench.case.stage_version), None), &state, fields);
    Some(view! { <Section title="签发" id="signer">{form}</Section> }.into_any())
}

/// Whether a refused signature was about the text that stands there now.
fn is_read(state: &FormState, sheet: &Sheet) -> bool {
    state.value("versions") == versions_text(&versions_of(&sheet.versions))
}

/// A fingerprint of a paper, so that what is signed is what was on the page.
fn fingerprint(paper: &MinutesPaper) -> String {
    serde_json::to_string(paper).map(|text| digest(&text)).unwrap_or_default()
}

/// After the signature: the paper, its hash, corrections, and another round where there was no consensus.
fn after(bench: &Bench, sheet: &Sheet, edition: &Minutes, paper: AnyView) -> AnyView {
    let at = edition.signed_at.map(|at| moment(at, bench.today)).unwrap_or_default();
    let number = edition.number.clone().unwrap_or_default();
    let hash = edition.paper_hash.clone().unwrap_or_default();
    let public = format!("/topics/{}/minutes", bench.case.id);
    let again = (edition.no_consensus && bench.case.stage() == Stage::Minuted && bench.may(StepKind::ConsultAgain))
        .then(|| {
            let state = bench.state(StepKind::ConsultAgain);
            let field =
                Field::of(&state, "reason", "下一轮要弄清什么").within("again").hint("会公开。调研负责人照着去走访。");
            let fields = view! {
                <TextArea field rows=3/>
                <div class="actions"><Button words="回到调研，再商量一次" kind=ButtonKind::Second/></div>
            };
            let form =
                bench.form(StepKind::ConsultAgain, (Some(bench.case.stage_version), Some("again")), &state, fields);
            view! { <Section title="再商量一次" id="again">{form}</Section> }
        });
    let correct = bench.may(StepKind::CorrectMinutes).then(|| {
        let state = bench.state(StepKind::CorrectMinutes);
        let field = Field::of(&state, "reason", "哪里写错了").within("correct").hint("会公开，写在更正后的纪要前面。");
        let fields = view! {
            <input type="hidden" name="minutes" value=edition.minutes_id.to_string()/>
            <p class="hint">"签发的这一份留着不动。更正的一份另外起草，再请到会的人核对、主持人签发。"</p>
            <TextArea field rows=2/>
            <div class="actions"><Button words="更正" kind=ButtonKind::Second/></div>
        };
        let form = bench.form(StepKind::CorrectMinutes, (None, Some("correct")), &state, fields);
        view! { <details open=state.refusal.is_some()><summary>"签发以后发现写错了"</summary>{form}</details> }
    });
    let lead = if edition.no_consensus { "签发了：未达成共识。" } else { "签发了。" };
    view! {
        <div class="cols-work">
            <aside class="col-sheet" aria-label="下一步">
                <section class="sheet">
                    <p class="caption">"纪要"</p>
                    <h2>{lead}</h2>
                    <p>{format!("{number}，{at}签发。")}</p>
                    <p class="small">"公布的一份按各人的意愿隐去姓名："<a href=public>"看公布的纪要"</a></p>
                    <p class="caption hash">{format!("正文校验值 SHA-256：{hash}")}</p>
                    {due(bench)}
                </section>
            </aside>
            <div class="col-main">
                {again}
                {papers(bench)}
                {paper}
                {replies::view(bench, sheet, edition)}
                {correct}
                {others(sheet, edition)}
            </div>
        </div>
    }
    .into_any()
}

fn due(bench: &Bench) -> Option<AnyView> {
    let due = bench.case.due_on.filter(|_| bench.case.stage() == Stage::Minuted)?;
    Some(view! { <p>{format!("接着报送党委、政府，最迟{}。", plain_date(due))}</p> }.into_any())
}

/// Other signed editions.
fn others(sheet: &Sheet, shown: &Minutes) -> Option<AnyView> {
    let rows: Vec<_> = sheet
        .all
        .iter()
        .filter(|one| one.minutes_id != shown.minutes_id && one.state.0 == EditionState::Signed)
        .map(|one| {
            let number = one.number.clone().unwrap_or_default();
            let why = if one.no_consensus { "，未达成共识" } else { "" };
            view! { <li>{format!("第 {} 次会，{number}，第 {} 份{why}", one.round, one.edition)}</li> }
        })
        .collect();
    (!rows.is_empty())
        .then(|| view! { <Section title="先前签发的"><ul class="short-list">{rows}</ul></Section> }.into_any())
}

fn minutes_of(form: &Form) -> Result<MinutesId, Refusal> {
    form.value("minutes").parse().map_err(|_| Refusal::moved_on("这一页不完整，请刷新后再提交。"))
}

/// Takes the forms of the page.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_minutes(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let bench = Bench::of(req, Tab::Minutes).await?;
    let sheet = Sheet::load(&req.ctx.db, &bench.case, (&bench.town, &bench.rules)).await?;
    let (ctx, case) = (&req.ctx, bench.case.id);
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    let here = Tab::Minutes.address(case);
    let mut place = String::new();
    match step {
        StepKind::StartMinutes => {
            let record = sheet.record.as_ref().ok_or_else(|| Refusal::moved_on("会还没有开，开过会才写纪要。"))?;
            let texts =
                record.texts().into_iter().map(|(part, text)| (part, hide_in(part, &text, record.people()))).collect();
            let (meeting, minutes) = (record.presence.day.meeting_id, Some(MinutesId(ctx.new_id())));
            carry_out(ctx, StartMinutes { case, meeting, minutes, texts }).await?;
        }
        StepKind::SaveSection => {
            let section = Part::from_code(form.value("section"))
                .ok_or_else(|| Refusal::moved_on("这一页不完整，请刷新后再提交。"))?;
            let text = if section == Part::Outcomes {
                let units = units(&ctx.db, std::slice::from_ref(&bench.case.town_id)).await?;
                outcomes::read(&form, &units)?.text()
            } else {
                form.value(section.code()).to_owned()
            };
            let words = hide_in(section, &text, &sheet.people);
            let step = SaveSection { case, minutes: minutes_of(&form)?, section, seen: seen(&form)?, words };
            let saved = carry_out(ctx, step).await?;
            if saved.beside {
                let code = section.code();
                return Ok(Outcome::SeeOther(format!("{here}?section={code}&beside={}#{code}", saved.version)));
            }
            place = format!("&section={}&version={}#{}", section.code(), saved.version, section.code());
        }
        StepKind::CirculateMinutes => {
            carry_out(ctx, CirculateMinutes { case, minutes: minutes_of(&form)?, counts: sheet.counts() }).await?;
        }
        StepKind::ReplyToMinutes | StepKind::AnswerCorrection => {
            replies::take(req, &sheet, (step, &form)).await?;
            "#replies".clone_into(&mut place);
        }
        StepKind::SignMinutes => sign(req, &sheet, (bench.may(step), &form)).await?,
        StepKind::CorrectMinutes => {
            let (next, reason) = (Some(MinutesId(ctx.new_id())), hide(form.value("reason"), &sheet.people));
            carry_out(ctx, CorrectMinutes { case, minutes: minutes_of(&form)?, next, reason }).await?;
        }
        StepKind::ConsultAgain => {
            carry_out(
                ctx,
                ConsultAgain { case, seen: seen(&form)?, reason: hide(form.value("reason"), &sheet.people) },
            )
            .await?;
            return Ok(Outcome::SeeOther(format!("{}?done={}", Tab::Research.address(case), step.code())));
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Outcome::SeeOther(format!("{here}?done={}{place}", step.code())))
}

async fn sign(req: &Request, sheet: &Sheet, (may_sign, form): (bool, &Form)) -> Result<(), Refusal> {
    let (ctx, case) = (&req.ctx, req.param("id")?);
    let paper = sheet.paper()?.ok_or_else(|| Refusal::moved_on("还没有起草，没有可以签发的。"))?;
    if !may_sign {
        return Err(Refusal::Forbidden { who: Who::Chair.word().to_owned() });
    }
    let minutes = minutes_of(form)?;
    if sheet.edition.as_ref().is_none_or(|edition| edition.minutes_id != minutes)
        || form.value("paper") != fingerprint(&paper)
    {
        return Err(Refusal::moved_on("您打开以后，纪要又改过了。请把改过的文本读一遍，再签。"));
    }
    let versions = form.value("versions").split(',').filter_map(|one| one.parse().ok()).collect();
    let name = ctx.actor.signed().map(|me| me.name.clone()).unwrap_or_default();
    let seal = Seal {
        read: form.ticked("read"),
        named: !name.is_empty() && form.value("name") == name,
        confirmed: confirm_password(ctx, form.value("password")).await?,
    };
    let step = SignMinutes { case, seen: seen(form)?, minutes, versions, counts: sheet.counts(), seal, paper };
    carry_out(ctx, step).await
}
