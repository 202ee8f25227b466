//! The routes that `docs/api.md` describes.

pub mod audit;
pub mod auth;
pub mod comment;
pub mod docs;
pub mod email;
pub mod health;
pub mod notification;
pub mod password;
pub mod project;
pub mod realtime;
pub mod session;
pub mod signup;
pub mod statistics;
pub mod task;
pub mod ticket;
pub mod todo;
pub mod user;
pub mod well_known;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route that the OpenAPI document describes: what is registered is described. They are tried in this order, so those that are asked for most come first.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(task::create)
        .service(task::list_in_project)
        .service(task::list_assigned)
        .service(task::get)
        .service(task::update)
        .service(task::delete)
        .service(auth::register)
        .service(auth::login)
        .service(auth::refresh)
        .service(auth::logout)
        .service(auth::me)
        .service(session::list)
        .service(session::revoke)
        .service(password::change)
        .service(password::forgot)
        .service(password::reset)
        .service(email::verify)
        .service(email::resend)
        .service(user::get_me)
        .service(user::update_me)
        .service(user::list)
        .service(user::get)
        .service(user::update)
        .service(audit::list)
        .service(project::create)
        .service(project::list)
        .service(project::get)
        .service(project::update)
        .service(project::delete)
        .service(comment::create)
        .service(comment::list)
        .service(comment::delete)
        .service(statistics::get)
        .service(notification::list)
        .service(notification::mark_read)
        .service(ticket::issue)
        .service(realtime::open_socket)
        .service(realtime::follow_events)
        .service(signup::sign_up)
        .service(todo::create)
        .service(todo::list)
        .service(todo::get)
        .service(todo::change::replace)
        .service(todo::change::update)
        .service(todo::delete)
        .service(todo::change::complete)
        .service(health::live)
        .service(health::ready)
        .service(well_known::jwks);
}
