//! Examples of bodies, built from the examples of the schemas.

use super::schemas::is_text;
use actix_web::http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::{
    Components, Content, Object, RefOr, Schema, Type,
    path::{Operation, Parameter},
    schema::SchemaType,
};

/// Adds an example to every body that has none.
pub(super) fn add_examples(operation: &mut Operation, components: &Components, is_bare: bool) {
    let refused: Vec<_> = refused_field(operation, components).into_iter().collect();
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        for content in response.content.values_mut().filter_map(inline) {
            if status.starts_with(['4', '5']) {
                let code = response.description.split('`').nth(1).unwrap_or("internal");
                let (message, fields) = match code {
                    "validation_failed" => ("the request has invalid values", &refused[..]),
                    _ => ("what went wrong", &[][..]),
                };
                content.example = Some(if is_bare {
                    problem(status, code, message, fields)
                } else {
                    enveloped(code, message, fields)
                });
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

fn enveloped(code: &str, message: &str, details: &[Value]) -> Value {
    let error = json!({"code": code, "message": message, "details": details});
    json!({"data": null, "error": error, "meta": {"request_id": "7f9c"}})
}

fn problem(status: &str, code: &str, message: &str, errors: &[Value]) -> Value {
    let status: Option<StatusCode> = status.parse().ok();
    json!({
        "type": "about:blank", "title": status.and_then(|status| status.canonical_reason()),
        "status": status.map(|status| status.as_u16()), "detail": message, "code": code,
        "request_id": "7f9c", "errors": errors
    })
}

/// A fault of validation as the server words it: of a field of the body, else of a parameter.
fn refused_field(operation: &Operation, components: &Components) -> Option<Value> {
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    let mut parameters = parameters.collect::<Vec<_>>();
    // Every list has a `limit`, so it goes first.
    parameters.sort_by_key(|parameter| parameter.name != "limit");
    refused_in_body(operation, components).or_else(|| parameters.into_iter().find_map(refused_parameter))
}

fn refused_in_body(operation: &Operation, components: &Components) -> Option<Value> {
    let RefOr::T(body) = operation.request_body.as_ref()? else { return None };
    let RefOr::T(content) = body.content.get("application/json")? else { return None };
    let RefOr::Ref(reference) = content.schema.as_ref()? else { return None };
    let RefOr::T(Schema::Object(schema)) = components.schemas.get(reference.ref_location.rsplit('/').next()?)? else {
        return None;
    };
    if let Some(field) = schema.required.first() {
        return Some(json!({"field": field, "code": "required", "message": "is required"}));
    }
    let mut fields = schema.properties.iter();
    if let Some((field, _)) =
        fields.find(|(_, field)| matches!(field, RefOr::T(Schema::Object(field)) if is_text(field)))
    {
        return Some(json!({"field": field, "code": "wrong_type", "message": "must be a string, not an integer"}));
    }
    // Where none of the fields is required by itself, one of them is.
    let field = schema.properties.keys().next()?;
    Some(json!({"field": field, "code": "required", "message": "is required"}))
}

fn refused_parameter(parameter: &Parameter) -> Option<Value> {
    let Some(RefOr::T(Schema::Object(schema))) = &parameter.schema else { return None };
    let (field, code, message) = match parameter.name.as_str() {
        "limit" => {
            let max = json!(schema.maximum);
            ("query.limit".to_owned(), "out_of_range", format!("must be between 1 and {max}"))
        }
        "since" if !is_text(schema) => {
            ("query.since".to_owned(), "out_of_range", "must be a whole number of at least 0".to_owned())
        }
        id @ ("id" | "task_id") => (format!("path.{id}"), "invalid", "must be a 64-bit integer".to_owned()),
        _ => return None,
    };
    Some(json!({"field": field, "code": code, "message": message}))
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

/// The example of a schema, or one built from those of its parts.
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
        Schema::OneOf(one_of) if one_of.example.is_some() => one_of.example.clone(),
        // The error of a success is null.
        Schema::OneOf(one_of) if one_of.items.iter().any(is_null) => Some(Value::Null),
        Schema::OneOf(one_of) => one_of.items.iter().find_map(|item| example(item, components)),
        _ => None,
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

fn of_type(object: &Object) -> Option<Value> {
    let is = |wanted: &Type| match &object.schema_type {
        SchemaType::Type(kind) => kind == wanted,
        SchemaType::Array(kinds) => kinds.contains(wanted),
        SchemaType::AnyValue => false,
    };
    [(Type::Null, Value::Null), (Type::Boolean, json!(false)), (Type::Integer, json!(1)), (Type::String, json!("…"))]
        .into_iter()
        .find_map(|(kind, value)| is(&kind).then_some(value))
}
