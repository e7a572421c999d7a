//! `/desk/topics/{id}`: one topic, everything that can be done with it now, and what the next step still needs.

use leptos::prelude::*;

use super::bench::{Bench, Tab, done_note};
use super::comments::Talk;
use super::overview::Overview;
use super::screen_form::Screen;
use super::{TOPICS, comments, confirm_form, contacts, edition_form, hold_form, me, overview, screen_form};
use crate::access::StepKind;
use crate::case::Changes;
use crate::case::stage::Stage;
use crate::case::store::{Version, events, spans, versions};
use crate::error::{FormState, Refusal};
use crate::ids::CaseId;
use crate::research;
use crate::rules::{Facts, Finding, Findings, judge};
use crate::search::store::similar;
use crate::storage::Database;
use crate::topic::model::{Approval, TopicForm};
use crate::topic::steps::{deciding, preparing};
use crate::topic::store as topics;
use crate::ui::{FindingList, LinkButton};
use crate::web::{Form, Outcome, Page, Request};

/// Events of the overview.
const EVENTS: i64 = 200;
/// Topics that look alike and are named first among those to join.
const SIMILAR: usize = 5;

/// The version of what the form was made on.
///
/// # Errors
/// A conflict when the page did not send one.
pub(crate) fn seen(form: &Form) -> Result<i64, Refusal> {
    form.value("seen").parse().map_err(|_| Refusal::moved_on("这一页不完整，请刷新后再提交。"))
}

/// What the part that is open shows.
enum Part {
    Overview(Box<Overview>),
    Screen(Box<Screen>),
    Confirm(Vec<Version<crate::topic::model::Ruling>>),
    Comments(Talk),
}

/// What the topic was sent as, and what was prepared for it: for the checklist and two of the parts.
struct OnFile {
    sent: Vec<Version<TopicForm>>,
    approvals: Vec<Version<Approval>>,
    research: research::Standing,
}

impl OnFile {
    async fn load(bench: &Bench, db: &Database) -> Result<Self, Refusal> {
        let (id, stage) = (bench.case.id, bench.case.stage());
        let sent =
            if bench.tab == Tab::Screen || stage == Stage::Submitted { versions(db, id).await? } else { Vec::new() };
        let approvals =
            if bench.tab == Tab::Confirm || stage == Stage::Accepted { versions(db, id).await? } else { Vec::new() };
        let research =
            if stage == Stage::Researching { research::standing(db, id).await? } else { research::Standing::default() };
        Ok(Self { sent, approvals, research })
    }
}

async fn part(bench: &Bench, on_file: &OnFile, db: &Database) -> Result<Part, Refusal> {
    let case = &bench.case;
    let id = case.id;
    Ok(match bench.tab {
        Tab::Screen => {
            let joins = bench.offers(StepKind::MergeTopic);
            let (choices, alike) = if joins {
                (topics::merge_choices(db, id, &case.town_id).await?, similar(db, case.inner_title(), SIMILAR).await?)
            } else {
                (Vec::new(), Vec::new())
            };
            Part::Screen(Box::new(Screen {
                sent: on_file.sent.clone(),
                editions: versions(db, id).await?,
                screenings: versions(db, id).await?,
                files: topics::files(db, id, false).await?,
                choices,
                similar: alike,
            }))
        }
        Tab::Confirm => Part::Confirm(versions(db, id).await?),
        Tab::Comments => Part::Comments(Talk {
            comments: topics::officer_comments(db, id, comments::MOST).await?,
            held_supports: topics::held_supports(db, id).await?,
            followers: topics::contacts_to_tell(db, id).await?,
        }),
        // All but the first are pages of their own.
        Tab::Overview
        | Tab::Research
        | Tab::Plan
        | Tab::People
        | Tab::Answers
        | Tab::Door
        | Tab::Console
        | Tab::Minutes
        | Tab::Outcomes
        | Tab::Tasks
        | Tab::Evaluation
        | Tab::Archive
        | Tab::Ledger => Part::Overview(Box::new(Overview {
            spans: spans(db, id).await?,
            events: events(db, id, false, EVENTS).await?,
            proposer: topics::proposer(db, id).await?,
            same: topics::same_contact(db, id).await?,
            rulings: versions(db, id).await?,
        })),
    })
}

