//! `docs/public-api.txt`: what `domain` and `app` offer to crates that use them, so that reviews show changes.

use crate::{outcome::Outcome, workspace};
use public_api::Builder;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const PATH: &str = "docs/public-api.txt";
const HINT: &str = "run `cargo xtask public-api --write` and commit it";

/// The listed crates, by their names without `fasttrack-`, and the feature they are listed with.
const LISTED: [(&str, Option<&str>); 2] = [("domain", Some("serde")), ("app", None)];

/// rustdoc describes a crate in JSON, of a form that changes with releases of Rust. This form is read, and this
/// release writes it.
const FORM: u32 = 57;
const RUST: &str = "1.95";

/// Fails if the listing differs from the code.
pub(crate) fn check() -> Outcome {
    let kept = fs::read_to_string(path()).map_err(|error| format!("{PATH}: {error}; {HINT}"))?;
    let changes = changes(&kept, &listing()?);
    if changes.is_empty() {
        return Ok(());
    }
    println!("{}", changes.join("\n"));
    Err(format!("{PATH} is outdated; {HINT}").into())
}

/// Writes the listing.
pub(crate) fn write() -> Outcome {
    Ok(fs::write(path(), listing()?)?)
}

fn path() -> PathBuf {
    workspace::root().join(PATH)
}

fn listing() -> Outcome<String> {
    LISTED.into_iter().map(|(name, feature)| of_crate(name, feature)).collect()
}

/// An item a line, with its path and its signature. Left out is what follows from other lines: implementations for any
/// type (`impl<T> Any for T`) and of auto traits (`Send`).
fn of_crate(name: &str, feature: Option<&str>) -> Outcome<String> {
    let package = format!("fasttrack-{name}");
    let mut arguments = vec![
        "rustdoc",
        "--quiet",
        "--locked",
        "--package",
        &package,
        "--lib",
        "--no-default-features",
        "--config",
        "build.rustdoc = 'crates/xtask/rustdoc-unstable'",
    ];
    if let Some(feature) = feature {
        arguments.extend(["--features", feature]);
    }
    arguments.extend(["--", "-Z", "unstable-options", "--output-format", "json"]);
    workspace::cargo(&arguments)?;
    let json = target()?.join("doc").join(format!("{}.json", package.replace('-', "_")));
    assert_form(&json)?;
    let api = Builder::from_rustdoc_json(json).omit_blanket_impls(true).omit_auto_trait_impls(true);
    let without_derived = api.clone().omit_auto_derived_impls(true).build()?;
    Ok(condensed(&api.build()?.to_string(), &without_derived.to_string()))
}

/// Drops the items of derived implementations, which the trait has already, and the lines that separate the `impl`
/// blocks of a type.
fn condensed(all: &str, without_derived: &str) -> String {
    let without_derived: BTreeSet<_> = without_derived.lines().collect();
    let mut kept = String::new();
    for line in all.lines() {
        let is_block = line.starts_with("impl ") && !line.contains(" for ");
        let is_derived = !without_derived.contains(line);
        // Derived with `PartialEq`, and of use to the compiler alone.
        let is_internal = line.starts_with("impl core::marker::StructuralPartialEq for ");
        if !is_block && !is_internal && (!is_derived || line.starts_with("impl")) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The folder that cargo builds into.
fn target() -> Outcome<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let metadata = workspace::cargo(&["metadata", "--format-version", "1", "--no-deps", "--locked"])?;
    Ok(serde_json::from_slice::<Metadata>(&metadata)?.target_directory)
}

fn assert_form(json: &Path) -> Outcome {
    #[derive(Deserialize)]
    struct Description {
        format_version: u32,
    }
    let Description { format_version } = serde_json::from_slice(&fs::read(json)?)?;
    if format_version == FORM {
        return Ok(());
    }
    Err(format!(
        "rustdoc writes form {format_version} of its JSON, and form {FORM} can be read: use Rust {RUST}, as in `cargo \
         +{RUST} xtask public-api --check`, or the release of the crate public-api that reads the other one"
    )
    .into())
}

/// The lines that only one of two listings has.
fn changes(kept: &str, current: &str) -> Vec<String> {
    let (kept, current): (BTreeSet<_>, BTreeSet<_>) = (kept.lines().collect(), current.lines().collect());
    let gone = kept.difference(&current).map(|line| format!("- {line}"));
    gone.chain(current.difference(&kept).map(|line| format!("+ {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_implementation_is_one_line() {
        let all = "pub struct a::A\nimpl a::A\npub fn a::A::new() -> Self\nimpl<T> a::B<T>\nimpl Clone for a::A\n\
                   pub fn a::A::clone(&self) -> a::A\nimpl Display for a::A\npub fn a::A::fmt(&self)\n\
                   impl core::marker::StructuralPartialEq for a::A\n";
        let without_derived = "pub struct a::A\nimpl a::A\npub fn a::A::new() -> Self\nimpl<T> a::B<T>\n\
                               impl Display for a::A\npub fn a::A::fmt(&self)\n";
        let expected = "pub struct a::A\npub fn a::A::new() -> Self\nimpl<T> a::B<T>\nimpl Clone for a::A\n\
                        impl Display for a::A\npub fn a::A::fmt(&self)\n";
        assert_eq!(condensed(all, without_derived), expected);
    }

    #[test]
    fn changed_lines_of_a_listing_are_reported() {
        assert_eq!(changes("a\nb(u8)\nc\n", "a\nb(u16)\nc\nd\n"), ["- b(u8)", "+ b(u16)", "+ d"]);
        assert!(changes("a\nb\n", "a\nb\n").is_empty());
    }

    #[test]
    fn unreadable_form_of_json_names_the_release_to_use() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let assert_of = |form: u32| {
            fs::write(file.path(), format!("{{\"root\": 1, \"format_version\": {form}}}")).unwrap();
            assert_form(file.path()).map_err(|error| error.to_string())
        };
        assert_eq!(assert_of(FORM), Ok(()));
        assert!(assert_of(FORM + 1).unwrap_err().contains("use Rust 1.95"));
    }
}
