//! The minutes as a file of an office: opened by LibreOffice, turned into pages, read back and looked at.
//!
//! The pages go to `target/shots/`, to be looked at. The licensed faces of the standard are not there, so strokes differ
//! from an office's; lines and pages do not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use app::minutes::paper::{MinutesPaper, PaperBlock, PaperGroup, PaperSection};
use server::documents::minutes::minutes_docx;
use tempfile::TempDir;

/// What a program printed; a sentence where it is missing or fails.
fn run(program: &str, set: impl FnOnce(&mut Command) -> &mut Command) -> String {
    let mut command = Command::new(program);
    let output = set(&mut command).output().unwrap_or_else(|error| {
        panic!("{program} cannot be started ({error}): `.tools/setup test` installs what this test needs")
    });
    assert!(output.status.success(), "{program} failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Free faces in the place of the standard's, so that the pictures come near to what an office sees.
fn fonts() -> String {
    let alias = |(face, free): (&str, &str)| {
        format!(
            "<match><test name=\"family\"><string>{face}</string></test>\
             <edit name=\"family\" mode=\"assign\" binding=\"strong\"><string>{free}</string></edit></match>"
        )
    };
    let aliases: String = [
        ("仿宋_GB2312", "AR PL SungtiL GB"),
        ("楷体_GB2312", "AR PL KaitiM GB"),
        ("方正小标宋简体", "Noto Serif CJK SC"),
        ("宋体", "Noto Serif CJK SC"),
        ("黑体", "Noto Sans CJK SC"),
    ]
    .map(alias)
    .concat();
    format!("<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig>{aliases}</fontconfig>")
}

/// A paper as LibreOffice lays it out.
struct Opened {
    folder: TempDir,
    pdf: PathBuf,
}

impl Opened {
    fn new(paper: &MinutesPaper) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path();
        let docx = home.join("minutes.docx");
        std::fs::write(&docx, minutes_docx(paper).unwrap()).unwrap();
        let settings = home.join(".config/fontconfig");
        std::fs::create_dir_all(&settings).unwrap();
        std::fs::write(settings.join("fonts.conf"), fonts()).unwrap();
        run("soffice", |soffice| {
            soffice
                .env("HOME", home)
                .arg(format!("-env:UserInstallation=file://{}/profile", home.display()))
                .args(["--headless", "--convert-to", "pdf", "--outdir"])
                .args([home, docx.as_path()])
        });
        let pdf = home.join("minutes.pdf");
        assert!(pdf.exists(), "LibreOffice could not read the file");
        Self { folder, pdf }
    }

    fn pages(&self) -> usize {
        let info = run("pdfinfo", |pdfinfo| pdfinfo.arg(&self.pdf));
        let pages = info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap();
        assert!(info.contains("(A4)"), "{info}");
        pages.trim().parse().unwrap()
    }

    /// The lines of the pages `first` to `last` as they are printed, blank ones left out.
    fn lines(&self, first: usize, last: usize) -> Vec<String> {
        let text = run("pdftotext", |pdftotext| {
            pdftotext.args(["-layout", "-f", &first.to_string(), "-l", &last.to_string()]).arg(&self.pdf).arg("-")
        });
        text.replace('\u{c}', "\n")
            .lines()
            .map(|line| line.trim_end().to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// Where each line of a page begins, in points from the left, and its first word.
    fn starts(&self, page: usize) -> Vec<(f64, String)> {
        let page = page.to_string();
        let boxes =
            run("pdftotext", |pdftotext| pdftotext.args(["-bbox", "-f", &page, "-l", &page]).arg(&self.pdf).arg("-"));
        let mut lines: BTreeMap<i64, (f64, String)> = BTreeMap::new();
        for word in boxes.split("<word ").skip(1) {
            let number = |name: &str| -> f64 {
                let value = word.split_once(&format!("{name}=\"")).unwrap().1;
                value.split_once('"').unwrap().0.parse().unwrap()
            };
            let text = word.split_once('>').unwrap().1.split_once('<').unwrap().0;
            // Faces of one line differ in height, not in where they stand: lines are 29 points apart.
            #[expect(clippy::cast_possible_truncation, reason = "a page is 842 points high")]
            let line = ((number("yMin") + number("yMax")) / 2.0 / 14.5).round() as i64;
            let first = lines.entry(line).or_insert((number("xMin"), text.to_owned()));
            if number("xMin") < first.0 {
                *first = (number("xMin"), text.to_owned());
            }
        }
        lines.into_values().collect()
    }

    /// All text without white space.
    fn text(&self) -> String {
        self.lines(1, self.pages()).concat().split_whitespace().collect()
    }

    /// The file and pictures of all pages, as `target/shots/NAME.docx` and `target/shots/NAME-1.png`.
    fn shoot(&self, name: &str) {
        let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("shots");
        std::fs::create_dir_all(&shots).unwrap();
        run("pdftoppm", |pdftoppm| pdftoppm.args(["-png", "-r", "80"]).arg(&self.pdf).arg(shots.join(name)));
        std::fs::copy(self.folder.path().join("minutes.docx"), shots.join(format!("{name}.docx"))).unwrap();
    }
}

/// That `text` has all of `parts`, one after the other.
fn in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("「{part}」 is not there, or too early, in:\n{text}"));
        rest = &rest[at + part.len()..];
    }
}

