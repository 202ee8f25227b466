use fasttrack_tests::Server;
use serde_json::Value;

#[tokio::test]
async fn printed_document_equals_served_one() {
    let server = Server::shared();
    let printed = server.installation().command(["openapi"]).run().await.succeeded();
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed, server.anonymous().get("/openapi.json").await.expect(200).json());
}
