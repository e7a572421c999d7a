//! The public list of topics: search, filters, sorting, pages by key. All of it is a plain GET form.

use std::collections::HashMap;

use leptos::prelude::*;

use crate::case::stage::Stage;
use crate::case::store::Case;
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::CaseId;
use crate::rules::Calendar;
use crate::search::store::{SearchQuery, search};
use crate::storage::StorageError;
use crate::topic::model::TopicSource;
use crate::topic::store::{self, Cursor, Filter, PublicRow, Sort};
use crate::town::{self, Town};
use crate::ui::{Button, ButtonKind, CaseItem, CaseList, Choice, Empty, Field, Pager, Select, TextInput, Way};
use crate::web::{Page, Request};

use super::words;

/// Characters of a question that are looked at.
const QUESTION_MAX: usize = 100;

/// In which order, as the address says it.
const SORTS: [(&str, Sort, &str); 3] = [
    ("moved", Sort::Moved, "最近有动静"),
    ("raised", Sort::Raised, "最新提出"),
    ("supported", Sort::Supported, "关心的人多"),
];

/// The stages that public topics can be in.
fn public_stages() -> impl Iterator<Item = Stage> {
    Stage::ALL.iter().copied().filter(|stage| stage.is_public(true))
}

/// What is asked for, read from the address.
#[derive(Clone, Debug, Default)]
struct Asked {
    text: String,
    town: Option<Town>,
    stage: Option<Stage>,
    source: Option<TopicSource>,
    sort: Sort,
    after: String,
}

impl Asked {
    /// What the address says; what it cannot mean does not exist.
    fn read(req: &Request, towns: &[Town]) -> Result<Self, Refusal> {
        let chosen = |name: &str| Some(req.query(name)).filter(|value| !value.is_empty());
        let sort = match chosen("sort") {
            None => Sort::default(),
            Some(code) => {
                SORTS.iter().find(|(known, ..)| *known == code).map(|(_, sort, _)| *sort).ok_or(Refusal::NotFound)?
            }
        };
        let found = |known: bool| if known { Ok(()) } else { Err(Refusal::NotFound) };
        let town = chosen("town").map(|id| towns.iter().find(|town| town.town_id == id).cloned());
        found(town != Some(None))?;
        let stage = chosen("stage").map(|code| public_stages().find(|stage| stage.code() == code));
        found(stage != Some(None))?;
        let source = chosen("source").map(TopicSource::from_code);
        found(source != Some(None))?;
        Ok(Self {
            text: req.query("q").trim().chars().take(QUESTION_MAX).collect(),
            town: town.flatten(),
            stage: stage.flatten(),
            source: source.flatten(),
            sort,
            after: req.query("after").to_owned(),
        })
    }

    fn is_narrowed(&self) -> bool {
        !self.text.is_empty() || self.town.is_some() || self.stage.is_some() || self.source.is_some()
    }

    fn town_id(&self) -> Option<String> {
        self.town.as_ref().map(|town| town.town_id.clone())
    }

    fn sort_code(&self) -> &'static str {
        SORTS.iter().find(|(_, sort, _)| *sort == self.sort).map_or("moved", |(code, ..)| *code)
    }

    /// The address of this list, from its beginning or after a topic.
    fn href(&self, after: Option<&str>) -> String {
        let mut parts = Vec::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                parts.push(format!("{name}={}", words::encode(value)));
            }
        };
        add("q", &self.text);
        add("town", &self.town_id().unwrap_or_default());
        add("stage", self.stage.map_or("", Stage::code));
        add("source", self.source.map_or("", TopicSource::code));
        add("sort", if self.sort == Sort::default() { "" } else { self.sort_code() });
        add("after", after.unwrap_or_default());
        if parts.is_empty() { "/topics".to_owned() } else { format!("/topics?{}", parts.join("&")) }
    }

    /// What is listed, in words: 「盛泽镇，已受理，社会征题，关心的人多的在前」.
    fn says(&self) -> String {
        let mut parts = Vec::new();
        if !self.text.is_empty() {
            parts.push(format!("有「{}」的", self.text));
        }
        parts.push(self.town.as_ref().map_or_else(|| "全区".to_owned(), |town| town.short_name.clone()));
        parts.extend(self.stage.map(|stage| stage.word().to_owned()));
        parts.extend(self.source.map(|source| source.word().to_owned()));
        let order = if self.text.is_empty() {
            match self.sort {
                Sort::Moved => "最近有动静的在前",
                Sort::Raised => "最新提出的在前",
                Sort::Supported => "关心的人多的在前",
            }
        } else {
            "最新受理的在前"
        };
        parts.push(order.to_owned());
        parts.join("，")
    }
}

