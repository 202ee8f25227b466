//! Reads request bodies: media types, the maximum size, and JSON.

use super::{fault::Faults, json};
use crate::http::{
    config::HttpConfig,
    error::{ApiError, ErrorCode},
};
use actix_web::{
    HttpMessage, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::{
        Method,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING, UPGRADE},
    },
    web::Data,
};
use deserr::Deserr;
use futures_util::StreamExt;
use serde_json::Value;
use std::future::Future;
use tokio::time::timeout;

/// Maximum bytes of a body.
pub const MAX_BYTES: usize = 64 * 1024;

/// Maximum bytes of a body with many tasks.
pub const MAX_BULK_BYTES: usize = 1024 * 1024;

/// A type of body. The outer error refuses the request as a whole (415, 413, malformed JSON), the inner one names the
/// faulty fields.
pub trait ReadBody: Sized {
    /// Reads the body of a request.
    fn read(
        request: &HttpRequest,
        payload: &mut Payload,
    ) -> impl Future<Output = Result<Result<Self, Faults>, ApiError>>;
}

/// No body. One that is sent is not read.
pub struct NoBody;

impl ReadBody for NoBody {
    async fn read(_: &HttpRequest, _: &mut Payload) -> Result<Result<Self, Faults>, ApiError> {
        Ok(Ok(Self))
    }
}

/// A JSON object of at most `MAX` bytes; for PATCH also a merge patch.
pub struct Json<T, const MAX: usize = MAX_BYTES>(pub T);

impl<T: Deserr<Faults>, const MAX: usize> ReadBody for Json<T, MAX> {
    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Result<Self, Faults>, ApiError> {
        let parsed = read_parsed(request, payload, MAX).await?;
        Ok(parsed.into_fields().map(Self))
    }
}

/// A JSON object, or no body at all.
pub struct OptionalJson<T>(pub Option<T>);

impl<T: Deserr<Faults>> ReadBody for OptionalJson<T> {
    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Result<Self, Faults>, ApiError> {
        match read_json(request, payload, MAX_BYTES).await? {
            Some(bytes) => Ok(Parsed::from_bytes(&bytes)?.into_fields().map(|body| Self(Some(body)))),
            None => Ok(Ok(Self(None))),
        }
    }
}

/// A body that is well-formed JSON.
pub(super) struct Parsed {
    /// The value, with null in place of what can't be parsed.
    pub value: Value,
    /// The faults of what can't be parsed.
    faults: Faults,
}

impl Parsed {
    fn from_bytes(bytes: &[u8]) -> Result<Self, ApiError> {
        let error = match serde_json::from_slice(bytes) {
            Ok(value) => return Ok(Self { value, faults: Faults::default() }),
            Err(error) => error,
        };
        let repaired = json::repair(bytes).and_then(|repaired| {
            Some(Self { value: serde_json::from_slice(&repaired.text).ok()?, faults: repaired.faults })
        });
        // serde_json's message names line and column, and quotes nothing of the body.
        repaired.ok_or_else(|| ApiError::new(ErrorCode::MalformedJson, format!("the body is no JSON: {error}")))
    }

    /// Deserializes the body, or returns all faults.
    pub(super) fn into_fields<T: Deserr<Faults>>(self) -> Result<T, Faults> {
        match deserr::deserialize(self.value) {
            Ok(body) if self.faults.is_empty() => Ok(body),
            Ok(_) => Err(self.faults),
            // A fault of a substituted null says nothing about the original value.
            Err(faults) => Err(self.faults.or(faults)),
        }
    }
}

/// Reads a required body of at most `max` bytes.
pub(super) async fn read_parsed(request: &HttpRequest, payload: &mut Payload, max: usize) -> Result<Parsed, ApiError> {
    match read_json(request, payload, max).await? {
        Some(bytes) => Parsed::from_bytes(&bytes),
        None => Err(ApiError::new(ErrorCode::MalformedJson, "this needs a body, in JSON")),
    }
}

