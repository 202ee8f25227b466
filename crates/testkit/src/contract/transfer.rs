//! Transfers of projects to another owner.

use super::{conflict, simultaneously};
use crate::{
    builders::{MOMENT, NOBODY, after, member_removal, new_member, new_project, project_name},
    given,
};
use fasttrack_domain::{
    id::UserId,
    membership::{GrantedRole, MemberChange, MemberRole},
    page::{Limit, PageRequest},
    ports::{constraint, member::MemberRepository, project::ProjectRepository, user::UserRepository},
    project::{NewProject, Project, ProjectPatch, ProjectTransfer},
    user::User,
};

contract! { $
    transfer { users: UserRepository, projects: ProjectRepository, members: MemberRepository }
    a_transfer_of_another_version_changes_nothing,
    only_a_member_becomes_the_owner,
    an_inactive_member_does_not_become_the_owner,
    a_transfer_beyond_the_quota_of_the_next_owner_is_refused,
    the_former_owner_becomes_an_editor,
    a_transferred_project_counts_for_its_next_owner,
    a_transfer_takes_no_place_of_a_member,
    one_of_simultaneous_transfers_succeeds,
    one_of_a_simultaneous_transfer_and_change_is_committed,
    one_of_a_transfer_and_the_removal_of_its_receiver_succeeds,
    a_transfer_survives_another_role_of_its_receiver,
    one_of_a_simultaneous_transfer_and_deletion_succeeds,
}

/// Decided ten minutes after the project was created, with room for many projects.
fn transfer(project: &Project, to: UserId) -> ProjectTransfer {
    project.transfer(to, 1_000, after(10)).unwrap()
}

async fn find(ports: &Ports, project: &Project) -> Option<Project> {
    ports.projects.find(project.id, NOBODY).await.unwrap().map(|view| view.project)
}

/// The roles of all members, by the id of the user. The only owner is the one that the project names.
async fn roles(ports: &Ports, project: &Project) -> Vec<(UserId, MemberRole)> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    let listed = ports.members.list(project.id, NOBODY, page).await.unwrap().unwrap().page.items;
    let roles: Vec<_> = listed.into_iter().map(|member| (member.user_id, member.role)).collect();
    let owners: Vec<_> = roles.iter().filter(|(_, role)| *role == MemberRole::Owner).map(|(user, _)| *user).collect();
    assert_eq!(owners, [find(ports, project).await.unwrap().owner_id]);
    roles
}

/// A project with a viewer.
async fn given(ports: &Ports) -> (Project, User) {
    let (project, _) = given::project_with_owner(ports).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await;
    (project, viewer)
}

/// `Ok(None)` for an older version, one that never existed, and a deleted project.
async fn a_transfer_of_another_version_changes_nothing(ports: &Ports) {
    let (project, viewer) = given(ports).await;
    let renaming = ProjectPatch { name: Some(project_name("Renamed")), ..ProjectPatch::default() };
    let renamed = ports.projects.save(project.apply(renaming, after(1)).unwrap()).await.unwrap().unwrap();
    let future = Project { version: 7, ..project.clone() };
    for outdated in [&project, &future] {
        assert_eq!(ports.members.transfer(transfer(outdated, viewer.id)).await.unwrap(), None);
    }
    assert_eq!(find(ports, &project).await.as_ref(), Some(&renamed));
    assert_eq!(roles(ports, &project).await, [(project.owner_id, MemberRole::Owner), (viewer.id, MemberRole::Viewer)]);
    assert!(ports.projects.delete(renamed.id, renamed.version, MOMENT, None).await.unwrap());
    assert_eq!(ports.members.transfer(transfer(&renamed, viewer.id)).await.unwrap(), None);
}

/// `Ok(None)` for a former member and a stranger.
async fn only_a_member_becomes_the_owner(ports: &Ports) {
    let (project, viewer) = given(ports).await;
    assert!(ports.members.remove(member_removal(project.id, viewer.id, MemberRole::Viewer)).await.unwrap());
    for user in [viewer.id, given::user(ports).await.id] {
        assert_eq!(ports.members.transfer(transfer(&project, user)).await.unwrap(), None, "{user}");
    }
    assert_eq!(roles(ports, &project).await, [(project.owner_id, MemberRole::Owner)]);
}