/// The workspace of a topic.
///
/// # Errors
/// [`Refusal::NotSignedIn`]; [`Refusal::NotFound`] for what one may not know of.
pub async fn workspace(req: &Request) -> Result<Page, Refusal> {
    let bench = Bench::load(req).await?;
    let db = &req.ctx.db;
    let on_file = OnFile::load(&bench, db).await?;
    let part = part(&bench, &on_file, db).await?;
    let seq = crate::case::newest_seq(db, bench.case.id).await?;
    let done = done_words(req.query("done"));
    Ok(Page::desk(bench.case.inner_title().to_owned(), TOPICS, move || {
        let next = next_step(&bench, &on_file);
        let blocked = next.as_ref().is_none_or(|n| n.findings.is_blocked());
        let shown = match part {
            Part::Overview(data) => overview::view(&bench, *data),
            Part::Screen(data) => screen_form::view(&bench, &data, blocked),
            Part::Confirm(rulings) => confirm_form::view(&bench, &on_file.approvals, &rulings, blocked),
            Part::Comments(talk) => comments::view(&bench, talk),
        };
        view! {
            <Changes
                stream=format!("/live/case/{}", bench.case.id)
                seen=seq.to_string()
                href=bench.address()
            />
            {bench.head()}
            {done_note(if bench.form.refusal.is_some() { None } else { done })}
            {refused_elsewhere(&bench)}
            <div class="cols-work">
                <aside class="col-sheet" aria-label="下一步">{sheet(&bench, next)}</aside>
                <div class="col-main">{shown}</div>
            </div>
        }
        .into_any()
    }))
}

/// The step that the topic waits for, with what it still needs.
pub(crate) struct NextStep {
    /// What it is called.
    pub(crate) title: &'static str,
    /// What cannot be done yet, after 「暂不能」.
    pub(crate) verb: &'static str,
    /// The button's words when nothing is missing.
    pub(crate) words: &'static str,
    /// The step whose form has the fields.
    pub(crate) step: StepKind,
    /// The part that shows the form.
    pub(crate) tab: Tab,
    /// What was found.
    pub(crate) findings: Vec<Finding>,
}

/// The next step, judged by the very rules and facts that its gate will be judged by.
fn next_step(bench: &Bench, on_file: &OnFile) -> Option<NextStep> {
    let case = &bench.case;
    let account = bench.actor.account();
    let judged = |facts: Facts| judge(&[facts], &bench.rules, bench.now);
    let typed = |state: FormState| Form { values: state.values, files: Vec::new() };
    match case.stage() {
        Stage::Submitted => {
            let form = typed(screen_form::accept_state(bench, &on_file.sent));
            let step = screen_form::accepting(case.id, case.stage_version, &form);
            Some(NextStep {
                title: "受理",
                verb: "受理",
                words: "受理，公开这份稿",
                step: StepKind::AcceptTopic,
                tab: Tab::Screen,
                findings: judged(step.checked(case.due_on)),
            })
        }
        Stage::Accepted if bench.waits_for_approver() => {
            let approval = on_file.approvals.first().map(|v| v.record.clone()).unwrap_or_default();
            let facts = if bench.may(StepKind::ConfirmTopic) {
                deciding(&approval, case, account)
            } else {
                preparing(&approval, case, case.preparer_id)
            };
            Some(NextStep {
                title: "审批立题",
                verb: "立题",
                words: "同意立题",
                step: StepKind::ConfirmTopic,
                tab: Tab::Confirm,
                findings: judged(facts),
            })
        }
        Stage::Accepted => {
            let approval = confirm_form::approval(&typed(confirm_form::prepare_state(bench, &on_file.approvals)));
            let preparer = if bench.may(StepKind::PrepareConfirmation) { account } else { None };
            Some(NextStep {
                title: "准备立题审批",
                verb: "送签批",
                words: "送党（工）委签批",
                step: StepKind::PrepareConfirmation,
                tab: Tab::Confirm,
                findings: judged(preparing(&approval, case, preparer)),
            })
        }
        Stage::Confirmed | Stage::Researching => research::pages::next(bench, &on_file.research, &[]),
        _ => None,
    }
}

