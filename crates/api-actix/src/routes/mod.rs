//! The routes of the contract, mounted on actix-web.

pub mod auth;
pub mod comment;
pub mod docs;
pub mod health;
pub mod project;
pub mod task;
pub mod user;
pub mod well_known;

use crate::{
    api::Api,
    http::{
        context,
        error::{ApiError, ErrorCode},
    },
    openapi,
};
use actix_web::{
    App, Error, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ResourceDef, ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::{ALLOW, HeaderValue},
    middleware::from_fn,
    web::{self, Bytes, Data},
};
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};

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
        .service(user::get_me)
        .service(user::update_me)
        .service(user::list)
        .service(user::get)
        .service(user::update)
        .service(project::create)
        .service(project::list)
        .service(project::get)
        .service(project::update)
        .service(project::delete)
        .service(comment::create)
        .service(comment::list)
        .service(comment::delete)
        .service(health::live)
        .service(health::ready)
        .service(well_known::jwks);
}

/// The whole application, for `HttpServer::new` or for tests.
pub fn app(
    api: Data<Api>,
    document: Data<Document>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .into_utoipa_app()
        .app_data(api)
        .app_data(document)
        .configure(configure)
        .into_app()
        .configure(docs::configure)
        .default_service(web::to(unmatched))
        .wrap(from_fn(context::middleware))
}

/// The OpenAPI document, and which methods each of its paths has.
pub struct Document {
    /// As it is served.
    pub json: Bytes,
    methods: Vec<(ResourceDef, HeaderValue)>,
}

impl Document {
    /// Describes [`configure`]'s routes.
    pub fn new() -> Result<Self, serde_json::Error> {
        let document = openapi::document();
        let json = serde_json::to_vec(&document)?.into();
        let pages = ["/openapi.json", "/docs", "/docs/{file}", "/redoc"].map(|path| (path.to_owned(), vec!["GET"]));
        let described = document.paths.paths.iter().map(|(path, item)| (path.clone(), openapi::methods(item)));
        let methods = described
            .chain(pages)
            .filter_map(|(path, mut methods)| {
                if methods.contains(&"GET") {
                    methods.push("HEAD");
                }
                Some((ResourceDef::new(path), HeaderValue::from_str(&methods.join(", ")).ok()?))
            })
            .collect();
        Ok(Self { json, methods })
    }
}

/// What no route took: 405 where the path has other methods (RFC 9110 section 15.5.6), else 404.
async fn unmatched(request: HttpRequest, document: Data<Document>) -> Result<HttpResponse, ApiError> {
    let methods = document.methods.iter().find(|(path, _)| path.is_match(request.path()));
    Err(match methods {
        Some((_, allow)) => ApiError {
            header: Some(Box::new((ALLOW, allow.clone()))),
            ..ApiError::new(ErrorCode::MethodNotAllowed, "this address has other methods")
        },
        None => ApiError::not_found(),
    })
}