fn group(kind: &str, names: &[&str]) -> PaperGroup {
    PaperGroup { kind: kind.to_owned(), names: names.iter().map(|name| (*name).to_owned()).collect() }
}

fn section(heading: &str, blocks: Vec<PaperBlock>) -> PaperSection {
    PaperSection { heading: heading.to_owned(), blocks }
}

fn words(text: &str) -> PaperBlock {
    PaperBlock::Words(text.to_owned())
}

fn official(what: &str, who: &str) -> (String, String) {
    (what.to_owned(), who.to_owned())
}

/// Minutes of some pages with sixty people.
fn paper() -> MinutesPaper {
    let said = "会议认为，北麻漾清淤之后岸线长、权属杂，村、组、企业三方都有责任，但平时没有一方天天到场；护岸的石块被人搬走，\
                护栏断了两处，夏天有孩子下水。与会人员逐段看了照片，认为先分清哪一段归谁管，再定多久巡一次、花多少钱、钱从哪里来。";
    let point = |text: &str| PaperBlock::Point(text.to_owned());
    let surnames =
        "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈";
    let residents: Vec<String> = surnames
        .chars()
        .enumerate()
        .map(|(at, surname)| format!("{surname}{}", ["建国", "芳", "小明", "志强"][at % 4]))
        .collect();
    MinutesPaper {
        mark: "盛泽镇有事好商量协商纪要".to_owned(),
        number: "2026年第3期".to_owned(),
        issuer: "盛泽镇政协工委".to_owned(),
        issued_on: "2026年11月25日".to_owned(),
        title: "关于北麻漾清淤之后沿岸护岸护栏的日常管护责任划分与经费分担办法的协商纪要".to_owned(),
        opening: vec![
            "时间：2026年11月18日14:00—16:30".to_owned(),
            "地点：盛泽镇有事好商量协商议事室（幸福村党群服务中心二楼）".to_owned(),
            format!("主持：沈卫东。{said}"),
        ],
        sections: vec![
            section("基本情况", vec![words(said), words(said)]),
            section(
                "主要意见",
                vec![
                    PaperBlock::Heading("关于谁来管".to_owned()),
                    words(said),
                    point("幸福村负责东岸1200米，每天巡查一次，记在巡查本上，发现石块松动的当天报镇水务站。"),
                    point("镇水务站负责西岸与涵闸，汛期（5月1日至9月30日）每天两次。"),
                    PaperBlock::Heading("关于钱从哪里来".to_owned()),
                    words(said),
                    point("三方按岸线长度分担，第一年由镇里垫付，“先干起来”。"),
                ],
            ),
            section("形成的共识", vec![words(said), words(said), words(said)]),
            section("办理的要求", vec![words(said)]),
        ],
        present: vec![
            group("政协委员", &["沈卫东", "顾雪芳", "欧阳志远"]),
            PaperGroup { kind: "居民代表".to_owned(), names: residents },
            group("少数民族代表", &["阿卜杜拉·买买提·吐尔逊", "古丽米热·艾合买提", "扎西"]),
        ],
        excused: vec![group("", &["钱大伟", "孙丽"])],
        sitting_in: vec![group("镇有关部门", &["水务站陆建明", "财政和资产管理局施敏", "农业农村局周红梅"])],
        officials: vec![
            official("主持", "沈卫东"),
            official("记录", "顾雪芳"),
            official("签发", "沈卫东"),
            official("核对", "盛泽镇政协工委办公室欧阳志远"),
        ],
        sent_to: "镇党委、镇政府，区政协办公室，镇水务站、财政和资产管理局、农业农村局，幸福村、北麻村、南麻社区，各位与会人员".to_owned(),
        remark: "征求意见稿".to_owned(),
    }
}