/// The findings as this page shows them: where they are mended is the field of the form, if the person has that form.
fn mended(bench: &Bench, next: &NextStep) -> Vec<Finding> {
    let may = bench.may(next.step);
    // The deciding approver mends nothing of the material; the form that does is the director's.
    let has_fields = may && next.step != StepKind::ConfirmTopic;
    let here = bench.tab == next.tab;
    let address = next.tab.address(bench.case.id);
    next.findings
        .iter()
        .cloned()
        .map(|mut finding| {
            finding.mend = finding.mend.filter(|_| has_fields).map(|mut mend| {
                if !here {
                    mend.href = format!("{address}{}", mend.href);
                }
                mend
            });
            finding
        })
        .collect()
}

/// The framed sheet: the checklist of the next step, or why there is none.
fn sheet(bench: &Bench, next: Option<NextStep>) -> AnyView {
    match next {
        Some(next) => checklist(bench, &next),
        None => no_checklist(bench),
    }
}

/// The framed sheet of a step: what was found, and its button.
pub(crate) fn checklist(bench: &Bench, next: &NextStep) -> AnyView {
    let findings = mended(bench, next);
    let blocking = findings.tally().blocking;
    let may = bench.may(next.step);
    let words =
        if blocking == 0 { next.words.to_owned() } else { format!("还差 {blocking} 项，暂不能{}", next.verb) };
    let class = if blocking == 0 { "btn" } else { "btn blocked" };
    let button = may.then(|| {
        let form = format!("form-{}", next.step.code());
        if bench.tab == next.tab {
            view! { <p class="step-button"><button type="submit" class=class form=form>{words}</button></p> }.into_any()
        } else {
            let href = format!("{}#{form}", next.tab.address(bench.case.id));
            view! { <p class="step-button"><a class=class href=href>{words}</a></p> }.into_any()
        }
    });
    let note = if may {
        "清单按打开这一页时的内容核对。填好再按，系统用同一份清单重新核一遍。".to_owned()
    } else {
        let who = crate::access::permits(next.step).iter().map(|w| w.word()).collect::<Vec<_>>().join("、");
        format!("这一步由{who}来做，这里只看。")
    };
    view! {
        <section class="sheet">
            <p class="caption">"下一步"</p>
            <h2>{next.title}</h2>
            <FindingList findings=findings/>
            {button}
            <p class="caption">{note}</p>
        </section>
    }
    .into_any()
}

