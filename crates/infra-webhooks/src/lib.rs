//! Webhook adapters: which endpoints are allowed, and the transport that sends to them.
//!
//! - [`endpoint`]: judges URLs and addresses by what the operator allows.
//! - [`policy`]: judges URLs when they are set.
//! - [`transport`]: sends a signed request by HTTP.

mod address;
pub mod endpoint;
mod failure;
mod lookup;
pub mod policy;
mod resolver;
mod retry_after;
mod signature;
pub mod transport;
