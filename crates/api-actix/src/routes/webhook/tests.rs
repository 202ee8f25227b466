use super::body::{CreateWebhookBody, PatchWebhookBody};
use crate::{http::error::ApiError, input::fault::Faults};
use deserr::Deserr;
use fasttrack_domain::webhook::{WebhookEventType, WebhookPatch, WebhookTypes};
use serde_json::{Value as Json, json};

const URL: &str = "https://example.org/hook";

fn body<T: Deserr<Faults>>(json: &Json) -> Result<T, Faults> {
    deserr::deserialize::<T, _, Faults>(json.clone())
}

/// The faults as fields and codes, ascending; none of what is accepted.
fn faults<T>(parsed: Result<T, Faults>) -> Vec<(String, &'static str)> {
    let details = parsed.err().map(|faults| ApiError::from(faults).details).unwrap_or_default();
    let mut faults: Vec<_> = details.into_iter().map(|detail| (detail.field, detail.code)).collect();
    faults.sort_unstable();
    faults
}

#[test]
fn wrong_member_of_a_webhook_is_named() {
    for (member, value, field, code) in [
        ("url", json!(null), "url", "wrong_type"),
        ("url", json!(7), "url", "wrong_type"),
        ("url", json!(""), "url", "too_short"),
        ("url", json!("ftp://example.org"), "url", "invalid"),
        ("url", json!(format!("{URL}/{}", "a".repeat(2_000))), "url", "too_long"),
        ("types", json!(null), "types", "wrong_type"),
        ("types", json!("task.created"), "types", "wrong_type"),
        ("types", json!([]), "types", "too_few"),
        ("types", json!(["task.created", "ping"]), "types.1", "invalid"),
        ("types", json!(["task.created", null]), "types.1", "wrong_type"),
        ("secret", json!("whsec_"), "secret", "unknown_field"),
    ] {
        let mut webhook = json!({"url": URL});
        webhook[member] = value;
        let expected = [(field.to_owned(), code)];
        assert_eq!(faults(body::<CreateWebhookBody>(&webhook)), expected, "{webhook}");
        assert_eq!(faults(body::<PatchWebhookBody>(&webhook)), expected, "{webhook}");
    }
    let patch = json!({"is_active": null, "project_id": 2});
    let expected = [("is_active".to_owned(), "wrong_type"), ("project_id".to_owned(), "unknown_field")];
    assert_eq!(faults(body::<PatchWebhookBody>(&patch)), expected);
    let create = json!({"url": URL, "is_active": false});
    assert_eq!(faults(body::<CreateWebhookBody>(&create)), [("is_active".to_owned(), "unknown_field")]);
    assert_eq!(faults(body::<CreateWebhookBody>(&json!({}))), [("url".to_owned(), "required")]);
}

#[test]
fn equal_types_collapse_in_the_order_of_the_document() {
    let webhook = json!({"url": URL, "types": ["member.added", "task.created", "member.added"]});
    let types = body::<CreateWebhookBody>(&webhook).unwrap().types.0.unwrap();
    assert_eq!(types.as_slice(), [WebhookEventType::TaskCreated, WebhookEventType::MemberAdded]);
    assert!(body::<CreateWebhookBody>(&json!({"url": URL})).unwrap().types.0.is_none());
}

#[test]
fn absent_fields_of_a_patch_stay() {
    let patch = WebhookPatch::from(body::<PatchWebhookBody>(&json!({})).unwrap());
    assert_eq!((patch.url, patch.types, patch.is_active), (None, None, None));
    let patch = WebhookPatch::from(body::<PatchWebhookBody>(&json!({"types": ["task.deleted"]})).unwrap());
    let expected = WebhookTypes::parse(vec![WebhookEventType::TaskDeleted]).unwrap();
    assert_eq!((patch.types, patch.is_active), (Some(expected), None));
}
