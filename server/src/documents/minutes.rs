//! The minutes of a meeting as a DOCX in the 纪要 form of GB/T 9704-2012.
//!
//! The text and the package are docx-rs's. What it writes in another order than the schema, or not at all (mirrored
//! margins, language, title, other names of a face), is given here and in the XML parts beside this file: offices open
//! the paper with programs that forgive less than LibreOffice. All looks are styles, so that an office can change them
//! in one place of the file.
//!
//! The licensed faces of the standard are named, not shipped: the computer of the office has them.

use std::io::Cursor;

use app::minutes::paper::{MinutesPaper, PaperBlock, PaperGroup, PaperSection, chinese};
use docx_rs::{BreakType, Docx, Footer, LineSpacing, LineSpacingType, PageNum, Paragraph, Run};

use super::DocumentError;
use super::breaking::{balanced, rows, width};

/// The looks: one style for each piece of the form.
const STYLES: &str = include_str!("minutes/styles.xml");
/// Faces and the names they go by where the licensed one is missing.
const FONTS: &str = include_str!("minutes/fonts.xml");
/// Odd and even pages, the binding edge, and how characters are spaced.
const SETTINGS: &str = include_str!("minutes/settings.xml");

/// A4 with 37 mm above, 28 mm at the binding edge and a text area of 156 mm × 225 mm, in twentieths of a point; 22
/// lines (12756 / 22). That 28 characters stand in a line is the spacing of the styles: a character grid narrower than
/// the character makes LibreOffice take two cells for each.
const PAGE: &str = concat!(
    r#"<w:pgSz w:w="11906" w:h="16838"/>"#,
    r#"<w:pgMar w:top="2098" w:right="1475" w:bottom="1984" w:left="1587" w:header="851" w:footer="1400" w:gutter="0"/>"#,
    r#"<w:cols w:space="425"/><w:docGrid w:type="lines" w:linePitch="579"/>"#,
);

/// Width of the text area in points.
const AREA: usize = 442;
/// A title: 22 pt, so 20 characters in a line.
const TITLE_LINE: usize = 40;
/// What fits between the margins of the line with issuer and date.
const ISSUER_LINE: usize = 50;
/// A list begins after five of 28 characters; one is left free for faces that are a little wider.
const LIST_LINE: usize = 44;
/// A line of the foot, in 14 pt between margins of a character.
const FOOT_LINE: usize = 58;
/// The mark in points: as large as one line allows, within these.
const MARK: (usize, usize) = (26, 54);

/// The paper as the bytes of a DOCX; the same paper gives the same bytes.
///
/// # Errors
/// When the package cannot be written.
pub fn minutes_docx(paper: &MinutesPaper) -> Result<Vec<u8>, DocumentError> {
    let mut docx = Docx::new()
        .footer(Footer::new().add_paragraph(page_number("FooterOdd")))
        .even_footer(Footer::new().add_paragraph(page_number("FooterEven")));
    let paragraphs = head(paper).into_iter().chain(text(paper)).chain(lists(paper)).chain(foot(paper));
    for (at, paragraph) in paragraphs.enumerate() {
        docx = docx.add_paragraph(paragraph.id(format!("{:08x}", at + 1)));
    }
    let mut parts = docx.build();
    parts.document = with_page(&ordered(&parts.document, "word/document.xml")?)?.into_bytes();
    parts.numberings = ordered(&parts.numberings, "word/numbering.xml")?.into_bytes();
    for footer in &mut parts.footers {
        *footer = ordered(footer, "word/footer.xml")?.into_bytes();
    }
    parts.styles = STYLES.into();
    parts.font_table = FONTS.into();
    parts.settings = SETTINGS.into();
    parts.doc_props.core = core(paper).into_bytes();
    let mut file = Cursor::new(Vec::new());
    parts.pack(&mut file).map_err(|error| DocumentError::Pack(error.to_string()))?;
    Ok(file.into_inner())
}

