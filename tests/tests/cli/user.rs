use fasttrack_tests::{Account, Installation, Output, PASSWORD, SOON, Server, eventually, unique_email};
use serde_json::{Value, json};
use std::time::Instant;

async fn create(installation: &Installation, email: &str, more: &[&str], input: &str) -> Output {
    let arguments = ["user", "create", "--email", email].into_iter().chain(more.iter().copied());
    installation.command(arguments).input(input).run().await
}

#[tokio::test]
async fn user_create_prints_id_of_new_admin() {
    let installation = Installation::new();
    // A new line ends the password, and is no part of it.
    let password = format!("{PASSWORD}\n");
    let id = create(&installation, " Root@Example.org ", &["--admin"], &password).await.succeeded();
    let named = create(&installation, "ann@example.org", &["--display-name", " Ann "], PASSWORD).await.succeeded();

    let server = installation.start();
    let root = Account::log_in(&server.anonymous(), "root@example.org", PASSWORD).await;
    assert_eq!(root.id.to_string(), id.trim());
    let me = root.get("/users/me").await.expect(200).data();
    assert_eq!((me["role"].as_str(), me["display_name"].as_str()), (Some("admin"), Some("root")));
    let ann = root.get(format!("/users/{}", named.trim())).await.expect(200).data();
    assert_eq!((ann["role"].as_str(), ann["display_name"].as_str()), (Some("user"), Some("Ann")));
}

#[tokio::test]
async fn user_created_by_cli_logs_in_on_running_server() {
    let server = Server::shared();
    let email = unique_email("shell");
    create(server.installation(), &email, &[], PASSWORD).await.succeeded();
    Account::log_in(&server.anonymous(), &email, PASSWORD).await;
}

#[tokio::test]
async fn invalid_user_is_refused_without_showing_password() {
    let installation = Installation::new();
    create(&installation, "ann@example.org", &[], PASSWORD).await.succeeded();
    let taken = create(&installation, "ANN@example.org", &[], PASSWORD).await.failed(1);
    assert!(!taken.contains(PASSWORD) && !taken.contains("UNIQUE"), "{taken}");
    let too_long = "x".repeat(129);
    for (email, name, password) in [
        ("no address", "Bob", PASSWORD),
        ("bob@example.org", "", PASSWORD),
        ("bob@example.org", "Bob", "sesame1"),
        ("bob@example.org", "Bob", ""),
        ("bob@example.org", "Bob", &too_long),
    ] {
        let output = create(&installation, email, &["--display-name", name], password).await;
        assert!(matches!(output.code, Some(1 | 2)) && !output.stderr.is_empty(), "{output:#?}");
        assert!(password.is_empty() || !output.stderr.contains(password), "{output:#?}");
        assert!(!output.stderr.contains("panicked"), "{output:#?}");
    }
    let server = installation.start();
    Account::register(server.anonymous(), "bob@example.org").await;
}

#[tokio::test]
async fn password_of_unknown_user_is_refused() {
    let installation = Installation::new();
    installation.command(["migrate"]).run().await.succeeded();
    let set = installation.command(["user", "set-password", "--email", "nobody@example.org"]);
    let reason = set.input(PASSWORD).run().await.failed(1);
    assert!(!reason.contains(PASSWORD), "{reason}");
}

#[tokio::test]
async fn set_password_replaces_the_password() {
    let server = Server::shared();
    let ann = server.register().await;
    let set = server.installation().command(["user", "set-password", "--email", &ann.email]);
    let stdout = set.input("another horse\r\n").run().await.succeeded();
    assert!(!stdout.contains("another horse"), "{stdout}");
    Account::log_in(&server.anonymous(), &ann.email, "another horse").await;
    // A refused one changes nothing.
    let set = server.installation().command(["user", "set-password", "--email", &ann.email]);
    assert_ne!(set.input("short").run().await.code, Some(0));
    Account::log_in(&server.anonymous(), &ann.email, "another horse").await;
}

