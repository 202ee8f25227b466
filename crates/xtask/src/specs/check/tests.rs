use super::*;
use crate::specs::fixture::{CODE, DECISION, NORM, Repository, SPEC, TASK, TESTS};

/// The findings after one edit of a correct repository.
#[track_caller]
fn assert_finding((path, from, to): (&str, &str, &str), fault: Fault, expected: &str) {
    let repository = Repository::new();
    repository.edit(path, from, to);
    assert_eq!(repository.findings(), [(fault, expected.to_owned())]);
}

#[test]
fn correct_repository_has_counts_and_no_findings() {
    let report = judge(&Repository::new().library()).unwrap();
    assert_eq!(report.findings, []);
    let counts = report.counts.to_string();
    let counts: Vec<_> = counts.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        counts,
        [
            "tasks 1",
            "specs 1",
            "decisions 1",
            "norms 1",
            "behaviors 1",
            "tests 1",
            "annotations 3",
            "links 4",
            "paths 2"
        ]
    );
}

#[test]
fn document_without_code_is_found() {
    for (annotation, path, id) in [
        ("// @spec SPEC-001\n", SPEC, "SPEC-001"),
        ("// @decision DEC-001\n", DECISION, "DEC-001"),
        ("// @norm NORM-ONE-001\n", NORM, "NORM-ONE-001"),
    ] {
        assert_finding((CODE, annotation, ""), Fault::WithoutCode, &format!("{path}:1: no code names {id}"));
    }
}

#[test]
fn planned_or_superseded_document_needs_no_code() {
    let repository = Repository::new();
    repository.write(CODE, "");
    repository.write(TESTS, "");
    repository.edit(SPEC, "active", "planned");
    repository.edit(SPEC, "- TEST `crates/one/tests/rain.rs::rain_is_wet`\n", "");
    repository.edit(SPEC, "crates/one/src/*.rs", "crates/two/**");
    repository.edit(DECISION, "accepted", "superseded");
    repository.edit(NORM, "active", "planned");
    assert_eq!(repository.findings(), []);
    let counts = judge(&repository.library()).unwrap().counts.to_string();
    assert!(counts.contains("1, 1 of them planned") && counts.contains("1, 1 of them superseded"), "{counts}");
}

#[test]
fn annotation_without_document_is_found() {
    for (to, expected) in [
        ("// @spec SPEC-001\n// @spec SPEC-002", "2: there is no spec SPEC-002"),
        ("// @spec SPEC-001\n// @norm DEC-001", "2: DEC-001 is a decision"),
    ] {
        assert_finding((CODE, "// @spec SPEC-001", to), Fault::UnknownDocument, &format!("{CODE}:{expected}"));
    }
}

#[test]
fn annotation_outside_document_paths_is_found() {
    let repository = Repository::new();
    repository.write("crates/two/src/lib.rs", "\n// @spec SPEC-001\n// @decision DEC-001\n");
    let expected = "crates/two/src/lib.rs:2: no path of SPEC-001 matches this file".to_owned();
    assert_eq!(repository.findings(), [(Fault::UnknownDocument, expected)]);
}

#[test]
fn annotation_of_superseded_decision_is_found() {
    let edit = (DECISION, "accepted", "superseded");
    assert_finding(edit, Fault::UnknownDocument, &format!("{CODE}:2: DEC-001 is superseded"));
}

#[test]
fn dead_link_is_found() {
    for ((path, from, to), expected) in [
        ((TASK, "specs: [SPEC-001]", "specs: [SPEC-001, SPEC-002]"), "5: there is no spec SPEC-002"),
        ((TASK, "specs: [SPEC-001]", "specs: [SPEC-001, DEC-001]"), "5: there is no spec DEC-001"),
        ((TASK, "specs/SPEC-001.md", "specs/SPEC-002.md"), "8: `../../system/specs/SPEC-002.md` leads nowhere"),
        ((DECISION, "Water.", "[Water](NORM-ONE-001.md)"), "7: `NORM-ONE-001.md` leads nowhere"),
        ((NORM, "Drops.", "[Drops](#drops)"), "8: `#drops` leads nowhere"),
    ] {
        assert_finding((path, from, to), Fault::DeadLink, &format!("{path}:{expected}"));
    }
}

#[test]
fn links_to_files_folders_and_headings_are_valid() {
    let repository = Repository::new();
    let path = "../../../crates/one";
    repository.edit(NORM, "Drops.", &format!("# All drops\n\n[a]({path}) [b]({path}/src/lib.rs) [c](#all-drops)"));
    assert_eq!(repository.findings(), []);
}

#[test]
fn behavior_without_test_is_found() {
    const NAME: &str = "`crates/one/tests/rain.rs::rain_is_wet`";
    for ((path, from, to), line, expected) in [
        ((SPEC, "- TEST `crates/one/tests/rain.rs::rain_is_wet`\n", ""), 11, "SPEC-001.1 names no test".to_owned()),
        (
            (SPEC, "rain.rs", "snow.rs"),
            15,
            "SPEC-001.1: `crates/one/tests/snow.rs::rain_is_wet` doesn't exist".to_owned(),
        ),
        ((TESTS, "fn rain_is_wet", "fn rain_is_dry"), 15, format!("SPEC-001.1: {NAME} doesn't exist")),
        ((TESTS, "#[test]\n", ""), 15, format!("SPEC-001.1: {NAME} is no test")),
        ((TESTS, "#[test]\n", "#[test]\n#[ignore]\n"), 15, format!("SPEC-001.1: {NAME} is ignored")),
    ] {
        assert_finding((path, from, to), Fault::WithoutTest, &format!("{SPEC}:{line}: {expected}"));
    }
}

#[test]
fn missing_test_named_in_prose_is_found() {
    const MANUAL: &str = ".contextia/manual.md";
    let repository = Repository::new();
    repository
        .write(MANUAL, "Rain: `crates/one/tests/rain.rs::rain_is_wet`.\nSnow: `crates/one/tests/rain.rs::snow`.\n");
    let expected = format!("{MANUAL}:2: `crates/one/tests/rain.rs::snow` doesn't exist");
    assert_eq!(repository.findings(), [(Fault::UnknownTest, expected)]);
}

#[test]
fn function_in_test_case_file_needs_no_attribute() {
    let repository = Repository::new();
    repository.edit(SPEC, "crates/one/tests/rain.rs", "crates/cases/src/rain.rs");
    repository.write("crates/cases/src/rain.rs", "pub async fn rain_is_wet(ports: &Ports) {}\n");
    assert_eq!(repository.findings(), []);
}

#[test]
fn path_without_match_is_found() {
    let edit = (SPEC, "  - crates/one/src/*.rs\n", "  - crates/one/src/*.rs\n  - crates/*.rs\n");
    assert_finding(edit, Fault::EmptyPath, &format!("{SPEC}:9: `crates/*.rs` matches nothing"));
}

#[test]
fn malformed_documents_and_annotations_are_found() {
    let (unknown, spec) = ("`@specs SPEC-001` is not `spec`, `decision` or `norm` and one id", "// @spec SPEC-001");
    let edit = (CODE, spec, "// @spec SPEC-001\n// @specs SPEC-001");
    assert_finding(edit, Fault::Malformed, &format!("{CODE}:2: {unknown}"));
    let edit = (SPEC, "- WHEN it rains\n", "");
    assert_finding(edit, Fault::Malformed, &format!("{SPEC}:11: SPEC-001.1 has no WHEN"));
}
