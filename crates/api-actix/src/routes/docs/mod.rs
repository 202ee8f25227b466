//! The OpenAPI document and the pages to try it. All they need is in the binary.

use crate::{
    http::{error::ApiError, prefix::address_of, representation},
    openapi::Document,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, HeaderValue, LOCATION, VARY},
    web,
};
use aide::redoc::Redoc;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::{Config, SwaggerFile, serve};

/// The addresses of the pages and their files, all of them GET.
pub const PAGES: [&str; 8] =
    ["/", "/favicon.ico", "/openapi.json", "/docs", "/docs/realtime", "/docs/webhooks", "/docs/{file}", "/redoc"];

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The page that has links to all others.
static HOME: LazyLock<String> = LazyLock::new(|| include_str!("home.html").replace("{version}", VERSION));

static HOME_POLICY: LazyLock<String> = LazyLock::new(|| policy(&format!("style-src {}", hash(&HOME, "style"))));

const FAVICON: &[u8] = include_bytes!("favicon.ico");

/// Redoc's own logo is the one thing that its script would fetch from elsewhere.
const FOREIGN_LOGO: &str = "https://cdn.redoc.ly/redoc/logo-mini.svg";

/// Where notifications can be watched as they come.
const REALTIME: &str = include_str!("realtime.html");

static REALTIME_POLICY: LazyLock<String> = LazyLock::new(|| policy_of_own(REALTIME));

/// Where the deliveries of webhooks can be inspected and repeated.
const WEBHOOKS: &str = include_str!("webhooks.html");

static WEBHOOKS_POLICY: LazyLock<String> = LazyLock::new(|| policy_of_own(WEBHOOKS));

/// The styles that Redoc's script adds to the page: an empty element, which it fills later, and its scroll bars.
const REDOC_STYLES: &str = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' \
     'sha256-DLDPR1ic47WIdK2WyeLkblb/tm2mQH+Jt/NNhZWu1k0='";

/// What the page of `aide` has no way to set: the width of a phone's screen, and an icon.
const REDOC_HEAD: &str = r#"</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="./favicon.ico">"#;

static REDOC: LazyLock<String> = LazyLock::new(|| {
    let html = Redoc::new("./openapi.json").with_title("fasttrack").html();
    html.replace(FOREIGN_LOGO, "data:,").replacen("</title>", REDOC_HEAD, 1)
});

/// Redoc searches in a worker that it makes.
static REDOC_POLICY: LazyLock<String> = LazyLock::new(|| {
    policy(&format!("script-src {}; style-src {REDOC_STYLES}; worker-src blob:", hash(&REDOC, "script")))
});

/// Serves Swagger UI's files; what it says is used by none of them, as the page has an initializer of its own.
static SWAGGER: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::new(["/openapi.json"])));

/// The hash is that of the styles which Swagger UI's script adds to the page.
static SWAGGER_POLICY: LazyLock<String> = LazyLock::new(|| {
    policy("script-src 'self'; style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='")
});

/// Registers the routes of [`PAGES`]. They describe the API and are no part of it, so they aren't in the document.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(home))
        .route("/favicon.ico", web::get().to(favicon))
        .route("/openapi.json", web::get().to(document))
        .route("/redoc", web::get().to(redoc))
        .route("/docs", web::get().to(swagger_page))
        // Before Swagger's files, whose pattern takes them as well.
        .route("/docs/realtime", web::get().to(realtime))
        .route("/docs/webhooks", web::get().to(webhooks))
        .route("/docs/{file}", web::get().to(swagger_file));
}

/// GET `/` for programs.
#[derive(Serialize)]
struct Home {
    name: &'static str,
    version: &'static str,
    docs: String,
    redoc: String,
    openapi: String,
}

async fn home(request: HttpRequest) -> HttpResponse {
    let mut response = if representation::prefers_html(request.headers()) {
        page(HOME.as_str(), &HOME_POLICY)
    } else {
        HttpResponse::Ok().json(Home {
            name: "fasttrack",
            version: VERSION,
            docs: address_of(&request, "/docs"),
            redoc: address_of(&request, "/redoc"),
            openapi: address_of(&request, "/openapi.json"),
        })
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    response
}

async fn favicon() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/vnd.microsoft.icon")
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")))
        .body(FAVICON)
}

async fn document(request: HttpRequest, document: web::Data<Document>) -> Result<HttpResponse, ApiError> {
    let json = document.json(&address_of(&request, "")).map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json))
}

/// Links are relative to the path with a slash.
pub async fn redirect_to_home(request: HttpRequest) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, address_of(&request, "/"))).finish()
}

async fn redoc() -> HttpResponse {
    page(REDOC.as_str(), &REDOC_POLICY)
}

async fn realtime() -> HttpResponse {
    page(REALTIME, &REALTIME_POLICY)
}

async fn webhooks() -> HttpResponse {
    page(WEBHOOKS, &WEBHOOKS_POLICY)
}

async fn swagger_page() -> HttpResponse {
    page(include_str!("swagger.html"), &SWAGGER_POLICY)
}

async fn swagger_file(file: web::Path<String>) -> Result<HttpResponse, ApiError> {
    match file.as_str() {
        "page.css" => Ok(HttpResponse::Ok().content_type("text/css").body(include_str!("swagger.css"))),
        "swagger-initializer.js" => {
            Ok(HttpResponse::Ok().content_type("text/javascript").body(include_str!("swagger-initializer.js")))
        }
        name => {
            let file = swagger(name)?;
            Ok(HttpResponse::Ok().content_type(file.content_type).body(file.bytes.into_owned()))
        }
    }
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

/// The policy of a page with one script and one style, both inline.
fn policy_of_own(html: &str) -> String {
    policy(&format!("script-src {}; style-src {}", hash(html, "script"), hash(html, "style")))
}

/// What stands in the page between the first such tags, as the source of a policy.
fn hash(html: &str, tag: &str) -> String {
    let inline = html.split_once(&format!("<{tag}>")).and_then(|(_, rest)| rest.split_once(&format!("</{tag}>")));
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(inline.map_or("", |(inline, _)| inline))))
}
