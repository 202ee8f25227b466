//! The routes that `docs/api.md` describes.

pub mod account;
pub mod api_token;
pub mod audit;
pub mod auth;
pub mod change;
pub mod comment;
pub mod docs;
pub mod email;
pub mod health;
pub mod invitation;
pub mod label;
pub mod member;
pub mod notification;
pub mod password;
pub mod people;
pub mod project;
pub mod realtime;
pub mod session;
pub mod signup;
pub mod statistics;
pub mod task;
pub mod ticket;
pub mod todo;
pub mod user;
pub mod webhook;
pub mod well_known;

use crate::openapi::Routes;

/// Registers every route of the OpenAPI document: what is registered is described. A request is compared with the routes
/// in this order, so the most frequent ones come first.
pub fn configure(config: &mut Routes<'_>) {
    config
        .configure(task::configure)
        .configure(project::configure)
        .configure(comment::configure)
        .configure(change::configure)
        .configure(notification::configure)
        .configure(health::configure)
        .configure(auth::configure)
        .configure(session::configure)
        .configure(api_token::configure)
        .configure(password::configure)
        .configure(email::configure)
        // `/users/me` before `/users/{id}`, which matches it as well.
        .configure(account::configure)
        .configure(user::configure)
        .configure(audit::configure)
        .configure(statistics::configure)
        .configure(member::configure)
        .configure(invitation::configure)
        .configure(label::configure)
        .configure(webhook::configure)
        .configure(people::configure)
        .configure(ticket::configure)
        .configure(realtime::configure)
        .configure(signup::configure)
        .configure(todo::configure)
        .configure(well_known::configure);
}
