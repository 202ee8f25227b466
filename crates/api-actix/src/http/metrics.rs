//! Metrics of requests: their number, status and duration by route.
//!
//! A series is registered when it is first needed, and cached by its route. The number of series is bounded by
//! operations and statuses, whatever clients request.

use super::{prefix::Prefix, route_index::RouteIndex};
use actix_web::{
    Error, HttpRequest,
    body::MessageBody,
    dev::{Path, ServiceRequest, ServiceResponse, Url},
    http::{Method, StatusCode},
    middleware::Next,
};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

/// The route label of requests that match no route, were refused before routing, or panicked.
const UNMATCHED: &str = "unmatched";

/// The values of the method label. HEAD counts as GET, as it is handled as GET.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];

/// Why a request was refused to protect the server or its other users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The user, or the network, is over its rate limit.
    RateLimit,
    /// Too many logins from the network have failed.
    LoginRateLimit,
    /// The load shedder refused the request.
    Overload,
    /// The maximum number of connections is open.
    Connections,
}

impl Refusal {
    const ALL: [Self; 4] = [Self::RateLimit, Self::LoginRateLimit, Self::Overload, Self::Connections];

    const fn as_str(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit",
            Self::LoginRateLimit => "login_rate_limit",
            Self::Overload => "overload",
            Self::Connections => "connections",
        }
    }
}

/// Increments `fasttrack_http_requests_refused_total`.
pub fn refused(reason: Refusal) {
    counter!("fasttrack_http_requests_refused_total", "reason" => reason.as_str()).increment(1);
}

// @spec SPEC-016
/// The metrics of one worker.
pub struct Requests {
    in_progress: Gauge,
    abandoned: Counter,
    routes: HashMap<String, Vec<Operation>>,
    unmatched: Vec<Operation>,
    /// Buffer for the pattern of a request.
    pattern: RefCell<String>,
}

/// The metrics of one method of a route.
struct Operation {
    method: &'static str,
    route: Arc<str>,
    duration: OnceCell<Histogram>,
    /// Counters of the statuses that have occurred, which are few.
    answers: RefCell<Vec<(StatusCode, Counter)>>,
}

impl Requests {
    /// Creates the metrics of these routes. The series of an operation are registered with its first request.
    pub fn new(routes: &RouteIndex) -> Self {
        for refusal in Refusal::ALL {
            counter!(
                description: "Requests and connections that were refused to protect others, or the server.",
                "fasttrack_http_requests_refused_total",
                "reason" => refusal.as_str()
            )
            .increment(0);
        }
        let operations = |route: &str, methods: &dyn Fn(&str) -> bool| -> Vec<_> {
            let route: Arc<str> = route.into();
            METHODS.into_iter().filter(|method| methods(method)).map(|method| Operation::new(method, &route)).collect()
        };
        let by_route = routes.routes().map(|(route, allow)| {
            let is_allowed = |method: &str| allow.split(", ").any(|allowed| allowed == method);
            (route.to_owned(), operations(route, &is_allowed))
        });
        Self {
            in_progress: gauge!(
                description: "Requests that are being answered.",
                "fasttrack_http_requests_in_progress"
            ),
            abandoned: counter!(
                description: "Requests whose client hung up before the answer began.",
                "fasttrack_http_requests_abandoned_total"
            ),
            routes: by_route.collect(),
            unmatched: operations(UNMATCHED, &|_| true),
            pattern: RefCell::default(),
        }
    }

    /// Counts a request as in progress.
    pub fn begin(self: &Rc<Self>, method: &Method) -> InProgress {
        self.in_progress.increment(1);
        InProgress { requests: self.clone(), method: known(method), begun: Instant::now(), is_ended: false }
    }

    /// Returns the pattern of the route that a request matched.
    pub fn route(&self, request: &HttpRequest) -> Option<Arc<str>> {
        Some(self.operations(request.match_info(), Prefix::of(request))?.first()?.route.clone())
    }

    fn operation(&self, method: &'static str, path: Option<(&Path<Url>, Prefix)>) -> Option<&Operation> {
        let operation = path.and_then(|(path, prefix)| of(self.operations(path, prefix)?, method));
        operation.or_else(|| of(&self.unmatched, method))
    }

    fn operations(&self, path: &Path<Url>, prefix: Prefix) -> Option<&[Operation]> {
        let mut pattern = self.pattern.borrow_mut();
        let prefix = prefix.decoded_length();
        let route =
            if path.is_empty() { path.as_str().get(prefix..)? } else { write_pattern(path, prefix, &mut pattern)? };
        self.routes.get(route).map(Vec::as_slice)
    }
}

fn of<'o>(operations: &'o [Operation], method: &str) -> Option<&'o Operation> {
    operations.iter().find(|operation| operation.method == method)
}

/// Returns the value of the method label.
fn known(method: &Method) -> &'static str {
    let name = if *method == Method::HEAD { "GET" } else { method.as_str() };
    METHODS.into_iter().find(|known| *known == name).unwrap_or("other")
}

