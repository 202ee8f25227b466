//! Error messages as storage keeps them.

/// Maximum length in bytes of a stored message.
const MAX: usize = 500;

/// Returns a message in one line and cut to a bound, whatever a server had to say: it ends up on terminals.
pub(crate) fn one_line(message: &str) -> String {
    let mut line = message.replace(char::is_control, " ");
    while line.len() > MAX {
        line.pop();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_kept_on_one_line_and_in_bounds() {
        let line = one_line(&format!("a\0b\r\n\u{1b}[1m{}", "é".repeat(400)));
        assert!(!line.contains(char::is_control) && line.contains("[1mé"), "{line}");
        assert!((MAX - 1..=MAX).contains(&line.len()), "{}", line.len());
    }

    #[test]
    fn only_a_longer_error_is_cut() {
        assert_eq!([MAX, MAX + 1].map(|length| one_line(&"x".repeat(length)).len()), [MAX, MAX]);
    }
}
