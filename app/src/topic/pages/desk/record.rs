//! `/desk/record`: a topic taken down for somebody who came, called, was visited or wrote (代录, T1).

use leptos::prelude::*;

use super::{RECORD, TOPICS, me, towns_as, workspace};
use crate::access::{Actor, Role};
use crate::case::carry_out;
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::rules::RuleSet;
use crate::topic::lookup;
use crate::topic::model::{ImportedFrom, TopicForm, TopicSource};
use crate::topic::pages::raise::{attachments, is_joint};
use crate::topic::pages::words::typed_number;
use crate::topic::steps::{RecordTopic, Submission};
use crate::town::{self, Town};
use crate::ui::{
    Button, Checkbox, Choice, Crumbs, Field, FileInput, FormSummary, RadioGroup, RequestIdField, Section, Select,
    TextArea, TextInput, Way,
};
use crate::web::{Form, Outcome, Page, Request, StagedFile, desk_draft};

/// How somebody was reached: code and word.
pub(super) const REACHED: [(&str, &str); 4] =
    [("visit", "来访"), ("call", "来电"), ("called_on", "走访"), ("letter", "信件")];

/// The towns for which the person may take down topics.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for whoever is no officer.
fn officer_towns(req: &Request) -> Result<Vec<String>, Refusal> {
    let towns = towns_as(me(req)?, Role::Officer);
    if towns.is_empty() { Err(Refusal::Forbidden { who: Role::Officer.word().to_owned() }) } else { Ok(towns) }
}

/// The form.
///
/// # Errors
/// As [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for whoever is no officer.
pub async fn record(req: &Request) -> Result<Page, Refusal> {
    let own = officer_towns(req)?;
    let (db, shared) = (&req.ctx.db, &req.ctx.shared);
    let towns: Vec<Town> = town::store::towns(db).await?.into_iter().filter(|t| own.contains(&t.town_id)).collect();
    // Limits that the form names: those of the one town, or of the district where there are several.
    let rules = match towns.as_slice() {
        [one] => town::rules::in_force(db, shared, &one.town_id, req.ctx.now()).await?.1,
        _ => town::rules::baseline(db, shared, req.ctx.now()).await?.1,
    };
    let form = req.form.clone();
    let staged = req.staged.clone();
    let request_id = req.request_id.to_string();
    let draft = draft(&req.ctx.actor);
    Ok(Page::desk("代录议题", TOPICS, move || {
        let summary = form.clone();
        view! {
            <Crumbs ways=vec![Way::new("议题", TOPICS)] here="代录"/>
            <h1 class="title title-work">"代录议题"</h1>
            <p class="lead">"替来访、来电、走访到或写信来的人记一件事。照对方的意思写，记完把查询码交给对方。"</p>
            <FormSummary form=summary/>
            <form class="form" method="post" action=RECORD enctype="multipart/form-data" data-draft=draft data-guard="">
                <RequestIdField id=request_id/>
                {origin(&form, towns)}
                {matter(&form, &rules, staged)}
                {contact(&form, &rules)}
                <div class="actions"><Button words="记下来，生成查询码"/></div>
            </form>
        }
        .into_any()
    }))
}

fn origin(form: &crate::error::FormState, towns: Vec<Town>) -> AnyView {
    let town = match towns.as_slice() {
        [one] => view! { <input type="hidden" name="town" value=one.town_id.clone()/> }.into_any(),
        _ => {
            let options = towns.iter().map(|t| Choice::new(t.town_id.clone(), t.short_name.clone())).collect();
            view! { <Select field=Field::of(form, "town", "哪个镇的事") options blank="请选"/> }.into_any()
        }
    };
    let reached = REACHED.iter().map(|(code, word)| Choice::new(*code, *word)).collect();
    let sources = TopicSource::ALL.iter().map(|s| Choice::new(s.code(), s.word())).collect();
    let lists = ImportedFrom::ALL.iter().map(|s| Choice::new(s.code(), s.word())).collect();
    let fields = view! {
        {town}
        <RadioGroup field=Field::of(form, "reached_by", "怎么联系上的") options=reached/>
        <Select field=Field::of(form, "source", "议题来源").or(TopicSource::PublicSolicited.code()) options=sources/>
        <Select
            field=Field::of(form, "imported_from", "从哪份清单转来").optional()
            options=lists
            blank="不是转来的"
        />
    };
    view! { <Section title="怎么来的">{fields}</Section> }.into_any()
}

