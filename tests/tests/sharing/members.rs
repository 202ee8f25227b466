//! `/projects/{id}/members`: adding members and changing their roles.

use super::{members, role};
use fasttrack_tests::{Account, MISSING, Server, has_fields, timestamp};
use serde_json::{Value, json};

fn path(project: i64, user: &Account) -> String {
    format!("/projects/{project}/members/{}", user.id)
}

#[tokio::test]
async fn new_project_has_its_owner_as_only_member() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.post("/projects", json!({"name": "Garden"})).await.expect(201).data();
    let page = ann.get(format!("/projects/{}/members", project["id"])).await.expect(200).data();
    let owner = json!({
        "user_id": ann.id, "display_name": ann.name(), "email": ann.email, "role": "owner",
        "created_at": project["created_at"],
    });
    assert_eq!(page, json!({"items": [owner], "next_cursor": null, "has_more": false}));
}

#[tokio::test]
async fn put_adds_a_member_then_changes_its_role() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let put = |role: &str| ann.put(path(project, &bob), json!({"role": role})).into_future();
    let member = put("viewer").await.expect(201).data();
    has_fields(&member, &["user_id", "display_name", "email", "role", "created_at"]);
    assert_eq!((&member["user_id"], &member["display_name"]), (&json!(bob.id), &json!(bob.name())));
    assert_eq!((&member["email"], &member["role"]), (&json!(bob.email), &json!("viewer")));
    timestamp(&member["created_at"]);
    for next in ["editor", "commenter", "commenter", "viewer"] {
        let changed = put(next).await.expect(200).data();
        let mut expected = member.clone();
        expected["role"] = json!(next);
        assert_eq!(changed, expected);
        assert_eq!(role(&bob, project).await, next);
    }
    assert_eq!(members(&ann, project).await, [(ann.id, "owner".to_owned()), (bob.id, "viewer".to_owned())]);
}

#[tokio::test]
async fn only_owner_and_admin_see_addresses_of_members() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let project = ann.project().await;
    for (role, reader, sees) in
        [("viewer", &bob, false), ("editor", &bob, false), ("editor", &ann, true), ("editor", &admin, true)]
    {
        ann.share(project, &bob, role).await;
        let items = reader.get(format!("/projects/{project}/members")).await.expect(200).items();
        for (item, of) in items.iter().zip([&ann, &bob]) {
            assert_eq!(item["email"], if sees { json!(of.email) } else { Value::Null }, "{role}");
            assert_eq!((&item["user_id"], &item["display_name"]), (&json!(of.id), &json!(of.name())));
        }
        assert_eq!(items.len(), 2);
    }
}

#[tokio::test]
async fn members_are_listed_by_ascending_user_id() {
    let server = Server::shared();
    let (early, ann) = (server.register().await, server.register().await);
    let (bob, late) = (server.register().await, server.register().await);
    let project = ann.project().await;
    for user in [&late, &early, &bob] {
        ann.share(project, user, "editor").await;
    }
    let expected = [early.id, ann.id, bob.id, late.id];
    let list = format!("/projects/{project}/members");
    assert_eq!(late.get(&list).await.expect(200).ids(), expected);
    let page = late.get(format!("{list}?limit=3")).await.expect(200);
    assert_eq!(page.ids(), expected[..3]);
    let cursor = page.data()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(late.get(format!("{list}?limit=3&cursor={cursor}")).await.expect(200).ids(), expected[3..]);
}

#[tokio::test]
async fn new_member_gets_project_shared() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let body = json!({"name": "Grüne \"Wiese\""});
    let project = ann.post("/projects", body).await.expect(201).id();
    let mut socket = bob.follow(0).await;
    ann.share(project, &bob, "commenter").await;
    let shared = socket.next().await;
    has_fields(&shared, &["type", "data", "timestamp", "seq"]);
    assert_eq!((&shared["type"], &shared["seq"]), (&json!("project_shared"), &json!(1)));
    let expected =
        json!({"project_id": project, "project": "Grüne \"Wiese\"", "role": "commenter", "shared_by": ann.name()});
    assert_eq!(shared["data"], expected);
    timestamp(&shared["timestamp"]);

    // Neither another role nor the same one again.
    ann.share(project, &bob, "editor").await;
    ann.share(project, &bob, "editor").await;
    let another = ann.project().await;
    ann.share(another, &bob, "viewer").await;
    let next = socket.next().await;
    assert_eq!((&next["data"]["project_id"], &next["seq"]), (&json!(another), &json!(2)), "{next:#}");
}

