//! Payloads of responses, built from the domain's entities.

pub mod api_token;
pub mod audit;
pub mod change;
pub mod comment;
pub mod envelope;
pub mod export;
pub mod invitation;
pub mod label;
pub mod member;
pub mod notification;
pub mod page;
pub mod person;
pub mod problem;
pub mod project;
pub mod session;
pub mod statistics;
pub mod task;
pub mod ticket;
pub mod timestamp;
pub mod todo;
pub mod token;
pub mod user;
pub mod webhook;
pub mod word;
