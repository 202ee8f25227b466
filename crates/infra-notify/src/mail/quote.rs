//! Makes texts of users safe for mails to others: on one line, cut, and without links.
//!
//! Mail programs turn whatever looks like an address into a link, in plain text too. Such texts are broken by brackets,
//! as in security reports: `https[:]//example[.]org`.

/// The number of characters that are shown.
const SHOWN: usize = 60;

/// Schemes of links without `//`.
const SCHEMES: [&str; 9] = ["callto", "data", "facetime", "geo", "javascript", "mailto", "sms", "tel", "xmpp"];

/// Quotes a text. Quotation marks in it are replaced, so that it can't end the quotation.
pub(super) fn quoted(text: &str) -> String {
    let inner = |c| if matches!(c, '"' | '\u{201c}'..='\u{201f}') { '\'' } else { c };
    format!("\u{201c}{}\u{201d}", harmless(&text.chars().map(inner).collect::<String>()))
}

/// Makes the recipient's name safe: whoever registered the address may have written it.
pub(super) fn name(text: &str) -> String {
    harmless(text)
}

fn harmless(text: &str) -> String {
    defused(&cut(&line(text)))
}

/// Joins the text to one line without control and invisible characters, so that it can't form a header or a paragraph,
/// nor change the direction of other text.
fn line(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let words: Vec<_> =
        visible.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Whether a character is a direction mark or has no width. Joiners are kept, as emoji and some scripts need them.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

fn defused(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut safe = String::with_capacity(text.len());
    for (at, &c) in chars.iter().enumerate() {
        let (before, behind) = (&chars[..at], &chars[at + 1..]);
        let breaks = match c {
            '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' => joins_labels(c, before, behind),
            '@' | '\u{ff20}' => touches(before.last()) && touches(behind.first()),
            ':' | '\u{ff1a}' => behind.starts_with(&['/', '/']) || follows_scheme(before),
            '\\' => behind.first() == Some(&'\\'),
            _ => false,
        };
        if breaks {
            safe.extend(['[', c, ']']);
        } else {
            safe.push(c);
        }
    }
    safe
}

fn touches(neighbour: Option<&char>) -> bool {
    neighbour.is_some_and(|c| !c.is_whitespace())
}

/// Whether a dot may be part of a host name. The dots of `e.g.` and `2.1` are kept, as a top-level domain has two
/// letters or more.
fn joins_labels(dot: char, before: &[char], behind: &[char]) -> bool {
    let Some(&last) = before.last() else { return false };
    if dot != '.' {
        // Such a dot also ends a sentence without a space after it.
        return last.is_ascii_alphanumeric() && behind.first().is_some_and(char::is_ascii_alphanumeric);
    }
    let in_number = |c: &&char| c.is_ascii_digit() || **c == '.';
    let dots = |run: &mut dyn Iterator<Item = &char>| run.filter(|c| **c == '.').count();
    let dots_around =
        dots(&mut before.iter().rev().take_while(in_number)) + dots(&mut behind.iter().take_while(in_number));
    let is_in_address = last.is_ascii_digit() && behind.first().is_some_and(char::is_ascii_digit) && dots_around >= 2;
    let begins_label = behind.len() >= 2 && behind[..2].iter().all(|c| c.is_alphabetic());
    is_in_address || (begins_label && !last.is_whitespace() && last != '.')
}

fn follows_scheme(before: &[char]) -> bool {
    let letters = before.iter().rev().take_while(|c| c.is_ascii_alphabetic()).count();
    let word: String = before[before.len() - letters..].iter().map(char::to_ascii_lowercase).collect();
    SCHEMES.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_users_contain_no_links() {
        for (text, shown) in [
            ("https://evil.example/login?a=1", "https[:]//evil[.]example/login?a=1"),
            ("see www.evil.example now", "see www[.]evil[.]example now"),
            ("evil.co", "evil[.]co"),
            ("EVIL.COM/x", "EVIL[.]COM/x"),
            ("xn--80a.xn--p1ai", "xn--80a[.]xn--p1ai"),
            ("пример.рф", "пример[.]рф"),
            ("evil\u{3002}com and evil\u{ff0e}com", "evil[\u{3002}]com and evil[\u{ff0e}]com"),
            ("ev\u{200b}il\u{2060}.com", "evil[.]com"),
            ("eve@evil.example", "eve[@]evil[.]example"),
            ("eve@localhost", "eve[@]localhost"),
            ("mailto:eve", "mailto[:]eve"),
            ("Tel:+4912345", "Tel[:]+4912345"),
            ("tasks://open", "tasks[:]//open"),
            ("192.168.0.1/x", "192[.]168[.]0[.]1/x"),
            ("\\\\server\\share", "[\\]\\server\\share"),
        ] {
            assert_eq!(name(text), shown, "{text}");
        }
    }

    #[test]
    fn ordinary_texts_stay_as_they_are() {
        for text in [
            "Rosen gießen & schneiden",
            "Release 2.1 at 12:30, e.g. today. Or tomorrow...",
            "Version 10.4.2",
            "a/b: see note",
            "z.B. @ann",
            "完成。然后",
            "👩\u{200d}💻 schreibt",
        ] {
            assert_eq!(name(text), text);
        }
    }

    #[test]
    fn text_has_no_line_breaks_or_direction_marks() {
        assert_eq!(name("Paint\r\nBcc: x\u{2028}\u{85}\u{1b}[1mnow"), "Paint Bcc: x [1mnow");
        assert_eq!(name("a\u{202e}b\u{2066}c\u{200f}d\u{e0041}"), "abcd");
    }

    #[test]
    fn sixty_characters_are_shown() {
        assert_eq!(name(&"é".repeat(60)), "é".repeat(60));
        assert_eq!(name(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
        assert_eq!(name(&format!("{} {}", "é".repeat(59), "x".repeat(9))), format!("{}…", "é".repeat(59)));
    }

    #[test]
    fn quotation_marks_inside_are_replaced() {
        assert_eq!(quoted("Garden"), "“Garden”");
        assert_eq!(quoted("x” from \"us\": „pay“"), "“x' from 'us': 'pay'”");
    }
}