#[test]
fn the_minutes_have_the_form_of_the_standard() {
    let opened = Opened::new(&paper());
    opened.shoot("minutes");
    let pages = opened.pages();
    assert!((4..=6).contains(&pages), "{pages} pages");
    in_order(
        &opened.text(),
        &[
            "盛泽镇有事好商量协商纪要",
            "2026年第3期",
            "盛泽镇政协工委",
            "2026年11月25日",
            "（征求意见稿）",
            "关于北麻漾清淤之后沿岸",
            "的协商纪要",
            "时间：2026年11月18日14:00—16:30",
            "—1—",
            "一、基本情况",
            "二、主要意见",
            "（一）关于谁来管",
            "1.幸福村负责东岸1200米",
            "2.镇水务站负责",
            "（二）关于钱从哪里来",
            "3.三方按岸线",
            "三、形成的共识",
            "四、办理的要求",
            "出席：政协委员",
            "欧阳志远",
            "居民代表",
            "王建国、",
            "沈芳",
            "少数民族代表",
            "阿卜杜拉·买买提·吐尔逊、",
            "请假：钱大伟、孙丽",
            "列席：镇有关部门",
            "印发范围：镇党委、镇政府，",
            "主持：沈卫东",
            "签发：沈卫东",
            &format!("—{pages}—"),
        ],
    );
    let last = opened.lines(pages, pages).concat();
    assert!(last.contains("列席") && last.contains("印发范围"), "the foot has a page to itself: {last}");
}

#[test]
fn a_page_has_22_lines_of_28_characters_and_its_number_outside() {
    let long = words(&"水".repeat(28 * 22 * 3));
    let opened = Opened::new(&MinutesPaper { sections: vec![section("水", vec![long])], ..MinutesPaper::default() });
    for page in [2, 3] {
        let mut lines = opened.lines(page, page);
        let number = lines.pop().unwrap();
        assert_eq!(number.split_whitespace().collect::<String>(), format!("—{page}—"));
        let indent = number.len() - number.trim_start().len();
        assert_eq!(indent > 20, page % 2 == 1, "odd pages have it at the right: {number:?}");
        assert_eq!(lines.len(), 22, "{lines:#?}");
        assert!(lines.iter().all(|line| line.trim().chars().count() == 28), "{lines:#?}");
    }
}

