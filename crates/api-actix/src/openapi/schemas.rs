//! What the derive of a schema doesn't say.

use fasttrack_domain::notification::NotificationContent;
use utoipa::{
    Number,
    openapi::{
        Components, Discriminator, Object, ObjectBuilder, Ref, RefOr, Schema, Type,
        path::Parameter,
        schema::{AdditionalProperties, AnyOf, ArrayItems, KnownFormat, OneOf, SchemaFormat, SchemaType},
    },
};

/// Of a version.
pub(super) const ENTITY_TAG: &str = r#"^"[0-9]+"$"#;

/// Of what `If-Match` and `If-None-Match` take.
const ENTITY_TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"#;

/// Most characters of what a token calls its user: an id of ours, or the `sub` of another issuer (`OpenID` Connect Core
/// 1.0, section 2).
const MAX_SUBJECT: usize = 255;

/// Base64 of `{"id": n}` with a positive `n` of at most 16 digits. Clients need not look into it; but whoever makes
/// requests up from the document asks for pages that there may be.
const CURSOR: &str = "^eyJpZCI6ID([FJNRVZdhl]9|[EIMQUYcgk][w-z0-5](([MN][DTjz]|O[DT])[AEIMQUYcgk][w-z0-5]){0,4}\
     (fQ|([MN][HXn3]|O[HX])0|([MN][DTjz]|O[DT])[BFJNRVZdhl]9))$";

/// Of a text that has to have a character which is no white space.
const TEXT: &str = r"^[^\u0000]*[^\s\u0085\u0000][^\u0000]*$";

/// Of any other text.
const WITHOUT_NUL: &str = r"^[^\u0000]*$";

/// What is refused in every body: fields that it doesn't have, and U+0000.
pub(super) fn be_exact(body: &mut Schema) {
    let Schema::Object(body) = body else { return };
    body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    for field in body.properties.values_mut() {
        let RefOr::T(Schema::Object(field)) = field else { continue };
        // A listed word has none, and neither has an email address.
        let is_free = matches!(field.format, None | Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
        if is_text(field) && is_free && field.enum_values.is_none() {
            // Of a password, white space counts.
            let is_trimmed = field.format.is_none() && field.min_length.is_some();
            field.pattern = Some(if is_trimmed { TEXT } else { WITHOUT_NUL }.to_owned());
        }
    }
}

/// A parameter is there or isn't; null it never is.
pub(super) fn settle_parameter(parameter: &mut Parameter, components: &Components) {
    let Some(schema) = &mut parameter.schema else { return };
    refer_in(schema, &components.schemas);
    let RefOr::T(Schema::Object(schema)) = schema else {
        // The derive has none where a function makes the schema, as it does for the words that one filters by.
        parameter.description.get_or_insert_with(|| "Only what has this one".to_owned());
        return;
    };
    if let SchemaType::Array(kinds) = &schema.schema_type
        && let Some(kind) = kinds.iter().find(|kind| **kind != Type::Null)
    {
        schema.schema_type = SchemaType::Type(kind.clone());
    }
    match parameter.name.as_str() {
        "If-Match" | "If-None-Match" => schema.pattern = Some(ENTITY_TAGS.to_owned()),
        "cursor" => schema.pattern = Some(CURSOR.to_owned()),
        "user_id" if is_text(schema) => settle_subject(schema),
        name => settle_number(name, schema),
    }
}

fn settle_subject(schema: &mut Object) {
    schema.min_length = Some(1);
    schema.max_length = Some(MAX_SUBJECT);
    schema.pattern = Some(WITHOUT_NUL.to_owned());
}

/// Ids and what counts things begin with 1, and how many things there are with 0.
fn settle_number(name: &str, schema: &mut Object) {
    let is_id = matches!(name, "id" | "version" | "seq") || name.ends_with("_id");
    if has_type(schema, &Type::Integer) {
        schema.minimum.get_or_insert(Number::Int(is_id.into()));
    }
}

/// Gives the numbers of all schemas their least values, and what users are called by other issuers its bounds.
pub(super) fn settle_numbers(components: &mut Components) {
    for (name, schema) in &mut components.schemas {
        let RefOr::T(schema) = schema else { continue };
        settle_parts(name, schema);
    }
}

fn settle_parts(name: &str, schema: &mut Schema) {
    match schema {
        Schema::Object(object) => {
            settle_number(name, object);
            for (name, part) in &mut object.properties {
                if let RefOr::T(part) = part {
                    settle_parts(name, part);
                }
            }
        }
        // What a user is called: a number of ours, or the text of another issuer. Not `oneOf`: clients in Java read the
        // number as a text, too, and find two that match.
        Schema::OneOf(one_of) if name == "TodoUser" => {
            for item in &mut one_of.items {
                if let RefOr::T(Schema::Object(item)) = item {
                    settle_number("id", item);
                    if is_text(item) {
                        settle_subject(item);
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
                    settle_parts(name, part);
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

/// References a schema wherever it is repeated: the parts of a generic one are.
pub(super) fn refer(components: &mut Components) {
    let known = components.schemas.clone();
    for schema in components.schemas.values_mut() {
        let RefOr::T(schema) = schema else { continue };
        for part in parts(schema) {
            refer_in(part, &known);
        }
    }
}

fn refer_in<'a>(part: &mut RefOr<Schema>, known: impl IntoIterator<Item = (&'a String, &'a RefOr<Schema>)> + Copy) {
    if let Some((name, _)) = known.into_iter().find(|(_, schema)| *schema == part) {
        *part = Ref::from_schema_name(name).into();
    } else if let RefOr::T(schema) = part {
        for part in parts(schema) {
            refer_in(part, known);
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

/// Describes each type of notification by itself, told apart by its `type`: where several kinds of `data` stand in one
/// schema, clients find more than one that matches. To be done once all schemas are referred to.
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
