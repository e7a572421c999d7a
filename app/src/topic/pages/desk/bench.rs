//! [`Bench`]: what every part of the workspace knows of the topic and of who looks at it; and the pieces they share.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use super::words::{moment, standing};
use super::{TOPICS, me, words};
use crate::access::{self, Actor, Relation, StepKind};
use crate::case::record::Record;
use crate::case::stage::Stage;
use crate::case::store::Version;
use crate::case::{Case, relation};
use crate::context::Ctx;
use crate::error::{FormState, Refusal};
use crate::ids::CaseId;
use crate::rules::{Calendar, RuleSet, local_date, plain_date};
use crate::topic::model::TopicSource;
use crate::topic::steps::may_undo_merge;
use crate::town::{self, Town};
use crate::ui::{Conflict, Crumbs, FormSummary, RequestIdField, SideState, StateLine, Way};
use crate::web::{Request, desk_draft};

/// A part of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    /// 总览.
    Overview,
    /// 初审.
    Screen,
    /// 立题.
    Confirm,
    /// 调研: a page of its own.
    Research,
    /// 筹备: a page of its own.
    Plan,
    /// 人员: a page of its own.
    People,
    /// 答复: a page of its own.
    Answers,
    /// 签到: a page of its own, from the announcement on.
    Door,
    /// 会场: a page of its own, from the announcement on.
    Console,
    /// 纪要: a page of its own, from the meeting on.
    Minutes,
    /// 成果: a page of its own, from the signed minutes on.
    Outcomes,
    /// 办理: a page of its own, from the hand-out on.
    Tasks,
    /// 评价: a page of its own, from the first survey on.
    Evaluation,
    /// 归档: a page of its own, once the case is closed or has ended.
    Archive,
    /// 留言.
    Comments,
    /// 留痕: a page of its own.
    Ledger,
}

impl Tab {
    const ALL: [Self; 16] = [
        Self::Overview,
        Self::Screen,
        Self::Confirm,
        Self::Research,
        Self::Plan,
        Self::People,
        Self::Answers,
        Self::Door,
        Self::Console,
        Self::Minutes,
        Self::Outcomes,
        Self::Tasks,
        Self::Evaluation,
        Self::Archive,
        Self::Comments,
        Self::Ledger,
    ];

    /// The code in the address.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Screen => "screen",
            Self::Confirm => "confirm",
            Self::Plan => "plan",
            Self::People => "people",
            Self::Answers => "answers",
            Self::Door => "door",
            Self::Console => "console",
            Self::Minutes => "minutes",
            Self::Outcomes => "outcomes",
            Self::Tasks => "tasks",
            Self::Evaluation => "evaluation",
            Self::Archive => "archive",
            Self::Research => "research",
            Self::Comments => "comments",
            Self::Ledger => "ledger",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Overview => "总览",
            Self::Screen => "初审",
            Self::Confirm => "立题",
            Self::Plan => "筹备",
            Self::People => "人员",
            Self::Answers => "答复",
            Self::Door => "签到",
            Self::Console => "会场",
            Self::Minutes => "纪要",
            Self::Outcomes => "成果",
            Self::Tasks => "办理",
            Self::Evaluation => "评价",
            Self::Archive => "归档",
            Self::Research => "调研",
            Self::Comments => "留言",
            Self::Ledger => "留痕",
        }
    }

    /// Whether it is a page of its own.
    const fn is_page(self) -> bool {
        matches!(
            self,
            Self::Research
                | Self::Plan
                | Self::People
                | Self::Answers
                | Self::Door
                | Self::Console
                | Self::Minutes
                | Self::Outcomes
                | Self::Tasks
                | Self::Evaluation
                | Self::Archive
                | Self::Ledger
        )
    }

    /// Whether it leads somewhere for a topic in this stage: the meeting's day has nothing to show before the
    /// announcement, the minutes nothing before the meeting.
    fn is_shown(self, case: &Case) -> bool {
        match self {
            Self::Door | Self::Console => case.stage().ordinal() >= Stage::Announced.ordinal(),
            Self::Minutes => case.chair_id.is_some(),
            Self::Outcomes => case.stage().ordinal() >= Stage::Minuted.ordinal(),
            Self::Tasks => case.stage().ordinal() >= Stage::Reported.ordinal(),
            Self::Evaluation => case.stage().ordinal() >= Stage::Tracking.ordinal(),
            Self::Archive => case.stage().ordinal() >= Stage::Closed.ordinal() || case.stage().is_ended(),
            _ => true,
        }
    }

    /// The part of a code; the first for what is none.
    pub(crate) fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|t| t.code() == code && !t.is_page()).unwrap_or(Self::Overview)
    }

    /// The part's address.
    pub(crate) fn address(self, case: CaseId) -> String {
        if self.is_page() {
            format!("{TOPICS}/{case}/{}", self.code())
        } else {
            format!("{TOPICS}/{case}?tab={}", self.code())
        }
    }
}