#[tokio::test]
async fn user_list_prints_one_line_per_account() {
    let installation = Installation::new();
    assert_eq!(installation.command(["user", "list"]).run().await.succeeded(), "");
    create(&installation, "root@example.org", &["--admin"], PASSWORD).await.succeeded();
    create(&installation, "ann@example.org", &[], PASSWORD).await.succeeded();
    installation.sql("UPDATE users SET is_active = FALSE WHERE email = 'ann@example.org'");
    let printed = installation.command(["user", "list"]).run().await.succeeded();
    assert_eq!(printed, "1\troot@example.org\tadmin\tactive\n2\tann@example.org\tuser\tdeactivated\n");
    // Over a page's bound.
    let moment = if installation.is_on_postgres() { "to_timestamp(0)" } else { "0" };
    installation.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
         INSERT INTO users (email, display_name, role, is_active, token_epoch, created_at, updated_at, version)
         SELECT i || '@example.org', 'User', 'user', TRUE, 0, {moment}, {moment}, 1 FROM n"
    ));
    let printed = installation.command(["user", "list"]).run().await.succeeded();
    assert_eq!(printed.lines().count(), 252);
}

async fn erase(installation: &Installation, email: &str, more: &[&str]) -> Output {
    let arguments = ["user", "erase", "--email", email].into_iter().chain(more.iter().copied());
    installation.command(arguments).run().await
}

#[tokio::test]
async fn user_erase_ends_the_account_on_running_server() {
    let server = Server::start();
    let installation = server.installation();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let project = ann.project().await;
    let task = bob.task(bob.project().await, json!({"assignee_id": ann.id})).await;
    let printed = erase(installation, &ann.email.to_uppercase(), &[]).await.succeeded();
    assert!(printed.contains(&ann.id.to_string()), "{printed}");
    let begin = Instant::now();
    eventually("the token is refused", async || ann.get("/projects").await.status == 401).await;
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    ann.get("/auth/me").await.refused(401, "token_revoked");
    // All of it is done when the command ends.
    admin.get(format!("/projects/{project}")).await.refused(404, "not_found");
    assert_eq!(bob.get(format!("/tasks/{task}")).await.expect(200).data()["assignee"], Value::Null);
    let list = installation.command(["user", "list"]).run().await.succeeded();
    assert!(!list.contains(&ann.email) && list.lines().count() == 2, "{list}");
    server.register_as(&ann.email).await;
}

#[tokio::test]
async fn user_erase_reassigns_projects() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &cleo, "viewer").await;
    let refused = erase(server.installation(), &ann.email, &[]).await.failed(1);
    assert!(refused.contains(&project.to_string()), "{refused}");
    ann.get("/auth/me").await.expect(200);
    erase(server.installation(), &ann.email, &["--reassign-to", &bob.email]).await.succeeded();
    let project = bob.get(format!("/projects/{project}")).await.expect(200).data();
    assert_eq!((&project["owner_id"], &project["role"]), (&json!(bob.id), &json!("owner")));
}

#[tokio::test]
async fn user_erase_refuses_whom_it_cannot_erase() {
    let installation = Installation::new();
    create(&installation, "root@example.org", &["--admin"], PASSWORD).await.succeeded();
    create(&installation, "ann@example.org", &[], PASSWORD).await.succeeded();
    erase(&installation, "nobody@example.org", &[]).await.failed(1);
    erase(&installation, "root@example.org", &[]).await.failed(1);
    for receiver in ["nobody@example.org", "ann@example.org"] {
        erase(&installation, "ann@example.org", &["--reassign-to", receiver]).await.failed(1);
    }
    erase(&installation, "ann@example.org", &["--reassign-to", "no address"]).await.failed(2);
    let list = installation.command(["user", "list"]).run().await.succeeded();
    assert_eq!(list.lines().count(), 2, "{list}");
}
