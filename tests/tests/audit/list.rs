//! `GET /audit`: access, filters and retention.

use super::about;
use fasttrack_tests::{Installation, Server, eventually};
use serde_json::json;

#[tokio::test]
async fn only_admins_list_the_audit() {
    let server = Server::shared();
    let (admin, ann) = (server.admin().await, server.register().await);
    ann.get("/audit").await.refused(403, "forbidden");
    server.anonymous().get("/audit").await.refused(401, "token_missing");
    for role in ["admin", "user", "admin"] {
        admin.patch(format!("/users/{}", ann.id), json!({"role": role})).await.expect(200);
    }
    let object = format!("user/{}", ann.id);
    let lines = about(&admin, &object).await;
    let moments: Vec<_> = lines.iter().map(|line| line["at"].as_str().unwrap().to_owned()).collect();
    // What was done first can be stored last.
    let places: Vec<_> = moments.iter().zip(lines.iter().map(|line| line["id"].as_i64().unwrap())).collect();
    assert!(places.is_sorted_by(|newer, older| newer > older), "{lines:#?}");

    // Page by page it's the same.
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(format!("/audit?object={object}&limit=2{cursor}")).await.expect(200).data();
        walked.extend(page["items"].as_array().unwrap().clone());
        assert_eq!(page["has_more"], !page["next_cursor"].is_null());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(walked, lines);

    // `since` takes its moment in.
    let since = |moment: &str| admin.get(format!("/audit?object={object}&actor_id={}&since={moment}", admin.id));
    assert_eq!(since(&moments[1]).await.expect(200).items(), lines[..2]);
    let other = moments[1].replace('Z', "%2B00:00");
    assert_eq!(since(&other).await.expect(200).items(), lines[..2]);
    assert!(since("2999-01-01T00:00:00Z").await.expect(200).items().is_empty());
    assert!(about(&admin, "user/0").await.is_empty());
}

#[tokio::test]
async fn invalid_filter_is_named() {
    let server = Server::shared();
    let admin = server.admin().await;
    for (query, field) in [
        ("actor_id=ann", "query.actor_id"),
        ("since=yesterday", "query.since"),
        ("since=2026-01-02", "query.since"),
        ("since=2026-01-02T03:04:05", "query.since"),
        ("object=a%00b", "query.object"),
        ("object=", "query.object"),
        ("limit=101", "query.limit"),
    ] {
        admin.get(format!("/audit?{query}")).await.invalid(&[field]);
    }
    admin.get("/audit?cursor=x").await.refused(400, "invalid_cursor");
}

#[tokio::test]
async fn old_audit_lines_are_deleted_at_start() {
    let server = Installation::new().with("AUDIT_RETENTION_DAYS", "30").start();
    let installation = server.installation().clone();
    let (admin, ann, bob) = (server.admin().await, server.register().await, server.register().await);
    assert!(!about(&admin, &format!("user/{}", ann.id)).await.is_empty());
    let age = if installation.is_on_postgres() {
        format!("UPDATE audit SET at = at - INTERVAL '31 days' WHERE actor_id = {}", ann.id)
    } else {
        format!("UPDATE audit SET at = at - 31 * 86400000000 WHERE actor_id = {}", ann.id)
    };
    server.stop().await;
    installation.sql(&age);
    let server = installation.start();
    let admin = admin.on(&server);
    eventually("old lines are gone", async || about(&admin, &format!("user/{}", ann.id)).await.is_empty()).await;
    assert!(!about(&admin, &format!("user/{}", bob.id)).await.is_empty());
}

#[tokio::test]
async fn reading_the_audit_is_not_audited() {
    let server = Server::start();
    let admin = server.admin().await;
    let count = async || admin.get("/audit?limit=100").await.expect(200).items().len();
    let before = count().await;
    assert_eq!(count().await, before);
}
