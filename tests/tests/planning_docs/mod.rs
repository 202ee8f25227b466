//! Planning and API tokens, as the documents describe them: the requests of `docs/api.md`, and the import of
//! `docs/import.md`.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod api;
mod import;
mod samples;

use fasttrack_tests::{Account, DEADLINE, Server, code_blocks};
use serde_json::Value;
use std::{
    path::Path,
    process::{Output, Stdio},
};
use tokio::{process::Command, time::timeout};

/// The folder of the checkout.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Runs a program in the folder of the checkout until it ends.
async fn run(command: &mut Command) -> Output {
    // The server is on this machine, whatever proxy there is.
    command.current_dir(ROOT).env("no_proxy", "*").stdin(Stdio::null()).kill_on_drop(true);
    timeout(DEADLINE, command.output()).await.unwrap().unwrap()
}

/// Runs the shell blocks of this name, one after the other, and returns their output. Fails at the first command that
/// fails.
pub(crate) async fn follow(page: &'static str, name: &str, server: &Server, variables: &[(&str, &str)]) -> String {
    let blocks = code_blocks(page).filter(|block| (block.language, block.name) == ("sh", name));
    let script = blocks.map(|block| block.code).collect::<Vec<_>>().join("\n");
    assert_eq!(script.matches("http://127.0.0.1:8080").count(), 1, "{script}");
    let script = script.replace("http://127.0.0.1:8080", server.url());
    let output = run(Command::new("bash").args(["--norc", "-euc", &script]).envs(variables.iter().copied())).await;
    let [printed, said] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{printed}\n{said}");
    printed
}

/// Runs the script on a file, and returns whether it succeeded, and what it printed.
async fn run_import(account: &Account, server: &Server, project: i64, file: &Path) -> (bool, String) {
    let mut python = Command::new("python3");
    python.arg("examples/import/import.py").arg(project.to_string()).arg(file);
    python.env("FASTTRACK_URL", server.url()).env("FASTTRACK_TOKEN", &account.access_token).env("TZ", "CET-1");
    let output = run(&mut python).await;
    let [printed, said] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.success(), format!("{printed}{said}").trim_end().to_owned())
}

/// Returns the tasks of a project, up to a hundred.
async fn tasks(reader: &Account, project: i64) -> Vec<Value> {
    reader.get(format!("/projects/{project}/tasks?limit=100")).await.expect(200).items()
}
