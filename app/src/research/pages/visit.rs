//! `/desk/topics/{id}/visit`: recording a visit, on the phone while there; `?visit=` corrects one.
//!
//! The form works without scripts. With them a draft is kept, and a form that cannot be sent for want of a network is
//! kept whole and sent later under the same request id, so that it makes one visit (`style/offline.js`).

use leptos::prelude::*;

use super::board::methods;
use super::{address, unreadable};
use crate::access::StepKind;
use crate::case::carry_out;
use crate::error::{FieldError, FormState, Refusal};
use crate::ids::{CaseId, VisitId};
use crate::research::model::{Method, Visit};
use crate::research::steps::{CorrectVisit, RecordVisit};
use crate::research::store::{self, VisitLine};
use crate::rules::{Category, REPORT_TEXT_MAX};
use crate::topic::pages::desk::{Bench, Tab, inside, seen};
use crate::topic::pages::words::typed_number;
use crate::ui::{
    Button, ButtonKind, Crumbs, Field, FileInput, FormSummary, LinkButton, RadioGroup, RequestIdField, Section,
    TextArea, TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request, Script, StagedFile};

/// The name under which the browser keeps the draft of a visit of a case.
pub(super) fn draft(case: CaseId) -> String {
    format!("visit-{case}")
}

fn heard_field(category: Category) -> String {
    format!("heard_{}", category.code())
}

/// The form as a visit fills it.
fn filled(visit: &Visit) -> FormState {
    let number = |n: u32| if n == 0 { String::new() } else { n.to_string() };
    let mut state = FormState::filled([
        ("on", visit.on.to_string()),
        ("method", visit.method.code().to_owned()),
        ("place", visit.place.clone()),
        ("heard_unknown", number(visit.unknown)),
        ("members", number(visit.members)),
        ("member_names", visit.member_names.clone()),
        ("said", visit.said.clone()),
        ("seen_there", visit.seen.clone()),
    ]);
    for category in Category::ALL {
        state.values.insert(heard_field(*category), vec![number(visit.heard_of(*category))]);
    }
    state
}