/// The list of topics.
///
/// # Errors
/// [`Refusal::NotFound`] for a filter that does not exist.
pub async fn topics(req: &Request) -> Result<Page, Refusal> {
    let ctx = &req.ctx;
    let towns = ctx.shared.seldom(&ctx.db, town::store::towns(&ctx.db)).await?;
    let asked = Asked::read(req, &towns)?;
    let (_, rules) = town::rules::baseline(&ctx.db, &ctx.shared, ctx.now()).await?;
    let size = usize::try_from(rules.topic.page_size).unwrap_or(20);
    let (mut rows, next) =
        if asked.text.is_empty() { listed(ctx, &asked, size).await? } else { found(ctx, &asked, &towns, size).await? };
    rows.truncate(size);
    let calendar = ctx.shared.calendar();
    let items = items(ctx, &rows, &calendar).await?;
    let title = match &asked.town {
        Some(town) => format!("{}的议题", town.short_name),
        None => "议题".to_owned(),
    };
    let next = next.map(|after| asked.href(Some(&after)));
    Ok(Page::public(title.clone(), "/topics", move || {
        let first = (!asked.after.is_empty()).then(|| asked.href(None));
        let again = first.map(|href| view! { <p class="small"><a href=href>"回到第一页"</a></p> });
        let list =
            if items.is_empty() { empty(&asked) } else { view! { <CaseList cases=items heading=2/> }.into_any() };
        let says = asked.says();
        view! {
            <h1 class="title">{title}</h1>
            {filters(&asked, &towns)}
            <p class="result-line" role="status">{says}</p>
            {list}
            <Pager next=next/>
            {again}
        }
        .into_any()
    }))
}

/// One page by the order that was chosen, and the key of the page after it.
async fn listed(ctx: &Ctx, asked: &Asked, size: usize) -> Result<(Vec<PublicRow>, Option<String>), Refusal> {
    let after: Option<Cursor> = match asked.after.as_str() {
        "" => None,
        key => Some(key.parse().map_err(|()| Refusal::NotFound)?),
    };
    let filter = Filter {
        town: asked.town_id(),
        stage: asked.stage.map(|stage| stage.code().to_owned()),
        source: asked.source.map(|source| source.code().to_owned()),
        sort: asked.sort,
        after,
        limit: i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1),
    };
    let rows = store::list(&ctx.db, &filter).await?;
    let next = (rows.len() > size)
        .then(|| rows.get(size.saturating_sub(1)))
        .flatten()
        .map(|last| last.cursor(asked.sort).to_string());
    Ok((rows, next))
}

/// One page of what a question finds, and the key of the page after it.
async fn found(
    ctx: &Ctx,
    asked: &Asked,
    towns: &[Town],
    size: usize,
) -> Result<(Vec<PublicRow>, Option<String>), Refusal> {
    let before: Option<CaseId> = match asked.after.as_str() {
        "" => None,
        key => Some(key.parse().map_err(|_| Refusal::NotFound)?),
    };
    let query = SearchQuery {
        text: asked.text.clone(),
        town: asked.town_id(),
        stage: asked.stage.map(|stage| stage.code().to_owned()),
        source: asked.source.map(|source| source.code().to_owned()),
        before,
        limit: i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1),
    };
    let cases: Vec<Case> = search(&ctx.db, &query).await?;
    let names: HashMap<&str, &str> =
        towns.iter().map(|town| (town.town_id.as_str(), town.short_name.as_str())).collect();
    let rows: Vec<PublicRow> = cases.into_iter().map(|case| public_row(case, &names)).collect();
    let next =
        (rows.len() > size).then(|| rows.get(size.saturating_sub(1))).flatten().map(|last| last.topic_id.to_string());
    Ok((rows, next))
}

/// What the public may see of a topic that was found.
fn public_row(case: Case, towns: &HashMap<&str, &str>) -> PublicRow {
    PublicRow {
        topic_id: case.id,
        title: case.title.unwrap_or_default(),
        place: case.place.unwrap_or_default(),
        town: towns.get(case.town_id.as_str()).copied().unwrap_or_default().to_owned(),
        stage: case.stage,
        suspended_from: case.suspended_from,
        source: case.source,
        due_on: case.due_on,
        waits_for: case.waits_for,
        support_count: case.support_count,
        comment_count: case.comment_count,
        moved_at: case.stage_since,
        looked_back: case.looked_back,
        demo: case.demo,
    }
}

