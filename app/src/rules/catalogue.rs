//! The rules as data: which transition each guards, what it asks in plain
//! words, whom it serves, and which settings it uses.

use serde::{Deserialize, Serialize};

use super::{DutyKey, RuleSet};

/// One rule in words. The number of a setting is written `{section.key}` and
/// filled in by [`Rule::guards_in`].
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which rule it is.
    pub id: RuleId,
    /// Its short name, such as 提交议题.
    pub title: &'static str,
    /// The transition in status words, such as 「草稿 → 待受理」.
    pub transition: &'static str,
    /// The rule in one sentence, without numbers.
    pub sentence: &'static str,
    /// What it checks, one plain sentence each, with placeholders.
    pub guards: &'static [&'static str],
    /// The duties of the source document that it serves. Never empty.
    pub duties: &'static [DutyKey],
    /// The settings that it uses, `section.key`.
    pub settings: &'static [&'static str],
    /// What may be passed with a written reason and a second person, both on
    /// record; `None` when nothing may.
    pub exception: Option<&'static str>,
    /// Whether the program applies it. False: shown as 「尚未由系统执行」.
    pub enforced: bool,
}

impl Rule {
    /// The guard sentences with the numbers of a rule set.
    #[must_use]
    pub fn guards_in(&self, rules: &RuleSet) -> Vec<String> {
        self.guards.iter().map(|text| fill(text, rules)).collect()
    }
}

