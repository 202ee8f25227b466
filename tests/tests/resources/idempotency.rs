use fasttrack_tests::{Account, Answer, BARE, Installation, Request, Server, all};
use serde_json::{Value, json};

/// Creates a project and a task in it, and returns their ids.
async fn given(account: &Account) -> (i64, i64) {
    let project = account.project().await;
    (project, account.task(project, json!({})).await)
}

/// Every POST that creates, with two different bodies. A GET of the same path lists the rows.
async fn creating(account: &Account) -> [(String, Value, Value); 3] {
    let (project, task) = given(account).await;
    [
        ("/projects".to_owned(), json!({"name": "Yard", "description": "Behind"}), json!({"name": "Shed"})),
        (format!("/projects/{project}/tasks"), json!({"title": "Dig"}), json!({"title": "Dig", "priority": "high"})),
        (format!("/tasks/{task}/comments"), json!({"body": "When?"}), json!({"body": "Where?"})),
    ]
}

fn keyed(account: &Account, path: &str, body: &Value, key: &str) -> Request {
    account.post(path, body.clone()).header("idempotency-key", key)
}

#[track_caller]
fn is_replay(answer: &Answer) -> bool {
    match answer.header("idempotency-replayed") {
        None => false,
        Some(value) => {
            assert_eq!(value, "true");
            true
        }
    }
}