/// Rows as a list shows them. Of the few that were ended on the way, their stages are read: the row alone does not tell
/// where.
pub(super) async fn items(ctx: &Ctx, rows: &[PublicRow], calendar: &Calendar) -> Result<Vec<CaseItem>, StorageError> {
    let now = ctx.now();
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let stopped_at = if row.stage.0 == Stage::Terminated {
            words::last_on_line(&crate::case::store::spans(&ctx.db, row.topic_id).await?)
        } else {
            None
        };
        items.push(words::case_item(row, calendar, now, stopped_at));
    }
    Ok(items)
}

fn filters(asked: &Asked, towns: &[Town]) -> impl IntoView + use<> {
    let form = FormState::filled([
        ("q", asked.text.clone()),
        ("town", asked.town_id().unwrap_or_default()),
        ("stage", asked.stage.map_or("", Stage::code).to_owned()),
        ("source", asked.source.map_or("", TopicSource::code).to_owned()),
        ("sort", asked.sort_code().to_owned()),
    ]);
    let town_choices = towns.iter().map(|town| Choice::new(town.town_id.clone(), town.short_name.clone())).collect();
    let stage_choices = public_stages().map(|stage| Choice::new(stage.code(), stage.word())).collect();
    let source_choices = TopicSource::ALL.iter().map(|source| Choice::new(source.code(), source.word())).collect();
    let sort_choices = SORTS.iter().map(|(code, _, words)| Choice::new(*code, *words)).collect();
    let question = Field::of(&form, "q", "找什么").optional();
    view! {
        <form class="filters" method="get" action="/topics" role="search">
            <div class="wide"><TextInput field=question kind="search"/></div>
            <div><Button words="查找" kind=ButtonKind::Second/></div>
            <Select field=Field::of(&form, "town", "区镇") options=town_choices blank="全区"/>
            <Select field=Field::of(&form, "stage", "走到哪一步") options=stage_choices blank="都看"/>
            <Select field=Field::of(&form, "source", "谁提的") options=source_choices blank="都看"/>
            <Select field=Field::of(&form, "sort", "排列") options=sort_choices/>
        </form>
    }
}

fn empty(asked: &Asked) -> AnyView {
    if !asked.after.is_empty() {
        view! { <Empty sentence="后面没有了。" way=Way::new("回到第一页", asked.href(None))/> }.into_any()
    } else if asked.is_narrowed() {
        let sentence = if asked.text.is_empty() {
            "没有这样的议题。"
        } else {
            "没有找到。换个短一点的词试试，或者去掉下面的筛选。"
        };
        view! { <Empty sentence=sentence way=Way::new("看全部议题", "/topics")/> }.into_any()
    } else {
        view! { <Empty sentence="还没有公开的议题。您可以提第一件。" way=Way::new("提一个议题", "/raise")/> }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_list_says_what_is_asked_and_nothing_else() {
        let mut asked = Asked::default();
        assert_eq!(asked.href(None), "/topics");
        assert_eq!(asked.says(), "全区，最近有动静的在前");
        asked.stage = Some(Stage::Accepted);
        asked.sort = Sort::Supported;
        assert_eq!(asked.href(Some("5.x")), "/topics?stage=accepted&sort=supported&after=5.x");
        assert_eq!(asked.says(), "全区，已受理，关心的人多的在前");
        asked.text = "路 灯".to_owned();
        assert_eq!(asked.href(None), "/topics?q=%E8%B7%AF%20%E7%81%AF&stage=accepted&sort=supported");
        assert_eq!(asked.says(), "有「路 灯」的，全区，已受理，最新受理的在前");
    }

    #[test]
    fn stages_that_are_never_public_are_not_offered() {
        let offered: Vec<Stage> = public_stages().collect();
        for stage in
            [Stage::Draft, Stage::Submitted, Stage::Returned, Stage::Declined, Stage::Transferred, Stage::Lapsed]
        {
            assert!(!offered.contains(&stage), "{stage:?}");
        }
        for stage in [Stage::Accepted, Stage::Merged, Stage::Withdrawn, Stage::Suspended, Stage::Terminated] {
            assert!(offered.contains(&stage), "{stage:?}");
        }
    }
}
