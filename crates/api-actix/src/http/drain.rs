//! A server that is about to stop, and leads its clients elsewhere while it still serves them.

use super::edge::Edge;
use actix_web::{
    dev::ServiceResponse,
    http::{ConnectionType, StatusCode},
    web::Data,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

// @spec SPEC-012
/// Whether the server is about to stop. Clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// From now on it is.
    pub fn begin(&self) {
        self.0.store(true, Relaxed);
    }

    /// Whether it is.
    pub fn has_begun(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// Says, where the server is about to stop, that nothing more is to be asked on this connection (RFC 9112 section 9.6).
/// A client whose connection is just closed can't know whether its next request was read.
pub fn close_connection<B>(response: &mut ServiceResponse<B>) {
    let draining = response.request().app_data::<Data<Edge>>().is_some_and(|edge| edge.draining.has_begun());
    if draining && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
}
