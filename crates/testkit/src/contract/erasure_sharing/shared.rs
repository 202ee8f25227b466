//! The ports of projects whose owners and members are erased, and what the cases have in common.

use crate::builders::{NOBODY, new_member};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    membership::{GrantedRole, MemberChange, MemberRole},
    page::{Limit, PageRequest},
    ports::{
        RepositoryError, erasure::ErasureRepository, invitation::InvitationRepository, member::MemberRepository,
        project::ProjectRepository, user::UserRepository,
    },
    project::{Project, ProjectFilter},
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    members: MemberRepository,
    invitations: InvitationRepository,
    erasures: ErasureRepository,
}

fn everything() -> PageRequest {
    PageRequest { limit: Limit::new(100).unwrap(), cursor: None }
}

/// Every project that is left, whoever owns it.
pub(super) async fn all_projects(ports: &Ports) -> Vec<Project> {
    let filter = ProjectFilter { all: true, ..ProjectFilter::of(NOBODY) };
    ports.projects.list(filter, everything()).await.unwrap().map(|view| view.project).items
}

pub(super) async fn find(ports: &Ports, project: ProjectId) -> Option<Project> {
    ports.projects.find(project, NOBODY).await.unwrap().map(|view| view.project)
}

pub(super) async fn role(ports: &Ports, project: ProjectId, user: UserId) -> Option<MemberRole> {
    ports.members.find(project, user).await.unwrap().map(|member| member.role)
}

/// The roles of all members, by the id of the user. The only owner is the one that the project names.
pub(super) async fn roles(ports: &Ports, project: ProjectId) -> Vec<(UserId, MemberRole)> {
    let listed = ports.members.list(project, NOBODY, everything()).await.unwrap().unwrap().page.items;
    let roles: Vec<_> = listed.into_iter().map(|member| (member.user_id, member.role)).collect();
    let owners: Vec<_> = roles.iter().filter(|(_, role)| *role == MemberRole::Owner).map(|(user, _)| *user).collect();
    assert_eq!(owners, [find(ports, project).await.unwrap().owner_id]);
    roles
}

/// Adds a member where there may be `quota`.
pub(super) async fn add(ports: &Ports, project: &Project, user: UserId, quota: u32) -> Result<bool, RepositoryError> {
    let change = MemberChange { quota, ..new_member(project, user, GrantedRole::Viewer) };
    ports.members.put(change).await.map(|added| added.is_some())
}
