//! Planted faults: each is found, and nothing else.

use super::{
    accepted::Accepted,
    fault::Fault,
    options::Package,
    outcomes::{Outcomes, Tally},
    verdict::faults,
};
use crate::workspace;
use serde_json::{Value, json};

const FILE: &str = "crates/domain/src/page.rs";
const CHANGE: &str = "replace > with >= in Page::cut";
const NAME: &str = "crates/domain/src/page.rs: replace > with >= in Page::cut";

/// A mutant as cargo-mutants writes it.
fn scenario(line: usize, change: &str) -> Value {
    json!({ "Mutant": {
        "name": format!("{FILE}:{line}:12: {change}"),
        "package": "fasttrack-domain",
        "file": FILE,
        "function": { "function_name": "Page::cut", "return_type": "-> Self", "span": {} },
        "span": {},
        "replacement": ">=",
        "genre": "BinaryOperator",
    } })
}

/// Outcomes of mutants with these endings. Those that are not caught have the name [`NAME`].
fn outcomes(endings: &[(&str, usize)]) -> Outcomes {
    let mut all = vec![json!({ "scenario": "Baseline", "summary": "Success", "phase_results": [] })];
    for (summary, times) in endings {
        for line in 1..=*times {
            let change = if *summary == "CaughtMutant" { "replace / with * in Page::cut" } else { CHANGE };
            all.push(json!({ "scenario": scenario(line, change), "summary": summary, "phase_results": [] }));
        }
    }
    let planned = Value::Array(all[1..].iter().map(|outcome| outcome["scenario"]["Mutant"].clone()).collect());
    Outcomes::parse(&planned, &json!({ "outcomes": all })).unwrap()
}

/// `docs/mutants.yaml` with this text after its first list.
fn accepted(rest: &str) -> Accepted {
    Accepted::parse(&format!("complete:\n  - crates/domain/src/policy/**/*.rs\n  - {FILE}\n{rest}")).unwrap()
}

fn none() -> Accepted {
    accepted("survivors: []\nendless: []\n")
}

/// As many survivors of the name [`NAME`], with a reason of this kind.
fn survivors(kind: &str, times: usize) -> Accepted {
    accepted(&format!("survivors:\n  - mutant: {NAME:?}\n    times: {times}\n    {kind}: Why.\nendless: []\n"))
}

fn whole(outcomes: &Outcomes, accepted: &Accepted) -> Vec<Fault> {
    faults(outcomes, accepted, Package::Domain, true)
}

#[test]
fn run_without_a_fault_has_none() {
    let good = outcomes(&[("CaughtMutant", 19), ("MissedMutant", 1), ("Unviable", 7)]);
    assert_eq!(whole(&good, &survivors("equivalent", 1)), []);
    assert_eq!(survivors("equivalent", 1).faults(&workspace::root()).unwrap(), []);
    let endless = accepted(&format!("survivors: []\nendless:\n  - mutant: {NAME:?}\n"));
    assert_eq!(whole(&outcomes(&[("CaughtMutant", 19), ("Timeout", 1)]), &endless), []);
}

#[test]
fn unnamed_survivor_is_found() {
    let missed = outcomes(&[("CaughtMutant", 99), ("MissedMutant", 2)]);
    let survives = |named| {
        let places = ["1:12", "2:12"].map(str::to_owned).to_vec();
        Fault::Survives { mutant: NAME.to_owned(), named, places }
    };
    assert_eq!(whole(&missed, &none()), [survives(0)]);
    assert_eq!(whole(&missed, &survivors("equivalent", 1)), [survives(1)]);
    assert_eq!(faults(&missed, &none(), Package::Domain, false), [survives(0)]);
}

#[test]
fn named_survivor_that_is_caught_or_gone_is_found() {
    let named = survivors("untested", 2);
    let found = |survive| Fault::IsFound { mutant: NAME.to_owned(), named: 2, survive };
    let caught = outcomes(&[("CaughtMutant", 99)]);
    assert_eq!(whole(&caught, &named), [found(0)]);
    assert_eq!(whole(&outcomes(&[("CaughtMutant", 99), ("MissedMutant", 1)]), &named), [found(1)]);
    // It says nothing in another package, and where not all mutants were tested.
    assert_eq!(faults(&caught, &named, Package::App, true), []);
    assert_eq!(faults(&caught, &named, Package::Domain, false), []);
}

#[test]
fn survivor_in_a_complete_file_must_change_nothing() {
    let root = workspace::root();
    assert_eq!(survivors("untested", 1).faults(&root).unwrap(), [Fault::Untested { mutant: NAME.to_owned() }]);
    let elsewhere = "survivors:\n  - mutant: 'crates/domain/src/due.rs: x'\n    untested: Why.\nendless: []\n";
    assert_eq!(accepted(elsewhere).faults(&root).unwrap(), []);
    for reasons in ["", "    untested: ' '\n", "    untested: Why.\n    equivalent: Why.\n"] {
        let text = format!("survivors:\n  - mutant: {NAME:?}\n{reasons}endless: []\n");
        assert_eq!(accepted(&text).faults(&root).unwrap(), [Fault::OneReason { mutant: NAME.to_owned() }], "{reasons}");
    }
}