/// `Conflict` with `REFERENCE`.
async fn an_inactive_member_does_not_become_the_owner(ports: &Ports) {
    let (project, viewer) = given(ports).await;
    given::deactivated(ports, &viewer).await;
    let transferred = ports.members.transfer(transfer(&project, viewer.id)).await;
    assert_eq!(conflict(transferred), constraint::REFERENCE);
    assert_eq!(find(ports, &project).await, Some(project.clone()));
    assert_eq!(roles(ports, &project).await, [(project.owner_id, MemberRole::Owner), (viewer.id, MemberRole::Viewer)]);
}

/// `Conflict` with `QUOTA`.
async fn a_transfer_beyond_the_quota_of_the_next_owner_is_refused(ports: &Ports) {
    let (project, viewer) = given(ports).await;
    given::project(ports, viewer.id).await;
    let with_quota = |quota| project.transfer(viewer.id, quota, after(1)).unwrap();
    assert_eq!(conflict(ports.members.transfer(with_quota(1)).await), constraint::QUOTA);
    assert_eq!(find(ports, &project).await.as_ref(), Some(&project));
    assert!(ports.members.transfer(with_quota(2)).await.unwrap().is_some());
}

/// The project has a new version. The others stay what they were.
async fn the_former_owner_becomes_an_editor(ports: &Ports) {
    let (project, viewer) = given(ports).await;
    let other = given::member(ports, &project, GrantedRole::Commenter).await;
    let change = transfer(&project, viewer.id);
    let stored = ports.members.transfer(change.clone()).await.unwrap();
    let expected = Project { owner_id: viewer.id, updated_at: after(10), version: 2, ..project.clone() };
    assert_eq!((stored.as_ref(), find(ports, &project).await.as_ref()), (Some(&expected), Some(&expected)));
    let expected =
        [(project.owner_id, MemberRole::Editor), (viewer.id, MemberRole::Owner), (other.id, MemberRole::Commenter)];
    assert_eq!(roles(ports, &project).await, expected);
    assert_eq!(ports.members.transfer(change).await.unwrap(), None);
    let back = transfer(&stored.unwrap(), project.owner_id);
    assert_eq!(ports.members.transfer(back).await.unwrap().map(|project| project.owner_id), Some(project.owner_id));
    assert_eq!(
        roles(ports, &project).await[..2],
        [(project.owner_id, MemberRole::Owner), (viewer.id, MemberRole::Editor)]
    );
}

/// The former owner may create another one in its place.
async fn a_transferred_project_counts_for_its_next_owner(ports: &Ports) {
    let (project, viewer) = given(ports).await;
    assert!(ports.members.transfer(transfer(&project, viewer.id)).await.unwrap().is_some());
    let create = async |owner| ports.projects.create(NewProject { quota: 1, ..new_project(owner) }, None).await;
    assert_eq!(conflict(create(viewer.id).await), constraint::QUOTA);
    assert!(create(project.owner_id).await.is_ok());
    assert_eq!(conflict(create(project.owner_id).await), constraint::QUOTA);
    assert!(ports.projects.delete(project.id, 2, MOMENT, None).await.unwrap());
    assert!(create(viewer.id).await.is_ok());
}

/// The owner isn't counted, whoever that is.
async fn a_transfer_takes_no_place_of_a_member(ports: &Ports) {
    let (project, viewer) = given(ports).await;
    let transferred = ports.members.transfer(transfer(&project, viewer.id)).await.unwrap().unwrap();
    let user = given::user(ports).await.id;
    let add = async |quota| {
        ports.members.put(MemberChange { quota, ..new_member(&transferred, user, GrantedRole::Viewer) }).await
    };
    assert_eq!(conflict(add(1).await), constraint::QUOTA);
    let leaving = member_removal(project.id, project.owner_id, MemberRole::Editor);
    assert!(ports.members.remove(leaving).await.unwrap());
    assert!(add(1).await.unwrap().is_some());
    assert_eq!(roles(ports, &project).await, [(viewer.id, MemberRole::Owner), (user, MemberRole::Viewer)]);
}

