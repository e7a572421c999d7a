//! What a person can do in the first stage, one [`crate::case::Step`] each.

mod comment;
mod confirm;
mod hold;
mod personal;
mod raise;
mod screen;
mod support;
mod tags;

pub use comment::{AddComment, AnswerComment, HideComment, ReleaseComment, ReportComment};
pub use confirm::{ConfirmTopic, PrepareConfirmation, SendBackPreparation, deciding, preparing};
pub use hold::{FreezeCase, LapseTopic, MarkOverdue, ResumeTopic, SuspendTopic, TerminateTopic, UnfreezeCase};
pub(crate) use personal::contacts_are_over;
pub use personal::{
    ChangeNameConsent, ErasePersonalData, ErasureScope, ForgetContact, ReissueCode, ViewContact, WithdrawTopic,
};
pub use raise::{AnswerQuestion, Raised, RecordTopic, Submission, SubmitTopic, open_sources};
pub use screen::{
    AcceptTopic, CorrectScreening, Decision, DeclineTopic, MergeTopic, ReturnTopic, ReviseEdition, TransferTopic,
    UndoMerge, may_undo_merge, merge_target, strands,
};
pub use support::{DecideHeldSupport, FollowTopic, NoteFollowersTold, StopFollowing, SupportTopic};
pub use tags::SetTopicTags;

use crate::case::StepCard;

/// Every step of this stage, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<SubmitTopic>(),
    StepCard::of::<RecordTopic>(),
    StepCard::of::<AnswerQuestion>(),
    StepCard::of::<WithdrawTopic>(),
    StepCard::of::<ChangeNameConsent>(),
    StepCard::of::<ReissueCode>(),
    StepCard::of::<ViewContact>(),
    StepCard::of::<AcceptTopic>(),
    StepCard::of::<ReturnTopic>(),
    StepCard::of::<TransferTopic>(),
    StepCard::of::<MergeTopic>(),
    StepCard::of::<UndoMerge>(),
    StepCard::of::<DeclineTopic>(),
    StepCard::of::<CorrectScreening>(),
    StepCard::of::<ReviseEdition>(),
    StepCard::of::<PrepareConfirmation>(),
    StepCard::of::<SendBackPreparation>(),
    StepCard::of::<ConfirmTopic>(),
    StepCard::of::<SuspendTopic>(),
    StepCard::of::<ResumeTopic>(),
    StepCard::of::<TerminateTopic>(),
    StepCard::of::<SupportTopic>(),
    StepCard::of::<DecideHeldSupport>(),
    StepCard::of::<FollowTopic>(),
    StepCard::of::<StopFollowing>(),
    StepCard::of::<NoteFollowersTold>(),
    StepCard::of::<AddComment>(),
    StepCard::of::<AnswerComment>(),
    StepCard::of::<ReleaseComment>(),
    StepCard::of::<HideComment>(),
    StepCard::of::<ReportComment>(),
    StepCard::of::<ErasePersonalData>(),
    StepCard::of::<SetTopicTags>(),
    StepCard::of::<ForgetContact>(),
    StepCard::of::<LapseTopic>(),
    StepCard::of::<MarkOverdue>(),
    StepCard::of::<FreezeCase>(),
    StepCard::of::<UnfreezeCase>(),
];
