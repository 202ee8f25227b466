//! What clients get: the payloads of the contract, made of the domain's entities.

pub mod comment;
pub mod envelope;
pub mod page;
pub mod project;
pub mod task;
pub mod timestamp;
pub mod token;
pub mod user;
pub mod word;
