use fasttrack_tests::{Server, eventually};

#[tokio::test]
async fn healthy_server_is_live_and_ready() {
    let server = Server::shared();
    for path in ["/health/live", "/health/ready"] {
        server.anonymous().get(path).await.expect(200).data();
    }
}

#[tokio::test]
async fn server_stays_ready_after_expanding_migration() {
    let server = Server::start();
    server.installation().sql(
        "INSERT INTO schema_expansions (version) VALUES ('99991231000000');
         INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')",
    );
    server.anonymous().get("/health/ready").await.expect(200);
    let installation = server.installation().clone();
    assert!(server.stop().await.success());
    installation.start().anonymous().get("/health/ready").await.expect(200);
}

#[tokio::test]
async fn server_with_incompatible_schema_is_live_but_unready() {
    let server = Server::start();
    let client = server.anonymous();
    server.installation().sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')");
    eventually("the server is not ready", async || client.get("/health/ready").await.status == 503).await;
    let answer = client.get("/health/ready").await.refused(503, "unavailable");
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    for inside in ["9999", "migration", "sqlite", "SELECT", "/tmp"] {
        assert!(!answer.body.contains(inside), "{answer:#?}");
    }
    client.get("/health/live").await.expect(200);
    server.installation().sql("DELETE FROM __diesel_schema_migrations WHERE version = '99991231000000'");
    eventually("the server is ready again", async || client.get("/health/ready").await.status == 200).await;
}
