//! [`Refusal`]: the one error that people see. It carries codes, field names and findings, never the words of a
//! database or a file system; those go to the log under an id.

use std::collections::BTreeMap;

use crate::rules::{Finding, Level};

/// Something wrong with one field of a form, in a sentence that says what to enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the form field.
    pub field: String,
    /// What is wrong and what to enter.
    pub sentence: String,
}

impl FieldError {
    /// An error of the named field.
    pub fn new(field: &str, sentence: impl Into<String>) -> Self {
        Self { field: field.to_owned(), sentence: sentence.into() }
    }
}

impl From<FieldError> for Refusal {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }
}

/// One field that two people changed at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field's label.
    pub label: String,
    /// What is stored now.
    pub theirs: String,
    /// What was sent.
    pub yours: String,
}

/// Why a step or a page was not carried out. Each variant names its HTTP status.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// 401: the page is for people who are signed in.
    #[error("not signed in")]
    NotSignedIn,
    /// 404: it does not exist, or one may not know that it does.
    #[error("not found")]
    NotFound,
    /// 403: it exists and is known, but this is for somebody else.
    #[error("forbidden")]
    Forbidden {
        /// Who can do it, in words: 「党（工）委审批人」.
        who: String,
    },
    /// 422: a rule is not met; nothing changed.
    #[error("blocked by a rule")]
    Blocked(Vec<Finding>),
    /// 422: a form field cannot be read.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// 409: somebody else changed the record, or the case moved on, since the page was shown.
    #[error("conflict")]
    Conflict {
        /// What happened, in a sentence.
        sentence: String,
        /// The fields that differ; empty where the stage itself moved on.
        differences: Vec<Difference>,
    },
    /// 409: the same request id came with another content.
    #[error("request id used for something else")]
    Replayed,
    /// 410: a link that was withdrawn or has ended.
    #[error("gone")]
    Gone(String),
    /// 413: more than the limit was sent.
    #[error("too large")]
    TooLarge(String),
    /// 403: the request came from another site.
    #[error("cross-site request")]
    CrossSite,
    /// 429: too many tries; try again later.
    #[error("too many requests")]
    TooMany {
        /// Seconds until the next try is taken.
        retry_after_s: u64,
        /// What was tried too often and what to do.
        sentence: String,
    },
    /// 503: the disk is full or the database is away; nothing half-written stays behind.
    #[error("unavailable")]
    Unavailable(String),
    /// 500: a defect. The log has the cause under the same id.
    #[error("internal error {id}")]
    Internal {
        /// The id to look up in the log.
        id: String,
    },
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotSignedIn => 401,
            Self::NotFound => 404,
            Self::Forbidden { .. } | Self::CrossSite => 403,
            Self::Blocked(_) | Self::Invalid(_) => 422,
            Self::Conflict { .. } | Self::Replayed => 409,
            Self::Gone(_) => 410,
            Self::TooLarge(_) => 413,
            Self::TooMany { .. } => 429,
            Self::Unavailable(_) => 503,
            Self::Internal { .. } => 500,
        }
    }

    /// An invalid field.
    pub fn field(field: &str, sentence: impl Into<String>) -> Self {
        FieldError::new(field, sentence).into()
    }

    /// Refuses a form of which something is wrong: field and sentence.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with all of it.
    pub fn when_wrong<F: AsRef<str>>(wrong: Vec<(F, String)>) -> Result<(), Self> {
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Self::Invalid(
            wrong.into_iter().map(|(field, sentence)| FieldError::new(field.as_ref(), sentence)).collect(),
        ))
    }

    /// A conflict in which the case moved on.
    pub fn moved_on(sentence: impl Into<String>) -> Self {
        Self::Conflict { sentence: sentence.into(), differences: Vec::new() }
    }

    /// The first sentence of an error page: what happened.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NotSignedIn => "请先登录。".to_owned(),
            Self::NotFound => "没有找到这一页。".to_owned(),
            Self::Forbidden { who } => format!("这一步由{who}来做。"),
            Self::Blocked(findings) => {
                let n = findings.iter().filter(|f| f.level == Level::Blocking).count();
                format!("还差 {n} 项，这一步没有做成。")
            }
            Self::Invalid(errors) => format!("有 {} 处要改。", errors.len()),
            Self::Conflict { sentence, .. }
            | Self::Gone(sentence)
            | Self::TooLarge(sentence)
            | Self::TooMany { sentence, .. }
            | Self::Unavailable(sentence) => sentence.clone(),
            Self::Replayed => {
                "这一页的内容已经提交过一次，这次的内容不一样，没有重复办理。要交这次写的，请再按一次提交。".to_owned()
            }
            Self::CrossSite => "这次提交来自别的网站，没有受理。请从本站页面提交。".to_owned(),
            Self::Internal { .. } => "系统出了差错，这一步没有做成。".to_owned(),
        }
    }

    /// What is still true, or what to do now.
    #[must_use]
    pub fn comfort(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "登录后会回到刚才要看的页面。",
            Self::NotFound => "可能是地址不完整，也可能这件事不公开。",
            Self::Forbidden { .. } => "这件事没有改动。",
            Self::Blocked(_) | Self::Invalid(_) | Self::Conflict { .. } | Self::Replayed | Self::CrossSite => {
                "您写的都在，没有丢。"
            }
            Self::Gone(_) => "需要的话，请联系镇工委重新发送。",
            Self::TooLarge(_) => "其他内容没有丢，减少附件后再提交。",
            Self::TooMany { .. } => "过一会儿再试就行。",
            Self::Unavailable(_) | Self::Internal { .. } => "没有留下半截的记录，请稍后再试。",
        }
    }
}

