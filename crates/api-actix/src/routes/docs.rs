//! The OpenAPI document and the pages to try it. All they need is in the binary.

use crate::{http::error::ApiError, openapi::Document};
use actix_web::{
    HttpResponse,
    http::header::{CONTENT_SECURITY_POLICY, ContentType},
    web,
};
use aide::redoc::Redoc;
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::{Config, SwaggerFile, serve};

/// Redoc's own logo is the one thing that its script would fetch from elsewhere.
const FOREIGN_LOGO: &str = "https://cdn.redoc.ly/redoc/logo-mini.svg";

/// Where notifications can be watched as they come.
const REALTIME: &str = include_str!("docs/realtime.html");

static REALTIME_POLICY: LazyLock<String> = LazyLock::new(|| {
    policy(&format!("script-src {}; style-src {}", hash(REALTIME, "script"), hash(REALTIME, "style")))
});

/// The styles that Redoc's script adds to the page: an empty element, which it fills later, and its scroll bars.
const REDOC_STYLES: &str = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' \
     'sha256-DLDPR1ic47WIdK2WyeLkblb/tm2mQH+Jt/NNhZWu1k0='";

static REDOC: LazyLock<String> = LazyLock::new(|| {
    let html = Redoc::new("/openapi.json").with_title("fasttrack").html();
    html.replace(FOREIGN_LOGO, "data:,").replacen("</title>", "</title><link rel=\"icon\" href=\"data:,\">", 1)
});

/// Redoc searches in a worker that it makes.
static REDOC_POLICY: LazyLock<String> = LazyLock::new(|| {
    policy(&format!("script-src {}; style-src {REDOC_STYLES}; worker-src blob:", hash(&REDOC, "script")))
});

static SWAGGER: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    Arc::new(Config::new(["/openapi.json"]).try_it_out_enabled(true).persist_authorization(false).validator_url("none"))
});

/// The hash is that of the styles which Swagger UI's script adds to the page.
static SWAGGER_POLICY: LazyLock<String> = LazyLock::new(|| {
    policy("script-src 'self'; style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='")
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
    page(REDOC.as_str(), &REDOC_POLICY)
}

async fn realtime() -> HttpResponse {
    page(REALTIME, &REALTIME_POLICY)
}

async fn swagger_page() -> Result<HttpResponse, ApiError> {
    let html = swagger("index.html")?;
    // The page stands at `/docs`, its files below it.
    let html = String::from_utf8_lossy(&html.bytes).replace("\"./", "\"/docs/");
    Ok(page(html.replace("\"index.css", "\"/docs/index.css"), &SWAGGER_POLICY))
}

async fn swagger_file(file: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let file = swagger(&file)?;
    Ok(HttpResponse::Ok().content_type(file.content_type).body(file.bytes.into_owned()))
}

fn swagger(name: &str) -> Result<SwaggerFile<'static>, ApiError> {
    serve(name, SWAGGER.clone()).map_err(|error| ApiError::internal(error.to_string()))?.ok_or_else(ApiError::not_found)
}

fn page(html: impl Into<web::Bytes>, policy: &str) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::html()).insert_header((CONTENT_SECURITY_POLICY, policy)).body(html.into())
}

/// What a page may do (CSP Level 3), as people type tokens into it: run and look like what it brings along, and ask this
/// server alone.
fn policy(own: &str) -> String {
    format!(
        "default-src 'none'; {own}; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

/// What stands in the page between the first such tags, as the source of a policy.
fn hash(html: &str, tag: &str) -> String {
    let inline = html.split_once(&format!("<{tag}>")).and_then(|(_, rest)| rest.split_once(&format!("</{tag}>")));
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(inline.map_or("", |(inline, _)| inline))))
}
