//! The plan as a form, and the form as a plan.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use leptos::prelude::*;

use crate::error::{FieldError, FormState};
use crate::ids::{AccountId, FileId, RoomId};
use crate::plan::model::{AgendaItem, ConsultationPlan, instant};
use crate::plan::store::{Colleague, Material};
use crate::rules::{Category, MeetingFormat, RuleSet, Segment, clock_time, local_date, notice_given};
use crate::topic::pages::words::typed_number;
use crate::town::Room;
use crate::ui::{Button, ButtonKind, CheckGroup, Choice, Field, FileInput, RadioGroup, Select, TextArea, TextInput};
use crate::web::{Form, StagedFile};

/// What the form chooses from.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    /// The town's rooms.
    pub(super) rooms: Vec<Room>,
    /// Its people with an account.
    pub(super) people: Vec<Colleague>,
    /// Materials that were attached before.
    pub(super) materials: Vec<Material>,
}

impl Choices {
    pub(super) fn room(&self, id: Option<RoomId>) -> Option<&Room> {
        self.rooms.iter().find(|room| Some(room.room_id) == id)
    }

    pub(super) fn has_room(&self, id: RoomId) -> bool {
        self.room(Some(id)).is_some()
    }

    fn has_person(&self, account: AccountId) -> bool {
        self.people.iter().any(|p| p.account == account)
    }

    fn name(&self, account: Option<AccountId>) -> String {
        self.people.iter().find(|p| Some(p.account) == account).map(|p| p.name.clone()).unwrap_or_default()
    }
}

/// The form as a plan fills it.
pub(super) fn filled(plan: &ConsultationPlan) -> FormState {
    let number = |n: u32| if n == 0 { String::new() } else { n.to_string() };
    let mut state = FormState::filled([
        ("date", plan.starts_at.map(|at| local_date(at).to_string()).unwrap_or_default()),
        ("time", plan.starts_at.map(clock_time).unwrap_or_default()),
        ("minutes", number(plan.minutes)),
        ("format", plan.format.map(|f| f.code().to_owned()).unwrap_or_default()),
        ("room", plan.room.map(|r| r.to_string()).unwrap_or_default()),
        ("online_url", plan.online_url.clone()),
        ("chair", plan.chair.map(|a| a.to_string()).unwrap_or_default()),
        ("recorder", plan.recorder.map(|a| a.to_string()).unwrap_or_default()),
        ("notice", plan.notice.clone()),
        ("register_by", plan.register_by.map(|d| d.to_string()).unwrap_or_default()),
        ("division", plan.division.clone()),
        ("emergency", plan.emergency.clone()),
        ("urgent_reason", plan.urgent_reason.clone()),
        ("shares_reason", plan.shares_reason.clone()),
    ]);
    let mut put = |name: String, value: String| state.values.insert(name, vec![value]);
    for item in &plan.agenda {
        put(format!("agenda_{}", item.segment.code()), number(item.minutes));
        put(format!("agenda_{}_words", item.segment.code()), item.words.clone());
    }
    for (category, seats) in &plan.open_seats {
        put(format!("open_{}", category.code()), number(*seats));
    }
    state.values.insert("kept".to_owned(), plan.materials.iter().map(ToString::to_string).collect());
    state
}

/// The plan with a new day to propose where its own is over: the same weekday and hour, in the first week that leaves the
/// notice its days.
pub(super) fn next_time(plan: &ConsultationPlan, now: DateTime<Utc>, days: u32) -> ConsultationPlan {
    let over = plan.starts_at.filter(|at| *at <= now);
    let fits = |at: &DateTime<Utc>| notice_given(local_date(now), local_date(*at)) > i64::from(days);
    let next = over.and_then(|at| (1..).map_while(|week| at.checked_add_signed(TimeDelta::weeks(week))).find(fits));
    ConsultationPlan {
        starts_at: next.or(plan.starts_at),
        register_by: if next.is_some() { None } else { plan.register_by },
        ..plan.clone()
    }
}

