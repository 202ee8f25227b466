//! The document is well-formed, and the server conforms to it.

use crate::{
    python, typescript,
    workshop::{Workshop, server},
};
use serde_json::Value;
use std::fs;

/// The committed document, which CI compares with what the server returns.
const DOCUMENT: &str = include_str!("../../../docs/openapi.json");

fn operations() -> usize {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let paths = document["paths"].as_object().unwrap();
    paths.values().map(|path| path.as_object().unwrap().len()).sum()
}

#[tokio::test]
async fn openapi_document_passes_the_linter() {
    let Some(packages) = typescript::installed() else { return };
    let files = ["redocly.yaml", ".redocly.lint-ignore.yaml"];
    let workshop = Workshop::new(packages, "node_modules/.bin").with(typescript::PROJECT, &files);
    let server = server().await;
    let document = server.installation().command(["openapi"]).run().await.succeeded();
    fs::write(workshop.file("openapi.json"), document).unwrap();
    let lint = "REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true redocly lint openapi.json";
    workshop.run(lint, &server).await;
}

#[tokio::test]
async fn server_conforms_to_document_under_fuzzing() {
    let Some(packages) = python::installed() else { return };
    let files = ["schemathesis.toml", "hooks.py"];
    let workshop = Workshop::new(packages, "venv/bin").with(python::PROJECT, &files);
    let server = server().await;
    // With the id that the settings name.
    server.register().await;
    let report = workshop.follow_manual("schemathesis", &server).await;
    // All but the two that the settings exclude.
    assert!(report.contains(&format!("Tested: {}\n", operations() - 3)), "{report}");
}
