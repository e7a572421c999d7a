//! Forms and decisions of a case, kept in versions. A correction is a new version beside the old one, never a change.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Difference;

/// A form or decision of a case (`domain.md` 3), stored as JSON under its kind.
pub trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stored kind.
    const KIND: &'static str;
    /// What it is called on screen.
    const NAME: &'static str;

    /// The fields with their labels, as a person reads them: for differences and print.
    fn shown(&self) -> Vec<(&'static str, String)>;
}

/// The fields in which two versions of a record differ.
#[must_use]
pub fn differences<R: Record>(theirs: &R, yours: &R) -> Vec<Difference> {
    theirs
        .shown()
        .into_iter()
        .zip(yours.shown())
        .filter(|((_, theirs), (_, yours))| theirs != yours)
        .map(|((label, theirs), (_, yours))| Difference { label: label.to_owned(), theirs, yours })
        .collect()
}
