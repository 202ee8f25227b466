//! Scopes: which operations an API token is allowed.

use super::{caller::Authentication, error::ApiError, route_index::Access};
use actix_web::{HttpMessage, HttpRequest};
use fasttrack_domain::{api_token::Scope, token::AccessClaims};

/// Checks the token of the `Authorization` header, if there is a valid one.
pub(super) fn check_header(request: &HttpRequest) -> Result<(), ApiError> {
    match request.extensions().get::<Authentication>() {
        Some(Authentication::Bearer(claims)) => check(request, claims),
        Some(Authentication::Missing | Authentication::Refused(_)) | None => Ok(()),
    }
}

// @spec SPEC-024
/// Refuses an API token whose scopes don't cover the operation of the request. Every other token is good for all of
/// them.
pub fn check(request: &HttpRequest, claims: &AccessClaims) -> Result<(), ApiError> {
    let Some(grant) = claims.api_grant() else { return Ok(()) };
    let needed = match request.extensions().get::<Access>() {
        Some(Access::Token(scopes)) => *scopes,
        // Whatever the document doesn't open to API tokens is closed to them.
        Some(Access::Public | Access::Unlimited) | None => None,
    };
    if needed.is_some_and(|scopes| scopes.iter().all(|scope| grant.scopes.allow(scope))) {
        return Ok(());
    }
    Err(ApiError::insufficient_scope(needed))
}

/// The scopes that an API token needs for the change feed.
const CHANGES: [Scope; 3] = [Scope::ProjectsRead, Scope::TasksRead, Scope::CommentsRead];

// @spec SPEC-026
/// Refuses an API token whose scopes don't cover the change feed, where its changes are announced.
pub fn check_changes(claims: &AccessClaims) -> Result<(), ApiError> {
    match claims.api_grant() {
        Some(grant) if !CHANGES.into_iter().all(|scope| grant.scopes.allow(scope)) => {
            Err(ApiError::insufficient_scope(Some(CHANGES.into_iter().collect())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{http::error::ErrorCode, openapi::security::Needed};
    use actix_web::test::TestRequest;
    use fasttrack_domain::{
        Timestamp,
        api_token::{Reach, Scopes},
        id::{ApiTokenId, SessionId, UserId},
        token::{ApiGrant, TokenId, TokenSource},
        user::Role,
    };

    fn claims(source: TokenSource) -> AccessClaims {
        AccessClaims {
            user_id: UserId::new(7),
            role: Role::Admin,
            source,
            token_id: TokenId::new("api-1".to_owned()),
            epoch: 0,
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::MAX_UTC,
            user_key: None,
            session_key: None,
        }
    }

    fn api_token(scopes: &[Scope]) -> AccessClaims {
        let scopes = scopes.iter().copied().collect();
        claims(TokenSource::Api(ApiGrant { id: ApiTokenId::new(3), scopes, reach: Reach::All }))
    }

    /// A request of an operation; `None` for one that went through no middleware.
    fn request(access: Option<Access>) -> HttpRequest {
        let request = TestRequest::default().to_http_request();
        if let Some(access) = access {
            request.extensions_mut().insert(access);
        }
        request
    }

    fn needing(scopes: &[Scope]) -> HttpRequest {
        request(Some(Access::Token(Some(scopes.iter().copied().collect()))))
    }

    #[test]
    fn every_needed_scope_must_be_allowed() {
        let both = needing(&[Scope::ProjectsRead, Scope::TasksRead]);
        assert!(check(&both, &api_token(&[Scope::TasksWrite, Scope::ProjectsRead])).is_ok());
        for scopes in [&[][..], &[Scope::TasksWrite], &[Scope::ProjectsRead, Scope::CommentsWrite]] {
            assert_eq!(check(&both, &api_token(scopes)).unwrap_err().code, ErrorCode::InsufficientScope, "{scopes:?}");
        }
    }

    #[test]
    fn what_names_no_scope_is_closed_to_api_tokens() {
        let token = api_token(Scope::ALL);
        for access in [None, Some(Access::Token(None)), Some(Access::Public), Some(Access::Unlimited)] {
            assert!(check(&request(access), &token).is_err(), "{access:?}");
        }
    }

    #[test]
    fn announced_changes_need_the_scopes_of_the_feed() {
        let described = crate::openapi::document();
        let operation = described.paths.paths["/changes"].get.as_ref().unwrap();
        let needed = Needed::Token(Some(CHANGES.into_iter().collect()));
        assert_eq!(Needed::by(operation), needed);
        assert!(check_changes(&api_token(&CHANGES)).is_ok());
        assert!(check_changes(&claims(TokenSource::Session(SessionId::new(5)))).is_ok());
        for lacking in CHANGES {
            let others: Vec<_> = Scope::ALL.iter().copied().filter(|scope| !allows(*scope, lacking)).collect();
            let error = check_changes(&api_token(&others)).unwrap_err();
            assert_eq!(error.code, ErrorCode::InsufficientScope, "{lacking}");
        }
    }

    fn allows(scope: Scope, other: Scope) -> bool {
        Scopes::from_iter([scope]).allow(other)
    }

    #[test]
    fn a_session_needs_no_scope() {
        let session = claims(TokenSource::Session(SessionId::new(5)));
        assert!(check(&needing(&[Scope::TasksRead]), &session).is_ok());
        assert!(check(&request(Some(Access::Token(None))), &session).is_ok());
    }

    #[test]
    fn the_header_decides_before_the_handler() {
        let request = needing(&[Scope::TasksRead]);
        assert!(check_header(&request).is_ok());
        request.extensions_mut().insert(Authentication::Missing);
        assert!(check_header(&request).is_ok());
        request.extensions_mut().insert(Authentication::Bearer(api_token(&[Scope::TasksRead])));
        assert!(check_header(&request).is_ok());
        request.extensions_mut().insert(Authentication::Bearer(api_token(&[Scope::CommentsRead])));
        assert!(check_header(&request).is_err());
    }
}
