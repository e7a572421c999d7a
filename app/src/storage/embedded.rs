//! Rows of the embedded engine, as sqlx reads them.
//!
//! sqlx's own driver runs SQLite on a thread of its own and hands every row over from there; for statements that take
//! some microseconds that costs several times as much as they do. Ours runs where it is asked for (see `sqlite`), but
//! rows are still read with `#[derive(sqlx::FromRow)]`, for which a database has to be named that has such rows. Of what
//! else a database has, nothing is ever made: those parts are [`Never`].

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::types::ValueRef as Raw;
use sqlx::error::BoxDynError;
use sqlx::query::{Query, QueryAs, QueryScalar};
use sqlx::{
    Arguments, Column, ColumnIndex, ConnectOptions, Connection, Database, Decode, Either, Encode, Error, FromRow,
    IntoArguments, Row, SqlStr, Statement, Transaction, Type, TypeInfo, Value, ValueRef,
};
use sqlx_core::transaction::TransactionManager;
use uuid::Uuid;

/// The embedded engine's name to sqlx.
#[derive(Debug)]
pub enum Embedded {}

impl Database for Embedded {
    type Connection = Never;
    type TransactionManager = Never;
    type Row = EmbeddedRow;
    type QueryResult = ();
    type Column = Name;
    type TypeInfo = Kind;
    type Value = Kept;
    type ValueRef<'r> = Seen<'r>;
    type Arguments = NoArguments;
    type ArgumentBuffer = ();
    type Statement = Never;

    const NAME: &'static str = "embedded";
    const URL_SCHEMES: &'static [&'static str] = &[];
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Null,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Real,
    /// Words.
    Text,
    /// Bytes.
    Blob,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl TypeInfo for Kind {
    fn is_null(&self) -> bool {
        *self == Self::Null
    }

    fn name(&self) -> &str {
        match self {
            Self::Null => "NULL",
            Self::Int => "INTEGER",
            Self::Real => "REAL",
            Self::Text => "TEXT",
            Self::Blob => "BLOB",
        }
    }
}

/// A column of a result.
#[derive(Debug)]
pub struct Name {
    ordinal: usize,
    name: String,
}

impl Column for Name {
    type Database = Embedded;

    fn ordinal(&self) -> usize {
        self.ordinal
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn type_info(&self) -> &Kind {
        // A column of SQLite has none: each value has its own.
        &Kind::Null
    }
}

/// One value of a row; words and bytes are a part of the row's bytes.
#[derive(Clone, Copy, Debug)]
enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(usize, usize),
    Blob(usize, usize),
}

/// A row. One is filled again and again while a result is read.
#[derive(Debug)]
pub struct EmbeddedRow {
    columns: Vec<Name>,
    cells: Vec<Cell>,
    bytes: Vec<u8>,
    /// Where the next column is looked for first: columns are mostly read in their order.
    next: AtomicUsize,
}

impl EmbeddedRow {
    /// An empty row of a statement.
    pub(super) fn of(statement: &rusqlite::Statement<'_>) -> Self {
        let names = statement.column_names().into_iter().enumerate();
        let columns = names.map(|(ordinal, name)| Name { ordinal, name: name.to_owned() }).collect();
        Self { columns, cells: Vec::new(), bytes: Vec::new(), next: AtomicUsize::new(0) }
    }

    /// Takes the values of the row at which the statement stands.
    pub(super) fn fill(&mut self, row: &rusqlite::Row<'_>) -> Result<(), rusqlite::Error> {
        self.cells.clear();
        self.bytes.clear();
        *self.next.get_mut() = 0;
        for n in 0..self.columns.len() {
            let cell = match row.get_ref(n)? {
                Raw::Null => Cell::Null,
                Raw::Integer(value) => Cell::Int(value),
                Raw::Real(value) => Cell::Real(value),
                Raw::Text(text) => {
                    let (from, until) = self.keep(text);
                    Cell::Text(from, until)
                }
                Raw::Blob(bytes) => {
                    let (from, until) = self.keep(bytes);
                    Cell::Blob(from, until)
                }
            };
            self.cells.push(cell);
        }
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) -> (usize, usize) {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        (from, self.bytes.len())
    }
}

impl Row for EmbeddedRow {
    type Database = Embedded;

    fn columns(&self) -> &[Name] {
        &self.columns
    }

