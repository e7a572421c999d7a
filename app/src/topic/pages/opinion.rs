//! `/topics/{id}/opinion`: what a resident thinks before an announced meeting, for, against or neutral, without an
//! account and without a seat; and how such opinions are shown.

use leptos::prelude::*;

use super::comment::{released_when, writing};
use super::topic::{crumbs, public};
use crate::case::carry_out;
use crate::error::Refusal;
use crate::ids::{CaseId, CommentId, MeetingId};
use crate::invitation::answer::steps::{STANCES, stance_of, stance_word};
use crate::plan::model::{opinions_closed, when};
use crate::plan::public_meeting;
use crate::rules::{Category, local_date, plain_date};
use crate::storage::{Database, StorageError};
use crate::topic::model::ShownName;
use crate::topic::steps::AddComment;
use crate::topic::store::{self, Opinions, PublicOpinion};
use crate::town;
use crate::ui::{
    Button, ButtonKind, Choice, CommentItem, Comments, Empty, Field, FormSummary, LinkButton, RadioGroup,
    RequestIdField, Section, Way,
};
use crate::web::{Form, Outcome, Page, Request};

/// The name under which the browser keeps the draft.
fn draft(case: CaseId) -> String {
    format!("opinion:{case}")
}
/// Opinions that a page shows at most.
pub(crate) const OPINIONS: i64 = 200;

/// The form.
///
/// # Errors
/// [`Refusal::NotFound`] for a topic that is not public, or whose meeting was never announced.
pub async fn opinion(req: &Request) -> Result<Page, Refusal> {
    let ctx = &req.ctx;
    let topic = public(req).await?;
    let case = topic.row.topic_id;
    let meeting = public_meeting(&ctx.db, case).await?.ok_or(Refusal::NotFound)?;
    let (_, rules) = town::rules::in_force(&ctx.db, &ctx.shared, &topic.town_id, ctx.now()).await?;
    let form = req.form.clone();
    // What was typed before the meeting began is still shown to whoever typed it.
    let closed = opinions_closed(meeting.stage.0, meeting.state.0, meeting.starts_at, ctx.now())
        .filter(|_| form.refusal.is_none());
    let request_id = req.request_id.to_string();
    Ok(Page::public("会前说一句", "/calendar", move || {
        let back = format!("/topics/{case}/notice");
        let at = when(meeting.starts_at, meeting.ends_at);
        let head = view! {
            {crumbs(&topic, Some("会前说一句"))}
            <h1 class="title">"会前说一句"</h1>
            <p class="meta">{format!("关于「{}」，{at}开协商会。", topic.row.title)}</p>
        };
        if let Some(why) = closed {
            return view! { {head}<Empty sentence=why way=Way::new("回到公示", back)/> }.into_any();
        }
        let lead = format!("不用登录，不用报名，来不来都可以说。{}会上会用到。", released_when(&rules));
        let stances = STANCES.map(|(code, word)| Choice::new(code, word)).to_vec();
        let stance = Field::of(&form, "stance", "您怎么看");
        let fields = writing(&form, "想说的话", &rules);
        view! {
            {head}
            <p class="lead">{lead}</p>
            <FormSummary form=form/>
            <form class="form" method="post" action=format!("/topics/{case}/opinion") data-draft=draft(case) data-guard="">
                <RequestIdField id=request_id/>
                <RadioGroup field=stance options=stances/>
                {fields}
                <div class="actions">
                    <Button words="交上去"/>
                    <LinkButton words="不说了，回公示" href=back kind=ButtonKind::Link/>
                </div>
            </form>
        }
        .into_any()
    }))
}

/// Takes an opinion; the page after it says whether it waits for the officer.
///
/// # Errors
/// What is missing in the form; a conflict before the announcement and after the meeting has begun.
pub async fn post_opinion(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let ctx = &req.ctx;
    let case: CaseId = req.param("id")?;
    let stance = stance_of(form.value("stance"));
    let step = AddComment {
        case,
        comment: Some(CommentId(ctx.new_id())),
        parent: None,
        name: form.value("name").to_owned(),
        how: ShownName::from_code(form.value("how")),
        body: form.value("body").to_owned(),
        stance: Some(stance.ok_or_else(|| Refusal::field("stance", "请选赞成、不赞成或中立。"))?),
    };
    let open = carry_out(ctx, step).await?;
    let mut page = Page::public("意见已收到", "/calendar", move || {
        let (title, lead) = if open {
            ("意见已经公开", "谢谢您。公示页和议题页上都看得到，会上会用到。")
        } else {
            ("意见已收到，等干事看过", "谢谢您。干事看过后公开，会上会用到；里面有不便公开的内容，就不放出来。")
        };
        view! {
            <h1 class="title">{title}</h1>
            <p class="lead">{lead}</p>
            <div class="actions"><LinkButton words="回到公示" href=format!("/topics/{case}/notice#opinions")/></div>
        }
        .into_any()
    })
    .private();
    page.draft_done = Some(draft(case));
    Ok(Outcome::Page(page))
}