fn matter(form: &crate::error::FormState, rules: &RuleSet, staged: Vec<StagedFile>) -> AnyView {
    let topic = &rules.topic;
    let max = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let body = max(topic.body_max);
    let title =
        Field::of(form, "title", "题目").max(max(topic.title_max)).hint("一句话说清什么事，例如：老厂区门口夜市油烟。");
    let files = Field::of(form, "attachments", "附件").optional().hint(format!(
        "照片、PDF、办公文件，最多 {} 份，每份不超过 {} MB。",
        topic.attachments_max, topic.attachment_mb
    ));
    let fields = view! {
        <TextInput field=title/>
        <TextInput field=Field::of(form, "place", "在哪里").max(max(topic.place_max))/>
        <TextArea field=Field::of(form, "matter", "什么情况").max(body) rows=5/>
        <TextArea field=Field::of(form, "reason", "为什么要商量").max(body) rows=3/>
        <TextArea field=Field::of(form, "suggestion", "希望怎么办").max(body) rows=3/>
        <Checkbox field=Field::of(form, "one_matter", "只说一件事").hint("有几件事，请分开记，每件都会有人答复。")/>
        <FileInput field=files staged=staged/>
    };
    view! { <Section title="什么事">{fields}</Section> }.into_any()
}

fn contact(form: &crate::error::FormState, rules: &RuleSet) -> AnyView {
    let name = Field::of(form, "contact_name", "姓名")
        .private()
        .max(usize::try_from(rules.topic.name_max).unwrap_or(usize::MAX));
    let phone = Field::of(form, "contact_phone", "电话")
        .private()
        .narrow()
        .optional()
        .hint("不公开。没有电话的可以不填，但查询码丢了就不能核对手机号补发。");
    let fields = view! {
        <TextInput field=name/>
        <TextInput field=phone kind="tel"/>
        <Checkbox field=Field::of(form, "joint", "几个人一起提的")/>
        <TextInput field=Field::of(form, "joint_count", "一共几个人").optional().narrow() kind="number"/>
        <Checkbox field=Field::of(form, "consent_public", "本人同意公开姓名")/>
        <Checkbox field=Field::of(form, "consent_privacy", "已向本人说明《个人信息处理规则》，本人同意")/>
    };
    view! { <Section title="谁提的">{fields}</Section> }.into_any()
}

/// What the form says.
fn submission(form: &Form, case: CaseId, demo: bool) -> Submission {
    let text = |name: &str| form.value(name).to_owned();
    Submission {
        case: Some(case),
        town: text("town"),
        source: TopicSource::from_code(form.value("source")),
        imported_from: ImportedFrom::from_code(form.value("imported_from")),
        form: TopicForm {
            title: text("title"),
            place: text("place"),
            matter: text("matter"),
            reason: text("reason"),
            suggestion: text("suggestion"),
            joint_count: 1,
            answer: String::new(),
            files: form.files.iter().map(|f| f.file).collect(),
        },
        contact_name: text("contact_name"),
        contact_phone: text("contact_phone"),
        joint: is_joint(form),
        joint_count: typed_number(form.value("joint_count")),
        one_matter: form.ticked("one_matter"),
        consent_privacy: form.ticked("consent_privacy"),
        consent_public: form.ticked("consent_public"),
        reached_by: REACHED
            .iter()
            .find(|(code, _)| *code == form.value("reached_by"))
            .map(|(code, _)| (*code).to_owned()),
        attachments: attachments(&form.files),
        demo,
    }
}

/// The name under which the browser keeps what is not sent yet.
fn draft(actor: &Actor) -> String {
    desk_draft(actor, "record", "")
}

/// Takes the topic down and shows its tracking code, to be handed over.
///
/// # Errors
/// As the step.
pub async fn post_record(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let own = officer_towns(req)?;
    if !own.iter().any(|town| town == form.value("town")) {
        return Err(Refusal::field("town", "请选一个您负责的镇。"));
    }
    let ctx = &req.ctx;
    let submission = submission(&form, CaseId(ctx.new_id()), req.site.demo);
    if submission.reached_by.is_none() {
        return Err(Refusal::field("reached_by", "请选怎么联系上的：来访、来电、走访还是信件。"));
    }
    let raised = carry_out(ctx, RecordTopic(submission)).await?;
    let code = lookup::tracking_code(&ctx.secret, raised.case, 0).shown();
    Ok(workspace::code_page(
        "议题已经记下",
        "把这个查询码抄给提出人：凭它看进展、答问题、撤回。这一页离开后不再显示。",
        code,
        raised.case,
        Some(draft(&ctx.actor)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::FileId;
    use crate::rules::Attachments;

    #[test]
    fn a_form_becomes_a_submission() {
        let mut form = Form::default();
        for (name, value) in [
            ("town", "shengze"),
            ("reached_by", "call"),
            ("source", "forged"),
            ("joint", "yes"),
            ("joint_count", "三"),
            ("title", " 夜市油烟 "),
        ] {
            form.values.insert(name.to_owned(), vec![value.to_owned()]);
        }
        let file = |n, size| StagedFile {
            file: FileId(uuid::Uuid::from_u128(n)),
            name: "图.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            size,
        };
        form.files = vec![file(1, 10), file(2, 30)];
        let made = submission(&form, CaseId(uuid::Uuid::nil()), false);
        assert_eq!(made.source, None);
        assert_eq!(made.reached_by.as_deref(), Some("call"));
        assert_eq!((made.joint, made.joint_count), (true, None));
        assert_eq!(made.form.title, "夜市油烟");
        assert_eq!(made.attachments, Attachments { count: 2, largest_bytes: 30, total_bytes: 40 });
    }
}
