//! Unicode's full case folding.

use unicode_normalization::UnicodeNormalization;

/// Appends the folded form of a character of a decomposed text.
pub(crate) fn push_folded(folded: &mut String, c: char) {
    if c == 'ı' {
        // `ı` has the upper case of `i`, but is another letter.
        folded.push(c);
    } else {
        // Characters that differ in case only have one upper case, and that one lower case; `ẞ` has no upper case before
        // it is lowered.
        folded.extend(c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase));
    }
}

/// Applies Unicode's full case folding, for canonical caseless matching (The Unicode Standard, section 3.13, D145), and
/// form C.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfd() {
        push_folded(&mut folded, c);
    }
    folded.nfc().collect()
}
