//! The rules page and the towns page. Both are the same for everybody.

use std::collections::BTreeMap;

use chrono::Datelike;
use leptos::prelude::*;

use super::model::{Room, Town};
use super::{rules, store};
use crate::carrier::{self, Studio};
use crate::case::stage::{Phase, Stage};
use crate::error::{FormState, Refusal};
use crate::ids::RoomId;
use crate::rules::{
    Calendar, ExplainedDuty, ExplainedRule, NOT_YET_ENFORCED, OWN_SETTING, RuleSet, RuleSetVersion, SOURCE_TITLE,
    SettingMeta, explain, local_date,
};
use crate::ui::{Button, ButtonKind, Choice, Column, Empty, Field, Section, Select, Table, Way};
use crate::web::{Page, Request};

/// The rules page: duties, rules and numbers of the district, or with `?town=` of a town.
///
/// # Errors
/// [`Refusal::NotFound`] for a town that does not exist.
pub async fn rules(req: &Request) -> Result<Page, Refusal> {
    let (db, shared, now) = (&req.ctx.db, &req.ctx.shared, req.ctx.now());
    let towns = store::towns(db).await?;
    let town = match req.query("town") {
        "" => None,
        id => Some(towns.iter().find(|town| town.town_id == id).cloned().ok_or(Refusal::NotFound)?),
    };
    let (baseline_id, baseline) = rules::baseline(db, shared, now).await?;
    let in_force = match &town {
        Some(town) => rules::in_force(db, shared, &town.town_id, now).await?.0,
        None => baseline_id,
    };
    let version = rules::version(db, in_force).await?;
    let calendar = shared.calendar();
    let title = match &town {
        Some(town) => format!("{}的规则与期限", town.short_name),
        None => "规则与期限".to_owned(),
    };
    let chosen = town.as_ref().map(|town| town.town_id.clone()).unwrap_or_default();
    Ok(Page::public(title.clone(), "/rules", move || {
        let explanation = explain(&version);
        let open = explanation.rules.iter().filter(|rule| rule.mark.is_some()).count();
        let lead = format!(
            "规则依据{SOURCE_TITLE}第 13 至 15 项和与它们相连的几项。原文没有规定天数和比例：下面每个数字都是设定，\
             全区有一套基准，各镇可以调整，调整过的标明「{OWN_SETTING}」。"
        );
        let duties = explanation.duties.into_iter().map(duty).collect_view();
        let items = explanation.rules.into_iter().map(|item| rule(item, &version, &baseline)).collect_view();
        let own = own_settings(town.as_ref(), &version, &baseline);
        let side = (open > 0).then(|| format!("其中 {open} 条{NOT_YET_ENFORCED}"));
        view! {
            <h1 class="title">{title}</h1>
            <p class="meta">{version_words(&version)}</p>
            <p class="lead">{lead}</p>
            {town_menu(towns, chosen)}
            {own}
            <Section title="为什么有这些规则" side="原文和它要求做的事">{duties}</Section>
            <Section title="每一步要满足什么" side=side>{items}</Section>
            {counting(&calendar)}
        }
        .into_any()
    }))
}

fn version_words(version: &RuleSetVersion) -> String {
    let day = local_date(version.effective_from);
    let whose = if version.town.is_some() { OWN_SETTING } else { "全区基准" };
    let mut words = format!("{whose}第 {} 版，{}年{}月{}日起生效", version.version, day.year(), day.month(), day.day());
    if let Some(doc) = &version.basis_doc {
        words.push_str("，依据：");
        words.push_str(doc);
    }
    words
}

fn town_menu(towns: Vec<Town>, chosen: String) -> impl IntoView {
    let field = Field::of(&FormState::filled([("town", chosen)]), "town", "看哪里的规则").optional();
    let options = towns.into_iter().map(|town| Choice::new(town.town_id, town.short_name)).collect();
    view! {
        <form class="filters" method="get" action="/rules">
            <Select field options blank="全区基准"/>
            <div><Button words="看" kind=ButtonKind::Second/></div>
        </form>
    }
}

/// What a town set otherwise than the district.
fn own_settings(town: Option<&Town>, version: &RuleSetVersion, baseline: &RuleSet) -> Option<AnyView> {
    let name = town?.short_name.clone();
    let changed = version.rules.changed_from(baseline);
    if version.town.is_none() || changed.is_empty() {
        let words = format!("{name}没有另外设定，全部按全区基准执行。");
        return Some(view! { <p class="note">{words}</p> }.into_any());
    }
    let count = format!("{} 项", changed.len());
    let rows = changed
        .into_iter()
        .filter_map(|key| {
            let meta = SettingMeta::find(key)?;
            let (own, base) = (version.rules.shown(key)?, baseline.shown(key)?);
            let href = format!("#{}", meta.rule.code());
            Some(view! {
                <tr>
                    <th scope="row"><a href=href>{meta.label}</a></th>
                    <td>{own}</td>
                    <td>{base}</td>
                </tr>
            })
        })
        .collect_view();
    let columns = vec![Column::words("设定"), Column::words(OWN_SETTING), Column::words("全区基准")];
    Some(
        view! {
            <Section title=format!("{name}自己的设定") side=count>
                <Table caption="和全区基准不一样的设定" quiet=true columns>{rows}</Table>
            </Section>
        }
        .into_any(),
    )
}

