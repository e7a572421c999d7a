//! `/topics/{id}/notice`: when and where, what it is about, how to take part. The preview on the desk is the same view.

use chrono::NaiveDate;
use leptos::prelude::*;

use crate::case::newest_seq;
use crate::error::Refusal;
use crate::ids::{AccountId, CaseId, FileId};
use crate::meeting::{Progress, progress};
use crate::plan::model::{ConsultationPlan, MeetingState, opinions_closed, when};
use crate::plan::store::{self, Colleague, Material, OpenSeats, PublicMeeting};
use crate::rules::{Category, local_date, plain_date};
use crate::storage::{Database, StorageError};
use crate::topic::pages::opinion::{OPINIONS, opinions_section};
use crate::topic::pages::words::{full_date, size};
use crate::ui::{Answer, Column, Crumbs, LinkButton, Live, Section, Table, Way};
use crate::web::{Page, Request, Script};

/// Everything that a notice says. No private field: what stands here, everybody reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Notice {
    /// When, in words.
    pub(super) when: String,
    /// Where, in words.
    pub(super) place: String,
    /// The room's address.
    pub(super) address: Option<String>,
    /// How people come together.
    pub(super) format: &'static str,
    /// The officer's text.
    pub(super) text: String,
    /// Segment, minutes, words.
    pub(super) agenda: Vec<(&'static str, u32, String)>,
    /// The office of whoever chairs.
    pub(super) chair: String,
    /// Materials with their addresses.
    pub(super) materials: Vec<Material>,
    /// Open seats.
    pub(super) seats: Vec<OpenSeats>,
    /// The last day for registering.
    pub(super) until: Option<NaiveDate>,
    /// Where one registers; `None` while that is over or not possible here.
    pub(super) register: Option<String>,
}

/// The office of somebody in a town, for everybody: 「盛泽镇工委主任」.
pub(super) fn office(town: &str, people: &[Colleague], account: Option<AccountId>) -> String {
    people
        .iter()
        .find(|person| Some(person.account) == account)
        .and_then(|person| person.roles.iter().max_by_key(|role| **role == crate::access::Role::Director))
        .map(|role| format!("{town}{}", role.word()))
        .unwrap_or_default()
}

/// The materials that a plan names, in its order.
pub(super) fn of_plan(all: &[Material], files: &[FileId]) -> Vec<Material> {
    files.iter().filter_map(|file| all.iter().find(|m| m.file_id == *file).cloned()).collect()
}

impl Notice {
    /// What a plan will say once it is announced.
    pub(super) fn of(
        plan: &ConsultationPlan,
        address: Option<String>,
        chair: String,
        materials: Vec<Material>,
    ) -> Self {
        let times = plan.starts_at.zip(plan.ends_at());
        let online = plan.format.is_some_and(crate::rules::MeetingFormat::needs_address);
        let place = match (plan.room_name.as_str(), online) {
            ("", true) => "线上会议室（地址发给报名和受邀的人）".to_owned(),
            (room, true) => format!("{room}，也可线上参加"),
            (room, false) => room.to_owned(),
        };
        Self {
            when: times.map(|(from, to)| when(from, to)).unwrap_or_default(),
            place,
            address,
            format: plan.format.map_or("", crate::rules::MeetingFormat::word),
            text: plan.notice.clone(),
            agenda: plan
                .agenda
                .iter()
                .filter(|item| item.minutes > 0)
                .map(|item| (item.segment.word(), item.minutes, item.words.clone()))
                .collect(),
            chair,
            materials,
            seats: plan
                .open_seats
                .iter()
                .map(|(category, n)| OpenSeats { category: *category, seats: i64::from(*n), left: i64::from(*n) })
                .collect(),
            until: plan.registers_until(),
            register: None,
        }
    }
}

/// What an open seat of a category is for, in words of the street.
pub(super) const fn seat_words(category: Category) -> &'static str {
    match category {
        Category::Member => "政协委员",
        Category::Stakeholder => "和这件事直接有关的人",
        Category::Public => "关心这件事的群众",
        Category::Department => "部门",
        Category::Expert => "懂行的人",
        Category::Enterprise => "企业和社会组织",
        Category::Village => "村（社区）",
    }
}

