//! Tests of `.ci/advisories`.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// A directory with a checkout, and a `cargo` that prints its arguments and fails.
struct Machine {
    root: TempDir,
}

const CARGO: &str = r#"#!/bin/sh
echo "asked for: $*"
while [ "$1" != --config ]; do shift; done
database=$(sed -n 's/^db-path = "\(.*\)"$/\1/p' "$2")
grep -n -A 1 '^\[advisories\]' "$2"
ls "$database"/advisory-db-3157b0e258782691/crates/*/
exit 7
"#;

/// Writes a file that can be executed. Another process does it: a child of a test beside this one could keep a file open that
/// this process writes, and what is open for writing can't be executed.
fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat >\"$0\" && chmod 755 \"$0\"", path.to_str().unwrap()]).stdin(Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    shell.stdin.take().unwrap().write_all(content.as_bytes()).unwrap();
    assert!(shell.wait().unwrap().success());
}

/// A database with one advisory.
fn database(directory: &Path) {
    write(&directory.join("crates/leaky/RUSTSEC-2026-0001.md"), "[advisory]\ndate = \"2026-02-03\"\n");
}

impl Machine {
    fn new() -> Self {
        let machine = Self { root: tempfile::tempdir().unwrap() };
        write(&machine.path("bin/cargo"), CARGO);
        write(&machine.path("checkout/.ci/advisories"), include_str!("../../../.ci/advisories"));
        write(&machine.path("checkout/deny.toml"), include_str!("../../../deny.toml"));
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A copy of the database as an archive.
    fn archive(&self, to: &str) {
        database(&self.path("advisory-db"));
        fs::create_dir_all(self.path(to).parent().unwrap()).unwrap();
        let root = self.root.path().to_str().unwrap();
        let to = self.path(to);
        let status = Command::new("tar").args(["-czf", to.to_str().unwrap(), "-C", root, "advisory-db"]).status();
        assert!(status.unwrap().success());
    }

    fn check(&self, named: Option<&str>) -> (Option<i32>, String) {
        let mut script = Command::new("sh");
        script.args(["-c", "PATH=\"$PWD/bin:$PATH\" exec checkout/.ci/advisories"]);
        script.current_dir(self.root.path()).env_remove("ADVISORY_DB");
        if let Some(named) = named {
            script.env("ADVISORY_DB", named);
        }
        let Output { status, stdout, stderr } = script.output().unwrap();
        (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
    }
}

/// Checks that cargo was run with the copy, and that the script failed as cargo did.
fn was_checked((code, output): &(Option<i32>, String)) {
    assert_eq!(*code, Some(7), "{output}");
    for part in ["asked for: deny --offline --locked", "advisories\n", "db-path = ", "RUSTSEC-2026-0001", "2026-02-03"]
    {
        assert!(output.contains(part), "{part}: {output}");
    }
}

#[test]
fn copy_beside_the_checkout_is_used() {
    let machine = Machine::new();
    machine.archive("shared/advisory-db.tar.gz");
    was_checked(&machine.check(None));
    was_checked(&machine.check(Some("")));
}

#[test]
fn advisory_db_may_be_archive_or_directory() {
    let machine = Machine::new();
    machine.archive("elsewhere/copy.tar.gz");
    for named in ["elsewhere/copy.tar.gz", "advisory-db", machine.path("advisory-db").to_str().unwrap()] {
        was_checked(&machine.check(Some(named)));
    }
}

#[test]
fn missing_copy_is_reported() {
    let (code, output) = Machine::new().check(None);
    assert_eq!(code, Some(0), "{output}");
    assert!(
        output.contains("!!! NOT CHECKED: known flaws of dependencies") && !output.contains("asked for"),
        "{output}"
    );
}

#[test]
fn invalid_copy_is_an_error() {
    let machine = Machine::new();
    fs::create_dir(machine.path("empty")).unwrap();
    for named in ["missing.tar.gz", "empty"] {
        let (code, output) = machine.check(Some(named));
        assert_eq!(code, Some(1), "{output}");
        assert!(output.contains(named) && !output.contains("asked for"), "{output}");
    }
}