/// What a form page is filled with: what was typed, and what was wrong with it.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    /// Field name to the values that were sent.
    pub values: BTreeMap<String, Vec<String>>,
    /// What is wrong, by field.
    pub errors: Vec<FieldError>,
    /// The `action` of the form that was refused, where a page has several.
    pub action: Option<String>,
    /// The refusal itself, for what belongs to no field.
    pub refusal: Option<Refusal>,
}

impl FormState {
    /// A form that shows these values and no errors.
    #[must_use]
    pub fn filled<const N: usize>(values: [(&str, String); N]) -> Self {
        Self { values: values.into_iter().map(|(k, v)| (k.to_owned(), vec![v])).collect(), ..Self::default() }
    }

    /// The form as it was sent, with what was wrong.
    #[must_use]
    pub fn refused(values: BTreeMap<String, Vec<String>>, refusal: Refusal) -> Self {
        let errors = match &refusal {
            Refusal::Invalid(errors) => errors.clone(),
            Refusal::Blocked(findings) => findings
                .iter()
                .filter(|f| f.level == Level::Blocking)
                .filter_map(|f| f.field.as_ref().map(|field| FieldError::new(field, f.sentence.clone())))
                .collect(),
            _ => Vec::new(),
        };
        let action = values.get("action").and_then(|v| v.first()).cloned();
        Self { values, errors, action, refusal: Some(refusal) }
    }

    /// The first value of a field, or the empty string.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).and_then(|v| v.first()).map_or("", String::as_str)
    }

    /// All values of a field.
    #[must_use]
    pub fn values(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors.iter().find(|e| e.field == name).map(|e| e.sentence.as_str())
    }

    /// This state with what is wrong with uploads said of the page's own field: their reader names its own, `files`.
    #[must_use]
    pub fn files_named(mut self, field: &str) -> Self {
        for error in &mut self.errors {
            if error.field == "files" {
                field.clone_into(&mut error.field);
            }
        }
        self
    }

    /// This state if the refused form was the named one of the page, else an empty one.
    #[must_use]
    pub fn of_action(&self, action: &str) -> Self {
        if self.action.as_deref() == Some(action) { self.clone() } else { Self::default() }
    }
}
