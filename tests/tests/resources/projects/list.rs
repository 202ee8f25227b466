use fasttrack_tests::Server;
use serde_json::json;

#[tokio::test]
async fn users_list_own_projects_and_admins_all() {
    let server = Server::start();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let (first, second) = (ann.project().await, ann.project().await);
    let third = bob.project().await;
    let fourth = admin.project().await;
    ann.patch(format!("/projects/{second}"), json!({"status": "archived"})).await.expect(200);
    for (account, query, expected) in [
        (&ann, "", vec![first, second]),
        (&ann, "?status=active", vec![first]),
        (&ann, "?status=archived", vec![second]),
        (&ann, "?owner_id=1&unknown", vec![first, second]),
        (&bob, "", vec![third]),
        (&bob, "?status=archived", vec![]),
        (&admin, "", vec![first, second, third, fourth]),
        (&admin, "?status=archived", vec![second]),
    ] {
        let page = account.get(format!("/projects{query}")).await.expect(200);
        assert_eq!(page.ids(), expected, "{query}");
    }
}

#[tokio::test]
async fn listed_project_equals_single_project() {
    let server = Server::shared();
    let ann = server.register().await;
    let id = ann.project().await;
    let project = ann.get(format!("/projects/{id}")).await.expect(200).data();
    assert_eq!(ann.get("/projects").await.expect(200).items(), [project]);
}

#[tokio::test]
async fn invalid_project_filter_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    for wrong in ["", "done", "Active", "%00"] {
        ann.get(format!("/projects?status={wrong}")).await.invalid(&["query.status"]);
    }
    for wrong in ["", "admin", "Owner", "member", "%00"] {
        ann.get(format!("/projects?role={wrong}")).await.invalid(&["query.role"]);
    }
    let all = ann.get("/projects?status=x&role=x&limit=101").await;
    all.invalid(&["query.status", "query.role", "query.limit"]);
}
