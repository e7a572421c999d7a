//! The permission table: for every step, who may do it. Adding a step without a row here does not compile.

use super::{Actor, Role};
use crate::ids::CaseId;

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident $code:literal $words:literal: [$($who:expr),+ $(,)?];)*) => {
        /// Everything that can be done to a case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum StepKind { $($(#[$doc])* $name,)* }

        impl StepKind {
            /// Every step.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in ledger and live events.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The step of a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|step| step.code() == code)
            }

            /// What it is called on screen.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }

        /// Who may do a step.
        #[must_use]
        pub const fn permits(step: StepKind) -> &'static [Who] {
            use Who::{Anyone, Chair, Clock, District, Invitee, Lead, Operator, Proposer, Recorder, Town, Unit};
            match step { $(StepKind::$name => &[$($who),+],)* }
        }
    };
}

/// Somebody to whom a step is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody, without an account.
    Anyone,
    /// Whoever raised the topic: by tracking code, or signed in as the one who sent it.
    Proposer,
    /// Whoever is invited to a meeting of the case, by the personal link.
    Invitee,
    /// Whoever leads the research of the case.
    Lead,
    /// Whoever chairs the meeting of the case that was opened last.
    Chair,
    /// Whoever records it.
    Recorder,
    /// Holders of a role in the case's town.
    Town(Role),
    /// Whoever acts for a unit, as handler or head; whether it is the task's unit is the step's to ask.
    Unit,
    /// The district's office.
    District,
    /// The clock.
    Clock,
    /// The command line.
    Operator,
}

impl Who {
    /// In words, for 「这一步由…来做」.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Anyone => "任何人",
            Self::Proposer => "提出人",
            Self::Invitee => "受邀人",
            Self::Lead => "调研负责人",
            Self::Chair => "主持人",
            Self::Recorder => "记录人",
            Self::Town(role) => role.word(),
            Self::Unit => "承办单位",
            Self::District => "区政协办",
            Self::Clock => "系统时钟",
            Self::Operator => "本机管理员",
        }
    }
}

