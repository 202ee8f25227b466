use super::{ROOT, follow, run_import, tasks};
use fasttrack_tests::{PASSWORD, Server, eventually, packages};
use std::{
    fmt::Write,
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const MANUAL: &str = include_str!("../../../docs/import.md");

/// The most time that the import of two thousand tasks may take.
const SECONDS: Duration = Duration::from_secs(20);

/// A CSV with this many tasks, every fifth of which has the four others under it.
fn table(count: u32) -> String {
    let mut table = "id,title,labels,due,parent,done\n".to_owned();
    for id in 0..count {
        let parent = if id % 5 == 0 { String::new() } else { (id - id % 5).to_string() };
        writeln!(table, "{id},Task {id},label {},2030-12-01,{parent},{}", id % 20, id % 2).unwrap();
    }
    table
}

#[test]
fn import_script_has_at_most_100_lines() {
    let script = fs::read_to_string(Path::new(ROOT).join("examples/import/import.py")).unwrap();
    assert!(script.lines().count() <= 100 && script.lines().all(|line| line.chars().count() <= 120));
}

#[tokio::test]
async fn documented_import_works() {
    if !packages::has(&["bash", "curl", "python3"]) {
        return;
    }
    let server = Server::start();
    server.register_as("ann@example.org").await;
    let manual = MANUAL.replace("correct horse", PASSWORD).leak();
    let printed = follow(manual, "import", &server, &[]).await;
    assert_eq!(printed, "4 tasks, 0 of which were there from an earlier run\n");
    assert!(MANUAL.contains(&format!("```\n{printed}```\n")));
}

#[tokio::test]
async fn import_of_2000_tasks_twice_makes_no_doubles() {
    if !packages::has(&["python3"]) {
        return;
    }
    let server = Server::shared();
    let (ann, folder) = (server.register().await, TempDir::new().unwrap());
    let (project, file) = (ann.project().await, folder.path().join("tasks.csv"));
    fs::write(&file, table(2_000)).unwrap();
    let begin = Instant::now();
    for there in [0, 2_000] {
        let (succeeded, printed) = run_import(&ann, &server, project, &file).await;
        assert_eq!(printed, format!("2000 tasks, {there} of which were there from an earlier run"));
        assert!(succeeded && begin.elapsed() < SECONDS, "{:?}", begin.elapsed());
    }
    let statistics = format!("/projects/{project}/stats");
    eventually("all tasks are counted", async || {
        let statistics = ann.get(&statistics).await.expect(200).data();
        assert!(statistics["total"].as_i64() <= Some(2_000), "{statistics}");
        statistics["done"] == 1_000 && statistics["todo"] == 1_000
    })
    .await;
}

#[tokio::test]
async fn corrected_file_is_imported_from_the_fault_on() {
    if !packages::has(&["python3"]) {
        return;
    }
    let server = Server::shared();
    let (ann, folder) = (server.register().await, TempDir::new().unwrap());
    let (project, file) = (ann.project().await, folder.path().join("tasks.csv"));
    let row = |id: u32, due: &str| format!("{id},Task {id},{due}\n");
    let first: String = (1..=500).map(|id| row(id, "2030-12-01")).collect();
    let table = |rows: &str| format!("id,title,due\n{first}{rows}");

    fs::write(&file, table(&[row(501, ""), row(502, "soon"), ",\"two\nlines\",2030-02-30\n".to_owned()].concat()))
        .unwrap();
    let (succeeded, printed) = run_import(&ann, &server, project, &file).await;
    let lines: Vec<_> = printed.lines().map(|line| line.split(": must be").next().unwrap()).collect();
    assert_eq!((succeeded, lines), (false, vec!["line 503: due", "line 505: due"]), "{printed}");

    fs::write(&file, table(&[row(501, ""), row(502, "2030-12-02"), ",\"two\nlines\",\n".to_owned()].concat())).unwrap();
    let (succeeded, printed) = run_import(&ann, &server, project, &file).await;
    let expected = "503 tasks, 500 of which were there from an earlier run";
    assert_eq!((succeeded, printed.as_str()), (true, expected));
}

#[tokio::test]
async fn faults_of_a_file_are_named_and_nothing_is_created() {
    if !packages::has(&["python3"]) {
        return;
    }
    let server = Server::shared();
    let (ann, folder) = (server.register().await, TempDir::new().unwrap());
    let project = ann.project().await;
    let long = format!(r#"[{{"title": "Dig", "labels": ["{}"]}}]"#, "x".repeat(51));
    let cases = [
        ("parent.csv", "id,title,parent\n1,Dig,\n2,Sow,7\n", "line 3: parent 7 is missing"),
        ("circle.csv", "id,title,parent\n1,Dig,2\n2,Sow,1\n", "line 2: parent 2 is missing, under it"),
        ("deep.csv", "id,title,parent\n1,a,\n2,b,1\n3,c,2\n4,d,3\n5,e,4\n6,f,5\n", "line 7: parent 5 is missing"),
        ("title.csv", "title,labels\nDig,\n,\"a, b\"\n", "line 3: title: "),
        ("label.json", long.as_str(), "label xxxx"),
        ("broken.json", "[{", "not imported: "),
        ("other.json", "[1]", "not imported: "),
    ];
    for (name, content, expected) in cases {
        let file = folder.path().join(name);
        fs::write(&file, content).unwrap();
        let (succeeded, printed) = run_import(&ann, &server, project, &file).await;
        assert!(!succeeded && printed.starts_with(expected), "{name}: {printed}");
        assert!(!printed.contains("Traceback"), "{printed}");
    }
    let (succeeded, printed) = run_import(&ann, &server, project, &folder.path().join("missing.csv")).await;
    assert!(!succeeded && printed.starts_with("not imported: "), "{printed}");
    assert_eq!(tasks(&ann, project).await, Vec::<serde_json::Value>::new());

    let bob = server.register().await;
    fs::write(folder.path().join("one.csv"), "title\nDig\n").unwrap();
    let (succeeded, printed) = run_import(&bob, &server, project, &folder.path().join("one.csv")).await;
    assert!(!succeeded && printed.starts_with("GET /projects/"), "{printed}");
}
