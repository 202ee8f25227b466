//! Access to todos.

use super::{encoded, get, path, todo};
use fasttrack_tests::{Account, Answer, Client, MISSING, Server};
use reqwest::Method;
use serde_json::{Value, json};

/// Every operation on one todo, and on all of them.
fn operations(todos: &str, id: impl std::fmt::Display) -> [(Method, String, Value); 7] {
    [
        (Method::GET, todos.to_owned(), Value::Null),
        (Method::POST, todos.to_owned(), json!({"title": "Dig"})),
        (Method::GET, format!("{todos}/{id}"), Value::Null),
        (Method::PUT, format!("{todos}/{id}"), json!({"title": "Dig"})),
        (Method::PATCH, format!("{todos}/{id}"), json!({"title": "Dig"})),
        (Method::PATCH, format!("{todos}/{id}/complete"), Value::Null),
        (Method::DELETE, format!("{todos}/{id}"), Value::Null),
    ]
}

async fn send(client: &Client, (method, path, body): (Method, String, Value)) -> Answer {
    match body {
        Value::Null => client.request(method, path).await,
        body => client.request(method, path).body("application/json", body.to_string()).await,
    }
}

fn id(todo: &str) -> &str {
    todo.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn user_id_of_another_user_is_forbidden() {
    let server = Server::shared();
    let (ann, eve, admin) = (server.register().await, server.register().await, server.admin().await);
    let one = todo(&ann, json!({})).await;
    todo(&admin, json!({})).await;
    let before = get(&ann, &one).await;
    for actor in [&eve, &admin] {
        let own = actor.id;
        let others = [
            ann.id.to_string(),
            MISSING.to_string(),
            "0".to_owned(),
            "-1".to_owned(),
            format!("0{own}"),
            format!("+{own}"),
            format!("{own}%20"),
            format!("{own}%00"),
            format!("{own}%2F"),
            format!("%25{own}"),
            format!("{own}.0"),
            "me".to_owned(),
            "auth".to_owned(),
            "%FF".to_owned(),
            "%C3%A9".to_owned(),
            "x".repeat(300),
            "99999999999999999999".to_owned(),
        ];
        for other in others {
            for id in [id(&one), "9223372036854775807"] {
                for operation in operations(&format!("/api/{other}/tasks"), id) {
                    send(actor, operation).await.problem(403, "forbidden");
                }
            }
        }
    }
    assert_eq!(get(&ann, &one).await, before);
    assert_eq!(eve.get("/projects").await.expect(200).items(), [] as [Value; 0]);
}

#[tokio::test]
async fn own_user_id_may_be_percent_encoded() {
    let server = Server::shared();
    let ann = server.register().await;
    let encoded = encoded(&ann.id.to_string());
    let made = ann.post(format!("/api/{encoded}/tasks"), json!({"title": "Dig"})).await.expect(201);
    assert_eq!(made.json()["user_id"], ann.id);
    let location = made.header("location").unwrap();
    assert_eq!(location, format!("/api/{encoded}/tasks/{}", made.json()["id"]));
    assert_eq!(ann.get(location).await.expect(200).json(), made.json());
}

/// Returns ids of tasks that the account can read, some of which it can change, and that are not its todos.
async fn others(ann: &Account, eve: &Account, admin: &Account) -> [i64; 4] {
    let (own, eves) = (ann.project().await, eve.project().await);
    let eves_todo = todo(eve, json!({})).await;
    [
        ann.task(own, json!({})).await,
        eve.task(eves, json!({"assignee_id": ann.id})).await,
        id(&eves_todo).parse().unwrap(),
        id(&todo(admin, json!({})).await).parse().unwrap(),
    ]
}

#[tokio::test]
async fn task_outside_own_inbox_is_404() {
    let server = Server::shared();
    let (ann, eve, admin) = (server.register().await, server.register().await, server.admin().await);
    let no_todos = others(&ann, &eve, &admin).await;
    // Without an Inbox, and with one.
    for _ in 0..2 {
        for id in no_todos.into_iter().chain([0, -1, MISSING]) {
            for (method, path, body) in operations(&path(&ann), id).into_iter().skip(2) {
                send(&ann, (method, path, body)).await.problem(404, "not_found");
            }
        }
        todo(&ann, json!({})).await;
    }
    for id in no_todos {
        admin.get(format!("/tasks/{id}")).await.expect(200);
    }
    assert_eq!(ann.get(path(&ann)).await.expect(200).json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn todos_need_a_token() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    for todos in [path(&ann), "/api/x/tasks".to_owned()] {
        for operation in operations(&todos, id(&one)) {
            let answer = send(&server.anonymous(), operation.clone()).await;
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            answer.problem(401, "token_missing");
            send(&server.anonymous().with_token("x"), operation).await.problem(401, "token_invalid");
        }
    }
}

#[tokio::test]
async fn form_precedes_owner_and_owner_precedes_existence() {
    let server = Server::shared();
    let (ann, eve) = (server.register().await, server.register().await);
    let one = todo(&ann, json!({})).await;
    assert_eq!(eve.post(path(&ann), json!({})).await.problem(400, "validation_failed"), ["title"]);
    assert_eq!(eve.put(&one, json!({"title": 1})).await.problem(400, "validation_failed"), ["title"]);
    let wrong = eve.get("/api/garbage/tasks/x").await;
    assert_eq!(wrong.problem(400, "validation_failed"), ["path.task_id"]);
    let wrong = eve.get(format!("{}?limit=0", path(&ann))).await;
    assert_eq!(wrong.problem(400, "validation_failed"), ["query.limit"]);
    let text = eve.request(Method::PATCH, &one).body("text/plain", "{}").await;
    text.problem(415, "unsupported_media_type");
    // A version that doesn't stand, of a todo that isn't hers.
    eve.delete(&one).header("if-match", r#""9""#).await.problem(403, "forbidden");
    eve.delete(format!("{}/{MISSING}", path(&eve))).header("if-match", r#""9""#).await.problem(404, "not_found");
}
