//! Coded values as they are stored: a word of a fixed set.

use super::StorageError;

/// A coded value as it is stored. Which types it reads is said with [`columns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column<T>(pub T);

impl StorageError {
    /// A stored value that is none of those the product writes.
    pub(crate) fn corrupt(what: &str, code: &str) -> Self {
        Self::Corrupt(format!("{what} {code}"))
    }
}

/// Makes types that have a `from_code` readable as [`Column`]; the word names the value in the log.
macro_rules! columns {
    ($($Type:ty, $what:literal;)*) => {$(
        impl TryFrom<String> for $crate::storage::Column<$Type> {
            type Error = $crate::storage::StorageError;
            fn try_from(code: String) -> Result<Self, Self::Error> {
                <$Type>::from_code(&code).map(Self).ok_or_else(|| Self::Error::corrupt($what, &code))
            }
        }
    )*};
}
pub(crate) use columns;
