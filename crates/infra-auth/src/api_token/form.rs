//! The form of an API token: `ft_`, 43 characters of URL-safe base64, and six digits with the checksum of those 43. Secret
//! scanners recognize a leaked token by it.

/// The beginning of every API token, and of no other token.
pub(crate) const PREFIX: &str = "ft_";

/// Length of 256 random bits in base64 without padding.
const SECRET_LENGTH: usize = 43;

const CHECKSUM_LENGTH: usize = 6;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The whole token with this secret.
pub(crate) fn complete(secret: &str) -> String {
    format!("{PREFIX}{secret}{}", checksum(secret))
}

/// Whether a text has the form of an API token, to the checksum.
pub(crate) fn is_valid(token: &str) -> bool {
    let Some(rest) = token.strip_prefix(PREFIX) else { return false };
    let Some((secret, given)) = rest.split_at_checked(SECRET_LENGTH) else { return false };
    given.len() == CHECKSUM_LENGTH && secret.bytes().all(is_base64) && checksum(secret) == given
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// The CRC-32 (IEEE) of a text in base 62.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = ['0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize].into();
        rest /= 62;
    }
    digits.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn checksum_is_crc_32_in_six_digits_of_base_62() {
        for (text, expected) in [
            ("", "000000"),
            // 0xcbf43926, the check value of CRC-32/ISO-HDLC.
            ("123456789", "3jZRME"),
            ("The quick brown fox jumps over the lazy dog", "1C9bYH"),
            ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAALyY", "000Fse"),
        ] {
            assert_eq!(checksum(text), expected, "{text}");
        }
    }

    #[test]
    fn known_tokens_are_complete() {
        for (secret, token) in [
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "ft_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh84O7WPJ"),
            ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0DofJ8"),
        ] {
            assert_eq!(complete(secret), token);
            assert!(is_valid(token), "{token}");
        }
    }

    #[test]
    fn other_prefix_length_alphabet_and_checksum_are_invalid() {
        let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let token = complete(secret);
        let other_alphabet = secret.replacen('A', "+", 1);
        for wrong in [
            String::new(),
            PREFIX.to_owned(),
            token[PREFIX.len()..].to_owned(),
            format!("FT_{}", &token[PREFIX.len()..]),
            format!("{token}0"),
            token[..token.len() - 1].to_owned(),
            format!("{PREFIX}{secret}000000"),
            complete(&secret[1..]),
            complete(&format!("A{secret}")),
            complete(&other_alphabet),
            complete(&secret.replacen("AA", "é", 1)),
            format!("{PREFIX}{}é", "A".repeat(SECRET_LENGTH - 1)),
        ] {
            assert!(!is_valid(&wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_noticed(secret in "[A-Za-z0-9_-]{43}", place in 3..52_usize, other in "[A-Za-z0-9_-]") {
            let token = complete(&secret);
            prop_assert!(is_valid(&token));
            let mut changed = token.clone();
            changed.replace_range(place..=place, &other);
            prop_assert_eq!(is_valid(&changed), changed == token);
        }

        #[test]
        fn any_text_is_judged(text in ".{0,80}") {
            prop_assert!(!is_valid(&text) || text.len() == 52);
        }
    }
}
