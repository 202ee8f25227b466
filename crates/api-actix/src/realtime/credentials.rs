//! The credentials of WebSockets and event streams: a token, or a ticket that stands for one.

use super::{handshake::protocols, parameters::Parameters};
use crate::{
    api::Api,
    http::{authenticate, caller::Caller, error::ApiError, rate_limit, scope},
};
use actix_web::HttpRequest;
use fasttrack_domain::{rate_limit::Subject, token::AccessClaims};

/// Prefix of the subprotocol that carries a token.
const BEARER: &str = "bearer.";

/// The credentials of a request.
pub enum Credentials {
    /// A valid token.
    Token(AccessClaims),
    /// A ticket, unchecked: checking redeems it.
    Ticket(String),
}

impl Credentials {
    /// Reads the credentials, and checks a token. `header` is the result of the `Authorization` header.
    pub async fn of(
        query: &Parameters,
        request: &HttpRequest,
        header: Result<Caller, ApiError>,
        api: &Api,
    ) -> Result<Self, ApiError> {
        if let Some(ticket) = query.get("ticket") {
            return Ok(Self::Ticket(ticket.to_owned()));
        }
        let token = query
            .get("token")
            .or_else(|| protocols(request.headers()).find_map(|protocol| protocol.strip_prefix(BEARER)));
        let claims = match token {
            Some(token) => authenticate::authenticate(request, api, token).await?,
            None => header?.0,
        };
        rate_limit::count(request, Subject::User(claims.user_id)).await?;
        check(query, request, &claims)?;
        Ok(Self::Token(claims))
    }

    /// Redeems a ticket. To be called last, when nothing else can refuse the request.
    pub async fn claims(self, query: &Parameters, request: &HttpRequest, api: &Api) -> Result<AccessClaims, ApiError> {
        match self {
            Self::Token(claims) => Ok(claims),
            Self::Ticket(ticket) => {
                let claims = authenticate::redeem(request, api, &ticket).await?;
                check(query, request, &claims)?;
                Ok(claims)
            }
        }
    }
}

/// Refuses an API token without the scopes of the route, and without those of the change feed where its changes are to
/// be announced.
fn check(query: &Parameters, request: &HttpRequest, claims: &AccessClaims) -> Result<(), ApiError> {
    scope::check(request, claims)?;
    if matches!(query.changes(), Ok(true)) { scope::check_changes(claims) } else { Ok(()) }
}
