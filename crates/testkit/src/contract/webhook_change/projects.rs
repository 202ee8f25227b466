//! Recorded changes of projects and members.

use super::shared::{Ports, given_watched, recorded, the_change, view};
use crate::{
    builders::{MOMENT, after, member_removal, new_member, project_name},
    given,
};
use fasttrack_domain::{
    event::{Change, ProjectChanged},
    membership::{GrantedRole, MemberChange, MemberRemoval, MemberRole},
    project::{ProjectChange, ProjectPatch, ProjectTransfer},
    task::NewTask,
};

/// A transfer is one, too.
pub(super) async fn changes_of_a_project_are_recorded(ports: &Ports) {
    let project = given_watched(ports).await;
    let (admin, next) = (given::admin(ports).await.id, given::member(ports, &project, GrantedRole::Viewer).await.id);
    recorded(ports).await;
    let patch = ProjectPatch { name: Some(project_name("Yard")), ..ProjectPatch::default() };
    let change = ProjectChange { watched_actor: Some(admin), ..project.apply(patch, after(2)).unwrap() };
    let stale = ProjectChange { based_on: 404, ..change.clone() };
    assert_eq!(ports.projects.save(stale).await.unwrap(), None);
    let project = ports.projects.save(change).await.unwrap().unwrap();
    let [changed] = recorded(ports).await.try_into().unwrap();
    let change = Box::new(Change::ProjectUpdated(project.clone()));
    assert_eq!(changed, ProjectChanged { project_id: project.id, actor_id: admin, at: after(2), change });

    let transfer = project.transfer(next, 10, after(3)).unwrap();
    let transfer = ProjectTransfer { watched_actor: Some(project.owner_id), ..transfer };
    let moved = ports.members.transfer(transfer).await.unwrap().unwrap();
    assert_eq!(moved.owner_id, next);
    assert_eq!(the_change(ports, project.owner_id).await, Change::ProjectUpdated(moved));
}

/// Another role is no recorded change.
pub(super) async fn changes_of_members_are_recorded_without_addresses(ports: &Ports) {
    let project = given_watched(ports).await;
    let (owner, user) = (project.owner_id, given::user(ports).await.id);
    let change = MemberChange { is_watched: true, ..new_member(&project, user, GrantedRole::Viewer) };
    let member = ports.members.put(change.clone()).await.unwrap().unwrap();
    assert!(member.email.is_some());
    let [changed] = recorded(ports).await.try_into().unwrap();
    let added = Box::new(Change::MemberAdded(member.without_email()));
    assert_eq!(changed, ProjectChanged { project_id: project.id, actor_id: owner, at: MOMENT, change: added });

    let change = MemberChange { before: Some(MemberRole::Viewer), role: GrantedRole::Editor, ..change };
    let member = ports.members.put(change).await.unwrap().unwrap();
    assert_eq!(recorded(ports).await, []);
    let removal = MemberRemoval { watched_actor: Some(user), ..member_removal(project.id, user, MemberRole::Editor) };
    assert!(ports.members.remove(removal.clone()).await.unwrap());
    assert!(!ports.members.remove(removal).await.unwrap());
    assert_eq!(the_change(ports, user).await, Change::MemberRemoved(member.without_email()));

    for role in [GrantedRole::Viewer, GrantedRole::Editor] {
        let (_, token) = given::invitation(ports, &project, role).await;
        let found = ports.invitations.find(token, user, MOMENT).await.unwrap().unwrap();
        assert!(ports.invitations.accept(found.accept(user, token, after(1))).await.unwrap());
        if role == GrantedRole::Viewer {
            let member = ports.members.find(project.id, user).await.unwrap().unwrap();
            assert_eq!(the_change(ports, user).await, Change::MemberAdded(member.without_email()));
        }
    }
    assert_eq!(recorded(ports).await, []);
}

/// Tasks of others and of other projects are left out.
pub(super) async fn the_end_of_a_membership_records_its_assignments(ports: &Ports) {
    let project = given_watched(ports).await;
    let other = given::project(ports, project.owner_id).await;
    let editor = given::member(ports, &project, GrantedRole::Editor).await.id;
    let member = ports.members.find(project.id, editor).await.unwrap().unwrap().without_email();
    let mut assigned = Vec::new();
    for (project, assignee_id) in
        [(&project, Some(editor)), (&other, Some(editor)), (&project, None), (&project, Some(editor))]
    {
        assigned.push(given::task_with(ports, project.id, |task| NewTask { assignee_id, ..task }).await.id);
    }
    recorded(ports).await;
    let watched_actor = Some(project.owner_id);
    let removal = MemberRemoval { watched_actor, ..member_removal(project.id, editor, MemberRole::Editor) };
    assert!(ports.members.remove(removal).await.unwrap());
    let expected = [
        Change::MemberRemoved(member),
        Change::TaskUpdated(view(ports, assigned[0]).await),
        Change::TaskUpdated(view(ports, assigned[3]).await),
    ];
    let changes: Vec<_> = recorded(ports).await;
    assert!(changes.iter().all(|changed| changed.actor_id == project.owner_id && changed.project_id == project.id));
    assert_eq!(changes.into_iter().map(|changed| *changed.change).collect::<Vec<_>>(), expected);
}
