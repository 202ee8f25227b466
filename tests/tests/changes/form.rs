//! The form of changes, and that there is one for everything.

use super::{
    Follower, SCOPES, brief, cursor, follow, settle,
    visible::{followed, visible},
};
use chrono::TimeDelta;
use fasttrack_tests::{BARE, Server, eventually, has_fields, timestamp};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn first_answer_has_everything_as_get_returns_it() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "viewer").await;
    let label = ann.post(format!("/projects/{project}/labels"), json!({"name": "Soon"})).await.expect(201);
    let task = ann.task(project, json!({"labels": [label.id()], "assignee_id": bob.id})).await;
    let comment = bob.post(format!("/tasks/{task}/comments"), json!({"body": "Deep"})).await.expect(201);
    settle(&bob).await;

    let mut follower = Follower::new();
    let changes = follower.catch_up(&bob).await;
    let of_project: Vec<_> = changes.iter().filter(|change| change["project_id"] == project).collect();
    let words: Vec<_> = of_project.iter().map(|change| brief(change)).collect();
    let expected = [
        format!("put project {project}"),
        format!("put member {}", ann.id),
        format!("put member {}", bob.id),
        format!("put label {}", label.id()),
        format!("put task {task}"),
        format!("put comment {}", comment.id()),
    ];
    assert_eq!(words, expected);
    let data = |n: usize| of_project[n]["data"].clone();
    assert_eq!(data(0), bob.get(format!("/projects/{project}")).await.expect(200).data());
    let members = bob.get(format!("/projects/{project}/members")).await.expect(200).items();
    assert_eq!([data(1), data(2)], members[..]);
    assert_eq!(data(3), label.data());
    assert_eq!(data(4), bob.get(format!("/tasks/{task}")).await.expect(200).data());
    assert_eq!(data(5), comment.data());
    assert_eq!(follower.things, visible(&bob).await);

    let answer = bob.get(follower.path()).accept(BARE).await.expect(200);
    let page = answer.json();
    has_fields(&page, &["changes", "cursor", "has_more"]);
    assert_eq!((&page["changes"], &page["has_more"]), (&json!([]), &json!(false)));
}

#[tokio::test]
async fn each_change_is_in_the_feed() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let mut follower = follow(&ann).await;
    let ann = &ann;
    let mut sees = async |expected: &[String]| {
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        follower.sees(ann, &expected).await;
    };
    let path = format!("/projects/{project}");
    ann.patch(&path, json!({"name": "Yard"})).await.expect(200);
    sees(&[format!("put project {project}")]).await;

    let label = ann.post(format!("{path}/labels"), json!({"name": "Soon"})).await.expect(201).id();
    sees(&[format!("put label {label}")]).await;
    ann.patch(format!("/labels/{label}"), json!({"color": "#010203"})).await.expect(200);
    sees(&[format!("put label {label}")]).await;

    let tasks = json!({"tasks": [{"title": "Dig"}, {"title": "Sow"}]});
    let made = ann.post(format!("{path}/tasks/bulk"), tasks).await.expect(201).ids();
    let [first, second] = made[..] else { panic!("{made:?}") };
    let both = [format!("put task {first}"), format!("put task {second}")];
    sees(&both).await;
    let changes = json!({"ids": made, "patch": {"description": "Deep", "due": "2030-12-01"}});
    ann.patch(format!("{path}/tasks/bulk"), changes).await.expect(200);
    sees(&both).await;
    for body in [json!({"title": "Weed"}), json!({"parent_id": first}), json!({"reminders": ["2099-01-01T00:00:00Z"]})]
    {
        ann.patch(format!("/tasks/{second}"), body).await.expect(200);
        sees(&both[1..]).await;
    }
    ann.post(format!("/tasks/{second}/move"), json!({"before": first})).await.expect(200);
    sees(&both[1..]).await;
    for method in [Method::PUT, Method::DELETE] {
        ann.request(method, format!("/tasks/{first}/labels/{label}")).await.expect(204);
        sees(&both[..1]).await;
    }

    let comment = ann.comment(second).await;
    sees(&[format!("put comment {comment}")]).await;
    ann.delete(format!("/comments/{comment}")).await.expect(204);
    sees(&[format!("delete comment {comment} deleted")]).await;
    ann.delete(format!("/labels/{label}")).await.expect(204);
    sees(&[format!("delete label {label} deleted")]).await;
    // Tasks under it are deleted as well, each with its comments.
    let comment = ann.comment(second).await;
    sees(&[format!("put comment {comment}")]).await;
    ann.delete(format!("/tasks/{first}")).await.expect(204);
    sees(&[format!("delete task {first} deleted"), format!("delete task {second} deleted")]).await;
    assert_eq!(followed(follower.things, &BTreeSet::new()), followed(visible(ann).await, &BTreeSet::new()));
}

#[tokio::test]
async fn todos_and_the_inbox_are_in_the_feed() {
    let server = Server::shared();
    let ann = server.register().await;
    let mut follower = follow(&ann).await;
    let todo =
        ann.post(format!("/api/{}/tasks", ann.id), json!({"title": "Dig"})).await.expect(201).json()["id"].take();
    let inbox = ann.get(format!("/tasks/{todo}")).await.expect(200).data()["project_id"].take();
    let member = format!("put member {}", ann.id);
    follower.sees(&ann, &[&format!("put project {inbox}"), &member, &format!("put task {todo}")]).await;
    assert_eq!(follower.things, visible(&ann).await);
}

#[tokio::test]
async fn given_reminder_is_a_put_of_its_task() {
    let server = Server::shared();
    let ann = server.register().await;
    let task = ann.task(ann.project().await, json!({})).await;
    let mut follower = follow(&ann).await;
    // The latest thing that the server has made is its marker.
    let made = ann.get("/projects").await.expect(200).items().pop().unwrap()["created_at"].take();
    let at = timestamp(&made) + TimeDelta::seconds(3);
    ann.patch(format!("/tasks/{task}"), json!({"reminders": [at.to_rfc3339()]})).await.expect(200);
    let (key, words) = (("task".to_owned(), task, 0), format!("put task {task}"));
    follower.sees(&ann, &[&words]).await;
    eventually("the reminder is given", async || {
        follower.catch_up(&ann).await;
        follower.things[&key]["reminders"] == json!([])
    })
    .await;
    assert_eq!(follower.things, visible(&ann).await);
}

#[tokio::test]
async fn wrong_positions_and_limits_are_refused() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    server.anonymous().get("/changes").await.refused(401, "token_missing");
    for wrong in ["0", "1001", "x", "-1"] {
        ann.get(format!("/changes?limit={wrong}")).await.invalid(&["query.limit"]);
    }
    ann.get("/changes?limit=1000").await.expect(200);
    let (own, foreign) = (cursor(&ann, "").await, cursor(&bob, "").await);
    ann.get(format!("/changes?since={own}")).await.expect(200);
    let token = ann.api_token(json!({"scopes": SCOPES, "project_ids": [ann.project().await]})).await;
    let narrowed = cursor(&token, "").await;
    for wrong in ["x", "e30", &format!("{own}%3D"), &format!("{own}A"), &foreign, &narrowed] {
        for route in ["/changes", "/changes/stream"] {
            ann.get(format!("{route}?since={wrong}")).await.refused(400, "invalid_cursor");
        }
        ann.get("/changes/stream").header("last-event-id", wrong).await.refused(400, "invalid_cursor");
    }
    token.get(format!("/changes?since={own}")).await.refused(400, "invalid_cursor");
    assert_eq!(server.register().await.get("/changes").await.expect(200).data()["changes"], json!([]));
}
