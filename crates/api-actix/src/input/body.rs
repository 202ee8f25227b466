//! Request bodies: which types are taken, how large they may be, and what is said where they are no JSON.

use super::fault::Faults;
use crate::http::error::{ApiError, ErrorCode};
use actix_web::{
    HttpMessage, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::{
        Method,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    },
};
use deserr::Deserr;
use futures_util::StreamExt;
use serde_json::Value;
use std::future::Future;

/// Most bytes of a body.
pub const MAX_BYTES: usize = 64 * 1024;

/// How a route reads its body. The outer error refuses the request whatever its fields say (415, 413, no JSON at
/// all), the inner one names fields.
pub trait ReadBody: Sized {
    /// Reads the body of a request.
    fn read(
        request: &HttpRequest,
        payload: &mut Payload,
    ) -> impl Future<Output = Result<Result<Self, Faults>, ApiError>>;
}

/// The route takes no body; one that comes all the same is not read.
pub struct NoBody;

impl ReadBody for NoBody {
    async fn read(_: &HttpRequest, _: &mut Payload) -> Result<Result<Self, Faults>, ApiError> {
        Ok(Ok(Self))
    }
}

/// A JSON object. On PATCH it may come as a merge patch as well.
pub struct Json<T>(pub T);

impl<T: Deserr<Faults>> ReadBody for Json<T> {
    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Result<Self, Faults>, ApiError> {
        let bytes = read_json_bytes(request, payload).await?;
        parse(&bytes).map(|read| read.map(Self))
    }
}

/// A JSON object, or no body at all.
pub struct OptionalJson<T>(pub Option<T>);

impl<T: Deserr<Faults>> ReadBody for OptionalJson<T> {
    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Result<Self, Faults>, ApiError> {
        let headers = request.headers();
        let has_none = !headers.contains_key(CONTENT_TYPE) && read_bytes(request, payload, true).await?.is_empty();
        if has_none {
            return Ok(Ok(Self(None)));
        }
        let bytes = read_json_bytes(request, payload).await?;
        if bytes.is_empty() {
            return Ok(Ok(Self(None)));
        }
        parse(&bytes).map(|read| read.map(|body| Self(Some(body))))
    }
}

fn parse<T: Deserr<Faults>>(bytes: &[u8]) -> Result<Result<T, Faults>, ApiError> {
    // serde_json's message names line and column, and quotes nothing of the body.
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| ApiError::new(ErrorCode::MalformedJson, format!("the body is no JSON: {error}")))?;
    Ok(deserr::deserialize(value))
}

async fn read_json_bytes(request: &HttpRequest, payload: &mut Payload) -> Result<Vec<u8>, ApiError> {
    let merge_patch = *request.method() == Method::PATCH;
    let is_json = match request.content_type().to_ascii_lowercase().as_str() {
        "application/json" => true,
        "application/merge-patch+json" => merge_patch,
        _ => false,
    };
    let is_encoded = request.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    if !is_json || is_encoded {
        let wanted =
            if merge_patch { "`application/json` or `application/merge-patch+json`" } else { "`application/json`" };
        let message = format!("the body must be {wanted}, without a content coding");
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, message));
    }
    read_bytes(request, payload, false).await
}

/// The whole body. `untyped` is for a body whose type was not given: a single byte of it is too much.
async fn read_bytes(request: &HttpRequest, payload: &mut Payload, untyped: bool) -> Result<Vec<u8>, ApiError> {
    let too_large =
        || ApiError::new(ErrorCode::PayloadTooLarge, format!("the body must have at most {MAX_BYTES} bytes"));
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if !untyped && announced.is_some_and(|length| length > MAX_BYTES as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| incomplete(&error))?;
        if untyped && !chunk.is_empty() {
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType, "the body must be `application/json`"));
        }
        if bytes.len() + chunk.len() > MAX_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn incomplete(error: &PayloadError) -> ApiError {
    match error {
        PayloadError::Overflow => ApiError::new(ErrorCode::PayloadTooLarge, "the body is too large"),
        _ => ApiError::new(ErrorCode::MalformedJson, "the body did not arrive whole"),
    }
}
