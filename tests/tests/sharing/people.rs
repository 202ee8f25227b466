//! `/people`: how users find each other.

use fasttrack_tests::{PASSWORD, Server, has_fields, unique_email};
use serde_json::{Value, json};

#[tokio::test]
async fn people_are_those_who_share_a_project() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let (stranger, admin) = (server.register().await, server.admin().await);
    assert_eq!(ann.get("/people").await.expect(200).items(), [ann.person()]);
    let (garden, yard) = (ann.project().await, bob.project().await);
    ann.share(garden, &bob, "viewer").await;
    bob.share(yard, &cleo, "editor").await;
    bob.share(yard, &ann, "commenter").await;
    ann.share(garden, &cleo, "viewer").await;
    // An assignment alone makes nobody a member.
    ann.task(garden, json!({"assignee_id": stranger.id})).await;
    let page = ann.get("/people").await.expect(200);
    assert_eq!(page.items(), [ann.person(), bob.person(), cleo.person()]);
    has_fields(&page.items()[1], &["id", "display_name"]);
    assert_eq!(stranger.get("/people").await.expect(200).items(), [stranger.person()]);

    // One shared project is enough, and none is not.
    ann.remove(garden, &cleo).await;
    assert_eq!(ann.get("/people").await.expect(200).ids(), [ann.id, bob.id, cleo.id]);
    bob.remove(yard, &cleo).await;
    assert_eq!(ann.get("/people").await.expect(200).ids(), [ann.id, bob.id]);
    assert_eq!(cleo.get("/people").await.expect(200).ids(), [cleo.id]);
    admin.patch(format!("/users/{}", bob.id), json!({"is_active": false})).await.expect(200);
    assert_eq!(ann.get("/people").await.expect(200).items(), [ann.person()]);
}

#[tokio::test]
async fn admins_list_all_active_users() {
    let server = Server::start();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    admin.patch(format!("/users/{}", bob.id), json!({"is_active": false})).await.expect(200);
    assert_eq!(admin.get("/people").await.expect(200).items(), [ann.person(), admin.person()]);
    let first = admin.get("/people?limit=1").await.expect(200);
    assert_eq!((first.items(), &first.data()["has_more"]), (vec![ann.person()], &json!(true)));
    let cursor = first.data()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(admin.get(format!("/people?cursor={cursor}")).await.expect(200).ids(), [admin.id]);
}

#[tokio::test]
async fn anybody_is_found_by_the_whole_address() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let email = unique_email("straße");
    let body = json!({"email": email, "password": PASSWORD, "display_name": "Bob"});
    let bob = server.anonymous().post("/auth/register", body).await.expect(201).id();
    let expected = json!({"items": [{"id": bob, "display_name": "Bob"}], "next_cursor": null, "has_more": false});
    let found = async |query: &str| ann.get(format!("/people?email={query}")).await.expect(200).data();
    for same in [&email, &email.to_uppercase(), &email.replace('ß', "ss"), &format!("%20{email}%20")] {
        assert_eq!(found(same).await, expected, "{same}");
    }
    let nobody = json!({"items": [], "next_cursor": null, "has_more": false});
    let part = email.split_once('-').unwrap().1;
    for other in [part, "straße", "nobody@example.org", "no%20address", "%25@example.org"] {
        assert_eq!(found(other).await, nobody, "{other}");
    }
    for account in [&ann, &admin] {
        account.get("/people?email=a%00b@example.org").await.invalid(&["query.email"]);
    }
    admin.patch(format!("/users/{bob}"), json!({"is_active": false})).await.expect(200);
    assert_eq!(found(&email).await, nobody);
    assert_eq!(admin.get(format!("/people?email={email}")).await.expect(200).items(), [] as [Value; 0]);
}

#[tokio::test]
async fn invalid_page_of_people_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    ann.get("/people?limit=0").await.invalid_as("query.limit", "out_of_range");
    ann.get("/people?limit=x&email=%00").await.invalid(&["query.limit", "query.email"]);
    ann.get("/people?cursor=x").await.refused(400, "invalid_cursor");
    ann.get("/people?unknown=1").await.expect(200);
}

#[tokio::test]
async fn renamed_people_are_shown_by_their_present_name() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "commenter").await;
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    bob.comment(task).await;
    let etag = ann.get(format!("/tasks/{task}")).await.expect(200).etag().to_owned();
    bob.patch("/users/me", json!({"display_name": "Robert"})).await.expect(200);
    let robert = json!({"id": bob.id, "display_name": "Robert"});
    let shown = [
        ann.get("/people").await.expect(200).items()[1].clone(),
        ann.get(format!("/tasks/{task}")).await.expect(200).data()["assignee"].clone(),
        ann.get(format!("/projects/{project}/tasks")).await.expect(200).items()[0]["assignee"].clone(),
        bob.get("/tasks").await.expect(200).items()[0]["assignee"].clone(),
        ann.get(format!("/tasks/{task}/comments")).await.expect(200).items()[0]["author"].clone(),
    ];
    for person in shown {
        assert_eq!(person, robert);
    }
    // A name is no part of the task's version.
    ann.get(format!("/tasks/{task}")).header("if-none-match", etag).await.expect(304);
}