/// When a form says the meeting begins; an error for what cannot be read.
pub(super) fn starts_at(form: &Form, errors: &mut Vec<FieldError>) -> Option<chrono::DateTime<chrono::Utc>> {
    let date = form.value("date").parse::<NaiveDate>();
    if date.is_err() {
        errors.push(FieldError::new("date", "请填开会的日期，例如 2026-11-20。"));
    }
    let text = form.value("time").replace('：', ":");
    let time = NaiveTime::parse_from_str(&text, "%H:%M");
    if time.is_err() {
        errors.push(FieldError::new("time", "请填开始的时间，例如 14:00。"));
    }
    instant(date.ok()?, time.ok()?)
}

/// A number that may be left out: 0 then.
pub(super) fn number(form: &Form, field: &str, errors: &mut Vec<FieldError>) -> u32 {
    let text = form.value(field);
    if text.is_empty() {
        return 0;
    }
    typed_number(text).unwrap_or_else(|| {
        errors.push(FieldError::new(field, "请填一个整数，例如 30。"));
        0
    })
}

/// What was chosen from a menu, or nothing; an error for what the menu does not offer.
pub(super) fn chosen<T: FromStr>(
    form: &Form,
    field: &str,
    offered: impl Fn(&T) -> bool,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let text = form.value(field);
    let found = text.parse().ok().filter(offered);
    if found.is_none() && !text.is_empty() {
        errors.push(FieldError::new(field, "选的这一项不在列表里，请重新选。"));
    }
    found
}

/// The plan of a form, and what cannot be read in it.
pub(super) fn plan_of(form: &Form, choices: &Choices) -> (ConsultationPlan, Vec<FieldError>) {
    let mut errors = Vec::new();
    let text = |name: &str| form.value(name).to_owned();
    let starts_at = starts_at(form, &mut errors);
    let minutes = number(form, "minutes", &mut errors);
    let agenda = Segment::ALL
        .iter()
        .map(|segment| AgendaItem {
            segment: *segment,
            minutes: number(form, &format!("agenda_{}", segment.code()), &mut errors),
            words: text(&format!("agenda_{}_words", segment.code())),
        })
        .collect();
    let open_seats = Category::ALL
        .iter()
        .map(|category| (*category, number(form, &format!("open_{}", category.code()), &mut errors)))
        .filter(|(_, seats)| *seats > 0)
        .collect();
    let register_by = match form.value("register_by") {
        "" => None,
        text => {
            let day = text.parse().ok();
            if day.is_none() {
                errors.push(FieldError::new("register_by", "请填报名截止的日期，例如 2026-11-18；也可以不填。"));
            }
            day
        }
    };
    let room = chosen(form, "room", |id| choices.has_room(*id), &mut errors);
    let mut person = |field: &str| chosen(form, field, |id| choices.has_person(*id), &mut errors);
    let (chair, recorder) = (person("chair"), person("recorder"));
    let kept = form.values.get("kept").map(Vec::as_slice).unwrap_or_default();
    // Only what is attached already can be kept; what comes anew was sent by this person.
    let kept = kept
        .iter()
        .filter_map(|id| id.parse::<FileId>().ok())
        .filter(|id| choices.materials.iter().any(|m| m.file_id == *id));
    let plan = ConsultationPlan {
        starts_at,
        minutes,
        format: MeetingFormat::from_code(form.value("format")),
        room,
        room_name: choices.room(room).map(|r| r.name.clone()).unwrap_or_default(),
        online_url: text("online_url"),
        agenda,
        chair,
        chair_name: choices.name(chair),
        recorder,
        recorder_name: choices.name(recorder),
        notice: text("notice"),
        register_by,
        materials: kept.chain(form.files.iter().map(|f| f.file)).collect(),
        open_seats,
        division: text("division"),
        emergency: text("emergency"),
        urgent_reason: text("urgent_reason"),
        shares_reason: text("shares_reason"),
    };
    (plan, errors)
}

