//! `/.well-known` (RFC 8615).

use crate::{api::Api, openapi::Routes};
use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::Data,
};

pub fn configure(config: &mut Routes<'_>) {
    config.service(jwks);
}

// @spec SPEC-001
/// Show the public keys that verify our access tokens.
///
/// For everybody, without a token. Answers a JWK set (RFC 7517) in no envelope, which may be cached. Whoever verifies
/// a token takes the key by `kid`, and fetches the set again on a `kid` that it doesn't have.
#[utoipa::path(
    operation_id = "jwks",
    tag = "auth",
    responses((
        status = 200, description = "A JWK set", body = Object,
        example = json!({"keys": [{"kty": "RSA", "kid": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "use": "sig", "alg": "RS256", "n": "0vx7", "e": "AQAB"}]})
    )),
    security(())
)]
#[get("/.well-known/jwks.json")]
async fn jwks(api: Data<Api>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))).json(&api.jwks)
}
