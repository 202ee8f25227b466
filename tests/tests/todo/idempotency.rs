use super::path;
use fasttrack_tests::{Account, Request, Server, all};
use serde_json::{Value, json};

fn keyed(account: &Account, body: &Value, key: &str) -> Request {
    account.post(path(account), body.clone()).header("idempotency-key", key)
}

async fn count(account: &Account) -> usize {
    account.get(path(account)).await.expect(200).json().as_array().unwrap().len()
}

#[tokio::test]
async fn repeated_todo_request_gets_first_response() {
    let server = Server::shared();
    let ann = server.register().await;
    let body = json!({"title": "Dig", "completed": true});
    let first = keyed(&ann, &body, "k").await.expect(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    let location = first.header("location").unwrap();
    ann.put(location, json!({"title": "Changed"})).await.expect(200);
    for round in 0..2 {
        let again = keyed(&ann, &body, "k").await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.json(), first.json());
        for header in ["location", "etag", "content-type"] {
            assert_eq!(again.header(header), first.header(header));
        }
        assert_eq!(count(&ann).await, 1 - round);
        if round == 0 {
            ann.delete(location).await.expect(204);
        }
    }
}

#[tokio::test]
async fn todo_key_is_bound_to_one_request() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let body = json!({"title": "Dig"});
    keyed(&ann, &body, "k").await.expect(201);
    keyed(&ann, &json!({"title": "Mow"}), "k").await.problem(422, "idempotency_key_reused");
    let project = ann.post("/projects", json!({"name": "Dig"})).header("idempotency-key", "k").await;
    project.refused(422, "idempotency_key_reused");
    // Each has keys of their own, and who isn't allowed isn't told of any.
    keyed(&bob, &body, "k").await.expect(201);
    let refused = bob.post(path(&ann), body.clone()).header("idempotency-key", "k").await;
    refused.problem(403, "forbidden");
    let wrong = keyed(&ann, &json!({}), "a b").await.problem(400, "validation_failed");
    assert_eq!(wrong, ["header.idempotency-key", "title"]);
    assert_eq!(count(&ann).await, 1);
}

#[tokio::test]
async fn concurrent_todos_with_one_key_create_once() {
    let server = Server::shared();
    let ann = server.register().await;
    let answers = all((0..20).map(|_| keyed(&ann, &json!({"title": "Dig"}), "k"))).await;
    let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_some()).count();
    assert_eq!(replayed, 19);
    let first = answers[0].json();
    for answer in answers {
        assert_eq!(answer.expect(201).json(), first);
    }
    assert_eq!(ann.get(path(&ann)).await.expect(200).json(), json!([first]));
}
