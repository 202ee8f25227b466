//! Webhooks are created, listed, changed and deleted.

use super::{TYPES, Webhook, shared, without};
use fasttrack_tests::{Account, BARE, Server, has_fields, timestamp};
use serde_json::{Value, json};

/// Nothing happens in the projects of these webhooks, so that nothing is sent.
const URL: &str = "https://hooks.example.org/fasttrack?key=sesame";

#[tokio::test]
async fn webhook_is_created_read_changed_and_deleted() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let list = format!("/projects/{project}/webhooks");
    let created = ann.post(&list, json!({"url": URL})).await.expect(201);
    let path = format!("/webhooks/{}", created.id());
    assert_eq!(created.header("location"), Some(path.as_str()));
    assert_eq!(created.header("cache-control"), Some("no-store"));
    let secret = created.data()["secret"].as_str().unwrap().to_owned();
    // 32 bytes in base64.
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{}", secret.len());
    let webhook = without(created.data(), "secret");
    has_fields(&webhook, &["id", "project_id", "url", "types", "is_active", "created_at", "updated_at"]);
    assert_eq!((&webhook["project_id"], &webhook["url"]), (&json!(project), &json!(URL)));
    assert_eq!((&webhook["types"], &webhook["is_active"]), (&json!(TYPES), &json!(true)));
    assert_eq!(ann.get(&path).await.expect(200).data(), webhook);
    assert_eq!(ann.get(&path).accept(BARE).await.expect(200).json(), webhook);

    let types = json!(["member.added", "task.created", "member.added"]);
    let other = ann.post(&list, json!({"url": URL, "types": types})).await.expect(201);
    assert_eq!(other.data()["types"], json!(["task.created", "member.added"]));
    assert_ne!(other.data()["secret"], secret);
    assert_eq!(ann.get(&list).await.expect(200).items(), [webhook.clone(), without(other.data(), "secret")]);
    let first = ann.get(format!("{list}?limit=1")).await.expect(200).data();
    assert_eq!((&first["items"], &first["has_more"]), (&json!([webhook]), &json!(true)));

    let change = json!({"url": "https://hooks.example.org", "types": ["comment.created"], "is_active": false});
    let changed = ann.patch(&path, change.clone()).await.expect(200).data();
    for (field, value) in change.as_object().unwrap() {
        assert_eq!(&changed[field], value);
    }
    assert_eq!(changed["created_at"], webhook["created_at"]);
    assert!(timestamp(&changed["updated_at"]) > timestamp(&webhook["updated_at"]), "{changed:#}");
    assert_eq!(ann.patch(&path, change).await.expect(200).data(), changed, "nothing changes");
    assert_eq!(ann.get(&path).await.expect(200).data(), changed);

    ann.delete(&path).await.expect(204);
    ann.get(&path).await.refused(404, "not_found");
    ann.delete(&path).await.refused(404, "not_found");
    assert_eq!(ann.get(&list).await.expect(200).ids(), [other.id()]);
}

#[tokio::test]
async fn wrong_webhook_values_are_named() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let list = format!("/projects/{project}/webhooks");
    let path = Webhook::create(&ann, project, json!({"url": URL})).await.path();
    for (url, code) in [
        (json!("http://hooks.example.org"), "https_required"),
        (json!("https://ann:sesame@hooks.example.org"), "credentials"),
        (json!("https://127.0.0.1:8443/hook"), "forbidden_address"),
        (json!("https://2130706433"), "forbidden_address"),
        (json!("https://169.254.169.254/latest/meta-data"), "forbidden_address"),
        (json!("https://10.1.2.3"), "forbidden_address"),
        (json!("https://[::1]"), "forbidden_address"),
        (json!("https://[::ffff:10.1.2.3]"), "forbidden_address"),
        (json!("https://localhost"), "forbidden_address"),
        (json!("ftp://hooks.example.org"), "invalid"),
        (json!("hooks.example.org"), "invalid"),
        (json!(""), "too_short"),
        (json!(format!("{URL}{}", "a".repeat(2_000))), "too_long"),
        (json!("https://hooks.example.org/\u{0}"), "nul_character"),
        (json!(null), "wrong_type"),
    ] {
        for request in [ann.post(&list, json!({"url": url})), ann.patch(&path, json!({"url": url}))] {
            let refused = request.await.invalid_as("url", code);
            assert!(!refused.body.contains("sesame"), "{refused:#?}");
        }
    }
    for (types, field, code) in [
        (json!([]), "types", "too_few"),
        (json!(null), "types", "wrong_type"),
        (json!("task.created"), "types", "wrong_type"),
        (json!(["task.created", "task.renamed"]), "types.1", "invalid"),
        (json!(["ping"]), "types.0", "invalid"),
    ] {
        ann.post(&list, json!({"url": URL, "types": types})).await.invalid_as(field, code);
        ann.patch(&path, json!({"types": types})).await.invalid_as(field, code);
    }
    ann.post(&list, json!({})).await.invalid_as("url", "required");
    ann.post(&list, json!({"url": URL, "secret": "whsec_"})).await.invalid_as("secret", "unknown_field");
    ann.patch(&path, json!({"is_active": null})).await.invalid_as("is_active", "wrong_type");
    ann.patch(&path, json!({"project_id": project})).await.invalid_as("project_id", "unknown_field");
    assert_eq!(ann.get(&list).await.expect(200).items().len(), 1);
}

#[tokio::test]
async fn allowed_networks_are_exceptions_for_both_schemes() {
    let server = shared();
    let ann = server.register().await;
    let list = format!("/projects/{}/webhooks", ann.project().await);
    for url in ["http://127.0.0.1:9", "https://127.9.9.9", "http://localhost:9"] {
        ann.post(&list, json!({"url": url})).await.expect(201);
    }
    for (url, code) in [
        ("http://1.1.1.1", "https_required"),
        ("http://hooks.invalid", "https_required"),
        ("https://10.1.2.3", "forbidden_address"),
        ("http://[::1]", "forbidden_address"),
    ] {
        ann.post(&list, json!({"url": url})).await.invalid_as("url", code);
    }
}

async fn read(account: &Account, webhook: &Webhook) -> u16 {
    account.get(webhook.path()).await.status
}

#[tokio::test]
async fn webhooks_stay_with_their_project() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let webhook = Webhook::create(&ann, project, json!({"url": URL, "types": ["member.added"]})).await;
    assert_eq!(read(&bob, &webhook).await, 403);
    ann.post(format!("/projects/{project}/transfer"), json!({"user_id": bob.id})).await.expect(200);
    ann.get(webhook.path()).await.refused(403, "forbidden");
    ann.get(format!("/projects/{project}/webhooks")).await.refused(403, "forbidden");
    assert_eq!(read(&bob, &webhook).await, 200);
    bob.delete(format!("/projects/{project}")).await.expect(204);
    for answer in [bob.get(webhook.path()).await, bob.get(format!("{}/deliveries", webhook.path())).await] {
        answer.refused(404, "not_found");
    }
}

#[tokio::test]
async fn inbox_has_webhooks_too() {
    let server = Server::shared();
    let ann = server.register().await;
    ann.post(format!("/api/{}/tasks", ann.id), json!({"title": "Dig"})).await.expect(201);
    let inbox = ann.get("/projects").await.expect(200).ids()[0];
    let webhook = Webhook::create(&ann, inbox, json!({"url": URL, "types": ["member.added"]})).await;
    assert_eq!(ann.get(webhook.path()).await.expect(200).data()["project_id"], Value::from(inbox));
}
