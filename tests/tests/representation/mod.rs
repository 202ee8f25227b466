//! Requests and responses in general: representations, request ids, bodies, the order of checks,
//! and the OpenAPI document.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod accept;
mod body;
mod cors;
mod docs;
mod headers;
mod health;
mod openapi;
mod openapi_form;
mod order;
mod path;
mod request_id;
mod route;