    fn try_get_raw<I: ColumnIndex<Self>>(&self, index: I) -> Result<Seen<'_>, Error> {
        let n = index.index(self)?;
        let part = |from: usize, until: usize| self.bytes.get(from..until).unwrap_or_default();
        match self.cells.get(n) {
            None => Err(Error::ColumnIndexOutOfBounds { index: n, len: self.cells.len() }),
            Some(Cell::Null) => Ok(Seen::Null),
            Some(Cell::Int(value)) => Ok(Seen::Int(*value)),
            Some(Cell::Real(value)) => Ok(Seen::Real(*value)),
            Some(Cell::Text(from, until)) => Ok(Seen::Text(part(*from, *until))),
            Some(Cell::Blob(from, until)) => Ok(Seen::Blob(part(*from, *until))),
        }
    }
}

impl ColumnIndex<EmbeddedRow> for usize {
    fn index(&self, row: &EmbeddedRow) -> Result<usize, Error> {
        let len = row.columns.len();
        if *self < len { Ok(*self) } else { Err(Error::ColumnIndexOutOfBounds { index: *self, len }) }
    }
}

impl ColumnIndex<EmbeddedRow> for str {
    fn index(&self, row: &EmbeddedRow) -> Result<usize, Error> {
        let first = row.next.load(Ordering::Relaxed);
        let (before, from) = row.columns.split_at(first.min(row.columns.len()));
        let found = from.iter().chain(before).find(|column| column.name == self);
        let n = found.ok_or_else(|| Error::ColumnNotFound(self.to_owned()))?.ordinal;
        row.next.store(n + 1, Ordering::Relaxed);
        Ok(n)
    }
}

/// A value while its row is there. Words are checked to be words when they are read.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'r> {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Real(f64),
    /// Words.
    Text(&'r [u8]),
    /// Bytes.
    Blob(&'r [u8]),
}

impl Seen<'_> {
    const fn kind(self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Int(_) => Kind::Int,
            Self::Real(_) => Kind::Real,
            Self::Text(_) => Kind::Text,
            Self::Blob(_) => Kind::Blob,
        }
    }

    fn not(self, wanted: &str) -> BoxDynError {
        format!("{} is no {wanted}", self.kind()).into()
    }
}

impl<'r> Seen<'r> {
    fn text(self) -> Result<&'r str, BoxDynError> {
        match self {
            Self::Text(bytes) => Ok(std::str::from_utf8(bytes)?),
            other => Err(other.not("text")),
        }
    }
}

impl<'r> ValueRef<'r> for Seen<'r> {
    type Database = Embedded;

    fn to_owned(&self) -> Kept {
        match self {
            Self::Null => Kept::Null,
            Self::Int(value) => Kept::Int(*value),
            Self::Real(value) => Kept::Real(*value),
            Self::Text(bytes) => Kept::Text(bytes.to_vec()),
            Self::Blob(bytes) => Kept::Blob(bytes.to_vec()),
        }
    }

    fn type_info(&self) -> Cow<'_, Kind> {
        Cow::Owned(self.kind())
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// A value by itself.
#[derive(Clone, Debug)]
pub enum Kept {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Real(f64),
    /// Words.
    Text(Vec<u8>),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value for Kept {
    type Database = Embedded;

    fn as_ref(&self) -> Seen<'_> {
        match self {
            Self::Null => Seen::Null,
            Self::Int(value) => Seen::Int(*value),
            Self::Real(value) => Seen::Real(*value),
            Self::Text(bytes) => Seen::Text(bytes),
            Self::Blob(bytes) => Seen::Blob(bytes),
        }
    }

    fn type_info(&self) -> Cow<'_, Kind> {
        Cow::Owned(Value::as_ref(self).kind())
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

// ---- types ----------------------------------------------------------------------------------------------------------

/// Types that are stored, each with how it is read. What fits is seen when it is read, not by its name.
macro_rules! read {
    ($($Type:ty, $kind:ident, |$value:ident| $read:expr;)*) => {$(
        impl Type<Embedded> for $Type {
            fn type_info() -> Kind {
                Kind::$kind
            }

            fn compatible(_: &Kind) -> bool {
                true
            }
        }

        impl<'r> Decode<'r, Embedded> for $Type {
            fn decode($value: Seen<'r>) -> Result<Self, BoxDynError> {
                $read
            }
        }
    )*};
}

read! {
    i64, Int, |value| match value {
        Seen::Int(n) => Ok(n),
        other => Err(other.not("whole number")),
    };
    bool, Int, |value| match value {
        Seen::Int(n) => Ok(n != 0),
        other => Err(other.not("yes or no")),
    };
    f64, Real, |value| match value {
        Seen::Real(n) => Ok(n),
        other => Err(other.not("number")),
    };
    String, Text, |value| Ok(value.text()?.to_owned());
    Uuid, Blob, |value| match value {
        Seen::Blob(bytes) => Ok(Self::from_slice(bytes)?),
        other => Err(other.not("id")),
    };
    DateTime<Utc>, Text, |value| Ok(DateTime::parse_from_rfc3339(value.text()?)?.with_timezone(&Utc));
    NaiveDate, Text, |value| Ok(value.text()?.parse()?);
}

// ---- what is never made ---------------------------------------------------------------------------------------------

/// Connections, statements and transactions of sqlx are never made for this database.
#[derive(Clone, Debug)]
pub enum Never {}

/// What is said to whoever tries.
fn elsewhere() -> Error {
    Error::Configuration("the embedded database is opened by the storage layer".into())
}

impl Connection for Never {
    type Database = Embedded;
    type Options = Self;