/// 「赞成 5，不赞成 4，中立 3」.
fn counted(count: impl Fn(&str) -> i64) -> String {
    STANCES.map(|(code, word)| format!("{word} {}", count(code))).join("，")
}

/// The opinions as comments; who wrote one is a resident as chosen, or the category of an invitee.
pub(super) fn opinions_list(case: CaseId, opinions: &Opinions) -> AnyView {
    let items = opinions.newest.iter().map(|opinion| item(case, opinion)).collect();
    let all = opinions.all();
    let shown = i64::try_from(opinions.newest.len()).unwrap_or(i64::MAX);
    let more =
        (all > shown).then(|| view! { <p class="caption">{format!("一共 {all} 条，只列出最近的 {shown} 条。")}</p> });
    view! { <Comments items/>{more} }.into_any()
}

fn item(case: CaseId, opinion: &PublicOpinion) -> CommentItem {
    let ways = opinion
        .comment_id
        .map(|comment| Way::new("反映", format!("/topics/{case}/report?comment={comment}&thread={comment}")));
    let category = || opinion.category.as_deref().and_then(Category::from_code).map_or("", Category::word);
    CommentItem {
        author: opinion.shown_name.clone().unwrap_or_else(|| category().to_owned()),
        date: opinion.at.map(|at| plain_date(local_date(at))).unwrap_or_default(),
        tag: Some(stance_word(&opinion.stance).to_owned()),
        text: opinion.body.clone(),
        ways: ways.into_iter().collect(),
        ..CommentItem::default()
    }
}

impl Opinions {
    /// How many there are.
    const fn all(&self) -> i64 {
        self.in_favour + self.against + self.neutral
    }

    /// 「12 条：赞成 5，不赞成 4，中立 3」; nothing where there is none.
    pub(super) fn summary(&self) -> Option<String> {
        let of = |code: &str| match code {
            "for" => self.in_favour,
            "against" => self.against,
            _ => self.neutral,
        };
        (self.all() > 0).then(|| format!("{} 条：{}", self.all(), counted(of)))
    }
}

/// The opinions on the notice, and the way to give one; `closed` says why there is none.
pub(crate) fn opinions_section(case: CaseId, opinions: &Opinions, closed: Option<&'static str>) -> AnyView {
    let summary = opinions.summary();
    let list = match (&summary, closed) {
        (Some(_), _) => opinions_list(case, opinions),
        (None, None) => view! { <p class="empty">"还没有公开的意见，您可以先说。"</p> }.into_any(),
        (None, Some(_)) => view! { <p class="empty">"没有公开的意见。"</p> }.into_any(),
    };
    let way = match closed {
        Some(why) => view! { <p class="caption">{why}</p> }.into_any(),
        None => {
            let href = format!("/topics/{case}/opinion");
            view! { <p class="actions"><LinkButton words="会前说一句" href kind=ButtonKind::Second/></p> }.into_any()
        }
    };
    view! { <Section title="会前意见" side=summary id="opinions">{list}{way}</Section> }.into_any()
}

/// What the officer is told of the opinions that came without an invitation; nothing where there is none.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn opinions_came(db: &Database, meeting: MeetingId) -> Result<Option<String>, StorageError> {
    let rows = store::opinions_came(db, meeting).await?;
    let all: i64 = rows.iter().map(|(_, n, _)| n).sum();
    let held: i64 = rows.iter().map(|(.., held)| held).sum();
    let of = |code: &str| rows.iter().find(|(stance, ..)| stance == code).map_or(0, |(_, n, _)| *n);
    let waiting = if held > 0 { format!("；{held} 条在“留言”里等放行") } else { String::new() };
    Ok((all > 0).then(|| format!("居民在公示页写的会前意见 {all} 条：{}{waiting}。", counted(of))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opinions_are_counted_by_stance_and_invitees_are_not_named() {
        let invitee = PublicOpinion {
            comment_id: None,
            shown_name: None,
            category: Some("stakeholder".to_owned()),
            stance: "against".to_owned(),
            body: "先试一个月。".to_owned(),
            at: None,
        };
        let shown = item(CaseId(uuid::Uuid::nil()), &invitee);
        assert_eq!((shown.author.as_str(), shown.tag.as_deref()), ("利益相关方", Some("不赞成")));
        assert!(shown.ways.is_empty() && shown.date.is_empty());
        let opinions = Opinions { in_favour: 2, against: 1, neutral: 0, newest: vec![invitee] };
        assert_eq!(opinions.summary().as_deref(), Some("3 条：赞成 2，不赞成 1，中立 0"));
        assert_eq!(Opinions::default().summary(), None);
    }
}
