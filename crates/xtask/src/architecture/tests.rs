use super::*;
use crate::graph::tests::graph;

/// A correct workspace with these further dependencies.
fn workspace_with(more: &[(&str, &str)]) -> Graph {
    let arrows: &[(&str, &[&str])] = &[
        (DOMAIN, &["chrono"]),
        (APP, &[DOMAIN, "tracing"]),
        ("fasttrack-infra-auth", &[DOMAIN, "bcrypt", "tokio"]),
        ("fasttrack-infra-diesel", &[DOMAIN, "diesel"]),
        (API, &[DOMAIN, APP, "fasttrack-infra-auth", "fasttrack-infra-diesel", "actix-web"]),
        ("fasttrack-testkit", &[DOMAIN, "tokio"]),
        (BLACK_BOX, &[API, "diesel"]),
        (SIMULATION, &[DOMAIN, APP, "fasttrack-infra-diesel"]),
        ("xtask", &[]),
        ("actix-web", &["tokio"]),
        ("bcrypt", &[]),
        ("chrono", &[]),
        ("diesel", &[]),
        ("tokio", &[]),
        ("tracing", &[]),
    ];
    let joined: Vec<(&str, Vec<&str>)> = arrows
        .iter()
        .map(|(from, to)| {
            let further = more.iter().filter(|(other, _)| other == from).map(|(_, to)| *to);
            (*from, to.iter().copied().chain(further).collect())
        })
        .collect();
    graph(&joined.iter().map(|(from, to)| (*from, to.as_slice())).collect::<Vec<_>>())
}

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.replace("ADAPTERS_", &ADAPTERS.replace('-', "_")) }
}

/// A correct API without the feature `program`.
const API_ALONE: &str =
    "0 fasttrack-api-actix v0.1.0 (/api)\n1 actix-web v4.18.0\n2 tokio v1.54.1\n1 fasttrack-app v0.1.0\n";

#[test]
fn correct_workspace_has_no_violations() {
    let sources = [
        source("crates/api-actix/src/lib.rs", "//! `program::cli`\n#[cfg(feature = \"program\")]\npub mod program;"),
        source("crates/api-actix/src/main.rs", "fasttrack_api_actix::program::cli::main()"),
        source("crates/api-actix/src/program/cli/mod.rs", "use crate::program::settings;"),
        source("crates/api-actix/src/program/wiring/mod.rs", "use ADAPTERS_diesel::Database;"),
        source("crates/api-actix/src/program/wiring/keys.rs", "use ADAPTERS_auth::keys;"),
        source("crates/infra-diesel/src/lib.rs", "//! use ADAPTERS_diesel::Database;"),
        source("crates/app/src/lib.rs", "pub mod task;"),
    ];
    for invariant in judge(&workspace_with(&[]), API_ALONE, &sources) {
        assert!(invariant.violations.is_empty(), "{}: {:?}", invariant.rule, invariant.violations);
    }
}

#[test]
fn forbidden_dependency_is_reported_with_its_path() {
    let graph = workspace_with(&[("tracing", "chrono"), ("chrono", "tokio")]);
    assert_eq!(
        reaching_out(&graph),
        ["fasttrack-domain → chrono → tokio", "fasttrack-app → fasttrack-domain → chrono → tokio"]
    );
}

#[test]
fn renamed_crate_is_still_checked() {
    assert_eq!(reaching_out(&graph(&[(DOMAIN, &[])])), ["there is no fasttrack-app"]);
}

#[test]
fn every_wrong_dependency_between_crates_is_reported() {
    for (from, to) in [
        (DOMAIN, APP),
        (APP, "fasttrack-infra-auth"),
        (APP, "fasttrack-testkit"),
        ("fasttrack-infra-auth", "fasttrack-infra-diesel"),
        ("fasttrack-infra-diesel", APP),
        ("fasttrack-infra-diesel", API),
        ("fasttrack-testkit", "fasttrack-infra-diesel"),
        (API, "fasttrack-testkit"),
        (BLACK_BOX, APP),
        ("xtask", DOMAIN),
    ] {
        assert_eq!(against_the_arrows(&workspace_with(&[(from, to)])), [format!("{from} → {to}")]);
    }
}

#[test]
fn library_reserved_for_one_crate_is_refused_elsewhere() {
    for (from, to) in [(API, "diesel"), ("fasttrack-infra-auth", "diesel"), ("fasttrack-infra-diesel", "bcrypt")] {
        assert_eq!(out_of_hiding(&workspace_with(&[(from, to)])), [format!("{from} → {to}")]);
    }
}

#[test]
fn file_that_names_an_adapter_is_reported_with_line() {
    let sources = [
        source("crates/api-actix/src/api.rs", "\nuse ADAPTERS_auth::Keys;\n"),
        source("crates/app/src/wiring.rs", "use ADAPTERS_auth::Keys;"),
    ];
    let module = ADAPTERS.replace('-', "_");
    assert_eq!(
        naming_adapters(&sources),
        [
            format!("crates/api-actix/src/api.rs:2: use {module}auth::Keys;"),
            format!("crates/app/src/wiring.rs:1: use {module}auth::Keys;"),
        ]
    );
    assert_eq!(naming_adapters(&[]), ["there are no sources"]);
}

#[test]
fn api_alone_reaches_no_adapter_and_no_exporter() {
    let tree = format!(
        "{API_ALONE}2 clap v4.6.1\n3 clap_builder v4.6.0\n1 fasttrack-infra-auth v0.1.0\n2 fasttrack-infra-diesel v0.1.0\n\
         1 actix-web v4.18.0 (*)\n"
    );
    assert_eq!(
        reaching_the_program(&tree),
        [format!("{API} → fasttrack-app → clap"), format!("{API} → fasttrack-infra-auth"),]
    );
    assert_eq!(reaching_the_program(""), [format!("there is no {API}")]);
}

#[test]
fn api_that_imports_the_program_is_reported_with_its_line() {
    let import = |text| importing_the_program(&[source("crates/api-actix/src/http/client.rs", text)]);
    for code in ["use crate::program::settings;", "use crate::{api::Api, program};", "    super::program::start()"] {
        assert_eq!(import(code), [format!("crates/api-actix/src/http/client.rs:1: {}", code.trim())]);
    }
    for other in ["// See crate::program.", r#"let name = "program";"#, "let programs = reprogram();"] {
        assert!(import(other).is_empty(), "{other}");
    }
}
