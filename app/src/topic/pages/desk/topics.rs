//! `/desk/topics`: all topics of one's towns, newest first.

use leptos::prelude::*;

use super::store::{self, ListQuery};
use super::todo::look;
use super::words::{standing, waits};
use super::{DESK, RECORD, TOPICS, me, towns_as, words};
use crate::access::{Role, Towns};
use crate::case::stage::Stage;
use crate::error::{FormState, Refusal};
use crate::rules::{Calendar, RuleSet};
use crate::topic::pages::words::encode;
use crate::topic::store::DeskRow;
use crate::town;
use crate::ui::{CaseItem, CaseList, Choice, Empty, Field, LinkButton, Pager, Select, TextInput, Way};
use crate::web::{Page, Request};

/// Topics of one page.
const PAGE: i64 = 30;
/// Characters of a search that are looked at.
const SEARCH_MAX: usize = 60;

/// What was asked for, as the filter and the links show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    town: String,
    stage: String,
    text: String,
}

impl Asked {
    fn of(req: &Request) -> Self {
        Self {
            town: req.query("town").to_owned(),
            stage: req.query("stage").to_owned(),
            text: req.query("q").trim().chars().take(SEARCH_MAX).collect(),
        }
    }

    fn is_any(&self) -> bool {
        !(self.town.is_empty() && self.stage.is_empty() && self.text.is_empty())
    }

    /// The address of the page that begins after `before`.
    fn address(&self, before: &str) -> String {
        let mut address = TOPICS.to_owned();
        let mut mark = '?';
        for (name, value) in [("town", &self.town), ("stage", &self.stage), ("q", &self.text)]
            .into_iter()
            .map(|(name, value)| (name, value.as_str()))
            .chain([("before", before)])
            .filter(|(_, value)| !value.is_empty())
        {
            address.push(mark);
            address.push_str(name);
            address.push('=');
            address.push_str(&encode(value));
            mark = '&';
        }
        address
    }
}

/// The list.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for a town that is not the person's, or a stage that does not exist.
pub async fn topics(req: &Request) -> Result<Page, Refusal> {
    let me = me(req)?;
    let mut seen = me.seen_towns();
    if seen.is_none() {
        return Err(Refusal::Forbidden { who: "镇工委、党委、政府办和区政协办".to_owned() });
    }
    let (db, now, today) = (&req.ctx.db, req.ctx.now(), req.ctx.today());
    let asked = Asked::of(req);
    let towns = town::store::towns(db).await?;
    let own: Vec<town::Town> = towns.into_iter().filter(|town| seen.has(&town.town_id)).collect();
    if !asked.town.is_empty() {
        if own.iter().all(|t| t.town_id != asked.town) {
            return Err(Refusal::NotFound);
        }
        seen = Towns::Only(vec![asked.town.clone()]);
    }
    let stage = match asked.stage.as_str() {
        "" => None,
        code => Some(Stage::from_code(code).ok_or(Refusal::NotFound)?),
    };
    let before = match req.query("before") {
        "" => None,
        id => Some(id.parse().map_err(|_| Refusal::NotFound)?),
    };
    let query =
        ListQuery { stage: stage.map(|s| s.code().to_owned()), text: asked.text.clone(), before, limit: PAGE + 1 };
    let mut rows = store::list(db, &seen, &query).await?;
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > PAGE;
    rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|last| asked.address(&last.topic_id.to_string()));
    let first = before.is_some().then(|| asked.address(""));
    let calendar = req.ctx.shared.calendar();
    let (_, rules) = town::rules::baseline(db, &req.ctx.shared, now).await?;
    let several = own.len() > 1;
    let items: Vec<CaseItem> = rows.iter().map(|row| item(row, several, (&rules, &calendar), (now, today))).collect();
    let records = !towns_as(me, Role::Officer).is_empty();
    Ok(Page::desk("议题", TOPICS, move || {
        let record = records.then(|| view! { <p class="head-actions"><LinkButton words="代录议题" href=RECORD/></p> });
        let list = if items.is_empty() {
            let (sentence, way) = if asked.is_any() {
                ("没有这样的议题。换个条件，或者去掉条件再看。", Way::new("看全部议题", TOPICS))
            } else if before.is_some() {
                ("后面没有了。", Way::new("回到最新的", TOPICS))
            } else if records {
                ("还没有议题。有人来说事，可以先代录。", Way::new("代录议题", RECORD))
            } else {
                ("还没有议题。提上来以后会列在这里。", Way::new("回到我的事", DESK))
            };
            view! { <Empty sentence=sentence way=way/> }.into_any()
        } else {
            view! { <CaseList cases=items heading=2/> }.into_any()
        };
        view! {
            <div class="head">
                <h1 class="title title-desk">"议题"</h1>
                {record}
            </div>
            {filters(&asked, own)}
            {list}
            <Pager previous=first next=next/>
        }
        .into_any()
    }))
}

fn filters(asked: &Asked, towns: Vec<town::Town>) -> impl IntoView + use<> {
    let form =
        FormState::filled([("town", asked.town.clone()), ("stage", asked.stage.clone()), ("q", asked.text.clone())]);
    let text = Field::of(&form, "q", "题目或编号").optional();
    let stage = Field::of(&form, "stage", "状态").optional();
    let stages = Stage::ALL.iter().filter(|s| **s != Stage::Draft).map(|s| Choice::new(s.code(), s.word())).collect();
    let town = (towns.len() > 1).then(|| {
        let field = Field::of(&form, "town", "区镇").optional();
        let options = towns.into_iter().map(|t| Choice::new(t.town_id, t.short_name)).collect();
        view! { <Select field options blank="全部"/> }
    });
    view! {
        <form class="filters" method="get" action=TOPICS role="search">
            {town}
            <Select field=stage options=stages blank="全部"/>
            <TextInput field=text kind="search"/>
            {look()}
        </form>
    }
}

/// A row: number and town, whom it waits for, where it stands.
fn item(
    row: &DeskRow,
    several_towns: bool,
    (rules, calendar): (&RuleSet, &Calendar),
    (now, today): (chrono::DateTime<chrono::Utc>, chrono::NaiveDate),
) -> CaseItem {
    let (present, side) =
        standing(row.stage.0, (row.suspended_from.as_deref(), None), row.number.is_some(), row.due_on);
    let mut meta = Vec::new();
    if several_towns {
        meta.push(row.town.clone());
    }
    meta.push(row.number.as_ref().map_or_else(|| "没有编号".to_owned(), |n| format!("{n} 号")));
    meta.push(format!("{}起", words::moment(row.stage_since, today)));
    if row.held_comments > 0 {
        meta.push(format!("{} 条等干事看", row.held_comments));
    }
    CaseItem {
        title: row.title.clone(),
        href: format!("{TOPICS}/{}", row.topic_id),
        meta,
        waits: waits(row.stage.0, row.waits_for.as_deref()).map(|whom| format!("等 {whom}")).unwrap_or_default(),
        present,
        side,
        loops: Vec::new(),
        due: words::due(row.stage, row.due_on, (rules, calendar), now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_what_was_asked() {
        let asked = Asked { town: "shengze".to_owned(), stage: String::new(), text: "路 灯&".to_owned() };
        assert_eq!(asked.address("x"), "/desk/topics?town=shengze&q=%E8%B7%AF%20%E7%81%AF%26&before=x");
        assert_eq!(Asked::default().address(""), "/desk/topics");
    }
}
