//! The record of a case (留痕) for those who may see it from inside: every entry, who made it, and whether it follows the
//! one before.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use leptos::prelude::*;

use super::verify::follows;
use super::{Body, Entry, GENESIS, Stream, entries};
use crate::access::StepKind;
use crate::account;
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId};
use crate::rules::RuleId;
use crate::topic::pages::desk::{Tab, inside, moment, tabs};
use crate::ui::{Column, Crumbs, Pager, Table, Way};
use crate::web::{Page, Request};

/// Entries of one page.
const PAGE: usize = 50;

/// The page `/desk/topics/{id}/ledger`; `?before=` begins below an entry.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for a case one may not know of.
pub async fn of_case(req: &Request) -> Result<Page, Refusal> {
    let (db, today) = (&req.ctx.db, req.ctx.today());
    let case = inside(&req.ctx, req.param("id")?).await?;
    let before = match req.query("before") {
        "" => i64::MAX,
        seq => seq.parse().map_err(|_| Refusal::NotFound)?,
    };
    // One more than is shown: what the last one has to follow.
    let most = i64::try_from(PAGE).unwrap_or(i64::MAX).saturating_add(1);
    let found = entries(db, &Stream::Case(case.id).name(), before, most).await?;
    let lines = lines(&found);
    let people: Vec<AccountId> = lines
        .iter()
        .filter_map(|line| account_of(line.body.as_ref().ok()?))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let names = account::names(db, &people).await?;
    let title = case.inner_title().to_owned();
    Ok(Page::desk(format!("留痕：{title}"), "/desk/topics", move || {
        let older = (found.len() > PAGE).then(|| lines.last().map(|line| address(case.id, line.seq))).flatten();
        let newer = (before != i64::MAX).then(|| format!("/desk/topics/{}/ledger", case.id));
        let rows = lines.iter().map(|line| row(line, &names, today)).collect_view();
        let ways = vec![Way::new("议题", "/desk/topics"), Way::new(title.clone(), format!("/desk/topics/{}", case.id))];
        let columns = ["编号", "时间", "谁", "做了什么", "按哪条规则", "指纹"].map(Column::words).to_vec();
        view! {
            <Crumbs ways=ways here="留痕"/>
            <h1 class="title title-work">{title}</h1>
            {tabs(&case, Tab::Ledger)}
            <p class="lead">{sound(&lines)}</p>
            <Table caption="留痕记录，新的在前" columns=columns>{rows}</Table>
            <Pager previous=newer next=older/>
            <p class="caption">
                "每一条都记着上一条的指纹，改动或删掉任何一条，后面都接不上。记录里只存编号和代码，不存姓名和电话，所以删除个人信息也不影响核对。"
            </p>
        }
        .into_any()
    }))
}

fn address(case: CaseId, before: i64) -> String {
    format!("/desk/topics/{case}/ledger?before={before}")
}

/// An entry that is shown: what it says, or why it cannot be trusted.
struct Line {
    seq: i64,
    hash: String,
    body: Result<Body, &'static str>,
}

/// The entries of a page, newest first, each held against the one before it.
fn lines(found: &[Entry]) -> Vec<Line> {
    found
        .iter()
        .take(PAGE)
        .enumerate()
        .map(|(n, entry)| {
            let body = match found.get(n + 1) {
                Some(older) if older.seq + 1 == entry.seq => follows(entry, &older.hash),
                None if entry.seq == 1 => follows(entry, GENESIS),
                _ => Err("前面缺了一条"),
            };
            Line { seq: entry.seq, hash: entry.hash.clone(), body }
        })
        .collect()
}

/// Whether what is shown is sound, in a sentence.
fn sound(lines: &[Line]) -> String {
    match lines.iter().rev().find_map(|line| line.body.as_ref().err().map(|why| (line.seq, *why))) {
        Some((seq, why)) => format!("第 {seq} 条{why}，请马上告诉系统管理员。"),
        None => format!("这里的 {} 条，条条和上一条接得上。", lines.len()),
    }
}

/// The account that made an entry.
fn account_of(body: &Body) -> Option<AccountId> {
    body.by.strip_prefix("account:")?.parse().ok()
}

