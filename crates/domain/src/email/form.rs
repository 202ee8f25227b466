//! Normalization of addresses: lower case, A-labels, case folding, and the validity of the local part.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

/// Maximum length in bytes of the part before the `@` (RFC 5321 section 4.5.3.1.1).
const MAX_LOCAL_PART: usize = 64;

/// Converts to lower case and to Unicode's form C.
pub(super) fn lowered(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// Converts a host name to A-labels by UTS 46 with the rules of RFC 5891: letters, digits and hyphens only, 253 bytes
/// at most. `None` for anything else, such as an IP address.
pub(super) fn ascii_domain(domain: &str) -> Option<String> {
    let ascii =
        Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify);
    let ascii = ascii.ok()?;
    let last = ascii.rsplit('.').next()?;
    (!last.bytes().all(|byte| byte.is_ascii_digit())).then(|| ascii.into_owned())
}

/// Whether this is a dot-atom (RFC 5321 section 4.1.2, RFC 6531 section 3.3). Quoted local parts are refused: few
/// mailers and hardly any mailbox accept them.
pub(super) fn is_local_part(local: &str) -> bool {
    let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(is_atext);
    local.len() <= MAX_LOCAL_PART && local.split('.').all(is_atom)
}

fn is_atext(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    }
    !(c.is_control() || c.is_whitespace() || is_invisible(c))
}

/// Whether a character would make two addresses look alike: Unicode's default ignorable characters, direction marks,
/// private use characters and noncharacters.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{E000}'..='\u{F8FF}'
            | '\u{FDD0}'..='\u{FDEF}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFF}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{10FFFF}'
    )
}
