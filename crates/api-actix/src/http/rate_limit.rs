//! Rate limits: how many requests a user or a network may send, and how many of its logins may fail.

use super::{
    caller::Authentication,
    client,
    error::ApiError,
    metrics::{Refusal, refused},
    rate_limit_fields as fields,
    route_index::{Access, RouteIndex},
    scope,
};
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
    id::UserId,
    ports::rate_limit::RateLimits,
    rate_limit::{Network, RateLimitStatus, Subject},
};
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Instant,
};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Names of the policies in `RateLimit` and `RateLimit-Policy`.
const REQUESTS: &str = "default";
const LOGINS: &str = "login";

/// The configured rate limits.
#[derive(Default)]
pub struct Limits {
    requests: Option<Arc<dyn RateLimits>>,
    logins: Option<LimitLogins>,
    /// The `RateLimit-Policy` header of requests other than logins.
    policy: Option<HeaderValue>,
    /// The `RateLimit-Policy` header of logins.
    login_policy: Option<HeaderValue>,
}

impl Limits {
    /// `requests` limits all requests, `logins` logins on top of that. `None` means no limit.
    pub fn new(requests: Option<Arc<dyn RateLimits>>, logins: Option<LimitLogins>) -> Self {
        let general = requests.as_ref().map(|limits| fields::policy(REQUESTS, limits.quota()));
        let login = logins.as_ref().map(|limit| fields::policy(LOGINS, limit.quota()));
        let policy = general.as_deref().and_then(|policy| HeaderValue::from_str(policy).ok());
        let login_policy = fields::list([general, login]);
        Self { requests, logins, policy, login_policy }
    }
}

/// The state of the limits that a request counted against, for the headers of its response.
#[derive(Clone, Copy, Debug, Default)]
struct AppliedLimits {
    request: Option<RateLimitStatus>,
    login: Option<RateLimitStatus>,
}

impl AppliedLimits {
    fn update(request: &HttpRequest, update: impl FnOnce(&mut Self)) {
        let mut extensions = request.extensions_mut();
        let mut status = extensions.get::<Self>().copied().unwrap_or_default();
        update(&mut status);
        extensions.insert(status);
    }
}

/// Determines whether a request needs a token, and keeps the result in its extensions.
pub fn access(request: &ServiceRequest) -> Access {
    let Some(routes) = request.app_data::<Data<RouteIndex>>() else { return Access::Unlimited };
    // The path as the router decodes it, so that percent-encoding bypasses nothing.
    let access = routes.access(request.method(), request.match_info().unprocessed());
    request.extensions_mut().insert(access);
    access
}

// @spec SPEC-007
/// Counts requests that have a route and, where the route needs one, a valid token, and then refuses API tokens without
/// the scope. Runs after authentication and before the body is read.
pub async fn middleware<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if let Err(refused) = admit(&request).await {
        return Ok(request.error_response(refused).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

async fn admit(request: &ServiceRequest) -> Result<(), ApiError> {
    if let Some(subject) = subject(request) {
        count(request.request(), subject).await?;
    }
    // A request that is refused for its scope counts as well.
    scope::check_header(request.request())
}

/// Returns what the request counts against; `None` if it does not count, or is counted later. A public operation counts
/// against the network even if a token was sent: anybody can get many tokens, but few networks.
fn subject(request: &ServiceRequest) -> Option<Subject> {
    let extensions = request.extensions();
    match (extensions.get::<Access>()?, extensions.get::<Authentication>()) {
        (Access::Public, _) => Some(Subject::Network(network(request.request()))),
        (Access::Token(_), Some(Authentication::Bearer(claims))) => Some(Subject::User(claims.user_id)),
        (Access::Token(_) | Access::Unlimited, _) => None,
    }
}

/// The network that a request comes from. All requests without a known address share one.
pub(super) fn network(request: &HttpRequest) -> Network {
    client::ip(request).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)).into()
}

