//! Reading what people typed: how long it is, and what must not be published.

/// How many characters a text has, as people count them: Unicode scalar
/// values, so that 𠮷 is one, without the blanks around it, a line break being
/// one whether it came as `\n` or `\r\n` (browsers count the first and send
/// the second).
#[must_use]
pub fn count_chars(text: &str) -> usize {
    let trimmed = trim(text);
    trimmed.chars().count() - trimmed.matches("\r\n").count()
}

/// Whether there is nothing to read in a text: blanks and characters without
/// width only.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    trim(text).is_empty()
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{3164}' | '\u{FEFF}')
}

/// Whether a text holds characters that cannot be typed on purpose and that
/// break lines, lists or the direction of reading. Line breaks and tabs are
/// fine.
#[must_use]
pub fn has_control(text: &str) -> bool {
    text.chars().any(|c| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    })
}

/// Whether a text goes over more than one line.
#[must_use]
pub(super) fn has_line_break(text: &str) -> bool {
    trim(text).contains(['\n', '\r', '\u{2028}', '\u{2029}'])
}

/// ASCII for the full-width digits and signs of a Chinese keyboard.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        '－' | '–' | '—' | '‐' | '‑' => '-',
        '＋' => '+',
        '（' => '(',
        '）' => ')',
        '．' | '·' => '.',
        '\u{3000}' | '\u{00A0}' | '\u{2009}' => ' ',
        _ => c,
    }
}

fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1])
}

/// The length of the area code if `digits` are a landline number with one.
fn landline_area(digits: &str) -> Option<usize> {
    let bytes = digits.as_bytes();
    if bytes.len() < 10 || bytes[0] != b'0' || bytes[1] == b'0' {
        return None;
    }
    let area = if matches!(bytes[1], b'1' | b'2') { 3 } else { 4 };
    let local = &bytes[area..];
    // A local number never begins with 0 or 1.
    ((7..=8).contains(&local.len()) && local[0] > b'1').then_some(area)
}

/// A phone number in one form: 11 digits of a mainland mobile, or area code,
/// `-` and number of a landline, with `-` and the extension if there is one.
/// `None` for anything else.
///
/// The same number written in different ways gives the same text, so it can be
/// compared and hashed.
#[must_use]
pub fn normal_phone(text: &str) -> Option<String> {
    let text: String = trim(text).chars().map(narrow).collect();
    let text = text.strip_prefix("+86").or_else(|| text.strip_prefix("0086")).unwrap_or(&text);
    let (number, extension) = match text.split_once(['转', '#']) {
        Some((number, extension)) => (number, Some(extension)),
        None => (text, None),
    };
    let extension = match extension.map(str::trim) {
        Some(e) if (1..=6).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_digit()) => Some(e),
        Some(_) => return None,
        None => None,
    };
    if !number.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')')) {
        return None;
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if is_mobile(&digits) {
        // Nothing is to be dialled after a mobile number.
        return extension.is_none().then_some(digits);
    }
    let area = landline_area(&digits)?;
    let (area, local) = digits.split_at(area);
    Some(match extension {
        Some(extension) => format!("{area}-{local}-{extension}"),
        None => format!("{area}-{local}"),
    })
}

/// Digits that belong together, cut where a single sign stands between.
fn digit_runs(text: &str) -> Vec<Vec<String>> {
    let mut runs: Vec<Vec<String>> = Vec::new();
    let mut groups: Vec<String> = Vec::new();
    let mut gap = 0_u8;
    for c in text.chars().map(narrow) {
        if c.is_ascii_digit() {
            if gap > 0 || groups.is_empty() {
                groups.push(String::new());
            }
            gap = 0;
            if let Some(last) = groups.last_mut() {
                last.push(c);
            }
        } else if matches!(c, ' ' | '-' | '.' | '(' | ')') && !groups.is_empty() && gap < 2 {
            gap += 1;
        } else if !groups.is_empty() {
            runs.push(std::mem::take(&mut groups));
            gap = 0;
        }
    }
    if !groups.is_empty() {
        runs.push(groups);
    }
    runs
}

/// How people cut a mobile number; other cuts are dates and times.
const MOBILE_CUTS: [&[usize]; 6] = [&[11], &[3, 4, 4], &[4, 3, 4], &[4, 4, 3], &[3, 8], &[7, 4]];