    async fn close(self) -> Result<(), Error> {
        match self {}
    }

    async fn close_hard(self) -> Result<(), Error> {
        match self {}
    }

    async fn ping(&mut self) -> Result<(), Error> {
        match *self {}
    }

    async fn begin(&mut self) -> Result<Transaction<'_, Embedded>, Error> {
        match *self {}
    }

    fn shrink_buffers(&mut self) {
        match *self {}
    }

    async fn flush(&mut self) -> Result<(), Error> {
        match *self {}
    }

    fn should_flush(&self) -> bool {
        match *self {}
    }
}

impl FromStr for Never {
    type Err = Error;

    fn from_str(_: &str) -> Result<Self, Error> {
        Err(elsewhere())
    }
}

impl ConnectOptions for Never {
    type Connection = Self;

    fn from_url(_: &sqlx_core::Url) -> Result<Self, Error> {
        Err(elsewhere())
    }

    async fn connect(&self) -> Result<Self, Error> {
        match *self {}
    }

    fn log_statements(self, _: log::LevelFilter) -> Self {
        match self {}
    }

    fn log_slow_statements(self, _: log::LevelFilter, _: std::time::Duration) -> Self {
        match self {}
    }
}

impl TransactionManager for Never {
    type Database = Embedded;

    async fn begin(connection: &mut Self, _: Option<SqlStr>) -> Result<(), Error> {
        match *connection {}
    }

    async fn commit(connection: &mut Self) -> Result<(), Error> {
        match *connection {}
    }

    async fn rollback(connection: &mut Self) -> Result<(), Error> {
        match *connection {}
    }

    fn start_rollback(connection: &mut Self) {
        match *connection {}
    }

    fn get_transaction_depth(connection: &Self) -> usize {
        match *connection {}
    }
}

impl Statement for Never {
    type Database = Embedded;

    fn into_sql(self) -> SqlStr {
        match self {}
    }

    fn sql(&self) -> &SqlStr {
        match *self {}
    }

    fn parameters(&self) -> Option<Either<&[Kind], usize>> {
        match *self {}
    }

    fn columns(&self) -> &[Name] {
        match *self {}
    }

    fn query(&self) -> Query<'_, Embedded, NoArguments> {
        match *self {}
    }

    fn query_with<A: IntoArguments<Embedded>>(&self, _: A) -> Query<'_, Embedded, A> {
        match *self {}
    }

    fn query_as<O: for<'r> FromRow<'r, EmbeddedRow>>(&self) -> QueryAs<'_, Embedded, O, NoArguments> {
        match *self {}
    }

    fn query_as_with<'s, O, A>(&'s self, _: A) -> QueryAs<'s, Embedded, O, A>
    where
        O: for<'r> FromRow<'r, EmbeddedRow>,
        A: IntoArguments<Embedded>,
    {
        match *self {}
    }

    fn query_scalar<O>(&self) -> QueryScalar<'_, Embedded, O, NoArguments>
    where
        (O,): for<'r> FromRow<'r, EmbeddedRow>,
    {
        match *self {}
    }

    fn query_scalar_with<'s, O, A>(&'s self, _: A) -> QueryScalar<'s, Embedded, O, A>
    where
        (O,): for<'r> FromRow<'r, EmbeddedRow>,
        A: IntoArguments<Embedded>,
    {
        match *self {}
    }
}

/// Parameters go to the engine without sqlx.
#[derive(Debug, Default)]
pub struct NoArguments;

impl Arguments for NoArguments {
    type Database = Embedded;

    fn reserve(&mut self, _: usize, _: usize) {}

    fn add<'t, T>(&mut self, _: T) -> Result<(), BoxDynError>
    where
        T: Encode<'t, Embedded> + Type<Embedded>,
    {
        Err(elsewhere().into())
    }

    fn len(&self) -> usize {
        0
    }
}
