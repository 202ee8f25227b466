use fasttrack_tests::{Account, Installation};

#[tokio::test]
async fn demo_fills_an_empty_database() {
    let installation = Installation::new();
    let printed = installation.command(["demo"]).run().await.succeeded();
    let password = printed.lines().find_map(|line| line.strip_prefix("password: ")).unwrap();
    let emails: Vec<_> =
        printed.lines().filter_map(|line| line.split_whitespace().find(|word| word.contains('@'))).collect();
    assert_eq!(emails.len(), 8, "{printed}");
    // Their addresses are made up: no mail waits for a server that can send it.
    assert_eq!(installation.command(["jobs", "list"]).run().await.succeeded(), "");

    let server = installation.start();
    for email in &emails {
        Account::log_in(&server.anonymous(), email, password).await;
    }
    let admin = Account::log_in(&server.anonymous(), emails[0], password).await;
    assert_eq!(admin.get("/users").await.expect(200).ids().len(), 8);
}

#[tokio::test]
async fn demo_refuses_a_database_with_accounts() {
    let installation = Installation::new();
    installation.command(["demo"]).run().await.succeeded();
    let reason = installation.command(["demo"]).run().await.failed(1);
    assert!(reason.contains("empty"), "{reason}");
}