/// Who made an entry, in words.
fn who(body: &Body, names: &HashMap<AccountId, String>) -> String {
    match body.by.as_str() {
        "browser" => "居民（没有登录）".to_owned(),
        "proposer" => "提出人".to_owned(),
        by if by == "invitee" || by.starts_with("invitee:") => "受邀人".to_owned(),
        "clock" => "系统时钟".to_owned(),
        "operator" => "本机管理员".to_owned(),
        _ => account_of(body).and_then(|id| names.get(&id).cloned()).unwrap_or_else(|| "已注销的账号".to_owned()),
    }
}

/// What was done, and where the case went.
fn what(body: &Body) -> (String, Option<String>) {
    let words = StepKind::from_code(&body.what).map_or_else(|| body.what.clone(), |step| step.words().to_owned());
    let word = |code: &str| Stage::from_code(code).map_or_else(|| code.to_owned(), |stage| stage.word().to_owned());
    (words, body.moved.as_ref().map(|(from, to)| format!("{} → {}", word(from), word(to))))
}

/// 「T2 已通过」.
fn judged(body: &Body) -> String {
    let one = |text: &String| {
        let (rule, result) = text.split_once(':').unwrap_or((text, ""));
        let rule = RuleId::from_code(rule).map_or_else(|| rule.to_owned(), |rule| rule.label().to_owned());
        let result = if result == "warning" { "通过，有提醒" } else { "通过" };
        format!("{rule} {result}")
    };
    body.judged.iter().map(one).collect::<Vec<_>>().join("；")
}

fn row(line: &Line, names: &HashMap<AccountId, String>, today: NaiveDate) -> AnyView {
    let seq = line.seq;
    let hash: String = line.hash.chars().take(12).collect();
    let body = match &line.body {
        Ok(body) => body,
        Err(why) => {
            return view! {
                <tr><th scope="row" class="num">{seq}</th><td colspan="4"><b>{*why}</b></td><td class="hash">{hash}</td></tr>
            }
            .into_any();
        }
    };
    let when =
        body.at.parse::<chrono::DateTime<chrono::Utc>>().map_or_else(|_| body.at.clone(), |at| moment(at, today));
    let (words, moved) = what(body);
    let moved = moved.map(|words| view! { <p class="caption">{words}</p> });
    view! {
        <tr>
            <th scope="row" class="num">{seq}</th>
            <td>{when}</td>
            <td>{who(body, names)}</td>
            <td>{words}{moved}</td>
            <td>{judged(body)}</td>
            <td class="hash">{hash}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{digest, stamp};

    fn chain(n: i64) -> Vec<Entry> {
        let at = chrono::DateTime::UNIX_EPOCH;
        let mut prev = GENESIS.to_owned();
        let mut all = Vec::new();
        for seq in 1..=n {
            let body = Body {
                stream: "case:x".to_owned(),
                seq,
                at: stamp(at),
                prev: prev.clone(),
                what: "accept_topic".to_owned(),
                by: "proposer".to_owned(),
                moved: Some(("submitted".to_owned(), "accepted".to_owned())),
                rules: None,
                judged: vec!["T2:warning".to_owned()],
                data: serde_json::Value::Null,
                private: std::collections::BTreeMap::new(),
            };
            let text = serde_json::to_string(&body).unwrap();
            prev = digest(&text);
            all.push(Entry { stream: "case:x".to_owned(), seq, at, body: text, hash: prev.clone() });
        }
        all.reverse();
        all
    }

    #[test]
    fn a_sound_page_says_so_and_a_broken_one_names_the_entry() {
        for n in [1_i64, 3, 60] {
            let lines = lines(&chain(n).into_iter().take(PAGE + 1).collect::<Vec<_>>());
            assert!(sound(&lines).contains("接得上"), "{n}");
        }
        let mut changed = chain(5);
        changed[2].body = changed[2].body.replace("proposer", "operator");
        assert!(sound(&lines(&changed)).contains("第 3 条内容和指纹对不上"));
        let mut gone = chain(5);
        gone.remove(2);
        assert!(sound(&lines(&gone)).contains("第 4 条前面缺了一条"));
    }

    #[test]
    fn an_entry_is_said_in_words() {
        let lines = lines(&chain(1));
        let body = lines[0].body.as_ref().unwrap();
        assert_eq!(what(body), ("受理".to_owned(), Some("待受理 → 已受理".to_owned())));
        assert_eq!(judged(body), "T2 通过，有提醒");
        assert_eq!(who(body, &HashMap::new()), "提出人");
    }
}
