use super::{absolute, backup, leftovers, lived_in, restore};
use fasttrack_tests::{Account, Installation, Server, jwt};
use serde_json::json;
use std::fs;

#[tokio::test]
async fn restore_brings_state_back_and_keeps_the_old_file() {
    let server = Server::start();
    let installation = server.installation().clone();
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({"title": "Grüße 🐢"})).await;
    let printed = backup(&installation, "backup.db").await.succeeded();
    assert!(printed.contains("jwt_private_key.pem"), "{printed}");
    let then = ann.get(format!("/tasks/{task}")).await.expect(200).data();
    ann.delete(format!("/tasks/{task}")).await.expect(204);
    let later = ann.task(project, json!({})).await;

    let refused = restore(&installation, "backup.db").await.failed(1);
    assert!(refused.contains("in use") && refused.lines().count() == 1, "{refused}");
    ann.get(format!("/tasks/{later}")).await.expect(200);
    // A server that was killed leaves a log; it belongs to what is kept.
    server.kill();
    let printed = restore(&installation, "backup.db").await.succeeded();
    assert!(printed.contains("fasttrack.db.before-restore"), "{printed}");

    let server = installation.start();
    let session = server.anonymous().with_token(&ann.access_token);
    assert_eq!(session.get(format!("/tasks/{task}")).await.expect(200).data(), then);
    session.get(format!("/tasks/{later}")).await.refused(404, "not_found");
    server.anonymous().post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await.expect(200);
    assert!(server.stop().await.success());

    let former = format!("sqlite://{}", absolute(&installation, "fasttrack.db.before-restore"));
    let server = installation.with("DATABASE_URL", former).start();
    let session = server.anonymous().with_token(&ann.access_token);
    session.get(format!("/tasks/{later}")).await.expect(200);
    session.get(format!("/tasks/{task}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn backup_of_older_version_is_migrated_at_start() {
    let installation = lived_in().await;
    installation.sql(
        "DROP TABLE inboxes; DELETE FROM __diesel_schema_migrations WHERE version = '20261121000007';
         DELETE FROM schema_expansions WHERE version = '20261121000007'",
    );
    backup(&installation, "backup.db").await.succeeded();
    let printed = restore(&installation, "backup.db").await.succeeded();
    assert!(printed.contains("schema 2026"), "{printed}");
    let migrated = installation.command(["migrate"]).run().await.succeeded();
    assert!(migrated.contains("inboxes"), "{migrated}");
}

#[tokio::test]
async fn invalid_backup_is_refused_and_changes_nothing() {
    let installation = lived_in().await;
    backup(&installation, "backup.db").await.succeeded();
    let whole = fs::read(installation.path("backup.db")).unwrap();
    let write = |name: &str, content: &[u8]| fs::write(installation.path(name), content).unwrap();
    write("empty.db", b"");
    write("garbage.db", &b"garbage".repeat(2000));
    write("truncated.db", &whole[..whole.len() / 2]);
    write("cut.db", &whole[..whole.len() - 1000]);
    write("copied.db", &whole);
    write("copied.db-wal", b"the rest");
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
    for (name, begin, sql) in [("foreign.db", &[][..], "CREATE TABLE t (x)"), ("newer.db", &whole, newer)] {
        let other = Installation::new();
        fs::write(other.path("fasttrack.db"), begin).unwrap();
        other.sql(sql);
        write(name, &fs::read(other.path("fasttrack.db")).unwrap());
    }
    // Behind the header, which says whether there is a log.
    let database = || fs::read(installation.path("fasttrack.db")).unwrap().split_off(100);
    let before = database();
    for (name, reason) in [
        ("nowhere.db", "does not exist"),
        ("empty.db", "none of this program"),
        ("garbage.db", "not a SQLite database"),
        ("truncated.db", "damaged"),
        ("cut.db", "damaged"),
        ("copied.db", "log beside it"),
        ("foreign.db", "none of this program"),
        ("newer.db", "99990101000000"),
        (".", "no file"),
        ("fasttrack.db", "the database itself"),
    ] {
        let said = restore(&installation, name).await.failed(1);
        assert!(said.contains(reason), "{name}: {said}");
        let last = said.lines().last().unwrap();
        assert!(last.starts_with("error: nothing was restored: ") && last.contains(name), "{said}");
        assert!(database() == before, "{name}");
        assert!(!installation.path("fasttrack.db.before-restore").exists(), "{name}");
    }
    assert!(leftovers(&installation.path("")).is_empty());
}

#[tokio::test]
async fn token_issued_after_backup_is_invalid_after_restore() {
    let server = Server::start();
    let installation = server.installation().clone();
    let ann = server.register().await;
    let scopes = json!({"scopes": ["tasks:read"]});
    let (kept, ended) = (ann.api_token(scopes.clone()).await, ann.api_token(scopes.clone()).await);
    backup(&installation, "backup.db").await.succeeded();
    ann.delete(ended.path()).await.expect(204);
    let unknown = ann.api_token(scopes.clone()).await;
    let (bob, later) = (server.register().await, ann.log_in_again().await);
    server.kill();
    restore(&installation, "backup.db").await.succeeded();

    let server = installation.start();
    let carol = server.register().await;
    let again = carol.log_in_again().await;
    let sid = |account: &Account| jwt::claims(&account.access_token)["sid"].clone();
    assert_eq!((carol.id, sid(&carol), sid(&again)), (bob.id, sid(&bob), sid(&later)), "they have the same ids");

    for stranger in [&bob, &later] {
        let stranger = stranger.on(&server);
        for path in ["/auth/me", "/users/me", "/projects", "/auth/sessions", "/events"] {
            stranger.get(path).await.refused(401, "token_revoked");
        }
        let body = json!({"refresh_token": stranger.refresh_token});
        stranger.post("/auth/logout", body.clone()).await.refused(401, "token_revoked");
        server.anonymous().post("/auth/refresh", body.clone()).await.refused(401, "invalid_refresh_token");
        // Nor is a refresh token good for ending the session that has its id now.
        carol.on(&server).get("/auth/me").await.expect(200);
    }
    let body = json!({"refresh_token": bob.refresh_token});
    let second = carol.log_in_again().await;
    second.post("/auth/logout", body).await.expect(200);
    for present in [&ann, &carol, &again] {
        present.on(&server).get("/auth/me").await.expect(200);
    }
    // An API token that was revoked since is as it was.
    let made = carol.on(&server).api_token(scopes).await;
    assert_eq!(made.id, unknown.id, "they have the same id");
    for present in [&kept, &ended, &made] {
        present.on(&server).get("/tasks").await.expect(200);
    }
    unknown.on(&server).get("/tasks").await.refused(401, "token_invalid");
    let body = json!({"refresh_token": ann.refresh_token});
    server.anonymous().post("/auth/refresh", body).await.expect(200);
}