async fn one_of_simultaneous_transfers_succeeds(ports: &Ports) {
    for _ in 0..5 {
        let (project, _) = given(ports).await;
        let mut users = Vec::new();
        for _ in 0..4 {
            users.push(given::member(ports, &project, GrantedRole::Editor).await.id);
        }
        let transferred = simultaneously(8, |n| {
            let (members, transfer) = (ports.members.clone(), transfer(&project, users[n % 4]));
            async move { members.transfer(transfer).await.unwrap() }
        })
        .await;
        let transferred: Vec<_> = transferred.into_iter().flatten().collect();
        assert_eq!(transferred.len(), 1);
        assert_eq!(find(ports, &project).await.as_ref(), transferred.first());
        assert!(roles(ports, &project).await.contains(&(project.owner_id, MemberRole::Editor)));
    }
}

async fn one_of_a_simultaneous_transfer_and_change_is_committed(ports: &Ports) {
    for _ in 0..10 {
        let (project, viewer) = given(ports).await;
        let renaming = ProjectPatch { name: Some(project_name("Renamed")), ..ProjectPatch::default() };
        let renaming = project.apply(renaming, after(1)).unwrap();
        let done = simultaneously(2, |n| {
            let (ports, transfer, renaming) = (ports.clone(), transfer(&project, viewer.id), renaming.clone());
            async move {
                if n == 0 {
                    ports.members.transfer(transfer).await.unwrap()
                } else {
                    ports.projects.save(renaming).await.unwrap()
                }
            }
        })
        .await;
        let done: Vec<_> = done.into_iter().flatten().collect();
        assert_eq!(done.len(), 1);
        assert_eq!(find(ports, &project).await.as_ref(), done.first());
        roles(ports, &project).await;
    }
}

/// The project never belongs to somebody who isn't a member.
async fn one_of_a_transfer_and_the_removal_of_its_receiver_succeeds(ports: &Ports) {
    for _ in 0..10 {
        let (project, viewer) = given(ports).await;
        let done = simultaneously(2, |n| {
            let (members, transfer) = (ports.members.clone(), transfer(&project, viewer.id));
            let removal = member_removal(project.id, viewer.id, MemberRole::Viewer);
            async move {
                if n == 0 {
                    members.transfer(transfer).await.unwrap().is_some()
                } else {
                    members.remove(removal).await.unwrap()
                }
            }
        })
        .await;
        assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
        roles(ports, &project).await;
    }
}

/// The role that comes too late is not given.
async fn a_transfer_survives_another_role_of_its_receiver(ports: &Ports) {
    for _ in 0..10 {
        let (project, viewer) = given(ports).await;
        simultaneously(2, |n| {
            let (members, transfer) = (ports.members.clone(), transfer(&project, viewer.id));
            let change = new_member(&project, viewer.id, GrantedRole::Editor);
            let change = MemberChange { before: Some(MemberRole::Viewer), ..change };
            async move {
                if n == 0 {
                    assert!(members.transfer(transfer).await.unwrap().is_some());
                } else {
                    members.put(change).await.unwrap();
                }
            }
        })
        .await;
        let expected = [(project.owner_id, MemberRole::Editor), (viewer.id, MemberRole::Owner)];
        assert_eq!(roles(ports, &project).await, expected);
    }
}

async fn one_of_a_simultaneous_transfer_and_deletion_succeeds(ports: &Ports) {
    for _ in 0..10 {
        let (project, viewer) = given(ports).await;
        let done = simultaneously(2, |n| {
            let (ports, transfer) = (ports.clone(), transfer(&project, viewer.id));
            async move {
                if n == 0 {
                    ports.members.transfer(transfer).await.unwrap().is_some()
                } else {
                    ports.projects.delete(transfer.project.id, transfer.based_on, MOMENT, None).await.unwrap()
                }
            }
        })
        .await;
        assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
        if find(ports, &project).await.is_some() {
            roles(ports, &project).await;
        } else {
            assert_eq!(ports.members.find(project.id, viewer.id).await.unwrap(), None);
        }
    }
}
