use fasttrack_tests::Installation;

const NEWER: &str = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";

#[tokio::test]
async fn migrating_names_what_it_applies_and_then_finds_nothing() {
    let installation = Installation::empty();
    let first = installation.command(["migrate"]).run().await.succeeded();
    assert!(first.contains("core"), "{first}");
    let second = installation.command(["migrate"]).run().await.succeeded();
    assert!(!second.contains("core"), "{second}");
}

#[tokio::test]
async fn without_auto_migrate_a_schema_behind_the_binary_is_an_error() {
    let installation = Installation::empty().with("AUTO_MIGRATE", "false");
    let reason = installation.command([]).run().await.failed(1);
    assert!(reason.contains("migrate"), "{reason}");
    installation.command(["migrate"]).run().await.succeeded();
    installation.start().anonymous().get("/health/ready").await.expect(200);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
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
async fn two_that_migrate_at_once_both_succeed() {
    let installation = Installation::empty();
    let runs = fasttrack_tests::all((0..4).map(|_| installation.command(["migrate"]).run())).await;

    let applied = runs.into_iter().map(fasttrack_tests::Output::succeeded).filter(|names| names.contains("core"));
    assert_eq!(applied.count(), 1);
    installation.start().anonymous().get("/health/ready").await.expect(200);
}
