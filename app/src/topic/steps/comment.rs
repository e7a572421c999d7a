//! Talking about a topic: comments one level deep, released by the officer.

use serde::Serialize;
use serde_json::json;

use crate::access::StepKind;
use crate::case::{Change, Done, Entry, Judgement, Step, Target, Work, adds, free};
use crate::error::Refusal;
use crate::ids::{CaseId, CommentId, MeetingId};
use crate::plan::meeting_in;
use crate::plan::model::opinions_closed;
use crate::rules::{CommentRelease, count_chars, finds_id_number, finds_phone, is_blank};
use crate::topic::model::{ShownName, shown_name};
use crate::topic::store::{self, CommentState};

use super::support::check_open;

/// Whether a text that everybody will read seems to have a telephone or identity number in it.
fn is_private(text: &str) -> bool {
    finds_phone(text) || finds_id_number(text)
}

fn check_text(work: &Work<'_>, what: &str, body: &str) -> Result<(), Refusal> {
    let max = usize::try_from(work.rules.topic.comment_max).unwrap_or(usize::MAX);
    let n = count_chars(body);
    if is_blank(body) {
        return Err(Refusal::field("body", format!("{what}还没有写。")));
    }
    if n > max {
        return Err(Refusal::field("body", format!("{what}最多 {max} 字（本镇设定），现在 {n} 字，请删短一些。")));
    }
    if is_private(body) {
        return Err(Refusal::field("body", format!("{what}会公开，里面像是有电话或证件号码，请删去再提交。")));
    }
    Ok(())
}

/// The meeting of which one can say beforehand what one thinks.
async fn meeting_to_come(work: &mut Work<'_>) -> Result<MeetingId, Refusal> {
    let meeting = meeting_in(work.tx, work.case.id).await?.filter(|meeting| meeting.announced_at.is_some());
    let meeting = meeting.ok_or(Refusal::NotFound)?;
    match opinions_closed(work.case.stage(), meeting.state.0, meeting.starts_at, work.ctx.now()) {
        Some(why) => Err(Refusal::moved_on(why)),
        None => Ok(meeting.meeting_id),
    }
}

/// Write a comment, or say what one thinks before an announced meeting.
#[derive(Clone, Debug, Serialize)]
pub struct AddComment {
    /// The case.
    pub case: CaseId,
    /// The new comment; not part of what is compared when the same form is sent twice.
    #[serde(skip)]
    pub comment: Option<CommentId>,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// The writer's name, as far as it is to be shown.
    pub name: String,
    /// How it is to be shown.
    pub how: Option<ShownName>,
    /// The text.
    pub body: String,
    /// `for`, `against` or `neutral`, where it is an opinion before the meeting.
    pub stance: Option<&'static str>,
}

impl Step for AddComment {
    const KIND: StepKind = StepKind::AddComment;
    const JUDGEMENT: Judgement = free("anybody may speak; the officer releases");
    /// Whether it is shown at once.
    type Receipt = bool;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<bool>, Refusal> {
        check_open(work)?;
        let opinion = match self.stance {
            Some(stance) => Some(store::Opinion { meeting: meeting_to_come(work).await?, stance }),
            None => None,
        };
        check_text(work, if opinion.is_some() { "意见" } else { "留言" }, &self.body)?;
        let how = self.how.ok_or_else(|| Refusal::field("how", "请选一下名字怎么显示。"))?;
        if how != ShownName::None && is_blank(&self.name) {
            return Err(Refusal::field("name", "请写姓名，或者选「不显示姓名」。"));
        }
        if count_chars(&self.name) > usize::try_from(work.rules.topic.name_max).unwrap_or(usize::MAX) {
            return Err(Refusal::field("name", format!("姓名最多 {} 字（本镇设定）。", work.rules.topic.name_max)));
        }
        if is_private(&self.name) {
            return Err(Refusal::field("name", "姓名会公开，里面像是有电话或证件号码，请删去再提交。"));
        }
        let parent = match self.parent {
            Some(parent) => Some(
                store::thread_root(work.tx, self.case, parent)
                    .await?
                    .ok_or_else(|| Refusal::moved_on("要回应的那条留言已经不在了。"))?,
            ),
            None => None,
        };
        let from_prefix = store::bump_prefix(work.tx, work.ctx, "comment", "").await?;
        let open = work.rules.topic.comment_release == CommentRelease::Open
            && from_prefix <= i64::from(work.rules.topic.comment_per_prefix_day);
        let comment = self.comment.ok_or(Refusal::NotFound)?;
        let name = shown_name("居民", &self.name, how);
        let stance = self.stance.map(|stance| format!("|{stance}")).unwrap_or_default();
        let salt = work.enter_private(&format!("comment:{}", work.seq), &format!("{name}|{}{stance}", self.body));
        let browser = work.ctx.actor.visitor().browser;
        store::add_comment(
            work.tx,
            work.ctx,
            &store::NewComment {
                comment,
                case: self.case,
                parent,
                shown_name: &name,
                official: false,
                body: &self.body,
                opinion,
                state: if open { CommentState::Released } else { CommentState::Held },
                browser: &browser,
                salt: &salt,
                ledger_seq: work.seq,
            },
        )
        .await?;
        Ok(Done::new(open, Entry::silent().with(json!({ "comment": comment }))))
    }
}