fn no_checklist(bench: &Bench) -> AnyView {
    let case = &bench.case;
    let (title, words, way) = match case.stage() {
        Stage::Returned => ("等提出人补充", "提出人凭查询码补充，补来以后回到待受理，重新初审。", None),
        Stage::Suspended if bench.may(StepKind::ResumeTopic) || bench.may(StepKind::TerminateTopic) => (
            "复核暂缓",
            "到复核日期要决定：恢复办理，还是终止。",
            Some(("去复核", format!("{}#hold", Tab::Overview.address(case.id)))),
        ),
        Stage::Suspended => ("复核暂缓", "到复核日期，由工委主任决定恢复，或由党（工）委终止。", None),
        Stage::Convened => (
            "写纪要",
            "照会议记录起草，请到会的人核对，由主持人签发。还差什么，「纪要」那一页逐项列着。",
            Some(("去写纪要", Tab::Minutes.address(case.id))),
        ),
        Stage::Planned => (
            "筹备会商",
            "定方案、请人、送主任批准，再公示。还差什么，「筹备」那一页逐项列着。",
            Some(("去筹备", Tab::Plan.address(case.id))),
        ),
        Stage::Announced => (
            "等开会",
            "公示已经发出。要改期、换场地或取消，在「筹备」那一页。开会那天，在「签到」那一页签到、宣布开会。",
            Some(("去签到页", Tab::Door.address(case.id))),
        ),
        Stage::Minuted => (
            "报送成果",
            "把纪要和成果清单送党委、政府，等签收。还差什么，「成果」那一页逐项列着。",
            Some(("去报送", Tab::Outcomes.address(case.id))),
        ),
        Stage::Reported => (
            "批办交办",
            "党委、政府逐条批办，采纳的交给单位。还差什么，「成果」那一页逐项列着。",
            Some(("去批办", Tab::Outcomes.address(case.id))),
        ),
        Stage::Tracking => (
            "看办理",
            "各单位在办。都核实了，请群众评价；还差什么，「办理」那一页逐项列着。",
            Some(("去看办理", Tab::Tasks.address(case.id))),
        ),
        Stage::Evaluating => (
            "请群众评价",
            "评价结束以后，够格的办结，不够格的二次办理。",
            Some(("去看评价", Tab::Evaluation.address(case.id))),
        ),
        Stage::Closed => (
            "归档",
            "公开结果，核对台账，归档。还差什么，「归档」那一页逐项列着。",
            Some(("去归档", Tab::Archive.address(case.id))),
        ),
        Stage::Archived => ("已经归档", "案卷留存，可以整卷取出。", Some(("去看案卷", Tab::Archive.address(case.id)))),
        Stage::Merged => (
            "已经并案",
            "关心和进展都在并入的那一件里。",
            case.merged_into.map(|into| ("看并入的议题", format!("{TOPICS}/{into}"))),
        ),
        _ => ("没有下一步", "这件议题已经结束，案卷留存。", None),
    };
    let way = way.map(|(words, href)| {
        view! { <p class="step-button"><LinkButton words=words href=href/></p> }
    });
    view! {
        <section class="sheet">
            <p class="caption">"下一步"</p>
            <h2>{title}</h2>
            <p class="small">{words}</p>
            {way}
        </section>
    }
    .into_any()
}

/// Fields of a refused form that hold no words of a person.
const WITHOUT_WORDS: [&str; 20] = [
    "action",
    "seen",
    "comment",
    "target",
    "back",
    "sitting",
    "invitee",
    "account",
    "undo",
    "speech",
    "answers",
    "poll",
    "unit",
    "minutes",
    "versions",
    "paper",
    "reply",
    "section",
    "name",
    crate::ui::REQUEST_ID_FIELD,
];

/// A refusal whose form is not on this page any more: the topic moved on, or the button has no form of its own. What was
/// typed is given back.
pub(crate) fn refused_elsewhere(bench: &Bench) -> Option<AnyView> {
    let refusal = bench.form.refusal.as_ref()?;
    let step = StepKind::from_code(bench.form.action.as_deref().unwrap_or_default());
    let has_form = step.is_some_and(|step| {
        bench.offers(step)
            && !matches!(step, StepKind::ReleaseComment | StepKind::HideComment | StepKind::NoteFollowersTold)
    });
    if has_form {
        return None;
    }
    let typed: Vec<String> = bench
        .form
        .values
        .iter()
        .filter(|(name, _)| !WITHOUT_WORDS.contains(&name.as_str()))
        .flat_map(|(_, values)| values.iter())
        .filter(|value| value.chars().count() > 4)
        .cloned()
        .collect();
    let kept = (!typed.is_empty()).then(|| {
        let rows = typed.into_iter().map(|text| view! { <p class="quote said">{text}</p> }).collect_view();
        view! { <p>"您刚才写的，留在这里："</p>{rows} }
    });
    Some(
        view! {
            <div class="form-summary" role="alert" tabindex="-1">
                <h2>{refusal.sentence()}</h2>
                {kept}
            </div>
        }
        .into_any(),
    )
}

