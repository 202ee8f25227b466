//! What another user gets of an account that is erased.

use super::shared::{Ports, add, all_projects, find, role, roles};
use crate::{
    builders::{MOMENT, after, new_project},
    contract::conflict,
    given,
};
use fasttrack_domain::{
    membership::{GrantedRole, MemberRole},
    ports::constraint,
    project::{NewProject, Project, ProjectPatch, ProjectStatus},
};

/// Each has a new version. Its other members stay what they are.
pub(super) async fn the_receiver_owns_the_projects(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let (foreign, receiver) = given::project_with_owner(ports).await;
    let alone = given::project(ports, owner.id).await;
    let patch = ProjectPatch { status: Some(ProjectStatus::Archived), ..ProjectPatch::default() };
    let later = ports.projects.save(alone.apply(patch, after(9)).unwrap()).await.unwrap().unwrap();
    let erasure = given::erasure(ports, &owner, Some(receiver.id)).await;
    for _ in 0..2 {
        let moved =
            Project { owner_id: receiver.id, version: project.version + 1, updated_at: after(5), ..project.clone() };
        assert_eq!(find(ports, project.id).await, Some(moved));
        let moved = Project { owner_id: receiver.id, version: later.version + 1, ..later.clone() };
        assert_eq!(find(ports, alone.id).await, Some(moved));
        assert_eq!(find(ports, foreign.id).await.as_ref(), Some(&foreign));
        let expected = [(viewer, MemberRole::Viewer), (receiver.id, MemberRole::Owner)];
        assert_eq!(roles(ports, project.id).await, expected);
        assert_eq!(roles(ports, alone.id).await, [(receiver.id, MemberRole::Owner)]);
        given::all_portions(ports, &erasure).await;
    }
}

/// The receiver's own Inbox stays, and one can be made where there is none.
pub(super) async fn a_passed_on_inbox_is_an_ordinary_project(ports: &Ports) {
    let create = async |owner| ports.projects.create_inbox(NewProject::inbox(owner, MOMENT)).await;
    for receiver_has_one in [true, false] {
        let (owner, receiver) = (given::user(ports).await, given::user(ports).await);
        let inbox = create(owner.id).await.unwrap();
        let own = if receiver_has_one { Some(create(receiver.id).await.unwrap()) } else { None };
        given::erasure(ports, &owner, Some(receiver.id)).await;
        assert_eq!(find(ports, inbox.id).await.map(|project| project.owner_id), Some(receiver.id));
        assert_eq!(ports.projects.find_inbox(owner.id).await.unwrap(), None);
        assert_eq!(ports.projects.find_inbox(receiver.id).await.unwrap().map(|view| view.project), own);
        match create(receiver.id).await {
            Ok(made) => assert!(own.is_none() && made.id > inbox.id),
            refused => assert_eq!((conflict(refused), own.is_some()), (constraint::INBOX, true)),
        }
        // It can be shared.
        let project = find(ports, inbox.id).await.unwrap();
        given::member(ports, &project, GrantedRole::Viewer).await;
    }
}

/// They leave room for further ones only below it.
pub(super) async fn passed_on_projects_count_whatever_the_quota(ports: &Ports) {
    let (_, owner) = given::project_with_owner(ports).await;
    given::project(ports, owner.id).await;
    let (_, receiver) = given::project_with_owner(ports).await;
    given::erasure(ports, &owner, Some(receiver.id)).await;
    let create = async |quota| ports.projects.create(NewProject { quota, ..new_project(receiver.id) }, None).await;
    for quota in [1, 3] {
        assert_eq!(conflict(create(quota).await), constraint::QUOTA);
    }
    let project = create(4).await.unwrap();
    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
    assert!(create(4).await.is_ok());
    assert_eq!(all_projects(ports).await.len(), 4);
}

pub(super) async fn invitations_of_passed_on_projects_stay_open(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (receiver, user) = (given::user(ports).await.id, given::user(ports).await.id);
    let (invitation, token) = given::invitation(ports, &project, GrantedRole::Commenter).await;
    given::erasure(ports, &owner, Some(receiver)).await;
    let found = ports.invitations.find(token, user, after(6)).await.unwrap().unwrap();
    assert_eq!((&found.invitation, found.project.owner_id), (&invitation, receiver));
    assert!(ports.invitations.accept(found.accept(user, token, after(6))).await.unwrap());
    assert_eq!(roles(ports, project.id).await, [(receiver, MemberRole::Owner), (user, MemberRole::Commenter)]);
}

/// Where both were members, there is a place for another one.
pub(super) async fn of_two_roles_the_receiver_gets_the_higher(ports: &Ports) {
    let (user, receiver) = (given::user(ports).await, given::user(ports).await.id);
    let (next, last) = (given::user(ports).await.id, given::user(ports).await.id);
    let mut projects = Vec::new();
    for mine in GrantedRole::ALL.iter().copied() {
        for theirs in GrantedRole::ALL.iter().copied().map(Some).chain([None]) {
            let (project, _) = given::project_with_owner(ports).await;
            given::membership(ports, &project, user.id, mine).await;
            if let Some(theirs) = theirs {
                given::membership(ports, &project, receiver, theirs).await;
            }
            let mine = MemberRole::from(mine);
            projects.push((project, theirs.map_or(mine, |theirs| mine.max(theirs.into()))));
        }
    }
    let own = given::project(ports, user.id).await;
    given::membership(ports, &own, receiver, GrantedRole::Viewer).await;
    let theirs = given::project(ports, receiver).await;
    given::membership(ports, &theirs, user.id, GrantedRole::Editor).await;

    given::erasure(ports, &user, Some(receiver)).await;
    for (project, expected) in projects {
        assert_eq!(role(ports, project.id, receiver).await, Some(expected));
        assert_eq!(roles(ports, project.id).await.len(), 2);
        assert!(add(ports, &project, next, 2).await.unwrap());
        assert_eq!(conflict(add(ports, &project, last, 2).await), constraint::QUOTA);
    }
    for project in [own, theirs] {
        assert_eq!(roles(ports, project.id).await, [(receiver, MemberRole::Owner)]);
        assert!(add(ports, &project, next, 1).await.unwrap());
        assert_eq!(conflict(add(ports, &project, last, 1).await), constraint::QUOTA);
    }
}
