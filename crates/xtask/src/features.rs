//! Each crate that has features alone, without them and with each one. A build of the whole workspace unites the features
//! that its crates enable in a dependency, so that it can't show that a crate enables those that it needs.

use crate::{outcome::Outcome, workspace};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Lints every combination, so that code which a feature leaves unused fails as well.
pub(crate) fn check() -> Outcome {
    let metadata = workspace::cargo(&["metadata", "--format-version", "1", "--no-deps", "--locked"])?;
    let combinations = combinations(&serde_json::from_slice(&metadata)?).ok_or("cargo metadata of no known form")?;
    for Combination { package, feature } in &combinations {
        let mut arguments = vec!["clippy", "--quiet", "--locked", "--package", package, "--no-default-features"];
        if let Some(feature) = feature {
            arguments.extend(["--features", feature]);
        }
        arguments.extend(["--", "-D", "warnings"]);
        let name = feature.as_deref().unwrap_or("no features");
        workspace::cargo(&arguments).map_err(|error| format!("{package} with {name}: {error}"))?;
        println!("ok     {package} with {name}");
    }
    Ok(())
}

#[derive(Debug, PartialEq)]
struct Combination {
    package: String,
    feature: Option<String>,
}

/// For each package that has features none of them, and each one but `default`, and what enables all that `default` does:
/// the build of the workspace has these.
fn combinations(metadata: &Value) -> Option<Vec<Combination>> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array()? {
        let name = package["name"].as_str()?;
        let features = package["features"].as_object()?;
        if features.is_empty() {
            continue;
        }
        let by_default = enabled(features, "default");
        let is_other = |feature: &String| !by_default.is_subset(&enabled(features, feature)) || by_default.is_empty();
        let each = std::iter::once(None).chain(features.keys().filter(|feature| is_other(feature)).map(Some));
        found.extend(each.map(|feature| Combination { package: name.to_owned(), feature: feature.cloned() }));
    }
    Some(found)
}

/// The features that this one enables, itself included; empty where the package has no such feature.
fn enabled<'a>(features: &'a Map<String, Value>, feature: &'a str) -> BTreeSet<&'a str> {
    let (mut found, mut next) = (BTreeSet::new(), vec![feature]);
    while let Some(feature) = next.pop() {
        // `dep:name` and `crate/feature` are no features of this package.
        let Some(others) = features.get(feature) else { continue };
        if found.insert(feature) {
            next.extend(others.as_array().into_iter().flatten().filter_map(Value::as_str));
        }
    }
    found.remove("default");
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_feature_is_checked_alone_and_none() {
        let metadata = json!({ "packages": [
            { "name": "a", "features": { "default": ["x", "y"], "x": ["y"], "y": ["dep:b"], "z": [] } },
            { "name": "c", "features": {} },
        ] });
        let found: Vec<_> = combinations(&metadata)
            .unwrap()
            .into_iter()
            .map(|Combination { package, feature }| (package, feature.unwrap_or_default()))
            .collect();
        let expected = [("a", ""), ("a", "y"), ("a", "z")];
        assert_eq!(found, expected.map(|(package, feature)| (package.to_owned(), feature.to_owned())));
    }

    #[test]
    fn metadata_without_features_is_an_error() {
        assert_eq!(combinations(&json!({ "packages": [{ "name": "a" }] })), None);
    }
}