steps! {
    /// Raise a topic (T1).
    SubmitTopic "submit_topic" "提出议题": [Anyone];
    /// Record a topic for somebody who came or called (代录, T1).
    RecordTopic "record_topic" "代录议题": [Town(Role::Officer)];
    /// Answer the screener's question (T1 again).
    AnswerQuestion "answer_question" "补充说明": [Proposer];
    /// Take the topic back.
    WithdrawTopic "withdraw_topic" "撤回议题": [Proposer];
    /// Allow or forbid that the name is shown.
    ChangeNameConsent "change_name_consent" "修改公开姓名的意愿": [Proposer];
    /// Give a new tracking code after checking the phone.
    ReissueCode "reissue_code" "补发查询码": [Town(Role::Officer)];
    /// Look at a phone number or other contact.
    ViewContact "view_contact" "查看联系方式": [Town(Role::Officer), Town(Role::Director)];
    /// Take the topic up (T2).
    AcceptTopic "accept_topic" "受理": [Town(Role::Officer)];
    /// Ask the proposer something (T2).
    ReturnTopic "return_topic" "退回补正": [Town(Role::Officer)];
    /// Pass it to the responsible channel (T2).
    TransferTopic "transfer_topic" "转办": [Town(Role::Officer)];
    /// Join it to another topic (T2).
    MergeTopic "merge_topic" "并案": [Town(Role::Officer)];
    /// Take a merger back.
    UndoMerge "undo_merge" "撤销并案": [Town(Role::Officer)];
    /// Receive the supporters of a topic that is joined to this one, or give them back.
    ReceiveMerged "receive_merged" "并入支持者": [Town(Role::Officer)];
    /// Not take it up (T2).
    DeclineTopic "decline_topic" "不予立题": [Town(Role::Officer)];
    /// Correct a screening record: a new version beside the old one.
    CorrectScreening "correct_screening" "更正初审记录": [Town(Role::Officer)];
    /// Change the edition that the public sees.
    ReviseEdition "revise_edition" "修改公开稿": [Town(Role::Officer)];
    /// Prepare the decision (T3).
    PrepareConfirmation "prepare_confirmation" "准备立题审批": [Town(Role::Director)];
    /// Send the preparation back.
    SendBackPreparation "send_back_preparation" "退回准备": [Town(Role::PartyApprover)];
    /// Choose the topic (T3).
    ConfirmTopic "confirm_topic" "立题": [Town(Role::PartyApprover)];
    /// Put it on hold until a date.
    SuspendTopic "suspend_topic" "暂缓": [Town(Role::Director)];
    /// Take it up again.
    ResumeTopic "resume_topic" "恢复": [Town(Role::Director)];
    /// End it before the meeting.
    TerminateTopic "terminate_topic" "终止": [Town(Role::PartyApprover)];
    /// Write the plan of the meeting.
    SavePlan "save_plan" "保存协商方案": [Town(Role::Officer)];
    /// Approve the plan.
    ApprovePlan "approve_plan" "批准协商方案": [Town(Role::Director)];
    /// Send the plan back.
    SendBackPlan "send_back_plan" "退回协商方案": [Town(Role::Director)];
    /// Let an exception pass that the officer asked for.
    AllowException "allow_exception" "同意例外": [Town(Role::Director)];
    /// Announce the meeting (T6).
    Announce "announce" "公示协商会": [Town(Role::Officer)];
    /// Change day, matter or place of an announced meeting.
    MoveMeeting "move_meeting" "改期或换场地": [Town(Role::Officer)];
    /// Call an announced meeting off.
    CancelMeeting "cancel_meeting" "取消协商会": [Town(Role::Officer)];
    /// Open the door on the day of the meeting.
    OpenDoor "open_door" "开始签到": [Town(Role::Officer)];
    /// Tick somebody off who is there.
    CheckIn "check_in" "签到": [Town(Role::Officer)];
    /// Check in by the own link and the code on the door's screen.
    CheckInSelf "check_in_self" "自己签到": [Invitee];
    /// Put somebody on the list who came without having been asked.
    AddWalkIn "add_walk_in" "登记临时到场": [Town(Role::Officer)];
    /// Take a wrong tick back.
    UndoCheckIn "undo_check_in" "撤销签到": [Town(Role::Officer)];
    /// Count by hand when network or list fail (exception of T7).
    CountByHand "count_by_hand" "人工清点": [Town(Role::Director)];
    /// Take the count by hand back, before the meeting is opened.
    WithdrawCount "withdraw_count" "撤回人工清点": [Town(Role::Director)];
    /// Open the meeting (T7).
    ConveneMeeting "convene_meeting" "宣布开会": [Town(Role::Officer), Town(Role::Director)];
    /// Record that too few came.
    MissMeeting "miss_meeting" "记流会": [Town(Role::Officer)];
    /// Suspend the meeting.
    PauseMeeting "pause_meeting" "休会": [Town(Role::Officer), Town(Role::Director)];
    /// Go on after a pause.
    ResumeMeeting "resume_meeting" "复会": [Town(Role::Officer), Town(Role::Director)];
    /// Close the meeting.
    CloseMeeting "close_meeting" "闭会": [Town(Role::Officer), Town(Role::Director)];
    /// Go on to the next segment of the agenda.
    NextSegment "next_segment" "进入下一段议程": [Town(Role::Officer)];
    /// Ask to speak.
    AskToSpeak "ask_to_speak" "举手发言": [Invitee, Town(Role::Officer)];
    /// Take a request to speak back.
    WithdrawSpeech "withdraw_speech" "不说了": [Invitee, Town(Role::Officer)];
    /// Let somebody in line speak before the others.
    SpeakNext "speak_next" "提前发言": [Town(Role::Officer)];
    /// Start the clock of a speech.
    StartSpeech "start_speech" "开始发言": [Town(Role::Officer)];
    /// Stop the clock of a speech.
    StopSpeech "stop_speech" "停表": [Town(Role::Officer)];
    /// Give whoever speaks more time.
    ExtendSpeech "extend_speech" "发言加时": [Town(Role::Officer)];
    /// Have a department answer.
    CallResponse "call_response" "请部门回应": [Town(Role::Officer)];
    /// Link a department's answer to a question.
    LinkAnswer "link_answer" "回应挂到问题": [Town(Role::Officer), Town(Role::Director)];
    /// Note the point of a speech.
    NoteSpeech "note_speech" "记要点": [Town(Role::Officer), Town(Role::Director)];
    /// Hand a matter to a unit on the spot.
    HandOver "hand_over" "现场交办": [Town(Role::Officer)];
    /// Open a poll in the room.
    OpenPoll "open_poll" "发起表决": [Town(Role::Officer)];
    /// Vote in a poll.
    CastVote "cast_vote" "投票": [Invitee];
    /// Close a poll.
    ClosePoll "close_poll" "结束表决": [Town(Role::Officer)];
    /// Support a topic.
    SupportTopic "support_topic" "我也关心": [Anyone];
    /// Count the supports that were held back, or drop them.
    DecideHeldSupport "decide_held_support" "核对关心人数": [Town(Role::Officer)];
    /// Ask to be told of progress.
    FollowTopic "follow_topic" "有进展告诉我": [Anyone];
    /// Stop being told.
    StopFollowing "stop_following" "不再接收进展": [Anyone];
    /// Note that the followers who left a contact were told.
    NoteFollowersTold "note_followers_told" "已告知关注者": [Town(Role::Officer)];
    /// Write a comment.
    AddComment "add_comment" "留言": [Anyone];
    /// Answer a comment for the town.
    AnswerComment "answer_comment" "回应留言": [Town(Role::Officer), Town(Role::Director)];
    /// Show a comment.
    ReleaseComment "release_comment" "放行留言": [Town(Role::Officer)];
    /// Not show a comment, or no longer.
    HideComment "hide_comment" "不放行留言": [Town(Role::Officer)];
    /// Report a comment to the officer.
    ReportComment "report_comment" "举报留言": [Anyone];
    /// Erase personal data that a person asked to have erased.
    ErasePersonalData "erase_personal_data" "删除个人信息": [Town(Role::Officer), Operator];
    /// Choose whether one is told by letter of what follows the meeting.
    ChooseNews "choose_news" "要不要收进展": [Invitee];
    /// Say that one has read the invitation.
    MarkSeen "mark_seen" "我看过了": [Invitee];
    /// Come, or not.
    AnswerInvitation "answer_invitation" "答复邀请": [Invitee];
    /// Name somebody to come instead.
    NameSubstitute "name_substitute" "请人代替": [Invitee];
    /// Say beforehand what one thinks.
    GiveOpinion "give_opinion" "会前意见": [Invitee];
    /// Record an answer that came by telephone or in person (代录).
    RecordAnswer "record_answer" "代录答复": [Town(Role::Officer)];
    /// Not take a substitute.
    RefuseSubstitute "refuse_substitute" "不予代替": [Town(Role::Officer)];
    /// Show an opinion in public, or no longer.
    DecideOpinion "decide_opinion" "放行会前意见": [Town(Role::Officer)];
    /// Withdraw a personal link and give a new one.
    ReissueLink "reissue_link" "换邀请链接": [Town(Role::Officer)];
    /// Remind everybody who has not answered.
    RemindUnanswered "remind_unanswered" "提醒答复": [Town(Role::Officer)];
    /// Register for an open seat.
    RegisterSeat "register_seat" "报名参加": [Anyone];
    /// An offered seat that was not taken in time.
    ExpireOffer "expire_offer" "名额转给下一位": [Clock];
    /// Write a draft of the minutes from the record of the meeting.
    StartMinutes "start_minutes" "起草纪要": [Recorder, Town(Role::Officer)];
    /// Save a section of the minutes: a version beside the old one.
    SaveSection "save_section" "写纪要": [Recorder, Town(Role::Officer)];
    /// Show the draft to those who were there (T8).
    CirculateMinutes "circulate_minutes" "纪要征求意见": [Recorder, Town(Role::Officer)];
    /// Agree with the draft, or ask for a correction.
    ReplyToMinutes "reply_to_minutes" "核对纪要": [Invitee, Recorder, Town(Role::Officer)];
    /// Answer a correction that was asked for.
    AnswerCorrection "answer_correction" "答复更正": [Recorder, Town(Role::Officer)];
    /// Sign the minutes (T8).
    SignMinutes "sign_minutes" "签发纪要": [Chair];
    /// Correct minutes that were signed: a new edition, to be signed like the first.
    CorrectMinutes "correct_minutes" "更正纪要": [Recorder, Town(Role::Officer)];
    /// Research and meet once more, since there was no consensus.
    ConsultAgain "consult_again" "再次协商": [Town(Role::Director), Town(Role::Officer)];
    /// Send minutes and outcome list to party and government (T9).
    ReportOutcome "report_outcome" "报送成果": [Town(Role::Officer)];
    /// Confirm that the report is there; an officer by the stamped sheet (T9).
    ReceiveReport "receive_report" "签收报送": [Town(Role::PartyApprover), Town(Role::GovernmentOffice), Town(Role::Officer)];
    /// Decide on an outcome (T10).
    DecideOutcome "decide_outcome" "批办成果": [Town(Role::PartyApprover), Town(Role::GovernmentOffice)];
    /// Hand what was adopted to units (T10).
    AssignTasks "assign_tasks" "交办": [Town(Role::PartyApprover), Town(Role::GovernmentOffice)];
    /// Sign for a task.
    SignTask "sign_task" "签收任务": [Unit];
    /// Say once that it is not the unit's matter.
    DeclineTask "decline_task" "退办": [Unit];
    /// Give a declined task to another unit.
    ReassignTask "reassign_task" "改交": [Town(Role::PartyApprover), Town(Role::GovernmentOffice)];
    /// Plan a step of the work.
    PlanWork "plan_work" "排办理步骤": [Unit];
    /// Report what was done.
    ReportProgress "report_progress" "报进展": [Unit];
    /// Ask for a later day.
    AskExtension "ask_extension" "申请延期": [Unit];
    /// Grant a later day, or not.
    DecideExtension "decide_extension" "批延期": [Town(Role::PartyApprover), Town(Role::GovernmentOffice)];
    /// Answer: what became of it (T11).
    ReplyTask "reply_task" "答复": [Unit];
    /// Verify an answer (T11).
    VerifyTask "verify_task" "核实": [Town(Role::Officer), Town(Role::Member)];
    /// Send an answer back.
    SendBackTask "send_back_task" "退回重办": [Town(Role::Officer), Town(Role::Member)];
    /// Order that something be done.
    Supervise "supervise" "督办": [Town(Role::Director), District];
    /// Answer a supervision.
    AnswerSupervision "answer_supervision" "回复督办": [Unit, Town(Role::Officer)];
    /// Remind of a task, or bring it up the chain.
    ChaseTask "chase_task" "催办": [Clock];
    /// Keep the workdays that are left when the holidays change.
    FollowCalendar "follow_calendar" "期限随放假变动": [Clock];
    /// Ask the people concerned, since all tasks are verified (T12).
    FinishTracking "finish_tracking" "请群众评价": [Town(Role::Officer)];
    /// Answer the survey.
    AnswerSurvey "answer_survey" "评价": [Proposer, Invitee, Anyone];
    /// Record a judgement that came by telephone.
    RecordJudgement "record_judgement" "代录评价": [Town(Role::Officer)];
    /// Close or extend a survey on its day.
    CloseSurvey "close_survey" "结束评价": [Clock];
    /// Close the case (T13).
    CloseCase "close_case" "办结": [Town(Role::Officer)];
    /// Ask that it be closed though too few answered.
    AskSample "ask_sample" "提请按样本不足办结": [Town(Role::Officer)];
    /// Let it be closed though too few answered (T13).
    AllowSample "allow_sample" "同意按样本不足办结": [Town(Role::Director)];
    /// Send the case back to the units (T13).
    RedoHandling "redo_handling" "二次办理": [Town(Role::Officer), District];
    /// Say that it came up again.
    AskReopening "ask_reopening" "又出现了": [Anyone];
    /// Open the question again, or say why not.
    DecideReopening "decide_reopening" "答复又出现了": [Town(Role::Officer), District];
    /// Look again at what was not wholly done.
    OpenLookBack "open_look_back" "回头看": [Clock];
    /// Publish the result.
    PublishResult "publish_result" "公开结果": [Town(Role::Officer)];
    /// Archive the case (T14).
    ArchiveCase "archive_case" "归档": [Town(Role::Officer)];
    /// Write the case up for others.
    SaveStory "save_story" "写典型案例": [Town(Role::Officer)];
    /// Publish what was written up.
    PublishStory "publish_story" "发布典型案例": [Town(Role::Officer), Town(Role::Director)];
    /// Hold a town's case (district).
    FreezeCase "freeze_case" "冻结": [District];
    /// Let a held case go on.
    UnfreezeCase "unfreeze_case" "解冻": [District];
    /// Give the topic tags by which members are found.
    SetTopicTags "set_topic_tags" "标注议题": [Town(Role::Officer)];
    /// Put people on the list of a meeting.
    AddPeople "add_people" "添加参加人": [Town(Role::Officer)];
    /// Take somebody off the list.
    RemovePerson "remove_person" "移出参加人": [Town(Role::Officer)];
    /// Correct what is known of somebody on the list.
    CorrectPerson "correct_person" "更正参加人": [Town(Role::Officer)];
    /// Look at the phone of somebody on the list.
    ViewInvitee "view_invitee" "查看参加人联系方式": [Town(Role::Officer), Town(Role::Director)];
    /// Erase the data of somebody on a list who asked for it.
    EraseInvitee "erase_invitee" "删除参加人信息": [Town(Role::Officer), Operator];
    /// Name who leads the research, and by when (T4).
    AssignLead "assign_lead" "定调研负责人": [Town(Role::Director), Town(Role::Officer)];
    /// Name somebody else while the research is under way (T4 again).
    ReassignLead "reassign_lead" "更换调研负责人": [Town(Role::Director), Town(Role::Officer)];
    /// Plan a task of the research.
    PlanResearchTask "plan_research_task" "安排调研任务": [Lead, Town(Role::Officer), Town(Role::Director)];
    /// Mark a task as done, or drop it.
    SettleResearchTask "settle_research_task" "了结调研任务": [Lead, Town(Role::Officer), Town(Role::Director)];
    /// Record a visit: whom one heard, what was said and seen.
    RecordVisit "record_visit" "记走访": [Lead, Town(Role::Officer), Town(Role::Director)];
    /// Correct a visit: a new version beside the old one.
    CorrectVisit "correct_visit" "更正走访记录": [Lead, Town(Role::Officer), Town(Role::Director)];
    /// Save a version of the research report.
    SaveReport "save_report" "写调研报告": [Lead, Town(Role::Officer), Town(Role::Director)];
    /// File the research report (T5).
    FileResearch "file_research" "交调研报告": [Lead, Town(Role::Officer), Town(Role::Director)];
    /// Release what the public reads of the research report.
    ReleaseReport "release_report" "公开调研报告": [Town(Role::Officer)];
    /// Open a questionnaire to residents.
    OpenQuestionnaire "open_questionnaire" "开问卷": [Lead, Town(Role::Officer), Town(Role::Director)];
    /// Answer a questionnaire.
    AnswerQuestionnaire "answer_questionnaire" "答问卷": [Anyone];
    /// Close a questionnaire, by hand or on its day.
    CloseQuestionnaire "close_questionnaire" "收问卷": [Lead, Town(Role::Officer), Town(Role::Director), Clock];
    /// Name and phone of whoever raised a topic that was not chosen, after the set time.
    ForgetContact "forget_contact" "到期删除联系方式": [Clock];
    /// Phone and mail of those on the list of a meeting, after the set time.
    ForgetInvitees "forget_invitees" "到期删除参加人的联系方式": [Clock];
    /// A question that nobody answered in time.
    LapseTopic "lapse_topic" "逾期未补正失效": [Clock];
    /// A stage that took longer than allowed.
    MarkOverdue "mark_overdue" "标记超期": [Clock];
}