/// The notice: facts, text, agenda, seats, materials.
pub(super) fn content(notice: Notice) -> AnyView {
    let address = notice.address.map(|address| view! { <dt>"地址"</dt><dd>{address}</dd> });
    let chair = (!notice.chair.is_empty()).then(|| view! { <dt>"主持"</dt><dd>{notice.chair.clone()}</dd> });
    let facts = view! {
        <dl class="facts">
            <dt>"时间"</dt><dd>{notice.when}</dd>
            <dt>"地点"</dt><dd>{notice.place}</dd>
            {address}
            <dt>"形式"</dt><dd>{notice.format}</dd>
            {chair}
        </dl>
    };
    let agenda = agenda_table(notice.agenda).map(|table| view! { <Section title="议程">{table}</Section> });
    let seats = seats_view(&notice.seats, notice.until, notice.register);
    let materials = files_list(notice.materials).map(|list| view! { <Section title="会议材料">{list}</Section> });
    view! {
        <Section title="什么时候，在哪里">{facts}</Section>
        <Section title="商量什么"><p class="said">{notice.text}</p></Section>
        {seats}
        {agenda}
        {materials}
    }
    .into_any()
}

/// The segments with their minutes; nothing where there is none.
fn agenda_table(agenda: Vec<(&'static str, u32, String)>) -> Option<AnyView> {
    if agenda.is_empty() {
        return None;
    }
    let rows = agenda
        .into_iter()
        .map(|(segment, minutes, words)| {
            view! { <tr><th scope="row">{segment}</th><td class="num">{format!("{minutes} 分钟")}</td><td class="said">{words}</td></tr> }
        })
        .collect_view();
    let columns = vec![Column::words("环节"), Column::figures("时间"), Column::words("说什么")];
    Some(view! { <Table caption="议程" quiet=true columns>{rows}</Table> }.into_any())
}

/// The materials as downloads; nothing where there is none.
fn files_list(materials: Vec<Material>) -> Option<AnyView> {
    if materials.is_empty() {
        return None;
    }
    let rows = materials
        .into_iter()
        .map(|file| {
            let href = format!("/files/{}", file.file_id);
            view! { <li><a href=href download=file.name.clone()>{file.name.clone()}</a><span class="caption">{size(file.size)}</span></li> }
        })
        .collect_view();
    Some(view! { <ul class="files">{rows}</ul> }.into_any())
}

/// What is prepared for an announced meeting and public: agenda and materials.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prepared {
    agenda: Vec<(&'static str, u32, String)>,
    materials: Vec<Material>,
}

impl Prepared {
    /// What an announced or held meeting has; nothing while its day is being moved or when it was called off.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn of(db: &Database, meeting: &PublicMeeting) -> Result<Self, StorageError> {
        if !matches!(meeting.state.0, MeetingState::Announced | MeetingState::Held) {
            return Ok(Self::default());
        }
        let plan = store::told_plan(db, meeting.meeting_id).await?.unwrap_or_default();
        let all: Vec<Material> =
            store::materials(db, meeting.case_id).await?.into_iter().filter(|m| m.released).collect();
        let materials = of_plan(&all, &plan.materials);
        Ok(Self { agenda: Notice::of(&plan, None, String::new(), Vec::new()).agenda, materials })
    }

    /// The agenda as a table.
    pub(crate) fn agenda(&self) -> Option<AnyView> {
        agenda_table(self.agenda.clone())
    }

    /// The materials as downloads.
    pub(crate) fn materials(&self) -> Option<AnyView> {
        files_list(self.materials.clone())
    }
}

fn seats_view(seats: &[OpenSeats], until: Option<NaiveDate>, register: Option<String>) -> AnyView {
    let until = until.map(|day| view! { <p class="caption">{format!("报名到{}为止。", plain_date(day))}</p> });
    if seats.is_empty() {
        return view! {
            <Section title="怎么参加">
                <p>"这次没有开放席位，由镇里邀请各方代表。意见可以会前写下来，会上一并商量。"</p>
            </Section>
        }
        .into_any();
    }
    let rows: Vec<_> = seats
        .iter()
        .map(|seat| {
            let left =
                if seat.left == 0 { "已满，可以排队".to_owned() } else { format!("还剩 {} 席", seat.left) };
            let words = format!("{}：共 {} 席，{left}", seat_words(seat.category), seat.seats);
            view! { <li>{words}</li> }
        })
        .collect();
    let words = if seats.iter().all(|seat| seat.left == 0) { "排队候补" } else { "报名参加" };
    let way = match register {
        Some(href) => view! { <p class="actions"><LinkButton words href/></p> }.into_any(),
        None => view! { <p class="small">"想参加的，请到镇政协工委报名。"</p> }.into_any(),
    };
    view! {
        <Section title="怎么参加">
            <ul class="short-list">{rows}</ul>
            {until}
            {way}
        </Section>
    }
    .into_any()
}