/// Reads the body, which has at most `max` bytes; `None` if it is empty. Without a body no content type is needed.
async fn read_json(request: &HttpRequest, payload: &mut Payload, max: usize) -> Result<Option<Vec<u8>>, ApiError> {
    let merge_patch = *request.method() == Method::PATCH;
    let is_json = match request.content_type().to_ascii_lowercase().as_str() {
        "application/json" => true,
        "application/merge-patch+json" => merge_patch,
        _ => false,
    };
    let is_encoded = request.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    let limit = if is_json && !is_encoded {
        max
    } else if request.headers().contains_key(CONTENT_TYPE) {
        return Err(unsupported(merge_patch));
    } else {
        0
    };
    let too_large = || match limit {
        0 => unsupported(merge_patch),
        _ => ApiError::new(ErrorCode::PayloadTooLarge, format!("the body must have at most {limit} bytes")),
    };
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    // With an offer to upgrade, actix takes all further input as the body; ours ends at its announced length.
    let is_upgrade = request.headers().contains_key(UPGRADE) && !request.headers().contains_key(TRANSFER_ENCODING);
    let enough = is_upgrade.then_some(announced.unwrap_or_default());
    let body_timeout =
        request.app_data::<Data<HttpConfig>>().map_or(HttpConfig::BODY_TIMEOUT, |config| config.body_timeout);
    let bytes = timeout(body_timeout, collect(payload, limit, enough)).await.map_err(|_| too_slow())??;
    let bytes = bytes.ok_or_else(too_large)?;
    Ok((!bytes.is_empty()).then_some(bytes))
}

/// Collects the body up to `enough` bytes; `None` if it exceeds `limit`.
async fn collect(payload: &mut Payload, limit: usize, enough: Option<u64>) -> Result<Option<Vec<u8>>, ApiError> {
    let mut bytes = Vec::new();
    while enough.is_none_or(|enough| (bytes.len() as u64) < enough)
        && let Some(chunk) = payload.next().await
    {
        let chunk = chunk.map_err(|error| incomplete(&error))?;
        if bytes.len() + chunk.len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn too_slow() -> ApiError {
    ApiError::new(ErrorCode::RequestTimeout, "the body did not arrive in time")
}

fn unsupported(merge_patch: bool) -> ApiError {
    let wanted =
        if merge_patch { "`application/json` or `application/merge-patch+json`" } else { "`application/json`" };
    let message = format!("the body must be {wanted}, without a content coding");
    ApiError::new(ErrorCode::UnsupportedMediaType, message)
}

fn incomplete(error: &PayloadError) -> ApiError {
    match error {
        PayloadError::Overflow => ApiError::new(ErrorCode::PayloadTooLarge, "the body is too large"),
        _ => ApiError::new(ErrorCode::MalformedJson, "the body did not arrive whole"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{http::header::ContentType, test::TestRequest};

    /// The error of an array with so many bytes.
    async fn refused<const MAX: usize>(bytes: usize) -> Option<ErrorCode> {
        let array = format!("[{}]", " ".repeat(bytes - 2));
        let request = TestRequest::post().insert_header(ContentType::json()).set_payload(array);
        let (request, mut payload) = request.to_http_parts();
        Json::<Value, MAX>::read(&request, &mut payload).await.err().map(|error| error.code)
    }

    #[tokio::test]
    async fn body_with_many_tasks_may_be_larger() {
        assert_eq!(refused::<MAX_BYTES>(MAX_BYTES).await, None);
        assert_eq!(refused::<MAX_BYTES>(MAX_BYTES + 1).await, Some(ErrorCode::PayloadTooLarge));
        assert_eq!(refused::<MAX_BULK_BYTES>(MAX_BULK_BYTES).await, None);
        assert_eq!(refused::<MAX_BULK_BYTES>(MAX_BULK_BYTES + 1).await, Some(ErrorCode::PayloadTooLarge));
    }
}
