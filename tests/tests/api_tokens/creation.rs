//! Creation and list.

use super::complete;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fasttrack_tests::{ApiToken, MISSING, Server, all, has_fields, timestamp};
use serde_json::{Value, json};

const FIELDS: [&str; 8] = ["id", "name", "prefix", "scopes", "project_ids", "created_at", "expires_at", "last_used_at"];

#[tokio::test]
async fn token_is_shown_once_in_its_form() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (first, second) = (ann.project().await, ann.project().await);
    let body = json!({
        "name": " Nightly import ", "scopes": ["tasks:write", "projects:read", "tasks:write"],
        "project_ids": [second, first, second], "expires_at": "2999-12-01T10:30:00+01:00",
    });
    let create = |body: Value| ann.post("/auth/tokens", body).header("idempotency-key", "import");
    let answer = create(body).await.expect(201);
    assert_eq!((answer.header("cache-control"), answer.header("location")), (Some("no-store"), None));
    let mut narrow = answer.data();
    let token = ApiToken::of(&ann, &narrow).token;
    narrow.as_object_mut().unwrap().remove("token");
    let secret = &token[3..46];
    assert_eq!((token.len(), token.as_str()), (52, complete(secret).as_str()));
    assert_eq!(URL_SAFE_NO_PAD.decode(secret).unwrap().len(), 32);
    has_fields(&narrow, &FIELDS);
    for (field, value) in [
        ("name", json!("Nightly import")),
        ("prefix", json!(token[..11])),
        ("scopes", json!(["projects:read", "tasks:write"])),
        ("project_ids", json!([first, second])),
        ("expires_at", json!("2999-12-01T09:30:00.000000Z")),
        ("last_used_at", Value::Null),
    ] {
        assert_eq!(narrow[field], value, "{field}");
    }
    timestamp(&narrow["created_at"]);

    // Two may have one name, and null is as good as absent.
    let body = json!({
        "name": "Nightly import", "scopes": ["notifications:read"], "project_ids": null, "expires_at": null,
    });
    // A secret isn't kept for a retry.
    let mut wide = create(body).await.expect(201).data();
    assert_ne!(wide.as_object_mut().unwrap().remove("token").unwrap(), token);
    assert_eq!((&wide["project_ids"], &wide["expires_at"]), (&Value::Null, &Value::Null));

    let listed = ann.get("/auth/tokens").await.expect(200);
    assert_eq!(listed.items(), [narrow.clone(), wide.clone()]);
    assert!(!listed.body.contains(secret), "{listed:#?}");
    let page = ann.get("/auth/tokens?limit=1").await.expect(200).data();
    assert_eq!((&page["items"], &page["has_more"]), (&json!([narrow]), &json!(true)));
    let rest = format!("/auth/tokens?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = ann.get(rest).await.expect(200).data();
    assert_eq!(rest, json!({"items": [wide], "next_cursor": null, "has_more": false}));
    ann.get("/auth/tokens?limit=0").await.invalid(&["query.limit"]);
    ann.get("/auth/tokens?cursor=x").await.refused(400, "invalid_cursor");
    assert_eq!(bob.get("/auth/tokens").await.expect(200).items(), Vec::<Value>::new());
}

#[tokio::test]
async fn wrong_values_are_named() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let (own, seen, foreign) = (ann.project().await, bob.project().await, bob.project().await);
    bob.share(seen, &ann, "viewer").await;
    bob.task(foreign, json!({"assignee_id": ann.id})).await;
    let create = |changes: Value| {
        let mut body = json!({"name": "CI", "scopes": ["tasks:read"]});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    };
    let past = "2026-01-01T00:00:00Z";
    for (changes, field, code) in [
        (json!({"name": " "}), "name", "too_short"),
        (json!({"name": "é".repeat(101)}), "name", "too_long"),
        (json!({"name": "a\0"}), "name", "nul_character"),
        (json!({"name": null}), "name", "wrong_type"),
        (json!({"scopes": []}), "scopes", "too_few"),
        (json!({"scopes": null}), "scopes", "wrong_type"),
        (json!({"scopes": ["tasks"]}), "scopes.0", "invalid"),
        (json!({"scopes": ["tasks:read", "users:write"]}), "scopes.1", "invalid"),
        (json!({"project_ids": []}), "project_ids", "too_few"),
        (json!({"project_ids": (1..=101).collect::<Vec<_>>()}), "project_ids", "too_many"),
        (json!({"project_ids": [own, "1"]}), "project_ids.1", "wrong_type"),
        (json!({"project_ids": [own, foreign]}), "project_ids.1", "unknown_project"),
        (json!({"project_ids": [MISSING, own]}), "project_ids.0", "unknown_project"),
        (json!({"project_ids": [own], "scopes": ["notifications:write"]}), "project_ids", "invalid"),
        (json!({"expires_at": past}), "expires_at", "past"),
        (json!({"expires_at": "2999-12-01"}), "expires_at", "invalid"),
        (json!({"user_id": bob.id}), "user_id", "unknown_field"),
        (json!({"token": complete("x")}), "token", "unknown_field"),
    ] {
        ann.post("/auth/tokens", create(changes)).await.invalid_as(field, code);
    }
    ann.post("/auth/tokens", json!({})).await.invalid(&["name", "scopes"]);
    let all = json!({"scopes": ["notifications:read"], "project_ids": [foreign], "expires_at": past});
    ann.post("/auth/tokens", create(all)).await.invalid(&["project_ids", "project_ids.0", "expires_at"]);
    assert_eq!(ann.get("/auth/tokens").await.expect(200).items(), Vec::<Value>::new());

    // Whatever it may read; an administrator any project that there is.
    ann.post("/auth/tokens", create(json!({"project_ids": [seen, own], "name": "é".repeat(100)}))).await.expect(201);
    admin.post("/auth/tokens", create(json!({"project_ids": [foreign]}))).await.expect(201);
    let missing = create(json!({"project_ids": [MISSING]}));
    admin.post("/auth/tokens", missing).await.invalid_as("project_ids.0", "unknown_project");
}

#[tokio::test]
async fn user_has_at_most_50_live_tokens() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let body = json!({"name": "CI", "scopes": ["tasks:read"]});
    let create = || ann.post("/auth/tokens", body.clone()).into_future();
    let answers = all((0..60).map(|_| create())).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (50, 10));
    for answer in refused {
        answer.refused(409, "quota_exceeded");
    }
    bob.post("/auth/tokens", body.clone()).await.expect(201);

    // Neither a revoked one counts nor one that has expired.
    ann.delete(format!("/auth/tokens/{}", made[0].id())).await.expect(204);
    let expired = made[1].id();
    server.installation().sql(&format!("UPDATE api_tokens SET expires_at = created_at WHERE id = {expired}"));
    for _ in 0..2 {
        create().await.expect(201);
    }
    create().await.refused(409, "quota_exceeded");
    let listed = ann.get("/auth/tokens?limit=100").await.expect(200).ids();
    assert!(listed.len() == 51 && listed.contains(&expired), "{listed:?}");
}
