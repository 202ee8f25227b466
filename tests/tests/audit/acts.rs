//! Audit of administrators' actions on objects of others.

use super::{about, told};
use fasttrack_tests::{Account, Installation, PASSWORD, Server, timestamp, unique_email};
use serde_json::{Value, json};

#[tokio::test]
async fn every_action_of_an_admin_is_audited() {
    let server = Server::shared();
    let (admin, ann) = (server.admin().await, server.register().await);
    let project = ann.project().await;
    let doomed = ann.project().await;
    let task = ann.task(project, json!({})).await;
    let gone = ann.task(project, json!({})).await;
    let comment = ann.comment(task).await;

    let user = json!({"role": "admin", "display_name": "Ann \"the\" Great\n"});
    admin.patch(format!("/users/{}", ann.id), user).await.expect(200);
    admin.patch(format!("/users/{}", ann.id), json!({"role": "user", "is_active": false})).await.expect(200);
    admin.patch(format!("/projects/{project}"), json!({"name": "Yard", "description": null})).await.expect(200);
    admin.delete(format!("/projects/{doomed}")).await.expect(204);
    let made = admin.task(project, json!({"title": "Weed", "assignee_id": admin.id})).await;
    admin.patch(format!("/tasks/{task}"), json!({"status": "in_progress", "priority": "high"})).await.expect(200);
    admin.delete(format!("/tasks/{gone}")).await.expect(204);
    let said = admin.comment(task).await;
    admin.delete(format!("/comments/{comment}")).await.expect(204);
    // What changes nothing is no act.
    admin.patch(format!("/tasks/{task}"), json!({"priority": "high"})).await.expect(200);

    let by = Some(admin.id);
    let lines = about(&admin, &format!("user/{}", ann.id)).await;
    let renamed = json!({"display_name": [ann.name(), "Ann \"the\" Great"], "role": ["user", "admin"]});
    let demoted = json!({"role": ["admin", "user"], "is_active": [true, false]});
    assert_eq!(told(&lines)[..2], [("user.updated", by, &demoted), ("user.updated", by, &renamed)]);
    for (object, action, changes) in [
        (format!("project/{project}"), "project.updated", json!({"name": ["Garden", "Yard"]})),
        (format!("project/{doomed}"), "project.deleted", json!({"name": ["Garden", null], "owner_id": [ann.id, null]})),
        (
            format!("task/{made}"),
            "task.created",
            json!({
                "title": [null, "Weed"], "project_id": [null, project], "status": [null, "todo"],
                "priority": [null, "medium"], "assignee_id": [null, admin.id],
            }),
        ),
        (
            format!("task/{task}"),
            "task.updated",
            json!({"status": ["todo", "in_progress"], "priority": ["medium", "high"]}),
        ),
        (
            format!("task/{gone}"),
            "task.deleted",
            json!({"title": ["Water the roses", null], "project_id": [project, null]}),
        ),
        (format!("comment/{said}"), "comment.created", json!({"task_id": [null, task]})),
        (
            format!("comment/{comment}"),
            "comment.deleted",
            json!({"task_id": [task, null], "author_id": [ann.id, null]}),
        ),
    ] {
        let lines = about(&admin, &object).await;
        assert_eq!(told(&lines), [(action, by, &changes)], "{object}");
    }
}

#[tokio::test]
async fn audit_line_has_time_and_client_ip() {
    let server = Server::shared();
    let (admin, ann) = (server.admin().await, server.register().await);
    let patch = admin.patch(format!("/users/{}", ann.id), json!({"role": "admin"}));
    let answer = patch.header("X-Request-Id", "act-1").await.expect(200);
    let line = about(&admin, &format!("user/{}", ann.id)).await[0].clone();
    let fields = ["id", "at", "actor_id", "action", "object", "changes", "ip", "request_id"];
    fasttrack_tests::has_fields(&line, &fields);
    assert_eq!((&line["ip"], &line["request_id"]), (&json!("127.0.0.1"), &json!("act-1")));
    assert_eq!(line["object"], format!("user/{}", ann.id));
    assert_eq!(timestamp(&line["at"]), timestamp(&answer.data()["updated_at"]));
}

