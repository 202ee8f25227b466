//! Replacing, patching, completing and deleting.

use super::{get, is_todo, path, todo};
use fasttrack_tests::{MISSING, Server, timestamp};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn put_replaces_whole_todo() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({"description": "Deep", "completed": true})).await;
    let before = get(&ann, &one).await;
    let steps = [
        (json!({"title": "Dig"}), json!({"title": "Dig", "description": null, "completed": false}), 2),
        (
            json!({"title": "Dig", "description": "Wide", "completed": true}),
            json!({"title": "Dig", "description": "Wide", "completed": true}),
            3,
        ),
        // The same again changes nothing.
        (
            json!({"completed": true, "title": " Dig ", "description": "Wide"}),
            json!({"title": "Dig", "description": "Wide", "completed": true}),
            3,
        ),
        (json!({"title": "x", "description": null}), json!({"title": "x", "description": null, "completed": false}), 4),
    ];
    for (body, expected, version) in steps {
        let answer = ann.put(&one, body).await.expect(200);
        is_todo(&answer.json(), &ann, &expected);
        assert_eq!(answer.etag(), format!("\"{version}\""));
        assert_eq!(get(&ann, &one).await, answer.json());
        for kept in ["id", "created_at"] {
            assert_eq!(answer.json()[kept], before[kept]);
        }
    }
    ann.put(format!("{}/{MISSING}", path(&ann)), json!({"title": "x"})).await.problem(404, "not_found");
}

#[tokio::test]
async fn patch_changes_only_given_todo_fields() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({"title": "Dig", "description": "Deep"})).await;
    let steps = [
        (json!({}), json!({"title": "Dig", "description": "Deep", "completed": false}), 1),
        (json!({"completed": true}), json!({"title": "Dig", "description": "Deep", "completed": true}), 2),
        (json!({"title": "Plant"}), json!({"title": "Plant", "description": "Deep", "completed": true}), 3),
        (json!({"description": null}), json!({"title": "Plant", "description": null, "completed": true}), 4),
        (json!({"description": ""}), json!({"title": "Plant", "description": "", "completed": true}), 5),
        (json!({"completed": false, "title": "x"}), json!({"title": "x", "description": "", "completed": false}), 6),
        (json!({"completed": false}), json!({"title": "x", "description": "", "completed": false}), 6),
    ];
    for (body, expected, version) in steps {
        let before = get(&ann, &one).await;
        let answer = ann.patch(&one, body).await.expect(200);
        is_todo(&answer.json(), &ann, &expected);
        assert_eq!(answer.etag(), format!("\"{version}\""));
        assert!(timestamp(&before["updated_at"]) <= timestamp(&answer.json()["updated_at"]));
    }
}

#[tokio::test]
async fn complete_sets_given_state_or_toggles() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    let complete = format!("{one}/complete");
    let to = |completed: bool| ann.patch(&complete, json!({"completed": completed}));
    let toggle = || ann.request(Method::PATCH, &complete);
    let steps = [
        (to(false), false, 1),
        (to(true), true, 2),
        (to(true), true, 2),
        (toggle(), false, 3),
        (toggle(), true, 4),
        // Whatever it says of the type of no body.
        (toggle().body("application/json", ""), false, 5),
        (toggle().body("application/merge-patch+json", r#"{"completed": true}"#), true, 6),
        (to(false), false, 7),
    ];
    for (request, completed, version) in steps {
        let answer = request.await.expect(200);
        is_todo(&answer.json(), &ann, &json!({"completed": completed}));
        assert_eq!(answer.etag(), format!("\"{version}\""));
        assert_eq!(get(&ann, &one).await, answer.json());
    }
    let missing = format!("{}/{MISSING}/complete", path(&ann));
    ann.request(Method::PATCH, &missing).await.problem(404, "not_found");
}

#[tokio::test]
async fn deleted_todo_is_404() {
    let server = Server::shared();
    let ann = server.register().await;
    let (one, other) = (todo(&ann, json!({})).await, todo(&ann, json!({})).await);
    let answer = ann.delete(&one).await.expect(204);
    assert_eq!(answer.body, "");
    ann.get(&one).await.problem(404, "not_found");
    ann.delete(&one).await.problem(404, "not_found");
    ann.put(&one, json!({"title": "x"})).await.problem(404, "not_found");
    ann.patch(&one, json!({})).await.problem(404, "not_found");
    ann.request(Method::PATCH, format!("{one}/complete")).await.problem(404, "not_found");
    assert_eq!(ann.get(path(&ann)).await.expect(200).json(), json!([get(&ann, &other).await]));
}

#[tokio::test]
async fn todo_honors_if_match_like_tasks() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    ann.patch(&one, json!({"title": "Two"})).await.expect(200);
    let known = ann.get(&one).header("if-none-match", r#"W/"2""#).await.expect(304);
    assert_eq!((known.etag(), known.body.as_str()), (r#""2""#, ""));
    ann.get(&one).header("if-none-match", r#""1""#).await.expect(200);
    let requests = || {
        [
            ann.put(&one, json!({"title": "x"})),
            ann.patch(&one, json!({"title": "x"})),
            ann.request(Method::PATCH, format!("{one}/complete")),
            ann.delete(&one),
        ]
    };
    for request in requests() {
        request.header("if-match", r#""1""#).await.problem(412, "precondition_failed");
    }
    for request in requests() {
        request.header("if-none-match", "*").await.problem(412, "precondition_failed");
    }
    assert_eq!(get(&ann, &one).await["title"], "Two");
    for (version, request) in (2..).zip(requests()) {
        // Each but the PATCH, which finds its title there, is a version more.
        let version = if version > 3 { version - 1 } else { version };
        let answer = request.header("if-match", format!("\"{version}\"")).await;
        assert!([200, 204].contains(&answer.status), "{answer:#?}");
    }
}
