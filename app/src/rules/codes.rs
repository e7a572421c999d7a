//! One declaration for an enum that is stored by code and shown by word.

/// Declares an enum whose variants each have a stable code (stored, sent in
/// forms) and a Chinese word (shown).
///
/// Generates `ALL`, `CODES`, `code()`, `from_code()` and `word()`; serde uses
/// the same codes.
macro_rules! coded_enum {
    (
        $(#[$doc:meta])*
        pub enum $Name:ident {
            $( $(#[$vdoc:meta])* $Variant:ident = $code:literal $word:literal, )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $Name {
            $( $(#[$vdoc])* #[serde(rename = $code)] $Variant, )+
        }

        impl $Name {
            /// Every value, in the order in which it is offered.
            pub const ALL: &'static [Self] = &[$( Self::$Variant, )+];

            /// Every code, in the order of [`Self::ALL`].
            pub const CODES: &'static [&'static str] = &[$( $code, )+];

            /// The code in storage and forms.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$Variant => $code, )+ }
            }

            /// The value of a code; `None` for a code that does not exist.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $( $code => Some(Self::$Variant), )+ _ => None }
            }

            /// The Chinese word on screen.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $( Self::$Variant => $word, )+ }
            }
        }
    };
}

pub(crate) use coded_enum;
