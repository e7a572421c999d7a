//! Papers that leave the platform as files of an office: the form they have, and nothing of how a case comes by them.
//!
//! A paper is a pure model of `app`; here it becomes the bytes of a DOCX. Who may have it is `app`'s to say; `serve.rs`
//! asks and sends.

pub mod archive;
mod breaking;
pub mod minutes;
pub mod register;
pub mod serve;

/// Why no file came of a paper.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The writer gave a part without the piece that has to be replaced in it.
    #[error("the part {part} has no {piece}")]
    Part {
        /// The part of the package: `word/document.xml`.
        part: &'static str,
        /// The element that was looked for.
        piece: &'static str,
    },
    /// The parts could not be packed.
    #[error("the package could not be written: {0}")]
    Pack(String),
}
