//! The OpenAPI document. Routes describe themselves; what all of them share is added here.

use crate::{
    payload::{envelope::ErrorEnvelope, problem::Problem},
    routes,
};
use actix_web::{
    dev::ResourceDef,
    http::{StatusCode, header::HeaderValue},
    web::Bytes,
};
use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Components, Content, ContentBuilder, Object, OpenApi as OpenApiDocument, PathItem, Ref, RefOr, ResponseBuilder,
        Schema, Type,
        path::{Operation, ParameterIn},
        security::{Http, HttpAuthScheme, SecurityScheme},
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
        (name = "projects", description = "What tasks belong to"),
        (name = "tasks", description = "What is to be done"),
        (name = "comments", description = "What is said about it"),
        (name = "todos", description = "One's own tasks in few words, for front ends of Better Auth"),
        (name = "realtime", description = "What others did, as it happens"),
        (name = "operations", description = "For those who run the server"),
    ),
    security(("bearer" = [])),
    modifiers(&SharedParts)
)]
struct Skeleton;

/// The document of every registered route.
pub fn document() -> OpenApiDocument {
    use utoipa_actix_web::AppExt;
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(Skeleton::openapi())
        .configure(routes::configure)
        .split_for_parts();
    SharedParts.modify(&mut document);
    document
}

/// The OpenAPI document, and which methods each of its paths has.
pub struct Document {
    /// As it is served.
    pub json: Bytes,
    methods: Vec<(ResourceDef, HeaderValue)>,
}

impl Document {
    /// Describes [`routes::configure`]'s.
    pub fn new() -> Result<Self, serde_json::Error> {
        let document = document();
        let json = serde_json::to_vec(&document)?.into();
        let pages = ["/openapi.json", "/docs", "/docs/realtime", "/docs/{file}", "/redoc"].map(|path| (path.to_owned(), vec!["GET"]));
        let described = document.paths.paths.iter().map(|(path, item)| (path.clone(), methods(item)));
        let methods = described
            .chain(pages)
            .filter_map(|(path, mut methods)| {
                if methods.contains(&"GET") {
                    methods.push("HEAD");
                }
                Some((ResourceDef::new(path), HeaderValue::from_str(&methods.join(", ")).ok()?))
            })
            .collect();
        Ok(Self { json, methods })
    }

    /// Every route's pattern, with its methods as `Allow` names them.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.methods.iter().filter_map(|(pattern, methods)| Some((pattern.pattern()?, methods.to_str().ok()?)))
    }

    /// The methods of the path that matches, as `Allow` names them.
    pub fn methods_of(&self, path: &str) -> Option<&HeaderValue> {
        self.methods.iter().find(|(pattern, _)| pattern.is_match(path)).map(|(_, methods)| methods)
    }
}

/// The methods of a path, as `Allow` names them.
fn methods(item: &PathItem) -> Vec<&'static str> {
    let operations = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    operations.into_iter().filter(|(_, operation)| operation.is_some()).map(|(method, _)| method).collect()
}

/// What every operation has in common and none says by itself: the security scheme, the errors that follow from
/// what an operation takes, and examples made of those of the schemas.
struct SharedParts;

impl Modify for SharedParts {
    fn modify(&self, document: &mut OpenApiDocument) {
        // The derive makes one of the package's, which names none.
        document.info.license = None;
        let components = document.components.get_or_insert_with(Components::new);
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        bearer.description = Some("The `access_token` of a login.".to_owned());
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let components = components.clone();
        for (path, item) in &mut document.paths.paths {
            let is_bare = path.starts_with("/api/");
            let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                add_errors(operation, is_bare);
                add_examples(operation, &components, is_bare);
            }
        }
    }
}

fn add_errors(operation: &mut Operation, is_bare: bool) {
    let is_public = operation.security.is_some();
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
        (has_body, "413", "`payload_too_large`: more than 64 KiB"),
        (has_body, "415", "`unsupported_media_type`"),
        (true, "500", "`internal`: our fault"),
        (true, "503", "`unavailable`: try again after `Retry-After` seconds"),
    ];
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

fn add_examples(operation: &mut Operation, components: &Components, is_bare: bool) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        for content in response.content.values_mut().filter_map(inline) {
            if status.starts_with(['4', '5']) {
                let code = response.description.split('`').nth(1).unwrap_or("internal");
                content.example = Some(if is_bare { problem(status, code) } else { enveloped(code) });
            } else {
                fill(content, components);
            }
        }
    }
    for content in operation
        .request_body
        .iter_mut()
        .filter_map(inline)
        .flat_map(|body| body.content.values_mut())
        .filter_map(inline)
    {
        fill(content, components);
    }
}

fn enveloped(code: &str) -> Value {
    let error = json!({"code": code, "message": "what went wrong", "details": []});
    json!({"data": null, "error": error, "meta": {"request_id": "7f9c"}})
}

fn problem(status: &str, code: &str) -> Value {
    let status: Option<StatusCode> = status.parse().ok();
    json!({
        "type": "about:blank", "title": status.and_then(|status| status.canonical_reason()),
        "status": status.map(|status| status.as_u16()), "detail": "what went wrong", "code": code,
        "request_id": "7f9c", "errors": []
    })
}

fn inline<T>(part: &mut RefOr<T>) -> Option<&mut T> {
    match part {
        RefOr::T(part) => Some(part),
        RefOr::Ref(_) => None,
    }
}

fn fill(content: &mut Content, components: &Components) {
    if content.example.is_none() {
        content.example = content.schema.as_ref().and_then(|schema| example(schema, components));
    }
}

/// The example of a schema, or one made of those of its parts.
fn example(schema: &RefOr<Schema>, components: &Components) -> Option<Value> {
    let schema = match schema {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next()?;
            return example(components.schemas.get(name)?, components);
        }
        RefOr::T(schema) => schema,
    };
    match schema {
        Schema::Object(object) => object.example.clone().or_else(|| {
            let parts = object.properties.iter();
            let parts: Option<_> = parts.map(|(name, part)| Some((name.clone(), example(part, components)?))).collect();
            parts.filter(|_| !object.properties.is_empty()).map(Value::Object).or_else(|| of_type(object))
        }),
        Schema::Array(array) => match &array.items {
            utoipa::openapi::schema::ArrayItems::RefOrSchema(items) => Some(json!([example(items, components)?])),
            utoipa::openapi::schema::ArrayItems::False => None,
        },
        Schema::OneOf(one_of) => one_of.items.iter().find_map(|item| example(item, components)),
        _ => None,
    }
}

fn of_type(object: &Object) -> Option<Value> {
    use utoipa::openapi::schema::SchemaType;
    let is = |wanted: &Type| match &object.schema_type {
        SchemaType::Type(kind) => kind == wanted,
        SchemaType::Array(kinds) => kinds.contains(wanted),
        SchemaType::AnyValue => false,
    };
    [(Type::Null, Value::Null), (Type::Boolean, json!(false)), (Type::Integer, json!(1)), (Type::String, json!("…"))]
        .into_iter()
        .find_map(|(kind, value)| is(&kind).then_some(value))
}
