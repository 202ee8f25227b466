//! When a todo is due.

use super::{get, path, task, todo};
use fasttrack_tests::Server;
use serde_json::{Value, json};

#[tokio::test]
async fn todo_has_a_due_day_or_instant() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({"due": "2026-12-01"})).await;
    assert_eq!(get(&ann, &one).await["due"], "2026-12-01");
    assert_eq!(ann.get(path(&ann)).await.expect(200).json()[0]["due"], "2026-12-01");
    assert_eq!(ann.get(task(&one)).await.expect(200).data()["due"], "2026-12-01");
    for (body, due, version) in [
        (json!({"due": "2026-12-01T09:30:00+02:00"}), json!("2026-12-01T07:30:00Z"), 2),
        (json!({"title": "Dig"}), json!("2026-12-01T07:30:00Z"), 3),
        (json!({"due": null}), Value::Null, 4),
        (json!({"due": "2026-12-02", "completed": true}), json!("2026-12-02"), 5),
    ] {
        let answer = ann.patch(&one, body).await.expect(200);
        assert_eq!((answer.etag(), &answer.json()["due"]), (&*format!("\"{version}\""), &due));
    }
    assert_eq!(get(&ann, &todo(&ann, json!({"due": null})).await).await["due"], Value::Null);
}

#[tokio::test]
async fn put_without_due_clears_it() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({"title": "Dig", "due": "2026-12-01"})).await;
    let kept = ann.put(&one, json!({"title": "Dig", "due": "2026-12-01"})).await.expect(200);
    assert_eq!((kept.etag(), &kept.json()["due"]), (r#""1""#, &json!("2026-12-01")));
    let cleared = ann.put(&one, json!({"title": "Dig"})).await.expect(200);
    assert_eq!((cleared.etag(), &cleared.json()["due"]), (r#""2""#, &Value::Null));
}