/// Counts a request against `subject`, unless it was counted before.
pub async fn count(request: &HttpRequest, subject: Subject) -> Result<(), ApiError> {
    if request.extensions().get::<AppliedLimits>().is_some_and(|status| status.request.is_some()) {
        return Ok(());
    }
    count_again(request, subject).await
}

/// Counts a request against `subject`, even if it was counted before.
async fn count_again(request: &HttpRequest, subject: Subject) -> Result<(), ApiError> {
    let Some(limits) = requests(request) else { return Ok(()) };
    let standing = limits.hit(subject).await;
    AppliedLimits::update(request, |status| status.request = Some(standing));
    refuse_over_limit(standing, Refusal::RateLimit, "you have made as many requests as you may")
}

fn requests(request: &HttpRequest) -> Option<&dyn RateLimits> {
    request.app_data::<Data<Limits>>()?.requests.as_deref()
}

/// A request that was counted before its user is known.
pub struct Hit {
    subject: Subject,
    begun: Instant,
}

impl Hit {
    /// Counts a request against `subject`.
    pub async fn count(request: &HttpRequest, subject: Subject) -> Result<Self, ApiError> {
        let begun = Instant::now();
        count_again(request, subject).await?;
        Ok(Self { subject, begun })
    }

    /// Counts the request against its user instead. If the user is over its limit, the first hit stays: every look-up
    /// counts against somebody.
    pub async fn move_to(self, request: &HttpRequest, user_id: UserId) -> Result<(), ApiError> {
        let user = Subject::User(user_id);
        if self.subject == user {
            return Ok(());
        }
        count_again(request, user).await?;
        if let Some(limits) = requests(request) {
            limits.remove_hit(self.subject, self.begun.elapsed()).await;
        }
        Ok(())
    }
}

fn refuse_over_limit(standing: RateLimitStatus, refusal: Refusal, message: &'static str) -> Result<(), ApiError> {
    if standing.is_allowed {
        return Ok(());
    }
    refused(refusal);
    Err(ApiError::rate_limited(standing.more_after_seconds(), message))
}

/// The middleware around the login route. Each attempt counts before its body is read, and is uncounted if it did not
/// fail: a client that hangs up early cannot avoid being counted.
pub async fn logins<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let limits = request.app_data::<Data<Limits>>().cloned();
    let Some(limit) = limits.as_ref().and_then(|limits| limits.logins.as_ref()) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let attempt = match limit.begin(network(request.request())).await {
        Ok(attempt) => attempt,
        Err(error) => return Ok(request.error_response(ApiError::from(error)).map_into_right_body()),
    };
    AppliedLimits::update(request.request(), |status| status.login = Some(attempt.status));
    if let Err(refused) =
        refuse_over_limit(attempt.status, Refusal::LoginRateLimit, "too many logins from your address have failed")
    {
        return Ok(request.error_response(refused).map_into_right_body());
    }
    let response = next.call(request).await?;
    if response.status() != StatusCode::UNAUTHORIZED {
        match limit.forgive(attempt).await {
            Ok(attempt) => {
                AppliedLimits::update(response.request(), |status| status.login = Some(attempt.status));
            }
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a login that didn't fail counts as one that did"
            ),
        }
    }
    Ok(response.map_into_left_body())
}

/// Inserts `RateLimit` and `RateLimit-Policy`.
pub fn insert_headers<B>(response: &mut ServiceResponse<B>) {
    let Some(AppliedLimits { request, login }) = response.request().extensions().get().copied() else { return };
    let Some(limits) = response.request().app_data::<Data<Limits>>().cloned() else { return };
    let policy = if login.is_some() { &limits.login_policy } else { &limits.policy };
    let request = request.map(|standing| fields::standing(REQUESTS, &standing));
    let login = login.map(|standing| fields::standing(LOGINS, &standing));
    let headers = response.headers_mut();
    if let (Some(policy), Some(standing)) = (policy, fields::list([request, login])) {
        headers.insert(RATE_LIMIT_POLICY, policy.clone());
        headers.insert(RATE_LIMIT, standing);
    }
}
