use super::{prepare, unavailable};
use crate::writers::PATIENCE;
use fasttrack_tests::{Account, PASSWORD, all, eventually, unique_email};
use serde_json::json;
use tokio::time::timeout;

#[tokio::test]
async fn requests_fail_fast_until_database_is_back() {
    let (cluster, server) = prepare();
    let (ann, bob) = (server.register().await, server.register().await);
    let client = server.anonymous();
    let project = ann.project().await;
    let task = format!("/tasks/{}", ann.task(project, json!({})).await);
    let login = json!({"email": ann.email, "password": PASSWORD});
    let refresh = json!({"refresh_token": bob.refresh_token});

    cluster.stop();
    let requests = || {
        [
            client.get("/health/ready"),
            client.post("/auth/register", json!({"email": unique_email("late"), "password": PASSWORD})),
            client.post("/auth/login", login.clone()),
            client.post("/auth/refresh", refresh.clone()),
            bob.log_out(),
            ann.get("/auth/me"),
            ann.get("/projects"),
            ann.get(&task),
            ann.post("/projects", json!({"name": "Yard"})),
            ann.patch(&task, json!({"status": "in_progress"})),
            ann.delete(&task),
        ]
    };
    // One by one, and more at once than there are connections.
    for request in requests() {
        unavailable(timeout(PATIENCE, request).await.unwrap());
    }
    for answer in timeout(2 * PATIENCE, all((0..8).flat_map(|_| requests()))).await.unwrap() {
        unavailable(answer);
    }
    client.get("/health/live").await.expect(200);
    client.get("/.well-known/jwks.json").await.expect(200);
    client.get("/auth/me").await.refused(401, "token_missing");
    client.with_token("garbage").get("/auth/me").await.refused(401, "token_invalid");

    cluster.start_again();
    eventually("the server is ready", async || client.get("/health/ready").await.status == 200).await;
    eventually("tokens are good again", async || ann.get("/auth/me").await.status == 200).await;
    // Nothing of what was refused has happened.
    let after = ann.get(&task).await.expect(200).data();
    assert_eq!((&after["status"], &after["version"]), (&json!("todo"), &json!(1)));
    assert_eq!(ann.get("/projects").await.expect(200).ids(), [project]);
    let tokens = client.post("/auth/refresh", refresh).await.expect(200).data();
    Account::from_tokens(&client, &tokens).await.log_out().await.expect(200);
    for _ in 0..50 {
        ann.patch(&task, json!({"description": "Back"})).await.expect(200);
        Account::log_in(&client, &ann.email, PASSWORD).await;
    }
}

#[tokio::test]
async fn server_stops_while_database_is_down() {
    let (cluster, server) = prepare();
    server.register().await;
    cluster.stop();
    assert_eq!(server.stop().await.code(), Some(0));
    drop(cluster);
}
