use super::ApiTokens;
use crate::{Error, retry::within_quota};
use fasttrack_domain::{
    Timestamp,
    api_token::{ApiToken, MAX_API_TOKENS, NewApiToken, Reach, Scopes, TokenProjects},
    audit::{AuditAction, AuditChanges, AuditEntry, Origin},
    field::{FieldError, Invalid},
    id::UserId,
    policy::{Action, Actor, ProjectAction},
    quota::QuotaKind,
    text::TokenName,
    ticket::DrawnSecret,
    token::{SecretToken, TokenError},
};

#[derive(Clone, Debug)]
pub struct CreateApiToken {
    /// The user of the token.
    pub actor: Actor,
    /// The epoch of the claims that the request was authenticated with.
    pub epoch: i64,
    pub name: TokenName,
    pub scopes: Scopes,
    /// The projects that the token is limited to; absent for all that its user may access by then.
    pub project_ids: Option<TokenProjects>,
    /// Absent for a token that doesn't expire.
    pub expires_at: Option<Timestamp>,
    pub origin: Origin,
}

/// A new token, with its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedApiToken {
    pub token: ApiToken,
    /// The token that programs send. It is not stored, so that it can't be shown again.
    pub secret: SecretToken,
}

impl ApiTokens {
    // @spec SPEC-024
    /// Makes a token for the actor.
    ///
    /// Fails with [`Error::Validation`] (`past` on `expires_at`, `invalid` on `project_ids` with a scope of notifications,
    /// `unknown_project` on a project that the actor may not read), [`Error::QuotaExceeded`], or [`Error::Token`] where
    /// the actor's account is gone or deactivated, or has another epoch.
    #[tracing::instrument(name = "token.create", skip_all)]
    pub async fn create(&self, command: CreateApiToken) -> Result<IssuedApiToken, Error> {
        let made_by = Some(command.actor.id);
        self.issue(command, made_by).await
    }

    /// Makes a token for the actor. `made_by` is absent for the command line.
    pub(super) async fn issue(
        &self,
        command: CreateApiToken,
        made_by: Option<UserId>,
    ) -> Result<IssuedApiToken, Error> {
        let now = self.clock.now();
        let faults = self.faults(&command, now).await?;
        if !faults.is_empty() {
            return Err(Error::Validation(faults));
        }
        let CreateApiToken { actor, epoch, name, scopes, project_ids, expires_at, origin } = command;
        let DrawnSecret { secret, hash } = self.secrets.draw_api_token();
        let mut token = NewApiToken {
            user_id: actor.id,
            epoch,
            name,
            prefix: secret.expose().chars().take(ApiToken::PREFIX_LENGTH).collect(),
            hash,
            scopes,
            reach: project_ids.as_ref().map_or(Reach::All, Reach::from),
            created_at: now,
            expires_at,
            quota: MAX_API_TOKENS,
            audit: None,
        };
        let line = AuditEntry::new(now, made_by, AuditAction::ApiTokenCreated, origin);
        token.audit = Some(line.with_changes(AuditChanges::of_new_api_token(&token)));
        let created = within_quota(self.tokens.create(token).await, QuotaKind::ApiTokens, MAX_API_TOKENS)?;
        // The account was deactivated or erased, or its tokens ended, since the request was authenticated.
        let token = created.ok_or(TokenError::Revoked)?;
        Ok(IssuedApiToken { token, secret })
    }