#[tokio::test]
async fn equivalent_json_values_are_the_same_request() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let path = format!("/projects/{project}/tasks");
    let id = ann.id;
    let send = |body: String| {
        let request = ann.request(reqwest::Method::POST, &path).header("idempotency-key", "spelling");
        request.body("application/json", body).into_future()
    };
    let first = send(format!(r#"{{"title": "A", "assignee_id": {id}}}"#)).await.expect(201);
    for body in [
        format!(r#"{{"assignee_id":{id}.0,"title":"\u0041"}}"#),
        format!("{{ \"title\": \"A\",\n\"assignee_id\": {id}e0 }}"),
        format!(r#"{{"title": "A", "assignee_id": {id}0E-1}}"#),
    ] {
        let again = send(body).await.expect(201);
        assert!(is_replay(&again));
        assert_eq!(again.data(), first.data());
    }
    for body in [r#"{"title": "A"}"#.to_owned(), format!(r#"{{"title": "B", "assignee_id": {id}}}"#)] {
        send(body).await.refused(422, "idempotency_key_reused");
    }
}

#[tokio::test]
async fn repeated_request_gets_first_response() {
    let server = Server::shared();
    let ann = server.register().await;
    for (path, body, _) in creating(&ann).await {
        let before = ann.get(&path).await.expect(200).ids().len();
        let first = keyed(&ann, &path, &body, &path).await.expect(201);
        assert!(!is_replay(&first));
        for _ in 0..2 {
            let again = keyed(&ann, &path, &body, &path).header("x-request-id", "again").await.expect(201);
            assert!(is_replay(&again));
            assert_eq!(again.data(), first.data());
            for name in ["etag", "location", "content-type", "vary"] {
                assert_eq!(again.header(name), first.header(name), "{path} {name}");
            }
            assert_eq!(again.json()["meta"]["request_id"], "again");
        }
        let bare = keyed(&ann, &path, &body, &path).accept(BARE).await.expect(201);
        assert!(is_replay(&bare));
        assert_eq!(bare.json(), first.data());
        assert_eq!(ann.get(&path).await.expect(200).ids().len(), before + 1, "{path}");
        keyed(&ann, &path, &body, &format!("{path}#2")).await.expect(201);
        assert_eq!(ann.get(&path).await.expect(200).ids().len(), before + 2, "{path}");
        ann.post(&path, body).await.expect(201);
    }
}

#[tokio::test]
async fn whitespace_and_member_order_are_ignored() {
    let server = Server::shared();
    let ann = server.register().await;
    let first = keyed(&ann, "/projects", &json!({"name": "Yard", "description": "x"}), "k").await.expect(201);
    let again = ann.request(reqwest::Method::POST, "/projects").header("idempotency-key", "k");
    let again = again.body("application/json", "{ \"description\" : \"x\",\n\"name\":\"Yard\"}").await.expect(201);
    assert!(is_replay(&again));
    assert_eq!(again.id(), first.id());
}

#[tokio::test]
async fn replay_shows_resource_as_created() {
    let server = Server::shared();
    let ann = server.register().await;
    for (path, body, _) in creating(&ann).await {
        let first = keyed(&ann, &path, &body, &path).await.expect(201);
        let row = match first.header("location") {
            Some(location) => {
                ann.patch(location, json!({"description": "Changed"})).await.expect(200);
                location.to_owned()
            }
            None => format!("/comments/{}", first.id()),
        };
        assert_eq!(keyed(&ann, &path, &body, &path).await.expect(201).data(), first.data());
        ann.delete(&row).await.expect(204);
        let again = keyed(&ann, &path, &body, &path).await.expect(201);
        assert!(is_replay(&again));
        assert_eq!((again.data(), again.header("etag")), (first.data(), first.header("etag")));
    }
}

#[tokio::test]
async fn key_is_bound_to_one_request() {
    let server = Server::shared();
    let ann = server.register().await;
    let creating = creating(&ann).await;
    for (path, body, other) in &creating {
        let key = format!("key-of-{path}");
        let first = keyed(&ann, path, body, &key).await.expect(201);
        let rows = ann.get(path).await.expect(200).ids();
        keyed(&ann, path, other, &key).await.refused(422, "idempotency_key_reused");
        for (elsewhere, body, _) in creating.iter().filter(|(elsewhere, ..)| elsewhere != path) {
            keyed(&ann, elsewhere, body, &key).await.refused(422, "idempotency_key_reused");
        }
        assert_eq!(ann.get(path).await.expect(200).ids(), rows);
        assert_eq!(keyed(&ann, path, body, &key).await.expect(201).data(), first.data());
    }
    // The same body at another address.
    let (one, two) = (ann.project().await, ann.project().await);
    keyed(&ann, &format!("/projects/{one}/tasks"), &json!({"title": "Dig"}), "same").await.expect(201);
    let refused = keyed(&ann, &format!("/projects/{two}/tasks"), &json!({"title": "Dig"}), "same").await;
    refused.refused(422, "idempotency_key_reused");
}

#[tokio::test]
async fn used_key_is_checked_after_form_permission_and_state() {
    let server = Server::shared();
    let (ann, eve) = (server.register().await, server.register().await);
    let (project, strangers) = (ann.project().await, eve.project().await);
    keyed(&ann, "/projects", &json!({"name": "Yard"}), "k").await.expect(201);
    let body = json!({"title": "Dig"});
    keyed(&ann, &format!("/projects/{}/tasks", i64::MAX), &body, "k").await.refused(404, "not_found");
    keyed(&ann, &format!("/projects/{strangers}/tasks"), &body, "k").await.refused(403, "forbidden");
    keyed(&ann, &format!("/projects/{project}/tasks"), &json!({}), "k").await.invalid(&["title"]);
    ann.patch(format!("/projects/{project}"), json!({"status": "archived"})).await.expect(200);
    keyed(&ann, &format!("/projects/{project}/tasks"), &body, "k").await.refused(409, "conflict");
}

#[tokio::test]
async fn refused_request_does_not_use_key() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (project, task) = given(&ann).await;
    let tasks = format!("/projects/{project}/tasks");
    ann.patch(format!("/projects/{project}"), json!({"status": "archived"})).await.expect(200);
    let body = json!({"title": "Dig"});
    keyed(&ann, &tasks, &body, "archived").await.refused(409, "conflict");
    ann.patch(format!("/projects/{project}"), json!({"status": "active"})).await.expect(200);
    let created = keyed(&ann, &tasks, &body, "archived").await.expect(201);
    assert!(!is_replay(&created));
    // Once done it stays done.
    ann.patch(format!("/projects/{project}"), json!({"status": "archived"})).await.expect(200);
    assert!(is_replay(&keyed(&ann, &tasks, &body, "archived").await.expect(201)));

    let (comments, body) = (format!("/tasks/{task}/comments"), json!({"body": "When?"}));
    keyed(&bob, &comments, &body, "forbidden").await.refused(403, "forbidden");
    ann.patch(format!("/tasks/{task}"), json!({"assignee_id": bob.id})).await.expect(200);
    assert!(!is_replay(&keyed(&bob, &comments, &body, "forbidden").await.expect(201)));

    keyed(&ann, "/projects", &json!({"name": ""}), "invalid").await.invalid(&["name"]);
    assert!(!is_replay(&keyed(&ann, "/projects", &json!({"name": "Yard"}), "invalid").await.expect(201)));
}

#[tokio::test]
async fn keys_are_separate_per_user() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let body = json!({"name": "Yard"});
    let anns = keyed(&ann, "/projects", &body, "k").await.expect(201);
    let bobs = keyed(&bob, "/projects", &body, "k").await.expect(201);
    assert!(!is_replay(&bobs));
    assert_ne!(anns.id(), bobs.id());
    assert_eq!(bobs.data()["owner_id"], bob.id);
    // A session is nothing to the key.
    assert_eq!(keyed(&ann.log_in_again().await, "/projects", &body, "k").await.expect(201).data(), anns.data());
}

#[tokio::test]
async fn key_has_1_to_255_visible_ascii_characters() {
    let server = Server::shared();
    let ann = server.register().await;
    for (path, body, _) in creating(&ann).await {
        for wrong in ["", "a b", "a\tb", "ü", &"k".repeat(256)] {
            keyed(&ann, &path, &body, wrong).await.invalid(&["header.idempotency-key"]);
        }
        let twice = keyed(&ann, &path, &body, "a").header("idempotency-key", "b").await;
        twice.invalid(&["header.idempotency-key"]);
        // Keys are the user's, not the path's.
        for right in ["!", "~", "\"quoted\"", &"k".repeat(255 - path.len())] {
            let key = format!("{right}{path}");
            keyed(&ann, &path, &body, &key).await.expect(201);
            assert!(is_replay(&keyed(&ann, &path, &body, &key).await.expect(201)));
        }
    }
    let all = keyed(&ann, "/projects", &json!({"name": "", "x": 1}), "a b").await;
    all.invalid(&["header.idempotency-key", "name", "x"]);
    // Nothing but what creates reads it.
    ann.get("/projects").header("idempotency-key", "a b").await.expect(200);
}

#[tokio::test]
async fn concurrent_requests_with_one_key_create_once() {
    let server = Server::shared();
    let ann = server.register().await;
    for (path, body, _) in creating(&ann).await {
        let before = ann.get(&path).await.expect(200).ids().len();
        let answers = all((0..20).map(|_| keyed(&ann, &path, &body, &path))).await;
        let answers: Vec<_> = answers.into_iter().map(|answer| answer.expect(201)).collect();
        assert_eq!(answers.iter().filter(|answer| !is_replay(answer)).count(), 1, "{path}");
        assert!(answers.iter().all(|answer| answer.data() == answers[0].data()), "{path}");
        assert_eq!(ann.get(&path).await.expect(200).ids().len(), before + 1, "{path}");
    }
}

#[tokio::test]
async fn request_cut_off_by_kill_runs_once_when_repeated() {
    let installation = Installation::new();
    for round in 0..4_u64 {
        let server = installation.start();
        let ann = server.register().await;
        let creating = creating(&ann).await;
        let mut pending = tokio::task::JoinSet::new();
        for (path, body, _) in &creating {
            for n in 0..10 {
                let (request, path) = (keyed(&ann, path, body, &format!("{path}-{n}")), path.clone());
                pending.spawn(async move { (path, n, request.try_send().await) });
            }
        }
        // In the midst of them, a little later each time.
        let mut acknowledged = Vec::new();
        for _ in 0..8 * round {
            acknowledged.extend(pending.join_next().await.map(Result::unwrap));
        }
        server.kill();
        acknowledged.extend(pending.join_all().await);

        let server = installation.start();
        let ann = Account::log_in(&server.anonymous(), &ann.email, fasttrack_tests::PASSWORD).await;
        for (path, body, _) in &creating {
            let before = if path == "/projects" { 1 } else { usize::from(path.starts_with("/projects/")) };
            let mut ids = Vec::new();
            for n in 0..10 {
                let again = keyed(&ann, path, body, &format!("{path}-{n}")).await.expect(201);
                for (_, _, first) in acknowledged.iter().filter(|(of, m, _)| of == path && *m == n) {
                    let Some(first) = first else { continue };
                    assert_eq!((again.data(), is_replay(&again)), (first.clone().expect(201).data(), true));
                }
                ids.push(again.id());
            }
            ids.sort_unstable();
            let rows = ann.get(format!("{path}?limit=100")).await.expect(200).ids();
            assert_eq!(rows[before..], ids, "{path}");
        }
    }
}
