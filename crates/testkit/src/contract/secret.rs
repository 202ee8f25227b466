//! Random secrets: [`SecretSource`] alone.

use fasttrack_domain::ports::secret::SecretSource;
use std::collections::HashSet;

contract! { $
    secret { secrets: SecretSource }
    a_drawn_secret_has_its_hash,
    an_api_token_has_its_prefix_and_hash,
    secrets_and_hashes_are_unique,
    secrets_of_webhooks_are_unique,
    another_text_has_another_hash,
}

async fn a_drawn_secret_has_its_hash(ports: &Ports) {
    let drawn = ports.secrets.draw();
    assert_eq!(ports.secrets.hash(drawn.secret.expose()), drawn.hash);
}

async fn an_api_token_has_its_prefix_and_hash(ports: &Ports) {
    let [drawn, other] = [ports.secrets.draw_api_token(), ports.secrets.draw_api_token()];
    let text = drawn.secret.expose();
    assert!(text.starts_with("ft_"));
    assert_eq!(text.len(), 52);
    assert_eq!(ports.secrets.hash(text), drawn.hash);
    assert_ne!(other.secret, drawn.secret);
}

async fn secrets_and_hashes_are_unique(ports: &Ports) {
    let (mut secrets, mut hashes) = (HashSet::new(), HashSet::new());
    for _ in 0..1_000 {
        let drawn = ports.secrets.draw();
        assert!(secrets.insert(drawn.secret.expose().to_owned()));
        assert!(hashes.insert(*drawn.hash.as_bytes()));
    }
}

async fn secrets_of_webhooks_are_unique(ports: &Ports) {
    let mut keys = HashSet::new();
    for _ in 0..1_000 {
        let secret = ports.secrets.draw_webhook_secret();
        assert_eq!(secret.key().len(), 32);
        assert!(keys.insert(secret.key().to_owned()));
    }
}

async fn another_text_has_another_hash(ports: &Ports) {
    let drawn = ports.secrets.draw();
    let text = drawn.secret.expose();
    for other in ["", &text[1..], &format!("{text} ")] {
        assert_ne!(ports.secrets.hash(other), drawn.hash, "{other}");
    }
}