/// The visit of a form.
fn typed(form: &Form) -> Result<Visit, Refusal> {
    let mut errors = Vec::new();
    let mut number = |name: &str| match form.value(name) {
        "" => 0,
        text => typed_number(text).unwrap_or_else(|| {
            errors.push(FieldError::new(name, "请写人数，例如 3；没有就空着。"));
            0
        }),
    };
    let heard = Category::ALL
        .iter()
        .map(|category| (*category, number(&heard_field(*category))))
        .filter(|(_, n)| *n > 0)
        .collect();
    let (unknown, members) = (number("heard_unknown"), number("members"));
    let on = match form.date("on") {
        Ok(Some(day)) => Some(day),
        Ok(None) => {
            errors.push(FieldError::new("on", "请写哪天走访的。"));
            None
        }
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let method = Method::from_code(form.value("method"));
    if method.is_none() {
        errors.push(FieldError::new("method", "请选用什么方式。"));
    }
    unreadable(errors)?;
    let (Some(on), Some(method)) = (on, method) else {
        return Err(Refusal::NotFound);
    };
    Ok(Visit {
        on,
        method,
        place: form.value("place").to_owned(),
        heard,
        unknown,
        members,
        member_names: form.value("member_names").to_owned(),
        said: form.value("said").to_owned(),
        seen: form.value("seen_there").to_owned(),
        files: form.files.iter().map(|f| f.file).collect(),
        correction: form.value("correction").to_owned(),
    })
}

/// The page.
///
/// # Errors
/// [`Refusal::NotSignedIn`], [`Refusal::NotFound`]; [`Refusal::Forbidden`] for whoever may not record.
pub async fn visit(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::of(req, Tab::Research).await?;
    if !bench.may(StepKind::RecordVisit) {
        let who: Vec<&str> = crate::access::permits(StepKind::RecordVisit).iter().map(|w| w.word()).collect();
        return Err(Refusal::Forbidden { who: who.join("、") });
    }
    let sent = req.form.value("visit");
    let wanted = if sent.is_empty() { req.query("visit") } else { sent };
    let corrected = match wanted {
        "" => None,
        id => {
            let id: VisitId = id.parse().map_err(|_| Refusal::NotFound)?;
            let all = store::visits(&req.ctx.db, bench.case.id).await?;
            Some(all.into_iter().find(|v| v.id == id && v.newest).ok_or(Refusal::NotFound)?)
        }
    };
    let form = bench.form.clone().files_named("photos");
    let staged = req.staged.clone();
    let title = if corrected.is_some() { "更正走访记录" } else { "记一次走访" };
    let mut page = Page::desk(title, "/desk/topics", move || body(&bench, &form, staged, corrected, title));
    page.script = Some(Script::Offline);
    Ok(page)
}

fn body(
    bench: &Bench,
    form: &FormState,
    staged: Vec<StagedFile>,
    corrected: Option<VisitLine>,
    title: &'static str,
) -> AnyView {
    let case = &bench.case;
    let board = Tab::Research.address(case.id);
    let state = match (&form.refusal, &corrected) {
        (None, Some(line)) => filled(&line.visit),
        _ => form.clone(),
    };
    let ways = vec![Way::new("议题", "/desk/topics"), Way::new(case.inner_title().to_owned(), board.clone())];
    // As long as a visit can be corrected, another can be recorded.
    let lead = if bench.offers(StepKind::CorrectVisit) {
        "到现场就能记：听了谁、说了什么、看到什么。没有网络也能记，连上网自动补交，不会重复。"
    } else {
        "这件事现在不在调研和筹备中，记了也交不上。"
    };
    // A correction is made at the desk, from what is there; a visit on the spot, with a draft and without a network.
    let kept = corrected.is_none();
    let hidden = corrected.as_ref().map(|line| {
        view! {
            <input type="hidden" name="visit" value=line.id.to_string()/>
            <input type="hidden" name="seen" value=line.version.to_string()/>
        }
    });
    let why = corrected.as_ref().map(|_| {
        let field = Field::of(&state, "correction", "为什么更正").hint("旧的一版留在旁边");
        view! { <Section title="更正"><TextInput field/></Section> }
    });
    let words = if corrected.is_some() { "存为新的一版" } else { "记下" };
    view! {
        <Crumbs ways=ways here=title/>
        <h1 class="title title-work">{title}</h1>
        <p class="lead">{lead}</p>
        <FormSummary form=form.clone()/>
        {kept_here(bench)}
        <form
            class="form"
            method="post"
            action=address(case.id, "visit")
            enctype="multipart/form-data"
            data-draft=kept.then(|| draft(case.id))
            data-offline=kept.then(|| draft(case.id))
        >
            <RequestIdField id=bench.request_id.clone()/>
            {hidden}
            {where_part(bench, &state)}
            {heard_part(&state)}
            {found_part(&state, staged)}
            {why}
            <div class="actions">
                <Button words=words/>
                <LinkButton words="回调研" href=board kind=ButtonKind::Second/>
            </div>
            <p class="caption">"委员的名字不进草稿；没有网络时整份先放在这台设备里，交上就清掉。"</p>
        </form>
    }
    .into_any()
}

/// Where a page says what lies in the browser still unsent, and sends it: only what the same person left there.
pub(super) fn kept_here(bench: &Bench) -> AnyView {
    let who = bench.actor.account().map(|account| account.to_string());
    let words = "没有网络，先放在这台设备里，连上网自动补交。";
    view! { <div id="kept" data-words=words data-who=who aria-live="polite"></div> }.into_any()
}

fn where_part(bench: &Bench, state: &FormState) -> AnyView {
    let on = Field::of(state, "on", "哪天").narrow().or(bench.today.to_string());
    let method = Field::of(state, "method", "方式").or(Method::Visit.code());
    let place = Field::of(state, "place", "在哪里").or(bench.case.place.clone().unwrap_or_default());
    view! {
        <Section title="一、在哪里">
            <TextInput field=on kind="date"/>
            <RadioGroup field=method options=methods()/>
            <TextInput field=place/>
        </Section>
    }
    .into_any()
}

fn heard_part(state: &FormState) -> AnyView {
    let rows = Category::ALL
        .iter()
        .map(|category| {
            let field = Field::of(state, &heard_field(*category), category.word()).narrow();
            view! { <TextInput field kind="number"/> }
        })
        .collect_view();
    let unknown = Field::of(state, "heard_unknown", "现场问到的人").narrow();
    let members = Field::of(state, "members", "一起去的委员有几位").narrow();
    let names = Field::of(state, "member_names", "委员的名字").optional().private().hint("只在案卷里，不公开");
    view! {
        <Section title="二、听了谁">
            <p class="hint">"各类几位，没有的空着。不用问名字；不知道是谁的，写在“现场问到的人”。"</p>
            <div class="counts">{rows}<TextInput field=unknown kind="number"/></div>
            <TextInput field=members kind="number"/>
            <TextInput field=names/>
        </Section>
    }
    .into_any()
}

fn found_part(state: &FormState, staged: Vec<StagedFile>) -> AnyView {
    let long = usize::try_from(REPORT_TEXT_MAX).unwrap_or(usize::MAX);
    let said = Field::of(state, "said", "他们说了什么").hint("记要点，不记姓名和电话").max(long);
    let there = Field::of(state, "seen_there", "看到了什么").max(long);
    let photos = Field::of(state, "photos", "照片").optional().hint("拍到别人的脸或车牌的，只在案卷里看");
    view! {
        <Section title="三、说了什么，看到什么">
            <TextArea field=said/>
            <TextArea field=there rows=4/>
            <FileInput field=photos staged accept="image/jpeg,image/png,image/webp"/>
        </Section>
    }
    .into_any()
}

/// Takes the form.
///
/// # Errors
/// As the steps.
pub async fn post_visit(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let ctx = &req.ctx;
    let case = inside(ctx, req.param("id")?).await?.id;
    let (visit, corrected) = (typed(&form)?, form.value("visit"));
    let step = if corrected.is_empty() {
        let id = Some(VisitId(ctx.new_id()));
        carry_out(ctx, RecordVisit { case, id, visit }).await?;
        StepKind::RecordVisit
    } else {
        let id = corrected.parse().map_err(|_| Refusal::NotFound)?;
        carry_out(ctx, CorrectVisit { case, id, seen: seen(&form)?, visit }).await?;
        StepKind::CorrectVisit
    };
    Ok(Outcome::SeeOther(format!("{}?done={}#visits", address(case, "research"), step.code())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        let values = fields.iter().map(|(n, v)| ((*n).to_owned(), vec![(*v).to_owned()])).collect();
        Form { values, files: Vec::new() }
    }

    #[test]
    fn a_visit_survives_its_form() {
        let typed_in = form(&[
            ("on", "2026-03-10"),
            ("method", "talk"),
            ("place", "镇东五区"),
            ("heard_stakeholder", "３"),
            ("heard_unknown", "1"),
            ("members", "2"),
            ("said", "晚上没处停"),
            ("seen_there", "主路两侧停满"),
        ]);
        let visit = typed(&typed_in).unwrap();
        assert_eq!((visit.heard_of(Category::Stakeholder), visit.unknown, visit.members), (3, 1, 2));
        let again = typed(&Form { values: filled(&visit).values, files: Vec::new() }).unwrap();
        assert_eq!(again, visit);
    }

    #[test]
    fn what_cannot_be_read_is_named_all_at_once() {
        let refusal = typed(&form(&[("heard_public", "几个"), ("on", "昨天"), ("method", "fly")])).unwrap_err();
        let Refusal::Invalid(errors) = refusal else { panic!("{refusal:?}") };
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["heard_public", "on", "method"]);
    }
}
