//! Typed parameters and rows that both engines understand.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, FromRow};
use uuid::Uuid;

use super::StorageError;
use super::embedded::EmbeddedRow;
use crate::access::Towns;

/// A bind parameter. Closed on purpose: a type that is not here has no agreed form in both engines.
#[derive(Clone, Debug)]
pub enum Value {
    /// `UUID` (16-byte blob in SQLite).
    Uuid(Option<Uuid>),
    /// `TEXT`.
    Text(Option<String>),
    /// `BIGINT`.
    Int(Option<i64>),
    /// `BOOLEAN`.
    Bool(Option<bool>),
    /// `TIMESTAMPTZ` (RFC 3339 text in SQLite).
    Time(Option<DateTime<Utc>>),
    /// `DATE` (ISO text in SQLite).
    Date(Option<NaiveDate>),
}

macro_rules! value_from {
    ($($variant:ident: $type:ty;)*) => {$(
        impl From<$type> for Value {
            fn from(v: $type) -> Self {
                Self::$variant(Some(v))
            }
        }
        impl From<Option<$type>> for Value {
            fn from(v: Option<$type>) -> Self {
                Self::$variant(v)
            }
        }
    )*};
}

value_from! {
    Uuid: Uuid;
    Text: String;
    Int: i64;
    Bool: bool;
    Time: DateTime<Utc>;
    Date: NaiveDate;
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(Some(v.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(v: Option<&str>) -> Self {
        Self::Text(v.map(str::to_owned))
    }
}

/// A row type that reads from both engines; derive `sqlx::FromRow` and it is one.
pub trait Row: for<'r> FromRow<'r, EmbeddedRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Row for T where T: for<'r> FromRow<'r, EmbeddedRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// The values as arguments of PostgreSQL.
pub(super) fn postgres_arguments(values: Vec<Value>) -> Result<PgArguments, StorageError> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Uuid(v) => arguments.add(v),
            Value::Text(v) => arguments.add(v),
            Value::Int(v) => arguments.add(v),
            Value::Bool(v) => arguments.add(v),
            Value::Time(v) => arguments.add(v),
            Value::Date(v) => arguments.add(v),
        }
        .map_err(|e| StorageError::Sql(sqlx::Error::Encode(e)))?;
    }
    Ok(arguments)
}

/// Codes as a text that `$1 LIKE '%,' || code || ',%'` looks into; without any, one that finds nothing.
pub fn listed<S: AsRef<str>>(codes: &[S]) -> Value {
    let text = codes.iter().fold(",".to_owned(), |text, code| text + code.as_ref() + ",");
    Value::from(text)
}

/// As [`listed`], and the empty text for all of them: `$1 = '' OR $1 LIKE '%,' || code || ',%'`.
impl From<&Towns> for Value {
    fn from(towns: &Towns) -> Self {
        match towns {
            Towns::All => Self::from(String::new()),
            Towns::Only(towns) => listed(towns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sees_no_town_is_shown_none() {
        let text = |towns: Towns| match Value::from(&towns) {
            Value::Text(Some(text)) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(text(Towns::All), "");
        assert_eq!(text(Towns::Only(Vec::new())), ",");
        assert_eq!(text(Towns::Only(vec!["lili".to_owned(), "qidu".to_owned()])), ",lili,qidu,");
    }
}
