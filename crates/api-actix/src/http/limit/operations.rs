//! Which requests there is an operation for, and whether it needs a token.

use actix_web::{dev::ResourceDef, http::Method};
use std::collections::HashMap;
use utoipa::openapi::{OpenApi, path::Operation as Described};

/// What the OpenAPI document says of all operations that are limited, by the first segment of their paths.
#[derive(Default)]
pub struct Operations(HashMap<String, Vec<Operation>>);

struct Operation {
    method: Method,
    pattern: ResourceDef,
    is_public: bool,
}

/// Orchestrators and load balancers ask as often as they please.
const UNLIMITED: &str = "/health/";

impl Operations {
    /// The document's, and `pages` that it doesn't have.
    pub fn new<'a>(document: &OpenApi, pages: impl IntoIterator<Item = &'a str>) -> Self {
        let mut operations = Self::default();
        for (path, item) in document.paths.paths.iter().filter(|(path, _)| !path.starts_with(UNLIMITED)) {
            for (method, described) in [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ] {
                if let Some(described) = described {
                    operations.add(method, path, is_public(described));
                }
            }
        }
        for page in pages {
            operations.add(Method::GET, page, true);
        }
        operations
    }

    fn add(&mut self, method: Method, path: &str, is_public: bool) {
        let operation = Operation { method, pattern: ResourceDef::new(path), is_public };
        self.0.entry(first_segment(path).to_owned()).or_default().push(operation);
    }

    /// Whether a request needs no token. `None` where no operation that is limited takes it.
    pub fn is_public(&self, method: &Method, path: &str) -> Option<bool> {
        let mut alike = self.0.get(first_segment(path))?.iter();
        alike.find(|it| it.method == *method && it.pattern.is_match(path)).map(|operation| operation.is_public)
    }
}

/// No path begins with a parameter.
fn first_segment(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

/// It says that it requires nothing.
fn is_public(operation: &Described) -> bool {
    operation.security.as_ref().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi;

    #[test]
    fn operations_are_found_by_method_and_path() {
        let operations = Operations::new(&openapi::document(), ["/docs", "/docs/{file}"]);
        let is_public = |method, path| operations.is_public(&method, path);
        for (method, path, public) in [
            (Method::GET, "/tasks/1", false),
            (Method::POST, "/auth/login", true),
            (Method::POST, "/auth/logout", false),
            (Method::GET, "/.well-known/jwks.json", true),
            (Method::PATCH, "/api/7/tasks/1/complete", false),
            (Method::POST, "/api/auth/signup", true),
            (Method::GET, "/docs/style.css", true),
        ] {
            assert_eq!(is_public(method.clone(), path), Some(public), "{method} {path}");
        }
        for (method, path) in [
            (Method::PUT, "/tasks/1"),
            (Method::GET, "/auth/login"),
            (Method::GET, "/tasks/1/"),
            (Method::GET, "//tasks/1"),
            (Method::GET, "/"),
            (Method::GET, ""),
            (Method::GET, "/nothing"),
            (Method::GET, "/health/live"),
            (Method::GET, "/health/ready"),
        ] {
            assert_eq!(is_public(method.clone(), path), None, "{method} {path}");
        }
    }
}
