//! The ports of acceptances, and what the cases have in common.

use crate::{
    builders::{NOBODY, after},
    given,
};
use fasttrack_domain::{
    id::UserId,
    invitation::{Acceptance, Invitation},
    membership::{GrantedRole, MemberRole},
    ports::{
        invitation::InvitationRepository, member::MemberRepository, outbox::Outbox, project::ProjectRepository,
        user::UserRepository,
    },
    project::Project,
    ticket::SecretHash,
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    members: MemberRepository,
    invitations: InvitationRepository,
    outbox: Outbox,
}

/// An open invitation and its token.
#[derive(Clone)]
pub(super) struct OpenInvitation {
    pub(super) project: Project,
    pub(super) invitation: Invitation,
    pub(super) token: SecretHash,
}

/// A project with an invitation to it.
pub(super) async fn given_invitation(ports: &Ports, role: GrantedRole) -> OpenInvitation {
    let (project, _) = given::project_with_owner(ports).await;
    let (invitation, token) = given::invitation(ports, &project, role).await;
    OpenInvitation { project, invitation, token }
}

/// What the user decides who brings the token two minutes after the invitation was made.
pub(super) async fn decide(ports: &Ports, token: SecretHash, user: UserId) -> Acceptance {
    let found = ports.invitations.find(token, user, after(2)).await.unwrap().unwrap();
    found.accept(user, token, after(2))
}

pub(super) async fn role(ports: &Ports, project: &Project, user: UserId) -> Option<MemberRole> {
    ports.members.find(project.id, user).await.unwrap().map(|member| member.role)
}

/// Whether the token can still be used.
pub(super) async fn is_open(ports: &Ports, token: SecretHash) -> bool {
    ports.invitations.find(token, NOBODY, after(2)).await.unwrap().is_some()
}
