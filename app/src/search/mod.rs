//! Finding topics by their words, in Chinese.
//!
//! Neither engine cuts Chinese into words: what one sees as a single long word, the other refuses below three
//! characters. So the product cuts the text itself ([`tokens`]): words as they are, Chinese as overlapping pieces of two
//! characters. Both engines get the same pieces, and a question is cut the same way and asked as a phrase.
//!
//! [`store`] keeps the index over *released* texts only. What residents typed is never in it.

pub mod store;
pub mod tokens;

#[cfg(test)]
mod tests;
