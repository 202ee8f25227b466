//! Adds to each operation what follows from its parameters, body and security: error responses, headers and media
//! types.

use super::{schemas, security::Needed};
use std::collections::BTreeMap;
use utoipa::openapi::{
    Components, ContentBuilder, Header, HeaderBuilder, Object, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder,
    Schema, Type,
    path::{HttpMethod, Operation, ParameterIn},
    request_body::RequestBody,
};

/// Adds the error responses that follow from parameters, body and security.
pub(super) fn add_errors(operation: &mut Operation, is_bare: bool) {
    let needed = Needed::by(operation);
    let is_public = needed == Needed::Nothing;
    let has_body = operation.request_body.is_some();
    let parameters = || {
        operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
    };
    let has_parameters = parameters().next().is_some();
    let has_path = parameters().any(|parameter| matches!(parameter.parameter_in, ParameterIn::Path));
    let has_cursor = parameters().any(|parameter| parameter.name == "cursor");
    let invalid = match (has_body, has_cursor) {
        (true, _) => "`validation_failed` or `malformed_json`: what was sent is wrong",
        (_, true) => "`validation_failed` or `invalid_cursor`: what was sent is wrong",
        _ => "`validation_failed`: what was sent is wrong",
    };
    let follows = [
        (has_body || has_parameters, "400", invalid),
        (!is_public, "401", "`token_missing`, `token_invalid`, `token_expired` or `token_revoked`"),
        (has_path, "404", "`not_found`: no such thing"),
        (has_body, "408", "`request_timeout`: the body took too long"),
        (has_body, "413", "`payload_too_large`: more than 64 KiB"),
        (has_body, "415", "`unsupported_media_type`"),
        (is_limited(operation), "429", "`rate_limited`: try again after `Retry-After` seconds"),
        (true, "500", "`internal`: our fault"),
        (true, "503", "`unavailable`: try again after `Retry-After` seconds"),
    ];
    add_insufficient_scope(operation, needed);
    let responses = &mut operation.responses.responses;
    for (_, status, description) in follows.into_iter().filter(|(follows, ..)| *follows) {
        let response = ResponseBuilder::new().description(description).build();
        responses.entry(status.to_owned()).or_insert(response.into());
    }
    for (status, response) in responses {
        let RefOr::T(response) = response else { continue };
        if status.starts_with(['4', '5']) && response.content.is_empty() {
            let (schema, media_type) =
                if is_bare { ("Problem", "application/problem+json") } else { ("Error", "application/json") };
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
            response.content.insert(media_type.to_owned(), content.into());
        }
    }
}

/// Adds to 403 that the operation may refuse an API token.
fn add_insufficient_scope(operation: &mut Operation, needed: Needed) {
    let reason = match needed {
        Needed::Nothing => return,
        Needed::Token(Some(_)) => "`insufficient_scope`: an API token without the scope",
        Needed::Token(None) => "`insufficient_scope`: an API token, which this is closed to",
    };
    let responses = &mut operation.responses.responses;
    if let Some(RefOr::T(response)) = responses.get_mut("403") {
        response.description = format!("{}; {reason}", response.description);
    } else {
        responses.insert("403".to_owned(), ResponseBuilder::new().description(reason).build().into());
    }
}

/// All operations but those for operators are rate limited.
fn is_limited(operation: &Operation) -> bool {
    !operation.tags.iter().flatten().any(|tag| tag == "operations")
}

const REQUEST_ID: &str = "X-Request-Id";
const ETAG: &str = "ETag";
const CHALLENGE: &str = "WWW-Authenticate";
const RETRY_AFTER: &str = "Retry-After";
const LIMITS: [&str; 2] = ["RateLimit", "RateLimit-Policy"];

/// The definitions of the headers.
pub(super) fn headers() -> BTreeMap<String, RefOr<Header>> {
    let text = || Object::with_type(Type::String);
    let like = |pattern| ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).build();
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
    let [left, policy] = LIMITS;
    let headers = [
        (REQUEST_ID, like("^[!-~]{1,128}$"), "Equals that of the request, if it had a usable one"),
        (ETAG, like(schemas::ENTITY_TAG), "Its version"),
        (CHALLENGE, text(), "A challenge (RFC 6750)"),
        (RETRY_AFTER, seconds, "Seconds until it is worth to try again"),
        (left, text(), "How much of each policy is left, and for how long; absent where nothing is limited"),
        (policy, text(), "How much may be asked for in which time; absent where nothing is limited"),
    ];
    let headers = headers.map(|(name, schema, description)| {
        let header: Header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
        (name.to_owned(), header.into())
    });
    headers.into()
}

/// Adds the headers that follow from the status of each response.
pub(super) fn add_headers(operation: &mut Operation) {
    let (is_limited, is_public) = (is_limited(operation), Needed::by(operation) == Needed::Nothing);
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let version: &[_] = if response.headers.contains_key(ETAG) || status == "304" { &[ETAG] } else { &[] };
        let of_status: &[_] = match status.as_str() {
            "401" => &[CHALLENGE],
            // With `insufficient_scope` alone.
            "403" if !is_public => &[CHALLENGE],
            "429" | "503" => &[RETRY_AFTER],
            _ => &[],
        };
        let limits = if is_limited && (status.starts_with('2') || status == "429") { &LIMITS[..] } else { &[] };
        for name in [&[REQUEST_ID], version, of_status, limits].concat() {
            let header = RefOr::Ref(Ref::new(format!("#/components/headers/{name}")));
            response.headers.insert(name.to_owned(), header);
        }
    }
}

/// Restricts parameters and body as the server does.
pub(super) fn restrict_request(operation: &mut Operation, method: &HttpMethod, components: &mut Components) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            schemas::restrict_parameter(parameter, components);
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        restrict_body(body, *method == HttpMethod::Patch, components);
    }
}

/// An optional body may be absent, but not null. A PATCH takes a merge patch by either media type.
fn restrict_body(body: &mut RequestBody, is_patch: bool, components: &mut Components) {
    let RequestBody { content, required, .. } = body;
    required.get_or_insert(Required::False);
    for content in content.values_mut() {
        let RefOr::T(content) = content else { continue };
        if let Some(RefOr::T(Schema::OneOf(one_of))) = &content.schema {
            content.schema = one_of.items.iter().find(|item| matches!(item, RefOr::Ref(_))).cloned();
        }
        let Some(RefOr::Ref(reference)) = &content.schema else { continue };
        let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
        if let Some(RefOr::T(schema)) = components.schemas.get_mut(name) {
            schemas::restrict_body(schema);
        }
    }
    if is_patch && let Some(json) = content.get("application/json").cloned() {
        content.entry("application/merge-patch+json".to_owned()).or_insert(json);
    }
}
