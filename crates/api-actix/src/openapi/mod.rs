//! The OpenAPI document. Routes describe themselves; what they share is added here.

mod examples;
pub mod parameters;
pub mod responses;
mod routes;
mod schemas;
pub mod security;
mod shared;

pub use routes::Routes;

use crate::payload::{envelope::ErrorEnvelope, problem::Problem, word};
use actix_web::web::Bytes;
use std::ops::Range;
use utoipa::{
    OpenApi,
    openapi::{
        Components, OpenApi as OpenApiDocument, PathItem, Server,
        path::{HttpMethod, Operation},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "fasttrack",
        description = "Projects, tasks and comments, for any front end.\n\n\
            Every JSON response comes in one of two representations, chosen by `Accept`: \
            `application/vnd.fasttrack.envelope+json` wraps it as `{data, error, meta}`; \
            `application/vnd.fasttrack.bare+json` gives `data` itself, and errors as `application/problem+json` (RFC 9457). \
            Without either, routes under `/api/` answer bare and all others in the envelope, as described here."
    ),
    components(schemas(ErrorEnvelope, Problem)),
    tags(
        (name = "auth", description = "Accounts, logins and tokens"),
        (name = "users", description = "One's own account, and everybody's for admins"),
        (name = "people", description = "Whom projects are shared with"),
        (name = "projects", description = "What tasks belong to"),
        (name = "tasks", description = "What is to be done"),
        (name = "labels", description = "What marks tasks of a project"),
        (name = "comments", description = "What is said about it"),
        (name = "webhooks", description = "What tells other systems of changes"),
        (name = "changes", description = "What changed, for clients that keep a copy"),
        (name = "todos", description = "One's own tasks in few words, for front ends of Better Auth"),
        (name = "realtime", description = "What others did, as it happens"),
        (name = "operations", description = "For those who run the server"),
    ),
    security(("bearer" = []))
)]
struct Skeleton;

/// The document of every registered route.
pub fn document() -> OpenApiDocument {
    let mut document = Skeleton::openapi();
    crate::routes::configure(&mut Routes::Described(&mut document));
    complete(&mut document);
    document
}

/// What stands before the address of the server. No other object of the document has such a member.
const SERVER: &str = r#""servers":[{"url":"#;

fn complete(document: &mut OpenApiDocument) {
    // The derive would take the license of the package.
    document.info.license = None;
    // The server that the document is requested from.
    document.servers = Some(vec![Server::new("/")]);
    let components = document.components.get_or_insert_with(Components::new);
    security::add_schemes(components);
    components.schemas.extend(word::named().map(|(name, word)| (name.to_owned(), word.into())));
    components.headers = shared::headers();
    schemas::restrict_schemas(components);
    schemas::use_references(components);
    schemas::split_notifications(components);
    sort_by_tag(document);
    let components = document.components.get_or_insert_with(Components::new);
    for (path, item) in &mut document.paths.paths {
        let is_bare = path.starts_with("/api/");
        for (method, operation) in operations(item) {
            shared::restrict_request(operation, &method, components);
            shared::add_errors(operation, is_bare);
            shared::add_headers(operation);
            security::add_security(operation);
            examples::add_examples(operation, components, is_bare);
        }
    }
}

/// Sorts paths by the order of their tags, so that the document begins with registration; within a tag by the order of
/// the routes.
fn sort_by_tag(document: &mut OpenApiDocument) {
    let tags: Vec<_> = document.tags.iter().flatten().map(|tag| tag.name.clone()).collect();
    document.paths.paths.sort_by_cached_key(|_, item| {
        let tag = operations(&mut item.clone()).find_map(|(_, operation)| operation.tags.clone()?.into_iter().next());
        tags.iter().position(|name| Some(name) == tag.as_ref())
    });
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let operations = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
    ];
    operations.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The OpenAPI document as it is served.
pub struct Document {
    /// The document serialized, for an API that is the whole application.
    json: Bytes,
    /// The bytes of `json` that are the address of the server, with its quotes.
    server: Range<usize>,
}

impl Document {
    /// Serializes a document with one server.
    ///
    /// # Errors
    ///
    /// If the document can't be serialized.
    pub fn new(document: &OpenApiDocument) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_string(document)?;
        let begin = json.find(SERVER).map_or(0, |at| at + SERVER.len());
        Ok(Self { server: begin..begin + r#""/""#.len(), json: json.into() })
    }

    /// The document of an API that is mounted under `prefix`, which becomes the address of its server.
    pub fn json(&self, prefix: &str) -> Result<Bytes, serde_json::Error> {
        if prefix.is_empty() {
            return Ok(self.json.clone());
        }
        let address = serde_json::to_string(prefix)?;
        Ok([&self.json[..self.server.start], address.as_bytes(), &self.json[self.server.end..]].concat().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn prefix_is_the_address_of_the_one_server() {
        let mut described = document();
        let served = Document::new(&described).unwrap();
        for (prefix, address) in [("", "/"), ("/tracker", "/tracker"), (r#"/a"\"#, r#"/a"\"#)] {
            described.servers = Some(vec![Server::new(address)]);
            let json: Value = serde_json::from_slice(&served.json(prefix).unwrap()).unwrap();
            assert_eq!(json, serde_json::to_value(&described).unwrap(), "{prefix}");
        }
    }
}
