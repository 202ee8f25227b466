//! The OpenAPI document and the pages to try it. All they need is in the binary.

use crate::{http::error::ApiError, openapi::Document};
use actix_web::{
    HttpResponse,
    http::header::{CONTENT_SECURITY_POLICY, ContentType, HeaderValue},
    web,
};
use aide::redoc::Redoc;
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::{Config, SwaggerFile, serve};

/// Redoc's own logo is the one thing that its script would fetch from elsewhere.
const FOREIGN_LOGO: &str = "https://cdn.redoc.ly/redoc/logo-mini.svg";

/// Where notifications can be watched as they come.
const REALTIME: &str = include_str!("docs/realtime.html");

/// All that the page may do, for it is given a token.
const REALTIME_MAY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static REDOC: LazyLock<String> =
    LazyLock::new(|| Redoc::new("/openapi.json").with_title("fasttrack").html().replace(FOREIGN_LOGO, "data:,"));

static SWAGGER: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    Arc::new(Config::new(["/openapi.json"]).try_it_out_enabled(true).persist_authorization(false).validator_url("none"))
});

/// Registers the routes. They describe the API and are no part of it, so they aren't in the document.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/openapi.json", web::get().to(document))
        .route("/redoc", web::get().to(redoc))
        .route("/docs", web::get().to(swagger_page))
        // Before Swagger's files, whose pattern takes it as well.
        .route("/docs/realtime", web::get().to(realtime))
        .route("/docs/{file}", web::get().to(swagger_file));
}

async fn document(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document.json.clone())
}

async fn redoc() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(REDOC.as_str())
}

async fn realtime() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, HeaderValue::from_static(REALTIME_MAY)))
        .body(REALTIME)
}

async fn swagger_page() -> Result<HttpResponse, ApiError> {
    let page = swagger("index.html")?;
    // The page stands at `/docs`, its files below it.
    let page = String::from_utf8_lossy(&page.bytes).replace("\"./", "\"/docs/");
    Ok(HttpResponse::Ok().content_type(ContentType::html()).body(page))
}

async fn swagger_file(file: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let file = swagger(&file)?;
    Ok(HttpResponse::Ok().content_type(file.content_type).body(file.bytes.into_owned()))
}

fn swagger(name: &str) -> Result<SwaggerFile<'static>, ApiError> {
    serve(name, SWAGGER.clone()).map_err(|error| ApiError::internal(error.to_string()))?.ok_or_else(ApiError::not_found)
}
