//! Pagination by cursors.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fasttrack_tests::{Account, Server, has_fields, unique_email};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn cursor(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

/// Returns paths of lists of an admin with at least `rows` rows each, which no other test changes.
async fn lists(server: &Server, rows: usize) -> (Account, Vec<String>) {
    let admin = server.admin().await;
    let project = admin.project().await;
    let mut task = 0;
    for _ in 0..rows {
        task = admin.task(project, json!({"assignee_id": admin.id})).await;
    }
    for _ in 0..rows {
        admin.project().await;
        admin.comment(task).await;
        let user = server.register().await;
        admin.share(project, &user, "viewer").await;
        admin.invite(project, &unique_email("guest"), "viewer").await;
        let label = json!({"name": unique_email("label")});
        admin.post(format!("/projects/{project}/labels"), label).await.expect(201);
    }
    let nested = ["tasks", "labels", "members", "invitations"].map(|list| format!("/projects/{project}/{list}"));
    let lists = ["/users", "/people", "/projects", "/tasks"].map(str::to_owned).into_iter().chain(nested);
    let lists = lists.chain([format!("/tasks/{task}/comments")]);
    (admin, lists.collect())
}

#[tokio::test]
async fn every_list_has_each_row_once_by_ascending_id() {
    let server = Server::start();
    let (admin, lists) = lists(&server, 7).await;
    for list in lists {
        let whole = admin.get(format!("{list}?limit=100")).await.expect(200);
        let ids = whole.ids();
        assert!(ids.len() >= 7 && ids.is_sorted_by(|a, b| a < b), "{list}: {ids:?}");
        assert_eq!((&whole.data()["next_cursor"], &whole.data()["has_more"]), (&Value::Null, &json!(false)));

        let mut seen = Vec::new();
        let mut query = "limit=3".to_owned();
        loop {
            let page = admin.get(format!("{list}?{query}")).await.expect(200);
            let data = page.data();
            has_fields(&data, &["items", "next_cursor", "has_more"]);
            seen.extend(page.items());
            let more = seen.len() < ids.len();
            assert_eq!(data["has_more"], more);
            if !more {
                assert_eq!(data["next_cursor"], Value::Null);
                break;
            }
            assert_eq!(page.items().len(), 3);
            let last = page.ids()[2];
            assert_eq!(data["next_cursor"], cursor(&format!("{{\"id\": {last}}}")));
            query = format!("limit=3&cursor={}", data["next_cursor"].as_str().unwrap());
        }
        assert_eq!(seen, whole.items(), "{list}");
    }
}

#[tokio::test]
async fn limit_is_1_to_100_and_20_by_default() {
    let server = Server::start();
    let (admin, lists) = lists(&server, 1).await;
    for list in &lists {
        for wrong in ["0", "-1", "101", "4294967297", "99999999999999999999", "ten", "", "1.0", "%201", "+1"] {
            admin.get(format!("{list}?limit={wrong}")).await.invalid(&["query.limit"]);
        }
        for right in [1, 100] {
            admin.get(format!("{list}?limit={right}")).await.expect(200);
        }
    }
    for _ in 0..20 {
        admin.project().await;
    }
    let page = admin.get("/projects").await.expect(200);
    assert_eq!((page.ids().len(), &page.data()["has_more"]), (20, &json!(true)));
}

#[tokio::test]
async fn full_last_page_has_no_next_cursor() {
    let server = Server::shared();
    let ann = server.register().await;
    for _ in 0..3 {
        ann.project().await;
    }
    let page = ann.get("/projects?limit=3").await.expect(200).data();
    assert_eq!((&page["has_more"], &page["next_cursor"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn altered_cursor_is_refused() {
    let server = Server::start();
    let (admin, lists) = lists(&server, 1).await;
    let wrong = [
        String::new(),
        "42".to_owned(),
        "!".to_owned(),
        "%00".to_owned(),
        "eyJpZCI6IDQyfQ%3D%3D".to_owned(),
        "eyJpZCI6IDQyfR".to_owned(),
        "eyJpZCI6IDQyfQ%0A".to_owned(),
        cursor("{\"id\":42}"),
        cursor("{\"id\": 042}"),
        cursor("{\"id\": \"42\"}"),
        cursor("{\"id\": 4.2}"),
        cursor("{\"id\": 0}"),
        cursor("{\"id\": -1}"),
        cursor("{\"id\": 42, \"x\": 1}"),
        cursor("{\"id\": 9223372036854775808}"),
        cursor("{}"),
        cursor("[42]"),
    ];
    for list in &lists {
        for text in &wrong {
            admin.get(format!("{list}?cursor={text}")).await.refused(400, "invalid_cursor");
        }
        // A cursor says where to go on, not that a row is there.
        let after_all = cursor(&format!("{{\"id\": {}}}", i64::MAX));
        let page = admin.get(format!("{list}?cursor={after_all}")).await.expect(200).data();
        assert_eq!(page, json!({"items": [], "next_cursor": null, "has_more": false}));
    }
}

#[tokio::test]
async fn changes_during_paging_skip_and_repeat_nothing() {
    let server = Server::shared();
    let ann = server.register().await;
    let mut standing = BTreeSet::new();
    let mut doomed = Vec::new();
    for n in 0..30 {
        let id = ann.project().await;
        if n % 3 == 0 {
            doomed.push(id);
        } else {
            standing.insert(id);
        }
    }
    let mut seen = Vec::new();
    let mut query = "limit=4".to_owned();
    loop {
        let page = ann.get(format!("/projects?{query}")).await.expect(200);
        seen.extend(page.ids());
        let Some(next) = page.data()["next_cursor"].as_str().map(str::to_owned) else { break };
        query = format!("limit=4&cursor={next}");
        // Also the row that the cursor names goes, where it's one of these.
        for id in [doomed.pop(), doomed.first().copied()].into_iter().flatten() {
            ann.delete(format!("/projects/{id}")).await;
        }
        if seen.len() < 40 {
            ann.project().await;
        }
    }
    let unique: BTreeSet<_> = seen.iter().copied().collect();
    assert_eq!(unique.len(), seen.len(), "repeated: {seen:?}");
    assert!(standing.is_subset(&unique), "skipped: {:?}", standing.difference(&unique));
}
