//! Versions, entity tags and concurrent changes.

use fasttrack_tests::{Account, Server, all};
use serde_json::{Value, json};

/// Creates a project and a task, and returns their paths.
async fn versioned(account: &Account) -> [String; 2] {
    let project = account.project().await;
    let task = account.task(project, json!({})).await;
    [format!("/projects/{project}"), format!("/tasks/{task}")]
}

#[tokio::test]
async fn get_post_and_patch_send_version_as_etag() {
    let server = Server::shared();
    let ann = server.register().await;
    let made = ann.post("/projects", json!({"name": "Garden"})).await.expect(201);
    assert_eq!(made.etag(), r#""1""#);
    let made = ann.post(format!("/projects/{}/tasks", made.id()), json!({"title": "Dig"})).await.expect(201);
    assert_eq!(made.etag(), r#""1""#);
    for path in versioned(&ann).await {
        for version in 2..5 {
            let patched = ann.patch(&path, json!({"description": format!("{version}")})).await.expect(200);
            let read = ann.get(&path).await.expect(200);
            for answer in [patched, read] {
                assert_eq!(answer.etag(), format!("\"{version}\""));
                assert_eq!(answer.data()["version"], version);
            }
        }
    }
}

#[tokio::test]
async fn unchanged_resource_is_304() {
    let server = Server::shared();
    let ann = server.register().await;
    for path in versioned(&ann).await {
        ann.patch(&path, json!({"description": "Two"})).await.expect(200);
        for known in [r#""2""#, r#"W/"2""#, r#""1", "2""#, r#""x","2" , "7""#, "*"] {
            let answer = ann.get(&path).header("if-none-match", known).await.expect(304);
            assert_eq!((answer.etag(), answer.body.as_str()), (r#""2""#, ""), "{known}");
            // As with 200 (RFC 9110 section 15.4.5).
            assert_eq!(answer.header("vary"), Some("Accept"));
            assert!(answer.header("x-request-id").is_some());
        }
        for other in [r#""1""#, r#""22""#, r#""02""#, r#""""#, r#"W/"1""#] {
            ann.get(&path).header("if-none-match", other).await.expect(200);
        }
    }
}

#[tokio::test]
async fn change_with_stale_if_match_is_refused() {
    let server = Server::shared();
    let ann = server.register().await;
    // The project last, as its end is that of the task.
    for path in versioned(&ann).await.into_iter().rev() {
        ann.patch(&path, json!({"description": "Two"})).await.expect(200);
        // A weak tag never matches here (RFC 9110 section 13.1.1).
        for wrong in [r#""1""#, r#""3""#, r#""02""#, r#""x""#, r#"W/"2""#, r#""1", "3""#] {
            let refused = ann.patch(&path, json!({"description": "Three"})).header("if-match", wrong).await;
            refused.refused(412, "precondition_failed");
            ann.delete(&path).header("if-match", wrong).await.refused(412, "precondition_failed");
        }
        assert_eq!(ann.get(&path).await.expect(200).data()["description"], "Two");
        let mut version = 2;
        for right in [r#""2""#, r#""1", "3""#, "*"] {
            version += 1;
            let body = json!({"description": format!("{version}")});
            let answer = ann.patch(&path, body).header("if-match", right).await.expect(200);
            assert_eq!(answer.etag(), format!("\"{version}\""));
        }
        ann.delete(&path).header("if-match", r#""5""#).await.expect(204);
    }
}

#[tokio::test]
async fn if_none_match_refuses_change_of_that_version() {
    let server = Server::shared();
    let ann = server.register().await;
    for path in versioned(&ann).await.into_iter().rev() {
        ann.patch(&path, json!({"description": "Two"})).await.expect(200);
        // Compared weakly (RFC 9110 section 13.1.2).
        for wrong in ["*", r#""2""#, r#"W/"2""#, r#""1", "2""#, r#", "x" ,"2","#] {
            let refused = ann.patch(&path, json!({"description": "Three"})).header("if-none-match", wrong).await;
            let message = refused.refused(412, "precondition_failed").json()["error"]["message"].to_string();
            assert!(message.contains("fetch it again"), "{message}");
            ann.delete(&path).header("if-none-match", wrong).await.refused(412, "precondition_failed");
        }
        assert_eq!(ann.get(&path).await.expect(200).data()["description"], "Two");
        for right in [r#""1""#, r#""02""#, r#"W/"1""#, r#""2,3""#] {
            ann.patch(&path, json!({"description": "Two"})).header("if-none-match", right).await.expect(200);
        }
        for wrong in ["2", "", "*, *", "w/\"2\""] {
            let patch =
                ann.patch(&path, json!({"name": 1})).header("if-none-match", wrong).header("if-match", "2").await;
            patch.invalid(&["name", "header.if-match", "header.if-none-match"]);
        }
        ann.delete(&path).header("if-none-match", r#""1""#).await.expect(204);
        // What isn't there has no condition to fail.
        ann.delete(&path).header("if-none-match", "*").await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn if_match_precedes_if_none_match() {
    let server = Server::shared();
    let ann = server.register().await;
    for path in versioned(&ann).await {
        let both = |method: &str, if_match: &str, if_none_match: &str| {
            let request = match method {
                "PATCH" => ann.patch(&path, json!({})),
                _ => ann.request(method.parse().unwrap(), &path),
            };
            request.header("if-match", if_match).header("if-none-match", if_none_match).into_future()
        };
        for (if_match, if_none_match, patch, get) in [
            (r#""1""#, r#""2""#, 200, 200),
            ("*", r#""2""#, 200, 200),
            (r#""1""#, r#""1""#, 412, 304),
            ("*", "*", 412, 304),
            (r#""2""#, r#""2""#, 412, 412),
            (r#""2""#, r#""1""#, 412, 412),
            (r#"W/"1""#, r#""2""#, 412, 412),
        ] {
            both("PATCH", if_match, if_none_match).await.expect(patch);
            both("GET", if_match, if_none_match).await.expect(get);
            both("HEAD", if_match, if_none_match).await.expect(get);
        }
    }
}

#[tokio::test]
async fn get_honors_if_match() {
    let server = Server::shared();
    let ann = server.register().await;
    for path in versioned(&ann).await {
        for right in [r#""1""#, "*", r#""7", "1""#] {
            ann.get(&path).header("if-match", right).await.expect(200);
        }
        for wrong in [r#""2""#, r#"W/"1""#, r#""x""#] {
            ann.get(&path).header("if-match", wrong).await.refused(412, "precondition_failed");
        }
        let both = ann.get(&path).header("if-match", "1").header("if-none-match", "1").await;
        both.invalid(&["header.if-match", "header.if-none-match"]);
        // Several lines are one list.
        let lines = ann.get(&path).header("if-none-match", r#""7""#).header("if-none-match", r#""1""#);
        lines.await.expect(304);
        let lines = ann.get(&path).header("if-match", r#""7""#).header("if-match", r#""1""#);
        lines.await.expect(200);
    }
    // A list has no entity tag.
    ann.get("/projects").header("if-match", r#""1""#).await.refused(412, "precondition_failed");
    ann.get("/projects").header("if-match", "*").header("if-none-match", r#""1""#).await.expect(200);
}

#[tokio::test]
async fn malformed_if_match_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    for path in versioned(&ann).await {
        for wrong in ["1", "\"1", "'1'", "\"1\" \"2\""] {
            let patch = ann.patch(&path, json!({"description": "Two"})).header("if-match", wrong).await;
            patch.invalid(&["header.if-match"]);
            ann.delete(&path).header("if-match", wrong).await.invalid(&["header.if-match"]);
        }
    }
}

#[tokio::test]
async fn precondition_is_checked_after_permission_before_status() {
    let server = Server::shared();
    let (ann, eve) = (server.register().await, server.register().await);
    let [project, task] = versioned(&ann).await;
    for path in [&project, &task] {
        let patch = eve.patch(path, json!({"description": "x"})).header("if-match", r#""9""#);
        patch.await.refused(403, "forbidden");
        eve.delete(path).header("if-match", r#""9""#).await.refused(403, "forbidden");
    }
    let both = ann.patch(&task, json!({"status": "done"})).header("if-match", r#""9""#).await;
    both.refused(412, "precondition_failed");
    let state = ann.patch(&task, json!({"status": "done"})).header("if-match", r#""1""#).await;
    state.refused(409, "invalid_status_transition");
    // A patch that changes nothing is held to it all the same.
    ann.patch(&task, json!({})).header("if-match", r#""9""#).await.refused(412, "precondition_failed");
}

#[tokio::test]
async fn concurrent_patches_of_different_fields_all_apply() {
    let server = Server::shared();
    let ann = server.register().await;
    let [project, task] = versioned(&ann).await;
    for _ in 0..5 {
        let before = ann.get(&task).await.expect(200).data()["version"].as_i64().unwrap();
        let fresh = format!("{before}");
        let patches = [
            json!({"title": fresh}),
            json!({"description": fresh}),
            json!({"priority": if before % 2 == 0 { "low" } else { "high" }}),
        ];
        let expected: Value = patches.iter().flat_map(|patch| patch.as_object().unwrap().clone()).collect();
        let changes = patches.len();
        for answer in all(patches.map(|patch| ann.patch(&task, patch))).await {
            answer.expect(200);
        }
        let after = ann.get(&task).await.expect(200).data();
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&after[name], value);
        }
        assert!(after["version"].as_i64().unwrap() > before);
        assert!(after["version"].as_i64().unwrap() <= before + i64::try_from(changes).unwrap());
    }
    let patches = [json!({"name": "Yard"}), json!({"description": "Tulips"}), json!({"status": "archived"})];
    for answer in all(patches.map(|patch| ann.patch(&project, patch))).await {
        answer.expect(200);
    }
    let after = ann.get(&project).await.expect(200).data();
    assert_eq!((&after["name"], &after["description"]), (&json!("Yard"), &json!("Tulips")));
    assert_eq!((&after["status"], &after["version"]), (&json!("archived"), &json!(4)));
}

#[tokio::test]
async fn every_concurrent_patch_increments_version() {
    let server = Server::shared();
    let ann = server.register().await;
    for path in versioned(&ann).await {
        let patches = (0..32).map(|n| ann.patch(&path, json!({"description": format!("{n}")})));
        let mut versions: Vec<_> = all(patches)
            .await
            .into_iter()
            .map(|answer| answer.expect(200).data()["version"].as_i64().unwrap())
            .collect();
        versions.sort_unstable();
        assert_eq!(versions, (2..=33).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn one_of_concurrent_conditional_patches_succeeds() {
    let server = Server::shared();
    let ann = server.register().await;
    for path in versioned(&ann).await {
        let change = |n| ann.patch(&path, json!({"description": format!("{n}")})).header("if-match", r#""1""#);
        let answers = all((0..16).map(change)).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 15));
        for answer in lost {
            answer.refused(412, "precondition_failed");
        }
        assert_eq!(ann.get(&path).await.expect(200).data(), won[0].data());
    }
}

#[tokio::test]
async fn one_of_concurrent_deletions_succeeds() {
    let server = Server::shared();
    let ann = server.register().await;
    let [project, task] = versioned(&ann).await;
    for path in [task, project] {
        let answers = all((0..8).map(|_| ann.delete(&path))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 204);
        assert_eq!((won.len(), lost.len()), (1, 7));
        for answer in lost {
            answer.refused(404, "not_found");
        }
    }
}
