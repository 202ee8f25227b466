//! Who asks.

use super::{error::ApiError, limit};
use crate::api::Api;
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::{Payload, ServiceRequest},
    http::header::AUTHORIZATION,
    web::Data,
};
use fasttrack_domain::{
    policy::Actor,
    token::{AccessClaims, SecretToken, TokenError},
};
use std::future::{Ready, ready};

/// What the middleware found out about the bearer. Whether it matters is up to the route: who asks for none is not
/// refused for a bad token.
#[derive(Debug)]
pub enum Authentication {
    /// No `Authorization: Bearer`.
    Missing,
    /// A token that was refused, or couldn't be judged, or wasn't looked at as its network asks too often.
    Refused(ApiError),
    /// A good token.
    Bearer(AccessClaims),
}

impl Authentication {
    /// Reads and checks the token of a request.
    pub async fn of(request: &ServiceRequest) -> Self {
        let mut headers = request.headers().get_all(AUTHORIZATION);
        let Some(token) = headers.next().and_then(|value| bearer(value.as_bytes())) else {
            return Self::Missing;
        };
        let (Ok(token), None) = (std::str::from_utf8(token), headers.next()) else {
            return Self::Refused(TokenError::Invalid.into());
        };
        let Some(api) = request.app_data::<Data<Api>>() else {
            return Self::Refused(TokenError::Unavailable.into());
        };
        match limit::authenticate(request.request(), api, token).await {
            Ok(claims) => Self::Bearer(claims),
            Err(error) => Self::Refused(error),
        }
    }
}

/// The token that came with a request, whatever it is worth.
pub fn bearer_token(request: &HttpRequest) -> Option<SecretToken> {
    let token = bearer(request.headers().get(AUTHORIZATION)?.as_bytes())?;
    std::str::from_utf8(token).ok().map(|token| SecretToken::new(token.to_owned()))
}

/// The token of `Bearer <token>`, whose scheme is compared without case (RFC 9110 section 11.1).
fn bearer(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked("Bearer ".len())?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"Bearer ") && !token.is_empty()).then_some(token)
}

// @spec SPEC-002
/// A user who proved to be one. A route that takes a `Caller` answers 401 to everybody else.
#[derive(Clone, Debug)]
pub struct Caller(pub AccessClaims);

impl Caller {
    /// The caller as the policy sees it.
    pub fn actor(&self) -> Actor {
        Actor { id: self.0.user_id, role: self.0.role }
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        if let Some(Authentication::Bearer(claims)) = request.extensions().get::<Authentication>() {
            return ready(Ok(Self(claims.clone())));
        }
        // The request ends with its error, which can be told once.
        ready(Err(match request.extensions_mut().remove::<Authentication>() {
            Some(Authentication::Refused(error)) => error,
            _ => ApiError::token_missing(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_compared_without_case() {
        assert_eq!(bearer(b"Bearer abc"), Some(&b"abc"[..]));
        assert_eq!(bearer(b"bEARER  abc "), Some(&b"abc"[..]));
        for none in [&b"Basic abc"[..], b"Bearer", b"Bearer ", b"Bearerabc", b""] {
            assert_eq!(bearer(none), None, "{none:?}");
        }
    }
}
