//! Invitations to projects, by mail.

mod accept;
mod create;
mod delete;
mod list;

pub use accept::AcceptInvitation;
pub use create::CreateInvitation;
pub use delete::DeleteInvitation;
pub use list::ListInvitations;

use crate::Ports;
use fasttrack_domain::ports::{
    clock::Clock, invitation::InvitationRepository, project::ProjectRepository, secret::SecretSource,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Invitations {
    pub invitations: Arc<dyn InvitationRepository>,
    pub projects: Arc<dyn ProjectRepository>,
    pub secrets: Arc<dyn SecretSource>,
    pub clock: Arc<dyn Clock>,
}

impl Invitations {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self {
            invitations: ports.repositories.invitations.clone(),
            projects: ports.repositories.projects.clone(),
            secrets: ports.secrets.clone(),
            clock: ports.clock.clone(),
        }
    }
}

#[cfg(test)]
impl Invitations {
    /// With mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            invitation::MockInvitationRepository, project::MockProjectRepository, secret::MockSecretSource,
        };
        Self {
            invitations: Arc::new(MockInvitationRepository::new()),
            projects: Arc::new(MockProjectRepository::new()),
            secrets: Arc::new(MockSecretSource::new()),
            clock: crate::fixtures::clock(),
        }
    }
}

#[cfg(test)]
mod fixtures {
    use crate::fixtures::{OWNER, email, now, project, view_of};
    use fasttrack_domain::{
        id::InvitationId,
        invitation::{Invitation, NewInvitation},
        membership::GrantedRole,
        ports::project::MockProjectRepository,
        project::Project,
    };

    /// OWNER's invitation, made just now.
    pub(super) fn new_invitation() -> NewInvitation {
        NewInvitation {
            project_id: project().id,
            email: email(),
            role: GrantedRole::Commenter,
            invited_by: OWNER.id,
            created_at: now(),
            quota: 100,
            audit: None,
        }
    }

    pub(super) fn invitation() -> Invitation {
        new_invitation().stored(InvitationId::new(3))
    }

    /// The project as it is found; never an Inbox.
    pub(super) fn finding(found: Option<Project>) -> MockProjectRepository {
        let mut projects = MockProjectRepository::new();
        projects
            .expect_find()
            .times(1)
            .withf(|id, _| *id == project().id)
            .return_once(|_, reader| Ok(found.map(|project| view_of(project, reader))));
        projects.expect_find_inbox().returning(|_| Ok(None));
        projects
    }
}
