//! The user who sent a request.

use super::error::ApiError;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::AUTHORIZATION};
use fasttrack_domain::{
    policy::Actor,
    token::{AccessClaims, SecretToken},
};
use std::future::{Ready, ready};

/// The result of checking the bearer token. A route that takes no [`Caller`] answers whatever the result is.
#[derive(Debug)]
pub enum Authentication {
    /// The request has no `Authorization: Bearer` header.
    Missing,
    /// The token was refused, or could not be checked, or was not looked up as its network is over the rate limit.
    Refused(ApiError),
    /// The token is valid.
    Bearer(AccessClaims),
}

/// The bearer token of a request, unchecked.
pub fn bearer_token(request: &HttpRequest) -> Option<SecretToken> {
    let token = bearer(request.headers().get(AUTHORIZATION)?.as_bytes())?;
    std::str::from_utf8(token).ok().map(|token| SecretToken::new(token.to_owned()))
}

/// The token of `Bearer <token>`, whose scheme is compared without case (RFC 9110 section 11.1).
pub(super) fn bearer(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked("Bearer ".len())?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"Bearer ") && !token.is_empty()).then_some(token)
}

// @spec SPEC-002
/// An authenticated user. A route that takes a `Caller` answers 401 without a valid token.
#[derive(Clone, Debug)]
pub struct Caller(pub AccessClaims);

impl Caller {
    /// The caller as the policy sees it.
    pub fn actor(&self) -> Actor {
        let reach = self.0.api_grant().map(|grant| grant.reach.clone()).unwrap_or_default();
        Actor { id: self.0.user_id, role: self.0.role, reach }
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        if let Some(Authentication::Bearer(claims)) = request.extensions().get::<Authentication>() {
            return ready(Ok(Self(claims.clone())));
        }
        // The error is moved out: the request ends with it.
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
