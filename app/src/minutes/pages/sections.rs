//! The sections as forms, with their versions and what differs between them.

use leptos::prelude::*;

use super::outcomes;
use super::sheet::Sheet;
use crate::access::StepKind;
use crate::error::{Difference, FormState};
use crate::minutes::model::{Outcomes, Section as Part, readable};
use crate::minutes::store::{Minutes, Version, standing};
use crate::roster::store::Unit;
use crate::topic::pages::desk::{Bench, moment, what_was_wrong};
use crate::ui::{Button, ButtonKind, Conflict, Field, RequestIdField, Section, TextArea, VersionDiff};

/// Sets the ids of the texts apart from those of their sections.
const TEXT: &str = "text";
/// Versions of a section that are shown.
const SHOWN: usize = 12;

/// A version that is kept beside the text, which the page was asked to show.
pub(super) type Beside = Option<(Part, i64)>;

/// All sections.
pub(super) fn view(bench: &Bench, sheet: &Sheet, edition: &Minutes, units: &[Unit], beside: Beside) -> AnyView {
    Part::ALL.iter().map(|part| one(bench, sheet, edition, (*part, units, beside))).collect_view().into_any()
}

const fn hint(part: Part) -> &'static str {
    match part {
        Part::Background => "这件事的来由，调研看到了什么。",
        Part::Opinions => {
            "已经照会议记录填好。一行一条，用「- 」开头。公布时自动隐去的只有到会的人的姓名，别人的姓名请不要写。"
        }
        Part::Consensus => "在哪几点上说到一起了。没有达成共识的空着，到「成果清单」里勾选。",
        Part::Dissent => "还有哪些不同意见。没有的写「无」。",
        Part::Outcomes => "要办的事，一条一条写。现场交办的已经在里面。",
    }
}

fn one(bench: &Bench, sheet: &Sheet, edition: &Minutes, (part, units, beside): (Part, &[Unit], Beside)) -> AnyView {
    let now = standing(&sheet.versions, part);
    let words = now.map(|one| sheet.inside(&one.words)).unwrap_or_default();
    let mine = beside
        .filter(|(of, _)| *of == part)
        .and_then(|(_, version)| sheet.versions.iter().find(|one| one.section.0 == part && one.version == version))
        .map(|one| sheet.inside(&one.words));
    let conflict = mine.as_ref().map(|mine| {
        let differences = vec![Difference {
            label: part.word().to_owned(),
            theirs: readable(part, &words),
            yours: readable(part, mine),
        }];
        let sentence = "您打开以后，别人刚改过这一段。两份都留着：现在用的是左边，您写的在下面，合好再存。";
        view! { <Conflict sentence differences/> }
    });
    let form = bench.may(StepKind::SaveSection).then(|| {
        let refused = bench.state(StepKind::SaveSection);
        let is_this = refused.value("section") == part.code();
        let text = mine.clone().unwrap_or_else(|| words.clone());
        let state = match (is_this, part) {
            (true, _) => refused.clone(),
            (false, Part::Outcomes) => outcomes::filled(&Outcomes::read(&text)),
            (false, _) => FormState::filled([(part.code(), text)]),
        };
        let fields = match part {
            Part::Outcomes => outcomes::fields(&state, units),
            _ => {
                let most = usize::try_from(bench.rules.minutes.section_max).unwrap_or(usize::MAX);
                let field = Field::of(&state, part.code(), part.word()).within(TEXT).hint(hint(part)).max(most);
                let rows = if part == Part::Opinions { 10 } else { 4 };
                view! { <TextArea field rows=rows/> }.into_any()
            }
        };
        let wrong = is_this.then(|| what_was_wrong(&refused, Some(TEXT)));
        let id = format!("form-{}", part.code());
        // Of a text that was refused, the version on which it was written.
        let seen = now.map_or(0, |one| one.version).to_string();
        let seen = if is_this { refused.value("seen").to_owned() } else { seen };
        let draft = format!("minutes:{}:{}:{seen}", edition.minutes_id, part.code());
        view! {
            <form class="form" id=id method="post" action=bench.address() data-autosave="" data-draft=draft>
                {wrong}
                <RequestIdField id=bench.request_id.clone()/>
                <input type="hidden" name="action" value=StepKind::SaveSection.code()/>
                <input type="hidden" name="minutes" value=edition.minutes_id.to_string()/>
                <input type="hidden" name="section" value=part.code()/>
                <input type="hidden" name="seen" value=seen/>
                {fields}
                <div class="actions"><Button words="存下这一段" kind=ButtonKind::Second small=true/><span class="caption" data-saved="" role="status"></span></div>
            </form>
        }
        .into_any()
    });
    let read = form.is_none().then(|| view! { <p class="said">{readable(part, &words)}</p> });
    let lead = (part == Part::Outcomes && form.is_some()).then(|| view! { <p class="hint">{hint(part)}</p> });
    let history = history(bench, sheet, part);
    view! {
        <Section title=part.word() id=part.code()>
            {conflict}
            {lead}
            {form}
            {read}
            {history}
        </Section>
    }
    .into_any()
}

/// The versions of a section, newest first, each with what it changed.
fn history(bench: &Bench, sheet: &Sheet, part: Part) -> Option<AnyView> {
    let all: Vec<&Version> = sheet.versions.iter().filter(|one| one.section.0 == part).collect();
    if all.len() < 2 {
        return None;
    }
    let rows = all
        .iter()
        .take(SHOWN)
        .enumerate()
        .map(|(n, one)| {
            let before = all[n + 1..].iter().find(|other| other.stands).map_or("", |other| other.words.as_str());
            let who = one.author.clone().unwrap_or_else(|| "系统".to_owned());
            let kept = if one.stands { "" } else { "，另存，没有用上" };
            let head = format!("第 {} 版，{}，{who}{kept}", one.version, moment(one.at, bench.today));
            let (before, after) = (readable(part, &sheet.inside(before)), readable(part, &sheet.inside(&one.words)));
            view! { <p class="sub-head">{head}</p><VersionDiff before after/> }
        })
        .collect_view();
    let words = format!("看改动，一共 {} 版", all.len());
    Some(view! { <details><summary>{words}</summary>{rows}</details> }.into_any())
}