/// Writes the pattern that the router matched with a path, behind the prefix of the API. Putting the names of
/// parameters in place of their values is quicker than matching all patterns again.
fn write_pattern<'p>(path: &Path<Url>, prefix: usize, pattern: &'p mut String) -> Option<&'p str> {
    let text = path.as_str();
    let mut end = prefix;
    pattern.clear();
    for (name, value) in path.iter() {
        // Values are slices of the path, in order.
        let start = value.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        if start < prefix {
            continue;
        }
        pattern.push_str(text.get(end..start)?);
        pattern.push('{');
        pattern.push_str(name);
        pattern.push('}');
        end = start + value.len();
    }
    pattern.push_str(text.get(end..)?);
    Some(pattern)
}

impl Operation {
    fn new(method: &'static str, route: &Arc<str>) -> Self {
        Self { method, route: route.clone(), duration: OnceCell::new(), answers: RefCell::default() }
    }

    fn record(&self, status: StatusCode, duration: Duration) {
        let series = self.duration.get_or_init(|| {
            histogram!(
                description: "Time until the answer begins, by route.",
                "fasttrack_http_request_duration_seconds",
                "method" => self.method, "route" => self.route.clone()
            )
        });
        series.record(duration);
        let mut answers = self.answers.borrow_mut();
        if let Some((_, count)) = answers.iter().find(|(known, _)| *known == status) {
            return count.increment(1);
        }
        let count = counter!(
            description: "Requests that were answered, by route and status.",
            "fasttrack_http_requests_total",
            "method" => self.method, "route" => self.route.clone(), "status" => status.as_str().to_owned()
        );
        count.increment(1);
        answers.push((status, count));
    }
}

/// A request in progress. If it is dropped before [`Self::end`], its client has hung up.
pub struct InProgress {
    requests: Rc<Requests>,
    method: &'static str,
    begun: Instant,
    is_ended: bool,
}

impl InProgress {
    /// Records the response. The path is absent if the request was consumed by an error.
    pub fn end(mut self, status: StatusCode, path: Option<(&Path<Url>, Prefix)>) {
        self.is_ended = true;
        if let Some(operation) = self.requests.operation(self.method, path) {
            operation.record(status, self.begun.elapsed());
        }
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.requests.in_progress.decrement(1);
        if !self.is_ended {
            self.requests.abandoned.increment(1);
        }
    }
}

/// The middleware. It counts every request, refused ones included.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let Some(requests) = request.app_data::<Rc<Requests>>() else { return next.call(request).await };
    let in_progress = requests.begin(request.method());
    let answer = next.call(request).await;
    match &answer {
        Ok(response) => {
            let request = response.request();
            in_progress.end(response.status(), Some((request.match_info(), Prefix::of(request))));
        }
        Err(error) => in_progress.end(error.as_response_error().status_code(), None),
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi;
    use actix_web::dev::ResourceDef;

    #[test]
    fn a_pattern_is_written_from_the_parameters_of_the_path() {
        for (pattern, path) in [
            ("/tasks/{id}", "/tasks/5"),
            ("/{user_id}/tasks/{task_id}", "/tasks/tasks/s"),
            ("/{user_id}/tasks/{task_id}/complete", "/%C3%A9%2Fx/tasks/7/complete"),
            ("/tasks/{id}", "/tasks/{id}"),
        ] {
            let mut matched = Path::new(Url::new(path.parse().unwrap()));
            assert!(ResourceDef::new(pattern).capture_match_info(&mut matched));
            assert_eq!(write_pattern(&matched, 0, &mut "left over".to_owned()), Some(pattern));
        }
        let mut mounted = Path::new(Url::new("/7/tracker/tasks/5".parse().unwrap()));
        assert!(ResourceDef::prefix("/{tenant}/tracker").capture_match_info(&mut mounted));
        assert!(ResourceDef::new("/tasks/{id}").capture_match_info(&mut mounted));
        assert_eq!(write_pattern(&mounted, "/7/tracker".len(), &mut String::new()), Some("/tasks/{id}"));
    }

    #[test]
    fn routes_are_labelled_by_pattern_and_all_others_are_one() {
        let requests = Requests::new(&RouteIndex::new(&openapi::document(), []));
        let found = |method: &str, pattern: &str, path: &str| {
            let mut matched = Path::new(Url::new(path.parse().unwrap()));
            ResourceDef::new(pattern).capture_match_info(&mut matched);
            let operation =
                requests.operation(known(&method.parse().unwrap()), Some((&matched, Prefix::default()))).unwrap();
            (operation.method, operation.route.to_string())
        };
        let route = |method, route: &str| (method, route.to_owned());
        assert_eq!(found("PATCH", "/tasks/{id}", "/tasks/5"), route("PATCH", "/tasks/{id}"));
        assert_eq!(found("GET", "/projects", "/projects"), route("GET", "/projects"));
        assert_eq!(found("HEAD", "/projects", "/projects"), route("GET", "/projects"));
        for (method, path) in [("GET", "/nowhere"), ("DELETE", "/projects")] {
            assert_eq!(found(method, "/elsewhere", path), route(method, UNMATCHED));
        }
        assert_eq!(found("BREW", "/projects", "/projects"), route("other", UNMATCHED));
    }
}
