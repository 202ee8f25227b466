//! How many webhooks a project may have.

use super::Webhook;
use fasttrack_tests::{Server, all};
use serde_json::json;

#[tokio::test]
async fn project_has_at_most_20_webhooks() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let list = format!("/projects/{project}/webhooks");
    let new = json!({"url": "https://hooks.example.org"});
    let first = Webhook::create(&ann, project, new.clone()).await;
    // One that is not active counts, too.
    first.set_active(&ann, false).await.expect(200);
    let answers = all((0..22).map(|_| ann.post(&list, new.clone()))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (19, 3));
    for answer in refused {
        answer.refused(409, "quota_exceeded");
    }
    assert_eq!(ann.get(format!("{list}?limit=100")).await.expect(200).items().len(), 20);
    ann.post(format!("/projects/{}/webhooks", ann.project().await), new.clone()).await.expect(201);
    ann.delete(first.path()).await.expect(204);
    ann.post(&list, new).await.expect(201);
}
