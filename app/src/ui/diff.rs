//! Two texts beside each other, line by line, for the moment when two people changed the same record.

use leptos::prelude::*;

use crate::error::Difference;

/// Lines beyond which no alignment is looked for: the table of the comparison grows with the product of both.
const MOST_LINES: usize = 400;

/// One line of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// The text.
    text: String,
    /// Whether the other side has it too.
    shared: bool,
}

/// Both sides, each line marked by whether the other has it (longest common subsequence of lines).
fn compare(theirs: &str, yours: &str) -> (Vec<Line>, Vec<Line>) {
    let (a, b): (Vec<&str>, Vec<&str>) = (theirs.lines().collect(), yours.lines().collect());
    let (mut in_a, mut in_b) = (vec![false; a.len()], vec![false; b.len()]);
    if a.len() <= MOST_LINES && b.len() <= MOST_LINES {
        let width = b.len() + 1;
        let mut best = vec![0_usize; (a.len() + 1) * width];
        for i in (0..a.len()).rev() {
            for j in (0..b.len()).rev() {
                best[i * width + j] = if a[i] == b[j] {
                    best[(i + 1) * width + j + 1] + 1
                } else {
                    best[(i + 1) * width + j].max(best[i * width + j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < a.len() && j < b.len() {
            if a[i] == b[j] {
                in_a[i] = true;
                in_b[j] = true;
                i += 1;
                j += 1;
            } else if best[(i + 1) * width + j] >= best[i * width + j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    let marked = |lines: Vec<&str>, shared: Vec<bool>| {
        lines.into_iter().zip(shared).map(|(text, shared)| Line { text: text.to_owned(), shared }).collect()
    };
    (marked(a, in_a), marked(b, in_b))
}

/// What the marks beside lines say: of what both have, of what only the left has, of what only the right has.
struct Marks([&'static str; 3]);

const OF_TWO_PEOPLE: Marks = Marks(["相同", "您没有", "您写的"]);
const OF_TWO_VERSIONS: Marks = Marks(["没变", "删去", "新写"]);

fn side(lines: Vec<Line>, left: bool, Marks([same, only_left, only_right]): &Marks) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="hint">"（空）"</p> }.into_any();
    }
    let rows = lines
        .into_iter()
        .map(|line| match (line.shared, left) {
            (true, _) => view! { <li><span class="mark">{*same}</span><span>{line.text}</span></li> }.into_any(),
            (false, true) => view! { <li><span class="mark">{*only_left}</span><del>{line.text}</del></li> }.into_any(),
            (false, false) => {
                view! { <li><span class="mark">{*only_right}</span><ins>{line.text}</ins></li> }.into_any()
            }
        })
        .collect_view();
    view! { <ul class="diff-text">{rows}</ul> }.into_any()
}

/// One field that two people changed: what is stored now at the left, what was sent at the right.
#[component]
pub fn TextDiff(
    /// The field's label.
    #[prop(into)]
    label: String,
    /// What is stored now.
    #[prop(into)]
    theirs: String,
    /// What was sent.
    #[prop(into)]
    yours: String,
) -> impl IntoView {
    let (left, right) = compare(&theirs, &yours);
    view! {
        <div class="diff">
            <div><p class="diff-head">{format!("{label}：现在是")}</p>{side(left, true, &OF_TWO_PEOPLE)}</div>
            <div><p class="diff-head">{format!("{label}：您写的")}</p>{side(right, false, &OF_TWO_PEOPLE)}</div>
        </div>
    }
}

/// Two versions of one text: the earlier at the left, the later at the right.
#[component]
pub fn VersionDiff(
    /// The earlier one.
    #[prop(into)]
    before: String,
    /// The later one.
    #[prop(into)]
    after: String,
) -> impl IntoView {
    let (left, right) = compare(&before, &after);
    view! {
        <div class="diff">
            <div><p class="diff-head">"改之前"</p>{side(left, true, &OF_TWO_VERSIONS)}</div>
            <div><p class="diff-head">"改之后"</p>{side(right, false, &OF_TWO_VERSIONS)}</div>
        </div>
    }
}

/// The conflict over a form that is shown again: what happened, and every field that differs.
#[component]
pub fn Conflict(
    /// What happened.
    #[prop(into)]
    sentence: String,
    /// The fields that differ.
    differences: Vec<Difference>,
) -> impl IntoView {
    let fields = differences
        .into_iter()
        .map(|d| view! { <TextDiff label=d.label theirs=d.theirs yours=d.yours/> })
        .collect_view();
    view! {
        <section class="form-summary" tabindex="-1">
            <h2>{sentence}</h2>
            <p>"您写的都在下面的表里。照着左边改好，再交一次。"</p>
            {fields}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(lines: &[Line]) -> Vec<&str> {
        lines.iter().filter(|l| !l.shared).map(|l| l.text.as_str()).collect()
    }

    #[test]
    fn only_changed_lines_are_marked() {
        let (theirs, yours) = compare("路窄\n灯暗\n有积水", "路窄\n灯暗，常坏\n有积水\n有狗");
        assert_eq!(own(&theirs), ["灯暗"]);
        assert_eq!(own(&yours), ["灯暗，常坏", "有狗"]);
    }

    #[test]
    fn equal_texts_have_no_marks_and_empty_ones_no_lines() {
        let (theirs, yours) = compare("一\n二", "一\n二");
        assert!(own(&theirs).is_empty() && own(&yours).is_empty());
        assert_eq!(compare("", ""), (vec![], vec![]));
    }

    #[test]
    fn very_long_texts_are_shown_without_alignment() {
        let long = "行\n".repeat(MOST_LINES + 1);
        let (theirs, _) = compare(&long, "行");
        assert_eq!(own(&theirs).len(), MOST_LINES + 1);
    }
}
