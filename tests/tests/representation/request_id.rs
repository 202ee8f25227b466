use fasttrack_tests::{Client, Server};
use std::collections::HashSet;

/// Sends a request with this id, and returns the id of the response.
async fn answered(client: &Client, incoming: &[u8]) -> String {
    let answer = client.get("/health/live").header("x-request-id", incoming).await.expect(200);
    let id = answer.header("x-request-id").unwrap().to_owned();
    assert_eq!(answer.json()["meta"]["request_id"], id);
    id
}

#[tokio::test]
async fn request_id_of_1_to_128_visible_characters_is_kept() {
    let server = Server::shared();
    let client = server.anonymous();
    let visible: String = ('!'..='~').collect();
    for id in ["x", "7f3c:4/2", &visible, &"x".repeat(128)] {
        assert_eq!(answered(&client, id.as_bytes()).await, id);
    }
}

#[tokio::test]
async fn invalid_request_id_is_replaced() {
    let server = Server::shared();
    let client = server.anonymous();
    let long = "x".repeat(129);
    for id in ["", "a b", "a\tb", "é", &long] {
        let answered = answered(&client, id.as_bytes()).await;
        assert_ne!(answered, id);
        assert!((1..=128).contains(&answered.len()) && answered.bytes().all(|b| b.is_ascii_graphic()), "{answered}");
    }
    assert_ne!(answered(&client, b"a\xffb").await, "");
}

#[tokio::test]
async fn every_response_has_its_own_request_id() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let path = format!("/projects/{project}");
    let answers = [
        ann.get("/users/me").await.expect(200),
        ann.get(&path).header("if-none-match", "*").await.expect(304),
        ann.get("/tasks?limit=0").await.expect(400),
        server.anonymous().get("/tasks").await.expect(401),
        ann.get("/users").await.expect(403),
        ann.get("/nowhere").await.expect(404),
        ann.delete("/users").await.expect(405),
        ann.delete(&path).await.expect(204),
        ann.get("/.well-known/jwks.json").await.expect(200),
        ann.get("/openapi.json").await.expect(200),
    ];
    let ids: HashSet<_> = answers.iter().map(|answer| answer.header("x-request-id").unwrap()).collect();
    assert_eq!(ids.len(), answers.len());
}
