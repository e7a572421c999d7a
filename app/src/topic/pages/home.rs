//! The home page: what this is, what is under way, how to raise a topic, how to find one's own again.

use leptos::prelude::*;

use crate::case::stage::{Phase, Stage};
use crate::error::Refusal;
use crate::topic::store::{self, Count, Filter, Sort};
use crate::town;
use crate::ui::{Button, ButtonKind, CaseItem, CaseList, Empty, LinkButton, PhaseBars, PhaseCount, Section, Way};
use crate::web::{Page, Request};

use super::words;

/// Topics under 「最近有动静」.
const RECENT: i64 = 8;
/// The same in 长辈版.
const RECENT_ELDER: usize = 3;

/// A town with what it has under way.
struct TownCount {
    id: String,
    name: String,
    n: i64,
}

/// Everything the page shows.
struct Home {
    answer_workdays: u32,
    phases: Vec<PhaseCount>,
    total: i64,
    held: i64,
    as_of: String,
    recent: Vec<CaseItem>,
    towns: Vec<TownCount>,
    elder: bool,
}

/// The home page.
///
/// # Errors
/// When the database cannot be read.
pub async fn home(req: &Request) -> Result<Page, Refusal> {
    let ctx = &req.ctx;
    let now = ctx.now();
    let (_, rules) = town::rules::baseline(&ctx.db, &ctx.shared, now).await?;
    let counts = store::counts(&ctx.db).await?;
    let filter = Filter { sort: Sort::Moved, limit: RECENT, ..Filter::default() };
    let rows = store::list(&ctx.db, &filter).await?;
    let calendar = ctx.shared.calendar();
    let phases = phase_counts(&counts);
    let home = Home {
        answer_workdays: rules.topic.screen_workdays,
        total: under_way(&counts),
        held: counts.iter().filter(|c| c.stage.0 == Stage::Suspended).map(|c| c.n).sum(),
        phases,
        as_of: words::full_time(now),
        recent: super::list::items(ctx, &rows, &calendar).await?,
        towns: town_counts(&counts),
        elder: req.appearance.elder,
    };
    Ok(Page::public("", "/", move || body(home)))
}

/// Whether a topic of this stage is being worked on.
fn is_under_way(stage: Stage) -> bool {
    !stage.is_ended() && stage != Stage::Draft
}

fn under_way(counts: &[Count]) -> i64 {
    counts.iter().filter(|c| is_under_way(c.stage.0)).map(|c| c.n).sum()
}

/// How many topics stand in each phase. A question to the proposer belongs to the choosing; a hold to no phase.
fn phase_counts(counts: &[Count]) -> Vec<PhaseCount> {
    Phase::ALL
        .into_iter()
        .map(|phase| PhaseCount {
            phase,
            count: counts
                .iter()
                .filter(|c| {
                    let stage = c.stage.0;
                    let of = if stage == Stage::Returned { Some(Phase::Choose) } else { stage.phase() };
                    of == Some(phase) && is_under_way(stage)
                })
                .map(|c| c.n)
                .sum(),
            href: None,
        })
        .collect()
}

/// The towns in their order, each with what it has under way and everybody may look at.
fn town_counts(counts: &[Count]) -> Vec<TownCount> {
    let mut towns: Vec<TownCount> = Vec::new();
    for count in counts {
        let stage = count.stage.0;
        let n = if is_under_way(stage) && stage.is_public(false) { count.n } else { 0 };
        match towns.last_mut() {
            Some(last) if last.id == count.town_id => last.n += n,
            _ => towns.push(TownCount { id: count.town_id.clone(), name: count.town.clone(), n }),
        }
    }
    towns
}

