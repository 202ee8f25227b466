//! Lists across projects.

use super::{ids, label, tasks, walk};
use fasttrack_tests::{Account, Server};
use serde_json::json;

/// Returns the ids of what the account may read.
async fn visible(reader: &Account, query: &str) -> Vec<i64> {
    ids(&walk(reader, "/tasks", &format!("scope=visible&limit=3{query}")).await)
}

#[tokio::test]
async fn visible_is_what_the_caller_may_read() {
    let server = Server::start();
    let (ann, bob, cleo, eve) =
        (server.register().await, server.register().await, server.register().await, server.register().await);
    let admin = server.admin().await;
    let (garden, yard, eves) = (ann.project().await, ann.project().await, eve.project().await);
    let in_garden = tasks(&ann, garden, [json!({}), json!({"assignee_id": bob.id}), json!({})]).await;
    let in_yard = tasks(&ann, yard, [json!({"assignee_id": cleo.id}), json!({"assignee_id": ann.id})]).await;
    let of_eve = tasks(&eve, eves, [json!({"assignee_id": bob.id}), json!({})]).await;
    let all = [&in_garden[..], &in_yard, &of_eve].concat();
    assert_eq!(visible(&ann, "").await, [&in_garden[..], &in_yard].concat());
    assert_eq!(visible(&eve, "").await, of_eve);
    assert_eq!(visible(&admin, "").await, all);
    // Without a role, only what is assigned.
    assert_eq!(visible(&bob, "").await, [in_garden[1], of_eve[0]]);
    assert_eq!(visible(&cleo, "").await, [in_yard[0]]);
    for role in ["viewer", "commenter", "editor"] {
        ann.share(garden, &bob, role).await;
        // What is both assigned and of a project of its own comes once.
        assert_eq!(visible(&bob, "").await, [&in_garden[..], &of_eve[..1]].concat());
    }
    ann.share(yard, &bob, "viewer").await;
    assert_eq!(visible(&bob, "").await, [&in_garden[..], &in_yard, &of_eve[..1]].concat());
    ann.remove(garden, &bob).await;
    assert_eq!(visible(&bob, "").await, [&in_yard[..], &of_eve[..1]].concat());
    ann.patch(format!("/tasks/{}", in_yard[0]), json!({"assignee_id": null})).await.expect(200);
    assert!(visible(&cleo, "").await.is_empty());

    // What is assigned is the default.
    for query in ["", "?scope=assigned"] {
        assert_eq!(bob.get(format!("/tasks{query}")).await.expect(200).ids(), of_eve[..1]);
        assert_eq!(ann.get(format!("/tasks{query}")).await.expect(200).ids(), in_yard[1..]);
        assert!(admin.get(format!("/tasks{query}")).await.expect(200).ids().is_empty());
    }
    server.anonymous().get("/tasks?scope=visible").await.refused(401, "token_missing");
}

#[tokio::test]
async fn filters_and_orders_span_projects() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (garden, yard, bobs) = (ann.project().await, ann.project().await, bob.project().await);
    ann.share(yard, &bob, "viewer").await;
    let urgent = label(&ann, garden, "Urgent").await;
    let fields = |title: &str, due: &str| json!({"title": title, "due": due});
    let in_garden = tasks(&ann, garden, [fields("Paint", "2026-12-03"), fields("Mow", "2026-12-01")]).await;
    let in_yard = tasks(&ann, yard, [fields("Paint", "2026-12-02"), fields("Paint", "2026-12-01")]).await;
    let of_bob = tasks(&bob, bobs, [fields("Paint", "2026-12-02"), json!({"title": "Painting"})]).await;
    ann.patch(format!("/tasks/{}", in_garden[0]), json!({"labels": [urgent], "assignee_id": bob.id})).await.expect(200);
    let all = [in_garden, in_yard, of_bob].concat();
    let [one, two, three, four, five, six] = all[..] else { unreachable!() };
    for (reader, query, expected) in [
        (&ann, "&sort=due".to_owned(), vec![two, four, three, one]),
        (&ann, "&sort=-due&q=paint".to_owned(), vec![one, three, four]),
        (&ann, "&due_until=2026-12-01".to_owned(), vec![two, four]),
        (&ann, "&assignee_id=none&sort=-id".to_owned(), vec![four, three, two]),
        (&ann, format!("&label={urgent}"), vec![one]),
        (&bob, String::new(), vec![one, three, four, five, six]),
        (&bob, "&q=paint&sort=due".to_owned(), vec![four, three, five, one, six]),
        (&bob, "&q=paint&due_from=2026-12-02&sort=-due".to_owned(), vec![one, three, five]),
        (&bob, "&q=mow".to_owned(), vec![]),
        (&bob, format!("&label={urgent}&sort=position"), vec![one]),
        (&bob, format!("&assignee_id={}", bob.id), vec![one]),
        (&bob, format!("&assignee_id={}", ann.id), vec![]),
    ] {
        assert_eq!(visible(reader, &query).await, expected, "{query}");
    }
    for (query, expected) in [("q=paint", vec![one]), ("q=mow", vec![]), ("sort=-due&due_from=2026-12-01", vec![one])] {
        assert_eq!(bob.get(format!("/tasks?{query}")).await.expect(200).ids(), expected, "{query}");
    }
}

#[tokio::test]
async fn search_finds_a_task_by_its_latest_assignee_and_project_role() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let project = ann.project().await;
    let task = ann.task(project, json!({"title": "Paint", "assignee_id": bob.id})).await;
    let found = async |reader: &Account| visible(reader, "&q=pain").await;
    assert_eq!((found(&bob).await, found(&cleo).await), (vec![task], vec![]));
    ann.patch(format!("/tasks/{task}"), json!({"assignee_id": cleo.id})).await.expect(200);
    assert_eq!((found(&bob).await, found(&cleo).await), (vec![], vec![task]));
    ann.share(project, &bob, "viewer").await;
    assert_eq!(found(&bob).await, [task]);
    ann.remove(project, &bob).await;
    ann.share(project, &cleo, "viewer").await;
    // Its assignments end with the membership.
    ann.remove(project, &cleo).await;
    assert_eq!((found(&bob).await, found(&cleo).await, found(&ann).await), (vec![], vec![], vec![task]));
    for query in ["q=pain", "q=pain&sort=due", "scope=visible&q=pain&sort=-id"] {
        assert_eq!(cleo.get(format!("/tasks?{query}")).await.expect(200).ids(), [0; 0], "{query}");
    }
}
