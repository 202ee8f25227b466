//! Files of the workspace, and runs of cargo.

use crate::outcome::Outcome;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs cargo and returns its standard output.
pub(crate) fn cargo(arguments: &[&str]) -> Outcome<Vec<u8>> {
    let output = Command::new("cargo").args(arguments).current_dir(root()).stderr(Stdio::inherit()).output()?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("`cargo {}` failed: {}", arguments.join(" "), output.status).into())
    }
}

/// Builds a program with the features that dependencies have in a build of all tests: after `cargo test --workspace` nothing
/// is left to build. `test` names one of its package, as only with a test is the program itself built.
pub(crate) fn program(test: &str, name: &str) -> Outcome<PathBuf> {
    let format = ["--message-format", "json-render-diagnostics"];
    let arguments = ["test", "--workspace", "--locked", "--quiet", "--no-run", "--test", test, format[0], format[1]];
    executable(&String::from_utf8(cargo(&arguments)?)?, name).ok_or_else(|| format!("cargo built no `{name}`").into())
}

/// A run of one test, for its caller to set what the test reads from the environment. It is built with the whole workspace,
/// so that dependencies have the features of a build of all tests and nothing is built again. `executable` names the program
/// that has the test.
pub(crate) fn test(executable: &str, name: &str) -> Command {
    let mut test = Command::new("cargo");
    test.args(["test", "--workspace", "--locked", "--test", executable, "--"])
        .args(["--exact", "--include-ignored", "--nocapture", name])
        .current_dir(root());
    test
}

fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = messages.filter(|message| message["target"]["name"] == name);
    programs.find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

/// The files below `root` whose paths match a glob, by path.
pub(crate) fn matching(root: &Path, pattern: &str) -> Outcome<Vec<Source>> {
    let whole = root.join(pattern);
    let mut found = Vec::new();
    for path in glob::glob(&whole.to_string_lossy())? {
        let path = path?;
        let parts: Vec<_> = path.strip_prefix(root)?.iter().map(|part| part.to_string_lossy()).collect();
        found.push(Source { path: parts.join("/"), text: fs::read_to_string(&path)? });
    }
    Ok(found)
}

/// A source file.
#[derive(Clone)]
pub(crate) struct Source {
    /// The path from the workspace's root, with slashes: `crates/app/src/lib.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every Rust file below `crates/*/src`, by path.
pub(crate) fn sources() -> Outcome<Vec<Source>> {
    let root = root();
    let mut sources = Vec::new();
    for member in fs::read_dir(root.join("crates"))? {
        collect(&root, &member?.path().join("src"), &mut sources)?;
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let parts: Vec<_> = path.strip_prefix(root)?.iter().map(|part| part.to_string_lossy()).collect();
            sources.push(Source { path: parts.join("/"), text: fs::read_to_string(&path)? });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executable_is_found_among_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"browser"},"executable":"/target/browser"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"instructions"},"executable":"/target/instructions"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(executable(messages, "instructions"), Some(PathBuf::from("/target/instructions")));
        assert_eq!(executable(r#"{"reason":"build-finished","success":true}"#, "instructions"), None);
    }
}
