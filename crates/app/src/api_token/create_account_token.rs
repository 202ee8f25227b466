use super::{ApiTokens, CreateApiToken, IssuedApiToken};
use crate::Error;
use fasttrack_domain::{
    Timestamp,
    api_token::{Scopes, TokenProjects},
    audit::Origin,
    email::Email,
    policy::Actor,
    text::TokenName,
};

#[derive(Clone, Debug)]
pub struct CreateAccountToken {
    /// The address of the account that gets the token.
    pub email: Email,
    pub name: TokenName,
    pub scopes: Scopes,
    /// See [`CreateApiToken::project_ids`].
    pub project_ids: Option<TokenProjects>,
    /// Absent for a token that doesn't expire.
    pub expires_at: Option<Timestamp>,
}

impl ApiTokens {
    // @spec SPEC-024
    /// Makes a token for any account, for an operator: no permission is checked.
    ///
    /// Fails as [`create`](Self::create) does, and with [`Error::NotFound`] or [`Error::AccountDisabled`].
    #[tracing::instrument(name = "token.create_for_account", skip_all)]
    pub async fn create_account_token(&self, command: CreateAccountToken) -> Result<IssuedApiToken, Error> {
        let CreateAccountToken { email, name, scopes, project_ids, expires_at } = command;
        let user = self.users.find_credentials(&email).await?.ok_or(Error::NotFound("user"))?.user;
        if !user.is_active {
            return Err(Error::AccountDisabled);
        }
        let (actor, epoch, origin) = (Actor::new(user.id, user.role), user.token_epoch, Origin::default());
        self.issue(CreateApiToken { actor, epoch, name, scopes, project_ids, expires_at, origin }, None).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api_token::fixtures::{SECRET, new_api_token, scopes, secrets},
        fixtures::{ADMIN, OWNER, email, now, parsed, project, run, user},
    };
    use fasttrack_domain::{
        api_token::{NewApiToken, Reach},
        audit::{AuditAction, AuditChanges, AuditEntry},
        id::ApiTokenId,
        ports::{api_token::MockApiTokenRepository, project::MockProjectRepository, user::MockUserRepository},
        user::{Credentials, User},
    };
    use std::sync::Arc;

    fn users(found: Option<User>) -> Arc<MockUserRepository> {
        let mut users = MockUserRepository::new();
        let found = found.map(|user| Credentials { user, password_hash: None });
        users.expect_find_credentials().times(1).withf(|asked| *asked == email()).return_once(|_| Ok(found));
        Arc::new(users)
    }

    fn command() -> CreateAccountToken {
        let (email, name, scopes) = (email(), parsed("CI"), scopes());
        let project_ids = Some(TokenProjects::parse(vec![project().id]).unwrap());
        CreateAccountToken { email, name, scopes, project_ids, expires_at: None }
    }

    #[test]
    fn token_of_an_account_is_audited_without_an_actor() {
        let reach = Reach::only(vec![project().id]);
        let mut expected = NewApiToken { user_id: ADMIN.id, reach, ..new_api_token() };
        let line = AuditEntry::new(now(), None, AuditAction::ApiTokenCreated, Origin::default());
        expected.audit = Some(line.with_changes(AuditChanges::of_new_api_token(&expected)));
        let mut tokens = MockApiTokenRepository::new();
        tokens
            .expect_create()
            .times(1)
            .withf(move |new| *new == expected)
            .return_once(|new| Ok(new.stored(ApiTokenId::new(5))));
        let mut projects = MockProjectRepository::new();
        // An administrator may limit a token to any project.
        projects
            .expect_roles()
            .times(1)
            .withf(|ids, reader| *ids == [project().id] && *reader == ADMIN.id)
            .return_once(|ids, _| Ok(vec![(ids[0], None)]));
        let create = ApiTokens {
            tokens: Arc::new(tokens),
            projects: Arc::new(projects),
            users: users(Some(user(ADMIN))),
            secrets: secrets(),
            ..ApiTokens::mocked()
        };
        assert_eq!(run(create.create_account_token(command())).unwrap().secret.expose(), SECRET);
    }

    #[test]
    fn unknown_and_deactivated_accounts_get_no_token() {
        let create = |found| {
            run(ApiTokens { users: users(found), ..ApiTokens::mocked() }.create_account_token(command())).unwrap_err()
        };
        assert!(matches!(create(None), Error::NotFound("user")));
        let inactive = User { is_active: false, ..user(OWNER) };
        assert!(matches!(create(Some(inactive)), Error::AccountDisabled));
    }
}