fn body(home: Home) -> AnyView {
    let lead = format!(
        "街坊四邻共同关心的事，都可以在这里提。镇里 {} 个工作日内答复您；谁在办、办到哪一步、超没超期，人人看得见。",
        home.answer_workdays
    );
    let hero = view! {
        <div class="hero">
            <div>
                <h1 class="display">"身边的事，提出来，"<br/>"坐到一起商量，"<wbr/><span class="nobreak">"看着它办完。"</span></h1>
                <p class="lead">{lead}</p>
                <div class="actions">
                    <LinkButton words="提一个议题" href="/raise"/>
                    <LinkButton words="看正在商量的事" href="/topics" kind=ButtonKind::Second/>
                </div>
            </div>
            {look_up()}
        </div>
    };
    if home.elder {
        let recent = recent(home.recent.into_iter().take(RECENT_ELDER).collect());
        return view! { {hero}{recent} }.into_any();
    }
    let title = format!("全区正在办的 {} 件事，走到哪一步", home.total);
    let as_of = format!("截至 {}", home.as_of);
    let held = (home.held > 0).then(|| {
        let words = format!("另有 {} 件暂缓，到复核日期再看，不算在五步里。", home.held);
        view! { <p class="caption">{words}</p> }
    });
    let towns = home
        .towns
        .into_iter()
        .map(|town| {
            let href = format!("/topics?town={}", words::encode(&town.id));
            view! { <li><a href=href><span>{town.name}</span><span class="n">{town.n}<span class="sr">"件"</span></span></a></li> }
        })
        .collect_view();
    view! {
        {hero}
        <Section title=title side=as_of>
            <PhaseBars counts=home.phases/>
            {held}
        </Section>
        <div class="cols">
            <div class="col-main">{recent(home.recent)}</div>
            <div class="col-side">
                <Section title="各镇公开在办" way=Way::new("各镇情况", "/towns")>
                    <ul class="towns">{towns}</ul>
                </Section>
            </div>
        </div>
    }
    .into_any()
}

/// The form that finds a topic again; it leads to the look-up page, which also takes what is refused.
fn look_up() -> impl IntoView {
    view! {
        <form class="hero-side lookup" method="post" action="/lookup">
            <label for="code">"提过议题？凭查询码看进度"</label>
            <div class="lookup-row">
                <input class="input" id="code" name="code" type="text" autocomplete="off" data-private="true"
                    aria-describedby="code-about"/>
                <Button words="查询" kind=ButtonKind::Second/>
            </div>
            <p class="caption" id="code-about">"十位字母和数字，不用注册。忘了查询码，请打给镇工委，核对手机号后补发。"</p>
        </form>
    }
}

fn recent(items: Vec<CaseItem>) -> AnyView {
    if items.is_empty() {
        return view! {
            <Section title="最近有动静">
                <Empty sentence="还没有公开的议题。您可以提第一件。" way=Way::new("提一个议题", "/raise")/>
            </Section>
        }
        .into_any();
    }
    view! {
        <Section title="最近有动静" way=Way::new("全部议题", "/topics")>
            <CaseList cases=items/>
        </Section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::store::StageColumn;

    fn count(town: &str, stage: Stage, n: i64) -> Count {
        Count { town_id: town.to_owned(), town: town.to_owned(), stage: StageColumn(stage), n }
    }

    #[test]
    fn counts_are_put_together_by_phase_and_by_town() {
        let counts = [
            count("a", Stage::Submitted, 2),
            count("a", Stage::Returned, 1),
            count("a", Stage::Archived, 7),
            count("a", Stage::Suspended, 1),
            count("b", Stage::Draft, 0),
            count("c", Stage::Tracking, 4),
            count("c", Stage::Merged, 9),
        ];
        let phases: Vec<i64> = phase_counts(&counts).iter().map(|p| p.count).collect();
        assert_eq!(phases, [3, 0, 0, 0, 4]);
        assert_eq!(under_way(&counts), 8);
        let towns: Vec<(String, i64)> = town_counts(&counts).into_iter().map(|t| (t.id, t.n)).collect();
        assert_eq!(towns, [("a".to_owned(), 0), ("b".to_owned(), 0), ("c".to_owned(), 4)]);
    }
}
