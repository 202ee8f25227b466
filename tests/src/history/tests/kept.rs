use super::right::everything;
use crate::history::{Outcome, Recorder, Request, read, write};
use std::fs;

#[test]
fn history_in_a_file_is_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let (path, history) = (directory.path().join("history.jsonl"), everything().operations);
    write(&path, &history).unwrap();
    assert_eq!(read(&path).unwrap(), history);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), history.len());
    assert!(write(&path, &history).is_err(), "a history was overwritten");
}

#[test]
fn line_that_is_no_operation_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.jsonl");
    write(&path, &everything().operations[..1]).unwrap();
    let damaged = fs::read_to_string(&path).unwrap() + "{}\n";
    fs::write(&path, damaged).unwrap();
    assert!(read(&path).unwrap_err().to_string().starts_with("line 2: "));
}

#[test]
fn dropped_call_is_recorded_as_unknown() {
    let recorder = Recorder::new();
    let first = recorder.call(1, 0, None, Request::WhoAmI);
    let second = recorder.call(2, 1, None, Request::WhoAmI);
    second.returned(Outcome::Done);
    drop(first);
    let history = recorder.history();
    let of = |client| history.iter().find(|operation| operation.client == client).unwrap();
    assert!(matches!(of(1).outcome, Outcome::Unknown { .. }));
    assert_eq!(of(2).outcome, Outcome::Done);
    assert!(history.iter().all(|operation| operation.called <= operation.returned));
    assert!(of(1).called <= of(2).called && of(1).returned >= of(2).returned);
}