/// The parts of a topic's workspace as links.
pub(crate) fn tabs(case: &Case, current: Tab) -> impl IntoView + use<> {
    let id = case.id;
    let rows = Tab::ALL
        .into_iter()
        .filter(|tab| *tab == current || tab.is_shown(case))
        .map(|tab| {
            let here = (tab == current).then_some("page");
            view! { <li><a href=tab.address(id) aria-current=here>{tab.word()}</a></li> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label="案卷的各部分"><ul>{rows}</ul></nav> }
}

/// The case, if the person who is signed in may see it from inside: its town's people, the lead of its research, and the
/// district's office. That everybody may see a topic, or that one raised it, opens no workspace.
///
/// # Errors
/// [`Refusal::NotSignedIn`], [`Refusal::NotFound`].
pub(crate) async fn inside(ctx: &Ctx, id: CaseId) -> Result<Case, Refusal> {
    if ctx.actor.signed().is_none() {
        return Err(Refusal::NotSignedIn);
    }
    let case = crate::case::store::find(&ctx.db, id).await?.ok_or(Refusal::NotFound)?;
    let relation = Relation { is_public: false, raised_by_actor: false, ..relation(&case, &ctx.actor) };
    if access::may_see(&ctx.actor, relation) { Ok(case) } else { Err(Refusal::NotFound) }
}

/// What every part of the workspace knows.
pub(crate) struct Bench {
    /// The topic.
    pub(crate) case: Case,
    /// The topic it was joined to.
    pub(crate) target: Option<Case>,
    /// Its town.
    pub(crate) town: Town,
    /// The rules that judge it now.
    pub(crate) rules: Arc<RuleSet>,
    /// The workday calendar.
    pub(crate) calendar: Arc<Calendar>,
    /// Now.
    pub(crate) now: DateTime<Utc>,
    /// Today in Shanghai.
    pub(crate) today: NaiveDate,
    /// Who looks.
    pub(crate) actor: Actor,
    /// The form that was refused, if one was.
    pub(crate) form: FormState,
    /// The id for the forms of this page.
    pub(crate) request_id: String,
    /// The part that is shown.
    pub(crate) tab: Tab,
}

impl Bench {
    /// Everything that all parts need.
    ///
    /// # Errors
    /// As [`inside`].
    pub(crate) async fn load(req: &Request) -> Result<Self, Refusal> {
        Self::of(req, Tab::from_code(req.query("tab"))).await
    }

    /// The same for a part that is a page of its own.
    ///
    /// # Errors
    /// As [`inside`].
    pub(crate) async fn of(req: &Request, tab: Tab) -> Result<Self, Refusal> {
        me(req)?;
        let case = inside(&req.ctx, req.param("id")?).await?;
        let (db, now) = (&req.ctx.db, req.ctx.now());
        let rules = town::rules::of_case(&req.ctx, &case).await?;
        let town = town::store::town(db, &case.town_id).await?.ok_or(Refusal::NotFound)?;
        let target = match case.merged_into {
            Some(target) => crate::case::store::find(db, target).await?,
            None => None,
        };
        Ok(Self {
            target,
            town,
            rules,
            calendar: req.ctx.shared.calendar(),
            now,
            today: req.ctx.today(),
            actor: req.ctx.actor.clone(),
            form: req.form.clone(),
            request_id: req.request_id.to_string(),
            tab,
            case,
        })
    }

    /// Whether the person may do a step on this topic, as the permission table says.
    pub(crate) fn may(&self, step: StepKind) -> bool {
        access::decide(step, &self.actor, relation(&self.case, &self.actor)) == access::Decision::Allowed
    }

    /// Whether a step leads somewhere in the stage that the topic is in.
    fn fits(&self, step: StepKind) -> bool {
        let stage = self.case.stage();
        match step {
            StepKind::AcceptTopic | StepKind::ReturnTopic | StepKind::TransferTopic | StepKind::DeclineTopic => {
                stage == Stage::Submitted
            }
            StepKind::MergeTopic => matches!(stage, Stage::Submitted | Stage::Accepted),
            StepKind::UndoMerge => stage == Stage::Merged && self.target.as_ref().is_some_and(may_undo_merge),
            StepKind::ReviseEdition => self.case.accepted_at.is_some() && !stage.is_ended(),
            StepKind::PrepareConfirmation => stage == Stage::Accepted,
            StepKind::ConfirmTopic | StepKind::SendBackPreparation => self.waits_for_approver(),
            StepKind::AssignLead => stage == Stage::Confirmed,
            StepKind::CorrectVisit => matches!(stage, Stage::Researching | Stage::Planned),
            StepKind::ReassignLead
            | StepKind::PlanResearchTask
            | StepKind::SettleResearchTask
            | StepKind::RecordVisit
            | StepKind::SaveReport
            | StepKind::FileResearch
            | StepKind::OpenQuestionnaire => stage == Stage::Researching,
            StepKind::SuspendTopic => stage.may_become(Stage::Suspended),
            StepKind::ResumeTopic => stage == Stage::Suspended,
            StepKind::TerminateTopic => stage.may_become(Stage::Terminated),
            _ => true,
        }
    }

    /// Whether the form of a step stands on this page: the part that shows it is open, the person may do it, and it
    /// leads somewhere.
    pub(crate) fn offers(&self, step: StepKind) -> bool {
        let tab = match step {
            StepKind::AcceptTopic
            | StepKind::ReturnTopic
            | StepKind::TransferTopic
            | StepKind::DeclineTopic
            | StepKind::MergeTopic
            | StepKind::UndoMerge
            | StepKind::CorrectScreening
            | StepKind::ReviseEdition => Tab::Screen,
            StepKind::PrepareConfirmation | StepKind::ConfirmTopic | StepKind::SendBackPreparation => Tab::Confirm,
            StepKind::AssignLead
            | StepKind::ReassignLead
            | StepKind::PlanResearchTask
            | StepKind::SettleResearchTask
            | StepKind::RecordVisit
            | StepKind::CorrectVisit
            | StepKind::SaveReport
            | StepKind::FileResearch
            | StepKind::ReleaseReport
            | StepKind::OpenQuestionnaire
            | StepKind::CloseQuestionnaire => Tab::Research,
            StepKind::AnswerComment | StepKind::DecideHeldSupport => Tab::Comments,
            // Contacts of followers are looked at beside the comments.
            StepKind::ViewContact if self.tab == Tab::Comments => Tab::Comments,
            _ => Tab::Overview,
        };
        self.tab == tab && self.fits(step) && self.may(step)
    }

    /// Whether it waits for the party approver.
    pub(crate) fn waits_for_approver(&self) -> bool {
        self.case.stage() == Stage::Accepted && self.case.waiting_role() == Some(access::Role::PartyApprover)
    }

    /// The address of this part; its forms are sent here.
    pub(crate) fn address(&self) -> String {
        self.tab.address(self.case.id)
    }

    /// The refused form, if it was that of this step.
    pub(crate) fn state(&self, step: StepKind) -> FormState {
        self.form.of_action(step.code())
    }

    /// A form of this page: hidden fields, what was wrong, its fields, its button.
    ///
    /// `seen` is the version that the step compares; `within` sets the ids of its fields apart.
    pub(crate) fn form(
        &self,
        step: StepKind,
        (seen, within): (Option<i64>, Option<&'static str>),
        state: &FormState,
        fields: impl IntoView + 'static,
    ) -> AnyView {
        let id = format!("form-{}", step.code());
        // A draft is about what was seen: it is not put over what others wrote, nor into the form of another matter.
        let draft =
            seen.map(|seen| format!("{}:{seen}", desk_draft(&self.actor, &self.case.id.to_string(), step.code())));
        let seen = seen.map(|seen| view! { <input type="hidden" name="seen" value=seen.to_string()/> });
        view! {
            <form class="form" id=id method="post" action=self.address() data-draft=draft data-guard="">
                {what_was_wrong(state, within)}
                <RequestIdField id=self.request_id.clone()/>
                <input type="hidden" name="action" value=step.code()/>
                {seen}
                {fields}
            </form>
        }
        .into_any()
    }

    /// A form of which the page has several, one for each row: its id is set apart by the row's. With files where
    /// `files` says so.
    pub(crate) fn row_form(
        &self,
        step: StepKind,
        (row, files): (&str, bool),
        state: &FormState,
        fields: impl IntoView + 'static,
    ) -> AnyView {
        let id = if row.is_empty() { format!("form-{}", step.code()) } else { format!("form-{}-{row}", step.code()) };
        row_form((self.address(), id), (step, self.request_id.clone()), (row, files), state, fields)
    }

    /// The stage of the line and the side state.
    pub(crate) fn standing(&self) -> (Stage, Option<SideState>) {
        standing(
            self.case.stage(),
            (self.case.suspended_from.as_deref(), self.case.merged_from.as_deref()),
            self.case.accepted_at.is_some(),
            self.case.due_on,
        )
    }

    /// 「已用 2 / 限 5 个工作日」.
    pub(crate) fn spent(&self) -> Option<String> {
        let case = &self.case;
        words::spent(case.stage(), case.stage_since, case.due_on, (&self.rules, &self.calendar), self.today)
    }

    /// Crumbs, title, meta line, tags, state and parts.
    pub(crate) fn head(&self) -> AnyView {
        let case = &self.case;
        let here = case.number.as_ref().map_or_else(|| "还没有编号".to_owned(), |n| format!("{n} 号"));
        let source = TopicSource::from_code(&case.source).map(TopicSource::word);
        let meta: Vec<&str> = std::iter::once(self.town.short_name.as_str()).chain(source).collect();
        let tags = [(case.demo, "演示数据"), (case.recorded_by.is_some(), "代录"), (!case.is_public, "不公开")]
            .into_iter()
            .filter(|(on, _)| *on)
            .map(|(_, word)| view! { " " <span class="tag">{word}</span> })
            .collect_view();
        let (present, side) = self.standing();
        let due = words::due(case.stage, case.due_on, (&self.rules, &self.calendar), self.now);
        view! {
            <Crumbs ways=vec![Way::new("议题", TOPICS)] here=here/>
            <div class="head">
                <div>
                    <h1 class="title title-work">{case.inner_title().to_owned()}</h1>
                    <p class="meta">{meta.join(" / ")}{tags}</p>
                </div>
                <div class="case-state">
                    <StateLine present=present side=side due=due/>
                    {self.spent().map(|words| view! { <p class="caption">{words}</p> })}
                </div>
            </div>
            {frozen(case)}
            {tabs(case, self.tab)}
        }
        .into_any()
    }
}

/// That the district stopped the case for now, for every page of it.
pub(crate) fn frozen(case: &Case) -> Option<AnyView> {
    case.frozen_at.map(|at| {
        let words =
            format!("区政协办{}冻结了这件事，解冻以前都不能办。有疑问请联系区政协办。", plain_date(local_date(at)));
        view! { <p class="note warn" role="status">{words}</p> }.into_any()
    })
}

/// A form of a row, on a page at `address`.
pub(crate) fn row_form(
    (address, id): (String, String),
    (step, request_id): (StepKind, String),
    (row, files): (&str, bool),
    state: &FormState,
    fields: impl IntoView + 'static,
) -> AnyView {
    let kind = files.then_some("multipart/form-data");
    let within = (!row.is_empty()).then(|| row.to_owned());
    let wrong = match &state.refusal {
        Some(Refusal::Conflict { .. }) => what_was_wrong(state, None),
        _ => view! { <FormSummary form=state.clone() within=within/> }.into_any(),
    };
    view! {
        <form class="form" id=id method="post" action=address enctype=kind>
            {wrong}
            <RequestIdField id=request_id/>
            <input type="hidden" name="action" value=step.code()/>
            {fields.into_any()}
        </form>
    }
    .into_any()
}

/// What was wrong with a form, on top of it: the differences of a conflict, or the fields to change.
pub(crate) fn what_was_wrong(state: &FormState, within: Option<&'static str>) -> AnyView {
    match &state.refusal {
        Some(Refusal::Conflict { sentence, differences }) if !differences.is_empty() => {
            view! { <Conflict sentence=sentence.clone() differences=differences.clone()/> }.into_any()
        }
        _ => {
            let within = within.map(str::to_owned);
            view! { <FormSummary form=state.clone() within=within/> }.into_any()
        }
    }
}

/// The versions of a record, newest first: when, by whom, what. Older ones are folded.
pub(crate) fn versions<R: Record>(list: &[Version<R>], nobody: &'static str, today: NaiveDate) -> AnyView {
    let shown = |version: &Version<R>| {
        let rows = version
            .record
            .shown()
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(label, value)| view! { <dt>{label}</dt><dd class="said">{value}</dd> })
            .collect_view();
        view! { <dl class="facts">{rows}</dl> }
    };
    let head = |version: &Version<R>| {
        let who = version.author.clone().unwrap_or_else(|| nobody.to_owned());
        format!("第 {} 版，{}，{who}", version.version, moment(version.at, today))
    };
    let Some((newest, older)) = list.split_first() else {
        return ().into_any();
    };
    let older = (!older.is_empty()).then(|| {
        let rows = older
            .iter()
            .map(|version| view! { <p class="sub-head">{head(version)}</p>{shown(version)} })
            .collect_view();
        let words = format!("看先前的 {} 版", older.len());
        view! { <details><summary>{words}</summary>{rows}</details> }
    });
    view! { <p class="caption">{head(newest)}</p>{shown(newest)}{older} }.into_any()
}

/// A remark in a small frame at the top of the page, after something was done.
pub(crate) fn done_note(words: Option<&'static str>) -> impl IntoView {
    words.map(|words| view! { <p class="note" role="status">{words}</p> })
}
