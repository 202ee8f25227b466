//! The ports of members, and what the cases have in common.

use crate::builders::{MOMENT, NOBODY, after, new_member};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    membership::{GrantedRole, Member, MemberChange, MemberRole},
    page::{Limit, PageRequest},
    ports::{member::MemberRepository, project::ProjectRepository, user::UserRepository},
    project::Project,
    user::User,
};

ports! { users: UserRepository, projects: ProjectRepository, members: MemberRepository }

pub(super) async fn find(ports: &Ports, project: ProjectId, user: UserId) -> Option<Member> {
    ports.members.find(project, user).await.unwrap()
}

pub(super) async fn role(ports: &Ports, project: &Project, user: &User) -> Option<MemberRole> {
    find(ports, project.id, user.id).await.map(|member| member.role)
}

/// Every member, by the id of the user.
pub(super) async fn list(ports: &Ports, project: ProjectId) -> Option<Vec<Member>> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    ports.members.list(project, NOBODY, page).await.unwrap().map(|listed| listed.page.items)
}

/// What is stored of this user as a member since [`MOMENT`].
pub(super) fn member(user: &User, role: MemberRole) -> Member {
    let User { id: user_id, display_name, email, .. } = user.clone();
    Member { user_id, display_name, email: Some(email), role, created_at: MOMENT }
}

/// Another role of a member.
pub(super) fn changed(project: &Project, user: &User, before: MemberRole, role: GrantedRole) -> MemberChange {
    MemberChange { before: Some(before), at: after(5), ..new_member(project, user.id, role) }
}
