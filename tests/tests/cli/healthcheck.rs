use fasttrack_tests::{Installation, Server, eventually};

#[tokio::test]
async fn healthcheck_reports_readiness_of_running_server() {
    let server = Server::start();
    let installation = server.installation().clone().with("PORT", server.port());
    installation.command(["healthcheck"]).run().await.succeeded();
    installation.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')");
    // What was found out within the last second is not asked for again.
    eventually("it isn't ready", async || installation.command(["healthcheck"]).run().await.code == Some(1)).await;
    installation.command(["healthcheck"]).run().await.failed(1);
    assert!(server.stop().await.success());
    installation.command(["healthcheck"]).run().await.failed(1);
}

#[tokio::test]
async fn healthcheck_of_wildcard_host_uses_loopback() {
    let server = Installation::new().with("HOST", "0.0.0.0").start();
    let installation = server.installation().clone().with("PORT", server.port());
    installation.command(["healthcheck"]).run().await.succeeded();
}