/// What a case is to an actor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Relation<'a> {
    /// The case.
    pub case: Option<CaseId>,
    /// Its town.
    pub town: &'a str,
    /// Whether everybody may see it.
    pub is_public: bool,
    /// Whether the signed-in person raised it.
    pub raised_by_actor: bool,
    /// Whether the signed-in person leads its research.
    pub led_by_actor: bool,
    /// Whether the signed-in person chairs its meeting.
    pub chaired_by_actor: bool,
    /// Whether the signed-in person records its meeting.
    pub written_by_actor: bool,
}

/// The answer of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allowed,
    /// Sign in first.
    SignIn,
    /// Known, but for somebody else.
    Forbidden,
    /// One may not know that it exists.
    NotFound,
}

/// Whether an actor may do a step on a case.
#[must_use]
pub fn decide(step: StepKind, actor: &Actor, relation: Relation<'_>) -> Decision {
    let allowed = permits(step).iter().any(|who| match (who, actor) {
        (Who::Anyone, Actor::Visitor(_) | Actor::Proposer { .. } | Actor::Invitee { .. } | Actor::Signed(..)) => {
            relation.case.is_none() || may_see(actor, relation)
        }
        (Who::Proposer, Actor::Proposer { case, .. }) => relation.case == Some(*case),
        (Who::Proposer, Actor::Signed(..)) => relation.raised_by_actor,
        (Who::Invitee, Actor::Invitee { case, .. }) => relation.case == Some(*case),
        (Who::Lead, Actor::Signed(..)) => relation.led_by_actor,
        (Who::Chair, Actor::Signed(..)) => relation.chaired_by_actor,
        (Who::Recorder, Actor::Signed(..)) => relation.written_by_actor,
        (Who::Town(role), Actor::Signed(signed, _)) => signed.is(*role, relation.town),
        (Who::Unit, Actor::Signed(signed, _)) => {
            may_see(actor, relation) && (signed.is_anywhere(Role::UnitHandler) || signed.is_anywhere(Role::UnitHead))
        }
        (Who::District, Actor::Signed(signed, _)) => signed.sees_district(),
        (Who::Clock, Actor::Clock) | (Who::Operator, Actor::Operator) => true,
        _ => false,
    });
    if allowed {
        Decision::Allowed
    } else if !may_see(actor, relation) {
        Decision::NotFound
    } else if actor.signed().is_none()
        && permits(step)
            .iter()
            .any(|w| matches!(w, Who::Town(_) | Who::Lead | Who::Chair | Who::Recorder | Who::Unit | Who::District))
    {
        Decision::SignIn
    } else {
        Decision::Forbidden
    }
}

/// Whether an actor may know of a case.
#[must_use]
pub fn may_see(actor: &Actor, relation: Relation<'_>) -> bool {
    relation.is_public
        || match actor {
            Actor::Clock | Actor::Operator => true,
            Actor::Proposer { case, .. } | Actor::Invitee { case, .. } => relation.case == Some(*case),
            Actor::Signed(signed, _) => {
                relation.raised_by_actor
                    || relation.led_by_actor
                    || relation.chaired_by_actor
                    || relation.written_by_actor
                    || signed.sees_district()
                    || signed.desk_towns().contains(&relation.town)
            }
            Actor::Visitor(_) => false,
        }
}
