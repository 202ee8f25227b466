use super::*;
use std::collections::BTreeSet;

fn with_sessions(operation: Operation, connections: usize, sessions: Vec<String>) -> Scenario {
    let data = Data { users: 10, projects: 1000, tasks: 100_000, readers: 100 };
    let tokens = (0..10).map(|user| format!("token{user}")).collect();
    Scenario::new(operation, data, tokens, sessions, connections).unwrap()
}

fn scenario(operation: Operation, connections: usize) -> Scenario {
    with_sessions(operation, connections, Vec::new())
}

fn request(scenario: &Scenario, connection: usize, n: u64) -> String {
    let mut request = Vec::new();
    scenario.write(&mut request, connection, n).unwrap();
    String::from_utf8(request).unwrap()
}

fn preparation(scenario: &Scenario, connection: usize, n: u64) -> String {
    let mut request = Vec::new();
    scenario.prepare(&mut request, connection, n).unwrap();
    String::from_utf8(request).unwrap()
}

#[test]
fn owner_of_the_project_asks() {
    let read = request(&scenario(Operation::Read, 64), 3, 7);
    let task: u64 = read["GET /tasks/".len()..].split(' ').next().unwrap().parse().unwrap();
    let owner = (task - 1) % 1000 % 10;
    assert!(read.contains(&format!("Bearer token{owner}\r\n")), "{read}");
}

#[test]
fn status_goes_forth_and_back() {
    let scenario = scenario(Operation::Status, 64);
    let (forth, back) = (request(&scenario, 9, 4), request(&scenario, 9, 5));
    assert_eq!(forth.lines().next(), back.lines().next());
    assert!(forth.ends_with(r#"{"status":"in_progress"}"#) && back.ends_with(r#"{"status":"todo"}"#));
    assert!(scenario.may_end_after(4) && !scenario.may_end_after(5));
}

#[test]
fn connections_change_different_tasks() {
    let scenario = scenario(Operation::Status, 64);
    let mut seen = BTreeSet::new();
    for connection in 0..64 {
        let mine = (0..2 * 100_000 / 64).map(|n| scenario.change(connection, n).task);
        let mine: BTreeSet<_> = mine.collect();
        assert!(mine.is_disjoint(&seen));
        seen.extend(mine);
    }
}

#[test]
fn tasks_are_read_with_the_entity_tags_that_they_had() {
    let mut scenario = scenario(Operation::NotModified, 8);
    assert_eq!(scenario.preparations(), 16);
    for n in 0..16 {
        let head = format!("HTTP/1.1 200 OK\r\nETag: \"{n}\"\r\ncontent-length: 0\r\n\r\n");
        scenario.receive(5, &Answer { status: 200, head: head.as_bytes(), body: b"" }).unwrap();
    }
    let (first, again) = (request(&scenario, 5, 3), request(&scenario, 5, 19));
    assert!(first.contains("\r\nIf-None-Match: \"3\"\r\n"), "{first}");
    assert_eq!(first, again);
    assert_eq!(first.lines().next(), preparation(&scenario, 5, 3).lines().next());
}

#[test]
fn next_refresh_token_is_that_of_the_response_before() {
    let mut scenario = scenario(Operation::Refresh, 2);
    assert_eq!(scenario.preparations(), 1);
    assert!(preparation(&scenario, 1, 0).contains("user22@example.org"));
    for (connection, token) in [(0, "a"), (1, "b"), (1, "c")] {
        let body = format!(r#"{{"data":{{"access_token":"x","refresh_token":"{token}"}},"error":null}}"#);
        scenario.receive(connection, &Answer { status: 200, head: b"", body: body.as_bytes() }).unwrap();
    }
    assert!(request(&scenario, 0, 1).ends_with(r#"{"refresh_token":"a"}"#));
    assert!(request(&scenario, 1, 2).ends_with(r#"{"refresh_token":"c"}"#));
    assert_eq!(scenario.sessions().collect::<Vec<_>>(), ["a", "c"]);
}

#[test]
fn sessions_of_a_run_before_need_no_login() {
    let sessions = ["a", "b", "c"].map(ToOwned::to_owned).to_vec();
    assert_eq!(with_sessions(Operation::Refresh, 3, sessions.clone()).preparations(), 0);
    assert_eq!(with_sessions(Operation::Refresh, 4, sessions).preparations(), 1);
}

#[test]
fn filters_are_of_the_project_with_the_label() {
    let list = request(&scenario(Operation::Filtered, 64), 13, 0);
    assert!(list.starts_with("GET /projects/1004/tasks?limit=50&status=done&label=32 HTTP"), "{list}");
    assert!(list.contains("Bearer token3\r\n"), "{list}");
}

/// The project and the assignee of a created task.
fn place(scenario: &Scenario, n: u64) -> (u64, u64) {
    let create = request(scenario, 3, n);
    let number = |text: &str| -> u64 { text.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap() };
    (number(&create["POST /projects/".len()..]), number(create.split(r#""assignee_id":"#).nth(1).unwrap()))
}

#[test]
fn tasks_are_assigned_to_many_users_or_to_one() {
    let places = |operation: Operation| -> (BTreeSet<u64>, BTreeSet<u64>) {
        let scenario = scenario(operation, 8);
        (0..50).map(|n| place(&scenario, n)).unzip()
    };
    let sizes = |operation| {
        let (projects, assignees) = places(operation);
        assert!(assignees.iter().all(|user| (31..=130).contains(user)), "{assignees:?}");
        (projects.len(), assignees.len())
    };
    assert_eq!(sizes(Operation::HotUser), (50, 1));
    assert_eq!(sizes(Operation::HotProject).0, 1);
    let (projects, assignees) = sizes(Operation::Assigned);
    assert!(projects == 50 && assignees > 10, "{assignees}");
}

#[test]
fn tasks_are_assigned_to_somebody() {
    let data = Data { users: 10, projects: 1000, tasks: 100_000, readers: 0 };
    let tokens: Vec<_> = (0..10).map(|user| format!("token{user}")).collect();
    for operation in [Operation::Assigned, Operation::HotUser, Operation::HotProject] {
        let data = Data { ..data };
        assert!(Scenario::new(operation, data, tokens.clone(), Vec::new(), 8).is_err());
    }
}

#[test]
fn body_has_its_length() {
    for operation in [Operation::Create, Operation::Assigned, Operation::Comment, Operation::Login, Operation::Status] {
        let request = request(&scenario(operation, 8), 0, 0);
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{request}");
    }
}
