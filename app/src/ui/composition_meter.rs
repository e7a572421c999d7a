//! The composition meter: a block for every person on the list, and a row for every rule with its track, its limit and
//! one word.

use std::fmt::Write;

use leptos::prelude::*;

use super::Words;
use crate::rules::{Category, Composition, Level, Line};

/// Blocks of a category that are drawn; the number beside them says the rest.
const BLOCKS: usize = 40;
/// Width of a track in its own units.
const WIDTH: f64 = 1000.0;

/// How a list of people stands to the rules of composition.
#[component]
pub fn CompositionMeter(
    /// The list.
    list: Composition,
    /// How it stands to each rule, as [`crate::rules::composition()`] says.
    lines: Vec<Line>,
    /// The smallest change that would help.
    #[prop(optional, into)]
    help: Words,
) -> impl IntoView {
    let groups = Category::ALL.iter().filter_map(|category| seats(&list, *category)).collect_view();
    let rows = grouped(&lines).into_iter().map(|group| row(&group)).collect_view();
    view! {
        <div class="meter">
            <ul class="seats">{groups}</ul>
            <ul class="meter-rows">{rows}</ul>
            {help.0.map(|words| view! { <p class="meter-help">{words}</p> })}
        </div>
    }
}

/// The blocks of one category; nothing for one that nobody is in.
fn seats(list: &Composition, category: Category) -> Option<AnyView> {
    let people = list.people.iter().filter(|seat| seat.category == category).count();
    let open = list.open.iter().filter(|(open, _)| *open == category).map(|(_, n)| *n).fold(0_u32, u32::saturating_add);
    let open = usize::try_from(open).unwrap_or(usize::MAX);
    if people == 0 && open == 0 {
        return None;
    }
    let taken = people.min(BLOCKS);
    let blocks = (0..taken)
        .map(|_| "seat")
        .chain((0..open.min(BLOCKS - taken)).map(|_| "seat open"))
        .map(|class| view! { <i class=class></i> })
        .collect_view();
    let words = if open == 0 {
        format!("{} {people}", category.word())
    } else {
        format!("{} {people}，空席 {open}", category.word())
    };
    Some(view! { <li><span class="seat-row" aria-hidden="true">{blocks}</span><span class="seat-words">{words}</span></li> }.into_any())
}

/// Lines of one name belong to one row: a share has a limit that refuses and one that advises.
fn grouped(lines: &[Line]) -> Vec<Vec<&Line>> {
    let mut groups: Vec<Vec<&Line>> = Vec::new();
    for line in lines {
        match groups.last_mut() {
            Some(group) if group.first().is_some_and(|first| first.name == line.name) => group.push(line),
            _ => groups.push(vec![line]),
        }
    }
    groups
}

fn row(group: &[&Line]) -> Option<AnyView> {
    let first = group.first()?;
    // What weighs most speaks for the row.
    let worst = group.iter().min_by_key(|line| line.level)?;
    let class = match worst.level {
        Level::Blocking => "word refused",
        Level::Warning => "word advised",
        Level::Passed => "word good",
    };
    let more =
        group.iter().skip(1).filter_map(|line| line.shown.split_once('，').map(|(_, limit)| format!("，{limit}")));
    let shown: String = std::iter::once(first.shown.clone()).chain(more).collect();
    Some(
        view! {
            <li>
                <span class="meter-name">{first.name}</span>
                <svg class="track" viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true" inner_html=track(group)></svg>
                <span class="meter-shown">{shown}</span>
                <span class=class>{worst.word.clone()}</span>
            </li>
        }
        .into_any(),
    )
}

/// The track scales to two and a half times a least number, or to a hundred per cent.
fn track(group: &[&Line]) -> String {
    let Some(first) = group.first() else { return String::new() };
    let whole = if first.share { 1.0 } else { (first.limit * 2.5).max(1.0) };
    let at = |value: f64| (value / whole * WIDTH).clamp(0.0, WIDTH);
    let mut svg = format!(
        r#"<rect class="bed" x="0" y="4" width="1000" height="8"/><rect class="fill" x="0" y="4" width="{:.1}" height="8"/>"#,
        at(first.value())
    );
    for line in group {
        let (class, x) = (if line.hard { "limit" } else { "advice" }, at(line.limit).clamp(1.0, WIDTH - 1.0));
        // Writing to a string cannot fail.
        let _ = write!(svg, r#"<path class="{class}" d="M{x:.1} 0V16"/>"#);
    }
    svg
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::render;
    use crate::rules::{RuleSet, Seat, composition};

    fn drawn(list: Composition) -> String {
        let lines = composition(&list, &RuleSet::default());
        render(move || view! { <CompositionMeter list lines help="再请 1 位群众代表"/> })
    }

    #[test]
    fn every_person_is_a_block_and_every_open_seat_a_dashed_one() {
        let seat = |category| Seat { category, woman: false };
        let list = Composition {
            people: vec![seat(Category::Member), seat(Category::Member), seat(Category::Public)],
            open: vec![(Category::Public, 2)],
        };
        let html = drawn(list);
        assert_eq!(html.matches("class=\"seat\"").count(), 3, "{html}");
        assert_eq!(html.matches("class=\"seat open\"").count(), 2, "{html}");
        assert!(html.contains("委员 2") && html.contains("群众代表 1，空席 2"), "{html}");
        assert!(!html.contains(" style="), "{html}");
    }

    #[test]
    fn the_two_limits_of_a_share_stand_in_one_row() {
        let html =
            drawn(Composition { people: vec![Seat { category: Category::Public, woman: true }; 3], open: Vec::new() });
        assert_eq!(html.matches("群众比例").count(), 1, "{html}");
        assert!(html.contains("3/3 = 100%，至少 34%，宜达到 50%"), "{html}");
        assert!(html.contains("差 5 人") && html.contains("再请 1 位群众代表"), "{html}");
    }

    #[test]
    fn the_fill_stays_within_its_track() {
        let html = drawn(Composition {
            people: vec![Seat { category: Category::Public, woman: true }; 400],
            open: Vec::new(),
        });
        assert!(html.contains("width=\"1000.0\""), "{html}");
        assert!(html.matches("class=\"seat\"").count() <= BLOCKS);
    }
}