#[tokio::test]
async fn changes_to_own_objects_are_not_audited() {
    let server = Server::shared();
    for account in [server.admin().await, server.register().await] {
        let project = account.project().await;
        let task = account.task(project, json!({})).await;
        account.patch(format!("/projects/{project}"), json!({"name": "Yard"})).await.expect(200);
        account.patch(format!("/tasks/{task}"), json!({"title": "Weed"})).await.expect(200);
        let comment = account.comment(task).await;
        account.delete(format!("/comments/{comment}")).await.expect(204);
        account.delete(format!("/tasks/{task}")).await.expect(204);
        account.delete(format!("/projects/{project}")).await.expect(204);
        let admin = server.admin().await;
        for object in [format!("project/{project}"), format!("task/{task}"), format!("comment/{comment}")] {
            assert_eq!(about(&admin, &object).await, Vec::<Value>::new(), "{object}");
        }
    }
}

#[tokio::test]
async fn refused_action_is_not_audited_as_done() {
    let server = Server::start();
    let admin = server.admin().await;
    // The last active admin.
    admin.patch(format!("/users/{}", admin.id), json!({"role": "user"})).await.refused(409, "conflict");
    let lines = about(&admin, &format!("user/{}", admin.id)).await;
    assert!(lines.iter().all(|line| line["action"] != "user.updated"), "{lines:#?}");
}

#[tokio::test]
async fn account_changes_by_command_line_are_audited() {
    let server = Server::shared();
    let installation = server.installation();
    let email = unique_email("made");
    installation.create_admin(&email).await;
    let set = installation.command(["user", "set-password", "--email", &email]);
    set.input("another horse battery").run().await.succeeded();
    let made = Account::log_in(&server.anonymous(), &email, "another horse battery").await;

    let lines = about(&made, &format!("user/{}", made.id)).await;
    let changes = json!({"email": [null, email], "role": [null, "admin"]});
    assert_eq!(
        told(&lines)[1..],
        [("user.password_set", None, &json!({})), ("user.created", None, &changes)],
        "{lines:#?}"
    );
    assert_eq!((&lines[2]["ip"], &lines[2]["request_id"]), (&Value::Null, &Value::Null));
    assert!(!format!("{lines:?}").contains("horse"), "{lines:#?}");
}

#[tokio::test]
async fn audit_line_in_log_is_always_json() {
    let server = Installation::new().with("LOG_FORMAT", "json").start();
    let (admin, ann) = (server.admin().await, server.register().await);
    let name = "\"}\n{\"target\":\"fasttrack::audit\" \u{2028}\u{1b}[31m";
    admin.patch(format!("/users/{}", ann.id), json!({"display_name": name})).await.expect(200);
    server.anonymous().post("/auth/login", json!({"email": name, "password": PASSWORD})).await.expect(401);
    let listed = admin.get("/audit?limit=100").await.expect(200).items();
    server.terminate();
    let log = server.log_at_end().await;
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let lines: Vec<_> = lines.into_iter().filter(|line| line["target"] == "fasttrack::audit").collect();
    // Two admins would be told of by the command line's own log.
    let of_server: Vec<_> = listed.iter().filter(|line| line["ip"] != Value::Null).collect();
    assert_eq!(lines.len(), of_server.len(), "{log}");
    for (line, listed) in lines.iter().rev().zip(of_server) {
        let field = |name: &str| if line[name].is_null() { line["fields"][name].clone() } else { line[name].clone() };
        assert_eq!(field("action"), listed["action"], "{line}");
        assert_eq!(field("actor_id"), listed["actor_id"], "{line}");
        assert_eq!(field("object"), listed["object"], "{line}");
        assert_eq!(field("request_id"), listed["request_id"], "{line}");
        let changes: Value = serde_json::from_str(field("changes").as_str().unwrap()).unwrap();
        assert_eq!(changes, listed["changes"], "{line}");
    }
}
