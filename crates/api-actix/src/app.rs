//! The whole application, mounted on actix-web.

use crate::{
    api::Api,
    http::{
        admission::Gate,
        browser, connection, context,
        edge::Edge,
        error::{ApiError, ErrorCode},
        limit,
        metrics::{self, Requests},
        observe,
    },
    openapi::Document,
    realtime::Realtime,
    routes,
};
use actix_web::{
    App, Error, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::{ALLOW, HeaderValue},
    middleware::from_fn,
    web::{self, Data},
};
use std::rc::Rc;
use utoipa_actix_web::AppExt;

/// For `HttpServer::new` or for tests.
pub fn app(
    api: Data<Api>,
    document: Data<Document>,
    realtime: Data<Realtime>,
    edge: Data<Edge>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let requests = Rc::new(Requests::new(&document));
    App::new()
        .into_utoipa_app()
        .app_data(requests)
        .app_data(Gate::new(edge.max_queue))
        .app_data(api)
        .app_data(document)
        .app_data(realtime)
        .app_data(edge)
        .configure(routes::configure)
        .into_app()
        .configure(routes::docs::configure)
        .default_service(web::to(unmatched))
        .wrap(from_fn(limit::middleware))
        .wrap(from_fn(context::middleware))
        .wrap(from_fn(browser::middleware))
        .wrap(from_fn(observe::middleware))
        .wrap(from_fn(connection::middleware))
        .wrap(from_fn(metrics::middleware))
}

/// What no route took: 405 where the path has other methods (RFC 9110 section 15.5.6), else 404.
async fn unmatched(request: HttpRequest, document: Data<Document>) -> Result<HttpResponse, ApiError> {
    let methods = document.methods_of(request.path());
    Err(match methods {
        Some(allow) => ApiError {
            header: Some(Box::new((ALLOW, allow.clone()))),
            ..ApiError::new(ErrorCode::MethodNotAllowed, other_methods(allow))
        },
        None => ApiError::not_found(),
    })
}

fn other_methods(allow: &HeaderValue) -> String {
    format!("this address takes {}, and no other method", allow.to_str().unwrap_or_default())
}
