//! Enums whose variants have a string form, equal in the API and in storage.

macro_rules! string_enum {
    ($name:ident { $($variant:ident = $string:literal),+ $(,)? }) => {
        impl $name {
            /// Every variant, in the order of `docs/api.md`.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The string form in the API and in storage.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $string),+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::field::Invalid;

            fn from_str(raw: &str) -> Result<Self, Self::Err> {
                match raw {
                    $($string => Ok(Self::$variant),)+
                    _ => Err($crate::field::Invalid::new(
                        "invalid",
                        concat!("must be one of:", $(" `", $string, "`"),+),
                    )),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use string_enum;