/// What the page says after something was done.
pub(crate) fn done_words(done: &str) -> Option<&'static str> {
    Some(match StepKind::from_code(done)? {
        StepKind::AcceptTopic => "已经受理，公开稿已经发布。",
        StepKind::ReturnTopic => "已经退回，提出人凭查询码看得到要补什么。",
        StepKind::TransferTopic => "已经转办，提出人看得到转给谁。",
        StepKind::MergeTopic => "已经并案，关心的人一并带过去了。",
        StepKind::UndoMerge => "并案已经撤销，这件重新单独办理。",
        StepKind::DeclineTopic => "已经记为不予立题，提出人看得到理由。",
        StepKind::CorrectScreening => "更正已经记下，旧的一版留在旁边。",
        StepKind::ReviseEdition => "修改后的公开稿已经发布。",
        StepKind::PrepareConfirmation => "材料已经送党（工）委签批。",
        StepKind::SendBackPreparation => "已经退回主任补充。",
        StepKind::ConfirmTopic => "已经立题。",
        StepKind::SavePlan => "方案已经保存。",
        StepKind::ApprovePlan => "方案已经批准，干事可以公示。",
        StepKind::SendBackPlan => "方案已经退回干事补充。",
        StepKind::AllowException => "已经同意这项例外，会写进记录。",
        StepKind::Announce => "已经公示，邀请正在发出。",
        StepKind::MoveMeeting => "已经改好，会告诉每一个人。",
        StepKind::CancelMeeting => "会议已经取消，会告诉每一个人。",
        StepKind::OpenDoor => "开始签到了。",
        StepKind::CheckIn => "已经签到。",
        StepKind::UndoCheckIn => "签到已经撤销。",
        StepKind::AddWalkIn => "已经登记并签到。",
        StepKind::CountByHand => "清点的人数已经记下，请另一位宣布开会。",
        StepKind::ConveneMeeting => "会议开始了。",
        StepKind::MissMeeting => "已经记为流会，会告诉每一个人。请在下面另定时间。",
        StepKind::PauseMeeting => "休会了。",
        StepKind::ResumeMeeting => "复会了。",
        StepKind::CloseMeeting => "会议结束了，接着写纪要。",
        StepKind::OpenPoll => "表决开始了。",
        StepKind::ClosePoll => "表决结束了，结果在下面。",
        StepKind::NextSegment => "议程往下走了。",
        StepKind::AskToSpeak => "已经排进去。",
        StepKind::WithdrawSpeech => "已经撤下。",
        StepKind::SpeakNext => "已经提前。",
        StepKind::StartSpeech => "开始计时了。",
        StepKind::StopSpeech => "表停了。",
        StepKind::ExtendSpeech => "时间加上了。",
        StepKind::WithdrawCount => "清点的人数已经撤回，照签到的人数算。",
        StepKind::CallResponse => "部门开始回应，计时了。",
        StepKind::LinkAnswer => "回应挂到哪一条，已经记下。",
        StepKind::NoteSpeech => "要点已经记下。",
        StepKind::HandOver => "已经现场交办，写进记录。",
        StepKind::StartMinutes => "照会议记录起草好了，请往下改。",
        StepKind::SaveSection => "这一段存好了。",
        StepKind::CirculateMinutes => "已经送到会的人核对。",
        StepKind::ReplyToMinutes => "照他说的记下了。",
        StepKind::AnswerCorrection => "已经答复，本人看得到。",
        StepKind::SignMinutes => "纪要签发了，已经公布。",
        StepKind::CorrectMinutes => "更正的一份已经起草，签发的那一份没有动。",
        StepKind::ConsultAgain => "已经回到调研，准备再商量一次。",
        StepKind::ReportOutcome => "已经报送，等收文单位签收。",
        StepKind::ReceiveReport => "已经签收。",
        StepKind::DecideOutcome => "批办意见存好了，交办以前还可以改。",
        StepKind::AssignTasks => "已经交办，各单位会看到自己的任务。",
        StepKind::SignTask => "已经签收，请按期报进展。",
        StepKind::DeclineTask => "已经退办，等批办的人改交。",
        StepKind::ReassignTask => "已经改交，新的单位会看到。",
        StepKind::PlanWork => "这一步记下了。",
        StepKind::ReportProgress => "进展已经报了。",
        StepKind::AskExtension => "延期申请已经交上去，批下来以前按原来的日期算。",
        StepKind::DecideExtension => "批过了，单位看得到。",
        StepKind::ReplyTask => "已经答复，等人核实。",
        StepKind::VerifyTask => "核实通过，已经记下。",
        StepKind::SendBackTask => "已经退回，单位看得到还缺什么。",
        StepKind::Supervise => "督办已经发出，到日子要回复。",
        StepKind::AnswerSupervision => "已经回复督办。",
        StepKind::FinishTracking => "已经请群众评价。",
        StepKind::RecordJudgement => "照他说的记下了。",
        StepKind::CloseCase => "已经办结，接着公开结果、归档。",
        StepKind::AskSample => "已经提请，等工委主任同意。",
        StepKind::AllowSample => "已经按样本不足办结。",
        StepKind::RedoHandling => "已经退回二次办理，单位会看到。",
        StepKind::DecideReopening => "已经答复，公开页上看得到。",
        StepKind::PublishResult => "结果已经公开。",
        StepKind::ArchiveCase => "已经归档。",
        StepKind::SaveStory => "案例存好了，还没有发布。",
        StepKind::PublishStory => "案例已经发布。",
        StepKind::FreezeCase => "已经冻结。",
        StepKind::UnfreezeCase => "已经解冻。",
        StepKind::RecordAnswer => "答复已经代录，本人随时可以改。",
        StepKind::RefuseSubstitute => "已经不予代替，请原来的人重新答复。",
        StepKind::DecideOpinion => "会前意见公开与否，已经记下。",
        StepKind::ReissueLink => "旧链接已经作废，新的在下面。",
        StepKind::RemindUnanswered => "提醒正在发出，一天只发一次。",
        StepKind::AssignLead => "调研负责人已经定下，调研开始。",
        StepKind::ReassignLead => "调研负责人已经更换。",
        StepKind::PlanResearchTask => "调研安排已经记下。",
        StepKind::SettleResearchTask => "这项安排已经了结。",
        StepKind::RecordVisit => "走访已经记下。",
        StepKind::CorrectVisit => "更正已经记下，旧的一版留在旁边。",
        StepKind::SaveReport => "调研报告已经存下，还没有交。",
        StepKind::FileResearch => "调研报告已经交了，接着筹备会商。",
        StepKind::ReleaseReport => "公开稿已经记下，议题材料跟着更新。",
        StepKind::OpenQuestionnaire => "问卷已经开了，把二维码发出去吧。",
        StepKind::CloseQuestionnaire => "问卷已经收了，结果在下面。",
        StepKind::SuspendTopic => "已经暂缓。",
        StepKind::ResumeTopic => "已经恢复，期限从今天重新算起。",
        StepKind::TerminateTopic => "已经终止。",
        StepKind::ReleaseComment => "留言已经公开。",
        StepKind::HideComment => "这条留言不公开。",
        StepKind::AnswerComment => "回应已经公开。",
        StepKind::DecideHeldSupport => "核对结果已经记下。",
        StepKind::NoteFollowersTold => "已经记下：关注者都告知了。",
        StepKind::ErasePersonalData => "已经删除，留痕里只留指纹。",
        _ => return None,
    })
}

