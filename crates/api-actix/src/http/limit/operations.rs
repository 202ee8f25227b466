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
    access: Access,
}

/// Whether a request needs a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It needs none.
    Public,
    /// It needs one.
    Token,
    /// No operation that is limited takes it.
    Unlimited,
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
                    operations.add(method, path, access(described));
                }
            }
        }
        for page in pages {
            operations.add(Method::GET, page, Access::Public);
        }
        operations
    }

    fn add(&mut self, method: Method, path: &str, access: Access) {
        let operation = Operation { method, pattern: ResourceDef::new(path), access };
        self.0.entry(first_segment(path).to_owned()).or_default().push(operation);
    }

    /// Whether a request of this method and path needs a token.
    pub fn access(&self, method: &Method, path: &str) -> Access {
        let mut alike = self.0.get(first_segment(path)).into_iter().flatten();
        let found = alike.find(|it| it.method == *method && it.pattern.is_match(path));
        found.map_or(Access::Unlimited, |operation| operation.access)
    }
}

/// No path begins with a parameter.
fn first_segment(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

/// An operation is public where it says that it requires nothing.
fn access(operation: &Described) -> Access {
    if operation.security.as_ref().is_some_and(Vec::is_empty) { Access::Public } else { Access::Token }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi;

    #[test]
    fn operations_are_found_by_method_and_path() {
        let operations = Operations::new(&openapi::document(), ["/docs", "/docs/{file}"]);
        let access = |method, path| operations.access(&method, path);
        for (method, path, expected) in [
            (Method::GET, "/tasks/1", Access::Token),
            (Method::POST, "/auth/login", Access::Public),
            (Method::POST, "/auth/logout", Access::Token),
            (Method::GET, "/.well-known/jwks.json", Access::Public),
            (Method::PATCH, "/api/7/tasks/1/complete", Access::Token),
            (Method::POST, "/api/auth/signup", Access::Public),
            (Method::GET, "/docs/style.css", Access::Public),
        ] {
            assert_eq!(access(method.clone(), path), expected, "{method} {path}");
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
            assert_eq!(access(method.clone(), path), Access::Unlimited, "{method} {path}");
        }
    }
}