/// Puts the shown value of each `{section.key}` into a text. What names no
/// setting stays as it is.
fn fill(text: &str, rules: &RuleSet) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((key, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        if let Some(value) = rules.shown(key) {
            filled.push_str(&value);
        } else {
            filled.extend(["{", key, "}"]);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

macro_rules! rules {
    ($(
        $(#[$doc:meta])*
        $Id:ident = $code:literal $label:literal {
            title: $title:literal,
            transition: $transition:literal,
            sentence: $sentence:literal,
            guards: [$($guard:literal),+ $(,)?],
            duties: [$($duty:ident),+],
            settings: [$($setting:literal),* $(,)?],
            exception: $exception:expr,
            enforced: $enforced:literal,
        }
    )+) => {
        /// A rule of the procedure: T1 to T14 guard one transition each, the
        /// last two look across cases.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum RuleId {
            $( $(#[$doc])* #[serde(rename = $code)] $Id, )+
        }

        impl RuleId {
            /// Every rule, in the order of the procedure.
            pub const ALL: &'static [Self] = &[$( Self::$Id, )+];

            /// The code in storage and page anchors, such as `t3`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$Id => $code, )+ }
            }

            /// The rule of a code; `None` for a code that does not exist.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $( $code => Some(Self::$Id), )+ _ => None }
            }

            /// The name in sentences, such as `T3`.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $( Self::$Id => $label, )+ }
            }

            /// The rule itself.
            #[must_use]
            pub const fn rule(self) -> &'static Rule {
                match self {
                    $( Self::$Id => &Rule {
                        id: Self::$Id,
                        title: $title,
                        transition: $transition,
                        sentence: $sentence,
                        guards: &[$($guard),+],
                        duties: &[$(DutyKey::$duty),+],
                        settings: &[$($setting),*],
                        exception: $exception,
                        enforced: $enforced,
                    }, )+
                }
            }
        }
    };
}

rules! {
    /// Submitting a topic.
    T1 = "t1" "T1" {
        title: "提交议题",
        transition: "草稿 → 待受理",
        sentence: "一件议题说清一件事：在哪里、什么情况、为什么、建议怎么办，并留下联系方式。",
        guards: [
            "写明来源、题目、地点、情况、理由和建议；题目 {topic.title_min} 至 {topic.title_max}，地点不超过 {topic.place_max}，其余每段不超过 {topic.body_max}。",
            "一件议题只说一件事。",
            "留下联系人和电话；干事代录的，电话可以不填。",
            "联名的写明人数，不超过 {topic.joint_max}。",
            "附件不超过 {topic.attachments_max}，每份不超过 {topic.attachment_mb}，合计不超过 {topic.attachments_total_mb}。",
            "同意个人信息处理规则。",
            "同一联系人在办的议题多于 {topic.public_open_max} 时，只提醒干事留意重复，不拒收。",
        ],
        duties: [D14a, D9],
        settings: [
            "topic.title_min", "topic.title_max", "topic.place_max", "topic.body_max", "topic.name_max",
            "topic.joint_max", "topic.public_open_max", "topic.attachments_max",
            "topic.attachment_mb", "topic.attachments_total_mb", "topic.similar_shown",
            "topic.draft_keep_hours", "topic.raise_per_prefix_day",
            "topic.support_per_prefix_day", "topic.comment_max",
            "topic.comment_per_prefix_day", "topic.page_size",
        ],
        exception: None,
        enforced: true,
    }
    /// Screening a submitted topic.
    T2 = "t2" "T2" {
        title: "初审",
        transition: "待受理 → 已受理 / 待补正 / 已转办 / 已并案 / 不予立题",
        sentence: "每件议题都有人看、有结论、有理由，并用平实的话告诉提出人。",
        guards: [
            "{topic.screen_workdays}内给出结论：受理、退回补正、转办、并案或不予立题，每种都写明理由。",
            "退回要写明请提出人补什么，{flow.return_days}内补来继续办，过期失效。",
            "个人问题、民事纠纷、司法诉讼、投诉、举报、信访事项、涉密事项不属于协商范围，转给能办的单位。",
            "并入的议题必须在办，属于本镇或全区，不能是它自己。",
            "受理时由干事整理公开版本，里面不能有电话号码和身份证号。",
            "公开后的留言：{topic.comment_release}。",
        ],
        duties: [D14a, D9],
        settings: [
            "topic.screen_workdays", "flow.return_days", "topic.body_max",
            "topic.title_min", "topic.title_max", "topic.place_max", "topic.comment_release",
        ],
        exception: None,
        enforced: true,
    }
    /// Confirming an accepted topic.
    T3 = "t3" "T3" {
        title: "立题",
        transition: "已受理 → 已立题",
        sentence: "选题有依据、合法、切口小、办得成，由党（工）委签批。",
        guards: [
            "引用中心工作或民生热点作为依据，至少 {topic.basis_min}，{topic.basis_rule}，并写明出处。",
            "有人核对合法性，写明结论和核对人；不合法的不能立题。",
            "回答三个问题并各写一句话：是不是只涉及一个地方？是不是有一个主要负责单位？{after.reply_max_days}内办不办得成？",
            "由党（工）委签批；签批人不能是提出人，也不能是准备材料的人。",
            "有年度协商计划的，写明计划序号。",
            "从受理到签批不超过 {flow.confirm_workdays}；暂缓的每 {flow.suspend_review_days}复查一次。",
        ],
        duties: [D15b, D14a],
        settings: [
            "topic.basis_min", "topic.basis_rule", "after.reply_max_days", "topic.body_max",
            "topic.name_max", "flow.confirm_workdays", "flow.suspend_review_days",
        ],
        exception: None,
        enforced: true,
    }
    /// Starting the research.
    T4 = "t4" "T4" {
        title: "启动调研",
        transition: "已立题 → 调研中",
        sentence: "立题后先定谁来调研、什么时候完成。",
        guards: [
            "{flow.lead_workdays}内定下调研负责人和完成日期。",
            "调研一般在 {research.workdays}内完成。",
        ],
        duties: [D15a],
        settings: ["flow.lead_workdays", "research.workdays"],
        exception: None,
        enforced: true,
    }
    /// Ending the research.
    T5 = "t5" "T5" {
        title: "完成调研",
        transition: "调研中 → 筹备中",
        sentence: "没有调研不开会：有报告、有走访、有委员、听了群众。",
        guards: [
            "至少 {research.min_reports}调研报告，写明方式、日期、地点、情况和问题清单，并有走访记录为据。",
            "参加的委员至少 {research.min_members}。",
            "听取利益相关群众的意见，至少 {research.min_affected}，按走访记录计，不手填。",
        ],
        duties: [D15a],
        settings: ["research.min_reports", "research.min_members", "research.min_affected"],
        exception: None,
        enforced: true,
    }
    /// Announcing the meeting.
    T6 = "t6" "T6" {
        title: "公示",
        transition: "筹备中 → 已公示",
        sentence: "方案、议程、场地、人员都落实，各方都请到，才发公示。",
        guards: [
            "协商方案已批准，有议程；主持人和记录人都已确定，不是同一个人。",
            "场地是登记过的议事室、议事点、委员工作室或线上会议室，当时空着。",
            "参加人至少 {composition.participants_min}、{composition.categories_min}；其中委员至少 {composition.members_min}，利益相关方至少 {composition.stakeholder_min}，部门至少 {composition.department_min}。",
            "群众比例不低于 {composition.public_share_hard}；低于 {composition.public_share_warn}、干部高于 {composition.official_share_max_warn}或女性低于 {composition.women_share_warn}时提醒。",
            "还没有人报名的开放席位最多按 {composition.open_seat_credit}计入；候补人在 {notice.waitlist_confirm_hours}内确认。",
            "公示内容公开；会议材料提前 {notice.materials_days}附上，公示期更短的随公示附上。",
            "调研完成后 {flow.announce_workdays}内公示。",
        ],
        duties: [D15c, D13a, D14b, D14c],
        settings: [
            "composition.participants_min", "composition.categories_min",
            "composition.members_min", "composition.stakeholder_min",
            "composition.department_min", "composition.public_share_hard",
            "composition.public_share_warn", "composition.official_share_max_warn",
            "composition.women_share_warn", "composition.open_seat_credit",
            "notice.waitlist_confirm_hours", "notice.materials_days",
            "flow.announce_workdays",
        ],
        exception: Some("各方比例不足时，写明理由并经另一人同意，可以公示；最少人数不能例外。"),
        enforced: true,
    }
    /// Holding the meeting.
    T7 = "t7" "T7" {
        title: "开会",
        transition: "已公示 → 已召开",
        sentence: "公示够天数，到会人够数，才算开成一次协商会。",
        guards: [
            "公示满 {notice.days}：公示当天不算，开会当天算；不早于公示的时间开始。公示天数发公示时由系统核对，紧急的至少 {notice.urgent_days}。",
            "改时间或改内容的，公示重新计算；只换场地的不重新计算，最晚会前 {notice.room_change_days}。",
            "会前第 {notice.reminder_days}提醒参加人。",
            "主持人和记录人已签到；到会的委员至少 {meeting.present_members_min}、利益相关方至少 {meeting.present_stakeholders_min}、部门代表至少 {meeting.present_departments_min}。",
            "到会率不低于 {meeting.attend_hard}，低于 {meeting.attend_warn}时提醒；替会人算被替的人。到会的人再按各方的人数和比例核对一遍，只提醒；有提醒的，写一句话再开会。",
            "人数不够按流会记录，通知所有人，另定日期。",
        ],
        duties: [D14b, D15c],
        settings: [
            "notice.days", "notice.urgent_days", "notice.room_change_days", "notice.reminder_days",
            "meeting.attend_hard", "meeting.attend_warn", "meeting.present_members_min",
            "meeting.present_stakeholders_min", "meeting.present_departments_min",
        ],
        exception: Some("紧急事项写明理由并经另一人同意，可缩短公示；断网时由工委主任清点人数，补录后重新核对。"),
        enforced: true,
    }
    /// Signing the minutes.
    T8 = "t8" "T8" {
        title: "形成纪要",
        transition: "已召开 → 已成纪要",
        sentence: "共识和分歧都写明，到会人核对过，主持人签发。",
        guards: [
            "每条发言写明发言人和类别；每人发言 {meeting.speech_minutes}、部门回应 {meeting.response_minutes}，提前 {meeting.bell_before_minutes}提示，加时每次 {meeting.extend_minutes}。",
            "至少有一条成果，或者写明未达成共识；分歧一栏必填，没有就写无。",
            "草稿给到会人核对 {minutes.circulation_workdays}，每条更正都有答复；核对后没人要求就改了的，再核对一次。每段最多 {minutes.section_max}。",
            "主持人在会后 {minutes.sign_workdays}内签发，不能是记录人。",
            "无记名表决不足 {meeting.secret_min}的不显示结果。",
        ],
        duties: [D14b, D15d],
        settings: [
            "meeting.speech_minutes", "meeting.response_minutes",
            "meeting.bell_before_minutes", "meeting.extend_minutes", "meeting.secret_min",
            "minutes.circulation_workdays", "minutes.sign_workdays", "minutes.section_max",
        ],
        exception: None,
        enforced: true,
    }
    /// Reporting the outcome.
    T9 = "t9" "T9" {
        title: "报送成果",
        transition: "已成纪要 → 已报送",
        sentence: "纪要和成果清单送到党委政府，有签收。",
        guards: [
            "会后 {after.report_workdays}内把纪要和成果清单送党委、政府。",
            "由收文单位确认签收，或上传盖章的签收单。",
        ],
        duties: [D14d, D6],
        settings: ["after.report_workdays"],
        exception: None,
        enforced: true,
    }
    /// Deciding on adoption and assigning tasks.
    T10 = "t10" "T10" {
        title: "批办交办",
        transition: "已报送 → 办理中 / 待评价",
        sentence: "每条建议都有采纳与否的答复，采纳的落到单位、人和日期。",
        guards: [
            "逐条写明采纳、部分采纳或不采纳；没有全部采纳的写明理由。",
            "采纳的在 {after.assign_workdays}内交办，写明主办单位、联系人、措施和完成日期。",
            "单位签收；不归自己办的，{after.decline_workdays}内说明理由退回一次，{flow.reassign_workdays}内改交。",
            "一条都没有采纳的，向提出人说明后进入评价。",
        ],
        duties: [D14d, D15d, D17],
        settings: ["after.assign_workdays", "after.decline_workdays", "flow.reassign_workdays"],
        exception: None,
        enforced: true,
    }
    /// Verifying a unit's answer.
    T11 = "t11" "T11" {
        title: "办理核实",
        transition: "单位答复 → 核实",
        sentence: "单位答复要有凭据，由不是这个单位的人核实。",
        guards: [
            "{after.first_progress_workdays}内首次报告进展，{after.reply_days}内答复；到期前申请可延期一次，最长 {after.reply_max_days}；快办 {after.quick_reply_workdays}。",
            "答复分四类：已解决、正在解决、列入计划、解释说明；附照片、文件或链接；列入计划的写明日期，解释说明的告知提出人。",
            "核实人不是答复单位的人，写明日期、地点和情况，并有照片或第二人。",
            "到期前 {after.remind_before_workdays}提醒，超期后每 {after.escalate_after_workdays}上报一级：经办人、单位负责人、工委主任、镇党委、区政协办。",
            "答复后 {flow.verify_workdays}内核实；退回重办的、过了期才签收的，至少再给 {flow.resend_workdays}。",
        ],
        duties: [D15d],
        settings: [
            "after.first_progress_workdays", "after.reply_days", "after.reply_max_days",
            "after.quick_reply_workdays", "after.remind_before_workdays",
            "after.escalate_after_workdays", "flow.verify_workdays", "flow.resend_workdays",
        ],
        exception: None,
        enforced: true,
    }
    /// Ending the handling.
    T12 = "t12" "T12" {
        title: "办理完成",
        transition: "办理中 → 待评价",
        sentence: "事项全部核实、进展公开，才请群众评价。",
        guards: [
            "所有事项都已核实，没有未经批准的超期。",
            "办理中至少每 {after.progress_days}公开一次进展。",
            "没有完全解决的，定下回头看的日期。",
            "都核实以后 {flow.finish_workdays}内请群众评价。",
        ],
        duties: [D15d, D17],
        settings: ["after.progress_days", "flow.finish_workdays"],
        exception: None,
        enforced: true,
    }
    /// Closing after the survey.
    T13 = "t13" "T13" {
        title: "评价办结",
        transition: "待评价 → 已办结",
        sentence: "办得好不好由群众说了算，不满意就再办。",
        guards: [
            "测评至少开放 {survey.days}，并请提出人参加。",
            "答卷至少 {survey.min_responses}，且不少于到会人的 {survey.min_share}；不够的延长 {survey.extend_days}一次，仍不够注明样本不足。",
            "对办理的满意率不低于 {survey.pass}；低于的二次办理，最多 {survey.redo_max}，之后由区政协督办，{after.supervision_reply_workdays}内回复。",
        ],
        duties: [D15d],
        settings: [
            "survey.days", "survey.extend_days", "survey.min_responses", "survey.min_share",
            "survey.pass", "survey.redo_max", "after.supervision_reply_workdays",
        ],
        exception: Some("答卷不够时，写明理由并经另一人同意，可以办结，注明样本不足。"),
        enforced: true,
    }
    /// Archiving.
    T14 = "t14" "T14" {
        title: "归档",
        transition: "已办结 → 已归档",
        sentence: "台账齐全，结果公开，需要的回头看。",
        guards: [
            "台账齐全；办结后 {close.publish_workdays}内公开结果，隐去个人信息。",
            "没有完全解决的，{close.lookback_days}后回头看。",
            "居民申请重启的，{flow.reopen_look_workdays}内答复。",
            "没有立题的议题，联系方式保存 {close.contact_retention_days}后删除。",
        ],
        duties: [D13a, D15d, D15f],
        settings: [
            "close.publish_workdays", "close.lookback_days", "flow.reopen_look_workdays",
            "close.contact_retention_days",
        ],
        exception: None,
        enforced: true,
    }
    /// The district's watch over all towns.
    DistrictWatch = "district_watch" "全区督促" {
        title: "各镇都开展",
        transition: "全年",
        sentence: "每个区镇每年都要真正开起来，区里看得见谁没有开。",
        guards: [
            "每个区镇每年至少 {district.meetings_min_year}，少于的亮红灯。",
            "争取每季度 {district.meetings_target_quarter}。",
        ],
        duties: [D13a],
        settings: ["district.meetings_min_year", "district.meetings_target_quarter"],
        exception: None,
        enforced: false,
    }
    /// The duty of the members' studios.
    StudioDuty = "studio_duty" "工作室值班" {
        title: "委员工作室接待",
        transition: "每月",
        sentence: "委员工作室按月接待群众，意见可以转成议题。",
        guards: [
            "每个委员工作室每月至少接待 {district.studio_reception_month}；月底前还没有接待的，列在干事和工作室委员的「我的事」里。",
            "听到的意见 {district.opinion_answer_workdays}内答复本人，或者提为议题。",
        ],
        duties: [D15e],
        settings: ["district.studio_reception_month", "district.opinion_answer_workdays"],
        exception: None,
        enforced: true,
    }
}
