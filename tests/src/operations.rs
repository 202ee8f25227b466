//! The operations of [`access`](crate::access) under the names of the document.

use crate::access::{OPERATIONS, Row};
use std::{collections::BTreeSet, fmt::Display};

/// The parameters of paths in the document.
const PARAMETERS: [&str; 5] = ["{id}", "{user_id}", "{task_id}", "{invitation_id}", "{label_id}"];

/// Replaces each parameter of a path in the document by this id.
pub fn with_ids(path: &str, id: impl Display) -> String {
    PARAMETERS.iter().fold(path.to_owned(), |path, parameter| path.replace(parameter, &id.to_string()))
}

/// The names of all operations, like `GET /tasks/{id}`, with the parameters of the document.
pub fn known_operations() -> BTreeSet<String> {
    let name = |&(method, route, _): &Row| {
        let path = route.split('?').next().unwrap_or_default();
        let mut before = "";
        let segments = path.split('/').map(|segment| {
            let parameter = match (before, segment) {
                (_, "{user_id}" | "{task_id}") => segment,
                ("members", _) if segment.starts_with('{') => "{user_id}",
                ("invitations", _) if segment.starts_with('{') => "{invitation_id}",
                ("labels", _) if segment.starts_with('{') && !path.starts_with("/labels/") => "{label_id}",
                (_, _) if segment.starts_with('{') => "{id}",
                _ => segment,
            };
            before = segment;
            parameter
        });
        format!("{method} {}", segments.collect::<Vec<_>>().join("/"))
    };
    OPERATIONS.iter().map(name).collect()
}
