//! The bodies of messages to webhooks.

use crate::payload::{
    comment::CommentPayload, member::MemberPayload, person::PersonPayload, project::ProjectPayload, task::TaskPayload,
    timestamp,
};
use fasttrack_domain::{
    event::Change,
    ports::webhook::{DeliveryEncoder, EncodeError},
    project::ProjectView,
    webhook::DeliveryContent,
};
use serde::Serialize;
use serde_json::{Error, Map, Value};

/// A body is shorter than this, as receivers of Standard Webhooks expect.
const MAX_BYTES: usize = 20 * 1024;

/// The fields that are cut where a body would be too long. Everything else together takes less than 14 KiB.
const LONG_FIELDS: [&str; 2] = ["description", "body"];

/// Writes bodies in JSON, with the payloads that the API has.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonDeliveryEncoder;

impl DeliveryEncoder for JsonDeliveryEncoder {
    fn encode(&self, content: &DeliveryContent) -> Result<String, EncodeError> {
        encode(content).map_err(|error| EncodeError(Box::new(error)))
    }
}

#[derive(Serialize)]
struct Message {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The time of the change, in every attempt.
    timestamp: String,
    data: Map<String, Value>,
}

// @spec SPEC-025
fn encode(content: &DeliveryContent) -> Result<String, Error> {
    let (kind, timestamp) = (content.kind().as_str(), timestamp::text(content.at()));
    let mut message = Message { kind, timestamp, data: data(content)? };
    let body = serde_json::to_string(&message)?;
    if body.len() < MAX_BYTES {
        return Ok(body);
    }
    message.data.insert("truncated".to_owned(), true.into());
    let body = serde_json::to_string(&message)?;
    if let Some(text) = long_text(&mut message.data) {
        cut(text, (body.len() + 1).saturating_sub(MAX_BYTES));
    }
    serde_json::to_string(&message)
}

fn data(content: &DeliveryContent) -> Result<Map<String, Value>, Error> {
    let fields = match content {
        DeliveryContent::Ping { webhook_id, .. } => vec![("webhook_id", webhook_id.get().into())],
        DeliveryContent::Change { actor, change, .. } => {
            let actor = serde_json::to_value(PersonPayload::from(actor.clone()))?;
            vec![("actor", actor), payload(change)?]
        }
    };
    Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What changed, as the project's owner would get it, without addresses and roles.
fn payload(change: &Change) -> Result<(&'static str, Value), Error> {
    Ok(match change.clone() {
        Change::TaskCreated(view) | Change::TaskUpdated(view) | Change::TaskDeleted(view) => {
            ("task", serde_json::to_value(TaskPayload::from(view))?)
        }
        Change::CommentCreated(view) | Change::CommentDeleted(view) => {
            ("comment", serde_json::to_value(CommentPayload::from(view))?)
        }
        Change::ProjectUpdated(project) => {
            ("project", without(&["role"], &ProjectPayload::from(ProjectView::of_owner(project)))?)
        }
        Change::MemberAdded(member) | Change::MemberRemoved(member) => {
            ("member", without(&["email", "role"], &MemberPayload::from(member))?)
        }
    })
}

fn without(fields: &[&str], payload: &impl Serialize) -> Result<Value, Error> {
    let mut value = serde_json::to_value(payload)?;
    if let Value::Object(all) = &mut value {
        all.retain(|name, _| !fields.contains(&name.as_str()));
    }
    Ok(value)
}

fn long_text(data: &mut Map<String, Value>) -> Option<&mut String> {
    let fields = data.values_mut().filter_map(Value::as_object_mut).flat_map(Map::iter_mut);
    fields.filter(|(name, _)| LONG_FIELDS.contains(&name.as_str())).find_map(|(_, value)| match value {
        Value::String(text) => Some(text),
        _ => None,
    })
}

/// Cuts characters off the end that take `excess` bytes or more in JSON, as far as there are so many.
fn cut(text: &mut String, excess: usize) {
    let mut freed = 0;
    let mut from_the_end = text.char_indices().rev();
    let end = from_the_end.find(|(_, character)| {
        freed += json_length(*character);
        freed >= excess
    });
    let length = end.map_or(0, |(start, _)| start);
    text.truncate(length);
}

/// The bytes that a character takes in a JSON string, as `serde_json` writes it.
fn json_length(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        character => character.len_utf8(),
    }
}

#[cfg(test)]
mod tests;
