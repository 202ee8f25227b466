//! API tokens: their owner makes, lists and revokes them, and programs use them in place of access tokens.

mod authenticate;
mod create;
mod create_account_token;
mod list;
mod list_all;
mod record_uses;
mod revoke;
mod revoke_any;

pub use create::{CreateApiToken, IssuedApiToken};
pub use create_account_token::CreateAccountToken;
pub use revoke::RevokeApiToken;

use crate::Ports;
use fasttrack_domain::ports::{
    api_token::ApiTokenRepository, clock::Clock, project::ProjectRepository, revocation::Blocklist,
    secret::SecretSource, token::ApiTokenVerifier, user::UserRepository,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct ApiTokens {
    pub tokens: Arc<dyn ApiTokenRepository>,
    pub projects: Arc<dyn ProjectRepository>,
    pub users: Arc<dyn UserRepository>,
    pub verifier: Arc<dyn ApiTokenVerifier>,
    pub secrets: Arc<dyn SecretSource>,
    pub blocklist: Arc<dyn Blocklist>,
    pub clock: Arc<dyn Clock>,
}

impl ApiTokens {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self {
            tokens: ports.repositories.api_tokens.clone(),
            projects: ports.repositories.projects.clone(),
            users: ports.repositories.users.clone(),
            verifier: ports.api_tokens.clone(),
            secrets: ports.secrets.clone(),
            blocklist: ports.blocklist.clone(),
            clock: ports.clock.clone(),
        }
    }
}

#[cfg(test)]
impl ApiTokens {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            api_token::MockApiTokenRepository, project::MockProjectRepository, revocation::MockBlocklist,
            secret::MockSecretSource, token::MockApiTokenVerifier, user::MockUserRepository,
        };
        Self {
            tokens: Arc::new(MockApiTokenRepository::new()),
            projects: Arc::new(MockProjectRepository::new()),
            users: Arc::new(MockUserRepository::new()),
            verifier: Arc::new(MockApiTokenVerifier::new()),
            secrets: Arc::new(MockSecretSource::new()),
            blocklist: Arc::new(MockBlocklist::new()),
            clock: crate::fixtures::clock(),
        }
    }
}

#[cfg(test)]
pub(crate) mod fixtures {
    use crate::fixtures::{OWNER, now, parsed};
    use fasttrack_domain::{
        api_token::{ApiToken, NewApiToken, Reach, Scope, Scopes},
        id::ApiTokenId,
        ports::secret::MockSecretSource,
        ticket::{DrawnSecret, SecretHash},
        token::SecretToken,
    };
    use std::sync::Arc;

    /// The token that [`secrets`] draw.
    pub(crate) const SECRET: &str = "ft_abcdefghijklm";

    const HASH: SecretHash = SecretHash::new([7; 32]);

    pub(crate) fn scopes() -> Scopes {
        [Scope::ProjectsRead, Scope::TasksWrite].into_iter().collect()
    }

    /// OWNER's token for all projects, made just now.
    pub(crate) fn new_api_token() -> NewApiToken {
        NewApiToken {
            user_id: OWNER.id,
            epoch: 5,
            name: parsed("CI"),
            prefix: "ft_abcdefgh".to_owned(),
            hash: HASH,
            scopes: scopes(),
            reach: Reach::All,
            created_at: now(),
            expires_at: None,
            quota: 50,
            audit: None,
        }
    }

    pub(crate) fn api_token() -> ApiToken {
        new_api_token().stored(ApiTokenId::new(5))
    }

    /// Draws one token.
    pub(crate) fn secrets() -> Arc<MockSecretSource> {
        let mut secrets = MockSecretSource::new();
        let secret = SecretToken::new(SECRET.to_owned());
        secrets.expect_draw_api_token().times(1).return_once(|| DrawnSecret { secret, hash: HASH });
        Arc::new(secrets)
    }
}