/// The rooms as choices: name, place and seats.
pub(super) fn room_choices(rooms: &[Room]) -> Vec<Choice> {
    rooms
        .iter()
        .map(|room| {
            Choice::new(room.room_id.to_string(), format!("{}（{}，{} 座）", room.name, room.address, room.capacity))
        })
        .collect()
}

/// The fields of time and place, shared with the form that moves a meeting.
pub(super) fn time_and_place(state: &FormState, rooms: &[Room], within: Option<&'static str>) -> AnyView {
    let of = |name: &str, label: &str| {
        let field = Field::of(state, name, label);
        within.map_or(field.clone(), |form| field.within(form))
    };
    view! {
        <div class="row-fields">
            <TextInput field=of("date", "日期").narrow() kind="date"/>
            <TextInput field=of("time", "开始").narrow() kind="time"/>
        </div>
        <TextInput field=of("minutes", "多少分钟").narrow().hint("议程四个环节合起来要放得下。") kind="number"/>
        <Select field=of("room", "场地").hint("登记过的议事室、议事点；只在网络上开的不用选。") options=room_choices(rooms) blank="还没有选"/>
        <TextInput field=of("online_url", "线上会议室地址").optional().private().hint("网络或线上线下的要填；只给请到的人看。")/>
    }
    .into_any()
}

