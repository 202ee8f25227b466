//! What routes are added to.

use actix_web::{dev::HttpServiceFactory, web};
use utoipa::openapi::{Components, OpenApi};
use utoipa_actix_web::OpenApiFactory;

/// An application, or the OpenAPI document. What is added to one is added to the other: they have the same list of routes.
pub enum Routes<'a> {
    /// Requests are answered.
    Served(&'a mut web::ServiceConfig),
    /// Paths and schemas are added to the document. An application doesn't need them, and each worker has one.
    Described(&'a mut OpenApi),
}

impl Routes<'_> {
    /// Adds the routes that a function adds.
    pub fn configure(&mut self, add: fn(&mut Routes<'_>)) -> &mut Self {
        add(self);
        self
    }

    /// Adds a handler.
    pub fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, handler: F) -> &mut Self {
        match self {
            Self::Served(config) => {
                config.service(handler);
            }
            Self::Described(document) => {
                document.paths.merge(handler.paths());
                let mut schemas = Vec::new();
                handler.schemas(&mut schemas);
                document.components.get_or_insert_with(Components::new).schemas.extend(schemas);
            }
        }
        self
    }
}
