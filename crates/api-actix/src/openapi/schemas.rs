//! Constraints of schemas that the derive can't express.

use fasttrack_domain::notification::NotificationContent;
use utoipa::{
    Number,
    openapi::{
        Components, Discriminator, Object, ObjectBuilder, Ref, RefOr, Schema, Type,
        path::Parameter,
        schema::{AdditionalProperties, AnyOf, ArrayItems, KnownFormat, OneOf, SchemaFormat, SchemaType},
    },
};

/// Pattern of an entity tag of ours.
pub(super) const ENTITY_TAG: &str = r#"^"[0-9]+"$"#;

/// Pattern of `If-Match` and `If-None-Match`.
const ENTITY_TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"#;

/// Maximum characters of the `sub` of another issuer (`OpenID` Connect Core 1.0, section 2).
const MAX_SUBJECT: usize = 255;

/// Pattern of a cursor: base64 of `{"id": n}` with a positive `n` of at most 16 digits. It is opaque to clients; but
/// tools that generate requests from the document generate valid cursors by it.
const CURSOR: &str = "^eyJpZCI6ID([FJNRVZdhl]9|[EIMQUYcgk][w-z0-5](([MN][DTjz]|O[DT])[AEIMQUYcgk][w-z0-5]){0,4}\
     (fQ|([MN][HXn3]|O[HX])0|([MN][DTjz]|O[DT])[BFJNRVZdhl]9))$";

/// Pattern of a text with at least one character that is not white space.
const TEXT: &str = r"^[^\u0000]*[^\s\u0085\u0000][^\u0000]*$";

/// Pattern of any other text.
const WITHOUT_NUL: &str = r"^[^\u0000]*$";

/// Pattern of a day or an instant (RFC 3339) of the years 1970 to 9999.
const DUE: &str = concat!(
    "^(19[7-9][0-9]|[2-9][0-9]{3})-",
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))",
    r"([Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?$",
);

/// Pattern of an id or `none`.
const ID_OR_NONE: &str = "^(none|[1-9][0-9]{0,17}|[1-8][0-9]{18})$";

const SORT: &str = "The order, the other way round with `-` before it; `id` where absent";

const SCOPE: &str = "What is assigned to the caller, or all that it may read; `assigned` where absent";

/// Forbids unknown fields and U+0000 in a body, as the server does.
pub(super) fn restrict_body(body: &mut Schema) {
    let Schema::Object(body) = body else { return };
    body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    for (name, field) in &mut body.properties {
        let RefOr::T(Schema::Object(field)) = field else { continue };
        if name == "due" {
            field.pattern = Some(DUE.to_owned());
        }
        // The values of an enum contain no U+0000, and neither do email addresses.
        let is_free = matches!(field.format, None | Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
        if is_text(field) && is_free && field.enum_values.is_none() {
            // White space in passwords is significant.
            let is_trimmed = field.format.is_none() && field.min_length.is_some();
            field.pattern.get_or_insert_with(|| if is_trimmed { TEXT } else { WITHOUT_NUL }.to_owned());
        }
    }
}

/// Adds patterns and bounds to a parameter, which is never null.
pub(super) fn restrict_parameter(parameter: &mut Parameter, components: &Components) {
    let Some(schema) = &mut parameter.schema else { return };
    use_references_in(schema, &components.schemas);
    let RefOr::T(Schema::Object(schema)) = schema else {
        if let RefOr::T(schema) = schema {
            restrict_parts(&parameter.name, schema);
        }
        // The derive has no description where a function builds the schema, as for enums.
        let description = match parameter.name.as_str() {
            "sort" => SORT,
            "scope" => SCOPE,
            _ => "Only what has this one",
        };
        parameter.description.get_or_insert_with(|| description.to_owned());
        return;
    };
    if let SchemaType::Array(kinds) = &schema.schema_type
        && let Some(kind) = kinds.iter().find(|kind| **kind != Type::Null)
    {
        schema.schema_type = SchemaType::Type(kind.clone());
    }
    match parameter.name.as_str() {
        "If-Match" | "If-None-Match" => schema.pattern = Some(ENTITY_TAGS.to_owned()),
        "cursor" => {
            schema.pattern.get_or_insert_with(|| CURSOR.to_owned());
        }
        "due_from" | "due_until" | "updated_since" => schema.pattern = Some(DUE.to_owned()),
        "assignee_id" | "parent_id" if is_text(schema) => schema.pattern = Some(ID_OR_NONE.to_owned()),
        "q" => schema.pattern = Some(WITHOUT_NUL.to_owned()),
        "user_id" if is_text(schema) => restrict_subject(schema),
        name => restrict_number(name, schema),
    }
}

fn restrict_subject(schema: &mut Object) {
    schema.min_length = Some(1);
    schema.max_length = Some(MAX_SUBJECT);
    schema.pattern = Some(WITHOUT_NUL.to_owned());
}

/// Ids, versions and sequence numbers begin with 1, other numbers with 0.
fn restrict_number(name: &str, schema: &mut Object) {
    let is_id = matches!(name, "id" | "ids" | "label" | "labels" | "after" | "before" | "version" | "seq")
        || name.ends_with("_id")
        || name.ends_with("_ids");
    if has_type(schema, &Type::Integer) {
        schema.minimum.get_or_insert(Number::Int(is_id.into()));
    }
}

/// Adds minimums to the numbers of all schemas, and bounds to the subject of `TodoUser`.
pub(super) fn restrict_schemas(components: &mut Components) {
    for (name, schema) in &mut components.schemas {
        let RefOr::T(schema) = schema else { continue };
        restrict_parts(name, schema);
    }
}

fn restrict_parts(name: &str, schema: &mut Schema) {
    match schema {
        Schema::Object(object) => {
            restrict_number(name, object);
            for (name, part) in &mut object.properties {
                if let RefOr::T(part) = part {
                    restrict_parts(name, part);
                }
            }
        }
        // An id of ours, or the subject of another issuer. Not `oneOf`: to Java clients a number matches both.
        Schema::OneOf(one_of) if name == "TodoUser" => {
            for item in &mut one_of.items {
                if let RefOr::T(Schema::Object(item)) = item {
                    restrict_number("id", item);
                    if is_text(item) {
                        restrict_subject(item);
                    }
                }
            }
            let mut any_of = AnyOf::new();
            any_of.description = one_of.description.take();
            any_of.items = std::mem::take(&mut one_of.items);
            *schema = any_of.into();
        }
        _ => {
            for part in parts(schema) {
                if let RefOr::T(part) = part {
                    restrict_parts(name, part);
                }
            }
        }
    }
}

fn has_type(schema: &Object, wanted: &Type) -> bool {
    match &schema.schema_type {
        SchemaType::Type(kind) => kind == wanted,
        SchemaType::Array(kinds) => kinds.contains(wanted),
        SchemaType::AnyValue => false,
    }
}

/// Whether strings are allowed.
pub(super) fn is_text(schema: &Object) -> bool {
    has_type(schema, &Type::String)
}

/// Replaces inlined copies of named schemas, as in generic ones, by references.
pub(super) fn use_references(components: &mut Components) {
    let known = components.schemas.clone();
    for schema in components.schemas.values_mut() {
        let RefOr::T(schema) = schema else { continue };
        for part in parts(schema) {
            use_references_in(part, &known);
        }
    }
}

fn use_references_in<'a>(
    part: &mut RefOr<Schema>,
    known: impl IntoIterator<Item = (&'a String, &'a RefOr<Schema>)> + Copy,
) {
    if let Some((name, _)) = known.into_iter().find(|(_, schema)| *schema == part) {
        *part = Ref::from_schema_name(name).into();
    } else if let RefOr::T(schema) = part {
        for part in parts(schema) {
            use_references_in(part, known);
        }
    }
}

