//! Two users who work together, from the invitation to the end.

use super::Mailing;
use fasttrack_tests::{Account, SOON, Socket, unique_email};
use serde_json::{Value, json};
use std::time::Instant;

/// Receives the next notification, which is of this type, and returns its data.
async fn told(socket: &mut Socket, kind: &str) -> Value {
    let message = socket.next().await;
    assert_eq!(message["type"], kind, "{message:#}");
    message["data"].clone()
}

#[tokio::test]
async fn users_work_together_from_invitation_to_removal() {
    let mailing = Mailing::start();
    let server = &mailing.server;
    let ann = server.register().await;
    let project = ann.post("/projects", json!({"name": "Garden"})).await.expect(201).id();

    // Bob has no account when he is invited. The mail has all that he needs.
    let address = unique_email("bob");
    ann.invite(project, &address, "editor").await;
    let token = mailing.mailbox.token(&address, 1).await;
    let bob = server.register_as(&address).await;
    bob.patch("/users/me", json!({"display_name": "Bob"})).await.expect(200);
    assert_eq!(bob.accept(&token).await.expect(200).data()["role"], "editor");

    // Ann finds him by his name and assigns a task to him.
    let people = ann.get("/people").await.expect(200).items();
    let found = people.iter().find(|person| person["display_name"] == "Bob").unwrap();
    assert_eq!(found, &json!({"id": bob.id, "display_name": "Bob"}));
    let (mut to_ann, mut to_bob) = (ann.follow(0).await, bob.follow(0).await);
    let task = ann.task(project, json!({"title": "Paint the fence", "assignee_id": found["id"]})).await;
    assert_eq!(told(&mut to_bob, "task_assigned").await["assigned_by"], ann.name());
    assert!(mailing.mailbox.wait_for(&address, 2).await[1].subject().contains("Paint the fence"));
    bob.comment(task).await;
    assert_eq!(told(&mut to_ann, "comment_added").await["author"], "Bob");
    let other = bob.task(project, json!({"title": "Cut the hedge", "assignee_id": ann.id})).await;
    told(&mut to_ann, "task_assigned").await;

    // Each sees both names in one request.
    for reader in [&ann, &bob] {
        let tasks = reader.get(format!("/projects/{project}/tasks")).await.expect(200).items();
        let assignees: Vec<_> = tasks.iter().map(|task| task["assignee"]["display_name"].as_str().unwrap()).collect();
        assert_eq!(assignees, ["Bob", ann.name()]);
        let members = reader.get(format!("/projects/{project}/members")).await.expect(200).items();
        let names: Vec<_> = members.iter().map(|member| member["display_name"].as_str().unwrap()).collect();
        assert_eq!(names, [ann.name(), "Bob"]);
    }

    ann.remove(project, &bob).await;
    falls_silent(&mailing, &ann, &bob, [project, task, other], to_bob).await;
}

/// Fails unless requests, socket and mail of the former member have nothing of the project any more.
async fn falls_silent(mailing: &Mailing, ann: &Account, bob: &Account, ids: [i64; 3], mut to_bob: Socket) {
    let [project, task, other] = ids;
    let begin = Instant::now();
    for path in [format!("/projects/{project}"), format!("/tasks/{task}"), format!("/tasks/{other}/comments")] {
        bob.get(path).await.refused(403, "forbidden");
    }
    for list in ["/projects", "/tasks"] {
        assert_eq!(bob.get(list).await.expect(200).ids(), [0; 0]);
    }
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    assert_eq!(ann.get(format!("/tasks/{task}")).await.expect(200).data()["assignee"], Value::Null);
    ann.patch(format!("/tasks/{task}"), json!({"status": "in_progress"})).await.expect(200);
    ann.comment(task).await;
    // The next that he hears of, and the next mail, are about another project.
    let yard = ann.project().await;
    ann.task(yard, json!({"title": "Sweep the path", "assignee_id": bob.id})).await;
    assert_eq!(told(&mut to_bob, "task_assigned").await["project_id"], yard);
    let mails = mailing.mailbox.wait_for(&bob.email, 3).await;
    assert!(mails[2].subject().contains("Sweep the path"), "{mails:#?}");
    // What he has heard before is still in his list.
    let list = bob.get("/notifications").await.expect(200).items();
    let projects: Vec<_> = list.iter().map(|item| item["data"]["project_id"].as_i64().unwrap()).collect();
    assert_eq!(projects, [yard, project]);
}
