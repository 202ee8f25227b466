//! The whole API, mounted on actix-web.

use crate::{
    api::Api,
    http::{
        authenticate::ProvenTokens,
        browser,
        config::HttpConfig,
        connection,
        error::{ApiError, ErrorCode},
        load_shedding::LoadShedder,
        metrics::{self, Requests},
        middleware, observe,
        prefix::{self, path_within},
        rate_limit::{self, Limits},
        route_index::RouteIndex,
    },
    openapi::{self, Document, Routes},
    realtime::Realtime,
    routes::{self, docs::PAGES},
};
use actix_web::{
    App, Error, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::{ALLOW, HeaderValue},
    middleware::from_fn,
    web::{self, Data},
};
use std::rc::Rc;

/// The API with all that its handlers and middleware need. Clones share everything.
#[derive(Clone)]
pub struct Application {
    /// The use cases.
    pub api: Data<Api>,
    /// The open WebSockets and event streams.
    pub realtime: Data<Realtime>,
    limits: Data<Limits>,
    proven_tokens: Data<ProvenTokens>,
    config: Data<HttpConfig>,
    document: Data<Document>,
    routes: Data<RouteIndex>,
}

impl Application {
    /// Builds the OpenAPI document, and the index of routes from it.
    ///
    /// # Errors
    ///
    /// If the document can't be serialized.
    pub fn new(api: Api, limits: Limits, realtime: Realtime, config: HttpConfig) -> Result<Self, serde_json::Error> {
        let document = openapi::document();
        Ok(Self {
            api: Data::new(api),
            realtime: Data::new(realtime),
            limits: Data::new(limits),
            proven_tokens: Data::default(),
            config: Data::new(config),
            routes: Data::new(RouteIndex::new(&document, PAGES)),
            document: Data::new(Document::new(&document)?),
        })
    }

    /// Returns the API as an application of its own. To be called once per worker.
    pub fn app(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        App::new()
            .configure(|config| self.configure(config))
            .wrap(from_fn(rate_limit::middleware))
            .wrap(from_fn(middleware::middleware))
            .wrap(from_fn(browser::middleware))
            .wrap(from_fn(observe::middleware))
            .wrap(from_fn(connection::middleware))
            .wrap(from_fn(metrics::middleware))
    }

    /// Returns the API under a prefix of another application, like `/tracker`. To be called once per worker.
    pub fn scope(&self, prefix: &str) -> impl HttpServiceFactory + use<> {
        web::scope(prefix)
            .configure(|config| self.configure(config))
            .route("", web::get().to(routes::docs::redirect_to_home))
            .wrap(from_fn(rate_limit::middleware))
            .wrap(from_fn(middleware::middleware))
            .wrap(from_fn(browser::middleware))
            .wrap(from_fn(observe::middleware))
            .wrap(from_fn(connection::middleware))
            .wrap(from_fn(metrics::middleware))
            .wrap(from_fn(prefix::middleware))
    }

    fn configure(&self, config: &mut web::ServiceConfig) {
        config
            .app_data(Rc::new(Requests::new(&self.routes)))
            .app_data(LoadShedder::new(self.config.max_queue))
            .app_data(self.api.clone())
            .app_data(self.realtime.clone())
            .app_data(self.limits.clone())
            .app_data(self.proven_tokens.clone())
            .app_data(self.config.clone())
            .app_data(self.document.clone())
            .app_data(self.routes.clone());
        routes::configure(&mut Routes::Served(config));
        routes::docs::configure(config);
        config.default_service(web::to(unmatched));
    }
}

/// Answers what no route matches: 405 if the path has other methods (RFC 9110 section 15.5.6), else 404.
async fn unmatched(request: HttpRequest, routes: Data<RouteIndex>) -> Result<HttpResponse, ApiError> {
    Err(match routes.methods_of(path_within(&request)) {
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