#[test]
fn complete_file_that_is_missing_is_found() {
    let text = "complete: [crates/domain/src/policies.rs]\nsurvivors: []\nendless: []\n";
    let faults = Accepted::parse(text).unwrap().faults(&workspace::root()).unwrap();
    assert_eq!(faults, [Fault::NoFile { glob: "crates/domain/src/policies.rs".to_owned() }]);
}

#[test]
fn mutants_that_were_not_compiled_count_for_nothing() {
    // With them among those that were caught, the share would be 99 %.
    let refused = outcomes(&[("CaughtMutant", 18), ("MissedMutant", 1), ("Unviable", 80)]);
    let tally = Tally { caught: 18, missed: 1, endless: 0, unviable: 80 };
    let share = Fault::Share { package: "fasttrack-domain", tally };
    assert_eq!(whole(&refused, &survivors("equivalent", 1)), [share]);
    // Where none was compiled, nothing was tested.
    let tally = Tally { caught: 0, missed: 0, endless: 0, unviable: 3 };
    let share = Fault::Share { package: "fasttrack-domain", tally };
    assert_eq!(whole(&outcomes(&[("Unviable", 3)]), &none()), [share]);
}

#[test]
fn share_below_95_percent_is_found() {
    let named = survivors("equivalent", 5);
    let share = |caught| whole(&outcomes(&[("CaughtMutant", caught), ("MissedMutant", 5)]), &named);
    let tally = Tally { caught: 94, missed: 5, endless: 0, unviable: 0 };
    assert_eq!((tally.share(), tally.viable()), (9_494, 99));
    assert_eq!(share(94), [Fault::Share { package: "fasttrack-domain", tally }]);
    assert_eq!(share(95), []);
}

#[test]
fn test_that_does_not_end_has_to_be_expected() {
    let stuck = outcomes(&[("CaughtMutant", 99), ("Timeout", 1)]);
    let places = vec!["1:12".to_owned()];
    let fault = Fault::DoesNotEnd { mutant: NAME.to_owned(), named: 0, places };
    assert_eq!(whole(&stuck, &none()), [fault]);
    let named = accepted(&format!("survivors: []\nendless:\n  - mutant: {NAME:?}\n    times: 2\n"));
    let fault = Fault::Ends { mutant: NAME.to_owned(), named: 2, endless: 1 };
    assert_eq!(whole(&stuck, &named), [fault]);
}

#[test]
fn run_that_ended_early_is_found() {
    let tested = outcomes(&[("CaughtMutant", 9)]);
    let fault = Fault::Unfinished { planned: 10, tested: 9 };
    assert_eq!(faults(&Outcomes { planned: 10, ..tested }, &none(), Package::Domain, false), [fault]);
}

#[test]
fn failing_tests_and_unknown_endings_are_no_outcomes() {
    let parse = |scenario: Value, summary: &str| {
        let outcomes = json!({ "outcomes": [{ "scenario": scenario, "summary": summary }] });
        Outcomes::parse(&json!([]), &outcomes).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(parse(json!("Baseline"), "Success"), Ok(()));
    for summary in ["Failure", "Timeout"] {
        assert_eq!(parse(json!("Baseline"), summary), Err("the tests fail without a mutant".to_owned()));
    }
    assert_eq!(parse(scenario(1, CHANGE), "Failure"), Err("cargo-mutants reports `Failure`".to_owned()));
    assert!(parse(json!({ "Mutant": { "name": "x" } }), "MissedMutant").is_err());
}

#[test]
fn files_of_a_run_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, content: &Value| std::fs::write(folder.path().join(file), content.to_string()).unwrap();
    assert!(Outcomes::read(folder.path()).is_err());
    // It writes no outcomes where there is no mutant.
    write("mutants.json", &json!([]));
    assert_eq!(Outcomes::read(folder.path()).unwrap(), Outcomes { planned: 0, mutants: Vec::new() });
    write("mutants.json", &json!([scenario(1, CHANGE)["Mutant"]]));
    let caught = json!({ "scenario": scenario(1, CHANGE), "summary": "CaughtMutant" });
    write("outcomes.json", &json!({ "outcomes": [caught] }));
    let read = Outcomes::read(folder.path()).unwrap();
    let tally = Tally { caught: 1, missed: 0, endless: 0, unviable: 0 };
    assert_eq!((read.planned, read.mutants[0].name().as_str(), Tally::of(&read.mutants)), (1, NAME, tally));
    assert_eq!(tally.to_string(), "1 caught, 0 missed, 0 endless, 0 not compiled: 100.00 % found");
}

#[test]
fn the_named_mutants_have_a_reason_each() {
    let root = workspace::root();
    assert_eq!(Accepted::read(&root).unwrap().faults(&root).unwrap(), []);
}