/// The remark, the red mark with number, issuer and day, the red rule and the title.
fn head(paper: &MinutesPaper) -> Vec<Paragraph> {
    let mut head = mark(&line(&paper.mark));
    head.extend(filled("Number", &paper.number));
    let (issuer, day) = (line(&paper.issuer), line(&paper.issued_on));
    if !issuer.is_empty() && !day.is_empty() && width(&issuer) + width(&day) <= ISSUER_LINE {
        head.push(
            Paragraph::new()
                .style("Issuer")
                .add_run(Run::new().add_text(issuer))
                .add_run(Run::new().add_tab().add_text(day)),
        );
    } else {
        head.extend(filled("Issuer", &issuer));
        head.extend(filled("IssuedOn", &day));
    }
    head.push(empty("RuleRed"));
    head.push(empty("Normal"));
    let remark = line(&paper.remark);
    if remark.is_empty() {
        head.push(empty("Normal"));
    } else {
        head.extend(filled("Remark", &format!("（{remark}）")));
    }
    head.push(Paragraph::new().style("Title").add_run(broken(&balanced(&line(&paper.title), TITLE_LINE))));
    head.push(empty("Normal"));
    head
}

/// The mark, as far down the page as the standard has it.
fn mark(mark: &str) -> Vec<Paragraph> {
    if mark.is_empty() {
        return Vec::new();
    }
    // Half characters count half: the width of a line is the size times half the number.
    let size = (2 * AREA / width(mark)).clamp(MARK.0, MARK.1);
    // Given exactly, as faces differ in the height they ask for: a quarter more than the size.
    let height = i32::try_from(25 * size).unwrap_or(i32::MAX);
    let height = LineSpacing::new().line_rule(LineSpacingType::Exact).line(height);
    let run = broken(&balanced(mark, 2 * AREA / size)).size(2 * size);
    vec![empty("MarkSpace"), Paragraph::new().style("Mark").line_spacing(height).add_run(run)]
}

/// Opening and sections.
fn text(paper: &MinutesPaper) -> Vec<Paragraph> {
    let mut text: Vec<Paragraph> = paper.opening.iter().flat_map(|words| paragraphs("Body", "", words)).collect();
    for (at, section) in paper.sections.iter().enumerate() {
        text.extend(filled("Heading1", &format!("{}、{}", chinese(at + 1), line(&section.heading))));
        text.extend(blocks(section));
    }
    text
}

fn blocks(section: &PaperSection) -> Vec<Paragraph> {
    let (mut headings, mut points) = (0, 0);
    let mut out = Vec::new();
    for block in &section.blocks {
        match block {
            PaperBlock::Words(words) => out.extend(paragraphs("Body", "", words)),
            PaperBlock::Heading(words) => {
                headings += 1;
                out.extend(filled("Heading2", &format!("（{}）{}", chinese(headings), line(words))));
            }
            PaperBlock::Point(words) => {
                points += 1;
                out.extend(paragraphs("Point", &format!("{points}. "), words));
            }
        }
    }
    out
}

/// 出席, 请假 and 列席, each with who, after an empty line.
fn lists(paper: &MinutesPaper) -> Vec<Paragraph> {
    let mut lists = Vec::new();
    for (label, groups) in [("出席：", &paper.present), ("请假：", &paper.excused), ("列席：", &paper.sitting_in)]
    {
        lists.extend(list(label, groups));
    }
    // So that the foot never has a page to itself.
    if let Some(last) = lists.pop() {
        lists.push(last.keep_next(true));
        lists.insert(0, empty("Normal"));
    }
    lists
}

fn list(label: &str, groups: &[PaperGroup]) -> Vec<Paragraph> {
    let lines = groups.iter().filter_map(|group| {
        let names: Vec<String> = group.names.iter().map(|name| line(name)).filter(|name| !name.is_empty()).collect();
        let kind = line(&group.kind);
        let lead = if kind.is_empty() { kind } else { format!("{kind}　") };
        (!names.is_empty()).then(|| broken(&rows(&lead, &names, "、", LIST_LINE)))
    });
    lines
        .enumerate()
        .map(|(at, names)| match at {
            0 => {
                let label = Run::new().style("Label").add_text(label);
                Paragraph::new().style("List").add_run(label).add_run(names)
            }
            _ => Paragraph::new().style("ListMore").add_run(names),
        })
        .collect()
}