/// The fields of the plan.
pub(super) fn fields(state: &FormState, choices: &Choices, rules: &RuleSet, staged: Vec<StagedFile>) -> AnyView {
    let body = rules.topic.body_max as usize;
    let formats = MeetingFormat::ALL.iter().map(|f| Choice::new(f.code(), f.word())).collect();
    let people = || {
        choices
            .people
            .iter()
            .map(|p| Choice::new(p.account.to_string(), format!("{}（{}）", p.name, p.role_words())))
            .collect::<Vec<_>>()
    };
    let agenda = Segment::ALL
        .iter()
        .map(|segment| {
            let minutes = Field::of(state, &format!("agenda_{}", segment.code()), format!("{}，分钟", segment.word()));
            let words =
                Field::of(state, &format!("agenda_{}_words", segment.code()), format!("{}的内容", segment.word()));
            view! {
                <div class="row-fields">
                    <TextInput field=minutes.narrow() kind="number"/>
                    <TextInput field=words.optional()/>
                </div>
            }
        })
        .collect_view();
    let seats = Category::ALL
        .iter()
        .map(|category| {
            let field = Field::of(state, &format!("open_{}", category.code()), category.word());
            view! { <TextInput field=field.narrow().optional() kind="number"/> }
        })
        .collect_view();
    let kept = (!choices.materials.is_empty()).then(|| {
        let options = choices.materials.iter().map(|m| Choice::new(m.file_id.to_string(), m.name.clone())).collect();
        view! { <CheckGroup field=Field::of(state, "kept", "已附的材料").hint("不要的把勾去掉。") options/> }
    });
    let materials = Field::of(state, "materials", "会议材料")
        .optional()
        .hint(format!("随公示一起公开，不要放个人信息；最多 {} 份（本镇设定）。", rules.topic.attachments_max));
    let notice = Field::of(state, "notice", "公示内容")
        .max(body)
        .hint("写给所有人看：商量什么、请谁来、怎么参加。不写手机号码。");
    let register_by = Field::of(state, "register_by", "报名截止日").narrow().optional().hint("不填就是开会前一天。");
    let urgent = Field::of(state, "urgent_reason", "申请紧急公示的理由").optional().hint(format!(
        "公示至少 {} 天；紧急的至少 {} 天，要工委主任同意（本镇设定）。",
        rules.notice.days, rules.notice.urgent_days
    ));
    let shares =
        Field::of(state, "shares_reason", "申请比例例外的理由").optional().hint("只有比例可以例外，最少人数不行。");
    view! {
        {time_and_place(state, &choices.rooms, None)}
        <RadioGroup field=Field::of(state, "format", "协商形式") options=formats/>
        <fieldset class="plain-sec"><legend class="sub-head">"议程"</legend>{agenda}</fieldset>
        <Select field=Field::of(state, "chair", "主持") options=people() blank="还没有定"/>
        <Select field=Field::of(state, "recorder", "记录").hint("和主持不能是同一个人。") options=people() blank="还没有定"/>
        <TextArea field=notice rows=5/>
        <fieldset class="plain-sec">
            <legend class="sub-head">"开放席位：谁都可以报名"</legend>
            <div class="row-fields">{seats}</div>
        </fieldset>
        <TextInput field=register_by kind="date"/>
        {kept}
        <FileInput field=materials staged=staged/>
        <TextArea field=Field::of(state, "division", "分工").optional().max(body) rows=3/>
        <TextArea field=Field::of(state, "emergency", "应急与联络").optional().max(body).hint("只在里面看。") rows=3/>
        <TextArea field=urgent rows=2/>
        <TextArea field=shares rows=2/>
        <div class="actions">
            <Button words="保存，送主任审批" name="hand_over" value="yes"/>
            <Button words="先保存" kind=ButtonKind::Second name="hand_over" value="no"/>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Category;

    fn plan() -> ConsultationPlan {
        let material = FileId(uuid::Uuid::from_u128(3));
        ConsultationPlan {
            starts_at: "2026-11-20T06:00:00Z".parse().ok(),
            minutes: 120,
            format: Some(MeetingFormat::Hybrid),
            online_url: "https://meeting.example/1".to_owned(),
            agenda: Segment::ALL
                .iter()
                .map(|segment| AgendaItem { segment: *segment, minutes: 20, words: "说".to_owned() })
                .collect(),
            notice: "来商量".to_owned(),
            register_by: "2026-11-18".parse().ok(),
            materials: vec![material],
            open_seats: vec![(Category::Public, 3)],
            division: "网格员".to_owned(),
            emergency: "卫生院".to_owned(),
            urgent_reason: "急".to_owned(),
            shares_reason: "难".to_owned(),
            ..ConsultationPlan::default()
        }
    }

    fn choices() -> Choices {
        let file_id = FileId(uuid::Uuid::from_u128(3));
        Choices {
            materials: vec![Material {
                file_id,
                name: "说明.pdf".to_owned(),
                media_type: "application/pdf".to_owned(),
                size: 1,
                released: false,
            }],
            ..Choices::default()
        }
    }

    #[test]
    fn a_plan_survives_its_form() {
        let form = Form { values: filled(&plan()).values, files: Vec::new() };
        assert_eq!(plan_of(&form, &choices()), (plan(), Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let mut state = filled(&plan());
        for (field, value) in [
            ("date", "明天"),
            ("time", "下午"),
            ("minutes", "两小时"),
            ("agenda_ask", "-5"),
            ("open_public", "几"),
            ("register_by", "x"),
            ("room", "king"),
            ("chair", "00000000-0000-0000-0000-000000000009"),
        ] {
            state.values.insert(field.to_owned(), vec![value.to_owned()]);
        }
        let (_, errors) = plan_of(&Form { values: state.values, files: Vec::new() }, &choices());
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["date", "time", "minutes", "agenda_ask", "open_public", "register_by", "room", "chair"]);
    }

    #[test]
    fn a_foreign_file_is_not_kept() {
        let mut state = filled(&plan());
        state.values.insert("kept".to_owned(), vec![uuid::Uuid::from_u128(9).to_string()]);
        let (plan, _) = plan_of(&Form { values: state.values, files: Vec::new() }, &choices());
        assert!(plan.materials.is_empty());
    }
}