fn parts(schema: &mut Schema) -> Vec<&mut RefOr<Schema>> {
    match schema {
        Schema::Object(object) => object.properties.values_mut().collect(),
        Schema::Array(array) => match &mut array.items {
            ArrayItems::RefOrSchema(items) => vec![items],
            ArrayItems::False => Vec::new(),
        },
        Schema::OneOf(one_of) => one_of.items.iter_mut().collect(),
        Schema::AllOf(all_of) => all_of.items.iter_mut().collect(),
        Schema::AnyOf(any_of) => any_of.items.iter_mut().collect(),
        _ => Vec::new(),
    }
}

/// Splits notifications into a schema per `type`: with several kinds of `data` in one schema, more than one would
/// match. Runs after [`use_references`].
pub(super) fn split_notifications(components: &mut Components) {
    let Some(RefOr::T(Schema::OneOf(data))) = components.schemas.remove("NotificationData") else { return };
    for name in ["Notification", "NotificationMessage"] {
        let Some(RefOr::T(Schema::Object(whole))) = components.schemas.remove(name) else { continue };
        let mut one_of = OneOf::new();
        one_of.description.clone_from(&whole.description);
        one_of.example.clone_from(&whole.example);
        let mut discriminator = Discriminator::new("type");
        for (word, data) in NotificationContent::NAMES.iter().zip(&data.items) {
            let kind = pascal_case(word);
            let mut variant = whole.clone();
            variant.example = variant.example.filter(|example| example["type"] == *word);
            let word = (*word).to_owned();
            let only = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([word.clone()])).build();
            variant.properties.insert("type".to_owned(), RefOr::T(only.into()));
            variant.properties.insert("data".to_owned(), Ref::from_schema_name(format!("{kind}Data")).into());
            components.schemas.insert(format!("{kind}Data"), data.clone());
            let reference = Ref::from_schema_name(format!("{kind}{name}"));
            discriminator.mapping.insert(word, reference.ref_location.clone());
            one_of.items.push(reference.into());
            components.schemas.insert(format!("{kind}{name}"), RefOr::T(variant.into()));
        }
        one_of.discriminator = Some(discriminator);
        components.schemas.insert(name.to_owned(), RefOr::T(one_of.into()));
    }
}

/// `task_assigned` as `TaskAssigned`.
fn pascal_case(word: &str) -> String {
    let capitalized = word.split('_').filter_map(|part| part.split_at_checked(1));
    capitalized.map(|(first, rest)| first.to_uppercase() + rest).collect()
}
