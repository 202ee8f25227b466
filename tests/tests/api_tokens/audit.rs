//! Audit.

use super::lacks_scope;
use fasttrack_tests::Server;
use serde_json::{Value, json};

#[tokio::test]
async fn tokens_and_refusals_of_scope_are_audited() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let project = ann.project().await;
    let token = ann
        .api_token(json!({
            "scopes": ["tasks:write", "projects:read"], "project_ids": [project],
            "expires_at": "2999-12-01T09:30:00Z",
        }))
        .await;
    lacks_scope(token.delete(format!("/projects/{project}")).await, Some("projects:write"));
    ann.delete(token.path()).await.expect(204);
    ann.delete(token.path()).await.expect(404);

    let lines = admin.get(format!("/audit?object=token/{}", token.id)).await.expect(200).items();
    let created = json!({
        "user_id": [null, ann.id], "name": [null, "CI"], "scopes": [null, "projects:read tasks:write"],
        "project_ids": [null, project.to_string()], "expires_at": [null, "2999-12-01T09:30:00Z"],
    });
    let told: Vec<_> = lines.iter().map(|line| (&line["action"], &line["actor_id"], &line["changes"])).collect();
    let by = json!(ann.id);
    assert_eq!(told, [(&json!("token.revoked"), &by, &json!({})), (&json!("token.created"), &by, &created)]);
    assert!(lines.iter().all(|line| line["ip"] == "127.0.0.1" && line["request_id"].is_string()), "{lines:#?}");
    let own = admin.get(format!("/audit?actor_id={}", ann.id)).await.expect(200).items();
    let forbidden: Vec<_> = own.iter().filter(|line| line["action"] == "request.forbidden").collect();
    assert_eq!((forbidden.len(), &forbidden[0]["object"]), (1, &json!(format!("project/{project}"))), "{own:#?}");
    assert!(!Value::from(own).to_string().contains(&token.token[11..]));
    assert!(!server.log().contains(&token.token[3..]));
}
