//! Rate limits: how many requests somebody may make, and how many logins may fail.

mod fields;
mod lookup;
mod operations;

pub use lookup::{authenticate, redeem};
pub use operations::{Access, Operations};

use super::{
    caller::Authentication,
    client,
    error::ApiError,
    metrics::{Refusal, refused},
};
use crate::{api::Api, openapi::Document};
use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use fasttrack_app::auth::limit_logins::LimitLogins;
use fasttrack_domain::{
    ports::rate_limit::RateLimits,
    rate_limit::{Network, Standing, Subject},
};
use lookup::ProvenTokens;
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The names of our policies.
const REQUESTS: &str = "default";
const LOGINS: &str = "login";

/// What is limited.
#[derive(Default)]
pub struct Limits {
    requests: Option<Arc<dyn RateLimits>>,
    logins: Option<LimitLogins>,
    /// Of requests that are no logins.
    policy: Option<HeaderValue>,
    /// Of logins.
    login_policy: Option<HeaderValue>,
    proven: ProvenTokens,
}

impl Limits {
    /// All requests by `requests`, logins by `logins` as well. What is absent isn't limited.
    pub fn new(requests: Option<Arc<dyn RateLimits>>, logins: Option<LimitLogins>) -> Self {
        let general = requests.as_ref().map(|limits| fields::policy(REQUESTS, limits.quota()));
        let login = logins.as_ref().map(|limit| fields::policy(LOGINS, limit.quota()));
        let policy = general.as_deref().and_then(|policy| HeaderValue::from_str(policy).ok());
        let login_policy = fields::list([general, login]);
        Self { requests, logins, policy, login_policy, proven: ProvenTokens::default() }
    }
}

/// What was found out about a request, for its answer.
#[derive(Clone, Copy, Debug, Default)]
struct Standings {
    request: Option<Standing>,
    login: Option<Standing>,
}

impl Standings {
    fn note(request: &HttpRequest, note: impl FnOnce(&mut Self)) {
        let mut extensions = request.extensions_mut();
        if let Some(standings) = extensions.get_mut() {
            note(standings);
        } else {
            let mut standings = Self::default();
            note(&mut standings);
            extensions.insert(standings);
        }
    }
}

/// Finds out whether a request needs a token, once, for whatever asks for it later.
pub fn access(request: &ServiceRequest) -> Access {
    let Some(document) = request.app_data::<Data<Document>>() else { return Access::Unlimited };
    // As the router has it: percent-encoding hides nothing.
    let access = document.operations.access(request.method(), request.match_info().as_str());
    request.extensions_mut().insert(access);
    access
}

// @spec SPEC-007
/// Counts requests that have a route and a good token, if the route needs one: the others are refused for that. Runs
/// behind the token and before the form.
pub async fn middleware<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if let Some(subject) = subject(&request)
        && let Err(refused) = count(request.request(), subject).await
    {
        return Ok(request.error_response(refused).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// Who is counted; `None` where the request isn't, or not yet. What needs no token counts by the network, whatever token
/// comes along: tokens are had for the asking, networks are not.
fn subject(request: &ServiceRequest) -> Option<Subject> {
    let extensions = request.extensions();
    match (extensions.get::<Access>()?, extensions.get::<Authentication>()) {
        (Access::Public, _) => Some(Subject::Network(network(request.request()))),
        (Access::Token, Some(Authentication::Bearer(claims))) => Some(Subject::User(claims.user_id)),
        (Access::Token | Access::Unlimited, _) => None,
    }
}

/// Where a request comes from. Those of whom it isn't known count as one.
fn network(request: &HttpRequest) -> Network {
    client::ip(request).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)).into()
}

/// Counts a request of `subject`, unless it was counted before.
pub async fn count(request: &HttpRequest, subject: Subject) -> Result<(), ApiError> {
    if request.extensions().get::<Standings>().is_some_and(|standings| standings.request.is_some()) {
        return Ok(());
    }
    match request.app_data::<Data<Api>>() {
        Some(api) => count_anew(request, api, subject).await,
        None => Ok(()),
    }
}

/// Counts a request of `subject`, whatever it was counted as before.
async fn count_anew(request: &HttpRequest, api: &Api, subject: Subject) -> Result<(), ApiError> {
    let Some(limits) = api.limits.requests.as_deref() else { return Ok(()) };
    let standing = limits.hit(subject).await;
    Standings::note(request, |standings| standings.request = Some(standing));
    judge(standing, Refusal::RateLimit, "you have made as many requests as you may")
}

fn judge(standing: Standing, refusal: Refusal, message: &'static str) -> Result<(), ApiError> {
    if standing.is_allowed {
        return Ok(());
    }
    refused(refusal);
    Err(ApiError::rate_limited(standing.more_after_seconds(), message))
}

/// Around the login alone. An attempt counts from before its form is read, and from then on unless it turns out not to
/// have failed: a client that goes away hides nothing by it.
pub async fn logins<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let api = request.app_data::<Data<Api>>().cloned();
    let Some(limit) = api.as_ref().and_then(|api| api.limits.logins.as_ref()) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let attempt = match limit.begin(network(request.request())).await {
        Ok(attempt) => attempt,
        Err(error) => return Ok(request.error_response(ApiError::from(error)).map_into_right_body()),
    };
    Standings::note(request.request(), |standings| standings.login = Some(attempt.standing));
    if let Err(refused) =
        judge(attempt.standing, Refusal::LoginRateLimit, "too many logins from your address have failed")
    {
        return Ok(request.error_response(refused).map_into_right_body());
    }
    let response = next.call(request).await?;
    if response.status() != StatusCode::UNAUTHORIZED {
        match limit.forgive(attempt).await {
            Ok(attempt) => {
                Standings::note(response.request(), |standings| standings.login = Some(attempt.standing));
            }
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a login that didn't fail counts as one that did"
            ),
        }
    }
    Ok(response.map_into_left_body())
}

/// Tells the client how it stands.
pub fn tell<B>(response: &mut ServiceResponse<B>) {
    let Some(Standings { request, login }) = response.request().extensions().get().copied() else { return };
    let Some(api) = response.request().app_data::<Data<Api>>().cloned() else { return };
    let policy = if login.is_some() { &api.limits.login_policy } else { &api.limits.policy };
    let request = request.map(|standing| fields::standing(REQUESTS, &standing));
    let login = login.map(|standing| fields::standing(LOGINS, &standing));
    let headers = response.headers_mut();
    if let (Some(policy), Some(standing)) = (policy, fields::list([request, login])) {
        headers.insert(RATE_LIMIT_POLICY, policy.clone());
        headers.insert(RATE_LIMIT, standing);
    }
}