/// Answer for the town; shown at once.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerComment {
    /// The case.
    pub case: CaseId,
    /// The new comment.
    #[serde(skip)]
    pub comment: Option<CommentId>,
    /// The comment it answers.
    pub parent: CommentId,
    /// The text.
    pub body: String,
}

impl Step for AnswerComment {
    const KIND: StepKind = StepKind::AnswerComment;
    const JUDGEMENT: Judgement = free("the town speaks under its own name");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        check_text(work, "回应", &self.body)?;
        let parent = store::thread_root(work.tx, self.case, self.parent)
            .await?
            .ok_or_else(|| Refusal::moved_on("要回应的那条留言已经不在了。"))?;
        let comment = self.comment.ok_or(Refusal::NotFound)?;
        let town = store::town_short_name(work.tx, &work.case.town_id).await?;
        let name = format!("{town}政协工委");
        let salt = work.enter_private(&format!("comment:{}", work.seq), &format!("{name}|{}", self.body));
        store::add_comment(
            work.tx,
            work.ctx,
            &store::NewComment {
                comment,
                case: self.case,
                parent: Some(parent),
                shown_name: &name,
                official: true,
                body: &self.body,
                opinion: None,
                state: CommentState::Released,
                browser: "",
                salt: &salt,
                ledger_seq: work.seq,
            },
        )
        .await?;
        Ok(Done::new((), Entry::silent().with(json!({ "comment": comment }))))
    }
}

macro_rules! decision {
    ($(#[$doc:meta])* $Name:ident, $kind:ident, $state:ident, $words:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize)]
        pub struct $Name {
            /// The case.
            pub case: CaseId,
            /// The comment.
            pub comment: CommentId,
        }

        impl Step for $Name {
            const KIND: StepKind = StepKind::$kind;
            const JUDGEMENT: Judgement = free("an officer's look at what residents wrote");
            type Receipt = ();

            fn target(&self) -> Target {
                Target::Case(self.case)
            }

            fn change(&self) -> Change {
                Change::Adds
            }

            async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
                let changed =
                    store::decide_comment(work.tx, work.ctx, self.case, self.comment, CommentState::$state).await?;
                if !changed {
                    return Err(Refusal::moved_on("这条留言别人刚处理过，请刷新页面看最新情况。"));
                }
                Ok(Done::new(
                    (),
                    Entry::internal($words).with(json!({ "comment": self.comment })),
                ))
            }
        }
    };
}

decision!(
    /// Show a comment.
    ReleaseComment, ReleaseComment, Released, "放行一条留言"
);
decision!(
    /// Not show a comment, or no longer.
    HideComment, HideComment, Hidden, "一条留言不公开"
);

/// Report a comment to the officer, once a browser.
#[derive(Clone, Debug, Serialize)]
pub struct ReportComment {
    /// The case.
    pub case: CaseId,
    /// The comment.
    pub comment: CommentId,
}

impl Step for ReportComment {
    const KIND: StepKind = StepKind::ReportComment;
    const JUDGEMENT: Judgement = free("anybody may point something out to the officer");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let browser = work.ctx.actor.visitor().browser;
        if !store::report_comment(work.tx, self.case, self.comment, &browser).await? {
            return Err(Refusal::moved_on("您已经反映过这条留言，镇里会看。"));
        }
        Ok(Done::new((), Entry::internal("有人反映一条留言，请看一看").with(json!({ "comment": self.comment }))))
    }
}