fn is_mobile_groups(groups: &[String]) -> bool {
    let cut: Vec<usize> = groups.iter().map(String::len).collect();
    MOBILE_CUTS.contains(&cut.as_slice()) && is_mobile(&groups.concat())
}

fn is_landline_groups(groups: &[String]) -> bool {
    let digits = groups.concat();
    let Some(area) = landline_area(&digits) else {
        return false;
    };
    groups.len() == 1 || groups[0].len() == area
}

/// Words after which seven or eight digits are a local phone number.
const PHONE_WORDS: [&str; 9] = ["电话", "手机", "座机", "热线", "联系", "致电", "拨打", "来电", "号码"];

fn finds_local_number(text: &str) -> bool {
    PHONE_WORDS.iter().any(|word| {
        text.match_indices(word).any(|(at, _)| {
            let after: String = text[at + word.len()..].chars().take(24).map(narrow).collect();
            let from = after.chars().position(|c| c.is_ascii_digit()).unwrap_or(usize::MAX);
            // A few signs or words such as 「是」「：」 may stand between.
            if from > 4 {
                return false;
            }
            let rest: String = after.chars().skip(from).collect();
            let number: String = rest
                .chars()
                .take_while(|c| c.is_ascii_digit() || matches!(c, '-' | ' '))
                .filter(char::is_ascii_digit)
                .collect();
            (7..=8).contains(&number.len()) && !number.starts_with(['0', '1'])
                // 「联系时间 2026-03-05」 is a date.
                && !(number.starts_with("20") && rest.contains('-'))
        })
    })
}

/// Whether a text holds something that reads as a person's phone number:
/// a mainland mobile, a landline with area code, or a local number after words
/// such as 电话. Short service numbers such as 12345 are not counted.
#[must_use]
pub fn finds_phone(text: &str) -> bool {
    finds_groups(text, |groups| is_mobile_groups(groups) || is_landline_groups(groups)) || finds_local_number(text)
}

/// Whether a text holds something that reads as a mainland mobile number: a
/// person's own, while a landline may be that of an office.
#[must_use]
pub fn finds_mobile(text: &str) -> bool {
    finds_groups(text, is_mobile_groups)
}

/// What is wrong with a text that everybody will read: a person's own numbers in it, one sentence each. A landline may
/// be that of an office and is left. `name` is what the text is called on screen.
#[must_use]
pub fn private_numbers(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if finds_mobile(text) {
        found.push(format!("{name}里像是有手机号码，请删掉；要写联系电话，写单位的座机。"));
    }
    if finds_id_number(text) {
        found.push(format!("{name}里像是有身份证号，请删掉。"));
    }
    found
}

fn finds_groups(text: &str, is_number: impl Fn(&[String]) -> bool) -> bool {
    for groups in digit_runs(text) {
        for from in 0..groups.len() {
            let mut rest = groups[from..].to_vec();
            // +86 138… and 86138… are the same number.
            if rest[0] == "86" && rest.len() > 1 {
                rest.remove(0);
            } else if rest[0].len() == 13 && rest[0].starts_with("86") {
                rest[0].drain(..2);
            }
            for to in 1..=rest.len().min(3) {
                if is_number(&rest[..to]) {
                    return true;
                }
            }
        }
    }
    false
}

/// Whether a text holds something that reads as a resident's identity number:
/// 17 digits and a digit or X, with a date of birth in the right place.
#[must_use]
pub fn finds_id_number(text: &str) -> bool {
    let chars: Vec<char> = text.chars().map(narrow).collect();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, 'x' | 'X');
    chars
        .chunk_by(|a, b| is_part(*a) && is_part(*b))
        .filter(|run| run.len() == 18 && run[..17].iter().all(char::is_ascii_digit))
        .any(|run| {
            let number = |from: usize, to: usize| {
                run[from..to].iter().filter_map(|c| c.to_digit(10)).fold(0, |n, digit| n * 10 + digit)
            };
            is_part(run[17])
                && (1900..=2099).contains(&number(6, 10))
                && (1..=12).contains(&number(10, 12))
                && (1..=31).contains(&number(12, 14))
        })
}
