//! DELETE `/users/{id}?reassign_to=`.

use super::is_unknown;
use fasttrack_tests::{Account, Installation, Request, Server, unique_email};
use serde_json::{Value, json};

fn erase(admin: &Account, user: &Account, receiver: &Account) -> Request {
    admin.delete(format!("/users/{}?reassign_to={}", user.id, receiver.id))
}

/// Returns the roles of an account by project.
async fn roles(account: &Account) -> Vec<(i64, String)> {
    let items = account.get("/projects?limit=100").await.expect(200).items();
    let role = |item: &Value| (item["id"].as_i64().unwrap(), item["role"].as_str().unwrap().to_owned());
    items.iter().map(role).collect()
}

#[tokio::test]
async fn projects_and_tasks_go_to_the_receiver() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let admin = server.admin().await;
    let (alone, shared) = (ann.project().await, ann.project().await);
    ann.share(shared, &cleo, "editor").await;
    let kept = ann.task(shared, json!({"assignee_id": cleo.id})).await;
    let own = ann.task(alone, json!({"assignee_id": ann.id})).await;
    let others = cleo.project().await;
    let assigned = cleo.task(others, json!({"assignee_id": ann.id})).await;
    let comment = ann.comment(assigned).await;
    let before = cleo.get(format!("/projects/{shared}")).await.expect(200).data();

    erase(&admin, &ann, &bob).await.expect(204);
    is_unknown(&ann, &admin).await;
    for project in [alone, shared] {
        let project = bob.get(format!("/projects/{project}")).await.expect(200).data();
        assert_eq!((&project["owner_id"], &project["role"]), (&json!(bob.id), &json!("owner")));
        assert_eq!(project["version"], 2);
    }
    let after = cleo.get(format!("/projects/{shared}")).await.expect(200).data();
    assert_eq!((&after["role"], &after["name"]), (&before["role"], &before["name"]));
    let members = cleo.get(format!("/projects/{shared}/members")).await.expect(200);
    assert_eq!(members.ids(), [bob.id, cleo.id]);
    for (task, assignee) in [(own, &bob), (assigned, &bob), (kept, &cleo)] {
        let task = assignee.get(format!("/tasks/{task}")).await.expect(200).data();
        assert_eq!(task["assignee"], assignee.person());
        assert_eq!(task["version"], if assignee.id == bob.id { 2 } else { 1 });
    }
    assert_eq!(bob.get("/tasks").await.expect(200).ids().len(), 2);
    // What it wrote stays its own.
    let comments = cleo.get(format!("/tasks/{assigned}/comments")).await.expect(200).items();
    assert_eq!((&comments[0]["id"], &comments[0]["author_id"]), (&json!(comment), &json!(ann.id)));
    assert_eq!(comments[0]["author"]["display_name"], "Deleted user");
    // Nobody is notified, and the next notification is about something else.
    let next = cleo.project().await;
    cleo.share(next, &bob, "viewer").await;
    let told = bob.follow(0).await.next().await;
    assert_eq!((&told["seq"], &told["data"]["project_id"]), (&json!(1), &json!(next)), "{told:#}");
}

#[tokio::test]
async fn higher_of_two_roles_stays() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let admin = server.admin().await;
    let mut expected = Vec::new();
    for (of_ann, of_bob, after) in [
        (Some("editor"), Some("viewer"), "editor"),
        (Some("viewer"), Some("commenter"), "commenter"),
        (Some("editor"), None, "editor"),
        (None, Some("viewer"), "viewer"),
        (Some("viewer"), Some("viewer"), "viewer"),
    ] {
        let project = cleo.project().await;
        for (user, role) in [(&ann, of_ann), (&bob, of_bob)] {
            if let Some(role) = role {
                cleo.share(project, user, role).await;
            }
        }
        expected.push((project, after.to_owned()));
    }
    // The receiver's own stays its own, and a project in which it was a member becomes its own.
    let bobs = bob.project().await;
    bob.share(bobs, &ann, "editor").await;
    let anns = ann.project().await;
    ann.share(anns, &bob, "viewer").await;
    expected.extend([(bobs, "owner".to_owned()), (anns, "owner".to_owned())]);
    erase(&admin, &ann, &bob).await.expect(204);
    assert_eq!(roles(&bob).await, expected);
    for project in [bobs, anns] {
        assert_eq!(bob.get(format!("/projects/{project}/members")).await.expect(200).ids(), [bob.id]);
    }
    let members = cleo.get(format!("/projects/{}/members", expected[0].0)).await.expect(200);
    assert_eq!(members.ids(), [bob.id, cleo.id]);
}

#[tokio::test]
async fn inbox_becomes_an_ordinary_project() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    for user in [&ann, &bob] {
        let todos = format!("/api/{}/tasks", user.id);
        user.post(todos, json!({"title": format!("Of {}", user.id)})).await.expect(201);
    }
    let inbox = ann.get("/projects").await.expect(200).ids()[0];
    erase(&admin, &ann, &bob).await.expect(204);
    let todos = bob.get(format!("/api/{}/tasks", bob.id)).await.expect(200).json();
    assert_eq!(todos.as_array().unwrap().len(), 1, "{todos}");
    let tasks = bob.get(format!("/projects/{inbox}/tasks")).await.expect(200).items();
    assert_eq!(tasks[0]["title"], format!("Of {}", ann.id));
    // As any other, it can be shared and deleted.
    bob.share(inbox, &admin, "viewer").await;
    bob.delete(format!("/projects/{inbox}")).await.expect(204);
}

#[tokio::test]
async fn receiver_gets_projects_beyond_its_quota() {
    let server = Installation::new().with("MAX_PROJECTS_PER_USER", "2").start();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    for user in [&ann, &bob] {
        user.project().await;
        user.project().await;
    }
    erase(&admin, &ann, &bob).await.expect(204);
    let projects = bob.get("/projects").await.expect(200).ids();
    assert_eq!(projects.len(), 4);
    for project in &projects[..2] {
        bob.post("/projects", json!({"name": "Yard"})).await.refused(409, "quota_exceeded");
        bob.delete(format!("/projects/{project}")).await.expect(204);
    }
    bob.post("/projects", json!({"name": "Yard"})).await.refused(409, "quota_exceeded");
    bob.delete(format!("/projects/{}", projects[2])).await.expect(204);
    bob.project().await;
}

#[tokio::test]
async fn invitations_stay_with_reassigned_projects() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let project = ann.project().await;
    let id = ann.invite(project, &unique_email("guest"), "viewer").await;
    erase(&admin, &ann, &bob).await.expect(204);
    assert_eq!(bob.get(format!("/projects/{project}/invitations")).await.expect(200).ids(), [id]);
}
