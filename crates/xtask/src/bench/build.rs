//! Builds what is measured and what measures.

use crate::{outcome::Outcome, workspace};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Paths of executables.
pub(super) struct Programs {
    pub(super) product: PathBuf,
    pub(super) floor: PathBuf,
    pub(super) peer: PathBuf,
    pub(super) load: PathBuf,
    pub(super) sql: PathBuf,
    pub(super) flame: PathBuf,
}

/// How the product is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Release,
    /// For release too, but with what a profiler needs, and into another directory, so that neither replaces the other.
    Profile,
}

/// What a profiler needs: frame pointers, by which it walks the stack, and symbols with lines. cc gives both to C where
/// debug information is on.
const FOR_PROFILES: [(&str, &str); 3] = [
    ("RUSTFLAGS", "-C force-frame-pointers=yes"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only"),
    ("CARGO_PROFILE_RELEASE_STRIP", "none"),
];

impl Programs {
    /// Builds the programs of `tests/bench`, and the product unless it is given.
    pub(super) fn build(product: Option<PathBuf>, purpose: Purpose) -> Outcome<Self> {
        let product = executable(product, purpose)?;
        // In this directory, where cargo finds the configuration for these programs.
        let mut built = executables(&workspace::root().canonicalize()?.join("tests/bench"), &["--workspace"], &[])?;
        Ok(Self {
            product,
            floor: take(&mut built, "floor")?,
            peer: take(&mut built, "peer")?,
            load: take(&mut built, "load")?,
            sql: take(&mut built, "sql")?,
            flame: take(&mut built, "flame")?,
        })
    }
}

/// The product as it is released: `given`, or built.
pub(crate) fn release(given: Option<PathBuf>) -> Outcome<PathBuf> {
    executable(given, Purpose::Release)
}

/// The product's executable: `given`, or built.
fn executable(given: Option<PathBuf>, purpose: Purpose) -> Outcome<PathBuf> {
    let root = workspace::root().canonicalize()?;
    let package = ["--package", "fasttrack-api-actix"];
    match (given, purpose) {
        (Some(path), _) => Ok(path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?),
        (None, Purpose::Release) => take(&mut executables(&root, &package, &[])?, "fasttrack"),
        (None, Purpose::Profile) => {
            let into_another = [&package[..], &["--target-dir", "target/profiling"]].concat();
            take(&mut executables(&root, &into_another, &FOR_PROFILES)?, "fasttrack")
        }
    }
}

fn take(built: &mut BTreeMap<String, PathBuf>, name: &str) -> Outcome<PathBuf> {
    built.remove(name).ok_or_else(|| format!("cargo built no `{name}`").into())
}

/// Builds for release, and returns the executables by name.
fn executables(directory: &Path, what: &[&str], environment: &[(&str, &str)]) -> Outcome<BTreeMap<String, PathBuf>> {
    let output = Command::new("cargo")
        .args(["build", "--release", "--locked", "--message-format", "json-render-diagnostics"])
        .args(what)
        .current_dir(directory)
        // Cargo set it for this program, and what is set goes before what the directory's configuration says.
        .env_remove("LIBSQLITE3_FLAGS")
        .envs(environment.iter().copied())
        .stderr(Stdio::inherit())
        .output()?;
    if output.status.success() {
        Ok(parse(&String::from_utf8(output.stdout)?))
    } else {
        Err("cargo build failed".into())
    }
}

fn parse(messages: &str) -> BTreeMap<String, PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages
        .filter_map(|message| {
            let path = message["executable"].as_str()?;
            Some((message["target"]["name"].as_str()?.to_owned(), PathBuf::from(path)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executables_are_found_by_name() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"sqlx"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"peer"},"executable":"/target/peer"}"#,
            "\nno JSON\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(parse(messages), BTreeMap::from([("peer".to_owned(), PathBuf::from("/target/peer"))]));
    }
}
