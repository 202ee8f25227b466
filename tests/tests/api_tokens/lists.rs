//! Lists, by tokens that are for some projects.

use super::OF_PROJECTS;
use fasttrack_tests::Server;
use serde_json::json;

#[tokio::test]
async fn lists_show_the_projects_of_the_token_alone() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let (dan, admin) = (server.register().await, server.admin().await);
    let (first, second, third) = (ann.project().await, ann.project().await, ann.project().await);
    ann.share(first, &bob, "viewer").await;
    ann.share(second, &cleo, "editor").await;
    ann.share(second, &bob, "editor").await;
    ann.patch(format!("/projects/{third}"), json!({"status": "archived"})).await.expect(200);
    let own = ann.task(first, json!({"assignee_id": ann.id, "due": "2030-12-01"})).await;
    let of_bob = ann.task(first, json!({"assignee_id": bob.id})).await;
    // Of a project that isn't of the token, and of one in which the user has a task and no role.
    let elsewhere = dan.project().await;
    for (account, project) in [(&ann, second), (&dan, elsewhere)] {
        account.task(project, json!({"assignee_id": ann.id, "due": "2030-12-01"})).await;
    }
    let narrow = json!({"scopes": OF_PROJECTS, "project_ids": [third, first]});
    let (of_ann, of_admin) = (ann.api_token(narrow.clone()).await, admin.api_token(narrow).await);
    let wide = ann.api_token(json!({"scopes": OF_PROJECTS})).await;
    assert_eq!(wide.get("/projects").await.expect(200).ids(), [first, second, third]);
    assert_eq!(wide.get("/tasks").await.expect(200).ids().len(), 3);

    let none = Vec::new();
    for (token, path, expected) in [
        (&of_ann, "/projects", vec![first, third]),
        (&of_ann, "/projects?status=active", vec![first]),
        (&of_ann, "/projects?role=owner&limit=100", vec![first, third]),
        (&of_ann, "/projects?role=editor", none.clone()),
        (&of_ann, "/tasks", vec![own]),
        (&of_ann, "/tasks?sort=-due", vec![own]),
        (&of_ann, "/tasks?q=roses&status=todo", vec![own]),
        (&of_ann, "/tasks?scope=visible", vec![own, of_bob]),
        (&of_ann, "/tasks?scope=visible&sort=due", vec![own, of_bob]),
        (&of_ann, "/tasks?scope=visible&q=water", vec![own, of_bob]),
        (&of_ann, "/people", vec![ann.id, bob.id]),
        (&of_admin, "/projects", vec![first, third]),
        (&of_admin, "/projects?status=archived", vec![third]),
        (&of_admin, "/tasks", none),
        (&of_admin, "/tasks?scope=visible", vec![own, of_bob]),
        (&of_admin, "/tasks?scope=visible&sort=-updated_at&assignee_id=none", Vec::new()),
        (&of_admin, "/tasks?scope=visible&q=roses&sort=priority", vec![own, of_bob]),
        (&of_admin, "/people", vec![ann.id, bob.id, admin.id]),
    ] {
        assert_eq!(token.get(path).await.expect(200).ids(), expected, "{path}");
    }
    // An address is known to whoever asks.
    let by_address = format!("/people?email={}", cleo.email);
    assert_eq!(of_ann.get(by_address).await.expect(200).items(), [cleo.person()]);
    // Pages follow the same limit.
    let page = of_admin.get("/projects?limit=1").await.expect(200).data();
    let next = format!("/projects?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    let last = of_admin.get(next).await.expect(200);
    assert_eq!((last.ids(), &last.data()["has_more"]), (vec![third], &json!(false)));
}
