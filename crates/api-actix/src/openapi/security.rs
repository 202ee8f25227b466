//! What each operation says of tokens: whether it needs one, and whether an API token will do.

use fasttrack_domain::api_token::{Scope, Scopes};
use utoipa::openapi::{
    Components,
    path::Operation,
    security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

/// The scheme of access tokens.
const BEARER: &str = "bearer";

/// The scheme of API tokens. An operation that takes them has this requirement with its scopes, as `security` of its
/// `#[utoipa::path]`.
const API_TOKEN: &str = "apiToken";

/// What an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// The operation needs no token.
    Nothing,
    /// An access token, or an API token with all of these scopes. Without scopes, no API token will do.
    Token(Option<Scopes>),
}

impl Needed {
    /// Reads the requirements of an operation, as its route states them or as they are served.
    pub fn by(operation: &Operation) -> Self {
        let Some(requirements) = &operation.security else { return Self::Token(None) };
        if requirements.iter().all(|requirement| *requirement == SecurityRequirement::default()) {
            return Self::Nothing;
        }
        Self::Token(requirements.iter().find_map(scopes))
    }
}

/// The scopes of a requirement; `None` for another scheme, and where a scope is unknown.
fn scopes(requirement: &SecurityRequirement) -> Option<Scopes> {
    let requirement = serde_json::to_value(requirement).ok()?;
    let scopes = requirement.get(API_TOKEN)?.as_array()?;
    let scopes: Scopes = scopes.iter().map(|scope| scope.as_str()?.parse::<Scope>().ok()).collect::<Option<_>>()?;
    (!scopes.is_empty()).then_some(scopes)
}

/// Describes both schemes.
pub(super) fn add_schemes(components: &mut Components) {
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".to_owned());
    bearer.description = Some("The `access_token` of a login.".to_owned());
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    let mut api_token = Http::new(HttpAuthScheme::Bearer);
    api_token.description = Some(
        "The `token` of `POST /auth/tokens`, with the scopes that the operation names; one that ends in `:write` \
         includes `:read`. Operations that don't name this scheme refuse API tokens (403 `insufficient_scope`)."
            .to_owned(),
    );
    components.add_security_scheme(API_TOKEN, SecurityScheme::Http(api_token));
}

/// States for each operation whether it needs a token: generators of clients don't read the default of the document.
pub(super) fn add_security(operation: &mut Operation) {
    let bearer = || SecurityRequirement::new(BEARER, Vec::<String>::new());
    operation.security = Some(match Needed::by(operation) {
        Needed::Nothing => Vec::new(),
        Needed::Token(None) => vec![bearer()],
        Needed::Token(Some(scopes)) => {
            vec![bearer(), SecurityRequirement::new(API_TOKEN, scopes.iter().map(Scope::as_str))]
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi;
    use utoipa::openapi::path::HttpMethod;

    fn needed(security: Option<Vec<SecurityRequirement>>) -> Needed {
        let mut operation = Operation::new();
        operation.security = security;
        Needed::by(&operation)
    }

    #[test]
    fn requirements_say_which_tokens_will_do() {
        let api_token = |scopes: &[&str]| SecurityRequirement::new(API_TOKEN, scopes.iter().copied());
        let bearer = SecurityRequirement::new(BEARER, Vec::<String>::new());
        let tasks = Scopes::from_iter([Scope::TasksRead]);
        let both = Scopes::from_iter([Scope::ProjectsRead, Scope::TasksRead]);
        for (security, expected) in [
            (None, Needed::Token(None)),
            (Some(Vec::new()), Needed::Nothing),
            (Some(vec![SecurityRequirement::default()]), Needed::Nothing),
            (Some(vec![bearer.clone()]), Needed::Token(None)),
            (Some(vec![api_token(&["tasks:read"])]), Needed::Token(Some(tasks))),
            (Some(vec![bearer, api_token(&["tasks:read"])]), Needed::Token(Some(tasks))),
            (Some(vec![api_token(&["tasks:read", "projects:read"])]), Needed::Token(Some(both))),
            (Some(vec![api_token(&["tasks:read", "everything"])]), Needed::Token(None)),
            (Some(vec![api_token(&[])]), Needed::Token(None)),
        ] {
            assert_eq!(needed(security.clone()), expected, "{}", serde_json::to_string(&security).unwrap());
        }
    }

    #[test]
    fn accounts_and_tokens_are_closed_to_api_tokens() {
        for (path, item) in &mut openapi::document().paths.paths {
            let is_closed = ["/auth/", "/users", "/audit", "/invitations/"].iter().any(|place| path.starts_with(place));
            for (_, operation) in openapi::operations(item) {
                let needed = Needed::by(operation);
                assert_eq!(matches!(needed, Needed::Token(Some(_))), needed != Needed::Nothing && !is_closed, "{path}");
            }
        }
    }

    #[test]
    fn what_changes_something_needs_a_scope_that_writes() {
        for (path, item) in &mut openapi::document().paths.paths {
            for (method, operation) in openapi::operations(item) {
                let Needed::Token(Some(scopes)) = Needed::by(operation) else { continue };
                // A ticket stands for the token that reads notifications.
                let reads = method == HttpMethod::Get || path == "/ws/ticket";
                assert!(scopes.iter().all(|scope| scope.as_str().ends_with(":read") == reads), "{path}: {scopes}");
            }
        }
    }

    #[test]
    fn served_requirements_mean_what_the_route_states() {
        let tasks = vec![SecurityRequirement::new(API_TOKEN, ["tasks:write"])];
        for security in [None, Some(vec![SecurityRequirement::default()]), Some(tasks)] {
            let mut operation = Operation::new();
            operation.security = security;
            let stated = Needed::by(&operation);
            add_security(&mut operation);
            assert_eq!(Needed::by(&operation), stated);
        }
    }
}
