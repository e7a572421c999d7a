//! Where the lines of a headline and of a list of names end. Pure.
//!
//! Widths are in half characters: a Chinese character is two, a letter or a digit one, as in the square faces that
//! papers are set in.

/// Words that a headline never tears apart.
const WHOLE: [&str; 3] = ["有事好商量", "协商纪要", "协商"];
/// What may not begin a line.
const NEVER_FIRST: &str = "、，。；：？！）》〉」』”’】〕…—的了等";
/// What may not end a line.
const NEVER_LAST: &str = "（《〈「『“‘【〔";
/// After these a line ends well.
const GOOD_LAST: &str = "的、，；：）》」”";
/// Before these a line ends well.
const GOOD_FIRST: &str = "和与及并《「“（";
/// What a break within a phrase costs, against the square of the characters that a line is off the mean.
const WITHIN_PHRASE: usize = 8;

/// How wide a text is, in half characters.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    if c.is_ascii() { 1 } else { 2 }
}

/// The lines of a headline that is at most `limit` half characters wide: as few as can be, about equally long, each
/// ending where a reader takes breath. A text without a permitted break stays whole.
#[must_use]
pub fn balanced(text: &str, limit: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let total = width(text);
    if total <= limit || limit == 0 {
        return vec![text.to_owned()];
    }
    let costs = break_costs(text, &chars);
    let fewest = total.div_ceil(limit);
    (fewest..fewest + 3).find_map(|lines| split(&chars, &costs, limit, lines)).unwrap_or_else(|| vec![text.to_owned()])
}

/// What a break before each character costs; `None` where there may be none.
fn break_costs(text: &str, chars: &[char]) -> Vec<Option<usize>> {
    let mut costs: Vec<Option<usize>> = vec![None; chars.len()];
    for (at, pair) in chars.windows(2).enumerate() {
        let &[before, after] = pair else { continue };
        let torn = before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric();
        if torn || NEVER_FIRST.contains(after) || NEVER_LAST.contains(before) {
            continue;
        }
        let good = GOOD_LAST.contains(before) || GOOD_FIRST.contains(after);
        costs[at + 1] = Some(if good { 0 } else { WITHIN_PHRASE });
    }
    for word in WHOLE {
        for (byte, found) in text.match_indices(word) {
            let start = text[..byte].chars().count();
            costs[start + 1..start + found.chars().count()].fill(None);
        }
    }
    costs
}

/// The cheapest way to exactly so many lines, if there is one.
fn split(chars: &[char], costs: &[Option<usize>], limit: usize, lines: usize) -> Option<Vec<String>> {
    let ends: Vec<usize> = std::iter::once(0)
        .chain(chars.iter().scan(0, |sum, &c| {
            *sum += char_width(c);
            Some(*sum)
        }))
        .collect();
    let mean = ends[chars.len()] / lines;
    // best[end]: the cost of the lines so far, and where each of them began.
    let mut best: Vec<Option<(usize, Vec<usize>)>> = vec![None; chars.len() + 1];
    best[0] = Some((0, Vec::new()));
    for line in 1..=lines {
        let mut next: Vec<Option<(usize, Vec<usize>)>> = vec![None; chars.len() + 1];
        for (start, reached) in best.iter().enumerate() {
            let Some((so_far, starts)) = reached else { continue };
            for end in start + 1..=chars.len() {
                let long = ends[end] - ends[start];
                if long > limit {
                    break;
                }
                let last = end == chars.len();
                if last != (line == lines) {
                    continue;
                }
                let Some(torn) = (if last { Some(0) } else { costs[end] }) else { continue };
                let off = long.abs_diff(mean) / 2;
                let cost = so_far + torn + off * off;
                if next[end].as_ref().is_none_or(|(other, _)| cost < *other) {
                    let mut starts = starts.clone();
                    starts.push(start);
                    next[end] = Some((cost, starts));
                }
            }
        }
        best = next;
    }
    let (_, starts) = best.pop().flatten()?;
    let ends = starts.iter().skip(1).copied().chain([chars.len()]);
    Some(starts.iter().zip(ends).map(|(&start, end)| chars[start..end].iter().collect()).collect())
}

/// The rows of a list: as many items on each as fit `limit` half characters, none torn apart. `lead` stands before the
/// first item, `between` after each but the last; white space at the end of a row is dropped. An item that is wider
/// than a row has one of its own.
#[must_use]
pub fn rows(lead: &str, items: &[String], between: &str, limit: usize) -> Vec<String> {
    let mut rows = Vec::new();
    let mut row = lead.to_owned();
    for (at, item) in items.iter().enumerate() {
        let piece = if at + 1 < items.len() { format!("{item}{between}") } else { item.clone() };
        if !row.is_empty() && width(&row) + width(piece.trim_end()) > limit {
            rows.push(std::mem::take(&mut row));
        }
        row.push_str(&piece);
    }
    rows.push(row);
    rows.iter().map(|row| row.trim_end().to_owned()).filter(|row| !row.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_headline_is_one_line() {
        assert_eq!(balanced("关于停车的协商纪要", 40), ["关于停车的协商纪要"]);
    }

    #[test]
    fn a_long_headline_breaks_where_one_takes_breath() {
        assert_eq!(
            balanced("关于老旧小区加装电梯过程中低层住户的采光补偿与费用分摊办法的协商纪要", 40),
            ["关于老旧小区加装电梯过程中低层住户的", "采光补偿与费用分摊办法的协商纪要"]
        );
        assert_eq!(
            balanced("关于盛泽镇2026年城区道路《停车管理办法》修订和商业街机动车限时通行的协商纪要", 40),
            ["关于盛泽镇2026年城区道路《停车管理办法》", "修订和商业街机动车限时通行的协商纪要"]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_page_and_nothing_is_lost() {
        for n in 1..90 {
            let text: String = "关于甲乙丙丁戊己庚辛与子丑寅卯辰的协商纪要".chars().cycle().take(n).collect();
            let lines = balanced(&text, 40);
            assert_eq!(lines.concat(), text);
            assert!(lines.iter().all(|line| width(line) <= 40), "{lines:?}");
        }
    }

    #[test]
    fn what_cannot_be_broken_stays_whole() {
        assert_eq!(balanced(&"a".repeat(50), 40), ["a".repeat(50)]);
    }

    #[test]
    fn no_name_is_torn_apart() {
        let names = ["王建国", "阿卜杜拉·买买提", "李"].map(str::to_owned);
        assert_eq!(rows("居民　", &names, "、", 22), ["居民　王建国、", "阿卜杜拉·买买提、李"]);
        assert_eq!(rows("", &names[1..2], "、", 6), ["阿卜杜拉·买买提"]);
        assert_eq!(rows("", &["主持：甲", "记录：乙"].map(str::to_owned), "　　", 8), ["主持：甲", "记录：乙"]);
        assert!(rows("", &[], "、", 8).is_empty());
    }
}
