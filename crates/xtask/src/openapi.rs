//! `docs/openapi.json`: a copy of the served document, so that reviews show changes.

use crate::{outcome::Outcome, workspace};
use serde_json::Value;
use std::{fs, path::PathBuf, process::Command};

const HINT: &str = "run `cargo xtask openapi --write` and commit docs/openapi.json";

/// Fails if the copy differs from the served document.
pub(crate) fn check() -> Outcome {
    let kept = fs::read(path()).map_err(|error| format!("docs/openapi.json: {error}; {HINT}"))?;
    match difference(&serde_json::from_slice(&kept)?, &served()?) {
        None => Ok(()),
        Some(place) => Err(format!("docs/openapi.json is outdated at `{place}`; {HINT}").into()),
    }
}

/// Writes the served document to the copy, as it is printed: parsed and written again, its keys would be sorted.
pub(crate) fn write() -> Outcome {
    Ok(fs::write(path(), printed()?)?)
}

fn path() -> PathBuf {
    workspace::root().join("docs/openapi.json")
}

fn served() -> Outcome<Value> {
    Ok(serde_json::from_slice(&printed()?)?)
}

fn printed() -> Outcome<Vec<u8>> {
    let output = Command::new(workspace::program("mounted", "fasttrack")?).arg("openapi").output()?;
    if output.status.success() { Ok(output.stdout) } else { Err(format!("openapi failed: {}", output.status).into()) }
}

/// The first difference of two documents as a JSON pointer (RFC 6901). The order of keys doesn't matter.
fn difference(kept: &Value, served: &Value) -> Option<String> {
    match (kept, served) {
        (Value::Object(kept), Value::Object(served)) => {
            let keys = kept.keys().chain(served.keys().filter(|key| !kept.contains_key(*key)));
            first(keys.map(|key| (key.replace('~', "~0").replace('/', "~1"), kept.get(key), served.get(key))))
        }
        (Value::Array(kept), Value::Array(served)) => {
            let places = 0..kept.len().max(served.len());
            first(places.map(|place| (place.to_string(), kept.get(place), served.get(place))))
        }
        _ => (kept != served).then(String::new),
    }
}

fn first<'a>(mut children: impl Iterator<Item = (String, Option<&'a Value>, Option<&'a Value>)>) -> Option<String> {
    children.find_map(|(name, kept, served)| match (kept, served) {
        (Some(kept), Some(served)) => difference(kept, served).map(|rest| format!("/{name}{rest}")),
        _ => Some(format!("/{name}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_order_makes_no_difference() {
        let one: Value = serde_json::from_str(r#"{"a": [1, {"b": null}], "c": 2}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"c": 2, "a": [1, {"b": null}]}"#).unwrap();
        assert_eq!(difference(&one, &other), None);
    }

    #[test]
    fn first_difference_is_reported_as_json_pointer() {
        let kept = json!({ "paths": { "/tasks": { "get": [1, 2] } } });
        for (served, expected) in [
            (json!({ "paths": { "/tasks": { "get": [1, 3] } } }), "/paths/~1tasks/get/1"),
            (json!({ "paths": { "/tasks": { "get": [1] } } }), "/paths/~1tasks/get/1"),
            (json!({ "paths": { "/tasks": {} } }), "/paths/~1tasks/get"),
            (json!({ "paths": { "/tasks": { "get": [1, 2], "put": [] } } }), "/paths/~1tasks/put"),
            (json!({ "paths": [] }), "/paths"),
            (json!(null), ""),
        ] {
            assert_eq!(difference(&kept, &served).as_deref(), Some(expected));
        }
    }
}
