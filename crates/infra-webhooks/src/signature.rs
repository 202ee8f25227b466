//! Signatures of Standard Webhooks: HMAC-SHA256 over the message's id, the time of the attempt, and the body.

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::{Engine, engine::general_purpose::STANDARD};
use fasttrack_domain::webhook::WebhookSecret;

// @spec SPEC-025
/// Returns the value of `webhook-signature`: a signature for each secret, with a space between two. `timestamp` is in
/// seconds since 1970.
pub(crate) fn sign(secrets: &[WebhookSecret], message_id: &str, timestamp: i64, body: &str) -> String {
    let signed = format!("{message_id}.{timestamp}.{body}");
    let sign = |secret: &WebhookSecret| {
        let tag = hmac::sign(&Key::new(HMAC_SHA256, secret.key()), signed.as_bytes());
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> WebhookSecret {
        WebhookSecret::parse(text.to_owned()).unwrap()
    }

    // The example of the standard's reference implementations.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIMESTAMP: i64 = 1_614_265_330;
    const BODY: &str = "{\"test\": 2432232314}";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn signature_is_that_of_the_standard() {
        assert_eq!(sign(&[secret(SECRET)], ID, TIMESTAMP, BODY), SIGNATURE);
    }

    #[test]
    fn two_secrets_sign_with_a_space_between() {
        let other = WebhookSecret::new([7; 32]);
        let both = sign(&[other.clone(), secret(SECRET)], ID, TIMESTAMP, BODY);
        assert_eq!(both, format!("{} {SIGNATURE}", sign(&[other], ID, TIMESTAMP, BODY)));
    }

    #[test]
    fn every_signed_part_changes_the_signature() {
        let secrets = [secret(SECRET)];
        for (id, timestamp, body) in
            [("msg_other", TIMESTAMP, BODY), (ID, TIMESTAMP + 1, BODY), (ID, TIMESTAMP, "{\"test\": 2432232315}")]
        {
            assert_ne!(sign(&secrets, id, timestamp, body), SIGNATURE);
        }
    }
}
