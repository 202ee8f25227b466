//! What holds for every request and answer: representations, request ids, forms of bodies, the order of judgement;
//! and the document that describes them.

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
