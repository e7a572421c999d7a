//! The pages of rooms and studios, and what other pages show of them.
//!
//! | file | what |
//! |---|---|
//! | `room.rs` | `/desk/rooms/{id}`: a room, looked at by the 六有 list |
//! | `studio.rs` | `/desk/studios/{id}`: a studio with its ledger |
//! | here | parts of `/desk/rooms` and `/towns`, rows of the desk |

mod room;
mod studio;

pub use room::{post_room, room};
pub use studio::{post_studio, studio};

use chrono::{Datelike, NaiveDate};
use leptos::prelude::*;

use super::keep::sees;
use super::model::{Six, VILLAGES_MAX, missing, read};
use super::store::{self, Check, Studio};
use crate::access::{Role, Signed};
use crate::error::{FormState, Refusal};
use crate::ids::RoomId;
use crate::roster::model::read_tags;
use crate::rules::{full_date, plain_date};
use crate::task::pages::badge;
use crate::topic::pages::words::beginning;
use crate::town::{self, Room, Town};
use crate::ui::{
    Button, ButtonKind, Column, DeskItem, Empty, Field, FormSummary, LinkButton, RequestIdField, Section, Table,
    TextInput, Way,
};
use crate::web::{Form, Outcome, Request};

/// Address of the rooms of a town.
pub(super) const ROOMS: &str = "/desk/rooms";
/// Address of a studio; its id, or [`NEW`], follows.
pub(super) const STUDIOS: &str = "/desk/studios";
/// What stands for the id of something that is not there yet.
pub(super) const NEW: &str = "new";
/// Rows of the desk.
const MOST: i64 = 200;

/// The month of a day: its first day, and that of the next.
pub(super) fn month_of(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first = day.with_day(1).unwrap_or(day);
    (first, first.checked_add_months(chrono::Months::new(1)).unwrap_or(first))
}

fn done(words: Option<&'static str>) -> Option<AnyView> {
    words.map(|words| view! { <p class="note" role="status">{words}</p> }.into_any())
}

// ---- a part of /desk/rooms ------------------------------------------------------------------------------------------

/// What a town's page of rooms shows of the six points and of the studios.
pub struct TownPart {
    town: Town,
    rooms: Vec<Room>,
    checks: std::collections::BTreeMap<RoomId, Check>,
    villages: Option<i64>,
    studios: Vec<Studio>,
    /// Receptions that each studio owes a month.
    owed: i64,
    keeps: bool,
    form: FormState,
    request_id: String,
}

