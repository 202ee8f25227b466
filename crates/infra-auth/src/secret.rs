use crate::api_token::form;
use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fasttrack_domain::{
    ports::secret::SecretSource,
    ticket::{DrawnSecret, SecretHash},
    token::SecretToken,
    webhook::WebhookSecret,
};

/// Generates secrets of 256 bits: of 43 characters in URL-safe base64 without padding, and those of webhooks.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomSecrets;

// @norm NORM-SEC-002
impl SecretSource for RandomSecrets {
    fn draw(&self) -> DrawnSecret {
        self.with_hash(random())
    }

    fn draw_api_token(&self) -> DrawnSecret {
        self.with_hash(form::complete(&random()))
    }

    fn draw_webhook_secret(&self) -> WebhookSecret {
        WebhookSecret::new(random_bits())
    }

    fn hash(&self, given: &str) -> SecretHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, given.as_bytes()).as_ref());
        SecretHash::new(hash)
    }
}

impl RandomSecrets {
    fn with_hash(self, secret: String) -> DrawnSecret {
        DrawnSecret { hash: self.hash(&secret), secret: SecretToken::new(secret) }
    }
}

fn random_bits() -> [u8; 32] {
    let mut bits = [0; 32];
    assert!(rand::fill(&mut bits).is_ok(), "the operating system gives no random numbers");
    bits
}

/// Draws 256 bits, as 43 characters.
fn random() -> String {
    URL_SAFE_NO_PAD.encode(random_bits())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_secret_is_url_safe_and_found_again_by_its_hash() {
        let DrawnSecret { secret, hash } = RandomSecrets.draw();
        assert_eq!(secret.expose().len(), 43);
        assert!(secret.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_eq!(RandomSecrets.hash(secret.expose()), hash);
        assert_ne!(RandomSecrets.hash(&secret.expose()[1..]), hash);
    }

    #[test]
    fn an_api_token_has_its_form_and_the_hash_of_its_text() {
        let DrawnSecret { secret, hash } = RandomSecrets.draw_api_token();
        assert!(form::is_valid(secret.expose()));
        assert_eq!(RandomSecrets.hash(secret.expose()), hash);
        assert_ne!(RandomSecrets.draw_api_token().secret, secret);
    }

    #[test]
    fn secrets_are_unique_and_vary_in_each_character() {
        let secrets: HashSet<String> = (0..200).map(|_| RandomSecrets.draw().secret.expose().to_owned()).collect();
        assert_eq!(secrets.len(), 200);
        for position in 0..43 {
            let characters: HashSet<u8> = secrets.iter().map(|secret| secret.as_bytes()[position]).collect();
            // The last character has four bits only.
            assert!(characters.len() > 10, "{position}: {}", characters.len());
        }
    }

    #[test]
    fn webhook_secrets_are_unique_and_have_256_bits() {
        let secrets: HashSet<Vec<u8>> = (0..200).map(|_| RandomSecrets.draw_webhook_secret().key().to_vec()).collect();
        assert_eq!(secrets.len(), 200);
        for position in 0..32 {
            let bytes: HashSet<u8> = secrets.iter().map(|secret| secret[position]).collect();
            assert!(bytes.len() > 50, "{position}: {}", bytes.len());
        }
    }

    #[test]
    fn the_hash_is_sha_256_of_whatever_was_given() {
        for (given, start) in [("", [0xe3, 0xb0, 0xc4, 0x42]), ("abc", [0xba, 0x78, 0x16, 0xbf])] {
            assert_eq!(RandomSecrets.hash(given).as_bytes()[..4], start);
        }
    }
}
