//! What the OpenAPI document says of each route, found by method and path.

use crate::openapi::security::Needed;
use actix_web::{
    dev::ResourceDef,
    http::{Method, header::HeaderValue},
};
use fasttrack_domain::api_token::Scopes;
use std::collections::HashMap;
use utoipa::openapi::{OpenApi, PathItem, path::Operation as Described};

/// Every route: which methods it has, which of them need a token, and which scopes an API token needs. Paths are those
/// of the document, without a prefix that the API is mounted under.
#[derive(Default)]
pub struct RouteIndex {
    /// Operations that are rate limited, by the first segment of their paths.
    limited: HashMap<String, Vec<Operation>>,
    /// The value of `Allow` for each path.
    routes: Vec<(ResourceDef, HeaderValue)>,
}

struct Operation {
    method: Method,
    pattern: ResourceDef,
    access: Access,
}

/// Whether a request needs a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The operation needs no token.
    Public,
    /// The operation needs a token; an API token needs all of these scopes, and is refused without any.
    Token(Option<Scopes>),
    /// There is no such operation, or it is not rate limited.
    Unlimited,
}

/// Paths with this prefix are not rate limited: orchestrators and load balancers request them as often as they are
/// configured to.
const UNLIMITED: &str = "/health/";

impl RouteIndex {
    /// Indexes the operations of `document`, and `pages`, which it doesn't have.
    pub fn new<'a>(document: &OpenApi, pages: impl IntoIterator<Item = &'a str>) -> Self {
        let mut index = Self::default();
        for (path, item) in &document.paths.paths {
            let operations = operations(item);
            for (method, described) in &operations {
                if !path.starts_with(UNLIMITED) {
                    index.add_limited(method.clone(), path, access(described));
                }
            }
            index.add_route(path, operations.into_iter().map(|(method, _)| method));
        }
        for page in pages {
            index.add_limited(Method::GET, page, Access::Public);
            index.add_route(page, [Method::GET]);
        }
        index
    }

    fn add_limited(&mut self, method: Method, path: &str, access: Access) {
        let operation = Operation { method, pattern: ResourceDef::new(path), access };
        self.limited.entry(first_segment(path).to_owned()).or_default().push(operation);
    }

    fn add_route(&mut self, path: &str, methods: impl IntoIterator<Item = Method>) {
        let mut methods: Vec<_> = methods.into_iter().collect();
        if methods.contains(&Method::GET) {
            methods.push(Method::HEAD);
        }
        let allow = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        // Names of methods are always a valid header value.
        self.routes.extend(HeaderValue::try_from(allow).ok().map(|allow| (ResourceDef::new(path), allow)));
    }

    /// Whether a request of this method and path needs a token, and which scopes.
    pub fn access(&self, method: &Method, path: &str) -> Access {
        let mut candidates = self.limited.get(first_segment(path)).into_iter().flatten();
        let found = candidates.find(|it| it.method == *method && it.pattern.is_match(path));
        found.map_or(Access::Unlimited, |operation| operation.access)
    }

    /// Every route's pattern, with its methods as `Allow` names them.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.routes.iter().filter_map(|(pattern, allow)| Some((pattern.pattern()?, allow.to_str().ok()?)))
    }

    /// The pattern that a path matches.
    pub fn pattern_of(&self, path: &str) -> Option<&str> {
        self.routes.iter().find(|(pattern, _)| pattern.is_match(path))?.0.pattern()
    }

    /// The value of `Allow` for a path.
    pub fn methods_of(&self, path: &str) -> Option<&HeaderValue> {
        self.routes.iter().find(|(pattern, _)| pattern.is_match(path)).map(|(_, allow)| allow)
    }
}

fn operations(item: &PathItem) -> Vec<(Method, &Described)> {
    let operations = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    operations.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?))).collect()
}

/// Returns the first segment. It is always a constant: no path begins with a parameter.
fn first_segment(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

fn access(operation: &Described) -> Access {
    match Needed::by(operation) {
        Needed::Nothing => Access::Public,
        Needed::Token(scopes) => Access::Token(scopes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi;
    use fasttrack_domain::api_token::Scope;

    #[test]
    fn operations_are_found_by_method_and_path() {
        let operations = RouteIndex::new(&openapi::document(), ["/docs", "/docs/{file}"]);
        let access = |method, path| operations.access(&method, path);
        let scope = |scope: Scope| Access::Token(Some(Scopes::from_iter([scope])));
        for (method, path, expected) in [
            (Method::GET, "/tasks/1", scope(Scope::TasksRead)),
            (Method::POST, "/auth/login", Access::Public),
            (Method::POST, "/auth/logout", Access::Token(None)),
            (Method::GET, "/.well-known/jwks.json", Access::Public),
            (Method::PATCH, "/api/7/tasks/1/complete", scope(Scope::TasksWrite)),
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
