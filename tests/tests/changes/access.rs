//! What a user gains and loses.

use super::{Follower, follow, visible::visible};
use fasttrack_tests::{Account, Server};
use serde_json::{Value, json};

/// A project with a task that has a comment, and of each its id.
async fn garden(owner: &Account) -> [i64; 3] {
    let project = owner.project().await;
    let task = owner.task(project, json!({})).await;
    [project, task, owner.comment(task).await]
}

/// Fails unless the follower has what GET returns.
async fn is_complete(follower: &Follower, reader: &Account) {
    assert_eq!(follower.things, visible(reader).await);
}

#[tokio::test]
async fn gained_project_comes_whole_and_lost_one_is_one_delete() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let [project, task, comment] = garden(&ann).await;
    let label = ann.post(format!("/projects/{project}/labels"), json!({"name": "Soon"})).await.expect(201).id();
    let mut follower = follow(&bob).await;
    let before = follower.things.clone();
    ann.patch(format!("/tasks/{task}"), json!({"title": "Dig"})).await.expect(200);
    let whole = [
        format!("put project {project}"),
        format!("put member {}", ann.id),
        format!("put member {}", bob.id),
        format!("put label {label}"),
        format!("put task {task}"),
        format!("put comment {comment}"),
    ];
    let whole = whole.each_ref().map(String::as_str);
    for _ in 0..2 {
        ann.share(project, &bob, "viewer").await;
        follower.sees(&bob, &whole).await;
        is_complete(&follower, &bob).await;
        // What changes after the loss is not sent.
        ann.remove(project, &bob).await;
        ann.patch(format!("/tasks/{task}"), json!({"description": "Deep"})).await.expect(200);
        follower.sees(&bob, &[&format!("delete project {project} access")]).await;
        assert_eq!(follower.things, before);
    }
    // Leaving is nothing else.
    ann.share(project, &bob, "editor").await;
    follower.sees(&bob, &whole).await;
    bob.remove(project, &bob).await;
    follower.sees(&bob, &[&format!("delete project {project} access")]).await;
}

#[tokio::test]
async fn removed_member_is_deleted_for_the_others() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let [project, task, _] = garden(&ann).await;
    ann.share(project, &bob, "editor").await;
    ann.patch(format!("/tasks/{task}"), json!({"assignee_id": bob.id})).await.expect(200);
    let mut follower = follow(&ann).await;
    ann.remove(project, &bob).await;
    // Its assignments end with it.
    follower.sees(&ann, &[&format!("delete member {} deleted", bob.id), &format!("put task {task}")]).await;
    is_complete(&follower, &ann).await;
}

#[tokio::test]
async fn assigned_task_of_a_foreign_project_comes_with_its_comments() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let [_, task, comment] = garden(&ann).await;
    let path = format!("/tasks/{task}");
    let mut follower = follow(&bob).await;
    let before = follower.things.clone();
    let assign = async |assignee: Value| {
        ann.patch(&path, json!({"assignee_id": assignee})).await.expect(200);
    };
    assign(json!(bob.id)).await;
    follower.sees(&bob, &[&format!("put task {task}"), &format!("put comment {comment}")]).await;
    is_complete(&follower, &bob).await;
    let another = ann.comment(task).await;
    follower.sees(&bob, &[&format!("put comment {another}")]).await;
    ann.delete(format!("/comments/{another}")).await.expect(204);
    follower.sees(&bob, &[&format!("delete comment {another} deleted")]).await;
    bob.patch(&path, json!({"status": "in_progress"})).await.expect(200);
    // What is under the task comes again, as nothing says whether its reader has it.
    follower.sees_at_least(&bob, &[&format!("put task {task}")]).await;
    is_complete(&follower, &bob).await;

    assign(Value::Null).await;
    follower.sees(&bob, &[&format!("delete task {task} access")]).await;
    assert_eq!(follower.things, before);
    assign(json!(bob.id)).await;
    // Also that the other comment is deleted, as nothing says what its reader has of a former assignment.
    follower.sees_at_least(&bob, &[&format!("put task {task}"), &format!("put comment {comment}")]).await;
    is_complete(&follower, &bob).await;
    ann.delete(&path).await.expect(204);
    follower.sees(&bob, &[&format!("delete task {task} deleted")]).await;
    assert_eq!(follower.things, before);
}

#[tokio::test]
async fn deleted_project_is_one_delete_for_everybody_in_it() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let [project, task, _] = garden(&ann).await;
    ann.share(project, &bob, "viewer").await;
    ann.patch(format!("/tasks/{task}"), json!({"assignee_id": cleo.id})).await.expect(200);
    let mut followers = [follow(&ann).await, follow(&bob).await, follow(&cleo).await];
    ann.delete(format!("/projects/{project}")).await.expect(204);
    let [of_ann, of_bob, of_cleo] = &mut followers;
    let gone = format!("delete project {project} deleted");
    of_ann.sees(&ann, &[&gone]).await;
    of_bob.sees(&bob, &[&gone]).await;
    // Who has only a task of it gets that.
    of_cleo.sees(&cleo, &[&format!("delete task {task} deleted")]).await;
    for (follower, reader) in followers.iter().zip([&ann, &bob, &cleo]) {
        is_complete(follower, reader).await;
    }
}

#[tokio::test]
async fn other_role_is_a_put_of_member_and_project() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let [project, ..] = garden(&ann).await;
    ann.share(project, &bob, "viewer").await;
    let mut follower = follow(&bob).await;
    ann.share(project, &bob, "editor").await;
    follower.sees(&bob, &[&format!("put member {}", bob.id), &format!("put project {project}")]).await;
    is_complete(&follower, &bob).await;
    // The new owner sees addresses, so that everything comes again.
    ann.post(format!("/projects/{project}/transfer"), json!({"user_id": bob.id})).await.expect(200);
    follower.sees_at_least(&bob, &[&format!("put member {}", ann.id), &format!("put project {project}")]).await;
    is_complete(&follower, &bob).await;
}

#[tokio::test]
async fn strangers_get_nothing() {
    let server = Server::shared();
    let (ann, eve) = (server.register().await, server.register().await);
    let mut follower = follow(&eve).await;
    let [project, task, _] = garden(&ann).await;
    ann.patch(format!("/tasks/{task}"), json!({"title": "Secret"})).await.expect(200);
    ann.delete(format!("/projects/{project}")).await.expect(204);
    let marker = eve.project().await;
    follower.sees(&eve, &[&format!("put project {marker}"), &format!("put member {}", eve.id)]).await;
}
