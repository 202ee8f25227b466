//! Successful responses.

use super::{context::Context, error::ApiError, prefix::address_of, representation::JSON};
use crate::input::entity_tag;
use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LINK, LOCATION, VARY},
    },
};
use fasttrack_domain::precondition::{PreconditionFailed, Versions};
use serde::Serialize;

const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The result of a handler.
pub type Result<T> = std::result::Result<Reply<T>, ApiError>;

// @norm NORM-API-001
/// A payload, to be wrapped in the representation that the client accepts.
pub struct Reply<T> {
    status: StatusCode,
    payload: T,
    version: Option<i64>,
    location: Option<String>,
    link: Option<String>,
    uncached: bool,
    replayed: bool,
}

impl<T> Reply<T> {
    /// Answers 200.
    pub fn ok(payload: T) -> Self {
        Self {
            status: StatusCode::OK,
            payload,
            version: None,
            location: None,
            link: None,
            uncached: false,
            replayed: false,
        }
    }

    /// Answers 200 with `ETag: "<version>"`.
    pub fn ok_version(version: i64, payload: T) -> Self {
        Self::ok(payload).version(version)
    }

    /// Answers 201.
    pub fn created(payload: T) -> Self {
        Self { status: StatusCode::CREATED, ..Self::ok(payload) }
    }

    /// Answers 202.
    pub fn accepted(payload: T) -> Self {
        Self { status: StatusCode::ACCEPTED, ..Self::ok(payload) }
    }

    /// Adds `ETag: "<version>"`.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// Adds `Location`. `location` is a path within the API.
    #[must_use]
    pub fn at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    /// Adds `Link` (RFC 8288), where there is one.
    #[must_use]
    pub fn link(mut self, link: Option<String>) -> Self {
        self.link = link;
        self
    }

    /// Adds `Idempotency-Replayed`, if the response is that of an earlier request with the same key.
    #[must_use]
    pub fn replayed(mut self, replayed: bool) -> Self {
        self.replayed = replayed;
        self
    }

    /// Whether a condition matches the version. A payload without a version is matched by `*` alone.
    fn matches(&self, condition: Option<Versions>) -> Option<bool> {
        condition.map(|versions| match self.version {
            Some(version) => versions.contains(version),
            None => versions == Versions::Any,
        })
    }

    /// Adds `Cache-Control: no-store`.
    #[must_use]
    pub fn uncached(mut self) -> Self {
        self.uncached = true;
        self
    }
}

impl<T: Serialize> Responder for Reply<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((VARY, HeaderValue::from_static("Accept")));
        if let Some(version) = self.version {
            response.insert_header((ETAG, format!("\"{version}\"")));
        }
        if *request.method() == Method::GET {
            // In the order of RFC 9110 section 13.2.2.
            if self.matches(entity_tag::if_match(request.headers()).ok().flatten()) == Some(false) {
                return HttpResponse::from_error(ApiError::from(PreconditionFailed::IfMatch));
            }
            if self.matches(entity_tag::if_none_match(request.headers()).ok().flatten()) == Some(true) {
                return response.status(StatusCode::NOT_MODIFIED).finish();
            }
        }
        if let Some(location) = self.location {
            response.insert_header((LOCATION, address_of(request, &location)));
        }
        if let Some(link) = self.link {
            response.insert_header((LINK, link));
        }
        if self.replayed {
            response.insert_header((IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true")));
        }
        if self.uncached {
            response.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
        }
        let context = Context::of(request);
        match context.representation.success(&self.payload, &context.request_id) {
            Ok(body) => response.insert_header((CONTENT_TYPE, JSON)).body(body),
            Err(error) => HttpResponse::from_error(ApiError::internal(error)),
        }
    }
}

/// Answers 204 without a body.
pub struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}
