//! What ends with an account that nobody gets anything of.

use super::shared::{Ports, add, all_projects, find, role, roles};
use crate::{
    builders::{after, member_removal, new_invitation, new_invitation_token},
    contract::conflict,
    given,
};
use fasttrack_domain::{
    email::Email,
    erasure::SharedProjects,
    id::UserId,
    invitation::NewInvitation,
    membership::{GrantedRole, MemberRole},
    ports::{constraint, erasure::Begun},
};

/// [`Begun::Shared`] names them. Nothing is done before they have no other members.
pub(super) async fn projects_with_other_members_stay(ports: &Ports) {
    let (first, owner) = given::project_with_owner(ports).await;
    let (alone, second) = (given::project(ports, owner.id).await, given::project(ports, owner.id).await);
    let member = given::member(ports, &second, GrantedRole::Viewer).await.id;
    given::membership(ports, &first, member, GrantedRole::Editor).await;
    let (foreign, _) = given::project_with_owner(ports).await;
    given::membership(ports, &foreign, owner.id, GrantedRole::Editor).await;
    let (_, token) = given::invitation(ports, &alone, GrantedRole::Viewer).await;
    let new = owner.erase(None, after(5));

    for (shared, left) in [(vec![first.id, second.id], &first), (vec![second.id], &second)] {
        let begun = ports.erasures.begin(new.clone()).await.unwrap();
        assert_eq!(begun, Begun::Shared(SharedProjects(shared)));
        assert_eq!(ports.users.find(owner.id).await.unwrap().as_ref(), Some(&owner));
        assert_eq!(role(ports, foreign.id, owner.id).await, Some(MemberRole::Editor));
        assert!(ports.invitations.find(token, member, after(6)).await.unwrap().is_some());
        let before = role(ports, left.id, member).await.unwrap();
        assert!(ports.members.remove(member_removal(left.id, member, before)).await.unwrap());
    }
    let erasure = given::erasure(ports, &owner, None).await;
    given::all_portions(ports, &erasure).await;
    assert_eq!(all_projects(ports).await, [foreign]);
}

/// `Conflict` with `REFERENCE` for an inactive, unknown or erased one.
pub(super) async fn a_receiver_that_is_not_active_changes_nothing(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let member = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let (inactive, erased) = (given::inactive_user(ports).await.id, given::user(ports).await);
    given::erasure(ports, &erased, None).await;
    for receiver in [inactive, erased.id, UserId::new(i64::MAX)] {
        let refused = ports.erasures.begin(owner.erase(Some(receiver), after(5))).await;
        assert_eq!(conflict(refused), constraint::REFERENCE, "{receiver}");
    }
    assert_eq!(ports.users.find(owner.id).await.unwrap(), Some(owner));
    assert_eq!(find(ports, project.id).await.as_ref(), Some(&project));
    let expected = [(project.owner_id, MemberRole::Owner), (member, MemberRole::Viewer)];
    assert_eq!(roles(ports, project.id).await, expected);
}

/// An administrator can do so until the portion with the project.
pub(super) async fn a_project_rescued_from_an_erasure_is_the_next_owners_alone(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let erasure = given::erasure(ports, &owner, None).await;
    let member = given::member(ports, &project, GrantedRole::Editor).await.id;
    let transfer = project.transfer(member, 10, after(6)).unwrap();
    assert!(ports.members.transfer(transfer).await.unwrap().is_some());
    assert_eq!(roles(ports, project.id).await, [(member, MemberRole::Owner)]);
    given::all_portions(ports, &erasure).await;
    assert_eq!(roles(ports, project.id).await, [(member, MemberRole::Owner)]);
}

/// Each has a place for another member then.
pub(super) async fn memberships_in_projects_of_others_end(ports: &Ports) {
    let (user, next) = (given::user(ports).await, given::user(ports).await.id);
    let mut projects = Vec::new();
    for granted in GrantedRole::ALL.iter().copied() {
        let (project, _) = given::project_with_owner(ports).await;
        given::membership(ports, &project, user.id, granted).await;
        projects.push(project);
    }
    given::erasure(ports, &user, None).await;
    for project in projects {
        assert_eq!(role(ports, project.id, user.id).await, None);
        assert_eq!(roles(ports, project.id).await, [(project.owner_id, MemberRole::Owner)]);
        assert!(add(ports, &project, next, 1).await.unwrap());
        assert_eq!(find(ports, project.id).await, Some(project));
    }
}

/// Addresses are compared by their keys.
pub(super) async fn invitations_to_the_erased_address_are_deleted(ports: &Ports) {
    let (user, reader) = (given::user(ports).await, given::user(ports).await.id);
    let (project, _) = given::project_with_owner(ports).await;
    let (_, others_token) = given::invitation(ports, &project, GrantedRole::Viewer).await;
    let email = Email::parse(&user.email.as_str().to_uppercase()).unwrap();
    let new = NewInvitation { email, ..new_invitation(&project, GrantedRole::Editor) };
    let invitation = ports.invitations.create(new.clone()).await.unwrap();
    let token = new_invitation_token(invitation.id);
    assert!(ports.invitations.set_token(token.clone()).await.unwrap());
    given::erasure(ports, &user, None).await;
    assert_eq!(ports.invitations.find(token.hash, reader, after(6)).await.unwrap(), None);
    assert_eq!(ports.invitations.find_to_send(invitation.id, after(6)).await.unwrap(), None);
    assert!(ports.invitations.find(others_token, reader, after(6)).await.unwrap().is_some());
    // Whoever has the address then can be invited.
    assert!(ports.invitations.create(new).await.unwrap().id > invitation.id);
}

/// So nobody becomes a member of what is deleted in a moment.
pub(super) async fn invitations_to_the_erased_projects_are_closed(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let user = given::user(ports).await.id;
    let (_, token) = given::invitation(ports, &project, GrantedRole::Editor).await;
    let found = ports.invitations.find(token, user, after(2)).await.unwrap().unwrap();
    let erasure = given::erasure(ports, &owner, None).await;
    assert_eq!(ports.invitations.find(token, user, after(2)).await.unwrap(), None);
    assert!(!ports.invitations.accept(found.accept(user, token, after(2))).await.unwrap());
    given::all_portions(ports, &erasure).await;
    assert_eq!((find(ports, project.id).await, role(ports, project.id, user).await), (None, None));
}
