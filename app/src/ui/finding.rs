//! Findings: what was checked, how it came out, where it comes from, how it is mended.

use leptos::prelude::*;

use super::{Icon, Shape, Words};
use crate::rules::{Finding, Findings, Level, RuleId, Tally};

/// Where a rule comes from: 「广泛邀请各界代表，第15项；数字见本镇规则」. The last part
/// says that it rests on settings.
#[must_use]
pub fn source_words(rule: RuleId) -> String {
    let rule = rule.rule();
    let mut words =
        rule.duties.first().map(|duty| format!("{}，第{}项", duty.short(), duty.item())).unwrap_or_default();
    if !rule.settings.is_empty() {
        if !words.is_empty() {
            words.push('；');
        }
        words.push_str("数字见本镇规则");
    }
    words
}

const fn shape(level: Level) -> Shape {
    match level {
        Level::Blocking => Shape::Blocking,
        Level::Warning => Shape::Warning,
        Level::Passed => Shape::Passed,
    }
}

/// One finding; stands in a list.
#[component]
pub fn FindingRow(
    /// The finding.
    finding: Finding,
) -> impl IntoView {
    let class = match finding.level {
        Level::Blocking => "finding blocking",
        Level::Warning => "finding warning",
        Level::Passed => "finding passed",
    };
    // The shape says it to the eye; readers of screens get the word.
    let word = format!("{}：", finding.level.word());
    let source = (finding.level != Level::Passed).then(|| source_words(finding.rule));
    let mend = finding.mend.map(|mend| view! { <a class="mend" href=mend.href>{mend.words}</a> });
    view! {
        <li class=class>
            <Icon shape=shape(finding.level)/>
            <div>
                <p class="finding-says"><span class="sr">{word}</span>{finding.sentence}</p>
                {source.filter(|words| !words.is_empty()).map(|words| view! { <p class="caption">{words}</p> })}
                {mend}
            </div>
        </li>
    }
}

/// The tally on top of a list, in words with signs.
fn tally_line(tally: Tally) -> impl IntoView {
    let part = |level, count: usize, words: &str| {
        (count > 0).then(|| {
            let words = format!("{count} {words}");
            view! { <li><Icon shape=shape(level)/>{words}</li> }
        })
    };
    view! {
        <ul class="tally">
            {part(Level::Blocking, tally.blocking, "项未满足")}
            {part(Level::Warning, tally.warning, "项提醒")}
            {part(Level::Passed, tally.passed, "项通过")}
        </ul>
    }
}

/// All findings of a step: tally, what blocks, what is to be known, and what holds, folded when something is open.
#[component]
pub fn FindingList(
    /// The findings, in any order.
    findings: Vec<Finding>,
) -> impl IntoView {
    let tally = findings.tally();
    let (passed, open): (Vec<Finding>, Vec<Finding>) =
        findings.sorted().into_iter().partition(|f| f.level == Level::Passed);
    let nothing_open = open.is_empty();
    let open = (!open.is_empty()).then(|| {
        let rows = open.into_iter().map(|finding| view! { <FindingRow finding/> }).collect_view();
        view! { <ul class="findings">{rows}</ul> }
    });
    let passed = (!passed.is_empty()).then(|| {
        let count = passed.len();
        let rows = passed.into_iter().map(|finding| view! { <FindingRow finding/> }).collect_view();
        view! {
            <details class="passed-fold" open=nothing_open>
                <summary><Icon shape=Shape::Passed/><u>{format!("{count} 项通过，逐项看")}</u></summary>
                <ul class="findings">{rows}</ul>
            </details>
        }
    });
    (tally.total() > 0).then(|| view! { {tally_line(tally)}{open}{passed} })
}

/// The button at the end of a checklist. A blocked one can still be pressed: the answer is the list.
#[component]
pub fn StepButton(
    /// The verb: 「公示，发出邀请」.
    #[prop(into)]
    words: String,
    /// What cannot be done yet, after 「暂不能」: 「公示」.
    #[prop(into)]
    verb: String,
    /// How many findings block.
    blocking: usize,
    /// Name of the value it sends.
    #[prop(optional, into)]
    name: Words,
    /// The value it sends.
    #[prop(optional, into)]
    value: Words,
) -> impl IntoView {
    let (class, words) = if blocking == 0 {
        ("btn", words)
    } else {
        ("btn blocked", format!("还差 {blocking} 项，暂不能{verb}"))
    };
    view! {
        <p class="step-button"><button type="submit" class=class name=name.0 value=value.0>{words}</button></p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_names_its_source() {
        for id in RuleId::ALL.iter().copied() {
            assert!(!source_words(id).is_empty(), "{id:?}");
        }
    }

    #[test]
    fn what_blocks_comes_first_and_what_holds_is_folded() {
        let rule = RuleId::ALL[0];
        let html = crate::live::render(move || {
            let findings = vec![
                Finding::passed(rule, "有标题"),
                Finding::warning(rule, "标题太短"),
                Finding::blocking(rule, "没有写地点").mend("去写地点", "#place"),
            ];
            view! { <FindingList findings/> }
        });
        let at = |words: &str| html.find(words).unwrap_or(usize::MAX);
        assert!(at("没有写地点") < at("标题太短") && at("标题太短") < at("有标题"), "{html}");
        assert!(html.contains("<details class=\"passed-fold\">"), "{html}");
        assert!(html.contains("href=\"#place\""), "{html}");
    }

    #[test]
    fn a_blocked_button_says_how_much_is_missing() {
        let html = crate::live::render(|| view! { <StepButton words="受理" verb="受理" blocking=2/> });
        assert!(html.contains("还差 2 项，暂不能受理"), "{html}");
        assert!(!html.contains("disabled"), "{html}");
    }
}