#[test]
fn names_begin_after_the_colon_on_every_line_and_are_not_torn() {
    let opened = Opened::new(&MinutesPaper { present: paper().present, ..MinutesPaper::default() });
    assert_eq!(opened.pages(), 1);
    let lines = opened.lines(1, 1);
    for name in paper().present.iter().flat_map(|group| &group.names) {
        assert!(lines.iter().any(|line| line.contains(name.as_str())), "{name} is torn: {lines:#?}");
    }
    let starts = opened.starts(1);
    let label = starts.iter().position(|(_, word)| word.starts_with("出席：政协委员")).unwrap();
    let list = &starts[label..starts.len() - 1];
    assert_eq!(list.len(), 13, "{list:?}");
    // 28 mm and two characters of 15.75 points; the colon ends three characters further on.
    let label = 28.0 / 25.4 * 72.0 + 2.0 * 15.75;
    for (at, (x, word)) in list.iter().enumerate() {
        let expected = if at == 0 { label } else { label + 3.0 * 15.75 };
        assert!((x - expected).abs() < 0.5, "{word} begins at {x}, not at {expected}");
    }
}

#[test]
fn a_paper_without_most_of_it_and_with_forbidden_characters_opens() {
    let odd = "甲\u{0}\u{8}\u{b}<乙>&\"丙\"\u{ffff}\u{fffe}\u{1f}]]>丁𠮷\u{feff}";
    let opened = Opened::new(&MinutesPaper {
        mark: "协商纪要".to_owned(),
        title: odd.to_owned(),
        issuer: odd.to_owned(),
        sections: vec![section(odd, vec![words(&format!("{odd}\r\n\r\n第二段\t完"))])],
        excused: vec![group("", &[odd]), group("无人", &[])],
        officials: vec![official("签发", odd)],
        sent_to: odd.to_owned(),
        remark: odd.to_owned(),
        ..MinutesPaper::default()
    });
    opened.shoot("minutes-short");
    assert_eq!(opened.pages(), 1);
    let text = opened.text();
    in_order(
        &text,
        &["协商纪要", "甲<乙>&\"丙\"]]>丁", "一、甲<乙>", "第二段完", "请假：甲<乙>", "印发范围：", "签发：甲"],
    );
    assert!(!text.contains("出席") && !text.contains("列席") && !text.contains("无人"), "{text}");
}

#[test]
fn very_long_names_stay_on_the_page() {
    let long = "江苏省苏州市吴江区盛泽镇人民政府农业农村和水务综合行政执法协调联席会议办公室";
    let names: Vec<String> = (1..=60).map(|n| format!("{long}第{n}组")).collect();
    let opened = Opened::new(&MinutesPaper {
        mark: format!("{long}有事好商量协商纪要"),
        number: "2026年第12期".to_owned(),
        issuer: long.to_owned(),
        issued_on: "2026年12月31日".to_owned(),
        title: format!("关于{long}与{long}联合开展河道巡查的协商纪要"),
        present: vec![PaperGroup { kind: long.to_owned(), names }],
        officials: vec![official("主持", long), official("记录", long), official("签发", long)],
        remark: "演示数据".to_owned(),
        ..MinutesPaper::default()
    });
    opened.shoot("minutes-long");
    let text = opened.text();
    in_order(
        &text,
        &["有事好商量协商纪要", long, "2026年12月31日", "（演示数据）", "第1组、", "第60组", "主持：", "签发："],
    );
}

#[test]
fn the_same_paper_is_the_same_file_and_says_what_it_is() {
    let file = minutes_docx(&paper()).unwrap();
    assert!(file == minutes_docx(&paper()).unwrap());
    // The parts are stored, not compressed.
    let text = String::from_utf8_lossy(&file);
    for part in [
        "<dc:title>关于北麻漾清淤之后",
        "<dc:language>zh-CN</dc:language>",
        r#"w:eastAsia="zh-CN""#,
        r#"w:eastAsia="方正小标宋简体" w:hAnsi="方正小标宋简体""#,
        r#"<w:pgSz w:w="11906" w:h="16838"/>"#,
        "<w:evenAndOddHeaders/>",
    ] {
        assert!(text.contains(part), "{part}");
    }
}