/// Takes the forms of the workspace.
///
/// # Errors
/// As the steps; [`Refusal::NotFound`] for what is no form of this page.
pub async fn post_workspace(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    me(req)?;
    let ctx = &req.ctx;
    let case = super::inside(ctx, req.param("id")?).await?;
    let id = case.id;
    let step = StepKind::from_code(form.value("action")).ok_or(Refusal::NotFound)?;
    let tab = match step {
        StepKind::AcceptTopic
        | StepKind::ReturnTopic
        | StepKind::TransferTopic
        | StepKind::MergeTopic
        | StepKind::DeclineTopic
        | StepKind::UndoMerge => screen_form::decide(ctx, id, step, &form).await?,
        StepKind::CorrectScreening | StepKind::ReviseEdition => edition_form::change(ctx, id, step, &form).await?,
        StepKind::PrepareConfirmation | StepKind::ConfirmTopic | StepKind::SendBackPreparation => {
            confirm_form::decide(ctx, id, step, &form).await?
        }
        StepKind::SuspendTopic => {
            hold_form::suspend(ctx, id, &form).await?;
            Tab::Overview
        }
        StepKind::ResumeTopic => {
            hold_form::resume(ctx, id, &form).await?;
            Tab::Overview
        }
        StepKind::TerminateTopic => {
            hold_form::terminate(ctx, id, &form).await?;
            Tab::Overview
        }
        StepKind::ReleaseComment
        | StepKind::HideComment
        | StepKind::AnswerComment
        | StepKind::DecideHeldSupport
        | StepKind::NoteFollowersTold => comments::decide(ctx, id, step, &form).await?,
        StepKind::ViewContact => return contacts::show(ctx, id, &form).await,
        StepKind::ReissueCode => return contacts::give_code(ctx, id, &form).await,
        _ => return Err(Refusal::NotFound),
    };
    Ok(Outcome::SeeOther(format!("{}&done={}", tab.address(id), step.code())))
}