/// The first sentence of the page, and what follows from it.
fn answer(meeting: &PublicMeeting, progress: Option<&Progress>, today: NaiveDate) -> (String, Option<String>) {
    let at = when(meeting.starts_at, meeting.ends_at);
    let day = local_date(meeting.starts_at);
    match meeting.state.0 {
        MeetingState::Cancelled => {
            let why = meeting.cancelled_because.clone().unwrap_or_default();
            let what = if meeting.missed { "没有开成（流会），另定时间" } else { "取消了" };
            (format!("原定{at}的协商会{what}。"), Some(format!("原因：{why}")))
        }
        MeetingState::Announced if day < today => (format!("协商会原定{at}，时间已经过了。"), None),
        MeetingState::Announced => {
            let left = (day - today).num_days();
            let when = match left {
                0 => "就在今天".to_owned(),
                1 => "就在明天".to_owned(),
                _ => format!("还有 {left} 天"),
            };
            let urgent = if meeting.urgent { "紧急公示，" } else { "" };
            let since = plain_date(local_date(meeting.announced_at));
            let why = meeting.changed_because.as_ref().map(|why| format!("有变动，原因：{why}")).unwrap_or_default();
            (format!("{at}开协商会，{when}。"), Some(format!("{urgent}{since}公示。{why}")))
        }
        MeetingState::Held => (format!("{at}的协商会已经召开。"), progress.map(Progress::words)),
        MeetingState::Planning | MeetingState::Approved => {
            let why = meeting.changed_because.as_ref().map(|why| format!("原因：{why}。")).unwrap_or_default();
            let more = format!("{why}定下来以后，这一页会更新。");
            (format!("原定{at}的协商会要改期，新的时间另行公示。"), Some(more))
        }
    }
}

/// The notice of a topic's meeting.
///
/// # Errors
/// [`Refusal::NotFound`] when none was ever announced.
pub async fn notice(req: &Request) -> Result<Page, Refusal> {
    let (db, case) = (&req.ctx.db, req.param::<CaseId>("id")?);
    let seen = newest_seq(db, case).await?;
    let meeting = store::public_meeting(db, case).await?.ok_or(Refusal::NotFound)?;
    let plan = store::told_plan(db, meeting.meeting_id).await?;
    let progress = progress(db, meeting.meeting_id).await?;
    let today = req.ctx.today();
    // What is not settled is not shown: a moved or cancelled meeting keeps no seats and no agenda here.
    let shown = match plan.filter(|_| matches!(meeting.state.0, MeetingState::Announced | MeetingState::Held)) {
        None => None,
        Some(plan) => {
            let people = store::colleagues(db, &meeting.town_id).await?;
            let all: Vec<Material> = store::materials(db, case).await?.into_iter().filter(|m| m.released).collect();
            let chair = office(&meeting.town, &people, plan.chair);
            let until = plan.registers_until();
            let is_on = meeting.state.0 == MeetingState::Announced;
            let open = is_on && until.is_some_and(|until| today <= until);
            Some(Notice {
                seats: store::seat_pool(db, meeting.meeting_id).await?,
                register: open.then(|| format!("/topics/{case}/register")),
                place: meeting.place(),
                ..Notice::of(&plan, meeting.address.clone(), chair, of_plan(&all, &plan.materials))
            })
        }
    };
    let minutes = meeting.state.0 == MeetingState::Held
        && crate::minutes::pages::published_of(&req.ctx, meeting.meeting_id).await?;
    let opinions = crate::topic::opinions(db, meeting.meeting_id, OPINIONS).await?;
    let closed = opinions_closed(meeting.stage.0, meeting.state.0, meeting.starts_at, req.ctx.now());
    let title = format!("协商会公示：{}", meeting.title);
    Ok(Page::public(title, "/calendar", move || {
        let (sentence, waits) = answer(&meeting, progress.as_ref(), today);
        let number = meeting.number.as_ref().map_or_else(|| "议题".to_owned(), |n| format!("{n} 号"));
        let topic = format!("/topics/{case}");
        let dossier = format!("{topic}/dossier");
        let minutes = minutes.then(|| {
            let href = format!("{topic}/minutes");
            view! { <p class="note"><a href=href>"纪要：会上说了什么，定了什么"</a></p> }
        });
        let ways = vec![Way::new("日历", "/calendar"), Way::new(number, topic.clone())];
        let tag = meeting.demo.then(|| view! { " / " <span class="tag">"演示数据"</span> });
        let meta = format!("{} / {}", meeting.town, full_date(local_date(meeting.starts_at)));
        let body = shown.map(content);
        let opinions = opinions_section(case, &opinions, closed);
        view! {
            <Crumbs ways here="公示"/>
            <h1 class="title">{meeting.title.clone()}</h1>
            <p class="meta">{meta}{tag}</p>
            <Live case seen>
                <Answer sentence waits/>
                {minutes}
                <div class="main-text">
                    {body}
                    {opinions}
                    <ul class="short-list not-print">
                        <li><a href=dossier>"议题材料：开会前要看的都在一页"</a></li>
                        <li><a href=topic>"看这件议题的来龙去脉"</a></li>
                    </ul>
                </div>
            </Live>
        }
        .into_any()
    })
    .with(Script::Watch))
}