#[tokio::test]
async fn admin_who_adds_itself_gets_no_notification() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let (project, another) = (ann.project().await, ann.project().await);
    assert_eq!(role(&admin, project).await, "admin");
    let mut socket = admin.follow(0).await;
    admin.put(path(project, &admin), json!({"role": "viewer"})).await.expect(201);
    assert_eq!(role(&admin, project).await, "viewer");
    ann.share(another, &admin, "viewer").await;
    assert_eq!(socket.next().await["data"]["project_id"], another);
}

#[tokio::test]
async fn unknown_and_inactive_users_cannot_be_members() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let project = ann.project().await;
    let put = |user: i64| ann.put(format!("/projects/{project}/members/{user}"), json!({"role": "viewer"}));
    for id in [0, -1, MISSING] {
        put(id).await.refused(404, "not_found");
    }
    ann.share(project, &bob, "viewer").await;
    admin.patch(format!("/users/{}", bob.id), json!({"is_active": false})).await.expect(200);
    put(bob.id).await.refused(404, "not_found");
    // It stays a member that can be removed.
    assert_eq!(members(&ann, project).await.len(), 2);
    ann.remove(project, &bob).await;
    put(bob.id).await.refused(404, "not_found");
    assert_eq!(members(&ann, project).await, [(ann.id, "owner".to_owned())]);
}

#[tokio::test]
async fn role_of_the_owner_is_not_changed() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let project = ann.project().await;
    for actor in [&ann, &admin] {
        for role in ["editor", "viewer"] {
            actor.put(path(project, &ann), json!({"role": role})).await.refused(409, "conflict");
        }
    }
    assert_eq!(members(&ann, project).await, [(ann.id, "owner".to_owned())]);
}

#[tokio::test]
async fn inbox_cannot_be_shared() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let todos = format!("/api/{}/tasks", ann.id);
    ann.post(&todos, json!({"title": "Dig"})).await.expect(201);
    let inbox = ann.get("/projects").await.expect(200).ids()[0];
    ann.patch(format!("/projects/{inbox}"), json!({"name": "Errands"})).await.expect(200);
    for actor in [&ann, &admin] {
        actor.put(path(inbox, &bob), json!({"role": "viewer"})).await.refused(409, "conflict");
        let invitation = json!({"email": bob.email, "role": "viewer"});
        actor.post(format!("/projects/{inbox}/invitations"), invitation).await.refused(409, "conflict");
    }
    assert_eq!(members(&ann, inbox).await, [(ann.id, "owner".to_owned())]);
    assert_eq!(ann.get(format!("/projects/{inbox}/invitations")).await.expect(200).ids(), [0; 0]);
}

#[tokio::test]
async fn invalid_member_request_is_named() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    for (body, field, code) in [
        (json!({}), "role", "required"),
        (json!({"role": "owner"}), "role", "invalid"),
        (json!({"role": "admin"}), "role", "invalid"),
        (json!({"role": "Editor"}), "role", "invalid"),
        (json!({"role": ""}), "role", "invalid"),
        (json!({"role": 1}), "role", "wrong_type"),
        (json!({"role": null}), "role", "wrong_type"),
        (json!({"role": "viewer", "user_id": 1}), "user_id", "unknown_field"),
    ] {
        ann.put(path(project, &bob), body).await.invalid_as(field, code);
    }
    let put = |path: String| ann.put(path, json!({"role": "viewer"})).into_future();
    put(format!("/projects/{project}/members/bob")).await.invalid_as("path.user_id", "invalid");
    put(format!("/projects/x/members/{}", bob.id)).await.invalid_as("path.id", "invalid");
    put("/projects/x/members/9223372036854775808".to_owned()).await.invalid(&["path.id", "path.user_id"]);
    ann.delete(format!("/projects/{project}/members/me")).await.invalid_as("path.user_id", "invalid");
    ann.get("/projects/x/members?limit=0").await.invalid(&["path.id", "query.limit"]);
    ann.get(format!("/projects/{project}/members?cursor=x")).await.refused(400, "invalid_cursor");
    // The form precedes existence and permission.
    bob.put(path(MISSING, &ann), json!({"role": "owner"})).await.invalid(&["role"]);
    bob.put(path(project, &ann), json!({"role": 1})).await.invalid(&["role"]);
    bob.put(format!("/projects/{project}/members/{MISSING}"), json!({"role": "viewer"}))
        .await
        .refused(403, "forbidden");
    assert_eq!(members(&ann, project).await.len(), 1);
}