/// A page that shows a tracking code once.
pub(super) fn code_page(
    title: &'static str,
    words: &'static str,
    code: String,
    case: CaseId,
    draft_done: Option<String>,
) -> Outcome {
    let mut page = Page::desk(title, TOPICS, move || {
        view! {
            <h1 class="title title-work">{title}</h1>
            <p class="lead">{words}</p>
            <p class="code">{code}</p>
            <p class="hint">"读给对方听时，两组五位分开读；字母不分大小写，没有字母 O，只有数字 0。"</p>
            <p class="actions"><LinkButton words="抄好了，去看这件议题" href=Tab::Overview.address(case)/></p>
        }
        .into_any()
    });
    page.draft_done = draft_done;
    Outcome::Page(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Role, Who};

    #[test]
    fn what_the_desk_does_is_confirmed_in_words() {
        for step in StepKind::ALL.iter().copied() {
            let by_town = crate::access::permits(step).iter().any(|w| {
                matches!(
                    w,
                    Who::Unit
                        | Who::District
                        | Who::Chair
                        | Who::Town(Role::Officer | Role::Director | Role::PartyApprover)
                )
            });
            // These are answered by a page of their own, or are no form at all.
            let other = matches!(
                step,
                StepKind::RecordTopic
                    | StepKind::ReissueCode
                    | StepKind::ViewContact
                    | StepKind::ReceiveMerged
                    // These stand on the page of people.
                    | StepKind::SetTopicTags
                    | StepKind::AddPeople
                    | StepKind::RemovePerson
                    | StepKind::CorrectPerson
                    | StepKind::ViewInvitee
                    | StepKind::EraseInvitee
            );
            assert_eq!(done_words(step.code()).is_some(), by_town && !other, "{step:?}");
        }
    }
}
