//! What becomes of the files in `examples/import/samples`.

use super::{ROOT, run_import, tasks};
use fasttrack_tests::{Server, packages};
use serde_json::{Value, json};
use std::{collections::HashMap, path::Path};

/// The title, status, due, labels and the parent's title of each task, by ascending id.
async fn imported(sample: &str) -> Value {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let file = Path::new(ROOT).join("examples/import/samples").join(sample);
    let (succeeded, printed) = run_import(&ann, &server, project, &file).await;
    assert!(succeeded, "{printed}");
    let tasks = tasks(&ann, project).await;
    let titles: HashMap<_, _> = tasks.iter().map(|task| (task["id"].as_i64(), task["title"].clone())).collect();
    let shown = |task: &Value| {
        let labels: Vec<_> = task["labels"].as_array().unwrap().iter().map(|label| label["name"].clone()).collect();
        let parent = titles.get(&task["parent_id"].as_i64());
        json!([task["title"], task["status"], task["due"], labels, parent])
    };
    tasks.iter().map(shown).collect()
}

#[tokio::test]
async fn csv_of_any_program_is_imported() {
    if packages::has(&["python3"]) {
        let expected = json!([
            ["Paint the fence", "todo", "2026-12-01", ["garden"], null],
            ["Call the plumber", "todo", "2026-12-03T08:30:00Z", ["house"], null],
            ["Straße fegen", "todo", null, [], null],
            ["Buy paint", "done", "2026-11-28", ["garden", "shopping"], "Paint the fence"],
            ["Sand the posts", "todo", null, ["garden"], "Paint the fence"],
        ]);
        assert_eq!(imported("tasks.csv").await, expected);
    }
}

#[tokio::test]
async fn exports_of_todoist_are_imported() {
    if packages::has(&["python3"]) {
        let expected = json!([
            ["Paint the fence", "todo", "2026-12-01", ["garden"], null],
            ["Call the plumber", "todo", "2026-12-03T08:30:00Z", ["house"], null],
            ["Buy paint", "todo", "2026-11-28", ["garden", "shopping"], "Paint the fence"],
            ["Sand the posts", "todo", null, ["garden"], "Paint the fence"],
        ]);
        assert_eq!(imported("todoist.csv").await, expected);
        let expected = json!([
            ["Paint the fence", "todo", "2026-12-01", ["garden"], null],
            ["Buy paint", "done", "2026-11-28T17:00:00Z", ["garden", "shopping"], "Paint the fence"],
        ]);
        assert_eq!(imported("todoist.json").await, expected);
    }
}

#[tokio::test]
async fn board_of_trello_is_imported() {
    if packages::has(&["python3"]) {
        let expected = json!([
            ["Paint the fence", "todo", "2026-12-01T08:00:00Z", ["garden"], null],
            ["Buy paint", "done", null, ["sky"], null],
            ["Sand the posts", "done", null, [], null],
        ]);
        assert_eq!(imported("trello.json").await, expected);
    }
}

#[tokio::test]
async fn issues_of_github_are_imported() {
    if packages::has(&["python3"]) {
        let expected = json!([
            ["Fence is not painted", "todo", "2026-12-01T00:00:00Z", ["garden"], null],
            ["There is no paint", "done", null, ["garden"], "Fence is not painted"],
        ]);
        assert_eq!(imported("github.json").await, expected);
    }
}