    async fn faults(&self, command: &CreateApiToken, now: Timestamp) -> Result<Vec<FieldError>, Error> {
        let CreateApiToken { actor, scopes, project_ids, expires_at, .. } = command;
        let mut faults = Vec::new();
        if let Some(projects) = project_ids {
            if scopes.has_notifications() {
                let message = "must be absent with a scope of notifications, which are of all projects";
                faults.push(Invalid::new("invalid", message).at("project_ids"));
            }
            let found = self.projects.roles(projects.distinct(), actor.id).await?;
            let may_read = |project| {
                let found = found.iter().find(|(id, _)| *id == project);
                found.is_some_and(|(_, membership)| {
                    let (action, membership) = (ProjectAction::Read, *membership);
                    actor.can(Action::InProject { project, action, membership })
                })
            };
            faults.extend(projects.unknown(may_read, "project_ids"));
        }
        if expires_at.is_some_and(|at| at <= now) {
            faults.push(Invalid::new("past", "must be in the future").at("expires_at"));
        }
        Ok(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api_token::fixtures::{SECRET, new_api_token, scopes, secrets},
        fixtures::{
            ADMIN, ASSIGNEE, EDITOR, OWNER, STRANGER, VIEWER, at, conflict, membership, now, origin, parsed, project,
            run, unavailable,
        },
    };
    use fasttrack_domain::{
        api_token::Scope,
        id::{ApiTokenId, ProjectId},
        ports::{RepositoryError, api_token::MockApiTokenRepository, constraint, project::MockProjectRepository},
    };
    use std::sync::Arc;

    fn command(actor: Actor) -> CreateApiToken {
        let (name, scopes, origin) = (parsed("CI"), scopes(), origin());
        CreateApiToken { actor, epoch: 5, name, scopes, project_ids: None, expires_at: None, origin }
    }

    fn limited(actor: Actor, ids: &[i64]) -> CreateApiToken {
        let ids = ids.iter().copied().map(ProjectId::new).collect();
        CreateApiToken { project_ids: Some(TokenProjects::parse(ids).unwrap()), ..command(actor) }
    }

    /// Expects one look-up of `ids`; only [`project`] exists.
    fn projects(ids: &[i64]) -> MockProjectRepository {
        let ids: Vec<_> = ids.iter().copied().map(ProjectId::new).collect();
        let mut projects = MockProjectRepository::new();
        projects
            .expect_roles()
            .times(1)
            .withf(move |asked, _| *asked == ids)
            .return_once(|_, reader| Ok(vec![(project().id, membership(reader))]));
        projects
    }

    fn create(
        projects: MockProjectRepository,
        tokens: MockApiTokenRepository,
        command: CreateApiToken,
    ) -> Result<IssuedApiToken, Error> {
        let (projects, tokens) = (Arc::new(projects), Arc::new(tokens));
        run(ApiTokens { projects, tokens, secrets: secrets(), ..ApiTokens::mocked() }.create(command))
    }

    /// The faults of a command for which no token is drawn.
    fn faults(projects: MockProjectRepository, command: CreateApiToken) -> Vec<(String, &'static str)> {
        let create = ApiTokens { projects: Arc::new(projects), ..ApiTokens::mocked() };
        match run(create.create(command)) {
            Err(Error::Validation(faults)) => faults.into_iter().map(|fault| (fault.field, fault.code)).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// Expects this token to be committed with its audit entry by the actor.
    fn committing(mut expected: NewApiToken) -> MockApiTokenRepository {
        let line = AuditEntry::new(now(), Some(expected.user_id), AuditAction::ApiTokenCreated, origin());
        expected.audit = Some(line.with_changes(AuditChanges::of_new_api_token(&expected)));
        let mut tokens = MockApiTokenRepository::new();
        tokens
            .expect_create()
            .times(1)
            .withf(move |new| *new == expected)
            .return_once(|new| Ok(new.stored(ApiTokenId::new(5))));
        tokens
    }

    #[test]
    fn secret_is_returned_once_and_its_hash_is_stored() {
        let command = CreateApiToken { expires_at: Some(at(1001)), ..command(OWNER) };
        let expected = NewApiToken { expires_at: Some(at(1001)), ..new_api_token() };
        let issued = create(MockProjectRepository::new(), committing(expected.clone()), command).unwrap();
        assert_eq!(issued.secret.expose(), SECRET);
        assert_eq!(issued.token, expected.stored(ApiTokenId::new(5)));
        assert!(!format!("{issued:?}").contains(SECRET));
    }

    #[test]
    fn token_is_limited_to_projects_that_its_user_may_read() {
        for actor in [OWNER, EDITOR, VIEWER, ADMIN] {
            let reach = Reach::only(vec![project().id]);
            let expected = NewApiToken { user_id: actor.id, reach, ..new_api_token() };
            let issued = create(projects(&[7]), committing(expected), limited(actor, &[7, 7])).unwrap();
            assert_eq!(issued.token.reach.ids(), Some(&[project().id][..]));
        }
    }

    #[test]
    fn unknown_and_foreign_projects_are_named_by_place() {
        let fault = |place: usize| (format!("project_ids.{place}"), "unknown_project");
        assert_eq!(faults(projects(&[7, 8]), limited(OWNER, &[8, 7, 8])), [fault(0), fault(2)]);
        assert_eq!(faults(projects(&[7, 8]), limited(ADMIN, &[7, 8])), [fault(1)]);
        for actor in [STRANGER, ASSIGNEE] {
            assert_eq!(faults(projects(&[7]), limited(actor, &[7])), [fault(0)]);
        }
    }

    #[test]
    fn every_fault_is_reported_at_once() {
        let scopes = Scopes::from_iter([Scope::TasksRead, Scope::NotificationsRead]);
        let wrong = CreateApiToken { scopes, expires_at: Some(now()), ..limited(OWNER, &[8]) };
        let expected = [("project_ids", "invalid"), ("project_ids.0", "unknown_project"), ("expires_at", "past")];
        assert_eq!(faults(projects(&[8]), wrong), expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn notifications_are_for_a_token_without_limit() {
        let scopes = Scopes::from_iter([Scope::NotificationsWrite]);
        let expected = NewApiToken { scopes, ..new_api_token() };
        let unlimited = CreateApiToken { scopes, ..command(OWNER) };
        assert!(create(MockProjectRepository::new(), committing(expected), unlimited).is_ok());
        let limited = CreateApiToken { scopes, ..limited(OWNER, &[7]) };
        assert_eq!(faults(projects(&[7]), limited), [("project_ids".to_owned(), "invalid")]);
    }

    #[test]
    fn quota_and_a_vanished_account_refuse_the_token() {
        let refused = |error: RepositoryError| {
            let mut tokens = MockApiTokenRepository::new();
            tokens.expect_create().times(1).return_once(|_| Err(error));
            create(MockProjectRepository::new(), tokens, command(OWNER))
        };
        assert!(matches!(refused(conflict(constraint::QUOTA)), Err(Error::QuotaExceeded(error)) if error.limit == 50));
        let gone = refused(conflict(constraint::REFERENCE));
        assert!(matches!(gone, Err(Error::Token(TokenError::Revoked))), "{gone:?}");
        assert!(matches!(refused(unavailable()), Err(Error::Unavailable { .. })));
    }
}
