//! Parses requests into the domain's types. All faults of path, query, headers and body are collected before the
//! request is refused.

pub mod array;
pub mod body;
pub mod change;
pub mod entity_tag;
pub mod fault;
pub mod field;
pub mod idempotency;
mod json;
mod json_lexer;
pub mod page;
pub mod path_user;
pub mod query;

use crate::http::{audit, error::ApiError};
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::Method};
use body::ReadBody;
use deserr::{Deserr, IntoValue, ValuePointerRef};
use fasttrack_domain::{audit::Origin, precondition::Precondition};
use fault::Faults;
use serde_json::{Map, Value};
use std::{future::Future, pin::Pin};

// @spec SPEC-009
// @norm NORM-API-002
/// A parsed request: `P` from the path's parameters, `Q` from the query, `B` from the body.
pub struct Input<P = Nothing, Q = Nothing, B = body::NoBody> {
    pub path: P,
    /// Unknown parameters are ignored.
    pub query: Q,
    pub body: B,
    /// `If-Match` and `If-None-Match`; empty for POST. Those of a GET are evaluated when its response is built.
    pub precondition: Precondition,
    /// The address and the id of the request, for the audit.
    pub origin: Origin,
}

/// No parameters.
#[derive(Deserr)]
#[deserr(error = Faults)]
pub struct Nothing {}

impl<P, Q, B> FromRequest for Input<P, Q, B>
where
    P: Deserr<Faults> + 'static,
    Q: Deserr<Faults> + 'static,
    B: ReadBody + 'static,
{
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            // The body first: a request of the wrong type or size is refused whatever its fields say.
            let body = B::read(&request, &mut payload).await?;
            let path = read(path_parameters(&request), "path");
            let query = read(query::parameters(request.query_string()), "query");
            match (path, query, precondition(&request), body) {
                (Ok(path), Ok(query), Ok(precondition), Ok(body)) => {
                    Ok(Self { path, query, body, precondition, origin: audit::origin(&request) })
                }
                (path, query, precondition, body) => {
                    let faults = [path.err(), query.err(), precondition.err(), body.err()];
                    Err(faults.into_iter().flatten().fold(Faults::default(), Faults::and).into())
                }
            }
        })
    }
}

fn read<T: Deserr<Faults>>(parameters: Map<String, Value>, place: &str) -> Result<T, Faults> {
    let value = Value::Object(parameters).into_value();
    T::deserialize_from_value(value, ValuePointerRef::Origin.push_key(place))
}

fn path_parameters(request: &HttpRequest) -> Map<String, Value> {
    request.match_info().iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

fn precondition(request: &HttpRequest) -> Result<Precondition, Faults> {
    if *request.method() == Method::POST {
        return Ok(Precondition::default());
    }
    match (entity_tag::if_match(request.headers()), entity_tag::if_none_match(request.headers())) {
        (Ok(if_match), Ok(if_none_match)) => Ok(Precondition { if_match, if_none_match }),
        (if_match, if_none_match) => {
            let faults = [
                if_match.err().map(|invalid| invalid.at("header.if-match")),
                if_none_match.err().map(|invalid| invalid.at("header.if-none-match")),
            ];
            Err(faults.into_iter().flatten().map(Faults::of).fold(Faults::default(), Faults::and))
        }
    }
}