impl TownPart {
    /// Loads it for somebody who sees the town.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(req: &Request, me: &Signed, town: &Town, rooms: &[Room]) -> Result<Self, Refusal> {
        let (db, id) = (&req.ctx.db, town.town_id.as_str());
        let rules = town::rules::in_force(db, &req.ctx.shared, id, req.ctx.now()).await?.1;
        Ok(Self {
            town: town.clone(),
            rooms: rooms.to_vec(),
            checks: store::latest_checks(db, Some(id)).await?,
            villages: store::villages(db, id).await?,
            studios: store::studios(db, id, month_of(req.ctx.today())).await?,
            owed: i64::from(rules.district.studio_reception_month),
            keeps: me.is(Role::Officer, id),
            form: req.form.of_action("villages"),
            request_id: req.request_id.to_string(),
        })
    }

    /// The two sections.
    #[must_use]
    pub fn view(&self) -> AnyView {
        let fit = self.checks.values().filter(|check| read(&check.met).len() == Six::ALL.len()).count();
        let rooms = format!("{} 处里 {fit} 处六样都有", self.rooms.len());
        let rows = self.rooms.iter().map(|room| self.room_row(room)).collect_view();
        let columns = ["议事室", "六有", "缺什么", "哪天看的"].map(Column::words).to_vec();
        let table = view! { <Table caption="议事室六有检查" quiet=true columns>{rows}</Table> };
        let add = self.keeps.then(|| {
            let href = format!("{STUDIOS}/{NEW}?town={}", self.town.town_id);
            view! { <p class="actions"><LinkButton words="添一个工作室" href kind=ButtonKind::Second/></p> }
        });
        let studios = if self.studios.is_empty() {
            view! { <Empty sentence="还没有登记委员工作室。登记以后，接待和听到的意见记在这里。"/> }.into_any()
        } else {
            let rows = self.studios.iter().map(|studio| self.studio_row(studio)).collect_view();
            let columns = ["工作室", "专长", "值班日", "本月接待"].map(Column::words).to_vec();
            view! { <Table caption="委员工作室" quiet=true columns>{rows}</Table> }.into_any()
        };
        let (owed, coverage) = (format!("每月至少接待 {} 次", self.owed), self.coverage());
        view! {
            <Section title="议事室六有" id="six" side=rooms>{table}{coverage}</Section>
            <Section title="委员工作室" id="studios" side=owed>{studios}{add}</Section>
        }
        .into_any()
    }

    fn room_row(&self, room: &Room) -> AnyView {
        let href = format!("{ROOMS}/{}", room.room_id);
        let (six, lacks, on) = match self.checks.get(&room.room_id) {
            Some(check) => {
                let met = read(&check.met);
                let day = full_date(check.checked_on);
                (format!("{} / {}", met.len(), Six::ALL.len()), missing(&met), day)
            }
            None => ("还没有看过".to_owned(), String::new(), String::new()),
        };
        view! {
            <tr>
                <th scope="row"><a href=href>{room.name.clone()}</a><p class="caption">{room.level.word()}</p></th>
                <td>{six}</td>
                <td>{lacks}</td>
                <td>{on}</td>
            </tr>
        }
        .into_any()
    }

    fn studio_row(&self, studio: &Studio) -> AnyView {
        let href = format!("{STUDIOS}/{}", studio.studio_id);
        let tag = if studio.closed_at.is_some() {
            Some("已停")
        } else if studio.is_named {
            Some("名委员工作室")
        } else {
            None
        };
        let tag = tag.map(|words| view! { " "<span class="tag">{words}</span> });
        let received = match studio.received {
            _ if studio.closed_at.is_some() => String::new(),
            n if n < self.owed => format!("{n} 次，差 {} 次", self.owed - n),
            n => format!("{n} 次"),
        };
        view! {
            <tr>
                <th scope="row"><a href=href>{studio.name.clone()}</a>{tag}</th>
                <td>{read_tags(&studio.specialty).join("、")}</td>
                <td>{studio.days.clone()}<p class="caption">{studio.place.clone()}</p></td>
                <td>{received}</td>
            </tr>
        }
        .into_any()
    }

    /// How many villages have a room; the officer says how many there are.
    fn coverage(&self) -> AnyView {
        let points = self.rooms.iter().filter(|room| room.level == town::RoomLevel::Village).count();
        let words = match self.villages {
            Some(n) => format!("全镇 {n} 个村、社区，有议事点 {points} 处。"),
            None => format!("村、社区有议事点 {points} 处；全镇一共几个村、社区还没有填。"),
        };
        let form = self.keeps.then(|| {
            let field = Field::of(&self.form, "villages", "全镇几个村、社区")
                .narrow()
                .or(self.villages.map(|n| n.to_string()).unwrap_or_default())
                .hint(format!("算议事点覆盖率用，1 到 {VILLAGES_MAX}"));
            view! {
                <details open=self.form.refusal.is_some()>
                    <summary>"填村、社区的个数"</summary>
                    <form class="form" method="post" action=ROOMS>
                        <FormSummary form=self.form.clone()/>
                        <RequestIdField id=self.request_id.clone()/>
                        <input type="hidden" name="action" value="villages"/>
                        <input type="hidden" name="town" value=self.town.town_id.clone()/>
                        <TextInput field kind="number"/>
                        <div class="actions"><Button words="记下" kind=ButtonKind::Second/></div>
                    </form>
                </details>
            }
        });
        view! { <p class="small">{words}</p>{form} }.into_any()
    }
}

/// Takes the form of `/desk/rooms`.
///
/// # Errors
/// As [`super::set_villages`].
pub async fn post_rooms(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    if form.value("action") != "villages" {
        return Err(Refusal::NotFound);
    }
    let n = form.parse("villages", "村和社区的个数写数字，例如 24。")?;
    let town = form.value("town");
    super::set_villages(&req.ctx, town, n).await?;
    Ok(Outcome::SeeOther(format!("{ROOMS}?town={town}#six")))
}

// ---- a part of /towns -----------------------------------------------------------------------------------------------

/// Results of the six points by room, for everybody: how many, and when somebody looked.
///
/// # Errors
/// When the database cannot be read.
pub async fn six_words(db: &crate::storage::Database) -> Result<std::collections::BTreeMap<RoomId, String>, Refusal> {
    let checks = store::latest_checks(db, None).await?;
    let words = |check: &Check| {
        let met = read(&check.met).len();
        let on = full_date(check.checked_on);
        if met == Six::ALL.len() {
            format!("六有齐全（{on}查）")
        } else {
            format!("六有 {met} 样（{on}查）")
        }
    };
    Ok(checks.iter().map(|(room, check)| (*room, words(check))).collect())
}

