use fasttrack_tests::Installation;

const NEWER: &str = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";

#[tokio::test]
async fn migrate_names_applied_migrations_once() {
    let installation = Installation::empty();
    let first = installation.command(["migrate"]).run().await.succeeded();
    assert!(first.contains("core"), "{first}");
    let second = installation.command(["migrate"]).run().await.succeeded();
    assert!(!second.contains("core"), "{second}");
}

#[tokio::test]
async fn outdated_schema_is_an_error_without_auto_migrate() {
    let installation = Installation::empty().with("AUTO_MIGRATE", "false");
    let reason = installation.command([]).run().await.failed(1);
    assert!(reason.contains("migrate"), "{reason}");
    installation.command(["migrate"]).run().await.succeeded();
    installation.start().anonymous().get("/health/ready").await.expect(200);
}

#[tokio::test]
async fn database_of_newer_version_is_refused() {
    let installation = Installation::empty();
    installation.command(["migrate"]).run().await.succeeded();
    installation.sql(NEWER);
    for arguments in [vec![], vec!["serve"], vec!["migrate"]] {
        let reason = installation.command(arguments).run().await.failed(1);
        assert!(reason.contains("newer"), "{reason}");
    }
    let create = installation.command(["user", "create", "--email", "ann@example.org"]);
    create.input("correct horse").run().await.failed(1);
}

#[tokio::test]
async fn concurrent_migrations_all_succeed() {
    let installation = Installation::empty();
    let runs = fasttrack_tests::all((0..4).map(|_| installation.command(["migrate"]).run())).await;

    let applied = runs.into_iter().map(fasttrack_tests::Output::succeeded).filter(|names| names.contains("core"));
    assert_eq!(applied.count(), 1);
    installation.start().anonymous().get("/health/ready").await.expect(200);
}
