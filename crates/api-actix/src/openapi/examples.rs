//! Examples, made of those of the schemas.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::{Components, Content, Object, RefOr, Schema, Type, path::Operation};

/// Gives an example to every body that has none.
pub(super) fn add_examples(operation: &mut Operation, components: &Components, is_bare: bool) {
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
        Schema::Object(object) => {
            object.example.clone().or_else(|| object.enum_values.as_ref()?.first().cloned()).or_else(|| {
                let parts = object.properties.iter();
                let parts: Option<_> =
                    parts.map(|(name, part)| Some((name.clone(), example(part, components)?))).collect();
                parts.filter(|_| !object.properties.is_empty()).map(Value::Object).or_else(|| of_type(object))
            })
        }
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