/// The open studios of a town, for everybody: when and where somebody can be met.
#[must_use]
pub fn public_studios(studios: &[Studio]) -> Option<AnyView> {
    if studios.is_empty() {
        return None;
    }
    let rows = studios
        .iter()
        .map(|studio| {
            let tags = read_tags(&studio.specialty).join("、");
            let skilled = if tags.is_empty() { String::new() } else { format!("，专长{tags}") };
            let about = format!("{}接待，{}{skilled}", studio.days, studio.place);
            view! { <li>{studio.name.clone()}<p class="meta">{about}</p></li> }
        })
        .collect_view();
    Some(
        view! {
            <h3>"委员工作室"</h3>
            <ul class="short-list" role="list">{rows}</ul>
        }
        .into_any(),
    )
}

// ---- rows of the desk -----------------------------------------------------------------------------------------------

/// What studios ask of somebody: opinions to answer or to raise, and receptions of the month that are still owed when
/// its end is near. For officers of a town, and for the members of a studio.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn items(req: &Request, me: &Signed) -> Result<Vec<(NaiveDate, DeskItem)>, Refusal> {
    let towns: Vec<String> =
        me.grants.iter().filter(|g| g.role == Role::Officer).filter_map(|g| g.town.clone()).collect();
    if towns.is_empty() && !me.is_anywhere(Role::Member) {
        return Ok(Vec::new());
    }
    let (db, today, calendar) = (&req.ctx.db, req.ctx.today(), req.ctx.shared.calendar());
    let of = (towns.as_slice(), me.account);
    let opinions = store::open_opinions(db, of, MOST).await?;
    let month = month_of(today);
    let studios = store::answered_for(db, of, month).await?;
    let mut list = Vec::new();
    for opinion in opinions {
        let rules = town::rules::in_force(db, &req.ctx.shared, &opinion.town_id, req.ctx.now()).await?.1;
        let Some(due) = opinion.due_on else { continue };
        let officer = me.is(Role::Officer, &opinion.town_id);
        let to_raise = opinion.whereto.0 == super::model::Whereto::Topic;
        let (todo, words) = match (to_raise, officer) {
            (true, true) => ("把意见提为议题", "去提"),
            (true, false) => ("等干事把意见提为议题", "去看"),
            (false, _) => ("反馈工作室听到的意见", "去反馈"),
        };
        let unit = if opinion.unit.is_empty() { String::new() } else { format!("，已转{}", opinion.unit) };
        let href = format!("{STUDIOS}/{}#o-{}", opinion.studio_id, opinion.opinion_id);
        let waits = to_raise && !officer;
        list.push((
            due,
            DeskItem {
                due: Some(badge(due, today, (&calendar, &rules))),
                todo: format!("{todo}：{}", beginning(&opinion.words)),
                why: format!("{}，{}{unit}，{}前。", opinion.town, opinion.studio, plain_date(due)),
                href: href.clone(),
                present: None,
                side: None,
                loops: Vec::new(),
                action: (!waits).then(|| Way::new(words, href)),
                waits_for: waits.then(|| Role::Officer.word().to_owned()),
            },
        ));
    }
    let last = month.1.pred_opt().unwrap_or(month.1);
    for studio in studios {
        let rules = town::rules::in_force(db, &req.ctx.shared, &studio.town_id, req.ctx.now()).await?.1;
        let owed = i64::from(rules.district.studio_reception_month);
        let near = calendar.add_workdays(today, rules.after.remind_before_workdays) >= last;
        if studio.received >= owed || !near {
            continue;
        }
        let href = format!("{STUDIOS}/{}#receive", studio.studio_id);
        let missing = owed - studio.received;
        list.push((
            last,
            DeskItem {
                due: Some(badge(last, today, (&calendar, &rules))),
                todo: format!("{}本月还差 {missing} 次接待", studio.name),
                why: format!("每月至少 {owed} 次（工作室值班），{}前接待并记下来。", plain_date(last)),
                href: href.clone(),
                present: None,
                side: None,
                loops: Vec::new(),
                action: Some(Way::new("去记", href)),
                waits_for: None,
            },
        ));
    }
    Ok(list)
}

/// The studios that an account belongs to, as ways to them.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn own_studios(req: &Request, me: &Signed) -> Result<Vec<Way>, Refusal> {
    let studios = store::answered_for(&req.ctx.db, (&[], me.account), month_of(req.ctx.today())).await?;
    Ok(studios.into_iter().map(|studio| Way::new(studio.name, format!("{STUDIOS}/{}", studio.studio_id))).collect())
}

/// Where somebody goes back to from a page of a town.
pub(super) fn crumbs(me: Option<&Signed>, town: &str) -> Vec<Way> {
    if me.is_some_and(|me| sees(me, town)) {
        vec![Way::new("场地", format!("{ROOMS}?town={town}"))]
    } else {
        vec![Way::new("我的履职", "/desk/year")]
    }
}
