//! Text cut into pieces that both engines can index.
//!
//! - Full-width letters and digits become half-width, capitals small.
//! - A run of letters and digits is one piece.
//! - A run of Chinese (Japanese, Korean) characters becomes its overlapping pieces of two, and then its last character
//!   alone: `议事室` is `议事 事室 室`. So a character alone is found as the beginning of a piece, wherever it stands.
//!
//! Pieces are written in ASCII letters, digits and common Han characters only, so that no tokenizer, whichever its
//! version of Unicode, can see anything in them but one word.

/// A word longer than this is cut off, in the index and in the question alike.
const WORD_MAX: usize = 48;
/// Phrases of a question that are looked for; further ones would cost time and find nothing more.
const PHRASES_MAX: usize = 8;
/// Pieces of a phrase that are looked for.
const PHRASE_PIECES_MAX: usize = 64;

/// A piece of text.
type Run = (Script, Vec<char>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Letters and digits that belong together.
    Word,
    /// Characters that are each a word or a syllable.
    Cjk,
}

/// What one character contributes, after folding.
enum Folded {
    Part(Script, char),
    /// Blank or sign: a phrase ends here.
    Break,
    /// Has no width: as if it were not there.
    Nothing,
}

/// Whether a character is written without spaces between words.
#[must_use]
pub const fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{2E80}'..='\u{2FDF}'      // radicals
        | '\u{3005}'..='\u{3007}'    // 々〆〇
        | '\u{3021}'..='\u{3029}' | '\u{3031}'..='\u{3035}' | '\u{3038}'..='\u{303C}'
        | '\u{3041}'..='\u{3096}' | '\u{309D}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}'
        | '\u{3105}'..='\u{312F}' | '\u{3131}'..='\u{318E}' | '\u{31A0}'..='\u{31BF}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'    // extension A
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{A000}'..='\u{A48C}'    // Yi
        | '\u{A960}'..='\u{A97C}' | '\u{AC00}'..='\u{D7FB}' | '\u{1100}'..='\u{11FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FFDC}'    // half-width kana and hangul
        | '\u{1B000}'..='\u{1B16F}'
        | '\u{20000}'..='\u{3FFFD}'  // extensions B and later
    )
}

/// Han characters that every tokenizer has known for long.
const fn is_common_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DB5}' | '\u{4E00}'..='\u{9FA5}')
}

fn fold(c: char) -> Folded {
    let c = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    match c {
        '\u{00AD}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2060}'
        | '\u{FEFF}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0100}'..='\u{E01EF}' => Folded::Nothing,
        c if is_cjk(c) => Folded::Part(Script::Cjk, c),
        c if c.is_alphanumeric() => Folded::Part(Script::Word, c),
        _ => Folded::Break,
    }
}

/// Runs of one script, grouped by what stands together without a blank or sign between.
fn groups(text: &str) -> Vec<Vec<Run>> {
    let mut groups: Vec<Vec<Run>> = Vec::new();
    let mut group: Vec<Run> = Vec::new();
    for c in text.chars() {
        match fold(c) {
            Folded::Nothing => {}
            Folded::Break => {
                if !group.is_empty() {
                    groups.push(std::mem::take(&mut group));
                }
            }
            Folded::Part(script, c) => match group.last_mut() {
                Some((last, run)) if *last == script => run.push(c),
                _ => group.push((script, vec![c])),
            },
        }
    }
    if !group.is_empty() {
        groups.push(group);
    }
    groups
}

/// Writes characters as a piece.
fn piece(chars: &[char]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(chars.len() * 3);
    for &c in chars {
        for c in c.to_lowercase() {
            if c.is_ascii_alphanumeric() || is_common_han(c) {
                text.push(c);
            } else {
                // Writing to a string cannot fail.
                let _ = write!(text, "x{:x}x", u32::from(c));
            }
        }
    }
    text
}

fn word(chars: &[char]) -> String {
    piece(chars.get(..WORD_MAX).unwrap_or(chars))
}

