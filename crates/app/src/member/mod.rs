//! Members: whom a project is shared with.

mod list;
mod put;
mod remove;
mod transfer;

pub use list::ListMembers;
pub use put::{MemberPut, PutMember};
pub use remove::RemoveMember;
pub use transfer::TransferProject;

use crate::{Config, Ports};
use fasttrack_domain::ports::{
    clock::Clock, member::MemberRepository, project::ProjectRepository, user::UserRepository,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Members {
    pub members: Arc<dyn MemberRepository>,
    pub projects: Arc<dyn ProjectRepository>,
    pub users: Arc<dyn UserRepository>,
    pub clock: Arc<dyn Clock>,
    /// How many projects a user may have.
    pub project_quota: u32,
}

impl Members {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            members: ports.repositories.members.clone(),
            projects: ports.repositories.projects.clone(),
            users: ports.repositories.users.clone(),
            clock: ports.clock.clone(),
            project_quota: config.quotas.projects_per_user,
        }
    }
}

#[cfg(test)]
impl Members {
    /// With mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            member::MockMemberRepository, project::MockProjectRepository, user::MockUserRepository,
        };
        Self {
            members: Arc::new(MockMemberRepository::new()),
            projects: Arc::new(MockProjectRepository::new()),
            users: Arc::new(MockUserRepository::new()),
            clock: crate::fixtures::clock(),
            project_quota: 7,
        }
    }
}

#[cfg(test)]
mod fixtures {
    use crate::fixtures::{EDITOR, member, project, user, view_of};
    use fasttrack_domain::{
        membership::Member,
        ports::{member::MockMemberRepository, project::MockProjectRepository, user::MockUserRepository},
        project::Project,
        user::User,
    };

    /// The project, as it is found at each look; never an Inbox.
    pub(super) fn finding(looks: impl IntoIterator<Item = Option<Project>>) -> MockProjectRepository {
        let mut projects = MockProjectRepository::new();
        for found in looks {
            projects
                .expect_find()
                .times(1)
                .withf(|id, _| *id == project().id)
                .return_once(|_, reader| Ok(found.map(|project| view_of(project, reader))));
        }
        projects.expect_find_inbox().returning(|_| Ok(None));
        projects
    }

    /// EDITOR's membership, as it is found at each look.
    pub(super) fn members(looks: impl IntoIterator<Item = Option<Member>>) -> MockMemberRepository {
        let mut members = MockMemberRepository::new();
        for found in looks {
            members
                .expect_find()
                .times(1)
                .withf(|id, user| (*id, *user) == (project().id, EDITOR.id))
                .return_once(|_, _| Ok(found));
        }
        members
    }

    /// EDITOR's account, as it is found at each look.
    pub(super) fn users(looks: impl IntoIterator<Item = Option<User>>) -> MockUserRepository {
        let mut users = MockUserRepository::new();
        for found in looks {
            users.expect_find().times(1).withf(|id| *id == EDITOR.id).return_once(|_| Ok(found));
        }
        users
    }

    /// An active account and an editor's membership.
    pub(super) fn editor() -> (User, Member) {
        (user(EDITOR), member(EDITOR))
    }
}