/// 版记: who gets it and who answers for it, between rules.
fn foot(paper: &MinutesPaper) -> Vec<Paragraph> {
    let sent_to = line(&paper.sent_to);
    let officials: Vec<String> =
        paper.officials.iter().map(|(what, who)| format!("{}：{}", line(what), line(who))).collect();
    let mut foot = Vec::new();
    if !sent_to.is_empty() {
        foot.extend(filled("ImprintList", &format!("印发范围：{sent_to}")));
    }
    if !officials.is_empty() {
        if !foot.is_empty() {
            foot.push(empty("RuleThin"));
        }
        foot.push(Paragraph::new().style("Imprint").add_run(broken(&rows("", &officials, "　　", FOOT_LINE))));
    }
    if !foot.is_empty() {
        foot.insert(0, empty("RuleThick"));
        foot.insert(0, empty("ImprintSpace"));
        foot.push(empty("ImprintEnd"));
    }
    foot
}

/// 「— 1 —」.
fn page_number(style: &str) -> Paragraph {
    let dash = |words: &str| Run::new().add_text(words);
    Paragraph::new().style(style).add_run(dash("— ")).add_page_num(PageNum::new()).add_run(dash(" —"))
}

fn empty(style: &str) -> Paragraph {
    Paragraph::new().style(style)
}

/// A paragraph of one line of text, unless there is none.
fn filled(style: &str, words: &str) -> Option<Paragraph> {
    let words = line(words);
    (!words.is_empty()).then(|| Paragraph::new().style(style).add_run(Run::new().add_text(words)))
}

/// A paragraph for each line that a person wrote; `number` stands before the first.
fn paragraphs(style: &str, number: &str, words: &str) -> Vec<Paragraph> {
    let mut number = number;
    let mut out = Vec::new();
    for words in words.lines() {
        let words = line(words);
        if !words.is_empty() {
            out.extend(filled(style, &format!("{number}{words}")));
            number = "";
        }
    }
    out
}

/// Lines in one paragraph.
fn broken(lines: &[String]) -> Run {
    lines.iter().enumerate().fold(Run::new(), |run, (at, words)| {
        let run = if at == 0 { run } else { run.add_break(BreakType::TextWrapping) };
        run.add_text(words)
    })
}

/// A text as one line of what XML permits: white space, and what XML forbids, is a single space or nothing.
fn line(words: &str) -> String {
    let permitted = |c: &char| !matches!(c, '\u{fffe}' | '\u{ffff}') && (!c.is_control() || c.is_whitespace());
    let kept: String = words.chars().filter(permitted).collect();
    let words: Vec<&str> =
        kept.split(|c: char| c.is_whitespace() && c != '　').filter(|word| !word.is_empty()).collect();
    words.join(" ").trim().to_owned()
}

/// A part without the empty run properties that docx-rs puts where the schema has none.
fn ordered(part: &[u8], name: &'static str) -> Result<String, DocumentError> {
    let text = std::str::from_utf8(part).map_err(|_| DocumentError::Part { part: name, piece: "UTF-8" })?;
    Ok(text.replace("<w:rPr />", ""))
}

/// The document with the page of the standard; docx-rs's references to the footers are kept.
fn with_page(document: &str) -> Result<String, DocumentError> {
    const OPEN: &str = "<w:sectPr";
    const CLOSE: &str = "</w:sectPr>";
    const FOOTER: &str = "<w:footerReference";
    let missing = |piece| DocumentError::Part { part: "word/document.xml", piece };
    let (before, rest) = document.rsplit_once(OPEN).ok_or_else(|| missing("sectPr"))?;
    let (section, after) = rest.split_once(CLOSE).ok_or_else(|| missing("sectPr"))?;
    let footers: String = section
        .split(FOOTER)
        .skip(1)
        .filter_map(|rest| rest.split_once("/>"))
        .map(|(attributes, _)| format!("{FOOTER}{attributes}/>"))
        .collect();
    if footers.is_empty() {
        return Err(missing("footerReference"));
    }
    Ok(format!("{before}<w:sectPr>{footers}{PAGE}{CLOSE}{after}"))
}

/// Title, issuer and language of the file.
fn core(paper: &MinutesPaper) -> String {
    format!(
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
            r#"<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" "#,
            r#"xmlns:dc="http://purl.org/dc/elements/1.1/">"#,
            "<dc:title>{}</dc:title><dc:creator>{}</dc:creator><dc:language>zh-CN</dc:language></cp:coreProperties>",
        ),
        escaped(&line(&paper.title)),
        escaped(&line(&paper.issuer)),
    )
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