/// The pieces of a text to be indexed, in order. The place of a piece in the list is its position.
#[must_use]
pub fn index_tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for (script, run) in groups(text).into_iter().flatten() {
        match script {
            Script::Word => tokens.push(word(&run)),
            Script::Cjk => push_cjk(&mut tokens, &run, true),
        }
    }
    tokens
}

fn push_cjk(tokens: &mut Vec<String>, run: &[char], with_last: bool) {
    tokens.extend(run.windows(2).map(piece));
    if with_last && let Some(last) = run.last() {
        tokens.push(piece(&[*last]));
    }
}

/// Pieces that must stand one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// The pieces in order; never empty.
    pub tokens: Vec<String>,
    /// Whether the last one is only the beginning of a piece: a single character was asked for.
    pub prefix: bool,
}

/// The phrases of a question, all of which must be found. Empty when there is nothing to look for.
#[must_use]
pub fn phrases(text: &str) -> Vec<Phrase> {
    let mut phrases: Vec<Phrase> = Vec::new();
    for group in groups(text) {
        let mut tokens = Vec::new();
        let mut prefix = false;
        let last = group.len() - 1;
        for (at, (script, run)) in group.iter().enumerate() {
            match script {
                Script::Word => tokens.push(word(run)),
                // A run that something follows ends there in the text too; the last one may go on.
                Script::Cjk if at < last => push_cjk(&mut tokens, run, true),
                Script::Cjk if run.len() == 1 => {
                    push_cjk(&mut tokens, run, true);
                    prefix = true;
                }
                Script::Cjk => push_cjk(&mut tokens, run, false),
            }
        }
        if tokens.len() > PHRASE_PIECES_MAX {
            tokens.truncate(PHRASE_PIECES_MAX);
            prefix = false;
        }
        let phrase = Phrase { tokens, prefix };
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
        if phrases.len() == PHRASES_MAX {
            break;
        }
    }
    phrases
}

/// Whether a question holds anything that can be looked for.
#[must_use]
pub fn is_searchable(text: &str) -> bool {
    text.chars().any(|c| matches!(fold(c), Folded::Part(..)))
}

/// Characters that join words and tell nothing about a matter.
const EMPTY: &str = "的了和与或及在是有把被对从到向为这那个些么怎吗呢吧啊请应该能可不要我你他们";

/// Pieces of two characters and words by which a title is compared with others: each once, those that tell nothing
/// about a matter left out, `most` at most.
#[must_use]
pub fn telling_tokens(text: &str, most: usize) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut rest: Vec<String> = Vec::new();
    for (script, run) in groups(text).into_iter().flatten() {
        match script {
            Script::Word if run.len() > 1 => push_new(&mut told, word(&run)),
            Script::Word => {}
            Script::Cjk => {
                for pair in run.windows(2) {
                    let list = if pair.iter().any(|c| EMPTY.contains(*c)) { &mut rest } else { &mut told };
                    push_new(list, piece(pair));
                }
            }
        }
    }
    // A title of joining words only is compared by those.
    if told.is_empty() {
        told = rest;
    }
    told.truncate(most);
    told
}