fn duty(duty: ExplainedDuty) -> impl IntoView {
    let quotes = duty
        .quotes
        .iter()
        .map(|quote| {
            let item = format!("第 {} 项", quote.item);
            view! { <blockquote class="quote">{format!("“{}”", quote.words)} <span class="caption">{item}</span></blockquote> }
        })
        .collect_view();
    let served = duty
        .rules
        .iter()
        .enumerate()
        .map(|(n, id)| {
            let href = format!("#{}", id.code());
            let words = format!("{} {}", id.label(), id.rule().title);
            view! { {(n > 0).then_some("、")}<a href=href>{words}</a> }
        })
        .collect_view();
    view! {
        <div class="rule" id=duty.key.code()>
            <h3>{duty.short}" "<span class="tag">{duty.enforcement.word()}</span></h3>
            {quotes}
            <p class="small">"落实它的规则："{served}</p>
        </div>
    }
}

fn rule(rule: ExplainedRule, version: &RuleSetVersion, baseline: &RuleSet) -> impl IntoView + use<> {
    let guards = rule.guards.into_iter().map(|words| view! { <li>{words}</li> }).collect_view();
    let town_version = version.town.is_some();
    let settings = rule
        .settings
        .into_iter()
        .map(|setting| {
            let base = baseline.shown(setting.meta.key).unwrap_or_default();
            let differs = town_version && base != setting.value;
            let mark =
                if differs { format!("{OWN_SETTING}，全区基准为 {base}") } else { setting.mark.to_owned() };
            let source = setting.meta.source.words();
            view! {
                <tr>
                    <th scope="row">{setting.meta.label}<p class="caption">{setting.meta.explanation}</p></th>
                    <td>{setting.value}</td>
                    <td>{mark}<p class="caption">{format!("参照：{source}")}</p></td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    let settings = (!settings.is_empty()).then(|| {
        let words = format!("{} 项设定", settings.len());
        let caption = format!("{}用到的设定", rule.title);
        let columns = vec![Column::words("设定"), Column::words("数值"), Column::words("谁定的")];
        view! {
            <details>
                <summary>{words}</summary>
                <Table caption=caption quiet=true columns>{settings}</Table>
            </details>
        }
    });
    let duties = rule
        .duties
        .iter()
        .enumerate()
        .map(|(n, key)| {
            let href = format!("#{}", key.code());
            view! { {(n > 0).then_some("、")}<a href=href>{key.short()}</a> }
        })
        .collect_view();
    let exception = rule.exception.map(|words| view! { <p class="small">{format!("例外：{words}")}</p> });
    let mark = rule.mark.map(|words| view! { " "<span class="tag">{words}</span> });
    view! {
        <div class="rule" id=rule.id.code()>
            <h3>{format!("{} {}", rule.id.label(), rule.title)}{mark}</h3>
            <p class="meta">{rule.transition}</p>
            <p>{rule.sentence}</p>
            <div class="prose small"><ul>{guards}</ul></div>
            {exception}
            <p class="small">"为了："{duties}</p>
            {settings}
        </div>
    }
}

/// How days are counted, and for which years the days off are published.
fn counting(calendar: &Calendar) -> impl IntoView + use<> {
    let mut years: Vec<i32> = calendar.days().map(|day| day.date.year()).collect();
    years.dedup();
    let known = years
        .into_iter()
        .map(|year| {
            let words = if calendar.is_published(year) {
                format!("{year} 年按已公布的放假和调休安排计算。")
            } else {
                format!("{year} 年的放假安排还没有公布，先按法定节日推算；公布后期限随之调整。")
            };
            view! { <li>{words}</li> }
        })
        .collect_view();
    view! {
        <Section title="天数怎么算" id="counting">
            <div class="prose">
                <ul>
                    <li>"没有注明的天数是工作日：除去周末和法定节假日，算上调休上班的日子。写「天」的是日历天。"</li>
                    <li>"当天不算，从第二天起数；到期那一天的 24 点前办完都算按时。公示到开会的天数，公示当天不算，开会当天算。"</li>
                    <li>"时间都是北京时间。"</li>
                    <li>"提交、受理、立题按当时有效的规则判断；立题以后，一件议题一直用立题时的那一版。放假安排有变，所有期限跟着变。"</li>
                    {known}
                </ul>
            </div>
        </Section>
    }
}

/// Public topics of a town: by stage of the stage line, from acceptance on.
type Counts = BTreeMap<Stage, i64>;

/// The towns page: the eleven areas with their rooms and their topics.
///
/// # Errors
/// When the database cannot be read.
pub async fn towns(req: &Request) -> Result<Page, Refusal> {
    let db = &req.ctx.db;
    let towns = store::towns(db).await?;
    let rooms = store::rooms(db, None).await?;
    let six = carrier::pages::six_words(db).await?;
    let studios = carrier::open_to_all(db).await?;
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    for (town, stage, n) in store::topic_counts(db).await? {
        if stage.ordinal().is_some() && stage.is_public(true) {
            *counts.entry(town).or_default().entry(stage).or_default() += n;
        }
    }
    Ok(Page::public("各镇", "/towns", move || {
        let table = overview(&towns, &counts);
        let sections = towns
            .into_iter()
            .map(|town| {
                let own: Vec<Room> = rooms.iter().filter(|room| room.town_id == town.town_id).cloned().collect();
                let counts = counts.remove(&town.town_id).unwrap_or_default();
                let studios: Vec<Studio> = studios.iter().filter(|s| s.town_id == town.town_id).cloned().collect();
                one_town(town, (own, &six), &studios, counts)
            })
            .collect_view();
        view! {
            <h1 class="title">"各镇"</h1>
            <p class="lead">
                "吴江区十一个镇和街道，各有自己的协商议事室。这里看每个镇有哪些议题、走到哪一步，在哪里可以坐下来商量。"
            </p>
            <Section title="各镇的议题" side="受理以后的，按阶段">{table}</Section>
            {sections}
        }
        .into_any()
    }))
}

fn overview(towns: &[Town], counts: &BTreeMap<String, Counts>) -> impl IntoView + use<> {
    let mut columns = vec![Column::words("区镇")];
    columns.extend(Phase::ALL.map(|phase| Column::figures(phase.word())));
    columns.push(Column::figures("合计"));
    let rows = towns
        .iter()
        .map(|town| {
            let own = counts.get(&town.town_id);
            let in_phase = |phase: Phase| -> i64 {
                own.map_or(0, |own| phase.stages().iter().filter_map(|stage| own.get(stage)).sum())
            };
            let cells = Phase::ALL.map(|phase| view! { <td class="num">{in_phase(phase)}</td> }).collect_view();
            let all: i64 = Phase::ALL.into_iter().map(in_phase).sum();
            let href = format!("#{}", town.town_id);
            view! {
                <tr><th scope="row"><a href=href>{town.short_name.clone()}</a></th>{cells}<td class="num">{all}</td></tr>
            }
        })
        .collect_view();
    view! { <Table caption="各镇每个阶段的议题件数" quiet=true columns>{rows}</Table> }
}

fn one_town(
    town: Town,
    (rooms, six): (Vec<Room>, &BTreeMap<RoomId, String>),
    studios: &[Studio],
    counts: Counts,
) -> impl IntoView + use<> {
    let id = town.town_id;
    let topics = if counts.is_empty() {
        view! { <Empty sentence="还没有受理的议题。" way=Way::new("提一个议题", "/raise")/> }.into_any()
    } else {
        let words = counts
            .into_iter()
            .enumerate()
            .map(|(n, (stage, count))| {
                let href = format!("/topics?town={id}&stage={}", stage.code());
                let words = format!("{} {count} 件", stage.word());
                view! { {(n > 0).then_some("，")}<a href=href>{words}</a> }
            })
            .collect_view();
        view! { <p class="small">"议题："{words}</p> }.into_any()
    };
    let rooms = rooms
        .into_iter()
        .map(|room| {
            let about = format!("{}，{}，可坐 {} 人", room.level.word(), room.address, room.capacity);
            let six = six.get(&room.room_id).map(|words| format!("，{words}"));
            view! { <li>{room.name}<p class="meta">{about}{six}</p></li> }
        })
        .collect_view();
    let studios = carrier::pages::public_studios(studios);
    let way = Way::new(format!("{}的议题", town.short_name), format!("/topics?town={id}"));
    let rules = format!("/rules?town={id}");
    view! {
        <Section title=town.name id=id way=way>
            {topics}
            <ul class="short-list" role="list">{rooms}</ul>
            {studios}
            <p class="small"><a href=rules>{format!("{}的规则与期限", town.short_name)}</a></p>
        </Section>
    }
}
