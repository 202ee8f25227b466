//! Supply chain: every dependency in every language is locked with its hash, and
//! no crate of the workspace has `unsafe` code. Licences and sources are checked by `deny.toml`.

use crate::{
    invariant::{Invariant, report},
    outcome::Outcome,
    workspace::{self, Source},
};
use serde_json::Value;
use std::path::Path;

/// Scripts in which cargo must use the lock file.
const SCRIPTS: [&str; 2] = [".ci/run", "deploy/Dockerfile"];

/// Subcommands of cargo that resolve dependencies.
const RESOLVING: [&str; 11] =
    ["bench", "build", "check", "clippy", "deny", "doc", "fetch", "install", "package", "run", "test"];

/// Prints every rule and whether it holds. Fails if one doesn't.
pub(crate) fn check() -> Outcome {
    let root = workspace::root();
    let read = |pattern: &str| workspace::matching(&root, pattern);
    let scripts = SCRIPTS.iter().map(|script| read(script)).collect::<Outcome<Vec<_>>>()?.concat();
    let workspaces = [read("Cargo.toml")?, read("tests/bench/Cargo.toml")?].concat();
    let manifests =
        ["crates/*/Cargo.toml", "tests/Cargo.toml", "tests/simulation/Cargo.toml", "tests/bench/*/Cargo.toml"];
    let manifests = manifests.into_iter().map(read).collect::<Outcome<Vec<_>>>()?.concat();
    report(
        "supply chain",
        &[
            Invariant {
                rule: "every crate takes its workspace's lints, and they forbid `unsafe`",
                violations: [unlinted(&manifests), allowing_unsafe(&workspaces)].concat(),
            },
            Invariant { rule: "cargo builds what Cargo.lock says", violations: unlocked(&scripts) },
            Invariant {
                rule: "every package from npm is locked with its hash",
                violations: unhashed_npm(&read("tests/**/package.json")?, &root)?,
            },
            Invariant {
                rule: "every package from PyPI is locked with its hash",
                violations: unhashed_pypi(&read("tests/**/requirements*.txt")?),
            },
        ],
    )
}

fn unlinted(manifests: &[Source]) -> Vec<String> {
    let inherits = |manifest: &&Source| !manifest.text.contains("\n[lints]\nworkspace = true\n");
    manifests.iter().filter(inherits).map(|manifest| manifest.path.clone()).collect()
}

fn allowing_unsafe(workspaces: &[Source]) -> Vec<String> {
    let allows = |manifest: &&Source| !manifest.text.contains("\nunsafe_code = \"forbid\"\n");
    workspaces.iter().filter(allows).map(|manifest| manifest.path.clone()).collect()
}

fn unlocked(scripts: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for Source { path, text } in scripts {
        let text = text.replace("\\\n", " ");
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            // Whatever stands between the commands of a line, `cargo` begins one.
            let commands = line.split("cargo ").skip(1).map(|rest| rest.split(['&', '|', ';']).next().unwrap_or(rest));
            let resolves = |command: &&str| {
                let mut words = command.split_whitespace().filter(|word| !word.starts_with(['-', '+']));
                words.next().is_some_and(|word| RESOLVING.contains(&word)) && !command.contains("--version >")
            };
            let loose = commands.filter(resolves).filter(|command| !command.contains("--locked"));
            found.extend(loose.map(|command| format!("{path}: cargo {}", command.trim())));
        }
    }
    found
}

fn unhashed_npm(projects: &[Source], root: &Path) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for project in projects.iter().filter(|project| !project.path.contains("node_modules")) {
        let path = project.path.replace("package.json", "package-lock.json");
        let [lock] = &workspace::matching(root, &path)?[..] else {
            found.push(format!("{path} is missing"));
            continue;
        };
        let lock: Value = serde_json::from_str(&lock.text)?;
        let packages = lock["packages"].as_object().into_iter().flatten();
        let loose = packages.filter(|(name, package)| {
            let hash = package["integrity"].as_str().unwrap_or_default();
            !name.is_empty() && package["link"] != true && !hash.starts_with("sha512-")
        });
        found.extend(loose.map(|(name, _)| format!("{path}: {name}")));
    }
    Ok(found)
}

fn unhashed_pypi(lists: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for Source { path, text } in lists {
        let text = text.replace("\\\n", " ");
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '-']));
        let loose = lines.filter(|line| !line.contains("==") || !line.contains("--hash=sha256:"));
        found.extend(loose.map(|line| format!("{path}: {line}")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn crate_without_workspace_lints_is_reported() {
        let good = source("crates/a/Cargo.toml", "[package]\n\n[lints]\nworkspace = true\n");
        let bad = source("crates/b/Cargo.toml", "[package]\n\n[lints.rust]\nunsafe_code = \"allow\"\n");
        assert_eq!(unlinted(&[good, bad]), ["crates/b/Cargo.toml"]);
        assert_eq!(allowing_unsafe(&[source("Cargo.toml", "[lints]\nunsafe_code = \"deny\"\n")]), ["Cargo.toml"]);
    }

    #[test]
    fn cargo_command_without_locked_is_reported() {
        let script = "# cargo build\nstep cargo test --locked\nRUN a && cargo +1.95 build \\\n --release && b\n\
                      cargo deny --version >/dev/null || step cargo install x --version 1\ncargo fmt\ncargo xtask specs";
        assert_eq!(
            unlocked(&[source("run", script)]),
            ["run: cargo +1.95 build   --release", "run: cargo install x --version 1"]
        );
    }

    #[test]
    fn package_without_hash_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let lock = r#"{"packages": {"": {}, "node_modules/a": {"integrity": "sha512-x"}, "node_modules/b": {"resolved": "git"}}}"#;
        std::fs::write(folder.path().join("package-lock.json"), lock).unwrap();
        let projects = [source("package.json", "{}"), source("other/package.json", "{}")];
        assert_eq!(
            unhashed_npm(&projects, folder.path()).unwrap(),
            ["package-lock.json: node_modules/b", "other/package-lock.json is missing"]
        );
        let list = "# of tests\na==1 \\\n    --hash=sha256:12\nb==2\nc>=3 --hash=sha256:12\n";
        assert_eq!(unhashed_pypi(&[source("r.txt", list)]), ["r.txt: b==2", "r.txt: c>=3 --hash=sha256:12"]);
    }
}