fn push_new(list: &mut Vec<String>, token: String) {
    if !list.contains(&token) {
        list.push(token);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What an engine does with a phrase.
    fn finds(text: &str, question: &str) -> bool {
        let index = index_tokens(text);
        let phrases = phrases(question);
        !phrases.is_empty()
            && phrases.iter().all(|phrase| {
                index.windows(phrase.tokens.len()).any(|window| {
                    let Some(((last, before), (wanted, wanted_before))) =
                        window.split_last().zip(phrase.tokens.split_last())
                    else {
                        return false;
                    };
                    before == wanted_before && (if phrase.prefix { last.starts_with(wanted) } else { last == wanted })
                })
            })
    }

    #[test]
    fn text_is_cut_into_words_and_pieces_of_two() {
        assert_eq!(index_tokens("379路 末班Bus，议事室"), ["379", "路", "末班", "班", "bus", "议事", "事室", "室"]);
        assert_eq!(index_tokens("ＡＢ１２"), ["ab12"]);
        assert_eq!(index_tokens("𠮷田"), ["x20bb7x田", "田"]);
        assert_eq!(index_tokens(" \u{0}*\"-、"), Vec::<String>::new());
    }

    #[test]
    fn questions_find_what_people_mean() {
        let text = "盛泽镇379路公交末班时间，鲈乡二村加装电梯；𠮷里弄 E-Bike 充电";
        for question in [
            "公交",
            "379",
            "379路",
            "３７９路公交",
            "鲈乡",
            "电梯 公交",
            "电梯，鲈乡",
            "梯",
            "路",
            "𠮷里",
            "𠮷",
            "e-bike",
            "公交\u{200B}末班",
            "\"公交\" AND",
            "镇379路",
        ] {
            let expected = question != "\"公交\" AND";
            assert_eq!(finds(text, question), expected, "{question}");
        }
        for question in ["公末", "停车", "79路", "路路", "", "*", "交公"] {
            assert!(!finds(text, question), "{question}");
        }
    }

    #[test]
    fn a_phrase_does_not_run_over_a_sign() {
        assert!(!finds("停车。公厕", "车公"));
        assert!(finds("停车。公厕", "停车。公厕"));
    }

    #[test]
    fn pieces_are_plain_and_bounded() {
        let long = "字".repeat(10_000);
        assert_eq!(phrases(&long)[0].tokens.len(), PHRASE_PIECES_MAX);
        let word = "a".repeat(10_000);
        assert_eq!(index_tokens(&word)[0].len(), WORD_MAX);
        assert!(finds(&word, &word));
        assert!(phrases(&"a b c d e f g h i j k l m".repeat(9)).len() <= PHRASES_MAX);
    }

    #[test]
    fn what_tells_nothing_is_left_out_of_comparison() {
        assert_eq!(telling_tokens("河道的治理 和 A1", 12), ["河道", "治理", "a1"]);
        assert_eq!(telling_tokens("我们的", 12), ["我们", "们的"]);
        assert_eq!(telling_tokens(&"河道治理与绿化养护".repeat(3), 4).len(), 4);
    }

    /// Characters that occur in texts, with the rare and the dangerous among them.
    fn any_text() -> impl Strategy<Value = String> {
        let any_char = prop_oneof![
            4 => proptest::char::range('\u{4E00}', '\u{4E40}'),
            2 => proptest::char::range('\u{4E00}', '\u{9FFF}'),
            1 => proptest::char::range('\u{20000}', '\u{2A6DF}'),
            1 => proptest::char::range('\u{30000}', '\u{323AF}'),
            1 => proptest::char::range('\u{3400}', '\u{4DBF}'),
            1 => proptest::char::range('\u{2E80}', '\u{30FF}'),
            1 => proptest::char::range(' ', '~'),
            1 => proptest::char::range('\u{FF01}', '\u{FF5E}'),
            1 => any::<char>(),
        ];
        proptest::collection::vec(any_char, 0..60).prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn any_two_neighbouring_characters_find_their_text(text in any_text(), from in 0_usize..60, len in 2_usize..20) {
            let chars: Vec<char> = text.chars().collect();
            let wanted: String = chars.iter().skip(from).take_while(|c| is_cjk(**c)).take(len).collect();
            prop_assume!(wanted.chars().count() >= 2);
            prop_assert!(finds(&text, &wanted), "{wanted}");
        }

        #[test]
        fn any_single_character_finds_its_text(text in any_text()) {
            for c in text.chars().filter(|c| is_cjk(*c)) {
                prop_assert!(finds(&text, &c.to_string()), "{c}");
            }
        }

        #[test]
        fn pieces_hold_nothing_that_an_engine_could_read_as_a_sign(text in any::<String>()) {
            let asked = phrases(&text);
            prop_assert_eq!(!asked.is_empty(), is_searchable(&text));
            let all = index_tokens(&text)
                .into_iter()
                .chain(asked.into_iter().flat_map(|p| p.tokens))
                .chain(telling_tokens(&text, 12));
            for token in all {
                prop_assert!(!token.is_empty() && token.chars().all(|c| c.is_ascii_alphanumeric() || is_common_han(c)));
            }
        }
    }
}
